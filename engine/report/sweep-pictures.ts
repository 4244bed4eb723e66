/** The pictures of a sweep: those of its kind; then what it trades, what its axes do, and two axes against each other. */
import { positionsOf, valuesOf } from '../sweep/plan.js';
import { columnOf } from '../sweep/point-table.js';
import type { StoredSweep } from '../sweep/read-sweep.js';
import type { KindName } from '../scenario/kind.js';
import type { Canvas, NamedPicture } from './charts/drawing.js';
import { heatMapPanel } from './charts/heat-map.js';
import { drawMainEffects, mainEffectsHeight, type AxisEffect } from './charts/main-effects.js';
import { drawnUnit, labelWithUnit, type DrawnUnit } from './charts/metric-unit.js';
import { drawPanels } from './charts/panels.js';
import { drawPareto, type TradeAxis } from './charts/pareto.js';
import { extentOf, tickText } from './charts/ticks.js';
import { commitSweepPictures } from './commit-sweep-pictures.js';
import { figureName } from './figures.js';
import { levelNames } from './sweep.js';
import { axisValueTexts, shareText, shortLabels } from './sweep-text.js';

const ofKind: Readonly<Partial<Record<KindName, (sweep: StoredSweep) => readonly NamedPicture[]>>> = { commit: commitSweepPictures };

/** All pictures, in the order in which they are looked at. */
export function sweepPictures(sweep: StoredSweep): readonly NamedPicture[] {
  const own = ofKind[sweep.open.kind.name]?.(sweep) ?? [];
  return [...own, ...tradePictures(sweep), ...effectPictures(sweep), ...mapPictures(sweep)];
}

/** What people call a metric; its last word may stand for many in one sweep. */
function metricAxis({ open, table }: StoredSweep, path: string): TradeAxis {
  const metric = open.metrics.find((one) => one.path === path);
  return {
    name: figureName(path).trim(),
    unit: unitOf(metric?.unit ?? '', columnOf(table, path)),
    better: metric?.better === 'less' ? 'less' : 'more',
  };
}

function unitOf(unit: string, values: ArrayLike<number>): DrawnUnit {
  return drawnUnit(unit, extentOf(Array.from(values).filter((value) => !Number.isNaN(value)))?.[1] ?? 0);
}

/** The first metric of the front against each other one. */
function tradePictures(sweep: StoredSweep): NamedPicture[] {
  const { answers, table, open } = sweep;
  const [first, ...others] = answers.pareto?.metrics ?? [];
  if (first === undefined || answers.pareto === null) return [];
  const front = new Map(answers.pareto.front.map(({ pointIndex, label }) => [pointIndex, label]));
  return others.map((other) => {
    const [x, y] = [metricAxis(sweep, first), metricAxis(sweep, other)];
    const [xs, ys] = [columnOf(table, first), columnOf(table, other)];
    const points = Array.from({ length: table.pointCount }, (_, index) => index)
      .filter((index) => !Number.isNaN(xs[index]) && !Number.isNaN(ys[index]))
      .map((index) => ({ label: front.get(index) ?? '', x: xs[index] ?? 0, y: ys[index] ?? 0, isOnFront: front.has(index) }));
    const title = `${open.bundle.name}: ${x.name} against ${y.name}`;
    return { name: `pareto-${fileName(other)}`, draw: (canvas) => drawPareto({ title, x, y, points }, canvas) };
  });
}

/** Axes that explain less are in the table only. */
const shownVarianceFraction = 0.005;
const shownAxes = 7;
const longestAxis = 24;
const longName = 30;

function effectPictures({ answers, open }: StoredSweep): NamedPicture[] {
  const { groups, pointCount } = open.plan;
  const labels =
    groups.length === 1 && pointCount <= longestAxis
      ? shortLabels(Array.from({ length: pointCount }, (_, point) => open.label(valuesOf(open.plan, point))))
      : null;
  return answers.effects.flatMap(({ metric, unit, axes }): NamedPicture[] => {
    const shown = axes.filter(({ varianceFraction }) => (varianceFraction ?? 0) >= shownVarianceFraction).slice(0, shownAxes);
    if (shown.length === 0) return [];
    const effects = shown.map(({ axis, levels, varianceFraction }): AxisEffect => {
      const names = levelNames(levels);
      // Points that differ in one way only have names of their own, shorter than what is in a map.
      const areShorter = labels?.length === names.length && names.some((name) => name.length > longName);
      const shownNames = areShorter ? labels : names;
      return {
        axis,
        isOrdered: levels.every(({ from }) => typeof from === 'number'),
        share: `${shareText(varianceFraction ?? 0)} of the variance`,
        levels: levels.map(({ mean }, index) => ({ name: shownNames[index] ?? '', mean })),
      };
    });
    const drawn = drawnUnit(unit, extentOf(shown.flatMap(({ levels }) => levels.map(({ mean }) => mean)))?.[1] ?? 0);
    const name = figureName(metric).trim();
    const draw = (canvas: Canvas): string =>
      drawMainEffects(
        { title: `${open.bundle.name}: what each axis does to ${name}`, metric: name, unit: drawn, effects },
        { ...canvas, heightPixels: Math.max(320, mainEffectsHeight(effects)) },
      );
    return [{ name: `effects-${fileName(metric)}`, draw }];
  });
}

