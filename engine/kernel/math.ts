/**
 * Elementary functions with the same bits everywhere. ECMAScript leaves Math.exp, log, sin and pow to the implementation (`**` differs
 * in the last bit between Node 22 and 24), and one bit can swap two events; here only + - * / sqrt and the bits of a double are used,
 * all of which the language defines exactly.
 *
 * Algorithms and constants are those of fdlibm (Sun Microsystems, 1993: "Permission to use, copy, modify, and distribute this software
 * is freely granted, provided that this notice is preserved") in the form FreeBSD keeps in lib/msun/src; each function names its file.
 * Error bounds are in ulp of the result: fdlibm's own, and test/kernel/math.test.ts checks them against references worked out in
 * exact integer arithmetic. Special values are those of the Math function of the same meaning.
 */

/** Scratch for looking at the bits of a double; written before every read, so it carries nothing from call to call. */
const doubleView = new Float64Array(1);
const wordView = new Int32Array(doubleView.buffer);
doubleView[0] = 1;
/** Index of the word with sign, exponent and upper fraction bits: 1 on little-endian machines. */
const HIGH = wordView[1] === 0 ? 0 : 1;
const LOW = 1 - HIGH;

const TWO_54 = 18014398509481984;
/** 2^32 + 1: splits a double into 21 and 32 bits (Veltkamp 1968). */
const SPLITTER = 4294967297;
const TWO_1023 = 8.98846567431158e307;
const TWO_MINUS_1000 = 9.332636185032189e-302;
const LN2_HI = 6.9314718036912381649e-1;
const LN2_LO = 1.90821492927058770002e-10;
const INVERSE_LN2 = 1.442695040888963387;
/** exp(x) is Infinity above this and 0 below that. */
const EXP_OVERFLOW = 7.09782712893383973096e2;
const EXP_UNDERFLOW = -7.4513321910194110842e2;

function highWord(x: number): number {
  doubleView[0] = x;
  return wordView[HIGH]!;
}

function withHighWord(x: number, word: number): number {
  doubleView[0] = x;
  wordView[HIGH] = word;
  return doubleView[0];
}

function withoutLowWord(x: number): number {
  doubleView[0] = x;
  wordView[LOW] = 0;
  return doubleView[0];
}

/** 2^exponent for -1022 <= exponent <= 1023. */
function powerOfTwo(exponent: number): number {
  wordView[LOW] = 0;
  wordView[HIGH] = (exponent + 1023) << 20;
  return doubleView[0]!;
}

/** inversePowers[k + 1023] = 2^-k, which brings a double with the binary exponent k into [1, 2): exact, and cheaper than writing its bits. */
const inversePowers = Float64Array.from({ length: 2048 }, (_, i) =>
  i <= 2045 ? powerOfTwo(1023 - i) : (powerOfTwo(-1022) * 2) / (i === 2046 ? 4 : 8),
);

/** x * 2^exponent rounded once, for x near 1 and -2000 < exponent <= 1024. */
function scaleByPowerOfTwo(x: number, exponent: number): number {
  if (exponent < -1021) return x * powerOfTwo(exponent + 1000) * TWO_MINUS_1000;
  if (exponent > 1023) return x * 2 * TWO_1023;
  return x * powerOfTwo(exponent);
}

/** The even part of x / tanh(x / 2), the rational core of exp (e_exp.c): x - (P1 x^2 + P2 x^4 + ...), given x^2. */
function expCore(x: number, t: number): number {
  return (
    x -
    t *
      (1.66666666666666019037e-1 +
        t *
          (-2.77777777770155933842e-3 + t * (6.61375632143793436117e-5 + t * (-1.6533902205465251539e-6 + t * 4.13813679705723846039e-8))))
  );
}

