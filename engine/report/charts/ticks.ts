/** Numbers on axes: short texts, time in the unit that suits its length, and domains that leave room. */
import { formatCount, GIB, MIB, TIB } from '../../kernel/units.js';

/** "0", "0.25", "950", "12.5k", "3M": what fits beside a tick. */
export function tickText(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${shortest(value / 1e6)}M`;
  if (size >= 1e4) return `${shortest(value / 1e3)}k`;
  return size >= 1000 ? formatCount(value) : shortest(value);
}

/** A figure among others that span this much: with the digits that tell it from them, at least three. */
export function tickTextWithin(value: number, span: number): string {
  const digits = span > 0 ? Math.ceil(Math.log10(Math.abs(value) / span || 1)) + 2 : 3;
  const rounded = Number(value.toPrecision(Math.min(12, Math.max(3, digits))));
  // A short text would round again.
  if (digits <= 4) return tickText(rounded);
  const [whole = '', decimals] = String(Math.abs(rounded)).split('.');
  return `${rounded < 0 ? '−' : ''}${formatCount(Number(whole))}${decimals === undefined ? '' : `.${decimals}`}`;
}

/** From the smallest to the largest of the finite values; 0 without any. */
export function spanOf(values: readonly number[]): number {
  const [low, high] = extentOf(values) ?? [0, 0];
  return high - low;
}

function shortest(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function threeDigits(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** Signed: "+5", "0", "−12.5". */
export function signedText(value: number): string {
  const text = tickText(Math.abs(value));
  return value > 0 ? `+${text}` : value < 0 ? `−${text}` : text;
}

/** The unit in which a stretch of time is shown. */
export interface TimeUnit {
  readonly name: 's' | 'min' | 'h';
  readonly sec: number;
}

/** Seconds up to ten minutes, minutes up to three hours, then hours. */
export function timeUnit(spanSec: number): TimeUnit {
  if (spanSec <= 600) return { name: 's', sec: 1 };
  return spanSec <= 3 * 3600 ? { name: 'min', sec: 60 } : { name: 'h', sec: 3600 };
}

/** The unit in which sizes up to this many bytes are shown. */
export function bytesUnit(bytes: number): { readonly name: 'MiB' | 'GiB' | 'TiB'; readonly bytes: number } {
  if (bytes < GIB) return { name: 'MiB', bytes: MIB };
  return bytes < TIB ? { name: 'GiB', bytes: GIB } : { name: 'TiB', bytes: TIB };
}

/** "1 us", "10 ms", "2.5 s": what fits beside a tick. */
export function microsText(micros: number): string {
  if (micros < 1e3) return `${threeDigits(micros)} us`;
  return micros < 1e6 ? `${threeDigits(micros / 1e3)} ms` : `${threeDigits(micros / 1e6)} s`;
}

/** Smallest and largest of the finite values, or null without any. */
export function extentOf(values: Iterable<number>): readonly [min: number, max: number] | null {
  let min = Infinity;
  let max = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  return min <= max ? [min, max] : null;
}

/** Means over consecutive windows, each at its middle, so that `count` values or fewer are left. Windows are whole values long; a single one stands at both its ends, as a point is no line. */
export function binnedMeans(values: ArrayLike<number>, count: number): { readonly at: number; readonly mean: number }[] {
  return binnedRanges(values, count).map(({ at, mean }) => ({ at, mean }));
}

/** `binnedMeans` with the smallest and largest value of each window. */
export function binnedRanges(
  values: ArrayLike<number>,
  count: number,
): { readonly at: number; readonly mean: number; readonly min: number; readonly max: number }[] {
  const width = Math.max(1, Math.ceil(values.length / count));
  const bins = Array.from({ length: Math.ceil(values.length / width) }, (_, bin) => {
    const from = bin * width;
    const to = Math.min(values.length, from + width);
    let total = 0;
    let min = Infinity;
    let max = -Infinity;
    for (let index = from; index < to; index++) {
      const value = values[index] ?? 0;
      total += value;
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
    return { at: (from + to) / 2, mean: total / (to - from), min, max };
  });
  const [only] = bins;
  if (bins.length !== 1 || only === undefined) return bins;
  return [
    { ...only, at: 0 },
    { ...only, at: values.length },
  ];
}
