/**
 * An independent checker of the LSM model's state: it reads files, levels, memtables and running jobs, recomputes by the plainest means
 * what the model keeps up to date, and says where the two differ. It shares no code with the model but the types.
 */
import type { HostState, Job, Observer } from '../../engine/lsm/state.js';
import type { Level, Tree } from '../../engine/lsm/tree.js';

/** Ids of a level's files, in the level's order. */
export function idsOf(tree: Tree, level: number): number[] {
  const { ids, count } = tree.levels[level]!;
  return Array.from(ids.subarray(0, count));
}

/** Everything wrong with a tree by itself, one line each; empty when all is well. */
export function checkTree(tree: Tree): string[] {
  const problems: string[] = [];
  const seen = new Set<number>(tree.files.free.subarray(0, tree.files.freeCount));
  let files = 0;
  let bytes = 0;
  for (const level of tree.levels) {
    const name = `L${level.index}`;
    for (const id of idsOf(tree, level.index)) {
      if (seen.has(id)) problems.push(`${name}: file ${id} is free or in the tree twice`);
      seen.add(id);
      if (!(tree.files.lo[id]! < tree.files.hi[id]!)) problems.push(`${name}: file ${id} has no key range`);
      if (!(tree.files.bytes[id]! > 0) || !Number.isInteger(tree.files.bytes[id]!)) problems.push(`${name}: file ${id} has no whole bytes`);
      if (!(tree.files.entries[id]! > 0)) problems.push(`${name}: file ${id} has no entries`);
      bytes += tree.files.bytes[id]!;
      files++;
    }
    problems.push(...(level.index === 0 ? checkAges(tree, level) : [...checkOrder(tree, level), ...checkHeap(tree, level)]));
    problems.push(...checkSums(tree, level));
  }
  if (files !== tree.fileCount) problems.push(`the tree counts ${tree.fileCount} files, its levels hold ${files}`);
  if (bytes !== tree.totalBytes) problems.push(`the tree counts ${tree.totalBytes} bytes, its levels hold ${bytes}`);
  return problems;
}

/** Puts are a fluid, so where one file ends and the next begins is known to a rounding error. */
const putTolerance = 1e-6;

/** Level 0: oldest first, no two files with puts of one time. */
function checkAges(tree: Tree, level: Level): string[] {
  const { smallestSeq, largestSeq } = tree.files;
  const ids = idsOf(tree, level.index);
  return ids.flatMap((id, i) => {
    const before = ids[i - 1];
    return before === undefined || largestSeq[before]! <= smallestSeq[id]! + putTolerance
      ? []
      : [`L0: file ${id} from put ${smallestSeq[id]!} lies behind file ${before} up to put ${largestSeq[before]!}`];
  });
}

function checkOrder(tree: Tree, level: Level): string[] {
  const { lo, hi } = tree.files;
  const ids = idsOf(tree, level.index);
  return ids.flatMap((id, i) => {
    const before = ids[i - 1];
    return before === undefined || hi[before]! <= lo[id]! ? [] : [`L${level.index}: files ${before} and ${id} overlap or are out of order`];
  });
}

function checkSums(tree: Tree, level: Level): string[] {
  const { bytes, busy } = tree.files;
  const ids = idsOf(tree, level.index);
  const idle = ids.filter((id) => busy[id] === 0);
  const sum = (list: readonly number[]): number => list.reduce((total, id) => total + bytes[id]!, 0);
  const expected = { bytes: sum(ids), idleCount: idle.length, idleBytes: sum(idle) };
  return (['bytes', 'idleCount', 'idleBytes'] as const).flatMap((key) =>
    level[key] === expected[key] ? [] : [`L${level.index}: ${key} is ${level[key]}, its files give ${expected[key]}`],
  );
}

/** The order of idle files, where a level has one: exactly they are in it, none before one of smaller (priority, key). */
function checkHeap(tree: Tree, level: Level): string[] {
  if (!level.ordered) return [];
  const name = `L${level.index}`;
  const { busy, priority, lo, heapIndex } = tree.files;
  const heap = Array.from(level.heap.subarray(0, level.heapCount));
  const idle = idsOf(tree, level.index).filter((id) => busy[id] === 0);
  const problems: string[] = [];
  if (heap.length !== idle.length || !idle.every((id) => heap.includes(id)))
    problems.push(`${name}: the order does not hold the idle files`);
  heap.forEach((id, at) => {
    if (heapIndex[id] !== at) problems.push(`${name}: file ${id} is not where it thinks in the order`);
    if (at === 0) return;
    const parent = heap[(at - 1) >> 1]!;
    const difference = priority[parent]! - priority[id]! || lo[parent]! - lo[id]!;
    if (difference > 0) problems.push(`${name}: file ${id} goes before its parent ${parent}`);
  });
  return [...problems, ...checkPriorities(tree, level, idle)];
}

