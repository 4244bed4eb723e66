/**
 * How many writers an object store bears: the most that keep the success of their operations above a target, and the fewest retries of a
 * commit that they need for it. Both by bisection, each try a simulation of the writers alone under the scenario's own store, rates and
 * chaos; that success falls with writers and grows with retries is what makes bisection right.
 */
import { runToEnd } from '../kernel/run.js';
import { startLoop } from './loop.js';
import type { CommitLimit } from './result.js';
import type { CommitLimitQuestion, CommitScenario } from './scenario.js';

/** Ticks of each writer that a try simulates, at most: enough for a fraction, whatever the length of the run. */
const ticksPerTry = 40;

/** The answer to the scenario's question. */
export function findCommitLimit(scenario: CommitScenario, question: CommitLimitQuestion): CommitLimit {
  const { workload } = scenario;
  const { targetFraction, maxCommitterCount, maxRetryCount } = question;
  const reaches = (committers: number, retries: number): boolean => successOf(scenario, committers, retries) >= targetFraction;
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

function successOf(scenario: CommitScenario, writerCount: number, maxRetryCount: number): number {
  const { workload, durationMicros } = scenario;
  const tickMicros = (ticksPerTry / workload.writerOpsPerSec) * 1e6;
  const alone = { ...workload, writerCount, maxRetryCount, readerCount: 0, compactorCount: 0, gcIntervalMicros: null };
  const { roles } = runToEnd(
    startLoop({ ...scenario, durationMicros: Math.round(Math.min(durationMicros, tickMicros)), workload: alone, limit: null }),
  );
  const { operations = 0, succeededCount = 0 } = roles.writer ?? {};
  return operations === 0 ? 1 : succeededCount / operations;
}
