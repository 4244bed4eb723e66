/**
 * Named sets of utilisation factors, each with the accuracy that was reproduced for it. `fitted` is what a calibration finds from the published
 * samples and is the default; `published` is what the document prints, for reproducing it (decision 1).
 */
import { calibrateUtilization, type Utilization } from './calibrate.js';
import { crossValidateModel, kFold, predictorOf, type FactorModel, type KFoldAccuracy, type PhaseAccuracies } from './cross-validate.js';
import { defaultRecordSizeBytes } from './formula.js';
import { phases, type ByPhase, type Phase } from './phase.js';
import {
  publishedHeadlines,
  publishedSamples,
  publishedUtilization,
  publishedV41AccuracyPercent,
  publishedV4AccuracyPercent,
} from './published.js';
import { sampledRanges, type SampledRanges } from './samples.js';

/** Factors, what they come from, and how well they did on samples that they were not made from. */
export interface ParameterSet {
  readonly name: string;
  /** Share of the theoretical maximum, 0 to 1; a phase that was not calibrated is absent. */
  readonly utilization: Utilization;
  /** Of the records they were calibrated with. */
  readonly recordSizeBytes: number;
  /** Least and largest bandwidth of the samples behind each factor: what lies far outside was not checked. */
  readonly sampledMibPerSec: SampledRanges;
  /** Percent, by model and phase; absent where it was not measured. */
  readonly accuracyPercent: Readonly<Record<FactorModel, Partial<Readonly<Record<Phase, number>>>>>;
  /** What the accuracies rest on, in words. */
  readonly accuracyBasis: string;
}

/** Names of the built-in sets; the first is the default. */
export const parameterSetNames = ['fitted', 'published'] as const;

export type ParameterSetName = (typeof parameterSetNames)[number];

/** Which accuracies a result states and takes its confidence from: what was reproduced (default), or the document's claims. */
export const accuracyTables = ['reproduced', 'published'] as const;

export type AccuracyTable = (typeof accuracyTables)[number];

/** The built-in sets. */
export const parameterSets: Readonly<Record<ParameterSetName, ParameterSet>> = {
  fitted: {
    name: 'fitted',
    utilization: calibrateUtilization([publishedSamples]).utilization,
    recordSizeBytes: defaultRecordSizeBytes,
    sampledMibPerSec: sampledRanges([publishedSamples]),
    accuracyPercent: accuracyOfModels((model) => kFold([publishedSamples], { model })?.phases ?? {}),
    accuracyBasis: 'each of the 15 published samples predicted from the others of its phase: one experiment on one drive',
  },
  published: {
    name: 'published',
    utilization: publishedUtilization,
    recordSizeBytes: defaultRecordSizeBytes,
    sampledMibPerSec: sampledRanges([publishedSamples]),
    accuracyPercent: accuracyOfModels((model) => {
      const predictor = predictorOf(model, publishedUtilization);
      return crossValidateModel(predictor, [publishedHeadlines])[publishedHeadlines.name] ?? {};
    }),
    accuracyBasis: 'the published factors on the three published points: one experiment on one drive',
  },
};

/** What a calibration of one's own has found. */
export interface OwnCalibration extends Pick<ParameterSet, 'name' | 'utilization' | 'recordSizeBytes' | 'sampledMibPerSec'> {
  /** k-fold scores; null where there were too few samples. */
  readonly scores: Readonly<Record<FactorModel, Pick<KFoldAccuracy, 'phases'> | null>>;
}

/** A set of one's own. */
export function parametersFrom({ scores, ...found }: OwnCalibration): ParameterSet {
  return {
    ...found,
    accuracyPercent: accuracyOfModels((model) => scores[model]?.phases ?? {}),
    accuracyBasis: `k-fold over the samples that ${found.name} was calibrated on`,
  };
}

/** An accuracy and where it is from; null where there is none. */
export interface ExpectedAccuracy {
  readonly percent: number | null;
  readonly basis: string;
}

const claims: Readonly<Record<FactorModel, ByPhase<number>>> = {
  v4: publishedV4AccuracyPercent,
  'v4.1-class': publishedV41AccuracyPercent,
  'v4.1-complete': publishedV41AccuracyPercent,
  'v4.1-enhancement': publishedV41AccuracyPercent,
};

/** Which accuracy is asked for. */
export interface AccuracyQuestion {
  readonly model: FactorModel;
  readonly phase: Phase;
  readonly table: AccuracyTable;
  /** Whether a context changed what the model multiplies by: scores are without one. */
  readonly adjusted: boolean;
}

/** What a model with these factors is expected to reach in a phase, percent. */
export function expectedAccuracy(parameters: ParameterSet, { model, phase, table, adjusted }: AccuracyQuestion): ExpectedAccuracy {
  if (table === 'published') return { percent: claims[model][phase], basis: "the document's claim, not reproduced" };
  if (adjusted) return { percent: null, basis: 'not scored: the factor is adjusted to the context' };
  return { percent: parameters.accuracyPercent[model][phase] ?? null, basis: parameters.accuracyBasis };
}

function accuracyOfModels(scoresOf: (model: FactorModel) => PhaseAccuracies): ParameterSet['accuracyPercent'] {
  const percentOf = (model: FactorModel): ParameterSet['accuracyPercent'][FactorModel] => {
    const scores = scoresOf(model);
    return Object.fromEntries(phases.flatMap((phase) => (scores[phase] === undefined ? [] : [[phase, scores[phase].mean_accuracy]])));
  };
  return {
    v4: percentOf('v4'),
    'v4.1-class': percentOf('v4.1-class'),
    'v4.1-complete': percentOf('v4.1-complete'),
    'v4.1-enhancement': percentOf('v4.1-enhancement'),
  };
}

/** Bandwidth may leave the sampled range by a tenth before a prediction says so; our choice. */
const sampledMarginFraction = 0.1;

/** That a bandwidth lies where no sample was, as a line to print; null inside the range and where the range is not known. */
export function outsideSamples(parameters: ParameterSet, phase: Phase, bandwidthMibPerSec: number): string | null {
  const range = parameters.sampledMibPerSec[phase];
  if (range === undefined) return null;
  const inside =
    bandwidthMibPerSec >= range.min * (1 - sampledMarginFraction) && bandwidthMibPerSec <= range.max * (1 + sampledMarginFraction);
  if (inside) return null;
  return `NOT validated: ${String(bandwidthMibPerSec)} MiB/s in the ${phase} phase (${parameters.name}: samples from ${String(range.min)} to ${String(range.max)} MiB/s)`;
}
