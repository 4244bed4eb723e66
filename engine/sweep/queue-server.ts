/**
 * The server behind a queue, seen past BullMQ: whether it is there, lets us in and is new enough, before anything waits for it; and a beat
 * that notices when it goes away, because BullMQ's own commands wait for ever.
 */
import { loadOptional } from '../files/optional.js';
import { PutmodelError } from '../kernel/errors.js';

/** A connection whose commands fail where there is no answer, instead of waiting. */
export interface ServerConnection {
  /** Address without user and password: for people to read. */
  readonly name: string;
  /** Runs a Lua script on the server. @throws the server's error, or that there is no connection */
  evaluate(script: string, keys: readonly string[], values: readonly (string | number)[]): Promise<unknown>;
  ping(): Promise<void>;
  close(): void;
}

/** The client of the package ioredis as it is used here; its own types are absent where it is not installed. */
interface RedisClient {
  connect(): Promise<void>;
  ping(): Promise<string>;
  eval(script: string, keyCount: number, ...rest: readonly (string | number)[]): Promise<unknown>;
  on(event: 'error', listener: (error: Error) => void): void;
  disconnect(): void;
}

interface IoRedis {
  readonly Redis: new (url: string, options: unknown) => RedisClient;
}

/** How long a server may take to let us in, and to answer one command. */
const reachMillis = 10_000;
const answerMillis = 5000;
const reconnectMillis = 500;

/**
 * Connects to the server at an address.
 * @throws PutmodelError INPUT_UNSUPPORTED without the package ioredis, for an address that is none of Redis and for a server that is too
 * old; INPUT_MISSING when nobody answers there or the password is refused; all within `reachMillis`
 */
export async function connectServer(url: string): Promise<ServerConnection> {
  const name = nameOf(url);
  const { Redis } = (await loadOptional('ioredis')) as IoRedis;
  await checkServer(Redis, url, name);
  const client = new Redis(url, {
    retryStrategy: () => reconnectMillis,
    connectTimeout: answerMillis,
    commandTimeout: answerMillis,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    lazyConnect: true,
  });
  // What goes wrong is told by the commands.
  client.on('error', () => undefined);
  await client.connect();
  return {
    name,
    evaluate: (script, keys, values) => client.eval(script, keys.length, ...keys, ...values),
    ping: async () => {
      await client.ping();
    },
    close: () => {
      client.disconnect();
    },
  };
}

async function checkServer(Redis: IoRedis['Redis'], url: string, name: string): Promise<void> {
  const client = new Redis(url, { retryStrategy: () => null, connectTimeout: reachMillis, maxRetriesPerRequest: 0, lazyConnect: true });
  let reason = '';
  // The promise says only that the connection is closed; this says why.
  client.on('error', ({ message }) => (reason = message));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${String(reachMillis / 1000)} s`)), reachMillis);
  });
  try {
    await Promise.race([late, client.connect().then(() => client.ping())]);
  } catch (error) {
    throw unreachable(name, reason === '' && error instanceof Error ? error.message : reason);
  } finally {
    clearTimeout(timer);
    client.disconnect();
  }
}

/** What a server says, by what is wrong with it. A server before Redis 6 does not know the first command, HELLO. */
const refusals = [
  {
    pattern: /NOAUTH|WRONGPASS|invalid password|NOPERM/i,
    code: 'INPUT_MISSING',
    message: (name: string) => `the queue at ${name} does not let us in`,
    expected: 'redis://user:password@host:port with the right password',
  },
  {
    pattern: /unknown command/i,
    code: 'INPUT_UNSUPPORTED',
    message: (name: string) => `the Redis at ${name} is too old`,
    expected: 'Redis 6 or newer, or Valkey',
  },
  {
    pattern: /(?:)/,
    code: 'INPUT_MISSING',
    message: (name: string) => `no queue at ${name}`,
    expected: 'a Redis or Valkey server there',
  },
] as const;

function unreachable(name: string, reason: string): PutmodelError {
  const { code, message, expected } = refusals.find(({ pattern }) => pattern.test(reason)) ?? refusals[2];
  return new PutmodelError({ code, message: message(name), found: reason === '' ? undefined : reason, expected });
}

function nameOf(url: string): string {
  const address = URL.canParse(url) ? new URL(url) : null;
  if (address !== null && /^rediss?:$/.test(address.protocol) && address.hostname !== '') return `${address.protocol}//${address.host}`;
  throw new PutmodelError({ code: 'INPUT_UNSUPPORTED', message: 'cannot read the address of the queue', expected: 'redis://host:port' });
}

/** A text (an address, or a word of a command line that holds one) without the user and password of the address: fit to be stored. */
export function withoutUserInfo(text: string): string {
  return text.replace(/(\b[a-z][a-z+]*:\/\/).*@/i, '$1');
}

/** What is done at every beat, and what is said of a server that does not answer. */
export interface HeartbeatOptions {
  /** @throws PutmodelError to end everything; any other error means that the server did not answer */
  readonly beat: () => Promise<void>;
  /** How long the server may be away. */
  readonly lostSec: number;
  /** Of the server, for messages. */
  readonly name: string;
  /** Told in words when the server goes away and when it is back. */
  readonly onNotice: (text: string) => void;
}

/** A beat that goes on until it is stopped. */
export interface Heartbeat {
  /** Never resolves. Rejects with PutmodelError when the server was away for too long, or as the beat did. */
  readonly failed: Promise<never>;
  stop(): void;
}

const beatMillis = 1000;

/** Beats once a second. */
export function startHeartbeat({ beat, lostSec, name, onNotice }: HeartbeatOptions): Heartbeat {
  let answeredAtMillis = Date.now();
  let isLost = false;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const failed = new Promise<never>((_, reject) => {
    const once = async (): Promise<void> => {
      try {
        await beat();
        answeredAtMillis = Date.now();
        if (isLost) onNotice(`the queue at ${name} is back`);
        isLost = false;
      } catch (error) {
        if (error instanceof PutmodelError) {
          reject(error);
          return;
        }
        if (!isLost && !isStopped) onNotice(`the queue at ${name} does not answer: trying again for ${String(lostSec)} s`);
        isLost = true;
        if (Date.now() - answeredAtMillis > lostSec * 1000) {
          reject(new PutmodelError({ code: 'INPUT_MISSING', message: `the queue at ${name} has not answered for ${String(lostSec)} s` }));
          return;
        }
      }
      if (!isStopped) timer = setTimeout(() => void once(), beatMillis);
    };
    timer = setTimeout(() => void once(), beatMillis);
  });
  // Whoever waits for something else, too, is told; nobody has to be.
  failed.catch(() => undefined);
  return {
    failed,
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
