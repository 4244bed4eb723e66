/**
 * How many bytes a put takes on its way: in the write batch, the WAL, the memtable and an SST. Pure formulas from RocksDB's own layout,
 * each checked against files that db_bench 7.8.3 wrote (test/rocksdb/sizes.test.ts holds the pairs; the largest error is below 0.5 %).
 *
 * Keys are laid out as db_bench does: an 8-byte big-endian number, then padding. It decides how many bytes neighbours in a block share;
 * for other keys that is our assumption, and it matters for small values only (up to 7 bytes an entry).
 */
import { invariant } from '../kernel/errors.js';
import type { LsmOptions } from './option-table.js';

/** Bytes of one user key and value, before any encoding. */
export interface EntrySize {
  readonly keySizeBytes: number;
  readonly valueSizeBytes: number;
}

/** Bytes of an unsigned LEB128 number below 2^53 (util/coding.h: VarintLength). */
export function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}

/** Sequence number and type, after every key inside the DB (db/dbformat.h: kNumInternalBytes). */
const internalKeyBytes = 8;

/* ---- write batch and WAL ----------------------------------------------------------------------------------------------------- */

/** Sequence number and count at the head of a batch (db/write_batch_internal.h: kHeader). */
const batchHeaderBytes = 12;
/** Record header, and the block it may not straddle (db/log_format.h: kHeaderSize, kRecyclableHeaderSize, kBlockSize). */
const walHeaderBytes = 7;
const walRecyclableHeaderBytes = 11;
const walBlockBytes = 32768;

/** Bytes of a write batch with this many puts to the default column family: what stalls, `bytes.written` and "ingest" count. 16 + 1024: 1056. */
export function writeBatchBytes(size: EntrySize, entries = 1): number {
  const { keySizeBytes, valueSizeBytes } = size;
  return batchHeaderBytes + entries * (1 + varintBytes(keySizeBytes) + keySizeBytes + varintBytes(valueSizeBytes) + valueSizeBytes);
}

/**
 * Mean bytes that a write group of this many puts adds to the WAL: one batch (a group is merged into one), plus a record header at its
 * start and at each 32 KiB block it runs into. 16 + 1024, one put: 1056 + 7.2.
 */
export function walBytesPerGroup(size: EntrySize, entriesInGroup: number, recycledLogs = false): number {
  const headerBytes = recycledLogs ? walRecyclableHeaderBytes : walHeaderBytes;
  const payloadBytes = writeBatchBytes(size, entriesInGroup);
  return payloadBytes + headerBytes * (1 + payloadBytes / (walBlockBytes - headerBytes));
}

/* ---- memtable ---------------------------------------------------------------------------------------------------------------- */

/** One entry as the memtable encodes it: varint key length, key, 8, varint value length, value, checksum (memtable.cc: Add). 16 + 1024: 1051. */
export function memtableEntryBytes(size: EntrySize, protectionBytes = 0): number {
  const keyBytes = size.keySizeBytes + internalKeyBytes;
  return varintBytes(keyBytes) + keyBytes + varintBytes(size.valueSizeBytes) + size.valueSizeBytes + protectionBytes;
}

/**
 * Mean arena bytes of an entry: 8 bytes a skip-list level before it (a node has h levels with probability 3/4 x 1/4^(h-1), at most 12),
 * rounded up to 8, then to 16 where the arena aligns starts (inlineskiplist.h: AllocateNode; concurrent_arena.h; arena.cc). 16 + 1024: 1073.
 */
export function memtableNodeBytes(size: EntrySize, protectionBytes = 0): number {
  const encodedBytes = memtableEntryBytes(size, protectionBytes);
  let meanBytes = 0;
  let probabilityAtLeast = 1;
  for (let height = 1; height <= 12; height++) {
    const probability = height === 12 ? probabilityAtLeast : probabilityAtLeast * 0.75;
    meanBytes += probability * Math.ceil((8 * height + encodedBytes) / 16) * 16;
    probabilityAtLeast *= 0.25;
  }
  return meanBytes;
}

/** First block of an arena, inside the object (memory/arena.h: kInlineSize). */
const arenaInlineBytes = 2048;

/**
 * Entries that fill a memtable, so that the next put switches it: ShouldFlushNow (memtable.cc) over arena blocks of
 * `arena_block_size`, an over-allocation of 0.6 blocks being allowed. At least 1. Expects sanitized options.
 *
 * Checked with db_bench 7.8.3, one thread: 16+1024 in 16 MiB 15,388; 16+100 in 16 MiB 113,850, in 64 MiB 460,780; 16+4096 in 16 MiB 3,970;
 * 8+20 in 16 MiB 315,887; 32+400 in 8 MiB 17,472; 16+65536 in 16 MiB 237; 16+409600 in 16 MiB 40. With 4 threads on 2 cores between 0 and
 * 1.1 % more for 16+100, 0 and 2.2 % for 8+20, nothing for 16+1024 (entries from per-core shards are packed to 8 bytes but leave slack),
 * so threads are not an input.
 */
