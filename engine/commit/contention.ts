/**
 * Fits a store to measured compare-and-swap contention: closed-loop clients that swap one object as fast as they can. From the rows of a few
 * thread counts it finds how the store behaves at any number.
 *
 * What is known before: the winner learns the new version from its own answer and goes on at once, so as long as one client keeps winning, a
 * swap takes one latency, whatever the number of clients. Each loser spends its failed attempts meanwhile. What is fitted, by simulating the
 * given rows with the very engine that predicts the others:
 *
 *   decideFraction  where in the request the precondition is decided. The earlier, the sooner a loser knows of the winner's version, the
 *                   more often it overtakes it, and throughput grows with the clients
 *   failedLatency   scale of the failed latencies: measured ones are those of requests that failed, which are slow ones
 *   reread          what a loser does before its next attempt, where its failures do not fill its time
 *   serial          how long requests on one object keep each other waiting (a rate limit of the object), where more clients make
 *                   successes slower
 *
 * One row without failures says nothing about these: then the precondition is decided near the end, and failures take as long as successes.
 */
import { invariant } from '../kernel/errors.js';
import { meanMicros, valueAtPercentile } from '../kernel/histogram.js';
import { log } from '../kernel/math.js';
import { minimize } from '../kernel/nelder-mead.js';
import { runToEnd } from '../kernel/run.js';
import { MICROS_PER_SEC } from '../kernel/units.js';
import { createSampler, meanOf, quantileFunction, scaleDistribution, type Distribution, type QuantilePoint } from './distribution.js';
import { startLoop } from './loop.js';
import { clientsOnly, latencyOfAll, profiles, quiet } from './profiles.js';
import type { CommitScenario, StoreModel } from './scenario.js';

/** What was measured with one number of clients. Quantiles ascend; `failed` is empty where nothing failed. */
export interface ContentionRow {
  readonly threads: number;
  readonly attemptCount: number;
  readonly failureFraction: number;
  readonly succeededOpsPerSec: number;
  readonly meanMicros: number;
  readonly quantiles: readonly QuantilePoint[];
  readonly failedQuantiles: readonly QuantilePoint[];
}

/** A store that behaves as the rows do, and its clients' pauses. */
export interface ContentionFit {
  readonly store: StoreModel;
  readonly clientIdleMicros: number;
  readonly clientRereadMicros: number;
  /** Root mean square of the errors that remain, relative. */
  readonly misfitFraction: number;
}

/** What is searched. */
interface Unknowns {
  readonly decideFraction: number;
  readonly failedScale: number;
  readonly rereadMicros: number;
  readonly serialMicros: number;
}

/** Where a precondition is decided when no row shows it: the body is received and kept before the version is looked at. Our assumption. */
const assumedDecideFraction = 0.95;
/** Attempts that are simulated for each row and try. */
const attemptsPerTry = 8_000;
const triesAtMost = 60;

/**
 * The store behind one or more rows (the more threads they span, the better).
 * @throws InvariantError without a row.
 */
export function fitContention(rows: readonly ContentionRow[], name: string, source: string): ContentionFit {
  const sorted = [...rows].sort((a, b) => a.threads - b.threads);
  const [base] = sorted;
  invariant(base !== undefined, 'contention: at least one row is needed');
  const success: Distribution = { kind: 'quantiles', points: base.quantiles };
  const contended = sorted.filter((row) => row.threads > 1 && row.failedQuantiles.length > 0);
  const failed = failedShape(base, contended[0]);
  const idleMicros = base.threads === 1 ? Math.max(0, Math.round(MICROS_PER_SEC / base.succeededOpsPerSec - base.meanMicros)) : 0;
  const build = (unknowns: Unknowns): ContentionFit => ({
    store: {
      ...profiles.instant,
      ...{ name, source, latency: latencyOfAll(success), decideFraction: unknowns.decideFraction },
      failedLatency: scaleDistribution(failed, unknowns.failedScale),
      serialMicros: unknowns.serialMicros,
    },
    // Pauses below a thousandth of a request are rounding of the measured means.
    clientIdleMicros: idleMicros < base.meanMicros / 1000 ? 0 : idleMicros,
    clientRereadMicros: unknowns.rereadMicros,
    misfitFraction: 0,
  });
  const first = contended[0];
  if (first === undefined) return build({ decideFraction: assumedDecideFraction, failedScale: 1, rereadMicros: 0, serialMicros: 0 });
  const rereadMicros = losersPauseMicros(first, failed, idleMicros);
  // Successes that are not slower among more clients leave nothing for a queue to explain.
  const slower = Math.max(0, first.meanMicros / base.meanMicros - 1);
  const unknownsAt = ([decideFraction = 0, failedScale = 0, serial = 0]: readonly number[]): Unknowns => ({
    ...{ decideFraction, failedScale, rereadMicros, serialMicros: Math.round(serial * base.meanMicros) },
  });
  const misfit = (point: readonly number[]): number => {
    const fit = build(unknownsAt(point));
    return contended.reduce((sum, row) => sum + squaredErrors(row, fit), 0);
  };
  const searched = slower > 0 ? 3 : 2;
  const found = minimize(misfit, {
    // A failure that is answered early was decided earlier still.
    start: [Math.min(0.9, 0.9 * (medianOf(failed) / medianOf(success))), 0.95, slower].slice(0, searched),
    lower: [0, 0.2, 0].slice(0, searched),
    upper: [1, 3, 1.5].slice(0, searched),
    stepFraction: 0.05,
    tolerance: 1e-4,
    evaluationLimit: triesAtMost,
  });
  return { ...build(unknownsAt(found.point)), misfitFraction: Math.sqrt(found.value / (5 * contended.length)) };
}

