import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRateClock, toClockMicros, toRateMicros } from '../../engine/commit/rates.js';
import { simulateCommit } from '../../engine/commit/simulate.js';
import { commitScenario, type Changes } from './build.js';

const run = (workload: Changes['workload'], durationSec = 120): ReturnType<typeof simulateCommit> =>
  simulateCommit(commitScenario({ durationSec, workload: { maxRetryCount: 100, ...workload } }));

describe('rate time', () => {
  it('runs as the factors say, and stands still where there is none', () => {
    const clock = createRateClock([
      { atSec: 10, factor: 3 },
      { atSec: 20, factor: 0 },
      { atSec: 30, factor: 1 },
    ]);
    expect([0, 5, 10, 15, 20, 25, 30, 31].map((sec) => toRateMicros(clock, sec * 1e6) / 1e6)).toEqual([0, 5, 10, 25, 40, 40, 40, 41]);
    expect([0, 10, 25, 40, 41].map((sec) => toClockMicros(clock, sec * 1e6) / 1e6)).toEqual([0, 10, 15, 30, 31]);
    expect(toClockMicros(createRateClock([{ atSec: 5, factor: 0 }]), 5e6)).toBe(Infinity);
  });

  it('goes there and back, for any factors', () => {
    const gaps = fc.array(fc.record({ sec: fc.integer({ min: 1, max: 50 }), factor: fc.integer({ min: 1, max: 9 }) }), { maxLength: 8 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 0, max: 400 }), (pieces, sec) => {
        let atSec = 0;
        const clock = createRateClock(pieces.map((piece) => ({ atSec: (atSec += piece.sec), factor: piece.factor })));
        expect(toClockMicros(clock, toRateMicros(clock, sec * 1e6)) / 1e6).toBeCloseTo(sec, 6);
      }),
    );
  });
});

describe('rates that change', () => {
  it.each(['fixed', 'phase', 'poisson'] as const)('%s: a slow beginning holds nothing back after its end', (arrivals) => {
    const rateFactors = [
      { atSec: 0, factor: 0.001 },
      { atSec: 10, factor: 1 },
    ];
    const { allocatedCount } = run({ rateFactors, arrivals, writerOpsPerSec: 1 }).keys;
    expect(allocatedCount).toBeGreaterThan(80);
    expect(allocatedCount).toBeLessThan(140);
  });

  it('a burst between two ticks happens', () => {
    const rateFactors = [
      { atSec: 3, factor: 100 },
      { atSec: 4, factor: 1 },
    ];
    // 110 s at 0.1/s and 1 s at 10/s.
    expect(run({ rateFactors }).keys.allocatedCount).toBe(22);
  });

  it('and a time without any has no tick', () => {
    expect(run({ rateFactors: [{ atSec: 0, factor: 0 }] }).keys.allocatedCount).toBe(0);
  });

  it('a compactor pauses by them too', () => {
    const compactions = (factor: number): number =>
      run({ compactorCount: 1, compactorSleepMicros: 0, writerOpsPerSec: 1, rateFactors: [{ atSec: 60, factor }] }, 600).keys
        .compactedCount;
    expect(compactions(1)).toBeLessThan(31);
    expect(compactions(4)).toBeGreaterThan(90);
    expect(compactions(0)).toBeLessThan(5);
  });
});
