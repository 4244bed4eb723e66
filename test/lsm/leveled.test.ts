import { describe, expect, it } from 'vitest';
import { pickLeveled, rangeOf } from '../../engine/lsm/leveled.js';
import type { Tree } from '../../engine/lsm/tree.js';
import type { LsmOptions } from '../../engine/rocksdb/options.js';
import { idsOf } from '../support/check-tree.js';
import { evenly, GiB, MiB, optionsOf, runningOf, tell, treeOf, viewOf, whole, type FileSpec } from './build.js';

/** Base level 64 MiB, trigger 4, multiplier 10. */
const base: Partial<LsmOptions> = { max_bytes_for_level_base: 64 * MiB, target_file_size_base: 16 * MiB };

type Running = readonly [inputs: readonly (readonly [number, readonly number[]])[], outputLevel: number];

interface Said {
  readonly options?: Partial<LsmOptions>;
  readonly version?: string;
  readonly running?: readonly Running[];
  readonly oldestMemtableSeq?: number;
  readonly cursor?: number;
}

/** What is picked of these levels, in words. */
function picked(levels: readonly (readonly FileSpec[])[], said: Said = {}): string {
  const version = said.version ?? '7.8.3';
  const options = optionsOf({ ...base, ...said.options }, version);
  const tree = treeOf(levels, options.num_levels, options.compaction_pri);
  if (said.cursor !== undefined) tree.levels[1]!.cursor = said.cursor;
  const running = (said.running ?? []).map(([inputs, outputLevel]) => runningOf(tree, inputs, outputLevel));
  const view = viewOf(tree, options, { running, version, oldestMemtableSeq: said.oldestMemtableSeq ?? Infinity });
  const before = orders(tree);
  const task = pickLeveled(view);
  expect(orders(tree)).toEqual(before);
  return tell(tree, task);
}

/** Everything that a policy, which only reads, must leave as it was. */
function orders(tree: Tree): unknown {
  return tree.levels.map((level) => [idsOf(tree, level.index), level.idleCount, level.idleBytes, level.bytes]);
}

const lock = (files: readonly FileSpec[], ...positions: number[]): FileSpec[] =>
  files.map((file, i) => (positions.includes(i) ? { ...file, busy: true } : file));

