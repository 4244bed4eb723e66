/**
 * Documents of the utilisation calibration: measured samples coming in, in the layouts that the specification uses, and the calibration going
 * out and coming back. Schemas only; who reads a file says where in it something is wrong.
 */
import { z } from 'zod';
import type { FactorModel, KFoldAccuracy, PhaseAccuracies } from './cross-validate.js';
import { phases, type Phase } from './phase.js';
import { parametersFrom, type ParameterSet } from './parameters.js';
import type { Dataset, Sample } from './samples.js';

const bandwidth = z.number().positive().max(100_000).meta({ unit: 'MiB/s', description: 'write bandwidth available to the store' });
const putRate = z.number().positive().max(1e12).meta({ unit: 'ops/s', description: 'puts a second' });

/** One phase as in `collect_calibration_data`: two lists of the same length. */
const measurementsSchema = z
  .strictObject({
    qps_samples: z.array(putRate).min(1),
    bandwidth_samples: z.array(bandwidth).min(1),
    volatility_cv: z.number().min(0).optional().meta({ unit: 'fraction', description: 'not used' }),
    amplification: z
      .strictObject({ wa: z.number().min(0).optional(), ra: z.number().min(0).optional() })
      .optional()
      .meta({ description: 'not used' }),
  })
  .superRefine(({ qps_samples, bandwidth_samples }, context) => {
    if (qps_samples.length === bandwidth_samples.length) return;
    context.addIssue({
      code: 'custom',
      message: 'wrong number of samples',
      path: ['bandwidth_samples'],
      params: { found: String(bandwidth_samples.length), expected: `as many as qps_samples: ${String(qps_samples.length)}` },
    });
  });

/** One phase as in `cross_validate_model`: a list of pairs. */
const pairsSchema = z.strictObject({ samples: z.array(z.strictObject({ bandwidth, actual_qps: putRate })).min(1) });

const byPhaseOf = <T extends z.ZodType>(schema: T): z.ZodObject<Record<Phase, z.ZodOptional<T>>> =>
  z.strictObject({ initial: schema.optional(), middle: schema.optional(), final: schema.optional() });

/** Samples as people write them: one experiment under `performance_measurements`, or several under `datasets`; or both. */
export const samplesSchema = z
  .strictObject({
    name: z.string().min(1).optional().meta({ description: 'of the experiment; default: the file' }),
    phase_boundaries: z.record(z.string(), z.number()).optional().meta({ description: 'not used' }),
    performance_measurements: byPhaseOf(measurementsSchema).optional(),
    datasets: z.record(z.string().min(1), byPhaseOf(pairsSchema)).optional(),
  })
  .superRefine((document, context) => {
    if (datasetsOf(document, '').some((dataset) => Object.keys(dataset.samples).length > 0)) return;
    context.addIssue({
      code: 'custom',
      message: 'no samples',
      params: { expected: 'performance_measurements: or datasets: with initial:, middle: or final:' },
    });
  });

/** A checked document of samples. */
export type SamplesDocument = z.infer<typeof samplesSchema>;

/** Its experiments; one without a name of its own is called `fallbackName`. */
export function datasetsOf(document: SamplesDocument, fallbackName: string): readonly Dataset[] {
  const { performance_measurements: measurements, datasets = {}, name = fallbackName } = document;
  const own: Dataset[] =
    measurements === undefined
      ? []
      : [{ name, samples: mapPhases(measurements, ({ qps_samples, bandwidth_samples }) => zip(bandwidth_samples, qps_samples)) }];
  const others = Object.entries(datasets).map(([key, phasesOf]) => ({
    name: key,
    samples: mapPhases(phasesOf, ({ samples }) =>
      samples.map((sample) => ({ bandwidthMibPerSec: sample.bandwidth, actualOpsPerSec: sample.actual_qps })),
    ),
  }));
  return [...own, ...others];
}

function zip(bandwidthsMibPerSec: readonly number[], qpsOpsPerSec: readonly number[]): Sample[] {
  return bandwidthsMibPerSec.map((bandwidthMibPerSec, index) => ({ bandwidthMibPerSec, actualOpsPerSec: qpsOpsPerSec[index] ?? NaN }));
}

