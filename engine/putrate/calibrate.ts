/**
 * Utilisation factors from measured samples, by the documented objective: the sum over phases of |predicted - actual| / actual, both taken at
 * the means of the phase's samples, with every factor between 0 and 1.
 *
 * One factor enters one phase's term, so each term can be brought to 0 by itself: `calibrateUtilization` writes that down. The document
 * searches for it; `searchUtilization` does so too, and a test holds the two against each other.
 *
 * Source: put-rate-models.md, "Utilization Factor Optimization".
 */
import { invariant } from '../kernel/errors.js';
import { exp, log } from '../kernel/math.js';
import { defaultRecordSizeBytes, theoreticalMaxOpsPerSec } from './formula.js';
import { minimize } from '../kernel/nelder-mead.js';
import type { Phase } from './phase.js';
import { meanSample, observedPhases, type Dataset } from './samples.js';

/** Factors of the phases that were observed. */
export type Utilization = Partial<Readonly<Record<Phase, number>>>;

/** Factors and how well they do. */
export interface Calibration {
  /** Share of the theoretical maximum that was seen, 0 to 1. */
  readonly utilization: Utilization;
  /** The objective at these factors: the sum of relative errors; 0 unless a factor is held at 1. */
  readonly errorFraction: number;
  /** Phases in which more was seen than the bandwidth allows: their factor is held at 1. */
  readonly atLimit: readonly Phase[];
}

/**
 * The exact minimiser: mean put rate over the theoretical maximum at the mean bandwidth, at most 1. The published samples give
 * 0.03346 / 0.10565 / 0.12760. Phases without samples are left out.
 */
export function calibrateUtilization(datasets: readonly Dataset[], recordSizeBytes = defaultRecordSizeBytes): Calibration {
  const entries = observedPhases(datasets).map((phase) => {
    const { actualOpsPerSec, bandwidthMibPerSec } = meanOf(datasets, phase);
    return [phase, actualOpsPerSec / theoreticalMaxOpsPerSec(bandwidthMibPerSec, recordSizeBytes)] as const;
  });
  const utilization: Utilization = Object.fromEntries(entries.map(([phase, factor]) => [phase, Math.min(1, factor)]));
  return {
    utilization,
    errorFraction: objectiveOf(datasets, recordSizeBytes)(utilization),
    atLimit: entries.filter(([, factor]) => factor > 1).map(([phase]) => phase),
  };
}

/** A calibration found by search, and what the search took. */
export interface SearchedCalibration extends Calibration {
  readonly evaluations: number;
  readonly converged: boolean;
}

/** `initial_guess` of the document. */
const initialGuess: Readonly<Record<Phase, number>> = { initial: 0.02, middle: 0.05, final: 0.05 };

/** Factors below this are not looked for. */
const smallestFactor = 1e-9;

/**
 * The same by downhill simplex from the document's first guess; the document names SLSQP, which needs a smooth objective. The search moves
 * in logarithms, in which a factor of 0.001 and one of 0.1 are equally far from the next.
 */
export function searchUtilization(datasets: readonly Dataset[], recordSizeBytes = defaultRecordSizeBytes): SearchedCalibration {
  const observed = observedPhases(datasets);
  if (observed.length === 0) return { utilization: {}, errorFraction: 0, atLimit: [], evaluations: 0, converged: true };
  const asUtilization = (logs: readonly number[]): Utilization =>
    Object.fromEntries(observed.map((phase, i) => [phase, exp(logs[i] ?? 0)]));
  const objective = objectiveOf(datasets, recordSizeBytes);
  const { point, value, evaluations, converged } = minimize((logs) => objective(asUtilization(logs)), {
    start: observed.map((phase) => log(initialGuess[phase])),
    lower: observed.map(() => log(smallestFactor)),
    upper: observed.map(() => 0),
  });
  return {
    utilization: asUtilization(point),
    errorFraction: value,
    atLimit: observed.filter((_, i) => point[i] === 0),
    evaluations,
    converged,
  };
}

/** The documented objective as a function of the factors. */
function objectiveOf(datasets: readonly Dataset[], recordSizeBytes: number): (utilization: Utilization) => number {
  const points = observedPhases(datasets).map((phase) => {
    const { bandwidthMibPerSec, actualOpsPerSec } = meanOf(datasets, phase);
    return { phase, maximumOpsPerSec: theoreticalMaxOpsPerSec(bandwidthMibPerSec, recordSizeBytes), actualOpsPerSec };
  });
  return (utilization) =>
    points.reduce(
      (sum, { phase, maximumOpsPerSec, actualOpsPerSec }) =>
        sum + Math.abs(maximumOpsPerSec * (utilization[phase] ?? 0) - actualOpsPerSec) / actualOpsPerSec,
      0,
    );
}

function meanOf(datasets: readonly Dataset[], phase: Phase): NonNullable<ReturnType<typeof meanSample>> {
  const sample = meanSample(datasets, phase);
  invariant(sample !== null, 'an observed phase has samples');
  return sample;
}
