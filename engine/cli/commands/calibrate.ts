/** `putmodel calibrate`: parameters of the models from measurements. Each sub-command writes a file that says what it was calibrated on. */
import { basename } from 'node:path';
import type { Command } from 'commander';
import { readHashedText, sha256 } from '../../files/read.js';
import { engineVersion } from '../../files/version.js';
import { writeFileAtomic } from '../../files/write.js';
import { PutmodelError } from '../../kernel/errors.js';
import { calibrateUtilization, searchUtilization, type Calibration } from '../../putrate/calibrate.js';
import { kFold, leaveOneDatasetOut, type FactorModel } from '../../putrate/cross-validate.js';
import { defaultRecordSizeBytes } from '../../putrate/formula.js';
import { phases } from '../../putrate/phase.js';
import { publishedSamples } from '../../putrate/published.js';
import { sampledRanges, type Dataset } from '../../putrate/samples.js';
import { datasetsOf, samplesSchema, utilizationSchemaName, type UtilizationFile } from '../../putrate/utilization-file.js';
import { checkDocument, readDocument } from '../../scenario/document.js';
import { canonicalJson, encodeJson } from '../../scenario/json.js';
import { printWarnings, wholeNumber, type CliIo } from '../flags.js';
import { addCalibrateBacklog } from './calibrate-backlog.js';
import { addCalibrateHost } from './calibrate-host.js';

interface UtilizationFlags {
  readonly output: string;
  readonly recordSize: number;
  readonly folds: number;
  readonly json?: true;
}

const help = `
An input is YAML or JSON in the specification's layout, one experiment a file:
  performance_measurements:
    initial: {qps_samples: [138769, ...], bandwidth_samples: [4116.6, ...]}     # puts a second, MiB/s; also middle:, final:
or several experiments in one: datasets: {<name>: {initial: {samples: [{bandwidth: 4116.6, actual_qps: 138769}, ...]}}}
The word 'published' stands for the specification's own samples.

Examples:
  $ putmodel calibrate utilization published -o utilization.json
  $ putmodel calibrate utilization run-a.yaml run-b.yaml -o utilization.json
  $ putmodel predict --model v4 --bandwidth 900 --phase middle --parameters utilization.json
`;

/** Adds the command with its sub-commands. */
export function addCalibrateCommand(program: Command, io: CliIo): void {
  const calibrate = program.command('calibrate').description('find parameters of the models from measurements');
  addCalibrateUtilization(calibrate, io);
  addCalibrateHost(calibrate, io);
  addCalibrateBacklog(calibrate, io);
}

function addCalibrateUtilization(calibrate: Command, io: CliIo): void {
  calibrate
    .command('utilization')
    .description('utilisation factors of the closed-form models, cross-validated')
    .argument('<input...>', "files of samples, or 'published'")
    .option('-o, --output <file>', 'the calibration', 'utilization.json')
    .option('--record-size <n>', 'bytes of key and value (default: 1040)', wholeNumber('--record-size', 1, 4_294_967_296))
    .option('--folds <n>', 'folds of the cross-validation (default: 5)', wholeNumber('--folds', 2, 1000))
    .option('--json', 'print JSON')
    .addHelpText('after', help)
    .action((inputs: string[], flags: Partial<UtilizationFlags> & Pick<UtilizationFlags, 'output'>) => {
      runUtilization(inputs, { recordSize: defaultRecordSizeBytes, folds: 5, ...flags }, io);
    });
}

function runUtilization(names: readonly string[], flags: UtilizationFlags, io: CliIo): void {
  const inputs = readInputs(names);
  const datasets = inputs.flatMap((input) => input.datasets);
  refuseSameNames(datasets);
  const calibration = calibrateUtilization(datasets, flags.recordSize);
  const file = fileOf(inputs, calibration, flags);
  const warnings = calibration.atLimit.map(
    (phase) => `${phase}: more puts than the bandwidth can carry (compressed values, or bandwidth too low); the factor is held at 1`,
  );
  printWarnings(io, warnings);
  writeFileAtomic(flags.output, encodeJson(file));
  io.stdout(flags.json === true ? encodeJson({ ...file, output: flags.output, warnings }) : textOf(file, flags.output));
}

interface Input {
  readonly name: string;
  readonly sha256: string;
  readonly datasets: readonly Dataset[];
}

/** Every problem of every input at once. */
function readInputs(names: readonly string[]): readonly Input[] {
  const issues: PutmodelError['issues'][number][] = [];
  const inputs: Input[] = [];
  for (const name of names) {
    try {
      inputs.push(readInput(name));
    } catch (error) {
      if (!(error instanceof PutmodelError)) throw error;
      issues.push(...error.issues);
    }
  }
  issues.push(...copiedSamples(inputs));
  if (issues.length > 0) throw new PutmodelError(issues);
  return inputs;
}

