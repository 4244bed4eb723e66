/**
 * A device's envelope: what fio measured over read share, iodepth, numjobs and block size, and the lookup between the points.
 *
 * Building. The axes are the values that occur; any grid will do. Runs at the same point are averaged and their spread is kept. Each
 * surface holds only what was measured (null elsewhere); the gaps are filled when a lookup is made, by `fillGaps`:
 *   1. along each axis on which measured points lie on both sides: linear between the nearest two, in log2 of iodepth, numjobs and
 *      block size; the mean over those axes;
 *   2. where no axis has both sides: the mean of the nearest measured points along iodepth, numjobs and block size (along read share only
 *      when those have none: another mix is another thing);
 *   3. and again with what was filled, until nothing is missing.
 * Filling both directions by one rule keeps total = read + write.
 *
 * Looking up. 4-D multilinear (kernel/interpolate.ts), read share always linear, the other three in log2 or linearly. Source of the
 * method: the V4 document's device envelope; the choice of axes: results/reference/envelope-loo.json. Only bandwidth is looked up so: requests
 * a second are bandwidth over block size, and latencies follow Little's law (`queryEnvelope`). Straight lines of their own would give rates
 * and latencies that contradict the bandwidth between the points.
 */
import { PutmodelError, type Issue } from '../kernel/errors.js';
import { createGrid4, lookup, type Four, type Grid4, type Scale } from '../kernel/interpolate.js';
import { log2 } from '../kernel/math.js';
import type { EnvelopePoint, Pattern } from './points.js';

export type { EnvelopePoint, Pattern } from './points.js';

/** How iodepth, numjobs and block size are measured between points. Read share is linear in both. */
export type Axes = Scale;

/** The better of the two by leave-one-out on the seed lab's grid and on a SATA grid (results/reference/envelope-loo.json). */
export const defaultAxes: Axes = 'log2';

/** What a query outside the grid gets: the edge's value with a warning, an error, or the edge cell carried on in a straight line. */
export type Outside = 'clamp' | 'error' | 'linear';

/** The axes in the order of every flat array. */
export const axisNames = ['readPercent', 'iodepth', 'numjobs', 'bsKib'] as const;
export type AxisName = (typeof axisNames)[number];

/** One pattern's measurements on one grid. Arrays are flat in the order of `axisNames`, the last axis fastest. */
export interface EnvelopeSurface {
  /** The values of each axis, ascending; one value means that the axis is held constant. */
  readonly axes: Readonly<Record<AxisName, readonly number[]>>;
  /** runs[i]: measured runs at point i; 0 where nothing was measured. */
  readonly runs: readonly number[];
  /** spreadFraction[i]: (largest - smallest) / mean of the total bandwidth over the runs at point i; 0 for one run. */
  readonly spreadFraction: readonly number[];
  /** columns[name][i]: see `EnvelopePoint.columns`; null where not measured. `totalBytesPerSec` is always there. */
  readonly columns: Readonly<Record<string, readonly (number | null)[]>>;
}

/** An input of a model: a file's name (without folders) and the SHA-256 of its bytes, hex. */
export interface EnvelopeInput {
  readonly file: string;
  readonly sha256: string;
}

/** What `envelope_model.json` holds. */
export interface EnvelopeModel {
  readonly schema: 'putmodel/envelope/1';
  readonly name: string;
  /** Where the measurements come from, for people. */
  readonly source: string;
  readonly inputs: readonly EnvelopeInput[];
  /** At least one of the two. */
  readonly surfaces: { readonly random?: EnvelopeSurface; readonly sequential?: EnvelopeSurface };
  /** What was noticed while building: gaps, repeats, outliers. */
  readonly notes: readonly string[];
}

/** What a model is built with. */
export interface BuildOptions {
  readonly name: string;
  readonly source: string;
  readonly inputs: readonly EnvelopeInput[];
  /** Points that stand out from their neighbours: `keep` as measured (default) or `fill` as if they had not been measured. */
  readonly outliers?: 'keep' | 'fill' | undefined;
}

