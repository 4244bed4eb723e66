/** `putmodel predict`: the closed-form models, in one line of numbers. */
import { basename } from 'node:path';
import { Option, type Command } from 'commander';
import { z } from 'zod';
import { existsSync, readText } from '../../files/read.js';
import { PutmodelError, type Issue } from '../../kernel/errors.js';
import { formatCount } from '../../kernel/units.js';
import type { PutRateContext } from '../../putrate/context.js';
import { temporalEvolution } from '../../putrate/evolution.js';
import { interpretBandwidth, measurementMethods, type MeasurementMethod } from '../../putrate/interpret.js';
import { accuracyTables, parameterSetNames, parameterSets, type AccuracyTable, type ParameterSet } from '../../putrate/parameters.js';
import { phaseDetectors, phases, type Phase, type PhaseDetector } from '../../putrate/phase.js';
import { temporalVariants, type TemporalVariant } from '../../putrate/temporal.js';
import { parametersOfFile, utilizationFileSchema, utilizationSchemaName } from '../../putrate/utilization-file.js';
import { predictV4, type V4Options } from '../../putrate/v4.js';
import { predictV41 } from '../../putrate/v41.js';
import { predictV5, v5Models } from '../../putrate/v5.js';
import { checkDocument, readDocument } from '../../scenario/document.js';
import { encodeJson } from '../../scenario/json.js';
import { encodeValidity, notValidated, type Validity } from '../../scenario/result.js';
import { plainStyle, validityTexts } from '../../report/terminal-text.js';
import { printWarnings, usage, type CliIo } from '../flags.js';

const models = ['v4', 'v4.1', ...v5Models] as const;
type ModelName = (typeof models)[number];

interface PredictFlags extends Readonly<Partial<Record<keyof typeof numberFlags, string>>> {
  readonly model: ModelName;
  readonly bandwidth: string;
  readonly parameters: string;
  readonly phase?: Phase;
  readonly detector: PhaseDetector;
  readonly variant?: TemporalVariant;
  readonly measurementMethod?: MeasurementMethod;
  readonly contextUtilization?: true;
  readonly accuracy: AccuracyTable;
  readonly json?: true;
}

/** Flags that hold a number: how they are written, and what the models call them. */
const numberFlags = {
  bandwidth: { flag: '--bandwidth', input: 'bandwidthMibPerSec' },
  runtimeMinutes: { flag: '--runtime-minutes', input: 'runtimeMinutes' },
  recordSize: { flag: '--record-size', input: 'recordSizeBytes' },
  cv: { flag: '--cv', input: 'variationFraction' },
  wa: { flag: '--wa', input: 'writeAmplification' },
  ra: { flag: '--ra', input: 'readAmplification' },
  dbSizeGb: { flag: '--db-size-gb', input: 'dbSizeGib' },
  levelDepth: { flag: '--level-depth', input: 'lsmLevelDepth' },
  degradationRate: { flag: '--degradation-rate', input: 'degradationFraction' },
} as const;

const help = `
The bandwidth is what is left to the store while it runs, not what a data sheet says.
--parameters: fitted (from the specification's samples; default), published (its printed factors, to reproduce it), or a file that
'putmodel calibrate utilization' wrote.

Examples:
  $ putmodel predict --model v4 --bandwidth 1074.8 --phase middle
  $ putmodel predict --model v4 --bandwidth 4116.6 --parameters published --json
  $ putmodel predict --model v4.1 --bandwidth 852.5 --runtime-minutes 92 --wa 3.5 --ra 0.8
`;

/** Adds the command. */
export function addPredictCommand(program: Command, io: CliIo): void {
  program
    .command('predict')
    .description('put rate of a bandwidth by the closed-form models V4, V4.1 and V5')
    .addOption(new Option('--model <model>', 'which one').choices(models).makeOptionMandatory())
    .requiredOption('--bandwidth <mib>', 'write bandwidth available to the store, MiB/s')
    .option('--parameters <set>', 'utilisation factors: fitted, published, or a calibration file', 'fitted')
    .addOption(new Option('--phase <phase>', 'phase of the run (default: detected)').choices(phases))
    .addOption(new Option('--detector <name>', 'how the phase is detected').choices(phaseDetectors).default('runtime-first'))
    .option('--runtime-minutes <n>', 'time since the start')
    .addOption(new Option('--variant <name>', 'which of the three V4.1 algorithms (default: class)').choices(temporalVariants))
    .option('--record-size <n>', 'bytes of key and value (default: 1040, or what the calibration file used)')
    .option('--cv <n>', 'coefficient of variation of the put rate, a fraction')
    .option('--wa <n>', 'write amplification')
    .option('--ra <n>', 'read amplification')
    .option('--db-size-gb <n>', 'size of the database, GiB')
    .option('--level-depth <n>', 'levels of the tree')
    .option('--degradation-rate <n>', 'share of the fresh bandwidth that the drive has lost, a fraction')
    .addOption(new Option('--measurement-method <name>', 'how the bandwidth was measured').choices(measurementMethods))
    .option('--context-utilization', 'adjust the factor to the context (never for reproducing the specification)')
    .addOption(
      new Option('--accuracy <table>', "accuracy to state: reproduced, or the specification's claims")
        .choices(accuracyTables)
        .default('reproduced'),
    )
    .option('--json', 'print JSON')
    .addHelpText('after', help)
    .action((flags: PredictFlags, command: Command) => {
      const isGiven = (flag: string): boolean => command.getOptionValueSource(camelCase(flag)) === 'cli';
      runPredict(flags, isGiven, io);
    });
}

