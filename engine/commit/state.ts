/**
 * The state of a run: clients, operations under way, the HEAD of each key space, and what is counted. Columns of typed arrays; operations
 * live in slots that are used again, so that memory follows what is in flight and not what has been done. Their columns are as narrow as what
 * they hold: with 20,000 operations in flight all of them stay near the processor.
 */
import type { EventQueue } from '../kernel/events.js';
import { createHistogram, type Histogram } from '../kernel/histogram.js';
import { createStream, type RandomStream } from '../kernel/random.js';
import { createEventWheel } from '../kernel/wheel.js';
import { createChecks, type Checks } from './checks.js';
import { createSampler, type Sampler } from './distribution.js';
import { CLIENT, COLLECTOR, COMPACTOR, counterCount, roleNames, WRITER } from './counters.js';
import type { Fault } from './faults.js';
import type { History } from './history.js';
import { createRateClock, type RateClock } from './rates.js';
import { verbs, type CommitScenario } from './scenario.js';

/** Operations under way, a slot each. Versions and keys are below 2^31, see `largestVersion` in store.ts. */
export interface Operations {
  readonly client: Int32Array;
  readonly partition: Int32Array;
  readonly step: Uint8Array;
  /** status[op]: of the answer to the request under way. */
  readonly status: Uint8Array;
  /** tries[op]: of the request under way. */
  readonly tries: Int32Array;
  /** flags[op]: DELAYED, UNSURE, REFUSED, WROTE. */
  readonly flags: Uint8Array;
  /** snapshot[op]: HEAD's version as the client knows it. */
  readonly snapshot: Int32Array;
  /** sentMicros[op]: when the request under way was sent. */
  readonly sentMicros: Float64Array;
  /** answerMicros[op]: when the answer to the request under way arrives. */
  readonly answerMicros: Float64Array;
  /** What a read of HEAD must show at least: writes acknowledged, and versions that its own session has seen. */
  readonly ackedFloor: Int32Array;
  readonly sessionFloor: Int32Array;
  /** sinceMicros[op]: latency counts from here: the tick, in open loop. */
  readonly sinceMicros: Float64Array;
  readonly snapshotMicros: Float64Array;
  /** key[op]. Writer: number of its key. Reader: place of the key it reads. Compactor: of its compacted key, as in the log. Or NO_KEY. */
  readonly key: Int32Array;
  /** serial[op]: number of the operation, unique in a run; 0: none. */
  readonly serial: Float64Array;
  /** landed[op]: the transaction by which its commit took effect; 0: not (yet). */
  readonly landed: Int32Array;
  readonly attempt: Int32Array;
  /** link[op]: another slot: the next waiting tick of the writer, or the operation that a late request belongs to; -1: none. */
  readonly link: Int32Array;
  /** HEAD's version when a conditional PUT came to the store, and when its answer would arrive if the precondition failed. */
  readonly arrivalVersion: Int32Array;
  readonly failedAnswerMicros: Float64Array;
  /** base[op]: the version that this commit was based on. */
  readonly base: Int32Array;
  readonly readsLeft: Int32Array;
  capacity: number;
  used: number;
  /** free[i]: slots that are not in use; the last one freed is the first one used, as it is still near. */
  readonly free: Int32Array;
  freeCount: number;
}

/** Key of an operation that has none: below those of all compactions. */
export const NO_KEY = -2_147_483_648;

/** Flag: chaos has delayed the operation. */
export const DELAYED = 1;
/** Flag: an answer to its commit was lost, so that it may be in. */
export const UNSURE = 2;
/** Flag: waits before a request that was refused is sent again. */
export const REFUSED = 4;
/** Flag: its data object has been sent. */
export const WROTE = 8;

/** HEAD of each key space, and the keys that its transactions have added. */
export interface Heads {
  /** version[p]: transactions committed. */
  readonly version: Float64Array;
  /** acked[p]: the largest transaction whose writer knows of it. */
  readonly acked: Float64Array;
  readonly nextKey: Float64Array;
  readonly nextCompacted: Float64Array;
  /** Until when conditional PUTs of the object keep each other waiting. */
  readonly freeMicros: Float64Array;
  /** log[p][i]: the key that transaction i + 1 added; a compacted key k is -(k + 1). */
  readonly log: Float64Array[];
  /** serials[p][i]: the operation of transaction i + 1; kept with a history only. */
  readonly serials: Float64Array[];
  /** live[p]: places in the log of keys that no compaction removed; kept only where compactions remove keys, with place[p] its inverse. */
  readonly live: Float64Array[];
  readonly place: Int32Array[];
  readonly liveCount: Float64Array;
  /** Objects that no key refers to, by the time they became so; a ring. */
  orphans: Float64Array;
  orphanStart: number;
  orphanCount: number;
  orphansDeleted: number;
}

