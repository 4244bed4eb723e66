/** What the reads of one stream met and how long they took: sums and a latency histogram. Only counts; decides nothing. */
import { createHistogram, recordValueWithCount, type Histogram } from '../kernel/histogram.js';
import { STORAGE_READS_MAX, type ReadPath } from './read-path.js';

/** Sums over reads, by row of the read path. */
export interface ReadCounts {
  reads: number;
  storageReads: number;
  deviceReads: number;
  /** On cores of their own. */
  cpuNanos: number;
  readonly probed: Float64Array;
  readonly blocks: Float64Array;
  readonly blockHits: Float64Array;
  readonly found: Float64Array;
  /** Nanoseconds. */
  readonly latency: Histogram;
  /** Reads not yet in the histogram, less than one: histogram counts are whole. */
  carried: number;
  /** Reads at the end of each second since the run began. */
  readonly atSecond: number[];
}

/** Nanoseconds, since most reads take a few microseconds: 16 ns to three hours. */
const latencyRange = { lowestDiscernibleMicros: 16, highestTrackableMicros: 1e13, significantDigits: 2 };

/** Counts of nothing. */
export function createReadCounts(levelCount: number): ReadCounts {
  const rows = levelCount + 2;
  const sums = (): Float64Array => new Float64Array(rows);
  return {
    ...{ reads: 0, storageReads: 0, deviceReads: 0, cpuNanos: 0, carried: 0 },
    ...{ probed: sums(), blocks: sums(), blockHits: sums(), found: sums() },
    latency: createHistogram(latencyRange),
    atSecond: [],
  };
}

/** What lengthens a read beyond its own CPU time. */
export interface ReadDelays {
  /** CPU time with the cores as they are, over CPU time on a core of its own. */
  readonly stretch: number;
  /** Mean wait for one block of the device. */
  readonly waitMicros: number;
  /** Time before the read began. */
  readonly queueMicros: number;
  /** Part of the time in which a block meets a background transfer. */
  readonly jobsFraction: number;
  readonly cores: number;
}

/**
 * A thread that loses its core does so after a turn of this length: a tick of the kernel's clock (CONFIG_HZ=250, Debian's and most servers'), since a turn
 * of the scheduler (0.7 ms x (1 + log2 of the cores), kernel/sched/fair.c) is shorter and ends at the next tick.
 */
const TURN_NANOS = 4_000_000;

/** Counts `reads` (a fraction of one is carried) that went this way. `missed[row]`: blocks that were not in the block cache. */
export function recordReads(counts: ReadCounts, path: ReadPath, reads: number, delays: ReadDelays, missed: Float64Array): void {
  if (reads <= 0) return;
  counts.reads += reads;
  counts.storageReads += reads * path.storageReads;
  counts.deviceReads += reads * path.deviceReads;
  counts.cpuNanos += reads * path.cpuNanos;
  for (let row = 0; row < path.found.length; row++) {
    counts.probed[row]! += reads * path.probed[row]!;
    counts.blocks[row]! += reads * path.blocks[row]!;
    counts.blockHits[row]! += reads * path.blocks[row]! * (1 - missed[row]!);
    counts.found[row]! += reads * path.found[row]!;
  }
  const onDevice = path.storageReads > 0 ? path.deviceReads / path.storageReads : 0;
  for (let i = 0; i < path.outcomes.length; i++) {
    const part = path.outcomes[i]!;
    if (part < 1e-12) continue;
    const blocks = i % (STORAGE_READS_MAX + 1);
    recordOutcome(counts, reads * part, path.outcomeNanos[i]! / part, blocks * onDevice, delays);
  }
}

/**
 * Records reads that took this CPU time and waited for so many blocks of the device. A read meets a background transfer or does not, and loses
 * its core or does not: four latencies whose mean is that of the rates.
 */
function recordOutcome(counts: ReadCounts, reads: number, cpuNanos: number, deviceBlocks: number, delays: ReadDelays): void {
  const { stretch, waitMicros, jobsFraction, queueMicros } = delays;
  const lost = Math.min(1, cpuNanos / TURN_NANOS) * (stretch > 1 ? 1 : 0);
  const lostNanos = lost > 0 ? (cpuNanos * (stretch - 1)) / lost : 0;
  const met = deviceBlocks > 0 ? Math.min(0.5, jobsFraction) : 0;
  const quietNanos = deviceBlocks * waitMicros * 1000 * (1 - met);
  // (1 - met) quiet + met (quiet + quiet / (1 - met)) is the mean, quiet / (1 - met).
  const metNanos = met > 0 ? quietNanos / (1 - met) : 0;
  const base = queueMicros * 1000 + cpuNanos + quietNanos;
  sample(counts, reads * (1 - lost) * (1 - met), base);
  sample(counts, reads * (1 - lost) * met, base + metNanos);
  sample(counts, reads * lost * (1 - met), base + lostNanos);
  sample(counts, reads * lost * met, base + lostNanos + metNanos);
}

/** Systematic sampling: every whole read of the running sum is counted at the latency where the sum passes it, so that no outcome is favoured. */
function sample(counts: ReadCounts, reads: number, nanos: number): void {
  if (reads <= 0) return;
  const due = counts.carried + reads;
  const whole = Math.floor(due);
  counts.carried = due - whole;
  if (whole > 0) recordValueWithCount(counts.latency, Math.max(1, Math.round(nanos)), whole);
}
