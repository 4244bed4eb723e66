import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createAxis } from '../../engine/sweep/axes.js';
import type { AxisDocument } from '../../engine/sweep/sweep-file.js';

const values = (document: AxisDocument, seed = 1, path = 'a.b'): readonly unknown[] => createAxis(path, document, seed).values;

describe('axes', () => {
  test('a list is taken as written, whatever it holds', () => {
    expect(values([1, 'x', true, { points: [] }])).toEqual([1, 'x', true, { points: [] }]);
  });

  test.each([
    ['a range by step includes its end', { range: { from: 0.02, to: 0.08, step: 0.02 } }, [0.02, 0.04, 0.06, 0.08]],
    ['what rounding adds to 3 x 0.1 does not show', { range: { from: 0, to: 0.3, step: 0.1 } }, [0, 0.1, 0.2, 0.3]],
    ['a step that misses the end stops before it', { range: { from: 1, to: 10, step: 4 } }, [1, 5, 9]],
    ['a range by count is spread evenly', { range: { from: 0, to: 1, count: 5 } }, [0, 0.25, 0.5, 0.75, 1]],
    ['whole rounds', { range: { from: 0, to: 10, count: 4, whole: true } }, [0, 3, 7, 10]],
    ['a range of one value is its beginning', { range: { from: 3, to: 9, count: 1 } }, [3]],
    ['a log range by factor multiplies', { logRange: { from: 4194304, to: 67108864, factor: 4 } }, [4194304, 16777216, 67108864]],
    ['whole numbers are not rounded', { logRange: { from: 1099511627776, to: 4398046511104, factor: 2 } }, [2 ** 40, 2 ** 41, 2 ** 42]],
    [
      'neither are those between the ends',
      { range: { from: 1234567890123, to: 1234567890125, step: 1 } },
      [0, 1, 2].map((n) => 1234567890123 + n),
    ],
    ['ends are as written', { range: { from: 0.1234567890123, to: 0.9876543210987, count: 2 } }, [0.1234567890123, 0.9876543210987]],
    [
      'by step, too',
      { range: { from: 0.1234567890123, to: 0.3234567890123, step: 0.1 } },
      [0.1234567890123, 0.223456789012, 0.3234567890123],
    ],
    ['a log range by count keeps both ends exactly', { logRange: { from: 1, to: 1000, count: 4 } }, [1, 10, 100, 1000]],
  ] as const)('%s', (_, document, expected) => {
    expect(values(document as AxisDocument)).toEqual(expected);
  });

  test('an end below the beginning is refused', () => {
    expect(() => values({ range: { from: 2, to: 1, step: 1 } })).toThrow('to lies below from');
    expect(() => values({ logRange: { from: 2, to: 1, factor: 2 } })).toThrow('to lies below from');
  });

  test('a log range of too many values is refused instead of filling the memory', () => {
    expect(() => values({ logRange: { from: 1e-300, to: 1e300, factor: 1.0001 } })).toThrow('more than 1000000 values');
    expect(() => values({ range: { from: 0, to: 1e9, step: 1 } })).toThrow('more than 1000000 values');
  });

  test('a Latin hypercube hits every stratum of the axis exactly once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 0, max: 1e6 }), (count, seed) => {
        const drawn = values({ latinHypercube: { from: 10, to: 20, count } }, seed) as number[];
        const strata = drawn.map((value) => Math.min(count - 1, Math.floor(((value - 10) / 10) * count + 1e-9)));
        expect([...strata].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index));
      }),
    );
  });

  test('on a log scale the strata are even in the logarithm', () => {
    const drawn = values({ latinHypercube: { from: 1, to: 10000, count: 4, scale: 'log' } }) as number[];
    expect([...drawn].sort((a, b) => a - b).map((value) => Math.floor(Math.log10(value)))).toEqual([0, 1, 2, 3]);
  });

  test('drawn values lie within their ends, come again with the same seed, and differ by seed and by axis', () => {
    const document: AxisDocument = { random: { from: 5, to: 6, count: 50 } };
    const drawn = values(document) as number[];
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(5);
    expect(Math.max(...drawn)).toBeLessThan(6);
    expect(values(document)).toEqual(drawn);
    expect(values(document, 2)).not.toEqual(drawn);
    expect(values(document, 1, 'another.path')).not.toEqual(drawn);
  });
});
