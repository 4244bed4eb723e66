/**
 * Predicts measured compare-and-swap contention from its first rows: failure rate, throughput and latencies of 3 to 16 closed-loop clients on
 * S3 Standard, the store fitted to the rows of 1 and 2 threads, and to that of 1 thread alone. Beside each row what `1 - 1/N` with constant
 * throughput would say. Prints a table and writes it.
 *
 *   npx tsx bench/cas-contention.ts ../shared/data/objectstore/cas-contention-aws-s3.json [--key AWS_S3/CAS] [--out FILE]
 *
 * Bars, means over the rows that were not fitted: failure rate 1.5 points, throughput 5 %, median success latency 10 %, median failed
 * latency 20 %.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { mean } from 'd3-array';
import { readContention } from '../engine/commit/contention-file.js';
import { fitContention, type ContentionFit, type ContentionRow } from '../engine/commit/contention.js';
import type { QuantilePoint } from '../engine/commit/distribution.js';
import { clientsOnly, quiet } from '../engine/commit/profiles.js';
import { simulateCommit } from '../engine/commit/simulate.js';
import { valueAtPercentile } from '../engine/kernel/histogram.js';

const { values, positionals } = parseArgs({
  options: { key: { type: 'string', default: 'AWS_S3/CAS' }, out: { type: 'string' } },
  allowPositionals: true,
});
const [file] = positionals;
if (file === undefined) throw new Error('usage: npx tsx bench/cas-contention.ts FILE [--key KEY] [--out FILE]');
const measured = readContention(readFileSync(file, 'utf8'), file, values.key);
const durationSec = 1200;

interface Figures {
  readonly failureFraction: number;
  readonly opsPerSec: number;
  readonly successP50Millis: number;
  readonly failedP50Millis: number | null;
}

interface PrintedRow {
  readonly threads: number;
  readonly measured: Figures;
  readonly predicted: Figures;
}

function measuredFigures(row: ContentionRow): Figures {
  const median = (points: readonly QuantilePoint[]): number | undefined => points.find(({ fraction }) => fraction === 0.5)?.micros;
  return {
    failureFraction: row.failureFraction,
    opsPerSec: row.succeededOpsPerSec,
    successP50Millis: (median(row.quantiles) ?? 0) / 1000,
    failedP50Millis: row.failedQuantiles.length === 0 ? null : (median(row.failedQuantiles) ?? 0) / 1000,
  };
}

function predict({ threads }: ContentionRow, { store, clientIdleMicros, clientRereadMicros }: ContentionFit): Figures {
  const workload = { ...clientsOnly(threads), clientIdleMicros, clientRereadMicros };
  const { client } = simulateCommit({
    ...{ kind: 'commit', name: 'cas', seed: 1, durationMicros: durationSec * 1e6, workload, store, chaos: quiet },
    ...{ limit: null, assumptions: [], warnings: [] },
  }).roles;
  return {
    failureFraction: client!.preconditionFailureCount / client!.operations,
    opsPerSec: client!.succeededCount / durationSec,
    successP50Millis: valueAtPercentile(client!.latencyMicros!, 50) / 1000,
    failedP50Millis: threads === 1 ? null : valueAtPercentile(client!.preconditionFailedMicros!, 50) / 1000,
  };
}

function compare(threads: readonly number[]): unknown {
  const fit = fitContention(
    measured.filter((row) => threads.includes(row.threads)),
    'fit',
    basename(file!),
  );
  const single = measured[0]!;
  const rows = measured.map((row) => {
    const real = measuredFigures(row);
    const predicted = predict(row, fit);
    const percent = (a: number, b: number): number => 100 * (a / b - 1);
    return {
      threads: row.threads,
      fitted: threads.includes(row.threads),
      measured: real,
      predicted,
      errors: {
        failurePoints: 100 * (predicted.failureFraction - real.failureFraction),
        throughputPercent: percent(predicted.opsPerSec, real.opsPerSec),
        successP50Percent: percent(predicted.successP50Millis, real.successP50Millis),
        failedP50Percent: real.failedP50Millis === null ? null : percent(predicted.failedP50Millis!, real.failedP50Millis),
      },
      naive: {
        failurePoints: 100 * (1 - 1 / row.threads - real.failureFraction),
        throughputPercent: percent(single.succeededOpsPerSec, real.opsPerSec),
      },
    };
  });
  const judged = rows.filter(({ threads: count }) => count >= 3);
  const meanOf = (read: (row: (typeof rows)[number]) => number | null): number => mean(judged, (row) => Math.abs(read(row) ?? 0)) ?? 0;
  const means = {
    failurePoints: meanOf((row) => row.errors.failurePoints),
    throughputPercent: meanOf((row) => row.errors.throughputPercent),
    successP50Percent: meanOf((row) => row.errors.successP50Percent),
    failedP50Percent: meanOf((row) => row.errors.failedP50Percent),
    naiveFailurePoints: meanOf((row) => row.naive.failurePoints),
    naiveThroughputPercent: meanOf((row) => row.naive.throughputPercent),
  };
  print(threads, fit, rows, means);
  const { decideFraction, serialMicros } = fit.store;
  const { clientIdleMicros, clientRereadMicros, misfitFraction } = fit;
  return {
    fittedThreads: threads,
    fit: { decideFraction, serialMicros, clientIdleMicros, clientRereadMicros, misfitFraction },
    means,
    rows,
  };
}

function print(threads: readonly number[], fit: ContentionFit, rows: readonly PrintedRow[], means: Readonly<Record<string, number>>): void {
  const { store, clientIdleMicros, clientRereadMicros } = fit;
  console.log(
    `\nfitted to ${threads.join(', ')} threads: precondition decided at ${store.decideFraction.toFixed(3)} of the request, ` +
      `serial ${store.serialMicros} us, clients idle ${clientIdleMicros} us, losers read again for ${clientRereadMicros} us`,
  );
  console.log(
    'threads | failure rate: real, predicted, 1-1/N | swaps/s: real, predicted | p50 ok ms: real, pred. | p50 failed ms: real, pred.',
  );
  for (const { threads: count, measured: real, predicted } of rows) {
    const percent = (value: number): string => `${(100 * value).toFixed(1).padStart(5)} %`;
    const millis = (value: number | null): string => (value === null ? '-' : value.toFixed(1)).padStart(6);
    console.log(
      `${String(count).padStart(7)} | ${percent(real.failureFraction)} ${percent(predicted.failureFraction)} ${percent(1 - 1 / count)}` +
        `               | ${real.opsPerSec.toFixed(2)} ${predicted.opsPerSec.toFixed(2)}              | ${millis(real.successP50Millis)} ` +
        `${millis(predicted.successP50Millis)}          | ${millis(real.failedP50Millis)} ${millis(predicted.failedP50Millis)}`,
    );
  }
  console.log(
    `mean error from 3 threads on: failure rate ${means['failurePoints']!.toFixed(2)} points (1-1/N: ${means['naiveFailurePoints']!.toFixed(2)}), ` +
      `throughput ${means['throughputPercent']!.toFixed(1)} % (constant: ${means['naiveThroughputPercent']!.toFixed(1)} %), ` +
      `p50 of successes ${means['successP50Percent']!.toFixed(1)} %, of failures ${means['failedP50Percent']!.toFixed(1)} %`,
  );
}

const tables = [compare([1, 2]), compare([1])];
if (values.out !== undefined) {
  const document = {
    schema: 'putmodel/cas-contention/1',
    file: basename(file),
    key: values.key,
    command: 'npx tsx bench/cas-contention.ts',
    tables,
  };
  writeFileSync(values.out, `${JSON.stringify(document, null, 2)}\n`);
}
