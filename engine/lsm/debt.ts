/**
 * Estimated pending compaction bytes. Source: version_set.cc EstimateCompactionBytesNeeded (rocksdb-semantics, section 5); leveled only.
 */
import type { LsmOptions } from '../rocksdb/options.js';
import type { Behaviours } from '../rocksdb/version.js';
import type { Targets } from './targets.js';
import type { Tree } from './tree.js';

/** Bytes that compactions would have to read and write until every level is within its target. Files in running jobs count. */
export function pendingCompactionBytes(tree: Tree, targets: Targets, options: LsmOptions): number {
  if (options.compaction_style !== 'level') return 0;
  const { levels } = tree;
  const level0 = levels[0]!;
  let need = 0;
  let carryBytes = 0;
  let l0Triggered = false;
  if (level0.count >= options.level0_file_num_compaction_trigger || level0.bytes >= options.max_bytes_for_level_base) {
    need = level0.bytes;
    carryBytes = level0.bytes;
    l0Triggered = true;
  }
  for (let i = targets.baseLevel; i < levels.length - 1; i++) {
    const own = levels[i]!.bytes;
    if (i === targets.baseLevel && l0Triggered) need += own;
    const bytes = own + carryBytes;
    carryBytes = 0;
    const target = targets.targetBytes[i]!;
    if (bytes <= target) continue;
    carryBytes = bytes - target;
    const next = levels[i + 1]!.bytes;
    // An empty next level takes files by trivial moves, which cost nothing.
    if (next > 0) need += carryBytes * (next / bytes + 1);
  }
  return need;
}

/**
 * The debt from which compactions may run in parallel although nothing is stalled.
 * Source: column_family.cc RecalculateWriteStallConditions, by version (rocksdb-semantics, section 4).
 */
export function pressureDebtBytes(tree: Tree, options: LsmOptions, behaviours: Behaviours): number {
  const soft = options.soft_pending_compaction_bytes_limit;
  if (options.compaction_style !== 'level') return Infinity;
  if (soft === 0) return 0;
  const quarter = soft / 4;
  if (behaviours.debtPressureRule === 'quarterSoft') return quarter;
  const bottom = bottommostBytes(tree);
  if (behaviours.debtPressureRule === 'bottommost') return bottom === 0 ? quarter : Math.min(quarter, bottom / 8);
  return Math.min(quarter, Math.max(bottom / 8, 2 * options.max_bytes_for_level_base));
}

/** Bytes of files with nothing older below them; the deepest non-empty level stands for them (our assumption: keys are spread evenly). */
function bottommostBytes(tree: Tree): number {
  for (let level = tree.levels.length - 1; level >= 0; level--) {
    if (tree.levels[level]!.count > 0) return tree.levels[level]!.bytes;
  }
  return 0;
}
