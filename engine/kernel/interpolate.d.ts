/** How a coordinate is measured along an axis. */
export type Scale = 'linear' | 'log2';
/** What a point outside the knots gets: the value at the edge, or the edge cell's slope carried on. */
export type Beyond = 'clamp' | 'extrapolate';
export type Four<T> = readonly [T, T, T, T];
/** One axis, ready for lookups. An axis of one knot is constant: its cell is that knot twice. */
interface Axis {
    /** knots[i]: ascending, in the user's unit. */
    readonly knots: Float64Array;
    /** lower[i]: knot i in the axis's scale. */
    readonly lower: Float64Array;
    /** inverse[i]: 1 / (length of the cell above knot i), in the axis's scale; 0 on a constant axis. */
    readonly inverse: Float64Array;
    /** Last knot that starts a cell. */
    readonly lastCell: number;
    readonly isLog2: boolean;
    /** Distance in `values` between a cell's corners; 0 on a constant axis. */
    readonly step: number;
    /** Distance in `values` between neighbouring knots. */
    readonly stride: number;
}
/** A grid made by `createGrid4`; only the scratch of `lookup` changes afterwards. */
export interface Grid4 {
    readonly axes: Four<Axis>;
    readonly values: Float64Array;
    readonly clamps: boolean;
    /** Room for the one point of `lookup`. */
    readonly query: Float64Array;
    readonly result: Float64Array;
}
/**
 * A grid for lookups.
 * @param axes the knots of each axis: at least one, finite, strictly ascending; above 0 where the scale is log2
 * @param values finite, one for each combination, last axis fastest; copied
 * @throws InvariantError when any of that does not hold (callers check what people wrote)
 */
export declare function createGrid4(axes: Four<readonly number[]>, values: ArrayLike<number>, scales: Four<Scale>, beyond?: Beyond): Grid4;
/**
 * The value at one point, in the units of `values`. Finite coordinates, above 0 on log2 axes; NaN gives NaN.
 * Beyond the knots as the grid was told.
 */
export declare function lookup(grid: Grid4, a: number, b: number, c: number, d: number): number;
/**
 * `lookup` for many points: queries holds four coordinates a point, out gets one value a point. Everything the loop reads is a local:
 * that halves the time of a lookup (bench/interpolate.bench.ts).
 */
export declare function lookupBatch(grid: Grid4, queries: Float64Array, out: Float64Array): void;
export {};
