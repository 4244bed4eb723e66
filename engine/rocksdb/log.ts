/**
 * RocksDB's LOG, read as it comes: `push` text in pieces of any size, get events out. Versions 4.x to 10.x and forks with the same lines.
 *
 * A line is `YYYY/MM/DD-HH:MM:SS.uuuuuu thread [(Original Log Time ..)] [LEVEL] [file:line] [family] [JOB n] text`, or the continuation of
 * one (statistics, table options). Several files that RocksDB rolled (LOG.old.*, LOG) are read as one, oldest first. Times are local time without a zone: `atMicros` counts from 1970 as if the zone were UTC, so that
 * differences are right; of a line with an original time, that one counts. Memory is constant: one piece, one dump, the jobs in flight.
 *
 * Nothing is guessed. What looks like a known line and cannot be read is reported with its number; lines that say nothing about flushes,
 * compactions, stalls, options or statistics are passed over.
 * Source: logging/event_logger.cc, util/auto_roll_logger.cc, db/{flush_job,db_impl*,column_family,internal_stats}.cc, 4.9 to 10.9.
 */
import { PutmodelError, type Issue } from '../kernel/errors.js';
import { eventCursor, inputLists, listField, numberField, textField, type EventCursor } from './log-event.js';
import { createStatsReader, type StatsDump } from './stats-table.js';

/** Why writes were held, in the terms of the stall conditions. */
export type LogStallCause = 'memtable' | 'l0Slowdown' | 'l0Stop' | 'pendingSlowdown' | 'pendingStop';

interface Placed {
  readonly line: number;
  readonly atMicros: number;
  /** As printed: hexadecimal, decimal or pthread numbers. */
  readonly thread: string;
}

/** A flush, put together from its events. null: the LOG does not say. */
export interface LogFlush {
  readonly job: number;
  readonly family: string | null;
  /** null when the start is not in this text. */
  readonly startedAtMicros: number | null;
  readonly finishedAtMicros: number;
  /** "Flush lasted": wall and CPU time, from 6.29 on. */
  readonly wallMicros: number | null;
  readonly cpuMicros: number | null;
  readonly memtables: number | null;
  readonly entries: number | null;
  /** Keys and values as encoded in the memtable, uncompressed. */
  readonly payloadBytes: number | null;
  /** Bytes and number of files written by the job. */
  readonly writtenBytes: number;
  readonly files: number;
  /** Files a level after the flush; empty where it is cut. */
  readonly levelFiles: readonly number[];
}

/** A compaction, put together from its events. null: the LOG does not say. */
export interface LogCompaction {
  readonly job: number;
  readonly family: string | null;
  readonly startedAtMicros: number | null;
  readonly finishedAtMicros: number;
  readonly reason: string | null;
  readonly score: number | null;
  readonly inputs: readonly { readonly level: number; readonly files: readonly number[] }[];
  readonly inputBytes: number | null;
  readonly outputLevel: number;
  readonly outputFiles: number;
  readonly outputBytes: number;
  readonly recordsIn: number | null;
  readonly recordsOut: number | null;
  readonly wallMicros: number | null;
  /** CPU of all slices; absent before 6.0. */
  readonly cpuMicros: number | null;
  readonly subcompactions: number | null;
  readonly levelFiles: readonly number[];
}

