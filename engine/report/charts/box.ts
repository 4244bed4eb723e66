/** A panel with one box: median, quartiles, whiskers to the smallest and largest value, and every value as a circle. */
import * as Plot from '@observablehq/plot';
import { quantile } from 'd3-array';
import { axis } from './drawing.js';
import type { Panel } from './panels.js';
import { tickText } from './ticks.js';

/** What is drawn. */
export interface Box {
  readonly title: string;
  readonly label: string;
  readonly color: string;
  readonly values: readonly number[];
}

/** The panel; an empty frame without values. */
export function boxPanel({ title, label, color, values }: Box): Panel {
  const at = (share: number): number => quantile(values, share) ?? 0;
  const whiskers = [
    { from: at(0), to: at(0.25) },
    { from: at(0.75), to: at(1) },
  ];
  const box = [{ from: at(0.25), to: at(0.75), median: at(0.5) }];
  return {
    title,
    plot: ({ theme }) => ({
      x: axis('', { domain: [0, 1], axis: null }),
      y: axis(label, { domain: [0, at(1) * 1.1 || 1], tickFormat: tickText }),
      marks: [
        Plot.gridY({ stroke: theme.grid, strokeOpacity: 1, ticks: 5 }),
        ...(values.length === 0
          ? []
          : [
              Plot.link(whiskers, { x: 0.4, y1: 'from', y2: 'to', stroke: theme.ink }),
              Plot.rect(box, { x1: 0.25, x2: 0.55, y1: 'from', y2: 'to', fill: color, stroke: theme.ink }),
              Plot.link(box, { x1: 0.25, x2: 0.55, y: 'median', stroke: theme.ink, strokeWidth: 3 }),
              Plot.dot(values, { x: 0.75, y: (value: number) => value, r: 3, stroke: color }),
            ]),
        Plot.ruleY([0], { stroke: theme.ink }),
      ],
    }),
  };
}
