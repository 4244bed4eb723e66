/**
 * How fast everything goes right now: cores and device shared between the writing threads and the background threads.
 *
 * CPU: max-min fair shares of the cores; a thread's demand is the part of its time that it computes, and with a rate limiter only
 * while it has bytes to spend. Device: a thread that waits for its own transfers meets another's with the probability that the
 * other one is transferring, and then both share what the device can do together. Both are our assumptions (a fair scheduler,
 * independent threads); checked by the unlimited runs of the accuracy table.
 */
import { accessOf, type Access, type IoMode } from '../device/access.js';
import { createDemands, type Demands, type Device } from '../device/device.js';
import type { LsmOptions } from '../rocksdb/options.js';
import type { HostProfile } from './host.js';
import type { JobCost } from './job-cost.js';
import { setSpeed, type RateLimiter, type Threads } from './rate-limiter.js';
import type { Limit } from './result.js';

/** For each row of Threads: its cost for a byte of work, set when the thread starts, and how it fares at present. */
export interface Speeds {
  cpuMicrosPerByte: Float64Array;
  fixedMicrosPerByte: Float64Array;
  /** Bytes that go to the device, waited for or not. */
  writtenPerByte: Float64Array;
  /** Bytes that it waits for, and how long on an idle device. */
  waitedWritePerByte: Float64Array;
  waitedReadPerByte: Float64Array;
  writeMicrosPerByte: Float64Array;
  readMicrosPerByte: Float64Array;
  /** All of it on idle cores and an idle device. */
  aloneMicrosPerByte: Float64Array;
  /** On idle cores with the device as the others leave it. */
  sharedMicrosPerByte: Float64Array;
  /** Share of a core that the thread gets of what it asks for, 0..1. */
  cpuGranted: Float64Array;
  /** Fraction of the time in which the thread moves bytes on the device, and the sum of the others' fractions. */
  deviceBusy: Float64Array;
  othersBusy: Float64Array;
  /** Fraction (0.001..1) of its full speed that a policy lets the thread go. */
  pace: Float64Array;
  /** Fraction of the time that the thread's limiter lets it work. */
  duty: Float64Array;
  /** What the thread hands to the device at a time. */
  transferBytes: Float64Array;
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
  /** When the device was asked last, and what it could have written and read until then, bytes: of a device that changes with time. */
  askedAtMicros: number;
  writableBytes: number;
  readableBytes: number;
  /** How this store's compactions write and read. */
  readonly write: Access;
  readonly read: Access;
  /** How much longer a transfer takes while another one goes on, 0 (each has a way of its own) to 1 (they halve). */
  writeCrowding: number;
  readCrowding: number;
  /** CPU time of a writing thread is stretched by this, 1 or more. */
  writerStretch: number;
  /** Threads that read for the user, the part of a core (0..1) that each wants, and what their CPU time is stretched by; none: 0, 0, 1. */
  readerThreads: number;
  readerDemand: number;
  readerStretch: number;
  /** Part of the device's time (0..1) that the user's reads leave to jobs; all bandwidths above are in it. */
  leftByReads: number;
  /** WAL that RocksDB hands to the device while puts go on, bytes/s at the rate of puts that nothing else holds; the part (0..1) that it takes. */
  walWantedBytesPerSec: number;
  walTakenFraction: number;
  /** Fraction of all cores that is busy. */
  cpuBusy: number;
}

/**
 * The device's full bandwidth is asked for with this many requests in flight, by two to eight threads: more hardly adds any (in the seed lab's
 * grid writes gain 2 % at most from 32 to 256), and leaves the grids that people measure.
 */
const SATURATING_REQUESTS = 32;
const SATURATING_THREADS = 8;

