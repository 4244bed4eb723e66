/** A quantity over time against the limits that the store compares it with, such as L0 files against their triggers. */
import * as Plot from '@observablehq/plot';
import { axis, drawPicture, gridMarks, type Canvas } from './drawing.js';
import { drawSideLabels, sideLabelSize } from './labels.js';
import { bandMarks, stallLegend, type StallSeries } from './stalls.js';
import { seriesColor, textWidth } from './theme.js';
import { binnedRanges, tickText, timeUnit } from './ticks.js';

/** A limit and what happens there. */
export interface NamedLimit {
  readonly name: string;
  readonly value: number;
}

/** What is drawn. Values in the chart's unit, each at the end of its interval. */
export interface LevelOverTime {
  readonly title: string;
  readonly subtitle: string;
  /** What the curve is, in the legend. */
  readonly name: string;
  /** What the axis says, with unit. */
  readonly label: string;
  readonly values: ArrayLike<number>;
  readonly limits: readonly NamedLimit[];
  readonly stalls: StallSeries;
}

/** Points of one line: more cannot be told apart on a screen. */
const pointsMax = 600;
/** Limits further up than this many times the largest value are named at the edge and not drawn to scale. */
const reach = 2;

/** The SVG's text. Where one point stands for several intervals, a pale area shows their range. */
export function drawLevelOverTime(chart: LevelOverTime, canvas: Canvas): string {
  const { theme } = canvas;
  const { values, limits, stalls } = chart;
  const spanSec = Math.max(1, values.length) * stalls.intervalSec;
  const time = timeUnit(spanSec);
  const points = binnedRanges(values, pointsMax).map(({ at, ...range }) => ({ ...range, x: (at * stalls.intervalSec) / time.sec }));
  const largest = points.reduce((max, point) => Math.max(max, point.max), 0);
  const near = limits.filter(({ value }) => value <= largest * reach);
  // Counts and bytes: less than a billionth is nothing, and would leave the axis without a length.
  const measured = Math.max(largest, ...near.map(({ value }) => value));
  const top = measured > 1e-9 ? measured : 1;
  const color = seriesColor(theme, 0);
  const names = limits.map(({ name, value }) => ({
    text: `${name} ${tickText(value)}${near.some((one) => one.name === name) ? '' : ', above'}`,
    value,
  }));
  return drawPicture(
    {
      title: chart.title,
      subtitle: chart.subtitle,
      legend: [{ label: chart.name, color, shape: 'line' }, ...stallLegend(canvas)],
      plot: {
        marginRight: 24 + Math.max(16, ...names.map(({ text }) => textWidth(text, sideLabelSize))),
        x: axis(`time, ${time.name}`, { domain: [0, spanSec / time.sec], tickFormat: tickText }),
        y: axis(chart.label, { domain: [0, top * 1.08], tickFormat: tickText }),
        marks: [
          ...bandMarks(stalls, time.sec, canvas),
          ...gridMarks(canvas),
          Plot.areaY(points, { x: 'x', y1: 'min', y2: 'max', fill: color, fillOpacity: 0.25, curve: 'step' }),
          Plot.line(points, { x: 'x', y: 'mean', stroke: color, strokeWidth: 2, curve: 'step' }),
          Plot.ruleY(near, { y: 'value', stroke: theme.ink, strokeWidth: 1.5, strokeDasharray: '7 5' }),
          Plot.ruleY([0], { stroke: theme.ink }),
        ],
      },
      overlay: (frame, add) => {
        const places = names.map(({ text, value }) => ({ text, y: Math.max(frame.top, frame.y(value)) }));
        drawSideLabels(places, frame, theme, add);
      },
    },
    canvas,
  );
}
