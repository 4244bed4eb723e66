/**
 * What reads cost in CPU time, for engine/lsm/read-cost.ts: one thread of a real db_bench reads stores that differ in memtables, files, filters and blocks met;
 * what each read meets is what the simulator says of the same command; least squares of the relative errors over CPU time = sum of cost x met.
 * CPU time is the process's own (user and system), so that other load on the machine matters little; of repeats the least counts.
 *
 *   npx tsx bench/measure-reads.ts <empty directory on the drive> [--repeats 1] [--out results/reference/measure-reads.json]
 *   npx tsx bench/measure-reads.ts --refit results/reference/measure-reads.json [--out ...]     fits the times of earlier runs again
 *
 * Needs db_bench 7.8 (Debian: rocksdb-tools), 2 GiB on the drive and as much free memory for its page cache.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeFileAtomic } from '../engine/files/write.js';
import { encodeJson } from '../engine/scenario/json.js';
import { fitCosts } from '../engine/validation/least-squares.js';
import { simulateDbBench } from '../engine/validation/run.js';

const { values, positionals } = parseArgs({
  options: { repeats: { type: 'string', default: '1' }, out: { type: 'string' }, refit: { type: 'string' } },
  allowPositionals: true,
});
const [directory] = positionals;
if (directory === undefined && values.refit === undefined) throw new Error('name an empty directory on the drive');

/** Costs that are fitted, in the order of a row's cells. */
const costs = [
  ...['getNanos', 'seekNanos', 'memtableNanosPerDoubling', 'filterNanos', 'lookUpNanos', 'blockReadNanos', 'blockReadNanosPerByte'],
  ...['nextNanos', 'foundNanos'],
] as const;

/** 1 GiB that stays where flushes put them: one file for each memtable, or one level. */
const common = [
  ...['--num=1000000', '--key_size=16', '--value_size=1024', '--compression_type=none', '--disable_wal=1', '--seed=42', '--threads=1'],
  ...['--disable_auto_compactions=1', '--level0_slowdown_writes_trigger=1000', '--level0_stop_writes_trigger=1000'],
  ...['--max_background_jobs=2', '--cache_size=4294967296'],
];

interface Case {
  readonly name: string;
  /** What makes the store, in a process of its own; its end flushes what is in memory. Empty: nothing is there. */
  readonly fill: string;
  readonly read: 'readrandom' | 'seekrandom';
  readonly reads: number;
  readonly flags: readonly string[];
}

interface Measured {
  readonly name: string;
  readonly nanos: number;
}

const large = '--write_buffer_size=134217728';
const uncached = '--cache_size=1048576';
const cases: readonly Case[] = [
  { name: 'empty', fill: '', read: 'readrandom', reads: 8_000_000, flags: [] },
  { name: 'memtable', fill: 'fillrandom', read: 'readrandom', reads: 1_000_000, flags: ['--num=100000', large] },
  { name: 'memtable-small', fill: 'fillrandom', read: 'readrandom', reads: 1_000_000, flags: ['--num=15000', large] },
  { name: 'one-level', fill: 'fillrandom,compact', read: 'readrandom', reads: 1_000_000, flags: [] },
  { name: 'one-level-bloom', fill: 'fillrandom,compact', read: 'readrandom', reads: 1_000_000, flags: ['--bloom_bits=10'] },
  { name: 'l0-8', fill: 'fillrandom', read: 'readrandom', reads: 500_000, flags: [large] },
  { name: 'l0-8-bloom', fill: 'fillrandom', read: 'readrandom', reads: 800_000, flags: [large, '--bloom_bits=10'] },
  { name: 'l0-32', fill: 'fillrandom', read: 'readrandom', reads: 200_000, flags: [] },
  { name: 'l0-32-bloom', fill: 'fillrandom', read: 'readrandom', reads: 500_000, flags: ['--bloom_bits=10'] },
  { name: 'one-level-uncached', fill: 'fillrandom,compact', read: 'readrandom', reads: 500_000, flags: [uncached] },
  {
    name: 'one-level-uncached-16k',
    fill: 'fillrandom,compact',
    read: 'readrandom',
    reads: 500_000,
    flags: [uncached, '--block_size=16384'],
  },
  { name: 'l0-8-uncached', fill: 'fillrandom', read: 'readrandom', reads: 300_000, flags: [large, uncached] },
  { name: 'seek-0', fill: 'fillrandom,compact', read: 'seekrandom', reads: 600_000, flags: [] },
  { name: 'seek-100', fill: 'fillrandom,compact', read: 'seekrandom', reads: 100_000, flags: ['--seek_nexts=100'] },
  { name: 'seek-10-l0-8', fill: 'fillrandom', read: 'seekrandom', reads: 200_000, flags: [large, '--seek_nexts=10'] },
];

const earlier =
  values.refit === undefined ? null : (JSON.parse(readFileSync(values.refit, 'utf8')) as { readonly rows: readonly Measured[] });
