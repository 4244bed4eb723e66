/**
 * From a sweep's file to a sweep that is ready to run: reads what it names (paths in it are relative to it), works out the plan, and checks
 * every value of every axis before anything runs.
 */
import { basename, dirname, isAbsolute, join } from 'node:path';
import { loadMachine } from '../files/machine.js';
import { readHashedText, sha256 } from '../files/read.js';
import { engineVersion } from '../files/version.js';
import { PutmodelError, type Issue } from '../kernel/errors.js';
import { nearestName } from '../rocksdb/nearest.js';
import { checkDocument, readDocument, valueAt, type DocumentPath, type PositionedDocument } from '../scenario/document.js';
import { canonicalJson } from '../scenario/json.js';
import type { InputFile, Kind, Part } from '../scenario/kind.js';
import { kindOf } from '../scenario/kinds.js';
import { parseRequirement } from '../scenario/requirement.js';
import { baseName, fileKeysOf, openSweep, sweepRunOf, type OpenSweep, type PlaceOf, type SweepBundle } from './bundle.js';
import { representatives, valuesOf } from './plan.js';
import { sweepSchema, type SweepDocument } from './sweep-file.js';

/** What decides every byte of a sweep's result: two sweeps of one identity are one sweep. */
export interface SweepIdentity {
  readonly engineVersion: string;
  /** SHA-256 of the sweep's data (not of its comments), and of the base scenario's file. */
  readonly sweepHash: string;
  readonly baseHash: string;
  /** Files that the runs read besides: devices, hosts and what else the base names. */
  readonly inputs: readonly InputFile[];
}

/** A sweep with everything it needs. */
export interface LoadedSweep {
  readonly open: OpenSweep;
  readonly identity: SweepIdentity;
  /** SHA-256 of the identity: names the sweep to queues and shards. */
  readonly planHash: string;
  /** What was noticed in the files it reads. */
  readonly warnings: readonly string[];
}

/**
 * Reads and checks a sweep.
 * @throws PutmodelError with every problem and its place.
 */
export function loadSweep(path: string): LoadedSweep {
  const { text } = readHashedText(path);
  const document = readDocument(text, path);
  const { sweep } = checkDocument(document, sweepSchema);
  const basePath = pathFrom(dirname(path), sweep.base);
  const baseFile = readHashedText(basePath);
  const base = readDocument(baseFile.text, basePath);
  const kind = kindOf(base);
  const reader = createReader(sweep, base, dirname(path), dirname(basePath));
  const bundle: SweepBundle = {
    name: sweep.name ?? basename(path).replace(/\.(ya?ml|json)$/i, ''),
    sweep,
    // Without folders: the bundle is part of the result, which says nothing about where it was made.
    base: { file: basename(basePath), text: baseFile.text },
    devices: reader.parts(kind, 'device'),
    hosts: reader.parts(kind, 'host'),
    files: reader.files(kind),
  };
  const placeOf: PlaceOf = (place) => document.placeOf(place);
  const open = withPlace(
    () => openSweep(bundle, placeOf),
    () => document.placeOf(['sweep', 'label']),
  );
  withPlace(
    () => open.label(valuesOf(open.plan, 0)),
    () => document.placeOf(['sweep', 'label']),
  );
  checkMetrics(open, document);
  checkAxisValues(open, placeOf);
  const identity: SweepIdentity = {
    engineVersion: engineVersion(),
    sweepHash: sha256(canonicalJson(sweep)),
    baseHash: baseFile.sha256,
    inputs: reader.inputs,
  };
  return { open, identity, planHash: sha256(canonicalJson(identity)), warnings: reader.warnings };
}

/** What reads the devices, hosts and files that a sweep names, once each. */
interface Reader {
  parts<P extends 'device' | 'host'>(kind: Kind, part: P): P extends 'device' ? SweepBundle['devices'] : SweepBundle['hosts'];
  files(kind: Kind): SweepBundle['files'];
  readonly inputs: InputFile[];
  readonly warnings: string[];
}

