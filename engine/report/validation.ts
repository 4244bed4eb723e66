/** A validation as text: every run with its errors, what moves the put rate, and the acceptance criteria. */
import { formatBytes } from '../kernel/units.js';
import type { JudgedValidation } from '../validation/documents.js';
import { threeDigits } from '../validation/figures.js';
import type { ValidatedRun } from '../validation/pipeline.js';
import { mostInfluential } from './influence.js';
import { heading, joinSections, paint, plainStyle, type TerminalStyle } from './terminal-text.js';

/** The whole text with a final newline. `directory`: where the report was written, or null. */
export function renderValidation(validation: JudgedValidation, directory: string | null, style: TerminalStyle = plainStyle): string {
  const { machine, runs, verdicts, sensitivity } = validation;
  // Rows of the table have no breakable blanks: a narrow terminal shows them whole.
  const wide = { ...style, columns: Math.max(style.columns, 140) };
  return joinSections(
    [
      [heading(`${String(runs.length)} real runs against predictions on device ${machine.device.name}, host ${machine.host.name}`, style)],
      tableLines(runs),
      missLines(runs),
      curvesMissing(runs),
      scoreLines(validation),
      [heading('What moves the put rate most (each input from half to double)', style), ...sensitivity.map(influenceLine)],
      [
        heading('Acceptance', style),
        ...verdicts.map(
          ({ criterion, passed, title, found }) =>
            `${criterion}  ${passed ? 'passed' : paint('FAILED', 'yellow', style)}  ${title}: ${found}`,
        ),
      ],
      directory === null ? [] : [`Report in ${directory}/validation_report.html`],
    ],
    wide,
  );
}

const header = [
  'run',
  'puts/s',
  'predicted',
  'error %',
  'W-Amp',
  'predicted',
  'error %',
  'stalled s',
  'predicted',
  '% of run',
  'NRMSE',
  'levels %',
  '',
];

function tableLines(runs: readonly ValidatedRun[]): string[] {
  const rows = runs.map(({ comparison: row, levelErrorPercent }) => [
    row.name,
    row.real.opsPerSec.toFixed(0),
    row.simulated.opsPerSec.toFixed(0),
    signed(row.putRateErrorPercent),
    fixed(row.real.writeAmplification, 1),
    fixed(row.simulated.writeAmplification, 2),
    signed(row.writeAmplificationErrorPercent),
    row.real.stallSec.toFixed(1),
    row.simulated.stallSec.toFixed(1),
    signed(row.stallErrorPercent),
    fixed(row.curveNrmse, 2),
    fixed(levelErrorPercent, 1),
    row.misses.length === 0 ? 'ok' : 'MISS',
  ]);
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return [header, ...rows].map(line);
}

function missLines(runs: readonly ValidatedRun[]): string[] {
  return runs
    .filter(({ comparison }) => comparison.misses.length > 0)
    .map(({ comparison }) => `${comparison.name} misses: ${comparison.misses.join('; ')}`);
}

/** Runs whose curve nothing is said of, in words. */
export function curvesMissing(runs: readonly ValidatedRun[]): string[] {
  return runs
    .filter(({ comparison }) => comparison.curveNrmse === null)
    .map(({ comparison }) => `${comparison.name} has no curve to compare: report.csv is missing, or no put is in it`);
}

function scoreLines({ scores, summary }: JudgedValidation): string[] {
  const median = fixed(summary.medianPutRateErrorPercent, 1);
  return [
    ...scores.map(({ name, unit, mapePercent, agreement }) => {
      const limits =
        agreement === null
          ? ''
          : `, bias ${amount(agreement.bias, unit)}, 95 % of differences from ${amount(agreement.lowerLimit, unit)} to ${amount(agreement.upperLimit, unit)}`;
      return `${name}: MAPE ${fixed(mapePercent, 1)} %${limits}`;
    }),
    `rate-limited runs: median put-rate error ${median} % over ${String(summary.limitedRuns)}`,
  ];
}

function influenceLine(one: JudgedValidation['sensitivity'][number]): string {
  const [first, second] = mostInfluential(one);
  const said = [first, second].filter((bar) => bar !== undefined);
  const text = said.map(
    ({ label, lowChangePercent, highChangePercent }) => `${label} (${signed(lowChangePercent)} to ${signed(highChangePercent)} %)`,
  );
  return `${one.name} (bound by ${one.regime}): ${text.join(', then ')}`;
}

function amount(value: number, unit: string): string {
  if (unit === 'bytes') return formatBytes(value);
  return unit === 'ratio' ? threeDigits(value) : `${threeDigits(value)} ${unit}`;
}

function fixed(value: number | null, decimals: number): string {
  return value === null ? '-' : value.toFixed(decimals);
}

function signed(value: number | null): string {
  return value === null ? '-' : `${value > 0 ? '+' : ''}${value.toFixed(1)}`;
}
