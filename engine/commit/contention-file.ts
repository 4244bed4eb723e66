/**
 * Reads measured compare-and-swap contention: a JSON file with `<store>.<operation>.per_thread.<threads>`, as cdouglas/endive publishes it
 * (analysis/distributions.json). The key `AWS_S3/CAS` names the part with the rows.
 */
import { z } from 'zod';
import { isMap } from '../kernel/maps.js';
import { PutmodelError, type Issue } from '../kernel/errors.js';
import type { ContentionRow } from './contention.js';
import type { QuantilePoint } from './distribution.js';

const millis = z.number().gt(0).max(1e9);
const percentiles = z.record(z.string(), z.unknown());
const rowSchema = z.looseObject({
  failure_rate: z.number().min(0).lt(1),
  n_total: z.number().min(1),
  latency_ms: percentiles,
  throughput_ops_sec: z.looseObject({ mean: z.number().gt(0) }),
  fail_latency_ms: percentiles.optional(),
});

/**
 * The rows of a part of the file, ascending by threads; only those of `threads`, if given.
 * @throws PutmodelError INPUT_SYNTAX for anything but JSON; INPUT_INVALID for a key or row that is not there, or is not as it should be.
 */
export function readContention(text: string, file: string, key: string, threads?: readonly number[]): ContentionRow[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw new PutmodelError({ code: 'INPUT_SYNTAX', message: 'not a JSON document', file });
  }
  const part = partOf(document, file, key);
  const wanted = threads ?? Object.keys(part).map(Number);
  const missing = wanted.filter((count) => !Object.hasOwn(part, String(count)));
  if (missing.length > 0) {
    const expected = Object.keys(part).join(', ');
    throw new PutmodelError({
      code: 'INPUT_INVALID',
      message: `no row of ${missing.join(', ')} threads`,
      expected,
      path: 'store.fitThreads',
    });
  }
  return [...wanted].sort((a, b) => a - b).map((count) => readRow(part[String(count)], count, file, `${key}/${String(count)}`));
}

function partOf(document: unknown, file: string, key: string): Readonly<Record<string, unknown>> {
  let value = document;
  for (const name of key.split(/[./]/)) {
    const found = typeof value === 'object' && value !== null && Object.hasOwn(value, name);
    if (!found) {
      const names = typeof value === 'object' && value !== null ? Object.keys(value).join(', ') : 'nothing';
      throw new PutmodelError({ code: 'INPUT_INVALID', message: `${file} has no ${name}`, expected: names, path: 'store.fitKey' });
    }
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  const rows = typeof value === 'object' && value !== null && 'per_thread' in value ? value.per_thread : value;
  if (isMap(rows)) return rows;
  throw new PutmodelError({ code: 'INPUT_INVALID', message: `${file} has no rows per_thread under ${key}`, path: 'store.fitKey' });
}

function readRow(value: unknown, threads: number, file: string, path: string): ContentionRow {
  const outcome = rowSchema.safeParse(value);
  if (!outcome.success) {
    throw new PutmodelError(
      outcome.error.issues.map((issue): Issue => ({
        code: 'INPUT_INVALID',
        message: issue.message,
        file,
        path: `${path}/${issue.path.join('/')}`,
      })),
    );
  }
  const row = outcome.data;
  const quantiles = quantilesOf(row.latency_ms, row.n_total * (1 - row.failure_rate));
  // Below a micro no time would pass in a simulation.
  const mean = millis.min(0.001).safeParse(row.latency_ms['mean']);
  if (quantiles.length < 2 || !mean.success) {
    throw new PutmodelError({
      code: 'INPUT_INVALID',
      message: 'needs the mean and two percentiles or more',
      file,
      path: `${path}/latency_ms`,
    });
  }
  return {
    threads,
    attemptCount: row.n_total,
    failureFraction: row.failure_rate,
    succeededOpsPerSec: row.throughput_ops_sec.mean,
    meanMicros: mean.data * 1000,
    quantiles,
    failedQuantiles: quantilesOf(row.fail_latency_ms ?? {}, row.n_total * row.failure_rate),
  };
}

/** `p50`, `p99.9` and `max` in milliseconds. The largest of n stands for the last half of one. */
function quantilesOf(values: Readonly<Record<string, unknown>>, count: number): QuantilePoint[] {
  const points = Object.entries(values).flatMap(([name, value]): QuantilePoint[] => {
    const parsed = millis.safeParse(value);
    const percent = name === 'max' ? 100 - 50 / Math.max(count, 1) : Number(/^p(\d+(?:\.\d+)?)$/.exec(name)?.[1] ?? Number.NaN);
    return parsed.success && percent > 0 && percent < 100 ? [{ fraction: percent / 100, micros: parsed.data * 1000 }] : [];
  });
  points.sort((a, b) => a.fraction - b.fraction);
  return points.filter((point, index) => index === 0 || point.fraction > points[index - 1]!.fraction);
}
