/**
 * A simulation in slices. Every kind of scenario hands out a `Run`, so that progress, cancelling and animation are written once;
 * a `Metric` names one figure of its result, so that tables, sweeps and goals are too. The size of the slices never changes the result.
 */

/** Where a run stands. */
export interface Snapshot {
  /** Simulated time, seconds. */
  readonly nowSec: number;
  /** How much of the work is done, 0 to 1; null when the run cannot know. */
  readonly fraction: number | null;
  /** Events handled so far. */
  readonly events: number;
}

/** A started simulation. Call `advance` until it says `done`, then `finish` once. */
export interface Run<R> {
  /** Handles at most this many events (1 or more). */
  advance(maxEvents: number): 'more' | 'done';
  snapshot(): Snapshot;
  /** The result so far; complete once `advance` has said `done`. */
  finish(): R;
}

/** Units that a metric may have; `1` is a bare ratio or count. */
export type Unit = '1' | 'opsPerSec' | 'mibPerSec' | 'sec' | 'millis' | 'micros' | 'bytes' | 'fraction' | 'percent';

/** One figure of a result. */
export interface Metric<R> {
  /** Its path in the result document, such as `putRate.meanOpsPerSec`. */
  readonly path: string;
  readonly unit: Unit;
  readonly better: 'more' | 'less' | 'neither';
  /** How the figures of several runs become one; a percentile is that of their histograms added up, never a mean of percentiles. */
  readonly merge: 'sum' | 'max' | 'none' | HistogramPercentile;
  /** null where the run has no such figure. */
  read(result: R): number | null;
}

/** Percentiles that tables of merged histograms have. */
export type MergedPercent = 50 | 95 | 99 | 99.9;

/** A percentile of one of a kind's histograms, by the name that `Kind.histograms` gives it. */
export interface HistogramPercentile {
  readonly histogram: string;
  readonly percent: MergedPercent;
}

/** Runs to the end in slices of `sliceEvents`; `between` is called after each slice and may throw to stop. */
export function runToEnd<R>(run: Run<R>, sliceEvents = 65_536, between?: (snapshot: Snapshot) => void): R {
  while (run.advance(sliceEvents) === 'more') between?.(run.snapshot());
  return run.finish();
}
