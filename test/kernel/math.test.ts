import { describe, expect, test } from 'vitest';
import { cos, exp, expm1, log, log10, log1p, log2, normalQuantile, power, powerInt, sin } from '../../engine/kernel/math.js';
import { createExactMath } from '../support/exact-math.js';

const exact = createExactMath(256n);

/** A fixed sequence of doubles in [0, 1), independent of the code under test. */
function createSequence(seed: number): () => number {
  let state = seed >>> 0;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state;
  };
  return () => (next() * 2097152 + (next() >>> 11)) / 2 ** 53;
}

function samples(count: number, seed: number, low: number, high: number): number[] {
  const next = createSequence(seed);
  return Array.from({ length: count }, () => low + (high - low) * next());
}

/** Doubles whose logarithm is spread evenly. */
function logSamples(count: number, seed: number, lowExponent: number, highExponent: number): number[] {
  return samples(count, seed, lowExponent, highExponent).map((exponent) => {
    const whole = Math.floor(exponent);
    return 2 ** whole * (1 + (exponent - whole));
  });
}

/** Distance in representable doubles; 0 when identical or both NaN. */
function doublesBetween(a: number, b: number): number {
  if (Object.is(a, b)) return 0;
  const view = new DataView(new ArrayBuffer(16));
  view.setFloat64(0, a);
  view.setFloat64(8, b);
  return Math.abs(Number(view.getBigInt64(0) - view.getBigInt64(8)));
}

function worst(values: readonly number[], error: (x: number) => number): number {
  return values.reduce((max, x) => Math.max(max, error(x)), 0);
}

describe('error against exact integer arithmetic', () => {
  test('exp is within 1 ulp from underflow to overflow', () => {
    const inputs = [...samples(800, 1, -708, 709), ...samples(800, 2, -1, 1), 709.78, -708.39, 0.34657359027997264, 1e-9];
    const error = worst(inputs, (x) => {
      const { mantissa, exponent } = exact.exp(exact.fixed(x));
      return exact.ulpError(exp(x), mantissa, exponent);
    });
    expect(error).toBeLessThan(1);
  });

  test('exp rounds subnormal results once more at most', () => {
    const error = worst(samples(200, 3, -745, -708.4), (x) => {
      const { mantissa, exponent } = exact.exp(exact.fixed(x));
      return exact.ulpError(exp(x), mantissa, exponent);
    });
    expect(error).toBeLessThan(1);
  });

  test('expm1 is within 1 ulp, also where exp(x) - 1 would cancel', () => {
    const one = exact.fixed(1);
    const inputs = [...samples(500, 4, -40, 100), ...samples(800, 5, -1.5, 1.5), ...samples(200, 6, -1e-5, 1e-5)];
    const error = worst(inputs, (x) => {
      const { mantissa, exponent } = exact.exp(exact.fixed(x));
      const scaled = exponent >= 0 ? mantissa << BigInt(exponent) : mantissa >> BigInt(-exponent);
      return exact.ulpError(expm1(x), scaled - one);
    });
    expect(error).toBeLessThan(1);
  });

  test('log, log2 and log10 are within 1 ulp over all magnitudes and beside 1', () => {
    const inputs = [...logSamples(500, 7, -190, 1023), ...samples(800, 8, 0.5, 2), ...samples(200, 9, 1 - 1e-6, 1 + 1e-6)];
    expect(worst(inputs, (x) => exact.ulpError(log(x), exact.log(exact.fixed(x))))).toBeLessThan(0.9);
    expect(worst(inputs, (x) => exact.ulpError(log2(x), exact.divide(exact.log(exact.fixed(x)), exact.ln2)))).toBeLessThan(0.9);
    expect(worst(inputs, (x) => exact.ulpError(log10(x), exact.divide(exact.log(exact.fixed(x)), exact.ln10)))).toBeLessThan(0.9);
  });

  test('log1p is within 1 ulp, also for tiny arguments', () => {
    const one = exact.fixed(1);
    const inputs = [...samples(800, 10, -0.999, 3), ...logSamples(300, 11, -60, 60), ...logSamples(300, 12, -60, -1).map((x) => -x)];
    expect(worst(inputs, (x) => exact.ulpError(log1p(x), exact.log(one + exact.fixed(x))))).toBeLessThan(1);
  });

  test('sin and cos are within 1 ulp, near multiples of pi too', () => {
    const half = exact.pi >> 1n;
    const multiples = Array.from({ length: 200 }, (_, k) => k * Math.PI);
    const inputs = [...samples(500, 13, -100, 100), ...samples(300, 14, -1.6e6, 1.6e6), ...multiples];
    expect(worst(inputs, (x) => exact.ulpError(sin(x), exact.sin(exact.fixed(x))))).toBeLessThan(0.8);
    expect(worst(inputs, (x) => exact.ulpError(cos(x), exact.sin(half - exact.fixed(x))))).toBeLessThan(0.8);
  });

  test('sin and cos of arguments up to the largest double are within 1 ulp', () => {
    const wide = createExactMath(1500n);
    const half = wide.pi >> 1n;
    // 6381956970095103 * 2^797 is the double nearest to a multiple of pi/2 (Muller, Elementary Functions, section 11.1).
    const inputs = [1647099.5, 1e7, 1e22, -3.5e100, 6381956970095103 * 2 ** 797, Number.MAX_VALUE, ...logSamples(40, 15, 21, 1023)];
    expect(worst(inputs, (x) => wide.ulpError(sin(x), wide.sin(wide.fixed(x))))).toBeLessThan(0.8);
    expect(worst(inputs, (x) => wide.ulpError(cos(x), wide.sin(half - wide.fixed(x))))).toBeLessThan(0.8);
  });

  test('power is within 1 ulp for bases and exponents of all sizes', () => {
    const next = createSequence(16);
    const pairs = Array.from({ length: 1500 }, () => [2 ** (next() * 20 - 10), (next() - 0.5) * 100] as const);
    const nearOne = Array.from({ length: 300 }, () => [1 + (next() - 0.5) * 1e-9, (next() - 0.5) * 1e11] as const);
    let error = 0;
    for (const [x, y] of [...pairs, ...nearOne]) {
      const { mantissa, exponent } = exact.exp(exact.multiply(exact.fixed(y), exact.log(exact.fixed(x))));
      error = Math.max(error, exact.ulpError(power(x, y), mantissa, exponent));
    }
    expect(error).toBeLessThan(1);
  });
});

