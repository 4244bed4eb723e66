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
  /** Begins the next job's recording; the number says which one it is to `finish`. */
  beginJob(): number;
  add(timeMicros: number, isRead: boolean, blockBytes: number): void;
  leaveOut(what: string): void;
  /** Of the jobs that are kept; of all where nothing is said. */
  finish(isKept?: (job: number) => boolean): RequestStream;
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
  const leftOut: Record<string, number>[] = [];
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
      leftOut.push({});
      return job;
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
      const own = leftOut[job]!;
      own[what] = (own[what] ?? 0) + 1;
    },
    finish(isKept = () => true) {
      const kept = leftOut.flatMap((_, number) => (isKept(number) ? [number] : []));
      const placeOf = leftOut.map((_, number) => kept.indexOf(number));
      const all = Uint32Array.from({ length: count }, (_, index) => index);
      const order = kept.length === placeOf.length ? all : all.filter((index) => placeOf[jobs[index]!]! >= 0);
      if (!ascending) order.sort((a, b) => times[a]! - times[b]! || a - b);
      const firstMicros = order.length > 0 ? times[order[0]!]! : 0;
      return {
        requestCount: order.length,
        timeMicros: Float64Array.from(order, (index) => times[index]! - firstMicros),
        isRead: Uint8Array.from(order, (index) => flags[index]!),
        blockBytes: Float64Array.from(order, (index) => blocks[index]!),
        jobIndex: Uint8Array.from(order, (index) => placeOf[jobs[index]!]!),
        jobCount: kept.length,
        leftOut: sumOf(kept.map((number) => leftOut[number]!)),
      };
    },
  };
}

function sumOf(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const one of counts) for (const [what, count] of Object.entries(one)) sums[what] = (sums[what] ?? 0) + count;
  return sums;
}

function grown<T extends Float64Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
