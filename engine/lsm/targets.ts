/**
 * How large each level may grow. Source: version_set.cc CalculateBaseBytes and UpdateLevelTargets (rocksdb-semantics, section 3).
 */
import type { LsmOptions } from '../rocksdb/options.js';
import type { Behaviours } from '../rocksdb/version.js';
import type { Tree } from './tree.js';

/** Sizes that levels may have, recomputed with each version. */
export interface Targets {
  /** The level that L0 compacts into. */
  baseLevel: number;
  /** targetBytes[level]; Infinity for level 0 and for levels above the base. */
  readonly targetBytes: Float64Array;
  /** Deepest non-empty level that dynamic sizing no longer needs; -1 when there is none (drained since 8.3). */
  lowestUnnecessaryLevel: number;
  /** The options that static targets were worked out from; null: none yet. */
  staticFor: LsmOptions | null;
}

/** No targets yet, for a tree of this many levels. */
export function createTargets(levelCount: number): Targets {
  return { baseLevel: 1, targetBytes: new Float64Array(levelCount).fill(Infinity), lowestUnnecessaryLevel: -1, staticFor: null };
}

/** Recomputes base level and targets for the tree as it is. */
export function updateTargets(targets: Targets, tree: Tree, options: LsmOptions, behaviours: Behaviours): void {
  if (targets.staticFor === options) return;
  targets.staticFor = null;
  targets.targetBytes.fill(Infinity);
  targets.lowestUnnecessaryLevel = -1;
  if (options.compaction_style !== 'level') {
    targets.baseLevel = Math.min(1, tree.levels.length - 1);
    return;
  }
  if (options.level_compaction_dynamic_level_bytes && tree.levels.length > 1) setDynamic(targets, tree, options, behaviours);
  else setStatic(targets, options);
}

function setStatic(targets: Targets, options: LsmOptions): void {
  const { targetBytes } = targets;
  targets.staticFor = options;
  targets.baseLevel = 1;
  let target = options.max_bytes_for_level_base;
  for (let level = 1; level < targetBytes.length; level++) {
    if (level > 1) target *= options.max_bytes_for_level_multiplier * additional(options, level - 1);
    targetBytes[level] = Math.floor(target);
  }
}

function setDynamic(targets: Targets, tree: Tree, options: LsmOptions, behaviours: Behaviours): void {
  const { targetBytes } = targets;
  const last = tree.levels.length - 1;
  let maxLevelBytes = 0;
  let firstNonEmpty = -1;
  for (let level = 1; level <= last; level++) {
    const bytes = tree.levels[level]!.bytes;
    if (bytes > 0 && firstNonEmpty < 0) firstNonEmpty = level;
    maxLevelBytes = Math.max(maxLevelBytes, bytes);
  }
  if (maxLevelBytes === 0) {
    // No data below L0: L0 goes straight to the last level, whatever its size.
    targets.baseLevel = last;
    return;
  }
  const multiplier = options.max_bytes_for_level_multiplier;
  const baseMax = options.max_bytes_for_level_base;
  const baseMin = baseMax / multiplier;
  let current = maxLevelBytes;
  for (let level = last - 1; level >= firstNonEmpty; level--) {
    current = Math.floor(current / multiplier);
    if (behaviours.drainsUnnecessaryLevels && targets.lowestUnnecessaryLevel < 0 && current <= baseMin) {
      targets.lowestUnnecessaryLevel = level;
    }
  }
  let base = firstNonEmpty;
  let baseBytes: number;
  if (current <= baseMin) {
    baseBytes = Math.floor(baseMin) + 1;
  } else {
    while (base > 1 && current > baseMax) {
      base--;
      current = Math.floor(current / multiplier);
    }
    baseBytes = Math.floor(current > baseMax ? baseMax : Math.max(1, current));
  }
  targets.baseLevel = base;
  let size = baseBytes;
  for (let level = base; level <= last; level++) {
    if (level > base) size *= multiplier;
    targetBytes[level] = Math.max(Math.floor(size), baseMax);
  }
}

function additional(options: LsmOptions, index: number): number {
  return options.max_bytes_for_level_multiplier_additional[index] ?? 1;
}
