/**
 * Several column families and several databases on one device: what db_bench 7.8.3 (Debian's rocksdb-tools) gives behind a rate limiter, and
 * what its command line predicts. The limiter stands in for a device, so that the machine's mood matters little. Every case that is run is in
 * the table, misses included.
 *
 *   npx tsx bench/families.ts <empty directory on the drive> [--only NAME]... [--plan] [--seconds 75] [--out results/reference/families.json]
 *
 * The bar is that of the single-family runs (bench/accuracy.ts): put rate within 20 %. Stall time and write amplification are reported.
 */
import { readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readText } from '../engine/files/read.js';
import { writeFileAtomic } from '../engine/files/write.js';
import type { LsmResult } from '../engine/lsm/result.js';
import { createLogReader } from '../engine/rocksdb/log.js';
import type { StatsDump } from '../engine/rocksdb/stats-table.js';
import { encodeJson } from '../engine/scenario/json.js';
import { simulateDbBench } from '../engine/validation/run.js';
import { lastOfEach, opsPerSecOf, runRealDbBench } from './real-run.js';

const seeds = [42, 43];
const putRatePercentMax = 20;
const MIB = 1_048_576;

/** As in bench/option-pairs.ts. */
const common = [
  ...['--benchmarks=fillrandom', '--num=20000000', '--key_size=16', '--value_size=1024', '--compression_type=none', '--disable_wal=1'],
  ...['--write_buffer_size=16777216', '--target_file_size_base=16777216', '--max_bytes_for_level_base=67108864', '--max_background_jobs=2'],
  ...[`--rate_limiter_bytes_per_sec=${String(64 * MIB)}`, '--stats_dump_period_sec=5'],
];

const cases: readonly { readonly name: string; readonly flags: readonly string[] }[] = [
  { name: 'one', flags: [] },
  { name: 'families-3', flags: ['--num_column_families=3'] },
  { name: 'databases-2', flags: ['--num_multi_db=2'] },
  { name: 'families-3-jobs-4', flags: ['--num_column_families=3', '--max_background_jobs=4'] },
  { name: 'databases-2-jobs-4', flags: ['--num_multi_db=2', '--max_background_jobs=4'] },
  { name: 'families-4-skewed', flags: ['--num_column_families=4', '--column_family_distribution=10,20,30,40'] },
];

/** What is compared: of a real run as of a simulated one. */
interface Figures {
  readonly opsPerSec: number;
  /** Of all databases, as a part of the run: each has a write-group leader of its own that waits. */
  readonly stallFraction: number;
  readonly writeAmplification: number;
}

const { values, positionals } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    plan: { type: 'boolean' },
    seconds: { type: 'string', default: '75' },
    out: { type: 'string' },
  },
  allowPositionals: true,
});
const [directory] = positionals;
if (values.plan !== true && directory === undefined) throw new Error('name an empty directory on the drive');

const rows = cases
  .filter(({ name }) => values.only === undefined || values.only.includes(name))
  .map(({ name, flags }) => {
    const predicted = seeds.map((seed) => predict(flags, seed));
    const measured = values.plan === true ? [] : seeds.map((seed) => measure(flags, seed));
    const putRatePercent = measured.length === 0 ? null : percentChange(mean(measured, 'opsPerSec'), mean(predicted, 'opsPerSec'));
    const within = putRatePercent === null ? null : Math.abs(putRatePercent) <= putRatePercentMax;
    console.log(`${name.padEnd(20)} predicted ${tell(predicted)}  measured ${tell(measured)}  ${within === false ? 'MISS' : ''}`);
    return { name, flags, predicted, measured, putRatePercent, within };
  });
if (values.out !== undefined) {
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length };
  const head = { schema: 'putmodel/families/1', putRatePercentMax, seconds: Number(values.seconds), seeds, common, machine };
  writeFileAtomic(values.out, encodeJson({ ...head, rows }));
}

function commandOf(flags: readonly string[], seed: number): string[] {
  return lastOfEach([...common, `--duration=${values.seconds}`, `--seed=${String(seed)}`, ...flags]);
}

function predict(flags: readonly string[], seed: number): Figures {
  const result: LsmResult = simulateDbBench(commandOf(flags, seed));
  return {
    opsPerSec: result.putRate.meanOpsPerSec,
    stallFraction: (result.stall.stoppedSec + result.stall.delayedSec) / result.simulatedSec,
    writeAmplification: result.writeAmplificationNoWal ?? Number.NaN,
  };
}

/** One run of db_bench. */
function measure(flags: readonly string[], seed: number): Figures {
  const { stdout, seen: dumps } = runRealDbBench(directory!, commandOf(flags, seed), (db) => logsIn(db).map(lastDump));
  const families = dumps.flatMap((dump) => dump.families);
  const sum = (read: (family: StatsDump['families'][number]) => number | null): number =>
    families.reduce((total, family) => total + (read(family) ?? Number.NaN), 0);
  return {
    opsPerSec: opsPerSecOf(stdout, 'fillrandom'),
    stallFraction: dumps.reduce(
      (total, { db: figures }) => total + (figures?.stallSec ?? Number.NaN) / (figures?.uptimeSec ?? Number.NaN),
      0,
    ),
    writeAmplification: sum(({ writtenBytes }) => writtenBytes) / sum(({ flushedBytes }) => flushedBytes),
  };
}

/** Each database of --num_multi_db has a directory of its own. */
function logsIn(db: string): string[] {
  return readdirSync(db, { recursive: true, encoding: 'utf8' })
    .filter((name) => /(^|\/)LOG$/.test(name))
    .map((name) => join(db, name));
}

function lastDump(log: string): StatsDump {
  const seen: StatsDump[] = [];
  const reader = createLogReader({
    file: log,
    onEvent(event) {
      if (event.kind === 'stats') seen.splice(0, 1, event.dump);
    },
  });
  reader.push(readText(log));
  reader.end();
  const [dump] = seen;
  if (dump === undefined) throw new Error(`${log} has no statistics`);
  return dump;
}

function mean(figures: readonly Figures[], key: keyof Figures): number {
  return figures.reduce((sum, one) => sum + one[key], 0) / figures.length;
}

function percentChange(before: number, after: number): number {
  return 100 * (after / before - 1);
}

function tell(figures: readonly Figures[]): string {
  if (figures.length === 0) return '-';
  const stalled = (100 * mean(figures, 'stallFraction')).toFixed(0);
  return `${mean(figures, 'opsPerSec').toFixed(0)} puts/s, stalled ${stalled} %, W-Amp ${mean(figures, 'writeAmplification').toFixed(2)}`;
}
