/**
 * A run in RocksDB's own words: the "Compaction Stats" tables and the LOG file of a result directory, so that people and scripts that
 * read RocksDB's logs read ours. The layout is that of 7.8 to 10.8 (db/internal_stats.cc: PrintLevelStatsHeader, PrepareLevelStats,
 * DumpCFStats, DumpDBStats). Times in the LOG count from 1970-01-01, the start of the simulated clock. What the model does not know
 * (commit groups, blob files) is printed as RocksDB prints it when there is none, or left out.
 */
import { modelledSpecs, type LsmOptions } from '../rocksdb/options.js';
import { jobsLogged } from '../lsm/job-log.js';
import type { LevelRow, LsmResult } from '../lsm/result.js';
import type { LsmScenario } from '../lsm/scenario.js';
import { eventLines } from './rocksdb-events.js';

const mib = 1024 * 1024;
const gib = 1024 * mib;

/** One printed row; a level's, or the sum of all. */
export interface StatsTextRow {
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
  readonly score: number;
  readonly readBytes: number;
  readonly readUpperBytes: number;
  readonly writtenBytes: number;
  readonly movedBytes: number;
  /** A level: written / read from above (L0: / flushed); Sum: all written / flushed. 0 where nothing came from above, as RocksDB prints. */
  readonly writeAmplification: number;
  readonly compactionSec: number;
  readonly compactionCpuSec: number;
  readonly compactions: number;
  readonly recordsIn: number;
  readonly recordsDropped: number;
}

/** The rows RocksDB prints: each level that has files or had work, then `Sum`. */
export function statsTextRows(result: LsmResult): readonly StatsTextRow[] {
  const shown = result.levels.filter((row) => row.files > 0 || row.compactions > 0 || row.movedBytes > 0);
  const rows = shown.map((row) => levelRow(row, result.flushedBytes));
  const sum = (read: (row: StatsTextRow) => number): number => rows.reduce((total, row) => total + read(row), 0);
  return [
    ...rows,
    {
      name: 'Sum',
      files: sum((row) => row.files),
      bytes: sum((row) => row.bytes),
      score: 0,
      readBytes: sum((row) => row.readBytes),
      readUpperBytes: sum((row) => row.readUpperBytes),
      writtenBytes: sum((row) => row.writtenBytes),
      movedBytes: sum((row) => row.movedBytes),
      writeAmplification: ratio(
        sum((row) => row.writtenBytes),
        result.flushedBytes,
      ),
      compactionSec: sum((row) => row.compactionSec),
      compactionCpuSec: sum((row) => row.compactionCpuSec),
      compactions: sum((row) => row.compactions),
      recordsIn: sum((row) => row.recordsIn),
      recordsDropped: sum((row) => row.recordsDropped),
    },
  ];
}

function levelRow(row: LevelRow, flushedBytes: number): StatsTextRow {
  const { files, bytes, score, readBytes, readUpperBytes, writtenBytes, movedBytes } = row;
  const { compactionSec, compactionCpuSec, compactions, recordsIn, recordsDropped } = row;
  return {
    name: `L${String(row.level)}`,
    ...{ files, bytes, score, readBytes, readUpperBytes, writtenBytes, movedBytes },
    writeAmplification: ratio(writtenBytes, row.level === 0 ? flushedBytes : readUpperBytes),
    ...{ compactionSec, compactionCpuSec, compactions, recordsIn, recordsDropped },
  };
}

const statsHeader =
  'Level    Files   Size     Score Read(GB)  Rn(GB) Rnp1(GB) Write(GB) Wnew(GB) Moved(GB) W-Amp Rd(MB/s) Wr(MB/s) Comp(sec) ' +
  'CompMergeCPU(sec) Comp(cnt) Avg(sec) KeyIn KeyDrop Rblob(GB) Wblob(GB)';

