/** What a sweep will cost, from a few of its runs made for it. */
import { performance } from 'node:perf_hooks';
import { mean } from 'd3-array';
import { runWithModule, type UserModule } from '../files/module-run.js';
import { PutmodelError } from '../kernel/errors.js';
import { createStream } from '../kernel/random.js';
import type { Run, Snapshot } from '../kernel/run.js';
import type { Scenario } from '../scenario/kind.js';
import { modulesOf, sweepRunOf, type OpenSweep } from './bundle.js';

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
export async function estimateCost(open: OpenSweep, runCount: number): Promise<CostEstimate | null> {
  const stream = createStream(1, 'sweep-estimate');
  const points = Array.from({ length: Math.min(runCount, sampleCount) }, () => stream.uniformInt(open.plan.pointCount));
  // The first runs pay for compiling the simulator; in a sweep of many that does not count. With a module every run is a first one.
  if (runCount > 2 * sampleCount && modulesOf(open).length === 0) await sampleRuns(open, points);
  const millis = await sampleRuns(open, points);
  const meanRunMillis = mean(millis);
  if (meanRunMillis === undefined) return null;
  return { sampledRuns: millis.length, meanRunMillis, totalMillis: meanRunMillis * runCount };
}

/** Milliseconds that runs take, or would take; none for those that fail. */
async function sampleRuns(open: OpenSweep, points: readonly number[]): Promise<number[]> {
  const millis: number[] = [];
  for (const point of points) {
    try {
      const { scenario, module } = sweepRunOf(open, point * open.plan.seeds.length);
      millis.push(await (module === null ? sampleRun(open.kind.start(scenario)) : sampleModuleRun(open, scenario, module)));
    } catch (error) {
      if (!(error instanceof PutmodelError)) throw error;
    }
  }
  return millis;
}

function sampleRun(run: Run<unknown>): number {
  const start = performance.now();
  while (run.advance(sampleEvents) === 'more') {
    const spent = performance.now() - start;
    if (spent >= sampleMillis) return extrapolated(spent, run.snapshot());
  }
  return performance.now() - start;
}

async function sampleModuleRun({ kind }: OpenSweep, scenario: Scenario, module: UserModule): Promise<number> {
  const start = performance.now();
  const enough = new AbortController();
  let millis = 0;
  const onProgress = (snapshot: Snapshot): void => {
    const spent = performance.now() - start;
    millis = extrapolated(spent, snapshot);
    if (spent >= 3 * sampleMillis) enough.abort();
  };
  try {
    await runWithModule(kind.name, scenario, module, { onProgress, signal: enough.signal });
    return performance.now() - start;
  } catch (error) {
    if (error instanceof PutmodelError && error.code === 'CANCELLED') return millis;
    throw error;
  }
}

function extrapolated(spentMillis: number, { fraction }: Snapshot): number {
  return fraction === null || fraction <= 0 ? spentMillis : spentMillis / fraction;
}
