import { describe, expect, it } from 'vitest';
import { maxMicros, totalCount } from '../../engine/kernel/histogram.js';
import { runToEnd } from '../../engine/kernel/run.js';
import { jobLimits, readModeOf, walWrittenBack, writeModeOf } from '../../engine/lsm/jobs.js';
import type { LsmResult } from '../../engine/lsm/result.js';
import type { LsmScenario, Step, WriteWorkload } from '../../engine/lsm/scenario.js';
import { simulateLsm, startLsm } from '../../engine/lsm/simulate.js';
import type { HostState, Observer } from '../../engine/lsm/state.js';
import type { LsmOptions } from '../../engine/rocksdb/options.js';
import { checkingObserver, filesOf } from '../support/check-tree.js';
import { MiB, optionsOf, scenarioOf, smallStore, testDevice, testHost, writeStep } from './build.js';

/** Puts that the series counts: each interval is a second, the last one what is left. */
function putsInSeries({ series, simulatedSec }: LsmResult): number {
  const last = series.opsPerSec.length - 1;
  return series.opsPerSec.reduce((sum, ops, i) => sum + ops * (i < last ? 1 : simulatedSec - last), 0);
}

/** Runs with an observer, checked after every commit. */
function observe(scenario: LsmScenario, observer: Observer): LsmResult {
  const checked = checkingObserver();
  return runToEnd(
    startLsm(scenario, (job, host) => {
      checked.observer(job, host);
      observer(job, host);
    }),
  );
}

const written = (result: LsmResult): number => result.levels.reduce((sum, { writtenBytes }) => sum + writtenBytes, 0);
const wait: Step = { kind: 'waitForCompaction', benchmark: 'waitforcompaction' };

describe('a run', () => {
  it('of few puts takes the time of the puts: 900 of 3.04 us', () => {
    const result = simulateLsm(scenarioOf(smallStore, [writeStep({ puts: 900 })]));
    expect(result.simulatedSec).toBe(0.002736);
    expect(result.putRate.meanOpsPerSec).toBeCloseTo(1e6 / 3.04, 0);
    expect(result.putRate.meanMiBPerSec).toBeCloseTo(((1e6 / 3.04) * 1040) / MiB, 3);
    expect([result.flushedBytes, result.writeAmplificationNoWal, result.stall.longestSec]).toEqual([0, null, null]);
    expect(result.userBytes).toBe(900 * 1040);
    expect(totalCount(result.putLatencyMicros)).toBe(900);
  });

  it('is the same in slices of any size', () => {
    const scenario = scenarioOf({ ...smallStore, rate_limiter_bytes_per_sec: 20 * MiB }, [writeStep({ puts: 60_000 }), wait]);
    const whole = simulateLsm(scenario);
    for (const slice of [1, 7, 100]) expect(runToEnd(startLsm(scenario), slice)).toEqual(whole);
  });

  it('is the same with the same seed, and whether it is observed or not', () => {
    const scenario = scenarioOf({ ...smallStore, rate_limiter_bytes_per_sec: 5 * MiB }, [writeStep({ puts: 30_000 })], { seed: 7 });
    expect(simulateLsm(scenario)).toEqual(simulateLsm(scenario));
    expect(observe(scenario, () => undefined)).toEqual(simulateLsm(scenario));
  });

  it('with another seed serves the rate limiter in another order', () => {
    const run = (seed: number): LsmResult =>
      simulateLsm(scenarioOf({ ...smallStore, rate_limiter_bytes_per_sec: 5 * MiB }, [writeStep({ puts: 30_000 })], { seed }));
    expect(run(1).simulatedSec).not.toBe(run(2).simulatedSec);
    expect(run(1).simulatedSec / run(2).simulatedSec).toBeCloseTo(1, 0);
  });

  it('says how far it is', () => {
    const run = startLsm(scenarioOf(smallStore, [writeStep({ puts: 60_000 })]));
    const fractions = [run.snapshot().fraction];
    while (run.advance(40) === 'more') fractions.push(run.snapshot().fraction);
    fractions.push(run.snapshot().fraction);
    expect(fractions.length).toBeGreaterThan(4);
    expect(fractions[0]).toBe(0);
    expect(fractions.at(-1)).toBe(1);
    expect(fractions).toEqual([...fractions].sort((a, b) => a! - b!));
  });
});

