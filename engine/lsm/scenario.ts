/**
 * What one LSM run is given: resolved, checked, frozen. Written by `scenario/` and by the db_bench front end, read by `simulate.ts`.
 * Nested as it is in reality: a host holds stores, a store holds column families. Bytes, microseconds and bytes per second inside.
 */
import type { DeviceModel } from '../device/device.js';
import type { LsmOptions } from '../rocksdb/options.js';
import type { RocksdbVersion } from '../rocksdb/version.js';
import type { HostProfile } from './host.js';
import type { PolicyChoice } from './policies/policy.js';

/** How keys are drawn. `uniform` draws with replacement from `keyCount` keys (db_bench fillrandom). */
export type KeyDistribution = 'uniform' | 'sequential' | 'unique' | 'zipfian';

/** Offered load in puts per second over time. */
export type RateProfile =
  | { readonly shape: 'constant'; readonly opsPerSec: number }
  /** The rate holds from `atSec` until the next point; 0 before the first. Points ascend. */
  | { readonly shape: 'piecewise'; readonly points: readonly { readonly atSec: number; readonly opsPerSec: number }[] }
  /** mean + amplitude * sin(2 pi t / period), never below 0. */
  | { readonly shape: 'sine'; readonly meanOpsPerSec: number; readonly amplitudeOpsPerSec: number; readonly periodSec: number };

export type Arrival =
  /** Nothing is put. */
  | { readonly kind: 'none' }
  /** Each thread issues its next put when the last one returned. */
  | { readonly kind: 'closed' }
  /** Closed loop behind a token bucket over key + value bytes (db_bench --benchmark_write_rate_limit). Lost time is not made up. */
  | { readonly kind: 'paced'; readonly bytesPerSec: number }
  /** Puts arrive by the profile whatever the store does; each one's delay counts from its arrival. */
  | { readonly kind: 'open'; readonly profile: RateProfile };

/** How reads come. */
export type ReadArrival =
  /** Each thread reads again when its last read returned; `opsPerSec` holds all of them back together (null: nothing does). */
  | { readonly kind: 'closed'; readonly threads: number; readonly opsPerSec: number | null }
  /** Reads arrive at this rate whatever the store does, each on a thread of its own. */
  | { readonly kind: 'open'; readonly opsPerSec: number }
  /** The writing threads read, so many times for each of their puts (db_bench readrandomwriterandom). */
  | { readonly kind: 'turns'; readonly readsPerPut: number };

/** Reads of one kind. */
export interface ReadStream {
  readonly arrival: ReadArrival;
  /** Reads over all threads, after which the benchmark ends; null: no limit by count. */
  readonly reads: number | null;
  readonly distribution: 'uniform' | 'zipfian';
  readonly zipfTheta: number;
  /** null: a Get of one key. Otherwise a Seek and this many Next (db_bench --seek_nexts). */
  readonly nexts: number | null;
}

/** Reads beside the puts, or alone. */
export interface ReadLoad {
  readonly streams: readonly ReadStream[];
  /** Bytes of the LRU block cache, or the fraction (0..1) of block look-ups that are taken to find their block there. */
  readonly blockCache: { readonly bytes: number } | { readonly hitFraction: number };
  /** BlockBasedTableOptions.cache_index_and_filter_blocks; false: every file's index and filter stay in memory. */
  readonly cacheIndexAndFilterBlocks: boolean;
}

/** A load of puts, of reads, or of both. At least one of `puts`, `durationSec` and a count of reads is set. */
export interface WriteWorkload {
  /** Puts over all threads; null: no limit by count (then durationSec is set). */
  readonly puts: number | null;
  /** Simulated seconds; null: no limit by time (then puts is set). */
  readonly durationSec: number | null;
  readonly threads: number;
  readonly keySizeBytes: number;
  readonly valueSizeBytes: number;
  readonly distribution: KeyDistribution;
  /** Size of the key space (db_bench --num). */
  readonly keyCount: number;
  /** Zipf exponent, 0 < theta < 1 or above 1; used by `zipfian` only. */
  readonly zipfTheta: number;
  /** Puts in one write batch (db_bench --batch_size; fillbatch 1000). */
  readonly entriesPerBatch: number;
  /** WriteOptions.sync: the WAL is synced before each batch returns. */
  readonly sync: boolean;
  readonly disableWal: boolean;
  /** Compressed size / raw size that a perfect codec reaches on the values (db_bench --compression_ratio, 0.5). */
  readonly valueCompressionRatio: number;
  /** Fraction (0..1) of the puts that are deletes instead, of keys drawn likewise; left out: none. Counts of puts include them. */
  readonly deleteFraction?: number;
  readonly arrival: Arrival;
  /** Left out: nothing is read. */
  readonly reads?: ReadLoad;
}

