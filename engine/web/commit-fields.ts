/**
 * What there is to fill in for a workload on an object store, derived from the scenario's JSON Schema. Only which fields there are, where
 * their sliders stop and what the switches put on is said here.
 */
import { commitSchema } from '../commit/kind.js';
import { valueAt } from './edit-document.js';
import { doublings, fieldsOf, plainField, type Field, type FieldGroup, type FormDescription } from './field.js';
import type { DocumentData } from './share-link.js';

const clientPaths = ['clients', 'clientIdleMillis'] as const;

const workloadGroups: readonly (readonly [title: string, isOpen: boolean, paths: readonly string[]])[] = [
  [
    'Workload',
    true,
    [
      'workload.num_writers',
      'workload.writer_rate',
      'workload.num_compactors',
      'workload.compactor_rate',
      'workload.num_readers',
      'workload.reader_rate',
      'workload.arrivals',
    ],
  ],
  [
    'Commits and compactions',
    true,
    [
      'workload.max_retry_count',
      'workload.backoffBaseMillis',
      'workload.backoffCapMillis',
      'workload.compactor_sleep_secs',
      'workload.compactor_read_count',
      'workload.compaction',
      'workload.compaction_deletes_inputs',
      'workload.partitions',
      'workload.value_size',
    ],
  ],
];

const storePaths = [
  'store.profile',
  'store.capacityOpsPerSec',
  'store.serialMillis',
  'store.decideFraction',
  'store.millisPerMib',
  'store.timeoutMillis',
  'store.requestRetries',
] as const;

const chaosPaths = ['chaos.latencyMillis', 'chaos.perRequest', 'store.lossFraction'] as const;

/** Switches with what they put on: the presets of the workload documents' chaos runs, and the rates that S3 documents for a prefix. */
const switches: readonly {
  readonly path: string;
  readonly doc: string;
  readonly switchedOn: Readonly<Record<string, unknown>>;
  readonly parts: readonly string[];
}[] = [
  {
    path: 'chaos.networkBlocks',
    doc: 'times without network, 30 to 90 s apart at random',
    switchedOn: { count: 3, lengthSec: 10, gapSec: [30, 90] },
    parts: ['count', 'lengthSec'],
  },
  {
    path: 'chaos.cpu',
    doc: 'an overloaded CPU: ticks are missed, latencies stretched',
    switchedOn: { dropTickFraction: 0.3, stretchFactor: 1.2 },
    parts: ['dropTickFraction', 'stretchFactor'],
  },
  {
    path: 'store.slowDown',
    doc: 'throttling: beyond these rates of a key space requests are answered 503 SlowDown',
    switchedOn: { readsPerSec: 5500, writesPerSec: 3500 },
    parts: ['readsPerSec', 'writesPerSec'],
  },
];

const stops: Readonly<Record<string, readonly number[]>> = {
  duration_seconds: [30, 60, 120, 300, 600, 1200, 3600],
  clients: doublings(1, 64),
  'workload.num_writers': [0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32],
  'workload.num_compactors': [0, 1, 2, 3, 4],
  'workload.num_readers': [0, 1, 2, 4, 8, 16],
  'workload.writer_rate': [0.05, 0.1, 0.2, 0.5, 1, 2, 5],
  'workload.compactor_rate': [0.01, 0.02, 0.05, 0.1, 0.2, 0.5],
  'workload.reader_rate': [1, 5, 10, 20, 50, 100, 200],
  'workload.max_retry_count': [0, 1, 2, 3, 5, 10, 20],
  'workload.compactor_sleep_secs': [0, 1, 2, 5, 10, 20],
  'workload.compactor_read_count': [1, 2, 4, 8, 16],
  'workload.partitions': doublings(1, 16),
  'chaos.latencyMillis': [0, 50, 100, 200, 500, 1000],
  'store.lossFraction': [0, 0.001, 0.01, 0.05, 0.1],
};

const fieldsAt = fieldsOf(commitSchema, stops);

/** The form of a document of kind `commit`: clients that swap one object, where it says so, and otherwise writers, compactors and readers. */
export function commitForm(document: DocumentData): FormDescription {
  // A document has the one name or the other.
  const duration = valueAt(document, 'workload.duration') === undefined ? 'duration_seconds' : 'workload.duration';
  const run = fieldsAt([duration, 'seed']);
  const groups: FieldGroup[] =
    valueAt(document, 'clients') === undefined
      ? workloadGroups.map(([title, isOpen, paths]) => ({ title, isOpen, fields: fieldsAt(paths) }))
      : [{ title: 'Compare-and-swap clients', isOpen: true, fields: fieldsAt(clientPaths) }];
  const [first, ...rest] = groups.map((group, index) => (index === 0 ? { ...group, fields: [...group.fields, ...run] } : group));
  return {
    groups: [
      ...(first === undefined ? [] : [first]),
      { title: 'Object store', isOpen: true, fields: fieldsAt(storePaths) },
      { title: 'Chaos', isOpen: true, fields: [...fieldsAt(chaosPaths), ...switches.flatMap(switchFields)] },
      ...rest,
    ],
    others: null,
  };
}

function switchFields({ path, doc, switchedOn, parts }: (typeof switches)[number]): Field[] {
  const inside = parts.map((part) => `${path}.${part}`);
  return [
    { ...plainField(path, 'boolean'), doc, defaultValue: false, switchedOn },
    ...fieldsAt(inside).map((field) => ({ ...field, partOf: path, defaultValue: null })),
  ];
}
