/**
 * What RocksDB's universal compaction does next. Source: db/compaction/compaction_picker_universal.cc (rocksdb-semantics, section 7).
 *
 * Sorted runs, newest first: each L0 file, then each non-empty level. Tried in order: size amplification (merge everything newer
 * into the last run), size ratio (a span of runs each no larger than those before it), run count (too many runs, whatever their sizes).
 */
import { BYTES } from './tree.js';
import type { CompactionReason, CompactionTask, PickerView, TaskInput } from './task.js';

interface SortedRun {
  readonly level: number;
  /** L0 only. */
  readonly id: number;
  readonly bytes: number;
  readonly busy: boolean;
}

/** The next compaction, or null when nothing can run now. */
export function pickUniversal(view: PickerView): CompactionTask | null {
  const { options, scores } = view;
  if (scores.count === 0 || scores.score[0]! < 1) return null;
  const runs = sortedRuns(view);
  const trigger = options.level0_file_num_compaction_trigger;
  if (runs.length < trigger) return null;
  const amplified = reduceSizeAmplification(view, runs);
  if (amplified !== null) return amplified;
  const ratio = reduceSortedRuns(view, runs, options.universal_size_ratio, Infinity, 'UniversalSizeRatio');
  if (ratio !== null) return ratio;
  const idle = runs.filter((run) => !run.busy).length;
  const maxRuns = view.behaviours.universalMaxReadAmp && options.universal_max_read_amp > 0 ? options.universal_max_read_amp : trigger;
  if (idle <= maxRuns) return null;
  return reduceSortedRuns(view, runs, Infinity, idle - maxRuns + 1, 'UniversalSortedRunNum');
}

function sortedRuns(view: PickerView): SortedRun[] {
  const { tree } = view;
  const { busy, rows } = tree.files;
  const level0 = tree.levels[0]!;
  const runs: SortedRun[] = [];
  for (let i = level0.count - 1; i >= 0; i--) {
    const id = level0.ids[i]!;
    runs.push({ level: 0, id, bytes: rows[(id << 3) + BYTES]!, busy: busy[id] === 1 });
  }
  for (let i = 1; i < tree.levels.length; i++) {
    const level = tree.levels[i]!;
    if (level.count > 0) runs.push({ level: i, id: -1, bytes: level.bytes, busy: level.idleCount < level.count });
  }
  return runs;
}

/** PickCompactionToReduceSizeAmp: newer runs together at least max_size_amplification_percent of the last one. */
function reduceSizeAmplification(view: PickerView, runs: readonly SortedRun[]): CompactionTask | null {
  const last = runs.length - 1;
  if (last < 1 || runs[last]!.busy) return null;
  let start: number;
  if (view.behaviours.universalSizeAmpLongestSpan) {
    start = last;
    while (start > 0 && !runs[start - 1]!.busy) start--;
  } else {
    start = runs.findIndex((run) => !run.busy);
    if (runs.slice(start, last).some((run) => run.busy)) return null;
  }
  if (start < 0 || start >= last) return null;
  let newerBytes = 0;
  for (let i = start; i < last; i++) newerBytes += runs[i]!.bytes;
  if (newerBytes * 100 < view.options.universal_max_size_amplification_percent * runs[last]!.bytes) return null;
  return merge(view, runs, start, last + 1, 'UniversalSizeAmplification');
}

/** PickCompactionToReduceSortedRuns: the first span, newest first, in which the bytes so far (plus ratio percent) reach the next run. */
function reduceSortedRuns(
  view: PickerView,
  runs: readonly SortedRun[],
  ratioPercent: number,
  maxRuns: number,
  reason: CompactionReason,
): CompactionTask | null {
  const { options } = view;
  const widthMin = Math.max(2, options.universal_min_merge_width);
  const widthMax = Math.min(options.universal_max_merge_width, maxRuns);
  const similar = options.universal_stop_style === 'kCompactionStopStyleSimilarSize';
  for (let start = 0; start < runs.length; start++) {
    if (runs[start]!.busy) continue;
    let candidateBytes = runs[start]!.bytes;
    let end = start + 1;
    for (; end < runs.length && end - start < widthMax; end++) {
      const next = runs[end]!;
      if (next.busy || (candidateBytes * (100 + ratioPercent)) / 100 < next.bytes) break;
      if (similar) {
        if ((next.bytes * (100 + ratioPercent)) / 100 < candidateBytes) break;
        candidateBytes = next.bytes;
      } else {
        candidateBytes += next.bytes;
      }
    }
    if (end - start >= widthMin) return merge(view, runs, start, end, reason);
  }
  return null;
}

function merge(view: PickerView, runs: readonly SortedRun[], start: number, end: number, reason: CompactionReason): CompactionTask {
  const { tree } = view;
  const lastLevel = tree.levels.length - 1;
  const older = runs[end];
  const outputLevel = older === undefined ? lastLevel : older.level === 0 ? 0 : older.level - 1;
  const l0: number[] = [];
  const inputs: TaskInput[] = [];
  // Oldest first within level 0, as the tree keeps them.
  for (let i = end - 1; i >= start; i--) if (runs[i]!.level === 0) l0.push(runs[i]!.id);
  if (l0.length > 0) inputs.push({ level: 0, ids: l0 });
  for (let i = start; i < end; i++) {
    const run = runs[i]!;
    if (run.level === 0) continue;
    const level = tree.levels[run.level]!;
    inputs.push({ level: run.level, ids: Array.from(level.ids.subarray(0, level.count)) });
  }
  return { reason, kind: 'merge', inputs, outputLevel };
}
