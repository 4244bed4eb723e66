import { describe, expect, it } from 'vitest';
import { splitsOf } from '../../engine/lsm/subcompactions.js';
import type { CompactionTask } from '../../engine/lsm/task.js';
import type { LsmOptions } from '../../engine/rocksdb/options.js';
import { behaviours, parseVersion } from '../../engine/rocksdb/version.js';
import { evenly, optionsOf, treeOf, whole, type FileSpec } from './build.js';

const TARGET = 100;

/** All of level 0 with all of level 1, as a leveled L0 compaction. */
function splits(l0: readonly FileSpec[], l1: readonly FileSpec[], version: string, said: Partial<LsmOptions> = {}): readonly number[] {
  const tree = treeOf([l0, l1]);
  const idsOf = (level: number): number[] => Array.from(tree.levels[level]!.ids.subarray(0, tree.levels[level]!.count));
  const task: CompactionTask = {
    reason: 'LevelL0FilesNum',
    kind: 'merge',
    inputs: [0, 1].map((level) => ({ level, ids: idsOf(level) })).filter(({ ids }) => ids.length > 0),
    outputLevel: 1,
  };
  const options = optionsOf({ max_subcompactions: 4, ...said }, version);
  return splitsOf(tree, task, options, behaviours(parseVersion(version)), TARGET, false);
}

const rounded = (positions: readonly number[]): number[] => positions.map((position) => Math.round(position * 1e6) / 1e6);

describe('subcompactions since 7.6', () => {
  it('are even parts of the input bytes, at most max_subcompactions', () => {
    expect(rounded(splits(whole(4, 200), [], '7.8.3'))).toEqual([0.25, 0.5, 0.75]);
    // 400 bytes spread over all keys and 400 in the upper half: the middle lies at two thirds.
    expect(rounded(splits(whole(1, 400), [{ lo: 0.5, hi: 1, bytes: 400 }], '7.8.3', { max_subcompactions: 2 }))).toEqual([0.666667]);
  });

  it('have no less than a target file each, but for the last: 250 bytes are 100, 100 and 50', () => {
    expect(rounded(splits(whole(1, 250), [], '7.8.3'))).toEqual([0.4, 0.8]);
    expect(splits(whole(1, 100), [], '7.8.3')).toEqual([]);
  });

  it('are none with max_subcompactions 1, into level 0, and out of deeper levels', () => {
    expect(splits(whole(4, 200), [], '7.8.3', { max_subcompactions: 1 })).toEqual([]);
    const tree = treeOf([[], evenly(2, 400), evenly(4, 400)]);
    const ids = Array.from(tree.levels[1]!.ids.subarray(0, 1));
    const task: CompactionTask = { reason: 'LevelMaxLevelSize', kind: 'merge', inputs: [{ level: 1, ids }], outputLevel: 2 };
    const of = (one: CompactionTask, isManual: boolean): readonly number[] =>
      splitsOf(tree, one, optionsOf({ max_subcompactions: 4 }), behaviours(parseVersion('7.8.3')), TARGET, isManual);
    expect(of(task, false)).toEqual([]);
    expect(of({ ...task, outputLevel: 0 }, true)).toEqual([]);
    expect(of(task, true)).toHaveLength(3);
  });
});

describe('subcompactions before 7.6', () => {
  it('begin only where a file of the output level does: level-0 files over all keys make one', () => {
    expect(splits(whole(4, 200), [], '6.4.0')).toEqual([]);
    expect(rounded(splits(whole(4, 200), evenly(4, 200), '6.4.0'))).toEqual([0.25, 0.5, 0.75]);
    expect(rounded(splits(whole(4, 200), evenly(2, 200), '6.4.0'))).toEqual([0.5]);
  });

  it('put ranges together until they hold an even part, whatever that leaves for the last', () => {
    // 1,600 bytes, mean 400. Up to 0.2, 0.4, 0.6 and 0.8 lie 320, 640, 960 and 1,280: cut at 0.4 and 0.8.
    expect(rounded(splits(whole(4, 200), evenly(5, 160), '6.4.0'))).toEqual([0.4, 0.8]);
  });

  it('may end in front of the output level or behind it', () => {
    // 900 bytes, three ranges, mean 300: 320 up to 0.4; 260 from there to 0.6 are too few.
    expect(rounded(splits(whole(4, 200), [{ lo: 0.4, hi: 0.6, bytes: 100 }], '6.4.0'))).toEqual([0.4]);
    expect(rounded(splits(whole(4, 200), [{ lo: 0.2, hi: 0.5, bytes: 100 }], '6.4.0'))).toEqual([0.5]);
  });

  it('are no more than the output files would be at four fifths of their target', () => {
    // 240 bytes: three files of 80; mean 80.
    expect(splits(whole(1, 120), evenly(8, 15), '6.4.0', { max_subcompactions: 20 })).toHaveLength(2);
  });
});
