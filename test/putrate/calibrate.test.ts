import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { calibrateUtilization, searchUtilization } from '../../engine/putrate/calibrate.js';
import { crossValidateModel, kFold, leaveOneDatasetOut, predictorOf, summarizeAccuracies } from '../../engine/putrate/cross-validate.js';
import { theoreticalMaxOpsPerSec } from '../../engine/putrate/formula.js';
import { parameterSets } from '../../engine/putrate/parameters.js';
import { phases } from '../../engine/putrate/phase.js';
import { publishedHeadlines, publishedSamples } from '../../engine/putrate/published.js';
import type { Dataset } from '../../engine/putrate/samples.js';

/** With 1040 MiB/s the maximum is 1,048,576 puts a second. */
const at = (...ops: number[]) => ops.map((actualOpsPerSec) => ({ bandwidthMibPerSec: 1040, actualOpsPerSec }));
const tenth = 104_857.6;

describe('calibration', () => {
  test('of the headline points gives 0.03343 / 0.10563 / 0.12760', () => {
    const { utilization } = calibrateUtilization([publishedHeadlines]);
    expect(phases.map((phase) => utilization[phase]?.toFixed(5))).toEqual(['0.03343', '0.10563', '0.12760']);
  });

  test('of the published samples gives 0.03346 / 0.10565 / 0.12760, which are the parameters fitted', () => {
    const { utilization } = calibrateUtilization([publishedSamples]);
    expect(phases.map((phase) => utilization[phase]?.toFixed(5))).toEqual(['0.03346', '0.10565', '0.12760']);
    expect(parameterSets.fitted.utilization).toEqual(utilization);
  });

  test('leaves out phases without samples', () => {
    expect(calibrateUtilization([{ name: 'a', samples: { middle: at(tenth), final: [] } }]).utilization).toEqual({ middle: 0.1 });
    expect(searchUtilization([])).toMatchObject({ utilization: {}, converged: true });
  });

  test('pools the samples of several datasets by phase', () => {
    const { utilization } = calibrateUtilization([
      { name: 'a', samples: { final: at(tenth, tenth, tenth) } },
      { name: 'b', samples: { final: at(5 * tenth) } },
    ]);
    expect(utilization.final).toBeCloseTo(0.2, 15);
  });

  test('holds a factor at 1 where more was seen than the bandwidth allows, in both ways', () => {
    const datasets: Dataset[] = [{ name: 'a', samples: { initial: at(2 * 1_048_576), middle: at(tenth) } }];
    expect(calibrateUtilization(datasets)).toEqual({ utilization: { initial: 1, middle: 0.1 }, errorFraction: 0.5, atLimit: ['initial'] });
    const searched = searchUtilization(datasets);
    expect(searched.utilization.initial).toBe(1);
    expect(searched.utilization.middle).toBeCloseTo(0.1, 9);
    expect(searched.atLimit).toEqual(['initial']);
  });

  test('by search agrees with the exact solution on the published samples', () => {
    const exact = calibrateUtilization([publishedSamples]);
    const searched = searchUtilization([publishedSamples]);
    expect(searched.converged).toBe(true);
    expect(exact.errorFraction).toBeLessThan(1e-14);
    expect(searched.errorFraction).toBeLessThan(1e-10);
    for (const phase of phases)
      expect(Math.abs((searched.utilization[phase] ?? 0) / (exact.utilization[phase] ?? 1) - 1)).toBeLessThan(1e-10);
  });

  test('by search agrees with the exact solution on any samples', () => {
    const samples = fc.array(
      fc.record({
        bandwidthMibPerSec: fc.double({ min: 10, max: 20_000, noNaN: true }),
        actualOpsPerSec: fc.double({ min: 1000, max: 2_000_000, noNaN: true }),
      }),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(samples, samples, samples, (initial, middle, final) => {
        const datasets = [{ name: 'any', samples: { initial, middle, final } }];
        const exact = calibrateUtilization(datasets);
        const searched = searchUtilization(datasets);
        expect(searched.errorFraction - exact.errorFraction).toBeGreaterThan(-1e-12);
        expect(searched.errorFraction - exact.errorFraction).toBeLessThan(1e-6);
        for (const phase of phases) expect(searched.utilization[phase]).toBeCloseTo(exact.utilization[phase] ?? NaN, 6);
      }),
      { seed: 42, numRuns: 40 },
    );
  });
});