/** A value for each phase that is there. */
function mapPhases<T>(document: Partial<Record<Phase, T | undefined>>, samplesOf: (entry: T) => readonly Sample[]): Dataset['samples'] {
  return Object.fromEntries(
    phases.flatMap((phase) => {
      const entry = document[phase];
      return entry === undefined ? [] : [[phase, samplesOf(entry)]];
    }),
  );
}

/** Name and version of the calibration's own document. */
export const utilizationSchemaName = 'putmodel/utilization/1';

const accuracy = z.number().meta({ unit: 'percent' });
const summarySchema = z.strictObject({
  mean_accuracy: accuracy,
  std_accuracy: accuracy,
  min_accuracy: accuracy,
  max_accuracy: accuracy,
  sample_count: z.int().min(1),
});
const accuraciesSchema = byPhaseOf(summarySchema);
const kFoldSchema = z.strictObject({ folds: z.int().min(2), phases: accuraciesSchema, overall: summarySchema }).nullable();
const byModelOf = <T extends z.ZodType>(schema: T): z.ZodObject<Record<FactorModel, T>> =>
  z.strictObject({ v4: schema, 'v4.1-class': schema, 'v4.1-complete': schema, 'v4.1-enhancement': schema });
const factor = z.number().positive().max(1).meta({ unit: 'fraction', description: 'of the theoretical maximum' });

/** `putmodel calibrate utilization -o FILE`. */
export const utilizationFileSchema = z.strictObject({
  schema: z.literal(utilizationSchemaName),
  engineVersion: z.string(),
  recordSizeBytes: z.int().min(1),
  utilization: byPhaseOf(factor),
  sampledMibPerSec: byPhaseOf(z.strictObject({ min: bandwidth, max: bandwidth })).meta({ description: 'bandwidths of the samples' }),
  search: z.strictObject({
    method: z.string(),
    utilization: byPhaseOf(factor),
    errorFraction: z.number(),
    evaluations: z.int(),
    converged: z.boolean(),
  }),
  errorFraction: z.number().meta({ description: 'the objective at these factors: the sum of relative errors over phases' }),
  atLimit: z.array(z.enum(phases)).meta({ description: 'phases whose factor is held at 1' }),
  kFold: byModelOf(kFoldSchema),
  leaveOneDatasetOut: byModelOf(z.record(z.string(), accuraciesSchema)).nullable(),
  calibratedOn: z
    .array(
      z.strictObject({
        name: z.string(),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
        datasets: z.array(z.strictObject({ name: z.string(), samples: byPhaseOf(z.int()) })),
      }),
    )
    .min(1),
});

/** A calibration as a file holds it. */
export type UtilizationFile = z.infer<typeof utilizationFileSchema>;

/** The parameters that a calibration file stands for. */
export function parametersOfFile(name: string, file: UtilizationFile): ParameterSet {
  const { recordSizeBytes, kFold } = file;
  const scores = {
    v4: scoresOf(kFold.v4),
    'v4.1-class': scoresOf(kFold['v4.1-class']),
    'v4.1-complete': scoresOf(kFold['v4.1-complete']),
    'v4.1-enhancement': scoresOf(kFold['v4.1-enhancement']),
  };
  const utilization = withoutAbsent(file.utilization);
  return parametersFrom({ name, utilization, recordSizeBytes, sampledMibPerSec: withoutAbsent(file.sampledMibPerSec), scores });
}

function scoresOf(scores: z.infer<typeof kFoldSchema>): Pick<KFoldAccuracy, 'phases'> | null {
  return scores === null ? null : { phases: withoutAbsent(scores.phases) satisfies PhaseAccuracies };
}

/** Keys whose value is undefined go, so that a phase is there or is not. */
function withoutAbsent<T>(record: Partial<Record<Phase, T | undefined>>): Partial<Record<Phase, T>> {
  return Object.fromEntries(
    phases.flatMap((phase) => {
      const value = record[phase];
      return value === undefined ? [] : [[phase, value]];
    }),
  );
}
