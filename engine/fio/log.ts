/**
 * fio's bandwidth, latency and IOPS logs (`write_bw_log`, `write_lat_log`, `write_iops_log`), one row a request or a window.
 *
 *   time, value, direction, block size                                       fio 2.x to 3.2x
 *   time, value, direction, block size, offset                               the same with log_offset
 *   time, value, direction, block size, priority                             later
 *   time, value, direction, block size, offset, priority                     later, with log_offset
 *   time, value, value, direction, block size, ...                           log_window_value=both: average and maximum
 *   ..., issue time                                                          log_issue_time, at the end
 *
 * Time is milliseconds; the value KiB/s (bw), I/Os per second (iops), or nanoseconds (latencies; microseconds before fio 3); direction
 * 0 read, 1 write, 2 trim. With log_avg_msec block size and offset are 0. A priority of hexadecimal digits (log_prio) starts with 0x.
 * Source: fio's HOWTO, "Log File Formats"; files of fio 3.1 to 3.35.
 */
import { createLineScanner, type TextReader } from './scan.js';
import { createLineIssues } from './log-issues.js';

/** 0 read, 1 write, 2 trim: fio's numbers. */
export type DirectionCode = 0 | 1 | 2;

/** One row. The reader hands out the same object each time: take what you need. */
export interface FioLogRow {
  timeMillis: number;
  /** In the unit of the log. */
  value: number;
  /** The largest of the window (log_window_value=both); NaN where there is one value. */
  maxValue: number;
  direction: DirectionCode;
  /** 0 for windows. */
  blockBytes: number;
  /** NaN where not logged. */
  offsetBytes: number;
  /** NaN where not logged. */
  priority: number;
  /** Nanoseconds; NaN where not logged. */
  issueNanos: number;
  lineNumber: number;
}

/** What was read. */
export interface FioLogSummary {
  readonly rowCount: number;
  /** Rows by direction: read, write, trim. */
  readonly directionCounts: readonly [number, number, number];
  /** Every row is a window (log_avg_msec), none a request. An empty log: false. */
  readonly isAveraged: boolean;
  /** Latest stamp; 0 when empty. */
  readonly endMillis: number;
}

/** What a log holds, which only its name tells. */
export type FioLogKind = 'bw' | 'iops' | 'lat' | 'clat' | 'slat' | 'hist';

/** The kind by fio's naming, `<name>_<kind>[.<job>].log[.gz]`; null for another name. */
export function fioLogKindOf(fileName: string): FioLogKind | null {
  const kind = /_(bw|iops|lat|clat|slat|clat_hist|hist)(?:\.\d+)?\.log(?:\.gz)?$/.exec(fileName)?.[1];
  if (kind === undefined) return null;
  return kind === 'clat_hist' ? 'hist' : (kind as FioLogKind);
}

const columnsMax = 8;
const rowExpected = 'time, value, direction (0 read, 1 write, 2 trim), block size, ...';
const COMMA = 44;
const SPACE = 32;
const X = 120;

/**
 * Starts reading one log. `onRow` gets every row.
 * @throws PutmodelError INPUT_SYNTAX from `end` with every bad line by number
 */
export function createFioLogReader(
  onRow: (row: FioLogRow) => void,
  options: { readonly file?: string | undefined } = {},
): TextReader<FioLogSummary> {
  const issues = createLineIssues(options.file);
  const fields = new Float64Array(columnsMax);
  const layout: Layout = { hasTwoValues: null, hasOffset: false, isHex: new Uint8Array(columnsMax) };
  const row: FioLogRow = {
    timeMillis: 0,
    value: 0,
    maxValue: NaN,
    direction: 0,
    blockBytes: 0,
    offsetBytes: NaN,
    priority: NaN,
    issueNanos: NaN,
    lineNumber: 0,
  };
  const directionCounts: [number, number, number] = [0, 0, 0];
  let rowCount = 0;
  let sized = 0;
  let endMillis = 0;
  const lines = createLineScanner((text, start, end, lineNumber) => {
    if (start === end) return;
    const count = readFields(text, start, end, fields, layout.isHex);
    if (count < 4 || !fillRow(row, fields, count, layout)) {
      issues.add(lineNumber, 'not a row of a fio log', text.slice(start, end), rowExpected);
      return;
    }
    row.lineNumber = lineNumber;
    rowCount++;
    directionCounts[row.direction]++;
    if (row.blockBytes > 0) sized++;
    if (row.timeMillis > endMillis) endMillis = row.timeMillis;
    onRow(row);
  });
  return {
    push: lines.push,
    end() {
      lines.end();
      issues.throwIfAny();
      return { rowCount, directionCounts, isAveraged: rowCount > 0 && sized === 0, endMillis };
    },
  };
}

