/**
 * The writing side of a load: how fast puts come, how long each takes, and what a closed, paced or open loop does with a delay.
 *
 * Puts are a fluid between events: a constant rate until the memtable is full, the write controller changes its mind, the load
 * changes, or the step ends. Latencies are recorded with the number of puts they hold for, so nothing is omitted in open loop.
 */
import { recordValueWithCount, type Histogram } from '../kernel/histogram.js';
import { log2, sin } from '../kernel/math.js';
import { walBytesPerGroup, writeBatchBytes, type EntrySize } from '../rocksdb/sizes.js';
import type { HostProfile } from './host.js';
import type { RateProfile, WriteWorkload } from './scenario.js';

/** DelayWrite sleeps in steps of 1001 us (db_impl_write.cc kDelayInterval); wake-ups come about 6 % later ([measured], truth histograms). */
const DELAY_SLEEP_MICROS = 1060;
/** The delay's refill interval (write_controller.cc kMicrosPerRefill). */
const DELAY_REFILL_MICROS = 1000;
/** Latencies of a stretch with a backlog are recorded in this many steps. */
const OPEN_LOOP_SLICES = 16;
/** A sine load is held constant for this long. */
const PROFILE_STEP_MICROS = 1_000_000;

export type ClientMode = 'idle' | 'normal' | 'delayed' | 'stopped';

/** The writing side of one store: what it does now, and what a put costs it. */
export interface Client {
  workload: WriteWorkload | null;
  cost: PutCost | null;
  mode: ClientMode;
  /** Puts a second now. */
  opsPerSec: number;
  /** What the store would take now, were there enough puts. */
  serviceOpsPerSec: number;
  /** Puts done in this step, when it began, and how long it took once it is over. */
  puts: number;
  startMicros: number;
  seconds: number;
  /** Open loop: puts that have arrived and wait. */
  backlogPuts: number;
  /** Open loop: arrivals a second now, and when that changes. */
  arrivalOpsPerSec: number;
  arrivalChangesAtMicros: number;
  /** Open loop: puts served and time passed since the load began. */
  servedPuts: number;
  elapsedMicros: number;
  /** Open loop: when puts came, as (time since the start, puts so far) at each change of the rate, from the oldest one that waits. */
  arrivals: { sinceMicros: number; puts: number; opsPerSec: number }[];
  /** Bytes of one write group as the write controller counts them, for one put. */
  batchBytesPerPut: number;
  walBytesPerPut: number;
  userBytesPerPut: number;
  /** CPU of the writing threads for one put, micros, all threads together. */
  cpuMicrosPerPut: number;
  /** Shortest time between two puts of all threads together, micros, on idle cores. */
  serviceMicrosPerPut: number;
  /** Device wait for one put when the WAL is synced, micros: its part of the sync, and the transfer of its bytes. */
  syncMicrosPerPut: number;
  /** Time between two puts in which the device takes the WAL of one, beside what else is written there; 0 while it has room. */
  walMicrosPerPut: number;
  stoppedSinceMicros: number;
  readonly latency: Histogram;
  /** Puts not yet recorded because they are less than one: of those that slept, and of the others. */
  readonly unrecorded: Float64Array;
}

/** A client that does nothing yet; its put latencies go to `latency` (micros). */
export function createClient(latency: Histogram): Client {
  return {
    workload: null,
    cost: null,
    mode: 'idle',
    opsPerSec: 0,
    serviceOpsPerSec: 0,
    puts: 0,
    startMicros: 0,
    seconds: 0,
    backlogPuts: 0,
    arrivalOpsPerSec: 0,
    arrivalChangesAtMicros: Infinity,
    servedPuts: 0,
    elapsedMicros: 0,
    arrivals: [],
    batchBytesPerPut: 0,
    walBytesPerPut: 0,
    userBytesPerPut: 0,
    cpuMicrosPerPut: 0,
    serviceMicrosPerPut: 0,
    syncMicrosPerPut: 0,
    walMicrosPerPut: 0,
    stoppedSinceMicros: 0,
    latency,
    unrecorded: new Float64Array(2),
  };
}

/** What the writing side needs to know of the store. */
export interface WritePathOptions {
  readonly enablePipelinedWrite: boolean;
  readonly recycledLogs: boolean;
  readonly maxGroupBytes: number;
  readonly writeBufferBytes: number;
}

/** Memtables up to this size cost what inserts were measured with; larger ones cost more. */
const SMALL_MEMTABLE_BYTES = 16 * 1_048_576;

