/**
 * How far a prediction is from a real run: the measures used in every table of this project. Real values are the yardstick, so swapping
 * the arguments changes the answer.
 */
import { deviation, mean, quantile } from 'd3-array';

/** (simulated - real) / real; null when the real value is 0 or either is not finite. Signed: above 0 is too high. */
export function relativeError(simulated: number, real: number): number | null {
  const error = (simulated - real) / real;
  return Number.isFinite(error) ? error : null;
}

/** Means of consecutive windows of `windowLength` values; a last window that is shorter is left out unless it is the only one. Empty for no values. */
export function windowMeans(values: ArrayLike<number>, windowLength: number): number[] {
  const all = Array.from(values);
  const whole = Math.floor(all.length / windowLength);
  if (whole === 0 && all.length > 0) return [mean(all) ?? 0];
  return Array.from({ length: whole }, (_, window) => mean(all.slice(window * windowLength, (window + 1) * windowLength)) ?? 0);
}

/**
 * Root of the mean squared difference, over the mean of the real curve; both are first averaged over windows of `windowLength` values
 * (20 for curves of one value a second). Values past the end of the shorter curve
 * are left out. null without values or with a real mean of 0.
 */
export function normalizedRmse(simulated: ArrayLike<number>, real: ArrayLike<number>, windowLength = 20): number | null {
  const length = Math.min(simulated.length, real.length);
  const simulatedMeans = windowMeans(Array.from(simulated).slice(0, length), windowLength);
  const realMeans = windowMeans(Array.from(real).slice(0, length), windowLength);
  const squares = realMeans.map((value, index) => square((simulatedMeans[index] ?? 0) - value));
  const error = Math.sqrt(mean(squares) ?? NaN) / (mean(realMeans) ?? NaN);
  return Number.isFinite(error) ? error : null;
}

/** A real figure and the simulated one. */
export interface Pair {
  readonly simulated: number;
  readonly real: number;
}

/** Mean of |relative error|, as a percentage. Pairs whose real value is 0 have none and are left out; null when none is left. */
export function meanAbsolutePercentageError(pairs: readonly Pair[]): number | null {
  const errors = pairs.map(({ simulated, real }) => relativeError(simulated, real)).filter((error) => error !== null);
  const meanError = mean(errors, Math.abs);
  return meanError === undefined ? null : meanError * 100;
}

/** Agreement of two ways to measure one thing, in the unit of the values. */
export interface Agreement {
  /** Mean of simulated - real. */
  readonly bias: number;
  /** Sample standard deviation of the differences. */
  readonly standardDeviation: number;
  /** bias -+ 1.96 standard deviations: 95 % of differences, were they normal. */
  readonly lowerLimit: number;
  readonly upperLimit: number;
}

/** Bland and Altman's bias and limits of agreement (Lancet 1986, i: 307-310). null for fewer than two pairs. */
export function blandAltman(pairs: readonly Pair[]): Agreement | null {
  const differences = pairs.map(({ simulated, real }) => simulated - real);
  const bias = mean(differences);
  const standardDeviation = deviation(differences);
  if (bias === undefined || standardDeviation === undefined) return null;
  return { bias, standardDeviation, lowerLimit: bias - 1.96 * standardDeviation, upperLimit: bias + 1.96 * standardDeviation };
}

/** The value below which `percent` of the values lie, between neighbours linearly (type 7 of Hyndman and Fan). null for no values. */
export function percentile(values: readonly number[], percent: number): number | null {
  return quantile(values, percent / 100) ?? null;
}

function square(value: number): number {
  return value * value;
}