/** e^x, error below 1 ulp. Infinity above 709.78, 0 below -745.13, NaN for NaN. Source: e_exp.c. */
export function exp(x: number): number {
  if (x !== x) return x;
  if (x > EXP_OVERFLOW) return Infinity;
  if (x < EXP_UNDERFLOW) return 0;
  if (x === 1) return Math.E;
  const size = Math.abs(x);
  if (size < 3.7252902984619140625e-9) return 1 + x;
  if (size <= 0.34657359027997264) {
    const c = expCore(x, x * x);
    return 1 - ((x * c) / (c - 2) - x);
  }
  const k = Math.trunc(INVERSE_LN2 * x + (x < 0 ? -0.5 : 0.5));
  const hi = x - k * LN2_HI;
  const lo = k * LN2_LO;
  const r = hi - lo;
  const c = expCore(r, r * r);
  return scaleByPowerOfTwo(1 - (lo - (r * c) / (2 - c) - hi), k);
}

/** e^x - 1 without cancellation near 0, error below 1 ulp; -0 stays -0. Source: s_expm1.c. */
export function expm1(x: number): number {
  if (x !== x || x === 0) return x;
  if (x > EXP_OVERFLOW) return Infinity;
  if (x < -38.816242903227245) return -1;
  const size = Math.abs(x);
  if (size < 5.551115123125783e-17) return x;
  let k = 0;
  let r = x;
  let c = 0;
  if (size > 0.34657359027997264) {
    k = size < 1.0397207708399179 ? (x < 0 ? -1 : 1) : Math.trunc(INVERSE_LN2 * x + (x < 0 ? -0.5 : 0.5));
    const hi = x - k * LN2_HI;
    const lo = k * LN2_LO;
    r = hi - lo;
    c = hi - r - lo;
  }
  const half = 0.5 * r;
  const hxs = r * half;
  const r1 =
    1 +
    hxs *
      (-3.33333333333331316428e-2 +
        hxs *
          (1.58730158725481460165e-3 +
            hxs * (-7.93650757867487942473e-5 + hxs * (4.00821782732936239552e-6 + hxs * -2.01099218183624371326e-7))));
  const t = 3 - r1 * half;
  let e = hxs * ((r1 - t) / (6 - r * t));
  if (k === 0) return r - (r * e - hxs);
  e = r * (e - c) - c - hxs;
  if (k === -1) return 0.5 * (r - e) - 0.5;
  if (k === 1) return r < -0.25 ? -2 * (e - (r + 0.5)) : 1 + 2 * (r - e);
  if (k <= -2 || k > 56) return scaleByPowerOfTwo(1 - (e - r), k) - 1;
  const inverse = powerOfTwo(-k);
  const y = k < 20 ? 1 - inverse - (e - r) : r - (e + inverse) + 1;
  return y * powerOfTwo(k);
}

/** log(1 + f) - (f - f^2/2) for -0.2929 < f < 0.4143, the shared core of the logarithms. Source: k_log.h. */
function log1pCore(f: number): number {
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const t1 = w * (3.999999999940941908e-1 + w * (2.222219843214978396e-1 + w * 1.531383769920937332e-1));
  const t2 = z * (6.66666666666673513e-1 + w * (2.857142874366239149e-1 + w * (1.818357216161805012e-1 + w * 1.479819860511658591e-1)));
  return s * (0.5 * f * f + (t1 + t2));
}

/** What the logarithms of x <= 0, Infinity and NaN are: -Infinity at either zero, NaN below. */
function logSpecial(x: number): number {
  if (x === 0) return -Infinity;
  return x < 0 ? NaN : x;
}

/** Natural logarithm, error below 1 ulp. log(0) is -Infinity, negative gives NaN. Source: e_log.c with the core of k_log.h. */
export function log(x: number): number {
  if (!(x > 0 && x < Infinity)) return logSpecial(x);
  const subnormal = x < 2.2250738585072014e-308;
  const scaled = subnormal ? x * TWO_54 : x;
  const word = highWord(scaled);
  const fraction = word & 0xfffff;
  // 0x100000 when the fraction is above sqrt(2): then x = 2^(k+1) * m with m in [sqrt(2)/2, 1).
  const carry = (fraction + 0x95f64) & 0x100000;
  const exponent = (word >> 20) + (carry >> 20);
  const k = exponent - 1023 - (subnormal ? 54 : 0);
  const f = scaled * inversePowers[exponent]! - 1;
  const halfSquare = 0.5 * f * f;
  const core = log1pCore(f);
  if (k === 0) return f - (halfSquare - core);
  return k * LN2_HI - (halfSquare - (core + k * LN2_LO) - f);
}

