/**
 * The statistics RocksDB prints for people, read back: `** Compaction Stats [cf] **` tables (columns found by header name, because they
 * moved between versions), `** DB Stats **`, stall counts. The same text is in a LOG's dumps and in db_bench's output.
 *
 * Printed figures are rounded: sizes in GB have one decimal and mean GiB, so bytes read here are within `printedBytesHalfUnit`.
 * Source: db/internal_stats.cc of 4.1, 5.4, 6.0, 6.19, 7.8, 8.1, 9.0, 10.9 (rocksdb-semantics of each column below).
 */
import type { Issue } from '../kernel/errors.js';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

/** Half of the last digit that a GB column prints: a byte count read from a table is off by at most this. */
export const printedBytesHalfUnit = 0.05 * GIB;

/** One row. Figures a version does not print are null. */
export interface StatsRow {
  /** As printed: `L0` .., `Sum`, `Int`, or a priority (`Low`, `High`, `User`, `Bottom`). */
  readonly name: string;
  /** The level of an `L<n>` row, which is the OUTPUT level of its jobs; null for the others. */
  readonly level: number | null;
  readonly files: number;
  readonly compactingFiles: number;
  /** Live bytes of the level. */
  readonly sizeBytes: number;
  readonly score: number;
  readonly readBytes: number;
  /** Read from the levels above the output level. */
  readonly readUpperBytes: number;
  /** Read from the output level itself. */
  readonly readOutputLevelBytes: number;
  /** Written by flushes (L0) and compactions. */
  readonly writtenBytes: number;
  /** Written before compression, from 10.9 on. */
  readonly writtenUncompressedBytes: number | null;
  readonly newBytes: number;
  /** Moved to this level by trivial moves, not written. */
  readonly movedBytes: number;
  /** As printed, one decimal. Sum: all writes / (flushed + ingested); a level: writes / bytes read from above. */
  readonly writeAmplification: number;
  readonly readBytesPerSec: number;
  readonly writtenBytesPerSec: number;
  /** Wall seconds of all jobs together. */
  readonly jobSec: number;
  /** CPU seconds of all jobs together, from 6.0 on. */
  readonly cpuSec: number | null;
  readonly jobs: number;
  /** Records read; printed truncated to thousands, millions or billions. */
  readonly recordsIn: number;
  readonly recordsDropped: number;
  readonly blobReadBytes: number | null;
  readonly blobWrittenBytes: number | null;
}

/** One printed table: header names and rows of figures. */
export interface StatsTable {
  readonly family: string;
  /** Rows by level, or the second table of the same heading, by thread priority (from 6.1 on). */
  readonly by: 'level' | 'priority';
  readonly rows: readonly StatsRow[];
  /** Line of the heading, counted from 1. */
  readonly line: number;
}

/** How often a recalculation of the stall conditions ended in each state since the store was opened. */
export interface StallCounts {
  readonly l0Delays: number;
  readonly l0Stops: number;
  readonly memtableDelays: number;
  readonly memtableStops: number;
  readonly pendingDelays: number;
  readonly pendingStops: number;
}

/** One column family's part of a stats dump. */
export interface FamilyStats {
  readonly family: string;
  readonly levels: StatsTable;
  readonly priorities: StatsTable | null;
  /** Since the store was opened, seconds; null where the version does not print it (4.x) or the text is cut. */
  readonly uptimeSec: number | null;
  readonly flushedBytes: number | null;
  /** Bytes of files that were added from outside (IngestExternalFile); RocksDB counts them among the writes of their level. */
  readonly ingestedBytes: number | null;
  /** Flush and compaction writes. */
  readonly writtenBytes: number | null;
  readonly readBytes: number | null;
  readonly jobSec: number | null;
  /** From 9.0 on. */
  readonly pendingCompactionBytes: number | null;
  readonly stallCounts: StallCounts | null;
}

