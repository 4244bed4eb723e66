/** What goes wrong between a sweep and its Redis: every case ends in one clear line, or goes on to the bytes of an untroubled sweep. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandFile, rootDir, run, runOk } from '../support/process.js';
import { startRedis, type RedisServer } from '../support/redis.js';
import { sweepOnce } from '../support/sweep-kills.js';
import { lacksTool } from '../support/tools.js';
import { sweepFiles, writeSweep } from '../sweep/sample.js';

const directory = mkdtempSync(join(tmpdir(), 'putmodel-queue-trouble-'));
const children: ChildProcess[] = [];
const isSkipped = lacksTool('redis-server');
const reference = join(directory, 'reference');
let redis: RedisServer | null = null;
let sweep = '';

beforeAll(async () => {
  if (isSkipped) return;
  redis = await startRedis(directory);
  const axes = '    workload.rate: { range: { from: 10000, to: 90000, count: 200 } }\n    backlog.mu: [0.2, 0.4, 0.8]\n';
  sweep = writeSweep(join(directory, 'in'), axes, '');
  sweepOnce(sweep, reference);
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await redis?.stop();
  rmSync(directory, { recursive: true });
});

const url = (): string => redis?.url ?? '';

/** A process of the command, what it says on standard error, and its end. */
interface Started {
  readonly child: ChildProcess;
  said(): string;
  /** Resolves when it has said it. */
  until(pattern: RegExp): Promise<void>;
  readonly ended: Promise<number | null>;
}

function start(args: readonly string[]): Started {
  const child = spawn(process.execPath, [commandFile, ...args], { cwd: rootDir, stdio: ['ignore', 'ignore', 'pipe'] });
  children.push(child);
  let stderr = '';
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  return {
    child,
    said: () => stderr,
    until: async (pattern) => {
      while (!pattern.test(stderr)) {
        if (child.exitCode !== null) throw new Error(`ended without ${String(pattern)}: ${stderr}`);
        await setTimeout(20);
      }
    },
    ended: once(child, 'close').then(([status]) => status as number | null),
  };
}

async function startWorker(at: string, ...more: readonly string[]): Promise<Started> {
  const worker = start(['worker', '--queue', at, '--threads', '1', '--lock-seconds', '1', ...more]);
  await worker.until(/ready/);
  return worker;
}

/** Tells a Redis something, in its own protocol. */
const command = (server: RedisServer | null, ...words: readonly string[]): string =>
  runOk('redis-cli', ['-p', String(server?.port ?? 0), ...words]);

async function runsRecorded(out: string): Promise<void> {
  while (!existsSync(join(out, 'runs.journal')) || readFileSync(join(out, 'runs.journal')).length === 0) await setTimeout(5);
}

