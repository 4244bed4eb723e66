/**
 * Background work: when flushes and compactions are scheduled, what they do to the tree, and what happens when they end.
 * Source: db/db_impl/db_impl_compaction_flush.cc (MaybeScheduleFlushOrCompaction, BackgroundCallFlush, BackgroundCallCompaction,
 * GetBGJobLimits), rocksdb-semantics sections 1, 4 and "event order".
 *
 *   scheduled (slot taken) -> picked, inputs locked -> threads work -> MANIFEST written: commit -> obsolete files removed -> slot free
 *
 * A job pins the version it started from. Inputs of a compaction are removed by the last job to end of those that were running when
 * it committed ([measured]: 99.4 % of 4,027 compactions in twelve LOGs), and that job keeps its slot, and stopped writers, waiting.
 */
import type { IoMode } from '../device/access.js';
import { invariant } from '../kernel/errors.js';
import type { Codec, LsmOptions } from '../rocksdb/options.js';
import { createSstShape, memtableEntryCapacity, sstFileBytes, type SstShape } from '../rocksdb/sizes.js';
import { pressureDebtBytes, pendingCompactionBytes } from './debt.js';
import { lookAtDisk } from './disk.js';
import { expire, hasExpired } from './expiry.js';
import { pickFifo } from './fifo.js';
import type { HostProfile } from './host.js';
import { jobCost, type JobCost, type JobWork } from './job-cost.js';
import { countStall, logJob } from './job-log.js';
import { distinctFraction } from './key-space.js';
import { firstEndingAbove } from './key-ranges.js';
import { pickLeveled, rangeOf } from './leveled.js';
import { addSegments, appendSegment, cutOutputs, type MergeScratch, type Segments } from './merge.js';
import { finishPages, takePages, uncachedBefore } from './page-cache.js';
import { chooseByPolicy, countByPolicy } from './policies/apply.js';
import type { Policy } from './policies/policy.js';
import { endThread, IO_HIGH, IO_LOW, startThread } from './rate-limiter.js';
import { recordJobWrites } from './recorder.js';
import { needsCompaction, updateScores } from './scores.js';
import { setThreadCost } from './speeds.js';
import type { ManualCompactionResult } from './result.js';
import type { FamilyState, HostState, Job, ManualCompaction, Memtable, StoreState, ThreadPool } from './state.js';
import { liveBytes, obsoleteBytes } from './stored-bytes.js';
import { splitsOf } from './subcompactions.js';
import { updateTargets } from './targets.js';
import { bytesPerTouchedKey, compensate, fateBetween, fatesOf } from './tombstones.js';
import type { CompactionTask, PickerView, RunningCompaction, TaskInput } from './task.js';
import {
  BYTES,
  DRAWS_PER_KEY,
  ENTRIES,
  HI,
  LARGEST_SEQ,
  LO,
  SMALLEST_SEQ,
  WRITTEN_AT_BYTES,
  replaceRun,
  addFile,
  forgetFile,
  insertL0ByAge,
  insertRun,
  lockRun,
  pushL0,
  refreshOverlaps,
  removeRun,
  type Tree,
} from './tree.js';
import { pickUniversal } from './universal.js';
import { holds, recalculate, type StallInputs, type Token } from './write-controller.js';

/** Events of the queue that belong to jobs; the payload is the job's id. */
export const EVENT_COMMIT = 1;
/** The job has removed its files: its slot is free. */
export const EVENT_JOB_END = 2;

/**
 * Standard deviation of a job's CPU time about its mean, as a fraction. Measured: quartile spread of flush CPU times in db_bench runs on
 * quiet machines, 3 to 13 %. Seeds differ by it, as repeats of a real run do.
 */
const CPU_VARIATION_FRACTION = 0.05;
const MIB = 1_048_576;
/** Dirty pages older than this are written back by the kernel (vm.dirty_expire_centisecs 3000, Documentation/admin-guide/sysctl/vm.rst). */
const DIRTY_EXPIRE_MICROS = 30_000_000;

/** Threads of each pool (GetBGJobLimits), the second one as far as it may be used under pressure. */
export function jobLimits(options: LsmOptions): { flushes: number; compactions: number } {
  const legacy = options.max_background_flushes !== -1 || options.max_background_compactions !== -1;
  const flushes = legacy ? Math.max(1, options.max_background_flushes) : Math.max(1, Math.floor(options.max_background_jobs / 4));
  const compactions = legacy ? Math.max(1, options.max_background_compactions) : Math.max(1, options.max_background_jobs - flushes);
  return { flushes, compactions };
}

/** One compaction at a time, unless a write controller token asks for more (NeedSpeedupCompaction) or the policy takes them all. */
function compactionSlotsNow(store: StoreState, policy: Policy | null): number {
  if (policy?.usesAllSlots === true) return store.compactionSlots;
  for (const token of store.controller.tokens) if (token !== 'none') return store.compactionSlots;
  return 1;
}

/** MaybeScheduleFlushOrCompaction of every store: fills free slots, flushes first. True when a thread was started. */
export function schedule(host: HostState): boolean {
  let started = false;
  for (const store of host.stores) {
    promiseFlushes(store);
    if (runFlushes(host, store.flushPool)) started = true;
    promiseCompactions(host, store);
    if (runCompactions(host, store.compactionPool)) started = true;
    if (store.manual !== null && (runManual(host, store) || isManual(store))) started = true;
  }
  return started;
}

