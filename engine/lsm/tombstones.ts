/**
 * Deletes: tombstones among the entries of files, and keys that are gone.
 *
 * A file's density of draws counts puts and deletes alike, so the keys that it touches are `distinctFraction` of it. Of them some are
 * tombstones (the key's newest draw in this file was a delete), and some are absent: their tombstone has been dropped, which happens where
 * nothing older lies below (compaction_iterator.cc: a kTypeDeletion at the bottommost level). Entries are the touched keys that are not
 * absent. Where runs are merged, a newer run's touch decides; of the older run's keys stays what no newer run touched. Within a file
 * deletes are spread as puts are (our assumption: keys are drawn alike for both).
 */
import { sstFileBytes, type SstShape } from '../rocksdb/sizes.js';
import { distinctFraction, type KeySpace } from './key-space.js';
import type { TaskInput } from './task.js';
import { DRAWS_PER_KEY, ENTRIES, HI, LO, type Tree } from './tree.js';

/** The deletes of a family that has any. */
export interface Tombstones {
  /** Fraction (0..1) of what is written now that are deletes. */
  deleteFraction: number;
  /** Tombstones in each file, by its id; files without are not in it. */
  readonly entriesOfFile: Map<number, number>;
  /** Sizes of files of tombstones alone, as `FamilyState.shapes`. */
  shapes: readonly SstShape[];
}

/** What becomes of the keys that a job's inputs touch. */
export interface Fate {
  /** Fraction of them that are still entries, puts or tombstones. */
  readonly presentFraction: number;
  /** Fraction of those entries that are tombstones. */
  readonly tombstoneFraction: number;
}

/** Nothing is deleted yet. */
export function createTombstones(): Tombstones {
  return { deleteFraction: 0, entriesOfFile: new Map(), shapes: [] };
}

/** Fates along a range of keys, in slices of one width. */
export interface Fates {
  readonly lo: number;
  readonly sliceWidth: number;
  /** Keys of each slice: touched by any input, absent after the merge, tombstones after it. */
  readonly touched: Float64Array;
  readonly absent: Float64Array;
  readonly tombstones: Float64Array;
  readonly mean: Fate;
}

/** A job's range is looked at in so many slices: files that were moved as they are leave stretches of the range to others. */
const SLICES = 64;

/** A sorted run, slice by slice: draws, and keys touched, absent and tombstones. */
interface Run {
  readonly draws: Float64Array;
  readonly touched: Float64Array;
  readonly absent: Float64Array;
  readonly tombstones: Float64Array;
}

/** What a merge of `inputs` leaves; `bottommost` output levels drop tombstones. */
export function fatesOf(tree: Tree, space: KeySpace, deletes: Tombstones, inputs: readonly TaskInput[], bottommost: boolean): Fates {
  const { rows } = tree.files;
  const ids = inputs.flatMap((input) => input.ids);
  const lo = Math.min(...ids.map((id) => rows[(id << 3) + LO]!));
  const hi = Math.max(...ids.map((id) => rows[(id << 3) + HI]!));
  const sliceWidth = (hi - lo) / SLICES;
  const all = merged(space, runsOf(tree, space, deletes, inputs, lo, sliceWidth), sliceWidth);
  if (bottommost) {
    for (let slice = 0; slice < SLICES; slice++) all.absent[slice]! += all.tombstones[slice]!;
    all.tombstones.fill(0);
  }
  const fates = { lo, sliceWidth, touched: all.touched, absent: all.absent, tombstones: all.tombstones };
  return { ...fates, mean: fateBetween(fates, lo, hi) };
}

/** Of the keys in a part of the range. */
export function fateBetween({ lo, sliceWidth, touched, absent, tombstones }: Omit<Fates, 'mean'>, from: number, to: number): Fate {
  const sums = { touched: 0, absent: 0, tombstones: 0 };
  const last = Math.min(SLICES - 1, Math.ceil((to - lo) / sliceWidth) - 1);
  for (let slice = Math.max(0, Math.floor((from - lo) / sliceWidth)); slice <= last; slice++) {
    const start = lo + slice * sliceWidth;
    const part = Math.max(0, Math.min(to, start + sliceWidth) - Math.max(from, start)) / sliceWidth;
    sums.touched += part * touched[slice]!;
    sums.absent += part * absent[slice]!;
    sums.tombstones += part * tombstones[slice]!;
  }
  const left = Math.max(0, sums.touched - sums.absent);
  return {
    presentFraction: sums.touched > 0 ? Math.min(1, left / sums.touched) : 1,
    tombstoneFraction: left > 0 ? Math.min(1, sums.tombstones / left) : 0,
  };
}

