/**
 * The coordinator of a sweep on a queue: puts in what is missing, records what comes back, writes the results. It holds the sweep's lease
 * (lease.ts), whose renewals also tell whether the server is there; what the server has lost is put in again.
 */
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isDirectory } from '../files/read.js';
import { PutmodelError } from '../kernel/errors.js';
import { takeLease } from './lease.js';
import type { LoadedSweep } from './load.js';
import { leaseKey, openQueues, type QueueJob, type ShardJob, type SweepQueues } from './queue.js';
import { startHeartbeat } from './queue-server.js';
import { decodeRecord } from './record.js';
import { runFilesDirectory } from './run-files.js';
import type { SweepStore } from './store.js';

/** Runs of a job: many enough that the queue costs little, few enough that a worker that dies loses little. */
const runsOfJob = 32;
const pollMillis = 100;
const pageJobs = 100;
const attempts = 3;

/** After so long without a job done, what is missing is put in again; the wait doubles up to the longest. */
const idleMillis = 5000;
const idleMillisMax = 60_000;

/** How a queue is used. */
export interface JoinQueueOptions {
  readonly signal?: AbortSignal | undefined;
  /** How long the server may be away. */
  readonly lostSec: number;
  /** Told in words what is waited for. */
  readonly onNotice: (text: string) => void;
}

/** A queue whose server answers, with the lease of the sweep ours. */
export interface JoinedQueue {
  /**
   * Has the missing runs made by the workers of the queue and records them. Ends early when the signal aborts: jobs stay in the queue.
   * @throws PutmodelError INPUT_MISSING when the server was away for too long; INPUT_UNSUPPORTED for a job that failed
   */
  runMissing(store: SweepStore, onRecorded: () => void): Promise<void>;
  /** Gives back the lease and closes the connections. */
  leave(): Promise<void>;
}

/** Reaches the queue and takes the sweep's lease, which is renewed from here on. @throws PutmodelError as `openQueues` and `takeLease` */
export async function joinQueue(url: string, loaded: LoadedSweep, options: JoinQueueOptions): Promise<JoinedQueue> {
  const queues = await openQueues(url);
  const { name } = queues.server;
  try {
    const lease = await takeLease(queues.server, leaseKey(loaded.planHash), options.signal);
    const heartbeat = startHeartbeat({ beat: () => lease.renew(), name, lostSec: options.lostSec, onNotice: options.onNotice });
    return {
      runMissing: async (store, onRecorded) => {
        if (store.missing().length === 0) return;
        const work = coordinate(queues, loaded, store, { ...options, onRecorded }).catch((error: unknown) => {
          throw error instanceof PutmodelError ? error : refusedBy(name, error);
        });
        // What is left of the work when something else ends it ends with the connection.
        work.catch(() => undefined);
        await Promise.race([work, heartbeat.failed, aborted(options.signal)]);
      },
      leave: async () => {
        heartbeat.stop();
        await lease.release().catch(() => undefined);
        await queues.close();
      },
    };
  } catch (error) {
    await queues.close();
    throw error;
  }
}

async function coordinate(
  queues: SweepQueues,
  loaded: LoadedSweep,
  store: SweepStore,
  options: JoinQueueOptions & { readonly onRecorded: () => void },
): Promise<void> {
  const { planHash } = loaded;
  const { signal, onNotice, onRecorded } = options;
  const doneAtEnd = store.doneCount + store.missing().length;
  await dropFailed(queues, planHash);
  await putIn(queues, loaded, store);
  let idleSinceMillis = Date.now();
  let waitMillis = idleMillis;
  while (store.doneCount < doneAtEnd && signal?.aborted !== true) {
    await refuseFailed(queues, planHash);
    if (await collect(queues, loaded, store, onRecorded)) {
      [idleSinceMillis, waitMillis] = [Date.now(), idleMillis];
    } else if (Date.now() - idleSinceMillis > waitMillis) {
      if (waitMillis === idleMillis) await noticeLackOfWorkers(queues, onNotice);
      await putIn(queues, loaded, store);
      [idleSinceMillis, waitMillis] = [Date.now(), Math.min(2 * waitMillis, idleMillisMax)];
    } else await setTimeout(pollMillis);
  }
  if (signal?.aborted !== true) await (await queues.sweeps.getJob(planHash))?.remove();
}

