/**
 * The closed ledger: every byte a store was given, wrote and read, by what moved it and by level, from a real LOG or from a simulation,
 * in one form. What goes in must come out again: `closure.ts` checks it.
 *
 * Names and formulas of the amplifications are those of the V4 guide, section 3.1 (class ClosedLedger); the meaning of each row is that of
 * RocksDB's Compaction Stats table: a job's bytes stand in the row of its output level, and flushes in level 0.
 */

/** One level's row: jobs whose output level it is. */
export interface LedgerLevel {
  readonly level: number;
  /** Flushes (level 0) and compactions; no trivial moves. */
  readonly jobs: number;
  /** Written by flushes: 0 but for level 0. */
  readonly flushedBytes: number;
  /** Size of the files that compactions read. */
  readonly readBytes: number;
  /** Part of `readBytes` that came from other levels than this one; null where the log does not tell the size of every input. */
  readonly readUpperBytes: number | null;
  /** Written by flushes and compactions. */
  readonly writtenBytes: number;
  /** Moved here without being written. */
  readonly movedBytes: number;
  /** Entries flushed or merged, and those of them that were not written again; 0 where the log does not tell. */
  readonly recordsIn: number;
  readonly recordsDropped: number;
}

/** The same for a stretch of time, seconds from the start of the ledger. null: not known by interval. */
export interface LedgerInterval {
  readonly startSec: number;
  readonly endSec: number;
  readonly userBytes: number | null;
  readonly walWrittenBytes: number | null;
  readonly flushedBytes: number;
  readonly compactionReadBytes: number | null;
  readonly compactionWrittenBytes: number;
  /** Empty where only the sums are known. */
  readonly levels: readonly LedgerLevel[];
}

/** All rows. null: not known. */
export interface Ledger {
  readonly source: 'log' | 'simulation';
  /** Length of the stretch that every figure is about. */
  readonly spanSec: number;
  readonly userBytes: number | null;
  /** Where `userBytes` comes from, and what it counts. */
  readonly userSource: string;
  /** Written to the log file: what the process handed to the file system. */
  readonly walWrittenBytes: number | null;
  /** Part of it that can have reached the device: a buffered WAL that is deleted before the kernel writes it back never does. */
  readonly walDeviceBytes: number | null;
  readonly walSource: string;
  readonly flushedBytes: number;
  readonly compactionWrittenBytes: number;
  readonly compactionReadBytes: number;
  /** Finished files of jobs that had not finished when the ledger ends: written, and in no row yet. */
  readonly unfinishedBytes: number;
  readonly levels: readonly LedgerLevel[];
  readonly intervals: readonly LedgerInterval[];
}

/** What somebody else counted over the same stretch. */
export interface DeviceFigures {
  readonly source: 'iostat' | 'diskstats' | 'sampler' | 'flag' | 'tickers' | 'simulation';
  /**
   * `device`: bytes that reached the device. `files`: bytes handed to the file system (pages made dirty, file-writer tickers), the
   * WAL included whether or not it was ever written back.
   */
  readonly counts: 'device' | 'files';
  readonly writtenBytes: number | null;
  readonly readBytes: number | null;
  /** How much of the ledger's stretch it covers, and what was left out; empty when there is nothing to say. */
  readonly notes: readonly string[];
}

/** Ratios to user bytes. null where a figure is not known or nothing was written. */
export interface Amplification {
  /** (WAL + flush + compaction writes) / user bytes. */
  readonly wa_stat: number | null;
  /** Device writes / user bytes. */
  readonly wa_device: number | null;
  /** Compaction reads / user bytes. */
  readonly ra_comp: number | null;
  /** Device reads / user bytes. */
  readonly ra_runtime: number | null;
  /** |expected - device writes| / expected, where expected counts only the WAL bytes that the device figures can contain. */
  readonly closure_error: number | null;
  /** |wa_stat - wa_device| / wa_stat, as the document writes it: all WAL bytes count. */
  readonly closure_error_document: number | null;
}

/** Files written by finished and unfinished jobs, bytes. */
export function fileBytes(ledger: Ledger): number {
  return ledger.flushedBytes + ledger.compactionWrittenBytes + ledger.unfinishedBytes;
}

/** Bytes that device figures of this kind should show: files, and the WAL as far as they can contain it (0 where that is not known). */
export function expectedDeviceBytes(ledger: Ledger, counts: DeviceFigures['counts']): number {
  return fileBytes(ledger) + ((counts === 'device' ? ledger.walDeviceBytes : ledger.walWrittenBytes) ?? 0);
}

/** The document's figures; without device figures those that need them are null. */
export function amplificationOf(ledger: Ledger, device: DeviceFigures | null): Amplification {
  const { userBytes, walWrittenBytes } = ledger;
  const statBytes = walWrittenBytes === null ? null : walWrittenBytes + fileBytes(ledger);
  const deviceBytes = device?.writtenBytes ?? null;
  return {
    wa_stat: ratio(statBytes, userBytes),
    wa_device: ratio(deviceBytes, userBytes),
    ra_comp: ratio(ledger.compactionReadBytes, userBytes),
    ra_runtime: ratio(device?.readBytes ?? null, userBytes),
    closure_error: device === null ? null : relativeGap(expectedDeviceBytes(ledger, device.counts), deviceBytes),
    closure_error_document: relativeGap(statBytes, deviceBytes),
  };
}

function ratio(bytes: number | null, perBytes: number | null): number | null {
  return bytes === null || perBytes === null || perBytes <= 0 ? null : bytes / perBytes;
}

function relativeGap(expectedBytes: number | null, foundBytes: number | null): number | null {
  return expectedBytes === null || foundBytes === null || expectedBytes <= 0 ? null : Math.abs(expectedBytes - foundBytes) / expectedBytes;
}
