/** The part of a sweep that one of several processes runs. */
import type { SweepPlan } from './plan.js';

/** One of several processes that divide a sweep: those runs whose index leaves `index` when divided by `count`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** The whole sweep as a shard of itself. */
export const wholeSweep: Shard = { index: 0, count: 1 };

/** Whether a run belongs to a shard. */
export function isInShard(runIndex: number, { index, count }: Shard): boolean {
  return runIndex % count === index;
}

/** How many runs of a plan a shard has. */
export function shardRunCount({ runCount }: Pick<SweepPlan, 'runCount'>, { index, count }: Shard): number {
  return index >= runCount ? 0 : Math.ceil((runCount - index) / count);
}
