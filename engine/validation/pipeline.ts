/**
 * The validation pipeline: A the machine's calibration, B where real and simulated runs change their pace, C what each level moved, D each
 * held-out run against the prediction of its command line, E which input moves the put rate. Nothing of a held-out run but its command
 * line reaches the model, and a run that the machine was calibrated on is refused.
 */
import { loadLedger, type LoadedLedger } from '../files/ledger-inputs.js';
import { loadDbBench } from '../files/load.js';
import { defaultMachine } from '../files/machine.js';
import { deviceEvidence, hostEvidence, parseDeviceArgument, parseHostArgument } from '../files/presets.js';
import { existsSync, watchReads, type FileRead } from '../files/read.js';
import { summarize, type FinishedRun } from '../files/result-directory.js';
import type { DeviceModel } from '../device/device.js';
import { PutmodelError } from '../kernel/errors.js';
import type { ClosedLedger } from '../ledger/closure.js';
import { closeLsmLedger } from '../lsm/ledger.js';
import type { HostProfile } from '../lsm/host.js';
import type { LsmResult } from '../lsm/result.js';
import type { LsmScenario } from '../lsm/scenario.js';
import { compareLevels, levelErrorPercent, type LevelComparison } from './breakdown.js';
import { factorsOf } from './factors.js';
import { compareRun, summarizeComparisons, type Comparison, type ComparisonSummary } from './holdout.js';
import { nestedCalibrations, sharedFiles, type CalibrationFile } from './isolation.js';
import { runScenario } from './run.js';
import { blandAltman, meanAbsolutePercentageError, type Agreement, type Pair } from './score.js';
import { oneAtATime, sobolIndices, type OneAtATime, type Sobol } from './sensitivity.js';
import { findStretches, type FinishedBytes, type Stretch } from './transition.js';
import { readTruth, truthDirectories, type TruthRun } from './truth.js';

/** What a validation is asked for. */
export interface ValidationOptions {
  /** As `--device` and `--host`; the default machine's when left out. */
  readonly device?: string | undefined;
  readonly host?: string | undefined;
  /** Rows of Sobol's base matrices; 0: one at a time only. */
  readonly samples: number;
  readonly seed: number;
  /** Called before each piece of work, with what it is. */
  readonly onProgress?: ((text: string) => void) | undefined;
}

/** Phase A: the machine that predictions are made with, and every file it was made from. */
export interface MachinePhase {
  readonly device: DeviceModel;
  readonly host: HostProfile;
  readonly calibration: readonly CalibrationFile[];
  readonly warnings: readonly string[];
}

/** One held-out run through phases B, C and D. */
export interface ValidatedRun {
  readonly truth: TruthRun;
  readonly run: FinishedRun<LsmScenario, LsmResult>;
  readonly comparison: Comparison;
  readonly stretches: { readonly real: readonly Stretch[]; readonly simulated: readonly Stretch[] };
  readonly levels: readonly LevelComparison[];
  readonly levelErrorPercent: number | null;
  readonly realLedger: LoadedLedger;
  readonly simulatedLedger: ClosedLedger;
  /** Files that were read to make the prediction. */
  readonly reads: readonly FileRead[];
  /** Hash of a second prediction's result, which must be that of the first. */
  readonly repeatedHash: string;
}

/** How far predictions of one figure are from the real ones. */
export interface FigureScore {
  readonly name: string;
  readonly unit: string;
  readonly runs: number;
  readonly mapePercent: number | null;
  /** In the figure's own unit. */
  readonly agreement: Agreement | null;
}

/** Phase E for one run. */
export interface Sensitivity {
  readonly name: string;
  readonly regime: string;
  readonly baseOpsPerSec: number;
  readonly oneAtATime: readonly OneAtATime[];
  readonly sobol: Sobol | null;
}

/** Everything a validation found. */
export interface Validation {
  readonly machine: MachinePhase;
  readonly runs: readonly ValidatedRun[];
  readonly summary: ComparisonSummary;
  readonly scores: readonly FigureScore[];
  readonly sensitivity: readonly Sensitivity[];
}

/**
 * Runs all phases over truth directories, or directories of them.
 * @throws PutmodelError for directories that cannot be read; INPUT_INVALID when one holds a file that device or host was calibrated on
 */
export async function validate(paths: readonly string[], options: ValidationOptions): Promise<Validation> {
  const say = options.onProgress ?? (() => undefined);
  const directories = [...new Set(paths.flatMap(truthDirectories))];
  const machine = calibratedMachine(options);
  const named = [options.device, options.host].filter((name) => name !== undefined && existsSync(name)) as readonly string[];
  refuse(nestedCalibrations(named, directories));
  const truths: { readonly directory: string; readonly truth: TruthRun }[] = [];
  for (const directory of directories) {
    say(`reading ${directory}`);
    truths.push({ directory, truth: withOwnName(await readTruth(directory), truths) });
  }
  refuse(
    sharedFiles(
      machine.calibration,
      truths.map(({ directory, truth }) => ({ directory, inputs: truth.inputs })),
    ),
  );
  const runs: ValidatedRun[] = [];
  for (const { truth } of truths) {
    say(`predicting ${truth.name}`);
    runs.push(await validateRun(truth, options));
  }
  return {
    machine,
    runs,
    summary: summarizeComparisons(runs.map(({ comparison }) => comparison)),
    scores: scoresOf(runs),
    sensitivity: representatives(runs).map((run) => {
      say(`sensitivity of ${run.truth.name}`);
      return sensitivityOf(run, options);
    }),
  };
}

