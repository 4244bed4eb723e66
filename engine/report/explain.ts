/** An explanation as text and as JSON: assumptions first, then what held writes, what comes, and what would help. */
import { formatBytes, formatBytesPerSec, formatCount, formatFraction, formatSeconds } from '../kernel/units.js';
import { changeSteps } from '../rocksdb/options-text.js';
import type { ResultDocument } from '../scenario/kind.js';
import type { ChangeFigures, VerifiedChange } from '../whatif/best-changes.js';
import type { BackTest, DrainTimes, Explanation, HeldWrites } from '../whatif/explain.js';
import type { LintFinding } from '../whatif/lint-options.js';
import { changeText } from './figures.js';
import { assumptionLines, heading, joinSections, number, paint, row, type TerminalStyle } from './terminal-text.js';
import { causeNames, limitNames } from './words.js';

/** The whole answer, with a final newline. */
export function renderExplanation(explanation: Explanation, style: TerminalStyle): string {
  const { name, source, assumptions, held, debtBytes, drain, backTest, changes, lint } = explanation;
  return joinSections(
    [
      [heading(`${name}: ${source === 'log' ? 'what its LOG tells' : 'what its run tells'}`, style)],
      assumptionLines(assumptions, style),
      [...heldLines(held, style), ...bindingLines(explanation), ...debtLines(debtBytes, drain)],
      backTestLines(backTest, style),
      ...changeSections(changes, style),
      lintLines(lint, style),
    ],
    style,
  );
}

function heldLines(held: HeldWrites, style: TerminalStyle): string[] {
  const { spanSec, delayedSec, stoppedSec, byCause, now } = held;
  const total = delayedSec + stoppedSec;
  if (!(total > 0)) return [row('Held', `never, in ${formatSeconds(spanSec)}`)];
  const text = `${formatSeconds(total)} of ${formatSeconds(spanSec)} (${formatFraction(total / spanSec)}): stopped ${formatSeconds(stoppedSec)}, delayed ${formatSeconds(delayedSec)}`;
  const cause = now?.cause == null ? '' : ` by ${causeNames[now.cause]}`;
  return [
    row('Held', total / spanSec > 0.1 ? paint(text, 'yellow', style) : text),
    row('  by cause', byCause.map(({ cause: one, seconds }) => `${causeNames[one]} ${formatSeconds(seconds)}`).join(', ')),
    row('At the end', now === null ? 'writes go through' : `${now.state}${cause}, for ${formatSeconds(now.sinceSec)}`),
  ];
}

function bindingLines({ forecast }: Explanation): string[] {
  const binding = forecast.bottleneck.binding.filter(({ fraction }) => fraction >= 0.005).slice(0, 3);
  const { meanOpsPerSec } = forecast.putRate;
  return [
    row('If it goes on', `${formatCount(meanOpsPerSec)} puts/s over the next ${formatSeconds(forecast.simulatedSec)}, simulated`),
    ...(binding.length === 0
      ? []
      : [row('  bound by', binding.map(({ limit, fraction }) => `${limitNames[limit]} ${formatFraction(fraction)}`).join(', '))]),
  ];
}

function debtLines(debtBytes: number, { asNowSec, halvedSec, stoppedSec, horizonSec }: DrainTimes): string[] {
  if (asNowSec === 0) return [row('Debt', `${formatBytes(debtBytes)} pending: no more than an L0 compaction is about`)];
  const eta = (sec: number | null, withinSec: number): string =>
    sec === null ? `not within ${formatSeconds(withinSec)}` : `in ${formatSeconds(sec)}`;
  const etas = [
    `${eta(asNowSec, horizonSec)} at this load`,
    `${eta(halvedSec, horizonSec)} with writes halved`,
    `${eta(stoppedSec, 3600)} with none`,
  ];
  return [row('Debt', `${formatBytes(debtBytes)} pending; gone ${etas.join(', ')}`)];
}

function backTestLines(test: BackTest | null, style: TerminalStyle): string[] {
  if (test === null) return [];
  const { measured, predicted } = test;
  const line = (name: string, real: number, guess: number, text: (value: number) => string): string => {
    const error = real > 0 ? ` (${changeText(100 * (guess / real - 1))})` : '';
    return `  ${name.padEnd(24)} ${text(guess)} predicted, ${text(real)} measured${error}`;
  };
  return [
    heading(`Back-test: the first ${formatSeconds(test.firstSec)} of the LOG predict the other ${formatSeconds(test.restSec)}`, style),
    line('puts/s', measured.putsPerSec, predicted.putsPerSec, formatCount),
    line('flushes and compactions', measured.writtenBytesPerSec, predicted.writtenBytesPerSec, formatBytesPerSec),
    `  ${'held'.padEnd(24)} ${formatFraction(predicted.heldFraction)} predicted, ${formatFraction(measured.heldFraction)} measured`,
  ];
}

