import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkNames, type CheckName } from '../../engine/commit/checks.js';
import type { Fault } from '../../engine/commit/faults.js';
import { profiles } from '../../engine/commit/profiles.js';
import { simulateCommit, startCommit } from '../../engine/commit/simulate.js';
import { largestVersion, refuseVersion } from '../../engine/commit/store.js';
import { maxMicros, minMicros, totalCount, valueAtPercentile } from '../../engine/kernel/histogram.js';
import { encodeCommitResult } from '../../engine/scenario/commit-result.js';
import { encodeJson } from '../../engine/scenario/json.js';
import { notValidated } from '../../engine/scenario/result.js';
import { commitScenario, type Changes } from './build.js';

const bytesOf = (result: ReturnType<typeof simulateCommit>): string => encodeJson(encodeCommitResult(result, notValidated));
const failedChecks = (result: ReturnType<typeof simulateCommit>): string[] =>
  result.verification.filter(({ passed }) => !passed).map(({ check, detail }) => `${check}: ${detail}`);

describe('a key space of more versions than its columns hold', () => {
  it('ends the run with one line, instead of numbers that wrap around', () => {
    expect(() => refuseVersion(largestVersion + 1)).toThrow(
      'one key space has too many transactions or keys: found 2,147,483,648 (expected at most 2,147,483,647)',
    );
  });
});

describe('a writer alone', () => {
  const result = simulateCommit(commitScenario());

  it('writes at 0, 10, ... 110 s: 12 keys, none in conflict', () => {
    expect(result.keys).toMatchObject({ allocatedCount: 12, committedCount: 12, compactedCount: 0, liveCount: 12 });
    expect(result.roles.writer).toMatchObject({ operations: 12, succeededCount: 12, preconditionFailureCount: 0 });
  });

  it('takes GET HEAD + PUT data + PUT HEAD: 3 x 100 ms', () => {
    const latency = result.roles.writer!.latencyMicros!;
    expect([minMicros(latency), maxMicros(latency)]).toEqual([300_000, 300_000]);
  });

  it('sends one GET, one PUT and one conditional PUT for each', () => {
    expect(result.roles.writer!.requests).toEqual({ get: 12, put: 12, commit: 12, list: 0, delete: 0 });
  });

  it('pays for them: 12 x ($0.0004 + 2 x $0.005) / 1000 in 120 s, 21,600 times a month', () => {
    expect(result.bill.dollarsPerMonth).toBeCloseTo(((12 * 0.0104) / 1000) * 21_600, 9);
  });
});

describe('a reader', () => {
  it('takes two requests a read, and waits until there is a key', () => {
    const { roles } = simulateCommit(commitScenario({ workload: { readerCount: 1, readerOpsPerSec: 10 } }));
    // HEAD is read 50 ms after a tick; the first commit is decided at 250 ms, after the read of the tick at 200 ms (a tie: that was sent first).
    expect(roles.reader!.waitCount).toBe(3);
    expect(roles.reader!.operations).toBe(1200 - 3 - 2);
    expect(valueAtPercentile(roles.reader!.latencyMicros!, 50)).toBeCloseTo(200_000, -3);
  });
});

describe('a compactor', () => {
  const scenario = commitScenario({ workload: { compactorCount: 1 } });
  const result = simulateCommit(scenario);

  it('waits one pause while there are too few keys, and counts it', () => {
    expect(result.roles.compactor!.waitCount).toBe(1);
  });

  it('takes 2 x GET + 5 s + PUT + conditional PUT: 5.4 s, its reads of HEAD not counted', () => {
    expect(maxMicros(result.roles.compactor!.latencyMicros!)).toBe(5_400_000);
  });

  it('pauses 1 / compactor_rate after each: about 26 s apart, 4 in 120 s', () => {
    expect(result.keys).toMatchObject({ compactedCount: 4, committedCount: 16 });
  });

  it('does not starve', () => {
    expect(result.starvation).toMatchObject({ starves: false, longestFailuresInRowCount: 0 });
  });
});

