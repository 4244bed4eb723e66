/** Advice as text and as JSON: what to change and what it brings, what it costs, how sure it is, and the lines to paste. */
import { percentileMicros, totalCount } from '../kernel/histogram.js';
import { formatBytes, formatCount, formatMicros, formatSeconds } from '../kernel/units.js';
import type { LsmResult } from '../lsm/result.js';
import { optionsOf } from '../lsm/with-options.js';
import { changeSteps, dbBenchFlagsOf, optionsFragment } from '../rocksdb/options-text.js';
import type { LsmOptions, PartialLsmOptions } from '../rocksdb/options.js';
import type { ResultDocument } from '../scenario/kind.js';
import type { Requirement } from '../scenario/requirement.js';
import type { Advice, Advised, Certainty, Required } from '../whatif/advise.js';
import { heldSec } from '../whatif/best-changes.js';
import type { Boundary } from '../whatif/bisect.js';
import { lintLines } from './explain.js';
import { changeText, figureName, figureText, reasonText } from './figures.js';
import { assumptionLines, heading, joinSections, number, paint, row, type TerminalStyle } from './terminal-text.js';

/** The whole answer, with a final newline. */
export function renderAdvice(advice: Advice, style: TerminalStyle): string {
  const { scenario, best, effort, lint } = advice;
  const changed = Object.keys(best.changes).length > 0;
  return joinSections(
    [
      [heading(`${scenario.name}: which options`, style)],
      assumptionLines([...scenario.assumptions, ...limitAssumptions(advice)], style),
      answerLines(advice, style),
      figureLines(advice, style),
      changed ? [heading('Why', style), ...advice.reasons.map((reason) => `  ${reasonText(reason)}`)] : [],
      certaintyLines(advice, style),
      changed ? pasteLines(best.changes, style) : [],
      thresholdLines(advice.options, style),
      alternativeLines(advice, style),
      lintLines(lint, style),
      [row('Searched', `${formatCount(effort.runs)} runs, ${formatCount(effort.events)} events`)],
    ],
    style,
  );
}

function limitAssumptions({ limits }: Advice): { readonly what: string; readonly value: string; readonly source: string }[] {
  return [
    { what: 'memtables', value: `at most ${formatBytes(limits.memtableBytesMax)}`, source: '--memtables' },
    { what: 'left alone', value: [...limits.keep].join(', '), source: '--keep; compression, WAL and what is kept are never changed' },
  ];
}

function goalText({ goal }: Advice, value: number | null): string {
  return figureText(value, goal.unit);
}

function answerLines(advice: Advice, style: TerminalStyle): string[] {
  const { base, best, goal, required } = advice;
  const unmet =
    best.score.violation > 0 ? [paint('No options were found that meet every requirement: these come nearest.', 'yellow', style)] : [];
  const met = required.map((one) => row('Required', requiredText(one)));
  if (Object.keys(best.changes).length === 0) return [...unmet, 'Nothing that was tried is better than the options as they are.', ...met];
  return [
    ...unmet,
    row(
      'Goal',
      `${goal.better} ${figureName(goal.name)}: ${goalText(advice, best.score.value)} instead of ${goalText(advice, base.score.value)}${gainText(advice)}`,
    ),
    ...met,
    ...Object.entries(best.changes).map(([key, value]) => `  ${key} = ${String(value)} (was ${String(ownValue(advice, key))})`),
  ];
}

function requiredText({ requirement, value, valueAsGiven }: Required): string {
  const text = (figure: number | null): string => (figure === null ? 'none' : number(figure));
  const asGiven = valueAsGiven === null ? '' : ` when settled, ${text(valueAsGiven)} in the scenario as given`;
  return `${requirement.text}: ${text(value)}${asGiven}`;
}

function ownValue({ scenario }: Advice, key: string): unknown {
  return (optionsOf(scenario) as Readonly<Record<string, unknown>>)[key];
}

function gainText({ base, best }: Advice): string {
  const [before, after] = [base.score.value, best.score.value];
  return before === null || after === null || before === 0 ? '' : ` (${changeText(100 * (after / before - 1))})`;
}

