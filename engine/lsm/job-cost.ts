/**
 * What a flush or a compaction costs: CPU time, and the bytes that a thread must wait for. One thread reads, merges, writes and
 * syncs in turn, so its time for a byte is the SUM of its CPU time and of the waits its I/O mode does not overlap:
 *
 *   mode       writes                                               reads
 *   buffered   into the page cache; the whole file is synced at     from the page cache; what is no longer there waits for
 *              close, and that wait is not overlapped               the device
 *   rangeSync  (bytes_per_sync > 0) written back while the merge    the same
 *              goes on: a cap, not a wait
 *   direct     each buffer waits for the device                     each read-ahead waits for the device
 *
 * Source: design.md, "What a job costs"; file/writable_file_writer.cc (Sync, RangeSync), env/io_posix.cc. Host figures: host.ts.
 */
import type { IoMode } from '../device/access.js';
import { log2 } from '../kernel/math.js';
import type { Codec } from '../rocksdb/options.js';
import type { HostProfile } from './host.js';
import { BUFFER_BYTES } from './rate-limiter.js';

/** One job's work, all figures for the whole job. */
export interface JobWork {
  readonly kind: 'flush' | 'compaction';
  readonly recordsIn: number;
  /** Data blocks that these records fill. */
  readonly blocksIn: number;
  /** Key + value bytes, uncompressed. */
  readonly rawBytesIn: number;
  readonly rawBytesOut: number;
  /** File bytes. */
  readonly fileBytesIn: number;
  readonly fileBytesOut: number;
  readonly filesIn: number;
  readonly filesOut: number;
  /** Sorted runs merged: L0 files, plus one for each other level. */
  readonly runs: number;
  readonly codecIn: Codec;
  readonly codecOut: Codec;
  /** Input bytes that are not in the page cache (all of them with direct reads). */
  readonly uncachedBytesIn: number;
  readonly writeMode: IoMode;
  readonly bytesPerSync: number;
}

/** A job's cost, split by what it waits for. */
export interface JobCost {
  readonly cpuMicros: number;
  /** Opening the input files. */
  readonly openMicros: number;
  /** Closing one output file: its last sync beside the transfer of bytes, and opening it to check it (BuildTable, FinishCompactionOutputFile). */
  readonly closeMicros: number;
  readonly filesOut: number;
  /** Bytes whose transfer the thread waits for. */
  readonly waitedWriteBytes: number;
  /** Bytes that it hands to the device at a time. */
  readonly transferBytes: number;
  readonly waitedReadBytes: number;
  /** Bytes written back beside the work: they only cap its speed. */
  readonly overlappedWriteBytes: number;
}

/** Range syncs leave out the last MiB of a file (writable_file_writer.cc Flush, kBytesNotSyncRange), and half of bytes_per_sync on average. */
const NOT_SYNCED_BYTES = 1_048_576;

/** A job's cost on a host that takes `cpuFactor` times its usual CPU time for it. Pure; every field of the result is 0 or more. */
export function jobCost(work: JobWork, host: HostProfile, cpuFactor = 1): JobCost {
  // What range syncs leave out is dirty when a file is closed, and waited for.
  const unsynced = NOT_SYNCED_BYTES + work.bytesPerSync / 2;
  const rangeSync = work.writeMode === 'rangeSync';
  const waited = rangeSync ? Math.min(work.fileBytesOut, work.filesOut * unsynced) : work.fileBytesOut;
  return {
    cpuMicros: (cpuNanos(work, host) / 1000) * cpuFactor,
    openMicros: work.filesIn * host.openFileMicros,
    closeMicros: host.openFileMicros + (rangeSync ? host.closeSyncMicros : host.syncMicros),
    filesOut: work.filesOut,
    waitedWriteBytes: waited,
    transferBytes: work.writeMode === 'buffered' ? Math.max(BUFFER_BYTES, work.fileBytesOut / Math.max(1, work.filesOut)) : BUFFER_BYTES,
    waitedReadBytes: work.uncachedBytesIn,
    overlappedWriteBytes: work.fileBytesOut - waited,
  };
}

function cpuNanos(work: JobWork, host: HostProfile): number {
  const compress = work.rawBytesOut * host.compressNanosPerByte[work.codecOut];
  if (work.kind === 'flush') {
    const build = work.rawBytesIn * host.flushNanosPerByte + work.blocksIn * host.flushNanosPerBlock;
    return work.recordsIn * host.flushNanosPerRecord + build + compress;
  }
  const doublings = work.runs > 2 ? log2(work.runs / 2) : 0;
  const perRecord = host.mergeNanosPerRecord + doublings * host.mergeNanosPerRecordPerDoubling;
  const decompress = work.rawBytesIn * host.decompressNanosPerByte[work.codecIn];
  const rebuild = work.rawBytesIn * host.mergeNanosPerByte + work.blocksIn * host.mergeNanosPerBlock;
  return work.recordsIn * perRecord + rebuild + decompress + compress;
}
