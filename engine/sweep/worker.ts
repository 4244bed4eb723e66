/**
 * The thread that simulates, as Piscina loads it: one function a kind of task. What all its tasks share arrives once, with the thread;
 * that it shall stop is a flag in shared memory, which a thread in the middle of a run can see.
 */
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { MessageChannel, parentPort, workerData } from 'node:worker_threads';
import { move, transferableSymbol, valueSymbol } from 'piscina';
import { writeRunFiles } from './run-files.js';
import { errorToData, invariant, PutmodelError } from '../kernel/errors.js';
import type { Snapshot } from '../kernel/run.js';
import { kinds } from '../scenario/kinds.js';
import type { Kind } from '../scenario/kind.js';
import { modulesOf, openSweep, type OpenSweep } from './bundle.js';
import { controlMessage, watcherAt, type RunWatcher } from './control.js';
import { advanceToEnd, executeRun } from './execute.js';
import {
  stopFlagIndex,
  type FinishedSweepRun,
  type ScenarioOutcome,
  type ScenarioTask,
  type UnwrittenSweepRun,
  type WorkerStartup,
} from './pool-messages.js';
import { encodeRecord } from './record.js';

const startup = workerData as WorkerStartup;
const stopFlag = new Int32Array(startup.stopFlag);
const watcher = openControl();
let open: OpenSweep | null = null;

/** Makes one run of the sweep that the thread was started with: a FinishedSweepRun, its record as bytes that are moved, not copied, or an UnwrittenSweepRun. */
export async function runOfSweep(runIndex: number): Promise<unknown> {
  invariant(startup.bundle !== null, 'this thread was started without a sweep');
  open ??= openSweep(startup.bundle);
  const watch = watched(runIndex);
  const { record, run } = await executeRun(open, runIndex, { between: watch.between, signal: stopSignal(open) });
  await watch.settle();
  if (run !== null && startup.runsDirectory !== null) {
    try {
      writeRunFiles(startup.runsDirectory, runIndex, open.kind, run);
    } catch (error) {
      // As data: an error that is thrown loses its class on the way out of the thread.
      return { unwritten: errorToData(error) } satisfies UnwrittenSweepRun;
    }
  }
  const line = new TextEncoder().encode(encodeRecord(record));
  const finished: FinishedSweepRun = { line, events: record.events, failed: 'error' in record };
  return move({
    get [transferableSymbol]() {
      return [line.buffer];
    },
    get [valueSymbol]() {
      return finished;
    },
  });
}

/** Runs one scenario that is handed over whole. */
export async function runOfScenario({ task, kind: name, scenario, want }: ScenarioTask): Promise<ScenarioOutcome> {
  const kind = (kinds as Readonly<Partial<Record<string, Kind>>>)[name];
  invariant(kind !== undefined, `no kind ${name}`);
  const watch = watched(task);
  try {
    const run = kind.start(scenario);
    const result = advanceToEnd(run, watch.between);
    const metrics = Object.fromEntries(kind.metrics.map((metric) => [metric.path, metric.read(result)]));
    const { events } = run.snapshot();
    return { status: 'done', metrics, events, result: want === 'result' ? result : null };
  } catch (error) {
    return { status: 'failed', error: errorToData(error) };
  } finally {
    await watch.settle();
  }
}

const stopPollMillis = 100;
let stopping: AbortController | null = null;

/** The stop flag as a signal, for runs in threads of their own, during which this one is free to look; none is needed where there are none. */
function stopSignal(sweep: OpenSweep): AbortSignal | undefined {
  if (modulesOf(sweep).length === 0) return undefined;
  if (stopping === null) {
    const controller = new AbortController();
    stopping = controller;
    setInterval(() => {
      if (Atomics.load(stopFlag, stopFlagIndex) !== 0) controller.abort();
    }, stopPollMillis).unref();
  }
  return stopping.signal;
}

/** Between two words about one run. */
const progressMillis = 250;

/** Tells the watcher about a run now and then, and stops it when asked to. */
function watched(task: number): { readonly between: (snapshot: Snapshot) => void; readonly settle: () => Promise<void> } {
  let toldAtMillis = performance.now();
  let told = false;
  return {
    between(snapshot) {
      if (Atomics.load(stopFlag, stopFlagIndex) !== 0) throw new PutmodelError({ code: 'CANCELLED', message: 'interrupted' });
      const nowMillis = performance.now();
      if (nowMillis - toldAtMillis < progressMillis) return;
      toldAtMillis = nowMillis;
      told = true;
      watcher.onProgress(task, snapshot);
    },
    // Between tasks the thread sleeps in Atomics.wait: answers to what it told have to be taken before, or they pile up.
    async settle() {
      if (told) await setImmediate();
    },
  };
}

function openControl(): RunWatcher {
  const { port1, port2 } = new MessageChannel();
  invariant(parentPort !== null, 'worker.ts runs in a worker thread');
  parentPort.postMessage(controlMessage(port2), [port2]);
  port1.unref();
  return watcherAt(port1);
}
