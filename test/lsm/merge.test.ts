import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKeySpace, distinctFraction } from '../../engine/lsm/key-space.js';
import {
  addSegments,
  appendSegment,
  createMergeScratch,
  createOutputs,
  createSegments,
  cutOutputs,
  type CutRules,
  type MergeScratch,
  type Segments,
} from '../../engine/lsm/merge.js';
import type { Tree } from '../../engine/lsm/tree.js';
import { evenly, treeOf, type FileSpec } from './build.js';

type Range = readonly [lo: number, hi: number, drawsPerKey: number];

function segmentsOf(ranges: readonly Range[]): Segments {
  const segments = createSegments(1);
  for (const [lo, hi, draws] of ranges) appendSegment(segments, lo, hi, draws);
  return segments;
}

function rangesOf({ count, lo, hi, drawsPerKey }: Segments): Range[] {
  return Array.from({ length: count }, (_, i) => [lo[i]!, hi[i]!, drawsPerKey[i]!] as const);
}

function densityAt(segments: Segments, at: number): number {
  return rangesOf(segments).find(([lo, hi]) => lo <= at && at < hi)?.[2] ?? 0;
}

/** Ascending, disjoint ranges on a grid of hundredths. */
const ranges = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 8 })), { maxLength: 8 })
  .map((steps) => {
    const list: Range[] = [];
    let at = 0;
    for (const [gap, width, draws] of steps) {
      const lo = at + gap;
      if (lo + width > 100) break;
      list.push([lo / 100, (lo + width) / 100, draws / 8]);
      at = lo + width;
    }
    return list;
  });

describe('segments', () => {
  it('that touch and are equally dense become one', () => {
    const segments = segmentsOf([
      [0, 0.25, 1],
      [0.25, 0.5, 1],
      [0.5, 0.75, 2],
      [0.8, 0.9, 2],
    ]);
    expect(rangesOf(segments)).toEqual([
      [0, 0.5, 1],
      [0.5, 0.75, 2],
      [0.8, 0.9, 2],
    ]);
  });

  it('add up wherever they overlap', () => {
    const sum = createSegments();
    const wide = segmentsOf([[0, 1, 1]]);
    const two = segmentsOf([
      [0.25, 0.5, 2],
      [0.5, 0.75, 4],
    ]);
    addSegments(wide, two, sum);
    expect(rangesOf(sum)).toEqual([
      [0, 0.25, 1],
      [0.25, 0.5, 3],
      [0.5, 0.75, 5],
      [0.75, 1, 1],
    ]);
  });

  it('add up at every point to the sum of the parts there, ascending and disjoint, in either order', () => {
    fc.assert(
      fc.property(ranges, ranges, (one, other) => {
        const a = segmentsOf(one);
        const b = segmentsOf(other);
        const sum = createSegments(1);
        const mirrored = createSegments(1);
        addSegments(a, b, sum);
        addSegments(b, a, mirrored);
        expect(rangesOf(mirrored)).toEqual(rangesOf(sum));
        for (let at = 0.005; at < 1; at += 0.01) expect(densityAt(sum, at)).toBe(densityAt(a, at) + densityAt(b, at));
        rangesOf(sum).forEach(([lo, hi], i, all) => {
          expect(lo).toBeLessThan(hi);
          if (i > 0) expect(lo).toBeGreaterThanOrEqual(all[i - 1]![1]);
        });
      }),
      { seed: 42, numRuns: 200 },
    );
  });
});

/** 1000 keys, each once, of 100 bytes: the whole range is 100,000 bytes. */
const keySpace = createKeySpace('unique', 1000, 0.99);
const rules: CutRules = {
  keySpace,
  bytesPerEntry: 100,
  bytesPerFile: 0,
  targetFileBytes: 30_000,
  maxCompactionBytes: Infinity,
  alignToGrandparents: true,
};

interface Cut {
  readonly lo: number;
  readonly hi: number;
  readonly entries: number;
  readonly bytes: number;
  readonly drawsPerKey: number;
}

function cut(
  segments: readonly Range[],
  said: Partial<CutRules>,
  grandparents: readonly FileSpec[] | null,
  splits: readonly number[] = [],
): Cut[] {
  const tree: Tree = treeOf([[], [], grandparents ?? []]);
  const out = createOutputs(1);
  const scratch: MergeScratch = { ...createMergeScratch(), outputs: out };
  cutOutputs(segmentsOf(segments), { ...rules, ...said }, grandparents === null ? null : tree.levels[2]!.ranges, splits, scratch);
  return Array.from({ length: out.count }, (_, i) => ({
    lo: out.lo[i]!,
    hi: out.hi[i]!,
    entries: out.entries[i]!,
    bytes: out.bytes[i]!,
    drawsPerKey: out.drawsPerKey[i]!,
  }));
}

