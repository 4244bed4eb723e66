/**
 * What the specification prints, as data: its one experiment (120 minutes of fillrandom with 1040-byte records), and every figure that it
 * claims. Claims are never results: reproduce.ts puts each beside what the printed formulas give on the printed data.
 *
 * Source: put-rate-models.md. Its "MB/s" are MiB/s (decision 8).
 */
import { byPhase, type ByPhase } from './phase.js';
import type { Dataset } from './samples.js';

/** The experiment by phase. */
export interface PublishedPhase {
  /** The point that the document derives its factors from. */
  readonly headline: { readonly bandwidthMibPerSec: number; readonly qpsOpsPerSec: number };
  readonly bandwidthSamplesMibPerSec: readonly number[];
  readonly qpsSamplesOpsPerSec: readonly number[];
  /** Coefficient of variation of the put rate. */
  readonly variationFraction: number;
  readonly writeAmplification: number;
  readonly readAmplification: number;
  /** D_physical as the V5 family would be given it: none while the drive is fresh. */
  readonly degradationFraction: number;
}

/** "Experimental Data Collection" and "Phase-Specific Mathematical Models". */
export const publishedExperiment: ByPhase<PublishedPhase> = {
  initial: {
    headline: { bandwidthMibPerSec: 4116.6, qpsOpsPerSec: 138_769 },
    bandwidthSamplesMibPerSec: [4116.6, 4098.2, 4124.8, 4105.3, 4119.7],
    qpsSamplesOpsPerSec: [138_769, 142_341, 135_672, 139_854, 137_123],
    variationFraction: 0.538,
    writeAmplification: 1.2,
    readAmplification: 0.1,
    degradationFraction: 0,
  },
  middle: {
    headline: { bandwidthMibPerSec: 1074.8, qpsOpsPerSec: 114_472 },
    bandwidthSamplesMibPerSec: [1074.8, 1076.2, 1073.4, 1075.6, 1074.1],
    qpsSamplesOpsPerSec: [114_472, 115_234, 113_891, 114_678, 114_156],
    variationFraction: 0.284,
    writeAmplification: 2.5,
    readAmplification: 0.8,
    degradationFraction: 0.739,
  },
  final: {
    headline: { bandwidthMibPerSec: 852.5, qpsOpsPerSec: 109_678 },
    bandwidthSamplesMibPerSec: [852.5, 853.1, 851.9, 852.7, 852.3],
    qpsSamplesOpsPerSec: [109_678, 109_823, 109_534, 109_712, 109_645],
    variationFraction: 0.041,
    writeAmplification: 3.5,
    readAmplification: 0.8,
    degradationFraction: 0.739,
  },
};

/** The five samples a phase, as a calibration takes them. */
export const publishedSamples: Dataset = {
  name: 'published samples',
  samples: byPhase((phase) => {
    const { bandwidthSamplesMibPerSec, qpsSamplesOpsPerSec } = publishedExperiment[phase];
    return bandwidthSamplesMibPerSec.map((bandwidthMibPerSec, index) => ({
      bandwidthMibPerSec,
      actualOpsPerSec: qpsSamplesOpsPerSec[index] ?? NaN,
    }));
  }),
};

/** The headline points, one sample a phase. */
export const publishedHeadlines: Dataset = {
  name: 'published headline points',
  samples: byPhase((phase) => {
    const { bandwidthMibPerSec, qpsOpsPerSec } = publishedExperiment[phase].headline;
    return [{ bandwidthMibPerSec, actualOpsPerSec: qpsOpsPerSec }];
  }),
};

/** `phase_utilization` as printed; it does not follow from the printed formula and data (decision 1). */
export const publishedUtilization: ByPhase<number> = { initial: 0.019, middle: 0.047, final: 0.046 };

/** `phase_accuracy` of the V4 class, percent; a claim (decision 2). */
export const publishedV4AccuracyPercent: ByPhase<number> = { initial: 56.8, middle: 96.9, final: 86.6 };

/** `calibration_accuracy` of the V4.1 class, percent; a claim (decision 2). */
export const publishedV41AccuracyPercent: ByPhase<number> = { initial: 68.5, middle: 96.9, final: 70.5 };

/** Accuracy over all phases as printed, percent; how it was averaged is not said. */
export const publishedOverallAccuracyPercent = { v4: 81.4, v41: 78.6, v5Original: 60.8, v5Independence: 38.0 } as const;

/** Parameters of each model by the document's count ("Information Efficiency", "V5 Original Complexity"). */
export const publishedParameterCount = { v4: 1, v5Original: 5, v5Independence: 4 } as const;

/** Other printed figures. */
export const publishedClaims = {
  theoreticalMaxOpsPerSec: { initial: 4_157_599, middle: 1_085_276, final: 860_518 },
  v4PredictionOpsPerSec: { initial: 78_994, middle: 51_008, final: 39_584 },
  /** "Mathematics" of each phase; the code multiplies to other values (decision 19). */
  v41TemporalFactor: { initial: 0.85, middle: 1.1, final: 1.0 },
  physicalDegradationFraction: 0.739,
  softwareAvailabilityFraction: 0.794,
  dualStructureBandwidthMibPerSec: 852.5,
  physicalBits: 1.94,
  softwareBits: 0.33,
  totalBits: 2.27,
  /** Of the coefficient of variation; the document says "about" and gives no derivation. */
  variationBits: 0.5,
  v5TotalBits: 2.77,
  v4BitsPerParameter: 2.27,
  v5BitsPerParameter: 0.69,
  bitsRatio: 3.3,
  v4AccuracyPerParameterPercent: 81.4,
  v5OriginalAccuracyPerParameterPercent: 12.2,
  v5AccuracyPerParameterPercent: 9.5,
  accuracyRatio: 8.6,
  v41InitialAdvantagePoints: 11.7,
  v4FinalAdvantagePoints: 16.1,
  v4OverallAdvantagePoints: 2.8,
  /** The three constraint predictions of the final phase, and what is printed as their weighted average. */
  collapse: { deviceOpsPerSec: 15_000, amplificationOpsPerSec: 85_000, volatilityOpsPerSec: 120_000, averageOpsPerSec: 11_078 },
  collapseErrorPercent: 90,
} as const;
