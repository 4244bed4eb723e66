/**
 * The fluid backlog model: the V4 guide's V4Simulator on a device envelope. Every level has a backlog Q of merge work, drained at
 * C = mu k eta Beff. One step of dt seconds:
 *
 *   1. read share from the backlogs; Beff from the envelope at that share
 *   2. eta from the sum of the backlogs and the time; C of every level
 *   3. L0 takes the puts offered, flushed; at its limit only as many bytes as it drains (the stall)
 *   4. from L0 down: Q' = max(0, Q + in - C dt); a level keeps the data it has room for and passes on the rest
 *   5. record
 *
 *   puts -> [Q L0] -C-> data x m1 -> [Q L1] -C-> data beyond L1's target x m2 -> [Q L2] ... the last level keeps everything
 *
 * Inflow (the guide leaves it open; decided): a level receives the data that the one above drains times its merge amplification, which
 * is given or 1 + fan-out x fill. The data is passed on, not the work: a merge's rewritten bytes stay where they were, so amplifications
 * add up along the levels as in RocksDB's tables and do not multiply. Data is conserved: user bytes = data in backlogs + data kept
 * (test/backlog). Time in the periodic factor is seconds, not steps, so that dt does not change the period (decided).
 */
import { invariant } from '../kernel/errors.js';
import { sin } from '../kernel/math.js';
import { runToEnd, type Run, type Snapshot } from '../kernel/run.js';
import { MIB } from '../kernel/units.js';
import { createBeff, type Beff } from './beff.js';
import type { BacklogResult, BacklogSeries } from './result.js';
import type { BacklogLevel, BacklogScenario, BacklogWarning, EfficiencyModel, RatePoint, ReadShare } from './scenario.js';

/** The whole run at once. */
export function simulateBacklog(scenario: BacklogScenario): BacklogResult {
  return runToEnd(startBacklog(scenario));
}

/** A run in slices; one event is one step. */
export function startBacklog(scenario: BacklogScenario): Run<BacklogResult> {
  const state = createState(scenario);
  return {
    advance(maxEvents) {
      const end = Math.min(scenario.stepCount, state.step + maxEvents);
      while (state.step < end) makeStep(state, scenario);
      return state.step < scenario.stepCount ? 'more' : 'done';
    },
    snapshot: (): Snapshot => ({
      nowSec: state.step * scenario.dtSec,
      fraction: state.step / scenario.stepCount,
      events: state.step,
    }),
    finish: () => resultOf(state, scenario),
  };
}

/** eta: what contention and time leave of the bandwidth, 0 or more. `totalBytes` is the sum of all backlogs. Source: guide 4.1; decisions 9 and 11. */
export function efficiencyOf(efficiency: EfficiencyModel, totalBytes: number, nowSec: number): number {
  const { model, baseFraction, contentionBytes, waveFraction } = efficiency;
  const load = totalBytes / contentionBytes;
  const left = model === 'saturating' ? 1 / (1 + load) : 1 - Math.min(1, load);
  return waveFraction === 0 ? baseFraction * left : baseFraction * left * (1 + waveFraction * sin(0.1 * nowSec));
}

/** rho_r: the share of reads, 0 to 1. `backlogBytes[i]` and `levels[i]` belong together, L0 first. Source: guide 4.1, or learned. */
export function readShareOf(readShare: ReadShare, backlogBytes: ArrayLike<number>, levels: readonly BacklogLevel[]): number {
  if (readShare.kind === 'constant') return readShare.readFraction;
  const totalBytes = sumOf(backlogBytes);
  if (readShare.kind === 'heuristic') return totalBytes === 0 ? 0.5 : Math.min(1, (2 * (backlogBytes[0] ?? 0)) / totalBytes);
  let reads = 0;
  let all = 0;
  levels.forEach(({ muFraction }, index) => {
    if (totalBytes > 0 && backlogBytes[index] === 0) return;
    reads += muFraction * (readShare.readFractions[index] ?? 0);
    all += muFraction;
  });
  return all > 0 ? Math.min(1, reads / all) : 0.5;
}

/** Puts offered between two times: the profile's integral. Points ascend. */
export function offeredPuts(points: readonly RatePoint[], fromSec: number, toSec: number): number {
  let puts = 0;
  points.forEach(({ atSec, opsPerSec }, index) => {
    const start = Math.max(fromSec, atSec);
    const end = Math.min(toSec, points[index + 1]?.atSec ?? Infinity);
    if (end > start) puts += opsPerSec * (end - start);
  });
  return puts;
}

/** Arrays have an entry a level. Work and data are bytes. */
interface State {
  readonly beff: Beff;
  step: number;
  /** work[i]: Q. */
  readonly work: Float64Array;
  /** data[i]: the user's data in that work; they differ by the merge amplification. */
  readonly data: Float64Array;
  readonly resident: Float64Array;
  readonly received: Float64Array;
  readonly drained: Float64Array;
  readonly passedOn: Float64Array;
  readonly peak: Float64Array;
  offeredPuts: number;
  takenBytes: number;
  stoppedSec: number;
  limitedSec: number;
  firstStallSec: number | null;
  stretchSec: number;
  longestSec: number;
  peakBytes: number;
  peakAtSec: number;
  efficiencySum: number;
  efficiencyMin: number;
  lockedAtSec: number | null;
  readonly series: BacklogSeries;
}

