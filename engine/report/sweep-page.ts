/** A sweep as one page: its answers in words, pictures and tables; every configuration; what failed; how it was made. */
import { formatCount } from '../kernel/units.js';
import type { PointAnswer, SweepAnswers } from '../sweep/answers.js';
import { valuesOf } from '../sweep/plan.js';
import { columnOf } from '../sweep/point-table.js';
import type { StoredSweep } from '../sweep/read-sweep.js';
import type { AxisThreshold, Crossings } from '../sweep/thresholds.js';
import type { Canvas } from './charts/drawing.js';
import { figureName, figureText } from './figures.js';
import type { Block, Column, Page, Section } from './html.js';
import { levelNames } from './sweep.js';
import { sweepPictures } from './sweep-pictures.js';
import { axisValueText, axisValueTexts, shareText, type Units } from './sweep-text.js';

/** More rows are in sweep.csv only: the page stays small. */
const rowsShown = 1000;
const frontShown = 100;
const failuresShown = 50;
const pictureHeight = 640;

/** The page as data. The canvas must have the light theme: the page itself turns dark. */
export function sweepPage(sweep: StoredSweep, canvas: Canvas): Page {
  const { open, answers, manifest } = sweep;
  const units: Units = new Map(open.metrics.map(({ path, unit }) => [path, unit]));
  const low = { ...canvas, heightPixels: pictureHeight };
  const pictures = sweepPictures(sweep).map(({ draw }): Block => ({ kind: 'picture', svg: draw(low) }));
  return {
    title: open.bundle.name,
    lead: leadText(sweep, units),
    sections: [
      { heading: 'Answers', blocks: [...bestBlocks(answers, units), ...frontBlocks(answers, units), ...thresholdBlocks(answers)] },
      ...(pictures.length === 0 ? [] : [{ heading: 'Pictures', blocks: pictures }]),
      ...effectSections(answers, units),
      pointSection(sweep, units),
      ...failureSections(sweep),
      originSection(sweep),
    ].filter(({ blocks }) => blocks.length > 0),
    footer: `putmodel ${manifest.engineVersion}`,
  };
}

function leadText({ answers: { best }, open, manifest }: StoredSweep, units: Units): string {
  const { description } = open.bundle.sweep;
  const asked = description === undefined ? '' : `${description.charAt(0).toUpperCase()}${description.slice(1)}. `;
  const failed = manifest.failedRuns === 0 ? '' : ` ${formatCount(manifest.failedRuns)} of ${formatCount(manifest.runs)} runs failed.`;
  if (best === null) return `${asked}${formatCount(manifest.runs)} runs.${failed}`;
  const within = best.require.length === 0 ? '' : ` with ${best.require.join(', ')}`;
  const most = `${best.better === 'more' ? 'Most' : 'Least'} ${figureName(best.metric).trim()}${within}`;
  if (best.point === null)
    return `${asked}${most}: no configuration keeps ${best.require.length === 1 ? 'this limit' : 'these limits'}.${failed}`;
  const value = best.point.metrics[best.metric] ?? null;
  return `${asked}${most}: ${value === null ? 'n/a' : figureText(value, units.get(best.metric) ?? '1')} with ${best.point.label}.${failed}`;
}

/** The best configuration, axis by axis. */
function bestBlocks({ best }: SweepAnswers, units: Units): Block[] {
  if (best?.point == null) return [];
  const { point } = best;
  const figures = Object.entries(point.metrics).map(
    ([path, value]) => [path, value === null ? 'n/a' : figureText(value, units.get(path) ?? '1')] as const,
  );
  const axes = Object.entries(point.values).map(([path, value]) => [path, axisValueText(value)] as const);
  const count = best.require.length === 0 ? [] : [['Within the limits', `${formatCount(best.feasiblePoints)} configurations`] as const];
  return [{ kind: 'facts', facts: [['Best', point.label], ...axes, ...figures, ...count] }];
}

const left = (label: string): Column => ({ label, align: 'left' });
const right = (label: string): Column => ({ label, align: 'right' });

function frontBlocks({ pareto, points }: SweepAnswers, units: Units): Block[] {
  if (pareto === null) return [];
  const rows = pareto.front.slice(0, frontShown).map((point) => [point.label, ...metricCells(point, pareto.metrics, units)]);
  const rest = pareto.front.length - rows.length;
  const caption = `Not beaten in all of these metrics: ${formatCount(pareto.front.length)} of ${formatCount(points)} configurations${rest > 0 ? `, the first ${formatCount(rows.length)} of them` : ''}`;
  return [{ kind: 'table', columns: [left('configuration'), ...pareto.metrics.map(right)], rows, caption }];
}

function metricCells({ metrics }: PointAnswer, paths: readonly string[], units: Units): string[] {
  return paths.map((path) => {
    const value = metrics[path] ?? null;
    return value === null ? 'n/a' : figureText(value, units.get(path) ?? '1');
  });
}

function thresholdBlocks({ thresholds }: SweepAnswers): Block[] {
  const asked = thresholds.filter(({ axes }) => axes.length > 0);
  if (asked.length === 0) return [];
  const rows = asked.flatMap(({ limit, axes }) =>
    axes.map((axis) => [limit, [axis.axis, ...(axis.zippedWith ?? [])].join(' with '), ...thresholdCells(axis)]),
  );
  const columns = [
    left('limit'),
    left('axis'),
    left('holds at first, fails from'),
    left('fails at first, holds from'),
    right('always holds'),
    right('never holds'),
  ];
  const caption =
    'Where limits are passed along an axis, with all else held: first value, how often, and on how many lines it does not change';
  return [{ kind: 'table', columns, rows, caption }];
}

