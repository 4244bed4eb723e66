/**
 * What there is to fill in for an LSM store, derived from the scenario's JSON Schema and from RocksDB's option table: a new option is in
 * the form as soon as it is in the table. Only which options come first is said here.
 */
import { lsmSchema } from '../lsm/kind.js';
import { defaultOptions, modelledSpecs, type NamedOptionSpec, type OptionUnit, type OptionValue } from '../rocksdb/options.js';
import { parseVersion, referenceVersion, type RocksdbVersion } from '../rocksdb/version.js';
import { valueAt } from './edit-document.js';
import { decades, doublings, fieldsOf, plainField, type Field, type FieldGroup, type FormDescription } from './field.js';
import type { DocumentData } from './share-link.js';

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

/** Names of the machines that a document may name. */
export interface MachineNames {
  readonly devices: readonly string[];
  readonly hosts: readonly string[];
}

/** The form of a document of kind `lsm`. */
export function lsmForm(document: DocumentData, machines: MachineNames): FormDescription {
  const { workload, options, otherOptions } = lsmFields(valueAt(document, 'rocksdb_version'));
  return {
    groups: [
      { title: 'Machine', isOpen: true, fields: machineFields(machines) },
      { title: 'Workload', isOpen: true, fields: workload },
      ...options.map((group, index) => ({ ...group, isOpen: index < 3 })),
    ],
    others: { title: `All other options (${String(otherOptions.length)})`, isOpen: false, fields: otherOptions },
  };
}

/** The device may be a preset, something dropped, or two bandwidths: a text with suggestions says all three. */
function machineFields({ devices, hosts }: MachineNames): Field[] {
  return [
    {
      ...plainField('device', 'text'),
      doc: 'a preset, a dropped envelope or fio results, or bandwidths such as read=750MiB/s,write=600MiB/s',
      choices: devices,
      defaultValue: 'debian-vm',
    },
    {
      ...plainField('host', 'choice'),
      doc: 'what CPU and file system cost: a preset, or a dropped host profile',
      choices: hosts,
      defaultValue: 'debian-vm',
    },
    {
      ...plainField('rocksdb_version', 'text'),
      doc: 'the release whose defaults and rules hold, such as 7.8 or 10.10.1',
      defaultValue: '7.8.3',
    },
  ];
}

/** The fields for a RocksDB version as a document says it; the reference version without one or with one that cannot be read. */
export function lsmFields(version: unknown): {
  readonly workload: readonly Field[];
  /** The options that matter most, in groups; then all others. */
  readonly options: readonly Omit<FieldGroup, 'isOpen'>[];
  readonly otherOptions: readonly Field[];
} {
  const defaults: Readonly<Record<string, OptionValue>> = { ...defaultOptions(versionOf(version), { dbBench: false }) };
  const editable = modelledSpecs.filter(({ kind }) => kind !== 'numbers' && kind !== 'choices');
  const field = (spec: NamedOptionSpec): Field => optionField(spec, defaults[spec.key] ?? null);
  const first = new Set(essentials.flatMap(([, keys]) => keys));
  return {
    workload: workloadFields(workloadPaths),
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
  // With one stop there is nothing to slide.
  const stops = numeric === null || numeric.length < 2 ? null : numeric;
  const choices = spec.choices.map(({ value }) => value);
  return { ...plainField(`lsm.${key}`, kind), doc, unit, min: range.min, max: range.max, choices, defaultValue, stops };
}

const workloadStops: Readonly<Record<string, readonly number[]>> = {
  duration_seconds: [30, 60, 120, 240, 300, 600, 900, 1200, 1800, 3600, 7200],
  'workload.num': decades(100_000, 1_000_000_000),
  'workload.value_size': doublings(16, 65_536),
  'workload.key_size': doublings(8, 256),
  'workload.threads': doublings(1, 64),
};

const workloadFields = fieldsOf(lsmSchema, workloadStops);

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
