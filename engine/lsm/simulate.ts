/**
 * The LSM model: one run from a frozen scenario to a result.
 *
 * Between two events every rate is constant. An event is whichever comes first of: a background thread finishes; the memtable is
 * full, the load changes or the step's puts are done; an entry of the queue (a job's commit or end, a sample, the step's end).
 * Time is whole microseconds; ties are settled in that order, so a run has one outcome whatever the size of its slices.
 */
import { createDevice } from '../device/device.js';
import { invariant } from '../kernel/errors.js';
import { createEventQueue } from '../kernel/events.js';
import { createHistogram } from '../kernel/histogram.js';
import { createStream } from '../kernel/random.js';
import { runToEnd, type Run, type Snapshot } from '../kernel/run.js';
import type { LsmOptions } from '../rocksdb/options.js';
import { memtableEntryCapacity } from '../rocksdb/sizes.js';
import { behaviours } from '../rocksdb/version.js';
import { applyChange } from './changes.js';
import {
  createClient,
  putsIn,
  recordPuts,
  recordStop,
  setClientRate,
  settleLatencies,
  startClient,
  updateArrival,
  type Client,
} from './clients.js';
import { fillInitialTree } from './initial-tree.js';
import {
  commitJob,
  endJob,
  EVENT_COMMIT,
  EVENT_JOB_END,
  finishThread,
  installVersion,
  jobLimits,
  jobOf,
  pickerViewOf,
  queueFlush,
  readModeOf,
  schedule,
  shapesOf,
  writeModeOf,
} from './jobs.js';
import { createKeySpace } from './key-space.js';
import { createMergeScratch } from './merge.js';
import { advanceThreads, createRateLimiter, createThreads, endAllThreads, type Advanced } from './rate-limiter.js';
import {
  causeIndex,
  createRecorder,
  limitIndex,
  openEpisode,
  recordSample,
  recordSpan,
  SAMPLE_MICROS,
  stallCauses,
  type Span,
} from './recorder.js';
import {
  askForReads,
  endReaders,
  nextReadsEndMicros,
  noteJobs,
  passReads,
  putServiceMicros,
  readsAreDone,
  refreshReaders,
  settleReads,
  startReaders,
  takeDevice,
  turnCpuMicros,
  type Readers,
} from './readers.js';
import { noteSecond, readsResult, readTotals } from './read-result.js';
import { redrawFiles } from './read-runs.js';
import { paceByPolicy } from './policies/apply.js';
import { policies, rocksdbPolicyName } from './policies/policies.js';
import type { Policy } from './policies/policy.js';
import { createTreeView } from './policies/view.js';
import type { Limit, LsmResult, StallCause } from './result.js';
import type { Change, LsmScenario, ReadLoad, StoreScenario, WriteWorkload } from './scenario.js';
import { createScores, needsCompaction } from './scores.js';
import { askDevice, createSpeeds, tellDevice, updateSpeeds } from './speeds.js';
import type { FamilyState, HostState, Memtable, Observer, StoreState } from './state.js';
import { summarize, type BenchmarkRow } from './summary.js';
import { createTargets } from './targets.js';
import { createTree } from './tree.js';
import { createWriteController, holds } from './write-controller.js';

const EVENT_SAMPLE = 3;
const EVENT_STEP_END = 4;
const EVENT_CHANGE = 5;
/** Draining is given up after this many events, and reported as unknown. */
const DRAIN_EVENTS_MAX = 4_000_000;

/**
 * Starts a run. The result is complete once `advance` has said `done`.
 * @param policy the functions of the policy that the scenario names, where it is none of this package
 */
export function startLsm(scenario: LsmScenario, observer: Observer | null = null, policy: Policy | null = null): Run<LsmResult> {
  const engine = new LsmRun(scenario, observer, policyOf(scenario, policy));
  return {
    advance: (maxEvents) => engine.advance(maxEvents),
    snapshot: () => engine.snapshot(),
    finish: () => engine.finish(),
  };
}

/** Runs a scenario to its end. */
export function simulateLsm(scenario: LsmScenario): LsmResult {
  return runToEnd(startLsm(scenario));
}

