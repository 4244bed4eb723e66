/** A finished sweep read back from its directory: its plan, its figures by point, its answers and the runs that failed. */
import { join } from 'node:path';
import { existsSync, readText } from '../files/read.js';
import { PutmodelError } from '../kernel/errors.js';
import type { SweepAnswers } from './answers.js';
import type { OpenSweep } from './bundle.js';
import { histogramsName, readPoints } from './histograms.js';
import { createPointCollector, type PointTable } from './point-table.js';
import { readAnswers } from './results.js';
import { loadFromDirectory, readSweepManifest, type SweepManifest } from './store.js';
import { csvRows } from './table.js';

/** A run without figures. */
export interface FailedRun {
  readonly label: string;
  readonly error: string;
}

/** A finished sweep. */
export interface StoredSweep {
  readonly open: OpenSweep;
  readonly manifest: SweepManifest;
  readonly answers: SweepAnswers;
  /** All metrics that were kept. */
  readonly table: PointTable;
  readonly failures: readonly FailedRun[];
}

/** Whether a directory is that of a sweep. */
export function isSweepDirectory(directory: string): boolean {
  return existsSync(join(directory, 'sweep.json')) && existsSync(join(directory, 'manifest.json'));
}

/**
 * Reads it.
 * @throws PutmodelError INPUT_INVALID for a sweep that is not finished or a table that is not this sweep's; INPUT_MISSING
 */
export function readSweep(directory: string): StoredSweep {
  const manifest = readSweepManifest(directory);
  const { open } = loadFromDirectory(directory);
  if (manifest?.complete !== true) {
    const expected =
      manifest?.shard == null ? "a finished sweep: 'putmodel sweep ... --resume' goes on" : "what 'putmodel merge' makes of all shards";
    throw new PutmodelError({ code: 'INPUT_INVALID', message: 'this sweep is not finished', file: directory, expected });
  }
  const failuresFile = join(directory, 'failures.csv');
  const failures = existsSync(failuresFile) ? [...csvRows(readText(failuresFile))].slice(1) : [];
  return {
    open,
    manifest,
    answers: readAnswers(directory),
    table: readTable(open, directory),
    failures: failures.map(([, label = '', error = '']) => ({ label, error })),
  };
}

function readTable(open: OpenSweep, directory: string): PointTable {
  const file = join(directory, 'sweep.csv');
  const paths = open.metrics.map(({ path }) => path);
  const points = createPointCollector(open, paths);
  let header: readonly string[] | null = null;
  let runCount = 0;
  for (const row of csvRows(readText(file))) {
    if (header === null) {
      header = row;
      continue;
    }
    const values = row.slice(row.length - paths.length).map((cell) => (cell === '' ? null : Number(cell)));
    points.add({ runIndex: Number(row[0]), events: 0, values, histograms: {} });
    runCount += 1;
  }
  readPoints(join(directory, histogramsName), (...point) => {
    points.addMerged(...point);
  });
  if (header?.slice(-paths.length).join() === paths.join() && runCount === open.plan.runCount) return points.table();
  throw new PutmodelError({ code: 'INPUT_INVALID', message: 'not the table of this sweep', file, expected: 'what the sweep wrote' });
}
