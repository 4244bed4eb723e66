/**
 * The document of kind `lsm`: one zod schema from which the checks, the type and the JSON Schema for editors are derived. The schema
 * of `lsm:` follows from RocksDB's option table. `simulate.ts` never imports this file, so that the simulator bundles without zod.
 */
import { z } from 'zod';
import { percentileMicros, totalCount } from '../kernel/histogram.js';
import { isMap } from '../kernel/maps.js';
import type { MergedPercent, Metric } from '../kernel/run.js';
import { optionSpecs, readOptions, type NamedOptionSpec } from '../rocksdb/options.js';
import { policyNames } from './policies/policies.js';
import type { ReadStreamResult } from './read-result.js';
import type { LsmResult } from './result.js';

/** Largest whole number that a double holds exactly; bytes and microseconds stay below it. */
const exactMax = Number.MAX_SAFE_INTEGER;
/** 2^53 microseconds, in whole seconds. */
const secondsMax = Math.floor(exactMax / 1e6);

/** db_bench's write benchmarks. */
export const writeBenchmarks = [
  'fillrandom',
  'fillseq',
  'overwrite',
  'filluniquerandom',
  'fillbatch',
  'fillsync',
  'fill100K',
  'deleterandom',
] as const;
/** Its benchmarks that read: alone, beside a writing thread, or in turns with puts. */
export const readBenchmarks = ['readrandom', 'readwhilewriting', 'readrandomwriterandom', 'seekrandom'] as const;
/** What may stand between them. */
export const otherBenchmarks = ['waitforcompaction', 'compact', 'flush', 'stats', 'levelstats', 'sstables'] as const;

const count = (description: string): z.ZodNumber => z.int().min(1).max(exactMax).meta({ description, unit: 'count' });
const bytes = (description: string): z.ZodNumber => z.int().min(0).max(exactMax).meta({ description, unit: 'bytes' });
const opsPerSec = (description: string): z.ZodNumber => z.number().min(0).max(1e12).meta({ description, unit: 'ops/s' });
const seconds = (description: string): z.ZodNumber => z.number().min(0).max(secondsMax).meta({ description, unit: 's' });
const positive = (schema: z.ZodNumber): z.ZodNumber => schema.gt(0);

const ratePoints = z
  .array(z.strictObject({ atSec: seconds('from this time on'), opsPerSec: opsPerSec('puts offered in each second') }))
  .min(1)
  .refine((points) => points.every((point, index) => index === 0 || point.atSec > (points[index - 1]?.atSec ?? 0)), {
    message: 'the points must ascend in atSec',
  });

const rate = z
  .union([
    positive(opsPerSec('puts offered in each second, all the time')),
    z.strictObject({
      points: ratePoints.meta({ description: 'each rate holds until the next point; nothing is offered before the first' }),
    }),
    z.strictObject({
      csv: z
        .string()
        .min(1)
        .meta({ description: 'a table of times (seconds or ISO 8601, counted from its first line) and puts per second, with a header' }),
    }),
    z.strictObject({
      meanOpsPerSec: positive(opsPerSec('mean of the sine')),
      amplitudeOpsPerSec: opsPerSec('largest deviation from the mean; below 0 nothing is offered'),
      periodSec: positive(seconds('one full wave')),
    }),
  ])
  .meta({
    description: 'open loop: puts arrive at this rate whatever the store does; left out: each thread puts again when its last put returned',
  });

