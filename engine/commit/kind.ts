/**
 * The document of kind `commit`: one zod schema from which the checks, the type and the JSON Schema for editors are derived. Keys with an
 * underscore are the workload documents' own (WorkloadConfig), with their units; the others end in their unit. `simulate.ts` never imports
 * this file.
 */
import { z } from 'zod';
import { percentileMicros, type Histogram } from '../kernel/histogram.js';
import { isMap } from '../kernel/maps.js';
import type { Metric } from '../kernel/run.js';
import { profileNames, quantilesByName } from './profiles.js';
import { latencyName, type CommitResult, type RoleName, type RoleResult } from './result.js';

const exactMax = Number.MAX_SAFE_INTEGER;
const figure = (unit: string, description: string): z.ZodNumber => z.number().min(0).max(1e9).meta({ description, unit });
const count = (description: string): z.ZodNumber => z.int().min(0).max(1e6).meta({ description, unit: 'count' });
const seconds = (description: string): z.ZodNumber => figure('s', description);
const millis = (description: string): z.ZodNumber => figure('ms', description);
const fraction = (description: string): z.ZodNumber => z.number().min(0).max(1).meta({ description, unit: 'fraction' });
const opsPerSec = (description: string): z.ZodNumber => figure('ops/s', description).gt(0).max(1e6);

/** Fields that the documents have removed: refused, with what there is instead. */
const removed: Readonly<Record<string, string>> = {
  key_overlap_ratio: 'writers append keys in order, none overlap; remove it',
  key_pool_size: 'the registry grows as writers write; remove it',
  write_delete_ratio: 'writers do not delete; compaction_deletes_inputs removes merged keys',
};

const refused = (hint: string): z.ZodOptional<z.ZodUnknown> =>
  z
    .unknown()
    .refine(() => false, { message: 'the documents have removed this field', params: { expected: hint, unknownKey: true } })
    .optional()
    .meta({ description: `removed: ${hint}` });

const rateFactors = z
  .array(z.strictObject({ atSec: seconds('from this time on'), factor: figure('1', 'all rates are multiplied by this').max(1e6) }))
  .min(1)
  .refine((points) => points.every((point, index) => index === 0 || point.atSec > (points[index - 1]?.atSec ?? 0)), {
    message: 'the points must ascend in atSec',
  });

const workload = z.strictObject({
  num_writers: count('writers; default 1').max(10_000).optional(),
  num_compactors: count('compactors; default 0').max(10_000).optional(),
  num_readers: count('readers; default 0').max(100_000).optional(),
  writer_rate: opsPerSec('writes of each writer; default 0.1').optional(),
  compactor_rate: opsPerSec('1 / the pause after a finished compaction, sleep and commit not counted; default 0.05').optional(),
  reader_rate: opsPerSec('reads of each reader; default 100').optional(),
  compactor_sleep_secs: seconds('of work between the reads of a compaction and its write; default 5').optional(),
  compactor_read_count: z
    .int()
    .min(1)
    .max(1000)
    .meta({ description: 'distinct keys that a compaction reads; default 2', unit: 'count' })
    .optional(),
  duration: seconds("of the run, the documents' name for duration_seconds").gt(0).optional(),
  value_size: z.int().min(0).max(5e9).meta({ description: 'bytes in a value; default 256', unit: 'bytes' }).optional(),
  max_retry_count: count('attempts of a commit after the first; default 1').max(1000).optional(),
  arrivals: z.enum(['fixed', 'phase', 'poisson', 'closed']).optional().meta({
    description:
      'when operations begin. fixed (default): ticks of all clients in lock-step from time 0, as in the original harness; phase: each client with a random offset; poisson; closed: the next when one has ended, latencies not corrected for coordinated omission',
  }),
  inFlight: z
    .int()
    .min(1)
    .max(100_000)
    .meta({ description: 'operations that each reader keeps going, with closed arrivals; default 1', unit: 'count' })
    .optional(),
  rateFactors: rateFactors.optional().meta({
    description:
      'bursts and ramps: factors on all rates over time, pauses of compactors included, each until the next; not with closed arrivals',
  }),
  compaction: z
    .enum(['random', 'range'])
    .optional()
    .meta({ description: 'which keys a compaction merges: random ones (default), or as many in a row' }),
  compaction_deletes_inputs: z.boolean().optional().meta({ description: 'whether merged keys leave the store; default false' }),
  partitions: z
    .int()
    .min(1)
    .max(10_000)
    .meta({ description: 'key spaces, each with its own HEAD; clients are dealt out; default 1', unit: 'count' })
    .optional(),
  leaseSec: seconds('that a snapshot may be used and removed objects stay; default: for ever').gt(0).optional(),
  gcIntervalSec: seconds('between two runs of the garbage collector of orphans, which deletes those older than leaseSec; default: none')
    .gt(0)
    .optional(),
  backoffBaseMillis: millis(
    'wait before the first retry of a commit, doubled each time, from half to whole at random; default 250',
  ).optional(),
  backoffCapMillis: millis('longest wait; default 5000').optional(),
  ...Object.fromEntries(Object.entries(removed).map(([name, hint]) => [name, refused(hint)])),
});

