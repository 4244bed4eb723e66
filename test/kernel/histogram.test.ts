import fc from 'fast-check';
import { Float64Histogram } from 'hdr-histogram-js';
import { describe, expect, test } from 'vitest';
import { InvariantError } from '../../engine/kernel/errors.js';
import {
  addHistogram,
  boundedMeanMicros,
  clampedCount,
  createHistogram,
  forEachBucket,
  maxMicros,
  meanMicros,
  minMicros,
  percentileMicros,
  recordValue,
  recordValueWithCount,
  stdDevMicros,
  totalCount,
  valueAtPercentile,
  type Histogram,
} from '../../engine/kernel/histogram.js';

const HOUR_MICROS = 3_600_000_000;
const percents = [0, 0.001, 1, 10, 25, 33.3, 50, 66.6, 75, 90, 95, 99, 99.9, 99.99, 99.9999, 100, 120];

function recorded(values: readonly number[], options = {}): Histogram {
  const histogram = createHistogram(options);
  for (const value of values) recordValue(histogram, value);
  return histogram;
}

/** Values of every magnitude, the edges of the buckets among them. */
function arbitraryMicros(highest: number): fc.Arbitrary<number> {
  const edges = fc
    .integer({ min: 0, max: Math.floor(Math.log2(highest)) })
    .chain((exponent) => fc.integer({ min: -2, max: 2 }).map((offset) => Math.min(Math.max(2 ** exponent + offset, 0), highest)));
  return fc.oneof(
    fc.nat({ max: 3000 }),
    fc.maxSafeNat().map((value) => value % (highest + 1)),
    edges,
  );
}

