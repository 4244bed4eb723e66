/** The figures of a finished run, from its counts. Reads the state, changes nothing. */
import { DRAWS_PER_KEY, ENTRIES, HI, LO } from './tree.js';
import { mergeHistograms, type Histogram } from '../kernel/histogram.js';
import { formatVersion } from '../rocksdb/version.js';
import { closeEpisode, limits, secByCause, stallCauses } from './recorder.js';
import { databasesOf, levelsOf, sumOfLevels } from './family-summary.js';
import type { Limit, LsmResult, StallCause } from './result.js';
import { meanTogether } from './speeds.js';
import { copyJobLog } from './job-log.js';
import type { FamilyState, HostState } from './state.js';
import { diskResult } from './disk.js';
import { manualResult } from './jobs.js';
import { distinctFraction } from './key-space.js';
import { liveKeys } from './tombstones.js';

const MIB = 1_048_576;

/** One finished write step. */
export interface BenchmarkRow {
  readonly benchmark: string;
  readonly puts: number;
  readonly seconds: number;
  readonly userBytes: number;
  /** Left out where nothing was read. */
  readonly reads?: number;
  readonly foundReads?: number;
}

/** The result of a run that has ended (drainSec is left null; it needs the run to go on). */
export function summarize(host: HostState, rows: readonly BenchmarkRow[], notes: readonly string[]): LsmResult {
  const { recorder, scenario, families } = host;
  closeEpisode(recorder, host.nowMicros);
  const last = rows[rows.length - 1];
  const benchmarks = rows.map((row) => ({
    benchmark: row.benchmark,
    puts: Math.round(row.puts),
    seconds: row.seconds,
    opsPerSec: row.seconds > 0 ? row.puts / row.seconds : 0,
    mibPerSec: row.seconds > 0 ? row.userBytes / MIB / row.seconds : 0,
    ...(row.reads === undefined ? {} : { reads: Math.round(row.reads), foundReads: Math.round(row.foundReads ?? 0) }),
  }));
  const sstBytes = recorder.flushBytes + recorder.compactionBytes;
  const stopped = recorder.stoppedMicros / 1e6;
  const delayed = recorder.delayedMicros / 1e6;
  return {
    kind: 'lsm',
    simulatedSec: host.nowMicros / 1e6,
    events: host.events,
    benchmarks,
    putRate: {
      meanOpsPerSec: last === undefined || last.seconds === 0 ? 0 : last.puts / last.seconds,
      meanMiBPerSec: last === undefined || last.seconds === 0 ? 0 : last.userBytes / MIB / last.seconds,
    },
    writeAmplification: recorder.userBytes > 0 ? (recorder.walBytes + sstBytes) / recorder.userBytes : null,
    writeAmplificationNoWal: recorder.flushBytes > 0 ? sstBytes / recorder.flushBytes : null,
    writeAmplificationUser: recorder.userBytes > 0 ? sstBytes / recorder.userBytes : null,
    spaceAmplification: spaceAmplification(host),
    compactionReadAmplification: recorder.userBytes > 0 ? compactionReadBytes(families) / recorder.userBytes : null,
    stall: {
      stoppedSec: stopped,
      delayedSec: delayed,
      stateSec: {
        normal: recorder.stateMicros[0]! / 1e6,
        delayed: recorder.stateMicros[1]! / 1e6,
        stopped: recorder.stateMicros[2]! / 1e6,
      },
      byCause: secByCause(recorder.causeMicros),
      firstAtSec: recorder.firstStallMicros < 0 ? null : recorder.firstStallMicros / 1e6,
      longestSec: recorder.longestMicros === 0 ? null : recorder.longestMicros / 1e6,
      episodes: [...recorder.episodes],
    },
    debt: {
      pendingCompactionBytes: debtBytes(host),
      peakPendingCompactionBytes: peakPendingBytes(host),
      drainSec: null,
    },
    space: { peakBytes: recorder.peakBytes, peakTransientBytes: recorder.peakTransientBytes },
    bottleneck: bottleneck(host),
    steadyState: steadyState(host),
    levels: sumOfLevels(families.map(levelsOf)),
    device: {
      readBytes: recorder.deviceReadBytes,
      writtenBytes: Math.round(sstBytes + recorder.walDeviceBytes),
      walWrittenBytes: Math.round(recorder.walBytes),
      walDeviceBytes: Math.round(recorder.walDeviceBytes),
      busyFraction: deviceBusy(host),
    },
    userBytes: Math.round(recorder.userBytes),
    flushedBytes: recorder.flushBytes,
    putLatencyMicros: latencyOf(host),
    series: trimSeries(host),
    jobLog: copyJobLog(recorder.jobLog),
    rocksdbVersion: formatVersion(scenario.rocksdbVersion),
    assumptions: scenario.assumptions,
    policy: scenario.policy.name,
    ignoredFlags: scenario.ignoredFlags,
    warnings: [
      ...scenario.warnings,
      ...host.device.warnings.map((message) => ({ code: 'DEVICE', message, path: 'device' })),
      ...notes.map((message) => ({ code: 'RUN', message, path: '' })),
    ],
    ...(host.disk === null ? {} : { disk: diskResult(host.disk, host) }),
    ...manualCompactionsOf(host),
    ...(families.every(({ tombstones }) => tombstones === null) ? {} : { tombstoneCount: tombstonesOf(families) }),
    ...(families.length === 1 ? {} : { databases: databasesOf(host) }),
  };
}

