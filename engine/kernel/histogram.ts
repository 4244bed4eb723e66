/**
 * Latency histogram with HdrHistogram's bucket layout (Gil Tene, hdrhistogram.org): relative error below 10^-significantDigits over the
 * whole range, whatever the values. Plain data with functions over it, so that it crosses threads by structured clone; the codec to
 * HdrHistogram's own formats is histogram-codec.ts.
 *
 * With 3 digits, bucket 0 has 2048 slots one unit wide; each later bucket covers the next power of two with 1024 slots twice as wide:
 *
 *   slot    0 ......................... 2047 | 2048 ........ 3071 | 3072 ........ 4095 | ...
 *   micros  0 1 2 ..................... 2047 | 2048 2050 ... 4094 | 4096 4100 ... 8188 | ...
 *   bucket  0                                | 1                  | 2                  |
 */
import { invariant } from './errors.js';
import { log2, power } from './math.js';

/** What a histogram is made for. */
export interface HistogramOptions {
  /** Smallest difference that matters, whole micros from 1, below 2^31; slots are as wide as the power of two at or below it. Default 1. */
  readonly lowestDiscernibleMicros?: number;
  /** Largest value told apart; larger ones are counted as this one. At least twice the lowest, below 2^52. Default 3,600,000,000 (1 h). */
  readonly highestTrackableMicros?: number;
  /** Decimal digits kept, 0 to 5. Default 3. */
  readonly significantDigits?: number;
}

/** A histogram of micros. Made by `createHistogram`; changed only by the `record` functions and `addHistogram`. */
export interface Histogram {
  readonly lowestDiscernibleMicros: number;
  readonly highestTrackableMicros: number;
  readonly significantDigits: number;
  /** log2 of the width of the narrowest slots (HdrHistogram's unitMagnitude). */
  readonly unitBits: number;
  /** log2 of the slots in every bucket but the first, which has twice as many (HdrHistogram's subBucketHalfCountMagnitude). */
  readonly slotBits: number;
  /** Largest offset into bucket 0: its number of slots less 1. */
  readonly slotMask: number;
  /** counts[slot]: how many values fell there; each below 2^53. */
  readonly counts: Float64Array;
  /**
   * [0] smallest value recorded (Infinity: none), [1] largest after clamping (-1: none), [2] how many were above the highest, [3] at most
   * the largest, and what 32-bit arithmetic takes (-1: none): a value from the smallest to this one changes nothing but a count.
   */
  readonly extremes: Float64Array;
}

const MIN = 0;
const MAX = 1;
const CLAMPED = 2;
const DIRECT = 3;
const INT32_MAX = 2_147_483_647;

/** An empty histogram; 3 digits from 1 us to 1 h (23,552 slots, 184 KiB) unless told otherwise. @throws InvariantError out of range. */
export function createHistogram(options: HistogramOptions = {}): Histogram {
  const lowest = options.lowestDiscernibleMicros ?? 1;
  const highest = options.highestTrackableMicros ?? 3_600_000_000;
  const digits = options.significantDigits ?? 3;
  invariant(
    Number.isInteger(lowest) && lowest >= 1 && lowest <= INT32_MAX,
    'histogram: lowestDiscernibleMicros must be whole, 1 to 2^31 - 1',
  );
  invariant(Number.isSafeInteger(highest) && highest < 4503599627370496, 'histogram: highestTrackableMicros must be whole, below 2^52');
  invariant(highest >= 2 * lowest, 'histogram: highestTrackableMicros must be at least twice lowestDiscernibleMicros');
  invariant(Number.isInteger(digits) && digits >= 0 && digits <= 5, 'histogram: significantDigits must be 0 to 5');
  // "+/- 1 unit at 1000" asks for single units up to 2 * 10^digits: at 1999 two units would be too coarse.
  let slotBits = 0;
  while (power(2, slotBits + 1) < 2 * power(10, digits)) slotBits += 1;
  const unitBits = Math.floor(log2(lowest));
  let bucketCount = 1;
  for (let end = power(2, slotBits + 1 + unitBits); end <= highest; end *= 2) bucketCount += 1;
  return {
    lowestDiscernibleMicros: lowest,
    highestTrackableMicros: highest,
    significantDigits: digits,
    unitBits,
    slotBits,
    slotMask: (2 << slotBits) - 1,
    counts: new Float64Array((bucketCount + 1) * (1 << slotBits)),
    extremes: Float64Array.of(Infinity, -1, 0, -1),
  };
}

