/**
 * How well factors do on samples that they were not made from: k-fold over the samples, and leaving out one dataset after the other. Scores are
 * the document's: accuracy of each sample, its mean, standard deviation, least, largest and count.
 *
 * Source: put-rate-models.md, "Cross-Validation". How samples are dealt into folds is our choice (below).
 */
import { mean } from 'd3-array';
import { calibrateUtilization, type Utilization } from './calibrate.js';
import { accuracyPercent, defaultRecordSizeBytes, theoreticalMaxOpsPerSec } from './formula.js';
import { phases, type Phase } from './phase.js';
import { observedPhases, type Dataset, type Sample } from './samples.js';
import { temporalFactor, temporalVariants, type TemporalVariant } from './temporal.js';

/** Accuracies in percent; the keys are the document's. */
export interface AccuracySummary {
  readonly mean_accuracy: number;
  /** Of the population (divided by the count), as `np.std`. */
  readonly std_accuracy: number;
  readonly min_accuracy: number;
  readonly max_accuracy: number;
  readonly sample_count: number;
}

/** Scores of the phases that have any. */
export type PhaseAccuracies = Partial<Readonly<Record<Phase, AccuracySummary>>>;

/** Puts a second for a bandwidth in a phase; null where the model has no factor for the phase. */
export type Predictor = (bandwidthMibPerSec: number, phase: Phase) => number | null;

/** What can be cross-validated: a model that factors alone determine. */
export type FactorModel = 'v4' | `v4.1-${TemporalVariant}`;

/** Every such model; V4.1 without context or time. */
export const factorModels: readonly FactorModel[] = ['v4', ...temporalVariants.map((variant) => `v4.1-${variant}` as const)];

/** A model with these factors, as a plain function. */
export function predictorOf(model: FactorModel, utilization: Utilization, recordSizeBytes = defaultRecordSizeBytes): Predictor {
  const variant = temporalVariants.find((name) => model === `v4.1-${name}`);
  return (bandwidthMibPerSec, phase) => {
    const factor = utilization[phase];
    if (factor === undefined) return null;
    const v4OpsPerSec = theoreticalMaxOpsPerSec(bandwidthMibPerSec, recordSizeBytes) * factor;
    return variant === undefined ? v4OpsPerSec : v4OpsPerSec * temporalFactor(variant, phase);
  };
}

/** `cross_validate_model`: how a model does on each dataset, by phase. Phases without samples or without a prediction are left out. */
export function crossValidateModel(predictor: Predictor, datasets: readonly Dataset[]): Readonly<Record<string, PhaseAccuracies>> {
  return Object.fromEntries(datasets.map((dataset) => [dataset.name, accuraciesOn(predictor, dataset)]));
}

/** Scores of one k-fold: by phase, and over all samples together. */
export interface KFoldAccuracy {
  readonly folds: number;
  readonly phases: PhaseAccuracies;
  readonly overall: AccuracySummary;
}

/** How to cross-validate. */
export interface KFoldOptions {
  readonly model?: FactorModel;
  /** From 2; a phase with fewer samples has as many folds as samples (default 5). */
  readonly folds?: number;
  readonly recordSizeBytes?: number;
}

/**
 * k-fold: each sample is predicted with factors from the other folds. Samples are dealt to folds in turn, phase by phase in the order they
 * come, without chance. A phase with one sample has nothing to learn from and is left out; null when that leaves nothing.
 */
export function kFold(datasets: readonly Dataset[], options: KFoldOptions = {}): KFoldAccuracy | null {
  const { model = 'v4', folds = 5, recordSizeBytes = defaultRecordSizeBytes } = options;
  const scored = observedPhases(datasets).flatMap((phase) => {
    const samples = datasets.flatMap((dataset) => dataset.samples[phase] ?? []);
    const count = Math.min(folds, samples.length);
    if (count < 2) return [];
    const accuracies = samples.flatMap((sample, index) => {
      const others = samples.filter((_, other) => other % count !== index % count);
      const { utilization } = calibrateUtilization([{ name: 'others', samples: { [phase]: others } }], recordSizeBytes);
      return scoresOf(predictorOf(model, utilization, recordSizeBytes), [sample], phase);
    });
    return [{ phase, accuracies }];
  });
  if (scored.length === 0) return null;
  return {
    folds,
    phases: Object.fromEntries(scored.map(({ phase, accuracies }) => [phase, summarizeAccuracies(accuracies)])),
    overall: summarizeAccuracies(scored.flatMap(({ accuracies }) => accuracies)),
  };
}

/**
 * Each dataset predicted with factors from all the others; a phase that no other dataset has is left out. null for fewer than two datasets,
 * whose names must differ.
 */
export function leaveOneDatasetOut(
  datasets: readonly Dataset[],
  options: Omit<KFoldOptions, 'folds'> = {},
): Readonly<Record<string, PhaseAccuracies>> | null {
  const { model = 'v4', recordSizeBytes = defaultRecordSizeBytes } = options;
  if (datasets.length < 2) return null;
  const entries = datasets.map((left) => {
    const others = datasets.filter((dataset) => dataset !== left);
    const { utilization } = calibrateUtilization(others, recordSizeBytes);
    return [left.name, accuraciesOn(predictorOf(model, utilization, recordSizeBytes), left)] as const;
  });
  return Object.fromEntries(entries);
}

/** Mean, population standard deviation, least, largest, count; of at least one accuracy. */
export function summarizeAccuracies(accuraciesPercent: readonly number[]): AccuracySummary {
  const center = mean(accuraciesPercent) ?? NaN;
  const variance = mean(accuraciesPercent, (value) => (value - center) * (value - center)) ?? NaN;
  return {
    mean_accuracy: center,
    std_accuracy: Math.sqrt(variance),
    min_accuracy: Math.min(...accuraciesPercent),
    max_accuracy: Math.max(...accuraciesPercent),
    sample_count: accuraciesPercent.length,
  };
}

function accuraciesOn(predictor: Predictor, dataset: Dataset): PhaseAccuracies {
  const entries = phases.flatMap((phase) => {
    const accuracies = scoresOf(predictor, dataset.samples[phase] ?? [], phase);
    return accuracies.length === 0 ? [] : [[phase, summarizeAccuracies(accuracies)] as const];
  });
  return Object.fromEntries(entries);
}

function scoresOf(predictor: Predictor, samples: readonly Sample[], phase: Phase): number[] {
  return samples.flatMap(({ bandwidthMibPerSec, actualOpsPerSec }) => {
    const predicted = predictor(bandwidthMibPerSec, phase);
    return predicted === null ? [] : [accuracyPercent(predicted, actualOpsPerSec)];
  });
}
