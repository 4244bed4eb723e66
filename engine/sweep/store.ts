/**
 * A sweep's directory while it runs: `manifest.json` says what is being run, `runs.journal` holds one line for each finished run, in the
 * order in which they finished. A run counts as finished when its line is in the journal; from then on it survives a kill at any moment.
 */
import { join } from 'node:path';
import { openJournal, openJournalReader, type Journal, type JournalReader } from '../files/journal.js';
import { existsSync, fileBytes, hashFile, readText, sha256 } from '../files/read.js';
import { removeFiles, writeFileAtomic } from '../files/write.js';
import { PutmodelError, type Issue } from '../kernel/errors.js';
import { isMap } from '../kernel/maps.js';
import { encodeJson } from '../scenario/json.js';
import { openSweep, type SweepBundle } from './bundle.js';
import type { LoadedSweep, SweepIdentity } from './load.js';
import { decodeRecord, type RunRecord } from './record.js';
import { isInShard, shardRunCount, type Shard } from './shard.js';

/** Names the manifest and the number of its schema. */
export const sweepManifestSchema = 'putmodel/sweep-manifest/1';

/** What a sweep's directory holds, and what decides its bytes. */
export interface SweepManifest extends SweepIdentity {
  readonly schema: typeof sweepManifestSchema;
  readonly name: string;
  readonly kind: string;
  readonly planHash: string;
  readonly runs: number;
  /** Null for a whole sweep, merged ones included. */
  readonly shard: Shard | null;
  /** True when the results are there; false while `runs.journal` grows, and for a shard. */
  readonly complete: boolean;
  /** The runs that failed; 0 while not complete. */
  readonly failedRuns: number;
  readonly metrics: readonly { readonly path: string; readonly unit: string; readonly better: string }[];
  /** SHA-256 of the result files by name. */
  readonly files: Readonly<Record<string, string>>;
}

/** A directory that runs are recorded in. */
export interface SweepStore {
  readonly directory: string;
  readonly shard: Shard;
  /** How many of the shard's runs are recorded, and how many of these failed. */
  readonly doneCount: number;
  readonly failedCount: number;
  isDone(runIndex: number): boolean;
  /** Records a run; its line survives a kill from here on. A run that is there already is left as it is. */
  append(runIndex: number, line: Uint8Array, failed: boolean): void;
  /** Makes what was recorded survive a power failure, too. */
  sync(): void;
  /** Runs of the shard that are not recorded, ascending. */
  missing(): Uint32Array;
  /** A record, or null for a run that has none. */
  read(runIndex: number): RunRecord | null;
  close(): void;
}

const journalName = 'runs.journal';
const manifestName = 'manifest.json';
const bundleName = 'sweep.json';
const bundleSchema = 'putmodel/sweep-bundle/1';

const bundleKeys: readonly (keyof SweepBundle)[] = ['name', 'sweep', 'base', 'devices', 'hosts', 'files'];
const manifestKeys: readonly (keyof SweepManifest)[] = [
  'name',
  'kind',
  'engineVersion',
  'sweepHash',
  'baseHash',
  'inputs',
  'planHash',
  'runs',
  'shard',
  'complete',
  'failedRuns',
  'metrics',
  'files',
];

/** Files of results and of a run in progress, all that a new sweep in an old directory replaces. The manifest, which says whose they are, goes last. */
const ownFiles = [
  journalName,
  bundleName,
  'sweep.csv',
  'sweep.parquet',
  'failures.csv',
  'histograms',
  'answers.json',
  'run.json',
  'runs',
  manifestName,
];

/** The manifest of a directory; null where there is none. @throws PutmodelError INPUT_INVALID for one of something else */
export function readSweepManifest(directory: string): SweepManifest | null {
  const file = join(directory, manifestName);
  if (!existsSync(file)) return null;
  return readOwnJson(file, sweepManifestSchema, manifestKeys) as unknown as SweepManifest;
}