describe('level 0 into the base level', () => {
  it('takes every L0 file and every base-level file when keys are random', () => {
    expect(picked([whole(4, 16 * MiB), evenly(3, 16 * MiB)])).toBe('merge L0[0,1,2,3] L1[0,1,2] -> L1');
    expect(picked([whole(9, 16 * MiB)])).toBe('merge L0[0,1,2,3,4,5,6,7,8] -> L1');
  });

  it('has no size limit: max_compaction_bytes does not hold it', () => {
    expect(picked([whole(9, 16 * MiB), evenly(4, 16 * MiB)], { options: { max_compaction_bytes: MiB } })).toBe(
      'merge L0[0,1,2,3,4,5,6,7,8] L1[0,1,2,3] -> L1',
    );
  });

  it('takes files that overlap directly or through others, and leaves the rest', () => {
    const chain = [
      { lo: 0, hi: 0.2, bytes: MiB, seq: 1 },
      { lo: 0.15, hi: 0.35, bytes: MiB, seq: 2 },
      { lo: 0.3, hi: 0.5, bytes: MiB, seq: 3 },
      { lo: 0.6, hi: 0.7, bytes: MiB, seq: 4 },
    ];
    // The base level has a file under each, so nothing can be moved. All overlap ratios are 16 but the last one's, so the first key decides.
    expect(picked([chain, evenly(10, MiB)])).toBe('merge L0[3] L1[6] -> L1');
    expect(picked([chain.slice(0, 3), evenly(10, MiB)], { options: { level0_file_num_compaction_trigger: 1 } })).toBe(
      'merge L0[0,1,2] L1[0,1,2,3,4] -> L1',
    );
  });

  it('does not start below its trigger, nor with a score below 1', () => {
    expect(picked([whole(3, MiB), evenly(3, 16 * MiB)])).toBe('none');
  });

  it('with dynamic levels goes straight to the base level', () => {
    const dynamic = { level_compaction_dynamic_level_bytes: true };
    expect(picked([whole(4, MiB)], { options: dynamic })).toBe('merge L0[0,1,2,3] -> L6');
    expect(picked([whole(4, MiB), [], [], [], [], [], evenly(2, 16 * MiB)], { options: dynamic })).toBe('merge L0[0,1,2,3] L6[0,1] -> L6');
  });

  it('fails while any base-level file is busy: base -> next keeps it out', () => {
    const levels = [whole(4, MiB), lock(evenly(3, 16 * MiB), 1), evenly(9, MiB)];
    expect(picked(levels, { running: [[[[1, [1]], [2, [3, 4, 5]]], 2]] })).toBe('none'); // prettier-ignore
  });

  it('keeps base -> next out in turn: all its base-level files are locked', () => {
    const levels = [whole(4, MiB, true), lock(evenly(8, 16 * MiB), 0, 1, 2, 3, 4, 5, 6, 7), evenly(9, MiB)];
    expect(picked(levels, { running: [[[[0, [0, 1, 2, 3]], [1, [0, 1, 2, 3, 4, 5, 6, 7]]], 1]] })).toBe('none'); // prettier-ignore
  });

  it('a level-0 attempt that failed bars the base level as a source, but not the levels below', () => {
    // L0 5/4 = 1.25 ranks before L1, idle 80/64 = 1.25. L1[0] is on its way down; L1[1] could go too.
    const running: Running[] = [[[[1, [0]]], 2]];
    const levels = [whole(5, MiB), lock(evenly(6, 16 * MiB), 0), evenly(6, MiB)];
    expect(picked(levels, { running })).toBe('none');
    expect(picked([[], ...levels.slice(1)], { running })).toBe('merge L1[1] L2[1] -> L2');
    // L2 66/64 below it may.
    const narrow = { max_bytes_for_level_multiplier: 1 };
    expect(picked([...levels.slice(0, 2), evenly(6, 11 * MiB), evenly(6, MiB)], { running, options: narrow })).toBe(
      'merge L2[0] L3[0] -> L3',
    );
  });

  it('a base level that outranks level 0 is compacted although L0 could not be', () => {
    // L0 4/4 = 1, L1 idle 96/64 = 1.5: first in rank. File 0 is busy, into L2 files 0 and 1.
    const levels = [whole(4, MiB), lock(evenly(7, 16 * MiB), 0), lock(evenly(7, MiB), 0)];
    expect(picked(levels, { running: [[[[1, [0]], [2, [0]]], 2]] })).toBe('merge L1[1] L2[1] -> L2'); // prettier-ignore
  });

  it('only one compaction out of level 0 at a time; deeper levels go on beside it', () => {
    // Four idle files of 16 MiB score 1 by their bytes; eight files are too few for a merge within L0.
    const l0 = lock(whole(8, 16 * MiB), 0, 1, 2, 3);
    const options = { level0_file_num_compaction_trigger: 8 };
    const running: Running[] = [[[[0, [0, 1, 2, 3]], [1, [0, 1, 2]]], 1]]; // prettier-ignore
    const locked = lock(evenly(3, 16 * MiB), 0, 1, 2);
    expect(picked([l0, locked, evenly(4, MiB)], { running, options })).toBe('none');
    expect(picked([l0, locked, evenly(4, MiB)], { running, options, version: '8.11' })).toBe('none');
    expect(picked([whole(4, MiB, true), locked, evenly(11, 60 * MiB), evenly(11, MiB)], { running })).toBe('merge L2[0] L3[0] -> L3');
  });
});

