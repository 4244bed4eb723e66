/**
 * mu, k, eta and the read shares of the fluid model from a real run's LOG.
 *
 * While at least one compaction ran (T seconds) the jobs moved bytes to and from the device. Per level i, with work w_i drained and
 * device traffic d_i (reads + writes), and D the traffic of everything, flushes included:
 *
 *   eta  = D / T / Beff        what all of them got of the device at the run's own read share
 *   mu_i = d_i / D             the part that the scheduler left to the level
 *   k_i  = w_i / d_i           work drained for each byte of it
 *
 * so that mu_i k_i eta Beff = w_i / T: what the level really drained. One run gives the products; the split between the three is this
 * definition (our assumption), and eta is that of the backlog the run had. Work and traffic of L0: its files read. Of a deeper level:
 * bytes written to it is the work; the traffic is these, the level's own bytes read with them, and those read from the level above (L0's
 * excepted, which are L0's). Reads that the page cache served count as reads: a LOG cannot tell.
 */
import { PutmodelError } from '../kernel/errors.js';
import type { LogCompaction, LogEvent } from '../rocksdb/log.js';
import type { Beff } from './beff.js';

/** One compaction, in bytes. Times are microseconds of the LOG's clock. */
export interface DrainJob {
  readonly startMicros: number;
  readonly endMicros: number;
  readonly outputLevel: number;
  /** Read from L0; 0 for a compaction of deeper levels. */
  readonly l0ReadBytes: number;
  /** Read from the levels between L0 and the output level. */
  readonly upperReadBytes: number;
  readonly outputLevelReadBytes: number;
  readonly writtenBytes: number;
}

/** Everything a LOG says about draining. */
export interface DrainRecord {
  readonly jobs: readonly DrainJob[];
  readonly flushes: readonly { readonly endMicros: number; readonly writtenBytes: number }[];
}

/** What is found; records are by level name. */
export interface DrainFit {
  readonly levels: readonly string[];
  readonly mu: Readonly<Record<string, number>>;
  readonly k: Readonly<Record<string, number>>;
  readonly baseFraction: number;
  readonly rho_r: Readonly<Record<string, number>>;
  /** Work for each byte of data that came from above; levels below L0. */
  readonly mergeAmplification: Readonly<Record<string, number>>;
  readonly evidence: {
    readonly busySec: number;
    readonly beffBytesPerSec: number;
    readonly deviceBytesPerSec: number;
    readonly readFraction: number;
    readonly jobs: number;
  };
}

/** Hears a LOG's events and keeps its compactions and flushes. Memory grows with the jobs and the live files. */
export function collectDrains(): { readonly onEvent: (event: LogEvent) => void; readonly finish: () => DrainRecord } {
  const jobs: DrainJob[] = [];
  const flushes: { readonly endMicros: number; readonly writtenBytes: number }[] = [];
  const fileBytes = new Map<number, number>();
  const onEvent = (event: LogEvent): void => {
    if (event.kind === 'fileCreated') fileBytes.set(event.file, event.bytes);
    // Inputs may be deleted before their compaction has reported: a deletion says nothing here, file numbers are never used again.
    else if (event.kind === 'flushFinished') {
      flushes.push({ endMicros: event.flush.finishedAtMicros, writtenBytes: event.flush.writtenBytes });
    } else if (event.kind === 'compactionFinished' && event.compaction.startedAtMicros !== null) {
      jobs.push(drainJob(event.compaction, event.compaction.startedAtMicros, fileBytes));
    }
  };
  return { onEvent, finish: () => ({ jobs, flushes }) };
}

function drainJob(compaction: LogCompaction, startMicros: number, fileBytes: ReadonlyMap<number, number>): DrainJob {
  const { inputs, inputBytes, outputLevel } = compaction;
  const sizes = inputs.map(({ level, files }) => ({ level, known: files.map((file) => fileBytes.get(file)) }));
  const all = sizes.flatMap(({ known }) => known);
  const knownBytes = all.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0);
  const unknown = all.filter((bytes) => bytes === undefined).length;
  // Files older than this text share what the job's own total leaves.
  const eachUnknown = unknown > 0 && inputBytes !== null ? Math.max(0, inputBytes - knownBytes) / unknown : 0;
  const readFrom = (isAsked: (level: number) => boolean): number =>
    sizes
      .filter(({ level }) => isAsked(level))
      .reduce((sum, { known }) => sum + known.reduce<number>((t, b) => t + (b ?? eachUnknown), 0), 0);
  return {
    startMicros,
    endMicros: compaction.finishedAtMicros,
    outputLevel,
    l0ReadBytes: readFrom((level) => level === 0),
    upperReadBytes: readFrom((level) => level > 0 && level !== outputLevel),
    outputLevelReadBytes: outputLevel === 0 ? 0 : readFrom((level) => level === outputLevel),
    writtenBytes: compaction.outputBytes,
  };
}

