/** The registry: every kind of scenario this version simulates, by name. Everything outside a kind's folder takes kinds from here. */
import { z } from 'zod';
import { PutmodelError } from '../kernel/errors.js';
import type { LsmResult } from '../lsm/result.js';
import type { LsmScenario } from '../lsm/scenario.js';
import { startLsm } from '../lsm/simulate.js';
import { lsmMetrics, lsmSchema } from '../lsm/kind.js';
import type { Machine } from '../lsm/assemble.js';
import { nearestName } from '../rocksdb/nearest.js';
import type { PositionedDocument } from './document.js';
import type { Kind } from './kind.js';
import { resolveLsm } from './resolve.js';
import { encodeLsmResult, notValidated } from './result.js';

const lsmKind: Kind<LsmScenario, LsmResult, Machine> = {
  name: 'lsm',
  schema: lsmSchema,
  metrics: lsmMetrics,
  resolve: resolveLsm,
  start: startLsm,
  encode: (result) => encodeLsmResult(result, notValidated),
};

/** Kinds by name. */
export const kinds = { lsm: lsmKind } as const;
export type SimulatedKind = keyof typeof kinds;

/** What a later version simulates; named here so that the message can say so. */
const plannedKinds: readonly string[] = ['backlog', 'commit', 'replay'];

/**
 * The kind a document asks for.
 * @throws PutmodelError INPUT_INVALID when it names none that exists, INPUT_UNSUPPORTED for one this version does not simulate.
 */
export function kindOf(document: PositionedDocument): SimulatedKind {
  const name = kindName(document.value);
  if (typeof name === 'string' && Object.hasOwn(kinds, name)) return name as SimulatedKind;
  const known = Object.keys(kinds);
  const place = { path: 'kind', ...document.placeOf(['kind']) };
  if (name === undefined) throw new PutmodelError({ code: 'INPUT_INVALID', message: 'missing', expected: known.join(', '), ...place });
  const found = JSON.stringify(name);
  if (typeof name === 'string' && plannedKinds.includes(name)) {
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

/** JSON Schema (draft 2020-12) of a scenario document of any kind. */
export function scenarioJsonSchema(): unknown {
  return z.toJSONSchema(lsmSchema, { io: 'input' });
}
