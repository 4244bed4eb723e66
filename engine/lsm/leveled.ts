/**
 * What RocksDB's leveled compaction does next. Source: db/compaction/compaction_picker_level.cc (LevelCompactionBuilder) and
 * compaction_picker.cc (SetupOtherInputs), rocksdb-semantics section 3.
 *
 * 1. Levels are tried by descending score while it is 1 or more. A level-0 attempt that fails bars the base level as a source.
 * 2. Level 0: all files that overlap, with all files of the base level that overlap; nothing of it may be busy. Otherwise
 *    intra-L0: the newest idle files into one.
 * 3. Other levels: files in compaction_pri order, the first whose range and output files are free.
 * 4. When no score is 1 or more: files older than ttl.
 * 5. The inputs grow by start-level files that bring no further output files. Without output files the job is a trivial move.
 */
import { expiredFiles } from './expiry.js';
import { bytesOverlapping, firstEndingAbove, firstStartingAt, overlapsAny } from './key-ranges.js';
import type { PickerView, CompactionTask } from './task.js';
import {
  BYTES,
  HI,
  LARGEST_SEQ,
  LO,
  SMALLEST_SEQ,
  firstIdle,
  idsBetween,
  passOver,
  positionOf,
  restoreIdle,
  type Level,
  type Tree,
} from './tree.js';

/** Fewest files of an intra-L0 compaction (kMinFilesForIntraL0Compaction). */
const INTRA_L0_FILES_MIN = 4;

/** The next compaction, or null when nothing can run now. */
export function pickLeveled(view: PickerView): CompactionTask | null {
  const { scores, targets } = view;
  let skippedL0 = false;
  for (let rank = 0; rank < scores.count && scores.score[rank]! >= 1; rank++) {
    const level = scores.level[rank]!;
    if (level === 0) {
      const picked = pickL0(view) ?? pickIntraL0(view);
      if (picked !== null) return picked;
      skippedL0 = true;
      continue;
    }
    if (skippedL0 && level === targets.baseLevel) continue;
    const picked = pickFromLevel(view, level);
    if (picked !== null) return picked;
  }
  return pickExpired(view);
}

/** When no level needs it: a file that is older than ttl goes one level down (PickExpiredTtlFiles). */
function pickExpired(view: PickerView): CompactionTask | null {
  for (const { level, id } of expiredFiles(view)) {
    const task = level === 0 ? pickL0(view) : compactFile(view, level, id);
    if (task !== null) return { ...task, reason: 'Ttl' };
  }
  return null;
}

/** What would run out of one level now, whatever its score; null when nothing can. */
export function compactLevel(view: PickerView, level: number): CompactionTask | null {
  if (level + 1 >= view.tree.levels.length) return null;
  return level === 0 ? (pickL0(view) ?? pickIntraL0(view)) : pickFromLevel(view, level);
}

/** The same for one file of a level above 0; null when it cannot run now. */
export function compactFile(view: PickerView, level: number, id: number): CompactionTask | null {
  return level < 1 || level + 1 >= view.tree.levels.length || view.tree.files.busy[id] === 1 ? null : taskFrom(view, level, id);
}

function pickL0(view: PickerView): CompactionTask | null {
  const { tree, targets, options, behaviours } = view;
  const level0 = tree.levels[0]!;
  if (level0.count === 0) return null;
  if (view.running.some((job) => job.startLevel === 0)) return behaviours.sizeBasedIntraL0 ? pickSizeBasedIntraL0(view) : null;
  const outputLevel = targets.baseLevel;
  const moved = pickL0Move(view, outputLevel);
  if (moved !== null) return moved;
  if (behaviours.sizeBasedIntraL0) {
    const intra = pickSizeBasedIntraL0(view);
    if (intra !== null) return intra;
  }
  for (const first of l0InPriorityOrder(view)) {
    if (tree.files.busy[first] === 1) continue;
    const ids = overlappingL0(tree, first);
    if (ids.some((id) => tree.files.busy[id] === 1)) continue;
    const range = rangeOf(tree, ids);
    if (conflictsWithRunning(view, outputLevel, range.lo, range.hi)) continue;
    const task = withOutputs(view, 0, ids, outputLevel, 'LevelL0FilesNum');
    if (task === null) continue;
    const alone = task.inputs.length === 1 && ids.length === 1;
    return alone && movable(view, ids, outputLevel, options.max_compaction_bytes) ? { ...task, kind: 'move' } : task;
  }
  return null;
}

