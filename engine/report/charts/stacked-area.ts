/** Parts of a whole over time, one on top of the other, such as backlog by level or device writes by what they are for. */
import * as Plot from '@observablehq/plot';
import { axis, drawPicture, gridMarks, type Canvas } from './drawing.js';
import { seriesColor } from './theme.js';
import { binnedMeans, tickText, timeUnit } from './ticks.js';

/** One part. */
export interface Layer {
  readonly name: string;
  /** One an interval, in the chart's unit, from 0. */
  readonly values: ArrayLike<number>;
}

/** What is drawn. */
export interface StackedArea {
  readonly title: string;
  readonly subtitle: string;
  /** What the axis says, with unit. */
  readonly label: string;
  readonly intervalSec: number;
  /** From the bottom up; all of one length. */
  readonly layers: readonly Layer[];
}

/** Points of one outline. */
const pointsMax = 300;

interface Slice {
  readonly x: number;
  readonly low: number;
  readonly high: number;
}

/** The SVG's text; the legend is in the order of the layers from the top down. */
export function drawStackedArea(chart: StackedArea, canvas: Canvas): string {
  const { theme } = canvas;
  const { layers, intervalSec } = chart;
  const count = Math.max(0, ...layers.map(({ values }) => values.length));
  const spanSec = Math.max(1, count) * intervalSec;
  const time = timeUnit(spanSec);
  const stack = stackOf(layers, intervalSec / time.sec);
  const top = stack.at(-1)?.reduce((max, { high }) => Math.max(max, high), 0) ?? 0;
  const color = (index: number): string => seriesColor(theme, index);
  return drawPicture(
    {
      title: chart.title,
      subtitle: chart.subtitle,
      legend: layers.map(({ name }, index) => ({ label: name, color: color(index), shape: 'area' as const })).reverse(),
      plot: {
        x: axis(`time, ${time.name}`, { domain: [0, spanSec / time.sec], tickFormat: tickText }),
        y: axis(chart.label, { domain: [0, (top || 1) * 1.05], tickFormat: tickText }),
        marks: [
          ...gridMarks(canvas),
          ...stack.map((slices, index) => Plot.areaY(slices, { x: 'x', y1: 'low', y2: 'high', fill: color(index) })),
          // A thin edge keeps neighbours apart without colour.
          ...stack.map((slices) => Plot.line(slices, { x: 'x', y: 'high', stroke: theme.surface, strokeWidth: 1 })),
          Plot.ruleY([0], { stroke: theme.ink }),
        ],
      },
    },
    canvas,
  );
}

function stackOf(layers: readonly Layer[], unit: number): Slice[][] {
  const floor: number[] = [];
  return layers.map(({ values }) =>
    binnedMeans(values, pointsMax).map(({ at, mean }, index) => {
      const low = floor[index] ?? 0;
      floor[index] = low + Math.max(0, mean);
      return { x: at * unit, low, high: low + Math.max(0, mean) };
    }),
  );
}
