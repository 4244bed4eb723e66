/**
 * What each role does, as steps of an operation:
 *
 *   writer     [RECOVER] -> HEAD -> commit of the next key (protocol.ts)
 *   compactor  HEAD -> READ x compactor_read_count -> SLEEP -> RENEW -> commit of a compacted key -> pause of 1 / compactor_rate
 *   reader     HEAD -> READ of a random key of the snapshot
 *   client     COMMIT -> after a failure REREAD, which takes as long as the scenario says -> IDLE -> the next
 *   collector  LIST -> DELETE of each orphan that is older than the lease
 *
 * A writer has one operation at a time and makes up for ticks that came meanwhile; their latency counts from the tick. A compactor's reads
 * of HEAD are not counted.
 */
import { invariant } from '../kernel/errors.js';
import { recordValue } from '../kernel/histogram.js';
import {
  observeAllocation,
  observeCompactionStart,
  observeCompactorRead,
  observeCompactorWake,
  observeCompactorWrite,
  observeRead,
} from './checks.js';
import {
  ATTEMPTS,
  CLIENT,
  COLLECTOR,
  COMPACTOR,
  CONFLICTS,
  LEASE_EXPIRATIONS,
  OPERATIONS,
  PRECONDITION_FAILURES,
  READER,
  SUCCEEDED,
  WAITS,
  WRITER,
} from './counters.js';
import { COMMIT, DELETE, HEAD, IDLE, LIST, READ, RECOVER, RENEW, REREAD, SLEEP, TICK, WAITING, WAKE } from './events.js';
import { historyBegins, historyEnds } from './history.js';
import { acknowledgeCommit, backoffMicros, beginCommit, failRequest, loseInputs, stepCommit } from './protocol.js';
import { pushTick, toRateMicros } from './rates.js';
import { allocateOperation, count, freeOperation, REFUSED, UNSURE, type State } from './state.js';
import { acceptHead, CONFLICT, largestVersion, LOST, OK, refuseVersion, sendRequest, SLOW_DOWN } from './store.js';

/** A client begins an operation that was due at `sinceMicros`; a writer that is busy keeps it for later. */
export function startOperation(state: State, client: number, sinceMicros: number): void {
  const op = allocateOperation(state, client, sinceMicros);
  if (state.role[client] === WRITER && state.scenario.workload.arrivals !== 'closed' && state.busy[client]! > 0) {
    state.ops.step[op] = WAITING;
    const last = state.lastWaiting[client]!;
    if (last < 0) state.firstWaiting[client] = op;
    else state.ops.link[last] = op;
    state.lastWaiting[client] = op;
    return;
  }
  beginSteps(state, op);
}

function beginSteps(state: State, op: number): void {
  const { ops } = state;
  const client = ops.client[op]!;
  state.busy[client]! += 1;
  switch (state.role[client]) {
    case WRITER:
      ops.key[op] = allocateKey(state, ops.partition[op]!);
      ops.step[op] = state.recovers[client] === 1 ? RECOVER : HEAD;
      state.recovers[client] = 0;
      break;
    case READER:
      if (state.scenario.workload.partitionCount > 1) {
        ops.partition[op] = state.streams.keys.uniformInt(state.scenario.workload.partitionCount);
      }
      ops.step[op] = HEAD;
      break;
    case CLIENT:
      ops.snapshot[op] = state.knownVersion[client]!;
      ops.step[op] = COMMIT;
      break;
    case COLLECTOR:
      ops.step[op] = LIST;
      break;
    default:
      ops.step[op] = HEAD;
  }
  if (state.history !== null) historyBegins(state, op);
  sendRequest(state, op);
}

/** The next number of the key space's registry. */
function allocateKey({ heads, checks, fault }: State, partition: number): number {
  const next = heads.nextKey[partition]!;
  if (next > largestVersion) refuseVersion(next);
  heads.nextKey[partition] = next + (fault === 'skipKey' && next % 3 === 2 ? 2 : 1);
  const key = fault === 'swapKeys' ? next + (next % 4 < 2 ? 2 : -2) : next;
  observeAllocation(checks, partition, key);
  return key;
}

