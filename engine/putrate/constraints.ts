/** The four nested limits of the specification: what the drive allows, what is left of it, what amplification leaves, what is steady. */
import { defaultRecordSizeBytes, theoreticalMaxOpsPerSec } from './formula.js';

/** What the four limits are worked out from. */
export interface ConstraintInputs {
  /** Of the fresh drive. */
  readonly capacityMibPerSec: number;
  /** Left to the store while it runs. */
  readonly availableMibPerSec: number;
  /** Above 0 together with `readAmplification`. */
  readonly writeAmplification: number;
  readonly readAmplification: number;
  /** Coefficient of variation, 0 to 1. */
  readonly variationFraction: number;
  readonly recordSizeBytes?: number | undefined;
}

/** Puts a second, each at most the one before (for wa + ra of 1 or more and no more available than there is); keys verbatim. */
export interface ConstraintHierarchy {
  readonly S_max_physical: number;
  readonly S_max_software: number;
  readonly S_max_amplification: number;
  readonly S_max_stability: number;
}

/** Source: put-rate-models.md, "Performance Constraint Theory". */
export function constraintHierarchy(inputs: ConstraintInputs): ConstraintHierarchy {
  const { capacityMibPerSec, availableMibPerSec, writeAmplification, readAmplification, variationFraction } = inputs;
  const { recordSizeBytes = defaultRecordSizeBytes } = inputs;
  const software = theoreticalMaxOpsPerSec(availableMibPerSec, recordSizeBytes);
  const amplification = software / (writeAmplification + readAmplification);
  return {
    S_max_physical: theoreticalMaxOpsPerSec(capacityMibPerSec, recordSizeBytes),
    S_max_software: software,
    S_max_amplification: amplification,
    S_max_stability: amplification * (1 - variationFraction),
  };
}
