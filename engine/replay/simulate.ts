/**
 * Replays recorded requests against a device, event by event:
 *
 *   a job's next request is issued when its time has come and its queue has room   (timing `fast`: when its queue has room)
 *     -> the device completes it after a latency drawn for what is in flight then  (service.ts), longer where its memory limits it
 *       -> its place in the queue is free again a little later                     (submission and reaping)
 *
 * The read share at a moment is that of the requests issued last. Latencies are what fio calls completion latencies, from issue to
 * completion; how late a request was issued is told apart.
 */
import { createMemory, noTraffic, type DeviceMemory } from '../device/memory.js';
import { invariant } from '../kernel/errors.js';
import { createEventQueue, type EventQueue } from '../kernel/events.js';
import { addHistogram, createHistogram, recordValue, type Histogram } from '../kernel/histogram.js';
import { createStream, type RandomStream } from '../kernel/random.js';
import { runToEnd, type Run } from '../kernel/run.js';
import { MIB } from '../kernel/units.js';
import { compareWithRecording } from './compare.js';
import type { ReplayResult, ReplaySeries, ReplayComparison } from './result.js';
import type { ReplayScenario } from './scenario.js';
import { createService, type Service } from './service.js';

/** Payload: the request that completes. */
const EVENT_COMPLETE = 0;
/** Payload: the job whose queue has room for one more. */
const EVENT_ROOM = 1;
/** Payload: the job whose next request is due. */
const EVENT_DUE = 2;

/** Requests over which the read share is taken. */
const shareWindow = 256;
const intervalMicros = 1_000_000;
/** A day of intervals; what lies beyond is added to the last one. */
const intervalsMax = 86_400;

interface Job {
  /** Its requests, as positions in the stream. */
  readonly requests: Uint32Array;
  next: number;
  occupied: number;
  /** A due event is waiting. */
  isDue: boolean;
}

interface State {
  readonly scenario: ReplayScenario;
  readonly service: Service;
  readonly memory: DeviceMemory | null;
  readonly random: RandomStream;
  readonly queue: EventQueue;
  readonly jobs: readonly Job[];
  /** issuedMicros[i]: when request i went to the device. */
  readonly issuedMicros: Float64Array;
  /** gapMicros[i]: from its completion until its place is free. */
  readonly gapMicros: Float64Array;
  readonly reads: Histogram;
  readonly writes: Histogram;
  readonly recentReads: Uint8Array;
  recentCount: number;
  recentReadCount: number;
  issuedCount: number;
  /** Places of all queues that are taken: in flight, or between completion and the next submission. An envelope's iodepth counts both. */
  occupied: number;
  completedCount: number;
  inFlight: number;
  events: number;
  nowMicros: number;
  endMicros: number;
  busyMicros: number;
  outstandingMicros: number;
  lagMicros: number;
  lagMicrosMax: number;
  /** Parts of a microsecond that rounding gaps has left over. */
  gapCarry: number;
  readBytes: number;
  writtenBytes: number;
  readonly readSeries: number[];
  readonly writeSeries: number[];
  /** Request-microseconds in flight by interval. */
  readonly outstandingSeries: number[];
}

/** Starts a replay. */
export function startReplay(scenario: ReplayScenario): Run<ReplayResult> {
  const state = createState(scenario);
  for (let job = 0; job < state.jobs.length; job++) issueWhatIsDue(state, job);
  return {
    advance(maxEvents) {
      for (let i = 0; i < maxEvents; i++) if (!oneEvent(state)) return 'done';
      return state.queue.size === 0 ? 'done' : 'more';
    },
    snapshot: () => {
      const { requestCount } = scenario.requests;
      return {
        nowSec: state.nowMicros / 1e6,
        fraction: requestCount === 0 ? 1 : state.completedCount / requestCount,
        events: state.events,
      };
    },
    finish: () => resultOf(state),
  };
}

/** Replays to the end. */
export function simulateReplay(scenario: ReplayScenario): ReplayResult {
  return runToEnd(startReplay(scenario));
}

function createState(scenario: ReplayScenario): State {
  const { device, requests, seed } = scenario;
  invariant(scenario.iodepth >= 1, 'a replay needs a queue');
  const plain = device.kind === 'layered' ? device.base : device;
  return {
    scenario,
    service: createService(plain),
    memory: device.kind === 'layered' ? createMemory(device) : null,
    random: createStream(seed, 'replay', 0),
    queue: createEventQueue(256),
    jobs: jobsOf(scenario),
    issuedMicros: new Float64Array(requests.requestCount),
    gapMicros: new Float64Array(requests.requestCount),
    reads: createHistogram(),
    writes: createHistogram(),
    recentReads: new Uint8Array(shareWindow),
    ...{ recentCount: 0, recentReadCount: 0, issuedCount: 0, occupied: 0, completedCount: 0, inFlight: 0, events: 0 },
    ...{ nowMicros: 0, endMicros: 0, busyMicros: 0, outstandingMicros: 0, lagMicros: 0, lagMicrosMax: 0, gapCarry: 0 },
    ...{ readBytes: 0, writtenBytes: 0, readSeries: [], writeSeries: [], outstandingSeries: [] },
  };
}