export type LogEvent = Placed &
  /** The header: at an opening, and again at the head of each file that RocksDB rolls to while it is open. */
  (
    | { readonly kind: 'opened'; readonly vendor: string; readonly version: string }
    /** The store itself was opened here: a rolled file does not say this. Its uptime counts from about here. */
    | { readonly kind: 'recovering' }
    /** `scope` is the family's name in its options block, `null` for the DB's; table options have the scope of their family. */
    | { readonly kind: 'option'; readonly family: string | null; readonly table: boolean; readonly name: string; readonly value: string }
    | { readonly kind: 'memtableSwitched'; readonly family: string | null; readonly immutables: number | null }
    | { readonly kind: 'flushStarted'; readonly job: number }
    | { readonly kind: 'flushFinished'; readonly flush: LogFlush }
    /** What an opening wrote to level 0 from the WAL it found. */
    | { readonly kind: 'recoveryFlushed'; readonly flush: LogFlush }
    | { readonly kind: 'compactionStarted'; readonly job: number; readonly inputs: LogCompaction['inputs'] }
    | { readonly kind: 'compactionFinished'; readonly compaction: LogCompaction }
    | { readonly kind: 'triviallyMoved'; readonly job: number; readonly level: number; readonly files: number; readonly bytes: number }
    | {
        readonly kind: 'fileCreated';
        readonly job: number;
        readonly file: number;
        readonly bytes: number;
        /** Mean bytes of its user keys (without sequence number and type) and of its values, whole numbers. */
        readonly keyBytes: number | null;
        readonly valueBytes: number | null;
        readonly entries: number | null;
      }
    | { readonly kind: 'blobFileCreated'; readonly job: number; readonly bytes: number }
    | { readonly kind: 'fileDeleted'; readonly job: number; readonly file: number }
    /** A recalculation of the stall conditions ended here. `normal` lines are those that announce more compaction threads. */
    | {
        readonly kind: 'stallRecalculated';
        readonly family: string | null;
        readonly state: 'normal' | 'delayed' | 'stopped';
        readonly cause: LogStallCause | null;
        /** Immutable memtables, L0 files or pending bytes: whatever the cause counts. */
        readonly amount: number | null;
        readonly delayedRateBytesPerSec: number | null;
      }
    | { readonly kind: 'stats'; readonly dump: StatsDump }
    | { readonly kind: 'statistics'; readonly tickers: ReadonlyMap<string, number> }
    | { readonly kind: 'closed' }
  );

/** Who hears of events, and of lines that could not be read. */
export interface LogReaderOptions {
  readonly onEvent: (event: LogEvent) => void;
  /** A line of a known kind that cannot be read. Without it such lines are passed over. */
  readonly onUnread?: (issue: Issue) => void;
  /** Named in messages. */
  readonly file?: string;
}

/** A push reader: text in pieces of any size, then `end`. */
export interface LogReader {
  /**
   * The next piece of the text, cut anywhere.
   * @throws PutmodelError INPUT_UNSUPPORTED for a LOG of RocksDB 3.x or older.
   */
  push(text: string): void;
  /**
   * The text of another file follows, in which the same log goes on: lines count from 1 again, jobs that are running stay so.
   * @throws PutmodelError INPUT_SYNTAX as `end`.
   */
  startFile(file: string): void;
  /**
   * The end; a last line without an end is read as far as it goes.
   * @throws PutmodelError INPUT_SYNTAX when nothing in the text was a line of a LOG.
   */
  end(): void;
}

/** Starts reading a LOG. */
export function createLogReader(options: LogReaderOptions): LogReader {
  const state = startState(options);
  let rest = '';
  let droppingLine = false;
  const endLine = (text: string, start: number, end: number): void => {
    state.lineNumber++;
    if (!droppingLine) readLine(state, text, start, end > start && text.charCodeAt(end - 1) === carriageReturn ? end - 1 : end);
    droppingLine = false;
  };
  const endFile = (): void => {
    if (rest !== '' && !droppingLine) {
      state.lineNumber++;
      readLine(state, rest, 0, rest.length);
    }
    rest = '';
    droppingLine = false;
    leaveBlock(state);
    if (state.timedLines === 0) throw notALog(state);
  };

  return {
    startFile(file) {
      endFile();
      state.file = file;
      state.lineNumber = 0;
      state.timedLines = 0;
    },
    push(piece) {
      let from = 0;
      for (let end = piece.indexOf('\n'); end >= 0; end = piece.indexOf('\n', from)) {
        // Only the line that the cut went through is put together: a copy of the whole piece costs as much as reading it.
        if (rest === '') endLine(piece, from, end);
        else {
          const line = rest + piece.slice(0, end);
          rest = '';
          endLine(line, 0, line.length);
        }
        from = end + 1;
      }
      rest = from === 0 ? rest + piece : piece.slice(from);
      if (rest.length > longestLineChars) {
        unread(state, 'a line is too long to be one', rest, state.lineNumber + 1);
        droppingLine = true;
        rest = '';
      }
    },
    end: endFile,
  };
}

