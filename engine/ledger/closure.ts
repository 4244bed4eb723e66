/**
 * Does the ledger close? Each check sets a figure of the ledger against one that was counted elsewhere: by the device, or by another part
 * of the same log. A known part of the difference is said apart; what is left must lie within the tolerance.
 */
import { amplificationOf, expectedDeviceBytes, type Amplification, type DeviceFigures, type Ledger } from './ledger.js';

/** Criterion A1: the guide's `verify_closure(tolerance=0.1)`. */
export const deviceToleranceFraction = 0.1;
/** Of the internal checks; the printing's rounding counts where it is larger. */
export const internalToleranceFraction = 0.01;

/** One comparison. */
export interface ClosureCheck {
  readonly kind: 'internal' | 'device';
  /** What is compared with what. */
  readonly name: string;
  readonly ledgerBytes: number;
  readonly otherBytes: number;
  /** Part of other - ledger whose cause is known; `explanation` says it. */
  readonly explainedBytes: number;
  /** other - ledger - explained. */
  readonly differenceBytes: number;
  readonly toleranceBytes: number;
  readonly closed: boolean;
  /** False for what is told and does not decide: reads, which page cache, table opens and verification change. */
  readonly decides: boolean;
  readonly explanation: string;
}

/** What a check is made of. */
export interface ClosureParts {
  readonly kind: ClosureCheck['kind'];
  readonly name: string;
  readonly ledgerBytes: number;
  readonly otherBytes: number;
  /** 0 when left out. */
  readonly explainedBytes?: number;
  readonly toleranceFraction: number;
  /** Rounding of what was printed; 0 when left out. */
  readonly roundingBytes?: number;
  readonly decides: boolean;
  readonly explanation?: string;
}

/** The check with its verdict. The fraction is of the larger of both figures for internal checks, of the ledger's for device checks. */
export function closureCheck(parts: ClosureParts): ClosureCheck {
  const { kind, name, ledgerBytes, otherBytes, explainedBytes = 0, decides, explanation = '' } = parts;
  const differenceBytes = otherBytes - ledgerBytes - explainedBytes;
  const base = kind === 'device' ? ledgerBytes : Math.max(ledgerBytes, otherBytes);
  const toleranceBytes = Math.max(parts.toleranceFraction * base, parts.roundingBytes ?? 0);
  const closed = Math.abs(differenceBytes) <= toleranceBytes;
  return { kind, name, ledgerBytes, otherBytes, explainedBytes, differenceBytes, toleranceBytes, closed, decides, explanation };
}

/** The ledger against one set of device figures; null when they tell no writes. */
export function deviceCheck(ledger: Ledger, device: DeviceFigures): ClosureCheck | null {
  if (device.writtenBytes === null) return null;
  return closureCheck({
    kind: 'device',
    name: `device writes (${device.source}) against ${device.counts === 'device' ? 'WAL written back' : 'WAL'} + flush + compaction`,
    ledgerBytes: expectedDeviceBytes(ledger, device.counts),
    otherBytes: device.writtenBytes,
    toleranceFraction: deviceToleranceFraction,
    // Tickers are RocksDB's own count, not the device's.
    decides: device.source !== 'tickers',
    explanation: device.counts === 'device' ? ledger.walSource : 'counts what was handed to the file system, all of the WAL included',
  });
}

/** A ledger with everything that was checked. */
export interface ClosedLedger {
  readonly ledger: Ledger;
  /** First the one that `amplification` is taken with. */
  readonly devices: readonly DeviceFigures[];
  readonly amplification: Amplification;
  readonly checks: readonly ClosureCheck[];
  /** Whether every check that decides closes; null when there was nothing to check against. */
  readonly closed: boolean | null;
  readonly notes: readonly string[];
}

/** Puts ledger, device figures and internal checks together. */
export function closeLedger(
  ledger: Ledger,
  devices: readonly DeviceFigures[],
  internal: readonly ClosureCheck[],
  notes: readonly string[],
): ClosedLedger {
  const checks = [...devices.map((device) => deviceCheck(ledger, device)).filter((check) => check !== null), ...internal];
  const deciding = checks.filter((check) => check.decides);
  return {
    ledger,
    devices,
    amplification: amplificationOf(ledger, devices[0] ?? null),
    checks,
    closed: deciding.length === 0 ? null : deciding.every((check) => check.closed),
    notes,
  };
}