/** The DB Stats block of a dump. */
export interface DbStats {
  readonly uptimeSec: number;
  readonly intervalSec: number;
  /** Keys written, truncated as printed; null where it is not printed. */
  readonly keys: number | null;
  /** Batch bytes (headers included) that users wrote. */
  readonly ingestBytes: number | null;
  readonly walBytes: number | null;
  readonly walSyncs: number | null;
  /** Seconds the write-group leader waited since the store was opened. */
  readonly stallSec: number | null;
  readonly stallPercent: number | null;
  readonly intervalStallSec: number | null;
}

/** Everything one dump says. `db` is null when the text holds only tables. */
export interface StatsDump {
  readonly line: number;
  readonly db: DbStats | null;
  readonly families: readonly FamilyStats[];
}

/** Who hears of blocks, and of lines that could not be read. */
export interface StatsSink {
  dump(dump: StatsDump): void;
  /** A line inside a table that cannot be read, or a column this program does not know. */
  unread(issue: Issue): void;
}

/** A reader of the lines of stats dumps. */
export interface StatsReader {
  /** One line without its end. True when the line belongs to the statistics. */
  line(text: string, lineNumber: number): boolean;
  /** Hands over what has been read since the last dump; call it where the text around says that a dump is over, and at the end. */
  flush(): void;
}

/**
 * Reads dumps line by line, in both orders there are: the LOG's (DB first) and db_bench's (tables first). A dump ends where `flush` is
 * called, where `** DB Stats **` comes again, or, tables first, where a family's table does. DB first, 5.x and 6.x print a family's table
 * twice (the second with an empty interval): the first one counts.
 * Lines that are not statistics are left alone. Constant memory: one dump.
 */
export function createStatsReader(sink: StatsSink): StatsReader {
  let dump = emptyDump();
  let columns: readonly Column[] | null = null;
  let table: { family: string; line: number; by: 'level' | 'priority'; rows: StatsRow[] } | null = null;

  const flush = (): void => {
    closeTable();
    if (dump.db !== null || dump.families.length > 0) sink.dump(closeDump(dump));
    dump = emptyDump();
  };
  const closeTable = (): void => {
    if (table !== null && columns !== null) keepTable(dump, table);
    table = null;
    columns = null;
  };
  const tableLine = (text: string, lineNumber: number): boolean => {
    if (table === null) return false;
    if (columns === null) {
      const header = readHeader(text);
      if (typeof header === 'string') {
        sink.unread(unreadLine(lineNumber, header, text));
        table = null;
        return true;
      }
      columns = header;
      table.by = text.trimStart().startsWith('Priority') ? 'priority' : 'level';
      for (const column of header) {
        if (column.kind === 'unknown') sink.unread(unreadLine(lineNumber, 'a column that is not known is left out', column.name));
      }
      return true;
    }
    if (isRule(text)) return true;
    if (!looksLikeRow(text)) {
      closeTable();
      return text.trim() === '';
    }
    const row = readRow(text, columns);
    if (typeof row === 'string') sink.unread(unreadLine(lineNumber, row, text));
    else table.rows.push(row);
    return true;
  };

  return {
    line(text, lineNumber) {
      if (text.startsWith('** Compaction Stats [')) {
        closeTable();
        const family = text.slice(21, text.lastIndexOf(']'));
        table = { family, line: lineNumber, by: 'level', rows: [] };
        // Whether this is the family's second table (by priority) or a new dump is known at the header.
        return true;
      }
      const again =
        table !== null && columns === null && !dump.dbFirst && text.trimStart().startsWith('Level') && hasFamily(dump, table.family);
      if (again) {
        const open = table;
        table = null;
        flush();
        table = open;
      }
      if (tableLine(text, lineNumber)) return true;
      if (text.startsWith('** DB Stats **')) {
        closeTable();
        if (dump.db !== null) flush();
        if (dump.line === 0) {
          dump.line = lineNumber;
          dump.dbFirst = true;
        }
        dump.db = {};
        dump.inDb = true;
        return true;
      }
      return summaryLine(dump, text);
    },
    flush,
  };
}

/** A level's row of a table, or undefined. */
export function rowOfLevel(table: StatsTable, level: number): StatsRow | undefined {
  return table.rows.find((row) => row.level === level);
}

