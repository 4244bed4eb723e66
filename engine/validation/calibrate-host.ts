/**
 * What this computer's CPU costs a store, fitted on CPU time that RocksDB reports: "Flush lasted .. cpu microseconds" and
 * compaction_time_cpu_micros. Never on wall time, which holds waits for limiter, device and other threads.
 *
 *   flush   nanos = a records + b bytes
 *   merge   nanos = m records + k bytes + d records log2(runs / 2)       runs: L0 files, and one for each deeper level
 *
 * bytes are key + value, uncompressed. Where the runs have one record size only, records and bytes say the same, and a LOG cannot tell a
 * from b: then the base profile's split is kept and scaled by one factor. Codec costs are the base profile's and taken off first.
 */
import { log2 } from '../kernel/math.js';
import type { HostProfile } from '../lsm/host.js';
import type { Codec } from '../rocksdb/options.js';
import type { LogCompaction, LogEvent, LogFlush } from '../rocksdb/log.js';
import { fitCosts } from './least-squares.js';
import { percentile } from './score.js';

/** One flush or merge with its CPU time. */
export interface CostJob {
  readonly work: 'flush' | 'merge';
  readonly records: number;
  /** Key + value bytes of these records. */
  readonly bytes: number;
  /** Sorted runs merged; 1 for a flush. */
  readonly runs: number;
  readonly cpuMicros: number;
}

/** All jobs of one LOG. */
export interface CostRecord {
  readonly source: string;
  readonly codec: Codec;
  readonly jobs: readonly CostJob[];
}

/** How a kind of work was fitted. */
export interface CostFit {
  readonly work: 'flush' | 'merge';
  /** `split`: records and bytes told apart; `scaled`: one factor on the base profile. */
  readonly method: 'split' | 'scaled';
  readonly nanosPerRecord: number;
  readonly nanosPerByte: number;
  readonly nanosPerRecordPerDoubling: number;
  /** By LOG: jobs, and |fitted / measured - 1| over them, percent. */
  readonly residuals: readonly {
    readonly source: string;
    readonly jobs: number;
    readonly p50Percent: number;
    readonly p90Percent: number;
  }[];
}

/** Hears a LOG's events and keeps its flushes and merges. */
export function collectCosts(source: string): { readonly onEvent: (event: LogEvent) => void; readonly finish: () => CostRecord } {
  const flushes: LogFlush[] = [];
  const compactions: LogCompaction[] = [];
  let codec: Codec = 'none';
  const onEvent = (event: LogEvent): void => {
    if (event.kind === 'flushFinished') flushes.push(event.flush);
    else if (event.kind === 'compactionFinished') compactions.push(event.compaction);
    else if (event.kind === 'option' && event.name === 'compression') codec = codecOf(event.value) ?? codec;
  };
  return { onEvent, finish: () => ({ source, codec, jobs: costJobs(flushes, compactions) }) };
}

/** Keys and values of a record, from a memtable's encoding: a varint, key, 8 bytes of sequence and type, a varint, value (db/memtable.cc Add). */
export function recordBytes(payloadBytes: number, entries: number): number {
  const encoded = payloadBytes / entries - 9;
  if (encoded < 130) return encoded - 1;
  return encoded < 16_400 ? encoded - 2 : encoded - 3;
}