/**
 * A model from points in any order, and what a reader should know about it.
 * @throws PutmodelError INPUT_INVALID for fewer than two points in all
 */
export function buildEnvelope(
  points: readonly EnvelopePoint[],
  options: BuildOptions,
): { readonly model: EnvelopeModel; readonly issues: readonly Issue[] } {
  if (points.length < 2) {
    throw new PutmodelError({
      code: 'INPUT_INVALID',
      message: 'too few points for an envelope',
      found: String(points.length),
      expected: 'at least 2 usable fio runs',
    });
  }
  const issues: Issue[] = [];
  const surfaces: { random?: EnvelopeSurface; sequential?: EnvelopeSurface } = {};
  for (const pattern of ['random', 'sequential'] as const) {
    const chosen = points.filter((point) => point.pattern === pattern);
    if (chosen.length > 0) surfaces[pattern] = buildSurface(chosen, pattern, options.outliers ?? 'keep', issues);
  }
  return {
    model: {
      schema: 'putmodel/envelope/1',
      name: options.name,
      source: options.source,
      inputs: options.inputs,
      surfaces,
      notes: issues.map((issue) => issue.message),
    },
    issues,
  };
}

/** The envelope of a device that is `factor` times as fast at every point: bandwidths and requests per second times it, latencies divided by it. */
export function scaleEnvelope(model: EnvelopeModel, factor: number): EnvelopeModel {
  const scaleOf = (name: string): number => (name.includes('PerSec') ? factor : name.includes('Micros') ? 1 / factor : 1);
  const scaleSurface = (surface: EnvelopeSurface): EnvelopeSurface => ({
    ...surface,
    columns: Object.fromEntries(
      Object.entries(surface.columns).map(([name, values]) => [
        name,
        values.map((value) => (value === null ? null : value * scaleOf(name))),
      ]),
    ),
  });
  const { random, sequential } = model.surfaces;
  const surfaces = {
    ...(random === undefined ? {} : { random: scaleSurface(random) }),
    ...(sequential === undefined ? {} : { sequential: scaleSurface(sequential) }),
  };
  return { ...model, surfaces };
}

/** Scattered points would make a grid of almost nothing but gaps; real grids have hundreds of points. */
const maxGridPoints = 100_000;

function buildSurface(points: readonly EnvelopePoint[], pattern: Pattern, outliers: 'keep' | 'fill', issues: Issue[]): EnvelopeSurface {
  const note = (message: string): void => {
    issues.push({ code: 'INPUT_UNSUPPORTED', message: `${pattern}: ${message}` });
  };
  const axes = {
    readPercent: distinct(points, 'readPercent'),
    iodepth: distinct(points, 'iodepth'),
    numjobs: distinct(points, 'numjobs'),
    bsKib: distinct(points, 'bsKib'),
  };
  for (const name of axisNames) {
    if (axes[name].length === 1) note(`${name} was measured only at ${String(axes[name][0])}; it is held constant`);
  }
  const size = sizeOf(axes);
  if (size > maxGridPoints) {
    throw new PutmodelError({
      code: 'INPUT_INVALID',
      message: `the ${pattern} points do not form a grid: their values span one of ${String(size)} points`,
      found: `${String(points.length)} points`,
      expected: `a grid of at most ${String(maxGridPoints)} points`,
    });
  }
  const runs: EnvelopePoint[][] = Array.from({ length: size }, () => []);
  for (const point of points) runs[indexOf(axes, point)]?.push(point);

  const names = new Set(points.flatMap((point) => [...point.columns.keys()]));
  const columns: Record<string, (number | null)[]> = {};
  for (const name of [...names].sort(byText)) columns[name] = runs.map((group) => meanColumn(group, name));
  const surface = { axes, runs: runs.map((group) => group.length), spreadFraction: runs.map(spreadOf), columns };

  const gaps = surface.runs.flatMap((count, index) => (count === 0 ? [describe(axes, index)] : []));
  if (gaps.length > 0)
    note(
      `${String(gaps.length)} of ${String(runs.length)} grid points were not measured and are filled from their neighbours: ${listOf(gaps)}`,
    );
  surface.runs.forEach((count, index) => {
    if (count > 1)
      note(
        `${describe(axes, index)}: ${String(count)} runs averaged, spread ${percentText(surface.spreadFraction[index] ?? 0)} of their mean`,
      );
  });
  return reportOutliers(surface, outliers, note);
}