/** L0 files in compaction_pri order against level 1 (L0 is always compared with level 1). Few files, so they are sorted here. */
function l0InPriorityOrder(view: PickerView): readonly number[] {
  const { tree, options } = view;
  const { files } = tree;
  const level0 = tree.levels[0]!;
  // Files that all span the same keys make the same compaction, whichever comes first.
  const oldest = level0.ids[0]!;
  let same = true;
  for (let i = 1; i < level0.count && same; i++) {
    const id = level0.ids[i]!;
    same = files.rows[(id << 3) + LO] === files.rows[(oldest << 3) + LO] && files.rows[(id << 3) + HI] === files.rows[(oldest << 3) + HI];
  }
  if (same) return [oldest];
  const ids = idsBetween(level0, 0, level0.count);
  const next = tree.levels[1]!;
  const priority = new Map<number, number>();
  for (const id of ids) {
    let value = files.rows[(id << 3) + LO]!;
    if (options.compaction_pri === 'kMinOverlappingRatio') {
      value = Math.floor(
        (bytesOverlapping(next.ranges, files.rows[(id << 3) + LO]!, files.rows[(id << 3) + HI]!) * 1024) / files.rows[(id << 3) + BYTES]!,
      );
    } else if (options.compaction_pri === 'kByCompensatedSize') value = -files.rows[(id << 3) + BYTES]!;
    else if (options.compaction_pri === 'kOldestLargestSeqFirst') value = files.rows[(id << 3) + LARGEST_SEQ]!;
    else if (options.compaction_pri === 'kOldestSmallestSeqFirst') value = files.rows[(id << 3) + SMALLEST_SEQ]!;
    priority.set(id, value);
  }
  return ids.sort(
    (a, b) =>
      priority.get(a)! - priority.get(b)! ||
      files.rows[(a << 3) + LO]! - files.rows[(b << 3) + LO]! ||
      files.rows[(a << 3) + LARGEST_SEQ]! - files.rows[(b << 3) + LARGEST_SEQ]!,
  );
}

/** Every L0 file that overlaps the first one, directly or through others; oldest first. */
function overlappingL0(tree: Tree, first: number): number[] {
  const level0 = tree.levels[0]!;
  const { rows } = tree.files;
  let from = rows[(first << 3) + LO]!;
  let to = rows[(first << 3) + HI]!;
  for (let round = 0; round <= level0.count; round++) {
    let grown = false;
    for (let i = 0; i < level0.count; i++) {
      const id = level0.ids[i]!;
      if (rows[(id << 3) + LO]! >= to || rows[(id << 3) + HI]! <= from) continue;
      if (rows[(id << 3) + LO]! < from || rows[(id << 3) + HI]! > to) grown = true;
      from = Math.min(from, rows[(id << 3) + LO]!);
      to = Math.max(to, rows[(id << 3) + HI]!);
    }
    if (!grown) break;
  }
  const ids: number[] = [];
  for (let i = 0; i < level0.count; i++) {
    const id = level0.ids[i]!;
    if (rows[(id << 3) + LO]! < to && rows[(id << 3) + HI]! > from) ids.push(id);
  }
  return ids;
}

/** TryPickL0TrivialMove: the oldest L0 files, as long as they overlap neither each other nor the base level, which must hold files. */
function pickL0Move(view: PickerView, outputLevel: number): CompactionTask | null {
  const { tree, options } = view;
  const level0 = tree.levels[0]!;
  const output = tree.levels[outputLevel]!;
  if (output.count === 0 || options.compression_per_level.length > 0) return null;
  const { busy, rows } = tree.files;
  const ids: number[] = [];
  for (let i = 0; i < level0.count; i++) {
    const id = level0.ids[i]!;
    if (busy[id] === 1 || overlapsAny(output.ranges, rows[(id << 3) + LO]!, rows[(id << 3) + HI]!)) break;
    if (ids.some((other) => rows[(id << 3) + LO]! < rows[(other << 3) + HI]! && rows[(other << 3) + LO]! < rows[(id << 3) + HI]!)) break;
    ids.push(id);
  }
  if (ids.length === 0) return null;
  const range = rangeOf(tree, ids);
  if (conflictsWithRunning(view, outputLevel, range.lo, range.hi)) return null;
  return { reason: 'LevelL0FilesNum', kind: 'move', inputs: [{ level: 0, ids }], outputLevel };
}

