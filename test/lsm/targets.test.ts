import { describe, expect, it } from 'vitest';
import { createTargets, updateTargets, type Targets } from '../../engine/lsm/targets.js';
import type { LsmOptions } from '../../engine/rocksdb/options.js';
import { behaviours, parseVersion } from '../../engine/rocksdb/version.js';
import { MiB, optionsOf, treeOf, type FileSpec } from './build.js';

/** Targets of a tree with these MiB a level, from L0 on. */
function targetsOf(levelMib: readonly number[], said: Partial<LsmOptions>, version = '7.8.3'): Targets {
  const levels = levelMib.map((mib): FileSpec[] => (mib === 0 ? [] : [{ lo: 0, hi: 1, bytes: mib * MiB }]));
  const options = optionsOf(said, version);
  const targets = createTargets(options.num_levels);
  updateTargets(targets, treeOf(levels, options.num_levels), options, behaviours(parseVersion(version)));
  return targets;
}

const inMib = (targets: Targets): number[] => Array.from(targets.targetBytes, (bytes) => bytes / MiB);
const dynamic = { level_compaction_dynamic_level_bytes: true, max_bytes_for_level_base: 10 * MiB };

describe('static targets', () => {
  it('grow by the multiplier from max_bytes_for_level_base at L1, whatever the levels hold', () => {
    const targets = targetsOf([0, 500, 20], { max_bytes_for_level_base: 64 * MiB });
    expect(inMib(targets)).toEqual([Infinity, 64, 640, 6400, 64_000, 640_000, 6_400_000]);
    expect([targets.baseLevel, targets.lowestUnnecessaryLevel]).toEqual([1, -1]);
  });

  it('multiply by max_bytes_for_level_multiplier_additional of the level above', () => {
    // target[2] = 64 x 10 x additional[1], target[3] = target[2] x 10 x additional[2]; additional[0] is not used.
    const said = { max_bytes_for_level_base: 64 * MiB, max_bytes_for_level_multiplier_additional: [7, 2, 3], num_levels: 5 };
    expect(inMib(targetsOf([], said))).toEqual([Infinity, 64, 1280, 38_400, 384_000]);
  });

  it('a multiplier need not be whole; bytes are', () => {
    const said = { max_bytes_for_level_base: 1001, max_bytes_for_level_multiplier: 2.5, num_levels: 4 };
    expect(Array.from(targetsOf([], said).targetBytes)).toEqual([Infinity, 1001, 2502, 6256]);
  });
});

describe('dynamic targets', () => {
  it('without data below L0, L0 goes to the last level, whatever its size', () => {
    const targets = targetsOf([40], dynamic);
    expect(targets.baseLevel).toBe(6);
    expect(inMib(targets)).toEqual(new Array(7).fill(Infinity));
  });

  it('go up from the largest level until the base fits between a tenth of max_bytes_for_level_base and all of it', () => {
    // 550 / 10 = 55 > 10: base 5; 55 / 10 = 5.5 <= 10: base 4. No target is below 10.
    const targets = targetsOf([0, 0, 0, 0, 0, 0, 550], dynamic);
    expect(targets.baseLevel).toBe(4);
    expect(inMib(targets)).toEqual([Infinity, Infinity, Infinity, Infinity, 10, 55, 550]);
  });

  it('keep a base level that holds data and fits', () => {
    // From 550 down to L4: 5.5 > 1: the base stays 4.
    const targets = targetsOf([0, 0, 0, 0, 15, 66, 550], dynamic);
    expect(targets.baseLevel).toBe(4);
    expect(inMib(targets).slice(4)).toEqual([10, 55, 550]);
  });

  it('at L1 the base is at most max_bytes_for_level_base', () => {
    // Three levels: 5,000 / 10 = 500 > 10 and L1 is the last that can be base.
    const targets = targetsOf([0, 0, 5000], { ...dynamic, num_levels: 3 });
    expect(targets.baseLevel).toBe(1);
    expect(inMib(targets)).toEqual([Infinity, 10, 100]);
  });

  it('a first level that is too small keeps being the base, at a tenth of max_bytes_for_level_base and a byte', () => {
    // 60 / 10 / 10 = 0.6 <= 1: base L4 with 1 MiB + 1, then ten times more a level; 10 MiB at least.
    const levels = [0, 0, 0, 0, 2, 0, 60];
    const targets = targetsOf(levels, dynamic);
    expect([targets.baseLevel, targets.lowestUnnecessaryLevel]).toEqual([4, -1]);
    expect(Array.from(targets.targetBytes).slice(4)).toEqual([10 * MiB, 10 * (MiB + 1), 100 * (MiB + 1)]);
  });

  it('since 8.3 the levels that the tree no longer needs are known: from the deepest one whose size falls below a tenth of the base', () => {
    expect(targetsOf([0, 0, 0, 0, 2, 0, 60], dynamic, '8.3').lowestUnnecessaryLevel).toBe(4);
    expect(targetsOf([0, 0, 0, 1, 2, 0, 60], dynamic, '8.3').lowestUnnecessaryLevel).toBe(4);
    expect(targetsOf([0, 0, 0, 0, 15, 66, 550], dynamic, '8.3').lowestUnnecessaryLevel).toBe(-1);
  });
});

describe('other styles', () => {
  it('have no targets', () => {
    for (const compaction_style of ['universal', 'fifo'] as const) {
      const targets = targetsOf([100, 500], { compaction_style, fifo_max_table_files_size: MiB });
      expect(inMib(targets)).toEqual(new Array(7).fill(Infinity));
      expect(targets.baseLevel).toBe(1);
    }
  });
});