export function memtableEntryCapacity(
  options: Pick<
    LsmOptions,
    'write_buffer_size' | 'arena_block_size' | 'memtable_protection_bytes_per_key' | 'memtable_prefix_bloom_size_ratio'
  >,
  size: EntrySize,
): number {
  // Arena::OptimizeBlockSize: 4 KiB .. 2 GiB, a multiple of 16.
  const blockBytes = Math.ceil(Math.min(2147483648, Math.max(4096, options.arena_block_size)) / 16) * 16;
  const limitBytes = options.write_buffer_size + 0.6 * blockBytes;
  const startBytes = arenaInlineBytes + options.memtable_prefix_bloom_size_ratio * options.write_buffer_size;
  const nodeBytes = memtableNodeBytes(size, options.memtable_protection_bytes_per_key);
  if (nodeBytes > blockBytes / 4) {
    // Large entries get blocks of their own, and no regular block has room left: full as soon as one more block might not fit.
    return Math.max(1, Math.ceil((limitBytes - blockBytes - startBytes) / nodeBytes));
  }
  const allocatedBlockBytes = mallocUsableBytes(blockBytes);
  const blocks = Math.max(1, Math.ceil((limitBytes - blockBytes - startBytes) / allocatedBlockBytes));
  const entriesPerBlock = Math.floor(blockBytes / nodeBytes);
  // Past the limit the memtable is full with its first entry in the last block; otherwise when a quarter of that block is left.
  const pastLimit = startBytes + blocks * allocatedBlockBytes > limitBytes;
  const entriesInLastBlock = pastLimit ? 1 : Math.floor((0.75 * blockBytes) / nodeBytes) + 1;
  return (blocks - 1) * entriesPerBlock + entriesInLastBlock;
}

/** malloc_usable_size under glibc: large blocks are mapped in whole pages with a 16-byte header, small ones end at a multiple of 16 less 8. */
function mallocUsableBytes(bytes: number): number {
  return bytes >= 128 * 1024 ? Math.ceil((bytes + 16) / 4096) * 4096 - 16 : Math.ceil((bytes + 8) / 16) * 16 - 8;
}

/* ---- SST --------------------------------------------------------------------------------------------------------------------- */

/** Compression type and checksum after each block (table/block_based: kBlockTrailerSize). */
const blockTrailerBytes = 5;
/** Properties, metaindex and footer of a file without a filter, and what a filter adds to them. Measured at 7.8.3: 964-974, and 80 more. */
const fixedBytes = 970;
const fixedFilterBytes = 80;
/** Filter metadata (5 bytes) and the mean rounding up to a 64-byte cache line (filter_policy.cc: FastLocalBloomBitsBuilder). */
const filterRoundingBytes = 5 + 31.5;
/** Compressed / raw size of the index block, which is compressed like data (enable_index_compression). Measured at 7.8.3, 16+100: 0.62 with snappy, 0.61 lz4, 0.49 zstd. */
const indexCompressedFraction = 0.62;
/** Blocks that shrink by less than an eighth are stored raw (table/block_based: GoodCompressionRatio). */
const compressedFractionMax = 0.875;

/** What an SST file's size follows from, besides its entries. */
export interface SstLayout {
  readonly size: EntrySize;
  readonly options: Pick<
    LsmOptions,
    'block_size' | 'block_size_deviation' | 'block_restart_interval' | 'bloom_bits' | 'whole_key_filtering' | 'format_version'
  >;
  /** Compressed / raw size of data blocks; 1 without compression. Above 0.875 RocksDB stores blocks raw. */
  readonly compressedFraction: number;
  /** True for files without a filter whatever bloom_bits says (optimize_filters_for_hits at the last level). */
  readonly noFilter?: boolean;
}

/** Coefficients of a file's size, made once per layout by `createSstShape`; size = entries x (perEntry - perSharedByte x shared) + fixed. */
export interface SstShape {
  readonly bytesPerEntry: number;
  readonly bytesPerEntryPerSharedByte: number;
  readonly fixedBytes: number;
  /** Leading key bytes that hold the key's number: 8, or the key size when smaller. */
  readonly numberBytes: number;
  readonly entriesPerBlock: number;
}

/**
 * The shape of block-based table files with this layout. A data block is cut as FlushBlockBySizePolicy cuts it; an entry is three
 * varints, the part of the key not shared with its predecessor, and the value; every block has an index entry (separator, handle,
 * restart point). O(entries in a block).
 */
