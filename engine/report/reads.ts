/** The reads of an LSM run as text: rates, latencies, and what a read meets level by level. */
import { type Histogram, maxMicros, percentileMicros, totalCount } from '../kernel/histogram.js';
import { formatCount, formatFraction, formatMicros, formatSeconds } from '../kernel/units.js';
import type { ReadsResult, ReadStreamResult } from '../lsm/read-result.js';
import { heading, paint, row, type TerminalStyle } from './terminal-text.js';

/** A stream of reads in words; `levels` has a line of cells for each of `readLevelColumns`. */
export interface ReadText {
  readonly name: 'Gets' | 'Seeks';
  readonly rate: string;
  /** What follows the rate: what was offered, for how long, what was found. */
  readonly rest: string;
  readonly latency: string;
  /** Files and blocks that a read meets; where those blocks come from. */
  readonly met: string;
  readonly from: string;
  readonly levels: readonly (readonly string[])[];
}

/** Heads of the table of levels. */
export const readLevelColumns = ['Level', 'Files probed', 'Blocks read', 'In cache', 'Found'] as const;

/** All that was read; empty where nothing was. */
export function readTexts(reads: ReadsResult | undefined): ReadText[] {
  if (reads === undefined) return [];
  const streams = [
    ['Gets', reads.point],
    ['Seeks', reads.range],
  ] as const;
  return streams.flatMap(([name, stream]) => (stream === null ? [] : [readText(name, stream, reads.seconds)]));
}

function readText(name: ReadText['name'], stream: ReadStreamResult, seconds: number): ReadText {
  const found = stream.foundFraction === null ? '' : `, ${formatFraction(stream.foundFraction)} found`;
  const offered = stream.offeredOpsPerSec === null ? '' : ` of ${formatCount(stream.offeredOpsPerSec)} offered`;
  const cached = stream.cacheHitFraction === null ? '' : `, ${formatFraction(stream.cacheHitFraction)} of them in the block cache`;
  return {
    name,
    rate: `${formatCount(stream.opsPerSec)}/s`,
    rest: `${offered} over ${formatSeconds(seconds)}${found}`,
    latency: latencyText(stream.latencyNanos),
    met: `${figure(stream.filesProbedPerRead)} files, ${figure(stream.blocksPerRead)} blocks${cached}`,
    from: `${figure(stream.storageReadsPerRead)} blocks from storage, ${figure(stream.deviceReadsPerRead)} from the device`,
    levels: stream.levels.map(({ level, filesProbed, blocksRead, cacheHitFraction, foundFraction }) => [
      level === null ? 'mem' : `L${String(level)}`,
      figure(filesProbed),
      figure(blocksRead),
      cacheHitFraction === null ? '' : formatFraction(cacheHitFraction),
      formatFraction(foundFraction),
    ]),
  };
}

/** What was read, and the table of its levels; no lines where nothing was. */
export function readLines(reads: ReadsResult | undefined, style: TerminalStyle): string[] {
  const widths = [5, 13, 12, 9, 9];
  const line = (cells: readonly string[]): string => cells.map((cell, column) => cell.padStart(widths[column] ?? 0)).join(' ');
  return readTexts(reads).flatMap(({ name, rate, rest, latency, met, from, levels }) => [
    row(name, `${paint(rate, 'bold', style)}${rest}`),
    row('  latency', latency),
    row('  a read', met),
    row('', from),
    heading(line(readLevelColumns), style),
    ...levels.map(line),
  ]);
}

function figure(value: number): string {
  return value >= 10 ? value.toFixed(1) : value.toFixed(3);
}

function latencyText(nanos: Histogram): string {
  if (totalCount(nanos) === 0) return 'n/a';
  const at = (percentile: number): string => microsText(percentileMicros(nanos, percentile) / 1000);
  return `p50 ${at(50)}, p99 ${at(99)}, p99.9 ${at(99.9)}, max ${microsText(maxMicros(nanos) / 1000)}`;
}

function microsText(micros: number): string {
  return micros < 100 ? `${micros.toFixed(1)} us` : formatMicros(Math.round(micros));
}
