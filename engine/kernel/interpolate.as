// lookupBatch of interpolate.ts in AssemblyScript, two points at a time: the same steps in the same order in each lane, so the same bits
// (WebAssembly has no fused multiply-add). Built by `npm run build:wasm` into interpolate-wasm.ts.
//
// A block goes axis by axis through short loops, each with little to wait for, so that a processor works on many points at once: first cells
// and weights of each axis in turn, then the values. Memory, which the caller lays out:
//
//   tables    three doubles a row: log2Upper, log2Lower, log2Inverse of math.ts, and one that is not used
//   axes      of each: its knots; then lower end and length of each cell
//   values    of the grid
//   queries   four coordinates a point
//   weights   of axis 0, of axis 1, ...: a column each; then the columns of offsets in `values` (bytes), 8 bytes a point

const block: i32 = 512;

let tables: usize = 0;
let values: usize = 0;
let clamps: bool = false;
let weights: usize = 0;
let offsets: usize = 0;
let step0: usize = 0, step1: usize = 0, step2: usize = 0, step3: usize = 0;

/** From here on memory is the caller's. */
export function freeFrom(): usize {
  return __heap_base;
}

export function setGrid(tablesAt: usize, valuesAt: usize, clamp: bool, scratchAt: usize): void {
  tables = tablesAt;
  values = valuesAt;
  clamps = clamp;
  weights = scratchAt;
  offsets = weights + 4 * 8 * block;
}

/** Distances between the corners of a cell, in bytes. */
export function setSteps(a: usize, b: usize, c: usize, d: usize): void {
  step0 = a;
  step1 = b;
  step2 = c;
  step3 = d;
}

// What the logarithms need, loaded from memory: an engine makes a vector of a constant anew each time, in three steps.
const constants: usize = memory.data<f64>([
  1.4426950408889634, -0.7213475204444817, 0.4808983469629878, -0.36067376022224085, 0.28853900817779268, -0.2404491734814939,
  0.2060992915555662, 4503599627371519.0, 0.9, 1.12, 2.2250738585072014e-308, Infinity, 1.0, 0.0,
]);
const masks: usize = memory.data<i64>([0xfffffffffffff, 0x100000000000, 0x1fe00000000000, 0x3ff0000000000000, 0x4330000000000000]);

@inline
function constant(index: usize): v128 {
  return v128.load64_splat(constants + 8 * index);
}

@inline
function mask(index: usize): v128 {
  return v128.load64_splat(masks + 8 * index);
}

@inline
function both(x: f64): v128 {
  return f64x2.splat(x);
}

/** Two doubles, `apart` bytes from each other. */
@inline
function gather(a: usize, b: usize): v128 {
  return v128.load64_lane(b, v128.load64_zero(a), 1);
}

/** cellOf of interpolate.ts. */
@inline
function cellsOf(knots: usize, last: i32, x: v128): v128 {
  let cells = i64x2.splat(0);
  if (last <= 12) {
    for (let i = 1; i <= last; i++) cells = i64x2.sub(cells, f64x2.ge(x, v128.load64_splat(knots + (<usize>i << 3))));
    return cells;
  }
  for (let left = last; left > 0; ) {
    const half = (left + 1) >> 1;
    const at = knots + (<usize>half << 3);
    const middle = gather(at + (<usize>i32x4.extract_lane(cells, 0) << 3), at + (<usize>i32x4.extract_lane(cells, 2) << 3));
    cells = i64x2.add(cells, v128.and(f64x2.ge(x, middle), i64x2.splat(half)));
    left -= half;
  }
  return cells;
}