describe('steps', () => {
  const fill = writeStep({ puts: 50_000 });

  it('by time end then, and not before', () => {
    const result = simulateLsm(scenarioOf(smallStore, [writeStep({ puts: null, durationSec: 1.5 })]));
    expect(result.benchmarks[0]?.seconds).toBeGreaterThanOrEqual(1.5);
    expect(result.benchmarks[0]?.seconds).toBeLessThan(1.6);
    const idle = simulateLsm(scenarioOf(smallStore, [writeStep({ puts: null, durationSec: 1.5, arrival: { kind: 'paced', bytesPerSec: 1040 } })])); // prettier-ignore
    expect(idle.benchmarks[0]).toMatchObject({ seconds: 1.5, puts: 2 });
  });

  it('that end by time while writes are stopped end when they go on', () => {
    // A device of 1 MiB/s: memtables of 1 MiB take a second, and the writer stops after two of them.
    const device = { ...testDevice, writeBytesPerSec: MiB };
    const result = simulateLsm(scenarioOf(smallStore, [writeStep({ puts: null, durationSec: 0.5 })], { device }));
    const { seconds, puts } = result.benchmarks[0]!;
    expect(seconds).toBeGreaterThan(0.9);
    expect(seconds).toBeLessThan(1.2);
    // Two memtables of 946 entries, and nothing in the second in which it was stopped.
    expect(puts).toBe(2 * 946);
    expect(result.stall.stoppedSec).toBeCloseTo(seconds - (2 * 946 * 3.04) / 1e6, 3);
    expect(result.stall.byCause.memtable).toBeCloseTo(result.stall.stoppedSec, 9);
  });

  it('waitforcompaction: nothing runs or is due afterwards', () => {
    const states: boolean[] = [];
    const result = observe(scenarioOf(smallStore, [fill, wait]), (_job, host) =>
      states.push(host.stores[0]!.families[0]!.scores.score[0]! >= 1),
    );
    expect(states.includes(true)).toBe(true);
    expect(states.at(-1)).toBe(false);
    expect(result.debt).toMatchObject({ pendingCompactionBytes: 0, drainSec: 0 });
    expect(result.levels[0]!.files).toBeLessThan(4);
    expect(result.simulatedSec).toBeGreaterThan(result.benchmarks[0]!.seconds);
  });

  it('flush: the memtable goes to L0, and the step lasts until it is there', () => {
    const steps: Step[] = [writeStep({ puts: 500 }), { kind: 'flush', benchmark: 'flush' }];
    const result = simulateLsm(scenarioOf(smallStore, steps));
    expect(result.levels[0]).toMatchObject({ files: 1, recordsIn: 500 });
    expect(result.flushedBytes).toBe(result.levels[0]!.bytes);
    expect(result.flushedBytes / (500 * 1040)).toBeCloseTo(1.015, 2);
    expect(result.putRate.meanOpsPerSec).toBeCloseTo(1e6 / 3.04, 0);
  });

  it('compact: one sorted run is left, in the deepest level there is', () => {
    for (const said of [{}, { compaction_style: 'universal' as const }, { level_compaction_dynamic_level_bytes: true }]) {
      const result = simulateLsm(
        scenarioOf({ ...smallStore, ...said }, [writeStep({ puts: 30_000 }), { kind: 'compact', benchmark: 'compact' }]),
      );
      const full = result.levels.filter(({ files }) => files > 0);
      expect(full).toHaveLength(1);
      // 30,000 draws of 1,000,000 keys: 29,554 different ones, below the target of L2.
      expect(full[0]!.bytes / (29_554 * 1040)).toBeCloseTo(1.015, 2);
      expect(result.spaceAmplification).toBeCloseTo(1, 9);
    }
  });

  it('overwrite goes on with the tree; a fresh fill begins with an empty one', () => {
    const again = (fresh: boolean): LsmResult =>
      simulateLsm(scenarioOf(smallStore, [fill, writeStep({ puts: 20_000 }, fresh, 'again'), wait]));
    const live = ({ levels }: LsmResult): number => levels.reduce((sum, { bytes }) => sum + bytes, 0);
    expect(live(again(false)) / 1055).toBeGreaterThan(60_000);
    expect(live(again(true)) / 1055).toBeLessThan(20_000);
    expect(again(true).benchmarks.map(({ benchmark, puts }) => [benchmark, puts])).toEqual([
      ['fillrandom', 50_000],
      ['again', 20_000],
    ]);
    expect(again(false).putRate.meanOpsPerSec).toBe(again(false).benchmarks[1]!.opsPerSec);
  });

  it('report changes nothing', () => {
    const report: Step = { kind: 'report', benchmark: 'stats' };
    const plain = simulateLsm(scenarioOf(smallStore, [fill]));
    expect({ ...simulateLsm(scenarioOf(smallStore, [report, fill, report])) }).toEqual(plain);
  });

  it('each second of the series counts its puts, over all steps', () => {
    for (const steps of [[fill], [fill, wait, writeStep({ puts: 30_000 }, false, 'overwrite')], [fill, writeStep({ puts: 30_000 })]]) {
      const result = simulateLsm(scenarioOf({ ...smallStore, rate_limiter_bytes_per_sec: 20 * MiB }, steps));
      const puts = result.benchmarks.reduce((sum, row) => sum + row.puts, 0);
      expect(putsInSeries(result)).toBeCloseTo(puts, 3);
    }
  });
});

