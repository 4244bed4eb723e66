/**
 * max_total_wal_size: a database with several column families flushes those with the oldest data when its WAL grows too long. A WAL file
 * lives until every family has flushed what it holds of it, so a family that is seldom written to keeps the others' WAL alive.
 * Source: db_impl_write.cc HandleWALFull (rocksdb-semantics, section 1). With one family there is no such limit.
 */
import type { FamilyState, StoreState } from './state.js';

/** 0 stands for this many times all write buffers (GetMaxTotalWalSize). */
const BUFFERS_FACTOR = 4;

/** Bytes of WAL that the store keeps at most; Infinity with one family. */
export function walLimitBytes({ families, options }: StoreState): number {
  if (families.length === 1) return Infinity;
  if (options.max_total_wal_size > 0) return options.max_total_wal_size;
  let bytes = 0;
  for (const { options: own } of families) bytes += own.write_buffer_size * own.max_write_buffer_number;
  return BUFFERS_FACTOR * bytes;
}

/** Where the oldest data begin that are not flushed; the WAL's end when all are. A new memtable begins a new WAL file. */
export function oldestWalBytes({ families, walBytes }: StoreState): number {
  let oldest = walBytes;
  for (const family of families) oldest = Math.min(oldest, walStartOf(family));
  return oldest;
}

function walStartOf({ immutables, active }: FamilyState): number {
  const [first] = immutables;
  if (first !== undefined) return first.walStartBytes;
  return active.entries > 0 ? active.walStartBytes : Infinity;
}

/** Bytes of WAL until the limit; Infinity while the flushes that shorten it are under way. */
export function walRoomBytes(store: StoreState): number {
  const limit = walLimitBytes(store);
  if (limit === Infinity) return Infinity;
  const oldest = oldestWalBytes(store);
  return oldest === store.walFlushedFrom ? Infinity : Math.max(0, limit - (store.walBytes - oldest));
}

/** The families to flush now: those whose data begin in the oldest WAL file. Asked once for each such file. */
export function familiesOfOldestWal(store: StoreState): readonly FamilyState[] {
  const oldest = oldestWalBytes(store);
  store.walFlushedFrom = oldest;
  return store.families.filter((family) => walStartOf(family) === oldest);
}
