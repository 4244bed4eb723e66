/**
 * The V5 family, kept for comparison and not recommended: it charges degradation and amplification to a bandwidth that already contains them,
 * and it has no utilisation factor, so on the published points it predicts up to 20 times too much (initial phase). The document sketches the
 * constraint models and gives no weights; formulas are those of decision 6. Its figure for the collapse of the ensemble, 11,078 as the weighted average of 15,000, 85,000 and 120,000,
 * lies below all three and cannot be reproduced by any weights.
 *
 * Source: put-rate-models.md, "V5 Model Family".
 */
import { PutmodelError } from '../kernel/errors.js';
import { constraintHierarchy } from './constraints.js';
import { checkInputs, type PutRateContext } from './context.js';
import { accuracyPercent, defaultRecordSizeBytes, theoreticalMaxOpsPerSec } from './formula.js';
import { detectPhase, type Phase, type PhaseDetector } from './phase.js';
import { publishedExperiment } from './published.js';
import type { Prediction } from './v4.js';

/** The two members of the family. */
export const v5Models = ['v5', 'v5-independent'] as const;

export type V5Model = (typeof v5Models)[number];

/** The weight of each constraint model in the ensemble; from 0, not all 0. */
export interface EnsembleWeights {
  readonly device: number;
  readonly amplification: number;
  readonly volatility: number;
}

/** What a V5 prediction may be told. */
export interface V5Options {
  readonly phase?: Phase | undefined;
  /** Default `runtime-first`. */
  readonly detector?: PhaseDetector | undefined;
  /** What is missing is taken from the document's experiment in the same phase, and said so. */
  readonly context?: PutRateContext | undefined;
  /** Default 1040. */
  readonly recordSizeBytes?: number | undefined;
  /** Of the ensemble; default equal. */
  readonly weights?: EnsembleWeights | undefined;
}

/** The document packages nothing for V5; the keys that it shares with V4 are V4's. Rates are puts a second. */
export interface V5Result {
  readonly predicted_s_max: number;
  readonly device_bandwidth_mbps: number;
  readonly phase: Phase;
  readonly confidence: 'low';
  readonly model_version: 'v5_original' | 'v5_independence_optimized';
  readonly recommended: false;
  readonly calculation_breakdown: Readonly<Record<string, number>>;
  /** Percent on the document's point of the phase; below 0 where it predicts more than twice what was seen. */
  readonly expected_accuracy: number;
}

/** A value that nobody gave, and where it is from. */
export interface AssumedInput {
  readonly what: keyof PutRateContext;
  readonly value: number;
  readonly source: string;
}

/** A V5 prediction with what it assumed. */
export interface V5Prediction extends Prediction<V5Result> {
  readonly assumptions: readonly AssumedInput[];
}

/**
 * `v5`: the weighted mean of what device, amplification and volatility allow. `v5-independent`: everything multiplied,
 * bandwidth x 1/WA x 1/(1 + RA) x (1 - CV).
 * @throws PutmodelError INPUT_INVALID with every input out of its range.
 */
export function predictV5(model: V5Model, bandwidthMibPerSec: number, options: V5Options = {}): V5Prediction {
  const { context = {}, detector = 'runtime-first', recordSizeBytes = defaultRecordSizeBytes } = options;
  const warnings = checkInputs({ bandwidthMibPerSec, recordSizeBytes, context });
  checkOwnInputs(context, options.weights);
  const phase = options.phase ?? detectPhase(detector, bandwidthMibPerSec, context);
  const { facts, assumptions } = completeFacts(model, phase, context);
  const point = publishedExperiment[phase];
  const onPoint = evaluate(model, {
    facts: point,
    bandwidthMibPerSec: point.headline.bandwidthMibPerSec,
    recordSizeBytes: defaultRecordSizeBytes,
  });
  const { predictedOpsPerSec, breakdown } = evaluate(model, { facts, bandwidthMibPerSec, recordSizeBytes, weights: options.weights });
  return {
    packaged: {
      predicted_s_max: predictedOpsPerSec,
      device_bandwidth_mbps: bandwidthMibPerSec,
      phase,
      confidence: 'low',
      model_version: model === 'v5' ? 'v5_original' : 'v5_independence_optimized',
      recommended: false,
      calculation_breakdown: breakdown,
      expected_accuracy: accuracyPercent(onPoint.predictedOpsPerSec, point.headline.qpsOpsPerSec),
    },
    accuracyBasis: "this model on the document's point of the phase: one experiment on one drive",
    warnings: [...warnings, 'the V5 family is kept for comparison only: it counts degradation and amplification twice; prefer v4'],
    assumptions,
  };
}

