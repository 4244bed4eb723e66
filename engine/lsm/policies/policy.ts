/**
 * What a compaction policy is: a plain object that reads the tree and says what to do next. It never changes anything: the engine
 * validates its task (validate.ts), locks the files, runs the job and applies it.
 *
 *   choose   what to compact next                       asked whenever a slot is free and the tree may have changed
 *   pace     how fast each running job may go           asked whenever a job starts or ends
 *   counted  what is held against the L0 triggers       asked whenever the stall conditions are recalculated
 */
import type { LsmOptions } from '../../rocksdb/options.js';
import type { CompactionTask } from '../task.js';

/** One file. `lo` and `hi` are fractions (0..1) of the sorted key space; [lo, hi). */
export interface FileView {
  readonly id: number;
  readonly level: number;
  readonly lo: number;
  readonly hi: number;
  readonly bytes: number;
  /** Expected number of entries. */
  readonly entries: number;
  /** Positions in the stream of puts of its oldest and newest entry. */
  readonly smallestSeq: number;
  readonly largestSeq: number;
  /** True while it is an input of a running job. */
  readonly busy: boolean;
}

/** One level. */
export interface LevelView {
  readonly index: number;
  readonly files: number;
  readonly bytes: number;
  /** Of files that are no inputs of running jobs. */
  readonly idleFiles: number;
  readonly idleBytes: number;
  /** MaxBytesForLevel; Infinity for level 0. */
  readonly targetBytes: number;
  /** RocksDB's compaction score: 1 or more is due. */
  readonly score: number;
}

/** A running flush or compaction. */
export interface JobView {
  readonly kind: 'flush' | 'compaction';
  /** Youngest input level; -1 for a flush. */
  readonly startLevel: number;
  readonly outputLevel: number;
  readonly totalBytes: number;
  /** Output bytes still to be written. */
  readonly remainingBytes: number;
  readonly startMicros: number;
}

/** The store as a policy sees it, now. Nothing of it can be changed, and it is valid during the call only. */
export interface TreeView {
  readonly nowMicros: number;
  readonly levelCount: number;
  /** Level that level 0 is compacted into. */
  readonly baseLevel: number;
  /** Estimated pending compaction bytes (RocksDB's estimate). */
  readonly debtBytes: number;
  /** Memtables that wait for a flush or are being flushed. */
  readonly immutableMemtables: number;
  /** Compaction slots there are, and those that are free now. */
  readonly slots: number;
  readonly freeSlots: number;
  /** Level that the compaction started last came from; -1 when there was none. */
  readonly lastStartLevel: number;
  level(index: number): LevelView;
  /** Files of a level: level 0 oldest first, the others by key. */
  files(index: number): readonly FileView[];
  /** Files of a level that overlap [lo, hi). */
  overlapping(index: number, lo: number, hi: number): readonly FileView[];
  readonly jobs: readonly JobView[];
  /**
   * The compaction that RocksDB would run out of a level: level 0 into the base level (or within level 0), elsewhere the first file in
   * compaction_pri order that can run, with all that has to come along. null: nothing of this level can run now.
   */
  compactionOf(level: number): CompactionTask | null;
  /** The same for one file of a level above 0. */
  compactionOfFile(file: FileView): CompactionTask | null;
}

/** A scheduling policy for leveled compaction. */
export interface Policy {
  readonly name: string;
  /** Publication or system with the reference, and what was simplified. */
  readonly source: string;
  /** True: all compaction slots may be used at any time; otherwise as in RocksDB one, and all only under write pressure. */
  readonly usesAllSlots?: boolean;
  /** The next task, or null when there is nothing to do now. */
  choose(tree: TreeView, options: LsmOptions): CompactionTask | null;
  /** For each of `tree.jobs` the fraction (0..1) of its full speed; what is below 1/1000 counts as 1/1000. Left out: all go at full speed. */
  pace?(tree: TreeView, options: LsmOptions): readonly number[];
  /** What is counted against level0_slowdown_writes_trigger and level0_stop_writes_trigger. Left out: level-0 files. */
  counted?(tree: TreeView, options: LsmOptions): number;
}

/** Which policy a scenario names; the functions come with `startLsm` when they are not of this package. */
export interface PolicyChoice {
  readonly name: string;
  /** SHA-256 of the file it came from, hex; null for those of this package. */
  readonly sha256: string | null;
}

/** Levels that are due by RocksDB's scores, youngest first. */
export function dueLevels(tree: TreeView): LevelView[] {
  const due: LevelView[] = [];
  for (let index = 0; index + 1 < tree.levelCount; index++) {
    const level = tree.level(index);
    if (level.score >= 1) due.push(level);
  }
  return due;
}

/** The first level in this order of which something can run. */
export function firstThatRuns(tree: TreeView, levels: readonly LevelView[]): CompactionTask | null {
  for (const { index } of levels) {
    const task = tree.compactionOf(index);
    if (task !== null) return task;
  }
  return null;
}
