/** Policies of the user's own, from their files, in their thread. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { loadScenario } from '../../engine/files/load.js';
import { moduleInFile, runWithModule, type ModuleRunOptions } from '../../engine/files/module-run.js';
import { summarize } from '../../engine/files/result-directory.js';
import type { LsmResult } from '../../engine/lsm/result.js';
import { notValidated } from '../../engine/scenario/result.js';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'putmodel-policy-'));
  writeFileSync(
    join(directory, 'scenario.yaml'),
    'kind: lsm\nputs: 60000\nworkload: {value_size: 1024}\nlsm: {write_buffer_size: 1048576, max_bytes_for_level_base: 4194304}\n',
  );
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

async function run(choose: string, options: ModuleRunOptions = {}) {
  const file = join(directory, 'own.mjs');
  writeFileSync(file, `export const policy = { name: 'own', source: 'a test',\n  choose(tree) { ${choose} } };\n`);
  const loaded = loadScenario(join(directory, 'scenario.yaml'), { policy: file });
  const result = await runWithModule<LsmResult>('lsm', loaded.scenario, moduleInFile(loaded.modulePath!), options);
  return { loaded, result };
}

const first = 'for (let i = 0; i + 1 < tree.levelCount; i++) if (tree.level(i).score >= 1) return tree.compactionOf(i); return null;';

describe('a policy from a file', () => {
  it('runs, and its digest is in the manifest and in the scenario', async () => {
    const { loaded, result } = await run(first);
    expect(result.policy).toBe('own');
    expect(result.putRate.meanOpsPerSec).toBeGreaterThan(0);
    const { manifest } = summarize({ ...loaded, result, validity: notValidated });
    const digest = manifest.inputs.find(({ name }) => name === 'own.mjs')?.sha256;
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(loaded.scenario).toMatchObject({ policy: { name: 'own', sha256: digest } });
  });

  it('gives the same result twice', async () => {
    expect((await run(first)).result).toEqual((await run(first)).result);
  });

  it.each([
    ['Math.random()', 'Math.random is not allowed'],
    ['Date.now()', 'Date.now is not allowed'],
    ['new Date()', 'Date is not allowed'],
    ['performance.now()', 'performance.now is not allowed'],
    ['crypto.randomUUID()', 'crypto.randomUUID is not allowed'],
    ['process.hrtime.bigint()', 'process.hrtime.bigint is not allowed'],
    ['tree.compactionOf(99)', 'RangeError: level 99'],
    ['tree.nothing.here', 'TypeError'],
  ])('%s is reported with its line', async (code, message) => {
    await expect(run(`return ${code} && null;`)).rejects.toThrow(message);
    await expect(run(`return ${code} && null;`)).rejects.toThrow('own.mjs:2:');
  });

  it('that never returns is ended', async () => {
    await expect(run('for (;;);', { sliceMillisMax: 1500 })).rejects.toThrow(/own\.mjs: the module does not return.*simulated second/);
  });

  it('that hangs or leaves later is told with the second before it, however few events that took', async () => {
    const from = 0.2;
    const second = async (code: string): Promise<number> => {
      const failure = await run(`if (tree.nowMicros >= ${String(from * 1e6)}) ${code} ${first}`, { sliceMillisMax: 1500 }).then(
        () => '',
        String,
      );
      const [, told] = /the module (?:does not return|ended its thread).*, after simulated second (\d+\.\d+)$/.exec(failure) ?? [];
      return Number(told);
    };
    for (const code of ['for (;;);', 'process.exit(0);']) {
      const told = await second(code);
      expect(told).toBeGreaterThan(from - 0.05);
      expect(told).toBeLessThan(from + 0.05);
    }
  });

  it('cannot change the options that the store runs with', async () => {
    await expect(run('', {})).resolves.toBeDefined();
    const change = 'arguments[1].level0_slowdown_writes_trigger = 1000; return null;';
    await expect(run(change)).rejects.toThrow(/choose\(\) threw TypeError: Cannot assign to read only property.*own\.mjs:2:/);
  });

  it('prints to stderr', async () => {
    const [out, err] = [vi.spyOn(process.stdout, 'write').mockReturnValue(true), vi.spyOn(process.stderr, 'write').mockReturnValue(true)];
    await run(`console.log('hello from the policy'); ${first}`);
    const told = [out, err].map((spy) => spy.mock.calls.map(([text]) => String(text)).join(''));
    vi.restoreAllMocks();
    expect(told[0]).not.toContain('hello from the policy');
    expect(told[1]).toContain('hello from the policy');
  });

  it('ends when it is interrupted', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 200);
    await expect(run('for (;;);', { signal: controller.signal })).rejects.toThrow('interrupted');
  });

  it('that is no module is named', async () => {
    const file = join(directory, 'broken.mjs');
    writeFileSync(file, 'export const policy = {');
    const { scenario } = loadScenario(join(directory, 'scenario.yaml'), { policy: file });
    await expect(runWithModule('lsm', scenario, moduleInFile(file))).rejects.toThrow(/broken\.mjs: the module cannot be used: SyntaxError/);
  });
});
