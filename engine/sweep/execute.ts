/** One run of a sweep from its number to its record, in slices, so that it can be watched and stopped. */
import { runWithModule, type UserModule } from '../files/module-run.js';
import { PutmodelError } from '../kernel/errors.js';
import { toSparse } from '../kernel/histogram-sparse.js';
import type { Run, Snapshot } from '../kernel/run.js';
import type { Kind, Result, Scenario } from '../scenario/kind.js';
import { sweepRunOf, type OpenSweep } from './bundle.js';
import type { RunRecord } from './record.js';

/** Called between the slices of a run; throws to stop it. */
export type Between = (snapshot: Snapshot) => void;

/** What a run that worked gave, before it becomes a record: for who wants more than its metrics. */
export interface Executed {
  readonly record: RunRecord;
  /** null for a run that failed. */
  readonly run: { readonly scenario: Scenario; readonly result: Result } | null;
}

/** How a run is watched and stopped. */
export interface ExecuteOptions {
  readonly between?: Between | undefined;
  /** Stops a run with a module, which is made in a thread of its own. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs it. A run that fails gives a record with the reason; only being stopped is thrown on.
 * @throws PutmodelError CANCELLED, thrown by `between` or for the signal
 */
export async function executeRun(open: OpenSweep, runIndex: number, { between = ignore, signal }: ExecuteOptions = {}): Promise<Executed> {
  try {
    const { scenario, module } = sweepRunOf(open, runIndex);
    const { result, events } =
      module === null
        ? simulate(open.kind.start(scenario), between)
        : await simulateInThread(open.kind, scenario, module, { between, signal });
    const values = open.metrics.map((metric) => finiteOrNull(metric.read(result)));
    const wanted = open.bundle.sweep.histograms === false ? {} : (open.kind.histograms?.(result) ?? {});
    const histograms = Object.fromEntries(Object.entries(wanted).map(([name, histogram]) => [name, toSparse(histogram)]));
    return { record: { runIndex, events, values, histograms }, run: { scenario, result } };
  } catch (error) {
    if (error instanceof PutmodelError && error.code === 'CANCELLED') throw error;
    return { record: { runIndex, events: 0, error: reasonOf(error) }, run: null };
  }
}

const ignore: Between = () => undefined;

/** Short enough to notice an interrupt, long enough not to cost. */
const sliceEvents = 20_000;

/** Runs to the end; `between` is called after every slice but the last. */
export function advanceToEnd<R>(run: Run<R>, between: Between): R {
  while (run.advance(sliceEvents) === 'more') between(run.snapshot());
  return run.finish();
}

/** A result and what it cost. */
interface Simulated {
  readonly result: Result;
  readonly events: number;
}

function simulate(run: Run<Result>, between: Between): Simulated {
  const result = advanceToEnd(run, between);
  return { result, events: run.snapshot().events };
}

async function simulateInThread(
  kind: Kind,
  scenario: Scenario,
  module: UserModule,
  { between, signal }: { readonly between: Between; readonly signal: AbortSignal | undefined },
): Promise<Simulated> {
  let events = 0;
  const stopped = new AbortController();
  const onProgress = (snapshot: Snapshot): void => {
    events = snapshot.events;
    try {
      between(snapshot);
    } catch {
      stopped.abort();
    }
  };
  const either = signal === undefined ? stopped.signal : AbortSignal.any([stopped.signal, signal]);
  const result = await runWithModule(kind.name, scenario, module, { onProgress, signal: either });
  return { result, events };
}

function finiteOrNull(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}

/** One line, whatever was thrown: a sweep records the failure of a run and goes on. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replaceAll(/\s*\n\s*/g, '; ').slice(0, 1000);
}