describe('an initial tree', () => {
  it('of given bytes a level is there before the first put, in files of the target size over the whole key space', () => {
    const initial = { from: 'levels' as const, levels: [{ level: 1, bytes: 4 * MiB }, { level: 2, bytes: 30.5 * MiB }] }; // prettier-ignore
    const result = simulateLsm(scenarioOf(smallStore, [writeStep({ puts: 10 }, false)], { initial }));
    expect(result.levels.map(({ files }) => files)).toEqual([0, 4, 31, 0, 0, 0, 0]);
    expect(result.levels[2]!.bytes / MiB).toBeCloseTo(30.5, 4);
    expect(result.levels[2]!.writtenBytes).toBe(0);
  });

  it('of settled keys fills each level to its target, and the deepest with the rest: no debt, no compaction due', () => {
    // 100,000 of a million keys, x 1055 bytes 100.6 MiB: 4 and 40, and of what is left the keys that these two do not have as well.
    const initial = { from: 'settledKeys' as const, keys: 100_000 };
    const result = simulateLsm(scenarioOf(smallStore, [writeStep({ puts: 10 }, false)], { initial }));
    const mib = result.levels.map(({ bytes }) => Math.round((bytes / MiB) * 10) / 10);
    expect(mib.slice(0, 3)).toEqual([0, 4, 40]);
    expect(mib[3]).toBeGreaterThan(58);
    expect(mib[3]).toBeLessThan(61);
    expect(result.debt).toMatchObject({ pendingCompactionBytes: 0, drainSec: 0 });
  });

  it('of settled keys with dynamic levels: nine tenths in the last, and the base as L0 would find it', () => {
    const initial = { from: 'settledKeys' as const, keys: 100_000 };
    const said = { ...smallStore, level_compaction_dynamic_level_bytes: true };
    const result = simulateLsm(scenarioOf(said, [writeStep({ puts: 10 }, false)], { initial }));
    const mib = result.levels.map(({ bytes }) => bytes / MiB);
    expect(mib[6]! / mib[5]!).toBeCloseTo(10, 0);
    expect(mib[6]).toBeCloseTo(91.4, 0);
    expect(result.debt.drainSec).toBe(0);
  });

  it.each(['uniform', 'zipfian', 'unique'] as const)(
    'of settled keys has so many distinct ones, up to all there are: %s',
    (distribution) => {
      for (const keys of [1000, 50_000, 100_000]) {
        for (const said of [{}, { level_compaction_dynamic_level_bytes: true }, { compaction_style: 'universal' as const }]) {
          const step = writeStep({ puts: 1, keyCount: 100_000, distribution }, false, 'overwrite');
          const result = simulateLsm(scenarioOf({ ...smallStore, ...said }, [step], { initial: { from: 'settledKeys', keys } }));
          const entries = result.levels.reduce((sum, { bytes }) => sum + bytes, 0) / 1055;
          expect(entries / result.spaceAmplification! / keys).toBeCloseTo(1, 2);
        }
      }
    },
  );

  it('is what later puts are merged with: overwriting settled keys drops as many as it adds', () => {
    const initial = { from: 'settledKeys' as const, keys: 20_000 };
    const steps = [
      writeStep({ puts: 60_000, keyCount: 20_000 }, false, 'overwrite'),
      wait,
      { kind: 'compact', benchmark: 'compact' } as const,
    ];
    const result = simulateLsm(scenarioOf(smallStore, steps, { initial }));
    const entries = result.levels.reduce((sum, { bytes }) => sum + bytes, 0) / 1055;
    expect(entries / 20_000).toBeCloseTo(1, 1);
  });
});

