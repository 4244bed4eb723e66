/** What a kind of scenario is to everything outside its folder: a schema, figures by name, a way to start and a way to encode. */
import type { z } from 'zod';
import type { Metric, Run } from '../kernel/run.js';
import type { PositionedDocument } from './document.js';

export type { Metric, Run, Snapshot, Unit } from '../kernel/run.js';

export type KindName = 'lsm' | 'backlog' | 'commit' | 'replay';

/** A file a run depends on: its name without directories, and the SHA-256 of its bytes in hex. */
export interface InputFile {
  readonly name: string;
  readonly sha256: string;
}

/** A result as it is written: plain data with ordered keys, ready for `encodeJson`. */
export type ResultDocument = Readonly<Record<string, unknown>>;

/**
 * One kind. `S` is its resolved scenario, `R` its result, `I` what a run of it needs besides the document (loaded files: devices,
 * profiles), already read and checked.
 */
export interface Kind<S, R, I> {
  readonly name: KindName;
  readonly schema: z.ZodType;
  readonly metrics: readonly Metric<R>[];
  /** The checked document with its inputs as a frozen scenario. Throws PutmodelError with every problem, positions included. */
  resolve(document: PositionedDocument, inputs: I): S;
  start(scenario: S): Run<R>;
  encode(result: R): ResultDocument;
}
