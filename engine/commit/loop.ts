/** The event loop of kind `commit`: arrivals, what each event does, and the result. The store is in store.ts, what clients do in roles.ts. */
import type { Run, Snapshot } from '../kernel/run.js';
import { microsToSec } from '../kernel/units.js';
import { concludeChecks, observeUnderWay } from './checks.js';
import { CLIENT, COLLECTOR, COMPACTOR, DROPPED_TICKS, counterCount, READER, roleNames, WRITER } from './counters.js';
import { ARRIVE, DECIDE, LAND, LATE, TICK, WAKE } from './events.js';
import type { Fault } from './faults.js';
import { createHistory, type HistorySink } from './history.js';
import { pushTick } from './rates.js';
import type { Bill, CommitResult, RequestCounts, RoleName, RoleResult } from './result.js';
import { advanceOperation, startOperation, wakeOperation } from './roles.js';
import { verbs, type CommitScenario } from './scenario.js';
import { createState, type State } from './state.js';
import { arriveRequest, decideRequest, landLate } from './store.js';

/** What a run may be given besides its scenario. */
export interface LoopOptions {
  /** Takes the history, line by line. */
  readonly historySink?: HistorySink | undefined;
  /** Broken on purpose, by tests. */
  readonly fault?: Fault | undefined;
}

/** A run in slices, without the questions that take runs of their own (limit.ts). */
export function startLoop(scenario: CommitScenario, { historySink, fault = 'none' }: LoopOptions = {}): Run<CommitResult> {
  const state = createState(scenario, fault, historySink === undefined ? null : createHistory(historySink));
  const endMicros = scenario.durationMicros;
  const { queue } = state;
  drawBlocks(state);
  beginClients(state);
  return {
    advance(maxEvents) {
      for (let i = 0; i < maxEvents; i++) {
        if (queue.peekTimeMicros() >= endMicros) return 'done';
        handleEvent(state);
      }
      return queue.peekTimeMicros() >= endMicros ? 'done' : 'more';
    },
    snapshot: (): Snapshot => ({
      nowSec: microsToSec(queue.timeMicros),
      fraction: queue.timeMicros / endMicros,
      events: state.events,
    }),
    finish: () => resultOf(state),
  };
}

function handleEvent(state: State): void {
  const { queue } = state;
  queue.pop();
  state.events++;
  const { payload } = queue;
  switch (queue.kind) {
    case TICK:
      tick(state, payload);
      return;
    case DECIDE:
      decideRequest(state, payload);
      return;
    case WAKE:
      wakeOperation(state, payload);
      return;
    case ARRIVE:
      arriveRequest(state, payload);
      return;
    case LAND:
      landLate(state, payload);
      return;
    default:
      advanceOperation(state, payload);
  }
}

/** Draws the times without network: each follows the one before after a random gap. */
function drawBlocks({ blocks, streams, scenario }: State): void {
  const { blockMicros, gapMinMicros, gapMaxMicros } = scenario.chaos;
  let endMicros = 0;
  for (let i = 0; i < blocks.length; i += 2) {
    blocks[i] = endMicros + Math.round(gapMinMicros + streams.chaos.uniform() * (gapMaxMicros - gapMinMicros));
    endMicros = blocks[i]! + blockMicros;
    blocks[i + 1] = endMicros;
  }
}

