/**
 * Who writes where: a load's client, and the column families that its puts go to. One load may go to several families and databases
 * (db_bench --num_column_families, --num_multi_db), and several loads may run at once.
 *
 * Each put's family is drawn at random. A memtable of n entries in a family with share p is therefore full after n / p puts of the load
 * on average, with a standard deviation of sqrt(n (1 - p)) / p (negative binomial): so memtables that begin together drift apart. A
 * family's part of the puts is drawn anew with each of its memtables. Puts are a fluid otherwise (clients.ts).
 */
import type { Histogram } from '../kernel/histogram.js';
import type { RandomStream } from '../kernel/random.js';
import { createClient, putCost, startClient, type Client, type ClientMode, type PutCost } from './clients.js';
import type { StallCause } from './result.js';
import type { Load, LoadTarget, WriteWorkload } from './scenario.js';
import type { FamilyState, HostState, StoreState } from './state.js';
import type { Recorder } from './recorder.js';
import { walRoomBytes } from './wal-limit.js';
import { entryBytes, memtableRoomBytes } from './write-buffer-manager.js';
import type { Token } from './write-controller.js';

/** A family's part of a load. */
export interface Target {
  readonly store: StoreState;
  readonly family: FamilyState;
  readonly share: number;
  /** Its part of the puts while its present memtable fills; those of all targets add up to 1. */
  weight: number;
  /** The share with this memtable's luck, before all are made to add up to 1. */
  drawn: number;
  readonly cost: PutCost;
  /** By what it holds the writer, or held it last. */
  cause: StallCause | null;
}

/** A client at work. */
export interface Writer {
  readonly client: Client;
  readonly random: RandomStream;
  targets: readonly Target[];
  /** The step's time is over, and a stop holds the put in hand. */
  endDue: boolean;
  /** What holds the writer, or held it last. */
  holders: readonly Target[];
}

/** A family other than the default one is named in the batch: one byte, as long as there are fewer than 128. */
const FAMILY_ID_BYTES = 1;

/** A writer without a load. */
export function createWriter(latency: Histogram, random: RandomStream): Writer {
  return { client: createClient(latency), random, targets: [], endDue: false, holders: [] };
}

/** Begins a load now; the families' memtables are taken to be where they are. */
export function startWriter(writer: Writer, load: Load, host: HostState): void {
  const { workload } = load;
  const drawn = load.targets.map((to): Target => {
    const store = host.stores[to.storeIndex]!;
    return {
      store,
      family: store.families[to.familyIndex]!,
      share: to.shareFraction,
      weight: to.shareFraction,
      drawn: to.shareFraction,
      cost: costOf(workload, to, store, host),
      cause: null,
    };
  });
  writer.targets = drawn;
  writer.endDue = false;
  writer.holders = [];
  for (const target of drawn) drawWeight(writer, target);
  startClient(writer.client, workload, meanCost(drawn), host.speeds.aloneWriteBytesPerSec, host.nowMicros);
}

function writePathOf({ options }: StoreState, family: FamilyState): Parameters<typeof putCost>[3] {
  return {
    writeBufferBytes: family.options.write_buffer_size,
    enablePipelinedWrite: options.enable_pipelined_write,
    recycledLogs: options.recycle_log_file_num > 0,
    maxGroupBytes: options.max_write_batch_group_size_bytes,
  };
}

/** Of a put, or of puts and deletes together: a delete is a put without a value. */
function costOf(workload: WriteWorkload, to: LoadTarget, store: StoreState, host: HostState): PutCost {
  const { deleteFraction = 0 } = workload;
  const extraBytes = to.familyIndex === 0 ? 0 : FAMILY_ID_BYTES;
  const path = writePathOf(store, store.families[to.familyIndex]!);
  const put = putCost(workload, to, host.profile, path, extraBytes);
  if (deleteFraction === 0) return put;
  const cost = putCost(workload, { ...to, valueSizeBytes: 0 }, host.profile, path, extraBytes);
  return meanCost([
    { share: 1 - deleteFraction, cost: put },
    { share: deleteFraction, cost },
  ]);
}

/** What a put costs on average. */
function meanCost(targets: readonly Pick<Target, 'share' | 'cost'>[]): PutCost {
  const mean = (read: (cost: PutCost) => number): number => targets.reduce((sum, { share, cost }) => sum + share * read(cost), 0);
  return {
    userBytes: mean((cost) => cost.userBytes),
    batchBytes: mean((cost) => cost.batchBytes),
    walBytes: mean((cost) => cost.walBytes),
    insertMicros: mean((cost) => cost.insertMicros),
    walMicros: mean((cost) => cost.walMicros),
    syncMicros: mean((cost) => cost.syncMicros),
    syncedBytes: mean((cost) => cost.syncedBytes),
    handoffMicros: mean((cost) => cost.handoffMicros),
    insertsAtOnce: mean((cost) => cost.insertsAtOnce),
    pipelined: targets.every(({ cost }) => cost.pipelined),
  };
}

/** A memtable begins: its family's part of the puts is drawn for it. */
export function drawWeight(writer: Writer, target: Target): void {
  const { targets } = writer;
  if (targets.length === 1) return;
  const { share, family } = target;
  const spread = Math.sqrt((1 - share) / Math.max(1, family.capacityEntries));
  target.drawn = share * Math.max(0.01, 1 + spread * writer.random.normal());
  let sum = 0;
  for (const { drawn } of targets) sum += drawn;
  for (const one of targets) one.weight = one.drawn / sum;
}