/**
 * log of x in another base, from log(1 + f) in two pieces: `f - f^2/2` rounded to 21 bits (Veltkamp's splitting; fdlibm cuts), so that its product with the upper part of
 * 1/log(base) is exact, and the rest. `exponentHi + exponentLo` is log2's value of one binary exponent in that base.
 */
function logInBase(x: number, inverseHi: number, inverseLo: number, exponentHi: number, exponentLo: number): number {
  if (!(x > 0 && x < Infinity)) return logSpecial(x);
  if (x === 1) return 0;
  const subnormal = x < 2.2250738585072014e-308;
  const scaled = subnormal ? x * TWO_54 : x;
  const word = highWord(scaled);
  const fraction = word & 0xfffff;
  const carry = (fraction + 0x95f64) & 0x100000;
  const biased = (word >> 20) + (carry >> 20);
  const k = biased - 1023 - (subnormal ? 54 : 0);
  const f = scaled * inversePowers[biased]! - 1;
  const halfSquare = 0.5 * f * f;
  const upper = f - halfSquare;
  const spread = upper * SPLITTER;
  const hi = spread - (spread - upper);
  const lo = f - hi - halfSquare + log1pCore(f);
  const valueHi = hi * inverseHi;
  const exponent = k * exponentHi;
  const sum = exponent + valueHi;
  const valueLo = k * exponentLo + (lo + hi) * inverseLo + lo * inverseHi + (exponent - sum + valueHi);
  return valueLo + sum;
}

/** e_log2.c, good to the last bit near 1, where the logarithm is near 0. */
function log2ByFdlibm(x: number): number {
  return logInBase(x, 1.44269504072144627571, 1.67517131648865118353e-10, 1, 0);
}

/** Intervals of [1, 2] in the tables of `log2`. */
const LOG2_STEPS = 128;
/** log2(1 + i / 128) in two parts: the upper has at most 42 bits, so that adding a binary exponent to it is exact. 129 entries each. */
export const log2Upper = new Float64Array(LOG2_STEPS + 1);
/** The lower part: what the upper one leaves. */
export const log2Lower = new Float64Array(LOG2_STEPS + 1);
/** 1 / (1 + i / 128), rounded. */
export const log2Inverse = new Float64Array(LOG2_STEPS + 1);

/** Good to about 2^-70 of each entry, as splitLog2 is. */
function fillLog2Tables(): void {
  for (let i = 0; i <= LOG2_STEPS; i++) {
    splitLog2(1 + i / LOG2_STEPS);
    const upper = log2Parts[0]!;
    log2Upper[i] = upper;
    log2Lower[i] = log2Parts[1]!;
    log2Inverse[i] = 1 / (1 + i / LOG2_STEPS);
  }
}

/**
 * Logarithm to base 2, error below 0.6 ulp outside [0.9, 1.12] and below 1 ulp there, exact for powers of two. Specials as `log`.
 *
 * x = 2^k m with m in [1, 2); c = 1 + i / 128 is the table's point next to m; r = (m - c) / c is at most 2^-8, and m - c is exact. Then
 * log2 x = (k + log2 c) + log2(1 + r), the last by its series to r^7. After P. Tang, "Table-driven implementation of the logarithm function
 * in IEEE floating-point arithmetic", 1990. Near 1 the parts cancel, and fdlibm's does better.
 */
export function log2(x: number): number {
  if (!(x >= 2.2250738585072014e-308 && x < Infinity) || (x > 0.9 && x < 1.12)) return log2ByFdlibm(x);
  const word = highWord(x);
  const biased = word >> 20;
  const i = ((word & 0xfffff) + 0x1000) >> 13;
  const r = (x * inversePowers[biased]! - (1 + i * 0.0078125)) * log2Inverse[i]!;
  const r2 = r * r;
  const low = 1.4426950408889634 + r * -0.7213475204444817;
  const middle = 0.4808983469629878 + r * -0.36067376022224085;
  const high = 0.28853900817779268 + r * -0.2404491734814939 + r2 * 0.2060992915555662;
  return biased - 1023 + log2Upper[i]! + (log2Lower[i]! + r * (low + r2 * (middle + r2 * high)));
}

