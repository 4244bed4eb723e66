/** The accuracy table that ships with the package, and what it says about a run. */
import { readReference } from '../files/reference.js';
import type { LsmResult } from '../lsm/result.js';
import type { LsmScenario } from '../lsm/scenario.js';
import { notValidated, type Validity } from '../scenario/result.js';
import { featuresOf, judgeValidity, parseAccuracy } from './validity.js';

/** How far a run lies inside results/reference/accuracy.json; `notValidated` where the table is missing or the run writes nothing. */
export function validityOf(scenario: LsmScenario, result: LsmResult): Validity {
  const table = readReference('accuracy.json');
  const features = featuresOf(scenario, result);
  return table === null || features === null
    ? notValidated
    : judgeValidity(features, parseAccuracy(table, 'results/reference/accuracy.json'));
}