/** Names each outlier, and takes them out when asked. */
function reportOutliers(surface: EnvelopeSurface, outliers: 'keep' | 'fill', note: (message: string) => void): EnvelopeSurface {
  const found = outliersOf(surface);
  if (found.length === 0) return surface;
  const verb = outliers === 'keep' ? 'kept' : 'left out and filled from its neighbours';
  for (const { index, message } of found) note(`${describe(surface.axes, index)}: ${message}; ${verb}`);
  if (outliers === 'keep') return surface;
  const left = new Set(found.map(({ index }) => index));
  const columns: Record<string, readonly (number | null)[]> = {};
  for (const [name, values] of Object.entries(surface.columns))
    columns[name] = values.map((value, index) => (left.has(index) ? null : value));
  return { ...surface, runs: surface.runs.map((count, index) => (left.has(index) ? 0 : count)), columns };
}

/** By how much a point may top what more requests or larger blocks gave before it is called a burst. Repeated saturated points of the seed-lab grid differ by 3 %. */
const outlierFraction = 0.15;

/**
 * Points whose total bandwidth breaks the order that hardware keeps: more requests in flight or larger blocks do not lower bandwidth.
 * High: above every next neighbour (iodepth, numjobs, block size) by 15 %, with at least two to compare with. Low: the mirror image. A drive's cache
 * answering the first runs of a sweep looks like the first.
 */
function outliersOf(surface: EnvelopeSurface): readonly { readonly index: number; readonly message: string }[] {
  const totals = surface.columns['totalBytesPerSec'] ?? [];
  const found: { index: number; message: string }[] = [];
  totals.forEach((total, index) => {
    const above = neighboursOf(surface.axes, totals, index, 1);
    const highest = Math.max(...above);
    if (total === null || above.length < 2 || total <= highest * (1 + outlierFraction)) return;
    found.push({ index, message: `${mibText(total)} looks like a burst: more requests or larger blocks give at most ${mibText(highest)}` });
  });
  // A point is not disturbed because its neighbour was a burst.
  const bursts = new Set(found.map(({ index }) => index));
  const calm = totals.map((total, index) => (bursts.has(index) ? null : total));
  calm.forEach((total, index) => {
    const below = neighboursOf(surface.axes, calm, index, -1);
    const lowest = Math.min(...below);
    if (total === null || below.length < 2 || total >= lowest * (1 - outlierFraction)) return;
    found.push({
      index,
      message: `${mibText(total)} looks like a disturbed run: fewer requests and smaller blocks give at least ${mibText(lowest)}`,
    });
  });
  return found;
}

/** The measured neighbours of a point with the next larger (or smaller) iodepth, numjobs or block size. */
function neighboursOf(axes: EnvelopeSurface['axes'], values: readonly (number | null)[], index: number, side: 1 | -1): readonly number[] {
  const strides = stridesOf(axes);
  const found: number[] = [];
  for (const axis of [1, 2, 3] as const) {
    const count = axes[axisNames[axis]].length;
    const at = (Math.floor(index / strides[axis]) % count) + side;
    const value = at < 0 || at >= count ? null : values[index + side * strides[axis]];
    if (value !== null && value !== undefined) found.push(value);
  }
  return found;
}

