/** The accuracy table that ships with the package, and what it says about a run. */
import type { LoadedScenario } from '../files/load.js';
import { readReference } from '../files/reference.js';
import type { Result, Scenario } from '../scenario/kind.js';
import type { Validity } from '../scenario/result.js';
import { parseAccuracy, validityOfRun } from './validity.js';

/** How far a run lies inside results/reference/accuracy.json. */
export function validityOf<S extends Scenario, R extends Result>({ kind, scenario }: LoadedScenario<S, R>, result: R): Validity {
  const table = readReference('accuracy.json');
  return validityOfRun(kind, scenario, result, table === null ? null : parseAccuracy(table, 'results/reference/accuracy.json'));
}
