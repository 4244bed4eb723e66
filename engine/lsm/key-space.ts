/**
 * How many distinct keys a set of puts holds, without looking at any key.
 *
 * Every file carries the puts that went into it as a density, `draws` per key of the key space. For independent draws the
 * density of a merge is the sum of its inputs' densities, and the distinct keys follow from it: for uniform draws
 * 1 - exp(-draws). So merging is exact in expectation, however often files are merged and cut. Positions are fractions [0, 1)
 * of the sorted key space. Source: occupancy of equally likely cells; zipfian draws are taken to be hashed over the key space
 * (as YCSB's scrambled zipfian), hence every range holds the same mix of popular and unpopular keys.
 */
import { exp, expm1, log1p, log2, power } from '../kernel/math.js';
import { invariant } from '../kernel/errors.js';
import type { KeyDistribution } from './scenario.js';

/** What keys there are and how they are drawn. */
export interface KeySpace {
  readonly distribution: KeyDistribution;
  /** Number of distinct keys that can be drawn. */
  readonly keyCount: number;
  /** Zipf only: distinct fraction by log2(draws), from ZIPF_FIRST_LOG2 in steps of 1 / ZIPF_PER_OCTAVE. */
  readonly zipfFractions: Float64Array | null;
}

const ZIPF_FIRST_LOG2 = -24;
const ZIPF_OCTAVES = 48;
const ZIPF_PER_OCTAVE = 8;

/** The key space of a workload: `keyCount` >= 1 keys; `zipfTheta` > 0 is read for zipfian only. */
export function createKeySpace(distribution: KeyDistribution, keyCount: number, zipfTheta: number): KeySpace {
  invariant(keyCount >= 1, 'a key space holds at least one key');
  return { distribution, keyCount, zipfFractions: distribution === 'zipfian' ? zipfTable(keyCount, zipfTheta) : null };
}

/**
 * Fraction (0..1) of a range's keys that are present after `drawsPerKey` >= 0 puts per key landed in it.
 * `sequential` and `unique` never draw a key twice within a pass, so their fraction is the density itself.
 */
export function distinctFraction(space: KeySpace, drawsPerKey: number): number {
  if (drawsPerKey <= 0) return 0;
  if (space.zipfFractions !== null) return zipfFraction(space.zipfFractions, drawsPerKey);
  if (space.distribution === 'uniform') return -expm1(-drawsPerKey);
  return drawsPerKey < 1 ? drawsPerKey : 1;
}

/** The draws per key that leave `fraction` (0..1) of the keys present; a full range counts as 30 draws a key (1 - 1e-13). */
export function drawsForFraction(space: KeySpace, fraction: number): number {
  if (fraction <= 0) return 0;
  if (space.distribution === 'uniform') return fraction >= 1 ? 30 : Math.min(30, -log1p(-fraction));
  if (space.zipfFractions === null) return Math.min(1, fraction);
  let low = 0;
  let high = 16_777_216;
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (distinctFraction(space, middle) < fraction) low = middle;
    else high = middle;
  }
  return high;
}

function zipfFraction(table: Float64Array, drawsPerKey: number): number {
  const at = (log2(drawsPerKey) - ZIPF_FIRST_LOG2) * ZIPF_PER_OCTAVE;
  if (at <= 0) return drawsPerKey;
  const last = table.length - 1;
  if (at >= last) return table[last]!;
  const index = Math.floor(at);
  const weight = at - index;
  return table[index]! * (1 - weight) + table[index + 1]! * weight;
}

/** Keys ranked by popularity are grouped in classes of ranks that grow by 1/8 octave; within a class all keys count alike. */
function zipfTable(keyCount: number, theta: number): Float64Array {
  const ranks: number[] = [];
  const sizes: number[] = [];
  const growth = power(2, 1 / 8);
  for (let first = 1, limit = 0; first <= keyCount && limit < 4096; limit++) {
    const next = Math.min(keyCount + 1, Math.max(first + 1, Math.floor(first * growth)));
    sizes.push(next - first);
    ranks.push((first + next - 1) / 2);
    first = next;
  }
  const weights = ranks.map((rank) => power(rank, -theta));
  let total = 0;
  for (let i = 0; i < weights.length; i++) total += weights[i]! * sizes[i]!;
  const table = new Float64Array(ZIPF_OCTAVES * ZIPF_PER_OCTAVE + 1);
  for (let t = 0; t < table.length; t++) {
    const draws = power(2, ZIPF_FIRST_LOG2 + t / ZIPF_PER_OCTAVE) * keyCount;
    let distinct = 0;
    for (let i = 0; i < weights.length; i++) distinct += sizes[i]! * (1 - exp((-draws * weights[i]!) / total));
    table[t] = distinct / keyCount;
  }
  return table;
}
