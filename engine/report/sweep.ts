/** What a sweep answers, as text for a terminal. */
import { formatCount } from '../kernel/units.js';
import type { Unit } from '../scenario/kind.js';
import type { BestAnswer, PointAnswer, SweepAnswers } from '../sweep/answers.js';
import type { EffectLevel, MainEffect } from '../sweep/effects.js';
import type { AxisThreshold, Crossings } from '../sweep/thresholds.js';
import { figureText } from './figures.js';
import { axisValueText, axisValueTexts, shareText, type Units } from './sweep-text.js';
import { heading, joinSections, type TerminalStyle } from './terminal-text.js';

/** Points of a front that are printed; all are in answers.json. */
const shownPoints = 8;
/** Values of an axis that are printed for each effect; axes that explain less than this are counted only. */
const shownLevels = 6;
const shownVarianceFraction = 0.005;

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
  if (point === null && require.length === 0) return [title, '  no configuration has this figure'];
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
  if (axes.length === 0) return [title, '  there is no axis of numbers to look along with all else held'];
  return [
    title,
    ...axes.flatMap((axis) => {
      const held = axis.zippedWith === undefined ? 'all else held' : `${axis.zippedWith.join(', ')} advancing too and all else held`;
      return [`  ${axis.axis}, with ${held} (${formatCount(axis.lines)} line${axis.lines === 1 ? '' : 's'})`, ...crossingLines(axis)];
    }),
  ];
}

function crossingLines({ lines, alwaysHolds, neverHolds, failsFrom, holdsFrom }: AxisThreshold): string[] {
  const share = (count: number): string => `on ${formatCount(count)} line${count === 1 ? '' : 's'}`;
  const span = ({ lines: count, min, median, max }: Crossings): string =>
    min === max
      ? `${axisValueText(min)} ${share(count)}`
      : `${axisValueText(min)} to ${axisValueText(max)}, median ${axisValueText(median)}, ${share(count)}`;
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
    const share = varianceFraction === null ? 'no variance' : `${shareText(varianceFraction)} of the variance`;
    return [`  ${axis} (${share})`, ...levelLines(levels, units.get(metric) ?? '1')];
  });
  const rest = hidden === 0 ? [] : [`  ${formatCount(hidden)} more with less than ${String(shownVarianceFraction * 100)} % each`];
  return axes.length === 0 ? [] : [heading(`What each axis does to the mean of ${metric}`, style), ...rows, ...rest];
}

/** Some levels with their means: in one line, or each in its own where their names are long. */
function levelLines(levels: readonly EffectLevel[], unit: Unit): readonly string[] {
  const names = levelNames(levels);
  const step = Math.max(1, (levels.length - 1) / (shownLevels - 1));
  const isLong = names.some((name) => /[ ,]/.test(name) && !/^\S+ to \S+$/.test(name));
  const count = isLong ? levels.length : Math.min(levels.length, shownLevels);
  const texts = Array.from({ length: count }, (_, index) => {
    const at = isLong ? index : Math.round(index * step);
    return `${names[at] ?? ''}: ${figureText(levels[at]?.mean ?? Number.NaN, unit)}`;
  });
  return isLong ? texts.map((text) => `    ${text}`) : [`    ${texts.join(', ')}`];
}

/** What the levels of an axis are called. */
export function levelNames(levels: readonly EffectLevel[]): readonly string[] {
  const names = axisValueTexts(levels.map(({ from }) => from));
  return levels.map(({ to }, index) => `${names[index] ?? ''}${to === null ? '' : ` to ${axisValueText(to)}`}`);
}

function figuresOf({ metrics }: PointAnswer, units: Units): string {
  return Object.entries(metrics)
    .map(([path, value]) => `${path} ${value === null ? 'n/a' : figureText(value, units.get(path) ?? '1')}`)
    .join(', ');
}
