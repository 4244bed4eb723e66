/**
 * What there is to fill in, derived from the scenario's JSON Schema and from RocksDB's option table: a new option is in the form as soon
 * as it is in the table. Only which options come first is said here.
 */
import { z } from 'zod';
import { lsmSchema } from '../lsm/kind.js';
import { defaultOptions, modelledSpecs, type NamedOptionSpec, type OptionUnit, type OptionValue } from '../rocksdb/options.js';
import { parseVersion, referenceVersion, type RocksdbVersion } from '../rocksdb/version.js';

/** One value of the document. */
export interface Field {
  /** Dotted path in the document, such as `lsm.write_buffer_size`. */
  readonly path: string;
  /** Its own name, RocksDB's or db_bench's. */
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
}

/** Fields under a heading. */
export interface FieldGroup {
  readonly title: string;
  readonly fields: readonly Field[];
}

/** The whole form. */
export interface FormDescription {
  readonly devices: readonly { readonly name: string; readonly source: string }[];
  readonly hosts: readonly { readonly name: string; readonly source: string }[];
  readonly workload: readonly Field[];
  /** The options that matter most, in groups; then all others. */
  readonly options: readonly FieldGroup[];
  readonly otherOptions: readonly Field[];
}

/** The options that decide a run first, as people think of them. */
const essentials: readonly (readonly [title: string, keys: readonly string[]])[] = [
  ['Memtables', ['write_buffer_size', 'max_write_buffer_number']],
  ['Background work', ['max_background_jobs', 'max_subcompactions', 'rate_limiter_bytes_per_sec']],
  [
    'When writes are held',
    [
      'level0_file_num_compaction_trigger',
      'level0_slowdown_writes_trigger',
      'level0_stop_writes_trigger',
      'soft_pending_compaction_bytes_limit',
      'hard_pending_compaction_bytes_limit',
      'delayed_write_rate',
    ],
  ],
  [
    'Shape of the tree',
    [
      'compaction_style',
      'max_bytes_for_level_base',
      'max_bytes_for_level_multiplier',
      'target_file_size_base',
      'level_compaction_dynamic_level_bytes',
    ],
  ],
  ['Files and I/O', ['compression', 'use_direct_io_for_flush_and_compaction', 'bytes_per_sync']],
];

/** The workload's fields, in order; the first is the document's own. */
const workloadPaths = [
  'duration_seconds',
  'workload.benchmark',
  'workload.num',
  'workload.value_size',
  'workload.key_size',
  'workload.threads',
  'workload.distribution',
  'workload.rate',
  'workload.disable_wal',
  'workload.sync',
  'workload.batch_size',
  'workload.compression_ratio',
  'workload.benchmark_write_rate_limit',
  'seed',
] as const;

/** The fields for a RocksDB version as a document says it; the reference version without one or with one that cannot be read. */
export function lsmFields(version: unknown): Pick<FormDescription, 'workload' | 'options' | 'otherOptions'> {
  const defaults: Readonly<Record<string, OptionValue>> = { ...defaultOptions(versionOf(version), { dbBench: false }) };
  const editable = modelledSpecs.filter(({ kind }) => kind !== 'numbers' && kind !== 'choices');
  const field = (spec: NamedOptionSpec): Field => optionField(spec, defaults[spec.key] ?? null);
  const first = new Set(essentials.flatMap(([, keys]) => keys));
  return {
    workload: workloadPaths.map(schemaField),
    options: essentials.map(([title, keys]) => ({
      title,
      fields: keys.flatMap((key) => editable.filter((spec) => spec.key === key).map(field)),
    })),
    otherOptions: editable.filter(({ key }) => !first.has(key)).map(field),
  };
}

function versionOf(version: unknown): RocksdbVersion {
  return typeof version === 'string' && /^\d+\.\d+(\.\d+)?$/.test(version) ? parseVersion(version) : referenceVersion;
}

