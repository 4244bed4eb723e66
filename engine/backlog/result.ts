/** What a run of the fluid backlog model gives: plain data, in the units its names end in. */
import type { BacklogAssumption, BacklogWarning, EfficiencyModel } from './scenario.js';

/** One level over the whole run. Work is merge output: data times merge amplification (L0: the flushed bytes themselves). */
export interface BacklogLevelRow {
  readonly name: string;
  /** Work that arrived, the initial backlog not counted. */
  readonly receivedBytes: number;
  readonly drainedBytes: number;
  /** At the end: initial backlog + received - drained. */
  readonly backlogBytes: number;
  readonly peakBacklogBytes: number;
  /** Data that went on to the next level. */
  readonly passedOnBytes: number;
  /** Data kept at the end. */
  readonly residentBytes: number;
  readonly meanCapacityBytesPerSec: number;
}

/** One entry a step: the state that the step began with, but backlogs as it left them (as the guide records them). */
export interface BacklogSeries {
  readonly intervalSec: number;
  readonly readFraction: Float64Array;
  readonly beffBytesPerSec: Float64Array;
  /** Puts taken. */
  readonly opsPerSec: Float64Array;
  /** backlogBytes[level][step]. */
  readonly backlogBytes: readonly Float64Array[];
  /** capacityBytesPerSec[level][step]: mu x k x eta x Beff. */
  readonly capacityBytesPerSec: readonly Float64Array[];
}

/** Everything a run gives. null stands where a figure does not exist (nothing was written, no stall). */
export interface BacklogResult {
  readonly kind: 'backlog';
  readonly simulatedSec: number;
  /** Steps made. */
  readonly events: number;
  readonly putRate: { readonly meanOpsPerSec: number; readonly meanMiBPerSec: number; readonly offeredOpsPerSec: number };
  /** (flushed bytes + work drained by the levels below L0) / user bytes. */
  readonly writeAmplificationUser: number | null;
  readonly stall: {
    /** Time that writers stood still: of each step the part of the offered puts that was not taken. */
    readonly stoppedSec: number;
    /** Time in which L0 was at its limit. */
    readonly limitedSec: number;
    readonly firstAtSec: number | null;
    /** Longest uninterrupted stretch at the limit. */
    readonly longestSec: number | null;
  };
  readonly backlog: { readonly endBytes: number; readonly peakBytes: number; readonly peakAtSec: number };
  readonly efficiency: {
    readonly model: EfficiencyModel['model'];
    readonly meanFraction: number;
    readonly minFraction: number;
    /** First time at which the backlog was within 1 % of the size where contention-linear drains nothing any more; null: never. */
    readonly lockedAtSec: number | null;
  };
  readonly device: { readonly meanBeffBytesPerSec: number; readonly meanReadFraction: number };
  readonly userBytes: number;
  readonly levels: readonly BacklogLevelRow[];
  readonly series: BacklogSeries;
  readonly assumptions: readonly BacklogAssumption[];
  readonly warnings: readonly BacklogWarning[];
}
