import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDemands, createDevice, type Demands, type Device, type DeviceModel } from '../../engine/device/device.js';
import { buildEnvelope } from '../../engine/device/envelope.js';
import { InvariantError, PutmodelError } from '../../engine/kernel/errors.js';
import { fioPoint } from '../support/fio.js';

const mib = 1048576;
const constant: DeviceModel = { kind: 'constant', name: 'c', source: 'test', readBytesPerSec: 400, writeBytesPerSec: 100 };

/** A grid of 0, 50, 100 % x iodepth 1, 4, 16 x numjobs 1, 2, 4 x 64, 1024 KiB whose total is 100 MiB/s x outstanding^0.5, twice that for reads, 150 % in the middle. */
function envelope(outside: 'clamp' | 'error' | 'linear' = 'clamp', clampToPhysical = false): DeviceModel {
  const points = [0, 50, 100].flatMap((rwmixread) =>
    [1, 4, 16].flatMap((iodepth) =>
      [1, 2, 4].flatMap((numjobs) =>
        ['64k', '1m'].map((bs) => {
          const total = 100 * Math.sqrt(iodepth * numjobs) * (1 + rwmixread / 100);
          return fioPoint({
            rwmixread,
            iodepth,
            numjobs,
            bs,
            readMibPerSec: (total * rwmixread) / 100,
            writeMibPerSec: total * (1 - rwmixread / 100),
          });
        }),
      ),
    ),
  );
  return {
    kind: 'envelope',
    name: 'e',
    source: 'test',
    envelope: buildEnvelope(points, { name: 'e', source: 'test', inputs: [] }).model,
    axes: 'log2',
    outside,
    clampToPhysical,
  };
}

interface Want {
  readonly read?: boolean;
  readonly block?: number;
  readonly depth?: number;
  readonly wanted: number;
}

function demandsOf(wants: readonly Want[]): Demands {
  const demands = createDemands(wants.length);
  demands.count = wants.length;
  wants.forEach(({ read = false, block = mib, depth = 1, wanted }, i) => {
    demands.isRead[i] = read ? 1 : 0;
    demands.blockBytes[i] = block;
    demands.iodepth[i] = depth;
    demands.wantedBytesPerSec[i] = wanted;
  });
  return demands;
}

function grant(device: Device, wants: readonly Want[]): number[] {
  const rates = new Float64Array(wants.length);
  device.grant(demandsOf(wants), 0, rates);
  return [...rates];
}

describe('a device of two constants', () => {
  it('one stream gets its direction at most', () => {
    expect(grant(createDevice(constant), [{ read: true, wanted: Infinity }])).toEqual([400]);
    expect(grant(createDevice(constant), [{ wanted: 30 }])).toEqual([30]);
  });

  it('reads and writes take turns: r/R + w/W seconds a byte', () => {
    // Limited alone to 400 and 100: 0.8 read. Capacity 1 / (0.8 / 400 + 0.2 / 100) = 250; fair halves are 125, the writer needs only 100.
    expect(grant(createDevice(constant), [{ read: true, wanted: Infinity }, { wanted: Infinity }])).toEqual([150, 100]);
  });

  it('everyone gets what he wants when it fits', () => {
    expect(grant(createDevice(constant), [{ read: true, wanted: 200 }, { wanted: 50 }])).toEqual([200, 50]);
  });

  it('max-min fair: small wants are met, the rest is split evenly', () => {
    expect(grant(createDevice(constant), [{ wanted: 10 }, { wanted: Infinity }, { wanted: 50 }, { wanted: 0 }])).toEqual([10, 45, 45, 0]);
  });

  it('never changes by itself', () => {
    expect(createDevice(constant).nextChangeMicros(0)).toBe(Infinity);
  });

  it('no streams, no rates', () => {
    expect(grant(createDevice(constant), [])).toEqual([]);
  });

  it.each([0, -1, NaN, Infinity])('a bandwidth of %d is refused', (readBytesPerSec) => {
    expect(() => createDevice({ ...constant, readBytesPerSec })).toThrow(PutmodelError);
  });

  it.each([{ wanted: NaN }, { wanted: -1 }, { wanted: 1, block: 0 }, { wanted: 1, depth: NaN }])(
    'a demand of %o is a mistake of the caller',
    (want) => {
      expect(() => grant(createDevice(constant), [want])).toThrow(InvariantError);
    },
  );
});

