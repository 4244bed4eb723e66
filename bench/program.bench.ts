/**
 * What does the program cost from outside? How long a command takes from its start to its end, beside Node alone; and a run of a sweep, the
 * documents' sixty configurations of 120 s (the bar: 10 s for all on 2 cores), by the number of threads. Wall time of processes, start
 * included. Of the built program: `npm run build` first.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { existsSync } from '../engine/files/read.js';
import { measure, runAsProgram, type Outsider, type Report, type Size } from './measure.js';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const main = at('../dist/cli/main.js');

export function benchProgram(size: Size): Report {
  const node = { group: 'start-up', name: 'node -e 0', operations: 1, isWall: true, run: (): number => (millisOf(['-e', '0']), 0) };
  if (!existsSync(main)) return { ...measure('program', size, [node]), missing: ['putmodel: not built'] };
  const simulate = ['simulate', at('../scenarios/fillrandom-nvme.yaml'), '--set', 'duration_seconds=1', '--json'];
  const commands = [['--version'], ['--help'], simulate];
  return measure('program', size, [node], [...commands.map(command), ...threadCounts().map(sweep)]);
}

/** 1, 2, 4, ... as far as there are cores. */
function threadCounts(): number[] {
  return [1, 2, 4, 8, 16, 32].filter((threads) => threads <= availableParallelism());
}

function command(args: readonly string[]): Outsider {
  const name = `putmodel ${args[0] ?? ''}${args.length > 1 ? ' of one second' : ''}`;
  return { group: 'start-up', name, run: () => ({ nanos: 1e6 * millisOf([main, ...args]), result: 0 }) };
}

const runCount = 60;

function sweep(threads: number): Outsider {
  return {
    ...{ group: 'a run of sweep-60', name: `${String(threads)} thread${threads === 1 ? '' : 's'}` },
    run: () => {
      const directory = mkdtempSync(join(tmpdir(), 'putmodel-bench-'));
      try {
        const file = at('../scenarios/sweeps/sweep-60.yaml');
        const millis = millisOf([main, 'sweep', file, '--threads', String(threads), '--out', join(directory, 'out'), '--json']);
        return { nanos: (1e6 * millis) / runCount, result: 0 };
      } finally {
        rmSync(directory, { recursive: true });
      }
    },
  };
}

/** Of a process of Node, from its start to its end. */
function millisOf(args: readonly string[]): number {
  const start = performance.now();
  execFileSync(execPath, args, { stdio: 'ignore' });
  return performance.now() - start;
}

runAsProgram(import.meta.url, benchProgram);