function checkPriorities(tree: Tree, level: Level, idle: readonly number[]): string[] {
  const expected = idle.map((id) => naivePriority(tree, level, id));
  return idle.flatMap((id, i) =>
    tree.files.priority[id] === expected[i]
      ? []
      : [`L${level.index}: file ${id} has priority ${tree.files.priority[id]!}, not ${expected[i]!}`],
  );
}

/** compaction_pri by its definition; kMinOverlappingRatio over all files of the next level. */
export function naivePriority(tree: Tree, level: Level, id: number): number {
  const { lo, hi, bytes, largestSeq, smallestSeq } = tree.files;
  switch (tree.pri) {
    case 'kByCompensatedSize':
      return -bytes[id]!;
    case 'kOldestLargestSeqFirst':
      return largestSeq[id]!;
    case 'kOldestSmallestSeqFirst':
      return smallestSeq[id]!;
    case 'kRoundRobin':
      return lo[id]!;
    case 'kMinOverlappingRatio': {
      if (level.index + 1 >= tree.levels.length) return 0;
      let overlap = 0;
      for (const other of idsOf(tree, level.index + 1)) {
        if (lo[other]! < hi[id]! && lo[id]! < hi[other]!) overlap += bytes[other]!;
      }
      return Math.floor((overlap * 1024) / bytes[id]!);
    }
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
      const busy = tree.levels.flatMap((level) => idsOf(tree, level.index)).filter((id) => tree.files.busy[id] === 1);
      if ([...busy].sort(ascending).join() !== [...locked].sort(ascending).join())
        problems.push('the busy files are not the running inputs');
      for (const { task, lo, hi } of running) {
        for (const id of task.inputs.flatMap(({ ids }) => ids)) {
          if (tree.files.lo[id]! < lo || tree.files.hi[id]! > hi) problems.push(`input ${id} lies outside the range of its compaction`);
        }
      }
      if (options.compaction_style === 'level') problems.push(...checkExclusion(running));
      if (immutables.length > options.max_write_buffer_number) problems.push(`${immutables.length} immutable memtables`);
      const firsts = [...immutables, family.active].map(({ firstSeq }) => firstSeq);
      if (firsts.join() !== [...firsts].sort(ascending).join()) problems.push('memtables are out of order');
      if (family.debtBytes !== naiveDebt(host)) problems.push(`debt is ${family.debtBytes}, not ${naiveDebt(host)}`);
      const slots = naiveSlots(options.max_background_jobs, options.max_background_flushes, options.max_background_compactions);
      if (store.flushesScheduled > slots.flushes) problems.push(`${store.flushesScheduled} flushes on ${slots.flushes} threads`);
      if (store.compactionsScheduled > slots.compactions) {
        problems.push(`${store.compactionsScheduled} compactions on ${slots.compactions} threads`);
      }
      return problems;
    }),
  );
}

const ascending = (a: number, b: number): number => a - b;

/** Leveled: two running compactions never write overlapping ranges of a level below L0, and one of L0 to a deeper level is alone in that. */
function checkExclusion(running: HostState['stores'][number]['families'][number]['running']): string[] {
  const problems: string[] = [];
  running.forEach((a, i) => {
    for (const b of running.slice(i + 1)) {
      if (a.task.outputLevel > 0 && a.task.outputLevel === b.task.outputLevel && a.lo < b.hi && b.lo < a.hi) problems.push('two compactions write one range');
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
function naiveDebt(host: HostState): number {
  const { tree, options, targets } = host.stores[0]!.families[0]!;
  if (options.compaction_style !== 'level') return 0;
  const size = tree.levels.map((level) => idsOf(tree, level.index).reduce((sum, id) => sum + tree.files.bytes[id]!, 0));
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
  const { tree } = host.stores[0]!.families[0]!;
  const ids = tree.levels.flatMap((level) => idsOf(tree, level.index));
  tally.liveEntries = ids.reduce((sum, id) => sum + tree.files.entries[id]!, 0);
  tally.liveBytes = ids.reduce((sum, id) => sum + tree.files.bytes[id]!, 0);
  const problems: string[] = [];
  const lost = tally.flushedEntries - tally.droppedEntries - tally.liveEntries;
  if (Math.abs(lost) > 1e-9 * tally.flushedEntries + 1e-6) problems.push(`${lost} entries were lost`);
  if (tally.flushedBytes + tally.mergedBytes !== tally.liveBytes) problems.push('bytes were lost');
  return problems;
}
