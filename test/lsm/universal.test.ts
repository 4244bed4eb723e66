import { describe, expect, it } from 'vitest';
import { pickUniversal } from '../../engine/lsm/universal.js';
import type { LsmOptions } from '../../engine/rocksdb/options.js';
import { evenly, optionsOf, tell, treeOf, viewOf, type FileSpec } from './build.js';

/** L0 files from newest to oldest, as sorted runs are counted. */
const newestFirst = (...sizes: readonly number[]): FileSpec[] =>
  sizes.map((bytes, i) => ({ lo: 0, hi: 1, bytes, seq: sizes.length - i })).reverse();

const lock = (files: readonly FileSpec[], ...positions: number[]): FileSpec[] =>
  files.map((file, i) => (positions.includes(i) ? { ...file, busy: true } : file));

/** What is picked, by positions: L0 counts from the oldest file. No size amplification unless asked for. */
function picked(levels: readonly (readonly FileSpec[])[], said: Partial<LsmOptions> = {}, version = '7.8.3'): string {
  const calm = { universal_max_size_amplification_percent: 1_000_000 };
  const options = optionsOf({ compaction_style: 'universal', ...calm, ...said }, version);
  const tree = treeOf(levels, options.num_levels, options.compaction_pri);
  const task = pickUniversal(viewOf(tree, options, { version }));
  return task === null ? 'none' : `${task.reason.replace('Universal', '')}: ${tell(tree, task)}`;
}

describe('size amplification', () => {
  const two = { universal_max_size_amplification_percent: 200 };
  const last = [[], [], [], [], [], evenly(2, 50)];

  it('newer runs that reach 200 % of the last one are merged with it into the last level', () => {
    expect(picked([newestFirst(50, 50, 50, 50), ...last], two)).toBe('SizeAmplification: merge L0[0,1,2,3] L6[0,1] -> L6');
    // 199 is not 200 % of 100; by size ratio the last run is reached all the same: 50, 100, 150, 199 >= 100.
    expect(picked([newestFirst(49, 50, 50, 50), ...last], two)).toMatch(/^SizeRatio/);
  });

  it('needs an idle last run', () => {
    const busy = [[], [], [], [], [], lock(evenly(2, 50), 1)];
    expect(picked([newestFirst(50, 50, 50, 50), ...busy], two)).toBe('SizeRatio: merge L0[0,1,2,3] -> L5');
  });

  it('until 8.10 not with a busy run inside; since 8.11 with the idle runs next to the last one', () => {
    // Newest first: 10, busy 10, then 100, 100 next to the last run of 100. The new one alone is smaller than what follows it.
    const l0 = lock(newestFirst(10, 10, 100, 100, 1), 3);
    const options = { ...two, universal_size_ratio: 0, level0_file_num_compaction_trigger: 4 };
    expect(picked([l0, ...last], options, '8.11')).toBe('SizeAmplification: merge L0[0,1,2] L6[0,1] -> L6');
    expect(picked([l0, ...last], options, '8.10')).toMatch(/^SizeRatio/);
  });
});

