import { describe, expect, test } from 'vitest';
import type { PutRateContext } from '../../engine/putrate/context.js';
import { assessTemporalConfidence } from '../../engine/putrate/confidence.js';
import { chooseModel } from '../../engine/putrate/choose.js';
import { temporalEvolution, transitionProgress, undefinedEvolutionModels, volatilityEvolution } from '../../engine/putrate/evolution.js';
import { parameterSets } from '../../engine/putrate/parameters.js';
import { publishedExperiment } from '../../engine/putrate/published.js';
import { temporalFactor, temporalVariants, transitionFactor } from '../../engine/putrate/temporal.js';
import { predictV4 } from '../../engine/putrate/v4.js';
import { predictV41 } from '../../engine/putrate/v41.js';

const { published } = parameterSets;

describe('the temporal factor', () => {
  test.each(temporalVariants)('of %s without context: 0.85, 1.155 (x 1.02 in the complete algorithm), 0.89775', (variant) => {
    expect(temporalFactor(variant, 'initial')).toBeCloseTo(0.85, 12);
    expect(temporalFactor(variant, 'middle')).toBeCloseTo(variant === 'complete' ? 1.1781 : 1.155, 12);
    expect(temporalFactor(variant, 'final')).toBeCloseTo(0.89775, 12);
  });

  test.each([
    ['class', 'initial', { dbSizeGib: 0.9 }, 0.85 * 0.95],
    ['class', 'initial', { dbSizeGib: 1 }, 0.85],
    ['class', 'middle', { writeAmplification: 2 }, 1.155],
    ['class', 'middle', { writeAmplification: 2.1 }, 1.155 * 1.02],
    ['class', 'final', { writeAmplification: 4 }, 0.89775],
    ['class', 'final', { writeAmplification: 4.1 }, 0.89775 * 0.98],
    ['complete', 'initial', { dbSizeGib: 0 }, 0.85 * 0.95],
    ['complete', 'middle', { writeAmplification: 1.5 }, 1.155],
    ['complete', 'final', { writeAmplification: 4.1, readAmplification: 0.4 }, 0.89775],
    ['complete', 'final', { writeAmplification: 4.1 }, 0.89775 * 0.98],
    ['complete', 'final', { readAmplification: 1.1 }, 0.89775 * 0.98],
    ['enhancement', 'initial', { variationFraction: 0.6 }, 0.85],
    ['enhancement', 'initial', { variationFraction: 0.61 }, 0.85 * 0.95],
    ['enhancement', 'middle', { degradationFraction: 0.839 }, 1.155 * 0.99],
    ['enhancement', 'middle', { degradationFraction: 0 }, 1.155 * 1.0739],
    ['enhancement', 'final', { writeAmplification: 4.1 }, 0.89775],
    ['enhancement', 'final', { writeAmplification: 4.3 }, 0.89775 * 0.98],
  ] as const)('%s, %s with %o is %d', (variant, phase, context, factor) => {
    expect(temporalFactor(variant, phase, context)).toBeCloseTo(factor, 12);
  });
});

describe('the transition windows', () => {
  test.each([
    [undefined, 1],
    [0, 1],
    [24.9, 1],
    // 0.05 / (1 + e^5) at the ends of the first, half of it in its middle.
    [25, 1 + 0.05 * 0.006692850924],
    [30, 1.025],
    [35, 1 + 0.05 * 0.993307149076],
    [35.1, 1],
    [85, 1],
    [90, 1.015],
    [95, 1.03],
    [95.1, 1],
  ])('at %s minutes the factor is %d', (minutes, factor) => {
    expect(transitionFactor(minutes)).toBeCloseTo(factor, 12);
  });
});

