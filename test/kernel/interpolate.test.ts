import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createGrid4, lookup, lookupBatch, type Four, type Grid4, type Scale } from '../../engine/kernel/interpolate.js';
import { InvariantError } from '../../engine/kernel/errors.js';
import { log2 } from '../../engine/kernel/math.js';

const linear: Four<Scale> = ['linear', 'linear', 'linear', 'linear'];

/** The definition: the sum over 16 corners of the product of the weights. */
function naive(axes: Four<readonly number[]>, values: readonly number[], scales: Four<Scale>, query: readonly number[]): number {
  const place = axes.map((knots, axis) => {
    const x = query[axis] ?? NaN;
    const at = (value: number): number => (scales[axis] === 'log2' ? log2(value) : value);
    if (knots.length === 1) return { cell: 0, t: 0 };
    let cell = knots.length - 2;
    while (cell > 0 && x < (knots[cell] ?? 0)) cell--;
    const low = at(knots[cell] ?? 0);
    const t = (at(x) - low) / (at(knots[cell + 1] ?? 0) - low);
    return { cell, t: Math.min(1, Math.max(0, t)) };
  });
  let sum = 0;
  for (let corner = 0; corner < 16; corner++) {
    let weight = 1;
    let index = 0;
    place.forEach(({ cell, t }, axis) => {
      const upper = (corner >> axis) & 1;
      weight *= upper === 1 ? t : 1 - t;
      const count = axes[axis]?.length ?? 1;
      index = index * count + Math.min(count - 1, cell + upper);
    });
    sum += weight * (values[index] ?? 0);
  }
  return sum;
}

/** Distance in units in the last place of the larger one. */
function ulps(a: number, b: number): number {
  let ulp = 2 ** -1074;
  const size = Math.max(Math.abs(a), Math.abs(b));
  if (size > 2 ** -1022) ulp = 2 ** (Math.floor(Math.log2(size)) - 52);
  return Math.abs(a - b) / ulp;
}

const knotsOf = fc
  .uniqueArray(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 5 })
  .map((knots) => knots.sort((a, b) => a - b));
const gridCase = fc.tuple(knotsOf, knotsOf, knotsOf, knotsOf).chain((axes) =>
  fc.record({
    axes: fc.constant(axes),
    values: fc.array(fc.double({ min: 1, max: 1e10, noNaN: true }), {
      minLength: axes.reduce((n, a) => n * a.length, 1),
      maxLength: axes.reduce((n, a) => n * a.length, 1),
    }),
    scales: fc.tuple(
      fc.constantFrom<Scale>('linear', 'log2'),
      fc.constantFrom<Scale>('linear', 'log2'),
      fc.constantFrom<Scale>('linear', 'log2'),
      fc.constantFrom<Scale>('linear', 'log2'),
    ),
    queries: fc.array(fc.tuple(...axes.map(() => fc.double({ min: 0.5, max: 2500, noNaN: true }))), { minLength: 1, maxLength: 20 }),
  }),
);

describe('lookup', () => {
  it('is within 4 ulp of the plain 16-corner sum', () => {
    let worst = 0;
    fc.assert(
      fc.property(gridCase, ({ axes, values, scales, queries }) => {
        const grid = createGrid4(axes, values, scales);
        for (const query of queries) {
          const [a = 0, b = 0, c = 0, d = 0] = query;
          const difference = ulps(lookup(grid, a, b, c, d), naive(axes, values, scales, query));
          worst = Math.max(worst, difference);
          expect(difference).toBeLessThanOrEqual(4);
        }
      }),
      { seed: 42, numRuns: 2000 },
    );
    expect(worst).toBeGreaterThan(0);
  });

  it('a batch gives the same bits', () => {
    fc.assert(
      fc.property(gridCase, ({ axes, values, scales, queries }) => {
        const grid = createGrid4(axes, values, scales);
        const out = new Float64Array(queries.length);
        lookupBatch(grid, Float64Array.from(queries.flat()), out);
        expect([...out]).toEqual(queries.map(([a = 0, b = 0, c = 0, d = 0]) => lookup(grid, a, b, c, d)));
      }),
      { seed: 42 },
    );
  });

  it('lies between the smallest and the largest value', () => {
    fc.assert(
      fc.property(gridCase, ({ axes, values, scales, queries }) => {
        const grid = createGrid4(axes, values, scales);
        for (const [a = 0, b = 0, c = 0, d = 0] of queries) {
          const found = lookup(grid, a, b, c, d);
          expect(found).toBeGreaterThanOrEqual(Math.min(...values) * (1 - 1e-15));
          expect(found).toBeLessThanOrEqual(Math.max(...values) * (1 + 1e-15));
        }
      }),
      { seed: 42 },
    );
  });

  const axes: Four<readonly number[]> = [[0, 100], [1, 4, 16], [1], [4, 64]];
  // 1000 i + 100 j + l at knots (i, j, 0, l).
  const values = [0, 1, 100, 101, 200, 201, 1000, 1001, 1100, 1101, 1200, 1201];

  it('returns a knot its own value, exactly', () => {
    const grid = createGrid4(axes, values, ['linear', 'log2', 'linear', 'log2']);
    let index = 0;
    for (const a of [0, 100]) for (const b of [1, 4, 16]) for (const d of [4, 64]) expect(lookup(grid, a, b, 1, d)).toBe(values[index++]);
  });

  it('halfway in log2 is the geometric mean of the knots', () => {
    const grid = createGrid4(axes, values, ['linear', 'log2', 'linear', 'log2']);
    expect(lookup(grid, 50, 8, 1, 16)).toBe(500 + 150 + 0.5);
  });

  it('halfway in linear is the arithmetic mean', () => {
    expect(lookup(createGrid4(axes, values, linear), 50, 10, 1, 34)).toBe(500 + 150 + 0.5);
  });

  it('clamps beyond the knots; an axis of one knot is constant', () => {
    const grid = createGrid4(axes, values, linear);
    expect(lookup(grid, 1e9, 0, 77, -5)).toBe(1000);
  });

  it('extrapolates when asked, along the edge cell', () => {
    const grid = createGrid4(axes, values, ['linear', 'log2', 'linear', 'linear'], 'extrapolate');
    expect(lookup(grid, 150, 64, 9, 4)).toBe(1500 + 300);
  });

  it('NaN in, NaN out', () => {
    expect(lookup(createGrid4(axes, values, linear), NaN, 1, 1, 4)).toBeNaN();
  });
});

describe('createGrid4 refuses', () => {
  const build =
    (axes: Four<readonly number[]>, values: readonly number[], scales = linear): (() => Grid4) =>
    () =>
      createGrid4(axes, values, scales);
  it.each([
    ['a wrong number of values', build([[0, 1], [1], [1], [1]], [1])],
    ['an empty axis', build([[], [1], [1], [1]], [])],
    ['knots that do not ascend', build([[1, 1], [1], [1], [1]], [1, 2])],
    ['a log2 axis with 0', build([[0, 1], [1], [1], [1]], [1, 2], ['log2', 'linear', 'linear', 'linear'])],
    ['values that are not finite', build([[0, 1], [1], [1], [1]], [1, NaN])],
  ])('%s', (_, make) => {
    expect(make).toThrow(InvariantError);
  });

  it('a batch whose arrays do not match', () => {
    const grid = createGrid4([[0, 1], [1], [1], [1]], [1, 2], linear);
    expect(() => {
      lookupBatch(grid, new Float64Array(7), new Float64Array(2));
    }).toThrow(InvariantError);
  });
});