describe('writers in lock-step', () => {
  it('race: one of two wins each tick, the other retries once and wins then', () => {
    const { roles } = simulateCommit(commitScenario({ workload: { writerCount: 2 } }));
    expect(roles.writer).toMatchObject({
      operations: 24,
      succeededCount: 24,
      preconditionFailureCount: 12,
      conflictCount: 12,
      retryFailureCount: 0,
    });
  });

  it('without retries the loser gives up: a retry failure, counted apart from the precondition failure', () => {
    const { roles, keys } = simulateCommit(commitScenario({ workload: { writerCount: 2, maxRetryCount: 0 } }));
    expect(roles.writer).toMatchObject({ operations: 24, succeededCount: 12, preconditionFailureCount: 12, retryFailureCount: 12 });
    expect(keys).toMatchObject({ allocatedCount: 24, committedCount: 12, orphanCount: 12 });
  });

  it('fail as often per operation at any rate: failures depend on the number of writers', () => {
    const failures = [0.02, 0.05, 0.1, 0.2].map((writerOpsPerSec) => {
      const { writer } = simulateCommit(
        commitScenario({ durationSec: 600, workload: { writerCount: 3, maxRetryCount: 2, writerOpsPerSec } }),
      ).roles;
      return writer!.preconditionFailureCount / writer!.operations;
    });
    expect(Math.max(...failures) - Math.min(...failures)).toBeLessThan(0.12);
  });

  it('do not race on key spaces of their own', () => {
    const { roles } = simulateCommit(commitScenario({ workload: { writerCount: 2, partitionCount: 2 } }));
    expect(roles.writer!.preconditionFailureCount).toBe(0);
  });
});

describe('open loop', () => {
  it('counts latency from the tick: a writer that is too slow for its rate falls behind, and says so', () => {
    const result = simulateCommit(commitScenario({ durationSec: 10, workload: { writerOpsPerSec: 10 } }));
    expect(result.coordinatedOmission).toBe('corrected');
    // 3.33 a second instead of 10: the 33rd has waited 33 x (0.3 - 0.1) s.
    expect(result.roles.writer!.operations).toBe(33);
    expect(maxMicros(result.roles.writer!.latencyMicros!)).toBe(33 * 300_000 - 32 * 100_000);
  });

  it('closed loop does not, and says that', () => {
    const result = simulateCommit(commitScenario({ durationSec: 10, workload: { arrivals: 'closed' } }));
    expect(result.coordinatedOmission).toBe('uncorrected');
    expect(maxMicros(result.roles.writer!.latencyMicros!)).toBe(300_000);
  });

  it.each(['phase', 'poisson'] as const)('%s arrivals keep the rate', (arrivals) => {
    const { reader } = simulateCommit(
      commitScenario({ durationSec: 600, workload: { readerCount: 4, readerOpsPerSec: 10, arrivals } }),
    ).roles;
    expect(reader!.operations / 24_000).toBeGreaterThan(0.97);
    expect(reader!.operations / 24_000).toBeLessThan(1.03);
  });

  it('rates follow bursts: ten times as many for the second half', () => {
    const rateFactors = [{ atSec: 60, factor: 10 }];
    expect(simulateCommit(commitScenario({ workload: { rateFactors } })).keys.allocatedCount).toBe(6 + 60);
  });
});

