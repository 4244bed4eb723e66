/** The registry: every kind of scenario this version simulates, by name. Everything outside a kind's folder takes kinds from here. */
import { z } from 'zod';
import { envelopeSchema } from '../device/envelope-file.js';
import { invariant, PutmodelError } from '../kernel/errors.js';
import { nearestName } from '../rocksdb/nearest.js';
import { backlogKind } from './backlog-kind.js';
import { commitKind } from './commit-kind.js';
import type { PositionedDocument } from './document.js';
import type { Kind, Result, ResultDocument } from './kind.js';
import { lsmKind } from './lsm-kind.js';
import { replayKind } from './replay-kind.js';
import type { Validity } from './result.js';

/** Kinds by name. */
export const kinds = { lsm: lsmKind, backlog: backlogKind, commit: commitKind, replay: replayKind } as const;
export type SimulatedKind = keyof typeof kinds;

/**
 * The kind a document asks for.
 * @throws PutmodelError INPUT_INVALID when it names none that exists, INPUT_UNSUPPORTED for one this version does not simulate.
 */
export function kindOf(document: PositionedDocument): Kind {
  const name = kindName(document.value);
  if (typeof name === 'string' && Object.hasOwn(kinds, name)) return kinds[name as SimulatedKind];
  const known = Object.keys(kinds);
  const place = { path: 'kind', ...document.placeOf(['kind']) };
  if (name === undefined) throw new PutmodelError({ code: 'INPUT_INVALID', message: 'missing', expected: known.join(', '), ...place });
  const found = JSON.stringify(name);
  const nearest = typeof name === 'string' ? nearestName(name, known) : null;
  throw new PutmodelError({
    code: 'INPUT_INVALID',
    message: 'no such kind',
    found,
    expected: nearest === null ? known.join(', ') : `${nearest}?`,
    ...place,
  });
}

function kindName(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
}

/** JSON Schema (draft 2020-12) of a scenario document: one of the kinds. */
export function scenarioJsonSchema(): unknown {
  return z.toJSONSchema(z.union(Object.values<Kind>(kinds).map((kind) => kind.schema)), { io: 'input' });
}

/** JSON Schema (draft 2020-12) of a result document: one of the kinds. */
export function resultJsonSchema(): unknown {
  return z.toJSONSchema(z.union(Object.values<Kind>(kinds).map((kind) => kind.resultSchema)));
}

/** A run as its directory holds it. */
export interface StoredRun<R extends Result = Result> {
  readonly kind: Kind;
  readonly document: ResultDocument;
  readonly validity: Validity;
  readonly result: R;
}

/**
 * The run that the files of a result directory hold.
 * @throws PutmodelError as `decodeResult`; INPUT_INVALID for every field of the document that is not as this version writes it, and as
 * `Kind.decode`
 */
export function decodeStoredRun(readFile: (name: string) => string): StoredRun {
  const file = 'summary.json';
  const document = decodeResult(readFile(file), file);
  const kind = Object.values<Kind>(kinds).find(({ resultSchemaName }) => resultSchemaName === document['schema']);
  invariant(kind !== undefined, 'decodeResult knows the schema');
  const checked = kind.resultSchema.safeParse(document);
  if (!checked.success) {
    const issues = checked.error.issues.map(({ path, message }) => ({
      code: 'INPUT_INVALID' as const,
      message,
      file,
      path: path.join('.'),
    }));
    throw new PutmodelError(issues.slice(0, issuesShown));
  }
  return { kind, document, validity: document['validity'] as Validity, result: kind.decode(document, readFile) };
}

/** A document of another version may differ in every row of a list. */
const issuesShown = 10;

/** JSON Schema (draft 2020-12) of an envelope_model.json. */
export function envelopeJsonSchema(): unknown {
  return z.toJSONSchema(envelopeSchema);
}

/**
 * A result document read back: checks that it is an object of a schema this version reads.
 * @throws PutmodelError INPUT_SYNTAX for anything but JSON, INPUT_UNSUPPORTED for another schema or number, by name.
 */
export function decodeResult(text: string, file: string): ResultDocument {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new PutmodelError({ code: 'INPUT_SYNTAX', message: 'not a JSON document', file });
  }
  const schema = typeof value === 'object' && value !== null && 'schema' in value ? value.schema : undefined;
  const known = Object.values<Kind>(kinds).map((kind) => kind.resultSchemaName);
  if (typeof schema !== 'string' || !known.includes(schema)) {
    throw new PutmodelError({
      code: 'INPUT_UNSUPPORTED',
      message: 'not a result this version reads',
      file,
      path: 'schema',
      found: schema === undefined ? 'no schema' : JSON.stringify(schema),
      expected: known.join(' or '),
    });
  }
  return value as ResultDocument;
}
