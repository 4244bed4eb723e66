/** From files and command lines to scenarios that are ready to run: reads what they name, and keeps the hash of every file read. */
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { loadMachine, type Named } from './machine.js';
import { readHashedText, streamText } from './read.js';
import { PutmodelError, type Issue } from '../kernel/errors.js';
import { isMap } from '../kernel/maps.js';
import { lsmScenarioFromDbBench } from '../lsm/front-end.js';
import { collectLogPicture, documentOfPicture, type LogPicture } from '../lsm/log-picture.js';
import { isPolicyFile } from '../lsm/policies/policies.js';
import type { LsmResult } from '../lsm/result.js';
import type { LsmScenario } from '../lsm/scenario.js';
import { parseDbBench } from '../rocksdb/db-bench.js';
import { createLogReader } from '../rocksdb/log.js';
import { checkDocument, readDocument, valueAt, type PositionedDocument } from '../scenario/document.js';
import { deepFreeze } from '../scenario/freeze.js';
import type { InputFile, Inputs, Kind, Result, Scenario } from '../scenario/kind.js';
import { kindOf } from '../scenario/kinds.js';
import { lsmKind, machineOf } from '../scenario/lsm-kind.js';

/** A scenario with its kind and the files it came from. */
export interface LoadedScenario<S extends Scenario = Scenario, R extends Result = Result> {
  readonly kind: Kind<S, R>;
  readonly scenario: S;
  readonly inputs: readonly InputFile[];
  /** The module whose functions the run needs (`Kind.moduleKey`): such a run belongs in a thread of its own (module-run.ts). */
  readonly modulePath: string | null;
}

/** What the command line says over a scenario file. */
export interface LoadOptions {
  /** `path=value` each, applied before the document is checked. */
  readonly set?: readonly string[] | undefined;
  /** Name or module of a scheduling policy, over the document's. */
  readonly policy?: string | undefined;
  readonly device?: string | undefined;
  readonly host?: string | undefined;
  readonly seed?: number | undefined;
}

/**
 * Reads a scenario file and everything it names (paths in it are relative to it, paths on the command line to here).
 * @throws PutmodelError with every problem and its place.
 */
export function loadScenario(path: string, options: LoadOptions = {}): LoadedScenario {
  const { text, sha256 } = readHashedText(path);
  const document = readDocument(text, path, [...(options.set ?? []), ...policyEdit(options.policy)]);
  return loadDocument(document, dirname(path), [{ name: basename(path), sha256 }], options);
}

/**
 * The scenario that goes on where a store's LOG ends (lsm/log-picture.ts); what a scenario file says as well holds over it. Also gives what
 * the LOG does not tell.
 * @throws as `loadScenario`; INPUT_INVALID for a LOG without a flush, which tells neither sizes nor load
 */
export async function loadFromLog(
  log: string,
  path: string | null,
  options: LoadOptions = {},
): Promise<{ readonly loaded: LoadedScenario; readonly notes: readonly string[] }> {
  const { picture, sha256 } = await readPicture(log);
  const settings = [...(options.set ?? []), ...policyEdit(options.policy)];
  const base = readDocument(JSON.stringify(documentOfPicture(picture)), log, path === null ? settings : []);
  const inputs = [{ name: basename(log), sha256 }];
  if (path === null) return { loaded: loadDocument(base, '.', inputs, options), notes: picture.notes };
  const { text, sha256: ownHash } = readHashedText(path);
  const own = readDocument(text, path, settings);
  if (isMap(own.value) && 'kind' in own.value && kindOf(own) !== kindOf(base))
    throw new PutmodelError(withoutEffect('from-log', kindOf(own)));
  const document = overDocument(base, own);
  return {
    loaded: loadDocument(document, dirname(path), [{ name: basename(path), sha256: ownHash }, ...inputs], options),
    notes: picture.notes,
  };
}

/** What a LOG shows. @throws INPUT_INVALID for a LOG without a flush */
export async function readPicture(log: string): Promise<{ readonly picture: LogPicture; readonly sha256: string }> {
  const collector = collectLogPicture();
  const reader = createLogReader({ onEvent: collector.onEvent, file: log });
  const sha256 = await streamText(log, (text) => {
    reader.push(text);
  });
  reader.end();
  const picture = collector.finish();
  if (picture !== null) return { picture, sha256 };
  throw new PutmodelError({
    code: 'INPUT_INVALID',
    message: 'no flush with its size in this LOG: it tells neither keys and values nor the load',
    expected: 'a LOG of a store that was written to',
    file: log,
  });
}