describe('V4.1', () => {
  test.each([
    ['initial', '48.3'],
    ['middle', '51.4'],
    ['final', '32.4'],
  ] as const)('with the published factors on the published %s point reaches %s %%', (phase, percent) => {
    const { packaged } = predictV41(publishedExperiment[phase].headline.bandwidthMibPerSec, { parameters: published, phase });
    expect(packaged.expected_accuracy?.toFixed(1)).toBe(percent);
  });

  test('what the context or a change of phase near by multiplied by was not scored', () => {
    const at = (context: PutRateContext) => predictV41(1074.8, { variant: 'enhancement', phase: 'middle', context }).packaged;
    expect(at({}).expected_accuracy).toBeGreaterThan(80);
    expect(at({ degradationFraction: 0.739 }).expected_accuracy).toBe(at({}).expected_accuracy);
    for (const context of [{ degradationFraction: 0.9 }, { runtimeMinutes: 30 }])
      expect(at(context)).toMatchObject({
        expected_accuracy: null,
        confidence: 'low',
        temporal_enhancements: { temporal_factors_applied: { calibration_accuracy: null } },
      });
  });

  test('is V4 times the temporal factor times the transition, under the keys of the class', () => {
    const options = { parameters: published, context: { runtimeMinutes: 90, writeAmplification: 3.5 } };
    const { packaged, temporalContext, enhancement } = predictV41(852.5, options);
    const base = predictV4(852.5, options).packaged.predicted_s_max;
    expect(packaged.base_v4_prediction).toBe(base);
    expect(packaged.temporal_adjustment_factor).toBeCloseTo(0.89775 * 1.015, 12);
    expect(packaged.predicted_s_max).toBe(base * packaged.temporal_adjustment_factor);
    expect(Object.keys(packaged)).toEqual([
      'predicted_s_max',
      'base_v4_prediction',
      'temporal_adjustment_factor',
      'device_bandwidth_mbps',
      'phase',
      'confidence',
      'model_version',
      'temporal_enhancements',
      'expected_accuracy',
    ]);
    expect(packaged.temporal_enhancements).toEqual({
      base_v4_maintained: true,
      temporal_factors_applied: {
        stability_bonus: 1.05,
        complexity_penalty: 0.95,
        amplification_awareness: 0.9,
        dominant_effects: ['system_stability', 'amplification_effects'],
        calibration_accuracy: packaged.expected_accuracy,
      },
      transition_modeling: true,
    });
    expect(temporalContext).toEqual({
      phase: 'final',
      runtime_minutes: 90,
      has_runtime_info: true,
      db_size_gb: null,
      write_amplification: 3.5,
      read_amplification: null,
      system_volatility: null,
      stability_high: true,
      complexity_maximum: true,
      amplification_high: true,
    });
    expect(enhancement).toBeNull();
  });

  test('of the enhancement algorithm adds its own keys', () => {
    const { packaged, enhancement } = predictV41(1074.8, { variant: 'enhancement', context: { runtimeMinutes: 30 } });
    expect(Object.keys(enhancement ?? {})).toEqual([
      'enhanced_s_max',
      'base_v4_s_max',
      'temporal_enhancement_factor',
      'temporal_factor',
      'transition_factor',
      'enhanced_confidence',
      'temporal_insights',
    ]);
    expect(enhancement).toMatchObject({ enhanced_s_max: packaged.predicted_s_max, transition_factor: 1.025 });
    expect((enhancement?.temporal_factor ?? 0) * 1.025).toBe(enhancement?.temporal_enhancement_factor);
  });

  test('minute 0 counts as a time', () => {
    expect(predictV41(4000, { context: { runtimeMinutes: 0 } }).packaged.temporal_enhancements.transition_modeling).toBe(true);
    expect(predictV41(4000).packaged.temporal_enhancements.transition_modeling).toBe(false);
  });

  test("states the document's accuracies when asked for", () => {
    const { packaged } = predictV41(852.5, { phase: 'final', accuracyTable: 'published' });
    expect(packaged.expected_accuracy).toBe(70.5);
    expect(packaged.temporal_enhancements.temporal_factors_applied).toMatchObject({ calibration_accuracy: 70.5 });
  });

  test.each([
    ['medium', 1, 96.9, 'high'],
    ['very_high', 1, 96.9, 'very_high'],
    ['medium', 1, 70.5, 'medium'],
    ['medium', 1, 59.9, 'low'],
    ['low', 1, 59.9, 'low'],
    ['high', 1.155, 96.9, 'high'],
    ['high', 0.85, 70, 'medium'],
    ['high', 0.89775, 70, 'high'],
  ] as const)('confidence %s with a factor of %d and %d %% becomes %s', (base, factor, percent, expected) => {
    expect(assessTemporalConfidence(base, factor, percent)).toBe(expected);
  });
});

describe('evolution', () => {
  test('volatility falls by e^(-0.05 t) and stops at 0.4', () => {
    expect(volatilityEvolution(0)).toEqual({ current_cv: 0.538, cv_reduction: 0, stabilization_progress: 0 });
    expect(volatilityEvolution(2).current_cv).toBeCloseTo(0.538 * 0.904837418, 9);
    expect(volatilityEvolution(6)).toMatchObject({ current_cv: 0.4 });
    expect(volatilityEvolution(1000).stabilization_progress).toBeCloseTo(0.138 / 0.538, 12);
  });

  test.each([
    [0, 0, 'early', 1],
    [45, 0.25, 'early', 1.0707106781],
    [60, 0.5, 'middle', 1.1],
    [80, 50 / 60, 'late', 1.05],
    [120, 1, 'late', 1],
  ])('the transition at %d minutes has come %d of the way (%s)', (minutes, progress, phase, factor) => {
    const state = transitionProgress(minutes);
    expect(state.transition_progress).toBeCloseTo(progress, 12);
    expect(state.transition_phase).toBe(phase);
    expect(state.optimization_factor).toBeCloseTo(factor, 9);
  });

  test('is packaged under t_<minutes>_<phase>; the seven models without a body are null', () => {
    const evolution = temporalEvolution([
      { phase: 'initial', timeMinutes: 10 },
      { phase: 'middle', timeMinutes: 60 },
      { phase: 'final', timeMinutes: 100 },
    ]);
    expect(Object.keys(evolution)).toEqual(['t_10_initial', 't_60_middle', 't_100_final']);
    expect(evolution['t_10_initial']).toEqual({
      phase: 'initial',
      time_minutes: 10,
      sequence_position: 0,
      volatility_trend: volatilityEvolution(10),
      initialization_progress: null,
      performance_stabilization: null,
    });
    expect(evolution['t_60_middle']).toMatchObject({ transition_progress: transitionProgress(60), degradation_impact: null });
    expect(Object.keys(evolution['t_100_final'] ?? {}).slice(3)).toEqual(undefinedEvolutionModels.final);
    expect(Object.values(undefinedEvolutionModels).flat()).toHaveLength(7);
  });
});

describe('the model chooser', () => {
  test.each([
    [{}, 'v4'],
    [{ middle_phase_critical: true }, 'v4_1'],
    [{ temporal_analysis_needed: true, simplicity_preferred: true }, 'v4_1'],
    [{ simplicity_preferred: false }, 'v4'],
    [{ simplicity_preferred: false, overall_accuracy_priority: false }, 'v4'],
  ] as const)('for %o takes %s', (requirements, model) => {
    expect(chooseModel(requirements).model).toBe(model);
  });
});