/** Each request for a flush takes one of the store's slots, and a place in the line for a thread. */
function promiseFlushes(store: StoreState): void {
  const { flushPool: pool, flushQueue } = store;
  while (promised(pool, store) < flushQueue.length && store.flushesScheduled < store.flushSlots) {
    store.flushesScheduled++;
    pool.waiting.push(store);
  }
}

function promiseCompactions(host: HostState, store: StoreState): void {
  const { compactionPool: pool, compactionQueue } = store;
  if (store.compactionsPaused || isManual(store)) return;
  while (promised(pool, store) < compactionQueue.length && store.compactionsScheduled < compactionSlotsNow(store, host.policy)) {
    store.compactionsScheduled++;
    pool.waiting.push(store);
  }
}

/** How many of a store's jobs wait for a thread. */
function promised(pool: ThreadPool, store: StoreState): number {
  let count = 0;
  for (let i = 0; i < pool.waiting.length; i++) if (pool.waiting[i] === store) count++;
  return count;
}

/** Free threads take what waits; what a flush takes is decided when its thread starts. */
function runFlushes(host: HostState, pool: ThreadPool): boolean {
  let started = false;
  while (pool.busy < pool.size && pool.waiting.length > 0) {
    const store = pool.waiting.shift()!;
    const family = store.flushQueue.shift()!;
    family.flushQueued = false;
    store.flushesScheduled--;
    if (startFlush(host, store, family)) started = true;
    promiseFlushes(store);
  }
  return started;
}

/** The same for compactions: a family is picked for when a thread is free (PickCompactionFromQueue). */
function runCompactions(host: HostState, pool: ThreadPool): boolean {
  let started = false;
  while (pool.busy < pool.size && pool.waiting.length > 0) {
    const store = pool.waiting.shift()!;
    const family = store.compactionQueue.shift()!;
    family.compactionQueued = false;
    store.compactionsScheduled--;
    // Paused or kept out since it was promised: it asks again.
    const kept = store.compactionsPaused || isManual(store);
    const task = kept ? null : host.policy === null ? pick(family) : chooseByPolicy(host, host.policy, family);
    if (task !== null) {
      startCompaction(host, store, family, task, false);
      started = true;
    }
    // There may be more to do: the family is queued again, and the next slot picks.
    if (kept || (task !== null && (host.policy !== null || wantsCompaction(family)))) queueCompaction(store, family);
    promiseCompactions(host, store);
  }
  return started;
}

function queueCompaction(store: StoreState, family: FamilyState): void {
  if (family.compactionQueued) return;
  family.compactionQueued = true;
  store.compactionQueue.push(family);
}

/** InstallSuperVersion: targets, scores, debt, stall state, and the family queued if it needs compaction. */
export function installVersion(host: HostState, store: StoreState, family: FamilyState): Token {
  const { tree, options } = family;
  updateTargets(family.targets, tree, options, host.behaviours);
  if (family.tombstones !== null) compensate(family.scores.compensationBytes, tree, family.tombstones, family.valueSizeBytes);
  updateScores(family.scores, tree, family.targets, options, host.behaviours);
  family.debtBytes = pendingCompactionBytes(tree, family.targets, options);
  expire(family.births, options, host.nowMicros);
  const token = recalculate(store.controller, family.index, stallInputs(host, family));
  countStall(host.recorder.jobLog, token, store.controller.causes[family.index]!, family);
  // FlushJob and CompactionJob::GetRateLimiterPriority, asked when a file is opened.
  const held = holds(store.controller, 'delay') || holds(store.controller, 'stop');
  store.limiterUse.writesHeld = held && host.behaviours.userPriorityWhenDelayed;
  if (host.policy !== null || wantsCompaction(family)) queueCompaction(store, family);
  return token;
}

/** NeedsCompaction: by score, or by age. */
export function wantsCompaction({ scores, tree, births, options }: FamilyState): boolean {
  if (needsCompaction(scores)) return true;
  return births.expiredSeq > 0 && !options.disable_auto_compactions && hasExpired(tree, births.expiredSeq, options.compaction_style);
}

/** What the write controller looks at. */
export function stallInputs(host: HostState, family: FamilyState): StallInputs {
  const { options, tree } = family;
  return {
    options,
    immutableMemtables: family.immutables.length,
    l0DelayTriggerCount: host.policy?.counted === undefined ? delayTriggerCount(family) : countByPolicy(host, host.policy, family),
    debtBytes: family.debtBytes,
    pressureDebtBytes: pressureDebtBytes(tree, options, host.behaviours),
  };
}

/** L0 files; universal: sorted runs; FIFO: never delayed. */
export function delayTriggerCount(family: FamilyState): number {
  const { tree, options } = family;
  if (options.compaction_style === 'fifo') return 0;
  let count = tree.levels[0]!.count;
  if (options.compaction_style === 'universal') {
    for (let i = 1; i < tree.levels.length; i++) if (tree.levels[i]!.count > 0) count++;
  }
  return count;
}

/** A memtable is waiting: asks for a flush when enough are (min_write_buffer_number_to_merge). */
export function queueFlush(store: StoreState, family: FamilyState, force: boolean): void {
  const waiting = family.immutables.filter((memtable) => !memtable.flushing).length;
  if (family.flushQueued || waiting === 0 || (!force && waiting < family.options.min_write_buffer_number_to_merge)) return;
  family.flushQueued = true;
  store.flushQueue.push(family);
}

