/**
 * Which options a store should have, and how sure that is: the best of a search, run again with other seeds and on a device that is a
 * tenth faster or slower, with what it costs and what else was good.
 */
import { scaleDevice } from '../device/scale.js';
import type { Reason } from '../scenario/kind.js';
import type { LsmResult } from '../lsm/result.js';
import type { LsmScenario, Step } from '../lsm/scenario.js';
import { reasonsOf } from '../lsm/reasons.js';
import { optionsOf, withOptions } from '../lsm/with-options.js';
import { workloadsOf } from '../lsm/with-workloads.js';
import type { LsmOptions } from '../rocksdb/options.js';
import { lsmKind } from '../scenario/lsm-kind.js';
import { figureAt, type Requirement } from '../scenario/requirement.js';
import { notValidated } from '../scenario/result.js';
import { spreadOf, type Spread } from './compare.js';
import { lintOptions, type LintFinding } from './lint-options.js';
import { goalOf, scoreOf, type Goal } from './objective.js';
import { runMany, type RunManyOptions } from './run-many.js';
import { search, type SearchLimits, type Tried } from './search.js';

/** What is asked. */
export interface AdviceQuestion {
  readonly scenario: LsmScenario;
  /** By name; undefined: the default of `goalOf`. */
  readonly goal: string | undefined;
  readonly requirements: readonly Requirement[];
  readonly limits: SearchLimits;
}

/** A goal's value over three seeds, and on a device a tenth slower and faster. */
export interface Certainty {
  readonly seeds: Spread;
  readonly slowerDevice: number | null;
  readonly fasterDevice: number | null;
}

/** One set of options that was run. */
export type Advised = Tried;

/** A requirement and the figure that it is about, with the advice. */
export interface Required {
  readonly requirement: Requirement;
  readonly value: number | null;
  /** Of the scenario as it was given; null where that is what was run. */
  readonly valueAsGiven: number | null;
}

/** The whole answer. */
export interface Advice {
  readonly scenario: LsmScenario;
  readonly goal: Pick<Goal, 'name' | 'unit' | 'better'>;
  readonly required: readonly Required[];
  readonly limits: SearchLimits;
  readonly base: Advised;
  readonly best: Advised;
  /** All options of the best one, as RocksDB would hold them. */
  readonly options: LsmOptions;
  readonly certainty: { readonly base: Certainty; readonly best: Certainty };
  readonly reasons: readonly Reason[];
  /** Behind the best in the goal, ahead in write amplification or space. */
  readonly alternatives: readonly Advised[];
  /** Of the scenario's own options. */
  readonly lint: readonly LintFinding[];
  readonly effort: { readonly runs: number; readonly events: number };
}

const ALTERNATIVES_TOLD = 3;
const SEEDS = [0, 1, 2];
const DEVICE_FACTORS = { slower: 0.9, faster: 1.1 };

/** @throws PutmodelError USAGE for a goal or requirement that names no figure; CANCELLED */
export async function advise(question: AdviceQuestion, options: RunManyOptions = {}): Promise<Advice> {
  const goal = goalOf(question.goal, question.scenario);
  const { requirements, limits } = question;
  const scenario = goal.name === 'settledPutRate' ? settled(question.scenario) : question.scenario;
  const asGiven = requirements.length === 0 || scenario === question.scenario ? null : question.scenario;
  const objective = { goal, requirements };
  const { base, best, tried, runs, events } = await search({ scenario, asGiven }, objective, limits, options);
  const certaintyOf = async ({ changes }: Tried): Promise<Certainty> => {
    const own = withOptions(scenario, changes);
    const scenarios = [
      ...SEEDS.map((offset) => ({ ...own, seed: own.seed + offset })),
      { ...own, device: scaleDevice(own.device, DEVICE_FACTORS.slower) },
      { ...own, device: scaleDevice(own.device, DEVICE_FACTORS.faster) },
    ];
    const outcomes = await runMany(
      scenarios.map((one) => ({ kind: lsmKind, scenario: one, modulePath: null })),
      options,
    );
    const values = outcomes.map((outcome) => (outcome.status === 'done' ? scoreOf(objective, outcome.result).value : null));
    return { seeds: spreadOf(values.slice(0, SEEDS.length)), slowerDevice: values.at(-2) ?? null, fasterDevice: values.at(-1) ?? null };
  };
  const store = optionsOf(scenario);
  return {
    scenario,
    goal,
    required: requirements.map((requirement) => ({
      requirement,
      value: figureOf(best.result, requirement),
      valueAsGiven: best.asGiven === null ? null : figureOf(best.asGiven, requirement),
    })),
    limits,
    base,
    best,
    options: optionsOf(withOptions(scenario, best.changes)),
    certainty: { base: await certaintyOf(base), best: await certaintyOf(best) },
    reasons: reasonsOf(base.result, best.result),
    alternatives: alternativesOf(tried, best, goal),
    lint: lintOptions(store, {
      version: scenario.rocksdbVersion,
      cores: scenario.host.cores,
      usesWal: workloadsOf(scenario).some(({ disableWal }) => !disableWal),
      families: scenario.stores[0]?.families.length ?? 1,
    }),
    effort: { runs, events },
  };
}

/** With a flush and a wait for compaction at the end, so that what is only put off counts. */
function settled(scenario: LsmScenario): LsmScenario {
  if (scenario.steps.at(-1)?.kind === 'waitForCompaction') return scenario;
  const wait: Step = { kind: 'waitForCompaction', benchmark: 'waitforcompaction' };
  return { ...scenario, steps: [...scenario.steps, { kind: 'flush', benchmark: 'flush' }, wait] };
}

function figureOf(result: LsmResult, { path }: Requirement): number | null {
  return figureAt(lsmKind.encode(result, notValidated), path) ?? null;
}

/** Costs this near count as equal. */
const EQUAL_FRACTION = 0.01;

/** Runs that meet every requirement and are better than the best and than each other in goal, write amplification or peak space. */
function alternativesOf(tried: readonly Tried[], best: Tried, goal: Goal): readonly Tried[] {
  const costs = ({ score, result }: Tried): readonly number[] => [
    (goal.better === 'more' ? -1 : 1) * (score.value ?? 0),
    result.writeAmplification ?? 0,
    result.space.peakTransientBytes,
  ];
  const beats = (a: Tried, b: Tried): boolean => {
    const others = costs(b);
    return costs(a).every((cost, index) => cost <= (others[index] ?? 0) + EQUAL_FRACTION * Math.abs(others[index] ?? 0));
  };
  const told: Tried[] = [best];
  for (const one of tried) {
    if (one.score.violation > 0 || told.some((other) => beats(other, one))) continue;
    told.push(one);
    if (told.length > ALTERNATIVES_TOLD) break;
  }
  return told.slice(1);
}