describe('flushes', () => {
  it('one takes all memtables that wait, and writes one file', () => {
    const sizes: number[] = [];
    const said = { ...smallStore, max_write_buffer_number: 4, rate_limiter_bytes_per_sec: 4 * MiB };
    observe(scenarioOf(said, [writeStep({ puts: 20_000 })]), (job) => {
      if (job.kind !== 'flush') return;
      sizes.push(job.memtables.length);
      expect(job.outputs).toHaveLength(1);
      expect(job.bytesOut / job.memtables.length / MiB).toBeCloseTo(0.955, 1);
    });
    expect(Math.max(...sizes)).toBeGreaterThan(1);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(4);
  });

  it('wait for min_write_buffer_number_to_merge memtables; what is left at the end needs nobody', () => {
    const sizes: number[] = [];
    const said = { ...smallStore, max_write_buffer_number: 4, min_write_buffer_number_to_merge: 2 };
    // Five memtables of 946 and a few puts: two flushes of two, one waits.
    const result = observe(scenarioOf(said, [writeStep({ puts: 5 * 946 + 10, arrival: { kind: 'paced', bytesPerSec: MiB } })]), (job) => {
      if (job.kind === 'flush') sizes.push(job.memtables.length);
    });
    expect(sizes).toEqual([2, 2]);
    expect(result.debt).toMatchObject({ pendingCompactionBytes: 0, drainSec: 0 });
  });

  it('beside each other are committed in the order of their memtables, however soon each is done', () => {
    const firsts: number[] = [];
    let together = 0;
    const said = { ...smallStore, max_write_buffer_number: 6, max_background_jobs: 8 };
    // On a slow device several memtables wait; the flush that takes them all is overtaken by the next one.
    const device = { ...testDevice, writeBytesPerSec: 30 * MiB };
    observe(scenarioOf(said, [writeStep({ puts: 60_000 })], { device }), (job, host) => {
      together = Math.max(together, host.stores[0]!.flushesScheduled);
      if (job.kind !== 'flush') return;
      firsts.push(job.memtables[0]!.firstSeq);
      expect(job.family.immutables).not.toContain(job.memtables[0]);
    });
    expect(together).toBe(2);
    expect(firsts.length).toBeGreaterThan(20);
    expect(firsts).toEqual([...firsts].sort((a, b) => a - b));
  });

  it('have their share of max_background_jobs: a quarter, at least one; the old options set both numbers', () => {
    const limits = (said: Partial<LsmOptions>): number[] => Object.values(jobLimits(optionsOf(said)));
    expect([1, 2, 4, 8, 16].map((jobs) => limits({ max_background_jobs: jobs }))).toEqual([
      [1, 1],
      [1, 1],
      [1, 3],
      [2, 6],
      [4, 12],
    ]);
    expect(limits({ max_background_compactions: 5 })).toEqual([1, 5]);
    expect(limits({ max_background_flushes: 3 })).toEqual([3, 1]);
  });
});

