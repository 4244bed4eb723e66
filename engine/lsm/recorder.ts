/**
 * What happened: bytes by stream and level, stall time by cause and by what was in the way, episodes, peaks, one row a second.
 * Only counts; decides nothing.
 */
import { PutmodelError } from '../kernel/errors.js';
import { formatCount } from '../kernel/units.js';
import { createJobLog, type JobLog } from './job-log.js';
import type { LevelRow, Limit, StallCause, StallEpisode } from './result.js';
import type { FamilyState } from './state.js';

/** Causes by index. */
export const stallCauses: readonly StallCause[] = ['memtable', 'l0Slowdown', 'l0Stop', 'pendingSlowdown', 'pendingStop'];
/** Limits by index. */
export const limits: readonly Limit[] = [
  'memtable',
  'l0',
  'pending',
  'rateLimiter',
  'deviceWrite',
  'deviceRead',
  'sync',
  'cpu',
  'jobSlots',
  'fileLocks',
  'client',
];
/** Index of each cause in its list. */
export const causeIndex = indexOfEach(stallCauses);
/** Seconds by cause, of micros by the causes' index. */
export function secByCause(causeMicros: ArrayLike<number>): Record<StallCause, number> {
  const sec = (cause: StallCause): number => causeMicros[causeIndex.get(cause)!]! / 1e6;
  return {
    memtable: sec('memtable'),
    l0Slowdown: sec('l0Slowdown'),
    l0Stop: sec('l0Stop'),
    pendingSlowdown: sec('pendingSlowdown'),
    pendingStop: sec('pendingStop'),
  };
}
/** Index of each limit in its list. */
export const limitIndex = indexOfEach(limits);
/** Episodes kept: the longest ones. */
const EPISODES_KEPT = 20;

function indexOfEach<Name extends string>(names: readonly Name[]): ReadonlyMap<Name, number> {
  return new Map(names.map((name, index) => [name, index]));
}

/** Per output level, as RocksDB's stats table counts. */
export interface LevelCounts {
  readonly readBytes: Float64Array;
  readonly readUpperBytes: Float64Array;
  readonly writtenBytes: Float64Array;
  readonly movedBytes: Float64Array;
  readonly compactions: Float64Array;
  readonly compactionMicros: Float64Array;
  readonly compactionCpuMicros: Float64Array;
  readonly recordsIn: Float64Array;
  readonly recordsDropped: Float64Array;
}

/** One row an interval, columns of typed arrays; the first `count` rows are in use. */
export interface SeriesRows {
  count: number;
  opsPerSec: Float64Array;
  l0Files: Float64Array;
  pendingCompactionBytes: Float64Array;
  delayedWriteRateBytesPerSec: Float64Array;
  state: Uint8Array;
  flushBytes: Float64Array;
  compactionBytes: Float64Array;
  walBytes: Float64Array;
  flushWrittenBytes: Float64Array;
  compactionWrittenBytes: Float64Array;
  delayedSec: Float64Array;
  stoppedSec: Float64Array;
  levelBytes: Float64Array[];
  targetBytes: Float64Array[];
}

/** All counts of a run: bytes, micros, events. */
export interface Recorder {
  readonly jobLog: JobLog;
  readonly series: SeriesRows;
  userBytes: number;
  puts: number;
  walBytes: number;
  walDeviceBytes: number;
  flushBytes: number;
  compactionBytes: number;
  deviceReadBytes: number;
  cpuBusyMicros: number;
  spanMicros: number;
  /** Micros in each state, and the leader's waiting in the last two. */
  readonly stateMicros: Float64Array;
  stoppedMicros: number;
  delayedMicros: number;
  readonly causeMicros: Float64Array;
  /** [cause (5: none)][limit] micros. */
  readonly bindingMicros: Float64Array;
  firstStallMicros: number;
  readonly episodes: StallEpisode[];
  openEpisode: EpisodeStart | null;
  longestMicros: number;
  peakBytes: number;
  peakTransientBytes: number;
  /** Puts, bytes and waiting at the last sample. */
  sampledPuts: number;
  sampledFlushBytes: number;
  sampledCompactionBytes: number;
  sampledWalBytes: number;
  sampledDelayedMicros: number;
  sampledStoppedMicros: number;
  /** What jobs wrote since the last sample. */
  flushWrittenBytes: number;
  compactionWrittenBytes: number;
  worstState: number;
}

