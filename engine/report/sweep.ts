/** What a sweep answers, as text for a terminal. */
import { formatBytes, formatCount, formatMicros, formatSeconds } from '../kernel/units.js';
import type { BestAnswer, PointAnswer, SweepAnswers } from '../sweep/answers.js';
import type { EffectLevel, MainEffect } from '../sweep/effects.js';
import type { AxisThreshold, Crossings } from '../sweep/thresholds.js';
import { heading, joinSections, type TerminalStyle } from './terminal-text.js';

/** Points of a front that are printed; all are in answers.json. */
const shownPoints = 8;
/** Values of an axis that are printed for each effect; axes that explain less than this are counted only. */
const shownLevels = 6;
const shownVarianceFraction = 0.005;

/** The units of metrics by path, as the manifest has them. */
export type Units = ReadonlyMap<string, string>;

/** The answers, with a final newline; only what was asked for. */
export function renderSweepAnswers(answers: SweepAnswers, units: Units, style: TerminalStyle): string {
  return joinSections(
    [
      ...(answers.best === null ? [] : [bestLines(answers.best, units, style)]),
      ...(answers.pareto === null ? [] : [frontLines(answers.pareto, answers.points, units, style)]),
      ...answers.thresholds.map(({ limit, axes }) => thresholdLines(limit, axes, style)),
      ...answers.effects.map(({ metric, axes }) => effectLines(metric, axes, units, style)),
    ],
    style,
  );
}

function bestLines({ metric, better, require, feasiblePoints, point }: BestAnswer, units: Units, style: TerminalStyle): string[] {
  const within = require.length === 0 ? '' : ` with ${require.join(', ')}`;
  const title = heading(`${better === 'more' ? 'Most' : 'Least'} ${metric}${within}`, style);
  if (point === null) return [title, `  no configuration meets ${require.length === 1 ? 'this limit' : 'all of these limits'}`];
  const count =
    require.length === 0 ? [] : [`  ${formatCount(feasiblePoints)} configuration${feasiblePoints === 1 ? ' meets' : 's meet'} it`];
  return [title, `  ${point.label}`, `  ${figuresOf(point, units)}`, ...count];
}

function frontLines({ metrics, front }: NonNullable<SweepAnswers['pareto']>, points: number, units: Units, style: TerminalStyle): string[] {
  const title = `Not beaten in all of ${metrics.join(', ')}: ${formatCount(front.length)} of ${formatCount(points)}`;
  const rest = front.length - shownPoints;
  return [
    heading(title, style),
    ...front.slice(0, shownPoints).flatMap((point) => [`  ${figuresOf(point, units)}`, `    ${point.label}`]),
    ...(rest > 0 ? [`  and ${formatCount(rest)} more in answers.json`] : []),
  ];
}

function thresholdLines(limit: string, axes: readonly AxisThreshold[], style: TerminalStyle): string[] {
  const title = heading(`Where ${limit} begins or ceases to hold`, style);
  if (axes.length === 0) return [title, '  there is no axis of numbers to look along'];
  return [
    title,
    ...axes.flatMap((axis) => [`  ${axis.axis}, with all else held (${formatCount(axis.lines)} lines)`, ...crossingLines(axis)]),
  ];
}

function crossingLines({ lines, alwaysHolds, neverHolds, failsFrom, holdsFrom }: AxisThreshold): string[] {
  const share = (count: number): string => `on ${formatCount(count)}`;
  const span = ({ lines: count, min, median, max }: Crossings): string =>
    min === max
      ? `${axisValue(min)} ${share(count)}`
      : `${axisValue(min)} to ${axisValue(max)}, median ${axisValue(median)}, ${share(count)}`;
  return [
    ...(failsFrom === null ? [] : [`    fails from ${span(failsFrom)}`]),
    ...(holdsFrom === null ? [] : [`    holds from ${span(holdsFrom)}`]),
    ...(alwaysHolds === 0 ? [] : [`    holds at every value ${alwaysHolds === lines ? 'on all' : share(alwaysHolds)}`]),
    ...(neverHolds === 0 ? [] : [`    fails at every value ${neverHolds === lines ? 'on all' : share(neverHolds)}`]),
  ];
}

function effectLines(metric: string, axes: readonly MainEffect[], units: Units, style: TerminalStyle): string[] {
  const shown = axes.filter(({ varianceFraction }, index) => index === 0 || (varianceFraction ?? 0) >= shownVarianceFraction);
  const hidden = axes.length - shown.length;
  const rows = shown.flatMap(({ axis, levels, varianceFraction }) => {
    const share = varianceFraction === null ? 'no variance' : `${(varianceFraction * 100).toPrecision(2)} % of the variance`;
    const step = Math.max(1, (levels.length - 1) / (shownLevels - 1));
    const picked =
      levels.length <= shownLevels ? levels : Array.from({ length: shownLevels }, (_, index) => levels[Math.round(index * step)]);
    const means = picked.flatMap((level) =>
      level === undefined ? [] : [`${levelName(level)}: ${formatFigure(level.mean, units.get(metric))}`],
    );
    return [`  ${axis} (${share})`, `    ${means.join(', ')}`];
  });
  const rest = hidden === 0 ? [] : [`  ${formatCount(hidden)} more with less than ${String(shownVarianceFraction * 100)} % each`];
  return axes.length === 0 ? [] : [heading(`What each axis does to the mean of ${metric}`, style), ...rows, ...rest];
}

function levelName({ from, to }: EffectLevel): string {
  return to === null ? axisValue(from) : `${axisValue(from)} to ${axisValue(to)}`;
}

function figuresOf({ metrics }: PointAnswer, units: Units): string {
  return Object.entries(metrics)
    .map(([path, value]) => `${path} ${value === null ? 'n/a' : formatFigure(value, units.get(path))}`)
    .join(', ');
}

/** A value of an axis has no unit that is known here: as it is written, long decimals cut. */
function axisValue(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function formatFigure(value: number, unit: string | undefined): string {
  switch (unit) {
    case 'opsPerSec':
      return `${formatCount(value)}/s`;
    case 'mibPerSec':
      return `${value.toPrecision(4)} MiB/s`;
    case 'bytes':
      return formatBytes(value);
    case 'sec':
      return value === 0 ? '0 s' : formatSeconds(value);
    case 'micros':
      return formatMicros(value);
    default:
      return String(Number(value.toPrecision(4)));
  }
}
