/**
 * How fast everything goes right now: cores and device shared between the writing threads and the background threads.
 *
 * CPU: max-min fair shares of the cores; a thread's demand is the part of its time that it computes, and with a rate limiter only
 * while it has bytes to spend. Device: a thread that waits for its own transfers meets another's with the probability that the
 * other one is transferring, and then both share what the device can do together. Both are our assumptions (a fair scheduler,
 * independent threads); checked by the unlimited runs of the accuracy table.
 */
import { accessOf, type IoMode } from '../device/access.js';
import { createDemands, type Demands, type Device } from '../device/device.js';
import type { LsmOptions } from '../rocksdb/options.js';
import type { HostProfile } from './host.js';
import type { JobCost } from './job-cost.js';
import { setSpeed, type RateLimiter, type Threads } from './rate-limiter.js';
import type { Limit } from './result.js';

/** For each row of Threads: its cost for a byte of work. */
export interface Speeds {
  cpuMicrosPerByte: Float64Array;
  fixedMicrosPerByte: Float64Array;
  waitedWritePerByte: Float64Array;
  waitedReadPerByte: Float64Array;
  overlappedWritePerByte: Float64Array;
  /** Share of a core that the thread gets of what it asks for, 0..1. */
  cpuGranted: Float64Array;
  /** Fraction of the time in which the thread moves bytes on the device. */
  deviceBusy: Float64Array;
  /** Fraction (0.001..1) of its full speed that a policy lets the thread go. */
  pace: Float64Array;
  /** What takes most of the thread's time. */
  limit: Limit[];
  /** Bytes/s that one thread gets from an idle device. */
  aloneWriteBytesPerSec: number;
  aloneReadBytesPerSec: number;
  /** Bytes/s that the device can write at most, whoever asks. */
  togetherWriteBytesPerSec: number;
  togetherReadBytesPerSec: number;
  /** Part of the device that the store has now, 0..1; the four figures above are in it. */
  deviceFraction: number;
  /** CPU time of a writing thread is stretched by this, 1 or more. */
  writerStretch: number;
  /** Fraction of all cores that is busy. */
  cpuBusy: number;
}

/**
 * The device's full bandwidth is asked for with this many requests in flight, by two to eight threads: more hardly adds any (in the seed lab's
 * grid writes gain 2 % at most from 32 to 256), and leaves the grids that people measure.
 */
const SATURATING_REQUESTS = 32;
const SATURATING_THREADS = 8;

/** Asks the device once what one thread and what many get, for the I/O modes of this store. */
export function createSpeeds(device: Device, options: LsmOptions, writeMode: IoMode, readMode: IoMode): Speeds {
  const capacity = 16;
  const settings = {
    bytesPerSync: options.bytes_per_sync,
    readaheadBytes: options.compaction_readahead_size,
    writableFileMaxBufferBytes: options.writable_file_max_buffer_size,
  };
  const write = accessOf('compactionWrite', writeMode, settings);
  const read = accessOf('compactionRead', readMode, settings);
  const demands = createDemands(SATURATING_THREADS);
  const rates = new Float64Array(SATURATING_THREADS);
  const total = (most: number, isRead: boolean): number => {
    const access = isRead ? read : write;
    const count = Math.min(most, Math.max(2, Math.floor(SATURATING_REQUESTS / access.iodepth)));
    fillDemands(demands, count, isRead, access);
    device.grant(demands, 0, rates);
    let sum = 0;
    for (let i = 0; i < count; i++) sum += rates[i]!;
    return sum;
  };
  return {
    cpuMicrosPerByte: new Float64Array(capacity),
    fixedMicrosPerByte: new Float64Array(capacity),
    waitedWritePerByte: new Float64Array(capacity),
    waitedReadPerByte: new Float64Array(capacity),
    overlappedWritePerByte: new Float64Array(capacity),
    cpuGranted: new Float64Array(capacity),
    deviceBusy: new Float64Array(capacity),
    pace: new Float64Array(capacity).fill(1),
    limit: new Array<Limit>(capacity).fill('cpu'),
    aloneWriteBytesPerSec: total(1, false),
    aloneReadBytesPerSec: total(1, true),
    togetherWriteBytesPerSec: Math.max(total(1, false), total(SATURATING_THREADS, false)),
    togetherReadBytesPerSec: Math.max(total(1, true), total(SATURATING_THREADS, true)),
    deviceFraction: 1,
    writerStretch: 1,
    cpuBusy: 0,
  };
}