/** log2 of math.ts for normal numbers, but for (0.9, 1.12). */
@inline
function log2Table(x: v128): v128 {
  const fraction = v128.and(x, mask(0));
  const rounded = i64x2.add(fraction, mask(1));
  const i = i64x2.shr_u(rounded, 45);
  const a = tables + (<usize>i32x4.extract_lane(i, 0) << 5);
  const b = tables + (<usize>i32x4.extract_lane(i, 2) << 5);
  const one = mask(3);
  const m = v128.or(fraction, one);
  const c = i64x2.add(v128.and(rounded, mask(2)), one);
  const r = f64x2.mul(f64x2.sub(m, c), gather(a + 16, b + 16));
  const r2 = f64x2.mul(r, r);
  const low = f64x2.add(constant(0), f64x2.mul(r, constant(1)));
  const middle = f64x2.add(constant(2), f64x2.mul(r, constant(3)));
  const high = f64x2.add(
    f64x2.add(constant(4), f64x2.mul(r, constant(5))),
    f64x2.mul(r2, constant(6)),
  );
  const inner = f64x2.add(low, f64x2.mul(r2, f64x2.add(middle, f64x2.mul(r2, high))));
  // The exponent as a double: 2^52 + biased, less 2^52 and the bias.
  const biased = v128.or(i64x2.shr_u(x, 52), mask(4));
  const k = f64x2.sub(biased, constant(7));
  const first = v128.load(a), second = v128.load(b);
  const upper = v128.shuffle<f64>(first, second, 0, 2);
  const lower = v128.shuffle<f64>(first, second, 1, 3);
  return f64x2.add(f64x2.add(k, upper), f64x2.add(lower, f64x2.mul(r, inner)));
}

/** logInBase of math.ts for base 2 and (0.9, 1.12), where its exponent is 0. */
function log2NearOne(x: v128): v128 {
  const f = f64x2.sub(x, both(1.0));
  const halfSquare = f64x2.mul(f64x2.mul(both(0.5), f), f);
  const upper = f64x2.sub(f, halfSquare);
  const spread = f64x2.mul(upper, both(4294967297.0));
  const hi = f64x2.sub(spread, f64x2.sub(spread, upper));
  const lo = f64x2.add(f64x2.sub(f64x2.sub(f, hi), halfSquare), log1pCore(f, halfSquare));
  const sum = f64x2.mul(hi, both(1.44269504072144627571));
  const rest = f64x2.mul(f64x2.add(lo, hi), both(1.67517131648865118353e-10));
  return f64x2.add(f64x2.add(rest, f64x2.mul(lo, both(1.44269504072144627571))), sum);
}

@inline
function log1pCore(f: v128, halfSquare: v128): v128 {
  const s = f64x2.div(f, f64x2.add(both(2.0), f));
  const z = f64x2.mul(s, s);
  const w = f64x2.mul(z, z);
  const a = f64x2.add(both(2.222219843214978396e-1), f64x2.mul(w, both(1.531383769920937332e-1)));
  const t1 = f64x2.mul(w, f64x2.add(both(3.999999999940941908e-1), f64x2.mul(w, a)));
  const b = f64x2.add(both(1.818357216161805012e-1), f64x2.mul(w, both(1.479819860511658591e-1)));
  const c = f64x2.add(both(2.857142874366239149e-1), f64x2.mul(w, b));
  const t2 = f64x2.mul(z, f64x2.add(both(6.66666666666673513e-1), f64x2.mul(w, c)));
  return f64x2.mul(s, f64x2.add(halfSquare, f64x2.add(t1, t2)));
}

/** Weights of one axis, and its share of the offsets. `y`: the coordinates in the axis's scale. */
@inline
function weigh(cells: v128, y: v128, pairs: usize, stride: i32, t: usize, offset: usize, isFirst: bool): v128 {
  const first = v128.load(pairs + (<usize>i32x4.extract_lane(cells, 0) << 4));
  const second = v128.load(pairs + (<usize>i32x4.extract_lane(cells, 2) << 4));
  const distance = f64x2.sub(y, v128.shuffle<f64>(first, second, 0, 2));
  let weight = f64x2.div(distance, v128.shuffle<f64>(first, second, 1, 3));
  if (clamps) weight = f64x2.pmin(constant(12), f64x2.pmax(constant(13), weight));
  v128.store(t, weight);
  const share = i32x4.mul(cells, i32x4.splat(stride));
  v128.store(offset, isFirst ? share : i32x4.add(share, v128.load(offset)));
  return distance;
}

