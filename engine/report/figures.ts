/** Figures of a result in words and numbers: what a metric is called, and its value by its unit. */
import { formatBytes, formatCount, formatFraction, formatMicros, formatSeconds } from '../kernel/units.js';
import type { Reason, Unit } from '../scenario/kind.js';
import type { Limit, StallCause } from '../lsm/result.js';
import { number } from './terminal-text.js';
import { causeNames, limitNames } from './words.js';

/** By path; a figure that is not here goes by its path. */
const names: Readonly<Record<string, string>> = {
  'putRate.meanOpsPerSec': 'put rate',
  'putRate.meanMiBPerSec': 'user bytes',
  'stall.stoppedSec': 'stopped',
  'stall.delayedSec': 'delayed',
  'stall.longestSec': 'longest stall',
  ...Object.fromEntries(Object.entries(causeNames).map(([cause, name]) => [`stall.byCause.${cause}`, `  by ${name}`])),
  writeAmplification: 'write amp. with WAL',
  writeAmplificationNoWal: "RocksDB's own W-Amp",
  writeAmplificationUser: 'write amp. w/o WAL',
  compactionReadAmplification: 'compaction read amp.',
  spaceAmplification: 'space amplification',
  'space.peakBytes': 'peak space',
  'space.peakTransientBytes': 'with transient files',
  'debt.pendingCompactionBytes': 'debt at the end',
  'debt.peakPendingCompactionBytes': 'peak debt',
  'device.writtenBytes': 'device writes',
  'device.busyFraction': 'device busy',
  'putLatencyMicros.p50': 'put latency p50',
  'putLatencyMicros.p99': 'put latency p99',
  'putLatencyMicros.p999': 'put latency p99.9',
  ...readNames('point', 'Get'),
  ...readNames('range', 'Seek'),
  'steadyState.atSec': 'steady from',
  simulatedSec: 'whole run',
};

/** Figures of a stream of reads, each of which is called a Get or a Seek. */
function readNames(stream: string, read: string): Readonly<Record<string, string>> {
  return {
    [`reads.${stream}.opsPerSec`]: `${read}s`,
    [`reads.${stream}.latencyMicros.p50`]: `${read} latency p50`,
    [`reads.${stream}.latencyMicros.p99`]: `${read} latency p99`,
    [`reads.${stream}.latencyMicros.p999`]: `${read} latency p99.9`,
    [`reads.${stream}.blocksPerRead`]: `blocks a ${read}`,
    [`reads.${stream}.storageReadsPerRead`]: '  from storage',
    [`reads.${stream}.cacheHitFraction`]: '  in the block cache',
  };
}

/** What people call the figure at this path. */
export function figureName(path: string): string {
  return names[path] ?? path;
}

/** Below this many a second a rate keeps decimals. */
const wholeRatePerSec = 100;

/** A value as its unit reads best; `n/a` for none. */
export function figureText(value: number | null, unit: Unit): string {
  if (value === null) return 'n/a';
  switch (unit) {
    case 'opsPerSec':
      return `${Math.abs(value) < wholeRatePerSec ? String(Number(value.toPrecision(3))) : formatCount(value)}/s`;
    case 'mibPerSec':
      return `${number(value)} MiB/s`;
    case 'sec':
      return value === 0 ? '0 s' : formatSeconds(value);
    case 'millis':
      return formatMicros(1000 * value);
    case 'micros':
      return formatMicros(value);
    case 'bytes':
      return formatBytes(value);
    case 'fraction':
      return formatFraction(value);
    case 'percent':
      return `${number(value)} %`;
    case '1':
      return Number.isInteger(value) ? formatCount(value) : number(value);
  }
}

/** "+12.1 %", "-0.3 %", "0 %". */
export function changeText(percent: number): string {
  if (percent === 0) return '0 %';
  return `${percent > 0 ? '+' : '-'}${number(Math.abs(percent))} %`;
}

/** "bound by the rate limiter 20.0 % of the time instead of 75.1 %". */
export function reasonText({ figure, unit, before, after, fromSec }: Reason): string {
  const [, group = '', name = ''] = /^(binding|stall\.byCause|writtenPerUserByte)\.(.*)$/.exec(figure) ?? [];
  const instead = `${figureText(after, unit)} instead of ${figureText(before, unit)}`;
  switch (group) {
    case 'binding':
      return `bound by ${limitNames[name as Limit]} ${figureText(after, unit)} of the time instead of ${figureText(before, unit)}`;
    case 'stall.byCause': {
      const first = fromSec === null ? '' : ` (first at ${formatSeconds(fromSec)})`;
      return `held by ${causeNames[name as StallCause]} for ${instead}${first}`;
    }
    case 'writtenPerUserByte':
      return `${name} is written ${instead} times a user byte`;
    default:
      return `${figure}: ${instead}`;
  }
}
