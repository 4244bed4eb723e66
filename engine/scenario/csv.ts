/** Series as CSV: one header, one row an interval, numbers in their shortest form, nothing to quote. */
import { PutmodelError } from '../kernel/errors.js';

/** A column: its name with unit, and its values by row. */
export type CsvColumn = readonly [name: string, values: ArrayLike<number> | ((row: number) => number)];

/** The text, with a final newline. A cell is empty where there is no number (or NaN, or an infinity). */
export function encodeCsv(rowCount: number, columns: readonly CsvColumn[]): string {
  const rows = [columns.map(([name]) => name).join(',')];
  for (let row = 0; row < rowCount; row++) {
    rows.push(columns.map(([, values]) => csvNumber(typeof values === 'function' ? values(row) : values[row])).join(','));
  }
  return `${rows.join('\n')}\n`;
}

function csvNumber(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? '' : String(value === 0 ? 0 : value);
}

/**
 * The columns of a text that `encodeCsv` wrote, by name and in order; NaN where a cell is empty.
 * @throws PutmodelError INPUT_SYNTAX for a row that is too short or long, or a cell that is no number
 */
export function decodeCsv(text: string, file: string): ReadonlyMap<string, Float64Array> {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  const names = (lines.shift() ?? '').split(',');
  const columns = names.map((name) => [name, new Float64Array(lines.length)] as const);
  lines.forEach((line, row) => {
    const cells = line.split(',');
    const isRow = cells.length === names.length && !cells.some((cell) => Number.isNaN(Number(cell)));
    if (!isRow) {
      const found = JSON.stringify(line.slice(0, 80));
      const expected = `${String(names.length)} numbers`;
      throw new PutmodelError({ code: 'INPUT_SYNTAX', message: 'not a row of the table', file, line: row + 2, found, expected });
    }
    columns.forEach(([, values], index) => (values[row] = cells[index] === '' ? Number.NaN : Number(cells[index])));
  });
  return new Map(columns);
}

/** A column of such a table. @throws PutmodelError INPUT_INVALID when it has none of that name */
export function csvColumn(table: ReadonlyMap<string, Float64Array>, name: string, file: string): Float64Array {
  const column = table.get(name);
  if (column !== undefined) return column;
  throw new PutmodelError({
    code: 'INPUT_INVALID',
    message: `no column ${name}`,
    file,
    line: 1,
    expected: 'a table of this version: run it again',
  });
}

/** A row of a table whose cells know their column. */
export type CsvCells = readonly (readonly [column: string, value: number | string])[];

/** Rows with the same columns as CSV: the header of the first, then one line each. Texts hold no comma or quote. */
export function encodeRows(rows: readonly CsvCells[]): string {
  const header = rows[0]?.map(([column]) => column).join(',') ?? '';
  const cell = (value: number | string): string => (typeof value === 'number' ? csvNumber(value) : value);
  return [header, ...rows.map((cells) => cells.map(([, value]) => cell(value)).join(','))].map((line) => `${line}\n`).join('');
}
