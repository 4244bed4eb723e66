/**
 * The diary of a measurement, `measurement.jsonl` in its directory: one JSON object a line, added as things happen, so that it outlives an
 * interruption and tells in which order, after how much rest and how hot each point was measured. (Not `.json`: the directory's files of
 * that name are the results.)
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutmodelError } from '../kernel/errors.js';
import type { DriveConditions } from './drive.js';

/** One line. `at` is the time of day, ISO 8601, at which the thing began. */
export type GridRecord =
  | {
      readonly record: 'session';
      readonly at: string;
      readonly fio: string;
      readonly engine: string;
      readonly target: string;
      readonly sizeBytes: number | null;
      readonly runtimeSec: number;
      readonly rampSec: number;
      readonly pauseSec: number;
      readonly conditions: DriveConditions;
      readonly warnings: readonly string[];
    }
  | { readonly record: 'made'; readonly at: string; readonly path: string; readonly identity: string }
  | { readonly record: 'filled' | 'preconditioned'; readonly at: string; readonly key: string; readonly tookSec: number }
  | {
      readonly record: 'point';
      readonly at: string;
      /** From 1, over all sessions; failed runs count. */
      readonly order: number;
      readonly file: string;
      /** Rest of the drive before this run, as far as this program knows; null for the first of a session. */
      readonly idleSec: number | null;
      /** Part of it that was waited for the drive to cool down. */
      readonly coolingSec: number;
      readonly celsiusBefore: number | null;
      readonly celsiusAfter: number | null;
      /** null for a run that failed, with the reason. */
      readonly totalMibPerSec: number | null;
      readonly failure: string | null;
    };

/** The diary's name. */
export const gridLogName = 'measurement.jsonl';

/** All whole lines of a directory's diary; none when there is none. Lines that a crash cut off are left out. */
export function readGridLog(directory: string): readonly GridRecord[] {
  const path = join(directory, gridLogName);
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const record = parseRecord(line);
      return record === null ? [] : [record];
    });
}

/** Adds a line; the directory is made when missing. @throws PutmodelError OUTPUT_FAILED */
export function addToGridLog(directory: string, record: GridRecord): void {
  const path = join(directory, gridLogName);
  try {
    mkdirSync(directory, { recursive: true });
    const isCut = existsSync(path) && !/(?:^|\n)$/.test(readFileSync(path, 'utf8'));
    appendFileSync(path, `${isCut ? '\n' : ''}${JSON.stringify(record)}\n`);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new PutmodelError({ code: 'OUTPUT_FAILED', message: `cannot be written: ${reason}`, file: path });
  }
}

function parseRecord(line: string): GridRecord | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && 'record' in value ? (value as GridRecord) : null;
  } catch {
    return null;
  }
}
