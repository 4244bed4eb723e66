/**
 * Runs a scenario that needs a module of the user's own (a scheduling policy) in a thread of its own: what the module does wrong, the run
 * reports in one line, and a module that never returns is ended from outside. In that thread Math.random and Date throw, because
 * a result must depend on scenario and seed alone.
 */
import { Worker } from 'node:worker_threads';
import { PutmodelError, type Issue } from '../kernel/errors.js';
import type { Snapshot } from '../kernel/run.js';
import type { Result, Scenario } from '../scenario/kind.js';
import type { SimulatedKind } from '../scenario/kinds.js';

/** What the thread is given. */
export interface ModuleRunTask {
  readonly kind: SimulatedKind;
  readonly scenario: Scenario;
  readonly modulePath: string;
  readonly sliceEvents: number;
}

/** What it says: that it is there, where it is after a slice, the result, or what went wrong. */
export type ModuleRunMessage =
  | { readonly type: 'started' }
  | { readonly type: 'progress'; readonly snapshot: Snapshot }
  | { readonly type: 'done'; readonly result: Result }
  | { readonly type: 'failed'; readonly issues: readonly Issue[] };

/** How to watch it. */
export interface ModuleRunOptions {
  readonly onProgress?: ((snapshot: Snapshot) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** A slice that takes longer is taken for one that never ends; default 10,000. */
  readonly sliceMillisMax?: number | undefined;
}

/** Few enough that a slice of an honest policy takes far less than the limit. */
const SLICE_EVENTS = 500;
const SLICE_MILLIS_MAX = 10_000;
/** Until the thread has read the simulator: nothing of the module runs before, and a busy machine takes its time. */
const START_MILLIS_MAX = 60_000;

/** @throws PutmodelError for what the module did wrong, naming it; CANCELLED when the signal says so */
export function runWithModule<R extends Result>(
  kind: SimulatedKind,
  scenario: Scenario,
  modulePath: string,
  { onProgress, signal, sliceMillisMax = SLICE_MILLIS_MAX }: ModuleRunOptions = {},
): Promise<R> {
  const task: ModuleRunTask = { kind, scenario, modulePath, sliceEvents: SLICE_EVENTS };
  const worker = startWorker(task);
  return new Promise<R>((fulfil, reject) => {
    let reachedSec = 0;
    let timer: NodeJS.Timeout | undefined;
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
      settle();
      void worker.terminate();
    };
    const watch = (limitMillis: number): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        const message = `${modulePath}: the module does not return: no progress for ${String(limitMillis / 1000)} s, at simulated second ${reachedSec.toFixed(3)}`;
        end(() => reject(new PutmodelError({ code: 'INPUT_INVALID', message })));
      }, limitMillis);
    };
    const cancel = (): void => end(() => reject(new PutmodelError({ code: 'CANCELLED', message: 'interrupted' })));
    signal?.addEventListener('abort', cancel);
    worker.on('message', (message: ModuleRunMessage) => {
      if (message.type === 'done') end(() => fulfil(message.result as R));
      else if (message.type === 'failed') end(() => reject(new PutmodelError(message.issues)));
      else {
        if (message.type === 'progress') {
          reachedSec = message.snapshot.nowSec;
          onProgress?.(message.snapshot);
        }
        watch(sliceMillisMax);
      }
    });
    worker.on('error', (error: Error) => end(() => reject(new PutmodelError(brokenModule(modulePath, error)))));
    watch(Math.max(START_MILLIS_MAX, sliceMillisMax));
  });
}

/** What a module can throw outside the run: a syntax error, a rejected promise. */
export function brokenModule(modulePath: string, error: unknown): Issue {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { code: 'INPUT_INVALID', message: `the module cannot be used: ${text}`, file: modulePath };
}

function startWorker(task: ModuleRunTask): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./module-worker.js', import.meta.url), { workerData: task });
  // From source (tests): the thread needs the loader before it can read its own entry.
  const entry = JSON.stringify(new URL('./module-worker.ts', import.meta.url).href);
  return new Worker(`import('tsx/esm/api').then(({ register }) => { register(); return import(${entry}); })`, {
    eval: true,
    workerData: task,
  });
}
