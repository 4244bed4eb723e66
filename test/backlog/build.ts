/** Scenarios of the fluid model for tests: 1,000 MiB/s whatever the mix, two levels, one put a byte, dt 1 s, nothing in the way. */
import { GIB, MIB } from '../../engine/kernel/units.js';
import type { BacklogLevel, BacklogScenario } from '../../engine/backlog/scenario.js';

/** A level that keeps nothing and drains nothing unless told. */
export function level(name: string, values: Partial<BacklogLevel> = {}): BacklogLevel {
  const none = { muFraction: 0, kFactor: 1, mergeAmplification: 1, targetBytes: 0, initialBacklogBytes: 0, initialResidentBytes: 0 };
  return { name, ...none, ...values };
}

/** eta is 1 and constant unless told, so that C = mu x k x 1,000 MiB/s. */
export function backlogScenario(values: Partial<BacklogScenario> = {}): BacklogScenario {
  const bytesPerSec = 1000 * MIB;
  return {
    kind: 'backlog',
    name: 'test',
    seed: 1,
    stepCount: 10,
    dtSec: 1,
    device: { kind: 'constant', name: 'even', source: 'made up', readBytesPerSec: bytesPerSec, writeBytesPerSec: bytesPerSec },
    place: { iodepth: 16, numjobs: 1, blockKib: 1024 },
    levels: [level('L0', { muFraction: 0.1 }), level('L1', { muFraction: 0.2 })],
    fanOutRatio: 10,
    offered: [{ atSec: 0, opsPerSec: 50 * MIB }],
    putBytes: 1,
    l0LimitBytes: GIB,
    readShare: { kind: 'heuristic' },
    efficiency: { model: 'saturating', baseFraction: 1, contentionBytes: 1e30, waveFraction: 0 },
    assumptions: [],
    warnings: [],
    ...values,
  };
}