function changeSections(changes: readonly VerifiedChange[], style: TerminalStyle): string[][] {
  if (changes.length === 0)
    return [[heading('Changes', style), '  none of the single changes tried helps: see the lint below, or ask putmodel advise']];
  return [[heading('What would help most, each simulated', style)], ...changes.map(changeLines)];
}

function changeLines(change: VerifiedChange, index: number): string[] {
  const { online, newFiles, reopen } = changeSteps(change.changes);
  return [
    `  ${String(index + 1)}. ${assignments(change)}: ${gainText(change)}`,
    ...costLine(change),
    ...online.map((call) => `     online     ${call}`),
    ...newFiles.map((call) => `     new files  ${call}`),
    ...(reopen.length === 0 ? [] : [`     reopen     with ${reopen.join(', ')}`]),
  ];
}

function assignments({ changes }: Pick<VerifiedChange, 'changes'>): string {
  return Object.entries(changes)
    .map(([key, value]) => `${key} ${String(value)}`)
    .join(', ');
}

function gainText({ gain, before, after }: VerifiedChange): string {
  const rate = `${formatCount(after.putsPerSec)} puts/s instead of ${formatCount(before.putsPerSec)}`;
  if (gain.figure === 'putRatePercent') return `${rate} (${changeText(gain.mean)}, at least ${changeText(gain.least)})`;
  return `held for ${formatSeconds(after.heldSec)} instead of ${formatSeconds(before.heldSec)}`;
}

function costLine({ before, after }: VerifiedChange): string[] {
  const parts = costs.flatMap(({ name, read, text }) => {
    const [was, is] = [read(before), read(after)];
    return was === null || is === null || Math.abs(is - was) < 0.03 * was ? [] : [`${name} ${text(is)} (was ${text(was)})`];
  });
  if (after.debtGrows)
    parts.push(before.debtGrows ? 'debt that still grows, as it does now' : 'debt that still grows: a part of this is borrowed');
  return parts.length === 0 ? [] : [`     with       ${parts.join(', ')}`];
}

const costs: readonly {
  readonly name: string;
  readonly read: (figures: ChangeFigures) => number | null;
  readonly text: (value: number) => string;
}[] = [
  { name: 'write amp.', read: (figures) => figures.writeAmplification, text: number },
  { name: 'peak space', read: (figures) => figures.peakSpaceBytes, text: formatBytes },
  { name: 'peak debt', read: (figures) => figures.peakDebtBytes, text: formatBytes },
  { name: 'memtables up to', read: (figures) => figures.memtableBytes, text: formatBytes },
];

const kindNames: Readonly<Record<LintFinding['kind'], string>> = {
  fights: 'conflict',
  neverTriggers: 'never triggers',
  noEffect: 'no effect',
  tight: 'tight',
};

/** Findings, one line each under a heading; none without any. */
export function lintLines(lint: readonly LintFinding[], style: TerminalStyle): string[] {
  if (lint.length === 0) return [];
  return [heading('Odd about the options', style), ...lint.map(({ kind, message }) => `  ${kindNames[kind]}: ${message}`)];
}

/** `putmodel/explanation/1`. */
export function explanationDocument(explanation: Explanation): ResultDocument {
  const { source, name, assumptions, lint, held, debtBytes, drain, backTest, changes, forecast } = explanation;
  return {
    schema: 'putmodel/explanation/1',
    source,
    name,
    assumptions,
    held,
    debt: { pendingCompactionBytes: debtBytes, drain },
    forecast: {
      seconds: forecast.simulatedSec,
      putsPerSec: forecast.putRate.meanOpsPerSec,
      stall: { stoppedSec: forecast.stall.stoppedSec, delayedSec: forecast.stall.delayedSec, byCause: forecast.stall.byCause },
      binding: forecast.bottleneck.binding,
    },
    backTest,
    changes: changes.map(({ changes: options, gain, before, after }) => ({ options, gain, before, after, steps: changeSteps(options) })),
    lint,
  };
}