describe('size ratio', () => {
  it('merges from the newest run on while the bytes so far, plus one percent, reach the next run', () => {
    // 10, 20 > 10.1: no. From the second: 20 >= 20, 40 >= 30, 70 < 1000.
    expect(picked([newestFirst(10, 20, 20, 30, 1000)])).toBe('SizeRatio: merge L0[1,2,3] -> L0');
  });

  it('size_ratio is the percentage added: 10 and 11 go together with 10, not with 9', () => {
    const runs = newestFirst(10, 11, 1000, 100_000, 1e7);
    expect(picked([runs], { universal_size_ratio: 10, level0_file_num_compaction_trigger: 5 })).toBe('SizeRatio: merge L0[3,4] -> L0');
    expect(picked([runs], { universal_size_ratio: 9, level0_file_num_compaction_trigger: 5 })).toBe('none');
  });

  it('is bounded by min_merge_width and max_merge_width', () => {
    const runs = newestFirst(10, 10, 10, 10, 10);
    expect(picked([runs], { universal_max_merge_width: 3 })).toBe('SizeRatio: merge L0[2,3,4] -> L0');
    const uneven = newestFirst(10, 10, 1000, 900, 900, 1e6);
    expect(picked([uneven], { universal_min_merge_width: 3 })).toBe('SizeRatio: merge L0[1,2,3] -> L0');
  });

  it('a busy run ends a span and starts none', () => {
    expect(picked([lock(newestFirst(10, 10, 10, 10, 10, 10), 3)])).toBe('SizeRatio: merge L0[4,5] -> L0');
    expect(picked([lock(newestFirst(10, 10, 10, 10, 10, 10), 5)])).toBe('SizeRatio: merge L0[0,1,2,3,4] -> L6');
  });

  it('with stop style similar size a next run must not be much smaller either', () => {
    const runs = newestFirst(100, 99, 10, 1000, 1e6);
    const five = { level0_file_num_compaction_trigger: 5 };
    expect(picked([runs], five)).toBe('SizeRatio: merge L0[2,3,4] -> L0');
    expect(picked([runs], { ...five, universal_stop_style: 'kCompactionStopStyleSimilarSize' })).toBe('none');
  });
});

describe('run count', () => {
  it('more idle runs than the trigger: enough of the newest are merged to reach it, whatever their sizes', () => {
    // Each run twice the next newer one: no ratio fits. 6 runs, trigger 4: the newest 6 - 4 + 1 = 3.
    const runs = newestFirst(1, 2, 4, 8, 16, 32);
    expect(picked([runs], { universal_size_ratio: 0 })).toBe('SortedRunNum: merge L0[3,4,5] -> L0');
    expect(picked([newestFirst(1, 2, 4, 8)], { universal_size_ratio: 0 })).toBe('none');
  });

  it('since 9.4 max_read_amp may set another number than the trigger', () => {
    const runs = newestFirst(1, 2, 4, 8, 16, 32, 64);
    expect(picked([runs], { universal_size_ratio: 0, universal_max_read_amp: 6 }, '9.4')).toBe('SortedRunNum: merge L0[5,6] -> L0');
    expect(picked([runs], { universal_size_ratio: 0, universal_max_read_amp: 7 }, '9.4')).toBe('none');
  });
});

describe('where a merge goes', () => {
  it('all runs: to the last level', () => {
    expect(picked([newestFirst(10, 10, 10, 10)])).toBe('SizeRatio: merge L0[0,1,2,3] -> L6');
    expect(picked([newestFirst(10, 10, 10, 10)], { num_levels: 1 })).toBe('SizeRatio: merge L0[0,1,2,3] -> L0');
  });

  it('above an L0 run: L0; above a level: the level above that one', () => {
    expect(picked([newestFirst(10, 10, 10, 1000)])).toBe('SizeRatio: merge L0[1,2,3] -> L0');
    expect(picked([newestFirst(10, 10, 10, 10), [], [], [], evenly(2, 500)])).toBe('SizeRatio: merge L0[0,1,2,3] -> L3');
    expect(picked([newestFirst(10, 10, 10, 10), evenly(2, 500)])).toBe('SizeRatio: merge L0[0,1,2,3] -> L0');
  });

  it('levels are runs too, and are taken whole', () => {
    expect(picked([newestFirst(10, 10, 10), [], evenly(3, 10), evenly(2, 20), [], [], evenly(9, 1000)])).toBe(
      'SizeRatio: merge L0[0,1,2] L2[0,1,2] L3[0,1] -> L5',
    );
  });
});

describe('nothing is picked', () => {
  it('with fewer runs than the trigger, busy ones counted; or fewer idle ones', () => {
    expect(picked([newestFirst(10, 10, 10)])).toBe('none');
    expect(picked([lock(newestFirst(10, 10, 10, 10), 0)])).toBe('none');
    expect(picked([[]])).toBe('none');
  });
});