/** A ready lookup of one column. */
export interface EnvelopeLookup {
  /** The column's value there, in its own unit; never NaN for finite coordinates. Records at most one warning an axis. */
  at(readPercent: number, iodepth: number, numjobs: number, bsKib: number): number;
  readonly range: Readonly<Record<AxisName, { readonly min: number; readonly max: number }>>;
  readonly warnings: readonly string[];
  /** min(Br, Bw): the largest total bandwidth measured with the most reads, or with the most writes, whichever is less. */
  readonly physicalLimitBytesPerSec: number;
}

/** Which column is looked up, and how. */
export interface LookupOptions {
  readonly pattern: Pattern;
  readonly column: string;
  readonly axes: Axes;
  readonly outside: Outside;
}

/**
 * Prepares a column for lookups: fills its gaps and lays it out.
 * @throws PutmodelError INPUT_INVALID when the pattern or column was not measured; from `at`, outside the grid with `outside: 'error'`
 */
export function createLookup(model: EnvelopeModel, options: LookupOptions): EnvelopeLookup {
  const surface = model.surfaces[options.pattern];
  const values = surface?.columns[options.column];
  if (surface === undefined || values === undefined || values.every((value) => value === null)) {
    throw new PutmodelError({
      code: 'INPUT_INVALID',
      message: `the envelope "${model.name}" has no ${options.column} for ${options.pattern} access`,
      expected: Object.keys(model.surfaces).join(' or '),
    });
  }
  return lookupOf(surface, values, options.axes, options.outside);
}

function lookupOf(surface: EnvelopeSurface, values: readonly (number | null)[], scale: Axes, outside: Outside): EnvelopeLookup {
  const { axes } = surface;
  const knots: Four<readonly number[]> = [axes.readPercent, axes.iodepth, axes.numjobs, axes.bsKib];
  const beyond = outside === 'linear' ? 'extrapolate' : 'clamp';
  const grid: Grid4 = createGrid4(knots, fillGaps(surface, values), ['linear', scale, scale, scale], beyond);
  const range = {
    readPercent: rangeOf(axes.readPercent),
    iodepth: rangeOf(axes.iodepth),
    numjobs: rangeOf(axes.numjobs),
    bsKib: rangeOf(axes.bsKib),
  };
  const warned = new Set<AxisName>();
  const warnings: string[] = [];
  const leave = (name: AxisName, value: number): void => {
    if (warned.has(name)) return;
    warned.add(name);
    warnings.push(noteOutside(name, value, axes[name], outside));
  };
  return {
    range,
    warnings,
    physicalLimitBytesPerSec: physicalLimitOf(surface),
    at(readPercent, iodepth, numjobs, bsKib) {
      if (!(readPercent >= range.readPercent.min && readPercent <= range.readPercent.max)) leave('readPercent', readPercent);
      if (!(iodepth >= range.iodepth.min && iodepth <= range.iodepth.max)) leave('iodepth', iodepth);
      if (!(numjobs >= range.numjobs.min && numjobs <= range.numjobs.max)) leave('numjobs', numjobs);
      if (!(bsKib >= range.bsKib.min && bsKib <= range.bsKib.max)) leave('bsKib', bsKib);
      return lookup(grid, readPercent, iodepth, numjobs, bsKib);
    },
  };
}

/** What is asked of an envelope: a point, anywhere. Percent 0..100; the others above 0. */
export type EnvelopeQuery = Readonly<Record<AxisName, number>>;

/** How a point is looked up; what is left out takes its default. */
export interface QueryOptions {
  /** Default: random when measured, else sequential. */
  readonly pattern?: Pattern | undefined;
  readonly axes?: Axes | undefined;
  readonly outside?: Outside | undefined;
  /** Physical clamp: total bandwidth is at most min(Br, Bw); off unless one is given. Bytes per second. */
  readonly brBytesPerSec?: number | undefined;
  readonly bwBytesPerSec?: number | undefined;
}

