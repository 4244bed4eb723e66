/** What the pool and its threads send each other, besides progress (control.ts). */
import type { ErrorData } from '../kernel/errors.js';
import type { KindName, Result, Scenario } from '../scenario/kind.js';
import type { SweepBundle } from './bundle.js';

/** What a thread is started with. */
export interface WorkerStartup {
  /** One Int32 at `stopFlagIndex`: not 0 when every run shall stop at its next slice. */
  readonly stopFlag: SharedArrayBuffer;
  /** The sweep whose runs it will be asked for; null when it gets whole scenarios. */
  readonly bundle: SweepBundle | null;
  /** Where the files of single runs go; null when they are not kept. */
  readonly runsDirectory: string | null;
}

/** Place of the flag in `WorkerStartup.stopFlag`. */
export const stopFlagIndex = 0;

/** A run of a sweep, recorded. */
export interface FinishedSweepRun {
  /** Its record, UTF-8, with the newline. */
  readonly line: Uint8Array;
  readonly events: number;
  readonly failed: boolean;
}

/** A run that was made and says nothing, because its files cannot be written. */
export interface UnwrittenSweepRun {
  readonly unwritten: ErrorData;
}

/** A scenario to run; `task` is the number that progress is told under. */
export interface ScenarioTask {
  readonly task: number;
  readonly kind: KindName;
  readonly scenario: Scenario;
  readonly want: 'metrics' | 'result';
}

/** What became of it. The result is there when it was wanted. */
export type ScenarioOutcome =
  | {
      readonly status: 'done';
      readonly metrics: Readonly<Record<string, number | null>>;
      readonly events: number;
      readonly result: Result | null;
    }
  | { readonly status: 'failed'; readonly error: ErrorData };
