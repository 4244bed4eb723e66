/** Scenarios for tests of kind commit: the documents' baseline on a store whose every request takes 100 ms, decided in the middle. */
import type { Distribution } from '../../engine/commit/distribution.js';
import { defaultWorkload, latencyOfAll, profiles, quiet } from '../../engine/commit/profiles.js';
import type { Chaos, CommitScenario, StoreModel, Workload } from '../../engine/commit/scenario.js';

/** 100 ms, always. */
export const even: Distribution = { kind: 'constant', micros: 100_000 };

/** What differs from the defaults. */
export interface Changes {
  readonly seed?: number;
  readonly durationSec?: number;
  readonly workload?: Partial<Workload>;
  readonly store?: Partial<StoreModel>;
  readonly chaos?: Partial<Chaos>;
  readonly limit?: CommitScenario['limit'];
}

/** One writer at 0.1/s for 120 s unless told. */
export function commitScenario({ seed = 1, durationSec = 120, workload, store, chaos, limit = null }: Changes = {}): CommitScenario {
  return {
    ...{ kind: 'commit', name: 'test', seed, durationMicros: durationSec * 1e6, limit, assumptions: [], warnings: [] },
    workload: { ...defaultWorkload, ...workload },
    store: { ...profiles.instant, latency: latencyOfAll(even), failedLatency: even, ...store },
    chaos: { ...quiet, ...chaos },
  };
}