/** What the pickers may look at, now. */
export function pickerViewOf(family: FamilyState): PickerView {
  return {
    tree: family.tree,
    options: family.options,
    behaviours: family.behaviours,
    targets: family.targets,
    scores: family.scores,
    running: family.running,
    oldestMemtableSeq: (family.immutables[0] ?? family.active).firstSeq,
    expiredSeq: family.births.expiredSeq,
  };
}

function pick(family: FamilyState): CompactionTask | null {
  const view = pickerViewOf(family);
  switch (family.options.compaction_style) {
    case 'level':
      return pickLeveled(view);
    case 'universal':
      return pickUniversal(view);
    case 'fifo':
      return pickFifo(view);
    case 'none':
      return null;
  }
}

/** A flush takes every idle immutable memtable and writes one L0 file (PickMemtablesToFlush). */
function startFlush(host: HostState, store: StoreState, family: FamilyState): boolean {
  const memtables = family.immutables.filter((memtable) => !memtable.flushing);
  if (memtables.length === 0) return false;
  let entries = 0;
  let deletes = 0;
  for (const memtable of memtables) {
    memtable.flushing = true;
    entries += memtable.entries;
    deletes += memtable.deletes;
  }
  const range = flushRange(family, memtables[0]!.firstSeq, memtables[memtables.length - 1]!.endSeq);
  const keys = (range.hi - range.lo) * family.keySpace.keyCount;
  const drawsPerKey = entries / keys;
  const written = distinctFraction(family.keySpace, drawsPerKey) * keys;
  const tombstones = (written * deletes) / entries;
  const bytes = Math.max(1, Math.round(flushedBytes(family, written, tombstones, keys / written)));
  const output = addFile(family.tree, {
    lo: range.lo,
    hi: range.hi,
    drawsPerKey,
    entries: written,
    bytes,
    smallestSeq: memtables[0]!.firstSeq,
    largestSeq: memtables[memtables.length - 1]!.endSeq,
    writtenAtBytes: host.pageCache.writtenBytes,
  });
  if (tombstones > 0) family.tombstones?.entriesOfFile.set(output, tombstones);
  const rawBytes = rawBytesOf(family, entries, deletes);
  const work: JobWork = {
    kind: 'flush',
    recordsIn: entries,
    blocksIn: entries / family.shapes[0]!.entriesPerBlock,
    rawBytesIn: rawBytes,
    rawBytesOut: rawBytes,
    fileBytesIn: 0,
    fileBytesOut: bytes,
    filesIn: 0,
    filesOut: 1,
    runs: 1,
    codecIn: 'none',
    codecOut: codecOf(family.options, 0, false),
    uncachedBytesIn: 0,
    writeMode: writeModeOf(store.options),
    bytesPerSync: store.options.bytes_per_sync,
  };
  const id = host.freeJobs.pop() ?? host.jobs.length;
  const cost = variedCost(host, store, work);
  store.flushesScheduled++;
  store.flushPool.busy++;
  host.jobs[id] = {
    id,
    kind: 'flush',
    store,
    family,
    task: null,
    running: null,
    memtables,
    manual: false,
    startMicros: host.nowMicros,
    startVersion: store.version,
    cpuMicros: cost.cpuMicros,
    recordsIn: entries,
    recordsOut: written,
    bytesIn: 0,
    upperBytesIn: 0,
    bytesOut: bytes,
    deviceReadBytes: 0,
    outputs: [output],
    threadsLeft: 1,
  };
  const row = startThread(host.threads, {
    owner: id,
    use: store.limiterUse,
    bytes,
    fileBytes: bytes,
    closeMicros: cost.closeMicros,
    basePriority: IO_HIGH,
    charged: chargesWrites(store.options),
  });
  setThreadCost(host.speeds, host.threads, row, cost, 1, bytes);
  return true;
}

/** File bytes of entries of which so many are tombstones. */
function flushedBytes({ shapes, tombstones: deletes }: FamilyState, entries: number, tombstones: number, keyGap: number): number {
  if (deletes === null || tombstones === 0) return sstFileBytes(shapes[0]!, entries, keyGap);
  const shape = deletes.shapes[0]!;
  return sstFileBytes(shapes[0]!, entries - tombstones, keyGap) + sstFileBytes(shape, tombstones, keyGap) - shape.fixedBytes;
}

/** Keys and values; a tombstone has none. */
function rawBytesOf({ keySizeBytes, valueSizeBytes }: FamilyState, entries: number, tombstones: number): number {
  return entries * (keySizeBytes + valueSizeBytes) - tombstones * valueSizeBytes;
}

/** Entries that fill a memtable, puts and deletes as they come. */
export function memtableCapacity({
  options,
  keySizeBytes,
  valueSizeBytes,
  tombstones,
}: Pick<FamilyState, 'options' | 'keySizeBytes' | 'valueSizeBytes' | 'tombstones'>): number {
  const puts = memtableEntryCapacity(options, { keySizeBytes, valueSizeBytes });
  if (tombstones === null || tombstones.deleteFraction === 0) return puts;
  const { deleteFraction } = tombstones;
  return 1 / ((1 - deleteFraction) / puts + deleteFraction / memtableEntryCapacity(options, { keySizeBytes, valueSizeBytes: 0 }));
}