/** Writing threads and where their puts go. */
export interface Load {
  readonly workload: WriteWorkload;
  readonly targets: readonly LoadTarget[];
}

/** The part of a load that one column family gets. */
export interface LoadTarget {
  /** Index of the store, and of the family in it. */
  readonly storeIndex: number;
  readonly familyIndex: number;
  /** Fraction of the load's puts, each put's family being drawn at random; the targets' shares add up to 1. */
  readonly shareFraction: number;
  readonly keySizeBytes: number;
  readonly valueSizeBytes: number;
  /** Size of its key space. */
  readonly keyCount: number;
}

export type Step =
  /** `fresh`: the store is emptied first, as db_bench does before fill* without --use_existing_db. */
  | {
      readonly kind: 'write';
      readonly benchmark: string;
      readonly fresh: boolean;
      readonly workload: WriteWorkload;
      /** Who writes where, at the same time; left out: `workload` into the only family. */
      readonly loads?: readonly Load[];
    }
  /** db_bench waitforcompaction: until no flush or compaction is running or due. */
  | { readonly kind: 'waitForCompaction'; readonly benchmark: string }
  /** CompactRange over everything. */
  | { readonly kind: 'compact'; readonly benchmark: string }
  | { readonly kind: 'flush'; readonly benchmark: string }
  /** stats, levelstats, sstables: print, change nothing. */
  | { readonly kind: 'report'; readonly benchmark: string };

export type InitialTree =
  | { readonly from: 'empty' }
  /** Bytes on disk a level, spread over the whole key space in files of the level's target size. */
  | { readonly from: 'levels'; readonly levels: readonly { readonly level: number; readonly bytes: number }[] }
  /** The tree that this many distinct keys leave when compaction has caught up. */
  | { readonly from: 'settledKeys'; readonly keys: number };

/** One column family. */
export interface FamilyScenario {
  readonly name: string;
  readonly options: LsmOptions;
  readonly initial: InitialTree;
}

/** One database. */
export interface StoreScenario {
  readonly name: string;
  /** Options of DB scope are read here; those of column-family scope from each family. */
  readonly options: LsmOptions;
  readonly families: readonly FamilyScenario[];
}

/** What several databases of one process share. */
export interface SharedParts {
  /** RocksDB's Env: flushes wait for the threads of one pool and compactions for those of another, whoever asked; false: each has its own. */
  readonly threadPools: boolean;
  /** One rate limiter for all, with the first one's settings. */
  readonly rateLimiter: boolean;
}

/** Something the run assumes that the user did not say, or did: printed before the answer. */
export interface Assumption {
  readonly what: string;
  readonly value: string;
  readonly source: string;
}

/** Something that changes while the run goes on. null: stays as it is. */
export interface Change {
  /** Seconds from the start of the run. */
  readonly atSec: number;
  /** All options as they are from then on, sanitized; only what RocksDB changes online differs from before. */
  readonly options: LsmOptions | null;
  readonly compactionsPaused: boolean | null;
  /** Part of the device's speed (above 0, at most 1) that the store has from then on. */
  readonly deviceFraction: number | null;
  /** A CompactRange over everything is asked for; left out: none. */
  readonly compact?: true;
  /** `options` by store and family, where there are several. */
  readonly optionsByFamily?: readonly (readonly LsmOptions[])[];
}

/** A whole run: resolved and frozen. */
export interface LsmScenario {
  readonly kind: 'lsm';
  readonly name: string;
  readonly seed: number;
  readonly rocksdbVersion: RocksdbVersion;
  /** As the document says it, seconds; without effect: rates hold from event to event. */
  readonly dtSec: number;
  readonly steps: readonly Step[];
  /** By ascending time. */
  readonly changes: readonly Change[];
  readonly host: HostProfile;
  readonly device: DeviceModel;
  /** The run ends when files and WAL take so much; left out: they never do. */
  readonly deviceCapacityBytes?: number;
  readonly policy: PolicyChoice;
  readonly stores: readonly StoreScenario[];
  /** Of several stores; left out where there is one. */
  readonly shared?: SharedParts;
  readonly assumptions: readonly Assumption[];
  readonly ignoredFlags: readonly string[];
  readonly warnings: readonly ScenarioWarning[];
}

/** Something in the input that was accepted but may not be meant. */
export interface ScenarioWarning {
  readonly code: string;
  readonly message: string;
  readonly path: string;
}
