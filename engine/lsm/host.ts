/**
 * What the computer's own work costs: CPU nanoseconds per record and per byte, cores, memory, and what the file system charges
 * beside the device's transfers. Profiles are data (scenarios/data/hosts/*.json, made by bench/measure-host.sh or `calibrate host`).
 *
 * Costs are fitted on CPU time (compaction_time_cpu_micros, "Flush lasted ... cpu microseconds"), never on wall time, which
 * contains waits for the limiter, the device and other threads. One record is one key with its value; bytes are key + value,
 * uncompressed, unless a field says otherwise.
 */
import type { Codec } from '../rocksdb/options.js';

/** A computer, as far as a store feels it. All costs are 0 or more; `cores` is 1 or more. */
export interface HostProfile {
  readonly name: string;
  /** Where the figures come from: a script and its committed output, or a publication. */
  readonly source: string;
  readonly cores: number;
  /** Bytes of memory that the page cache may use. */
  readonly pageCacheBytes: number;
  /**
   * CPU time for each byte by which a store's files outgrow what the page cache held before and `warmPageBytes`: a virtual machine has to
   * fetch memory that was not used lately from the machine below it. 0: memory is the machine's own.
   */
  readonly coldPageNanosPerByte: number;
  readonly warmPageBytes: number;
  /** A writing thread's own work for one put: the caller's loop, write group and skip-list insert. */
  readonly insertNanosPerRecord: number;
  readonly insertNanosPerByte: number;
  /** Extra for each put and each doubling of write_buffer_size beyond 16 MiB (memtableDoublings): its skip list has left the caches. */
  readonly insertNanosPerRecordPerDoubling: number;
  /** Extra with a WAL: encoding, CRC and write() into the page cache. */
  readonly walNanosPerRecord: number;
  readonly walNanosPerByte: number;
  /** One write() call of a WAL record group (a group of one put pays it whole). */
  readonly walNanosPerGroup: number;
  /** Handing the lead from one write group to the next, where every writing thread has a core and where the next one has to be woken. */
  readonly groupHandoffNanos: number;
  readonly groupWakeNanos: number;
  /** Flush: reading the memtable, building blocks, CRC, copy into the page cache. */
  readonly flushNanosPerRecord: number;
  readonly flushNanosPerByte: number;
  /** Each data block: building it, and its index entry. block_size decides how many there are. */
  readonly flushNanosPerBlock: number;
  /** Compaction, for each input record and byte, with two input runs. */
  readonly mergeNanosPerRecord: number;
  readonly mergeNanosPerByte: number;
  /** Each input data block: reading and checking it, and building one like it. */
  readonly mergeNanosPerBlock: number;
  /** Extra for each input record and each doubling of the number of input runs beyond two (heap depth and cache misses). */
  readonly mergeNanosPerRecordPerDoubling: number;
  /** For each uncompressed byte, by codec; `none` is 0. */
  readonly compressNanosPerByte: Readonly<Record<Codec, number>>;
  readonly decompressNanosPerByte: Readonly<Record<Codec, number>>;
  /** Compressed / raw size of a block whose values a perfect codec would shrink to half, by codec. */
  readonly compressedFraction: Readonly<Record<Codec, number>>;
  /** CPU time of each busy thread grows by this fraction for each runnable thread beyond one (shared caches, memory bandwidth). */
  readonly slowdownPerExtraThread: number;
  /** fsync of an SST or WAL: latency beside the transfer of its dirty bytes. */
  readonly syncMicros: number;
  /**
   * Closing an SST that was written back as it grew (bytes_per_sync) while other threads write: fallocate, and the part of fdatasync beside
   * the transfer of what was left. It waits for the journal, which waits for other files' data.
   */
  readonly closeSyncMicros: number;
  /** Removing a file: fixed part and part for each MiB of it. */
  readonly unlinkMicros: number;
  readonly unlinkMicrosPerMiB: number;
  /** Installing a job's result: MANIFEST record and its sync. */
  readonly manifestMicros: number;
  /** Creating and opening an SST for reading (a job's inputs are opened once). */
  readonly openFileMicros: number;
}
