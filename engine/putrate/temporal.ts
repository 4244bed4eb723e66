/**
 * V4.1's factors: what it multiplies a V4 prediction by. The specification has three versions that differ in thresholds and in what they look
 * at; they are three tables here, read by one function (decision 5). The class is the default.
 */
import { exp } from '../kernel/math.js';
import type { PutRateContext } from './context.js';
import type { ByPhase, Phase } from './phase.js';

/** In the document: "Complete V4.1 Algorithm" (a class), "Complete Algorithm Specification", "Temporal Enhancement Algorithm". */
export const temporalVariants = ['class', 'complete', 'enhancement'] as const;

export type TemporalVariant = (typeof temporalVariants)[number];

/** The factors each phase always has, by the document's names (those of the class). */
export const temporalFactors: ByPhase<Readonly<Record<string, number>>> = {
  initial: { volatility_penalty: 0.85, initialization_factor: 1.0 },
  middle: { transition_bonus: 1.1, compaction_optimization: 1.05 },
  final: { stability_bonus: 1.05, complexity_penalty: 0.95, amplification_awareness: 0.9 },
};

type Quantity = 'dbSizeGib' | 'variationFraction' | 'writeAmplification' | 'combinedAmplification' | 'degradationFraction';

/** A further factor when a quantity lies beyond a limit; `absent` stands in for an unknown one, null: then there is no factor. */
interface StepAdjustment {
  readonly quantity: Quantity;
  readonly absent: number | null;
  readonly above?: number;
  readonly below?: number;
  readonly factor: number;
}

/** A further factor 1 + slope x (quantity - from). */
interface LinearAdjustment {
  readonly quantity: Quantity;
  readonly absent: number;
  readonly from: number;
  readonly slope: number;
}

type Adjustment = StepAdjustment | LinearAdjustment;

/** "Very early stage". An absent size means no penalty (decision 5); the class itself would take 0. */
const earlyStage: StepAdjustment = { quantity: 'dbSizeGib', absent: null, below: 1, factor: 0.95 };

const adjustments: Readonly<Record<TemporalVariant, ByPhase<Adjustment>>> = {
  class: {
    initial: earlyStage,
    middle: { quantity: 'writeAmplification', absent: null, above: 2.0, factor: 1.02 },
    final: { quantity: 'writeAmplification', absent: 3.5, above: 4.0, factor: 0.98 },
  },
  complete: {
    initial: earlyStage,
    middle: { quantity: 'writeAmplification', absent: 2.5, above: 2.0, factor: 1.02 },
    final: { quantity: 'combinedAmplification', absent: 4.3, above: 4.5, factor: 0.98 },
  },
  enhancement: {
    initial: { quantity: 'variationFraction', absent: 0.538, above: 0.6, factor: 0.95 },
    middle: { quantity: 'degradationFraction', absent: 0.739, from: 0.739, slope: -0.1 },
    final: { quantity: 'combinedAmplification', absent: 4.3, above: 5.0, factor: 0.98 },
  },
};

/** The phase's own factors times what the variant adjusts for; 0.85 / 1.155 / 0.89775 for the class without context. */
export function temporalFactor(variant: TemporalVariant, phase: Phase, context: PutRateContext = {}): number {
  const base = Object.values(temporalFactors[phase]).reduce((product, factor) => product * factor, 1);
  return base * adjustmentFactor(adjustments[variant][phase], context);
}

function adjustmentFactor(adjustment: Adjustment, context: PutRateContext): number {
  const value = quantityOf(adjustment.quantity, context) ?? adjustment.absent;
  if (value === null) return 1;
  if ('slope' in adjustment) return 1 + adjustment.slope * (value - adjustment.from);
  const { above, below, factor } = adjustment;
  return (above !== undefined && value > above) || (below !== undefined && value < below) ? factor : 1;
}

/** wa + ra when either is known; the other is then 3.5 or 0.8, as the enhancement algorithm takes them (together 4.3). */
function quantityOf(quantity: Quantity, context: PutRateContext): number | undefined {
  if (quantity !== 'combinedAmplification') return context[quantity];
  const { writeAmplification, readAmplification } = context;
  if (writeAmplification === undefined && readAmplification === undefined) return undefined;
  return (writeAmplification ?? 3.5) + (readAmplification ?? 0.8);
}

/** A stretch of time in which one phase becomes the next; both ends belong to it. */
export interface TransitionWindow {
  readonly name: string;
  readonly startMinutes: number;
  readonly endMinutes: number;
  readonly type: 'sigmoid' | 'linear';
  /** What the factor gains over the window, as a share of 1. */
  readonly bonusFraction: number;
}

/** `transition_windows`; all three versions have the same. */
export const transitionWindows: readonly TransitionWindow[] = [
  { name: 'initial_to_middle', startMinutes: 25, endMinutes: 35, type: 'sigmoid', bonusFraction: 0.05 },
  { name: 'middle_to_final', startMinutes: 85, endMinutes: 95, type: 'linear', bonusFraction: 0.03 },
];

/** The factor near a change of phase, 1 elsewhere and when the time is unknown: up to 1.05 at 35 and 1.03 at 95 minutes. */
export function transitionFactor(runtimeMinutes: number | undefined): number {
  if (runtimeMinutes === undefined) return 1;
  const window = transitionWindows.find(({ startMinutes, endMinutes }) => startMinutes <= runtimeMinutes && runtimeMinutes <= endMinutes);
  return window === undefined ? 1 : 1 + window.bonusFraction * windowShape(window, runtimeMinutes);
}

/** How far a window's change has come at a time inside it: the share of its length, or 1 / (1 + e^(-10 (share - 0.5))). */
export function windowShape({ startMinutes, endMinutes, type }: TransitionWindow, minutes: number): number {
  const progressFraction = (minutes - startMinutes) / (endMinutes - startMinutes);
  return type === 'linear' ? progressFraction : 1 / (1 + exp(-10 * (progressFraction - 0.5)));
}
