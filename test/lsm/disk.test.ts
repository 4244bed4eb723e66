/** A disk of stated size, and a compaction of everything while writes go on. */
import { describe, expect, it } from 'vitest';
import { runToEnd } from '../../engine/kernel/run.js';
import type { LsmResult } from '../../engine/lsm/result.js';
import type { Change, LsmScenario } from '../../engine/lsm/scenario.js';
import { simulateLsm, startLsm } from '../../engine/lsm/simulate.js';
import { MiB, scenarioOf, smallStore, writeStep } from './build.js';

const steady = { puts: null, durationSec: 60, arrival: { kind: 'paced', bytesPerSec: 2e6 } } as const;

function scenario(capacityMib: number | null, changes: readonly Change[] = [], keyCount = 10_000_000): LsmScenario {
  const base = scenarioOf({ ...smallStore, max_background_jobs: 4 }, [writeStep({ ...steady, keyCount }), writeStep()], { changes });
  return capacityMib === null ? base : { ...base, deviceCapacityBytes: capacityMib * MiB };
}

describe('a disk that fills up', () => {
  it('ends the run when files and WAL take it all, and says when', () => {
    const result = simulateLsm(scenario(50));
    const disk = result.disk!;
    expect(disk.peakUsedBytes).toBeLessThanOrEqual(50 * MiB);
    expect(disk.fullAtSec).toBeGreaterThan(15);
    // A memtable's puts are not on the disk yet, which is looked at once a second.
    expect(disk.fullAtSec).toBeLessThan((50 * MiB) / 2e6 + 2);
    expect(result.simulatedSec).toBe(disk.fullAtSec);
    expect(result.warnings.map(({ message }) => message)).toContainEqual(expect.stringContaining('the disk is full'));
    // The second benchmark never begins.
    expect(result.benchmarks).toHaveLength(1);
  });

  it('is told ahead: at the growth of its second half it is full after so long', () => {
    const short = scenario(400);
    const { disk } = simulateLsm({ ...short, steps: short.steps.slice(0, 1) });
    expect(disk!.fullAtSec).toBeNull();
    // 2 MB/s of new keys fill what is left of 400 MiB after some 120 MB.
    expect(disk!.growthBytesPerSec / 2e6).toBeCloseTo(1, 0);
    expect(disk!.fullInSec).toBeGreaterThan(100);
    expect(disk!.fullInSec).toBeLessThan(200);
  });

  it('counts what is being written and the WAL beside the files', () => {
    const { disk, space } = simulateLsm(scenario(10_000));
    expect(disk!.peakUsedBytes).toBeGreaterThanOrEqual(Math.round(space.peakTransientBytes));
    // Some WAL is there at every look.
    const peakOf = (disableWal: boolean): number =>
      simulateLsm({ ...scenario(10_000), steps: [writeStep({ ...steady, disableWal })] }).disk!.peakUsedBytes;
    expect(peakOf(false)).toBeGreaterThan(peakOf(true));
  });

  it('changes nothing where it is large enough, nor where no size is stated', () => {
    const { disk, ...large } = simulateLsm(scenario(100_000));
    expect(disk).toBeDefined();
    expect(large).toEqual(simulateLsm(scenario(null)));
  });
});

describe('a compaction of everything while writes go on', () => {
  const compact: Change = { atSec: 20, options: null, compactionsPaused: null, deviceFraction: null, compact: true };
  const plain = simulateLsm(scenario(null, [], 20_000));
  const asked = simulateLsm(scenario(null, [compact], 20_000));
  const only = ({ manualCompactions = [] }: LsmResult) => manualCompactions[0];

  it('is told with its time and bytes, and costs writes beside the load', () => {
    expect(plain.manualCompactions).toBeUndefined();
    expect(only(asked)?.startSec).toBe(20);
    expect(only(asked)!.endSec).toBeGreaterThan(20);
    expect(only(asked)!.writtenBytes).toBeGreaterThan(10 * MiB);
    expect(only(asked)!.readBytes).toBeGreaterThanOrEqual(only(asked)!.writtenBytes);
    expect(asked.benchmarks[0]!.puts).toBeGreaterThan(0.9 * plain.benchmarks[0]!.puts);
  });

  it('that is not done at the end says so', () => {
    const late = { ...compact, atSec: 59.999 };
    const end = scenario(null, [late], 20_000);
    const result = runToEnd(startLsm({ ...end, steps: end.steps.slice(0, 1) }));
    expect(only(result)).toMatchObject({ startSec: 59.999, endSec: null });
  });
});
