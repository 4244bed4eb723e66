/**
 * The checks that run inside every simulation. They are told what clients and store do and hold it against the rules, on their own
 * account: nothing here is read by the model. State is bounded by clients, key spaces and keys (a byte each).
 */
import { COMPACTOR, WRITER } from './counters.js';
import { withRoom } from './growing.js';

/** Each check with what it says. A test breaks each of them. */
export const checkNames = {
  writerKeysContiguous: 'allocated writer keys are contiguous',
  writerKeysInOrder: "each writer's committed keys ascend",
  gapsAreRetryFailures: 'each allocated key is committed, recorded as given up, or under way',
  compactorReadsBeforeWrite: 'a compactor reads before it writes',
  compactorReadCount: 'a compaction reads exactly compactor_read_count distinct keys',
  compactorSleepKept: 'a compactor sleeps between its last read and its write',
  noDuplicateKeys: 'no key is in the final state twice',
  transactionIdsMonotonic: 'transaction ids ascend by one',
  acknowledgedWritesVisible: 'every successful write is visible',
  readersSeeCommitted: 'readers see only committed data',
  monotonicReads: 'reads of a session never go back',
  serialisable: 'each transaction is based on the one before it',
} as const;

export type CheckName = keyof typeof checkNames;

/** How one check ended. */
export interface CheckOutcome {
  readonly check: CheckName;
  readonly passed: boolean;
  /** How often it was applied, or the first thing that broke it. */
  readonly detail: string;
}

interface Tally {
  applied: number;
  broken: number;
  first: string;
}

/** What the checks remember. */
export interface Checks {
  readonly tallies: Readonly<Record<CheckName, Tally>>;
  readonly role: Uint8Array;
  readonly partitionCount: number;
  readonly readCount: number;
  readonly sleepMicros: number;
  readonly nextKey: Float64Array;
  readonly lastTransaction: Float64Array;
  readonly lastKey: Float64Array;
  /** What is known of each writer key and compacted key of a key space. Bits: committed, given up, acknowledged, under way. */
  readonly keys: Uint8Array[];
  readonly compacted: Uint8Array[];
  /** Of the compaction under way. */
  readonly readsSeen: Int32Array;
  readonly lastReadMicros: Float64Array;
  readonly wokeMicros: Float64Array;
  readonly readKeys: Float64Array;
}

const COMMITTED = 1;
const GIVEN_UP = 2;
const ACKED = 4;
const UNDER_WAY = 8;

/** Checks that have seen nothing. `role[client]`; writers and compactors come first. */
export function createChecks(setup: {
  readonly role: Uint8Array;
  readonly partitionCount: number;
  readonly compactorReadCount: number;
  readonly compactorSleepMicros: number;
}): Checks {
  const { role, partitionCount, compactorReadCount, compactorSleepMicros } = setup;
  const tallies = Object.fromEntries(Object.keys(checkNames).map((name) => [name, { applied: 0, broken: 0, first: '' }]));
  const bytes = (): Uint8Array[] => Array.from({ length: partitionCount }, () => new Uint8Array(64));
  const committers = role.filter((one) => one === WRITER || one === COMPACTOR).length;
  return {
    tallies: tallies as Record<CheckName, Tally>,
    ...{ role, partitionCount, readCount: compactorReadCount, sleepMicros: compactorSleepMicros },
    ...{ nextKey: new Float64Array(partitionCount), lastTransaction: new Float64Array(partitionCount) },
    lastKey: new Float64Array(role.length).fill(-1),
    ...{ keys: bytes(), compacted: bytes() },
    readsSeen: new Int32Array(role.length),
    ...{ lastReadMicros: new Float64Array(role.length), wokeMicros: new Float64Array(role.length) },
    readKeys: new Float64Array(committers * (compactorReadCount + 1)),
  };
}

/** Counts one application of a check; false where it broke for the first time, and the text of that is wanted. */
function holds(tally: Tally, condition: boolean): boolean {
  tally.applied++;
  if (condition) return true;
  tally.broken++;
  return tally.broken > 1;
}

/** The registry gave a key to a writer. */
export function observeAllocation(checks: Checks, partition: number, key: number): void {
  const expected = checks.nextKey[partition]!;
  if (!holds(checks.tallies.writerKeysContiguous, key === expected))
    checks.tallies.writerKeysContiguous.first = `key ${key} was given where ${expected} is next`;
  checks.nextKey[partition] = Math.max(expected, key + 1);
}

/** A transaction took effect. `key` as in the log: a compacted key k is -(k + 1). */
export function observeCommit(
  checks: Checks,
  commit: {
    readonly client: number;
    readonly partition: number;
    readonly key: number;
    readonly transaction: number;
    readonly base: number;
  },
): void {
  const { tallies } = checks;
  const { client, partition, key, transaction, base } = commit;
  const last = checks.lastTransaction[partition]!;
  if (!holds(tallies.transactionIdsMonotonic, transaction === last + 1))
    tallies.transactionIdsMonotonic.first = `transaction ${transaction} came after ${last}`;
  if (!holds(tallies.serialisable, base === last)) tallies.serialisable.first = `a transaction based on ${base} came after ${last}`;
  checks.lastTransaction[partition] = Math.max(last, transaction);
  const isTwice = markKey(checks, partition, key, COMMITTED);
  if (!holds(tallies.noDuplicateKeys, !isTwice)) tallies.noDuplicateKeys.first = `${keyName(key)} was added twice`;
  if (checks.role[client] !== WRITER) return;
  const before = checks.lastKey[client]!;
  if (!holds(tallies.writerKeysInOrder, key > before))
    tallies.writerKeysInOrder.first = `writer ${client} added ${keyName(key)} after ${keyName(before)}`;
  checks.lastKey[client] = key;
}

