/**
 * V4.1: a V4 prediction times a factor for the phase, adjusted to the context, times one for a change of phase near by.
 * Source: put-rate-models.md, "Complete V4.1 Algorithm" (`class`, the default), "V4.1 Complete Algorithm Specification" (`complete`) and "V4.1 Temporal
 * Enhancement Algorithm" (`enhancement`).
 */
import { assessTemporalConfidence, type Confidence } from './confidence.js';
import type { PutRateContext } from './context.js';
import { expectedAccuracy, parameterSets } from './parameters.js';
import type { Phase } from './phase.js';
import { temporalFactor, temporalFactors, transitionFactor, type TemporalVariant } from './temporal.js';
import { predictV4, type Prediction, type V4Options } from './v4.js';

/** What a V4.1 prediction may be told. `context.runtimeMinutes` brings in the transition windows. */
export interface V41Options extends V4Options {
  readonly variant?: TemporalVariant | undefined;
}

/** What the class returns, keys verbatim; the complete algorithm's packaging has no body and is taken to be the same. */
export interface V41Result {
  readonly predicted_s_max: number;
  readonly base_v4_prediction: number;
  readonly temporal_adjustment_factor: number;
  readonly device_bandwidth_mbps: number;
  readonly phase: Phase;
  readonly confidence: Confidence;
  readonly model_version: 'v4.1_temporal';
  readonly temporal_enhancements: {
    readonly base_v4_maintained: true;
    /** The phase's row of the document's `temporal_factors`. */
    readonly temporal_factors_applied: Readonly<Record<string, number | null | readonly string[]>>;
    readonly transition_modeling: boolean;
  };
  /** Percent; null where the model was not scored so: as for V4. */
  readonly expected_accuracy: number | null;
}

/** What the enhancement algorithm returns, keys verbatim. */
export interface V41EnhancementResult {
  readonly enhanced_s_max: number;
  readonly base_v4_s_max: number;
  readonly temporal_enhancement_factor: number;
  readonly temporal_factor: number;
  readonly transition_factor: number;
  readonly enhanced_confidence: Confidence;
  /** `get_temporal_insights` has no body in the document; the analysed context stands in for it. */
  readonly temporal_insights: TemporalContext;
}

/** `_analyze_temporal_context`, keys verbatim; null for what is not known. */
export type TemporalContext = Readonly<Record<string, string | number | boolean | null>>;

/** A V4.1 prediction; the enhancement's own package beside the common one where that variant was asked for. */
export interface V41Prediction extends Prediction<V41Result> {
  readonly temporalContext: TemporalContext;
  readonly enhancement: V41EnhancementResult | null;
}

/**
 * The V4.1 prediction. With the published factors and no context the class gives 48.3 / 51.4 / 32.4 % on the published points.
 * @throws as `predictV4`.
 */
export function predictV41(bandwidthMibPerSec: number, options: V41Options = {}): V41Prediction {
  const { variant = 'class', context = {}, parameters = parameterSets.fitted, accuracyTable = 'reproduced' } = options;
  const base = predictV4(bandwidthMibPerSec, options);
  const { phase, predicted_s_max: basePrediction } = base.packaged;
  const temporal = temporalFactor(variant, phase, context);
  const transition = transitionFactor(context.runtimeMinutes);
  const adjustment = temporal * transition;
  const accuracy = expectedAccuracy(parameters, {
    model: `v4.1-${variant}`,
    phase,
    table: accuracyTable,
    adjusted: base.packaged.utilization_factor !== parameters.utilization[phase] || adjustment !== temporalFactor(variant, phase),
  });
  const confidence = assessTemporalConfidence(base.packaged.confidence, adjustment, accuracy.percent);
  const temporalContext = analyzeTemporalContext(phase, context);
  const packaged: V41Result = {
    predicted_s_max: basePrediction * adjustment,
    base_v4_prediction: basePrediction,
    temporal_adjustment_factor: adjustment,
    device_bandwidth_mbps: bandwidthMibPerSec,
    phase,
    confidence,
    model_version: 'v4.1_temporal',
    temporal_enhancements: {
      base_v4_maintained: true,
      temporal_factors_applied: { ...temporalFactors[phase], ...phaseNotes[phase], calibration_accuracy: accuracy.percent },
      transition_modeling: context.runtimeMinutes !== undefined,
    },
    expected_accuracy: accuracy.percent,
  };
  const enhancement: V41EnhancementResult = {
    enhanced_s_max: packaged.predicted_s_max,
    base_v4_s_max: basePrediction,
    temporal_enhancement_factor: adjustment,
    temporal_factor: temporal,
    transition_factor: transition,
    enhanced_confidence: confidence,
    temporal_insights: temporalContext,
  };
  return {
    packaged,
    accuracyBasis: accuracy.basis,
    warnings: base.warnings,
    temporalContext,
    enhancement: variant === 'enhancement' ? enhancement : null,
  };
}

/** The rest of the class's `temporal_factors`: no factors, but carried in its result. */
const phaseNotes: Readonly<Record<Phase, Readonly<Record<string, number | readonly string[]>>>> = {
  initial: { dominant_effects: ['system_volatility', 'measurement_noise'] },
  middle: { degradation_awareness: 0.739, dominant_effects: ['transition_dynamics', 'compaction_predictability'] },
  final: { dominant_effects: ['system_stability', 'amplification_effects'] },
};

/** What the document says of each phase. */
const phaseTraits: Readonly<Record<Phase, readonly string[]>> = {
  initial: ['volatility_expected', 'degradation_minimal'],
  middle: ['transition_active', 'degradation_significant', 'compaction_predictable'],
  final: ['stability_high', 'complexity_maximum', 'amplification_high'],
};

/** `_analyze_temporal_context`: the context under the document's keys, and the traits of the phase. */
export function analyzeTemporalContext(phase: Phase, context: PutRateContext = {}): TemporalContext {
  return {
    phase,
    runtime_minutes: context.runtimeMinutes ?? null,
    has_runtime_info: context.runtimeMinutes !== undefined,
    db_size_gb: context.dbSizeGib ?? null,
    write_amplification: context.writeAmplification ?? null,
    read_amplification: context.readAmplification ?? null,
    system_volatility: context.variationFraction ?? null,
    ...Object.fromEntries(phaseTraits[phase].map((trait) => [trait, true])),
  };
}
