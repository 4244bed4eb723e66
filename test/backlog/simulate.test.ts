import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BacklogScenario, EfficiencyModel } from '../../engine/backlog/scenario.js';
import { efficiencyOf, offeredPuts, readShareOf, simulateBacklog, startBacklog } from '../../engine/backlog/simulate.js';
import { GIB, MIB } from '../../engine/kernel/units.js';
import { backlogScenario, level } from './build.js';

const guide: EfficiencyModel = { model: 'contention-linear', baseFraction: 0.8, contentionBytes: 100 * GIB, waveFraction: 0.1 };
const saturating: EfficiencyModel = { ...guide, model: 'saturating', waveFraction: 0 };

describe('the read share', () => {
  const two = [level('L0', { muFraction: 0.1 }), level('L1', { muFraction: 0.3 })];

  test.each([
    [[0, 0], 0.5],
    [[1, 3], 0.5],
    [[1, 9], 0.2],
    [[3, 1], 1],
  ])('by the heuristic: backlogs %j give %d, min(1, 2 x L0 / all) or 0.5 without any', (backlogs, share) => {
    expect(readShareOf({ kind: 'heuristic' }, backlogs, two)).toBe(share);
  });

  test('learned by level is the mean over the levels with backlog, weighted with mu', () => {
    const learned = { kind: 'byLevel', readFractions: [1, 0.2] } as const;
    expect(readShareOf(learned, [5, 0], two)).toBe(1);
    expect(readShareOf(learned, [5, 5], two)).toBeCloseTo((0.1 * 1 + 0.3 * 0.2) / 0.4, 15);
    expect(readShareOf(learned, [0, 0], two)).toBeCloseTo(0.4, 15);
  });
});

describe('eta', () => {
  test('contention-linear is 0.8 x (1 - min(1, Q / 100 GiB)) x (1 + 0.1 sin(0.1 t)), with t in seconds', () => {
    expect(efficiencyOf(guide, 0, 0)).toBe(0.8);
    expect(efficiencyOf(guide, 25 * GIB, 0)).toBeCloseTo(0.6, 15);
    expect(efficiencyOf(guide, 50 * GIB, 5 * Math.PI)).toBeCloseTo(0.8 * 0.5 * 1.1, 12);
    expect(efficiencyOf(guide, 100 * GIB, 7)).toBe(0);
    expect(efficiencyOf(guide, 500 * GIB, 7)).toBe(0);
  });

  test('saturating is 0.8 / (1 + Q / 100 GiB) and never 0', () => {
    expect(efficiencyOf(saturating, 0, 3)).toBe(0.8);
    expect(efficiencyOf(saturating, 100 * GIB, 3)).toBe(0.4);
    expect(efficiencyOf(saturating, 900 * GIB, 3)).toBeCloseTo(0.08, 15);
  });
});

test('puts offered are the integral of the profile: 0 before its first point', () => {
  const points = [
    { atSec: 1, opsPerSec: 10 },
    { atSec: 3, opsPerSec: 100 },
  ];
  expect(offeredPuts(points, 0, 1)).toBe(0);
  expect(offeredPuts(points, 0.5, 1.5)).toBe(5);
  expect(offeredPuts(points, 2, 4)).toBe(110);
});

describe('one step', () => {
  test('drains C = mu k eta Beff of each level, and the next receives the data times its merge amplification', () => {
    // In 1 s: 150 MiB arrive at L0, which drains 0.1 x 1000; x 3 is 300 MiB of work for L1, which drains 0.2 x 1000.
    const levels = [level('L0', { muFraction: 0.1 }), level('L1', { muFraction: 0.2, mergeAmplification: 3 })];
    const result = simulateBacklog(backlogScenario({ stepCount: 1, levels, offered: [{ atSec: 0, opsPerSec: 150 * MIB }] }));
    expect(result.levels.map((row) => [row.receivedBytes / MIB, row.drainedBytes / MIB, row.backlogBytes / MIB])).toEqual([
      [150, 100, 50],
      [300, 200, 100],
    ]);
    expect(result.writeAmplificationUser).toBeCloseTo((150 + 200) / 150, 12);
    expect(result.simulatedSec).toBe(1);
  });

  test('passes data on, not work: amplifications add up along the levels and do not multiply', () => {
    const levels = [
      level('L0', { muFraction: 1 }),
      level('L1', { muFraction: 1, mergeAmplification: 2 }),
      level('L2', { muFraction: 1, mergeAmplification: 5 }),
    ];
    const { levels: rows, writeAmplificationUser } = simulateBacklog(backlogScenario({ levels }));
    expect(rows.map((row) => row.drainedBytes / MIB)).toEqual([500, 1000, 2500]);
    expect(writeAmplificationUser).toBeCloseTo(1 + 2 + 5, 12);
  });

  test('k scales what a level drains', () => {
    const levels = [level('L0', { muFraction: 0.1, kFactor: 0.3 })];
    expect(simulateBacklog(backlogScenario({ stepCount: 1, levels })).levels[0]?.drainedBytes).toBeCloseTo(30 * MIB, 3);
  });

  test('a level keeps the data that it has room for; without a given amplification its work is 1 + fan-out x fill', () => {
    // L1 keeps 100 MiB. Step 1: empty, 50 x 1. Step 2: half full, 50 x (1 + 10 x 0.5). Step 3: full, 50 x 11, and 50 go on.
    const free = { muFraction: 10, mergeAmplification: null };
    const levels = [level('L0', free), level('L1', { ...free, targetBytes: 100 * MIB }), level('L2', { ...free, targetBytes: 1000 * MIB })];
    const rows = simulateBacklog(backlogScenario({ stepCount: 3, levels })).levels;
    expect(rows[1]).toMatchObject({ receivedBytes: (50 + 300 + 550) * MIB, passedOnBytes: 50 * MIB, residentBytes: 100 * MIB });
    expect(rows[2]).toMatchObject({ receivedBytes: 50 * MIB, residentBytes: 50 * MIB });
  });
});

