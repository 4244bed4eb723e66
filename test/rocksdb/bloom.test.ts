import { describe, expect, it } from 'vitest';
import { bloomFalsePositiveFraction, bloomProbes } from '../../engine/rocksdb/bloom.js';

describe("RocksDB's cache-local Bloom filter", () => {
  it('looks at the number of bits that its authors found best', () => {
    expect([1, 2, 3, 5, 6, 8, 10, 12, 14, 16, 20, 24, 25.6, 28, 28.001, 51].map(bloomProbes)).toEqual([
      1, 1, 2, 3, 4, 5, 6, 8, 8, 9, 11, 12, 11, 12, 13, 24,
    ]);
  });

  // The RocksDB wiki ("RocksDB Bloom Filter", format_version 5) gives 0.95 % for 10 bits a key and 0.08 % for 16.
  it('lets as many absent keys pass as RocksDB says', () => {
    expect(bloomFalsePositiveFraction(10)).toBeCloseTo(0.0095, 4);
    expect(bloomFalsePositiveFraction(16)).toBeCloseTo(0.0008, 5);
  });

  it('lets everything pass where there is none, and never more with more bits', () => {
    expect(bloomFalsePositiveFraction(0)).toBe(1);
    for (let bits = 2; bits < 40; bits++) expect(bloomFalsePositiveFraction(bits)).toBeLessThan(bloomFalsePositiveFraction(bits - 1));
  });
});
