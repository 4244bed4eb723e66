/**
 * The reverse questions: how fast a device a store needs, and how much can be written before a requirement breaks. Both double or halve
 * until the answer is bracketed, then bisect. That what holds at one value holds on its good side too is assumed; simulations are
 * nearly, but not exactly, monotonic, so the answer is one such boundary.
 */
import { scaleDevice } from '../device/scale.js';
import { PutmodelError } from '../kernel/errors.js';
import type { LsmResult } from '../lsm/result.js';
import type { LsmScenario } from '../lsm/scenario.js';
import { withRate } from '../lsm/with-workloads.js';
import { lsmKind } from '../scenario/lsm-kind.js';
import { parseRequirement, type Requirement } from '../scenario/requirement.js';
import { goalOf, scoreOf } from './objective.js';
import { runMany, type RunManyOptions } from './run-many.js';

/** A boundary: requirements hold at `holds` and not at `breaks`. */
export interface Boundary {
  readonly holds: { readonly at: number; readonly result: LsmResult };
  readonly breaks: { readonly at: number; readonly result: LsmResult };
  readonly runs: number;
}

/** What holds when nobody says: writes are never held. */
export const neverHeld: readonly Requirement[] = ['stall.stoppedSec<=0', 'stall.delayedSec<=0'].map((text) => parseRequirement(text));

const DOUBLINGS_MAX = 24;

/** What is searched along. */
export interface Scale {
  readonly start: number;
  readonly at: (value: number) => LsmScenario;
  /** Whether more of it helps the requirements. */
  readonly moreHelps: boolean;
  readonly name: string;
}

/** The device's speed as a factor on the scenario's. */
export function deviceScale(scenario: LsmScenario): Scale {
  return {
    start: 1,
    moreHelps: true,
    name: 'device speed',
    at: (factor) => ({ ...scenario, device: scaleDevice(scenario.device, factor) }),
  };
}

/** Puts/s offered, whatever the store does, from those of `result` on: a run of the scenario, which says how several loads share them. */
export function loadScale(scenario: LsmScenario, result: LsmResult): Scale {
  return {
    start: Math.max(1, result.putRate.meanOpsPerSec),
    moreHelps: false,
    name: 'load',
    at: (opsPerSec) => withRate(scenario, opsPerSec, result),
  };
}

/**
 * Where the requirements begin or cease to hold, to within `tolerance` (a fraction of the value).
 * @throws PutmodelError CHECK_FAILED when no value in 2^24 up and down makes a difference; CANCELLED
 */
export async function findBoundary(
  scale: Scale,
  requirements: readonly Requirement[],
  tolerance: number,
  options: RunManyOptions = {},
): Promise<Boundary> {
  let runs = 0;
  const tryAt = async (at: number): Promise<{ readonly at: number; readonly result: LsmResult; readonly good: boolean }> => {
    const scenario = scale.at(at);
    const [outcome] = await runMany([{ kind: lsmKind, scenario, modulePath: null }], options);
    if (outcome === undefined || outcome.status === 'failed') throw outcome?.error ?? new Error('no run');
    runs++;
    const { violation } = scoreOf({ goal: goalOf(undefined, scenario), requirements }, outcome.result);
    return { at, result: outcome.result, good: violation === 0 };
  };
  let last = await tryAt(scale.start);
  const factor = last.good === scale.moreHelps ? 0.5 : 2;
  let other = last;
  for (let i = 0; i < DOUBLINGS_MAX && other.good === last.good; i++) {
    if (i > 0) last = other;
    other = await tryAt(last.at * factor);
  }
  if (other.good === last.good) {
    throw new PutmodelError({
      code: 'CHECK_FAILED',
      message: `no boundary: the requirements ${last.good ? 'hold' : 'break'} whatever the ${scale.name} (tried up to ${other.at.toPrecision(3)})`,
    });
  }
  let [holds, breaks] = last.good ? [last, other] : [other, last];
  while (Math.abs(holds.at - breaks.at) > tolerance * Math.max(holds.at, breaks.at)) {
    const middle = await tryAt((holds.at + breaks.at) / 2);
    if (middle.good) holds = middle;
    else breaks = middle;
  }
  return { holds, breaks, runs };
}
