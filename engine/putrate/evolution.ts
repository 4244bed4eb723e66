/**
 * How a phase develops: the document's `model_temporal_evolution`. It calls nine functions and gives two of them a body; those two are here, the
 * other seven are named and left null (decision 5).
 */
import { exp, sin } from '../kernel/math.js';
import type { ByPhase, Phase } from './phase.js';

/** Evolution models that the document calls without giving them. */
export const undefinedEvolutionModels: ByPhase<readonly string[]> = {
  initial: ['initialization_progress', 'performance_stabilization'],
  middle: ['degradation_impact', 'compaction_evolution'],
  final: ['stability_evolution', 'complexity_maturation', 'amplification_stabilization'],
};

/** `model_volatility_evolution`'s answer, keys verbatim; fractions. */
export interface VolatilityEvolution {
  readonly current_cv: number;
  readonly cv_reduction: number;
  readonly stabilization_progress: number;
}

/** Volatility falls from 0.538 by 5 % a minute (e^-0.05t), not below 0.4, which it reaches at 5.93 minutes. */
export function volatilityEvolution(minutes: number): VolatilityEvolution {
  const initialFraction = 0.538;
  const targetFraction = 0.4;
  const evolvedFraction = Math.max(initialFraction * exp(-0.05 * minutes), targetFraction);
  return {
    current_cv: evolvedFraction,
    cv_reduction: (initialFraction - evolvedFraction) / initialFraction,
    stabilization_progress: 1 - evolvedFraction / initialFraction,
  };
}

/** `model_transition_progress`'s answer, keys verbatim. */
export interface TransitionProgress {
  /** 0 to 1. */
  readonly transition_progress: number;
  readonly transition_phase: 'early' | 'middle' | 'late';
  /** 1 to 1.1, highest half way. */
  readonly optimization_factor: number;
}

/** From 0 at 30 minutes to 1 at 90. */
export function transitionProgress(minutes: number): TransitionProgress {
  const progressFraction = Math.min(1, Math.max(0, (minutes - 30) / 60));
  return {
    transition_progress: progressFraction,
    transition_phase: progressFraction < 0.3 ? 'early' : progressFraction > 0.7 ? 'late' : 'middle',
    optimization_factor: 1 + 0.1 * sin(Math.PI * progressFraction),
  };
}

/** One point of a run, in order of time. */
export interface EvolutionPoint {
  readonly phase: Phase;
  readonly timeMinutes: number;
}

/** A point's characteristics, keys verbatim; null for what the document leaves undefined. */
export type TemporalCharacteristics = Readonly<Record<string, unknown>>;

/** `model_temporal_evolution`: characteristics by point, under the document's keys `t_<minutes>_<phase>`. */
export function temporalEvolution(points: readonly EvolutionPoint[]): Readonly<Record<string, TemporalCharacteristics>> {
  const entries = points.map(({ phase, timeMinutes }, index) => [
    `t_${String(timeMinutes)}_${phase}`,
    { phase, time_minutes: timeMinutes, sequence_position: index, ...definedModels(phase, timeMinutes), ...undefinedModels(phase) },
  ]);
  return Object.fromEntries(entries) as Readonly<Record<string, TemporalCharacteristics>>;
}

function definedModels(phase: Phase, minutes: number): TemporalCharacteristics {
  if (phase === 'initial') return { volatility_trend: volatilityEvolution(minutes) };
  return phase === 'middle' ? { transition_progress: transitionProgress(minutes) } : {};
}

function undefinedModels(phase: Phase): TemporalCharacteristics {
  return Object.fromEntries(undefinedEvolutionModels[phase].map((name) => [name, null]));
}