/** What one column family did and caused: bytes, micros. */
export interface FamilyCounts {
  readonly levels: LevelCounts;
  puts: number;
  userBytes: number;
  /** How long it was written to: by steps, puts or none. */
  writeMicros: number;
  flushBytes: number;
  compactionBytes: number;
  deviceReadBytes: number;
  /** The leader's waiting for which this family was the cause; where several are, each has an even part. */
  stoppedMicros: number;
  delayedMicros: number;
  readonly causeMicros: Float64Array;
  /** Puts at the last sample. */
  sampledPuts: number;
  /** One entry a row of the series; stays empty in the only family of a run. */
  readonly rows: FamilyRows;
}

/** A family over time. */
export interface FamilyRows {
  readonly opsPerSec: number[];
  readonly l0Files: number[];
  readonly pendingCompactionBytes: number[];
  readonly bytes: number[];
}

/** Counts of nothing, for a family with this many levels. */
export function createFamilyCounts(levelCount: number): FamilyCounts {
  return {
    levels: createLevelCounts(levelCount),
    puts: 0,
    userBytes: 0,
    writeMicros: 0,
    flushBytes: 0,
    compactionBytes: 0,
    deviceReadBytes: 0,
    stoppedMicros: 0,
    delayedMicros: 0,
    causeMicros: new Float64Array(stallCauses.length),
    sampledPuts: 0,
    rows: { opsPerSec: [], l0Files: [], pendingCompactionBytes: [], bytes: [] },
  };
}

/** Counts of nothing, for a tree of this many levels. */
export function createRecorder(levelCount: number): Recorder {
  return {
    jobLog: createJobLog(),
    series: createSeries(levelCount, 256),
    userBytes: 0,
    puts: 0,
    walBytes: 0,
    walDeviceBytes: 0,
    flushBytes: 0,
    compactionBytes: 0,
    deviceReadBytes: 0,
    cpuBusyMicros: 0,
    spanMicros: 0,
    stateMicros: new Float64Array(3),
    stoppedMicros: 0,
    delayedMicros: 0,
    causeMicros: new Float64Array(stallCauses.length),
    bindingMicros: new Float64Array((stallCauses.length + 1) * limits.length),
    firstStallMicros: -1,
    episodes: [],
    openEpisode: null,
    longestMicros: 0,
    peakBytes: 0,
    peakTransientBytes: 0,
    sampledPuts: 0,
    sampledFlushBytes: 0,
    sampledCompactionBytes: 0,
    sampledWalBytes: 0,
    sampledDelayedMicros: 0,
    sampledStoppedMicros: 0,
    flushWrittenBytes: 0,
    compactionWrittenBytes: 0,
    worstState: 0,
  };
}

/** One stretch of time in which nothing changed. */
export interface Span {
  micros: number;
  /** 0 normal, 1 delayed, 2 stopped. */
  state: 0 | 1 | 2;
  /** Index into stallCauses; stallCauses.length: none. */
  cause: number;
  /** Index into limits. */
  limit: number;
  /** Part of the time in which the write-group leader waited, 0..1. */
  waiting: number;
  cpuBusy: number;
}

/** Adds a stretch that began at `atMicros`. True when an episode begins with it: the caller then tells `openEpisode` about it. */
export function recordSpan(recorder: Recorder, span: Readonly<Span>, atMicros: number): boolean {
  const { micros, state, cause } = span;
  recorder.spanMicros += micros;
  recorder.stateMicros[state]! += micros;
  const waited = micros * span.waiting;
  if (state === 2) recorder.stoppedMicros += waited;
  else if (state === 1) recorder.delayedMicros += waited;
  if (cause < stallCauses.length) recorder.causeMicros[cause]! += waited;
  recorder.bindingMicros[cause * limits.length + span.limit]! += micros;
  recorder.cpuBusyMicros += micros * span.cpuBusy;
  if (state > recorder.worstState) recorder.worstState = state;
  // An episode is a stretch of stall with one cause.
  const stalled = state !== 0 && span.waiting > 0 ? (stallCauses[cause] ?? null) : null;
  if ((recorder.openEpisode?.cause ?? null) === stalled) return false;
  closeEpisode(recorder, atMicros);
  return stalled !== null;
}

/** What an episode looked like when it began. */
export interface EpisodeStart {
  readonly startMicros: number;
  readonly cause: StallCause;
  readonly l0Files: number;
  readonly debtBytes: number;
  /** null while stopped. */
  readonly rate: number | null;
  readonly jobs: number;
}

/** Begins an episode; it stays open until `recordSpan` sees another cause. */
export function openEpisode(recorder: Recorder, start: EpisodeStart): void {
  if (recorder.firstStallMicros < 0) recorder.firstStallMicros = start.startMicros;
  recorder.openEpisode = start;
}

