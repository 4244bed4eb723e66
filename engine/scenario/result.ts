/** What the result documents of all kinds share: how far a run was checked, and what makes it reproducible. */
import type { InputFile, ResultDocument } from './kind.js';

/** Whether a run lies inside what was compared with real runs, and how far off such predictions were there. */
export interface Validity {
  readonly inside: boolean;
  /** What lies outside, in words; empty when inside. */
  readonly outside: readonly string[];
  /** Of put rate, over the real runs like this one; null when there are none. */
  readonly expectedErrorPercent: { readonly p50: number; readonly p90: number; readonly max: number } | null;
  /** How many real runs like this one were compared. */
  readonly runs: number;
}

/** Says that nothing was compared: the honest answer where no accuracy table is at hand. */
export const notValidated: Validity = {
  inside: false,
  outside: ['no accuracy table: nothing was compared with real runs'],
  expectedErrorPercent: null,
  runs: 0,
};

/** What makes a result reproducible. Nothing in it depends on where or when the run was made. */
export interface Manifest {
  readonly schema: 'putmodel/manifest/1';
  readonly engineVersion: string;
  /** SHA-256 of the resolved scenario's canonical JSON. */
  readonly scenarioHash: string;
  readonly seed: number;
  readonly inputs: readonly InputFile[];
  /** SHA-256 of the result document without its manifest, as `encodeJson` writes it. */
  readonly resultHash: string;
}

/** The document with what makes it reproducible: the content of summary.json. */
export function withManifest(document: ResultDocument, manifest: Manifest): ResultDocument {
  return { ...document, manifest: pick(manifest, ['schema', 'engineVersion', 'scenarioHash', 'seed', 'inputs', 'resultHash']) };
}

/** How far a run was checked, as every result document says it. */
export function encodeValidity(validity: Validity): ResultDocument {
  const { inside, outside, expectedErrorPercent, runs } = validity;
  return {
    inside,
    outside,
    expectedErrorPercent: expectedErrorPercent === null ? null : pick(expectedErrorPercent, ['p50', 'p90', 'max']),
    runs,
  };
}

/** The named fields in the named order: the order of a document never depends on how an object was built. */
export function pick<T extends object, K extends keyof T>(value: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, value[key]])) as Pick<T, K>;
}
