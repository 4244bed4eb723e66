import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bucketChangesAtMicros,
  bucketLimitPerSec,
  createBucket,
  drawFromBucket,
  passBucket,
  takeFromBucket,
  type BucketModel,
} from '../../engine/device/bucket.js';
import { dramCache, ebsGp2, ebsGp3, ebsIo2, ebsSt1, gcpPdSsd, samsung970Evo, slcCache } from '../../engine/device/bucket-presets.js';
import { degradationTimeline, degradedFraction, fitDegradation } from '../../engine/device/degradation.js';
import { decodeDevice } from '../../engine/device/device-file.js';
import { memoryPartsOf } from '../../engine/device/memory-file.js';
import { createDemands, createDevice, type LayeredModel } from '../../engine/device/device.js';
import { collectingFactor, freeFlashBytes, type GarbageModel } from '../../engine/device/garbage.js';
import { createTimelineBuilder, timelineIndexAt } from '../../engine/device/timeline.js';

const base = { kind: 'constant', name: 'c', source: 'test', readBytesPerSec: 1000, writeBytesPerSec: 1000 } as const;
const layered = (more: Partial<LayeredModel>): LayeredModel => ({
  ...{ kind: 'layered', name: 'l', source: 'test', base, timeline: null, buckets: [], garbage: null },
  ...more,
});

const cache: BucketModel = slcCache({
  source: 'test',
  capacityBytes: 1000,
  cachedBytesPerSec: 500,
  flashBytesPerSec: 100,
  foldBytesPerSec: 50,
});

