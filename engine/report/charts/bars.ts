/** A panel of bars side by side, with their values written above them, such as a claimed figure beside the reproduced one. */
import * as Plot from '@observablehq/plot';
import { axis, type Canvas } from './drawing.js';
import type { Panel } from './panels.js';
import { fontSizes } from './theme.js';
import { extentOf, tickText } from './ticks.js';

/** Bars that stand together; one value a series, null where there is none. */
export interface BarGroup {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

/** What is drawn. */
export interface BarPanel {
  readonly title: string;
  /** What the axis says, with unit. */
  readonly label: string;
  /** One colour a series. */
  readonly colors: readonly string[];
  readonly groups: readonly BarGroup[];
  /** Bars beyond it are cut, their value is still written. Default: room for all. */
  readonly domain?: readonly [number, number];
  readonly format?: (value: number) => string;
}

/** Of a group's width, what its bars take. */
const filled = 0.76;

/** The panel. */
export function barPanel({ title, label, colors, groups, domain, format = tickText }: BarPanel): Panel {
  const [lowest, highest] = extentOf(groups.flatMap(({ values }) => values.filter((value) => value !== null))) ?? [0, 1];
  const [low, high] = domain ?? [Math.min(0, lowest) * 1.15, Math.max(0, highest) * 1.15 || (lowest < 0 ? 0 : 1)];
  // Where bars are cut, their values stand between them and the axis.
  const room = domain === undefined ? 0 : (high - low) * 0.1;
  const width = filled / Math.max(1, colors.length);
  const bars = groups.flatMap(({ values }, group) =>
    values.flatMap((value, series) => {
      if (value === null) return [];
      const left = group + (1 - filled) / 2 + series * width;
      const end = Math.max(low + room, Math.min(high - room, value));
      return [{ x1: left, x2: left + width * 0.94, end, color: colors[series] ?? '', text: format(value), isUp: end >= 0 }];
    }),
  );
  const texts = (isUp: boolean, { theme }: Canvas) =>
    Plot.text(
      bars.filter((bar) => bar.isUp === isUp),
      { x: ({ x1, x2 }: Bar) => (x1 + x2) / 2, y: 'end', text: 'text', dy: isUp ? -8 : 10, fill: theme.ink, fontSize: fontSizes.small },
    );
  return {
    title,
    plot: (canvas) => ({
      x: axis('', { domain: [0, Math.max(1, groups.length)], axis: null }),
      y: axis(label, { domain: [low, high], tickFormat: tickText }),
      marks: [
        Plot.gridY({ stroke: canvas.theme.grid, strokeOpacity: 1, ticks: 5 }),
        Plot.rect(bars, { x1: 'x1', x2: 'x2', y1: 0, y2: 'end', fill: 'color' }),
        texts(true, canvas),
        texts(false, canvas),
        Plot.ruleY([0], { stroke: canvas.theme.ink }),
      ],
    }),
    overlay: (frame, add) => {
      groups.forEach(({ name }, group) => {
        name.split('\n').forEach((line, row) => {
          add(
            'text',
            { x: frame.x(group + 0.5), y: frame.bottom + 18 + row * 15, 'text-anchor': 'middle', 'font-size': fontSizes.small },
            line,
          );
        });
      });
    },
  };
}

interface Bar {
  readonly x1: number;
  readonly x2: number;
}
