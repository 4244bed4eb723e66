/** The registry: every kind of scenario this version simulates, by name. Everything outside a kind's folder takes kinds from here. */
import { z } from 'zod';
import { PutmodelError } from '../kernel/errors.js';
import { nearestName } from '../rocksdb/nearest.js';
import { backlogKind } from './backlog-kind.js';
import { commitKind } from './commit-kind.js';
import type { PositionedDocument } from './document.js';
import type { Kind, KindName, ResultDocument } from './kind.js';
import { lsmKind } from './lsm-kind.js';

/** Kinds by name. */
export const kinds = { lsm: lsmKind, backlog: backlogKind, commit: commitKind } as const;
export type SimulatedKind = keyof typeof kinds;

/** What a later version simulates; named here so that the message can say so. */
const plannedKinds: readonly KindName[] = ['replay'];

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
  if (typeof name === 'string' && (plannedKinds as readonly string[]).includes(name)) {
    throw new PutmodelError({
      code: 'INPUT_UNSUPPORTED',
      message: 'this version does not simulate that kind',
      found,
      expected: known.join(', '),
      ...place,
    });
  }
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