/** What a job that starts now costs; its outputs take their place in the page cache. */
function variedCost(host: HostState, store: StoreState, work: JobWork): JobCost {
  const cost = jobCost(work, host.profile, Math.max(0.5, 1 + CPU_VARIATION_FRACTION * host.random.normal()));
  if (writeModeOf(store.options) === 'direct') return cost;
  const coldMicros = takePages(host.pageCache, host.profile, liveBytes(host) + obsoleteBytes(host), work.fileBytesOut);
  return coldMicros === 0 ? cost : { ...cost, cpuMicros: cost.cpuMicros + coldMicros };
}

/** Random keys span the whole key space; sequential ones the stretch that was written. */
function flushRange(family: FamilyState, firstSeq: number, endSeq: number): { lo: number; hi: number } {
  if (family.keySpace.distribution !== 'sequential') return { lo: 0, hi: 1 };
  const { keyCount } = family.keySpace;
  // Both ends by the same formula, so that a file begins exactly where the one before it ended.
  const pass = Math.floor(firstSeq / keyCount) * keyCount;
  const lo = (firstSeq - pass) / keyCount;
  const hi = (endSeq - pass) / keyCount;
  return hi <= 1 ? { lo, hi } : { lo: 0, hi: 1 };
}

function startCompaction(host: HostState, store: StoreState, family: FamilyState, task: CompactionTask, manual: boolean): void {
  const { tree } = family;
  const range = { lo: Infinity, hi: -Infinity };
  let recordsIn = 0;
  let tombstonesIn = 0;
  let bytesIn = 0;
  let upperBytesIn = 0;
  let uncachedBytesIn = 0;
  let filesIn = 0;
  const writtenBefore = task.kind === 'merge' ? readFromDeviceBefore(host, store) : 0;
  for (const input of task.inputs) {
    const part = rangeOf(tree, input.ids);
    range.lo = Math.min(range.lo, part.lo);
    range.hi = Math.max(range.hi, part.hi);
    for (const fileId of input.ids) {
      const bytes = tree.files.rows[(fileId << 3) + BYTES]!;
      recordsIn += tree.files.rows[(fileId << 3) + ENTRIES]!;
      if (family.tombstones !== null) tombstonesIn += family.tombstones.entriesOfFile.get(fileId) ?? 0;
      bytesIn += bytes;
      filesIn++;
      if (input.level !== task.outputLevel) upperBytesIn += bytes;
      if (writtenBefore > 0 && tree.files.rows[(fileId << 3) + WRITTEN_AT_BYTES]! < writtenBefore) uncachedBytesIn += bytes;
    }
    lockRun(tree, input.level, input.ids);
  }
  const running: RunningCompaction = { task, startLevel: task.inputs[0]!.level, lo: range.lo, hi: range.hi };
  family.running.push(running);
  family.lastStartLevel = running.startLevel;
  if (family.tombstones !== null) compensate(family.scores.compensationBytes, tree, family.tombstones, family.valueSizeBytes);
  updateScores(family.scores, tree, family.targets, family.options, host.behaviours);
  store.compactionsScheduled++;
  store.compactionPool.busy++;
  const id = host.freeJobs.pop() ?? host.jobs.length;
  if (task.kind !== 'merge') {
    // A MANIFEST edit and nothing else.
    host.jobs[id] = {
      id,
      kind: 'compaction',
      store,
      family,
      task,
      running,
      memtables: [],
      manual,
      startMicros: host.nowMicros,
      startVersion: store.version,
      cpuMicros: 0,
      recordsIn,
      recordsOut: recordsIn,
      bytesIn,
      upperBytesIn,
      bytesOut: 0,
      deviceReadBytes: 0,
      outputs: [],
      threadsLeft: 0,
    };
    host.queue.push(host.nowMicros + Math.round(host.profile.manifestMicros), EVENT_COMMIT, id);
    return;
  }
  const targetFileBytes = targetFileBytesOf(family, task.outputLevel);
  const splits = splitsOf(tree, task, family.options, host.behaviours, targetFileBytes, manual);
  const written = mergeInputs(family, host, task, recordsIn, targetFileBytes, splits, host.scratch);
  const work: JobWork = {
    kind: 'compaction',
    recordsIn,
    blocksIn: recordsIn / family.shapes[task.outputLevel]!.entriesPerBlock,
    rawBytesIn: rawBytesOf(family, recordsIn, tombstonesIn),
    rawBytesOut: rawBytesOf(family, written.entries, written.tombstones),
    fileBytesIn: bytesIn,
    fileBytesOut: written.bytes,
    filesIn,
    filesOut: written.outputs.length,
    runs: runCount(task.inputs),
    codecIn: codecOf(family.options, running.startLevel, false),
    codecOut: codecOf(family.options, task.outputLevel, isBottommost(family, task.outputLevel)),
    uncachedBytesIn,
    writeMode: writeModeOf(store.options),
    bytesPerSync: store.options.bytes_per_sync,
  };
  const cost = variedCost(host, store, work);
  const slices = slicesOf(tree, written.outputs, splits);
  host.jobs[id] = {
    id,
    kind: 'compaction',
    store,
    family,
    task,
    running,
    memtables: [],
    manual,
    startMicros: host.nowMicros,
    startVersion: store.version,
    cpuMicros: cost.cpuMicros,
    recordsIn,
    recordsOut: written.entries,
    bytesIn,
    upperBytesIn,
    bytesOut: written.bytes,
    deviceReadBytes: uncachedBytesIn,
    outputs: written.outputs,
    threadsLeft: slices.length,
  };
  for (const { bytes, files } of slices) {
    const row = startThread(host.threads, {
      owner: id,
      use: store.limiterUse,
      bytes,
      fileBytes: bytes / files,
      closeMicros: cost.closeMicros,
      basePriority: IO_LOW,
      charged: chargesWrites(store.options),
    });
    setThreadCost(host.speeds, host.threads, row, cost, bytes / Math.max(1, written.bytes), bytes);
  }
}

