/**
 * A LOG's events summed up as they come, in constant memory: what flushes and compactions wrote and read, by level and by interval, for
 * the ledger; and each opening of the store apart, for the checks.
 */
import type { LogCompaction, LogEvent, LogFlush } from '../rocksdb/log.js';
import { addAccount, addCompaction, addFlush, levelOf, sumsOf, type Account } from './account.js';
import { createIntervals, intervalAt, mergeIntervals, type Intervals } from './intervals.js';
import { checkOpening, type OpeningChecks } from './log-checks.js';
import { createOpening, finishJob, inputBytesOf, jobOf, keepDump, momentOf, upperBytesOf, type Opening } from './opening.js';
import { createWalTracker } from './wal.js';

/** Where the ledger ends: with the log, when the store began to close (the benchmark was over), or at the last dump that tells user bytes. */
export type LedgerEnd = 'log' | 'benchmark' | 'dump';

/** What the account is asked to keep. */
export interface LogAccountOptions {
  readonly until: LedgerEnd;
  /** Uptime of a table printed elsewhere, by db_bench: what had finished by then is kept, for each opening. */
  readonly printedUptimeSec: number | null;
}

/** Everything a log told. */
export interface LogAccount {
  readonly version: string | null;
  /** Times of the first event and of the ledger's end. */
  readonly startMicros: number;
  readonly cutMicros: number;
  /** The end that was found: `log` when what was asked for never came. */
  readonly cutAt: LedgerEnd;
  readonly total: Account;
  readonly intervals: Intervals;
  readonly unfinishedBytes: number;
  /** The openings before the last one: checked when they ended, so that a store that is opened often takes no memory. */
  readonly ended: readonly EndedOpening[];
  readonly opening: Opening;
  /** Of the WAL bytes, the fraction that lay long enough to be written back; null when the log does not tell. */
  readonly walWrittenBackFraction: number | null;
  /** The DB options that decide how the WAL reaches the device; 0 where they are not printed. */
  readonly walBytesPerSync: number;
  readonly recycledLogs: number;
}

/** What is kept of an opening that another one followed. */
export interface EndedOpening extends OpeningChecks {
  readonly writtenBytes: number;
  /** Entries that were flushed, as the memtables encode them. */
  readonly payloadBytes: number;
  readonly db: OpeningDb | null;
}

/** User and WAL bytes of one opening. */
export interface OpeningDb {
  readonly atMicros: number;
  readonly ingestBytes: number;
  readonly walBytes: number | null;
  readonly walSyncs: number;
}

/** What an opening's DB Stats tell of it; null when there are none, or when they are from before the first put. */
export function dbOf({ firstDb, lastDb, fromStart }: Opening): OpeningDb | null {
  if (lastDb === null || (lastDb.db.ingestBytes ?? 0) === 0) return null;
  const { db, atMicros } = lastDb;
  const base = fromStart ? null : firstDb;
  const walBytes = db.walBytes === null ? null : db.walBytes - (base?.walBytes ?? 0);
  return { atMicros, ingestBytes: (db.ingestBytes ?? 0) - (base?.ingestBytes ?? 0), walBytes, walSyncs: db.walSyncs ?? 0 };
}

/** Takes every event in its order, then `finish` once. */
export interface LogAccountBuilder {
  add(event: LogEvent): void;
  finish(): LogAccount;
}

/** Starts an account. Memory: the sizes of live files, some hundred intervals, a few sums an opening. */
export function createLogAccount(options: LogAccountOptions): LogAccountBuilder {
  const state = startAccount(options);
  return {
    add(event) {
      if (state.intervals === null) {
        state.intervals = createIntervals(event.atMicros);
        state.pendingIntervals = createIntervals(event.atMicros);
      }
      state.endMicros = Math.max(state.endMicros, event.atMicros);
      addEvent(state, event);
    },
    finish: () => finishAccount(state),
  };
}

