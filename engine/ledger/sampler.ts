/**
 * A per-second sampler's CSV of one process (psutil's io_counters): columns `secs`, `disk_read_bytes`, `disk_write_bytes`, found by name,
 * cumulative since the process began. On Linux these are read_bytes and write_bytes of /proc/<pid>/io: writes count when a page is made
 * dirty, so they hold all of the WAL, whether or not it was ever written back.
 */
import { PutmodelError } from '../kernel/errors.js';
import type { DeviceSample } from './device-series.js';
import type { SeriesReader } from './iostat.js';
import { createLineReader } from './lines.js';

/**
 * Starts reading. A last row that is cut is left out.
 * @throws PutmodelError INPUT_SYNTAX (from `push` or `end`) without those columns or without a row; for rows that are no numbers or go back.
 */
export function createSamplerReader(options: { readonly file?: string } = {}): SeriesReader {
  const { file } = options;
  let columns: { readonly secs: number; readonly read: number; readonly written: number; readonly width: number } | null = null;
  let broken: { readonly line: number; readonly found: string } | null = null;
  let before = { secs: 0, read: 0, written: 0 };
  const samples: DeviceSample[] = [];
  const refuse = (message: string, line: number, found: string, expected?: string): never => {
    throw new PutmodelError({ code: 'INPUT_SYNTAX', message, file, line, found: JSON.stringify(found.slice(0, 80)), expected });
  };
  const lines = createLineReader((line, lineNumber) => {
    if (line.trim() === '') return;
    const cells = line.split(',').map((cell) => cell.trim());
    if (columns === null) {
      columns = readHeader(cells);
      if (columns === null) refuse("not a sampler's CSV", lineNumber, line, 'columns secs, disk_read_bytes and disk_write_bytes');
      return;
    }
    // Only the last row may be cut.
    if (broken !== null) refuse('a row that is not ascending numbers', broken.line, broken.found);
    const row = { secs: Number(cells[columns.secs]), read: Number(cells[columns.read]), written: Number(cells[columns.written]) };
    const isGood = cells.length === columns.width && row.secs > before.secs && row.read >= before.read && row.written >= before.written;
    if (!isGood) {
      broken = { line: lineNumber, found: line };
      return;
    }
    const [readBytes, writtenBytes] = [row.read - before.read, row.written - before.written];
    samples.push({ startSec: before.secs, endSec: row.secs, readBytes, writtenBytes });
    before = row;
  });
  return {
    push: lines.push,
    end() {
      lines.end();
      if (samples.length === 0) refuse('no sample', 1, '', 'columns secs, disk_read_bytes and disk_write_bytes, and rows');
      return { name: 'process', samples, notes: [] };
    },
  };
}

function readHeader(cells: readonly string[]): { secs: number; read: number; written: number; width: number } | null {
  const [secs, read, written] = ['secs', 'disk_read_bytes', 'disk_write_bytes'].map((name) => cells.indexOf(name));
  if (secs === undefined || read === undefined || written === undefined || Math.min(secs, read, written) < 0) return null;
  return { secs, read, written, width: cells.length };
}
