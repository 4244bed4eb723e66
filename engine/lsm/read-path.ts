/**
 * What one read does, in expectation. A Get asks the runs from the newest to the oldest until one holds its key: a memtable is searched; a file whose range
 * covers the key is asked for its filter if it has one, and if that lets the key pass, its index is searched and one data block is looked up, which is
 * read from storage when the block cache does not have it. A Seek does so in every run, without filters, and its Nexts go on through their blocks.
 * Source: db/version_set.cc Version::Get and FilePicker, table/block_based/block_based_table_reader.cc Get.
 *
 * How reads end is kept as a table of outcomes: by the row in which the key was found and by how many blocks came from storage, with the probability and the
 * CPU time of each. Latencies are recorded from it.
 */
import type { KeyDistribution } from './scenario.js';
import type { ReadCosts } from './read-cost.js';
import type { ReadRuns } from './read-runs.js';

/** Blocks read from storage by one read are counted up to this; more count as this many. */
export const STORAGE_READS_MAX = 31;
const WIDTH = STORAGE_READS_MAX + 1;

/** Means over the reads of a stream. Rows as in ReadRuns, and one more for keys that are nowhere. */
export interface ReadPath {
  /** Memtables or files whose filter or index was asked, by row. */
  readonly probed: Float64Array;
  /** Data blocks looked up, by row. */
  readonly blocks: Float64Array;
  /** Reads whose key was found there. */
  readonly found: Float64Array;
  /** outcomes[row * (STORAGE_READS_MAX + 1) + storageReads]: probability. Sums to 1. */
  readonly outcomes: Float64Array;
  /** The same, times the CPU nanoseconds of such a read. */
  readonly outcomeNanos: Float64Array;
  /** Per read: CPU nanoseconds on an idle core, blocks from storage, and of these from the device. */
  cpuNanos: number;
  storageReads: number;
  deviceReads: number;
  /** Reads still under way: mass[n] after n blocks from storage, nanos[n] their CPU time, weighted. */
  readonly walk: { readonly mass: Float64Array; readonly nanos: Float64Array };
}

/** An empty path for a tree of `levelCount` levels. */
export function createReadPath(levelCount: number): ReadPath {
  const rows = levelCount + 2;
  return {
    probed: new Float64Array(rows),
    blocks: new Float64Array(rows),
    found: new Float64Array(rows),
    outcomes: new Float64Array(rows * WIDTH),
    outcomeNanos: new Float64Array(rows * WIDTH),
    ...{ cpuNanos: 0, storageReads: 0, deviceReads: 0 },
    walk: { mass: new Float64Array(WIDTH), nanos: new Float64Array(WIDTH) },
  };
}

/** What decides the way besides the runs. */
export interface ReadConditions {
  readonly costs: ReadCosts;
  readonly falsePositiveFraction: number;
  readonly distribution: KeyDistribution;
  /** missFraction[row]: data blocks that are not in the block cache; tableMiss[row]: indexes and filters that are not. */
  readonly missFraction: Float64Array;
  readonly tableMissFraction: Float64Array;
  /** onDevice[row]: blocks that are not in the page cache either. */
  readonly onDevice: Float64Array;
  /** CPU of a block from storage. */
  readonly blockReadNanos: number;
  readonly entriesPerBlock: number;
}

/** The way of a Get. */
export function walkGet(path: ReadPath, runs: ReadRuns, conditions: ReadConditions): void {
  clear(path);
  const { walk } = path;
  walk.mass.fill(0);
  walk.nanos.fill(0);
  walk.mass[0] = 1;
  walk.nanos[0] = conditions.costs.getNanos;
  let foundSoFar = 0;
  for (let run = 0; run < runs.count; run++) {
    const { coverage, present } = chances(runs, run, conditions.distribution, foundSoFar);
    if (runs.row[run] === 0) searchMemtable(path, conditions, present, runs.doublings[run]!);
    else askRun(path, runs, run, conditions, coverage, present);
    foundSoFar = 0;
    for (let row = 0; row < path.found.length; row++) foundSoFar += path.found[row]!;
  }
  const last = path.found.length - 1;
  for (let n = 0; n < WIDTH; n++) end(path, last, n, walk.mass[n]!, walk.nanos[n]!);
  total(path);
}

/**
 * Of the reads that got so far: the part that the run's files cover, and of these the part that finds its key. Keys that are put once each are in one run
 * only, so that a run's part grows as others are ruled out; in order, runs cover different keys.
 */
function chances(runs: ReadRuns, run: number, distribution: KeyDistribution, foundSoFar: number): { coverage: number; present: number } {
  let coverage = runs.coverage[run]!;
  let present = coverage > 0 ? runs.present[run]! / coverage : 0;
  const left = Math.max(1e-12, 1 - foundSoFar);
  if (distribution === 'sequential') coverage = Math.min(1, coverage / left);
  if (distribution === 'unique') present = Math.min(1, present / left);
  return { coverage, present };
}

function searchMemtable(path: ReadPath, { costs }: ReadConditions, present: number, doublings: number): void {
  const { walk } = path;
  for (let n = 0; n < WIDTH; n++) {
    const mass = walk.mass[n]!;
    if (mass === 0) continue;
    path.probed[0]! += mass;
    const nanos = walk.nanos[n]! + mass * doublings * costs.memtableNanosPerDoubling;
    end(path, 0, n, mass * present, (nanos + mass * costs.foundNanos) * present);
    walk.mass[n] = mass * (1 - present);
    walk.nanos[n] = nanos * (1 - present);
  }
}

