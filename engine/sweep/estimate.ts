/** What a sweep will cost, from a few of its runs made for it. */
import { performance } from 'node:perf_hooks';
import { mean } from 'd3-array';
import { PutmodelError } from '../kernel/errors.js';
import { createStream } from '../kernel/random.js';
import { scenarioOf, type OpenSweep } from './bundle.js';

/** The estimate, and what it rests on. */
export interface CostEstimate {
  /** Runs that were made for it, in part or whole. */
  readonly sampledRuns: number;
  readonly meanRunMillis: number;
  /** Of all runs, on one thread. */
  readonly totalMillis: number;
}

/** Time that one sampled run may take; of a longer one the rest follows from how far it came. */
const sampleMillis = 300;
const sampleEvents = 2000;
const sampleCount = 16;

/**
 * Runs a few points of the sweep, drawn at random (always the same ones), in this thread. A run that is not done after 0.3 s counts with
 * what its progress makes of its time so far. Points that fail are left out; null when all of them do.
 */
export function estimateCost(open: OpenSweep, runCount: number): CostEstimate | null {
  const stream = createStream(1, 'sweep-estimate');
  const points = Array.from({ length: Math.min(runCount, sampleCount) }, () => stream.uniformInt(open.plan.pointCount));
  // The first runs pay for compiling the simulator; in a sweep of many that does not count.
  if (runCount > 2 * sampleCount) for (const point of points) sampleRun(open, point);
  const millis = points.map((point) => sampleRun(open, point)).filter((value) => value !== null);
  const meanRunMillis = mean(millis);
  if (meanRunMillis === undefined) return null;
  return { sampledRuns: millis.length, meanRunMillis, totalMillis: meanRunMillis * runCount };
}

/** Milliseconds a run takes, or would take; null for one that fails. */
function sampleRun(open: OpenSweep, pointIndex: number): number | null {
  const start = performance.now();
  try {
    const run = open.kind.start(scenarioOf(open, pointIndex * open.plan.seeds.length));
    while (run.advance(sampleEvents) === 'more') {
      const spent = performance.now() - start;
      if (spent < sampleMillis) continue;
      const { fraction } = run.snapshot();
      return fraction === null || fraction <= 0 ? spent : spent / fraction;
    }
    return performance.now() - start;
  } catch (error) {
    if (error instanceof PutmodelError) return null;
    throw error;
  }
}
