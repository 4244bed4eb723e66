/** Runs scenarios for the commands: in slices, so that it can be interrupted and shows progress, over one or more seeds; then says the answer. */
import process from 'node:process';
import { setImmediate } from 'node:timers/promises';
import { median } from 'd3-array';
import { summarize, writeResultDirectory, type FinishedRun } from '../files/result-directory.js';
import type { LoadedScenario } from '../files/load.js';
import { runWithModule } from '../files/module-run.js';
import { PutmodelError } from '../kernel/errors.js';
import { renderReport } from '../report/kinds.js';
import { renderBand } from '../report/terminal.js';
import { encodeJson } from '../scenario/json.js';
import type { Result, Run, Scenario, Snapshot } from '../scenario/kind.js';
import type { SimulatedKind } from '../scenario/kinds.js';
import { checkRequirements, parseRequirement, type Requirement } from '../scenario/requirement.js';
import { validityOf } from '../validation/reference.js';
import { printWarnings, type CliIo } from './flags.js';

/** Flags about what comes out, as commander hands them over. */
export interface OutputFlags {
  readonly seeds?: number;
  readonly band?: boolean;
  readonly require?: readonly string[];
  readonly out?: string;
  readonly json?: boolean;
}

/** The same, checked before anything runs. */
export interface Output {
  readonly seedCount: number;
  readonly requirements: readonly Requirement[];
  readonly out: string | null;
  readonly json: boolean;
}

/** Reads the flags; `--band` alone means five seeds. Throws PutmodelError USAGE for a requirement that cannot be read. */
export function prepareOutput(flags: OutputFlags): Output {
  return {
    seedCount: flags.seeds ?? (flags.band === true ? 5 : 1),
    requirements: (flags.require ?? []).map((text) => parseRequirement(text)),
    out: flags.out ?? null,
    json: flags.json === true,
  };
}

/** A finished run and how long it took. */
export interface TimedRun<S extends Scenario = Scenario, R extends Result = Result> extends FinishedRun<S, R> {
  readonly wallMillis: number;
  readonly startedAt: string;
}

/** One run a seed: the scenario's own, and those that follow it. @throws PutmodelError CANCELLED when interrupted. */
export async function runAll<S extends Scenario, R extends Result>(
  loaded: LoadedScenario<S, R>,
  output: Output,
  io: CliIo,
): Promise<readonly TimedRun<S, R>[]> {
  const runs: TimedRun<S, R>[] = [];
  for (let index = 0; index < output.seedCount; index++) {
    const scenario: S = index === 0 ? loaded.scenario : { ...loaded.scenario, seed: loaded.scenario.seed + index };
    const label = output.seedCount === 1 ? scenario.name : `seed ${String(index + 1)}/${String(output.seedCount)}`;
    const startedAt = new Date().toISOString();
    const startMillis = io.nowMillis();
    const result =
      loaded.modulePath === null
        ? await runInSlices(loaded.kind.start(scenario), label, io)
        : await runInThread(loaded, scenario, loaded.modulePath, label, io);
    const wallMillis = io.nowMillis() - startMillis;
    runs.push({ ...loaded, scenario, result, validity: validityOf({ ...loaded, scenario }, result), wallMillis, startedAt });
  }
  return runs;
}

/** Long enough not to cost, short enough to notice an interrupt. */
const sliceEvents = 50_000;
const progressMillis = 5000;
const liveProgressMillis = 200;

async function runInSlices<R>(run: Run<R>, label: string, io: CliIo): Promise<R> {
  const progress = progressOf(label, io);
  while (run.advance(sliceEvents) === 'more') {
    await setImmediate();
    if (io.signal.aborted) throw new PutmodelError({ code: 'CANCELLED', message: `${label}: interrupted` });
    progress.show(run.snapshot());
  }
  progress.clear();
  return run.finish();
}

/** Says where a run is, now and then. */
function progressOf(label: string, io: CliIo): { readonly show: (snapshot: Snapshot) => void; readonly clear: () => void } {
  const everyMillis = io.liveProgress ? liveProgressMillis : progressMillis;
  let nextMillis = io.nowMillis() + everyMillis;
  let shown = false;
  return {
    show({ nowSec, fraction }) {
      if (io.nowMillis() < nextMillis) return;
      nextMillis = io.nowMillis() + everyMillis;
      const done = fraction === null ? '' : `, ${String(Math.floor(fraction * 100))} %`;
      io.stderr(`${io.liveProgress ? '\r\u001B[K' : ''}${label}: ${nowSec.toFixed(0)} s simulated${done}${io.liveProgress ? '' : '\n'}`);
      shown = true;
    },
    clear() {
      if (shown && io.liveProgress) io.stderr('\r\u001B[K');
    },
  };
}

