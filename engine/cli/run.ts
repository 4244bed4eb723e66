/**
 * Runs scenarios for the commands: in slices, so that it can be interrupted and shows progress; over one or more seeds, and with --band on
 * machines that are somewhat faster and slower; then says the answer.
 */
import process from 'node:process';
import { setImmediate } from 'node:timers/promises';
import { median } from 'd3-array';
import { summarize, writeResultDirectory, type FinishedRun } from '../files/result-directory.js';
import type { LoadedScenario } from '../files/load.js';
import type { MachineFactors } from '../device/scale.js';
import { moduleInFile, runWithModule } from '../files/module-run.js';
import { PutmodelError } from '../kernel/errors.js';
import { renderReport } from '../report/kinds.js';
import { renderBand, type Band } from '../report/terminal.js';
import { encodeRows } from '../scenario/csv.js';
import { encodeJson } from '../scenario/json.js';
import type { Result, Run, Scenario, Snapshot } from '../scenario/kind.js';
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
  readonly csvLayout?: string;
}

/** The same, checked before anything runs. */
export interface Output {
  readonly seedCount: number;
  readonly band: boolean;
  readonly requirements: readonly Requirement[];
  readonly out: string | null;
  readonly json: boolean;
  /** The layout of the CSV that is printed instead of the report; null: the report. */
  readonly csvLayout: string | null;
}

/** Of a band, unless --seeds says otherwise. */
const bandSeeds = 5;
/** How far a measured device and host are trusted: figures of one machine, measured twice, differ by about as much. */
const bandFraction = 0.1;

/** Reads the flags. Throws PutmodelError USAGE for a requirement that cannot be read. */
export function prepareOutput(flags: OutputFlags): Output {
  return {
    seedCount: flags.seeds ?? (flags.band === true ? bandSeeds : 1),
    band: flags.band === true,
    requirements: (flags.require ?? []).map((text) => parseRequirement(text)),
    out: flags.out ?? null,
    json: flags.json === true,
    csvLayout: flags.csvLayout ?? null,
  };
}

/** A finished run and how long it took. */
export interface TimedRun<S extends Scenario = Scenario, R extends Result = Result> extends FinishedRun<S, R> {
  readonly wallMillis: number;
  readonly startedAt: string;
  readonly variant: Variant<S>;
}

/** One of the runs that are asked for. */
interface Variant<S extends Scenario> {
  readonly scenario: S;
  readonly machine: MachineFactors;
  /** What tells it from the others; its directory's name too. */
  readonly label: string;
}

/**
 * The scenario's own seed and those that follow it, on the machine as it is; for a band the first seed also on the four machines whose
 * device and host are a tenth faster or slower.
 */
function variantsOf<S extends Scenario, R extends Result>({ kind, scenario }: LoadedScenario<S, R>, output: Output): Variant<S>[] {
  const seeds = Array.from({ length: output.seedCount }, (_, index): Variant<S> => {
    const seed = scenario.seed + index;
    return {
      scenario: index === 0 ? scenario : { ...scenario, seed },
      machine: { deviceFactor: 1, hostFactor: 1 },
      label: `seed-${String(seed)}`,
    };
  });
  if (!output.band) return seeds;
  const ends = [1 - bandFraction, 1 + bandFraction];
  const machines = ends.flatMap((deviceFactor) => ends.map((hostFactor) => ({ deviceFactor, hostFactor })));
  const scaled = machines.flatMap((machine): Variant<S>[] => {
    const label = `device-${String(machine.deviceFactor)}-host-${String(machine.hostFactor)}`;
    const faster = kind.scaleMachine?.(scenario, machine);
    return faster === undefined ? [] : [{ scenario: faster, machine, label }];
  });
  return [...seeds, ...scaled];
}