const figures: readonly { readonly name: string; readonly read: (result: LsmResult) => string }[] = [
  { name: 'put rate', read: ({ putRate }) => `${formatCount(putRate.meanOpsPerSec)}/s` },
  { name: 'until settled', read: ({ simulatedSec }) => formatSeconds(simulatedSec) },
  { name: 'held', read: (result) => formatSeconds(heldSec(result)) },
  { name: 'write amp.', read: ({ writeAmplification }) => (writeAmplification === null ? 'n/a' : number(writeAmplification)) },
  { name: 'space amp.', read: ({ spaceAmplification }) => (spaceAmplification === null ? 'n/a' : number(spaceAmplification)) },
  { name: 'peak space', read: ({ space }) => formatBytes(space.peakTransientBytes) },
  { name: 'peak debt', read: ({ debt }) => formatBytes(debt.peakPendingCompactionBytes) },
  { name: 'put p99', read: (result) => latencyText(result, 99) },
  { name: 'put p99.9', read: (result) => latencyText(result, 99.9) },
];

function latencyText({ putLatencyMicros: histogram }: LsmResult, percent: number): string {
  return totalCount(histogram) === 0 ? 'n/a' : formatMicros(percentileMicros(histogram, percent));
}

function figureLines({ base, best }: Advice, style: TerminalStyle): string[] {
  return [
    heading(`${'What it brings and costs'.padEnd(26)}${'as it is'.padStart(14)}${'advised'.padStart(14)}`, style),
    ...figures.map(({ name, read }) => `  ${name.padEnd(24)}${read(base.result).padStart(14)}${read(best.result).padStart(14)}`),
  ];
}

function certaintyLines(advice: Advice, style: TerminalStyle): string[] {
  const line = (name: string, { seeds, slowerDevice, fasterDevice }: Certainty): string => {
    const at = (value: number | null): string => goalText(advice, value);
    return `  ${name.padEnd(9)} ${at(seeds.min)} to ${at(seeds.max)} over three seeds; ${at(slowerDevice)} and ${at(fasterDevice)} on a device 10 % slower and faster`;
  };
  return [heading('How sure', style), line('as it is', advice.certainty.base), line('advised', advice.certainty.best)];
}

function pasteLines(changes: PartialLsmOptions, style: TerminalStyle): string[] {
  const { online, newFiles, reopen } = changeSteps(changes);
  const { flags, missing } = dbBenchFlagsOf(changes);
  return [
    heading('To paste', style),
    ...optionsFragment(changes).trimEnd().split('\n'),
    ...[...online, ...newFiles].map((call) => `online: ${call}`),
    ...(reopen.length === 0 ? [] : [`reopen: ${reopen.join(', ')}`]),
    `db_bench ${flags.join(' ')}`,
    ...(missing.length === 0 ? [] : [`(no db_bench flag: ${missing.join(', ')})`]),
  ];
}

function thresholdLines(options: LsmOptions, style: TerminalStyle): string[] {
  const limiter =
    options.rate_limiter_bytes_per_sec > 0
      ? `${formatBytes(options.rate_limiter_bytes_per_sec)}/s, ${options.rate_limiter_auto_tuned ? 'auto-tuned' : 'fixed'}`
      : 'none';
  return [
    heading('All that decides, with the advice', style),
    `  L0 files: compaction ${String(options.level0_file_num_compaction_trigger)}, slowdown ${String(options.level0_slowdown_writes_trigger)}, stop ${String(options.level0_stop_writes_trigger)}`,
    `  debt: soft ${formatBytes(options.soft_pending_compaction_bytes_limit)}, hard ${formatBytes(options.hard_pending_compaction_bytes_limit)}`,
    `  jobs ${String(options.max_background_jobs)}, subcompactions ${String(options.max_subcompactions)}, rate limiter ${limiter}`,
  ];
}

