/** A replay beside what was measured when its requests were recorded: quantiles of latency, and bandwidth. */
import { percentileMicros, totalCount, type Histogram } from '../kernel/histogram.js';
import type { QuantileRow, ReplayComparison } from './result.js';
import type { RecordedFigures } from './scenario.js';

/** Percentiles that are told; a quantile-quantile table needs those in the middle as well as the tail. */
export const comparedPercents = [1, 5, 10, 25, 50, 75, 90, 95, 99, 99.9] as const;

/** The replay's side. */
export interface Predicted {
  readonly readMicros: Histogram;
  readonly writeMicros: Histogram;
  readonly bytes: number;
  readonly bytesPerSec: number;
}

/** The comparison; a direction without recorded latencies has no rows. Bandwidth is of the same bytes in both. */
export function compareWithRecording(recorded: RecordedFigures, predicted: Predicted): ReplayComparison {
  const recordedBytesPerSec = recorded.durationMicros > 0 ? (predicted.bytes * 1e6) / recorded.durationMicros : 0;
  return {
    latencyOf: recorded.latencyOf,
    recordedBytesPerSec,
    predictedBytesPerSec: predicted.bytesPerSec,
    bandwidthErrorPercent: errorPercent(predicted.bytesPerSec, recordedBytesPerSec),
    quantiles: [
      ...rowsOf('read', recorded.readMicros, predicted.readMicros),
      ...rowsOf('write', recorded.writeMicros, predicted.writeMicros),
    ],
  };
}

function rowsOf(direction: QuantileRow['direction'], recorded: Histogram, predicted: Histogram): QuantileRow[] {
  const count = totalCount(recorded);
  if (count === 0 || totalCount(predicted) === 0) return [];
  // Of fewer requests than 100 / (100 - percent) the quantile is the largest one, which says nothing of the tail.
  return comparedPercents
    .filter((percent) => count * (1 - percent / 100) >= 1)
    .map((percent) => {
      const recordedMicros = percentileMicros(recorded, percent);
      const predictedMicros = percentileMicros(predicted, percent);
      return { direction, percent, recordedMicros, predictedMicros, errorPercent: errorPercent(predictedMicros, recordedMicros) };
    });
}

function errorPercent(predicted: number, recorded: number): number | null {
  return recorded > 0 ? (100 * (predicted - recorded)) / recorded : null;
}
