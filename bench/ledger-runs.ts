/**
 * Two runs of db_bench 6.4 on one server, with 4 and with 20 background jobs: more jobs were slower there. The host is calibrated on the
 * LOG of the 4-job run and the device on its iostat, nothing on the other; then both runs are simulated from their options and compared:
 * put rate, write amplification, and the wall time of compactions for a MiB written, by output level. Predictions are means over five seeds, and
 * as in the LOGs only compactions count that ended before the last put.
 *
 *   npx tsx bench/ledger-runs.ts <ledger-runs directory> [--out results/reference/ledger-runs.json]
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mean } from 'd3-array';
import { parseDeviceArgument, parseHostArgument } from '../engine/files/presets.js';
import { readText, streamText } from '../engine/files/read.js';
import { runToEnd } from '../engine/kernel/run.js';
import { assembleScenario } from '../engine/lsm/assemble.js';
import type { HostProfile } from '../engine/lsm/host.js';
import type { LsmResult } from '../engine/lsm/result.js';
import type { WriteWorkload } from '../engine/lsm/scenario.js';
import { startLsm } from '../engine/lsm/simulate.js';
import { createDbBenchOutputReader, type DbBenchOutput } from '../engine/rocksdb/db-bench-output.js';
import { collectLogOptions, type LogOptions } from '../engine/rocksdb/log-options.js';
import { createLogReader, type LogCompaction } from '../engine/rocksdb/log.js';
import { collectCosts, fitHost, withFits, type CostRecord } from '../engine/validation/calibrate-host.js';
import { relativeError } from '../engine/validation/score.js';

/** Bars, percent. Wall time by level is an aim. */
const bars = { putRatePercent: 10, wallPercent: 20 };
const MIB = 1_048_576;
const seeds = [1, 2, 3, 4, 5];

interface RealRun {
  readonly name: string;
  readonly options: LogOptions;
  readonly costs: CostRecord;
  readonly compactions: readonly LogCompaction[];
  readonly output: DbBenchOutput;
  readonly iostat: string;
}

const { values, positionals } = parseArgs({ options: { out: { type: 'string' } }, allowPositionals: true });
const directory = positionals[0] ?? '../shared/data/ledger-runs';
const four = await readRun('NVMeSSD-4cpu');
const twenty = await readRun('NVMeSSD-20cpu');
const rows = [four, twenty].map((run) => compare(run, hostOf(four), four.iostat));
for (const row of rows) print(row);
const realChange = rows[1]!.putRate.real / rows[0]!.putRate.real - 1;
const simulatedChange = rows[1]!.putRate.simulated / rows[0]!.putRate.simulated - 1;
console.log(`4 to 20 jobs: put rate ${percent(realChange)} measured, ${percent(simulatedChange)} predicted`);
if (values.out !== undefined) {
  const document = { schema: 'putmodel/ledger-runs/1', bars, calibratedOn: four.name, realChange, simulatedChange, rows };
  writeFileSync(values.out, `${JSON.stringify(document, null, 2)}\n`);
}

async function readRun(name: string): Promise<RealRun> {
  const path = join(directory, name);
  const fileOf = (prefix: string): string =>
    join(
      path,
      readdirSync(path).find((file) => file.startsWith(prefix))!,
    );
  const options = collectLogOptions();
  const costs = collectCosts(name);
  const compactions: LogCompaction[] = [];
  const reader = createLogReader({
    onEvent(event) {
      options.onEvent(event);
      costs.onEvent(event);
      if (event.kind === 'compactionFinished') compactions.push(event.compaction);
    },
  });
  await streamText(fileOf('LOG'), (text) => reader.push(text));
  reader.end();
  const printed = createDbBenchOutputReader();
  printed.push(readText(fileOf('stdout')));
  return { name, options: options.finish(), costs: costs.finish(), compactions, output: printed.end(), iostat: fileOf('iostat') };
}

/** CPU of the LOG; cores as its iostat prints them; a page cache that holds the store, since its iostat shows no reads. */
function hostOf(run: RealRun): HostProfile {
  const base = parseHostArgument('debian-vm').model;
  const cores = Number(/\((\d+) CPU\)/.exec(readText(run.iostat))![1]);
  return { ...withFits(base, fitHost([run.costs], base), [run.costs]), cores, pageCacheBytes: 64 * 1024 * MIB };
}

/** db_bench fillrandom --num=20000000 --value_size=1000, as both outputs say. */
function workloadOf(run: RealRun): WriteWorkload {
  const puts = 20_000_000;
  if (run.output.entryBytes !== 1016) throw new Error(`${run.name}: not 16 + 1000 bytes`);
  return {
    ...{
      puts,
      durationSec: null,
      threads: 1,
      keySizeBytes: 16,
      valueSizeBytes: 1000,
      distribution: 'uniform',
      keyCount: puts,
      zipfTheta: 0.99,
    },
    ...{ entriesPerBatch: 1, sync: false, disableWal: false, valueCompressionRatio: 0.5, arrival: { kind: 'closed' } },
  };
}