/** What one thread and what many get from the device, for the I/O modes of this store. */
export function createSpeeds(device: Device, options: LsmOptions, writeMode: IoMode, readMode: IoMode): Speeds {
  const capacity = 16;
  const settings = {
    bytesPerSync: options.bytes_per_sync,
    readaheadBytes: options.compaction_readahead_size,
    writableFileMaxBufferBytes: options.writable_file_max_buffer_size,
  };
  const speeds: Speeds = {
    cpuMicrosPerByte: new Float64Array(capacity),
    fixedMicrosPerByte: new Float64Array(capacity),
    writtenPerByte: new Float64Array(capacity),
    waitedWritePerByte: new Float64Array(capacity),
    waitedReadPerByte: new Float64Array(capacity),
    writeMicrosPerByte: new Float64Array(capacity),
    readMicrosPerByte: new Float64Array(capacity),
    aloneMicrosPerByte: new Float64Array(capacity),
    sharedMicrosPerByte: new Float64Array(capacity),
    cpuGranted: new Float64Array(capacity),
    deviceBusy: new Float64Array(capacity),
    othersBusy: new Float64Array(capacity),
    pace: new Float64Array(capacity).fill(1),
    duty: new Float64Array(capacity).fill(1),
    transferBytes: new Float64Array(capacity).fill(1),
    limit: new Array<Limit>(capacity).fill('cpu'),
    deviceFraction: 1,
    aloneWriteBytesPerSec: 0,
    aloneReadBytesPerSec: 0,
    togetherWriteBytesPerSec: 0,
    togetherReadBytesPerSec: 0,
    ...{ askedAtMicros: 0, writableBytes: 0, readableBytes: 0 },
    write: accessOf('compactionWrite', writeMode, settings),
    read: accessOf('compactionRead', readMode, settings),
    writeCrowding: 0,
    readCrowding: 0,
    writerStretch: 1,
    ...{ readerThreads: 0, readerDemand: 0, readerStretch: 1, leftByReads: 1 },
    ...{ walWantedBytesPerSec: 0, walTakenFraction: 1 },
    cpuBusy: 0,
  };
  askDevice(speeds, device, 0);
  return speeds;
}

/** The store has this part of the device (0..1, of the whole) from now on. */
export function scaleDevice(speeds: Speeds, fraction: number): void {
  const factor = fraction / speeds.deviceFraction;
  speeds.deviceFraction = fraction;
  scaleBandwidths(speeds, factor);
}

/** The user's reads leave this part of the device's time (above 0, at most 1) to jobs from now on. */
export function leaveToJobs(speeds: Speeds, fraction: number): void {
  const factor = fraction / speeds.leftByReads;
  speeds.leftByReads = fraction;
  scaleBandwidths(speeds, factor);
}

function scaleBandwidths(speeds: Speeds, factor: number): void {
  speeds.aloneWriteBytesPerSec *= factor;
  speeds.aloneReadBytesPerSec *= factor;
  speeds.togetherWriteBytesPerSec *= factor;
  speeds.togetherReadBytesPerSec *= factor;
  timeAllTransfers(speeds);
}

/** Whatever follows from the device's four figures. */
function timeAllTransfers(speeds: Speeds): void {
  speeds.writeCrowding = crowding(speeds.aloneWriteBytesPerSec, speeds.togetherWriteBytesPerSec);
  speeds.readCrowding = crowding(speeds.aloneReadBytesPerSec, speeds.togetherReadBytesPerSec);
  for (let row = 0; row < speeds.aloneMicrosPerByte.length; row++) timeTransfers(speeds, row);
}

/** What a thread's transfers take on the device as it is. */
function timeTransfers(speeds: Speeds, row: number): void {
  const writeMicros = (speeds.waitedWritePerByte[row]! * 1e6) / speeds.aloneWriteBytesPerSec;
  const readMicros = (speeds.waitedReadPerByte[row]! * 1e6) / speeds.aloneReadBytesPerSec;
  speeds.writeMicrosPerByte[row] = writeMicros;
  speeds.readMicrosPerByte[row] = readMicros;
  speeds.aloneMicrosPerByte[row] = speeds.cpuMicrosPerByte[row]! + speeds.fixedMicrosPerByte[row]! + (writeMicros + readMicros);
}

function crowding(aloneBytesPerSec: number, togetherBytesPerSec: number): number {
  return Math.max(0, Math.min(1, (2 * aloneBytesPerSec) / togetherBytesPerSec - 1));
}

