/**
 * From recorded runs to results: reads the records in the order of the run index, whatever the order in which they were made, and writes
 * `sweep.csv`, `sweep.parquet`, `histograms/`, `answers.json` and, where runs failed, `failures.csv`. Holds a row group and two histograms at a time. The
 * manifest says `complete` last of all; a kill before leaves the journal, from which everything is written again.
 */
import { join } from 'node:path';
import { existsSync, hashFile, isDirectory, listOwnDirectories, listFiles } from '../files/read.js';
import { openFileAtomic, removeFiles, writeFileAtomic } from '../files/write.js';
import { invariant } from '../kernel/errors.js';
import { encodeJson } from '../scenario/json.js';
import { answersOf, answersSchema, metricsAsked, type SweepAnswers } from './answers.js';
import { histogramsName, openHistograms, type PointListener } from './histograms.js';
import type { LoadedSweep } from './load.js';
import { openParquet } from './parquet.js';
import { runAt, valuesOf } from './plan.js';
import { createPointCollector } from './point-table.js';
import type { DoneRecord, RunRecord } from './record.js';
import { runFilesDirectory } from './run-files.js';
import { wholeSweep } from './shard.js';
import { manifestOf, readOwnJson, removeJournal, writeSweepManifest, type SweepManifest } from './store.js';
import { columnsOf, csvLine, rowOf } from './table.js';

/** Gives the record of a run, by its index. */
export type ReadRecord = (runIndex: number) => RunRecord | null;

/** Something that takes every record in the order of the run index. */
interface Sink {
  add(record: RunRecord, label: string): void;
  finish(): void;
  abandon(): void;
}

/** What became of the runs of a whole sweep. */
export interface SweepResults {
  readonly failedRuns: number;
  readonly answers: SweepAnswers;
}

/**
 * Writes the results of a sweep whose runs are all recorded, and removes the journal.
 * @throws PutmodelError OUTPUT_FAILED
 */
export function writeResults(directory: string, loaded: LoadedSweep, read: ReadRecord): SweepResults {
  const { open } = loaded;
  let failedRuns = 0;
  const points = createPointCollector(open, metricsAsked(open));
  const histograms = histogramSink(directory, loaded, (...point) => {
    points.addMerged(...point);
  });
  const sinks = [csvSink(directory, loaded), parquetSink(directory, loaded), failureSink(directory), histograms];
  try {
    for (let runIndex = 0; runIndex < open.plan.runCount; runIndex++) {
      const record = read(runIndex);
      invariant(record !== null, `run ${String(runIndex)} is not recorded`);
      if ('error' in record) failedRuns += 1;
      points.add(record);
      const label = open.label(valuesOf(open.plan, runAt(open.plan, runIndex).pointIndex));
      for (const sink of sinks) sink.add(record, label);
    }
    for (const sink of sinks) sink.finish();
  } catch (error) {
    for (const sink of sinks) sink.abandon();
    throw error;
  }
  if (open.bundle.sweep.series === true) removeLeftovers(runFilesDirectory(directory));
  const answers = answersOf(open, points.table());
  writeFileAtomic(join(directory, answersName), encodeJson(answers));
  const manifest = manifestOf(loaded, wholeSweep);
  writeSweepManifest(directory, { ...manifest, complete: true, failedRuns, files: hashesOf(directory) });
  removeJournal(directory);
  return { failedRuns, answers };
}

/** What writers of runs that were killed left in the directories of those runs, which others have made since. */
function removeLeftovers(runsDirectory: string): void {
  if (!isDirectory(runsDirectory)) return;
  for (const run of listOwnDirectories(runsDirectory)) removeFiles(join(runsDirectory, run), []);
}

/** The answers of a finished sweep in a directory. @throws PutmodelError INPUT_INVALID, INPUT_MISSING */
export function readAnswers(directory: string): SweepAnswers {
  const keys: readonly (keyof SweepAnswers)[] = ['name', 'points', 'seeds', 'pareto', 'best', 'thresholds', 'effects'];
  return readOwnJson(join(directory, answersName), answersSchema, keys) as unknown as SweepAnswers;
}

/** The result files of a finished sweep that are gone or are not what it wrote, by name. */
export function damagedFiles(directory: string, { files }: SweepManifest): readonly string[] {
  const isWhole = (file: string, hash: string): boolean => existsSync(file) && hashFile(file) === hash;
  return Object.entries(files).flatMap(([name, hash]) => (isWhole(join(directory, name), hash) ? [] : [name]));
}

const answersName = 'answers.json';

const resultFiles = [answersName, 'failures.csv', 'sweep.csv', 'sweep.parquet'];

/** SHA-256 of the result files by name, in name order. */
function hashesOf(directory: string): Readonly<Record<string, string>> {
  const names = listFiles(directory).filter((name) => resultFiles.includes(name));
  const histograms = join(directory, histogramsName);
  const all = [...names, ...(isDirectory(histograms) ? listFiles(histograms).map((name) => `${histogramsName}/${name}`) : [])].sort();
  return Object.fromEntries(all.map((name) => [name, hashFile(join(directory, name))]));
}

function csvSink(directory: string, { open }: LoadedSweep): Sink {
  const file = openFileAtomic(join(directory, 'sweep.csv'));
  file.write(csvLine(columnsOf(open).map(({ name }) => name)));
  return {
    add: (record) => {
      file.write(csvLine(rowOf(open, record)));
    },
    finish: () => {
      file.commit();
    },
    abandon: () => {
      file.abandon();
    },
  };
}

function parquetSink(directory: string, { open, planHash, identity }: LoadedSweep): Sink {
  const metadata = { planHash, engineVersion: identity.engineVersion };
  const table = openParquet(join(directory, 'sweep.parquet'), columnsOf(open), metadata);
  return {
    add: (record) => {
      table.add(rowOf(open, record));
    },
    finish: () => {
      table.finish();
    },
    abandon: () => {
      table.abandon();
    },
  };
}

/** `failures.csv` exists only where there are some. */
function failureSink(directory: string): Sink {
  let file: ReturnType<typeof openFileAtomic> | null = null;
  return {
    add(record, label) {
      if (!('error' in record)) return;
      if (file === null) {
        file = openFileAtomic(join(directory, 'failures.csv'));
        file.write(csvLine(['runIndex', 'label', 'error']));
      }
      file.write(csvLine([record.runIndex, label, record.error]));
    },
    finish: () => file?.commit(),
    abandon: () => file?.abandon(),
  };
}

function histogramSink(directory: string, { open }: LoadedSweep, onPoint: PointListener): Sink {
  const files = openHistograms(join(directory, histogramsName), onPoint);
  return {
    add(record, label) {
      const { histograms } = 'error' in record ? noHistograms : record;
      files.add(runAt(open.plan, record.runIndex).pointIndex, label, histograms);
    },
    finish: () => {
      files.finish();
    },
    abandon: () => {
      files.abandon();
    },
  };
}

const noHistograms: Pick<DoneRecord, 'histograms'> = { histograms: {} };