/**
 * Counts one value of `micros`, a whole number from 0 (the caller rounds; fractions are cut). Above the highest it is counted as the
 * highest and in `clampedCount`, never lost. Allocates nothing. @throws InvariantError for a negative value or NaN.
 */
export function recordValue(histogram: Histogram, micros: number): void {
  const { extremes } = histogram;
  // One test for all that is rare: a new extreme, a value that is large or none.
  if (!(micros >= extremes[MIN]! && micros <= extremes[DIRECT]!)) {
    recordValueWithCount(histogram, micros, 1);
    return;
  }
  const units = micros >> histogram.unitBits;
  // Bucket 0 is lifted to its top bit: no branch on size, which latencies would mispredict.
  const bucket = 31 - histogram.slotBits - Math.clz32(units | histogram.slotMask);
  histogram.counts[(bucket << histogram.slotBits) + (units >>> bucket)]! += 1;
}

/** `recordValue` for `count` equal values: a whole number from 0, below 2^53 in every slot's sum. @throws InvariantError otherwise. */
export function recordValueWithCount(histogram: Histogram, micros: number, count: number): void {
  invariant(Number.isSafeInteger(count) && count >= 0, 'histogram: a count must be a whole number from 0 to 2^53 - 1');
  invariant(micros >= 0, 'histogram: a value must be a number from 0');
  if (count === 0) return;
  const value = Math.min(micros, histogram.highestTrackableMicros);
  const extremes = histogram.extremes;
  if (value < micros) extremes[CLAMPED]! += count;
  widenExtremes(histogram, value, value);
  histogram.counts[slotOf(histogram, value)]! += count;
}

/** Values from `minMicros` to `maxMicros` have been counted: those of a histogram, both as it has them. */
export function widenExtremes({ extremes, highestTrackableMicros }: Histogram, minMicros: number, maxMicros: number): void {
  if (minMicros < extremes[MIN]!) extremes[MIN] = minMicros;
  if (maxMicros > extremes[MAX]!) extremes[MAX] = maxMicros;
  extremes[DIRECT] = Math.min(extremes[MAX]!, highestTrackableMicros, INT32_MAX);
}

/** The largest value is known exactly, where decoding knew its slot only. */
export function narrowMax(histogram: Histogram, micros: number): void {
  histogram.extremes[MAX] = Math.min(micros, maxMicros(histogram));
  histogram.extremes[DIRECT] = Math.min(histogram.extremes[MAX], histogram.highestTrackableMicros, INT32_MAX);
}

function slotOf(histogram: Histogram, micros: number): number {
  const { slotBits, unitBits, slotMask } = histogram;
  // clz32 sees 32 bits and a slot needs the top 18 at most, so of larger values (36 minutes) the low bits go first.
  let rest = micros;
  let dropped = 0;
  for (; rest > INT32_MAX; dropped += 1) rest = Math.floor(rest / 2);
  const fewer = Math.min(dropped, unitBits);
  const units = rest >> (unitBits - fewer);
  const bucket = 31 - slotBits - Math.clz32(units | slotMask);
  return ((bucket + dropped - fewer) << slotBits) + (units >>> bucket);
}

function bucketOf(histogram: Histogram, slot: number): number {
  return Math.max((slot >> histogram.slotBits) - 1, 0);
}

/** Width of a slot in micros. */
function slotMicros(histogram: Histogram, slot: number): number {
  return power(2, bucketOf(histogram, slot) + histogram.unitBits);
}

/** Smallest value of a slot. */
function slotLowMicros(histogram: Histogram, slot: number): number {
  return (slot - (bucketOf(histogram, slot) << histogram.slotBits)) * slotMicros(histogram, slot);
}

/** Adds every count of `source` to `target`. @throws InvariantError unless both were made alike and the target's highest is not below. */
export function addHistogram(target: Histogram, source: Histogram): void {
  invariant(
    target.lowestDiscernibleMicros === source.lowestDiscernibleMicros &&
      target.highestTrackableMicros >= source.highestTrackableMicros &&
      target.significantDigits === source.significantDigits,
    'histogram: only histograms made with the same options can be added',
  );
  const end = usedSlots(source);
  for (let slot = 0; slot < end; slot += 1) target.counts[slot]! += source.counts[slot]!;
  widenExtremes(target, source.extremes[MIN]!, source.extremes[MAX]!);
  target.extremes[CLAMPED]! += source.extremes[CLAMPED]!;
}

/** How many values were recorded. */
export function totalCount(histogram: Histogram): number {
  const { counts } = histogram;
  const end = usedSlots(histogram);
  let total = 0;
  for (let slot = 0; slot < end; slot += 1) total += counts[slot]!;
  return total;
}