/** The row of this name (`Sum`, `Int`, `Low`, ..), or undefined. */
export function rowNamed(table: StatsTable, name: string): StatsRow | undefined {
  return table.rows.find((row) => row.name === name);
}

/** `1.2 GB`, `858.81 MB`, `0.00 KB` as bytes (powers of 1024), or null. */
export function parsePrintedSize(value: string, unit: string): number | null {
  const number = parseFigure(value);
  const scale = sizeUnits.get(unit);
  return number === null || scale === undefined ? null : number * scale;
}

/** `842`, `61K`, `116M`, `5G`: decimal, truncated by RocksDB; null for anything else. */
export function parsePrintedCount(text: string): number | null {
  const scale = countScales.get(text.slice(-1));
  return scale === undefined ? parseFigure(text) : scaled(parseFigure(text.slice(0, -1)), scale);
}

/** `HH:MM:SS.mmm` as seconds, or null. */
export function parsePrintedDuration(text: string): number | null {
  const parts = text.split(':');
  const [hours, minutes, seconds] = parts.map((part) => parseFigure(part));
  if (parts.length !== 3 || hours == null || minutes == null || seconds == null) return null;
  return Math.round((hours * 3600 + minutes * 60 + seconds) * 1000) / 1000;
}

const sizeUnits = new Map([
  ['B', 1],
  ['KB', 1024],
  ['MB', MIB],
  ['GB', GIB],
  ['TB', 1024 * GIB],
]);
const countScales = new Map([
  ['K', 1e3],
  ['M', 1e6],
  ['G', 1e9],
]);

/** A column of the header in use: where its value goes. `Size` without a unit in its name takes two tokens. */
interface Column {
  readonly name: string;
  readonly field: keyof RowFigures | 'none';
  readonly scale: number;
  readonly kind: 'name' | 'files' | 'number' | 'count' | 'size' | 'unused' | 'unknown';
}
type RowFigures = { -readonly [K in Exclude<keyof StatsRow, 'name' | 'level'>]: StatsRow[K] };

const column = (name: string, field: Column['field'], scale = 1, kind: Column['kind'] = 'number'): Column => ({ name, field, scale, kind });
const knownColumns: readonly Column[] = [
  column('Level', 'none', 1, 'name'),
  column('Priority', 'none', 1, 'name'),
  column('Files', 'files', 1, 'files'),
  column('Size', 'sizeBytes', 1, 'size'),
  column('Size(MB)', 'sizeBytes', MIB),
  column('Score', 'score'),
  column('Read(GB)', 'readBytes', GIB),
  column('Rn(GB)', 'readUpperBytes', GIB),
  column('Rnp1(GB)', 'readOutputLevelBytes', GIB),
  column('Write(GB)', 'writtenBytes', GIB),
  column('WPreComp(GB)', 'writtenUncompressedBytes', GIB),
  column('Wnew(GB)', 'newBytes', GIB),
  column('Moved(GB)', 'movedBytes', GIB),
  column('W-Amp', 'writeAmplification'),
  column('Rd(MB/s)', 'readBytesPerSec', MIB),
  column('Wr(MB/s)', 'writtenBytesPerSec', MIB),
  column('Comp(sec)', 'jobSec'),
  column('CompMergeCPU(sec)', 'cpuSec'),
  column('Comp(cnt)', 'jobs', 1, 'count'),
  column('KeyIn', 'recordsIn', 1, 'count'),
  column('KeyDrop', 'recordsDropped', 1, 'count'),
  column('Rblob(GB)', 'blobReadBytes', GIB),
  column('Wblob(GB)', 'blobWrittenBytes', GIB),
  // Derived from the others; and gone since 4.13.
  column('Avg(sec)', 'none', 1, 'unused'),
  column('Stall(cnt)', 'none', 1, 'unused'),
];
const columnByName = new Map(knownColumns.map((one) => [one.name, one]));

