/**
 * The search for options: successive halving over combinations of changes on shortened runs, then local search with whole runs, then
 * everything that does not earn its place is taken back. Deterministic: what is tried follows from the scenario's seed, and the effort
 * is counted in simulated events, not in time.
 *
 *   1. every single change, and combinations of three to five drawn at random, on an eighth of the run
 *   2. the best third of them on half of the run, the best few of those on the whole
 *   3. from the best one: every neighbour on the whole run (three seeds, the worst counts), the best is taken, until none is half a percent better
 *   4. each changed option back to what it was, where that costs less than half a percent
 *
 * Successive halving: Jamieson and Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter Optimization", AISTATS 2016.
 */
import { createStream } from '../kernel/random.js';
import { rocksdbPolicyName } from '../lsm/policies/policies.js';
import type { LsmResult } from '../lsm/result.js';
import type { LsmScenario } from '../lsm/scenario.js';
import { optionsOf, withOptions } from '../lsm/with-options.js';
import { withWorkloads } from '../lsm/with-workloads.js';
import type { LsmOptions, OptionKey, PartialLsmOptions } from '../rocksdb/options.js';
import { lsmKind } from '../scenario/lsm-kind.js';
import { changesOf, movesFrom, type Move } from './moves.js';
import { compareScores, gainFraction, scoreOf, type Objective, type Score } from './objective.js';
import { runMany, type RunManyOptions } from './run-many.js';

/** A set of changes that was run; of its whole runs the worst. */
export interface Tried {
  readonly changes: PartialLsmOptions;
  readonly score: Score;
  readonly result: LsmResult;
  /** Of the scenario as it was given, where that is not what the goal is read from. */
  readonly asGiven: LsmResult | null;
}

/** What is run. */
export interface Searched {
  /** The goal is read from it. */
  readonly scenario: LsmScenario;
  /** Requirements must hold here, too; null: there is nothing but the above. */
  readonly asGiven: LsmScenario | null;
}

/** What a search may do. */
export interface SearchLimits {
  /** Options that stay as they are. */
  readonly keep: ReadonlySet<string>;
  /** write_buffer_size x max_write_buffer_number at most. */
  readonly memtableBytesMax: number;
  /** Simulated events over all runs, about: the search ends after the round in which they are used up. */
  readonly eventsMax: number;
}

/** What it found. */
export interface Found {
  readonly base: Tried;
  readonly best: Tried;
  /** Every set of changes that was run in full, best first. */
  readonly tried: readonly Tried[];
  readonly runs: number;
  readonly events: number;
}

const DRAWN = 48;
const SHORT = [1 / 8, 1 / 2] as const;
const KEPT_FRACTION = 1 / 3;
const STARTS = 4;
/** Below this a difference is not worth an option. */
const TOLD_GAIN = 0.005;
/** Whole runs are made with these, and the worst one counts: a configuration that is good by luck is not. */
const SEEDS = [0, 1, 2];
/** More L0 files than this are more than a read should look into. */
const L0_FILES_MAX = 200;

/** Searches from the scenario's own options. @throws PutmodelError CANCELLED; USAGE for a requirement that names no figure */
export async function search(
  { scenario, asGiven }: Searched,
  objective: Objective,
  limits: SearchLimits,
  options: RunManyOptions = {},
): Promise<Found> {
  const effort = { runs: 0, events: 0 };
  const full = new Map<string, Tried>();
  const { goal } = objective;
  const own = optionsOf(scenario);
  const tryAll = async (list: readonly PartialLsmOptions[], part: number): Promise<readonly Tried[]> => {
    const named = list.map((changes) => ({ changes: reduced(own, changes) }));
    const fresh = named.filter(({ changes }, index) => (part < 1 || !full.has(nameOf(changes))) && isFirst(named, index));
    const seeds = part === 1 ? SEEDS : [0];
    const runs = asGiven === null ? [scenario] : [scenario, asGiven];
    const requests = fresh.flatMap(({ changes }) => {
      const changed = runs.map((run) => shortened(withOptions(run, changes), part));
      return seeds.flatMap((offset) =>
        changed.map((run) => ({ kind: lsmKind, scenario: { ...run, seed: run.seed + offset }, modulePath: null })),
      );
    });
    const outcomes = await runMany(requests, options);
    const resultOf = (index: number): LsmResult | null => {
      const outcome = outcomes[index];
      if (outcome?.status !== 'done') return null;
      effort.runs++;
      effort.events += outcome.result.events;
      return outcome.result;
    };
    const tried = fresh.flatMap(({ changes }, index): Tried[] => {
      const all = seeds.flatMap((_, seed): Tried[] => {
        const [result, given] = runs.map((_run, run) => resultOf((index * seeds.length + seed) * runs.length + run));
        if (result == null || given === null) return [];
        const score = scoreOf(objective, result);
        const violation = score.violation + (given === undefined ? 0 : scoreOf(objective, given).violation);
        return [{ changes, score: { ...score, violation }, result, asGiven: given ?? null }];
      });
      const [worst] = all.toSorted((a, b) => compareScores(goal, b.score, a.score));
      return worst === undefined || all.length < seeds.length ? [] : [worst];
    });
    if (part === 1) for (const one of tried) full.set(nameOf(one.changes), one);
    const known = part < 1 ? [] : named.flatMap(({ changes }) => full.get(nameOf(changes)) ?? []);
    return [...new Set([...tried, ...known])].sort((a, b) => compareScores(goal, a.score, b.score) || order(a, b));
  };
  const [base] = await tryAll([{}], 1);
  if (base === undefined) throw new Error('the scenario itself does not run');
  let list = firstCandidates(scenario, limits);
  for (const part of SHORT) {
    const tried = await tryAll(list, part);
    list = tried.slice(0, Math.max(STARTS, Math.ceil(tried.length * KEPT_FRACTION))).map(({ changes }) => changes);
  }
  let best = (await tryAll([{}, ...list.slice(0, STARTS)], 1))[0] ?? base;
  for (let better = true; better && effort.events < limits.eventsMax;) {
    const neighbours = allowedMoves(optionsWith(own, best.changes), scenario, limits).map((move) => ({ ...best.changes, ...move.changes }));
    const [next] = await tryAll(neighbours, 1);
    better = next !== undefined && gainFraction(goal, next.score, best.score) > TOLD_GAIN;
    if (better && next !== undefined) best = next;
  }
  best = await takeBack(best, tryAll, objective);
  const tried = [...full.values()].sort((a, b) => compareScores(goal, a.score, b.score) || order(a, b));
  return { base, best, tried, ...effort };
}

