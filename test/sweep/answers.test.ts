import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRequirement } from '../../engine/scenario/requirement.js';
import { mainEffects } from '../../engine/sweep/effects.js';
import { paretoFront, type Objective } from '../../engine/sweep/pareto.js';
import { createPlan, type SweepPlan } from '../../engine/sweep/plan.js';
import type { SweepDocument } from '../../engine/sweep/sweep-file.js';
import { thresholdsOf } from '../../engine/sweep/thresholds.js';

const planOf = (axes: SweepDocument['axes'], more: Partial<SweepDocument> = {}): SweepPlan =>
  createPlan({ base: 'b.yaml', axes, ...more }, 1, () => ({ file: 'sweep.yaml' }));
const numbers = (...values: number[]): Float64Array => Float64Array.from(values);

describe('the Pareto front', () => {
  test('holds the points that no other beats: more puts, fewer stalls', () => {
    const puts: Objective = { better: 'more', values: numbers(10, 20, 30, 15, 30, Number.NaN) };
    const stalls: Objective = { better: 'less', values: numbers(1, 2, 9, 3, 8, 0) };
    // 3 is beaten by 1, 2 by 4; 5 has no put rate.
    expect(paretoFront([puts, stalls])).toEqual([4, 1, 0]);
  });

  test('keeps points that are equal in everything', () => {
    expect(
      paretoFront([
        { better: 'more', values: numbers(5, 5, 4) },
        { better: 'less', values: numbers(1, 1, 1) },
      ]),
    ).toEqual([0, 1]);
  });

  test('is what comparing every point with every other gives', () => {
    const point = fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 }));
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 40 }), (points) => {
        const column = (index: number): Float64Array => Float64Array.from(points, (values) => values[index]!);
        const front = paretoFront([
          { better: 'more', values: column(0) },
          { better: 'less', values: column(1) },
          { better: 'more', values: column(2) },
        ]);
        const costs = points.map(([a, b, c]) => [-a, b, -c]);
        const beaten = (a: readonly number[]): boolean =>
          costs.some((b) => b.every((cost, i) => cost <= a[i]!) && b.some((cost, i) => cost < a[i]!));
        const expected = costs.flatMap((cost, index) => (beaten(cost) ? [] : [index]));
        expect([...front].sort((a, b) => a - b)).toEqual(expected);
      }),
    );
  });
});

describe('thresholds', () => {
  const plan = planOf({ rate: [100, 200, 300], readers: [1, 2] });
  // By point: rate 100 (1, 2 readers), 200 (1, 2), 300 (1, 2).
  const p99 = numbers(1, 2, 2, 4, 5, 6);

  test('are the first values at which a limit fails, line by line', () => {
    expect(thresholdsOf(plan, parseRequirement('x<=3'), p99)).toEqual([
      { axis: 'rate', lines: 2, alwaysHolds: 0, neverHolds: 0, failsFrom: { lines: 2, min: 200, median: 250, max: 300 }, holdsFrom: null },
      { axis: 'readers', lines: 3, alwaysHolds: 1, neverHolds: 1, failsFrom: { lines: 1, min: 2, median: 2, max: 2 }, holdsFrom: null },
    ]);
  });

  test('tell limits that begin to hold from limits that cease to', () => {
    const [rate] = thresholdsOf(plan, parseRequirement('x>=5'), p99);
    expect(rate).toMatchObject({ failsFrom: null, holdsFrom: { lines: 2, min: 300, max: 300 } });
  });

  test('leave out points without a figure, lines of one point, and axes that are no numbers', () => {
    const partly = planOf({ rate: [100, 200], device: ['a', 'b'] });
    expect(thresholdsOf(partly, parseRequirement('x<=3'), numbers(1, 1, 9, Number.NaN))).toEqual([
      { axis: 'rate', lines: 1, alwaysHolds: 0, neverHolds: 0, failsFrom: { lines: 1, min: 200, median: 200, max: 200 }, holdsFrom: null },
    ]);
  });

  test('are not looked for along axes drawn together, which change all at once; one drawn by itself is walked', () => {
    const drawn = { latinHypercube: { from: 0, to: 1, count: 4 } };
    const limit = parseRequirement('x<=3');
    expect(thresholdsOf(planOf({ a: drawn, b: drawn }), limit, numbers(1, 2, 5, 6))).toEqual([]);
    expect(thresholdsOf(planOf({ a: drawn }), limit, numbers(1, 2, 5, 6))).toMatchObject([{ axis: 'a', lines: 1 }]);
  });

  test('of zipped axes are told along each of numbers, with those that advance along', () => {
    const plan = planOf({ device: ['x', 'y', 'z'], rate: [1, 2, 3], jobs: [4, 4, 8] }, { zip: [['device', 'rate', 'jobs']] });
    expect(thresholdsOf(plan, parseRequirement('x<=3'), numbers(1, 2, 9))).toMatchObject([
      { axis: 'rate', zippedWith: ['device', 'jobs'], lines: 1, failsFrom: { min: 3, max: 3 } },
    ]);
  });

  test('walk an axis by value, not as it is written', () => {
    const [axis] = thresholdsOf(planOf({ rate: [300, 100, 200] }), parseRequirement('x<=3'), numbers(9, 1, 5));
    expect(axis?.failsFrom).toMatchObject({ min: 200, max: 200 });
  });
});

