import { describe, expect, it } from 'vitest';
import { createHistogram, forEachBucket, maxMicros, meanMicros, totalCount, valueAtPercentile } from '../../engine/kernel/histogram.js';
import {
  createClient,
  putCost,
  putsIn,
  recordPuts,
  recordStop,
  setClientRate,
  startClient,
  updateArrival,
  type Client,
  type WritePathOptions,
} from '../../engine/lsm/clients.js';
import type { HostProfile } from '../../engine/lsm/host.js';
import type { Arrival, RateProfile, WriteWorkload } from '../../engine/lsm/scenario.js';
import { MiB, testHost, workloadOf } from './build.js';

const path: WritePathOptions = { enablePipelinedWrite: true, recycledLogs: false, maxGroupBytes: MiB, writeBufferBytes: 16 * MiB };

/** A client that has just begun its load at time 0. */
function clientOf(said: Partial<WriteWorkload> = {}, more: Partial<WritePathOptions> = {}, host: HostProfile = testHost): Client {
  const client = createClient(createHistogram());
  const workload = workloadOf(said);
  startClient(client, workload, putCost(workload, workload, host, { ...path, ...more }), Infinity, 0);
  setClientRate(client, 1e6 / client.serviceMicrosPerPut, Infinity);
  return client;
}

const open = (profile: RateProfile): { arrival: Arrival } => ({ arrival: { kind: 'open', profile } });
const steady = (opsPerSec: number): { arrival: Arrival } => open({ shape: 'constant', opsPerSec });

/** Lets a client go on for some time in a mode; `serviceOpsPerSec` is what the store takes. */
function pass(client: Client, mode: Client['mode'], micros: number, serviceOpsPerSec: number, delayedRateBytesPerSec = 8 * MiB): number {
  client.mode = mode;
  setClientRate(client, serviceOpsPerSec, delayedRateBytesPerSec);
  const puts = putsIn(client, micros);
  recordPuts(client, puts, micros, 1e6 / serviceOpsPerSec, delayedRateBytesPerSec);
  return puts;
}

/** How many puts took longer than this. */
function countAbove(client: Client, micros: number): number {
  let count = 0;
  forEachBucket(client.latency, (low, _high, puts) => {
    if (low > micros) count += puts;
  });
  return count;
}

describe('a put', () => {
  // Insert: 2000 + 1040 x 1 ns = 3.04 us. WAL: 500 + 1040 x 1 = 1.54 us, and 1 us a write group.
  it('takes the time of its insert; with a WAL that time too', () => {
    expect(clientOf().serviceMicrosPerPut).toBeCloseTo(3.04, 9);
    expect(clientOf({ disableWal: false }).serviceMicrosPerPut).toBeCloseTo(3.04 + 2.54, 9);
  });

  it('takes longer with each doubling of the memtable beyond 16 MiB, and no less below', () => {
    const host = { ...testHost, insertNanosPerRecordPerDoubling: 500 };
    const micros = (mib: number): number => clientOf({}, { writeBufferBytes: mib * MiB }, host).serviceMicrosPerPut;
    for (const [mib, expected] of [
      [1, 3.04],
      [16, 3.04],
      [32, 3.54],
      [64, 4.04],
      [256, 5.04],
    ] as const)
      expect(micros(mib)).toBeCloseTo(expected, 9);
  });

  const eightCores = { ...testHost, cores: 8, groupHandoffNanos: 1000, groupWakeNanos: 3000 };

  it('of several threads: half of them write one group with one WAL record and insert in parallel, while the others gather for the next', () => {
    const four = { threads: 4, disableWal: false };
    // Groups of two: insert 3.04 / 2 = 1.52; WAL 1.54 + 1 / 2; the lead is handed on for 1 / 2. Pipelined, the longer of the two.
    expect(clientOf({ threads: 4 }, {}, eightCores).serviceMicrosPerPut).toBeCloseTo(1.52, 9);
    expect(clientOf(four, {}, eightCores).serviceMicrosPerPut).toBeCloseTo(2.54, 9);
    expect(clientOf(four, { enablePipelinedWrite: false }, eightCores).serviceMicrosPerPut).toBeCloseTo(2.54 + 1.52, 9);
    expect(clientOf(four, {}, eightCores).cpuMicrosPerPut).toBeCloseTo(3.04 + 2.54, 9);
  });

  it('of more threads than cores is written alone, and the next thread has to be woken; but a sync gathers all that wait', () => {
    const two = { ...eightCores, cores: 2 };
    for (const threads of [4, 32]) {
      expect(clientOf({ threads, disableWal: false }, {}, two).serviceMicrosPerPut).toBeCloseTo(3.04 + 2.54 + 3, 9);
      expect(clientOf({ threads }, {}, two).serviceMicrosPerPut).toBeCloseTo(3.04 + 3, 9);
    }
    expect(clientOf({ threads: 32, disableWal: false, sync: true }, {}, two).syncMicrosPerPut).toBeCloseTo(1000 / 16, 9);
  });

  it('that syncs the WAL waits for the device once a write group', () => {
    expect(clientOf({ disableWal: false, sync: true }).serviceMicrosPerPut).toBeCloseTo(1000 + 5.58, 9);
    expect(clientOf({ disableWal: false, sync: true, entriesPerBatch: 10 }).syncMicrosPerPut).toBeCloseTo(100, 9);
    expect(clientOf({ sync: true }).syncMicrosPerPut).toBe(0);
  });

  it('is charged with its write batch: 1056 bytes for 16 + 1024, 12 of them a batch', () => {
    expect(clientOf().batchBytesPerPut).toBe(1056);
    expect(clientOf({ entriesPerBatch: 100 }).batchBytesPerPut).toBeCloseTo(1044.12, 9);
    expect(clientOf({ threads: 8 }, {}, eightCores).batchBytesPerPut).toBe(1047);
    // A group holds no more batches than max_write_batch_group_size_bytes.
    expect(clientOf({ threads: 8 }, { maxGroupBytes: 2200 }, eightCores).batchBytesPerPut).toBe(1050);
  });

  it('writes WAL bytes only where there is a WAL: 1056 and a 7-byte header, and a little for block ends', () => {
    expect(clientOf().walBytesPerPut).toBe(0);
    expect(clientOf({ disableWal: false }).walBytesPerPut).toBeCloseTo(1063.2, 1);
    expect(clientOf({ disableWal: false }).userBytesPerPut).toBe(1040);
  });
});