/** Every run that is asked for, the scenario's own first. @throws PutmodelError CANCELLED when interrupted. */
export async function runAll<S extends Scenario, R extends Result>(
  loaded: LoadedScenario<S, R>,
  output: Output,
  io: CliIo,
  historySink?: (line: string) => void,
): Promise<readonly TimedRun<S, R>[]> {
  const runs: TimedRun<S, R>[] = [];
  const variants = variantsOf(loaded, output);
  for (const variant of variants) {
    const { scenario } = variant;
    const name = variants.length === 1 ? scenario.name : variant.label;
    const startedAt = new Date().toISOString();
    const startMillis = io.nowMillis();
    const result =
      loaded.modulePath === null
        ? await runInSlices(loaded.kind.start(scenario, historySink === undefined ? {} : { historySink }), name, io)
        : await runInThread(loaded, scenario, loaded.modulePath, name, io);
    const wallMillis = io.nowMillis() - startMillis;
    const validity = validityOf({ ...loaded, scenario }, result);
    runs.push({ ...loaded, scenario, result, validity, wallMillis, startedAt, variant });
  }
  return runs;
}

/** Long enough not to cost, short enough to notice an interrupt. In time: one event may be a memtable or hours of refills of a limiter. */
const sliceMillis = 20;
const progressMillis = 5000;
const liveProgressMillis = 200;

async function runInSlices<R>(run: Run<R>, label: string, io: CliIo): Promise<R> {
  const progress = progressOf(label, io);
  let events = 1;
  for (let began = io.nowMillis(); run.advance(events) === 'more'; began = io.nowMillis()) {
    events = io.nowMillis() - began < sliceMillis ? events * 2 : Math.max(1, Math.floor(events / 2));
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
  return runWithModule<R>(kind.name, scenario, moduleInFile(modulePath), { signal: io.signal, onProgress: progress.show }).finally(
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
    io.stdout(encodeJson({ ...summarize(first).summary, wallMillis: first.wallMillis, ...rangesOf(runs, output) }));
  } else if (output.csvLayout !== null) {
    const { csvLayout } = output;
    io.stdout(encodeRows(runs.map(({ kind, scenario, result }) => kind.csvRow(csvLayout, scenario, result))));
  } else {
    const { validity, wallMillis } = first;
    if (context.head.length > 0) io.stdout(`${context.head.join('\n')}\n\n`);
    io.stdout(renderReport(first.kind, first.result, { title: context.title, validity, directory, wallMillis }, io.style));
    if (runs.length > 1) io.stdout(`\n${renderBand(bandOf(runs), bandTitle(runs, output), io.style)}`);
  }
  if (issues.length > 0) throw new PutmodelError(issues);
}

/** The JSON document's part about several runs: `seeds`, or `band` where machines vary too. */
function rangesOf(runs: readonly TimedRun[], { band }: Output): Readonly<Record<string, unknown>> {
  if (runs.length < 2) return {};
  if (band) return { band: bandOf(runs) };
  const { seeds, metrics } = bandOf(runs);
  return { seeds: { seeds, metrics } };
}

function bandTitle(runs: readonly TimedRun[], { band, seedCount }: Output): string {
  const percent = String(bandFraction * 100);
  const machines = runs.length - seedCount;
  const varied = band && machines > 0 ? ` and ${String(machines)} machines (device and host ${percent} % faster and slower)` : '';
  return `Over ${String(seedCount)} seeds${varied}: median (range)`;
}

/** Each figure over all runs. */
function bandOf(runs: readonly TimedRun[]): Band {
  const metrics = (runs[0]?.kind.metrics ?? []).map((metric) => {
    const values = runs.map((run) => metric.read(run.result));
    const known = values.filter((value) => value !== null);
    const min = known.length === 0 ? null : Math.min(...known);
    const max = known.length === 0 ? null : Math.max(...known);
    return [metric.path, { median: median(known) ?? null, min, max, values }] as const;
  });
  return {
    seeds: runs.map((run) => run.scenario.seed),
    deviceFactors: runs.map((run) => run.variant.machine.deviceFactor),
    hostFactors: runs.map((run) => run.variant.machine.hostFactor),
    metrics: Object.fromEntries(metrics),
  };
}

/** The first seed's directory; where there are several, each in its own directory in it. Returns the directory to name, or null. */
function writeDirectories(runs: readonly TimedRun[], { output, defaultDirectory }: AnswerContext, io: CliIo): string | null {
  const directory = output.out ?? (output.json || output.csvLayout !== null ? null : defaultDirectory);
  if (directory === null) return null;
  try {
    for (const run of runs) {
      const target = runs.length === 1 ? directory : `${directory}/${run.variant.label}`;
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
