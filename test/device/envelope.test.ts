import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  buildEnvelope,
  createLookup,
  defaultAxes,
  fillGaps,
  queryEnvelope,
  type BuildOptions,
  type EnvelopeModel,
  type EnvelopePoint,
} from '../../engine/device/envelope.js';
import { PutmodelError, type Issue } from '../../engine/kernel/errors.js';
import { buildEnvelopeFromFiles } from '../../engine/files/fio-results.js';
import { fioPoint } from '../support/fio.js';
import { sharedDir } from '../support/shared.js';

const mib = 1048576;
const named = { name: 'test', source: 'made for a test', inputs: [] };

const build = (points: readonly EnvelopePoint[], options: Partial<BuildOptions> = {}) => buildEnvelope(points, { ...named, ...options });
const notes = (points: readonly EnvelopePoint[]): string[] => build(points).issues.map((issue) => issue.message);

/** Writes only, at 1 job; bandwidth in MiB/s by iodepth and block size. */
const write = (iodepth: number, bs: string, mibPerSec: number, numjobs = 1): EnvelopePoint =>
  fioPoint({ rw: 'randwrite', iodepth, bs, numjobs, writeMibPerSec: mibPerSec });

/** A full grid of 3 x 3 x 3 x 3 whose total is 10 (1 + a) (1 + b) (1 + c) (1 + d) MiB/s at knots a, b, c, d. */
function fullGrid(): EnvelopePoint[] {
  const points: EnvelopePoint[] = [];
  for (const a of [0, 1, 2]) {
    for (const b of [0, 1, 2]) {
      for (const c of [0, 1, 2]) {
        for (const d of [0, 1, 2]) {
          const total = 10 * (1 + a) * (1 + b) * (1 + c) * (1 + d);
          const part = a / 2;
          points.push(
            fioPoint({
              rwmixread: 50 * a,
              iodepth: [1, 4, 16][b] ?? 0,
              numjobs: [1, 2, 4][c] ?? 0,
              bs: ['4k', '64k', '1m'][d] ?? '',
              readMibPerSec: total * part,
              writeMibPerSec: total * (1 - part),
            }),
          );
        }
      }
    }
  }
  return points;
}

/** A grid on which all of iodepth x numjobs requests are always in flight, two thirds of them reads where both directions move. */
function closedLoopGrid(): EnvelopePoint[] {
  const points: EnvelopePoint[] = [];
  for (const rwmixread of [0, 50, 100])
    for (const iodepth of [1, 16])
      for (const numjobs of [1, 4])
        for (const kib of [4, 64, 1024]) {
          const total = 20 * iodepth ** 0.3 * numjobs ** 0.2 * kib ** 0.4;
          const readMibPerSec = (total * rwmixread) / 100;
          const writeMibPerSec = total - readMibPerSec;
          const readPart = rwmixread === 50 ? 2 / 3 : rwmixread / 100;
          const micros = (part: number, mibPerSec: number): number =>
            mibPerSec === 0 ? 100 : (1e6 * part * iodepth * numjobs * kib) / (mibPerSec * 1024);
          points.push(
            fioPoint({
              ...{ rwmixread, iodepth, numjobs, bs: `${String(kib)}k`, readMibPerSec, writeMibPerSec },
              readMicros: micros(readPart, readMibPerSec),
              writeMicros: micros(1 - readPart, writeMibPerSec),
            }),
          );
        }
  return points;
}

