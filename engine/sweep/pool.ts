/**
 * Threads that simulate: Piscina hands out the runs and takes the results, Comlink carries progress. Runs are stopped through shared
 * memory, because a thread in the middle of a run reads no messages.
 */
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { errorFromData, PutmodelError } from '../kernel/errors.js';
import type { Snapshot } from '../kernel/run.js';
import type { SweepBundle } from './bundle.js';
import { isControlMessage, watchAt } from './control.js';
import {
  stopFlagIndex,
  type FinishedSweepRun,
  type ScenarioOutcome,
  type ScenarioTask,
  type UnwrittenSweepRun,
  type WorkerStartup,
} from './pool-messages.js';

/** What a pool is opened with. */
export interface PoolOptions {
  /** Default: as many as the machine has cores. */
  readonly threads?: number | undefined;
  readonly bundle?: SweepBundle | undefined;
  readonly runsDirectory?: string | undefined;
  /** Told how far single long runs have come. */
  readonly onProgress?: ((task: number, snapshot: Snapshot) => void) | undefined;
}

/** Threads at work. */
export interface Pool {
  readonly threads: number;
  /** Resolves when the first thread has loaded the simulator; rejects when a thread cannot start. */
  readonly started: Promise<void>;
  /**
   * Makes a run of the bundle's sweep.
   * @throws PutmodelError OUTPUT_FAILED when its files cannot be written, CANCELLED after `close`; the thread's error when that itself failed
   */
  runOfSweep(runIndex: number): Promise<FinishedSweepRun>;
  runOfScenario(task: ScenarioTask): Promise<ScenarioOutcome>;
  /** Makes every run stop at its next slice. */
  stop(): void;
  /** Ends the threads; what they are doing is lost. */
  close(): Promise<void>;
}

/** As many threads as there are cores for this process. */
export function defaultThreads(): number {
  return availableParallelism();
}

/** Starts the threads. */
export function openPool(options: PoolOptions = {}): Pool {
  const threads = options.threads ?? defaultThreads();
  const stopFlag = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const startup: WorkerStartup = { stopFlag, bundle: options.bundle ?? null, runsDirectory: options.runsDirectory ?? null };
  const piscina = new Piscina({
    ...workerModule(),
    minThreads: threads,
    maxThreads: threads,
    workerData: startup,
    recordTiming: false,
  });
  const onProgress = options.onProgress ?? ((): void => undefined);
  const started = new Promise<void>((resolve, reject) => {
    // A thread that cannot start would be started again for ever.
    piscina.on('error', (error: unknown) => {
      reject(error instanceof Error ? error : new Error(String(error)));
    });
    piscina.on('message', (message: unknown) => {
      if (!isControlMessage(message)) return;
      watchAt(message.control, { onProgress });
      message.control.unref();
      resolve();
    });
  });
  // Told to whoever waits for a run; nobody has to.
  started.catch(() => undefined);
  const run = async (task: unknown, name: string): Promise<unknown> => {
    await started;
    return piscina.run(task, { name });
  };
  let isClosed = false;
  return {
    threads,
    started,
    runOfSweep: async (runIndex) => {
      const outcome = await run(runIndex, 'runOfSweep').catch((error: unknown) => {
        throw isClosed ? new PutmodelError({ code: 'CANCELLED', message: 'interrupted' }) : error;
      });
      const finished = outcome as FinishedSweepRun | UnwrittenSweepRun;
      if ('unwritten' in finished) throw errorFromData(finished.unwritten);
      return finished;
    },
    runOfScenario: (task) => run(task, 'runOfScenario') as Promise<ScenarioOutcome>,
    stop: () => void Atomics.store(new Int32Array(stopFlag), stopFlagIndex, 1),
    close: () => {
      isClosed = true;
      return piscina.destroy();
    },
  };
}

/** The compiled worker in one file (build.js) beside the compiled pool; from the sources, the source, which tsx translates. */
function workerModule(): { readonly filename: string; readonly execArgv?: string[] } {
  if (!import.meta.url.endsWith('.ts')) return { filename: fileURLToPath(new URL('worker-bundle.js', import.meta.url)) };
  // `--import tsx` alone does nothing in a thread of Node 20: its hooks have to be registered there.
  const preload = `import { register } from 'node:module'; register('tsx/esm', ${JSON.stringify(import.meta.url)}, { data: {} });`;
  // Flags of this process besides (such as a heap limit) hold for its threads, too.
  const own = process.execArgv.filter((flag) => flag.startsWith('--max'));
  return {
    filename: fileURLToPath(new URL('worker.ts', import.meta.url)),
    execArgv: [...own, '--import', `data:text/javascript,${encodeURIComponent(preload)}`],
  };
}

/** Keeps every thread busy with one piece of work more waiting, so that none waits for this thread; a piece says whether there are more. */
export async function inParallel(threads: number, piece: () => Promise<boolean>): Promise<void> {
  const lane = async (): Promise<void> => {
    while (await piece());
  };
  await Promise.all(Array.from({ length: 2 * threads }, lane));
}
