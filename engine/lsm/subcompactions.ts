/**
 * Where a compaction is split into slices that run on threads of their own (max_subcompactions).
 *
 * Source: db/compaction/compaction_job.cc GenSubcompactionBoundaries and compaction.cc ShouldFormSubcompactions. Since 7.6 anchors inside the
 * input files make all slices but the last equally large; before, a slice began only where an input file does, so that there are hardly more
 * of them than files of the output level, and some have twice the work of others (num_subcompactions in the LOGs of bench/ledger-runs.ts,
 * RocksDB 6.4: 11 to 14 of 20 allowed).
 */
import type { LsmOptions } from '../rocksdb/options.js';
import type { Behaviours } from '../rocksdb/version.js';
import { BYTES, HI, LO } from './file-table.js';
import type { CompactionTask } from './task.js';
import type { Tree } from './tree.js';

/** Output files are taken to be filled so far before 7.6 (min_file_fill_percent). */
const FILE_FILL_FRACTION = 0.8;
const whole: readonly number[] = [];

/** Key positions at which a job is split, ascending, inside its key range; none: one thread does it all. `targetFileBytes` is the output level's. */
export function splitsOf(
  tree: Tree,
  task: CompactionTask,
  options: LsmOptions,
  behaviours: Behaviours,
  targetFileBytes: number,
  isManual: boolean,
): readonly number[] {
  if (options.max_subcompactions <= 1 || !maySplit(task, options, isManual)) return whole;
  return behaviours.subcompactionAnchors
    ? evenSplits(tree, task, options.max_subcompactions, targetFileBytes)
    : fileSplits(tree, task, options.max_subcompactions, targetFileBytes);
}

/** L0 to base (or manual) when leveled, any output below L0 in universal, everything with round-robin. */
function maySplit(task: CompactionTask, options: LsmOptions, isManual: boolean): boolean {
  if (task.outputLevel === 0) return false;
  if (options.compaction_style === 'universal') return options.num_levels > 1;
  return options.compaction_style === 'level' && (task.inputs[0]!.level === 0 || isManual || options.compaction_pri === 'kRoundRobin');
}

/** Slices of `target_range_size` each; the last one is what is left. */
function evenSplits(tree: Tree, task: CompactionTask, most: number, targetFileBytes: number): readonly number[] {
  const { rows } = tree.files;
  const bounds = distinct(task.inputs.flatMap(({ ids }) => ids.flatMap((id) => [rows[(id << 3) + LO]!, rows[(id << 3) + HI]!])));
  const below = bounds.map((position) => bytesBelow(tree, task, position));
  const total = below[below.length - 1]!;
  const sliceBytes = Math.max(total / most, targetFileBytes);
  const splits: number[] = [];
  let at = 1;
  for (let bytes = sliceBytes; bytes < total - 1 && splits.length + 1 < most; bytes += sliceBytes) {
    while (below[at]! < bytes) at++;
    const part = (bytes - below[at - 1]!) / (below[at]! - below[at - 1]!);
    splits.push(bounds[at - 1]! + part * (bounds[at]! - bounds[at - 1]!));
  }
  return splits;
}

/** Ranges between the ends of input files, put together until they hold an even part. */
function fileSplits(tree: Tree, task: CompactionTask, most: number, targetFileBytes: number): readonly number[] {
  const bounds = distinct(task.inputs.flatMap(({ level, ids }) => boundsOf(tree, ids, level, task.outputLevel)));
  const below = bounds.map((position) => bytesBelow(tree, task, position));
  const total = below[below.length - 1]! - below[0]!;
  let left = Math.min(bounds.length - 1, most, Math.ceil(total / FILE_FILL_FRACTION / targetFileBytes));
  const meanBytes = total / left;
  const splits: number[] = [];
  let from = below[0]!;
  for (let i = 1; i < bounds.length - 1 && left > 1; i++) {
    if (below[i]! - from < meanBytes) continue;
    splits.push(bounds[i]!);
    from = below[i]!;
    left--;
  }
  return splits;
}

/** Of level 0 both ends of each file; of the others the ends of all, and of the output level where each file starts. */
function boundsOf(tree: Tree, ids: readonly number[], level: number, outputLevel: number): number[] {
  const { rows } = tree.files;
  const starts = ids.map((id) => rows[(id << 3) + LO]!);
  if (level === 0) return [...starts, ...ids.map((id) => rows[(id << 3) + HI]!)];
  const end = rows[(ids[ids.length - 1]! << 3) + HI]!;
  return level === outputLevel ? [...starts, end] : [starts[0]!, end];
}

/** Bytes of the inputs below a key; keys are spread evenly over a file's range. */
function bytesBelow(tree: Tree, task: CompactionTask, position: number): number {
  const { rows } = tree.files;
  let bytes = 0;
  for (const { ids } of task.inputs) {
    for (const id of ids) {
      const lo = rows[(id << 3) + LO]!;
      const hi = rows[(id << 3) + HI]!;
      bytes += rows[(id << 3) + BYTES]! * Math.min(1, Math.max(0, (position - lo) / (hi - lo)));
    }
  }
  return bytes;
}

function distinct(positions: number[]): number[] {
  return positions.sort((a, b) => a - b).filter((position, i, all) => i === 0 || position !== all[i - 1]);
}
