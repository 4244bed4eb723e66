/**
 * The files of one column family and the levels that hold them.
 *
 * Files are rows of a typed array (file-table.ts). Level 0 keeps them in age order (newest last), the others by key, disjoint, with
 * their ranges beside them (key-ranges.ts). From a level's first compaction on, its idle files have priorities (idle-order.ts), so that
 * the next candidate is found without a look at each; the overlap with the next level, which kMinOverlappingRatio sorts by, is kept up
 * to date for the files that an edit touches only. A level that is never compacted pays for neither.
 *
 * Invariants (checked in tests by test/support/check-tree.ts): a level's bytes and idle sums equal those of its files; files of
 * a level above 0 ascend and do not overlap; in an ordered level exactly the idle files have a priority, and the right one.
 */
import { invariant } from '../kernel/errors.js';
import type { CompactionPri } from '../rocksdb/options.js';
import {
  BYTES,
  createFileTable,
  DRAWS_PER_KEY,
  ENTRIES,
  growFileTable,
  HI,
  LARGEST_SEQ,
  LO,
  SMALLEST_SEQ,
  WRITTEN_AT_BYTES,
  type FileTable,
} from './file-table.js';
import { firstInOrder, setPriorities } from './idle-order.js';
import {
  bytesOverlapping,
  createKeyRanges,
  firstEndingAbove,
  firstStartingAt,
  insertRanges,
  overwriteRanges,
  removeRanges,
  type KeyRanges,
} from './key-ranges.js';

export { BYTES, DRAWS_PER_KEY, ENTRIES, HI, LARGEST_SEQ, LO, SMALLEST_SEQ, WRITTEN_AT_BYTES, type FileTable } from './file-table.js';

/** One level: its files in order, and sums over them. */
export interface Level {
  readonly index: number;
  /** Files in the level's order. */
  ids: Int32Array;
  count: number;
  /** Above level 0: their key ranges and bytes, in the same order. */
  readonly ranges: KeyRanges;
  bytes: number;
  idleCount: number;
  idleBytes: number;
  /** True once the level's files have been asked for by priority. */
  ordered: boolean;
  /** kRoundRobin: where the next compaction out of this level starts. */
  cursor: number;
}

/** The levels and the files in them. */
export interface Tree {
  readonly files: FileTable;
  readonly levels: readonly Level[];
  readonly pri: CompactionPri;
  /** Scratch: of the files being prioritized. */
  priorities: Float64Array;
  fileCount: number;
  totalBytes: number;
}

/** An empty tree of `levelCount` >= 1 levels. */
export function createTree(levelCount: number, pri: CompactionPri): Tree {
  const levels: Level[] = [];
  for (let index = 0; index < levelCount; index++) {
    levels.push({
      index,
      ids: new Int32Array(64),
      count: 0,
      ranges: createKeyRanges(),
      bytes: 0,
      idleCount: 0,
      idleBytes: 0,
      ordered: false,
      cursor: 0,
    });
  }
  return { files: createFileTable(256), levels, pri, priorities: new Float64Array(64), fileCount: 0, totalBytes: 0 };
}

/** What a new file holds; ranges and sizes as in FileTable. */
export interface NewFile {
  lo: number;
  hi: number;
  drawsPerKey: number;
  entries: number;
  bytes: number;
  smallestSeq: number;
  largestSeq: number;
  writtenAtBytes: number;
}

/** Stores a file that belongs to no level yet and returns its id. */
export function addFile(tree: Tree, file: Readonly<NewFile>): number {
  const files = tree.files;
  invariant(file.hi > file.lo && file.bytes > 0, 'a file has a key range and bytes');
  if (files.freeCount === 0) growFileTable(files);
  const id = files.free[--files.freeCount]!;
  files.rows[(id << 3) + LO] = file.lo;
  files.rows[(id << 3) + HI] = file.hi;
  files.rows[(id << 3) + DRAWS_PER_KEY] = file.drawsPerKey;
  files.rows[(id << 3) + ENTRIES] = file.entries;
  files.rows[(id << 3) + BYTES] = file.bytes;
  files.rows[(id << 3) + SMALLEST_SEQ] = file.smallestSeq;
  files.rows[(id << 3) + LARGEST_SEQ] = file.largestSeq;
  files.rows[(id << 3) + WRITTEN_AT_BYTES] = file.writtenAtBytes;
  files.busy[id] = 0;
  return id;
}

/** Gives a file's row back. The file must be in no level. */
export function forgetFile(tree: Tree, id: number): void {
  tree.files.free[tree.files.freeCount++] = id;
}

/** Adds a level-0 file as the newest. */
export function pushL0(tree: Tree, id: number): void {
  const level = tree.levels[0]!;
  insertAt(level, level.count, id);
  countIn(tree, level, [id]);
}

/** Adds a level-0 file where its age puts it (an intra-L0 or universal output takes the place of its inputs). */
export function insertL0ByAge(tree: Tree, id: number): void {
  const level = tree.levels[0]!;
  const { rows } = tree.files;
  let at = level.count;
  while (at > 0 && rows[(level.ids[at - 1]! << 3) + LARGEST_SEQ]! > rows[(id << 3) + LARGEST_SEQ]!) at--;
  insertAt(level, at, id);
  countIn(tree, level, [id]);
}

