/** A tree to start from: given bytes a level, or the tree that a number of keys leaves when compaction has caught up. */
import { sstFileBytes } from '../rocksdb/sizes.js';
import { targetFileBytesOf } from './jobs.js';
import { drawsForFraction } from './key-space.js';
import type { InitialTree } from './scenario.js';
import type { FamilyState } from './state.js';
import { addFile, insertRun, pushL0, refreshOverlaps } from './tree.js';

/** More files than this are refused: each is simulated, and RocksDB itself is not run with so many. */
export const INITIAL_FILES_MAX = 1_000_000;

/** What of a family decides how a tree fills. */
export type EmptyFamily = Pick<FamilyState, 'options' | 'targets' | 'keySpace' | 'shapes' | 'capacityEntries'>;

/** What a level holds at first, above 0 bytes. */
interface LevelFill {
  readonly level: number;
  readonly bytes: number;
}

/** Fills an empty tree. Keys are spread evenly over the whole key space; a level's files are as large as its target allows. */
export function fillInitialTree(family: FamilyState, initial: InitialTree): void {
  for (const fill of fillsOf(family, initial)) fillLevel(family, fill);
  for (let level = family.tree.levels.length - 1; level >= 1; level--) refreshOverlaps(family.tree, level, 0, 1);
}

/** How many files the tree begins with. */
export function initialFileCount(family: EmptyFamily, initial: InitialTree): number {
  return fillsOf(family, initial).reduce((sum, fill) => sum + fileCount(family, fill), 0);
}

function fillsOf(family: EmptyFamily, initial: InitialTree): readonly LevelFill[] {
  if (initial.from === 'empty') return [];
  if (initial.from === 'levels') return initial.levels.filter(({ bytes }) => bytes > 0);
  return settledFills(family, initial.keys);
}

function fileCount(family: EmptyFamily, { level, bytes }: LevelFill): number {
  const memtableBytes = family.capacityEntries * entryBytes(family, level, bytes / family.shapes[level]!.bytesPerEntry);
  return Math.max(1, Math.ceil(bytes / (level === 0 ? Math.max(1, memtableBytes) : targetFileBytesOf(family, level))));
}

function fillLevel(family: FamilyState, fill: LevelFill): void {
  const { level, bytes } = fill;
  const entries = entriesOf(family, fill);
  const files = fileCount(family, fill);
  if (level === 0) {
    for (let i = 0; i < files; i++) pushL0(family.tree, evenFile(family, 0, 1, entries / files, bytes / files));
    return;
  }
  const ids: number[] = [];
  for (let i = 0; i < files; i++) ids.push(evenFile(family, i / files, (i + 1) / files, entries / files, bytes / files));
  insertRun(family.tree, level, ids);
}

function entriesOf(family: EmptyFamily, { level, bytes }: LevelFill): number {
  return Math.min(family.keySpace.keyCount, bytes / entryBytes(family, level, bytes / family.shapes[level]!.bytesPerEntry));
}

function evenFile(family: FamilyState, lo: number, hi: number, entries: number, bytes: number): number {
  const fraction = Math.min(1, entries / ((hi - lo) * family.keySpace.keyCount));
  return addFile(family.tree, {
    lo,
    hi,
    drawsPerKey: drawsForFraction(family.keySpace, fraction),
    entries,
    bytes: Math.max(1, Math.round(bytes)),
    smallestSeq: 0,
    largestSeq: 0,
    writtenAtBytes: 0,
  });
}

/** How full a level is that has just been compacted: below its target by less than a file. */
const SETTLED_FILL = 0.999;

/**
 * The settled tree whose levels hold so many distinct keys between them. A level's keys are drawn independently of another's, so upper levels
 * hold newer versions of keys below as well: the tree has more entries than keys.
 */
function settledFills(family: EmptyFamily, keys: number): readonly LevelFill[] {
  const { keySpace } = family;
  const wantedDraws = drawsForFraction(keySpace, Math.min(1, keys / keySpace.keyCount));
  const hasAll = (bytes: number): boolean => {
    let draws = 0;
    for (const fill of settledLevels(family, bytes)) draws += drawsForFraction(keySpace, entriesOf(family, fill) / keySpace.keyCount);
    return draws >= wantedDraws;
  };
  let low = 0;
  let high = 1;
  while (!hasAll(high) && high < Number.MAX_SAFE_INTEGER) {
    low = high;
    high *= 2;
  }
  // To a byte or the last bit.
  for (let step = 0; step < 64 && high - low > 0.5; step++) {
    const middle = (low + high) / 2;
    if (hasAll(middle)) high = middle;
    else low = middle;
  }
  return settledLevels(family, high);
}

/** So many bytes when compaction has caught up: levels from the base down are full to their targets, the deepest one takes the rest. */
function settledLevels({ options }: EmptyFamily, bytes: number): readonly LevelFill[] {
  const last = options.num_levels - 1;
  if (options.compaction_style !== 'level' || last === 0) return [{ level: last, bytes }];
  const fills: LevelFill[] = [];
  let bytesLeft = bytes;
  const fill = (level: number, part: number): void => {
    if (part > 0) fills.push({ level, bytes: part });
    bytesLeft -= part;
  };
  if (options.level_compaction_dynamic_level_bytes) {
    // The last level holds all but a fan-out's share of each level above it.
    for (let level = last; level >= 1 && bytesLeft > 0; level--) {
      const part = bytesLeft * (1 - 1 / options.max_bytes_for_level_multiplier);
      const share = level === 1 ? bytesLeft : level === last ? part : part * SETTLED_FILL;
      fill(level, bytesLeft <= options.max_bytes_for_level_base ? bytesLeft : share);
    }
    return fills;
  }
  let target = options.max_bytes_for_level_base;
  for (let level = 1; level <= last && bytesLeft > 0; level++) {
    // A level exactly at its target would be due for compaction.
    fill(level, level === last ? bytesLeft : Math.min(bytesLeft, target * SETTLED_FILL));
    target *= options.max_bytes_for_level_multiplier * (options.max_bytes_for_level_multiplier_additional[level] ?? 1);
  }
  return fills;
}

function entryBytes({ shapes, keySpace }: EmptyFamily, level: number, entries: number): number {
  const shape = shapes[level]!;
  const some = Math.max(1, Math.min(entries, 100_000));
  return (sstFileBytes(shape, some, Math.max(1, keySpace.keyCount / Math.max(1, entries))) - shape.fixedBytes) / some;
}
