/**
 * Every figure that the specification claims, beside what its own formulas give on its own data (decision 2). A claim is never quoted as a
 * result: this table is where the two stand side by side.
 */
import { mean } from 'd3-array';
import { decomposeBandwidth, performanceAt, publishedDrive, type PerformancePoint } from './dual-structure.js';
import { accuracyPercent, theoreticalMaxOpsPerSec } from './formula.js';
import { efficiencyPerParameter, informationContent } from './information.js';
import { calibrateUtilization } from './calibrate.js';
import { kFold, predictorOf, type FactorModel } from './cross-validate.js';
import { parameterSets, type ParameterSetName } from './parameters.js';
import { byPhase, phases, type ByPhase, type Phase } from './phase.js';
import {
  publishedClaims,
  publishedExperiment,
  publishedHeadlines,
  publishedOverallAccuracyPercent,
  publishedParameterCount,
  publishedSamples,
  publishedUtilization,
  publishedV41AccuracyPercent,
  publishedV4AccuracyPercent,
} from './published.js';
import { temporalFactor } from './temporal.js';
import { predictV5, type V5Model } from './v5.js';

/** One figure, claimed and reproduced, in the same unit. */
export interface ClaimComparison {
  readonly figure: string;
  readonly unit: string;
  readonly claimed: number;
  /** null where the formulas give nothing to compare. */
  readonly reproduced: number | null;
  /** How it was reproduced, where the figure's name does not say it. */
  readonly note: string | null;
}

/** The document results/reference/putrate.json. */
export interface PutRateReference {
  readonly schema: 'putmodel/putrate-reference/1';
  readonly source: string;
  readonly comparisons: readonly ClaimComparison[];
  /** What the built-in factors reach, percent, by model and phase, as predictions state it. */
  readonly accuracyPercent: Readonly<Record<ParameterSetName, Readonly<Record<string, unknown>>>>;
  /** What the V5 family reaches on the published points, percent; the document claims nothing by phase. */
  readonly v5AccuracyPercent: Readonly<Record<V5Model, ByPhase<number>>>;
  /** k-fold over the published samples, which `fitted` is made from; nothing is claimed of it. */
  readonly fittedKFold: ReturnType<typeof kFold>;
  /** D(t), A(t) and P(t) of the published drive with the fitted factors, every five minutes of its two hours. */
  readonly dualStructure: readonly PerformancePoint[];
}

/** Everything that can be said about the specification's own figures. */
export function putRateReference(): PutRateReference {
  const { fitted, published } = parameterSets;
  return {
    schema: 'putmodel/putrate-reference/1',
    source: 'put-rate-models.md: claimed is what it prints, reproduced what its formulas give on its data',
    comparisons: claimComparisons(),
    accuracyPercent: {
      fitted: { ...fitted.accuracyPercent, basis: fitted.accuracyBasis },
      published: { ...published.accuracyPercent, basis: published.accuracyBasis },
    },
    v5AccuracyPercent: {
      v5: byPhase((phase) => v5Accuracy('v5', phase)),
      'v5-independent': byPhase((phase) => v5Accuracy('v5-independent', phase)),
    },
    fittedKFold: kFold([publishedSamples]),
    dualStructure: Array.from({ length: 25 }, (_, index) => performanceAt(index * 5, fitted.utilization)),
  };
}

/** Accuracies over all phases are the mean of the three: how the document averaged is not said, and no averaging gives its 81.4 %. */
const overallNote = 'mean of the three phases';

/** The whole table, in the document's order: factors, accuracies, maxima, dual structure, information. */
export function claimComparisons(): readonly ClaimComparison[] {
  return [
    ...utilizationRows(),
    ...accuracyRows('V4', 'v4', publishedV4AccuracyPercent, publishedOverallAccuracyPercent.v4),
    ...accuracyRows('V4.1', 'v4.1-class', publishedV41AccuracyPercent, publishedOverallAccuracyPercent.v41),
    ...advantageRows(),
    ...v5Rows(),
    ...conversionRows(),
    ...dualStructureRows(),
    ...informationRows(),
  ];
}

