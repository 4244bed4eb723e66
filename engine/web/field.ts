/** Fields of a form, and those that a scenario's JSON Schema describes. */
import { z } from 'zod';
import type { OptionUnit, OptionValue } from '../rocksdb/options.js';

/** One value of the document. */
export interface Field {
  /** Dotted path in the document, such as `lsm.write_buffer_size`. */
  readonly path: string;
  /** Its own name, RocksDB's, db_bench's or the workload documents'. */
  readonly name: string;
  /** What it does, in a line. */
  readonly doc: string;
  readonly kind: 'integer' | 'number' | 'boolean' | 'choice' | 'text';
  readonly unit: OptionUnit;
  readonly min: number;
  readonly max: number;
  /** Of a choice; empty otherwise. */
  readonly choices: readonly string[];
  /** What holds when nothing is said; null when that depends on other values. */
  readonly defaultValue: OptionValue | null;
  /** Values a slider stops at, ascending; null for a field without a slider. */
  readonly stops: readonly number[] | null;
  /** What a switch puts at its path when it is turned on, where that is not true. */
  readonly switchedOn?: Readonly<Record<string, unknown>>;
  /** Path of the switch that this belongs to: it is there only when that is on, and then it has to be said. */
  readonly partOf?: string;
}

/** Fields under a heading. */
export interface FieldGroup {
  readonly title: string;
  readonly fields: readonly Field[];
  /** Whether it is unfolded at first, where there is room. */
  readonly isOpen: boolean;
}

/** The whole form. */
export interface FormDescription {
  readonly groups: readonly FieldGroup[];
  /** The many that are found by a word of them; null without. */
  readonly others: FieldGroup | null;
}

/** A field with nothing said but its path. */
export function plainField(path: string, kind: Field['kind']): Field {
  const name = path.split('.').at(-1) ?? path;
  return { path, name, doc: '', kind, unit: 'none', min: 0, max: Number.MAX_SAFE_INTEGER, choices: [], defaultValue: null, stops: null };
}

interface PropertySchema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly description?: string;
  readonly unit?: string;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, PropertySchema>>;
  readonly anyOf?: readonly PropertySchema[];
}

/** Fields by their paths, in the order asked for. */
export type FieldsAt = (paths: readonly string[]) => readonly Field[];

/** The fields of a document's schema; `stops` by path. */
export function fieldsOf(schema: z.ZodType, stops: Readonly<Record<string, readonly number[]>>): FieldsAt {
  const document = z.toJSONSchema(schema, { io: 'input' }) as PropertySchema;
  return (paths) => paths.map((path) => ({ ...schemaField(document, path), stops: stops[path] ?? null }));
}

/** Units of the JSON Schema as the option table calls them. */
const units: Readonly<Record<string, OptionUnit>> = {
  bytes: 'bytes',
  'bytes/s': 'bytesPerSec',
  s: 'seconds',
  count: 'count',
  '1': 'ratio',
};

function schemaField(document: PropertySchema, path: string): Field {
  let schema = document;
  for (const key of path.split('.')) schema = schema.properties?.[key] ?? {};
  // A rate may be a profile too; in the form it is a number.
  const plain = schema.anyOf?.[0] ?? schema;
  const unit = units[plain.unit ?? ''] ?? 'none';
  const [doc = '', saidDefault] = (schema.description ?? '').split(/; default (?=[^:;]+$)/);
  const defaultValue = saidDefault === undefined ? null : defaultOf(saidDefault);
  const range = { min: plain.minimum ?? plain.exclusiveMinimum ?? 0, max: plain.maximum ?? Number.MAX_SAFE_INTEGER };
  return { ...plainField(path, kindOf(plain)), doc, unit, ...range, choices: plain.enum ?? [], defaultValue };
}

function kindOf({ enum: choices, type }: PropertySchema): Field['kind'] {
  if (choices !== undefined) return 'choice';
  return type === 'integer' || type === 'number' || type === 'boolean' ? type : 'text';
}

/** "1000000", "false", "1 (fillbatch 1000)", "fillrandom". */
function defaultOf(text: string): OptionValue {
  const word = text.split(' ')[0] ?? text;
  if (word === 'true' || word === 'false') return word === 'true';
  return /^[\d.]+$/.test(word) ? Number(word) : word;
}

/** 1, 2, 5 and 10 times each power of ten. */
export function decades(from: number, to: number): number[] {
  const stops: number[] = [];
  for (let power = from; power <= to; power *= 10) stops.push(power, 2 * power, 5 * power);
  return stops.filter((stop) => stop <= to);
}

/** Each twice the one before. */
export function doublings(from: number, to: number): number[] {
  const stops: number[] = [];
  for (let stop = from; stop <= to; stop *= 2) stops.push(stop);
  return stops;
}
