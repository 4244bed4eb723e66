/**
 * Writes what a run gave as a directory, and reads it back: `summary.json`, `manifest.json`, `scenario.json` (resolved, ready to run
 * again), `run.json`, and the files of its kind (lsm: `series.csv`,
 * `latency.hgrm`, `latency.hdr` and `LOG`; backlog: `sim_out.csv`). All but run.json are the same bytes for the same scenario and seed,
 * wherever and however the run was made.
 */
import { basename, join, resolve } from 'node:path';
import { PutmodelError } from '../kernel/errors.js';
import { canonicalJson, encodeJson } from '../scenario/json.js';
import type { LsmResult } from '../lsm/result.js';
import type { LsmScenario } from '../lsm/scenario.js';
import { deepFreeze } from '../scenario/freeze.js';
import type { Kind, Result, ResultDocument, Scenario } from '../scenario/kind.js';
import { decodeStoredRun, type StoredRun } from '../scenario/kinds.js';
import { lsmKind } from '../scenario/lsm-kind.js';
import { withManifest, type Manifest, type Validity } from '../scenario/result.js';
import type { LoadedScenario } from './load.js';
import { existsSync, readText, sha256 } from './read.js';
import { engineVersion } from './version.js';
import { writeFileAtomic } from './write.js';

/** A finished run with everything its directory tells. */
export interface FinishedRun<S extends Scenario = Scenario, R extends Result = Result> extends LoadedScenario<S, R> {
  readonly result: R;
  readonly validity: Validity;
}

/** When, where and how long: the only file outside the byte-for-byte promise. */
export interface RunCircumstances {
  readonly command: readonly string[];
  readonly startedAt: string;
  readonly wallMillis: number;
  readonly node: string;
  readonly platform: string;
}

/** A result directory, read. */
export interface ResultDirectory extends StoredRun {
  /** The directory's own name. */
  readonly name: string;
  /** null where there is no such file. */
  readonly log: string | null;
  readonly circumstances: RunCircumstances | null;
}

/**
 * Reads what `writeResultDirectory` wrote.
 * @throws PutmodelError INPUT_MISSING when it is none, and as `decodeStoredRun`
 */
export function readResultDirectory(directory: string): ResultDirectory {
  const path = (name: string): string => join(directory, name);
  const optional = (name: string): string | null => (existsSync(path(name)) ? readText(path(name)) : null);
  const stored = readStoredRun(directory);
  const circumstances = optional('run.json');
  return {
    ...stored,
    name: basename(resolve(directory)),
    log: optional('LOG'),
    circumstances: circumstances === null ? null : decodeCircumstances(circumstances, path('run.json')),
  };
}

function decodeCircumstances(text: string, file: string): RunCircumstances {
  try {
    const { command, startedAt, wallMillis, node, platform } = JSON.parse(text) as RunCircumstances;
    if (Array.isArray(command) && typeof startedAt === 'string' && typeof wallMillis === 'number') {
      return { command, startedAt, wallMillis, node, platform };
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new PutmodelError({
    code: 'INPUT_SYNTAX',
    message: 'not what a run writes',
    file,
    expected: 'JSON with command, startedAt, wallMillis',
  });
}

/** Reads the run; messages, whose readers know names only, then tell the path. What names no file is about the one read last. */
function readStoredRun(directory: string): StoredRun {
  let last = '';
  try {
    return decodeStoredRun((name) => {
      last = name;
      return readText(join(directory, name));
    });
  } catch (error) {
    if (!(error instanceof PutmodelError)) throw error;
    throw new PutmodelError(error.issues.map((issue) => ({ ...issue, file: join(directory, basename(issue.file ?? last)) })));
  }
}

/** The summary document with its manifest: hashes of the scenario and of the result are taken here, because the core has none. */
export function summarize(run: FinishedRun): { readonly summary: ResultDocument; readonly manifest: Manifest } {
  const document = run.kind.encode(run.result, run.validity);
  const manifest: Manifest = {
    schema: 'putmodel/manifest/1',
    engineVersion: engineVersion(),
    scenarioHash: sha256(canonicalJson(run.scenario)),
    seed: run.scenario.seed,
    inputs: run.inputs,
    resultHash: sha256(encodeJson(document)),
  };
  return { summary: withManifest(document, manifest), manifest };
}

/**
 * Writes the directory (made if missing; files of the same names are replaced) and returns its path.
 * @throws PutmodelError OUTPUT_FAILED when it cannot be written.
 */
export function writeResultDirectory(directory: string, run: FinishedRun, circumstances: RunCircumstances): string {
  const { summary, manifest } = summarize(run);
  const files: Readonly<Record<string, string>> = {
    'summary.json': encodeJson(summary),
    ...run.kind.files(run.scenario, run.result),
    'manifest.json': encodeJson(manifest),
    'scenario.json': `${canonicalJson(run.scenario)}\n`,
    'run.json': encodeJson({ schema: 'putmodel/run/1', ...circumstances }),
  };
  for (const [name, text] of Object.entries(files)) writeFileAtomic(join(directory, name), text);
  return directory;
}

/**
 * The scenario of a result directory of kind lsm, as it ran.
 * @throws PutmodelError INPUT_INVALID where it is not the one that the manifest was made of, INPUT_UNSUPPORTED for another kind or a run
 * that needs a module of the user's own
 */
export function readFinishedScenario(directory: string): { readonly kind: Kind<LsmScenario, LsmResult>; readonly scenario: LsmScenario } {
  const file = join(directory, 'scenario.json');
  const text = readText(file).trimEnd();
  const manifest = JSON.parse(readText(join(directory, 'manifest.json'))) as Partial<Manifest>;
  if (sha256(text) !== manifest.scenarioHash) {
    throw new PutmodelError({
      code: 'INPUT_INVALID',
      message: 'not the scenario of this result: its hash differs from the manifest',
      file,
    });
  }
  const scenario = JSON.parse(text) as LsmScenario;
  if (scenario.kind !== lsmKind.name || scenario.policy.sha256 !== null) {
    throw new PutmodelError({ code: 'INPUT_UNSUPPORTED', message: 'not a run of kind lsm with a policy of this package', file });
  }
  return { kind: lsmKind, scenario: deepFreeze(scenario) };
}