/** Logarithm to base 10, error below 1 ulp, exact for powers of ten that a double holds. Specials as `log`. Source: e_log10.c. */
export function log10(x: number): number {
  return logInBase(x, 4.34294481878168880939e-1, 2.50829467116452752298e-11, 3.01029995663611771306e-1, 3.69423907715893078616e-13);
}

/** log(1 + x) without cancellation near 0, error below 1 ulp; -0 stays -0, -1 gives -Infinity, below NaN. Source: s_log1p.c. */
export function log1p(x: number): number {
  if (!(x > -1 && x < Infinity)) return x === -1 ? -Infinity : x < -1 ? NaN : x;
  if (Math.abs(x) < 5.551115123125783e-17) return x;
  let k = 0;
  let f = x;
  let c = 0;
  if (x <= -0.2928932188134524 || x >= 0.41421356237309503) {
    const u = x < 9007199254740992 ? 1 + x : x;
    const word = highWord(u);
    const fraction = word & 0xfffff;
    const carry = (fraction + 0x95f64) & 0x100000;
    // What 1 + x lost in rounding, as a share of it.
    c = x < 9007199254740992 ? (x >= 1 ? 1 - (u - x) : x - (u - 1)) / u : 0;
    k = (word >> 20) - 1023 + (carry >> 20);
    f = withHighWord(u, fraction | (carry ^ 0x3ff00000)) - 1;
  }
  const halfSquare = 0.5 * f * f;
  const core = log1pCore(f);
  if (k === 0) return f - (halfSquare - (core + c));
  return k * LN2_HI - (halfSquare - (core + (k * LN2_LO + c)) - f);
}

/**
 * x^y, error below 1 ulp; exact when x and y are integers and the result fits a double. Specials as Math.pow: anything to the 0 is 1, a
 * negative x needs an integer y (NaN otherwise), (+-1)^(+-Infinity) is NaN. Source: e_pow.c.
 */
export function power(x: number, y: number): number {
  if (y === 0) return 1;
  if (x !== x || y !== y) return NaN;
  if (y === 1) return x;
  if (y === 2) return x * x;
  const size = Math.abs(x);
  if (Math.abs(y) === Infinity) return size === 1 ? NaN : size > 1 === y > 0 ? Infinity : 0;
  const oddExponent = Math.abs(y % 2) === 1;
  const sign = oddExponent && (x < 0 || Object.is(x, -0)) ? -1 : 1;
  if (size === 0 || size === Infinity) return sign * ((size === 0) === y > 0 ? 0 : Infinity);
  if (x < 0 && Math.trunc(y) !== y) return NaN;
  if (size === 1) return sign;
  if (y === -1) return 1 / x;
  if (y === 0.5) return Math.sqrt(x);
  return sign * powerOfPositive(size, y);
}

/** log2(size) in two parts, the upper with 32 bits at most, good to about 2^-70 of the result. */
const log2Parts = new Float64Array(2);