function row(figure: string, unit: string, claimed: number, reproduced: number | null, note: string | null = null): ClaimComparison {
  return { figure, unit, claimed, reproduced, note };
}

function utilizationRows(): ClaimComparison[] {
  const headline = calibrateUtilization([publishedHeadlines]).utilization;
  const means = calibrateUtilization([publishedSamples]).utilization;
  return [
    ...phases.map((phase) =>
      row(`utilization factor, ${phase}`, 'fraction', publishedUtilization[phase], headline[phase] ?? NaN, 'headline point'),
    ),
    ...phases.map((phase) =>
      row(
        `utilization factor, ${phase}`,
        'fraction',
        publishedUtilization[phase],
        means[phase] ?? NaN,
        'means of the five samples: fitted',
      ),
    ),
  ];
}

/** Accuracy of the published factors on the published points. */
function reproducedAccuracy(model: FactorModel, phase: Phase): number {
  const { bandwidthMibPerSec, qpsOpsPerSec } = publishedExperiment[phase].headline;
  const predicted = predictorOf(model, publishedUtilization)(bandwidthMibPerSec, phase) ?? NaN;
  return accuracyPercent(predicted, qpsOpsPerSec);
}

function overallOf(accuracyOf: (phase: Phase) => number): number {
  return mean(phases, accuracyOf) ?? NaN;
}

function accuracyRows(name: string, model: FactorModel, claimed: ByPhase<number>, claimedOverall: number): ClaimComparison[] {
  return [
    ...phases.map((phase) =>
      row(`${name} accuracy, ${phase}`, 'percent', claimed[phase], reproducedAccuracy(model, phase), 'published factors'),
    ),
    row(
      `${name} accuracy, overall`,
      'percent',
      claimedOverall,
      overallOf((phase) => reproducedAccuracy(model, phase)),
      overallNote,
    ),
  ];
}

function advantageRows(): ClaimComparison[] {
  const lead = (phase: Phase): number => reproducedAccuracy('v4.1-class', phase) - reproducedAccuracy('v4', phase);
  return [
    row('V4.1 ahead of V4, initial', 'percentage points', publishedClaims.v41InitialAdvantagePoints, lead('initial')),
    row('V4 ahead of V4.1, final', 'percentage points', publishedClaims.v4FinalAdvantagePoints, -lead('final')),
    row('V4 ahead of V4.1, overall', 'percentage points', publishedClaims.v4OverallAdvantagePoints, -overallOf(lead), overallNote),
  ];
}

function v5Accuracy(model: V5Model, phase: Phase): number {
  return predictV5(model, publishedExperiment[phase].headline.bandwidthMibPerSec, { phase }).packaged.expected_accuracy;
}

function v5Overall(model: V5Model): number {
  return overallOf((phase) => v5Accuracy(model, phase));
}

function v5Rows(): ClaimComparison[] {
  const { deviceOpsPerSec, amplificationOpsPerSec, volatilityOpsPerSec, averageOpsPerSec } = publishedClaims.collapse;
  const average = mean([deviceOpsPerSec, amplificationOpsPerSec, volatilityOpsPerSec]) ?? NaN;
  const actual = publishedExperiment.final.headline.qpsOpsPerSec;
  const formulaNote = `${overallNote}; formulas of decision 6, which has no utilisation factor`;
  return [
    row('V5 original accuracy, overall', 'percent', publishedOverallAccuracyPercent.v5Original, v5Overall('v5'), formulaNote),
    row(
      'V5 independence-optimised accuracy, overall',
      'percent',
      publishedOverallAccuracyPercent.v5Independence,
      v5Overall('v5-independent'),
      formulaNote,
    ),
    row('V5 original, final phase, weighted average', 'ops/s', averageOpsPerSec, average, 'equal weights; no weights reach below 15,000'),
    row(
      'V5 original, final phase, under-prediction',
      'percent',
      publishedClaims.collapseErrorPercent,
      (1 - average / actual) * 100,
      'of the printed constraint predictions, equal weights',
    ),
  ];
}

