/** Files and directories of fio results as the points of one envelope. */
import { basename } from 'node:path';
import { buildEnvelope, type EnvelopeInput, type EnvelopeModel, type EnvelopePoint } from '../device/envelope.js';
import { pointsOf } from '../device/points.js';
import { parseFioJson } from '../fio/json.js';
import { PutmodelError, type Issue } from '../kernel/errors.js';
import { isDirectory, listFiles, readHashedText } from './read.js';

/** A model just built, with what to tell about it. */
export interface BuiltEnvelope {
  readonly model: EnvelopeModel;
  readonly issues: readonly Issue[];
  /** Files that gave at least one point, and points in all. */
  readonly fileCount: number;
  readonly pointCount: number;
}

/**
 * Builds an envelope from fio's JSON files. A directory stands for its `*.json` and `*.json.gz`, in order of name.
 * Failed jobs and output that is only an error message are told and left out.
 * @throws PutmodelError with every problem at once: files that are missing, empty, cut off or not fio's; fewer than two usable runs
 */
export function buildEnvelopeFromFiles(
  paths: readonly string[],
  options: {
    readonly name?: string | undefined;
    readonly source?: string | undefined;
    readonly outliers?: 'keep' | 'fill' | undefined;
  } = {},
): BuiltEnvelope {
  const fatal: Issue[] = [];
  const issues: Issue[] = [];
  const points: EnvelopePoint[] = [];
  const inputs: EnvelopeInput[] = [];
  let fileCount = 0;
  for (const { path, isListed } of resultFiles(paths, fatal)) {
    try {
      const { text, sha256 } = readHashedText(path);
      const found = pointsOf(parseFioJson(text, path));
      points.push(...found.points);
      issues.push(...found.issues);
      inputs.push({ file: basename(path), sha256 });
      if (found.points.length > 0) fileCount++;
    } catch (error) {
      if (!(error instanceof PutmodelError)) throw error;
      // A run that failed is a missing point, and a directory may hold other JSON (the model, from the last time). A file that can't be
      // read or parsed is a mistake somebody wants to know of.
      const isForeign = isListed && error.code === 'INPUT_INVALID';
      if (error.code === 'INPUT_UNSUPPORTED' || isForeign)
        issues.push(...error.issues.map((issue) => ({ ...issue, message: `not used: ${issue.message}` })));
      else fatal.push(...error.issues);
    }
  }
  if (fatal.length > 0) throw new PutmodelError(fatal);
  try {
    const name = options.name ?? nameOf(paths);
    const built = buildEnvelope(points, {
      name,
      source: options.source ?? `fio results: ${paths.map((path) => basename(path)).join(', ')}`,
      inputs,
      outliers: options.outliers,
    });
    return { model: built.model, issues: [...issues, ...built.issues], fileCount, pointCount: points.length };
  } catch (error) {
    // The reasons why runs were left out belong to "too few points".
    if (error instanceof PutmodelError) throw new PutmodelError([...issues, ...error.issues]);
    throw error;
  }
}

/** `isListed`: found in a directory, not named. */
interface ResultFile {
  readonly path: string;
  readonly isListed: boolean;
}

/** The files that the paths stand for. */
function resultFiles(paths: readonly string[], fatal: Issue[]): readonly ResultFile[] {
  return paths.flatMap((path): readonly ResultFile[] => {
    if (!isDirectory(path)) return [{ path, isListed: false }];
    const names = listFiles(path).filter((name) => /\.json(?:\.gz)?$/.test(name));
    if (names.length === 0)
      fatal.push({ code: 'INPUT_MISSING', message: 'no fio results in this directory', file: path, expected: 'files named *.json' });
    return names.map((name) => ({ path: `${path.replace(/[/\\]+$/, '')}/${name}`, isListed: true }));
  });
}

function nameOf(paths: readonly string[]): string {
  const [first = ''] = paths;
  return basename(first).replace(/\.json(?:\.gz)?$/, '') || 'envelope';
}