/** What each subcompaction writes; one that writes nothing is none, but for the last. */
function slicesOf(tree: Tree, outputs: readonly number[], splits: readonly number[]): readonly { bytes: number; files: number }[] {
  const { rows } = tree.files;
  const slices: { bytes: number; files: number }[] = [];
  let at = 0;
  for (const end of [...splits, Infinity]) {
    let bytes = 0;
    let files = 0;
    for (; at < outputs.length && rows[(outputs[at]! << 3) + LO]! < end; at++, files++) bytes += rows[(outputs[at]! << 3) + BYTES]!;
    if (files > 0) slices.push({ bytes, files });
  }
  return slices.length > 0 ? slices : [{ bytes: 1, files: 1 }];
}

/** Creates the output files (in no level yet) and says what they hold. */
function mergeInputs(
  family: FamilyState,
  host: HostState,
  task: CompactionTask,
  recordsIn: number,
  targetFileBytes: number,
  splits: readonly number[],
  scratch: MergeScratch,
): { outputs: number[]; entries: number; tombstones: number; bytes: number } {
  const { tree } = family;
  const segments = collectSegments(family, task.inputs, scratch);
  const bottommost = isBottommost(family, task.outputLevel);
  const shape = family.shapes[bottommost ? family.shapes.length - 1 : task.outputLevel]!;
  let keys = 0;
  for (let i = 0; i < segments.count; i++) keys += (segments.hi[i]! - segments.lo[i]!) * family.keySpace.keyCount;
  const keyGap = Math.max(1, keys / Math.max(1, recordsIn));
  const typical = Math.max(1, Math.min(recordsIn, targetFileBytes / shape.bytesPerEntry));
  const leveled = family.options.compaction_style === 'level';
  const { keySpace, tombstones: deletes } = family;
  const fates = deletes === null ? null : fatesOf(tree, keySpace, deletes, task.inputs, bottommost);
  const tombstoneShape = deletes?.shapes[bottommost ? deletes.shapes.length - 1 : task.outputLevel];
  cutOutputs(
    segments,
    {
      keySpace,
      bytesPerEntry:
        fates === null
          ? (sstFileBytes(shape, typical, keyGap) - shape.fixedBytes) / typical
          : bytesPerTouchedKey(shape, tombstoneShape!, fates.mean, typical, keyGap),
      bytesPerFile: shape.fixedBytes,
      targetFileBytes,
      maxCompactionBytes: leveled ? family.options.max_compaction_bytes : Infinity,
      alignToGrandparents: leveled && family.behaviours.grandparentAlignedOutputs && family.options.level_compaction_dynamic_file_size,
    },
    task.outputLevel === 0 ? null : (tree.levels[task.outputLevel + 1]?.ranges ?? null),
    splits,
    scratch,
  );
  const out = scratch.outputs;
  const seq = seqRange(family, task.inputs);
  const outputs: number[] = [];
  let entries = 0;
  let tombstones = 0;
  let bytes = 0;
  for (let i = 0; i < out.count; i++) {
    const fate = fates === null ? null : fateBetween(fates, out.lo[i]!, out.hi[i]!);
    const present = fate === null ? out.entries[i]! : out.entries[i]! * fate.presentFraction;
    // Where all keys are gone there is no file.
    if (fate !== null && present < 0.5) continue;
    const fileBytes =
      fate === null
        ? out.bytes[i]!
        : Math.round(out.entries[i]! * bytesPerTouchedKey(shape, tombstoneShape!, fate, typical, keyGap) + shape.fixedBytes);
    entries += present;
    bytes += fileBytes;
    const id = addFile(tree, {
      lo: out.lo[i]!,
      hi: out.hi[i]!,
      drawsPerKey: out.drawsPerKey[i]!,
      entries: present,
      bytes: fileBytes,
      smallestSeq: seq.smallest,
      largestSeq: seq.largest,
      writtenAtBytes: host.pageCache.writtenBytes,
    });
    outputs.push(id);
    if (fate === null || fate.tombstoneFraction === 0) continue;
    tombstones += present * fate.tombstoneFraction;
    deletes!.entriesOfFile.set(id, present * fate.tombstoneFraction);
  }
  return { outputs, entries, tombstones, bytes };
}

/** The inputs' densities, added up; the result lies in one of the scratch lists. */
function collectSegments(family: FamilyState, inputs: readonly TaskInput[], scratch: MergeScratch): Segments {
  const { rows } = family.tree.files;
  let sum = scratch.first;
  let spare = scratch.second;
  let next = scratch.third;
  sum.count = 0;
  const add = (): void => {
    const before = sum;
    if (before.count === 0) {
      sum = next;
      next = before;
      return;
    }
    addSegments(before, next, spare);
    sum = spare;
    spare = before;
  };
  for (const input of inputs) {
    if (input.level > 0) {
      next.count = 0;
      for (const id of input.ids) appendSegment(next, rows[(id << 3) + LO]!, rows[(id << 3) + HI]!, rows[(id << 3) + DRAWS_PER_KEY]!);
      add();
      continue;
    }
    // Level-0 files of one range (random keys) add up without a walk.
    for (let i = 0; i < input.ids.length;) {
      const id = input.ids[i]!;
      let draws = 0;
      let j = i;
      for (
        ;
        j < input.ids.length &&
        rows[(input.ids[j]! << 3) + LO] === rows[(id << 3) + LO] &&
        rows[(input.ids[j]! << 3) + HI] === rows[(id << 3) + HI];
        j++
      )
        draws += rows[(input.ids[j]! << 3) + DRAWS_PER_KEY]!;
      next.count = 0;
      appendSegment(next, rows[(id << 3) + LO]!, rows[(id << 3) + HI]!, draws);
      add();
      i = j;
    }
  }
  return sum;
}

