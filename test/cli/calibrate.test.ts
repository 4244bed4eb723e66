import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { decodeBacklogCalibration } from '../../engine/backlog/calibration-file.js';
import { sampleHost } from '../scenario/sample.js';
import { runPutmodel, type Outcome } from '../support/cli.js';

const directory = mkdtempSync(join(tmpdir(), 'putmodel-calibrate-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});
const log = join(import.meta.dirname, '../fixtures/truth/limited/LOG');
const logHash = createHash('sha256').update(readFileSync(log)).digest('hex');
const out = join(directory, 'out.json');
const host = join(directory, 'host.json');
writeFileSync(host, JSON.stringify({ schema: 'putmodel/host/1', ...sampleHost }));

function run(...argv: string[]): Promise<Outcome> {
  return runPutmodel(argv);
}

describe('calibrate backlog', () => {
  const device = ['--device', 'read=1000MiB/s,write=1000MiB/s'];

  test('writes mu, k, eta and read shares with the hash of the LOG, and a scenario takes them', async () => {
    const { status, stdout } = await run('calibrate', 'backlog', '--from', log, ...device, '-o', out);
    expect([status, stdout]).toEqual([0, expect.stringContaining(`written to ${out}`)]);
    const calibration = JSON.parse(readFileSync(out, 'utf8')) as { mu: Record<string, number>; calibratedOn: object[] };
    expect(calibration.calibratedOn).toEqual([{ name: 'LOG', sha256: logHash, textSha256: logHash }]);
    const shares = Object.values(calibration.mu).reduce((sum, mu) => sum + mu, 0);
    expect(shares).toBeGreaterThan(0.5);
    expect(shares).toBeLessThanOrEqual(1);
    const scenario = join(directory, 'fluid.yaml');
    writeFileSync(scenario, 'kind: backlog\nworkload: {rate: 10000}\nbacklog: {steps: 20, calibration: out.json}\n');
    const simulated = await run('simulate', scenario, ...device, '--json');
    expect(simulated.stderr).toBe('');
    expect(JSON.parse(simulated.stdout)).toMatchObject({
      schema: 'putmodel/backlog-result/1',
      validity: { inside: false, outside: ['nothing of kind backlog was compared with real runs'] },
      manifest: { inputs: [{ name: 'fluid.yaml' }, { name: 'out.json' }] },
    });
  });

  test('of a packed LOG notes its text as well, and a LOG beside its packed copy is refused', async () => {
    const packed = gzipSync(readFileSync(log));
    writeFileSync(join(directory, 'LOG.gz'), packed);
    expect(await run('calibrate', 'backlog', join(directory, 'LOG.gz'), ...device, '-o', out)).toMatchObject({ status: 0 });
    const sha256 = createHash('sha256').update(packed).digest('hex');
    expect(decodeBacklogCalibration(readFileSync(out, 'utf8'), out).calibratedOn).toEqual([
      { name: 'LOG.gz', sha256, textSha256: logHash },
    ]);
    for (const command of ['backlog', 'host']) {
      expect(await run('calibrate', command, '--from', log, '--from', join(directory, 'LOG.gz'), '-o', out)).toEqual({
        status: 2,
        stdout: '',
        stderr: `${join(directory, 'LOG.gz')}: the same LOG as ${log}\n`,
      });
    }
  });

  test('needs a LOG', async () => {
    expect(await run('calibrate', 'backlog')).toEqual({ status: 2, stdout: '', stderr: 'no LOG given (expected --from LOG)\n' });
  });
});

describe('calibrate host', () => {
  test('--from writes a host profile that simulate takes, with residuals by LOG and the hashes of what it was fitted on', async () => {
    const { status, stdout, stderr } = await run('calibrate', 'host', '--from', log, '--host', host, '--name', 'mine', '-o', out, '--json');
    expect([status, stderr]).toEqual([0, expect.stringContaining('one record size only')]);
    const { profile, fits } = JSON.parse(stdout) as { profile: object; fits: { residuals: { source: string; jobs: number }[] }[] };
    expect(profile).toMatchObject({ name: 'mine', calibratedOn: [{ name: 'LOG' }, { name: 'host.json' }] });
    expect(fits[0]?.residuals).toEqual([expect.objectContaining({ source: log })]);
    const machine = ['--host', out, '--device', 'read=500MiB/s,write=200MiB/s'];
    const simulated = await run('db_bench', '--benchmarks=fillrandom', '--num=10000', ...machine, '--json');
    expect([simulated.status, simulated.stderr]).toEqual([0, '']);
  });

  test('wants either LOGs or --run', async () => {
    for (const argv of [[], ['--run', '--from', log]]) {
      expect(await run('calibrate', 'host', ...argv)).toMatchObject({
        status: 2,
        stderr: 'say either --from LOG or --run (expected one of the two)\n',
      });
    }
  });
});

test('simulate of kind backlog: report, sim_out.csv, no --host and no --from-log', async () => {
  const scenario = join(directory, 'plain.yaml');
  writeFileSync(scenario, 'kind: backlog\nworkload: {rate: 1000000}\nbacklog: {steps: 100, mu: 0.2}\n');
  const device = ['--device', 'read=1000MiB/s,write=500MiB/s'];
  const result = join(directory, 'result');
  const { status, stdout } = await run('simulate', scenario, ...device, '--out', result);
  expect(status).toBe(0);
  for (const words of ['Put rate', 'Stalled', 'Backlog over time, GiB', 'Efficiency', 'NOT validated', 'Results in'])
    expect(stdout).toContain(words);
  expect(stdout.split('\n').every((line) => line.length <= 80)).toBe(true);
  expect(readFileSync(join(result, 'sim_out.csv'), 'utf8').split('\n')).toHaveLength(102);
  expect(await run('simulate', scenario, '--host', host)).toEqual({
    status: 2,
    stdout: '',
    stderr: '--host has no effect on a scenario of kind backlog\n',
  });
  expect(await run('simulate', scenario, '--from-log', log)).toEqual({
    status: 2,
    stdout: '',
    stderr: '--from-log has no effect on a scenario of kind backlog\n',
  });
});
