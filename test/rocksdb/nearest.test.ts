import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, nearestName } from '../../engine/rocksdb/nearest.js';

describe('the nearest name', () => {
  it('counts insertions, deletions and substitutions: kitten to sitting is 3', () => {
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('', 'abc')).toBe(3);
    expect(editDistance('abc', 'abc')).toBe(0);
  });

  it('is a metric', () => {
    const word = fc.string({ maxLength: 8 });
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
        expect(editDistance(a, b) === 0).toBe(a === b);
      }),
      { seed: 42 },
    );
  });

  it('takes the first of equally near names, ignores case and dashes, and gives up when nothing is near', () => {
    expect(nearestName('Write-Bufer-Size', ['read_size', 'write_buffer_size'])).toBe('write_buffer_size');
    expect(nearestName('ab', ['aa', 'bb'])).toBe('aa');
    expect(nearestName('threads', ['compression', 'benchmarks'])).toBeNull();
  });
});
