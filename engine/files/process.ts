/** Other programs, run from here: the one place that starts processes. Bounded in time, ended when the user interrupts, never through a shell. */
import { spawn } from 'node:child_process';
import { PutmodelError } from '../kernel/errors.js';

/** How a program ended; `status` is null when a signal ended it. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

/** Bounds of a run. */
export interface ProgramLimits {
  /** When it aborts, the program is asked to end, and killed if it does not within ten seconds. */
  readonly signal?: AbortSignal | undefined;
  /** After which it is ended in the same way; unlimited unless given. */
  readonly timeoutMillis?: number | undefined;
}

/** Runs a program: name and arguments in, how it ended out. */
export type RunProgram = (program: string, args: readonly string[], limits?: ProgramLimits) => Promise<Ended>;

/** From asking to killing. */
const graceMillis = 10_000;
/** Of each stream, the last that is kept: more than any program here prints. */
const keptCharacters = 16 * 1024 * 1024;

/**
 * Runs a program to its end, without standard input.
 * @throws PutmodelError INPUT_MISSING when there is no such program or it may not be run. How it ends is no error here.
 */
export const runProgram: RunProgram = (program, args, limits = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const stdout = collected(child.stdout);
    const stderr = collected(child.stderr);
    let timedOut = false;
    let killing: NodeJS.Timeout | undefined;
    const end = (): void => {
      child.kill('SIGTERM');
      killing ??= setTimeout(() => child.kill('SIGKILL'), graceMillis);
    };
    const limit =
      limits.timeoutMillis === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            end();
          }, limits.timeoutMillis);
    const settle = (): void => {
      clearTimeout(limit);
      clearTimeout(killing);
      limits.signal?.removeEventListener('abort', end);
    };
    if (limits.signal?.aborted === true) end();
    else limits.signal?.addEventListener('abort', end);
    child.once('error', (error: NodeJS.ErrnoException) => {
      settle();
      reject(cannotRun(program, error));
    });
    child.once('close', (status) => {
      settle();
      resolve({ status, stdout: stdout(), stderr: stderr(), timedOut });
    });
  });

/** The packages that bring the programs used here, by program. */
const packages: Readonly<Record<string, string>> = { fio: 'fio', nvme: 'nvme-cli', db_bench: 'rocksdb-tools' };

function cannotRun(program: string, error: NodeJS.ErrnoException): PutmodelError {
  const name = packages[program];
  const hint = name === undefined ? undefined : `${program} on the PATH (Debian: apt-get install ${name})`;
  const reason = error.code === 'ENOENT' ? 'it is not installed' : (error.code ?? error.message);
  return new PutmodelError({ code: 'INPUT_MISSING', message: `${program} cannot be run: ${reason}`, expected: hint });
}

function collected(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    text = (text + chunk).slice(-keptCharacters);
  });
  return () => text;
}
