/**
 * The whole state of a run, nested as it is in reality: a host with its device, CPU and page cache; stores with their write
 * controller, rate limiter and job pools; families with their memtables and tree. Each field has one owner module, named here.
 */
import type { Device } from '../device/device.js';
import type { Disk } from './disk.js';
import type { ManualCompactionResult } from './result.js';
import type { EventQueue } from '../kernel/events.js';
import type { RandomStream } from '../kernel/random.js';
import type { LsmOptions } from '../rocksdb/options.js';
import type { SstShape } from '../rocksdb/sizes.js';
import type { Behaviours } from '../rocksdb/version.js';
import type { Writer } from './writers.js';
import type { HostProfile } from './host.js';
import type { KeySpace } from './key-space.js';
import type { Births } from './expiry.js';
import type { MergeScratch } from './merge.js';
import type { PageCache } from './page-cache.js';
import type { Policy, TreeView } from './policies/policy.js';
import type { LimiterUse, RateLimiter, Threads } from './rate-limiter.js';
import type { FamilyCounts, Recorder } from './recorder.js';
import type { LsmScenario, Step } from './scenario.js';
import type { Scores } from './scores.js';
import type { Speeds } from './speeds.js';
import type { Targets } from './targets.js';
import type { CompactionTask, RunningCompaction } from './task.js';
import type { Tombstones } from './tombstones.js';
import type { Tree } from './tree.js';
import type { WriteController } from './write-controller.js';

/** Told of every job when it is committed, with the state right after it: for tests, traces and animation. It must change nothing. */
export type Observer = (job: Job, host: HostState) => void;

/** The computer and everything that runs on it. */
export interface HostState {
  readonly scenario: LsmScenario;
  readonly profile: HostProfile;
  readonly device: Device;
  readonly behaviours: Behaviours;
  readonly random: RandomStream;
  readonly queue: EventQueue;
  readonly threads: Threads;
  readonly speeds: Speeds;
  readonly stores: StoreState[];
  /** Each once, however many stores share it. */
  readonly limiters: RateLimiter[];
  /** All families of all stores, in order. */
  readonly families: FamilyState[];
  readonly writers: Writer[];
  /** Jobs by id; null once ended. Ids are reused (jobs.ts). */
  readonly jobs: (Job | null)[];
  readonly freeJobs: number[];
  readonly pageCache: PageCache;
  readonly disk: Disk | null;
  /** Those that are done. */
  readonly manualCompactions: ManualCompactionResult[];
  recorder: Recorder;
  readonly scratch: MergeScratch;
  readonly observer: Observer | null;
  /** null: RocksDB's own scheduling. */
  readonly policy: Policy | null;
  nowMicros: number;
  events: number;
  stepIndex: number;
  step: Step | null;
  /** Changes still to come. */
  changesLeft: number;
  done: boolean;
}

/** Background threads of one priority, which databases of one process share (Env::Schedule). */
export interface ThreadPool {
  size: number;
  busy: number;
  /** Stores by their scheduled jobs that wait for a thread; first come, first served. */
  readonly waiting: StoreState[];
}

/** One database at work. */
export interface StoreState {
  readonly name: string;
  options: LsmOptions;
  readonly families: FamilyState[];
  readonly controller: WriteController;
  readonly limiterUse: LimiterUse;
  /** How its writers are held: a stop goes on until the end of a job wakes them. */
  held: 'normal' | 'delayed' | 'stopped';
  /** Its delayed rate when that was looked at last, bytes/s. */
  heldRate: number;
  readonly flushPool: ThreadPool;
  readonly compactionPool: ThreadPool;
  /** Jobs that it may have at a time. */
  flushSlots: number;
  compactionSlots: number;
  compactionsPaused: boolean;
  /** Jobs that run or wait for a thread (bg_flush_scheduled_, bg_compaction_scheduled_). */
  flushesScheduled: number;
  compactionsScheduled: number;
  /** Families that ask for a flush or a compaction, first come, first served (flush_queue_, compaction_queue_). */
  readonly flushQueue: FamilyState[];
  readonly compactionQueue: FamilyState[];
  /** Number of the newest version; a job pins the one it started from. */
  version: number;
  /** Inputs of finished compactions that some running job may still read. */
  readonly obsolete: ObsoleteFiles[];
  obsoleteBytes: number;
  /** A manual compaction keeps automatic ones out (CompactRange, exclusive_manual_compaction). */
  manual: ManualCompaction | null;
  /** Bytes written to the WAL so far. */
  walBytes: number;
  /** Where the WAL began when it was last found too long; -1: never. */
  walFlushedFrom: number;
}

