/**
 * How many writers an object store bears: the most that keep the success of their operations above a target, and the fewest retries of a
 * commit that they need for it. Both by bisection, each try a simulation of the writers alone under the scenario's own store, rates and
 * chaos, for as long as it takes; that success falls with writers and grows with retries is what makes bisection right.
 */
import { runToEnd } from '../kernel/run.js';
import { createSampler, meanOf } from './distribution.js';
import { startLoop } from './loop.js';
import type { CommitLimit } from './result.js';
import type { CommitLimitQuestion, CommitScenario } from './scenario.js';

/** Operations of a try, of all writers, whatever the length of the run: so many more where the fewer leave it open. */
const operationsPerTry: readonly number[] = [240, 1200];
/** Operations of each writer, at least. */
const operationsPerWriter = 8;
/** Standard errors from the target at which a try is decided. */
const decidedErrors = 3;

/** The answer to the scenario's question; null where not one operation of a writer alone would end. */
export function findCommitLimit(scenario: CommitScenario, question: CommitLimitQuestion): CommitLimit | null {
  const { workload } = scenario;
  const { targetFraction, maxCommitterCount, maxRetryCount } = question;
  const { get, put, commit } = scenario.store.latency;
  const operationMicros = [get, put, commit].reduce((sum, latency) => sum + meanOf(createSampler(latency)), 0);
  const success = (committers: number, retries: number, operations: number): number | null =>
    successOf(scenario, operationMicros, committers, retries, operations);
  if (success(1, workload.maxRetryCount, operationsPerTry[0]!) === null) return null;
  const reaches = (committers: number, retries: number): boolean => {
    let fraction = 0;
    for (const operations of operationsPerTry) {
      fraction = success(committers, retries, operations) ?? 0;
      const standardError = Math.sqrt((targetFraction * (1 - targetFraction)) / operations);
      if (Math.abs(fraction - targetFraction) > decidedErrors * standardError) break;
    }
    return fraction >= targetFraction;
  };
  const committerCount = largest(0, maxCommitterCount, (committers) => reaches(committers, workload.maxRetryCount));
  const needed = (committers: number): number | null => {
    const short = largest(-1, maxRetryCount, (retries) => !reaches(committers, retries));
    return short === maxRetryCount ? null : short + 1;
  };
  return {
    targetFraction,
    maxRetryCount: workload.maxRetryCount,
    committerCount,
    isBound: committerCount === maxCommitterCount,
    neededRetryCount: committerCount === 0 ? null : needed(committerCount),
    configuredNeededRetryCount: workload.writerCount === 0 ? null : needed(workload.writerCount),
  };
}

/** The largest number from `low` (which holds) to `high` that holds, where all below hold. */
function largest(low: number, high: number, holds: (value: number) => boolean): number {
  let [from, to] = [low, high];
  while (from < to) {
    const middle = Math.ceil((from + to) / 2);
    if (holds(middle)) from = middle;
    else to = middle - 1;
  }
  return from;
}

/** Part of the operations of so many writers that succeed; null where none ends. */
function successOf(
  scenario: CommitScenario,
  operationMicros: number,
  writerCount: number,
  maxRetryCount: number,
  atLeast: number,
): number | null {
  const { workload } = scenario;
  const intervalMicros = 1e6 / workload.writerOpsPerSec;
  // Ticks that come faster than writes are done would only pile up: such a writer never rests.
  const arrivals = intervalMicros < operationMicros && workload.rateFactors.length === 0 ? 'closed' : workload.arrivals;
  const operations = Math.max(operationsPerWriter, Math.ceil(atLeast / writerCount));
  const durationMicros = Math.round(operations * Math.max(intervalMicros, operationMicros));
  const alone = { ...workload, arrivals, writerCount, maxRetryCount, readerCount: 0, compactorCount: 0, gcIntervalMicros: null };
  const { writer } = runToEnd(startLoop({ ...scenario, durationMicros, workload: alone, limit: null })).roles;
  return writer === undefined || writer.operations === 0 ? null : writer.succeededCount / writer.operations;
}
