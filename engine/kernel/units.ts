/**
 * Units: the one place where quantities change unit, are written for people and are read as people write them. Inside the engine there are
 * bytes, whole microseconds and bytes per second; KiB, MiB, GiB and TiB are powers of 1024. Text never depends on a locale.
 *
 * "MB" is refused on input: RocksDB means 1,048,576 bytes by it, makers of drives 1,000,000.
 */
import { invariant, PutmodelError, type Issue } from './errors.js';

/** Bytes in a KiB. */
export const KIB = 1024;
/** Bytes in a MiB. */
export const MIB = 1_048_576;
/** Bytes in a GiB. */
export const GIB = 1_073_741_824;
/** Bytes in a TiB. */
export const TIB = 1_099_511_627_776;
/** Micros in a millisecond. */
export const MICROS_PER_MILLI = 1_000;
/** Micros in a second. */
export const MICROS_PER_SEC = 1_000_000;
/** Micros in a minute. */
export const MICROS_PER_MINUTE = 60_000_000;
/** Micros in an hour. */
export const MICROS_PER_HOUR = 3_600_000_000;
/** Micros in a day. */
export const MICROS_PER_DAY = 86_400_000_000;

/** 2^53 - 1: up to here every whole number is a double, so sums of bytes and of micros are exact. */
export const maxExactInteger = 9_007_199_254_740_991;

/** MiB in so many bytes. */
export const bytesToMib = (bytes: number): number => bytes / MIB;
/** Bytes in so many MiB; not rounded. */
export const mibToBytes = (mib: number): number => mib * MIB;
/** MiB/s in so many bytes/s. */
export const bytesPerSecToMibPerSec = (bytesPerSec: number): number => bytesPerSec / MIB;
/** Bytes/s in so many MiB/s; not rounded. */
export const mibPerSecToBytesPerSec = (mibPerSec: number): number => mibPerSec * MIB;
/** Seconds in so many micros. */
export const microsToSec = (micros: number): number => micros / MICROS_PER_SEC;
/** The whole micros nearest to so many seconds (halves up): the clock has no fractions. */
export const secToMicros = (sec: number): number => Math.round(sec * MICROS_PER_SEC);
/** Percent (0-100) as a fraction (0-1). */
export const percentToFraction = (percent: number): number => percent / 100;
/** Fraction (0-1) as percent (0-100). */
export const fractionToPercent = (fraction: number): number => fraction * 100;

/**
 * `bytes` back, once it is sure to be exact. `what` names it in the message ("bytes written").
 * @throws PutmodelError SIMULATION_LIMIT above 2^53 - 1; InvariantError when it is fractional, negative or NaN.
 */
export function exactBytes(bytes: number, what: string): number {
  if (!(Number.isSafeInteger(bytes) && bytes >= 0)) refuseInexact(bytes, what, 'bytes');
  return bytes;
}

/** `exactBytes` for a time or duration. */
export function exactMicros(micros: number, what: string): number {
  if (!(Number.isSafeInteger(micros) && micros >= 0)) refuseInexact(micros, what, 'microseconds');
  return micros;
}

function refuseInexact(value: number, what: string, unit: string): never {
  invariant(value > maxExactInteger, `${what} must be a whole number of ${unit} from 0, not ${String(value)}`);
  throw new PutmodelError({
    code: 'SIMULATION_LIMIT',
    message: `${what} goes beyond what can be counted exactly`,
    found: `${String(value)} ${unit}`,
    expected: `at most 2^53 - 1 = ${formatCount(maxExactInteger)}`,
  });
}

/** "15,131"; rounded to a whole number (halves away from 0). "-" for a number that is not finite. */
export function formatCount(count: number): string {
  if (!Number.isFinite(count)) return '-';
  const digits = BigInt(Math.round(Math.abs(count))).toString();
  const grouped = digits.replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
  return count < 0 && digits !== '0' ? `-${grouped}` : grouped;
}

/** "512 B", "64.0 MiB", "1.5 TiB": one digit after the point from KiB on. "-" for a number that is not finite. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return '-';
  // From 1023.95 on, one digit after the point would read 1024.0.
  const size = Math.abs(bytes);
  if (size < 1023.5) return `${bytes.toFixed(0)} B`;
  if (size < 1023.95 * KIB) return `${(bytes / KIB).toFixed(1)} KiB`;
  if (size < 1023.95 * MIB) return `${(bytes / MIB).toFixed(1)} MiB`;
  if (size < 1023.95 * GIB) return `${(bytes / GIB).toFixed(1)} GiB`;
  return `${(bytes / TIB).toFixed(1)} TiB`;
}

/** "62.5 MiB/s": `formatBytes` a second. */
export function formatBytesPerSec(bytesPerSec: number): string {
  return Number.isFinite(bytesPerSec) ? `${formatBytes(bytesPerSec)}/s` : '-';
}

/**
 * "250 us", "1.5 ms", "12.3 s", "2 min 05 s", "1 h 30 min", "2 d 03 h": what a reader can take in at a glance.
 * "-" for a number that is not finite.
 */
export function formatMicros(micros: number): string {
  if (!Number.isFinite(micros)) return '-';
  if (micros < 0) return `-${formatMicros(-micros)}`;
  if (micros < 999.5) return `${micros.toFixed(0)} us`;
  if (micros < 999_950) return `${(micros / MICROS_PER_MILLI).toFixed(1)} ms`;
  if (micros < 59_950_000) return `${(micros / MICROS_PER_SEC).toFixed(1)} s`;
  const seconds = Math.round(micros / MICROS_PER_SEC);
  if (seconds < 3600) return `${String(Math.floor(seconds / 60))} min ${twoDigits(seconds % 60)} s`;
  const minutes = Math.round(micros / MICROS_PER_MINUTE);
  if (minutes < 1440) return `${String(Math.floor(minutes / 60))} h ${twoDigits(minutes % 60)} min`;
  const hours = Math.round(micros / MICROS_PER_HOUR);
  return `${formatCount(Math.floor(hours / 24))} d ${twoDigits(hours % 24)} h`;
}

