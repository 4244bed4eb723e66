/**
 * The document's information figures: how many bits a model's parameters carry about the drive, and accuracy or bits for each parameter. A bit here
 * is one halving of bandwidth.
 *
 * Source: put-rate-models.md, "Information Theory Analysis" and "Information Efficiency".
 */
import { log2 } from '../kernel/math.js';
import { publishedDrive, type DriveHistory } from './dual-structure.js';

/** Bits in a measured bandwidth. */
export interface InformationContent {
  /** log2(fresh / worn in). */
  readonly physicalBits: number;
  /** log2(worn in / left to the store). */
  readonly softwareBits: number;
  readonly totalBits: number;
}

/** The published drive has 1.937 + 0.334 = 2.272 bits. Bandwidths above 0. */
export function informationContent(drive: DriveHistory = publishedDrive): InformationContent {
  const physicalBits = log2(drive.initialMibPerSec / drive.degradedMibPerSec);
  const softwareBits = log2(drive.degradedMibPerSec / drive.availableMibPerSec);
  return { physicalBits, softwareBits, totalBits: physicalBits + softwareBits };
}

/** Anything (bits, percent of accuracy) shared out over a model's parameters; `parameterCount` from 1. */
export function efficiencyPerParameter(amount: number, parameterCount: number): number {
  return amount / parameterCount;
}
