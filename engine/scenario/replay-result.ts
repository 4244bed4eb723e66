/** The result document of a replay (`putmodel/replay-result/1`), its schema, and `series.csv`. Adding a field keeps the schema's number. */
import { z } from 'zod';
import { createHistogram, maxMicros, boundedMeanMicros, percentileMicros, totalCount, type Histogram } from '../kernel/histogram.js';
import { decodeV2Base64 } from '../kernel/histogram-codec.js';
import type { ReplayComparison, ReplayResult, ReplaySeries } from '../replay/result.js';
import { encodeCsv } from './csv.js';
import type { ResultDocument } from './kind.js';
import { commonFields, figure, maybe, values } from './result-schema.js';
import { encodeValidity, pick, type Validity } from './result.js';

/** Names the document and the number of its schema. */
export const replayResultSchemaName = 'putmodel/replay-result/1';

/** The document without its manifest. */
export function encodeReplayResult(result: ReplayResult, validity: Validity): ResultDocument {
  return {
    schema: replayResultSchemaName,
    requests: result.requestCount,
    readBytes: result.readBytes,
    writtenBytes: result.writtenBytes,
    bandwidth: pick(result.bandwidth, ['meanMiBPerSec', 'readMiBPerSec', 'writeMiBPerSec']),
    meanOpsPerSec: result.meanOpsPerSec,
    latencyMicros: latencySummary(result.latencyMicros),
    readLatencyMicros: latencySummary(result.readLatencyMicros),
    writeLatencyMicros: latencySummary(result.writeLatencyMicros),
    lagMicros: pick(result.lagMicros, ['mean', 'max']),
    device: pick(result.device, ['busyFraction', 'meanOutstandingCount']),
    comparison: result.comparison === null ? null : encodeComparison(result.comparison),
    series: pick(result.series, ['intervalSec', 'readBytesPerSec', 'writeBytesPerSec', 'outstandingCount']),
    assumptions: result.assumptions.map((entry) => pick(entry, ['what', 'value', 'source'])),
    validity: encodeValidity(validity),
    events: result.events,
    simulatedSec: result.simulatedSec,
    warnings: result.warnings.map((entry) => pick(entry, ['code', 'message', 'path'])),
  };
}

/** Names of the files with the histograms of all requests, of reads and of writes, without their endings. */
export const latencyFileNames = { all: 'latency', read: 'read-latency', write: 'write-latency' } as const;

/** The result that a directory's files hold; smallest and largest latency are known to their histogram slot only. */
export function decodeReplayResult(document: ResultDocument, readFile: (name: string) => string): ReplayResult {
  const written = document as unknown as WrittenReplay;
  const histogram = (file: string, { p50 }: { readonly p50: number | null }): Histogram =>
    p50 === null ? createHistogram() : decodeV2Base64(readFile(`${file}.hdr`).trim());
  const { series } = written;
  return {
    kind: 'replay',
    ...pick(written, ['simulatedSec', 'events', 'readBytes', 'writtenBytes', 'bandwidth', 'meanOpsPerSec', 'lagMicros', 'device']),
    ...pick(written, ['comparison', 'assumptions', 'warnings']),
    requestCount: written.requests,
    latencyMicros: histogram(latencyFileNames.all, written.latencyMicros),
    readLatencyMicros: histogram(latencyFileNames.read, written.readLatencyMicros),
    writeLatencyMicros: histogram(latencyFileNames.write, written.writeLatencyMicros),
    series: {
      intervalSec: series.intervalSec,
      readBytesPerSec: Float64Array.from(series.readBytesPerSec),
      writeBytesPerSec: Float64Array.from(series.writeBytesPerSec),
      outstandingCount: Float64Array.from(series.outstandingCount),
    },
  };
}

type WrittenReplay = z.infer<typeof replayResultSchema> & Pick<ReplayResult, 'assumptions' | 'warnings'>;

function latencySummary(histogram: Histogram): ResultDocument {
  const empty = totalCount(histogram) === 0;
  const at = (percent: number): number | null => (empty ? null : percentileMicros(histogram, percent));
  return {
    ...{ p50: at(50), p95: at(95), p99: at(99), p999: at(99.9) },
    max: empty ? null : maxMicros(histogram),
    mean: empty ? null : boundedMeanMicros(histogram),
  };
}

function encodeComparison(comparison: ReplayComparison): ResultDocument {
  return {
    ...pick(comparison, ['latencyOf', 'recordedBytesPerSec', 'predictedBytesPerSec', 'bandwidthErrorPercent']),
    quantiles: comparison.quantiles.map((row) => pick(row, ['direction', 'percent', 'recordedMicros', 'predictedMicros', 'errorPercent'])),
  };
}

const latency = z.strictObject({
  ...{ p50: maybe('us', ''), p95: maybe('us', ''), p99: maybe('us', ''), p999: maybe('us', '') },
  ...{ max: maybe('us', ''), mean: maybe('us', '') },
});

/** The document's schema, for editors and readers. */
export const replayResultSchema = z
  .strictObject({
    schema: z.literal(replayResultSchemaName),
    ...commonFields,
    requests: figure('count', 'reads and writes replayed'),
    readBytes: figure('bytes', ''),
    writtenBytes: figure('bytes', ''),
    bandwidth: z.strictObject({
      meanMiBPerSec: figure('MiB/s', 'from the first request to the last completion'),
      readMiBPerSec: figure('MiB/s', ''),
      writeMiBPerSec: figure('MiB/s', ''),
    }),
    meanOpsPerSec: figure('ops/s', ''),
    latencyMicros: latency.meta({ description: 'completion latency, from issue to completion, of reads and writes' }),
    readLatencyMicros: latency,
    writeLatencyMicros: latency,
    lagMicros: z
      .strictObject({ mean: figure('us', ''), max: figure('us', '') })
      .meta({ description: 'how much later than recorded requests were issued because the queue was full; 0 with timing fast' }),
    device: z.strictObject({
      busyFraction: figure('fraction', 'of the time with a request in flight'),
      meanOutstandingCount: figure('count', 'requests in flight, mean over time'),
    }),
    comparison: z
      .strictObject({
        latencyOf: z.enum(['clat', 'lat']),
        recordedBytesPerSec: figure('bytes/s', ''),
        predictedBytesPerSec: figure('bytes/s', ''),
        bandwidthErrorPercent: maybe('percent', 'null where the recording took no time'),
        quantiles: z.array(
          z.strictObject({
            direction: z.enum(['read', 'write']),
            percent: figure('percent', 'of the requests'),
            recordedMicros: figure('us', ''),
            predictedMicros: figure('us', ''),
            errorPercent: maybe('percent', 'null where 0 was recorded'),
          }),
        ),
      })
      .nullable()
      .meta({ description: 'beside the recorded latency log; null without one' }),
    series: z.strictObject({
      intervalSec: figure('s', ''),
      readBytesPerSec: values('bytes/s', ''),
      writeBytesPerSec: values('bytes/s', ''),
      outstandingCount: values('count', 'requests in flight, mean'),
    }),
  })
  .meta({ title: 'putmodel replay result' });

/** One row an interval. */
export function encodeReplaySeriesCsv(series: ReplaySeries): string {
  return encodeCsv(series.readBytesPerSec.length, [
    ['t_sec', (row) => row * series.intervalSec],
    ['read_bytes_per_sec', series.readBytesPerSec],
    ['write_bytes_per_sec', series.writeBytesPerSec],
    ['outstanding', series.outstandingCount],
  ]);
}
