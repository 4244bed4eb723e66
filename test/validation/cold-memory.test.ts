import { describe, expect, it } from 'vitest';
import { findColdMemory, type SizedMerge } from '../../engine/validation/cold-memory.js';

const MIB = 1 << 20;

/** Large merges of 1,000 records, 1 us each until the store has 5 GB and `factor` from there; the store grows by 500 MB a merge. */
function merges(factor: number, outputBytes = 600 * MIB): SizedMerge[] {
  return Array.from({ length: 20 }, (_, i) => {
    const storeBytes = (i + 1) * 500e6;
    return { runs: 10, records: 1000, cpuMicros: 1000 * (storeBytes > 5e9 ? factor : 1), outputBytes, storeBytes };
  });
}

describe('cold memory in a LOG', () => {
  it('is where large merges become dearer for good; what they take more is spread over the growth from there', () => {
    // Ten merges of 1,000 us more, while the store grows by 5 GB.
    expect(findColdMemory(merges(2))).toEqual({ warmBytes: 5e9, nanosPerByte: (10 * 1000 * 1000) / 5e9 });
  });

  it('is not where they stay as they were, are small, or too few', () => {
    expect(findColdMemory(merges(1.1))).toBeNull();
    expect(findColdMemory(merges(2, 60 * MIB))).toBeNull();
    expect(findColdMemory(merges(2).slice(0, 5))).toBeNull();
    expect(findColdMemory([])).toBeNull();
  });

  it('is not what a single dear merge was', () => {
    const one = merges(1).map((merge, i) => (i === 9 ? { ...merge, cpuMicros: 5000 } : merge));
    expect(findColdMemory(one)).toBeNull();
  });
});
