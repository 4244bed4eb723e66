/**
 * One real run beside its prediction: the command line alone is simulated, and put rate, write amplification, stalled seconds, the larger
 * cause of stall, the curve and every level's bytes are compared, with the bars that a prediction must stay under.
 */
import type { FinishedRun } from '../files/result-directory.js';
import { invariant } from '../kernel/errors.js';
import { featuresOf } from '../lsm/features.js';
import type { LsmResult } from '../lsm/result.js';
import type { LsmScenario } from '../lsm/scenario.js';
import { repeatNrmse } from './repeats.js';
import { normalizedRmse, percentile, relativeError } from './score.js';
import type { TruthRun } from './truth.js';
import type { AccuracyRow } from './validity.js';

/** What a prediction must reach, in percent (curve: NRMSE). The bars are the README's (How true it is); a null bar is not asked for. */
export interface Bars {
  readonly putRatePercent: number;
  readonly writeAmplificationPercent: number;
  /** Of the run's length. */
  readonly stallPercent: number | null;
  readonly curveNrmse: number | null;
}

/** Runs with a rate limiter, which stands in for a slower device: they hardly depend on the machine. */
export const limitedBars: Bars = { putRatePercent: 5, writeAmplificationPercent: 5, stallPercent: 5, curveNrmse: 0.25 };
/** All others. */
export const unlimitedBars: Bars = { putRatePercent: 15, writeAmplificationPercent: 10, stallPercent: null, curveNrmse: null };
/** A prediction's curve may differ from the real one by so many times what two real runs of one command do. */
const REPEATS_FACTOR = 1.3;

/** Of all rate-limited runs together. */
export const medianPutRatePercent = 3;

/** The kinds of stall that take longest. */
export type StallKind = 'memtable' | 'l0' | 'pending' | 'none';

/** What is compared, of the real run or of the simulated one. */
export interface Figures {
  readonly opsPerSec: number;
  readonly writeAmplification: number | null;
  readonly stallSec: number;
  readonly largerStall: StallKind;
}

/** A real run, its prediction, and how far apart they are. */
export interface Comparison extends AccuracyRow {
  readonly command: string;
  readonly limited: boolean;
  readonly bars: Bars;
  readonly real: Figures;
  readonly simulated: Figures;
  /** From events up to the end of the run, where the LOG's last table is some seconds older. */
  readonly realAtEnd: { readonly writeAmplification: number | null };
  /** Bars that it does not stay under, in words. */
  readonly misses: readonly string[];
}

/** Compares a real run with the prediction of its command line. */
export function compareRun(truth: TruthRun, { scenario, result }: FinishedRun<LsmScenario, LsmResult>): Comparison {
  const features = featuresOf(scenario, result);
  invariant(features !== null, 'a db_bench command that writes has features');
  const limited = (scenario.stores[0]?.options.rate_limiter_bytes_per_sec ?? 0) > 0;
  const bars = barsOf(limited, repeatNrmse(truth.argv, features.compactionStyle));
  const simulated: Figures = {
    opsPerSec: result.putRate.meanOpsPerSec,
    writeAmplification: result.writeAmplificationNoWal,
    stallSec: result.stall.stoppedSec + result.stall.delayedSec,
    largerStall: largerStall(result.stall.byCause),
  };
  const real: Figures = {
    opsPerSec: truth.opsPerSec,
    writeAmplification: truth.writeAmplification,
    // The run goes on for up to stats_dump_period_sec after the last dump: the ticker knows, or the share until then stands for the rest.
    stallSec: truth.stallSecAtEnd ?? (truth.stallSec * truth.seconds) / Math.max(1, truth.stallUptimeSec),
    largerStall: largerStall(truth.causeSec),
  };
  const errors = {
    putRateErrorPercent: inPercent(relativeError(simulated.opsPerSec, real.opsPerSec)) ?? 100,
    writeAmplificationErrorPercent: inPercent(relativeError(simulated.writeAmplification ?? NaN, real.writeAmplification ?? NaN)),
    stallErrorPercent: ((simulated.stallSec - real.stallSec) / truth.seconds) * 100,
    curveNrmse: normalizedRmse(result.series.opsPerSec, truth.opsPerSecCurve),
  };
  return {
    name: truth.name,
    command: `db_bench ${truth.argv.join(' ')}`,
    features,
    limited,
    bars,
    real,
    simulated,
    realAtEnd: { writeAmplification: truth.writeAmplificationAtEnd },
    ...errors,
    misses: missesOf(errors, bars, limited && real.largerStall !== simulated.largerStall),
  };
}

/** What is said of many comparisons together. */
export interface ComparisonSummary {
  readonly limitedRuns: number;
  /** Of |put rate error| of the rate-limited runs; null without one. */
  readonly medianPutRateErrorPercent: number | null;
  readonly medianMisses: boolean;
  readonly runsThatMiss: number;
}

/** The median of the rate-limited runs against its bar, and how many runs miss one of theirs. */
export function summarizeComparisons(rows: readonly Comparison[]): ComparisonSummary {
  const errors = rows.filter(({ limited }) => limited).map(({ putRateErrorPercent }) => Math.abs(putRateErrorPercent));
  const median = percentile(errors, 50);
  return {
    limitedRuns: errors.length,
    medianPutRateErrorPercent: median,
    medianMisses: median !== null && median > medianPutRatePercent,
    runsThatMiss: rows.filter(({ misses }) => misses.length > 0).length,
  };
}

function barsOf(limited: boolean, repeatedNrmse: number): Bars {
  if (!limited) return unlimitedBars;
  return { ...limitedBars, curveNrmse: Math.max(limitedBars.curveNrmse ?? 0, repeatedNrmse * REPEATS_FACTOR) };
}

type Errors = Pick<Comparison, 'putRateErrorPercent' | 'writeAmplificationErrorPercent' | 'stallErrorPercent' | 'curveNrmse'>;

function missesOf(errors: Errors, bars: Bars, wrongCause: boolean): string[] {
  const beyond = (name: string, value: number | null, bar: number | null): string[] =>
    value === null || bar === null || Math.abs(value) <= bar ? [] : [`${name} ${value.toFixed(2)} (bar ${bar.toFixed(2)})`];
  return [
    ...beyond('put rate %', errors.putRateErrorPercent, bars.putRatePercent),
    ...beyond('write amplification %', errors.writeAmplificationErrorPercent, bars.writeAmplificationPercent),
    ...beyond('stall % of the run', errors.stallErrorPercent, bars.stallPercent),
    ...beyond('curve NRMSE', errors.curveNrmse, bars.curveNrmse),
    ...(wrongCause ? ['the larger cause of stall'] : []),
  ];
}

/** Which takes more seconds; none below a second in all. */
function largerStall(byCause: LsmResult['stall']['byCause']): StallKind {
  const seconds: readonly [StallKind, number][] = [
    ['memtable', byCause.memtable],
    ['l0', byCause.l0Slowdown + byCause.l0Stop],
    ['pending', byCause.pendingSlowdown + byCause.pendingStop],
  ];
  const [kind, most] = seconds.reduce((best, one) => (one[1] > best[1] ? one : best));
  return most < 1 ? 'none' : kind;
}

function inPercent(error: number | null): number | null {
  return error === null ? null : error * 100;
}