/** RocksDB's own limit for one message is 64 KiB (env/posix_logger.h). */
const longestLineChars = 4 * 1024 * 1024;
const carriageReturn = 13;
const space = 32;
const openBracket = 91;

interface ReaderState {
  readonly options: LogReaderOptions;
  readonly stats: ReturnType<typeof createStatsReader>;
  file: string | undefined;
  lineNumber: number;
  timedLines: number;
  /** What lines without a time belong to. */
  block: 'none' | 'stats' | 'statistics' | 'tableOptions';
  tickers: Map<string, number>;
  /** Family of the options block being printed, null in the DB's. */
  optionFamily: string | null;
  version: string | null;
  flushes: Map<number, OpenFlush>;
  compactions: Map<number, OpenCompaction>;
  readonly line: CurrentLine;
  /** Of the last line that was placed. */
  atMicros: number;
  thread: string;
  /** The date last seen, so that most lines need no calendar. */
  dateText: string;
  dateMicros: number;
}
type OpenFlush = { -readonly [K in keyof LogFlush]: LogFlush[K] };
type OpenCompaction = Pick<LogCompaction, 'family' | 'startedAtMicros' | 'reason' | 'score' | 'inputs' | 'inputBytes'>;

function startState(options: LogReaderOptions): ReaderState {
  const state: ReaderState = {
    options,
    stats: createStatsReader({
      dump: (dump) => emit(state, { kind: 'stats', dump }),
      unread: (issue) => options.onUnread?.(state.file === undefined ? issue : { ...issue, file: state.file }),
    }),
    file: options.file,
    lineNumber: 0,
    timedLines: 0,
    block: 'none',
    tickers: new Map(),
    optionFamily: null,
    version: null,
    flushes: new Map(),
    compactions: new Map(),
    line: { text: '', timeAt: 0, threadAt: 0, threadEnd: 0, end: 0, lastGroupAt: -1, groupBeforeAt: -1 },
    atMicros: 0,
    thread: '',
    dateText: '',
    dateMicros: 0,
  };
  return state;
}

function readLine(state: ReaderState, text: string, start: number, end: number): void {
  if (!isTimed(text, start, end)) {
    continueBlock(state, text, start, end);
    return;
  }
  state.timedLines++;
  const threadAt = start + 27;
  const threadEnd = text.indexOf(' ', threadAt);
  if (threadEnd < 0 || threadEnd >= end) return;
  let body = threadEnd + 1;
  while (body < end && text.charCodeAt(body) === space) body++;
  const first = text.charCodeAt(body);
  if (!startsMessage[first & 127]) {
    if (state.block !== 'none') leaveBlock(state);
    return;
  }
  let timeAt = start;
  if (first === 40 /* ( */ && text.startsWith('(Original Log Time ', body)) {
    timeAt = body + 19;
    body = text.indexOf(')', body) + 2;
    if (body < timeAt || body >= end) return;
  }
  // A stats dump's heading and its empty line are messages of their own: the block goes on.
  if (state.block !== 'none' && !isBlank(text, body, end)) leaveBlock(state);
  const { line } = state;
  line.text = text;
  line.timeAt = timeAt;
  line.threadAt = threadAt;
  line.threadEnd = threadEnd;
  line.end = end;
  if (text.startsWith('EVENT_LOG_v1 ', body)) {
    place(state);
    readEvent(state, text.slice(body + 13, end));
  } else readMessage(state, body);
}

/** First letters of the lines that are looked at: ( - C E L O R S [ and a vendor's version line. Others are passed over unread. */
const startsMessage: readonly boolean[] = Array.from({ length: 128 }, (_, code) => '(-[CEORSTt'.includes(String.fromCharCode(code)));

