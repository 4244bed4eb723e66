/** One call from input to result, for programs: what the commands do, without printing. */
import { loadDbBench, loadScenario, type LoadedScenario, type LoadOptions } from '../files/load.js';
import { writeResultDirectory, type FinishedRun } from '../files/result-directory.js';
import { runToEnd, type Snapshot } from '../kernel/run.js';
import type { LsmResult } from '../lsm/result.js';
import type { Result, Scenario } from '../scenario/kind.js';
import { validityOf } from './reference.js';

/** How a run is advanced; neither changes its result. */
export interface RunOptions {
  readonly sliceEvents?: number | undefined;
  readonly onProgress?: ((snapshot: Snapshot) => void) | undefined;
}

/** Runs a loaded scenario to its end and judges how far it was checked. */
export function runScenario<S extends Scenario, R extends Result>(
  loaded: LoadedScenario<S, R>,
  options: RunOptions = {},
): FinishedRun<S, R> {
  const result = runToEnd(loaded.kind.start(loaded.scenario), options.sliceEvents, options.onProgress);
  return { ...loaded, result, validity: validityOf(loaded, result) };
}

/**
 * Loads a scenario file, runs it and, with `out`, writes its result directory. run.json there says nothing about time or command.
 * @throws PutmodelError for bad input or a directory that cannot be written.
 */
export function runScenarioFile(path: string, options: LoadOptions & RunOptions & { readonly out?: string | undefined } = {}): FinishedRun {
  const run = runScenario(loadScenario(path, options), options);
  if (options.out !== undefined)
    writeResultDirectory(options.out, run, { command: [], startedAt: '', wallMillis: 0, node: '', platform: '' });
  return run;
}

/** What a db_bench command (its flags, without the program's name) would give. @throws PutmodelError for bad flags or files. */
export function simulateDbBench(argv: readonly string[], options: Omit<LoadOptions, 'set'> = {}): LsmResult {
  return runScenario(loadDbBench(argv, options)).result;
}
