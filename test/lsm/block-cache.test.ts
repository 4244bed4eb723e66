import { describe, expect, it } from 'vitest';
import { addBlockClass, createBlockClasses, fillBlockCache, type BlockClasses } from '../../engine/lsm/block-cache.js';
import { createStream } from '../../engine/kernel/random.js';

const KiB4 = 4096;

function classesOf(rows: readonly (readonly [blocks: number, readsPerSec: number, ageSec: number])[]): BlockClasses {
  const classes = createBlockClasses(1);
  for (const [blocks, readsPerSec, ageSec] of rows) addBlockClass(classes, blocks, KiB4, readsPerSec, ageSec);
  return classes;
}

describe('a block cache', () => {
  it('smaller than its blocks holds the part of them that fits, when all are read alike', () => {
    const classes = classesOf([[10_000, 3, Infinity]]);
    fillBlockCache(classes, 2_500 * KiB4, 1e6, 0);
    expect(classes.hitFraction[0]).toBeCloseTo(0.25, 4);
  });

  it('that is large enough holds what has been read so far', () => {
    const classes = classesOf([[10_000, 0.5, Infinity]]);
    expect(fillBlockCache(classes, 1e12, 2, 0)).toBe(2);
    expect(classes.hitFraction[0]).toBeCloseTo(1 - Math.exp(-1), 12);
  });

  it('holds few blocks of files that were just made', () => {
    const classes = classesOf([
      [1000, 1, Infinity],
      [1000, 1, 0.1],
    ]);
    fillBlockCache(classes, 1e12, 100, 0);
    expect(classes.hitFraction[0]).toBeCloseTo(1, 12);
    expect(classes.hitFraction[1]).toBeCloseTo(1 - Math.exp(-0.1), 12);
  });

  it('has less room for living files the faster compactions replace them', () => {
    const still = classesOf([[10_000, 3, Infinity]]);
    const churned = classesOf([[10_000, 3, Infinity]]);
    fillBlockCache(still, 2_500 * KiB4, 1e6, 0);
    fillBlockCache(churned, 2_500 * KiB4, 1e6, 5);
    expect(churned.hitFraction[0]).toBeLessThan(still.hitFraction[0] ?? 0);
  });

  it('hits as often as an LRU list does, for hot and cold blocks together', () => {
    const hot = { blocks: 200, part: 0.6 };
    const cold = { blocks: 4000, part: 0.4 };
    const classes = classesOf([
      [hot.blocks, hot.part / hot.blocks, Infinity],
      [cold.blocks, cold.part / cold.blocks, Infinity],
    ]);
    fillBlockCache(classes, 600 * KiB4, 1e9, 0);
    const real = simulateLru([hot, cold], 600);
    expect(Math.abs((classes.hitFraction[0] ?? 0) - (real[0] ?? 1))).toBeLessThan(0.01);
    expect(Math.abs((classes.hitFraction[1] ?? 0) - (real[1] ?? 1))).toBeLessThan(0.01);
  });
});

/** Hit fraction of each class in a real LRU list of `room` blocks. */
function simulateLru(classes: readonly { readonly blocks: number; readonly part: number }[], room: number): number[] {
  const random = createStream(7, 'lru', 0);
  const cache = new Map<string, true>();
  const hits = classes.map(() => 0);
  const reads = classes.map(() => 0);
  for (let i = 0; i < 120_000; i++) {
    let pick = random.uniform();
    let which = 0;
    while (which < classes.length - 1 && pick >= (classes[which]?.part ?? 0)) pick -= classes[which++]?.part ?? 0;
    const key = `${String(which)}:${String(random.uniformInt(classes[which]?.blocks ?? 1))}`;
    const counted = i >= 20_000;
    if (counted) reads[which]! += 1;
    if (cache.delete(key) && counted) hits[which]! += 1;
    cache.set(key, true);
    if (cache.size > room) cache.delete(cache.keys().next().value ?? '');
  }
  return hits.map((count, index) => count / (reads[index] ?? 1));
}