/** The line being read, by places in the text: one object for all of them. */
interface CurrentLine {
  text: string;
  /** Its time, or its original time. */
  timeAt: number;
  threadAt: number;
  threadEnd: number;
  end: number;
  /** Opening brackets of the last two `[...]` groups before the message, -1 without. */
  lastGroupAt: number;
  groupBeforeAt: number;
}

/** Skips `[...]` groups, remembering the last two, and reads the message after them by its first words. */
function readMessage(state: ReaderState, body: number): void {
  const { line } = state;
  const { text, end } = line;
  let from = body;
  line.lastGroupAt = -1;
  line.groupBeforeAt = -1;
  while (text.charCodeAt(from) === openBracket) {
    const close = text.indexOf(']', from);
    if (close < 0 || close >= end) return;
    line.groupBeforeAt = line.lastGroupAt;
    line.lastGroupAt = from;
    from = close + 1;
    while (from < end && (text.charCodeAt(from) === space || text.charCodeAt(from) === 58) /* : */) from++;
  }
  messagesByLetter[text.charCodeAt(from) & 127]?.(state, text.slice(from, end));
}

/** Reads messages of one first letter; calls `place` before it emits. */
type MessageReader = (state: ReaderState, message: string) => void;

const messagesByLetter: (MessageReader | undefined)[] = Array.from({ length: 128 });
const onLetter = (letter: string, reader: MessageReader): void => {
  messagesByLetter[letter.charCodeAt(0)] = reader;
};

onLetter('-', (state, message) => {
  if (message.startsWith('------- DUMPING STATS')) {
    place(state);
    state.block = 'stats';
  } else if (message.startsWith('--------------- Options for column family [')) {
    state.optionFamily = message.slice(43, message.lastIndexOf(']'));
  }
});

onLetter('*', (state, message) => {
  place(state);
  state.block = 'stats';
  state.stats.line(message, state.lineNumber);
});

onLetter('S', (state, message) => {
  if (message.startsWith('Stopping writes because ') || message.startsWith('Stalling writes because ')) {
    place(state);
    readStall(state, message, familyOf(state));
  } else if (message.startsWith('STATISTICS:')) {
    place(state);
    state.block = 'statistics';
  } else if (message.startsWith('SpeeDB version: ')) {
    place(state);
    opened(state, 'SpeeDB', message.slice(16));
  } else if (message.startsWith('Shutdown: canceling') || message.startsWith('Shutdown complete')) {
    if (!message.startsWith('Shutdown: ')) return;
    place(state);
    emit(state, { kind: 'closed' });
  }
});

onLetter('R', (state, message) => {
  if (message.startsWith('RocksDB version: ')) {
    place(state);
    opened(state, 'RocksDB', message.slice(17));
  } else if (message.startsWith('Recovering from manifest file')) {
    place(state);
    // Jobs that never ended died with the process.
    state.flushes.clear();
    state.compactions.clear();
    emit(state, { kind: 'recovering' });
  }
});

onLetter('C', (state, message) => {
  // 4.x on print "Compile date"; the versions before, which have no version line, "Compile time".
  if (state.version === null && message.startsWith('Compile time '))
    throw tooOld(state, 'RocksDB 3.x or older (a LOG without a version line)');
});

onLetter('N', (state, message) => {
  if (!message.startsWith('New memtable created')) return;
  place(state);
  const immutablesAt = message.lastIndexOf('memtables: ');
  const count = immutablesAt < 0 ? NaN : parseInt(message.slice(immutablesAt + 11), 10);
  emit(state, { kind: 'memtableSwitched', family: familyOf(state), immutables: Number.isNaN(count) ? null : count });
});

onLetter('F', (state, message) => {
  if (!message.startsWith('Flush lasted ')) return;
  const flush = state.flushes.get(jobOf(state) ?? -1);
  if (flush === undefined) return;
  flush.wallMicros = leadingNumber(message, 13);
  const cpuAt = message.indexOf('and ');
  flush.cpuMicros = cpuAt < 0 ? null : leadingNumber(message, cpuAt + 4);
  if (flush.wallMicros === null) unread(state, 'a flush duration that is cut', message);
});

