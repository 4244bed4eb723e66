/** A panel of bars side by side, with their values written above them, such as a claimed figure beside the reproduced one. */
import * as Plot from '@observablehq/plot';
import { axis, type AddShape, type Canvas, type Frame } from './drawing.js';
import type { Panel } from './panels.js';
import { fontSizes, textWidth } from './theme.js';
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
  const room = domain === undefined ? 0 : (high - low) * 0.1;
  const width = filled / Math.max(1, colors.length);
  const bars = groups.flatMap(({ values }, group) =>
    values.flatMap((value, series): Bar[] => {
      if (value === null) return [];
      const left = group + (1 - filled) / 2 + series * width;
      // Where bars are cut, their values stand between them and the axis.
      const end = Math.max(low + room, Math.min(high - room, value));
      return [{ x1: left, x2: left + width * 0.94, from: 0, end, color: colors[series] ?? '', text: format(value) }];
    }),
  );
  return barsPanel({ title, label, groups, bars, domain: [low, high] });
}

/** Bars of several layers, one a group, from the first series at the bottom up; no value is below 0. */
export function stackedBarPanel({ title, label, colors, groups }: Omit<BarPanel, 'domain' | 'format'>): Panel {
  const bars = groups.flatMap(({ values }, group) => {
    let from = 0;
    return values.flatMap((value, series): Bar[] => {
      if (value === null || value === 0) return [];
      from += value;
      const [x1, x2] = [group + (1 - filled) / 2, group + (1 + filled) / 2];
      return [{ x1, x2, from: from - value, end: from, color: colors[series] ?? '', text: '' }];
    });
  });
  const top = bars.reduce((max, { end }) => Math.max(max, end), 0);
  return barsPanel({ title, label, groups, bars, domain: [0, top * 1.15 || 1] });
}

interface Bars {
  readonly title: string;
  readonly label: string;
  readonly groups: readonly BarGroup[];
  readonly bars: readonly Bar[];
  readonly domain: readonly [number, number];
}

/** Values are written where all of them fit, names as often as they fit. */
function barsPanel({ title, label, groups, bars, domain }: Bars): Panel {
  const count = Math.max(1, groups.length);
  const texts = (isUp: boolean, { theme }: Canvas) =>
    Plot.text(
      bars.filter(({ end }) => end >= 0 === isUp),
      { x: ({ x1, x2 }: Bar) => (x1 + x2) / 2, y: 'end', text: 'text', dy: isUp ? -8 : 10, fill: theme.ink, fontSize: fontSizes.small },
    );
  const fit = ({ widthPixels }: Canvas): boolean =>
    bars.every(({ x1, x2, text }) => textWidth(text, fontSizes.small) * 0.9 <= ((x2 - x1) / 0.94) * ((widthPixels - 100) / count) + 8);
  return {
    title,
    plot: (canvas) => ({
      x: axis('', { domain: [0, count], axis: null }),
      y: axis(label, { domain: [...domain], tickFormat: tickText }),
      marks: [
        Plot.gridY({ stroke: canvas.theme.grid, strokeOpacity: 1, ticks: 5 }),
        Plot.rect(bars, { x1: 'x1', x2: 'x2', y1: 'from', y2: 'end', fill: 'color' }),
        ...(fit(canvas) ? [texts(true, canvas), texts(false, canvas)] : []),
        Plot.ruleY([0], { stroke: canvas.theme.ink }),
      ],
    }),
    overlay: (frame, add) => {
      if (bars.every(({ from, end }) => from === end)) drawNone(frame, add);
      const longest = Math.max(0, ...groups.flatMap(({ name }) => name.split('\n').map((line) => textWidth(line, fontSizes.small))));
      // Names of configurations are capitals and digits, wider than other text.
      const step = Math.max(1, Math.ceil(((longest * 1.15 + 6) * count) / (frame.right - frame.left)));
      groups.forEach(({ name }, group) => {
        if (group % step !== 0) return;
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

/** Nothing to see is said, or the panel would look broken. */
export function drawNone({ left, right, top, bottom }: Frame, add: AddShape): void {
  add('text', { x: (left + right) / 2, y: (top + bottom) / 2, 'text-anchor': 'middle', 'font-size': fontSizes.text }, 'none');
}

interface Bar {
  readonly x1: number;
  readonly x2: number;
  readonly from: number;
  readonly end: number;
  readonly color: string;
  readonly text: string;
}
