/** The thread of module-run.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { PutmodelError } from '../kernel/errors.js';
import type { Kind } from '../scenario/kind.js';
import { deepFreeze } from '../scenario/freeze.js';
import { kinds } from '../scenario/kinds.js';
import { brokenModule, type ModuleRunMessage, type ModuleRunTask } from './module-run.js';

const { kind, scenario, module: source, sliceEvents, clockSec } = workerData as ModuleRunTask;
const say = (message: ModuleRunMessage): void => {
  parentPort?.postMessage(message);
};

try {
  forbidChance();
  say({ type: 'started' });
  await run(kinds[kind], await load());
} catch (error) {
  const issues = error instanceof PutmodelError ? error.issues : [brokenModule(source, error)];
  say({ type: 'failed', issues });
}

async function load(): Promise<unknown> {
  try {
    return await import(source.url);
  } catch (error) {
    throw new PutmodelError(brokenModule(source, error));
  }
}

async function run(started: Kind, module: unknown): Promise<void> {
  started.moduleKey?.check(module);
  if (scenario === null) {
    say({ type: 'usable' });
    return;
  }
  // On its way into the thread it was copied, which does not keep it frozen: a module must not change what it is run with.
  const simulation = started.start(deepFreeze(scenario), { module });
  for (let events = 1; simulation.advance(1) === 'more'; events++) {
    clockSec[0] = simulation.snapshot().nowSec;
    if (events % sliceEvents !== 0) continue;
    say({ type: 'progress', snapshot: simulation.snapshot() });
    // Lets the messages out.
    await new Promise<void>((next) => setImmediate(next));
  }
  say({ type: 'done', result: simulation.finish(), snapshot: simulation.snapshot() });
}

/** The same scenario and seed must give the same bytes, whatever the module does. */
function forbidChance(): void {
  const refuse = (what: string): (() => never) => {
    const refused = (): never => {
      const error = new Error(`${what} is not allowed: the result would depend on more than scenario and seed`);
      // The place that is named is the caller's.
      Error.captureStackTrace(error, refused);
      throw error;
    };
    return refused;
  };
  Math.random = refuse('Math.random');
  Object.defineProperty(globalThis, 'Date', {
    value: new Proxy(Date, {
      apply: refuse('Date'),
      construct: refuse('Date'),
      get: (clock, name) => (name === 'prototype' ? clock.prototype : refuse(`Date.${String(name)}`)),
    }),
  });
  for (const name of ['performance', 'crypto']) {
    Object.defineProperty(globalThis, name, { value: new Proxy({}, { get: (_, key) => refuse(`${name}.${String(key)}`)() }) });
  }
  process.hrtime = Object.assign(refuse('process.hrtime'), { bigint: refuse('process.hrtime.bigint') });
  process.uptime = refuse('process.uptime');
}