/** The first event of every client. */
function beginClients(state: State): void {
  const { workload } = state.scenario;
  for (let client = 0; client < state.clientCount; client++) {
    const role = state.role[client]!;
    if (role === COMPACTOR) {
      pushTick(state, client, 0);
      continue;
    }
    if (role === CLIENT) {
      state.queue.push(0, TICK, client);
      continue;
    }
    if (role === COLLECTOR) {
      state.queue.push(workload.gcIntervalMicros!, TICK, client);
      continue;
    }
    if (workload.arrivals === 'closed') {
      const inFlight = role === WRITER ? 1 : workload.inFlightCount;
      for (let i = 0; i < inFlight; i++) state.queue.push(0, TICK, client);
      continue;
    }
    const intervalMicros = intervalOf(state, client);
    if (workload.arrivals === 'phase') state.phaseMicros[client] = Math.floor(state.streams.arrivals.uniform() * intervalMicros);
    state.tickMicros[client] = state.phaseMicros[client]!;
    if (workload.arrivals === 'poisson') state.tickMicros[client] = state.streams.arrivals.exponential(intervalMicros);
    pushTick(state, client, state.tickMicros[client]!);
  }
}

function intervalOf({ role, scenario }: State, client: number): number {
  const { writerOpsPerSec, readerOpsPerSec } = scenario.workload;
  return 1e6 / (role[client] === WRITER ? writerOpsPerSec : readerOpsPerSec);
}

/** A client's tick. In open loop the next one is set first, so that it never depends on how long this operation takes. */
function tick(state: State, client: number): void {
  const { queue, scenario, streams } = state;
  const { workload, chaos } = scenario;
  const role = state.role[client]!;
  if ((role !== WRITER && role !== READER) || workload.arrivals === 'closed') {
    startOperation(state, client, queue.timeMicros);
    return;
  }
  setNextTick(state, client);
  pushTick(state, client, state.tickMicros[client]!);
  if (chaos.dropTickFraction > 0 && streams.chaos.uniform() < chaos.dropTickFraction) {
    state.counts[role * counterCount + DROPPED_TICKS]! += 1;
    return;
  }
  startOperation(state, client, queue.timeMicros);
}

/** Fixed ticks are multiples of the interval, so that no rounding adds up. */
function setNextTick(state: State, client: number): void {
  const intervalMicros = intervalOf(state, client);
  state.tickCount[client]! += 1;
  if (state.scenario.workload.arrivals === 'poisson') state.tickMicros[client]! += state.streams.arrivals.exponential(intervalMicros);
  else state.tickMicros[client] = state.phaseMicros[client]! + state.tickCount[client]! * intervalMicros;
}

function resultOf(state: State): CommitResult {
  const { scenario, heads, ops, queue } = state;
  const { workload } = scenario;
  const simulatedSec = microsToSec(Math.max(queue.timeMicros, scenario.durationMicros));
  const slots = inUse(state);
  for (const op of slots) {
    const isWriter = state.role[ops.client[op]!] === WRITER && ops.step[op] !== LATE;
    if (isWriter && ops.key[op]! >= 0) observeUnderWay(state.checks, ops.partition[op]!, ops.key[op]!);
  }
  const roles = Object.fromEntries(roleNames.flatMap((name, role) => roleEntry(state, name, role)));
  const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
  const transactionCount = sum(heads.version);
  const compactedCount = heads.log.reduce((total, log, p) => total + log.subarray(0, heads.version[p]).filter((key) => key < 0).length, 0);
  const hasCompactor = workload.compactorCount > 0;
  const isClientOnly = workload.clientCount > 0;
  return {
    kind: 'commit',
    simulatedSec,
    events: state.events,
    roles,
    verification: concludeChecks(state.checks),
    keys: {
      allocatedCount: sum(heads.nextKey),
      committedCount: isClientOnly ? 0 : transactionCount,
      compactedCount: isClientOnly ? 0 : compactedCount,
      liveCount: isClientOnly ? 0 : workload.deletesInputs ? sum(heads.liveCount) : transactionCount,
      orphanCount: heads.orphanCount,
      orphansDeletedCount: heads.orphansDeleted,
    },
    transactionCount,
    inFlightCount: slots.length,
    peakInFlightCount: state.peakInFlight,
    bill: billOf(state, simulatedSec),
    limit: null,
    starvation: hasCompactor ? starvationOf(state, simulatedSec) : null,
    coordinatedOmission: workload.arrivals === 'closed' || isClientOnly ? 'uncorrected' : 'corrected',
    assumptions: scenario.assumptions,
    warnings: scenario.warnings,
  };
}

