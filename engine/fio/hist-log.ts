/**
 * fio's histogram logs (`write_hist_log` with `log_hist_msec`): a row for each window and direction, with the number of requests that were
 * completed in each bin of latency since the row before.
 *
 *   time, direction, block size, bin 0, bin 1, ...
 *
 * Time is milliseconds, at the end of the window; direction 0 read, 1 write, 2 trim. A bin is one unit wide up to 127; after that each power of two has 64:
 *
 *   bin      0 1 ... 127 | 128 129 ... 191 | 192 193 ... 255 | ...
 *   from     0 1 ... 127 | 128 130 ... 254 | 256 260 ... 508 | ...   units: nanoseconds, microseconds before fio 3
 *
 * There are 29 x 64 bins in fio 3, 19 x 64 in fio 2, and with log_hist_coarseness=c each 2^c neighbours are one: the number of columns tells
 * the version and c. Source: fio's stat.c and stat.h (plat_idx_to_val, FIO_IO_U_PLAT_BITS), log_hist_coarseness in its HOWTO, files of
 * fio 2.17, 3.7 and 3.33. fio 3.7 at times counts below zero, which it writes as 2^64 less the number: such a row is refused.
 */
import type { DirectionCode } from './log.js';
import { createLineIssues } from './log-issues.js';
import { createLineScanner, type TextReader } from './scan.js';

/** One window of one direction. The reader hands out the same object each time: take what you need. */
export interface FioHistRow {
  /** End of the window. */
  timeMillis: number;
  direction: DirectionCode;
  blockBytes: number;
  /** counts[bin]: requests completed in the window. */
  counts: Float64Array;
  /** edgesNanos[bin]: where the bin begins, and the next one below it ends; one more than there are bins. */
  edgesNanos: Float64Array;
  lineNumber: number;
}

/** What was read. */
export interface FioHistSummary {
  readonly rowCount: number;
  /** 0 for an empty log. */
  readonly binCount: number;
}

const binBits = 6;
const binsPerGroup = 1 << binBits;
/** What fio 3 and fio 2 have: groups of bins, and nanoseconds of their unit. */
const versions = [
  { groupCount: 29, unitNanos: 1 },
  { groupCount: 19, unitNanos: 1000 },
] as const;
const coarsest = 6;
const headColumns = 3;
const columnsMax = headColumns + versions[0].groupCount * binsPerGroup;
const rowExpected =
  'time, direction (0 read, 1 write, 2 trim), block size, and 1856 or 1216 bins, or a 2nd to 64th part of them, as in the rows before';
const COMMA = 44;
const SPACE = 32;
const ZERO = 48;

/**
 * Starts reading one log. `onRow` gets every row.
 * @throws PutmodelError INPUT_SYNTAX from `end` with every bad line by number
 */
export function createFioHistLogReader(
  onRow: (row: FioHistRow) => void,
  options: { readonly file?: string | undefined } = {},
): TextReader<FioHistSummary> {
  const issues = createLineIssues(options.file);
  const fields = new Float64Array(columnsMax);
  const none = new Float64Array(0);
  const row: FioHistRow = { timeMillis: 0, direction: 0, blockBytes: 0, counts: none, edgesNanos: none, lineNumber: 0 };
  let rowCount = 0;
  const lines = createLineScanner((text, start, end, lineNumber) => {
    if (start === end) return;
    const binCount = readFields(text, start, end, fields) - headColumns;
    if (row.counts.length === 0 && binCount > 0) {
      row.edgesNanos = edgesOf(binCount) ?? none;
      row.counts = fields.subarray(headColumns, headColumns + Math.max(0, row.edgesNanos.length - 1));
    }
    const direction = fields[1]!;
    if (binCount <= 0 || binCount !== row.counts.length || direction > 2) {
      issues.add(lineNumber, 'not a row of a fio histogram log', text.slice(start, end), rowExpected);
      return;
    }
    row.timeMillis = fields[0]!;
    row.direction = direction as DirectionCode;
    row.blockBytes = fields[2]!;
    row.lineNumber = lineNumber;
    rowCount++;
    onRow(row);
  });
  return {
    push: lines.push,
    end() {
      lines.end();
      issues.throwIfAny();
      return { rowCount, binCount: row.counts.length };
    },
  };
}

/** Where the bins of a log begin and end, by how many it has; null for a number that no version writes. */
function edgesOf(binCount: number): Float64Array | null {
  for (const { groupCount, unitNanos } of versions) {
    for (let coarseness = 0; coarseness <= coarsest; coarseness++) {
      if (binCount << coarseness !== groupCount * binsPerGroup) continue;
      return Float64Array.from({ length: binCount + 1 }, (_, bin) => unitNanos * lowEndOf(bin << coarseness));
    }
  }
  return null;
}

/** Where one of fio's own bins begins, in its unit. */
function lowEndOf(bin: number): number {
  if (bin < 2 * binsPerGroup) return bin;
  const width = 1 << ((bin >> binBits) - 1);
  return (binsPerGroup + (bin & (binsPerGroup - 1))) * width;
}

/** Whole numbers between commas; returns how many, or -1 for anything else and for one that is not exact. */
function readFields(text: string, start: number, end: number, fields: Float64Array): number {
  let at = start;
  for (let count = 0; count < columnsMax;) {
    while (at < end && text.charCodeAt(at) === SPACE) at++;
    let digit = text.charCodeAt(at) - ZERO;
    if (at >= end || digit < 0 || digit > 9) return -1;
    let value = 0;
    do {
      value = value * 10 + digit;
      digit = text.charCodeAt(++at) - ZERO;
    } while (at < end && digit >= 0 && digit <= 9);
    if (value > Number.MAX_SAFE_INTEGER) return -1;
    fields[count++] = value;
    while (at < end && text.charCodeAt(at) === SPACE) at++;
    if (at >= end) return count;
    if (text.charCodeAt(at) !== COMMA) return -1;
    at++;
  }
  return -1;
}
