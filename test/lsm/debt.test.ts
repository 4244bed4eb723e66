import { describe, expect, it } from 'vitest';
import { pendingCompactionBytes, pressureDebtBytes } from '../../engine/lsm/debt.js';
import type { LsmOptions } from '../../engine/rocksdb/options.js';
import { behaviours, parseVersion } from '../../engine/rocksdb/version.js';
import { GiB, MiB, optionsOf, treeOf, viewOf, whole, type FileSpec } from './build.js';

const levelOf = (mib: number): FileSpec[] => (mib === 0 ? [] : [{ lo: 0, hi: 1, bytes: mib * MiB }]);

function debtMib(levels: readonly (readonly FileSpec[])[], said: Partial<LsmOptions>): number {
  const options = optionsOf({ max_bytes_for_level_base: 64 * MiB, ...said });
  const tree = treeOf(levels, options.num_levels);
  return pendingCompactionBytes(tree, viewOf(tree, options).targets, options) / MiB;
}

describe('estimated pending compaction bytes', () => {
  it('L0 with all of the base level, then what overflows times (next level / this one + 1), level by level', () => {
    // L0 5 x 16 = 80 (5 files >= 4): need 80. L1 96: need 176; 96 + 80 = 176, 112 over 64: need 176 + 112 x (640/176 + 1) = 695.27.
    // L2 640 + 112 = 752, 112 over 640; L3 is empty: free.
    expect(debtMib([whole(5, 16 * MiB), levelOf(96), levelOf(640)], {})).toBeCloseTo(695.2727, 4);
    // With 3,200 in L3: + 112 x (3200/752 + 1).
    expect(debtMib([whole(5, 16 * MiB), levelOf(96), levelOf(640), levelOf(3200)], {})).toBeCloseTo(695.2727 + 588.5957, 3);
  });

  it('is nothing below the triggers, whatever L0 holds', () => {
    expect(debtMib([whole(3, 16 * MiB), levelOf(64), levelOf(640)], {})).toBe(0);
    expect(debtMib([], {})).toBe(0);
  });

  it('L0 counts by files or by bytes', () => {
    expect(debtMib([whole(4, MiB)], {})).toBe(4);
    expect(debtMib([whole(1, 64 * MiB)], {})).toBe(64);
    expect(debtMib([whole(1, 63 * MiB)], {})).toBe(0);
  });

  it('files in running compactions count: it falls only when they commit', () => {
    const busy = [{ lo: 0, hi: 1, bytes: 96 * MiB, busy: true }];
    expect(debtMib([whole(5, 16 * MiB, true), busy, levelOf(640)], {})).toBeCloseTo(695.2727, 4);
  });

  it('an overflow into an empty level moves at no cost', () => {
    expect(debtMib([[], levelOf(100)], {})).toBe(0);
    // 36 over 64 into 10: 36 x (10/100 + 1)
    expect(debtMib([[], levelOf(100), levelOf(10)], {})).toBeCloseTo(39.6, 10);
  });

  it('dynamic: starts at the base level', () => {
    // Targets 10, 55, 550 at L4..L6 (targets.test.ts). L0 4: need 4 + 15; 19 is 9 over 10: + 9 x (66/19 + 1) = 59.263;
    // L5 66 + 9 = 75, 20 over 55: + 20 x (550/75 + 1) = 225.930.
    const said = { level_compaction_dynamic_level_bytes: true, max_bytes_for_level_base: 10 * MiB };
    const levels = [whole(4, MiB), [], [], [], levelOf(15), levelOf(66), levelOf(550)];
    expect(debtMib(levels, said)).toBeCloseTo(19 + 9 * (66 / 19 + 1) + 20 * (550 / 75 + 1), 10);
  });

  it('universal and FIFO have none', () => {
    expect(debtMib([whole(50, MiB), levelOf(500)], { compaction_style: 'universal' })).toBe(0);
    expect(debtMib([whole(50, MiB)], { compaction_style: 'fifo', fifo_max_table_files_size: MiB })).toBe(0);
  });
});

describe('the debt that lets compactions run in parallel', () => {
  /** soft 64 GiB, base 256 MiB, the last level with `bottomGib`. */
  function pressureGib(version: string, bottomGib: number, said: Partial<LsmOptions> = {}): number {
    const options = optionsOf(said, version);
    const tree = treeOf([whole(1, MiB), levelOf(bottomGib * 1024)]);
    return pressureDebtBytes(tree, options, behaviours(parseVersion(version))) / GiB;
  }

  it('until 8.9: a quarter of the soft limit', () => {
    expect(pressureGib('7.8', 8)).toBe(16);
    expect(pressureGib('8.9', 8)).toBe(16);
  });

  it('8.10 to 9.7: an eighth of the bottommost bytes where that is less', () => {
    expect(pressureGib('8.10', 8)).toBe(1);
    expect(pressureGib('8.10', 1000)).toBe(16);
  });

  it('since 9.8: but at least twice max_bytes_for_level_base', () => {
    expect(pressureGib('9.8', 8)).toBe(1);
    expect(pressureGib('9.8', 0.8)).toBe(0.5);
    expect(pressureGib('10.10', 1000)).toBe(16);
  });

  it('without a soft limit always; universal never by debt', () => {
    const off = { soft_pending_compaction_bytes_limit: 0, hard_pending_compaction_bytes_limit: 0 };
    expect(pressureGib('7.8', 8, off)).toBe(0);
    expect(pressureGib('7.8', 8, { compaction_style: 'universal' })).toBe(Infinity);
  });
});
