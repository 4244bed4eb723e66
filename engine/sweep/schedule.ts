/**
 * In which order runs start. The longest first, so that no thread is left alone with a long one at the end; how long a run will take is
 * learned from the runs themselves:
 *
 *   1. Runs that show each position of each axis once (`representatives`) start first.
 *   2. When most of them are done, the cost of a run is taken to be a product of one factor for each axis's position (as if axes worked
 *      independently: good enough to sort by), and the factors are fitted to the logarithms of what the runs have cost.
 *   3. The rest starts by falling expected cost, ties by run index.
 *
 * Cost is counted in events, the same on every machine. The order never changes a result, only how long a sweep takes.
 */
import { log } from '../kernel/math.js';
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
        costs.fit();
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

/** The cost of runs by their positions. */
interface Costs {
  add(positions: readonly number[], events: number): void;
  /** Works out the factors. */
  fit(): void;
  /** Logarithm of the expected cost, up to a constant. */
  expected(positions: readonly number[]): number;
}

/** Rounds of fitting one axis after the other (backfitting); each brings the factors of such a design an order of magnitude closer. */
const fittingRounds = 20;

function createCosts(plan: SweepPlan): Costs {
  const seen: { readonly positions: readonly number[]; readonly cost: number }[] = [];
  // effects[group][position]: logarithm of the factor; 0 for a position that nobody has been at.
  const effects = plan.groups.map(({ length }) => new Float64Array(length));
  const effectAt = (group: number, position: number): number => effects[group]?.[position] ?? 0;
  const expected = (positions: readonly number[]): number => positions.reduce((sum, position, group) => sum + effectAt(group, position), 0);
  return {
    add: (positions, events) => void seen.push({ positions, cost: log(Math.max(1, events)) }),
    fit() {
      const mean = seen.reduce((sum, { cost }) => sum + cost, 0) / seen.length;
      for (let round = 0; round < fittingRounds; round++) {
        effects.forEach((effect, group) => {
          const sums = new Float64Array(effect.length);
          const counts = new Float64Array(effect.length);
          for (const { positions, cost } of seen) {
            const position = positions[group] ?? 0;
            sums[position] = (sums[position] ?? 0) + cost - mean - expected(positions) + effectAt(group, position);
            counts[position] = (counts[position] ?? 0) + 1;
          }
          sums.forEach((sum, position) => (effect[position] = sum / Math.max(1, counts[position] ?? 0)));
        });
      }
    },
    expected,
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
