/** Policies of the user's own, from their files, in their thread. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
    ['tree.nothing.here', 'TypeError'],
  ])('%s is reported with its line', async (code, message) => {
    await expect(run(`return ${code} && null;`)).rejects.toThrow(message);
    await expect(run(`return ${code} && null;`)).rejects.toThrow('own.mjs:2:');
  });

  it('that never returns is ended', async () => {
    await expect(run('for (;;);', { sliceMillisMax: 1500 })).rejects.toThrow(/own\.mjs: the module does not return.*simulated second/);
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