describe('the store', () => {
  it('queues beyond its capacity: reads wait longer and longer', () => {
    const reader = (capacityOpsPerSec: number | null): number =>
      valueAtPercentile(
        simulateCommit(commitScenario({ workload: { readerCount: 1 }, store: { capacityOpsPerSec } })).roles.reader!.latencyMicros!,
        99,
      );
    expect(reader(null)).toBeLessThan(210_000);
    expect(reader(150)).toBeGreaterThan(10_000_000);
  });

  it('answers 503 beyond the rate of a key space; requests are sent again', () => {
    const { reader } = simulateCommit(
      commitScenario({ workload: { readerCount: 1 }, store: { throttle: { readsPerSec: 180, writesPerSec: 100, burstSec: 1 } } }),
    ).roles;
    expect(reader!.slowDownCount).toBeGreaterThan(1000);
    expect(reader!.succeededCount).toBeGreaterThan(8000);
  });

  it('a lost answer is ambiguous: the retry recognises its own success, and nothing is written twice', () => {
    const result = simulateCommit(
      commitScenario({ durationSec: 3600, workload: { writerOpsPerSec: 1 }, store: { lossFraction: 0.1, timeoutMicros: 400_000 } }),
    );
    expect(result.roles.writer!.recognisedCount).toBeGreaterThan(50);
    expect(result.roles.writer!.timeoutCount).toBeGreaterThan(500);
    expect(failedChecks(result)).toEqual([]);
  });

  it('network blocks hold requests back', () => {
    const chaos = { blockCount: 3, blockMicros: 10_000_000, gapMinMicros: 20_000_000, gapMaxMicros: 20_000_000 };
    const { reader } = simulateCommit(commitScenario({ workload: { readerCount: 1 }, chaos })).roles;
    expect(maxMicros(reader!.latencyMicros!)).toBeGreaterThan(10_000_000);
    expect(maxMicros(reader!.latencyMicros!)).toBeLessThan(10_400_000);
  });

  it('network blocks that adjoin hold requests back as one', () => {
    const chaos = { blockCount: 3, blockMicros: 10_000_000, gapMinMicros: 0, gapMaxMicros: 0 };
    const { writer } = simulateCommit(commitScenario({ store: { timeoutMicros: 60_000_000 }, chaos })).roles;
    expect(maxMicros(writer!.latencyMicros!)).toBe(30_300_000);
  });

  it('a delay on the way keeps nobody else from the store: a capacity that never binds changes nothing', () => {
    const medians = (capacityOpsPerSec: number | null, chaos: Changes['chaos']): number[] => {
      const { writer, reader } = simulateCommit(
        commitScenario({ workload: { readerCount: 2 }, store: { capacityOpsPerSec }, chaos: { ...chaos } }),
      ).roles;
      return [writer, reader].map((role) => Math.round(valueAtPercentile(role!.latencyMicros!, 50) / 5000));
    };
    const blocks = { blockCount: 2, blockMicros: 5_000_000, gapMinMicros: 20_000_000, gapMaxMicros: 30_000_000 };
    for (const chaos of [{ extraLatencyMicros: 500_000 }, { extraLatencyMicros: 50_000, perRequest: true }, blocks]) {
      expect(medians(1e6, chaos)).toEqual(medians(null, chaos));
    }
  });

  it('a compactor has the extra delay of an operation in its latency', () => {
    const latency = (extraLatencyMicros: number): number =>
      maxMicros(
        simulateCommit(commitScenario({ workload: { compactorCount: 1 }, chaos: { extraLatencyMicros } })).roles.compactor!.latencyMicros!,
      );
    expect(latency(500_000) - latency(0)).toBe(500_000);
  });

  it('a failed precondition that is answered too late is a time-out', () => {
    const swaps = (failedMicros: number): NonNullable<ReturnType<typeof simulateCommit>['roles']['client']> =>
      simulateCommit(
        commitScenario({
          workload: { writerCount: 0, clientCount: 3 },
          store: { failedLatency: { kind: 'constant', micros: failedMicros }, timeoutMicros: 5_000_000 },
        }),
      ).roles.client!;
    expect(swaps(60_000_000)).toMatchObject({ preconditionFailureCount: 0 });
    expect(swaps(60_000_000).timeoutCount).toBeGreaterThan(40);
    expect(swaps(4_000_000)).toMatchObject({ timeoutCount: 0 });
  });

  it('a version that was overtaken on the way is a failed precondition, not a conflict', () => {
    const swaps = (extraLatencyMicros: number): NonNullable<ReturnType<typeof simulateCommit>['roles']['client']> =>
      simulateCommit(
        commitScenario({
          workload: { writerCount: 0, clientCount: 3 },
          store: { failedLatency: { kind: 'constant', micros: 130_000 } },
          chaos: { extraLatencyMicros, perRequest: true },
        }),
      ).roles.client!;
    // Who learns the version and is there at once finds it right.
    expect(swaps(0).conflictCount).toBe(swaps(0).preconditionFailureCount);
    expect(swaps(40_000).conflictCount).toBeLessThan(0.9 * swaps(40_000).preconditionFailureCount);
  });

  it('an extra delay is added once an operation, or to each request', () => {
    const latency = (perRequest: boolean): number =>
      maxMicros(simulateCommit(commitScenario({ chaos: { extraLatencyMicros: 50_000, perRequest } })).roles.writer!.latencyMicros!);
    expect([latency(false), latency(true)]).toEqual([350_000, 450_000]);
  });

  it('an overloaded CPU misses ticks and stretches latencies', () => {
    const { reader } = simulateCommit(
      commitScenario({ workload: { readerCount: 1 }, chaos: { dropTickFraction: 0.3, stretchFactor: 1.2 } }),
    ).roles;
    expect(reader!.operations / 12_000).toBeCloseTo(0.7, 1);
    expect(valueAtPercentile(reader!.latencyMicros!, 50)).toBeCloseTo(240_000, -3);
  });

  it('transfers values at its bandwidth', () => {
    const { writer } = simulateCommit(commitScenario({ workload: { valueBytes: 2_097_152 }, store: { microsPerMib: 20_000 } })).roles;
    expect(maxMicros(writer!.latencyMicros!)).toBe(340_000);
  });
});

