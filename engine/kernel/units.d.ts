/**
 * Units: the one place where quantities change unit, are written for people and are read as people write them. Inside the engine there are
 * bytes, whole microseconds and bytes per second; KiB, MiB, GiB and TiB are powers of 1024. Text never depends on a locale.
 *
 * "MB" is refused on input: RocksDB means 1,048,576 bytes by it, makers of drives 1,000,000.
 */
import { type Issue } from './errors.js';
export declare const KIB = 1024;
export declare const MIB = 1048576;
export declare const GIB = 1073741824;
export declare const TIB = 1099511627776;
export declare const MICROS_PER_MILLI = 1000;
export declare const MICROS_PER_SEC = 1000000;
export declare const MICROS_PER_MINUTE = 60000000;
export declare const MICROS_PER_HOUR = 3600000000;
export declare const MICROS_PER_DAY = 86400000000;
/** 2^53 - 1: up to here every whole number is a double, so sums of bytes and of micros are exact. */
export declare const maxExactInteger = 9007199254740991;
/** MiB in so many bytes. */
export declare const bytesToMib: (bytes: number) => number;
/** Bytes in so many MiB; not rounded. */
export declare const mibToBytes: (mib: number) => number;
/** MiB/s in so many bytes/s. */
export declare const bytesPerSecToMibPerSec: (bytesPerSec: number) => number;
/** Bytes/s in so many MiB/s; not rounded. */
export declare const mibPerSecToBytesPerSec: (mibPerSec: number) => number;
/** Seconds in so many micros. */
export declare const microsToSec: (micros: number) => number;
/** The whole micros nearest to so many seconds (halves up): the clock has no fractions. */
export declare const secToMicros: (sec: number) => number;
/** Percent (0-100) as a fraction (0-1). */
export declare const percentToFraction: (percent: number) => number;
/** Fraction (0-1) as percent (0-100). */
export declare const fractionToPercent: (fraction: number) => number;
/**
 * `bytes` back, once it is sure to be exact. `what` names it in the message ("bytes written").
 * @throws PutmodelError SIMULATION_LIMIT above 2^53 - 1; InvariantError when it is fractional, negative or NaN.
 */
export declare function exactBytes(bytes: number, what: string): number;
/** `exactBytes` for a time or duration. */
export declare function exactMicros(micros: number, what: string): number;
/** "15,131"; rounded to a whole number (halves away from 0). "-" for a number that is not finite. */
export declare function formatCount(count: number): string;
/** "512 B", "64.0 MiB", "1.5 TiB": one digit after the point from KiB on. "-" for a number that is not finite. */
export declare function formatBytes(bytes: number): string;
/** "62.5 MiB/s": `formatBytes` a second. */
export declare function formatBytesPerSec(bytesPerSec: number): string;
/**
 * "250 us", "1.5 ms", "12.3 s", "2 min 05 s", "1 h 30 min", "2 d 03 h": what a reader can take in at a glance.
 * "-" for a number that is not finite.
 */
export declare function formatMicros(micros: number): string;
/** `formatMicros` for seconds. */
export declare function formatSeconds(sec: number): string;
/** "42.0 %" for a fraction of 0.42. "-" for a number that is not finite. */
export declare function formatFraction(fraction: number): string;
/** Where a quantity was written, for the message when it is wrong. */
export type Place = Pick<Issue, 'file' | 'line' | 'column' | 'path'>;
/**
 * Bytes of "64MiB", "1.5 GiB", "512B" or "16777216" (bytes). Whole, from 0, exact.
 * @throws PutmodelError INPUT_INVALID: no number, a unit that is unknown or ambiguous, negative, not whole, beyond 2^53 - 1.
 */
export declare function parseBytes(text: string, place?: Place): number;
/** Bytes per second of "1900MiB/s", "62.5 MiB/s" or "16777216" (bytes/s), from 0; errors as `parseBytes`, but it need not be whole. */
export declare function parseBytesPerSec(text: string, place?: Place): number;
/** Whole micros of "250us", "1.5ms", "90s", "30min", "2h", "1d"; a bare number is an error that asks for its unit, except 0. */
export declare function parseMicros(text: string, place?: Place): number;
