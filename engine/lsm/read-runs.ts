/**
 * The sorted runs that a read meets, newest first: memtables, each level-0 file, then one run a level. What a run holds follows from the puts in its files,
 * so no key is looked at. Kept between reads of the state: a level is walked again only when its files have changed.
 */
import { drawsForFraction, distinctFraction, type KeySpace } from './key-space.js';
import { log2 } from '../kernel/math.js';
import { presentFraction, type Popularity } from './popularity.js';
import type { FamilyState } from './state.js';
import { DRAWS_PER_KEY, ENTRIES, HI, LO, WRITTEN_AT_BYTES, type Level, type Tree } from './tree.js';

/** Sorted runs, newest first; the first `count` entries are in use. Row 0 are memtables, row n + 1 is level n. */
export interface ReadRuns {
  count: number;
  row: Int32Array;
  /** Part of the key space that lies inside the run's files. */
  coverage: Float64Array;
  /** Probability that the run holds the key of a read. */
  present: Float64Array;
  /** 1: its files have filters. */
  filtered: Uint8Array;
  /** Of memtables: how often its number of entries doubles from 1. */
  doublings: Float64Array;
  /** entries[row]: in all files of a level. */
  readonly entries: Float64Array;
  /** files[row]. */
  readonly files: Float64Array;
  readonly levels: LevelSums[];
}

/** Sums over the files of a level, and by what they are known to be up to date. */
interface LevelSums {
  fileCount: number;
  bytes: number;
  coverage: number;
  present: number;
  entries: number;
}

/** Room for the runs of a tree with this many levels. */
export function createReadRuns(levelCount: number): ReadRuns {
  const capacity = 64;
  return {
    count: 0,
    row: new Int32Array(capacity),
    coverage: new Float64Array(capacity),
    present: new Float64Array(capacity),
    filtered: new Uint8Array(capacity),
    doublings: new Float64Array(capacity),
    entries: new Float64Array(levelCount + 1),
    files: new Float64Array(levelCount + 1),
    levels: Array.from({ length: levelCount }, () => ({ fileCount: -1, bytes: -1, coverage: 0, present: 0, entries: 0 })),
  };
}

/** Brings the runs up to date with the family's memtables and files. */
export function updateReadRuns(runs: ReadRuns, family: FamilyState, popularity: Popularity): void {
  const { tree, keySpace, options } = family;
  runs.count = 0;
  runs.entries.fill(0);
  runs.files.fill(0);
  addMemtable(runs, family, popularity, family.active.entries);
  for (let i = family.immutables.length - 1; i >= 0; i--) addMemtable(runs, family, popularity, family.immutables[i]!.entries);
  const filtered = options.bloom_bits > 0 && options.whole_key_filtering;
  const { rows } = tree.files;
  const first = tree.levels[0]!;
  for (let i = first.count - 1; i >= 0; i--) {
    const at = first.ids[i]! << 3;
    const coverage = rows[at + HI]! - rows[at + LO]!;
    const present = coverage * presentFraction(popularity, keySpace, rows[at + DRAWS_PER_KEY]!);
    addRun(runs, 1, coverage, present, filtered);
    runs.entries[1]! += rows[at + ENTRIES]!;
  }
  runs.files[1] = first.count;
  const deepest = deepestLevel(tree);
  for (let index = 1; index <= deepest; index++) {
    const level = tree.levels[index]!;
    if (level.count === 0) continue;
    const sums = sumsOf(runs, tree, level, keySpace, popularity);
    addRun(runs, index + 1, sums.coverage, sums.present, filtered && !(options.optimize_filters_for_hits && index === deepest));
    runs.entries[index + 1] = sums.entries;
    runs.files[index + 1] = level.count;
  }
}

/** How long ago a level's files were written, and whether the page cache has forgotten them. */
export interface FileAges {
  /** weight[group]: part of the level's entries in files whose age in seconds is below 2^group (the last: any age). Sums to 1. */
  readonly weight: Float64Array;
  /** Mean age of each group, seconds. */
  readonly ageSec: Float64Array;
  /** Part of the entries in files written before the page cache's reach. */
  onDevice: number;
}

/** Age groups: up to 1, 2, 4 ... 1024 seconds, and older. */
export const AGE_GROUPS = 12;