describe('compactions', () => {
  it('L0 to the base and base to the next exclude each other; deeper ones run beside them', () => {
    let beside = 0;
    const said = { ...smallStore, max_bytes_for_level_base: 2 * MiB, max_bytes_for_level_multiplier: 3, max_background_jobs: 8 };
    observe(scenarioOf(said, [writeStep({ puts: 150_000 })]), (_job, host) => {
      const running = host.stores[0]!.families[0]!.running.filter(({ task }) => task.kind === 'merge' && task.outputLevel > 0);
      const fromL0 = running.some(({ startLevel }) => startLevel === 0);
      if (fromL0) expect(running.some(({ startLevel }) => startLevel === 1)).toBe(false);
      if (fromL0 && running.some(({ startLevel }) => startLevel > 1)) beside++;
    });
    expect(beside).toBeGreaterThan(0);
  });

  it('run one at a time while nothing presses, whatever max_background_jobs allows', () => {
    let most = 0;
    const said = { ...smallStore, max_background_jobs: 16 };
    const watch: Observer = (_job, host) => (most = Math.max(most, host.stores[0]!.compactionsScheduled));
    observe(scenarioOf(said, [writeStep({ puts: 60_000, arrival: { kind: 'paced', bytesPerSec: 10e6 } })]), watch);
    expect(most).toBe(1);
    observe(scenarioOf(said, [writeStep({ puts: 150_000 })]), watch);
    expect(most).toBeGreaterThan(1);
  });

  it('subcompactions shorten the way from L0 to the base, where there are cores', () => {
    const seconds = (max_subcompactions: number): number => {
      const said = { ...smallStore, max_subcompactions };
      const { levels } = simulateLsm(scenarioOf(said, [writeStep({ puts: 60_000 })], { host: { ...testHost, cores: 16 } }));
      return levels[1]!.compactionSec / levels[1]!.compactions;
    };
    expect(seconds(4)).toBeLessThan(0.6 * seconds(1));
  });

  it('do not happen with automatic compactions off: L0 grows without a stall, and its debt stays', () => {
    const said = { ...smallStore, disable_auto_compactions: true };
    const result = simulateLsm(scenarioOf(said, [writeStep({ puts: 60_000 }), { kind: 'flush', benchmark: 'flush' }]));
    // 60,000 / 946 = 63.4
    expect(result.levels[0]).toMatchObject({ files: 64, compactions: 64 });
    expect(result.stall.byCause).toMatchObject({ l0Slowdown: 0, l0Stop: 0, pendingSlowdown: 0 });
    expect(result.writeAmplificationNoWal).toBe(1);
    expect(result.debt.pendingCompactionBytes).toBeGreaterThan(60 * MiB);
    expect(result.debt.drainSec).toBeNull();
  });

  it('of sequential keys are moves: nothing is rewritten', () => {
    const result = simulateLsm(scenarioOf(smallStore, [writeStep({ puts: 100_000, distribution: 'sequential' }), wait]));
    expect(result.writeAmplificationNoWal).toBe(1);
    expect(result.levels.reduce((sum, { movedBytes }) => sum + movedBytes, 0)).toBeGreaterThan(50 * MiB);
  });
});

