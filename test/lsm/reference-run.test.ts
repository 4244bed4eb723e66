/**
 * Mechanisms that were measured on a real run: db_bench 7.8.3 fillrandom, 16 + 1024 bytes, 16 MiB memtables, 64 MiB base level, one flush and
 * one compaction thread, a 64 MiB/s rate limiter, on the machine of the host preset. They must come out of the rules; none is an input.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { parseDeviceArgument, parseHostArgument } from '../../engine/files/presets.js';
import { lsmScenarioFromDbBench } from '../../engine/lsm/front-end.js';
import type { LsmResult } from '../../engine/lsm/result.js';
import { startLsm } from '../../engine/lsm/simulate.js';
import type { Job } from '../../engine/lsm/state.js';
import type { RunningCompaction } from '../../engine/lsm/task.js';
import { parseDbBench } from '../../engine/rocksdb/db-bench.js';
import { checkingObserver, fileOf } from '../support/check-tree.js';
import { MiB } from './build.js';

const command =
  '--benchmarks=fillrandom --num=20000000 --key_size=16 --value_size=1024 --compression_type=none --write_buffer_size=16777216 ' +
  '--target_file_size_base=16777216 --max_bytes_for_level_base=67108864 --max_background_jobs=2 --disable_wal=1 --duration=240 ' +
  '--seed=42 --rate_limiter_bytes_per_sec=67108864';

/** One compaction out of L1, as it looked when it began. */
interface Descent {
  readonly upperBytes: number;
  readonly lowerBytes: number;
  /** Bytes of L2 over bytes of L1. */
  readonly sizeRatio: number;
}

interface Seen {
  readonly result: LsmResult;
  /** L0 files of each compaction out of L0, by commit. */
  readonly l0Starts: readonly number[];
  /** How long each flush took, and whether a compaction ran all the time. */
  readonly flushMicros: readonly { readonly micros: number; readonly beside: boolean }[];
  readonly rates: readonly number[];
  readonly descents: readonly Descent[];
}

function watch(more: string): Seen {
  const machine = {
    device: parseDeviceArgument('debian-vm').model,
    host: parseHostArgument('debian-vm').model,
    deviceNamed: true,
    hostNamed: true,
    warnings: [],
  };
  const scenario = lsmScenarioFromDbBench(parseDbBench(`${command} ${more}`.trim().split(' ')), machine);
  const l0Starts: number[] = [];
  const flushMicros: { micros: number; beside: boolean }[] = [];
  const rates: number[] = [];
  const descents: Descent[] = [];
  const known = new Set<RunningCompaction>();
  const checked = checkingObserver(50);
  let lastCompactionCommitMicros = 0;
  const run = startLsm(scenario, (job: Job, host) => {
    checked.observer(job, host);
    const { tree, running } = job.family;
    if (job.kind === 'flush') {
      const beside = running.some(({ task }) => task.kind === 'merge');
      // Alone or beside one compaction from its beginning to its end.
      if (lastCompactionCommitMicros < job.startMicros) flushMicros.push({ micros: host.nowMicros - job.startMicros, beside });
    } else {
      lastCompactionCommitMicros = host.nowMicros;
      if (job.running!.startLevel === 0) l0Starts.push(job.task!.inputs[0]!.ids.length);
    }
    if (job.store.controller.tokens[0] === 'delay') rates.push(job.store.controller.rateBytesPerSec);
    for (const compaction of running) {
      if (compaction.startLevel !== 1 || known.has(compaction)) continue;
      known.add(compaction);
      const bytes = (input: number): number =>
        (compaction.task.inputs[input]?.ids ?? []).reduce((sum, id) => sum + fileOf(tree, id).bytes, 0);
      descents.push({ upperBytes: bytes(0), lowerBytes: bytes(1), sizeRatio: tree.levels[2]!.bytes / tree.levels[1]!.bytes });
    }
  });
  run.advance(Number.MAX_SAFE_INTEGER);
  return { result: run.finish(), l0Starts, flushMicros, rates, descents };
}

/** Overlap bytes for each byte that leaves L1, and that over S2/S1, of the compactions in a range of S2/S1. */
function overlapIn(descents: readonly Descent[], from: number, to: number): { overlap: number; share: number; count: number } {
  const some = descents.filter(({ sizeRatio }) => sizeRatio >= from && sizeRatio < to);
  const sum = (of: (descent: Descent) => number): number => some.reduce((total, descent) => total + of(descent), 0);
  const overlap = sum((d) => d.lowerBytes) / sum((d) => d.upperBytes);
  return { overlap, share: overlap / (sum((d) => d.sizeRatio) / some.length), count: some.length };
}