/** Locks files as inputs of a job, for good: they stay in their level, busy, until the job takes them out. */
export function lockRun(tree: Tree, levelIndex: number, ids: readonly number[]): void {
  const level = tree.levels[levelIndex]!;
  const { busy, rows } = tree.files;
  let bytes = 0;
  for (const id of ids) {
    invariant(busy[id] === 0, 'a file is locked by one job at a time');
    busy[id] = 1;
    bytes += rows[(id << 3) + BYTES]!;
  }
  level.idleCount -= ids.length;
  level.idleBytes -= bytes;
  if (!level.ordered) return;
  for (let i = 0; i < ids.length;) {
    const at = positionOf(tree, level, ids[i]!);
    const end = endOfRun(level, at, ids, i);
    setPriorities(level.ranges, at, null, end - i);
    i = end;
  }
}

/** Where the files from ids[from] on, which is at position `at`, stop being neighbours in their level. */
function endOfRun(level: Level, at: number, ids: readonly number[], from: number): number {
  let end = from + 1;
  while (end < ids.length && level.ids[at + end - from] === ids[end]) end++;
  return end;
}

/** Takes files out of their level (they keep their rows until `forgetFile`); above level 0 they are neighbours mostly, and go at once. */
export function removeRun(tree: Tree, levelIndex: number, ids: readonly number[]): void {
  const level = tree.levels[levelIndex]!;
  for (let i = 0; i < ids.length;) {
    const at = positionOf(tree, level, ids[i]!);
    const end = endOfRun(level, at, ids, i);
    level.ids.copyWithin(at, at + end - i, level.count);
    level.count -= end - i;
    if (levelIndex > 0) removeRanges(level.ranges, at, end - i);
    i = end;
  }
  countOut(tree, level, ids);
}

/** Puts `added` in the place of `removed`, both runs of neighbours of a sorted level over the same keys; files that do not fit so go one by one. */
export function replaceRun(tree: Tree, levelIndex: number, removed: readonly number[], added: readonly number[]): void {
  const level = tree.levels[levelIndex]!;
  const at = removed.length === 0 ? -1 : positionOf(tree, level, removed[0]!);
  if (at < 0 || endOfRun(level, at, removed, 0) < removed.length || !fits(tree, level, at, removed.length, added)) {
    removeRun(tree, levelIndex, removed);
    insertRun(tree, levelIndex, added);
    return;
  }
  const count = level.count - removed.length + added.length;
  if (count > level.ids.length) level.ids = growInt32(level.ids, count);
  if (added.length !== removed.length) level.ids.copyWithin(at + added.length, at + removed.length, level.count);
  level.count = count;
  for (let i = 0; i < added.length; i++) level.ids[at + i] = added[i]!;
  const { rows } = tree.files;
  const both = Math.min(removed.length, added.length);
  overwriteRanges(level.ranges, at, rows, added, both);
  removeRanges(level.ranges, at + both, removed.length - both);
  insertRanges(level.ranges, at + both, rows, added, both, added.length);
  countOut(tree, level, removed);
  countIn(tree, level, added);
  if (level.ordered) prioritize(tree, level, at, at + added.length);
}

/** True when `added` lies between the neighbours of the run of `width` files at `at`. */
function fits(tree: Tree, level: Level, at: number, width: number, added: readonly number[]): boolean {
  if (added.length === 0) return true;
  const { rows } = tree.files;
  const first = added[0]!;
  const last = added[added.length - 1]!;
  const leftEnd = at > 0 ? rows[(level.ids[at - 1]! << 3) + HI]! : -Infinity;
  const rightStart = at + width < level.count ? rows[(level.ids[at + width]! << 3) + LO]! : Infinity;
  return leftEnd <= rows[(first << 3) + LO]! && rows[(last << 3) + HI]! <= rightStart;
}

/** Adds files, ascending and disjoint, to a sorted level; those that fit between two neighbours go in at once. */
export function insertRun(tree: Tree, levelIndex: number, ids: readonly number[]): void {
  const level = tree.levels[levelIndex]!;
  const { rows } = tree.files;
  for (let i = 0; i < ids.length;) {
    const at = firstEndingAbove(level.ranges, rows[(ids[i]! << 3) + LO]!);
    const limit = at < level.count ? rows[(level.ids[at]! << 3) + LO]! : Infinity;
    let end = i + 1;
    while (end < ids.length && rows[(ids[end]! << 3) + LO]! < limit) end++;
    const width = end - i;
    if (level.count + width > level.ids.length) level.ids = growInt32(level.ids, level.count + width);
    level.ids.copyWithin(at + width, at, level.count);
    level.count += width;
    insertRanges(level.ranges, at, rows, ids, i, end);
    for (let j = i; j < end; j++) {
      level.ids[at + j - i] = ids[j]!;
      tree.files.busy[ids[j]!] = 0;
    }
    if (level.ordered) prioritize(tree, level, at, at + width);
    i = end;
  }
  countIn(tree, level, ids);
}