describe('FIFO', () => {
  it('keeps the newest files within its limit and writes each byte once', () => {
    const said = { ...smallStore, compaction_style: 'fifo', fifo_max_table_files_size: 20 * MiB, fifo_allow_compaction: false } as const;
    const result = observe(scenarioOf(said, [writeStep()]), (job, host) => {
      const { tree } = host.stores[0]!.families[0]!;
      expect(tree.totalBytes).toBeLessThanOrEqual(22 * MiB);
      if (job.task !== null) expect([job.task.kind, job.bytesOut]).toEqual(['drop', 0]);
      // What is left is what came last.
      expect(filesOf(tree, 0)[0]!.smallestSeq).toBeGreaterThan(host.stores[0]!.families[0]!.seq - 26_000);
    });
    expect(result.writeAmplificationNoWal).toBe(1);
    expect(result.stall.byCause.l0Slowdown + result.stall.byCause.l0Stop).toBe(0);
  });
});

describe('what would bind next', () => {
  it('is the device as a whole, reads, writes and WAL together, named by the larger of reads and writes', () => {
    const device = { ...testDevice, readBytesPerSec: 450 * MiB, writeBytesPerSec: 450 * MiB };
    const options = { ...smallStore, use_direct_reads: true, wal_bytes_per_sync: MiB };
    const result = simulateLsm(scenarioOf(options, [writeStep({ puts: 100_000, disableWal: false })], { device }));
    const { bottleneck, device: moved } = result;
    expect(bottleneck.binding[0]?.limit).toBe('sync');
    expect(Math.min(moved.readBytes, moved.walDeviceBytes)).toBeGreaterThan(0);
    expect(bottleneck.next?.limit).toBe('deviceWrite');
    expect(bottleneck.next?.headroomPercent).toBeCloseTo(100 * (1 / moved.busyFraction - 1), 9);
  });
});

describe('the WAL', () => {
  it('is counted in write amplification, and reaches the device only when synced or old', () => {
    const run = (said: Partial<LsmOptions>): LsmResult => simulateLsm(scenarioOf({ ...smallStore, ...said }, [writeStep({ puts: 50_000, disableWal: false })])); // prettier-ignore
    const lazy = run({});
    expect(lazy.device.walWrittenBytes / 50_000).toBeCloseTo(1063.2, 0);
    expect(lazy.device.walDeviceBytes).toBe(0);
    expect(run({ wal_bytes_per_sync: MiB }).device.walDeviceBytes).toBe(lazy.device.walWrittenBytes);
    const steps = [false, true].map((sync) => writeStep({ puts: 20_000, disableWal: false, sync }, false));
    const { device } = simulateLsm(scenarioOf(smallStore, steps));
    // The second half is synced, the first was left to the kernel.
    expect(device.walDeviceBytes / device.walWrittenBytes).toBeCloseTo(0.5, 3);
    expect(lazy.writeAmplification).toBeCloseTo(lazy.writeAmplificationUser! + 1063.2 / 1040, 2);
  });

  it('bytes that lie dirty for more than 30 seconds are written back by the kernel', () => {
    const seqs = { firstSeq: 0, endSeq: 1 };
    const memtable = {
      entries: 1,
      deletes: 0,
      walBytes: 1000,
      walSentBytes: 0,
      bornMicros: 5e6,
      walStartBytes: 0,
      ...seqs,
      flushing: true,
    };
    expect(walWrittenBack(memtable, 35e6)).toBe(0);
    // 40 s old: a quarter was dirty for longer than 30 s.
    expect(walWrittenBack(memtable, 45e6)).toBe(250);
    // What RocksDB synced is on the device already.
    expect(walWrittenBack({ ...memtable, walSentBytes: 600 }, 45e6)).toBe(100);
  });

  it('that goes to the device while puts go on takes its part of it: together with jobs it gets what the device can write, and no more', () => {
    const device = { ...testDevice, writeBytesPerSec: 20 * MiB };
    const writtenMiBPerSec = (said: Partial<LsmOptions>, more: Partial<WriteWorkload> = {}): number => {
      const step = writeStep({ puts: 2_000_000, durationSec: 30, disableWal: false, ...more });
      const result = simulateLsm(scenarioOf({ ...smallStore, ...said }, [step], { device }));
      expect(result.device.walDeviceBytes).toBe(result.device.walWrittenBytes);
      return result.device.writtenBytes / result.simulatedSec / MiB;
    };
    const sent = { wal_bytes_per_sync: MiB };
    for (const said of [sent, { ...sent, disable_auto_compactions: true }, { ...sent, rate_limiter_bytes_per_sec: 8 * MiB }]) {
      expect(writtenMiBPerSec(said)).toBeLessThanOrEqual(20.01);
    }
    // Many puts to a sync: the device is nearly all that they wait for.
    const synced = writtenMiBPerSec({ disable_auto_compactions: true }, { sync: true, entriesPerBatch: 1000 });
    expect(synced).toBeGreaterThan(18);
    expect(synced).toBeLessThanOrEqual(20.01);
  });
});

