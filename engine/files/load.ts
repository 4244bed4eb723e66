/** From files and command lines to scenarios that are ready to run: reads what they name, and keeps the hash of every file read. */
import { basename, dirname } from 'node:path';
import { loadMachine, type Named } from './machine.js';
import { readHashedText } from './read.js';
import { lsmScenarioFromDbBench } from '../lsm/front-end.js';
import type { LsmScenario } from '../lsm/scenario.js';
import { parseDbBench } from '../rocksdb/db-bench.js';
import { checkDocument, readDocument } from '../scenario/document.js';
import { deepFreeze } from '../scenario/freeze.js';
import type { InputFile } from '../scenario/kind.js';
import { kindOf, kinds } from '../scenario/kinds.js';

/** A scenario with the files it came from. */
export interface LoadedScenario {
  readonly scenario: LsmScenario;
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
  const kind = kinds[kindOf(document)];
  const said = checkDocument(document, kind.schema) as { readonly device?: string; readonly host?: string };
  const here = dirname(path);
  const { machine, inputs } = loadMachine(
    namedIn(options.device, '.') ?? namedIn(said.device, here),
    namedIn(options.host, '.') ?? namedIn(said.host, here),
  );
  const resolved = kind.resolve(document, machine);
  const scenario = options.seed === undefined ? resolved : deepFreeze({ ...resolved, seed: options.seed });
  return { scenario, inputs: [{ name: basename(path), sha256 }, ...inputs] };
}

/** Reads a db_bench command (without the program's name) and everything it names. @throws PutmodelError with every problem. */
export function loadDbBench(argv: readonly string[], options: Omit<LoadOptions, 'set'> = {}): LoadedScenario {
  const optionsFiles: InputFile[] = [];
  const command = parseDbBench(argv, {
    readOptionsFile: (path) => {
      const { text, sha256 } = readHashedText(path);
      optionsFiles.push({ name: basename(path), sha256 });
      return text;
    },
  });
  const { machine, inputs } = loadMachine(namedIn(options.device, '.'), namedIn(options.host, '.'));
  const scenario = lsmScenarioFromDbBench(command, machine, { seed: options.seed });
  return { scenario: deepFreeze(scenario), inputs: [...optionsFiles, ...inputs] };
}

function namedIn(name: string | undefined, directory: string): Named {
  return name === undefined ? null : { name, directory };
}