/** Ages of a level's files. `ageSec` gives the age for a file's WRITTEN_AT_BYTES; files below `cachedFromBytes` are not in the page cache. */
export function measureAges(
  ages: FileAges,
  tree: Tree,
  level: Level,
  cachedFromBytes: number,
  ageSec: (writtenAtBytes: number) => number,
): void {
  const { weight, ageSec: means } = ages;
  weight.fill(0);
  means.fill(0);
  ages.onDevice = 0;
  const { rows } = tree.files;
  let total = 0;
  for (let i = 0; i < level.count; i++) {
    const at = level.ids[i]! << 3;
    const entries = rows[at + ENTRIES]!;
    const writtenAt = rows[at + WRITTEN_AT_BYTES]!;
    const age = ageSec(writtenAt);
    let group = 0;
    for (let limit = 1; group < AGE_GROUPS - 1 && age >= limit; group++) limit *= 2;
    weight[group]! += entries;
    means[group]! += entries * age;
    if (writtenAt < cachedFromBytes) ages.onDevice += entries;
    total += entries;
  }
  if (total === 0) return;
  for (let group = 0; group < AGE_GROUPS; group++) {
    if (weight[group] === 0) continue;
    means[group]! /= weight[group]!;
    weight[group]! /= total;
  }
  ages.onDevice /= total;
}

/** Ages of nothing. */
export function createFileAges(): FileAges {
  return { weight: new Float64Array(AGE_GROUPS), ageSec: new Float64Array(AGE_GROUPS), onDevice: 0 };
}

/**
 * Says the same files' contents in another key space: the fraction of keys that each holds stays. Puts of a benchmark that draws keys in another way than
 * the last one add to it.
 */
export function redrawFiles(tree: Tree, from: KeySpace, to: KeySpace): void {
  const { rows } = tree.files;
  for (const level of tree.levels) {
    for (let i = 0; i < level.count; i++) {
      const at = (level.ids[i]! << 3) + DRAWS_PER_KEY;
      rows[at] = drawsForFraction(to, distinctFraction(from, rows[at]!));
    }
  }
}

function addMemtable(runs: ReadRuns, { keySpace }: FamilyState, popularity: Popularity, entries: number): void {
  addRun(runs, 0, 1, presentFraction(popularity, keySpace, entries / keySpace.keyCount), false);
  runs.doublings[runs.count - 1] = log2(1 + entries);
  runs.entries[0]! += entries;
  runs.files[0]! += 1;
}

function addRun(runs: ReadRuns, row: number, coverage: number, present: number, filtered: boolean): void {
  if (runs.count === runs.row.length) growRuns(runs);
  const i = runs.count++;
  runs.row[i] = row;
  runs.coverage[i] = Math.min(1, coverage);
  runs.present[i] = Math.min(coverage, present);
  runs.filtered[i] = filtered ? 1 : 0;
}

function sumsOf(runs: ReadRuns, tree: Tree, level: Level, space: KeySpace, popularity: Popularity): LevelSums {
  const sums = runs.levels[level.index]!;
  // Any job changes a level's bytes.
  if (sums.fileCount === level.count && sums.bytes === level.bytes) return sums;
  sums.fileCount = level.count;
  sums.bytes = level.bytes;
  sums.coverage = 0;
  sums.present = 0;
  sums.entries = 0;
  const { rows } = tree.files;
  for (let i = 0; i < level.count; i++) {
    const at = level.ids[i]! << 3;
    const width = rows[at + HI]! - rows[at + LO]!;
    sums.coverage += width;
    sums.present += width * presentFraction(popularity, space, rows[at + DRAWS_PER_KEY]!);
    sums.entries += rows[at + ENTRIES]!;
  }
  return sums;
}

function deepestLevel({ levels }: Tree): number {
  for (let index = levels.length - 1; index > 0; index--) if (levels[index]!.count > 0) return index;
  return 0;
}

function growRuns(runs: ReadRuns): void {
  const capacity = runs.row.length * 2;
  const wider = (array: Float64Array): Float64Array => {
    const grown = new Float64Array(capacity);
    grown.set(array);
    return grown;
  };
  runs.coverage = wider(runs.coverage);
  runs.present = wider(runs.present);
  runs.doublings = wider(runs.doublings);
  const row = new Int32Array(capacity);
  row.set(runs.row);
  runs.row = row;
  const filtered = new Uint8Array(capacity);
  filtered.set(runs.filtered);
  runs.filtered = filtered;
}
