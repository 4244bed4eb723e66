/**
 * The rows of `sweep.csv` and `sweep.parquet`, one a run in the order of the run index:
 *
 *   runIndex, label, the axes by path, seed, status (done or failed), the metrics kept by path
 *
 * A cell is empty (null) where a run has no such figure, or failed. Values of an axis that are maps or lists stand as JSON.
 */
import { canonicalJson } from '../scenario/json.js';
import type { OpenSweep } from './bundle.js';
import { runAt, valuesOf } from './plan.js';
import type { RunRecord } from './record.js';

export type CellType = 'number' | 'text' | 'boolean';
export type Cell = number | string | boolean | null;

/** A column: its name, the type of its cells and, for a metric, its unit. */
export interface Column {
  readonly name: string;
  readonly type: CellType;
  readonly unit: string | null;
}

/** The columns of a sweep. */
export function columnsOf({ plan, metrics }: OpenSweep): readonly Column[] {
  const plain = (name: string, type: CellType): Column => ({ name, type, unit: null });
  return [
    plain('runIndex', 'number'),
    plain('label', 'text'),
    ...plan.axes.map(({ path, values }) => plain(path, typeOf(values))),
    plain('seed', 'number'),
    plain('status', 'text'),
    ...metrics.map(({ path, unit }): Column => ({ name: path, type: 'number', unit })),
  ];
}

/** The row of a run, one cell a column. */
export function rowOf(open: OpenSweep, record: RunRecord): readonly Cell[] {
  const { plan, label, metrics } = open;
  const { pointIndex, seed } = runAt(plan, record.runIndex);
  const values = valuesOf(plan, pointIndex);
  const axisCells = plan.axes.map((axis, index) => cellOf(values[index], typeOf(axis.values)));
  const figures = 'error' in record ? metrics.map(() => null) : record.values;
  return [record.runIndex, label(values), ...axisCells, seed, 'error' in record ? 'failed' : 'done', ...figures];
}

/** A row as a line of CSV (RFC 4180), with its newline. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\n`;
}

function csvCell(cell: Cell): string {
  if (cell === null) return '';
  const text = typeof cell === 'number' && cell === 0 ? '0' : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function typeOf(values: readonly unknown[]): CellType {
  if (values.every((value) => typeof value === 'number')) return 'number';
  return values.every((value) => typeof value === 'boolean') ? 'boolean' : 'text';
}

function cellOf(value: unknown, type: CellType): Cell {
  if (typeof value === 'string') return value;
  if (type !== 'text' && (typeof value === 'number' || typeof value === 'boolean')) return value;
  return canonicalJson(value);
}

/** The rows that `csvLine` wrote, the header first, cell by cell as text. */
export function* csvRows(text: string): Generator<readonly string[]> {
  const cell = /"((?:[^"]|"")*)"(,|\n|$)|([^",\n]*)(,|\n|$)/y;
  let row: string[] = [];
  while (cell.lastIndex < text.length) {
    const match = cell.exec(text);
    if (match === null) return;
    const [, quoted, quotedEnd, plain = '', plainEnd] = match;
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if ((quotedEnd ?? plainEnd) === ',') continue;
    yield row;
    row = [];
  }
}