/** Directories of one name get numbers: every run has a row and a directory of its own. */
function withOwnName(truth: TruthRun, before: readonly { readonly truth: TruthRun }[]): TruthRun {
  const same = before.filter(({ truth: { name } }) => name === truth.name || name.startsWith(`${truth.name}#`)).length;
  return same === 0 ? truth : { ...truth, name: `${truth.name}#${String(same + 1)}` };
}

function refuse(issues: ReturnType<typeof sharedFiles>): void {
  if (issues.length > 0) throw new PutmodelError(issues);
}

function calibratedMachine({ device: deviceName, host: hostName }: ValidationOptions): MachinePhase {
  const device = parseDeviceArgument(deviceName ?? defaultMachine.device);
  const host = parseHostArgument(hostName ?? defaultMachine.host);
  const hostFiles = hostEvidence(hostName ?? defaultMachine.host);
  const calibration = [
    ...deviceEvidence(device).map((file) => ({ of: 'device' as const, ...file })),
    ...hostFiles.map((file) => ({ of: 'host' as const, ...file })),
  ];
  const unnamed =
    hostFiles.length > 1
      ? []
      : [`host ${host.model.name} names no files that it was calibrated on (calibratedOn): isolation cannot be checked for it`];
  return { device: device.model, host: host.model, calibration, warnings: [...device.warnings, ...host.warnings, ...unnamed] };
}

async function validateRun(truth: TruthRun, { device, host }: ValidationOptions): Promise<ValidatedRun> {
  const predict = () => runScenario(loadDbBench(truth.argv, { device, host }));
  const { value: run, reads } = watchReads(predict);
  const { result } = run;
  const realLedger = await loadLedger(truth.paths);
  const { logs, stdout, iostat, diskstats, sampler } = truth.paths;
  // Device totals are about the whole LOG, a prediction about the benchmark.
  const measured = iostat ?? diskstats ?? sampler;
  const toTheEnd = measured === undefined ? realLedger : await loadLedger({ logs, stdout });
  const simulatedLedger = closeLsmLedger(result);
  const levels = compareLevels(toTheEnd.closed.ledger, simulatedLedger.ledger);
  return {
    truth,
    run,
    comparison: compareRun(truth, run),
    stretches: {
      real: findStretches(truth.opsPerSecCurve, jobsOf(truth)),
      simulated: findStretches(result.series.opsPerSec, seconds(result)),
    },
    levels,
    levelErrorPercent: levelErrorPercent(levels),
    realLedger,
    simulatedLedger,
    reads,
    repeatedHash: summarize(predict()).manifest.resultHash,
  };
}

/** Bytes of flushes and compactions at the time they finished, seconds from the opening of the store. */
function jobsOf({ flushes, compactions, openedAtMicros }: TruthRun): FinishedBytes[] {
  const atSec = (micros: number): number => (micros - openedAtMicros) / 1e6;
  return [
    ...flushes.map(({ finishedAtMicros, writtenBytes }) => ({ atSec: atSec(finishedAtMicros), bytes: writtenBytes })),
    ...compactions.map(({ finishedAtMicros, outputBytes }) => ({ atSec: atSec(finishedAtMicros), bytes: outputBytes })),
  ];
}

function seconds({ series }: LsmResult): FinishedBytes[] {
  return Array.from(series.flushBytes, (bytes, index) => ({
    atSec: index * series.intervalSec,
    bytes: bytes + (series.compactionBytes[index] ?? 0),
  }));
}

function scoresOf(runs: readonly ValidatedRun[]): FigureScore[] {
  const score = (name: string, unit: string, pairs: readonly (Pair | null)[]): FigureScore => {
    const known = pairs.filter((pair) => pair !== null);
    return { name, unit, runs: known.length, mapePercent: meanAbsolutePercentageError(known), agreement: blandAltman(known) };
  };
  const rows = runs.map(({ comparison }) => comparison);
  const levels = runs.flatMap((run) =>
    run.levels.map(({ real, simulated }) => ({ real: real.writtenBytes, simulated: simulated.writtenBytes })),
  );
  return [
    score(
      'put rate',
      'puts/s',
      rows.map(({ real, simulated }) => ({ real: real.opsPerSec, simulated: simulated.opsPerSec })),
    ),
    score(
      'write amplification',
      'ratio',
      rows.map(({ real, simulated }) =>
        real.writeAmplification === null || simulated.writeAmplification === null
          ? null
          : { real: real.writeAmplification, simulated: simulated.writeAmplification },
      ),
    ),
    score(
      'stalled time',
      's',
      rows.map(({ real, simulated }) => ({ real: real.stallSec, simulated: simulated.stallSec })),
    ),
    score('written by a level', 'bytes', levels),
  ];
}

/** The first run of each regime: what matters differs between them, hardly within. */
function representatives(runs: readonly ValidatedRun[]): ValidatedRun[] {
  const first = new Map<string, ValidatedRun>();
  for (const run of runs) {
    const { regime } = run.comparison.features;
    if (!first.has(regime)) first.set(regime, run);
  }
  return [...first.values()];
}

function sensitivityOf({ truth, run, comparison }: ValidatedRun, { samples, seed }: ValidationOptions): Sensitivity {
  const { factors, evaluate } = factorsOf(truth.argv, run);
  return {
    name: truth.name,
    regime: comparison.features.regime,
    baseOpsPerSec: run.result.putRate.meanOpsPerSec,
    oneAtATime: oneAtATime(factors, evaluate),
    sobol: samples < 2 ? null : sobolIndices(factors, evaluate, { samples, seed }),
  };
}
