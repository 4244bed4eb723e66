import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadScenario } from '../../engine/files/load.js';
import { loadMachine } from '../../engine/files/machine.js';
import { lsmScenarioFromDocument } from '../../engine/lsm/from-document.js';
import { lsmSchema, type LsmDocument } from '../../engine/lsm/kind.js';
import type { LsmScenario } from '../../engine/lsm/scenario.js';
import { rocksdbPolicyName } from '../../engine/lsm/policies/policies.js';
import { documentOfScenario, saidOptions } from '../../engine/lsm/to-document.js';
import { defaultOptions, mergeOptions, sanitizeOptions } from '../../engine/rocksdb/options.js';
import { parseVersion, referenceVersion } from '../../engine/rocksdb/version.js';
import { machineOf } from '../../engine/scenario/lsm-kind.js';
import { rootDir } from '../structure/source.js';

const { machine } = loadMachine(['device', 'host'], { device: null, host: null });
const shipped = readdirSync(join(rootDir, 'scenarios'))
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => loadScenario(join(rootDir, 'scenarios', name)).scenario)
  .filter((scenario): scenario is LsmScenario => scenario.kind === 'lsm')
  .filter(({ changes, policy }) => changes.length === 0 && policy.name === rocksdbPolicyName)
  // A document made of a scenario is of one database with one family.
  .filter(({ stores }) => stores.length === 1 && stores[0]?.families.length === 1);

describe('a document made of a scenario', () => {
  it.each(shipped)('resolves to the same steps, options and tree: $name', (scenario) => {
    const document = documentOfScenario(scenario);
    expect(lsmSchema.safeParse(document).success).toBe(true);
    const again = lsmScenarioFromDocument(document, machineOf({ ...machine, files: new Map() }), 'x');
    const { steps, stores, seed, name, dtSec, rocksdbVersion } = again;
    expect({ steps, stores, seed, name, dtSec, rocksdbVersion }).toEqual({
      steps: scenario.steps,
      stores: scenario.stores,
      seed: scenario.seed,
      name: scenario.name,
      dtSec: scenario.dtSec,
      rocksdbVersion: scenario.rocksdbVersion,
    });
  });

  const named = machineOf({ ...machine, files: new Map() });
  const small = { num: 5000, value_size: 1024 };
  it.each<Pick<LsmDocument, 'reads' | 'workload' | 'duration_seconds'>>([
    { workload: small, reads: { point: {} } },
    { workload: { ...small, threads: 2 }, reads: { point: { threads: 4 }, range: { rate: 100, length: 10 }, block_cache_bytes: 1 << 20 } },
    { workload: small, reads: { point: { reads: 77, distribution: 'zipfian', zipfTheta: 0.8 }, block_cache_hit_fraction: 0.5 } },
    { workload: { ...small, benchmark: 'readrandom', threads: 3 } },
    { workload: { ...small, benchmarks: ['fillrandom', 'readwhilewriting'], threads: 2 }, duration_seconds: 5 },
    { workload: { ...small, benchmarks: ['fillseq', 'seekrandom'] }, reads: { range: { length: 7 }, cache_index_and_filter_blocks: true } },
    { workload: { ...small, benchmarks: ['fillrandom', 'readrandomwriterandom'] }, reads: { readwritepercent: 50 } },
    { workload: { ...small, benchmarks: ['fillrandom', 'readrandomwriterandom'] }, reads: { readwritepercent: 100 }, duration_seconds: 3 },
  ])('says its reads: %j', (written) => {
    const scenario = lsmScenarioFromDocument({ kind: 'lsm', ...written }, named, 'x');
    const document = documentOfScenario(scenario);
    expect(lsmSchema.safeParse(document).error).toBeUndefined();
    expect(lsmScenarioFromDocument(document, named, 'x').steps).toEqual(scenario.steps);
    expect(document.reads).toEqual(written.reads);
  });

  it('is about real scenarios', () => {
    expect(shipped.length).toBeGreaterThan(5);
  });
});

describe('the options that have to be said', () => {
  const opened = (said: object, version = referenceVersion) =>
    sanitizeOptions(mergeOptions(defaultOptions(version, { dbBench: false }), said), version).options;

  it('are none for defaults, and not what follows from others', () => {
    expect(saidOptions(opened({}), referenceVersion)).toEqual({});
    expect(saidOptions(opened({ target_file_size_base: 1048576 }), referenceVersion)).toEqual({ target_file_size_base: 1048576 });
    expect(saidOptions(opened({}, parseVersion('9.10')), parseVersion('9.10'))).toEqual({});
  });

  it('include one that looks like a default where another would be derived', () => {
    const said = { rate_limiter_bytes_per_sec: 67_108_864, delayed_write_rate: 16_777_216 };
    expect(saidOptions(opened(said), referenceVersion)).toEqual(said);
  });
});
