/**
 * The result document of an LSM run (`putmodel/lsm-result/1`): what `--json` prints and `summary.json` holds. Scripts depend on it:
 * adding a field keeps the schema's number, changing or removing one raises it. Key order is fixed here; `encodeJson` fixes the bytes.
 */
import { boundedMeanMicros, type Histogram, maxMicros, percentileMicros, totalCount } from '../kernel/histogram.js';
import { decodeV2Base64 } from '../kernel/histogram-codec.js';
import { createJobLog } from '../lsm/job-log.js';
import type { LsmResult, LsmSeries } from '../lsm/result.js';
import { csvColumn, decodeCsv, encodeCsv } from './csv.js';
import type { ResultDocument } from './kind.js';
import { decodeDatabases, encodeDatabases, familiesFile } from './lsm-databases-result.js';
import { decodeReads, encodeReads } from './lsm-reads-result.js';
import { levelFields } from './lsm-level-row.js';
import { encodeValidity, pick, type Validity } from './result.js';

/** Names the document and the number of its schema. */
export const lsmResultSchemaName = 'putmodel/lsm-result/1';

/** The document without its manifest: what the result hash is taken of. */
export function encodeLsmResult(result: LsmResult, validity: Validity): ResultDocument {
  const { bottleneck, stall } = result;
  return {
    schema: lsmResultSchemaName,
    putRate: pick(result.putRate, ['meanOpsPerSec', 'meanMiBPerSec']),
    writeAmplification: result.writeAmplification,
    writeAmplificationNoWal: result.writeAmplificationNoWal,
    writeAmplificationUser: result.writeAmplificationUser,
    spaceAmplification: result.spaceAmplification,
    compactionReadAmplification: result.compactionReadAmplification,
    assumptions: result.assumptions.map((entry) => pick(entry, ['what', 'value', 'source'])),
    stall: {
      stoppedSec: stall.stoppedSec,
      delayedSec: stall.delayedSec,
      stateSec: pick(stall.stateSec, ['normal', 'delayed', 'stopped']),
      byCause: pick(stall.byCause, ['memtable', 'l0Slowdown', 'l0Stop', 'pendingSlowdown', 'pendingStop']),
      firstAtSec: stall.firstAtSec,
      longestSec: stall.longestSec,
      episodes: stall.episodes.map((episode) =>
        pick(episode, ['startSec', 'endSec', 'cause', 'l0Files', 'pendingCompactionBytes', 'delayedWriteRateBytesPerSec', 'runningJobs']),
      ),
    },
    debt: pick(result.debt, ['pendingCompactionBytes', 'peakPendingCompactionBytes', 'drainSec']),
    space: pick(result.space, ['peakBytes', 'peakTransientBytes']),
    bottleneck: {
      binding: bottleneck.binding.map((entry) => pick(entry, ['limit', 'fraction'])),
      table: bottleneck.table.map((entry) => pick(entry, ['cause', 'limit', 'seconds'])),
      next: bottleneck.next === null ? null : pick(bottleneck.next, ['limit', 'headroomPercent']),
    },
    steadyState: pick(result.steadyState, ['reached', 'atSec', 'opsPerSec', 'writeAmplification']),
    levels: result.levels.map(levelFields),
    device: pick(result.device, ['readBytes', 'writtenBytes', 'walWrittenBytes', 'walDeviceBytes', 'busyFraction']),
    putLatencyMicros: latencySummary(result.putLatencyMicros),
    benchmarks: result.benchmarks.map((entry) => ({
      ...pick(entry, ['benchmark', 'puts', 'seconds', 'opsPerSec', 'mibPerSec']),
      ...(entry.reads === undefined ? {} : { reads: entry.reads, foundReads: entry.foundReads }),
    })),
    ...(result.reads === undefined ? {} : { reads: encodeReads(result.reads) }),
    userBytes: result.userBytes,
    flushedBytes: result.flushedBytes,
    series: pick(result.series, ['intervalSec', 'opsPerSec', 'l0Files', 'pendingCompactionBytes', 'delayedWriteRateBytesPerSec', 'state']),
    validity: encodeValidity(validity),
    events: result.events,
    simulatedSec: result.simulatedSec,
    rocksdbVersion: result.rocksdbVersion,
    policy: result.policy,
    ignoredFlags: result.ignoredFlags,
    warnings: result.warnings.map((entry) => pick(entry, ['code', 'message', 'path'])),
    ...(result.disk === undefined
      ? {}
      : { disk: pick(result.disk, ['capacityBytes', 'peakUsedBytes', 'fullAtSec', 'growthBytesPerSec', 'fullInSec']) }),
    ...(result.manualCompactions === undefined
      ? {}
      : {
          manualCompactions: result.manualCompactions.map((one) =>
            pick(one, ['database', 'startSec', 'endSec', 'readBytes', 'writtenBytes']),
          ),
        }),
    ...(result.tombstoneCount === undefined ? {} : { tombstoneCount: result.tombstoneCount }),
    ...(result.databases === undefined ? {} : { databases: encodeDatabases(result.databases) }),
  };
}

