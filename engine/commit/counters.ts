/** Who works on the store, and what is counted of each: indexes into arrays. */

/** Names of the roles, in the order of their indexes. */
export const roleNames = ['writer', 'compactor', 'reader', 'client', 'collector'] as const;
/** Appends keys in order. */
export const WRITER = 0;
/** Reads keys, sleeps, writes one. */
export const COMPACTOR = 1;
/** Takes snapshots and reads keys. */
export const READER = 2;
/** Only swaps HEAD. */
export const CLIENT = 3;
/** Deletes objects that no key refers to. */
export const COLLECTOR = 4;

/** Counters of each role. */
export const counterCount = 15;
/** Operations that have ended: succeeded, given up or failed. */
export const OPERATIONS = 0;
/** Operations whose effect is known to be in. */
export const SUCCEEDED = 1;
/** Conditional PUTs that the store has answered. */
export const ATTEMPTS = 2;
/** Of those, failed preconditions: 412 and 409. */
export const PRECONDITION_FAILURES = 3;
/** Of those, 409: the version was right when the request came, and no longer when it was decided. */
export const CONFLICTS = 4;
/** Operations given up after all retries of the commit. */
export const RETRY_FAILURES = 5;
/** Operations given up because a request was sent in vain as often as it may be. */
export const REQUEST_FAILURES = 6;
/** Operations that found their own commit in after its answer was lost. */
export const RECOGNISED = 7;
/** Operations given up whose commit may be in all the same. */
export const AMBIGUOUS = 8;
/** Times when there was nothing to read yet. */
export const WAITS = 9;
/** Ticks that an overloaded CPU missed. */
export const DROPPED_TICKS = 10;
/** Snapshots that were too old to be used. */
export const LEASE_EXPIRATIONS = 11;
/** Requests whose answer did not come in time. */
export const TIMEOUTS = 12;
/** Requests answered 503. */
export const SLOW_DOWNS = 13;
/** Compactions given up because another one had merged what they had read. */
export const INPUTS_LOST = 14;
