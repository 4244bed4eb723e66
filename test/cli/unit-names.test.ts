/** Every number of every document that a command prints has its unit in the glossary (criterion A3 of the validation). */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readGlossary } from '../../engine/files/reference.js';
import { checkUnitNames, parseGlossary } from '../../engine/validation/glossary.js';
import { runPutmodel } from '../support/cli.js';
import { rootDir } from '../support/process.js';

const glossary = parseGlossary(readGlossary(), 'glossary.json');
const directory = mkdtempSync(join(tmpdir(), 'putmodel-units-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});
const at = (name: string): string => join(directory, name);
const scenario = (name: string): string => join(rootDir, 'scenarios', `${name}.yaml`);
const fixture = (name: string): string => join(rootDir, 'test/fixtures', name);
const run = fixture('truth/limited');
const device = ['--device', 'read=1000MiB/s,write=500MiB/s'];
const recording = [fixture('replay/randread-8k-qd8.iolog.gz'), fixture('replay/randread-8k-qd8_clat.1.log.gz')];
const envelope = fixture('replay/envelope_model.json');
const point = ['--read-percent', '50', '--iodepth', '2', '--numjobs', '1', '--bs-kib', '64'];
writeFileSync(at('small.yaml'), 'kind: lsm\nduration_seconds: 10\nworkload: {num: 100000}\nlsm: {write_buffer_size: 4194304}\n');
const goal = 'goal: {pareto: [putRate.meanOpsPerSec, writeAmplification], thresholds: ["writeAmplification<=2"]}';
writeFileSync(at('sweep.yaml'), `sweep: {base: small.yaml, axes: {workload.num: [50000, 100000]}, ${goal}}\n`);

const commands: Readonly<Record<string, readonly string[]>> = {
  'reads beside puts': ['db_bench', '--benchmarks=fillrandom,readwhilewriting', '--num=100000', '--bloom_bits=10', '--duration=3'],
  'column families': ['simulate', scenario('column-families')],
  'two databases': ['simulate', scenario('two-databases')],
  'a band': ['simulate', at('small.yaml'), '--band'],
  'kind backlog': ['simulate', scenario('backlog-nvme'), '--set', 'duration_seconds=20'],
  'kind commit': ['simulate', scenario('baseline-latency')],
  'kind commit, one role': ['simulate', scenario('cas-contention')],
  'kind replay': ['replay', ...recording, '--device', envelope],
  'predict v4': ['predict', '--model', 'v4', '--bandwidth', '1000', '--measurement-method', 'fio_direct'],
  'predict v4.1': ['predict', '--model', 'v4.1', '--bandwidth', '1000', '--variant', 'enhancement', '--runtime-minutes', '50'],
  'predict v5': ['predict', '--model', 'v5', '--bandwidth', '1000'],
  'predict v5-independent': ['predict', '--model', 'v5-independent', '--bandwidth', '1000'],
  'calibrate utilization': ['calibrate', 'utilization', 'published', '-o', at('utilization.json')],
  'calibrate host': ['calibrate', 'host', '--from', `${run}/LOG`, '-o', at('host.json')],
  'calibrate backlog': ['calibrate', 'backlog', '--from', `${run}/LOG`, ...device, '-o', at('backlog.json')],
  ledger: ['ledger', `${run}/LOG`, '--stdout', `${run}/stdout.txt`],
  'ledger with a device': ['ledger', `${run}/LOG`, '--device-write-bytes', '1000000'],
  compare: ['compare', at('small.yaml'), '--vary', 'workload.num=50000,100000'],
  explain: ['explain', `${run}/LOG`],
  advise: ['advise', at('small.yaml')],
  'envelope query': ['envelope', 'query', envelope, ...point],
  'envelope measure --plan': ['envelope', 'measure', '--filename', 'f', '-o', 'x', '--plan', '--quick'],
  sweep: ['sweep', at('sweep.yaml'), '--threads', '1', '--out', at('sweep')],
  validate: ['validate', run, '--samples', '2'],
};

describe('every number has a unit:', () => {
  it.each(Object.entries(commands))('%s', async (name, argv) => {
    const { stdout, stderr } = await runPutmodel([...argv, '--json']);
    expect(stdout, stderr).not.toBe('');
    const { numbers, faults } = checkUnitNames({ [name]: JSON.parse(stdout) as unknown }, {}, glossary);
    expect(numbers).toBeGreaterThan(4);
    expect(faults.map(({ path }) => path)).toEqual([]);
  });
});
