/**
 * Many lookups in one grid by WebAssembly, two points at a time: the same steps as `lookup`, so the same bits. Where there is no WebAssembly
 * with vectors (a page whose policy forbids it) `lookupBatch` answers. What was tried, and what it gave, is in
 * results/reference/bench/tried.md.
 */
import { invariant } from './errors.js';
import { lookupBatch, type Grid4 } from './interpolate.js';
import { interpolateWasm } from './interpolate-wasm.js';
import { log2Inverse, log2Lower, log2Upper } from './math.js';

/** `queries` holds four coordinates a point, `out` gets one value a point: as `lookupBatch` of the grid. */
export type BatchLookup = (queries: Float64Array, out: Float64Array) => void;

/** What the WebAssembly build exports; addresses and sizes in bytes. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  freeFrom(): number;
  setGrid(tablesAt: number, valuesAt: number, clamp: number, scratchAt: number): void;
  setSteps(step0: number, step1: number, step2: number, step3: number): void;
  weighAxis(
    queries: number,
    count: number,
    axis: number,
    at: number,
    knotCount: number,
    last: number,
    isLog: number,
    stride: number,
  ): number;
  blend(out: number, count: number): void;
}

/** Points of one call: with all that is worked out for them they stay in the first-level cache. An even number; interpolate.as has it too. */
const blockPoints = 512;
const pageBytes = 65_536;

/** A batch lookup of this grid; holds a copy of its values. Falls back to `lookupBatch` where WebAssembly or its vectors are missing. */
export function createBatchLookup(grid: Grid4): BatchLookup {
  const exports = instantiate();
  if (exports === null) {
    return (queries, out) => {
      lookupBatch(grid, queries, out);
    };
  }
  const { axesAt, queriesAt, outAt } = layOut(exports, grid);
  const queryBlock = new Float64Array(exports.memory.buffer, queriesAt, 4 * blockPoints);
  const outBlock = new Float64Array(exports.memory.buffer, outAt, blockPoints);
  const weigh = axesOf(grid).map(
    ({ knots, lastCell, isLog2, stride }, axis) =>
      (count: number): boolean =>
        exports.weighAxis(queriesAt, count, axis, axesAt[axis]!, knots.length, lastCell, Number(isLog2), 8 * stride) === 1,
  );
  return (queries, out) => {
    invariant(queries.length === 4 * out.length, 'a batch lookup needs four coordinates for each result');
    for (let from = 0; from < out.length; from += blockPoints) {
      const count = Math.min(blockPoints, out.length - from);
      const points = queries.subarray(4 * from, 4 * (from + count));
      queryBlock.set(points);
      // The end of a last pair that is none: any point.
      if (count % 2 === 1) queryBlock.set(points.subarray(0, 4), 4 * count);
      if (weigh.every((axis) => axis(count))) {
        exports.blend(outAt, count);
        out.set(count === blockPoints ? outBlock : outBlock.subarray(0, count), from);
      } else lookupBatch(grid, points, out.subarray(from, from + count));
    }
  };
}

function axesOf({ axis0, axis1, axis2, axis3 }: Grid4): readonly Grid4['axis0'][] {
  return [axis0, axis1, axis2, axis3];
}

/** An instance of its own: it holds one grid. */
function instantiate(): Exports | null {
  if (typeof WebAssembly === 'undefined') return null;
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(bytesOf(interpolateWasm))).exports as unknown as Exports;
  } catch {
    // A page may forbid it ('wasm-unsafe-eval'), an old engine may not know vectors; the other way gives the same.
    return null;
  }
}

/** Where things lie in memory, in bytes. */
interface Layout {
  readonly axesAt: readonly number[];
  readonly queriesAt: number;
  readonly outAt: number;
}

/** Tables, axes, values and a block, one after the other, as interpolate.as wants them. */
function layOut(exports: Exports, grid: Grid4): Layout {
  const memoryStart = Math.ceil(exports.freeFrom() / 16) * 16;
  const axes = axesOf(grid);
  const knotCount = axes.reduce((sum, axis) => sum + axis.knots.length, 0);
  // Of a point: 4 coordinates, its value, 4 weights, an offset.
  const doubles = 4 * log2Upper.length + 3 * knotCount + grid.values.length + 10 * blockPoints;
  const pages = Math.ceil((memoryStart + 8 * doubles) / pageBytes) - exports.memory.buffer.byteLength / pageBytes;
  if (pages > 0) exports.memory.grow(pages);
  let at = memoryStart;
  const reserve = (length: number): number => {
    at += 8 * length;
    return at - 8 * length;
  };
  const place = (values: Float64Array): number => {
    const start = reserve(values.length);
    new Float64Array(exports.memory.buffer, start, values.length).set(values);
    return start;
  };
  const tablesAt = place(rowsOf([log2Upper, log2Lower, log2Inverse, log2Inverse]));
  const axesAt = axes.map(({ knots, lower, length }) => {
    const start = place(knots);
    place(rowsOf([lower, length]));
    return start;
  });
  const valuesAt = place(grid.values);
  const queriesAt = reserve(4 * blockPoints);
  const outAt = reserve(blockPoints);
  exports.setGrid(tablesAt, valuesAt, Number(grid.clamps), reserve(5 * blockPoints));
  exports.setSteps(8 * grid.axis0.step, 8 * grid.axis1.step, 8 * grid.axis2.step, 8 * grid.axis3.step);
  return { axesAt, queriesAt, outAt };
}

/** Columns as rows, one after the other. */
function rowsOf(columns: readonly Float64Array[]): Float64Array {
  const width = columns.length;
  return Float64Array.from({ length: width * columns[0]!.length }, (_, i) => columns[i % width]![Math.floor(i / width)]!);
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Base64 to bytes: the core has neither Buffer nor atob. */
function bytesOf(base64: string): Uint8Array {
  const length = Math.floor((base64.replace(/=+$/, '').length * 3) / 4);
  const bytes = new Uint8Array(length);
  for (let i = 0, at = 0; at < length; i += 4, at += 3) {
    let word = 0;
    for (let k = 0; k < 4; k++) word = word * 64 + Math.max(0, digits.indexOf(base64.charAt(i + k)));
    bytes[at] = word >> 16;
    if (at + 1 < length) bytes[at + 1] = (word >> 8) & 255;
    if (at + 2 < length) bytes[at + 2] = word & 255;
  }
  return bytes;
}