describe('agreement with the built-in functions', () => {
  const cases: readonly [string, (x: number) => number, (x: number) => number, readonly number[]][] = [
    ['exp', exp, Math.exp, samples(20000, 20, -745, 709)],
    ['expm1', expm1, Math.expm1, samples(20000, 21, -50, 700)],
    ['log', log, Math.log, logSamples(20000, 22, -1074, 1023)],
    ['log2', log2, Math.log2, logSamples(20000, 23, -1074, 1023)],
    ['log10', log10, Math.log10, logSamples(20000, 24, -1074, 1023)],
    ['log1p', log1p, Math.log1p, logSamples(20000, 25, -80, 80)],
    ['sin', sin, Math.sin, samples(20000, 26, -1e6, 1e6)],
    ['cos', cos, Math.cos, samples(20000, 27, -1e6, 1e6)],
  ];
  for (const [name, own, builtIn, inputs] of cases) {
    test(`${name} differs from Math.${name} by 2 doubles at most`, () => {
      expect(worst(inputs, (x) => doublesBetween(own(x), builtIn(x)))).toBeLessThanOrEqual(2);
    });
    test(`${name} treats 0, -0, infinities, NaN, subnormal and huge arguments as Math.${name} does`, () => {
      for (const x of [0, -0, 1, -1, -2, Infinity, -Infinity, NaN, 5e-324, -5e-324, 2.2250738585072014e-308, 1e-310, 1e-20]) {
        const ours = own(x);
        const theirs = builtIn(x);
        expect(doublesBetween(ours, theirs), `${name}(${String(x)}) = ${String(ours)}, Math gives ${String(theirs)}`).toBeLessThanOrEqual(
          1,
        );
      }
      for (const x of [Number.MAX_VALUE, -Number.MAX_VALUE, 710, -746, 1e300])
        expect(doublesBetween(own(x), builtIn(x))).toBeLessThanOrEqual(1);
    });
  }

  test('power treats every pair of special values as Math.pow does', () => {
    const values = [
      0,
      -0,
      1,
      -1,
      2,
      -2,
      3,
      -3,
      0.5,
      -0.5,
      1.5,
      -1.5,
      1e-310,
      1e300,
      -1e300,
      9007199254740993,
      4294967297,
      Infinity,
      -Infinity,
      NaN,
    ];
    for (const x of values) {
      for (const y of values) {
        expect(doublesBetween(power(x, y), Math.pow(x, y)), `${String(x)} ^ ${String(y)} = ${String(power(x, y))}`).toBeLessThanOrEqual(1);
      }
    }
  });
});

