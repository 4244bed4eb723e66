/** Many runs of scenarios that are at hand, on threads: for questions that compare, vary or validate. Sweeps have their own way (run-sweep.ts). */
import { errorFromData, PutmodelError } from '../kernel/errors.js';
import type { KindName, Result, Scenario } from '../scenario/kind.js';
import { defaultThreads, inParallel, openPool } from './pool.js';
import type { ScenarioOutcome } from './pool-messages.js';

/** A run that is wanted. */
export interface RunRequest {
  readonly kind: KindName;
  readonly scenario: Scenario;
}

/** How many runs are made. */
export interface RunManyOptions {
  readonly threads?: number | undefined;
  /** `metrics` (default): the figures of `Kind.metrics` by path. `result`: the whole result, too. */
  readonly want?: 'metrics' | 'result' | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told after every run, with how many are done. */
  readonly onDone?: ((done: number, total: number) => void) | undefined;
}

/** What one of many runs gave; a run that failed does not stop the others. */
export type RunOutcome =
  | {
      readonly status: 'done';
      readonly metrics: Readonly<Record<string, number | null>>;
      readonly events: number;
      readonly result: Result | null;
    }
  | { readonly status: 'failed'; readonly error: Error };

/**
 * Runs scenarios on threads and gives what became of each, in the order of the requests: the same as one after the other in this thread.
 * @throws PutmodelError CANCELLED when the signal aborts
 */
export async function runMany(requests: readonly RunRequest[], options: RunManyOptions = {}): Promise<readonly RunOutcome[]> {
  const outcomes = new Array<RunOutcome>(requests.length);
  if (requests.length === 0) return outcomes;
  const { want = 'metrics', signal, onDone } = options;
  const pool = openPool({ threads: Math.min(options.threads ?? defaultThreads(), requests.length) });
  const stop = (): void => {
    pool.stop();
  };
  signal?.addEventListener('abort', stop, { once: true });
  let next = 0;
  let done = 0;
  try {
    await pool.started;
    await inParallel(pool.threads, async () => {
      const task = next++;
      const request = requests[task];
      if (request === undefined || signal?.aborted === true) return false;
      outcomes[task] = await outcomeOf(pool.runOfScenario({ task, ...request, want }));
      onDone?.(++done, requests.length);
      return true;
    });
  } finally {
    signal?.removeEventListener('abort', stop);
    await pool.close();
  }
  if (signal?.aborted === true) throw new PutmodelError({ code: 'CANCELLED', message: 'interrupted' });
  return outcomes;
}

/** A thread that broke down (out of memory) fails the run it had. */
async function outcomeOf(running: Promise<ScenarioOutcome>): Promise<RunOutcome> {
  try {
    const outcome = await running;
    return outcome.status === 'done' ? outcome : { status: 'failed', error: errorFromData(outcome.error) };
  } catch (error) {
    return { status: 'failed', error: error instanceof Error ? error : new Error(String(error)) };
  }
}