const rows = cases.map((one) => {
  const met = metBy(one);
  const known = earlier?.rows.find(({ name }) => name === one.name)?.nanos;
  const nanos = known ?? Math.min(...Array.from({ length: Number(values.repeats) }, () => measure(one)));
  console.log(`${one.name.padEnd(24)} ${nanos.toFixed(0).padStart(7)} ns  ${met.map((value) => value.toPrecision(3)).join(' ')}`);
  return { ...one, nanos, met };
});
const fitted = fitCosts(
  rows.map(({ met }) => met),
  rows.map(({ nanos }) => nanos),
);
const judged = rows.map((row) => {
  const predicted = row.met.reduce((sum, value, index) => sum + value * (fitted[index] ?? 0), 0);
  return { ...row, predictedNanos: predicted, errorPercent: 100 * (predicted / row.nanos - 1) };
});
const named = Object.fromEntries(costs.map((name, index) => [name, fitted[index] ?? 0]));
for (const [name, value] of Object.entries(named)) console.log(`${name.padEnd(24)} ${value.toFixed(value < 10 ? 3 : 0)}`);
for (const { name, errorPercent } of judged) console.log(`${name.padEnd(24)} ${errorPercent.toFixed(1).padStart(6)} %`);
if (values.out !== undefined) {
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length };
  writeFileAtomic(values.out, encodeJson({ schema: 'putmodel/measure-reads/1', machine, common, costs: named, rows: judged }));
}

/** Few enough puts to stay in the memtable. */
function inMemory({ name }: Case): boolean {
  return name.startsWith('memtable');
}

/** What a read meets, one cell a cost. The simulator flushes where the end of the real fill does. */
function metBy(one: Case): number[] {
  const lists = inMemory(one) ? [one.fill] : one.fill === '' ? [] : [one.fill, 'flush'];
  const { reads } = simulateDbBench(command(one, [...lists, one.read].join(',')));
  const stream = reads?.point ?? reads?.range;
  if (stream == null) throw new Error(`${one.name}: the simulator reads nothing`);
  const isGet = one.read === 'readrandom' ? 1 : 0;
  // Half a comparison more for each doubling of a skip list's entries; the memtables of the others are empty.
  const doublings = inMemory(one) ? Math.log2(Number(/num=(\d+)/.exec(one.flags.join(' '))?.[1])) : 0;
  const filtered = isGet === 1 && one.flags.some((flag) => flag.startsWith('--bloom_bits')) ? stream.filesProbedPerRead : 0;
  // Blocks of 4 and of 16 records.
  const blockBytes = (one.flags.includes('--block_size=16384') ? 16 : 4) * 1051;
  const nexts = Number(/seek_nexts=(\d+)/.exec(one.flags.join(' '))?.[1] ?? 0);
  const { blocksPerRead, filesProbedPerRead, storageReadsPerRead } = stream;
  // A scan's further blocks follow each other: they are part of its Nexts.
  const lookUps = isGet === 1 ? blocksPerRead : filesProbedPerRead;
  return [
    isGet,
    1 - isGet,
    doublings,
    filtered,
    lookUps,
    storageReadsPerRead,
    storageReadsPerRead * blockBytes,
    nexts,
    stream.foundFraction ?? 0,
  ];
}

function command({ flags, reads }: Case, benchmarks: string): string[] {
  const given = new Map([...common, ...flags].map((flag) => [flag.split('=')[0] ?? flag, flag]));
  return [`--benchmarks=${benchmarks}`, ...given.values(), `--reads=${String(reads)}`];
}

/** CPU nanoseconds of a read: of a process that reads a finished store, or, where the store is in memory, of one that fills and reads less one that fills. */
function measure(one: Case): number {
  const db = join(directory ?? '', 'measure-reads-db');
  const fresh = (benchmarks: string): number => {
    rmSync(db, { recursive: true, force: true });
    mkdirSync(db, { recursive: true });
    return cpuSeconds([...command(one, benchmarks), `--db=${db}`]);
  };
  let seconds = 0;
  if (inMemory(one)) seconds = fresh(`${one.fill},${one.read}`) - fresh(one.fill);
  else if (one.fill === '') seconds = fresh(one.read);
  else {
    fresh(one.fill);
    seconds = cpuSeconds([...command(one, one.read), `--db=${db}`, '--use_existing_db=1']);
  }
  rmSync(db, { recursive: true, force: true });
  return (seconds * 1e9) / one.reads;
}

/** User and system time of db_bench, as bash counts them. */
function cpuSeconds(argv: readonly string[]): number {
  const script = 'TIMEFORMAT="cpuSec %U %S"; time db_bench "$@" >/dev/null';
  const run = spawnSync('bash', ['-c', script, 'db_bench', ...argv], { encoding: 'utf8', maxBuffer: 1 << 28 });
  const [, user, system] = /cpuSec ([\d.]+) ([\d.]+)/.exec(run.stderr) ?? [];
  if (run.status !== 0 || user === undefined)
    throw new Error(`db_bench ended with ${String(run.status)}: ${run.stderr.split('\n')[0] ?? ''}`);
  return Number(user) + Number(system);
}
