import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addHistogram, createHistogram, recordValueWithCount, type Histogram } from '../../engine/kernel/histogram.js';
import { addSparse, toSparse } from '../../engine/kernel/histogram-sparse.js';

const values = fc.array(fc.tuple(fc.integer({ min: 0, max: 5_000_000_000 }), fc.integer({ min: 1, max: 1000 })), { maxLength: 30 });

function histogramOf(entries: readonly (readonly [number, number])[]): Histogram {
  const histogram = createHistogram();
  for (const [micros, count] of entries) recordValueWithCount(histogram, micros, count);
  return histogram;
}

describe('a sparse histogram', () => {
  test('added up gives what adding the histograms themselves gives, through JSON too', () => {
    fc.assert(
      fc.property(values, values, (first, second) => {
        const expected = histogramOf(first);
        addHistogram(expected, histogramOf(second));
        const sum = createHistogram();
        for (const part of [first, second]) {
          addSparse(sum, JSON.parse(JSON.stringify(toSparse(histogramOf(part)))) as ReturnType<typeof toSparse>);
        }
        expect(sum).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });

  test('has an entry for each slot in use, and none when nothing was recorded', () => {
    expect(
      toSparse(
        histogramOf([
          [10, 3],
          [20, 1],
          [10, 2],
        ]),
      ),
    ).toMatchObject({ slots: [10, 20], counts: [5, 1], extremes: [10, 20, 0] });
    expect(toSparse(createHistogram())).toMatchObject({ slots: [], counts: [], extremes: null });
  });

  test('is not added to one of another range', () => {
    expect(() => addSparse(createHistogram({ significantDigits: 2 }), toSparse(createHistogram()))).toThrow('same options');
  });
});
