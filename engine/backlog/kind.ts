/**
 * The document of kind `backlog`: one zod schema from which the checks, the type and the JSON Schema for editors are derived. The keys
 * levels, mu, k, iodepth, numjobs, bs_k, steps, dt and rho_r are the V4 guide's own, those with an underscore besides are RocksDB's.
 * `simulate.ts` never imports this file.
 */
import { z } from 'zod';
import { isMap } from '../kernel/maps.js';
import type { Metric } from '../kernel/run.js';
import type { BacklogResult } from './result.js';

const exactMax = Number.MAX_SAFE_INTEGER;
/** Values of the series (steps x levels) that one run may record. */
export const maximumSeriesValues = 2_000_000;

const figure = (unit: string, description: string): z.ZodNumber => z.number().min(0).max(1e12).meta({ description, unit });
const count = (description: string): z.ZodNumber => z.int().min(1).max(exactMax).meta({ description, unit: 'count' });
const bytes = (description: string): z.ZodNumber => z.int().min(0).max(exactMax).meta({ description, unit: 'bytes' });
const seconds = (description: string): z.ZodNumber => z.number().min(0).max(1e9).meta({ description, unit: 's' });
const fraction = (description: string): z.ZodNumber => z.number().min(0).max(1).meta({ description, unit: 'fraction' });
const levelName = z.string().regex(/^[A-Za-z0-9]{1,20}$/);
const byLevel = (value: z.ZodNumber): z.ZodUnion<[z.ZodNumber, z.ZodRecord<z.ZodString, z.ZodNumber>]> =>
  z.union([value, z.record(levelName, value)]);

const rate = z
  .union([
    figure('ops/s', 'puts offered in each second').gt(0),
    z.strictObject({
      points: z
        .array(z.strictObject({ atSec: seconds('from this time on'), opsPerSec: figure('ops/s', 'puts offered in each second') }))
        .min(1)
        .refine((points) => points.every((point, index) => index === 0 || point.atSec > (points[index - 1]?.atSec ?? 0)), {
          message: 'the points must ascend in atSec',
        }),
    }),
  ])
  .meta({ description: 'what the client would put if it never had to wait; each rate holds until the next point, 0 before the first' });

const workload = z.strictObject({
  rate,
  key_size: bytes('bytes in a key; default 16').max(65_536).optional(),
  value_size: bytes('bytes in a value; default 100')
    .min(1)
    .max(1 << 30)
    .optional(),
});

const efficiencyName = z.enum(['saturating', 'contention-linear']);

const efficiency = z
  .union([
    efficiencyName,
    z.strictObject({
      model: efficiencyName,
      baseFraction: fraction('eta without backlog; default 0.8').gt(0).optional(),
      contentionGib: figure('GiB', 'backlog that halves eta (saturating) or makes it 0 (contention-linear); default 100').gt(0).optional(),
      waveFraction: fraction(
        'amplitude of the factor 1 + a sin(0.1 t), t in seconds; default 0.1 with contention-linear, else 0',
      ).optional(),
    }),
  ])
  .meta({
    description:
      "eta. saturating (default): base / (1 + sum Q / contention). contention-linear: the guide's base x (1 - min(1, sum Q / contention)) x (1 + 0.1 sin(0.1 t)), which never drains again once the backlog reaches the contention size",
  });

