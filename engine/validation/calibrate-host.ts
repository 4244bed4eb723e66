/**
 * What this computer's CPU costs a store, fitted on CPU time that RocksDB reports: "Flush lasted .. cpu microseconds" and
 * compaction_time_cpu_micros. Never on wall time, which holds waits for limiter, device and other threads.
 *
 *   flush   nanos = a records + b bytes + c blocks
 *   merge   nanos = m records + k bytes + l blocks + d records log2(runs / 2)       runs: L0 files, and one for each deeper level
 *   put     the time from one memtable switch, or from the end of the stop that it brought, to the next, over the puts that fill a memtable;
 *           memtables that filled while writes were delayed do not count. Fills beside a stop are the slower ones: without them 64 MiB
 *           took 206 ms, with them 265, and 268 by the stall ticker (bench/ledger-runs.ts, 4 jobs). It is for clients that put as
 *           fast as they can: one that rests puts more slowly than it could.
 *
 * bytes are key + value, uncompressed. Where the runs have one record size only, records and bytes say the same, and a LOG cannot tell a
 * from b: then the base profile's split is kept and scaled by one factor. Bytes and blocks keep the base profile's split always. Codec costs
 * are the base profile's and taken off first.
 */
import { log2 } from '../kernel/math.js';
import { memtableDoublings } from '../lsm/clients.js';
import type { HostProfile } from '../lsm/host.js';
import type { Codec } from '../rocksdb/options.js';
import type { LogCompaction, LogEvent, LogFlush } from '../rocksdb/log.js';
import { entriesPerBlock, type EntrySize } from '../rocksdb/sizes.js';
import { findColdMemory, showsCold, type ColdMemory, type SizedMerge } from './cold-memory.js';
import { fitCosts } from './least-squares.js';
import { percentile } from './score.js';

export type CostWork = 'put' | 'flush' | 'merge';

/** One memtable's puts, one flush or one merge with its CPU time. */
export interface CostJob {
  readonly work: CostWork;
  readonly records: number;
  /** Key + value bytes of these records. */
  readonly bytes: number;
  /** Data blocks that they fill; 0 for puts. */
  readonly blocks: number;
  /** Sorted runs merged; 1 for puts and a flush. */
  readonly runs: number;
  readonly cpuMicros: number;
}

/** All jobs of one LOG. */
export interface CostRecord {
  readonly source: string;
  readonly codec: Codec;
  /** False when the LOG's statistics say that nothing was written to it. */
  readonly usesWal: boolean;
  readonly jobs: readonly CostJob[];
  /** null: the store did not outgrow warm memory, or memory is the machine's own. */
  readonly cold: ColdMemory | null;
}

/** How a kind of work was fitted. */
export interface CostFit {
  readonly work: CostWork;
  /** `split`: records and bytes told apart; `scaled`: one factor on the base profile. */
  readonly method: 'split' | 'scaled';
  readonly nanosPerRecord: number;
  readonly nanosPerByte: number;
  readonly nanosPerBlock: number;
  readonly nanosPerRecordPerDoubling: number;
  /** By LOG: jobs, and |fitted / measured - 1| over them, percent. */
  readonly residuals: readonly {
    readonly source: string;
    readonly jobs: number;
    readonly p50Percent: number;
    readonly p90Percent: number;
  }[];
}

/** Hears a LOG's events and keeps its flushes and merges, and how fast memtables were filled. */
export function collectCosts(source: string): { readonly onEvent: (event: LogEvent) => void; readonly finish: () => CostRecord } {
  const flushes: LogFlush[] = [];
  const compactions: LogCompaction[] = [];
  const fills: number[] = [];
  let codec: Codec = 'none';
  let usesWal = true;
  let blockBytes = usualBlocks.block_size;
  const store = { fileBytes: new Map<number, number>(), bytes: 0, peakBytes: 0 };
  const peakBytes: number[] = [];
  /** Since when the present memtable has been filled; null: not known, or not at full speed. */
  let fillingSinceMicros: number | null = null;
  let isStopped = false;
  const onEvent = (event: LogEvent): void => {
    if (event.kind === 'flushFinished') {
      flushes.push(event.flush);
      // Writers that wait for a memtable go on when one is flushed.
      if (isStopped) fillingSinceMicros = event.atMicros;
      isStopped = false;
    } else if (event.kind === 'compactionFinished') {
      compactions.push(event.compaction);
      peakBytes.push(store.peakBytes);
    } else if (event.kind === 'fileCreated') {
      store.fileBytes.set(event.file, event.bytes);
      store.bytes += event.bytes;
      store.peakBytes = Math.max(store.peakBytes, store.bytes);
    } else if (event.kind === 'fileDeleted') {
      store.bytes -= store.fileBytes.get(event.file) ?? 0;
      store.fileBytes.delete(event.file);
    } else if (event.kind === 'option' && event.name === 'compression') codec = codecOf(event.value) ?? codec;
    else if (event.kind === 'option' && event.table && event.name === 'block_size') blockBytes = Number(event.value) || blockBytes;
    else if (event.kind === 'stallRecalculated' && event.state !== 'normal') {
      fillingSinceMicros = null;
      isStopped = event.state === 'stopped' && event.cause === 'memtable';
    } else if (event.kind === 'memtableSwitched') {
      if (fillingSinceMicros !== null) fills.push(event.atMicros - fillingSinceMicros);
      fillingSinceMicros = event.atMicros;
      isStopped = false;
    } else if (event.kind === 'stats' && (event.dump.db?.ingestBytes ?? 0) > 0) usesWal = event.dump.db?.walBytes !== 0;
  };
  const finish = (): CostRecord => {
    const cold = findColdMemory(compactions.flatMap((one, i) => sizedMerge(one, peakBytes[i] ?? 0)));
    // What memory cost the large merges from there on is no part of what records and bytes cost.
    const warm = compactions.filter((one, i) => cold === null || (peakBytes[i] ?? 0) <= cold.warmBytes || !showsCold(sizeOfMerge(one)));
    return { source, codec, usesWal, jobs: [...putJobs(flushes, fills), ...costJobs(flushes, warm, blockBytes)], cold };
  };
  return { onEvent, finish };
}

