/**
 * The reading side of a load: how fast reads go, what they meet, how long they take. Like puts, reads are a fluid between events: their rate follows from
 * what one read costs (read-path.ts) on the cores and the device as the others leave them; they need no events of their own.
 *
 * Device: the user's reads and the background jobs share its time, each side taking what the other leaves, and half where both want more (our assumption:
 * processor sharing). The rate limiter does not hold the user's reads. CPU: readers take part in the fair shares of the cores (speeds.ts).
 */
import { accessOf } from '../device/access.js';
import { createDemands, type Demands } from '../device/device.js';
import { bloomFalsePositiveFraction } from '../rocksdb/bloom.js';
import type { Client } from './clients.js';
import { readModeOf } from './jobs.js';
import { popularityOf, type Popularity } from './popularity.js';
import { blockSizes, createReadCache, refreshReadCache, type BlockSizes, type ReadCache } from './read-cache.js';
import { readCostsOn, type ReadCosts } from './read-cost.js';
import { createReadCounts, recordReads, type ReadCounts } from './read-counts.js';
import { createReadPath, walkGet, walkSeek, type ReadPath } from './read-path.js';
import { createReadRuns, updateReadRuns, type ReadRuns } from './read-runs.js';
import type { ReadLoad, ReadStream } from './scenario.js';
import { leaveToJobs, movedBesideReads } from './speeds.js';
import type { FamilyState, HostState, StoreState } from './state.js';

/** One stream of reads at work. */
export interface Reader {
  readonly stream: ReadStream;
  readonly popularity: Popularity;
  readonly runs: ReadRuns;
  readonly path: ReadPath;
  readonly counts: ReadCounts;
  /** Reads a second now. */
  opsPerSec: number;
  /** Threads that read. Open arrival: as many as the reads in flight need on cores of their own, twice as many while some wait. */
  threads: number;
  /** Open arrival: reads that have come and wait. */
  backlog: number;
  /** Micros from a read's start to its end on cores that are its own: CPU time, and the wait for one block of the device. */
  cpuMicros: number;
  deviceMicros: number;
}

/** The reading side of one store during one benchmark. */
export interface Readers {
  readonly store: StoreState;
  /** Whose keys are read: the first family. */
  readonly family: FamilyState;
  readonly load: ReadLoad;
  readonly readers: readonly Reader[];
  readonly cache: ReadCache;
  readonly costs: ReadCosts;
  readonly startMicros: number;
  /** When it ended; null while it goes on. */
  endMicros: number | null;
  /** When the first read of this tree came: the block cache has been filling since. */
  readonly sinceMicros: number;
  /** Of the device: bytes of a request, and what one and many readers get of it, bytes a second. */
  readonly requestBytes: number;
  readonly demands: Demands;
  readonly granted: Float64Array;
  aloneBytesPerSec: number;
  togetherBytesPerSec: number;
  /** Part of the device's time that background jobs would take were it theirs alone. */
  jobsFraction: number;
}

/** Requests in flight at which the device's random reads are taken to be at their most, as for jobs (speeds.ts). */
const SATURATING_READS = 32;
/** Jobs and reads leave each other at least this part of the device. */
const LEAST_FRACTION = 0.5;

/** A reading side that begins now. */
export function startReaders(load: ReadLoad, host: HostState, store: StoreState, sinceMicros: number): Readers {
  const family = store.families[0]!;
  const levelCount = family.tree.levels.length;
  const { options } = store;
  const access = accessOf('userRead', readModeOf(options), {
    bytesPerSync: options.bytes_per_sync,
    readaheadBytes: 0,
    writableFileMaxBufferBytes: options.writable_file_max_buffer_size,
  });
  const sizes = blockSizes(family);
  const readers: Readers = {
    store,
    family,
    load,
    readers: load.streams.map((stream) => ({
      stream,
      popularity: popularityOf(stream, family.keySpace.keyCount),
      runs: createReadRuns(levelCount),
      path: createReadPath(levelCount),
      counts: createReadCounts(levelCount),
      ...{ opsPerSec: 0, threads: 0, backlog: 0, cpuMicros: 0, deviceMicros: 0 },
    })),
    cache: createReadCache(levelCount),
    costs: readCostsOn(host.profile),
    startMicros: host.nowMicros,
    endMicros: null,
    sinceMicros,
    // A larger block is one larger request, in whole pages.
    requestBytes: Math.max(access.blockBytes, Math.floor(sizes.fileBytes / 4096) * 4096),
    demands: createDemands(SATURATING_READS),
    granted: new Float64Array(SATURATING_READS),
    ...{ aloneBytesPerSec: 0, togetherBytesPerSec: 0, jobsFraction: 0 },
  };
  askDeviceForReads(readers, host);
  refreshReaders(readers, host);
  return readers;
}