/**
 * How often a memtable's size doubled beyond 16 MiB. That an insert costs evenly more with each doubling is our assumption, checked by
 * bench/measure-host.sh with memtables of 16, 64 and 256 MiB and values of 100, 1,000 and 4,096 bytes.
 */
export function memtableDoublings(bytes: number): number {
  return Math.max(0, log2(bytes / SMALL_MEMTABLE_BYTES));
}

/** CPU nanoseconds of one insert of so many bytes into a memtable of this size. */
export function insertNanos(host: HostProfile, userBytes: number, writeBufferBytes: number): number {
  return (
    host.insertNanosPerRecord +
    memtableDoublings(writeBufferBytes) * host.insertNanosPerRecordPerDoubling +
    userBytes * host.insertNanosPerByte
  );
}

/** What one put costs; mean values where puts go to several places. */
export interface PutCost {
  /** Key and value; in a write batch and group; in the WAL. */
  readonly userBytes: number;
  readonly batchBytes: number;
  readonly walBytes: number;
  readonly insertMicros: number;
  readonly walMicros: number;
  /** Its part of a sync, beside the transfer; and what the sync transfers of it. */
  readonly syncMicros: number;
  readonly syncedBytes: number;
  /** Its part of handing the lead to the next group. */
  readonly handoffMicros: number;
  /** Puts of a group that are inserted in parallel. */
  readonly insertsAtOnce: number;
  /** The next group's WAL is written beside this one's inserts: where both have a core. */
  readonly pipelined: boolean;
}

/** The cost of a put of this size. `extraBytes` stand beside key and value in the batch (a column family's id). */
export function putCost(workload: WriteWorkload, size: EntrySize, host: HostProfile, path: WritePathOptions, extraBytes = 0): PutCost {
  const batch = workload.entriesPerBatch;
  const userBytes = size.keySizeBytes + size.valueSizeBytes;
  const oneBatchBytes = writeBatchBytes(size, batch) + batch * extraBytes;
  // A group that waits for the device gathers all threads, whether they have a core or not.
  const gathering = workload.sync && !workload.disableWal ? workload.threads : Math.min(workload.threads, host.cores);
  const batchesPerGroup = Math.max(1, Math.min(writersPerGroup(gathering), Math.floor(path.maxGroupBytes / oneBatchBytes)));
  const entries = batch * batchesPerGroup;
  const handoffNanos = workload.threads > host.cores ? host.groupWakeNanos : host.groupHandoffNanos;
  const walBytes = workload.disableWal ? 0 : walBytesPerGroup(size, entries, path.recycledLogs) / entries + extraBytes;
  return {
    userBytes,
    batchBytes: writeBatchBytes(size, entries) / entries + extraBytes,
    walBytes,
    insertMicros: insertNanos(host, userBytes, path.writeBufferBytes) / 1000,
    walMicros: workload.disableWal
      ? 0
      : (host.walNanosPerRecord + userBytes * host.walNanosPerByte + host.walNanosPerGroup / entries) / 1000,
    syncMicros: workload.sync && !workload.disableWal ? host.syncMicros / entries : 0,
    syncedBytes: workload.sync ? walBytes : 0,
    handoffMicros: workload.threads === 1 ? 0 : handoffNanos / 1000 / entries,
    insertsAtOnce: Math.min(batchesPerGroup, host.cores),
    pipelined: workload.threads > 1 && workload.threads <= host.cores && path.enablePipelinedWrite,
  };
}

/**
 * While one group is written the other threads gather for the next: half of them on average; one that waits for a core gathers nothing.
 * Our assumption, checked with db_bench 7.8.3 on two cores, 2 to 32 threads: 1.0 to 1.3 writes a group (fillrandom --statistics, tickers write.self and write.other).
 */
export function writersPerGroup(threads: number): number {
  return Math.max(1, threads / 2);
}

/** Begins a load whose puts cost this, on a device that gives a thread which writes alone so many bytes a second. */
export function startClient(client: Client, workload: WriteWorkload, cost: PutCost, writeBytesPerSec: number, nowMicros: number): void {
  client.workload = workload;
  client.cost = cost;
  client.mode = 'normal';
  client.puts = 0;
  client.startMicros = nowMicros;
  client.backlogPuts = 0;
  client.servedPuts = 0;
  client.elapsedMicros = 0;
  client.arrivals = [];
  client.userBytesPerPut = cost.userBytes;
  client.batchBytesPerPut = cost.batchBytes;
  client.walBytesPerPut = cost.walBytes;
  client.cpuMicrosPerPut = cost.insertMicros + cost.walMicros + cost.handoffMicros;
  client.walMicrosPerPut = 0;
  timePut(client, writeBytesPerSec);
  updateArrival(client, nowMicros);
}

