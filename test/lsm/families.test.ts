/** Several column families and databases at once: what they share, what each has of its own, and that nothing gets lost between them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { totalCount } from '../../engine/kernel/histogram.js';
import { runToEnd } from '../../engine/kernel/run.js';
import type { DatabaseResult, FamilyResult, LsmResult } from '../../engine/lsm/result.js';
import type { Load, LoadTarget, LsmScenario, SharedParts, StoreScenario, WriteWorkload } from '../../engine/lsm/scenario.js';
import { simulateLsm, startLsm } from '../../engine/lsm/simulate.js';
import type { Observer } from '../../engine/lsm/state.js';
import type { LsmOptions } from '../../engine/rocksdb/options.js';
import { memtableEntryCapacity } from '../../engine/rocksdb/sizes.js';
import { checkingObserver } from '../support/check-tree.js';
import { KiB, MiB, optionsOf, scenarioOf, smallStore, testDevice, workloadOf } from './build.js';

/** A database: what its families say over `smallStore`, and each one's share. */
interface Database {
  readonly families: readonly { readonly share: number; readonly options?: Partial<LsmOptions> }[];
  readonly options?: Partial<LsmOptions>;
  /** Writing threads of its own; left out: all databases share one load. */
  readonly load?: Partial<WriteWorkload> | undefined;
}

function scenarioWith(
  databases: readonly Database[],
  said: Partial<WriteWorkload> = {},
  more: { readonly shared?: Partial<SharedParts>; readonly seed?: number; readonly deviceMib?: number } = {},
): LsmScenario {
  const stores = databases.map(({ families, options }, index): StoreScenario => {
    const own = optionsOf({ ...smallStore, ...options });
    return {
      name: `db-${index}`,
      options: own,
      families: families.map((family, at) => ({
        name: `family-${at}`,
        options: optionsOf({ ...smallStore, ...options, ...family.options }),
        initial: { from: 'empty' },
      })),
    };
  });
  const workload = workloadOf(said);
  const targetsOf = (storeIndex: number, part: number): LoadTarget[] => {
    const { families } = databases[storeIndex]!;
    const total = families.reduce((sum, { share }) => sum + share, 0);
    return families.map(({ share }, familyIndex) => {
      const fraction = share / total;
      const keyCount = Math.max(1, Math.round(workload.keyCount * fraction));
      return {
        storeIndex,
        familyIndex,
        shareFraction: part * fraction,
        keySizeBytes: workload.keySizeBytes,
        valueSizeBytes: workload.valueSizeBytes,
        keyCount,
      };
    });
  };
  const sharing = databases.flatMap(({ load }, index) => (load === undefined ? [index] : []));
  const common: Load[] =
    sharing.length === 0 ? [] : [{ workload, targets: sharing.flatMap((index) => targetsOf(index, 1 / sharing.length)) }];
  const own = databases.flatMap(({ load }, index): Load[] =>
    load === undefined ? [] : [{ workload: workloadOf({ ...said, ...load }), targets: targetsOf(index, 1) }],
  );
  const base = scenarioOf(smallStore, [{ kind: 'write', benchmark: 'fillrandom', fresh: true, workload, loads: [...common, ...own] }], {
    seed: more.seed ?? 1,
    device: { ...testDevice, writeBytesPerSec: (more.deviceMib ?? 500) * MiB },
  });
  return { ...base, stores, ...(stores.length === 1 ? {} : { shared: { threadPools: true, rateLimiter: false, ...more.shared } }) };
}

/** Entries that fill a memtable of these options. */
function wholeMemtable(options: Partial<LsmOptions>): number {
  const { keySizeBytes, valueSizeBytes } = workloadOf({});
  return memtableEntryCapacity(optionsOf({ ...smallStore, ...options }), { keySizeBytes, valueSizeBytes });
}

const even = (count: number): Database['families'] => Array.from({ length: count }, () => ({ share: 1 }));

function familiesOf({ databases = [] }: LsmResult): readonly FamilyResult[] {
  return databases.flatMap(({ families }) => families);
}

function databaseOf(result: LsmResult, index: number): DatabaseResult {
  return result.databases![index]!;
}

const sum = <T>(rows: readonly T[], read: (row: T) => number): number => rows.reduce((total, row) => total + read(row), 0);