/** Asks the device what it gives now; once is enough for one that never changes. */
export function askDevice(speeds: Speeds, device: Device, nowMicros: number): void {
  const demands = createDemands(SATURATING_THREADS);
  const rates = new Float64Array(SATURATING_THREADS);
  const total = (most: number, isRead: boolean): number => {
    const access = isRead ? speeds.read : speeds.write;
    const count = Math.min(most, Math.max(2, Math.floor(SATURATING_REQUESTS / access.iodepth)));
    fillDemands(demands, count, isRead, access);
    device.grant(demands, nowMicros, rates);
    let sum = 0;
    for (let i = 0; i < count; i++) sum += rates[i]!;
    return sum;
  };
  const sinceSec = (nowMicros - speeds.askedAtMicros) / 1e6;
  speeds.writableBytes += sinceSec * speeds.togetherWriteBytesPerSec;
  speeds.readableBytes += sinceSec * speeds.togetherReadBytesPerSec;
  speeds.askedAtMicros = nowMicros;
  const fraction = speeds.deviceFraction * speeds.leftByReads;
  speeds.aloneWriteBytesPerSec = fraction * total(1, false);
  speeds.aloneReadBytesPerSec = fraction * total(1, true);
  speeds.togetherWriteBytesPerSec = Math.max(speeds.aloneWriteBytesPerSec, fraction * total(SATURATING_THREADS, false));
  speeds.togetherReadBytesPerSec = Math.max(speeds.aloneReadBytesPerSec, fraction * total(SATURATING_THREADS, true));
  timeAllTransfers(speeds);
}

/** What the device could write and read together, bytes a second: the mean until now where it changes with time. */
export function meanTogether(speeds: Speeds, nowMicros: number): { readonly writeBytesPerSec: number; readonly readBytesPerSec: number } {
  const { togetherWriteBytesPerSec: write, togetherReadBytesPerSec: read, askedAtMicros } = speeds;
  if (askedAtMicros === 0) return { writeBytesPerSec: write, readBytesPerSec: read };
  const sinceSec = (nowMicros - askedAtMicros) / 1e6;
  const sec = nowMicros / 1e6;
  return {
    writeBytesPerSec: (speeds.writableBytes + sinceSec * write) / sec,
    readBytesPerSec: (speeds.readableBytes + sinceSec * read) / sec,
  };
}

/** What jobs and the WAL move at the speeds just set, bytes a second; a thread held by the limiter moves its part of the time. */
export function movedBesideReads(
  speeds: Speeds,
  threads: Threads,
  limiters: readonly RateLimiter[],
): { readonly writes: number; readonly reads: number } {
  let writes = speeds.walWantedBytesPerSec * speeds.walTakenFraction;
  let reads = 0;
  const duties = limiters.map((limiter) => {
    let charged = 0;
    for (let i = 0; i < threads.activeCount; i++) {
      const row = threads.active[i]!;
      if (threads.charged[row] === 1 && threads.use[row]!.limiter === limiter) charged += 1e6 / threads.microsPerByte[row]!;
    }
    return limiter.bytesPerSec > 0 && charged > limiter.bytesPerSec ? limiter.bytesPerSec / charged : 1;
  });
  for (let i = 0; i < threads.activeCount; i++) {
    const row = threads.active[i]!;
    const duty = duties[limiters.indexOf(threads.use[row]!.limiter)]!;
    const bytesPerSec = (1e6 / threads.microsPerByte[row]!) * (threads.charged[row] === 1 ? duty : 1);
    writes += bytesPerSec * speeds.writtenPerByte[row]!;
    reads += bytesPerSec * speeds.waitedReadPerByte[row]!;
  }
  return { writes, reads };
}

/** Tells the device what jobs and the WAL move from now on. */
export function tellDevice(speeds: Speeds, device: Device, threads: Threads, limiters: readonly RateLimiter[], nowMicros: number): void {
  const { writes, reads } = movedBesideReads(speeds, threads, limiters);
  const moved = createDemands(2);
  fillDemands(moved, 1, false, speeds.write);
  moved.wantedBytesPerSec[0] = writes;
  moved.count = 2;
  moved.isRead[1] = 1;
  moved.blockBytes[1] = speeds.read.blockBytes;
  moved.iodepth[1] = speeds.read.iodepth;
  moved.wantedBytesPerSec[1] = reads;
  device.spend(moved, nowMicros);
}