/**
 * What a loser does between its answer and its next attempt: what successes and failures leave of the clients' time. The mean of the failures
 * is that of a curve through few percentiles; less than a twentieth of it cannot be told from nothing.
 */
function losersPauseMicros(row: ContentionRow, failed: Distribution, idleMicros: number): number {
  const { threads, failureFraction, succeededOpsPerSec, meanMicros: successMicros } = row;
  const failuresPerSuccess = failureFraction / (1 - failureFraction);
  const cycleMicros = ((threads * MICROS_PER_SEC) / succeededOpsPerSec - successMicros - idleMicros) / failuresPerSuccess;
  const meanFailedMicros = meanOf(createSampler(failed));
  const pauseMicros = Math.round(cycleMicros - meanFailedMicros - idleMicros);
  return pauseMicros > meanFailedMicros / 20 ? pauseMicros : 0;
}

function medianOf(distribution: Distribution): number {
  return quantileFunction(distribution)(0.5);
}

/** Measured failed latencies; below the first that is known, the shape of the row's successes. */
function failedShape(base: ContentionRow, row: ContentionRow | undefined): Distribution {
  const lowest = row?.failedQuantiles[0];
  if (row === undefined || lowest === undefined) return { kind: 'quantiles', points: base.quantiles };
  const beside = row.quantiles.find((point) => point.fraction >= lowest.fraction - 1e-9) ?? row.quantiles.at(-1);
  const factor = lowest.micros / (beside?.micros ?? lowest.micros);
  const below = row.quantiles.filter((point) => point.fraction < lowest.fraction - 1e-9);
  return {
    kind: 'quantiles',
    points: [...below.map(({ fraction, micros }) => ({ fraction, micros: micros * factor })), ...row.failedQuantiles],
  };
}

/** Simulates a row and compares what was measured: relative errors, and the failure rate in tenths of a point for a percent. */
function squaredErrors(row: ContentionRow, fit: ContentionFit): number {
  const result = runToEnd(startLoop(contentionScenario(row, fit)));
  const { client } = result.roles;
  invariant(
    client?.latencyMicros != null && client.preconditionFailedMicros !== null,
    'contention: a run of plain clients has their figures',
  );
  const throughput = client.succeededCount / result.simulatedSec;
  const failures = client.preconditionFailureCount / Math.max(1, client.operations);
  const ratio = (simulated: number, measured: number): number => log(Math.max(simulated, 1e-6) / measured);
  const percentile = (points: readonly QuantilePoint[], fraction: number): number | undefined =>
    points.find((point) => Math.abs(point.fraction - fraction) < 1e-9)?.micros;
  const failedP50 = percentile(row.failedQuantiles, 0.5);
  const successP50 = percentile(row.quantiles, 0.5);
  const errors = [
    ratio(throughput, row.succeededOpsPerSec),
    2 * (failures - row.failureFraction),
    ratio(meanMicros(client.latencyMicros), row.meanMicros),
    successP50 === undefined ? 0 : 0.5 * ratio(valueAtPercentile(client.latencyMicros, 50), successP50),
    failedP50 === undefined ? 0 : 0.5 * ratio(valueAtPercentile(client.preconditionFailedMicros, 50), failedP50),
  ];
  return errors.reduce((sum, error) => sum + error * error, 0);
}

function contentionScenario({ threads, succeededOpsPerSec, failureFraction }: ContentionRow, fit: ContentionFit): CommitScenario {
  const attemptsPerSec = succeededOpsPerSec / (1 - failureFraction);
  const workload = { ...clientsOnly(threads), clientIdleMicros: fit.clientIdleMicros, clientRereadMicros: fit.clientRereadMicros };
  return {
    ...{ kind: 'commit', name: 'contention', seed: 1, chaos: quiet, limit: null, assumptions: [], warnings: [] },
    durationMicros: Math.round((attemptsPerTry / attemptsPerSec) * MICROS_PER_SEC),
    ...{ workload, store: fit.store },
  };
}
