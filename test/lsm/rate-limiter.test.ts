import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createStream } from '../../engine/kernel/random.js';
import {
  advanceThreads,
  createRateLimiter,
  createThreads,
  endThread,
  IO_HIGH,
  IO_LOW,
  setSpeed,
  startThread,
  threadProgress,
  type RateLimiter,
  type RateLimiterConfig,
  type Threads,
  type ThreadStart,
} from '../../engine/lsm/rate-limiter.js';
import { KiB, MiB } from './build.js';

const SEC = 1e6;

function limiterOf(said: Partial<RateLimiterConfig> = {}): RateLimiter {
  const config = { bytesPerSec: 64 * MiB, periodMicros: 100_000, fairness: 10, autoTuned: false, partialGrants: false };
  return createRateLimiter({ ...config, ...said }, createStream(42, 'rateLimiter'));
}

/** A thread that produces 1000 bytes a microsecond: far faster than the limiter. */
const fast = 0.001;

interface Work extends Partial<ThreadStart> {
  readonly bytes: number;
  readonly microsPerByte?: number;
}

function begin(threads: Threads, limiter: RateLimiter, work: Work, owner: number, nowMicros: number): number {
  const use = { limiter, writesHeld: false };
  const row = startThread(threads, { owner, use, fileBytes: work.bytes, closeMicros: 0, basePriority: IO_LOW, charged: true, ...work });
  setSpeed(threads, row, work.microsPerByte ?? fast, nowMicros);
  return row;
}

/** When each of these threads, all started at 0, is done; seconds. */
function finishSeconds(limiter: RateLimiter, works: readonly Work[], untilSec = 1000): number[] {
  const threads = createThreads(1);
  const done = works.map(() => Infinity);
  works.forEach((work, owner) => begin(threads, limiter, work, owner, 0));
  const out = { row: -1, atMicros: 0 };
  for (let i = 0; i < works.length; i++) {
    advanceThreads(threads, [limiter], untilSec * SEC, out);
    if (out.row < 0) break;
    done[threads.owner[out.row]!] = out.atMicros / SEC;
    endThread(threads, out.row);
  }
  return done;
}

describe('two limiters', () => {
  it('of two stores each hold their own threads: one at 10 MB/s and one at 40, side by side', () => {
    const slow = { limiter: limiterOf({ bytesPerSec: 10e6 }), writesHeld: false };
    const quick = { limiter: limiterOf({ bytesPerSec: 40e6 }), writesHeld: false };
    const threads = createThreads();
    [slow, quick].forEach((use, owner) => begin(threads, use.limiter, { use, bytes: 20e6 }, owner, 0));
    const limiters = [slow.limiter, quick.limiter];
    const out = { row: -1, atMicros: 0 };
    advanceThreads(threads, limiters, Infinity, out);
    expect([threads.owner[out.row], out.atMicros / SEC]).toEqual([1, expect.closeTo(0.5, 0)]);
    endThread(threads, out.row);
    advanceThreads(threads, limiters, Infinity, out);
    expect(threads.owner[out.row]).toBe(0);
    expect(out.atMicros / SEC).toBeGreaterThan(1.8);
    expect(out.atMicros / SEC).toBeLessThan(2.1);
  });
});

describe('without a limiter', () => {
  const none = (): RateLimiter => limiterOf({ bytesPerSec: 0 });

  it('a thread takes its bytes times its time for a byte', () => {
    expect(finishSeconds(none(), [{ bytes: 3e6, microsPerByte: 0.5 }])).toEqual([1.5]);
    expect(finishSeconds(none(), [{ bytes: 1e6, microsPerByte: 0.5 }, { bytes: 3e6, microsPerByte: 0.1 }])).toEqual([0.5, 0.3]); // prettier-ignore
  });

  it('so does one that is not charged, beside one that is', () => {
    const [free, charged] = finishSeconds(limiterOf({ bytesPerSec: MiB }), [{ bytes: 100 * MiB, charged: false }, { bytes: 2 * MiB }]) as [
      number,
      number,
    ];
    expect(free).toBeCloseTo((100 * MiB * fast) / SEC, 9);
    expect(charged).toBeGreaterThan(1.5);
  });

  it('a change of speed holds for what is left', () => {
    const limiter = none();
    const threads = createThreads();
    const row = begin(threads, limiter, { bytes: 1e6, microsPerByte: 1 }, 7, 0);
    const out = { row: -1, atMicros: 0 };
    advanceThreads(threads, [limiter], 400_000, out);
    expect(out.row).toBe(-1);
    // 600,000 bytes are left: at half the speed they take 1.2 s more.
    setSpeed(threads, row, 2, 400_000);
    advanceThreads(threads, [limiter], Infinity, out);
    expect([out.row, out.atMicros, threads.owner[row]]).toEqual([row, 1_600_000, 7]);
  });
});