/** Latencies by percentile, at least so many of them. */
const percentiles = (atLeast: number): z.ZodType<Record<string, number>, Record<string, number>> =>
  z.record(z.string().regex(/^p\d{1,2}(\.\d+)?$/), millis('latency').gt(0)).superRefine((values, context) => {
    const refuse = (message: string, expected: string): void => context.addIssue({ code: 'custom', message, params: { expected } });
    const points = quantilesByName(values);
    if (points.some(({ micros }) => !(micros > 0))) return;
    const gaps = points.slice(1).map((point, index) => ({ point, before: points[index] ?? point }));
    const short = atLeast === 1 ? 'one percentile or more' : 'two percentiles or more';
    if (points.length < atLeast) refuse('too few percentiles', short);
    else if (points.some(({ fraction }) => fraction <= 0)) refuse('no latency is below the smallest', 'percentiles above 0');
    else if (gaps.some(({ point, before }) => point.fraction === before.fraction)) refuse('the same percentile twice', 'each of them once');
    else if (gaps.some(({ point, before }) => point.micros < before.micros)) {
      refuse('latencies fall with the percentile', 'latencies that ascend with it');
    }
  });

const latency = z
  .union([
    z.strictObject({ constantMillis: millis('always this') }),
    z.strictObject({ lognormal: z.strictObject({ p50Millis: millis('median').gt(0), sigma: figure('1', 'of the logarithm').max(5) }) }),
    z.strictObject({ gamma: z.strictObject({ meanMillis: millis('mean').gt(0), shape: figure('1', 'shape').gt(0).max(1e4) }) }),
    z.strictObject({ quantilesMillis: percentiles(1).meta({ description: 'measured percentiles, such as {p50: 12, p99: 80}' }) }),
    z.strictObject({
      fit: z.enum(['lognormal', 'gamma']),
      percentilesMillis: percentiles(2).meta({ description: 'the distribution nearest to these' }),
    }),
  ])
  .meta({ description: 'distribution of latencies' });

const dollars = (description: string): z.ZodOptional<z.ZodNumber> => figure('USD per 1000 requests', description).optional();