/** Slots that hold an operation, ascending. */
function inUse({ ops }: State): number[] {
  const free = new Set(ops.free.subarray(0, ops.freeCount));
  return Array.from({ length: ops.used }, (_, op) => op).filter((op) => !free.has(op));
}

function roleEntry(state: State, name: RoleName, role: number): (readonly [RoleName, RoleResult])[] {
  const clientCount = state.role.filter((one) => one === role).length;
  const isOther = role === CLIENT || role === COLLECTOR;
  const hasClients = state.scenario.workload.clientCount > 0;
  if (clientCount === 0 && (isOther || hasClients)) return [];
  const counted = state.counts.subarray(role * counterCount, (role + 1) * counterCount);
  const [operations, succeededCount, attemptCount, preconditionFailureCount, conflictCount, retryFailureCount, requestFailureCount] =
    counted;
  const [recognisedCount, ambiguousCount, waitCount, droppedTickCount, leaseExpirationCount, timeoutCount, slowDownCount, inputsLostCount] =
    counted.subarray(7);
  const result: RoleResult = {
    clientCount,
    ...{ operations: operations!, succeededCount: succeededCount!, attemptCount: attemptCount! },
    ...{ preconditionFailureCount: preconditionFailureCount!, conflictCount: conflictCount!, retryFailureCount: retryFailureCount! },
    ...{ requestFailureCount: requestFailureCount!, recognisedCount: recognisedCount!, ambiguousCount: ambiguousCount! },
    ...{ waitCount: waitCount!, droppedTickCount: droppedTickCount!, leaseExpirationCount: leaseExpirationCount! },
    ...{ timeoutCount: timeoutCount!, slowDownCount: slowDownCount!, inputsLostCount: inputsLostCount!, requests: requestsOf(state, role) },
    latencyMicros: state.succeeded[role] ?? null,
    preconditionFailedMicros: state.preconditionFailed[role] ?? null,
    retryFailedMicros: state.retryFailed[role] ?? null,
  };
  return [[name, result]];
}

function requestsOf({ requests }: State, role: number): RequestCounts {
  return Object.fromEntries(verbs.map((verb, index) => [verb, requests[role * verbs.length + index]!])) as RequestCounts;
}

/** Seconds of a month of 30 days. */
export const monthSec = 2_592_000;

function billOf(state: State, simulatedSec: number): Bill {
  const { prices } = state.scenario.store;
  const monthDollarsRatio = monthSec / simulatedSec;
  const rows = roleNames.flatMap((role, index) => {
    const requests = requestsOf(state, index);
    return verbs.flatMap((verb) => {
      const requestCount = requests[verb];
      if (requestCount === 0) return [];
      return [{ role, verb, requestCount, dollarsPerMonth: (requestCount / 1000) * prices[verb] * monthDollarsRatio }];
    });
  });
  return { monthDollarsRatio, rows, dollarsPerMonth: rows.reduce((total, row) => total + row.dollarsPerMonth, 0) };
}

/** Failures in a row from which a compactor counts as starving: our rule. */
const starvingFailures = 3;

function starvationOf(state: State, simulatedSec: number): NonNullable<CommitResult['starvation']> {
  const { workload } = state.scenario;
  let longestGapMicros = state.longestGapMicros;
  for (let client = workload.writerCount; client < workload.writerCount + workload.compactorCount; client++) {
    longestGapMicros = Math.max(longestGapMicros, simulatedSec * 1e6 - state.lastSuccessMicros[client]!);
  }
  const longestFailuresInRowCount = state.longestFailuresInRow;
  return { starves: longestFailuresInRowCount >= starvingFailures, longestFailuresInRowCount, longestGapSec: longestGapMicros / 1e6 };
}