/** A run that needs a module of the user's own. */
function runInThread<S extends Scenario, R extends Result>(
  { kind }: LoadedScenario<S, R>,
  scenario: S,
  modulePath: string,
  label: string,
  io: CliIo,
): Promise<R> {
  const progress = progressOf(label, io);
  return runWithModule<R>(kind.name as SimulatedKind, scenario, modulePath, { signal: io.signal, onProgress: progress.show }).finally(
    progress.clear,
  );
}

/** What the commands say differently. */
export interface AnswerContext {
  readonly output: Output;
  readonly title: string;
  /** Where the result directory goes when nobody said; null: then there is none. */
  readonly defaultDirectory: string | null;
  /** Lines printed before the report, in text mode. */
  readonly head: readonly string[];
}

/**
 * Prints the answer (the first seed's, with median and range where there are several), writes the result directory, checks requirements
 * on every seed.
 * @throws PutmodelError CHECK_FAILED with each requirement that is not met, after everything is printed.
 */
export function answer(runs: readonly TimedRun[], context: AnswerContext, io: CliIo): void {
  const [first] = runs;
  if (first === undefined) return;
  const { output } = context;
  const issues = runs.flatMap((run) => checkRequirements(output.requirements, summarize(run).summary));
  const misread = issues.filter((issue) => issue.code === 'USAGE');
  if (misread.length > 0) throw new PutmodelError(misread.slice(0, output.requirements.length));
  const directory = writeDirectories(runs, context, io);
  if (output.json) {
    io.stdout(
      encodeJson({ ...summarize(first).summary, wallMillis: first.wallMillis, ...(runs.length > 1 ? { seeds: bandOf(runs) } : {}) }),
    );
  } else {
    const { validity, wallMillis } = first;
    if (context.head.length > 0) io.stdout(`${context.head.join('\n')}\n\n`);
    io.stdout(renderReport(first.kind, first.result, { title: context.title, validity, directory, wallMillis }, io.style));
    if (runs.length > 1) io.stdout(`\n${renderBand(bandOf(runs), io.style)}`);
  }
  if (issues.length > 0) throw new PutmodelError(issues);
}

/** Each figure over all seeds. */
function bandOf(runs: readonly TimedRun[]): Parameters<typeof renderBand>[0] {
  const metrics = (runs[0]?.kind.metrics ?? []).map((metric) => {
    const values = runs.map((run) => metric.read(run.result));
    const known = values.filter((value) => value !== null);
    const min = known.length === 0 ? null : Math.min(...known);
    const max = known.length === 0 ? null : Math.max(...known);
    return [metric.path, { median: median(known) ?? null, min, max, values }] as const;
  });
  return { seeds: runs.map((run) => run.scenario.seed), metrics: Object.fromEntries(metrics) };
}

/** The first seed's directory; with several seeds each in its own `seed-<n>` beside it. Returns the directory to name, or null. */
function writeDirectories(runs: readonly TimedRun[], { output, defaultDirectory }: AnswerContext, io: CliIo): string | null {
  const directory = output.out ?? (output.json ? null : defaultDirectory);
  if (directory === null) return null;
  try {
    for (const run of runs) {
      const target = runs.length === 1 ? directory : `${directory}/seed-${String(run.scenario.seed)}`;
      writeResultDirectory(target, run, circumstancesOf(run));
    }
    return directory;
  } catch (error) {
    // Asked for: a failure. By default: the answer is still worth printing.
    if (output.out !== null || !(error instanceof PutmodelError)) throw error;
    printWarnings(io, [`no result directory: ${error.message}`]);
    return null;
  }
}

function circumstancesOf({ wallMillis, startedAt }: TimedRun): Parameters<typeof writeResultDirectory>[2] {
  return { command: process.argv.slice(2), startedAt, wallMillis, node: process.version, platform: `${process.platform} ${process.arch}` };
}
