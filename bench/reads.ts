/**
 * Reads beside puts, predicted and real: a store is filled by db_bench 7.8.3 (Debian's rocksdb-tools) and settles, then readwhilewriting or
 * readrandomwriterandom runs on a copy of it; the simulator is given one command line that does both. Filters on and off, small and large block cache, a paced
 * writer, direct reads. Every case that is run is in the table, misses included.
 *
 *   npx tsx bench/reads.ts <empty directory on the drive> [--only NAME]... [--plan] [--seconds 60] [--out results/reference/reads.json]
 *   npx tsx bench/reads.ts --again results/reference/reads.json --out results/reference/reads.json   # predicts anew beside the runs made
 *
 * Needs 8 GiB on the drive. Let nothing else run meanwhile; where something does, CPU time a read (of the reading thread, from /proc) still tells whether the
 * costs are right, while the rates of closed loops tell of the rest of the machine: the share of a core that the reading thread had is in the table.
 */
import { spawn } from 'node:child_process';
import { copyFileSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeFileAtomic } from '../engine/files/write.js';
import { valueAtPercentile } from '../engine/kernel/histogram.js';
import { createDbBenchOutputReader, type DbBenchOutput } from '../engine/rocksdb/db-bench-output.js';
import { encodeJson } from '../engine/scenario/json.js';
import { loadDbBench, runScenario } from '../engine/node.js';

const { values, positionals } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    plan: { type: 'boolean' },
    seconds: { type: 'string', default: '60' },
    out: { type: 'string' },
    again: { type: 'string' },
  },
  allowPositionals: true,
});
const [directory = ''] = positionals;
const measuring = values.plan !== true && values.again === undefined;
if (measuring && directory === '') throw new Error('name an empty directory on the drive');

const common = [
  ...['--num=4000000', '--key_size=16', '--value_size=1024', '--compression_type=none', '--disable_wal=1', '--seed=42'],
  ...['--write_buffer_size=16777216', '--target_file_size_base=16777216', '--max_bytes_for_level_base=67108864', '--max_background_jobs=2'],
  `--duration=${values.seconds}`,
];
const bloom = '--bloom_bits=10';
const large = '--cache_size=2147483648';

interface Case {
  readonly name: string;
  readonly benchmark: 'readwhilewriting' | 'readrandomwriterandom';
  readonly flags: readonly string[];
}

const cases: readonly Case[] = [
  { name: 'rww', benchmark: 'readwhilewriting', flags: [] },
  { name: 'rww-bloom', benchmark: 'readwhilewriting', flags: [bloom] },
  { name: 'rww-large-cache', benchmark: 'readwhilewriting', flags: [large] },
  { name: 'rww-bloom-large-cache', benchmark: 'readwhilewriting', flags: [bloom, large] },
  { name: 'rww-bloom-paced', benchmark: 'readwhilewriting', flags: [bloom, '--benchmark_write_rate_limit=10485760'] },
  {
    name: 'rww-bloom-paced-direct',
    benchmark: 'readwhilewriting',
    flags: [bloom, '--benchmark_write_rate_limit=10485760', '--use_direct_reads=1'],
  },
  { name: 'rrwr', benchmark: 'readrandomwriterandom', flags: ['--threads=2'] },
  { name: 'rrwr-bloom-large-cache', benchmark: 'readrandomwriterandom', flags: ['--threads=2', bloom, large] },
];

/** What is compared: rates of reads and puts, and latencies of reads in microseconds. null: not told. */
interface Figures {
  readonly readsPerSec: number;
  readonly putsPerSec: number;
  readonly p50Micros: number | null;
  readonly p99Micros: number | null;
  readonly cacheHitFraction: number | null;
  /** CPU time of a read; of readrandomwriterandom of an operation, puts included. */
  readonly cpuMicrosPerRead: number;
  /** Cores that a reading thread had, 0 to 1; null: predicted. */
  readonly readerCores: number | null;
}

/** Stores that are filled already. */
const filled = new Set<string>();

const earlier =
  values.again === undefined
    ? []
    : (
        JSON.parse(readFileSync(values.again, 'utf8')) as {
          readonly rows: readonly { name: string; real: Figures | null; loadAverage: number }[];
        }
      ).rows;
