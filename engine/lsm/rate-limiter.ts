/**
 * RocksDB's GenericRateLimiter and the background threads that ask it. Source: util/rate_limiter.cc (rocksdb-semantics, section 6).
 *
 * Each thread produces up to one file buffer (writable_file_max_buffer_size, 1 MiB), asks for that many bytes, and goes on when it
 * has them. A refill every period hands the quantum rate x period to the queued requests, by priority; what is left goes to
 * whoever asks first. Nothing is averaged: the 100 ms steps that flush times show in real LOGs come out of it. Where a quantum
 * holds more than BUFFERS_PER_QUANTUM_MAX buffers, threads ask for a CHUNKS_PER_QUANTUM'th of it at once, so that a run's cost does
 * not grow with the rate.
 *
 * Without a limiter a thread's whole remaining work is one chunk.
 */
import type { RandomStream } from '../kernel/random.js';
import { invariant } from '../kernel/errors.js';

const BUFFERS_PER_QUANTUM_MAX = 32;
const CHUNKS_PER_QUANTUM = 8;
/** writable_file_max_buffer_size's default: what a thread asks the limiter for, or hands to the device, at once. */
export const BUFFER_BYTES = 1_048_576;
/** Auto-tuning (Tune): every 100 periods, down 5 % below 50 % drained, up 5 % above 90 %, within [limit / 20, limit]. */
const PERIODS_PER_TUNE = 100;
const TUNE_LOW_PERCENT = 50;
const TUNE_HIGH_PERCENT = 90;
const TUNE_FACTOR = 1.05;
const TUNE_RANGE = 20;

/** Order in which a refill serves queued requests: higher first. */
export const IO_LOW = 0;
/** Flush (Env::IO_HIGH). */
export const IO_HIGH = 2;
/** Anything whose file was opened while writes were held (Env::IO_USER). */
export const IO_USER = 3;

/** A limiter at work: its settings and what it has to give. */
export interface RateLimiter {
  /** 0: no limit. Changed by `setRate` only. */
  bytesPerSec: number;
  /** Bytes of one refill, and what a thread asks for at once. */
  quantumBytes: number;
  chunkBytes: number;
  maxBytesPerSec: number;
  readonly autoTuned: boolean;
  readonly periodMicros: number;
  readonly fairness: number;
  /** A request takes what there is and queues for the rest (since 8.3). */
  readonly partialGrants: boolean;
  availableBytes: number;
  nextRefillMicros: number;
  /** Periods in which a request had to wait. */
  drains: number;
  drainsAtTune: number;
  tunedAtMicros: number;
  /** Threads whose request is queued. */
  queuedCount: number;
  readonly random: RandomStream;
}

/** A store's use of a limiter, which it may share with other stores. */
export interface LimiterUse {
  readonly limiter: RateLimiter;
  /** The store's writes are delayed or stopped: files opened now ask as IO_USER (7.4). Kept up by jobs.ts. */
  writesHeld: boolean;
}

/** Settings of a limiter: bytes a second (0: none), refill period in micros, RocksDB's fairness (10). */
export interface RateLimiterConfig {
  readonly bytesPerSec: number;
  readonly periodMicros: number;
  readonly fairness: number;
  readonly autoTuned: boolean;
  readonly partialGrants: boolean;
}

/** A limiter that has given nothing yet. `random` decides when HIGH is served after LOW. */
export function createRateLimiter(config: RateLimiterConfig, random: RandomStream): RateLimiter {
  const limiter: RateLimiter = {
    bytesPerSec: 0,
    quantumBytes: 0,
    chunkBytes: 0,
    maxBytesPerSec: config.bytesPerSec,
    autoTuned: config.autoTuned,
    periodMicros: config.periodMicros,
    fairness: config.fairness,
    partialGrants: config.partialGrants,
    availableBytes: 0,
    nextRefillMicros: 0,
    drains: 0,
    drainsAtTune: 0,
    tunedAtMicros: 0,
    queuedCount: 0,
    random,
  };
  setRate(limiter, config.autoTuned ? Math.floor(config.bytesPerSec / 2) : config.bytesPerSec);
  return limiter;
}

