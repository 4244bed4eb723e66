/**
 * An independent checker of the LSM model's state: it reads files, levels, memtables and running jobs, recomputes by the plainest means
 * what the model keeps up to date, and says where the two differ. It shares no code with the model but the types.
 */
import { PRIORITY } from '../../engine/lsm/key-ranges.js';
import type { FamilyState, HostState, Job, Observer } from '../../engine/lsm/state.js';
import {
  BYTES,
  DRAWS_PER_KEY,
  ENTRIES,
  HI,
  LARGEST_SEQ,
  LO,
  SMALLEST_SEQ,
  type FileTable,
  type Level,
  type Tree,
} from '../../engine/lsm/tree.js';

/** One file, read out of the tree's columns. */
export interface FileView {
  readonly id: number;
  readonly lo: number;
  readonly hi: number;
  readonly bytes: number;
  readonly entries: number;
  readonly drawsPerKey: number;
  readonly smallestSeq: number;
  readonly largestSeq: number;
  readonly busy: boolean;
}

/** The file of this id: the one place in the tests that knows how a tree stores its files. */
export function fileOf(tree: Tree, id: number): FileView {
  const { rows, busy }: FileTable = tree.files;
  const at = (column: number): number => rows[8 * id + column]!;
  return {
    id,
    lo: at(LO),
    hi: at(HI),
    bytes: at(BYTES),
    entries: at(ENTRIES),
    drawsPerKey: at(DRAWS_PER_KEY),
    smallestSeq: at(SMALLEST_SEQ),
    largestSeq: at(LARGEST_SEQ),
    busy: busy[id] === 1,
  };
}

/** Ids of a level's files, in the level's order. */
export function idsOf(tree: Tree, level: number): number[] {
  const { ids, count } = tree.levels[level]!;
  return Array.from(ids.subarray(0, count));
}

/** A level's files, in the level's order. */
export function filesOf(tree: Tree, level: number): FileView[] {
  return idsOf(tree, level).map((id) => fileOf(tree, id));
}

function sumOf(files: readonly FileView[]): number {
  return files.reduce((total, { bytes }) => total + bytes, 0);
}

/** Everything wrong with a tree by itself, one line each; empty when all is well. */
export function checkTree(tree: Tree): string[] {
  const problems: string[] = [];
  const seen = new Set<number>(tree.files.free.subarray(0, tree.files.freeCount));
  const all = tree.levels.map((level) => filesOf(tree, level.index));
  tree.levels.forEach((level, index) => {
    const name = `L${index}`;
    const files = all[index]!;
    for (const file of files) {
      if (seen.has(file.id)) problems.push(`${name}: file ${file.id} is free or in the tree twice`);
      seen.add(file.id);
      if (!(file.lo < file.hi)) problems.push(`${name}: file ${file.id} has no key range`);
      if (!(file.bytes > 0) || !Number.isInteger(file.bytes)) problems.push(`${name}: file ${file.id} has no whole bytes`);
      if (!(file.entries > 0)) problems.push(`${name}: file ${file.id} has no entries`);
    }
    problems.push(...(index === 0 ? checkAges(files) : [...checkOrder(name, files), ...checkRanges(name, level, files)]));
    problems.push(...checkSums(level, files));
    // A level has an order from the first time that its files are asked for by priority.
    if (index > 0 && level.ordered) problems.push(...checkIdleOrder(tree, level, files, all[index + 1] ?? []));
  });
  const files = all.flat();
  if (files.length !== tree.fileCount) problems.push(`the tree counts ${tree.fileCount} files, its levels hold ${files.length}`);
  if (sumOf(files) !== tree.totalBytes) problems.push(`the tree counts ${tree.totalBytes} bytes, its levels hold ${sumOf(files)}`);
  return problems;
}

/** Puts are a fluid, so where one file ends and the next begins is known to a rounding error. */
const putTolerance = 1e-6;

/** Level 0: oldest first, no two files with puts of one time. */
function checkAges(files: readonly FileView[]): string[] {
  return files.flatMap((file, i) => {
    const before = files[i - 1];
    return before === undefined || before.largestSeq <= file.smallestSeq + putTolerance
      ? []
      : [`L0: file ${file.id} from put ${file.smallestSeq} lies behind file ${before.id} up to put ${before.largestSeq}`];
  });
}

function checkOrder(name: string, files: readonly FileView[]): string[] {
  return files.flatMap((file, i) => {
    const before = files[i - 1];
    return before === undefined || before.hi <= file.lo ? [] : [`${name}: files ${before.id} and ${file.id} overlap or are out of order`];
  });
}

