/** What the schemas of result documents share, for editors and readers: units and meaning included. One schema a kind uses them. */
import { z } from 'zod';

/** A number with its unit; an empty description: the name says it. */
export const figure = (unit: string, description: string): z.ZodNumber =>
  z.number().meta(description === '' ? { unit } : { unit, description });

/** The same, or null where the run has no such figure. */
export const maybe = (unit: string, description: string): z.ZodNullable<z.ZodNumber> => figure(unit, description).nullable();

/** A list of them, one an interval. */
export const values = (unit: string, description: string): z.ZodArray =>
  z.array(z.number().nullable()).meta(description === '' ? { unit } : { unit, description });

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const manifest = z.strictObject({
  schema: z.literal('putmodel/manifest/1'),
  engineVersion: z.string(),
  scenarioHash: sha256,
  seed: z.number(),
  inputs: z.array(z.strictObject({ name: z.string(), sha256 })),
  resultHash: sha256.meta({ description: 'of this document without its manifest' }),
});

/** Figures by path, over several runs. */
const ranges = z.record(
  z.string(),
  z.strictObject({
    median: z.number().nullable(),
    min: z.number().nullable(),
    max: z.number().nullable(),
    values: z.array(z.number().nullable()),
  }),
);

/** Fields that every result document has; `wallMillis`, `seeds` and `band` are there only when the command line gives them. */
export const commonFields = {
  assumptions: z
    .array(z.strictObject({ what: z.string(), value: z.string(), source: z.string() }))
    .meta({ description: 'what the user did not say and the run assumed' }),
  validity: z.strictObject({
    inside: z.boolean(),
    outside: z.array(z.string()).meta({ description: 'what lies outside of what was compared with real runs' }),
    expectedErrorPercent: z.strictObject({ p50: figure('percent', ''), p90: figure('percent', ''), max: figure('percent', '') }).nullable(),
    runs: figure('count', 'real runs like this one'),
  }),
  events: figure('count', ''),
  simulatedSec: figure('s', ''),
  warnings: z.array(z.strictObject({ code: z.string(), message: z.string(), path: z.string() })),
  manifest,
  wallMillis: figure('ms', 'how long the simulation took; not in summary.json').optional(),
  seeds: z
    .strictObject({ seeds: z.array(z.number()), metrics: ranges })
    .optional()
    .meta({ description: 'with --seeds: each figure over all seeds; the rest of the document is the run of the first' }),
  band: z
    .strictObject({
      seeds: z.array(z.number()),
      deviceFactors: z.array(z.number()).meta({ description: "speed of each run's device, as a multiple of the scenario's" }),
      hostFactors: z.array(z.number()).meta({ description: "speed of each run's host, likewise" }),
      metrics: ranges,
    })
    .optional()
    .meta({ description: 'with --band: each figure over all seeds and machines; the rest of the document is the first run' }),
};