describe('deletes and garbage', () => {
  it('a compaction that removes its inputs leaves one key for two, and the collector deletes what nothing refers to', () => {
    const result = simulateCommit(
      commitScenario({
        durationSec: 600,
        workload: {
          compactorCount: 1,
          deletesInputs: true,
          leaseMicros: 10_000_000,
          gcIntervalMicros: 30_000_000,
          readerCount: 1,
          writerOpsPerSec: 1,
        },
      }),
    );
    const { keys } = result;
    expect(keys.compactedCount).toBeGreaterThan(10);
    expect(keys.liveCount).toBe(keys.committedCount - 2 * keys.compactedCount);
    expect(keys.orphansDeletedCount).toBeGreaterThan(10);
    expect(failedChecks(result)).toEqual([]);
  });

  it('a compaction whose inputs another has merged is no failed request', () => {
    const workload = { compactorCount: 4, deletesInputs: true, writerOpsPerSec: 1, compactorPauseMicros: 1_000_000 };
    const { compactor } = simulateCommit(commitScenario({ durationSec: 600, workload })).roles;
    expect(compactor!.inputsLostCount).toBeGreaterThan(10);
    expect(compactor!.requestFailureCount).toBe(0);
  });

  it('who never gets to write its data leaves no orphan', () => {
    const store = { lossFraction: 1, requestRetryCount: 0, timeoutMicros: 500_000 };
    const { keys, roles } = simulateCommit(commitScenario({ workload: { compactorCount: 1 }, store }));
    expect(roles.writer!.requestFailureCount).toBe(12);
    expect(keys.orphanCount).toBe(0);
  });

  it('without a lease what was removed stays', () => {
    const workload = { compactorCount: 1, deletesInputs: true, gcIntervalMicros: 30_000_000, writerOpsPerSec: 1 };
    const { keys, roles } = simulateCommit(commitScenario({ durationSec: 600, workload }));
    expect(keys).toMatchObject({ orphansDeletedCount: 0, orphanCount: 2 * keys.compactedCount });
    expect(roles.collector!.requests).toMatchObject({ list: 19, delete: 0 });
  });

  it('a lease that is shorter than the sleep expires', () => {
    const { compactor } = simulateCommit(commitScenario({ workload: { compactorCount: 1, leaseMicros: 3_000_000 } })).roles;
    expect(compactor!.leaseExpirationCount).toBe(4);
  });

  it('range compaction reads keys in a row', () => {
    const lines: string[] = [];
    simulateCommit(
      commitScenario({ durationSec: 600, workload: { compactorCount: 1, compaction: 'range', compactorReadCount: 3, writerOpsPerSec: 1 } }),
      {
        historySink: (line) => void lines.push(line),
      },
    );
    const reads = lines
      .filter((line) => line.includes(':ok') && line.includes('[:w "compacted_'))
      .map((line) => [...line.matchAll(/\[:r "key_(\d+)"/g)].map((match) => Number(match[1])));
    const inRow = reads.filter((keys) => keys.length === 3);
    expect(inRow.length).toBeGreaterThan(5);
    for (const keys of inRow) expect(keys).toEqual([keys[0], keys[0]! + 1, keys[0]! + 2]);
  });
});

describe('plain compare-and-swap clients', () => {
  const swaps = (clientCount: number, store: Changes['store'] = {}) =>
    simulateCommit(
      commitScenario({ durationSec: 600, workload: { writerCount: 0, clientCount }, store: { ...profiles['s3-standard'], ...store } }),
    );

  it('one never fails and is as fast as its requests', () => {
    const { client } = swaps(1).roles;
    expect(client!.preconditionFailureCount).toBe(0);
    expect(client!.succeededCount / 600).toBeCloseTo(14.7, 0);
  });

  it('throughput does not grow with clients when preconditions are decided at the end of requests, and does when early', () => {
    const ratio = (decideFraction: number): number =>
      swaps(8, { decideFraction }).roles.client!.succeededCount / swaps(1, { decideFraction }).roles.client!.succeededCount;
    expect(ratio(1)).toBeLessThan(1.15);
    expect(ratio(0.3)).toBeGreaterThan(1.8);
  });

  it('a loser that reads again before it tries loses no more often than the others', () => {
    const wins = new Map<string, number>();
    const scenario = commitScenario({
      durationSec: 600,
      workload: { writerCount: 0, clientCount: 16, clientRereadMicros: 20_000 },
      store: { ...profiles['s3-standard'], decideFraction: 0.3 },
    });
    const { client } = simulateCommit(scenario, {
      historySink: (line) => {
        const process = / :type :ok, :process (\d+)/.exec(line)?.[1];
        if (process !== undefined) wins.set(process, (wins.get(process) ?? 0) + 1);
      },
    }).roles;
    expect(wins.size).toBe(16);
    expect(Math.max(...wins.values()) / Math.min(...wins.values())).toBeLessThan(1.3);
    // Every loser that never learned the version left all wins to one client: 15 wins a second.
    expect(client!.succeededCount / 600).toBeGreaterThan(25);
  });

  it('a limit of the object makes requests wait for each other', () => {
    const { client } = swaps(8, { serialMicros: 50_000 }).roles;
    expect(valueAtPercentile(client!.latencyMicros!, 50)).toBeGreaterThan(300_000);
  });
});

describe('a run', () => {
  const scenario = commitScenario({ workload: { writerCount: 3, compactorCount: 1, readerCount: 2 }, store: profiles.document });

  it('gives the same bytes again, in slices of any size', () => {
    const whole = bytesOf(simulateCommit(scenario));
    for (const slice of [1, 7, 1000]) {
      const run = startCommit(scenario);
      while (run.advance(slice) === 'more');
      expect(bytesOf(run.finish())).toBe(whole);
    }
  });

  it('gives other figures with another seed, and the same verdict', () => {
    const other = simulateCommit({ ...scenario, seed: 2 });
    expect(bytesOf(other)).not.toBe(bytesOf(simulateCommit(scenario)));
    expect(failedChecks(other)).toEqual([]);
  });

  it('of more than an hour knows latencies of more than an hour', () => {
    const workload = { writerOpsPerSec: 10 };
    const { writer } = simulateCommit(commitScenario({ durationSec: 14_400, workload })).roles;
    expect(maxMicros(writer!.latencyMicros!)).toBeGreaterThan(2 * 3_600_000_000);
  });

  it('counts what is in flight at its end', () => {
    const result = simulateCommit(scenario);
    expect(result.inFlightCount).toBeGreaterThan(50);
    expect(result.peakInFlightCount).toBeGreaterThanOrEqual(result.inFlightCount);
  });
});

describe('how many writers the store bears', () => {
  const question = { targetFraction: 0.95, maxCommitterCount: 64, maxRetryCount: 64 };

  it('two in lock-step with one retry on an even store, and those need it', () => {
    const { limit } = simulateCommit(commitScenario({ limit: question }));
    expect(limit).toMatchObject({ committerCount: 2, isBound: false, neededRetryCount: 1, configuredNeededRetryCount: 0 });
  });

  it('as many after a second as after an hour', () => {
    const limitAfter = (durationSec: number) => simulateCommit(commitScenario({ durationSec, limit: question })).limit;
    expect(limitAfter(1)).toEqual(limitAfter(3600));
  });

  it('nearly the same with any seed, at random times too', () => {
    const committers = [1, 2, 3, 4].map(
      (seed) => simulateCommit(commitScenario({ seed, limit: question, workload: { arrivals: 'poisson' } })).limit!.committerCount,
    );
    expect(Math.max(...committers) - Math.min(...committers)).toBeLessThan(2);
  });

  it('is not said where nothing ends', () => {
    const store = { lossFraction: 1, timeoutMicros: 30_000_000, requestRetryCount: 1000 };
    expect(simulateCommit(commitScenario({ limit: question, store })).limit).toBeNull();
  });

  it('more with more retries', () => {
    const { limit } = simulateCommit(commitScenario({ limit: question, workload: { maxRetryCount: 8 } }));
    expect(limit!.committerCount).toBeGreaterThan(4);
  });
});

describe('checks', () => {
  const crowd: Changes = { durationSec: 300, workload: { writerCount: 2, compactorCount: 1, readerCount: 2, readerOpsPerSec: 20 } };
  const faults: Readonly<Record<CheckName, Exclude<Fault, 'none'>>> = {
    writerKeysContiguous: 'skipKey',
    writerKeysInOrder: 'swapKeys',
    gapsAreRetryFailures: 'dropCommit',
    compactorReadsBeforeWrite: 'writeFirst',
    compactorReadCount: 'readFewer',
    compactorSleepKept: 'shortSleep',
    noDuplicateKeys: 'repeatKey',
    transactionIdsMonotonic: 'repeatTransaction',
    acknowledgedWritesVisible: 'dropCommit',
    readersSeeCommitted: 'dirtyRead',
    monotonicReads: 'staleHead',
    serialisable: 'blindCommit',
  };

  it('all hold for a correct store', () => {
    expect(failedChecks(simulateCommit(commitScenario(crowd)))).toEqual([]);
    expect(simulateCommit(commitScenario(crowd)).verification.map(({ check }) => check)).toEqual(Object.keys(checkNames));
  });

  it.each(Object.entries(faults))('%s fails for a store or client with the fault %s', (check, fault) => {
    const { verification } = simulateCommit(commitScenario(crowd), { fault });
    expect(verification.find((one) => one.check === check)).toMatchObject({ passed: false });
  });

  it('all hold for a correct store in any configuration', () => {
    const configuration = fc.record({
      seed: fc.nat(1_000_000),
      writerCount: fc.integer({ min: 0, max: 5 }),
      compactorCount: fc.integer({ min: 0, max: 3 }),
      readerCount: fc.integer({ min: 1, max: 4 }),
      maxRetryCount: fc.integer({ min: 0, max: 4 }),
      arrivals: fc.constantFrom('fixed' as const, 'phase' as const, 'poisson' as const, 'closed' as const),
      compaction: fc.constantFrom('random' as const, 'range' as const),
      deletesInputs: fc.boolean(),
      partitionCount: fc.integer({ min: 1, max: 3 }),
      leaseMicros: fc.constantFrom(null, 2_000_000),
      gcIntervalMicros: fc.constantFrom(null, 10_000_000),
      compactorReadCount: fc.integer({ min: 1, max: 4 }),
      lossFraction: fc.constantFrom(0, 0.05),
      decideFraction: fc.constantFrom(0, 0.5, 1),
      blockCount: fc.constantFrom(0, 3),
      throttled: fc.boolean(),
    });
    fc.assert(
      fc.property(configuration, ({ seed, lossFraction, decideFraction, blockCount, throttled, ...workload }) => {
        const result = simulateCommit(
          commitScenario({
            seed,
            durationSec: 60,
            workload: {
              ...workload,
              writerOpsPerSec: 0.5,
              readerOpsPerSec: 5,
              compactorPauseMicros: 3_000_000,
              compactorSleepMicros: 1_000_000,
            },
            store: {
              ...profiles.document,
              ...{ lossFraction, decideFraction, timeoutMicros: 1_500_000 },
              throttle: throttled ? { readsPerSec: 20, writesPerSec: 2, burstSec: 1 } : null,
            },
            chaos: { blockCount, blockMicros: 3_000_000, gapMinMicros: 5_000_000, gapMaxMicros: 15_000_000 },
          }),
        );
        expect(failedChecks(result)).toEqual([]);
        for (const role of Object.values(result.roles)) {
          expect(role.succeededCount + role.retryFailureCount + role.requestFailureCount + role.inputsLostCount).toBe(role.operations);
          if (role.latencyMicros !== null) expect(totalCount(role.latencyMicros)).toBe(role.succeededCount);
        }
      }),
      { numRuns: 100 },
    );
  });
});