function splitLog2(size: number): void {
  const subnormal = size < 2.2250738585072014e-308;
  const scaled = subnormal ? size * 9007199254740992 : size;
  const word = highWord(scaled);
  const fraction = word & 0xfffff;
  let n = (word >> 20) - 1023 - (subnormal ? 53 : 0);
  // Compare with 1 below sqrt(3/2), with 3/2 below sqrt(3), with 2 above.
  const nearOne = fraction <= 0x3988e;
  const nearOneAndHalf = !nearOne && fraction < 0xbb67a;
  const nearTwo = !nearOne && !nearOneAndHalf;
  if (nearTwo) n += 1;
  const mantissaWord = (fraction | 0x3ff00000) - (nearTwo ? 0x100000 : 0);
  const mantissa = withHighWord(scaled, mantissaWord);
  const base = nearOneAndHalf ? 1.5 : 1;
  const log2BaseHi = nearOneAndHalf ? 5.84962487220764160156e-1 : 0;
  const log2BaseLo = nearOneAndHalf ? 1.35003920212974897128e-8 : 0;
  // s = (m - base) / (m + base) in two parts.
  const u = mantissa - base;
  const v = 1 / (mantissa + base);
  const s = u * v;
  const sHi = withoutLowWord(s);
  const sumHi = withHighWord(0, ((mantissaWord >> 1) | 0x20000000) + 0x80000 + (nearOneAndHalf ? 0x40000 : 0));
  const sumLo = mantissa - (sumHi - base);
  const sLo = v * (u - sHi * sumHi - sHi * sumLo);
  // log(m / base) = 2 s + 2/3 s^3 + ..., as s * (3 + s^2 + r) * 2/3.
  const s2 = s * s;
  const series =
    5.99999999999994648725e-1 +
    s2 *
      (4.28571428578550184252e-1 +
        s2 *
          (3.33333329818377432918e-1 +
            s2 * (2.72728123808534006489e-1 + s2 * (2.30660745775561754067e-1 + s2 * 2.06975017800338417784e-1))));
  const r = s2 * s2 * series + sLo * (sHi + s);
  const sHi2 = sHi * sHi;
  const tHi = withoutLowWord(3 + sHi2 + r);
  const tLo = r - (tHi - 3 - sHi2);
  const productHi = sHi * tHi;
  const productLo = sLo * tHi + tLo * s;
  const pHi = withoutLowWord(productHi + productLo);
  const pLo = productLo - (pHi - productHi);
  // Times 2 / (3 log 2), plus log2(base) and the exponent.
  const zHi = 9.61796700954437255859e-1 * pHi;
  const zLo = -7.02846165095275826516e-9 * pHi + pLo * 9.61796693925975554329e-1 + log2BaseLo;
  const hi = withoutLowWord(zHi + zLo + log2BaseHi + n);
  log2Parts[0] = hi;
  log2Parts[1] = zLo - (hi - n - log2BaseHi - zHi);
}

/** log2(size) in two parts for |1 - size| <= 2^-20, where the short series does. */
function splitLog2NearOne(size: number): void {
  const t = size - 1;
  const w = t * t * (0.5 - t * (0.3333333333333333333333 - t * 0.25));
  const u = 1.44269502162933349609 * t;
  const v = t * 1.92596299112661746887e-8 - w * INVERSE_LN2;
  const hi = withoutLowWord(u + v);
  log2Parts[0] = hi;
  log2Parts[1] = v - (hi - u);
}

function powerOfPositive(size: number, y: number): number {
  if (Math.abs(y) > 2147483648) {
    if (size < 0.9999990463256836) return y < 0 ? Infinity : 0;
    if (size > 1.0000009536743164) return y > 0 ? Infinity : 0;
    splitLog2NearOne(size);
  } else {
    splitLog2(size);
  }
  const logHi = log2Parts[0]!;
  const logLo = log2Parts[1]!;
  const yHi = withoutLowWord(y);
  const pLo = (y - yHi) * logHi + y * logLo;
  let pHi = yHi * logHi;
  let z = pLo + pHi;
  // 8.0085662595372944e-17 is -(1024 - log2(largest double + half an ulp)).
  if (z > 1024 || (z === 1024 && pLo + 8.0085662595372944372e-17 > z - pHi)) return Infinity;
  if (z < -1075 || (z === -1075 && pLo <= z - pHi)) return 0;
  const n = Math.abs(z) > 0.5 ? Math.round(z) : 0;
  pHi -= n;
  // 2^(pHi + pLo) with |pHi + pLo| <= 0.5.
  const t = withoutLowWord(pLo + pHi);
  const u = t * 6.93147182464599609375e-1;
  const v = (pLo - (t - pHi)) * 6.93147180559945286227e-1 + t * -1.90465429995776804525e-9;
  z = u + v;
  const w = v - (z - u);
  const c = expCore(z, z * z);
  const r = (z * c) / (c - 2) - (w + z * w);
  return scaleByPowerOfTwo(1 - (r - z), n);
}

/**
 * x^n for integer n: repeated squaring for 0 <= n <= 64, within n/2 ulp and exact whenever every partial product is (10^0 .. 10^22);
 * `power` for any other n.
 */
export function powerInt(x: number, n: number): number {
  if (!(n >= 0 && n <= 64 && Math.trunc(n) === n)) return power(x, n);
  let result = 1;
  let factor = x;
  for (let rest = n; rest > 0; rest >>= 1) {
    if ((rest & 1) === 1) result *= factor;
    if (rest > 1) factor *= factor;
  }
  return result;
}

