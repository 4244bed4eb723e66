/** The accuracy table that ships with the package, and what it says about a run. */
import type { LoadedScenario } from '../files/load.js';
import { readReference } from '../files/reference.js';
import type { Result, Scenario } from '../scenario/kind.js';
import { notValidated, type Validity } from '../scenario/result.js';
import { judgeValidity, parseAccuracy } from './validity.js';

/** How far a run lies inside results/reference/accuracy.json; `notValidated` where the table is missing, the kind has no real runs or the run writes nothing. */
export function validityOf<S extends Scenario, R extends Result>({ kind, scenario }: LoadedScenario<S, R>, result: R): Validity {
  const table = readReference('accuracy.json');
  const features = kind.features(scenario, result);
  if (features === null) return { ...notValidated, outside: [`nothing of kind ${kind.name} was compared with real runs`] };
  return table === null ? notValidated : judgeValidity(features, parseAccuracy(table, 'results/reference/accuracy.json'));
}
