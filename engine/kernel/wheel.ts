/**
 * The queue of events.ts with wheels inside, for thousands of events that wait at once. Order and outcome are the same to the last tie; only
 * the cost differs: it does not grow with the number of events that wait, and nothing is compared. (Varghese and Lauck 1987, hierarchical
 * timing wheels.)
 *
 *   early     what was pushed before the slots, after a look ahead had turned the wheel: a plain queue, mostly empty
 *   slots     a list for each of the 256 micros of the bucket that has come, in order of pushing; a bit for each says whether it is empty
 *   buckets   a list for each of the next 16,383 stretches of 256 micros, the event pushed last first; a bit for each
 *   far       all that lies behind them: a plain queue; its first ones move into the buckets as the wheel turns
 *
 * An event in a list is a row of narrow columns: its bucket is its time but for the lowest 8 bits. So 20,000 of them stay in a near cache.
 */
import { invariant } from './errors.js';
import { createEventQueue, type EventQueue } from './events.js';
import { exactMicros } from './units.js';

const slotCount = 256;
const bucketCount = 16_384;
const bucketMask = bucketCount - 1;

interface Wheel {
  /** Rows that were ever used, and the first of those that are free again. */
  used: number;
  free: number;
  /** lows[row]: time within its bucket. */
  lows: Uint8Array;
  kinds: Int32Array;
  payloads: Int32Array;
  /** nexts[row]: of its list, or of the free rows; -1 ends it. */
  nexts: Int32Array;
  readonly slotFirst: Int32Array;
  readonly slotLast: Int32Array;
  readonly slotBits: Int32Array;
  slottedCount: number;
  /** No slot before this one holds anything. */
  slot: number;
  readonly bucketFirst: Int32Array;
  readonly bucketBits: Int32Array;
  bucketedCount: number;
  /** Number of the bucket that has come, counted from time 0. */
  cursor: number;
}

/** An empty queue. Payloads are 32-bit integers. */
export function createEventWheel(): EventQueue {
  let wheel = createWheel();
  const early = createEventQueue();
  const far = createEventQueue();
  const queue = {
    timeMicros: 0,
    kind: 0,
    payload: 0,
    size: 0,
    push(timeMicros: number, kind: number, payload: number): void {
      exactMicros(timeMicros, 'time of an event');
      invariant(timeMicros >= queue.timeMicros, 'event queue: an event cannot lie before the one taken last');
      invariant(payload === (payload | 0), 'event wheel: a payload is a 32-bit integer');
      const bucket = Math.floor(timeMicros / slotCount);
      if (bucket < wheel.cursor) early.push(timeMicros, kind, payload);
      else if (bucket < wheel.cursor + bucketCount) insert(wheel, bucket, timeMicros, kind, payload);
      else far.push(timeMicros, kind, payload);
      queue.size += 1;
    },
    pop(): boolean {
      if (queue.size === 0) return false;
      queue.size -= 1;
      if (early.size > 0) {
        early.pop();
        queue.timeMicros = early.timeMicros;
        queue.kind = early.kind;
        queue.payload = early.payload;
        return true;
      }
      if (wheel.slottedCount === 0) turn(wheel, far);
      queue.timeMicros = wheel.cursor * slotCount + firstSlot(wheel);
      const row = takeFirst(wheel);
      queue.kind = wheel.kinds[row]!;
      queue.payload = wheel.payloads[row]!;
      return true;
    },
    peekTimeMicros(): number {
      if (queue.size === 0) return Infinity;
      if (early.size > 0) return early.peekTimeMicros();
      if (wheel.slottedCount === 0) turn(wheel, far);
      return wheel.cursor * slotCount + firstSlot(wheel);
    },
    clear(): void {
      wheel = createWheel();
      early.clear();
      far.clear();
      queue.timeMicros = 0;
      queue.kind = 0;
      queue.payload = 0;
      queue.size = 0;
    },
  };
  return queue;
}

function createWheel(): Wheel {
  const capacity = 64;
  return {
    used: 0,
    free: -1,
    lows: new Uint8Array(capacity),
    kinds: new Int32Array(capacity),
    payloads: new Int32Array(capacity),
    nexts: new Int32Array(capacity),
    slotFirst: new Int32Array(slotCount).fill(-1),
    slotLast: new Int32Array(slotCount).fill(-1),
    slotBits: new Int32Array(slotCount / 32),
    slottedCount: 0,
    slot: 0,
    bucketFirst: new Int32Array(bucketCount).fill(-1),
    bucketBits: new Int32Array(bucketCount / 32),
    bucketedCount: 0,
    cursor: 0,
  };
}

