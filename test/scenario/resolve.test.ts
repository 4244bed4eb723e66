import { describe, expect, test } from 'vitest';
import { PutmodelError, type Issue } from '../../engine/kernel/errors.js';
import type { LsmScenario, WriteWorkload } from '../../engine/lsm/scenario.js';
import { readDocument } from '../../engine/scenario/document.js';
import { resolveLsm } from '../../engine/scenario/lsm-kind.js';
import { scenarioJsonSchema } from '../../engine/scenario/kinds.js';
import { sampleMachine } from './sample.js';

function resolve(text: string, machine = sampleMachine): LsmScenario {
  return resolveLsm(readDocument(`kind: lsm\n${text}`, 'scenarios/some case.yaml'), machine);
}

function issuesOf(text: string): readonly Issue[] {
  try {
    resolve(text);
  } catch (error) {
    if (error instanceof PutmodelError) return error.issues;
    throw error;
  }
  throw new Error('expected a PutmodelError');
}

function workloads(scenario: LsmScenario): readonly WriteWorkload[] {
  return scenario.steps.flatMap((step) => (step.kind === 'write' ? [step.workload] : []));
}

describe('a resolved scenario', () => {
  test("has the library's default options of its version, not db_bench's", () => {
    const options = (version: string): LsmScenario['stores'][number]['options'] | undefined =>
      resolve(`rocksdb_version: ${version}`).stores[0]?.options;
    expect(options('7.8')?.level_compaction_dynamic_level_bytes).toBe(false);
    expect(options('9.10')?.level_compaction_dynamic_level_bytes).toBe(true);
    expect(options('7.8')?.delayed_write_rate).toBe(16 * 1024 * 1024);
  });

  test('has sanitized options, and warns of values that could not stand', () => {
    const scenario = resolve('lsm: {write_buffer_size: 1}');
    expect(scenario.stores[0]?.options.write_buffer_size).toBe(65_536);
    expect(scenario.warnings).toContainEqual(expect.objectContaining({ code: 'OPTION_SANITIZED', path: 'lsm.write_buffer_size' }));
  });

  test('warns of a release whose rules nobody looked at', () => {
    const warned = (version: string): boolean =>
      resolve(`rocksdb_version: '${version}'`).warnings.some(({ code }) => code === 'ROCKSDB_VERSION');
    expect(['3.0', '4.13', '11.1', '99.1'].map(warned)).toEqual([true, true, true, true]);
    expect(['5.0', '7.8.3', '10.10', '11.0.2'].map(warned)).toEqual([false, false, false, false]);
  });

  test('lists options that are known and not modelled', () => {
    expect(resolve('lsm: {max_open_files: 100}').ignoredFlags).toEqual(['max_open_files']);
  });

  test('says what it assumed: machine, page cache, version, sizes', () => {
    expect(resolve('').assumptions.map((entry) => entry.what)).toEqual([
      'device',
      'host',
      'page cache',
      'rocksdb_version',
      'num',
      'value_size',
      'compression_ratio',
    ]);
    const named = { ...sampleMachine, deviceNamed: true, hostNamed: true };
    const said = 'rocksdb_version: 7.8\nworkload: {num: 5, value_size: 5}\nlsm: {compression: none, use_direct_reads: true}';
    expect(resolve(said, named).assumptions).toEqual([]);
  });

  test('is frozen all the way down', () => {
    const scenario = resolve('');
    expect(Object.isFrozen(scenario.stores[0]?.families[0]?.options)).toBe(true);
  });

  test('is named after its file when it has no name', () => {
    expect(resolve('').name).toBe('some-case');
    expect(resolve('name: mine').name).toBe('mine');
  });
});