/** Samples twice, however they are written: they would count twice, and a left-out copy would be predicted from itself. */
function copiedSamples(inputs: readonly Input[]): PutmodelError['issues'] {
  const ownerOf = new Map<string, string>();
  return inputs.flatMap(({ name: file, datasets }) => {
    const twins = new Set<string>();
    for (const { name, samples } of datasets) {
      for (const [phase, list] of Object.entries(samples)) {
        const key = `${phase} ${list.map(canonicalJson).sort().join(' ')}`;
        const owner = ownerOf.get(key);
        if (owner === undefined) ownerOf.set(key, name);
        else twins.add(owner);
      }
    }
    return [...twins].map((twin) => ({ code: 'INPUT_INVALID' as const, message: `the same samples as ${twin}`, file }));
  });
}

function readInput(name: string): Input {
  if (name === 'published') return { name, sha256: sha256(canonicalJson(publishedSamples)), datasets: [publishedSamples] };
  const { text, sha256: hash } = readHashedText(name);
  const document = checkDocument(readDocument(text, name), samplesSchema);
  return { name: basename(name), sha256: hash, datasets: datasetsOf(document, basename(name)) };
}

function refuseSameNames(datasets: readonly Dataset[]): void {
  const repeated = datasets.filter(({ name }, index) => datasets.findIndex((other) => other.name === name) !== index);
  if (repeated.length === 0) return;
  throw new PutmodelError(
    repeated.map(({ name }) => ({
      code: 'INPUT_INVALID',
      message: 'two datasets of one name',
      found: JSON.stringify(name),
      expected: 'name: in the file to tell them apart',
    })),
  );
}

function fileOf(inputs: readonly Input[], calibration: Calibration, flags: UtilizationFlags): UtilizationFile {
  const datasets = inputs.flatMap((input) => input.datasets);
  const { recordSize: recordSizeBytes, folds } = flags;
  const { utilization, errorFraction, evaluations, converged } = searchUtilization(datasets, recordSizeBytes);
  const folded = (model: FactorModel): UtilizationFile['kFold'][FactorModel] => kFold(datasets, { model, folds, recordSizeBytes });
  const leftOut = (model: FactorModel): NonNullable<ReturnType<typeof leaveOneDatasetOut>> =>
    leaveOneDatasetOut(datasets, { model, recordSizeBytes }) ?? {};
  return {
    schema: utilizationSchemaName,
    engineVersion: engineVersion(),
    recordSizeBytes,
    utilization: calibration.utilization,
    sampledMibPerSec: sampledRanges(datasets),
    errorFraction: calibration.errorFraction,
    atLimit: [...calibration.atLimit],
    search: { method: 'Nelder-Mead', utilization, errorFraction, evaluations, converged },
    kFold: byModel(folded),
    leaveOneDatasetOut: datasets.length < 2 ? null : byModel(leftOut),
    calibratedOn: inputs.map((input) => ({ name: input.name, sha256: input.sha256, datasets: input.datasets.map(countsOf) })),
  };
}

function byModel<T>(valueOf: (model: FactorModel) => T): Record<FactorModel, T> {
  return {
    v4: valueOf('v4'),
    'v4.1-class': valueOf('v4.1-class'),
    'v4.1-complete': valueOf('v4.1-complete'),
    'v4.1-enhancement': valueOf('v4.1-enhancement'),
  };
}

function countsOf({ name, samples }: Dataset): UtilizationFile['calibratedOn'][number]['datasets'][number] {
  return { name, samples: Object.fromEntries(Object.entries(samples).map(([phase, list]) => [phase, list.length])) };
}

function textOf(file: UtilizationFile, output: string): string {
  const { v4 } = file.kFold;
  const factors = phases.flatMap((phase) => {
    const factor = file.utilization[phase];
    return factor === undefined ? [] : [`  ${phase.padEnd(8)} ${factor.toFixed(5)}`];
  });
  const scores = [
    ...accuracyRows(`${String(v4?.folds ?? 0)}-fold`, v4?.phases ?? {}),
    ...Object.entries(file.leaveOneDatasetOut?.v4 ?? {}).flatMap(([name, left]) => accuracyRows(`without ${name}`, left)),
  ];
  return `${[
    `utilisation factors, records of ${String(file.recordSizeBytes)} bytes`,
    ...factors,
    ...(scores.length === 0 ? ['too few samples for a cross-validation'] : table([accuracyHeader, ...scores])),
    `written: ${output}`,
  ].join('\n')}\n`;
}

const accuracyHeader = ['accuracy of V4, percent', 'mean', 'std', 'min', 'max', 'samples'];

function accuracyRows(label: string, scores: NonNullable<UtilizationFile['kFold']['v4']>['phases']): string[][] {
  return phases.flatMap((phase) => {
    const summary = scores[phase];
    if (summary === undefined) return [];
    const { mean_accuracy, std_accuracy, min_accuracy, max_accuracy, sample_count } = summary;
    const figures = [mean_accuracy, std_accuracy, min_accuracy, max_accuracy].map((value) => value.toFixed(2));
    return [[`  ${label}, ${phase}`, ...figures, String(sample_count)]];
  });
}

/** The first column to the left, the others to the right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widthOf = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows.map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widthOf(0)) : cell.padStart(widthOf(column)))).join('  '));
}