/** The fills but for those of twice the median, in which something else than puts took time; each with the puts of an average memtable. */
function putJobs(flushes: readonly LogFlush[], fillMicros: readonly number[]): CostJob[] {
  const counted = flushes.filter((flush) => flush.entries !== null && flush.memtables !== null && flush.payloadBytes !== null);
  const memtables = counted.reduce((sum, flush) => sum + (flush.memtables ?? 0), 0);
  const entries = counted.reduce((sum, flush) => sum + (flush.entries ?? 0), 0);
  const payload = counted.reduce((sum, flush) => sum + (flush.payloadBytes ?? 0), 0);
  if (memtables === 0 || entries === 0) return [];
  const bytes = (recordBytes(payload, entries) * entries) / memtables;
  const longest = 2 * (percentile(fillMicros, 50) ?? 0);
  const counting = fillMicros.filter((micros) => micros <= longest);
  return counting.map((cpuMicros) => ({ work: 'put', records: entries / memtables, bytes, blocks: 0, runs: 1, cpuMicros }));
}

/** Keys and values of a record, from a memtable's encoding: a varint, key, 8 bytes of sequence and type, a varint, value (db/memtable.cc Add). */
export function recordBytes(payloadBytes: number, entries: number): number {
  const encoded = payloadBytes / entries - 9;
  if (encoded < 130) return encoded - 1;
  return encoded < 16_400 ? encoded - 2 : encoded - 3;
}

function costJobs(flushes: readonly LogFlush[], compactions: readonly LogCompaction[], blockBytes: number): CostJob[] {
  const payload = flushes.reduce((sum, flush) => sum + (flush.entries === null ? 0 : (flush.payloadBytes ?? 0)), 0);
  const entries = flushes.reduce((sum, flush) => sum + (flush.payloadBytes === null ? 0 : (flush.entries ?? 0)), 0);
  if (entries === 0) return [];
  const bytesPerRecord = recordBytes(payload, entries);
  const sizesOf = (records: number): Pick<CostJob, 'records' | 'bytes' | 'blocks'> => ({
    records,
    bytes: records * bytesPerRecord,
    blocks: records / entriesPerBlock(sizeOf(bytesPerRecord), { ...usualBlocks, block_size: blockBytes }),
  });
  const flushed = flushes.flatMap((flush): CostJob[] =>
    flush.entries === null || flush.entries === 0 || flush.cpuMicros === null || flush.cpuMicros === 0
      ? []
      : [{ work: 'flush', ...sizesOf(flush.entries), runs: 1, cpuMicros: flush.cpuMicros }],
  );
  const merged = compactions.flatMap((compaction): CostJob[] => {
    const { recordsIn, cpuMicros, inputs } = compaction;
    if (recordsIn === null || recordsIn === 0 || cpuMicros === null || cpuMicros === 0 || inputs.length === 0) return [];
    return [{ work: 'merge', ...sizesOf(recordsIn), runs: sizeOfMerge(compaction).runs, cpuMicros }];
  });
  return [...flushed, ...merged];
}

function sizedMerge(compaction: LogCompaction, storeBytes: number): SizedMerge[] {
  const { recordsIn, cpuMicros } = compaction;
  if (recordsIn === null || recordsIn === 0 || cpuMicros === null) return [];
  return [{ ...sizeOfMerge(compaction), records: recordsIn, cpuMicros, storeBytes }];
}