/** The state and the loop. A class because a run is a resource with a lifetime; everything that decides lives in the modules it calls. */
class LsmRun {
  readonly #host: HostState;
  readonly #store: StoreState;
  readonly #family: FamilyState;
  readonly #client: Client;
  readonly #advanced: Advanced = { row: -1, atMicros: 0 };
  readonly #span: Span = { micros: 0, state: 0, cause: 0, limit: 0, waiting: 0, cpuBusy: 0 };
  readonly #benchmarks: BenchmarkRow[] = [];
  readonly #notes: string[] = [];
  #ratesStale = true;
  #stepEndDue = false;
  #sampledAtMicros = 0;
  #delayedRate = 0;
  /** When the device gives something else for the same demands; Infinity for one without memory. */
  #deviceChangesAtMicros = Infinity;
  /** The reading side of the benchmark, while there is one; and the last one of the run, for the result. */
  #readers: Readers | null = null;
  #lastReaders: Readers | null = null;
  #firstReadMicros: number | null = null;
  /** What the writer waits for, or waited for last. */
  #cause: StallCause | null = null;

  constructor(scenario: LsmScenario, observer: Observer | null, policy: Policy | null) {
    this.#host = createHost(scenario, observer, policy);
    this.#store = this.#host.stores[0]!;
    this.#family = this.#store.families[0]!;
    this.#client = this.#store.client;
    this.#host.queue.push(SAMPLE_MICROS, EVENT_SAMPLE, 0);
    this.#queueChanges();
    this.#beginStep();
  }

  advance(maxEvents: number): 'more' | 'done' {
    const host = this.#host;
    for (let i = 0; i < maxEvents && !host.done; i++) this.#oneEvent();
    return host.done ? 'done' : 'more';
  }

