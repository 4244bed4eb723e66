/**
 * The queue of things to come: a heap ordered by (time, order of pushing), so that events of one microsecond come out as they went in and
 * a run has one outcome. Times are whole micros. Columns of typed arrays: nothing is allocated except when the queue doubles.
 *
 *   row    0 | 1 | ... | size - 1 | ...      times[row] and rowEvent[row]: the heap; no row before its parent, (row - 1) >> 1
 *   event  0 | 1 | ... | size - 1 | ...      sequences, kinds, payloads: they stay where they are; the rows from `size` on name those that are free
 *
 * Taking the first event leaves a hole in row 0. Most events push the next one, which then sinks from there: one way through the heap and
 * not two. A look or another take fills the hole with the last row. A class, as closures of several queues are compiled for none of them:
 * that alone is 1.4 times the speed (bench/events.bench.ts, results/reference/bench/events.json).
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

/** An empty queue with room for `initialCapacity` events (1 or more); it doubles when full. */
export function createEventQueue(initialCapacity = 64): EventQueue {
  invariant(Number.isSafeInteger(initialCapacity) && initialCapacity >= 1, 'event queue: the capacity must be a whole number from 1');
  return new EventHeap(initialCapacity);
}

class EventHeap implements EventQueue {
  timeMicros = 0;
  kind = 0;
  payload = 0;
  size = 0;
  /** Row 0 has been taken; the other rows are a heap below it, `size` of them. */
  #hasHole = false;
  #pushCount = 0;
  #times: Float64Array;
  #rowEvent: Int32Array;
  /** sequences[event]: which push it was; breaks ties of time. */
  #sequences: Float64Array;
  #kinds: Int32Array;
  #payloads: Float64Array;

  constructor(capacity: number) {
    this.#times = new Float64Array(capacity);
    this.#rowEvent = Int32Array.from({ length: capacity }, (_, event) => event);
    this.#sequences = new Float64Array(capacity);
    this.#kinds = new Int32Array(capacity);
    this.#payloads = new Float64Array(capacity);
  }

  push(timeMicros: number, kind: number, payload: number): void {
    exactMicros(timeMicros, 'time of an event');
    invariant(timeMicros >= this.timeMicros, 'event queue: an event cannot lie before the one taken last');
    if (!this.#hasHole && this.size === this.#times.length) this.#grow();
    const event = this.#rowEvent[this.#hasHole ? 0 : this.size]!;
    this.#sequences[event] = this.#pushCount++;
    this.#kinds[event] = kind;
    this.#payloads[event] = payload;
    this.size += 1;
    if (this.#hasHole) this.#sink(timeMicros, event);
    else this.#rise(timeMicros, event);
  }

  pop(): boolean {
    if (this.size === 0) return false;
    if (this.#hasHole) this.#fillHole();
    const event = this.#rowEvent[0]!;
    this.timeMicros = this.#times[0]!;
    this.kind = this.#kinds[event]!;
    this.payload = this.#payloads[event]!;
    this.size -= 1;
    this.#hasHole = true;
    return true;
  }

  peekTimeMicros(): number {
    if (this.size === 0) return Infinity;
    if (this.#hasHole) this.#fillHole();
    return this.#times[0]!;
  }

  clear(): void {
    this.timeMicros = 0;
    this.kind = 0;
    this.payload = 0;
    this.size = 0;
    this.#hasHole = false;
  }

  /** The last event moves to row 0, if there is one, and the event taken is free. */
  #fillHole(): void {
    const taken = this.#rowEvent[0]!;
    const last = this.#rowEvent[this.size]!;
    this.#rowEvent[this.size] = taken;
    this.#sink(this.#times[this.size]!, last);
  }

  /** Puts an event into the last row or above it: its later ancestors move down past it. */
  #rise(timeMicros: number, event: number): void {
    const times = this.#times;
    const rowEvent = this.#rowEvent;
    let row = this.size - 1;
    while (row > 0) {
      const parent = (row - 1) >> 1;
      const parentTime = times[parent]!;
      // One of the same time that was there before stays before.
      if (parentTime <= timeMicros) break;
      times[row] = parentTime;
      rowEvent[row] = rowEvent[parent]!;
      row = parent;
    }
    times[row] = timeMicros;
    rowEvent[row] = event;
  }

  /**
   * Puts an event into the hole in row 0 or below it: its earlier descendants move up past it. Which child is earlier is counted, not
   * branched on: the branch would be mispredicted every other time.
   */
  #sink(timeMicros: number, event: number): void {
    const times = this.#times;
    const rowEvent = this.#rowEvent;
    const sequences = this.#sequences;
    const { size } = this;
    this.#hasHole = false;
    let row = 0;
    for (let right = 2; right <= size; right = 2 * row + 2) {
      const leftTime = times[right - 1]!;
      const rightTime = right < size ? times[right]! : Infinity;
      const isRight =
        leftTime === rightTime ? Number(sequences[rowEvent[right]!]! < sequences[rowEvent[right - 1]!]!) : Number(rightTime < leftTime);
      const child = right - 1 + isRight;
      const childTime = times[child]!;
      if (childTime > timeMicros || (childTime === timeMicros && sequences[event]! < sequences[rowEvent[child]!]!)) break;
      times[row] = childTime;
      rowEvent[row] = rowEvent[child]!;
      row = child;
    }
    times[row] = timeMicros;
    rowEvent[row] = event;
  }

  #grow(): void {
    const larger = new EventHeap(this.#times.length * 2);
    larger.#times.set(this.#times);
    larger.#rowEvent.set(this.#rowEvent);
    larger.#sequences.set(this.#sequences);
    larger.#kinds.set(this.#kinds);
    larger.#payloads.set(this.#payloads);
    this.#times = larger.#times;
    this.#rowEvent = larger.#rowEvent;
    this.#sequences = larger.#sequences;
    this.#kinds = larger.#kinds;
    this.#payloads = larger.#payloads;
  }
}