/** From the most storage reads down, so that what moves up is not met again. */
function askRun(path: ReadPath, runs: ReadRuns, run: number, conditions: ReadConditions, coverage: number, present: number): void {
  const { costs, blockReadNanos } = conditions;
  const { walk } = path;
  const row = runs.row[run]!;
  const filtered = runs.filtered[run] === 1;
  const missed = conditions.missFraction[row]!;
  const tableMissed = conditions.tableMissFraction[row]!;
  const wrongly = (1 - present) * (filtered ? conditions.falsePositiveFraction : 1);
  const asked = filtered ? costs.filterNanos : 0;
  const searched = costs.lookUpNanos;
  for (let n = WIDTH - 1; n >= 0; n--) {
    const mass = walk.mass[n]! * coverage;
    if (mass < 1e-15) continue;
    const nanos = (walk.nanos[n]! * coverage) / mass + asked + tableMissed * blockReadNanos;
    path.probed[row]! += mass;
    path.blocks[row]! += mass * (present + wrongly);
    const storage = mass * (tableMissed + (present + wrongly) * missed);
    path.storageReads += storage;
    path.deviceReads += storage * conditions.onDevice[row]!;
    walk.mass[n]! -= mass;
    walk.nanos[n]! *= 1 - coverage;
    const goesOn = mass * (1 - present - wrongly);
    spread(n, tableMissed, 0, (to, part) => {
      walk.mass[to]! += goesOn * part;
      walk.nanos[to]! += goesOn * part * nanos;
    });
    spread(n, tableMissed, missed, (to, part, reads) => {
      const spent = nanos + searched + reads * blockReadNanos;
      end(path, row, to, mass * present * part, mass * present * part * (spent + costs.foundNanos));
      walk.mass[to]! += mass * wrongly * part;
      walk.nanos[to]! += mass * wrongly * part * spent;
    });
  }
}

/** The storage reads of one probe: of its filter or index, and of its block. `reads`: those of the block. */
function spread(n: number, tableMissed: number, missed: number, visit: (to: number, part: number, reads: number) => void): void {
  for (let table = 1; table >= 0; table--) {
    const tablePart = table === 1 ? tableMissed : 1 - tableMissed;
    if (tablePart === 0) continue;
    if (missed > 0) visit(Math.min(STORAGE_READS_MAX, n + table + 1), tablePart * missed, 1);
    if (missed < 1) visit(Math.min(STORAGE_READS_MAX, n + table), tablePart * (1 - missed), 0);
  }
}

/** The way of a Seek and `nexts` Next. Files of one level follow each other, so a run costs one search. */
export function walkSeek(path: ReadPath, runs: ReadRuns, conditions: ReadConditions, nexts: number): void {
  clear(path);
  const { costs } = conditions;
  let absent = 1;
  for (let run = 0; run < runs.count; run++) absent *= 1 - runs.present[run]!;
  const distinct = Math.max(1e-12, 1 - absent);
  let nanos = costs.seekNanos + nexts * costs.nextNanos;
  for (let run = 0; run < runs.count; run++) {
    const row = runs.row[run]!;
    const coverage = runs.coverage[run]!;
    path.probed[row]! += coverage;
    if (row === 0) {
      nanos += runs.doublings[run]! * costs.memtableNanosPerDoubling;
      continue;
    }
    const more = (nexts * runs.present[run]!) / distinct / conditions.entriesPerBlock;
    const blocks = coverage + more;
    path.blocks[row]! += blocks;
    const missed = conditions.missFraction[row]!;
    const storage = missed * (coverage + requestsAfterFirst(more)) + conditions.tableMissFraction[row]! * coverage;
    path.storageReads += storage;
    path.deviceReads += storage * conditions.onDevice[row]!;
    nanos += coverage * costs.lookUpNanos + blocks * missed * conditions.blockReadNanos;
  }
  // Reads differ little from their mean: the whole numbers around it stand for all.
  const storageReads = Math.min(STORAGE_READS_MAX, path.storageReads);
  const fewer = Math.floor(storageReads);
  const part = storageReads - fewer;
  const last = path.found.length - 1;
  end(path, last, fewer, 1 - part, nanos * (1 - part));
  if (part > 0) end(path, last, fewer + 1, part, nanos * part);
  path.cpuNanos = nanos;
}

/**
 * Requests for `blocks` more blocks after a Seek's first: two single ones, then 8 KiB, doubling to 256 KiB, with blocks of 4 KiB
 * (initial_auto_readahead_size, max_auto_readahead_size; table/block_based/block_prefetcher.cc).
 */
function requestsAfterFirst(blocks: number): number {
  let left = blocks - 2;
  if (left <= 0) return blocks;
  let requests = 2;
  for (let size = 2; left > 0 && size <= 32; size *= 2) {
    requests += Math.min(1, left / size);
    left -= size;
  }
  return left > 0 ? requests + left / 64 : requests;
}

function clear(path: ReadPath): void {
  path.probed.fill(0);
  path.blocks.fill(0);
  path.found.fill(0);
  path.outcomes.fill(0);
  path.outcomeNanos.fill(0);
  path.storageReads = 0;
  path.deviceReads = 0;
}

function end(path: ReadPath, row: number, storageReads: number, mass: number, nanos: number): void {
  path.outcomes[row * WIDTH + storageReads]! += mass;
  path.outcomeNanos[row * WIDTH + storageReads]! += nanos;
  path.found[row]! += mass;
}

function total(path: ReadPath): void {
  path.cpuNanos = 0;
  for (const nanos of path.outcomeNanos) path.cpuNanos += nanos;
}