/** Sets the rate, bytes/s. A request is one file buffer, no more than a quantum (RequestToken), enlarged where a quantum holds many. */
function setRate(limiter: RateLimiter, bytesPerSec: number): void {
  limiter.bytesPerSec = bytesPerSec;
  limiter.quantumBytes = Math.max(1, Math.floor((bytesPerSec * limiter.periodMicros) / 1e6));
  const exact = limiter.quantumBytes <= BUFFERS_PER_QUANTUM_MAX * BUFFER_BYTES;
  limiter.chunkBytes = exact ? Math.min(limiter.quantumBytes, BUFFER_BYTES) : limiter.quantumBytes / CHUNKS_PER_QUANTUM;
}

/** SetBytesPerSecond while threads run; where there is no limiter there is none to change. */
export function changeRate(limiter: RateLimiter, bytesPerSec: number): void {
  if (limiter.bytesPerSec === 0 || bytesPerSec === 0) return;
  limiter.maxBytesPerSec = bytesPerSec;
  setRate(limiter, limiter.autoTuned ? Math.floor(bytesPerSec / 2) : bytesPerSec);
}

/** Background threads at work: rows of typed arrays; a row is free when `owner` is -1. */
export interface Threads {
  capacity: number;
  /** Rows in use, ascending. */
  active: Int32Array;
  activeCount: number;
  owner: Int32Array;
  /** Whose limiter it asks, by row. */
  use: LimiterUse[];
  /** Bytes not yet asked for. */
  remainingBytes: Float64Array;
  totalBytes: Float64Array;
  /** The chunk being produced or waited for. */
  chunkBytes: Float64Array;
  /** When the chunk being produced is ready to be asked for; Infinity while its request is queued. */
  readyAtMicros: Float64Array;
  /** Bytes still missing of a queued request; 0 while producing. */
  queuedBytes: Float64Array;
  queuedOrder: Float64Array;
  microsPerByte: Float64Array;
  /** Priority of the file being written, and of files opened while writes are not held. */
  priority: Uint8Array;
  basePriority: Uint8Array;
  /** Mean bytes of an output file, and what is left of the present one: each file's priority is set when it is opened. */
  fileBytes: Float64Array;
  fileBytesLeft: Float64Array;
  /** Closing a file (sync, opening it to check it): the thread asks for nothing meanwhile. */
  closeMicros: Float64Array;
  /** 1: its bytes are charged to the limiter. */
  charged: Uint8Array;
  queueCounter: number;
  /**
   * The time for one buffer varies by up to this fraction of its mean, evenly. Where threads outnumber cores, each gets its turn first or last
   * by chance, so none is always first to ask for the rest of a quantum (set by speeds.ts).
   */
  chunkSpread: number;
}

/** No threads, with room for `capacity`; it grows. */
export function createThreads(capacity = 16): Threads {
  return {
    capacity,
    active: new Int32Array(capacity),
    activeCount: 0,
    owner: new Int32Array(capacity).fill(-1),
    remainingBytes: new Float64Array(capacity),
    totalBytes: new Float64Array(capacity),
    chunkBytes: new Float64Array(capacity),
    readyAtMicros: new Float64Array(capacity),
    queuedBytes: new Float64Array(capacity),
    queuedOrder: new Float64Array(capacity),
    use: [],
    microsPerByte: new Float64Array(capacity),
    priority: new Uint8Array(capacity),
    basePriority: new Uint8Array(capacity),
    fileBytes: new Float64Array(capacity),
    fileBytesLeft: new Float64Array(capacity),
    closeMicros: new Float64Array(capacity),
    charged: new Uint8Array(capacity),
    queueCounter: 0,
    chunkSpread: 0,
  };
}

