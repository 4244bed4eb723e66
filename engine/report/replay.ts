/** A replay as text for a terminal: bandwidth and latencies, the device, the recording beside it, bandwidth over time. */
import { maxMicros, percentileMicros, totalCount, type Histogram } from '../kernel/histogram.js';
import { MIB, formatBytes, formatBytesPerSec, formatCount, formatFraction, formatMicros, formatSeconds } from '../kernel/units.js';
import type { ReplayResult } from '../replay/result.js';
import {
  assumptionLines,
  barChart,
  closingLines,
  heading,
  joinSections,
  number,
  paint,
  plainStyle,
  row,
  warningLines,
  type TerminalContext,
  type TerminalStyle,
} from './terminal-text.js';

/** The whole report, with a final newline. */
export function renderReplayReport(result: ReplayResult, context: TerminalContext, style: TerminalStyle = plainStyle): string {
  return joinSections(
    [
      [paint(context.title, 'bold', style)],
      assumptionLines(result.assumptions, style),
      answerLines(result, style),
      comparisonLines(result, style),
      barChart('Bandwidth over time, MiB/s', totalMib(result), result.series.intervalSec, style),
      warningLines(result.warnings, style),
      closingLines(result, context, style),
    ],
    style,
  );
}

function answerLines(result: ReplayResult, style: TerminalStyle): string[] {
  const { bandwidth, device, lagMicros } = result;
  const rate = paint(`${number(bandwidth.meanMiBPerSec)} MiB/s`, 'bold', style);
  return [
    row('Bandwidth', `${rate}, ${formatCount(result.meanOpsPerSec)} requests/s over ${formatSeconds(result.simulatedSec)}`),
    row('Moved', `${formatBytes(result.readBytes)} read, ${formatBytes(result.writtenBytes)} written`),
    ...latencyRow('Reads', result.readLatencyMicros),
    ...latencyRow('Writes', result.writeLatencyMicros),
    row(
      'Device',
      `busy ${formatFraction(device.busyFraction)} of the time, ${number(device.meanOutstandingCount)} requests in flight on average`,
    ),
    ...(lagMicros.max === 0
      ? []
      : [row('Behind', `${formatMicros(lagMicros.mean)} on average, at most ${formatMicros(lagMicros.max)}: the queue was full`)]),
  ];
}

function latencyRow(label: string, histogram: Histogram): string[] {
  if (totalCount(histogram) === 0) return [];
  const at = (percent: number): string => formatMicros(percentileMicros(histogram, percent));
  return [row(label, `p50 ${at(50)}, p95 ${at(95)}, p99 ${at(99)}, p99.9 ${at(99.9)}, max ${formatMicros(maxMicros(histogram))}`)];
}

function comparisonLines({ comparison }: ReplayResult, style: TerminalStyle): string[] {
  if (comparison === null) return [];
  const percent = (value: number | null): string => (value === null ? 'n/a' : `${value >= 0 ? '+' : '-'}${Math.abs(value).toFixed(1)} %`);
  const bandwidth = `${formatBytesPerSec(comparison.recordedBytesPerSec)} recorded, ${formatBytesPerSec(comparison.predictedBytesPerSec)} predicted, ${percent(comparison.bandwidthErrorPercent)}`;
  const head = [heading(`Beside the recording (${comparison.latencyOf})`, style), row('Bandwidth', bandwidth)];
  if (comparison.quantiles.length === 0) return [...head, row('Latency', 'too few requests for quantiles')];
  return [
    ...head,
    `${'quantile'.padEnd(14)}${'recorded'.padStart(11)}${'predicted'.padStart(12)}${'error'.padStart(12)}`,
    ...comparison.quantiles.map((entry) =>
      [
        `${entry.direction} p${String(entry.percent)}`.padEnd(14),
        formatMicros(entry.recordedMicros).padStart(11),
        formatMicros(entry.predictedMicros).padStart(12),
        percent(entry.errorPercent).padStart(12),
      ].join(''),
    ),
  ];
}

function totalMib({ series }: ReplayResult): Float64Array {
  return series.readBytesPerSec.map((bytes, index) => (bytes + (series.writeBytesPerSec[index] ?? 0)) / MIB);
}