describe('a token bucket', () => {
  test('goes at the full rate until it is empty, then at the empty rate', () => {
    const bucket = createBucket(cache);
    expect(bucketLimitPerSec(bucket)).toBe(500);
    drawFromBucket(bucket, 0, 500);
    expect(bucketChangesAtMicros(bucket)).toBe(2_000_000);
    passBucket(bucket, 2_000_000);
    expect(bucketLimitPerSec(bucket)).toBe(100);
    expect(bucketChangesAtMicros(bucket)).toBe(Infinity);
  });

  test('that refills when idle waits a second, then opens again with a hundredth of its tokens', () => {
    const bucket = createBucket(cache);
    takeFromBucket(bucket, 0, 1000);
    expect(bucketChangesAtMicros(bucket)).toBe(1_000_000 + (10 / 50) * 1e6);
    passBucket(bucket, 1_199_999);
    expect(bucketLimitPerSec(bucket)).toBe(100);
    passBucket(bucket, 1_200_000);
    expect(bucketLimitPerSec(bucket)).toBe(500);
    passBucket(bucket, 100_000_000);
    expect(bucket.tokens).toBe(1000);
  });

  test('that refills always gets back while it is drawn from', () => {
    const bucket = createBucket({ ...cache, refills: 'always' });
    drawFromBucket(bucket, 0, 150);
    expect(bucketChangesAtMicros(bucket)).toBe(10_000_000);
  });

  test('never holds less than nothing or more than it can, whatever is taken when', () => {
    const step = fc.record({ afterMicros: fc.nat(5_000_000), count: fc.nat(2000), draws: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.constantFrom('always', 'idle'), (steps, refills) => {
        const bucket = createBucket({ ...cache, refills });
        let now = 0;
        for (const { afterMicros, count, draws } of steps) {
          now += afterMicros;
          if (draws) drawFromBucket(bucket, now, count);
          else takeFromBucket(bucket, now, count);
          expect(bucket.tokens).toBeGreaterThanOrEqual(0);
          expect(bucket.tokens).toBeLessThanOrEqual(1000);
          expect(bucketChangesAtMicros(bucket)).toBeGreaterThan(now);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('presets hold what their sources say', () => {
    expect(ebsGp2(100)).toMatchObject({ capacityCount: 5_400_000, refillPerSec: 300, fullPerSec: 3000, emptyPerSec: 300 });
    expect(ebsGp2(20)).toMatchObject({ refillPerSec: 100 });
    expect(ebsGp2(2000)).toMatchObject({ capacityCount: 0, emptyPerSec: 6000 });
    expect(ebsSt1(1)).toMatchObject({ capacityCount: 1024 ** 4, emptyPerSec: 40 * 1048576, fullPerSec: 250 * 1048576 });
    expect(ebsGp3().map(({ emptyPerSec }) => emptyPerSec)).toEqual([3000, 125 * 1048576]);
    expect(ebsIo2(2000).map(({ emptyPerSec }) => emptyPerSec)).toEqual([2000, 500 * 1048576]);
    expect(ebsIo2(64_000).map(({ emptyPerSec }) => emptyPerSec)).toEqual([64_000, 1000 * 1048576]);
    expect(gcpPdSsd(500).map(({ emptyPerSec }) => emptyPerSec)).toEqual([15_000, 240e6]);
    expect(gcpPdSsd(500, 15_000, 204).map(({ emptyPerSec }) => emptyPerSec)).toEqual([15_000, 204e6]);
    expect(gcpPdSsd(10_000).map(({ emptyPerSec }) => emptyPerSec)).toEqual([100_000, 1200e6]);
    expect(samsung970Evo[1000]).toMatchObject({ capacityCount: 42e9, fullPerSec: 2.5e9, emptyPerSec: 1.2e9, refills: 'idle' });
    expect(dramCache({ source: 's', capacityBytes: 10, cachedBytesPerSec: null, flashBytesPerSec: 5 })).toMatchObject({
      refills: 'always',
      refillPerSec: 5,
    });
    // 30 minutes of bursts, AWS's own example for a 100 GiB volume: 5,400,000 / (3000 - 300).
    const bucket = createBucket(ebsGp2(100));
    drawFromBucket(bucket, 0, 3000);
    expect(bucketChangesAtMicros(bucket)).toBe(2_000_000_000);
  });

  test('refuses figures out of range, all at once', () => {
    expect(() => createBucket({ ...cache, capacityCount: -1, emptyPerSec: 0 })).toThrow(/capacityCount.*\n.*emptyPerSec/);
  });
});

describe('a device with memory', () => {
  const demand = (blockBytes: number): ReturnType<typeof createDemands> => {
    const demands = createDemands(2);
    demands.count = 2;
    demands.isRead.set([1, 0]);
    demands.blockBytes.fill(blockBytes);
    demands.iodepth.fill(1);
    demands.wantedBytesPerSec.fill(Infinity);
    return demands;
  };
  const rates = new Float64Array(2);

  test('is limited by its timeline, from each entry to the next', () => {
    const timeline = { source: 't', atMicros: [0, 5_000_000], readBytesPerSec: [null, null], writeBytesPerSec: [200, 50] };
    const device = createDevice(layered({ timeline }));
    device.grant(demand(10), 0, rates);
    expect([...rates]).toEqual([500, 200]);
    expect(device.nextChangeMicros(0)).toBe(5_000_000);
    device.grant(demand(10), 5_000_000, rates);
    expect([...rates]).toEqual([500, 50]);
    expect(device.nextChangeMicros(5_000_000)).toBe(Infinity);
  });

  test('counts what is really moved: a cache empties by it, and by nothing else', () => {
    const device = createDevice(layered({ buckets: [cache] }));
    const moved = demand(10);
    moved.wantedBytesPerSec.set([1000, 250]);
    device.grant(demand(10), 0, rates);
    expect(device.nextChangeMicros(0)).toBe(Infinity);
    device.spend(moved, 0);
    expect(device.nextChangeMicros(0)).toBe(4_000_000);
    device.grant(demand(10), 4_000_000, rates);
    expect([...rates]).toEqual([500, 100]);
  });

  test('IOPS caps count requests of both directions', () => {
    const device = createDevice(layered({ buckets: [...ebsGp3(20)] }));
    device.grant(demand(10), 0, rates);
    expect([...rates]).toEqual([100, 100]);
  });

  test('collects garbage once its free flash is written, at the cost of the published formula', () => {
    const garbage: GarbageModel = {
      source: 't',
      capacityBytes: 1000,
      spareFraction: 0.25,
      fillFraction: 1,
      writtenSinceTrimBytes: 0,
      randomFraction: 1,
    };
    expect(freeFlashBytes(garbage)).toBe(250);
    // a = 1.25: W(-1.25 e^-1.25) = -0.7888..., so A = 1.25 / 0.461 = 2.71.
    const factor = collectingFactor(garbage);
    expect(factor).toBeGreaterThan(2.65);
    expect(factor).toBeLessThan(2.75);
    const w = 1.25 / factor - 1.25;
    expect(w * Math.exp(w)).toBeCloseTo(-1.25 * Math.exp(-1.25), 12);
    const device = createDevice(layered({ garbage }));
    device.grant(demand(10), 0, rates);
    expect(rates[1]).toBe(500);
    const moved = demand(10);
    moved.wantedBytesPerSec.set([0, 100]);
    device.spend(moved, 0);
    expect(device.nextChangeMicros(0)).toBe(2_500_000);
    device.grant(demand(10), 2_500_000, rates);
    expect(rates[1]).toBeCloseTo(500 / factor, 9);
    expect(collectingFactor({ ...garbage, randomFraction: 0 })).toBe(1);
  });
});

describe('a timeline from bandwidth logs', () => {
  test('spreads each row from the row before it, adds jobs up, and leaves a missing direction unlimited', () => {
    const builder = createTimelineBuilder();
    for (let job = 0; job < 2; job++) {
      builder.beginLog('a_bw.log');
      builder.add({ timeMillis: 1000, value: 100, direction: 1, blockBytes: 0, lineNumber: 1 });
      builder.add({ timeMillis: 2500, value: 40, direction: 1, blockBytes: 0, lineNumber: 2 });
    }
    const timeline = builder.finish('two');
    expect(timeline.atMicros).toEqual([0, 1_000_000]);
    expect(timeline.writeBytesPerSec).toEqual([200 * 1024, 80 * 1024]);
    expect(timeline.readBytesPerSec).toEqual([null, null]);
    expect([0, 999_999, 1_000_000, 9e9].map((micros) => timelineIndexAt(timeline, micros))).toEqual([0, 0, 1, 1]);
  });

  test('of a log with a row a request adds up their bytes', () => {
    const builder = createTimelineBuilder();
    builder.beginLog('a_bw.log');
    for (let millis = 1; millis <= 2000; millis++)
      builder.add({ timeMillis: millis, value: 1e9, direction: 0, blockBytes: 4096, lineNumber: millis });
    expect(builder.finish('x').readBytesPerSec).toEqual([4096 * 1000]);
  });

  test('begins with the first stamp where stamps count from 1970 (log_unix_epoch)', () => {
    const timelineOf = (origin: number) => {
      const builder = createTimelineBuilder();
      for (const job of [0, 100]) {
        builder.beginLog('a_bw.log');
        for (let row = 1; row <= 4; row++)
          builder.add({ timeMillis: origin + job + 1000 * row, value: 100 * row, direction: 1, blockBytes: 0, lineNumber: row });
      }
      return builder.finish('a');
    };
    const { atMicros, writeBytesPerSec } = timelineOf(1_795_310_081_733);
    expect(atMicros).toEqual([0, 1_000_000, 2_000_000]);
    // The second job's rows are 0.1 s later: of the last second it has a tenth at 300 KiB/s.
    expect(writeBytesPerSec.at(-1)).toBeCloseTo((400 + 390) * 1024, 6);
    expect(timelineOf(0).atMicros).toHaveLength(4);
  });

  test('of more than a day names the file and the line', () => {
    const builder = createTimelineBuilder();
    builder.beginLog('a_bw.log');
    expect(() => builder.add({ timeMillis: 9e7, value: 1, direction: 1, blockBytes: 0, lineNumber: 3 })).toThrow(
      'a_bw.log:3: a bandwidth log of more than a day: found 90000000 ms',
    );
  });

  test('refuses a log without reads and writes', () => {
    expect(() => createTimelineBuilder().finish('empty_bw.log')).toThrow('the log holds no reads and no writes');
  });
});

describe('degradation from two measurements', () => {
  // The put-rate document's drive: 4,116.6 MiB/s fresh, 1,074.8 after 120 minutes.
  const fresh = { atSec: 0, bytesPerSec: 4116.6 * 1048576 };
  const later = { atSec: 7200, bytesPerSec: 1074.8 * 1048576 };

  test.each(['linear', 'exponential', 'settling'] as const)("%s meets both of the documents' measurements and never rises", (shape) => {
    const profile = fitDegradation(fresh, later, shape);
    expect(profile.endFraction).toBeCloseTo(0.739, 3);
    expect(degradedFraction(profile, 0)).toBe(0);
    expect(fresh.bytesPerSec * (1 - degradedFraction(profile, 7200))).toBeCloseTo(later.bytesPerSec, 3);
    let before = 0;
    for (let sec = 0; sec <= 20_000; sec += 100) {
      const lost = degradedFraction(profile, sec);
      expect(lost).toBeGreaterThanOrEqual(before);
      expect(lost).toBeLessThan(1);
      before = lost;
    }
    const timeline = degradationTimeline(profile, { source: 'test', stepSec: 600 });
    expect(timeline.atMicros).toHaveLength(13);
    expect(timeline.writeBytesPerSec.at(-1)).toBeCloseTo(later.bytesPerSec, 3);
  });

  test('refuses measurements that do not fall', () => {
    expect(() => fitDegradation(later, fresh, 'linear')).toThrow('no degradation between these measurements');
  });
});

describe('a device file with memory', () => {
  test('spells bucket presets out', () => {
    const text = JSON.stringify({
      ...{ schema: 'putmodel/device/1', name: 'n', source: 's', base: 'seed-lab-nvme' },
      buckets: [{ preset: 'ebs-gp2', sizeGib: 100 }, { preset: 'ebs-gp3' }, cache],
    });
    expect(memoryPartsOf(text, 'd.json')?.buckets.map(({ name }) => name)).toEqual([
      'gp2 credits, 100 GiB',
      'IOPS cap',
      'throughput cap',
      'SLC cache',
    ]);
  });

  test('says which presets there are, and what is wrong with one', () => {
    const fileWith = (bucket: unknown): string =>
      JSON.stringify({ ...{ schema: 'putmodel/device/1', name: 'n', source: 's', base: 'x' }, buckets: [cache, bucket] });
    expect(() => memoryPartsOf(fileWith({ preset: 'ebs-io3' }), 'd.json')).toThrow(
      /^d\.json: buckets\.1\.preset: no such bucket: found "ebs-io3" \(expected one of slc-cache, .*ebs-io2, .*throughput-cap\)$/,
    );
    expect(() => memoryPartsOf(fileWith({ preset: 'ebs-io2' }), 'd.json')).toThrow(/^d\.json: buckets\.1\.opsPerSec: /);
    expect(() => memoryPartsOf(fileWith({ name: 'own' }), 'd.json')).toThrow(/^d\.json: buckets\.1\.source: /);
    expect(memoryPartsOf(fileWith({ preset: 'ebs-io2', opsPerSec: 8000 }), 'd.json')?.buckets).toHaveLength(3);
  });

  test('makes a timeline of two measurements', () => {
    const degradation = { source: 's', shape: 'linear', freshMibPerSec: 4000, laterMibPerSec: 1000, laterSec: 60 };
    const text = JSON.stringify({ schema: 'putmodel/device/1', name: 'n', source: 's', base: 'x', degradation });
    const limits = memoryPartsOf(text, 'd.json')?.degradation;
    expect(limits?.atMicros).toHaveLength(121);
    expect(limits?.writeBytesPerSec[60]).toBeCloseTo(2500 * 1048576, 0);
    expect(limits?.readBytesPerSec[60]).toBeNull();
  });

  test('is none without a base; names what is wrong with one', () => {
    expect(memoryPartsOf('{"schema": "putmodel/device/1"}', 'd.json')).toBeNull();
    expect(memoryPartsOf('not json', 'd.json')).toBeNull();
    expect(() => memoryPartsOf('{"schema": "putmodel/device/1", "name": "n", "base": "x", "more": 1}', 'd.json')).toThrow(
      /d.json: source: .*\nd.json: /,
    );
    expect(() => memoryPartsOf('{"schema": "putmodel/device/2", "base": "x"}', 'd.json')).toThrow(
      'd.json: schema: not a file this version reads: found "putmodel/device/2" (expected "putmodel/device/1")',
    );
    expect(() => decodeDevice('{"schema": "putmodel/device/2"}', 'd.json')).toThrow(
      'found "putmodel/device/2" (expected "putmodel/device/1" or "putmodel/envelope/1")',
    );
  });
});
