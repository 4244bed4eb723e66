/**
 * The result document of an LSM run (`putmodel/lsm-result/1`): what `--json` prints and `summary.json` holds. Scripts depend on it:
 * adding a field keeps the schema's number, changing or removing one raises it. Key order is fixed here; `encodeJson` fixes the bytes.
 */
import { PutmodelError } from '../kernel/errors.js';
import { maxMicros, meanMicros, totalCount, valueAtPercentile, type Histogram } from '../kernel/histogram.js';
import type { LsmResult, LsmSeries } from '../lsm/result.js';
import type { InputFile, ResultDocument } from './kind.js';

/** Names the document and the number of its schema. */
export const lsmResultSchemaName = 'putmodel/lsm-result/1';

/** Whether a run lies inside what was compared with real runs, and how far off such predictions were there. */
export interface Validity {
  readonly inside: boolean;
  /** What lies outside, in words; empty when inside. */
  readonly outside: readonly string[];
  /** Of put rate, over the real runs like this one; null when there are none. */
  readonly expectedErrorPercent: { readonly p50: number; readonly p90: number } | null;
  /** How many real runs like this one were compared. */
  readonly runs: number;
}

/** Says that nothing was compared: the honest answer where no accuracy table is at hand. */
export const notValidated: Validity = {
  inside: false,
  outside: ['no accuracy table: nothing was compared with real runs'],
  expectedErrorPercent: null,
  runs: 0,
};

/** What makes a result reproducible. Nothing in it depends on where or when the run was made. */
export interface Manifest {
  readonly schema: 'putmodel/manifest/1';
  readonly engineVersion: string;
  /** SHA-256 of the resolved scenario's canonical JSON. */
  readonly scenarioHash: string;
  readonly seed: number;
  readonly inputs: readonly InputFile[];
  /** SHA-256 of the result document without its manifest, as `encodeJson` writes it. */
  readonly resultHash: string;
}

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
    debt: pick(result.debt, ['pendingCompactionBytes', 'drainSec']),
    space: pick(result.space, ['peakBytes', 'peakTransientBytes']),
    bottleneck: {
      binding: bottleneck.binding.map((entry) => pick(entry, ['limit', 'fraction'])),
      table: bottleneck.table.map((entry) => pick(entry, ['cause', 'limit', 'seconds'])),
      next: bottleneck.next === null ? null : pick(bottleneck.next, ['limit', 'headroomPercent']),
    },
    steadyState: pick(result.steadyState, ['reached', 'atSec', 'opsPerSec', 'writeAmplification']),
    levels: result.levels.map((row) => ({
      ...pick(row, ['level', 'files', 'bytes', 'readBytes', 'writtenBytes', 'movedBytes', 'compactions']),
      ...pick(row, ['score', 'readUpperBytes', 'compactionSec', 'compactionCpuSec', 'recordsIn', 'recordsDropped']),
    })),
    device: pick(result.device, ['readBytes', 'writtenBytes', 'walWrittenBytes', 'walDeviceBytes', 'busyFraction']),
    putLatencyMicros: latencySummary(result.putLatencyMicros),
    benchmarks: result.benchmarks.map((entry) => pick(entry, ['benchmark', 'puts', 'seconds', 'opsPerSec', 'mibPerSec'])),
    userBytes: result.userBytes,
    flushedBytes: result.flushedBytes,
    series: pick(result.series, ['intervalSec', 'opsPerSec', 'l0Files', 'pendingCompactionBytes', 'delayedWriteRateBytesPerSec', 'state']),
    validity: {
      inside: validity.inside,
      outside: validity.outside,
      expectedErrorPercent: validity.expectedErrorPercent === null ? null : pick(validity.expectedErrorPercent, ['p50', 'p90']),
      runs: validity.runs,
    },
    events: result.events,
    simulatedSec: result.simulatedSec,
    rocksdbVersion: result.rocksdbVersion,
    ignoredFlags: result.ignoredFlags,
    warnings: result.warnings.map((entry) => pick(entry, ['code', 'message', 'path'])),
  };
}

/** The document with what makes it reproducible: the content of summary.json. */
export function withManifest(document: ResultDocument, manifest: Manifest): ResultDocument {
  return { ...document, manifest: pick(manifest, ['schema', 'engineVersion', 'scenarioHash', 'seed', 'inputs', 'resultHash']) };
}

/**
 * A result document read back: checks that it is an object of a schema this version reads.
 * @throws PutmodelError INPUT_SYNTAX for anything but JSON, INPUT_UNSUPPORTED for another schema or number, by name.
 */
export function decodeResult(text: string, file: string): ResultDocument {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new PutmodelError({ code: 'INPUT_SYNTAX', message: 'not a JSON document', file });
  }
  const schema = typeof value === 'object' && value !== null && 'schema' in value ? value.schema : undefined;
  if (schema !== lsmResultSchemaName) {
    const found = schema === undefined ? 'no schema' : JSON.stringify(schema);
    throw new PutmodelError({
      code: 'INPUT_UNSUPPORTED',
      message: 'not a result this version reads',
      file,
      path: 'schema',
      found,
      expected: lsmResultSchemaName,
    });
  }
  return value as ResultDocument;
}

/**
 * The series as CSV, one row an interval: `tSec` is the end of the interval; the other columns are the series' names with their units,
 * then `level<N>Bytes`. `state` is the worst in the interval: 0 normal, 1 delayed, 2 stopped.
 */
export function encodeSeriesCsv(series: LsmSeries): string {
  const columns: readonly (readonly [string, ArrayLike<number>])[] = [
    ['opsPerSec', series.opsPerSec],
    ['l0Files', series.l0Files],
    ['pendingCompactionBytes', series.pendingCompactionBytes],
    ['delayedWriteRateBytesPerSec', series.delayedWriteRateBytesPerSec],
    ['state', series.state],
    ['flushBytes', series.flushBytes],
    ['compactionBytes', series.compactionBytes],
    ['walBytes', series.walBytes],
    ...series.levelBytes.map((bytes, level) => [`level${String(level)}Bytes`, bytes] as const),
  ];
  const rows = [['tSec', ...columns.map(([name]) => name)].join(',')];
  for (let index = 0; index < series.opsPerSec.length; index++) {
    const cells = columns.map(([, values]) => csvNumber(values[index]));
    rows.push([csvNumber((index + 1) * series.intervalSec), ...cells].join(','));
  }
  return `${rows.join('\n')}\n`;
}

/** An empty cell for what is not a number. */
function csvNumber(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? '' : String(value);
}

function latencySummary(histogram: Histogram): ResultDocument {
  const empty = totalCount(histogram) === 0;
  const at = (percentile: number): number | null => (empty ? null : valueAtPercentile(histogram, percentile));
  const max = empty ? null : maxMicros(histogram);
  return { p50: at(50), p95: at(95), p99: at(99), p999: at(99.9), max, mean: empty ? null : meanMicros(histogram) };
}

/** The named fields in the named order: the order of a document never depends on how an object was built. */
function pick<T extends object, K extends keyof T>(value: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, value[key]])) as Pick<T, K>;
}
