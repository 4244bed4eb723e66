/** A panel of strips, one a series above the other, each with a scale of its own from 0: for series whose sizes are worlds apart. */
import * as Plot from '@observablehq/plot';
import type { BarGroup } from './bars.js';
import { axis } from './drawing.js';
import type { Panel } from './panels.js';
import { fontSizes } from './theme.js';
import { tickText } from './ticks.js';

/** What is drawn. */
export interface BarStrips {
  readonly title: string;
  readonly label: string;
  readonly series: readonly { readonly name: string; readonly color: string }[];
  /** One value a series. */
  readonly groups: readonly BarGroup[];
}

/** Of a strip's height, what its longest bar takes. */
const filled = 0.68;
/** Of a group's width. */
const barWidth = 0.76;

/** The panel. The largest value of each strip stands at its top. */
export function barStripPanel({ title, label, series, groups }: BarStrips): Panel {
  const strips = series.map(({ name, color }, index) => {
    const values = groups.map((group) => group.values[index] ?? null);
    return {
      name,
      color,
      base: series.length - 1 - index,
      values,
      largest: values.reduce<number>((max, value) => Math.max(max, value ?? 0), 0),
    };
  });
  const bars = strips.flatMap(({ base, color, values, largest }) =>
    values.flatMap((value, group) => {
      if (value === null || largest === 0) return [];
      const x1 = group + (1 - barWidth) / 2;
      return [{ x1, x2: x1 + barWidth, y1: base, y2: base + (value / largest) * filled, color }];
    }),
  );
  return {
    title,
    plot: ({ theme }) => ({
      marginBottom: 20,
      x: axis('', { domain: [0, Math.max(1, groups.length)], axis: null }),
      y: axis(label, { domain: [0, series.length], ticks: [] as never }),
      marks: [
        Plot.rect(bars, { x1: 'x1', x2: 'x2', y1: 'y1', y2: 'y2', fill: 'color' }),
        Plot.ruleY(
          strips.map(({ base }) => base),
          { stroke: theme.ink },
        ),
      ],
    }),
    overlay: (frame, add) => {
      for (const { name, base, largest } of strips) {
        const style = { 'text-anchor': 'end', 'font-size': fontSizes.small };
        add('text', { x: frame.left - 6, y: frame.y(base) + 4, ...style }, '0');
        add('text', { x: frame.left - 6, y: frame.y(base + filled) + 4, ...style }, tickText(Number(largest.toPrecision(3))));
        add('text', { x: frame.left + 4, y: frame.y(base + filled) - 6, 'text-anchor': 'start', 'font-size': fontSizes.small }, name);
      }
    },
  };
}