/** An envelope's answer at a point. Its figures agree: op/s x block size = bandwidth, and op/s x latency = requests in flight. */
export interface EnvelopeAnswer {
  readonly pattern: Pattern;
  readonly axes: Axes;
  readonly readBytesPerSec: number;
  readonly writeBytesPerSec: number;
  readonly totalBytesPerSec: number;
  /** The physical clamp lowered the bandwidths (all three by one factor; op/s and latencies follow). */
  readonly clampedToPhysical: boolean;
  /** Bandwidths, operations (`readOpsPerSec`...) and every latency measured; latencies of a direction without operations are left out. */
  readonly columns: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
}

/**
 * Everything the envelope knows about one point.
 *
 * Bandwidths are looked up. Requests a second are bandwidth over block size. Latencies are looked up as requests in flight (op/s x latency,
 * Little's law) of each that may be (iodepth x numjobs), and turned back with the op/s of the point asked: so both directions together
 * have as many in flight as at the measured points, and percentiles keep their ratio to the mean.
 * @throws PutmodelError INPUT_INVALID for coordinates that are not numbers in range (all of them at once), a pattern that was not
 *   measured, or a point outside with `outside: 'error'`
 */
export function queryEnvelope(model: EnvelopeModel, query: EnvelopeQuery, options: QueryOptions = {}): EnvelopeAnswer {
  checkQuery(query, options);
  const pattern = options.pattern ?? (model.surfaces.random === undefined ? 'sequential' : 'random');
  const axes = options.axes ?? defaultAxes;
  const outside = options.outside ?? 'clamp';
  // Extrapolated lines may cross zero; a rate or a latency can't.
  const at = (ready: EnvelopeLookup): number => Math.max(0, ready.at(query.readPercent, query.iodepth, query.numjobs, query.bsKib));
  const totalLookup = createLookup(model, { pattern, column: 'totalBytesPerSec', axes, outside });
  const total = at(totalLookup);
  const limit = Math.min(options.brBytesPerSec ?? Infinity, options.bwBytesPerSec ?? Infinity);
  const factor = total > limit ? limit / total : 1;
  const bytesPerSec = {
    read: factor * at(createLookup(model, { pattern, column: 'readBytesPerSec', axes, outside })),
    write: factor * at(createLookup(model, { pattern, column: 'writeBytesPerSec', axes, outside })),
    total: factor < 1 ? limit : total,
  };
  const columns: Record<string, number> = {};
  for (const direction of ['read', 'write', 'total'] as const) {
    columns[`${direction}BytesPerSec`] = bytesPerSec[direction];
    columns[`${direction}OpsPerSec`] = bytesPerSec[direction] / (query.bsKib * 1024);
  }
  const surface = model.surfaces[pattern];
  for (const [name, values] of Object.entries(surface?.columns ?? {})) {
    const direction = (['read', 'write'] as const).find((candidate) => isLatencyOf(name, candidate));
    const opsPerSec = columns[`${direction ?? 'total'}OpsPerSec`] ?? 0;
    if (surface === undefined || direction === undefined || opsPerSec <= 0) continue;
    const inFlight = at(lookupOf(surface, inFlightOf(surface, values, direction), axes, outside));
    columns[name] = (inFlight * query.iodepth * query.numjobs * 1e6) / opsPerSec;
  }
  return {
    pattern,
    axes,
    readBytesPerSec: bytesPerSec.read,
    writeBytesPerSec: bytesPerSec.write,
    totalBytesPerSec: bytesPerSec.total,
    clampedToPhysical: factor < 1,
    columns,
    warnings: totalLookup.warnings,
  };
}

/** A direction's latencies (microseconds) at each point as requests in flight of each that may be: 0..1 for a mean; 0 where it moves nothing, null where not measured. */
function inFlightOf(surface: EnvelopeSurface, micros: readonly (number | null)[], direction: 'read' | 'write'): (number | null)[] {
  const { readPercent, iodepth, numjobs, bsKib } = surface.axes;
  const places = readPercent.flatMap(() =>
    iodepth.flatMap((depth) => numjobs.flatMap((jobs) => bsKib.map((kib) => ({ outstanding: depth * jobs, bytes: kib * 1024 })))),
  );
  const bytesPerSec = surface.columns[`${direction}BytesPerSec`] ?? [];
  return places.map(({ outstanding, bytes }, index) => {
    const rate = bytesPerSec[index] ?? null;
    const latency = rate === 0 ? 0 : (micros[index] ?? null);
    return rate === null || latency === null ? null : ((rate / bytes) * (latency / 1e6)) / outstanding;
  });
}