interface OpenAccount {
  readonly options: LogAccountOptions;
  endMicros: number;
  /** Jobs up to the last moment that can be the ledger's end, and those since then. */
  readonly committed: Account;
  readonly pending: Account;
  intervals: Intervals | null;
  pendingIntervals: Intervals | null;
  cutMicros: number | null;
  unfinishedBytes: number;
  version: string | null;
  walBytesPerSync: number;
  recycledLogs: number;
  readonly ended: EndedOpening[];
  opening: Opening | null;
  readonly wal: ReturnType<typeof createWalTracker>;
  /** Of live files, for what compactions read from which level. */
  readonly fileBytes: Map<number, number>;
}

function startAccount(options: LogAccountOptions): OpenAccount {
  return {
    options,
    endMicros: 0,
    committed: [],
    pending: [],
    intervals: null,
    pendingIntervals: null,
    cutMicros: null,
    unfinishedBytes: 0,
    version: null,
    walBytesPerSync: 0,
    recycledLogs: 0,
    ended: [],
    opening: null,
    wal: createWalTracker(),
    fileBytes: new Map(),
  };
}

function addEvent(state: OpenAccount, event: LogEvent): void {
  switch (event.kind) {
    case 'opened':
      state.version = event.version;
      return;
    case 'recovering':
      if (state.opening !== null) state.ended.push(endOpening(state.opening, state.ended.length + 1));
      state.opening = createOpening(event.atMicros, true, state.options.printedUptimeSec);
      state.fileBytes.clear();
      state.wal.opened(event.atMicros);
      return;
    case 'option':
      readOption(state, event);
      return;
    case 'stallRecalculated':
      return;
    default:
      addToOpening(state, openingAt(state, event.atMicros), event);
  }
}

type OpeningEvent = Exclude<LogEvent, { readonly kind: 'opened' | 'recovering' | 'option' | 'stallRecalculated' }>;

function addToOpening(state: OpenAccount, opening: Opening, event: OpeningEvent): void {
  switch (event.kind) {
    case 'memtableSwitched':
      state.wal.switched(event.family ?? '', event.atMicros);
      return;
    case 'flushStarted':
      jobOf(opening, event.job, 'flush');
      return;
    case 'compactionStarted':
      jobOf(opening, event.job, 'compaction').inputs = inputBytesOf(event.inputs, state.fileBytes);
      return;
    case 'fileCreated': {
      const job = jobOf(opening, event.job, 'unknown');
      job.createdBytes += event.bytes;
      job.entries = event.entries === null || job.entries === null ? null : job.entries + event.entries;
      opening.createdBytes += event.bytes;
      opening.largestFileBytes = Math.max(opening.largestFileBytes, event.bytes);
      state.fileBytes.set(event.file, event.bytes);
      return;
    }
    case 'blobFileCreated':
      jobOf(opening, event.job, 'unknown').blobBytes += event.bytes;
      opening.createdBytes += event.bytes;
      return;
    case 'fileDeleted':
      state.fileBytes.delete(event.file);
      return;
    case 'flushFinished':
      addFinishedFlush(state, opening, event.flush, 0);
      return;
    case 'recoveryFlushed':
      addFinishedFlush(state, opening, event.flush, event.flush.writtenBytes);
      return;
    case 'compactionFinished':
      addFinishedCompaction(state, opening, event.compaction);
      return;
    case 'triviallyMoved':
      addFinished(state, opening, event.job, event.atMicros, (account) => {
        levelOf(account, event.level).movedBytes += event.bytes;
      });
      return;
    case 'stats':
      keepDump(opening, event.dump, event.atMicros);
      if (state.options.until === 'dump' && (event.dump.db?.ingestBytes ?? 0) > 0) cut(state, opening, event.atMicros);
      return;
    case 'statistics':
      if (opening.latestDump !== null) opening.latestDump.tickers = event.tickers;
      return;
    case 'closed':
      opening.closing ??= momentOf(opening, event.atMicros);
      if (state.options.until === 'benchmark') cut(state, opening, event.atMicros);
  }
}

