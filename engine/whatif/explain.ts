/**
 * What is wrong with a store, and what would help: from its LOG, or from the directory of a simulated run. Nothing is looked up: what held
 * writes is counted, what comes next is simulated from the tree as it is, and a change is only named after it was run.
 */
import type { LsmResult, StallCause } from '../lsm/result.js';
import type { Assumption, LsmScenario } from '../lsm/scenario.js';
import { optionsOf } from '../lsm/with-options.js';
import { withRate, withWorkloads, workloadsOf } from '../lsm/with-workloads.js';
import { lsmKind } from '../scenario/lsm-kind.js';
import type { StallInterval } from '../rocksdb/stall-timeline.js';
import { bestChanges, heldSec, type VerifiedChange } from './best-changes.js';
import { lintOptions, type LintFinding } from './lint-options.js';
import { runMany, type RunManyOptions } from './run-many.js';
import { measuredBetween, readStoreLog, type Measured, type StoreLog } from './store-log.js';
import { scenarioOfStore, type StoreContext } from './store-scenario.js';

/** For how long writes were held, why, and whether they are now. */
export interface HeldWrites {
  readonly spanSec: number;
  readonly delayedSec: number;
  readonly stoppedSec: number;
  readonly byCause: readonly { readonly cause: StallCause; readonly seconds: number }[];
  /** At the end; `sinceSec` counts back from there and bridges gaps of a second. null when writes went through. */
  readonly now: { readonly state: 'delayed' | 'stopped'; readonly cause: StallCause | null; readonly sinceSec: number } | null;
}

/** Seconds until the debt is no more than what one L0 compaction is about; null: not within the time simulated. */
export interface DrainTimes {
  readonly asNowSec: number | null;
  readonly halvedSec: number | null;
  readonly stoppedSec: number | null;
  /** Seconds simulated for the first two. */
  readonly horizonSec: number;
}

/** The LOG's first part predicts the rest. */
export interface BackTest {
  readonly firstSec: number;
  readonly restSec: number;
  readonly measured: Measured;
  readonly predicted: Measured;
}

/** The whole answer. */
export interface Explanation {
  readonly source: 'log' | 'result';
  readonly name: string;
  readonly assumptions: readonly Assumption[];
  readonly lint: readonly LintFinding[];
  readonly held: HeldWrites;
  readonly debtBytes: number;
  readonly drain: DrainTimes;
  /** Of the time from now on, with the options as they are. */
  readonly forecast: LsmResult;
  readonly backTest: BackTest | null;
  readonly changes: readonly VerifiedChange[];
}

const CHANGES_TOLD = 3;
/** Long enough for several compactions of deep levels, short enough to be answered at once. */
const HORIZON_SEC = { min: 120, max: 600 };
/** A store that nobody writes to is simulated for an hour: next to nothing happens in it. */
const STILL_SEC = 3600;
/** The part of the LOG from which its rest is predicted. */
const FIRST_FRACTION = 0.6;
/** A back-test needs a few flushes on both sides. */
const BACK_TEST_SEC_MIN = 30;

/** The explanation of a real store from its LOGs, oldest first. `context` holds what its LOG does not tell. @throws as `readStoreLog`, CANCELLED */
export async function explainLog(paths: readonly string[], context: StoreContext, options: RunManyOptions = {}): Promise<Explanation> {
  const log = await readStoreLog(paths);
  const spanSec = (log.endMicros - log.startMicros) / 1e6;
  const horizonSec = Math.round(Math.min(HORIZON_SEC.max, Math.max(HORIZON_SEC.min, spanSec)));
  const scenario = scenarioOfStore(log, context, horizonSec);
  const held = heldIn(log.intervals, log.startMicros, log.endMicros);
  const backTest = spanSec < BACK_TEST_SEC_MIN ? null : await testBack(paths, log, context, options);
  return { source: 'log', name: context.name, held, backTest, ...(await lookAhead(scenario, options)) };
}

/** The explanation of a simulated run from its scenario and result: there is nothing to test back against. */
export async function explainResult(scenario: LsmScenario, result: LsmResult, options: RunManyOptions = {}): Promise<Explanation> {
  return { source: 'result', name: scenario.name, held: heldOf(result), backTest: null, ...(await lookAhead(scenario, options)) };
}

async function lookAhead(
  scenario: LsmScenario,
  options: RunManyOptions,
): Promise<Pick<Explanation, 'assumptions' | 'lint' | 'debtBytes' | 'drain' | 'forecast' | 'changes'>> {
  const forecast = await runOf(scenario, options);
  const rate = forecast.putRate.meanOpsPerSec;
  const halved = await runOf(withRate(scenario, rate / 2, forecast), options);
  const still = await runOf(
    withWorkloads(withRate(scenario, 1, forecast), (workload) => ({ ...workload, durationSec: STILL_SEC })),
    options,
  );
  const drained = drainedBytes(scenario);
  const store = optionsOf(scenario);
  return {
    assumptions: scenario.assumptions,
    lint: lintOptions(store, {
      version: scenario.rocksdbVersion,
      cores: scenario.host.cores,
      usesWal: workloadsOf(scenario).some(({ disableWal }) => !disableWal),
      families: scenario.stores[0]?.families.length ?? 1,
    }),
    debtBytes: forecast.series.pendingCompactionBytes[0] ?? forecast.debt.pendingCompactionBytes,
    drain: {
      asNowSec: drainedAt(forecast, drained),
      halvedSec: drainedAt(halved, drained),
      stoppedSec: drainedAt(still, drained),
      horizonSec: forecast.simulatedSec,
    },
    forecast,
    changes: await bestChanges(scenario, CHANGES_TOLD, options),
  };
}