describe('the stall', () => {
  // 200 MiB/s offered, L0 drains 100 and may hold 250: full after 2.5 s.
  const scenario = backlogScenario({ offered: [{ atSec: 0, opsPerSec: 200 * MIB }], l0LimitBytes: 250 * MIB });

  test('begins when L0 reaches its limit; from then on writers get what L0 drains', () => {
    const { series, stall, levels, putRate } = simulateBacklog(scenario);
    expect(Array.from(series.opsPerSec.subarray(0, 5), (ops) => ops / MIB)).toEqual([200, 200, 150, 100, 100]);
    expect(stall).toMatchObject({ firstAtSec: 2, limitedSec: 8, longestSec: 8 });
    // Of the third second a quarter of the puts, of the other seven half.
    expect(stall.stoppedSec).toBeCloseTo(0.25 + 7 * 0.5, 12);
    expect(levels[0]?.peakBacklogBytes).toBe(250 * MIB);
    expect(putRate).toMatchObject({ meanMiBPerSec: 125, offeredOpsPerSec: 200 * MIB });
  });

  test('is told apart from none', () => {
    expect(simulateBacklog(backlogScenario()).stall).toEqual({ stoppedSec: 0, limitedSec: 0, firstAtSec: null, longestSec: null });
  });

  test('does not depend on the length of a step', () => {
    const fine = simulateBacklog({ ...scenario, stepCount: 1000, dtSec: 0.01 });
    expect(fine.putRate.meanMiBPerSec).toBeCloseTo(125, 6);
    expect(fine.stall.stoppedSec).toBeCloseTo(3.75, 6);
  });
});

describe('the lock of contention-linear', () => {
  const full = [level('L0', { muFraction: 0.5, initialBacklogBytes: 100 * GIB })];
  const run = (efficiency: EfficiencyModel) =>
    simulateBacklog(
      backlogScenario({ levels: full, efficiency, stepCount: 100, offered: [{ atSec: 0, opsPerSec: 0 }], l0LimitBytes: 1e15 }),
    );

  test('at 100 GiB nothing drains any more, and a warning says so', () => {
    const result = run(guide);
    expect(result.backlog.endBytes).toBe(100 * GIB);
    expect(result.efficiency).toMatchObject({ minFraction: 0, lockedAtSec: 0 });
    expect(result.warnings).toEqual([
      expect.objectContaining({ code: 'EFFICIENCY_LOCKED', message: expect.stringContaining('contention-linear locked at 0 s') as string }),
    ]);
  });

  test('saturating goes on draining from there', () => {
    const result = run(saturating);
    expect(result.backlog.endBytes).toBeLessThan(90 * GIB);
    expect(result.efficiency.lockedAtSec).toBeNull();
    expect(result.warnings).toEqual([]);
  });
});

