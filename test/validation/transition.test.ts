import { describe, expect, it } from 'vitest';
import { findStretches } from '../../engine/validation/transition.js';

const wobble = (index: number): number => (index % 7) - 3;

describe('phase B: when a run changes its pace', () => {
  it('finds the cuts between stretches of constant mean', () => {
    const curve = Array.from({ length: 240 }, (_, second) => (second < 60 ? 100 : second < 160 ? 50 : 25) + wobble(second));
    const stretches = findStretches(curve);
    expect(stretches.map(({ startSec, endSec }) => [startSec, endSec])).toEqual([
      [0, 60],
      [60, 160],
      [160, 240],
    ]);
    expect(stretches[1]!.meanOpsPerSec).toBeCloseTo(50, 0);
    expect(stretches.map(({ phase }) => phase)).toEqual([null, null, null]);
  });

  it('a steady curve is one stretch; no curve is none', () => {
    expect(findStretches(Array.from({ length: 200 }, (_, second) => 80 + wobble(second)))).toHaveLength(1);
    expect(findStretches(new Array(50).fill(9))).toHaveLength(1);
    expect(findStretches([])).toEqual([]);
  });

  it('gives each stretch to both detectors, with the bandwidth of the jobs that finished in it', () => {
    const mib = 1024 * 1024;
    const curve = Array.from({ length: 100 }, (_, second) => (second < 50 ? 1000 : 100) + wobble(second));
    const finished = [
      { atSec: 10, bytes: 50 * 4000 * mib },
      { atSec: 60, bytes: 50 * 600 * mib },
    ];
    const [first, second] = findStretches(curve, finished);
    expect(first).toMatchObject({ writeMibPerSec: 4000, phase: { 'runtime-first': 'initial', 'majority-vote': 'initial' } });
    expect(second).toMatchObject({ writeMibPerSec: 600, phase: { 'runtime-first': 'initial', 'majority-vote': 'final' } });
  });
});