/** Files that a compaction replaced and that are still on disk. */
export interface ObsoleteFiles {
  /** The version from which they are gone. */
  readonly version: number;
  readonly files: number;
  readonly bytes: number;
}

/** A CompactRange that is under way. */
export interface ManualCompaction {
  readonly family: FamilyState;
  /** Families that follow. */
  readonly next: readonly FamilyState[];
  /** What was put before it is flushed first. */
  readonly untilSeq: number;
  readonly startMicros: number;
  /** Asked for while writes go on: told of in the result. */
  readonly online: boolean;
  readBytes: number;
  writtenBytes: number;
  /** Level being compacted into the next one. */
  level: number;
  running: boolean;
}

/** A memtable: what fills it, not what is in it. */
export interface Memtable {
  entries: number;
  /** Of those, deletes. */
  deletes: number;
  walBytes: number;
  /** Of those, what RocksDB handed to the device itself (--sync, wal_bytes_per_sync). */
  walSentBytes: number;
  /** When its first byte was written, and how long the store's WAL was then. */
  bornMicros: number;
  walStartBytes: number;
  /** Positions in the stream of puts of its first entry, and behind its last one. */
  firstSeq: number;
  endSeq: number;
  flushing: boolean;
}

/** One column family at work. */
export interface FamilyState {
  readonly name: string;
  /** Position in its store. */
  readonly index: number;
  counts: FamilyCounts;
  options: LsmOptions;
  readonly behaviours: Behaviours;
  tree: Tree;
  readonly targets: Targets;
  readonly scores: Scores;
  /** Running compactions, as the pickers see them. */
  readonly running: RunningCompaction[];
  keySpace: KeySpace;
  active: Memtable;
  /** Oldest first; a memtable stays until its flush is committed. */
  readonly immutables: Memtable[];
  /** Flushes that are done but wait for an older one's commit (TryInstallMemtableFlushResults). */
  readonly flushed: Job[];
  capacityEntries: number;
  /** Of memtables made from now on. */
  nextCapacityEntries: number;
  keySizeBytes: number;
  valueSizeBytes: number;
  /** Coefficients of file sizes by level, with that level's compression. */
  shapes: readonly SstShape[];
  valueCompressionRatio: number;
  /** null: nothing is ever deleted. */
  tombstones: Tombstones | null;
  debtBytes: number;
  /** Whether it stands in its store's queue. */
  flushQueued: boolean;
  compactionQueued: boolean;
  readonly births: Births;
  /** Puts so far: the sequence number. */
  seq: number;
  /** Level that the compaction started last came from; -1: none yet. */
  lastStartLevel: number;
  /** What a policy of its own sees; null under RocksDB's own scheduling. */
  view: TreeView | null;
}

/** A flush or compaction from its start to the end of its clean-up. */
export interface Job {
  readonly id: number;
  readonly kind: 'flush' | 'compaction';
  readonly store: StoreState;
  readonly family: FamilyState;
  readonly task: CompactionTask | null;
  readonly running: RunningCompaction | null;
  readonly memtables: readonly Memtable[];
  readonly manual: boolean;
  readonly startMicros: number;
  readonly startVersion: number;
  readonly cpuMicros: number;
  readonly recordsIn: number;
  readonly recordsOut: number;
  readonly bytesIn: number;
  /** Of those, from levels above the output level. */
  readonly upperBytesIn: number;
  readonly bytesOut: number;
  readonly deviceReadBytes: number;
  /** File ids of the outputs, in no level until the commit. */
  readonly outputs: number[];
  /** Threads still at work (one, or one a subcompaction). */
  threadsLeft: number;
}
