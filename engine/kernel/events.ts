/**
 * The queue of things to come: a heap ordered by (time, order of pushing), so that events of one microsecond come out as they went in and
 * a run has one outcome. Times are whole micros. Columns of typed arrays: nothing is allocated except when the queue doubles.
 *
 * A binary heap: the children of row i are rows 2i + 1 and 2i + 2, and no child comes before its parent. (Four children a row were no
 * faster with 8, 64, 512 or 8192 events waiting, Node 20.)
 */
import { invariant } from './errors.js';
import { exactMicros } from './units.js';

/** Events by time. `kind` is a 32-bit integer and `payload` any number; both are the caller's. */
export interface EventQueue {
  /** The event that `pop` took last: its time (0 before the first, and again after `clear`), ... */
  readonly timeMicros: number;
  /** ... kind ... */
  readonly kind: number;
  /** ... and payload. */
  readonly payload: number;
  /** How many events wait. */
  readonly size: number;
  /**
   * Adds an event at a whole number of micros, not before the one taken last.
   * @throws PutmodelError SIMULATION_LIMIT beyond 2^53 - 1 micros; InvariantError for a time that is fractional, NaN or past.
   */
  push(timeMicros: number, kind: number, payload: number): void;
  /** Takes the next event into `timeMicros`, `kind` and `payload`; false (and nothing changes) when none waits. */
  pop(): boolean;
  /** Time of the next event; Infinity when none waits. */
  peekTimeMicros(): number;
  /** Forgets all events and the time. */
  clear(): void;
}

interface Heap {
  size: number;
  pushCount: number;
  times: Float64Array;
  /** sequences[i]: which push it was; breaks ties of time. */
  sequences: Float64Array;
  kinds: Int32Array;
  payloads: Float64Array;
}

/** An empty queue with room for `initialCapacity` events (1 or more); it doubles when full. */
export function createEventQueue(initialCapacity = 64): EventQueue {
  invariant(Number.isSafeInteger(initialCapacity) && initialCapacity >= 1, 'event queue: the capacity must be a whole number from 1');
  const heap: Heap = {
    size: 0,
    pushCount: 0,
    times: new Float64Array(initialCapacity),
    sequences: new Float64Array(initialCapacity),
    kinds: new Int32Array(initialCapacity),
    payloads: new Float64Array(initialCapacity),
  };
  const queue = {
    timeMicros: 0,
    kind: 0,
    payload: 0,
    size: 0,
    push(timeMicros: number, kind: number, payload: number): void {
      exactMicros(timeMicros, 'time of an event');
      invariant(timeMicros >= queue.timeMicros, 'event queue: an event cannot lie before the one taken last');
      if (heap.size === heap.times.length) grow(heap);
      siftUp(heap, timeMicros, kind, payload);
      queue.size = heap.size;
    },
    pop(): boolean {
      if (heap.size === 0) return false;
      queue.timeMicros = heap.times[0]!;
      queue.kind = heap.kinds[0]!;
      queue.payload = heap.payloads[0]!;
      removeFirst(heap);
      queue.size = heap.size;
      return true;
    },
    peekTimeMicros: (): number => (heap.size === 0 ? Infinity : heap.times[0]!),
    clear(): void {
      heap.size = 0;
      queue.size = 0;
      queue.timeMicros = 0;
      queue.kind = 0;
      queue.payload = 0;
    },
  };
  return queue;
}

/** Puts a new event in, at the end. */
function siftUp(heap: Heap, timeMicros: number, kind: number, payload: number): void {
  const row = heap.size;
  heap.size += 1;
  place(heap, row, timeMicros, heap.pushCount, kind, payload);
  heap.pushCount += 1;
}

/** Puts an event into the hole at `from` or above it: its later ancestors move down past it. */
function place(heap: Heap, from: number, timeMicros: number, sequence: number, kind: number, payload: number): void {
  const { times, sequences, kinds, payloads } = heap;
  let row = from;
  while (row > 0) {
    const parent = (row - 1) >> 1;
    const parentTime = times[parent]!;
    if (parentTime < timeMicros || (parentTime === timeMicros && sequences[parent]! < sequence)) break;
    times[row] = parentTime;
    sequences[row] = sequences[parent]!;
    kinds[row] = kinds[parent]!;
    payloads[row] = payloads[parent]!;
    row = parent;
  }
  times[row] = timeMicros;
  sequences[row] = sequence;
  kinds[row] = kind;
  payloads[row] = payload;
}

/**
 * Removes row 0. The hole goes down to the bottom, the earlier child moving up each time, and the last event climbs from there: it comes
 * from the bottom and mostly belongs there, so this compares once a level and not twice (Wegener 1993, bottom-up heapsort). Which child is
 * earlier is counted, not branched on: the branch would be mispredicted every other time.
 */
function removeFirst(heap: Heap): void {
  const { times, sequences, kinds, payloads } = heap;
  heap.size -= 1;
  const last = heap.size;
  let row = 0;
  for (let right = 2; right < last; right = 2 * row + 2) {
    const leftTime = times[right - 1]!;
    const rightTime = times[right]!;
    const isRight = leftTime === rightTime ? Number(sequences[right]! < sequences[right - 1]!) : Number(rightTime < leftTime);
    const child = right - 1 + isRight;
    times[row] = times[child]!;
    sequences[row] = sequences[child]!;
    kinds[row] = kinds[child]!;
    payloads[row] = payloads[child]!;
    row = child;
  }
  const left = 2 * row + 1;
  if (left < last) {
    times[row] = times[left]!;
    sequences[row] = sequences[left]!;
    kinds[row] = kinds[left]!;
    payloads[row] = payloads[left]!;
    row = left;
  }
  place(heap, row, times[last]!, sequences[last]!, kinds[last]!, payloads[last]!);
}

function grow(heap: Heap): void {
  const capacity = heap.times.length * 2;
  const previous = { ...heap };
  heap.times = new Float64Array(capacity);
  heap.sequences = new Float64Array(capacity);
  heap.kinds = new Int32Array(capacity);
  heap.payloads = new Float64Array(capacity);
  heap.times.set(previous.times);
  heap.sequences.set(previous.sequences);
  heap.kinds.set(previous.kinds);
  heap.payloads.set(previous.payloads);
}
