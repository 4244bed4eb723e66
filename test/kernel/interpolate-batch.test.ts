import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { createBatchLookup } from '../../engine/kernel/interpolate-batch.js';
import { interpolateWasm } from '../../engine/kernel/interpolate-wasm.js';
import { createGrid4, lookup, lookupBatch, type Scale } from '../../engine/kernel/interpolate.js';

const knots = fc.uniqueArray(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 14 }).map((list) => list.sort((a, b) => a - b));
const scale = fc.constantFrom<Scale>('linear', 'log2');
/** Around 1 logarithms take another way; knots themselves, and points far outside. */
const coordinate = fc.oneof(
  fc.double({ min: 0.5, max: 3500, noNaN: true }),
  fc.double({ min: 0.89, max: 1.13, noNaN: true }),
  fc.integer({ min: 1, max: 3000 }),
);
/** What no axis or no log2 axis should be asked for: the answer is still one. */
const strange = fc.constantFrom(0, -0, -3, NaN, Infinity, -Infinity, 5e-324, 1e-310, 1.7e308);
const gridCase = fc.record({
  axes: fc.tuple(knots, knots, knots, knots),
  scales: fc.tuple(scale, scale, scale, scale),
  beyond: fc.constantFrom('clamp' as const, 'extrapolate' as const),
  seed: fc.integer({ min: 1, max: 1e6 }),
  queries: fc.array(fc.tuple(coordinate, coordinate, coordinate, coordinate), { minLength: 1, maxLength: 30 }),
  oddOnes: fc.array(fc.record({ at: fc.nat(119), value: strange }), { maxLength: 2 }),
});

describe('a batch lookup by WebAssembly', () => {
  test('has the bits of the lookups one by one, and of the batch in TypeScript', () => {
    fc.assert(
      fc.property(gridCase, ({ axes, scales, beyond, seed, queries, oddOnes }) => {
        let state = seed;
        const size = axes.reduce((product, axis) => product * axis.length, 1);
        const values = Float64Array.from({ length: size }, () => 1 + (state = (state * 16807) % 2147483647));
        const grid = createGrid4(axes, values, scales, beyond);
        const flat = Float64Array.from(queries.flat());
        for (const { at, value } of oddOnes) flat[at % flat.length] = value;
        const byWasm = new Float64Array(queries.length);
        const byScript = new Float64Array(queries.length);
        createBatchLookup(grid)(flat, byWasm);
        lookupBatch(grid, flat, byScript);
        expect(byWasm).toEqual(byScript);
        expect(byWasm).toEqual(byScript.map((_, i) => lookup(grid, flat[4 * i]!, flat[4 * i + 1]!, flat[4 * i + 2]!, flat[4 * i + 3]!)));
      }),
      { numRuns: 150 },
    );
  });

  test('does blocks of any number, and stops at none', () => {
    const axes = [[0, 50, 100], [1, 4, 16], [1], [4, 64]] as const;
    const grid = createGrid4(
      axes,
      Float64Array.from({ length: 18 }, (_, i) => i + 1),
      ['linear', 'log2', 'log2', 'log2'],
    );
    const batch = createBatchLookup(grid);
    for (const count of [0, 1, 511, 512, 513, 1500]) {
      const queries = Float64Array.from({ length: 4 * count }, (_, i) => [30 + (i % 50), 0.95 + (i % 17) / 100, 1, 4 + (i % 60)][i % 4]!);
      const out = new Float64Array(count);
      const wanted = new Float64Array(count);
      batch(queries, out);
      lookupBatch(grid, queries, wanted);
      expect(out).toEqual(wanted);
    }
  });

  test('finds the cell by halves as by counting: on long axes the answer is that of the definition', () => {
    const axis = Array.from({ length: 40 }, (_, i) => i * i);
    const grid = createGrid4([axis, [1], [1], [1]], Float64Array.from(axis), ['linear', 'linear', 'linear', 'linear']);
    for (let x = -10; x < 1600; x += 0.5) expect(lookup(grid, x, 1, 1, 1)).toBeCloseTo(Math.min(1521, Math.max(0, x)), 9);
  });

  test('answers in TypeScript where there is no WebAssembly', () => {
    const grid = createGrid4(
      [[0, 100], [1, 64], [1], [4, 64]],
      Float64Array.from({ length: 8 }, (_, i) => i + 1),
      ['linear', 'log2', 'log2', 'log2'],
    );
    const queries = Float64Array.of(30, 5, 1, 20, 70, 50, 1, 7);
    const [byWasm, byScript] = [new Float64Array(2), new Float64Array(2)];
    createBatchLookup(grid)(queries, byWasm);
    vi.stubGlobal('WebAssembly', undefined);
    createBatchLookup(grid)(queries, byScript);
    vi.unstubAllGlobals();
    expect(byScript).toEqual(byWasm);
  });

  test('is a module that this engine takes, so that none of the above compares TypeScript with itself', () => {
    expect(WebAssembly.validate(Buffer.from(interpolateWasm, 'base64'))).toBe(true);
  });

  test('is what the source builds to', () => {
    const script = fileURLToPath(new URL('../../engine/build-wasm.js', import.meta.url));
    const built = execFileSync(process.execPath, [script, '--print'], { encoding: 'utf8' });
    expect(built).toBe(readFileSync(new URL('../../engine/kernel/interpolate-wasm.ts', import.meta.url), 'utf8'));
  });
});
