import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../engine/kernel/errors.js';
import { firstEndingAbove, firstStartingAt } from '../../engine/lsm/key-ranges.js';
import {
  addFile,
  createTree,
  firstIdle,
  forgetFile,
  insertL0ByAge,
  insertRun,
  lockRun,
  passOver,
  positionOf,
  pushL0,
  refreshOverlaps,
  removeRun,
  restoreIdle,
  type Tree,
} from '../../engine/lsm/tree.js';
import type { CompactionPri } from '../../engine/rocksdb/options.js';
import { checkTree, fileOf, filesOf, idsOf, naivePriority } from '../support/check-tree.js';
import { evenly, treeOf, whole } from './build.js';

function file(tree: Tree, lo: number, hi: number, bytes: number, seq = 0): number {
  return addFile(tree, {
    lo,
    hi,
    drawsPerKey: 0.1,
    entries: bytes,
    bytes,
    smallestSeq: Math.max(0, seq - 1),
    largestSeq: seq,
    writtenAtBytes: 0,
  });
}

/** The idle files of a level in the order in which they would be picked; the tree is as before afterwards. */
function pickingOrder(tree: Tree, level: number): number[] {
  const order: number[] = [];
  for (let id = firstIdle(tree, level); id >= 0; id = firstIdle(tree, level)) {
    order.push(id);
    passOver(tree, level, id);
  }
  for (const id of order) restoreIdle(tree, level, id);
  return order;
}

/** The same from the definition: by (priority, smallest key). */
function naiveOrder(tree: Tree, level: number): number[] {
  const below = filesOf(tree, level + 1);
  const idle = filesOf(tree, level).filter(({ busy }) => !busy);
  const keys = idle.map((file) => ({ ...file, priority: naivePriority(tree, file, below) }));
  return keys.sort((a, b) => a.priority - b.priority || a.lo - b.lo).map(({ id }) => id);
}

describe('a level above 0', () => {
  it('keeps files in key order wherever runs are put in and taken out', () => {
    const some = treeOf([[], evenly(4, 10)], 3);
    const ids = idsOf(some, 1);
    removeRun(some, 1, [ids[0]!, ids[2]!]);
    expect(idsOf(some, 1)).toEqual([ids[1], ids[3]]);
    insertRun(some, 1, [ids[0]!, ids[2]!]);
    expect(idsOf(some, 1)).toEqual(ids);
    expect(ids.map((id) => positionOf(some, some.levels[1]!, id))).toEqual([0, 1, 2, 3]);
    expect(checkTree(some)).toEqual([]);
  });

  it('counts idle files and bytes apart: what is locked is out of the order until a level gets it anew', () => {
    const some = treeOf([[], evenly(3, 10), evenly(1, 60)], 3);
    const [a, b, c] = idsOf(some, 1) as [number, number, number];
    expect(firstIdle(some, 1)).toBe(a);
    lockRun(some, 1, [a]);
    expect([some.levels[1]!.bytes, some.levels[1]!.idleBytes, some.levels[1]!.idleCount]).toEqual([30, 20, 2]);
    expect(firstIdle(some, 1)).toBe(b);
    lockRun(some, 1, [b, c]);
    expect(firstIdle(some, 1)).toBe(-1);
    removeRun(some, 1, [b]);
    insertRun(some, 1, [b]);
    expect(firstIdle(some, 1)).toBe(b);
    expect(checkTree(some)).toEqual([]);
  });

  it('refuses a second lock, and a file without keys or bytes', () => {
    const some = treeOf([[], evenly(1, 10)], 3);
    const id = idsOf(some, 1)[0]!;
    lockRun(some, 1, [id]);
    expect(() => lockRun(some, 1, [id])).toThrow('a file is locked by one job at a time');
    expect(() => file(some, 0.5, 0.5, 10)).toThrow(InvariantError);
    expect(() => file(some, 0, 1, 0)).toThrow('a file has a key range and bytes');
  });
});

describe('level 0', () => {
  it('keeps files by age; a merge of some of them takes their place', () => {
    const tree = treeOf([whole(4, 10)]);
    const ids = idsOf(tree, 0);
    removeRun(tree, 0, [ids[1]!, ids[2]!]);
    const merged = file(tree, 0, 1, 20, 3);
    insertL0ByAge(tree, merged);
    expect(idsOf(tree, 0)).toEqual([ids[0], merged, ids[3]]);
    const newest = file(tree, 0, 1, 5, 5);
    pushL0(tree, newest);
    expect(idsOf(tree, 0)).toEqual([ids[0], merged, ids[3], newest]);
    expect([tree.levels[0]!.bytes, tree.fileCount, tree.totalBytes]).toEqual([45, 4, 45]);
  });
});