/** An answer has come, a wait is over, or (status LOST) nothing came in time. */
export function advanceOperation(state: State, op: number): void {
  const { ops } = state;
  const status = ops.status[op]!;
  if (status === SLOW_DOWN || (status === LOST && ops.step[op] !== COMMIT)) {
    sendAgain(state, op);
    return;
  }
  ops.tries[op] = 0;
  switch (ops.step[op]) {
    case RECOVER:
      ops.step[op] = HEAD;
      sendRequest(state, op);
      return;
    case HEAD:
      acceptSnapshot(state, op);
      return;
    case READ:
      acceptKey(state, op);
      return;
    case SLEEP:
      wakeCompactor(state, op);
      return;
    case RENEW:
      acceptRenewal(state, op);
      return;
    case LIST:
    case DELETE:
      collect(state, op);
      return;
    case IDLE:
      nextAttempt(state, op);
      return;
    default:
      if (state.role[ops.client[op]!] !== CLIENT) finishStep(state, op);
      else if (ops.step[op] === REREAD) restClient(state, op, state.heads.version[ops.partition[op]!]!);
      else acceptSwap(state, op);
  }
}

function finishStep(state: State, op: number): void {
  const { ops, role, scenario } = state;
  const mayLoseInputs = scenario.workload.deletesInputs && ops.step[op] === REREAD && role[ops.client[op]!] === COMPACTOR;
  if (mayLoseInputs && ops.landed[op] === 0 && inputsAreGone(state, op)) {
    loseInputs(state, op);
    finishOperation(state, op, false);
    return;
  }
  const progress = stepCommit(state, op);
  if (progress === 'goesOn') return;
  if (progress === 'succeeded') acknowledgeCommit(state, op);
  finishOperation(state, op, progress === 'succeeded');
}

/** The same request again after a 503 or a time-out; after too many the operation ends. Waits as between attempts of a commit. */
function sendAgain(state: State, op: number): void {
  const { ops, queue, scenario } = state;
  ops.tries[op]! += 1;
  if (ops.tries[op]! > scenario.store.requestRetryCount) {
    failRequest(state, op);
    finishOperation(state, op, false);
    return;
  }
  if (ops.status[op] === LOST) {
    sendRequest(state, op);
    return;
  }
  ops.status[op] = OK;
  ops.flags[op]! |= REFUSED;
  queue.push(queue.timeMicros + backoffMicros(state, ops.tries[op]!), WAKE, op);
}

/** A wait is over: of a step (SLEEP, BACKOFF, IDLE), or before a request that was refused is sent again. */
export function wakeOperation(state: State, op: number): void {
  const { ops } = state;
  if ((ops.flags[op]! & REFUSED) !== 0) {
    ops.flags[op]! &= ~REFUSED;
    sendRequest(state, op);
    return;
  }
  ops.status[op] = OK;
  advanceOperation(state, op);
}

/** HEAD has been read: the snapshot of the operation. */
function acceptSnapshot(state: State, op: number): void {
  const { ops, queue } = state;
  acceptHead(state, op);
  ops.snapshotMicros[op] = queue.timeMicros;
  const client = ops.client[op]!;
  switch (state.role[client]) {
    case WRITER:
      beginCommit(state, op);
      return;
    case COMPACTOR:
      ops.sinceMicros[op] = queue.timeMicros;
      beginCompaction(state, op);
      return;
    default:
  }
  if (eligibleKeys(state, ops.partition[op]!, ops.snapshot[op]!) === 0 && state.fault !== 'dirtyRead') {
    count(state, op, WAITS);
    finishOperation(state, op, false, true);
    return;
  }
  ops.key[op] = chooseKey(state, ops.partition[op]!, ops.snapshot[op]!);
  ops.step[op] = READ;
  sendRequest(state, op);
}

/** How many keys a client with this snapshot may choose from: those in it that no compaction has removed since. */
function eligibleKeys({ heads, scenario }: State, partition: number, snapshot: number): number {
  if (!scenario.workload.deletesInputs) return snapshot;
  let count = heads.liveCount[partition]!;
  for (let place = snapshot; place < heads.version[partition]!; place++) if (heads.place[partition]![place]! >= 0) count--;
  return count;
}

