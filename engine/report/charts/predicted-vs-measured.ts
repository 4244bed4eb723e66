/** Prediction against measurement, one point a run: on the diagonal they agree. */
import * as Plot from '@observablehq/plot';
import { axis, drawPicture, gridMarks, type Canvas, type LegendEntry } from './drawing.js';
import { drawLabels } from './labels.js';
import { seriesColor } from './theme.js';
import { extentOf, tickText } from './ticks.js';

/** A run. Both values in the chart's unit, above 0. */
export interface ComparedRun {
  readonly label: string;
  /** Runs of one group share a colour and a symbol, such as what bound them. */
  readonly group: string;
  readonly measured: number;
  readonly predicted: number;
}

/** What is drawn. */
export interface PredictedVsMeasured {
  readonly title: string;
  readonly unit: string;
  readonly runs: readonly ComparedRun[];
  /** Width of the band around the diagonal. */
  readonly tolerancePercent: number;
}

/** Symbols in the order of the groups; colours are those of the series from the first on. */
export const groupShapes = ['circle', 'triangle', 'square'] as const;

/** Each group's colour and symbol, in the order in which groups first occur. */
export function groupLegend(runs: readonly { readonly group: string }[], { theme }: Canvas): ReadonlyMap<string, LegendEntry> {
  const names = [...new Set(runs.map(({ group }) => group))];
  const entry = (label: string, index: number): LegendEntry => ({
    label,
    color: seriesColor(theme, index),
    shape: groupShapes[index % groupShapes.length] ?? 'circle',
  });
  return new Map(names.map((name, index) => [name, entry(name, index)]));
}

/** The SVG's text. Axes are logarithmic where values span a factor of 20 or more; without a run the frame is empty. */
export function drawPredictedVsMeasured(chart: PredictedVsMeasured, canvas: Canvas): string {
  const { theme } = canvas;
  const runs = chart.runs.filter(({ measured, predicted }) => measured > 0 && predicted > 0);
  const [min, max] = extentOf(runs.flatMap(({ measured, predicted }) => [measured, predicted])) ?? [1, 10];
  const isLog = max / min >= 20;
  const domain = isLog ? [min / 1.4, max * 1.4] : [0, max * 1.1];
  const [low = 0, high = 1] = domain;
  const legend = groupLegend(runs, canvas);
  const tolerance = chart.tolerancePercent / 100;
  const scale = { type: isLog ? 'log' : 'linear', domain, tickFormat: tickText, clamp: true } as const;
  return drawPicture(
    {
      title: chart.title,
      subtitle: `Each point is one run. Grey line: prediction = measurement; band: ± ${tickText(chart.tolerancePercent)} %`,
      legend: [...legend.values()],
      plot: {
        x: axis(`measured, ${chart.unit}`, scale),
        y: axis(`predicted, ${chart.unit}`, scale),
        marks: [
          Plot.areaY([low, high / (1 + tolerance), high], {
            x: (value: number) => value,
            y1: (value: number) => Math.min(high, value * (1 - tolerance)),
            y2: (value: number) => Math.min(high, value * (1 + tolerance)),
            fill: theme.tolerance,
          }),
          ...gridMarks(canvas),
          Plot.line(domain, { x: (value: number) => value, y: (value: number) => value, stroke: theme.muted, strokeWidth: 1.5 }),
          ...[...legend.values()].map(({ label, color, shape }) =>
            Plot.dot(
              runs.filter(({ group }) => group === label),
              { x: 'measured', y: 'predicted', fill: color, symbol: shape, r: 6 },
            ),
          ),
        ],
      },
      overlay: (frame, add) => {
        const points = runs.map(({ label, measured, predicted }) => ({ label, x: frame.x(measured), y: frame.y(predicted) }));
        drawLabels(points, frame, theme, add);
      },
    },
    canvas,
  );
}