describe('benchmarks in a scenario', () => {
  test('write num puts in each thread, as db_bench does', () => {
    expect(workloads(resolve('workload: {num: 1000, threads: 4}'))[0]).toMatchObject({
      puts: 4000,
      durationSec: null,
      keyCount: 1000,
      distribution: 'uniform',
    });
  });

  test('with duration_seconds go on drawing keys until then; in order they end with the keys', () => {
    expect(workloads(resolve('duration_seconds: 60\nworkload: {num: 1000}'))[0]).toMatchObject({ puts: null, durationSec: 60 });
    expect(workloads(resolve('duration_seconds: 60\nworkload: {benchmark: fillseq, num: 1000}'))[0]).toMatchObject({
      puts: 1000,
      durationSec: 60,
    });
  });

  test('fillsync syncs num puts over a thousandth of the keys; fillbatch writes 1000 puts a batch; fill100K has values of 100,000 bytes', () => {
    const [sync, batch, large] = workloads(resolve('workload: {benchmarks: [fillsync, fillbatch, fill100K], num: 5000}'));
    expect(sync).toMatchObject({ sync: true, puts: 5000, keyCount: 5, entriesPerBatch: 1 });
    expect(batch).toMatchObject({ entriesPerBatch: 1000, distribution: 'sequential', sync: false });
    expect(large).toMatchObject({ valueSizeBytes: 100_000, keyCount: 5 });
  });

  test('short keys cannot tell more numbers apart than they have values', () => {
    expect(workloads(resolve('workload: {num: 1000000, key_size: 2}'))[0]?.keyCount).toBe(65_536);
    expect(workloads(resolve('workload: {num: 1000000, key_size: 0}'))[0]?.keyCount).toBe(1);
  });

  test('a fill empties the store, except the first one over a given tree', () => {
    const fresh = (text: string): readonly unknown[] => resolve(text).steps.map((step) => (step.kind === 'write' ? step.fresh : step.kind));
    expect(fresh('workload: {benchmarks: [fillrandom, waitforcompaction, overwrite, fillseq]}')).toEqual([
      true,
      'waitForCompaction',
      false,
      true,
    ]);
    expect(fresh('initial: {settled_keys: 5}\nworkload: {benchmarks: [fillrandom, fillseq]}')).toEqual([false, true]);
  });

  test.each([
    ['rate: 500', { kind: 'open', profile: { shape: 'constant', opsPerSec: 500 } }],
    ['benchmark_write_rate_limit: 1e6', { kind: 'paced', bytesPerSec: 1_000_000 }],
    ['threads: 2', { kind: 'closed' }],
    [
      'rate: {meanOpsPerSec: 5, amplitudeOpsPerSec: 2, periodSec: 60}',
      { kind: 'open', profile: { shape: 'sine', meanOpsPerSec: 5, amplitudeOpsPerSec: 2, periodSec: 60 } },
    ],
  ])('%s decides when puts arrive', (line, arrival) => {
    expect(workloads(resolve(`workload: {${line}}`))[0]?.arrival).toEqual(arrival);
  });
});

describe('values that are wrong only together', () => {
  test.each([
    ['initial: {levels: [{level: 2, bytes: 1}, {level: 9, bytes: 1}]}', 'initial.levels.1.level', 2],
    ['workload: {num: 9007199254740991, value_size: 1000}', 'workload.num', 2],
    ['workload: {rate: {points: [{atSec: 0, opsPerSec: 5}, {atSec: 9, opsPerSec: 0}]}}', 'workload.rate', 2],
    ['workload: {benchmarks: [stats]}', 'workload.benchmarks', 2],
    ['workload: {num: 1000}\ninitial: {settled_keys: 1001}', 'initial.settled_keys', 3],
    ['initial: {levels: [{level: 2, bytes: 9000000000000000}]}', 'initial', 2],
    ['initial: {settled_keys: 1000000}\nlsm: {target_file_size_base: 64}', 'initial', 2],
    ['lsm: {memtable_protection_bytes_per_key: 3}', 'lsm.memtable_protection_bytes_per_key', 2],
  ])('%s is refused where it stands', (text, path, line) => {
    expect(issuesOf(text)).toEqual([expect.objectContaining({ code: 'INPUT_INVALID', path, line, file: 'scenarios/some case.yaml' })]);
  });
});

test('dtSec is accepted, and said to have no effect', () => {
  expect(resolve('dtSec: 0.001').warnings).toEqual([
    expect.objectContaining({ path: 'dtSec', message: expect.stringContaining('no effect') as string }),
  ]);
  expect(resolve('seed: 1').warnings).toEqual([]);
});

test('the JSON Schema of a scenario is one of the kinds; options have type, unit and meaning', () => {
  const { anyOf } = scenarioJsonSchema() as { anyOf: { properties: Record<string, { const?: string; properties?: object }> }[] };
  expect(anyOf.map(({ properties }) => properties['kind']?.const)).toEqual(['lsm', 'backlog', 'commit', 'replay']);
  expect(anyOf[0]?.properties['lsm']).toMatchObject({
    properties: { write_buffer_size: { type: 'integer', minimum: 1, unit: 'bytes' } },
    additionalProperties: false,
  });
});