function fillDemands(demands: Demands, count: number, isRead: boolean, access: Access): void {
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
  speeds.transferBytes[row] = cost.transferBytes;
  speeds.waitedReadPerByte[row] = cost.waitedReadBytes * perByte;
  speeds.writtenPerByte[row] = cost.overlappedWriteBytes * perByte + speeds.waitedWritePerByte[row];
  speeds.pace[row] = 1;
  timeTransfers(speeds, row);
}

/**
 * Recomputes every thread's speed. `writerThreads` writing threads each want `writerDemand` (0..1) of a core.
 * Sets writerStretch for the caller.
 */
export function updateSpeeds(
  speeds: Speeds,
  threads: Threads,
  limiters: readonly RateLimiter[],
  host: HostProfile,
  writerThreads: number,
  writerDemand: number,
  nowMicros: number,
): void {
  const { active, activeCount } = threads;
  // Of k threads on one core the first is done after one turn and the last after k (our assumption: turns are taken by chance).
  threads.chunkSpread = activeCount > host.cores ? 1 - host.cores / activeCount : 0;
  meetAtDevice(speeds, threads);
  const writeback = writebackStretch(speeds, threads, limiters);
  const computing = setDuties(speeds, threads, limiters, writeback);
  shareCpu(speeds, threads, host, writerThreads, writerDemand);
  const foreground = writerThreads * writerDemand + speeds.readerThreads * speeds.readerDemand;
  const crowd = 1 + host.slowdownPerExtraThread * Math.max(0, computing + foreground - 1);
  for (let i = 0; i < activeCount; i++) {
    const row = active[i]!;
    const cpu = (speeds.cpuMicrosPerByte[row]! * crowd) / speeds.cpuGranted[row]!;
    const held = speeds.writtenPerByte[row]! > 0 ? speeds.sharedMicrosPerByte[row]! * writeback : 0;
    const own = cpu + speeds.fixedMicrosPerByte[row]! + transferMicros(speeds, row, speeds.othersBusy[row]!);
    const microsPerByte = Math.max(own, held) / speeds.pace[row]!;
    speeds.limit[row] = limitOf(speeds, row, cpu, writeback > 1 && held >= own, speeds.duty[row]! < 1 && threads.charged[row] === 1);
    setSpeed(threads, row, microsPerByte, nowMicros);
  }
}

/**
 * Each thread's share of time at the device: first as if it were alone, then once more with what the others were found to take. Requests are
 * served as they come, so who hands over more at a time has the larger part: [measured] with 20 jobs on one drive a MiB takes 16 to 21 ms in
 * files of 55 MiB and 6 ms in files of 276 (bench/job-costs.ts on the runs of bench/ledger-runs.ts).
 */
function meetAtDevice(speeds: Speeds, threads: Threads): void {
  const { active, activeCount } = threads;
  const { deviceBusy, pace } = speeds;
  let total = 0;
  for (let i = 0; i < activeCount; i++) {
    const row = active[i]!;
    deviceBusy[row] = (pace[row]! * transferMicros(speeds, row, 0)) / Math.max(1e-12, speeds.aloneMicrosPerByte[row]!);
    total += deviceBusy[row] * speeds.transferBytes[row]!;
  }
  for (let i = 0; i < activeCount; i++) {
    const row = active[i]!;
    const others = total / speeds.transferBytes[row]! - deviceBusy[row]!;
    deviceBusy[row] = (pace[row]! * transferMicros(speeds, row, others)) / Math.max(1e-12, microsWith(speeds, row, others));
  }
  for (let i = 0; i < activeCount; i++) {
    const row = active[i]!;
    let others = 0;
    for (let j = 0; j < activeCount; j++) if (j !== i) others += deviceBusy[active[j]!]! * speeds.transferBytes[active[j]!]!;
    others /= speeds.transferBytes[row]!;
    speeds.othersBusy[row] = others;
    speeds.sharedMicrosPerByte[row] = microsWith(speeds, row, others);
  }
}