const issuesOf = (run: () => unknown): readonly Issue[] => {
  try {
    run();
  } catch (error) {
    if (error instanceof PutmodelError) return error.issues;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('building', () => {
  it('any grid will do: the axes are the values that occur', () => {
    const { model } = build(fullGrid().reverse());
    expect(model.surfaces.random?.axes).toEqual({
      readPercent: [0, 50, 100],
      iodepth: [1, 4, 16],
      numjobs: [1, 2, 4],
      bsKib: [4, 64, 1024],
    });
    expect(model.surfaces.random?.columns['totalBytesPerSec']?.slice(0, 3)).toEqual([10 * mib, 20 * mib, 30 * mib]);
    expect(model.surfaces.sequential).toBeUndefined();
    expect(model.notes).toEqual([]);
  });

  it('fewer than two points in all are an error', () => {
    expect(issuesOf(() => build([write(1, '4k', 1)]))[0]).toMatchObject({
      code: 'INPUT_INVALID',
      found: '1',
      expected: 'at least 2 usable fio runs',
    });
  });

  it('an axis with one value is held constant, and that is said', () => {
    expect(notes([write(1, '4k', 1), write(4, '4k', 2)])).toEqual([
      'random: readPercent was measured only at 0; it is held constant',
      'random: numjobs was measured only at 1; it is held constant',
      'random: bsKib was measured only at 4; it is held constant',
    ]);
  });

  it('runs at one point are averaged and their spread is told', () => {
    const { model, issues } = build([write(1, '4k', 90), write(1, '4k', 110), write(4, '4k', 300)]);
    expect(model.surfaces.random?.columns['totalBytesPerSec']).toEqual([100 * mib, 300 * mib]);
    expect(model.surfaces.random?.runs).toEqual([2, 1]);
    expect(model.surfaces.random?.spreadFraction).toEqual([0.2, 0]);
    expect(issues.map((issue) => issue.message)).toContain(
      'random: read 0 %, iodepth 1, numjobs 1, 4 KiB: 2 runs averaged, spread 20.0 % of their mean',
    );
  });

  it('gaps are named', () => {
    expect(notes([write(1, '4k', 1), write(4, '64k', 2)])).toContain(
      'random: 2 of 4 grid points were not measured and are filled from their neighbours: read 0 %, iodepth 1, numjobs 1, 64 KiB; read 0 %, iodepth 4, numjobs 1, 4 KiB',
    );
  });

  it('sequential points are a second surface', () => {
    const sequential = fioPoint({ rw: 'write', writeMibPerSec: 50 });
    const { model } = build([write(1, '4k', 10), sequential]);
    expect(queryEnvelope(model, { readPercent: 0, iodepth: 1, numjobs: 1, bsKib: 4 }).totalBytesPerSec).toBe(10 * mib);
    expect(queryEnvelope(model, { readPercent: 0, iodepth: 1, numjobs: 1, bsKib: 4 }, { pattern: 'sequential' }).totalBytesPerSec).toBe(
      50 * mib,
    );
  });

  it('scattered points that span a huge grid are refused', () => {
    const points = Array.from({ length: 60 }, (_, i) =>
      fioPoint({ rwmixread: i, iodepth: i + 1, numjobs: i + 1, bs: `${String(i + 1)}k`, writeMibPerSec: 1 }),
    );
    expect(issuesOf(() => build(points))[0]?.message).toContain('do not form a grid');
  });
});

describe('outliers', () => {
  // iodepth 1 with 4 KiB gives 300 where more requests give 100 and larger blocks 120.
  const points = [write(1, '4k', 300), write(4, '4k', 100), write(1, '64k', 120), write(4, '64k', 200)];
  const message =
    'random: read 0 %, iodepth 1, numjobs 1, 4 KiB: 300 MiB/s looks like a burst: more requests or larger blocks give at most 120 MiB/s';

  it('a burst is named and kept', () => {
    const { model, issues } = build(points);
    expect(issues.map((issue) => issue.message)).toContain(`${message}; kept`);
    expect(model.surfaces.random?.columns['totalBytesPerSec']?.[0]).toBe(300 * mib);
  });

  it('a burst is left out when asked, and filled', () => {
    const { model, issues } = build(points, { outliers: 'fill' });
    expect(issues.map((issue) => issue.message)).toContain(`${message}; left out and filled from its neighbours`);
    expect(model.surfaces.random?.columns['totalBytesPerSec']?.[0]).toBeNull();
    expect(queryEnvelope(model, { readPercent: 0, iodepth: 1, numjobs: 1, bsKib: 4 }).totalBytesPerSec).toBe(110 * mib);
  });

  it('a disturbed run is named', () => {
    const disturbed = [write(1, '4k', 100), write(4, '4k', 200), write(1, '64k', 200), write(4, '64k', 50)];
    expect(notes(disturbed).join('\n')).toContain(
      'iodepth 4, numjobs 1, 64 KiB: 50 MiB/s looks like a disturbed run: fewer requests and smaller blocks give at least 200 MiB/s',
    );
  });

  it('rising bandwidth has none', () => {
    expect(notes(fullGrid())).toEqual([]);
  });
});

describe('gaps are filled by the stated rule', () => {
  const axes = { readPercent: [0, 50, 100], iodepth: [1, 4, 16], numjobs: [1], bsKib: [4] };
  const fill = (values: readonly (number | null)[], scale: 'linear' | 'log2' = 'log2'): number[] => [...fillGaps({ axes }, values, scale)];

  it('between measured points on an axis: linear in its scale, the mean over the axes that have both sides', () => {
    // Along read share (10 + 50) / 2 = 30; along iodepth, in log2, (40 + 60) / 2 = 50; together 40.
    expect(fill([1, 10, 1, 40, null, 60, 1, 50, 1])[4]).toBe(40);
    // Linear: 4 lies a fifth of the way from 1 to 16: 40 + 20 / 5 = 44; with read share's 30: 37.
    expect(fill([1, 10, 1, 40, null, 60, 1, 50, 1], 'linear')[4]).toBe(37);
  });

  it('at a corner: the nearest point along iodepth, numjobs and block size, not of another mix', () => {
    expect(fill([null, 7, 1, 99, 1, 1, 1, 1, 1])[0]).toBe(7);
  });

  it('another mix only when nothing else is there', () => {
    expect(fill([null, null, null, 99, 1, 1, 1, 1, 1]).slice(0, 3)).toEqual([99, 1, 1]);
  });

  it('one point fills everything', () => {
    expect(fill([null, null, null, null, 5, null, null, null, null])).toEqual([5, 5, 5, 5, 5, 5, 5, 5, 5]);
  });

  it('total stays read + write', () => {
    const points = fullGrid().filter((_, i) => i % 3 !== 1);
    const { model } = build(points);
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 100 }),
        fc.integer({ min: 1, max: 16 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 4, max: 1024 }),
        (readPercent, iodepth, numjobs, bsKib) => {
          const answer = queryEnvelope(model, { readPercent, iodepth, numjobs, bsKib });
          expect(answer.readBytesPerSec + answer.writeBytesPerSec).toBeCloseTo(answer.totalBytesPerSec, -1);
        },
      ),
      { seed: 42, numRuns: 50 },
    );
  });
});

