/** A comparison as text and as JSON: the runs by number, their figures in columns with the change against the first, and why they differ. */
import { formatIssue } from '../kernel/errors.js';
import type { ResultDocument } from '../scenario/kind.js';
import { encodeValidity } from '../scenario/result.js';
import type { ComparedRun, Comparison } from '../whatif/compare.js';
import { changeText, figureName, figureText, reasonText } from './figures.js';
import { heading, joinSections, number, paint, validityTexts, type TerminalStyle } from './terminal-text.js';

const labelWidth = 21;
const columnWidth = 19;

/** The whole answer, with a final newline. */
export function renderComparison(comparison: Comparison, style: TerminalStyle): string {
  const { runs, seeds } = comparison;
  const over =
    seeds.length > 1 ? `medians over ${String(seeds.length)} seeds; +- half the range of the change` : `seed ${String(seeds[0] ?? '')}`;
  return joinSections(
    [
      [heading(`Compared: ${String(runs.length)} runs, ${over}`, style), ...runs.map(runLine)],
      offeredLines(comparison, style),
      ...chunks(runs, Math.max(2, Math.floor((style.columns - labelWidth) / columnWidth))).map((part) => tableLines(comparison, part)),
      reasonLines(runs, style),
      failureLines(runs),
      checkedLines(runs, style),
    ],
    style,
  );
}

function runLine({ label, what, scenario }: ComparedRun, index: number): string {
  const about = label === scenario || label === '' ? `${scenario}: ${what}` : label;
  return `  ${String(index + 1).padStart(2)}  ${about}`;
}

/** Of a two-phase evaluation: the load that each run was compared at. */
function offeredLines({ offered }: Comparison, style: TerminalStyle): string[] {
  if (offered === undefined) return [];
  const lines = offered.map((load, index) => {
    const rate = (opsPerSec: number | null): string => figureText(opsPerSec, 'opsPerSec');
    const text = load === null ? 'no maximum found' : `at most ${rate(load.maximumOpsPerSec.median)}, offered ${rate(load.opsPerSec)}`;
    return `  #${String(index + 1)}  ${text}`;
  });
  return [heading('Each at 95 % of its own maximum', style), ...lines];
}

/** The first run stands in every part, for comparison. */
function chunks(runs: readonly ComparedRun[], width: number): (readonly ComparedRun[])[] {
  const [first, ...rest] = runs;
  if (first === undefined) return [];
  const parts: (readonly ComparedRun[])[] = [];
  for (let from = 0; from < rest.length || from === 0; from += width - 1) parts.push([first, ...rest.slice(from, from + width - 1)]);
  return parts;
}

function tableLines({ metrics, runs }: Comparison, part: readonly ComparedRun[]): string[] {
  const told = metrics.filter(({ path }) => part.some(({ figures }) => (figures[path]?.median ?? 0) !== 0));
  const head = part.map((run) => `#${String(runs.indexOf(run) + 1)}`.padStart(11).padEnd(columnWidth));
  return [
    `${''.padEnd(labelWidth)}${head.join('')}`.trimEnd(),
    ...told.map(({ path, unit }) => {
      const cells = part.map((run) => {
        const value = figureText(run.figures[path]?.median ?? null, unit).padStart(11);
        return `${value}${differenceText(run, path)}`.padEnd(columnWidth);
      });
      return `${figureName(path).padEnd(labelWidth)}${cells.join('')}`.trimEnd();
    }),
  ];
}

function differenceText({ differencesPercent }: ComparedRun, path: string): string {
  const { median = null, min, max } = differencesPercent[path] ?? {};
  if (median === null || Math.abs(median) < 0.05) return '';
  const half = ((max ?? 0) - (min ?? 0)) / 2;
  return half > 0 ? ` ${changeText(median).replace(' %', '')}+-${number(half)}%` : ` ${changeText(median).replace(' %', '%')}`;
}

function reasonLines(runs: readonly ComparedRun[], style: TerminalStyle): string[] {
  const told = runs.flatMap((run, index) =>
    run.reasons.length === 0 ? [] : [`  #${String(index + 1)}  ${run.reasons.map(reasonText).join('; ')}`],
  );
  return told.length === 0 ? [] : [heading('Why they differ from #1', style), ...told];
}

function failureLines(runs: readonly ComparedRun[]): string[] {
  return runs.flatMap(({ issues }, index) => issues.map((issue) => `#${String(index + 1)} failed: ${formatIssue(issue)}`));
}

function checkedLines(runs: readonly ComparedRun[], style: TerminalStyle): string[] {
  const outside = runs.flatMap(({ validity }, index) => (validity === null || validity.inside ? [] : [`#${String(index + 1)}`]));
  if (outside.length === 0) {
    const [first] = runs;
    return first?.validity == null ? [] : [`Checked: ${validityTexts(first.validity, style).join('; ')}`];
  }
  return [paint(`NOT validated: ${outside.join(', ')}; 'putmodel simulate' says what lies outside`, 'yellow', style)];
}

/** `putmodel/comparison/1`. */
export function comparisonDocument({ seeds, metrics, runs, offered }: Comparison): ResultDocument {
  return {
    schema: 'putmodel/comparison/1',
    seeds,
    metrics,
    ...(offered === undefined ? {} : { offered }),
    runs: runs.map(({ label, scenario, what, figures, differencesPercent, reasons, validity, issues }) => ({
      label,
      scenario,
      what,
      figures,
      differencesPercent,
      reasons,
      validity: validity === null ? null : encodeValidity(validity),
      issues: issues.map(formatIssue),
    })),
  };
}