describe('level 0 within itself', () => {
  /** Base-level file 0 is on its way down, so L0 cannot go to the base. */
  const blocked = (l0: readonly FileSpec[], said: Said = {}): string =>
    picked([l0, lock(evenly(3, 16 * MiB), 0), evenly(3, MiB)], { running: [[[[1, [0]]], 2]], ...said });

  it('needs two files more than the trigger', () => {
    expect(blocked(whole(5, MiB))).toBe('none');
    expect(blocked(whole(6, MiB))).toBe('merge L0[0,1,2,3,4,5] -> L0');
  });

  it('needs an idle newest file, and takes the newest idle files up to the first busy one', () => {
    expect(blocked(lock(whole(8, MiB), 7))).toBe('none');
    expect(blocked(lock(whole(9, MiB), 2))).toBe('merge L0[3,4,5,6,7,8] -> L0');
    // Four at least.
    expect(blocked(lock(whole(9, MiB), 5))).toBe('none');
    expect(blocked(lock(whole(9, MiB), 4))).toBe('merge L0[5,6,7,8] -> L0');
  });

  it('stops where the bytes for each file removed would grow', () => {
    // Newest first 1000 each: 2000/1, 3000/2, 4000/3 = 1333; with the old one of 100,000: 104,000/4 = 26,000.
    const sizes = [100_000, 100_000, 1000, 1000, 1000, 1000];
    expect(blocked(sizes.map((bytes, i) => ({ lo: 0, hi: 1, bytes, seq: i + 1 })))).toBe('merge L0[2,3,4,5] -> L0');
  });

  it('stays within max_compaction_bytes', () => {
    expect(blocked(whole(9, MiB), { options: { max_compaction_bytes: 5 * MiB } })).toBe('merge L0[4,5,6,7,8] -> L0');
    expect(blocked(whole(9, MiB), { options: { max_compaction_bytes: 3 * MiB } })).toBe('none');
  });

  it('until 7.9 takes only files whose puts are older than the oldest memtable', () => {
    expect(blocked(whole(7, MiB), { oldestMemtableSeq: 5 })).toBe('merge L0[0,1,2,3,4] -> L0');
    expect(blocked(whole(7, MiB), { oldestMemtableSeq: 3 })).toBe('none');
    expect(blocked(whole(7, MiB), { oldestMemtableSeq: 3, version: '7.10' })).toBe('merge L0[0,1,2,3,4,5,6] -> L0');
  });

  it('since 9.0 also where the base level is more than 20 times larger', () => {
    const levels = (mib: number): FileSpec[][] => [whole(4, MiB), evenly(mib / 16, 16 * MiB)];
    const calm = { options: { max_bytes_for_level_base: GiB } };
    expect(picked(levels(96), { ...calm, version: '9.0' })).toBe('merge L0[0,1,2,3] -> L0');
    expect(picked(levels(80), { ...calm, version: '9.0' })).toBe('merge L0[0,1,2,3] L1[0,1,2,3,4] -> L1');
    expect(picked(levels(96), { ...calm, version: '8.11' })).toBe('merge L0[0,1,2,3] L1[0,1,2,3,4,5] -> L1');
  });

  it('size-based: beside a running L0 compaction, all idle newest files', () => {
    const l0 = lock(whole(7, MiB), 0, 1, 2);
    const locked = lock(evenly(10, 16 * MiB), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    const running: Running[] = [[[[0, [0, 1, 2]], [1, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]]], 1]]; // prettier-ignore
    const options = { level0_file_num_compaction_trigger: 2, max_bytes_for_level_base: 64 * MiB };
    expect(picked([l0, locked], { running, version: '9.10', options })).toBe('merge L0[3,4,5,6] -> L0');
    expect(picked([l0, locked], { running, version: '8.11', options })).toBe('merge L0[3,4,5,6] -> L0');
  });
});

describe('a trivial move out of level 0', () => {
  const sequential = [
    { lo: 0.5, hi: 0.6, bytes: MiB, seq: 1 },
    { lo: 0.6, hi: 0.7, bytes: MiB, seq: 2 },
    { lo: 0.7, hi: 0.8, bytes: MiB, seq: 3 },
    { lo: 0.55, hi: 0.65, bytes: MiB, seq: 4 },
  ];

  it('takes the oldest files as long as they overlap neither each other nor the base level', () => {
    expect(picked([sequential, evenly(2, MiB).slice(0, 1)])).toBe('move L0[0,1,2] -> L1');
    expect(picked([sequential, [{ lo: 0.65, hi: 0.66, bytes: MiB }]])).toBe('move L0[0] -> L1');
  });

  it('is not done into an empty base level, nor where levels have compressions of their own', () => {
    expect(picked([sequential])).toMatch(/^merge L0/);
    const perLevel = { compression_per_level: ['none', 'none', 'snappy'] } as const;
    expect(picked([sequential, evenly(2, MiB).slice(0, 1)], { options: perLevel })).toMatch(/^merge L0/);
  });
});

