/**
 * Two-phase evaluation: what a store takes at most says little about how steadily it serves. Phase one measures each contestant's maximum, with a closed
 * loop that puts as fast as it can; phase two offers each 95 % of its own maximum, as an open load that does not wait, and looks at stalls and latencies there.
 * Source: Luo and Carey, "On Performance Stability in LSM-based Storage Systems", PVLDB 13(4), 2019 ("testing" and "running" phase).
 */
import { PutmodelError } from '../kernel/errors.js';
import type { LsmResult } from '../lsm/result.js';
import type { LsmScenario } from '../lsm/scenario.js';
import { withClosedLoop, withRate } from '../lsm/with-workloads.js';
import { lsmKind } from '../scenario/lsm-kind.js';
import { compare, spreadOf, type Comparison, type Contestant, type OfferedLoad } from './compare.js';
import type { RunManyOptions } from './run-many.js';

/** The part of its maximum that each contestant is offered. */
const OFFERED_FRACTION = 0.95;

/** Both phases over the same seeds. @throws as `compare`; USAGE for scenarios that do not put */
export async function compareTwoPhase(
  contestants: readonly Contestant[],
  seedCount: number,
  options: RunManyOptions = {},
): Promise<Comparison> {
  const stranger = contestants.find(({ loaded }) => loaded.kind.name !== lsmKind.name);
  if (stranger !== undefined)
    throw new PutmodelError({
      code: 'USAGE',
      message: `two phases are for puts: ${stranger.label} is of kind ${stranger.loaded.kind.name}`,
    });
  const atMost = contestants.map((one) => withScenario(one, withClosedLoop));
  const maximum = await compare(atMost, seedCount, options);
  const offered = maximum.runs.map(({ figures }): OfferedLoad | null => {
    const spread = figures['putRate.meanOpsPerSec'] ?? spreadOf([]);
    return spread.median === null || spread.median <= 0 ? null : { maximumOpsPerSec: spread, opsPerSec: OFFERED_FRACTION * spread.median };
  });
  const loaded = contestants.map((one, index) => {
    const rate = offered[index]?.opsPerSec;
    const result = maximum.runs[index]?.result as LsmResult | null | undefined;
    return rate === undefined || result == null ? one : withScenario(one, (scenario) => withRate(scenario, rate, result));
  });
  const running = await compare(loaded, seedCount, options);
  return { ...running, offered };
}

function withScenario(contestant: Contestant, change: (scenario: LsmScenario) => LsmScenario): Contestant {
  const { loaded } = contestant;
  return { ...contestant, loaded: { ...loaded, scenario: change(loaded.scenario as LsmScenario) } };
}