describe('queries', () => {
  const { model } = build(fullGrid());
  const at = { readPercent: 50, iodepth: 4, numjobs: 2, bsKib: 64 };

  it('a measured point gives back what was measured: rates and latencies', () => {
    const answer = queryEnvelope(model, at);
    expect(answer).toMatchObject({
      pattern: 'random',
      axes: 'log2',
      totalBytesPerSec: 160 * mib,
      readBytesPerSec: 80 * mib,
      clampedToPhysical: false,
      warnings: [],
    });
    expect(answer.columns['writeClatMicros.p99']).toBeCloseTo(1000, 9);
    expect(answer.columns['readOpsPerSec']).toBe(80 * 16);
  });

  it('between points: log2 and linear axes differ as they should', () => {
    // iodepth 8: halfway from 4 to 16 in log2, a third of the way linearly. Totals at 4 and 16: 160 and 240.
    expect(queryEnvelope(model, { ...at, iodepth: 8 }).totalBytesPerSec).toBe(200 * mib);
    expect(queryEnvelope(model, { ...at, iodepth: 8 }, { axes: 'linear' }).totalBytesPerSec / mib).toBeCloseTo(160 + 80 / 3, 9);
  });

  it('anywhere, op/s x block size is the bandwidth and op/s x mean latency the requests in flight', () => {
    const { model: closed } = build(closedLoopGrid());
    const inside = fc.record({
      readPercent: fc.double({ min: 0, max: 100, noNaN: true }),
      iodepth: fc.double({ min: 1, max: 40, noNaN: true }),
      numjobs: fc.double({ min: 1, max: 4, noNaN: true }),
      bsKib: fc.double({ min: 2, max: 2048, noNaN: true }),
      brBytesPerSec: fc.constantFrom(undefined, 20 * mib),
    });
    fc.assert(
      fc.property(inside, ({ brBytesPerSec, ...query }) => {
        const { columns } = queryEnvelope(closed, query, { brBytesPerSec });
        const figure = (name: string): number => columns[name] ?? 0;
        let inFlight = 0;
        for (const direction of ['read', 'write']) {
          const opsPerSec = figure(`${direction}OpsPerSec`);
          expect(opsPerSec * query.bsKib * 1024).toBeCloseTo(figure(`${direction}BytesPerSec`), 3);
          inFlight += (opsPerSec * figure(`${direction}ClatMicros.mean`)) / 1e6;
          // At every measured point percentile 99 is ten times the mean.
          expect(figure(`${direction}ClatMicros.p99`) / (10 * figure(`${direction}ClatMicros.mean`) || 1)).toBeCloseTo(
            opsPerSec > 0 ? 1 : 0,
            9,
          );
        }
        expect(inFlight / (query.iodepth * query.numjobs)).toBeCloseTo(1, 6);
      }),
      { seed: 7, numRuns: 200 },
    );
  });

  it('a direction that the query does not have has no latencies', () => {
    const { columns } = queryEnvelope(model, { ...at, readPercent: 0 });
    expect(Object.keys(columns).some((name) => name.startsWith('readClat'))).toBe(false);
    expect(columns['writeClatMicros.p50']).toBeCloseTo(90, 9);
  });

  it('outside, clamp: the edge, with one warning that names the axis', () => {
    const answer = queryEnvelope(model, { ...at, iodepth: 64, bsKib: 2 });
    expect(answer.totalBytesPerSec).toBe(queryEnvelope(model, { ...at, iodepth: 16, bsKib: 4 }).totalBytesPerSec);
    expect(answer.warnings).toEqual([
      'iodepth 64 is outside the envelope (measured from 1 to 16): the value at 16 is used',
      'bsKib 2 is outside the envelope (measured from 4 to 1024): the value at 4 is used',
    ]);
  });

  it('outside, error', () => {
    expect(issuesOf(() => queryEnvelope(model, { ...at, numjobs: 9 }, { outside: 'error' }))).toEqual([
      { code: 'INPUT_INVALID', message: 'outside the measured envelope', path: 'numjobs', found: '9', expected: '1 to 4' },
    ]);
  });

  it('outside, linear: the last line carried on, never below 0', () => {
    // In log2, one more doubling of numjobs adds what the last one did: 160 at 2, 240 at 4, 320 at 8.
    expect(queryEnvelope(model, { ...at, numjobs: 8 }, { outside: 'linear' }).totalBytesPerSec / mib).toBeCloseTo(320, 9);
    expect(queryEnvelope(model, { ...at, bsKib: 0.001 }, { outside: 'linear' }).totalBytesPerSec).toBe(0);
  });

  it('a lookup warns once an axis', () => {
    const lookup = createLookup(model, { pattern: 'random', column: 'totalBytesPerSec', axes: 'log2', outside: 'clamp' });
    for (const iodepth of [32, 64, 128]) lookup.at(50, iodepth, 1, 4);
    expect(lookup.warnings).toHaveLength(1);
  });

  it('the physical clamp is off unless asked for; then total is at most min(Br, Bw), directions keep their shares', () => {
    const answer = queryEnvelope(model, { ...at, readPercent: 75 }, { brBytesPerSec: 500 * mib, bwBytesPerSec: 100 * mib });
    expect(answer.totalBytesPerSec).toBe(100 * mib);
    expect(answer.clampedToPhysical).toBe(true);
    expect((answer.readBytesPerSec + answer.writeBytesPerSec) / mib).toBeCloseTo(100, 9);
    expect(queryEnvelope(model, at, { brBytesPerSec: 500 * mib }).clampedToPhysical).toBe(false);
  });

  it('wrong coordinates are refused, all at once', () => {
    const issues = issuesOf(() =>
      queryEnvelope(model, { readPercent: 101, iodepth: 0, numjobs: NaN, bsKib: Infinity }, { bwBytesPerSec: -1 }),
    );
    expect(issues.map((issue) => issue.path)).toEqual(['readPercent', 'iodepth', 'numjobs', 'bsKib', 'bwBytesPerSec']);
    expect(issues[0]).toMatchObject({ code: 'INPUT_INVALID', found: '101', expected: '0 to 100' });
  });

  it('a pattern that was not measured is an error', () => {
    expect(issuesOf(() => queryEnvelope(model, at, { pattern: 'sequential' }))[0]).toMatchObject({
      code: 'INPUT_INVALID',
      expected: 'random',
    });
  });
});

