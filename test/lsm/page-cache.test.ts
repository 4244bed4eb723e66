import { describe, expect, it } from 'vitest';
import { createPageCache, finishPages, startPages, takePages, uncachedBefore } from '../../engine/lsm/page-cache.js';
import { simulateLsm } from '../../engine/lsm/simulate.js';
import type { LsmOptions } from '../../engine/rocksdb/options.js';
import { MiB, scenarioOf, smallStore, testHost, writeStep } from './build.js';

const host = { ...testHost, pageCacheBytes: 1000, warmPageBytes: 300, coldPageNanosPerByte: 2000 };

describe('cold memory', () => {
  it('costs where files take more than they ever did, beyond what was warm', () => {
    const cache = createPageCache();
    expect(takePages(cache, host, 0, 200)).toBe(0);
    // 200 being written and 200 more: 100 beyond the 300 that are warm.
    expect(takePages(cache, host, 0, 200)).toBe(200);
    finishPages(cache, 200);
    finishPages(cache, 200);
    // What was given back is used again.
    expect(takePages(cache, host, 200, 200)).toBe(0);
    expect(takePages(cache, host, 200, 100)).toBe(200);
  });

  it('is never more than the page cache holds, and a store that is there has paid for its own', () => {
    const full = createPageCache();
    expect(takePages(full, host, 5000, 100)).toBe(2 * 700);
    expect(takePages(full, host, 6000, 100)).toBe(0);
    const loaded = createPageCache();
    startPages(loaded, host, 800);
    expect(takePages(loaded, host, 800, 100)).toBe(200);
  });

  it('falls on merges into the base level most, and not at all on direct writes', () => {
    const cpuPerRecord = (coldPageNanosPerByte: number, options: Partial<LsmOptions> = {}): readonly number[] => {
      const cold = { ...testHost, coldPageNanosPerByte };
      const { levels } = simulateLsm(scenarioOf({ ...smallStore, ...options }, [writeStep()], { host: cold }));
      return [1, 2].map((level) => (1e6 * levels[level]!.compactionCpuSec) / levels[level]!.recordsIn);
    };
    const [base = 0, deeper = 0] = cpuPerRecord(0);
    const [coldBase = 0, coldDeeper = 0] = cpuPerRecord(5);
    expect(coldBase / base).toBeGreaterThan(1.2);
    expect(coldDeeper / deeper).toBeLessThan(1.1);
    const direct = { use_direct_io_for_flush_and_compaction: true };
    expect(cpuPerRecord(5, direct)).toEqual(cpuPerRecord(0, direct));
  });
});

describe('what the page cache still holds', () => {
  it('is what was written last, once the files are more than it', () => {
    const cache = { ...createPageCache(), writtenBytes: 10 * MiB };
    const small = { ...testHost, pageCacheBytes: 4 * MiB };
    expect(uncachedBefore(cache, small, 4 * MiB)).toBe(0);
    expect(uncachedBefore(cache, small, 5 * MiB)).toBe(6 * MiB);
  });
});
