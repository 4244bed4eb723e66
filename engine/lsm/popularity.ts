/**
 * Which keys reads ask for: all alike, or a zipfian few more often. Ranks are grouped in octaves; within one all keys count alike. As for puts
 * (key-space.ts), popular keys lie anywhere in the key space, and where puts are zipfian too, the same keys are popular.
 */
import { expm1, power, powerInt } from '../kernel/math.js';
import { distinctFraction, type KeySpace } from './key-space.js';
import type { ReadStream } from './scenario.js';

/** Keys by popularity, most popular first. One group stands for all keys of a uniform stream. */
export interface Popularity {
  /** Fraction of the keys in each group; sums to 1. */
  readonly keyFraction: Float64Array;
  /** Fraction of the reads that ask for a key of it; sums to 1. */
  readonly readFraction: Float64Array;
}

/** The groups of a stream over `keyCount` keys. */
export function popularityOf({ distribution, zipfTheta }: ReadStream, keyCount: number): Popularity {
  if (distribution === 'uniform') return { keyFraction: Float64Array.of(1), readFraction: Float64Array.of(1) };
  const sizes: number[] = [];
  const weights: number[] = [];
  for (let first = 1, octave = 0; first <= keyCount && octave < 64; octave++) {
    const size = Math.min(first, keyCount - first + 1);
    sizes.push(size);
    weights.push(size * power(first + (size - 1) / 2, -zipfTheta));
    first += size;
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return {
    keyFraction: Float64Array.from(sizes, (size) => size / keyCount),
    readFraction: Float64Array.from(weights, (weight) => weight / total),
  };
}

/** Probability that the key of a read is among those that `drawsPerKey` puts a key left in a range. */
export function presentFraction(popularity: Popularity, space: KeySpace, drawsPerKey: number): number {
  const { keyFraction, readFraction } = popularity;
  if (keyFraction.length === 1 || space.distribution !== 'zipfian') return distinctFraction(space, drawsPerKey);
  let present = 0;
  for (let group = 0; group < keyFraction.length; group++) {
    const share = readFraction[group]!;
    present -= share * expm1((-drawsPerKey * share) / keyFraction[group]!);
  }
  return present;
}

/** Fraction of the blocks, of `keysPerBlock` keys each, whose most popular key belongs to this group. */
export function blockFraction({ keyFraction }: Popularity, group: number, keysPerBlock: number): number {
  let colder = 1;
  for (let other = 0; other < group; other++) colder -= keyFraction[other]!;
  const below = Math.max(0, colder - keyFraction[group]!);
  return powerInt(colder, keysPerBlock) - powerInt(below, keysPerBlock);
}
