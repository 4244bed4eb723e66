/**
 * Context-dependent utilisation: small bonuses and penalties on the phase's factor. Off unless asked for, and never used to reproduce the
 * document (decision 1): its own predictions leave it out.
 *
 * Source: put-rate-models.md, "Utilization Factor Selection Logic". What is not known takes that code's defaults, which are themselves inside
 * or outside the ranges that earn a bonus: without any context the factors are x1 (x1.05 above 4000 MiB/s), x1.01 (x1.0302 between 800 and
 * 1200 MiB/s) and x0.9996.
 */
import type { PutRateContext } from './context.js';
import type { Phase } from './phase.js';

/** The factor to use in place of `baseUtilization` (0 to 1); not held below 1. */
export function selectUtilization(phase: Phase, baseUtilization: number, bandwidthMibPerSec: number, context: PutRateContext = {}): number {
  const [first, second] = adjustmentsOf[phase](bandwidthMibPerSec, context);
  return baseUtilization * first * second;
}

const adjustmentsOf: Readonly<Record<Phase, (bandwidthMibPerSec: number, context: PutRateContext) => readonly [number, number]>> = {
  initial: (bandwidthMibPerSec, { variationFraction = 0.538 }) => {
    const freshnessBonus = bandwidthMibPerSec > 4000 ? 1.05 : 1;
    const volatilityPenalty = variationFraction > 0.6 ? 0.95 : 1;
    return [freshnessBonus, volatilityPenalty];
  },
  middle: (bandwidthMibPerSec, { writeAmplification = 2.5 }) => {
    const transitionBonus = bandwidthMibPerSec > 800 && bandwidthMibPerSec < 1200 ? 1.02 : 1;
    const compactionBonus = writeAmplification > 2 && writeAmplification < 3 ? 1.01 : 1;
    return [transitionBonus, compactionBonus];
  },
  final: (_, { variationFraction = 0.041, lsmLevelDepth = 7 }) => {
    const stabilityBonus = variationFraction < 0.05 ? 1.02 : 1;
    const complexityPenalty = lsmLevelDepth > 6 ? 0.98 : 1;
    return [stabilityBonus, complexityPenalty];
  },
};