/** PickIntraL0Compaction: the newest idle files while the work for each file removed does not grow. */
function pickIntraL0(view: PickerView): CompactionTask | null {
  const { tree, options, behaviours } = view;
  const level0 = tree.levels[0]!;
  const { busy, rows } = tree.files;
  const count = level0.count;
  if (count < options.level0_file_num_compaction_trigger + 2 || busy[level0.ids[count - 1]!] === 1) return null;
  let start = count - 1;
  if (!behaviours.intraL0IgnoresMemtableSeqnos) {
    while (start >= 0 && rows[(level0.ids[start]! << 3) + LARGEST_SEQ]! > view.oldestMemtableSeq) {
      if (busy[level0.ids[start]!] === 1) return null;
      start--;
    }
    if (start < 0) return null;
  }
  let totalBytes = rows[(level0.ids[start]! << 3) + BYTES]!;
  let bytesPerRemoved = Infinity;
  let end = start - 1;
  for (; end >= 0; end--) {
    totalBytes += rows[(level0.ids[end]! << 3) + BYTES]!;
    const next = Math.floor(totalBytes / (start - end));
    if (busy[level0.ids[end]!] === 1 || next > bytesPerRemoved || totalBytes > options.max_compaction_bytes) break;
    bytesPerRemoved = next;
  }
  if (start - end < INTRA_L0_FILES_MIN) return null;
  return intraL0(tree, end + 1, start + 1);
}

/** PickSizeBasedIntraL0Compaction (9.0): L0 is small against the base level, so merging it into the base level would cost too much. */
function pickSizeBasedIntraL0(view: PickerView): CompactionTask | null {
  const { tree, options, targets } = view;
  const level0 = tree.levels[0]!;
  const { busy } = tree.files;
  if (level0.count < Math.max(2, options.level0_file_num_compaction_trigger)) return null;
  const baseBytes = tree.levels[targets.baseLevel]!.bytes;
  if (baseBytes <= 2 * Math.max(10, options.max_bytes_for_level_multiplier) * level0.bytes) return null;
  let from = level0.count;
  while (from > 0 && busy[level0.ids[from - 1]!] === 0) from--;
  return level0.count - from < 2 ? null : intraL0(tree, from, level0.count);
}

function intraL0(tree: Tree, from: number, to: number): CompactionTask {
  const ids = idsBetween(tree.levels[0]!, from, to);
  return { reason: 'LevelL0FilesNum', kind: 'merge', inputs: [{ level: 0, ids }], outputLevel: 0 };
}

function pickFromLevel(view: PickerView, levelIndex: number): CompactionTask | null {
  const { tree, options } = view;
  if (options.compaction_pri === 'kRoundRobin') return pickRoundRobin(view, levelIndex);
  const skipped: number[] = [];
  let task: CompactionTask | null = null;
  // A file that cannot run now is passed over; the order is put back afterwards.
  for (let id = firstIdle(tree, levelIndex); id >= 0; id = firstIdle(tree, levelIndex)) {
    task = taskFrom(view, levelIndex, id);
    if (task !== null) break;
    passOver(tree, levelIndex, id);
    skipped.push(id);
  }
  for (const id of skipped) restoreIdle(tree, levelIndex, id);
  return task;
}

