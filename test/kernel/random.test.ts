import { describe, expect, test } from 'vitest';
import { InvariantError } from '../../engine/kernel/errors.js';
import { createStream, type RandomStream } from '../../engine/kernel/random.js';

const draw = (stream: RandomStream, count: number): number[] => Array.from({ length: count }, () => stream.uniform());
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('random streams', () => {
  test('the same seed, name and index give the same numbers', () => {
    expect(draw(createStream(42, 'client', 3), 5)).toEqual(draw(createStream(42, 'client', 3), 5));
  });

  test('the numbers are those of Alea, fixed for good', () => {
    // seedrandom 3.0.5: alea('42:0:client').double(), three times.
    expect(draw(createStream(42, 'client'), 3)).toEqual([0.5656720449346366, 0.846035627348005, 0.058701438855689236]);
  });

  test('another seed, name or index gives other numbers, also where the parts run together', () => {
    const firsts = [
      createStream(1, 'a'),
      createStream(2, 'a'),
      createStream(1, 'b'),
      createStream(1, 'a', 1),
      createStream(11, 'a'),
      createStream(1, '1:a'),
      createStream(1, 'a:1'),
      createStream(-1, 'a'),
    ].map((stream) => stream.uniform());
    expect(new Set(firsts).size).toBe(firsts.length);
  });

  test('drawing from one stream does not shift another', () => {
    const alone = draw(createStream(7, 'flush'), 4);
    const other = createStream(7, 'compaction');
    const stream = createStream(7, 'flush');
    const mixed = alone.map(() => {
      other.normal();
      return stream.uniform();
    });
    expect(mixed).toEqual(alone);
  });

  test('a stream goes on from a saved state, also after JSON', () => {
    const stream = createStream(42, 'client');
    draw(stream, 10);
    const saved: unknown = JSON.parse(JSON.stringify(stream.state()));
    const expected = draw(stream, 5);
    const other = createStream(1, 'other');
    other.restore(saved as ReturnType<RandomStream['state']>);
    expect(draw(other, 5)).toEqual(expected);
  });

  test('taking the state draws nothing', () => {
    const stream = createStream(42, 'client');
    stream.state();
    expect(stream.uniform()).toBe(createStream(42, 'client').uniform());
  });

  test('uniform fills 0 to 1 evenly: each tenth of 100,000 draws holds a tenth within 4 standard deviations', () => {
    const tenths = new Array<number>(10).fill(0);
    for (const value of draw(createStream(1, 'uniform'), 100_000)) tenths[Math.floor(value * 10)]! += 1;
    for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(4 * Math.sqrt(100_000 * 0.1 * 0.9));
  });

  test('uniformInt(n) gives every whole number from 0 to n - 1', () => {
    const stream = createStream(1, 'int');
    const seen = new Set(Array.from({ length: 1000 }, () => stream.uniformInt(6)));
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(stream.uniformInt(1)).toBe(0);
    expect(stream.uniformInt(2 ** 53)).toBeLessThan(2 ** 53);
    for (const n of [0, -1, 1.5, NaN, Infinity]) expect(() => stream.uniformInt(n)).toThrow(InvariantError);
  });

  test('normal has mean 0 and variance 1 within 4 standard errors of 100,000 draws', () => {
    const stream = createStream(1, 'normal');
    const values = Array.from({ length: 100_000 }, () => stream.normal());
    expect(Math.abs(mean(values))).toBeLessThan(4 / Math.sqrt(100_000));
    expect(Math.abs(mean(values.map((value) => value * value)) - 1)).toBeLessThan(4 * Math.sqrt(2 / 100_000));
  });

  test('exponential has the mean asked for within 4 standard errors, and is never negative', () => {
    const stream = createStream(1, 'exponential');
    const values = Array.from({ length: 100_000 }, () => stream.exponential(250));
    expect(Math.abs(mean(values) - 250)).toBeLessThan((4 * 250) / Math.sqrt(100_000));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
  });

  test('neighbouring streams are not correlated: |r| of 10,000 pairs stays below 4 standard errors', () => {
    for (let index = 0; index < 8; index += 1) {
      const left = draw(createStream(42, 'client', index), 10_000);
      const right = draw(createStream(42, 'client', index + 1), 10_000);
      const covariance = mean(left.map((value, i) => (value - 0.5) * (right[i]! - 0.5)));
      expect(Math.abs(covariance * 12)).toBeLessThan(4 / 100);
    }
  });

  test('seed and index must be whole', () => {
    for (const seed of [0.5, NaN, 2 ** 53]) expect(() => createStream(seed, 'a')).toThrow(InvariantError);
    for (const index of [-1, 0.5, NaN]) expect(() => createStream(1, 'a', index)).toThrow(InvariantError);
  });
});