/** The ranges beside the ids are those of the files, in blocks of which none is empty. */
function checkRanges(name: string, { ranges }: Level, files: readonly FileView[]): string[] {
  const problems: string[] = [];
  let before = 0;
  for (let block = 0; block < ranges.blockCount; block++) {
    const [first, count] = [ranges.firstRow[block]!, ranges.blockFiles[block]!];
    if (count === 0 || ranges.filesBefore[block] !== before) problems.push(`${name}: block ${block} has ${count} files behind ${before}`);
    if (ranges.blockEnd[block] !== ranges.rows[((first + count - 1) << 2) + HI]) problems.push(`${name}: block ${block} ends elsewhere`);
    for (let i = 0; i < count; i++) {
      const file = files[before + i];
      const [lo, hi, bytes] = ranges.rows.subarray((first + i) << 2, (first + i + 1) << 2);
      const same = lo === file?.lo && hi === file?.hi && bytes === file?.bytes;
      if (!same) problems.push(`${name}: the range at ${before + i} is not file ${file?.id}'s`);
    }
    before += count;
  }
  if (before !== files.length || ranges.count !== before) problems.push(`${name}: ranges of ${before} files, not of ${files.length}`);
  return problems;
}

function checkSums(level: Level, files: readonly FileView[]): string[] {
  const idle = files.filter(({ busy }) => !busy);
  const expected = { bytes: sumOf(files), idleCount: idle.length, idleBytes: sumOf(idle) };
  return (['bytes', 'idleCount', 'idleBytes'] as const).flatMap((key) =>
    level[key] === expected[key] ? [] : [`L${level.index}: ${key} is ${level[key]}, its files give ${expected[key]}`],
  );
}

/** The order of idle files: each has its priority, worked out from scratch, busy ones have none, and what blocks know of their least is right. */
function checkIdleOrder(tree: Tree, level: Level, files: readonly FileView[], below: readonly FileView[]): string[] {
  const name = `L${level.index}`;
  const { blockCount, filesBefore, blockFiles, blockLeast, firstRow, rows } = level.ranges;
  const wanted = files.map((file) => (file.busy ? Infinity : naivePriority(tree, file, below)));
  const problems: string[] = [];
  for (let block = 0; block < blockCount; block++) {
    const inBlock = wanted.slice(filesBefore[block], filesBefore[block]! + blockFiles[block]!);
    inBlock.forEach((value, i) => {
      const found = rows[((firstRow[block]! + i) << 2) + PRIORITY];
      if (found !== value) problems.push(`${name}: file ${files[filesBefore[block]! + i]?.id} has priority ${found}, not ${value}`);
    });
    const least = blockLeast[block]!;
    if (!Number.isNaN(least) && least !== Math.min(...inBlock)) problems.push(`${name}: block ${block} has no priority ${least}`);
  }
  return problems;
}

/** compaction_pri by its definition, smaller first; `below` are the files of the next level. */
export function naivePriority(tree: Tree, file: FileView, below: readonly FileView[]): number {
  switch (tree.pri) {
    case 'kByCompensatedSize':
      return -file.bytes;
    case 'kOldestLargestSeqFirst':
      return file.largestSeq;
    case 'kOldestSmallestSeqFirst':
      return file.smallestSeq;
    case 'kRoundRobin':
      return file.lo;
    case 'kMinOverlappingRatio':
      return Math.floor((sumOf(below.filter(({ lo, hi }) => lo < file.hi && file.lo < hi)) * 1024) / file.bytes);
  }
}

/** Everything wrong with the whole state right after a commit. */
export function checkHost(host: HostState): string[] {
  return host.stores.flatMap((store) =>
    store.families.flatMap((family) => {
      const { tree, options, running, immutables } = family;
      const problems = checkTree(tree);
      const locked = running.flatMap(({ task }) => task.inputs.flatMap(({ ids }) => ids));
      if (new Set(locked).size !== locked.length) problems.push('two running compactions share a file');
      const busy = allFiles(tree).flatMap((file) => (file.busy ? [file.id] : []));
      if ([...busy].sort(ascending).join() !== [...locked].sort(ascending).join())
        problems.push('the busy files are not the running inputs');
      for (const { task, lo, hi } of running) {
        for (const id of task.inputs.flatMap(({ ids }) => ids)) {
          if (fileOf(tree, id).lo < lo || fileOf(tree, id).hi > hi) problems.push(`input ${id} lies outside the range of its compaction`);
        }
      }
      if (options.compaction_style === 'level') problems.push(...checkExclusion(running));
      if (immutables.length > options.max_write_buffer_number) problems.push(`${immutables.length} immutable memtables`);
      const firsts = [...immutables, family.active].map(({ firstSeq }) => firstSeq);
      if (firsts.join() !== [...firsts].sort(ascending).join()) problems.push('memtables are out of order');
      if (family.debtBytes !== naiveDebt(family)) problems.push(`debt is ${family.debtBytes}, not ${naiveDebt(family)}`);
      const slots = naiveSlots(options.max_background_jobs, options.max_background_flushes, options.max_background_compactions);
      if (store.flushesScheduled > slots.flushes) problems.push(`${store.flushesScheduled} flushes on ${slots.flushes} threads`);
      if (store.compactionsScheduled > slots.compactions) {
        problems.push(`${store.compactionsScheduled} compactions on ${slots.compactions} threads`);
      }
      return problems;
    }),
  );
}

