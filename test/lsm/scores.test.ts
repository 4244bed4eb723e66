import { describe, expect, it } from 'vitest';
import { needsCompaction } from '../../engine/lsm/scores.js';
import type { LsmOptions } from '../../engine/rocksdb/options.js';
import { evenly, MiB, optionsOf, treeOf, viewOf, whole, type FileSpec } from './build.js';

/** Scores by rank: [level, score]. */
function scoresOf(levels: readonly (readonly FileSpec[])[], said: Partial<LsmOptions>, version = '7.8.3'): [number, number][] {
  const options = optionsOf(said, version);
  const { scores } = viewOf(treeOf(levels, options.num_levels), options, { version });
  return Array.from({ length: scores.count }, (_, rank) => [scores.level[rank]!, scores.score[rank]!]);
}

const levelOf = (mib: number): FileSpec[] => (mib === 0 ? [] : [{ lo: 0, hi: 1, bytes: mib * MiB }]);
const fixed = { max_bytes_for_level_base: 64 * MiB };

describe('static scores', () => {
  it('L0: files over the trigger, or bytes over max_bytes_for_level_base, whichever is more; idle files only', () => {
    expect(scoresOf([whole(5, MiB)], fixed)[0]).toEqual([0, 1.25]);
    expect(scoresOf([[...whole(1, MiB, true), ...whole(4, MiB)]], fixed)[0]).toEqual([0, 1]);
    // 3 files of 32 MiB: 0.75 by count, 96 / 64 by bytes
    expect(scoresOf([whole(3, 32 * MiB)], fixed)[0]).toEqual([0, 1.5]);
  });

  it('other levels: idle bytes over the target, sorted from the largest; the last level has none', () => {
    const busy = evenly(4, 24 * MiB).map((file, i) => ({ ...file, busy: i === 0 }));
    // L1 72 of 64, L2 320 of 640
    expect(scoresOf([whole(2, MiB), busy, levelOf(320), [], [], [], levelOf(9e6)], fixed)).toEqual([
      [1, 1.125],
      [0, 0.5],
      [2, 0.5],
      [3, 0],
      [4, 0],
      [5, 0],
    ]);
  });

  it("ties come out in the order of RocksDB's exchange sort", () => {
    // 0 1 1 2 for L0..L3. First round: L1 takes L0's place, then L3 takes L1's: L3 L0 L2 L1. Then L2 before L0, then L1 before L0.
    const levels = [[], levelOf(64), levelOf(640), levelOf(12_800)];
    expect(scoresOf(levels, { ...fixed, num_levels: 5 })).toEqual([
      [3, 2],
      [2, 1],
      [1, 1],
      [0, 0],
    ]);
  });
});

