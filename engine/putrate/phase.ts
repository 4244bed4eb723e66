/**
 * The three phases of a long fill, and the two detectors that the specification gives for them. Both look at bandwidth first; they differ in
 * its thresholds and in what overrides it.
 */

/** In order of time. */
export const phases = ['initial', 'middle', 'final'] as const;

export type Phase = (typeof phases)[number];

/** One value a phase. */
export type ByPhase<T> = Readonly<Record<Phase, T>>;

/** What a detector may look at beside the bandwidth; an absent one does not vote. 0 is a value, not an absence. */
export interface PhaseEvidence {
  readonly runtimeMinutes?: number | undefined;
  /** Standard deviation over mean of the put rate. */
  readonly variationFraction?: number | undefined;
}

/** From these times on a run is in its middle and final phase. Source: `phase_boundaries` of the V4 class. */
export const phaseBoundaryMinutes = { middle: 30, final: 90 } as const;

/** From two values, which must be at or above (`bandwidth`: above) each to be initial and middle. */
interface Thresholds {
  readonly initialAbove: number;
  readonly middleAbove: number;
}

const bandwidthThresholds = {
  /** `_detect_phase` of the V4 class, MiB/s. */
  'runtime-first': { initialAbove: 3000, middleAbove: 500 },
  /** `detect_operational_phase` of the complete algorithm, MiB/s. */
  'majority-vote': { initialAbove: 3000, middleAbove: 800 },
} as const satisfies Record<string, Thresholds>;

/** `detect_operational_phase`, coefficient of variation. */
const variationThresholds: Thresholds = { initialAbove: 0.4, middleAbove: 0.1 };

export type PhaseDetector = keyof typeof bandwidthThresholds;

/** Every detector by name; the first is the default. */
export const phaseDetectors = ['runtime-first', 'majority-vote'] as const satisfies readonly PhaseDetector[];

/**
 * The phase by the named detector. `runtime-first`: the runtime's when it is known, else the bandwidth's. `majority-vote`: what most of
 * bandwidth, runtime and variation say; a tie goes to the bandwidth's.
 * Source: put-rate-models.md, the V4 class and the "complete algorithm"; decisions 4 and 20 of the specification's README.
 */
export function detectPhase(detector: PhaseDetector, bandwidthMibPerSec: number, evidence: PhaseEvidence = {}): Phase {
  const { runtimeMinutes, variationFraction } = evidence;
  const bandwidthPhase = phaseAbove(bandwidthMibPerSec, bandwidthThresholds[detector]);
  const runtimePhase = runtimeMinutes === undefined ? null : phaseAtMinutes(runtimeMinutes);
  if (detector === 'runtime-first') return runtimePhase ?? bandwidthPhase;
  const variationPhase = variationFraction === undefined ? null : phaseAbove(variationFraction, variationThresholds);
  // Three votes at most: only the two others agreeing with each other can outvote the bandwidth.
  return runtimePhase !== null && runtimePhase === variationPhase ? runtimePhase : bandwidthPhase;
}

/** The phase at a time since the start: before 30 minutes initial, before 90 middle, then final. */
export function phaseAtMinutes(runtimeMinutes: number): Phase {
  if (runtimeMinutes < phaseBoundaryMinutes.middle) return 'initial';
  return runtimeMinutes < phaseBoundaryMinutes.final ? 'middle' : 'final';
}

function phaseAbove(value: number, { initialAbove, middleAbove }: Thresholds): Phase {
  if (value > initialAbove) return 'initial';
  return value > middleAbove ? 'middle' : 'final';
}

/** A value for each phase, from one function. */
export function byPhase<T>(valueOf: (phase: Phase) => T): ByPhase<T> {
  return { initial: valueOf('initial'), middle: valueOf('middle'), final: valueOf('final') };
}
