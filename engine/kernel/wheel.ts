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
 * A class for the reason given in events.ts.
 */
import { invariant } from './errors.js';
import { createEventQueue, type EventQueue } from './events.js';
import { exactMicros } from './units.js';

const slotCount = 256;
const bucketCount = 16_384;
const bucketMask = bucketCount - 1;

/** An empty queue. Payloads are 32-bit integers. */
export function createEventWheel(): EventQueue {
  return new EventWheel();
}

class EventWheel implements EventQueue {
  timeMicros = 0;
  kind = 0;
  payload = 0;
  size = 0;
  readonly #early = createEventQueue();
  readonly #far = createEventQueue();
  /** Rows that were ever used, and the first of those that are free again. */
  #used = 0;
  #free = -1;
  /** lows[row]: time within its bucket. */
  #lows: Uint8Array = new Uint8Array(64);
  #kinds: Int32Array = new Int32Array(64);
  #payloads: Int32Array = new Int32Array(64);
  /** nexts[row]: of its list, or of the free rows; -1 ends it. */
  #nexts: Int32Array = new Int32Array(64);
  readonly #slotFirst = new Int32Array(slotCount).fill(-1);
  readonly #slotLast = new Int32Array(slotCount);
  readonly #slotBits = new Int32Array(slotCount / 32);
  #slottedCount = 0;
  /** No slot before this one holds anything. */
  #slot = 0;
  readonly #bucketFirst = new Int32Array(bucketCount).fill(-1);
  readonly #bucketBits = new Int32Array(bucketCount / 32);
  #bucketedCount = 0;
  /** Number of the bucket that has come, counted from time 0. */
  #cursor = 0;

