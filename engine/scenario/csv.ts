/** Series as CSV: one header, one row an interval, numbers in their shortest form, nothing to quote. */

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

/** A row of a table whose cells know their column. */
export type CsvCells = readonly (readonly [column: string, value: number | string])[];

/** Rows with the same columns as CSV: the header of the first, then one line each. Texts hold no comma or quote. */
export function encodeRows(rows: readonly CsvCells[]): string {
  const header = rows[0]?.map(([column]) => column).join(',') ?? '';
  const cell = (value: number | string): string => (typeof value === 'number' ? csvNumber(value) : value);
  return [header, ...rows.map((cells) => cells.map(([, value]) => cell(value)).join(','))].map((line) => `${line}\n`).join('');
}
