/** A tornado: how much an answer changes when one input at a time goes down or up, the most influential on top. */
import * as Plot from '@observablehq/plot';
import { axis, drawPicture, type Canvas } from './drawing.js';
import { fontSizes, seriesColor, textWidth } from './theme.js';
import { extentOf, signedText } from './ticks.js';

/** One input. Changes of the answer in percent of its base; null where that run gave no answer. */
export interface TornadoBar {
  readonly label: string;
  /** What the input was set to, in words with unit. */
  readonly lowValue: string;
  readonly highValue: string;
  readonly lowChangePercent: number | null;
  readonly highChangePercent: number | null;
}

/** What is drawn. */
export interface Tornado {
  readonly title: string;
  /** What changes and from which base, such as `put rate, from 15,131 puts/s`. */
  readonly answer: string;
  readonly bars: readonly TornadoBar[];
}

/** The SVG's text; bars are sorted by their longer side, then by name. */
export function drawTornado(chart: Tornado, canvas: Canvas): string {
  const { theme } = canvas;
  const bars = [...chart.bars].sort((a, b) => reach(b) - reach(a) || (a.label < b.label ? -1 : 1));
  const sides = bars.flatMap(sidesOf);
  const [min, max] = extentOf([0, ...sides.map(({ change }) => change)]) ?? [0, 0];
  const room = Math.max(max - min, 1) * 0.22;
  const colors = { low: seriesColor(theme, 0), high: seriesColor(theme, 1) } as const;
  return drawPicture(
    {
      title: chart.title,
      subtitle: 'One input changed at a time; beside each bar the value it was set to',
      legend: [
        { label: 'input lower', color: colors.low, shape: 'area' },
        { label: 'input higher', color: colors.high, shape: 'area' },
      ],
      plot: {
        marginLeft: 48 + Math.max(60, ...bars.map(({ label }) => textWidth(label, fontSizes.text))),
        x: axis(`change of ${chart.answer}, %`, { domain: [min - room, max + room], tickFormat: signedText }),
        // Row i lies between i and i + 1, the first on top.
        y: { domain: [bars.length, 0], axis: null },
        marks: [
          Plot.gridX({ stroke: theme.grid, strokeOpacity: 1 }),
          Plot.axisY(
            bars.map((_, row) => row + 0.5),
            { tickFormat: (at: number) => bars[Math.floor(at)]?.label ?? '', tickSize: 0, label: null },
          ),
          Plot.rect(sides, { x1: 'from', x2: 'to', y1: 'top', y2: 'bottom', fill: ({ side }: Side) => colors[side] }),
          ...(['start', 'end'] as const).map((textAnchor) =>
            Plot.text(
              sides.filter(({ change }) => change < 0 === (textAnchor === 'end')),
              {
                x: 'change',
                y: 'middle',
                text: 'value',
                textAnchor,
                dx: textAnchor === 'end' ? -6 : 6,
                fontSize: fontSizes.small,
                fill: theme.muted,
              },
            ),
          ),
          Plot.ruleX([0], { stroke: theme.ink, strokeWidth: 1.5 }),
        ],
      },
    },
    canvas,
  );
}

interface Side {
  readonly side: 'low' | 'high';
  readonly change: number;
  readonly value: string;
  readonly from: number;
  readonly to: number;
  readonly top: number;
  readonly middle: number;
  readonly bottom: number;
}

/** The lower value in the upper half of its row, the higher one below: both show where they go the same way. */
function sidesOf(bar: TornadoBar, row: number): Side[] {
  const side = (name: Side['side'], change: number | null, value: string, top: number): Side[] =>
    change === null
      ? []
      : [{ side: name, change, value, from: Math.min(0, change), to: Math.max(0, change), top, middle: top + 0.18, bottom: top + 0.36 }];
  return [
    ...side('low', bar.lowChangePercent, bar.lowValue, row + 0.13),
    ...side('high', bar.highChangePercent, bar.highValue, row + 0.51),
  ];
}

function reach({ lowChangePercent, highChangePercent }: TornadoBar): number {
  return Math.max(Math.abs(lowChangePercent ?? 0), Math.abs(highChangePercent ?? 0));
}
