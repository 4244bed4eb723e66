/** A process that simulates what is in the queue, in Piscina's threads: its own thread stays free to hold the locks of its jobs. */
import { once } from 'node:events';
import { invariant } from '../kernel/errors.js';
import { inParallel, openPool, type Pool } from './pool.js';
import { maximumRecordBytes, openQueues, shardsName, type ShardJob, type SweepQueues } from './queue.js';
import { finishedRun } from './run-sweep.js';

/** How a worker works. */
export interface QueueWorkerOptions {
  readonly threads?: number | undefined;
  /** Seconds after which another worker takes the job of one that died. */
  readonly lockSec: number;
  readonly signal: AbortSignal;
  readonly onReady: () => void;
}

/** A worker that dies is no fault of its job: it is taken up again as often as that happens. */
const maxStalledCount = 1_000_000;

/** Works until the signal; jobs begun are ended first. @throws PutmodelError as `openQueues` */
export async function workOnQueue(url: string, { threads, lockSec, signal, onReady }: QueueWorkerOptions): Promise<void> {
  const queues = await openQueues(url);
  const pools = createPools(queues, threads);
  const lockDuration = lockSec * 1000;
  const worker = new queues.bull.Worker(shardsName(), ({ data }) => pools.use(data.planHash, (pool) => recordsOf(pool, data, queues)), {
    connection: queues.connection,
    // While one job ends, the next keeps the threads busy.
    concurrency: 2,
    lockDuration,
    stalledInterval: lockDuration / 2,
    maxStalledCount,
  });
  // A connection that is lost comes back; jobs whose lock lapsed meanwhile are made again.
  worker.on('error', () => undefined);
  try {
    await worker.waitUntilReady();
    onReady();
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    await worker.close();
    await pools.close();
    await queues.close();
  }
}

/** The records of a job's runs, one line each. */
async function recordsOf(pool: Pool, { runs }: ShardJob, { bull }: SweepQueues): Promise<readonly string[]> {
  const lines: string[] = [];
  let next = 0;
  await pool.started;
  await inParallel(pool.threads, async () => {
    const at = next++;
    const runIndex = runs[at];
    if (runIndex === undefined) return false;
    const run = await finishedRun(pool, runIndex, undefined);
    invariant(run !== null, 'nobody stops the runs of a job');
    if (run.line.length > maximumRecordBytes) {
      const size = `${String(run.line.length)} bytes, more than the ${String(maximumRecordBytes)} that go through a queue`;
      throw new bull.UnrecoverableError(`run ${String(runIndex)} gives ${size} (--shard has no such limit)`);
    }
    lines[at] = new TextDecoder().decode(run.line);
    return true;
  });
  return lines;
}

/** Threads by sweep; those of a sweep that has no job here end when another sweep's job comes. */
function createPools({ sweeps }: SweepQueues, threads: number | undefined) {
  const pools = new Map<string, { readonly opened: Promise<Pool>; users: number }>();
  const open = async (planHash: string): Promise<Pool> => {
    const job = await sweeps.getJob(planHash);
    if (job === undefined) throw new Error('the sweep of this job is not in the queue any more');
    return openPool({ threads, bundle: job.data.bundle });
  };
  const end = async (planHash: string): Promise<void> => {
    const entry = pools.get(planHash);
    pools.delete(planHash);
    await entry?.opened.then((pool) => pool.close()).catch(() => undefined);
  };
  return {
    async use<T>(planHash: string, work: (pool: Pool) => Promise<T>): Promise<T> {
      for (const [other, { users }] of pools) if (other !== planHash && users === 0) void end(other);
      const entry = pools.get(planHash) ?? { opened: open(planHash), users: 0 };
      pools.set(planHash, entry);
      entry.users += 1;
      try {
        return await work(await entry.opened);
      } catch (error) {
        // Threads that cannot start, or a sweep that is gone, are tried anew by the next job.
        if (pools.get(planHash) === entry) void end(planHash);
        throw error;
      } finally {
        entry.users -= 1;
      }
    },
    close: async () => {
      await Promise.all([...pools.keys()].map(end));
    },
  };
}
