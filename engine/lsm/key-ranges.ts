/**
 * The key ranges and bytes of a sorted level's files, side by side in key order: finding a key, or walking over what overlaps a range,
 * reads straight on in memory and not the files themselves, which lie in no order.
 *
 * They are kept in blocks, so that a change moves the files of one block and not all that come behind. A block lies in a slot of the
 * columns, BLOCK_FILES rows from its first one; a file's position is its place in the whole level. Each file has a priority, and each
 * block remembers its least one, so that the first of a level's files costs a look at each block (idle-order.ts).
 */
import { BYTES, HI, LO } from './file-table.js';

/** Column of KeyRanges.rows behind LO, HI and BYTES. */
export const PRIORITY = 3;
/**
 * Files in a block at most. One out and one in, in a level of 10,000, takes 1.2 us with 32, 0.7 with 64, 0.5 with 128 and 0.3 with 512
 * (Node 20); the larger a block, the longer the look for its least priority.
 */
const BLOCK_FILES = 128;

/** Key ranges [lo, hi) as fractions of the key space, ascending and disjoint, and file bytes. */
export interface KeyRanges {
  count: number;
  /** Blocks in key order: first row, files, files in the blocks before, and where its last file ends. No block is empty. */
  blockCount: number;
  firstRow: Int32Array;
  blockFiles: Int32Array;
  filesBefore: Int32Array;
  blockEnd: Float64Array;
  /** Least priority in the block; NaN: not known. */
  blockLeast: Float64Array;
  /** rows[(row << 2) + column]: LO, HI and BYTES as in a file table, and PRIORITY (Infinity: none). One array: a change is one move. */
  rows: Float64Array;
  /** First rows of slots that no block uses. */
  readonly freeSlots: number[];
}

/** No files. */
export function createKeyRanges(): KeyRanges {
  return {
    count: 0,
    blockCount: 0,
    firstRow: new Int32Array(1),
    blockFiles: new Int32Array(1),
    filesBefore: new Int32Array(1),
    blockEnd: new Float64Array(1),
    blockLeast: new Float64Array(1),
    rows: new Float64Array(BLOCK_FILES << 2),
    freeSlots: [0],
  };
}

/** First position whose file ends above `key`; the count when there is none. */
export function firstEndingAbove(ranges: KeyRanges, key: number): number {
  const block = blockEndingAbove(ranges, key);
  if (block === ranges.blockCount) return ranges.count;
  return ranges.filesBefore[block]! + rowEndingAbove(ranges, block, key) - ranges.firstRow[block]!;
}

/** First position whose file starts at `key` or above; the count when there is none. */
export function firstStartingAt(ranges: KeyRanges, key: number): number {
  const block = blockEndingAbove(ranges, key);
  if (block === ranges.blockCount) return ranges.count;
  const row = rowEndingAbove(ranges, block, key);
  // The file behind it starts where it ends or further up.
  return ranges.filesBefore[block]! + row - ranges.firstRow[block]! + (ranges.rows[(row << 2) + LO]! >= key ? 0 : 1);
}

/** True when a file overlaps [lo, hi). */
export function overlapsAny(ranges: KeyRanges, lo: number, hi: number): boolean {
  const block = blockEndingAbove(ranges, lo);
  return block < ranges.blockCount && ranges.rows[(rowEndingAbove(ranges, block, lo) << 2) + LO]! < hi;
}

/** Bytes of the files that overlap [lo, hi). */
export function bytesOverlapping(ranges: KeyRanges, lo: number, hi: number): number {
  const { rows, firstRow, blockFiles, blockCount } = ranges;
  let block = blockEndingAbove(ranges, lo);
  if (block === blockCount) return 0;
  let sum = 0;
  for (let row = rowEndingAbove(ranges, block, lo); ; row = firstRow[block]!) {
    const end = firstRow[block]! + blockFiles[block]!;
    for (; row < end; row++) {
      if (rows[(row << 2) + LO]! >= hi) return sum;
      sum += rows[(row << 2) + BYTES]!;
    }
    if (++block === blockCount) return sum;
  }
}

/** Some files of a level, copied side by side; the one behind the last is at Infinity and empty. */
export interface RangeList {
  count: number;
  /** As KeyRanges.rows; priorities are not copied. */
  rows: Float64Array;
}

/** An empty list with room for `capacity` files; it grows. */
export function createRangeList(capacity = 64): RangeList {
  return { count: 0, rows: new Float64Array(capacity << 2) };
}

/** Forgets all of them. */
export function clearRangeList(list: RangeList): void {
  list.count = 0;
  endList(list);
}

function endList(list: RangeList): void {
  const at = list.count << 2;
  list.rows[at + LO] = Infinity;
  list.rows[at + HI] = Infinity;
  list.rows[at + BYTES] = 0;
}

