/** A store's LOG, read once: what it shows of the store, when writes were held, and what its jobs cost and wrote. */
import { basename, dirname, join } from 'node:path';
import { isDirectory, listFiles, readText, streamText } from '../files/read.js';
import { PutmodelError } from '../kernel/errors.js';
import { collectLogPicture, type LogPicture } from '../lsm/log-picture.js';
import { createLogReader } from '../rocksdb/log.js';
import { optionsOfFamily, parseOptionsFile, type OptionsFile } from '../rocksdb/options-file.js';
import type { LsmOptions } from '../rocksdb/options.js';
import { createStallTimeline, type StallInterval } from '../rocksdb/stall-timeline.js';
import { collectCosts, type CostRecord } from '../validation/calibrate-host.js';

/** A flush or compaction: when it ran and what it wrote. */
export interface TimedWrite {
  readonly startMicros: number;
  readonly endMicros: number;
  readonly bytes: number;
  /** Puts that a flush took out of memtables; 0 for a compaction. */
  readonly puts: number;
}

/** What one reading gives. */
export interface StoreLog {
  /** Names of the files read, without folders, with their SHA-256. */
  readonly inputs: readonly { readonly name: string; readonly sha256: string }[];
  readonly picture: LogPicture;
  readonly costs: CostRecord;
  /** From the first line to the last, without gaps. */
  readonly intervals: readonly StallInterval[];
  readonly writes: readonly TimedWrite[];
  readonly startMicros: number;
  readonly endMicros: number;
}

/** Where a store's LOGs, oldest first, and its newest OPTIONS file are; `options` null when there is none. */
export interface StoreFiles {
  readonly logs: readonly string[];
  readonly options: string | null;
}

/**
 * The LOGs that a path means (itself, or those of a DB directory: LOG.old.* first, which RocksDB keeps when it opens the store again or begins a new file) and the
 * newest OPTIONS file beside them. @throws INPUT_MISSING
 */
export function findStoreFiles(path: string): StoreFiles {
  const directory = isDirectory(path) ? path : dirname(path);
  const names = listFiles(directory);
  const logs = isDirectory(path) ? logsIn(names) : [basename(path)];
  if (logs.length === 0)
    throw new PutmodelError({ code: 'INPUT_MISSING', message: 'no LOG in this directory', file: path, expected: 'a DB directory' });
  const numberOf = (name: string): number => Number(/^OPTIONS-(\d+)$/.exec(name)?.[1] ?? -1);
  const newest = names.filter((name) => /^OPTIONS(-\d+)?$/.test(name)).sort((a, b) => numberOf(a) - numberOf(b));
  const options = newest.at(-1);
  return { logs: logs.map((log) => join(directory, log)), options: options === undefined ? null : join(directory, options) };
}

/** None without a LOG that is written to now. The number of an old one is the time at which it was put aside, microseconds. */
function logsIn(names: readonly string[]): string[] {
  const current = names.find((name) => /^LOG(\.gz)?$/.test(name));
  if (current === undefined) return [];
  const timeOf = (name: string): bigint => BigInt(/^LOG\.old\.(\d+)/.exec(name)?.[1] ?? 0);
  const old = names.filter((name) => /^LOG\.old\.\d+(\.gz)?$/.test(name)).sort((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1));
  return [...old, current];
}

/**
 * Reads the LOGs of one store, oldest first; `untilMicros` leaves out what came later (a back-test's first part). All of them tell of the tree, the keys and what jobs
 * cost; times count from when the store was last opened, if it has flushed since.
 * @throws PutmodelError INPUT_INVALID for LOGs without a flush, INPUT_MISSING
 */
