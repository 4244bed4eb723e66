/** Values of fields as people read and type them: sizes as `16 MiB` where that is exact, counts as plain numbers. */
import { PutmodelError } from '../kernel/errors.js';
import { formatCount, GIB, KIB, MIB, parseBytes, parseBytesPerSec, TIB } from '../kernel/units.js';
import type { Field } from './field.js';

/** A value as it stands in its field; reads back as the same value. */
export function fieldText(field: Pick<Field, 'unit'>, value: unknown): string {
  if (typeof value !== 'number') return typeof value === 'string' || typeof value === 'boolean' ? String(value) : JSON.stringify(value);
  if (field.unit === 'bytes') return bytesText(value);
  if (field.unit === 'bytesPerSec') return `${bytesText(value)}${value >= KIB && value % KIB === 0 ? '/s' : ''}`;
  return Number.isInteger(value) && value <= Number.MAX_SAFE_INTEGER ? formatCount(value) : String(value);
}

function bytesText(value: number): string {
  const units = [
    ['TiB', TIB],
    ['GiB', GIB],
    ['MiB', MIB],
    ['KiB', KIB],
  ] as const;
  if (value > Number.MAX_SAFE_INTEGER) return String(value);
  const [name, size] = units.find(([, bytes]) => value >= bytes && value % bytes === 0) ?? ['', 1];
  return name === '' ? formatCount(value) : `${formatCount(value / size)} ${name}`;
}

/** What a text in a field means: a value, nothing (the default holds), or what is wrong with it. */
export type ReadField = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string };

/** Reads a field's text. Ranges are for the schema to check, so that the page and the command line say the same. */
export function readField(field: Pick<Field, 'unit' | 'kind'>, text: string): ReadField {
  const plain = text.trim();
  if (plain === '') return { ok: true, value: undefined };
  if (field.kind === 'boolean') return { ok: true, value: plain === 'true' };
  if (field.kind === 'choice' || field.kind === 'text') return { ok: true, value: plain };
  const digits = plain.replaceAll(/(?<=\d),(?=\d{3})/g, '');
  try {
    if (field.unit === 'bytes') return { ok: true, value: parseBytes(digits) };
    if (field.unit === 'bytesPerSec') return { ok: true, value: parseBytesPerSec(digits) };
  } catch (error) {
    if (!(error instanceof PutmodelError)) throw error;
    return { ok: false, message: error.message };
  }
  const value = Number(digits);
  return Number.isFinite(value) ? { ok: true, value } : { ok: false, message: `not a number: ${plain}` };
}

/** The index of the stop nearest to a value; of two as near, the larger one. */
export function nearestStop(stops: readonly number[], value: number): number {
  let nearest = 0;
  for (let index = 1; index < stops.length; index++) {
    if (Math.abs((stops[index] ?? 0) - value) <= Math.abs((stops[nearest] ?? 0) - value)) nearest = index;
  }
  return nearest;
}
