/**
 * V4, the device envelope in one number: put rate = bandwidth available to the store x 1024^2 / record size x utilisation of the phase.
 *
 *   1. check the inputs   2. find the phase   3. bandwidth to records   4. utilisation   5. confidence   6. the document's package
 *
 * Source: put-rate-models.md, "Complete V4 Algorithm".
 */
import { PutmodelError } from '../kernel/errors.js';
import { assessConfidence, type Confidence } from './confidence.js';
import { checkInputs, type PutRateContext } from './context.js';
import { theoreticalMaxOpsPerSec } from './formula.js';
import { expectedAccuracy, outsideSamples, parameterSets, type AccuracyTable, type ParameterSet } from './parameters.js';
import { detectPhase, type Phase, type PhaseDetector } from './phase.js';
import { selectUtilization } from './utilization.js';

/** What a V4 prediction may be told; all of it has a default. */
export interface V4Options {
  /** Default `fitted`. */
  readonly parameters?: ParameterSet | undefined;
  /** Detected when absent. */
  readonly phase?: Phase | undefined;
  /** Default `runtime-first`. */
  readonly detector?: PhaseDetector | undefined;
  readonly context?: PutRateContext | undefined;
  /** `select` adjusts the factor to the context (utilization.ts); default `fixed`. */
  readonly utilizationMode?: 'fixed' | 'select' | undefined;
  /** Default: what the parameters were calibrated with, 1040 for the built-in ones. */
  readonly recordSizeBytes?: number | undefined;
  /** Default `reproduced`. */
  readonly accuracyTable?: AccuracyTable | undefined;
}

/** A packaged result with what has to be said about it. */
export interface Prediction<Packaged> {
  /** The document's keys, verbatim. */
  readonly packaged: Packaged;
  /** What `expected_accuracy` rests on. */
  readonly accuracyBasis: string;
  readonly warnings: readonly string[];
}

/** `_package_result`, keys verbatim. Rates are puts a second; the document's "mbps" are MiB/s. */
export interface V4Result {
  readonly predicted_s_max: number;
  readonly device_bandwidth_mbps: number;
  readonly phase: Phase;
  readonly utilization_factor: number;
  readonly confidence: Confidence;
  readonly model_version: '4.0';
  readonly dual_structure_integration: true;
  readonly calculation_breakdown: {
    readonly theoretical_max_ops: number;
    readonly utilization_applied: number;
    readonly final_prediction: number;
  };
  /** Percent; null when the parameters come without a score for the phase, or the context adjusted the factor. */
  readonly expected_accuracy: number | null;
  readonly key_insight: string;
}

/**
 * The V4 prediction for a write bandwidth above 0. The published factors give 56.8 / 44.5 / 36.0 % on the published points.
 * @throws PutmodelError INPUT_INVALID with every input out of its range, or for a phase that the parameters lack.
 */
export function predictV4(bandwidthMibPerSec: number, options: V4Options = {}): Prediction<V4Result> {
  const { parameters = parameterSets.fitted, detector = 'runtime-first', context = {}, accuracyTable = 'reproduced' } = options;
  const { recordSizeBytes = parameters.recordSizeBytes, utilizationMode = 'fixed' } = options;
  const warnings = checkInputs({ bandwidthMibPerSec, recordSizeBytes, context });
  const phase = options.phase ?? detectPhase(detector, bandwidthMibPerSec, context);
  const theoreticalMax = theoreticalMaxOpsPerSec(bandwidthMibPerSec, recordSizeBytes);
  const base = factorOf(parameters, phase);
  const utilization = utilizationMode === 'fixed' ? base : selectUtilization(phase, base, bandwidthMibPerSec, context);
  const predicted = theoreticalMax * utilization;
  const accuracy = expectedAccuracy(parameters, { model: 'v4', phase, table: accuracyTable, adjusted: utilization !== base });
  const outside = outsideSamples(parameters, phase, bandwidthMibPerSec);
  return {
    packaged: {
      predicted_s_max: predicted,
      device_bandwidth_mbps: bandwidthMibPerSec,
      phase,
      utilization_factor: utilization,
      confidence: assessConfidence(bandwidthMibPerSec, accuracy.percent),
      model_version: '4.0',
      dual_structure_integration: true,
      calculation_breakdown: { theoretical_max_ops: theoreticalMax, utilization_applied: utilization, final_prediction: predicted },
      expected_accuracy: accuracy.percent,
      key_insight: 'Bandwidth automatically integrates physical degradation and software competition effects',
    },
    accuracyBasis: accuracy.basis,
    warnings: [...warnings, ...recordSizeWarning(parameters, recordSizeBytes), ...(outside === null ? [] : [outside])],
  };
}

/** A factor holds for the records it was seen with: small ones cost CPU that the bandwidth knows nothing of. */
function recordSizeWarning({ name, recordSizeBytes: calibratedBytes }: ParameterSet, recordSizeBytes: number): string[] {
  if (recordSizeBytes === calibratedBytes) return [];
  return [`the factors ${name} were calibrated with records of ${String(calibratedBytes)} bytes, not ${String(recordSizeBytes)}`];
}

function factorOf({ name, utilization }: ParameterSet, phase: Phase): number {
  const factor = utilization[phase];
  if (factor !== undefined) return factor;
  throw new PutmodelError({
    code: 'INPUT_INVALID',
    message: `the parameters ${name} have no factor for this phase`,
    found: phase,
    expected: `one of ${Object.keys(utilization).join(', ')}`,
  });
}
