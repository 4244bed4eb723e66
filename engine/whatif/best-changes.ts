/** Which single changes of the options would help most: each is simulated, and those that help with every seed are told, best first. */
import { invariant } from '../kernel/errors.js';
import { optionsOf, withOptions } from '../lsm/with-options.js';
import type { LsmResult } from '../lsm/result.js';
import type { LsmScenario } from '../lsm/scenario.js';
import { workloadsOf } from '../lsm/with-workloads.js';
import type { PartialLsmOptions } from '../rocksdb/options.js';
import { lsmKind } from '../scenario/lsm-kind.js';
import { movesFrom, type Theme } from './moves.js';
import { runMany, type RunManyOptions } from './run-many.js';

/** A change and what came of it, on the mean of the seeds. */
export interface VerifiedChange {
  readonly theme: Theme;
  readonly changes: PartialLsmOptions;
  /** What it gains: puts/s in percent for writers that wait, seconds that writes are held less for a load that is given. Smallest over the seeds. */
  readonly gain: { readonly figure: 'putRatePercent' | 'heldSec'; readonly least: number; readonly mean: number };
  readonly before: ChangeFigures;
  readonly after: ChangeFigures;
}

/** What a change gains and costs. */
export interface ChangeFigures {
  readonly putsPerSec: number;
  readonly heldSec: number;
  readonly writeAmplification: number | null;
  readonly peakSpaceBytes: number;
  readonly peakDebtBytes: number;
  readonly memtableBytes: number;
  /** Over the last third of the run: then a part of the gain is borrowed. */
  readonly debtGrows: boolean;
}

const SEEDS = [0, 1, 2];
/** Candidates that are run again with the other seeds. */
const FINALISTS = 8;
/** Gains below this are luck: one seed to the next differs by about 1 percent (README, How true it is). */
const TOLD_PERCENT = 2;
const TOLD_SEC = 1;

/** The best change of each theme, at most `most`; none when nothing helps. A policy of the user's own is not supported. */
export async function bestChanges(scenario: LsmScenario, most: number, options: RunManyOptions = {}): Promise<readonly VerifiedChange[]> {
  const moves = movesFrom(optionsOf(scenario), scenario.host.cores);
  const changed = moves.map((move) => ({ ...move, scenario: withOptions(scenario, move.changes) }));
  const [base, ...firsts] = await resultsOf([scenario, ...changed.map((entry) => entry.scenario)], options);
  invariant(base !== undefined, 'the scenario was run');
  const gainOf = gainFor(scenario);
  const ranked = changed
    .map((entry, index) => ({ ...entry, first: gainOf(base, firsts[index] ?? base) }))
    .filter(({ first }) => first > toldGain(scenario))
    .sort((a, b) => b.first - a.first);
  const finalists = bestOfThemes(ranked).slice(0, FINALISTS);
  const seeded = [scenario, ...finalists.map((entry) => entry.scenario)].flatMap((one) =>
    SEEDS.map((offset) => ({ ...one, seed: one.seed + offset })),
  );
  const results = await resultsOf(seeded, options);
  const bases = results.slice(0, SEEDS.length);
  return finalists
    .map(({ theme, changes, scenario: after }, index): VerifiedChange => {
      const own = results.slice((index + 1) * SEEDS.length, (index + 2) * SEEDS.length);
      const gains = own.map((result, seed) => gainOf(bases[seed] ?? base, result));
      return {
        theme,
        changes,
        gain: { figure: isClosed(scenario) ? 'putRatePercent' : 'heldSec', least: Math.min(...gains), mean: mean(gains) },
        before: figuresOf(bases, scenario),
        after: figuresOf(own, after),
      };
    })
    .filter(({ gain }) => gain.least > toldGain(scenario))
    .sort((a, b) => b.gain.mean - a.gain.mean)
    .slice(0, most);
}

function bestOfThemes<T extends { readonly theme: Theme }>(ranked: readonly T[]): readonly T[] {
  return ranked.filter(({ theme }, index) => ranked.findIndex((other) => other.theme === theme) === index);
}

async function resultsOf(scenarios: readonly LsmScenario[], options: RunManyOptions): Promise<readonly LsmResult[]> {
  const outcomes = await runMany(
    scenarios.map((scenario) => ({ kind: lsmKind, scenario, modulePath: null })),
    options,
  );
  return outcomes.map((outcome) => {
    if (outcome.status === 'failed') throw outcome.error;
    return outcome.result;
  });
}

/** Whether writers put again as soon as they may: then a better store is a faster one. */
export function isClosed(scenario: LsmScenario): boolean {
  return workloadsOf(scenario).every(({ arrival }) => arrival.kind === 'closed');
}

function toldGain(scenario: LsmScenario): number {
  return isClosed(scenario) ? TOLD_PERCENT : TOLD_SEC;
}

function gainFor(scenario: LsmScenario): (base: LsmResult, other: LsmResult) => number {
  if (!isClosed(scenario)) return (base, other) => heldSec(base) - heldSec(other);
  return (base, other) => (base.putRate.meanOpsPerSec > 0 ? 100 * (other.putRate.meanOpsPerSec / base.putRate.meanOpsPerSec - 1) : 0);
}

/** Seconds for which writes were held. */
export function heldSec({ stall }: LsmResult): number {
  return stall.stoppedSec + stall.delayedSec;
}

function figuresOf(results: readonly LsmResult[], scenario: LsmScenario): ChangeFigures {
  const { write_buffer_size: bytes, max_write_buffer_number: count } = optionsOf(scenario);
  const amplifications = results.map(({ writeAmplification }) => writeAmplification).filter((value) => value !== null);
  return {
    putsPerSec: mean(results.map(({ putRate }) => putRate.meanOpsPerSec)),
    heldSec: mean(results.map(heldSec)),
    writeAmplification: amplifications.length === 0 ? null : mean(amplifications),
    peakSpaceBytes: Math.max(...results.map(({ space }) => space.peakTransientBytes)),
    peakDebtBytes: Math.max(...results.map(({ debt }) => debt.peakPendingCompactionBytes)),
    memtableBytes: bytes * count,
    debtGrows: results.every(debtGrows),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** By more than a tenth; a debt that swings about a level does not count. */
function debtGrows({ series, debt }: LsmResult): boolean {
  const { pendingCompactionBytes: pending } = series;
  const third = Math.max(1, Math.floor(pending.length / 3));
  const meanOf = (from: number, to: number): number => mean([...pending.slice(from, to)]);
  return (
    debt.pendingCompactionBytes > 0 &&
    meanOf(pending.length - third, pending.length) > 1.1 * meanOf(pending.length - 2 * third, pending.length - third)
  );
}
