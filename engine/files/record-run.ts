/**
 * Runs a real db_bench and keeps what a prediction is compared with, as a truth directory: the command, its output, LOG, OPTIONS and put
 * rate by second, files and bytes at the end, what the drive counted before and after, and on what machine it ran.
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { arch, cpus, release, totalmem, type } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { PutmodelError } from '../kernel/errors.js';
import { createDbBenchOutputReader } from '../rocksdb/db-bench-output.js';
import { driveOf, readConditions, thisMachine, type DriveSources } from './drive.js';
import { existsSync } from './read.js';
import { withScratch } from './scratch.js';
import { writeFileAtomic } from './write.js';

/** What is to be recorded. */
export interface RecordWish {
  /** Made when missing; must hold nothing. */
  readonly directory: string;
  /** The program (db_bench, or a path to it) and its flags. */
  readonly command: readonly string[];
  readonly signal?: AbortSignal | undefined;
  /** Tests hand in their own. */
  readonly sources?: DriveSources | undefined;
}

/** What was recorded. */
export interface RecordedRun {
  readonly directory: string;
  /** With the flags that were added. */
  readonly command: readonly string[];
  readonly resultLine: string;
  readonly drive: string | null;
}

/** Flags without which a run says too little; the command's own values of them stand. */
const neededFlags = { report_interval_seconds: '1', statistics: '1', histogram: '1', stats_dump_period_sec: '10' } as const;

/**
 * Records a run. The store lies in the directory and is removed afterwards, unless the command names a --db of its own.
 * @throws PutmodelError USAGE for another program, OUTPUT_FAILED for a directory that holds something, CHECK_FAILED when db_bench fails
 */
export async function recordRun(wish: RecordWish): Promise<RecordedRun> {
  const [program = '', ...flags] = wish.command;
  if (basename(program) !== 'db_bench') {
    const found = JSON.stringify(program);
    throw new PutmodelError({
      code: 'USAGE',
      message: 'not a db_bench command',
      found,
      expected: '--record DIR -- db_bench --benchmarks=..',
    });
  }
  const directory = resolve(wish.directory);
  makeEmpty(directory);
  return withScratch(directory, (scratch) => runIn(directory, scratch, program, flags, wish));
}

async function runIn(
  directory: string,
  scratch: string,
  program: string,
  flags: readonly string[],
  { signal, sources = thisMachine }: RecordWish,
): Promise<RecordedRun> {
  const store = flagValue(flags, 'db') ?? join(scratch, 'db');
  mkdirSync(store, { recursive: true });
  const report = join(scratch, 'report.csv');
  const added = Object.entries(neededFlags).filter(([name]) => flagValue(flags, name) === null);
  const own = flags.filter((flag) => !/^--?(db|report_file)=/.test(flag));
  const args = [...own, ...added.map(([name, value]) => `--${name}=${value}`), `--db=${store}`, `--report_file=${report}`];
  const drive = driveOf(statSync(store).dev, sources.sys);
  const before = snapshot(drive);
  const ended = await sources.run(program, args, { signal });
  await settle(store, sources);
  const after = snapshot(drive);
  if (signal?.aborted === true) throw new PutmodelError({ code: 'CANCELLED', message: 'the recording was interrupted' });
  const reader = createDbBenchOutputReader({ file: 'db_bench' });
  reader.push(ended.stdout);
  const printed = reader.end();
  if (ended.status !== 0 || printed.results.length === 0) {
    const said = ended.stderr.trim().split('\n').at(-1) ?? '';
    throw new PutmodelError({ code: 'CHECK_FAILED', message: `db_bench failed: ${said === '' ? `status ${String(ended.status)}` : said}` });
  }
  const write = (name: string, text: string): void => {
    writeFileAtomic(join(directory, name), text);
  };
  copyLast(store, /^LOG$/, join(directory, 'LOG'));
  copyLast(store, /^OPTIONS-\d+$/, join(directory, 'OPTIONS'));
  if (existsSync(report)) copyFileSync(report, join(directory, 'report.csv'));
  write('sst.txt', `${sstTotals(store)}\n`);
  if (before !== null && after !== null) write('diskstats.txt', `${before}\n${after}\n`);
  write(
    'machine.json',
    `${JSON.stringify(await machineOf(drive, versionIn(join(directory, 'LOG')) ?? printed.version, sources), null, 2)}\n`,
  );
  write('stdout.txt', ended.stdout);
  // Last: a directory with a command is a whole recording.
  const command = [basename(program), ...args.map((argument) => argument.replace(scratch, '.'))];
  write('command.txt', `${command.map(quoted).join(' ')}\n`);
  const resultLine = ended.stdout.split('\n').findLast((line) => /micros\/op/.test(line)) ?? '';
  return { directory, command, resultLine, drive };
}

function makeEmpty(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
    if (readdirSync(directory).length === 0) return;
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new PutmodelError({ code: 'OUTPUT_FAILED', message: `cannot be made: ${reason}`, file: directory });
  }
  throw new PutmodelError({
    code: 'OUTPUT_FAILED',
    message: 'it holds something already',
    file: directory,
    expected: 'a new or empty directory',
  });
}

/** The last value that a flag is given; null without one. */
function flagValue(flags: readonly string[], name: string): string | null {
  const given = flags.findLast((flag) => new RegExp(`^--?${name}=`).test(flag));
  return given === undefined ? null : given.slice(given.indexOf('=') + 1);
}

/** Dirty pages belong to the run: they are written before the drive is read again. */
async function settle(store: string, { run }: DriveSources): Promise<void> {
  await run('sync', ['-f', store]).catch(() => null);
}

/** The drive's row of /proc/diskstats; null without a drive or a /proc. */
function snapshot(drive: string | null): string | null {
  if (drive === null || !existsSync('/proc/diskstats')) return null;
  const rows = readFileSync('/proc/diskstats', 'utf8').split('\n');
  return rows.find((row) => row.trim().split(/\s+/)[2] === drive) ?? null;
}

function copyLast(store: string, pattern: RegExp, target: string): void {
  const name = readdirSync(store)
    .filter((one) => pattern.test(one))
    .sort()
    .at(-1);
  if (name !== undefined) copyFileSync(join(store, name), target);
}

/** `files bytes` of the SSTs that are left. */
function sstTotals(store: string): string {
  const sizes = readdirSync(store)
    .filter((name) => name.endsWith('.sst'))
    .map((name) => statSync(join(store, name)).size);
  return `${String(sizes.length)} ${String(sizes.reduce((sum, size) => sum + size, 0))}`;
}

/** From the LOG's first lines. */
function versionIn(log: string): string | null {
  return existsSync(log) ? (/RocksDB version: (\S+)/.exec(readFileSync(log, 'utf8'))?.[1] ?? null) : null;
}

async function machineOf(drive: string | null, rocksdbVersion: string | null, sources: DriveSources): Promise<object> {
  const processors = cpus();
  return {
    schema: 'putmodel/recorded-machine/1',
    recordedAt: new Date().toISOString(),
    rocksdbVersion,
    cpu: processors[0]?.model ?? null,
    cores: processors.length,
    memoryBytes: totalmem(),
    system: `${type()} ${release()} ${arch()}`,
    ...(await readConditions(drive, sources)),
  };
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
