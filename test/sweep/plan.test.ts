import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Issue } from '../../engine/kernel/errors.js';
import { PutmodelError } from '../../engine/kernel/errors.js';
import { createPlan, representatives, runAt, valuesOf, type SweepPlan } from '../../engine/sweep/plan.js';
import type { SweepDocument } from '../../engine/sweep/sweep-file.js';

const planOf = (sweep: Omit<SweepDocument, 'base'>, baseSeed = 1): SweepPlan =>
  createPlan({ base: 'b.yaml', ...sweep }, baseSeed, (path) => ({ file: path.join('/') }));
const points = (plan: SweepPlan): unknown[] => Array.from({ length: plan.pointCount }, (_, point) => valuesOf(plan, point));

const issuesOf = (sweep: Omit<SweepDocument, 'base'>): readonly Issue[] => {
  try {
    planOf(sweep);
    return [];
  } catch (error) {
    if (error instanceof PutmodelError) return error.issues;
    throw error;
  }
};

describe('points', () => {
  test('are all combinations, the last axis fastest', () => {
    expect(points(planOf({ axes: { a: [1, 2], b: ['x', 'y', 'z'] } }))).toEqual([
      [1, 'x'],
      [1, 'y'],
      [1, 'z'],
      [2, 'x'],
      [2, 'y'],
      [2, 'z'],
    ]);
  });

  test('of zipped axes advance together, in the place of the first of them', () => {
    const plan = planOf({ axes: { a: [1, 2], b: [10, 20], c: [100, 200] }, zip: [['c', 'a']] });
    expect(points(plan)).toEqual([
      [1, 10, 100],
      [1, 20, 100],
      [2, 10, 200],
      [2, 20, 200],
    ]);
  });

  test('of zipped axes may have a value of one of them twice', () => {
    expect(planOf({ axes: { a: [1, 1, 2], b: [1, 2, 3] }, zip: [['a', 'b']] }).pointCount).toBe(3);
  });

  test('of drawn axes are one set of points, combined with the others', () => {
    const drawn = { random: { from: 0, to: 1, count: 3 } };
    const plan = planOf({ axes: { a: drawn, b: [1, 2], c: drawn } });
    expect(plan.pointCount).toBe(6);
    const pairs = new Set(points(plan).map((values) => JSON.stringify([(values as unknown[])[0], (values as unknown[])[2]])));
    expect(pairs.size).toBe(3);
  });

  test('that an exclude names in all its parts are left out', () => {
    const axes = { a: [1, 2, 3], b: ['x', 'y'] };
    expect(points(planOf({ axes, exclude: [{ a: 2, b: 'x' }] }))).toHaveLength(5);
    expect(points(planOf({ axes, exclude: [{ a: [1, 2] }] }))).toEqual([
      [3, 'x'],
      [3, 'y'],
    ]);
    expect(points(planOf({ axes, exclude: [{ a: { min: 2 } }, { b: 'y' }] }))).toEqual([[1, 'x']]);
    expect(points(planOf({ axes, exclude: [{ a: { min: 1.5, max: 2.5 } }] }))).toHaveLength(4);
  });

  test('each are run once a seed, from the base seed on or with those listed', () => {
    const plan = planOf({ axes: { a: [1, 2] }, seeds: 3 }, 7);
    expect(plan.runCount).toBe(6);
    expect([0, 1, 2, 3, 5].map((run) => runAt(plan, run))).toEqual([
      { pointIndex: 0, seed: 7 },
      { pointIndex: 0, seed: 8 },
      { pointIndex: 0, seed: 9 },
      { pointIndex: 1, seed: 7 },
      { pointIndex: 1, seed: 9 },
    ]);
    expect(planOf({ axes: { a: [1] }, seeds: [5, 99] }).seeds).toEqual([5, 99]);
  });

  test('whatever axes, zips and excludes: every combination that is not excluded occurs exactly once', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(lengths, fc.integer({ min: 0, max: 4 }), (sizes, excluded) => {
        const axes = Object.fromEntries(
          sizes.map((size, index) => [`a${String(index)}`, Array.from({ length: size }, (_, value) => value)]),
        );
        const kept = sizes[0]! - 1;
        fc.pre(sizes[0]! > excluded && kept > 0);
        const plan = planOf({ axes, exclude: [{ a0: excluded }] });
        expect(plan.pointCount).toBe(sizes.slice(1).reduce((product, size) => product * size, kept));
        expect(new Set(points(plan).map((values) => JSON.stringify(values))).size).toBe(plan.pointCount);
      }),
    );
  });
});

