/**
 * SQL over the tables of a result directory, by DuckDB in this process. It only reads: the tables are loaded first, then the way to files
 * and network is shut, so that no statement can write or read anything else.
 */
import { PutmodelError } from '../kernel/errors.js';
import { loadOptional } from './optional.js';
import { isDirectory, listFiles } from './read.js';

export type SqlValue = number | string | boolean | null;

/** What a query gave: columns by name, rows of cells in that order. Values of other types (lists, dates) stand as text. */
export interface SqlResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly SqlValue[])[];
}

/** A file as a table. */
export interface SqlTable {
  readonly name: string;
  readonly path: string;
}

/** The part of DuckDB that is used; its own types are absent where it is not installed. */
interface DuckDb {
  readonly DuckDBInstance: { create(path: string): Promise<{ connect(): Promise<Connection>; closeSync(): void }> };
}
interface Connection {
  run(sql: string): Promise<unknown>;
  runAndReadAll(sql: string): Promise<{ columnNames(): string[]; getRowsJS(): unknown[][] }>;
  closeSync(): void;
}

/** The tables of a directory: `sweep.parquet` is `sweep`, `series.csv` is `series`; Parquet goes before CSV of the same name. */
export function sqlTables(directory: string): readonly SqlTable[] {
  const tables = new Map<string, SqlTable>();
  const add = (folder: string, nameOf: (stem: string) => string): void => {
    if (!isDirectory(folder)) return;
    const files = listFiles(folder).filter((name) => /^[^.].*\.(parquet|csv)$/.test(name));
    for (const file of files) {
      const name = nameOf(file.replace(/\.(parquet|csv)$/, ''));
      tables.set(name, { name, path: `${folder}/${file}` });
    }
  };
  add(directory, (stem) => stem);
  add(`${directory}/histograms`, (stem) => `histogram_${stem}`);
  return [...tables.values()];
}

/**
 * Runs one statement over the tables.
 * @throws PutmodelError USAGE with DuckDB's own words for a statement it refuses; INPUT_UNSUPPORTED when DuckDB is not installed
 */
export async function runSql(sql: string, tables: readonly SqlTable[]): Promise<SqlResult> {
  const { DuckDBInstance } = (await loadOptional('@duckdb/node-api')) as DuckDb;
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    for (const { name, path } of tables) {
      const source = path.endsWith('.parquet') ? `read_parquet(${quoted(path, "'")})` : `read_csv(${quoted(path, "'")}, header = true)`;
      await connection.run(`CREATE TABLE ${quoted(name, '"')} AS SELECT * FROM ${source}`);
    }
    await connection.run('SET enable_external_access = false');
    await connection.run('SET lock_configuration = true');
    const reader = await connection.runAndReadAll(sql);
    return { columns: reader.columnNames(), rows: reader.getRowsJS().map((row) => row.map(valueOf)) };
  } catch (error) {
    const [message = ''] = (error instanceof Error ? error.message : String(error)).split('\n\n');
    throw new PutmodelError({ code: 'USAGE', message: message.replaceAll(/\s*\n\s*/g, ' '), expected: tablesText(tables) });
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function tablesText(tables: readonly SqlTable[]): string {
  return `SQL over the table${tables.length === 1 ? '' : 's'} ${tables.map(({ name }) => name).join(', ')}`;
}

/** SQL's way to quote a text or a name. */
function quoted(text: string, quote: '"' | "'"): string {
  return `${quote}${text.replaceAll(quote, quote + quote)}${quote}`;
}

function valueOf(value: unknown): SqlValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return value instanceof Date
    ? value.toISOString()
    : JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner));
}
