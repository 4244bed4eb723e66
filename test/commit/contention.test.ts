import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readContention } from '../../engine/commit/contention-file.js';
import { fitContention, type ContentionRow } from '../../engine/commit/contention.js';
import { clientsOnly, profiles } from '../../engine/commit/profiles.js';
import type { StoreModel } from '../../engine/commit/scenario.js';
import { simulateCommit } from '../../engine/commit/simulate.js';
import { meanMicros, valueAtPercentile, type Histogram } from '../../engine/kernel/histogram.js';
import { sharedDir } from '../support/shared.js';
import { commitScenario } from './build.js';

/** What a benchmark of this store would report. */
function measure(
  threads: number,
  store: StoreModel,
  pauses: { clientIdleMicros?: number; clientRereadMicros?: number } = {},
): ContentionRow {
  const workload = { ...clientsOnly(threads), ...pauses };
  const { client } = simulateCommit(commitScenario({ seed: 77, durationSec: 300, workload, store })).roles;
  const quantiles = (histogram: Histogram, percents: readonly number[]) =>
    percents.map((percent) => ({ fraction: percent / 100, micros: valueAtPercentile(histogram, percent) }));
  return {
    threads,
    attemptCount: client!.operations,
    failureFraction: client!.preconditionFailureCount / client!.operations,
    succeededOpsPerSec: client!.succeededCount / 300,
    meanMicros: meanMicros(client!.latencyMicros!),
    quantiles: quantiles(client!.latencyMicros!, [5, 25, 50, 75, 90, 95, 99, 99.9]),
    failedQuantiles: threads === 1 ? [] : quantiles(client!.preconditionFailedMicros!, [50, 95, 99]),
  };
}

function expectPrediction(rows: readonly ContentionRow[], real: ContentionRow, tolerance: { points: number; percent: number }): void {
  const { store, clientIdleMicros, clientRereadMicros } = fitContention(rows, 'fit', 'made up');
  const predicted = measure(real.threads, store, { clientIdleMicros, clientRereadMicros });
  expect(Math.abs(predicted.failureFraction - real.failureFraction) * 100).toBeLessThan(tolerance.points);
  expect(Math.abs(predicted.succeededOpsPerSec / real.succeededOpsPerSec - 1) * 100).toBeLessThan(tolerance.percent);
}

describe('a store fitted to one and two clients predicts eight', () => {
  const base: StoreModel = {
    ...profiles.instant,
    latency: profiles['s3-standard'].latency,
    failedLatency: profiles['s3-standard'].latency.commit,
  };
  const stores: Readonly<Record<string, [Partial<StoreModel>, { clientIdleMicros?: number; clientRereadMicros?: number }]>> = {
    'that decides early': [{ decideFraction: 0.5 }, {}],
    'whose object takes one request at a time': [{ decideFraction: 0.9, serialMicros: 30_000 }, {}],
    'that refuses fast, to clients that read before they try again': [
      { decideFraction: 0.4, failedLatency: { kind: 'lognormal', medianMicros: 30_000, sigma: 0.1 } },
      { clientRereadMicros: 40_000 },
    ],
    'whose clients think': [{ decideFraction: 0.9 }, { clientIdleMicros: 20_000 }],
  };

  it.each(Object.entries(stores))('%s', (_, [changes, pauses]) => {
    const store = { ...base, ...changes };
    const rows = [1, 2].map((threads) => measure(threads, store, pauses));
    expectPrediction(rows, measure(8, store, pauses), { points: 3, percent: 15 });
  });
});

it('one row without failures: decided near the end, failures as slow as successes', () => {
  const fit = fitContention([measure(1, profiles['s3-standard'])], 'one', 'made up');
  expect(fit).toMatchObject({ clientIdleMicros: 0, clientRereadMicros: 0, store: { decideFraction: 0.95, serialMicros: 0 } });
});

describe('the file of measurements', () => {
  const row = (failures: number, threads: number): unknown => ({
    failure_rate: failures,
    n_total: 1000,
    latency_ms: { mean: 68, p50: 64, p95: 90, 'p99.9': 160, max: 1400 },
    throughput_ops_sec: { mean: 14.7 },
    ...(threads > 1 ? { fail_latency_ms: { p50: 70 } } : {}),
  });
  const text = JSON.stringify({ source: 'test', S: { CAS: { per_thread: { 1: row(0, 1), 2: row(0.5, 2) } } } });

  it('gives rows in micros; the largest of n stands for the last half of one', () => {
    const [first, second] = readContention(text, 'f.json', 'S/CAS');
    expect(first).toMatchObject({ threads: 1, failureFraction: 0, meanMicros: 68_000, failedQuantiles: [] });
    expect(first!.quantiles.at(-1)).toEqual({ fraction: 0.9995, micros: 1_400_000 });
    expect(second!.failedQuantiles).toEqual([{ fraction: 0.5, micros: 70_000 }]);
  });

  it.each([
    ['{', 'S/CAS', undefined, 'f.json: not a JSON document'],
    [text, 'S/APPEND', undefined, 'store.fitKey: f.json has no APPEND (expected CAS)'],
    [text, 'S/CAS', [1, 5], 'store.fitThreads: no row of 5 threads (expected 1, 2)'],
    [text.replace('14.7', '-1'), 'S/CAS', undefined, 'throughput_ops_sec'],
    ['{"S": {"CAS": 7}}', 'S/CAS', undefined, 'no rows per_thread'],
  ])('%# is refused in one line', (document, key, threads, message) => {
    expect(() => readContention(document, 'f.json', key, threads)).toThrow(message);
  });
});

describe.skipIf(sharedDir === null)('S3 Standard, measured', () => {
  const rows =
    sharedDir === null
      ? []
      : readContention(readFileSync(join(sharedDir, 'data/objectstore/cas-contention-aws-s3.json'), 'utf8'), 'f', 'AWS_S3/CAS');
  const firstTwo = rows.filter(({ threads }) => threads <= 2);

  it('from 1 and 2 threads: failure rate of 4, 6, ... 16 within 1.5 points in the mean and better than 1 - 1/N, throughput within 5 %', () => {
    const fit = fitContention(firstTwo, 'fit', 'shared');
    expect(fit.store.decideFraction, 'the shipped profile is what the fit gives').toBeCloseTo(profiles['s3-standard'].decideFraction, 1);
    const errors = rows
      .filter(({ threads }) => threads > 2 && threads % 2 === 0)
      .map((real) => {
        const predicted = measure(real.threads, fit.store);
        return {
          points: 100 * Math.abs(predicted.failureFraction - real.failureFraction),
          naivePoints: 100 * Math.abs(1 - 1 / real.threads - real.failureFraction),
          percent: 100 * Math.abs(predicted.succeededOpsPerSec / real.succeededOpsPerSec - 1),
        };
      });
    const mean = (read: (error: (typeof errors)[number]) => number): number =>
      errors.reduce((sum, error) => sum + read(error), 0) / errors.length;
    expect(errors).toHaveLength(7);
    expect(mean(({ points }) => points)).toBeLessThan(1.5);
    expect(mean(({ points }) => points)).toBeLessThan(mean(({ naivePoints }) => naivePoints) / 2);
    expect(mean(({ percent }) => percent)).toBeLessThan(5);
  });
});
