import { describe, expect, test } from 'vitest';
import { InvariantError } from '../../engine/kernel/errors.js';
import { minimize } from '../../engine/kernel/nelder-mead.js';

const box = (size: number, count: number) => ({
  lower: Array.from({ length: count }, () => -size),
  upper: Array.from({ length: count }, () => size),
});

describe('Nelder-Mead', () => {
  test("finds the minimum of Rosenbrock's valley", () => {
    const rosenbrock = ([x = 0, y = 0]: readonly number[]) => 100 * (y - x * x) * (y - x * x) + (1 - x) * (1 - x);
    const { point, value, converged } = minimize(rosenbrock, { start: [-1.2, 1], ...box(5, 2) });
    expect(converged).toBe(true);
    expect(value).toBeLessThan(1e-12);
    expect(point[0]).toBeCloseTo(1, 6);
    expect(point[1]).toBeCloseTo(1, 6);
  });

  test("finds the minimum of Powell's function, whose Hessian is singular there", () => {
    const square = (x: number) => x * x;
    const powell = ([a = 0, b = 0, c = 0, d = 0]: readonly number[]) =>
      square(a + 10 * b) + 5 * square(c - d) + square(square(b - 2 * c)) + 10 * square(square(a - d));
    const { value } = minimize(powell, { start: [3, -1, 0, 1], ...box(5, 4) });
    expect(value).toBeLessThan(1e-10);
  });

  test('finds the corner of a sum of absolute values, where there is no gradient', () => {
    const { point } = minimize(([x = 0, y = 0, z = 0]) => Math.abs(x - 0.3) + Math.abs(y + 0.2) / 10 + 10 * Math.abs(z), {
      start: [0.9, 0.9, 0.9],
      ...box(1, 3),
    });
    expect(point.map((x) => Number(x.toFixed(9)) + 0)).toEqual([0.3, -0.2, 0]);
  });

  test('stays within its bounds and reaches a minimum that lies on them', () => {
    const seen: number[] = [];
    const { point } = minimize(
      ([x = 0, y = 0]) => {
        seen.push(x, y);
        return x + y * y;
      },
      { start: [1, 1], lower: [0.5, -1], upper: [1, 1] },
    );
    expect(point[0]).toBe(0.5);
    expect(point[1]).toBeCloseTo(0, 6);
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...seen)).toBeLessThanOrEqual(1);
  });

  test('says when the limit of evaluations ended the search', () => {
    const outcome = minimize(([x = 0]) => x * x, { start: [3], ...box(5, 1), evaluationLimit: 10 });
    expect(outcome.converged).toBe(false);
    expect(outcome.evaluations).toBeLessThanOrEqual(13);
  });

  test('wants bounds for every variable', () => {
    expect(() => minimize(() => 0, { start: [1, 2], lower: [0], upper: [1] })).toThrow(InvariantError);
  });
});