/** The store has this part of the device (0..1, of the whole) from now on. */
export function scaleDevice(speeds: Speeds, fraction: number): void {
  const factor = fraction / speeds.deviceFraction;
  speeds.deviceFraction = fraction;
  speeds.aloneWriteBytesPerSec *= factor;
  speeds.aloneReadBytesPerSec *= factor;
  speeds.togetherWriteBytesPerSec *= factor;
  speeds.togetherReadBytesPerSec *= factor;
}

function fillDemands(demands: Demands, count: number, isRead: boolean, access: { blockBytes: number; iodepth: number }): void {
  demands.count = count;
  for (let i = 0; i < count; i++) {
    demands.isRead[i] = isRead ? 1 : 0;
    demands.blockBytes[i] = access.blockBytes;
    demands.iodepth[i] = access.iodepth;
    demands.wantedBytesPerSec[i] = Infinity;
  }
}

/** Stores a thread's cost: `share` (0..1] of a job's cost over `bytes` of work. */
export function setThreadCost(speeds: Speeds, threads: Threads, row: number, cost: JobCost, share: number, bytes: number): void {
  if (row >= speeds.cpuMicrosPerByte.length) growSpeeds(speeds, row + 1);
  const perByte = share / bytes;
  speeds.cpuMicrosPerByte[row] = cost.cpuMicros * perByte;
  // A thread that asks the limiter closes its files one by one (rate-limiter.ts); for others the closing is spread over the work.
  const closeMicros = threads.charged[row] === 1 ? 0 : cost.closeMicros * cost.filesOut;
  speeds.fixedMicrosPerByte[row] = (cost.openMicros + closeMicros) * perByte;
  speeds.waitedWritePerByte[row] = cost.waitedWriteBytes * perByte;
  speeds.waitedReadPerByte[row] = cost.waitedReadBytes * perByte;
  speeds.overlappedWritePerByte[row] = cost.overlappedWriteBytes * perByte;
  speeds.deviceBusy[row] = 0;
  speeds.pace[row] = 1;
}

/** Rounds in which threads find out how busy the others keep the device. */
const DEVICE_ROUNDS = 2;

/**
 * Recomputes every thread's speed. `writerThreads` writing threads each want `writerDemand` (0..1) of a core.
 * Sets writerStretch for the caller.
 */
export function updateSpeeds(
  speeds: Speeds,
  threads: Threads,
  limiter: RateLimiter,
  host: HostProfile,
  writerThreads: number,
  writerDemand: number,
  nowMicros: number,
): void {
  const { active, activeCount } = threads;
  // Of k threads on one core the first is done after one turn and the last after k (our assumption: turns are taken by chance).
  threads.chunkSpread = activeCount > host.cores ? 1 - host.cores / activeCount : 0;
  for (let i = 0; i < activeCount; i++) {
    const row = active[i]!;
    speeds.deviceBusy[row] = (speeds.pace[row]! * transferMicros(speeds, row, 0)) / Math.max(1e-12, microsWith(speeds, row, 0));
  }
  for (let round = 1; round < DEVICE_ROUNDS; round++) meetAtDevice(speeds, threads);
  const writeback = writebackStretch(speeds, threads);
  const duty = limiterDuty(speeds, threads, limiter, writeback);
  shareCpu(speeds, threads, host, writerThreads, writerDemand, duty);
  const crowd = 1 + host.slowdownPerExtraThread * Math.max(0, activeCount * duty + writerThreads * writerDemand - 1);
  for (let i = 0; i < activeCount; i++) {
    const row = active[i]!;
    const others = othersBusy(speeds, threads, row);
    const cpu = (speeds.cpuMicrosPerByte[row]! * crowd) / speeds.cpuGranted[row]!;
    const held = writtenPerByte(speeds, row) > 0 ? microsWith(speeds, row, others) * writeback : 0;
    const own = cpu + speeds.fixedMicrosPerByte[row]! + transferMicros(speeds, row, others);
    const microsPerByte = Math.max(own, held) / speeds.pace[row]!;
    speeds.limit[row] = limitOf(speeds, row, cpu, others, writeback > 1 && held >= own, duty < 1 && threads.charged[row] === 1);
    setSpeed(threads, limiter, row, microsPerByte, nowMicros);
  }
}

