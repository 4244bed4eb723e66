/**
 * Ways in which a store or a client can be broken on purpose, so that tests can show each check of checks.ts failing. No document can ask for
 * one.
 */
export type Fault =
  | 'none'
  /** The key registry skips a number. */
  | 'skipKey'
  /** The key registry gives each second pair of keys before the first. */
  | 'swapKeys'
  /** The store says that a commit succeeded, and drops it. */
  | 'dropCommit'
  /** A conditional PUT succeeds whatever its precondition. */
  | 'blindCommit'
  /** A commit adds its key and leaves the transaction number as it was. */
  | 'repeatTransaction'
  /** A commit adds the key of the one before it once more. */
  | 'repeatKey'
  /** Each third read of HEAD shows the version before the last. */
  | 'staleHead'
  /** Readers are given keys that no transaction has added yet. */
  | 'dirtyRead'
  /** Compactors read one key too few. */
  | 'readFewer'
  /** Compactors sleep a millisecond too short. */
  | 'shortSleep'
  /** Compactors write before they read. */
  | 'writeFirst';
