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
