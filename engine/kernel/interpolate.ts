/**
 * Multilinear interpolation on a grid of four axes, flat and without allocation.
 *
 *   values[((i * n1 + j) * n2 + k) * n3 + l]     i, j, k, l: knots of axes 0..3, the last axis varies fastest
 *
 * A point lies in a cell of 2 x 2 x 2 x 2 corners. Along each axis its weight t runs from 0 at the lower knot to 1 at the upper one, in
 * the axis's scale: linear, or log2 for axes that grow by factors. The result is 8 + 4 + 2 + 1 steps of a * (1 - t) + b * t; that form
 * (not a + (b - a) * t) returns a knot's own value exactly at both ends and keeps the relative error of positive values within
 * 4 ulp of the plain 16-corner sum (test/kernel/interpolate.test.ts).
 */
import { invariant } from './errors.js';
import { log2 } from './math.js';

/** How a coordinate is measured along an axis. */
export type Scale = 'linear' | 'log2';

/** What a point outside the knots gets: the value at the edge, or the edge cell's slope carried on. */
export type Beyond = 'clamp' | 'extrapolate';

export type Four<T> = readonly [T, T, T, T];

/** One axis, ready for lookups. An axis of one knot is constant: its cell is that knot twice. */
interface Axis {
  /** knots[i]: ascending, in the user's unit. */
  readonly knots: Float64Array;
  /** lower[i]: knot i in the axis's scale. */
  readonly lower: Float64Array;
  /** length[i]: of the cell above knot i, in the axis's scale; Infinity on a constant axis, so that its weight is 0. Divided by: a product with the inverse costs an ulp. */
  readonly length: Float64Array;
  /** Last knot that starts a cell. */
  readonly lastCell: number;
  readonly isLog2: boolean;
  /** Distance in `values` between a cell's corners; 0 on a constant axis. */
  readonly step: number;
  /** Distance in `values` between neighbouring knots. */
  readonly stride: number;
}

/** A grid made by `createGrid4`; never changed afterwards. */
export interface Grid4 {
  readonly axis0: Axis;
  readonly axis1: Axis;
  readonly axis2: Axis;
  readonly axis3: Axis;
  readonly values: Float64Array;
  readonly clamps: boolean;
}

/**
 * A grid for lookups.
 * @param axes the knots of each axis: at least one, finite, strictly ascending; above 0 where the scale is log2
 * @param values finite, one for each combination, last axis fastest; copied
 * @throws InvariantError when any of that does not hold (callers check what people wrote)
 */
export function createGrid4(
  axes: Four<readonly number[]>,
  values: ArrayLike<number>,
  scales: Four<Scale>,
  beyond: Beyond = 'clamp',
): Grid4 {
  const counts = axes.map((knots) => knots.length);
  const size = counts.reduce((product, count) => product * count, 1);
  invariant(size > 0 && values.length === size, `createGrid4: ${String(values.length)} values for a grid of ${counts.join(' x ')}`);
  for (let i = 0; i < values.length; i++) invariant(Number.isFinite(values[i]), `createGrid4: value ${String(i)} is not a finite number`);
  const strideOf = (axis: number): number => counts.slice(axis + 1).reduce((product, count) => product * count, 1);
  return {
    axis0: createAxis(axes[0], scales[0], strideOf(0)),
    axis1: createAxis(axes[1], scales[1], strideOf(1)),
    axis2: createAxis(axes[2], scales[2], strideOf(2)),
    axis3: createAxis(axes[3], scales[3], strideOf(3)),
    values: Float64Array.from(values),
    clamps: beyond === 'clamp',
  };
}

/**
 * The value at one point, in the units of `values`. Finite coordinates, above 0 on log2 axes; NaN gives NaN.
 * Beyond the knots as the grid was told.
 */
export function lookup(grid: Grid4, a: number, b: number, c: number, d: number): number {
  const { axis0, axis1, axis2, axis3, clamps } = grid;
  const cell0 = cellOf(axis0.knots, axis0.lastCell, a);
  const cell1 = cellOf(axis1.knots, axis1.lastCell, b);
  const cell2 = cellOf(axis2.knots, axis2.lastCell, c);
  const cell3 = cellOf(axis3.knots, axis3.lastCell, d);
  return blend(
    grid.values,
    cell0 * axis0.stride + cell1 * axis1.stride + cell2 * axis2.stride + cell3 * axis3.stride,
    axis0.step,
    axis1.step,
    axis2.step,
    axis3.step,
    weightOf(axis0.isLog2, axis0.lower, axis0.length, cell0, a, clamps),
    weightOf(axis1.isLog2, axis1.lower, axis1.length, cell1, b, clamps),
    weightOf(axis2.isLog2, axis2.lower, axis2.length, cell2, c, clamps),
    weightOf(axis3.isLog2, axis3.lower, axis3.length, cell3, d, clamps),
  );
}

/**
 * `lookup` for many points: queries holds four coordinates a point, out gets one value a point, with the same bits. Everything the loop
 * reads is a local: that nearly halves the time of a lookup (bench/interpolate.bench.ts). `lookup` is not a batch of one: V8 compiles
 * a function for its loop or for its calls, and one that serves both is at times left uncompiled for the calls.
 */