function alternativeLines({ alternatives, goal }: Advice, style: TerminalStyle): string[] {
  if (alternatives.length === 0) return [];
  const line = ({ changes, score, result }: Advised): string => {
    const said = Object.entries(changes).map(([key, value]) => `${key}=${String(value)}`);
    return `  ${figureText(score.value, goal.unit)}, write amp. ${number(result.writeAmplification ?? 0)}, ${formatBytes(result.space.peakTransientBytes)}: ${said.join(' ') || 'as it is'}`;
  };
  return [heading('Other good ones, by goal: less of it, but less written or stored', style), ...alternatives.map(line)];
}

/** `putmodel/advice/1`. */
export function adviceDocument(advice: Advice): ResultDocument {
  const { scenario, goal, required, limits, base, best, certainty, reasons, alternatives, lint, effort } = advice;
  const advised = ({ changes, score, result }: Advised): ResultDocument => ({
    options: changes,
    score,
    putsPerSec: result.putRate.meanOpsPerSec,
    simulatedSec: result.simulatedSec,
    heldSec: heldSec(result),
    writeAmplification: result.writeAmplification,
    spaceAmplification: result.spaceAmplification,
    peakTransientBytes: result.space.peakTransientBytes,
    peakPendingCompactionBytes: result.debt.peakPendingCompactionBytes,
  });
  return {
    schema: 'putmodel/advice/1',
    scenario: scenario.name,
    seed: scenario.seed,
    assumptions: scenario.assumptions,
    goal: { name: goal.name, unit: goal.unit, better: goal.better },
    requirements: required.map(({ requirement }) => requirement.text),
    required: required.map(({ requirement: { text }, value, valueAsGiven }) => ({ text, value, valueAsGiven })),
    limits: { keep: [...limits.keep], memtableBytesMax: limits.memtableBytesMax, eventsMax: limits.eventsMax },
    base: advised(base),
    best: advised(best),
    certainty,
    reasons,
    optionsFile: optionsFragment(best.changes),
    dbBenchFlags: dbBenchFlagsOf(best.changes).flags,
    steps: changeSteps(best.changes),
    alternatives: alternatives.map(advised),
    lint,
    effort,
  };
}

/** The answer to a reverse question. */
export interface BoundaryReport {
  readonly ask: 'device' | 'load';
  readonly name: string;
  readonly requirements: readonly Requirement[];
  readonly tolerancePercent: number;
  readonly boundary: Boundary;
  /** What the value at which the requirements hold means, in words. */
  readonly meaning: string;
}

/** As text, with a final newline. */
export function renderBoundary(
  { ask, name, requirements, boundary, meaning, tolerancePercent }: BoundaryReport,
  style: TerminalStyle,
): string {
  const { holds, breaks, runs } = boundary;
  const at = (value: number): string => (ask === 'device' ? `${number(value)} x` : `${formatCount(value)} puts/s`);
  const title = ask === 'device' ? 'how fast a device' : 'how much can be written';
  return joinSections(
    [
      [heading(`${name}: ${title}`, style)],
      assumptionLines(holds.result.assumptions, style),
      [
        row('Required', requirements.map(({ text }) => text).join(', ')),
        row('Answer', paint(meaning, 'bold', style)),
        row('Holds at', `${at(holds.at)}: held ${formatSeconds(heldSec(holds.result))}`),
        row(
          'Breaks at',
          `${at(breaks.at)}: held ${formatSeconds(heldSec(breaks.result))}, within ${number(tolerancePercent)} %; ${String(runs)} runs`,
        ),
      ],
    ],
    style,
  );
}

/** `putmodel/boundary/1`. */
export function boundaryDocument({ ask, name, requirements, tolerancePercent, boundary, meaning }: BoundaryReport): ResultDocument {
  const { holds, breaks, runs } = boundary;
  return {
    schema: 'putmodel/boundary/1',
    ask,
    scenario: name,
    unit: ask === 'device' ? '1' : 'opsPerSec',
    requirements: requirements.map(({ text }) => text),
    tolerancePercent,
    holdsAt: holds.at,
    breaksAt: breaks.at,
    meaning,
    runs,
  };
}
