/** When and how much writers were held, as the LSM pictures show it: pale bands behind a curve, and a strip of waiting above it. */
import * as Plot from '@observablehq/plot';
import type { AddShape, Canvas, Frame, LegendEntry } from './drawing.js';
import { fontSizes } from './theme.js';

/** A stretch of time in which writes were held. */
export interface StallBand {
  readonly startSec: number;
  readonly endSec: number;
  readonly state: 'delayed' | 'stopped';
}

/** Holding of writers, one entry an interval. */
export interface StallSeries {
  readonly intervalSec: number;
  /** 0 normal, 1 delayed, 2 stopped: the worst state in the interval. */
  readonly state: ArrayLike<number>;
  /** How long of the interval the write-group leader waited, by why. */
  readonly delayedSec: ArrayLike<number>;
  readonly stoppedSec: ArrayLike<number>;
}

/** Bands, and columns of the strip: more cannot be told apart on a screen. */
const binsMax = 400;

/**
 * Stretches of one state. Long runs are cut into 400 bins, each with its commonest state, of equals the worst: short stops inside a
 * long delay do not show here, but in the strip.
 */
export function stallBands({ intervalSec, state }: StallSeries): StallBand[] {
  const bands: StallBand[] = [];
  for (const { from, to } of binsOf(state.length)) {
    const commonest = commonestState(state, from, to);
    if (commonest === 0) continue;
    const band = { startSec: from * intervalSec, endSec: to * intervalSec, state: commonest === 2 ? 'stopped' : 'delayed' } as const;
    const last = bands.at(-1);
    if (last?.state === band.state && last.endSec === band.startSec) bands[bands.length - 1] = { ...last, endSec: band.endSec };
    else bands.push(band);
  }
  return bands;
}

/** The bands as marks that lie under everything; x is in units of `unitSec`. */
export function bandMarks(stalls: StallSeries, unitSec: number, { theme }: Canvas): Plot.Markish[] {
  const bands = stallBands(stalls);
  const mark = (state: StallBand['state'], fillOpacity: number): Plot.Markish =>
    Plot.rectX(
      bands.filter((band) => band.state === state),
      {
        x1: ({ startSec }: StallBand) => startSec / unitSec,
        x2: ({ endSec }: StallBand) => endSec / unitSec,
        fill: state === 'stopped' ? theme.stopped : theme.delayed,
        fillOpacity,
      },
    );
  return [mark('delayed', 0.2), mark('stopped', 0.35)];
}

/** What the colours of bands and strips mean. */
export function stallLegend({ theme }: Canvas): LegendEntry[] {
  return [
    { label: 'writes delayed', color: theme.delayed, shape: 'area' },
    { label: 'writes stopped', color: theme.stopped, shape: 'area' },
  ];
}

/** Pixels above the frame that `drawWaiting` needs. */
export const waitingRoom = 52;
const stripHeight = 40;

/** The strip above the frame: its height is all the time there was, filled by how much of it the writers waited. */
export function drawWaiting(stalls: StallSeries, unitSec: number, frame: Frame, { theme }: Canvas, add: AddShape): void {
  const top = frame.top - waitingRoom;
  const bottom = top + stripHeight;
  add('rect', { x: frame.left, y: top, width: frame.right - frame.left, height: stripHeight, fill: theme.surface, stroke: theme.grid });
  const columns = binsOf(stalls.state.length).map(({ from, to }) => {
    const span = (to - from) * stalls.intervalSec;
    const stopped = Math.min(1, sumOf(stalls.stoppedSec, from, to) / span);
    const waiting = Math.min(1, stopped + sumOf(stalls.delayedSec, from, to) / span);
    const place = (index: number): number => frame.x((index * stalls.intervalSec) / unitSec);
    return { left: place(from), right: Math.min(frame.right, place(to)), stopped, waiting };
  });
  const outline = (read: (column: (typeof columns)[number]) => number): string =>
    columns
      .filter((column) => read(column) > 0)
      .map((column) => {
        const { left, right } = column;
        const height = read(column) * stripHeight;
        return `M${pixels(left)} ${pixels(bottom)}v${pixels(-height)}h${pixels(right - left)}v${pixels(height)}z`;
      })
      .join('');
  add('path', { d: outline(({ waiting }) => waiting), fill: theme.delayed });
  add('path', { d: outline(({ stopped }) => stopped), fill: theme.stopped });
  const text = { x: frame.left - 8, 'text-anchor': 'end', 'font-size': fontSizes.small, fill: theme.muted };
  add('text', { ...text, y: top + stripHeight / 2 - 3 }, 'writers');
  add('text', { ...text, y: top + stripHeight / 2 + 11 }, 'waiting');
}

function binsOf(count: number): { readonly from: number; readonly to: number }[] {
  const width = Math.max(1, Math.ceil(count / binsMax));
  return Array.from({ length: Math.ceil(count / width) }, (_, bin) => ({ from: bin * width, to: Math.min(count, (bin + 1) * width) }));
}

function commonestState(states: ArrayLike<number>, from: number, to: number): number {
  const counts = [0, 0, 0];
  for (let index = from; index < to; index++) counts[states[index] ?? 0] = (counts[states[index] ?? 0] ?? 0) + 1;
  return counts.lastIndexOf(Math.max(...counts));
}

function sumOf(values: ArrayLike<number>, from: number, to: number): number {
  let sum = 0;
  for (let index = from; index < to; index++) sum += values[index] ?? 0;
  return sum;
}

function pixels(value: number): string {
  return String(Math.round(value * 100) / 100);
}
