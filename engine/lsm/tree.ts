/**
 * The files of one column family and the levels that hold them.
 *
 * Files are rows of a typed array (file-table.ts). Level 0 keeps them in age order (newest last), the others by key, disjoint, with
 * their ranges beside them (key-ranges.ts). From a level's first compaction on, an indexed heap holds its idle files in compaction_pri order, so
 * that the next candidate costs O(log files) however many there are; the overlap with the next level, which kMinOverlappingRatio
 * sorts by, is kept up to date for the files that an edit touches only. A level that is never compacted pays for neither.
 *
 * Invariants (checked in tests by test/support/check-tree.ts): a level's bytes and idle sums equal those of its files; files of
 * a level above 0 ascend and do not overlap; the heap of an ordered level holds exactly the idle files.
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
import {
  copyOverlapping,
  createKeyRanges,
  createRangeList,
  firstEndingAbove,
  firstStartingAt,
  insertRanges,
  removeRanges,
  type KeyRanges,
  type RangeList,
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
  /** Idle files by priority, when ordered, and their priorities beside them. */
  heap: Int32Array;
  heapPriority: Float64Array;
  heapCount: number;
  /** kRoundRobin: where the next compaction out of this level starts. */
  cursor: number;
}

/** The levels and the files in them. */
export interface Tree {
  readonly files: FileTable;
  readonly levels: readonly Level[];
  readonly pri: CompactionPri;
  /** Files that those being prioritized overlap. */
  readonly overlapped: RangeList;
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
      heap: new Int32Array(64),
      heapPriority: new Float64Array(64),
      heapCount: 0,
      cursor: 0,
    });
  }
  return { files: createFileTable(256), levels, pri, overlapped: createRangeList(), fileCount: 0, totalBytes: 0 };
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
  files.heapIndex[id] = -1;
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
  countIn(tree, level, id);
}

/** Adds a level-0 file where its age puts it (an intra-L0 or universal output takes the place of its inputs). */
export function insertL0ByAge(tree: Tree, id: number): void {
  const level = tree.levels[0]!;
  const { rows } = tree.files;
  let at = level.count;
  while (at > 0 && rows[(level.ids[at - 1]! << 3) + LARGEST_SEQ]! > rows[(id << 3) + LARGEST_SEQ]!) at--;
  insertAt(level, at, id);
  countIn(tree, level, id);
}

/** Takes files out of their level (they keep their rows until `forgetFile`); above level 0 they are neighbours mostly, and go at once. */
export function removeRun(tree: Tree, levelIndex: number, ids: readonly number[]): void {
  const level = tree.levels[levelIndex]!;
  for (let i = 0; i < ids.length;) {
    const at = positionOf(tree, level, ids[i]!);
    let end = i + 1;
    while (end < ids.length && level.ids[at + end - i] === ids[end]) end++;
    for (let j = i; j < end; j++) countOut(tree, level, ids[j]!);
    level.ids.copyWithin(at, at + end - i, level.count);
    level.count -= end - i;
    if (levelIndex > 0) removeRanges(level.ranges, at, end - i);
    i = end;
  }
}

/** Puts `added` in the place of `removed`, both runs of neighbours of a sorted level over the same keys; files that do not fit so go one by one. */
export function replaceRun(tree: Tree, levelIndex: number, removed: readonly number[], added: readonly number[]): void {
  const level = tree.levels[levelIndex]!;
  const at = removed.length === 0 ? -1 : positionOf(tree, level, removed[0]!);
  if (at < 0 || !isRun(level, at, removed) || !fits(tree, level, at, removed.length, added)) {
    removeRun(tree, levelIndex, removed);
    insertRun(tree, levelIndex, added);
    return;
  }
  for (const id of removed) countOut(tree, level, id);
  const count = level.count - removed.length + added.length;
  if (count > level.ids.length) level.ids = growInt32(level.ids, count);
  if (added.length !== removed.length) level.ids.copyWithin(at + added.length, at + removed.length, level.count);
  level.count = count;
  removeRanges(level.ranges, at, removed.length);
  insertRanges(level.ranges, at, tree.files.rows, added, 0, added.length);
  for (let i = 0; i < added.length; i++) {
    level.ids[at + i] = added[i]!;
    countIn(tree, level, added[i]!);
  }
  if (level.ordered) prioritize(tree, level, at, at + added.length);
}