/** Keys of a whole tree that a reader would find, tombstones left out. */
export function liveKeys(tree: Tree, space: KeySpace, deletes: Tombstones): number {
  const inputs = tree.levels.map(({ index, ids, count }) => ({ level: index, ids: Array.from(ids.subarray(0, count)) }));
  const { touched, absent, tombstones } = merged(space, runsOf(tree, space, deletes, inputs, 0, 1 / SLICES), 1 / SLICES);
  return touched.reduce((sum, keys, slice) => sum + Math.max(0, keys - absent[slice]! - tombstones[slice]!), 0);
}

/** Sorted runs, oldest first: deeper levels are older, and level-0 files come in the order of their age. */
function runsOf(tree: Tree, space: KeySpace, deletes: Tombstones, inputs: readonly TaskInput[], lo: number, sliceWidth: number): Run[] {
  const deepestFirst = [...inputs].sort((a, b) => b.level - a.level);
  return deepestFirst.flatMap(({ level, ids }) =>
    level === 0 ? ids.map((id) => runOf(tree, space, deletes, [id], lo, sliceWidth)) : [runOf(tree, space, deletes, ids, lo, sliceWidth)],
  );
}

function emptyRun(): Run {
  const slices = (): Float64Array => new Float64Array(SLICES);
  return { draws: slices(), touched: slices(), absent: slices(), tombstones: slices() };
}

function runOf(tree: Tree, space: KeySpace, deletes: Tombstones, ids: readonly number[], lo: number, sliceWidth: number): Run {
  const { rows } = tree.files;
  const run = emptyRun();
  for (const id of ids) {
    const start = rows[(id << 3) + LO]!;
    const end = rows[(id << 3) + HI]!;
    const keys = (end - start) * space.keyCount;
    const drawsPerKey = rows[(id << 3) + DRAWS_PER_KEY]!;
    const touched = distinctFraction(space, drawsPerKey) * keys;
    const absent = Math.max(0, touched - rows[(id << 3) + ENTRIES]!);
    const tombstones = deletes.entriesOfFile.get(id) ?? 0;
    const last = Math.min(SLICES - 1, Math.ceil((end - lo) / sliceWidth) - 1);
    for (let slice = Math.max(0, Math.floor((start - lo) / sliceWidth)); slice <= last; slice++) {
      const from = lo + slice * sliceWidth;
      const part = Math.max(0, Math.min(end, from + sliceWidth) - Math.max(start, from)) / (end - start);
      run.draws[slice]! += part * drawsPerKey * keys;
      run.touched[slice]! += part * touched;
      run.absent[slice]! += part * absent;
      run.tombstones[slice]! += part * tombstones;
    }
  }
  return run;
}

/** All runs as one. */
function merged(space: KeySpace, runs: readonly Run[], sliceWidth: number): Run {
  const all = emptyRun();
  const keys = sliceWidth * space.keyCount;
  for (const run of runs) {
    for (let slice = 0; slice < SLICES; slice++) {
      all.draws[slice]! += run.draws[slice]!;
      const touched = distinctFraction(space, all.draws[slice]! / keys) * keys;
      // The part of the older keys that this run did not touch.
      const older = all.touched[slice]!;
      const kept = older > 0 ? Math.max(0, Math.min(1, (touched - run.touched[slice]!) / older)) : 0;
      all.touched[slice] = touched;
      all.absent[slice] = run.absent[slice]! + kept * all.absent[slice]!;
      all.tombstones[slice] = run.tombstones[slice]! + kept * all.tombstones[slice]!;
    }
  }
  return all;
}

/** What a tombstone beyond half of a file's entries counts for the scores, in mean values (kDeletionWeightOnCompaction). */
const DELETION_WEIGHT = 2;

/**
 * Bytes that the idle files of each level count beyond their own in the scores, so that tombstones are worked off (version_set.cc
 * ComputeCompensatedSizes). The order of files within a level is left as it is without it (our simplification).
 */
export function compensate(bytesOfLevel: Float64Array, tree: Tree, deletes: Tombstones, valueSizeBytes: number): void {
  bytesOfLevel.fill(0);
  for (const level of tree.levels) {
    for (let i = 0; i < level.count; i++) {
      const id = level.ids[i]!;
      const tombstones = deletes.entriesOfFile.get(id) ?? 0;
      const beyond = 2 * tombstones - tree.files.rows[(id << 3) + ENTRIES]!;
      if (tree.files.busy[id] === 0 && beyond > 0) bytesOfLevel[level.index]! += beyond * valueSizeBytes * DELETION_WEIGHT;
    }
  }
}

/** Bytes for each touched key, of which so many are still entries. */
export function bytesPerTouchedKey(put: SstShape, tombstone: SstShape, fate: Fate, typicalEntries: number, keyGap: number): number {
  const { presentFraction, tombstoneFraction } = fate;
  const perEntry = (shape: SstShape): number => (sstFileBytes(shape, typicalEntries, keyGap) - shape.fixedBytes) / typicalEntries;
  return Math.max(1e-9, presentFraction * ((1 - tombstoneFraction) * perEntry(put) + tombstoneFraction * perEntry(tombstone)));
}
