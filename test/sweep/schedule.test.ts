import { describe, expect, test } from 'vitest';
import { createPlan, runAt, valuesOf, type SweepPlan } from '../../engine/sweep/plan.js';
import { createSchedule } from '../../engine/sweep/schedule.js';

const plan: SweepPlan = createPlan({ base: 'b.yaml', axes: { seconds: [1, 100, 10], jobs: [1, 2, 3, 4] }, seeds: 2 }, 1, () => ({
  file: 'sweep.yaml',
}));
/** A run costs its seconds times its jobs. */
const cost = (run: number): number => {
  const [seconds, jobs] = valuesOf(plan, runAt(plan, run).pointIndex) as [number, number];
  return seconds * jobs;
};
const all = Uint32Array.from({ length: plan.runCount }, (_, run) => run);

describe('the order of runs', () => {
  test('hands out every run once, whether costs are learned or not', () => {
    for (const learns of [true, false]) {
      const schedule = createSchedule(plan, all);
      const runs: number[] = [];
      for (let run = schedule.next(); run !== null; run = schedule.next()) {
        runs.push(run);
        if (learns) schedule.learn(run, cost(run));
      }
      expect([...runs].sort((a, b) => a - b)).toEqual([...all]);
    }
  });

  test('begins with a run for each value of each axis, and goes on with those expected to be longest', () => {
    const schedule = createSchedule(plan, all);
    const runs: number[] = [];
    for (let run = schedule.next(); run !== null; run = schedule.next()) {
      runs.push(run);
      schedule.learn(run, cost(run));
    }
    expect(runs.slice(0, 6)).toEqual([0, 2, 4, 6, 8, 16]);
    const rest = runs.slice(6).map(cost);
    expect(rest).toEqual([...rest].sort((a, b) => b - a));
  });

  test('of the runs that are left after a resume has no others', () => {
    const schedule = createSchedule(plan, Uint32Array.of(3, 9));
    expect([schedule.next(), schedule.next(), schedule.next()]).toEqual([3, 9, null]);
  });
});