/** What one reader and many get from the device now. */
function askDeviceForReads(readers: Readers, host: HostState): void {
  const { demands, granted, requestBytes } = readers;
  const grant = (count: number): number => {
    demands.count = count;
    for (let i = 0; i < count; i++) {
      demands.isRead[i] = 1;
      demands.blockBytes[i] = requestBytes;
      demands.iodepth[i] = 1;
      demands.wantedBytesPerSec[i] = Infinity;
    }
    host.device.grant(demands, host.nowMicros, granted);
    let sum = 0;
    for (let i = 0; i < count; i++) sum += granted[i]!;
    return sum * host.speeds.deviceFraction;
  };
  readers.aloneBytesPerSec = grant(1);
  readers.togetherBytesPerSec = Math.max(readers.aloneBytesPerSec, grant(SATURATING_READS));
}

/** Looks at the caches and the device again: once a second, since they change while nothing else does. */
export function refreshReaders(readers: Readers, host: HostState): void {
  const { store, family, sinceMicros } = readers;
  if (host.device.isVarying) askDeviceForReads(readers, host);
  updatePaths(readers);
  const lookUps = readers.readers.map(({ opsPerSec, popularity, runs, path }) => ({ opsPerSec, popularity, runs, ...path }));
  refreshReadCache(readers.cache, readers.load, lookUps, blockSizes(family), { host, store, family, sinceMicros });
}

/** What reads meet in the tree as it is. */
function updatePaths({ readers, cache, costs, family }: Readers): void {
  const sizes = blockSizes(family);
  const conditions = {
    costs,
    falsePositiveFraction: bloomFalsePositiveFraction(family.options.bloom_bits),
    distribution: family.keySpace.distribution,
    ...cache,
    blockReadNanos: blockReadNanos(costs, sizes),
    entriesPerBlock: sizes.entries,
  };
  for (const { stream, popularity, runs, path } of readers) {
    updateReadRuns(runs, family, popularity);
    if (stream.nexts === null) walkGet(path, runs, conditions);
    else walkSeek(path, runs, conditions, stream.nexts);
  }
}

/** CPU of a block from storage. */
function blockReadNanos(costs: ReadCosts, { fileBytes }: BlockSizes): number {
  return costs.blockReadNanos + fileBytes * costs.blockReadNanosPerByte;
}

/**
 * Before the speeds of all threads are found: what the readers want of the cores. The device is the jobs' own in a first round, which shows what they
 * want of it.
 */
export function askForReads(readers: Readers, { speeds }: HostState): void {
  updatePaths(readers);
  const waitMicros = deviceWaitMicros(readers);
  let threads = 0;
  let cores = 0;
  for (const reader of readers.readers) {
    reader.cpuMicros = reader.path.cpuNanos / 1000;
    reader.deviceMicros = reader.path.deviceReads * waitMicros;
    const { arrival } = reader.stream;
    if (arrival.kind === 'turns') continue;
    const alone = reader.cpuMicros + reader.deviceMicros;
    const offered = arrival.opsPerSec === null || reader.backlog > 1 ? Infinity : arrival.opsPerSec;
    const inFlight = arrival.kind === 'open' ? (arrival.opsPerSec * alone) / 1e6 : 0;
    reader.threads = arrival.kind === 'open' ? Math.max(1, Math.ceil((reader.backlog > 1 ? 2 : 1) * inFlight)) : arrival.threads;
    threads += reader.threads;
    cores += (Math.min((reader.threads * 1e6) / alone, offered) * reader.cpuMicros) / 1e6;
  }
  speeds.readerThreads = threads;
  speeds.readerDemand = threads === 0 ? 0 : cores / threads;
  leaveToJobs(speeds, 1);
}

/** When jobs have shown what they want of the device: they get what the reads leave, and half at least. */
export function takeDevice(readers: Readers, { speeds }: HostState): void {
  const wanted = wantedBytesPerSec(readers) / readers.togetherBytesPerSec;
  leaveToJobs(speeds, 1 - Math.min(wanted, Math.max(LEAST_FRACTION, 1 - readers.jobsFraction)));
}

/** What the user's reads move at their present rates. */
function wantedBytesPerSec({ readers, requestBytes }: Readers): number {
  let bytesPerSec = 0;
  for (const { opsPerSec, path } of readers) bytesPerSec += opsPerSec * path.deviceReads * requestBytes;
  return bytesPerSec;
}

/** Wait for one block of the device, beside what jobs and the other readers do there. */
function deviceWaitMicros({ requestBytes, aloneBytesPerSec, jobsFraction }: Readers): number {
  return (requestBytes * 1e6) / aloneBytesPerSec / (1 - Math.min(LEAST_FRACTION, jobsFraction));
}

/** What jobs and the WAL want of the device, at the speeds just found with all of it theirs. */
export function noteJobs(readers: Readers, { speeds, threads, limiters }: HostState): void {
  const { writes, reads } = movedBesideReads(speeds, threads, limiters);
  readers.jobsFraction = writes / speeds.togetherWriteBytesPerSec + reads / speeds.togetherReadBytesPerSec;
}