/** The place in the log of a random key of the snapshot, which has one. */
function chooseKey(state: State, partition: number, snapshot: number): number {
  if (state.fault === 'dirtyRead') return snapshot;
  if (state.scenario.workload.deletesInputs) return probeLive(state, partition, snapshot, []);
  return Math.floor(state.streams.keys.uniform() * snapshot);
}

/** A random live key of the snapshot that is not among `taken`: from a random one on, the first that fits. */
function probeLive({ heads, streams }: State, partition: number, snapshot: number, taken: Iterable<number>): number {
  const live = heads.live[partition]!;
  const liveCount = heads.liveCount[partition]!;
  const refused = new Set(taken);
  const start = Math.floor(streams.keys.uniform() * liveCount);
  for (let i = 0; i < liveCount; i++) {
    const place = live[(start + i) % liveCount]!;
    if (place < snapshot && !refused.has(place)) return place;
  }
  invariant(false, 'a client chooses only where there are enough keys');
}

/** A key's object has been read. */
function acceptKey(state: State, op: number): void {
  const { ops, queue, scenario } = state;
  const client = ops.client[op]!;
  const { compactorReadCount, leaseMicros } = scenario.workload;
  if (state.role[client] === READER) {
    if (leaseMicros !== null && queue.timeMicros - ops.snapshotMicros[op]! > leaseMicros) {
      // The key may have been removed and collected meanwhile: begin again with a fresh snapshot.
      count(state, op, LEASE_EXPIRATIONS);
      ops.step[op] = HEAD;
      sendRequest(state, op);
      return;
    }
    observeRead(state.checks, ops.key[op]!, ops.snapshot[op]!);
    finishOperation(state, op, true);
    return;
  }
  const input = state.inputs[client * compactorReadCount + compactorReadCount - ops.readsLeft[op]!]!;
  observeCompactorRead(state.checks, client, input, queue.timeMicros);
  observeRead(state.checks, input, ops.snapshot[op]!);
  ops.readsLeft[op]! -= 1;
  if (ops.readsLeft[op]! > (state.fault === 'readFewer' ? 1 : 0)) {
    sendRequest(state, op);
    return;
  }
  ops.step[op] = SLEEP;
  const sleepMicros = scenario.workload.compactorSleepMicros - (state.fault === 'shortSleep' ? 1000 : 0);
  queue.push(queue.timeMicros + sleepMicros, WAKE, op);
}

/** Chooses the keys to merge; with fewer than asked for, the compactor waits for one pause. */
function beginCompaction(state: State, op: number): void {
  const { ops, heads, scenario } = state;
  const { compactorReadCount } = scenario.workload;
  const client = ops.client[op]!;
  const partition = ops.partition[op]!;
  if (eligibleKeys(state, partition, ops.snapshot[op]!) < compactorReadCount) {
    count(state, op, WAITS);
    finishOperation(state, op, false, true);
    return;
  }
  chooseInputs(state, op);
  heads.nextCompacted[partition]! += 1;
  ops.key[op] = -heads.nextCompacted[partition]!;
  ops.readsLeft[op] = compactorReadCount;
  ops.step[op] = READ;
  if (state.history !== null) historyBegins(state, op);
  observeCompactionStart(state.checks, client);
  if (state.fault === 'writeFirst') observeCompactorWrite(state.checks, client);
  sendRequest(state, op);
}