/** Brings kMinOverlappingRatio up to date for the files of a level inside [lo, hi), after files there changed one level below. */
export function refreshOverlaps(tree: Tree, levelIndex: number, lo: number, hi: number): void {
  if (tree.pri !== 'kMinOverlappingRatio' || levelIndex < 1) return;
  const level = tree.levels[levelIndex]!;
  if (!level.ordered) return;
  prioritize(tree, level, firstEndingAbove(level.ranges, lo), firstStartingAt(level.ranges, hi));
}

/** Gives the idle files at positions [from, to) their compaction_pri as a number, smaller first (version_set.cc UpdateFilesByCompactionPri). */
function prioritize(tree: Tree, level: Level, from: number, to: number): void {
  if (to - from > tree.priorities.length) tree.priorities = new Float64Array(2 * (to - from));
  const { files, priorities } = tree;
  for (let position = from; position < to; position++) {
    const id = level.ids[position]!;
    priorities[position - from] = files.busy[id] === 1 ? Infinity : priorityOf(tree, level, id);
  }
  setPriorities(level.ranges, from, priorities, to - from);
}

/** The idle file of a level that comes first in compaction_pri order; -1 when all are busy. */
export function firstIdle(tree: Tree, levelIndex: number): number {
  const level = tree.levels[levelIndex]!;
  if (!level.ordered) orderLevel(tree, level);
  const at = firstInOrder(level.ranges);
  return at < 0 ? -1 : level.ids[at]!;
}

function orderLevel(tree: Tree, level: Level): void {
  level.ordered = true;
  prioritize(tree, level, 0, level.count);
}

/** Takes an idle file out of the order, so that the walk can go on; `restoreIdle` puts it back. */
export function passOver(tree: Tree, levelIndex: number, id: number): void {
  const level = tree.levels[levelIndex]!;
  setPriorities(level.ranges, positionOf(tree, level, id), null, 1);
}

/** Undoes `passOver`. */
export function restoreIdle(tree: Tree, levelIndex: number, id: number): void {
  const level = tree.levels[levelIndex]!;
  const at = positionOf(tree, level, id);
  prioritize(tree, level, at, at + 1);
}

/** The files at positions [from, to) of a level. */
export function idsBetween(level: Level, from: number, to: number): number[] {
  const ids: number[] = [];
  for (let position = from; position < to; position++) ids.push(level.ids[position]!);
  return ids;
}

/** Position of a file in its level. */
export function positionOf(tree: Tree, level: Level, id: number): number {
  if (level.index === 0) {
    const at = level.ids.subarray(0, level.count).indexOf(id);
    invariant(at >= 0, 'a file is in its level');
    return at;
  }
  const at = firstEndingAbove(level.ranges, tree.files.rows[(id << 3) + LO]!);
  invariant(level.ids[at] === id, 'a sorted level finds its file by key');
  return at;
}

/** New files of a level, all idle. */
function countIn(tree: Tree, level: Level, ids: readonly number[]): void {
  const { rows } = tree.files;
  let bytes = 0;
  for (const id of ids) bytes += rows[(id << 3) + BYTES]!;
  level.bytes += bytes;
  level.idleBytes += bytes;
  level.idleCount += ids.length;
  tree.fileCount += ids.length;
  tree.totalBytes += bytes;
}

function countOut(tree: Tree, level: Level, ids: readonly number[]): void {
  const { busy, rows } = tree.files;
  let bytes = 0;
  for (const id of ids) {
    const own = rows[(id << 3) + BYTES]!;
    bytes += own;
    if (busy[id] === 1) continue;
    level.idleBytes -= own;
    level.idleCount--;
  }
  level.bytes -= bytes;
  tree.fileCount -= ids.length;
  tree.totalBytes -= bytes;
}

function priorityOf(tree: Tree, level: Level, id: number): number {
  const { rows } = tree.files;
  const file = id << 3;
  switch (tree.pri) {
    case 'kMinOverlappingRatio': {
      // SortFileByOverlappingRatio; the last level overlaps nothing.
      const below = tree.levels[level.index + 1]?.ranges;
      const overlap = below === undefined ? 0 : bytesOverlapping(below, rows[file + LO]!, rows[file + HI]!);
      return Math.floor((overlap * 1024) / rows[file + BYTES]!);
    }
    case 'kByCompensatedSize':
      return -rows[file + BYTES]!;
    case 'kOldestLargestSeqFirst':
      return rows[file + LARGEST_SEQ]!;
    case 'kOldestSmallestSeqFirst':
      return rows[file + SMALLEST_SEQ]!;
    case 'kRoundRobin':
      return rows[file + LO]!;
  }
}

function insertAt(level: Level, at: number, id: number): void {
  if (level.count === level.ids.length) level.ids = growInt32(level.ids, level.count + 1);
  level.ids.copyWithin(at + 1, at, level.count);
  level.ids[at] = id;
  level.count++;
}

function growInt32(array: Int32Array, least: number): Int32Array {
  const grown = new Int32Array(Math.max(array.length * 2, least));
  grown.set(array);
  return grown;
}