/** After the speeds of all threads are found: how fast the readers go. */
export function settleReads(readers: Readers, { speeds, writers }: HostState): void {
  const stretch = speeds.readerStretch;
  for (const reader of readers.readers) {
    const { arrival } = reader.stream;
    if (arrival.kind === 'turns') {
      reader.opsPerSec = arrival.readsPerPut * (writers[0]?.client.opsPerSec ?? 0);
      continue;
    }
    const most = (reader.threads * 1e6) / (reader.cpuMicros * stretch + reader.deviceMicros);
    const offered = arrival.opsPerSec === null || reader.backlog > 1 ? Infinity : arrival.opsPerSec;
    reader.opsPerSec = isDone(reader) ? 0 : Math.min(most, offered);
  }
  // All together read no faster than the device can.
  const left = readers.togetherBytesPerSec * Math.max(LEAST_FRACTION, 1 - readers.jobsFraction);
  const slower = wantedBytesPerSec(readers) / left;
  if (slower <= 1) return;
  for (const reader of readers.readers) if (reader.path.deviceReads > 0) reader.opsPerSec /= slower;
}

function isDone({ stream, counts }: Reader): boolean {
  return stream.reads !== null && stream.reads - counts.reads < 0.5;
}

/** True when every stream with a count has read it, and there is one. */
export function readsAreDone({ readers }: Readers): boolean {
  const counted = readers.filter(({ stream }) => stream.reads !== null);
  return counted.length > 0 && counted.every(isDone);
}

/** When the next stream has read all that it shall, at the present rates; whole micros. */
export function nextReadsEndMicros({ readers }: Readers, nowMicros: number): number {
  let next = Infinity;
  for (const reader of readers) {
    const { stream, counts, opsPerSec } = reader;
    if (stream.reads === null || isDone(reader) || opsPerSec <= 0) continue;
    next = Math.min(next, nowMicros + Math.max(1, Math.ceil(((stream.reads - counts.reads) * 1e6) / opsPerSec)));
  }
  return next;
}

/** Counts the reads of the last `micros`, in which so many puts were made. */
export function passReads(readers: Readers, host: HostState, micros: number, puts: number): void {
  const { speeds, profile } = host;
  const waitMicros = deviceWaitMicros(readers);
  for (const reader of readers.readers) {
    const { arrival } = reader.stream;
    const turns = arrival.kind === 'turns';
    const left = (reader.stream.reads ?? Infinity) - reader.counts.reads;
    const reads = Math.min(left, turns ? puts * arrival.readsPerPut : (reader.opsPerSec * micros) / 1e6);
    let queueMicros = 0;
    if (arrival.kind === 'open') {
      const before = reader.backlog;
      reader.backlog = Math.max(0, before + (arrival.opsPerSec * micros) / 1e6 - reads);
      queueMicros = reader.opsPerSec > 0 ? (((before + reader.backlog) / 2) * 1e6) / reader.opsPerSec : 0;
    }
    const missed = readers.cache.missFraction;
    const stretch = turns ? speeds.writerStretch : speeds.readerStretch;
    recordReads(
      reader.counts,
      reader.path,
      reads,
      { stretch, waitMicros, queueMicros, jobsFraction: readers.jobsFraction, cores: profile.cores },
      missed,
    );
  }
}

/** Micros that the reads between two puts of one thread take. 0 unless the writing threads read in turns. */
export function turnMicros(readers: Readers | null, stretch: number): number {
  let micros = 0;
  for (const { stream, cpuMicros, deviceMicros } of readers?.readers ?? [])
    if (stream.arrival.kind === 'turns') micros += stream.arrival.readsPerPut * (cpuMicros * stretch + deviceMicros);
  return micros;
}

/** CPU of these, micros. */
export function turnCpuMicros(readers: Readers | null): number {
  let micros = 0;
  for (const { stream, cpuMicros } of readers?.readers ?? [])
    if (stream.arrival.kind === 'turns') micros += stream.arrival.readsPerPut * cpuMicros;
  return micros;
}

/** Shortest time between two puts of all threads together, micros, with CPU time stretched so much. */
export function putServiceMicros(client: Client, readers: Readers | null, stretch: number): number {
  const own = Math.max(client.walMicrosPerPut, client.serviceMicrosPerPut * stretch);
  const between = turnMicros(readers, stretch);
  if (between === 0) return own;
  // Threads that read most of the time seldom wait for each other's puts.
  const alone = client.cpuMicrosPerPut * stretch + client.syncMicrosPerPut;
  return Math.max(own, (alone + between) / (client.workload?.threads ?? 1));
}

/** Reading ends: cores and device are the others' again. */
export function endReaders(readers: Readers, { speeds, nowMicros }: HostState): void {
  readers.endMicros = nowMicros;
  speeds.readerThreads = 0;
  speeds.readerDemand = 0;
  speeds.readerStretch = 1;
  leaveToJobs(speeds, 1);
}
