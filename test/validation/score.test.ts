import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  blandAltman,
  meanAbsolutePercentageError,
  normalizedRmse,
  percentile,
  relativeError,
  windowMeans,
} from '../../engine/validation/score.js';

describe('scores', () => {
  it('a relative error is signed, against the real value, and absent where that is 0', () => {
    expect(relativeError(110, 100)).toBeCloseTo(0.1, 12);
    expect(relativeError(90, 100)).toBeCloseTo(-0.1, 12);
    expect(relativeError(1, 0)).toBeNull();
    expect(relativeError(NaN, 1)).toBeNull();
  });

  it('window means leave out a short last window, unless it is the only one', () => {
    expect(windowMeans([1, 3, 5, 7, 100], 2)).toEqual([2, 6]);
    expect(windowMeans([1, 3], 20)).toEqual([2]);
    expect(windowMeans([], 20)).toEqual([]);
  });

  it('NRMSE: means 2 and 6 against 4 and 4 differ by 2 each, mean 4: 0.5', () => {
    expect(normalizedRmse([1, 3, 5, 7], [4, 4, 4, 4], 2)).toBe(0.5);
    expect(normalizedRmse([4, 4], [4, 4, 9, 9], 2)).toBe(0);
    expect(normalizedRmse([], [], 2)).toBeNull();
    expect(normalizedRmse([1, 1], [0, 0], 2)).toBeNull();
  });

  it('NRMSE does not depend on the unit', () => {
    const curve = fc.array(fc.integer({ min: 1, max: 1e6 }), { minLength: 4, maxLength: 60 });
    fc.assert(
      fc.property(curve, curve, (simulated, real) => {
        const inThousands = (values: number[]): number[] => values.map((value) => value * 1000);
        expect(normalizedRmse(inThousands(simulated), inThousands(real), 2)).toBeCloseTo(normalizedRmse(simulated, real, 2)!, 9);
      }),
      { seed: 42 },
    );
  });

  it('MAPE: 10 % too high and 30 % too low are 20 %; a real 0 is left out', () => {
    const pairs = [
      { simulated: 110, real: 100 },
      { simulated: 70, real: 100 },
      { simulated: 5, real: 0 },
    ];
    expect(meanAbsolutePercentageError(pairs)).toBeCloseTo(20, 10);
    expect(meanAbsolutePercentageError([])).toBeNull();
  });

  it('Bland-Altman: differences 1, 2, 3 have bias 2, deviation 1 and limits 0.04 and 3.96', () => {
    const agreement = blandAltman([1, 2, 3].map((difference) => ({ simulated: 10 + difference, real: 10 })))!;
    expect(agreement.bias).toBe(2);
    expect(agreement.standardDeviation).toBe(1);
    expect(agreement.lowerLimit).toBeCloseTo(0.04, 12);
    expect(agreement.upperLimit).toBeCloseTo(3.96, 12);
    expect(blandAltman([{ simulated: 1, real: 1 }])).toBeNull();
  });

  it('a percentile lies between neighbours linearly', () => {
    expect(percentile([4, 1, 3, 2], 50)).toBe(2.5);
    expect(percentile([1, 2], 90)).toBeCloseTo(1.9, 12);
    expect(percentile([], 50)).toBeNull();
  });
});