function jobsOf({ requests }: ReplayScenario): Job[] {
  const counts = new Uint32Array(requests.jobCount);
  for (const job of requests.jobIndex) counts[job]!++;
  const jobs = Array.from(counts, (count): Job => ({ requests: new Uint32Array(count), next: 0, occupied: 0, isDue: false }));
  const filled = new Uint32Array(requests.jobCount);
  requests.jobIndex.forEach((job, request) => {
    jobs[job]!.requests[filled[job]!++] = request;
  });
  return jobs;
}

function oneEvent(state: State): boolean {
  const { queue } = state;
  if (!queue.pop()) return false;
  state.events++;
  passTo(state, queue.timeMicros);
  const { kind, payload } = queue;
  if (kind === EVENT_COMPLETE) {
    complete(state, payload);
  } else {
    const job = state.jobs[payload]!;
    if (kind === EVENT_ROOM) {
      job.occupied--;
      state.occupied--;
    } else {
      job.isDue = false;
    }
    issueWhatIsDue(state, payload);
  }
  return true;
}

/** Lets time pass: what is in flight stays in flight. */
function passTo(state: State, toMicros: number): void {
  const { inFlight } = state;
  if (inFlight > 0) {
    const micros = toMicros - state.nowMicros;
    state.busyMicros += micros;
    state.outstandingMicros += micros * inFlight;
    for (let at = state.nowMicros; at < toMicros;) {
      const interval = intervalAt(at);
      const next = interval === intervalsMax - 1 ? toMicros : Math.min(toMicros, (interval + 1) * intervalMicros);
      addTo(state.outstandingSeries, interval, (next - at) * inFlight);
      at = next;
    }
  }
  state.nowMicros = toMicros;
}

/** Issues the job's next requests, as many as are due and have room. */
function issueWhatIsDue(state: State, jobIndex: number): void {
  const { requests, timing, iodepth } = state.scenario;
  const job = state.jobs[jobIndex]!;
  while (job.next < job.requests.length && job.occupied < iodepth) {
    const request = job.requests[job.next]!;
    const dueMicros = timing === 'fast' ? 0 : requests.timeMicros[request]!;
    if (dueMicros > state.nowMicros) {
      if (!job.isDue) state.queue.push(dueMicros, EVENT_DUE, jobIndex);
      job.isDue = true;
      return;
    }
    job.next++;
    job.occupied++;
    state.occupied++;
    const lagMicros = timing === 'fast' ? 0 : state.nowMicros - dueMicros;
    state.lagMicros += lagMicros;
    state.lagMicrosMax = Math.max(state.lagMicrosMax, lagMicros);
    issue(state, request);
  }
}

function issue(state: State, request: number): void {
  const { service, memory, scenario, queue } = state;
  const { isRead: reads, blockBytes: blocks, jobCount } = scenario.requests;
  const isRead = reads[request] === 1;
  const blockBytes = blocks[request]!;
  countShare(state, isRead);
  state.inFlight++;
  state.issuedCount++;
  state.issuedMicros[request] = state.nowMicros;
  service.serve(isRead, state.recentReadCount / state.recentCount, state.occupied, jobCount, blockBytes, state.random.uniform());
  let factor = 1;
  if (memory !== null) factor = slowdown(memory, state.nowMicros, isRead, blockBytes, service.bytesPerSec);
  state.gapMicros[request] = service.gapMicros * factor;
  queue.push(state.nowMicros + Math.max(1, Math.round(service.latencyMicros * factor)), EVENT_COMPLETE, request);
}

const traffic = noTraffic();

/** How many times as long it takes because of what the device remembers; then the request is remembered, too. */
function slowdown(memory: DeviceMemory, nowMicros: number, isRead: boolean, blockBytes: number, bytesPerSec: number): number {
  memory.pass(nowMicros);
  const flashFactor = isRead ? 1 : memory.writeFactor;
  fillTraffic(isRead, bytesPerSec / flashFactor, blockBytes);
  const factor = flashFactor / memory.fitting(traffic, isRead);
  fillTraffic(isRead, blockBytes, blockBytes);
  memory.take(nowMicros, traffic);
  return factor;
}