function createReader(sweep: SweepDocument, base: PositionedDocument, here: string, baseHere: string): Reader {
  const inputs: InputFile[] = [];
  const warnings: string[] = [];
  const inBase = (path: string): string | undefined => {
    const value = valueAt(base.value, path.split('.'));
    return typeof value === 'string' ? value : undefined;
  };
  const readPart = (part: 'device' | 'host', name: string | undefined, directory: string): Part<unknown> | null => {
    const named = name === undefined ? null : { name, directory };
    const loaded = loadMachine([part], { device: null, host: null, [part]: named });
    inputs.push(...loaded.inputs);
    const model: Part<unknown> | null = loaded.machine[part];
    warnings.push(...(model?.warnings ?? []));
    return model;
  };
  const readFile = (name: string, directory: string): { readonly name: string; readonly text: string; readonly sha256: string } => {
    const { text, sha256: hash } = readHashedText(pathFrom(directory, name));
    inputs.push({ name: basename(name), sha256: hash });
    return { name, text, sha256: hash };
  };
  return {
    inputs,
    warnings,
    parts(kind, part) {
      if (!kind.machine.includes(part)) return {};
      const names = namesIn(sweep, part);
      const isFixed = Object.hasOwn(sweep.axes, part) || sweep.set?.[part] !== undefined;
      const own = isFixed ? [] : [[baseName, readPart(part, inBase(part), baseHere)] as const];
      return Object.fromEntries([...own, ...names.map((name) => [name, readPart(part, name, here)] as const)]) as never;
    },
    files(kind) {
      return Object.fromEntries(
        fileKeysOf(kind).map((key) => {
          // The value of a module's key may also be the name of something that this package has.
          const isFile = (name: string): boolean => key !== kind.moduleKey?.path || kind.moduleKey.isFile(name);
          const own = inBase(key);
          const entries = namesIn(sweep, key)
            .filter(isFile)
            .map((name) => [name, readFile(name, here)] as const);
          return [
            key,
            Object.fromEntries(own === undefined || !isFile(own) ? entries : [[baseName, readFile(own, baseHere)] as const, ...entries]),
          ];
        }),
      );
    },
  };
}

/** The texts that an axis or `set` puts at a path. */
function namesIn(sweep: SweepDocument, path: string): readonly string[] {
  const axis = sweep.axes[path];
  const values: readonly unknown[] = axis === undefined ? [sweep.set?.[path]] : Array.isArray(axis) ? axis : [];
  return [...new Set(values.filter((value) => typeof value === 'string'))];
}

function pathFrom(directory: string, path: string): string {
  return isAbsolute(path) ? path : join(directory, path);
}

/** Gives issues that know no place one. */
function withPlace<T>(work: () => T, placeOf: () => Partial<Issue>): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof PutmodelError)) throw error;
    throw new PutmodelError(error.issues.map((issue) => (issue.file === undefined ? { ...issue, ...placeOf() } : issue)));
  }
}

