/** A sweep through a real Redis: the same bytes as threads and shards give, and as after the kill (SIGKILL) of workers at work. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandFile, rootDir, run, runOk } from '../support/process.js';
import { startRedis, type RedisServer } from '../support/redis.js';
import { journalBytes, sweepOnce } from '../support/sweep-kills.js';
import { lacksTool } from '../support/tools.js';
import { sweepFiles, writeSweep } from '../sweep/sample.js';

const directory = mkdtempSync(join(tmpdir(), 'putmodel-queue-'));
const reference = join(directory, 'reference');
const children: ChildProcess[] = [];
const isSkipped = lacksTool('redis-server');
let redis: RedisServer | null = null;
let sweep = '';

beforeAll(async () => {
  if (isSkipped) return;
  redis = await startRedis(directory);
  sweep = writeSweep(
    join(directory, 'in'),
    '    workload.rate: { range: { from: 10000, to: 90000, count: 200 } }\n    backlog.mu: [0.2, 0.4, 0.8]\n',
    '',
  );
  sweepOnce(sweep, reference);
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await redis?.stop();
  rmSync(directory, { recursive: true });
});

const url = (): string => redis?.url ?? '';

function start(args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [commandFile, ...args], { cwd: rootDir, stdio: ['ignore', 'ignore', 'pipe'] });
  children.push(child);
  return child;
}

/** A worker that takes jobs; one that dies is noticed after a second. */
async function startWorker(): Promise<ChildProcess> {
  const worker = start(['worker', '--queue', url(), '--threads', '1', '--lock-seconds', '1']);
  if (worker.stderr !== null) await once(worker.stderr, 'data');
  return worker;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const ended = once(child, 'exit');
  child.kill(signal);
  const [status] = (await ended) as [number | null];
  return status;
}

describe.skipIf(isSkipped)('a sweep on a queue', () => {
  it('gives the bytes that threads and shards give', async () => {
    const workers = [await startWorker(), await startWorker()];
    const out = join(directory, 'queued');
    runOk(process.execPath, [commandFile, 'sweep', sweep, '--queue', url(), '--out', out, '--json']);
    expect(sweepFiles(out)).toEqual(sweepFiles(reference));
    for (const worker of workers) await end(worker, 'SIGINT');

    const parts = [0, 1, 2].map((index) => join(directory, `part-${index}`));
    parts.forEach((part, index) =>
      runOk(process.execPath, [commandFile, 'sweep', sweep, '--shard', `${index}/3`, '--out', part, '--json']),
    );
    const merged = join(directory, 'merged');
    runOk(process.execPath, [commandFile, 'merge', ...parts, '--out', merged, '--json']);
    expect(sweepFiles(merged)).toEqual(sweepFiles(reference));
  });

  it('survives three kills of workers at work', async () => {
    const out = join(directory, 'killed');
    const coordinator = start(['sweep', sweep, '--queue', url(), '--out', out, '--json']);
    const ended = once(coordinator, 'exit');
    const wholeBytes = await journalBytes(sweep);
    let midwayKills = 0;
    for (const part of [0.01, 0.2, 0.5]) {
      const worker = await startWorker();
      const journal = join(out, 'runs.journal');
      while (coordinator.exitCode === null && (statSync(journal, { throwIfNoEntry: false })?.size ?? 0) < part * wholeBytes)
        await setTimeout(1);
      await end(worker, 'SIGKILL');
      if (coordinator.exitCode === null && existsSync(journal)) midwayKills += 1;
    }
    await startWorker();
    const [status] = (await ended) as [number | null];
    expect(status).toBe(0);
    expect(midwayKills).toBeGreaterThan(0);
    expect(sweepFiles(out)).toEqual(sweepFiles(reference));
  });

  it.each([
    ['redis://127.0.0.1:1', /no queue at redis:\/\/127\.0\.0\.1:1/],
    ['http://127.0.0.1', /cannot read the address of the queue/],
  ])('refuses %s in one line', (address, message) => {
    const { status, stderr } = run(process.execPath, [commandFile, 'worker', '--queue', address]);
    expect(status).toBe(2);
    expect(stderr.trimEnd()).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});