function conversionRows(): ClaimComparison[] {
  return phases.flatMap((phase) => {
    const maximum = theoreticalMaxOpsPerSec(publishedExperiment[phase].headline.bandwidthMibPerSec);
    const predicted = maximum * publishedUtilization[phase];
    return [
      row(`theoretical maximum, ${phase}`, 'ops/s', publishedClaims.theoreticalMaxOpsPerSec[phase], maximum),
      row(`V4 prediction, ${phase}`, 'ops/s', publishedClaims.v4PredictionOpsPerSec[phase], predicted, 'published factors'),
      row(`V4.1 temporal factor, ${phase}`, 'factor', publishedClaims.v41TemporalFactor[phase], temporalFactor('class', phase), 'the code'),
    ];
  });
}

function dualStructureRows(): ClaimComparison[] {
  const { physicalDegradationFraction, softwareAvailabilityFraction, dualStructureBandwidthMibPerSec } = publishedClaims;
  const { D_physical, A_software } = decomposeBandwidth(publishedDrive.availableMibPerSec);
  const rounded = publishedDrive.initialMibPerSec * (1 - physicalDegradationFraction) * softwareAvailabilityFraction;
  return [
    row('D_physical', 'fraction', physicalDegradationFraction, D_physical),
    row('A_software', 'fraction', softwareAvailabilityFraction, A_software),
    row('dual-structure bandwidth', 'MiB/s', dualStructureBandwidthMibPerSec, rounded, 'from the rounded 0.739 and 0.794'),
  ];
}

function informationRows(): ClaimComparison[] {
  const { physicalBits, softwareBits, totalBits } = informationContent();
  const claims = publishedClaims;
  const v5TotalBits = totalBits + claims.variationBits;
  const count = publishedParameterCount;
  const v4Bits = efficiencyPerParameter(totalBits, count.v4);
  const v5Bits = efficiencyPerParameter(v5TotalBits, count.v5Independence);
  const v4Accuracy = efficiencyPerParameter(
    overallOf((phase) => reproducedAccuracy('v4', phase)),
    count.v4,
  );
  const v5Original = efficiencyPerParameter(v5Overall('v5'), count.v5Original);
  const v5Independence = efficiencyPerParameter(v5Overall('v5-independent'), count.v5Independence);
  const given = "with the document's 0.5 bits for the variation";
  return [
    row('physical information', 'bits', claims.physicalBits, physicalBits),
    row('software information', 'bits', claims.softwareBits, softwareBits),
    row('V4 information', 'bits', claims.totalBits, totalBits),
    row('V5 information', 'bits', claims.v5TotalBits, v5TotalBits, given),
    row('V4 information for each parameter', 'bits', claims.v4BitsPerParameter, v4Bits),
    row('V5 information for each parameter', 'bits', claims.v5BitsPerParameter, v5Bits, given),
    row('V4 over V5 information for each parameter', 'ratio', claims.bitsRatio, v4Bits / v5Bits, given),
    row('V4 accuracy for each parameter', 'percent', claims.v4AccuracyPerParameterPercent, v4Accuracy, 'published factors'),
    row('V5 original accuracy for each parameter', 'percent', claims.v5OriginalAccuracyPerParameterPercent, v5Original),
    row('V5 independence-optimised accuracy for each parameter', 'percent', claims.v5AccuracyPerParameterPercent, v5Independence),
    row('V4 over V5 accuracy for each parameter', 'ratio', claims.accuracyRatio, null, "V5's accuracy is below 0: there is no ratio"),
  ];
}
