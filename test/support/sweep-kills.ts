/** Sweeps in processes of their own that are killed: for the end-to-end tests and bench/sweep-kills.ts. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { executeRun } from '../../engine/sweep/execute.js';
import { loadSweep } from '../../engine/sweep/load.js';
import { decodeRecord, encodeRecord } from '../../engine/sweep/record.js';
import { commandFile, rootDir, runOk } from './process.js';

/** Runs a sweep to its end with the compiled command. */
export function sweepOnce(sweep: string, out: string): void {
  runOk(process.execPath, [commandFile, 'sweep', sweep, '--out', out, '--json']);
}

/** What a kill left, and what was made of it. */
export interface KillOutcome {
  /** False when the sweep was done before the kill. */
  readonly wasKilled: boolean;
  /** Different runs with a whole line in the journal when the process was dead; 0 where the journal was gone or not there yet. */
  readonly recordedAtKill: number;
  /** Whether the results were complete already. */
  readonly wasComplete: boolean;
  /** Runs that the resumed sweep took over. */
  readonly doneBefore: number;
}

/** When to kill: so long after the journal has grown to a size; 0 is the start of the process. Independent of how busy the machine is. */
export interface KillMoment {
  readonly journalBytes: number;
  readonly afterMillis: number;
}

/** Starts a sweep, kills it at a moment, and goes on with --resume until it is done. */
export async function killAndResume(sweep: string, out: string, moment: KillMoment): Promise<KillOutcome> {
  const child = spawn(process.execPath, [commandFile, 'sweep', sweep, '--out', out, '--json'], { cwd: rootDir, stdio: 'ignore' });
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.once('exit', (_, signal) => resolve(signal)));
  await journalReaches(join(out, 'runs.journal'), moment.journalBytes, child);
  await setTimeout(moment.afterMillis);
  child.kill('SIGKILL');
  const wasKilled = (await ended) === 'SIGKILL';
  const recordedAtKill = recordedRuns(join(out, 'runs.journal'));
  const wasComplete = isComplete(out);
  const answer = JSON.parse(runOk(process.execPath, [commandFile, 'sweep', sweep, '--out', out, '--resume', '--json'])) as {
    runsBefore: number;
  };
  return { wasKilled, recordedAtKill, wasComplete, doneBefore: answer.runsBefore };
}

/** What the kill of a queue worker met. */
export interface WorkerKillOutcome {
  /** Runs that were recorded when the worker was dead; the coordinator lived on. */
  readonly recordedAtKill: number;
  /** Whether runs were still missing. */
  readonly wasMidway: boolean;
  /** Of the coordinator: 0. */
  readonly status: number | null;
}

/** Runs a sweep on a queue with one worker, kills that at a moment, and lets another one finish. */
export async function killWorker(sweep: string, out: string, url: string, moment: KillMoment): Promise<WorkerKillOutcome> {
  const command = (...args: readonly string[]): ChildProcess =>
    spawn(process.execPath, [commandFile, ...args], { cwd: rootDir, stdio: ['ignore', 'ignore', 'pipe'] });
  const coordinator = command('sweep', sweep, '--queue', url, '--out', out, '--json');
  const ended = new Promise<number | null>((resolve) => coordinator.once('close', resolve));
  const startWorker = async (): Promise<ChildProcess> => {
    const worker = command('worker', '--queue', url, '--threads', '1', '--lock-seconds', '1');
    await new Promise((resolve) => worker.stderr?.once('data', resolve));
    return worker;
  };
  const first = await startWorker();
  await journalReaches(join(out, 'runs.journal'), moment.journalBytes, coordinator);
  await setTimeout(moment.afterMillis);
  first.kill('SIGKILL');
  const recordedAtKill = recordedRuns(join(out, 'runs.journal'));
  const wasMidway = coordinator.exitCode === null && existsSync(join(out, 'runs.journal'));
  const second = await startWorker();
  const status = await ended;
  second.kill('SIGKILL');
  return { recordedAtKill, wasMidway, status };
}

/** Waits until the file has a size, or the process is over. */
async function journalReaches(journal: string, sizeBytes: number, child: ChildProcess): Promise<void> {
  while (child.exitCode === null && (statSync(journal, { throwIfNoEntry: false })?.size ?? 0) < sizeBytes) await setTimeout(1);
}

/** Bytes of the lines that some of a sweep's runs give, scaled to all: about the size of its whole journal. */
export async function journalBytes(sweep: string): Promise<number> {
  const { open } = loadSweep(sweep);
  const sample = [0, 0.25, 0.5, 0.75].map((part) => Math.floor(part * open.plan.runCount));
  const records = await Promise.all(sample.map((run) => executeRun(open, run)));
  const bytes = records.map(({ record }) => encodeRecord(record).length);
  return (bytes.reduce((sum, size) => sum + size, 0) / sample.length) * open.plan.runCount;
}

function recordedRuns(journal: string): number {
  if (!existsSync(journal)) return 0;
  const records = readFileSync(journal, 'utf8').split('\n').slice(0, -1).map(decodeRecord);
  return new Set(records.flatMap((record) => record?.runIndex ?? [])).size;
}

function isComplete(out: string): boolean {
  const manifest = join(out, 'manifest.json');
  return existsSync(manifest) && (JSON.parse(readFileSync(manifest, 'utf8')) as { complete: boolean }).complete;
}
