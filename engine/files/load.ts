/** From files and command lines to scenarios that are ready to run: reads what they name, and keeps the hash of every file read. */
import { basename, dirname, isAbsolute, join } from 'node:path';
import { loadMachine, type Named } from './machine.js';
import { readHashedText } from './read.js';
import { PutmodelError } from '../kernel/errors.js';
import { lsmScenarioFromDbBench } from '../lsm/front-end.js';
import type { LsmResult } from '../lsm/result.js';
import type { LsmScenario } from '../lsm/scenario.js';
import { parseDbBench } from '../rocksdb/db-bench.js';
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
}

/** What the command line says over a scenario file. */
export interface LoadOptions {
  /** `path=value` each, applied before the document is checked. */
  readonly set?: readonly string[] | undefined;
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
  const document = readDocument(text, path, options.set);
  const kind = kindOf(document);
  refuseParts(kind, options);
  const said = checkDocument(document, kind.schema) as { readonly device?: string; readonly host?: string };
  const here = dirname(path);
  const { machine, inputs } = loadMachine(kind.machine, {
    device: namedIn(options.device, '.') ?? namedIn(said.device, here),
    host: namedIn(options.host, '.') ?? namedIn(said.host, here),
  });
  const named = readNamedFiles(kind, document, here);
  const resolved = kind.resolve(document, { ...machine, files: named.files });
  const scenario = options.seed === undefined ? resolved : deepFreeze({ ...resolved, seed: options.seed });
  return { kind, scenario, inputs: [{ name: basename(path), sha256 }, ...inputs, ...named.inputs] };
}

/** A device or host for a kind that runs on none would silently count for nothing. */
function refuseParts(kind: Kind, options: LoadOptions): void {
  const issues = (['device', 'host'] as const)
    .filter((part) => options[part] !== undefined && !kind.machine.includes(part))
    .map((part) => ({ code: 'USAGE' as const, message: `--${part} has no effect on a scenario of kind ${kind.name}` }));
  if (issues.length > 0) throw new PutmodelError(issues);
}

/** The files that the document names by the kind's keys, relative to the document. */
function readNamedFiles(
  kind: Kind,
  document: PositionedDocument,
  here: string,
): { readonly files: Inputs['files']; readonly inputs: readonly InputFile[] } {
  const files = new Map<string, { readonly name: string; readonly text: string }>();
  const inputs: InputFile[] = [];
  for (const key of kind.fileKeys) {
    const path = valueAt(document.value, key.split('.'));
    if (typeof path !== 'string') continue;
    const { text, sha256 } = readHashedText(isAbsolute(path) ? path : join(here, path));
    files.set(key, { name: path, text });
    inputs.push({ name: basename(path), sha256 });
  }
  return { files, inputs };
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
  return { kind: lsmKind, scenario: deepFreeze(scenario), inputs: [...optionsFiles, ...inputs] };
}

function namedIn(name: string | undefined, directory: string): Named {
  return name === undefined ? null : { name, directory };
}
