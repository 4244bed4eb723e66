import { describe, expect, test } from 'vitest';
import type { BacklogScenario } from '../../engine/backlog/scenario.js';
import { PutmodelError, type Issue } from '../../engine/kernel/errors.js';
import { GIB, MIB } from '../../engine/kernel/units.js';
import { backlogKind } from '../../engine/scenario/backlog-kind.js';
import { encodeSimOutCsv } from '../../engine/scenario/backlog-result.js';
import { readDocument } from '../../engine/scenario/document.js';
import { encodeJson } from '../../engine/scenario/json.js';
import { figureAt } from '../../engine/scenario/requirement.js';
import { notValidated, withManifest } from '../../engine/scenario/result.js';
import { sampleInputs } from '../scenario/sample.js';

const head = 'kind: backlog\nworkload: {rate: 1000, value_size: 1024}\n';

function resolve(text: string, calibration?: unknown): BacklogScenario {
  const files = new Map(
    calibration === undefined ? [] : [['backlog.calibration', { name: 'c.json', text: JSON.stringify(calibration), sha256: '0' }]],
  );
  return backlogKind.resolve(readDocument(head + text, 'a.yaml'), { ...sampleInputs, files });
}

function issuesOf(work: () => unknown): readonly Issue[] {
  try {
    work();
  } catch (error) {
    if (error instanceof PutmodelError) return error.issues;
    throw error;
  }
  return [];
}

describe('a document of kind backlog', () => {
  test("with the guide's keys becomes a scenario; what it does not say is assumed and said", () => {
    const scenario = resolve('backlog: {steps: 60, dt: 0.5, mu: 0.2, levels: [L0, L1, L2], iodepth: 4, numjobs: 2, bs_k: 64}\n');
    expect(scenario).toMatchObject({
      ...{ name: 'a', stepCount: 60, dtSec: 0.5, putBytes: 1040, fanOutRatio: 10, l0LimitBytes: 36 * 64 * MIB },
      place: { iodepth: 4, numjobs: 2, blockKib: 64 },
      readShare: { kind: 'heuristic' },
      efficiency: { model: 'saturating', baseFraction: 0.8, contentionBytes: 100 * GIB, waveFraction: 0 },
      warnings: [],
    });
    expect(scenario.levels.map(({ name, muFraction, targetBytes }) => [name, muFraction, targetBytes / MIB])).toEqual([
      ['L0', 0.2, 0],
      ['L1', 0.2, 256],
      ['L2', 0.2, 2560],
    ]);
    expect(scenario.assumptions.map(({ what }) => what)).toEqual(['device', 'k', 'L0 limit']);
  });

  test('lasts steps x dt, or duration_seconds rounded up to whole steps', () => {
    expect(resolve('duration_seconds: 10\nbacklog: {mu: 0.1, dt: 3}\n').stepCount).toBe(4);
    expect(issuesOf(() => resolve('duration_seconds: 10\nbacklog: {mu: 0.1, steps: 3}\n'))).toEqual([
      expect.objectContaining({ path: 'duration_seconds', line: 3 }),
    ]);
    expect(issuesOf(() => resolve('backlog: {mu: 0.1}\n'))).toEqual([
      expect.objectContaining({ path: 'backlog.steps', message: 'missing' }),
    ]);
  });

  test('with given amplifications keeps nothing in its levels, as in the guide, unless their size is said', () => {
    const text = (more: string): string => `backlog: {steps: 1, mu: 0.1, mergeAmplification: {L1: 3}${more}}\n`;
    expect(resolve(text('')).levels[1]).toMatchObject({ mergeAmplification: 3, targetBytes: 0 });
    expect(resolve(text(', max_bytes_for_level_base: 1000')).levels[1]).toMatchObject({ mergeAmplification: 3, targetBytes: 1000 });
  });

  test("contention-linear has the guide's periodic factor, the other has none unless asked", () => {
    const efficiency = (text: string) => resolve(`backlog: {steps: 1, mu: 0.1, efficiency: ${text}}\n`).efficiency;
    expect(efficiency('contention-linear').waveFraction).toBe(0.1);
    expect(efficiency('{model: saturating, baseFraction: 0.5, contentionGib: 10, waveFraction: 0.2}')).toEqual({
      ...{ model: 'saturating', baseFraction: 0.5, contentionBytes: 10 * GIB, waveFraction: 0.2 },
    });
  });

  test('says when the levels together take more than the device', () => {
    expect(resolve('backlog: {steps: 1, mu: 0.5}\n').warnings).toEqual([expect.objectContaining({ code: 'OVERCOMMITTED' })]);
  });

  test.each([
    ['backlog: {steps: 1}\n', 'backlog.mu', 'missing for L0, L1, L2, L3'],
    ['backlog: {steps: 1, mu: {L0: 0.1, L9: 1}, levels: [L0]}\n', 'backlog.mu.L9', 'no such level'],
    ['backlog: {steps: 1000000, mu: 0.1}\n', 'backlog.steps', 'too many steps to record'],
    ['backlog: {steps: 1, mu: 0.1, levels: [L1, L0]}\n', 'backlog.levels', 'the first level must be L0, which takes the flushed bytes'],
    ['backlog: {steps: 1, mu: 0.1, max_bytes_for_level_base: 0}\n', 'backlog.max_bytes_for_level_base', /no fill/],
  ])('%s is refused where it stands', (text, path, message) => {
    const issues = issuesOf(() => resolve(text));
    expect(issues).toContainEqual(expect.objectContaining({ code: 'INPUT_INVALID', path, file: 'a.yaml', line: 3 }));
    expect(issues.map((issue) => issue.message).join('; ')).toMatch(message);
  });
});

