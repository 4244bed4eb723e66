/** A panel of connected dots, one line a series, each named at its end. */
import * as Plot from '@observablehq/plot';
import { axis, gridMarks, type Canvas } from './drawing.js';
import { drawLineNames } from './labels.js';
import type { Panel } from './panels.js';
import { fontSizes, textWidth } from './theme.js';
import { tickText } from './ticks.js';

/** One line; points without a figure are left out. */
export interface Line {
  readonly name: string;
  readonly color: string;
  readonly isDashed?: boolean;
  readonly points: readonly { readonly x: number; readonly y: number | null }[];
}

/** What is drawn. */
export interface LinePanel {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly lines: readonly Line[];
  /** Names of the places 0, 1, 2 on the horizontal axis, instead of a scale. */
  readonly xNames?: readonly string[];
}

/** So few and short names stand upright on the narrowest panel. */
const shortCount = 6;
const shortLength = 5;

/** The panel. */
export function linePanel({ title, xLabel, yLabel, lines, xNames }: LinePanel, { theme }: Canvas): Panel {
  const shown = lines
    .map((line) => ({ ...line, points: line.points.filter(isFigure).sort((a, b) => a.x - b.x) }))
    .filter(({ points }) => points.length > 0);
  const named = xNames === undefined ? {} : { domain: [-0.3, xNames.length - 0.7], ticks: xNames.map((_, index) => index) as never };
  const areShort = (xNames ?? []).length <= shortCount && (xNames ?? []).every((name) => name.length <= shortLength);
  const nameRoom = areShort ? 0 : Math.max(0, ...(xNames ?? []).map((name) => textWidth(name, fontSizes.small))) * Math.SQRT1_2;
  return {
    title,
    plot: (canvas) => ({
      marginRight: 40 + Math.max(0, ...shown.map(({ name }) => textWidth(name, fontSizes.small))),
      ...(xNames === undefined ? {} : { marginBottom: 54 + nameRoom }),
      x: axis(xLabel, { tickFormat: xNames === undefined ? tickText : () => '', ...named }),
      y: axis(yLabel, { tickFormat: tickText, zero: true }),
      marks: [
        ...gridMarks(canvas).slice(1),
        ...shown.map(({ points, color, isDashed }) =>
          Plot.line(points, { x: 'x', y: 'y', stroke: color, strokeWidth: 2, ...(isDashed === true ? { strokeDasharray: '7 4' } : {}) }),
        ),
        ...shown.map(({ points, color, isDashed }) =>
          Plot.dot(points, { x: 'x', y: 'y', r: 4, stroke: color, strokeWidth: 2, fill: isDashed === true ? theme.surface : color }),
        ),
        Plot.ruleY([0], { stroke: theme.ink }),
      ],
    }),
    overlay: (frame, add) => {
      const names = shown.map(({ name, color, isDashed, points }) => ({
        ...{ text: name, color, y: frame.y(points.at(-1)?.y ?? 0) },
        ...(isDashed === undefined ? {} : { isDashed }),
      }));
      drawLineNames(names, frame, theme, add);
      (xNames ?? []).forEach((text, index) => {
        const upright = { x: frame.x(index), y: frame.bottom + 20, 'text-anchor': 'middle' };
        const [x, y] = [frame.x(index) + 4, frame.bottom + 16];
        const slanted = { x, y, 'text-anchor': 'end', transform: `rotate(-45 ${x.toFixed(2)} ${y.toFixed(2)})` };
        add('text', { ...(areShort ? upright : slanted), 'font-size': fontSizes.small, fill: theme.ink }, text);
      });
    },
  };
}

function isFigure(point: { readonly x: number; readonly y: number | null }): point is { readonly x: number; readonly y: number } {
  return point.y !== null;
}
