/** HdrHistogram's percentile plot: latency over log of 1 / (1 - p), so that each nine takes the same room (hdrhistogram.org). */
import * as Plot from '@observablehq/plot';
import { forEachBucket, totalCount, valueAtPercentile, type Histogram } from '../../kernel/histogram.js';
import { axis, drawPicture, type Canvas } from './drawing.js';
import { drawLabels } from './labels.js';
import { fontSizes, seriesColor, textWidth } from './theme.js';
import { extentOf, microsText } from './ticks.js';

/** One curve. */
export interface LatencyCurve {
  readonly name: string;
  readonly histogram: Histogram;
}

/** What is drawn. */
export interface LatencyPercentiles {
  readonly title: string;
  readonly curves: readonly LatencyCurve[];
}

/** Percentiles that are marked on a single curve. */
const marked = [50, 99, 99.9, 99.99];

/** The SVG's text. Latencies are logarithmic where they span a factor of 20 or more. */
export function drawLatencyPercentiles({ title, curves }: LatencyPercentiles, canvas: Canvas): string {
  const { theme } = canvas;
  const lines = curves.map(({ histogram }) => stepsOf(histogram));
  const [lowest, highest] = extentOf(lines.flat().map(({ micros }) => micros)) ?? [1, 10];
  const isLog = highest / Math.max(1, lowest) >= 20;
  const last = Math.max(10, ...lines.map((line) => line.at(-1)?.odds ?? 1));
  const single = curves.length === 1 ? curves[0] : undefined;
  const marks = single === undefined ? [] : marksOf(single.histogram);
  const decades = powersOfTen(last);
  const powers = powersOfTen(highest * 1.6).filter((micros) => micros >= Math.max(1, lowest) / 1.6);
  const grid = { stroke: theme.grid, strokeOpacity: 1 };
  return drawPicture(
    {
      title,
      subtitle:
        'Of all operations, the part on the horizontal axis took the time on the vertical axis or less; each nine takes the same room',
      legend:
        single === undefined
          ? curves.map(({ name }, index) => ({ label: name, color: seriesColor(theme, index), shape: index % 2 === 1 ? 'dashed' : 'line' }))
          : [],
      plot: {
        x: axis('percentile', { type: 'log', domain: [1, last], ticks: decades as never, tickFormat: spacedText(decades.length, canvas) }),
        y: axis('latency', {
          type: isLog ? 'log' : 'linear',
          domain: isLog ? [Math.max(1, lowest) / 1.6, highest * 1.6] : [0, highest * 1.1],
          ...(isLog ? { ticks: powers as never } : {}),
          tickFormat: microsText,
        }),
        marks: [
          Plot.gridX(decades, grid),
          isLog ? Plot.gridY(powers, grid) : Plot.gridY(grid),
          ...lines.map((line, index) =>
            Plot.line(line, {
              x: 'odds',
              y: ({ micros }: Step) => (isLog ? Math.max(1, micros) : micros),
              stroke: seriesColor(theme, index),
              strokeWidth: 2.5,
              ...(index % 2 === 1 ? { strokeDasharray: '8 5' } : {}),
              curve: 'step-before',
            }),
          ),
          Plot.dot(marks, { x: 'odds', y: 'micros', fill: seriesColor(theme, 0), r: 5 }),
        ],
      },
      overlay: (frame, add) => {
        const points = marks.map(({ name, odds, micros }) => ({
          label: `${name} ${microsText(micros)}`,
          x: frame.x(odds),
          y: frame.y(micros),
        }));
        drawLabels(points, frame, theme, add, 'vertical');
      },
    },
    canvas,
  );
}

/** Up to this percentile, given as 1 / (1 - p), operations took at most so long. */
interface Step {
  readonly odds: number;
  readonly micros: number;
}

/** One step a slot that holds values; the last operation stands at as many as there were. */
function stepsOf(histogram: Histogram): Step[] {
  const total = totalCount(histogram);
  const steps: Step[] = [];
  let seen = 0;
  forEachBucket(histogram, (_, highMicros, count) => {
    if (seen === 0) steps.push({ odds: 1, micros: highMicros });
    seen += count;
    steps.push({ odds: seen < total ? total / (total - seen) : total, micros: highMicros });
  });
  return steps;
}

function marksOf(histogram: Histogram): (Step & { readonly name: string })[] {
  const total = totalCount(histogram);
  return marked
    .map((percent) => ({ name: `p${String(percent)}`, odds: 100 / (100 - percent), micros: valueAtPercentile(histogram, percent) }))
    .filter(({ odds, micros }) => odds <= total && micros > 0);
}

/** 1, 10, 100 and so on up to this value. */
function powersOfTen(limit: number): number[] {
  return Array.from({ length: Math.floor(Math.log10(Math.max(1, limit)) + 1e-9) + 1 }, (_, exponent) => Number(`1e${String(exponent)}`));
}

/** Texts under every n-th decade, as many as stand side by side without touching. */
function spacedText(decadeCount: number, { widthPixels }: Canvas): (odds: number) => string {
  const roomPixels = (widthPixels - 136) / Math.max(1, decadeCount - 1);
  const every = Math.ceil((textWidth(`99.${'9'.repeat(Math.max(1, decadeCount - 3))} %`, fontSizes.text) + 8) / roomPixels);
  return (odds) => (Math.round(Math.log10(odds)) % every === 0 ? percentileText(odds) : '');
}

/** "0 %", "90 %", "99.9 %" at 1, 10, 1000. */
function percentileText(odds: number): string {
  const nines = Math.round(Math.log10(odds));
  if (nines === 0) return '0 %';
  return nines === 1 ? '90 %' : `99${nines > 2 ? `.${'9'.repeat(nines - 2)}` : ''} %`;
}
