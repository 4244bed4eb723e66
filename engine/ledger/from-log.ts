/** The ledger of a real log: its account, with user and WAL bytes from whatever tells them best. */
import type { DbBenchOutput } from '../rocksdb/db-bench-output.js';
import { levelRows, sumsOf } from './account.js';
import { intervalRows } from './intervals.js';
import type { Ledger } from './ledger.js';
import { dbOf, type EndedOpening, type LogAccount, type OpeningDb } from './log-account.js';
import { checkOpening, type OpeningChecks } from './log-checks.js';
import { dirtyExpireMicros } from './wal.js';

/** `printed`: the output of the db_bench that wrote the log, or null. */
export function ledgerOfLog(account: LogAccount, printed: DbBenchOutput | null): Ledger {
  const { flushedBytes, writtenBytes, readBytes } = sumsOf(account.total);
  const user = userBytesOf(account, printed);
  const wal = walBytesOf(account, printed);
  return {
    source: 'log',
    spanSec: (account.cutMicros - account.startMicros) / 1e6,
    userBytes: rounded(user.bytes),
    userSource: user.source,
    walWrittenBytes: rounded(wal.bytes),
    ...walDevice(account, wal),
    flushedBytes,
    compactionWrittenBytes: writtenBytes - flushedBytes,
    compactionReadBytes: readBytes,
    unfinishedBytes: account.unfinishedBytes,
    levels: levelRows(account.total),
    intervals: intervalRows(account.intervals, account.cutMicros),
  };
}

/** Printed sizes are decimal fractions of a GiB. */
function rounded(bytes: number | null): number | null {
  return bytes === null ? null : Math.round(bytes);
}

interface Figure {
  readonly bytes: number | null;
  readonly source: string;
}

/** The first of these that is there; those of db_bench's output are exact, and about the last opening. */
function userBytesOf(account: LogAccount, printed: DbBenchOutput | null): Figure {
  const exact = printed === null ? null : printedUserBytes(printed);
  const earlier = sumOverEnded(account, ({ db, payloadBytes }) => (db === null ? null : Math.max(db.ingestBytes, payloadBytes)));
  const andEarlier = earlier === 0 ? '' : '; earlier openings: batch bytes of their DB Stats, or flushed entries where those are more';
  if (exact !== null && earlier !== null) return { bytes: exact.bytes + earlier, source: exact.source + andEarlier };
  const db = dbOf(account.opening);
  if (db !== null && earlier !== null) {
    const { payloadBytes } = sumsOf(account.opening.account);
    // A ledger that goes on after the last dump: what was flushed since then was written, too.
    const isLater = account.cutAt === 'log' && payloadBytes > db.ingestBytes;
    if (!isLater)
      return { bytes: db.ingestBytes + earlier, source: `batch bytes (keys, values and headers) of ${statsAt(account, db)}${andEarlier}` };
  }
  const { payloadBytes } = sumsOf(account.total);
  if (payloadBytes > 0) return { bytes: payloadBytes, source: 'entries as the memtables encode them, as far as they were flushed' };
  return { bytes: null, source: 'not told' };
}

function printedUserBytes(printed: DbBenchOutput): (Figure & { readonly bytes: number }) | null {
  const { entryBytes } = printed;
  const keys = printed.tickers.get('rocksdb.number.keys.written') ?? 0;
  const puts = printed.results.reduce((sum, { benchmark, operations }) => sum + (isWriting(benchmark) ? (operations ?? 0) : 0), 0);
  const counted = printed.histograms.get('Microseconds per write')?.count ?? 0;
  const known = [
    { entries: keys, source: 'ticker number.keys.written' },
    { entries: puts, source: "operations of db_bench's result" },
    { entries: counted, source: "count of db_bench's histogram" },
  ].find(({ entries }) => entries > 0);
  if (entryBytes !== null && known !== undefined) {
    return { bytes: known.entries * entryBytes, source: `key and value bytes: ${known.source} x entry size` };
  }
  const ingestBytes = printed.lastDump?.db?.ingestBytes ?? 0;
  return ingestBytes > 0 ? { bytes: ingestBytes, source: 'batch bytes of the DB Stats that db_bench printed' } : null;
}

/** Benchmarks whose operations are writes of one entry each. */
function isWriting(benchmark: string): boolean {
  return /^(fill|overwrite|update)/.test(benchmark);
}

function walBytesOf(account: LogAccount, printed: DbBenchOutput | null): Figure {
  const earlier = sumOverEnded(account, ({ db }) => db?.walBytes ?? null);
  if (earlier === null) return { bytes: null, source: 'WAL bytes not told' };
  const andEarlier = earlier === 0 ? '' : ' and those of earlier openings';
  const ticker = printed?.tickers.get('rocksdb.wal.bytes');
  if (ticker !== undefined) return { bytes: ticker + earlier, source: `ticker wal.bytes of db_bench's output${andEarlier}` };
  const printedWal = printed?.lastDump?.db?.walBytes ?? null;
  if (printedWal !== null) return { bytes: printedWal + earlier, source: `DB Stats that db_bench printed${andEarlier}` };
  const db = dbOf(account.opening);
  if (db === null || db.walBytes === null) return { bytes: null, source: 'WAL bytes not told' };
  return { bytes: db.walBytes + earlier, source: `${statsAt(account, db)}${andEarlier}` };
}

function statsAt(account: LogAccount, db: OpeningDb): string {
  return `DB Stats at ${((db.atMicros - account.startMicros) / 1e6).toFixed(0)} s`;
}

/** A figure of every earlier opening that wrote, added up; null when one of them does not tell, 0 when there was none. */
function sumOverEnded({ ended }: LogAccount, read: (opening: EndedOpening) => number | null): number | null {
  const figures = ended.filter(({ writtenBytes }) => writtenBytes > 0).map(read);
  return figures.includes(null) ? null : figures.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0);
}

function walDevice(account: LogAccount, wal: Figure): Pick<Ledger, 'walDeviceBytes' | 'walSource'> {
  const { bytes } = wal;
  if (bytes === null) return { walDeviceBytes: null, walSource: `${wal.source}: the WAL is left out` };
  const reached = (part: number, why: string): ReturnType<typeof walDevice> => ({
    walDeviceBytes: Math.round(bytes * part),
    walSource: `${wal.source}; ${why}`,
  });
  if (bytes === 0) return reached(0, 'nothing was written to a WAL');
  if (account.walBytesPerSync > 0) return reached(1, 'wal_bytes_per_sync writes all of it back');
  if (account.recycledLogs > 0) return reached(1, 'recycled WAL files stay, and are written back');
  if ([...account.ended.map(({ db }) => db), dbOf(account.opening)].some((db) => (db?.walSyncs ?? 0) > 0))
    return reached(1, 'the WAL was synced');
  const fraction = account.walWrittenBackFraction;
  if (fraction === null) return reached(1, 'how long a WAL lives is not told');
  const seconds = String(dirtyExpireMicros / 1e6);
  return reached(
    fraction,
    `${(100 * fraction).toFixed(fraction === 0 ? 0 : 1)} % of it lay ${seconds} s or longer before its file was deleted`,
  );
}

/** The internal closure: every opening's checks, the last one's with what its db_bench printed. */
export function checkLog(account: LogAccount, printed: DbBenchOutput | null): OpeningChecks {
  const label = account.ended.length === 0 ? '' : `opening ${String(account.ended.length + 1)}: `;
  const openings = [...account.ended, checkOpening(account.opening, label, printed)];
  return { checks: openings.flatMap(({ checks }) => checks), notes: openings.flatMap(({ notes }) => notes) };
}
