import { describe, expect, it } from 'vitest';
import { createDevice, type DeviceModel } from '../../engine/device/device.js';
import type { IoMode } from '../../engine/device/access.js';
import { createStream } from '../../engine/kernel/random.js';
import type { HostProfile } from '../../engine/lsm/host.js';
import { jobCost, type JobCost, type JobWork } from '../../engine/lsm/job-cost.js';
import { createRateLimiter, createThreads, startThread } from '../../engine/lsm/rate-limiter.js';
import type { Limit } from '../../engine/lsm/result.js';
import { createSpeeds, setThreadCost, updateSpeeds } from '../../engine/lsm/speeds.js';
import { optionsOf, testDevice, testHost } from './build.js';

/** Work of 1,000,000 bytes on a device that reads 200 and writes 100 bytes a microsecond. */
const BYTES = 1_000_000;
const device: DeviceModel = { ...testDevice, readBytesPerSec: 200e6, writeBytesPerSec: 100e6 };

/** Nothing but what is said. */
function costOf(said: Partial<JobCost>): JobCost {
  const none = {
    cpuMicros: 0,
    openMicros: 0,
    closeMicros: 0,
    filesOut: 1,
    waitedWriteBytes: 0,
    transferBytes: 1,
    waitedReadBytes: 0,
    overlappedWriteBytes: 0,
  };
  return { ...none, ...said };
}

interface Load {
  readonly host?: Partial<HostProfile>;
  readonly writers?: number;
  readonly demand?: number;
  readonly limitBytesPerSec?: number;
  readonly mode?: IoMode;
}

/** What each of these threads, started together, gets: bytes a second, in millions. */
function shares(costs: readonly JobCost[], load: Load = {}): { rates: number[]; writerStretch: number; cpuBusy: number; limits: Limit[] } {
  const mode = load.mode ?? 'direct';
  const options = optionsOf({
    use_direct_io_for_flush_and_compaction: mode === 'direct',
    bytes_per_sync: mode === 'rangeSync' ? 1 << 20 : 0,
  });
  const speeds = createSpeeds(createDevice(device), options, mode, 'direct');
  const threads = createThreads();
  const limiter = createRateLimiter(
    { bytesPerSec: load.limitBytesPerSec ?? 0, periodMicros: 100_000, fairness: 10, autoTuned: false, partialGrants: false },
    createStream(1, 'rateLimiter'),
  );
  const rows = costs.map((cost, owner) => {
    const row = startThread(threads, {
      owner,
      use: { limiter, writesHeld: false },
      bytes: BYTES,
      fileBytes: BYTES,
      closeMicros: 0,
      basePriority: 0,
      charged: true,
    });
    setThreadCost(speeds, threads, row, cost, 1, BYTES);
    return row;
  });
  updateSpeeds(speeds, threads, [limiter], { ...testHost, ...load.host }, load.writers ?? 0, load.demand ?? 0, 0);
  return {
    rates: rows.map((row) => 1 / threads.microsPerByte[row]!),
    writerStretch: speeds.writerStretch,
    cpuBusy: speeds.cpuBusy,
    limits: rows.map((row) => speeds.limit[row]!),
  };
}

const computing = costOf({ cpuMicros: 10_000 }); // 100 bytes a microsecond of CPU

describe('one thread on idle cores and an idle device', () => {
  it('takes the sum of its CPU time, its fixed time and the transfers it waits for', () => {
    // 10,000 + 2,000 + 1,000,000 / 100 + 500,000 / 200 = 24,500 us for 1,000,000 bytes
    const cost = costOf({ cpuMicros: 10_000, openMicros: 2_000, waitedWriteBytes: BYTES, waitedReadBytes: 500_000 });
    expect(shares([cost]).rates[0]).toBeCloseTo(1e6 / 24_500, 6);
  });

  it('is held by what takes most of its time', () => {
    expect(shares([costOf({ cpuMicros: 10_000 })]).limits).toEqual(['cpu']);
    expect(shares([costOf({ cpuMicros: 1_000, waitedReadBytes: BYTES })]).limits).toEqual(['deviceRead']);
    expect(shares([costOf({ cpuMicros: 1_000, waitedWriteBytes: BYTES })]).limits).toEqual(['sync']);
  });

  it('what is written back beside the work costs no time while the device keeps up', () => {
    const cost = costOf({ cpuMicros: 12_500, overlappedWriteBytes: BYTES });
    expect(shares([cost], { mode: 'rangeSync' }).rates[0]).toBeCloseTo(80, 6);
  });
});

