/**
 * Whether advice holds on a real store: the rate-limited scenario with db_bench's defaults and with what `advise` finds for it, three real
 * runs each of `fillrandom,waitforcompaction` (db_bench 7.8.3). WAL, what is kept, compression and num are the same; put rate is puts over
 * the time until the tree has settled.
 *
 *   npx tsx bench/advise-check.ts <empty directory on the drive> [--plan] [--num 4000000] [--out results/reference/advise-check.json]
 *
 * The bar: at least 20 % better in the median, found within 10 s, space at most 1.3 x the live data.
 */
import { cpus } from 'node:os';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { loadDbBench } from '../engine/files/load.js';
import { writeFileAtomic } from '../engine/files/write.js';
import { dbBenchFlagsOf } from '../engine/rocksdb/options-text.js';
import { encodeJson } from '../engine/scenario/json.js';
import { parseRequirement } from '../engine/scenario/requirement.js';
import { advise } from '../engine/whatif/advise.js';
import { runRealDbBench } from './real-run.js';

const bars = { betterPercent: 20, searchSec: 10, spaceAmplification: 1.3 };
const MIB = 1_048_576;
const { values, positionals } = parseArgs({
  options: { plan: { type: 'boolean' }, num: { type: 'string', default: '4000000' }, out: { type: 'string' } },
  allowPositionals: true,
});
const command = [
  ...['--benchmarks=fillrandom,waitforcompaction', `--num=${values.num}`, '--key_size=16', '--value_size=1024', '--compression_type=none'],
  `--rate_limiter_bytes_per_sec=${String(64 * MIB)}`,
];
const startMillis = performance.now();
const advice = await advise({
  scenario: loadDbBench(command).scenario,
  goal: 'settledPutRate',
  requirements: [parseRequirement(`spaceAmplification<=${String(bars.spaceAmplification)}`)],
  limits: { keep: new Set(['rate_limiter_bytes_per_sec']), memtableBytesMax: 1024 * MIB, eventsMax: 600_000 },
});
const searchSec = (performance.now() - startMillis) / 1000;
const advised = dbBenchFlagsOf(advice.best.changes).flags;
const predictedPercent = change(advice.base.score.value, advice.best.score.value);
console.log(`advised in ${searchSec.toFixed(1)} s: ${advised.join(' ')}; predicted ${String(predictedPercent?.toFixed(1))} %`);
const [base, best] = values.plan === true ? [[], []] : [measure([]), measure(advised)];
const realPercent = base.length === 0 ? null : change(median(base), median(best));
if (realPercent !== null)
  console.log(
    `real ${realPercent.toFixed(1)} %: ${realPercent >= bars.betterPercent ? 'ok' : 'MISS'} (bar ${String(bars.betterPercent)} %)`,
  );
if (values.out !== undefined) {
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length };
  const document = {
    schema: 'putmodel/advise-check/1',
    bars,
    command,
    advised,
    searchSec,
    predictedPercent,
    realPercent,
    runs: { base, best },
    machine,
  };
  writeFileAtomic(values.out, encodeJson(document));
}

/** Puts a second until settled, three times. */
function measure(flags: readonly string[]): number[] {
  return [1, 2, 3].map((seed) => {
    const { seconds } = runRealDbBench(positionals[0]!, [...command, ...flags, `--seed=${String(seed)}`], () => null);
    console.log(`  seed ${String(seed)}: ${seconds.toFixed(1)} s`);
    return Number(values.num) / seconds;
  });
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;
}

function change(before: number | null, after: number | null): number | null {
  return before === null || after === null || before === 0 ? null : 100 * (after / before - 1);
}