describe('dynamic scores', () => {
  const dynamic = { level_compaction_dynamic_level_bytes: true, max_bytes_for_level_base: 10 * MiB };
  // Targets 10, 55, 550 MiB at L4, L5, L6 (targets.test.ts).
  const settled = (l0: readonly FileSpec[]): (readonly FileSpec[])[] => [l0, [], [], [], levelOf(15), levelOf(66), levelOf(550)];

  it('above the target: ten times bytes / (target + what is on its way down)', () => {
    // L0 holds 4 MiB in 2 files. L4: 10 x 15 / (10 + 4); L5: 10 x 66 / (55 + 4 + 5).
    const scores = scoresOf(settled(whole(2, 2 * MiB)), dynamic);
    expect(scores.slice(0, 3).map(([level]) => level)).toEqual([4, 5, 0]);
    expect(scores[0]![1]).toBeCloseTo(10.714286, 6);
    expect(scores[1]![1]).toBeCloseTo(10.3125, 10);
    expect(scores[2]![1]).toBe(0.5);
  });

  it('before 7.5 they are neither scaled nor divided', () => {
    expect(scoresOf(settled(whole(2, 2 * MiB)), dynamic, '7.4').slice(0, 3)).toEqual([
      [4, 1.5],
      [5, 1.2],
      [0, 0.5],
    ]);
  });

  it('below the target: bytes / target, not scaled', () => {
    const scores = scoresOf([[], [], [], [], levelOf(5), levelOf(44), levelOf(550)], dynamic);
    expect(new Map(scores).get(5)).toBe(0.8);
    expect(new Map(scores).get(4)).toBe(0.5);
  });

  it('L0 at its trigger scores exactly 1, one file more ten times its share', () => {
    expect(new Map(scoresOf(settled(whole(4, 1)), dynamic)).get(0)).toBe(1);
    expect(new Map(scoresOf(settled(whole(5, 1)), dynamic)).get(0)).toBe(12.5);
  });

  it('L0 with max_bytes_for_level_base in bytes scores 1.01 at least; with more than the base level its ratio to that', () => {
    // 10 MiB in one file: 1.01, scaled. 30 MiB: 30 / max(15, 10) = 2, scaled.
    expect(new Map(scoresOf(settled(whole(1, 10 * MiB)), dynamic)).get(0)).toBeCloseTo(10.1, 10);
    expect(new Map(scoresOf(settled(whole(1, 30 * MiB)), dynamic)).get(0)).toBe(20);
  });

  it('since 8.3 levels no longer needed are drained, the higher one first', () => {
    const levels = [[], [], [], levelOf(1), levelOf(2), [], levelOf(60)];
    const scores = scoresOf(levels, dynamic, '8.3');
    expect(scores.slice(0, 2).map(([level]) => level)).toEqual([3, 4]);
    expect(scores[0]![1]).toBeCloseTo(10.02, 10);
    expect(scores[1]![1]).toBeCloseTo(10.01, 10);
    expect(scoresOf(levels, dynamic, '7.8').every(([, score]) => score < 1)).toBe(true);
  });
});

describe('universal scores', () => {
  it('idle runs over the trigger: each L0 file, and each level of which no file is busy', () => {
    const busy = [{ lo: 0, hi: 0.5, bytes: 5, busy: true }, { lo: 0.5, hi: 1, bytes: 5 }]; // prettier-ignore
    expect(scoresOf([whole(3, 1), [], levelOf(1), busy, levelOf(9)], { compaction_style: 'universal' })).toEqual([[0, 1.25]]);
  });
});

describe('FIFO scores', () => {
  const fifo = { compaction_style: 'fifo', fifo_max_table_files_size: 100 * MiB, fifo_allow_compaction: false } as const;

  it('bytes over max_table_files_size', () => {
    expect(scoresOf([whole(30, 2 * MiB)], fifo)).toEqual([[0, 0.6]]);
  });

  it('with allow_compaction the files count too: until 7.9 always, later while the bytes are below the limit', () => {
    const merging = { ...fifo, fifo_allow_compaction: true };
    expect(scoresOf([whole(30, 2 * MiB)], merging)).toEqual([[0, 7.5]]);
    expect(scoresOf([whole(30, 4 * MiB)], merging, '7.8')).toEqual([[0, 7.5]]);
    expect(scoresOf([whole(30, 4 * MiB)], merging, '9.10')).toEqual([[0, 1.2]]);
  });
});

describe('a store', () => {
  it('needs compaction from a score of 1 on', () => {
    const at = (files: number): boolean => needsCompaction(viewOf(treeOf([whole(files, 1)]), optionsOf(fixed)).scores);
    expect([at(3), at(4)]).toEqual([false, true]);
  });

  it('with automatic compactions off, or of style none, never does', () => {
    for (const said of [{ disable_auto_compactions: true }, { compaction_style: 'none' as const }]) {
      const { scores } = viewOf(treeOf([whole(99, MiB)]), optionsOf(said));
      expect(scores.count).toBe(0);
      expect(needsCompaction(scores)).toBe(false);
    }
  });
});
