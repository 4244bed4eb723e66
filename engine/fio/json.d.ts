/**
 * fio's JSON output, versions 2.x to 3.4x, as data in our units.
 *
 * fio changed units under unchanged names, so the keys present decide, never the version string: `*_ns` latencies (or `io_kbytes`)
 * mean 3.x, where `io_bytes` is bytes; plain `slat`, `clat`, `lat` mean 2.x, where they are microseconds and `io_bytes` is KiB. `bw` is
 * KiB/s in both; `bw_bytes` (3.2 and later) is exact and preferred.
 * A file may hold text before and after the JSON (stderr, client banners, `--output-format=json,normal`) and several documents in a
 * row (`--status-interval`), of which the last complete one counts.
 */
import { type Issue } from '../kernel/errors.js';
import { type FioOptions } from './options.js';
/** One percentile: `percent` of the requests took at most `micros`. */
export interface FioPercentile {
    readonly percent: number;
    readonly micros: number;
}
/** Latencies of one kind over the run, microseconds. */
export interface FioLatency {
    readonly minMicros: number;
    readonly maxMicros: number;
    readonly meanMicros: number;
    readonly stddevMicros: number;
    /** Ascending by percent; empty when fio printed none. A repeated key counts once, the last time. */
    readonly percentiles: readonly FioPercentile[];
}
/** What one entry moved in one direction. null latencies: not printed, or no request was timed. */
export interface FioTransfer {
    readonly bytes: number;
    readonly bytesPerSec: number;
    readonly opsPerSec: number;
    readonly requests: number;
    readonly runtimeSec: number;
    /** Submission, completion and total latency. */
    readonly slat: FioLatency | null;
    readonly clat: FioLatency | null;
    readonly lat: FioLatency | null;
}
/** One element of `jobs` or `client_stats`. */
export interface FioEntry {
    readonly name: string;
    /** The client's host name; null without client/server. */
    readonly host: string | null;
    /** Entries with the same number ran at the same time. */
    readonly group: number;
    /** errno of the job; 0 when it ended well. */
    readonly error: number;
    /** The entry's own options over the global ones; null when fio printed neither (2.1 and the row "All clients"). */
    readonly options: FioOptions | null;
    readonly read: FioTransfer | null;
    readonly write: FioTransfer | null;
    readonly trim: FioTransfer | null;
    /** unified_rw_reporting: all directions in one. */
    readonly mixed: FioTransfer | null;
    /** Why the figures can't be taken as they stand; empty for a sound entry. */
    readonly problems: readonly Issue[];
}
/** One fio run. */
export interface FioDocument {
    readonly file: string;
    /** As printed, such as `fio-3.28`; empty when missing. */
    readonly version: string;
    /** When fio wrote the document, Unix seconds; null when not printed. */
    readonly timestampSec: number | null;
    /** Without the "All clients" row. */
    readonly entries: readonly FioEntry[];
    /** The sum over all clients, when several reported. */
    readonly allClients: FioEntry | null;
    readonly warnings: readonly Issue[];
}
/**
 * Reads a file's text.
 * @param file its name, for messages
 * @throws PutmodelError INPUT_SYNTAX: empty, cut off, or malformed (with line and column); INPUT_UNSUPPORTED: only fio's error messages
 *   (the first is quoted); INPUT_INVALID: JSON that is not fio's
 */
export declare function parseFioJson(text: string, file: string): FioDocument;