/**
 * Cells and weights of axis `axis` for all points. Stride in bytes. Returns whether every coordinate is one that these steps are right for:
 * on a log2 axis normal and positive, otherwise finite.
 */
export function weighAxis(queries: usize, count: i32, axis: i32, at: usize, knotCount: i32, last: i32, isLog: bool, stride: i32): bool {
  const pairs = at + (<usize>knotCount << 3);
  const column = weights + <usize>axis * 8 * block;
  const isFirst = axis == 0;
  let right = i64x2.splat(-1);
  let q = queries + (<usize>axis << 3);
  for (let i = 0; i < count; i += 2, q += 64) {
    const x = gather(q, q + 32);
    const cells = cellsOf(at, last, x);
    const t = column + (<usize>i << 3);
    const offset = offsets + (<usize>i << 3);
    if (isLog) {
      let y = log2Table(x);
      const near = v128.and(f64x2.gt(x, constant(8)), f64x2.lt(x, constant(9)));
      if (v128.any_true(near)) y = v128.bitselect(log2NearOne(x), y, near);
      right = v128.and(right, v128.and(f64x2.ge(x, constant(10)), f64x2.lt(x, constant(11))));
      weigh(cells, y, pairs, stride, t, offset, isFirst);
    } else {
      const distance = weigh(cells, x, pairs, stride, t, offset, isFirst);
      right = v128.and(right, f64x2.eq(f64x2.sub(distance, distance), constant(13)));
    }
  }
  return i64x2.all_true(right);
}

@inline
function lerp(low: v128, high: v128, s: v128, t: v128): v128 {
  return f64x2.add(f64x2.mul(low, s), f64x2.mul(high, t));
}

/** Values of all points, after `weighAxis` of each axis. */
export function blend(out: usize, count: i32): void {
  const d0 = step0, d1 = step1, d2 = step2, d3 = step3;
  const d01 = d0 + d1, d23 = d2 + d3;
  const one = both(1.0);
  const w = weights, o = offsets, base = values;
  for (let i = 0; i < count; i += 2) {
    const at = <usize>i << 3;
    const a = base + load<u32>(o + at), b = base + load<u32>(o + at, 8);
    const t0 = v128.load(w + at), t1 = v128.load(w + at, 8 * block);
    const t2 = v128.load(w + at, 16 * block), t3 = v128.load(w + at, 24 * block);
    const s0 = f64x2.sub(one, t0), s1 = f64x2.sub(one, t1), s2 = f64x2.sub(one, t2), s3 = f64x2.sub(one, t3);
    const v00 = square(a, b, d2, d3, d23, s2, t2, s3, t3);
    const v01 = square(a + d1, b + d1, d2, d3, d23, s2, t2, s3, t3);
    const v10 = square(a + d0, b + d0, d2, d3, d23, s2, t2, s3, t3);
    const v11 = square(a + d01, b + d01, d2, d3, d23, s2, t2, s3, t3);
    v128.store(out + at, lerp(lerp(v00, v01, s1, t1), lerp(v10, v11, s1, t1), s0, t0));
  }
}

/** A square of axes 2 and 3. */
@inline
function square(a: usize, b: usize, d2: usize, d3: usize, d23: usize, s2: v128, t2: v128, s3: v128, t3: v128): v128 {
  return lerp(
    lerp(gather(a, b), gather(a + d3, b + d3), s3, t3),
    lerp(gather(a + d2, b + d2), gather(a + d23, b + d23), s3, t3),
    s2,
    t2,
  );
}
