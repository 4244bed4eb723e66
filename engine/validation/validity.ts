/**
 * Where predictions have been compared with real runs, and how far off they were there. `results/reference/accuracy.json` holds one row a
 * real run (made by bench/accuracy.ts); a result is inside when runs like it were compared: bound by the same resource, of the same style
 * and way of writing, its sizes and counts within theirs.
 */
import { PutmodelError, type Issue } from '../kernel/errors.js';
import { isMap } from '../kernel/maps.js';
import type { Regime, RunFeatures } from '../lsm/features.js';
import { behaveAlike, formatVersion, parseVersion, referenceVersion, type RocksdbVersion } from '../rocksdb/version.js';
import type { Kind, Result, Scenario } from '../scenario/kind.js';
import { notValidated, type Validity } from '../scenario/result.js';
import { percentile } from './score.js';

/** How far a run was checked: by its features, or where to look for what was. `rows`: null where the table is missing. */
export function validityOfRun<S extends Scenario, R extends Result>(
  kind: Kind<S, R>,
  scenario: S,
  result: R,
  rows: readonly AccuracyRow[] | null,
): Validity {
  const features = kind.features(scenario, result);
  if (features !== null) return rows === null ? notValidated : judgeValidity(features, rows);
  const said =
    kind.comparedIn === undefined
      ? `nothing of kind ${kind.name} was compared with real runs`
      : `no run of kind ${kind.name} is judged by itself; those compared with real ones: ${kind.comparedIn}`;
  return { ...notValidated, outside: [said] };
}

/** One real run and how far the prediction was from it, in percent of the real value (signed; stall: of the run's length). */
export interface AccuracyRow {
  readonly name: string;
  readonly features: RunFeatures;
  readonly putRateErrorPercent: number;
  readonly writeAmplificationErrorPercent: number | null;
  readonly stallErrorPercent: number | null;
  readonly curveNrmse: number | null;
}

/** Schema name of results/reference/accuracy.json. */
export const accuracySchemaName = 'putmodel/accuracy/1';

/** How far a figure may lie outside the checked ones and still count as like them (1000 B against 1024 B): our assumption. */
const nearFactor = 1.25;

/**
 * Compares a run with the rows. `inside` when each of its features occurs among the rows of its regime (numbers: between the smallest and
 * the largest, a quarter more or less). The expected error is that of the rows of its regime and style, or of its regime where the style
 * was not checked; null where no row is of its regime.
 */
export function judgeValidity(features: RunFeatures, rows: readonly AccuracyRow[]): Validity {
  const alike = rows.filter((row) => row.features.regime === features.regime);
  if (alike.length === 0) {
    const checked = [...new Set(rows.map((row) => row.features.regime))].join(', ');
    const outside = [`bound by ${regimeNames[features.regime]} (checked ${checked === '' ? 'nothing' : checked})`];
    return { inside: false, outside, expectedErrorPercent: null, runs: 0 };
  }
  const checked = alike.map((row) => row.features);
  const outside = [
    ...(features.besides ?? []).map((what) => `${what} (checked without)`),
    ...choices.flatMap(({ name, read }) => outsideChoices(name, read(features), checked.map(read))),
    ...outsideVersion(features, checked),
    ...amounts.flatMap(({ name, read }) => outsideRange(name, read(features), checked.map(read))),
  ];
  const sameStyle = alike.filter((row) => row.features.compactionStyle === features.compactionStyle);
  const nearest = sameStyle.length > 0 ? sameStyle : alike;
  const errors = nearest.map((row) => Math.abs(row.putRateErrorPercent));
  const p50 = percentile(errors, 50);
  const p90 = percentile(errors, 90);
  return {
    inside: outside.length === 0,
    outside,
    expectedErrorPercent: p50 === null || p90 === null ? null : { p50, p90, max: Math.max(...errors) },
    runs: nearest.length,
  };
}

/**
 * The rows of an accuracy table.
 * @throws PutmodelError INPUT_INVALID for a document of another schema or a row without name, features or error.
 */