/** sin(x + tail) for |x| <= pi/4. Source: k_sin.c. */
function sinCore(x: number, tail: number): number {
  const z = x * x;
  const w = z * z;
  const r =
    8.33333333332248946124e-3 +
    z * (-1.98412698298579493134e-4 + z * 2.75573137070700676789e-6) +
    z * w * (-2.50507602534068634195e-8 + z * 1.58969099521155010221e-10);
  const v = z * x;
  return x - (z * (0.5 * tail - v * r) - tail - v * -1.66666666666666324348e-1);
}

/** cos(x + tail) for |x| <= pi/4. Source: k_cos.c. */
function cosCore(x: number, tail: number): number {
  const z = x * x;
  const w = z * z;
  const r =
    z * (4.16666666666666019037e-2 + z * (-1.38888888888741095749e-3 + z * 2.48015872894767294178e-5)) +
    w * w * (-2.75573143513906633035e-7 + z * (2.0875723212981748279e-9 + z * -1.13596475577881948265e-11));
  const half = 0.5 * z;
  const rest = 1 - half;
  return rest + (1 - rest - half + (z * r - x * tail));
}

/** x - quadrant * pi/2 in two parts, left by `reduceToQuadrant`. */
const remainderParts = new Float64Array(2);

/** Multiple of pi/2 nearest to x, modulo 4; the rest goes to `remainderParts`. Source: e_rem_pio2.c; huge x by exact integers. */
function reduceToQuadrant(x: number): number {
  if (Math.abs(x) >= 1647099) return reduceHuge(x);
  const n = Math.round(x * 6.36619772367581382433e-1);
  const exponent = (highWord(x) >> 20) & 0x7ff;
  // pi/2 in pieces of 33 bits, so that n times a piece is exact; the next pieces only when the leading bits cancelled.
  let r = x - n * 1.57079632673412561417;
  let w = n * 6.07710050650619224932e-11;
  let y = r - w;
  if (exponent - ((highWord(y) >> 20) & 0x7ff) > 16) {
    let t = r;
    w = n * 6.0771005063039659766e-11;
    r = t - w;
    w = n * 2.02226624879595063154e-21 - (t - r - w);
    y = r - w;
    if (exponent - ((highWord(y) >> 20) & 0x7ff) > 49) {
      t = r;
      w = n * 2.0222662487111664558e-21;
      r = t - w;
      w = n * 8.47842766036889956997e-32 - (t - r - w);
      y = r - w;
    }
  }
  remainderParts[0] = y;
  remainderParts[1] = r - y - w;
  return n & 3;
}

/** 2/pi * 2^1216 and pi/2 * 2^192, cut; both worked out by Machin's formula in integers. */
const TWO_OVER_PI_BITS = BigInt(
  '0xa2f9836e4e441529fc2757d1f534ddc0db6295993c439041fe5163abdebbc561b7246e3a424dd2e006492eea09d1921cfe1deb1cb129a73ee88235f52ebb4484' +
    'e99c7026b45f7e413991d639835339f49c845f8bbdf9283b1ff897ffde05980fef2f118b5a0a6d1f6d367ecf27cb09b74f463f669e5fea2d7527bac7ebe5f17b' +
    '3d0739f78a5292ea6bfb5fb11f8d5d0856033046fc7b6bab',
);
const HALF_PI_BITS = 0x1921fb54442d18469898cc51701b839a252049c1114cf98e8n;

/**
 * The same for |x| of any size: x is an integer times a power of two, so x * 2/pi modulo 4 is exact in integers up to the cut of 2/pi
 * (2^-192 of a quadrant; no double comes nearer than 2^-62 to a multiple of pi/2, so 130 bits remain). Slow (microseconds) and rare.
 */
function reduceHuge(x: number): number {
  const word = highWord(x);
  const exponent = ((word >> 20) & 0x7ff) - 1075;
  const mantissa = BigInt(x / powerOfTwo(exponent));
  const shift = BigInt(1216 - exponent);
  const product = mantissa * TWO_OVER_PI_BITS;
  const quadrants = (product + (1n << (shift - 1n))) >> shift;
  const rest = ((product - (quadrants << shift)) * HALF_PI_BITS) >> shift;
  const hi = Number(rest);
  const scale = powerOfTwo(-192);
  remainderParts[0] = hi * scale;
  remainderParts[1] = Number(rest - BigInt(hi)) * scale;
  return Number(quadrants & 3n);
}

