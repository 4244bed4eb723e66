/** The file that `putmodel calibrate backlog` writes and a scenario's `backlog.calibration` names: mu, k, eta and read shares, and what they were measured on. */
import { z } from 'zod';
import { checkSchema } from '../device/json-fields.js';
import { PutmodelError } from '../kernel/errors.js';

const byLevel = (maximum: number): z.ZodRecord<z.ZodString, z.ZodNumber> => z.record(z.string(), z.number().min(0).max(maximum));

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const schemaName = 'putmodel/backlog-calibration/1';
const schema = z.strictObject({
  schema: z.literal(schemaName),
  calibratedOn: z.array(z.strictObject({ name: z.string(), sha256: hash, textSha256: hash.optional() })),
  device: z.string(),
  iodepth: z.number().gt(0),
  numjobs: z.number().gt(0),
  bs_k: z.number().gt(0),
  levels: z.array(z.string()).min(1),
  mu: byLevel(1),
  k: byLevel(1e6),
  baseFraction: z.number().gt(0),
  rho_r: byLevel(1),
  mergeAmplification: byLevel(1e6),
  evidence: z.strictObject({
    busySec: z.number(),
    beffBytesPerSec: z.number(),
    deviceBytesPerSec: z.number(),
    readFraction: z.number(),
    jobs: z.number(),
  }),
});

/**
 * A calibration: C = mu k eta Beff of each level reproduces what the level drained while jobs ran. Records are by level name. `baseFraction`
 * is eta without backlog; above 1 the device named gives less than the run used. `evidence`: what it rests on; busySec is the time in which
 * at least one job ran.
 */
export type BacklogCalibration = z.infer<typeof schema>;

/** A file's content. @throws PutmodelError INPUT_SYNTAX for anything but JSON, INPUT_UNSUPPORTED for another schema, INPUT_INVALID with every wrong field */
export function decodeBacklogCalibration(text: string, file: string): BacklogCalibration {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new PutmodelError({ code: 'INPUT_SYNTAX', message: 'not a JSON document', file });
  }
  checkSchema(value, [schemaName], file);
  const outcome = schema.safeParse(value);
  if (outcome.success) return outcome.data;
  throw new PutmodelError(
    outcome.error.issues.map((issue) => ({ code: 'INPUT_INVALID', message: issue.message, file, path: issue.path.join('.') })),
  );
}