/** Ends the open episode, if any, and keeps it when it is among the longest. */
export function closeEpisode(recorder: Recorder, endMicros: number): void {
  const open = recorder.openEpisode;
  recorder.openEpisode = null;
  if (open === null || endMicros <= open.startMicros) return;
  const length = endMicros - open.startMicros;
  recorder.longestMicros = Math.max(recorder.longestMicros, length);
  const { episodes } = recorder;
  const shortest = episodes[episodes.length - 1];
  if (episodes.length === EPISODES_KEPT && shortest !== undefined && lengthOf(shortest) * 1e6 >= length) return;
  episodes.push({
    startSec: open.startMicros / 1e6,
    endSec: endMicros / 1e6,
    cause: open.cause,
    l0Files: open.l0Files,
    pendingCompactionBytes: Math.round(open.debtBytes),
    delayedWriteRateBytesPerSec: open.rate,
    runningJobs: open.jobs,
  });
  episodes.sort((a, b) => lengthOf(b) - lengthOf(a) || a.startSec - b.startSec);
  if (episodes.length > EPISODES_KEPT) episodes.pop();
}

function lengthOf(episode: StallEpisode): number {
  return episode.endSec - episode.startSec;
}

/** What a sample reads. */
export interface SampleView {
  readonly l0Files: number;
  readonly debtBytes: number;
  readonly delayedRate: number;
  readonly state: 0 | 1 | 2;
  readonly levels: readonly { readonly bytes: number }[];
  /** By level; Infinity where there is none. */
  readonly targetBytes: Float64Array;
}

/** Adds a row for the interval of `seconds` that ends now. */
export function recordSample(recorder: Recorder, view: SampleView, seconds: number): void {
  const { series } = recorder;
  if (series.count === series.opsPerSec.length) {
    if (series.count >= rowsMax) refuseLength(series.count);
    growSeries(series);
  }
  const i = series.count++;
  series.opsPerSec[i] = (recorder.puts - recorder.sampledPuts) / seconds;
  series.l0Files[i] = view.l0Files;
  series.pendingCompactionBytes[i] = Math.round(view.debtBytes);
  series.delayedWriteRateBytesPerSec[i] = view.delayedRate;
  series.state[i] = Math.max(recorder.worstState, view.state);
  series.flushBytes[i] = recorder.flushBytes - recorder.sampledFlushBytes;
  series.compactionBytes[i] = recorder.compactionBytes - recorder.sampledCompactionBytes;
  series.walBytes[i] = recorder.walBytes - recorder.sampledWalBytes;
  series.flushWrittenBytes[i] = recorder.flushWrittenBytes;
  series.compactionWrittenBytes[i] = recorder.compactionWrittenBytes;
  series.delayedSec[i] = (recorder.delayedMicros - recorder.sampledDelayedMicros) / 1e6;
  series.stoppedSec[i] = (recorder.stoppedMicros - recorder.sampledStoppedMicros) / 1e6;
  for (let level = 0; level < view.levels.length; level++) {
    series.levelBytes[level]![i] = view.levels[level]!.bytes;
    series.targetBytes[level]![i] = view.targetBytes[level]!;
  }
  recorder.sampledPuts = recorder.puts;
  recorder.sampledFlushBytes = recorder.flushBytes;
  recorder.sampledCompactionBytes = recorder.compactionBytes;
  recorder.sampledWalBytes = recorder.walBytes;
  recorder.sampledDelayedMicros = recorder.delayedMicros;
  recorder.flushWrittenBytes = 0;
  recorder.compactionWrittenBytes = 0;
  recorder.sampledStoppedMicros = recorder.stoppedMicros;
  recorder.worstState = 0;
}

function refuseLength(seconds: number): never {
  throw new PutmodelError({
    code: 'SIMULATION_LIMIT',
    message: 'the run takes too long: a row is kept for each simulated second',
    found: `not at its end after ${formatCount(seconds)} s`,
    expected: `at most ${formatCount(rowsMax)} s; give it a duration, or more to write with`,
  });
}

/** Adds a family's row for the interval of `seconds` that ends now. */
export function recordFamilySample({ counts, tree, debtBytes }: FamilyState, seconds: number): void {
  const { rows } = counts;
  rows.opsPerSec.push((counts.puts - counts.sampledPuts) / seconds);
  rows.l0Files.push(tree.levels[0]!.count);
  rows.pendingCompactionBytes.push(Math.round(debtBytes));
  rows.bytes.push(tree.totalBytes);
  counts.sampledPuts = counts.puts;
}

