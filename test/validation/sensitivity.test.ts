import { describe, expect, it } from 'vitest';
import { latinHypercube, oneAtATime, sobolIndices, type Factor } from '../../engine/validation/sensitivity.js';

const between = (name: string, low: number, high: number): Factor => ({
  name,
  unit: 'ratio',
  base: (low + high) / 2,
  valueAt: (fraction) => low + fraction * (high - low),
});

describe('sensitivity', () => {
  it('one at a time: each factor at its ends, the others at their base', () => {
    const rows = oneAtATime([between('a', 0, 2), between('b', 10, 30)], ([a = 0, b = 0]) => (b > 25 ? null : 100 * a + b));
    expect(rows).toEqual([
      { name: 'a', unit: 'ratio', base: 1, low: 0, high: 2, atLow: 20, atHigh: 220 },
      { name: 'b', unit: 'ratio', base: 20, low: 10, high: 30, atLow: 110, atHigh: null },
    ]);
  });

  it("Sobol: a linear answer's variance is split by the squares of the coefficients", () => {
    const factors = [between('a', 0, 1), between('b', 0, 1), between('idle', 0, 1)];
    const found = sobolIndices(factors, ([a = 0, b = 0]) => 2 * a + b, { samples: 4000, seed: 1 });
    const [a, b, idle] = found!.indices;
    expect(a!.firstOrderFraction).toBeCloseTo(0.8, 1);
    expect(a!.totalFraction).toBeCloseTo(0.8, 1);
    expect(b!.totalFraction).toBeCloseTo(0.2, 1);
    expect([idle!.firstOrderFraction, idle!.totalFraction]).toEqual([0, 0]);
    expect(found!.evaluations).toBe(4000 * 5);
  });

  it("Sobol: Ishigami's function has the published indices (0.314, 0.442, 0 first; 0.558, 0.442, 0.244 in all)", () => {
    const factors = ['x1', 'x2', 'x3'].map((name) => between(name, -Math.PI, Math.PI));
    const ishigami = ([x = 0, y = 0, z = 0]: readonly number[]): number => Math.sin(x) + 7 * Math.sin(y) ** 2 + 0.1 * z ** 4 * Math.sin(x);
    const { indices } = sobolIndices(factors, ishigami, { samples: 8000, seed: 3 })!;
    [0.314, 0.442, 0].forEach((value, index) => {
      expect(Math.abs(indices[index]!.firstOrderFraction - value)).toBeLessThan(0.04);
    });
    [0.558, 0.442, 0.244].forEach((value, index) => {
      expect(Math.abs(indices[index]!.totalFraction - value)).toBeLessThan(0.04);
    });
  });

  it('nothing that varies, or no answer at all, has no indices; the same seed gives the same bytes', () => {
    const factors = [between('a', 0, 1)];
    expect(sobolIndices(factors, () => 5, { samples: 8, seed: 1 })).toBeNull();
    expect(sobolIndices(factors, () => null, { samples: 8, seed: 1 })).toBeNull();
    const once = sobolIndices(factors, ([a = 0]) => a, { samples: 8, seed: 9 });
    expect(sobolIndices(factors, ([a = 0]) => a, { samples: 8, seed: 9 })).toEqual(once);
  });

  it('a Latin hypercube has one value in each strip of every column', () => {
    const rows = latinHypercube(10, 3, 4, 'test');
    for (let column = 0; column < 3; column++) {
      const strips = rows.map((row) => Math.floor(row[column]! * 10)).sort((a, b) => a - b);
      expect(strips).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
  });
});
