/** Runs of the real db_bench (Debian's rocksdb-tools), for the scripts that put them beside predictions. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createDbBenchOutputReader } from '../engine/rocksdb/db-bench-output.js';

/** What a run printed, how long it took, and what `look` saw of its database. */
export interface RealRun<Seen> {
  readonly stdout: string;
  readonly seconds: number;
  readonly seen: Seen;
}

/** Of flags given twice the later one holds, as in db_bench. */
export function lastOfEach(flags: readonly string[]): string[] {
  return [...new Map(flags.map((flag) => [flag.split('=')[0], flag])).values()];
}

/**
 * One run into a new database under `parent`, which is deleted after `look`.
 * @throws Error when db_bench fails
 */
export function runRealDbBench<Seen>(parent: string, flags: readonly string[], look: (db: string) => Seen): RealRun<Seen> {
  const db = join(parent, 'real-run-db');
  rmSync(db, { recursive: true, force: true });
  mkdirSync(db, { recursive: true });
  const started = performance.now();
  const run = spawnSync('db_bench', [...flags, `--db=${db}`], { encoding: 'utf8', maxBuffer: 1 << 28 });
  const seconds = (performance.now() - started) / 1000;
  const seen = look(db);
  rmSync(db, { recursive: true, force: true });
  if (run.status !== 0) throw new Error(`db_bench ended with ${String(run.status)}: ${run.stderr.split('\n')[0] ?? ''}`);
  return { stdout: run.stdout, seconds, seen };
}

/** Operations a second that db_bench printed for a benchmark. @throws Error when it printed none */
export function opsPerSecOf(stdout: string, benchmark: string): number {
  const reader = createDbBenchOutputReader();
  reader.push(stdout);
  const rate = reader.end().results.find((result) => result.benchmark === benchmark)?.opsPerSec;
  if (rate == null) throw new Error(`db_bench printed no result of ${benchmark}`);
  return rate;
}
