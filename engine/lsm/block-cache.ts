/**
 * What an LRU block cache holds, without looking at any block: blocks come in classes that are read equally often. A block is in the cache when its
 * last read is younger than the cache's characteristic time, which is the same for all and such that the cache is full.
 * Source: Che, Tung and Wang, "Hierarchical Web Caching Systems: Modeling, Design and Experimental Results", IEEE JSAC 20(7), 2002.
 *
 * Files are rewritten while they are read: a block cannot have been read before its file was made, so a class has an age. Blocks of files that a compaction
 * replaced stay until they are the least recently used (RocksDB before uncache_aggressiveness) and take their part of the cache.
 */
import { expm1 } from '../kernel/math.js';

/** Blocks that are read equally often; the first `count` entries are in use. */
export interface BlockClasses {
  count: number;
  /** Blocks, and bytes of each as the cache charges them. */
  blocks: Float64Array;
  blockBytes: Float64Array;
  /** Reads a second of one block. */
  readsPerSec: Float64Array;
  /** Seconds since it could be read first. */
  ageSec: Float64Array;
  /** Fraction of its blocks that is in the cache: what a read finds there. */
  hitFraction: Float64Array;
}

/** Room for `capacity` classes; it grows. */
export function createBlockClasses(capacity = 64): BlockClasses {
  const room = (): Float64Array => new Float64Array(capacity);
  return { count: 0, blocks: room(), blockBytes: room(), readsPerSec: room(), ageSec: room(), hitFraction: room() };
}

/** Adds a class and returns its index. */
export function addBlockClass(classes: BlockClasses, blocks: number, blockBytes: number, readsPerSec: number, ageSec: number): number {
  if (classes.count === classes.blocks.length) growBlockClasses(classes);
  const i = classes.count++;
  classes.blocks[i] = blocks;
  classes.blockBytes[i] = blockBytes;
  classes.readsPerSec[i] = readsPerSec;
  classes.ageSec[i] = ageSec;
  return i;
}

/** Halvings after which the characteristic time is known to one part in 2^40. */
const HALVINGS = 40;

/**
 * Sets every class's hitFraction for a cache of `cacheBytes`, and returns the characteristic time in seconds: at most `elapsedSec`, for which blocks
 * have been read (until the cache is full it forgets nothing). `replacedPerSec`: part of all blocks that compactions replace in a second.
 */
export function fillBlockCache(classes: BlockClasses, cacheBytes: number, elapsedSec: number, replacedPerSec: number): number {
  let high = elapsedSec;
  if (cachedBytes(classes, high, replacedPerSec) > cacheBytes) {
    let low = 0;
    for (let i = 0; i < HALVINGS; i++) {
      const middle = (low + high) / 2;
      if (cachedBytes(classes, middle, replacedPerSec) > cacheBytes) high = middle;
      else low = middle;
    }
  }
  for (let i = 0; i < classes.count; i++) classes.hitFraction[i] = hitFraction(classes, i, high);
  return high;
}

/** Bytes of blocks that were read in the last `sec`, those of replaced files included. */
function cachedBytes(classes: BlockClasses, sec: number, replacedPerSec: number): number {
  let bytes = 0;
  for (let i = 0; i < classes.count; i++) bytes += classes.blocks[i]! * classes.blockBytes[i]! * hitFraction(classes, i, sec);
  return bytes * (1 + replacedPerSec * sec);
}

/** 1 - e^(-reads in the time since a block was made or would be forgotten). */
function hitFraction(classes: BlockClasses, i: number, sec: number): number {
  return -expm1(-classes.readsPerSec[i]! * Math.min(sec, classes.ageSec[i]!));
}

function growBlockClasses(classes: BlockClasses): void {
  const bigger = createBlockClasses(classes.blocks.length * 2);
  for (const column of ['blocks', 'blockBytes', 'readsPerSec', 'ageSec', 'hitFraction'] as const) {
    bigger[column].set(classes[column]);
    classes[column] = bigger[column];
  }
}