/** What V5 is about. */
interface Facts {
  readonly variationFraction: number;
  readonly writeAmplification: number;
  readonly readAmplification: number;
  readonly degradationFraction: number;
}

interface Evaluation {
  readonly facts: Facts;
  readonly bandwidthMibPerSec: number;
  readonly recordSizeBytes: number;
  readonly weights?: EnsembleWeights | undefined;
}

interface Evaluated {
  readonly predictedOpsPerSec: number;
  readonly breakdown: Readonly<Record<string, number>>;
}

const equalWeights: EnsembleWeights = { device: 1, amplification: 1, volatility: 1 };

function evaluate(model: V5Model, evaluation: Evaluation): Evaluated {
  return model === 'v5' ? evaluateEnsemble(evaluation) : evaluateIndependent(evaluation);
}

function evaluateEnsemble({ facts, bandwidthMibPerSec, recordSizeBytes, weights = equalWeights }: Evaluation): Evaluated {
  const { S_max_amplification: amplification, S_max_stability: volatility } = constraintHierarchy({
    ...facts,
    capacityMibPerSec: bandwidthMibPerSec,
    availableMibPerSec: bandwidthMibPerSec,
    recordSizeBytes,
  });
  const device = theoreticalMaxOpsPerSec(bandwidthMibPerSec * (1 - facts.degradationFraction), recordSizeBytes);
  const total = weights.device + weights.amplification + weights.volatility;
  const predictedOpsPerSec = (device * weights.device + amplification * weights.amplification + volatility * weights.volatility) / total;
  return {
    predictedOpsPerSec,
    breakdown: {
      theoretical_max_ops: theoreticalMaxOpsPerSec(bandwidthMibPerSec, recordSizeBytes),
      device_constraint: device,
      amplification_constraint: amplification,
      volatility_constraint: volatility,
      device_weight: weights.device / total,
      amplification_weight: weights.amplification / total,
      volatility_weight: weights.volatility / total,
      final_prediction: predictedOpsPerSec,
    },
  };
}

function evaluateIndependent({ facts, bandwidthMibPerSec, recordSizeBytes }: Evaluation): Evaluated {
  const theoreticalMax = theoreticalMaxOpsPerSec(bandwidthMibPerSec, recordSizeBytes);
  const waPenalty = 1 / facts.writeAmplification;
  const raPenalty = 1 / (1 + facts.readAmplification);
  const stability = 1 - facts.variationFraction;
  const predictedOpsPerSec = theoreticalMax * waPenalty * raPenalty * stability;
  return {
    predictedOpsPerSec,
    breakdown: {
      theoretical_max_ops: theoreticalMax,
      wa_penalty: waPenalty,
      ra_penalty: raPenalty,
      stability_factor: stability,
      final_prediction: predictedOpsPerSec,
    },
  };
}

const factNames = ['variationFraction', 'writeAmplification', 'readAmplification', 'degradationFraction'] as const;

/** What is missing comes from the document's experiment; the independence-optimised model has no use for the degradation. */
function completeFacts(model: V5Model, phase: Phase, context: PutRateContext): { facts: Facts; assumptions: AssumedInput[] } {
  const point = publishedExperiment[phase];
  const used = factNames.filter((name) => model === 'v5' || name !== 'degradationFraction');
  const missing = used.filter((name) => context[name] === undefined);
  return {
    facts: {
      variationFraction: context.variationFraction ?? point.variationFraction,
      writeAmplification: context.writeAmplification ?? point.writeAmplification,
      readAmplification: context.readAmplification ?? point.readAmplification,
      degradationFraction: context.degradationFraction ?? point.degradationFraction,
    },
    assumptions: missing.map((what) => ({ what, value: point[what], source: `the specification's experiment, ${phase} phase` })),
  };
}

/** 1 - CV must not fall below 0 here; weights must be able to weigh. */
function checkOwnInputs({ variationFraction }: PutRateContext, weights: EnsembleWeights = equalWeights): void {
  const list = [weights.device, weights.amplification, weights.volatility];
  const issues = [
    ...(variationFraction !== undefined && variationFraction > 1
      ? [
          {
            path: 'variationFraction',
            found: String(variationFraction),
            expected: 'at most 1 for the V5 family, which multiplies by 1 - CV',
          },
        ]
      : []),
    ...(list.every((weight) => weight >= 0 && weight < Infinity) && list.some((weight) => weight > 0)
      ? []
      : [{ path: 'weights', found: list.join(', '), expected: 'finite weights from 0, not all 0' }]),
  ];
  if (issues.length > 0) throw new PutmodelError(issues.map((issue) => ({ code: 'INPUT_INVALID', message: 'wrong value', ...issue })));
}
