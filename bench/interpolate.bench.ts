/**
 * What does a 4-D lookup cost, in batches and one by one, with linear and with log2 axes, beside a plain 16-corner loop and beside C?
 * The grid is 5 x 4 x 3 x 3, as the seed lab's. For C, in the same minute:
 *   cc -O2 -o /tmp/i bench/interpolate.c -lm && npx tsx bench/interpolate.bench.ts && /tmp/i
 */
import { createGrid4, lookup, lookupBatch, type Grid4 } from '../engine/kernel/interpolate.js';
import { createStream } from '../engine/kernel/random.js';
import { measure, runAsProgram, type Report, type Size } from './measure.js';

const axes = [
  [0, 25, 50, 75, 100],
  [1, 4, 16, 64],
  [1, 2, 4],
  [4, 64, 1024],
] as const;

export function benchInterpolate(size: Size): Report {
  const count = size === 'full' ? 65_536 : 256;
  const stream = createStream(42, 'bench-interpolate');
  const values = Float64Array.from({ length: 180 }, () => 1e8 + 5e9 * stream.uniform());
  const between = (low: number, high: number): number => low + (high - low) * stream.uniform();
  const queries = new Float64Array(4 * count);
  for (let i = 0; i < count; i++) queries.set([between(0, 100), between(1, 64), between(1, 4), between(4, 1024)], 4 * i);
  const out = new Float64Array(count);
  const linear = createGrid4(axes, values, ['linear', 'linear', 'linear', 'linear']);
  const log2 = createGrid4(axes, values, ['linear', 'log2', 'log2', 'log2']);
  const batch = (grid: Grid4) => (): number => {
    lookupBatch(grid, queries, out);
    return last(out);
  };
  const single = (grid: Grid4) => (): number => {
    for (let i = 0, q = 0; i < count; i++, q += 4) out[i] = lookup(grid, queries[q]!, queries[q + 1]!, queries[q + 2]!, queries[q + 3]!);
    return last(out);
  };
  const naive = (): number => {
    for (let i = 0; i < count; i++) out[i] = naiveLookup(values, queries.subarray(4 * i, 4 * i + 4));
    return last(out);
  };
  return measure('interpolate', size, [
    { name: 'batch, linear', operations: count, run: batch(linear) },
    { name: 'batch, log2', operations: count, run: batch(log2) },
    { name: 'one by one, linear', operations: count, run: single(linear) },
    { name: 'one by one, log2', operations: count, run: single(log2) },
    { name: '16-corner loop, linear', operations: count, run: naive },
  ]);
}

function last(out: Float64Array): number {
  return out[out.length - 1] ?? 0;
}

/** The definition, corner by corner. */
function naiveLookup(values: Float64Array, query: Float64Array): number {
  const cells = axes.map((knots, axis) => Math.max(0, Math.min(knots.length - 2, knots.filter((knot) => knot <= query[axis]!).length - 1)));
  let sum = 0;
  for (let corner = 0; corner < 16; corner++) {
    let weight = 1;
    let index = 0;
    axes.forEach((knots, axis) => {
      const cell = cells[axis]!;
      const t = (query[axis]! - knots[cell]!) / (knots[cell + 1]! - knots[cell]!);
      const upper = (corner >> axis) & 1;
      weight *= upper === 1 ? t : 1 - t;
      index = index * knots.length + cell + upper;
    });
    sum += weight * values[index]!;
  }
  return sum;
}

runAsProgram(import.meta.url, benchInterpolate);
