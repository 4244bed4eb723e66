/**
 * Pairs of configurations of one real store, and whether the simulator picks the better one: each member is run twice by db_bench 7.8.3
 * (Debian's rocksdb-tools) behind a rate limiter, so that the machine's mood matters little, and predicted from its command line. Every pair
 * that is run is in the table, misses included.
 *
 *   npx tsx bench/option-pairs.ts <empty directory on the drive> [--only NAME]... [--plan] [--seconds 75] [--out results/reference/pairs.json]
 *   npx tsx bench/option-pairs.ts --again results/reference/pairs.json --out results/reference/pairs.json   # predicts anew beside the runs made
 *
 * The bar: the better member is picked whenever the real difference is over 5 %, and the difference is predicted to 5 percentage points.
 */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { writeFileAtomic } from '../engine/files/write.js';
import { encodeJson } from '../engine/scenario/json.js';
import { simulateDbBench } from '../engine/validation/run.js';
import { lastOfEach, opsPerSecOf, runRealDbBench } from './real-run.js';

const seeds = [42, 43];
/** The model's seeds are not db_bench's, and differ by several percent where few large compactions decide: the median of these is what it expects. */
const modelSeeds = [1, 2, 3, 4, 5, 6, 7, 8];
const bars = { pickedAbovePercent: 5, differencePoints: 5 };
const MIB = 1_048_576;

/** Both members share these; a flag given again holds. */
const common = [
  ...['--benchmarks=fillrandom', '--num=20000000', '--key_size=16', '--value_size=1024', '--compression_type=none', '--disable_wal=1'],
  ...['--write_buffer_size=16777216', '--target_file_size_base=16777216', '--max_bytes_for_level_base=67108864', '--max_background_jobs=2'],
  `--rate_limiter_bytes_per_sec=${String(64 * MIB)}`,
];

interface Pair {
  readonly name: string;
  readonly subject: string;
  readonly first: readonly string[];
  readonly second: readonly string[];
}

const pairs: readonly Pair[] = [
  { name: 'jobs-2-4', subject: 'jobs', first: [], second: ['--max_background_jobs=4'] },
  { name: 'jobs-4-8', subject: 'jobs', first: ['--max_background_jobs=4'], second: ['--max_background_jobs=8'] },
  // More resources that may be slower: every further job takes its share of the limiter from flushes.
  {
    name: 'jobs-8-16-limit-32',
    subject: 'jobs',
    first: limited(32, '--max_background_jobs=8'),
    second: limited(32, '--max_background_jobs=16'),
  },
  {
    name: 'subcompactions-1-4',
    subject: 'subcompactions',
    first: ['--max_background_jobs=4'],
    second: ['--max_background_jobs=4', '--subcompactions=4'],
  },
  {
    name: 'l0-4-8',
    subject: 'L0 triggers',
    first: [],
    second: ['--level0_file_num_compaction_trigger=8', '--level0_slowdown_writes_trigger=40', '--level0_stop_writes_trigger=72'],
  },
  { name: 'l0-4-2', subject: 'L0 triggers', first: [], second: ['--level0_file_num_compaction_trigger=2'] },
  { name: 'memtable-16-64', subject: 'memtable size', first: [], second: ['--write_buffer_size=67108864'] },
  { name: 'memtables-2-6', subject: 'memtable count', first: [], second: ['--max_write_buffer_number=6'] },
  { name: 'dynamic', subject: 'dynamic levels', first: [], second: ['--level_compaction_dynamic_level_bytes=true'] },
  { name: 'pri-3-0', subject: 'compaction_pri', first: [], second: ['--compaction_pri=0'] },
  { name: 'pri-3-4', subject: 'compaction_pri', first: [], second: ['--compaction_pri=4'] },
  { name: 'style-0-1', subject: 'style', first: [], second: ['--compaction_style=1'] },
  { name: 'limiter-64-128', subject: 'limiter', first: [], second: limited(128) },
  { name: 'limiter-auto', subject: 'limiter', first: [], second: ['--rate_limiter_auto_tuned=true'] },
];

