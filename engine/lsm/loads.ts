/** Who puts what, where: the loads of a benchmark, and the first one that a family gets. */
import type { Load, LoadTarget, LsmScenario, Step, WriteWorkload } from './scenario.js';

/** The only family's part: all of it. */
export function wholeLoad(workload: WriteWorkload): Load {
  const { keySizeBytes, valueSizeBytes, keyCount } = workload;
  return { workload, targets: [{ storeIndex: 0, familyIndex: 0, shareFraction: 1, keySizeBytes, valueSizeBytes, keyCount }] };
}

/** What runs at once in a benchmark that writes. */
export function loadsOf(step: Extract<Step, { kind: 'write' }>): readonly Load[] {
  return step.loads ?? [wholeLoad(step.workload)];
}

/** What is written first into a family: the sizes of its entries in the tree that it begins with follow from it. */
export function firstLoadOf(
  { steps }: Pick<LsmScenario, 'steps'>,
  storeIndex: number,
  familyIndex: number,
): { readonly workload: WriteWorkload; readonly target: LoadTarget } {
  for (const step of steps) {
    if (step.kind !== 'write') continue;
    for (const { workload, targets } of loadsOf(step)) {
      const target = targets.find((one) => one.storeIndex === storeIndex && one.familyIndex === familyIndex);
      if (target !== undefined) return { workload, target };
    }
  }
  return { workload: defaultWorkload, target: wholeLoad(defaultWorkload).targets[0]! };
}

/** Stands in where a scenario writes nothing. */
const defaultWorkload: WriteWorkload = {
  puts: 0,
  durationSec: null,
  threads: 1,
  keySizeBytes: 16,
  valueSizeBytes: 100,
  distribution: 'uniform',
  keyCount: 1_000_000,
  zipfTheta: 0.99,
  entriesPerBatch: 1,
  sync: false,
  disableWal: false,
  valueCompressionRatio: 0.5,
  arrival: { kind: 'closed' },
};
