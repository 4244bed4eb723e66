/**
 * What a sweep runs, by number. Axes that advance together form one group; the points are all combinations of the groups' positions,
 * the last group fastest, without those excluded; each point is run once a seed:
 *
 *   run index   = point index x seeds + seed's place
 *   point index = rank of the combination among those not excluded
 *
 * Nothing is stored a run: a hundred thousand of them cost what their axes cost, and four bytes a point where points are excluded.
 */
import { PutmodelError, type Issue } from '../kernel/errors.js';
import { nearestName } from '../rocksdb/nearest.js';
import { canonicalJson } from '../scenario/json.js';
import type { DocumentPath, Place } from '../scenario/document.js';
import { createAxis, type Axis, type AxisDesign } from './axes.js';
import type { SweepDocument } from './sweep-file.js';

/** Combinations before exclusion; more are a mistake. */
const maximumPoints = 10_000_000;

/** Axes that advance together. */
export interface AxisGroup {
  /** Places in `SweepPlan.axes`. */
  readonly axisIndexes: readonly number[];
  /** Positions of the group, 1 or more. */
  readonly length: number;
}

/** What is run, in order. */
export interface SweepPlan {
  readonly axes: readonly Axis[];
  readonly groups: readonly AxisGroup[];
  readonly seeds: readonly number[];
  readonly pointCount: number;
  /** pointCount x seeds. */
  readonly runCount: number;
  /** Combination of each point, ascending; null where none is excluded. */
  readonly combinations: Uint32Array | null;
}

/**
 * The plan of a checked sweep. `baseSeed` is where counted seeds begin, `placeOf` tells where a part of the sweep's file stands.
 * @throws PutmodelError INPUT_INVALID with every problem.
 */
export function createPlan(sweep: SweepDocument, baseSeed: number, placeOf: (path: DocumentPath) => Place): SweepPlan {
  const issues: Issue[] = [];
  const refuse = (path: DocumentPath, message: string, expected?: string): void => {
    issues.push({ code: 'INPUT_INVALID', message, expected, path: path.slice(1).join('.'), ...placeOf(path) });
  };
  const axes = createAxes(sweep, refuse);
  const groups = createGroups(axes, sweep.zip ?? [], refuse);
  checkExcludes(sweep, axes, refuse);
  checkRepeats(sweep, axes, groups, refuse);
  const total = groups.reduce((product, group) => product * group.length, 1);
  if (total > maximumPoints) refuse(['sweep', 'axes'], `${String(total)} combinations`, `at most ${String(maximumPoints)}`);
  if (issues.length > 0) throw new PutmodelError(issues);
  const combinations = keptCombinations(axes, groups, sweep.exclude ?? [], total, (rule) => {
    refuse(['sweep', 'exclude', rule], 'no point is excluded by this', 'values that the axes have');
  });
  const pointCount = combinations?.length ?? total;
  if (pointCount === 0) refuse(['sweep', 'exclude'], 'every point is excluded');
  const seeds = seedsOf(sweep, baseSeed);
  if (issues.length > 0) throw new PutmodelError(issues);
  return { axes, groups, seeds, pointCount, runCount: pointCount * seeds.length, combinations };
}

/** The position of each group at a point. */
export function positionsOf(plan: SweepPlan, pointIndex: number): number[] {
  return decode(plan.groups, plan.combinations?.[pointIndex] ?? pointIndex);
}

/** The value of each axis at a point, in the order of the axes. */
export function valuesOf(plan: SweepPlan, pointIndex: number): readonly unknown[] {
  return axisValues(plan.axes, plan.groups, positionsOf(plan, pointIndex));
}

/** The point and the seed of a run. */
export function runAt(plan: SweepPlan, runIndex: number): { readonly pointIndex: number; readonly seed: number } {
  const place = runIndex % plan.seeds.length;
  return { pointIndex: (runIndex - place) / plan.seeds.length, seed: plan.seeds[place] ?? 0 };
}

/** Positions of one group that are looked at; on longer axes as many, evenly spread, the ends included. */
const representativesPerGroup = 64;

/** A position of a group, and the first and last point that has it. */
export interface Representative {
  readonly group: number;
  readonly position: number;
  readonly firstPoint: number;
  readonly lastPoint: number;
}

/**
 * Each position of each group (of long groups 64) with points that have it: what a plan is checked by, and what costs are first learned
 * from. Few even where points are many. Positions that occur only in excluded points are left out.
 */