/** kRoundRobin: from the cursor on; the cursor's file must be idle. Consecutive files are added until the level is within its target. */
function pickRoundRobin(view: PickerView, levelIndex: number): CompactionTask | null {
  const { tree, options, targets } = view;
  const level = tree.levels[levelIndex]!;
  const { files } = tree;
  if (level.count === 0) return null;
  let at = firstEndingAbove(level.ranges, level.cursor);
  if (at >= level.count) at = 0;
  const ids: number[] = [];
  let totalBytes = 0;
  const excess = level.idleBytes - targets.targetBytes[levelIndex]!;
  for (let i = at; i < level.count; i++) {
    const id = level.ids[i]!;
    if (files.busy[id] === 1) break;
    const withOutput =
      totalBytes +
      files.rows[(id << 3) + BYTES]! +
      bytesOverlapping(tree.levels[levelIndex + 1]!.ranges, files.rows[(level.ids[at]! << 3) + LO]!, files.rows[(id << 3) + HI]!);
    if (ids.length > 0 && (totalBytes >= excess || withOutput > options.max_compaction_bytes)) break;
    ids.push(id);
    totalBytes += files.rows[(id << 3) + BYTES]!;
  }
  if (ids.length === 0) return null;
  const range = rangeOf(tree, ids);
  if (conflictsWithRunning(view, levelIndex + 1, range.lo, range.hi)) return null;
  return moveOrMerge(view, levelIndex, ids);
}

function taskFrom(view: PickerView, levelIndex: number, id: number): CompactionTask | null {
  const { rows } = view.tree.files;
  if (conflictsWithRunning(view, levelIndex + 1, rows[(id << 3) + LO]!, rows[(id << 3) + HI]!)) return null;
  return moveOrMerge(view, levelIndex, [id]);
}

function moveOrMerge(view: PickerView, levelIndex: number, ids: readonly number[]): CompactionTask | null {
  const { tree, options } = view;
  const range = rangeOf(tree, ids);
  if (overlapsAny(tree.levels[levelIndex + 1]!.ranges, range.lo, range.hi)) {
    return withOutputs(view, levelIndex, ids, levelIndex + 1, 'LevelMaxLevelSize');
  }
  const extended = ids.length === 1 ? extendMove(view, levelIndex, ids[0]!) : ids;
  const kind = movable(view, extended, levelIndex + 1, options.max_compaction_bytes) ? 'move' : 'merge';
  return { reason: 'LevelMaxLevelSize', kind, inputs: [{ level: levelIndex, ids: extended }], outputLevel: levelIndex + 1 };
}

/** TryExtendNonL0TrivialMove: neighbours go along, to the right (since 8.3 also to the left), while nothing below lies within the range of all. */
function extendMove(view: PickerView, levelIndex: number, id: number): readonly number[] {
  const { tree, options, behaviours } = view;
  if (options.compression_per_level.length > 0) return [id];
  const level = tree.levels[levelIndex]!;
  const next = tree.levels[levelIndex + 1]!;
  const { files } = tree;
  const ids = [id];
  const lo = files.rows[(id << 3) + LO]!;
  const hi = files.rows[(id << 3) + HI]!;
  let totalBytes = files.rows[(id << 3) + BYTES]!;
  const at = positionOf(tree, level, id);
  const extend = (step: 1 | -1): void => {
    for (let i = at + step; i >= 0 && i < level.count && ids.length < behaviours.trivialMoveFilesMax; i += step) {
      const other = level.ids[i]!;
      totalBytes += files.rows[(other << 3) + BYTES]!;
      if (files.busy[other] === 1 || totalBytes > options.max_compaction_bytes) return;
      const from = Math.min(lo, files.rows[(other << 3) + LO]!);
      const to = Math.max(hi, files.rows[(other << 3) + HI]!);
      if (overlapsAny(next.ranges, from, to) || conflictsWithRunning(view, levelIndex + 1, from, to)) return;
      if (step === 1) ids.push(other);
      else ids.unshift(other);
    }
  };
  extend(1);
  if (behaviours.trivialMoveExtendsLeft) extend(-1);
  return ids;
}

/** IsTrivialMove: same compression, and no file would meet more than max_compaction_bytes of grandparents later. */
function movable(view: PickerView, ids: readonly number[], outputLevel: number, maxCompactionBytes: number): boolean {
  const { tree, options } = view;
  if (options.compression_per_level.length > 0) return false;
  const grandparents = tree.levels[outputLevel + 1];
  if (grandparents === undefined) return options.bottommost_compression === 'disable';
  const { files } = tree;
  return ids.every(
    (id) =>
      files.rows[(id << 3) + BYTES]! + bytesOverlapping(grandparents.ranges, files.rows[(id << 3) + LO]!, files.rows[(id << 3) + HI]!) <=
      maxCompactionBytes,
  );
}

