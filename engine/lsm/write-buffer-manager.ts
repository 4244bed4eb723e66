/**
 * db_write_buffer_size: all memtables of a database together may take so much memory. Source: memtable/write_buffer_manager.h (ShouldFlush),
 * db_impl_write.cc 7.8 (HandleWriteBufferManagerFlush): a writer that finds too much of it taken flushes the family whose active memtable is
 * the oldest, among those that have no flush due or under way. allow_stall is false, as the option alone leaves it.
 *
 * Our assumption: an entry takes its part of write_buffer_size, and each active memtable half an arena block that is not used yet (RocksDB
 * counts whole blocks). Checked with db_bench 7.8.3 (--benchmarks=fillrandom --value_size=1024 --db_write_buffer_size=16777216
 * --write_buffer_size=67108864 --rate_limiter_bytes_per_sec=33554432): it flushes 12,702 entries first, 13,138 here; while that flush waits
 * for the limiter, the next memtable grows to write_buffer_size in both.
 */
import type { FamilyState, Memtable, StoreState } from './state.js';

/** Part of the limit that active memtables may take; and the part above which they are flushed when all memtables take the whole. */
const MUTABLE_FRACTION = 7 / 8;
const CROWDED_FRACTION = 1 / 2;

/** Memory that a put of a family takes. */
export function entryBytes({ options, capacityEntries }: FamilyState): number {
  return options.write_buffer_size / capacityEntries;
}

/** Bytes that the active memtables may still take until one is flushed; Infinity without a limit, and while every family's flush is due. */
export function memtableRoomBytes({ options, families }: StoreState): number {
  const limit = options.db_write_buffer_size;
  if (limit === 0) return Infinity;
  let mutable = 0;
  let waiting = 0;
  let idle = false;
  for (const family of families) {
    const bytes = entryBytes(family);
    mutable += family.active.entries * bytes + 0.5 * family.options.arena_block_size;
    for (const { entries } of family.immutables) waiting += entries * bytes;
    idle ||= isIdle(family);
  }
  if (!idle) return Infinity;
  // With no memory left, the next put that an idle family gets is flushed at once: one at a time.
  const least = familyToFlush({ families }) === null ? Math.max(...families.map(entryBytes)) : 0;
  const alone = MUTABLE_FRACTION * limit - mutable;
  const together = Math.max(limit - waiting - mutable, CROWDED_FRACTION * limit - mutable);
  return Math.max(least, Math.min(alone, together));
}

/** The family to be flushed: the one whose active memtable is the oldest; null when no idle one has an entry. */
export function familyToFlush({ families }: Pick<StoreState, 'families'>): FamilyState | null {
  let oldest: FamilyState | null = null;
  for (const family of families) {
    if (family.active.entries >= 1 && isIdle(family) && (oldest === null || isOlder(family.active, oldest.active))) oldest = family;
  }
  return oldest;
}

/** No flush of it is due or under way (MemTableList::IsFlushPendingOrRunning). */
function isIdle({ immutables }: FamilyState): boolean {
  return immutables.length === 0;
}

function isOlder(one: Memtable, other: Memtable): boolean {
  return one.bornMicros < other.bornMicros;
}