describe('representatives', () => {
  test('show every value of every axis, with its first and its last point', () => {
    const plan = planOf({ axes: { a: [1, 2], b: [1, 2, 3] } });
    expect(representatives(plan)).toEqual([
      { group: 0, position: 0, firstPoint: 0, lastPoint: 2 },
      { group: 0, position: 1, firstPoint: 3, lastPoint: 5 },
      { group: 1, position: 0, firstPoint: 0, lastPoint: 3 },
      { group: 1, position: 1, firstPoint: 1, lastPoint: 4 },
      { group: 1, position: 2, firstPoint: 2, lastPoint: 5 },
    ]);
  });

  test('of a long axis are 64, both ends among them', () => {
    const plan = planOf({ axes: { a: { range: { from: 1, to: 100_000, step: 1 } } } });
    const positions = representatives(plan).map(({ position }) => position);
    expect(positions).toHaveLength(64);
    expect([positions[0], positions.at(-1)]).toEqual([0, 99_999]);
  });
});

describe('a plan that cannot be made is refused with all its problems, each at its place', () => {
  test.each([
    [{ axes: { kind: ['lsm'] } }, 'sweep/axes/kind', 'the kind of scenario cannot be varied'],
    [{ axes: { seed: [1, 2] } }, 'sweep/axes/seed', 'seeds are not an axis'],
    [{ axes: { a: [1] }, set: { a: 2 } }, 'sweep/axes/a', 'set and varied'],
    [{ axes: { a: [1, 2] }, zip: [['a', 'bb']] }, 'sweep/zip/0', 'bb is no axis'],
    [{ axes: { a: [1, 2], b: [1] }, zip: [['a', 'b']] }, 'sweep/zip/0', 'different numbers of values'],
    [
      {
        axes: { a: [1], b: [2], c: [3] },
        zip: [
          ['a', 'b'],
          ['b', 'c'],
        ],
      },
      'sweep/zip/1',
      'b is in two groups',
    ],
    [
      {
        axes: { a: [1, 2, 3], b: [1, 2, 3], c: [1, 2, 3] },
        zip: [
          ['b', 'c'],
          ['a', 'b'],
        ],
      },
      'sweep/zip/1',
      'b is in two groups',
    ],
    [{ axes: { a: [1, 2, 3], b: [1, 2, 3] }, zip: [['b', 'b']] }, 'sweep/zip/0', 'b is there twice'],
    [{ axes: { a: [1, 2, 1] } }, 'sweep/axes/a', 'the value 1 is there twice'],
    [{ axes: { a: { range: { from: 1, to: 2, step: 0.25, whole: true } } } }, 'sweep/axes/a', 'the value 1 is there twice'],
    [{ axes: { a: [1] }, seeds: [3, 4, 3] }, 'sweep/seeds', 'the seed 3 is there twice'],
    [{ axes: { a: [1, 2] }, exclude: [{ a: 3 }] }, 'sweep/exclude/0', 'no point is excluded by this'],
    [{ axes: { a: [1, 2] }, exclude: [{ a: { min: 2, max: 1 } }] }, 'sweep/exclude/0', 'no point is excluded by this'],
    [{ axes: { a: { random: { from: 2, to: 1, count: 3 } } } }, 'sweep/axes/a', 'to lies below from'],
    [{ axes: { a: { latinHypercube: { from: 2, to: 1, count: 3 } } } }, 'sweep/axes/a', 'to lies below from'],
    [{ axes: { a: [1] }, exclude: [{ b: 1 }] }, 'sweep/exclude/0/b', 'b is no axis'],
    [{ axes: { a: [1] }, exclude: [{ a: 1 }] }, 'sweep/exclude', 'every point is excluded'],
    [
      { axes: { a: { range: { from: 0, to: 99999, step: 1 } }, b: { range: { from: 0, to: 99999, step: 1 } } } },
      'sweep/axes',
      '10000000000 combinations',
    ],
    [
      { axes: { a: { random: { from: 0, to: 1, count: 3 } }, b: { random: { from: 0, to: 1, count: 4 } } } },
      'sweep/axes/b',
      'axes with random are one set of points',
    ],
  ] as const)('%j', (sweep, file, message) => {
    const issues = issuesOf(sweep as unknown as Omit<SweepDocument, 'base'>);
    expect(issues).toHaveLength(1);
    expect(issues[0]).toMatchObject({ code: 'INPUT_INVALID', file });
    expect(issues[0]?.message).toContain(message);
  });

  test('several at once', () => {
    expect(issuesOf({ axes: { kind: [1], seed: [2] }, exclude: [{ c: 1 }] })).toHaveLength(3);
  });
});
