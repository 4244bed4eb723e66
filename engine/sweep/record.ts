/**
 * One finished run as one line of text: what workers send, what the journal holds, what queues carry. The checksum in front tells a whole
 * line from one that a crash cut off.
 *
 *   8 hex digits of CRC-32, a space, then JSON: [run index, events, metrics in the order kept, histograms by name]
 *   or, for a run that failed:                  [run index, events, error message]
 */
import { checksumOf } from '../files/checksum.js';
import { canonicalJson } from '../scenario/json.js';
import type { SparseHistogram } from '../kernel/histogram-sparse.js';

/** A run that gave its metrics; null where a run has no such figure. */
export interface DoneRecord {
  readonly runIndex: number;
  /** Events simulated: what the run cost, the same on every machine. */
  readonly events: number;
  readonly values: readonly (number | null)[];
  readonly histograms: Readonly<Record<string, SparseHistogram>>;
}

/** A run that failed, with the reason in one line. */
export interface FailedRecord {
  readonly runIndex: number;
  readonly events: number;
  readonly error: string;
}

export type RunRecord = DoneRecord | FailedRecord;

/** The line, with its newline. */
export function encodeRecord(record: RunRecord): string {
  const { runIndex, events } = record;
  const fields = 'error' in record ? [runIndex, events, record.error] : [runIndex, events, record.values, record.histograms];
  const json = canonicalJson(fields);
  return `${checksumOf(json)} ${json}\n`;
}

/** The record of a line, with or without its newline; null when the line is not whole. */
export function decodeRecord(line: string): RunRecord | null {
  const json = line.slice(9).trimEnd();
  if (line.charAt(8) !== ' ' || checksumOf(json) !== line.slice(0, 8)) return null;
  const [runIndex, events, rest, histograms] = JSON.parse(json) as [number, number, string | (number | null)[], DoneRecord['histograms']];
  return typeof rest === 'string' ? { runIndex, events, error: rest } : { runIndex, events, values: rest, histograms };
}
