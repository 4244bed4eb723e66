/**
 * What the page asks of the thread that simulates: everything crosses as plain data. `simulate` is cancelled by the next one; the others
 * give the same answer for the same document, whenever they are called.
 */
import type { Issue } from '../kernel/errors.js';
import type { Result, Scenario, Unit } from '../scenario/kind.js';
import type { Validity } from '../scenario/result.js';
import type { FormDescription } from './field.js';
import type { DocumentData } from './share-link.js';
import type { TreeFrame } from './tree-frames.js';

/** How far a run is, 0 to 1, or null when it cannot know; and the simulated time. */
export interface Progress {
  readonly fraction: number | null;
  readonly nowSec: number;
}

/** One figure of a result, by its path in the result document. */
export interface MetricValue {
  readonly path: string;
  readonly unit: Unit;
  readonly better: 'more' | 'less' | 'neither';
  /** null where the run has no such figure. */
  readonly value: number | null;
}

/** What became of a run. */
export type SimulationOutcome =
  | {
      readonly status: 'done';
      readonly scenario: Scenario;
      readonly result: Result;
      readonly validity: Validity;
      /** What the run is, in a few words. */
      readonly description: string;
      readonly metrics: readonly MetricValue[];
      readonly wallMillis: number;
    }
  /** A newer run was asked for. */
  | { readonly status: 'superseded' }
  | { readonly status: 'invalid'; readonly issues: readonly Issue[] };

/** A file that was dropped or pasted, unpacked. */
export interface TextFile {
  readonly name: string;
  readonly text: string;
}

/** The document after reading files: what was taken over, and what could not be. */
export interface ImportOutcome {
  readonly document: DocumentData;
  readonly notes: readonly string[];
  readonly issues: readonly Issue[];
}

/** The calls. */
export interface SimulationApi {
  /** What there is to fill in for a document of this kind (lsm unless it says another), with the defaults of its RocksDB version. */
  describeForm(document: DocumentData): Promise<FormDescription>;
  simulate(document: DocumentData, onProgress: (progress: Progress) => void): Promise<SimulationOutcome>;
  /** The tree over simulated time. */
  frames(document: DocumentData): Promise<readonly TreeFrame[]>;
  /** Name and text of every file of the run: the result document, the kind's own files, the scenario, and a device that was dropped. */
  files(document: DocumentData): Promise<Readonly<Record<string, string>>>;
  /**
   * Reads db_bench commands, OPTIONS, LOG, scenarios, fio results, envelopes and host profiles into the document. `lsmDocument`: the store
   * that options and machines are for while the document is of another kind.
   */
  read(document: DocumentData, files: readonly TextFile[], lsmDocument?: DocumentData): Promise<ImportOutcome>;
}
