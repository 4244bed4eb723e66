/**
 * Runs a scenario that needs a module of the user's own (a scheduling policy) in a thread of its own: what the module does wrong, the run
 * reports in one line, and a module that never returns is ended from outside. In that thread Math.random, Date and the other globals
 * that give chance or time throw, because a result must depend on scenario and seed alone; what it prints goes to stderr.
 */
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { PutmodelError, type Issue } from '../kernel/errors.js';
import type { Snapshot } from '../kernel/run.js';
import type { Result, Scenario } from '../scenario/kind.js';
import type { SimulatedKind } from '../scenario/kinds.js';

/** A module: what messages call it, and where it is imported from. */
export interface UserModule {
  readonly name: string;
  readonly url: string;
}

/** A module on disk. */
export function moduleInFile(path: string): UserModule {
  return { name: path, url: pathToFileURL(path).href };
}

/** A module by its text, which has to be all of it: relative imports lead nowhere from here. */
export function moduleInText(name: string, text: string): UserModule {
  // V8 calls it that in stack traces; without, they would hold the whole text.
  const named = `${text}\n//# sourceURL=${name.replaceAll(/\s/g, '_')}`;
  return { name, url: `data:text/javascript;base64,${Buffer.from(named).toString('base64')}` };
}

/** What the thread is given. */
export interface ModuleRunTask {
  readonly kind: SimulatedKind;
  /** null: the module is only loaded and looked at. */
  readonly scenario: Scenario | null;
  readonly module: UserModule;
  readonly sliceEvents: number;
  /** One number, which the thread sets as it goes: the simulated second of the last event that it was done with. */
  readonly clockSec: Float64Array;
}

/** What it says: where it is after a slice, the result, that the module can be used, or what went wrong. */
export type ModuleRunMessage =
  /** The thread is there; nothing of the module ran before. */
  | { readonly type: 'started' }
  | { readonly type: 'progress'; readonly snapshot: Snapshot }
  | { readonly type: 'done'; readonly result: Result; readonly snapshot: Snapshot }
  | { readonly type: 'usable' }
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

/**
 * Runs a scenario with its module; the last progress told is that of the end.
 * @throws PutmodelError for what the module did wrong, naming it; CANCELLED when the signal says so
 */
export async function runWithModule<R extends Result>(
  kind: SimulatedKind,
  scenario: Scenario,
  module: UserModule,
  options: ModuleRunOptions = {},
): Promise<R> {
  return (await inThread({ kind, scenario, module, sliceEvents: SLICE_EVENTS }, options)) as R;
}

/** Loads the module and looks whether it exports what the kind needs. @throws as `runWithModule` */
export async function tryModule(kind: SimulatedKind, module: UserModule, options: ModuleRunOptions = {}): Promise<void> {
  await inThread({ kind, scenario: null, module, sliceEvents: 0 }, options);
}

function inThread(
  task: Omit<ModuleRunTask, 'clockSec'>,
  { onProgress, signal, sliceMillisMax = SLICE_MILLIS_MAX }: ModuleRunOptions,
): Promise<Result | null> {
  const clockSec = new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT));
  const worker = startWorker({ ...task, clockSec });
  // What it prints is no part of an answer.
  worker.stdout.on('data', (text: Buffer) => process.stderr.write(text));
  const stopped = (how: string): PutmodelError =>
    new PutmodelError({
      code: 'INPUT_INVALID',
      message: `${task.module.name}: the module ${how}, after simulated second ${(clockSec[0] ?? 0).toFixed(3)}`,
    });
  return new Promise((fulfil, reject) => {
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
        end(() => reject(stopped(`does not return: no progress for ${String(limitMillis / 1000)} s`)));
      }, limitMillis);
    };
    const cancel = (): void => end(() => reject(new PutmodelError({ code: 'CANCELLED', message: 'interrupted' })));
    signal?.addEventListener('abort', cancel);
    worker.on('message', (message: ModuleRunMessage) => {
      if (message.type === 'done') {
        onProgress?.(message.snapshot);
        end(() => fulfil(message.result));
      } else if (message.type === 'usable') end(() => fulfil(null));
      else if (message.type === 'failed') end(() => reject(new PutmodelError(message.issues)));
      else {
        if (message.type === 'progress') onProgress?.(message.snapshot);
        watch(sliceMillisMax);
      }
    });
    worker.on('error', (error: Error) => end(() => reject(new PutmodelError(brokenModule(task.module, error)))));
    // The thread of a run that is done is ended here, after all was said.
    worker.on('exit', () => end(() => reject(stopped('ended its thread (process.exit?)'))));
    watch(Math.max(START_MILLIS_MAX, sliceMillisMax));
  });
}

/** What a module can throw outside the run: a syntax error, a rejected promise. */
export function brokenModule({ name, url }: UserModule, error: unknown): Issue {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const isOneFile = url.startsWith('data:') && text.includes(url);
  return {
    code: 'INPUT_INVALID',
    message: `the module cannot be used: ${text.replaceAll(url, name)}`,
    expected: isOneFile ? 'a module of one file, which imports nothing of its own' : undefined,
    file: name,
  };
}

/** The thread's entry in one file (build.js); the path is the same from this file and from the thread of a sweep, which is one file, too. */
function startWorker(task: ModuleRunTask): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    const bundled = new URL('../files/module-worker-bundle.js', import.meta.url);
    return new Worker(bundled, { workerData: task, stdout: true });
  }
  // From source (tests): the thread needs the loader before it can read its own entry.
  const entry = JSON.stringify(new URL('./module-worker.ts', import.meta.url).href);
  return new Worker(`import('tsx/esm/api').then(({ register }) => { register(); return import(${entry}); })`, {
    eval: true,
    workerData: task,
    stdout: true,
    execArgv: [],
  });
}
