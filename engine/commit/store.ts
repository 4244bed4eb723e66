/**
 * The simulated object store: when requests are decided and answered, and what they find. Consistency is strong: a request takes effect at
 * one moment between its begin and its answer, and all moments have one order.
 *
 *   sent          arrived        begun                  decided                      answered
 *    |--- network ---|--- in line ---|---- decideFraction ----|---- the rest of the latency ----|
 *      delayed,        capacity, other                        HEAD is read, or a precondition   (a failed one: at failedLatency)
 *      blocked         commits of the object                  decided and the commit in effect
 *
 * 412: the version in If-Match was old when the request came. 409: it was right then, and another commit came before the decision. (S3:
 * "ConditionalRequestConflict", a conflicting operation during the request.) A request whose answer is lost or late takes effect all the
 * same: it goes on as a LATE operation of its own, which the client finds or does not.
 */
import { observeCommit, observeHead, observeSwap } from './checks.js';
import { CLIENT, COMPACTOR, SLOW_DOWNS, TIMEOUTS } from './counters.js';
import { sampleMicros } from './distribution.js';
import { PutmodelError } from '../kernel/errors.js';
import { formatCount } from '../kernel/units.js';
import { ANSWER, ARRIVE, COMMIT, DATA, DECIDE, DELETE, HEAD, LAND, LATE, LIST, READ, RECOVER, RENEW, REREAD, TIMEOUT } from './events.js';
import { withRoom } from './growing.js';
import { verbs } from './scenario.js';
import { allocateOperation, count, DELAYED, freeOperation, type State } from './state.js';

/** Status of an answer: done. */
export const OK = 0;
/** 412 Precondition Failed. */
export const PRECONDITION_FAILED = 1;
/** 409 Conflict. */
export const CONFLICT = 2;
/** 503 SlowDown. */
export const SLOW_DOWN = 3;
/** No answer in time. */
export const LOST = 4;

const GET = 0;
const PUT = 1;
const CONDITIONAL = 2;
const LISTING = 3;
/** verbOf[step]. */
const verbOf = new Uint8Array(14);
verbOf[RECOVER] = verbOf[LIST] = LISTING;
verbOf[DATA] = PUT;
verbOf[COMMIT] = CONDITIONAL;
verbOf[DELETE] = 4;

/** Sends the request of an operation's step. */
export function sendRequest(state: State, op: number): void {
  const { ops, queue, scenario } = state;
  const { store, chaos } = scenario;
  const nowMicros = queue.timeMicros;
  const step = ops.step[op]!;
  const role = state.role[ops.client[op]!]!;
  state.requests[role * verbs.length + verbOf[step]!]! += 1;
  ops.sentMicros[op] = nowMicros;
  let arrivalMicros = nowMicros;
  // A compactor's reads of HEAD are not counted, so the delay of an operation falls on what comes after.
  const isCounted = role !== COMPACTOR || step !== HEAD;
  if (chaos.extraLatencyMicros > 0 && (chaos.perRequest || (isCounted && (ops.flags[op]! & DELAYED) === 0))) {
    arrivalMicros += chaos.extraLatencyMicros;
    ops.flags[op]! |= DELAYED;
  }
  if (chaos.blockCount > 0) arrivalMicros = afterBlock(state, arrivalMicros);
  if (arrivalMicros === nowMicros) {
    arriveRequest(state, op);
  } else if (arrivalMicros - nowMicros <= store.timeoutMicros) {
    queue.push(arrivalMicros, ARRIVE, op);
  } else {
    // Its client is gone before it comes: what it does there, it does without waiting in line.
    const latencyMicros = sampleMicros(state.samplers[verbOf[step]!]!, state.streams.latency.uniform()) * chaos.stretchFactor;
    loseRequest(state, op, Math.round(arrivalMicros + latencyMicros * store.decideFraction));
  }
}

