/**
 * A sweep on many machines through BullMQ: the coordinator puts shards of runs into a queue on Redis, workers take them and give the
 * records back as the job's return value. A job is called `<plan hash>-<shard>`, so that none is there twice; a record is the same bytes
 * wherever it is made, so that a shard that was made twice costs time and changes nothing.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { loadOptional } from '../files/optional.js';
import { engineVersion } from '../files/version.js';
import { PutmodelError } from '../kernel/errors.js';
import type { SweepBundle } from './bundle.js';

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
  waitUntilReady(): Promise<unknown>;
  on(event: 'error', listener: (error: Error) => void): void;
  close(): Promise<void>;
}

/** A worker of BullMQ. */
export interface QueueWorker {
  on(event: 'error', listener: (error: Error) => void): void;
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
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
  readonly shards: Queue<ShardJob, readonly string[]>;
  readonly sweeps: Queue<{ readonly bundle: SweepBundle }, null>;
  close(): Promise<void>;
}

/** Another version of this program has queues of its own: its runs need not be the same. */
export const shardsName = (): string => `putmodel-${engineVersion()}-shards`;

/**
 * Connects to the queues.
 * @throws PutmodelError INPUT_UNSUPPORTED without BullMQ or with an address that is none of Redis; INPUT_MISSING when nobody answers there
 */
export async function openQueues(url: string): Promise<SweepQueues> {
  const address = addressOf(url);
  const bull = (await loadOptional('bullmq')) as BullMq;
  // The client would try for ever to reach a server that is not there.
  await reach(address);
  const connection = { url, maxRetriesPerRequest: null };
  const shards = new bull.Queue<ShardJob, readonly string[]>(shardsName(), { connection });
  const sweeps = new bull.Queue<{ readonly bundle: SweepBundle }, null>(`putmodel-${engineVersion()}-sweeps`, { connection });
  // A connection that is lost later comes back by itself.
  for (const queue of [shards, sweeps]) queue.on('error', () => undefined);
  await Promise.all([shards.waitUntilReady(), sweeps.waitUntilReady()]);
  return {
    bull,
    connection,
    shards,
    sweeps,
    close: async () => {
      await Promise.allSettled([shards.close(), sweeps.close()]);
    },
  };
}

const reachMillis = 10_000;

async function reach({ protocol, hostname, port, host }: URL): Promise<void> {
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 6379 : Number(port) });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(reachMillis) });
  } catch (error) {
    const found = error instanceof Error && error.message !== '' ? error.message : undefined;
    // Without the password that the address may hold.
    const message = `no queue at ${protocol}//${host}`;
    throw new PutmodelError({ code: 'INPUT_MISSING', message, found, expected: 'a Redis or Valkey server there' });
  } finally {
    socket.destroy();
  }
}

function addressOf(url: string): URL {
  const address = URL.canParse(url) ? new URL(url) : null;
  if (address !== null && /^rediss?:$/.test(address.protocol) && address.hostname !== '') return address;
  throw new PutmodelError({ code: 'INPUT_UNSUPPORTED', message: 'cannot read the address of the queue', expected: 'redis://host:port' });
}