/** Puts in the sweep and its missing runs; what is there already stays as it is. */
async function putIn({ sweeps, shards }: SweepQueues, { open, planHash }: LoadedSweep, store: SweepStore): Promise<void> {
  const keep = { removeOnComplete: false, removeOnFail: false };
  const { name } = open.bundle;
  await sweeps.addBulk([{ name, data: { bundle: open.bundle }, opts: { jobId: planHash, ...keep } }]);
  const jobs = jobsOf(store.missing(), planHash, open.plan.runCount).map(([jobId, data]) => ({
    name,
    data,
    opts: { jobId, attempts, ...keep },
  }));
  for (let from = 0; from < jobs.length; from += pageJobs) await shards.addBulk(jobs.slice(from, from + pageJobs));
}

async function noticeLackOfWorkers({ shards, server }: SweepQueues, onNotice: (text: string) => void): Promise<void> {
  if ((await shards.getWorkersCount()) > 0) return;
  onNotice(`no worker of this version is at ${server.name}: waiting for one (putmodel worker --queue ...)`);
}

/** Resolves when the signal aborts. */
async function aborted(signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted === true) return;
  await new Promise<void>((resolve) => {
    signal?.addEventListener('abort', () => resolve(), { once: true });
  });
}

function refusedBy(name: string, error: unknown): PutmodelError {
  const message = `the queue at ${name} refused a command`;
  return new PutmodelError({ code: 'INPUT_UNSUPPORTED', message, found: error instanceof Error ? error.message : String(error) });
}

/** The jobs with missing runs. A job of a name always has the same runs, whoever puts it in: those recorded already are made again. */
function jobsOf(missing: Uint32Array, planHash: string, runCount: number): [jobId: string, job: ShardJob][] {
  const shards = [...new Set(Array.from(missing, (run) => Math.floor(run / runsOfJob)))];
  return shards.map((shard) => {
    const first = shard * runsOfJob;
    const runs = Array.from({ length: Math.min(runsOfJob, runCount - first) }, (_, index) => first + index);
    return [`${planHash}-${String(shard)}`, { planHash, runs }];
  });
}

/** Records what has come back; a job leaves the queue when its runs are safe on disk. Says whether there was any. */
async function collect(queues: SweepQueues, loaded: LoadedSweep, store: SweepStore, onRecorded: () => void): Promise<boolean> {
  const done = await ownJobs(queues, loaded.planHash, 'completed');
  for (const job of done) {
    for (const line of job.returnvalue) {
      const record = decodeRecord(line);
      if (record === null) throw new PutmodelError({ code: 'INPUT_INVALID', message: 'a damaged record came out of the queue' });
      if (loaded.open.bundle.sweep.series === true && !('error' in record)) await requireRunFiles(job, store.directory, record.runIndex);
      store.append(record.runIndex, new TextEncoder().encode(line), 'error' in record);
      onRecorded();
    }
  }
  store.sync();
  for (const job of done) await job.remove();
  return done.length > 0;
}

/** A worker that wrote a run's files elsewhere (for an earlier --out of this sweep) has to make it again. */
async function requireRunFiles(job: QueueJob<ShardJob, readonly string[]>, directory: string, runIndex: number): Promise<void> {
  const files = join(runFilesDirectory(directory), String(runIndex));
  if (isDirectory(files)) return;
  await job.remove();
  throw new PutmodelError({
    code: 'INPUT_MISSING',
    message: `a worker has made run ${String(runIndex)}, and its files are not there`,
    file: files,
    expected: "workers whose --out is this sweep's result directory",
  });
}

async function refuseFailed(queues: SweepQueues, planHash: string): Promise<void> {
  const [failed] = await ownJobs(queues, planHash, 'failed');
  if (failed === undefined) return;
  const { id = '', failedReason = 'no reason given' } = failed;
  throw new PutmodelError({ code: 'INPUT_UNSUPPORTED', message: `job ${id} failed on a worker: ${failedReason}` });
}

/** What failed in an earlier attempt of this sweep is tried again. */
async function dropFailed(queues: SweepQueues, planHash: string): Promise<void> {
  for (const job of await ownJobs(queues, planHash, 'failed')) await job.remove();
}

/** Jobs of one sweep in a state; other sweeps may share the queue. */
async function ownJobs(
  { shards }: SweepQueues,
  planHash: string,
  state: 'completed' | 'failed',
): Promise<readonly QueueJob<ShardJob, readonly string[]>[]> {
  const own: QueueJob<ShardJob, readonly string[]>[] = [];
  for (let start = 0; ; start += pageJobs) {
    const page = await shards.getJobs([state], start, start + pageJobs - 1, true);
    own.push(...page.filter(({ data }) => data.planHash === planHash));
    if (page.length < pageJobs || own.length >= pageJobs) return own;
  }
}