function createState({ levels, stepCount, dtSec, device, place, fanOutRatio }: BacklogScenario): State {
  invariant(levels.length > 0 && stepCount > 0 && dtSec > 0, 'backlog: a run needs levels, steps and a step length');
  const zeros = (): Float64Array => new Float64Array(levels.length);
  const work = Float64Array.from(levels, (level) => level.initialBacklogBytes);
  const resident = Float64Array.from(levels, (level) => level.initialResidentBytes);
  const data = work.map((bytes, index) => bytes / amplificationOf(levels, index, resident, fanOutRatio));
  const perStep = (): Float64Array => new Float64Array(stepCount);
  return {
    ...{ beff: createBeff(device, place), step: 0, work, data, resident },
    ...{ received: zeros(), drained: zeros(), passedOn: zeros(), peak: Float64Array.from(work) },
    ...{ offeredPuts: 0, takenBytes: 0, stoppedSec: 0, limitedSec: 0, firstStallSec: null, stretchSec: 0, longestSec: 0 },
    ...{ peakBytes: sumOf(work), peakAtSec: 0, efficiencySum: 0, efficiencyMin: Infinity, lockedAtSec: null },
    series: {
      intervalSec: dtSec,
      ...{ readFraction: perStep(), beffBytesPerSec: perStep(), opsPerSec: perStep() },
      backlogBytes: levels.map(perStep),
      capacityBytesPerSec: levels.map(perStep),
    },
  };
}

function makeStep(state: State, scenario: BacklogScenario): void {
  const { levels, dtSec, putBytes, efficiency, readShare } = scenario;
  const { work, series, step } = state;
  const nowSec = step * dtSec;
  const totalBytes = sumOf(work);
  const readFraction = readShareOf(readShare, work, levels);
  const beffBytesPerSec = state.beff.at(readFraction);
  const eta = efficiencyOf(efficiency, totalBytes, nowSec);
  recordEfficiency(state, efficiency, eta, totalBytes, nowSec);
  for (let level = 0; level < levels.length; level++) {
    const { muFraction, kFactor } = levels[level]!;
    series.capacityBytesPerSec[level]![step] = muFraction * kFactor * eta * beffBytesPerSec;
  }

  const puts = offeredPuts(scenario.offered, nowSec, nowSec + dtSec);
  const takenBytes = admit(state, scenario, puts * putBytes, nowSec);
  state.offeredPuts += puts;
  state.takenBytes += takenBytes;
  drainLevels(state, scenario, takenBytes);

  series.readFraction[step] = readFraction;
  series.beffBytesPerSec[step] = beffBytesPerSec;
  series.opsPerSec[step] = takenBytes / putBytes / dtSec;
  state.step++;
  const leftBytes = sumOf(work);
  if (leftBytes > state.peakBytes) {
    state.peakBytes = leftBytes;
    state.peakAtSec = nowSec + dtSec;
  }
}

/**
 * Part of the contention size from which `contention-linear` counts as locked: eta is below a hundredth of its base. Writers that wait at
 * L0's limit keep the backlog just short of the whole, so eta itself need never be exactly 0.
 */
const lockedFraction = 0.99;

function recordEfficiency(
  state: State,
  { model, contentionBytes }: EfficiencyModel,
  eta: number,
  totalBytes: number,
  nowSec: number,
): void {
  state.efficiencySum += eta;
  state.efficiencyMin = Math.min(state.efficiencyMin, eta);
  if (model === 'contention-linear' && totalBytes >= lockedFraction * contentionBytes) state.lockedAtSec ??= nowSec;
}

/** Bytes that L0 takes in this step: all that is offered, or what it has room for, its own draining included. */
function admit(state: State, { dtSec, l0LimitBytes }: BacklogScenario, offeredBytes: number, nowSec: number): number {
  const capacityBytes = state.series.capacityBytesPerSec[0]![state.step]! * dtSec;
  const roomBytes = Math.max(0, l0LimitBytes - state.work[0]! + capacityBytes);
  if (offeredBytes <= roomBytes) {
    state.stretchSec = 0;
    return offeredBytes;
  }
  state.stoppedSec += dtSec * (1 - roomBytes / offeredBytes);
  state.limitedSec += dtSec;
  state.firstStallSec ??= nowSec;
  state.stretchSec += dtSec;
  state.longestSec = Math.max(state.longestSec, state.stretchSec);
  return roomBytes;
}

