/** A sweep on this machine: the runs that are not recorded yet, on threads, each recorded as it finishes; then the results. */
import { lockDirectory } from '../files/lock.js';
import { errorToData, PutmodelError } from '../kernel/errors.js';
import type { Snapshot } from '../kernel/run.js';
import type { SweepAnswers } from './answers.js';
import type { LoadedSweep } from './load.js';
import { defaultThreads, inParallel, openPool, type Pool } from './pool.js';
import type { FinishedSweepRun } from './pool-messages.js';
import { encodeRecord } from './record.js';
import { damagedFiles, readAnswers, writeResults } from './results.js';
import { runFilesDirectory } from './run-files.js';
import { joinQueue, type JoinedQueue, type JoinQueueOptions } from './run-queued.js';
import { shardRunCount, wholeSweep, type Shard } from './shard.js';
import { createSchedule } from './schedule.js';
import { openStore, readSweepManifest, removeJournal, writeBundle, type SweepStore } from './store.js';
import { tryModules } from './try-modules.js';

/** How far a sweep is. */
export interface SweepProgress {
  readonly done: number;
  readonly total: number;
  readonly failed: number;
  /** Done before this process began. */
  readonly doneBefore: number;
}

/** How a sweep is run; nothing of it changes a byte of the results. */
export interface RunSweepOptions {
  readonly directory: string;
  readonly threads?: number | undefined;
  /** Address of a queue whose workers make the runs; default: threads of this process. */
  readonly queue?: string | undefined;
  /** Seconds for which the queue's server may be away; default 60. */
  readonly queueLostSec?: number | undefined;
  readonly shard?: Shard | undefined;
  readonly resume?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told once at the beginning and after every run that is recorded. */
  readonly onProgress?: ((progress: SweepProgress) => void) | undefined;
  /** Told how far single long runs have come. */
  readonly onRunProgress?: ((runIndex: number, snapshot: Snapshot) => void) | undefined;
  /** Told in words what a queue is waited for. */
  readonly onNotice?: ((text: string) => void) | undefined;
}

/** What came of it. */
export interface SweepOutcome {
  readonly progress: SweepProgress;
  /** null for a shard: its results come with `merge`. */
  readonly answers: SweepAnswers | null;
}

/**
 * Runs a sweep, or a shard of one.
 * @throws PutmodelError CANCELLED when the signal aborts: what finished is recorded; see also `lockDirectory`, `joinQueue`, `openStore` and
 * `writeResults`
 */
export async function runSweep(loaded: LoadedSweep, options: RunSweepOptions): Promise<SweepOutcome> {
  const { directory, shard = wholeSweep, resume = false } = options;
  const finished = resume ? finishedBefore(loaded, directory, shard, options) : null;
  if (finished !== null) return finished;
  await tryModules(loaded.open, options.signal);
  // The queue before the directory: what is there stays when nobody answers, or another process coordinates the sweep.
  const queue = options.queue === undefined ? null : await joinQueue(options.queue, loaded, queueOptions(options));
  try {
    const lock = lockDirectory(directory);
    try {
      return await runIn(loaded, openStore(directory, loaded, shard, resume), queue, options);
    } finally {
      lock.release();
    }
  } finally {
    await queue?.leave();
  }
}

async function runIn(
  loaded: LoadedSweep,
  store: SweepStore,
  queue: JoinedQueue | null,
  { directory, shard = wholeSweep, ...options }: RunSweepOptions,
): Promise<SweepOutcome> {
  const doneBefore = store.doneCount;
  const total = shardRunCount(loaded.open.plan, shard);
  const progressNow = (): SweepProgress => ({ done: store.doneCount, total, failed: store.failedCount, doneBefore });
  const onRecorded = (): void => options.onProgress?.(progressNow());
  try {
    onRecorded();
    if (queue === null) await runMissing(loaded, store, { ...options, directory }, onRecorded);
    else await queue.runMissing(store, onRecorded);
    store.sync();
    if (options.signal?.aborted === true && store.doneCount < total) throw interrupted(progressNow());
    const results = shard.count === 1 ? writeResults(directory, loaded, (run) => store.read(run)) : null;
    return { progress: progressNow(), answers: results?.answers ?? null };
  } catch (error) {
    throw withProgress(error, progressNow());
  } finally {
    store.close();
  }
}

/** Of a server that a queue needs. */
export const defaultQueueLostSec = 60;