const rows = [];
for (const one of cases.filter(({ name }) => values.only === undefined || values.only.includes(name))) {
  const predicted = predict(one);
  const before = earlier.find(({ name }) => name === one.name);
  const real = measuring ? await measure(one) : (before?.real ?? null);
  const loadAverage = before?.loadAverage ?? Math.round(10 * (loadavg()[0] ?? 0)) / 10;
  const errorsPercent = real === null ? null : errorsOf(predicted, real);
  console.log(`${one.name.padEnd(24)} predicted ${text(predicted)}\n${''.padEnd(24)} real      ${real === null ? '-' : text(real)}`);
  if (errorsPercent !== null) console.log(`${''.padEnd(24)} error     ${JSON.stringify(errorsPercent)}`);
  rows.push({ ...one, predicted, real, errorsPercent, loadAverage });
}
if (values.out !== undefined) {
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length };
  writeFileAtomic(values.out, encodeJson({ schema: 'putmodel/reads/1', seconds: Number(values.seconds), common, machine, rows }));
}

/** The filled store's command and the reading one, one after the other: what paces the second does not pace the fill. */
function predict({ benchmark, flags }: Case): Figures {
  const lists = 'fillrandom,waitforcompaction';
  const fill = loadDbBench([`--benchmarks=${lists}`, ...common, ...fillFlags(flags)]);
  const own = loadDbBench([`--benchmarks=${lists},${benchmark}`, ...common, ...flags]);
  const steps = [...fill.scenario.steps, ...own.scenario.steps.slice(fill.scenario.steps.length)];
  const { benchmarks, reads } = runScenario({ ...own, scenario: { ...own.scenario, steps } }).result;
  const last = benchmarks.at(-1);
  const point = reads?.point;
  if (point == null || last === undefined) throw new Error('the simulator read nothing');
  const at = (percent: number): number => valueAtPercentile(point.latencyNanos, percent) / 1000;
  const { opsPerSec: readsPerSec, cacheHitFraction, cpuMicrosPerRead } = point;
  const figures = { readsPerSec, putsPerSec: last.opsPerSec, p50Micros: at(50), p99Micros: at(99) };
  return { ...figures, cacheHitFraction, cpuMicrosPerRead, readerCores: null };
}

/** Of the flags, those that make another store. */
function fillFlags(flags: readonly string[]): readonly string[] {
  return flags.filter((flag) => flag === bloom);
}

async function measure({ benchmark, flags }: Case): Promise<Figures> {
  const store = join(directory, flags.includes(bloom) ? 'reads-filled-bloom' : 'reads-filled');
  if (!filled.has(store)) {
    rmSync(store, { recursive: true, force: true });
    mkdirSync(store, { recursive: true });
    await dbBench(['--benchmarks=fillrandom,waitforcompaction', ...common, ...fillFlags(flags), `--db=${store}`]);
    filled.add(store);
  }
  const db = join(directory, 'reads-db');
  copyStore(store, db);
  const own = [`--benchmarks=${benchmark}`, '--use_existing_db=1', '--statistics=1', '--histogram=1', `--db=${db}`];
  const { output, threadSeconds } = await dbBench([...common, ...flags, ...own]);
  rmSync(db, { recursive: true, force: true });
  const threads = flags.find((flag) => flag.startsWith('--threads='))?.slice('--threads='.length) ?? '1';
  return figuresOf(output, benchmark, threadSeconds, Number(threads));
}

/** Table files never change: they are linked; everything else is copied. */
function copyStore(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    if (name.endsWith('.sst')) linkSync(join(from, name), join(to, name));
    else if (name !== 'LOCK') copyFileSync(join(from, name), join(to, name));
  }
}

interface Run {
  readonly output: DbBenchOutput;
  /** CPU seconds of db_bench's own threads, in the order of their making. */
  readonly threadSeconds: readonly number[];
}

