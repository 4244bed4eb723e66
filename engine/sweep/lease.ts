/**
 * Who coordinates a sweep on a queue: one process at a time, or two would take each other's results away. A key of the server names it, and
 * is gone a few seconds after the process stops renewing it, however it ended.
 */
import { hostname } from 'node:os';
import process from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { PutmodelError } from '../kernel/errors.js';
import type { ServerConnection } from './queue-server.js';

/** A sweep that is ours to coordinate. */
export interface Lease {
  /** @throws PutmodelError INPUT_UNSUPPORTED when another process has it now; the server's error when it does not answer */
  renew(): Promise<void>;
  release(): Promise<void>;
}

/** Long against a beat of renewals and a busy machine, short against the patience of who goes on after a crash. */
const leaseMillis = 6000;
const pollMillis = 500;

/** Takes the key when it is free or ours; gives who has it. */
const takeScript = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return holder end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ARGV[1]`;

const releaseScript = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end return 1";

/**
 * Takes the lease, waiting for that of a process that died to end.
 * @throws PutmodelError INPUT_UNSUPPORTED, naming the process, when another one renews it; CANCELLED when the signal aborts
 */
export async function takeLease(server: ServerConnection, key: string, signal: AbortSignal | undefined): Promise<Lease> {
  const self = `process ${String(process.pid)} on ${hostname()}, since ${new Date().toISOString()}`;
  const take = async (): Promise<string> => String(await server.evaluate(takeScript, [key], [self, leaseMillis]));
  const giveUpAtMillis = Date.now() + 2 * leaseMillis;
  for (let holder = await take(); holder !== self; holder = await take()) {
    if (signal?.aborted === true) throw new PutmodelError({ code: 'CANCELLED', message: 'interrupted' });
    if (Date.now() > giveUpAtMillis) throw takenBy(holder, server.name);
    await setTimeout(pollMillis);
  }
  return {
    async renew() {
      const holder = await take();
      if (holder !== self) throw takenBy(holder, server.name);
    },
    release: async () => {
      await server.evaluate(releaseScript, [key], [self]);
    },
  };
}

function takenBy(holder: string, name: string): PutmodelError {
  return new PutmodelError({
    code: 'INPUT_UNSUPPORTED',
    message: `this sweep is already being coordinated on ${name}, by ${holder}`,
    expected: 'one sweep process for any number of workers',
  });
}