/** Each thread's share of time at the device, given how busy the others keep it. */
function meetAtDevice(speeds: Speeds, threads: Threads): void {
  let total = 0;
  for (let i = 0; i < threads.activeCount; i++) total += speeds.deviceBusy[threads.active[i]!]!;
  for (let i = 0; i < threads.activeCount; i++) {
    const row = threads.active[i]!;
    const others = total - speeds.deviceBusy[row]!;
    speeds.deviceBusy[row] = (speeds.pace[row]! * transferMicros(speeds, row, others)) / Math.max(1e-12, microsWith(speeds, row, others));
  }
}

/** Write-back runs beside the work and only caps it: when all that is written is more than the device takes, everyone slows alike. */
function writebackStretch(speeds: Speeds, threads: Threads): number {
  let bytesPerMicro = 0;
  for (let i = 0; i < threads.activeCount; i++) {
    const row = threads.active[i]!;
    const bytes = writtenPerByte(speeds, row);
    if (bytes > 0)
      bytesPerMicro += (speeds.pace[row]! * bytes) / Math.max(1e-12, microsWith(speeds, row, othersBusy(speeds, threads, row)));
  }
  return Math.max(1, (bytesPerMicro * 1e6) / speeds.togetherWriteBytesPerSec);
}

/** Bytes that go to the device for a byte of work. */
function writtenPerByte(speeds: Speeds, row: number): number {
  return speeds.overlappedWritePerByte[row]! + speeds.waitedWritePerByte[row]!;
}

/** Micros for a byte on idle cores, with a device that `others` threads keep busy. */
function microsWith(speeds: Speeds, row: number, others: number): number {
  return speeds.cpuMicrosPerByte[row]! + speeds.fixedMicrosPerByte[row]! + transferMicros(speeds, row, others);
}

/** Micros that a thread waits for its own transfers, for a byte of work. */
function transferMicros(speeds: Speeds, row: number, others: number): number {
  return (
    crowded(speeds.waitedWritePerByte[row]!, speeds.aloneWriteBytesPerSec, speeds.togetherWriteBytesPerSec, others) +
    crowded(speeds.waitedReadPerByte[row]!, speeds.aloneReadBytesPerSec, speeds.togetherReadBytesPerSec, others)
  );
}

function crowded(bytes: number, aloneBytesPerSec: number, togetherBytesPerSec: number, others: number): number {
  if (bytes === 0) return 0;
  const crowding = Math.max(0, Math.min(1, (2 * aloneBytesPerSec) / togetherBytesPerSec - 1));
  return ((bytes * 1e6) / aloneBytesPerSec) * (1 + others * crowding);
}

/** Fraction of the time that the limiter lets the threads work: its rate over what they could do. */
function limiterDuty(speeds: Speeds, threads: Threads, limiter: RateLimiter, writeback: number): number {
  if (limiter.bytesPerSec === 0) return 1;
  let bytesPerSec = 0;
  for (let i = 0; i < threads.activeCount; i++) {
    const row = threads.active[i]!;
    if (threads.charged[row] === 0) continue;
    const stretch = writtenPerByte(speeds, row) > 0 ? writeback : 1;
    bytesPerSec += (speeds.pace[row]! * 1e6) / Math.max(1e-12, microsWith(speeds, row, othersBusy(speeds, threads, row)) * stretch);
  }
  return bytesPerSec <= limiter.bytesPerSec ? 1 : limiter.bytesPerSec / bytesPerSec;
}