const { values, positionals } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    plan: { type: 'boolean' },
    seconds: { type: 'string', default: '75' },
    again: { type: 'string' },
    out: { type: 'string' },
  },
  allowPositionals: true,
});
const [directory] = positionals;
const wanted = pairs.filter(({ name }) => values.only === undefined || values.only.includes(name));
/** What an earlier run of this script wrote. */
interface Recorded {
  readonly seconds: number;
  readonly machine: { readonly cpu: string; readonly cores: number };
  readonly rows: readonly (Pair & { readonly runs: { readonly first: number[]; readonly second: number[] } })[];
}
const earlier = values.again === undefined ? null : (JSON.parse(readFileSync(values.again, 'utf8')) as Recorded);
const seconds = earlier?.seconds ?? Number(values.seconds);
const machine = earlier?.machine ?? { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length };
const members = new Map(
  earlier?.rows.flatMap(({ first, second, runs }) => [[key(first), runs.first] as const, [key(second), runs.second] as const]),
);
const rows = wanted.map((pair) => {
  const predicted = percentChange(predict(pair.first), predict(pair.second));
  const real = values.plan === true ? null : percentChange(median(measure(pair.first)), median(measure(pair.second)));
  const row = {
    ...pair,
    ...judged(predicted, real),
    runs: { first: members.get(key(pair.first)) ?? [], second: members.get(key(pair.second)) ?? [] },
  };
  console.log(`${pair.name.padEnd(20)} predicted ${points(predicted)}  real ${real === null ? '-' : points(real)}  ${row.verdict}`);
  return row;
});
if (values.out !== undefined) {
  writeFileAtomic(values.out, encodeJson({ schema: 'putmodel/option-pairs/1', bars, seconds, common, machine, rows }));
}

function limited(mibPerSec: number, ...flags: string[]): string[] {
  return [`--rate_limiter_bytes_per_sec=${String(mibPerSec * MIB)}`, ...flags];
}

function commandOf(flags: readonly string[], seed: number): string[] {
  return lastOfEach([...common, `--duration=${String(seconds)}`, `--seed=${String(seed)}`, ...flags]);
}

function key(flags: readonly string[]): string {
  return flags.join(' ');
}

function predict(flags: readonly string[]): number {
  return median(modelSeeds.map((seed) => simulateDbBench(commandOf(flags, seed)).putRate.meanOpsPerSec));
}

/** Twice, once for each seed; a member that two pairs share is run once. */
function measure(flags: readonly string[]): readonly number[] {
  const known = members.get(key(flags));
  if (known !== undefined) return known;
  if (directory === undefined) throw new Error('name an empty directory on the drive');
  const rates = seeds.map((seed) => opsPerSecOf(runRealDbBench(directory, commandOf(flags, seed), () => null).stdout, 'fillrandom'));
  members.set(key(flags), rates);
  return rates;
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return ((sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN) + (sorted[Math.ceil((sorted.length - 1) / 2)] ?? NaN)) / 2;
}

function percentChange(before: number, after: number): number {
  return 100 * (after / before - 1);
}

function judged(predicted: number, real: number | null) {
  if (real === null) return { predictedPercent: predicted, realPercent: null, picked: null, near: null, verdict: 'planned' };
  const picked = Math.abs(real) <= bars.pickedAbovePercent || Math.sign(predicted) === Math.sign(real);
  const near = Math.abs(predicted - real) <= bars.differencePoints;
  const verdict = picked && near ? 'ok' : picked ? 'MISS: picked, but the difference is off' : 'MISS: the worse one is picked';
  return { predictedPercent: predicted, realPercent: real, picked, near, verdict };
}

function points(percent: number): string {
  return `${percent >= 0 ? '+' : ''}${percent.toFixed(1)} %`.padStart(9);
}
