/**
 * Elementary functions in exact integer arithmetic: the yardstick for kernel/math.ts. A fixed-point number v stands for v / 2^bits;
 * series are summed until their terms vanish, so a result is good to a few units in its last places.
 */
export interface ExactMath {
  readonly pi: bigint;
  /** The double x as a fixed-point number; what lies below the last place is cut. */
  fixed(x: number): bigint;
  /** e^x = mantissa * 2^exponent, mantissa fixed-point in 1..2. */
  exp(x: bigint): { mantissa: bigint; exponent: number };
  log(x: bigint): bigint;
  readonly ln2: bigint;
  readonly ln10: bigint;
  sin(x: bigint): bigint;
  divide(a: bigint, b: bigint): bigint;
  multiply(a: bigint, b: bigint): bigint;
  /** |value - mantissa * 2^exponent| in units of the last place of `value`. */
  ulpError(value: number, mantissa: bigint, exponent?: number): number;
}

export function createExactMath(bits: bigint): ExactMath {
  const one = 1n << bits;
  const multiply = (a: bigint, b: bigint): bigint => (a * b) >> bits;
  const divide = (a: bigint, b: bigint): bigint => (a << bits) / b;
  const ln2 = 2n * arcTangentOfInverse(one, 3n, 1n);
  const ln10 = 3n * ln2 + 2n * arcTangentOfInverse(one, 9n, 1n);
  const pi = 16n * arcTangentOfInverse(one, 5n, -1n) - 4n * arcTangentOfInverse(one, 239n, -1n);

  function fixed(x: number): bigint {
    let exponent = 0n;
    let mantissa = x;
    for (; !Number.isInteger(mantissa); mantissa *= 2) exponent += 1n;
    return shiftLeft(BigInt(mantissa), bits - exponent);
  }

  function exp(x: bigint): { mantissa: bigint; exponent: number } {
    const k = x / ln2 - (x < 0n ? 1n : 0n);
    const r = (x - k * ln2) >> 16n; // the series at r / 2^16, then squared 16 times
    let term = one;
    let sum = one;
    for (let n = 1n; term !== 0n; n += 1n) {
      term = multiply(term, r) / n;
      sum += term;
    }
    for (let i = 0; i < 16; i += 1) sum = multiply(sum, sum);
    return { mantissa: sum, exponent: Number(k) };
  }

  function log(x: bigint): bigint {
    const k = BigInt(x.toString(2).length - 1) - bits;
    const m = shiftLeft(x, -k); // 1..2
    const s = divide(m - one, m + one);
    const square = multiply(s, s);
    let term = s;
    let sum = s;
    for (let n = 3n; term !== 0n; n += 2n) {
      term = multiply(term, square);
      sum += term / n;
    }
    return 2n * sum + k * ln2;
  }

  function sin(x: bigint): bigint {
    const r = x % (2n * pi);
    const square = multiply(r, r);
    let term = r;
    let sum = r;
    for (let n = 2n; term !== 0n; n += 2n) {
      term = -(term * square) / one / (n * (n + 1n));
      sum += term;
    }
    return sum;
  }

  function ulpError(value: number, mantissa: bigint, exponent = 0): number {
    const ulpExponent = Math.max(binaryExponent(value) - 52, -1074);
    const whole = fixedInUlps(value, ulpExponent);
    const exact = shiftLeft(mantissa, BigInt(exponent - ulpExponent + 32) - bits);
    return Math.abs(Number((whole << 32n) - exact)) / 2 ** 32;
  }

  return { pi, fixed, exp, log, ln2, ln10, sin, divide, multiply, ulpError };
}

/** atan(1/n) for sign -1, atanh(1/n) for sign 1. */
function arcTangentOfInverse(one: bigint, n: bigint, sign: bigint): bigint {
  let term = one / n;
  let sum = term;
  for (let k = 3n; term !== 0n; k += 2n) {
    term = (sign * term) / (n * n);
    sum += term / k;
  }
  return sum;
}

function shiftLeft(x: bigint, places: bigint): bigint {
  return places >= 0n ? x << places : x >> -places;
}

/** floor(log2 |x|); -1022 for subnormals. */
function binaryExponent(x: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  return Math.max(((view.getUint32(0) >>> 20) & 0x7ff) - 1023, -1022);
}

/** value / 2^ulpExponent, which is a whole number. */
function fixedInUlps(value: number, ulpExponent: number): bigint {
  let whole = value;
  for (let left = -ulpExponent; left !== 0;) {
    const step = Math.max(-1000, Math.min(1000, left));
    whole *= 2 ** step;
    left -= step;
  }
  return BigInt(whole);
}