describe('cores', () => {
  it('three threads that only compute get two thirds of a core each, of two', () => {
    const { rates, cpuBusy } = shares([computing, computing, computing]);
    for (const rate of rates) expect(rate).toBeCloseTo(100 * (2 / 3), 6);
    expect(cpuBusy).toBe(1);
  });

  it('a writer counts as a thread: two compactions and a writer on two cores take 1.5 times as long each', () => {
    const { rates, writerStretch } = shares([computing, computing], { writers: 1, demand: 1 });
    expect(rates[0]).toBeCloseTo(100 / 1.5, 6);
    expect(writerStretch).toBeCloseTo(1.5, 9);
  });

  it('whoever wants less than an even part keeps what it wants; the others share the rest (max-min)', () => {
    const host = { cores: 1 };
    const { rates, writerStretch } = shares([computing], { host, writers: 1, demand: 0.25 });
    expect(writerStretch).toBe(1);
    expect(rates[0]).toBeCloseTo(75, 6);
    // Two that compute a tenth of their time (9/10 at the device) beside two that only compute: 0.1 + 0.1 + 0.4 + 0.4.
    const waiting = costOf({ cpuMicros: 1_000, openMicros: 9_000 });
    const four = shares([waiting, waiting, computing, computing], { host }).rates;
    expect(four.map((rate) => Math.round(rate * 1e6) / 1e6)).toEqual([100, 100, 40, 40]);
  });

  it('idle cores are not used by anyone: two threads on eight cores go at full speed, and a quarter is busy', () => {
    const { rates, cpuBusy } = shares([computing, computing], { host: { cores: 8 } });
    expect(rates).toEqual([100, 100]);
    expect(cpuBusy).toBeCloseTo(0.25, 9);
  });

  it('each busy thread beyond the first slows all by slowdownPerExtraThread', () => {
    const { rates } = shares([computing, computing, computing], { host: { cores: 8, slowdownPerExtraThread: 0.1 } });
    for (const rate of rates) expect(rate).toBeCloseTo(100 / 1.2, 6);
  });

  it('a thread that waits for the device slows nobody', () => {
    const host = { cores: 8, slowdownPerExtraThread: 0.1 };
    const waiting = costOf({ cpuMicros: 1, waitedWriteBytes: BYTES });
    const { rates } = shares([computing, waiting], { host });
    expect(rates[0]).toBeCloseTo(100, 1);
  });
});

describe('the device', () => {
  const total = (rates: readonly number[]): number => rates.reduce((sum, rate) => sum + rate, 0);

  it('threads that wait for their writes share it, from the moment they start', () => {
    const writing = costOf({ cpuMicros: 1, waitedWriteBytes: BYTES });
    for (const count of [2, 3, 8]) {
      const { rates } = shares(new Array<JobCost>(count).fill(writing));
      expect(total(rates)).toBeLessThanOrEqual(100 * 1.01);
      expect(total(rates)).toBeGreaterThan(95);
      for (const rate of rates) expect(rate / (100 / count)).toBeCloseTo(1, 1);
    }
  });

  it('who hands over more at a time has the larger part', () => {
    const wait = (transferBytes: number): JobCost => costOf({ waitedWriteBytes: BYTES, transferBytes });
    const { rates } = shares([wait(3), wait(1)], { mode: 'buffered' });
    expect(rates[0]! / rates[1]!).toBeCloseTo(3, 6);
  });

  it('threads that compute half of their time meet there half of the time', () => {
    // Alone: 10,000 us of CPU and 10,000 us of writing: 50 MB/s each. Two of them want just what the device has, and sometimes wait.
    const half = costOf({ cpuMicros: 10_000, waitedWriteBytes: BYTES });
    const { rates } = shares([half, half], { host: { cores: 8 } });
    expect(total(rates)).toBeGreaterThan(70);
    expect(total(rates)).toBeLessThan(95);
  });

  it('write-back of fast threads goes at the device speed, neither above nor below', () => {
    for (const cpuMicros of [1_000, 2_500, 5_000, 9_000]) {
      for (const count of [1, 2, 6]) {
        const writing = costOf({ cpuMicros, overlappedWriteBytes: BYTES });
        const { rates, limits } = shares(new Array<JobCost>(count).fill(writing), { mode: 'rangeSync', host: { cores: 16 } });
        expect(total(rates)).toBeCloseTo(100, 3);
        expect(new Set(limits)).toEqual(new Set(['deviceWrite']));
      }
    }
  });

  it('a rate limiter above what the device does holds nobody: together they still write what the device does', () => {
    const writing = costOf({ cpuMicros: 1, waitedWriteBytes: BYTES });
    const { rates, limits } = shares([writing, writing, writing], { limitBytesPerSec: 150e6 });
    expect(total(rates)).toBeLessThanOrEqual(101);
    expect(limits).not.toContain('rateLimiter');
  });
});

describe('a rate limiter', () => {
  it('far below what a thread could do holds it, and leaves the cores to others', () => {
    const { rates, writerStretch, limits } = shares([computing, computing], {
      host: { cores: 1 },
      limitBytesPerSec: 20e6,
      writers: 1,
      demand: 0.8,
    });
    // 20 of 200 MB/s: the threads compute a tenth of the time each.
    expect(writerStretch).toBe(1);
    expect(limits).toEqual(['rateLimiter', 'rateLimiter']);
    for (const rate of rates) expect(rate).toBeGreaterThan(90);
  });
});