/** A run. */
export interface State {
  readonly scenario: CommitScenario;
  readonly queue: EventQueue;
  readonly ops: Operations;
  readonly heads: Heads;
  readonly fault: Fault;
  readonly checks: Checks;
  readonly history: History | null;
  events: number;
  serialCount: number;
  clientCount: number;
  readonly role: Uint8Array;
  /** Which key space a writer, compactor or client works on; readers choose anew each time. */
  readonly home: Int32Array;
  readonly rateClock: RateClock;
  readonly tickCount: Float64Array;
  /** In rate time (rates.ts), as are phases. */
  readonly tickMicros: Float64Array;
  readonly phaseMicros: Float64Array;
  /** Operations of a client under way, and its waiting ticks. */
  readonly busy: Int32Array;
  readonly firstWaiting: Int32Array;
  readonly lastWaiting: Int32Array;
  /** Whether an answer to the client's last commit was lost. */
  readonly recovers: Uint8Array;
  /** seen[client x partitions + p]: the newest version that a finished operation of the session has seen. */
  readonly seen: Float64Array;
  /** knownVersion[client]: of plain clients. */
  readonly knownVersion: Float64Array;
  /** inputs[compactor x reads + i]: places in the log. */
  readonly inputs: Float64Array;
  readonly lastSuccessMicros: Float64Array;
  readonly failuresInRow: Int32Array;
  longestFailuresInRow: number;
  longestGapMicros: number;
  readonly samplers: readonly Sampler[];
  readonly failedSampler: Sampler;
  readonly streams: Streams;
  /** counts[role x counters + counter]. */
  readonly counts: Float64Array;
  /** requests[role x verbs + verb]. */
  readonly requests: Float64Array;
  readonly succeeded: readonly (Histogram | null)[];
  readonly preconditionFailed: readonly (Histogram | null)[];
  readonly retryFailed: readonly (Histogram | null)[];
  /** Begin and end of times without network, alternating, ascending. */
  readonly blocks: Float64Array;
  capacityFreeMicros: number;
  /** tokens[p x 2 + write] and when they were counted. */
  readonly tokens: Float64Array;
  readonly tokensMicros: Float64Array;
  peakInFlight: number;
}

interface Streams {
  readonly latency: RandomStream;
  readonly keys: RandomStream;
  readonly backoff: RandomStream;
  readonly arrivals: RandomStream;
  readonly loss: RandomStream;
  readonly chaos: RandomStream;
}

/** The state before the first event. */
export function createState(scenario: CommitScenario, fault: Fault, history: History | null): State {
  const { workload, store, seed } = scenario;
  const { partitionCount, compactorReadCount, compactorSleepMicros } = workload;
  const roleCounts = [workload.writerCount, workload.compactorCount, workload.readerCount, workload.clientCount];
  if (workload.gcIntervalMicros !== null) roleCounts.push(1);
  const clientCount = roleCounts.reduce((sum, count) => sum + count, 0);
  const role = new Uint8Array(clientCount);
  const home = new Int32Array(clientCount);
  let client = 0;
  roleCounts.forEach((count, index) => {
    for (let i = 0; i < count; i++, client++) {
      role[client] = index;
      home[client] = i % partitionCount;
    }
  });
  // No operation that ends takes longer than the run; an hour is what all histograms hold.
  const highestTrackableMicros = Math.max(3_600_000_000, scenario.durationMicros);
  const histograms = (wanted: (index: number) => boolean): (Histogram | null)[] =>
    roleNames.map((_, index) => (wanted(index) && (roleCounts[index] ?? 0) > 0 ? createHistogram({ highestTrackableMicros }) : null));
  const commits = (index: number): boolean => index === WRITER || index === COMPACTOR || index === CLIENT;
  const numbers = (): Float64Array => new Float64Array(clientCount);
  const ints = (): Int32Array => new Int32Array(clientCount);
  // Every property in one literal: runs whose states were put together from several have hidden classes of their own each, and code that
  // has met a few runs is compiled for none of them.
  return {
    scenario,
    queue: createEventWheel(),
    ops: createOperations(64),
    heads: createHeads(partitionCount),
    fault,
    history,
    checks: createChecks({ role, partitionCount, compactorReadCount, compactorSleepMicros }),
    events: 0,
    serialCount: 0,
    clientCount,
    role,
    home,
    rateClock: createRateClock(workload.rateFactors),
    tickCount: numbers(),
    tickMicros: numbers(),
    phaseMicros: numbers(),
    busy: ints(),
    firstWaiting: ints().fill(-1),
    lastWaiting: ints().fill(-1),
    recovers: new Uint8Array(clientCount),
    seen: new Float64Array(clientCount * partitionCount),
    knownVersion: numbers(),
    inputs: new Float64Array((workload.writerCount + workload.compactorCount) * compactorReadCount),
    lastSuccessMicros: numbers(),
    failuresInRow: ints(),
    longestFailuresInRow: 0,
    longestGapMicros: 0,
    samplers: samplersOf(scenario),
    failedSampler: createSampler(store.failedLatency),
    streams: {
      latency: createStream(seed, 'commit-latency'),
      keys: createStream(seed, 'commit-keys'),
      backoff: createStream(seed, 'commit-backoff'),
      arrivals: createStream(seed, 'commit-arrivals'),
      loss: createStream(seed, 'commit-loss'),
      chaos: createStream(seed, 'commit-chaos'),
    },
    counts: new Float64Array(roleNames.length * counterCount),
    requests: new Float64Array(roleNames.length * verbs.length),
    succeeded: histograms((index) => index !== COLLECTOR),
    preconditionFailed: histograms(commits),
    retryFailed: histograms((index) => index === WRITER || index === COMPACTOR),
    blocks: new Float64Array(2 * scenario.chaos.blockCount),
    capacityFreeMicros: 0,
    tokens: new Float64Array(2 * partitionCount).fill(-1),
    tokensMicros: new Float64Array(2 * partitionCount),
    peakInFlight: 0,
  };
}