/** What a load may say, the benchmarks left out. */
const load = {
  num: count('keys there are, and puts for each thread unless `puts` or `duration_seconds` is given; default 1000000').optional(),
  key_size: bytes('bytes in a key; default 16').max(65_536).optional(),
  value_size: bytes('bytes in a value; default 100')
    .max(1 << 30)
    .optional(),
  threads: count('writing threads (readrandom, readwhilewriting, seekrandom: reading threads); default 1').max(10_000).optional(),
  distribution: z
    .enum(['uniform', 'sequential', 'unique', 'zipfian'])
    .optional()
    .meta({ description: "how keys are drawn; default: the benchmark's own (fillrandom: uniform with replacement)" }),
  zipfTheta: z
    .number()
    .gt(0)
    .max(10)
    .refine((theta) => theta !== 1, { message: 'the exponent 1 is not supported; take 0.999 or 1.001' })
    .optional()
    .meta({ description: 'exponent of the zipfian distribution; default 0.99', unit: '1' }),
  rate: rate.optional(),
  rateFactor: positive(z.number().max(1e6))
    .optional()
    .meta({ description: 'multiplies `rate`: 2 asks what if the load doubles; default 1', unit: '1' }),
  benchmark_write_rate_limit: positive(z.number().max(exactMax))
    .optional()
    .meta({ description: 'closed loop held back to this many key and value bytes in each second', unit: 'bytes/s' }),
  batch_size: count('puts in one write batch; default 1 (fillbatch 1000)').max(1_000_000).optional(),
  delete_fraction: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .meta({ description: 'part of the puts that are deletes, of keys drawn likewise; default 0 (deleterandom 1)', unit: 'fraction' }),
  sync: z.boolean().optional().meta({ description: 'sync the WAL before each batch returns; default false (fillsync true)' }),
  disable_wal: z.boolean().optional().meta({ description: 'write no WAL; default false' }),
  compression_ratio: z
    .number()
    .gt(0)
    .max(1)
    .optional()
    .meta({ description: 'size to which a perfect codec would shrink the values, as a fraction; default 0.5', unit: 'fraction' }),
};

type LoadDocument = z.infer<z.ZodObject<typeof load>>;

/** Rules that join a load's fields. */
function withLoadRules<T extends z.ZodType<LoadDocument>>(schema: T): T {
  return schema
    .refine((value) => !(value.key_size === 0 && (value.value_size ?? 100) === 0), {
      message: 'key_size and value_size are both 0: a put needs at least one byte',
      path: ['value_size'],
      when: ({ value }) => isMap(value),
    })
    .refine((value) => value.rate === undefined || value.benchmark_write_rate_limit === undefined, {
      message: 'give either rate (open loop) or benchmark_write_rate_limit (closed loop), not both',
      path: ['rate'],
      when: ({ value }) => isMap(value),
    })
    .refine((value) => value.zipfTheta === undefined || value.distribution === 'zipfian', {
      message: 'zipfTheta needs distribution: zipfian',
      path: ['zipfTheta'],
      when: ({ value }) => isMap(value),
    });
}

const workload = withLoadRules(
  z.strictObject({
    benchmark: z
      .enum([...writeBenchmarks, ...readBenchmarks, ...otherBenchmarks])
      .optional()
      .meta({ description: "what is run, by db_bench's names; default fillrandom" }),
    benchmarks: z
      .array(z.enum([...writeBenchmarks, ...readBenchmarks, ...otherBenchmarks]))
      .min(1)
      .max(1000)
      .optional()
      .meta({ description: 'several, one after the other, on the tree the one before left (fill* starts with an empty one)' }),
    ...load,
    use_existing_db: z.boolean().optional().meta({ description: 'fill* go on with the tree there is; default false' }),
  }),
).refine((value) => value.benchmark === undefined || value.benchmarks === undefined, {
  message: 'give either benchmark or benchmarks, not both',
  path: ['benchmarks'],
  when: ({ value }) => isMap(value),
});

const readStream = {
  threads: count('reading threads, each of which reads again when its last read returned; default: workload.threads')
    .max(10_000)
    .optional(),
  rate: positive(opsPerSec('open loop: reads come at this rate whatever the store does')).optional(),
  reads: count('reads over all threads, after which the benchmark ends; default: no end by count').optional(),
  distribution: z.enum(['uniform', 'zipfian']).optional().meta({ description: 'which keys are read; default uniform' }),
  zipfTheta: z.number().gt(0).max(10).optional().meta({ description: 'exponent of the zipfian distribution; default 0.99', unit: '1' }),
};