const cases = fc
  .record({
    databases: fc.array(
      fc.record({
        families: fc.array(fc.record({ share: fc.constantFrom(1, 2, 5), options: fc.constantFrom({}, { write_buffer_size: 256 * KiB }) }), {
          minLength: 1,
          maxLength: 3,
        }),
        options: fc.record({
          rate_limiter_bytes_per_sec: fc.constantFrom(0, 5 * MiB, 30 * MiB),
          max_background_jobs: fc.constantFrom(2, 4, 8),
          max_total_wal_size: fc.constantFrom(0, 3 * MiB),
          db_write_buffer_size: fc.constantFrom(0, 0, 512 * KiB, 2 * MiB),
        }),
        load: fc.constantFrom(undefined, undefined, { puts: 10_000 }, {
          puts: 5_000,
          arrival: { kind: 'paced', bytesPerSec: 3e6 },
        } as const),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    said: fc.record({
      puts: fc.constantFrom(5_000, 20_000),
      threads: fc.constantFrom(1, 4),
      disableWal: fc.boolean(),
      distribution: fc.constantFrom('uniform', 'sequential'),
    }),
    shared: fc.record({ threadPools: fc.boolean(), rateLimiter: fc.boolean() }),
    seed: fc.integer({ min: 0, max: 99 }),
  })
  .filter(({ databases }) => databases.length > 1 || databases[0]!.families.length > 1);

describe('every run with several families or databases', () => {
  it('keeps all trees in order, loses nothing, and its parts add up to its totals', () => {
    fc.assert(
      fc.property(cases, ({ databases, said, shared, seed }) => {
        const scenario = scenarioWith(databases, said, { shared, seed });
        const result = runToEnd(startLsm(scenario, checkingObserver().observer));
        const families = familiesOf(result);
        const puts = sum(scenario.steps, (step) => (step.kind === 'write' ? sum(step.loads!, (load) => load.workload.puts!) : 0));
        expect(result.benchmarks[0]!.puts).toBe(puts);
        expect(Math.abs(sum(families, (row) => row.puts) - puts)).toBeLessThanOrEqual(families.length);
        expect(Math.abs(totalCount(result.putLatencyMicros) - puts)).toBeLessThanOrEqual(8 * scenario.stores.length);
        expect(sum(families, (row) => row.device.writtenBytes)).toBe(sum(result.levels, (row) => row.writtenBytes));
        expect(sum(families, (row) => row.bytes)).toBe(sum(result.levels, (row) => row.bytes));
        expect(sum(result.databases!, (row) => row.device.fraction)).toBeCloseTo(result.flushedBytes > 0 ? 1 : 0, 9);
        // One leader waits at most all the time; of several, each may.
        const blamed = sum(families, ({ stall }) => stall.stoppedSec + stall.delayedSec);
        const waited = result.stall.stoppedSec + result.stall.delayedSec;
        expect(waited).toBeLessThanOrEqual(result.simulatedSec + 1e-9);
        const writers = scenario.steps[0]!.kind === 'write' ? scenario.steps[0]!.loads!.length : 0;
        if (writers === 1) expect(blamed).toBeCloseTo(waited, 6);
        else expect(blamed).toBeGreaterThanOrEqual(waited - 1e-6);
        expect(result.debt.drainSec).not.toBeNull();
      }),
      { seed: 7, numRuns: 60 },
    );
  });

  it('is the same in slices of one event and of a million', () => {
    fc.assert(
      fc.property(cases, ({ databases, said, shared, seed }) => {
        const scenario = scenarioWith(databases, said, { shared, seed });
        expect(runToEnd(startLsm(scenario), 1)).toEqual(runToEnd(startLsm(scenario), 1_000_000));
      }),
      { seed: 8, numRuns: 12 },
    );
  });
});

describe('column families', () => {
  it('get their shares of the puts, each with a tree of its own', () => {
    const result = simulateLsm(scenarioWith([{ families: [{ share: 1 }, { share: 3 }] }]));
    const [small, large] = familiesOf(result) as [FamilyResult, FamilyResult];
    expect(large.puts / small.puts).toBeCloseTo(3, 1);
    expect(large.bytes / small.bytes).toBeGreaterThan(2);
  });

  it('share one write controller: a family that is full stops the writes of all', () => {
    // The second family's compactions are off and its L0 may hold 4 files.
    const stuffed = { disable_auto_compactions: false, level0_slowdown_writes_trigger: 4, level0_stop_writes_trigger: 4 };
    const result = simulateLsm(
      scenarioWith([{ families: [{ share: 1 }, { share: 1, options: stuffed }], options: { rate_limiter_bytes_per_sec: 20 * MiB } }]),
    );
    const [calm, full] = familiesOf(result) as [FamilyResult, FamilyResult];
    expect(full.stall.byCause.l0Stop).toBeGreaterThan(0);
    expect(calm.stall.byCause.l0Stop).toBe(0);
    expect(result.stall.byCause.l0Stop).toBeCloseTo(full.stall.byCause.l0Stop, 6);
    // The calm one gets no more puts for it.
    expect(calm.puts / full.puts).toBeCloseTo(1, 1);
  });

  it('are flushed when they keep the WAL alive too long (max_total_wal_size), and only then', () => {
    const seldom = [{ share: 99 }, { share: 1 }];
    const filesOf = (max_total_wal_size: number, families: Database['families'] = seldom): number => {
      const result = simulateLsm(scenarioWith([{ families, options: { max_total_wal_size } }], { disableWal: false, puts: 40_000 }));
      return familiesOf(result).at(-1)!.levels[0]!.compactions;
    };
    // 1 % of 40 MB never fills a memtable of 1 MiB.
    expect(filesOf(1000 * MiB)).toBe(0);
    expect(filesOf(10 * MiB)).toBeGreaterThanOrEqual(3);
    expect(filesOf(10 * MiB)).toBeLessThanOrEqual(5);
    // 0: four times all write buffers, 2 x 2 x 1 MiB.
    expect(filesOf(0)).toBeGreaterThanOrEqual(2);
  });

  it('without a WAL have no such limit', () => {
    const scenario = scenarioWith([{ families: [{ share: 99 }, { share: 1 }], options: { max_total_wal_size: 2 * MiB } }], {
      puts: 40_000,
    });
    expect(familiesOf(simulateLsm(scenario)).at(-1)!.levels[0]!.compactions).toBe(0);
  });

  it('share db_write_buffer_size: the oldest memtable goes when active ones take seven eighths of it, unless its flush is under way', () => {
    const flushes: { readonly family: number; readonly entries: number }[] = [];
    const observer: Observer = ({ kind, family, recordsIn }) => {
      if (kind === 'flush') flushes.push({ family: family.index, entries: recordsIn });
    };
    const options = { write_buffer_size: 8 * MiB, arena_block_size: 4096, db_write_buffer_size: 4 * MiB };
    runToEnd(startLsm(scenarioWith([{ families: even(2), options }], { puts: 20_000 }, { deviceMib: 10_000 }), observer));
    // The first to go holds half of 7/8 x 4 MiB; then they take turns, each with what was put since its last turn.
    expect(flushes[0]).toMatchObject({ family: 0 });
    const first = flushes[0]!.entries;
    const whole = wholeMemtable(options);
    expect(first / whole).toBeCloseTo((0.5 * (7 / 8) * 4) / 8, 1);
    expect(flushes.slice(0, 6).map(({ family }) => family)).toEqual([0, 1, 0, 1, 0, 1]);
    for (const { entries } of flushes) expect(entries).toBeLessThan(whole / 2);
  });

  it('fill at random: memtables that begin together do not stay in step', () => {
    const ends: number[][] = [[], []];
    const observer: Observer = (job, host) => {
      if (job.kind === 'flush') ends[job.family.index]!.push(host.nowMicros);
    };
    runToEnd(startLsm(scenarioWith([{ families: even(2) }], { puts: 100_000 }), observer));
    const gaps = ends[0]!.map((at, i) => Math.abs(at - (ends[1]![i] ?? at)));
    expect(Math.max(...gaps.slice(-10))).toBeGreaterThan(Math.max(...gaps.slice(0, 2)));
  });
});

describe('databases', () => {
  const limited = { rate_limiter_bytes_per_sec: 10 * MiB };
  const two = (second: Partial<Database> = {}): Database[] => [
    { families: even(1), options: limited },
    { families: even(1), options: limited, ...second },
  ];

  it('of one load: a stop of one stops its threads for all; with threads of its own the other goes on', () => {
    const calm = { arrival: { kind: 'paced', bytesPerSec: 1e6 } } as const;
    const alone = simulateLsm(scenarioWith(two({ load: { ...calm, puts: 5_000 } }), { puts: 40_000 }, { shared: { threadPools: false } }));
    expect(databaseOf(alone, 0).stall.stoppedSec).toBeGreaterThan(1);
    expect(databaseOf(alone, 1).stall.stoppedSec).toBe(0);
    expect(databaseOf(alone, 1).putRate.meanOpsPerSec).toBeCloseTo(1e6 / 1040, -1);
    const together = simulateLsm(scenarioWith(two(), { puts: 40_000 }));
    const [first, second] = together.databases as [DatabaseResult, DatabaseResult];
    expect(first.putRate.meanOpsPerSec / second.putRate.meanOpsPerSec).toBeCloseTo(1, 1);
  });

  it('share the threads of one Env: with max_background_jobs 2 one flush at a time, each its own with pools of their own', () => {
    const most = (threadPools: boolean): number => {
      let flushes = 0;
      const observer: Observer = (_, host) => {
        flushes = Math.max(flushes, host.jobs.filter((job) => job?.kind === 'flush').length);
      };
      runToEnd(startLsm(scenarioWith(two(), { puts: 40_000 }, { shared: { threadPools } }), observer));
      return flushes;
    };
    expect(most(true)).toBe(1);
    expect(most(false)).toBe(2);
  });

  it('with a limiter each write twice what they write behind one', () => {
    const rate = (rateLimiter: boolean): number =>
      simulateLsm(scenarioWith(two(), { puts: 60_000 }, { shared: { rateLimiter, threadPools: false } })).putRate.meanOpsPerSec;
    expect(rate(false) / rate(true)).toBeGreaterThan(1.7);
    expect(rate(false) / rate(true)).toBeLessThan(2.3);
  });

  it('as many as there are, a flush slot that is shared is served in the order of asking', () => {
    const order: number[] = [];
    const observer: Observer = (job, host) => {
      if (job.kind === 'flush') order.push(host.stores.indexOf(job.store));
    };
    runToEnd(startLsm(scenarioWith(two(), { puts: 40_000 }), observer));
    expect(order.length).toBeGreaterThan(20);
    // Neither is served three times while the other waits.
    const longest = order.reduce(
      (run, store, i) => (store === order[i - 1] && store === order[i - 2] && store === order[i - 3] ? run + 1 : run),
      0,
    );
    expect(longest).toBe(0);
  });
});