const calibration = {
  schema: 'putmodel/backlog-calibration/1',
  calibratedOn: [{ name: 'LOG', sha256: 'a'.repeat(64) }],
  ...{ device: 'd', iodepth: 8, numjobs: 2, bs_k: 64, levels: ['L0', 'L1'], baseFraction: 0.3 },
  ...{ mu: { L0: 0.1, L1: 0.5 }, k: { L0: 1, L1: 0.4 }, rho_r: { L0: 1, L1: 0.4 }, mergeAmplification: { L1: 2 } },
  evidence: { busySec: 10, beffBytesPerSec: 1e9, deviceBytesPerSec: 3e8, readFraction: 0.5, jobs: 20 },
};

describe('a calibration', () => {
  test('gives what the document does not say', () => {
    const scenario = resolve('backlog: {steps: 1, calibration: c.json, k: {L1: 0.9}}\n', calibration);
    expect(scenario.levels.map((one) => [one.muFraction, one.kFactor, one.mergeAmplification])).toEqual([
      [0.1, 1, null],
      [0.5, 0.9, 2],
    ]);
    expect(scenario.place).toEqual({ iodepth: 8, numjobs: 2, blockKib: 64 });
    expect(scenario.efficiency.baseFraction).toBe(0.3);
    expect(scenario.readShare).toEqual({ kind: 'byLevel', readFractions: [1, 0.4] });
  });

  test('that is damaged is refused field by field', () => {
    const broken = { ...calibration, numjobs: -1, mu: { L0: 2 } };
    expect(issuesOf(() => resolve('backlog: {steps: 1, calibration: c.json}\n', broken)).map(({ file, path }) => [file, path])).toEqual([
      ['c.json', 'numjobs'],
      ['c.json', 'mu.L0'],
    ]);
  });
});

describe('the result', () => {
  const scenario = resolve('backlog: {steps: 3, dt: 2, mu: {L0: 0.1, L1: 0.2}, levels: [L0, L1]}\n');
  const run = backlogKind.start(scenario);
  run.advance(10);
  const result = run.finish();

  test('is what its schema says, and has every metric at its path', () => {
    const manifest = { schema: 'putmodel/manifest/1', engineVersion: '0', scenarioHash: '0'.repeat(64), seed: 1, inputs: [] } as const;
    const document = withManifest(backlogKind.encode(result, notValidated), { ...manifest, resultHash: '0'.repeat(64) });
    const text = encodeJson(document);
    expect(backlogKind.resultSchema.safeParse(JSON.parse(text)).error?.issues ?? []).toEqual([]);
    for (const metric of backlogKind.metrics)
      expect([metric.path, figureAt(document, metric.path)]).toEqual([metric.path, metric.read(result)]);
  });

  test('as sim_out.csv has the named columns, a row a step, time = step x dt, MiB/s and GiB', () => {
    const [header, first, second, , end] = encodeSimOutCsv(['L0', 'L1'], result.series).split('\n');
    expect(header).toBe('t_sec,rho_r,beff_mib_per_sec,Q_L0_gib,Q_L1_gib,C_L0_mib_per_sec,C_L1_mib_per_sec');
    // The sample device: 500 MiB/s reads, 200 writes, half of each: 1 / (0.5/500 + 0.5/200); 0.8 of it is shared.
    const [t, share, beff, q0, q1, c0, c1] = (first ?? '').split(',').map(Number);
    expect([t, share, q0, q1]).toEqual([0, 0.5, 0, 0]);
    expect(beff).toBeCloseTo(285.714, 3);
    expect(c0).toBeCloseTo(0.1 * 0.8 * 285.714, 3);
    expect(c1).toBeCloseTo(0.2 * 0.8 * 285.714, 3);
    expect(second?.startsWith('2,')).toBe(true);
    expect(end).toBe('');
    expect(Object.keys(backlogKind.files(scenario, result))).toEqual(['sim_out.csv']);
  });
});
