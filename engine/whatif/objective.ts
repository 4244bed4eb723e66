/** What a search is after: a goal to push as far as it goes, and requirements that must hold first. */
import { PutmodelError } from '../kernel/errors.js';
import type { LsmResult } from '../lsm/result.js';
import type { LsmScenario } from '../lsm/scenario.js';
import { nearestName } from '../rocksdb/nearest.js';
import type { Metric, ResultDocument, Unit } from '../scenario/kind.js';
import { lsmKind } from '../scenario/lsm-kind.js';
import { checkRequirements, figureAt, holds, type Requirement } from '../scenario/requirement.js';
import { notValidated } from '../scenario/result.js';
import { heldSec, isClosed } from './best-changes.js';

/** A figure and which way is better. */
export interface Goal {
  readonly name: string;
  readonly unit: Unit;
  readonly better: 'more' | 'less';
  readonly read: (result: LsmResult) => number | null;
}

/** Both, as asked. */
export interface Objective {
  readonly goal: Goal;
  readonly requirements: readonly Requirement[];
}

/** How good a run is: `violation` 0 when every requirement holds. */
export interface Score {
  readonly violation: number;
  readonly value: number | null;
}

/** Puts a second over the whole run, a tree that has settled included: what is only put off does not count as done. */
const settledPutRate: Goal = {
  name: 'settledPutRate',
  unit: 'opsPerSec',
  better: 'more',
  read: ({ benchmarks, simulatedSec }) => (simulatedSec > 0 ? benchmarks.reduce((sum, { puts }) => sum + puts, 0) / simulatedSec : null),
};

const held: Goal = { name: 'heldSec', unit: 'sec', better: 'less', read: heldSec };

/**
 * The goal by name: settledPutRate (the default where writers wait), heldSec (where the load is given), or a metric's path; `less:` or
 * `more:` before it where the metric itself does not say.
 * @throws PutmodelError USAGE for a name that is none
 */
export function goalOf(name: string | undefined, scenario: LsmScenario): Goal {
  if (name === undefined) return isClosed(scenario) ? settledPutRate : held;
  const [, way, path = ''] = /^(?:(less|more):)?(.*)$/.exec(name) ?? [];
  const own = [settledPutRate, held].find((goal) => goal.name === path);
  const metric: Metric<LsmResult> | undefined = lsmKind.metrics.find((candidate) => candidate.path === path);
  const better = way === 'less' || way === 'more' ? way : (own?.better ?? metric?.better ?? 'neither');
  if (own !== undefined && better !== 'neither') return { ...own, better };
  const known = [settledPutRate.name, held.name, ...lsmKind.metrics.map((candidate) => candidate.path)];
  if (metric === undefined) {
    throw new PutmodelError({
      code: 'USAGE',
      message: 'no such goal',
      found: path,
      expected: `${nearestName(path, known) ?? known.join(', ')}?`,
    });
  }
  if (better === 'neither')
    throw new PutmodelError({ code: 'USAGE', message: `is more or less ${path} better?`, expected: `less:${path} or more:${path}` });
  return { name: path, unit: metric.unit, better, read: (result) => metric.read(result) };
}

/** @throws PutmodelError USAGE for a requirement that names no figure of the result */
export function scoreOf({ goal, requirements }: Objective, result: LsmResult): Score {
  const document: ResultDocument = requirements.length === 0 ? {} : lsmKind.encode(result, notValidated);
  let violation = 0;
  for (const requirement of requirements) {
    const value = figureAt(document, requirement.path);
    if (value === undefined) throw new PutmodelError(checkRequirements([requirement], document));
    if (value !== null && holds(requirement, value)) continue;
    violation += value === null ? 1 : Math.max(1e-9, Math.abs(value - requirement.limit) / Math.max(Math.abs(requirement.limit), 1));
  }
  return { violation, value: goal.read(result) };
}

/** Below 0: the first is better. What breaks requirements less comes first, then the goal. */
export function compareScores({ better }: Goal, a: Score, b: Score): number {
  if (a.violation !== b.violation) return a.violation - b.violation;
  if (a.value === null || b.value === null) return (a.value === null ? 1 : 0) - (b.value === null ? 1 : 0);
  return better === 'more' ? b.value - a.value : a.value - b.value;
}

/** By how much the first is better, as a fraction of the second; Infinity where it meets requirements that the second breaks. */
export function gainFraction(goal: Goal, a: Score, b: Score): number {
  if (a.violation !== b.violation) return a.violation < b.violation ? Infinity : -Infinity;
  if (a.value === null || b.value === null || b.value === 0) return compareScores(goal, a, b) < 0 ? Infinity : 0;
  return ((goal.better === 'more' ? 1 : -1) * (a.value - b.value)) / Math.abs(b.value);
}