function seqRange(family: FamilyState, inputs: readonly TaskInput[]): { smallest: number; largest: number } {
  const { rows } = family.tree.files;
  let smallest = Infinity;
  let largest = 0;
  for (const input of inputs) {
    for (const id of input.ids) {
      smallest = Math.min(smallest, rows[(id << 3) + SMALLEST_SEQ]!);
      largest = Math.max(largest, rows[(id << 3) + LARGEST_SEQ]!);
    }
  }
  return { smallest, largest };
}

function runCount(inputs: readonly TaskInput[]): number {
  let runs = 0;
  for (const input of inputs) runs += input.level === 0 ? input.ids.length : 1;
  return runs;
}

/** One thread of a job is done; the last one leads to the commit once the MANIFEST is written. */
export function finishThread(host: HostState, row: number): void {
  const id = host.threads.owner[row]!;
  endThread(host.threads, row);
  const job = jobOf(host, id);
  (job as { threadsLeft: number }).threadsLeft--;
  if (job.threadsLeft === 0) host.queue.push(host.nowMicros + Math.round(host.profile.manifestMicros), EVENT_COMMIT, id);
}

/** The running job with this id. @throws InvariantError when there is none */
export function jobOf(host: HostState, id: number): Job {
  const job = host.jobs[id];
  invariant(job !== null && job !== undefined, 'an event names a job that runs');
  return job;
}

/** The job's result becomes the newest version; then its thread removes what nobody reads any more. */
export function commitJob(host: HostState, job: Job): void {
  const { store, family } = job;
  if (job.kind === 'compaction') {
    commitCompaction(host, job);
    newVersion(host, job);
  } else {
    // Flushes are committed in the order of their memtables: one that is done early waits, and the older one commits it along.
    family.flushed.push(job);
    for (let next = nextFlushed(family); next >= 0; next = nextFlushed(family)) {
      const done = family.flushed[next]!;
      family.flushed.splice(next, 1);
      commitFlush(host, done);
      newVersion(host, done);
    }
  }
  const purgeMicros = purge(host, store, job);
  host.queue.push(host.nowMicros + Math.round(purgeMicros), EVENT_JOB_END, job.id);
}

/** Which finished flush holds the oldest memtables; -1: none (TryInstallMemtableFlushResults). */
function nextFlushed(family: FamilyState): number {
  return family.flushed.findIndex((job) => job.memtables[0] === family.immutables[0]);
}

function newVersion(host: HostState, job: Job): void {
  const { store, family } = job;
  const { recorder } = host;
  const live = liveBytes(host);
  recorder.peakBytes = Math.max(recorder.peakBytes, live);
  recorder.peakTransientBytes = Math.max(recorder.peakTransientBytes, live + obsoleteBytes(host));
  if (host.disk !== null) lookAtDisk(host.disk, host);
  installVersion(host, store, family);
  logJob(recorder.jobLog, job, host.nowMicros);
  host.observer?.(job, host);
}

function commitFlush(host: HostState, job: Job): void {
  const { family, store } = job;
  store.version++;
  const { recorder } = host;
  family.immutables.splice(0, job.memtables.length);
  const file = job.outputs[0]!;
  pushL0(family.tree, file);
  host.pageCache.writtenBytes += job.bytesOut;
  if (writeModeOf(store.options) !== 'direct') finishPages(host.pageCache, job.bytesOut);
  recorder.flushBytes += job.bytesOut;
  family.counts.flushBytes += job.bytesOut;
  recordJobWrites(recorder, 'flushWrittenBytes', job.bytesOut, job.startMicros, host.nowMicros);
  family.counts.levels.writtenBytes[0]! += job.bytesOut;
  countJob(host, job, 0);
}

