/**
 * SQL over the tables of a result directory, by DuckDB in this process. It only reads: the tables are loaded first, then the way to files
 * and network is shut, so that no statement can write or read anything else.
 */
import { PutmodelError, type Issue } from '../kernel/errors.js';
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
  readonly StatementType: Readonly<Record<'SELECT' | 'EXPLAIN' | 'CREATE', number>>;
}
interface Connection {
  run(sql: string): Promise<unknown>;
  extractStatements(sql: string): Promise<{ readonly count: number; prepare(index: number): Promise<{ readonly statementType: number }> }>;
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
 * Runs one statement that reads over the tables.
 * @throws PutmodelError USAGE for no statement, several, or one that does not only read, and with DuckDB's own words for one it refuses;
 * INPUT_INVALID for a file that is no table; INPUT_UNSUPPORTED when DuckDB is not installed
 */
export async function runSql(sql: string, tables: readonly SqlTable[]): Promise<SqlResult> {
  const duckDb = (await loadOptional('@duckdb/node-api')) as DuckDb;
  const instance = await duckDb.DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const asked: Omit<Issue, 'message'> = { code: 'USAGE', expected: tablesText(tables) };
  try {
    for (const { name, path } of tables) {
      const file = quoted(withoutPatterns(path), "'");
      const source = path.endsWith('.parquet') ? `read_parquet(${file})` : `read_csv(${file}, header = true)`;
      const load = `CREATE TABLE ${quoted(name, '"')} AS SELECT * FROM ${source}`;
      await inItsWords({ code: 'INPUT_INVALID', file: path, expected: 'a table as it was written' }, () => connection.run(load));
    }
    await connection.run('SET enable_external_access = false');
    await connection.run('SET lock_configuration = true');
    const refusal = await inItsWords(asked, () => refusalOf(sql, connection, duckDb));
    if (refusal !== null) throw new PutmodelError({ ...asked, message: refusal });
    const reader = await inItsWords(asked, () => connection.runAndReadAll(sql));
    return { columns: reader.columnNames(), rows: reader.getRowsJS().map((row) => row.map(valueOf)) };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Why a text is not one statement that reads; null when it is. */
async function refusalOf(sql: string, connection: Connection, { StatementType }: DuckDb): Promise<string | null> {
  // DuckDB has no words for a text without a statement.
  if (/^(\s|;|--[^\n]*(\n|$)|\/\*[^]*?\*\/)*$/.test(sql)) return 'no statement';
  const statements = await connection.extractStatements(sql);
  const { statementType } = await statements.prepare(0);
  // PIVOT is two statements to DuckDB: a type is created, and selected with.
  if (statements.count === 2 && statementType === StatementType.CREATE) return null;
  if (statements.count > 1) return `${String(statements.count)} statements; only one is answered`;
  return statementType === StatementType.SELECT || statementType === StatementType.EXPLAIN ? null : 'this statement does not only read';
}

/** Does something with DuckDB; what it refuses is told in its own words, with the rest of the issue. */
async function inItsWords<T>(issue: Omit<Issue, 'message'>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const [message = ''] = (error instanceof Error ? error.message : String(error)).split('\n\n');
    throw new PutmodelError({ ...issue, message: message.replace(/^Failed to [^:]*: /, '').replaceAll(/\s*\n\s*/g, ' ') });
  }
}

/** A path that DuckDB takes for that file alone, not for a pattern that others match, too. */
function withoutPatterns(path: string): string {
  return path.replaceAll(/[[*?]/g, '[$&]');
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
