/**
 * Writes what a run gave as a directory: `summary.json`, `series.csv`, `latency.hgrm` and `latency.hdr`, `LOG`, `manifest.json`, and
 * `run.json`. All but run.json are the same bytes for the same scenario and seed, wherever and however the run was made.
 */
import { join } from 'node:path';
import { encodeV2Base64, toHgrm } from '../kernel/histogram-codec.js';
import type { LsmResult } from '../lsm/result.js';
import type { LsmScenario } from '../lsm/scenario.js';
import { canonicalJson, encodeJson } from '../scenario/json.js';
import type { InputFile, ResultDocument } from '../scenario/kind.js';
import { encodeLsmResult, encodeSeriesCsv, withManifest, type Manifest, type Validity } from '../scenario/result.js';
import { rocksdbLogText } from '../scenario/rocksdb-log.js';
import { sha256 } from './read.js';
import { engineVersion } from './version.js';
import { writeFileAtomic } from './write.js';

/** A finished run with everything its directory tells. */
export interface FinishedRun {
  readonly scenario: LsmScenario;
  readonly inputs: readonly InputFile[];
  readonly result: LsmResult;
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

/** The summary document with its manifest: hashes of the scenario and of the result are taken here, because the core has none. */
export function summarize(run: FinishedRun): { readonly summary: ResultDocument; readonly manifest: Manifest } {
  const document = encodeLsmResult(run.result, run.validity);
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
    'series.csv': encodeSeriesCsv(run.result.series),
    'latency.hgrm': toHgrm(run.result.putLatencyMicros),
    'latency.hdr': `${encodeV2Base64(run.result.putLatencyMicros)}\n`,
    LOG: rocksdbLogText(run.scenario, run.result),
    'manifest.json': encodeJson(manifest),
    'run.json': encodeJson({ schema: 'putmodel/run/1', ...circumstances }),
  };
  for (const [name, text] of Object.entries(files)) writeFileAtomic(join(directory, name), text);
  return directory;
}