describe('the order of idle files', () => {
  it('kMinOverlappingRatio: floor(overlapping bytes of the next level x 1024 / file bytes), ties by the smaller key', () => {
    // L2 in quarters of 100 bytes. a [0,.25) meets one file: 100 x 1024/50 = 2048. b [.25,.5) the same. c [.5,1) meets two: 200 x 1024/100 = 2048.
    // So all tie, and keys decide. d would be 200 x 1024/101 = 2027.7 -> 2027 and go first.
    const files = (lastBytes: number): Tree =>
      treeOf([
        [],
        [
          { lo: 0, hi: 0.25, bytes: 50 },
          { lo: 0.25, hi: 0.5, bytes: 50 },
          { lo: 0.5, hi: 1, bytes: lastBytes },
        ],
        evenly(4, 100),
      ]);
    const tied = files(100);
    expect(pickingOrder(tied, 1)).toEqual(idsOf(tied, 1));
    const [a, b, d] = idsOf(files(101), 1);
    expect(pickingOrder(files(101), 1)).toEqual([d, a, b]);
  });

  it('other priorities: largest first; oldest newest-put first; oldest oldest-put first; by key', () => {
    const orderUnder = (pri: CompactionPri): number[] => {
      const tree = createTree(3, pri);
      const ids = [
        addFile(tree, { lo: 0, hi: 0.2, drawsPerKey: 1, entries: 1, bytes: 10, smallestSeq: 5, largestSeq: 6, writtenAtBytes: 0 }),
        addFile(tree, { lo: 0.2, hi: 0.4, drawsPerKey: 1, entries: 1, bytes: 30, smallestSeq: 1, largestSeq: 9, writtenAtBytes: 0 }),
        addFile(tree, { lo: 0.4, hi: 0.6, drawsPerKey: 1, entries: 1, bytes: 20, smallestSeq: 2, largestSeq: 3, writtenAtBytes: 0 }),
      ];
      insertRun(tree, 1, ids);
      return pickingOrder(tree, 1).map((id) => ids.indexOf(id));
    };
    expect(orderUnder('kByCompensatedSize')).toEqual([1, 2, 0]);
    expect(orderUnder('kOldestLargestSeqFirst')).toEqual([2, 0, 1]);
    expect(orderUnder('kOldestSmallestSeqFirst')).toEqual([1, 2, 0]);
    expect(orderUnder('kRoundRobin')).toEqual([0, 1, 2]);
  });

  it('the last level overlaps nothing: its files go by key', () => {
    const tree = treeOf([[], [], evenly(5, 10)], 3);
    expect(pickingOrder(tree, 2)).toEqual(idsOf(tree, 2));
  });
});

