/** Tables: every figure that a script may ask for beside those of the pinned run, what differs in the two scenarios, and the levels. */
import { formatBytes, formatCount, formatFraction, formatMicros, formatSeconds } from '../../kernel/units.js';
import { humanSize, statsTextRows } from '../../scenario/rocksdb-log.js';
import type { Unit } from '../../scenario/kind.js';
import { valueAt } from '../edit-document.js';
import { encodeLink } from '../share-link.js';
import type { MetricValue } from '../simulation-api.js';
import { changeBadge } from './answer.js';
import { element } from './dom.js';
import type { LsmRun } from './run.js';

type Cell = Node | string;

/** Fills `root` with the tables. */
export function showTables(root: HTMLElement, run: LsmRun, pinned: LsmRun | null): void {
  const { assumptions, warnings } = run.result;
  root.replaceChildren(
    ...(pinned === null ? [] : [section('What is different', differencesTable(run, pinned))]),
    section('Figures', metricsTable(run, pinned)),
    section('Levels, as RocksDB prints them', levelsTable(run)),
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

function table(head: readonly string[], rows: readonly (readonly Cell[])[], numeric: readonly number[]): HTMLElement {
  const side = (index: number): string => (numeric.includes(index) ? 'number' : 'words');
  return element(
    'div',
    { class: 'table', tabindex: '0', role: 'region', 'aria-label': `Table: ${head.join(', ')}` },
    element(
      'table',
      {},
      element('thead', {}, element('tr', {}, ...head.map((text, index) => element('th', { scope: 'col', class: side(index) }, text)))),
      element(
        'tbody',
        {},
        ...rows.map((cells) => element('tr', {}, ...cells.map((cell, index) => element('td', { class: side(index) }, cell)))),
      ),
    ),
  );
}

function metricsTable({ metrics }: LsmRun, pinned: LsmRun | null): HTMLElement {
  const rows = metrics.map((metric): readonly Cell[] => {
    const before = pinned?.metrics.find(({ path }) => path === metric.path) ?? null;
    const own = [element('code', {}, metric.path), metricText(metric)];
    if (before === null) return own;
    const [now, then] = [metric.value, before.value];
    return [...own, metricText(before), now === null || then === null ? '' : changeBadge(now, then, metric.better, '')];
  });
  return pinned === null ? table(['figure', 'this run'], rows, [1]) : table(['figure', 'this run', 'pinned', 'change'], rows, [1, 2]);
}

const formats: Readonly<Record<Unit, (value: number) => string>> = {
  '1': (value) => value.toFixed(2),
  opsPerSec: (value) => `${formatCount(value)} /s`,
  mibPerSec: (value) => `${value.toFixed(1)} MiB/s`,
  sec: formatSeconds,
  millis: (value) => formatMicros(value * 1000),
  micros: formatMicros,
  bytes: formatBytes,
  fraction: formatFraction,
  percent: (value) => `${value.toFixed(1)} %`,
};

function metricText({ unit, value }: MetricValue): string {
  return value === null ? 'n/a' : formats[unit](value);
}

function differencesTable(run: LsmRun, pinned: LsmRun): HTMLElement {
  const paths = new Set(
    [run, pinned].flatMap(({ document }) =>
      encodeLink(document)
        .split('&')
        .map((part) => decodeURIComponent(part.split('=')[0] ?? '')),
    ),
  );
  const rows = [...paths].flatMap((path) => {
    const [now, before] = [valueAt(run.document, path), valueAt(pinned.document, path)].map((value) =>
      value === undefined ? 'default' : JSON.stringify(value),
    );
    return now === before ? [] : [[element('code', {}, path), element('mark', {}, now ?? ''), before ?? '']];
  });
  if (rows.length === 0) return element('p', { class: 'doc' }, 'Nothing yet: move a slider, and the pinned run stays to compare with.');
  return table(['in the scenario', 'this run', 'pinned'], rows, []);
}

function levelsTable({ result }: LsmRun): HTMLElement {
  const gib = (bytes: number): string => (bytes / (1024 * 1024 * 1024)).toFixed(1);
  const rows = statsTextRows(result).map((row) => [
    row.name,
    String(row.files),
    humanSize(row.bytes),
    gib(row.readBytes),
    gib(row.writtenBytes),
    gib(row.movedBytes),
    row.writeAmplification.toFixed(1),
    row.compactionSec.toFixed(1),
    String(row.compactions),
  ]);
  return table(
    ['Level', 'Files', 'Size', 'Read(GB)', 'Write(GB)', 'Moved(GB)', 'W-Amp', 'Comp(sec)', 'Comp(cnt)'],
    rows,
    [1, 2, 3, 4, 5, 6, 7, 8],
  );
}