export async function readStoreLog(logs: readonly string[], untilMicros = Infinity): Promise<StoreLog> {
  const last = logs.at(-1) ?? '';
  const picture = collectLogPicture(untilMicros);
  const costs = collectCosts(basename(last));
  const timeline = createStallTimeline();
  const writes: TimedWrite[] = [];
  let startMicros = Infinity;
  let openedMicros = 0;
  let endMicros = 0;
  // One reader for all: jobs go on from file to file.
  const reader = createLogReader({
    file: last,
    onEvent: (event) => {
      picture.onEvent(event);
      if (event.atMicros > untilMicros) return;
      costs.onEvent(event);
      timeline.add(event);
      if (event.kind === 'option') return;
      startMicros = Math.min(startMicros, event.atMicros);
      endMicros = Math.max(endMicros, event.atMicros);
      if (event.kind === 'recovering') openedMicros = Math.max(openedMicros, event.atMicros);
      if (event.kind === 'flushFinished') {
        const { startedAtMicros, finishedAtMicros, writtenBytes, entries } = event.flush;
        const start = startedAtMicros ?? finishedAtMicros;
        writes.push({ startMicros: start, endMicros: finishedAtMicros, bytes: writtenBytes, puts: entries ?? 0 });
      } else if (event.kind === 'compactionFinished') {
        const { startedAtMicros, finishedAtMicros, outputBytes } = event.compaction;
        writes.push({ startMicros: startedAtMicros ?? finishedAtMicros, endMicros: finishedAtMicros, bytes: outputBytes, puts: 0 });
      }
    },
  });
  const inputs: { name: string; sha256: string }[] = [];
  for (const log of logs) {
    const sha256 = await streamText(log, (text) => {
      reader.push(text);
    });
    reader.push('\n');
    inputs.push({ name: basename(log), sha256 });
  }
  reader.end();
  const seen = picture.finish();
  if (seen === null) {
    throw new PutmodelError({
      code: 'INPUT_INVALID',
      message: 'no flush with its size in this LOG: it tells neither keys and values nor the load',
      expected: 'a LOG of a store that was written to',
      file: last,
    });
  }
  if (writes.some(({ startMicros: start, puts }) => start >= openedMicros && puts > 0)) startMicros = Math.max(startMicros, openedMicros);
  const intervals = timeline.intervals(startMicros, endMicros);
  const recent = writes.filter(({ endMicros: end }) => end >= startMicros);
  return { inputs, picture: seen, costs: costs.finish(), intervals, writes: recent, startMicros, endMicros };
}

/** The options of an OPTIONS file over those that the LOG printed when the store was opened. */
export function optionsBeside(path: string, picture: LogPicture): LsmOptions {
  const file: OptionsFile = parseOptionsFile(readText(path), path);
  return optionsOfFamily(file, picture.options, picture.family);
}

/** Seconds of one window of `busyWriteRate`. */
const WINDOW_SEC = 10;

/**
 * Bytes/s that flushes and compactions together wrote in their busier windows of ten seconds (75th percentile), each job's bytes
 * spread evenly over the time it ran; 0 where nothing ran.
 */
export function busyWriteRate({ writes, startMicros, endMicros }: Pick<StoreLog, 'writes' | 'startMicros' | 'endMicros'>): number {
  const width = WINDOW_SEC * 1e6;
  const windows = new Float64Array(Math.max(1, Math.ceil((endMicros - startMicros) / width)));
  for (const write of writes) {
    const bytesPerMicro = write.bytes / Math.max(1, write.endMicros - write.startMicros);
    for (let i = Math.max(0, Math.floor((write.startMicros - startMicros) / width)); i < windows.length; i++) {
      const from = Math.max(write.startMicros, startMicros + i * width);
      const to = Math.min(Math.max(write.endMicros, write.startMicros + 1), startMicros + (i + 1) * width);
      if (to <= from) break;
      windows[i] = (windows[i] ?? 0) + (to - from) * bytesPerMicro;
    }
  }
  const rates = [...windows].map((bytes) => bytes / WINDOW_SEC).sort((a, b) => a - b);
  return rates[Math.floor(0.75 * (rates.length - 1))] ?? 0;
}

/** What happened between two times: puts flushed and bytes written by jobs that ended then, and the part of it for which writes were held. */
export function measuredBetween(log: StoreLog, fromMicros: number, toMicros: number): Measured {
  const ended = log.writes.filter(({ endMicros }) => endMicros > fromMicros && endMicros <= toMicros);
  const seconds = (toMicros - fromMicros) / 1e6;
  const sum = (read: (write: TimedWrite) => number): number => ended.reduce((total, write) => total + read(write), 0);
  return {
    seconds,
    putsPerSec: seconds > 0 ? sum(({ puts }) => puts) / seconds : 0,
    writtenBytesPerSec: seconds > 0 ? sum(({ bytes }) => bytes) / seconds : 0,
    heldFraction: seconds > 0 ? heldSec(log.intervals, fromMicros, toMicros) / seconds : 0,
  };
}

/** Means over a stretch of time. */
export interface Measured {
  readonly seconds: number;
  readonly putsPerSec: number;
  readonly writtenBytesPerSec: number;
  readonly heldFraction: number;
}

function heldSec(intervals: readonly StallInterval[], fromMicros: number, toMicros: number): number {
  let micros = 0;
  for (const { state, startMicros, endMicros } of intervals)
    if (state !== 'normal') micros += Math.max(0, Math.min(endMicros, toMicros) - Math.max(startMicros, fromMicros));
  return micros / 1e6;
}
