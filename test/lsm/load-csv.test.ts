import { describe, expect, it } from 'vitest';
import { PutmodelError } from '../../engine/kernel/errors.js';
import { ratePointsOf } from '../../engine/lsm/load-csv.js';

function problemsOf(text: string): readonly string[] {
  try {
    ratePointsOf(text, 'load.csv');
  } catch (error) {
    if (error instanceof PutmodelError) return error.issues.map(({ file, line, message }) => `${file}:${line}: ${message}`);
    throw error;
  }
  throw new Error('expected a PutmodelError');
}

describe('a load from a CSV', () => {
  it('counts its times from the first line, seconds or ISO 8601 with zones, days and leap years', () => {
    const seconds = 'time,puts\n1000.5,10\n1002,20\n';
    expect(ratePointsOf(seconds, 'a')).toEqual([
      { atSec: 0, opsPerSec: 10 },
      { atSec: 1.5, opsPerSec: 20 },
    ]);
    const dates = [
      '2024-02-28T23:59:00Z',
      '2024-02-29 00:00:30',
      '2024-03-01T02:00:00+02:00',
      '2024-12-31T23:59:59.5Z',
      '2025-01-01T00:00Z',
    ];
    const points = ratePointsOf(`t,r\r\n${dates.map((date, i) => `${date},${i}`).join('\r\n')}\r\n`, 'a');
    const first = Date.parse('2024-02-28T23:59:00Z');
    const expected = [dates[0]!, '2024-02-29T00:00:30Z', ...dates.slice(2)].map((date) => (Date.parse(date) - first) / 1000);
    expect(points.map(({ atSec }) => atSec)).toEqual(expected);
  });

  it('names every line that is wrong', () => {
    expect(problemsOf('time,puts\n0,5\nx,3\n5,-1\n5,\n7,1,2\n8,5\n8,6\n2024-13-01T00:00Z,5\n')).toEqual([
      'load.csv:3: not a time and a rate',
      'load.csv:4: not a time and a rate',
      'load.csv:5: not a time and a rate',
      'load.csv:6: not a time and a rate',
      'load.csv:8: the times must ascend',
      'load.csv:9: not a time and a rate',
    ]);
    expect(problemsOf('0,5\n1,5\n')).toEqual(['load.csv:1: not a header of two columns']);
    expect(problemsOf('time,puts\n\n')).toEqual(['load.csv:2: no rates']);
    expect(problemsOf(`t,r\n${'x,x\n'.repeat(1000)}`)).toHaveLength(10);
  });
});