/**
 * Write-back runs beside the work and only caps it: when all that is written is more than the device takes, everyone slows alike. The WAL takes
 * its part of what jobs and puts want (walTakenFraction), jobs share the rest.
 */
function writebackStretch(speeds: Speeds, threads: Threads, limiters: readonly RateLimiter[]): number {
  let bytesPerMicro = 0;
  for (let i = 0; i < threads.activeCount; i++) {
    const row = threads.active[i]!;
    const bytes = speeds.writtenPerByte[row]!;
    if (bytes > 0) bytesPerMicro += (speeds.pace[row]! * bytes) / Math.max(1e-12, speeds.sharedMicrosPerByte[row]!);
  }
  return Math.max(1, (bytesPerMicro * 1e6) / leftByWal(speeds, threads, limiters));
}

/** Bytes/s that the WAL leaves to jobs, which want no more of the device than their limiters let through. Sets walTakenFraction. */
function leftByWal(speeds: Speeds, threads: Threads, limiters: readonly RateLimiter[]): number {
  const { walWantedBytesPerSec: wal, togetherWriteBytesPerSec: together } = speeds;
  speeds.walTakenFraction = 1;
  if (wal === 0) return together;
  const duties = limiters.map((limiter) => limiterDuty(speeds, threads, limiter, 1));
  let jobs = 0;
  for (let i = 0; i < threads.activeCount; i++) {
    const row = threads.active[i]!;
    const duty = threads.charged[row] === 1 ? duties[limiters.indexOf(threads.use[row]!.limiter)]! : 1;
    jobs += (duty * speeds.pace[row]! * speeds.writtenPerByte[row]! * 1e6) / Math.max(1e-12, speeds.sharedMicrosPerByte[row]!);
  }
  speeds.walTakenFraction = Math.min(1, together / (jobs + wal));
  if (jobs === 0) return together;
  return Math.max(together - wal, jobs * speeds.walTakenFraction);
}

/** Micros for a byte on idle cores, with a device that `others` threads keep busy. */
function microsWith(speeds: Speeds, row: number, others: number): number {
  return speeds.cpuMicrosPerByte[row]! + speeds.fixedMicrosPerByte[row]! + transferMicros(speeds, row, others);
}

/** Micros that a thread waits for its own transfers, for a byte of work. */
function transferMicros(speeds: Speeds, row: number, others: number): number {
  return (
    speeds.writeMicrosPerByte[row]! * (1 + others * speeds.writeCrowding) +
    speeds.readMicrosPerByte[row]! * (1 + others * speeds.readCrowding)
  );
}

/** Sets how much of the time each thread's limiter lets it work; returns how many threads compute on average: who waits for the device crowds nobody. */
function setDuties(speeds: Speeds, threads: Threads, limiters: readonly RateLimiter[], writeback: number): number {
  let computing = 0;
  for (let l = 0; l < limiters.length; l++) {
    const limiter = limiters[l]!;
    const duty = limiterDuty(speeds, threads, limiter, writeback);
    for (let i = 0; i < threads.activeCount; i++) {
      const row = threads.active[i]!;
      if (threads.use[row]!.limiter !== limiter) continue;
      speeds.duty[row] = duty;
      computing += (duty * speeds.cpuMicrosPerByte[row]!) / Math.max(1e-12, speeds.sharedMicrosPerByte[row]!);
    }
  }
  return computing;
}

/** Fraction of the time that the limiter lets its threads work: its rate over what they could do. */
function limiterDuty(speeds: Speeds, threads: Threads, limiter: RateLimiter, writeback: number): number {
  if (limiter.bytesPerSec === 0) return 1;
  let bytesPerSec = 0;
  for (let i = 0; i < threads.activeCount; i++) {
    const row = threads.active[i]!;
    if (threads.charged[row] === 0 || threads.use[row]!.limiter !== limiter) continue;
    const stretch = speeds.writtenPerByte[row]! > 0 ? writeback : 1;
    bytesPerSec += (speeds.pace[row]! * 1e6) / Math.max(1e-12, speeds.sharedMicrosPerByte[row]! * stretch);
  }
  return bytesPerSec <= limiter.bytesPerSec ? 1 : limiter.bytesPerSec / bytesPerSec;
}