/**
 * The model's figures for the runs of these records, on the device that `beff` asks.
 * @throws PutmodelError INPUT_INVALID when no compaction into a level below L0 is among them
 */
export function fitDrains(records: readonly DrainRecord[], beff: Beff): DrainFit {
  const jobs = records.flatMap((record) => record.jobs);
  const below = [...new Set(jobs.map((job) => job.outputLevel))].filter((level) => level > 0).sort((a, b) => a - b);
  const busyMicros = records.reduce((sum, record) => sum + coveredMicros(record.jobs), 0);
  if (below.length === 0 || busyMicros <= 0) {
    const message = 'nothing to calibrate on: no compaction into a level below L0 has both its start and its end in the LOG';
    throw new PutmodelError({ code: 'INPUT_INVALID', message });
  }
  const flushed = records.reduce((sum, record) => sum + flushedWhileBusy(record), 0);
  const l0Bytes = sumOf(jobs, (job) => job.l0ReadBytes);
  const rows = [
    { name: 'L0', work: l0Bytes, reads: l0Bytes, traffic: l0Bytes, data: 0 },
    ...below.map((level) =>
      levelRow(
        jobs.filter((job) => job.outputLevel === level),
        level,
      ),
    ),
  ];
  const inL0 = jobs.filter((job) => job.outputLevel === 0);
  const reads = sumOf(rows, (row) => row.reads);
  const traffic = sumOf(rows, (row) => row.traffic) + flushed + sumOf(inL0, (job) => job.writtenBytes);
  const busySec = busyMicros / 1e6;
  const beffBytesPerSec = beff.at(reads / traffic);
  const byName = (value: (row: (typeof rows)[number]) => number): Record<string, number> =>
    Object.fromEntries(rows.map((row) => [row.name, value(row)]));
  return {
    levels: rows.map(({ name }) => name),
    mu: byName((row) => row.traffic / traffic),
    k: byName((row) => ratio(row.work, row.traffic, 1)),
    baseFraction: traffic / busySec / beffBytesPerSec,
    rho_r: byName((row) => ratio(row.reads, row.traffic, 0)),
    mergeAmplification: Object.fromEntries(rows.slice(1).map((row) => [row.name, Math.max(1, ratio(row.work, row.data, 1))])),
    evidence: {
      busySec,
      beffBytesPerSec,
      deviceBytesPerSec: traffic / busySec,
      readFraction: reads / traffic,
      jobs: jobs.length,
    },
  };
}

function levelRow(jobs: readonly DrainJob[], level: number): { name: string; work: number; reads: number; traffic: number; data: number } {
  const work = sumOf(jobs, (job) => job.writtenBytes);
  const reads = sumOf(jobs, (job) => job.outputLevelReadBytes + job.upperReadBytes);
  const data = sumOf(jobs, (job) => job.l0ReadBytes + job.upperReadBytes);
  return { name: `L${String(level)}`, work, reads, traffic: work + reads, data };
}

/** Time covered by at least one job. */
function coveredMicros(jobs: readonly DrainJob[]): number {
  let covered = 0;
  let until = -Infinity;
  for (const { startMicros, endMicros } of [...jobs].sort((a, b) => a.startMicros - b.startMicros)) {
    covered += Math.max(0, endMicros - Math.max(startMicros, until));
    until = Math.max(until, endMicros);
  }
  return covered;
}

/** Bytes of flushes that ended while a compaction ran. */
function flushedWhileBusy({ jobs, flushes }: DrainRecord): number {
  const sorted = [...jobs].sort((a, b) => a.startMicros - b.startMicros);
  let next = 0;
  let until = -Infinity;
  let bytes = 0;
  for (const flush of [...flushes].sort((a, b) => a.endMicros - b.endMicros)) {
    for (let job = sorted[next]; job !== undefined && job.startMicros <= flush.endMicros; job = sorted[++next]) {
      until = Math.max(until, job.endMicros);
    }
    if (flush.endMicros <= until) bytes += flush.writtenBytes;
  }
  return bytes;
}

function sumOf<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((sum, item) => sum + value(item), 0);
}

function ratio(numerator: number, denominator: number, otherwise: number): number {
  return denominator > 0 ? numerator / denominator : otherwise;
}