const store = z
  .strictObject({
    profile: z.enum(profileNames).optional().meta({
      description:
        "document (default): log-normal, p50 0.48 s, the documents' own; s3-standard: measured conditional PUTs; instant: no latency. What else is said goes before it",
    }),
    fitFrom: z
      .string()
      .min(1)
      .optional()
      .meta({ description: 'a file of measured compare-and-swap contention to fit the store to, instead of the profile' }),
    fitKey: z.string().min(1).optional().meta({ description: 'the part of that file, such as AWS_S3/CAS' }),
    fitThreads: z
      .union([z.string().regex(/^\d+(,\d+)*$/), z.int().min(1), z.array(z.int().min(1)).min(1)])
      .optional()
      .meta({ description: 'rows to fit to, such as 1,2; default: all' }),
    latency: latency.optional().meta({ description: 'of all requests' }),
    getLatency: latency.optional(),
    putLatency: latency.optional(),
    commitLatency: latency.optional().meta({ description: 'of conditional PUTs' }),
    listLatency: latency.optional(),
    deleteLatency: latency.optional(),
    failedLatency: latency.optional().meta({ description: 'of conditional PUTs whose precondition fails; default: as successful ones' }),
    decideFraction: fraction('where in a request HEAD is read or a precondition decided, as a part of the latency').optional(),
    serialMillis: millis('that conditional PUTs of one object spend one after the other; default 0').optional(),
    capacityOpsPerSec: opsPerSec('requests/s served at once, more wait in line; default: no limit').optional(),
    slowDown: z
      .strictObject({
        readsPerSec: opsPerSec('GET and LIST of a key space'),
        writesPerSec: opsPerSec('PUT and DELETE of a key space'),
        burstSec: seconds('of these rates that a full bucket holds; default 1').max(3600).optional(),
      })
      .optional()
      .meta({ description: 'beyond these rates requests are answered 503 SlowDown. S3 documents 5500 and 3500 for a prefix' }),
    millisPerMib: millis('that a MiB of a value takes on the network; default 0').optional(),
    lossFraction: fraction('of the requests that are lost, or their answers; default 0').optional(),
    timeoutMillis: millis('that a client waits for an answer; default 30000').gt(0).optional(),
    requestRetries: count('times that a request is sent again after a time-out or 503; default 10').max(1000).optional(),
    prices: z
      .strictObject({
        get: dollars('GET'),
        put: dollars('PUT'),
        commit: dollars('conditional PUT'),
        list: dollars('LIST'),
        delete: dollars('DELETE'),
      })
      .optional(),
  })
  .refine((value) => value.fitFrom === undefined || value.fitKey !== undefined, {
    message: 'fitFrom needs fitKey',
    path: ['fitKey'],
    when: ({ value }) => isMap(value),
  })
  .refine((value) => value.fitFrom !== undefined || (value.fitKey === undefined && value.fitThreads === undefined), {
    message: 'fitKey and fitThreads need fitFrom',
    path: ['fitFrom'],
    when: ({ value }) => isMap(value),
  });

const chaos = z.strictObject({
  latencyMillis: millis('added once an operation').optional(),
  perRequest: z.boolean().optional().meta({ description: 'add it to each request instead; default false' }),
  networkBlocks: z
    .strictObject({
      count: count('times without network').max(1000),
      lengthSec: seconds('of each').gt(0),
      gapSec: z.tuple([seconds('shortest'), seconds('longest')]).meta({ description: 'between them, at random' }),
    })
    .optional(),
  cpu: z
    .strictObject({
      dropTickFraction: fraction('of ticks that are missed'),
      stretchFactor: figure('1', 'on all latencies').min(1).max(1000),
    })
    .optional()
    .meta({ description: 'an overloaded CPU' }),
});