onLetter('I', (state, message) => {
  if (!message.startsWith('Increasing compaction threads because ')) return;
  place(state);
  emit(state, {
    kind: 'stallRecalculated',
    family: familyOf(state),
    state: 'normal',
    cause: null,
    amount: null,
    delayedRateBytesPerSec: null,
  });
});

onLetter('O', (state, message) => {
  if (!message.startsWith('Options.')) return;
  const colon = message.indexOf(':');
  if (colon < 0) return;
  place(state);
  emitOption(state, false, message.slice(8, colon).trim(), message.slice(colon + 1).trim());
});

onLetter('t', (state, message) => {
  if (!message.startsWith('table_factory options:')) return;
  state.block = 'tableOptions';
  tableOption(state, message.slice(22));
});

function readStall(state: ReaderState, message: string, family: string | null): void {
  const stopped = message.startsWith('Stopping');
  const pending = message.includes('pending compaction bytes');
  const memtable = message.includes('immutable memtables');
  if (!pending && !memtable && !message.includes('level-0 files')) {
    unread(state, 'a stall whose cause is not known', message);
    return;
  }
  const l0Cause = stopped ? 'l0Stop' : 'l0Slowdown';
  const pendingCause = stopped ? 'pendingStop' : 'pendingSlowdown';
  const rateAt = message.indexOf(' rate ');
  emit(state, {
    kind: 'stallRecalculated',
    family,
    state: stopped ? 'stopped' : 'delayed',
    cause: memtable ? 'memtable' : pending ? pendingCause : l0Cause,
    amount: leadingNumber(message, pending ? message.indexOf('bytes ') + 6 : message.indexOf('have ') + 5),
    delayedRateBytesPerSec: rateAt < 0 ? null : leadingNumber(message, rateAt + 6),
  });
}

function opened(state: ReaderState, vendor: string, version: string): void {
  // A fork counts its own versions: they say nothing about the layout.
  if (vendor === 'RocksDB' && parseInt(version, 10) < 4) throw tooOld(state, `${vendor} ${version}`);
  state.version = version;
  state.optionFamily = null;
  emit(state, { kind: 'opened', vendor, version: version.trim() });
}

/** One event line; `line` starts with its brace. */
function readEvent(state: ReaderState, line: string): void {
  const fields = eventCursor(line);
  const job = numberField(fields, '"job": ');
  const name = textField(fields, '"event": ');
  const read = name === null ? undefined : eventReaders.get(name);
  if (name === null || (read !== undefined && job === null)) unread(state, 'an event that is cut before its name or job', line);
  else if (read !== undefined && job !== null && !read(state, fields, job))
    unread(state, `a ${name} event without the figures it needs`, line);
}

/** Each gives false when a figure that is needed is absent or cut. */
const eventReaders = new Map<string, (state: ReaderState, fields: EventCursor, job: number) => boolean>([
  ['table_file_creation', readFileCreated],
  ['blob_file_creation', readBlobFileCreated],
  ['table_file_deletion', readFileDeleted],
  ['recovery_started', readRecoveryStarted],
  ['recovery_finished', readRecoveryFinished],
  ['flush_started', readFlushStarted],
  ['flush_finished', readFlushFinished],
  ['compaction_started', readCompactionStarted],
  ['compaction_finished', readCompactionFinished],
  ['trivial_move', readTrivialMove],
]);

function readFileCreated(state: ReaderState, fields: EventCursor, job: number): boolean {
  const flush = state.flushes.get(job);
  if (flush !== undefined) flush.family ??= textField(fields, '"cf_name": ');
  const file = numberField(fields, '"file_number": ');
  const bytes = numberField(fields, '"file_size": ');
  if (file === null || bytes === null) return false;
  if (flush !== undefined) {
    flush.writtenBytes += bytes;
    flush.files++;
  }
  const internalKeyBytes = numberField(fields, '"raw_average_key_size": ');
  emit(state, {
    kind: 'fileCreated',
    job,
    file,
    bytes,
    keyBytes: internalKeyBytes === null ? null : internalKeyBytes - 8,
    valueBytes: numberField(fields, '"raw_average_value_size": '),
    entries: numberField(fields, '"num_entries": '),
  });
  return true;
}

