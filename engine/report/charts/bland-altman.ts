/** Bland and Altman's plot (Lancet 1986, i: 307-310): how far two ways to measure disagree, over the size of what they measure. */
import * as Plot from '@observablehq/plot';
import { axis, drawPicture, gridMarks, type Canvas } from './drawing.js';
import { drawLabels, drawSideLabels } from './labels.js';
import { groupLegend, type ComparedRun } from './predicted-vs-measured.js';
import { extentOf, signedText, tickText } from './ticks.js';

/** What is drawn. */
export interface BlandAltmanChart {
  readonly title: string;
  readonly unit: string;
  readonly runs: readonly ComparedRun[];
  /** Mean difference and the limits of agreement, in the chart's unit. */
  readonly bias: number;
  readonly lowerLimit: number;
  readonly upperLimit: number;
}

/** The SVG's text: predicted - measured over their mean, with bias and limits named at the right. */
export function drawBlandAltman(chart: BlandAltmanChart, canvas: Canvas): string {
  const { theme } = canvas;
  const { runs, bias, lowerLimit, upperLimit, unit } = chart;
  const points = runs.map((run) => ({ ...run, x: (run.measured + run.predicted) / 2, y: run.predicted - run.measured }));
  const [low, high] = extentOf([...points.map(({ y }) => y), lowerLimit, upperLimit, 0]) ?? [-1, 1];
  const margin = (high - low || 1) * 0.12;
  const largest = extentOf(points.map(({ x }) => x))?.[1] ?? 1;
  const legend = groupLegend(runs, canvas);
  const lines = [
    { at: upperLimit, name: 'bias + 1.96 SD' },
    { at: bias, name: 'bias' },
    { at: lowerLimit, name: 'bias − 1.96 SD' },
  ];
  return drawPicture(
    {
      title: chart.title,
      subtitle: 'Predicted − measured over their mean. Dashed: limits that hold 95 % of differences, if these spread normally',
      legend: [...legend.values()],
      plot: {
        marginRight: 170,
        x: axis(`mean of measured and predicted, ${unit}`, { domain: [0, largest * 1.1], tickFormat: tickText }),
        y: axis(`predicted − measured, ${unit}`, { domain: [low - margin, high + margin], tickFormat: signedText }),
        marks: [
          ...gridMarks(canvas),
          Plot.ruleY([0], { stroke: theme.muted }),
          Plot.ruleY([bias], { stroke: theme.ink, strokeWidth: 2 }),
          Plot.ruleY([lowerLimit, upperLimit], { stroke: theme.ink, strokeWidth: 1.5, strokeDasharray: '7 5' }),
          ...[...legend.values()].map(({ label, color, shape }) =>
            Plot.dot(
              points.filter(({ group }) => group === label),
              { x: 'x', y: 'y', fill: color, symbol: shape, r: 6 },
            ),
          ),
        ],
      },
      overlay: (frame, add) => {
        const named = points.map(({ label, x, y }) => ({ label, x: frame.x(x), y: frame.y(y) }));
        drawLabels(named, frame, theme, add);
        const places = lines.map(({ at, name }) => ({ text: `${name} ${signedText(Number(at.toPrecision(3)))}`, y: frame.y(at) }));
        drawSideLabels(places, frame, theme, add);
      },
    },
    canvas,
  );
}