/** A transaction of a plain client took effect: it adds no key. */
export function observeSwap(checks: Checks, partition: number, transaction: number, base: number): void {
  const last = checks.lastTransaction[partition]!;
  if (!holds(checks.tallies.transactionIdsMonotonic, transaction === last + 1))
    checks.tallies.transactionIdsMonotonic.first = `transaction ${transaction} came after ${last}`;
  if (!holds(checks.tallies.serialisable, base === last))
    checks.tallies.serialisable.first = `a transaction based on ${base} came after ${last}`;
  checks.lastTransaction[partition] = Math.max(last, transaction);
}

/** A writer or compactor was told that its key is in. */
export function observeAcknowledgement(checks: Checks, partition: number, key: number): void {
  const flags = key >= 0 ? checks.keys[partition]![key]! : checks.compacted[partition]![-key - 1]!;
  if (!holds(checks.tallies.acknowledgedWritesVisible, (flags & COMMITTED) !== 0))
    checks.tallies.acknowledgedWritesVisible.first = `${keyName(key)} was acknowledged but is not there`;
  markKey(checks, partition, key, ACKED);
}

/** A writer gave up on a key. */
export function observeGiveUp(checks: Checks, partition: number, key: number): void {
  markKey(checks, partition, key, GIVEN_UP);
}

/** A read of HEAD was answered: it must show what was acknowledged, and what the session had seen, when it came to the store. */
export function observeHead(checks: Checks, version: number, ackedFloor: number, sessionFloor: number): void {
  if (!holds(checks.tallies.acknowledgedWritesVisible, version >= ackedFloor))
    checks.tallies.acknowledgedWritesVisible.first = `HEAD showed ${version} after ${ackedFloor} was acknowledged`;
  if (!holds(checks.tallies.monotonicReads, version >= sessionFloor))
    checks.tallies.monotonicReads.first = `a session that had seen ${sessionFloor} was shown ${version}`;
}

/** A client was given the key at a place of the log under a snapshot. */
export function observeRead(checks: Checks, place: number, snapshot: number): void {
  if (!holds(checks.tallies.readersSeeCommitted, place < snapshot))
    checks.tallies.readersSeeCommitted.first = `the key of transaction ${place + 1} was read under snapshot ${snapshot}`;
}

/** A compaction begins. */
export function observeCompactionStart(checks: Checks, client: number): void {
  checks.readsSeen[client] = 0;
  checks.wokeMicros[client] = 0;
}

/** A compactor has read the key at a place of the log. */
export function observeCompactorRead(checks: Checks, client: number, place: number, nowMicros: number): void {
  const row = client * (checks.readCount + 1);
  const seen = checks.readsSeen[client]!;
  for (let i = 0; i < Math.min(seen, checks.readCount); i++) if (checks.readKeys[row + i] === place) return;
  checks.readKeys[row + Math.min(seen, checks.readCount)] = place;
  checks.readsSeen[client] = seen + 1;
  checks.lastReadMicros[client] = nowMicros;
}

/** A compactor has slept: what it does from now on is no sleep. */
export function observeCompactorWake(checks: Checks, client: number, nowMicros: number): void {
  checks.wokeMicros[client] = nowMicros;
}

/** A compactor begins to write its result. */
export function observeCompactorWrite(checks: Checks, client: number): void {
  const { tallies } = checks;
  const reads = checks.readsSeen[client]!;
  const slept = checks.wokeMicros[client]! - checks.lastReadMicros[client]!;
  if (!holds(tallies.compactorReadsBeforeWrite, reads > 0))
    tallies.compactorReadsBeforeWrite.first = 'a compactor wrote before it had read';
  if (!holds(tallies.compactorReadCount, reads === checks.readCount))
    tallies.compactorReadCount.first = `${reads} keys were read instead of ${checks.readCount}`;
  if (!holds(tallies.compactorSleepKept, slept >= checks.sleepMicros))
    tallies.compactorSleepKept.first = `${slept} us of ${checks.sleepMicros} us were slept`;
}

/** A key that is under way when the run ends. */
export function observeUnderWay(checks: Checks, partition: number, key: number): void {
  markKey(checks, partition, key, UNDER_WAY);
}

/** How every check ended; once, when the run has. */
export function concludeChecks(checks: Checks): CheckOutcome[] {
  const { gapsAreRetryFailures } = checks.tallies;
  checks.nextKey.forEach((end, partition) => {
    const flags = checks.keys[partition]!;
    for (let key = 0; key < end; key++) {
      const known = (flags[key] ?? 0) & (COMMITTED | GIVEN_UP | UNDER_WAY);
      if (!holds(gapsAreRetryFailures, known !== 0))
        gapsAreRetryFailures.first = `${keyName(key)} is neither committed nor recorded as given up`;
    }
  });
  return (Object.keys(checkNames) as CheckName[]).map((check) => {
    const { applied, broken, first } = checks.tallies[check];
    const detail = broken === 0 ? `held ${applied} times` : `broken ${broken} of ${applied} times; first: ${first}`;
    return { check, passed: broken === 0, detail };
  });
}

/** Sets a bit of a key; whether it was set before. */
function markKey(checks: Checks, partition: number, key: number, bit: number): boolean {
  const lists = key >= 0 ? checks.keys : checks.compacted;
  const index = key >= 0 ? key : -key - 1;
  let flags = lists[partition]!;
  while (index >= flags.length) flags = withRoom(flags, flags.length);
  lists[partition] = flags;
  const was = (flags[index]! & bit) !== 0;
  flags[index]! |= bit;
  return was;
}

/** key_000000, compacted_000000. */
export function keyName(key: number): string {
  return key >= 0 ? `key_${String(key).padStart(6, '0')}` : `compacted_${String(-key - 1).padStart(6, '0')}`;
}
