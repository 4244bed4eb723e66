import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fitCosts } from '../../engine/validation/least-squares.js';

describe('fitCosts', () => {
  test('finds the coefficients of exact data', () => {
    const cost = fc.double({ min: 0.01, max: 1000, noNaN: true });
    fc.assert(
      fc.property(cost, cost, (a, b) => {
        const rows = [
          [1, 1],
          [1, 10],
          [2, 5],
          [7, 3],
        ];
        const [x = 0, y = 0] = fitCosts(
          rows,
          rows.map(([p = 0, q = 0]) => a * p + b * q),
        );
        expect(Math.abs(x / a - 1)).toBeLessThan(1e-6);
        expect(Math.abs(y / b - 1)).toBeLessThan(1e-6);
      }),
      { seed: 42 },
    );
  });

  test('holds at 0 what would be negative, and fits the rest again', () => {
    // y falls as x grows: the best line has a negative slope; without it the relative least squares of 3, 2, 1 is (1/3+1/2+1)/(1/9+1/4+1).
    const [fixed, slope] = fitCosts(
      [
        [1, 1],
        [1, 2],
        [1, 3],
      ],
      [3, 2, 1],
    );
    expect(slope).toBe(0);
    expect(fixed).toBeCloseTo((1 / 3 + 1 / 2 + 1) / (1 / 9 + 1 / 4 + 1), 12);
  });

  test('gives 0 to a column that only repeats another, and numbers always', () => {
    const coefficients = fitCosts(
      [
        [1, 2],
        [2, 4],
        [3, 6],
      ],
      [10, 20, 30],
    );
    expect((coefficients[0] ?? 0) + 2 * (coefficients[1] ?? 0)).toBeCloseTo(10, 9);
    expect(fitCosts([[0], [0]], [1, 1])).toEqual([0]);
  });
});
