/** A run against an object store in words: the answer in a few sentences. */
import { totalCount, percentileMicros, type Histogram } from '../kernel/histogram.js';
import { formatCount, formatFraction, formatMicros, formatSeconds } from '../kernel/units.js';
import type { CommitLimit, CommitResult, RoleName, RoleResult } from '../commit/result.js';

/** The roles that took part and are people's, in the order of reports: all but the collector. */
export function workingRoles({ roles }: CommitResult): (readonly [RoleName, RoleResult])[] {
  return (['writer', 'compactor', 'reader', 'client'] as const).flatMap((name) => {
    const role = roles[name];
    return role === undefined || role.clientCount === 0 ? [] : [[name, role] as const];
  });
}

/** The answer in words, most important first: successes, conflicts on HEAD, reads, compaction, writers it bears, checks, bill. */
export function commitSentences(result: CommitResult): readonly string[] {
  const { client, writer, reader } = result.roles;
  return [
    successSentence('swap', client, result),
    successSentence('write', writer, result),
    conflictSentence(result),
    successSentence('read', reader, result),
    compactionSentence(result),
    result.limit === null ? null : `Of writers, ${limitText(result.limit)}.`,
    checksSentence(result),
    `Requests cost $${result.bill.dollarsPerMonth.toFixed(2)} a month at this rate.`,
  ].filter((sentence) => sentence !== null);
}

/** How many writers the store bears, and the retries that they need. */
export function limitText({ committerCount, targetFraction, isBound, neededRetryCount, maxRetryCount }: CommitLimit): string {
  const target = `${formatFraction(targetFraction)} of their operations`;
  const retries = `${formatCount(maxRetryCount)} ${maxRetryCount === 1 ? 'retry' : 'retries'}`;
  if (neededRetryCount === null) return `not even one keeps ${target} with ${retries}`;
  const most = isBound ? `${formatCount(committerCount)} or more` : `at most ${formatCount(committerCount)}`;
  return `${most} keep ${target} with ${retries}; they need ${formatCount(neededRetryCount)}`;
}

/** Whether compaction comes through, and its worst stretch. */
export function starvationText({ starves, longestFailuresInRowCount, longestGapSec }: NonNullable<CommitResult['starvation']>): string {
  const failures = `${formatCount(longestFailuresInRowCount)} failures in a row at most`;
  return `${starves ? 'starves' : 'does not starve'}: ${failures}, longest time without success ${formatSeconds(longestGapSec)}`;
}

function successSentence(noun: 'write' | 'read' | 'swap', role: RoleResult | undefined, { simulatedSec }: CommitResult): string | null {
  if (role === undefined || role.clientCount === 0) return null;
  if (role.operations === 0) return `No ${noun} ends within ${formatSeconds(simulatedSec)}.`;
  const done = role.succeededCount === role.operations ? 'All' : formatFraction(role.succeededCount / role.operations);
  const plural = `${noun}s`;
  const rate = `${rateText(role.succeededCount / simulatedSec)} a second`;
  const latency = latencyText(role.latencyMicros);
  return `${done} ${done === 'All' ? plural : `of ${plural}`} succeed, ${rate}${latency === null ? '' : `: ${latency}`}.`;
}

/** "197", "0.10": the digits that tell rates of writers apart. */
function rateText(opsPerSec: number): string {
  return opsPerSec >= 10 ? formatCount(opsPerSec) : opsPerSec.toFixed(2);
}

function latencyText(histogram: Histogram | null): string | null {
  if (histogram === null || totalCount(histogram) === 0) return null;
  const [half, most] = [50, 99].map((percent) => formatMicros(percentileMicros(histogram, percent)));
  return `half within ${String(half)}, 99 % within ${String(most)}`;
}

function conflictSentence(result: CommitResult): string | null {
  const lost = workingRoles(result).flatMap(([name, role]) =>
    role.preconditionFailureCount === 0 ? [] : [`${formatFraction(role.preconditionFailureCount / role.attemptCount)} of ${name}s'`],
  );
  const isAny = workingRoles(result).some(([, { attemptCount }]) => attemptCount > 0);
  if (!isAny) return null;
  return lost.length === 0 ? 'No commit meets another.' : `Another commit came first in ${lost.join(' and ')} attempts.`;
}

function compactionSentence({ roles: { compactor }, starvation }: CommitResult): string | null {
  if (compactor === undefined || compactor.clientCount === 0 || starvation === null) return null;
  const { starves, longestFailuresInRowCount, longestGapSec } = starvation;
  const done = `${formatCount(compactor.succeededCount)} of ${formatCount(compactor.operations)} compactions succeed`;
  const row = longestFailuresInRowCount === 0 ? '' : `, at most ${formatCount(longestFailuresInRowCount)} fail in a row`;
  return `${starves ? 'Compaction starves: ' : ''}${done}${row}; the longest time without one is ${formatSeconds(longestGapSec)}.`;
}

function checksSentence({ verification }: CommitResult): string {
  const broken = verification.filter(({ passed }) => !passed);
  if (broken.length === 0) return `All ${formatCount(verification.length)} checks hold.`;
  return `BROKEN: ${broken.map(({ check }) => check).join(', ')}.`;
}
