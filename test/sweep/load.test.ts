import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { chaosSettings, commitScenarioOf, sweep15, sweep60 } from '../../bench/commit-scenarios.js';
import type { CommitScenario } from '../../engine/commit/scenario.js';
import { PutmodelError, formatIssue } from '../../engine/kernel/errors.js';
import { configLabel } from '../../engine/scenario/commit-result.js';
import { loadSweep } from '../../engine/sweep/load.js';
import { sweepRunOf } from '../../engine/sweep/bundle.js';
import { valuesOf } from '../../engine/sweep/plan.js';
import { backlogBase, writeSweep } from './sample.js';

const directory = mkdtempSync(join(tmpdir(), 'putmodel-sweep-load-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

const problems = (path: string): string[] => {
  try {
    loadSweep(path);
    return [];
  } catch (error) {
    if (error instanceof PutmodelError) return error.issues.map((issue) => formatIssue(issue).replace(`${directory}/`, ''));
    throw error;
  }
};

const problemsOf = (text: string): string[] => {
  const path = writeSweep(directory);
  writeFileSync(path, text);
  return problems(path);
};

describe('a sweep file that is wrong', () => {
  test('is refused with every mistake, each at its line and column', () => {
    expect(
      problemsOf('sweep:\n  base: base.yaml\n  axis: {}\n  seeds: 0\n  axes:\n    workload.rate: { range: { from: 1, to: 2 } }\n'),
    ).toEqual([
      'sweep.yaml:3:3: sweep.axis: unknown key (expected axes?)',
      'sweep.yaml:4:10: sweep.seeds: wrong value: found 0 (expected a number of at least 1)',
      'sweep.yaml:6:29: sweep.axes.workload.rate.range: give either step or count',
    ]);
  });

  test.each([
    ['sweep:\n  base: none.yaml\n  axes: { a: [1] }\n', 'none.yaml: cannot be read: no such file or directory'],
    [
      'sweep:\n  base: base.yaml\n  axes: { a: [] }\n',
      'sweep.yaml:3:14: sweep.axes.a: wrong value: found [] (expected a list with a length of at least 1)',
    ],
    ['sweep: [', 'sweep.yaml:1:9: Flow sequence in block collection must be sufficiently indented and end with a ]'],
    [
      'sweep:\n  base: base.yaml\n  axes: { workload.rate: [1] }\n  keep: [putRate.meanOpPerSec]\n',
      'sweep.yaml:4:10: no such metric: found putRate.meanOpPerSec (expected putRate.meanOpsPerSec?)',
    ],
    [
      'sweep:\n  base: base.yaml\n  axes: { workload.rate: [1] }\n  keep: [simulatedSec]\n  goal: { pareto: [simulatedSec, stall.stoppedSec] }\n',
      'sweep.yaml:5:20: more of this metric is neither better nor worse: found simulatedSec',
    ],
    [
      "sweep:\n  base: base.yaml\n  axes: { workload.rate: [1] }\n  goal: { thresholds: ['stall.stoppedSec=<3'] }\n",
      'sweep.yaml:4:24: cannot read this limit: found "stall.stoppedSec=<3" (expected a path, a comparison and a number, such as \'stall.stoppedSec<=0\')',
    ],
    [
      "sweep:\n  base: base.yaml\n  axes: { workload.rate: [1] }\n  label: '{workload.rat}'\n",
      'sweep.yaml:4:10: the label names workload.rat, which is neither an axis nor in the base scenario',
    ],
    [
      'sweep:\n  base: base.yaml\n  axes: { device: [no-such-drive] }\n',
      'no device of this name: neither a file nor a preset: found "no-such-drive"',
    ],
  ])('%j', (text, message) => {
    expect(problemsOf(text).join('\n')).toContain(message);
  });

  test('an axis value that no run could take is refused where it stands, and so is a path that does not exist', () => {
    const axes = '    workload.rate: [5000, -1, fast]\n    backlog.muu: [0.5]\n';
    expect(problems(writeSweep(directory, axes))).toEqual([
      'sweep.yaml:4:27: workload.rate: wrong value: found -1 (expected a number above 0)',
      'sweep.yaml:4:31: workload.rate: wrong value: found "fast" (expected a number, or a map of keys and values)',
      'sweep.yaml:5:19: backlog.muu: unknown key (expected mu?)',
    ]);
  });

  test('a device that is no name is refused where it stands, on an axis and where it is set', () => {
    expect(problems(writeSweep(directory, '    device: [1, 2]\n', ''))).toEqual([
      'sweep.yaml:4:14: device: wrong value: found 1 (expected a text)',
      'sweep.yaml:4:17: device: wrong value: found 2 (expected a text)',
    ]);
    expect(problems(writeSweep(directory, '    workload.rate: [1, 2]\n', '  set: { device: 5 }\n'))).toEqual([
      'sweep.yaml:5:18: device: wrong value: found 5 (expected a text)',
    ]);
  });

  test('a path that leads into a plain value is refused', () => {
    expect(problems(writeSweep(directory, '    workload.rate.points: [1]\n'))[0]).toContain(
      'a plain value has nothing inside: found 20000',
    );
  });
});

describe('a sweep that is right', () => {
  test('a value that is wrong in some combinations only is left to the runs', () => {
    const base = `kind: lsm\nduration_seconds: 1\nworkload: { num: 1000 }\n`;
    const path = writeSweep(directory, '    workload.key_size: [0, 16]\n    workload.value_size: [0, 100]\n', '', base);
    expect(loadSweep(path).open.plan.runCount).toBe(4);
  });

  test('gives each run the scenario that the base would be with its values and its seed', () => {
    const path = writeSweep(directory, undefined, '  seeds: 2\n  set: { backlog.k: 2 }\n');
    const { open } = loadSweep(path);
    const { scenario } = sweepRunOf(open, 29);
    expect(scenario).toMatchObject({ kind: 'backlog', seed: 2, offered: [{ atSec: 0, opsPerSec: 90000 }] });
    expect(scenario).toMatchObject({ levels: [{ muFraction: 0.8, kFactor: 2 }, {}, {}, {}] });
  });

  test('has another identity when a value, the base or a device changes, and the same when a comment does', () => {
    const hash = (axes?: string, base?: string): string => loadSweep(writeSweep(directory, axes, '', base)).planHash;
    const first = hash();
    expect(hash()).toBe(first);
    const text = readFileSync(writeSweep(directory, undefined, ''), 'utf8');
    writeFileSync(join(directory, 'sweep.yaml'), `# a comment\n${text}`);
    expect(loadSweep(join(directory, 'sweep.yaml')).planHash).toBe(first);
    expect(hash('    workload.rate: [1, 2]\n')).not.toBe(first);
    expect(hash(undefined, `${backlogBase}seed: 3\n`)).not.toBe(first);
  });

  test('reads each device that an axis names once', () => {
    const path = writeSweep(
      directory,
      '    device: [debian-vm, seed-lab-nvme, debian-vm]\n    workload.rate: [1, 2, 3]\n',
      '  zip: [[device, workload.rate]]\n',
    );
    const { open, identity } = loadSweep(path);
    expect(Object.keys(open.bundle.devices)).toEqual(['debian-vm', 'seed-lab-nvme']);
    expect(identity.inputs.map(({ name }) => name)).toEqual(['debian-vm.json', 'seed-lab-nvme.json']);
  });
});

const shipped = new URL('../../scenarios/sweeps/', import.meta.url);
const sweeps = readdirSync(shipped).filter((name) => name.endsWith('.yaml'));

describe.each(sweeps)('the shipped sweep %s', (name) => {
  test('begins with the question it answers, and is right', () => {
    const path = new URL(name, shipped).pathname;
    expect(readFileSync(path, 'utf8').split('\n')[0]).toMatch(/^# [A-Z].*\?$/);
    expect(loadSweep(path)).toMatchObject({ warnings: [] });
  });
});

describe('the shipped sweeps', () => {
  const labelsOf = (name: string): string[] => {
    const { plan, label } = loadSweep(new URL(`${name}.yaml`, shipped).pathname).open;
    return Array.from({ length: plan.pointCount }, (_, point) => label(valuesOf(plan, point)));
  };

  test('are those of the documentation', () => {
    const own = ['backlog-burst', 'chaos-7', 'chaos-9', 'device-what-if', 'lsm-options-grid', 'sweep-15', 'sweep-60'];
    expect(sweeps.sort()).toEqual(own.map((name) => `${name}.yaml`));
    expect(loadSweep(new URL('lsm-options-grid.yaml', shipped).pathname).open.plan.runCount).toBe(1000);
  });

  test.each([
    ['sweep-60', sweep60()],
    ['sweep-15', sweep15()],
  ])('%s has the configurations of the workload documents, under their labels', (name, configurations) => {
    expect(labelsOf(name).sort()).toEqual(configurations.map(configLabel).sort());
  });

  test('of chaos are the settings of the documents, each under a label of its own', () => {
    const { open } = loadSweep(new URL('chaos-9.yaml', shipped).pathname);
    const stated = Object.values(chaosSettings).map((set) => commitScenarioOf('baseline', ['duration_seconds=300', ...set]));
    const runs = stated.map((_, run) => sweepRunOf(open, run).scenario as CommitScenario);
    expect(runs.map(({ chaos, store }) => ({ chaos, store }))).toEqual(stated.map(({ chaos, store }) => ({ chaos, store })));
    expect(new Set(labelsOf('chaos-9')).size).toBe(9);
    expect(labelsOf('chaos-9').slice(0, 7)).toEqual(labelsOf('chaos-7'));
  });
});