export function parseAccuracy(document: unknown, file?: string): AccuracyRow[] {
  const issue = (path: string, message: string): Issue => ({ code: 'INPUT_INVALID', message, file, path });
  if (!isMap(document) || document['schema'] !== accuracySchemaName || !Array.isArray(document['rows'])) {
    throw new PutmodelError({ ...issue('schema', 'not an accuracy table'), expected: accuracySchemaName });
  }
  const rows: readonly unknown[] = document['rows'];
  const broken = rows.flatMap((row, index) =>
    isAccuracyRow(row) ? [] : [issue(`rows[${String(index)}]`, 'a row without name, features or error')],
  );
  if (broken.length > 0) throw new PutmodelError(broken);
  return rows.filter(isAccuracyRow);
}

const regimeNames: Readonly<Record<Regime, string>> = {
  limiter: 'the rate limiter',
  cpu: 'CPU time',
  device: 'the device',
  sync: 'waiting for syncs',
  client: 'the client',
};

const choices: readonly { readonly name: string; readonly read: (features: RunFeatures) => string }[] = [
  { name: 'compaction_style', read: (features) => features.compactionStyle },
  { name: 'policy', read: (features) => features.policy },
  { name: 'compression', read: (features) => features.compression },
  { name: 'WAL', read: (features) => onOff(features.wal) },
  { name: 'direct I/O', read: (features) => onOff(features.directIo) },
  { name: 'key distribution', read: (features) => features.distribution },
  { name: 'reads', read: (features) => onOff(features.reads ?? false) },
];

const amounts: readonly { readonly name: string; readonly read: (features: RunFeatures) => number }[] = [
  { name: 'threads', read: (features) => features.threads },
  { name: 'max_background_jobs', read: (features) => features.backgroundJobs },
  { name: 'key_size', read: (features) => features.keySizeBytes },
  { name: 'value_size', read: (features) => features.valueSizeBytes },
  { name: 'write_buffer_size', read: (features) => features.writeBufferBytes },
  { name: 'block_size', read: (features) => features.blockSizeBytes },
  { name: 'seconds', read: (features) => Math.round(features.seconds) },
];

function outsideChoices(name: string, value: string, checked: readonly string[]): string[] {
  return checked.includes(value) ? [] : [`${name} ${value} (checked ${[...new Set(checked)].join(', ')})`];
}

/** A release counts as checked when one that follows the same rules was. */
function outsideVersion(features: RunFeatures, checked: readonly RunFeatures[]): string[] {
  const versionOf = ({ rocksdbVersion }: RunFeatures): RocksdbVersion =>
    rocksdbVersion === undefined ? referenceVersion : parseVersion(rocksdbVersion);
  const own = versionOf(features);
  const others = checked.map(versionOf);
  if (others.some((other) => behaveAlike(own, other))) return [];
  return [`rocksdb_version ${formatVersion(own)} (checked ${[...new Set(others.map(formatVersion))].join(', ')})`];
}

function outsideRange(name: string, value: number, checked: readonly number[]): string[] {
  const lowest = Math.min(...checked);
  const highest = Math.max(...checked);
  // Shorter runs are the beginnings of longer ones.
  const shortEnough = name === 'seconds' ? 0 : lowest / nearFactor;
  if (value >= shortEnough && value <= highest * nearFactor) return [];
  return [`${name} ${String(value)} (checked ${lowest === highest ? String(lowest) : `${String(lowest)}-${String(highest)}`})`];
}

function onOff(value: boolean): string {
  return value ? 'on' : 'off';
}

function isAccuracyRow(row: unknown): row is AccuracyRow {
  if (!isMap(row) || typeof row['name'] !== 'string' || typeof row['putRateErrorPercent'] !== 'number') return false;
  const features = row['features'];
  if (!isMap(features) || typeof features['regime'] !== 'string' || !(features['regime'] in regimeNames)) return false;
  const numbers = ['threads', 'backgroundJobs', 'keySizeBytes', 'valueSizeBytes', 'writeBufferBytes', 'blockSizeBytes', 'seconds'];
  return numbers.every((key) => typeof features[key] === 'number') && typeof features['compactionStyle'] === 'string';
}