function readFileDeleted(state: ReaderState, fields: EventCursor, job: number): boolean {
  const file = numberField(fields, '"file_number": ');
  if (file !== null) emit(state, { kind: 'fileDeleted', job, file });
  return file !== null;
}

function readBlobFileCreated(state: ReaderState, fields: EventCursor, job: number): boolean {
  const bytes = numberField(fields, '"total_blob_bytes": ');
  if (bytes !== null) emit(state, { kind: 'blobFileCreated', job, bytes });
  return bytes !== null;
}

function readRecoveryStarted(state: ReaderState, _fields: EventCursor, job: number): boolean {
  state.flushes.set(job, startFlush(state, job));
  return true;
}

function readRecoveryFinished(state: ReaderState, _fields: EventCursor, job: number): boolean {
  const flush = state.flushes.get(job);
  state.flushes.delete(job);
  if (flush !== undefined && flush.files > 0) {
    emit(state, { kind: 'recoveryFlushed', flush: { ...flush, finishedAtMicros: state.atMicros } });
  }
  return true;
}

function startFlush(state: ReaderState, job: number): OpenFlush {
  return {
    job,
    family: null,
    startedAtMicros: state.atMicros,
    finishedAtMicros: state.atMicros,
    wallMicros: null,
    cpuMicros: null,
    memtables: null,
    entries: null,
    payloadBytes: null,
    writtenBytes: 0,
    files: 0,
    levelFiles: [],
  };
}

function readFlushStarted(state: ReaderState, fields: EventCursor, job: number): boolean {
  state.flushes.set(job, {
    ...startFlush(state, job),
    family: textField(fields, '"cf_name": '),
    memtables: numberField(fields, '"num_memtables": '),
    entries: numberField(fields, '"num_entries": ') ?? numberField(fields, '"total_num_input_entries": '),
    payloadBytes: numberField(fields, '"total_data_size": '),
  });
  emit(state, { kind: 'flushStarted', job });
  return true;
}

function readFlushFinished(state: ReaderState, fields: EventCursor, job: number): boolean {
  const flush = state.flushes.get(job);
  state.flushes.delete(job);
  const levelFiles = listField(fields, '"lsm_state": ') ?? [];
  if (flush !== undefined) emit(state, { kind: 'flushFinished', flush: { ...flush, finishedAtMicros: state.atMicros, levelFiles } });
  // Without its start (the text begins in its middle) nothing is known of it.
  return true;
}

function readCompactionStarted(state: ReaderState, fields: EventCursor, job: number): boolean {
  const inputs = inputLists(fields);
  state.compactions.set(job, {
    family: textField(fields, '"cf_name": '),
    startedAtMicros: state.atMicros,
    reason: textField(fields, '"compaction_reason": '),
    score: numberField(fields, '"score": '),
    inputs,
    inputBytes: numberField(fields, '"input_data_size": '),
  });
  emit(state, { kind: 'compactionStarted', job, inputs });
  return true;
}

function readCompactionFinished(state: ReaderState, fields: EventCursor, job: number): boolean {
  const started = state.compactions.get(job);
  state.compactions.delete(job);
  const wallMicros = numberField(fields, '"compaction_time_micros": ');
  const cpuMicros = numberField(fields, '"compaction_time_cpu_micros": ');
  const outputLevel = numberField(fields, '"output_level": ');
  const outputFiles = numberField(fields, '"num_output_files": ');
  const outputBytes = numberField(fields, '"total_output_size": ');
  if (outputLevel === null || outputFiles === null || outputBytes === null) return false;
  emit(state, {
    kind: 'compactionFinished',
    compaction: {
      job,
      family: started?.family ?? null,
      startedAtMicros: started?.startedAtMicros ?? null,
      reason: started?.reason ?? null,
      score: started?.score ?? null,
      inputs: started?.inputs ?? [],
      inputBytes: started?.inputBytes ?? null,
      finishedAtMicros: state.atMicros,
      outputLevel,
      outputFiles,
      outputBytes,
      recordsIn: numberField(fields, '"num_input_records": '),
      recordsOut: numberField(fields, '"num_output_records": '),
      wallMicros,
      cpuMicros,
      subcompactions: numberField(fields, '"num_subcompactions": '),
      levelFiles: listField(fields, '"lsm_state": ') ?? [],
    },
  });
  return true;
}