function costJobs(flushes: readonly LogFlush[], compactions: readonly LogCompaction[]): CostJob[] {
  const payload = flushes.reduce((sum, flush) => sum + (flush.entries === null ? 0 : (flush.payloadBytes ?? 0)), 0);
  const entries = flushes.reduce((sum, flush) => sum + (flush.payloadBytes === null ? 0 : (flush.entries ?? 0)), 0);
  if (entries === 0) return [];
  const bytesPerRecord = recordBytes(payload, entries);
  const flushed = flushes.flatMap((flush): CostJob[] =>
    flush.entries === null || flush.entries === 0 || flush.cpuMicros === null || flush.cpuMicros === 0
      ? []
      : [{ work: 'flush', records: flush.entries, bytes: flush.entries * bytesPerRecord, runs: 1, cpuMicros: flush.cpuMicros }],
  );
  const merged = compactions.flatMap((compaction): CostJob[] => {
    const { recordsIn, cpuMicros, inputs } = compaction;
    if (recordsIn === null || recordsIn === 0 || cpuMicros === null || cpuMicros === 0 || inputs.length === 0) return [];
    const runs = inputs.reduce((sum, { level, files }) => sum + (level === 0 ? files.length : Math.min(1, files.length)), 0);
    return [{ work: 'merge', records: recordsIn, bytes: recordsIn * bytesPerRecord, runs, cpuMicros }];
  });
  return [...flushed, ...merged];
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

/** Fewer jobs of a kind than this say nothing. */
const fewestJobs = 5;
/** Record sizes that differ by this factor tell records from bytes. */
const distinctFactor = 1.5;

/** Fits flushes and merges; a kind of work with fewer than five jobs is left out. `base` has the codec costs and the split where it is needed. */
export function fitHost(records: readonly CostRecord[], base: HostProfile): readonly CostFit[] {
  return (['flush', 'merge'] as const).flatMap((work) => {
    const rows = records.flatMap(({ source, codec, jobs }) =>
      jobs.filter((job) => job.work === work).map((job) => ({ source, job, nanos: plainNanos(job, codec, base) })),
    );
    const usable = rows.filter(({ nanos }) => nanos > 0);
    return usable.length < fewestJobs ? [] : [fitWork(work, usable, base)];
  });
}

interface CostRow {
  readonly source: string;
  readonly job: CostJob;
  /** CPU time without its codec's part. */
  readonly nanos: number;
}

/** A flush compresses; a merge decompresses and compresses. */
function plainNanos({ work, bytes, cpuMicros }: CostJob, codec: Codec, base: HostProfile): number {
  if (codec === 'none') return cpuMicros * 1000;
  const perByte = base.compressNanosPerByte[codec] + (work === 'merge' ? base.decompressNanosPerByte[codec] : 0);
  return cpuMicros * 1000 - perByte * bytes;
}

function fitWork(work: CostFit['work'], rows: readonly CostRow[], base: HostProfile): CostFit {
  const sizes = rows.map(({ job }) => job.bytes / job.records);
  const split = Math.max(...sizes) > distinctFactor * Math.min(...sizes);
  const terms = split ? splitTerms : (job: CostJob) => [baseNanos(job, base)];
  const coefficients = fitCosts(
    rows.map(({ job }) => terms(job)),
    rows.map(({ nanos }) => nanos),
  );
  const own = baseFigures(work, base);
  const [first = 0, second = 0, third = 0] = coefficients;
  const figures = split ? [first, second, third] : own.map((figure) => figure * first);
  const [nanosPerRecord = 0, nanosPerByte = 0, nanosPerRecordPerDoubling = 0] = figures;
  const fit = { work, method: split ? ('split' as const) : ('scaled' as const), nanosPerRecord, nanosPerByte, nanosPerRecordPerDoubling };
  return { ...fit, residuals: residualsOf(rows, fit) };
}

function splitTerms(job: CostJob): number[] {
  return job.work === 'flush' ? [job.records, job.bytes] : [job.records, job.bytes, job.records * doublings(job.runs)];
}

function doublings(runs: number): number {
  return Math.max(0, log2(Math.max(1, runs) / 2));
}

function baseFigures(work: CostFit['work'], base: HostProfile): [number, number, number] {
  if (work === 'flush') return [base.flushNanosPerRecord, base.flushNanosPerByte, 0];
  return [base.mergeNanosPerRecord, base.mergeNanosPerByte, base.mergeNanosPerRecordPerDoubling];
}

function baseNanos(job: CostJob, base: HostProfile): number {
  return nanosOf(job, baseFigures(job.work, base));
}

function nanosOf({ records, bytes, runs }: CostJob, [perRecord, perByte, perDoubling]: readonly [number, number, number]): number {
  return records * perRecord + bytes * perByte + records * perDoubling * doublings(runs);
}

function residualsOf(rows: readonly CostRow[], fit: Omit<CostFit, 'residuals'>): CostFit['residuals'] {
  const figures = [fit.nanosPerRecord, fit.nanosPerByte, fit.nanosPerRecordPerDoubling] as const;
  return [...new Set(rows.map(({ source }) => source))].map((source) => {
    const errors = rows.filter((row) => row.source === source).map(({ job, nanos }) => 100 * Math.abs(nanosOf(job, figures) / nanos - 1));
    return { source, jobs: errors.length, p50Percent: percentile(errors, 50) ?? 0, p90Percent: percentile(errors, 90) ?? 0 };
  });
}

/** The base profile with what was fitted in its place, to four digits. */
export function withFits(base: HostProfile, fits: readonly CostFit[]): HostProfile {
  const flush = fits.find(({ work }) => work === 'flush');
  const merge = fits.find(({ work }) => work === 'merge');
  return {
    ...base,
    ...(flush && { flushNanosPerRecord: fourDigits(flush.nanosPerRecord), flushNanosPerByte: fourDigits(flush.nanosPerByte) }),
    ...(merge && {
      mergeNanosPerRecord: fourDigits(merge.nanosPerRecord),
      mergeNanosPerByte: fourDigits(merge.nanosPerByte),
      mergeNanosPerRecordPerDoubling: fourDigits(merge.nanosPerRecordPerDoubling),
    }),
  };
}

/** Figures are measured to a few percent: four digits are plenty, and files stay readable. */
export function fourDigits(value: number): number {
  return Number(value.toPrecision(4));
}
