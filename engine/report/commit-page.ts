/** A run against an object store on its report page: the answer, each role's rates and latencies, what it costs, the checks. */
import type { CommitResult, RoleResult } from '../commit/result.js';
import { checkNames } from '../commit/checks.js';
import { maxMicros, totalCount, percentileMicros, type Histogram } from '../kernel/histogram.js';
import { formatCount, formatFraction, formatMicros, formatSeconds } from '../kernel/units.js';
import { drawCommitBaseline, type CommitRole } from './charts/commit-pictures.js';
import { commitRunPictures } from './charts/commit-run-pictures.js';
import type { NamedPicture } from './charts/drawing.js';
import { commitSentences, limitText, starvationText, workingRoles } from './commit-words.js';
import type { Cell, Column, Section } from './html.js';
import type { KindPage, ReportedRun } from './pages.js';
import { number } from './terminal-text.js';

/** All pictures of the run: the workload documents' four panels where it has their roles. */
export function commitPagePictures(result: CommitResult, { name }: ReportedRun): readonly NamedPicture[] {
  const { writer, compactor, reader, client } = result.roles;
  const roles = { writer: drawnRole(writer, result), compactor: drawnRole(compactor, result), reader: drawnRole(reader, result) };
  const point = { label: name, numWriters: 0, writerRatePerSec: 0, numReaders: 0, readerRatePerSec: 0, ...roles };
  const baseline: NamedPicture = { name: 'baseline', draw: (canvas) => drawCommitBaseline(name, point, canvas) };
  return [...(client === undefined ? [baseline] : []), ...commitRunPictures(name, [{ name: '', result }])];
}

function drawnRole(role: RoleResult | undefined, { simulatedSec }: CommitResult): CommitRole | null {
  if (role === undefined || role.clientCount === 0) return null;
  const at = (percent: number): number | null =>
    role.latencyMicros === null || totalCount(role.latencyMicros) === 0 ? null : percentileMicros(role.latencyMicros, percent);
  return {
    ...{ p50Micros: at(50), p95Micros: at(95), p99Micros: at(99) },
    opsPerSec: role.operations / simulatedSec,
    attemptsPerSec: role.attemptCount / simulatedSec,
    preconditionFailuresPerSec: role.preconditionFailureCount / simulatedSec,
    retryFailuresPerSec: role.retryFailureCount / simulatedSec,
  };
}

/** What the page says of the run. */
export function commitPage(result: CommitResult): KindPage {
  return {
    lead: commitSentences(result).join(' '),
    figures: [{ kind: 'facts', facts: answerFacts(result) }],
    sections: [roleSection(result), latencySection(result), billSection(result), checkSection(result)].filter(
      ({ blocks }) => blocks.length > 0,
    ),
  };
}

const left = (label: string): Column => ({ label, align: 'left' });
const right = (label: string): Column => ({ label, align: 'right' });

function answerFacts(result: CommitResult): (readonly [string, string])[] {
  const { keys, limit, starvation, roles } = result;
  return [
    roles.client === undefined
      ? [
          'Keys',
          `${formatCount(keys.committedCount)} committed, ${formatCount(keys.compactedCount)} of them by compactors; ${formatCount(keys.liveCount)} live at the end`,
        ]
      : ['Swaps', formatCount(result.transactionCount)],
    ...(keys.orphanCount + keys.orphansDeletedCount === 0
      ? []
      : [['Orphans', `${formatCount(keys.orphanCount)} left, ${formatCount(keys.orphansDeletedCount)} deleted`] as const]),
    ['Requests in flight', `${formatCount(result.peakInFlightCount)} at most`],
    ...(limit === null ? [] : [['Writers it bears', limitText(limit)] as const]),
    ...(starvation === null ? [] : [['Compaction', starvationText(starvation)] as const]),
    ['Latencies', result.coordinatedOmission === 'corrected' ? 'from the tick on' : 'from the begin of an operation on (uncorrected)'],
  ];
}

function roleSection(result: CommitResult): Section {
  const columns = [
    left('role'),
    right('clients'),
    ...['ended', 'succeeded', 'a second', 'attempts', 'beaten', 'gave up', 'did not succeed'].map(right),
  ];
  const rows = workingRoles(result).map(([name, role]): Cell[] => {
    const failed = role.operations === 0 ? null : 1 - role.succeededCount / role.operations;
    return [
      name,
      ...[role.clientCount, role.operations, role.succeededCount].map(formatCount),
      number(role.succeededCount / result.simulatedSec),
      ...[role.attemptCount, role.preconditionFailureCount, role.retryFailureCount].map(formatCount),
      failed === null ? 'n/a' : formatFraction(failed),
    ];
  });
  const caption = 'Operations; attempts are conditional PUTs, beaten those of them that another commit came before';
  return { heading: 'Roles', blocks: [{ kind: 'table', columns, rows, caption }] };
}

function latencySection(result: CommitResult): Section {
  const rows = workingRoles(result).flatMap(([name, role]) => [
    ...latencyRow(`${name}, succeeded`, role.latencyMicros),
    ...latencyRow(`${name}, beaten`, role.preconditionFailedMicros),
  ]);
  const columns = [left('of'), right('count'), ...['p50', 'p95', 'p99', 'p99.9', 'max'].map(right)];
  return { heading: 'Latencies', blocks: rows.length === 0 ? [] : [{ kind: 'table', columns, rows }] };
}

function latencyRow(name: string, histogram: Histogram | null): string[][] {
  if (histogram === null || totalCount(histogram) === 0) return [];
  const micros = [...[50, 95, 99, 99.9].map((percent) => percentileMicros(histogram, percent)), maxMicros(histogram)];
  return [[name, formatCount(totalCount(histogram)), ...micros.map(formatMicros)]];
}

function billSection({ bill, simulatedSec }: CommitResult): Section {
  const rows = bill.rows.map(({ role, verb, requestCount, dollarsPerMonth }) => [
    role,
    verb,
    formatCount(requestCount),
    `$${dollarsPerMonth.toFixed(2)}`,
  ]);
  const columns = [left('role'), left('request'), right(`in ${formatSeconds(simulatedSec)}`), right('a month')];
  const caption = `$${bill.dollarsPerMonth.toFixed(2)} in a month of 30 days at this rate; a commit is a conditional PUT`;
  return { heading: 'Requests and what they cost', blocks: rows.length === 0 ? [] : [{ kind: 'table', columns, rows, caption }] };
}

function checkSection({ verification }: CommitResult): Section {
  const rows = verification.map(({ check, passed, detail }): Cell[] => [
    checkNames[check],
    passed ? { text: 'holds', verdict: 'good' } : { text: 'BROKEN', verdict: 'bad' },
    detail,
  ]);
  return { heading: 'Checks', blocks: [{ kind: 'table', columns: [left('check'), left(''), left('how')], rows }] };
}
