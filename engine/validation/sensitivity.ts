/**
 * Which input moves an answer most? Two ways, both deterministic:
 *
 * - one at a time (OAT): each factor at its low and its high end, all others at their base. Easy to read, blind to interactions.
 * - Sobol's indices by Saltelli's design: the part of the answer's variance that a factor explains alone (first order) and with all its
 *   interactions (total), when every factor varies over its whole range at once. First order by Saltelli et al. (Computer Physics
 *   Communications 181, 2010, table 2 (b)), total by Jansen (1999). Costs samples x (factors + 2) evaluations.
 */
import { deviation, mean } from 'd3-array';
import { invariant } from '../kernel/errors.js';
import { createStream } from '../kernel/random.js';

/** Something that can be set between two ends. `valueAt(0)` is the low end, `valueAt(1)` the high end, monotone between. */
export interface Factor {
  readonly name: string;
  readonly unit: string;
  readonly base: number;
  readonly valueAt: (fraction: number) => number;
}

/** The answer for one setting of all factors, in their order; null where there is none. */
export type Evaluate = (values: readonly number[]) => number | null;

/** What one factor does on its own. */
export interface OneAtATime {
  readonly name: string;
  /** Of base, low and high. */
  readonly unit: string;
  readonly base: number;
  readonly low: number;
  readonly high: number;
  /** Answers at the two ends, null where there is none. */
  readonly atLow: number | null;
  readonly atHigh: number | null;
}

/** Each factor at its two ends, the others at their base. */
export function oneAtATime(factors: readonly Factor[], evaluate: Evaluate): OneAtATime[] {
  const base = factors.map((factor) => factor.base);
  return factors.map(({ name, unit, base: own, valueAt }, index) => {
    const [low, high] = [valueAt(0), valueAt(1)];
    const at = (value: number): number | null => evaluate(base.with(index, value));
    return { name, unit, base: own, low, high, atLow: at(low), atHigh: at(high) };
  });
}

/** Parts of the answer's variance that a factor explains, 0 to 1 but for the error of sampling. */
export interface SobolIndex {
  readonly name: string;
  readonly firstOrderFraction: number;
  readonly totalFraction: number;
}

/** Indices of all factors, and what they were estimated from. */
export interface Sobol {
  readonly samples: number;
  readonly evaluations: number;
  /** Mean and standard deviation of the answer over the ranges. */
  readonly mean: number;
  readonly standardDeviation: number;
  readonly indices: readonly SobolIndex[];
}

/** What the indices are estimated with. */
export interface SobolDesign {
  /** Rows of each base matrix, 2 or more; the error falls with its root. */
  readonly samples: number;
  readonly seed: number;
}

/** Sobol's indices; null when the answer does not vary, or is missing for every row. Rows with a missing answer are left out. */
export function sobolIndices(factors: readonly Factor[], evaluate: Evaluate, { samples, seed }: SobolDesign): Sobol | null {
  invariant(samples >= 2, 'sobolIndices: two samples or more');
  const fractionsA = latinHypercube(samples, factors.length, seed, 'sobol-a');
  const fractionsB = latinHypercube(samples, factors.length, seed, 'sobol-b');
  const answer = (fractions: readonly number[]): number | null =>
    evaluate(factors.map(({ valueAt }, index) => valueAt(fractions[index] ?? 0)));
  const rows = fractionsA.flatMap((a, row) => {
    const b = fractionsB[row] ?? [];
    const mixed = factors.map((_, index) => answer(a.with(index, b[index] ?? 0)));
    const [atA, atB] = [answer(a), answer(b)];
    return atA === null || atB === null || mixed.some((value) => value === null)
      ? []
      : [{ atA, atB, mixed: mixed.map((value) => value ?? 0) }];
  });
  const all = rows.flatMap(({ atA, atB }) => [atA, atB]);
  const [center, spread] = [mean(all), deviation(all)];
  if (center === undefined || spread === undefined || spread === 0) return null;
  const variance = spread * spread;
  const indices = factors.map(({ name }, index) => {
    const at = (row: (typeof rows)[number]): number => row.mixed[index] ?? 0;
    // Answers count from their mean: the estimate is the same, its error smaller.
    const first = mean(rows, (row) => (row.atB - center) * (at(row) - row.atA)) ?? 0;
    const total = (mean(rows, (row) => (row.atA - at(row)) * (row.atA - at(row))) ?? 0) / 2;
    return { name, firstOrderFraction: first / variance, totalFraction: total / variance };
  });
  return { samples, evaluations: samples * (factors.length + 2), mean: center, standardDeviation: spread, indices };
}

/** Fractions in [0, 1): in each column one in each of `rows` equal strips, in random order and place. Row by row. */
export function latinHypercube(rows: number, columns: number, seed: number, name: string): number[][] {
  const stripes = Array.from({ length: columns }, (_, column) => {
    const random = createStream(seed, name, column);
    const order = Array.from({ length: rows }, (_, row) => row);
    for (let last = rows - 1; last > 0; last--) {
      const other = random.uniformInt(last + 1);
      [order[last], order[other]] = [order[other] ?? 0, order[last] ?? 0];
    }
    return order.map((strip) => (strip + random.uniform()) / rows);
  });
  return Array.from({ length: rows }, (_, row) => stripes.map((column) => column[row] ?? 0));
}
