/**
 * The dual-structure view of a bandwidth: fresh capacity x (1 - D_physical) x A_software, where D is what the drive itself has lost and A the
 * share that competing I/O of the store leaves of the rest.
 *
 * Source: put-rate-models.md, "Dual-Structure Mathematical Model". It gives D = 0.739 and A = 0.794 but no course over time; ours takes its own
 * transition windows (25-35 minutes, sigmoid, for D; 85-95, linear, for A), our assumption, chosen so that each phase has its published value.
 */
import { phaseAtMinutes, type Phase } from './phase.js';
import { publishedExperiment } from './published.js';
import { theoreticalMaxOpsPerSec, defaultRecordSizeBytes } from './formula.js';
import type { Utilization } from './calibrate.js';
import { transitionWindows, windowShape, type TransitionWindow } from './temporal.js';

/** The three bandwidths of a drive's history, MiB/s, each above 0 and at most the one before. */
export interface DriveHistory {
  /** Fresh. */
  readonly initialMibPerSec: number;
  /** Worn in, without competition. */
  readonly degradedMibPerSec: number;
  /** Worn in, while the store compacts. */
  readonly availableMibPerSec: number;
}

/** The document's drive: 4116.6, 1074.8 and 852.5 MiB/s. */
export const publishedDrive: DriveHistory = {
  initialMibPerSec: publishedExperiment.initial.headline.bandwidthMibPerSec,
  degradedMibPerSec: publishedExperiment.middle.headline.bandwidthMibPerSec,
  availableMibPerSec: publishedExperiment.final.headline.bandwidthMibPerSec,
};

/** What a bandwidth is made of; `initial x (1 - D_physical) x A_software` gives it back. Names are the document's, both 0 to 1. */
export interface DualStructure {
  readonly D_physical: number;
  readonly A_software: number;
}

/**
 * D and A of a measured bandwidth: down to the worn-in drive's bandwidth all loss is the drive's, below it the store's. More than the fresh
 * drive gives counts as no loss.
 */
export function decomposeBandwidth(bandwidthMibPerSec: number, drive: DriveHistory = publishedDrive): DualStructure {
  const { initialMibPerSec, degradedMibPerSec } = drive;
  const physicalMibPerSec = Math.min(initialMibPerSec, Math.max(bandwidthMibPerSec, degradedMibPerSec));
  return { D_physical: 1 - physicalMibPerSec / initialMibPerSec, A_software: Math.min(1, bandwidthMibPerSec / physicalMibPerSec) };
}

/** D(t) and A(t): 0 and 1 at the start, the drive's own values once the window of each is over. */
export function dualStructureAt(minutes: number, drive: DriveHistory = publishedDrive): DualStructure {
  const lossFraction = 1 - drive.degradedMibPerSec / drive.initialMibPerSec;
  const competitionFraction = 1 - drive.availableMibPerSec / drive.degradedMibPerSec;
  return {
    D_physical: lossFraction * progressAt(minutes, 'initial_to_middle'),
    A_software: 1 - competitionFraction * progressAt(minutes, 'middle_to_final'),
  };
}

/** P(t) with its parts; the keys are the document's, `P` in puts a second, `device_write_bw` in MiB/s. */
export interface PerformancePoint extends DualStructure {
  readonly t_minutes: number;
  readonly phase: Phase;
  readonly device_write_bw: number;
  readonly U_phase: number | null;
  readonly P: number | null;
}

/** P(t) = P_initial x (1 - D(t)) x A(t) x U of the phase at t. `P` and `U_phase` are null in a phase without factor. */
export function performanceAt(minutes: number, utilization: Utilization, drive: DriveHistory = publishedDrive): PerformancePoint {
  const structure = dualStructureAt(minutes, drive);
  const bandwidthMibPerSec = drive.initialMibPerSec * (1 - structure.D_physical) * structure.A_software;
  const phase = phaseAtMinutes(minutes);
  const factor = utilization[phase] ?? null;
  return {
    t_minutes: minutes,
    phase,
    ...structure,
    device_write_bw: bandwidthMibPerSec,
    U_phase: factor,
    P: factor === null ? null : theoreticalMaxOpsPerSec(bandwidthMibPerSec, defaultRecordSizeBytes) * factor,
  };
}

/** 0 before the window, 1 after it; the sigmoid is stretched so that it starts at 0 and ends at 1. */
function progressAt(minutes: number, windowName: string): number {
  const window = transitionWindows.find(({ name }) => name === windowName);
  if (window === undefined || minutes <= window.startMinutes) return 0;
  if (minutes >= window.endMinutes) return 1;
  return stretchedShape(window, minutes);
}

function stretchedShape(window: TransitionWindow, minutes: number): number {
  const first = windowShape(window, window.startMinutes);
  const last = windowShape(window, window.endMinutes);
  return (windowShape(window, minutes) - first) / (last - first);
}
