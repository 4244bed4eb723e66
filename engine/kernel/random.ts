/**
 * Random streams, one for each purpose. A stream is derived from the run's seed, its own name and an index, and from nothing else: drawing
 * from one never shifts another, and a new consumer leaves all numbers of the old ones as they were.
 *
 * The generator is Baagoe's Alea as `seedrandom` has it: + - * on doubles only, so every JavaScript engine gives the same bits.
 */
import alea from 'seedrandom/lib/alea.js';
import { invariant } from './errors.js';
import { log1p, normalQuantile } from './math.js';

/** Where a stream stands: plain data, survives JSON. */
export interface RandomState {
  readonly c: number;
  readonly s0: number;
  readonly s1: number;
  readonly s2: number;
}

/** A stream of random numbers. Every draw takes one fixed number of steps of the generator, so none can loop. */
export interface RandomStream {
  /** Uniform in [0, 1), 53 bits. */
  uniform(): number;
  /** Uniform whole number in [0, n), for whole n from 1 to 2^53; its bias is below n / 2^53. @throws InvariantError for another n. */
  uniformInt(n: number): number;
  /** Standard normal: mean 0, standard deviation 1; within -8.3 and 8.3 (the quantiles of 2^-54 and of 1 - 2^-53). */
  normal(): number;
  /** Exponential with this mean; from 0 to 36.8 means. */
  exponential(mean: number): number;
  state(): RandomState;
  /** Goes on from a state that `state` gave. */
  restore(state: RandomState): void;
}

/**
 * The stream called `name` (and `index`, for one of many alike) of the run seeded with `seed`. Both numbers are whole, the index from 0.
 * @throws InvariantError otherwise.
 */
export function createStream(seed: number, name: string, index = 0): RandomStream {
  invariant(Number.isSafeInteger(seed), 'random stream: the seed must be a whole number within 2^53');
  invariant(Number.isSafeInteger(index) && index >= 0, 'random stream: the index must be a whole number from 0');
  // The name comes last, so that no two triples give one text.
  let generator = alea(`${String(seed)}:${String(index)}:${name}`, { state: true });
  const uniform = (): number => generator.double();
  return {
    uniform,
    uniformInt(n) {
      invariant(Number.isInteger(n) && n >= 1 && n <= 9007199254740992, 'random stream: uniformInt needs a whole number from 1 to 2^53');
      return Math.floor(uniform() * n);
    },
    // A draw of exactly 0 would be -Infinity; half the smallest step stands for it.
    normal: () => normalQuantile(Math.max(uniform(), 5.551115123125783e-17)),
    exponential: (mean) => -mean * log1p(-uniform()),
    state: () => generator.state(),
    restore(state) {
      generator = alea('', { state });
    },
  };
}