test('the guide by hand: one level, contention-linear, the envelope asked at the read share of the backlog', () => {
  // Reads take 1/1000 s a MiB, writes 1/500: at a share of 0.5 the device gives 1 / (0.5/1000 + 0.5/500) = 666.7 MiB/s, at 1 it gives 1000.
  const device = { kind: 'constant', name: 'd', source: '', readBytesPerSec: 1000 * MIB, writeBytesPerSec: 500 * MIB } as const;
  const levels = [level('L0', { muFraction: 0.1 })];
  const offered = [{ atSec: 0, opsPerSec: 1024 * MIB }];
  const { series } = simulateBacklog(backlogScenario({ device, levels, offered, efficiency: guide, stepCount: 2, l0LimitBytes: 1e15 }));
  expect(Array.from(series.readFraction)).toEqual([0.5, 1]);
  const drainedMib = 0.1 * 0.8 * (2000 / 3);
  expect((series.backlogBytes[0]?.[0] ?? 0) / MIB).toBeCloseTo(1024 - drainedMib, 9);
  const left = (1024 - drainedMib) / (100 * 1024);
  expect((series.capacityBytesPerSec[0]?.[1] ?? 0) / MIB).toBeCloseTo(0.1 * 0.8 * (1 - left) * (1 + 0.1 * Math.sin(0.1)) * 1000, 9);
});

const arbitraryScenario: fc.Arbitrary<BacklogScenario> = fc
  .record({
    mus: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 5 }),
    amplification: fc.option(fc.double({ min: 1, max: 12, noNaN: true })),
    target: fc.integer({ min: 1, max: 4096 }),
    offeredMib: fc.integer({ min: 0, max: 3000 }),
    model: fc.constantFrom('saturating' as const, 'contention-linear' as const),
    dtSec: fc.constantFrom(0.1, 1, 10),
    initialGib: fc.integer({ min: 0, max: 200 }),
  })
  .map(({ mus, amplification, target, offeredMib, model, dtSec, initialGib }) =>
    backlogScenario({
      dtSec,
      stepCount: 50,
      offered: [{ atSec: 0, opsPerSec: offeredMib * MIB }],
      efficiency: { ...guide, model },
      levels: mus.map((muFraction, index) =>
        level(`L${String(index)}`, {
          muFraction,
          mergeAmplification: amplification,
          targetBytes: index === 0 ? 0 : target * MIB,
          initialBacklogBytes: index === 1 ? initialGib * GIB : 0,
        }),
      ),
    }),
  );

describe('every run', () => {
  test('conserves work: initial + received = drained + backlog, on every level', () => {
    fc.assert(
      fc.property(arbitraryScenario, (scenario) => {
        simulateBacklog(scenario).levels.forEach((row, index) => {
          const arrived = (scenario.levels[index]?.initialBacklogBytes ?? 0) + row.receivedBytes;
          expect(Math.abs(arrived - row.drainedBytes - row.backlogBytes)).toBeLessThanOrEqual(1e-9 * Math.max(1, arrived));
        });
      }),
      { seed: 42 },
    );
  });

  test('conserves data: what is put is kept, passed down or waiting', () => {
    const given = arbitraryScenario.map((scenario) => ({
      ...scenario,
      levels: scenario.levels.map((one) => ({ ...one, mergeAmplification: 3, initialBacklogBytes: 0 })),
    }));
    fc.assert(
      fc.property(given, (scenario) => {
        const { levels, userBytes } = simulateBacklog(scenario);
        const waiting = levels.reduce((sum, row, index) => sum + row.backlogBytes / (index === 0 ? 1 : 3), 0);
        const kept = levels.reduce((sum, row) => sum + row.residentBytes, 0);
        expect(Math.abs(waiting + kept - userBytes)).toBeLessThanOrEqual(1e-9 * Math.max(1, userBytes));
      }),
      { seed: 42 },
    );
  });

  test('has no negative or unknown figure, takes no more than is offered, and keeps L0 within its limit', () => {
    fc.assert(
      fc.property(arbitraryScenario, (scenario) => {
        const { series, putRate, stall, simulatedSec, levels } = simulateBacklog(scenario);
        const all = [series.readFraction, series.beffBytesPerSec, series.opsPerSec, ...series.backlogBytes, ...series.capacityBytesPerSec];
        for (const values of all) for (const value of values) expect(value >= 0 && value < Infinity).toBe(true);
        expect(putRate.meanOpsPerSec).toBeLessThanOrEqual(putRate.offeredOpsPerSec * (1 + 1e-12));
        expect(stall.stoppedSec).toBeLessThanOrEqual(simulatedSec * (1 + 1e-12));
        expect(levels[0]?.peakBacklogBytes).toBeLessThanOrEqual(GIB * (1 + 1e-12));
      }),
      { seed: 42 },
    );
  });

  test('is the same whatever the size of its slices', () => {
    const whole = simulateBacklog(backlogScenario());
    const run = startBacklog(backlogScenario());
    let slices = 1;
    while (run.advance(3) === 'more') slices++;
    expect(slices).toBe(4);
    expect(run.snapshot()).toEqual({ nowSec: 10, fraction: 1, events: 10 });
    expect(run.finish()).toEqual(whole);
  });
});