/** Distinct keys: random ones, or as many in a row. Places in the log go to the compactor's `inputs`. */
function chooseInputs(state: State, op: number): void {
  const { ops, heads, streams, scenario } = state;
  const { compactorReadCount, compaction, deletesInputs } = scenario.workload;
  const partition = ops.partition[op]!;
  const snapshot = ops.snapshot[op]!;
  const row = ops.client[op]! * compactorReadCount;
  const inputs = state.inputs.subarray(row, row + compactorReadCount);
  if (compaction === 'range') {
    let place = Math.floor(streams.keys.uniform() * (snapshot - compactorReadCount + 1));
    for (let i = 0; i < compactorReadCount; place = (place + 1) % snapshot) {
      if (!deletesInputs || heads.place[partition]![place]! >= 0) inputs[i++] = place;
    }
    return;
  }
  for (let i = 0; i < compactorReadCount; i++) {
    if (deletesInputs) {
      inputs[i] = probeLive(state, partition, snapshot, inputs.subarray(0, i));
      continue;
    }
    // Floyd's sampling without replacement: a place that is taken gives way to the largest allowed so far, which cannot be.
    const largest = snapshot - compactorReadCount + i;
    const place = Math.floor(streams.keys.uniform() * (largest + 1));
    inputs[i] = inputs.subarray(0, i).includes(place) ? largest : place;
  }
}

/** The compactor has slept: it takes the snapshot that its commit is based on. The documents count no time for it: it is held when needed. */
function wakeCompactor(state: State, op: number): void {
  const { ops, queue, scenario } = state;
  const { leaseMicros } = scenario.workload;
  if (leaseMicros !== null && queue.timeMicros - ops.snapshotMicros[op]! > leaseMicros) count(state, op, LEASE_EXPIRATIONS);
  observeCompactorWake(state.checks, ops.client[op]!, queue.timeMicros);
  ops.snapshotMicros[op] = queue.timeMicros;
  ops.step[op] = RENEW;
  sendRequest(state, op);
}

function acceptRenewal(state: State, op: number): void {
  const { ops, queue } = state;
  acceptHead(state, op);
  ops.sinceMicros[op]! += queue.timeMicros - ops.snapshotMicros[op]!;
  ops.snapshotMicros[op] = queue.timeMicros;
  if (state.scenario.workload.deletesInputs && inputsAreGone(state, op)) {
    loseInputs(state, op);
    finishOperation(state, op, false);
    return;
  }
  beginCommit(state, op);
}

/** Whether another compaction has removed what this one has read. */
function inputsAreGone(state: State, op: number): boolean {
  const { ops, heads, scenario } = state;
  const { compactorReadCount } = scenario.workload;
  const placeOf = heads.place[ops.partition[op]!]!;
  for (let i = 0; i < compactorReadCount; i++) {
    if (placeOf[state.inputs[ops.client[op]! * compactorReadCount + i]!]! < 0) return true;
  }
  return false;
}

/** A plain client's conditional PUT has been answered. */
function acceptSwap(state: State, op: number): void {
  const { ops, queue, scenario, heads } = state;
  const role = CLIENT;
  const { clientRereadMicros } = scenario.workload;
  const status = ops.status[op]!;
  const sinceMicros = ops.sinceMicros[op]!;
  count(state, op, OPERATIONS);
  if (status !== LOST) {
    count(state, op, ATTEMPTS);
    if (status === OK) {
      count(state, op, SUCCEEDED);
      recordValue(state.succeeded[role]!, queue.timeMicros - sinceMicros);
      acknowledgeCommit(state, op);
    } else {
      count(state, op, PRECONDITION_FAILURES);
      if (status === CONFLICT) count(state, op, CONFLICTS);
      recordValue(state.preconditionFailed[role]!, queue.timeMicros - sinceMicros);
    }
  }
  if (state.history !== null) historyEnds(state, op, status === OK ? 'ok' : status === LOST ? 'info' : 'fail');
  if (status !== OK && clientRereadMicros > 0) {
    ops.step[op] = REREAD;
    queue.push(queue.timeMicros + clientRereadMicros, WAKE, op);
    return;
  }
  restClient(state, op, status === OK ? ops.landed[op]! : heads.version[ops.partition[op]!]!);
}

/** A plain client knows the version that its next attempt is based on: it waits, if it does, and tries again. */
function restClient(state: State, op: number, version: number): void {
  const { ops, queue, scenario } = state;
  const { clientIdleMicros } = scenario.workload;
  state.knownVersion[ops.client[op]!] = version;
  if (clientIdleMicros === 0) {
    nextAttempt(state, op);
    return;
  }
  ops.step[op] = IDLE;
  queue.push(queue.timeMicros + clientIdleMicros, WAKE, op);
}