function checkQuery(query: EnvelopeQuery, options: QueryOptions): void {
  const issues: Issue[] = [];
  const check = (path: string, value: number, valid: boolean, expected: string): void => {
    if (!valid) issues.push({ code: 'INPUT_INVALID', message: 'not a usable value', path, found: String(value), expected });
  };
  check('readPercent', query.readPercent, query.readPercent >= 0 && query.readPercent <= 100, '0 to 100');
  for (const name of ['iodepth', 'numjobs', 'bsKib'] as const) {
    check(name, query[name], query[name] > 0 && query[name] < Infinity, 'a number above 0');
  }
  for (const name of ['brBytesPerSec', 'bwBytesPerSec'] as const) {
    const value = options[name];
    if (value !== undefined) check(name, value, value > 0, 'a bandwidth above 0');
  }
  if (issues.length > 0) throw new PutmodelError(issues);
}

/** One warning, or the error when outside is not allowed. */
function noteOutside(name: AxisName, value: number, knots: readonly number[], outside: Outside): string {
  const { min, max } = rangeOf(knots);
  const measured = min === max ? `only at ${String(min)}` : `from ${String(min)} to ${String(max)}`;
  if (outside === 'error') {
    throw new PutmodelError({
      code: 'INPUT_INVALID',
      message: 'outside the measured envelope',
      path: name,
      found: String(value),
      expected: min === max ? `${String(min)}, the only value measured` : `${String(min)} to ${String(max)}`,
    });
  }
  const used = outside === 'linear' && min !== max ? 'the line is carried on' : `the value at ${String(value < min ? min : max)} is used`;
  return `${name} ${String(value)} is outside the envelope (measured ${measured}): ${used}`;
}

/**
 * A column without gaps, by the rule in this file's header.
 * @param values in the surface's order, null for a gap; at least one number
 */
export function fillGaps(surface: Pick<EnvelopeSurface, 'axes'>, values: readonly (number | null)[], scale: Scale = 'log2'): Float64Array {
  const strides = stridesOf(surface.axes);
  const places = axisNames.map((name) =>
    surface.axes[name].map((knot) => (name === 'readPercent' || scale === 'linear' ? knot : log2(knot))),
  );
  let known = values.slice();
  // A pass fills every gap on a line with a known point, so four passes reach every corner of four axes.
  for (let pass = 0; pass < 4 && known.includes(null); pass++) {
    const before = known;
    known = before.map((value, index) => value ?? fillOne(before, index, places, strides));
  }
  return Float64Array.from(known, (value) => value ?? 0);
}

function fillOne(
  known: readonly (number | null)[],
  index: number,
  places: readonly (readonly number[])[],
  strides: Four<number>,
): number | null {
  const between: number[] = [];
  const nearest: number[] = [];
  const otherMix: number[] = [];
  places.forEach((knots, axis) => {
    const stride = strides[axis] ?? 1;
    const at = Math.floor(index / stride) % knots.length;
    const find = (side: 1 | -1): { value: number; place: number } | null => {
      for (let i = at + side; i >= 0 && i < knots.length; i += side) {
        const value = known[index + (i - at) * stride];
        if (value !== null && value !== undefined) return { value, place: knots[i] ?? 0 };
      }
      return null;
    };
    const below = find(-1);
    const above = find(1);
    const place = knots[at] ?? 0;
    if (below !== null && above !== null) {
      const t = (place - below.place) / (above.place - below.place);
      between.push(below.value * (1 - t) + above.value * t);
    } else if (below !== null || above !== null) {
      (axis === 0 ? otherMix : nearest).push((below ?? above)?.value ?? 0);
    }
  });
  const chosen = [between, nearest, otherMix].find((values) => values.length > 0) ?? [];
  return chosen.length === 0 ? null : chosen.reduce((sum, value) => sum + value, 0) / chosen.length;
}

