import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PutmodelError } from '../../engine/kernel/errors.js';
import type { PutRateContext } from '../../engine/putrate/context.js';
import { assessConfidence } from '../../engine/putrate/confidence.js';
import { theoreticalMaxOpsPerSec } from '../../engine/putrate/formula.js';
import { interpretBandwidth } from '../../engine/putrate/interpret.js';
import { parametersFrom, parameterSets } from '../../engine/putrate/parameters.js';
import { phases } from '../../engine/putrate/phase.js';
import { publishedExperiment } from '../../engine/putrate/published.js';
import { selectUtilization } from '../../engine/putrate/utilization.js';
import { predictV4 } from '../../engine/putrate/v4.js';

const { published } = parameterSets;

describe('V4', () => {
  test('is bandwidth x 1024^2 / record size x utilisation', () => {
    // 1040 MiB/s of 1040-byte records are 1024^2 a second; 4.7 % of them 49,283.072.
    const { packaged } = predictV4(1040, { parameters: published, phase: 'middle' });
    expect(packaged.calculation_breakdown.theoretical_max_ops).toBe(1_048_576);
    expect(packaged.predicted_s_max).toBeCloseTo(49_283.072, 6);
    expect(predictV4(1040, { parameters: published, phase: 'middle', recordSizeBytes: 520 }).packaged.predicted_s_max).toBeCloseTo(
      98_566.144,
      6,
    );
  });

  test('the theoretical maxima of the published points are the formula, not the printed ones', () => {
    expect(phases.map((phase) => Math.round(theoreticalMaxOpsPerSec(publishedExperiment[phase].headline.bandwidthMibPerSec)))).toEqual([
      4_150_546, 1_083_663, 859_530,
    ]);
  });

  test('packages the keys of the document, verbatim and in its order', () => {
    const { packaged } = predictV4(1074.8, { parameters: published });
    expect(Object.keys(packaged)).toEqual([
      'predicted_s_max',
      'device_bandwidth_mbps',
      'phase',
      'utilization_factor',
      'confidence',
      'model_version',
      'dual_structure_integration',
      'calculation_breakdown',
      'expected_accuracy',
      'key_insight',
    ]);
    expect(Object.keys(packaged.calculation_breakdown)).toEqual(['theoretical_max_ops', 'utilization_applied', 'final_prediction']);
    expect(packaged).toMatchObject({ model_version: '4.0', dual_structure_integration: true, phase: 'middle', utilization_factor: 0.047 });
  });

  test.each([
    ['initial', 56.8, 'low'],
    ['middle', 44.5, 'low'],
    ['final', 36.0, 'low'],
  ] as const)('published factors on the published %s point: %d %%, confidence %s', (phase, percent, confidence) => {
    const { packaged } = predictV4(publishedExperiment[phase].headline.bandwidthMibPerSec, { parameters: published, phase });
    expect(packaged.expected_accuracy?.toFixed(1)).toBe(percent.toFixed(1));
    expect(packaged.confidence).toBe(confidence);
  });

  test("the document's claims are stated only when they are asked for", () => {
    const claimed = predictV4(1074.8, { parameters: published, accuracyTable: 'published' });
    expect(claimed.packaged).toMatchObject({ expected_accuracy: 96.9, confidence: 'very_high' });
    expect(claimed.accuracyBasis).toContain('claim');
  });

  test('a factor that the context changed was not scored, one that it left was', () => {
    const select = (context: PutRateContext) => predictV4(1300, { phase: 'middle', utilizationMode: 'select', context });
    const changed = select({ writeAmplification: 2.5 });
    expect(changed.packaged).toMatchObject({ expected_accuracy: null, confidence: 'low' });
    expect(changed.accuracyBasis).toBe('not scored: the factor is adjusted to the context');
    expect(select({ writeAmplification: 5 }).packaged.expected_accuracy).toBe(
      predictV4(1300, { phase: 'middle' }).packaged.expected_accuracy,
    );
  });

  test('fitted is the default and comes within 2 % of the published points', () => {
    for (const phase of phases) {
      const { bandwidthMibPerSec, qpsOpsPerSec } = publishedExperiment[phase].headline;
      const { packaged, warnings } = predictV4(bandwidthMibPerSec, { phase });
      expect(Math.abs(packaged.predicted_s_max / qpsOpsPerSec - 1)).toBeLessThan(0.02);
      expect(warnings).toEqual([]);
    }
  });

  test('scales with bandwidth and against record size', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 5000, noNaN: true }),
        fc.integer({ min: 1, max: 100_000 }),
        fc.constantFrom(...phases),
        (bandwidth, recordSizeBytes, phase) => {
          const one = predictV4(bandwidth, { phase, recordSizeBytes }).packaged.predicted_s_max;
          const double = predictV4(2 * bandwidth, { phase, recordSizeBytes: 2 * recordSizeBytes }).packaged.predicted_s_max;
          expect(double).toBeCloseTo(one, 9 - Math.ceil(Math.log10(one + 1)));
        },
      ),
      { seed: 42 },
    );
  });
});

