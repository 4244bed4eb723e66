/** Measured points that a calibration or a validation takes: what bandwidth was there, and what put rate was seen. */
import { extent, mean } from 'd3-array';
import { phases, type Phase } from './phase.js';

/** One observation. */
export interface Sample {
  /** Write bandwidth available to the store, above 0. */
  readonly bandwidthMibPerSec: number;
  /** Puts a second, above 0. */
  readonly actualOpsPerSec: number;
}

/** The observations of one experiment; a phase that was not observed is absent or empty. */
export interface Dataset {
  readonly name: string;
  readonly samples: Partial<Readonly<Record<Phase, readonly Sample[]>>>;
}

/** The means of a phase's samples, over all datasets; null where nothing was observed. */
export function meanSample(datasets: readonly Dataset[], phase: Phase): Sample | null {
  const samples = datasets.flatMap((dataset) => dataset.samples[phase] ?? []);
  const bandwidthMibPerSec = mean(samples, (sample) => sample.bandwidthMibPerSec);
  const actualOpsPerSec = mean(samples, (sample) => sample.actualOpsPerSec);
  return bandwidthMibPerSec === undefined || actualOpsPerSec === undefined ? null : { bandwidthMibPerSec, actualOpsPerSec };
}

/** Phases with at least one sample, in order of time. */
export function observedPhases(datasets: readonly Dataset[]): readonly Phase[] {
  return phases.filter((phase) => datasets.some((dataset) => (dataset.samples[phase] ?? []).length > 0));
}

/** Least and largest bandwidth of each observed phase. */
export type SampledRanges = Partial<Readonly<Record<Phase, { readonly min: number; readonly max: number }>>>;

/** The ranges over all datasets. */
export function sampledRanges(datasets: readonly Dataset[]): SampledRanges {
  const entries = observedPhases(datasets).map((phase) => {
    const [min, max] = extent(
      datasets.flatMap((dataset) => dataset.samples[phase] ?? []),
      (sample) => sample.bandwidthMibPerSec,
    );
    return [phase, { min: min ?? NaN, max: max ?? NaN }] as const;
  });
  return Object.fromEntries(entries);
}
