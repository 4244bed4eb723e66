/**
 * Phase B: when does a real run change its pace? The put rate of each second is cut into one, two or three stretches of constant mean,
 * where the cuts leave the least squared deviation; another stretch counts only when it pays for itself (Schwarz's criterion, 1978). Each
 * stretch is then given to both phase detectors of the specification, with the device bandwidth that its jobs' bytes amount to.
 */
import { deviation, mean } from 'd3-array';
import { log } from '../kernel/math.js';
import { detectPhase, phaseDetectors, type Phase, type PhaseDetector } from '../putrate/phase.js';
import { windowMeans } from './score.js';

/** A stretch of constant pace. */
export interface Stretch {
  readonly startSec: number;
  readonly endSec: number;
  readonly meanOpsPerSec: number;
  /** Standard deviation over mean of the seconds' put rates; null for fewer than two seconds or a mean of 0. */
  readonly variationFraction: number | null;
  /** Flush and compaction bytes of the jobs that finished in it, over its length; null where no jobs are known. */
  readonly writeMibPerSec: number | null;
  /** What each detector of the specification takes it for; null without a bandwidth. */
  readonly phase: Readonly<Record<PhaseDetector, Phase>> | null;
}

/** A job's output, for the bandwidth of a stretch. */
export interface FinishedBytes {
  readonly atSec: number;
  readonly bytes: number;
}

/** Windows that cuts may lie between: enough to place a cut within one percent of the run. */
const windowsMax = 120;
/** A stretch is at least this many windows long, so that one compaction is no phase. */
const windowsMin = 6;

/** The stretches of a curve of one value a second, in order; empty for no values. */
export function findStretches(opsPerSecCurve: ArrayLike<number>, finished: readonly FinishedBytes[] = []): Stretch[] {
  const all = Array.from(opsPerSecCurve);
  if (all.length === 0) return [];
  const windowSec = Math.max(1, Math.ceil(all.length / windowsMax));
  const cuts = bestCuts(windowMeans(all, windowSec)).map((cut) => cut * windowSec);
  const ends = [...cuts, all.length];
  return ends.map((endSec, index) => describeStretch(all, ends[index - 1] ?? 0, endSec, finished));
}

function describeStretch(all: readonly number[], startSec: number, endSec: number, finished: readonly FinishedBytes[]): Stretch {
  const values = all.slice(startSec, endSec);
  const meanOpsPerSec = mean(values) ?? 0;
  const spread = deviation(values);
  const variationFraction = spread === undefined || meanOpsPerSec === 0 ? null : spread / meanOpsPerSec;
  const bytes = finished.filter(({ atSec }) => atSec >= startSec && atSec < endSec).reduce((sum, job) => sum + job.bytes, 0);
  const writeMibPerSec = finished.length === 0 ? null : bytes / 1048576 / (endSec - startSec);
  return {
    startSec,
    endSec,
    meanOpsPerSec,
    variationFraction,
    writeMibPerSec,
    phase: phasesOf(writeMibPerSec, startSec, variationFraction),
  };
}

function phasesOf(writeMibPerSec: number | null, startSec: number, variationFraction: number | null): Stretch['phase'] {
  if (writeMibPerSec === null) return null;
  const evidence = { runtimeMinutes: startSec / 60, variationFraction: variationFraction ?? undefined };
  const entries = phaseDetectors.map((detector) => [detector, detectPhase(detector, writeMibPerSec, evidence)] as const);
  return Object.fromEntries(entries) as Record<PhaseDetector, Phase>;
}

/** Indices at which the best partition cuts: none, one or two. */
function bestCuts(values: readonly number[]): number[] {
  const squares = squaredDeviation(values);
  let best = { cuts: [] as number[], criterion: Infinity };
  for (const cuts of partitions(values.length, squares)) {
    const ends = [...cuts, values.length];
    const left = ends.reduce((sum, end, index) => sum + squares(ends[index - 1] ?? 0, end), 0);
    // A flat curve leaves nothing: the smallest remainder keeps the logarithm finite.
    const remainder = Math.max(left / values.length, 1e-9);
    const criterion = values.length * log(remainder) + 2 * ends.length * log(values.length);
    if (criterion < best.criterion) best = { cuts, criterion };
  }
  return best.cuts;
}

/** For each number of stretches the cuts that leave least. */
function partitions(length: number, squares: (from: number, to: number) => number): number[][] {
  const found: number[][] = [[]];
  let [bestOne, bestTwo] = [Infinity, Infinity];
  for (let first = windowsMin; first <= length - windowsMin; first++) {
    const one = squares(0, first) + squares(first, length);
    if (one < bestOne) {
      bestOne = one;
      found[1] = [first];
    }
    for (let second = first + windowsMin; second <= length - windowsMin; second++) {
      const two = squares(0, first) + squares(first, second) + squares(second, length);
      if (two >= bestTwo) continue;
      bestTwo = two;
      found[2] = [first, second];
    }
  }
  return found;
}

/** Sum of squared deviations from the mean over [from, to), from running sums. */
function squaredDeviation(values: readonly number[]): (from: number, to: number) => number {
  const sums = [0];
  const squares = [0];
  for (const value of values) {
    sums.push((sums.at(-1) ?? 0) + value);
    squares.push((squares.at(-1) ?? 0) + value * value);
  }
  return (from, to) => {
    const sum = (sums[to] ?? 0) - (sums[from] ?? 0);
    const total = (squares[to] ?? 0) - (squares[from] ?? 0);
    return Math.max(0, total - (sum * sum) / (to - from));
  };
}
