/** Running programs from tests: bounded in time, output collected, nothing inherited from the terminal. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** The root of the checkout. */
export const rootDir = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** The compiled command, as `bin` of package.json names it. */
export const commandFile = join(rootDir, 'dist/cli/main.js');

/** What a program left behind; `status` is null when a signal or the time limit ended it. */
export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to run a program. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMillis?: number;
}

/** Runs a program to its end; it gets no standard input. Two minutes unless said otherwise. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Outcome {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: options.cwd ?? rootDir,
    env: { ...process.env, ...options.env },
    timeout: options.timeoutMillis ?? 120_000,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { status, stdout, stderr: error === undefined ? stderr : `${stderr}${error.message}` };
}

/** Runs a program that has to succeed, and gives its standard output; otherwise throws with all it printed. */
export function runOk(program: string, args: readonly string[], options: RunOptions = {}): string {
  const outcome = run(program, args, options);
  if (outcome.status === 0) return outcome.stdout;
  throw new Error(`${program} ${args.join(' ')}: exit ${String(outcome.status)}\n${outcome.stdout}\n${outcome.stderr}`);
}

/** Runs the compiled command under this Node. */
export function putmodel(args: readonly string[], options: RunOptions = {}): Outcome {
  return run(process.execPath, [commandFile, ...args], options);
}

/** As `putmodel`, for a run that has to succeed. */
export function putmodelOk(args: readonly string[], options: RunOptions = {}): string {
  return runOk(process.execPath, [commandFile, ...args], options);
}

/** A new empty directory. Removed by the caller, or at the end of the running test through `testDir`. */
export function makeDir(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'putmodel-')));
}

/** A new empty directory that goes when the running test ends. */
export function testDir(): string {
  const directory = makeDir();
  onTestFinished(() => {
    removeDir(directory);
  });
  return directory;
}

/** Removes a directory with all it holds. */
export function removeDir(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}