const backlog = z
  .strictObject({
    levels: z
      .array(levelName)
      .min(1)
      .max(16)
      .refine((names) => new Set(names).size === names.length, { message: 'a level is named twice' })
      .refine((names) => names[0] === 'L0', { message: 'the first level must be L0, which takes the flushed bytes' })
      .optional()
      .meta({ description: 'names of the levels from the top; default L0 to L3' }),
    mu: byLevel(figure('fraction', 'part of the device that the scheduler leaves to a level'))
      .optional()
      .meta({ description: 'one figure for all levels, or one a level; needed unless a calibration gives it' }),
    k: byLevel(figure('1', 'bytes drained for each byte of that bandwidth'))
      .optional()
      .meta({ description: 'one figure for all levels, or one a level; default 1' }),
    mergeAmplification: byLevel(figure('1', 'bytes of merge work for each byte of data that arrives').min(1))
      .optional()
      .meta({ description: 'one figure for all levels below L0, or one a level; default 1 + fan-out x fill of the level' }),
    iodepth: figure('count', 'requests in flight of one job; default 16').gt(0).optional(),
    numjobs: figure('count', 'jobs at once; default 1').gt(0).optional(),
    bs_k: figure('KiB', 'block size of their requests; default 1024').gt(0).optional(),
    steps: count('steps of the run; or say duration_seconds').optional(),
    dt: seconds('length of a step; default 1').gt(0).max(3600).optional(),
    rho_r: z
      .union([z.literal('heuristic'), fraction('always this'), z.record(levelName, fraction('while this level drains'))])
      .optional()
      .meta({
        description:
          'read share of the work: heuristic (default; 0.5 without backlog, else min(1, 2 Q_L0 / sum Q)), one fraction, or one a level as learned from a LOG',
      }),
    efficiency: efficiency.optional(),
    calibration: z
      .string()
      .min(1)
      .optional()
      .meta({ description: "a file of 'putmodel calibrate backlog'; what is said here goes before it" }),
    write_buffer_size: bytes('bytes of an L0 file; default 67108864').min(1).optional(),
    level0_stop_writes_trigger: count('L0 files at which writers wait; default 36').max(1e6).optional(),
    max_bytes_for_level_base: bytes(
      'data that L1 keeps; default 268435456, or 0 (all goes on, as in the guide) when mergeAmplification is given',
    ).optional(),
    max_bytes_for_level_multiplier: figure('1', 'fan-out: how much more each deeper level keeps; default 10').min(1).max(1000).optional(),
    initial: z
      .strictObject({
        backlogGib: z
          .record(levelName, figure('GiB', 'waiting'))
          .optional()
          .meta({ description: 'backlog before the first step, by level' }),
        residentGib: z
          .record(levelName, figure('GiB', 'kept'))
          .optional()
          .meta({ description: 'data in the levels before the first step' }),
      })
      .optional(),
  })
  .refine((value) => value.max_bytes_for_level_base !== 0 || value.mergeAmplification !== undefined || value.calibration !== undefined, {
    message: 'levels that keep nothing have no fill: give mergeAmplification',
    path: ['max_bytes_for_level_base'],
    when: ({ value }) => isMap(value),
  });

/** A scenario of kind `backlog`, as people write it. */
export const backlogSchema = z
  .strictObject({
    kind: z.literal('backlog').meta({ description: "the fluid per-level backlog model (the V4 guide's simulator) on a device envelope" }),
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/)
      .optional()
      .meta({ description: 'names the result directory: letters, digits, dot, dash, underscore; default: the file name' }),
    description: z.string().optional().meta({ description: 'the question this scenario answers' }),
    seed: z.int().min(0).max(exactMax).optional().meta({ description: 'without effect: nothing is drawn at random' }),
    duration_seconds: seconds('simulated seconds: steps x dt').gt(0).optional(),
    device: z
      .string()
      .min(1)
      .optional()
      .meta({ description: "a preset's name, an envelope_model.json, a directory of fio results, or read=5400MiB/s,write=1900MiB/s" }),
    workload: workload.meta({ description: 'what is put' }),
    backlog: backlog.meta({ description: 'the model' }),
  })
  .refine((value) => value.duration_seconds === undefined || (value.backlog as { steps?: number }).steps === undefined, {
    message: 'give either duration_seconds or backlog.steps, not both',
    path: ['duration_seconds'],
    when: ({ value }) => isMap(value) && isMap(value['backlog']),
  })
  .meta({ title: 'putmodel scenario, kind backlog' });

/** A checked document of kind `backlog`: what its writer said, nothing filled in. */
export type BacklogDocument = z.infer<typeof backlogSchema>;

/** The figures that tables, sweeps and goals may name, by their path in the result document. */
export const backlogMetrics: readonly Metric<BacklogResult>[] = [
  { path: 'putRate.meanOpsPerSec', unit: 'opsPerSec', better: 'more', merge: 'none', read: (r) => r.putRate.meanOpsPerSec },
  { path: 'putRate.meanMiBPerSec', unit: 'mibPerSec', better: 'more', merge: 'none', read: (r) => r.putRate.meanMiBPerSec },
  { path: 'stall.stoppedSec', unit: 'sec', better: 'less', merge: 'none', read: (r) => r.stall.stoppedSec },
  { path: 'stall.limitedSec', unit: 'sec', better: 'less', merge: 'none', read: (r) => r.stall.limitedSec },
  { path: 'stall.longestSec', unit: 'sec', better: 'less', merge: 'max', read: (r) => r.stall.longestSec },
  { path: 'writeAmplificationUser', unit: '1', better: 'less', merge: 'none', read: (r) => r.writeAmplificationUser },
  { path: 'backlog.endBytes', unit: 'bytes', better: 'less', merge: 'none', read: (r) => r.backlog.endBytes },
  { path: 'backlog.peakBytes', unit: 'bytes', better: 'less', merge: 'max', read: (r) => r.backlog.peakBytes },
  { path: 'efficiency.meanFraction', unit: 'fraction', better: 'more', merge: 'none', read: (r) => r.efficiency.meanFraction },
  { path: 'simulatedSec', unit: 'sec', better: 'neither', merge: 'max', read: (r) => r.simulatedSec },
];
