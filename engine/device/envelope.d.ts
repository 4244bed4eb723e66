/**
 * A device's envelope: what fio measured over read share, iodepth, numjobs and block size, and the lookup between the points.
 *
 * Building. The axes are the values that occur; any grid will do. Runs at the same point are averaged and their spread is kept. Each
 * surface holds only what was measured (null elsewhere); the gaps are filled when a lookup is made, by `fillGaps`:
 *   1. along each axis on which measured points lie on both sides: linear between the nearest two, in log2 of iodepth, numjobs and
 *      block size; the mean over those axes;
 *   2. where no axis has both sides: the mean of the nearest measured point along each axis;
 *   3. and again with what was filled, until nothing is missing.
 * Filling both directions by one rule keeps total = read + write.
 *
 * Looking up. 4-D multilinear (kernel/interpolate.ts), read share always linear, the other three in log2 or linearly. Source of the
 * method: the V4 document's device envelope; the choice of axes: results/reference/envelope-loo.json.
 */
import { type Issue } from '../kernel/errors.js';
import { type Scale } from '../kernel/interpolate.js';
import type { EnvelopePoint, Pattern } from './points.js';
export type { EnvelopePoint, Pattern } from './points.js';
/** How iodepth, numjobs and block size are measured between points. Read share is linear in both. */
export type Axes = Scale;
/** The better of the two by leave-one-out on the seed lab's grid and on a SATA grid (results/reference/envelope-loo.json). */
export declare const defaultAxes: Axes;
/** What a query outside the grid gets: the edge's value with a warning, an error, or the edge cell carried on in a straight line. */
export type Outside = 'clamp' | 'error' | 'linear';
export declare const axisNames: readonly ['readPercent', 'iodepth', 'numjobs', 'bsKib'];
export type AxisName = (typeof axisNames)[number];
/** One pattern's measurements on one grid. Arrays are flat in the order of `axisNames`, the last axis fastest. */
export interface EnvelopeSurface {
  /** The values of each axis, ascending; one value means that the axis is held constant. */
  readonly axes: Readonly<Record<AxisName, readonly number[]>>;
  /** runs[i]: measured runs at point i; 0 where nothing was measured. */
  readonly runs: readonly number[];
  /** spreadFraction[i]: (largest - smallest) / mean of the total bandwidth over the runs at point i; 0 for one run. */
  readonly spreadFraction: readonly number[];
  /** columns[name][i]: see `EnvelopePoint.columns`; null where not measured. `totalBytesPerSec` is always there. */
  readonly columns: Readonly<Record<string, readonly (number | null)[]>>;
}
/** An input of a model: a file's name (without folders) and the SHA-256 of its bytes, hex. */
export interface EnvelopeInput {
  readonly file: string;
  readonly sha256: string;
}
/** What `envelope_model.json` holds. */
export interface EnvelopeModel {
  readonly schema: 'putmodel/envelope/1';
  readonly name: string;
  /** Where the measurements come from, for people. */
  readonly source: string;
  readonly inputs: readonly EnvelopeInput[];
  /** At least one of the two. */
  readonly surfaces: {
    readonly random?: EnvelopeSurface;
    readonly sequential?: EnvelopeSurface;
  };
  /** What was noticed while building: gaps, repeats, outliers. */
  readonly notes: readonly string[];
}
export interface BuildOptions {
  readonly name: string;
  readonly source: string;
  readonly inputs: readonly EnvelopeInput[];
  /** Points that stand out from their neighbours: `keep` as measured (default) or `fill` as if they had not been measured. */
  readonly outliers?: 'keep' | 'fill' | undefined;
}
/**
 * A model from points in any order, and what a reader should know about it.
 * @throws PutmodelError INPUT_INVALID for fewer than two points in all
 */
export declare function buildEnvelope(
  points: readonly EnvelopePoint[],
  options: BuildOptions,
): {
  readonly model: EnvelopeModel;
  readonly issues: readonly Issue[];
};
/** A ready lookup of one column. */
export interface EnvelopeLookup {
  /** The column's value there, in its own unit; never NaN for finite coordinates. Records at most one warning an axis. */
  at(readPercent: number, iodepth: number, numjobs: number, bsKib: number): number;
  readonly range: Readonly<
    Record<
      AxisName,
      {
        readonly min: number;
        readonly max: number;
      }
    >
  >;
  readonly warnings: readonly string[];
  /** min(Br, Bw): the largest total bandwidth measured with the most reads, or with the most writes, whichever is less. */
  readonly physicalLimitBytesPerSec: number;
}
export interface LookupOptions {
  readonly pattern: Pattern;
  readonly column: string;
  readonly axes: Axes;
  readonly outside: Outside;
}
/**
 * Prepares a column for lookups: fills its gaps and lays it out.
 * @throws PutmodelError INPUT_INVALID when the pattern or column was not measured; from `at`, outside the grid with `outside: 'error'`
 */
export declare function createLookup(model: EnvelopeModel, options: LookupOptions): EnvelopeLookup;
/** What is asked of an envelope: a point, anywhere. Percent 0..100; the others above 0. */
export type EnvelopeQuery = Readonly<Record<AxisName, number>>;
export interface QueryOptions {
  /** Default: random when measured, else sequential. */
  readonly pattern?: Pattern | undefined;
  readonly axes?: Axes | undefined;
  readonly outside?: Outside | undefined;
  /** Physical clamp: total bandwidth is at most min(Br, Bw); off unless one is given. Bytes per second. */
  readonly brBytesPerSec?: number | undefined;
  readonly bwBytesPerSec?: number | undefined;
}
/** An envelope's answer at a point. */
export interface EnvelopeAnswer {
  readonly pattern: Pattern;
  readonly axes: Axes;
  readonly readBytesPerSec: number;
  readonly writeBytesPerSec: number;
  readonly totalBytesPerSec: number;
  /** The physical clamp lowered the bandwidths (all three by one factor, and the operations with them). */
  readonly clampedToPhysical: boolean;
  /** Every column, operations and latencies included. Latencies of a direction are left out when the query has none of it. */
  readonly columns: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
}
/**
 * Everything the envelope knows about one point.
 * @throws PutmodelError INPUT_INVALID for coordinates that are not numbers in range (all of them at once), a pattern that was not
 *   measured, or a point outside with `outside: 'error'`
 */
export declare function queryEnvelope(model: EnvelopeModel, query: EnvelopeQuery, options?: QueryOptions): EnvelopeAnswer;
/**
 * A column without gaps, by the rule in this file's header.
 * @param values in the surface's order, null for a gap; at least one number
 */
export declare function fillGaps(surface: Pick<EnvelopeSurface, 'axes'>, values: readonly (number | null)[], scale?: Scale): Float64Array;
