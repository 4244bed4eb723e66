/**
 * How much does the real thing vary? Runs the command of a truth directory again with other seeds, and compares put rates and curves
 * (20-second means) of all pairs. A prediction's curve may differ from the real one by 1.3 times what two repeats of it differ by
 * (engine/validation/holdout.ts); where nobody has repeated a command, by 1.3 times what its compaction style's repeats do.
 *
 *   npx tsx bench/repeats.ts <empty directory on the drive> <truth directory>... [--seeds 43,44] [--out results/reference/repeats.json]
 *
 * Runs that OUT has already are kept and compared with the new ones.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeFileAtomic } from '../engine/files/write.js';
import { opsOfSeconds, parseReportCsv } from '../engine/rocksdb/db-bench-output.js';
import { encodeJson } from '../engine/scenario/json.js';
import { repeatsSchemaName, withoutSeed, type RepeatedCommand, type Repeats } from '../engine/validation/repeats.js';
import { normalizedRmse, windowMeans } from '../engine/validation/score.js';
import { readTruth, truthDirectories, type TruthRun } from '../engine/validation/truth.js';
import { lastOfEach, opsPerSecOf, runRealDbBench } from './real-run.js';

type Run = RepeatedCommand['runs'][number];
const WINDOW_SEC = 20;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: 'string', default: '43,44' }, out: { type: 'string', default: 'results/reference/repeats.json' } },
});
const [directory, ...truths] = positionals;
if (directory === undefined || truths.length === 0) {
  console.error('usage: repeats <empty directory> <truth directory>... [--seeds 43,44] [--out FILE]');
  process.exit(2);
}
const seeds = values.seeds.split(',').map(Number);
const known = existsSync(values.out) ? (JSON.parse(readFileSync(values.out, 'utf8')) as Repeats).commands : [];
const commands = new Map(known.map((one) => [one.command, one]));
for (const path of truths.flatMap(truthDirectories)) {
  const truth = await readTruth(path);
  const command = withoutSeed(truth.argv);
  let runs = commands.get(command)?.runs ?? [recorded(truth)];
  for (const seed of seeds) {
    if (runs.some((run) => run.seed === seed)) continue;
    runs = [...runs, runAgain(directory, truth, seed)];
    const repeated = { name: truth.name, command, ...compare(runs), runs };
    commands.set(command, repeated);
    console.log(
      `${truth.name} seed ${String(seed)}: ${(runs.at(-1)?.opsPerSec ?? NaN).toFixed(0)} ops/s, ` +
        `curves differ by ${repeated.curveNrmse.toFixed(3)} in the mean of ${String(repeated.pairs)} pairs`,
    );
    const document: Repeats = { schema: repeatsSchemaName, windowSec: WINDOW_SEC, commands: [...commands.values()] };
    writeFileAtomic(values.out, `${encodeJson(document)}\n`);
  }
}

function recorded(truth: TruthRun): Run {
  const seed = Number(truth.argv.find((flag) => flag.startsWith('--seed='))?.slice('--seed='.length));
  return { seed, opsPerSec: truth.opsPerSec, curve: meansOf(truth.opsPerSecCurve) };
}

function runAgain(parent: string, truth: TruthRun, seed: number): Run {
  const report = join(parent, 'report.csv');
  const flags = lastOfEach([...truth.argv, `--seed=${String(seed)}`, `--report_file=${report}`, '--report_interval_seconds=1']);
  const { stdout } = runRealDbBench(parent, flags, () => null);
  const curve = opsOfSeconds(parseReportCsv(readFileSync(report, 'utf8')));
  return { seed, opsPerSec: opsPerSecOf(stdout, 'fillrandom'), curve: meansOf(curve) };
}

function meansOf(opsPerSec: readonly number[]): number[] {
  return windowMeans(opsPerSec, WINDOW_SEC).map(Math.round);
}

/** Each pair counts once, relative to the mean of the run made first. */
function compare(runs: readonly Run[]): Pick<RepeatedCommand, 'curveNrmse' | 'pairs' | 'putRateSpreadPercent'> {
  const differences = runs.flatMap((second, i) => runs.slice(0, i).map((first) => normalizedRmse(second.curve, first.curve, 1) ?? 0));
  const rates = runs.map(({ opsPerSec }) => opsPerSec);
  return {
    pairs: differences.length,
    curveNrmse: round(differences.reduce((sum, one) => sum + one, 0) / differences.length, 4),
    putRateSpreadPercent: round((Math.max(...rates) / Math.min(...rates) - 1) * 100, 2),
  };
}

function round(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