/** Those that are done, and those that are not. */
function manualCompactionsOf({ manualCompactions, stores }: HostState): Pick<LsmResult, 'manualCompactions'> {
  const running = stores.flatMap((store) => (store.manual?.online === true ? [manualResult(store, store.manual, null)] : []));
  const all = [...manualCompactions, ...running];
  return all.length === 0 ? {} : { manualCompactions: all };
}

/** In the files at the end. */
function tombstonesOf(families: readonly FamilyState[]): number {
  let entries = 0;
  for (const { tombstones } of families) for (const own of tombstones?.entriesOfFile.values() ?? []) entries += own;
  return Math.round(entries);
}

/** Of all families. */
function debtBytes({ families }: HostState): number {
  return Math.round(families.reduce((sum, family) => sum + family.debtBytes, 0));
}

function compactionReadBytes(families: readonly FamilyState[]): number {
  return families.reduce((sum, { counts }) => sum + sumOf(counts.levels.readBytes), 0);
}

/** Latencies of all writers. */
function latencyOf({ writers }: HostState): Histogram {
  return writers.length === 1 ? writers[0]!.client.latency : mergeHistograms(writers.map(({ client }) => client.latency))!;
}

function sumOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

function peakPendingBytes(host: HostState): number {
  const { series } = host.recorder;
  let peak = debtBytes(host);
  for (let i = 0; i < series.count; i++) peak = Math.max(peak, series.pendingCompactionBytes[i]!);
  return peak;
}

/** Time the transfers take at the device's full bandwidth, seconds each way. */
function transferSec({ recorder, speeds, nowMicros }: HostState): { readonly writes: number; readonly reads: number } {
  const together = meanTogether(speeds, nowMicros);
  const writtenBytes = recorder.flushBytes + recorder.compactionBytes + recorder.walDeviceBytes;
  return { writes: writtenBytes / together.writeBytesPerSec, reads: recorder.deviceReadBytes / together.readBytesPerSec };
}

/** The same both ways together, as a fraction of the run. */
function deviceBusy(host: HostState): number {
  const { spanMicros } = host.recorder;
  if (spanMicros === 0) return 0;
  const { writes, reads } = transferSec(host);
  return Math.min(1, ((writes + reads) * 1e6) / spanMicros);
}

/** Live bytes over the bytes that each key's newest version would take. */
function spaceAmplification({ families }: HostState): number | null {
  let entries = 0;
  let distinct = 0;
  for (const family of families) {
    const own = entriesOf(family);
    entries += own.entries;
    distinct += Math.min(own.entries, own.distinct);
  }
  return distinct > 0 ? entries / distinct : null;
}

/** Entries of a family's files, and how many distinct keys they are of. */
function entriesOf(family: FamilyState): { readonly entries: number; readonly distinct: number } {
  const { files } = family.tree;
  let entries = 0;
  let drawsPerKey = 0;
  for (const level of family.tree.levels) {
    for (let i = 0; i < level.count; i++) {
      const id = level.ids[i]!;
      entries += files.rows[(id << 3) + ENTRIES]!;
      drawsPerKey += files.rows[(id << 3) + DRAWS_PER_KEY]! * (files.rows[(id << 3) + HI]! - files.rows[(id << 3) + LO]!);
    }
  }
  const { tree, keySpace, tombstones } = family;
  if (tombstones !== null) return { entries, distinct: liveKeys(tree, keySpace, tombstones) };
  return { entries, distinct: distinctFraction(keySpace, drawsPerKey) * keySpace.keyCount };
}

function bottleneck(host: HostState): LsmResult['bottleneck'] {
  const { recorder } = host;
  const total = Math.max(1, recorder.spanMicros);
  const byLimit = new Map<Limit, number>();
  const table: { cause: StallCause | 'none'; limit: Limit; seconds: number }[] = [];
  for (let cause = 0; cause <= stallCauses.length; cause++) {
    for (let limit = 0; limit < limits.length; limit++) {
      const micros = recorder.bindingMicros[cause * limits.length + limit]!;
      if (micros === 0) continue;
      table.push({ cause: stallCauses[cause] ?? 'none', limit: limits[limit]!, seconds: micros / 1e6 });
      byLimit.set(limits[limit]!, (byLimit.get(limits[limit]!) ?? 0) + micros);
    }
  }
  table.sort((a, b) => b.seconds - a.seconds);
  const binding = [...byLimit].map(([limit, micros]) => ({ limit, fraction: micros / total }));
  binding.sort((a, b) => b.fraction - a.fraction);
  return { binding, table, next: nextLimit(host, binding[0]?.limit ?? null) };
}

