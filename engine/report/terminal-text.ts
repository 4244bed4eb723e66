/**
 * Pieces that the terminal reports of all kinds are made of: sections, labelled rows, bars over time, what was assumed and how far to
 * trust it. Pure text: no terminal is asked, the caller says how wide it is, whether it shows Unicode and whether it may be coloured.
 */
import { formatCount, formatSeconds } from '../kernel/units.js';
import type { Validity } from '../scenario/result.js';

/** What the reader's terminal can show. */
export interface TerminalStyle {
  /** Characters in a line, 40 or more. */
  readonly columns: number;
  readonly unicode: boolean;
  readonly color: boolean;
}

/** What stands around the figures. */
export interface TerminalContext {
  readonly title: string;
  readonly validity: Validity;
  /** Where the result directory is; null when none was written. */
  readonly directory: string | null;
  /** Milliseconds the simulation took; null to leave it out (it is the only part that differs between two runs). */
  readonly wallMillis: number | null;
}

/** A narrow terminal without Unicode or colour. */
export const plainStyle: TerminalStyle = { columns: 80, unicode: false, color: false };

/** Sections of lines with an empty line between them and a final newline; empty sections are left out, long lines broken. */
export function joinSections(sections: readonly (readonly string[])[], style: TerminalStyle): string {
  const wrapped = sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.flatMap((line) => wrap(line, style.columns)).join('\n'));
  return `${wrapped.join('\n\n')}\n`;
}

/** Between words, but not between a figure and its unit, nor inside `1 h 04 min`. */
const wordBreak = /(?<=\S)(?<!\d (?:h|min|d)) (?!(?:%|h|min|d|s|ms|us|B|[KMGT]iB)(?!\w))(?=\S)/;

/** Breaks a line of words that is too long; what follows stands under the text after the label. Lines of a chart or table have no words. */
function wrap(line: string, columns: number): string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(wordBreak)) {
    const longer = current === '' ? word : `${current} ${word}`;
    if (current !== '' && visibleLength(longer) > columns) {
      lines.push(current);
      current = `${' '.repeat(labelWidth + 1)}${word}`;
    } else {
      current = longer;
    }
  }
  return [...lines, current];
}