  snapshot(): Snapshot {
    const host = this.#host;
    return { nowSec: host.nowMicros / 1e6, fraction: host.done ? 1 : this.#fractionDone(), events: host.events };
  }

  finish(): LsmResult {
    this.#takeSample();
    const result = summarize(this.#host, this.#benchmarks, this.#notes);
    const drained = { ...result, debt: { ...result.debt, drainSec: this.#drainSec() } };
    return this.#lastReaders === null ? drained : { ...drained, ...readsResult(this.#lastReaders, drained) };
  }

  #fractionDone(): number {
    const { scenario, stepIndex, step } = this.#host;
    let part = 0;
    if (step?.kind === 'write') {
      const { puts, durationSec } = step.workload;
      if (puts !== null) part = this.#client.puts / puts;
      if (durationSec !== null) part = Math.max(part, (this.#host.nowMicros - this.#client.startMicros) / (durationSec * 1e6));
    }
    return Math.min(1, (stepIndex + Math.min(1, part)) / scenario.steps.length);
  }

  #oneEvent(): void {
    const host = this.#host;
    host.events++;
    if (this.#ratesStale) this.#refreshRates();
    const queued = host.queue.peekTimeMicros();
    const client = this.#nextClientMicros();
    const until = Math.min(queued, client, this.#deviceChangesAtMicros);
    advanceThreads(host.threads, this.#store.limiter, until, this.#advanced);
    if (this.#advanced.row >= 0) {
      this.#passTo(Math.max(host.nowMicros, Math.ceil(this.#advanced.atMicros)));
      finishThread(host, this.#advanced.row);
      this.#ratesStale = true;
      return;
    }
    if (this.#deviceChangesAtMicros < Math.min(queued, client)) {
      this.#passTo(this.#deviceChangesAtMicros);
      this.#ratesStale = true;
      return;
    }
    if (client <= queued) {
      this.#passTo(client);
      this.#clientEvent();
      return;
    }
    this.#passTo(queued);
    host.queue.pop();
    this.#queueEvent(host.queue.kind, host.queue.payload);
  }

  /** Lets time pass to `toMicros` at the present rates. */
  #passTo(toMicros: number): void {
    const host = this.#host;
    const micros = toMicros - host.nowMicros;
    invariant(micros >= 0, 'time goes forward');
    if (micros === 0) return;
    const client = this.#client;
    let puts = putsIn(client, micros);
    const { workload } = client;
    if (workload !== null && client.opsPerSec > 0) {
      const room = Math.max(0, this.#family.capacityEntries - this.#family.active.entries);
      puts = Math.min(puts, room, workload.puts === null ? Infinity : Math.max(0, workload.puts - client.puts));
    }
    this.#recordSpan(micros);
    if (workload !== null) {
      recordPuts(client, puts, micros, client.serviceMicrosPerPut * host.speeds.writerStretch, this.#store.controller.rateBytesPerSec);
      this.#addPuts(puts);
      if (this.#readers !== null) passReads(this.#readers, host, micros, puts);
    }
    host.nowMicros = toMicros;
  }

  #addPuts(puts: number): void {
    const { recorder } = this.#host;
    const client = this.#client;
    const family = this.#family;
    client.puts += puts;
    family.active.entries += puts;
    family.active.walBytes += puts * client.walBytesPerPut;
    family.seq += puts;
    recorder.puts += puts;
    recorder.userBytes += puts * client.userBytesPerPut;
    recorder.walBytes += puts * client.walBytesPerPut;
  }

  /** When the writing side next does something on its own; whole micros. */
  #nextClientMicros(): number {
    const client = this.#client;
    const now = this.#host.nowMicros;
    if (client.workload === null) return Infinity;
    let next = client.arrivalChangesAtMicros;
    const rate = client.opsPerSec / 1e6;
    if (rate > 0) {
      const room = this.#family.capacityEntries - this.#family.active.entries;
      next = Math.min(next, now + Math.ceil(Math.max(0, room) / rate));
      if (client.workload.puts !== null) next = Math.min(next, now + Math.ceil(Math.max(0, client.workload.puts - client.puts) / rate));
      const shrinking = rate - client.arrivalOpsPerSec / 1e6;
      if (client.backlogPuts > 0 && shrinking > 0) next = Math.min(next, now + Math.max(1, Math.ceil(client.backlogPuts / shrinking)));
    }
    if (this.#readers !== null) next = Math.min(next, nextReadsEndMicros(this.#readers, now));
    return Math.max(now, next);
  }

  #clientEvent(): void {
    const client = this.#client;
    const family = this.#family;
    const workload = client.workload!;
    if ((workload.puts !== null && workload.puts - client.puts < 0.5) || (this.#readers !== null && readsAreDone(this.#readers))) {
      this.#endWrite();
      return;
    }
    if (this.#host.nowMicros >= client.arrivalChangesAtMicros) updateArrival(client, this.#host.nowMicros);
    if (family.capacityEntries - family.active.entries < 0.5) this.#switchMemtable(false);
    this.#ratesStale = true;
  }

  /** The next put finds the memtable full: it becomes immutable, and the stall state is recalculated (SwitchMemtable). */
  #switchMemtable(forceFlush: boolean): void {
    const family = this.#family;
    if (family.active.entries <= 0) return;
    family.active.endSeq = family.seq;
    family.immutables.push(family.active);
    family.active = newMemtable(this.#host.nowMicros, family.seq);
    family.capacityEntries = family.nextCapacityEntries;
    installVersion(this.#host, this.#store, family);
    queueFlush(family, forceFlush);
    this.#schedule();
    this.#followController(false);
  }

  #queueEvent(kind: number, payload: number): void {
    const host = this.#host;
    if (kind === EVENT_SAMPLE) {
      this.#takeSample();
      this.#lookAtReads();
      host.queue.push(host.nowMicros + SAMPLE_MICROS, EVENT_SAMPLE, 0);
      if (this.#isStuck()) this.#giveUp();
    } else if (kind === EVENT_COMMIT) {
      commitJob(host, jobOf(host, payload));
      this.#schedule();
      this.#followController(false);
      this.#checkStep();
    } else if (kind === EVENT_JOB_END) {
      endJob(jobOf(host, payload));
      this.#schedule();
      this.#followController(true);
      this.#checkStep();
    } else if (kind === EVENT_CHANGE) {
      this.#change(host.scenario.changes[payload]!);
    } else if (payload === host.stepIndex) {
      this.#stepEndDue = true;
      if (this.#client.mode !== 'stopped') this.#endWrite();
    }
  }

  /** Changes that are still to come. */
  #queueChanges(): void {
    const host = this.#host;
    const { changes } = host.scenario;
    for (let i = changes.length - host.changesLeft; i < changes.length; i++)
      host.queue.push(Math.max(host.nowMicros, Math.round(changes[i]!.atSec * 1e6)), EVENT_CHANGE, i);
  }

  #change(change: Change): void {
    const host = this.#host;
    host.changesLeft--;
    applyChange(host, this.#store, this.#family, change);
    // SetOptions installs a new SuperVersion, and with it recalculates the stall conditions.
    if (change.options !== null) installVersion(host, this.#store, this.#family);
    this.#ratesStale = true;
    this.#schedule();
    // SetOptions and ContinueBackgroundWork wake writers that wait.
    this.#followController(true);
  }

  /** Writes are stopped, and nothing runs or can be picked that would let them go on. */
  #isStuck(): boolean {
    const { flushesScheduled, compactionsScheduled } = this.#store;
    if (this.#host.changesLeft > 0) return false;
    return this.#client.mode === 'stopped' && flushesScheduled + compactionsScheduled === 0 && !this.#family.flushQueued;
  }

  #giveUp(): void {
    this.#notes.push('writes stopped for good: no flush or compaction can run that would end the stall');
    this.#endWrite();
  }

  #schedule(): void {
    if (schedule(this.#host, this.#store)) this.#ratesStale = true;
  }

  /** Follows the write controller. A stopped writer goes on only when the end of a job wakes it (bg_cv). */
  #followController(woken: boolean): void {
    const client = this.#client;
    if (client.workload === null) return;
    const { controller } = this.#store;
    const mode = holds(controller, 'stop') ? 'stopped' : holds(controller, 'delay') ? 'delayed' : 'normal';
    const rate = controller.rateBytesPerSec;
    if (mode !== client.mode || (mode === 'delayed' && rate !== this.#delayedRate)) this.#ratesStale = true;
    this.#delayedRate = rate;
    if (client.mode === 'stopped') {
      if (mode === 'stopped' || !woken) return;
      client.mode = mode;
      // The put that a stop held beyond the end of the step is none of its puts.
      if (this.#stepEndDue) this.#endWrite();
      else recordStop(client, this.#host.nowMicros - client.stoppedSinceMicros);
      return;
    }
    if (mode === 'stopped') client.stoppedSinceMicros = this.#host.nowMicros;
    client.mode = mode;
  }

  /** Caches fill and the mix of reads changes while nothing else happens. */
  #lookAtReads(): void {
    if (this.#readers === null) return;
    noteSecond(this.#readers, this.#host.recorder.series.count);
    refreshReaders(this.#readers, this.#host, this.#store, this.#family);
    this.#ratesStale = true;
  }

  #refreshRates(): void {
    this.#ratesStale = false;
    const readers = this.#readers;
    if (readers !== null) {
      askForReads(readers, this.#host, this.#family);
      this.#shareMachine();
      noteJobs(readers, this.#host, this.#store);
      takeDevice(readers, this.#host);
    }
    this.#shareMachine();
    if (readers !== null) settleReads(readers, this.#host, this.#store);
  }

  #shareMachine(): void {
    const host = this.#host;
    const client = this.#client;
    const readers = this.#readers;
    const threads = client.workload?.threads ?? 0;
    const writers = Math.min(threads, host.profile.cores);
    // Demand at full speed first; the stretch that follows from it then sets the real rate.
    setClientRate(client, 1e6 / Math.max(1e-3, putServiceMicros(client, readers, 1)), this.#store.controller.rateBytesPerSec);
    if (host.policy?.pace !== undefined) paceByPolicy(host, host.policy, this.#family);
    const demand = writers === 0 ? 0 : Math.min(1, (client.opsPerSec * (client.cpuMicrosPerPut + turnCpuMicros(readers))) / 1e6 / writers);
    if (host.device.isVarying) askDevice(host.speeds, host.device, host.nowMicros);
    updateSpeeds(host.speeds, host.threads, this.#store.limiter, host.profile, writers, demand, host.nowMicros);
    if (host.device.isVarying) {
      tellDevice(host.speeds, host.device, host.threads, this.#store.limiter, host.nowMicros);
      this.#deviceChangesAtMicros = host.device.nextChangeMicros(host.nowMicros);
    }
    const service = putServiceMicros(client, readers, host.speeds.writerStretch);
    setClientRate(client, 1e6 / Math.max(1e-3, service), this.#store.controller.rateBytesPerSec);
  }

  #takeSample(): void {
    const host = this.#host;
    const seconds = (host.nowMicros - this.#sampledAtMicros) / 1e6;
    if (seconds <= 0) return;
    this.#sampledAtMicros = host.nowMicros;
    const family = this.#family;
    recordSample(
      host.recorder,
      {
        l0Files: family.tree.levels[0]!.count,
        debtBytes: family.debtBytes,
        delayedRate: this.#store.controller.rateBytesPerSec,
        state: stateOf(this.#client),
        levels: family.tree.levels,
        targetBytes: family.targets.targetBytes,
      },
      seconds,
    );
  }

  #recordSpan(micros: number): void {
    const host = this.#host;
    const client = this.#client;
    const span = this.#span;
    const state = stateOf(client);
    // A writer that has not been woken yet still waits for what stopped it.
    if (state !== 2 || holds(this.#store.controller, 'stop')) this.#cause = firstCause(this.#store);
    const cause = state === 0 ? null : this.#cause;
    span.micros = micros;
    span.state = state;
    span.cause = cause === null ? stallCauses.length : causeIndex[cause];
    span.limit = limitIndex[this.#bindingLimit(cause)];
    span.waiting = state === 2 ? 1 : state === 1 ? this.#delayedWaiting() : 0;
    span.cpuBusy = host.speeds.cpuBusy;
    if (!recordSpan(host.recorder, span, host.nowMicros) || cause === null) return;
    openEpisode(host.recorder, {
      startMicros: host.nowMicros,
      cause,
      l0Files: this.#family.tree.levels[0]!.count,
      debtBytes: this.#family.debtBytes,
      rate: state === 1 ? this.#store.controller.rateBytesPerSec : null,
      jobs: this.#store.flushesScheduled + this.#store.compactionsScheduled,
    });
  }

  /** Part of the time in which the leader of the write group sleeps: what its puts leave over, when the delay is what holds it. */
  #delayedWaiting(): number {
    const client = this.#client;
    if (client.opsPerSec < client.serviceOpsPerSec) return 0;
    return Math.max(0, 1 - (client.opsPerSec * putServiceMicros(client, this.#readers, this.#host.speeds.writerStretch)) / 1e6);
  }

  /** What is in the way of more puts: the load itself, or what the background job that would help is waiting for. */
  #bindingLimit(cause: StallCause | null): Limit {
    const client = this.#client;
    if (cause === null) {
      if (client.workload === null || client.opsPerSec < client.serviceOpsPerSec) return 'client';
      return client.syncMicrosPerPut > client.cpuMicrosPerPut ? 'sync' : 'cpu';
    }
    const wantsFlush = cause === 'memtable';
    const wantsL0 = cause === 'l0Slowdown' || cause === 'l0Stop';
    const { threads, speeds } = this.#host;
    for (let i = 0; i < threads.activeCount; i++) {
      const row = threads.active[i]!;
      const job = this.#store.jobs[threads.owner[row]!]!;
      if (wantsFlush ? job.kind === 'flush' : job.kind === 'compaction' && (!wantsL0 || job.running!.startLevel === 0))
        return speeds.limit[row]!;
    }
    if (wantsFlush) return 'jobSlots';
    return this.#store.compactionsScheduled > 0 && this.#family.running.some((job) => job.startLevel === this.#family.targets.baseLevel)
      ? 'fileLocks'
      : 'jobSlots';
  }

  // ---- steps -------------------------------------------------------------------------------------------------------------------

  #beginStep(): void {
    const host = this.#host;
    const step = host.scenario.steps[host.stepIndex] ?? null;
    host.step = step;
    if (step === null) {
      host.done = true;
      return;
    }
    this.#ratesStale = true;
    switch (step.kind) {
      case 'write':
        if (step.fresh && host.stepIndex > 0) this.#emptyStore();
        this.#beginWrite(step.workload);
        break;
      case 'flush':
        this.#switchMemtable(true);
        break;
      case 'compact':
        this.#switchMemtable(true);
        this.#store.manual = { family: this.#family, level: 0, running: false };
        this.#schedule();
        break;
      case 'waitForCompaction':
      case 'report':
        break;
    }
    this.#checkStep();
  }

  #beginWrite(workload: WriteWorkload): void {
    const host = this.#host;
    const family = this.#family;
    const options = this.#store.options;
    const { keySpace } = family;
    // A benchmark that puts nothing finds the keys that are there.
    if (workload.arrival.kind !== 'none' || host.stepIndex === 0) setWorkload(family, host, workload);
    if (workload.reads !== undefined && keySpace.distribution !== family.keySpace.distribution)
      redrawFiles(family.tree, keySpace, family.keySpace);
    startClient(
      this.#client,
      workload,
      host.profile,
      {
        enablePipelinedWrite: options.enable_pipelined_write,
        recycledLogs: options.recycle_log_file_num > 0,
        maxGroupBytes: options.max_write_batch_group_size_bytes,
      },
      host.nowMicros,
    );
    this.#stepEndDue = false;
    if (workload.reads !== undefined) this.#beginReads(workload.reads);
    // Opening a DB schedules what its tree needs (DBImpl::Open: MaybeScheduleFlushOrCompaction), puts or not.
    this.#schedule();
    if (workload.durationSec !== null)
      host.queue.push(host.nowMicros + Math.round(workload.durationSec * 1e6), EVENT_STEP_END, host.stepIndex);
    this.#followController(true);
  }

  #beginReads(load: ReadLoad): void {
    const host = this.#host;
    this.#firstReadMicros ??= host.nowMicros;
    this.#readers = startReaders(load, host, this.#store, this.#family, this.#firstReadMicros);
    this.#lastReaders = this.#readers;
  }

  #endReads(): Pick<BenchmarkRow, 'reads' | 'foundReads'> {
    const readers = this.#readers;
    if (readers === null) return {};
    this.#readers = null;
    endReaders(readers, this.#host);
    return readTotals(readers);
  }

  #endWrite(): void {
    const host = this.#host;
    const client = this.#client;
    const step = host.step;
    invariant(step?.kind === 'write', 'only a write step ends by its puts');
    const seconds = (host.nowMicros - client.startMicros) / 1e6;
    const { puts } = client;
    this.#benchmarks.push({ benchmark: step.benchmark, puts, seconds, userBytes: puts * client.userBytesPerPut, ...this.#endReads() });
    settleLatencies(client);
    client.workload = null;
    client.mode = 'idle';
    client.opsPerSec = 0;
    this.#nextStep();
  }

  #nextStep(): void {
    this.#host.stepIndex++;
    this.#beginStep();
  }

  /** Steps that wait for background work are over when there is none left that they wait for. */
  #checkStep(): void {
    const { step } = this.#host;
    if (step === null || step.kind === 'write') return;
    if (step.kind === 'report') this.#nextStep();
    else if (step.kind === 'flush' && this.#family.immutables.length === 0) this.#nextStep();
    else if (step.kind === 'compact' && this.#store.manual === null) this.#nextStep();
    else if (step.kind === 'waitForCompaction' && isSettled(this.#store)) this.#nextStep();
    else if (this.#store.flushesScheduled + this.#store.compactionsScheduled === 0) {
      // Nothing runs and nothing will: there is nothing to wait for.
      this.#store.manual = null;
      this.#nextStep();
    }
  }

  /** db_bench opens a new DB for fill* benchmarks: tree, memtables and counts begin anew, the clock goes on. */
  #emptyStore(): void {
    const host = this.#host;
    const store = this.#store;
    const family = this.#family;
    endAllThreads(host.threads);
    this.#firstReadMicros = null;
    const sampleAt = this.#sampledAtMicros + SAMPLE_MICROS;
    const now = host.nowMicros;
    while (host.queue.pop());
    host.queue.clear();
    host.queue.push(Math.max(now, sampleAt), EVENT_SAMPLE, 0);
    this.#queueChanges();
    store.jobs.length = 0;
    store.freeJobs.length = 0;
    store.flushesScheduled = 0;
    store.compactionsScheduled = 0;
    store.obsolete.length = 0;
    store.obsoleteBytes = 0;
    store.manual = null;
    store.controller.tokens.fill('none');
    store.controller.causes.fill(null);
    store.controller.rateBytesPerSec = store.controller.maxRateBytesPerSec;
    store.controller.previousDebtBytes.fill(0);
    family.tree = createTree(family.options.num_levels, family.options.compaction_pri);
    family.running.length = 0;
    family.immutables.length = 0;
    family.flushed.length = 0;
    family.flushQueued = false;
    family.compactionQueued = false;
    family.seq = 0;
    family.lastStartLevel = -1;
    family.active = newMemtable(now, 0);
    const { series, puts, sampledPuts, flushBytes, sampledFlushBytes } = host.recorder;
    const { compactionBytes, sampledCompactionBytes, walBytes, sampledWalBytes } = host.recorder;
    const { delayedMicros, sampledDelayedMicros, stoppedMicros, sampledStoppedMicros } = host.recorder;
    const { flushWrittenBytes, compactionWrittenBytes } = host.recorder;
    // The series goes on: what came since its last row is still due.
    host.recorder = {
      ...createRecorder(family.options.num_levels),
      series,
      sampledPuts: sampledPuts - puts,
      sampledFlushBytes: sampledFlushBytes - flushBytes,
      sampledCompactionBytes: sampledCompactionBytes - compactionBytes,
      sampledWalBytes: sampledWalBytes - walBytes,
      sampledDelayedMicros: sampledDelayedMicros - delayedMicros,
      sampledStoppedMicros: sampledStoppedMicros - stoppedMicros,
      flushWrittenBytes,
      compactionWrittenBytes,
    };
    installVersion(host, store, family);
  }

  /** How long the debt takes to go away if nobody writes any more: the run goes on without its client. Null: it does not, or takes too many events. */
  #drainSec(): number | null {
    const host = this.#host;
    const startMicros = host.nowMicros;
    for (let i = 0; i < DRAIN_EVENTS_MAX; i++) {
      if (isIdle(this.#store)) return this.#family.debtBytes > 0 ? null : (host.nowMicros - startMicros) / 1e6;
      this.#oneEvent();
    }
    return null;
  }
}

function firstCause(store: StoreState): StallCause | null {
  for (const cause of store.controller.causes) if (cause !== null) return cause;
  return null;
}

function stateOf(client: Client): 0 | 1 | 2 {
  return client.mode === 'stopped' ? 2 : client.mode === 'delayed' ? 1 : 0;
}

/** Nothing runs, and no flush is due. */
function isIdle(store: StoreState): boolean {
  return store.flushesScheduled + store.compactionsScheduled === 0 && store.families.every((family) => !family.flushQueued);
}

/** No flush or compaction is running or due (db_bench waitforcompaction). */
function isSettled(store: StoreState): boolean {
  return isIdle(store) && store.families.every((family) => !needsCompaction(family.scores));
}

function newMemtable(nowMicros: number, seq: number): Memtable {
  return { entries: 0, walBytes: 0, bornMicros: nowMicros, firstSeq: seq, endSeq: seq, flushing: false };
}

/** null: RocksDB's own scheduling. */
function policyOf({ policy: { name, sha256 } }: LsmScenario, own: Policy | null): Policy | null {
  if (name === rocksdbPolicyName) return null;
  const policy = sha256 === null ? policies.get(name) : own;
  invariant(policy !== undefined && policy !== null, 'the policy that a scenario names is there');
  return policy;
}

function createHost(scenario: LsmScenario, observer: Observer | null, policy: Policy | null): HostState {
  invariant(scenario.stores.length === 1 && scenario.stores[0]!.families.length === 1, 'one store with one family');
  const device = createDevice(scenario.device);
  const { options } = scenario.stores[0]!;
  const rules = behaviours(scenario.rocksdbVersion);
  const host: HostState = {
    scenario,
    profile: scenario.host,
    device,
    behaviours: rules,
    random: createStream(scenario.seed, 'jobs', 0),
    queue: createEventQueue(64),
    threads: createThreads(),
    speeds: createSpeeds(device, options, writeModeOf(options), readModeOf(options)),
    stores: [],
    recorder: createRecorder(options.num_levels),
    scratch: createMergeScratch(),
    observer,
    policy,
    nowMicros: 0,
    events: 0,
    stepIndex: 0,
    step: null,
    changesLeft: scenario.changes.length,
    done: false,
  };
  for (const store of scenario.stores) host.stores.push(createStore(store, host));
  return host;
}

function createStore(store: StoreScenario, host: HostState): StoreState {
  const { options } = store;
  const families = store.families.map((family, index) => createFamily(family.options, index, host));
  const slots = jobLimits(options);
  const state: StoreState = {
    options,
    flushSlots: slots.flushes,
    compactionSlots: slots.compactions,
    compactionsPaused: false,
    families,
    controller: createWriteController(options.delayed_write_rate, families.length),
    limiter: createRateLimiter(
      {
        bytesPerSec: options.rate_limiter_bytes_per_sec,
        periodMicros: options.rate_limiter_refill_period_us,
        fairness: options.rate_limiter_fairness,
        autoTuned: options.rate_limiter_auto_tuned,
        partialGrants: host.behaviours.limiterPartialGrants,
      },
      createStream(host.scenario.seed, 'rateLimiter', 0),
    ),
    client: createClient(createHistogram()),
    jobs: [],
    freeJobs: [],
    flushesScheduled: 0,
    compactionsScheduled: 0,
    version: 0,
    obsolete: [],
    obsoleteBytes: 0,
    manual: null,
    cacheBytesWritten: 0,
  };
  if (host.policy !== null) for (const family of families) family.view = createTreeView(host, state, family, () => pickerViewOf(family));
  store.families.forEach((family, index) => {
    const first = host.scenario.steps.find((step) => step.kind === 'write');
    const workload = first?.kind === 'write' ? first.workload : defaultWorkload;
    setWorkload(families[index]!, host, workload);
    fillInitialTree(families[index]!, family.initial);
    installVersion(host, state, families[index]!);
  });
  return state;
}

function createFamily(options: LsmOptions, index: number, host: HostState): FamilyState {
  return {
    index,
    options,
    behaviours: host.behaviours,
    tree: createTree(options.num_levels, options.compaction_pri),
    targets: createTargets(options.num_levels),
    scores: createScores(options.num_levels),
    running: [],
    keySpace: createKeySpace('uniform', 1, 1),
    active: newMemtable(0, 0),
    immutables: [],
    flushed: [],
    capacityEntries: 1,
    nextCapacityEntries: 1,
    keySizeBytes: 0,
    valueSizeBytes: 0,
    shapes: [],
    valueCompressionRatio: 1,
    debtBytes: 0,
    flushQueued: false,
    compactionQueued: false,
    seq: 0,
    lastStartLevel: -1,
    view: null,
  };
}

/** Sizes of memtables and files follow from the entries that are written. */
function setWorkload(family: FamilyState, host: HostState, workload: WriteWorkload): void {
  family.keySpace = createKeySpace(workload.distribution, workload.keyCount, workload.zipfTheta);
  family.keySizeBytes = workload.keySizeBytes;
  family.valueSizeBytes = workload.valueSizeBytes;
  family.capacityEntries = memtableEntryCapacity(family.options, {
    keySizeBytes: workload.keySizeBytes,
    valueSizeBytes: workload.valueSizeBytes,
  });
  family.nextCapacityEntries = family.capacityEntries;
  family.valueCompressionRatio = workload.valueCompressionRatio;
  family.shapes = shapesOf(family.options, host.profile, workload.keySizeBytes, workload.valueSizeBytes, workload.valueCompressionRatio);
}

/** Stands in where a scenario writes nothing. */
const defaultWorkload: WriteWorkload = {
  puts: 0,
  durationSec: null,
  threads: 1,
  keySizeBytes: 16,
  valueSizeBytes: 100,
  distribution: 'uniform',
  keyCount: 1_000_000,
  zipfTheta: 0.99,
  entriesPerBatch: 1,
  sync: false,
  disableWal: false,
  valueCompressionRatio: 0.5,
  arrival: { kind: 'closed' },
};
