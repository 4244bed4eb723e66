/**
 * Storage as the models see it: streams say how much they want, the device says how much each gets. Three kinds: two constants (read
 * and write bandwidth), a measured envelope, or one of these with memory (memory.ts).
 *
 * How a rate is decided, in this order:
 *   1. A stream gets no more than it would get alone (its own direction, block size and requests in flight).
 *   2. What all of them may take together is the device's capacity for their mix: read share from the bytes wanted (after 1), block
 *      size the geometric mean weighted with those bytes, requests in flight the sum over the streams.
 *   3. If the sum fits, everyone gets what 1 left; if not, max-min fair shares: the capacity is split evenly, and what a stream does
 *      not need goes to the others.
 * 1 and 3 are our assumptions (fair queueing between threads of one process, as blk-mq without a scheduler does on average).
 *
 * Pattern: an envelope's random surface is used when it was measured, else the sequential one. Several streams of long requests are
 * random to the drive.
 */
import { PutmodelError, invariant } from '../kernel/errors.js';
import { exp, log } from '../kernel/math.js';
import { createLookup, type Axes, type EnvelopeLookup, type EnvelopeModel, type Outside } from './envelope.js';
import { createLayeredDevice } from './layered.js';
import { createMemory, type MemoryModel } from './memory.js';

/** A device as data: what presets, `--device` and scenarios hold. Bandwidths are bytes per second, above 0. */
export type DeviceModel = PlainDeviceModel | LayeredModel;

/** A device without memory. */
export type PlainDeviceModel =
  | {
      readonly kind: 'constant';
      readonly name: string;
      readonly source: string;
      readonly readBytesPerSec: number;
      readonly writeBytesPerSec: number;
    }
  | {
      readonly kind: 'envelope';
      readonly name: string;
      readonly source: string;
      readonly envelope: EnvelopeModel;
      readonly axes: Axes;
      readonly outside: Outside;
      /** min(Beff, min(Br, Bw)), Br and Bw being the best pure read and pure write bandwidth of the envelope. */
      readonly clampToPhysical: boolean;
    };

/** A device with memory: another one, and what limits it by time and by what it has moved. */
export interface LayeredModel extends MemoryModel {
  readonly kind: 'layered';
  readonly name: string;
  readonly source: string;
  readonly base: PlainDeviceModel;
  /** Nobody named the base: it is the default. */
  readonly isBaseAssumed?: true;
}

/** What a run assumes of its device; nothing of one that was named with all its parts. */
export function deviceAssumptions(
  model: DeviceModel,
  isNamed: boolean,
): readonly { readonly what: string; readonly value: string; readonly source: string }[] {
  if (!isNamed) return [{ what: 'device', value: model.name, source: 'default; --device names another' }];
  if (model.kind !== 'layered' || model.isBaseAssumed !== true) return [];
  return [{ what: 'device below the log', value: model.base.name, source: 'default; a device file with timelineLogs names another base' }];
}

/** Streams that want the device now: struct of arrays, the first `count` entries count. */
export interface Demands {
  count: number;
  /** isRead[i]: 1 for a read, 0 for a write. */
  readonly isRead: Uint8Array;
  /** blockBytes[i]: bytes of one request, above 0. */
  readonly blockBytes: Float64Array;
  /** iodepth[i]: requests this stream keeps in flight, above 0. */
  readonly iodepth: Float64Array;
  /** wantedBytesPerSec[i]: 0 to Infinity; Infinity means "whatever there is". */
  readonly wantedBytesPerSec: Float64Array;
}

/** A device in use by one run. */
export interface Device {
  /**
   * Writes rates[i] (bytes per second, finite, at most wantedBytesPerSec[i]) for the first `demands.count` streams. The rates hold until
   * `nextChangeMicros(nowMicros)` or until the demands change. Allocates nothing.
   * @throws InvariantError when a demand is NaN or negative; PutmodelError INPUT_INVALID outside the grid with `outside: 'error'`
   */
  grant(demands: Demands, nowMicros: number, rates: Float64Array): void;
  /** When the same demands would be answered differently, microseconds; Infinity when never. */
  nextChangeMicros(nowMicros: number): number;
  /** Tells what the streams really move from now on (as wantedBytesPerSec): what a device with memory counts. */
  spend(moved: Demands, nowMicros: number): void;
  /** False: the same demands are always answered the same, whatever was moved. */
  readonly isVarying: boolean;
  /** What was noticed so far: one line for each axis on which a demand left the grid. */
  readonly warnings: readonly string[];
}

/** Room for `capacity` streams; count is 0. */
export function createDemands(capacity: number): Demands {
  invariant(Number.isInteger(capacity) && capacity >= 0, 'createDemands: the capacity must be a whole number of streams');
  return {
    count: 0,
    isRead: new Uint8Array(capacity),
    blockBytes: new Float64Array(capacity),
    iodepth: new Float64Array(capacity),
    wantedBytesPerSec: new Float64Array(capacity),
  };
}

