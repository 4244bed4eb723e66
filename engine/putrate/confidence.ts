/** How far to trust a prediction, in the document's four words: from the phase's accuracy, the bandwidth, and the size of V4.1's adjustment. */

/** From little trust to much. */
export const confidenceLevels = ['low', 'medium', 'high', 'very_high'] as const;

export type Confidence = (typeof confidenceLevels)[number];

/** `bandwidth_thresholds`, MiB/s; the class reads a third one, 1000, and does the same on both sides of it. */
const bandwidthThresholdsMibPerSec = { low: 100, medium: 500 } as const;

/**
 * `_assess_prediction_confidence`: the accuracy's word, lowered for little bandwidth. The document's flow chart says min() of the two; the
 * class has this ladder and wins (decision 18). An unknown accuracy counts as low.
 */
export function assessConfidence(bandwidthMibPerSec: number, phaseAccuracyPercent: number | null): Confidence {
  const base = confidenceOfAccuracy(phaseAccuracyPercent ?? 0);
  if (bandwidthMibPerSec < bandwidthThresholdsMibPerSec.low) return 'low';
  if (bandwidthMibPerSec >= bandwidthThresholdsMibPerSec.medium) return base;
  return base === 'high' || base === 'very_high' ? 'medium' : 'low';
}

function confidenceOfAccuracy(percent: number): Confidence {
  if (percent > 90) return 'very_high';
  if (percent > 80) return 'high';
  return percent > 60 ? 'medium' : 'low';
}

/** `_assess_temporal_confidence`: one step up above 90 % accuracy, down below 60 %, down for an adjustment of more than 0.15. An unknown accuracy is low here, too. */
export function assessTemporalConfidence(base: Confidence, adjustmentFactor: number, phaseAccuracyPercent: number | null): Confidence {
  if (phaseAccuracyPercent === null) return 'low';
  let level = confidenceLevels.indexOf(base);
  if (phaseAccuracyPercent > 90) level = Math.min(level + 1, confidenceLevels.length - 1);
  else if (phaseAccuracyPercent < 60) level = Math.max(level - 1, 0);
  // 0.85 - 1 is a little more than 0.15 away in doubles, here as in the document's Python: the initial phase steps down.
  if (Math.abs(adjustmentFactor - 1) > 0.15) level = Math.max(level - 1, 0);
  return confidenceLevels[level] ?? 'low';
}