/** `formatMicros` for seconds. */
export function formatSeconds(sec: number): string {
  return formatMicros(sec * MICROS_PER_SEC);
}

/** "42.0 %" for a fraction of 0.42. "-" for a number that is not finite. */
export function formatFraction(fraction: number): string {
  return Number.isFinite(fraction) ? `${(fraction * 100).toFixed(1)} %` : '-';
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** Where a quantity was written, for the message when it is wrong. */
export type Place = Pick<Issue, 'file' | 'line' | 'column' | 'path'>;

interface Notation {
  /** What is being read, for messages. */
  readonly quantity: string;
  /** What one unit is worth in the engine's unit, by unit as written; '' is a bare number. */
  readonly units: Readonly<Record<string, number>>;
  readonly example: string;
  /** Whether the value in the engine's unit must be whole. */
  readonly whole: boolean;
}

const byteUnits = { '': 1, B: 1, KiB: KIB, MiB: MIB, GiB: GIB, TiB: TIB };
const byteNotation: Notation = { quantity: 'a size', units: byteUnits, example: '"64MiB" or 67108864 (bytes)', whole: true };
const rateNotation: Notation = {
  quantity: 'a rate',
  units: { '': 1, 'B/s': 1, 'KiB/s': KIB, 'MiB/s': MIB, 'GiB/s': GIB, 'TiB/s': TIB },
  example: '"1900MiB/s" or 16777216 (bytes/s)',
  whole: false,
};
const durationNotation: Notation = {
  quantity: 'a duration',
  units: {
    us: 1,
    ms: MICROS_PER_MILLI,
    s: MICROS_PER_SEC,
    min: MICROS_PER_MINUTE,
    h: MICROS_PER_HOUR,
    d: MICROS_PER_DAY,
  },
  example: '"250us", "10ms", "90s", "30min" or "2h"',
  whole: true,
};

/**
 * Bytes of "64MiB", "1.5 GiB", "512B" or "16777216" (bytes). Whole, from 0, exact.
 * @throws PutmodelError INPUT_INVALID: no number, a unit that is unknown or ambiguous, negative, not whole, beyond 2^53 - 1.
 */
export function parseBytes(text: string, place: Place = {}): number {
  return parseQuantity(text, byteNotation, place);
}

/** Bytes per second of "1900MiB/s", "62.5 MiB/s" or "16777216" (bytes/s), from 0; errors as `parseBytes`, but it need not be whole. */
export function parseBytesPerSec(text: string, place: Place = {}): number {
  return parseQuantity(text, rateNotation, place);
}

/** Whole micros of "250us", "1.5ms", "90s", "30min", "2h", "1d"; a bare number is an error that asks for its unit, except 0. */
export function parseMicros(text: string, place: Place = {}): number {
  return parseQuantity(text, durationNotation, place);
}

const quantityPattern = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]\+?(\d{1,2}))?\s*([^\d\s.][^\s]*)?$/;

function parseQuantity(text: string, notation: Notation, place: Place): number {
  const refuse = (message: string): never => {
    throw new PutmodelError({ code: 'INPUT_INVALID', message, found: `"${text}"`, expected: notation.example, ...place });
  };
  const match = quantityPattern.exec(text.trim());
  if (match === null) return refuse(`${notation.quantity} is a number and a unit`);
  const [, sign, integerDigits = '', fractionDigits = '', exponentDigits = '0', unit = ''] = match;
  const digits = integerDigits + fractionDigits;
  if (sign === '-' && Number(digits) !== 0) return refuse(`${notation.quantity} cannot be negative`);
  const scale = Number(digits) === 0 && unit === '' ? 1 : unitScale(unit, notation, refuse);
  // Whole numbers as long as they last: 0.1 s is 1 * 1,000,000 / 10, with one rounding at most.
  const factor = Number(`1e${exponentDigits}`);
  const value = (Number(digits) * factor * scale) / Number(`1e${String(fractionDigits.length)}`);
  if (!(value <= maxExactInteger)) return refuse(`${notation.quantity} above 2^53 - 1 cannot be counted exactly`);
  if (notation.whole && !Number.isInteger(value)) {
    return refuse(`${notation.quantity} must come to a whole number of ${notation === durationNotation ? 'microseconds' : 'bytes'}`);
  }
  return value;
}

function unitScale(unit: string, notation: Notation, refuse: (message: string) => never): number {
  const known = new Map(Object.entries(notation.units).filter(([name]) => name !== '' || unit === ''));
  const scale = known.get(unit);
  if (scale !== undefined) return scale;
  const list = [...known.keys()].join(', ');
  if (unit === '') return refuse(`the unit is missing: ${list}`);
  if (known.has(`${unit}/s`)) return refuse(`${notation.quantity} is per second: write ${unit}/s`);
  const binary = `${unit.charAt(0).toUpperCase()}iB`;
  const meant = known.has(binary) ? binary : `${binary}/s`;
  if (/^[kKMGT]B?(?:\/s)?$/.test(unit) && known.has(meant)) {
    return refuse(`unit ${unit} is ambiguous (powers of 1000 or of 1024): write ${meant}`);
  }
  return refuse(`unknown unit ${unit}: use ${list}`);
}
