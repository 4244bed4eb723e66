/**
 * One process at a time in a directory: a file names the process that has it. The file of a process that is dead, however it ended, holds
 * nobody up. Whether a process of another host lives cannot be seen from here, so a holder touches its file now and then: a job that is
 * killed and goes on elsewhere (a requeued batch job, a pod of another name) waits two minutes at most.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { PutmodelError } from '../kernel/errors.js';
import { makeDirectory } from './write.js';

/** A directory that is ours. */
export interface DirectoryLock {
  release(): void;
}

/** Name of the file in the directory. */
export const lockName = 'process.lock';

/** Who has it. `startTicks` tells a process from a later one of the same number; empty where the system does not say. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly startTicks: string;
}

/** Between the making of the file and the writing of its one line a process may be killed; no living one takes that long. */
const emptyMillis = 2000;
const touchMillis = 5000;
/** Long beside `touchMillis`: the clocks of hosts that share a directory differ, and a holder may be busy. */
const deadElsewhereMillis = 120_000;

/**
 * Takes a directory, which is made when missing.
 * @throws PutmodelError USAGE, naming the process, when another one has it; OUTPUT_FAILED
 */
export function lockDirectory(directory: string): DirectoryLock {
  const path = join(directory, lockName);
  const self = JSON.stringify({ pid: process.pid, host: hostname(), startTicks: startTicksOf(process.pid) } satisfies Holder);
  while (!create(path, self)) {
    const held = readQuietly(path);
    if (held === null) {
      if (existsSync(path)) throw inUse(directory, path, null);
      // It was given back meanwhile.
      continue;
    }
    const holder = holderOf(held);
    if (holder === null ? !isOlder(path, emptyMillis) : isAlive(holder, path)) throw inUse(directory, path, holder);
    removeStale(path, held);
  }
  const touching = setInterval(() => {
    touch(path);
  }, touchMillis);
  touching.unref();
  return {
    release() {
      clearInterval(touching);
      if (readQuietly(path) === self) rmSync(path, { force: true });
    },
  };
}

/** Makes the file; false when there is one. */
function create(path: string, text: string): boolean {
  const failed = (error: unknown): PutmodelError =>
    new PutmodelError({ code: 'OUTPUT_FAILED', message: `cannot be written: ${codeOf(error)}`, file: path });
  try {
    makeDirectory(dirname(path));
  } catch (error) {
    throw failed(error);
  }
  try {
    const file = openSync(path, 'wx');
    try {
      writeSync(file, text);
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    } finally {
      closeSync(file);
    }
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw failed(error);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

/** Moves the file away and looks at it again: of several processes that found it stale one takes it, and none takes a new one. */
function removeStale(path: string, stale: string): void {
  const aside = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  if (readQuietly(aside) === stale) rmSync(aside, { force: true });
  else renameSync(aside, path);
}

function holderOf(text: string): Holder | null {
  try {
    const value = JSON.parse(text) as Partial<Holder> | null;
    const { pid, host, startTicks } = value ?? {};
    return typeof pid === 'number' && typeof host === 'string' && typeof startTicks === 'string' ? { pid, host, startTicks } : null;
  } catch {
    return null;
  }
}

/** Of this host by what can be seen, of another one by its last touch. */
function isAlive({ pid, host, startTicks }: Holder, path: string): boolean {
  if (host !== hostname()) return !isOlder(path, deadElsewhereMillis);
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: somebody else's process.
    if (codeOf(error) !== 'EPERM') return false;
  }
  return startTicksOf(pid) === startTicks;
}

/** When a process began, in the kernel's ticks since it started itself (proc(5), field 22 of stat; the name before may hold anything). */
function startTicksOf(pid: number): string {
  const stat = readQuietly(`/proc/${String(pid)}/stat`) ?? '';
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

/** Whether the file was last touched longer ago than this. */
function isOlder(path: string, millis: number): boolean {
  const touchedAtMillis = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return Date.now() - touchedAtMillis > millis;
}

/** A touch that fails, because the directory is gone or full, is none: the next one may do. */
function touch(path: string): void {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch {
    // See above.
  }
}

function readQuietly(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function inUse(directory: string, path: string, holder: Holder | null): PutmodelError {
  const isHere = holder?.host === hostname();
  const who = holder === null ? 'another process' : `process ${String(holder.pid)} on ${isHere ? 'this host' : holder.host}`;
  const orElse = isHere ? '' : `; if it is dead, wait two minutes or remove ${path}`;
  return new PutmodelError({
    code: 'USAGE',
    message: `${directory} is in use by ${who}`,
    expected: `one process a directory: another --out, or the end of that process${orElse}`,
  });
}