describe('a tree that is edited at random', () => {
  const priorities: CompactionPri[] = [
    'kMinOverlappingRatio',
    'kMinOverlappingRatio',
    'kByCompensatedSize',
    'kOldestLargestSeqFirst',
    'kRoundRobin',
  ];
  const edit = fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('replace' as const), level: fc.constantFrom(1, 2), lo: fc.nat(99), width: fc.integer({ min: 1, max: 30 }), parts: fc.integer({ min: 0, max: 4 }), bytes: fc.integer({ min: 1, max: 500 }) }) }, // prettier-ignore
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('toggle' as const), level: fc.constantFrom(1, 2), at: fc.nat(50) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('flush' as const), bytes: fc.integer({ min: 1, max: 100 }) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('ask' as const), level: fc.constantFrom(1, 2) }) },
  );

  it('stays what a recomputation from scratch gives: sums, key order, overlap ratios, the order of idle files', () => {
    fc.assert(
      fc.property(fc.constantFrom(...priorities), fc.array(edit, { minLength: 5, maxLength: 60 }), (pri, edits) => {
        const tree = treeOf([], 4, pri);
        let seq = 0;
        for (const step of edits) {
          if (step.kind === 'flush') {
            pushL0(tree, file(tree, 0, 1, step.bytes, ++seq));
          } else if (step.kind === 'ask') {
            firstIdle(tree, step.level);
          } else if (step.kind === 'toggle') {
            const id = idsOf(tree, step.level)[step.at];
            if (id === undefined) continue;
            const { busy } = fileOf(tree, id);
            if (!busy) lockRun(tree, step.level, [id]);
            else {
              removeRun(tree, step.level, [id]);
              insertRun(tree, step.level, [id]);
            }
          } else {
            // Everything idle that touches the range goes, and `parts` new files take the room between its neighbours, as a compaction does.
            const hit = filesOf(tree, step.level).filter(({ lo, hi }) => lo < (step.lo + step.width) / 100 && hi > step.lo / 100);
            if (hit.some(({ busy }) => busy)) continue;
            const lo = Math.min(step.lo / 100, ...hit.map((one) => one.lo));
            const hi = Math.max((step.lo + step.width) / 100, ...hit.map((one) => one.hi));
            const ids = hit.map(({ id }) => id);
            removeRun(tree, step.level, ids);
            for (const id of ids) forgetFile(tree, id);
            const cut = (i: number): number => lo + ((hi - lo) * i) / step.parts;
            const parts = Array.from({ length: step.parts }, (_, i) => file(tree, cut(i), cut(i + 1), step.bytes + i, ++seq));
            insertRun(tree, step.level, parts);
            refreshOverlaps(tree, step.level, lo, hi);
            refreshOverlaps(tree, step.level - 1, lo, hi);
          }
          expect(checkTree(tree)).toEqual([]);
        }
        for (const level of [1, 2]) expect(pickingOrder(tree, level)).toEqual(naiveOrder(tree, level));
        expect(checkTree(tree)).toEqual([]);
      }),
      { seed: 42, numRuns: 120 },
    );
  });

  it('gives rows of forgotten files to new ones, and grows when there are none', () => {
    const tree = createTree(2, 'kMinOverlappingRatio');
    for (let i = 0; i < 1000; i++) pushL0(tree, file(tree, 0, 1, 1 + i, i + 1));
    expect(new Set(idsOf(tree, 0)).size).toBe(1000);
    expect(checkTree(tree)).toEqual([]);
    const capacity = tree.files.capacity;
    for (let i = 0; i < 5000; i++) {
      const oldest = idsOf(tree, 0)[0]!;
      removeRun(tree, 0, [oldest]);
      forgetFile(tree, oldest);
      pushL0(tree, file(tree, 0, 1, 7, 1001 + i));
    }
    expect(tree.files.capacity).toBe(capacity);
    expect(checkTree(tree)).toEqual([]);
  });
});

describe('a tree with very many files', () => {
  /** Reads of files' columns in one compaction of one file of L1 into L2, with `count` files in L1 and ten times as many in L2. */
  function readsInOneStep(count: number): number {
    const tree = treeOf([[], evenly(count, 1000), evenly(10 * count, 1000)], 4);
    pickingOrder(tree, 1);
    const { files } = tree;
    const columns = files.rows;
    let reads = 0;
    files.rows = new Proxy(columns, {
      get: (target, key) => {
        reads++;
        const value: unknown = Reflect.get(target, key, target);
        return value;
      },
    });
    const source = firstIdle(tree, 1);
    const { lo, hi } = fileOf(tree, source);
    const next = tree.levels[2]!;
    const targets = Array.from(next.ids.subarray(firstEndingAbove(next.ranges, lo), firstStartingAt(next.ranges, hi)));
    expect(targets).toHaveLength(10);
    lockRun(tree, 1, [source]);
    lockRun(tree, 2, targets);
    removeRun(tree, 1, [source]);
    removeRun(tree, 2, targets);
    for (const id of [source, ...targets]) forgetFile(tree, id);
    const outputs = Array.from({ length: 11 }, (_, i) => file(tree, lo + ((hi - lo) * i) / 11, lo + ((hi - lo) * (i + 1)) / 11, 1000));
    insertRun(tree, 2, outputs);
    refreshOverlaps(tree, 2, lo, hi);
    refreshOverlaps(tree, 1, lo, hi);
    expect(firstIdle(tree, 1)).toBeGreaterThanOrEqual(0);
    files.rows = columns;
    return reads;
  }

  it('a compaction looks at hardly more of them than in a small tree: 22,000 files against 2,200', () => {
    const few = readsInOneStep(200);
    const many = readsInOneStep(2000);
    expect(few).toBeGreaterThan(20);
    expect(many).toBeLessThan(2 * few);
  });
});