const ends = (files: readonly Cut[]): number[] => files.map(({ hi }) => Math.round(hi * 1e9) / 1e9);

describe('output files', () => {
  it('are cut at the target size where there are no grandparents: 30,000 bytes three times, and the rest', () => {
    const files = cut([[0, 1, 1]], { bytesPerFile: 7 }, null);
    expect(files.map(({ bytes }) => bytes)).toEqual([30_007, 30_007, 30_007, 10_007]);
    expect(ends(files)).toEqual([0.3, 0.6, 0.9, 1]);
    expect(files.map(({ entries }) => Math.round(entries))).toEqual([300, 300, 300, 100]);
  });

  it('end where a subcompaction does, and each begins anew: 30,000 and 15,000 bytes, twice 30,000 less a gap', () => {
    expect(cut([[0, 1, 1]], {}, null, [0.45]).map(({ bytes }) => bytes)).toEqual([30_000, 15_000, 30_000, 25_000]);
    expect(ends(cut([[0, 1, 1]], {}, null, [0.45]))).toEqual([0.3, 0.45, 0.75, 1]);
    // A slice without keys has no file.
    const keys: Range[] = [
      [0, 0.2, 1],
      [0.8, 1, 1],
    ];
    expect(ends(cut(keys, {}, null, [0.4, 0.6]))).toEqual([0.2, 1]);
  });

  it('into level 0 are never cut', () => {
    expect(cut([[0, 1, 1]], { targetFileBytes: Infinity }, null)).toHaveLength(1);
    expect(cut([[0, 1, 1]], { targetFileBytes: Infinity }, evenly(50, 1000))).toHaveLength(1);
  });

  it('nothing in, nothing out; a remainder of less than one entry is no file of its own', () => {
    expect(cut([], {}, null)).toEqual([]);
    expect(ends(cut([[0, 0.3005, 1]], {}, null))).toEqual([0.3005]);
  });

  it('end at a grandparent boundary from 50 % of the target on, and 5 % more for each boundary seen', () => {
    // 40 bytes an entry: 4,000 bytes between grandparents' boundaries, target 10,000. A crossing from file to file counts twice.
    // First boundary: 4,000 < 50 % + 2 x 5 % = 6,000. Second: 8,000 >= 50 % + 4 x 5 % = 7,000: cut.
    expect(ends(cut([[0, 1, 1]], { bytesPerEntry: 40, targetFileBytes: 10_000 }, evenly(10, 1)))).toEqual([0.2, 0.4, 0.6, 0.8, 1]);
    // 59 bytes an entry: 5,900 < 6,000, then 11,800: cut. 60 bytes: 6,000 >= 6,000: cut at each.
    expect(ends(cut([[0, 0.4, 1]], { bytesPerEntry: 59, targetFileBytes: 10_000 }, evenly(10, 1)))).toEqual([0.2, 0.4]);
    expect(ends(cut([[0, 0.4, 1]], { bytesPerEntry: 60.001, targetFileBytes: 10_000 }, evenly(10, 1)))).toEqual([0.1, 0.2, 0.3, 0.4]);
  });

  it('need no more than 90 % of the target, however many boundaries were seen', () => {
    // 1,000 bytes between boundaries: the 4th would need 50 + 40 %, and so does the 9th: 9,000 of 10,000.
    expect(ends(cut([[0, 1, 1]], { bytesPerEntry: 50, targetFileBytes: 10_000 }, evenly(50, 1)))[0]).toBe(0.18);
  });

  it('with gaps between grandparents: entering and leaving a file count one each', () => {
    // Grandparents [0.05,0.15) and [0.25,0.35): boundaries at 0.05 0.15 0.25 0.35. 100 bytes an entry, target 40,000.
    // 0.05: 5,000 < 55 %; 0.15: 15,000 < 60 %; 0.25: 25,000 < 65 % = 26,000; 0.35: 35,000 >= 70 % = 28,000: cut.
    const grandparents = [
      { lo: 0.05, hi: 0.15, bytes: 1 },
      { lo: 0.25, hi: 0.35, bytes: 1 },
    ];
    expect(ends(cut([[0, 0.5, 1]], { targetFileBytes: 40_000 }, grandparents))).toEqual([0.35, 0.5]);
  });

  it('may grow to twice the target while no boundary comes; without alignment they may not', () => {
    const far = [
      { lo: 0, hi: 0.9, bytes: 1 },
      { lo: 0.9, hi: 1, bytes: 1 },
    ];
    expect(ends(cut([[0, 1, 1]], {}, far))).toEqual([0.6, 0.9, 1]);
    expect(ends(cut([[0, 1, 1]], { alignToGrandparents: false }, far))).toEqual([0.3, 0.6, 0.9, 1]);
  });

  it('end where they and the grandparents they overlap pass max_compaction_bytes together', () => {
    // 40 bytes an entry, grandparents of 30,000: 30,000 at the start; 60,000 + 4,000, 90,000 + 8,000, 120,000 + 12,000 > 100,000: cut at 0.3.
    const files = cut([[0, 1, 1]], { bytesPerEntry: 40, targetFileBytes: 1e6, maxCompactionBytes: 100_000 }, evenly(10, 30_000));
    expect(ends(files)).toEqual([0.3, 0.6, 0.9, 1]);
    const unaligned = { bytesPerEntry: 40, targetFileBytes: 1e6, maxCompactionBytes: 100_000, alignToGrandparents: false };
    expect(ends(cut([[0, 1, 1]], unaligned, evenly(10, 30_000)))).toEqual([0.3, 0.6, 0.9, 1]);
  });

  it('end before a gap in the keys that would skip whole grandparents of more than an eighth of the target', () => {
    const keys: Range[] = [
      [0, 0.1, 1],
      [0.8, 0.9, 1],
    ];
    // Between 0.1 and 0.8 lie seven grandparents. Target 100,000: an eighth is 12,500.
    const large = cut(keys, { targetFileBytes: 100_000 }, evenly(10, 2_000));
    expect(large.map(({ lo, hi }) => [lo, hi])).toEqual([
      [0, 0.1],
      [0.8, 0.9],
    ]);
    const small = cut(keys, { targetFileBytes: 100_000 }, evenly(10, 1_000));
    expect(small.map(({ lo, hi }) => [lo, hi])).toEqual([[0, 0.9]]);
    expect(small[0]?.entries).toBeCloseTo(200, 9);
  });

  it('hold all entries and all puts of the segments, ascending and disjoint, none above its limit', () => {
    const grandparents = fc.constantFrom<readonly FileSpec[] | null>(null, [], evenly(3, 5_000), evenly(17, 9_000), evenly(200, 300));
    fc.assert(
      fc.property(
        ranges,
        grandparents,
        fc.boolean(),
        fc.constantFrom(1_000, 20_000, 1e9),
        fc.constantFrom(Infinity, 30_000),
        fc.constantFrom('uniform' as const, 'unique' as const),
        (list, level, alignToGrandparents, targetFileBytes, maxCompactionBytes, distribution) => {
          const space = createKeySpace(distribution, 1000, 0.99);
          const said = { keySpace: space, alignToGrandparents, targetFileBytes, maxCompactionBytes };
          const files = cut(list, said, level);
          const expected = list.reduce((sum, [lo, hi, draws]) => sum + (hi - lo) * distinctFraction(space, draws) * 1000, 0);
          expect(files.reduce((sum, { entries }) => sum + entries, 0)).toBeCloseTo(expected, 6);
          const puts = files.reduce((sum, { lo, hi, drawsPerKey }) => sum + (hi - lo) * drawsPerKey, 0);
          const expectedPuts = list.reduce((sum, [lo, hi, draws]) => sum + (hi - lo) * draws, 0);
          expect(puts).toBeCloseTo(expectedPuts, 9);
          expect(files.length > 0).toBe(list.length > 0);
          const limitBytes = alignToGrandparents && level !== null ? 2 * targetFileBytes : targetFileBytes;
          files.forEach(({ lo, hi, bytes, entries }, i) => {
            expect(lo).toBeLessThan(hi);
            expect(entries).toBeGreaterThan(0);
            expect(bytes).toBeLessThanOrEqual(limitBytes + 100);
            if (i > 0) expect(lo).toBeGreaterThanOrEqual(files[i - 1]!.hi);
          });
        },
      ),
      { seed: 42, numRuns: 300 },
    );
  });
});