function commitCompaction(host: HostState, job: Job): void {
  const { family, store } = job;
  store.version++;
  const { tree } = family;
  const { counts } = family;
  const { levels } = counts;
  const task = job.task!;
  const level = task.outputLevel;
  family.running.splice(family.running.indexOf(job.running!), 1);
  let files = 0;
  let bytes = 0;
  for (const input of task.inputs) {
    files += input.ids.length;
    for (const id of input.ids) bytes += tree.files.rows[(id << 3) + BYTES]!;
    // A sorted output level is edited in one go below.
    if (input.level !== level || level === 0) removeRun(tree, input.level, input.ids);
  }
  if (task.kind === 'move') {
    for (const input of task.inputs) insertRun(tree, level, input.ids);
    levels.movedBytes[level]! += bytes;
    refreshAround(family, task.inputs[0]!.level, level, job.running!.lo, job.running!.hi);
    return;
  }
  if (level > 0 && task.kind === 'merge')
    replaceRun(tree, level, task.inputs.find((input) => input.level === level)?.ids ?? [], job.outputs);
  for (const input of task.inputs) {
    for (const id of input.ids) {
      forgetFile(tree, id);
      family.tombstones?.entriesOfFile.delete(id);
    }
  }
  store.obsolete.push({ version: store.version, files, bytes });
  store.obsoleteBytes += bytes;
  if (task.kind === 'drop') return;
  if (level === 0) for (const id of job.outputs) insertL0ByAge(tree, id);
  refreshAround(family, task.inputs[0]!.level, level, job.running!.lo, job.running!.hi);
  if (family.options.compaction_pri === 'kRoundRobin') moveCursor(family, task);
  host.pageCache.writtenBytes += job.bytesOut;
  if (writeModeOf(store.options) !== 'direct') finishPages(host.pageCache, job.bytesOut);
  counts.compactionBytes += job.bytesOut;
  if (job.manual && store.manual !== null) {
    store.manual.readBytes += job.bytesIn;
    store.manual.writtenBytes += job.bytesOut;
  }
  counts.deviceReadBytes += job.deviceReadBytes;
  host.recorder.compactionBytes += job.bytesOut;
  recordJobWrites(host.recorder, 'compactionWrittenBytes', job.bytesOut, job.startMicros, host.nowMicros);
  host.recorder.deviceReadBytes += job.deviceReadBytes;
  levels.readBytes[level]! += job.bytesIn;
  levels.readUpperBytes[level]! += job.upperBytesIn;
  levels.writtenBytes[level]! += job.bytesOut;
  countJob(host, job, level);
}

/** Overlaps change for the files that look at those that came and went, one level above them. */
function refreshAround(family: FamilyState, startLevel: number, outputLevel: number, lo: number, hi: number): void {
  refreshOverlaps(family.tree, outputLevel - 1, lo, hi);
  // The start level may lie further up (universal, L0 to a deep base level); its upper neighbour then looked at what is gone.
  if (startLevel !== outputLevel - 1) refreshOverlaps(family.tree, startLevel, lo, hi);
  if (startLevel > 0) refreshOverlaps(family.tree, startLevel - 1, lo, hi);
}

/** kRoundRobin: the next compaction of the level starts behind this one's files (SetNextCompactCursor). */
function moveCursor(family: FamilyState, task: CompactionTask): void {
  const start = task.inputs[0]!;
  if (start.level === 0) return;
  const level = family.tree.levels[start.level]!;
  const next = firstEndingAbove(level.ranges, level.cursor);
  const after = next < level.count ? family.tree.files.rows[(level.ids[next]! << 3) + LO]! : 0;
  level.cursor = after;
}

function countJob(host: HostState, job: Job, level: number): void {
  const { levels } = job.family.counts;
  levels.compactions[level]! += 1;
  levels.compactionMicros[level]! += host.nowMicros - job.startMicros;
  levels.compactionCpuMicros[level]! += job.cpuMicros;
  levels.recordsIn[level]! += job.recordsIn;
  levels.recordsDropped[level]! += job.recordsIn - job.recordsOut;
}

/** Removes files that no other running job can still read; returns how long that takes. The WAL of flushed memtables goes along. */
function purge(host: HostState, store: StoreState, job: Job): number {
  let oldestPinned = Infinity;
  for (const other of host.jobs) {
    if (other !== null && other !== job && other.store === store && other.threadsLeft > 0)
      oldestPinned = Math.min(oldestPinned, other.startVersion);
  }
  let files = 0;
  let bytes = 0;
  let kept = 0;
  for (const entry of store.obsolete) {
    if (entry.version > oldestPinned) {
      store.obsolete[kept++] = entry;
      continue;
    }
    files += entry.files;
    bytes += entry.bytes;
  }
  store.obsolete.length = kept;
  store.obsoleteBytes -= bytes;
  for (const memtable of job.memtables) {
    if (memtable.walBytes === 0) continue;
    files++;
    bytes += memtable.walBytes;
    host.recorder.walDeviceBytes += walWrittenBack(memtable, host.nowMicros);
  }
  return files * host.profile.unlinkMicros + (bytes / MIB) * host.profile.unlinkMicrosPerMiB;
}

/** WAL bytes that the kernel wrote back: of those that RocksDB left to it the ones that lay dirty for longer than it waits. */
export function walWrittenBack(memtable: Memtable, nowMicros: number): number {
  const life = nowMicros - memtable.bornMicros;
  if (life <= DIRTY_EXPIRE_MICROS) return 0;
  return (memtable.walBytes - memtable.walSentBytes) * Math.min(1, (life - DIRTY_EXPIRE_MICROS) / life);
}

/** Its slot and its thread are free again. */
export function endJob(host: HostState, job: Job): void {
  const { store } = job;
  host.jobs[job.id] = null;
  host.freeJobs.push(job.id);
  if (job.kind === 'flush') {
    store.flushesScheduled--;
    store.flushPool.busy--;
    queueFlush(store, job.family, false);
  } else {
    store.compactionsScheduled--;
    store.compactionPool.busy--;
  }
  if (job.manual && store.manual !== null) {
    store.manual.running = false;
    store.manual.level++;
  }
}

/** A manual compaction is under way; automatic ones go on when it is over. */
function isManual(store: StoreState): boolean {
  return store.manual !== null;
}