async function runOf(scenario: LsmScenario, options: RunManyOptions): Promise<LsmResult> {
  const [outcome] = await runMany([{ kind: lsmKind, scenario, modulePath: null }], { signal: options.signal });
  if (outcome === undefined || outcome.status === 'failed') throw outcome?.error ?? new Error('no run');
  return outcome.result;
}

/** What L0 holds when its compaction starts: so much is pending now and then in every store that keeps up. */
function drainedBytes(scenario: LsmScenario): number {
  const options = optionsOf(scenario);
  const l0Bytes = options.level0_file_num_compaction_trigger * options.write_buffer_size * options.min_write_buffer_number_to_merge;
  return l0Bytes + options.max_bytes_for_level_base;
}

function drainedAt({ series }: LsmResult, bytes: number): number | null {
  const index = series.pendingCompactionBytes.findIndex((pending) => pending <= bytes);
  return index === -1 ? null : index * series.intervalSec;
}

/** Gaps between two holds that count as one. */
const BRIDGED_MICROS = 1_000_000;

function heldIn(intervals: readonly StallInterval[], startMicros: number, endMicros: number): HeldWrites {
  const secondsOf = (counts: (interval: StallInterval) => boolean): number =>
    intervals.filter(counts).reduce((sum, interval) => sum + interval.endMicros - interval.startMicros, 0) / 1e6;
  const causes = [...new Set(intervals.map(({ cause }) => cause))].filter((cause) => cause !== null);
  const last = intervals.findLast(({ state }) => state !== 'normal');
  let sinceMicros = endMicros;
  for (const { state, startMicros: start, endMicros: end } of intervals.toReversed()) {
    if (state === 'normal') continue;
    if (sinceMicros - end > BRIDGED_MICROS) break;
    sinceMicros = start;
  }
  const now = last === undefined || last.state === 'normal' || sinceMicros === endMicros ? null : last;
  return {
    spanSec: (endMicros - startMicros) / 1e6,
    delayedSec: secondsOf(({ state }) => state === 'delayed'),
    stoppedSec: secondsOf(({ state }) => state === 'stopped'),
    byCause: causes
      .map((cause) => ({ cause, seconds: secondsOf((interval) => interval.cause === cause) }))
      .sort((a, b) => b.seconds - a.seconds),
    now: now === null || now.state === 'normal' ? null : { state: now.state, cause: now.cause, sinceSec: (endMicros - sinceMicros) / 1e6 },
  };
}

function heldOf({ stall, simulatedSec }: LsmResult): HeldWrites {
  const causes = (Object.keys(stall.byCause) as StallCause[]).map((cause) => ({ cause, seconds: stall.byCause[cause] }));
  const open = stall.episodes.find(({ endSec }) => endSec >= simulatedSec - 1e-6);
  return {
    spanSec: simulatedSec,
    delayedSec: stall.delayedSec,
    stoppedSec: stall.stoppedSec,
    byCause: causes.filter(({ seconds }) => seconds > 0).sort((a, b) => b.seconds - a.seconds),
    now:
      open === undefined
        ? null
        : {
            state: open.delayedWriteRateBytesPerSec === null ? 'stopped' : 'delayed',
            cause: open.cause,
            sinceSec: simulatedSec - open.startSec,
          },
  };
}

async function testBack(paths: readonly string[], log: StoreLog, context: StoreContext, options: RunManyOptions): Promise<BackTest | null> {
  const cutMicros = log.startMicros + FIRST_FRACTION * (log.endMicros - log.startMicros);
  const restSec = (log.endMicros - cutMicros) / 1e6;
  const first = await readStoreLog(paths, cutMicros).catch(() => null);
  if (first === null) return null;
  const scenario = scenarioOfStore(first, context, restSec);
  const result = await runOf(scenario, options);
  return {
    firstSec: (cutMicros - log.startMicros) / 1e6,
    restSec,
    measured: measuredBetween(log, cutMicros, log.endMicros),
    predicted: {
      seconds: restSec,
      putsPerSec: result.putRate.meanOpsPerSec,
      writtenBytesPerSec: (result.device.writtenBytes - result.device.walDeviceBytes) / Math.max(1, result.simulatedSec),
      heldFraction: heldSec(result) / Math.max(1, result.simulatedSec),
    },
  };
}
