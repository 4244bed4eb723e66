/**
 * Main effects: for each axis of a sweep the mean of a metric at each of its values, all on one scale, so that axes can be compared: the
 * axis that matters most stands on top and has the widest row of dots.
 */
import * as Plot from '@observablehq/plot';
import { axis, drawPicture, type Canvas } from './drawing.js';
import { labelWithUnit, type DrawnUnit } from './metric-unit.js';
import { fontSizes, seriesColor, textWidth } from './theme.js';
import { extentOf, spanOf, tickText, tickTextWithin } from './ticks.js';

/** One axis: its values by name, with the metric's mean over everything else. */
export interface AxisEffect {
  readonly axis: string;
  /** Such as "35 % of the variance". */
  readonly share: string;
  /** Whether its values have an order: then its dots are joined. */
  readonly isOrdered: boolean;
  readonly levels: readonly { readonly name: string; readonly mean: number }[];
}

/** What is drawn. */
export interface MainEffects {
  readonly title: string;
  readonly metric: string;
  readonly unit: DrawnUnit;
  readonly effects: readonly AxisEffect[];
}

const rowPixels = 22;
const gridLines = 8;
const headPixels = 190;
/** Longer names are cut: the page has them in its table. */
const nameLength = 44;

/** Pixels that all rows need. */
export function mainEffectsHeight(effects: readonly AxisEffect[]): number {
  return headPixels + rowPixels * effects.reduce((sum, { levels }) => sum + levels.length + 1.4, 0);
}

/** The SVG's text. */
export function drawMainEffects({ title, metric, unit, effects }: MainEffects, canvas: Canvas): string {
  const { theme } = canvas;
  const span = spanOf(effects.flatMap(({ levels }) => levels.map(({ mean }) => mean / unit.size)));
  const { rows, heads, height } = layOut(effects, unit, span);
  const [low, high] = extentOf(rows.map(({ value }) => value)) ?? [0, 1];
  const room = (high - low || Math.abs(high) || 1) * 0.12;
  const names = Math.max(60, ...rows.map(({ name }) => textWidth(name, fontSizes.text)));
  return drawPicture(
    {
      title,
      subtitle: 'Mean at each value of an axis, over everything else; the axis that explains most on top',
      plot: {
        marginLeft: names + 40,
        marginRight: 70,
        x: axis(labelWithUnit(metric, unit), {
          domain: [low < 0 ? low - room : Math.max(0, low - room), high + room],
          ticks: gridLines,
          tickFormat: tickText,
        }),
        y: { domain: [height, 0], axis: null },
        marks: [
          Plot.gridX({ stroke: theme.grid, strokeOpacity: 1, ticks: gridLines }),
          ...effects.flatMap(({ isOrdered }, index) => {
            const own = rows.filter(({ effect }) => effect === index);
            return isOrdered ? [Plot.line(own, { x: 'value', y: 'at', stroke: theme.grid, strokeWidth: 2 })] : [];
          }),
          Plot.dot(rows, { x: 'value', y: 'at', r: 5, fill: ({ effect }: Row) => seriesColor(theme, effect) }),
          // The surface around the letters keeps lines out of them.
          Plot.text(rows, {
            ...{ x: 'value', y: 'at', text: 'text', dx: 10, textAnchor: 'start', fontSize: fontSizes.small },
            ...{ fill: theme.ink, stroke: theme.surface, strokeWidth: 3 },
          }),
        ],
      },
      overlay: (frame, add) => {
        for (const { at, name } of rows) {
          add('text', { x: frame.left - 12, y: frame.y(at) + 5, 'text-anchor': 'end', 'font-size': fontSizes.text, fill: theme.ink }, name);
        }
        for (const { at, text } of heads) {
          const style = { 'text-anchor': 'start', 'font-size': fontSizes.text, 'font-weight': 600, fill: theme.ink };
          // The surface behind the letters keeps lines of the grid out of them.
          add('text', { x: 24, y: frame.y(at) + 5, ...style, stroke: theme.surface, 'stroke-width': 4, 'paint-order': 'stroke' }, text);
        }
      },
    },
    canvas,
  );
}

interface Row {
  readonly effect: number;
  readonly at: number;
  readonly name: string;
  readonly value: number;
  readonly text: string;
}

/** Heads and levels from the top down, one unit of height each. */
function layOut(
  effects: readonly AxisEffect[],
  unit: DrawnUnit,
  span: number,
): { readonly rows: readonly Row[]; readonly heads: readonly { readonly at: number; readonly text: string }[]; readonly height: number } {
  const rows: Row[] = [];
  const heads: { readonly at: number; readonly text: string }[] = [];
  let at = 0;
  effects.forEach(({ axis: name, share, levels }, effect) => {
    heads.push({ at: at + 0.7, text: `${name}: ${share}` });
    at += 1.4;
    for (const level of levels) {
      rows.push({
        effect,
        at: at + 0.5,
        name: shortened(level.name),
        value: level.mean / unit.size,
        text: tickTextWithin(level.mean / unit.size, span),
      });
      at += 1;
    }
  });
  return { rows, heads, height: at };
}

function shortened(name: string): string {
  return name.length <= nameLength ? name : `${name.slice(0, nameLength - 1)}…`;
}