/** The columns of a header line, or what is wrong with it. */
function readHeader(text: string): readonly Column[] | string {
  const names = words(text).map((name) => name.replaceAll('}', ')'));
  const first = names[0];
  if (first !== 'Level' && first !== 'Priority') return 'a table without its header';
  if (names.includes('Time(sec)') || names.includes('RW-Amplify')) return 'the table of RocksDB 3.x or older';
  // db_bench's threads print progress into the middle of a table.
  if (!names.includes('W-Amp') || names.some((name) => name.includes(':'))) return 'a header that is cut, or that another line cuts into';
  return names.map((name) => columnByName.get(name) ?? column(name, 'none', 1, 'unknown'));
}

/** A row's figures by the header, or what is wrong with it. */
function readRow(text: string, columns: readonly Column[]): StatsRow | string {
  const tokens = words(text);
  const row = emptyFigures();
  let name = '';
  let next = 0;
  for (const { field, kind, scale } of columns) {
    const token = tokens[next++];
    if (token === undefined) return 'a row with fewer figures than its header has columns';
    if (kind === 'name') name = token;
    if (kind === 'name' || kind === 'unused' || kind === 'unknown') continue;
    if (kind === 'files') {
      const [files, compacting] = token.split('/').map((part) => parseFigure(part));
      if (files == null || compacting == null) return 'files that are not n/n';
      row.files = files;
      row.compactingFiles = compacting;
      continue;
    }
    const value =
      kind === 'size' ? parsePrintedSize(token, tokens[next++] ?? '') : kind === 'count' ? parsePrintedCount(token) : parseFigure(token);
    if (value === null) return 'a figure that is not a number';
    if (field !== 'none') row[field] = value * scale;
  }
  if (next !== tokens.length) return 'a row with more figures than its header has columns';
  return { name, level: levelOf(name), ...row };
}

function levelOf(name: string): number | null {
  return name.charCodeAt(0) === 76 /* L */ && name.length > 1 ? parseFigure(name.slice(1)) : null;
}

function emptyFigures(): RowFigures {
  return {
    files: 0,
    compactingFiles: 0,
    sizeBytes: 0,
    score: 0,
    readBytes: 0,
    readUpperBytes: 0,
    readOutputLevelBytes: 0,
    writtenBytes: 0,
    writtenUncompressedBytes: null,
    newBytes: 0,
    movedBytes: 0,
    writeAmplification: 0,
    readBytesPerSec: 0,
    writtenBytesPerSec: 0,
    jobSec: 0,
    cpuSec: null,
    jobs: 0,
    recordsIn: 0,
    recordsDropped: 0,
    blobReadBytes: null,
    blobWrittenBytes: null,
  };
}

interface OpenFamily {
  family: string;
  levels: StatsTable;
  priorities: StatsTable | null;
  uptimeSec: number | null;
  flushedBytes: number | null;
  ingestedBytes: number | null;
  writtenBytes: number | null;
  readBytes: number | null;
  jobSec: number | null;
  pendingCompactionBytes: number | null;
  stallCounts: StallCounts | null;
}
interface OpenDump {
  line: number;
  db: Partial<{ -readonly [K in keyof DbStats]: DbStats[K] }> | null;
  /** Whether an `Uptime` line belongs to the DB block (which comes before or after the families'). */
  inDb: boolean;
  dbFirst: boolean;
  /** The family whose table was read last: the lines after it are its own. Null for a repetition, whose figures are known. */
  current: OpenFamily | null;
  families: OpenFamily[];
}

function emptyDump(): OpenDump {
  return { line: 0, db: null, inDb: false, dbFirst: false, current: null, families: [] };
}

function closeDump(dump: OpenDump): StatsDump {
  const db = dump.db;
  return {
    line: dump.line,
    families: dump.families,
    db:
      db?.uptimeSec === undefined
        ? null
        : {
            uptimeSec: db.uptimeSec,
            intervalSec: db.intervalSec ?? 0,
            keys: db.keys ?? null,
            ingestBytes: db.ingestBytes ?? null,
            walBytes: db.walBytes ?? null,
            walSyncs: db.walSyncs ?? null,
            stallSec: db.stallSec ?? null,
            stallPercent: db.stallPercent ?? null,
            intervalStallSec: db.intervalStallSec ?? null,
          },
  };
}