export function createSstShape(layout: SstLayout): SstShape {
  const { size, options } = layout;
  invariant(layout.compressedFraction > 0 && layout.compressedFraction <= 1, 'compressedFraction lies in (0, 1]');
  const numberBytes = Math.min(8, size.keySizeBytes);
  const fullEntryBytes = sstEntryBytes(size);
  const denseSharedBytes = Math.max(0, numberBytes - 1);
  const entries = entriesPerBlock(size, options);
  const restarts = Math.ceil(entries / options.block_restart_interval);
  const raw = layout.compressedFraction > compressedFractionMax;
  const dataFraction = raw ? 1 : layout.compressedFraction;
  const indexFraction = raw ? 1 : indexCompressedFraction;
  const blockBytes = dataFraction * (entries * fullEntryBytes + 4 * restarts + 4) + blockTrailerBytes;
  // Two one-byte lengths (three before format 4), a separator one byte longer than what neighbours share, the handle, a restart point.
  const sizeVarint = varintBytes(blockBytes - (entries - restarts) * denseSharedBytes * dataFraction);
  const indexEntryBytes = (options.format_version >= 4 ? 2 : 3) + 1 + 4 + sizeVarint + 4;
  const hasFilter = options.bloom_bits > 0 && options.whole_key_filtering && layout.noFilter !== true;
  return {
    bytesPerEntry: (blockBytes + indexFraction * indexEntryBytes) / entries + (hasFilter ? options.bloom_bits / 8 : 0),
    bytesPerEntryPerSharedByte: (dataFraction * (entries - restarts) - indexFraction) / entries,
    fixedBytes: fixedBytes + (hasFilter ? fixedFilterBytes + filterRoundingBytes : 0),
    numberBytes,
    entriesPerBlock: entries,
  };
}

/** An entry with a full key in a data block. 16 + 1024: 1052. */
function sstEntryBytes({ keySizeBytes, valueSizeBytes }: EntrySize): number {
  const keyBytes = keySizeBytes + internalKeyBytes;
  return 1 + varintBytes(keyBytes) + varintBytes(valueSizeBytes) + keyBytes + valueSizeBytes;
}

/** Entries after which FlushBlockBySizePolicy (flush_block_policy.cc) cuts a block: asked before each entry is added. At least 1. */
export function entriesPerBlock(
  size: EntrySize,
  options: Pick<LsmOptions, 'block_size' | 'block_size_deviation' | 'block_restart_interval'>,
): number {
  const fullEntryBytes = sstEntryBytes(size);
  const sharedBytes = Math.max(0, Math.min(8, size.keySizeBytes) - 1);
  const { block_size: blockBytes, block_restart_interval: restartInterval } = options;
  const deviationBytes = Math.floor((blockBytes * (100 - options.block_size_deviation) + 99) / 100);
  const keyBytes = size.keySizeBytes + internalKeyBytes;
  // BlockBuilder::EstimateSizeAfterKV counts the whole key and 4 bytes for the shared length.
  const estimateBytes = keyBytes + size.valueSizeBytes + 4 + varintBytes(keyBytes) + varintBytes(size.valueSizeBytes);
  let currentBytes = 8;
  let entries = 0;
  for (;;) {
    const restart = entries > 0 && entries % restartInterval === 0;
    currentBytes += entries === 0 ? fullEntryBytes : restart ? fullEntryBytes + 4 : fullEntryBytes - sharedBytes;
    entries++;
    if (currentBytes >= blockBytes) return entries;
    const nextBytes = currentBytes + estimateBytes + (entries % restartInterval === 0 ? 4 : 0);
    if (options.block_size_deviation > 0 && nextBytes > blockBytes && currentBytes > deviationBytes) return entries;
  }
}

/**
 * Bytes of a file of this shape with `entries` entries whose keys are `keyGap` apart on average (in the key's number: 1 for sequential
 * keys, keyCount / entries for a file of uniform keys over the whole key space). 0 entries: 0.
 */
export function sstFileBytes(shape: SstShape, entries: number, keyGap: number): number {
  if (entries <= 0) return 0;
  const perEntryBytes = shape.bytesPerEntry - shape.bytesPerEntryPerSharedByte * sharedKeyBytes(shape.numberBytes, keyGap);
  const bytes = entries * perEntryBytes + shape.fixedBytes;
  // Block handles below 2 MiB have an offset of three bytes, not four.
  const blocksBelow2MiB = (Math.min(bytes, 2 * 1024 * 1024) / perEntryBytes) * (1 / shape.entriesPerBlock);
  return bytes - blocksBelow2MiB;
}

/**
 * Mean number of leading bytes that neighbouring keys share, when their numbers are big-endian and lie `keyGap` apart on average
 * (exponentially distributed). Byte k from the right differs when a multiple of 256^k lies between them: probability
 * (1 - exp(-y)) / y with y = 256^k / gap, here by its Pade approximation 1 / (1 + y/2 + y^2/12), which is within 0.04.
 */
export function sharedKeyBytes(numberBytes: number, keyGap: number): number {
  const gap = Math.max(1, keyGap);
  let shared = numberBytes;
  let boundary = 1;
  for (let byte = 0; byte < numberBytes; byte++) {
    const ratio = boundary / gap;
    shared -= byte === 0 ? 1 : 1 / (1 + ratio / 2 + (ratio * ratio) / 12);
    boundary *= 256;
  }
  return Math.max(0, shared);
}
