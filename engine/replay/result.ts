/** What a replay gives. */
import type { Histogram } from '../kernel/histogram.js';
import type { ReplayAssumption, ReplayWarning } from './scenario.js';

/** One quantile, recorded and predicted. */
export interface QuantileRow {
  readonly direction: 'read' | 'write';
  readonly percent: number;
  readonly recordedMicros: number;
  readonly predictedMicros: number;
  /** (predicted - recorded) / recorded; null where 0 was recorded (less than half a microsecond). */
  readonly errorPercent: number | null;
}

/** The replay beside the recording. */
export interface ReplayComparison {
  readonly latencyOf: 'clat' | 'lat';
  readonly recordedBytesPerSec: number;
  readonly predictedBytesPerSec: number;
  /** null where the recording took no time. */
  readonly bandwidthErrorPercent: number | null;
  readonly quantiles: readonly QuantileRow[];
}

/** Moved in each interval, by completion. */
export interface ReplaySeries {
  readonly intervalSec: number;
  readonly readBytesPerSec: Float64Array;
  readonly writeBytesPerSec: Float64Array;
  /** Mean requests in flight. */
  readonly outstandingCount: Float64Array;
}

/** A finished replay. */
export interface ReplayResult {
  readonly kind: 'replay';
  readonly simulatedSec: number;
  readonly events: number;
  readonly requestCount: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
  readonly bandwidth: { readonly meanMiBPerSec: number; readonly readMiBPerSec: number; readonly writeMiBPerSec: number };
  readonly meanOpsPerSec: number;
  /** Completion latencies. */
  readonly latencyMicros: Histogram;
  readonly readLatencyMicros: Histogram;
  readonly writeLatencyMicros: Histogram;
  /** How much later than recorded a request went to the device; 0 with timing `fast`. */
  readonly lagMicros: { readonly mean: number; readonly max: number };
  readonly device: { readonly busyFraction: number; readonly meanOutstandingCount: number };
  readonly comparison: ReplayComparison | null;
  readonly series: ReplaySeries;
  readonly assumptions: readonly ReplayAssumption[];
  readonly warnings: readonly ReplayWarning[];
}
