/** Curves over time on one axis, such as a real run's put rate and the simulated one's, with a strip for each of when writes were held. */
import * as Plot from '@observablehq/plot';
import { axis, drawPicture, gridMarks, type AddShape, type Canvas, type Frame, type LegendEntry } from './drawing.js';
import { stallLegend, type StallBand } from './stalls.js';
import { fontSizes, seriesColor } from './theme.js';
import { binnedMeans, extentOf, tickText, timeUnit } from './ticks.js';

/** Values one an interval, from time 0 on. */
export interface Curve {
  readonly name: string;
  readonly values: ArrayLike<number>;
  /** null: no strip for this curve. */
  readonly stalls: readonly StallBand[] | null;
}

/** What is drawn. */
export interface CurveOverlay {
  readonly title: string;
  /** Of the values, such as `puts/s`. */
  readonly unit: string;
  readonly intervalSec: number;
  readonly curves: readonly Curve[];
  /** Length of the windows whose means are drawn as bold lines; the values themselves are faint behind them. null: only the values. */
  readonly windowSec: number | null;
}

/** Points of one line: more cannot be told apart on a screen. */
const pointsMax = 1200;
const stripHeight = 18;

/** The SVG's text. Curves differ in colour and dash. */
export function drawCurveOverlay(chart: CurveOverlay, canvas: Canvas): string {
  const { theme } = canvas;
  const { curves, intervalSec, windowSec } = chart;
  const spanSec = Math.max(intervalSec, ...curves.map(({ values }) => values.length * intervalSec));
  const time = timeUnit(spanSec);
  const top = extentOf(curves.flatMap(({ values }) => binnedMeans(values, pointsMax).map(({ mean }) => mean)))?.[1] ?? 1;
  const strips = curves.filter(({ stalls }) => stalls !== null);
  const points = (values: ArrayLike<number>, count: number) =>
    binnedMeans(values, count).map(({ at, mean }) => ({ x: (at * intervalSec) / time.sec, y: mean }));
  const bold = (values: ArrayLike<number>): number =>
    windowSec === null ? pointsMax : Math.max(1, Math.round((values.length * intervalSec) / windowSec));
  const style = (index: number) => ({
    x: 'x',
    y: 'y',
    stroke: seriesColor(theme, index),
    ...(index % 2 === 1 ? { strokeDasharray: '8 5' } : {}),
  });
  return drawPicture(
    {
      title: chart.title,
      ...(windowSec === null ? {} : { subtitle: `Bold: means over ${tickText(windowSec)} s; faint: every ${tickText(intervalSec)} s` }),
      legend: [
        ...curves.map((curve, index) => legendOf(curve.name, seriesColor(theme, index), index)),
        ...(strips.length === 0 ? [] : stallLegend(canvas)),
      ],
      roomAbove: strips.length * (stripHeight + 4),
      plot: {
        x: axis(`time, ${time.name}`, { domain: [0, spanSec / time.sec], tickFormat: tickText }),
        y: axis(chart.unit, { domain: [0, (top || 1) * 1.05], tickFormat: tickText }),
        marks: [
          ...gridMarks(canvas),
          ...(windowSec === null
            ? []
            : curves.map(({ values }, index) =>
                Plot.line(points(values, pointsMax), {
                  x: 'x',
                  y: 'y',
                  stroke: seriesColor(theme, index),
                  strokeWidth: 1,
                  strokeOpacity: 0.45,
                }),
              )),
          ...curves.map(({ values }, index) => Plot.line(points(values, bold(values)), { ...style(index), strokeWidth: 2.5 })),
          Plot.ruleY([0], { stroke: theme.ink }),
        ],
      },
      overlay: (frame, add) => {
        strips.forEach((curve, row) => {
          drawStrip(curve, frame.top - (strips.length - row) * (stripHeight + 4), time.sec, frame, canvas, add);
        });
      },
    },
    canvas,
  );
}

function legendOf(label: string, color: string, index: number): LegendEntry {
  return { label, color, shape: index % 2 === 1 ? 'dashed' : 'line' };
}

function drawStrip(curve: Curve, y: number, unitSec: number, frame: Frame, { theme }: Canvas, add: AddShape): void {
  add('rect', { x: frame.left, y, width: frame.right - frame.left, height: stripHeight, fill: theme.surface, stroke: theme.grid });
  for (const { startSec, endSec, state } of curve.stalls ?? []) {
    const from = Math.max(frame.left, frame.x(startSec / unitSec));
    const to = Math.min(frame.right, frame.x(endSec / unitSec));
    if (to <= from) continue;
    // A stop takes the whole height, so that the two differ without colour.
    const inset = state === 'stopped' ? 0 : 4;
    const fill = state === 'stopped' ? theme.stopped : theme.delayed;
    add('rect', { x: from, y: y + inset, width: to - from, height: stripHeight - 2 * inset, fill });
  }
  const text = { x: frame.left - 8, y: y + stripHeight / 2 + 4, 'text-anchor': 'end', 'font-size': fontSizes.small, fill: theme.muted };
  add('text', text, curve.name);
}
