import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../engine/kernel/errors.js';
import { createStream } from '../../engine/kernel/random.js';
import { createKeySpace, distinctFraction, drawsForFraction, type KeySpace } from '../../engine/lsm/key-space.js';

const uniform = createKeySpace('uniform', 20_000_000, 0.99);

/** Mean fraction of `keys` that `draws` draws hit, over `rounds` rounds; `pick` turns a number in [0, 1) into a key. */
function countDistinct(keys: number, draws: number, rounds: number, pick: (u: number) => number): number {
  const random = createStream(42, 'keys');
  let hit = 0;
  for (let round = 0; round < rounds; round++) {
    const seen = new Uint8Array(keys);
    for (let i = 0; i < draws; i++) seen[pick(random.uniform())] = 1;
    hit += seen.reduce((sum, one) => sum + one, 0);
  }
  return hit / rounds / keys;
}

/** Zipf over ranks 1..keys with exponent theta, by the inverse of its distribution function. */
function zipfPicker(keys: number, theta: number): (u: number) => number {
  const cumulative = new Float64Array(keys);
  let total = 0;
  for (let i = 0; i < keys; i++) cumulative[i] = total += (i + 1) ** -theta;
  return (u) => {
    let low = 0;
    let high = keys - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (cumulative[middle]! > u * total) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

/** Expected fraction of keys present: the mean of 1 - (1 - p)^draws, by exp. */
function zipfDistinct(keys: number, theta: number, draws: number): number {
  let total = 0;
  for (let i = 1; i <= keys; i++) total += i ** -theta;
  let present = 0;
  for (let i = 1; i <= keys; i++) present += 1 - Math.exp((-draws * i ** -theta) / total);
  return present / keys;
}

describe('uniform draws', () => {
  it('15,388 draws of 20,000,000 keys are 15,382.1 different ones (a memtable of t01)', () => {
    // n - n^2 / 2K + ... = 15388 - 15388^2 / 4e7 = 15388 - 5.92
    expect(distinctFraction(uniform, 15_388 / 20e6) * 20e6).toBeCloseTo(15_382.08, 1);
  });

  it('as many draws as keys leave 1 - 1/e of them', () => {
    expect(distinctFraction(uniform, 1)).toBeCloseTo(1 - Math.exp(-1), 12);
  });

  it('are what a Monte Carlo count gives', () => {
    // 2000 keys, 100 rounds: standard error of the mean fraction below 0.001.
    const space = createKeySpace('uniform', 2000, 0.99);
    for (const draws of [200, 2000, 5000]) {
      const counted = countDistinct(2000, draws, 100, (u) => Math.floor(u * 2000));
      expect(Math.abs(distinctFraction(space, draws / 2000) - counted)).toBeLessThan(0.003);
    }
  });

  it('merge as independent sets do: with fractions a and b of the keys the union holds a + b - ab', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.double({ min: 0, max: 0.999, noNaN: true }), (a, b) => {
        const union = distinctFraction(uniform, drawsForFraction(uniform, a) + drawsForFraction(uniform, b));
        expect(union).toBeCloseTo(a + b - a * b, 12);
      }),
      { seed: 42, numRuns: 200 },
    );
  });
});

describe('sequential and unique keys', () => {
  it('are never drawn twice: the fraction is the density, up to the whole', () => {
    for (const distribution of ['sequential', 'unique'] as const) {
      const space = createKeySpace(distribution, 1000, 0.99);
      expect([0, 0.25, 1, 3].map((draws) => distinctFraction(space, draws))).toEqual([0, 0.25, 1, 1]);
    }
  });
});

describe('zipfian draws', () => {
  it('are what a Monte Carlo count gives', () => {
    for (const theta of [0.5, 0.99, 1.2]) {
      const space = createKeySpace('zipfian', 2000, theta);
      const pick = zipfPicker(2000, theta);
      for (const draws of [500, 4000]) {
        const counted = countDistinct(2000, draws, 60, pick);
        expect(Math.abs(distinctFraction(space, draws / 2000) / counted - 1)).toBeLessThan(0.02);
      }
    }
  });

  it('are within 1 % of the sum over all keys, from a draw for ten thousand keys to a hundred for each', () => {
    const space = createKeySpace('zipfian', 100_000, 0.99);
    for (const drawsPerKey of [1e-4, 0.01, 0.3, 1, 7, 100]) {
      const exact = zipfDistinct(100_000, 0.99, drawsPerKey * 100_000);
      expect(Math.abs(distinctFraction(space, drawsPerKey) / exact - 1)).toBeLessThan(0.01);
    }
  });

  it('find fewer different keys than uniform ones, the more so the larger the exponent', () => {
    const fractions = [0.5, 0.99, 1.5].map((theta) => distinctFraction(createKeySpace('zipfian', 100_000, theta), 1));
    expect(fractions[0]).toBeLessThan(1 - Math.exp(-1));
    expect(fractions[1]).toBeLessThan(fractions[0]!);
    expect(fractions[2]).toBeLessThan(fractions[1]!);
  });
});

describe('every key space', () => {
  const space: fc.Arbitrary<KeySpace> = fc
    .tuple(
      fc.constantFrom('uniform' as const, 'sequential' as const, 'unique' as const, 'zipfian' as const),
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.constantFrom(0.5, 0.99, 1.2),
    )
    .map(([distribution, keyCount, theta]) => createKeySpace(distribution, keyCount, theta));
  const draws = fc.double({ min: 0, max: 50, noNaN: true });

  it('a fraction lies between 0 and 1, is at most the draws, and never falls with more of them', () => {
    fc.assert(
      fc.property(space, draws, draws, (keys, a, b) => {
        const [few, many] = [Math.min(a, b), Math.max(a, b)].map((value) => distinctFraction(keys, value)) as [number, number];
        expect(few).toBeGreaterThanOrEqual(0);
        expect(many).toBeLessThanOrEqual(1 + 1e-12);
        expect(few).toBeLessThanOrEqual(Math.min(a, b) * (1 + 1e-9));
        expect(many).toBeGreaterThanOrEqual(few * (1 - 1e-9));
      }),
      { seed: 42, numRuns: 150 },
    );
  });

  it('merging is associative, and finds no more keys than the parts have together', () => {
    fc.assert(
      fc.property(space, draws, draws, draws, (keys, a, b, c) => {
        const left = distinctFraction(keys, a + b + c);
        expect(distinctFraction(keys, a + (b + c))).toBeCloseTo(left, 12);
        expect(left).toBeLessThanOrEqual((distinctFraction(keys, a) + distinctFraction(keys, b) + distinctFraction(keys, c)) * (1 + 1e-9));
      }),
      { seed: 42, numRuns: 150 },
    );
  });

  it('the draws for a fraction leave that fraction', () => {
    fc.assert(
      fc.property(space, fc.double({ min: 0.001, max: 0.9, noNaN: true }), (keys, fraction) => {
        expect(distinctFraction(keys, drawsForFraction(keys, fraction))).toBeCloseTo(fraction, 6);
      }),
      { seed: 42, numRuns: 100 },
    );
    expect(drawsForFraction(uniform, 0)).toBe(0);
    expect(distinctFraction(uniform, drawsForFraction(uniform, 1))).toBeGreaterThan(1 - 1e-12);
  });

  it('no draws, no keys; a key space without keys is refused', () => {
    for (const distribution of ['uniform', 'sequential', 'unique', 'zipfian'] as const) {
      expect(distinctFraction(createKeySpace(distribution, 10, 0.99), 0)).toBe(0);
    }
    expect(() => createKeySpace('uniform', 0, 0.99)).toThrow(InvariantError);
  });
});
