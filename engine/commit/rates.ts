/**
 * Rates that change over time. Ticks and pauses are even in rate time, which runs `factor` times as fast as the clock, so that a burst
 * between two ticks has its part of them and a rate of nothing stands still:
 *
 *   factor      1          3       0        1
 *   clock    0 ------ 10 ---- 20 ----- 30 ------>
 *   rate     0 ------ 10 ---- 40 ----- 40 ------>
 */
import { TICK } from './events.js';
import type { RateFactor } from './scenario.js';
import type { State } from './state.js';

/** Pieces of one factor: where each begins on the clock and in rate time. Both ascend; the first begins at 0. */
export interface RateClock {
  readonly fromMicros: Float64Array;
  readonly rateMicros: Float64Array;
  readonly factors: Float64Array;
}

/** The clock of a scenario's factors; without any, rate time is the clock's. */
export function createRateClock(points: readonly RateFactor[]): RateClock {
  const pieces = points[0]?.atSec === 0 ? points : [{ atSec: 0, factor: 1 }, ...points];
  const fromMicros = Float64Array.from(pieces, ({ atSec }) => atSec * 1e6);
  const factors = Float64Array.from(pieces, ({ factor }) => factor);
  const rateMicros = new Float64Array(pieces.length);
  for (let i = 1; i < pieces.length; i++) {
    rateMicros[i] = rateMicros[i - 1]! + (fromMicros[i]! - fromMicros[i - 1]!) * factors[i - 1]!;
  }
  return { fromMicros, rateMicros, factors };
}

/** A time of the clock in rate time. */
export function toRateMicros({ fromMicros, rateMicros, factors }: RateClock, micros: number): number {
  const piece = lastUpTo(fromMicros, micros);
  return rateMicros[piece]! + (micros - fromMicros[piece]!) * factors[piece]!;
}

/** The last time of the clock at which rate time is this; Infinity where it never passes it. */
export function toClockMicros({ fromMicros, rateMicros, factors }: RateClock, rate: number): number {
  const piece = lastUpTo(rateMicros, rate);
  return factors[piece]! > 0 ? fromMicros[piece]! + (rate - rateMicros[piece]!) / factors[piece]! : Infinity;
}

/** Index of the last of ascending values that is not above; the first is not. */
function lastUpTo(values: Float64Array, value: number): number {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (values[middle]! <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** A client ticks when rate time is this, if the run lasts until then. */
export function pushTick({ queue, scenario, rateClock }: State, client: number, rate: number): void {
  const micros = Math.round(toClockMicros(rateClock, rate));
  if (micros < scenario.durationMicros) queue.push(Math.max(micros, queue.timeMicros), TICK, client);
}