/** What takes most of a thread's time. */
function limitOf(speeds: Speeds, row: number, cpuMicros: number, heldByWriteback: boolean, heldByLimiter: boolean): Limit {
  if (heldByLimiter) return 'rateLimiter';
  if (heldByWriteback) return 'deviceWrite';
  const others = speeds.othersBusy[row]!;
  const read = speeds.readMicrosPerByte[row]! * (1 + others * speeds.readCrowding);
  const write = transferMicros(speeds, row, others) - read;
  const sync = write + speeds.fixedMicrosPerByte[row]!;
  if (cpuMicros >= sync && cpuMicros >= read) return 'cpu';
  return read >= sync ? 'deviceRead' : 'sync';
}

/** Max-min fair: everyone who wants no more than an even part of what is left gets it; the others share the rest evenly. */
function shareCpu(speeds: Speeds, threads: Threads, host: HostProfile, writerThreads: number, writerDemand: number): void {
  const { active, activeCount } = threads;
  const { readerThreads, readerDemand } = speeds;
  let wanted = writerThreads * writerDemand + readerThreads * readerDemand;
  for (let i = 0; i < activeCount; i++) {
    const row = active[i]!;
    const demand = Math.max(
      1e-9,
      (speeds.pace[row]! * speeds.duty[row]! * speeds.cpuMicrosPerByte[row]!) / Math.max(1e-12, speeds.aloneMicrosPerByte[row]!),
    );
    // The demand is kept here until the share is known.
    speeds.cpuGranted[row] = demand;
    wanted += demand;
  }
  speeds.cpuBusy = Math.min(1, wanted / host.cores);
  speeds.writerStretch = 1;
  speeds.readerStretch = 1;
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
  if (readerThreads > 0 && readerDemand > part) speeds.readerStretch = readerDemand / part;
}

/** The part of a core that a thread with unbounded demand gets. */
function fairPart(speeds: Speeds, threads: Threads, cores: number, writerThreads: number, writerDemand: number): number {
  const { active, activeCount } = threads;
  const { readerThreads, readerDemand } = speeds;
  let part = 0;
  for (let round = 0; round <= activeCount + 2; round++) {
    let left = cores;
    let sharing = 0;
    if (writerDemand <= part) left -= writerThreads * writerDemand;
    else sharing += writerThreads;
    if (readerDemand <= part) left -= readerThreads * readerDemand;
    else sharing += readerThreads;
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

function growSpeeds(speeds: Speeds, least: number): void {
  const capacity = Math.max(least, speeds.cpuMicrosPerByte.length * 2);
  const grow = (array: Float64Array): Float64Array => {
    const grown = new Float64Array(capacity);
    grown.set(array);
    return grown;
  };
  speeds.cpuMicrosPerByte = grow(speeds.cpuMicrosPerByte);
  speeds.fixedMicrosPerByte = grow(speeds.fixedMicrosPerByte);
  speeds.writtenPerByte = grow(speeds.writtenPerByte);
  speeds.waitedWritePerByte = grow(speeds.waitedWritePerByte);
  speeds.waitedReadPerByte = grow(speeds.waitedReadPerByte);
  speeds.writeMicrosPerByte = grow(speeds.writeMicrosPerByte);
  speeds.readMicrosPerByte = grow(speeds.readMicrosPerByte);
  speeds.aloneMicrosPerByte = grow(speeds.aloneMicrosPerByte);
  speeds.sharedMicrosPerByte = grow(speeds.sharedMicrosPerByte);
  speeds.cpuGranted = grow(speeds.cpuGranted);
  speeds.deviceBusy = grow(speeds.deviceBusy);
  speeds.othersBusy = grow(speeds.othersBusy);
  speeds.pace = grow(speeds.pace);
  speeds.duty = grow(speeds.duty);
  speeds.transferBytes = grow(speeds.transferBytes);
}