/** A new row in the list of its slot or bucket. */
function insert(wheel: Wheel, bucket: number, timeMicros: number, kind: number, payload: number): void {
  let row = wheel.free;
  if (row >= 0) wheel.free = wheel.nexts[row]!;
  else {
    if (wheel.used === wheel.lows.length) grow(wheel);
    row = wheel.used++;
  }
  const low = timeMicros - bucket * slotCount;
  wheel.kinds[row] = kind;
  wheel.payloads[row] = payload;
  if (bucket === wheel.cursor) {
    append(wheel, low, row);
    return;
  }
  const list = bucket & bucketMask;
  wheel.lows[row] = low;
  wheel.nexts[row] = wheel.bucketFirst[list]!;
  wheel.bucketFirst[list] = row;
  wheel.bucketBits[list >> 5]! |= 1 << (list & 31);
  wheel.bucketedCount++;
}

function append(wheel: Wheel, slot: number, row: number): void {
  wheel.nexts[row] = -1;
  if (wheel.slotFirst[slot]! < 0) {
    wheel.slotFirst[slot] = row;
    wheel.slotBits[slot >> 5]! |= 1 << (slot & 31);
  } else wheel.nexts[wheel.slotLast[slot]!] = row;
  wheel.slotLast[slot] = row;
  wheel.slottedCount++;
  if (slot < wheel.slot) wheel.slot = slot;
}

/** The first slot that holds something; there is one. */
function firstSlot(wheel: Wheel): number {
  const slot = nextBit(wheel.slotBits, wheel.slot);
  wheel.slot = slot;
  return slot;
}

/** Frees the first row of the first slot, and returns it: its columns are as they were until the next push. */
function takeFirst(wheel: Wheel): number {
  const { slot } = wheel;
  const row = wheel.slotFirst[slot]!;
  const next = wheel.nexts[row]!;
  wheel.slotFirst[slot] = next;
  if (next < 0) wheel.slotBits[slot >> 5]! &= ~(1 << (slot & 31));
  wheel.slottedCount--;
  wheel.nexts[row] = wheel.free;
  wheel.free = row;
  return row;
}

/** Turns to the next bucket that holds something, and deals its events out to the slots. At least one event waits, none is in a slot. */
function turn(wheel: Wheel, far: EventQueue): void {
  if (wheel.bucketedCount === 0) {
    wheel.cursor = Math.floor(far.peekTimeMicros() / slotCount);
    wheel.slot = slotCount - 1;
  } else {
    const list = nextBit(wheel.bucketBits, (wheel.cursor + 1) & bucketMask);
    wheel.cursor += 1 + ((list - wheel.cursor - 1) & bucketMask);
    dealOut(wheel, list);
  }
  const endMicros = (wheel.cursor + bucketCount) * slotCount;
  while (far.peekTimeMicros() < endMicros) {
    far.pop();
    insert(wheel, Math.floor(far.timeMicros / slotCount), far.timeMicros, far.kind, far.payload);
  }
}

/** A bucket's list runs from the event pushed last to the first, so each goes before those of its slot. */
function dealOut(wheel: Wheel, list: number): void {
  const { lows, nexts, slotFirst, slotLast, slotBits } = wheel;
  let row = wheel.bucketFirst[list]!;
  wheel.bucketFirst[list] = -1;
  wheel.bucketBits[list >> 5]! &= ~(1 << (list & 31));
  let least = slotCount - 1;
  let count = 0;
  for (; row >= 0; count++) {
    const next = nexts[row]!;
    const slot = lows[row]!;
    const first = slotFirst[slot]!;
    if (first < 0) slotLast[slot] = row;
    nexts[row] = first;
    slotFirst[slot] = row;
    slotBits[slot >> 5]! |= 1 << (slot & 31);
    if (slot < least) least = slot;
    row = next;
  }
  wheel.slot = least;
  wheel.slottedCount = count;
  wheel.bucketedCount -= count;
}

/** The first bit from `start` on, around the end, that is set; there is one. */
function nextBit(words: Int32Array, start: number): number {
  let word = start >> 5;
  let bits = words[word]! & (-1 << (start & 31));
  for (let i = 0; bits === 0 && i <= words.length; i++) {
    word = word + 1 === words.length ? 0 : word + 1;
    bits = words[word]!;
  }
  return (word << 5) + 31 - Math.clz32(bits & -bits);
}

function grow(wheel: Wheel): void {
  const capacity = wheel.lows.length * 2;
  const { lows, kinds, payloads, nexts } = wheel;
  wheel.lows = new Uint8Array(capacity);
  wheel.kinds = new Int32Array(capacity);
  wheel.payloads = new Int32Array(capacity);
  wheel.nexts = new Int32Array(capacity);
  wheel.lows.set(lows);
  wheel.kinds.set(kinds);
  wheel.payloads.set(payloads);
  wheel.nexts.set(nexts);
}
