/** Runs scenarios one after the other, in slices so that they can be interrupted, and gives what became of each. */
import { setImmediate } from 'node:timers/promises';
import type { LoadedScenario } from '../files/load.js';
import { moduleInFile, runWithModule } from '../files/module-run.js';
import { PutmodelError } from '../kernel/errors.js';
import type { Result, Scenario } from '../scenario/kind.js';

/** A run that is wanted: what `LoadedScenario` holds of it. */
export type RunRequest<S extends Scenario = Scenario, R extends Result = Result> = Pick<
  LoadedScenario<S, R>,
  'kind' | 'scenario' | 'modulePath'
>;

/** What became of it; a run that failed does not stop the others. */
export type RunOutcome<R extends Result = Result> =
  { readonly status: 'done'; readonly result: R } | { readonly status: 'failed'; readonly error: PutmodelError };

/** Who may stop the runs, and who is told how many are done. */
export interface RunManyOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onDone?: ((done: number, total: number) => void) | undefined;
  /** When a module's slice counts as one that never ends; default: as `runWithModule`. */
  readonly sliceMillisMax?: number | undefined;
}

const SLICE_EVENTS = 20_000;

/** Outcomes in the order of the requests. @throws PutmodelError CANCELLED when the signal aborts */
export async function runMany<S extends Scenario, R extends Result>(
  requests: readonly RunRequest<S, R>[],
  options: RunManyOptions = {},
): Promise<readonly RunOutcome<R>[]> {
  const outcomes: RunOutcome<R>[] = [];
  for (const request of requests) {
    outcomes.push(await runOne(request, options));
    options.onDone?.(outcomes.length, requests.length);
  }
  return outcomes;
}

async function runOne<S extends Scenario, R extends Result>(
  { kind, scenario, modulePath }: RunRequest<S, R>,
  { signal, sliceMillisMax }: RunManyOptions,
): Promise<RunOutcome<R>> {
  try {
    if (modulePath !== null)
      return { status: 'done', result: await runWithModule<R>(kind.name, scenario, moduleInFile(modulePath), { signal, sliceMillisMax }) };
    const run = kind.start(scenario);
    for (let more = true; more;) {
      more = run.advance(SLICE_EVENTS) === 'more';
      await setImmediate();
      if (signal?.aborted === true) throw new PutmodelError({ code: 'CANCELLED', message: 'interrupted' });
    }
    return { status: 'done', result: run.finish() };
  } catch (error) {
    if (error instanceof PutmodelError && error.code !== 'CANCELLED') return { status: 'failed', error };
    throw error;
  }
}
