/**
 * The fields of one `EVENT_LOG_v1 {json}` line, taken without a JSON parser: RocksDB cuts such lines at 512 bytes when they pass through
 * its log buffer (util/log_buffer.h), so many are not valid JSON, and the fields before the cut are wanted all the same. A field that the
 * cut may have shortened is treated as absent, never guessed.
 */

/** A place in an event line. Keys are written in a fixed order, so each search begins where the last one ended, and only then at the start. */
export interface EventCursor {
  /** From the opening brace on. */
  readonly line: string;
  at: number;
}

/** Starts at the beginning of a line. */
export function eventCursor(line: string): EventCursor {
  return { line, at: 0 };
}

/** Number after `key` (written `"name": `); null when absent, not a number, or possibly cut. */
export function numberField(cursor: EventCursor, key: string): number | null {
  const at = find(cursor, key);
  return at < 0 ? null : numberAt(cursor.line, at);
}

/** Text after `key`; null when absent or cut. RocksDB escapes nothing in the names that are read here. */
export function textField(cursor: EventCursor, key: string): string | null {
  const at = find(cursor, key);
  if (at < 0 || cursor.line.charCodeAt(at) !== quote) return null;
  const end = cursor.line.indexOf('"', at + 1);
  return end < 0 ? null : cursor.line.slice(at + 1, end);
}

/** Numbers of the list after `key`; null when absent or cut. */
export function listField(cursor: EventCursor, key: string): number[] | null {
  const at = find(cursor, key);
  return at < 0 ? null : listAt(cursor.line, at);
}

/** The input files of a `compaction_started` line, by level: its `files_L<n>` lists, in the order written. */
export function inputLists({ line }: EventCursor): { level: number; files: number[] }[] {
  const lists: { level: number; files: number[] }[] = [];
  let at = line.indexOf('"files_L');
  while (at >= 0) {
    const colon = line.indexOf('": ', at);
    const level = colon < 0 ? NaN : Number(line.slice(at + 8, colon));
    const files = colon < 0 ? null : listAt(line, colon + 3);
    if (files !== null && Number.isInteger(level)) lists.push({ level, files });
    at = line.indexOf('"files_L', at + 8);
  }
  return lists;
}

/** Where the value of `key` begins, or -1. */
function find(cursor: EventCursor, key: string): number {
  let at = cursor.line.indexOf(key, cursor.at);
  if (at < 0 && cursor.at > 0) at = cursor.line.indexOf(key);
  if (at < 0) return -1;
  cursor.at = at + key.length;
  return cursor.at;
}

const quote = 34;
const comma = 44;
const closeBracket = 93;
const closeBrace = 125;

function numberAt(line: string, start: number): number | null {
  let end = start;
  while (end < line.length) {
    const code = line.charCodeAt(end);
    if (code === comma || code === closeBrace || code === closeBracket) break;
    end++;
  }
  if (end === line.length || end === start) return null;
  const value = Number(line.slice(start, end));
  return Number.isFinite(value) ? value : null;
}

function listAt(line: string, start: number): number[] | null {
  const end = line.indexOf(']', start);
  if (end < 0 || line.charCodeAt(start) !== 91 /* [ */) return null;
  const values: number[] = [];
  let value = 0;
  let digits = 0;
  for (let i = start + 1; i <= end; i++) {
    const code = line.charCodeAt(i);
    if (code >= 48 && code <= 57) {
      value = value * 10 + code - 48;
      digits++;
    } else if (digits > 0) {
      values.push(value);
      value = 0;
      digits = 0;
    }
  }
  return values;
}
