/**
 * Requests to replay, from recordings of any format: struct of arrays, in order of time. A trace of ten million requests takes 150 MB.
 */
import { invariant } from '../kernel/errors.js';

/** Recorded requests; arrays have an entry a request, ascending in time. */
export interface RequestStream {
  readonly requestCount: number;
  /** When the request was made, whole micros since the first stamp. */
  readonly timeMicros: Float64Array;
  readonly isRead: Uint8Array;
  readonly blockBytes: Float64Array;
  /** Which job (recording) made it: jobs keep their own queue depth. */
  readonly jobIndex: Uint8Array;
  readonly jobCount: number;
  /** Requests of the recordings that are not replayed, by what they were: trims, syncs. */
  readonly leftOut: Readonly<Record<string, number>>;
}

/** Takes requests in any order; `finish` once. */
export interface RequestBuilder {
  /** Begins the next job's recording. */
  beginJob(): void;
  add(timeMicros: number, isRead: boolean, blockBytes: number): void;
  leaveOut(what: string): void;
  finish(): RequestStream;
}

/** Jobs that a stream can hold. */
const jobsMax = 255;

/** An empty builder; its arrays double when full. */
export function createRequestBuilder(): RequestBuilder {
  let times = new Float64Array(1024);
  let blocks = new Float64Array(1024);
  let flags = new Uint8Array(1024);
  let jobs = new Uint8Array(1024);
  let count = 0;
  let job = -1;
  let ascending = true;
  const leftOut: Record<string, number> = {};
  const grow = (): void => {
    times = grown(times, new Float64Array(2 * count));
    blocks = grown(blocks, new Float64Array(2 * count));
    flags = grown(flags, new Uint8Array(2 * count));
    jobs = grown(jobs, new Uint8Array(2 * count));
  };
  return {
    beginJob() {
      job++;
      invariant(job < jobsMax, 'too many recordings in one replay');
    },
    add(timeMicros, isRead, blockBytes) {
      invariant(job >= 0, 'a request belongs to a job');
      if (count === times.length) grow();
      times[count] = Math.round(timeMicros);
      if (count > 0 && times[count]! < times[count - 1]!) ascending = false;
      blocks[count] = blockBytes;
      flags[count] = isRead ? 1 : 0;
      jobs[count] = job;
      count++;
    },
    leaveOut(what) {
      leftOut[what] = (leftOut[what] ?? 0) + 1;
    },
    finish() {
      const order = Uint32Array.from({ length: count }, (_, index) => index);
      if (!ascending) order.sort((a, b) => times[a]! - times[b]! || a - b);
      const firstMicros = count > 0 ? times[order[0]!]! : 0;
      return {
        requestCount: count,
        timeMicros: Float64Array.from(order, (index) => times[index]! - firstMicros),
        isRead: Uint8Array.from(order, (index) => flags[index]!),
        blockBytes: Float64Array.from(order, (index) => blocks[index]!),
        jobIndex: Uint8Array.from(order, (index) => jobs[index]!),
        jobCount: job + 1,
        leftOut,
      };
    },
  };
}

function grown<T extends Float64Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