describe('main effects', () => {
  test('are the means at each value, and the variance between them of all: worked by hand', () => {
    // values 10, 20 (a=1), 30, 40 (a=2): mean 25, total 225 + 25 + 25 + 225 = 500; a: 4 x 100 = 400; b: means 20, 30, 4 x 25 = 100.
    const effects = mainEffects(planOf({ a: [1, 2], b: ['x', 'y'] }), numbers(10, 20, 30, 40));
    expect(effects).toEqual([
      {
        axis: 'a',
        varianceFraction: 0.8,
        levels: [
          { from: 1, to: null, points: 2, mean: 15 },
          { from: 2, to: null, points: 2, mean: 35 },
        ],
      },
      {
        axis: 'b',
        varianceFraction: 0.2,
        levels: [
          { from: 'x', to: null, points: 2, mean: 20 },
          { from: 'y', to: null, points: 2, mean: 30 },
        ],
      },
    ]);
  });

  test('of a metric that does not vary explain nothing', () => {
    expect(mainEffects(planOf({ a: [1, 2] }), numbers(3, 3))[0]?.varianceFraction).toBeNull();
    // The mean of three times 0.1 is 0.10000000000000002 in doubles.
    expect((0.1 + 0.1 + 0.1) / 3).not.toBe(0.1);
    expect(mainEffects(planOf({ a: [1, 2, 3] }), numbers(0.1, 0.1, 0.1))[0]?.varianceFraction).toBeNull();
  });

  test('of an axis of many values are told by ranges of equally many points', () => {
    const [effect] = mainEffects(
      planOf({ a: { range: { from: 1, to: 80, step: 1 } } }),
      Float64Array.from({ length: 80 }, (_, index) => index),
    );
    expect(effect?.levels).toHaveLength(8);
    expect(effect?.levels[0]).toEqual({ from: 1, to: 10, points: 10, mean: 4.5 });
  });

  test('leave out points without a figure and axes of one value', () => {
    const effects = mainEffects(planOf({ a: [1, 2, 3], b: [7] }), numbers(1, Number.NaN, 5));
    expect(effects).toHaveLength(1);
    expect(effects[0]?.levels.map(({ from }) => from)).toEqual([1, 3]);
  });

  test('of axes that advance together are one, of drawn axes each its own', () => {
    const [effect, ...others] = mainEffects(planOf({ a: [1, 2], b: [10, 20] }, { zip: [['a', 'b']] }), numbers(3, 5));
    expect(effect).toMatchObject({ axis: 'a + b', levels: [{ from: { a: 1, b: 10 } }, { from: { a: 2, b: 20 } }], varianceFraction: 1 });
    expect(others).toEqual([]);
    const drawn = { random: { from: 1, to: 9, count: 4 } };
    expect(
      mainEffects(planOf({ a: drawn, b: drawn }), numbers(1, 2, 3, 4))
        .map(({ axis }) => axis)
        .sort(),
    ).toEqual(['a', 'b']);
  });
});