describe.skipIf(isSkipped)('a sweep on a queue, in trouble', () => {
  it('is coordinated by one process: a second is refused and told by whom, one that was killed is followed', async () => {
    const out = join(directory, 'first');
    const first = start(['sweep', sweep, '--queue', url(), '--out', out, '--json']);
    while (!command(redis, 'KEYS', '*lease*').includes('lease')) await setTimeout(20);
    const second = run(process.execPath, [commandFile, 'sweep', sweep, '--queue', url(), '--out', join(directory, 'second'), '--json']);
    expect(second.status).toBe(2);
    expect(second.stderr).toMatch(
      new RegExp(
        `^this sweep is already being coordinated on ${url()}, by process ${String(first.child.pid)} on .* \\(expected one sweep process.*\n$`,
      ),
    );
    expect(existsSync(join(directory, 'second'))).toBe(false);
    first.child.kill('SIGKILL');
    await first.ended;
    const worker = await startWorker(url());
    runOk(process.execPath, [commandFile, 'sweep', sweep, '--queue', url(), '--out', out, '--resume', '--json']);
    worker.child.kill('SIGINT');
    expect(await worker.ended).toBe(0);
    expect(sweepFiles(out)).toEqual(sweepFiles(reference));
  });

  it('says that no worker is there', async () => {
    const coordinator = start(['sweep', sweep, '--queue', url(), '--out', join(directory, 'alone'), '--json']);
    await coordinator.until(/no worker of this version is at/);
    coordinator.child.kill('SIGINT');
    expect(await coordinator.ended).toBe(130);
    command(redis, 'FLUSHALL');
  });

  it('goes on when the Redis loses all it holds', async () => {
    const out = join(directory, 'lost');
    const worker = await startWorker(url());
    const coordinator = start(['sweep', sweep, '--queue', url(), '--out', out, '--json']);
    await runsRecorded(out);
    command(redis, 'FLUSHALL');
    expect(await coordinator.ended).toBe(0);
    worker.child.kill('SIGINT');
    expect(await worker.ended).toBe(0);
    expect(sweepFiles(out)).toEqual(sweepFiles(reference));
  });

  it('waits for a Redis that is away, gives up with one line, and goes on later', async () => {
    const own = await startRedis(directory);
    const out = join(directory, 'away');
    const worker = await startWorker(own.url, '--queue-timeout', '30');
    const impatient = await startWorker(own.url, '--queue-timeout', '2');
    const coordinator = start(['sweep', sweep, '--queue', own.url, '--queue-timeout', '2', '--out', out, '--json']);
    await runsRecorded(out);
    await own.stop();
    expect(await coordinator.ended).toBe(2);
    expect(coordinator.said()).toMatch(
      new RegExp(`the queue at ${own.url} has not answered for 2 s; \\d+ of 600 runs are recorded, --resume goes on\n$`),
    );
    expect(await impatient.ended).toBe(2);
    expect(impatient.said()).toMatch(/has not answered for 2 s\n$/);
    const again = await startRedis(directory, [], own.port);
    runOk(process.execPath, [commandFile, 'sweep', sweep, '--queue', again.url, '--out', out, '--resume', '--json']);
    await worker.until(/is back/);
    worker.child.kill('SIGINT');
    expect(await worker.ended).toBe(0);
    await again.stop();
    expect(sweepFiles(out)).toEqual(sweepFiles(reference));
  });

  it('a worker that is told to end while the Redis is away ends', async () => {
    const own = await startRedis(directory);
    const worker = await startWorker(own.url);
    await own.stop();
    await worker.until(/does not answer/);
    worker.child.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
  });

  it('refuses a wrong password and no password, and does not print it', async () => {
    const locked = await startRedis(directory, ['--requirepass', 'correct']);
    for (const address of [locked.url, locked.url.replace('//', '//:wrong@')]) {
      const { status, stderr } = run(process.execPath, [commandFile, 'worker', '--queue', address]);
      expect({ status, stderr }).toEqual({
        status: 2,
        stderr: expect.stringMatching(/^the queue at \S+ does not let us in: found .*\n$/) as unknown,
      });
      expect(stderr).not.toContain('wrong@');
    }
    await locked.stop();
  });

  it('refuses a Redis that is too old, and what is none', async () => {
    // It does not know HELLO, which came with Redis 6.
    const old = await serverThatAnswers((said) => '-ERR unknown command\r\n'.repeat(said.match(/\*\d+\r\n/g)?.length ?? 0));
    const other = await serverThatAnswers(() => 'HTTP/1.1 400 Bad Request\r\n\r\n');
    const answers = await Promise.all(
      [old, other].map(async ({ port }) => {
        const worker = start(['worker', '--queue', `redis://127.0.0.1:${String(port)}`]);
        return { status: await worker.ended, stderr: worker.said() };
      }),
    );
    old.close();
    other.close();
    expect(answers[0]).toEqual({
      status: 2,
      stderr: expect.stringMatching(/^the Redis at \S+ is too old: found ERR unknown command \(expected .*\)\n$/) as unknown,
    });
    expect(answers[1]).toEqual({ status: 2, stderr: expect.stringMatching(/^no queue at \S+: found .*\n$/) as unknown });
  });

  it('keeps series in a directory that it shares with its workers, and refuses workers without it', async () => {
    const few = '    workload.rate: { range: { from: 10000, to: 90000, count: 40 } }\n';
    const withSeries = writeSweep(join(directory, 'series'), few, '  series: true\n');
    const threads = join(directory, 'series-threads');
    sweepOnce(withSeries, threads);
    const out = join(directory, 'series-queued');
    const stranger = await startWorker(url());
    const refused = run(process.execPath, [commandFile, 'sweep', withSeries, '--queue', url(), '--out', out, '--json']);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(/started without --out/);
    stranger.child.kill('SIGINT');
    await stranger.ended;
    const elsewhere = await startWorker(url(), '--out', threads);
    // The directory of the same sweep, but not the one that is being filled: noticed by the files that are missing.
    const misplaced = run(process.execPath, [commandFile, 'sweep', withSeries, '--queue', url(), '--out', out, '--resume', '--json']);
    expect(misplaced.status).toBe(2);
    expect(misplaced.stderr).toMatch(/its files are not there/);
    elsewhere.child.kill('SIGINT');
    await elsewhere.ended;
    command(redis, 'FLUSHALL');
    const worker = await startWorker(url(), '--out', out);
    runOk(process.execPath, [commandFile, 'sweep', withSeries, '--queue', url(), '--out', out, '--resume', '--json']);
    worker.child.kill('SIGINT');
    await worker.ended;
    expect(sweepFiles(out)).toEqual(sweepFiles(threads));
    expect(Object.keys(sweepFiles(out)).filter((name) => name.startsWith('runs/'))).not.toHaveLength(0);
  });
});

async function serverThatAnswers(answer: (said: string) => string): Promise<{ readonly port: number; close(): void }> {
  const server = createServer((socket) => {
    socket.on('data', (data: Buffer) => void socket.write(answer(data.toString())));
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() };
}
