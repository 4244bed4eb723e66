/** The pictures of a run against an object store, and of two of them laid over each other. */
import { totalCount, type Histogram } from '../../kernel/histogram.js';
import type { CommitResult, RoleName, RoleResult } from '../../commit/result.js';
import { workingRoles } from '../commit-words.js';
import { drawConflictRates, type RoleConflicts } from './conflict-rates.js';
import { titled, type NamedPicture } from './drawing.js';
import { drawLatencyPercentiles, type LatencyCurve } from './latency-percentiles.js';

/** A run and what its curves are called by: '' for the one that needs no name. */
export interface CommitRun {
  readonly name: string;
  readonly result: CommitResult;
}

/** In the order in which they are looked at; a run without readers, failures or commits has none of them. */
export function commitRunPictures(name: string, runs: readonly CommitRun[]): NamedPicture[] {
  const latency = (file: string, what: string, read: (role: RoleResult) => Histogram | null): NamedPicture[] => {
    const curves = curvesOf(runs, read);
    // A single curve has no legend to name it.
    const title = titled(name, curves.length === 1 ? `${what}, ${curves[0]?.name ?? ''}` : what);
    return curves.length === 0 ? [] : [{ name: file, draw: (canvas) => drawLatencyPercentiles({ title, curves }, canvas) }];
  };
  const roles = conflictsOf(runs);
  return [
    ...latency('latency', 'latency of what succeeded', ({ latencyMicros }) => latencyMicros),
    ...(roles.length === 0
      ? []
      : [
          {
            name: 'conflicts',
            draw: (canvas) => drawConflictRates({ title: titled(name, 'commits that failed'), roles }, canvas),
          } satisfies NamedPicture,
        ]),
    ...latency('failed-latency', 'latency of attempts that were beaten', ({ preconditionFailedMicros }) => preconditionFailedMicros),
  ];
}

/** Of fewer there is no curve to see. */
const fewestValues = 3;

function curvesOf(runs: readonly CommitRun[], read: (role: RoleResult) => Histogram | null): LatencyCurve[] {
  return roleByRole(runs).flatMap(({ name, figures }) => {
    const histogram = read(figures);
    return histogram === null || totalCount(histogram) < fewestValues ? [] : [{ name, histogram }];
  });
}

function conflictsOf(runs: readonly CommitRun[]): RoleConflicts[] {
  return roleByRole(runs).flatMap(({ role, name, figures: { attemptCount, preconditionFailureCount, operations, succeededCount } }) =>
    role === 'reader' ? [] : [{ name, attemptCount, preconditionFailureCount, operations, failedCount: operations - succeededCount }],
  );
}

/** A role of the one run beside the same of the other. */
function roleByRole(runs: readonly CommitRun[]): { readonly role: RoleName; readonly name: string; readonly figures: RoleResult }[] {
  const all = runs.flatMap(({ name, result }) =>
    workingRoles(result).map(([role, figures]) => ({ role, figures, name: name === '' ? `${role}s` : `${role}s, ${name}` })),
  );
  const order = [...new Set(all.map(({ role }) => role))];
  return order.flatMap((role) => all.filter((one) => one.role === role));
}
