/**
 * `envelope_model.json` and `device_envelope.csv`: a model as text, and back. The zod schema is here and not in envelope.ts, so that
 * a simulation does not carry it.
 */
import { z } from 'zod';
import { type EnvelopeModel } from './envelope.js';
/** The schema of `envelope_model.json`; `putmodel schema envelope` prints it. */
export declare const envelopeSchema: z.ZodObject<
  {
    schema: z.ZodLiteral<'putmodel/envelope/1'>;
    name: z.ZodString;
    source: z.ZodString;
    inputs: z.ZodArray<
      z.ZodObject<
        {
          file: z.ZodString;
          sha256: z.ZodString;
        },
        z.core.$strict
      >
    >;
    surfaces: z.ZodObject<
      {
        random: z.ZodOptional<
          z.ZodObject<
            {
              axes: z.ZodObject<
                {
                  readPercent: z.ZodType<number[], unknown, z.core.$ZodTypeInternals<number[], unknown>>;
                  iodepth: z.ZodType<number[], unknown, z.core.$ZodTypeInternals<number[], unknown>>;
                  numjobs: z.ZodType<number[], unknown, z.core.$ZodTypeInternals<number[], unknown>>;
                  bsKib: z.ZodType<number[], unknown, z.core.$ZodTypeInternals<number[], unknown>>;
                },
                z.core.$strict
              >;
              runs: z.ZodArray<z.ZodInt>;
              spreadFraction: z.ZodArray<z.ZodNumber>;
              columns: z.ZodRecord<z.ZodString, z.ZodArray<z.ZodNullable<z.ZodNumber>>>;
            },
            z.core.$strict
          >
        >;
        sequential: z.ZodOptional<
          z.ZodObject<
            {
              axes: z.ZodObject<
                {
                  readPercent: z.ZodType<number[], unknown, z.core.$ZodTypeInternals<number[], unknown>>;
                  iodepth: z.ZodType<number[], unknown, z.core.$ZodTypeInternals<number[], unknown>>;
                  numjobs: z.ZodType<number[], unknown, z.core.$ZodTypeInternals<number[], unknown>>;
                  bsKib: z.ZodType<number[], unknown, z.core.$ZodTypeInternals<number[], unknown>>;
                },
                z.core.$strict
              >;
              runs: z.ZodArray<z.ZodInt>;
              spreadFraction: z.ZodArray<z.ZodNumber>;
              columns: z.ZodRecord<z.ZodString, z.ZodArray<z.ZodNullable<z.ZodNumber>>>;
            },
            z.core.$strict
          >
        >;
      },
      z.core.$strict
    >;
    notes: z.ZodArray<z.ZodString>;
  },
  z.core.$strict
>;
/** The model as JSON, one array a line so that a difference of two models can be read. Rounded to 0.001 (bytes/s, operations/s, microseconds). */
export declare function encodeEnvelope(model: EnvelopeModel): string;
/**
 * Reads `envelope_model.json`.
 * @throws PutmodelError INPUT_SYNTAX for text that is not JSON; INPUT_INVALID with a path for each value that is wrong
 */
export declare function decodeEnvelope(text: string, file: string): EnvelopeModel;
/**
 * `device_envelope.csv`: one header, one row a measured point; `pattern`, the axes, `runs`, `spreadFraction`, then every column that a
 * surface has, in the columns' own units; empty where not measured.
 */
export declare function envelopeCsv(model: EnvelopeModel): string;
