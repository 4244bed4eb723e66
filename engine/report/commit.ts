/** A run against an object store as text for a terminal: each role's rates, latencies and failures, the checks, the bill. */
import { maxMicros, totalCount, percentileMicros, type Histogram } from '../kernel/histogram.js';
import { formatCount, formatFraction, formatMicros } from '../kernel/units.js';
import type { CommitResult } from '../commit/result.js';
import { limitText, starvationText, workingRoles } from './commit-words.js';
import {
  assumptionLines,
  closingLines,
  heading,
  joinSections,
  number,
  paint,
  plainStyle,
  row,
  warningLines,
  type TerminalContext,
  type TerminalStyle,
} from './terminal-text.js';

/** The whole report, with a final newline. */
export function renderCommitReport(result: CommitResult, context: TerminalContext, style: TerminalStyle = plainStyle): string {
  return joinSections(
    [
      [paint(context.title, 'bold', style)],
      assumptionLines(result.assumptions, style),
      roleLines(result, style),
      latencyLines(result, style),
      answerLines(result),
      checkLines(result, style),
      warningLines(result.warnings, style),
      closingLines(result, context, style),
    ],
    style,
  );
}

function roleLines(result: CommitResult, style: TerminalStyle): string[] {
  const columns = ['ended', 'succeeded', 'per sec', 'precond.', 'gave up', 'failed'];
  return [
    heading(`${'Role'.padEnd(18)}${columns.map((name) => name.padStart(10)).join('')}`, style),
    ...workingRoles(result).map(([name, role]) => {
      const failed = role.operations === 0 ? '-' : formatFraction(1 - role.succeededCount / role.operations);
      const cells = [
        ...[formatCount(role.operations), formatCount(role.succeededCount), number(role.succeededCount / result.simulatedSec)],
        ...[formatCount(role.preconditionFailureCount), formatCount(role.retryFailureCount), failed],
      ];
      return `${`${formatCount(role.clientCount)} ${name}${role.clientCount === 1 ? '' : 's'}`.padEnd(18)}${cells.map((cell) => cell.padStart(10)).join('')}`;
    }),
  ];
}

function latencyLines(result: CommitResult, style: TerminalStyle): string[] {
  const lines = workingRoles(result).flatMap(([name, role]) => [
    ...latencyLine(name, role.latencyMicros),
    ...latencyLine(`${name}, precond.`, role.preconditionFailedMicros),
    ...latencyLine(`${name}, gave up`, role.retryFailedMicros),
  ]);
  if (lines.length === 0) return [];
  const header = ['p50', 'p95', 'p99', 'p99.9', 'max'].map((column) => column.padStart(11)).join('');
  const origin =
    result.coordinatedOmission === 'corrected' ? 'latencies count from the tick' : 'latencies count from the begin (uncorrected)';
  return [heading(`${'Latency'.padEnd(18)}${header}`, style), ...lines, origin];
}

function latencyLine(name: string, histogram: Histogram | null): string[] {
  if (histogram === null || totalCount(histogram) === 0) return [];
  const cells = [...[50, 95, 99, 99.9].map((percent) => percentileMicros(histogram, percent)), maxMicros(histogram)];
  return [`${name.padEnd(18)}${cells.map((micros) => formatMicros(micros).padStart(11)).join('')}`];
}

function answerLines(result: CommitResult): string[] {
  const { keys, bill, limit, starvation, roles } = result;
  const committed = `${formatCount(keys.committedCount)} committed (${formatCount(keys.compactedCount)} compacted)`;
  const orphans = keys.orphanCount + keys.orphansDeletedCount === 0 ? '' : `, ${formatCount(keys.orphanCount)} orphans`;
  const waits = (
    [
      ['compactor', roles.compactor],
      ['reader', roles.reader],
    ] as const
  ).flatMap(([name, role]) => (role === undefined || role.waitCount === 0 ? [] : [`${name} ${formatCount(role.waitCount)} times`]));
  return [
    ...(roles.client === undefined ? [row('Keys', `${committed}${orphans}`)] : [row('Swaps', formatCount(result.transactionCount))]),
    ...(waits.length === 0 ? [] : [row('Nothing yet', waits.join(', '))]),
    row('In flight', `${formatCount(result.peakInFlightCount)} at most, ${formatCount(result.inFlightCount)} at the end`),
    row('Requests', `$${bill.dollarsPerMonth.toFixed(2)} a month at this rate`),
    ...(limit === null ? [] : [row('Writers', limitText(limit))]),
    ...(starvation === null ? [] : [row('Compaction', starvationText(starvation))]),
  ];
}

function checkLines({ verification }: CommitResult, style: TerminalStyle): string[] {
  const broken = verification.filter(({ passed }) => !passed);
  if (broken.length === 0) return [row('Verified', `all ${formatCount(verification.length)} checks hold`)];
  return [heading('BROKEN', style), ...broken.map(({ check, detail }) => `  ${check}: ${detail}`)];
}