/** Adds the output level's files, then grows the start level where that is free (SetupOtherInputs). Null when a file is busy. */
function withOutputs(
  view: PickerView,
  startLevel: number,
  startIds: readonly number[],
  outputLevel: number,
  reason: CompactionTask['reason'],
): CompactionTask | null {
  const { tree } = view;
  const { files } = tree;
  const output = tree.levels[outputLevel]!;
  const range = rangeOf(tree, startIds);
  const from = firstEndingAbove(output.ranges, range.lo);
  const to = firstStartingAt(output.ranges, range.hi);
  const outputIds: number[] = [];
  for (let i = from; i < to; i++) {
    const id = output.ids[i]!;
    if (files.busy[id] === 1) return null;
    outputIds.push(id);
  }
  if (outputIds.length === 0) return { reason, kind: 'merge', inputs: [{ level: startLevel, ids: startIds }], outputLevel };
  const grown = startLevel === 0 ? startIds : growStart(view, startLevel, startIds, output, from, to);
  return {
    reason,
    kind: 'merge',
    inputs: [
      { level: startLevel, ids: grown },
      { level: outputLevel, ids: outputIds },
    ],
    outputLevel,
  };
}

/** Start-level files inside the combined range: all that overlap it if no output file more is needed, else those wholly inside. */
function growStart(
  view: PickerView,
  startLevel: number,
  startIds: readonly number[],
  output: Level,
  from: number,
  to: number,
): readonly number[] {
  const { tree, behaviours, options } = view;
  const { files } = tree;
  const level = tree.levels[startLevel]!;
  const start = rangeOf(tree, startIds);
  const lo = Math.min(start.lo, files.rows[(output.ids[from]! << 3) + LO]!);
  const hi = Math.max(start.hi, files.rows[(output.ids[to - 1]! << 3) + HI]!);
  let outputBytes = 0;
  for (let i = from; i < to; i++) outputBytes += files.rows[(output.ids[i]! << 3) + BYTES]!;
  const limit = behaviours.startLevelExpansionFactor * options.max_compaction_bytes;
  const first = firstEndingAbove(level.ranges, lo);
  const last = firstStartingAt(level.ranges, hi);
  const isAllowed = (a: number, b: number): boolean => {
    if (b - a <= startIds.length) return false;
    let bytes = outputBytes;
    for (let i = a; i < b; i++) {
      const id = level.ids[i]!;
      if (files.busy[id] === 1) return false;
      bytes += files.rows[(id << 3) + BYTES]!;
    }
    return bytes < limit;
  };
  if (isAllowed(first, last)) {
    const outFrom = firstEndingAbove(output.ranges, files.rows[(level.ids[first]! << 3) + LO]!);
    const outTo = firstStartingAt(output.ranges, files.rows[(level.ids[last - 1]! << 3) + HI]!);
    if (outFrom === from && outTo === to) return idsBetween(level, first, last);
  }
  let a = first;
  let b = last;
  while (a < b && files.rows[(level.ids[a]! << 3) + LO]! < lo) a++;
  while (b > a && files.rows[(level.ids[b - 1]! << 3) + HI]! > hi) b--;
  return isAllowed(a, b) ? idsBetween(level, a, b) : startIds;
}

/** FilesRangeOverlapWithCompaction: a running compaction writes to the same level in this range. */
function conflictsWithRunning(view: PickerView, outputLevel: number, lo: number, hi: number): boolean {
  for (const job of view.running) {
    if (job.task.outputLevel === outputLevel && job.lo < hi && lo < job.hi) return true;
  }
  return false;
}

/** Key range of some files. */
export function rangeOf(tree: Tree, ids: readonly number[]): { lo: number; hi: number } {
  const { rows } = tree.files;
  let from = Infinity;
  let to = -Infinity;
  for (const id of ids) {
    from = Math.min(from, rows[(id << 3) + LO]!);
    to = Math.max(to, rows[(id << 3) + HI]!);
  }
  return { lo: from, hi: to };
}
