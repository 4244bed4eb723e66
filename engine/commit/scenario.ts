/** What one run against the object store is given: resolved, checked, frozen. Whole micros, bytes and fractions inside. */
import type { Distribution } from './distribution.js';

/** Requests of the store's interface; `commit` is a conditional PUT (If-Match on the ETag, If-None-Match: * where there is no object). */
export type Verb = 'get' | 'put' | 'commit' | 'list' | 'delete';

/** All verbs, in the order of arrays by verb. */
export const verbs: readonly Verb[] = ['get', 'put', 'commit', 'list', 'delete'];

/** When clients start operations. `fixed`: ticks in lock-step from time 0; `phase`: the same, each client with a random offset. */
export type Arrivals = 'fixed' | 'phase' | 'poisson' | 'closed';

/** All rates are multiplied by `factor` from `atSec` on; 1 before the first point. Ascending. */
export interface RateFactor {
  readonly atSec: number;
  readonly factor: number;
}

/** Who works on the store, and how fast. Rates are operations per second of one client. */
export interface Workload {
  readonly writerCount: number;
  readonly compactorCount: number;
  readonly readerCount: number;
  /** Clients that only swap one object, each one attempt after the other. */
  readonly clientCount: number;
  readonly writerOpsPerSec: number;
  readonly readerOpsPerSec: number;
  /** Pause after a finished compaction: 1 / compactor_rate. */
  readonly compactorPauseMicros: number;
  readonly compactorSleepMicros: number;
  readonly compactorReadCount: number;
  readonly compaction: 'random' | 'range';
  /** Whether a compaction removes the keys that it read. */
  readonly deletesInputs: boolean;
  readonly valueBytes: number;
  readonly maxRetryCount: number;
  readonly backoffBaseMicros: number;
  readonly backoffCapMicros: number;
  readonly arrivals: Arrivals;
  /** Operations that a writer or reader keeps going, with `closed` arrivals. */
  readonly inFlightCount: number;
  readonly rateFactors: readonly RateFactor[];
  /** Independent key spaces, each with its own HEAD; writers and compactors are dealt out over them. */
  readonly partitionCount: number;
  /** How long a snapshot may be used, and how long removed objects stay; null: for ever. */
  readonly leaseMicros: number | null;
  /** Between two runs of the garbage collector; null: none. */
  readonly gcIntervalMicros: number | null;
  /** Between an answer and a plain client's next attempt. */
  readonly clientIdleMicros: number;
  /** A plain client's read of the object after a failed attempt, before the next one. */
  readonly clientRereadMicros: number;
}

/** A token bucket per key space (an object store's "prefix") and group of verbs. Beyond it a request is answered 503 SlowDown. */
export interface Throttle {
  readonly readsPerSec: number;
  readonly writesPerSec: number;
  /** Tokens that a full bucket holds, in seconds of its rate. */
  readonly burstSec: number;
}

/** US dollars for 1000 requests of each verb. */
export type Prices = Readonly<Record<Verb, number>>;

/** The simulated store. */
export interface StoreModel {
  readonly name: string;
  readonly source: string;
  readonly latency: Readonly<Record<Verb, Distribution>>;
  /** Of a conditional PUT whose precondition fails. */
  readonly failedLatency: Distribution;
  /** Where in a request on HEAD the store reads the version or decides the precondition, as a part of its latency. */
  readonly decideFraction: number;
  /** Time that conditional PUTs of one object spend one after the other; 0: they do not wait for each other. */
  readonly serialMicros: number;
  /** Requests/s that are served at once; more wait in line. null: no limit. */
  readonly capacityOpsPerSec: number | null;
  readonly throttle: Throttle | null;
  /** Time that a MiB takes on the network; 0: none. */
  readonly microsPerMib: number;
  /** Part of the requests that are lost, half of them before they arrive and half of the answers. */
  readonly lossFraction: number;
  readonly timeoutMicros: number;
  /** How often one request is sent again after a time-out or a 503. */
  readonly requestRetryCount: number;
  readonly prices: Prices;
}

/** What is made worse on purpose. */
export interface Chaos {
  readonly extraLatencyMicros: number;
  /** Added to each request; otherwise once an operation. */
  readonly perRequest: boolean;
  /** Times without network, drawn at random: `blockCount` of them, each after a gap between the two bounds. */
  readonly blockCount: number;
  readonly blockMicros: number;
  readonly gapMinMicros: number;
  readonly gapMaxMicros: number;
  /** An overloaded CPU: ticks that are missed, and latencies that grow. */
  readonly dropTickFraction: number;
  readonly stretchFactor: number;
}

/** The question how many committers the store bears; null: not asked. */
export interface CommitLimitQuestion {
  /** Operations that must succeed. */
  readonly targetFraction: number;
  /** The search ends here. */
  readonly maxCommitterCount: number;
  readonly maxRetryCount: number;
}

/** Something the run assumes that the user did not say. */
export interface CommitAssumption {
  readonly what: string;
  readonly value: string;
  readonly source: string;
}

/** Something in the input that may not be meant. */
export interface CommitWarning {
  readonly code: string;
  readonly message: string;
  readonly path: string;
}

/** A whole run: resolved and frozen. */
export interface CommitScenario {
  readonly kind: 'commit';
  readonly name: string;
  readonly seed: number;
  readonly durationMicros: number;
  readonly workload: Workload;
  readonly store: StoreModel;
  readonly chaos: Chaos;
  readonly limit: CommitLimitQuestion | null;
  readonly assumptions: readonly CommitAssumption[];
  readonly warnings: readonly CommitWarning[];
}
