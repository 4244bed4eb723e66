/** The `reads` part of an LSM result document: reads of the last benchmark that read. Absent where nothing was read. */
import { z } from 'zod';
import { boundedMeanMicros, type Histogram, maxMicros, percentileMicros, totalCount } from '../kernel/histogram.js';
import { decodeV2Base64, encodeV2Base64 } from '../kernel/histogram-codec.js';
import type { ReadsResult, ReadStreamResult } from '../lsm/read-result.js';
import type { ResultDocument } from './kind.js';
import { pick } from './result.js';
import { figure, maybe, values } from './result-schema.js';

const streams = ['point', 'range'] as const;

/** The document of the reads. */
export function encodeReads(reads: ReadsResult): ResultDocument {
  const { seconds, deviceReadBytes } = reads;
  return { seconds, deviceReadBytes, ...Object.fromEntries(streams.map((name) => [name, encodeStream(reads[name])])) };
}

function encodeStream(stream: ReadStreamResult | null): ResultDocument | null {
  if (stream === null) return null;
  return {
    ...pick(stream, ['opsPerSec', 'offeredOpsPerSec', 'reads', 'foundFraction', 'filesProbedPerRead', 'blocksPerRead']),
    ...pick(stream, ['storageReadsPerRead', 'deviceReadsPerRead', 'cacheHitFraction', 'cpuMicrosPerRead']),
    latencyMicros: latencyMicros(stream.latencyNanos),
    levels: stream.levels.map((row) => pick(row, ['level', 'filesProbed', 'blocksRead', 'cacheHitFraction', 'foundFraction'])),
    seriesOpsPerSec: stream.seriesOpsPerSec,
  };
}

/** Micros with decimals: most reads take a few. */
function latencyMicros(nanos: Histogram): ResultDocument {
  const empty = totalCount(nanos) === 0;
  const at = (percentile: number): number | null => (empty ? null : percentileMicros(nanos, percentile) / 1000);
  const max = empty ? null : maxMicros(nanos) / 1000;
  return { p50: at(50), p95: at(95), p99: at(99), p999: at(99.9), max, mean: empty ? null : boundedMeanMicros(nanos) / 1000 };
}

/** The files of the reads' latencies in a result directory, nanoseconds. */
export function readFiles(reads: ReadsResult | undefined): Record<string, string> {
  const files: Record<string, string> = {};
  for (const name of streams) {
    const stream = reads?.[name];
    if (stream !== undefined && stream !== null) files[`${name}-read-latency-nanos.hdr`] = `${encodeV2Base64(stream.latencyNanos)}\n`;
  }
  return files;
}

/** The reads that a directory's files hold. */
export function decodeReads(document: ResultDocument, readFile: (name: string) => string): { readonly reads?: ReadsResult } {
  const said = document['reads'] as ReadsResult | undefined;
  if (said === undefined) return {};
  const decoded = (name: (typeof streams)[number]): ReadStreamResult | null => {
    const stream = said[name];
    if (stream === null) return null;
    return {
      ...stream,
      latencyNanos: decodeV2Base64(readFile(`${name}-read-latency-nanos.hdr`).trim()),
      seriesOpsPerSec: Float64Array.from(stream.seriesOpsPerSec),
    };
  };
  return { reads: { ...pick(said, ['seconds', 'deviceReadBytes']), point: decoded('point'), range: decoded('range') } };
}

const streamSchema = z.strictObject({
  opsPerSec: figure('ops/s', ''),
  offeredOpsPerSec: maybe('ops/s', 'of an open load; null: reads come as the last ones return'),
  reads: figure('count', ''),
  foundFraction: maybe('fraction', 'Gets whose key was there; null for range reads'),
  filesProbedPerRead: figure('count', 'files whose filter or index was searched'),
  blocksPerRead: figure('count', 'data blocks looked up: read amplification'),
  storageReadsPerRead: figure('count', 'blocks that were not in the block cache'),
  deviceReadsPerRead: figure('count', 'of these, blocks that were not in the page cache'),
  cacheHitFraction: maybe('fraction', 'data blocks found in the block cache'),
  cpuMicrosPerRead: figure('us', 'CPU time of a read on a core of its own'),
  latencyMicros: z.strictObject({
    p50: maybe('us', ''),
    p95: maybe('us', ''),
    p99: maybe('us', ''),
    p999: maybe('us', ''),
    max: maybe('us', ''),
    mean: maybe('us', ''),
  }),
  levels: z.array(
    z.strictObject({
      level: maybe('1', 'null: memtables'),
      filesProbed: figure('count', 'a read'),
      blocksRead: figure('count', 'data blocks a read'),
      cacheHitFraction: maybe('fraction', 'of these blocks'),
      foundFraction: figure('fraction', 'reads whose key was found here'),
    }),
  ),
  seriesOpsPerSec: values('ops/s', 'one entry a second of the whole run'),
});

/** Of `reads` in a result document. */
export const readsSchema = z
  .strictObject({
    seconds: figure('s', 'of the benchmark'),
    deviceReadBytes: figure('bytes', 'read by users from the device'),
    point: streamSchema.nullable(),
    range: streamSchema.nullable(),
  })
  .meta({ description: 'reads of the last benchmark that read; absent where nothing was read' });
