/**
 * Shards of one sweep, made by different processes or machines, into its results: the same bytes as one process would have written. A
 * shard's directory tells by its manifest what sweep it belongs to; its runs are in its journal.
 */
import { copyDirectory } from '../files/copy.js';
import { openJournalReader, type JournalReader } from '../files/journal.js';
import { lockDirectory } from '../files/lock.js';
import { isDirectory, realPath } from '../files/read.js';
import { engineVersion } from '../files/version.js';
import { PutmodelError, type Issue } from '../kernel/errors.js';
import type { SweepAnswers } from './answers.js';
import type { LoadedSweep } from './load.js';
import { decodeRecord } from './record.js';
import { writeResults } from './results.js';
import { runFilesDirectory } from './run-files.js';
import { wholeSweep } from './shard.js';
import { beginDirectory, journalPath, loadFromDirectory, readSweepManifest, type SweepManifest } from './store.js';

/** What was merged. */
export interface MergeOutcome {
  readonly loaded: LoadedSweep;
  readonly runCount: number;
  readonly failedRuns: number;
  readonly answers: SweepAnswers;
}

/**
 * Merges directories into `out`.
 * @throws PutmodelError INPUT_INVALID with every reason: directories of different sweeps, runs that are in none of them; USAGE when `out`
 * holds an unfinished sweep or is in use
 */
export function mergeSweeps(directories: readonly string[], out: string): MergeOutcome {
  const manifests = directories.map((directory) => manifestIn(directory, out));
  refuseStrangers(directories, manifests);
  const loaded = loadFromDirectory(directories[0] ?? '');
  const readers = directories.map((directory) => openJournalReader(journalPath(directory)));
  try {
    const places = findRuns(directories, readers, loaded);
    const lock = lockDirectory(out);
    try {
      beginDirectory(out, loaded, wholeSweep);
      for (const directory of directories) {
        const runs = runFilesDirectory(directory);
        if (isDirectory(runs)) copyDirectory(runs, runFilesDirectory(out));
      }
      const results = writeResults(out, loaded, (run) => {
        const line = readers[places.directories[run] ?? 0]?.lineAt(places.offsets[run] ?? 0);
        return line === undefined ? null : decodeRecord(line);
      });
      return { loaded, runCount: loaded.open.plan.runCount, ...results };
    } finally {
      lock.release();
    }
  } finally {
    for (const reader of readers) reader.close();
  }
}

function manifestIn(directory: string, out: string): SweepManifest {
  const refuse = (message: string, expected?: string): PutmodelError =>
    new PutmodelError({ code: 'INPUT_INVALID', message, file: directory, expected });
  if (realPath(directory) === realPath(out)) throw refuse('--out is one of the directories to merge', 'another directory');
  const manifest = readSweepManifest(directory);
  if (manifest === null) throw refuse('not the directory of a sweep', "what 'putmodel sweep --shard' wrote");
  if (manifest.complete) throw refuse('this sweep is complete: there is nothing to merge');
  return manifest;
}

/** All directories are parts of the first one's sweep, by this engine. */
function refuseStrangers(directories: readonly string[], manifests: readonly SweepManifest[]): void {
  const [first] = manifests;
  const issues = manifests.flatMap((manifest, index): Issue[] => {
    const file = directories[index];
    if (manifest.engineVersion !== engineVersion()) {
      const message = `made by putmodel ${manifest.engineVersion}, and this is ${engineVersion()}`;
      return [{ code: 'INPUT_INVALID', message, file }];
    }
    if (manifest.planHash === first?.planHash) return [];
    return [{ code: 'INPUT_INVALID', message: `not a part of the same sweep as ${directories[0] ?? ''}`, file }];
  });
  if (issues.length > 0) throw new PutmodelError(issues);
}

/** Where each run's line is: which directory, which offset. */
interface RunPlaces {
  readonly directories: Int32Array;
  readonly offsets: Float64Array;
}

function findRuns(directories: readonly string[], readers: readonly JournalReader[], { open }: LoadedSweep): RunPlaces {
  const { runCount } = open.plan;
  const places: RunPlaces = { directories: new Int32Array(runCount).fill(-1), offsets: new Float64Array(runCount) };
  readers.forEach((reader, index) => {
    reader.forEachLine((line, offsetBytes) => {
      const record = decodeRecord(line);
      if (record === null || record.runIndex >= runCount) return;
      const known = places.directories[record.runIndex] ?? -1;
      if (known === -1) {
        places.directories[record.runIndex] = index;
        places.offsets[record.runIndex] = offsetBytes;
      } else if (readers[known]?.lineAt(places.offsets[record.runIndex] ?? 0) !== line) {
        // The same run has one outcome only; two mean a damaged machine or a mistake of ours.
        const message = `run ${String(record.runIndex)} differs from the one in ${directories[known] ?? ''}`;
        throw new PutmodelError({ code: 'INPUT_INVALID', message, file: directories[index] });
      }
    });
  });
  const missing = places.directories.reduce((count, directory) => count + (directory === -1 ? 1 : 0), 0);
  if (missing === 0) return places;
  throw new PutmodelError({
    code: 'INPUT_INVALID',
    message: `${String(missing)} of ${String(runCount)} runs are in none of the directories`,
    found: `none of run ${String(places.directories.indexOf(-1))}`,
    expected: 'all shards, each finished (run it again with --resume)',
  });
}