/** Br and Bw as the grid has them, bytes per second: the best totals on its most-read and its least-read plane; 0 where nothing was measured. */
export function bestRates(surface: EnvelopeSurface): { readonly readBytesPerSec: number; readonly writeBytesPerSec: number } {
  const totals = surface.columns['totalBytesPerSec'] ?? [];
  const plane = stridesOf(surface.axes)[0];
  const bestOf = (from: number): number => totals.slice(from, from + plane).reduce<number>((best, value) => Math.max(best, value ?? 0), 0);
  return { readBytesPerSec: bestOf(totals.length - plane), writeBytesPerSec: bestOf(0) };
}

function physicalLimitOf(surface: EnvelopeSurface): number {
  const { readBytesPerSec, writeBytesPerSec } = bestRates(surface);
  const limit = Math.min(readBytesPerSec, writeBytesPerSec);
  return limit > 0 ? limit : Infinity;
}

function distinct(points: readonly EnvelopePoint[], name: AxisName): readonly number[] {
  return [...new Set(points.map((point) => point[name]))].sort((a, b) => a - b);
}

function sizeOf(axes: EnvelopeSurface['axes']): number {
  return axisNames.reduce((size, name) => size * axes[name].length, 1);
}

/** Distances in a flat array between neighbours along each axis. */
function stridesOf(axes: EnvelopeSurface['axes']): Four<number> {
  const bs = axes.bsKib.length;
  const jobs = axes.numjobs.length * bs;
  return [axes.iodepth.length * jobs, jobs, bs, 1];
}

function indexOf(axes: EnvelopeSurface['axes'], point: EnvelopeQuery): number {
  return axisNames.reduce((index, name) => index * axes[name].length + axes[name].indexOf(point[name]), 0);
}

function rangeOf(knots: readonly number[]): { readonly min: number; readonly max: number } {
  return { min: knots[0] ?? 0, max: knots[knots.length - 1] ?? 0 };
}

/** The mean over the runs that have the column; null when none has. */
function meanColumn(group: readonly EnvelopePoint[], name: string): number | null {
  const values = group.map((point) => point.columns.get(name)).filter((value) => value !== undefined);
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function spreadOf(group: readonly EnvelopePoint[]): number {
  const totals = group.map((point) => point.columns.get('totalBytesPerSec') ?? 0);
  const mean = totals.reduce((sum, value) => sum + value, 0) / totals.length;
  return totals.length < 2 ? 0 : (Math.max(...totals) - Math.min(...totals)) / mean;
}

/** A grid point for people: "read 25 %, iodepth 16, numjobs 4, 64 KiB". */
function describe(axes: EnvelopeSurface['axes'], index: number): string {
  const strides = stridesOf(axes);
  const at = (axis: 0 | 1 | 2 | 3): string => {
    const knots = axes[axisNames[axis]];
    return String(knots[Math.floor(index / strides[axis]) % knots.length]);
  };
  return `read ${at(0)} %, iodepth ${at(1)}, numjobs ${at(2)}, ${at(3)} KiB`;
}

function listOf(items: readonly string[]): string {
  const shown = items.slice(0, 5).join('; ');
  return items.length > 5 ? `${shown}; and ${String(items.length - 5)} more` : shown;
}

function percentText(fraction: number): string {
  return `${(fraction * 100).toFixed(1)} %`;
}

function mibText(bytesPerSec: number): string {
  return `${(bytesPerSec / 1048576).toFixed(0)} MiB/s`;
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isLatencyOf(column: string, direction: 'read' | 'write'): boolean {
  return column.startsWith(direction) && column.includes('Micros.');
}