const reads = z
  .strictObject({
    point: z.strictObject(readStream).optional().meta({ description: 'Gets of single keys' }),
    range: z
      .strictObject({
        ...readStream,
        length: z.int().min(0).max(1_000_000_000).meta({ description: 'Next calls after each Seek', unit: 'count' }),
      })
      .optional()
      .meta({ description: 'a Seek and some Next, without an upper bound' }),
    readwritepercent: z
      .number()
      .min(0)
      .max(100)
      .optional()
      .meta({ description: 'readrandomwriterandom: part of the operations that are Gets; default 90', unit: 'percent' }),
    bloom_bits: z
      .number()
      .min(0)
      .max(100)
      .optional()
      .meta({ description: 'the same as lsm.bloom_bits: bits per key of the filters; default 0, none', unit: 'bits' }),
    block_cache_bytes: bytes('LRU block cache; default 8388608').optional(),
    block_cache_hit_fraction: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .meta({ description: 'instead of block_cache_bytes: look-ups that find their block', unit: 'fraction' }),
    cache_index_and_filter_blocks: z
      .boolean()
      .optional()
      .meta({ description: 'indexes and filters live in the block cache; default false: all stay in memory' }),
  })
  .meta({
    description: 'reads beside the puts of every benchmark; where the list names benchmarks that read, of those alone',
  });

const levels = z
  .array(
    z.strictObject({
      level: z.int().min(0).max(63).meta({ description: 'level, 0 is the youngest' }),
      bytes: bytes('bytes of files in it'),
    }),
  )
  .max(64)
  .refine((list) => new Set(list.map((entry) => entry.level)).size === list.length, { message: 'a level is given twice' });

const initial = z
  .union([
    z.strictObject({ levels: levels.meta({ description: 'bytes on disk a level, spread evenly over the key space' }) }),
    z.strictObject({ from_log: z.string().min(1).meta({ description: "a RocksDB LOG: the tree that its store has at the LOG's end" }) }),
    z.strictObject({
      settled_keys: count('the tree that this many distinct keys leave when compaction has caught up; at most workload.num'),
    }),
  ])
  .meta({ description: 'the tree before the first put; left out: empty' });

/** The option table's units as the JSON Schema prints them. */
const unitNames: Readonly<Record<NamedOptionSpec['unit'], string | undefined>> = {
  bytes: 'bytes',
  bytesPerSec: 'bytes/s',
  micros: 'us',
  seconds: 's',
  count: 'count',
  bits: 'bits',
  percent: 'percent',
  ratio: '1',
  none: undefined,
};

/**
 * The `lsm:` block: RocksDB's options by their own names, in RocksDB's units; none is required. Checked by the option table itself
 * (types, ranges, names, RocksDB's spellings of choices); its JSON Schema is derived from the same table.
 */
export const lsmOptionsSchema = z
  .record(z.string(), z.unknown())
  .superRefine((record, context) => {
    for (const { path, message, found, expected } of readOptions(record, '').issues) {
      const key = path ?? '';
      context.addIssue({ code: 'custom', path: [key], message, params: { found, expected, unknownKey: message === 'unknown option' } });
    }
  })
  .meta({
    description: "RocksDB's options by their own names, in RocksDB's units; left out: the library's default in this version",
    properties: Object.fromEntries(optionSpecs.map((spec) => [spec.key, optionJsonSchema(spec)])),
    propertyNames: undefined,
    additionalProperties: false,
  });