function isRun(level: Level, at: number, ids: readonly number[]): boolean {
  for (let i = 0; i < ids.length; i++) if (level.ids[at + i] !== ids[i]) return false;
  return true;
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
      countIn(tree, level, ids[j]!);
    }
    if (level.ordered) prioritize(tree, level, at, at + width);
    i = end;
  }
}

/** Marks a file as an input of a running job, or idle again. */
export function setBusy(tree: Tree, levelIndex: number, id: number, busy: boolean): void {
  const { files } = tree;
  const level = tree.levels[levelIndex]!;
  invariant((files.busy[id] === 1) !== busy, 'a file is locked by one job at a time');
  files.busy[id] = busy ? 1 : 0;
  const bytes = files.rows[(id << 3) + BYTES]!;
  if (busy) {
    level.idleCount--;
    level.idleBytes -= bytes;
    if (level.ordered) heapRemove(tree, level, id);
  } else {
    level.idleCount++;
    level.idleBytes += bytes;
    if (level.ordered) heapInsert(tree, level, id);
  }
}

/** Brings kMinOverlappingRatio up to date for the files of a level inside [lo, hi), after files there changed one level below. */
export function refreshOverlaps(tree: Tree, levelIndex: number, lo: number, hi: number): void {
  if (tree.pri !== 'kMinOverlappingRatio' || levelIndex < 1) return;
  const level = tree.levels[levelIndex]!;
  if (!level.ordered) return;
  prioritize(tree, level, firstEndingAbove(level.ranges, lo), firstStartingAt(level.ranges, hi));
}

/** Gives the files at positions [from, to) their compaction_pri as a number, smaller first (version_set.cc UpdateFilesByCompactionPri). */
function prioritize(tree: Tree, level: Level, from: number, to: number): void {
  if (from >= to) return;
  if (tree.pri === 'kMinOverlappingRatio') {
    prioritizeByOverlap(tree, level, from, to);
    return;
  }
  for (let position = from; position < to; position++) {
    const id = level.ids[position]!;
    setPriority(tree, level, id, fixedPriority(tree, id));
  }
}

/** SortFileByOverlappingRatio: floor(overlapping bytes of the next level * 1024 / file size). */
function prioritizeByOverlap(tree: Tree, level: Level, from: number, to: number): void {
  const { overlapped } = tree;
  const { rows } = tree.files;
  const { ids } = level;
  const next = tree.levels[level.index + 1];
  overlapped.count = 0;
  if (next !== undefined) copyOverlapping(next.ranges, rows[(ids[from]! << 3) + LO]!, rows[(ids[to - 1]! << 3) + HI]!, overlapped);
  const { count, lo, hi, bytes } = overlapped;
  // Files and what they overlap ascend together: `below` is where the next file's walk starts.
  let below = 0;
  for (let position = from; position < to; position++) {
    const id = ids[position]!;
    const start = rows[(id << 3) + LO]!;
    const end = rows[(id << 3) + HI]!;
    let overlap = 0;
    while (below < count && hi[below]! <= start) below++;
    for (; below < count && lo[below]! < end; below++) overlap += bytes[below]!;
    // The last one may reach into the next file's range.
    if (overlap > 0) below--;
    setPriority(tree, level, id, Math.floor((overlap * 1024) / rows[(id << 3) + BYTES]!));
  }
}

/** The idle file of a level that comes first in compaction_pri order; -1 when all are busy. */
export function firstIdle(tree: Tree, levelIndex: number): number {
  const level = tree.levels[levelIndex]!;
  if (!level.ordered) orderLevel(tree, level);
  return level.heapCount === 0 ? -1 : level.heap[0]!;
}

function orderLevel(tree: Tree, level: Level): void {
  level.ordered = true;
  prioritize(tree, level, 0, level.count);
}

/** Takes the first idle file out of the order, so that the walk can go on; `restoreIdle` puts it back. */
export function popIdle(tree: Tree, levelIndex: number): number {
  const level = tree.levels[levelIndex]!;
  if (level.heapCount === 0) return -1;
  const id = level.heap[0]!;
  heapRemove(tree, level, id);
  return id;
}

