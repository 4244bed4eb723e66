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
import { behaviours } from '../rocksdb/version.js';
import { applyChange } from './changes.js';
import { putsIn, recordPuts, recordStop, setClientRate, settleLatencies, timePut, updateArrival, type Client } from './clients.js';
import { createDisk, fillsDisk } from './disk.js';
import { createBirths, recordBirth } from './expiry.js';
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
  memtableCapacity,
  pickerViewOf,
  queueFlush,
  readModeOf,
  schedule,
  shapesOf,
  wantsCompaction,
  writeModeOf,
} from './jobs.js';
import { createKeySpace } from './key-space.js';
import { firstLoadOf, loadsOf } from './loads.js';
import { createMergeScratch } from './merge.js';
import { createPageCache, startPages } from './page-cache.js';
import { advanceThreads, createRateLimiter, createThreads, endAllThreads, type Advanced, type RateLimiter } from './rate-limiter.js';
import {
  causeIndex,
  createFamilyCounts,
  createRecorder,
  limitIndex,
  openEpisode,
  recordFamilySample,
  recordSample,
  recordSpan,
  SAMPLE_MICROS,
  stallCauses,
  type SampleView,
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
import type { Change, FamilyScenario, LoadTarget, LsmScenario, ReadLoad, Step, StoreScenario, WriteWorkload } from './scenario.js';
import { createScores } from './scores.js';
import { askDevice, createSpeeds, tellDevice, updateSpeeds } from './speeds.js';
import type { FamilyState, HostState, ManualCompaction, Memtable, Observer, StoreState, ThreadPool } from './state.js';
import { liveBytes } from './stored-bytes.js';
import { summarize, type BenchmarkRow } from './summary.js';
import { createTargets } from './targets.js';
import { createTombstones } from './tombstones.js';
import { createTree } from './tree.js';
import { familiesOfOldestWal } from './wal-limit.js';
import { familyToFlush } from './write-buffer-manager.js';
import { createWriteController, holds } from './write-controller.js';
import {
  addPuts,
  createWriter,
  delayedBytesPerSec,
  crowdedStore,
  drawWeight,
  findHolders,
  fullTarget,
  heldMode,
  longWal,
  putsUntilFull,
  sentWalBytesPerPut,
  startWriter,
  type Target,
  type Writer,
} from './writers.js';

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
  readonly #advanced: Advanced = { row: -1, atMicros: 0 };
  readonly #span: Span = { micros: 0, state: 0, cause: 0, limit: 0, waiting: 0, cpuBusy: 0 };
  readonly #benchmarks: BenchmarkRow[] = [];
  readonly #notes: string[] = [];
  #ratesStale = true;
  #sampledAtMicros = 0;
  /** Whose turn it is in `#nextWriterMicros`. */
  #nextWriter: Writer | null = null;
  /** When the device gives something else for the same demands; Infinity for one without memory. */
  #deviceChangesAtMicros = Infinity;
  /** The reading side of the benchmark, while there is one; and the last one of the run, for the result. It belongs to the first writer. */
  #readers: Readers | null = null;
  #lastReaders: Readers | null = null;
  #firstReadMicros: number | null = null;

  constructor(scenario: LsmScenario, observer: Observer | null, policy: Policy | null) {
    this.#host = createHost(scenario, observer, policy);
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
    const { scenario, stepIndex, writers, nowMicros } = this.#host;
    let part = 1;
    for (const { client } of writers) {
      if (client.workload === null) continue;
      const { puts, durationSec } = client.workload;
      const byPuts = puts === null ? 0 : client.puts / puts;
      const byTime = durationSec === null ? 0 : (nowMicros - client.startMicros) / (durationSec * 1e6);
      part = Math.min(part, Math.max(byPuts, byTime));
    }
    return Math.min(1, (stepIndex + part * Number(writers.some(({ client }) => client.workload !== null))) / scenario.steps.length);
  }

  #oneEvent(): void {
    const host = this.#host;
    host.events++;
    if (this.#ratesStale) this.#refreshRates();
    const queued = host.queue.peekTimeMicros();
    const client = this.#nextWriterMicros();
    const until = Math.min(queued, client, this.#deviceChangesAtMicros);
    advanceThreads(host.threads, host.limiters, until, this.#advanced);
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
      this.#writerEvent(this.#nextWriter!);
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
    this.#recordSpan(micros);
    for (let i = 0; i < host.writers.length; i++) {
      const writer = host.writers[i]!;
      const { client } = writer;
      const { workload } = client;
      if (workload === null) continue;
      let puts = putsIn(client, micros);
      if (client.opsPerSec > 0) {
        puts = Math.min(puts, putsUntilFull(writer), workload.puts === null ? Infinity : Math.max(0, workload.puts - client.puts));
      }
      const serviceMicros = Math.max(client.walMicrosPerPut, client.serviceMicrosPerPut * host.speeds.writerStretch);
      recordPuts(client, puts, micros, serviceMicros, delayedBytesPerSec(writer));
      addPuts(writer, puts, host.recorder);
      if (this.#readers !== null) passReads(this.#readers, host, micros, puts);
    }
    host.nowMicros = toMicros;
  }

  /** When a writer next does something on its own; whole micros. */
  #nextWriterMicros(): number {
    const { writers, nowMicros } = this.#host;
    let next = Infinity;
    for (let i = 0; i < writers.length; i++) {
      const micros = nextMicros(writers[i]!, nowMicros);
      if (micros >= next) continue;
      next = micros;
      this.#nextWriter = writers[i]!;
    }
    if (this.#readers === null) return next;
    const readsEnd = nextReadsEndMicros(this.#readers, nowMicros);
    if (readsEnd < next) this.#nextWriter = writers[0]!;
    return Math.min(next, readsEnd);
  }

  #writerEvent(writer: Writer): void {
    const { client } = writer;
    const workload = client.workload!;
    if ((workload.puts !== null && workload.puts - client.puts < 0.5) || (this.#readers !== null && readsAreDone(this.#readers))) {
      this.#endWrite(writer);
      return;
    }
    if (this.#host.nowMicros >= client.arrivalChangesAtMicros) updateArrival(client, this.#host.nowMicros);
    const full = fullTarget(writer);
    if (full !== null) {
      this.#switchMemtable(full.store, full.family, false);
      drawWeight(writer, full);
    }
    const long = longWal(writer);
    if (long !== null) for (const family of familiesOfOldestWal(long)) this.#switchMemtable(long, family, true);
    const crowded = crowdedStore(writer);
    if (crowded !== null) this.#switchMemtable(crowded, familyToFlush(crowded)!, true);
    this.#ratesStale = true;
  }

  /** The next put finds the memtable full: it becomes immutable, and the stall state is recalculated (SwitchMemtable). */
  #switchMemtable(store: StoreState, family: FamilyState, forceFlush: boolean): void {
    if (family.active.entries <= 0) return;
    family.active.endSeq = family.seq;
    family.immutables.push(family.active);
    family.active = newMemtable(this.#host.nowMicros, family.seq, store.walBytes);
    recordBirth(family.births, family.seq, this.#host.nowMicros);
    family.capacityEntries = family.nextCapacityEntries;
    installVersion(this.#host, store, family);
    queueFlush(store, family, forceFlush);
    this.#schedule();
    this.#followController(null);
  }

  #queueEvent(kind: number, payload: number): void {
    const host = this.#host;
    if (kind === EVENT_SAMPLE) {
      this.#takeSample();
      this.#lookAtReads();
      host.queue.push(host.nowMicros + SAMPLE_MICROS, EVENT_SAMPLE, 0);
      if (host.disk !== null && !host.done && fillsDisk(host.disk, host)) this.#endFull();
      if (this.#isStuck()) this.#giveUp();
    } else if (kind === EVENT_COMMIT) {
      commitJob(host, jobOf(host, payload));
      this.#schedule();
      this.#followController(null);
      this.#checkStep();
    } else if (kind === EVENT_JOB_END) {
      const job = jobOf(host, payload);
      endJob(host, job);
      this.#schedule();
      this.#followController(job.store);
      this.#checkStep();
    } else if (kind === EVENT_CHANGE) {
      this.#change(host.scenario.changes[payload]!);
    } else if (payload === host.stepIndex) {
      const due = host.writers.filter(({ client }) => client.workload !== null);
      for (const writer of due) writer.endDue = true;
      for (const writer of due) if (writer.client.mode !== 'stopped') this.#endWrite(writer);
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
    applyChange(host, change);
    // SetOptions installs a new SuperVersion, and with it recalculates the stall conditions.
    if (change.options !== null) for (const store of host.stores) for (const family of store.families) installVersion(host, store, family);
    if (change.compact === true) {
      this.#switchAll();
      for (const store of host.stores) store.manual ??= manualOf(store, host.nowMicros, true);
    }
    this.#ratesStale = true;
    this.#schedule();
    // SetOptions and ContinueBackgroundWork wake writers that wait.
    this.#followController('all');
  }

  /** A writer is stopped, and nothing runs or can be picked that would let it go on. */
  #isStuck(): boolean {
    const { changesLeft, stores, writers } = this.#host;
    if (changesLeft > 0) return false;
    return writers.some(({ client }) => client.mode === 'stopped') && stores.every(isIdle);
  }

  #giveUp(): void {
    this.#notes.push('writes stopped for good: no flush or compaction can run that would end the stall');
    for (const writer of this.#host.writers.filter(({ client }) => client.mode === 'stopped')) this.#endWrite(writer);
  }

  /** The disk is full: no write succeeds any more, and no later benchmark would. */
  #endFull(): void {
    const host = this.#host;
    this.#notes.push('the disk is full: RocksDB takes no more writes (IOError: No space left on device)');
    for (const writer of host.writers.filter(({ client }) => client.workload !== null)) this.#endWrite(writer, true);
    host.done = true;
  }

  #schedule(): void {
    if (schedule(this.#host)) this.#ratesStale = true;
  }

  /** Follows the write controllers. A stopped writer goes on only when the end of a job wakes it (bg_cv): one of the store that is `woken`. */
  #followController(woken: StoreState | 'all' | null): void {
    const { stores, writers } = this.#host;
    for (let i = 0; i < stores.length; i++) {
      const store = stores[i]!;
      const { controller } = store;
      const mode = holds(controller, 'stop') ? 'stopped' : holds(controller, 'delay') ? 'delayed' : 'normal';
      const rate = controller.rateBytesPerSec;
      if (mode !== store.held || (mode === 'delayed' && rate !== store.heldRate)) this.#ratesStale = true;
      store.heldRate = rate;
      const asleep = store.held === 'stopped' && (mode === 'stopped' || (woken !== 'all' && woken !== store));
      if (!asleep) store.held = mode;
    }
    for (let i = 0; i < writers.length; i++) this.#followHeld(writers[i]!);
  }

  #followHeld(writer: Writer): void {
    const { client } = writer;
    if (client.workload === null) return;
    const mode = heldMode(writer);
    if (client.mode === 'stopped') {
      if (mode === 'stopped') return;
      client.mode = mode;
      // The put that a stop held beyond the end of the step is none of its puts.
      if (writer.endDue) this.#endWrite(writer);
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
    refreshReaders(this.#readers, this.#host);
    this.#ratesStale = true;
  }

  #refreshRates(): void {
    this.#ratesStale = false;
    const readers = this.#readers;
    if (readers !== null) {
      askForReads(readers, this.#host);
      this.#shareMachine();
      noteJobs(readers, this.#host);
      takeDevice(readers, this.#host);
    }
    this.#shareMachine();
    if (readers !== null) settleReads(readers, this.#host);
  }

  #shareMachine(): void {
    const host = this.#host;
    const { writers, speeds, device } = host;
    const readers = this.#readers;
    // Demand at full speed first; the stretch that follows from it then sets the real rate.
    speeds.walWantedBytesPerSec = 0;
    for (const writer of writers) {
      timePut(writer.client, speeds.aloneWriteBytesPerSec);
      writer.client.walMicrosPerPut = 0;
      setWriterRate(writer, readers, 1);
      speeds.walWantedBytesPerSec += writer.client.opsPerSec * sentWalBytesPerPut(writer);
    }
    if (host.policy?.pace !== undefined) paceByPolicy(host, host.policy, host.families[0]!);
    let threads = 0;
    let demand = 0;
    for (const { client } of writers) {
      const own = Math.min(client.workload?.threads ?? 0, host.profile.cores);
      if (own === 0) continue;
      const ownDemand = Math.min(1, (client.opsPerSec * (client.cpuMicrosPerPut + turnCpuMicros(readers))) / 1e6 / own);
      demand = threads === 0 ? ownDemand : (threads * demand + own * ownDemand) / (threads + own);
      threads += own;
    }
    if (device.isVarying) askDevice(speeds, device, host.nowMicros);
    updateSpeeds(speeds, host.threads, host.limiters, host.profile, threads, demand, host.nowMicros);
    if (device.isVarying) {
      tellDevice(speeds, device, host.threads, host.limiters, host.nowMicros);
      this.#deviceChangesAtMicros = device.nextChangeMicros(host.nowMicros);
    }
    for (const writer of writers) {
      if (speeds.walTakenFraction < 1 && sentWalBytesPerPut(writer) > 0)
        writer.client.walMicrosPerPut = 1e6 / Math.max(1e-3, writer.client.opsPerSec * speeds.walTakenFraction);
      setWriterRate(writer, readers, speeds.writerStretch);
    }
  }

  #takeSample(): void {
    const host = this.#host;
    const seconds = (host.nowMicros - this.#sampledAtMicros) / 1e6;
    if (seconds <= 0) return;
    this.#sampledAtMicros = host.nowMicros;
    recordSample(host.recorder, sampleOf(host), seconds);
    if (host.families.length > 1) for (const family of host.families) recordFamilySample(family, seconds);
  }

  #recordSpan(micros: number): void {
    const host = this.#host;
    const writer = mostHeld(host.writers);
    const { client } = writer;
    const span = this.#span;
    const state = stateOf(client);
    const [holder = null] = findHolders(writer);
    const cause = holder?.cause ?? null;
    span.micros = micros;
    span.state = state;
    span.cause = cause === null ? stallCauses.length : causeIndex.get(cause)!;
    span.limit = limitIndex.get(this.#bindingLimit(client, cause, holder))!;
    span.waiting = this.#waitingOf(client);
    span.cpuBusy = host.speeds.cpuBusy;
    if (host.families.length > 1) for (const one of host.writers) blameHolders(one, micros * this.#waitingOf(one.client));
    if (!recordSpan(host.recorder, span, host.nowMicros) || cause === null || holder === null) return;
    const { store, family } = holder;
    openEpisode(host.recorder, {
      startMicros: host.nowMicros,
      cause,
      l0Files: family.tree.levels[0]!.count,
      debtBytes: family.debtBytes,
      rate: state === 1 ? store.controller.rateBytesPerSec : null,
      jobs: store.flushesScheduled + store.compactionsScheduled,
    });
  }

  /** Part of the time in which the leader of the write group waits. Delayed it sleeps for what its puts leave over, when the delay is what holds it. */
  #waitingOf(client: Client): number {
    if (client.mode === 'stopped') return 1;
    if (client.mode !== 'delayed' || client.opsPerSec < client.serviceOpsPerSec) return 0;
    return Math.max(0, 1 - (client.opsPerSec * putServiceMicros(client, this.#readers, this.#host.speeds.writerStretch)) / 1e6);
  }

  /** What is in the way of more puts: the load itself, or what the background job that would help is waiting for. */
  #bindingLimit(client: Client, cause: StallCause | null, holder: Target | null): Limit {
    if (cause === null || holder === null) {
      if (client.workload === null || client.opsPerSec < client.serviceOpsPerSec) return 'client';
      if (client.walMicrosPerPut * client.opsPerSec > 0.999e6) return 'deviceWrite';
      return client.syncMicrosPerPut > client.cpuMicrosPerPut ? 'sync' : 'cpu';
    }
    const wantsFlush = cause === 'memtable';
    const wantsL0 = cause === 'l0Slowdown' || cause === 'l0Stop';
    const { store, family } = holder;
    const { threads, speeds } = this.#host;
    for (let i = 0; i < threads.activeCount; i++) {
      const row = threads.active[i]!;
      const job = this.#host.jobs[threads.owner[row]!]!;
      if (job.family !== family) continue;
      if (wantsFlush ? job.kind === 'flush' : job.kind === 'compaction' && (!wantsL0 || job.running!.startLevel === 0))
        return speeds.limit[row]!;
    }
    if (wantsFlush) return 'jobSlots';
    return store.compactionsScheduled > 0 && family.running.some((job) => job.startLevel === family.targets.baseLevel)
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
        if (step.fresh && host.stepIndex > 0) this.#emptyStores();
        this.#beginWrite(step);
        break;
      case 'flush':
        this.#switchAll();
        break;
      case 'compact':
        this.#switchAll();
        for (const store of host.stores) store.manual = manualOf(store, host.nowMicros, false);
        this.#schedule();
        break;
      case 'waitForCompaction':
      case 'report':
        break;
    }
    this.#checkStep();
  }

  #switchAll(): void {
    for (const store of this.#host.stores) for (const family of store.families) this.#switchMemtable(store, family, true);
  }

  #beginWrite(step: Extract<Step, { kind: 'write' }>): void {
    const host = this.#host;
    loadsOf(step).forEach((load, index) => {
      for (const target of load.targets)
        beginLoad(host.stores[target.storeIndex]!.families[target.familyIndex]!, host, load.workload, target);
      startWriter((host.writers[index] ??= createWriterOf(host, index)), load, host);
    });
    if (step.workload.reads !== undefined) this.#beginReads(step.workload.reads);
    // Opening a DB schedules what its tree needs (DBImpl::Open: MaybeScheduleFlushOrCompaction), puts or not.
    this.#schedule();
    const durationSec = step.workload.durationSec;
    if (durationSec !== null) host.queue.push(host.nowMicros + Math.round(durationSec * 1e6), EVENT_STEP_END, host.stepIndex);
    this.#followController('all');
  }

  #beginReads(load: ReadLoad): void {
    const host = this.#host;
    this.#firstReadMicros ??= host.nowMicros;
    this.#readers = startReaders(load, host, host.stores[0]!, this.#firstReadMicros);
    this.#lastReaders = this.#readers;
  }

  #endReads(): Pick<BenchmarkRow, 'reads' | 'foundReads'> {
    const readers = this.#readers;
    if (readers === null) return {};
    this.#readers = null;
    endReaders(readers, this.#host);
    return readTotals(readers);
  }

  /** A writer is done; when all are, so is the benchmark. */
  #endWrite(writer: Writer, isLast = false): void {
    const host = this.#host;
    const { client } = writer;
    const { step } = host;
    invariant(step?.kind === 'write', 'only a write step ends by its puts');
    const micros = host.nowMicros - client.startMicros;
    client.seconds = micros / 1e6;
    for (const { family } of writer.targets) family.counts.writeMicros += micros;
    settleLatencies(client);
    client.workload = null;
    client.mode = 'idle';
    client.opsPerSec = 0;
    if (host.writers.some((one) => one.client.workload !== null)) return;
    let puts = 0;
    let userBytes = 0;
    let seconds = 0;
    for (const one of host.writers) {
      puts += one.client.puts;
      userBytes += one.client.puts * one.client.userBytesPerPut;
      seconds = Math.max(seconds, one.client.seconds);
    }
    this.#benchmarks.push({ benchmark: step.benchmark, puts, seconds, userBytes, ...this.#endReads() });
    if (!isLast) this.#nextStep();
  }

  #nextStep(): void {
    this.#host.stepIndex++;
    this.#beginStep();
  }

  /** Steps that wait for background work are over when there is none left that they wait for. */
  #checkStep(): void {
    const { step, stores, families } = this.#host;
    if (step === null || step.kind === 'write') return;
    if (step.kind === 'report') this.#nextStep();
    else if (step.kind === 'flush' && families.every(({ immutables }) => immutables.length === 0)) this.#nextStep();
    else if (step.kind === 'compact' && stores.every(({ manual }) => manual === null)) this.#nextStep();
    else if (step.kind === 'waitForCompaction' && stores.every(isSettled)) this.#nextStep();
    else if (stores.every((store) => store.flushesScheduled + store.compactionsScheduled === 0)) {
      // Nothing runs and nothing will: there is nothing to wait for.
      for (const store of stores) store.manual = null;
      this.#nextStep();
    }
  }

  /** db_bench opens new DBs for fill* benchmarks: trees, memtables and counts begin anew, the clock goes on. */
  #emptyStores(): void {
    const host = this.#host;
    endAllThreads(host.threads);
    this.#firstReadMicros = null;
    const sampleAt = this.#sampledAtMicros + SAMPLE_MICROS;
    const now = host.nowMicros;
    while (host.queue.pop());
    host.queue.clear();
    host.queue.push(Math.max(now, sampleAt), EVENT_SAMPLE, 0);
    this.#queueChanges();
    host.jobs.length = 0;
    host.freeJobs.length = 0;
    host.pageCache.unfinishedBytes = 0;
    for (const store of host.stores) {
      emptyStore(store);
      for (const family of store.families) emptyFamily(family, now);
    }
    const { series, puts, sampledPuts, flushBytes, sampledFlushBytes } = host.recorder;
    const { compactionBytes, sampledCompactionBytes, walBytes, sampledWalBytes } = host.recorder;
    const { delayedMicros, sampledDelayedMicros, stoppedMicros, sampledStoppedMicros } = host.recorder;
    const { flushWrittenBytes, compactionWrittenBytes } = host.recorder;
    // The series goes on: what came since its last row is still due.
    host.recorder = {
      ...createRecorder(series.levelBytes.length),
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
    for (const store of host.stores) for (const family of store.families) installVersion(host, store, family);
  }

  /** How long the debt takes to go away if nobody writes any more: the run goes on without its writers. Null: it does not, or takes too many events. */
  #drainSec(): number | null {
    const host = this.#host;
    const startMicros = host.nowMicros;
    for (let i = 0; i < DRAIN_EVENTS_MAX; i++) {
      if (host.stores.every(isIdle))
        return host.families.some(({ debtBytes }) => debtBytes > 0) ? null : (host.nowMicros - startMicros) / 1e6;
      this.#oneEvent();
    }
    return null;
  }
}

/** A benchmark that puts nothing finds the keys that are there; one that also reads finds those that others put in another order. */
function beginLoad(family: FamilyState, host: HostState, workload: WriteWorkload, target: LoadTarget): void {
  const before = family.keySpace;
  if (workload.arrival.kind !== 'none' || host.stepIndex === 0) setWorkload(family, host, workload, target);
  if (workload.reads !== undefined && before.distribution !== family.keySpace.distribution)
    redrawFiles(family.tree, before, family.keySpace);
}

function setWriterRate(writer: Writer, readers: Readers | null, stretch: number): void {
  const { client } = writer;
  setClientRate(client, 1e6 / Math.max(1e-3, putServiceMicros(client, readers, stretch)), delayedBytesPerSec(writer));
}

/** When a writer next does something on its own; whole micros. */
function nextMicros(writer: Writer, nowMicros: number): number {
  const { client } = writer;
  if (client.workload === null) return Infinity;
  let next = client.arrivalChangesAtMicros;
  const rate = client.opsPerSec / 1e6;
  if (rate > 0) {
    next = Math.min(next, nowMicros + Math.ceil(putsUntilFull(writer) / rate));
    if (client.workload.puts !== null) {
      next = Math.min(next, nowMicros + Math.ceil(Math.max(0, client.workload.puts - client.puts) / rate));
    }
    const shrinking = rate - client.arrivalOpsPerSec / 1e6;
    if (client.backlogPuts > 0 && shrinking > 0) {
      next = Math.min(next, nowMicros + Math.max(1, Math.ceil(client.backlogPuts / shrinking)));
    }
  }
  return Math.max(nowMicros, next);
}

/** Of several writers the one that is held most: its state is that of the moment. */
function mostHeld(writers: readonly Writer[]): Writer {
  let most = writers[0]!;
  for (const writer of writers) if (stateOf(writer.client) > stateOf(most.client)) most = writer;
  return most;
}

/** The leader waited for so long: each family that held it is the cause of an even part. */
function blameHolders(writer: Writer, micros: number): void {
  const state = stateOf(writer.client);
  if (state === 0 || micros === 0) return;
  const holders = findHolders(writer);
  for (const { family, cause } of holders) {
    const { counts } = family;
    const part = micros / holders.length;
    if (state === 2) counts.stoppedMicros += part;
    else counts.delayedMicros += part;
    if (cause !== null) counts.causeMicros[causeIndex.get(cause)!]! += part;
  }
}

function stateOf(client: Client): 0 | 1 | 2 {
  return client.mode === 'stopped' ? 2 : client.mode === 'delayed' ? 1 : 0;
}

/** What a row of the series shows: of several families the most L0 files and the sums of the rest; the smallest delayed rate. */
function sampleOf({ families, stores, writers, recorder }: HostState): SampleView {
  const state = stateOf(mostHeld(writers).client);
  if (families.length === 1) {
    const { tree, targets, debtBytes } = families[0]!;
    const delayedRate = stores[0]!.controller.rateBytesPerSec;
    return { delayedRate, state, l0Files: tree.levels[0]!.count, debtBytes, levels: tree.levels, targetBytes: targets.targetBytes };
  }
  const sum = (read: (family: FamilyState) => number): number => families.reduce((total, family) => total + read(family), 0);
  const levels = recorder.series.levelBytes.map((_, level) => ({ bytes: sum(({ tree }) => tree.levels[level]?.bytes ?? 0) }));
  return {
    delayedRate: Math.min(...stores.map(({ controller }) => controller.rateBytesPerSec)),
    state,
    l0Files: Math.max(...families.map(({ tree }) => tree.levels[0]!.count)),
    debtBytes: sum(({ debtBytes }) => debtBytes),
    levels,
    targetBytes: Float64Array.from(levels, (_, level) => sum(({ targets }) => targets.targetBytes[level] ?? 0)),
  };
}

/** Nothing runs, and no flush is due. */
function isIdle(store: StoreState): boolean {
  return store.flushesScheduled + store.compactionsScheduled === 0 && store.families.every((family) => !family.flushQueued);
}

/** No flush or compaction is running or due (db_bench waitforcompaction). */
function isSettled(store: StoreState): boolean {
  return isIdle(store) && store.families.every((family) => !wantsCompaction(family));
}

/** A CompactRange over all families of a store. */
function manualOf(store: StoreState, startMicros: number, online: boolean): ManualCompaction {
  const [family, ...next] = store.families;
  const start = { startMicros, online, readBytes: 0, writtenBytes: 0, level: 0, running: false };
  return { ...start, family: family!, next, untilSeq: family!.seq };
}

function newMemtable(nowMicros: number, seq: number, walBytes: number): Memtable {
  return {
    entries: 0,
    deletes: 0,
    walBytes: 0,
    walSentBytes: 0,
    bornMicros: nowMicros,
    walStartBytes: walBytes,
    firstSeq: seq,
    endSeq: seq,
    flushing: false,
  };
}

function emptyStore(store: StoreState): void {
  store.flushesScheduled = 0;
  store.compactionsScheduled = 0;
  for (const pool of [store.flushPool, store.compactionPool]) {
    pool.busy = 0;
    pool.waiting.length = 0;
  }
  store.flushQueue.length = 0;
  store.compactionQueue.length = 0;
  store.obsolete.length = 0;
  store.obsoleteBytes = 0;
  store.manual = null;
  store.walBytes = 0;
  store.walFlushedFrom = -1;
  store.controller.tokens.fill('none');
  store.controller.causes.fill(null);
  store.controller.rateBytesPerSec = store.controller.maxRateBytesPerSec;
  store.controller.previousDebtBytes.fill(0);
}

function emptyFamily(family: FamilyState, nowMicros: number): void {
  const { num_levels: levels, compaction_pri: pri } = family.options;
  const { rows, puts, sampledPuts } = family.counts;
  family.counts = { ...createFamilyCounts(levels), rows, sampledPuts: sampledPuts - puts };
  family.tree = createTree(levels, pri);
  family.tombstones?.entriesOfFile.clear();
  family.running.length = 0;
  family.immutables.length = 0;
  family.flushed.length = 0;
  family.flushQueued = false;
  family.compactionQueued = false;
  Object.assign(family.births, { seqs: [0], micros: [nowMicros], expiredSeq: 0 });
  family.seq = 0;
  family.lastStartLevel = -1;
  family.active = newMemtable(nowMicros, 0, 0);
}

/** null: RocksDB's own scheduling. */
function policyOf({ policy: { name, sha256 } }: LsmScenario, own: Policy | null): Policy | null {
  if (name === rocksdbPolicyName) return null;
  const policy = sha256 === null ? policies.get(name) : own;
  invariant(policy !== undefined && policy !== null, 'the policy that a scenario names is there');
  return policy;
}

function createHost(scenario: LsmScenario, observer: Observer | null, policy: Policy | null): HostState {
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
    limiters: [],
    families: [],
    writers: [],
    jobs: [],
    freeJobs: [],
    disk: createDisk(scenario.deviceCapacityBytes),
    manualCompactions: [],
    pageCache: createPageCache(),
    recorder: createRecorder(Math.max(...scenario.stores.flatMap(({ families }) => families.map((one) => one.options.num_levels)))),
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
  host.writers.push(createWriterOf(host, 0));
  scenario.stores.forEach((store, index) => host.stores.push(createStore(store, index, host)));
  startPages(host.pageCache, host.profile, liveBytes(host));
  return host;
}

function createWriterOf({ scenario }: HostState, index: number): Writer {
  return createWriter(createHistogram(), createStream(scenario.seed, 'families', index));
}

function createStore(scenario: StoreScenario, index: number, host: HostState): StoreState {
  const { options } = scenario;
  const families = scenario.families.map((family, at) => createFamily(family, at, host));
  const slots = jobLimits(options);
  const shared = host.scenario.shared ?? null;
  const first = host.stores[0] ?? null;
  const store: StoreState = {
    name: scenario.name,
    options,
    held: 'normal',
    heldRate: 0,
    flushPool: poolOf(slots.flushes, shared?.threadPools === true ? (first?.flushPool ?? null) : null),
    compactionPool: poolOf(slots.compactions, shared?.threadPools === true ? (first?.compactionPool ?? null) : null),
    flushSlots: slots.flushes,
    compactionSlots: slots.compactions,
    compactionsPaused: false,
    families,
    controller: createWriteController(options.delayed_write_rate, families.length),
    limiterUse: { limiter: limiterOf(options, index, host), writesHeld: false },
    flushesScheduled: 0,
    compactionsScheduled: 0,
    flushQueue: [],
    compactionQueue: [],
    version: 0,
    obsolete: [],
    obsoleteBytes: 0,
    manual: null,
    walBytes: 0,
    walFlushedFrom: -1,
  };
  host.families.push(...families);
  if (host.policy !== null) for (const family of families) family.view = createTreeView(host, store, family, () => pickerViewOf(family));
  scenario.families.forEach((family, at) => {
    const state = families[at]!;
    const { workload, target } = firstLoadOf(host.scenario, index, at);
    setWorkload(state, host, workload, target);
    fillInitialTree(state, family.initial);
    installVersion(host, store, state);
  });
  return store;
}

/** A pool of its own, or the shared one: RocksDB makes it as large as the largest that a DB asks for (IncBackgroundThreadsIfNeeded). */
function poolOf(size: number, shared: ThreadPool | null): ThreadPool {
  if (shared === null) return { size, busy: 0, waiting: [] };
  shared.size = Math.max(shared.size, size);
  return shared;
}

/** The shared limiter, or one of the store's own. */
function limiterOf(options: LsmOptions, index: number, host: HostState): RateLimiter {
  const [first] = host.limiters;
  if (first !== undefined && host.scenario.shared?.rateLimiter === true) return first;
  const limiter = createRateLimiter(
    {
      bytesPerSec: options.rate_limiter_bytes_per_sec,
      periodMicros: options.rate_limiter_refill_period_us,
      fairness: options.rate_limiter_fairness,
      autoTuned: options.rate_limiter_auto_tuned,
      partialGrants: host.behaviours.limiterPartialGrants,
    },
    createStream(host.scenario.seed, 'rateLimiter', index),
  );
  host.limiters.push(limiter);
  return limiter;
}

function createFamily({ name, options }: FamilyScenario, index: number, host: HostState): FamilyState {
  return {
    name,
    index,
    counts: createFamilyCounts(options.num_levels),
    options,
    behaviours: host.behaviours,
    tree: createTree(options.num_levels, options.compaction_pri),
    targets: createTargets(options.num_levels),
    scores: createScores(options.num_levels),
    running: [],
    keySpace: createKeySpace('uniform', 1, 1),
    active: newMemtable(0, 0, 0),
    immutables: [],
    flushed: [],
    capacityEntries: 1,
    nextCapacityEntries: 1,
    keySizeBytes: 0,
    valueSizeBytes: 0,
    shapes: [],
    valueCompressionRatio: 1,
    tombstones: null,
    debtBytes: 0,
    flushQueued: false,
    compactionQueued: false,
    births: createBirths(),
    seq: 0,
    lastStartLevel: -1,
    view: null,
  };
}

/** Sizes of memtables and files follow from the entries that are written. */
function setWorkload(family: FamilyState, host: HostState, workload: WriteWorkload, target: LoadTarget): void {
  const { keySizeBytes, valueSizeBytes, keyCount } = target;
  family.keySpace = createKeySpace(workload.distribution, keyCount, workload.zipfTheta);
  family.keySizeBytes = keySizeBytes;
  family.valueSizeBytes = valueSizeBytes;
  if ((workload.deleteFraction ?? 0) > 0) family.tombstones ??= createTombstones();
  if (family.tombstones !== null) {
    family.tombstones.deleteFraction = workload.deleteFraction ?? 0;
    family.tombstones.shapes = shapesOf(family.options, host.profile, keySizeBytes, 0, workload.valueCompressionRatio);
  }
  family.capacityEntries = memtableCapacity(family);
  family.nextCapacityEntries = family.capacityEntries;
  family.valueCompressionRatio = workload.valueCompressionRatio;
  family.shapes = shapesOf(family.options, host.profile, keySizeBytes, valueSizeBytes, workload.valueCompressionRatio);
}
