/** What one run of the fluid backlog model is given: resolved, checked, frozen. Bytes, seconds and bytes per second inside. */
import type { DeviceModel } from '../device/device.js';

/** Puts offered per second from `atSec` on, until the next point; 0 before the first. Ascending. */
export interface RatePoint {
  readonly atSec: number;
  readonly opsPerSec: number;
}

/** One level of the tree. The first is L0: it takes flushed bytes as they come, holds nothing back, and its backlog is what stalls writers. */
export interface BacklogLevel {
  readonly name: string;
  /** mu: the part of the device that the scheduler leaves to this level. 0 or more. */
  readonly muFraction: number;
  /** k: bytes drained for each byte of that bandwidth (codec, reads that go with writes). 0 or more. */
  readonly kFactor: number;
  /** Bytes of merge work that one byte of arriving data makes; null: 1 + fan-out x fill of this level. Unused for L0. */
  readonly mergeAmplification: number | null;
  /** Data the level keeps; only what exceeds it goes on. 0: all goes on. The last level keeps everything, whatever stands here. */
  readonly targetBytes: number;
  readonly initialBacklogBytes: number;
  readonly initialResidentBytes: number;
}

/**
 * How the read share of the device's work is estimated: the guide's heuristic (0.5 without backlog, else min(1, 2 x L0's part of it)),
 * one fraction, or a fraction a level learned from a LOG (then: mean over the levels that have backlog, weighted with their mu).
 */
export type ReadShare =
  | { readonly kind: 'heuristic' }
  | { readonly kind: 'constant'; readonly readFraction: number }
  | { readonly kind: 'byLevel'; readonly readFractions: readonly number[] };

/** eta. `contention-linear` is the guide's own and locks when the backlog reaches `contentionBytes`; `saturating` only slows down. */
export interface EfficiencyModel {
  readonly model: 'saturating' | 'contention-linear';
  /** eta without backlog, 0.8 in the guide. */
  readonly baseFraction: number;
  /** Backlog at which eta is half its base (saturating) or 0 (contention-linear), 100 GiB in the guide. */
  readonly contentionBytes: number;
  /** Amplitude of the periodic factor 1 + a sin(0.1 t), t in seconds: 0.1 in the guide; 0 turns it off. */
  readonly waveFraction: number;
}

/** The point of the envelope that is asked at every step. */
export interface EnvelopePlace {
  readonly iodepth: number;
  readonly numjobs: number;
  readonly blockKib: number;
}

/** Something the run assumes that the user did not say. */
export interface BacklogAssumption {
  readonly what: string;
  readonly value: string;
  readonly source: string;
}

/** Something in the input or in the run that may not be meant. */
export interface BacklogWarning {
  readonly code: string;
  readonly message: string;
  readonly path: string;
}

/** A whole run: resolved and frozen. */
export interface BacklogScenario {
  readonly kind: 'backlog';
  readonly name: string;
  /** Nothing is drawn at random; kept so that every scenario has one. */
  readonly seed: number;
  readonly stepCount: number;
  readonly dtSec: number;
  readonly device: DeviceModel;
  readonly place: EnvelopePlace;
  /** One or more; the first is L0. */
  readonly levels: readonly BacklogLevel[];
  readonly fanOutRatio: number;
  /** Puts offered over time. */
  readonly offered: readonly RatePoint[];
  /** Key + value bytes of one put. */
  readonly putBytes: number;
  /** L0 backlog at which writers wait. */
  readonly l0LimitBytes: number;
  readonly readShare: ReadShare;
  readonly efficiency: EfficiencyModel;
  readonly assumptions: readonly BacklogAssumption[];
  readonly warnings: readonly BacklogWarning[];
}
