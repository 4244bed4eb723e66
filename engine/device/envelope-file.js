/**
 * `envelope_model.json` and `device_envelope.csv`: a model as text, and back. The zod schema is here and not in envelope.ts, so that
 * a simulation does not carry it.
 */
import { z } from 'zod';
import { PutmodelError } from '../kernel/errors.js';
import { axisNames } from './envelope.js';
const knots = (min, max, description) => z
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
    const check = (path, length) => {
        if (length !== size)
            context.addIssue({ code: 'custom', path, message: `${String(length)} values for a grid of ${String(size)} points` });
    };
    check(['runs'], surface.runs.length);
    check(['spreadFraction'], surface.spreadFraction.length);
    for (const [name, values] of Object.entries(surface.columns))
        check(['columns', name], values.length);
    for (const name of ['readBytesPerSec', 'writeBytesPerSec', 'totalBytesPerSec']) {
        if (!(surface.columns[name]?.some((value) => value !== null) ?? false)) {
            context.addIssue({ code: 'custom', path: ['columns', name], message: 'no value at any point' });
        }
    }
});
/** The schema of `envelope_model.json`; `putmodel schema envelope` prints it. */
export const envelopeSchema = z
    .strictObject({
    schema: z.literal('putmodel/envelope/1'),
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
export function encodeEnvelope(model) {
    const text = JSON.stringify(model, (_key, value) => {
        if (typeof value === 'number')
            return Math.round(value * 1000) / 1000;
        // Marked here, unquoted below: JSON.stringify breaks arrays over lines otherwise.
        if (Array.isArray(value) && value.length > 0 && value.every((item) => item === null || typeof item === 'number'))
            return `[[${encodeNumbers(value)}]]`;
        return value;
    }, 1);
    return `${text.replace(/"\[\[([-+.,0-9a-z]*)\]\]"/g, '[$1]')}\n`;
}
function encodeNumbers(values) {
    return values.map((value) => (value === null ? 'null' : String(Math.round(value * 1000) / 1000))).join(',');
}
/**
 * Reads `envelope_model.json`.
 * @throws PutmodelError INPUT_SYNTAX for text that is not JSON; INPUT_INVALID with a path for each value that is wrong
 */
export function decodeEnvelope(text, file) {
    let value;
    try {
        value = JSON.parse(text);
    }
    catch {
        throw new PutmodelError({
            code: 'INPUT_SYNTAX',
            message: 'not valid JSON',
            file,
            expected: 'a model written by `putmodel envelope build`',
        });
    }
    const parsed = envelopeSchema.safeParse(value);
    if (!parsed.success) {
        throw new PutmodelError(parsed.error.issues.map((issue) => ({
            code: 'INPUT_INVALID',
            message: issue.message,
            file,
            path: issue.path.map(String).join('.'),
        })));
    }
    const { random, sequential } = parsed.data.surfaces;
    return { ...parsed.data, surfaces: { ...(random === undefined ? {} : { random }), ...(sequential === undefined ? {} : { sequential }) } };
}
/**
 * `device_envelope.csv`: one header, one row a measured point; `pattern`, the axes, `runs`, `spreadFraction`, then every column that a
 * surface has, in the columns' own units; empty where not measured.
 */
export function envelopeCsv(model) {
    const surfaces = Object.entries(model.surfaces);
    const names = [...new Set(surfaces.flatMap(([, surface]) => Object.keys(surface.columns)))].sort(columnOrder);
    const lines = [['pattern', ...axisNames, 'runs', 'spreadFraction', ...names].join(',')];
    for (const [pattern, surface] of surfaces) {
        const { readPercent, iodepth, numjobs, bsKib } = surface.axes;
        let index = 0;
        for (const r of readPercent) {
            for (const d of iodepth) {
                for (const n of numjobs) {
                    for (const b of bsKib) {
                        const cells = names.map((name) => surface.columns[name]?.[index] ?? '');
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
/** Rates first, totals before directions; then latencies by name, percentiles by number. */
function columnOrder(a, b) {
    const key = (name) => {
        const rank = name.startsWith('total') ? 0 : name.endsWith('PerSec') ? 1 : 2;
        return `${String(rank)}${name.replace(/\.p(\d+)/, (_, digits) => `.p${digits.padStart(3, '0')}`)}`;
    };
    const left = key(a);
    const right = key(b);
    return left < right ? -1 : left > right ? 1 : 0;
}
//# sourceMappingURL=envelope-file.js.map