describe('I/O modes', () => {
  it('follow from direct I/O and bytes_per_sync, which a rate limiter turns on', () => {
    const modes = (said: Partial<LsmOptions>): string[] => [writeModeOf(optionsOf(said)), readModeOf(optionsOf(said))];
    expect(modes({})).toEqual(['buffered', 'buffered']);
    expect(modes({ rate_limiter_bytes_per_sec: MiB })).toEqual(['rangeSync', 'buffered']);
    expect(modes({ use_direct_io_for_flush_and_compaction: true })).toEqual(['direct', 'direct']);
    expect(modes({ use_direct_reads: true })).toEqual(['buffered', 'direct']);
  });

  it('no mode writes more than the device or the limiter lets through, and each uses most of a slow device', () => {
    const slow = { ...testDevice, writeBytesPerSec: 20 * MiB };
    for (const max_background_jobs of [2, 8]) {
      for (const said of [{ bytes_per_sync: 0 }, { bytes_per_sync: MiB }, { use_direct_io_for_flush_and_compaction: true }]) {
        for (const rate_limiter_bytes_per_sec of [0, 24 * MiB]) {
          const options = { ...smallStore, ...said, max_background_jobs, rate_limiter_bytes_per_sec };
          const result = simulateLsm(scenarioOf(options, [writeStep({ puts: 60_000 })], { device: slow }));
          const mibPerSec = written(result) / MiB / result.simulatedSec;
          expect(mibPerSec, JSON.stringify(options)).toBeLessThan(20 * 1.02);
          expect(mibPerSec, JSON.stringify(options)).toBeGreaterThan(20 * 0.75);
        }
      }
    }
  });
});

describe('reads', () => {
  it('come from the page cache while the tree fits into it, and from the device after that', () => {
    const read = (pageCacheBytes: number, direct = false): number =>
      simulateLsm(
        scenarioOf({ ...smallStore, use_direct_reads: direct }, [writeStep({ puts: 100_000 })], { host: { ...testHost, pageCacheBytes } }),
      ).device.readBytes;
    expect(read(8 * 1024 * MiB)).toBe(0);
    expect(read(20 * MiB)).toBeGreaterThan(0);
    expect(read(20 * MiB)).toBeLessThan(read(20 * MiB, true));
  });
});