/** A scenario of kind `commit`, as people write it. */
export const commitSchema = z
  .strictObject({
    kind: z.literal('commit').meta({ description: 'optimistic commits racing on one HEAD object of an object store' }),
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/)
      .optional()
      .meta({ description: 'names the result directory: letters, digits, dot, dash, underscore; default: the file name' }),
    description: z.string().optional().meta({ description: 'the question this scenario answers' }),
    seed: z.int().min(0).max(exactMax).optional().meta({ description: 'of all random draws; default 1' }),
    duration_seconds: seconds('simulated seconds; default 120').gt(0).optional(),
    clients: z
      .int()
      .min(1)
      .max(100_000)
      .optional()
      .meta({ description: 'instead of a workload: clients that swap one object as fast as they can', unit: 'count' }),
    clientIdleMillis: millis('between an answer and the next attempt of such a client; default 0').optional(),
    workload: workload.optional().meta({ description: 'writers, compactors and readers' }),
    store: store.optional().meta({ description: 'the object store' }),
    chaos: chaos.optional().meta({ description: 'what is made worse on purpose' }),
    limit: z
      .union([
        z.literal(false),
        z.strictObject({
          successFraction: fraction('of operations that must succeed; default 0.95').optional(),
          maxCommitters: z.int().min(1).max(1000).meta({ description: 'where the search ends; default 64', unit: 'count' }).optional(),
        }),
      ])
      .optional()
      .meta({ description: 'how many writers keep their success above a target, and the retries they need; false: do not ask' }),
  })
  .refine((value) => value.clients === undefined || value.workload === undefined, {
    message: 'give either clients or workload, not both',
    path: ['clients'],
    when: ({ value }) => isMap(value),
  })
  .refine(
    (value) => value.duration_seconds === undefined || (value.workload as { duration?: number } | undefined)?.duration === undefined,
    {
      message: 'give either duration_seconds or workload.duration, not both',
      path: ['duration_seconds'],
      when: ({ value }) => isMap(value),
    },
  )
  .meta({ title: 'putmodel scenario, kind commit' });

/** A checked document of kind `commit`: what its writer said, nothing filled in. */
export type CommitDocument = z.infer<typeof commitSchema>;

const rates = (role: RoleName): Metric<CommitResult>[] => {
  const of = (read: (result: RoleResult, whole: CommitResult) => number | null) => (whole: CommitResult) => {
    const result = whole.roles[role];
    return result === undefined ? null : read(result, whole);
  };
  const millisAt = (histogram: Histogram | null, percent: number): number | null =>
    histogram === null || histogram.extremes[1]! < 0 ? null : percentileMicros(histogram, percent) / 1000;
  return [
    { path: `${role}.operations`, unit: '1', better: 'neither', merge: 'sum', read: of((r) => r.operations) },
    { path: `${role}.succeeded`, unit: '1', better: 'more', merge: 'sum', read: of((r) => r.succeededCount) },
    { path: `${role}.attempts`, unit: '1', better: 'neither', merge: 'sum', read: of((r) => r.attemptCount) },
    { path: `${role}.preconditionFailures`, unit: '1', better: 'less', merge: 'sum', read: of((r) => r.preconditionFailureCount) },
    { path: `${role}.retryFailures`, unit: '1', better: 'less', merge: 'sum', read: of((r) => r.retryFailureCount) },
    {
      path: `${role}.failureFraction`,
      unit: 'fraction',
      better: 'less',
      merge: 'none',
      read: of((r) => (r.operations === 0 ? null : 1 - r.succeededCount / r.operations)),
    },
    {
      path: `${role}.succeededOpsPerSec`,
      unit: 'opsPerSec',
      better: 'more',
      merge: 'none',
      read: of((r, w) => r.succeededCount / w.simulatedSec),
    },
    ...([50, 95, 99] as const).map((percent): Metric<CommitResult> => ({
      path: `${role}.latencyMillis.p${percent}`,
      unit: 'millis',
      better: 'less',
      merge: { histogram: latencyName(role), percent },
      read: of((r) => millisAt(r.latencyMicros, percent)),
    })),
  ];
};

/** The figures that tables, sweeps and goals may name, by their path in the result document; null where a run has no such role. */
export const commitMetrics: readonly Metric<CommitResult>[] = [
  ...(['writer', 'compactor', 'reader', 'client'] as const).flatMap(rates),
  { path: 'keys.committed', unit: '1', better: 'more', merge: 'sum', read: (r) => r.keys.committedCount },
  { path: 'bill.dollarsPerMonth', unit: '1', better: 'less', merge: 'none', read: (r) => r.bill.dollarsPerMonth },
  {
    path: 'verificationFailures',
    unit: '1',
    better: 'less',
    merge: 'sum',
    read: (r) => r.verification.filter(({ passed }) => !passed).length,
  },
  { path: 'simulatedSec', unit: 'sec', better: 'neither', merge: 'max', read: (r) => r.simulatedSec },
];