describe('the put rate', () => {
  it('closed loop: what the store takes; delayed: the delayed rate in write batches; stopped: nothing', () => {
    const client = clientOf();
    expect(pass(client, 'normal', 1e6, 100_000)).toBe(100_000);
    // 8388608 / 1056
    expect(pass(client, 'delayed', 1e6, 100_000)).toBeCloseTo(7943.76, 2);
    expect(pass(client, 'delayed', 1e6, 5_000)).toBe(5_000);
    expect(pass(client, 'stopped', 1e6, 100_000)).toBe(0);
  });

  it('paced: at most bytes a second of keys and values, and lost time is not made up', () => {
    const client = clientOf({ arrival: { kind: 'paced', bytesPerSec: 1_040_000 } });
    expect(pass(client, 'normal', 1e6, 100_000)).toBe(1000);
    pass(client, 'stopped', 1e6, 100_000);
    expect(pass(client, 'normal', 1e6, 100_000)).toBe(1000);
  });

  it('open loop: what arrives, and after a stop everything that waits', () => {
    const client = clientOf(steady(1000));
    expect(pass(client, 'normal', 1e6, 100_000)).toBe(1000);
    pass(client, 'stopped', 1e6, 100_000);
    expect(client.backlogPuts).toBeCloseTo(1000, 6);
    // 100 arrive while 10,000 a second are served for 0.1 s: 1000 + 100 - 1000 are left.
    expect(pass(client, 'normal', 100_000, 10_000)).toBe(1000);
    expect(client.backlogPuts).toBeCloseTo(100, 6);
  });

  it('open loop, piecewise: the rate of the last point holds, 0 before the first', () => {
    const points = [
      { atSec: 1, opsPerSec: 500 },
      { atSec: 3, opsPerSec: 2000 },
    ];
    const client = clientOf(open({ shape: 'piecewise', points }));
    const seen = [0, 1e6, 2.5e6, 3e6, 9e6].map((now) => {
      updateArrival(client, now);
      return [client.arrivalOpsPerSec, client.arrivalChangesAtMicros];
    });
    expect(seen).toEqual([
      [0, 1e6],
      [500, 3e6],
      [500, 3e6],
      [2000, Infinity],
      [2000, Infinity],
    ]);
  });

  it('open loop, sine: mean + amplitude sin(2 pi t / period), a second at a time, never below 0', () => {
    const client = clientOf(open({ shape: 'sine', meanOpsPerSec: 1000, amplitudeOpsPerSec: 1500, periodSec: 100 }));
    const at = (sec: number): number => {
      updateArrival(client, sec * 1e6);
      expect(client.arrivalChangesAtMicros).toBe((Math.floor(sec) + 1) * 1e6);
      return client.arrivalOpsPerSec;
    };
    // In the middle of each second: sin(2 pi 0.245) = 0.99951, sin(2 pi 0.755) = -0.99951.
    expect(at(24)).toBeCloseTo(1000 + 1500 * 0.999507, 2);
    expect(at(24.9)).toBeCloseTo(1000 + 1500 * 0.999507, 2);
    expect(at(75)).toBe(0);
    let puts = 0;
    for (let sec = 0; sec < 100; sec++) puts += at(sec);
    expect(puts).toBeGreaterThan(100_000);
  });

  it('a load that starts later counts its profile from its own start', () => {
    const client = createClient(createHistogram());
    const workload = workloadOf(open({ shape: 'piecewise', points: [{ atSec: 2, opsPerSec: 7 }] }));
    startClient(client, workload, putCost(workload, workload, testHost, path), Infinity, 5e6);
    expect([client.arrivalOpsPerSec, client.arrivalChangesAtMicros]).toEqual([0, 7e6]);
  });
});

