import { describe, expect, it } from 'vitest';
import { createHistogram, recordValueWithCount } from '../../engine/kernel/histogram.js';
import { meanOf, percentileOf } from '../../engine/lsm/latency.js';

describe('a latency that is read out', () => {
  it('is never above the largest, which is known exactly', () => {
    const histogram = createHistogram();
    recordValueWithCount(histogram, 6_858_123, 1000);
    expect([50, 99, 100].map((percent) => percentileOf(histogram, percent))).toEqual([6_858_123, 6_858_123, 6_858_123]);
    expect(meanOf(histogram)).toBe(6_858_123);
  });

  it('is what the histogram says below that; 0 when nothing was recorded', () => {
    const histogram = createHistogram();
    expect([percentileOf(histogram, 50), meanOf(histogram)]).toEqual([0, 0]);
    recordValueWithCount(histogram, 100, 3);
    recordValueWithCount(histogram, 300, 1);
    expect([percentileOf(histogram, 50), percentileOf(histogram, 99), meanOf(histogram)]).toEqual([100, 300, 150]);
  });
});
