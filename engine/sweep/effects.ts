/**
 * Main effects: what the mean of a metric is at each value of an axis, over everything else, and how much of the metric's variance the axis
 * explains by itself (between the values' means, of all: eta squared). Interactions of axes are in what no axis explains.
 */
import { fsum } from 'd3-array';
import type { Axis } from './axes.js';
import { positionsOf, type AxisGroup, type SweepPlan } from './plan.js';

/** A value of an axis, or a range of many values, with the points that have it. */
export interface EffectLevel {
  /** The value; of a range the smallest; of zipped axes a map of their values by path. */
  readonly from: unknown;
  /** Of a range the largest value; null for a single one. */
  readonly to: number | null;
  readonly points: number;
  readonly mean: number;
}

/** One axis and one metric. */
export interface MainEffect {
  /** Its path; of zipped axes, whose effects cannot be told apart, all of their paths with ` + ` between. */
  readonly axis: string;
  readonly levels: readonly EffectLevel[];
  /** 0 to 1; null where the metric does not vary. */
  readonly varianceFraction: number | null;
}

/** Axes of more values are cut into ranges of equally many points. */
const maximumLevels = 12;
const rangesOfLongAxis = 8;

/** The effects of every axis on a metric (its value by point, NaN where there is none), the strongest first. */
export function mainEffects(plan: SweepPlan, values: Float64Array): readonly MainEffect[] {
  const known = Array.from(values).filter((value) => !Number.isNaN(value));
  const mean = fsum(known) / known.length;
  const total = fsum(known.map((value) => (value - mean) * (value - mean)));
  // The mean of equal values need not be that value to the last bit.
  const isConstant = known.every((value) => value === known[0]);
  const effects = plan.groups.flatMap((group, groupIndex) =>
    separateAxes(plan, group).map((axis): MainEffect => {
      const levels = levelsOf(axis.values, sumsByPosition(plan, groupIndex, group.length, values));
      const between = fsum(levels.map((level) => level.points * (level.mean - mean) * (level.mean - mean)));
      return { axis: axis.path, levels, varianceFraction: isConstant || total === 0 ? null : Math.min(1, between / total) };
    }),
  );
  return effects
    .filter(({ levels }) => levels.length > 1)
    .sort((a, b) => (b.varianceFraction ?? 0) - (a.varianceFraction ?? 0) || (a.axis < b.axis ? -1 : 1));
}

/** The axes of a group whose effects can be told apart: drawn ones each by itself, zipped ones as one. */
function separateAxes({ axes }: SweepPlan, { axisIndexes, length }: AxisGroup): readonly Pick<Axis, 'path' | 'values'>[] {
  const members = axisIndexes.flatMap((index) => axes[index] ?? []);
  if (members.length === 1 || members.some(({ design }) => design !== 'grid')) return members;
  const valuesAt = (position: number): unknown => Object.fromEntries(members.map(({ path, values }) => [path, values[position]]));
  return [{ path: members.map(({ path }) => path).join(' + '), values: Array.from({ length }, (_, position) => valuesAt(position)) }];
}

/** Sum and number of the metric at each position of a group. */
interface PositionSums {
  readonly sums: Float64Array;
  readonly counts: Float64Array;
}

function sumsByPosition(plan: SweepPlan, group: number, length: number, values: Float64Array): PositionSums {
  const sums = new Float64Array(length);
  const counts = new Float64Array(length);
  for (let point = 0; point < plan.pointCount; point++) {
    const value = values[point] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    const position = positionsOf(plan, point)[group] ?? 0;
    sums[position] = (sums[position] ?? 0) + value;
    counts[position] = (counts[position] ?? 0) + 1;
  }
  return { sums, counts };
}

function levelsOf(values: readonly unknown[], { sums, counts }: PositionSums): readonly EffectLevel[] {
  const taken = values.flatMap((value, position) => ((counts[position] ?? 0) > 0 ? [{ value, position }] : []));
  const numbers = taken.every(({ value }) => typeof value === 'number');
  if (numbers) taken.sort((a, b) => Number(a.value) - Number(b.value));
  const isLong = numbers && taken.length > maximumLevels;
  const size = isLong ? Math.ceil(taken.length / rangesOfLongAxis) : 1;
  const levels: EffectLevel[] = [];
  for (let start = 0; start < taken.length; start += size) {
    const part = taken.slice(start, start + size);
    const points = part.reduce((sum, { position }) => sum + (counts[position] ?? 0), 0);
    const mean = fsum(part.map(({ position }) => sums[position] ?? 0)) / points;
    levels.push({ from: part[0]?.value, to: isLong ? Number(part.at(-1)?.value) : null, points, mean });
  }
  return levels;
}
