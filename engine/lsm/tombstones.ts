/**
 * Deletes: tombstones among the entries of files, and keys that are gone.
 *
 * A file's density of draws counts puts and deletes alike, so the keys that it touches are `distinctFraction` of it. Of them some are
 * tombstones (the key's newest draw in this file was a delete), and some are absent: their tombstone has been dropped, which happens where
 * nothing older lies below (compaction_iterator.cc: a kTypeDeletion at the bottommost level). Entries are the touched keys that are not
 * absent. Where runs are merged, a newer run's touch decides; of the older run's keys stays what no newer run touched. Fates are taken to
 * be the same all over a job's key range (our assumption: deletes are drawn as puts are).
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

/** Fractions of all keys of a range: touched, absent, tombstones; and draws for each key. */
interface Run {
  readonly drawsPerKey: number;
  readonly touched: number;
  readonly absent: number;
  readonly tombstones: number;
}

/** What a merge of `inputs` over a part of the key space this wide (0..1) leaves; `bottommost` output levels drop tombstones. */
export function fateOf(
  tree: Tree,
  space: KeySpace,
  deletes: Tombstones,
  inputs: readonly TaskInput[],
  width: number,
  bottommost: boolean,
): Fate {
  const runs = runsOf(tree, space, deletes, inputs, width);
  const { touched, absent, tombstones } = merged(space, runs);
  const gone = absent + (bottommost ? tombstones : 0);
  const present = touched > 0 ? Math.max(0, 1 - gone / touched) : 1;
  const left = touched - absent;
  return { presentFraction: present, tombstoneFraction: bottommost || left <= 0 ? 0 : Math.min(1, tombstones / left) };
}

/** Keys of a whole tree that a reader would find, tombstones left out. */
export function liveKeys(tree: Tree, space: KeySpace, deletes: Tombstones): number {
  const inputs = tree.levels.map(({ index, ids, count }) => ({ level: index, ids: Array.from(ids.subarray(0, count)) }));
  const { touched, absent, tombstones } = merged(space, runsOf(tree, space, deletes, inputs, 1));
  return Math.max(0, touched - absent - tombstones) * space.keyCount;
}

/** Sorted runs, oldest first: deeper levels are older, and level-0 files come in the order of their age. */
function runsOf(tree: Tree, space: KeySpace, deletes: Tombstones, inputs: readonly TaskInput[], width: number): Run[] {
  const deepestFirst = [...inputs].sort((a, b) => b.level - a.level);
  return deepestFirst.flatMap(({ level, ids }) =>
    level === 0 ? ids.map((id) => runOf(tree, space, deletes, [id], width)) : [runOf(tree, space, deletes, ids, width)],
  );
}

function runOf(tree: Tree, space: KeySpace, deletes: Tombstones, ids: readonly number[], width: number): Run {
  const { rows } = tree.files;
  const keys = width * space.keyCount;
  let draws = 0;
  let touchedKeys = 0;
  let entries = 0;
  let tombstones = 0;
  for (const id of ids) {
    const part = rows[(id << 3) + HI]! - rows[(id << 3) + LO]!;
    const drawsPerKey = rows[(id << 3) + DRAWS_PER_KEY]!;
    draws += drawsPerKey * part;
    touchedKeys += distinctFraction(space, drawsPerKey) * part * space.keyCount;
    entries += rows[(id << 3) + ENTRIES]!;
    tombstones += deletes.entriesOfFile.get(id) ?? 0;
  }
  return {
    drawsPerKey: draws / width,
    touched: touchedKeys / keys,
    absent: Math.max(0, touchedKeys - entries) / keys,
    tombstones: tombstones / keys,
  };
}

/** All runs as one. */
function merged(space: KeySpace, runs: readonly Run[]): Run {
  let all: Run = { drawsPerKey: 0, touched: 0, absent: 0, tombstones: 0 };
  for (const run of runs) {
    const drawsPerKey = all.drawsPerKey + run.drawsPerKey;
    const touched = distinctFraction(space, drawsPerKey);
    // The part of the older keys that this run did not touch.
    const kept = all.touched > 0 ? Math.max(0, Math.min(1, (touched - run.touched) / all.touched)) : 0;
    all = { drawsPerKey, touched, absent: run.absent + kept * all.absent, tombstones: run.tombstones + kept * all.tombstones };
  }
  return all;
}

/** Bytes for each touched key, of which so many are still entries. */
export function bytesPerTouchedKey(put: SstShape, tombstone: SstShape, fate: Fate, typicalEntries: number, keyGap: number): number {
  const { presentFraction, tombstoneFraction } = fate;
  const perEntry = (shape: SstShape): number => (sstFileBytes(shape, typicalEntries, keyGap) - shape.fixedBytes) / typicalEntries;
  return Math.max(1e-9, presentFraction * ((1 - tombstoneFraction) * perEntry(put) + tombstoneFraction * perEntry(tombstone)));
}