/** Each L0 file is a run, and each deeper level one. */
function sizeOfMerge({ inputs, outputBytes }: LogCompaction): Pick<SizedMerge, 'runs' | 'outputBytes'> {
  const runs = inputs.reduce((sum, { level, files }) => sum + (level === 0 ? files.length : Math.min(1, files.length)), 0);
  return { runs, outputBytes };
}

/** A LOG does not tell keys from values; how a record is divided moves the number of entries in a block little. */
function sizeOf(bytesPerRecord: number): EntrySize {
  const keySizeBytes = Math.min(usualKeyBytes, bytesPerRecord);
  return { keySizeBytes, valueSizeBytes: bytesPerRecord - keySizeBytes };
}

/** RocksDB's name of a codec in its options dump, or null for one this program does not know. */
function codecOf(name: string): Codec | null {
  const codecs: Readonly<Record<string, Codec>> = {
    NoCompression: 'none',
    Snappy: 'snappy',
    LZ4: 'lz4',
    LZ4HC: 'lz4hc',
    Zlib: 'zlib',
    BZip2: 'bzip2',
    ZSTD: 'zstd',
    Xpress: 'xpress',
  };
  return codecs[name] ?? null;
}

/** The defaults of BlockBasedTableOptions and of db_bench. */
export const usualBlocks = { block_size: 4096, block_size_deviation: 10, block_restart_interval: 16 };
const usualKeyBytes = 16;
/** Fewer jobs of a kind than this say nothing. */
const fewestJobs = 5;
/** Record sizes that differ by this factor tell records from bytes. */
const distinctFactor = 1.5;

/** Fits flushes and merges; a kind of work with fewer than five jobs is left out. `base` has the codec costs and the split where it is needed. */
export function fitHost(records: readonly CostRecord[], base: HostProfile): readonly CostFit[] {
  return (['put', 'flush', 'merge'] as const).flatMap((work) => {
    const rows = records.flatMap(({ source, codec, usesWal, jobs }) =>
      jobs.filter((job) => job.work === work).map((job) => ({ source, job, usesWal, nanos: plainNanos(job, codec, base) })),
    );
    const usable = rows.filter(({ nanos }) => nanos > 0);
    return usable.length < fewestJobs ? [] : [fitWork(work, usable, base)];
  });
}

interface CostRow {
  readonly source: string;
  readonly job: CostJob;
  readonly usesWal: boolean;
  /** CPU time without its codec's part. */
  readonly nanos: number;
}

/** A flush compresses; a merge decompresses and compresses. */
function plainNanos({ work, bytes, cpuMicros }: CostJob, codec: Codec, base: HostProfile): number {
  if (codec === 'none' || work === 'put') return cpuMicros * 1000;
  const perByte = base.compressNanosPerByte[codec] + (work === 'merge' ? base.decompressNanosPerByte[codec] : 0);
  return cpuMicros * 1000 - perByte * bytes;
}

function fitWork(work: CostWork, rows: readonly CostRow[], base: HostProfile): CostFit {
  const sizes = rows.map(({ job }) => job.bytes / job.records);
  // A LOG cannot tell the WAL's part of a put from the memtable's.
  const split = work !== 'put' && Math.max(...sizes) > distinctFactor * Math.min(...sizes);
  const terms = split ? ({ job }: CostRow) => splitTerms(job, base) : (row: CostRow) => [baseNanos(row, base)];
  const coefficients = fitCosts(
    rows.map(terms),
    rows.map(({ nanos }) => nanos),
  );
  const [first = 0, second = 0, third = 0] = coefficients;
  const figuresOf = (usesWal: boolean): Figures => {
    const [perRecord, perByte, perBlock, perDoubling] = baseFigures(work, base, usesWal);
    if (!split) return [first * perRecord, first * perByte, first * perBlock, first * perDoubling];
    const prices = bytePrices(work, base);
    return [first, second * prices.perByte, second * prices.perBlock, third];
  };
  const [nanosPerRecord, nanosPerByte, nanosPerBlock, nanosPerRecordPerDoubling] = figuresOf(true);
  const figures = { nanosPerRecord, nanosPerByte, nanosPerBlock, nanosPerRecordPerDoubling };
  const fitted = ({ job, usesWal }: CostRow): number => nanosOf(job, figuresOf(usesWal));
  return { work, method: split ? 'split' : 'scaled', ...figures, residuals: residualsOf(rows, fitted) };
}

/** Records, and bytes with blocks at the base profile's prices; merges also records by doublings. */
function splitTerms(job: CostJob, base: HostProfile): number[] {
  const { perByte, perBlock } = bytePrices(job.work, base);
  const terms = [job.records, job.bytes * perByte + job.blocks * perBlock];
  return job.work === 'flush' ? terms : [...terms, job.records * doublings(job.runs)];
}