/** Sine of x radians, error below 1 ulp for every finite x; -0 stays -0, Infinity and NaN give NaN. Source: s_sin.c. */
export function sin(x: number): number {
  if (!(Math.abs(x) < Infinity)) return NaN;
  if (Math.abs(x) < 7.450580596923828e-9) return x;
  if (Math.abs(x) <= 0.7853981633974483) return sinCore(x, 0);
  const quadrant = reduceToQuadrant(x);
  const y = remainderParts[0]!;
  const tail = remainderParts[1]!;
  const value = (quadrant & 1) === 0 ? sinCore(y, tail) : cosCore(y, tail);
  return quadrant < 2 ? value : -value;
}

/** Cosine of x radians, error below 1 ulp for every finite x; Infinity and NaN give NaN. Source: s_cos.c. */
export function cos(x: number): number {
  if (!(Math.abs(x) < Infinity)) return NaN;
  if (Math.abs(x) <= 0.7853981633974483) return cosCore(x, 0);
  const quadrant = reduceToQuadrant(x);
  const y = remainderParts[0]!;
  const tail = remainderParts[1]!;
  const value = (quadrant & 1) === 0 ? cosCore(y, tail) : sinCore(y, tail);
  return quadrant === 0 || quadrant === 3 ? value : -value;
}

/** c[0] + c[1] x + ... + c[7] x^7. */
function polynomial7(x: number, c: readonly [number, number, number, number, number, number, number, number]): number {
  return ((((((c[7] * x + c[6]) * x + c[5]) * x + c[4]) * x + c[3]) * x + c[2]) * x + c[1]) * x + c[0];
}

/**
 * The z with P(Z <= z) = fraction for a standard normal Z; 0 gives -Infinity, 1 Infinity, outside 0..1 NaN. Relative error about 1e-16.
 * Source: Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution", Applied Statistics 37 (1988), PPND16.
 */
export function normalQuantile(fraction: number): number {
  if (!(fraction > 0 && fraction < 1)) return fraction === 0 ? -Infinity : fraction === 1 ? Infinity : NaN;
  const q = fraction - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial7(r, centreNumerator)) / polynomial7(r, centreDenominator);
  }
  const r = Math.sqrt(-log(q < 0 ? fraction : 1 - fraction));
  const z =
    r <= 5
      ? polynomial7(r - 1.6, middleNumerator) / polynomial7(r - 1.6, middleDenominator)
      : polynomial7(r - 5, tailNumerator) / polynomial7(r - 5, tailDenominator);
  return q < 0 ? -z : z;
}

const centreNumerator = [
  3.387132872796366608, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4, 4.5921953931549871457e4,
  6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3,
] as const;
const centreDenominator = [
  1, 4.2313330701600911252e1, 6.871870074920579083e2, 5.3941960214247511077e3, 2.1213794301586595867e4, 3.930789580009271061e4,
  2.8729085735721942674e4, 5.226495278852854561e3,
] as const;
const middleNumerator = [
  1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504, 1.27045825245236838258,
  2.4178072517745061177e-1, 2.27238449892691845833e-2, 7.7454501427834140764e-4,
] as const;
const middleDenominator = [
  1, 2.05319162663775882187, 1.6763848301838038494, 6.8976733498510000455e-1, 1.4810397642748007459e-1, 1.51986665636164571966e-2,
  5.475938084995344946e-4, 1.05075007164441684324e-9,
] as const;
const tailNumerator = [
  6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 2.9656057182850489123e-1, 2.6532189526576123093e-2,
  1.2426609473880784386e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
] as const;
const tailDenominator = [
  1, 5.9983220655588793769e-1, 1.3692988092273580531e-1, 1.48753612908506148525e-2, 7.868691311456132591e-4, 1.8463183175100546818e-5,
  1.4215117583164458887e-7, 2.04426310338993978564e-15,
] as const;

fillLog2Tables();
