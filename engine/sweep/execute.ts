/** One run of a sweep from its number to its record, in slices, so that it can be watched and stopped. */
import { PutmodelError } from '../kernel/errors.js';
import { toSparse } from '../kernel/histogram-sparse.js';
import type { Run, Snapshot } from '../kernel/run.js';
import type { Result, Scenario } from '../scenario/kind.js';
import { scenarioOf, type OpenSweep } from './bundle.js';
import type { RunRecord } from './record.js';

/** Called between the slices of a run; throws to stop it. */
export type Between = (snapshot: Snapshot) => void;

/** What a run that worked gave, before it becomes a record: for who wants more than its metrics. */
export interface Executed {
  readonly record: RunRecord;
  /** null for a run that failed. */
  readonly run: { readonly scenario: Scenario; readonly result: Result } | null;
}

/**
 * Runs it. A run that fails gives a record with the reason; only being stopped is thrown on.
 * @throws PutmodelError CANCELLED, thrown by `between`
 */
export function executeRun(open: OpenSweep, runIndex: number, between: Between): Executed {
  let events = 0;
  try {
    const scenario = scenarioOf(open, runIndex);
    const run = open.kind.start(scenario);
    const result = advanceToEnd(run, between);
    events = run.snapshot().events;
    const values = open.metrics.map((metric) => finiteOrNull(metric.read(result)));
    const wanted = open.bundle.sweep.histograms === false ? {} : (open.kind.histograms?.(result) ?? {});
    const histograms = Object.fromEntries(Object.entries(wanted).map(([name, histogram]) => [name, toSparse(histogram)]));
    return { record: { runIndex, events, values, histograms }, run: { scenario, result } };
  } catch (error) {
    if (error instanceof PutmodelError && error.code === 'CANCELLED') throw error;
    return { record: { runIndex, events, error: reasonOf(error) }, run: null };
  }
}

/** Short enough to notice an interrupt, long enough not to cost. */
const sliceEvents = 20_000;

/** Runs to the end; `between` is called after every slice. */
export function advanceToEnd<R>(run: Run<R>, between: Between): R {
  while (run.advance(sliceEvents) === 'more') between(run.snapshot());
  return run.finish();
}

function finiteOrNull(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}

/** One line, whatever was thrown: a sweep records the failure of a run and goes on. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replaceAll(/\s*\n\s*/g, '; ').slice(0, 1000);
}
