import { describe, expect, test } from 'vitest';
import { constraintHierarchy } from '../../engine/putrate/constraints.js';
import { predictV5 } from '../../engine/putrate/v5.js';

/** 1040 MiB/s of 1040-byte records: 1,048,576 a second. */
const bandwidth = 1040;
const context = { writeAmplification: 3, readAmplification: 1, variationFraction: 0.25, degradationFraction: 0.5 };

describe('the constraint hierarchy', () => {
  test('goes from capacity to what is available, amplified and steady', () => {
    const inputs = {
      capacityMibPerSec: 2080,
      availableMibPerSec: 1040,
      writeAmplification: 3,
      readAmplification: 1,
      variationFraction: 0.25,
    };
    expect(constraintHierarchy(inputs)).toEqual({
      S_max_physical: 2_097_152,
      S_max_software: 1_048_576,
      S_max_amplification: 262_144,
      S_max_stability: 196_608,
    });
  });
});

describe('V5 original', () => {
  test('is the mean of device, amplification and volatility constraint', () => {
    const { packaged, assumptions, warnings } = predictV5('v5', bandwidth, { context, phase: 'final' });
    // 524,288 + 262,144 + 196,608, by three.
    expect(packaged.predicted_s_max).toBeCloseTo(327_680, 6);
    expect(packaged).toMatchObject({ model_version: 'v5_original', recommended: false, confidence: 'low' });
    expect(packaged.calculation_breakdown).toMatchObject({
      device_constraint: 524_288,
      amplification_constraint: 262_144,
      volatility_constraint: 196_608,
    });
    expect(assumptions).toEqual([]);
    expect(warnings.join()).toContain('for comparison only');
  });

  test('takes weights, which no weighting brings outside its constraints', () => {
    const weights = { device: 1, amplification: 0, volatility: 3 };
    expect(predictV5('v5', bandwidth, { context, weights }).packaged.predicted_s_max).toBeCloseTo((524_288 + 3 * 196_608) / 4, 6);
  });

  test('refuses weights that cannot weigh and a variation above 1', () => {
    const run = () =>
      predictV5('v5', bandwidth, { context: { variationFraction: 1.5 }, weights: { device: 0, amplification: 0, volatility: 0 } });
    expect(run).toThrow('variationFraction: wrong value: found 1.5 (expected at most 1 for the V5 family, which multiplies by 1 - CV)');
    expect(run).toThrow('weights: wrong value: found 0, 0, 0 (expected finite weights from 0, not all 0)');
  });
});

describe('V5 independence-optimised', () => {
  test('multiplies 1/WA, 1/(1 + RA) and 1 - CV', () => {
    const { packaged } = predictV5('v5-independent', bandwidth, { context, phase: 'final' });
    expect(packaged.predicted_s_max).toBeCloseTo((1_048_576 / 3 / 2) * 0.75, 6);
    expect(packaged.model_version).toBe('v5_independence_optimized');
  });

  test("what is not given comes from the document's experiment, and is said", () => {
    const { packaged, assumptions } = predictV5('v5-independent', bandwidth, { phase: 'middle', context: { writeAmplification: 2.5 } });
    expect(packaged.predicted_s_max).toBeCloseTo((1_048_576 / 2.5 / 1.8) * 0.716, 6);
    expect(assumptions.map(({ what, value }) => [what, value])).toEqual([
      ['variationFraction', 0.284],
      ['readAmplification', 0.8],
    ]);
  });
});
