/**
 * The optimistic commit that writers and compactors share, one step after the other:
 *
 *   DATA    PUT of the data object under a name of its own
 *   COMMIT  PUT of HEAD, If-Match the version of the snapshot (If-None-Match: * for the first): the next transaction
 *   412/409 -> BACKOFF -> REREAD of HEAD -> COMMIT, up to max_retry_count times; then the operation is a retry failure and its data object
 *           an orphan
 *   no answer -> REREAD: if the transaction is in, it was its own, and the operation has succeeded
 *
 * A precondition failure is counted at each attempt, a retry failure once an operation.
 */
import { observeAcknowledgement, observeCompactorWrite, observeGiveUp } from './checks.js';
import {
  AMBIGUOUS,
  ATTEMPTS,
  COMPACTOR,
  CONFLICTS,
  INPUTS_LOST,
  PRECONDITION_FAILURES,
  RECOGNISED,
  REQUEST_FAILURES,
  RETRY_FAILURES,
  WRITER,
} from './counters.js';
import { BACKOFF, COMMIT, DATA, REREAD, WAKE } from './events.js';
import { recordValue } from '../kernel/histogram.js';
import { count, UNSURE, WROTE, type State } from './state.js';
import { acceptHead, addOrphan, CONFLICT, LOST, OK, sendRequest } from './store.js';

/** How an operation stands after a step. */
export type Progress = 'goesOn' | 'succeeded' | 'gaveUp';

/** Begins the shared part: the data object. */
export function beginCommit(state: State, op: number): void {
  const { ops } = state;
  if (state.role[ops.client[op]!] === COMPACTOR && state.fault !== 'writeFirst') observeCompactorWrite(state.checks, ops.client[op]!);
  ops.flags[op]! |= WROTE;
  ops.step[op] = DATA;
  sendRequest(state, op);
}

/** The answer to DATA, COMMIT or REREAD, or the end of BACKOFF. */
export function stepCommit(state: State, op: number): Progress {
  const { ops } = state;
  switch (ops.step[op]) {
    case DATA:
      ops.step[op] = COMMIT;
      break;
    case COMMIT:
      return acceptCommit(state, op);
    case BACKOFF:
      ops.step[op] = REREAD;
      break;
    default:
      acceptHead(state, op);
      if (ops.landed[op]! > 0) {
        count(state, op, RECOGNISED);
        return 'succeeded';
      }
      if (ops.attempt[op]! > state.scenario.workload.maxRetryCount) return giveUpCommit(state, op);
      ops.snapshotMicros[op] = state.queue.timeMicros;
      ops.step[op] = COMMIT;
  }
  sendRequest(state, op);
  return 'goesOn';
}

/** What a conditional PUT was answered; LOST when it was not. */
function acceptCommit(state: State, op: number): Progress {
  const { ops, queue, scenario } = state;
  const status = ops.status[op]!;
  if (status === LOST) {
    ops.attempt[op]! += 1;
    ops.flags[op]! |= UNSURE;
    state.recovers[ops.client[op]!] = 1;
    return reread(state, op);
  }
  count(state, op, ATTEMPTS);
  if (status === OK) return 'succeeded';
  count(state, op, PRECONDITION_FAILURES);
  if (status === CONFLICT) count(state, op, CONFLICTS);
  recordValue(state.preconditionFailed[state.role[ops.client[op]!]!]!, queue.timeMicros - ops.sinceMicros[op]!);
  ops.attempt[op]! += 1;
  if (ops.attempt[op]! > scenario.workload.maxRetryCount) {
    // What broke the precondition may have been its own commit, whose answer was lost.
    return (ops.flags[op]! & UNSURE) !== 0 ? reread(state, op) : giveUpCommit(state, op);
  }
  ops.step[op] = BACKOFF;
  queue.push(queue.timeMicros + backoffMicros(state, ops.attempt[op]!), WAKE, op);
  return 'goesOn';
}

function reread(state: State, op: number): Progress {
  state.ops.step[op] = REREAD;
  sendRequest(state, op);
  return 'goesOn';
}

/** base x 2^(attempt - 1), capped, from half of it to the whole. */
export function backoffMicros(state: State, attempt: number): number {
  const { backoffBaseMicros, backoffCapMicros } = state.scenario.workload;
  let micros = backoffBaseMicros;
  for (let i = 1; i < attempt && micros < backoffCapMicros; i++) micros *= 2;
  return Math.round(Math.min(micros, backoffCapMicros) * (0.5 + 0.5 * state.streams.backoff.uniform()));
}

/** The operation has succeeded: its client knows of it. */
export function acknowledgeCommit(state: State, op: number): void {
  const { ops, heads, checks } = state;
  const partition = ops.partition[op]!;
  if (ops.landed[op]! > heads.acked[partition]!) heads.acked[partition] = ops.landed[op]!;
  const role = state.role[ops.client[op]!]!;
  if (role === WRITER || role === COMPACTOR) observeAcknowledgement(checks, partition, ops.key[op]!);
}

function giveUpCommit(state: State, op: number): Progress {
  count(state, op, RETRY_FAILURES);
  abandonKey(state, op);
  recordValue(state.retryFailed[state.role[state.ops.client[op]!]!]!, state.queue.timeMicros - state.ops.sinceMicros[op]!);
  return 'gaveUp';
}

/** A request was sent in vain as often as it may be. */
export function failRequest(state: State, op: number): void {
  count(state, op, REQUEST_FAILURES);
  abandonKey(state, op);
}

/** Another compaction has merged what this one has read. */
export function loseInputs(state: State, op: number): void {
  count(state, op, INPUTS_LOST);
  abandonKey(state, op);
}

function abandonKey(state: State, op: number): void {
  const { ops } = state;
  const role = state.role[ops.client[op]!]!;
  if (role === WRITER) observeGiveUp(state.checks, ops.partition[op]!, ops.key[op]!);
  if ((ops.flags[op]! & UNSURE) !== 0) count(state, op, AMBIGUOUS);
  if ((ops.flags[op]! & WROTE) !== 0) addOrphan(state);
}