/** What a new thread works on. */
export interface ThreadStart {
  readonly owner: number;
  readonly use: LimiterUse;
  /** Bytes of work, above 0. */
  readonly bytes: number;
  /** Mean bytes of its output files, and the time to close one. */
  readonly fileBytes: number;
  readonly closeMicros: number;
  readonly basePriority: number;
  readonly charged: boolean;
}

/** Starts a thread and returns its row. Set its speed with `setSpeed` before time passes. */
export function startThread(threads: Threads, start: ThreadStart): number {
  const { owner, bytes } = start;
  if (threads.activeCount === threads.capacity) growThreads(threads);
  let row = 0;
  while (threads.owner[row] !== -1) row++;
  threads.owner[row] = owner;
  threads.use[row] = start.use;
  threads.remainingBytes[row] = bytes;
  threads.totalBytes[row] = bytes;
  threads.chunkBytes[row] = 0;
  threads.readyAtMicros[row] = 0;
  threads.queuedBytes[row] = 0;
  threads.microsPerByte[row] = 0;
  threads.priority[row] = start.basePriority;
  threads.basePriority[row] = start.basePriority;
  threads.fileBytes[row] = start.fileBytes;
  threads.fileBytesLeft[row] = 0;
  threads.closeMicros[row] = start.closeMicros;
  threads.charged[row] = start.charged ? 1 : 0;
  let at = threads.activeCount++;
  while (at > 0 && threads.active[at - 1]! > row) {
    threads.active[at] = threads.active[at - 1]!;
    at--;
  }
  threads.active[at] = row;
  return row;
}

/** Frees a row. */
export function endThread(threads: Threads, row: number): void {
  threads.owner[row] = -1;
  let at = 0;
  while (threads.active[at] !== row) at++;
  threads.active.copyWithin(at, at + 1, threads.activeCount);
  threads.activeCount--;
}

/** Sets how long a byte takes without waiting for the limiter; what is being produced goes on at the new speed. */
export function setSpeed(threads: Threads, row: number, microsPerByte: number, nowMicros: number): void {
  const before = threads.microsPerByte[row]!;
  threads.microsPerByte[row] = microsPerByte;
  if (threads.chunkBytes[row] === 0) {
    // A thread that finished together with another one waits for its turn to be taken off.
    if (threads.remainingBytes[row]! > 0) produceNext(threads, row, nowMicros);
  } else if (threads.queuedBytes[row] === 0 && before > 0 && before !== microsPerByte) {
    const left = Math.max(0, threads.readyAtMicros[row]! - nowMicros);
    threads.readyAtMicros[row] = nowMicros + (left * microsPerByte) / before;
  }
}

/** Ends all threads at once. */
export function endAllThreads(threads: Threads): void {
  for (let i = 0; i < threads.activeCount; i++) {
    const row = threads.active[i]!;
    threads.owner[row] = -1;
    threads.use[row]!.limiter.queuedCount = 0;
  }
  threads.activeCount = 0;
}

/** Fraction (0..1) of a thread's bytes that are granted or being produced. */
export function threadProgress(threads: Threads, row: number): number {
  return 1 - threads.remainingBytes[row]! / threads.totalBytes[row]!;
}

/** Where `advanceThreads` stopped. */
export interface Advanced {
  /** The thread that finished; -1: none before the time given. */
  row: number;
  /** When it finished, fractional microseconds. */
  atMicros: number;
}

/** Lets the threads work until the first one finishes or until `untilMicros`, whichever comes first. */
export function advanceThreads(threads: Threads, limiters: readonly RateLimiter[], untilMicros: number, out: Advanced): void {
  const { active, readyAtMicros, chunkBytes } = threads;
  out.row = -1;
  for (;;) {
    let next = Infinity;
    let row = -1;
    for (let i = 0; i < threads.activeCount; i++) {
      const candidate = active[i]!;
      const ready = readyAtMicros[candidate]!;
      if (ready < next) {
        next = ready;
        row = candidate;
      }
    }
    const limiter = firstToRefill(limiters);
    if (limiter !== null && limiter.nextRefillMicros <= next) {
      if (limiter.nextRefillMicros > untilMicros) return;
      refill(threads, limiter, limiter.nextRefillMicros);
      continue;
    }
    if (row < 0 || next > untilMicros) return;
    if (chunkBytes[row]! > 0) {
      ask(threads, row, next);
      continue;
    }
    out.row = row;
    out.atMicros = next;
    return;
  }
}