/** Every metric that is kept or asked about exists, and what is asked about is kept. */
function checkMetrics({ kind, metrics, bundle, plan }: OpenSweep, document: PositionedDocument): void {
  const { keep = [], goal = {} } = bundle.sweep;
  const issues: Issue[] = [];
  const known = kind.metrics.map(({ path }) => path);
  const kept = metrics.map(({ path }) => path);
  const check = (metric: string, place: DocumentPath, choices: readonly string[], message: string): void => {
    if (choices.includes(metric)) return;
    const nearest = nearestName(metric, choices);
    const expected = nearest === null ? choices.join(', ') : `${nearest}?`;
    issues.push({ code: 'INPUT_INVALID', message, found: metric, expected, ...document.placeOf(place) });
  };
  const isMergeable = bundle.sweep.histograms !== false || plan.seeds.length === 1;
  const checkLimit = (text: string, place: DocumentPath): void => {
    const unreadable = issuesOf(() => parseRequirement(text, 'this limit'));
    issues.push(...unreadable.map((issue): Issue => ({ ...issue, code: 'INPUT_INVALID', ...document.placeOf(place) })));
    if (unreadable.length === 0) checkAsked(parseRequirement(text).path, place);
  };
  const checkJudged = (metric: string, place: DocumentPath): void => {
    checkAsked(metric, place);
    if (kind.metrics.find(({ path }) => path === metric)?.better !== 'neither') return;
    const message = 'more of this metric is neither better nor worse';
    issues.push({ code: 'INPUT_INVALID', message, found: metric, ...document.placeOf(place) });
  };
  const checkAsked = (metric: string, place: DocumentPath): void => {
    check(metric, place, known.includes(metric) ? kept : known, known.includes(metric) ? 'this metric is not kept' : 'no such metric');
    if (isMergeable || typeof metrics.find(({ path }) => path === metric)?.merge !== 'object') return;
    const message = 'a percentile over several seeds is taken from their histograms, which this sweep does not merge';
    issues.push({ code: 'INPUT_INVALID', message, found: metric, expected: 'histograms: true', ...document.placeOf(place) });
  };
  keep.forEach((metric, index) => check(metric, ['sweep', 'keep', index], known, 'no such metric'));
  goal.pareto?.forEach((metric, index) => checkJudged(metric, ['sweep', 'goal', 'pareto', index]));
  goal.effects?.forEach((metric, index) => checkAsked(metric, ['sweep', 'goal', 'effects', index]));
  if (goal.best !== undefined) checkJudged(goal.best.metric, ['sweep', 'goal', 'best', 'metric']);
  goal.best?.require?.forEach((text, index) => checkLimit(text, ['sweep', 'goal', 'best', 'require', index]));
  goal.thresholds?.forEach((text, index) => checkLimit(text, ['sweep', 'goal', 'thresholds', index]));
  if (issues.length > 0) throw new PutmodelError(issues);
}

/**
 * A value that is wrong in the first and in the last point that has it is wrong by itself: the file is refused. One that is wrong in some
 * combinations only is not: those runs are recorded as failed.
 */
function checkAxisValues(open: OpenSweep, placeOf: PlaceOf): void {
  const { plan } = open;
  const problemsAt = new Map<number, readonly Issue[]>();
  const problems = (point: number): readonly Issue[] => {
    const known = problemsAt.get(point) ?? issuesOf(() => sweepRunOf(open, point * plan.seeds.length, placeAt(open, point, placeOf)));
    problemsAt.set(point, known);
    return known;
  };
  const issues = representatives(plan).flatMap(({ firstPoint, lastPoint }) => {
    const first = problems(firstPoint);
    return first.length > 0 && problems(lastPoint).length > 0 ? first : [];
  });
  const unique = [...new Map(issues.map((issue) => [JSON.stringify(issue), issue])).values()];
  unique.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  if (unique.length > 0) throw new PutmodelError(unique);
}

/** Places inside a list of values are those of the value that the point has. */
function placeAt({ plan, bundle }: OpenSweep, point: number, placeOf: PlaceOf): PlaceOf {
  return (path) => {
    const axis = plan.axes.findIndex((one) => one.path === path[2]);
    const written = bundle.sweep.axes[String(path[2])];
    if (path[1] !== 'axes' || axis === -1 || !Array.isArray(written)) return placeOf(path);
    return placeOf([...path, (written as readonly unknown[]).indexOf(valuesOf(plan, point)[axis])]);
  };
}

function issuesOf(work: () => unknown): readonly Issue[] {
  try {
    work();
    return [];
  } catch (error) {
    if (error instanceof PutmodelError) return error.issues;
    throw error;
  }
}
