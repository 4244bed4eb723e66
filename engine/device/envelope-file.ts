/**
 * `envelope_model.json` and `device_envelope.csv`: a model as text, and back. The zod schema is here and not in envelope.ts, so that
 * a simulation does not carry it.
 */
import { z } from 'zod';
import { PutmodelError, type Issue } from '../kernel/errors.js';
import { checkSchema } from './json-fields.js';
import { axisNames, type EnvelopeModel, type EnvelopeSurface } from './envelope.js';

const knots = (min: number, max: number, description: string): z.ZodType<number[]> =>
  z
    .array(z.number().min(min).max(max))
    .min(1)
    .refine((values) => values.every((value, i) => i === 0 || value > (values[i - 1] ?? 0)), 'must ascend, without repeats')
    .describe(description);

const positive = Number.MIN_VALUE;

const surfaceSchema = z
  .strictObject({
    axes: z.strictObject({
      readPercent: knots(0, 100, 'reads of all requests, percent'),
      iodepth: knots(positive, 1e9, 'requests in flight of one job'),
      numjobs: knots(positive, 1e9, 'jobs'),
      bsKib: knots(positive, 1e9, 'block size, KiB'),
    }),
    runs: z.array(z.int().min(0)).describe('measured runs at each point; 0: a gap'),
    spreadFraction: z.array(z.number().min(0)).describe('(largest - smallest) / mean of the total bandwidth over the runs of a point'),
    columns: z
      .record(z.string(), z.array(z.number().min(0).nullable()))
      .describe('bytes/s, operations/s and microseconds at each point; null: not measured'),
  })
  .superRefine((surface, context) => {
    const size = axisNames.reduce((product, name) => product * surface.axes[name].length, 1);
    const check = (path: string[], length: number): void => {
      if (length !== size)
        context.addIssue({ code: 'custom', path, message: `${String(length)} values for a grid of ${String(size)} points` });
    };
    check(['runs'], surface.runs.length);
    check(['spreadFraction'], surface.spreadFraction.length);
    for (const [name, values] of Object.entries(surface.columns)) check(['columns', name], values.length);
    for (const name of ['readBytesPerSec', 'writeBytesPerSec', 'totalBytesPerSec']) {
      if (!(surface.columns[name]?.some((value) => value !== null) ?? false)) {
        context.addIssue({ code: 'custom', path: ['columns', name], message: 'no value at any point' });
      }
    }
  });

/** What `schema` says in an `envelope_model.json`. */
export const envelopeSchemaName = 'putmodel/envelope/1';

/** The schema of `envelope_model.json`; `putmodel schema envelope` prints it. */
export const envelopeSchema = z
  .strictObject({
    schema: z.literal(envelopeSchemaName),
    name: z.string(),
    source: z.string().describe('where the measurements come from'),
    inputs: z.array(z.strictObject({ file: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits') })),
    surfaces: z
      .strictObject({ random: surfaceSchema.optional(), sequential: surfaceSchema.optional() })
      .refine((surfaces) => surfaces.random !== undefined || surfaces.sequential !== undefined, 'must have random or sequential'),
    notes: z.array(z.string()).describe('what was noticed while building'),
  })
  .describe('A device envelope: fio results over read share, iodepth, numjobs and block size; arrays are flat, last axis (bsKib) fastest');

/** The model as JSON, one array a line so that a difference of two models can be read. Rounded to 0.001 (bytes/s, operations/s, microseconds). */
export function encodeEnvelope(model: EnvelopeModel): string {
  const text = JSON.stringify(
    model,
    (_key, value: unknown) => {
      if (typeof value === 'number') return rounded(value);
      // Marked here, unquoted below: JSON.stringify breaks arrays over lines otherwise.
      if (Array.isArray(value) && value.length > 0 && value.every((item) => item === null || typeof item === 'number'))
        return `[[${encodeNumbers(value)}]]`;
      return value;
    },
    1,
  );
  return `${text.replace(/"\[\[([-+.,0-9a-z]*)\]\]"/g, '[$1]')}\n`;
}

function encodeNumbers(values: readonly (number | null)[]): string {
  return values.map((value) => (value === null ? 'null' : String(rounded(value)))).join(',');
}

/**
 * Reads `envelope_model.json`.
 * @throws PutmodelError INPUT_SYNTAX for text that is not JSON; INPUT_UNSUPPORTED for another schema; INPUT_INVALID with a path for each value that is wrong
 */
export function decodeEnvelope(text: string, file: string): EnvelopeModel {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new PutmodelError({
      code: 'INPUT_SYNTAX',
      message: 'not valid JSON',
      file,
      expected: 'a model written by `putmodel envelope build`',
    });
  }
  checkSchema(value, [envelopeSchemaName], file);
  const parsed = envelopeSchema.safeParse(value);
  if (!parsed.success) {
    throw new PutmodelError(
      parsed.error.issues.map((issue): Issue => ({
        code: 'INPUT_INVALID',
        message: issue.message,
        file,
        path: issue.path.map(String).join('.'),
      })),
    );
  }
  const { random, sequential } = parsed.data.surfaces;
  return { ...parsed.data, surfaces: { ...(random === undefined ? {} : { random }), ...(sequential === undefined ? {} : { sequential }) } };
}

/**
 * `device_envelope.csv`: one header, one row a measured point; `pattern`, the axes, `runs`, `spreadFraction`, then every column that a
 * surface has, in the columns' own units, rounded to 0.001; empty where not measured.
 */
export function envelopeCsv(model: EnvelopeModel): string {
  const surfaces = Object.entries<EnvelopeSurface>(model.surfaces);
  const names = [...new Set(surfaces.flatMap(([, surface]) => Object.keys(surface.columns)))].sort(columnOrder);
  const lines = [['pattern', ...axisNames, 'runs', 'spreadFraction', ...names].join(',')];
  for (const [pattern, surface] of surfaces) {
    const { readPercent, iodepth, numjobs, bsKib } = surface.axes;
    let index = 0;
    for (const r of readPercent) {
      for (const d of iodepth) {
        for (const n of numjobs) {
          for (const b of bsKib) {
            const cells = names.map((name) => cellOf(surface.columns[name]?.[index]));
            if ((surface.runs[index] ?? 0) > 0)
              lines.push([pattern, r, d, n, b, surface.runs[index], surface.spreadFraction[index], ...cells].join(','));
            index++;
          }
        }
      }
    }
  }
  return `${lines.join('\n')}\n`;
}

function cellOf(value: number | null | undefined): string {
  return value === null || value === undefined ? '' : String(rounded(value));
}

/** To 0.001 of a byte a second or a microsecond: finer than fio prints. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** Rates first, totals before directions; then latencies by name, percentiles by number. */
function columnOrder(a: string, b: string): number {
  const key = (name: string): string => {
    const rank = name.startsWith('total') ? 0 : name.endsWith('PerSec') ? 1 : 2;
    return `${String(rank)}${name.replace(/\.p(\d+)/, (_, digits: string) => `.p${digits.padStart(3, '0')}`)}`;
  };
  const left = key(a);
  const right = key(b);
  return left < right ? -1 : left > right ? 1 : 0;
}