describe('a level into the next', () => {
  /** Five files of 16 MiB: 80 of 64. */
  const l1 = evenly(5, 16 * MiB);

  it('starts with the file that overlaps least for its size', () => {
    const l2 = [
      { lo: 0, hi: 0.4, bytes: 30 * MiB },
      { lo: 0.4, hi: 0.6, bytes: 20 * MiB },
      { lo: 0.6, hi: 0.8, bytes: 10 * MiB },
      { lo: 0.8, hi: 1, bytes: 20 * MiB },
    ];
    expect(picked([[], l1, l2])).toBe('merge L1[3] L2[2] -> L2');
  });

  it('ties go to the smaller key', () => {
    expect(picked([[], l1, evenly(5, MiB)])).toBe('merge L1[0] L2[0] -> L2');
  });

  it('passes over files whose output files are busy, or whose range a running compaction writes', () => {
    expect(picked([[], evenly(6, 16 * MiB), lock(evenly(6, MiB), 0)], { running: [[[[2, [0]]], 3]] })).toBe('merge L1[1] L2[1] -> L2');
    // L1[0] and L1[2] are one compaction's; L1[1] between them overlaps nothing, but that compaction will write there.
    const around = [lock(evenly(6, 16 * MiB), 0, 2), [{ lo: 0.5, hi: 1, bytes: MiB }]];
    expect(picked([[], ...around], { running: [[[[1, [0, 2]]], 2]] })).toBe('merge L1[3,4,5] L2[0] -> L2');
  });

  it('other priorities: the largest file; the one whose newest put is oldest; whose oldest put is oldest', () => {
    const files = l1.map((file, i) => ({ ...file, bytes: file.bytes + (i === 2 ? 1 : 0), seq: i === 4 ? 1 : 10 - i }));
    const under = (pri: LsmOptions['compaction_pri']): string => picked([[], files, evenly(5, MiB)], { options: { compaction_pri: pri } });
    expect(under('kByCompensatedSize')).toBe('merge L1[2] L2[2] -> L2');
    expect(under('kOldestLargestSeqFirst')).toBe('merge L1[4] L2[4] -> L2');
    expect(under('kOldestSmallestSeqFirst')).toBe('merge L1[4] L2[4] -> L2');
  });

  it('nothing happens while every level is below its target; the last level is never a source', () => {
    expect(picked([[], evenly(3, 16 * MiB), evenly(9, MiB)])).toBe('none');
    expect(picked([[], evenly(9, 16 * MiB)], { options: { num_levels: 2 } })).toBe('none');
  });

  it('the level with the highest score goes first', () => {
    // L1 80/64 = 1.25, L2 960/640 = 1.5
    expect(picked([[], l1, evenly(16, 60 * MiB), evenly(16, MiB)])).toBe('merge L2[0] L3[0] -> L3');
  });

  it('takes along start-level files that bring no further output files', () => {
    // L2[0] covers L1[0] and L1[1]: both go. L2[1] reaches into L1[2], which it shares with nothing picked.
    const l2 = [
      { lo: 0, hi: 0.4, bytes: MiB },
      { lo: 0.4, hi: 1, bytes: 40 * MiB },
    ];
    expect(picked([[], l1, l2])).toBe('merge L1[0,1] L2[0] -> L2');
  });

  it('leaves out start-level files that reach beyond, if those would bring more output files', () => {
    // L2[0] covers L1[0] and most of L1[1], which also overlaps L2[1]: it stays.
    const l2 = [
      { lo: 0, hi: 0.35, bytes: MiB },
      { lo: 0.35, hi: 1, bytes: 40 * MiB },
    ];
    expect(picked([[], l1, l2])).toBe('merge L1[0] L2[0] -> L2');
  });

  it('since 9.2 that must stay below twice max_compaction_bytes; 7.8 has no limit, before it is max_compaction_bytes', () => {
    const l2 = [
      { lo: 0, hi: 0.4, bytes: MiB },
      { lo: 0.4, hi: 1, bytes: 40 * MiB },
    ];
    const limited = (version: string, mib: number): string =>
      picked([[], l1, l2], { version, options: { max_compaction_bytes: mib * MiB } });
    // 16 + 16 + 1 = 33 MiB
    expect(limited('7.8', 1)).toBe('merge L1[0,1] L2[0] -> L2');
    expect(limited('9.2', 17)).toBe('merge L1[0,1] L2[0] -> L2');
    expect(limited('9.2', 16)).toBe('merge L1[0] L2[0] -> L2');
    expect(limited('7.7', 17)).toBe('merge L1[0] L2[0] -> L2');
    expect(limited('7.7', 34)).toBe('merge L1[0,1] L2[0] -> L2');
  });
});

