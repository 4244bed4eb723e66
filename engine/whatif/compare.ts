/**
 * Several scenarios side by side: the figures of each over the same seeds, how far they are from the first one's, and why. Seeds are
 * paired: a difference is taken between runs of one seed, so that luck common to both falls out.
 */
import { max, median, min } from 'd3-array';
import type { LoadedScenario } from '../files/load.js';
import { PutmodelError, type Issue } from '../kernel/errors.js';
import type { Kind, Metric, Reason, Result } from '../scenario/kind.js';
import type { Validity } from '../scenario/result.js';
import { validityOf } from '../validation/reference.js';
import { runMany, type RunManyOptions } from './run-many.js';

/** What is compared. */
export interface Contestant {
  readonly label: string;
  readonly loaded: LoadedScenario;
}

/** A figure over the seeds; null where no seed has it. */
export interface Spread {
  readonly median: number | null;
  readonly min: number | null;
  readonly max: number | null;
}

/** One contestant's answer. */
export interface ComparedRun {
  readonly label: string;
  readonly scenario: string;
  readonly what: string;
  /** Figures by their path in the result document. */
  readonly figures: Readonly<Record<string, Spread>>;
  /** Against the first contestant, percent of its figure; null median where that is 0 or missing. The first has none. */
  readonly differencesPercent: Readonly<Record<string, Spread>>;
  readonly reasons: readonly Reason[];
  readonly validity: Validity | null;
  /** Of the first seed; null when the run failed. */
  readonly result: Result | null;
  /** What went wrong; empty when nothing did. */
  readonly issues: readonly Issue[];
}

/** The whole answer. */
export interface Comparison {
  readonly seeds: readonly number[];
  /** What the figures are, in the kind's order. */
  readonly metrics: readonly Pick<Metric<Result>, 'path' | 'unit' | 'better'>[];
  readonly runs: readonly ComparedRun[];
  /** Of a two-phase evaluation (two-phase.ts): each run's maximum and what it was offered; null where it has none. */
  readonly offered?: readonly (OfferedLoad | null)[];
}

/** The load of a run that is compared at a part of its own maximum. */
export interface OfferedLoad {
  readonly maximumOpsPerSec: Spread;
  readonly opsPerSec: number;
}

/**
 * Runs every contestant with `seedCount` seeds from the first contestant's own on.
 * @throws PutmodelError USAGE for contestants of different kinds; CANCELLED
 */
export async function compare(contestants: readonly Contestant[], seedCount: number, options: RunManyOptions = {}): Promise<Comparison> {
  const [first] = contestants;
  if (first === undefined) return { seeds: [], metrics: [], runs: [] };
  const { kind } = first.loaded;
  const stranger = contestants.find(({ loaded }) => loaded.kind.name !== kind.name);
  if (stranger !== undefined) {
    throw new PutmodelError({
      code: 'USAGE',
      message: `scenarios of different kinds cannot be compared: ${first.label} is ${kind.name}, ${stranger.label} is ${stranger.loaded.kind.name}`,
    });
  }
  const seeds = Array.from({ length: seedCount }, (_, index) => first.loaded.scenario.seed + index);
  const requests = contestants.flatMap(({ loaded }) => seeds.map((seed) => ({ ...loaded, scenario: { ...loaded.scenario, seed } })));
  const outcomes = await runMany(requests, options);
  const resultsOf = (index: number): readonly (Result | null)[] =>
    outcomes.slice(index * seedCount, (index + 1) * seedCount).map((outcome) => (outcome.status === 'done' ? outcome.result : null));
  const base = resultsOf(0);
  const runs = contestants.map(({ label, loaded }, index): ComparedRun => {
    const results = resultsOf(index);
    const [result = null] = results;
    const failed = outcomes.slice(index * seedCount, (index + 1) * seedCount).find((outcome) => outcome.status === 'failed');
    const [baseResult = null] = base;
    return {
      label,
      scenario: loaded.scenario.name,
      what: loaded.kind.describe(loaded.scenario),
      figures: Object.fromEntries(kind.metrics.map((metric) => [metric.path, spreadOf(results.map((one) => read(metric, one)))])),
      differencesPercent: index === 0 ? {} : differencesOf(kind.metrics, base, results),
      reasons: index === 0 || result === null || baseResult === null ? [] : (kind.reasons?.(baseResult, result) ?? []),
      validity: result === null ? null : validityOf(loaded, result),
      result,
      issues: failed?.error.issues ?? [],
    };
  });
  return { seeds, metrics: kind.metrics.map(({ path, unit, better }) => ({ path, unit, better })), runs };
}

/** A run that was made before. */
export interface FinishedContestant {
  readonly label: string;
  readonly kind: Kind;
  readonly seed: number;
  readonly validity: Validity;
  readonly result: Result;
}

/**
 * Runs that were made before, side by side: one each, whatever their seeds.
 * @throws PutmodelError USAGE for runs of different kinds
 */
export function compareFinished(finished: readonly FinishedContestant[]): Comparison {
  const [first] = finished;
  if (first === undefined) return { seeds: [], metrics: [], runs: [] };
  const { kind } = first;
  const stranger = finished.find((run) => run.kind.name !== kind.name);
  if (stranger !== undefined) {
    const message = `runs of different kinds cannot be compared: ${first.label} is ${kind.name}, ${stranger.label} is ${stranger.kind.name}`;
    throw new PutmodelError({ code: 'USAGE', message });
  }
  const runs = finished.map(({ label, validity, result }, index): ComparedRun => ({
    label,
    scenario: label,
    what: '',
    figures: Object.fromEntries(kind.metrics.map((metric) => [metric.path, spreadOf([metric.read(result)])])),
    differencesPercent: index === 0 ? {} : differencesOf(kind.metrics, [first.result], [result]),
    reasons: index === 0 ? [] : (kind.reasons?.(first.result, result) ?? []),
    validity,
    result,
    issues: [],
  }));
  const seeds = [...new Set(finished.map(({ seed }) => seed))];
  return { seeds, metrics: kind.metrics.map(({ path, unit, better }) => ({ path, unit, better })), runs };
}

function read(metric: Metric<Result>, result: Result | null): number | null {
  return result === null ? null : metric.read(result);
}

function differencesOf(
  metrics: readonly Metric<Result>[],
  base: readonly (Result | null)[],
  results: readonly (Result | null)[],
): ComparedRun['differencesPercent'] {
  const entries = metrics.map((metric) => {
    const percents = results.map((result, seed) => {
      const before = read(metric, base[seed] ?? null);
      const after = read(metric, result);
      if (before === null || after === null) return null;
      if (before === after) return 0;
      return before === 0 ? null : 100 * (after / before - 1);
    });
    return [metric.path, spreadOf(percents)] as const;
  });
  return Object.fromEntries(entries);
}

/** Median and range of what is there. */
export function spreadOf(values: readonly (number | null)[]): Spread {
  const known = values.filter((value) => value !== null);
  return { median: median(known) ?? null, min: min(known) ?? null, max: max(known) ?? null };
}