/** A request has come to the store. */
export function arriveRequest(state: State, op: number): void {
  const { ops, queue, scenario, streams, heads } = state;
  const { store, chaos } = scenario;
  const nowMicros = queue.timeMicros;
  const step = ops.step[op]!;
  const verb = verbOf[step]!;
  const partition = ops.partition[op]!;
  const uniform = streams.latency.uniform();
  const failedMicros = (): number => sampleMicros(state.failedSampler, uniform) * chaos.stretchFactor;
  if (store.throttle !== null && !takeToken(state, partition, verb === GET || verb === LISTING)) {
    count(state, op, SLOW_DOWNS);
    ops.status[op] = SLOW_DOWN;
    answerAt(state, op, nowMicros + failedMicros());
    return;
  }
  let beginMicros = nowMicros;
  if (store.capacityOpsPerSec !== null) beginMicros = takeTurn(state, 1e6 / store.capacityOpsPerSec);
  if (verb === CONDITIONAL && store.serialMicros > 0) {
    beginMicros = Math.max(beginMicros, heads.freeMicros[partition]!);
    heads.freeMicros[partition] = beginMicros + store.serialMicros;
  }
  let latencyMicros = sampleMicros(state.samplers[verb]!, uniform) * chaos.stretchFactor;
  if (step === DATA || step === READ) latencyMicros += (store.microsPerMib * scenario.workload.valueBytes) / 1_048_576;
  const answerMicros = Math.round(beginMicros + latencyMicros);
  const decideMicros = Math.round(beginMicros + latencyMicros * store.decideFraction);
  if (store.lossFraction > 0 && streams.loss.uniform() < store.lossFraction) {
    loseRequest(state, op, streams.loss.uniform() < 0.5 ? decideMicros : Infinity);
    return;
  }
  ops.status[op] = OK;
  if (step !== HEAD && step !== REREAD && step !== RENEW && step !== COMMIT) {
    answerAt(state, op, answerMicros);
    return;
  }
  ops.answerMicros[op] = chaos.blockCount > 0 ? afterBlock(state, answerMicros) : answerMicros;
  if ((step === COMMIT ? decideMicros : ops.answerMicros[op]) > deadlineMicros(state, op)) {
    loseRequest(state, op, decideMicros);
    return;
  }
  if (step === COMMIT) {
    ops.arrivalVersion[op] = heads.version[partition]!;
    ops.failedAnswerMicros[op] = Math.round(beginMicros + failedMicros());
  } else {
    ops.ackedFloor[op] = heads.acked[partition]!;
    ops.sessionFloor[op] = state.seen[ops.client[op]! * scenario.workload.partitionCount + partition]!;
  }
  queue.push(decideMicros, DECIDE, op);
}

/** Until when the client of a request waits for its answer. */
function deadlineMicros({ ops, scenario }: State, op: number): number {
  return ops.sentMicros[op]! + scenario.store.timeoutMicros;
}

/** The answer to a request that is decided, or needs no decision, unless it would come too late. */
function answerAt(state: State, op: number, micros: number): void {
  const { queue, scenario } = state;
  const answerMicros = Math.round(scenario.chaos.blockCount > 0 ? afterBlock(state, micros) : micros);
  if (answerMicros > deadlineMicros(state, op)) loseRequest(state, op, Infinity);
  else queue.push(answerMicros, ANSWER, op);
}

/** The client will wait in vain. A commit that reaches the store (`decideMicros` finite) takes effect there without it. */
function loseRequest(state: State, op: number, decideMicros: number): void {
  const { ops, queue } = state;
  if (ops.step[op] === COMMIT && decideMicros < Infinity) {
    const late = allocateOperation(state, ops.client[op]!, queue.timeMicros);
    ops.step[late] = LATE;
    ops.partition[late] = ops.partition[op]!;
    ops.snapshot[late] = ops.snapshot[op]!;
    ops.key[late] = ops.key[op]!;
    ops.serial[late] = ops.serial[op]!;
    ops.link[late] = op;
    queue.push(decideMicros, LAND, late);
  }
  count(state, op, TIMEOUTS);
  ops.status[op] = LOST;
  queue.push(deadlineMicros(state, op), TIMEOUT, op);
}

/** The store reads HEAD for a request, or decides its precondition. */
export function decideRequest(state: State, op: number): void {
  const { ops, queue, heads } = state;
  const partition = ops.partition[op]!;
  const version = heads.version[partition]!;
  if (ops.step[op] !== COMMIT) {
    ops.snapshot[op] = state.fault === 'staleHead' && ops.serial[op]! % 3 === 0 ? Math.max(0, version - 2) : version;
    queue.push(ops.answerMicros[op]!, ANSWER, op);
    return;
  }
  const base = ops.snapshot[op]!;
  if (base === version || state.fault === 'blindCommit') {
    commit(state, op, op);
    answerAt(state, op, ops.answerMicros[op]!);
    return;
  }
  ops.status[op] = ops.arrivalVersion[op] === base ? CONFLICT : PRECONDITION_FAILED;
  answerAt(state, op, Math.max(ops.failedAnswerMicros[op]!, queue.timeMicros));
}

/** A commit without a client arrives. */
export function landLate(state: State, late: number): void {
  const { ops, heads } = state;
  const parent = ops.link[late]!;
  if (ops.snapshot[late] === heads.version[ops.partition[late]!]!) {
    const waits = ops.serial[parent] === ops.serial[late];
    commit(state, late, waits ? parent : late);
  }
  freeOperation(state, late);
}

/** What a read of HEAD showed is held against what it must show. */
export function acceptHead({ ops, checks }: State, op: number): void {
  observeHead(checks, ops.snapshot[op]!, ops.ackedFloor[op]!, ops.sessionFloor[op]!);
}