/**
 * A JSON file that this program wrote, by the name of its schema and the keys that it has at least.
 * @throws PutmodelError INPUT_INVALID for a damaged one or another; INPUT_MISSING
 */
export function readOwnJson(file: string, schema: string, keys: readonly string[]): Readonly<Record<string, unknown>> {
  let value: unknown = null;
  try {
    value = JSON.parse(readText(file));
  } catch (error) {
    if (error instanceof PutmodelError) throw error;
    // Told below, like any other file that is none.
  }
  const refuse = (message: string, found: unknown): PutmodelError =>
    new PutmodelError({
      code: 'INPUT_INVALID',
      message,
      file,
      found: found === undefined ? undefined : JSON.stringify(found),
      expected: schema,
    });
  if (!isMap(value)) throw refuse('damaged, or not what a sweep writes', undefined);
  if (value['schema'] !== schema) throw refuse('not what a sweep writes', value['schema']);
  const lacking = keys.filter((key) => !Object.hasOwn(value, key));
  if (lacking.length > 0) throw refuse(`damaged: it has no ${lacking.join(', ')}`, undefined);
  return value;
}

/** Whether a directory has recorded runs that are not results yet. */
function hasJournal(directory: string): boolean {
  return fileBytes(journalPath(directory)) > 0;
}

/** The manifest that a sweep begins with. */
export function manifestOf({ open, identity, planHash }: LoadedSweep, shard: Shard): SweepManifest {
  return {
    schema: sweepManifestSchema,
    name: open.bundle.name,
    kind: open.kind.name,
    planHash,
    ...identity,
    runs: open.plan.runCount,
    shard: shard.count === 1 ? null : shard,
    complete: false,
    failedRuns: 0,
    metrics: open.metrics.map(({ path, unit, better }) => ({ path, unit, better })),
    files: {},
  };
}

/** Writes the manifest. @throws PutmodelError OUTPUT_FAILED */
export function writeSweepManifest(directory: string, manifest: SweepManifest): void {
  writeFileAtomic(join(directory, manifestName), encodeJson(manifest));
}

/**
 * Begins a sweep in a directory, or goes on with the one there. Without `resume` an unfinished sweep there is not touched.
 * @throws PutmodelError USAGE when there is an unfinished one; INPUT_INVALID when `resume` finds another sweep there, with every difference
 */
export function openStore(directory: string, loaded: LoadedSweep, shard: Shard, resume: boolean): SweepStore {
  const before = readSweepManifest(directory);
  const manifest = manifestOf(loaded, shard);
  if (before === null || !resume) beginDirectory(directory, loaded, shard);
  else {
    refuseOther(directory, before, manifest);
    removeFiles(directory, []);
    writeBundle(directory, loaded);
    if (before.complete) writeSweepManifest(directory, manifest);
  }
  return openJournaled(directory, loaded.open.plan.runCount, shard);
}

/**
 * Makes a directory ready for a sweep; what an earlier sweep left in it is removed.
 * @throws PutmodelError USAGE for one with recorded runs that are not results yet; OUTPUT_FAILED
 */
export function beginDirectory(directory: string, loaded: LoadedSweep, shard: Shard): void {
  const before = readSweepManifest(directory);
  if (before?.complete !== true && hasJournal(directory)) {
    throw new PutmodelError({
      code: 'USAGE',
      message:
        before === null ? `${directory} holds runs of a sweep without its ${manifestName}` : `${directory} holds an unfinished sweep`,
      expected: `${before === null ? '' : '--resume to go on with it, '}another --out, or the directory removed`,
    });
  }
  if (before !== null) removeFiles(directory, ownFiles);
  writeBundle(directory, loaded);
  writeSweepManifest(directory, manifestOf(loaded, shard));
}

/** Writes the sweep with all it reads, where it is not there as it should be. @throws PutmodelError OUTPUT_FAILED */
export function writeBundle(directory: string, { open }: LoadedSweep): void {
  const file = join(directory, bundleName);
  const text = encodeJson({ schema: bundleSchema, ...open.bundle });
  if (!existsSync(file) || hashFile(file) !== sha256(text)) writeFileAtomic(file, text);
}

