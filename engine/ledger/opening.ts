/**
 * One opening of a store, as far as its log's text goes: what its finished jobs wrote and read, which jobs are running, and what stood
 * there at the moments at which RocksDB counted too. A job's bytes are counted when it finishes, as in RocksDB's own table.
 */
import type { LogCompaction } from '../rocksdb/log.js';
import type { DbStats, StatsDump } from '../rocksdb/stats-table.js';
import { addAccount, copyAccount, type Account } from './account.js';

/** What the finished jobs had done at some moment. */
export interface Moment {
  readonly atMicros: number;
  readonly account: Account;
  /** Finished files of unfinished jobs, and how many compactions were running. */
  unfinishedBytes: number;
  runningCompactions: number;
  /** Jobs that finished so shortly before or after that RocksDB may have counted them on the other side. `before` is part of `account`. */
  readonly before: Account;
  readonly after: Account;
}

/** A dump with the moment it was printed at; tickers where `--statistics` adds them. */
export interface DumpMoment {
  readonly dump: StatsDump;
  readonly moment: Moment;
  tickers: ReadonlyMap<string, number> | null;
}

/** A job that has not finished. */
export interface RunningJob {
  readonly kind: 'flush' | 'compaction' | 'unknown';
  /** Size of its inputs by level; null where one is not known. Empty until its start is read. */
  inputs: readonly { readonly level: number; readonly bytes: number | null }[];
  createdBytes: number;
  blobBytes: number;
  /** Entries of its finished files; null where a file does not tell. */
  entries: number | null;
}

/** All of one opening. */
export interface Opening {
  readonly openedAtMicros: number;
  /** False when the text begins while the store is open: then only differences between dumps can be compared. */
  readonly fromStart: boolean;
  readonly account: Account;
  readonly running: Map<number, RunningJob>;
  /** Bytes of all files with a creation event. */
  createdBytes: number;
  largestFileBytes: number;
  firstDump: DumpMoment | null;
  /** The last dump with a table in which something was written. */
  lastDump: DumpMoment | null;
  /** The latest dump of all: tickers printed next belong to it. */
  latestDump: DumpMoment | null;
  /** The first and last DB Stats. */
  firstDb: DbStats | null;
  lastDb: { readonly db: DbStats; readonly atMicros: number } | null;
  /** At the uptime that was asked for. */
  readonly printed: Moment | null;
  /** When closing began: the benchmark is over. null when the text ends before. */
  closing: Moment | null;
}

/** Lines of jobs come through a buffer, and RocksDB counts a job before it commits and logs it: so much later it may still be in a dump. */
const lateMicros = 100_000;
/** `Uptime(secs)` has one decimal. */
const uptimeHalfUnitMicros = 50_000;

/** A store that has done nothing. `printedUptimeSec`: keep what had finished by then. */
export function createOpening(openedAtMicros: number, fromStart: boolean, printedUptimeSec: number | null): Opening {
  const printed = printedUptimeSec === null || !fromStart ? null : emptyMoment(openedAtMicros + Math.round(printedUptimeSec * 1e6));
  return {
    openedAtMicros,
    fromStart,
    account: [],
    running: new Map(),
    createdBytes: 0,
    largestFileBytes: 0,
    firstDump: null,
    lastDump: null,
    latestDump: null,
    firstDb: null,
    lastDb: null,
    printed,
    closing: null,
  };
}

/** The running job of this number; begun as `kind` when it is not known. */
export function jobOf(opening: Opening, job: number, kind: RunningJob['kind']): RunningJob {
  const known = opening.running.get(job);
  if (known !== undefined) return known;
  const started: RunningJob = { kind, inputs: [], createdBytes: 0, blobBytes: 0, entries: 0 };
  opening.running.set(job, started);
  return started;
}

