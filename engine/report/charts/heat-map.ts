/** A panel of cells over two axes of given values, each cell with its figure: the stronger its colour, the larger it is. */
import * as Plot from '@observablehq/plot';
import { axis } from './drawing.js';
import type { Panel } from './panels.js';
import { fontSizes, seriesColor, textWidth } from './theme.js';
import { tickText, tickTextWithin } from './ticks.js';

/** What is drawn. */
export interface HeatMap {
  readonly title: string;
  readonly xLabel: string;
  readonly xValues: readonly number[];
  readonly yLabel: string;
  readonly yValues: readonly number[];
  /** What the values are called, where they are places and not figures. */
  readonly xNames?: readonly string[];
  readonly yNames?: readonly string[];
  /** By their place on both axes; null where there is no figure. */
  readonly cells: readonly { readonly x: number; readonly y: number; readonly value: number | null }[];
  /** What has the strongest colour: panels side by side share it; and what has the faintest, 0 unless given. */
  readonly largest: number;
  readonly smallest?: number;
}

/** The faintest and strongest fill; ink can still be read on it, in both themes. */
const faintest = 0.04;
const strongest = 0.6;

/** The panel. */
export function heatMapPanel(map: HeatMap): Panel {
  const { title, xLabel, xValues, xNames, yLabel, yValues, yNames, cells, largest, smallest = 0 } = map;
  const span = largest - smallest || 1;
  const places = cells.map(({ x, y, value }) => ({
    x: xValues.indexOf(x),
    y: yValues.indexOf(y),
    shade: value === null ? 0 : faintest + (strongest - faintest) * ((value - smallest) / span),
    text: value === null ? '–' : tickTextWithin(value, span),
  }));
  const ticks = (values: readonly number[], names: readonly string[] = values.map(tickText)) => ({
    ticks: values.map((_, index) => index + 0.5) as never,
    tickFormat: (at: number) => names[Math.floor(at)] ?? '',
  });
  const nameRoom = yNames === undefined ? {} : { marginLeft: 44 + Math.max(...yNames.map((name) => textWidth(name, fontSizes.text))) };
  return {
    title,
    plot: ({ theme }) => ({
      ...nameRoom,
      x: axis(xLabel, { domain: [0, xValues.length], ...ticks(xValues, xNames) }),
      y: axis(yLabel, { domain: [0, yValues.length], ...ticks(yValues, yNames) }),
      marks: [
        Plot.rect(places, {
          ...{ x1: 'x', x2: ({ x }: Place) => x + 1, y1: 'y', y2: ({ y }: Place) => y + 1 },
          ...{ fill: seriesColor(theme, 0), fillOpacity: 'shade', stroke: theme.surface, inset: 0.5 },
        }),
        Plot.text(places, {
          ...{ x: ({ x }: Place) => x + 0.5, y: ({ y }: Place) => y + 0.5, text: 'text' },
          ...{ fill: theme.ink, fontSize: fontSizes.small },
        }),
      ],
      opacity: { type: 'identity' },
    }),
  };
}

interface Place {
  readonly x: number;
  readonly y: number;
}