describe('a device with an envelope', () => {
  it('one stream gets what was measured at its depth and block size', () => {
    expect(grant(createDevice(envelope()), [{ depth: 16, wanted: Infinity }])[0]).toBeCloseTo(400 * mib, 0);
    expect(grant(createDevice(envelope()), [{ read: true, depth: 4, block: 65536, wanted: Infinity }])[0]).toBeCloseTo(400 * mib, 0);
  });

  it('a stream gets no more than alone, even beside an idle one', () => {
    expect(grant(createDevice(envelope()), [{ wanted: Infinity }, { wanted: 0 }])).toEqual([100 * mib, 0]);
  });

  it('two streams share what the device gives to both requests in flight', () => {
    const [first = 0, second = 0] = grant(createDevice(envelope()), [{ wanted: Infinity }, { wanted: Infinity }]);
    expect(first).toBe(second);
    expect(first + second).toBeCloseTo(100 * Math.sqrt(2) * mib, 0);
  });

  it('nine threads with one request each are inside a grid of 1, 2, 4 jobs', () => {
    const device = createDevice(envelope());
    const rates = grant(
      device,
      Array.from({ length: 9 }, () => ({ wanted: Infinity })),
    );
    // 4 jobs of depth 2.25: between sqrt(4) = 2 and sqrt(16) = 4 hundred, log2(2.25) / 2 of the way.
    expect(rates.reduce((sum, rate) => sum + rate, 0) / mib).toBeCloseTo(100 * (2 + Math.log2(2.25)), 6);
    expect(device.warnings).toEqual([]);
  });

  it('the product of depth and jobs is kept where the split leaves the grid', () => {
    const device = createDevice(envelope());
    // One thread with 64 in flight: 16 x 4. Two threads with 40 in all: 20 a job is too deep, so 16 x 2.5.
    expect(grant(device, [{ depth: 64, wanted: Infinity }])[0]).toBeCloseTo(800 * mib, 0);
    const total = grant(device, [
      { depth: 20, wanted: Infinity },
      { depth: 20, wanted: Infinity },
    ]).reduce((sum, rate) => sum + rate, 0);
    expect(total / mib).toBeGreaterThan(565);
    expect(total / mib).toBeLessThan(800);
    expect(device.warnings).toEqual([]);
  });

  it('outside the grid: one warning an axis, or an error', () => {
    const device = createDevice(envelope());
    for (const depth of [100, 200, 300]) grant(device, [{ depth, block: 4096, wanted: Infinity }]);
    expect(device.warnings).toEqual([
      'iodepth 25 is outside the envelope (measured from 1 to 16): the value at 16 is used',
      'bsKib 4 is outside the envelope (measured from 64 to 1024): the value at 64 is used',
    ]);
    expect(() => grant(createDevice(envelope('error')), [{ block: 4096, wanted: 1 }])).toThrow(PutmodelError);
  });

  it('the physical clamp holds the total to the worse direction', () => {
    // The best pure write of the grid is 800 MiB/s; 64 reads in flight would give 1600.
    expect(grant(createDevice(envelope('clamp', true)), [{ read: true, depth: 64, wanted: Infinity }])).toEqual([800 * mib]);
  });

  it('block size of a mix is the geometric mean weighted with bytes, never off the blocks it is of', () => {
    const device = createDevice(envelope('error'));
    expect(
      grant(
        device,
        Array.from({ length: 3 }, () => ({ wanted: Infinity, block: mib })),
      ),
    ).toHaveLength(3);
    expect(
      grant(device, [
        { wanted: Infinity, block: 65536 },
        { wanted: 1e6, block: 65536 },
      ]),
    ).toHaveLength(2);
  });
});

describe('every device', () => {
  const wants = fc.array(
    fc.record({
      read: fc.boolean(),
      block: fc.constantFrom(4096, 65536, 131072, mib),
      depth: fc.constantFrom(1, 2, 16),
      wanted: fc.oneof(fc.constantFrom(0, Infinity), fc.double({ min: 0, max: 1e10, noNaN: true })),
    }),
    { maxLength: 12 },
  );

  it.each([constant, envelope(), envelope('linear')])(
    '%# gives each stream between 0 and what it wants, finite, and equals its own first answer on repeat',
    (model) => {
      const device = createDevice(model);
      fc.assert(
        fc.property(wants, (list) => {
          const rates = grant(device, list);
          rates.forEach((rate, i) => {
            expect(rate).toBeGreaterThanOrEqual(0);
            expect(rate).toBeLessThanOrEqual(list[i]?.wanted ?? 0);
            expect(Number.isFinite(rate)).toBe(true);
          });
          expect(grant(device, list)).toEqual(rates);
          // What a device answered before does not change what it answers.
          expect(grant(createDevice(model), list)).toEqual(rates);
        }),
        { seed: 42 },
      );
    },
  );
});