/**
 * The series as CSV, one row an interval: `tSec` is the end of the interval; the other columns are the series' names with their units,
 * then `level<N>Bytes` and `level<N>TargetBytes` (empty where a level has no target). `state` is the worst in the interval: 0 normal,
 * 1 delayed, 2 stopped.
 */
export function encodeSeriesCsv(series: LsmSeries): string {
  const { opsPerSec, intervalSec } = series;
  return encodeCsv(opsPerSec.length, [
    ['tSec', (index) => (index + 1) * intervalSec],
    ['opsPerSec', opsPerSec],
    ['l0Files', series.l0Files],
    ['pendingCompactionBytes', series.pendingCompactionBytes],
    ['delayedWriteRateBytesPerSec', series.delayedWriteRateBytesPerSec],
    ['state', series.state],
    ['flushBytes', series.flushBytes],
    ['compactionBytes', series.compactionBytes],
    ['walBytes', series.walBytes],
    ['flushWrittenBytes', series.flushWrittenBytes],
    ['compactionWrittenBytes', series.compactionWrittenBytes],
    ['delayedSec', series.delayedSec],
    ['stoppedSec', series.stoppedSec],
    ...series.levelBytes.map((bytes, level) => [`level${String(level)}Bytes`, bytes] as const),
    ...series.targetBytes.map((bytes, level) => [`level${String(level)}TargetBytes`, bytes] as const),
  ]);
}

/** The result that a directory's files hold; smallest and largest latency are known to their histogram slot only. */
export function decodeLsmResult(document: ResultDocument, readFile: (name: string) => string): LsmResult {
  const figures = document as unknown as LsmResult;
  const { benchmarks, bottleneck, levels, stall, steadyState, databases, tombstoneCount, disk, manualCompactions } = figures;
  return {
    kind: 'lsm',
    ...pick(figures, ['simulatedSec', 'events', 'putRate', 'writeAmplification', 'writeAmplificationNoWal', 'writeAmplificationUser']),
    ...pick(figures, ['spaceAmplification', 'debt', 'space', 'device', 'userBytes', 'flushedBytes', 'rocksdbVersion', 'assumptions']),
    ...pick(figures, ['policy', 'ignoredFlags', 'warnings', 'compactionReadAmplification']),
    ...{ benchmarks, bottleneck, levels, stall, steadyState },
    putLatencyMicros: decodeV2Base64(readFile('latency.hdr').trim()),
    series: decodeSeriesCsv(readFile('series.csv'), figures.series.intervalSec),
    ...decodeReads(document, readFile),
    // The directory's LOG has them already.
    jobLog: { jobs: null, stalls: createJobLog().stalls },
    ...(disk === undefined ? {} : { disk }),
    ...(manualCompactions === undefined ? {} : { manualCompactions }),
    ...(tombstoneCount === undefined ? {} : { tombstoneCount }),
    ...(databases === undefined ? {} : { databases: decodeDatabases(databases, readFile(familiesFile)) }),
  };
}

/** What `encodeSeriesCsv` wrote. */
function decodeSeriesCsv(text: string, intervalSec: number): LsmSeries {
  const file = 'series.csv';
  const table = decodeCsv(text, file);
  const column = (name: string): Float64Array => csvColumn(table, name, file);
  const levelCount = [...table.keys()].filter((name) => /^level\d+Bytes$/.test(name)).length;
  const byLevel = (what: string): Float64Array[] =>
    Array.from({ length: levelCount }, (_, level) => column(`level${String(level)}${what}`));
  return {
    intervalSec,
    opsPerSec: column('opsPerSec'),
    l0Files: column('l0Files'),
    pendingCompactionBytes: column('pendingCompactionBytes'),
    delayedWriteRateBytesPerSec: column('delayedWriteRateBytesPerSec'),
    state: Uint8Array.from(column('state')),
    flushBytes: column('flushBytes'),
    compactionBytes: column('compactionBytes'),
    walBytes: column('walBytes'),
    flushWrittenBytes: column('flushWrittenBytes'),
    compactionWrittenBytes: column('compactionWrittenBytes'),
    delayedSec: column('delayedSec'),
    stoppedSec: column('stoppedSec'),
    levelBytes: byLevel('Bytes'),
    targetBytes: byLevel('TargetBytes').map((bytes) => bytes.map((value) => (Number.isNaN(value) ? Infinity : value))),
  };
}

function latencySummary(histogram: Histogram): ResultDocument {
  const empty = totalCount(histogram) === 0;
  const at = (percentile: number): number | null => (empty ? null : percentileMicros(histogram, percentile));
  const max = empty ? null : maxMicros(histogram);
  return { p50: at(50), p95: at(95), p99: at(99), p999: at(99.9), max, mean: empty ? null : boundedMeanMicros(histogram) };
}