/** What takes most of a thread's time. */
function limitOf(speeds: Speeds, row: number, cpuMicros: number, others: number, heldByWriteback: boolean, heldByLimiter: boolean): Limit {
  if (heldByLimiter) return 'rateLimiter';
  if (heldByWriteback) return 'deviceWrite';
  const read = crowded(speeds.waitedReadPerByte[row]!, speeds.aloneReadBytesPerSec, speeds.togetherReadBytesPerSec, others);
  const write = transferMicros(speeds, row, others) - read;
  const sync = write + speeds.fixedMicrosPerByte[row]!;
  if (cpuMicros >= sync && cpuMicros >= read) return 'cpu';
  return read >= sync ? 'deviceRead' : 'sync';
}

/** Max-min fair: everyone who wants no more than an even part of what is left gets it; the others share the rest evenly. */
function shareCpu(speeds: Speeds, threads: Threads, host: HostProfile, writerThreads: number, writerDemand: number, duty: number): void {
  const { active, activeCount } = threads;
  let wanted = writerThreads * writerDemand;
  for (let i = 0; i < activeCount; i++) {
    const row = active[i]!;
    const demand = Math.max(1e-9, (speeds.pace[row]! * duty * speeds.cpuMicrosPerByte[row]!) / Math.max(1e-12, microsWith(speeds, row, 0)));
    // The demand is kept here until the share is known.
    speeds.cpuGranted[row] = demand;
    wanted += demand;
  }
  speeds.cpuBusy = Math.min(1, wanted / host.cores);
  speeds.writerStretch = 1;
  if (wanted <= host.cores) {
    for (let i = 0; i < activeCount; i++) speeds.cpuGranted[active[i]!] = 1;
    return;
  }
  const part = fairPart(speeds, threads, host.cores, writerThreads, writerDemand);
  for (let i = 0; i < activeCount; i++) {
    const row = active[i]!;
    speeds.cpuGranted[row] = Math.min(1, part / speeds.cpuGranted[row]!);
  }
  if (writerDemand > part) speeds.writerStretch = writerDemand / part;
}

/** The part of a core that a thread with unbounded demand gets. */
function fairPart(speeds: Speeds, threads: Threads, cores: number, writerThreads: number, writerDemand: number): number {
  const { active, activeCount } = threads;
  let part = 0;
  for (let round = 0; round <= activeCount + 1; round++) {
    let left = cores;
    let sharing = 0;
    if (writerDemand <= part) left -= writerThreads * writerDemand;
    else sharing += writerThreads;
    for (let i = 0; i < activeCount; i++) {
      const demand = speeds.cpuGranted[active[i]!]!;
      if (demand <= part) left -= demand;
      else sharing++;
    }
    const next = sharing === 0 ? Infinity : left / sharing;
    if (next <= part || sharing === 0) break;
    part = next;
  }
  return part;
}

function othersBusy(speeds: Speeds, threads: Threads, row: number): number {
  let busy = 0;
  for (let i = 0; i < threads.activeCount; i++) {
    const other = threads.active[i]!;
    if (other !== row) busy += speeds.deviceBusy[other]!;
  }
  return busy;
}

function growSpeeds(speeds: Speeds, least: number): void {
  const capacity = Math.max(least, speeds.cpuMicrosPerByte.length * 2);
  const grow = (array: Float64Array): Float64Array => {
    const grown = new Float64Array(capacity);
    grown.set(array);
    return grown;
  };
  speeds.cpuMicrosPerByte = grow(speeds.cpuMicrosPerByte);
  speeds.fixedMicrosPerByte = grow(speeds.fixedMicrosPerByte);
  speeds.waitedWritePerByte = grow(speeds.waitedWritePerByte);
  speeds.waitedReadPerByte = grow(speeds.waitedReadPerByte);
  speeds.overlappedWritePerByte = grow(speeds.overlappedWritePerByte);
  speeds.cpuGranted = grow(speeds.cpuGranted);
  speeds.deviceBusy = grow(speeds.deviceBusy);
  speeds.pace = grow(speeds.pace);
}
