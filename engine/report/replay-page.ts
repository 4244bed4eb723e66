/** A replay of recorded requests on its report page: bandwidth and latencies, the device, the recording beside it. */
import { maxMicros, percentileMicros, totalCount, type Histogram } from '../kernel/histogram.js';
import { formatBytes, formatBytesPerSec, formatCount, formatFraction, formatMicros, formatSeconds, MIB } from '../kernel/units.js';
import type { ReplayResult } from '../replay/result.js';
import { drawCurveOverlay } from './charts/curve-overlay.js';
import { titled, type NamedPicture } from './charts/drawing.js';
import { drawLatencyPercentiles } from './charts/latency-percentiles.js';
import type { Section } from './html.js';
import type { KindPage, ReportedRun } from './pages.js';
import { number } from './terminal-text.js';

/** Reads and writes, those of them that there are. */
function directions(result: ReplayResult) {
  const { series } = result;
  const both = [
    { name: 'reads', histogram: result.readLatencyMicros, bytesPerSec: series.readBytesPerSec },
    { name: 'writes', histogram: result.writeLatencyMicros, bytesPerSec: series.writeBytesPerSec },
  ];
  return both.filter(({ histogram }) => totalCount(histogram) > 0);
}

/** Of fewer there is no curve to see. */
const fewestIntervals = 3;

/** All pictures of the replay; a short one has none over time. */
export function replayPagePictures(result: ReplayResult, { name }: ReportedRun): readonly NamedPicture[] {
  const { intervalSec, outstandingCount } = result.series;
  const moved = directions(result).map(({ name: direction, bytesPerSec }) => ({
    name: direction,
    values: bytesPerSec.map((bytes) => bytes / MIB),
    stalls: null,
  }));
  const curves = directions(result).map(({ name: direction, histogram }) => ({ name: direction, histogram }));
  const overTime = { intervalSec, windowSec: null };
  const latency: NamedPicture = {
    name: 'latency',
    draw: (canvas) => drawLatencyPercentiles({ title: titled(name, 'completion latency'), curves }, canvas),
  };
  if (outstandingCount.length < fewestIntervals) return [latency];
  return [
    {
      name: 'bandwidth',
      draw: (canvas) => drawCurveOverlay({ ...overTime, title: titled(name, 'bandwidth'), unit: 'MiB/s', curves: moved }, canvas),
    },
    latency,
    {
      name: 'in-flight',
      draw: (canvas) =>
        drawCurveOverlay(
          {
            ...overTime,
            title: titled(name, 'requests in flight'),
            unit: 'requests',
            curves: [{ name: 'in flight', values: outstandingCount, stalls: null }],
          },
          canvas,
        ),
    },
  ];
}

/** What the page says of the replay. */
export function replayPage(result: ReplayResult): KindPage {
  const { bandwidth, device, lagMicros, comparison } = result;
  const beside =
    comparison?.bandwidthErrorPercent == null
      ? ''
      : ` The recording moved ${formatBytesPerSec(comparison.recordedBytesPerSec)}: the prediction differs by ${signed(comparison.bandwidthErrorPercent)}.`;
  return {
    lead: `${formatCount(result.requestCount)} requests in ${formatSeconds(result.simulatedSec)}: ${number(bandwidth.meanMiBPerSec)} MiB/s, ${formatCount(result.meanOpsPerSec)} requests a second.${beside}`,
    figures: [
      {
        kind: 'facts',
        facts: [
          ['Moved', `${formatBytes(result.readBytes)} read, ${formatBytes(result.writtenBytes)} written`],
          ...directions(result).map(({ name, histogram }) => [`Latency of ${name}`, latencyText(histogram)] as const),
          [
            'Device',
            `busy ${formatFraction(device.busyFraction)} of the time, ${number(device.meanOutstandingCount)} requests in flight on average`,
          ],
          ...(lagMicros.max === 0
            ? []
            : [['Behind the recording', `${formatMicros(lagMicros.mean)} on average, at most ${formatMicros(lagMicros.max)}`] as const]),
        ],
      },
    ],
    sections: comparisonSections(result),
  };
}

function latencyText(histogram: Histogram): string {
  const at = (percent: number): string => formatMicros(percentileMicros(histogram, percent));
  return `p50 ${at(50)}, p95 ${at(95)}, p99 ${at(99)}, p99.9 ${at(99.9)}, max ${formatMicros(maxMicros(histogram))}`;
}

function signed(percent: number | null): string {
  return percent === null ? 'n/a' : `${percent >= 0 ? '+' : '−'}${Math.abs(percent).toFixed(1)} %`;
}

function comparisonSections({ comparison }: ReplayResult): Section[] {
  if (comparison === null) return [];
  const heading = `Beside the recording (${comparison.latencyOf})`;
  if (comparison.quantiles.length === 0) return [{ heading, blocks: [{ kind: 'text', text: 'Too few requests for quantiles.' }] }];
  const rows = comparison.quantiles.map(({ direction, percent, recordedMicros, predictedMicros, errorPercent }) => [
    `${direction} p${String(percent)}`,
    formatMicros(recordedMicros),
    formatMicros(predictedMicros),
    signed(errorPercent),
  ]);
  const columns = ['quantile', 'recorded', 'predicted', 'error'].map((label, index) => ({
    label,
    align: index === 0 ? ('left' as const) : ('right' as const),
  }));
  return [{ heading, blocks: [{ kind: 'table', columns, rows }] }];
}