/** What the columns mean, as far as the rows have told. */
interface Layout {
  /** log_window_value=both; null until a row decides. */
  hasTwoValues: boolean | null;
  /** The fifth of five columns is an offset: it once was more than a priority can be. */
  hasOffset: boolean;
  readonly isHex: Uint8Array;
}

/** Numbers between commas; returns how many, or -1 for anything else. */
function readFields(text: string, start: number, end: number, fields: Float64Array, isHex: Uint8Array): number {
  let at = start;
  let count = 0;
  while (count < columnsMax) {
    while (at < end && text.charCodeAt(at) === SPACE) at++;
    let digit = text.charCodeAt(at) - 48;
    if (at >= end || digit < 0 || digit > 9) return -1;
    let value = 0;
    if (digit === 0 && at + 2 < end && text.charCodeAt(at + 1) === X) {
      at += 2;
      for (let hex = hexDigit(text.charCodeAt(at)); at < end && hex >= 0; hex = hexDigit(text.charCodeAt(++at))) value = value * 16 + hex;
      isHex[count] = 1;
    } else {
      do {
        value = value * 10 + digit;
        digit = text.charCodeAt(++at) - 48;
      } while (at < end && digit >= 0 && digit <= 9);
      isHex[count] = 0;
    }
    fields[count++] = value;
    while (at < end && text.charCodeAt(at) === SPACE) at++;
    if (at >= end) return count;
    if (text.charCodeAt(at) !== COMMA) return -1;
    at++;
  }
  return -1;
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

/** False when the columns contradict the format. */
function fillRow(row: FioLogRow, fields: Float64Array, count: number, layout: Layout): boolean {
  if (layout.hasTwoValues === null) {
    if (fields[2]! > 2) layout.hasTwoValues = true;
    // A window's block size is 0 and its larger value is not below the average: no second value looks like that.
    else if (count === 4 || fields[3]! > 2 || fields[2]! < fields[1]!) layout.hasTwoValues = false;
  }
  const shift = layout.hasTwoValues === true ? 1 : 0;
  const direction = fields[2 + shift]!;
  if (count < 4 + shift || direction > 2) return false;
  row.timeMillis = fields[0]!;
  row.value = fields[1]!;
  row.maxValue = shift === 1 ? fields[2]! : NaN;
  row.direction = direction as DirectionCode;
  row.blockBytes = fields[3 + shift]!;
  fillRest(row, fields, 4 + shift, count, layout);
  return true;
}

/** The columns from the fifth on: offset, priority, issue time, as many as there are. */
function fillRest(row: FioLogRow, fields: Float64Array, from: number, count: number, layout: Layout): void {
  const rest = count - from;
  row.offsetBytes = NaN;
  row.priority = NaN;
  row.issueNanos = NaN;
  if (rest === 0) return;
  if (rest === 1) {
    if (layout.isHex[from] === 0 && fields[from]! > 1) layout.hasOffset = true;
    if (layout.hasOffset) row.offsetBytes = fields[from]!;
    else row.priority = fields[from]!;
    return;
  }
  // Without log_offset the priority comes first, and what follows it is the issue time, which no priority reaches.
  if (rest === 2 && layout.isHex[from + 1] === 0 && fields[from + 1]! > 0xffff) {
    row.priority = fields[from]!;
    row.issueNanos = fields[from + 1]!;
    return;
  }
  row.offsetBytes = fields[from]!;
  row.priority = fields[from + 1]!;
  if (rest > 2) row.issueNanos = fields[from + 2]!;
}
