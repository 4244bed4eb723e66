/**
 * A sweep on many machines through BullMQ: the coordinator puts shards of runs into a queue on Redis, workers take them and give the
 * records back as the job's return value. A job is called `<plan hash>-<shard>`, so that none is there twice; a record is the same bytes
 * wherever it is made, so that a shard that was made twice costs time and changes nothing.
 */
import { setTimeout } from 'node:timers/promises';
import { loadOptional } from '../files/optional.js';
import { engineVersion } from '../files/version.js';
import type { SweepBundle } from './bundle.js';
import { connectServer, type ServerConnection } from './queue-server.js';

/** Runs of one job, and the sweep they belong to. */
export interface ShardJob {
  readonly planHash: string;
  readonly runs: readonly number[];
}

/** Most bytes of a run's record that go through the queue. */
export const maximumRecordBytes = 65_536;

/** A job as this program uses it; BullMQ's own types are absent where it is not installed. */
export interface QueueJob<Data, Answer> {
  readonly id?: string;
  readonly data: Data;
  readonly returnvalue: Answer;
  readonly failedReason?: string;
  remove(): Promise<void>;
}

/** A queue of BullMQ. */
export interface Queue<Data, Answer> {
  addBulk(
    jobs: readonly { readonly name: string; readonly data: Data; readonly opts: Readonly<Record<string, unknown>> }[],
  ): Promise<unknown>;
  getJob(id: string): Promise<QueueJob<Data, Answer> | undefined>;
  getJobs(types: readonly string[], start: number, end: number, ascending: boolean): Promise<readonly QueueJob<Data, Answer>[]>;
  getWorkersCount(): Promise<number>;
  waitUntilReady(): Promise<unknown>;
  on(event: 'error', listener: (error: Error) => void): void;
  close(): Promise<void>;
  disconnect(): Promise<void>;
}

/** A worker of BullMQ. */
export interface QueueWorker {
  on(event: 'error', listener: (error: Error) => void): void;
  waitUntilReady(): Promise<unknown>;
  /** Takes no more jobs; resolves when those that were begun have ended. */
  pause(): Promise<void>;
  /** Ends the jobs that were begun first, but not by force. */
  close(force?: boolean): Promise<void>;
}

interface BullMq {
  readonly Queue: new <Data, Answer>(name: string, options: unknown) => Queue<Data, Answer>;
  readonly Worker: new (
    name: string,
    process: (job: QueueJob<ShardJob, unknown>) => Promise<readonly string[]>,
    options: unknown,
  ) => QueueWorker;
  readonly UnrecoverableError: new (message: string) => Error;
}

/** The two queues of a Redis: what is to be simulated, and the sweeps that it belongs to (jobs that nobody takes). */
export interface SweepQueues {
  readonly bull: BullMq;
  readonly connection: unknown;
  /** The same server, past BullMQ. */
  readonly server: ServerConnection;
  readonly shards: Queue<ShardJob, readonly string[]>;
  readonly sweeps: Queue<{ readonly bundle: SweepBundle }, null>;
  close(): Promise<void>;
}

/** Another version of this program has queues of its own: its runs need not be the same. */
const queueName = (what: string): string => `putmodel-${engineVersion()}-${what}`;

/** Name of the queue that workers take jobs from. */
export const shardsName = (): string => queueName('shards');

/** Key of the server that says which process coordinates a sweep. */
export const leaseKey = (planHash: string): string => queueName(`lease-${planHash}`);

const closeMillis = 500;

/** Connects to the queues. @throws PutmodelError INPUT_UNSUPPORTED without BullMQ; as `connectServer` */
export async function openQueues(url: string): Promise<SweepQueues> {
  // The server first: BullMQ would try for ever to reach one that is not there.
  const server = await connectServer(url);
  const bull = (await loadOptional('bullmq')) as BullMq;
  const connection = { url, maxRetriesPerRequest: null };
  const shards = new bull.Queue<ShardJob, readonly string[]>(shardsName(), { connection });
  const sweeps = new bull.Queue<{ readonly bundle: SweepBundle }, null>(queueName('sweeps'), { connection });
  // A connection that is lost comes back by itself, or the heartbeat ends the wait.
  for (const queue of [shards, sweeps]) queue.on('error', () => undefined);
  await Promise.all([shards.waitUntilReady(), sweeps.waitUntilReady()]);
  return {
    bull,
    connection,
    server,
    shards,
    sweeps,
    // By force, and not for long: a server that is away would be waited for.
    close: async () => {
      server.close();
      await Promise.race([Promise.allSettled([shards.disconnect(), sweeps.disconnect()]), setTimeout(closeMillis)]);
    },
  };
}