const mapPositions = 16;

/** The metric asked for first, over the two axes that explain most of it: means over all else. */
function mapPictures(sweep: StoredSweep): NamedPicture[] {
  const { answers, open } = sweep;
  return answers.effects.slice(0, 2).flatMap(({ metric, unit, axes }): NamedPicture[] => {
    const groups = axes.flatMap(({ axis }) => {
      const group = open.plan.groups.findIndex(({ axisIndexes }) => axisIndexes.some((index) => open.plan.axes[index]?.path === axis));
      const length = open.plan.groups[group]?.length ?? 0;
      return group === -1 || length < 2 || length > mapPositions ? [] : [{ axis, group }];
    });
    const [one, two] = groups.map((entry) => ({ ...entry, names: positionNames(sweep, entry.group) }));
    if (one === undefined || two === undefined) return [];
    // Long names stand better beside rows than below columns.
    const longest = (names: readonly string[]): number => Math.max(...names.map((name) => name.length));
    const [x, y] = longest(one.names) <= longest(two.names) ? [one, two] : [two, one];
    const drawn = unitOf(unit, columnOf(sweep.table, metric));
    const cells = meansOver(sweep, metric, x.group, y.group).map((cell) => ({
      ...cell,
      value: cell.value === null ? null : cell.value / drawn.size,
    }));
    const [smallest, largest] = extentOf(cells.flatMap(({ value }) => value ?? [])) ?? [0, 1];
    const title = labelWithUnit(figureName(metric).trim(), drawn);
    const places = (names: readonly string[]): number[] => names.map((_, index) => index);
    const panel = heatMapPanel({
      ...{ title, xLabel: x.axis, xValues: places(x.names), xNames: x.names },
      ...{ yLabel: y.axis, yValues: places(y.names), yNames: y.names, cells, smallest, largest },
    });
    const head = {
      title: `${open.bundle.name}: ${title}`,
      subtitle: `Mean over all other axes and seeds; ${tickText(smallest)} is palest`,
    };
    return [
      { name: `map-${fileName(metric)}`, draw: (canvas) => drawPanels({ ...head, columns: 1, panels: [{ ...panel, title: '' }] }, canvas) },
    ];
  });
}

/** What the positions of a group of axes are called. */
function positionNames({ open }: StoredSweep, group: number): readonly string[] {
  const members = (open.plan.groups[group]?.axisIndexes ?? []).map((index) => axisValueTexts(open.plan.axes[index]?.values ?? []));
  return (members[0] ?? []).map((_, position) => members.map((texts) => texts[position] ?? '').join(', '));
}

interface MapCell {
  readonly x: number;
  readonly y: number;
  readonly value: number | null;
}

function meansOver({ open, table }: StoredSweep, metric: string, xGroup: number, yGroup: number): readonly MapCell[] {
  const values = columnOf(table, metric);
  const sums = new Map<string, { readonly x: number; readonly y: number; sum: number; count: number }>();
  for (let point = 0; point < table.pointCount; point++) {
    const positions = positionsOf(open.plan, point);
    const [x, y] = [positions[xGroup] ?? 0, positions[yGroup] ?? 0];
    const key = `${String(x)} ${String(y)}`;
    const cell = sums.get(key) ?? { x, y, sum: 0, count: 0 };
    sums.set(key, cell);
    const value = values[point] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    cell.sum += value;
    cell.count += 1;
  }
  return [...sums.values()].map(({ x, y, sum, count }) => ({ x, y, value: count === 0 ? null : sum / count }));
}

function fileName(metric: string): string {
  return metric.replaceAll('.', '-');
}
