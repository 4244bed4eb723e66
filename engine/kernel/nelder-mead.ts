/**
 * Minimises a function of a few variables without derivatives: the downhill simplex of Nelder and Mead (The Computer Journal 7, 1965),
 * with the coefficients and the shrink step of Lagarias, Reeds, Wright and Wright (SIAM J. Optim. 9, 1998), inside bounds, restarted from
 * its best point until a restart gains nothing.
 *
 * Why our own: the documented objective is a sum of absolute errors, which least-squares packages do not minimise; the one that is
 * kept up (ml-levenberg-marquardt) uses `**`, whose last bit differs between engines.
 */
import { invariant } from './errors.js';

/** Where to look, and when to stop. */
export interface MinimizeOptions {
  readonly start: readonly number[];
  /** Limits of each variable, each below its upper one; points beyond are moved onto them. */
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  /** Length of the first simplex along each variable, as a share of its range (default 0.05). */
  readonly stepFraction?: number;
  /** Ends a descent once values and corners of the simplex differ by no more (relative to the range of each variable; default 1e-12). */
  readonly tolerance?: number;
  /** At most so many evaluations in all (default 20,000). */
  readonly evaluationLimit?: number;
}

/** What was found. */
export interface Minimum {
  readonly point: readonly number[];
  readonly value: number;
  readonly evaluations: number;
  /** False when the limit of evaluations ended the search. */
  readonly converged: boolean;
}

interface Corner {
  readonly point: readonly number[];
  readonly value: number;
}

/**
 * Sizes of the restarts' simplexes, as shares of the first. A bound that holds one variable flattens a simplex along it, and a kink does
 * alike; a fresh simplex of another size finds the way on.
 */
const restartScales = [1, 0.1, 0.01, 0.001] as const;

/** A minimum near `start`: local, and deterministic. The objective must be finite within the bounds. */
export function minimize(objective: (point: readonly number[]) => number, options: MinimizeOptions): Minimum {
  const { start, lower, upper, stepFraction = 0.05, tolerance = 1e-12, evaluationLimit = 20_000 } = options;
  invariant(start.length > 0 && lower.length === start.length && upper.length === start.length, 'minimize: bounds for each variable');
  let evaluations = 0;
  const evaluate = (raw: readonly number[]): Corner => {
    evaluations++;
    const point = raw.map((x, i) => Math.min(upper[i] ?? x, Math.max(lower[i] ?? x, x)));
    return { point, value: objective(point) };
  };
  const ranges = start.map((_, i) => (upper[i] ?? 1) - (lower[i] ?? 0));
  const descend = (from: Corner, scale: number): Corner => {
    let simplex = [from, ...steppedPoints(from.point, upper, ranges, stepFraction * scale).map(evaluate)].sort(byValue);
    while (!isSmall(simplex, ranges, tolerance) && evaluations < evaluationLimit) simplex = stepSimplex(simplex, evaluate);
    const [found] = simplex;
    return found !== undefined && found.value < from.value ? found : from;
  };
  let best = evaluate(start);
  for (;;) {
    const before = best.value;
    for (const scale of restartScales) best = descend(best, scale);
    if (evaluations >= evaluationLimit) return { ...best, evaluations, converged: false };
    if (!(before - best.value > tolerance)) return { ...best, evaluations, converged: true };
  }
}

/** The point moved along each variable in turn, up where there is room. */
function steppedPoints(point: readonly number[], upper: readonly number[], ranges: readonly number[], stepFraction: number): number[][] {
  return point.map((_, along) =>
    point.map((x, i) => {
      if (i !== along) return x;
      const step = stepFraction * (ranges[i] ?? 1);
      return x + step > (upper[i] ?? Infinity) ? x - step : x + step;
    }),
  );
}

/** Whether all corners are as good as one point; sorted. */
function isSmall(simplex: readonly Corner[], ranges: readonly number[], tolerance: number): boolean {
  const [best] = simplex;
  if (best === undefined) return true;
  return simplex.every(
    ({ point, value }) =>
      Math.abs(value - best.value) <= tolerance &&
      point.every((x, i) => Math.abs(x - (best.point[i] ?? x)) <= tolerance * (ranges[i] ?? 1)),
  );
}

/** One step: reflect the worst corner through the others' middle, then expand, contract, or shrink towards the best. Sorted in and out. */
function stepSimplex(simplex: readonly Corner[], evaluate: (point: readonly number[]) => Corner): Corner[] {
  const kept = simplex.slice(0, -1);
  const [best, worst, secondWorst] = [simplex[0], simplex.at(-1), kept.at(-1)];
  invariant(best !== undefined && worst !== undefined && secondWorst !== undefined, 'a simplex has two corners or more');
  const middle = worst.point.map((_, i) => kept.reduce((sum, corner) => sum + (corner.point[i] ?? 0), 0) / kept.length);
  const along = (reach: number): Corner => evaluate(middle.map((x, i) => x + reach * (x - (worst.point[i] ?? x))));
  const withCorner = (corner: Corner): Corner[] => [...kept, corner].sort(byValue);
  const reflected = along(1);
  if (reflected.value < best.value) {
    const expanded = along(2);
    return withCorner(expanded.value < reflected.value ? expanded : reflected);
  }
  if (reflected.value < secondWorst.value) return withCorner(reflected);
  const outside = reflected.value < worst.value;
  const contracted = along(outside ? 0.5 : -0.5);
  if (outside ? contracted.value <= reflected.value : contracted.value < worst.value) return withCorner(contracted);
  const shrunk = simplex.slice(1).map(({ point }) => evaluate(point.map((x, i) => ((best.point[i] ?? x) + x) / 2)));
  return [best, ...shrunk].sort(byValue);
}

function byValue(a: Corner, b: Corner): number {
  return a.value - b.value;
}
