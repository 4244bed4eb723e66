/** Sums by output level while a log is read: whole bytes, so that adding in any order gives the same. */
import type { LogCompaction, LogFlush } from '../rocksdb/log.js';
import type { LedgerLevel } from './ledger.js';

/** One level's sums so far. */
export interface LevelAccount {
  jobs: number;
  flushedBytes: number;
  /** Part of it that openings wrote from the WAL they found. */
  recoveredBytes: number;
  /** Keys and values as the memtable encoded them, of the flushes that tell it. */
  payloadBytes: number;
  readBytes: number;
  readUpperBytes: number;
  /** Compactions whose inputs' sizes are not all known. */
  unknownInputs: number;
  writtenBytes: number;
  movedBytes: number;
  recordsIn: number;
  recordsDropped: number;
}

/** By level; grows as levels appear. */
export type Account = LevelAccount[];

/** The sums of a level; made when asked for the first time. Levels are those of RocksDB, below 64. */
export function levelOf(account: Account, level: number): LevelAccount {
  while (account.length <= level && account.length < levelLimit) account.push(emptyLevel());
  return account[Math.min(level, levelLimit - 1)] ?? emptyLevel();
}

/** RocksDB's num_levels is at most 64 in any sane store; a damaged line must not grow the account. */
const levelLimit = 64;

function emptyLevel(): LevelAccount {
  return {
    jobs: 0,
    flushedBytes: 0,
    recoveredBytes: 0,
    payloadBytes: 0,
    readBytes: 0,
    readUpperBytes: 0,
    unknownInputs: 0,
    writtenBytes: 0,
    movedBytes: 0,
    recordsIn: 0,
    recordsDropped: 0,
  };
}

/** Adds a flush that wrote `bytes` (blob files included) and `entries` entries. */
export function addFlush(account: Account, flush: LogFlush, bytes: number, entries: number | null): void {
  const level = levelOf(account, 0);
  level.jobs++;
  level.flushedBytes += bytes;
  level.writtenBytes += bytes;
  level.payloadBytes += flush.payloadBytes ?? 0;
  if (flush.entries === null) return;
  level.recordsIn += flush.entries;
  level.recordsDropped += Math.max(0, flush.entries - (entries ?? flush.entries));
}

/** Adds a compaction that wrote `bytes` (blob files included); `upperBytes` null: the sizes of its inputs are not all known. */
export function addCompaction(account: Account, compaction: LogCompaction, bytes: number, upperBytes: number | null): void {
  const level = levelOf(account, compaction.outputLevel);
  level.jobs++;
  level.readBytes += compaction.inputBytes ?? 0;
  level.readUpperBytes += upperBytes ?? 0;
  if (upperBytes === null || compaction.inputBytes === null) level.unknownInputs++;
  level.writtenBytes += bytes;
  if (compaction.recordsIn === null || compaction.recordsOut === null) return;
  level.recordsIn += compaction.recordsIn;
  level.recordsDropped += Math.max(0, compaction.recordsIn - compaction.recordsOut);
}

/** Adds all of another account. */
export function addAccount(into: Account, from: Account): void {
  from.forEach((source, index) => {
    const target = levelOf(into, index);
    target.jobs += source.jobs;
    target.flushedBytes += source.flushedBytes;
    target.recoveredBytes += source.recoveredBytes;
    target.payloadBytes += source.payloadBytes;
    target.readBytes += source.readBytes;
    target.readUpperBytes += source.readUpperBytes;
    target.unknownInputs += source.unknownInputs;
    target.writtenBytes += source.writtenBytes;
    target.movedBytes += source.movedBytes;
    target.recordsIn += source.recordsIn;
    target.recordsDropped += source.recordsDropped;
  });
}

/** A copy that later additions leave alone. */
export function copyAccount(account: Account): Account {
  return account.map((level) => ({ ...level }));
}

/** Sums over the levels. */
export function sumsOf(account: Account): {
  readonly flushedBytes: number;
  readonly recoveredBytes: number;
  readonly writtenBytes: number;
  readonly readBytes: number;
  readonly payloadBytes: number;
  readonly movedBytes: number;
} {
  const sums = { flushedBytes: 0, recoveredBytes: 0, writtenBytes: 0, readBytes: 0, payloadBytes: 0, movedBytes: 0 };
  for (const level of account) {
    sums.flushedBytes += level.flushedBytes;
    sums.recoveredBytes += level.recoveredBytes;
    sums.writtenBytes += level.writtenBytes;
    sums.readBytes += level.readBytes;
    sums.payloadBytes += level.payloadBytes;
    sums.movedBytes += level.movedBytes;
  }
  return sums;
}

/** The rows of a ledger: levels in which something happened. */
export function levelRows(account: Account): LedgerLevel[] {
  return account.flatMap((row, level) => {
    const { jobs, flushedBytes, readBytes, writtenBytes, movedBytes, recordsIn, recordsDropped } = row;
    if (jobs === 0 && movedBytes === 0) return [];
    const readUpperBytes = row.unknownInputs === 0 ? row.readUpperBytes : null;
    return [{ level, jobs, flushedBytes, readBytes, readUpperBytes, writtenBytes, movedBytes, recordsIn, recordsDropped }];
  });
}