const changes = z
  .array(
    z.strictObject({
      atSec: seconds('from the start of the run'),
      set: lsmOptionsSchema.optional(),
      compactionsPaused: z
        .boolean()
        .optional()
        .meta({ description: 'no compaction is started; running ones and flushes go on (a backup window)' }),
      compact: z
        .literal(true)
        .optional()
        .meta({ description: 'a manual compaction of everything (CompactRange) is asked for, while the load goes on' }),
      deviceFraction: z
        .number()
        .gt(0)
        .max(1)
        .optional()
        .meta({ description: "part of the device's speed that is left to the store (another tenant, a worn drive)", unit: 'fraction' }),
    }),
  )
  .max(10_000)
  .refine((list) => list.every((change, index) => index === 0 || change.atSec >= (list[index - 1]?.atSec ?? 0)), {
    message: 'changes must ascend in atSec',
  })
  .meta({
    description: "what changes while the run goes on: options that RocksDB takes online, a pause of compactions, the device's share",
  });

const partName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/)
  .meta({ description: 'letters, digits, dot, dash, underscore' });

const share = positive(z.number().max(1e9)).optional().meta({
  description: 'its part of the puts, as a weight among its siblings: each put goes to one of them at random; default 1',
  unit: '1',
});

const families = z
  .array(
    z.strictObject({
      name: partName,
      share,
      num: count("keys of this family; default: its share of the workload's num").optional(),
      key_size: load.key_size,
      value_size: load.value_size,
      lsm: lsmOptionsSchema.optional().meta({ description: 'options of this family, over those of its database' }),
      initial: initial.optional(),
    }),
  )
  .min(1)
  .max(1000)
  .refine(namesDiffer, { message: 'two column families have one name' })
  .meta({
    description: "column families: trees and memtables of their own; the WAL, the write controller, jobs and limiter are the database's",
  });

const databases = z
  .array(
    z
      .strictObject({
        name: partName,
        share,
        workload: withLoadRules(z.strictObject(load))
          .optional()
          .meta({ description: 'writing threads of its own, over the workload; left out: it gets its share of the workload' }),
        lsm: lsmOptionsSchema.optional().meta({ description: 'options of this database, over those of the scenario' }),
        families: families.optional(),
        initial: initial.optional(),
      })
      .refine((value) => value.share === undefined || value.workload === undefined, {
        message: 'give either share (of the workload) or workload (of its own), not both',
        path: ['share'],
        when: ({ value }) => isMap(value),
      }),
  )
  .min(1)
  .max(100)
  .refine(namesDiffer, { message: 'two databases have one name' })
  .meta({ description: 'several databases of one process on the device: each with its own WAL, write controller and limiter' });

function namesDiffer(list: readonly { readonly name: string }[]): boolean {
  return new Set(list.map(({ name }) => name)).size === list.length;
}

/** A scenario of kind `lsm`, as people write it. */
export const lsmSchema = z
  .strictObject({
    kind: z.literal('lsm').meta({ description: 'a file-level LSM store on one device' }),
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/)
      .optional()
      .meta({ description: 'names the result directory: letters, digits, dot, dash, underscore; default: the file name' }),
    description: z.string().optional().meta({ description: 'the question this scenario answers' }),
    seed: z.int().min(0).max(exactMax).optional().meta({ description: 'seed of every random draw; default 1' }),
    duration_seconds: positive(seconds('simulated seconds of each write benchmark')).optional(),
    puts: count('puts of each write benchmark, over all threads').optional(),
    dtSec: positive(
      seconds('without effect in this kind: rates hold from event to event, whose times are exact; accepted as in kind backlog'),
    )
      .max(3600)
      .optional(),
    device: z
      .string()
      .min(1)
      .optional()
      .meta({ description: "a preset's name, an envelope_model.json, a directory of fio results, or read=5400MiB/s,write=1900MiB/s" }),
    deviceCapacityBytes: positive(
      bytes("the run ends when the store's files and WAL take so much (no space left on device); default: never"),
    ).optional(),
    host: z.string().min(1).optional().meta({ description: "a preset's name or the path of a host profile" }),
    rocksdb_version: z
      .string()
      .regex(/^v?\d{1,4}\.\d{1,4}(\.\d{1,4})?$/, { message: 'major.minor or major.minor.patch, such as 7.8.3' })
      .optional()
      .meta({ description: 'the release whose defaults and rules hold, such as 7.8 or 10.10.1' }),
    policy: z
      .string()
      .min(1)
      .optional()
      .meta({
        description: `how compactions are scheduled: ${policyNames.join(', ')}, or the path of a module (.js, .mjs); default rocksdb`,
      }),
    workload: workload.optional().meta({ description: 'who writes what' }),
    reads: reads.optional(),
    lsm: lsmOptionsSchema.optional(),
    initial: initial.optional(),
    families: families.optional(),
    databases: databases.optional(),
    sharedThreadPools: z
      .boolean()
      .optional()
      .meta({ description: "databases share RocksDB's Env: one pool for flushes, one for compactions, as in one process; default true" }),
    sharedRateLimiter: z
      .boolean()
      .optional()
      .meta({ description: "databases share one rate limiter, the first one's (one Options::rate_limiter for all); default false" }),
    changes: changes.optional(),
  })
  .meta({ title: 'putmodel scenario, kind lsm' });