function drainLevels(state: State, { levels, dtSec, fanOutRatio }: BacklogScenario, takenBytes: number): void {
  const { work, data, resident, received, drained, passedOn, peak, series, step } = state;
  let arrivingBytes = takenBytes;
  for (let level = 0; level < levels.length; level++) {
    const inflowBytes = arrivingBytes * amplificationOf(levels, level, resident, fanOutRatio);
    const queuedBytes = work[level]! + inflowBytes;
    const queuedData = data[level]! + arrivingBytes;
    const drainedBytes = Math.min(queuedBytes, series.capacityBytesPerSec[level]![step]! * dtSec);
    const drainedData = drainedBytes === queuedBytes ? queuedData : queuedData * (drainedBytes / queuedBytes);
    work[level] = queuedBytes - drainedBytes;
    data[level] = queuedData - drainedData;
    const isLast = level === levels.length - 1;
    const roomBytes = isLast ? Infinity : Math.max(0, levels[level]!.targetBytes - resident[level]!);
    const keptBytes = Math.min(drainedData, roomBytes);
    resident[level]! += keptBytes;
    arrivingBytes = drainedData - keptBytes;
    received[level]! += inflowBytes;
    drained[level]! += drainedBytes;
    passedOn[level]! += arrivingBytes;
    peak[level] = Math.max(peak[level]!, work[level]!);
    series.backlogBytes[level]![step] = work[level]!;
  }
}

/** Work for each byte of data that arrives at a level: given, or 1 + fan-out x fill. L0 takes data as it is. */
function amplificationOf(levels: readonly BacklogLevel[], index: number, resident: Float64Array, fanOutRatio: number): number {
  const level = levels[index]!;
  if (index === 0) return 1;
  if (level.mergeAmplification !== null) return level.mergeAmplification;
  const fill = level.targetBytes > 0 ? Math.min(1, resident[index]! / level.targetBytes) : 0;
  return 1 + fanOutRatio * fill;
}

function resultOf(state: State, scenario: BacklogScenario): BacklogResult {
  const { dtSec, putBytes, levels } = scenario;
  const { step, takenBytes, drained } = state;
  const simulatedSec = step * dtSec;
  const perSec = (amount: number): number => (simulatedSec > 0 ? amount / simulatedSec : 0);
  const meanOf = (values: Float64Array): number => (step > 0 ? sumOf(values.subarray(0, step)) / step : 0);
  const stalled = state.firstStallSec !== null;
  return {
    kind: 'backlog',
    simulatedSec,
    events: step,
    putRate: {
      meanOpsPerSec: perSec(takenBytes / putBytes),
      meanMiBPerSec: perSec(takenBytes / MIB),
      offeredOpsPerSec: perSec(state.offeredPuts),
    },
    writeAmplificationUser: takenBytes > 0 ? (takenBytes + sumOf(drained.subarray(1))) / takenBytes : null,
    stall: {
      stoppedSec: state.stoppedSec,
      limitedSec: state.limitedSec,
      firstAtSec: state.firstStallSec,
      longestSec: stalled ? state.longestSec : null,
    },
    backlog: { endBytes: sumOf(state.work), peakBytes: state.peakBytes, peakAtSec: state.peakAtSec },
    efficiency: {
      model: scenario.efficiency.model,
      meanFraction: step > 0 ? state.efficiencySum / step : scenario.efficiency.baseFraction,
      minFraction: step > 0 ? state.efficiencyMin : scenario.efficiency.baseFraction,
      lockedAtSec: state.lockedAtSec,
    },
    device: { meanBeffBytesPerSec: meanOf(state.series.beffBytesPerSec), meanReadFraction: meanOf(state.series.readFraction) },
    userBytes: takenBytes,
    levels: levels.map(({ name }, index) => ({
      name,
      receivedBytes: state.received[index]!,
      drainedBytes: drained[index]!,
      backlogBytes: state.work[index]!,
      peakBacklogBytes: state.peak[index]!,
      passedOnBytes: state.passedOn[index]!,
      residentBytes: state.resident[index]!,
      meanCapacityBytesPerSec: meanOf(state.series.capacityBytesPerSec[index]!),
    })),
    series: upTo(state.series, step),
    assumptions: scenario.assumptions,
    warnings: [...scenario.warnings, ...deviceWarnings(state.beff), ...lockWarning(state)],
  };
}

function upTo(series: BacklogSeries, steps: number): BacklogSeries {
  return {
    intervalSec: series.intervalSec,
    readFraction: series.readFraction.subarray(0, steps),
    beffBytesPerSec: series.beffBytesPerSec.subarray(0, steps),
    opsPerSec: series.opsPerSec.subarray(0, steps),
    backlogBytes: series.backlogBytes.map((values) => values.subarray(0, steps)),
    capacityBytesPerSec: series.capacityBytesPerSec.map((values) => values.subarray(0, steps)),
  };
}

function deviceWarnings({ warnings }: Beff): BacklogWarning[] {
  return warnings.map((message) => ({ code: 'OUTSIDE_ENVELOPE', message, path: 'device' }));
}

function lockWarning({ lockedAtSec }: State): BacklogWarning[] {
  if (lockedAtSec === null) return [];
  const message = `contention-linear locked at ${String(lockedAtSec)} s: the backlog reached the size at which eta is 0, and next to nothing drains; saturating does not lock`;
  return [{ code: 'EFFICIENCY_LOCKED', message, path: 'backlog.efficiency' }];
}

function sumOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum;
}
