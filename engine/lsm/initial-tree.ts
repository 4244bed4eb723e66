/** A tree to start from: given bytes a level, or the tree that a number of keys leaves when compaction has caught up. */
import { sstFileBytes } from '../rocksdb/sizes.js';
import { targetFileBytesOf } from './jobs.js';
import { drawsForFraction } from './key-space.js';
import type { InitialTree } from './scenario.js';
import type { FamilyState } from './state.js';
import { addFile, insertRun, pushL0, refreshOverlaps } from './tree.js';

/** Fills an empty tree. Keys are spread evenly over the whole key space; a level's files are as large as its target allows. */
export function fillInitialTree(family: FamilyState, initial: InitialTree): void {
  if (initial.from === 'levels') {
    for (const { level, bytes } of initial.levels) fillLevel(family, level, bytes);
  } else if (initial.from === 'settledKeys') {
    fillSettled(family, initial.keys);
  }
  for (let level = family.tree.levels.length - 1; level >= 1; level--) refreshOverlaps(family.tree, level, 0, 1);
}

function fillLevel(family: FamilyState, level: number, bytes: number): void {
  if (bytes <= 0) return;
  const { keyCount } = family.keySpace;
  const shape = family.shapes[level]!;
  const perEntry = entryBytes(family, level, bytes / shape.bytesPerEntry);
  const entries = Math.min(keyCount, bytes / perEntry);
  const target = level === 0 ? Math.max(1, family.capacityEntries * perEntry) : targetFileBytesOf(family, level);
  const files = Math.max(1, Math.ceil(bytes / target));
  if (level === 0) {
    for (let i = 0; i < files; i++) pushL0(family.tree, evenFile(family, 0, 1, entries / files, bytes / files));
    return;
  }
  const ids: number[] = [];
  for (let i = 0; i < files; i++) ids.push(evenFile(family, i / files, (i + 1) / files, entries / files, bytes / files));
  insertRun(family.tree, level, ids);
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

/** Levels from the base down are full to their targets, the deepest one takes the rest. */
function fillSettled(family: FamilyState, keys: number): void {
  const { options } = family;
  const last = options.num_levels - 1;
  if (options.compaction_style !== 'level' || last === 0) {
    fillLevel(family, last, keys * entryBytes(family, last, keys));
    return;
  }
  let bytesLeft = keys * entryBytes(family, Math.min(1, last), keys);
  if (options.level_compaction_dynamic_level_bytes) {
    // The last level holds all but a fan-out's share of each level above it.
    for (let level = last; level >= 1 && bytesLeft > 0; level--) {
      const part = bytesLeft * (1 - 1 / options.max_bytes_for_level_multiplier);
      const share = level === 1 ? bytesLeft : level === last ? part : part * SETTLED_FILL;
      const bytes = bytesLeft <= options.max_bytes_for_level_base ? bytesLeft : share;
      fillLevel(family, level, bytes);
      bytesLeft -= bytes;
    }
    return;
  }
  let target = options.max_bytes_for_level_base;
  for (let level = 1; level <= last && bytesLeft > 0; level++) {
    // A level exactly at its target would be due for compaction.
    const bytes = level === last ? bytesLeft : Math.min(bytesLeft, target * SETTLED_FILL);
    fillLevel(family, level, bytes);
    bytesLeft -= bytes;
    target *= options.max_bytes_for_level_multiplier * (options.max_bytes_for_level_multiplier_additional[level] ?? 1);
  }
}

function entryBytes(family: FamilyState, level: number, entries: number): number {
  const shape = family.shapes[level]!;
  const some = Math.max(1, Math.min(entries, 100_000));
  return (sstFileBytes(shape, some, Math.max(1, family.keySpace.keyCount / Math.max(1, entries))) - shape.fixedBytes) / some;
}
