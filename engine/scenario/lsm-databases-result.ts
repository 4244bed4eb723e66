/** Databases and column families of a run in the result document and in `families.csv`: there only where a run has several. */
import { z } from 'zod';
import type { DatabaseResult, FamilyResult, FamilySeries, LsmResult } from '../lsm/result.js';
import { csvColumn, decodeCsv, encodeCsv, type CsvColumn } from './csv.js';
import type { ResultDocument } from './kind.js';
import { levelFields, levelRowSchema } from './lsm-level-row.js';
import { pick } from './result.js';
import { figure, maybe } from './result-schema.js';

/** The file of a result directory that has the families' series. */
export const familiesFile = 'families.csv';

const putRate = z.strictObject({
  meanOpsPerSec: figure('ops/s', 'over the time in which it is written to'),
  meanMiBPerSec: figure('MiB/s', 'key + value'),
});

const family = z.strictObject({
  name: z.string(),
  puts: figure('count', ''),
  putRate,
  stall: z.strictObject({
    stoppedSec: figure('s', 'for which writers waited because of this family; where several hold them, each has an even part'),
    delayedSec: figure('s', 'likewise'),
    byCause: z.record(z.string(), figure('s', '')),
  }),
  writeAmplificationNoWal: maybe('1', '(flush + compaction writes) / flush writes'),
  writeAmplificationUser: maybe('1', '(flush + compaction writes) / user bytes'),
  pendingCompactionBytes: figure('bytes', 'at the end'),
  bytes: figure('bytes', 'live files at the end'),
  device: z.strictObject({ readBytes: figure('bytes', 'by compactions'), writtenBytes: figure('bytes', 'by flushes and compactions') }),
  levels: z.array(levelRowSchema),
});

/** The part of the result document; left out where there is one database with one family. */
export const databasesSchema = z.array(
  z.strictObject({
    name: z.string(),
    puts: figure('count', ''),
    putRate,
    stall: z.strictObject({ stoppedSec: figure('s', 'because of one of its families'), delayedSec: figure('s', 'likewise') }),
    pendingCompactionBytes: figure('bytes', 'at the end'),
    bytes: figure('bytes', 'live files at the end'),
    walWrittenBytes: figure('bytes', ''),
    device: z.strictObject({
      readBytes: figure('bytes', 'by compactions'),
      writtenBytes: figure('bytes', 'by flushes and compactions'),
      fraction: figure('fraction', 'of what all databases read and wrote'),
    }),
    families: z.array(family),
  }),
);

/** The part of the result document. */
export function encodeDatabases(databases: readonly DatabaseResult[]): readonly ResultDocument[] {
  return databases.map((row) => ({
    name: row.name,
    puts: row.puts,
    putRate: pick(row.putRate, ['meanOpsPerSec', 'meanMiBPerSec']),
    stall: pick(row.stall, ['stoppedSec', 'delayedSec']),
    pendingCompactionBytes: row.pendingCompactionBytes,
    bytes: row.bytes,
    walWrittenBytes: row.walWrittenBytes,
    device: pick(row.device, ['readBytes', 'writtenBytes', 'fraction']),
    families: row.families.map(encodeFamily),
  }));
}

function encodeFamily(row: FamilyResult): ResultDocument {
  const { stall } = row;
  return {
    name: row.name,
    puts: row.puts,
    putRate: pick(row.putRate, ['meanOpsPerSec', 'meanMiBPerSec']),
    stall: {
      ...pick(stall, ['stoppedSec', 'delayedSec']),
      byCause: pick(stall.byCause, ['memtable', 'l0Slowdown', 'l0Stop', 'pendingSlowdown', 'pendingStop']),
    },
    writeAmplificationNoWal: row.writeAmplificationNoWal,
    writeAmplificationUser: row.writeAmplificationUser,
    pendingCompactionBytes: row.pendingCompactionBytes,
    bytes: row.bytes,
    device: pick(row.device, ['readBytes', 'writtenBytes']),
    levels: row.levels.map(levelFields),
  };
}

const columns = ['opsPerSec', 'l0Files', 'pendingCompactionBytes', 'bytes'] as const satisfies readonly (keyof FamilySeries)[];

/** The families over time, one row an interval: `tSec` as in series.csv, then four columns a family, `<database>.<family>.<figure>`. */
export function encodeFamiliesCsv({ databases = [], series }: LsmResult): string {
  const cells = databases.flatMap((database) =>
    database.families.flatMap((row) => columns.map((name): CsvColumn => [columnOf(database.name, row.name, name), row.series[name]])),
  );
  return encodeCsv(series.opsPerSec.length, [['tSec', (index) => (index + 1) * series.intervalSec], ...cells]);
}

/** What `encodeDatabases` and `encodeFamiliesCsv` wrote. */
export function decodeDatabases(databases: readonly DatabaseResult[], csv: string): readonly DatabaseResult[] {
  const table = decodeCsv(csv, familiesFile);
  return databases.map((database) => ({
    ...database,
    families: database.families.map((row) => {
      const read = (name: string): number[] => Array.from(csvColumn(table, columnOf(database.name, row.name, name), familiesFile));
      const [opsPerSec, l0Files, pendingCompactionBytes, bytes] = columns.map(read);
      return { ...row, series: { opsPerSec, l0Files, pendingCompactionBytes, bytes } as FamilySeries };
    }),
  }));
}

function columnOf(database: string, row: string, name: string): string {
  return `${database}.${row}.${name}`;
}