describe('a trivial move between levels', () => {
  const l1 = evenly(8, 16 * MiB);
  const right = [{ lo: 0.99, hi: 1, bytes: MiB }];

  it('takes up to four neighbours to the right that overlap nothing either', () => {
    expect(picked([[], l1, right])).toBe('move L1[0,1,2,3] -> L2');
    expect(picked([[], l1, right], { version: '7.4' })).toBe('move L1[0] -> L2');
  });

  it('stops at a busy neighbour, at one that overlaps, and at max_compaction_bytes', () => {
    expect(picked([[], lock(l1, 2), right])).toBe('move L1[0,1] -> L2');
    expect(picked([[], l1, [{ lo: 0.26, hi: 0.3, bytes: MiB }]])).toBe('move L1[0,1] -> L2');
    expect(picked([[], l1, right], { options: { max_compaction_bytes: 50 * MiB } })).toBe('move L1[0,1,2] -> L2');
  });

  it('stops where a file below lies between two neighbours', () => {
    const apart = [
      { lo: 0, hi: 0.1, bytes: 64 * MiB },
      { lo: 0.3, hi: 0.4, bytes: 64 * MiB },
    ];
    expect(picked([[], apart, [{ lo: 0.2, hi: 0.25, bytes: MiB }]])).toBe('move L1[0] -> L2');
    expect(picked([[], apart, [{ lo: 0.5, hi: 0.6, bytes: MiB }]])).toBe('move L1[0,1] -> L2');
  });

  it('since 8.3 goes on to the left', () => {
    // The last file is the largest: it is first by size.
    const files = l1.map((file, i) => ({ ...file, bytes: file.bytes + i }));
    const options = { compaction_pri: 'kByCompensatedSize' as const };
    expect(picked([[], files], { options })).toBe('move L1[7] -> L2');
    expect(picked([[], files], { options, version: '8.3' })).toBe('move L1[4,5,6,7] -> L2');
  });

  it('becomes a merge where a file would meet more than max_compaction_bytes of grandparents', () => {
    const grandparents = evenly(8, 100 * MiB);
    const options = { max_compaction_bytes: 64 * MiB };
    expect(picked([[], l1, right, grandparents], { options })).toMatch(/^merge L1\[0/);
    expect(picked([[], l1, right, evenly(8, 10 * MiB)], { options })).toBe('move L1[0,1,2,3] -> L2');
  });
});

describe('round robin', () => {
  const options = { compaction_pri: 'kRoundRobin' as const };
  const l2 = evenly(16, MiB);

  it('goes on from its cursor, takes consecutive files until the level is within its target, and wraps', () => {
    // 8 x 16 = 128 of 64: 64 over, four files.
    const l1 = evenly(8, 16 * MiB);
    expect(picked([[], l1, l2], { options, cursor: 0 })).toBe('merge L1[0,1,2,3] L2[0,1,2,3,4,5,6,7] -> L2');
    expect(picked([[], l1, l2], { options, cursor: 0.75 })).toBe('merge L1[6,7] L2[12,13,14,15] -> L2');
    expect(picked([[], l1, l2], { options, cursor: 1 })).toBe('merge L1[0,1,2,3] L2[0,1,2,3,4,5,6,7] -> L2');
  });

  it('stays within max_compaction_bytes together with the output files', () => {
    // Three files and six below: 54 MiB; four and eight: 72.
    const l1 = evenly(8, 16 * MiB);
    expect(picked([[], l1, l2], { options: { ...options, max_compaction_bytes: 60 * MiB } })).toBe('merge L1[0,1,2] L2[0,1,2,3,4,5] -> L2');
  });

  it('waits while the file at the cursor is busy', () => {
    const l1 = lock(evenly(10, 16 * MiB), 0);
    expect(picked([[], l1, l2], { options, cursor: 0, running: [[[[1, [0]]], 2]] })).toBe('none');
  });
});

describe('the range of some files', () => {
  it('goes from the smallest key to the largest', () => {
    const tree = treeOf([[], evenly(4, 10)]);
    const ids = idsOf(tree, 1);
    expect(rangeOf(tree, [ids[2]!, ids[1]!])).toEqual({ lo: 0.25, hi: 0.75 });
  });
});