describe('what V4 warns of and refuses', () => {
  test('above 5,000 MiB/s: a warning; above 100,000: an error', () => {
    expect(predictV4(5000, { phase: 'initial' }).warnings.join()).not.toContain('high bandwidth');
    expect(predictV4(5001, { phase: 'initial' }).warnings[0]).toContain('high bandwidth (5001 MiB/s)');
    expect(predictV4(100_000).packaged.predicted_s_max).toBeGreaterThan(0);
    expect(() => predictV4(100_001)).toThrow('bandwidthMibPerSec: wrong value: found 100001 (expected MiB/s above 0, at most 100000)');
  });

  test('every number out of its range is an issue of its own', () => {
    const run = () => predictV4(NaN, { recordSizeBytes: 0, context: { runtimeMinutes: -1, writeAmplification: 0, lsmLevelDepth: 1.5 } });
    expect(run).toThrow(PutmodelError);
    try {
      run();
    } catch (error) {
      const issues = error instanceof PutmodelError ? error.issues : [];
      expect(issues.map(({ code, path }) => [code, path])).toEqual([
        ['INPUT_INVALID', 'bandwidthMibPerSec'],
        ['INPUT_INVALID', 'recordSizeBytes'],
        ['INPUT_INVALID', 'runtimeMinutes'],
        ['INPUT_INVALID', 'writeAmplification'],
        ['INPUT_INVALID', 'lsmLevelDepth'],
      ]);
    }
  });

  test('a bandwidth more than a tenth outside the samples, and other records than the calibrated ones, are said', () => {
    expect(predictV4(900, { phase: 'middle' }).warnings).toEqual([
      'NOT validated: 900 MiB/s in the middle phase (fitted: samples from 1073.4 to 1076.2 MiB/s)',
    ]);
    expect(predictV4(1074.8, { recordSizeBytes: 116 }).warnings).toEqual([
      'the factors fitted were calibrated with records of 1040 bytes, not 116',
    ]);
  });

  test('a phase that the parameters lack', () => {
    const scores = { v4: null, 'v4.1-class': null, 'v4.1-complete': null, 'v4.1-enhancement': null };
    const own = parametersFrom({ name: 'own', utilization: { final: 0.1 }, recordSizeBytes: 1040, sampledMibPerSec: {}, scores });
    expect(() => predictV4(1000, { parameters: own, phase: 'middle' })).toThrow(
      'the parameters own have no factor for this phase: found middle (expected one of final)',
    );
    expect(predictV4(1000, { parameters: own, phase: 'final' }).packaged).toMatchObject({ expected_accuracy: null, confidence: 'low' });
  });
});

describe('confidence', () => {
  test.each([
    [1000, 96.9, 'very_high'],
    [1000, 86.6, 'high'],
    [1000, 68.5, 'medium'],
    [1000, 60, 'low'],
    [1000, 90, 'high'],
    [500, 96.9, 'very_high'],
    [499, 96.9, 'medium'],
    [499, 86.6, 'medium'],
    [499, 68.5, 'low'],
    [99, 96.9, 'low'],
    [1000, null, 'low'],
  ] as const)('%d MiB/s at %s %% is %s', (bandwidth, percent, expected) => {
    expect(assessConfidence(bandwidth, percent)).toBe(expected);
  });
});

describe('context-dependent utilisation', () => {
  test.each([
    ['initial', 4116.6, {}, 1.05],
    ['initial', 4000, {}, 1],
    ['initial', 4116.6, { variationFraction: 0.61 }, 1.05 * 0.95],
    ['middle', 1074.8, {}, 1.02 * 1.01],
    ['middle', 1200, { writeAmplification: 3 }, 1],
    ['middle', 801, { writeAmplification: 2 }, 1.02],
    ['final', 852.5, {}, 1.02 * 0.98],
    ['final', 852.5, { variationFraction: 0.05, lsmLevelDepth: 6 }, 1],
  ] as const)('%s at %d MiB/s with %o multiplies by %d', (phase, bandwidth, context, factor) => {
    expect(selectUtilization(phase, 0.1, bandwidth, context)).toBeCloseTo(0.1 * factor, 15);
  });

  test('is off unless asked for', () => {
    const bandwidth = 1074.8;
    expect(predictV4(bandwidth, { parameters: published }).packaged.utilization_factor).toBe(0.047);
    const selected = predictV4(bandwidth, { parameters: published, utilizationMode: 'select' }).packaged;
    expect(selected.utilization_factor).toBeCloseTo(0.047 * 1.0302, 15);
    expect(selected.predicted_s_max).toBe(selected.calculation_breakdown.theoretical_max_ops * selected.utilization_factor);
  });
});

describe('bandwidth interpretation', () => {
  test('of a direct measurement, under the keys of the document', () => {
    expect(interpretBandwidth(4116.6, 'fio_direct')).toEqual({
      raw_measurement: 4116.6,
      measurement_type: 'available_bandwidth_for_user_operations',
      physical_capacity_component: 4116.6,
      software_competition_component: 'minimal',
      interpretation: 'near_theoretical_capacity',
      dual_structure_integration: { phase_a_captured: false, phase_b_captured: false, integration_level: 'partial' },
    });
  });

  test('of a measurement inside RocksDB, and of an unknown one', () => {
    expect(interpretBandwidth(1199, 'rocksdb_internal')).toMatchObject({
      physical_capacity_component: 'degraded',
      software_competition_component: 'significant',
      interpretation: 'available_after_competition',
      dual_structure_integration: { phase_a_captured: true, phase_b_captured: true, integration_level: 'automatic' },
    });
    expect(interpretBandwidth(1200)).toMatchObject({
      physical_capacity_component: 'unknown',
      interpretation: 'integrated_available_bandwidth',
      dual_structure_integration: { phase_a_captured: true, phase_b_captured: false, integration_level: 'partial' },
    });
  });
});
