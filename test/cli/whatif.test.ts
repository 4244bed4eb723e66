import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { sampleHost } from '../scenario/sample.js';
import { runPutmodel } from '../support/cli.js';

const directory = mkdtempSync(join(tmpdir(), 'putmodel-whatif-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});
const host = join(directory, 'host.json');
writeFileSync(host, JSON.stringify({ schema: 'putmodel/host/1', ...sampleHost }));
const machine = ['--host', host, '--device', 'read=500MiB/s,write=200MiB/s'];
const scenario = join(directory, 'small.yaml');
writeFileSync(
  scenario,
  'kind: lsm\nduration_seconds: 10\nworkload: {num: 100000, value_size: 1024}\nlsm: {write_buffer_size: 2097152, compression: none, rate_limiter_bytes_per_sec: 33554432}\n',
);
const log = fileURLToPath(new URL('../fixtures/truth/limited/LOG', import.meta.url));

function run(...argv: readonly string[]) {
  return runPutmodel(argv);
}

describe('compare, explain and advise on the command line', () => {
  test.each([
    ['putmodel/comparison/1', ['compare', scenario, '--vary', 'lsm.max_background_jobs=2,4', ...machine]],
    ['putmodel/explanation/1', ['explain', log, ...machine]],
    ['putmodel/advice/1', ['advise', scenario, '--effort', '100', ...machine]],
    ['putmodel/boundary/1', ['advise', scenario, '--ask', 'load', ...machine]],
  ])(
    '--json prints one document, %s, and nothing else',
    async (schema, argv) => {
      const { status, stdout, stderr } = await run(...argv, '--json');
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(JSON.parse(stdout)).toMatchObject({ schema });
      expect(stdout).not.toContain('NaN');
    },
    30_000,
  );

  test('a result directory is explained by the scenario in it, unless that was changed', async () => {
    const out = join(directory, 'result');
    expect(await run('simulate', scenario, '--out', out, ...machine)).toMatchObject({ status: 0 });
    expect((await run('explain', out)).stdout).toContain('what its run tells');
    expect(await run('explain', out, '--iostat', log)).toMatchObject({ status: 2 });
    writeFileSync(join(out, 'scenario.json'), readFileSync(join(out, 'scenario.json'), 'utf8').replace('"seed":1', '"seed":2'));
    const { status, stderr } = await run('explain', out);
    expect(status).toBe(2);
    expect(stderr).toContain('its hash differs from the manifest');
  }, 30_000);

  test('compare --out writes the page', async () => {
    const page = join(directory, 'page.html');
    expect(await run('compare', scenario, '--vary', 'dtSec=1,0.5', '--out', page, ...machine)).toMatchObject({ status: 0 });
    expect(readFileSync(page, 'utf8')).toContain('<!DOCTYPE html>');
  }, 20_000);

  test.each([
    [['compare', scenario], 'nothing to compare with'],
    [['compare', scenario, '--vary', 'lsm.nosuch=1,2'], 'lsm.nosuch: unknown option'],
    [['compare', scenario, '--vary', 'seed=1,2'], 'the seed cannot be varied: found seed (expected --seeds N)'],
    [['compare', scenario, '--vary', 'dtSec=1,2', '--vary', 'dtSec=3'], 'one path is varied twice'],
    [['compare', scenario, '--vary', 'lsm.max_background_jobs=0,-1'], 'found 0'],
    [['compare', scenario, '--vary', 'lsm.max_background_jobs=0,-1'], 'found -1'],
    [['explain', log, '--iostat', scenario], "not iostat's output"],
    [['advise', scenario, '--ask', 'load', '--goal', 'writeAmplification'], '--goal has no effect with --ask load'],
    [['explain', join(directory, 'nowhere')], 'no such file'],
    [['explain', directory], 'no LOG in this directory'],
    [['explain', log, '--set', 'workload.num=3'], "has no place in a LOG's story"],
    [['advise', scenario, '--goal', 'nosuch'], 'no such goal'],
    [['advise', scenario, '--keep', 'write_bufer_size'], 'write_buffer_size?'],
    [['advise', scenario, '--memtables', 'lots'], '--memtables'],
  ])('%j is refused with 2', async (argv, message) => {
    const { status, stdout, stderr } = await run(...argv, ...machine);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('internal error');
  });

  test('requirements that cannot be met are a failed check', async () => {
    const { status, stderr } = await run('advise', scenario, '--require', 'writeAmplification<0.1', '--effort', '1', ...machine);
    expect(status).toBe(1);
    expect(stderr).toContain('no options were found');
  }, 30_000);
});