it('the default axes are those with the smaller published leave-one-out error on both real grids', () => {
  const text = readFileSync(new URL('../../results/reference/envelope-loo.json', import.meta.url), 'utf8');
  const published = JSON.parse(text) as {
    readonly default: string;
    readonly grids: readonly { readonly allKnotsOfGeometricAxes: Readonly<Record<'linear' | 'log2', { readonly meanPercent: number }>> }[];
  };
  expect(published.default).toBe(defaultAxes);
  expect(published.grids).toHaveLength(2);
  for (const { allKnotsOfGeometricAxes: errors } of published.grids)
    expect(errors.log2.meanPercent).toBeLessThan(errors.linear.meanPercent);
});

describe.skipIf(sharedDir === null)('real grids', () => {
  it("the seed lab's 180 points: its three bursts are named, nothing else", () => {
    const { issues, pointCount } = buildEnvelopeFromFiles([`${String(sharedDir)}/data/envelope/seed-lab-nvme`]);
    expect(pointCount).toBe(180);
    expect(issues.map((issue) => /read .*? KiB/.exec(issue.message)?.[0])).toEqual([
      'read 0 %, iodepth 1, numjobs 1, 1024 KiB',
      'read 0 %, iodepth 1, numjobs 2, 64 KiB',
      'read 25 %, iodepth 16, numjobs 4, 64 KiB',
    ]);
  });

  it('the SATA grid of 98 points has one block size and no outliers', () => {
    const { issues, model }: { issues: readonly Issue[]; model: EnvelopeModel } = buildEnvelopeFromFiles([
      `${String(sharedDir)}/data/envelope/fioplot-sata-mx200`,
    ]);
    expect(issues.map((issue) => issue.message)).toEqual(['random: bsKib was measured only at 4; it is held constant']);
    expect(model.inputs).toHaveLength(98);
  });
});
