/** A finished run of an LSM store, as the page holds it. */
import { invariant } from '../../kernel/errors.js';
import type { LsmResult } from '../../lsm/result.js';
import type { LsmScenario } from '../../lsm/scenario.js';
import type { LsmOptions } from '../../rocksdb/options.js';
import type { Validity } from '../../scenario/result.js';
import type { DocumentData } from '../share-link.js';
import type { MetricValue, SimulationOutcome } from '../simulation-api.js';

/** The run with everything that is shown of it. */
export interface LsmRun {
  readonly document: DocumentData;
  readonly scenario: LsmScenario;
  readonly options: LsmOptions;
  readonly result: LsmResult;
  readonly validity: Validity;
  readonly metrics: readonly MetricValue[];
  readonly wallMillis: number;
}

/** An outcome of kind lsm as a run. */
export function lsmRun(document: DocumentData, outcome: Extract<SimulationOutcome, { status: 'done' }>): LsmRun {
  invariant(outcome.result.kind === 'lsm', 'the LSM tab runs kind lsm only');
  const scenario = outcome.scenario as LsmScenario;
  const options = scenario.stores[0]?.families[0]?.options;
  invariant(options !== undefined, 'an LSM scenario has a store with a family');
  const { validity, metrics, wallMillis } = outcome;
  return { document, scenario, options, result: outcome.result as LsmResult, validity, metrics, wallMillis };
}
