/** A process that simulates what is in the queue, in Piscina's threads: its own thread stays free to hold the locks of its jobs. */
import { once } from 'node:events';
import { invariant } from '../kernel/errors.js';
import { modulesOf, openSweep } from './bundle.js';
import { inParallel, openPool, type Pool } from './pool.js';
import { maximumRecordBytes, openQueues, shardsName, type QueueWorker, type ShardJob, type SweepQueues } from './queue.js';
import { startHeartbeat } from './queue-server.js';
import { runFilesDirectory } from './run-files.js';
import { finishedRun } from './run-sweep.js';
import { readSweepManifest } from './store.js';

/** How a worker works. */
export interface QueueWorkerOptions {
  readonly threads?: number | undefined;
  /** Seconds after which another worker takes the job of one that died. */
  readonly lockSec: number;
  /** Seconds for which the queue's server may be away. */
  readonly lostSec: number;
  /** The result directory of the sweeps that keep series, as this host sees it; undefined: such sweeps are refused. */
  readonly directory?: string | undefined;
  /** Whether to run code (modules of policies) that sweeps bring along: whoever can write to the queue could have it run here. */
  readonly allowModules: boolean;
  readonly signal: AbortSignal;
  readonly onReady: () => void;
  /** Told in words what is waited for. */
  readonly onNotice: (text: string) => void;
}

/** A worker that dies is no fault of its job: it is taken up again as often as that happens. */
const maxStalledCount = 1_000_000;

/**
 * Works until the signal; jobs begun are ended first.
 * @throws PutmodelError as `openQueues`; INPUT_MISSING when the server was away for too long
 */
export async function workOnQueue(url: string, options: QueueWorkerOptions): Promise<void> {
  const { lockSec, lostSec, signal, onReady, onNotice } = options;
  const queues = await openQueues(url);
  const pools = createPools(queues, options);
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
  const heartbeat = startHeartbeat({ beat: () => queues.server.ping(), lostSec, name: queues.server.name, onNotice });
  let isLost = true;
  try {
    await worker.waitUntilReady();
    onReady();
    if (!signal.aborted) await Promise.race([once(signal, 'abort'), heartbeat.failed]);
    isLost = false;
  } finally {
    heartbeat.stop();
    await endJobs(worker, queues, isLost);
    await pools.close();
    await queues.close();
  }
}

/** How long a server may be away while the last jobs end: they have nowhere to go then. */
const closingSec = 3;

/** Ends the jobs that were begun, however long they take, unless the server is away: BullMQ would wait for that for ever. */
async function endJobs(worker: QueueWorker, { server }: SweepQueues, isLostBefore: boolean): Promise<void> {
  const lostSec = isLostBefore ? 0 : closingSec;
  const heartbeat = startHeartbeat({ beat: () => server.ping(), lostSec, name: server.name, onNotice: () => undefined });
  const lost = heartbeat.failed.catch(() => true);
  const isLost = isLostBefore || (await Promise.race([worker.pause().then(() => false), lost]));
  await Promise.race([worker.close(isLost), lost]);
  heartbeat.stop();
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
function createPools({ sweeps, bull }: SweepQueues, { threads, directory, allowModules }: QueueWorkerOptions) {
  const pools = new Map<string, { readonly opened: Promise<Pool>; users: number }>();
  const open = async (planHash: string): Promise<Pool> => {
    const job = await sweeps.getJob(planHash);
    if (job === undefined) throw new Error('the sweep of this job is not in the queue any more');
    const { bundle } = job.data;
    const modules = modulesOf(openSweep(bundle));
    if (modules.length > 0 && !allowModules) {
      throw new bull.UnrecoverableError(
        `the sweep brings code along (${modules.map(({ name }) => name).join(', ')}), which workers run with --allow-modules only`,
      );
    }
    if (bundle.sweep.series !== true) return openPool({ threads, bundle });
    const refusal = refuseDirectory(directory, planHash);
    if (refusal !== null) throw new bull.UnrecoverableError(refusal);
    return openPool({ threads, bundle, runsDirectory: runFilesDirectory(directory ?? '') });
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

/** Why the files of runs cannot go to a directory; null when it is the sweep's own. */
function refuseDirectory(directory: string | undefined, planHash: string): string | null {
  const wanted = "the sweep's result directory as the worker's host sees it";
  if (directory === undefined) return `the sweep keeps series, and the worker was started without --out (${wanted})`;
  if (readSweepManifest(directory)?.planHash === planHash) return null;
  return `the sweep keeps series, and the worker's --out ${directory} is not its directory (expected ${wanted})`;
}
