/**
 * The document of a sweep: one zod schema from which the checks, the type and the JSON Schema for editors are derived. What the axes
 * mean is in axes.ts, what points they give in plan.ts.
 */
import { z } from 'zod';
import { isMap } from '../kernel/maps.js';

const exactMax = Number.MAX_SAFE_INTEGER;

/** More values on one axis are a mistake. */
export const maximumAxisValues = 1_000_000;

const dottedPath = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_]*(\.[A-Za-z0-9][A-Za-z0-9_]*)*$/, { message: 'a dotted path such as lsm.write_buffer_size' });
const metricPath = z.string().min(1);
const finite = (description: string): z.ZodNumber => z.number().meta({ description });
const count = (description: string): z.ZodNumber => z.int().min(1).max(maximumAxisValues).meta({ description, unit: 'count' });
const whole = z.boolean().optional().meta({ description: 'round every value to a whole number; default false' });
const scale = z.enum(['linear', 'log']).optional().meta({ description: 'what is uniform: the value, or its logarithm; default linear' });

/** A value may be anything that a scenario may hold at the path, but not nothing. */
const value = z
  .unknown()
  .refine((item) => item !== null && item !== undefined, { message: 'a value is empty', params: { expected: 'a value' } });

const ends = { from: finite('first value'), to: finite('last value, included') };

const range = z
  .strictObject({
    ...ends,
    step: finite('distance of two values').gt(0).optional(),
    count: count('values, evenly spread').optional(),
    whole,
  })
  .refine(({ step, count: values }) => (step === undefined) !== (values === undefined), {
    message: 'give either step or count',
    when: ({ value }) => isMap(value),
  });

const logRange = z
  .strictObject({
    ...ends,
    from: finite('first value').gt(0),
    to: finite('last value, included').gt(0),
    factor: finite('ratio of two values').gt(1).optional(),
    count: count('values, evenly spread in the logarithm').optional(),
    whole,
  })
  .refine(({ factor, count: values }) => (factor === undefined) !== (values === undefined), {
    message: 'give either factor or count',
    when: ({ value }) => isMap(value),
  });

const sampled = z
  .strictObject({ ...ends, count: count('points drawn; the same on all axes of this kind'), scale, whole })
  .refine(({ from, to, scale: drawn }) => drawn !== 'log' || (from > 0 && to > 0), {
    message: 'a log scale needs from and to above 0',
    when: ({ value }) => isMap(value),
  });

/** Values of one axis, before they are worked out. */
const axis = z
  .union([
    z.array(value).min(1).max(maximumAxisValues),
    z.strictObject({ range: range.meta({ description: 'from, to and either step or count' }) }),
    z.strictObject({ logRange: logRange.meta({ description: 'from, to and either factor or count' }) }),
    z.strictObject({ random: sampled.meta({ description: 'independent draws; all random axes together are one set of points' }) }),
    z.strictObject({
      latinHypercube: sampled.meta({ description: 'a Latin hypercube over all axes that say so: each axis is hit once in every stratum' }),
    }),
  ])
  .meta({ description: 'a list, or a map of one of range, logRange, random, latinHypercube' });

const excludeValue = z.union([z.strictObject({ min: z.number().optional(), max: z.number().optional() }), z.array(value).min(1), value]);

const label = z.union([
  z.string().min(1),
  z.array(z.union([z.string().min(1), z.strictObject({ text: z.string().min(1), unless: z.record(dottedPath, value) })])).min(1),
]);

const goal = z.strictObject({
  pareto: z
    .array(metricPath)
    .min(2)
    .max(8)
    .optional()
    .meta({ description: 'metrics of which no configuration may be worse in all: which are not dominated by another' }),
  best: z
    .strictObject({
      metric: metricPath.meta({ description: 'what to make as good as possible' }),
      require: z.array(z.string().min(1)).optional().meta({ description: "what has to hold, such as 'stall.stoppedSec<=0'" }),
    })
    .optional(),
  thresholds: z
    .array(z.string().min(1))
    .optional()
    .meta({ description: "limits whose crossing is looked for along each axis, such as 'putLatencyMicros.p99<=3000'" }),
  effects: z.array(metricPath).optional().meta({ description: 'metrics whose main effects are told; default: those of best and pareto' }),
});

const body = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/)
    .optional()
    .meta({ description: 'names the result directory: letters, digits, dot, dash, underscore; default: the file name' }),
  description: z.string().optional().meta({ description: 'the question this sweep answers' }),
  base: z.string().min(1).meta({ description: 'the scenario that every run starts from, relative to this file' }),
  set: z.record(dottedPath, value).optional().meta({ description: 'values put into the base scenario in every run, by path' }),
  axes: z.record(dottedPath, axis).meta({ description: 'what is varied, by path in the scenario; the last axis varies fastest' }),
  zip: z
    .array(z.array(dottedPath).min(2))
    .optional()
    .meta({ description: 'groups of axes that advance together instead of in all combinations' }),
  exclude: z
    .array(z.record(dottedPath, excludeValue))
    .optional()
    .meta({ description: 'points left out: all of one entry must hold; a value, a list of values, or {min, max}' }),
  designSeed: z.int().min(0).max(exactMax).optional().meta({ description: 'seed of random and latinHypercube axes; default 1' }),
  seeds: z
    .union([count("replicates, from the base scenario's seed on").max(10_000), z.array(z.int().min(0).max(exactMax)).min(1).max(10_000)])
    .optional()
    .meta({ description: 'how many runs of each point, or their seeds; every point gets the same; default 1' }),
  keep: z.array(metricPath).min(1).optional().meta({ description: 'metrics kept of every run, by path; default: all of the kind' }),
  histograms: z
    .boolean()
    .optional()
    .meta({ description: 'merge the latency histograms of the runs, from which percentiles over several seeds are taken; default true' }),
  series: z
    .boolean()
    .optional()
    .meta({ description: "keep every run's own files (series, histograms) under runs/; on a queue its workers need --out; default false" }),
  label: label.optional().meta({ description: "the name of a point: text with {path} or {path:.2f}, in pieces that may have an 'unless'" }),
  goal: goal.optional().meta({ description: 'what the sweep is to answer' }),
});

/** A sweep as people write it: one key, `sweep`. */
export const sweepSchema = z.strictObject({ sweep: body }).meta({ title: 'putmodel sweep' });

/** A checked sweep document: what its writer said, nothing filled in. */
export type SweepDocument = z.infer<typeof sweepSchema>['sweep'];
/** One axis as written, and its forms. */
export type AxisDocument = SweepDocument['axes'][string];
export type RangeDocument = z.infer<typeof range>;
export type LogRangeDocument = z.infer<typeof logRange>;
export type SampledDocument = z.infer<typeof sampled>;

/** JSON Schema (draft 2020-12) of a sweep file. */
export function sweepJsonSchema(): unknown {
  return z.toJSONSchema(sweepSchema, { io: 'input' });
}