/** Sets how long a put takes when nothing holds it, on a device that gives a thread which writes alone so many bytes a second. */
export function timePut(client: Client, writeBytesPerSec: number): void {
  const { cost } = client;
  if (cost === null) return;
  client.syncMicrosPerPut = cost.syncedBytes === 0 ? cost.syncMicros : cost.syncMicros + (cost.syncedBytes * 1e6) / writeBytesPerSec;
  // The WAL is written by one leader at a time; a group's inserts run in parallel, and beside the next group's WAL when pipelined.
  const parallelInsert = cost.insertMicros / cost.insertsAtOnce;
  const serialMicros = cost.walMicros + client.syncMicrosPerPut + cost.handoffMicros;
  client.serviceMicrosPerPut = cost.pipelined ? Math.max(serialMicros, parallelInsert) : serialMicros + parallelInsert;
}

/** Sets the arrival rate that holds from now on, for loads that change over time. */
export function updateArrival(client: Client, nowMicros: number): void {
  const { workload } = client;
  client.arrivalChangesAtMicros = Infinity;
  client.arrivalOpsPerSec = Infinity;
  if (workload === null) return;
  if (workload.arrival.kind === 'none') client.arrivalOpsPerSec = 0;
  if (workload.arrival.kind === 'paced') client.arrivalOpsPerSec = workload.arrival.bytesPerSec / client.userBytesPerPut;
  if (workload.arrival.kind !== 'open') return;
  setProfileRate(client, workload.arrival.profile, nowMicros);
  client.arrivals.push({
    sinceMicros: client.elapsedMicros,
    puts: client.servedPuts + client.backlogPuts,
    opsPerSec: client.arrivalOpsPerSec,
  });
}

function setProfileRate(client: Client, profile: RateProfile, nowMicros: number): void {
  const sinceMicros = nowMicros - client.startMicros;
  if (profile.shape === 'constant') {
    client.arrivalOpsPerSec = profile.opsPerSec;
  } else if (profile.shape === 'sine') {
    const middleSec = (Math.floor(sinceMicros / PROFILE_STEP_MICROS) * PROFILE_STEP_MICROS + PROFILE_STEP_MICROS / 2) / 1e6;
    const phase = (middleSec % profile.periodSec) / profile.periodSec;
    const rate = profile.meanOpsPerSec + profile.amplitudeOpsPerSec * sin(2 * Math.PI * phase);
    client.arrivalOpsPerSec = Math.max(0, rate);
    client.arrivalChangesAtMicros = client.startMicros + (Math.floor(sinceMicros / PROFILE_STEP_MICROS) + 1) * PROFILE_STEP_MICROS;
  } else {
    let rate = 0;
    let changeMicros = Infinity;
    for (const point of profile.points) {
      const atMicros = Math.round(point.atSec * 1e6);
      if (atMicros <= sinceMicros) rate = point.opsPerSec;
      else {
        changeMicros = client.startMicros + atMicros;
        break;
      }
    }
    client.arrivalOpsPerSec = rate;
    client.arrivalChangesAtMicros = changeMicros;
  }
}

/** Sets the put rate from the service rate (CPU, WAL) and, while delayed, from the delayed write rate (bytes/s of batches). */
export function setClientRate(client: Client, serviceOpsPerSec: number, delayedRateBytesPerSec: number): void {
  const delayed = client.mode === 'delayed';
  client.serviceOpsPerSec =
    client.mode === 'stopped' || client.mode === 'idle'
      ? 0
      : delayed
        ? Math.min(serviceOpsPerSec, delayedRateBytesPerSec / client.batchBytesPerPut)
        : serviceOpsPerSec;
  const open = client.workload?.arrival.kind === 'open';
  // An open loop with puts waiting works at full speed until they are gone.
  client.opsPerSec = open && client.backlogPuts > 0 ? client.serviceOpsPerSec : Math.min(client.serviceOpsPerSec, client.arrivalOpsPerSec);
}

/** Puts in `micros` at the present rate. */
export function putsIn(client: Client, micros: number): number {
  return (client.opsPerSec * micros) / 1e6;
}