export function representatives(plan: SweepPlan): readonly Representative[] {
  const wanted = plan.groups.map(({ length }) => {
    const count = Math.min(length, representativesPerGroup);
    return Array.from({ length: count }, (_, index) => (count === 1 ? 0 : Math.floor((index * (length - 1)) / (count - 1))));
  });
  const first = scan(plan, wanted, (step) => step);
  const last = scan(plan, wanted, (step) => plan.pointCount - 1 - step);
  return wanted.flatMap((positions, group) =>
    positions.flatMap((position) => {
      const [firstPoint, lastPoint] = [first[group]?.get(position), last[group]?.get(position)];
      return firstPoint === undefined || lastPoint === undefined ? [] : [{ group, position, firstPoint, lastPoint }];
    }),
  );
}

/** The point at which each wanted position of each group is met first, in the order that `pointAt` gives. */
function scan(plan: SweepPlan, wanted: readonly (readonly number[])[], pointAt: (step: number) => number): readonly Map<number, number>[] {
  const missing = wanted.map((positions) => new Set(positions));
  const found = wanted.map(() => new Map<number, number>());
  for (let step = 0; step < plan.pointCount && missing.some((positions) => positions.size > 0); step++) {
    const point = pointAt(step);
    positionsOf(plan, point).forEach((position, group) => {
      if (missing[group]?.delete(position) === true) found[group]?.set(position, point);
    });
  }
  return found;
}

type Refuse = (path: DocumentPath, message: string, expected?: string) => void;

function createAxes(sweep: SweepDocument, refuse: Refuse): readonly Axis[] {
  const axes: Axis[] = [];
  for (const [path, document] of Object.entries(sweep.axes)) {
    const place = ['sweep', 'axes', path];
    if (path === 'kind') refuse(place, 'the kind of scenario cannot be varied');
    if (path === 'seed') refuse(place, 'seeds are not an axis', 'seeds: a count or a list');
    if (sweep.set !== undefined && Object.hasOwn(sweep.set, path)) refuse(place, 'set and varied');
    try {
      axes.push(createAxis(path, document, sweep.designSeed ?? 1));
    } catch (error) {
      if (!(error instanceof PutmodelError)) throw error;
      for (const { message } of error.issues) refuse(place, message);
    }
  }
  return axes;
}

function createGroups(axes: readonly Axis[], zips: NonNullable<SweepDocument['zip']>, refuse: Refuse): readonly AxisGroup[] {
  const groupOf = axes.map((_, index) => index);
  for (const design of ['random', 'latinHypercube'] as const) joinDrawn(axes, design, groupOf, refuse);
  const zipped = new Set<number>();
  zips.forEach((paths, number) => {
    const place = ['sweep', 'zip', number];
    const members = paths.map((path) => axes.findIndex((axis) => axis.path === path));
    const missing = paths.filter((_, index) => members[index] === -1);
    for (const path of missing) refuse(place, `${path} is no axis`, nearestAxis(path, axes));
    if (missing.length > 0) return;
    const lengths = new Set(members.map((member) => axes[member]?.values.length));
    if (lengths.size > 1) refuse(place, 'axes that advance together have different numbers of values', 'equally many');
    const first = Math.min(...members);
    members.forEach((member, index) => {
      const path = paths[index] ?? '';
      if (axes[member]?.design !== 'grid') refuse(place, `${path} is drawn: it advances with its kind already`);
      else if (members.indexOf(member) < index) refuse(place, `${path} is there twice`);
      else if (zipped.has(member)) refuse(place, `${path} is in two groups`);
      groupOf[member] = first;
    });
    for (const member of members) zipped.add(member);
  });
  return [...new Set(groupOf)].map((first) => ({
    axisIndexes: axes.flatMap((_, index) => (groupOf[index] === first ? [index] : [])),
    length: axes[first]?.values.length ?? 1,
  }));
}

/** All axes of one drawn design are the coordinates of one set of points. */
function joinDrawn(axes: readonly Axis[], design: AxisDesign, groupOf: number[], refuse: Refuse): void {
  const members = axes.flatMap((axis, index) => (axis.design === design ? [index] : []));
  const [first] = members;
  if (first === undefined) return;
  for (const member of members) {
    groupOf[member] = first;
    const [axis, leader] = [axes[member], axes[first]];
    if (axis?.values.length === leader?.values.length) continue;
    refuse(['sweep', 'axes', axis?.path ?? ''], `axes with ${design} are one set of points`, `count: ${String(leader?.values.length)}`);
  }
}