/** What bytes and blocks cost beside each other; a base for which both are free says nothing of that. */
function bytePrices(work: CostWork, base: HostProfile): { readonly perByte: number; readonly perBlock: number } {
  const [, perByte, perBlock] = baseFigures(work, base, true);
  return perByte + perBlock > 0 ? { perByte, perBlock } : { perByte: 1, perBlock: 0 };
}

function doublings(runs: number): number {
  return Math.max(0, log2(Math.max(1, runs) / 2));
}

/** Nanoseconds per record, per byte, per block, and per record and doubling of runs. */
type Figures = readonly [number, number, number, number];

function baseFigures(work: CostWork, base: HostProfile, usesWal: boolean): Figures {
  switch (work) {
    case 'put': {
      const wal = usesWal ? 1 : 0;
      return [
        base.insertNanosPerRecord + wal * (base.walNanosPerRecord + base.walNanosPerGroup),
        base.insertNanosPerByte + wal * base.walNanosPerByte,
        0,
        base.insertNanosPerRecordPerDoubling,
      ];
    }
    case 'flush':
      return [base.flushNanosPerRecord, base.flushNanosPerByte, base.flushNanosPerBlock, 0];
    case 'merge':
      return [base.mergeNanosPerRecord, base.mergeNanosPerByte, base.mergeNanosPerBlock, base.mergeNanosPerRecordPerDoubling];
  }
}

function baseNanos({ job, usesWal }: CostRow, base: HostProfile): number {
  return nanosOf(job, baseFigures(job.work, base, usesWal));
}

function nanosOf(job: CostJob, [perRecord, perByte, perBlock, perDoubling]: Figures): number {
  const { work, records, bytes, blocks, runs } = job;
  // A put job is a whole memtable.
  const doubled = work === 'put' ? memtableDoublings(bytes) : doublings(runs);
  return records * perRecord + bytes * perByte + blocks * perBlock + records * perDoubling * doubled;
}

function residualsOf(rows: readonly CostRow[], fitted: (row: CostRow) => number): CostFit['residuals'] {
  return [...new Set(rows.map(({ source }) => source))].map((source) => {
    const errors = rows.filter((row) => row.source === source).map((row) => 100 * Math.abs(fitted(row) / row.nanos - 1));
    return { source, jobs: errors.length, p50Percent: percentile(errors, 50) ?? 0, p90Percent: percentile(errors, 90) ?? 0 };
  });
}

/** The base profile with what was fitted in its place, to four digits, and with what these LOGs say of cold memory. */
export function withFits(base: HostProfile, fits: readonly CostFit[], records: readonly CostRecord[]): HostProfile {
  const cold = records.find((one) => one.cold !== null)?.cold;
  const put = fits.find(({ work }) => work === 'put');
  const flush = fits.find(({ work }) => work === 'flush');
  const merge = fits.find(({ work }) => work === 'merge');
  return {
    ...base,
    ...(put && withPuts(base, put)),
    ...(flush && {
      flushNanosPerRecord: fourDigits(flush.nanosPerRecord),
      flushNanosPerByte: fourDigits(flush.nanosPerByte),
      flushNanosPerBlock: fourDigits(flush.nanosPerBlock),
    }),
    ...(merge && {
      mergeNanosPerRecord: fourDigits(merge.nanosPerRecord),
      mergeNanosPerByte: fourDigits(merge.nanosPerByte),
      mergeNanosPerBlock: fourDigits(merge.nanosPerBlock),
      mergeNanosPerRecordPerDoubling: fourDigits(merge.nanosPerRecordPerDoubling),
      coldPageNanosPerByte: fourDigits(cold?.nanosPerByte ?? 0),
      warmPageBytes: cold?.warmBytes ?? 0,
    }),
  };
}

/** Memtable and WAL, by the one factor that was fitted for both. */
function withPuts(base: HostProfile, put: CostFit): Partial<HostProfile> {
  const factor = put.nanosPerRecord / baseFigures('put', base, true)[0];
  return {
    insertNanosPerRecord: fourDigits(base.insertNanosPerRecord * factor),
    insertNanosPerByte: fourDigits(base.insertNanosPerByte * factor),
    insertNanosPerRecordPerDoubling: fourDigits(base.insertNanosPerRecordPerDoubling * factor),
    walNanosPerRecord: fourDigits(base.walNanosPerRecord * factor),
    walNanosPerByte: fourDigits(base.walNanosPerByte * factor),
    walNanosPerGroup: fourDigits(base.walNanosPerGroup * factor),
  };
}

/** Figures are measured to a few percent: four digits are plenty, and files stay readable. */
export function fourDigits(value: number): number {
  return Number(value.toPrecision(4));
}