/** Puts of the load until one of its memtables is full, a WAL too long, or the memory of all memtables taken. */
export function putsUntilFull({ client, targets }: Writer): number {
  let least = Infinity;
  for (let i = 0; i < targets.length; i++) {
    const { family, weight } = targets[i]!;
    least = Math.min(least, Math.max(0, family.capacityEntries - family.active.entries) / weight);
  }
  if (targets.length > 1 && client.walBytesPerPut > 0) {
    for (const { store } of targets) least = Math.min(least, walRoomBytes(store) / client.walBytesPerPut);
  }
  for (let i = 0; i < targets.length; i++) {
    const { store } = targets[i]!;
    if (store.options.db_write_buffer_size > 0) least = Math.min(least, memtableRoomBytes(store) / memtableBytesPerPut(targets, store));
  }
  return least;
}

/** Memory that a put of the load takes in this store's memtables, on average. */
function memtableBytesPerPut(targets: readonly Target[], store: StoreState): number {
  let bytes = 0;
  for (const target of targets) if (target.store === store) bytes += target.weight * entryBytes(target.family);
  return bytes;
}

/** A store whose memtables have no room for another put; null when there is none. */
export function crowdedStore({ targets }: Writer): StoreState | null {
  for (let i = 0; i < targets.length; i++) {
    const { store } = targets[i]!;
    if (store.options.db_write_buffer_size > 0 && memtableRoomBytes(store) < 0.5 * memtableBytesPerPut(targets, store)) return store;
  }
  return null;
}

/** A store whose WAL is too long; null when there is none. */
export function longWal({ client, targets }: Writer): StoreState | null {
  if (targets.length === 1 || client.walBytesPerPut === 0) return null;
  return targets.find(({ store }) => walRoomBytes(store) < client.walBytesPerPut)?.store ?? null;
}

/** A target whose memtable is full; null when there is none. */
export function fullTarget({ targets }: Writer): Target | null {
  for (let i = 0; i < targets.length; i++) {
    const { family } = targets[i]!;
    if (family.capacityEntries - family.active.entries < 0.5) return targets[i]!;
  }
  return null;
}

/** Whether RocksDB hands a store's WAL to the device while it is written; else it is left to the kernel. */
function sendsWal({ workload }: Client, { options }: StoreState): boolean {
  return workload?.sync === true || options.wal_bytes_per_sync > 0;
}

/** WAL bytes of a put that go to the device while puts go on. */
export function sentWalBytesPerPut({ client, targets }: Writer): number {
  let bytes = 0;
  for (let i = 0; i < targets.length; i++) {
    const { store, weight, cost } = targets[i]!;
    if (sendsWal(client, store)) bytes += weight * cost.walBytes;
  }
  return bytes;
}

/** Puts land in memtables and WALs. */
export function addPuts({ client, targets }: Writer, puts: number, recorder: Recorder): void {
  client.puts += puts;
  recorder.puts += puts;
  for (let i = 0; i < targets.length; i++) {
    const { store, family, weight, cost } = targets[i]!;
    const own = puts * weight;
    const walBytes = own * cost.walBytes;
    const userBytes = own * cost.userBytes;
    family.active.entries += own;
    if (family.tombstones !== null) family.active.deletes += own * family.tombstones.deleteFraction;
    family.active.walBytes += walBytes;
    family.seq += own;
    family.counts.puts += own;
    family.counts.userBytes += userBytes;
    store.walBytes += walBytes;
    if (sendsWal(client, store)) {
      family.active.walSentBytes += walBytes;
      recorder.walDeviceBytes += walBytes;
    }
    recorder.userBytes += userBytes;
    recorder.walBytes += walBytes;
  }
}

/** How the writer is held: by the store that holds it most, since a thread that waits for one writes to none. */
export function heldMode({ targets }: Writer): Exclude<ClientMode, 'idle'> {
  let mode: 'normal' | 'delayed' = 'normal';
  for (let i = 0; i < targets.length; i++) {
    const { held } = targets[i]!.store;
    if (held === 'stopped') return 'stopped';
    if (held === 'delayed') mode = 'delayed';
  }
  return mode;
}

/** Bytes/s of batches that the delays leave to the load: the store that is slowest for its part of the puts decides. */
export function delayedBytesPerSec({ client, targets }: Writer): number {
  if (targets.length === 1) return targets[0]!.store.controller.rateBytesPerSec;
  let opsPerSec = Infinity;
  for (const { store } of targets) {
    if (store.held !== 'delayed') continue;
    let bytesPerPut = 0;
    for (const other of targets) if (other.store === store) bytesPerPut += other.share * other.cost.batchBytes;
    opsPerSec = Math.min(opsPerSec, store.controller.rateBytesPerSec / bytesPerPut);
  }
  return opsPerSec * client.batchBytesPerPut;
}

const nobody: readonly Target[] = [];

function tokenOf({ store, family }: Target): Token {
  return store.controller.tokens[family.index]!;
}

/** The families that hold the writer now; those that held it last while it has not been woken yet. */
export function findHolders(writer: Writer): readonly Target[] {
  const { client, targets } = writer;
  const token = client.mode === 'stopped' ? 'stop' : client.mode === 'delayed' ? 'delay' : null;
  if (token === null) return (writer.holders = nobody);
  // One target is the usual case, met at every event: no list is made for it.
  const holders =
    targets.length > 1 ? targets.filter((target) => tokenOf(target) === token) : tokenOf(targets[0]!) === token ? targets : nobody;
  if (holders.length === 0) return writer.holders;
  for (const holder of holders) holder.cause = holder.store.controller.causes[holder.family.index]!;
  writer.holders = holders;
  return holders;
}
