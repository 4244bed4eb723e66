/**
 * The queue of events.ts with another inside: a wheel of buckets, for thousands of events that wait at once. Order and outcome are the same
 * to the last tie; only the cost differs: it does not grow with the number of events that wait.
 *
 *   near      a heap of the events whose bucket has come: a handful, popped in order
 *   buckets   lists without order, one for each stretch of 2^widthBits micros of the next 16384; a bit for each says whether it is empty
 *   far       a heap of all that lies behind them; its first ones move into the buckets as the wheel turns
 *
 * An event is one row of 32 bytes, so that with thousands of them each costs one miss of the cache and not five:
 *
 *   time (8) | sequence (8) | payload (8) | kind (4) | next (4)
 */
import { invariant } from './errors.js';
import type { EventQueue } from './events.js';
import { exactMicros } from './units.js';

const bucketBits = 14;
const bucketCount = 1 << bucketBits;
const bucketMask = bucketCount - 1;

/** Doubles in a row, 32-bit integers in a row, and where its fields are. */
const rowBits = 2;
const intRowBits = 3;
const SEQUENCE = 1;
const PAYLOAD = 2;
const KIND = 6;
/** The next slot of its bucket's list, or of the free slots; -1 ends it. */
const NEXT = 7;

interface Wheel {
  readonly widthMicros: number;
  capacity: number;
  used: number;
  freeSlot: number;
  pushCount: number;
  /** The rows, and the same bytes as integers. */
  rows: Float64Array;
  ints: Int32Array;
  readonly firsts: Int32Array;
  readonly occupied: Int32Array;
  waitingCount: number;
  /** Number of the bucket that has come, counted from time 0. */
  cursor: number;
  near: Int32Array;
  nearCount: number;
  far: Int32Array;
  farCount: number;
}

/** An empty queue; buckets are 2^`widthBits` micros wide (0 to 30; best about the time between two events). */
export function createEventWheel(widthBits = 8): EventQueue {
  invariant(Number.isInteger(widthBits) && widthBits >= 0 && widthBits <= 30, 'event wheel: widthBits must be 0 to 30');
  const wheel = createWheel(1 << widthBits);
  const queue = {
    timeMicros: 0,
    kind: 0,
    payload: 0,
    size: 0,
    push(timeMicros: number, kind: number, payload: number): void {
      exactMicros(timeMicros, 'time of an event');
      invariant(timeMicros >= queue.timeMicros, 'event queue: an event cannot lie before the one taken last');
      insert(wheel, timeMicros, kind, payload);
      queue.size += 1;
    },
    pop(): boolean {
      if (queue.size === 0) return false;
      if (wheel.nearCount === 0) turn(wheel);
      const slot = takeFirst(wheel, wheel.near, wheel.nearCount--);
      const row = slot << rowBits;
      queue.timeMicros = wheel.rows[row]!;
      queue.payload = wheel.rows[row + PAYLOAD]!;
      const intRow = slot << intRowBits;
      queue.kind = wheel.ints[intRow + KIND]!;
      wheel.ints[intRow + NEXT] = wheel.freeSlot;
      queue.size -= 1;
      wheel.freeSlot = slot;
      return true;
    },
    peekTimeMicros(): number {
      if (queue.size === 0) return Infinity;
      if (wheel.nearCount === 0) turn(wheel);
      return timeOf(wheel, wheel.near[0]!);
    },
    clear(): void {
      Object.assign(wheel, createWheel(wheel.widthMicros));
      Object.assign(queue, { timeMicros: 0, kind: 0, payload: 0, size: 0 });
    },
  };
  return queue;
}

function rowsOf(capacity: number): Pick<Wheel, 'rows' | 'ints'> {
  const rows = new Float64Array(capacity << rowBits);
  return { rows, ints: new Int32Array(rows.buffer) };
}

function createWheel(widthMicros: number): Wheel {
  const capacity = 64;
  return {
    ...{ widthMicros, capacity, used: 0, freeSlot: -1, pushCount: 0 },
    ...rowsOf(capacity),
    ...{ firsts: new Int32Array(bucketCount).fill(-1), occupied: new Int32Array(bucketCount / 32), waitingCount: 0, cursor: 0 },
    ...{ near: new Int32Array(capacity), nearCount: 0, far: new Int32Array(capacity), farCount: 0 },
  };
}