describe('what a job costs', () => {
  const work: JobWork = {
    kind: 'compaction',
    recordsIn: 1000,
    blocksIn: 250,
    rawBytesIn: 1_000_000,
    rawBytesOut: 800_000,
    fileBytesIn: 1_000_000,
    fileBytesOut: 800_000,
    filesIn: 5,
    filesOut: 3,
    runs: 2,
    codecIn: 'none',
    codecOut: 'none',
    uncachedBytesIn: 250_000,
    writeMode: 'direct',
    bytesPerSync: 0,
  };

  it('each data block costs its share, so that larger blocks are cheaper', () => {
    const host = { ...testHost, mergeNanosPerBlock: 2000, flushNanosPerBlock: 1000 };
    const extra = (changed: Partial<JobWork>): number =>
      jobCost({ ...work, ...changed }, host).cpuMicros - jobCost({ ...work, ...changed }, testHost).cpuMicros;
    expect([extra({}), extra({ blocksIn: 25 }), extra({ kind: 'flush' })]).toEqual([500, 50, 250]);
  });

  it('a compaction: per record and byte read, more for each doubling of the runs beyond two', () => {
    // 1000 x 500 ns + 1,000,000 x 1 ns = 1500 us; eight runs: two doublings, 1000 x 200 ns more.
    expect(jobCost(work, testHost).cpuMicros).toBeCloseTo(1500, 9);
    expect(jobCost({ ...work, runs: 8 }, testHost).cpuMicros).toBeCloseTo(1700, 9);
    expect(jobCost({ ...work, runs: 1 }, testHost).cpuMicros).toBeCloseTo(1500, 9);
  });

  it('codecs: uncompressed bytes in and out, 1 and 2 ns', () => {
    expect(jobCost({ ...work, codecIn: 'lz4', codecOut: 'zstd' }, testHost).cpuMicros).toBeCloseTo(1500 + 1000 + 1600, 9);
  });

  it('a flush: per record and byte of the memtables', () => {
    expect(jobCost({ ...work, kind: 'flush', runs: 1 }, testHost).cpuMicros).toBeCloseTo(500 + 1000, 9);
  });

  it('input files are opened; each output file is synced and opened to be checked', () => {
    const cost = jobCost(work, testHost);
    expect([cost.openMicros, cost.closeMicros, cost.filesOut]).toEqual([500, 1100, 3]);
  });

  it('of a range-synced file the last MiB and half of bytes_per_sync are waited for, of a small one all of it', () => {
    const waited = (bytesPerSync: number, fileBytesOut: number): number[] => {
      const cost = jobCost({ ...work, writeMode: 'rangeSync', bytesPerSync, fileBytesOut, filesOut: 2 }, testHost);
      return [cost.waitedWriteBytes, cost.overlappedWriteBytes];
    };
    expect(waited(1_048_576, 32e6)).toEqual([3_145_728, 28_854_272]);
    expect(waited(1_048_576, 600_000)).toEqual([600_000, 0]);
  });

  it('a range-synced file waits at its close for the journal, which other writes share', () => {
    const host = { ...testHost, closeSyncMicros: 3000 };
    expect(jobCost({ ...work, writeMode: 'rangeSync' }, host).closeMicros).toBe(host.openFileMicros + 3000);
    expect(jobCost(work, host).closeMicros).toBe(host.openFileMicros + host.syncMicros);
  });

  it('a buffered file is handed over as a whole when it is closed, others buffer by buffer', () => {
    const large = { ...work, fileBytesOut: 30 << 20 };
    expect(jobCost({ ...large, writeMode: 'buffered' }, testHost).transferBytes).toBe(10 << 20);
    expect(jobCost({ ...large, writeMode: 'buffered', fileBytesOut: 0, filesOut: 0 }, testHost).transferBytes).toBe(1 << 20);
    for (const writeMode of ['direct', 'rangeSync'] as const)
      expect(jobCost({ ...large, writeMode }, testHost).transferBytes).toBe(1 << 20);
  });

  it('direct and buffered writes are waited for, range-synced ones overlap; reads only where the cache has not got them', () => {
    const bytes = (writeMode: IoMode): number[] => {
      const cost = jobCost({ ...work, writeMode }, testHost);
      return [cost.waitedWriteBytes, cost.overlappedWriteBytes, cost.waitedReadBytes];
    };
    expect(bytes('direct')).toEqual([800_000, 0, 250_000]);
    expect(bytes('buffered')).toEqual([800_000, 0, 250_000]);
    expect(bytes('rangeSync')).toEqual([800_000, 0, 250_000]);
  });
});
