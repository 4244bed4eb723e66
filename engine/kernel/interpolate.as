// lookupBatch of interpolate.ts in AssemblyScript: the same steps in the same order, so the same bits (WebAssembly has no fused multiply-add).
// Built by `npm run build:wasm` into interpolate-wasm.ts. Memory, in doubles from `base`: the three tables of log2, then for each axis knots,
// lower ends and lengths, then the values, then a block of queries and one of results; the caller lays it out and says where it is.

let tables: usize = 0;
let values: usize = 0;
let clamps: bool = false;

let knots0: usize = 0, knots1: usize = 0, knots2: usize = 0, knots3: usize = 0;
let last0: i32 = 0, last1: i32 = 0, last2: i32 = 0, last3: i32 = 0;
let size0: usize = 0, size1: usize = 0, size2: usize = 0, size3: usize = 0;
let isLog0: bool = false, isLog1: bool = false, isLog2: bool = false, isLog3: bool = false;
let stride0: usize = 0, stride1: usize = 0, stride2: usize = 0, stride3: usize = 0;
let step0: usize = 0, step1: usize = 0, step2: usize = 0, step3: usize = 0;

export function setGrid(tablesAt: usize, valuesAt: usize, clamp: bool): void {
  tables = tablesAt;
  values = valuesAt;
  clamps = clamp;
}

/** One axis: knots at `at`, lower ends after them, lengths after those, `count` each. Strides and steps are in bytes. */
export function setAxis(axis: i32, at: usize, count: i32, last: i32, isLog: bool, stride: usize, step: usize): void {
  const size = <usize>count << 3;
  if (axis == 0) {
    knots0 = at; size0 = size; last0 = last; isLog0 = isLog; stride0 = stride; step0 = step;
  } else if (axis == 1) {
    knots1 = at; size1 = size; last1 = last; isLog1 = isLog; stride1 = stride; step1 = step;
  } else if (axis == 2) {
    knots2 = at; size2 = size; last2 = last; isLog2 = isLog; stride2 = stride; step2 = step;
  } else {
    knots3 = at; size3 = size; last3 = last; isLog3 = isLog; stride3 = stride; step3 = step;
  }
}

// @ts-ignore: decorator
@inline
function cellOf(knots: usize, last: i32, x: f64): i32 {
  let cell = 0;
  if (last <= 8) {
    for (let i = 1; i <= last; i++) cell += i32(x >= load<f64>(knots + (<usize>i << 3)));
    return cell;
  }
  for (let left = last; left > 0; ) {
    const half = (left + 1) >> 1;
    cell += x >= load<f64>(knots + (<usize>(cell + half) << 3)) ? half : 0;
    left -= half;
  }
  return cell;
}

// @ts-ignore: decorator
@inline
function log2Of(x: f64): f64 {
  const bits = reinterpret<i64>(x);
  const biased = bits >> 52;
  const i = <i32>(((bits & 0xfffffffffffff) >> 32) + 0x1000) >> 13;
  const m = reinterpret<f64>((bits & 0xfffffffffffff) | 0x3ff0000000000000);
  const entry = tables + (<usize>i << 3);
  const r = (m - (1.0 + <f64>i * 0.0078125)) * load<f64>(entry, 2064);
  const r2 = r * r;
  const low = 1.4426950408889634 + r * -0.7213475204444817;
  const middle = 0.4808983469629878 + r * -0.36067376022224085;
  const high = 0.28853900817779268 + r * -0.2404491734814939 + r2 * 0.20609929155556620;
  return <f64>(<i32>biased - 1023) + load<f64>(entry) + (load<f64>(entry, 1032) + r * (low + r2 * (middle + r2 * high)));
}

/** True where log2Of is log2 of math.ts, to the bit: elsewhere that one takes another way. */
// @ts-ignore: decorator
@inline
function isPlain(x: f64): bool {
  return x >= 2.2250738585072014e-308 && x < Infinity && (!(x > 0.9 && x < 1.12) || x == 1.0);
}

// @ts-ignore: decorator
@inline
function weightOf(isLog: bool, knots: usize, size: usize, cell: i32, x: f64, clamp: bool): f64 {
  const at = knots + size + (<usize>cell << 3);
  const t = ((isLog ? log2Of(x) : x) - load<f64>(at)) / load<f64>(at + size);
  return clamp ? min<f64>(1.0, max<f64>(0.0, t)) : t;
}

/** `count` queries at `queries` to `out`. Returns how many it did: it stops before one whose logarithm math.ts has to take. */
export function batch(queries: usize, out: usize, count: i32): i32 {
  const k0 = knots0, k1 = knots1, k2 = knots2, k3 = knots3;
  const clamp = clamps;
  for (let i = 0; i < count; i++) {
    const q = queries + (<usize>i << 5);
    const a = load<f64>(q), b = load<f64>(q, 8), c = load<f64>(q, 16), d = load<f64>(q, 24);
    if ((isLog0 && !isPlain(a)) || (isLog1 && !isPlain(b)) || (isLog2 && !isPlain(c)) || (isLog3 && !isPlain(d))) return i;
    const cell0 = cellOf(k0, last0, a);
    const cell1 = cellOf(k1, last1, b);
    const cell2 = cellOf(k2, last2, c);
    const cell3 = cellOf(k3, last3, d);
    const t0 = weightOf(isLog0, k0, size0, cell0, a, clamp);
    const t1 = weightOf(isLog1, k1, size1, cell1, b, clamp);
    const t2 = weightOf(isLog2, k2, size2, cell2, c, clamp);
    const t3 = weightOf(isLog3, k3, size3, cell3, d, clamp);
    const s1 = 1.0 - t1, s2 = 1.0 - t2, s3 = 1.0 - t3;
    const at00 = values + <usize>cell0 * stride0 + <usize>cell1 * stride1 + <usize>cell2 * stride2 + <usize>cell3 * stride3;
    const at01 = at00 + step1;
    const at10 = at00 + step0;
    const at11 = at10 + step1;
    const step23 = step2 + step3;
    const v00 = (load<f64>(at00) * s3 + load<f64>(at00 + step3) * t3) * s2 + (load<f64>(at00 + step2) * s3 + load<f64>(at00 + step23) * t3) * t2;
    const v01 = (load<f64>(at01) * s3 + load<f64>(at01 + step3) * t3) * s2 + (load<f64>(at01 + step2) * s3 + load<f64>(at01 + step23) * t3) * t2;
    const v10 = (load<f64>(at10) * s3 + load<f64>(at10 + step3) * t3) * s2 + (load<f64>(at10 + step2) * s3 + load<f64>(at10 + step23) * t3) * t2;
    const v11 = (load<f64>(at11) * s3 + load<f64>(at11 + step3) * t3) * s2 + (load<f64>(at11 + step2) * s3 + load<f64>(at11 + step23) * t3) * t2;
    store<f64>(out + (<usize>i << 3), (v00 * s1 + v01 * t1) * (1.0 - t0) + (v10 * s1 + v11 * t1) * t0);
  }
  return count;
}
