/** A resolved scenario with other loads. A write step of several families or databases runs its `loads`, of all others its one workload. */
import type { LsmResult } from './result.js';
import type { Arrival, Load, LsmScenario, Step, WriteWorkload } from './scenario.js';

type WriteStep = Extract<Step, { kind: 'write' }>;

/** The workloads that run, step by step. */
export function workloadsOf({ steps }: LsmScenario): readonly WriteWorkload[] {
  return steps.flatMap((step) => (step.kind === 'write' ? (step.loads?.map(({ workload }) => workload) ?? [step.workload]) : []));
}

/** The scenario with every workload changed. `load` is its place among the step's loads. */
export function withWorkloads(
  scenario: LsmScenario,
  change: (workload: WriteWorkload, step: WriteStep, load: number) => WriteWorkload,
): LsmScenario {
  const steps = scenario.steps.map((step): Step => {
    if (step.kind !== 'write') return step;
    const loads = step.loads?.map((load, index) => ({ ...load, workload: change(load.workload, step, index) }));
    // A step's own workload says what holds for all of its loads: how long it takes, what is read.
    return { ...step, workload: change(step.workload, step, 0), ...(loads === undefined ? {} : { loads }) };
  });
  return { ...scenario, steps };
}

/** Each thread puts again when its last put returned. What puts nothing stays as it is. */
export function withClosedLoop(scenario: LsmScenario): LsmScenario {
  return withWorkloads(scenario, (workload) => withArrival(workload, { kind: 'closed' }));
}

/**
 * Puts arrive at this rate over all loads, whatever the store does. Loads that run at one time share it as they shared the puts of
 * `result`, a run of the scenario.
 */
export function withRate(scenario: LsmScenario, opsPerSec: number, result: LsmResult): LsmScenario {
  return withWorkloads(scenario, (workload, { loads }, load) => {
    const part = loads === undefined ? 1 : partsOf(loads, result)[load]!;
    return withArrival(workload, { kind: 'open', profile: { shape: 'constant', opsPerSec: opsPerSec * part } });
  });
}

function withArrival(workload: WriteWorkload, arrival: Arrival): WriteWorkload {
  return workload.arrival.kind === 'none' ? workload : { ...workload, arrival };
}

/** The fraction of the puts that each load made; even parts where nobody put anything. */
function partsOf(loads: readonly Load[], { databases = [] }: LsmResult): readonly number[] {
  const puts = loads.map(({ targets }) =>
    targets.reduce((sum, { storeIndex, familyIndex }) => sum + (databases[storeIndex]?.families[familyIndex]?.puts ?? 0), 0),
  );
  const total = puts.reduce((sum, count) => sum + count, 0);
  return puts.map((count) => (total > 0 ? count / total : 1 / loads.length));
}
