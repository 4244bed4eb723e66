/**
 * Many lookups in one grid by WebAssembly: the same steps as `lookup`, so the same bits, without the checks of each array index. Where
 * there is no WebAssembly (a page whose policy forbids it) `lookupBatch` answers. What was tried, and what it gave, is in
 * results/reference/bench/interpolate.json.
 */
import { invariant } from './errors.js';
import { lookup, lookupBatch, type Grid4 } from './interpolate.js';
import { interpolateWasm } from './interpolate-wasm.js';
import { log2Inverse, log2Lower, log2Upper } from './math.js';

/** `queries` holds four coordinates a point, `out` gets one value a point: as `lookupBatch` of the grid. */
export type BatchLookup = (queries: Float64Array, out: Float64Array) => void;

/** What the WebAssembly build exports; addresses and sizes in bytes. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  setGrid(tablesAt: number, valuesAt: number, clamp: number): void;
  setAxis(axis: number, at: number, count: number, last: number, isLog: number, stride: number, step: number): void;
  batch(queries: number, out: number, count: number): number;
}

/** Points of one call: a block of queries and results that stays in the first-level cache. */
const blockPoints = 512;
/** Below this lie AssemblyScript's own data. */
const memoryStart = 1024;
const pageBytes = 65_536;

/** A batch lookup of this grid; holds a copy of its values. Falls back to `lookupBatch` where WebAssembly is missing. */
export function createBatchLookup(grid: Grid4): BatchLookup {
  const exports = instantiate();
  if (exports === null) {
    return (queries, out) => {
      lookupBatch(grid, queries, out);
    };
  }
  const { queriesAt, outAt } = layOut(exports, grid);
  const queryBlock = new Float64Array(exports.memory.buffer, queriesAt, 4 * blockPoints);
  const outBlock = new Float64Array(exports.memory.buffer, outAt, blockPoints);
  return (queries, out) => {
    invariant(queries.length === 4 * out.length, 'a batch lookup needs four coordinates for each result');
    for (let from = 0; from < out.length; from += blockPoints) {
      const count = Math.min(blockPoints, out.length - from);
      queryBlock.set(queries.subarray(4 * from, 4 * (from + count)));
      for (let done = 0; done < count; done++) {
        done += exports.batch(queriesAt + 32 * done, outAt + 8 * done, count - done);
        // It stopped before a point whose logarithm takes fdlibm's way.
        if (done < count) {
          const q = 4 * done;
          outBlock[done] = lookup(grid, queryBlock[q]!, queryBlock[q + 1]!, queryBlock[q + 2]!, queryBlock[q + 3]!);
        }
      }
      out.set(count === blockPoints ? outBlock : outBlock.subarray(0, count), from);
    }
  };
}

/** An instance of its own: it holds one grid. */
function instantiate(): Exports | null {
  if (typeof WebAssembly === 'undefined') return null;
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(bytesOf(interpolateWasm))).exports as unknown as Exports;
  } catch {
    // A page may forbid it ('wasm-unsafe-eval'); the other way gives the same.
    return null;
  }
}

/** Tables, axes, values and a block, one after the other. */
function layOut(exports: Exports, grid: Grid4): { readonly queriesAt: number; readonly outAt: number } {
  const axes = [grid.axis0, grid.axis1, grid.axis2, grid.axis3];
  const doubles = 3 * log2Upper.length + axes.reduce((sum, axis) => sum + 3 * axis.knots.length, 0) + grid.values.length + 5 * blockPoints;
  const pages = Math.ceil((memoryStart + 8 * doubles) / pageBytes) - exports.memory.buffer.byteLength / pageBytes;
  if (pages > 0) exports.memory.grow(pages);
  let at = memoryStart;
  const place = (values: Float64Array): number => {
    const start = at;
    new Float64Array(exports.memory.buffer, at, values.length).set(values);
    at += 8 * values.length;
    return start;
  };
  const tablesAt = place(log2Upper);
  place(log2Lower);
  place(log2Inverse);
  axes.forEach((axis, index) => {
    const start = place(axis.knots);
    place(axis.lower);
    place(axis.length);
    exports.setAxis(index, start, axis.knots.length, axis.lastCell, Number(axis.isLog2), 8 * axis.stride, 8 * axis.step);
  });
  exports.setGrid(tablesAt, place(grid.values), Number(grid.clamps));
  const queriesAt = at;
  return { queriesAt, outAt: queriesAt + 32 * blockPoints };
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