function readTrivialMove(state: ReaderState, fields: EventCursor, job: number): boolean {
  const level = numberField(fields, '"destination_level": ');
  const files = numberField(fields, '"files": ');
  const bytes = numberField(fields, '"total_files_size": ');
  if (level === null || files === null || bytes === null) return false;
  emit(state, { kind: 'triviallyMoved', job, level, files, bytes });
  return true;
}

/** A line without a time. */
function continueBlock(state: ReaderState, text: string, start: number, end: number): void {
  if (state.block === 'stats') {
    const line = text.slice(start, end);
    state.stats.line(line, state.lineNumber);
  } else if (state.block === 'statistics') {
    readTicker(state, text, start, end);
  } else if (state.block === 'tableOptions') {
    tableOption(state, text.slice(start, end));
  } else if (text.startsWith('** ', start)) {
    // A dump whose heading went to another file, or one printed by the program itself.
    state.block = 'stats';
    state.stats.line(text.slice(start, end), state.lineNumber);
  } else if (text.startsWith('Level  Files Size(MB) Score Time(sec)', start)) {
    throw tooOld(state, 'RocksDB 3.x or older (its compaction table)');
  }
}

/** ` rocksdb.name COUNT : n`; histogram lines (`rocksdb.name P50 : ..`) are left to db_bench's output, where they are final. */
function readTicker(state: ReaderState, text: string, start: number, end: number): void {
  let nameAt = start;
  while (nameAt < end && text.charCodeAt(nameAt) === space) nameAt++;
  const nameEnd = text.indexOf(' ', nameAt);
  if (nameEnd < 0 || nameEnd >= end || !text.startsWith(' COUNT : ', nameEnd)) return;
  const value = leadingNumber(text, nameEnd + 9);
  if (value === null) unread(state, 'a ticker that is not a number', text.slice(start, end));
  else state.tickers.set(text.slice(nameAt, nameEnd), value);
}

function tableOption(state: ReaderState, text: string): void {
  const colon = text.indexOf(':');
  if (colon < 0) return;
  const name = text.slice(0, colon).trim();
  if (name !== '' && !name.includes(' ')) emitOption(state, true, name, text.slice(colon + 1).trim());
}

function emitOption(state: ReaderState, table: boolean, name: string, value: string): void {
  emit(state, { kind: 'option', family: state.optionFamily, table, name, value });
}

function leaveBlock(state: ReaderState): void {
  if (state.block === 'stats') state.stats.flush();
  if (state.block === 'statistics') {
    emit(state, { kind: 'statistics', tickers: state.tickers });
    state.tickers = new Map();
  }
  state.block = 'none';
}

/** The part of `LogEvent` that says what happened; the reader adds where and when. */
type Happened = LogEvent extends infer E ? (E extends Placed ? Omit<E, keyof Placed> : never) : never;

function emit(state: ReaderState, happened: Happened): void {
  const { lineNumber: line, atMicros, thread } = state;
  state.options.onEvent({ line, atMicros, thread, ...happened });
}

function unread(state: ReaderState, message: string, found: string, line = state.lineNumber): void {
  const shown = found.length > 80 ? `${found.slice(0, 77)}...` : found;
  const issue: Issue = { code: 'INPUT_SYNTAX', message, line, found: JSON.stringify(shown) };
  state.options.onUnread?.(state.file === undefined ? issue : { ...issue, file: state.file });
}

