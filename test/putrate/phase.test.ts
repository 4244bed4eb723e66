import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { detectPhase, phaseAtMinutes } from '../../engine/putrate/phase.js';

describe('the detector runtime-first', () => {
  test.each([
    [3001, 'initial'],
    [3000, 'middle'],
    [501, 'middle'],
    [500, 'final'],
  ])('takes %d MiB/s alone for %s', (bandwidth, phase) => {
    expect(detectPhase('runtime-first', bandwidth)).toBe(phase);
  });

  test('lets the runtime win when it is known; minute 0 is known', () => {
    expect(detectPhase('runtime-first', 400, { runtimeMinutes: 0 })).toBe('initial');
    expect(detectPhase('runtime-first', 4000, { runtimeMinutes: 90 })).toBe('final');
  });

  test('the phases begin at 30 and 90 minutes', () => {
    expect([29.9, 30, 89.9, 90].map(phaseAtMinutes)).toEqual(['initial', 'middle', 'middle', 'final']);
  });
});

describe('the detector majority-vote', () => {
  test.each([
    [3001, {}, 'initial'],
    [801, {}, 'middle'],
    [800, {}, 'final'],
    // Two against the bandwidth.
    [4000, { runtimeMinutes: 100, variationFraction: 0.05 }, 'final'],
    // One each, or one against one: the bandwidth's.
    [4000, { runtimeMinutes: 60, variationFraction: 0.05 }, 'initial'],
    [4000, { runtimeMinutes: 100 }, 'initial'],
    [850, { variationFraction: 0.05 }, 'middle'],
    // A variation of exactly the threshold belongs below it; 0 is a value.
    [4000, { runtimeMinutes: 60, variationFraction: 0.4 }, 'middle'],
    [4000, { runtimeMinutes: 100, variationFraction: 0 }, 'final'],
  ] as const)('%d MiB/s with %o is %s', (bandwidth, evidence, phase) => {
    expect(detectPhase('majority-vote', bandwidth, evidence)).toBe(phase);
  });

  test('is the plain count of votes wherever that has one winner', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 6000, noNaN: true }),
        fc.double({ min: 0, max: 200, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (bandwidth, runtimeMinutes, variationFraction) => {
          const votes = [
            bandwidth > 3000 ? 'initial' : bandwidth > 800 ? 'middle' : 'final',
            runtimeMinutes < 30 ? 'initial' : runtimeMinutes < 90 ? 'middle' : 'final',
            variationFraction > 0.4 ? 'initial' : variationFraction > 0.1 ? 'middle' : 'final',
          ];
          const winner = votes.find((vote) => votes.filter((other) => other === vote).length > 1) ?? votes[0];
          expect(detectPhase('majority-vote', bandwidth, { runtimeMinutes, variationFraction })).toBe(winner);
        },
      ),
      { seed: 42 },
    );
  });
});