/** The sweep of a directory, as it was loaded when it began. @throws PutmodelError INPUT_INVALID, INPUT_MISSING */
export function loadFromDirectory(directory: string): LoadedSweep {
  const manifest = readSweepManifest(directory);
  if (manifest === null) throw new PutmodelError({ code: 'INPUT_INVALID', message: 'not the directory of a sweep', file: directory });
  const bundle = readOwnJson(join(directory, bundleName), bundleSchema, bundleKeys) as unknown as SweepBundle;
  const { planHash, engineVersion, sweepHash, baseHash, inputs } = manifest;
  return { open: openSweep(bundle), identity: { engineVersion, sweepHash, baseHash, inputs }, planHash, warnings: [] };
}

/** Where the journal of a directory is. */
export function journalPath(directory: string): string {
  return join(directory, journalName);
}

/** Opens the journal of a directory to read it and to add to it. */
function openJournaled(directory: string, runCount: number, shard: Shard): SweepStore {
  const path = journalPath(directory);
  const journal: Journal = openJournal(path);
  const reader: JournalReader = openJournalReader(path);
  const total = shardRunCount({ runCount }, shard);
  // offsets[run]: where the run's line begins; -1 for none.
  const offsets = new Float64Array(runCount).fill(-1);
  let doneCount = 0;
  let failedCount = 0;
  const note = (runIndex: number, offsetBytes: number, failed: boolean): void => {
    offsets[runIndex] = offsetBytes;
    doneCount += 1;
    if (failed) failedCount += 1;
  };
  reader.forEachLine((line, offsetBytes) => {
    const record = decodeRecord(line);
    if (record === null || offsets[record.runIndex] !== -1 || !isInShard(record.runIndex, shard)) return;
    note(record.runIndex, offsetBytes, 'error' in record);
  });
  return {
    directory,
    shard,
    get doneCount() {
      return doneCount;
    },
    get failedCount() {
      return failedCount;
    },
    isDone: (runIndex) => offsets[runIndex] !== -1,
    append(runIndex, line, failed) {
      if (offsets[runIndex] === -1) note(runIndex, journal.append(line), failed);
    },
    sync: () => {
      journal.sync();
    },
    missing() {
      const runs = new Uint32Array(total - doneCount);
      let count = 0;
      for (let run = shard.index; run < runCount; run += shard.count) if (offsets[run] === -1) runs[count++] = run;
      return runs;
    },
    read(runIndex) {
      const offsetBytes = offsets[runIndex] ?? -1;
      return offsetBytes === -1 ? null : decodeRecord(reader.lineAt(offsetBytes));
    },
    close() {
      journal.close();
      reader.close();
    },
  };
}

/** A journal continues the same sweep only: every difference is a line. */
function refuseOther(directory: string, before: SweepManifest, now: SweepManifest): void {
  const file = join(directory, manifestName);
  const differences: string[] = [];
  const compare = (what: string, old: unknown, current: unknown): void => {
    if (JSON.stringify(old) !== JSON.stringify(current)) differences.push(what);
  };
  if (before.engineVersion !== now.engineVersion) {
    differences.push(`it was begun by putmodel ${before.engineVersion}, and this is ${now.engineVersion}`);
  }
  compare('the sweep file has changed', before.sweepHash, now.sweepHash);
  compare('the base scenario has changed', before.baseHash, now.baseHash);
  compare('a device, host or other file that it reads has changed', before.inputs, now.inputs);
  compare('it was begun with another --shard', before.shard, now.shard);
  if (differences.length === 0) return;
  throw new PutmodelError(
    differences.map((reason): Issue => {
      return {
        code: 'INPUT_INVALID',
        message: `cannot go on with the sweep there: ${reason}`,
        file,
        expected: 'the same sweep, or another --out',
      };
    }),
  );
}

/** Removes the journal, when everything in it has become results. */
export function removeJournal(directory: string): void {
  removeFiles(directory, [journalName]);
}