describe('exact results', () => {
  test('power is exact for integers whose result fits a double', () => {
    let checked = 0;
    for (let base = 2; base <= 60; base += 1) {
      for (let exponent = 1; exponent <= 52; exponent += 1) {
        const truth = BigInt(base) ** BigInt(exponent);
        if (truth > 2n ** 53n) break;
        expect(power(base, exponent)).toBe(Number(truth));
        expect(power(-base, exponent)).toBe(exponent % 2 === 0 ? Number(truth) : -Number(truth));
        expect(powerInt(base, exponent)).toBe(Number(truth));
        checked += 1;
      }
    }
    expect(checked).toBeGreaterThan(500);
  });

  test('powers of two are exact from the smallest subnormal to the largest', () => {
    for (let exponent = -1074; exponent <= 1023; exponent += 1) {
      expect(power(2, exponent)).toBe(Number(`0b1${'0'.repeat(Math.max(exponent, 0))}`) * (exponent < 0 ? halved(-exponent) : 1));
      expect(log2(power(2, exponent))).toBe(exponent);
    }
    expect(power(2, 1024)).toBe(Infinity);
    expect(power(2, -1075)).toBe(0);
  });

  test('powers of ten up to 10^22 are exact, and so are their logarithms', () => {
    for (let exponent = 0; exponent <= 22; exponent += 1) {
      const truth = Number(`1e${String(exponent)}`);
      expect(powerInt(10, exponent)).toBe(truth);
      expect(power(10, exponent)).toBe(truth);
      expect(log10(truth)).toBe(exponent);
    }
  });

  test('powerInt leaves negative, fractional and large exponents to power', () => {
    expect(powerInt(2, -3)).toBe(0.125);
    expect(powerInt(4, 0.5)).toBe(2);
    expect(powerInt(2, 1000)).toBe(power(2, 1000));
    expect(powerInt(0, 0)).toBe(1);
    expect(powerInt(NaN, 0)).toBe(1);
    expect(powerInt(2, NaN)).toBeNaN();
  });

  /** 2^-n by halving. */
  function halved(n: number): number {
    let x = 1;
    for (let i = 0; i < n; i += 1) x /= 2;
    return x;
  }
});

describe('normalQuantile', () => {
  test('gives the values of the published table', () => {
    // Wichura (1988), page 481: z(0.25), z(0.001), z(1e-20).
    expect(normalQuantile(0.25)).toBeCloseTo(-0.6744897501960817, 15);
    expect(normalQuantile(0.001)).toBeCloseTo(-3.090232306167814, 14);
    expect(normalQuantile(1e-20)).toBeCloseTo(-9.262340089798408, 14);
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 14);
  });

  test('is 0 at one half, infinite at 0 and 1, NaN outside', () => {
    expect(normalQuantile(0.5)).toBe(0);
    expect(normalQuantile(0)).toBe(-Infinity);
    expect(normalQuantile(1)).toBe(Infinity);
    expect(normalQuantile(-0.1)).toBeNaN();
    expect(normalQuantile(1.1)).toBeNaN();
    expect(normalQuantile(NaN)).toBeNaN();
  });

  test('never falls as the fraction rises, and mirrors about one half', () => {
    let previous = -Infinity;
    for (let i = 1; i < 4096; i += 1) {
      const z = normalQuantile(i / 4096);
      expect(z).toBeGreaterThan(previous);
      expect(normalQuantile(1 - i / 4096) + z).toBe(0);
      previous = z;
    }
  });
});
