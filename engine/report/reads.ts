/** The reads of an LSM run as text: rates, latencies, and what a read meets level by level. */
import { valueAtPercentile, maxMicros, totalCount, type Histogram } from '../kernel/histogram.js';
import { formatCount, formatFraction, formatMicros, formatSeconds } from '../kernel/units.js';
import type { ReadsResult, ReadStreamResult } from '../lsm/read-result.js';
import { heading, paint, row, type TerminalStyle } from './terminal-text.js';

/** What was read, and the table of its levels; no lines where nothing was. */
export function readLines(reads: ReadsResult | undefined, style: TerminalStyle): string[] {
  if (reads === undefined) return [];
  const streams = [
    ['Gets', reads.point],
    ['Seeks', reads.range],
  ] as const;
  return streams.flatMap(([name, stream]) => (stream === null ? [] : streamLines(name, stream, reads.seconds, style)));
}

function streamLines(name: string, stream: ReadStreamResult, seconds: number, style: TerminalStyle): string[] {
  const found = stream.foundFraction === null ? '' : `, ${formatFraction(stream.foundFraction)} found`;
  const offered = stream.offeredOpsPerSec === null ? '' : ` of ${formatCount(stream.offeredOpsPerSec)} offered`;
  const cached = stream.cacheHitFraction === null ? '' : `, ${formatFraction(stream.cacheHitFraction)} of them in the block cache`;
  return [
    row(name, `${paint(`${formatCount(stream.opsPerSec)}/s`, 'bold', style)}${offered} over ${formatSeconds(seconds)}${found}`),
    row('  latency', latencyText(stream.latencyNanos)),
    row('  a read', `${figure(stream.filesProbedPerRead)} files, ${figure(stream.blocksPerRead)} blocks${cached}`),
    row('', `${figure(stream.storageReadsPerRead)} blocks from storage, ${figure(stream.deviceReadsPerRead)} from the device`),
    heading('Level  Files probed  Blocks read  In cache     Found', style),
    ...stream.levels.map(levelLine),
  ];
}

function levelLine({ level, filesProbed, blocksRead, cacheHitFraction, foundFraction }: ReadStreamResult['levels'][number]): string {
  return [
    (level === null ? 'mem' : `L${String(level)}`).padStart(5),
    figure(filesProbed).padStart(13),
    figure(blocksRead).padStart(12),
    (cacheHitFraction === null ? '' : formatFraction(cacheHitFraction)).padStart(9),
    formatFraction(foundFraction).padStart(9),
  ].join(' ');
}

function figure(value: number): string {
  return value >= 10 ? value.toFixed(1) : value.toFixed(3);
}

function latencyText(nanos: Histogram): string {
  if (totalCount(nanos) === 0) return 'n/a';
  const at = (percentile: number): string => microsText(valueAtPercentile(nanos, percentile) / 1000);
  return `p50 ${at(50)}, p99 ${at(99)}, p99.9 ${at(99.9)}, max ${microsText(maxMicros(nanos) / 1000)}`;
}

function microsText(micros: number): string {
  return micros < 100 ? `${micros.toFixed(1)} us` : formatMicros(Math.round(micros));
}
