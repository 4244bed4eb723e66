/** What can happen in a run, and the steps of an operation: numbers for the event queue and for `Operations.step`. */

/** A client's tick: it begins an operation. Payload: the client. */
export const TICK = 0;
/** The store reads HEAD or decides a precondition. Payload of this and all below: the operation. */
export const DECIDE = 1;
/** An answer arrives. */
export const ANSWER = 2;
/** An answer is waited for no longer. */
export const TIMEOUT = 3;
/** A sleep, pause or backoff is over. */
export const WAKE = 4;
/** A commit takes effect that its client no longer waits for. */
export const LAND = 5;
/** A request that the network held back comes to the store. */
export const ARRIVE = 6;

/** A tick that waits until the client is free. */
export const WAITING = 0;
/** LIST: looks for what the client's lost commit left behind. */
export const RECOVER = 1;
/** GET HEAD: takes the snapshot. */
export const HEAD = 2;
/** GET of a key. */
export const READ = 3;
/** A compactor's sleep, its work. */
export const SLEEP = 4;
/** GET HEAD: a compactor's snapshot for its commit. */
export const RENEW = 5;
/** PUT of the data object. */
export const DATA = 6;
/** Conditional PUT of HEAD. */
export const COMMIT = 7;
/** Waits before the next attempt. */
export const BACKOFF = 8;
/** GET HEAD: the version that the next attempt is based on. */
export const REREAD = 9;
/** A plain client waits before its next attempt. */
export const IDLE = 10;
/** LIST of the garbage collector. */
export const LIST = 11;
/** DELETE of one object. */
export const DELETE = 12;
/** A commit on its own way, see LAND. */
export const LATE = 13;