function hasFamily(dump: OpenDump, family: string): boolean {
  return dump.families.some((one) => one.family === family);
}

function keepTable(dump: OpenDump, table: StatsTable): void {
  if (dump.line === 0) dump.line = table.line;
  dump.inDb = false;
  const known = dump.families.find((one) => one.family === table.family);
  if (table.by === 'priority' && known !== undefined) {
    known.priorities ??= table;
    return;
  }
  dump.current = null;
  // A repetition; or a priority table whose level table was cut away.
  if (known !== undefined || table.by === 'priority') return;
  dump.current = {
    family: table.family,
    levels: table,
    priorities: null,
    uptimeSec: null,
    flushedBytes: null,
    ingestedBytes: null,
    writtenBytes: null,
    readBytes: null,
    jobSec: null,
    pendingCompactionBytes: null,
    stallCounts: null,
  };
  dump.families.push(dump.current);
}

/** The lines of text around the tables. True when the line was one of them. */
function summaryLine(dump: OpenDump, text: string): boolean {
  const colon = text.indexOf(':');
  if (colon < 0) return false;
  const read = summaries.get(text.slice(0, colon));
  if (read === undefined) return false;
  read(dump, words(text.slice(colon + 1)).map(bare));
  return true;
}

/** `words` are the words after the colon, commas removed. */
const summaries = new Map<string, (dump: OpenDump, words: readonly string[]) => void>([
  ['Uptime(secs)', readUptime],
  ['Cumulative writes', readWrites],
  ['Cumulative WAL', readWal],
  ['Cumulative stall', (dump, [time, , share]) => onDb(dump, { stallSec: duration(time), stallPercent: figure(share) })],
  ['Interval stall', (dump, [time]) => onDb(dump, { intervalStallSec: duration(time) })],
  ['Interval writes', ignore],
  ['Interval WAL', ignore],
  ['Flush(GB)', (dump, [, value]) => onFamily(dump, { flushedBytes: scaled(figure(value), GIB) })],
  ['AddFile(GB)', (dump, [, value]) => onFamily(dump, { ingestedBytes: scaled(figure(value), GIB) })],
  ['AddFile(Total Files)', ignore],
  ['AddFile(L0 Files)', ignore],
  ['AddFile(Keys)', ignore],
  ['Cumulative compaction', readCumulativeCompaction],
  ['Interval compaction', ignore],
  ['Estimated pending compaction bytes', (dump, [value]) => onFamily(dump, { pendingCompactionBytes: figure(value) })],
  ['Stalls(count)', readStallsLine],
  ['Write Stall (count)', readWriteStallLine],
]);

function ignore(): void {
  // Known, and said by other lines too.
}

function readUptime(dump: OpenDump, [total, , interval]: readonly string[]): void {
  if (dump.inDb) onDb(dump, { uptimeSec: figure(total) ?? 0, intervalSec: figure(interval) ?? 0 });
  else onFamily(dump, { uptimeSec: figure(total) });
}

/** `20M writes, 20M keys, 20M commit groups (4.x: batches), 1.0 writes per commit group, ingest: 19.22 GB, 108.63 MB/s`. */
function readWrites(dump: OpenDump, words: readonly string[]): void {
  const keysAt = words.indexOf('keys');
  const ingestAt = words.indexOf('ingest:');
  onDb(dump, {
    keys: keysAt < 1 ? null : parsePrintedCount(words[keysAt - 1] ?? ''),
    ingestBytes: ingestAt < 0 ? null : parsePrintedSize(words[ingestAt + 1] ?? '', words[ingestAt + 2] ?? ''),
  });
}

/** `20M writes, 0 syncs, 20000000.00 writes per sync, written: 19.22 GB, 108.63 MB/s`. */
function readWal(dump: OpenDump, words: readonly string[]): void {
  const syncsAt = words.indexOf('syncs');
  const writtenAt = words.indexOf('written:');
  onDb(dump, {
    walSyncs: syncsAt < 1 ? null : parsePrintedCount(words[syncsAt - 1] ?? ''),
    walBytes: writtenAt < 0 ? null : parsePrintedSize(words[writtenAt + 1] ?? '', words[writtenAt + 2] ?? ''),
  });
}