/** Of the limiters that requests wait for, the one that refills first; null when nobody waits. */
function firstToRefill(limiters: readonly RateLimiter[]): RateLimiter | null {
  let first: RateLimiter | null = null;
  for (let i = 0; i < limiters.length; i++) {
    const limiter = limiters[i]!;
    if (limiter.queuedCount > 0 && (first === null || limiter.nextRefillMicros < first.nextRefillMicros)) first = limiter;
  }
  return first;
}

/** A chunk is ready: take its bytes, or queue for them. */
function ask(threads: Threads, row: number, nowMicros: number): void {
  const bytes = threads.chunkBytes[row]!;
  const { limiter } = threads.use[row]!;
  if (threads.charged[row] === 0 || limiter.bytesPerSec === 0) {
    granted(threads, row, nowMicros);
    return;
  }
  if (limiter.autoTuned) tune(limiter, nowMicros);
  if (limiter.availableBytes >= bytes) {
    limiter.availableBytes -= bytes;
    granted(threads, row, nowMicros);
    return;
  }
  let missing = bytes;
  if (limiter.partialGrants) {
    missing -= limiter.availableBytes;
    limiter.availableBytes = 0;
  }
  threads.queuedBytes[row] = missing;
  threads.queuedOrder[row] = threads.queueCounter++;
  limiter.queuedCount++;
  threads.readyAtMicros[row] = Infinity;
  if (nowMicros >= limiter.nextRefillMicros) refill(threads, limiter, nowMicros);
  else if (limiter.queuedCount === 1) limiter.drains++;
}

/** RefillBytesAndGrantRequests: the quantum, then the queues. */
function refill(threads: Threads, limiter: RateLimiter, nowMicros: number): void {
  limiter.nextRefillMicros = nowMicros + limiter.periodMicros;
  const quantum = limiter.quantumBytes;
  if (limiter.partialGrants) limiter.availableBytes = quantum;
  else if (limiter.availableBytes < quantum) limiter.availableBytes += quantum;
  // GeneratePriorityIterationOrder: USER first; HIGH after MID and LOW, once in `fairness` refills.
  const highLast = limiter.fairness > 0 && limiter.random.uniformInt(limiter.fairness) === 0;
  while (limiter.queuedCount > 0) {
    const row = frontOfQueue(threads, limiter, highLast);
    const missing = threads.queuedBytes[row]!;
    if (limiter.availableBytes < missing) {
      // The front request takes what is left, so that it does not starve.
      threads.queuedBytes[row] = missing - limiter.availableBytes;
      limiter.availableBytes = 0;
      limiter.drains++;
      return;
    }
    limiter.availableBytes -= missing;
    threads.queuedBytes[row] = 0;
    limiter.queuedCount--;
    granted(threads, row, nowMicros);
  }
}

/** The queued request that is served next; there is one. */
function frontOfQueue(threads: Threads, limiter: RateLimiter, highLast: boolean): number {
  let best = -1;
  let bestRank = -1;
  for (let i = 0; i < threads.activeCount; i++) {
    const row = threads.active[i]!;
    if (threads.queuedBytes[row]! <= 0 || threads.use[row]!.limiter !== limiter) continue;
    const priority = threads.priority[row]!;
    const rank = highLast && priority === IO_HIGH ? -0.5 : priority;
    if (best < 0 || rank > bestRank || (rank === bestRank && threads.queuedOrder[row]! < threads.queuedOrder[best]!)) {
      best = row;
      bestRank = rank;
    }
  }
  return best;
}