function runPredict(flags: PredictFlags, isGiven: (flag: string) => boolean, io: CliIo): void {
  const numbers = readNumbers(flags);
  const parameters = readParameters(flags.parameters);
  const validity: Validity = { ...notValidated, outside: ["closed-form models were compared with the specification's samples only"] };
  const answer = underFlagNames(() => predict(flags, numbers, parameters));
  const warnings = [
    ...answer.warnings,
    ...ignoredFlags(flags)
      .filter(isGiven)
      .map((flag) => `${flag} has no effect here`),
  ];
  printWarnings(io, warnings);
  const { model, json } = flags;
  if (json === true) {
    const document = { schema: 'putmodel/prediction/1', model, ...answer.document, validity: encodeValidity(validity), warnings };
    io.stdout(encodeJson(document));
  } else {
    io.stdout(`${[...answer.lines, ...validityTexts(validity, plainStyle)].join('\n')}\n`);
  }
}

interface Answer {
  readonly document: Readonly<Record<string, unknown>>;
  readonly lines: readonly string[];
  readonly warnings: readonly string[];
}

type Numbers = Readonly<Partial<Record<keyof typeof numberFlags, number>>> & { readonly bandwidth: number };

function predict(flags: PredictFlags, numbers: Numbers, parameters: ParameterSet): Answer {
  const { model } = flags;
  if (model === 'v5' || model === 'v5-independent') return predictFamily5(model, flags, numbers);
  const options: V4Options = {
    parameters,
    phase: flags.phase,
    detector: flags.detector,
    context: contextOf(numbers),
    utilizationMode: flags.contextUtilization === true ? 'select' : 'fixed',
    recordSizeBytes: numbers.recordSize,
    accuracyTable: flags.accuracy,
  };
  const setup = { parameters: parameters.name, record_size: numbers.recordSize ?? parameters.recordSizeBytes };
  const interpretation = interpretBandwidth(numbers.bandwidth, flags.measurementMethod);
  const common = { ...setup, bandwidth_interpretation: interpretation };
  const base = predictV4(numbers.bandwidth, options);
  const maximum = formatCount(base.packaged.calculation_breakdown.theoretical_max_ops);
  const factor = base.packaged.utilization_factor.toFixed(5);
  const derivation = `theoretical maximum ${maximum} ops/s x utilization ${factor} (${parameters.name})`;
  if (model === 'v4') {
    return {
      document: { ...base.packaged, ...common, accuracy_basis: base.accuracyBasis },
      lines: [...headLines(model, base.packaged, base.accuracyBasis), derivation],
      warnings: base.warnings,
    };
  }
  const { packaged, enhancement, temporalContext, accuracyBasis, warnings } = predictV41(numbers.bandwidth, {
    ...options,
    variant: flags.variant,
  });
  const { phase } = packaged;
  const evolution = numbers.runtimeMinutes === undefined ? null : temporalEvolution([{ phase, timeMinutes: numbers.runtimeMinutes }]);
  const variant = flags.variant ?? 'class';
  return {
    document: {
      ...packaged,
      ...(enhancement ?? {}),
      variant,
      ...common,
      temporal_context: temporalContext,
      temporal_evolution: evolution,
      accuracy_basis: accuracyBasis,
    },
    lines: [
      ...headLines(`${model} (${variant})`, packaged, accuracyBasis),
      `${derivation} x temporal factor ${packaged.temporal_adjustment_factor.toFixed(5)}`,
    ],
    warnings,
  };
}

