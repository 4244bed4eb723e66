/** What a sweep trades for what: every point of it over two metrics, those that no other beats in all metrics named. */
import * as Plot from '@observablehq/plot';
import { axis, drawPicture, gridMarks, type Canvas } from './drawing.js';
import { drawLabels } from './labels.js';
import { labelWithUnit, type DrawnUnit } from './metric-unit.js';
import { seriesColor } from './theme.js';
import { extentOf, tickText } from './ticks.js';

/** One of the two metrics. */
export interface TradeAxis {
  readonly name: string;
  readonly unit: DrawnUnit;
  readonly better: 'more' | 'less';
}

/** A configuration, in the metrics' own units. */
export interface TradePoint {
  readonly label: string;
  readonly x: number;
  readonly y: number;
  readonly isOnFront: boolean;
}

/** What is drawn. */
export interface Trade {
  readonly title: string;
  readonly x: TradeAxis;
  readonly y: TradeAxis;
  readonly points: readonly TradePoint[];
}

/** More names cover each other. */
const namesShown = 14;

/** The SVG's text. */
export function drawPareto({ title, x, y, points }: Trade, canvas: Canvas): string {
  const { theme } = canvas;
  const drawn = points.map((point) => ({ ...point, x: point.x / x.unit.size, y: point.y / y.unit.size }));
  const front = drawn.filter(({ isOnFront }) => isOnFront).sort((a, b) => a.x - b.x || a.y - b.y);
  const colors = { front: seriesColor(theme, 1), other: seriesColor(theme, 0) };
  const domain = (values: readonly number[]): [number, number] => {
    const [low, high] = extentOf(values) ?? [0, 1];
    const room = (high - low || Math.abs(high) || 1) * 0.06;
    return [low >= 0 && low - room < 0 ? 0 - room / 2 : low - room, high + room];
  };
  return drawPicture(
    {
      title,
      subtitle: `Every configuration; better is ${x.better === 'more' ? 'further right' : 'further left'} and ${y.better === 'more' ? 'higher up' : 'lower down'}`,
      legend: [
        { label: 'not beaten in all metrics', color: colors.front, shape: 'triangle' },
        { label: 'beaten by another', color: colors.other, shape: 'circle' },
      ],
      plot: {
        x: axis(labelWithUnit(x.name, x.unit), { domain: domain(drawn.map((point) => point.x)), tickFormat: tickText }),
        y: axis(labelWithUnit(y.name, y.unit), { domain: domain(drawn.map((point) => point.y)), tickFormat: tickText }),
        marks: [
          ...gridMarks(canvas),
          Plot.dot(
            drawn.filter(({ isOnFront }) => !isOnFront),
            { x: 'x', y: 'y', r: 3.5, stroke: colors.other, strokeOpacity: 0.7, fill: colors.other, fillOpacity: 0.25 },
          ),
          Plot.dot(front, { x: 'x', y: 'y', r: 6, symbol: 'triangle', fill: colors.front, stroke: theme.surface }),
        ],
      },
      overlay: (frame, add) => {
        if (front.length > namesShown) return;
        const others = drawn.filter(({ isOnFront }) => !isOnFront).map((point) => ({ ...point, label: '' }));
        const places = [...front, ...others].map((point) => ({ label: point.label, x: frame.x(point.x), y: frame.y(point.y) }));
        drawLabels(places, frame, theme, add);
      },
    },
    canvas,
  );
}
