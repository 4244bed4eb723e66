/**
 * `sweep.parquet`: the table once more, typed, in row groups that are written as they fill. Numbers are doubles (a double holds every whole
 * number that a run has), the same bytes for the same rows. Units stand in the file's key-value metadata as `unit:<column>`.
 */
import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import { openFileAtomic } from '../files/write.js';
import type { Cell, CellType, Column } from './table.js';

/** Rows go in one by one; nothing is seen of the file before `finish`. */
export interface ParquetTable {
  add(cells: readonly Cell[]): void;
  finish(): void;
  abandon(): void;
}

/** Rows of a group: what is held in memory, as columns. */
const rowGroupRows = 10_000;

/** Begins the file. `metadata` are pairs besides the units. @throws PutmodelError OUTPUT_FAILED */
export function openParquet(path: string, columns: readonly Column[], metadata: Readonly<Record<string, string>>): ParquetTable {
  const file = openFileAtomic(path);
  const bytes = new ByteWriter();
  const units = columns.flatMap(({ name, unit }) => (unit === null ? [] : [{ key: `unit:${name}`, value: unit }]));
  const writer = new ParquetWriter({
    writer: bytes,
    schema: [{ name: 'root', num_children: columns.length }, ...columns.map(schemaOf)],
    kvMetadata: [...Object.entries(metadata).map(([key, value]) => ({ key, value })), ...units],
    createdBy: 'putmodel',
  });
  let groups = columns.map((): Cell[] => []);
  const flush = (): void => {
    file.write(bytes.getBytes());
    // The writer's `offset` goes on counting; only its buffer starts anew.
    bytes.index = 0;
  };
  const writeGroup = (): void => {
    const columnData = columns.map(({ name }, index) => ({ name, data: groups[index] ?? [] }));
    void writer.write({ columnData, rowGroupSize: rowGroupRows });
    groups = columns.map(() => []);
    flush();
  };
  return {
    add(cells) {
      cells.forEach((cell, index) => groups[index]?.push(cell));
      if ((groups[0]?.length ?? 0) >= rowGroupRows) writeGroup();
    },
    finish() {
      if ((groups[0]?.length ?? 0) > 0) writeGroup();
      void writer.finish();
      flush();
      file.commit();
    },
    abandon: () => {
      file.abandon();
    },
  };
}

const types: Readonly<Record<CellType, Pick<SchemaElement, 'type' | 'converted_type'>>> = {
  number: { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
};

function schemaOf({ name, type }: Column): SchemaElement {
  return { name, ...types[type], repetition_type: 'OPTIONAL' };
}
