/** Latencies as they are read out. A histogram knows a value to 0.1 % but its largest exactly, so nothing that is told lies above that. */
import { maxMicros, meanMicros, valueAtPercentile, type Histogram } from '../kernel/histogram.js';

/** The value that `percent` (0..100) of all values are at or below, in the histogram's unit; 0 when it is empty. */
export function percentileOf(histogram: Histogram, percent: number): number {
  return Math.min(valueAtPercentile(histogram, percent), maxMicros(histogram));
}

/** Mean in the histogram's unit; 0 when it is empty. */
export function meanOf(histogram: Histogram): number {
  return Math.min(meanMicros(histogram), maxMicros(histogram));
}