describe('latencies, closed loop', () => {
  it('one put a thread at a time: its service time, as often as there are puts', () => {
    const client = clientOf();
    pass(client, 'normal', 1e6, 200_000);
    expect(totalCount(client.latency)).toBe(200_000);
    expect(maxMicros(client.latency)).toBe(5);
    const four = clientOf({ threads: 4 });
    pass(four, 'normal', 1e6, 200_000);
    expect(maxMicros(four.latency)).toBe(20);
  });

  it('delayed: one put in each refill interval sleeps for a millisecond, the others spend its credit', () => {
    const client = clientOf();
    pass(client, 'delayed', 10e6, 200_000);
    // 8388.608 bytes a millisecond hold 7.94 puts of 1056: 12.6 % sleep.
    expect(totalCount(client.latency)).toBe(79_437);
    expect(countAbove(client, 1000) / 79_437).toBeCloseTo(1056 / 8388.608, 3);
    expect(valueAtPercentile(client.latency, 80)).toBeLessThan(10);
    expect(maxMicros(client.latency)).toBeGreaterThan(1000);
    expect(maxMicros(client.latency)).toBeLessThan(1200);
  });

  it('delayed below one write group in each interval: every put waits its bytes over the rate', () => {
    const client = clientOf();
    // 1056 bytes at 105,600 bytes a second: 10 ms each.
    pass(client, 'delayed', 10e6, 200_000, 105_600);
    expect(totalCount(client.latency)).toBe(1000);
    expect(valueAtPercentile(client.latency, 50)).toBeGreaterThanOrEqual(10_000);
    expect(valueAtPercentile(client.latency, 50)).toBeLessThan(10_100);
  });

  it('a stop: the put that each thread had in hand took as long as the stop, and is one of the puts', () => {
    const client = clientOf({ threads: 4 });
    const before = pass(client, 'normal', 1e6, 1000);
    recordStop(client, 2.5e6);
    const after = pass(client, 'normal', 1e6, 1000);
    expect(countAbove(client, 2.4e6)).toBe(4);
    expect(maxMicros(client.latency)).toBeGreaterThanOrEqual(2.5e6);
    expect(totalCount(client.latency)).toBe(before + after);
  });

  it('parts of puts are not lost: a thousand spells of a third of a put are 333 latencies', () => {
    const client = clientOf();
    for (let i = 0; i < 1000; i++) pass(client, 'normal', 100 / 3, 10_000);
    expect(totalCount(client.latency)).toBe(333);
  });
});

describe('latencies, open loop', () => {
  it('without a backlog are the service time', () => {
    const client = clientOf(steady(1000));
    pass(client, 'normal', 10e6, 200_000);
    expect(totalCount(client.latency)).toBe(10_000);
    expect(maxMicros(client.latency)).toBe(5);
  });

  it('omit nothing: a stop of a second at 1000 puts a second delays a thousand puts, by half a second on average', () => {
    const client = clientOf(steady(1000));
    pass(client, 'stopped', 1e6, 200_000);
    // All that wait are served at 101,000 a second: 10 ms, in which ten more arrive.
    pass(client, 'normal', 10_000, 101_000);
    expect(client.backlogPuts).toBeLessThan(1);
    const before = totalCount(client.latency);
    expect(before).toBeGreaterThanOrEqual(1009);
    expect(before).toBeLessThanOrEqual(1010);
    // Whoever arrived first waited the whole second, whoever came last hardly; those above 0.1 s are nine tenths.
    expect(maxMicros(client.latency)).toBeGreaterThan(0.9e6);
    expect(maxMicros(client.latency)).toBeLessThan(1.02e6);
    expect(meanMicros(client.latency)).toBeGreaterThan(0.45e6);
    expect(meanMicros(client.latency)).toBeLessThan(0.55e6);
    expect(countAbove(client, 0.1e6)).toBeGreaterThan(850);
  });

  it('grow while more arrives than is served: after 10 s at twice the service rate a put waits 5 s', () => {
    const client = clientOf(steady(2000));
    for (let i = 0; i < 10; i++) pass(client, 'normal', 1e6, 1000);
    // 20,000 have come, 10,000 are served; the one served now came at 5 s.
    expect(client.backlogPuts).toBeCloseTo(10_000, 6);
    expect(maxMicros(client.latency)).toBeGreaterThan(4.8e6);
    expect(maxMicros(client.latency)).toBeLessThan(5.1e6);
    expect(totalCount(client.latency)).toBe(10_000);
  });

  it('a peak that is over still waits for its turn: those who came in it count their time from then', () => {
    const points = [
      { atSec: 0, opsPerSec: 2000 },
      { atSec: 1, opsPerSec: 0 },
    ];
    const client = clientOf(open({ shape: 'piecewise', points }));
    pass(client, 'normal', 1e6, 1000);
    updateArrival(client, 1e6);
    pass(client, 'normal', 1e6, 1000);
    // The last one came at 1 s and is served at 2 s.
    expect(client.backlogPuts).toBe(0);
    expect(totalCount(client.latency)).toBe(2000);
    expect(maxMicros(client.latency)).toBeGreaterThan(0.9e6);
    expect(maxMicros(client.latency)).toBeLessThan(1.05e6);
  });
});
