import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decomposeBandwidth, dualStructureAt, performanceAt, publishedDrive } from '../../engine/putrate/dual-structure.js';
import { efficiencyPerParameter, informationContent } from '../../engine/putrate/information.js';
import { parameterSets } from '../../engine/putrate/parameters.js';

describe('the dual structure', () => {
  test('of the published drive is D = 0.739 and A = 0.793', () => {
    const { D_physical, A_software } = decomposeBandwidth(852.5);
    expect(D_physical).toBeCloseTo(1 - 1074.8 / 4116.6, 12);
    expect(A_software).toBeCloseTo(852.5 / 1074.8, 12);
    expect(decomposeBandwidth(4116.6)).toEqual({ D_physical: 0, A_software: 1 });
    expect(decomposeBandwidth(2058.3)).toEqual({ D_physical: 0.5, A_software: 1 });
    expect(decomposeBandwidth(9000)).toEqual({ D_physical: 0, A_software: 1 });
  });

  test('multiplies back to any bandwidth up to the fresh one', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 4116.6, noNaN: true }), (bandwidth) => {
        const { D_physical, A_software } = decomposeBandwidth(bandwidth);
        expect((4116.6 * (1 - D_physical) * A_software) / bandwidth).toBeCloseTo(1, 9);
      }),
      { seed: 42 },
    );
  });

  test('over time: D grows between 25 and 35 minutes, A falls between 85 and 95', () => {
    const loss = 1 - 1074.8 / 4116.6;
    expect(dualStructureAt(25)).toEqual({ D_physical: 0, A_software: 1 });
    expect(dualStructureAt(30).D_physical).toBeCloseTo(loss / 2, 12);
    expect(dualStructureAt(35)).toEqual({ D_physical: loss, A_software: 1 });
    expect(dualStructureAt(90).A_software).toBeCloseTo(1 - (1 - 852.5 / 1074.8) / 2, 12);
    expect(dualStructureAt(120).A_software).toBeCloseTo(852.5 / 1074.8, 12);
  });

  test('over time D never falls and A never rises', () => {
    const times = Array.from({ length: 241 }, (_, index) => dualStructureAt(index / 2));
    times.forEach((now, index) => {
      const before = times[index - 1] ?? now;
      expect(now.D_physical).toBeGreaterThanOrEqual(before.D_physical);
      expect(now.A_software).toBeLessThanOrEqual(before.A_software);
    });
  });

  test('P(t) meets the published bandwidth and put rate in each phase', () => {
    const { utilization } = parameterSets.fitted;
    for (const [minutes, bandwidth, ops] of [
      [10, 4116.6, 138_769],
      [60, 1074.8, 114_472],
      [110, 852.5, 109_678],
    ] as const) {
      const point = performanceAt(minutes, utilization);
      expect(point.device_write_bw).toBeCloseTo(bandwidth, 9);
      expect(Math.abs((point.P ?? 0) / ops - 1)).toBeLessThan(0.001);
    }
    expect(performanceAt(10, {})).toMatchObject({ U_phase: null, P: null });
  });
});

describe('information', () => {
  test('of the published drive is 1.94 + 0.33 = 2.27 bits', () => {
    const { physicalBits, softwareBits, totalBits } = informationContent();
    expect([physicalBits, softwareBits, totalBits].map((bits) => bits.toFixed(2))).toEqual(['1.94', '0.33', '2.27']);
  });

  test('is halvings of bandwidth, shared out over parameters', () => {
    const { totalBits } = informationContent({ initialMibPerSec: 8, degradedMibPerSec: 2, availableMibPerSec: 1 });
    expect(totalBits).toBe(3);
    expect(efficiencyPerParameter(totalBits, 4)).toBe(0.75);
    expect(publishedDrive.availableMibPerSec).toBe(852.5);
  });
});
