/**
 * The order in which a level's idle files are compacted: by priority, smaller first, and ties by key. A file that is locked has none.
 *
 * Each block of a level knows its least priority, or will when it is asked: changing a file's costs nothing but that, and the first
 * file of a level costs a look at each block and at the files of those that changed.
 */
import { blockOf, PRIORITY, type KeyRanges } from './key-ranges.js';

/** Position of the first file; -1 when none has a priority. */
export function firstInOrder(ranges: KeyRanges): number {
  const { blockCount, blockLeast, firstRow, filesBefore, rows } = ranges;
  let best = Infinity;
  let block = -1;
  for (let i = 0; i < blockCount; i++) {
    let least = blockLeast[i]!;
    if (Number.isNaN(least)) least = blockLeast[i] = leastOf(ranges, i);
    if (least >= best) continue;
    best = least;
    block = i;
  }
  if (block < 0) return -1;
  let row = firstRow[block]!;
  while (rows[(row << 2) + PRIORITY] !== best) row++;
  return filesBefore[block]! + row - firstRow[block]!;
}

function leastOf({ rows, firstRow, blockFiles }: KeyRanges, block: number): number {
  const end = firstRow[block]! + blockFiles[block]!;
  let least = Infinity;
  for (let row = firstRow[block]!; row < end; row++) {
    const priority = rows[(row << 2) + PRIORITY]!;
    if (priority < least) least = priority;
  }
  return least;
}

/** Gives `width` files from `position` on their priorities; null: they have none any more. */
export function setPriorities(ranges: KeyRanges, position: number, priorities: Float64Array | null, width: number): void {
  if (width <= 0) return;
  const { rows, firstRow, blockFiles, blockLeast } = ranges;
  let block = blockOf(ranges, position);
  let row = firstRow[block]! + position - ranges.filesBefore[block]!;
  for (let i = 0; i < width; row = firstRow[block]!) {
    const end = firstRow[block]! + blockFiles[block]!;
    for (; row < end && i < width; i++, row++) rows[(row << 2) + PRIORITY] = priorities === null ? Infinity : priorities[i]!;
    blockLeast[block] = NaN;
    if (row === end) block++;
  }
}