function queueOptions({ signal, queueLostSec, onNotice }: RunSweepOptions): JoinQueueOptions {
  return { signal, lostSec: queueLostSec ?? defaultQueueLostSec, onNotice: onNotice ?? ((): void => undefined) };
}

/** A sweep that was finished before and is whole: there is nothing to go on with. */
function finishedBefore(loaded: LoadedSweep, directory: string, shard: Shard, { onNotice }: RunSweepOptions): SweepOutcome | null {
  const before = readSweepManifest(directory);
  if (before?.complete !== true || before.planHash !== loaded.planHash || shard.count !== 1) return null;
  const damaged = damagedFiles(directory, before);
  if (damaged.length > 0) {
    onNotice?.(`${damaged.join(', ')} in ${directory} ${damaged.length === 1 ? 'is' : 'are'} gone or damaged: making the runs again`);
    return null;
  }
  const lock = lockDirectory(directory);
  try {
    writeBundle(directory, loaded);
    // A kill after the last manifest leaves the journal.
    removeJournal(directory);
  } finally {
    lock.release();
  }
  const total = loaded.open.plan.runCount;
  return { progress: { done: total, total, failed: before.failedRuns, doneBefore: total }, answers: readAnswers(directory) };
}

async function runMissing(loaded: LoadedSweep, store: SweepStore, options: RunSweepOptions, onRecorded: () => void): Promise<void> {
  const missing = store.missing();
  if (missing.length === 0) return;
  const { signal, directory } = options;
  const { bundle, plan } = loaded.open;
  const schedule = createSchedule(plan, missing);
  const pool = openPool({
    threads: Math.min(options.threads ?? defaultThreads(), missing.length),
    bundle,
    runsDirectory: bundle.sweep.series === true ? runFilesDirectory(directory) : undefined,
    onProgress: options.onRunProgress,
  });
  const stop = (): void => {
    pool.stop();
  };
  signal?.addEventListener('abort', stop, { once: true });
  const syncing = syncRegularly(store);
  try {
    await pool.started;
    const work = inParallel(pool.threads, async () => {
      const runIndex = signal?.aborted === true ? null : schedule.next();
      if (runIndex === null) return false;
      const run = await finishedRun(pool, runIndex, signal);
      if (run === null) return false;
      store.append(runIndex, run.line, run.failed);
      schedule.learn(runIndex, run.events);
      onRecorded();
      return true;
    });
    await Promise.race([work, syncing.failed]);
  } finally {
    syncing.stop();
    signal?.removeEventListener('abort', stop);
    await pool.close();
  }
}

/** How long a recorded run may go without being safe from a power failure. */
const syncMillis = 1000;

/** Syncs once in that time; `failed` rejects when that fails. */
function syncRegularly(store: SweepStore): { readonly failed: Promise<never>; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  const failed = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      try {
        store.sync();
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    }, syncMillis);
  });
  failed.catch(() => undefined);
  return { failed, stop: () => clearInterval(timer) };
}

/**
 * A run from the pool; null when it was stopped. A thread that broke down (out of memory) fails the run it had, not the sweep.
 * @throws PutmodelError when nothing can be said of the run: its files cannot be written, or the threads were ended under it
 */
export async function finishedRun(pool: Pool, runIndex: number, signal: AbortSignal | undefined): Promise<FinishedSweepRun | null> {
  try {
    return await pool.runOfSweep(runIndex);
  } catch (error) {
    if (signal?.aborted === true) return null;
    if (error instanceof PutmodelError) throw error;
    const { message } = errorToData(error);
    return { line: new TextEncoder().encode(encodeRecord({ runIndex, events: 0, error: message })), events: 0, failed: true };
  }
}

/** What is kept and how to go on, for errors that end a sweep midway. */
function withProgress(error: unknown, { done, total }: SweepProgress): unknown {
  if (!(error instanceof PutmodelError) || error.code === 'CANCELLED') return error;
  const kept = `${String(done)} of ${String(total)} runs are recorded, --resume goes on`;
  return new PutmodelError(error.issues.map((issue) => ({ ...issue, message: `${issue.message}; ${kept}` })));
}

function interrupted({ done, total }: SweepProgress): PutmodelError {
  return new PutmodelError({
    code: 'CANCELLED',
    message: `interrupted: ${String(done)} of ${String(total)} runs are recorded`,
    expected: '--resume goes on',
  });
}