/** The transaction of `op` takes effect; `owner` is told its number. */
function commit(state: State, op: number, owner: number): void {
  const { ops, heads, checks, fault } = state;
  const partition = ops.partition[op]!;
  const client = ops.client[op]!;
  const base = ops.snapshot[op]!;
  const transaction = heads.version[partition]! + (fault === 'repeatTransaction' && heads.version[partition]! % 3 === 2 ? 0 : 1);
  if (transaction > largestVersion) refuseVersion(transaction);
  ops.landed[owner] = transaction;
  ops.base[owner] = base;
  if (fault === 'dropCommit' && transaction % 2 === 0) return;
  if (state.history !== null) {
    heads.serials[partition] = withRoom(heads.serials[partition]!, transaction);
    heads.serials[partition][transaction - 1] = ops.serial[op]!;
  }
  heads.version[partition] = transaction;
  if (state.role[client] === CLIENT) {
    observeSwap(checks, partition, transaction, base);
    return;
  }
  const repeats = fault === 'repeatKey' && transaction > 1;
  const key = repeats ? heads.log[partition]![transaction - 2]! : ops.key[op]!;
  heads.log[partition] = withRoom(heads.log[partition]!, transaction);
  heads.log[partition][transaction - 1] = key;
  if (state.scenario.workload.deletesInputs) updateLive(state, op, transaction - 1);
  observeCommit(checks, { client, partition, key, transaction, base });
}

/** Versions, keys and places in the log are 32-bit columns of the operations. */
export const largestVersion = 2_147_483_647;

/** A number that the columns cannot hold. @throws PutmodelError SIMULATION_LIMIT */
export function refuseVersion(version: number): never {
  throw new PutmodelError({
    code: 'SIMULATION_LIMIT',
    message: 'one key space has too many transactions or keys',
    found: formatCount(version),
    expected: `at most ${formatCount(largestVersion)}`,
  });
}

/** Adds the new key to those that are live, and removes those that a compaction has merged into it. */
function updateLive(state: State, op: number, place: number): void {
  const { ops, heads, scenario } = state;
  const partition = ops.partition[op]!;
  heads.live[partition] = withRoom(heads.live[partition]!, heads.liveCount[partition]!);
  heads.place[partition] = withRoom(heads.place[partition]!, place);
  const live = heads.live[partition];
  const placeOf = heads.place[partition];
  live[heads.liveCount[partition]!] = place;
  placeOf[place] = heads.liveCount[partition]!;
  heads.liveCount[partition]! += 1;
  const client = ops.client[op]!;
  if (state.role[client] !== COMPACTOR) return;
  const { compactorReadCount } = scenario.workload;
  for (let i = 0; i < compactorReadCount; i++) {
    const removed = state.inputs[client * compactorReadCount + i]!;
    const at = placeOf[removed]!;
    const last = live[heads.liveCount[partition]! - 1]!;
    live[at] = last;
    placeOf[last] = at;
    placeOf[removed] = -1;
    heads.liveCount[partition]! -= 1;
    addOrphan(state);
  }
}

/** An object is there that no key refers to. Remembered only where somebody collects. */
export function addOrphan({ heads, scenario, queue }: State): void {
  if (scenario.workload.gcIntervalMicros === null) {
    heads.orphanCount++;
    return;
  }
  if (heads.orphanCount === heads.orphans.length) {
    const larger = new Float64Array(heads.orphans.length * 2);
    for (let i = 0; i < heads.orphanCount; i++) larger[i] = heads.orphans[(heads.orphanStart + i) % heads.orphans.length]!;
    heads.orphans = larger;
    heads.orphanStart = 0;
  }
  heads.orphans[(heads.orphanStart + heads.orphanCount) % heads.orphans.length] = queue.timeMicros;
  heads.orphanCount++;
}

/** The time, or the end of the network block that it falls into; of the last one where blocks adjoin. */
function afterBlock({ blocks }: State, micros: number): number {
  let afterMicros = micros;
  for (let i = 0; i < blocks.length; i += 2) if (afterMicros >= blocks[i]! && afterMicros < blocks[i + 1]!) afterMicros = blocks[i + 1]!;
  return afterMicros;
}

/** When a request that arrives now is served by a store that serves one each `intervalMicros`. */
function takeTurn(state: State, intervalMicros: number): number {
  const turnMicros = Math.max(state.queue.timeMicros, state.capacityFreeMicros);
  state.capacityFreeMicros = turnMicros + intervalMicros;
  return turnMicros;
}

/** Takes a token of a key space's bucket, if there is one. */
function takeToken(state: State, partition: number, isRead: boolean): boolean {
  const throttle = state.scenario.store.throttle!;
  const rate = isRead ? throttle.readsPerSec : throttle.writesPerSec;
  const bucket = 2 * partition + (isRead ? 0 : 1);
  const nowMicros = state.queue.timeMicros;
  const full = Math.max(1, rate * throttle.burstSec);
  const before = state.tokens[bucket]! < 0 ? full : state.tokens[bucket]!;
  const tokens = Math.min(full, before + ((nowMicros - state.tokensMicros[bucket]!) / 1e6) * rate);
  state.tokensMicros[bucket] = nowMicros;
  state.tokens[bucket] = tokens >= 1 ? tokens - 1 : tokens;
  return tokens >= 1;
}
