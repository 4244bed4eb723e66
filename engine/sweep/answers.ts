/**
 * What a sweep answers, from the figures of its points over their seeds (point-table.ts): which configurations no other beats in everything (Pareto front),
 * which is best within limits, where limits are passed, and what each axis does by itself. Plain data, the content of `answers.json`.
 */
import { holds, parseRequirement, type Requirement } from '../scenario/requirement.js';
import type { OpenSweep } from './bundle.js';
import { mainEffects, type MainEffect } from './effects.js';
import { paretoFront } from './pareto.js';
import { valuesOf } from './plan.js';
import { columnOf, type PointTable } from './point-table.js';
import { thresholdsOf, type AxisThreshold } from './thresholds.js';

/** Names the answers and the number of their schema. */
export const answersSchema = 'putmodel/sweep-answers/1';

/** A point as answers name it. Metrics are means over its seeds, latency percentiles those of all their runs; null where no run gave one. */
export interface PointAnswer {
  readonly pointIndex: number;
  readonly label: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly metrics: Readonly<Record<string, number | null>>;
}

/** The best configuration within limits. */
export interface BestAnswer {
  readonly metric: string;
  readonly better: 'more' | 'less';
  readonly require: readonly string[];
  /** Points that meet all limits, of those that have the figures. */
  readonly feasiblePoints: number;
  /** null when none meets them. */
  readonly point: PointAnswer | null;
}

/** Everything a sweep answers; parts that were not asked for are null or empty. */
export interface SweepAnswers {
  readonly schema: typeof answersSchema;
  readonly name: string;
  readonly points: number;
  readonly seeds: number;
  readonly pareto: { readonly metrics: readonly string[]; readonly front: readonly PointAnswer[] } | null;
  readonly best: BestAnswer | null;
  readonly thresholds: readonly { readonly limit: string; readonly axes: readonly AxisThreshold[] }[];
  readonly effects: readonly { readonly metric: string; readonly unit: string; readonly axes: readonly MainEffect[] }[];
}

/** What is asked of a sweep, with what is asked when nothing was: the best and the effects of its first metric that can be good or bad. */
interface Goal {
  readonly pareto: readonly string[];
  readonly best: { readonly metric: string; readonly require: readonly Requirement[] } | null;
  readonly thresholds: readonly Requirement[];
  readonly effects: readonly string[];
}

/** Metrics that the answers are made of. */
export function metricsAsked(open: OpenSweep): readonly string[] {
  const { pareto, best, thresholds, effects } = goalOf(open);
  const limits = [...thresholds, ...(best?.require ?? [])].map(({ path }) => path);
  return [...new Set([...pareto, ...(best === null ? [] : [best.metric]), ...limits, ...effects])];
}

/** Answers what the sweep's goal asks. The table holds at least `metricsAsked`. */
export function answersOf(open: OpenSweep, table: PointTable): SweepAnswers {
  const goal = goalOf(open);
  const { plan, bundle, metrics } = open;
  return {
    schema: answersSchema,
    name: bundle.name,
    points: plan.pointCount,
    seeds: plan.seeds.length,
    pareto: goal.pareto.length === 0 ? null : { metrics: goal.pareto, front: frontOf(open, goal.pareto, table) },
    best: goal.best === null ? null : bestOf(open, goal.best, table),
    thresholds: goal.thresholds.map((limit) => ({ limit: limit.text, axes: thresholdsOf(plan, limit, columnOf(table, limit.path)) })),
    effects: goal.effects.map((metric) => ({
      metric,
      unit: metrics.find(({ path }) => path === metric)?.unit ?? '',
      axes: mainEffects(plan, columnOf(table, metric)),
    })),
  };
}

function goalOf({ bundle, metrics }: OpenSweep): Goal {
  const { goal } = bundle.sweep;
  const first = metrics.find(({ better }) => better !== 'neither')?.path;
  if (goal === undefined) {
    return {
      pareto: [],
      best: first === undefined ? null : { metric: first, require: [] },
      thresholds: [],
      effects: first === undefined ? [] : [first],
    };
  }
  const best =
    goal.best === undefined ? null : { metric: goal.best.metric, require: (goal.best.require ?? []).map((text) => parseRequirement(text)) };
  const pareto = goal.pareto ?? [];
  const judged = [...new Set([...(best === null ? [] : [best.metric]), ...pareto])];
  return { pareto, best, thresholds: (goal.thresholds ?? []).map((text) => parseRequirement(text)), effects: goal.effects ?? judged };
}

function frontOf(open: OpenSweep, paths: readonly string[], table: PointTable): readonly PointAnswer[] {
  const objectives = paths.map((path) => ({ values: columnOf(table, path), better: betterOf(open, path) }));
  return paretoFront(objectives).map((point) => pointAnswer(open, table, point, paths));
}

function bestOf(open: OpenSweep, { metric, require }: NonNullable<Goal['best']>, table: PointTable): BestAnswer {
  const values = columnOf(table, metric);
  const better = betterOf(open, metric);
  const limits = require.map((requirement) => ({ requirement, values: columnOf(table, requirement.path) }));
  let feasiblePoints = 0;
  let bestPoint = -1;
  for (let point = 0; point < table.pointCount; point++) {
    const value = values[point] ?? Number.NaN;
    if (Number.isNaN(value) || !limits.every((limit) => holds(limit.requirement, limit.values[point] ?? Number.NaN))) continue;
    feasiblePoints += 1;
    const incumbent = values[bestPoint] ?? Number.NaN;
    if (bestPoint === -1 || (better === 'more' ? value > incumbent : value < incumbent)) bestPoint = point;
  }
  const shown = [...new Set([metric, ...require.map(({ path }) => path)])];
  return {
    metric,
    better,
    require: require.map(({ text }) => text),
    feasiblePoints,
    point: bestPoint === -1 ? null : pointAnswer(open, table, bestPoint, shown),
  };
}

function betterOf({ metrics }: OpenSweep, path: string): 'more' | 'less' {
  return metrics.find((metric) => metric.path === path)?.better === 'less' ? 'less' : 'more';
}

function pointAnswer({ plan, label }: OpenSweep, table: PointTable, pointIndex: number, paths: readonly string[]): PointAnswer {
  const values = valuesOf(plan, pointIndex);
  const figure = (path: string): number | null => {
    const value = columnOf(table, path)[pointIndex] ?? Number.NaN;
    return Number.isNaN(value) ? null : value;
  };
  return {
    pointIndex,
    label: label(values),
    values: Object.fromEntries(plan.axes.map(({ path }, index) => [path, values[index]])),
    metrics: Object.fromEntries(paths.map((path) => [path, figure(path)])),
  };
}
