import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bytesOverlapping,
  copyOverlapping,
  createKeyRanges,
  createRangeList,
  firstEndingAbove,
  firstStartingAt,
  insertRanges,
  overlapsAny,
  removeRanges,
  type KeyRanges,
} from '../../engine/lsm/key-ranges.js';

interface Range {
  readonly lo: number;
  readonly hi: number;
  readonly bytes: number;
}

/** Puts ranges in front of a position, as files 0, 1, ... of a file table of their own. */
function insert(ranges: KeyRanges, position: number, list: readonly Range[]): void {
  const rows = new Float64Array(8 * list.length);
  list.forEach(({ lo, hi, bytes }, i) => rows.set([lo, hi, bytes], 8 * i));
  insertRanges(
    ranges,
    position,
    rows,
    list.map((_, i) => i),
    0,
    list.length,
  );
}

function rangesOf(list: readonly Range[]): KeyRanges {
  const ranges = createKeyRanges();
  insert(ranges, 0, list);
  return ranges;
}

/** Everything that is in it. */
function readAll(ranges: KeyRanges): Range[] {
  const list = createRangeList(1);
  copyOverlapping(ranges, -Infinity, Infinity, list);
  expect(Array.from(list.rows.subarray(list.count << 2, (list.count << 2) + 3))).toEqual([Infinity, Infinity, 0]);
  return Array.from({ length: list.count }, (_, i) => ({
    lo: list.rows[i << 2]!,
    hi: list.rows[(i << 2) + 1]!,
    bytes: list.rows[(i << 2) + 2]!,
  }));
}

describe('four files', () => {
  //            0    1    2         3
  // [0.1 0.2) [0.2 0.4)    [0.5 0.6) [0.7 0.9)
  const ranges = rangesOf([
    { lo: 0.1, hi: 0.2, bytes: 10 },
    { lo: 0.2, hi: 0.4, bytes: 20 },
    { lo: 0.5, hi: 0.6, bytes: 30 },
    { lo: 0.7, hi: 0.9, bytes: 40 },
  ]);

  it('the first one that ends above a key: an end is not part of its file', () => {
    expect([0, 0.1, 0.199, 0.2, 0.4, 0.65, 0.9].map((key) => firstEndingAbove(ranges, key))).toEqual([0, 0, 0, 1, 2, 3, 4]);
  });

  it('the first one that starts at or above a key', () => {
    expect([0, 0.1, 0.15, 0.2, 0.5, 0.55, 1].map((key) => firstStartingAt(ranges, key))).toEqual([0, 0, 1, 1, 2, 3, 4]);
  });

  it('bytes of those that overlap a range, whole files each', () => {
    expect(bytesOverlapping(ranges, 0, 1)).toBe(100);
    expect(bytesOverlapping(ranges, 0.15, 0.55)).toBe(60);
    expect(bytesOverlapping(ranges, 0.4, 0.5)).toBe(0);
    expect(bytesOverlapping(ranges, 0.2, 0.2001)).toBe(20);
    expect([overlapsAny(ranges, 0.4, 0.5), overlapsAny(ranges, 0.2, 0.2001), overlapsAny(ranges, 0.95, 1)]).toEqual([false, true, false]);
  });
});

/** A change: some files out at a place, others in there. Places and widths are fractions. */
const edit = fc.record({ at: fc.double({ min: 0, max: 0.999, noNaN: true }), removed: fc.nat(250), added: fc.nat(250) });

describe('many files', () => {
  it('are those of a plain list, whatever was put in and taken out, and are found as in one', () => {
    fc.assert(
      fc.property(
        fc.array(edit, { maxLength: 30 }),
        fc.array(fc.double({ min: -0.1, max: 1.1, noNaN: true }), { maxLength: 20 }),
        (edits, keys) => {
          const ranges = createKeyRanges();
          const plain: Range[] = [];
          for (const { at, removed, added } of edits) {
            const position = Math.floor(at * (plain.length + 1));
            const gone = plain.splice(position, removed);
            removeRanges(ranges, position, gone.length);
            // New files fill half of what lies between their neighbours.
            const lo = plain[position - 1]?.hi ?? 0;
            const step = ((plain[position]?.lo ?? 1) - lo) / Math.max(1, added);
            const fresh = Array.from({ length: added }, (_, i) => ({ lo: lo + i * step, hi: lo + (i + 0.5) * step, bytes: i + 1 }));
            if (step < 1e-9) continue;
            plain.splice(position, 0, ...fresh);
            insert(ranges, position, fresh);
          }
          expect(ranges.count).toBe(plain.length);
          expect(readAll(ranges)).toEqual(plain);
          for (const key of keys) {
            const ending = plain.findIndex(({ hi }) => hi > key);
            const starting = plain.findIndex(({ lo }) => lo >= key);
            expect(firstEndingAbove(ranges, key)).toBe(ending < 0 ? plain.length : ending);
            expect(firstStartingAt(ranges, key)).toBe(starting < 0 ? plain.length : starting);
            const inside = plain.filter(({ lo, hi }) => lo < key + 0.1 && hi > key);
            expect(bytesOverlapping(ranges, key, key + 0.1)).toBe(inside.reduce((sum, { bytes }) => sum + bytes, 0));
            expect(overlapsAny(ranges, key, key + 0.1)).toBe(inside.length > 0);
          }
        },
      ),
      { seed: 42, numRuns: 200 },
    );
  });
});