function openingAt(state: OpenAccount, atMicros: number): Opening {
  state.opening ??= createOpening(atMicros, false, null);
  return state.opening;
}

function endOpening(opening: Opening, number: number): EndedOpening {
  const checked = checkOpening(opening, `opening ${String(number)}: `, null);
  const { writtenBytes, payloadBytes } = sumsOf(opening.account);
  return { ...checked, writtenBytes, payloadBytes, db: dbOf(opening) };
}

function readOption(state: OpenAccount, event: Extract<LogEvent, { readonly kind: 'option' }>): void {
  if (event.family !== null || event.table) return;
  const value = Number(event.value);
  if (event.name === 'wal_bytes_per_sync' && value >= 0) state.walBytesPerSync = value;
  if (event.name === 'recycle_log_file_num' && value >= 0) state.recycledLogs = value;
}

function addFinishedFlush(state: OpenAccount, opening: Opening, flush: LogFlush, recoveredBytes: number): void {
  const job = opening.running.get(flush.job);
  const bytes = flush.writtenBytes + (job?.blobBytes ?? 0);
  const entries = job?.entries ?? null;
  // A recovery flushes memtables that were never switched.
  if (flush.memtables !== null) state.wal.flushed(flush.family ?? '', flush.finishedAtMicros, flush.memtables);
  addFinished(state, opening, flush.job, flush.finishedAtMicros, (account) => {
    addFlush(account, flush, bytes, entries);
    levelOf(account, 0).recoveredBytes += recoveredBytes;
  });
}

function addFinishedCompaction(state: OpenAccount, opening: Opening, compaction: LogCompaction): void {
  const job = opening.running.get(compaction.job);
  const bytes = compaction.outputBytes + (job?.blobBytes ?? 0);
  const upperBytes = upperBytesOf(job, compaction.outputLevel);
  addFinished(state, opening, compaction.job, compaction.finishedAtMicros, (account) => {
    addCompaction(account, compaction, bytes, upperBytes);
  });
}

/** Adds what a finished job did to everything it belongs to. */
function addFinished(state: OpenAccount, opening: Opening, job: number, atMicros: number, add: (account: Account) => void): void {
  finishJob(opening, job, atMicros, add);
  const isLate = state.cutMicros !== null && atMicros <= state.cutMicros;
  const intervals = isLate ? state.intervals : state.pendingIntervals;
  add(isLate ? state.committed : state.pending);
  if (intervals !== null) add(intervalAt(intervals, atMicros));
}

/** Everything so far belongs to the ledger. */
function cut(state: OpenAccount, opening: Opening, atMicros: number): void {
  addAccount(state.committed, state.pending);
  state.pending.length = 0;
  if (state.intervals !== null && state.pendingIntervals !== null) mergeIntervals(state.intervals, state.pendingIntervals);
  state.cutMicros = atMicros;
  state.unfinishedBytes = momentOf(opening, atMicros).unfinishedBytes;
}

function finishAccount(state: OpenAccount): LogAccount {
  const found = state.cutMicros !== null;
  if (!found) cut(state, openingAt(state, state.endMicros), state.endMicros);
  const cutMicros = state.cutMicros ?? state.endMicros;
  const intervals = state.intervals ?? createIntervals(cutMicros);
  return {
    version: state.version,
    startMicros: intervals.startMicros,
    cutMicros,
    cutAt: found ? state.options.until : 'log',
    total: state.committed,
    intervals,
    unfinishedBytes: state.unfinishedBytes,
    ended: state.ended,
    opening: openingAt(state, cutMicros),
    walWrittenBackFraction: state.wal.writtenBackFraction(cutMicros),
    walBytesPerSync: state.walBytesPerSync,
    recycledLogs: state.recycledLogs,
  };
}
