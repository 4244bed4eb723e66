/** `putmodel query`: SQL over the tables of a result directory. */
import type { Command } from 'commander';
import { isDirectory } from '../../files/read.js';
import { runSql, sqlTables, type SqlResult } from '../../files/sql.js';
import { PutmodelError } from '../../kernel/errors.js';
import { formatCount } from '../../kernel/units.js';
import { encodeJson } from '../../scenario/json.js';
import { csvLine } from '../../sweep/table.js';
import { usage, type CliIo } from '../flags.js';

const help = `
Examples:
  $ putmodel query 'SELECT label, "putRate.meanOpsPerSec" AS rate FROM sweep ORDER BY rate DESC LIMIT 10' results/my-sweep
  $ putmodel query 'SELECT status, count(*) FROM sweep GROUP BY status' results/my-sweep --json
  $ putmodel query 'DESCRIBE sweep' results/my-sweep

Tables are the directory's files: sweep (of a sweep), histogram_points, failures; series or sim_out (of one simulation). Names with a
dot need double quotes. DuckDB answers; it only reads.
`;

/** Adds the command. */
export function addQueryCommand(program: Command, io: CliIo): void {
  program
    .command('query')
    .description('SQL over the tables of a result directory (needs the package @duckdb/node-api)')
    .argument('<sql>', 'one statement')
    .argument('<dir>', 'a result directory')
    .option('--json', 'print one JSON document and nothing else')
    .option('--csv', 'print CSV')
    .addHelpText('after', help)
    .action((sql: string, directory: string, flags: { readonly json?: boolean; readonly csv?: boolean }) =>
      query(sql, directory, flags, io),
    );
}

async function query(sql: string, directory: string, flags: { readonly json?: boolean; readonly csv?: boolean }, io: CliIo): Promise<void> {
  if (flags.json === true && flags.csv === true) throw new PutmodelError(usage('give either --json or --csv'));
  if (!isDirectory(directory)) throw new PutmodelError({ code: 'INPUT_MISSING', message: 'not a directory', file: directory });
  const tables = sqlTables(directory);
  if (tables.length === 0)
    throw new PutmodelError({ code: 'INPUT_MISSING', message: 'no table (.parquet or .csv) in it', file: directory });
  const result = await runSql(sql, tables);
  if (flags.json === true) io.stdout(encodeJson({ schema: 'putmodel/query/1', columns: result.columns, rows: result.rows }));
  else if (flags.csv === true) io.stdout([result.columns, ...result.rows].map(csvLine).join(''));
  else io.stdout(textTable(result));
}

/** Columns side by side, numbers to the right; how many rows there are below. */
function textTable({ columns, rows }: SqlResult): string {
  const texts = rows.map((row) => row.map((cell) => (cell === null ? '' : typeof cell === 'number' ? numberText(cell) : String(cell))));
  const widths = columns.map((name, column) => texts.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), name.length));
  const isNumber = columns.map(
    (_, column) => rows.length > 0 && rows.every((row) => row[column] === null || typeof row[column] === 'number'),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (isNumber[column] === true ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return `${[line(columns), rule, ...texts.map(line)].join('\n')}\n${formatCount(rows.length)} row${rows.length === 1 ? '' : 's'}\n`;
}

/** Whole numbers as they are, others to six digits. */
function numberText(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}
