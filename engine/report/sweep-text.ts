/** Values of axes of a sweep as text, for the terminal and for pages. */
import type { Unit } from '../scenario/kind.js';

/** The units of metrics by path, as the manifest has them. */
export type Units = ReadonlyMap<string, Unit>;

/** A value of an axis, which has no unit that is known here: as it is written, long decimals cut. A map is the list of what is in it. */
export function axisValueText(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${value.map(axisValueText).join(', ')}]`;
  if (!isMap(value)) return String(value);
  const leaves = leavesOf(value);
  return leaves.length === 0 ? 'none' : leaves.map(leafText).join(', ');
}

/** The same for all values of one axis; of maps only what tells them apart. */
export function axisValueTexts(values: readonly unknown[]): readonly string[] {
  const maps = values.filter(isMap);
  if (values.length < 2 || maps.length < values.length) return values.map(axisValueText);
  const all = maps.map((map) => leavesOf(map).map(leafText));
  const isShared = (leaf: string): boolean => all.every((leaves) => leaves.includes(leaf));
  return all.map((leaves) => leaves.filter((leaf) => !isShared(leaf)).join(', ') || 'none');
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a map holds at its ends, by dotted path. */
function leavesOf(map: object, prefix = ''): readonly (readonly [path: string, value: unknown])[] {
  return Object.entries(map).flatMap(([key, value]: [string, unknown]) =>
    isMap(value) ? leavesOf(value, `${prefix}${key}.`) : [[`${prefix}${key}`, value] as const],
  );
}

function leafText([path, value]: readonly [path: string, value: unknown]): string {
  return `${path} ${axisValueText(value)}`;
}

/** A part of the whole. */
export function shareText(fraction: number): string {
  const percent = fraction * 100;
  return `${percent >= 99.5 ? '100' : percent.toPrecision(2)} %`;
}

/** Labels of points without the parts (between `_`) that all of them share at the same place; `base` for the one that has no other. */
export function shortLabels(labels: readonly string[]): readonly string[] {
  const parts = labels.map((label) => label.split('_'));
  const isShared = (place: number): boolean => parts.every((one) => one[place] !== undefined && one[place] === parts[0]?.[place]);
  return parts.map((one) => one.filter((_, place) => !isShared(place)).join(' ') || 'base');
}
