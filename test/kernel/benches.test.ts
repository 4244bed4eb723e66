import { describe, expect, test } from 'vitest';
import { benchEvents } from '../../bench/events.bench.js';
import { benchHistogram } from '../../bench/histogram.bench.js';
import { benchRandom } from '../../bench/random.bench.js';

describe('benches of the kernel run in their smoke size', () => {
  test.each([benchEvents, benchHistogram, benchRandom])('%o gives a time for every subject and the same result each time', (bench) => {
    const report = bench('smoke');
    expect(report.subjects.length).toBeGreaterThan(3);
    for (const { medianNanos } of report.subjects) expect(medianNanos).toBeGreaterThan(0);
    expect(bench('smoke').subjects.map(({ result }) => result)).toEqual(report.subjects.map(({ result }) => result));
  });
});