/** Microseconds between two rows of the series. */
export const SAMPLE_MICROS = 1_000_000;
/** 48 days, in 2 GB. */
const rowsMax = 4_194_304;

/** Adds what a finished job wrote to the rows of the time in which it ran, evenly: when it wrote what is not kept. */
export function recordJobWrites(
  recorder: Recorder,
  kind: 'flushWrittenBytes' | 'compactionWrittenBytes',
  bytes: number,
  startMicros: number,
  endMicros: number,
): void {
  const { series } = recorder;
  const bytesPerMicro = bytes / Math.max(1, endMicros - startMicros);
  for (let row = Math.floor(startMicros / SAMPLE_MICROS); row < series.count; row++) {
    const from = Math.max(startMicros, row * SAMPLE_MICROS);
    series[kind][row]! += ((row + 1) * SAMPLE_MICROS - from) * bytesPerMicro;
  }
  const from = Math.max(startMicros, series.count * SAMPLE_MICROS);
  recorder[kind] += endMicros > startMicros ? (endMicros - from) * bytesPerMicro : bytes;
}

/** One level's row of the result. */
export function levelRow(counts: LevelCounts, level: number, files: number, bytes: number, score: number): LevelRow {
  return {
    level,
    files,
    bytes,
    score,
    readBytes: counts.readBytes[level]!,
    readUpperBytes: counts.readUpperBytes[level]!,
    writtenBytes: counts.writtenBytes[level]!,
    movedBytes: counts.movedBytes[level]!,
    compactions: counts.compactions[level]!,
    compactionSec: counts.compactionMicros[level]! / 1e6,
    compactionCpuSec: counts.compactionCpuMicros[level]! / 1e6,
    recordsIn: Math.round(counts.recordsIn[level]!),
    recordsDropped: Math.round(counts.recordsDropped[level]!),
  };
}

function createLevelCounts(levelCount: number): LevelCounts {
  return {
    readBytes: new Float64Array(levelCount),
    readUpperBytes: new Float64Array(levelCount),
    writtenBytes: new Float64Array(levelCount),
    movedBytes: new Float64Array(levelCount),
    compactions: new Float64Array(levelCount),
    compactionMicros: new Float64Array(levelCount),
    compactionCpuMicros: new Float64Array(levelCount),
    recordsIn: new Float64Array(levelCount),
    recordsDropped: new Float64Array(levelCount),
  };
}

function createSeries(levelCount: number, capacity: number): SeriesRows {
  return {
    count: 0,
    opsPerSec: new Float64Array(capacity),
    l0Files: new Float64Array(capacity),
    pendingCompactionBytes: new Float64Array(capacity),
    delayedWriteRateBytesPerSec: new Float64Array(capacity),
    state: new Uint8Array(capacity),
    flushBytes: new Float64Array(capacity),
    compactionBytes: new Float64Array(capacity),
    walBytes: new Float64Array(capacity),
    flushWrittenBytes: new Float64Array(capacity),
    compactionWrittenBytes: new Float64Array(capacity),
    delayedSec: new Float64Array(capacity),
    stoppedSec: new Float64Array(capacity),
    levelBytes: Array.from({ length: levelCount }, () => new Float64Array(capacity)),
    targetBytes: Array.from({ length: levelCount }, () => new Float64Array(capacity)),
  };
}

function growSeries(series: SeriesRows): void {
  const bigger = createSeries(series.levelBytes.length, series.opsPerSec.length * 2);
  bigger.opsPerSec.set(series.opsPerSec);
  bigger.l0Files.set(series.l0Files);
  bigger.pendingCompactionBytes.set(series.pendingCompactionBytes);
  bigger.delayedWriteRateBytesPerSec.set(series.delayedWriteRateBytesPerSec);
  bigger.state.set(series.state);
  bigger.flushBytes.set(series.flushBytes);
  bigger.compactionBytes.set(series.compactionBytes);
  bigger.walBytes.set(series.walBytes);
  bigger.flushWrittenBytes.set(series.flushWrittenBytes);
  bigger.compactionWrittenBytes.set(series.compactionWrittenBytes);
  bigger.delayedSec.set(series.delayedSec);
  bigger.stoppedSec.set(series.stoppedSec);
  for (let level = 0; level < series.levelBytes.length; level++) {
    bigger.levelBytes[level]!.set(series.levelBytes[level]!);
    bigger.targetBytes[level]!.set(series.targetBytes[level]!);
  }
  bigger.count = series.count;
  Object.assign(series, bigger);
}