/** The chunk is paid for: on to the next one, or, with chunk 0, to the end of the work. A file that is complete is closed first. */
function granted(threads: Threads, row: number, nowMicros: number): void {
  threads.chunkBytes[row] = 0;
  const closing = threads.charged[row] === 1 && threads.fileBytesLeft[row]! <= 0.5 ? threads.closeMicros[row]! : 0;
  threads.readyAtMicros[row] = nowMicros + closing;
  if (threads.remainingBytes[row]! > 0) produceNext(threads, row, nowMicros + closing);
}

function produceNext(threads: Threads, row: number, nowMicros: number): void {
  const { limiter, writesHeld } = threads.use[row]!;
  const remaining = threads.remainingBytes[row]!;
  invariant(remaining > 0, 'a thread that has finished produces nothing');
  const charged = threads.charged[row] === 1 && limiter.bytesPerSec > 0;
  if (charged && threads.fileBytesLeft[row]! <= 0.5) {
    threads.fileBytesLeft[row] = threads.fileBytes[row]!;
    threads.priority[row] = writesHeld ? IO_USER : threads.basePriority[row]!;
  }
  const chunk = charged ? Math.min(remaining, threads.fileBytesLeft[row]!, limiter.chunkBytes) : remaining;
  threads.fileBytesLeft[row]! -= chunk;
  threads.remainingBytes[row] = remaining - chunk;
  threads.chunkBytes[row] = chunk;
  const spread = charged && threads.chunkSpread > 0 ? 1 + threads.chunkSpread * (2 * limiter.random.uniform() - 1) : 1;
  threads.readyAtMicros[row] = nowMicros + chunk * threads.microsPerByte[row]! * spread;
}

function tune(limiter: RateLimiter, nowMicros: number): void {
  const elapsed = nowMicros - limiter.tunedAtMicros;
  if (elapsed < PERIODS_PER_TUNE * limiter.periodMicros) return;
  const periods = Math.ceil(elapsed / limiter.periodMicros);
  const drainedPercent = Math.floor(((limiter.drains - limiter.drainsAtTune) * 100) / periods);
  limiter.tunedAtMicros = nowMicros;
  limiter.drainsAtTune = limiter.drains;
  const least = limiter.maxBytesPerSec / TUNE_RANGE;
  if (drainedPercent === 0) setRate(limiter, Math.floor(least));
  else if (drainedPercent < TUNE_LOW_PERCENT) setRate(limiter, Math.floor(Math.max(least, limiter.bytesPerSec / TUNE_FACTOR)));
  else if (drainedPercent > TUNE_HIGH_PERCENT)
    setRate(limiter, Math.floor(Math.min(limiter.maxBytesPerSec, limiter.bytesPerSec * TUNE_FACTOR)));
}

function growThreads(threads: Threads): void {
  const bigger = createThreads(threads.capacity * 2);
  bigger.active.set(threads.active);
  bigger.owner.set(threads.owner);
  bigger.remainingBytes.set(threads.remainingBytes);
  bigger.totalBytes.set(threads.totalBytes);
  bigger.chunkBytes.set(threads.chunkBytes);
  bigger.readyAtMicros.set(threads.readyAtMicros);
  bigger.queuedBytes.set(threads.queuedBytes);
  bigger.queuedOrder.set(threads.queuedOrder);
  bigger.microsPerByte.set(threads.microsPerByte);
  bigger.priority.set(threads.priority);
  bigger.basePriority.set(threads.basePriority);
  bigger.fileBytes.set(threads.fileBytes);
  bigger.fileBytesLeft.set(threads.fileBytesLeft);
  bigger.closeMicros.set(threads.closeMicros);
  bigger.charged.set(threads.charged);
  bigger.activeCount = threads.activeCount;
  bigger.use = threads.use;
  bigger.queueCounter = threads.queueCounter;
  bigger.chunkSpread = threads.chunkSpread;
  Object.assign(threads, bigger);
}
