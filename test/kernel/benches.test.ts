import { describe, expect, test } from 'vitest';
import { benchEvents } from '../../bench/events.bench.js';
import { benchHistogram } from '../../bench/histogram.bench.js';
import { benchInterpolate } from '../../bench/interpolate.bench.js';
import { tableOf } from '../../bench/measure.js';
import { benchModels } from '../../bench/models.bench.js';
import { benchRandom } from '../../bench/random.bench.js';

describe('benches run in their smoke size', () => {
  test.each([benchEvents, benchHistogram, benchInterpolate, benchModels, benchRandom])(
    '%o gives a time for every subject and the same result each time',
    (bench) => {
      const report = bench('smoke');
      expect(report.subjects.length).toBeGreaterThan(3);
      for (const { medianNanos } of report.subjects) expect(medianNanos).toBeGreaterThan(0);
      expect(bench('smoke').subjects.map(({ result }) => result)).toEqual(report.subjects.map(({ result }) => result));
      expect(tableOf(report).split('\n')).toHaveLength(1 + report.subjects.length + report.missing.length);
    },
  );
});
