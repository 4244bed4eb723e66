/**
 * How each of RocksDB's streams looks to the device: how many bytes a request carries and how many requests one thread keeps in
 * flight. One table, one row a stream and I/O mode, each with its source. The third axis of an envelope, the read share, comes from
 * the bytes the streams want, so it is not here (device.ts).
 *
 * "Measured" below: Debian 12, Linux 6.18, ext4 on a virtual disk, 21 November 2026. 256 MiB written or read by one thread in each
 * mode, with request sizes and queue length from the difference of two readings of /proc/diskstats:
 *   buffered + fsync                     3.9 MiB a request (max_sectors_kb there is 4096), 30 in flight
 *   sync_file_range after each MiB       1.1 MiB a request, 40 in flight while the writer outruns the disk
 *   O_DIRECT writes of 1 MiB             1.0 MiB a request, 1.0 in flight
 *   buffered sequential reads (4 KiB, 64 KiB, 2 MiB)   half of read_ahead_kb (8192 there), 3 to 4 in flight
 *   buffered 4 KiB reads at random offsets, not aligned   7.8 KiB a request (two pages), 0.9 in flight
 */

/** What writes or reads. `sync` is the wait at the end of an SST file (or a WAL that is synced) for its dirty bytes. */
export type Stream = 'wal' | 'flush' | 'compactionRead' | 'compactionWrite' | 'sync' | 'userRead';

/**
 * How files are read and written: `buffered` through the page cache with bytes_per_sync = 0, `rangeSync` through the page cache with
 * bytes_per_sync > 0 (RocksDB makes it 1 MiB as soon as there is a rate limiter), `direct` with
 * use_direct_io_for_flush_and_compaction or use_direct_reads.
 */
export type IoMode = 'buffered' | 'rangeSync' | 'direct';

/** RocksDB's settings that change a request's size, bytes; 0 where RocksDB's own 0 means "off". */
export interface AccessSettings {
  /** bytes_per_sync (for `wal`: wal_bytes_per_sync). */
  readonly bytesPerSync: number;
  /** compaction_readahead_size. */
  readonly readaheadBytes: number;
  /** writable_file_max_buffer_size. */
  readonly writableFileMaxBufferBytes: number;
}

/** One stream's place on the envelope's axes. */
export interface Access {
  /** Bytes of one request. */
  readonly blockBytes: number;
  /** Requests one thread keeps in flight. */
  readonly iodepth: number;
}

/** What decides a request's size: a fixed number of bytes, or a setting (`whenOffBytes` stands in when that is 0). */
type BlockRule =
  | { readonly from: 'fixed'; readonly bytes: number }
  | { readonly from: keyof AccessSettings; readonly whenOffBytes: number; readonly maxBytes: number };

/** One row of the table. */
export interface AccessPattern {
  readonly block: BlockRule;
  readonly iodepth: number;
  readonly source: string;
}

const kib = 1024;
const mib = 1024 * 1024;

/**
 * The largest request assumed of the kernel. Linux merges up to max_sectors_kb (1280 by default for years, 4096 where measured); the
 * largest block that people measure is 1 MiB, and the seed-lab grid's write bandwidth is the same with 64 KiB and 1 MiB once 16 are in flight (1,866 and 1,852 MiB/s).
 */
const mergedBytes = mib;

/**
 * Requests in flight when the kernel writes dirty pages back. Measured 30 to 40 for one file; 16 here, so that a dozen files at once
 * stay inside a grid of 64 x 4. On the seed-lab grid 16 outstanding writes of 1 MiB give 1,829 to 1,852 MiB/s and 256 give 1,888.
 */
const writebackDepth = 16;

const writeback: AccessPattern = {
  block: { from: 'fixed', bytes: mergedBytes },
  iodepth: writebackDepth,
  source: 'kernel write-back of a whole file: measured, merged up to max_sectors_kb, about 30 in flight',
};

const rangeSync: AccessPattern = {
  block: { from: 'bytesPerSync', whenOffBytes: mergedBytes, maxBytes: mergedBytes },
  iodepth: writebackDepth,
  source:
    'sync_file_range every bytes_per_sync without waiting (file/writable_file_writer.cc RangeSync; strict_bytes_per_sync off): measured, 1.1 MiB a request, up to 40 in flight',
};

const directWrite: AccessPattern = {
  block: { from: 'writableFileMaxBufferBytes', whenOffBytes: mib, maxBytes: mergedBytes },
  iodepth: 1,
  source: 'WritableFileWriter::WriteDirect: one buffer, one pwrite, and the thread waits; measured, 1.0 in flight',
};

const kernelReadahead: AccessPattern = {
  block: { from: 'readaheadBytes', whenOffBytes: 128 * kib, maxBytes: mergedBytes },
  iodepth: 2,
  source:
    'page cache: the window being consumed and the next one already asked for (mm/readahead.c; read_ahead_kb is 128 by default); with compaction_readahead_size, FilePrefetchBuffer asks for that much. Measured 3 to 4 in flight with windows of 4 MiB; 2 is our cautious choice',
};

const directRead: AccessPattern = {
  block: { from: 'readaheadBytes', whenOffBytes: 2 * mib, maxBytes: mergedBytes },
  iodepth: 1,
  source: 'FilePrefetchBuffer reads synchronously; db_impl_open.cc SanitizeOptions makes a readahead of 0 into 2 MiB for direct reads',
};

const pageRead: AccessPattern = {
  block: { from: 'fixed', bytes: 4 * kib },
  iodepth: 1,
  source:
    'block_size 4 KiB; advise_random_on_open turns kernel readahead off. Measured 7.8 KiB for blocks not aligned to pages; 4 KiB is the nearest block of a common grid',
};

/** The table: stream, then I/O mode. */
export const accessPatterns: Readonly<Record<Stream, Readonly<Record<IoMode, AccessPattern>>>> = {
  // A WAL never uses direct I/O (env/env.cc OptimizeForLogWrite keeps use_direct_writes off): its bytes wait in the page cache.
  wal: { buffered: writeback, rangeSync, direct: writeback },
  flush: { buffered: writeback, rangeSync, direct: directWrite },
  compactionRead: { buffered: kernelReadahead, rangeSync: kernelReadahead, direct: directRead },
  compactionWrite: { buffered: writeback, rangeSync, direct: directWrite },
  // What is still dirty at the end: everything (buffered), the last range (rangeSync), nothing but the file's size (direct).
  sync: {
    buffered: writeback,
    rangeSync,
    direct: { block: { from: 'fixed', bytes: 4 * kib }, iodepth: 1, source: 'metadata only: one page' },
  },
  userRead: { buffered: pageRead, rangeSync: pageRead, direct: pageRead },
};

/**
 * A stream's request size and requests in flight for one thread. Total: any settings give a finite answer, block 4 KiB at least.
 * @param settings bytes; 0, NaN and negative values count as "off"
 */
export function accessOf(stream: Stream, mode: IoMode, settings: AccessSettings): Access {
  const { block, iodepth } = accessPatterns[stream][mode];
  if (block.from === 'fixed') return { blockBytes: block.bytes, iodepth };
  const setBytes = settings[block.from];
  const wantedBytes = setBytes > 0 ? setBytes : block.whenOffBytes;
  return { blockBytes: Math.max(4 * kib, Math.min(wantedBytes, block.maxBytes)), iodepth };
}