function fillTraffic(isRead: boolean, bytes: number, blockBytes: number): void {
  traffic.readBytes = isRead ? bytes : 0;
  traffic.readRequests = isRead ? bytes / blockBytes : 0;
  traffic.writeBytes = isRead ? 0 : bytes;
  traffic.writeRequests = isRead ? 0 : bytes / blockBytes;
}

/** The read share of the last requests is kept as a count. */
function countShare(state: State, isRead: boolean): void {
  const at = state.issuedCount % shareWindow;
  if (state.recentCount === shareWindow) state.recentReadCount -= state.recentReads[at]!;
  else state.recentCount++;
  state.recentReads[at] = isRead ? 1 : 0;
  state.recentReadCount += state.recentReads[at];
}

function complete(state: State, request: number): void {
  const { requests } = state.scenario;
  const isRead = requests.isRead[request] === 1;
  const bytes = requests.blockBytes[request]!;
  recordValue(isRead ? state.reads : state.writes, state.nowMicros - state.issuedMicros[request]!);
  state.inFlight--;
  state.completedCount++;
  state.endMicros = state.nowMicros;
  addTo(isRead ? state.readSeries : state.writeSeries, intervalAt(state.nowMicros), bytes);
  if (isRead) state.readBytes += bytes;
  else state.writtenBytes += bytes;
  const gap = state.gapMicros[request]! + state.gapCarry;
  const wholeGap = Math.max(0, Math.floor(gap));
  // Gaps below a microsecond add up; one that is negative on average is owed to the next ones.
  state.gapCarry = gap - wholeGap;
  state.queue.push(state.nowMicros + wholeGap, EVENT_ROOM, requests.jobIndex[request]!);
}

function intervalAt(micros: number): number {
  return Math.min(intervalsMax - 1, Math.floor(micros / intervalMicros));
}

function addTo(series: number[], interval: number, value: number): void {
  while (series.length <= interval) series.push(0);
  series[interval]! += value;
}

function resultOf(state: State): ReplayResult {
  const { scenario, endMicros, service } = state;
  const { requests } = scenario;
  const sec = endMicros / 1e6;
  const perSec = (amount: number): number => (sec > 0 ? amount / sec : 0);
  const all = createHistogram();
  addHistogram(all, state.reads);
  addHistogram(all, state.writes);
  const bytesPerSec = perSec(state.readBytes + state.writtenBytes);
  const comparison: ReplayComparison | null =
    scenario.recorded === null
      ? null
      : compareWithRecording(scenario.recorded, {
          readMicros: state.reads,
          writeMicros: state.writes,
          bytes: state.readBytes + state.writtenBytes,
          bytesPerSec,
        });
  return {
    kind: 'replay',
    simulatedSec: sec,
    events: state.events,
    requestCount: state.completedCount,
    readBytes: state.readBytes,
    writtenBytes: state.writtenBytes,
    bandwidth: {
      meanMiBPerSec: bytesPerSec / MIB,
      readMiBPerSec: perSec(state.readBytes) / MIB,
      writeMiBPerSec: perSec(state.writtenBytes) / MIB,
    },
    meanOpsPerSec: perSec(state.completedCount),
    latencyMicros: all,
    readLatencyMicros: state.reads,
    writeLatencyMicros: state.writes,
    lagMicros: { mean: requests.requestCount > 0 ? state.lagMicros / requests.requestCount : 0, max: state.lagMicrosMax },
    device: {
      busyFraction: endMicros > 0 ? state.busyMicros / endMicros : 0,
      meanOutstandingCount: endMicros > 0 ? state.outstandingMicros / endMicros : 0,
    },
    comparison,
    series: seriesOf(state),
    assumptions: scenario.assumptions,
    warnings: [...scenario.warnings, ...service.warnings.map((message) => ({ code: 'OUTSIDE_ENVELOPE', message, path: 'device' }))],
  };
}

/** Per second; the last interval is as long as the replay reaches into it. */
function seriesOf({ readSeries, writeSeries, outstandingSeries, endMicros }: State): ReplaySeries {
  const count = Math.max(readSeries.length, writeSeries.length, outstandingSeries.length);
  const lastMicros = Math.max(1, endMicros - (count - 1) * intervalMicros);
  const perSec = (values: readonly number[], unit: number): Float64Array =>
    Float64Array.from({ length: count }, (_, index) => ((values[index] ?? 0) * unit) / (index === count - 1 ? lastMicros : intervalMicros));
  return {
    intervalSec: intervalMicros / 1e6,
    readBytesPerSec: perSec(readSeries, 1e6),
    writeBytesPerSec: perSec(writeSeries, 1e6),
    outstandingCount: perSec(outstandingSeries, 1),
  };
}