describe('at 64 MiB/s', () => {
  it('16.2 MB alone take 0.2 s: three quanta of 6.7 MB, at 0, 0.1 and 0.2 s', () => {
    // [measured] flush of a 16 MiB memtable in real runs: 0.207 s
    for (const partialGrants of [false, true]) {
      const [seconds] = finishSeconds(limiterOf({ partialGrants }), [{ bytes: 16.2e6 }]) as [number];
      expect(seconds).toBeGreaterThanOrEqual(0.2);
      expect(seconds).toBeLessThan(0.22);
    }
  });

  it('what fits into one quantum does not wait', () => {
    const [seconds] = finishSeconds(limiterOf(), [{ bytes: 6e6 }]) as [number];
    expect(seconds).toBeLessThan(0.02);
  });

  it('a flush beside a compaction gets half: 16.2 MB in about 0.45 s', () => {
    // [measured] 0.452 s in the mean, 0.479 s in the middle. 32.4 MB are 4.8 quanta: the fifth comes at 0.4 s.
    const [flush] = finishSeconds(limiterOf(), [{ bytes: 16.2e6, basePriority: IO_HIGH }, { bytes: 200e6 }]) as [number];
    expect(flush).toBeGreaterThanOrEqual(0.38);
    expect(flush).toBeLessThanOrEqual(0.52);
  });

  it('three equal threads are done at about the same time', () => {
    const seconds = finishSeconds(limiterOf(), [{ bytes: 50e6 }, { bytes: 50e6 }, { bytes: 50e6 }]);
    // 150 MB / 67.1 MB/s = 2.235 s
    expect(Math.max(...seconds)).toBeGreaterThan(2.1);
    expect(Math.max(...seconds)).toBeLessThan(2.4);
    expect(Math.min(...seconds)).toBeGreaterThan(1.8);
  });

  it('a thread slower than its share leaves the rest to others', () => {
    // 10 MB/s of 67.1: the other one gets 57.1 MB/s, 100 MB in 1.75 s.
    const [, other] = finishSeconds(limiterOf(), [{ bytes: 100e6, microsPerByte: 0.1 }, { bytes: 100e6 }]) as [number, number];
    expect(other).toBeGreaterThan(1.6);
    expect(other).toBeLessThan(2);
  });

  it('a limiter that lay idle allows one quantum at once, not what it did not grant', () => {
    const limiter = limiterOf();
    const threads = createThreads();
    const out = { row: -1, atMicros: 0 };
    begin(threads, limiter, { bytes: 1e6 }, 0, 0);
    advanceThreads(threads, [limiter], Infinity, out);
    endThread(threads, out.row);
    begin(threads, limiter, { bytes: 100e6 }, 1, 60 * SEC);
    advanceThreads(threads, [limiter], 61 * SEC, out);
    expect(out.row).toBe(-1);
    advanceThreads(threads, [limiter], Infinity, out);
    // 100 MB are 14.9 quanta; the rest of the first one and another are there at once.
    expect(out.atMicros / SEC - 60).toBeGreaterThan(1.25);
    expect(out.atMicros / SEC - 60).toBeLessThan(1.5);
  });
});