function compare(run: RealRun, host: HostProfile, iostat: string) {
  const version = run.options.version!;
  // The LOG of 6.4 does not print the bits of its bloom filter; its filter blocks hold 10 a key.
  const options = { ...run.options.optionsOf('default', version), bloom_bits: 10 };
  const jobs: { readonly level: number; readonly wallSec: number; readonly bytes: number }[] = [];
  const simulate = (seed: number): LsmResult => {
    const scenario = assembleScenario(
      {
        ...{ name: run.name, seed, dtSec: 1, version, versionNamed: true, options, initial: { from: 'empty' } },
        steps: [{ kind: 'write', benchmark: 'fillrandom', fresh: true, workload: workloadOf(run) }],
        ...{ assumptions: [], ignored: [], warnings: [] },
      },
      { device: parseDeviceArgument(iostat).model, host, deviceNamed: true, hostNamed: true, warnings: [] },
    );
    return runToEnd(
      startLsm(scenario, (job, { nowMicros, done }) => {
        if (!done && job.kind === 'compaction' && job.bytesOut > 0)
          jobs.push({ level: job.task!.outputLevel, wallSec: (nowMicros - job.startMicros) / 1e6, bytes: job.bytesOut });
      }),
    );
  };
  const results = seeds.map(simulate);
  const real = run.compactions.map(({ outputLevel, wallMicros, outputBytes }) => ({
    level: outputLevel,
    wallSec: (wallMicros ?? 0) / 1e6,
    bytes: outputBytes,
  }));
  const fill = run.output.results.find(({ benchmark }) => benchmark === 'fillrandom')!;
  const sum = run.output.lastDump!.families[0]!.levels.rows.find(({ name }) => name === 'Sum')!;
  return {
    name: run.name,
    maxBackgroundJobs: options.max_background_jobs,
    putRate: pair(
      fill.opsPerSec,
      mean(results, ({ putRate }) => putRate.meanOpsPerSec)!,
    ),
    writeAmplificationNoWal: pair(
      sum.writeAmplification,
      mean(results, (result) => result.writeAmplificationNoWal)!,
    ),
    levels: [...new Set(real.map(({ level }) => level))]
      .sort((a, b) => a - b)
      .map((level) => ({
        level,
        jobs: { real: count(real, level), simulated: count(jobs, level) / seeds.length },
        wallMillisPerMib: pair(wallPerMib(real, level), wallPerMib(jobs, level)),
      })),
    all: pair(wallPerMib(real, null), wallPerMib(jobs, null)),
  };
}

type TimedJobs = readonly { readonly level: number; readonly wallSec: number; readonly bytes: number }[];

function count(jobs: TimedJobs, level: number): number {
  return jobs.filter((job) => job.level === level).length;
}

function wallPerMib(jobs: TimedJobs, level: number | null): number {
  const counted = jobs.filter((job) => level === null || job.level === level);
  const seconds = counted.reduce((sum, { wallSec }) => sum + wallSec, 0);
  return (1000 * seconds) / (counted.reduce((sum, { bytes }) => sum + bytes, 0) / MIB);
}

function pair(real: number, simulated: number) {
  return { real, simulated, errorPercent: 100 * (relativeError(simulated, real) ?? NaN) };
}

function percent(fraction: number): string {
  return `${fraction >= 0 ? '+' : ''}${(100 * fraction).toFixed(1)} %`;
}

function print(row: ReturnType<typeof compare>): void {
  const { putRate, writeAmplificationNoWal: wa } = row;
  const verdict = Math.abs(putRate.errorPercent) <= bars.putRatePercent ? 'ok' : 'MISS';
  console.log(`${row.name}, max_background_jobs ${String(row.maxBackgroundJobs)}`);
  console.log(`  put rate ${line(putRate, 0)}  ${verdict}`);
  console.log(`  W-Amp    ${line(wa, 2)}`);
  console.log('  wall time of a compaction, ms a MiB written, by output level:');
  for (const { level, jobs, wallMillisPerMib } of row.levels) {
    const aim = Math.abs(wallMillisPerMib.errorPercent) <= bars.wallPercent ? 'ok' : 'beyond the aim of 20 %';
    console.log(
      `    L${String(level)} ${line(wallMillisPerMib, 2)}  ${aim}; ${String(jobs.real)} jobs, ${jobs.simulated.toFixed(0)} simulated`,
    );
  }
  console.log(`    all ${line(row.all, 2)}`);
}

function line({ real, simulated, errorPercent }: ReturnType<typeof pair>, digits: number): string {
  return `${real.toFixed(digits).padStart(9)} ${simulated.toFixed(digits).padStart(9)} ${errorPercent.toFixed(1).padStart(6)} %`;
}