/** A device ready to grant. A run makes its own: it holds caches and warnings. @throws PutmodelError INPUT_INVALID for bandwidths that are not above 0 */
export function createDevice(model: DeviceModel): Device {
  if (model.kind === 'layered') return createLayeredDevice(createDevice(model.base), createMemory(model));
  const capacity = model.kind === 'constant' ? constantCapacity(model.readBytesPerSec, model.writeBytesPerSec) : envelopeCapacity(model);
  return new GrantingDevice(capacity);
}

/** What a device can do for a mix. */
interface Capacity {
  /** Bytes per second, all directions together. `threadCount` streams hold `outstanding` requests in all. */
  of(readFraction: number, outstanding: number, threadCount: number, blockBytes: number): number;
  readonly warnings: readonly string[];
}

/** Reads and writes take turns: a mix of r read and w written bytes takes r/R + w/W seconds a byte. */
function constantCapacity(readBytesPerSec: number, writeBytesPerSec: number): Capacity {
  for (const [path, value] of [
    ['readBytesPerSec', readBytesPerSec],
    ['writeBytesPerSec', writeBytesPerSec],
  ] as const) {
    if (!(value > 0 && value < Infinity)) {
      throw new PutmodelError({
        code: 'INPUT_INVALID',
        message: 'a device needs a bandwidth',
        path,
        found: String(value),
        expected: 'above 0',
      });
    }
  }
  return {
    of: (readFraction) => 1 / (readFraction / readBytesPerSec + (1 - readFraction) / writeBytesPerSec),
    warnings: [],
  };
}

function envelopeCapacity(model: PlainDeviceModel & { readonly kind: 'envelope' }): Capacity {
  const pattern = model.envelope.surfaces.random === undefined ? 'sequential' : 'random';
  const lookup = createLookup(model.envelope, { pattern, column: 'totalBytesPerSec', axes: model.axes, outside: model.outside });
  const limitBytesPerSec = model.clampToPhysical ? lookup.physicalLimitBytesPerSec : Infinity;
  const compute = (readFraction: number, outstanding: number, threadCount: number, blockBytes: number): number => {
    const numjobs = splitNumjobs(lookup, outstanding, threadCount);
    // Extrapolation may fall to 0 or below; a device always moves something, or a run would never end.
    const bytesPerSec = lookup.at(readFraction * 100, outstanding / numjobs, numjobs, blockBytes / 1024);
    return Math.max(1, Math.min(bytesPerSec, limitBytesPerSec));
  };
  return { of: remembering(compute), warnings: lookup.warnings };
}

/** Slots of `remembering`; a power of two. Streams come and go in few combinations, so few are enough. */
const slotCount = 64;

/** The same function with its recent answers kept, one for each slot of a hash of the question. */
function remembering(compute: Capacity['of']): Capacity['of'] {
  const keys = new Float64Array(4 * slotCount).fill(-1);
  const answers = new Float64Array(slotCount);
  return (readFraction, outstanding, threadCount, blockBytes) => {
    const slot = (readFraction * 1048583 + outstanding * 769 + threadCount * 31 + blockBytes / 512) & (slotCount - 1);
    const at = 4 * slot;
    if (keys[at] !== readFraction || keys[at + 1] !== outstanding || keys[at + 2] !== threadCount || keys[at + 3] !== blockBytes) {
      answers[slot] = compute(readFraction, outstanding, threadCount, blockBytes);
      keys[at] = readFraction;
      keys[at + 1] = outstanding;
      keys[at + 2] = threadCount;
      keys[at + 3] = blockBytes;
    }
    return answers[slot]!;
  };
}

/**
 * The numjobs at which `outstanding` = iodepth x numjobs is looked up: one job a thread as far as the grid goes, the rest into iodepth;
 * then whatever keeps iodepth inside the grid. So nine threads with one request each are 4 jobs with 2.25 on a grid of 1, 2, 4 jobs.
 */
function splitNumjobs(lookup: EnvelopeLookup, outstanding: number, threadCount: number): number {
  const { iodepth, numjobs } = lookup.range;
  const asThreads = Math.min(Math.max(threadCount, numjobs.min), numjobs.max);
  const depth = outstanding / asThreads;
  if (depth > iodepth.max) return Math.min(outstanding / iodepth.max, numjobs.max);
  if (depth < iodepth.min) return Math.max(outstanding / iodepth.min, numjobs.min);
  return asThreads;
}

/** Everything one device keeps between grants. A class, because its methods share arrays and run a million times a run. */
class GrantingDevice implements Device {
  readonly isVarying = false;
  readonly warnings: readonly string[];
  readonly #capacity: Capacity;
  /** The last demands and what they got, to answer a repeated question at once. */
  #last = createDemands(0);
  #lastRates = new Float64Array(0);
  /** limited[i]: what stream i may take at most: what it wants and what it would get alone. */
  #limited = new Float64Array(0);
  /** blockLog[i]: natural logarithm of last.blockBytes[i]. */
  #blockLog = new Float64Array(0);
  /** alone[i]: what stream i of `last` gets alone. */
  #alone = new Float64Array(0);