function predictFamily5(model: (typeof v5Models)[number], flags: PredictFlags, numbers: Numbers): Answer {
  const { packaged, assumptions, accuracyBasis, warnings } = predictV5(model, numbers.bandwidth, {
    phase: flags.phase,
    detector: flags.detector,
    context: contextOf(numbers),
    recordSizeBytes: numbers.recordSize,
  });
  const assumed = assumptions.map(({ what, value, source }) => ({ what: flagOf(what), value, source }));
  return {
    document: { ...packaged, assumptions: assumed, accuracy_basis: accuracyBasis },
    lines: [
      ...headLines(model, packaged, accuracyBasis),
      ...Object.entries(packaged.calculation_breakdown).map(([name, value]) => `  ${name.padEnd(26)}${figure(value).padStart(16)}`),
      ...assumed.map(({ what, value, source }) => `assumed ${what} ${String(value)}: ${source}`),
    ],
    warnings,
  };
}

interface Head {
  readonly predicted_s_max: number;
  readonly phase: Phase;
  readonly confidence: string;
  readonly expected_accuracy: number | null;
}

function headLines(model: string, { predicted_s_max, phase, confidence, expected_accuracy }: Head, basis: string): string[] {
  const accuracy = expected_accuracy === null ? 'accuracy unknown' : `accuracy ${expected_accuracy.toFixed(1)} %`;
  return [
    `${model}, ${phase} phase: ${formatCount(predicted_s_max)} ops/s`,
    `confidence ${confidence.replace('_', ' ')}, ${accuracy} (${basis})`,
  ];
}

function figure(value: number): string {
  return Math.abs(value) >= 100 ? formatCount(value) : value.toFixed(5);
}

function contextOf(numbers: Numbers): PutRateContext {
  return {
    runtimeMinutes: numbers.runtimeMinutes,
    variationFraction: numbers.cv,
    writeAmplification: numbers.wa,
    readAmplification: numbers.ra,
    dbSizeGib: numbers.dbSizeGb,
    lsmLevelDepth: numbers.levelDepth,
    degradationFraction: numbers.degradationRate,
  };
}

/** Every number flag; what is no number at all is refused here, all at once. Ranges are the models' own business. */
function readNumbers(flags: PredictFlags): Numbers {
  const issues: Issue[] = [];
  const entries = Object.entries(numberFlags).flatMap(([name, { flag }]) => {
    const text = flags[name as keyof typeof numberFlags];
    if (text === undefined) return [];
    const value = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(text.trim()) ? Number(text) : NaN;
    if (!Number.isFinite(value)) issues.push(usage(`wrong value of ${flag}`, text, 'a number'));
    return [[name, value] as const];
  });
  if (issues.length > 0) throw new PutmodelError(issues);
  const numbers: Partial<Record<string, number>> = Object.fromEntries(entries);
  return { ...numbers, bandwidth: numbers['bandwidth'] ?? NaN };
}

/** A built-in set, or a file. A name that is neither, and a file of something else, are one line each. */
function readParameters(name: string): ParameterSet {
  const builtIn = parameterSetNames.find((candidate) => candidate === name);
  if (builtIn !== undefined) return parameterSets[builtIn];
  if (!existsSync(name)) throw new PutmodelError(usage('wrong value of --parameters', name, 'fitted, published, or an existing file'));
  const document = readDocument(readText(name), name);
  checkDocument(document, z.looseObject({ schema: z.literal(utilizationSchemaName) }));
  return parametersOfFile(basename(name), checkDocument(document, utilizationFileSchema));
}

/** What the models say about an input, under the name of its flag. */
function underFlagNames<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof PutmodelError)) throw error;
    throw new PutmodelError(error.issues.map((issue) => (issue.path === undefined ? issue : { ...issue, path: flagOf(issue.path) })));
  }
}

function flagOf(input: string): string {
  return Object.values(numberFlags).find((entry) => entry.input === input)?.flag ?? input;
}

/** Flags that the model does not look at. */
function ignoredFlags(flags: PredictFlags): readonly string[] {
  const isV5 = flags.model === 'v5' || flags.model === 'v5-independent';
  const isV41 = flags.model === 'v4.1';
  const selects = flags.contextUtilization === true && !isV5;
  const detects = flags.phase === undefined;
  const used: Readonly<Record<string, boolean>> = {
    '--parameters': !isV5,
    '--accuracy': !isV5,
    '--detector': detects,
    '--runtime-minutes': detects || isV41,
    '--variant': isV41,
    '--cv': (detects && flags.detector === 'majority-vote') || selects || isV5 || isV41,
    '--wa': selects || isV5 || isV41,
    '--ra': isV5 || isV41,
    '--db-size-gb': isV41,
    '--level-depth': selects,
    '--degradation-rate': flags.model === 'v5' || (isV41 && flags.variant === 'enhancement'),
    '--measurement-method': !isV5,
    '--context-utilization': !isV5,
  };
  return Object.keys(used).filter((flag) => used[flag] === false);
}

function camelCase(flag: string): string {
  return flag.slice(2).replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