/** Undoes `popIdle`. */
export function restoreIdle(tree: Tree, levelIndex: number, id: number): void {
  heapInsert(tree, tree.levels[levelIndex]!, id);
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

function countIn(tree: Tree, level: Level, id: number): void {
  const { files } = tree;
  const bytes = files.rows[(id << 3) + BYTES]!;
  level.bytes += bytes;
  level.idleBytes += bytes;
  level.idleCount++;
  tree.fileCount++;
  tree.totalBytes += bytes;
  files.busy[id] = 0;
}

function countOut(tree: Tree, level: Level, id: number): void {
  const { files } = tree;
  const bytes = files.rows[(id << 3) + BYTES]!;
  level.bytes -= bytes;
  tree.fileCount--;
  tree.totalBytes -= bytes;
  if (files.busy[id] === 1) return;
  level.idleBytes -= bytes;
  level.idleCount--;
  if (level.ordered) heapRemove(tree, level, id);
}

/** compaction_pri of a file, for the orders that follow from the file alone. */
function fixedPriority(tree: Tree, id: number): number {
  const { rows } = tree.files;
  switch (tree.pri) {
    case 'kByCompensatedSize':
      return -rows[(id << 3) + BYTES]!;
    case 'kOldestLargestSeqFirst':
      return rows[(id << 3) + LARGEST_SEQ]!;
    case 'kOldestSmallestSeqFirst':
      return rows[(id << 3) + SMALLEST_SEQ]!;
    case 'kRoundRobin':
      return rows[(id << 3) + LO]!;
    case 'kMinOverlappingRatio':
      return 0;
  }
}

/** Stores a file's priority; an idle one takes its place in the order. */
function setPriority(tree: Tree, level: Level, id: number, priority: number): void {
  const { files } = tree;
  const at = files.heapIndex[id]!;
  if (at >= 0 && files.priority[id] === priority) return;
  files.priority[id] = priority;
  if (files.busy[id] === 1) return;
  if (at < 0) {
    heapInsert(tree, level, id);
    return;
  }
  siftUp(tree, level, at, id);
  siftDown(tree, level, files.heapIndex[id]!, id);
}

function heapInsert(tree: Tree, level: Level, id: number): void {
  if (level.heapCount === level.heap.length) {
    level.heap = growInt32(level.heap, level.heapCount + 1);
    const priorities = new Float64Array(level.heap.length);
    priorities.set(level.heapPriority);
    level.heapPriority = priorities;
  }
  level.heapCount++;
  siftUp(tree, level, level.heapCount - 1, id);
}

function heapRemove(tree: Tree, level: Level, id: number): void {
  const { heapIndex } = tree.files;
  const at = heapIndex[id]!;
  invariant(at >= 0 && level.heap[at] === id, 'an idle file is in the order of its level');
  heapIndex[id] = -1;
  const last = level.heap[--level.heapCount]!;
  if (at === level.heapCount) return;
  siftUp(tree, level, at, last);
  siftDown(tree, level, heapIndex[last]!, last);
}

/** Moves `id` up from `start` to where its priority belongs. Ties go to the smaller key, as in SortFileByOverlappingRatio. */
function siftUp(tree: Tree, level: Level, start: number, id: number): void {
  const { heap, heapPriority } = level;
  const { priority: priorities, heapIndex, rows } = tree.files;
  const priority = priorities[id]!;
  let at = start;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heapPriority[parent]!;
    const other = heap[parent]!;
    if (above < priority || (above === priority && rows[(other << 3) + LO]! <= rows[(id << 3) + LO]!)) break;
    heap[at] = other;
    heapPriority[at] = above;
    heapIndex[other] = at;
    at = parent;
  }
  heap[at] = id;
  heapPriority[at] = priority;
  heapIndex[id] = at;
}

function siftDown(tree: Tree, level: Level, start: number, id: number): void {
  const { heap, heapPriority, heapCount } = level;
  const { priority: priorities, heapIndex, rows } = tree.files;
  const priority = priorities[id]!;
  let at = start;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heapCount) break;
    const right = child + 1;
    if (right < heapCount) {
      const difference = heapPriority[right]! - heapPriority[child]!;
      if (difference < 0 || (difference === 0 && rows[(heap[right]! << 3) + LO]! < rows[(heap[child]! << 3) + LO]!)) child = right;
    }
    const below = heapPriority[child]!;
    const other = heap[child]!;
    if (below > priority || (below === priority && rows[(other << 3) + LO]! >= rows[(id << 3) + LO]!)) break;
    heap[at] = other;
    heapPriority[at] = below;
    heapIndex[other] = at;
    at = child;
  }
  heap[at] = id;
  heapPriority[at] = priority;
  heapIndex[id] = at;
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
