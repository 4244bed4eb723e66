/**
 * `ledger.csv`: one row for each interval and row of the ledger, the whole stretch first (`interval` is `total`). Rows `user`, `wal`,
 * `flush`, `compaction` and `L<n>`; the levels add up to flush and compaction. An empty cell is a figure that is not known
 * or does not apply; `user` and `wal` are left out where they are not known.
 */
import type { Ledger, LedgerLevel } from './ledger.js';

const header = 'interval,startSec,endSec,row,jobs,readBytes,readUpperBytes,writtenBytes,flushedBytes,movedBytes,recordsIn,recordsDropped';

/** The text, with a final newline. Intervals in which nothing happened are left out. */
export function ledgerCsv(ledger: Ledger): string {
  const lines = [header];
  const add = (interval: string, startSec: number, endSec: number, rows: readonly string[]): void => {
    for (const row of rows) lines.push(`${interval},${cell(startSec)},${cell(endSec)},${row}`);
  };
  add('total', 0, ledger.spanSec, [
    ...streamRows(ledger.userBytes, ledger.walWrittenBytes, ledger.flushedBytes, ledger.compactionReadBytes, ledger.compactionWrittenBytes),
    ...ledger.levels.map(levelCells),
  ]);
  ledger.intervals.forEach((interval, index) => {
    const { startSec, endSec, userBytes, walWrittenBytes, flushedBytes, compactionReadBytes, compactionWrittenBytes, levels } = interval;
    if (levels.length === 0 && (userBytes ?? 0) + (walWrittenBytes ?? 0) + flushedBytes + compactionWrittenBytes === 0) return;
    add(String(index), startSec, endSec, [
      ...streamRows(userBytes, walWrittenBytes, flushedBytes, compactionReadBytes, compactionWrittenBytes),
      ...levels.map(levelCells),
    ]);
  });
  return `${lines.join('\n')}\n`;
}

function streamRows(
  userBytes: number | null,
  walBytes: number | null,
  flushedBytes: number,
  readBytes: number | null,
  compactedBytes: number,
): string[] {
  return [
    ...(userBytes === null ? [] : [`user,,,,${cell(userBytes)},,,,`]),
    ...(walBytes === null ? [] : [`wal,,,,${cell(walBytes)},,,,`]),
    `flush,,,,${cell(flushedBytes)},${cell(flushedBytes)},,,`,
    `compaction,,${cell(readBytes)},,${cell(compactedBytes)},,,,`,
  ];
}

function levelCells(row: LedgerLevel): string {
  const { level, jobs, readBytes, readUpperBytes, writtenBytes, flushedBytes, movedBytes, recordsIn, recordsDropped } = row;
  const cells = [jobs, readBytes, readUpperBytes, writtenBytes, flushedBytes, movedBytes, recordsIn, recordsDropped];
  return `L${String(level)},${cells.map(cell).join(',')}`;
}

/** Sums of doubles (a simulation's seconds) show no digits beyond a microsecond. */
function cell(value: number | null): string {
  return value === null ? '' : String(Math.round(value * 1e6) / 1e6);
}
