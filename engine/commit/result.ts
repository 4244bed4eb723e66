/** What a run against the object store gives: plain data, in the units its names end in. */
import type { Histogram } from '../kernel/histogram.js';
import type { CheckOutcome } from './checks.js';
import type { CommitAssumption, CommitWarning, Verb } from './scenario.js';

/** Requests sent, by verb; a conditional PUT is `commit`. */
export type RequestCounts = Readonly<Record<Verb, number>>;

/** One role over the whole run. Counts are operations unless said otherwise. */
export interface RoleResult {
  readonly clientCount: number;
  /** Ended within the run: succeeded, or given up. */
  readonly operations: number;
  readonly succeededCount: number;
  /** Conditional PUTs answered; and of those 412 and 409 together, and 409 alone. */
  readonly attemptCount: number;
  readonly preconditionFailureCount: number;
  readonly conflictCount: number;
  /** Given up after all retries of the commit. */
  readonly retryFailureCount: number;
  /** Compactions given up because another one had merged what they had read. */
  readonly inputsLostCount: number;
  /** Given up because one request was refused or lost too often. */
  readonly requestFailureCount: number;
  /** Found their own commit in after its answer was lost. */
  readonly recognisedCount: number;
  /** Given up although their commit may be in. */
  readonly ambiguousCount: number;
  /** Times when there was nothing to read yet. */
  readonly waitCount: number;
  readonly droppedTickCount: number;
  readonly leaseExpirationCount: number;
  readonly timeoutCount: number;
  readonly slowDownCount: number;
  readonly requests: RequestCounts;
  /** Latencies of successes; of attempts that ended in a failed precondition; of operations given up. null for a role without. */
  readonly latencyMicros: Histogram | null;
  readonly preconditionFailedMicros: Histogram | null;
  readonly retryFailedMicros: Histogram | null;
}

/** Names of the roles that a result may have. */
export type RoleName = 'writer' | 'compactor' | 'reader' | 'client' | 'collector';

/** Names the histogram of the latencies of a role's successes, in files and sweeps. */
export function latencyName(role: RoleName): string {
  return `${role}-latency`;
}

/** What the requests cost, made into a month of 30 days. */
export interface Bill {
  readonly monthDollarsRatio: number;
  readonly rows: readonly {
    readonly role: RoleName;
    readonly verb: Verb;
    readonly requestCount: number;
    readonly dollarsPerMonth: number;
  }[];
  readonly dollarsPerMonth: number;
}

/** How many committers the store bears. */
export interface CommitLimit {
  readonly targetFraction: number;
  readonly maxRetryCount: number;
  /** Most writers whose operations succeed as often as wanted with that many retries; 0: not even one. */
  readonly committerCount: number;
  /** The search ended there: there may be more. */
  readonly isBound: boolean;
  /** Fewest retries with which that many writers still do; null where there are none. */
  readonly neededRetryCount: number | null;
  /** The same for the writers and retries of the scenario itself; null: no number of retries tried is enough, or it has no writer. */
  readonly configuredNeededRetryCount: number | null;
}

/** Everything a run gives. */
export interface CommitResult {
  readonly kind: 'commit';
  readonly simulatedSec: number;
  readonly events: number;
  readonly roles: Readonly<Partial<Record<RoleName, RoleResult>>>;
  readonly verification: readonly CheckOutcome[];
  readonly keys: {
    readonly allocatedCount: number;
    readonly committedCount: number;
    readonly compactedCount: number;
    /** In the final state. */
    readonly liveCount: number;
    readonly orphanCount: number;
    readonly orphansDeletedCount: number;
  };
  readonly transactionCount: number;
  readonly inFlightCount: number;
  readonly peakInFlightCount: number;
  readonly bill: Bill;
  /** null: not asked, or nothing would end. */
  readonly limit: CommitLimit | null;
  readonly starvation: { readonly starves: boolean; readonly longestFailuresInRowCount: number; readonly longestGapSec: number } | null;
  readonly coordinatedOmission: 'corrected' | 'uncorrected';
  readonly assumptions: readonly CommitAssumption[];
  readonly warnings: readonly CommitWarning[];
}
