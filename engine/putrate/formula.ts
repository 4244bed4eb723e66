/**
 * The core equation of the V4 family: what a write bandwidth comes to in records, and how a prediction is scored. One definition each, so
 * that prediction, calibration and validation mean the same by them.
 */
import { MIB } from '../kernel/units.js';

/** Bytes of one record in the specification's experiment: 16 B key and 1024 B value. */
export const defaultRecordSizeBytes = 1040;

/**
 * Puts a second if each cost its own bytes and nothing else: bandwidth x 1024^2 / record size. The published "MB/s" is MiB/s.
 * Source: put-rate-models.md, "Core Equation".
 */
export function theoreticalMaxOpsPerSec(bandwidthMibPerSec: number, recordSizeBytes = defaultRecordSizeBytes): number {
  return (bandwidthMibPerSec * MIB) / recordSizeBytes;
}

/**
 * (1 - |predicted - actual| / actual) x 100. 100 is exact; below 0 once the error exceeds the actual value; `actual` is above 0.
 * Source: put-rate-models.md, "Validation and Refinement".
 */
export function accuracyPercent(predictedOpsPerSec: number, actualOpsPerSec: number): number {
  return (1 - Math.abs(predictedOpsPerSec - actualOpsPerSec) / actualOpsPerSec) * 100;
}