/** The table as RocksDB 7.8 prints it, heading included. */
export function compactionStatsText(result: LsmResult): string {
  const rows = statsTextRows(result);
  const interval = rows.slice(-1).map((row) => ({ ...row, name: 'Int', files: 0, bytes: 0 }));
  return ['** Compaction Stats [default] **', statsHeader, '-'.repeat(statsHeader.length), ...[...rows, ...interval].map(statsLine)].join(
    '\n',
  );
}

function statsLine(row: StatsTextRow): string {
  const readOutputBytes = row.readBytes - row.readUpperBytes;
  const perSec = (bytes: number): number => ratio(bytes / mib, row.compactionSec);
  return [
    row.name.padStart(4),
    `${String(row.files).padStart(6)}/${'0'.padEnd(3)}`,
    humanSize(row.bytes).padStart(8),
    fixed(row.score, 1, 5),
    fixed(row.readBytes / gib, 1, 8),
    fixed(row.readUpperBytes / gib, 1, 7),
    fixed(readOutputBytes / gib, 1, 8),
    fixed(row.writtenBytes / gib, 1, 9),
    fixed((row.writtenBytes - readOutputBytes) / gib, 1, 8),
    fixed(row.movedBytes / gib, 1, 9),
    fixed(row.writeAmplification, 1, 5),
    fixed(perSec(row.readBytes), 1, 8),
    fixed(perSec(row.writtenBytes), 1, 8),
    fixed(row.compactionSec, 2, 9),
    fixed(row.compactionCpuSec, 2, 17),
    String(row.compactions).padStart(9),
    fixed(ratio(row.compactionSec, row.compactions), 3, 8),
    humanCount(row.recordsIn).padStart(7),
    humanCount(row.recordsDropped).padStart(6),
    fixed(0, 1, 9),
    fixed(0, 1, 9),
  ].join(' ');
}

/** The whole LOG: version, options, and one dump of the statistics at the end of the run. */
export function rocksdbLogText(scenario: LsmScenario, result: LsmResult): string {
  const family = scenario.stores[0]?.families[0];
  const start = logStamp(0);
  const end = logStamp(result.simulatedSec);
  const lines = [
    `${start} RocksDB version: ${result.rocksdbVersion}`,
    `${start} Simulated by putmodel: times count from the start of the run`,
    `${start} DB SUMMARY`,
    ...(family === undefined ? [] : optionLines(family.options).map((line) => `${start} ${line}`)),
    `${start} [db/version_set.cc:5531] Recovering from manifest file: MANIFEST-000001`,
    ...jobLines(result),
    `${end} [db/db_impl/db_impl.cc:1105] ------- DUMPING STATS -------`,
    `${end} [db/db_impl/db_impl.cc:1107] `,
    databaseStatsText(result),
    compactionStatsText(result),
    '',
    familyStatsText(result),
    `${end} [db/db_impl/db_impl.cc:783] STATISTICS:`,
    ...tickerLines(result),
  ];
  return `${lines.join('\n')}\n`;
}

/** The events of all finished jobs; of a run with more than are kept, a line that says so in their place. */
function jobLines({ jobLog: { jobs }, simulatedSec }: LsmResult): string[] {
  if (jobs !== null) return eventLines(jobs, (micros) => logStamp(micros / 1e6));
  return [`${logStamp(simulatedSec)} No events of jobs: there were more than ${String(jobsLogged)}`];
}

/** Tickers as `--statistics` adds them to a dump. Those of RocksDB also count what running jobs have done. */
function tickerLines(result: LsmResult): string[] {
  const sum = (read: (row: LevelRow) => number): number => result.levels.reduce((total, row) => total + read(row), 0);
  const tickers = {
    'rocksdb.number.keys.written': result.benchmarks.reduce((total, { puts }) => total + puts, 0),
    'rocksdb.wal.bytes': result.device.walWrittenBytes,
    'rocksdb.compact.read.bytes': sum((row) => row.readBytes),
    'rocksdb.compact.write.bytes': sum((row) => row.writtenBytes) - result.flushedBytes,
    'rocksdb.flush.write.bytes': result.flushedBytes,
  };
  return Object.entries(tickers).map(([name, value]) => ` ${name} COUNT : ${String(Math.round(value))}`);
}

