import { describe, expect, test } from 'vitest';
import { benchCommit } from '../../bench/commit.bench.js';
import { benchEvents } from '../../bench/events.bench.js';
import { benchHistogram } from '../../bench/histogram.bench.js';
import { benchInterpolate } from '../../bench/interpolate.bench.js';
import { tableOf } from '../../bench/measure.js';
import { benchModels } from '../../bench/models.bench.js';
import { benchProgram } from '../../bench/program.bench.js';
import { benchRandom } from '../../bench/random.bench.js';

describe('benches run in their smoke size', () => {
  test.each([benchCommit, benchEvents, benchHistogram, benchInterpolate, benchModels, benchRandom])(
    '%o gives a time for every subject and the same result each time',
    (bench) => {
      const report = bench('smoke');
      expect(report.subjects.length).toBeGreaterThan(3);
      for (const { medianNanos } of report.subjects) expect(medianNanos).toBeGreaterThan(0);
      expect(bench('smoke').subjects.map(({ result }) => result)).toEqual(report.subjects.map(({ result }) => result));
      expect(tableOf(report).split('\n')).toHaveLength(1 + report.subjects.length + report.missing.length);
    },
  );

  test('the program is timed from outside: beside Node alone, in full size its commands and a sweep by threads', () => {
    const { subjects } = benchProgram('smoke');
    expect(subjects.map(({ name }) => name)).toEqual(['node -e 0']);
    expect(subjects[0]!.medianNanos).toBeGreaterThan(1e6);
  });
});