  push(timeMicros: number, kind: number, payload: number): void {
    exactMicros(timeMicros, 'time of an event');
    invariant(timeMicros >= this.timeMicros, 'event queue: an event cannot lie before the one taken last');
    invariant(payload === (payload | 0), 'event wheel: a payload is a 32-bit integer');
    this.size += 1;
    const bucket = Math.floor(timeMicros / slotCount);
    if (bucket < this.#cursor) this.#early.push(timeMicros, kind, payload);
    else if (bucket < this.#cursor + bucketCount) this.#insert(bucket, timeMicros, kind, payload);
    else this.#far.push(timeMicros, kind, payload);
  }

  pop(): boolean {
    if (this.size === 0) return false;
    this.size -= 1;
    if (this.#early.size > 0) {
      this.#early.pop();
      this.timeMicros = this.#early.timeMicros;
      this.kind = this.#early.kind;
      this.payload = this.#early.payload;
      return true;
    }
    this.timeMicros = this.#firstMicros();
    const row = this.#takeFirst();
    this.kind = this.#kinds[row]!;
    this.payload = this.#payloads[row]!;
    return true;
  }

  peekTimeMicros(): number {
    if (this.size === 0) return Infinity;
    return this.#early.size > 0 ? this.#early.peekTimeMicros() : this.#firstMicros();
  }

  clear(): void {
    this.timeMicros = 0;
    this.kind = 0;
    this.payload = 0;
    this.size = 0;
    this.#early.clear();
    this.#far.clear();
    this.#used = 0;
    this.#free = -1;
    this.#slotFirst.fill(-1);
    this.#slotBits.fill(0);
    this.#slottedCount = 0;
    this.#slot = 0;
    this.#bucketFirst.fill(-1);
    this.#bucketBits.fill(0);
    this.#bucketedCount = 0;
    this.#cursor = 0;
  }

  /** A new row in the list of its slot or bucket. */
  #insert(bucket: number, timeMicros: number, kind: number, payload: number): void {
    let row = this.#free;
    if (row >= 0) this.#free = this.#nexts[row]!;
    else {
      if (this.#used === this.#lows.length) this.#grow();
      row = this.#used++;
    }
    const low = timeMicros - bucket * slotCount;
    this.#kinds[row] = kind;
    this.#payloads[row] = payload;
    if (bucket === this.#cursor) {
      this.#append(low, row);
      return;
    }
    const list = bucket & bucketMask;
    this.#lows[row] = low;
    this.#nexts[row] = this.#bucketFirst[list]!;
    this.#bucketFirst[list] = row;
    this.#bucketBits[list >> 5]! |= 1 << (list & 31);
    this.#bucketedCount++;
  }

  /** A row goes to the end of a slot's list. */
  #append(slot: number, row: number): void {
    this.#nexts[row] = -1;
    if (this.#slotFirst[slot]! < 0) {
      this.#slotFirst[slot] = row;
      this.#slotBits[slot >> 5]! |= 1 << (slot & 31);
    } else this.#nexts[this.#slotLast[slot]!] = row;
    this.#slotLast[slot] = row;
    this.#slottedCount++;
    if (slot < this.#slot) this.#slot = slot;
  }

  /** Time of the first event of the wheel, whose slot becomes `#slot`; there is one. */
  #firstMicros(): number {
    if (this.#slottedCount === 0) this.#turn();
    this.#slot = nextBit(this.#slotBits, this.#slot);
    return this.#cursor * slotCount + this.#slot;
  }

  /** Frees the first row of the first slot, and returns it: its columns are as they were until the next push. */
  #takeFirst(): number {
    const slot = this.#slot;
    const row = this.#slotFirst[slot]!;
    const next = this.#nexts[row]!;
    this.#slotFirst[slot] = next;
    if (next < 0) this.#slotBits[slot >> 5]! &= ~(1 << (slot & 31));
    this.#slottedCount--;
    this.#nexts[row] = this.#free;
    this.#free = row;
    return row;
  }

  /** Turns to the next bucket that holds something, and deals its events out to the slots. At least one event waits, none is in a slot. */
  #turn(): void {
    const far = this.#far;
    if (this.#bucketedCount === 0) {
      this.#cursor = Math.floor(far.peekTimeMicros() / slotCount);
      this.#slot = slotCount - 1;
    } else {
      const list = nextBit(this.#bucketBits, (this.#cursor + 1) & bucketMask);
      this.#cursor += 1 + ((list - this.#cursor - 1) & bucketMask);
      this.#dealOut(list);
    }
    if (far.size === 0) return;
    const endMicros = (this.#cursor + bucketCount) * slotCount;
    while (far.peekTimeMicros() < endMicros) {
      far.pop();
      this.#insert(Math.floor(far.timeMicros / slotCount), far.timeMicros, far.kind, far.payload);
    }
  }

  /** A bucket's list runs from the event pushed last to the first, so each goes before those of its slot. */
  #dealOut(list: number): void {
    const lows = this.#lows;
    const nexts = this.#nexts;
    const slotFirst = this.#slotFirst;
    let least = slotCount - 1;
    let row = this.#bucketFirst[list]!;
    this.#bucketFirst[list] = -1;
    this.#bucketBits[list >> 5]! &= ~(1 << (list & 31));
    let count = 0;
    for (; row >= 0; count++) {
      const next = nexts[row]!;
      const slot = lows[row]!;
      const first = slotFirst[slot]!;
      if (first < 0) this.#slotLast[slot] = row;
      nexts[row] = first;
      slotFirst[slot] = row;
      this.#slotBits[slot >> 5]! |= 1 << (slot & 31);
      if (slot < least) least = slot;
      row = next;
    }
    this.#slot = least;
    this.#slottedCount = count;
    this.#bucketedCount -= count;
  }

  #grow(): void {
    const capacity = this.#lows.length * 2;
    const longer = (list: Int32Array): Int32Array => {
      const larger = new Int32Array(capacity);
      larger.set(list);
      return larger;
    };
    const lows = new Uint8Array(capacity);
    lows.set(this.#lows);
    this.#lows = lows;
    this.#kinds = longer(this.#kinds);
    this.#payloads = longer(this.#payloads);
    this.#nexts = longer(this.#nexts);
  }
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