/** Tables by verb; those of equal distributions are the same table. */
function samplersOf({ store }: CommitScenario): Sampler[] {
  const made = new Map<unknown, Sampler>();
  return verbs.map((verb) => {
    const distribution = store.latency[verb];
    const sampler = made.get(distribution) ?? createSampler(distribution);
    made.set(distribution, sampler);
    return sampler;
  });
}

function createHeads(partitionCount: number): Heads {
  const numbers = (): Float64Array => new Float64Array(partitionCount);
  const lists = (): Float64Array[] => Array.from({ length: partitionCount }, () => new Float64Array(16));
  return {
    version: numbers(),
    acked: numbers(),
    nextKey: numbers(),
    nextCompacted: numbers(),
    freeMicros: numbers(),
    log: lists(),
    serials: lists(),
    live: lists(),
    place: lists().map((list) => new Int32Array(list.length)),
    liveCount: numbers(),
    orphans: new Float64Array(16),
    orphanStart: 0,
    orphanCount: 0,
    orphansDeleted: 0,
  };
}

function createOperations(capacity: number): Operations {
  const bytes = (): Uint8Array => new Uint8Array(capacity);
  const ints = (): Int32Array => new Int32Array(capacity);
  const numbers = (): Float64Array => new Float64Array(capacity);
  return {
    client: ints(),
    partition: ints(),
    step: bytes(),
    status: bytes(),
    tries: ints(),
    flags: bytes(),
    snapshot: ints(),
    sentMicros: numbers(),
    answerMicros: numbers(),
    ackedFloor: ints(),
    sessionFloor: ints(),
    sinceMicros: numbers(),
    snapshotMicros: numbers(),
    key: ints(),
    serial: numbers(),
    landed: ints(),
    attempt: ints(),
    link: ints(),
    arrivalVersion: ints(),
    failedAnswerMicros: numbers(),
    base: ints(),
    readsLeft: ints(),
    capacity,
    used: 0,
    free: ints(),
    freeCount: 0,
  };
}

/** A slot for a new operation of a client; all its columns are fresh. */
export function allocateOperation(state: State, client: number, sinceMicros: number): number {
  const { ops } = state;
  if (ops.freeCount === 0 && ops.used === ops.capacity) growOperations(ops);
  const op = ops.freeCount > 0 ? ops.free[--ops.freeCount]! : ops.used++;
  ops.client[op] = client;
  ops.partition[op] = state.home[client]!;
  ops.status[op] = 0;
  ops.flags[op] = 0;
  ops.sinceMicros[op] = sinceMicros;
  ops.snapshot[op] = 0;
  ops.key[op] = NO_KEY;
  ops.serial[op] = ++state.serialCount;
  ops.landed[op] = 0;
  ops.attempt[op] = 0;
  ops.tries[op] = 0;
  ops.link[op] = -1;
  const inFlight = ops.used - ops.freeCount;
  if (inFlight > state.peakInFlight) state.peakInFlight = inFlight;
  return op;
}

/** Gives a slot back. */
export function freeOperation({ ops }: State, op: number): void {
  ops.serial[op] = 0;
  ops.free[ops.freeCount++] = op;
}

function growOperations(ops: Operations): void {
  const larger = createOperations(ops.capacity * 2);
  for (const field of Object.keys(ops) as (keyof Operations)[]) {
    const column = larger[field];
    if (typeof column !== 'number') column.set(ops[field] as Int32Array);
  }
  Object.assign(ops, larger, { used: ops.used, freeCount: ops.freeCount });
}

/** Adds to a counter of the role of an operation's client. */
export function count(state: State, op: number, counter: number): void {
  state.counts[state.role[state.ops.client[op]!]! * counterCount + counter]! += 1;
}