/**
 * Records the latencies of `puts` that took place in the last `micros` at a constant rate, and moves the open loop's backlog.
 * `serviceMicros` is the time of one put that nothing holds.
 */
export function recordPuts(client: Client, puts: number, micros: number, serviceMicros: number, delayedRateBytesPerSec: number): void {
  const { workload } = client;
  if (workload === null) return;
  if (workload.arrival.kind === 'open') {
    recordOpenLoop(client, puts, micros, serviceMicros);
    return;
  }
  if (puts <= 0) return;
  const own = Math.max(1, Math.round(serviceMicros * workload.threads));
  if (client.mode !== 'delayed') {
    recordWhole(client, 0, own, puts);
    return;
  }
  const bytesPerRefill = (delayedRateBytesPerSec * DELAY_REFILL_MICROS) / 1e6;
  const groupBytes = client.batchBytesPerPut * workload.entriesPerBatch;
  if (groupBytes >= bytesPerRefill) {
    recordWhole(client, 1, Math.max(1, Math.round((groupBytes * 1e6) / delayedRateBytesPerSec + serviceMicros)), puts);
    return;
  }
  // One put in each refill interval sleeps; the others spend its credit.
  const sleeping = groupBytes / bytesPerRefill;
  recordWhole(client, 1, DELAY_SLEEP_MICROS + own, puts * sleeping);
  recordWhole(client, 0, own, puts * (1 - sleeping));
}

/** The load is over: parts of puts that were not recorded yet are, as far as they make whole ones. */
export function settleLatencies(client: Client): void {
  const left = Math.round(client.unrecorded[0]! + client.unrecorded[1]!);
  client.unrecorded.fill(0);
  if (left > 0) recordValueWithCount(client.latency, Math.max(1, Math.round(client.serviceMicrosPerPut)), left);
}

/** Puts are a fluid, histogram counts are whole: the fraction is carried to the next record of its kind. */
function recordWhole(client: Client, kind: 0 | 1, micros: number, puts: number): void {
  const due = client.unrecorded[kind]! + puts;
  const whole = Math.floor(due);
  if (whole <= 0) {
    client.unrecorded[kind] = due;
    return;
  }
  client.unrecorded[kind] = due - whole;
  recordValueWithCount(client.latency, micros, whole);
}

/** A stop ended: the put that each thread had in hand took as long as the stop. */
export function recordStop(client: Client, micros: number): void {
  const { workload } = client;
  if (workload === null || workload.arrival.kind === 'open' || micros < 1) return;
  const puts = workload.puts === null ? workload.threads : Math.min(workload.threads, Math.floor(workload.puts - client.puts));
  if (puts < 1) return;
  recordValueWithCount(client.latency, Math.round(micros), puts);
  // They are among the puts that the fluid goes on to count.
  client.unrecorded[0]! -= puts;
}

/** A put's delay counts from its arrival: puts are served in the order in which they came. */
function recordOpenLoop(client: Client, puts: number, micros: number, serviceMicros: number): void {
  const arrived = (client.arrivalOpsPerSec * micros) / 1e6;
  const before = client.backlogPuts;
  const after = Math.max(0, before + arrived - puts);
  const served = client.servedPuts;
  const sinceMicros = client.elapsedMicros;
  client.backlogPuts = after < 1e-6 ? 0 : after;
  client.servedPuts += puts;
  client.elapsedMicros += micros;
  if (puts <= 0) return;
  const own = Math.max(1, Math.round(serviceMicros));
  const slices = before > 1 || after > 1 ? OPEN_LOOP_SLICES : 1;
  for (let i = 0; i < slices; i++) {
    const part = (i + 0.5) / slices;
    const waitMicros = slices === 1 ? 0 : sinceMicros + micros * part - arrivalMicros(client, served + puts * part);
    recordWhole(client, 0, own + Math.max(0, Math.round(waitMicros)), puts / slices);
  }
}

/** When the put with this number came, micros since the start of the load. Numbers ascend from call to call. */
function arrivalMicros(client: Client, put: number): number {
  const { arrivals } = client;
  while (arrivals.length > 1 && arrivals[1]!.puts <= put) arrivals.shift();
  const from = arrivals[0];
  if (from === undefined) return 0;
  return from.opsPerSec > 0 ? from.sinceMicros + ((put - from.puts) * 1e6) / from.opsPerSec : from.sinceMicros;
}
