/** Names beside points, so that none covers another or a point: each takes the first free side, and stays away where there is none. */
import type { AddShape, Frame } from './drawing.js';
import { fontSizes, textWidth, type Theme } from './theme.js';

/** A point in pixels and its name. */
export interface NamedPoint {
  readonly label: string;
  readonly x: number;
  readonly y: number;
}

/** Where a name stands: its anchor point and the box it covers. */
export interface PlacedLabel {
  readonly label: string;
  readonly x: number;
  readonly y: number;
  readonly anchor: 'start' | 'end' | 'middle';
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const gap = 11;
const size = fontSizes.small;

/** Sides in the order in which they are tried: points on a flat line take `vertical`. */
export type LabelSides = 'horizontal' | 'vertical';

/** Names that find a place, in the order of the points: right, left, above or below (or above and below first). Names outside of the frame have none. */
export function placeLabels(points: readonly NamedPoint[], frame: Box, first: LabelSides = 'horizontal'): PlacedLabel[] {
  const taken: Box[] = points.map(({ x, y }) => ({ left: x - 6, right: x + 6, top: y - 6, bottom: y + 6 }));
  const placed: PlacedLabel[] = [];
  for (const { label, x, y } of points) {
    if (label === '') continue;
    const width = textWidth(label, size);
    const beside: readonly PlacedLabel[] = [
      { label, x: x + gap, y: y + size * 0.35, anchor: 'start' },
      { label, x: x - gap, y: y + size * 0.35, anchor: 'end' },
    ];
    const over: readonly PlacedLabel[] = [
      { label, x, y: y - gap, anchor: 'middle' },
      { label, x, y: y + gap + size * 0.7, anchor: 'middle' },
    ];
    const side = (first === 'horizontal' ? [...beside, ...over] : [...over, ...beside]).find((candidate) => {
      const box = boxOf(candidate, width);
      return isInside(box, frame) && !taken.some((other) => overlap(box, other));
    });
    if (side === undefined) continue;
    taken.push(boxOf(side, width));
    placed.push(side);
  }
  return placed;
}

/** Writes the names that find a place; points without a name are only kept free. */
export function drawLabels(
  points: readonly NamedPoint[],
  frame: Frame,
  theme: Theme,
  add: AddShape,
  first: LabelSides = 'horizontal',
): void {
  for (const { label, x, y, anchor } of placeLabels(points, frame, first)) {
    add('text', { x, y, 'text-anchor': anchor, 'font-size': size, fill: theme.muted }, label);
  }
}

/** Pixels. */
export const sideLabelSize = 13;

/** Writes texts at the right of the frame, each on its own line at its height or, where that is taken, a little further down. */
export function drawSideLabels(
  texts: readonly { readonly text: string; readonly y: number }[],
  frame: Frame,
  theme: Theme,
  add: AddShape,
): void {
  let free = -Infinity;
  for (const { text, y } of [...texts].sort((a, b) => a.y - b.y)) {
    const place = Math.max(y + 4, free);
    free = place + 16;
    add('text', { x: frame.right + 8, y: place, 'text-anchor': 'start', 'font-size': sideLabelSize, fill: theme.ink }, text);
  }
}

/** Names of lines at the right of the frame, each at its line's end or, where that is taken, a little further down, beside a stroke of its colour. */
export function drawLineNames(
  names: readonly { readonly text: string; readonly y: number; readonly color: string; readonly isDashed?: boolean }[],
  { right }: Frame,
  theme: Theme,
  add: AddShape,
): void {
  let free = -Infinity;
  for (const { text, y, color, isDashed } of [...names].sort((a, b) => a.y - b.y)) {
    const place = Math.max(y + 4, free);
    free = place + 15;
    const dash = isDashed === true ? { 'stroke-dasharray': '4 3' } : {};
    add('line', { x1: right + 6, x2: right + 18, y1: place - 4, y2: place - 4, stroke: color, 'stroke-width': 2, ...dash });
    add('text', { x: right + 22, y: place, 'text-anchor': 'start', 'font-size': size, fill: theme.ink }, text);
  }
}

function boxOf({ x, y, anchor }: PlacedLabel, width: number): Box {
  const left = anchor === 'start' ? x : anchor === 'end' ? x - width : x - width / 2;
  return { left, right: left + width, top: y - size * 0.8, bottom: y + size * 0.2 };
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

function isInside(box: Box, frame: Box): boolean {
  return box.left >= frame.left && box.right <= frame.right && box.top >= frame.top && box.bottom <= frame.bottom;
}
