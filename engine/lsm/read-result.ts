/** What reads came to: rates, latencies, and what each read met level by level. */
import type { Histogram } from '../kernel/histogram.js';
import type { ReadCounts } from './read-counts.js';
import type { Reader, Readers } from './readers.js';
import type { LsmResult } from './result.js';
import type { ReadArrival } from './scenario.js';

/** One row of the read amplification: means over all reads of a stream. */
export interface ReadLevelRow {
  /** null: the memtables. */
  readonly level: number | null;
  /** Memtables or files whose filter, index or skip list was searched, a read. */
  readonly filesProbed: number;
  /** Data blocks looked up, a read; and the fraction of them that the block cache had (null: none were looked up). */
  readonly blocksRead: number;
  readonly cacheHitFraction: number | null;
  /** Reads that found their key here. */
  readonly foundFraction: number;
}

/** Point or range reads of a benchmark. */
export interface ReadStreamResult {
  readonly opsPerSec: number;
  /** Of an open load; null: reads come as the last ones return. */
  readonly offeredOpsPerSec: number | null;
  readonly reads: number;
  /** Gets whose key was there; null for range reads. */
  readonly foundFraction: number | null;
  readonly filesProbedPerRead: number;
  readonly blocksPerRead: number;
  readonly storageReadsPerRead: number;
  readonly deviceReadsPerRead: number;
  readonly cacheHitFraction: number | null;
  /** CPU time of a read on a core of its own. */
  readonly cpuMicrosPerRead: number;
  /** Nanoseconds. */
  readonly latencyNanos: Histogram;
  readonly levels: readonly ReadLevelRow[];
  /** One entry a second of the whole run; 0 where this benchmark did not run. */
  readonly seriesOpsPerSec: Float64Array;
}

/** Reads of the last benchmark that read. */
export interface ReadsResult {
  readonly seconds: number;
  readonly point: ReadStreamResult | null;
  readonly range: ReadStreamResult | null;
  readonly deviceReadBytes: number;
}

/** Notes how many reads there were at the end of the second that was the `seconds`th row of the series. */
export function noteSecond({ readers }: Readers, seconds: number): void {
  for (const { counts } of readers) {
    while (counts.atSecond.length < seconds - 1) counts.atSecond.push(counts.atSecond.length === 0 ? 0 : counts.atSecond.at(-1)!);
    counts.atSecond.push(counts.reads);
  }
}

/** Reads of all streams, and Gets that found their key. */
export function readTotals({ readers }: Readers): { readonly reads: number; readonly foundReads: number } {
  let reads = 0;
  let found = 0;
  for (const { stream, counts } of readers) {
    reads += counts.reads;
    if (stream.nexts === null) found += counts.reads - counts.found.at(-1)!;
  }
  return { reads, foundReads: found };
}

/** The fields that reading adds to a result. */
export function readsResult(readers: Readers, result: LsmResult): Pick<LsmResult, 'reads' | 'device'> {
  const seconds = ((readers.endMicros ?? readers.startMicros) - readers.startMicros) / 1e6;
  const deviceReads = readers.readers.reduce((sum, { counts }) => sum + counts.deviceReads, 0);
  const deviceReadBytes = Math.round(deviceReads * readers.requestBytes);
  const of = (isPoint: boolean): ReadStreamResult | null => {
    const reader = readers.readers.find(({ stream }) => (stream.nexts === null) === isPoint);
    return reader === undefined ? null : streamResult(reader, seconds, result.series.opsPerSec.length);
  };
  return {
    reads: { seconds, point: of(true), range: of(false), deviceReadBytes },
    device: { ...result.device, readBytes: result.device.readBytes + deviceReadBytes },
  };
}

function streamResult({ stream, counts }: Reader, seconds: number, rows: number): ReadStreamResult {
  const each = 1 / Math.max(1e-9, counts.reads);
  const blocks = sum(counts.blocks);
  const last = counts.found.length - 1;
  const levels: ReadLevelRow[] = [];
  for (let row = 0; row < last; row++) {
    if (counts.probed[row] === 0) continue;
    levels.push({
      level: row === 0 ? null : row - 1,
      filesProbed: counts.probed[row]! * each,
      blocksRead: counts.blocks[row]! * each,
      cacheHitFraction: counts.blocks[row]! > 0 ? counts.blockHits[row]! / counts.blocks[row]! : null,
      foundFraction: counts.found[row]! * each,
    });
  }
  return {
    opsPerSec: seconds > 0 ? counts.reads / seconds : 0,
    offeredOpsPerSec: offered(stream.arrival),
    reads: Math.round(counts.reads),
    foundFraction: stream.nexts === null ? 1 - counts.found[last]! * each : null,
    filesProbedPerRead: (sum(counts.probed) - counts.probed[0]!) * each,
    blocksPerRead: blocks * each,
    storageReadsPerRead: counts.storageReads * each,
    deviceReadsPerRead: counts.deviceReads * each,
    cacheHitFraction: blocks > 0 ? sum(counts.blockHits) / blocks : null,
    cpuMicrosPerRead: (counts.cpuNanos / 1000) * each,
    latencyNanos: counts.latency,
    levels,
    seriesOpsPerSec: Float64Array.from({ length: rows }, (_, second) => readsBy(counts, second) - readsBy(counts, second - 1)),
  };
}

/** Reads by the end of this second of the run. */
function readsBy({ atSecond, reads }: ReadCounts, second: number): number {
  return second < 0 ? 0 : (atSecond[second] ?? reads);
}

function offered(arrival: ReadArrival): number | null {
  return arrival.kind === 'open' ? arrival.opsPerSec : null;
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