async function takeBack(
  found: Tried,
  tryAll: (list: readonly PartialLsmOptions[], part: number) => Promise<readonly Tried[]>,
  { goal }: Objective,
): Promise<Tried> {
  let best = found;
  for (const key of Object.keys(found.changes) as OptionKey[]) {
    const [without] = await tryAll([Object.fromEntries(Object.entries(best.changes).filter(([other]) => other !== key))], 1);
    if (without !== undefined && gainFraction(goal, best.score, without.score) < TOLD_GAIN) best = without;
  }
  return best;
}

function firstCandidates(scenario: LsmScenario, limits: SearchLimits): readonly PartialLsmOptions[] {
  const own = optionsOf(scenario);
  const moves = allowedMoves(own, scenario, limits);
  const stream = createStream(scenario.seed, 'advise', 0);
  const drawn = Array.from({ length: DRAWN }, (): PartialLsmOptions => {
    let changes: PartialLsmOptions = {};
    for (let left = 3 + stream.uniformInt(3); left > 0; left--) {
      const options = optionsWith(own, changes);
      const next = allowedMoves(options, scenario, limits);
      const move = next.length === 0 ? undefined : next[stream.uniformInt(next.length)];
      if (move !== undefined) changes = { ...changes, ...move.changes };
    }
    return changes;
  });
  return [{}, ...moves.map(({ changes }) => changes), ...drawn];
}

function allowedMoves(options: LsmOptions, { host, policy }: LsmScenario, { keep, memtableBytesMax }: SearchLimits): readonly Move[] {
  return movesFrom(options, host.cores).filter(({ theme, changes }) => {
    // Policies schedule leveled compaction only.
    if (theme === 'style' && policy.name !== rocksdbPolicyName) return false;
    const next = optionsWith(options, changes);
    return (
      !Object.keys(changes).some((key) => keep.has(key)) &&
      (next.write_buffer_size * next.max_write_buffer_number <= memtableBytesMax ||
        next.write_buffer_size * next.max_write_buffer_number <= options.write_buffer_size * options.max_write_buffer_number) &&
      next.level0_stop_writes_trigger <= Math.max(L0_FILES_MAX, options.level0_stop_writes_trigger) &&
      next.min_write_buffer_number_to_merge < next.max_write_buffer_number
    );
  });
}

function optionsWith(options: LsmOptions, changes: PartialLsmOptions): LsmOptions {
  return { ...options, ...changes };
}

/** Without what is as it was anyway. */
function reduced(own: LsmOptions, changes: PartialLsmOptions): PartialLsmOptions {
  const keys = changesOf(own, changes).toSorted();
  return Object.fromEntries(keys.map((key) => [key, changes[key]]));
}

function nameOf(changes: PartialLsmOptions): string {
  return JSON.stringify(changes);
}

function isFirst(list: readonly { readonly changes: PartialLsmOptions }[], index: number): boolean {
  const name = nameOf(list[index]?.changes ?? {});
  return list.findIndex(({ changes }) => nameOf(changes) === name) === index;
}

/** Ties go to fewer changes, then by name. */
function order(a: Tried, b: Tried): number {
  const [first, second] = [nameOf(a.changes), nameOf(b.changes)];
  return Object.keys(a.changes).length - Object.keys(b.changes).length || (first < second ? -1 : first > second ? 1 : 0);
}

function shortened(scenario: LsmScenario, part: number): LsmScenario {
  if (part === 1) return scenario;
  return withWorkloads(scenario, (workload) => ({
    ...workload,
    puts: workload.puts === null ? null : Math.max(1, Math.round(workload.puts * part)),
    durationSec: workload.durationSec === null ? null : workload.durationSec * part,
  }));
}
