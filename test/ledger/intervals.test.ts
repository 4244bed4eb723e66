import { describe, expect, it } from 'vitest';
import { createIntervals, intervalAt, intervalRows, intervalsMax } from '../../engine/ledger/intervals.js';

describe('intervals', () => {
  it('are seconds while there are few', () => {
    const rows = intervalRows(createIntervals(5), 2_500_005);
    expect(rows.map(({ startSec, endSec }) => [startSec, endSec])).toEqual([
      [0, 1],
      [1, 2],
      [2, 2.5],
    ]);
  });

  it('stay few when nothing happened for months after the last job', () => {
    const intervals = createIntervals(0);
    intervalAt(intervals, 3_000_000);
    const spanSec = 221 * 86_400;
    const rows = intervalRows(intervals, spanSec * 1e6);
    expect(rows.length).toBeLessThanOrEqual(intervalsMax);
    expect(rows.length).toBeGreaterThan(intervalsMax / 2);
    expect(rows.at(-1)?.endSec).toBe(spanSec);
  });
});
