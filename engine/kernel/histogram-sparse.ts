/** A histogram without its empty slots, as plain data: small enough to send with every run, and exact. */
import { invariant } from './errors.js';
import { widenExtremes, type Histogram } from './histogram.js';

/** Slots ascend; `counts[i]` values fell into `slots[i]`. `extremes` as in `Histogram`, null where nothing was recorded. */
export interface SparseHistogram {
  readonly lowestDiscernibleMicros: number;
  readonly highestTrackableMicros: number;
  readonly significantDigits: number;
  readonly slots: readonly number[];
  readonly counts: readonly number[];
  readonly extremes: readonly [minMicros: number, maxMicros: number, clampedCount: number] | null;
}

/** The histogram without its empty slots. */
export function toSparse(histogram: Histogram): SparseHistogram {
  const { lowestDiscernibleMicros, highestTrackableMicros, significantDigits } = histogram;
  const slots: number[] = [];
  const counts: number[] = [];
  for (let slot = 0; slot < histogram.counts.length; slot++) {
    const count = histogram.counts[slot]!;
    if (count === 0) continue;
    slots.push(slot);
    counts.push(count);
  }
  const [min = 0, max = 0, clamped = 0] = histogram.extremes;
  const extremes = slots.length === 0 ? null : ([min, max, clamped] as const);
  return { lowestDiscernibleMicros, highestTrackableMicros, significantDigits, slots, counts, extremes };
}

/** Adds every count of `source` to `target`. @throws InvariantError unless both were made alike and the target's highest is not below. */
export function addSparse(target: Histogram, source: SparseHistogram): void {
  invariant(
    target.lowestDiscernibleMicros === source.lowestDiscernibleMicros &&
      target.highestTrackableMicros >= source.highestTrackableMicros &&
      target.significantDigits === source.significantDigits,
    'histogram: only histograms made with the same options can be added',
  );
  source.slots.forEach((slot, i) => (target.counts[slot]! += source.counts[i]!));
  if (source.extremes === null) return;
  const [min, max, clamped] = source.extremes;
  widenExtremes(target, min, max);
  target.extremes[2]! += clamped;
}