/** CompactRange, level by level: all of one level with all of the next, exclusively. True when a job was started. */
function runManual(host: HostState, store: StoreState): boolean {
  const manual = store.manual!;
  // CompactRange flushes first, and waits for the compactions that run.
  const oldestSeq = manual.family.immutables[0]?.firstSeq ?? Infinity;
  if (manual.running || store.compactionsScheduled > 0 || oldestSeq < manual.untilSeq) return false;
  const { busy, size } = store.compactionPool;
  if (busy >= size) return false;
  const { family } = manual;
  const { tree } = family;
  let deepest = 0;
  for (let i = 0; i < tree.levels.length; i++) if (tree.levels[i]!.count > 0) deepest = i;
  const universal = family.options.compaction_style === 'universal';
  const last = universal ? 0 : Math.max(deepest - 1, 0);
  for (; manual.level <= last; manual.level++) {
    const outputLevel = universal ? tree.levels.length - 1 : manual.level === 0 ? family.targets.baseLevel : manual.level + 1;
    const inputs: TaskInput[] = [];
    for (let i = manual.level; i <= outputLevel; i++) {
      const level = tree.levels[i]!;
      if (level.count > 0) inputs.push({ level: i, ids: Array.from(level.ids.subarray(0, level.count)) });
    }
    if (inputs.length === 0 || inputs[0]!.level === outputLevel) continue;
    manual.running = true;
    startCompaction(host, store, family, { reason: 'ManualCompaction', kind: 'merge', inputs, outputLevel }, true);
    return true;
  }
  const [following, ...next] = manual.next;
  if (following !== undefined) {
    store.manual = { ...manual, family: following, next, untilSeq: 0, level: 0, running: false };
    return runManual(host, store);
  }
  store.manual = null;
  if (manual.online) host.manualCompactions.push(manualResult(store, manual, host.nowMicros / 1e6));
  return false;
}

/** What is told of a CompactRange. */
export function manualResult(store: StoreState, manual: ManualCompaction, endSec: number | null): ManualCompactionResult {
  const { startMicros, readBytes, writtenBytes } = manual;
  return { database: store.name, startSec: startMicros / 1e6, endSec, readBytes, writtenBytes };
}

/** MaxFileSizeForLevel. L0 outputs are never cut. */
export function targetFileBytesOf(family: Pick<FamilyState, 'options' | 'targets'>, level: number): number {
  if (level === 0) return Infinity;
  const { options, targets } = family;
  const dynamic = options.compaction_style === 'level' && options.level_compaction_dynamic_level_bytes;
  const steps = Math.max(0, dynamic ? level - targets.baseLevel : level - 1);
  let bytes = options.target_file_size_base;
  for (let i = 0; i < steps; i++) bytes *= options.target_file_size_multiplier;
  return bytes;
}

/** File sizes by level, and last the bottommost's (bottommost_compression). */
export function shapesOf(
  options: LsmOptions,
  host: HostProfile,
  keySizeBytes: number,
  valueSizeBytes: number,
  valueRatio: number,
): SstShape[] {
  const shape = (codec: Codec, noFilter: boolean): SstShape =>
    createSstShape({
      size: { keySizeBytes, valueSizeBytes },
      options,
      compressedFraction: codec === 'none' ? 1 : fractionFor(host.compressedFraction[codec], valueRatio),
      noFilter,
    });
  const shapes: SstShape[] = [];
  for (let level = 0; level < options.num_levels; level++) shapes.push(shape(codecOf(options, level, false), false));
  shapes.push(shape(codecOf(options, options.num_levels - 1, true), options.optimize_filters_for_hits));
  return shapes;
}

/** Host profiles give the fraction for values that shrink to half; others in proportion (our assumption: what a codec saves is linear in what there is to save). */
function fractionFor(atHalf: number, valueRatio: number): number {
  return Math.min(1, Math.max(0.01, 1 - (1 - atHalf) * ((1 - valueRatio) / 0.5)));
}

/** GetCompressionType. */
function codecOf(options: LsmOptions, level: number, bottommost: boolean): Codec {
  if (bottommost && options.bottommost_compression !== 'disable') return options.bottommost_compression;
  const perLevel = options.compression_per_level;
  if (perLevel.length === 0) return options.compression;
  return perLevel[Math.min(level, perLevel.length - 1)] ?? options.compression;
}

function isBottommost(family: FamilyState, outputLevel: number): boolean {
  if (outputLevel === 0) return false;
  for (let i = outputLevel + 1; i < family.tree.levels.length; i++) if (family.tree.levels[i]!.count > 0) return false;
  return true;
}

/** How SSTs are written. */
export function writeModeOf(options: LsmOptions): IoMode {
  if (options.use_direct_io_for_flush_and_compaction) return 'direct';
  return options.bytes_per_sync > 0 ? 'rangeSync' : 'buffered';
}

/** How compaction reads. */
export function readModeOf(options: LsmOptions): IoMode {
  return options.use_direct_reads || options.use_direct_io_for_flush_and_compaction ? 'direct' : 'buffered';
}

/** Files finished before this many bytes had been written are read from the device; 0: none, Infinity: all. */
export function readFromDeviceBefore(host: HostState, store: StoreState): number {
  if (readModeOf(store.options) === 'direct') return Infinity;
  return uncachedBefore(host.pageCache, host.profile, liveBytes(host) + obsoleteBytes(host));
}

function chargesWrites(options: LsmOptions): boolean {
  return options.rate_limiter_bytes_per_sec > 0 && options.rate_limiter_mode !== 'kReadsOnly';
}
