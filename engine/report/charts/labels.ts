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

/** Names that find a place, in the order of the points: right, left, above or below. Names outside of the frame have none. */
export function placeLabels(points: readonly NamedPoint[], frame: Box): PlacedLabel[] {
  const taken: Box[] = points.map(({ x, y }) => ({ left: x - 6, right: x + 6, top: y - 6, bottom: y + 6 }));
  const placed: PlacedLabel[] = [];
  for (const { label, x, y } of points) {
    const width = textWidth(label, size);
    const sides: readonly PlacedLabel[] = [
      { label, x: x + gap, y: y + size * 0.35, anchor: 'start' },
      { label, x: x - gap, y: y + size * 0.35, anchor: 'end' },
      { label, x, y: y - gap, anchor: 'middle' },
      { label, x, y: y + gap + size * 0.7, anchor: 'middle' },
    ];
    const side = sides.find((candidate) => {
      const box = boxOf(candidate, width);
      return isInside(box, frame) && !taken.some((other) => overlap(box, other));
    });
    if (side === undefined) continue;
    taken.push(boxOf(side, width));
    placed.push(side);
  }
  return placed;
}

/** Writes the names that find a place. */
export function drawLabels(points: readonly NamedPoint[], frame: Frame, theme: Theme, add: AddShape): void {
  for (const { label, x, y, anchor } of placeLabels(points, frame)) {
    add('text', { x, y, 'text-anchor': anchor, 'font-size': size, fill: theme.muted }, label);
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