describe('however many threads ask', () => {
  const work = fc.record({
    bytes: fc.integer({ min: 1, max: 40e6 }),
    microsPerByte: fc.constantFrom(0.0001, 0.001, 0.05),
    basePriority: fc.constantFrom(IO_LOW, IO_HIGH),
    fileBytes: fc.constantFrom(1e6, 16e6, 1e9),
    closeMicros: fc.constantFrom(0, 5000),
  });

  it('no more than rate x time and two quanta is granted, and nothing is left over when threads wait', () => {
    fc.assert(
      fc.property(
        fc.array(work, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 500 * KiB, max: 200 * MiB }),
        fc.boolean(),
        (works, bytesPerSec, partialGrants) => {
          const seconds = finishSeconds(limiterOf({ bytesPerSec, partialGrants }), works, 1e5);
          const end = Math.max(...seconds);
          const bytes = works.reduce((sum, one) => sum + one.bytes, 0);
          expect(bytes).toBeLessThanOrEqual(bytesPerSec * end + 2 * 0.1 * bytesPerSec + 1);
          // Whatever its own speed and its files' ends cost each thread, the limiter adds no more than the bytes of all of them.
          const own = works.map(
            (one) => (one.bytes * one.microsPerByte + (Math.ceil(one.bytes / one.fileBytes) + 1) * one.closeMicros) / SEC,
          );
          expect(end).toBeLessThanOrEqual(own.reduce((a, b) => a + b, 0) + (bytes / bytesPerSec) * 1.02 + 0.3);
        },
      ),
      { seed: 42, numRuns: 150 },
    );
  });

  it('progress goes from 0 to 1', () => {
    const limiter = limiterOf();
    const threads = createThreads();
    const row = begin(threads, limiter, { bytes: 67.2e6 }, 0, 0);
    const out = { row: -1, atMicros: 0 };
    expect(threadProgress(threads, row)).toBeLessThan(0.1);
    advanceThreads(threads, [limiter], 0.5 * SEC, out);
    // Five quanta of 6.7 MB.
    expect(threadProgress(threads, row)).toBeCloseTo(0.5, 1);
    advanceThreads(threads, [limiter], Infinity, out);
    expect(threadProgress(threads, row)).toBe(1);
  });
});

describe('priorities', () => {
  /** 5 MB/s: a quantum is 500 KB, less than a file buffer, so every request waits for a refill. */
  const slow = (): RateLimiter => limiterOf({ bytesPerSec: 5e6 });

  it('at a small quantum a flush goes before a compaction, but for one refill in ten', () => {
    // 10 MB are 20 quanta: 2 s alone, 2 / 0.9 = 2.2 s.
    const [flush, compaction] = finishSeconds(slow(), [{ bytes: 10e6, basePriority: IO_HIGH }, { bytes: 10e6 }]) as [number, number];
    expect(flush).toBeGreaterThan(1.8);
    expect(flush).toBeLessThan(2.8);
    expect(compaction).toBeGreaterThan(3.8);
    expect(compaction).toBeLessThan(4.2);
  });

  it('while writes are held both ask as IO_USER and share evenly', () => {
    const limiter = slow();
    const use = { limiter, writesHeld: true };
    const [flush, compaction] = finishSeconds(limiter, [
      { use, bytes: 10e6, basePriority: IO_HIGH },
      { use, bytes: 10e6 },
    ]) as [number, number];
    expect(flush).toBeGreaterThan(3.6);
    expect(compaction).toBeGreaterThan(3.6);
  });

  it('are settled when a file is opened: one that was opened before writes were held keeps its own', () => {
    const limiter = slow();
    const threads = createThreads();
    const use = { limiter, writesHeld: false };
    const flush = begin(threads, limiter, { use, bytes: 10e6, basePriority: IO_HIGH }, 0, 0);
    begin(threads, limiter, { use, bytes: 10e6, fileBytes: 1e6 }, 1, 0);
    use.writesHeld = true;
    const out = { row: -1, atMicros: 0 };
    advanceThreads(threads, [limiter], Infinity, out);
    // Once its first file is written, the compaction's next files ask as IO_USER and go before the flush's.
    expect(threads.owner[out.row]).toBe(1);
    expect(threadProgress(threads, flush)).toBeLessThan(1);
  });

  it('at a large quantum they decide little: a flush and a compaction still share', () => {
    const [flush] = finishSeconds(limiterOf(), [{ bytes: 60e6, basePriority: IO_HIGH }, { bytes: 600e6 }]) as [number];
    // 0.9 s alone, 1.8 s at half the rate.
    expect(flush).toBeGreaterThan(1.4);
    expect(flush).toBeLessThan(2);
  });
});

