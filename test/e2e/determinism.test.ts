/** Same scenario and seed, same bytes: for every shipped scenario, run twice, from another place, and under other versions of Node. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runScenarioFile } from '../../engine/node.js';
import { lacksOtherNodes, nodeBinary, otherNodeVersions } from '../support/node-versions.js';
import { commandFile, makeDir, removeDir, rootDir, runOk, testDir } from '../support/process.js';
import { differences, resultFiles } from '../support/result-directory.js';

const scenarios = readdirSync(join(rootDir, 'scenarios')).filter((name) => name.endsWith('.yaml'));
const references = new Map<string, Map<string, string>>();

let workDir = '';

/** Runs a scenario under a Node binary and gives its result files. */
function simulate(node: string, scenario: string, out: string, args: readonly string[] = [], cwd = rootDir): Map<string, string> {
  runOk(node, [commandFile, 'simulate', scenario, '--seed', '7', '--out', out, ...args], { cwd });
  return resultFiles(out);
}

beforeAll(() => {
  workDir = makeDir();
  for (const name of scenarios) {
    references.set(name, simulate(process.execPath, join('scenarios', name), join(workDir, 'reference', name)));
  }
});

afterAll(() => {
  removeDir(workDir);
});

/** The files of the first run of a scenario. */
function reference(name: string): Map<string, string> {
  const files = references.get(name);
  if (files === undefined) throw new Error(`${name} has not run`);
  return files;
}

it('there are scenarios to compare, and each wrote files', () => {
  expect(scenarios.length).toBeGreaterThanOrEqual(7);
  for (const name of scenarios) expect(reference(name).size).toBeGreaterThanOrEqual(3);
});

describe.each(scenarios)('%s', (name) => {
  it('gives the same bytes again, as text or as JSON, from another directory', () => {
    const out = join(testDir(), 'out');
    expect(differences(reference(name), simulate(process.execPath, join(rootDir, 'scenarios', name), out, ['--json'], workDir))).toBe('');
  });

  it.each([1000, 65_537])('gives the same bytes advanced in slices of %i events', (sliceEvents) => {
    const out = join(testDir(), 'out');
    runScenarioFile(join(rootDir, 'scenarios', name), { seed: 7, sliceEvents, out });
    expect(differences(reference(name), resultFiles(out))).toBe('');
  });

  it('gives the same bytes from a worker thread', async () => {
    const out = join(testDir(), 'out');
    await runInWorker(join(rootDir, 'scenarios', name), { seed: 7, out });
    expect(differences(reference(name), resultFiles(out))).toBe('');
  });

  it.skipIf(lacksOtherNodes()).each(otherNodeVersions)('gives the same bytes under Node %s', (version) => {
    const out = join(testDir(), 'out');
    expect(differences(reference(name), simulate(nodeBinary(version), join('scenarios', name), out))).toBe('');
  });
});

it('a run advanced one event at a time gives the same bytes', () => {
  const out = join(testDir(), 'out');
  const name = rateLimited();
  runScenarioFile(join(rootDir, 'scenarios', name), { seed: 7, sliceEvents: 1, out });
  expect(differences(reference(name), resultFiles(out))).toBe('');
});

it('another seed gives other bytes', () => {
  const name = rateLimited();
  const out = join(testDir(), 'out');
  expect(differences(reference(name), simulate(process.execPath, join('scenarios', name), out, ['--seed', '8']))).not.toBe('');
});

it.skipIf(lacksOtherNodes()).each(otherNodeVersions)('the core gives the same bits of arithmetic under Node %s', (version) => {
  const script = join(rootDir, 'test/e2e/arithmetic.mjs');
  const here = runOk(process.execPath, [script]);
  expect(here).toMatch(/^\d+ values, SHA-256 [0-9a-f]{64}\n$/);
  expect(runOk(nodeBinary(version), [script])).toBe(here);
});

/** The scenario that is taken where one is enough. */
function rateLimited(): string {
  return scenarios.find((scenario) => scenario.startsWith('rate-limited')) ?? '';
}

/** Runs a scenario in a thread of its own; ends when the thread has. */
function runInWorker(path: string, options: { readonly seed: number; readonly out: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(join(rootDir, 'test/e2e/run-in-worker.mjs'), { workerData: { path, options } });
    worker.once('error', reject);
    worker.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`the worker ended with ${code}`));
    });
  });
}