/** Copies the files that overlap [lo, hi), and the first one behind them. */
export function copyOverlapping(ranges: KeyRanges, lo: number, hi: number, list: RangeList): void {
  const { firstRow, blockFiles, blockCount } = ranges;
  list.count = 0;
  const first = blockEndingAbove(ranges, lo);
  for (let block = first; block < blockCount; block++) {
    const from = block === first ? rowEndingAbove(ranges, block, lo) : firstRow[block]!;
    if (copyRows(ranges, from, firstRow[block]! + blockFiles[block]!, hi, list)) break;
  }
  endList(list);
}

/** Appends rows [from, to) as far as the first one that starts at `until` or above; true when there was one. */
function copyRows(ranges: KeyRanges, from: number, to: number, until: number, list: RangeList): boolean {
  const most = (list.count + to - from + 1) << 2;
  if (most > list.rows.length) list.rows = growFloat64(list.rows, 2 * most);
  const { rows } = list;
  const source = ranges.rows;
  let at = list.count << 2;
  for (let row = from << 2; row < to << 2; row += 4, at += 4) {
    const lo = source[row + LO]!;
    rows[at + LO] = lo;
    rows[at + HI] = source[row + HI]!;
    rows[at + BYTES] = source[row + BYTES]!;
    if (lo < until) continue;
    list.count = (at >> 2) + 1;
    return true;
  }
  list.count = at >> 2;
  return false;
}

/** Takes out `width` files from `position` on. */
export function removeRanges(ranges: KeyRanges, position: number, width: number): void {
  if (width === 0) return;
  const first = blockOf(ranges, position);
  let block = first;
  let from = position - ranges.filesBefore[block]!;
  for (let left = width; left > 0;) {
    const part = Math.min(left, ranges.blockFiles[block]! - from);
    left -= part;
    moveRows(ranges, block, from + part, from);
    ranges.blockFiles[block]! -= part;
    if (ranges.blockFiles[block] === 0) dropBlock(ranges, block);
    else summarizeBlock(ranges, block);
    if (from > 0) block++;
    from = 0;
  }
  recount(ranges, first);
}

/** Puts in the files `ids[from..to)`, whose ranges ascend and fit in front of `position`. `files` are the rows of the file table. */
export function insertRanges(
  ranges: KeyRanges,
  position: number,
  files: Float64Array,
  ids: readonly number[],
  from: number,
  to: number,
): void {
  // Half a block at a time fits into any block after a split.
  for (let i = from; i < to; i += BLOCK_FILES / 2) {
    const end = Math.min(to, i + BLOCK_FILES / 2);
    const block = roomAt(ranges, position + i - from, end - i);
    const at = position + i - from - ranges.filesBefore[block]!;
    moveRows(ranges, block, at, at + end - i);
    ranges.blockFiles[block]! += end - i;
    writeRows(ranges, ranges.firstRow[block]! + at, files, ids, i, end);
    summarizeBlock(ranges, block);
    recount(ranges, block);
  }
}

/** Puts the files `ids[0..width)` in the place of as many from `position` on. */
export function overwriteRanges(ranges: KeyRanges, position: number, files: Float64Array, ids: readonly number[], width: number): void {
  if (width === 0) return;
  let block = blockOf(ranges, position);
  let at = position - ranges.filesBefore[block]!;
  for (let i = 0; i < width; block++, at = 0) {
    const end = Math.min(width, i + ranges.blockFiles[block]! - at);
    writeRows(ranges, ranges.firstRow[block]! + at, files, ids, i, end);
    summarizeBlock(ranges, block);
    i = end;
  }
}

function writeRows(ranges: KeyRanges, row: number, files: Float64Array, ids: readonly number[], from: number, to: number): void {
  const { rows } = ranges;
  for (let i = from, at = row << 2; i < to; i++, at += 4) {
    const file = ids[i]! << 3;
    rows[at + LO] = files[file + LO]!;
    rows[at + HI] = files[file + HI]!;
    rows[at + BYTES] = files[file + BYTES]!;
    rows[at + PRIORITY] = Infinity;
  }
}

/** What is known of a whole block, after files of it have come or gone; it is not empty. */
function summarizeBlock(ranges: KeyRanges, block: number): void {
  const last = ranges.firstRow[block]! + ranges.blockFiles[block]! - 1;
  ranges.blockEnd[block] = ranges.rows[(last << 2) + HI]!;
  ranges.blockLeast[block] = NaN;
}

