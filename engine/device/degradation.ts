/**
 * D(t), the part of its bandwidth that a drive has lost after t seconds of load, from two measurements: B(t) = B0 (1 - D(t)). Two points
 * fix one parameter, so the shape is the caller's assumption, and says so:
 *
 *   linear       D = r t, to the second measurement, and constant from there
 *   exponential  D = 1 - e^(-t/T): the same part is lost in each stretch of time, without an end
 *   settling     D = Dend (1 - e^(-4 t/tend)): falls fast and settles on the second measurement (98 % of the way there at tend)
 *
 * Source of the use: the put-rate document's Physical_Degradation; its drive fell from 4,116.6 to 1,074.8 MiB/s in 120 minutes, D = 0.739.
 */
import { PutmodelError } from '../kernel/errors.js';
import { exp, log } from '../kernel/math.js';
import type { Timeline } from './timeline.js';

export type DegradationShape = 'linear' | 'exponential' | 'settling';

/** One measured bandwidth. */
export interface BandwidthPoint {
  readonly atSec: number;
  readonly bytesPerSec: number;
}

/** A fitted profile. */
export interface DegradationProfile {
  readonly shape: DegradationShape;
  readonly freshBytesPerSec: number;
  readonly endSec: number;
  /** D at the second measurement, 0 to below 1. */
  readonly endFraction: number;
}

/**
 * The profile through a fresh and a later measurement; times count from the fresh one.
 * @throws PutmodelError INPUT_INVALID unless the second is later, not faster, and both are above 0
 */
export function fitDegradation(fresh: BandwidthPoint, later: BandwidthPoint, shape: DegradationShape): DegradationProfile {
  const isGood =
    later.atSec > fresh.atSec && later.bytesPerSec > 0 && later.bytesPerSec <= fresh.bytesPerSec && fresh.bytesPerSec < Infinity;
  if (!isGood) {
    throw new PutmodelError({
      code: 'INPUT_INVALID',
      message: 'no degradation between these measurements',
      found: `${String(fresh.bytesPerSec)} B/s at ${String(fresh.atSec)} s, ${String(later.bytesPerSec)} B/s at ${String(later.atSec)} s`,
      expected: 'a later bandwidth above 0 that is not above the first',
    });
  }
  const endFraction = 1 - later.bytesPerSec / fresh.bytesPerSec;
  return { shape, freshBytesPerSec: fresh.bytesPerSec, endSec: later.atSec - fresh.atSec, endFraction };
}

/** How fast `settling` settles: e^-4 = 1.8 % is left at the second measurement. Our choice. */
const settlingFactor = 4;

/** D(t), 0 to below 1; t in seconds from 0. */
export function degradedFraction({ shape, endSec, endFraction }: DegradationProfile, sec: number): number {
  const part = Math.max(0, sec) / endSec;
  switch (shape) {
    case 'linear':
      return endFraction * Math.min(1, part);
    case 'exponential':
      return endFraction === 0 ? 0 : 1 - exp(part * log(1 - endFraction));
    case 'settling':
      return (endFraction * (1 - exp(-settlingFactor * part))) / (1 - exp(-settlingFactor));
  }
}

/** Write (and, where asked, read) limits of a device that degrades so, in steps of `stepSec` until `endSec` and constant from there. */
export function degradationTimeline(
  profile: DegradationProfile,
  options: { readonly stepSec?: number; readonly reads?: boolean; readonly source: string },
): Timeline {
  const stepSec = options.stepSec ?? 60;
  const count = Math.ceil(profile.endSec / stepSec) + 1;
  const times = Array.from({ length: count }, (_, index) => Math.min(profile.endSec, index * stepSec));
  const rates = times.map((sec) => profile.freshBytesPerSec * (1 - degradedFraction(profile, sec)));
  return {
    source: options.source,
    atMicros: times.map((sec) => Math.round(sec * 1e6)),
    readBytesPerSec: options.reads === true ? rates : rates.map(() => null),
    writeBytesPerSec: rates,
  };
}