/** Slots up to that of the largest value: there is nothing in the others. */
function usedSlots(histogram: Histogram): number {
  const max = histogram.extremes[MAX]!;
  return max < 0 ? 0 : slotOf(histogram, max) + 1;
}

/** How many of them were above the highest and counted as it. */
export function clampedCount(histogram: Histogram): number {
  return histogram.extremes[CLAMPED]!;
}

/** Smallest value recorded, exact; 0 when empty. After `decodeV2Base64` the low end of the first slot. */
export function minMicros(histogram: Histogram): number {
  const min = histogram.extremes[MIN]!;
  return min === Infinity ? 0 : min;
}

/** Largest value recorded, exact (clamped values count as the highest); 0 when empty. After `decodeV2Base64` the high end of the last slot. */
export function maxMicros(histogram: Histogram): number {
  return Math.max(histogram.extremes[MAX]!, 0);
}

/**
 * The value that `percent` (0 to 100, larger counts as 100) of all values are at or below, to the histogram's precision: the largest
 * value of the slot where the running count gets there, the smallest for percent 0; 0 when empty. The same number as
 * hdr-histogram-js's getValueAtPercentile. @throws InvariantError for NaN.
 */
export function valueAtPercentile(histogram: Histogram, percent: number): number {
  invariant(!Number.isNaN(percent), 'histogram: a percentile must be a number');
  const wanted = (Math.min(percent, 100) / 100) * totalCount(histogram);
  // The product may be an ulp above the whole number it stands for; rounding that up would skip a value.
  const rank = Math.max(Math.ceil(wanted - (wanted > 0 ? power(2, Math.floor(log2(wanted)) - 52) : 0)), 1);
  const end = usedSlots(histogram);
  let seen = 0;
  for (let slot = 0; slot < end; slot += 1) {
    seen += histogram.counts[slot]!;
    if (seen < rank) continue;
    const low = slotLowMicros(histogram, slot);
    return percent === 0 ? low : low + slotMicros(histogram, slot) - 1;
  }
  return 0;
}

/** `valueAtPercentile`, but never above the largest value recorded, in whose slot it may lie. @throws InvariantError for NaN. */
export function percentileMicros(histogram: Histogram, percent: number): number {
  return Math.min(valueAtPercentile(histogram, percent), maxMicros(histogram));
}

/** Mean, each value taken as the middle of its slot (as HdrHistogram does, so that it survives encoding); 0 when empty. */
export function meanMicros(histogram: Histogram): number {
  let sum = 0;
  let total = 0;
  forEachBucket(histogram, (low, high, count) => {
    sum += middle(low, high) * count;
    total += count;
  });
  return total === 0 ? 0 : sum / total;
}

/** `meanMicros`, but never above the largest value recorded, in whose slot it may lie; 0 when empty. */
export function boundedMeanMicros(histogram: Histogram): number {
  return Math.min(meanMicros(histogram), maxMicros(histogram));
}

/** Standard deviation of the whole population, from slot middles; 0 when empty. */
export function stdDevMicros(histogram: Histogram): number {
  const mean = meanMicros(histogram);
  let sum = 0;
  let total = 0;
  forEachBucket(histogram, (low, high, count) => {
    const deviation = middle(low, high) - mean;
    sum += deviation * deviation * count;
    total += count;
  });
  return total === 0 ? 0 : Math.sqrt(sum / total);
}

/** Middle of a slot, rounded up. */
function middle(lowMicros: number, highMicros: number): number {
  return lowMicros + Math.floor((highMicros - lowMicros + 1) / 2);
}

/** Calls `visit` for every slot that holds values, ascending; the slot's values are lowMicros to highMicros, both included. */
export function forEachBucket(histogram: Histogram, visit: (lowMicros: number, highMicros: number, count: number) => void): void {
  for (let slot = 0; slot < histogram.counts.length; slot += 1) {
    const count = histogram.counts[slot]!;
    if (count === 0) continue;
    const low = slotLowMicros(histogram, slot);
    visit(low, low + slotMicros(histogram, slot) - 1, count);
  }
}

/** The sum of histograms made with the same options, as a new one; null for none. Percentiles over runs are taken from it, never averaged. */
export function mergeHistograms(histograms: readonly Histogram[]): Histogram | null {
  const [first] = histograms;
  if (first === undefined) return null;
  const merged = createHistogram(first);
  for (const histogram of histograms) addHistogram(merged, histogram);
  return merged;
}