/**
 * Of the resources that do not bind, the busiest one, and by how much the load could grow until it is full. The device is one resource: reads and
 * writes fill it together, and it is named by the larger of the two.
 */
function nextLimit(host: HostState, bound: Limit | null): LsmResult['bottleneck']['next'] {
  const { recorder } = host;
  const seconds = recorder.spanMicros / 1e6;
  if (seconds === 0) return null;
  const written = recorder.flushBytes + recorder.compactionBytes;
  const use: { limit: Limit; fraction: number }[] = [{ limit: 'cpu', fraction: recorder.cpuBusyMicros / recorder.spanMicros }];
  const { writes, reads } = transferSec(host);
  if (bound !== 'deviceWrite' && bound !== 'deviceRead')
    use.push({ limit: writes >= reads ? 'deviceWrite' : 'deviceRead', fraction: deviceBusy(host) });
  const limit = limiterBytesPerSec(host);
  if (limit > 0) use.push({ limit: 'rateLimiter', fraction: written / seconds / limit });
  const others = use.filter((entry) => entry.limit !== bound).sort((a, b) => b.fraction - a.fraction);
  const next = others[0];
  if (next === undefined || next.fraction <= 0) return null;
  return { limit: next.limit, headroomPercent: Math.max(0, 100 * (1 / Math.min(1, next.fraction) - 1)) };
}

/** What all limiters let through; 0 where a store has none. */
function limiterBytesPerSec({ limiters }: HostState): number {
  const rates = limiters.map(({ maxBytesPerSec }) => maxBytesPerSec);
  return rates.includes(0) ? 0 : rates.reduce((sum, rate) => sum + rate, 0);
}

/** Windows in the rule below. */
const STEADY_WINDOWS = 10;
const STEADY_TOLERANCE = 0.05;

/**
 * Our rule: the run is cut in ten windows; it is steady from the first window after which all later windows' put rates stay within 5 %
 * of their mean, if at least three windows are left. The figures are means from there on.
 */
function steadyState(host: HostState): LsmResult['steadyState'] {
  const { series } = host.recorder;
  const none = { reached: false, atSec: null, opsPerSec: null, writeAmplification: null };
  const width = Math.floor(series.count / STEADY_WINDOWS);
  if (width < 1) return none;
  const means: number[] = [];
  for (let w = 0; w < STEADY_WINDOWS; w++) {
    let sum = 0;
    for (let i = w * width; i < (w + 1) * width; i++) sum += series.opsPerSec[i]!;
    means.push(sum / width);
  }
  for (let start = 0; start + 3 <= STEADY_WINDOWS; start++) {
    const tail = means.slice(start);
    const mean = tail.reduce((a, b) => a + b, 0) / tail.length;
    if (mean <= 0 || tail.some((value) => Math.abs(value - mean) > STEADY_TOLERANCE * mean)) continue;
    let flush = 0;
    let compaction = 0;
    for (let i = start * width; i < series.count; i++) {
      flush += series.flushBytes[i]!;
      compaction += series.compactionBytes[i]!;
    }
    return { reached: true, atSec: start * width, opsPerSec: mean, writeAmplification: flush > 0 ? (flush + compaction) / flush : null };
  }
  return none;
}

function trimSeries(host: HostState): LsmResult['series'] {
  const { series } = host.recorder;
  const { count } = series;
  return {
    intervalSec: 1,
    opsPerSec: series.opsPerSec.slice(0, count),
    l0Files: series.l0Files.slice(0, count),
    pendingCompactionBytes: series.pendingCompactionBytes.slice(0, count),
    delayedWriteRateBytesPerSec: series.delayedWriteRateBytesPerSec.slice(0, count),
    state: series.state.slice(0, count),
    flushBytes: series.flushBytes.slice(0, count),
    compactionBytes: series.compactionBytes.slice(0, count),
    walBytes: series.walBytes.slice(0, count),
    flushWrittenBytes: series.flushWrittenBytes.slice(0, count),
    compactionWrittenBytes: series.compactionWrittenBytes.slice(0, count),
    delayedSec: series.delayedSec.slice(0, count),
    stoppedSec: series.stoppedSec.slice(0, count),
    levelBytes: series.levelBytes.map((rows) => rows.slice(0, count)),
    targetBytes: series.targetBytes.map((rows) => rows.slice(0, count)),
  };
}
