/** What an LSM run gives: plain data, in the units its names end in. `scenario/result.ts` encodes it as `putmodel/lsm-result/1`. */
import type { Histogram } from '../kernel/histogram.js';
import type { JobLog } from './job-log.js';
import type { ReadsResult } from './read-result.js';
import type { Assumption, ScenarioWarning } from './scenario.js';

export type StallCause = 'memtable' | 'l0Slowdown' | 'l0Stop' | 'pendingSlowdown' | 'pendingStop';
export type StallState = 'normal' | 'delayed' | 'stopped';
export type Limit =
  'memtable' | 'l0' | 'pending' | 'rateLimiter' | 'deviceWrite' | 'deviceRead' | 'sync' | 'cpu' | 'jobSlots' | 'fileLocks' | 'client';

/** A stretch of stall with one cause, and the state of the store when it began. */
export interface StallEpisode {
  readonly startSec: number;
  readonly endSec: number;
  readonly cause: StallCause;
  readonly l0Files: number;
  readonly pendingCompactionBytes: number;
  /** null while stopped. */
  readonly delayedWriteRateBytesPerSec: number | null;
  readonly runningJobs: number;
}

/** One row of RocksDB's Compaction Stats table: keyed by output level. */
export interface LevelRow {
  readonly level: number;
  readonly files: number;
  readonly bytes: number;
  readonly score: number;
  /** Bytes read by compactions whose output is this level: from upper levels and from this one. */
  readonly readBytes: number;
  readonly readUpperBytes: number;
  readonly writtenBytes: number;
  readonly movedBytes: number;
  /** Flushes (level 0) and compactions with this output level. */
  readonly compactions: number;
  readonly compactionSec: number;
  readonly compactionCpuSec: number;
  readonly recordsIn: number;
  readonly recordsDropped: number;
}

/** One benchmark of a list, as db_bench counts it. */
export interface LsmBenchmarkResult {
  readonly benchmark: string;
  readonly puts: number;
  readonly seconds: number;
  readonly opsPerSec: number;
  readonly mibPerSec: number;
  /** Of a benchmark that reads: Gets and Seeks, and Gets whose key was there. */
  readonly reads?: number;
  readonly foundReads?: number;
}

/** A disk of stated size. */
export interface DiskResult {
  readonly capacityBytes: number;
  /** Live, replaced and half-written files and the WAL, at the most. */
  readonly peakUsedBytes: number;
  /** null: not within the run, which otherwise ends there. */
  readonly fullAtSec: number | null;
  /** Of the live files, over the second half of the run. */
  readonly growthBytesPerSec: number;
  /** From the end of the run on, at that growth; null: full already, or not growing. */
  readonly fullInSec: number | null;
}

/** A CompactRange over everything. */
export interface ManualCompactionResult {
  readonly database: string;
  readonly startSec: number;
  /** null: not done at the end of the run. */
  readonly endSec: number | null;
  readonly readBytes: number;
  readonly writtenBytes: number;
}

/** One column family of a run with several. */
export interface FamilyResult {
  readonly name: string;
  readonly puts: number;
  readonly putRate: { readonly meanOpsPerSec: number; readonly meanMiBPerSec: number };
  /** Waiting of the writers of its database for which this family was the cause. */
  readonly stall: {
    readonly stoppedSec: number;
    readonly delayedSec: number;
    readonly byCause: Readonly<Record<StallCause, number>>;
  };
  readonly writeAmplificationNoWal: number | null;
  readonly writeAmplificationUser: number | null;
  readonly pendingCompactionBytes: number;
  readonly bytes: number;
  readonly device: { readonly readBytes: number; readonly writtenBytes: number };
  readonly levels: readonly LevelRow[];
  readonly series: FamilySeries;
}

/** A family over time, one entry an interval of the run's series. */
export interface FamilySeries {
  readonly opsPerSec: readonly number[];
  readonly l0Files: readonly number[];
  readonly pendingCompactionBytes: readonly number[];
  readonly bytes: readonly number[];
}

/** One database of a run with several column families or databases: sums over its families. */
export interface DatabaseResult {
  readonly name: string;
  readonly puts: number;
  readonly putRate: { readonly meanOpsPerSec: number; readonly meanMiBPerSec: number };
  readonly stall: { readonly stoppedSec: number; readonly delayedSec: number };
  readonly pendingCompactionBytes: number;
  readonly bytes: number;
  readonly walWrittenBytes: number;
  /** Its part of what all databases read and wrote, and of both together. */
  readonly device: { readonly readBytes: number; readonly writtenBytes: number; readonly fraction: number };
  readonly families: readonly FamilyResult[];
}