/** Ends a job and adds what it did (`add`, once to each account that it belongs to). */
export function finishJob(opening: Opening, job: number, atMicros: number, add: (account: Account) => void): void {
  const running = opening.running.get(job);
  opening.running.delete(job);
  add(opening.account);
  const { latestDump, lastDump, closing } = opening;
  if (latestDump !== null) finishLate(latestDump.moment, running, atMicros, add);
  if (lastDump !== null && lastDump !== latestDump) finishLate(lastDump.moment, running, atMicros, add);
  if (closing !== null) finishLate(closing, running, atMicros, add);
  // A table is printed before the store closes: jobs that closing gave up are not in it.
  const isOpen = opening.closing === null || atMicros <= opening.closing.atMicros;
  if (opening.printed !== null && isOpen) addToPrinted(opening.printed, atMicros, add);
}

/** A job whose line stands behind a moment, and which by its own time finished before it or just after. */
function finishLate(moment: Moment, running: RunningJob | undefined, atMicros: number, add: (account: Account) => void): void {
  if (atMicros > moment.atMicros + lateMicros) return;
  if (atMicros > moment.atMicros) {
    add(moment.after);
    return;
  }
  add(moment.account);
  if (running === undefined) return;
  moment.unfinishedBytes -= running.createdBytes + running.blobBytes;
  if (running.kind === 'compaction') moment.runningCompactions--;
}

/** What has finished so far. */
export function momentOf(opening: Opening, atMicros: number): Moment {
  const moment = { ...emptyMoment(atMicros), account: copyAccount(opening.account) };
  for (const job of opening.running.values()) {
    moment.unfinishedBytes += job.createdBytes + job.blobBytes;
    if (job.kind === 'compaction') moment.runningCompactions++;
  }
  return moment;
}

/** Keeps a dump: the first, the last with a table that is not empty, and the latest. */
export function keepDump(opening: Opening, dump: StatsDump, atMicros: number): void {
  const kept: DumpMoment = { dump, moment: momentOf(opening, atMicros), tickers: null };
  opening.latestDump = kept;
  opening.firstDump ??= kept;
  if (dump.families.some((family) => family.levels.rows.some((row) => row.name === 'Sum' && row.sizeBytes + row.writtenBytes > 0))) {
    opening.lastDump = kept;
  }
  if (dump.db === null) return;
  opening.firstDb ??= dump.db;
  opening.lastDb = { db: dump.db, atMicros };
}

/** Size of a compaction's inputs by level, from the sizes of live files. */
export function inputBytesOf(inputs: LogCompaction['inputs'], fileBytes: ReadonlyMap<number, number>): RunningJob['inputs'] {
  return inputs.map(({ level, files }) => {
    let sumBytes = 0;
    for (const file of files) {
      const bytes = fileBytes.get(file);
      if (bytes === undefined) return { level, bytes: null };
      sumBytes += bytes;
    }
    return { level, bytes: sumBytes };
  });
}

/** Bytes of a compaction's inputs that lie on other levels than its output; null where a size is not known. */
export function upperBytesOf(job: RunningJob | undefined, outputLevel: number): number | null {
  if (job === undefined || job.inputs.length === 0) return null;
  let sumBytes = 0;
  for (const { level, bytes } of job.inputs) {
    if (level === outputLevel) continue;
    if (bytes === null) return null;
    sumBytes += bytes;
  }
  return sumBytes;
}

/** `after` minus `before`, level by level: what happened between two moments of one opening. */
export function accountBetween(before: Account, after: Account): Account {
  const difference = copyAccount(before);
  for (const level of difference) for (const key of keysOf(level)) level[key] = -level[key];
  addAccount(difference, after);
  return difference;
}

function keysOf<T extends object>(value: T): (keyof T)[] {
  return Object.keys(value) as (keyof T)[];
}

function emptyMoment(atMicros: number): Moment {
  return { atMicros, account: [], unfinishedBytes: 0, runningCompactions: 0, before: [], after: [] };
}

function addToPrinted(printed: Moment, atMicros: number, add: (account: Account) => void): void {
  const lateBy = atMicros - printed.atMicros;
  if (lateBy <= 0) add(printed.account);
  if (lateBy <= 0 && -lateBy <= uptimeHalfUnitMicros) add(printed.before);
  if (lateBy > 0 && lateBy <= uptimeHalfUnitMicros + lateMicros) add(printed.after);
}
