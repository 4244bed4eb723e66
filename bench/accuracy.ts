/**
 * How true are the predictions? For each truth directory (a real db_bench run, see engine/validation/truth.ts), simulates its command line
 * and nothing else, and prints real, simulated and error for put rate, write amplification, stalled seconds, the larger cause of stall and
 * the curve, with the bars a prediction must stay under. Runs that miss are listed, and all is written to results/reference/accuracy.json,
 * from which every result takes its `validity`.
 *
 *   npx tsx bench/accuracy.ts <truth directory or directory of them>... [--host <profile>] [--out results/reference/accuracy.json]
 *
 * results/reference/held-out.json is of runs with other options, and held-out-calibrated.json of those of them that have no limiter, with a host
 * from `putmodel calibrate host --from u-base/LOG`, the plain one among them. `putmodel validate --record DIR -- <command>` records a run.
 *
 * Exit status: 0 when every run stays under its bars, 1 when one misses, 2 for input that cannot be read.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { PutmodelError } from '../engine/kernel/errors.js';
import { loadDbBench, runScenario } from '../engine/node.js';
import {
  compareRun,
  limitedBars,
  medianPutRatePercent,
  summarizeComparisons,
  unlimitedBars,
  type Comparison,
  type ComparisonSummary,
} from '../engine/validation/holdout.js';
import { readTruth, truthDirectories, type TruthRun } from '../engine/validation/truth.js';
import { accuracySchemaName } from '../engine/validation/validity.js';

/** A comparison with what is printed but not kept: it differs from run to run. */
interface Measured {
  readonly row: Comparison;
  readonly wallMillis: number;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { out: { type: 'string' }, host: { type: 'string' } },
});
try {
  process.exitCode = await main(positionals, values.out ?? null, values.host ?? null);
} catch (error) {
  if (!(error instanceof PutmodelError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

async function main(paths: readonly string[], out: string | null, host: string | null): Promise<number> {
  const directories = paths.flatMap(truthDirectories);
  if (directories.length === 0) {
    console.error('usage: accuracy <truth directory>... [--host PROFILE] [--out FILE]');
    return 2;
  }
  const measured: Measured[] = [];
  for (const directory of directories) measured.push(compare(await readTruth(directory), host));
  const rows = measured.map(({ row }) => row);
  const summary = summarizeComparisons(rows);
  print(measured, summary);
  if (out !== null) {
    const document = {
      schema: accuracySchemaName,
      bars: { limited: limitedBars, unlimited: unlimitedBars, medianPutRatePercent },
      summary,
      rows,
    };
    writeFileSync(out, `${JSON.stringify(document, roundFigures, 2)}\n`);
  }
  return rows.every(({ misses }) => misses.length === 0) && !summary.medianMisses ? 0 : 1;
}

function compare(truth: TruthRun, host: string | null): Measured {
  const loaded = loadDbBench(truth.argv, host === null ? {} : { host });
  const startMillis = performance.now();
  const run = runScenario(loaded);
  return { wallMillis: performance.now() - startMillis, row: compareRun(truth, run) };
}

function print(measured: readonly Measured[], summary: ComparisonSummary): void {
  const header = [
    'run',
    'ops/s',
    'sim',
    'err %',
    'W-Amp',
    'sim',
    'err %',
    'stall s',
    'sim',
    '% run',
    'larger',
    'sim',
    'NRMSE',
    'sim ms',
    '',
  ];
  const lines = measured.map(({ row, wallMillis }) => [
    row.name,
    row.real.opsPerSec.toFixed(0),
    row.simulated.opsPerSec.toFixed(0),
    signed(row.putRateErrorPercent),
    fixed(row.real.writeAmplification, 1),
    fixed(row.simulated.writeAmplification, 2),
    signed(row.writeAmplificationErrorPercent),
    row.real.stallSec.toFixed(1),
    row.simulated.stallSec.toFixed(1),
    signed(row.stallErrorPercent),
    row.real.largerStall,
    row.simulated.largerStall,
    fixed(row.curveNrmse, 3),
    wallMillis.toFixed(0),
    row.misses.length === 0 ? 'ok' : 'MISS',
  ]);
  const widths = header.map((title, column) => Math.max(title.length, ...lines.map((line) => (line[column] ?? '').length)));
  for (const line of [header, ...lines]) {
    console.log(
      line
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    );
  }
  for (const { row } of measured) if (row.misses.length > 0) console.log(`  ${row.name} misses: ${row.misses.join('; ')}`);
  const median = fixed(summary.medianPutRateErrorPercent, 2);
  console.log(
    `rate-limited runs: ${String(summary.limitedRuns)}, median |put rate error| ${median} % (bar ${String(medianPutRatePercent)} %)`,
  );
  console.log(`runs that miss a bar: ${String(summary.runsThatMiss)} of ${String(measured.length)}`);
}

function fixed(value: number | null, decimals: number): string {
  return value === null ? '-' : value.toFixed(decimals);
}

function signed(value: number | null): string {
  return value === null ? '-' : `${value > 0 ? '+' : ''}${value.toFixed(1)}`;
}

/** Four decimals are enough to compare, and keep the file free of last-bit noise. */
function roundFigures(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 1e4) / 1e4 : value;
}