function insert(wheel: Wheel, timeMicros: number, kind: number, payload: number): void {
  let slot = wheel.freeSlot;
  if (slot >= 0) wheel.freeSlot = wheel.ints[(slot << intRowBits) + NEXT]!;
  else {
    if (wheel.used === wheel.capacity) grow(wheel);
    slot = wheel.used++;
  }
  const row = slot << rowBits;
  wheel.rows[row] = timeMicros;
  wheel.rows[row + SEQUENCE] = wheel.pushCount++;
  wheel.rows[row + PAYLOAD] = payload;
  wheel.ints[(slot << intRowBits) + KIND] = kind;
  place(wheel, slot, timeMicros);
}

function timeOf({ rows }: Wheel, slot: number): number {
  return rows[slot << rowBits]!;
}

/** Puts an event where it belongs as the wheel stands. */
function place(wheel: Wheel, slot: number, timeMicros: number): void {
  const bucket = Math.floor(timeMicros / wheel.widthMicros);
  if (bucket <= wheel.cursor) addTo(wheel, wheel.near, wheel.nearCount++, slot);
  else if (bucket < wheel.cursor + bucketCount) {
    const row = bucket & bucketMask;
    wheel.ints[(slot << intRowBits) + NEXT] = wheel.firsts[row]!;
    wheel.firsts[row] = slot;
    wheel.occupied[row >> 5]! |= 1 << (row & 31);
    wheel.waitingCount++;
  } else addTo(wheel, wheel.far, wheel.farCount++, slot);
}

/** Turns to the next bucket that is not empty, and brings its events near. At least one event waits, none is near. */
function turn(wheel: Wheel): void {
  if (wheel.waitingCount === 0) {
    wheel.cursor = Math.floor(timeOf(wheel, wheel.far[0]!) / wheel.widthMicros);
  } else {
    const row = nextOccupied(wheel.occupied, (wheel.cursor + 1) & bucketMask);
    wheel.cursor += 1 + ((row - wheel.cursor - 1) & bucketMask);
    let slot = wheel.firsts[row]!;
    wheel.firsts[row] = -1;
    wheel.occupied[row >> 5]! &= ~(1 << (row & 31));
    while (slot >= 0) {
      const next = wheel.ints[(slot << intRowBits) + NEXT]!;
      addTo(wheel, wheel.near, wheel.nearCount++, slot);
      wheel.waitingCount--;
      slot = next;
    }
  }
  const endMicros = (wheel.cursor + bucketCount) * wheel.widthMicros;
  while (wheel.farCount > 0 && timeOf(wheel, wheel.far[0]!) < endMicros) {
    const slot = takeFirst(wheel, wheel.far, wheel.farCount--);
    place(wheel, slot, timeOf(wheel, slot));
  }
}

/** The first row from `start` on, around the wheel, that is not empty; there is one. */
function nextOccupied(occupied: Int32Array, start: number): number {
  const words = occupied.length;
  let word = start >> 5;
  let bits = occupied[word]! & (-1 << (start & 31));
  for (let i = 0; bits === 0 && i <= words; i++) {
    word = (word + 1) % words;
    bits = occupied[word]!;
  }
  return (word << 5) + 31 - Math.clz32(bits & -bits);
}

function isBefore({ rows }: Wheel, a: number, b: number): boolean {
  const rowA = a << rowBits;
  const rowB = b << rowBits;
  const later = rows[rowB]! - rows[rowA]!;
  return later > 0 || (later === 0 && rows[rowA + SEQUENCE]! < rows[rowB + SEQUENCE]!);
}

function addTo(wheel: Wheel, heap: Int32Array, count: number, slot: number): void {
  let row = count;
  while (row > 0) {
    const parent = (row - 1) >> 1;
    if (!isBefore(wheel, slot, heap[parent]!)) break;
    heap[row] = heap[parent]!;
    row = parent;
  }
  heap[row] = slot;
}

/** Removes and returns the first of a heap of `count`. */
function takeFirst(wheel: Wheel, heap: Int32Array, count: number): number {
  const first = heap[0]!;
  const end = count - 1;
  const last = heap[end]!;
  let row = 0;
  for (let child = 1; child < end; child = 2 * row + 1) {
    if (child + 1 < end && isBefore(wheel, heap[child + 1]!, heap[child]!)) child++;
    if (!isBefore(wheel, heap[child]!, last)) break;
    heap[row] = heap[child]!;
    row = child;
  }
  heap[row] = last;
  return first;
}

function grow(wheel: Wheel): void {
  const capacity = wheel.capacity * 2;
  const { rows, ints } = rowsOf(capacity);
  rows.set(wheel.rows);
  const longer = (list: Int32Array): Int32Array => {
    const larger = new Int32Array(capacity);
    larger.set(list);
    return larger;
  };
  wheel.capacity = capacity;
  wheel.rows = rows;
  wheel.ints = ints;
  wheel.near = longer(wheel.near);
  wheel.far = longer(wheel.far);
}