function thresholdCells({ lines, failsFrom, holdsFrom, alwaysHolds, neverHolds }: AxisThreshold): string[] {
  const span = (crossings: Crossings | null): string => {
    if (crossings === null) return '';
    const { min, max, median, lines: count } = crossings;
    const values = min === max ? axisValueText(min) : `${axisValueText(min)} to ${axisValueText(max)} (median ${axisValueText(median)})`;
    return `${values}, ${formatCount(count)} of ${formatCount(lines)}`;
  };
  const share = (count: number): string => `${formatCount(count)} of ${formatCount(lines)}`;
  return [span(failsFrom), span(holdsFrom), share(alwaysHolds), share(neverHolds)];
}

function effectSections({ effects }: SweepAnswers, units: Units): Section[] {
  const blocks = effects.flatMap(({ metric, axes }): Block[] => {
    const rows = axes.map(({ axis, levels, varianceFraction }) => {
      const names = levelNames(levels);
      const means = levels.map(({ mean }, index) => `${names[index] ?? ''}: ${figureText(mean, units.get(metric) ?? '1')}`);
      return [axis, varianceFraction === null ? 'n/a' : shareText(varianceFraction), means.join('; ')];
    });
    const columns = [left('axis'), right('of the variance'), left('mean at each value')];
    return axes.length === 0 ? [] : [{ kind: 'table', columns, rows, caption: `Means of ${metric} over everything else` }];
  });
  return blocks.length === 0 ? [] : [{ heading: 'What each axis does', blocks }];
}

/** Every configuration: its axes, and the metrics that were asked about or, without a question, the first few. */
function pointSection({ open, table, answers }: StoredSweep, units: Units): Section {
  const asked = [
    ...new Set([
      ...(answers.best === null ? [] : [answers.best.metric]),
      ...(answers.pareto?.metrics ?? []),
      ...answers.effects.map(({ metric }) => metric),
    ]),
  ];
  const paths = asked.length > 0 ? asked : open.metrics.slice(0, 6).map(({ path }) => path);
  const names = open.plan.axes.map(({ values }) => new Map(axisValueTexts(values).map((text, index) => [values[index], text])));
  const shown = Math.min(table.pointCount, rowsShown);
  const rows = Array.from({ length: shown }, (_, point) => [
    ...valuesOf(open.plan, point).map((value, axis) => names[axis]?.get(value) ?? ''),
    ...paths.map((path) => {
      const value = columnOf(table, path)[point] ?? Number.NaN;
      return Number.isNaN(value) ? 'n/a' : figureText(value, units.get(path) ?? '1');
    }),
  ]);
  const isNumeric = open.plan.axes.map(({ values }) => values.every((value) => typeof value === 'number'));
  const columns = [...open.plan.axes.map(({ path }, axis) => (isNumeric[axis] === true ? right(path) : left(path))), ...paths.map(right)];
  const seeds =
    open.plan.seeds.length === 1 ? '' : `, means over ${formatCount(open.plan.seeds.length)} seeds (percentiles: of all their latencies)`;
  const summary =
    shown < table.pointCount
      ? `The first ${formatCount(shown)} of ${formatCount(table.pointCount)} (all are in sweep.csv)`
      : `All ${formatCount(shown)}`;
  return {
    heading: 'Configurations',
    blocks: [{ kind: 'details', summary: `${summary}${seeds}`, blocks: [{ kind: 'table', columns, rows }] }],
  };
}

function failureSections({ failures }: StoredSweep): Section[] {
  if (failures.length === 0) return [];
  const rows = failures.slice(0, failuresShown).map(({ label, error }) => [label, error]);
  const caption =
    failures.length > rows.length
      ? `The first ${formatCount(rows.length)} of ${formatCount(failures.length)}; all are in failures.csv`
      : undefined;
  const table: Block = {
    kind: 'table',
    columns: [left('configuration'), left('why')],
    rows,
    ...(caption === undefined ? {} : { caption }),
  };
  return [{ heading: 'Runs that failed', blocks: [table] }];
}

function originSection({ open, manifest }: StoredSweep): Section {
  const { plan } = open;
  const axes = plan.axes.map(
    ({ path, design, values }) =>
      ['Axis', `${path}: ${formatCount(values.length)} values${design === 'grid' ? '' : ` (${design})`}`] as const,
  );
  const facts: (readonly [string, string])[] = [
    [
      'Runs',
      `${formatCount(plan.pointCount)} configurations x ${formatCount(plan.seeds.length)} seed${plan.seeds.length === 1 ? '' : 's'} = ${formatCount(plan.runCount)}`,
    ],
    ['Base', `${open.bundle.base.file}, kind ${open.kind.name}`],
    ...axes,
    ['Seeds', plan.seeds.length > 12 ? `${String(plan.seeds[0])} to ${String(plan.seeds.at(-1))}` : plan.seeds.join(', ')],
    ['Engine', `putmodel ${manifest.engineVersion}`],
    ['Sweep', manifest.planHash],
    ...manifest.inputs.map(({ name, sha256 }) => ['Input', `${name} ${sha256}`] as const),
  ];
  return { heading: 'How it was made', blocks: [{ kind: 'facts', facts }] };
}
