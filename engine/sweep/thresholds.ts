/**
 * Where a metric passes a limit. Along one axis, with all others held, the points form a line; walking up that line the limit holds or
 * fails, and the first value at which that changes is the line's threshold. An axis has as many lines as the others have combinations.
 */
import { median } from 'd3-array';
import { holds, type Requirement } from '../scenario/requirement.js';
import type { Axis } from './axes.js';
import { positionsOf, type SweepPlan } from './plan.js';

/** Values of an axis at which lines change. */
export interface Crossings {
  readonly lines: number;
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** What a limit does along one axis. Lines of fewer than two points with a figure are not counted. */
export interface AxisThreshold {
  readonly axis: string;
  /** Zipped axes that advance along with it; absent where there are none. */
  readonly zippedWith?: readonly string[];
  readonly lines: number;
  /** Lines on which the limit holds, or fails, at every value. */
  readonly alwaysHolds: number;
  readonly neverHolds: number;
  /** First value at which it fails, of the lines on which it holds at the lowest; null where there are none. */
  readonly failsFrom: Crossings | null;
  /** First value at which it holds, of the lines on which it fails at the lowest. */
  readonly holdsFrom: Crossings | null;
}

/**
 * Thresholds of one limit along every axis of numbers, of zipped ones along each that has a value once only. Axes drawn together have no
 * lines: from one point to the next all of them change. `values` are the metric by point, NaN where there is none.
 */
export function thresholdsOf(plan: SweepPlan, requirement: Requirement, values: Float64Array): readonly AxisThreshold[] {
  return plan.groups.flatMap(({ axisIndexes, length }, group) => {
    const members = axisIndexes.flatMap((index) => plan.axes[index] ?? []);
    if (length < 2 || (members.length > 1 && members.some(({ design }) => design !== 'grid'))) return [];
    return members.filter(isWalkable).map((axis): AxisThreshold => {
      const lines = linesAlong(plan, group, (position) => Number(axis.values[position]), values);
      const zippedWith = members.filter((member) => member !== axis).map(({ path }) => path);
      return { axis: axis.path, ...(zippedWith.length === 0 ? {} : { zippedWith }), ...alongAxis([...lines.values()], requirement) };
    });
  });
}

function isWalkable({ values, design }: Axis): boolean {
  return values.every((value) => typeof value === 'number') && (design !== 'grid' || new Set(values).size === values.length);
}

interface LinePoint {
  readonly at: number;
  readonly value: number;
}

/** Points by the combination of all other groups. */
function linesAlong(
  plan: SweepPlan,
  group: number,
  valueAt: (position: number) => number,
  values: Float64Array,
): ReadonlyMap<string, LinePoint[]> {
  const lines = new Map<string, LinePoint[]>();
  for (let point = 0; point < plan.pointCount; point++) {
    const value = values[point] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    const positions = positionsOf(plan, point);
    const at = valueAt(positions[group] ?? 0);
    positions[group] = -1;
    const key = positions.join(' ');
    const line = lines.get(key);
    if (line === undefined) lines.set(key, [{ at, value }]);
    else line.push({ at, value });
  }
  return lines;
}

function alongAxis(all: readonly (readonly LinePoint[])[], requirement: Requirement): Omit<AxisThreshold, 'axis' | 'zippedWith'> {
  const lines = all.filter((line) => line.length > 1);
  const failing: number[] = [];
  const holding: number[] = [];
  let alwaysHolds = 0;
  let neverHolds = 0;
  for (const line of lines) {
    const states = [...line].sort((a, b) => a.at - b.at).map(({ at, value }) => ({ at, isMet: holds(requirement, value) }));
    const first = states[0]?.isMet === true;
    const change = states.find(({ isMet }) => isMet !== first);
    if (change !== undefined) (first ? failing : holding).push(change.at);
    else if (first) alwaysHolds += 1;
    else neverHolds += 1;
  }
  return { lines: lines.length, alwaysHolds, neverHolds, failsFrom: crossings(failing), holdsFrom: crossings(holding) };
}

function crossings(values: readonly number[]): Crossings | null {
  if (values.length === 0) return null;
  const [min, max] = values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
  return { lines: values.length, min, median: median(values) ?? min, max };
}
