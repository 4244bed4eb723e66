/**
 * `iostat`'s output (sysstat), basic or extended (-x), in kB, MB or blocks, any locale of its header, with or without times (-t). A block a
 * sample; the first block of each start is the mean since boot and is left out (unless -y suppressed it, which its length tells).
 * kB and MB are powers of 1024 (sysstat, rd_stats.h); rates have two decimals and are used, counts are truncated to whole units.
 */
import { PutmodelError } from '../kernel/errors.js';
import { chooseDevice, type DeviceSample, type DeviceSeries } from './device-series.js';
import { createLineReader, type LineReader } from './lines.js';

/** Takes text; `end` gives the samples. */
export interface SeriesReader extends Pick<LineReader, 'push'> {
  end(): DeviceSeries;
}

/**
 * Starts reading. `disk`: which device, where several moved something.
 * `end` throws PutmodelError INPUT_SYNTAX when there is no table of iostat, INPUT_INVALID when the device or the interval is not told.
 */
export function createIostatReader(options: { readonly disk: string | null; readonly file?: string }): SeriesReader {
  const blocks: Block[] = [];
  let columns: Columns | null = null;
  let clockSec: number | null = null;
  let restarted = true;
  const lines = createLineReader((line) => {
    const words = line.trim().split(/\s+/);
    const first = words[0] ?? '';
    if (first === 'Linux') restarted = true;
    clockSec = readClock(line) ?? clockSec;
    if (/^Device:?$/.test(first)) {
      columns = readColumns(words);
      blocks.push({ clockSec, first: restarted, rows: new Map() });
      restarted = false;
    } else if (first === '' || first.startsWith('avg-cpu')) columns = null;
    else if (columns !== null) blocks.at(-1)?.rows.set(first, readRow(words, columns));
  });
  return {
    push: lines.push,
    end() {
      lines.end();
      return seriesOf(blocks, options.disk, options.file);
    },
  };
}

interface Row {
  readonly readBytesPerSec: number;
  readonly writtenBytesPerSec: number;
  /** null in the extended layout. */
  readonly writtenBytes: number | null;
}
interface Block {
  readonly clockSec: number | null;
  /** The first one after iostat was started. */
  readonly first: boolean;
  readonly rows: Map<string, Row>;
}
interface Columns {
  readonly read: number;
  readonly written: number;
  readonly writtenTotal: number;
  readonly scale: number;
}

const layouts: readonly (readonly [read: string, written: string, total: string, scale: number])[] = [
  ['MB_read/s', 'MB_wrtn/s', 'MB_wrtn', 1_048_576],
  ['kB_read/s', 'kB_wrtn/s', 'kB_wrtn', 1024],
  ['Blk_read/s', 'Blk_wrtn/s', 'Blk_wrtn', 512],
  ['rMB/s', 'wMB/s', '', 1_048_576],
  ['rkB/s', 'wkB/s', '', 1024],
  ['rsec/s', 'wsec/s', '', 512],
];

function readColumns(header: readonly string[]): Columns | null {
  for (const [read, written, total, scale] of layouts) {
    if (!header.includes(read) || !header.includes(written)) continue;
    return { read: header.indexOf(read), written: header.indexOf(written), writtenTotal: header.indexOf(total), scale };
  }
  return null;
}

function readRow(words: readonly string[], { read, written, writtenTotal, scale }: Columns): Row {
  // Some locales write a decimal comma.
  const at = (index: number): number => {
    const value = Number((words[index] ?? '').replace(',', '.'));
    return Number.isFinite(value) && value >= 0 ? value * scale : 0;
  };
  return { readBytesPerSec: at(read), writtenBytesPerSec: at(written), writtenBytes: writtenTotal < 0 ? null : at(writtenTotal) };
}

/** Seconds of the day of a line of `-t`, ISO or with AM and PM. */
function readClock(line: string): number | null {
  const match = /^\d{1,4}[-/]\d{1,2}[-/]\d{1,4}[T ](\d{1,2}):(\d{2}):(\d{2})(?:[ ]?(AM|PM))?/.exec(line);
  if (match === null) return null;
  const [hours = 0, minutes = 0, seconds = 0] = match.slice(1, 4).map(Number);
  const half = match[4] === 'PM' && hours < 12 ? 12 : match[4] === 'AM' && hours === 12 ? -12 : 0;
  return (hours + half) * 3600 + minutes * 60 + seconds;
}

function seriesOf(blocks: readonly Block[], disk: string | null, file: string | undefined): DeviceSeries {
  const moved = new Map<string, number>();
  for (const { rows, first } of blocks) {
    for (const [name, row] of rows) {
      moved.set(name, (moved.get(name) ?? 0) + (first ? 0 : row.readBytesPerSec + row.writtenBytesPerSec));
    }
  }
  if (moved.size === 0) {
    const expected = 'a table with Device and MB_read/s MB_wrtn/s, kB_.., rMB/s wMB/s or rkB/s wkB/s';
    throw new PutmodelError({ code: 'INPUT_SYNTAX', message: "not iostat's output", file, expected });
  }
  const name = chooseDevice(moved, disk, file);
  const intervalSec = intervalOf(blocks, name, file);
  const samples: DeviceSample[] = [];
  const starts = blocks.filter(({ first }) => first).length;
  for (const block of blocks) {
    const row = block.rows.get(name);
    if (row === undefined || (block.first && isSinceBoot(row, intervalSec))) continue;
    samples.push({
      startSec: samples.length * intervalSec,
      endSec: (samples.length + 1) * intervalSec,
      readBytes: row.readBytesPerSec * intervalSec,
      writtenBytes: row.writtenBytesPerSec * intervalSec,
    });
  }
  return { name, samples, notes: starts > 1 ? [`iostat ${name}: started ${String(starts)} times in one file`] : [] };
}

/** Count / rate is a block's length. Without counts it cannot be told, and -y is the exception. */
function isSinceBoot(row: Row, intervalSec: number): boolean {
  return row.writtenBytes === null || row.writtenBytesPerSec === 0 || row.writtenBytes / row.writtenBytesPerSec > 2 * intervalSec;
}

/** The length of a sample: from the times, or from counts and rates; a whole number of seconds, as iostat takes it. */
function intervalOf(blocks: readonly Block[], name: string, file: string | undefined): number {
  const clocks = blocks.flatMap(({ clockSec }) => clockSec ?? []);
  const steps = clocks.slice(1).map((clock, index) => (clock - (clocks[index] ?? 0) + 86_400) % 86_400);
  const positive = steps.filter((step) => step > 0).sort((a, b) => a - b);
  const median = positive[Math.floor(positive.length / 2)];
  if (median !== undefined) return median;
  let counted = 0;
  let rates = 0;
  for (const { first, rows } of blocks) {
    const row = rows.get(name);
    if (first || row === undefined) continue;
    counted += row.writtenBytes ?? 0;
    rates += row.writtenBytes === null ? 0 : row.writtenBytesPerSec;
  }
  if (rates > 0 && counted > 0) return Math.max(1, Math.round(counted / rates));
  throw new PutmodelError({
    code: 'INPUT_INVALID',
    message: 'the length of an interval is not told',
    file,
    expected: 'iostat -t, or the basic layout with MB_wrtn (iostat -m 1)',
  });
}