/** A checked document of kind `lsm`: what its writer said, nothing filled in. */
export type LsmDocument = z.infer<typeof lsmSchema>;
export type LsmWorkloadDocument = NonNullable<LsmDocument['workload']>;
export type LsmDatabaseDocument = NonNullable<LsmDocument['databases']>[number];
export type LsmFamilyDocument = NonNullable<LsmDocument['families']>[number];

/** The figures that tables, sweeps and goals may name, by their path in the result document. */
export const lsmMetrics: readonly Metric<LsmResult>[] = [
  { path: 'putRate.meanOpsPerSec', unit: 'opsPerSec', better: 'more', merge: 'none', read: (r) => r.putRate.meanOpsPerSec },
  { path: 'putRate.meanMiBPerSec', unit: 'mibPerSec', better: 'more', merge: 'none', read: (r) => r.putRate.meanMiBPerSec },
  { path: 'stall.stoppedSec', unit: 'sec', better: 'less', merge: 'none', read: (r) => r.stall.stoppedSec },
  { path: 'stall.delayedSec', unit: 'sec', better: 'less', merge: 'none', read: (r) => r.stall.delayedSec },
  { path: 'stall.longestSec', unit: 'sec', better: 'less', merge: 'max', read: (r) => r.stall.longestSec },
  ...(['memtable', 'l0Slowdown', 'l0Stop', 'pendingSlowdown', 'pendingStop'] as const).map((cause): Metric<LsmResult> => ({
    path: `stall.byCause.${cause}`,
    unit: 'sec',
    better: 'less',
    merge: 'none',
    read: (r) => r.stall.byCause[cause],
  })),
  { path: 'writeAmplification', unit: '1', better: 'less', merge: 'none', read: (r) => r.writeAmplification },
  { path: 'writeAmplificationNoWal', unit: '1', better: 'less', merge: 'none', read: (r) => r.writeAmplificationNoWal },
  { path: 'writeAmplificationUser', unit: '1', better: 'less', merge: 'none', read: (r) => r.writeAmplificationUser },
  { path: 'spaceAmplification', unit: '1', better: 'less', merge: 'none', read: (r) => r.spaceAmplification },
  {
    path: 'compactionReadAmplification',
    unit: '1',
    better: 'less',
    merge: 'none',
    read: (r) => r.compactionReadAmplification,
  },
  { path: 'space.peakBytes', unit: 'bytes', better: 'less', merge: 'max', read: (r) => r.space.peakBytes },
  { path: 'space.peakTransientBytes', unit: 'bytes', better: 'less', merge: 'max', read: (r) => r.space.peakTransientBytes },
  { path: 'debt.pendingCompactionBytes', unit: 'bytes', better: 'less', merge: 'none', read: (r) => r.debt.pendingCompactionBytes },
  {
    path: 'debt.peakPendingCompactionBytes',
    unit: 'bytes',
    better: 'less',
    merge: 'max',
    read: (r) => r.debt.peakPendingCompactionBytes,
  },
  { path: 'device.writtenBytes', unit: 'bytes', better: 'less', merge: 'sum', read: (r) => r.device.writtenBytes },
  { path: 'device.busyFraction', unit: 'fraction', better: 'neither', merge: 'none', read: (r) => r.device.busyFraction },
  ...([50, 99, 99.9] as const).map(latencyMetric),
  ...(['point', 'range'] as const).flatMap(readMetrics),
  { path: 'steadyState.atSec', unit: 'sec', better: 'less', merge: 'none', read: (r) => r.steadyState.atSec },
  { path: 'simulatedSec', unit: 'sec', better: 'neither', merge: 'max', read: (r) => r.simulatedSec },
];

