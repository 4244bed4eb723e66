/**
 * What does a compaction cost, in CPU and in wall time? From LOGs of real runs, prints CPU nanoseconds per input record by output level,
 * for each LOG with its number of job slots, wall milliseconds per MiB written and the number of input files. It shows whether one CPU
 * cost per record serves all levels and both job counts (within 20 %), which the model assumes.
 *
 *   npx tsx bench/job-costs.ts <LOG, LOG.gz or directory with one>...
 *
 * CPU comes from `compaction_time_cpu_micros` of the events and, beside it, from CompMergeCPU(sec) of the last statistics table (of the
 * LOG, or of db_bench's output in the same directory): the first is the job's own threads, the second the same summed by level.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { mean, median, quantile, sum } from 'd3-array';
import { streamText } from '../engine/files/read.js';
import { PutmodelError } from '../engine/kernel/errors.js';
import { createDbBenchOutputReader } from '../engine/rocksdb/db-bench-output.js';
import { createLogReader, type LogCompaction } from '../engine/rocksdb/log.js';
import type { StatsDump } from '../engine/rocksdb/stats-table.js';

interface LoggedJobs {
  readonly name: string;
  readonly backgroundJobs: string;
  readonly compactions: readonly LogCompaction[];
  readonly lastDump: StatsDump | null;
}

/** The bar: a level's cost per record against the run's. */
const sameWithinPercent = 20;

const { positionals } = parseArgs({ allowPositionals: true });
try {
  process.exitCode = await main(positionals);
} catch (error) {
  if (!(error instanceof PutmodelError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

async function main(paths: readonly string[]): Promise<number> {
  if (paths.length === 0) {
    console.error('usage: job-costs <LOG or directory>...');
    return 2;
  }
  for (const path of paths.flatMap(logFiles)) printCosts(await readJobs(path));
  return 0;
}

/** The path itself, or the LOGs in a directory (one level down too). */
function logFiles(path: string): string[] {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [path];
  const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  const here = entries.filter((entry) => entry.isFile() && entry.name.startsWith('LOG')).map(({ name }) => `${path}/${name}`);
  return here.length > 0 ? here : entries.filter((entry) => entry.isDirectory()).flatMap(({ name }) => logFiles(`${path}/${name}`));
}

async function readJobs(file: string): Promise<LoggedJobs> {
  const compactions: LogCompaction[] = [];
  const seen: { backgroundJobs: string; lastDump: StatsDump | null } = { backgroundJobs: '?', lastDump: null };
  const reader = createLogReader({
    file,
    onEvent(event) {
      if (event.kind === 'compactionFinished') compactions.push(event.compaction);
      else if (event.kind === 'stats') seen.lastDump = event.dump;
      else if (event.kind === 'option' && event.name === 'max_background_jobs') seen.backgroundJobs = event.value;
    },
  });
  await streamText(file, (text) => reader.push(text));
  reader.end();
  return {
    name: file.split('/').slice(-2).join('/'),
    backgroundJobs: seen.backgroundJobs,
    compactions,
    lastDump: (await printedDump(file)) ?? seen.lastDump,
  };
}

/** The final tables that db_bench printed beside a LOG, if any. */
async function printedDump(logFile: string): Promise<StatsDump | null> {
  const directory = logFile.slice(0, logFile.lastIndexOf('/'));
  const name = existsSync(directory) ? readdirSync(directory).find((entry) => entry.startsWith('stdout.txt')) : undefined;
  if (name === undefined) return null;
  const reader = createDbBenchOutputReader();
  await streamText(`${directory}/${name}`, (text) => reader.push(text));
  return reader.end().lastDump;
}

function printCosts({ name, backgroundJobs, compactions, lastDump }: LoggedJobs): void {
  const measured = compactions.filter(({ cpuMicros, recordsIn }) => cpuMicros !== null && recordsIn !== null && recordsIn > 0);
  const levels = [...new Set(compactions.map(({ outputLevel }) => outputLevel))].sort((a, b) => a - b);
  const all = nanosPerRecord(measured);
  console.log(`${name}: max_background_jobs ${backgroundJobs}, ${String(compactions.length)} compactions, CPU ${fixed(all)} ns/record`);
  console.log('  out  jobs  input files p50 p90  CPU ns/record  of all  table ns/record  wall ms/MiB  CPU/wall  ');
  for (const level of levels) {
    const jobs = compactions.filter(({ outputLevel }) => outputLevel === level);
    const timed = measured.filter(({ outputLevel }) => outputLevel === level);
    const cost = nanosPerRecord(timed);
    const inputFiles = jobs.map(({ inputs }) => sum(inputs, ({ files }) => files.length));
    const wallMicros = sum(jobs, (job) => job.wallMicros ?? 0);
    const percent = cost === null || all === null ? null : (cost / all - 1) * 100;
    console.log(
      [
        `  L${String(level)}`.padEnd(5),
        String(jobs.length).padStart(6),
        fixed(median(inputFiles)).padStart(14),
        fixed(quantile(inputFiles, 0.9)).padStart(5),
        fixed(cost).padStart(14),
        (percent === null ? '-' : `${percent > 0 ? '+' : ''}${percent.toFixed(0)} %`).padStart(8),
        fixed(tableNanosPerRecord(lastDump, level)).padStart(16),
        fixed(wallMicros / 1000 / (sum(jobs, (job) => job.outputBytes) / 1_048_576), 2).padStart(12),
        fixed(sum(timed, (job) => job.cpuMicros ?? 0) / sum(timed, (job) => job.wallMicros ?? 0), 2).padStart(9),
        percent === null || Math.abs(percent) <= sameWithinPercent ? '' : '  beyond 20 %',
      ].join(' '),
    );
  }
  const slices = mean(compactions, ({ subcompactions }) => subcompactions ?? 1);
  if (slices !== undefined && slices > 1)
    console.log(`  subcompactions a job: ${slices.toFixed(2)} (CPU is the sum over them, wall is the slowest)`);
}

function nanosPerRecord(jobs: readonly LogCompaction[]): number | null {
  const records = sum(jobs, ({ recordsIn }) => recordsIn ?? 0);
  return records === 0 ? null : (sum(jobs, ({ cpuMicros }) => cpuMicros ?? 0) * 1000) / records;
}

/** L0's row also holds flushes, which read no records: no figure for it. */
function tableNanosPerRecord(dump: StatsDump | null, level: number): number | null {
  const row = dump?.families[0]?.levels.rows.find((one) => one.level === level);
  return row?.cpuSec == null || row.recordsIn === 0 || level === 0 ? null : (row.cpuSec * 1e9) / row.recordsIn;
}

function fixed(value: number | null | undefined, decimals = 0): string {
  return value === null || value === undefined || !Number.isFinite(value) ? '-' : value.toFixed(decimals);
}