describe('stalls', () => {
  it('an open loop that the store cannot follow is delayed by the stall, not thinned out', () => {
    // 5000 puts/s arrive, 1 MiB/s of device holds about 950: two seconds leave a backlog of most of them.
    const device = { ...testDevice, writeBytesPerSec: MiB };
    const arrival = { kind: 'open' as const, profile: { shape: 'constant' as const, opsPerSec: 5000 } };
    const result = simulateLsm(scenarioOf(smallStore, [writeStep({ puts: 6000, arrival })], { device }));
    // The 6000th put came at 1.2 s, and was done at the end.
    expect(maxMicros(result.putLatencyMicros) / 1e6).toBeGreaterThan(0.8 * (result.simulatedSec - 1.2));
    expect(maxMicros(result.putLatencyMicros) / 1e6).toBeLessThan(1.2 * result.simulatedSec);
    expect(totalCount(result.putLatencyMicros)).toBeGreaterThan(5990);
  });

  it('that nothing can ever end, end the run, with a warning', () => {
    // Universal: eight sorted runs stop writes, and a merge needs more than eight, or sizes that fit.
    const said = { ...smallStore, compaction_style: 'universal', universal_size_ratio: 0, universal_min_merge_width: 9 } as const;
    const triggers = { level0_file_num_compaction_trigger: 8, level0_slowdown_writes_trigger: 8, level0_stop_writes_trigger: 8 };
    const limits = { universal_max_size_amplification_percent: 100_000 };
    const run = startLsm(scenarioOf({ ...said, ...triggers, ...limits }, [writeStep()]));
    expect(run.advance(100_000)).toBe('done');
    const result = run.finish();
    // Whole memtables, and then no more.
    const { puts } = result.benchmarks[0]!;
    expect(puts).toBeLessThan(200_000);
    expect(puts % 946).toBe(0);
    expect(result.stall.byCause.l0Stop + result.stall.byCause.memtable).toBeCloseTo(result.stall.stoppedSec, 9);
    expect(result.warnings.map(({ message }) => message).join()).toContain('writes stopped for good');
  });

  it('of every kind are told apart, and the longest episodes are kept', () => {
    const run = (said: Partial<LsmOptions>): LsmResult => simulateLsm(scenarioOf({ ...smallStore, ...said }, [writeStep()]));
    const l0 = run({ level0_slowdown_writes_trigger: 6, level0_stop_writes_trigger: 7 });
    expect(l0.stall.byCause.l0Slowdown + l0.stall.byCause.l0Stop).toBeGreaterThan(0);
    const debt = run({ soft_pending_compaction_bytes_limit: 8 * MiB, hard_pending_compaction_bytes_limit: 12 * MiB });
    expect(debt.stall.byCause.pendingSlowdown).toBeGreaterThan(0);
    expect(debt.stall.byCause.pendingStop).toBeGreaterThan(0);
    for (const { stall } of [l0, debt]) {
      const lengths = stall.episodes.map(({ startSec, endSec }) => endSec - startSec);
      expect(lengths.length).toBeLessThanOrEqual(20);
      expect(lengths[0]).toBeCloseTo(stall.longestSec!, 9);
      expect(lengths).toEqual([...lengths].sort((a, b) => b - a));
      expect(Math.min(...stall.episodes.map(({ startSec }) => startSec))).toBeGreaterThanOrEqual(stall.firstAtSec!);
      for (const { cause, delayedWriteRateBytesPerSec } of stall.episodes) {
        expect(delayedWriteRateBytesPerSec === null).toBe(cause === 'memtable' || cause === 'l0Stop' || cause === 'pendingStop');
      }
    }
  });
});

describe('the observer', () => {
  it('sees each commit once, with the state right after it', () => {
    const seen: string[] = [];
    let last: HostState | null = null;
    const result = observe(scenarioOf(smallStore, [writeStep({ puts: 20_000 }), wait]), (job, host) => {
      seen.push(job.kind);
      last = host;
      const { tree } = host.stores[0]!.families[0]!;
      if (job.kind === 'flush') expect(filesOf(tree, 0).at(-1)?.id).toBe(job.outputs[0]);
    });
    expect(seen.filter((kind) => kind === 'flush')).toHaveLength(Math.floor(20_000 / 946));
    expect(last!.stores[0]!.families[0]!.tree.levels.map(({ count }) => count)).toEqual(result.levels.map(({ files }) => files));
  });
});