describe('closing a file', () => {
  it('a thread asks for nothing while it closes one: each file adds its time', () => {
    // Four files of 1 MB in one quantum each, 50 ms to close: 0.2 s and the last quantum.
    const [seconds] = finishSeconds(limiterOf(), [{ bytes: 4e6, fileBytes: 1e6, closeMicros: 50_000 }]) as [number];
    expect(seconds).toBeCloseTo(0.2 + 4e6 * (fast / SEC), 2);
  });
});

describe('auto-tuning', () => {
  /** The rate after each of some 10-second rounds in which a thread asks for `bytesPerSec` on average. */
  function ratesUnder(bytesPerRound: number, rounds: number): number[] {
    const limiter = limiterOf({ bytesPerSec: 20_000_000, autoTuned: true });
    const threads = createThreads();
    const out = { row: -1, atMicros: 0 };
    const rates = [limiter.bytesPerSec];
    for (let round = 0; round < rounds; round++) {
      const from = round * 10 * SEC;
      // One short job every second.
      for (let second = 0; second < 10; second++) {
        const at = Math.max(from + second * SEC, out.atMicros);
        begin(threads, limiter, { bytes: bytesPerRound / 10, fileBytes: 1e12 }, 0, at);
        advanceThreads(threads, [limiter], Infinity, out);
        endThread(threads, out.row);
      }
      rates.push(limiter.bytesPerSec);
    }
    return rates;
  }

  it('starts at half the limit', () => {
    expect(limiterOf({ bytesPerSec: 20_000_000, autoTuned: true }).bytesPerSec).toBe(10_000_000);
  });

  it('rises by 5 % each ten seconds while more than 90 % of the periods ran dry, up to the limit', () => {
    const rates = ratesUnder(1e9, 4);
    expect(rates[rates.length - 1]).toBe(20_000_000);
    const steps = new Set(rates);
    expect([...steps].every((rate) => rate >= 10_000_000 && rate <= 20_000_000)).toBe(true);
  });

  it('falls to a twentieth of the limit when no request ever waited', () => {
    const rates = ratesUnder(100_000, 3);
    expect(rates[rates.length - 1]).toBe(1_000_000);
  });

  it('falls by 5 % where less than half of the periods ran dry', () => {
    // 30 MB in 10 s at 10 MB/s: three periods in ten.
    const rates = ratesUnder(30e6, 3);
    expect(rates[1] === 10_000_000 || rates[1] === 9_523_809).toBe(true);
    expect(rates[2]).toBeLessThan(10_000_000);
    expect(rates[2]! / 10_000_000).toBeGreaterThan(0.9);
  });
});

describe('a refill', () => {
  it('until 8.2 adds to what is left; since 8.3 replaces it, and requests take a part', () => {
    // 1.5 quanta of requests at once: the old limiter grants whole requests only.
    const requests = [{ bytes: 3e6, microsPerByte: 1e-6 }, { bytes: 3e6, microsPerByte: 1e-6 }, { bytes: 3e6, microsPerByte: 1e-6 }]; // prettier-ignore
    for (const partialGrants of [false, true]) {
      const seconds = finishSeconds(limiterOf({ bytesPerSec: 40e6, partialGrants }), requests);
      // 9 MB of 4 MB quanta at 0, 0.1 and 0.2 s.
      expect(Math.max(...seconds)).toBeGreaterThanOrEqual(0.2);
      expect(Math.max(...seconds)).toBeLessThan(0.31);
    }
  });

  it('of another period holds another quantum', () => {
    const [seconds] = finishSeconds(limiterOf({ bytesPerSec: 10e6, periodMicros: 1_000_000 }), [{ bytes: 25e6 }]) as [number];
    expect(seconds).toBeGreaterThanOrEqual(2);
    expect(seconds).toBeLessThan(2.1);
  });
});