/** A percentile of what puts waited; null where nothing was put. */
function latencyMetric(percent: MergedPercent): Metric<LsmResult> {
  const path = `putLatencyMicros.p${String(percent).replace('.', '')}`;
  const read = ({ putLatencyMicros }: LsmResult): number | null =>
    totalCount(putLatencyMicros) === 0 ? null : percentileMicros(putLatencyMicros, percent);
  return { path, unit: 'micros', better: 'less', merge: { histogram: 'putLatencyMicros', percent }, read };
}

/** Figures of the reads, named as the fields of `reads` in the result; null where nothing was read. */
function readMetrics(stream: 'point' | 'range'): readonly Metric<LsmResult>[] {
  type Unit = Metric<LsmResult>['unit'];
  const metric = (
    name: string,
    unit: Unit,
    better: 'more' | 'less',
    read: (one: ReadStreamResult) => number | null,
  ): Metric<LsmResult> => ({
    path: `reads.${stream}.${name}`,
    unit,
    better,
    merge: 'none',
    read: ({ reads }) => {
      const one = reads?.[stream] ?? null;
      return one === null ? null : read(one);
    },
  });
  const micros = (percent: number) => (one: ReadStreamResult) =>
    totalCount(one.latencyNanos) === 0 ? null : percentileMicros(one.latencyNanos, percent) / 1000;
  return [
    metric('opsPerSec', 'opsPerSec', 'more', (one) => one.opsPerSec),
    metric('latencyMicros.p50', 'micros', 'less', micros(50)),
    metric('latencyMicros.p99', 'micros', 'less', micros(99)),
    metric('latencyMicros.p999', 'micros', 'less', micros(99.9)),
    metric('blocksPerRead', '1', 'less', (one) => one.blocksPerRead),
    metric('storageReadsPerRead', '1', 'less', (one) => one.storageReadsPerRead),
    metric('cacheHitFraction', 'fraction', 'more', (one) => one.cacheHitFraction),
  ];
}

/** One option for editors: type, range, choices, unit, description. */
function optionJsonSchema(spec: NamedOptionSpec): Readonly<Record<string, unknown>> {
  const ignored = spec.effect === 'ignored' ? ' (accepted, without effect on the model)' : '';
  const unit = unitNames[spec.unit];
  return { description: spec.doc + ignored, ...(unit === undefined ? {} : { unit }), ...valueJsonSchema(spec) };
}

function valueJsonSchema({ kind, range, choices, effect }: NamedOptionSpec): Readonly<Record<string, unknown>> {
  if (effect === 'ignored') return {};
  const limits = { minimum: range.min, maximum: range.max };
  const values = choices.map((choice) => choice.value);
  switch (kind) {
    case 'boolean':
      return { type: 'boolean' };
    case 'text':
      return { type: 'string' };
    case 'choice':
      return { enum: values };
    case 'choices':
      return { type: 'array', items: { enum: values } };
    case 'integer':
      return { type: 'integer', ...limits };
    case 'number':
      return { type: 'number', ...limits };
    case 'numbers':
      return { type: 'array', items: { type: 'number', ...limits } };
  }
}