/** Runs db_bench and looks at its threads while they live. */
async function dbBench(argv: readonly string[]): Promise<Run> {
  const run = spawn('db_bench', argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  const reader = createDbBenchOutputReader();
  run.stdout.setEncoding('utf8').on('data', (part: string) => {
    reader.push(part);
  });
  let errors = '';
  run.stderr.setEncoding('utf8').on('data', (part: string) => (errors += part));
  const seconds = new Map<number, number>();
  const watch = setInterval(() => {
    for (const [thread, cpu] of threadsOf(run.pid ?? 0)) seconds.set(thread, cpu);
  }, 200);
  const status = await new Promise<number | null>((done) => run.on('close', done));
  clearInterval(watch);
  if (status !== 0) throw new Error(`db_bench ended with ${String(status)}: ${errors.split('\n')[0] ?? ''}`);
  const own = [...seconds].filter(([thread]) => thread !== run.pid).sort(([a], [b]) => a - b);
  return { output: reader.end(), threadSeconds: own.map(([, cpu]) => cpu) };
}

/** Threads that are db_bench's and not RocksDB's, with their CPU seconds (proc(5): utime and stime, in hundredths). */
function threadsOf(pid: number): (readonly [thread: number, cpuSeconds: number])[] {
  try {
    return readdirSync(`/proc/${String(pid)}/task`).flatMap((thread) => {
      const stat = readFileSync(`/proc/${String(pid)}/task/${thread}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return stat.includes('(db_bench)') ? [[Number(thread), (Number(fields[11]) + Number(fields[12])) / 100] as const] : [];
    });
  } catch {
    // It has just ended.
    return [];
  }
}

/** The writing thread of readwhilewriting is in no result line: its puts are the store's own count. */
function figuresOf(
  { results, tickers, histograms }: DbBenchOutput,
  benchmark: string,
  threadSeconds: readonly number[],
  readingThreads: number,
): Figures {
  const line = results.find((one) => one.benchmark === benchmark);
  if (line?.seconds == null) throw new Error('db_bench printed no result');
  const count = (name: string): number => tickers.get(`rocksdb.${name}`) ?? 0;
  const puts = count('number.keys.written');
  const perRead = histograms.get('Microseconds per read');
  // Before them come a timer of RocksDB's under db_bench's name and, in readwhilewriting, the writing thread.
  const readers = threadSeconds.slice(-readingThreads);
  const cpuSeconds = readers.reduce((sum, seconds) => sum + seconds, 0);
  const operations = count('number.keys.read') + (benchmark === 'readwhilewriting' ? 0 : puts);
  const hits = count('block.cache.data.hit');
  const looked = hits + count('block.cache.data.miss');
  return {
    readsPerSec: count('number.keys.read') / line.seconds,
    putsPerSec: puts / line.seconds,
    p50Micros: perRead?.percentiles.get(50) ?? null,
    p99Micros: perRead?.percentiles.get(99) ?? null,
    cacheHitFraction: looked > 0 ? hits / looked : null,
    cpuMicrosPerRead: (cpuSeconds * 1e6) / operations,
    readerCores: cpuSeconds / line.seconds / Math.max(1, readers.length),
  };
}

function errorsOf(predicted: Figures, real: Figures): Record<string, number | null> {
  const error = (a: number | null, b: number | null): number | null =>
    a === null || b === null || b === 0 ? null : Math.round(1000 * (a / b - 1)) / 10;
  return {
    readsPerSec: error(predicted.readsPerSec, real.readsPerSec),
    putsPerSec: error(predicted.putsPerSec, real.putsPerSec),
    p50Micros: error(predicted.p50Micros, real.p50Micros),
    p99Micros: error(predicted.p99Micros, real.p99Micros),
    cpuMicrosPerRead: error(predicted.cpuMicrosPerRead, real.cpuMicrosPerRead),
  };
}

function text({ readsPerSec, putsPerSec, p50Micros, p99Micros, cacheHitFraction, cpuMicrosPerRead, readerCores }: Figures): string {
  const micros = (value: number | null): string => (value === null ? '-' : value.toFixed(1));
  const hit = cacheHitFraction === null ? '-' : cacheHitFraction.toFixed(3);
  return `reads/s ${readsPerSec.toFixed(0)}, puts/s ${putsPerSec.toFixed(0)}, p50 ${micros(p50Micros)} us, p99 ${micros(p99Micros)} us, cache ${hit}, cpu ${cpuMicrosPerRead.toFixed(1)} us, cores ${readerCores === null ? '-' : readerCores.toFixed(2)}`;
}