/** `Options.write_buffer_size: 67108864`, as RocksDB dumps them when it opens a DB. */
function optionLines(options: LsmOptions): string[] {
  return modelledSpecs.map(({ key, optionsFile, choices, scope }) => {
    const value: unknown = Object.hasOwn(options, key) ? (options as Readonly<Record<string, unknown>>)[key] : '';
    const name = scope === 'limiter' || optionsFile === null ? key : optionsFile;
    const printed = choices.find((choice) => choice.value === value)?.file ?? plainValue(value);
    return `Options.${name}: ${printed}`.padStart(48);
  });
}

function plainValue(value: unknown): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (Array.isArray(value)) return value.map(String).join(':');
  return typeof value === 'number' || typeof value === 'string' ? String(value) : '';
}

function databaseStatsText(result: LsmResult): string {
  const seconds = result.simulatedSec;
  const puts = result.benchmarks.reduce((total, entry) => total + entry.puts, 0);
  const stalledSec = result.stall.stoppedSec + result.stall.delayedSec;
  const walBytes = result.device.walWrittenBytes;
  const writes = (label: string, unit: (bytes: number) => string): string[] => [
    `${label} writes: 0 writes, ${humanCount(puts)} keys, 0 commit groups, 0.0 writes per commit group, ingest: ${unit(result.userBytes)}, ` +
      `${mibPerSec(result.userBytes, seconds)} MB/s`,
    `${label} WAL: 0 writes, 0 syncs, 0.00 writes per sync, written: ${gigabytes(walBytes)} GB, ${mibPerSec(walBytes, seconds)} MB/s`,
    `${label} stall: ${clock(stalledSec)} H:M:S, ${fixed(ratio(100 * stalledSec, seconds), 1, 0)} percent`,
  ];
  return [
    '** DB Stats **',
    `Uptime(secs): ${fixed(seconds, 1, 0)} total, ${fixed(seconds, 1, 0)} interval`,
    ...writes('Cumulative', (bytes) => `${gigabytes(bytes)} GB`),
    ...writes('Interval', (bytes) => `${fixed(bytes / mib, 2, 0)} MB`),
    '',
  ].join('\n');
}

function familyStatsText(result: LsmResult): string {
  const seconds = result.simulatedSec;
  const sum = (read: (row: LevelRow) => number): number => result.levels.reduce((total, row) => total + read(row), 0);
  const written = sum((row) => row.writtenBytes);
  const read = sum((row) => row.readBytes);
  const moved =
    `${gigabytes(written)} GB write, ${mibPerSec(written, seconds)} MB/s write, ${gigabytes(read)} GB read, ` +
    `${mibPerSec(read, seconds)} MB/s read, ${fixed(
      sum((row) => row.compactionSec),
      1,
      0,
    )} seconds`;
  return [
    'Blob file count: 0, total size: 0.0 GB, garbage size: 0.0 GB, space amp: 0.0',
    '',
    `Uptime(secs): ${fixed(seconds, 1, 0)} total, ${fixed(seconds, 1, 0)} interval`,
    `Flush(GB): cumulative ${fixed(result.flushedBytes / gib, 3, 0)}, interval ${fixed(result.flushedBytes / gib, 3, 0)}`,
    'AddFile(GB): cumulative 0.000, interval 0.000',
    'AddFile(Total Files): cumulative 0, interval 0',
    'AddFile(L0 Files): cumulative 0, interval 0',
    'AddFile(Keys): cumulative 0, interval 0',
    `Cumulative compaction: ${moved}`,
    `Interval compaction: ${moved}`,
    stallCountsLine(result),
    `Estimated pending compaction bytes: ${String(Math.round(result.debt.pendingCompactionBytes))}`,
  ].join('\n');
}

