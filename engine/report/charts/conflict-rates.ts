/** How often commits fail, role by role: attempts that another commit beat, and operations that were given up. */
import * as Plot from '@observablehq/plot';
import { formatCount } from '../../kernel/units.js';
import { axis, drawPicture, padding, type Canvas } from './drawing.js';
import { fontSizes, seriesColor } from './theme.js';
import { tickText } from './ticks.js';

/** One role of one run. */
export interface RoleConflicts {
  readonly name: string;
  /** Conditional PUTs answered, and those of them that another commit beat. */
  readonly attemptCount: number;
  readonly preconditionFailureCount: number;
  /** Operations that ended, and those of them that did not succeed. */
  readonly operations: number;
  readonly failedCount: number;
}

/** What is drawn. */
export interface ConflictRates {
  readonly title: string;
  readonly roles: readonly RoleConflicts[];
}

/** The SVG's text: two bars a role, each with its share and what it is a share of above it. */
export function drawConflictRates({ title, roles }: ConflictRates, canvas: Canvas): string {
  const { theme } = canvas;
  const bars = roles.flatMap(barsOf);
  const most = Math.max(0, ...bars.map(({ percent }) => percent));
  const color = (index: number): string => seriesColor(theme, index % 2);
  return drawPicture(
    {
      title,
      subtitle: 'Percent of the attempts or operations of each role',
      legend: [
        { label: 'attempts that another commit beat', color: color(0), shape: 'area' },
        { label: 'operations that did not succeed', color: color(1), shape: 'area' },
      ],
      plot: {
        marginLeft: padding,
        x: axis('percent', { domain: [0, Math.min(100, Math.max(1, most * 1.1))], tickFormat: tickText }),
        y: { axis: null, domain: [bars.length, 0] },
        marks: [
          Plot.gridX({ stroke: theme.grid, strokeOpacity: 1 }),
          Plot.rect(bars, {
            x1: 0,
            x2: 'percent',
            y1: (_: Bar, index: number) => index + 0.52,
            y2: (_: Bar, index: number) => index + 0.88,
            fill: (_: Bar, index: number) => color(index),
          }),
          Plot.ruleX([0], { stroke: theme.ink }),
        ],
      },
      overlay: (frame, add) => {
        for (const [index, { text }] of bars.entries()) {
          const place = { x: frame.left + 6, y: frame.y(index + 0.4), 'text-anchor': 'start', 'font-size': fontSizes.small };
          // The surface behind the letters keeps lines of the grid out of them.
          add('text', { ...place, fill: theme.ink, stroke: theme.surface, 'stroke-width': 3, 'paint-order': 'stroke' }, text);
        }
      },
    },
    canvas,
  );
}

interface Bar {
  readonly text: string;
  readonly percent: number;
}

function barsOf({ name, attemptCount, preconditionFailureCount, operations, failedCount }: RoleConflicts): Bar[] {
  const bar = (part: number, whole: number, noun: string): Bar => {
    const percent = whole === 0 ? 0 : (100 * part) / whole;
    return { percent, text: `${name}: ${percent.toFixed(1)} % of ${formatCount(whole)} ${noun}` };
  };
  return [bar(preconditionFailureCount, attemptCount, 'attempts'), bar(failedCount, operations, 'operations')];
}
