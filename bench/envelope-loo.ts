/**
 * Leave-one-out error of the envelope's interpolation on real grids: which axes should be the default? Writes
 * results/reference/envelope-loo.json. Run: npx tsx bench/envelope-loo.ts [directory of grids]
 *
 * Two questions, each asked with linear and with log2 axes (iodepth, numjobs, block size; read share is always linear):
 *   knots   all points with one inner value of one axis are taken away and looked up in what is left: a coarser grid
 *   points  one point at a time is taken away and filled from its neighbours: a missing run
 * The error is |looked up / measured - 1| of the total bandwidth. Points that the build calls outliers are left out throughout.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { quantile } from 'd3-array';
import {
  axisNames,
  buildEnvelope,
  createLookup,
  defaultAxes,
  fillGaps,
  type AxisName,
  type EnvelopeModel,
  type EnvelopePoint,
  type EnvelopeSurface,
} from '../engine/device/envelope.js';
import { buildEnvelopeFromFiles } from '../engine/files/fio-results.js';
import { existsSync } from '../engine/files/read.js';
import { writeFileAtomic } from '../engine/files/write.js';
import { encodeJson } from '../engine/scenario/json.js';

type Scale = 'linear' | 'log2';
const root = fileURLToPath(new URL('..', import.meta.url));
const grids = [
  { name: 'seed-lab-nvme', source: 'seehwan/rocksdb-put-model@df532eec6993, 5 x 4 x 3 x 3 points, NVMe, fio 3.28' },
  {
    name: 'fioplot-sata-mx200',
    source: 'louwrentius/fio-plot@24730fb047b1, 2 x 7 x 7 x 1 points, SATA SSD behind a RAID controller, fio 3.1',
  },
];

function main(directory: string): void {
  const measured = grids.map(({ name, source }) => {
    const path = join(directory, name);
    if (!existsSync(path)) throw new Error(`${path} does not exist; give the directory of the grids`);
    const surface = buildEnvelopeFromFiles([path], { outliers: 'fill' }).model.surfaces.random;
    if (surface === undefined) throw new Error(`${path}: no random points`);
    const knots = axisNames.flatMap((axis) =>
      surface.axes[axis].slice(1, -1).map((knot) => ({ axis, knot, errors: knotErrors(surface, axis, knot) })),
    );
    return {
      name,
      source,
      points: surface.runs.filter((count) => count > 0).length,
      knots: knots.map(({ axis, knot, errors }) => ({ axis, knot, ...summaries(errors) })),
      allKnotsOfGeometricAxes: summaries(merge(knots.filter(({ axis }) => axis !== 'readPercent').map(({ errors }) => errors))),
      points1: summaries(pointErrors(surface)),
    };
  });
  const document = {
    schema: 'putmodel/envelope-loo/1',
    command: 'npx tsx bench/envelope-loo.ts',
    error: 'absolute relative error of the total bandwidth, percent; outliers named by the build are left out',
    grids: measured.map(({ points1, ...grid }) => ({ ...grid, singlePoints: points1 })),
    default: defaultAxes,
  };
  writeFileAtomic(join(root, 'results/reference/envelope-loo.json'), encodeJson(document));
  for (const grid of document.grids) {
    console.log(`${grid.name}: ${String(grid.points)} points`);
    for (const row of [
      ...grid.knots.map((knot) => ({ what: `without ${knot.axis} ${String(knot.knot)}`, ...knot })),
      { what: 'geometric axes', ...grid.allKnotsOfGeometricAxes },
      { what: 'single points', ...grid.singlePoints },
    ]) {
      console.log(
        `  ${row.what.padEnd(24)} linear mean ${row.linear.meanPercent.toFixed(1)} p90 ${row.linear.p90Percent.toFixed(1)}   log2 mean ${row.log2.meanPercent.toFixed(1)} p90 ${row.log2.p90Percent.toFixed(1)}`,
      );
    }
  }
}

type Errors = Readonly<Record<Scale, readonly number[]>>;

/** Looks up the points of one knot in the grid without it. */
function knotErrors(surface: EnvelopeSurface, axis: AxisName, knot: number): Errors {
  const points = pointsOf(surface);
  const rest = modelOf(points.filter((point) => point[axis] !== knot));
  const errorsWith = (axes: Scale): number[] => {
    const lookup = createLookup(rest, { pattern: 'random', column: 'totalBytesPerSec', axes, outside: 'error' });
    return points
      .filter((point) => point[axis] === knot)
      .map((point) => relativeError(lookup.at(point.readPercent, point.iodepth, point.numjobs, point.bsKib), totalOf(point)));
  };
  return { linear: errorsWith('linear'), log2: errorsWith('log2') };
}

/** Fills each measured point from all others. */
function pointErrors(surface: EnvelopeSurface): Errors {
  const totals = surface.columns['totalBytesPerSec'] ?? [];
  const errorsWith = (scale: Scale): number[] =>
    totals.flatMap((total, index) => {
      if (total === null) return [];
      const without = totals.map((value, i) => (i === index ? null : value));
      return [relativeError(fillGaps(surface, without, scale)[index] ?? NaN, total)];
    });
  return { linear: errorsWith('linear'), log2: errorsWith('log2') };
}

function pointsOf(surface: EnvelopeSurface): EnvelopePoint[] {
  const points: EnvelopePoint[] = [];
  let index = 0;
  for (const readPercent of surface.axes.readPercent) {
    for (const iodepth of surface.axes.iodepth) {
      for (const numjobs of surface.axes.numjobs) {
        for (const bsKib of surface.axes.bsKib) {
          const total = surface.columns['totalBytesPerSec']?.[index++];
          if (total === null || total === undefined) continue;
          points.push({
            file: '',
            pattern: 'random',
            readPercent,
            iodepth,
            numjobs,
            bsKib,
            timestampSec: null,
            columns: new Map([['totalBytesPerSec', total]]),
          });
        }
      }
    }
  }
  return points;
}

function modelOf(points: readonly EnvelopePoint[]): EnvelopeModel {
  return buildEnvelope(points, { name: 'left', source: '', inputs: [] }).model;
}

function totalOf(point: EnvelopePoint): number {
  return point.columns.get('totalBytesPerSec') ?? NaN;
}

function relativeError(found: number, measured: number): number {
  return Math.abs(found / measured - 1);
}

function merge(all: readonly Errors[]): Errors {
  return { linear: all.flatMap((errors) => errors.linear), log2: all.flatMap((errors) => errors.log2) };
}

function summaries(
  errors: Errors,
): Record<Scale, { points: number; meanPercent: number; medianPercent: number; p90Percent: number; maxPercent: number }> {
  const percent = (fraction: number): number => Math.round(fraction * 10000) / 100;
  const of = (values: readonly number[]) => ({
    points: values.length,
    meanPercent: percent(values.reduce((sum, value) => sum + value, 0) / values.length),
    medianPercent: percent(quantile(values, 0.5) ?? NaN),
    p90Percent: percent(quantile(values, 0.9) ?? NaN),
    maxPercent: percent(Math.max(...values)),
  });
  return { linear: of(errors.linear), log2: of(errors.log2) };
}

main(process.argv[2] ?? join(root, '../shared/data/envelope'));
