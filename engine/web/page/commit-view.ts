/** How a run against an object store is shown. */
import { totalCount, percentileMicros, type Histogram } from '../../kernel/histogram.js';
import { formatCount, formatFraction, formatMicros } from '../../kernel/units.js';
import { checkNames } from '../../commit/checks.js';
import type { CommitResult, RoleResult } from '../../commit/result.js';
import type { CommitScenario } from '../../commit/scenario.js';
import { commitRunPictures } from '../../report/charts/commit-run-pictures.js';
import { commitSentences, workingRoles } from '../../report/commit-words.js';
import type { Tile, View } from './run.js';
import { table } from './table.js';

/** Successes, conflicts, latencies by role, the checks and the bill. */
export const commitView: View<CommitScenario, CommitResult> = {
  sentences: ({ result }) => commitSentences(result),
  tiles: ({ result }) => [...workingRoles(result).flatMap(([name]) => roleTiles[name]?.() ?? []), ...commonTiles],
  pictures: ({ result }, pinned) =>
    commitRunPictures(
      '',
      pinned === null
        ? [{ name: '', result }]
        : [
            { name: '', result },
            { name: 'pinned', result: pinned.result },
          ],
    ),
  tables: ({ result }) => [
    ['Roles', rolesTable(result)],
    ['Checks that ran inside the simulation', checksTable(result)],
    ['Bill, in a month at this rate', billTable(result)],
  ],
};

// ---- tiles ----

type TileRole = 'writer' | 'compactor' | 'reader' | 'client';

function successRate(label: string, role: TileRole): Tile<CommitResult> {
  const read = ({ roles, simulatedSec }: CommitResult): number | null => {
    const figures = roles[role];
    return figures === undefined || !(simulatedSec > 0) ? null : figures.succeededCount / simulatedSec;
  };
  return { label, better: 'more', read, format: (value) => (value >= 10 ? formatCount(value) : value.toFixed(2)) };
}

function share(label: string, role: TileRole, of: (figures: RoleResult) => readonly [part: number, whole: number]): Tile<CommitResult> {
  const read = ({ roles }: CommitResult): number | null => {
    const figures = roles[role];
    if (figures === undefined) return null;
    const [part, whole] = of(figures);
    return whole === 0 ? null : part / whole;
  };
  return { label, better: 'less', read, format: formatFraction };
}

function percentile(label: string, role: TileRole, percent: number): Tile<CommitResult> {
  const read = ({ roles }: CommitResult): number | null => {
    const histogram = roles[role]?.latencyMicros ?? null;
    return histogram === null || totalCount(histogram) === 0 ? null : percentileMicros(histogram, percent);
  };
  return { label, better: 'less', read, format: formatMicros };
}

const failed = ({ operations, succeededCount }: RoleResult): readonly [number, number] => [operations - succeededCount, operations];
const beaten = (role: RoleResult): readonly [number, number] => [role.preconditionFailureCount, role.attemptCount];

const roleTiles: Readonly<Partial<Record<string, () => readonly Tile<CommitResult>[]>>> = {
  writer: () => [
    successRate('Writes, /s', 'writer'),
    share('Writes that failed', 'writer', failed),
    percentile('Write latency p99', 'writer', 99),
  ],
  compactor: () => [share('Compactions that failed', 'compactor', failed), percentile('Compaction latency p99', 'compactor', 99)],
  reader: () => [successRate('Reads, /s', 'reader'), percentile('Read latency p99', 'reader', 99)],
  client: () => [
    successRate('Swaps, /s', 'client'),
    share('Attempts beaten', 'client', beaten),
    percentile('Swap latency p50', 'client', 50),
    percentile('Swap latency p99', 'client', 99),
  ],
};

const commonTiles: readonly Tile<CommitResult>[] = [
  {
    label: 'Requests, $ a month',
    better: 'less',
    read: ({ bill }) => bill.dollarsPerMonth,
    format: (value) => value.toFixed(2),
  },
];

// ---- tables ----

function rolesTable(result: CommitResult): HTMLElement {
  const at = (histogram: Histogram | null, percent: number): string =>
    histogram === null || totalCount(histogram) === 0 ? 'n/a' : formatMicros(percentileMicros(histogram, percent));
  const rows = workingRoles(result).map(([name, role]) => [
    `${formatCount(role.clientCount)} ${name}${role.clientCount === 1 ? '' : 's'}`,
    ...[role.operations, role.succeededCount, role.attemptCount, role.preconditionFailureCount].map(formatCount),
    ...[role.retryFailureCount, role.requestFailureCount].map(formatCount),
    ...[50, 95, 99, 99.9].map((percent) => at(role.latencyMicros, percent)),
  ]);
  const head = ['who', 'ended', 'succeeded', 'attempts', 'beaten', 'gave up', 'requests failed', 'p50', 'p95', 'p99', 'p99.9'];
  return table(head, rows, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
}

function checksTable({ verification }: CommitResult): HTMLElement {
  return table(
    ['check', 'holds', 'detail'],
    verification.map(({ check, passed, detail }) => [checkNames[check], passed ? 'yes' : 'NO', detail]),
    [],
  );
}

function billTable({ bill }: CommitResult): HTMLElement {
  const rows = bill.rows.map(({ role, verb, requestCount, dollarsPerMonth }) => [
    role,
    verb === 'commit' ? 'conditional PUT' : verb.toUpperCase(),
    formatCount(requestCount),
    dollarsPerMonth.toFixed(2),
  ]);
  return table(['who', 'request', 'sent', '$ a month'], [...rows, ['all', '', '', bill.dollarsPerMonth.toFixed(2)]], [2, 3]);
}
