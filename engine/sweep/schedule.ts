/**
 * In which order runs start. The longest first, so that no thread is left alone with a long one at the end; how long a run will take is
 * learned from the runs themselves:
 *
 *   1. Runs that show each position of each axis once (`representatives`) start first.
 *   2. When most of them are done, each position of each axis gets the mean cost of the runs that had it, relative to the mean of all.
 *      The expected cost of a run is the product over its axes (as if axes worked independently: good enough to sort by).
 *   3. The rest starts by falling expected cost, ties by run index.
 *
 * Cost is counted in events, the same on every machine. The order never changes a result, only how long a sweep takes.
 */
import { positionsOf, representatives, runAt, type SweepPlan } from './plan.js';

/** Hands out the runs that are to be made. */
export interface Schedule {
  /** The next run, or null when all have been handed out. */
  next(): number | null;
  /** Tells what a run has cost. */
  learn(runIndex: number, events: number): void;
}

/** Part of the representatives that must be done before the others are sorted. */
const enoughFraction = 0.75;

/** A schedule of these runs (indexes ascending). */
export function createSchedule(plan: SweepPlan, runs: Uint32Array): Schedule {
  const wanted = new Set(representatives(plan).map(({ firstPoint }) => firstPoint * plan.seeds.length));
  const first = runs.filter((run) => wanted.has(run));
  const rest = runs.filter((run) => !wanted.has(run));
  const costs = createCosts(plan);
  let started = 0;
  let learned = 0;
  let sorted = first.length === 0;
  let restStarted = 0;
  return {
    next() {
      if (started < first.length) return first[started++] ?? null;
      if (!sorted && learned >= enoughFraction * first.length) {
        sortByCost(plan, rest.subarray(restStarted), costs);
        sorted = true;
      }
      return rest[restStarted++] ?? null;
    },
    learn(runIndex, events) {
      learned++;
      if (!sorted) costs.add(positionsOf(plan, runAt(plan, runIndex).pointIndex), events);
    },
  };
}

/** Mean cost by position of each group. */
interface Costs {
  add(positions: readonly number[], events: number): void;
  expected(positions: readonly number[]): number;
}

function createCosts(plan: SweepPlan): Costs {
  const sums = plan.groups.map(({ length }) => new Float64Array(length));
  const counts = plan.groups.map(({ length }) => new Float64Array(length));
  let sum = 0;
  let count = 0;
  return {
    add(positions, events) {
      sum += events;
      count += 1;
      positions.forEach((position, group) => {
        const [groupSums, groupCounts] = [sums[group], counts[group]];
        if (groupSums === undefined || groupCounts === undefined) return;
        groupSums[position] = (groupSums[position] ?? 0) + events;
        groupCounts[position] = (groupCounts[position] ?? 0) + 1;
      });
    },
    expected(positions) {
      const mean = count === 0 ? 0 : sum / count;
      if (mean === 0) return 0;
      return positions.reduce((product, position, group) => {
        const seen = counts[group]?.[position] ?? 0;
        // A position nobody has been at is taken as average.
        return seen === 0 ? product : (product * (sums[group]?.[position] ?? 0)) / seen / mean;
      }, mean);
    },
  };
}

function sortByCost(plan: SweepPlan, runs: Uint32Array, costs: Costs): void {
  const expected = new Map<number, number>();
  const costOf = (run: number): number => {
    const { pointIndex } = runAt(plan, run);
    let cost = expected.get(pointIndex);
    if (cost === undefined) expected.set(pointIndex, (cost = costs.expected(positionsOf(plan, pointIndex))));
    return cost;
  };
  for (const run of runs) costOf(run);
  runs.sort((a, b) => costOf(b) - costOf(a) || a - b);
}