function checkExcludes(sweep: SweepDocument, axes: readonly Axis[], refuse: Refuse): void {
  sweep.exclude?.forEach((rule, number) => {
    for (const path of Object.keys(rule)) {
      if (axes.some((axis) => axis.path === path)) continue;
      refuse(['sweep', 'exclude', number, path], `${path} is no axis`, nearestAxis(path, axes));
    }
  });
}

/** A point or a run that is there twice says nothing new. Zipped and drawn axes may have a value at several positions. */
function checkRepeats({ seeds }: SweepDocument, axes: readonly Axis[], groups: readonly AxisGroup[], refuse: Refuse): void {
  const repeated = (values: readonly unknown[]): string | undefined => {
    const seen = new Set<string>();
    return values.map(canonicalJson).find((text) => seen.size === seen.add(text).size);
  };
  for (const { axisIndexes } of groups) {
    const axis = axes[axisIndexes[0] ?? -1];
    const value = axisIndexes.length === 1 && axis?.design === 'grid' ? repeated(axis.values) : undefined;
    if (axis !== undefined && value !== undefined) refuse(['sweep', 'axes', axis.path], `the value ${value} is there twice`);
  }
  const seed = Array.isArray(seeds) ? repeated(seeds) : undefined;
  if (seed !== undefined) refuse(['sweep', 'seeds'], `the seed ${seed} is there twice`);
}

function nearestAxis(path: string, axes: readonly Axis[]): string {
  const paths = axes.map((axis) => axis.path);
  const nearest = nearestName(path, paths);
  return nearest === null ? paths.join(', ') : `${nearest}?`;
}

type ExcludeRule = NonNullable<SweepDocument['exclude']>[number];

function keptCombinations(
  axes: readonly Axis[],
  groups: readonly AxisGroup[],
  rules: readonly ExcludeRule[],
  total: number,
  onIdle: (rule: number) => void,
): Uint32Array | null {
  if (rules.length === 0) return null;
  const tests = rules.map((rule) => compileRule(rule, axes));
  const isUsed = rules.map(() => false);
  const kept = new Uint32Array(total);
  let count = 0;
  for (let combination = 0; combination < total; combination++) {
    const values = axisValues(axes, groups, decode(groups, combination));
    const matching = tests.flatMap((excludes, rule) => (excludes(values) ? [rule] : []));
    for (const rule of matching) isUsed[rule] = true;
    if (matching.length === 0) kept[count++] = combination;
  }
  isUsed.forEach((used, rule) => {
    if (!used) onIdle(rule);
  });
  return kept.slice(0, count);
}

function compileRule(rule: ExcludeRule, axes: readonly Axis[]): (values: readonly unknown[]) => boolean {
  const conditions = Object.entries(rule).map(([path, wanted]) => {
    const index = axes.findIndex((axis) => axis.path === path);
    const holds = compileCondition(wanted);
    return (values: readonly unknown[]): boolean => holds(values[index]);
  });
  return (values) => conditions.every((condition) => condition(values));
}

function compileCondition(wanted: ExcludeRule[string]): (value: unknown) => boolean {
  if (isInterval(wanted)) {
    const { min = -Infinity, max = Infinity } = wanted;
    return (value) => typeof value === 'number' && value >= min && value <= max;
  }
  const texts = new Set((Array.isArray(wanted) ? wanted : [wanted]).map(canonicalJson));
  return (value) => texts.has(canonicalJson(value));
}

function isInterval(wanted: ExcludeRule[string]): wanted is { min?: number; max?: number } {
  if (typeof wanted !== 'object' || Array.isArray(wanted)) return false;
  const keys = Object.keys(wanted);
  return keys.length > 0 && keys.every((key) => key === 'min' || key === 'max');
}

function seedsOf({ seeds = 1 }: SweepDocument, baseSeed: number): readonly number[] {
  return Array.isArray(seeds) ? seeds : Array.from({ length: seeds }, (_, index) => baseSeed + index);
}

/** Mixed radix, the last group is the last digit. */
function decode(groups: readonly AxisGroup[], combination: number): number[] {
  const positions = new Array<number>(groups.length).fill(0);
  let rest = combination;
  for (let group = groups.length - 1; group >= 0; group--) {
    const length = groups[group]?.length ?? 1;
    positions[group] = rest % length;
    rest = Math.floor(rest / length);
  }
  return positions;
}

function axisValues(axes: readonly Axis[], groups: readonly AxisGroup[], positions: readonly number[]): unknown[] {
  const values = new Array<unknown>(axes.length);
  groups.forEach(({ axisIndexes }, group) => {
    for (const axis of axisIndexes) values[axis] = axes[axis]?.values[positions[group] ?? 0];
  });
  return values;
}