/** One document over another: what both say as maps is joined, everything else is the upper one's. */
function overDocument(base: PositionedDocument, upper: PositionedDocument): PositionedDocument {
  return { ...upper, value: over(base.value, upper.value, 2) };
}

function over(base: unknown, upper: unknown, depth: number): unknown {
  if (depth === 0 || !isMap(base) || !isMap(upper)) return upper;
  const joined: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(upper)) joined[key] = key in base ? over(base[key], value, depth - 1) : value;
  return joined;
}

function loadDocument(document: PositionedDocument, here: string, read: readonly InputFile[], options: LoadOptions): LoadedScenario {
  const kind = kindOf(document);
  refuseParts(kind, options);
  const said = checkDocument(document, kind.schema) as { readonly device?: string; readonly host?: string };
  const { machine, inputs } = loadMachine(kind.machine, {
    device: namedIn(options.device, '.') ?? namedIn(said.device, here),
    host: namedIn(options.host, '.') ?? namedIn(said.host, here),
  });
  const named = readNamedFiles(kind, document, here);
  const resolved = kind.resolve(document, { ...machine, files: named.files });
  const scenario = options.seed === undefined ? resolved : deepFreeze({ ...resolved, seed: options.seed });
  return { kind, scenario, inputs: [...read, ...inputs, ...named.inputs], modulePath: named.modulePath };
}

/** A path on the command line is relative to here, not to the document. */
function policyEdit(policy: string | undefined): string[] {
  if (policy === undefined) return [];
  return [`policy=${JSON.stringify(isPolicyFile(policy) ? resolve(policy) : policy)}`];
}

/** A device or host for a kind that runs on none would silently count for nothing. */
function refuseParts(kind: Kind, options: LoadOptions): void {
  const issues = (['device', 'host'] as const)
    .filter((part) => options[part] !== undefined && !kind.machine.includes(part))
    .map((part) => withoutEffect(part, kind));
  if (issues.length > 0) throw new PutmodelError(issues);
}

function withoutEffect(flag: string, kind: Kind): Issue {
  return { code: 'USAGE', message: `--${flag} has no effect on a scenario of kind ${kind.name}` };
}

/** The files that the document names by the kind's keys, relative to the document. */
function readNamedFiles(
  kind: Kind,
  document: PositionedDocument,
  here: string,
): { readonly files: Inputs['files']; readonly inputs: readonly InputFile[]; readonly modulePath: string | null } {
  const files = new Map<string, { readonly name: string; readonly text: string; readonly sha256: string }>();
  const inputs: InputFile[] = [];
  let modulePath: string | null = null;
  const { moduleKey } = kind;
  for (const key of [...kind.fileKeys, ...(moduleKey === null ? [] : [moduleKey.path])]) {
    const value = valueAt(document.value, key.split('.'));
    if (typeof value !== 'string') continue;
    const isModule = key === moduleKey?.path;
    if (isModule && !moduleKey.isFile(value)) continue;
    const path = isAbsolute(value) ? value : join(here, value);
    const { text, sha256 } = readHashedText(path);
    files.set(key, { name: value, text, sha256 });
    inputs.push({ name: basename(path), sha256 });
    if (isModule) modulePath = resolve(path);
  }
  return { files, inputs, modulePath };
}

/** Reads a db_bench command (without the program's name) and everything it names. @throws PutmodelError with every problem. */
export function loadDbBench(argv: readonly string[], options: Omit<LoadOptions, 'set'> = {}): LoadedScenario<LsmScenario, LsmResult> {
  const optionsFiles: InputFile[] = [];
  const command = parseDbBench(argv, {
    readOptionsFile: (path) => {
      const { text, sha256 } = readHashedText(path);
      optionsFiles.push({ name: basename(path), sha256 });
      return text;
    },
  });
  const { machine, inputs } = loadMachine(lsmKind.machine, { device: namedIn(options.device, '.'), host: namedIn(options.host, '.') });
  const scenario = lsmScenarioFromDbBench(command, machineOf({ ...machine, files: new Map() }), { seed: options.seed });
  return { kind: lsmKind, scenario: deepFreeze(scenario), inputs: [...optionsFiles, ...inputs], modulePath: null };
}

function namedIn(name: string | undefined, directory: string): Named {
  return name === undefined ? null : { name, directory };
}
