/**
 * Which level needs compaction most. Source: version_set.cc ComputeCompactionScore (rocksdb-semantics, section 3; universal and
 * FIFO, sections 7 and 8). A score of 1 or more makes a level eligible.
 */
import type { LsmOptions } from '../rocksdb/options.js';
import type { Behaviours } from '../rocksdb/version.js';
import type { Targets } from './targets.js';
import type { Tree } from './tree.js';

/** Levels by how much they need compaction. */
export interface Scores {
  /** score[rank] of level[rank], descending. */
  readonly score: Float64Array;
  readonly level: Int32Array;
  /** What idle files of each level count beyond their bytes, because most of their entries are tombstones (tombstones.ts). */
  readonly compensationBytes: Float64Array;
  /** Entries in use. */
  count: number;
}

/** Dynamic levels multiply scores above 1 by this, so that levels on their way down can be put back (kScoreMultiplier, 7.5). */
const DYNAMIC_SCALE = 10;

/** No scores, with room for every level. */
export function createScores(levelCount: number): Scores {
  return {
    score: new Float64Array(levelCount),
    level: new Int32Array(levelCount),
    compensationBytes: new Float64Array(levelCount),
    count: 0,
  };
}

/** True when some level is eligible. */
export function needsCompaction(scores: Scores): boolean {
  return scores.count > 0 && scores.score[0]! >= 1;
}

/** Recomputes and sorts the scores. Files that are inputs of running jobs do not count. */
export function updateScores(scores: Scores, tree: Tree, targets: Targets, options: LsmOptions, behaviours: Behaviours): void {
  const style = options.compaction_style;
  scores.count = style === 'level' ? Math.max(1, tree.levels.length - 1) : 1;
  if (style === 'none' || options.disable_auto_compactions) {
    scores.count = 0;
    return;
  }
  scores.level[0] = 0;
  if (style === 'fifo') scores.score[0] = fifoScore(tree, options, behaviours);
  else if (style === 'universal') scores.score[0] = universalScore(tree, options);
  else leveledScores(scores, tree, targets, options, behaviours);
  sortScores(scores);
}

function fifoScore(tree: Tree, options: LsmOptions, behaviours: Behaviours): number {
  const level = tree.levels[0]!;
  const size = level.bytes / options.fifo_max_table_files_size;
  if (!options.fifo_allow_compaction) return size;
  const files = level.idleCount / options.level0_file_num_compaction_trigger;
  if (behaviours.fifoScoreIsMaximum) return Math.max(size, files);
  return size >= 1 ? size : Math.max(size, files);
}

function universalScore(tree: Tree, options: LsmOptions): number {
  let idleRuns = tree.levels[0]!.idleCount;
  for (let i = 1; i < tree.levels.length; i++) {
    const level = tree.levels[i]!;
    if (level.count > 0 && level.idleCount === level.count) idleRuns++;
  }
  return idleRuns / options.level0_file_num_compaction_trigger;
}

function leveledScores(scores: Scores, tree: Tree, targets: Targets, options: LsmOptions, behaviours: Behaviours): void {
  const { levels } = tree;
  const level0 = levels[0]!;
  const { compensationBytes } = scores;
  const idleBytes0 = level0.idleBytes + compensationBytes[0]!;
  const dynamic = options.level_compaction_dynamic_level_bytes;
  const base = targets.baseLevel;
  let score0 = level0.idleCount / options.level0_file_num_compaction_trigger;
  if (!dynamic) {
    score0 = Math.max(score0, idleBytes0 / options.max_bytes_for_level_base);
  } else {
    if (idleBytes0 >= options.max_bytes_for_level_base) score0 = Math.max(score0, 1.01);
    const baseTarget = targets.targetBytes[base]!;
    if (idleBytes0 > baseTarget) {
      score0 = Math.max(score0, idleBytes0 / Math.max(levels[base]!.bytes, baseTarget));
    }
    if (behaviours.dynamicScoresScaled && score0 > 1) score0 *= DYNAMIC_SCALE;
  }
  scores.score[0] = score0;
  let comingDownBytes = level0.bytes;
  for (let i = 1; i < scores.count; i++) {
    const level = levels[i]!;
    const target = targets.targetBytes[i]!;
    const idleBytes = level.idleBytes + compensationBytes[i]!;
    let score: number;
    if (!dynamic || !behaviours.dynamicScoresScaled) {
      score = idleBytes / target;
    } else if (idleBytes < target) {
      score = idleBytes / target;
    } else {
      score = (idleBytes / (target + comingDownBytes)) * DYNAMIC_SCALE;
    }
    if (dynamic) {
      const unnecessary = i <= targets.lowestUnnecessaryLevel;
      if (unnecessary && level.count > 0) {
        score = Math.max(score, DYNAMIC_SCALE * (1.001 + 0.001 * (targets.lowestUnnecessaryLevel - i)));
        comingDownBytes += level.bytes;
      } else if (level.bytes > target) {
        comingDownBytes += level.bytes - target;
      }
    }
    scores.score[i] = score;
    scores.level[i] = i;
  }
}

/** RocksDB's exchange sort, copied because ties come out in its order. */
function sortScores(scores: Scores): void {
  const { score, level, count } = scores;
  for (let i = 0; i < count - 1; i++) {
    for (let j = i + 1; j < count; j++) {
      if (score[i]! >= score[j]!) continue;
      const s = score[i]!;
      score[i] = score[j]!;
      score[j] = s;
      const l = level[i]!;
      level[i] = level[j]!;
      level[j] = l;
    }
  }
}