  constructor(capacity: Capacity) {
    this.#capacity = capacity;
    this.warnings = capacity.warnings;
  }

  nextChangeMicros(): number {
    return Infinity;
  }

  spend(): void {
    // Nothing is remembered.
  }

  grant(demands: Demands, _nowMicros: number, rates: Float64Array): void {
    const count = demands.count;
    invariant(count <= demands.isRead.length && count <= rates.length, 'grant: more streams than room for them');
    if (count > this.#lastRates.length) this.#grow(count);
    if (!this.#same(demands)) {
      this.#remember(demands);
      this.#share(count);
    }
    for (let i = 0; i < count; i++) rates[i] = this.#lastRates[i]!;
  }

  /** Rooms for more streams than ever before; happens a few times in a device's life. */
  #grow(count: number): void {
    const room = Math.max(16, 2 * count);
    this.#last = createDemands(room);
    this.#last.count = -1;
    this.#lastRates = new Float64Array(room);
    this.#limited = new Float64Array(room);
    this.#blockLog = new Float64Array(room);
    this.#alone = new Float64Array(room);
  }

  #same(demands: Demands): boolean {
    const last = this.#last;
    if (demands.count !== last.count) return false;
    for (let i = 0; i < demands.count; i++) {
      if (demands.wantedBytesPerSec[i] !== last.wantedBytesPerSec[i] || !sameStream(demands, last, i)) return false;
    }
    return true;
  }

  /** Copies the demands, and recomputes what depends on a stream alone where the stream changed. */
  #remember(demands: Demands): void {
    const last = this.#last;
    for (let i = 0; i < demands.count; i++) {
      const wanted = demands.wantedBytesPerSec[i]!;
      invariant(wanted >= 0, 'grant: a stream wants a negative or unknown rate');
      if (!sameStream(demands, last, i)) {
        const blockBytes = demands.blockBytes[i]!;
        const iodepth = demands.iodepth[i]!;
        invariant(
          blockBytes > 0 && blockBytes < Infinity && iodepth > 0 && iodepth < Infinity,
          'grant: a stream without block size or depth',
        );
        last.isRead[i] = demands.isRead[i]!;
        last.blockBytes[i] = blockBytes;
        last.iodepth[i] = iodepth;
        this.#blockLog[i] = log(blockBytes);
        this.#alone[i] = this.#capacity.of(demands.isRead[i] === 0 ? 0 : 1, iodepth, 1, blockBytes);
      }
      last.wantedBytesPerSec[i] = wanted;
      this.#limited[i] = Math.min(wanted, this.#alone[i]!);
    }
    last.count = demands.count;
  }

  #share(count: number): void {
    let wanted = 0;
    let wantedRead = 0;
    let outstanding = 0;
    let threads = 0;
    let weightedLog = 0;
    let smallest = Infinity;
    let largest = 0;
    for (let i = 0; i < count; i++) {
      const bytesPerSec = this.#limited[i]!;
      if (bytesPerSec === 0) continue;
      const blockBytes = this.#last.blockBytes[i]!;
      wanted += bytesPerSec;
      if (this.#last.isRead[i] !== 0) wantedRead += bytesPerSec;
      outstanding += this.#last.iodepth[i]!;
      weightedLog += bytesPerSec * this.#blockLog[i]!;
      smallest = Math.min(smallest, blockBytes);
      largest = Math.max(largest, blockBytes);
      threads++;
    }
    let capacity = Infinity; // one stream alone is already limited to what it gets alone
    if (threads > 1) {
      // Kept between its parts: rounding must not push a mean of equal blocks off the grid.
      const meanBytes = smallest === largest ? smallest : Math.min(largest, Math.max(smallest, exp(weightedLog / wanted)));
      capacity = this.#capacity.of(wantedRead / wanted, outstanding, threads, meanBytes);
    }
    if (wanted <= capacity) this.#lastRates.set(this.#limited);
    else shareFairly(this.#limited, capacity, count, this.#lastRates);
  }
}

function sameStream(a: Demands, b: Demands, i: number): boolean {
  return a.isRead[i] === b.isRead[i] && a.blockBytes[i] === b.blockBytes[i] && a.iodepth[i] === b.iodepth[i];
}

/** Max-min fair: rounds of an even split, in which those that need no more than their part are served and leave. */
function shareFairly(wanted: Float64Array, capacity: number, count: number, rates: Float64Array): void {
  let left = capacity;
  let waiting = count;
  for (let i = 0; i < count; i++) rates[i] = -1;
  for (let round = 0; round < count && waiting > 0; round++) {
    const part = left / waiting;
    const before = waiting;
    for (let i = 0; i < count; i++) {
      if (rates[i]! >= 0 || wanted[i]! > part) continue;
      rates[i] = wanted[i]!;
      left -= wanted[i]!;
      waiting--;
    }
    if (waiting === before) break;
  }
  const part = waiting > 0 ? Math.max(0, left / waiting) : 0;
  for (let i = 0; i < count; i++) if (rates[i]! < 0) rates[i] = Math.min(part, wanted[i]!);
}
