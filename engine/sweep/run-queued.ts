/** The coordinator of a sweep on a queue: puts in what is missing, records what comes back, writes the results. */
import { setTimeout } from 'node:timers/promises';
import { PutmodelError } from '../kernel/errors.js';
import type { LoadedSweep } from './load.js';
import { openQueues, type QueueJob, type ShardJob, type SweepQueues } from './queue.js';
import { decodeRecord } from './record.js';
import type { SweepStore } from './store.js';

/** Runs of a job: many enough that the queue costs little, few enough that a worker that dies loses little. */
const runsOfJob = 32;
const pollMillis = 100;
const pageJobs = 100;
const attempts = 3;

/**
 * Has the missing runs made by the workers of a queue and records them. Ends early when the signal aborts: jobs stay in the queue.
 * @throws PutmodelError as `openQueues`; INPUT_UNSUPPORTED for a sweep that keeps series, and for a job that failed
 */
export async function runQueued(
  url: string,
  { open, planHash }: LoadedSweep,
  store: SweepStore,
  { signal, onRecorded }: { readonly signal?: AbortSignal | undefined; readonly onRecorded: () => void },
): Promise<void> {
  if (open.bundle.sweep.series === true) {
    const expected = 'series: false, or --shard with a shared directory';
    throw new PutmodelError({
      code: 'INPUT_UNSUPPORTED',
      message: 'a queue does not carry the files of single runs (series: true)',
      expected,
    });
  }
  const missing = store.missing();
  if (missing.length === 0) return;
  const doneAtEnd = store.doneCount + missing.length;
  const queues = await openQueues(url);
  try {
    await dropFailed(queues, planHash);
    const keep = { removeOnComplete: false, removeOnFail: false };
    await queues.sweeps.addBulk([{ name: open.bundle.name, data: { bundle: open.bundle }, opts: { jobId: planHash, ...keep } }]);
    const jobs = jobsOf(missing, planHash, open.plan.runCount).map(([jobId, data]) => ({
      name: open.bundle.name,
      data,
      opts: { jobId, attempts, ...keep },
    }));
    for (let from = 0; from < jobs.length; from += pageJobs) await queues.shards.addBulk(jobs.slice(from, from + pageJobs));
    while (store.doneCount < doneAtEnd && signal?.aborted !== true) {
      await refuseFailed(queues, planHash);
      if (!(await collect(queues, planHash, store, onRecorded))) await setTimeout(pollMillis);
    }
    if (signal?.aborted !== true) await (await queues.sweeps.getJob(planHash))?.remove();
  } finally {
    await queues.close();
  }
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
async function collect(queues: SweepQueues, planHash: string, store: SweepStore, onRecorded: () => void): Promise<boolean> {
  const done = await ownJobs(queues, planHash, 'completed');
  for (const { returnvalue } of done) {
    for (const line of returnvalue) {
      const record = decodeRecord(line);
      if (record === null) throw new PutmodelError({ code: 'INPUT_INVALID', message: 'a damaged record came out of the queue' });
      store.append(record.runIndex, new TextEncoder().encode(line), 'error' in record);
      onRecorded();
    }
  }
  store.sync();
  for (const job of done) await job.remove();
  return done.length > 0;
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