/** The counts of level 0 with a compaction out of it are part of those before them. One dump: the interval is the whole run. */
function stallCountsLine({ jobLog: { stalls } }: LsmResult): string {
  const { l0Delays, l0BusyDelays, l0Stops, l0BusyStops, pendingStops, pendingDelays, memtableStops, memtableDelays } = stalls;
  const total = l0Delays + l0Stops + pendingStops + pendingDelays + memtableStops + memtableDelays;
  const counts = [
    [l0Delays, 'level0_slowdown'],
    [l0BusyDelays, 'level0_slowdown_with_compaction'],
    [l0Stops, 'level0_numfiles'],
    [l0BusyStops, 'level0_numfiles_with_compaction'],
    [pendingStops, 'stop for pending_compaction_bytes'],
    [pendingDelays, 'slowdown for pending_compaction_bytes'],
    [memtableStops, 'memtable_compaction'],
    [memtableDelays, 'memtable_slowdown'],
  ] as const;
  return `Stalls(count): ${counts.map(([count, name]) => `${String(count)} ${name}`).join(', ')}, interval ${String(total)} total count`;
}

/** RocksDB's sizes: 1024-based, two decimals, never below KB (internal_stats.cc: BytesToHumanString). */
export function humanSize(bytes: number): string {
  const units = ['KB', 'MB', 'GB', 'TB'];
  let size = bytes / 1024;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${size.toFixed(2)} ${units[unit] ?? 'TB'}`;
}

/** RocksDB's counts: whole below 10,000, then K, M, G, cut and not rounded (util/string_util.cc: NumberToHumanString). */
export function humanCount(count: number): string {
  const whole = Math.trunc(count);
  if (whole < 10_000) return String(whole);
  if (whole < 10_000_000) return `${String(Math.trunc(whole / 1000))}K`;
  if (whole < 10_000_000_000) return `${String(Math.trunc(whole / 1_000_000))}M`;
  return `${String(Math.trunc(whole / 1_000_000_000))}G`;
}

/** `HH:MM:SS.mmm`. */
function clock(seconds: number): string {
  const millis = Math.round(seconds * 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const whole = Math.floor(millis / 1000);
  const hours = Math.floor(whole / 3600);
  return `${two(hours)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}.${String(millis % 1000).padStart(3, '0')}`;
}

/** A LOG line's start: date, time in microseconds, thread. The simulated clock starts at 1970-01-01 and runs on in days of that month. */
function logStamp(seconds: number): string {
  const micros = Math.round(seconds * 1e6);
  const day = Math.floor(micros / 86_400e6);
  const { year, month, dayOfMonth } = civilDate(day);
  const two = (value: number): string => String(value).padStart(2, '0');
  const sec = Math.floor(micros / 1e6) % 86_400;
  const time = `${two(Math.floor(sec / 3600))}:${two(Math.floor(sec / 60) % 60)}:${two(sec % 60)}.${String(micros % 1e6).padStart(6, '0')}`;
  return `${String(year)}/${two(month)}/${two(dayOfMonth)}-${time} 1`;
}

/** Days since 1970-01-01 as a date of the Gregorian calendar (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"). */
function civilDate(days: number): { readonly year: number; readonly month: number; readonly dayOfMonth: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const dayOfMonth = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfMonth };
}

function gigabytes(bytes: number): string {
  return (bytes / gib).toFixed(2);
}

function mibPerSec(bytes: number, seconds: number): string {
  return ratio(bytes / mib, seconds).toFixed(2);
}

function fixed(value: number, digits: number, width: number): string {
  return (Number.isFinite(value) ? value : 0).toFixed(digits).padStart(width);
}

function ratio(numerator: number, denominator: number): number {
  return denominator > 0 ? numerator / denominator : 0;
}
