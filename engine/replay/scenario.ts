/** A replay as data: recorded requests, the device they go to, and what was measured when they were recorded. */
import type { DeviceModel } from '../device/device.js';
import type { Histogram } from '../kernel/histogram.js';
import type { RequestStream } from './requests.js';

/** When a request goes to the device: when it was made (or as soon as its job's queue has room again), or as soon as there is room. */
export type ReplayTiming = 'recorded' | 'fast';

/** What the recordings measured; null where they did not. */
export interface RecordedFigures {
  /** `clat`: from the device taking a request to its completion; `lat`: submission included. */
  readonly latencyOf: 'clat' | 'lat';
  readonly readMicros: Histogram;
  readonly writeMicros: Histogram;
  /** Until the last completion, microseconds from the first request. */
  readonly durationMicros: number;
}

/** Something assumed because nobody said it. */
export interface ReplayAssumption {
  readonly what: string;
  readonly value: string;
  readonly source: string;
}

/** Something noticed. */
export interface ReplayWarning {
  readonly code: string;
  readonly message: string;
  readonly path: string;
}

/** A resolved scenario of kind `replay`. */
export interface ReplayScenario {
  readonly kind: 'replay';
  readonly name: string;
  readonly seed: number;
  readonly device: DeviceModel;
  readonly timing: ReplayTiming;
  /** Requests that one job keeps in flight at most. */
  readonly iodepth: number;
  readonly requests: RequestStream;
  readonly recorded: RecordedFigures | null;
  readonly assumptions: readonly ReplayAssumption[];
  readonly warnings: readonly ReplayWarning[];
}
