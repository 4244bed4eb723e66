import { describe, expect, it } from 'vitest';
import { pickFifo } from '../../engine/lsm/fifo.js';
import type { LsmOptions } from '../../engine/rocksdb/options.js';
import { MiB, optionsOf, runningOf, tell, treeOf, viewOf, whole, type FileSpec } from './build.js';

function picked(l0: readonly FileSpec[], said: Partial<LsmOptions> = {}, isRunning = false): string {
  const fifo = { compaction_style: 'fifo', fifo_max_table_files_size: 100 * MiB, fifo_allow_compaction: false } as const;
  const options = optionsOf({ ...fifo, write_buffer_size: 16 * MiB, ...said });
  const tree = treeOf([l0], options.num_levels, options.compaction_pri);
  const running = isRunning ? [runningOf(tree, [[0, [0]]], 0)] : [];
  return tell(tree, pickFifo(viewOf(tree, options, { running })));
}

describe('FIFO by size', () => {
  it('drops the oldest files until the rest fits', () => {
    expect(picked(whole(11, 10 * MiB))).toBe('drop L0[0] -> L0');
    expect(picked(whole(15, 10 * MiB))).toBe('drop L0[0,1,2,3,4] -> L0');
  });

  it('drops nothing up to the limit', () => {
    expect(picked(whole(10, 10 * MiB))).toBe('none');
    expect(picked([])).toBe('none');
  });

  it('drops the only file when it is larger than the limit', () => {
    expect(picked(whole(1, 200 * MiB))).toBe('drop L0[0] -> L0');
  });

  it('waits while another compaction runs', () => {
    expect(picked(whole(15, 10 * MiB), {}, true)).toBe('none');
  });
});

describe('FIFO with allow_compaction', () => {
  const merging = { fifo_allow_compaction: true };

  it('merges the newest files once there are as many as the trigger, while below the limit', () => {
    expect(picked(whole(4, 4 * MiB), merging)).toBe('merge L0[0,1,2,3] -> L0');
    expect(picked(whole(3, 4 * MiB), merging)).toBe('none');
    expect(picked(whole(30, 4 * MiB), merging)).toBe('drop L0[0,1,2,3,4] -> L0');
  });

  it('stops where the bytes for each file removed would grow', () => {
    // 4 MiB newest first: 8/1, 12/2, 16/3, then with 60: 76/4 = 19 > 5.3.
    const sizes = [60, 4, 4, 4, 4].map((mib, i) => ({ lo: 0, hi: 1, bytes: mib * MiB, seq: i + 1 }));
    expect(picked(sizes, merging)).toBe('merge L0[1,2,3,4] -> L0');
  });

  it('not where that costs 1.1 write buffers or more for each file removed', () => {
    // Four files: 4/3 of a file's bytes each; 1.1 x 16 MiB = 17.6 = 4/3 x 13.2.
    expect(picked(whole(4, 13 * MiB), merging)).toBe('merge L0[0,1,2,3] -> L0');
    expect(picked(whole(4, 13.5 * MiB), merging)).toBe('none');
  });

  it('stays within max_compaction_bytes', () => {
    expect(picked(whole(9, 4 * MiB), { ...merging, max_compaction_bytes: 20 * MiB })).toBe('merge L0[4,5,6,7,8] -> L0');
    expect(picked(whole(9, 4 * MiB), { ...merging, max_compaction_bytes: 12 * MiB })).toBe('none');
  });
});