export function lookupBatch(grid: Grid4, queries: Float64Array, out: Float64Array): void {
  const count = out.length;
  invariant(queries.length === 4 * count, 'lookupBatch: four coordinates for each result');
  const { values, clamps, axis0, axis1, axis2, axis3 } = grid;
  const { knots: knots0, lower: lower0, length: length0, lastCell: last0, isLog2: isLog0, stride: stride0, step: step0 } = axis0;
  const { knots: knots1, lower: lower1, length: length1, lastCell: last1, isLog2: isLog1, stride: stride1, step: step1 } = axis1;
  const { knots: knots2, lower: lower2, length: length2, lastCell: last2, isLog2: isLog2, stride: stride2, step: step2 } = axis2;
  const { knots: knots3, lower: lower3, length: length3, lastCell: last3, isLog2: isLog3, stride: stride3, step: step3 } = axis3;
  for (let i = 0, q = 0; i < count; i++, q += 4) {
    const a = queries[q]!;
    const b = queries[q + 1]!;
    const c = queries[q + 2]!;
    const d = queries[q + 3]!;
    const cell0 = cellOf(knots0, last0, a);
    const cell1 = cellOf(knots1, last1, b);
    const cell2 = cellOf(knots2, last2, c);
    const cell3 = cellOf(knots3, last3, d);
    let t0 = ((isLog0 ? log2(a) : a) - lower0[cell0]!) / length0[cell0]!;
    let t1 = ((isLog1 ? log2(b) : b) - lower1[cell1]!) / length1[cell1]!;
    let t2 = ((isLog2 ? log2(c) : c) - lower2[cell2]!) / length2[cell2]!;
    let t3 = ((isLog3 ? log2(d) : d) - lower3[cell3]!) / length3[cell3]!;
    if (clamps) {
      t0 = Math.min(1, Math.max(0, t0));
      t1 = Math.min(1, Math.max(0, t1));
      t2 = Math.min(1, Math.max(0, t2));
      t3 = Math.min(1, Math.max(0, t3));
    }
    const base = cell0 * stride0 + cell1 * stride1 + cell2 * stride2 + cell3 * stride3;
    out[i] = blend(values, base, step0, step1, step2, step3, t0, t1, t2, t3);
  }
}

/** Up to this many cells beyond the first, counting is faster than halving (bench/interpolate.bench.ts). */
const countedCells = 8;

/**
 * The cell that holds x, the first or last one when x is beyond: how many inner knots are at or below x. Without branches on x: a
 * mispredicted one costs more than comparing x with the few knots an axis has. Long axes are halved; a half that x is not in is looked at
 * again, where every knot is above x.
 */
function cellOf(knots: Float64Array, lastCell: number, x: number): number {
  let cell = 0;
  if (lastCell <= countedCells) {
    for (let i = 1; i <= lastCell; i++) cell += Number(x >= knots[i]!);
    return cell;
  }
  for (let left = lastCell; left > 0;) {
    const half = (left + 1) >> 1;
    cell += half * Number(x >= knots[cell + half]!);
    left -= half;
  }
  return cell;
}

/** How far x lies from the cell's lower knot to its upper one. Clamped: 0 to 1. */
function weightOf(isLog2: boolean, lower: Float64Array, length: Float64Array, cell: number, x: number, clamps: boolean): number {
  const t = ((isLog2 ? log2(x) : x) - lower[cell]!) / length[cell]!;
  return clamps ? Math.min(1, Math.max(0, t)) : t;
}

/** Fifteen linear steps: from the four corners of axes 0 and 1, around each a square of axes 2 and 3, to one value. */
function blend(
  values: Float64Array,
  at00: number,
  step0: number,
  step1: number,
  step2: number,
  step3: number,
  t0: number,
  t1: number,
  t2: number,
  t3: number,
): number {
  const s1 = 1 - t1;
  const s2 = 1 - t2;
  const s3 = 1 - t3;
  const at01 = at00 + step1;
  const at10 = at00 + step0;
  const at11 = at10 + step1;
  const step23 = step2 + step3;
  const v00 = (values[at00]! * s3 + values[at00 + step3]! * t3) * s2 + (values[at00 + step2]! * s3 + values[at00 + step23]! * t3) * t2;
  const v01 = (values[at01]! * s3 + values[at01 + step3]! * t3) * s2 + (values[at01 + step2]! * s3 + values[at01 + step23]! * t3) * t2;
  const v10 = (values[at10]! * s3 + values[at10 + step3]! * t3) * s2 + (values[at10 + step2]! * s3 + values[at10 + step23]! * t3) * t2;
  const v11 = (values[at11]! * s3 + values[at11 + step3]! * t3) * s2 + (values[at11 + step2]! * s3 + values[at11 + step23]! * t3) * t2;
  return (v00 * s1 + v01 * t1) * (1 - t0) + (v10 * s1 + v11 * t1) * t0;
}

function createAxis(knots: readonly number[], scale: Scale, stride: number): Axis {
  for (let i = 0; i < knots.length; i++) {
    const knot = knots[i]!;
    invariant(Number.isFinite(knot) && (i === 0 || knot > knots[i - 1]!), 'createGrid4: the knots of an axis must be finite and ascend');
    invariant(scale === 'linear' || knot > 0, 'createGrid4: the knots of a log2 axis must be above 0');
  }
  const lower = Float64Array.from(knots, (knot) => (scale === 'log2' ? log2(knot) : knot));
  const constant = knots.length === 1;
  return {
    knots: Float64Array.from(knots),
    lower,
    length: lower.map((value, i) => (i + 1 < lower.length ? lower[i + 1]! - value : Infinity)),
    lastCell: Math.max(0, knots.length - 2),
    isLog2: scale === 'log2',
    step: constant ? 0 : stride,
    stride,
  };
}