/** What happened over time, one entry an interval. */
export interface LsmSeries {
  readonly intervalSec: number;
  readonly opsPerSec: Float64Array;
  readonly l0Files: Float64Array;
  readonly pendingCompactionBytes: Float64Array;
  readonly delayedWriteRateBytesPerSec: Float64Array;
  /** 0 normal, 1 delayed, 2 stopped: the worst state seen in the interval. */
  readonly state: Uint8Array;
  /** Of the flushes and compactions that ended in the interval. */
  readonly flushBytes: Float64Array;
  readonly compactionBytes: Float64Array;
  readonly walBytes: Float64Array;
  /** The same bytes, each job's spread evenly over the time in which it ran. */
  readonly flushWrittenBytes: Float64Array;
  readonly compactionWrittenBytes: Float64Array;
  /** How long of the interval the write-group leader waited; sums are stall.delayedSec and stall.stoppedSec. */
  readonly delayedSec: Float64Array;
  readonly stoppedSec: Float64Array;
  /** levelBytes[level][interval], at the end of each interval. */
  readonly levelBytes: readonly Float64Array[];
  /** targetBytes[level][interval], how large it may grow; Infinity where there is no such limit. */
  readonly targetBytes: readonly Float64Array[];
}

/** Everything a run gives. null stands where a figure does not exist (nothing was written). */
export interface LsmResult {
  readonly kind: 'lsm';
  readonly simulatedSec: number;
  readonly events: number;
  readonly benchmarks: readonly LsmBenchmarkResult[];
  readonly putRate: { readonly meanOpsPerSec: number; readonly meanMiBPerSec: number };
  readonly writeAmplification: number | null;
  readonly writeAmplificationNoWal: number | null;
  readonly writeAmplificationUser: number | null;
  readonly spaceAmplification: number | null;
  /** Bytes that compactions read, from device or page cache, over user bytes. */
  readonly compactionReadAmplification: number | null;
  readonly stall: {
    readonly stoppedSec: number;
    readonly delayedSec: number;
    readonly stateSec: Readonly<Record<StallState, number>>;
    readonly byCause: Readonly<Record<StallCause, number>>;
    readonly firstAtSec: number | null;
    readonly longestSec: number | null;
    readonly episodes: readonly StallEpisode[];
  };
  readonly debt: {
    /** At the end of the run, and the most that a second of the series shows. */
    readonly pendingCompactionBytes: number;
    readonly peakPendingCompactionBytes: number;
    readonly drainSec: number | null;
  };
  readonly space: { readonly peakBytes: number; readonly peakTransientBytes: number };
  readonly bottleneck: {
    readonly binding: readonly { readonly limit: Limit; readonly fraction: number }[];
    /** Seconds by stall cause (rows) and what the background job in the way waited for (columns). */
    readonly table: readonly { readonly cause: StallCause | 'none'; readonly limit: Limit; readonly seconds: number }[];
    readonly next: { readonly limit: Limit; readonly headroomPercent: number } | null;
  };
  readonly steadyState: {
    readonly reached: boolean;
    readonly atSec: number | null;
    readonly opsPerSec: number | null;
    readonly writeAmplification: number | null;
  };
  readonly levels: readonly LevelRow[];
  readonly device: {
    readonly readBytes: number;
    readonly writtenBytes: number;
    readonly walWrittenBytes: number;
    readonly walDeviceBytes: number;
    readonly busyFraction: number;
  };
  readonly userBytes: number;
  readonly flushedBytes: number;
  readonly putLatencyMicros: Histogram;
  readonly series: LsmSeries;
  /** For the LOG: its finished jobs (null: too many) and how often writes were held. */
  readonly jobLog: Pick<JobLog, 'jobs' | 'stalls'>;
  readonly rocksdbVersion: string;
  readonly assumptions: readonly Assumption[];
  /** Who scheduled the compactions; `rocksdb` unless the scenario names another policy. */
  readonly policy: string;
  readonly ignoredFlags: readonly string[];
  readonly warnings: readonly ScenarioWarning[];
  /** Left out where the scenario states no size. */
  readonly disk?: DiskResult;
  /** CompactRanges that were asked for while writes went on; left out where there was none. */
  readonly manualCompactions?: readonly ManualCompactionResult[];
  /** Deletes that lie in files at the end; left out where nothing is deleted. */
  readonly tombstoneCount?: number;
  /** Left out where nothing was read. */
  readonly reads?: ReadsResult;
  /** Left out where there is one database with one family. */
  readonly databases?: readonly DatabaseResult[];
}