function allFiles(tree: Tree): FileView[] {
  return tree.levels.flatMap((level) => filesOf(tree, level.index));
}

const ascending = (a: number, b: number): number => a - b;

/** Leveled: two running compactions never write overlapping ranges of a level below L0, and one of L0 to a deeper level is alone in that. */
function checkExclusion(running: HostState['stores'][number]['families'][number]['running']): string[] {
  const problems: string[] = [];
  running.forEach((a, i) => {
    for (const b of running.slice(i + 1)) {
      if (a.task.outputLevel > 0 && a.task.outputLevel === b.task.outputLevel && a.lo < b.hi && b.lo < a.hi)
        problems.push('two compactions write one range');
      if (a.startLevel === 0 && b.startLevel === 0 && a.task.outputLevel > 0 && b.task.outputLevel > 0) {
        problems.push('two compactions out of L0');
      }
    }
  });
  return problems;
}

/** GetBGJobLimits. */
function naiveSlots(jobs: number, flushes: number, compactions: number): { flushes: number; compactions: number } {
  if (flushes !== -1 || compactions !== -1) return { flushes: Math.max(1, flushes), compactions: Math.max(1, compactions) };
  const forFlushes = Math.max(1, Math.floor(jobs / 4));
  return { flushes: forFlushes, compactions: Math.max(1, jobs - forFlushes) };
}

/** EstimateCompactionBytesNeeded, as the fact sheet tells it. */
function naiveDebt({ tree, options, targets }: FamilyState): number {
  if (options.compaction_style !== 'level') return 0;
  const size = tree.levels.map((level) => sumOf(filesOf(tree, level.index)));
  const triggered = tree.levels[0]!.count >= options.level0_file_num_compaction_trigger || size[0]! >= options.max_bytes_for_level_base;
  let need = triggered ? size[0]! : 0;
  let carry = need;
  for (let i = targets.baseLevel; i <= options.num_levels - 2; i++) {
    if (i === targets.baseLevel && triggered) need += size[i]!;
    const x = size[i]! + carry;
    carry = Math.max(0, x - targets.targetBytes[i]!);
    if (carry > 0 && size[i + 1]! > 0) need += carry * (size[i + 1]! / x + 1);
  }
  return need;
}

/** What an observed run has done so far, in entries and bytes. */
export interface Tally {
  commits: number;
  flushedEntries: number;
  droppedEntries: number;
  flushedBytes: number;
  /** Bytes that compactions wrote less those they took. */
  mergedBytes: number;
  liveEntries: number;
  liveBytes: number;
}

/**
 * An observer for `startLsm` that checks the state after every commit (`every`: after each n-th) and that no entry and no byte comes from
 * nowhere or gets lost: flushed = live + dropped. For runs that start empty and never empty the store. Throws on the first problem.
 */
export function checkingObserver(every = 1): { observer: Observer; tally: Tally } {
  const tally: Tally = {
    commits: 0,
    flushedEntries: 0,
    droppedEntries: 0,
    flushedBytes: 0,
    mergedBytes: 0,
    liveEntries: 0,
    liveBytes: 0,
  };
  const observer: Observer = (job, host) => {
    tally.commits++;
    count(tally, job);
    if (tally.commits % every !== 0) return;
    const problems = [...checkHost(host), ...checkTally(tally, host)];
    if (problems.length > 0) throw new Error(`at ${host.nowMicros} us, after ${job.kind} ${job.id}: ${problems.join('; ')}`);
  };
  return { observer, tally };
}

function count(tally: Tally, job: Job): void {
  if (job.kind === 'flush') {
    tally.flushedEntries += job.recordsOut;
    tally.flushedBytes += job.bytesOut;
  } else if (job.task?.kind === 'merge') {
    tally.droppedEntries += job.recordsIn - job.recordsOut;
    tally.mergedBytes += job.bytesOut - job.bytesIn;
  } else if (job.task?.kind === 'drop') {
    tally.droppedEntries += job.recordsIn;
    tally.mergedBytes -= job.bytesIn;
  }
}

function checkTally(tally: Tally, host: HostState): string[] {
  const files = host.families.flatMap(({ tree }) => allFiles(tree));
  tally.liveEntries = files.reduce((sum, { entries }) => sum + entries, 0);
  tally.liveBytes = sumOf(files);
  const problems: string[] = [];
  const lost = tally.flushedEntries - tally.droppedEntries - tally.liveEntries;
  if (Math.abs(lost) > 1e-9 * tally.flushedEntries + 1e-6) problems.push(`${lost} entries were lost`);
  if (tally.flushedBytes + tally.mergedBytes !== tally.liveBytes) problems.push('bytes were lost');
  return problems;
}