describe('histogram', () => {
  test('holds values up to 2047 us each in its own slot', () => {
    const slots: number[][] = [];
    forEachBucket(recorded([0, 1, 1023, 1024, 2047]), (low, high, count) => slots.push([low, high, count]));
    expect(slots).toEqual([
      [0, 0, 1],
      [1, 1, 1],
      [1023, 1023, 1],
      [1024, 1024, 1],
      [2047, 2047, 1],
    ]);
  });

  test('slots double in width with every power of two: 2048 shares with 2049, 4096 with 4099', () => {
    const slots: number[][] = [];
    forEachBucket(recorded([2048, 2049, 2050, 4096, 4099, HOUR_MICROS]), (low, high, count) => slots.push([low, high, count]));
    expect(slots).toEqual([
      [2048, 2049, 2],
      [2050, 2051, 1],
      [4096, 4099, 2],
      // 3.6e9 lies between 2^31 and 2^32: slots are 2^21 wide, and 1716 * 2^21 = 3,598,712,832.
      [3598712832, 3600809983, 1],
    ]);
  });

  test('percentiles, mean, deviation, smallest and largest of ten values', () => {
    const histogram = recorded([1, 2, 3, 4, 5, 6, 7, 8, 9, 1000]);
    expect([0, 10, 50, 90, 91, 100].map((percent) => valueAtPercentile(histogram, percent))).toEqual([1, 1, 5, 9, 1000, 1000]);
    expect(totalCount(histogram)).toBe(10);
    expect(meanMicros(histogram)).toBe(104.5);
    // Sum of squares 1,000,285; variance 100,028.5 - 104.5^2 = 89,108.25.
    expect(stdDevMicros(histogram)).toBeCloseTo(Math.sqrt(89108.25), 9);
    expect([minMicros(histogram), maxMicros(histogram)]).toEqual([1, 1000]);
  });

  test('an empty histogram answers 0 to everything', () => {
    const histogram = createHistogram();
    const answers = [totalCount, clampedCount, minMicros, maxMicros, meanMicros, stdDevMicros].map((ask) => ask(histogram));
    expect(answers).toEqual([0, 0, 0, 0, 0, 0]);
    expect(valueAtPercentile(histogram, 50)).toBe(0);
  });

  test('values above the highest are counted as the highest, and how many there were is kept', () => {
    const histogram = recorded([10, HOUR_MICROS, HOUR_MICROS + 1, 2 ** 53, Infinity]);
    recordValueWithCount(histogram, 2 ** 40, 5);
    expect(totalCount(histogram)).toBe(10);
    expect(clampedCount(histogram)).toBe(8);
    expect(maxMicros(histogram)).toBe(HOUR_MICROS);
  });

  test('a value with a count is that many values; a count of 0 is none', () => {
    const histogram = createHistogram();
    recordValueWithCount(histogram, 700, 2 ** 52);
    recordValueWithCount(histogram, 5, 0);
    expect(totalCount(histogram)).toBe(2 ** 52);
    expect([minMicros(histogram), maxMicros(histogram), valueAtPercentile(histogram, 50)]).toEqual([700, 700, 700]);
  });

  test('fractions are cut', () => {
    expect(valueAtPercentile(recorded([1.999]), 50)).toBe(1);
  });

  test('negative values, NaN, fractional counts and odd options are mistakes of the program', () => {
    const histogram = createHistogram();
    expect(() => recordValue(histogram, -1)).toThrow(InvariantError);
    expect(() => recordValue(histogram, NaN)).toThrow(InvariantError);
    for (const bad of [-1, -0.5, NaN]) expect(() => recordValue(recorded([0, 100]), bad)).toThrow(InvariantError);
    for (const count of [-1, 0.5, NaN, 2 ** 53]) expect(() => recordValueWithCount(histogram, 1, count)).toThrow(InvariantError);
    expect(() => valueAtPercentile(histogram, NaN)).toThrow(InvariantError);
    expect(totalCount(histogram)).toBe(0);
    const options = [
      { lowestDiscernibleMicros: 0 },
      { lowestDiscernibleMicros: 2 ** 31, highestTrackableMicros: 2 ** 40 },
      { highestTrackableMicros: 1 },
      { highestTrackableMicros: 2 ** 52 },
      { significantDigits: 6 },
    ];
    for (const bad of options) expect(() => createHistogram(bad)).toThrow(InvariantError);
  });

  test('adding histograms is recording the values of both', () => {
    const left = recorded([1, 50, 7000]);
    addHistogram(left, recorded([2, 50, 9_000_000, 2 ** 40]));
    expect(left).toEqual(recorded([1, 50, 7000, 2, 50, 9_000_000, 2 ** 40]));
    expect(() => {
      addHistogram(left, createHistogram({ significantDigits: 2 }));
    }).toThrow(InvariantError);
  });

  test('a structured clone is a histogram', () => {
    const clone = structuredClone(recorded([1, 50, 7000]));
    recordValue(clone, 3);
    expect(clone).toEqual(recorded([1, 50, 7000, 3]));
  });

  test('percentiles, mean, deviation and total are those of hdr-histogram-js for the same values', () => {
    const layouts = fc.constantFrom(
      { lowestDiscernibleMicros: 1, highestTrackableMicros: HOUR_MICROS, significantDigits: 3 },
      { lowestDiscernibleMicros: 1, highestTrackableMicros: 2 ** 44, significantDigits: 1 },
      { lowestDiscernibleMicros: 1, highestTrackableMicros: 300_000, significantDigits: 5 },
      { lowestDiscernibleMicros: 1000, highestTrackableMicros: HOUR_MICROS, significantDigits: 2 },
      { lowestDiscernibleMicros: 2 ** 20, highestTrackableMicros: 2 ** 45, significantDigits: 2 },
    );
    const scenario = layouts.chain((options) =>
      fc.record({
        options: fc.constant(options),
        values: fc.array(fc.tuple(arbitraryMicros(options.highestTrackableMicros), fc.integer({ min: 1, max: 1e6 })), { maxLength: 60 }),
      }),
    );
    fc.assert(
      fc.property(scenario, ({ options, values }) => {
        const ours = createHistogram(options);
        const theirs = new Float64Histogram(options.lowestDiscernibleMicros, options.highestTrackableMicros, options.significantDigits);
        for (const [micros, count] of values) {
          recordValueWithCount(ours, micros, count);
          theirs.recordValueWithCount(micros, count);
          recordValue(ours, micros);
          theirs.recordValue(micros);
        }
        expect(ours.counts.length).toBe(theirs.countsArrayLength);
        for (const percent of percents) expect(valueAtPercentile(ours, percent)).toBe(theirs.getValueAtPercentile(percent));
        expect(totalCount(ours)).toBe(theirs.totalCount);
        expect(meanMicros(ours)).toBe(theirs.mean);
        expect(stdDevMicros(ours)).toBe(theirs.stdDeviation);
      }),
      { seed: 42, numRuns: 150 },
    );
  });

  test('no value is misjudged by more than a thousandth', () => {
    fc.assert(
      fc.property(arbitraryMicros(HOUR_MICROS), (micros) => {
        const reported = valueAtPercentile(recorded([micros]), 100);
        expect(reported).toBeGreaterThanOrEqual(micros);
        expect(reported - micros).toBeLessThanOrEqual(micros / 1000);
      }),
      { seed: 42, numRuns: 500 },
    );
  });
});

describe('figures that are read out', () => {
  test('are never above the largest value, which is known exactly', () => {
    const histogram = createHistogram();
    recordValueWithCount(histogram, 6_858_123, 1000);
    expect([50, 99, 100].map((percent) => percentileMicros(histogram, percent))).toEqual([6_858_123, 6_858_123, 6_858_123]);
    expect(boundedMeanMicros(histogram)).toBe(6_858_123);
  });

  test('are what the histogram says below that; 0 when nothing was recorded', () => {
    const histogram = createHistogram();
    expect([percentileMicros(histogram, 50), boundedMeanMicros(histogram)]).toEqual([0, 0]);
    recordValueWithCount(histogram, 100, 3);
    recordValueWithCount(histogram, 300, 1);
    expect([percentileMicros(histogram, 50), percentileMicros(histogram, 99), boundedMeanMicros(histogram)]).toEqual([100, 300, 150]);
  });
});
