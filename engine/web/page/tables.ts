/** Tables: every figure that a script may ask for beside those of the pinned run, what differs in the two scenarios, and the kind's own. */
import { formatBytes, formatCount, formatFraction, formatMicros, formatSeconds } from '../../kernel/units.js';
import type { Unit } from '../../scenario/kind.js';
import { valueAt } from '../edit-document.js';
import type { Field } from '../field.js';
import { fieldText } from '../field-text.js';
import { encodeLink } from '../share-link.js';
import type { MetricValue } from '../simulation-api.js';
import { changeBadge } from './answer.js';
import { element } from './dom.js';
import type { PageRun, View } from './run.js';
import { table, type Cell } from './table.js';

/** The fields of the form by their paths: they know in which units people read a value. */
export type FieldsByPath = ReadonlyMap<string, Field>;

/** Fills `root` with the tables. */
export function showTables(
  root: HTMLElement,
  view: View,
  { run, pinned }: { readonly run: PageRun; readonly pinned: PageRun | null },
  fields: FieldsByPath,
): void {
  const { assumptions, warnings } = run.result;
  root.replaceChildren(
    ...(pinned === null ? [] : [section('What is different', differencesTable(run, pinned, fields))]),
    ...view.tables(run).map(([title, body]) => section(title, body)),
    section('Figures', metricsTable(run, pinned)),
    section(
      'Assumed, because nothing else was said',
      table(
        ['what', 'value', 'source'],
        assumptions.map(({ what, value, source }) => [what, value, source]),
        [],
      ),
    ),
    ...(warnings.length === 0 ? [] : [section('Mind', element('ul', {}, ...warnings.map(({ message }) => element('li', {}, message))))]),
  );
}

function section(title: string, body: HTMLElement): HTMLElement {
  return element('div', { class: 'section' }, element('h2', {}, title), body);
}

function metricsTable({ metrics }: PageRun, pinned: PageRun | null): HTMLElement {
  const beforeOf = (path: string): MetricValue | null => pinned?.metrics.find((metric) => metric.path === path) ?? null;
  const present = metrics.filter(({ path, value }) => value !== null || (beforeOf(path)?.value ?? null) !== null);
  const rows = present.map((metric): readonly Cell[] => {
    const before = beforeOf(metric.path);
    const own = [element('code', {}, metric.path), metricText(metric)];
    if (before === null) return own;
    const [now, then] = [metric.value, before.value];
    return [...own, metricText(before), now === null || then === null ? '' : changeBadge(now, then, metric.better, '')];
  });
  return pinned === null ? table(['figure', 'this run'], rows, [1]) : table(['figure', 'this run', 'pinned', 'change'], rows, [1, 2]);
}

const formats: Readonly<Record<Unit, (value: number) => string>> = {
  '1': plainText,
  opsPerSec: (value) => `${value >= 10 ? formatCount(value) : plainText(value)} /s`,
  mibPerSec: (value) => `${value.toFixed(1)} MiB/s`,
  sec: formatSeconds,
  millis: (value) => formatMicros(value * 1000),
  micros: formatMicros,
  bytes: formatBytes,
  fraction: formatFraction,
  percent: (value) => `${value.toFixed(1)} %`,
};

function plainText(value: number): string {
  return Number.isInteger(value) ? formatCount(value) : value.toFixed(2);
}

function metricText({ unit, value }: MetricValue): string {
  return value === null ? 'n/a' : formats[unit](value);
}

function differencesTable(run: PageRun, pinned: PageRun, fields: FieldsByPath): HTMLElement {
  const paths = new Set(
    [run, pinned].flatMap(({ document }) =>
      encodeLink(document)
        .split('&')
        .map((part) => decodeURIComponent(part.split('=')[0] ?? '')),
    ),
  );
  const rows = [...paths].flatMap((path) => {
    const [now, before] = [valueAt(run.document, path), valueAt(pinned.document, path)].map((value) => valueText(fields.get(path), value));
    return now === before ? [] : [[element('code', {}, path), element('mark', {}, now ?? ''), before ?? '']];
  });
  if (rows.length === 0) return element('p', { class: 'doc' }, 'Nothing yet: move a slider, and the pinned run stays to compare with.');
  return table(['in the scenario', 'this run', 'pinned'], rows, []);
}

/** As it stands in its field; a list, or a value without a field, as the scenario has it. */
function valueText(field: Field | undefined, value: unknown): string {
  if (value === undefined) return 'default';
  return field === undefined || typeof value === 'object' ? JSON.stringify(value) : fieldText(field, value);
}
