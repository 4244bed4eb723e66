/**
 * What a device has besides its measured speed: a recorded timeline that limits it, buckets that what was moved has emptied, and garbage
 * collection. One state for the fluid use of it (rates that hold until something changes: layered.ts) and the request by request use
 * (engine/replay).
 */
import { invariant, PutmodelError } from '../kernel/errors.js';
import {
  bucketChangesAtMicros,
  bucketIssues,
  bucketLimitPerSec,
  createBucket,
  drawFromBucket,
  passBucket,
  takeFromBucket,
  type Bucket,
  type BucketModel,
} from './bucket.js';
import { collectingFactor, freeFlashBytes, garbageIssues, type GarbageModel } from './garbage.js';
import { timelineIndexAt, type Timeline } from './timeline.js';

/** Memory as data. */
export interface MemoryModel {
  readonly timeline: Timeline | null;
  readonly buckets: readonly BucketModel[];
  readonly garbage: GarbageModel | null;
}

/** What is moved, by direction; in tokens of both kinds. */
export interface Traffic {
  readBytes: number;
  readRequests: number;
  writeBytes: number;
  writeRequests: number;
}

/** Memory in use by one run. Times never go back. */
export interface DeviceMemory {
  /** The largest factor, 1 or less, by which traffic (a second's worth) fits every limit that concerns the direction. */
  fitting(traffic: Readonly<Traffic>, isRead: boolean): number;
  /** How many bytes the flash writes for a byte it is sent, 1 or more. */
  readonly writeFactor: number;
  /** Lets time pass. */
  pass(nowMicros: number): void;
  /** From now on so much is moved every second, until said otherwise. */
  draw(nowMicros: number, perSec: Readonly<Traffic>): void;
  /** This much is moved now. */
  take(nowMicros: number, moved: Readonly<Traffic>): void;
  /** When an answer changes if all goes on like this; Infinity when never. */
  nextChangeMicros(nowMicros: number): number;
}

/** Nothing moved. */
export function noTraffic(): Traffic {
  return { readBytes: 0, readRequests: 0, writeBytes: 0, writeRequests: 0 };
}

/** Fresh memory at time 0. @throws PutmodelError INPUT_INVALID with every figure that is out of range */
export function createMemory(model: MemoryModel): DeviceMemory {
  const issues = [
    ...model.buckets.flatMap((bucket, index) => bucketIssues(bucket, `buckets.${String(index)}.`)),
    ...(model.garbage === null ? [] : garbageIssues(model.garbage, 'garbage.')),
  ];
  if (issues.length > 0) throw new PutmodelError(issues);
  return new Memory(model);
}

class Memory implements DeviceMemory {
  writeFactor = 1;
  readonly #timeline: Timeline | null;
  readonly #buckets: readonly Bucket[];
  /** Bytes that can be written until collection begins; Infinity without it. */
  #freeBytes: number;
  readonly #collecting: number;
  #writesPerSec = 0;
  #nowMicros = 0;
  #entry = 0;

  constructor({ timeline, buckets, garbage }: MemoryModel) {
    this.#timeline = timeline;
    this.#buckets = buckets.map(createBucket);
    this.#freeBytes = garbage === null ? Infinity : freeFlashBytes(garbage) - garbage.writtenSinceTrimBytes;
    this.#collecting = garbage === null ? 1 : collectingFactor(garbage);
    this.#settle();
  }

  fitting(traffic: Readonly<Traffic>, isRead: boolean): number {
    let factor = 1;
    const limit =
      this.#timeline === null ? null : (isRead ? this.#timeline.readBytesPerSec : this.#timeline.writeBytesPerSec)[this.#entry]!;
    const bytes = isRead ? traffic.readBytes : traffic.writeBytes;
    if (limit !== null && bytes > limit) factor = limit / bytes;
    for (const bucket of this.#buckets) {
      if (bucket.model.directions === (isRead ? 'write' : 'read')) continue;
      const wanted = tokensOf(bucket.model, traffic);
      const most = bucketLimitPerSec(bucket);
      if (wanted > most) factor = Math.min(factor, most / wanted);
    }
    return factor;
  }

  pass(nowMicros: number): void {
    invariant(nowMicros >= this.#nowMicros, 'a device does not go back in time');
    this.#freeBytes -= ((nowMicros - this.#nowMicros) / 1e6) * this.#writesPerSec;
    this.#nowMicros = nowMicros;
    for (const bucket of this.#buckets) passBucket(bucket, nowMicros);
    if (this.#timeline !== null) this.#entry = timelineIndexAt(this.#timeline, nowMicros);
    this.#settle();
  }

  draw(nowMicros: number, perSec: Readonly<Traffic>): void {
    this.pass(nowMicros);
    this.#writesPerSec = perSec.writeBytes;
    for (const bucket of this.#buckets) drawFromBucket(bucket, nowMicros, tokensOf(bucket.model, perSec));
  }

  take(nowMicros: number, moved: Readonly<Traffic>): void {
    this.pass(nowMicros);
    this.#freeBytes -= moved.writeBytes;
    for (const bucket of this.#buckets) {
      const tokens = tokensOf(bucket.model, moved);
      if (tokens > 0) takeFromBucket(bucket, nowMicros, tokens);
    }
    this.#settle();
  }

  nextChangeMicros(nowMicros: number): number {
    let next = Infinity;
    if (this.#timeline !== null) next = this.#timeline.atMicros[timelineIndexAt(this.#timeline, nowMicros) + 1] ?? Infinity;
    for (const bucket of this.#buckets) next = Math.min(next, bucketChangesAtMicros(bucket));
    if (this.#freeBytes > 0 && this.#writesPerSec > 0 && this.#collecting > 1) {
      next = Math.min(next, this.#nowMicros + Math.max(1, Math.ceil((this.#freeBytes / this.#writesPerSec) * 1e6)));
    }
    return next;
  }

  /** A byte's billionth part of time is rounding. */
  #settle(): void {
    this.writeFactor = this.#freeBytes > 1e-3 ? 1 : this.#collecting;
  }
}

function tokensOf({ counts, directions }: BucketModel, traffic: Readonly<Traffic>): number {
  const read = counts === 'bytes' ? traffic.readBytes : traffic.readRequests;
  const write = counts === 'bytes' ? traffic.writeBytes : traffic.writeRequests;
  return directions === 'read' ? read : directions === 'write' ? write : read + write;
}
