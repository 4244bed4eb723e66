/** What a kind of scenario is to everything outside its folder: a schema, figures by name, a way to start and a way to encode. */
import type { z } from 'zod';
import type { DeviceModel } from '../device/device.js';
import type { Reason } from '../kernel/reason.js';
import type { MachineFactors } from '../device/scale.js';
import type { Histogram } from '../kernel/histogram.js';
import type { Metric, Run } from '../kernel/run.js';
import type { RunFeatures } from '../lsm/features.js';
import type { HostProfile } from '../lsm/host.js';
import type { CsvCells } from './csv.js';
import type { PositionedDocument } from './document.js';
import type { Validity } from './result.js';

export type { Reason } from '../kernel/reason.js';
export type { Metric, Run, Snapshot, Unit } from '../kernel/run.js';

export type KindName = 'lsm' | 'backlog' | 'commit' | 'replay';

/** A file a run depends on: its name without directories, and the SHA-256 of its bytes in hex. */
export interface InputFile {
  readonly name: string;
  readonly sha256: string;
}

/** A result as it is written: plain data with ordered keys, ready for `encodeJson`. */
export type ResultDocument = Readonly<Record<string, unknown>>;

/** What the scenarios of all kinds have in common. */
export interface Scenario {
  readonly kind: KindName;
  readonly name: string;
  readonly seed: number;
}

/** What the results of all kinds have in common. */
export interface Result {
  readonly kind: KindName;
  readonly simulatedSec: number;
}

/** A part of the machine, loaded. */
export interface Part<T> {
  readonly model: T;
  /** False: nobody named it, it is the default. */
  readonly named: boolean;
  /** What was noticed while reading it, in words. */
  readonly warnings: readonly string[];
}

/** What a run needs besides its document: read and checked by whoever loads it. */
export interface Inputs {
  /** null for a kind that runs on none. */
  readonly device: Part<DeviceModel> | null;
  readonly host: Part<HostProfile> | null;
  /** The files that the document names, by the path of the key that names them (`Kind.fileKeys`, `Kind.moduleKey`). */
  readonly files: ReadonlyMap<string, { readonly name: string; readonly text: string; readonly sha256: string }>;
}

/** The key of a document whose file is a module. */
export interface ModuleKey {
  readonly path: string;
  /** Whether its value is a file's path; it may also be a name. */
  readonly isFile: (value: string) => boolean;
  /** Throws PutmodelError INPUT_INVALID for a module that does not export what is needed. */
  readonly check: (module: unknown) => unknown;
}

/** What a run may be given beside its scenario. */
export interface StartExtras {
  /** What the document's module exports (`Kind.moduleKey`). */
  readonly module?: unknown;
  /** Takes the run's history line by line; given only to a kind that `writesHistory`. */
  readonly historySink?: (line: string) => void;
}

/**
 * One kind. `S` is its resolved scenario, `R` its result. What is outside a kind's folder handles a `Kind` and never asks which it is:
 * a scenario is only ever given to the kind that resolved it.
 */
export interface Kind<S extends Scenario = Scenario, R extends Result = Result> {
  readonly name: KindName;
  /** Of the document, and of the result document. */
  readonly schema: z.ZodType;
  readonly resultSchema: z.ZodType;
  /** Names the result document and the number of its schema, such as `putmodel/lsm-result/1`. */
  readonly resultSchemaName: string;
  readonly metrics: readonly Metric<R>[];
  /** The parts of a machine that it runs on. */
  readonly machine: readonly ('device' | 'host')[];
  /** Dotted paths of the document's keys that name files. */
  readonly fileKeys: readonly string[];
  /** The key whose file is a module with functions: `start` is given them. null for a kind without one. */
  readonly moduleKey: ModuleKey | null;
  /** The checked document with its inputs as a frozen scenario. Throws PutmodelError with every problem, positions included. */
  resolve(document: PositionedDocument, inputs: Inputs): S;
  /** What is run, in a few words. */
  describe(scenario: S): string;
  start(scenario: S, extras?: StartExtras): Run<R>;
  /** The same run on a machine of other speed; left out by a kind that runs on none. */
  scaleMachine?(scenario: S, factors: MachineFactors): S;
  /** The result document without its manifest: what the result hash is taken of. */
  encode(result: R, validity: Validity): ResultDocument;
  /** The files of a result directory that only this kind has: name to text. */
  files(scenario: S, result: R): Readonly<Record<string, string>>;
  /** Why another run of this kind came out differently, most important first; left out by a kind that does not know what binds it. */
  reasons?(base: R, other: R): readonly Reason[];
  /**
   * What `encode` and `files` wrote as a result again; `readFile` gives the text of a file of the directory. The document was checked
   * against `resultSchema`.
   */
  decode(document: ResultDocument, readFile: (name: string) => string): R;
  /** Latency histograms by name, which sweeps add up over their runs; left out by a kind without latencies. */
  histograms?(result: R): Readonly<Record<string, Histogram>>;
  /** What the run is compared with real runs by; null where this kind has no real runs to compare with. */
  features(scenario: S, result: R): RunFeatures | null;
  /** The table of results/reference in which runs of this kind stand beside real ones, where `features` gives nothing to judge a run by. */
  readonly comparedIn?: string;
  /** Whether its runs can tell every operation to an outside checker (`--history`). */
  readonly writesHistory: boolean;
  /** Names of the layouts in which a run is one row of a table (`--csv-layout`); often none. */
  readonly csvLayouts: readonly string[];
  /** That row. `layout` is one of them. */
  csvRow(layout: string, scenario: S, result: R): CsvCells;
}
