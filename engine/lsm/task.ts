/**
 * A compaction as plain data: what a policy chooses and the engine applies. A policy only reads; the engine alone locks files,
 * runs the job and swaps them.
 */
import type { LsmOptions } from '../rocksdb/options.js';
import type { Behaviours } from '../rocksdb/version.js';
import type { Scores } from './scores.js';
import type { Targets } from './targets.js';
import type { Tree } from './tree.js';

/** RocksDB's CompactionReason names. */
export type CompactionReason =
  | 'LevelL0FilesNum'
  | 'LevelMaxLevelSize'
  | 'UniversalSizeAmplification'
  | 'UniversalSizeRatio'
  | 'UniversalSortedRunNum'
  | 'FIFOMaxSize'
  | 'FIFOReduceNumFiles'
  | 'FIFOTtl'
  | 'Ttl'
  | 'ManualCompaction';

/** Files of one level, in that level's order. */
export interface TaskInput {
  readonly level: number;
  readonly ids: readonly number[];
}

/** One compaction to run. */
export interface CompactionTask {
  readonly reason: CompactionReason;
  /** `merge` rewrites, `move` changes the level of files as they are, `drop` deletes them. */
  readonly kind: 'merge' | 'move' | 'drop';
  readonly inputs: readonly TaskInput[];
  readonly outputLevel: number;
}

/** A compaction that is running, as the picker sees it. */
export interface RunningCompaction {
  readonly task: CompactionTask;
  readonly startLevel: number;
  /** Key range of all inputs. */
  readonly lo: number;
  readonly hi: number;
}

/** What a picker may look at. */
export interface PickerView {
  readonly tree: Tree;
  readonly options: LsmOptions;
  readonly behaviours: Behaviours;
  readonly targets: Targets;
  readonly scores: Scores;
  readonly running: readonly RunningCompaction[];
  /** Position in the stream of puts where the oldest memtable begins. */
  readonly oldestMemtableSeq: number;
  /** Entries before this position are older than ttl; 0: none. */
  readonly expiredSeq: number;
}