function optionField(spec: NamedOptionSpec, defaultValue: OptionValue | null): Field {
  const { key, doc, unit, range } = spec;
  const kind = spec.kind === 'numbers' || spec.kind === 'choices' ? 'text' : spec.kind;
  const numeric = typeof defaultValue === 'number' ? stopsFor(unit, range, defaultValue) : null;
  const choices = spec.choices.map(({ value }) => value);
  return { path: `lsm.${key}`, name: key, doc, kind, unit, min: range.min, max: range.max, choices, defaultValue, stops: numeric };
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

const documentSchema = z.toJSONSchema(lsmSchema, { io: 'input' }) as PropertySchema;

/** Units of the JSON Schema as the option table calls them. */
const units: Readonly<Record<string, OptionUnit>> = {
  bytes: 'bytes',
  'bytes/s': 'bytesPerSec',
  s: 'seconds',
  count: 'count',
  '1': 'ratio',
};

function schemaField(path: string): Field {
  const name = path.split('.').at(-1) ?? path;
  let schema: PropertySchema = documentSchema;
  for (const key of path.split('.')) schema = schema.properties?.[key] ?? {};
  // A rate may be a profile too; in the form it is a number.
  const plain = schema.anyOf?.[0] ?? schema;
  const unit = units[plain.unit ?? ''] ?? 'none';
  const [doc = '', saidDefault] = (schema.description ?? '').split(/; default (?=[^:;]+$)/);
  const defaultValue = saidDefault === undefined ? null : defaultOf(saidDefault);
  const range = { min: plain.minimum ?? plain.exclusiveMinimum ?? 0, max: plain.maximum ?? Number.MAX_SAFE_INTEGER };
  const kind =
    plain.enum !== undefined
      ? 'choice'
      : plain.type === 'integer' || plain.type === 'number' || plain.type === 'boolean'
        ? plain.type
        : 'text';
  const stops = name === 'seed' ? null : (workloadStops[path] ?? null);
  return { path, name, doc, kind, unit, ...range, choices: plain.enum ?? [], defaultValue, stops };
}

/** "1000000", "false", "1 (fillbatch 1000)", "fillrandom". */
function defaultOf(text: string): OptionValue {
  const word = text.split(' ')[0] ?? text;
  if (word === 'true' || word === 'false') return word === 'true';
  return /^[\d.]+$/.test(word) ? Number(word) : word;
}

const decades = (from: number, to: number): number[] => {
  const stops: number[] = [];
  for (let power = from; power <= to; power *= 10) stops.push(power, 2 * power, 5 * power);
  return stops.filter((stop) => stop <= to);
};
const doublings = (from: number, to: number): number[] => {
  const stops: number[] = [];
  for (let stop = from; stop <= to; stop *= 2) stops.push(stop);
  return stops;
};

const workloadStops: Readonly<Record<string, readonly number[]>> = {
  duration_seconds: [30, 60, 120, 240, 300, 600, 900, 1200, 1800, 3600, 7200],
  'workload.num': decades(100_000, 1_000_000_000),
  'workload.value_size': doublings(16, 65_536),
  'workload.key_size': doublings(8, 256),
  'workload.threads': doublings(1, 64),
};

const mib = 1_048_576;
const stepsEachWay = 6;

/** Powers of two around a default in bytes, every number around a small count: far enough to see what a value does. */
function stopsFor(unit: OptionUnit, range: NamedOptionSpec['range'], defaultValue: number): readonly number[] | null {
  const inRange = (stop: number): boolean => stop >= range.min && stop <= range.max;
  switch (unit) {
    case 'bytes':
    case 'bytesPerSec': {
      const around = doublings(1, 4096).map((factor) => (defaultValue > 0 ? (defaultValue * factor) / 64 : mib * factor));
      const stops = around.slice(0, 2 * stepsEachWay + 1).filter((stop) => Number.isInteger(stop) && inRange(stop));
      return defaultValue === 0 ? [0, ...stops] : stops;
    }
    case 'count':
    case 'ratio': {
      const lowest = Math.max(Math.ceil(range.min), 1);
      const highest = Math.min(range.max, Math.max(16, 4 * defaultValue));
      if (!Number.isInteger(defaultValue) || highest > 256) return null;
      return Array.from({ length: highest - lowest + 1 }, (_, index) => lowest + index);
    }
    default:
      return null;
  }
}