describe('fillrandom in backlog', () => {
  let seen: Seen;
  beforeAll(() => {
    seen = watch('');
  });

  it('the first compactions out of L0 take 4, 4 and about 8 files, then more and more while L1 waits', () => {
    // [measured] 4 4 8 13 9 12 21. The third comes within a tenth of a second of the ninth file, so a file more or less is luck.
    expect(seen.l0Starts.slice(0, 2)).toEqual([4, 4]);
    expect(Math.abs(seen.l0Starts[2]! - 8)).toBeLessThanOrEqual(1);
    expect(Math.abs(seen.l0Starts[3]! - 13)).toBeLessThanOrEqual(3);
    expect(Math.max(...seen.l0Starts)).toBeGreaterThan(20);
    expect(Math.max(...seen.l0Starts)).toBeLessThan(30);
  });

  it('the delayed rate begins 8388608, 8388608, 6710886 and goes by 0.8, 1.25 and 1.4 in whole bytes', () => {
    // [measured] two files at 8388608 and 6710886, then from the maximum again
    expect(seen.rates[0]).toBe(8388608);
    expect(seen.rates).toContain(6710886);
    expect(seen.rates).toContain(4294966);
    expect(seen.rates.every((rate) => Number.isInteger(rate))).toBe(true);
  });

  it('a flush takes 0.2 s alone and about 0.45 s beside a compaction', () => {
    // [measured] 0.207 s; 0.452 s in the mean
    const mean = (list: readonly { micros: number }[]): number => list.reduce((sum, { micros }) => sum + micros, 0) / list.length / 1e6;
    const alone = seen.flushMicros.filter(({ beside }) => !beside);
    const beside = seen.flushMicros.filter((flush) => flush.beside);
    expect(alone.length).toBeGreaterThan(3);
    expect(mean(alone)).toBeGreaterThan(0.18);
    expect(mean(alone)).toBeLessThan(0.28);
    expect(beside.length).toBeGreaterThan(50);
    expect(mean(beside)).toBeGreaterThan(0.39);
    expect(mean(beside)).toBeLessThan(0.52);
  });

  it('while flush-bound, two memtables a second: 30,776 puts', () => {
    const { opsPerSec, state } = seen.result.series;
    const bound = Array.from(opsPerSec).filter((ops, i) => state[i] === 2 && ops > 20_000);
    expect(bound.length).toBeGreaterThan(20);
    const middle = bound.sort((a, b) => a - b)[Math.floor(bound.length / 2)]!;
    expect(middle / 30_776).toBeGreaterThan(0.85);
    expect(middle / 30_776).toBeLessThan(1.15);
  });

  it('L1 to L2 meets 0.36 to 0.42 of S2/S1 in bytes for each byte: dense files are left for later', () => {
    // [measured] S2/S1 1.4 2.5 3.5 4.5: 0.74 1.02 1.36 1.75
    const all = overlapIn(seen.descents, 0, 20);
    expect(all.count).toBeGreaterThan(40);
    expect(all.share).toBeGreaterThan(0.34);
    expect(all.share).toBeLessThan(0.5);
    const table: [from: number, to: number, measured: number][] = [
      [1, 2, 0.74],
      [2, 3, 1.02],
      [3, 4, 1.36],
      [4, 5, 1.75],
    ];
    for (const [from, to, measured] of table) {
      const { overlap, count } = overlapIn(seen.descents, from, to);
      expect(count).toBeGreaterThan(3);
      expect(overlap / measured, `S2/S1 from ${from} to ${to}`).toBeGreaterThan(0.75);
      expect(overlap / measured, `S2/S1 from ${from} to ${to}`).toBeLessThan(1.25);
    }
  });

  it('files of L1 end at 0.8 to 1 of their target, on a boundary of L2', () => {
    // [measured] 13 to 16.5 MB at a target of 16.8
    const [, level1] = seen.result.levels;
    const meanMib = level1!.bytes / level1!.files / MiB;
    expect(meanMib).toBeGreaterThan(11);
    expect(meanMib).toBeLessThan(17);
  });

  it('put rate, write amplification and stall time are those of the real run, to 15 %', () => {
    // [measured] 15,131 puts/s over 240 s, 96.5 % of them stalled
    expect(seen.result.putRate.meanOpsPerSec / 15_131).toBeGreaterThan(0.85);
    expect(seen.result.putRate.meanOpsPerSec / 15_131).toBeLessThan(1.15);
    expect((seen.result.stall.stoppedSec + seen.result.stall.delayedSec) / 240).toBeGreaterThan(0.85);
  });
});

describe('the same store near its steady state', () => {
  it('at 10 MB/s L1 to L2 meets 0.44 to 0.55 of S2/S1, and nothing stalls', () => {
    // [measured] S2/S1 4.5 5.5 6.5 7.4 8.4: 2.13 2.90 3.09 3.57 3.93
    const { result, descents } = watch('--sine_write_rate=1 --sine_a=0 --sine_b=0 --sine_c=0 --sine_d=10485760');
    expect(result.stall.stoppedSec + result.stall.delayedSec).toBeLessThan(1);
    const late = overlapIn(descents, 4, 10);
    expect(late.count).toBeGreaterThan(40);
    expect(late.share).toBeGreaterThan(0.4);
    expect(late.share).toBeLessThan(0.6);
  });
});