/** The first block with a file that ends above `key`; blockCount when there is none. */
function blockEndingAbove(ranges: KeyRanges, key: number): number {
  const { blockEnd } = ranges;
  let low = 0;
  let high = ranges.blockCount;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (blockEnd[middle]! > key) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The first row of a block whose file ends above `key`; there is one. */
function rowEndingAbove(ranges: KeyRanges, block: number, key: number): number {
  const { rows } = ranges;
  let low = ranges.firstRow[block]!;
  let high = low + ranges.blockFiles[block]! - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rows[(middle << 2) + HI]! > key) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The block that holds a position; for the one behind the last file, the last block. */
export function blockOf(ranges: KeyRanges, position: number): number {
  const { filesBefore } = ranges;
  let low = 0;
  let high = ranges.blockCount - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (filesBefore[middle]! <= position) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The block that `width` files go into in front of `position`: one with room, made by a split where need be. */
function roomAt(ranges: KeyRanges, position: number, width: number): number {
  if (ranges.blockCount === 0) addBlock(ranges, 0);
  const block = blockOf(ranges, position);
  if (ranges.blockFiles[block]! + width <= BLOCK_FILES) return block;
  splitBlock(ranges, block);
  return position - ranges.filesBefore[block]! > ranges.blockFiles[block]! ? block + 1 : block;
}

/** The upper half of a block becomes the next one. */
function splitBlock(ranges: KeyRanges, block: number): void {
  addBlock(ranges, block + 1);
  const { firstRow, blockFiles, filesBefore } = ranges;
  const stay = blockFiles[block]! >>> 1;
  const left = blockFiles[block]! - stay;
  const from = firstRow[block]! + stay;
  ranges.rows.copyWithin(firstRow[block + 1]! << 2, from << 2, (from + left) << 2);
  blockFiles[block + 1] = left;
  filesBefore[block + 1] = filesBefore[block]! + stay;
  blockFiles[block] = stay;
  summarizeBlock(ranges, block);
  summarizeBlock(ranges, block + 1);
}

/** Moves a block's files from place `from` on to place `to` on. */
function moveRows(ranges: KeyRanges, block: number, from: number, to: number): void {
  const first = ranges.firstRow[block]!;
  const files = ranges.blockFiles[block]!;
  if (from < files && from !== to) ranges.rows.copyWithin((first + to) << 2, (first + from) << 2, (first + files) << 2);
}

/** Files before each block, from `block` on, after that one's number has changed. */
function recount(ranges: KeyRanges, block: number): void {
  const { filesBefore, blockFiles, blockCount } = ranges;
  let before = block === 0 ? 0 : filesBefore[block - 1]! + blockFiles[block - 1]!;
  for (let i = block; i < blockCount; i++) {
    filesBefore[i] = before;
    before += blockFiles[i]!;
  }
  ranges.count = before;
}

/** An empty block at this place among the blocks. */
function addBlock(ranges: KeyRanges, block: number): void {
  if (ranges.freeSlots.length === 0) growRanges(ranges);
  moveBlocks(ranges, block, block + 1);
  const { firstRow, blockFiles, filesBefore } = ranges;
  firstRow[block] = ranges.freeSlots.pop()!;
  blockFiles[block] = 0;
  filesBefore[block] = block === 0 ? 0 : filesBefore[block - 1]! + blockFiles[block - 1]!;
}

function dropBlock(ranges: KeyRanges, block: number): void {
  ranges.freeSlots.push(ranges.firstRow[block]!);
  moveBlocks(ranges, block + 1, block);
}

/** The blocks from place `from` on are from place `to` on. */
function moveBlocks(ranges: KeyRanges, from: number, to: number): void {
  const end = ranges.blockCount;
  ranges.firstRow.copyWithin(to, from, end);
  ranges.blockFiles.copyWithin(to, from, end);
  ranges.filesBefore.copyWithin(to, from, end);
  ranges.blockEnd.copyWithin(to, from, end);
  ranges.blockLeast.copyWithin(to, from, end);
  ranges.blockCount += to - from;
}

function growRanges(ranges: KeyRanges): void {
  const slots = ranges.firstRow.length;
  for (let slot = 2 * slots - 1; slot >= slots; slot--) ranges.freeSlots.push(slot * BLOCK_FILES);
  ranges.firstRow = growInt32(ranges.firstRow);
  ranges.blockFiles = growInt32(ranges.blockFiles);
  ranges.filesBefore = growInt32(ranges.filesBefore);
  ranges.blockEnd = growFloat64(ranges.blockEnd, 2 * slots);
  ranges.blockLeast = growFloat64(ranges.blockLeast, 2 * slots);
  ranges.rows = growFloat64(ranges.rows, (2 * slots * BLOCK_FILES) << 2);
}

function growFloat64(array: Float64Array, capacity: number): Float64Array {
  const grown = new Float64Array(capacity);
  grown.set(array);
  return grown;
}

function growInt32(array: Int32Array): Int32Array {
  const grown = new Int32Array(2 * array.length);
  grown.set(array);
  return grown;
}