/** Escapes take no room. */
function visibleLength(text: string): number {
  return text.replaceAll(/\u001B\[\d+m/g, '').length;
}

/** What the run assumed, one line each; none without assumptions. */
export function assumptionLines(
  assumptions: readonly { readonly what: string; readonly value: string; readonly source: string }[],
  style: TerminalStyle,
): string[] {
  if (assumptions.length === 0) return [];
  const width = Math.max(...assumptions.map((entry) => entry.what.length));
  return [
    heading('Assumed, because nothing else was said', style),
    ...assumptions.map(({ what, value, source }) => `  ${what.padEnd(width)}  ${value}${source === '' ? '' : ` (${source})`}`),
  ];
}

/** What the run warns of; none without warnings. */
export function warningLines(warnings: readonly { readonly message: string }[], style: TerminalStyle): string[] {
  return warnings.length === 0 ? [] : [heading('Mind', style), ...warnings.map(({ message }) => `  ${message}`)];
}

/** An OPTIONS file that RocksDB wrote names over a hundred options that the model does not have. */
const ignoredShown = 12;

/** Names of options without effect; of very many the first, and where the others are. */
export function ignoredText(names: readonly string[]): string {
  const rest = names.length - ignoredShown;
  return `${names.slice(0, ignoredShown).join(', ')}${rest > 0 ? ` and ${String(rest)} more (ignoredFlags in JSON)` : ''}`;
}

/** How far to trust the figures, what they took, and where they are. `steps` is how the kind calls what it counts as events. */
export function closingLines(
  result: { readonly simulatedSec: number; readonly events: number },
  { validity, wallMillis, directory }: TerminalContext,
  style: TerminalStyle,
  steps = 'events',
): string[] {
  const wall = `in ${String(Math.round(wallMillis ?? 0))} ms`;
  return [
    ...rows('Checked', validityTexts(validity, style)),
    ...(wallMillis === null
      ? []
      : [row('Simulated', `${formatSeconds(result.simulatedSec)} ${wall}, ${formatCount(result.events)} ${steps}`)]),
    ...(directory === null ? [] : [row('Results in', directory)]),
  ];
}

/** Rows of a chart. */
const chartHeight = 7;
/** Room for `10,000,000`. */
const axisWidth = 10;

/** Columns that a chart of this many values takes. */
export function chartWidth(count: number, style: TerminalStyle): number {
  return Math.min(count, style.columns - axisWidth - 2);
}

/**
 * Values over time as bars, under a heading and above their time axis; none for fewer than two values. `below` stands between bars and
 * axis, each line with its label.
 */
export function barChart(
  title: string,
  values: ArrayLike<number>,
  intervalSec: number,
  style: TerminalStyle,
  below: readonly (readonly [label: string, cells: string])[] = [],
): string[] {
  const count = values.length;
  if (count < 2) return [];
  const width = chartWidth(count, style);
  const means = binned(values, width);
  const top = niceCeiling(Math.max(...means));
  const bars = Array.from({ length: chartHeight }, (_, index) => {
    const floor = chartHeight - 1 - index;
    const axis = index === 0 ? topText(top) : floor === 0 ? '0' : '';
    return `${axis.padStart(axisWidth)} ${means.map((value) => barCell((value / top) * chartHeight - floor, style)).join('')}`.trimEnd();
  });
  const total = formatSeconds(count * intervalSec);
  return [
    heading(title, style),
    ...bars,
    ...below.map(([label, cells]) => `${label.padStart(axisWidth)} ${cells}`.trimEnd()),
    `${''.padStart(axisWidth + 1)}0 s${total.padStart(Math.max(0, width - 3))}`,
  ];
}

function topText(top: number): string {
  return top >= 10 ? formatCount(top) : String(Number(top.toPrecision(3)));
}

/** One character of a bar: `fill` is how far the bar reaches above this cell's floor, in cells. */
function barCell(fill: number, { unicode }: TerminalStyle): string {
  if (!unicode) return fill >= 0.5 ? '#' : fill > 0.05 ? '.' : ' ';
  const eighths = Math.max(0, Math.min(8, Math.round(fill * 8)));
  return ' ▁▂▃▄▅▆▇█'[eighths] ?? ' ';
}

/** Means over `width` equal stretches of the values; `width` is at most their number. */
function binned(values: ArrayLike<number>, width: number): number[] {
  return Array.from({ length: width }, (_, bin) => {
    const { from, to } = stretch(bin, width, values.length);
    let total = 0;
    for (let index = from; index < to; index++) total += values[index] ?? 0;
    return total / (to - from);
  });
}

/** The part of `length` values that one of `width` equal bins covers; never empty. */
export function stretch(bin: number, width: number, length: number): { readonly from: number; readonly to: number } {
  const from = Math.floor((bin * length) / width);
  return { from, to: Math.max(from + 1, Math.floor(((bin + 1) * length) / width)) };
}

/** The next 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6 or 8 times a power of ten; 1 for an empty chart. */
function niceCeiling(value: number): number {
  if (!(value > 0)) return 1;
  let power = 1;
  while (power * 10 <= value) power *= 10;
  while (power > value) power /= 10;
  const step = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((factor) => factor * power >= value) ?? 10;
  return step * power;
}

/** How far to trust the run: like how many real runs, or what lies outside of them. */
export function validityTexts(validity: Validity, style: TerminalStyle): string[] {
  const { expectedErrorPercent: error, runs } = validity;
  if (validity.inside && error !== null) {
    return [`like ${String(runs)} real runs, typical error ${twoDigits(error.p50)} %, worst ${twoDigits(error.max)} %`];
  }
  const reasons = validity.outside.length === 0 ? ['no real run like this was compared'] : validity.outside;
  const nearest =
    error === null
      ? []
      : [
          `nearest to it ${runs === 1 ? 'is 1 real run' : `are ${String(runs)} real runs`}: typical error ${twoDigits(error.p50)} %, worst ${twoDigits(error.max)} %`,
        ];
  return [paint(`NOT validated: ${reasons[0] ?? ''}`, 'yellow', style), ...reasons.slice(1), ...nearest];
}

const labelWidth = 12;

/** A label and its text. */
export function row(label: string, text: string): string {
  return `${label.padEnd(labelWidth)} ${text}`;
}

/** Several texts under one label. */
export function rows(label: string, texts: readonly string[]): string[] {
  return texts.map((text, index) => row(index === 0 ? label : '', text));
}

/** A section's first line. */
export function heading(text: string, style: TerminalStyle): string {
  return paint(text, 'bold', style);
}

const escapes = { bold: ['\u001B[1m', '\u001B[22m'], yellow: ['\u001B[33m', '\u001B[39m'] } as const;

/** The text in bold or yellow where colour is welcome. */
export function paint(text: string, as: keyof typeof escapes, { color }: TerminalStyle): string {
  return color ? `${escapes[as][0]}${text}${escapes[as][1]}` : text;
}

/** Three digits that matter. */
export function number(value: number): string {
  const size = Math.abs(value);
  return size >= 100 ? formatCount(value) : value.toFixed(size >= 10 ? 1 : 2);
}

/** As many as an error is known to: 2, 1.5, 12. */
function twoDigits(value: number): string {
  return String(Number(value.toPrecision(2)));
}