/** A plain client's slot serves its next attempt. */
function nextAttempt(state: State, op: number): void {
  const { ops, queue } = state;
  const client = ops.client[op]!;
  freeOperation(state, op);
  state.busy[client]! -= 1;
  startOperation(state, client, queue.timeMicros);
}

/** The garbage collector deletes one orphan after the other, oldest first, as far as the lease allows. */
function collect(state: State, op: number): void {
  const { ops, heads, queue, scenario } = state;
  const { leaseMicros } = scenario.workload;
  if (ops.step[op] === DELETE) {
    heads.orphanStart = (heads.orphanStart + 1) % heads.orphans.length;
    heads.orphanCount--;
    heads.orphansDeleted++;
  }
  // Without a lease a snapshot may be used for ever, and so may what was removed since.
  if (leaseMicros !== null && heads.orphanCount > 0 && queue.timeMicros - heads.orphans[heads.orphanStart]! >= leaseMicros) {
    ops.step[op] = DELETE;
    sendRequest(state, op);
    return;
  }
  finishOperation(state, op, true);
}

/** Ends an operation: counts it, frees its slot, and lets its client go on. `waited`: there was nothing to do, it does not count. */
function finishOperation(state: State, op: number, succeeded: boolean, waited = false): void {
  const { ops, queue } = state;
  const client = ops.client[op]!;
  const role = state.role[client]!;
  if (!waited) {
    count(state, op, OPERATIONS);
    if (succeeded) {
      count(state, op, SUCCEEDED);
      const histogram = state.succeeded[role];
      if (histogram != null) recordValue(histogram, queue.timeMicros - ops.sinceMicros[op]!);
    }
    if (role === COMPACTOR) noteCompaction(state, client, succeeded);
  }
  const seen = client * state.scenario.workload.partitionCount + ops.partition[op]!;
  if (ops.snapshot[op]! > state.seen[seen]!) state.seen[seen] = ops.snapshot[op]!;
  if (state.history !== null) historyEnds(state, op, succeeded ? 'ok' : (ops.flags[op]! & UNSURE) !== 0 ? 'info' : 'fail');
  freeOperation(state, op);
  state.busy[client]! -= 1;
  goOn(state, client);
}

/** How long the compactor went without a success, and how often in a row it failed. */
function noteCompaction(state: State, client: number, succeeded: boolean): void {
  const nowMicros = state.queue.timeMicros;
  if (succeeded) {
    state.longestGapMicros = Math.max(state.longestGapMicros, nowMicros - state.lastSuccessMicros[client]!);
    state.lastSuccessMicros[client] = nowMicros;
    state.failuresInRow[client] = 0;
  } else {
    state.failuresInRow[client]! += 1;
    state.longestFailuresInRow = Math.max(state.longestFailuresInRow, state.failuresInRow[client]!);
  }
}

/** What a client does after an operation. */
function goOn(state: State, client: number): void {
  const { queue, scenario, ops } = state;
  const { workload } = scenario;
  const role = state.role[client]!;
  if (role === COLLECTOR) {
    queue.push(queue.timeMicros + workload.gcIntervalMicros!, TICK, client);
    return;
  }
  if (role === COMPACTOR) {
    const { compactorPauseMicros, arrivals } = workload;
    const pause = arrivals === 'poisson' ? state.streams.arrivals.exponential(compactorPauseMicros) : compactorPauseMicros;
    pushTick(state, client, toRateMicros(state.rateClock, queue.timeMicros) + pause);
    return;
  }
  if (workload.arrivals === 'closed' || role === CLIENT) {
    startOperation(state, client, queue.timeMicros);
    return;
  }
  const next = state.firstWaiting[client]!;
  if (next < 0) return;
  state.firstWaiting[client] = ops.link[next]!;
  if (ops.link[next]! < 0) state.lastWaiting[client] = -1;
  ops.link[next] = -1;
  beginSteps(state, next);
}