function tooOld(state: ReaderState, what: string): PutmodelError {
  return new PutmodelError({
    code: 'INPUT_UNSUPPORTED',
    message: `the LOG of ${what} has another layout`,
    expected: 'a LOG of RocksDB 4.0 or newer',
    file: state.file,
    line: state.lineNumber,
  });
}

function notALog(state: ReaderState): PutmodelError {
  return new PutmodelError({
    code: 'INPUT_SYNTAX',
    message: state.lineNumber === 0 ? 'the LOG is empty' : 'not a RocksDB LOG: no line starts with a time',
    expected: 'lines such as "2024/01/31-12:00:00.000000 1234 RocksDB version: 7.8.3"',
    file: state.file,
    line: 1,
  });
}

/** The family of a message: its last group, or the one before `[JOB n]`. */
function familyOf({ line }: ReaderState): string | null {
  return line.text.startsWith('[JOB ', line.lastGroupAt) ? group(line, line.groupBeforeAt) : group(line, line.lastGroupAt);
}

function jobOf({ line }: ReaderState): number | null {
  return line.text.startsWith('[JOB ', line.lastGroupAt) ? leadingNumber(line.text, line.lastGroupAt + 5) : null;
}

function group({ text }: CurrentLine, at: number): string | null {
  return at < 0 ? null : text.slice(at + 1, text.indexOf(']', at));
}

/** The digits at `from` as a number, or null. */
function leadingNumber(text: string, from: number): number | null {
  let value = 0;
  let at = from;
  for (let code = text.charCodeAt(at); code >= 48 && code <= 57; code = text.charCodeAt(++at)) value = value * 10 + code - 48;
  return at === from ? null : value;
}

function isBlank(text: string, start: number, end: number): boolean {
  // `[db/db_impl/db_impl.cc:790] ` and nothing more: the first line of a dump's message.
  if (text.charCodeAt(start) !== openBracket) return start >= end;
  const close = text.indexOf(']', start);
  let at = close + 1;
  while (at < end && text.charCodeAt(at) === space) at++;
  return close > 0 && at >= end;
}

/** `YYYY/MM/DD-HH:MM:SS.uuuuuu ` at `start`. */
function isTimed(text: string, start: number, end: number): boolean {
  return (
    end - start > 27 &&
    text.charCodeAt(start + 4) === 47 &&
    text.charCodeAt(start + 7) === 47 &&
    text.charCodeAt(start + 10) === 45 &&
    text.charCodeAt(start + 13) === 58 &&
    text.charCodeAt(start + 19) === 46 &&
    text.charCodeAt(start + 26) === space
  );
}

/** Takes the line's time and thread. */
function place(state: ReaderState): void {
  const { text, timeAt, threadAt, threadEnd } = state.line;
  if (!text.startsWith(state.dateText, timeAt) || state.dateText === '') {
    state.dateText = text.slice(timeAt, timeAt + 10);
    state.dateMicros = daysSince1970(digits(text, timeAt, 4), digits(text, timeAt + 5, 2), digits(text, timeAt + 8, 2)) * 86_400_000_000;
  }
  const seconds = digits(text, timeAt + 11, 2) * 3600 + digits(text, timeAt + 14, 2) * 60 + digits(text, timeAt + 17, 2);
  state.atMicros = state.dateMicros + seconds * 1_000_000 + digits(text, timeAt + 20, 6);
  state.thread = text.slice(threadAt, threadEnd);
}

/** `count` characters as a decimal number; characters that are no digits count as 0. */
function digits(text: string, start: number, count: number): number {
  let value = 0;
  for (let i = start; i < start + count; i++) {
    const digit = text.charCodeAt(i) - 48;
    value = value * 10 + (digit >= 0 && digit <= 9 ? digit : 0);
  }
  return value;
}

/** Days from 1970-01-01 in the proleptic Gregorian calendar (Howard Hinnant, chrono-compatible low-level date algorithms). */
function daysSince1970(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468;
}