/** `126.21 GB write, 713.23 MB/s write, 111.87 GB read, 632.18 MB/s read, 1573.0 seconds`. */
function readCumulativeCompaction(dump: OpenDump, words: readonly string[]): void {
  onFamily(dump, {
    writtenBytes: scaled(figure(words[0]), GIB),
    readBytes: scaled(figure(words[6]), GIB),
    jobSec: figure(words[12]),
  });
}

/** Until 8.0: `a level0_slowdown, b level0_slowdown_with_compaction, c level0_numfiles, .. g memtable_compaction, h memtable_slowdown`. */
function readStallsLine(dump: OpenDump, words: readonly string[]): void {
  const before = (...name: readonly string[]): number => {
    const at = words.findIndex((_, i) => name.every((word, k) => words[i + k] === word));
    return at < 1 ? 0 : (figure(words[at - 1]) ?? 0);
  };
  const stallCounts: StallCounts = {
    l0Delays: before('level0_slowdown'),
    l0Stops: before('level0_numfiles'),
    memtableDelays: before('memtable_slowdown'),
    memtableStops: before('memtable_compaction'),
    pendingDelays: before('slowdown', 'for', 'pending_compaction_bytes'),
    pendingStops: before('stop', 'for', 'pending_compaction_bytes'),
  };
  onFamily(dump, { stallCounts });
}

/** From 8.1 on: `cf-l0-..: n, l0-file-count-limit-delays: n, ..`; the DB's own line has only write-buffer-manager-limit-stops. */
function readWriteStallLine(dump: OpenDump, words: readonly string[]): void {
  const after = (name: string): number => figure(words[words.indexOf(`${name}:`) + 1]) ?? 0;
  if (!words.includes('l0-file-count-limit-delays:')) return;
  const stallCounts: StallCounts = {
    l0Delays: after('l0-file-count-limit-delays'),
    l0Stops: after('l0-file-count-limit-stops'),
    memtableDelays: after('memtable-limit-delays'),
    memtableStops: after('memtable-limit-stops'),
    pendingDelays: after('pending-compaction-bytes-delays'),
    pendingStops: after('pending-compaction-bytes-stops'),
  };
  onFamily(dump, { stallCounts });
}

function onDb(dump: OpenDump, figures: OpenDump['db']): void {
  if (dump.db !== null) Object.assign(dump.db, figures);
}

function onFamily(dump: OpenDump, figures: Partial<OpenFamily>): void {
  if (dump.current !== null && !dump.inDb) Object.assign(dump.current, figures);
}

function looksLikeRow(text: string): boolean {
  const first = words(text)[0] ?? '';
  return rowNames.has(first) || levelOf(first) !== null;
}
const rowNames = new Set(['Sum', 'Int', 'Low', 'High', 'User', 'Bottom']);

function isRule(text: string): boolean {
  return text.startsWith('-----');
}

function words(text: string): string[] {
  const found: string[] = [];
  for (let from = 0; from < text.length;) {
    const end = text.indexOf(' ', from);
    const to = end < 0 ? text.length : end;
    if (to > from) found.push(text.slice(from, to));
    from = to + 1;
  }
  return found;
}

function bare(word: string): string {
  return word.endsWith(',') ? word.slice(0, -1) : word;
}

function figure(text: string | undefined): number | null {
  return text === undefined ? null : parseFigure(text);
}

function duration(text: string | undefined): number | null {
  return text === undefined ? null : parsePrintedDuration(text);
}

function scaled(value: number | null, scale: number): number | null {
  return value === null ? null : value * scale;
}

/** A finite decimal number and nothing else, or null: `inf`, `nan` and the empty text are not figures. */
function parseFigure(text: string): number | null {
  const first = text.charCodeAt(0);
  if (!(first >= 48 && first <= 57) && first !== 45 && first !== 46) return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

function unreadLine(line: number, message: string, found: string): Issue {
  const text = found.trim();
  return { code: 'INPUT_SYNTAX', message, line, found: JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text) };
}
