/** A finished run as the page holds it, and how a kind of run is shown. */
import type { Result, Scenario } from '../../scenario/kind.js';
import type { NamedPicture } from '../../report/charts/drawing.js';
import type { Validity } from '../../scenario/result.js';
import type { DocumentData } from '../share-link.js';
import type { MetricValue, SimulationOutcome } from '../simulation-api.js';

/** What all results that are shown have. */
export interface ShownResult extends Result {
  readonly assumptions: readonly { readonly what: string; readonly value: string; readonly source: string }[];
  readonly warnings: readonly { readonly message: string }[];
}

/** The run with everything that is shown of it. */
export interface PageRun<S extends Scenario = Scenario, R extends ShownResult = ShownResult> {
  readonly document: DocumentData;
  readonly scenario: S;
  readonly result: R;
  readonly validity: Validity;
  readonly metrics: readonly MetricValue[];
}

/** A figure of the answer. */
export interface Tile<R extends ShownResult = ShownResult> {
  readonly label: string;
  readonly better: 'more' | 'less' | 'neither';
  /** null where the run has no such figure. */
  read(result: R): number | null;
  readonly format: (value: number) => string;
}

/** What a kind of run looks like. A view is only ever given runs of its own kind. */
export interface View<S extends Scenario = Scenario, R extends ShownResult = ShownResult> {
  /** The answer in words, most important first. */
  sentences(run: PageRun<S, R>): readonly string[];
  /** Those that this run has a figure for, or could have. */
  tiles(run: PageRun<S, R>): readonly Tile<R>[];
  /** Pictures, laid over those of the pinned run where that helps; each name is one place on the page. */
  pictures(run: PageRun<S, R>, pinned: PageRun<S, R> | null): readonly NamedPicture[];
  /** Tables that only this kind has, by title. */
  tables(run: PageRun<S, R>): readonly (readonly [title: string, table: HTMLElement])[];
}

/** An outcome as a run. */
export function pageRun(document: DocumentData, outcome: Extract<SimulationOutcome, { status: 'done' }>): PageRun {
  const { scenario, result, validity, metrics } = outcome;
  // Every kind that has a tab has them.
  return { document, scenario, result: result as ShownResult, validity, metrics };
}