describe('cross-validation', () => {
  test('summarises as the document does: population standard deviation, least, largest, count', () => {
    expect(summarizeAccuracies([90, 100])).toEqual({
      mean_accuracy: 95,
      std_accuracy: 5,
      min_accuracy: 90,
      max_accuracy: 100,
      sample_count: 2,
    });
  });

  test('scores a model on each dataset by phase', () => {
    const predictor = predictorOf('v4', { final: 0.1 });
    const datasets: Dataset[] = [
      { name: 'a', samples: { final: at(tenth, 2 * tenth), initial: at(tenth) } },
      { name: 'b', samples: {} },
    ];
    const { a, b } = crossValidateModel(predictor, datasets);
    expect(a).toEqual({ final: { mean_accuracy: 75, std_accuracy: 25, min_accuracy: 50, max_accuracy: 100, sample_count: 2 } });
    expect(b).toEqual({});
  });

  test('k-fold predicts each sample from the other folds', () => {
    // Two folds: {1, 3} and {2, 4} tenths. The first is predicted as the mean of 2 and 4, the second as that of 1 and 3.
    const score = kFold([{ name: 'a', samples: { final: at(tenth, 2 * tenth, 3 * tenth, 4 * tenth) } }], { folds: 2 });
    const final = score?.phases.final;
    expect(final?.sample_count).toBe(4);
    // 3 for 1: -100 %; 2 for 2: 100 %; 3 for 3: 100 %; 2 for 4: 50 %.
    expect(final?.min_accuracy).toBeCloseTo(-100, 9);
    expect(final?.max_accuracy).toBeCloseTo(100, 9);
    expect(final?.mean_accuracy).toBeCloseTo(37.5, 9);
    expect(score?.overall).toEqual(final);
  });

  test('a phase with one sample has nothing to learn from', () => {
    expect(kFold([{ name: 'a', samples: { final: at(tenth) } }])).toBeNull();
    const score = kFold([{ name: 'a', samples: { final: at(tenth), middle: at(tenth, tenth) } }]);
    expect(Object.keys(score?.phases ?? {})).toEqual(['middle']);
  });

  test('k-fold of the published samples gives all 15 a score', () => {
    const score = kFold([publishedSamples]);
    expect(score?.overall.sample_count).toBe(15);
    expect(phases.map((phase) => score?.phases[phase]?.mean_accuracy.toFixed(2))).toEqual(['98.04', '99.69', '99.97']);
  });

  test('leave-one-dataset-out predicts each dataset from the others', () => {
    const datasets: Dataset[] = [
      { name: 'a', samples: { final: at(tenth), middle: at(tenth) } },
      { name: 'b', samples: { final: at(2 * tenth) } },
    ];
    const scores = leaveOneDatasetOut(datasets);
    expect(scores?.['a']?.final?.mean_accuracy).toBeCloseTo(0, 9);
    expect(scores?.['b']?.final?.mean_accuracy).toBeCloseTo(50, 9);
    // Nobody else saw a middle phase.
    expect(scores?.['a']?.middle).toBeUndefined();
    expect(leaveOneDatasetOut(datasets.slice(1))).toBeNull();
  });

  test('V4.1 is V4 times its temporal factor', () => {
    expect(predictorOf('v4.1-class', { middle: 0.1 })(1040, 'middle')).toBeCloseTo(tenth * 1.155, 6);
    expect(predictorOf('v4', { middle: 0.1 }, 520)(1040, 'middle')).toBeCloseTo(theoreticalMaxOpsPerSec(1040, 520) * 0.1, 6);
    expect(predictorOf('v4', {})(1040, 'middle')).toBeNull();
  });
});
