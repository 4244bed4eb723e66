/**
 * Runs documents for the page, as the command line runs files: the same kinds, the same presets, the same figures to the last bit. Works in
 * slices and hands the thread over between them, so that the next call is heard; a newer `simulate` ends the one before.
 */
import { stringify } from 'yaml';
import { errorToData, invariant, PutmodelError, type Issue } from '../kernel/errors.js';
import type { LsmScenario } from '../lsm/scenario.js';
import type { PositionedDocument } from '../scenario/document.js';
import { encodeJson } from '../scenario/json.js';
import type { Kind, Result, Run, Scenario } from '../scenario/kind.js';
import { kindOf } from '../scenario/kinds.js';
import { parseAccuracy, validityOfRun, type AccuracyRow } from '../validation/validity.js';
import { commitForm } from './commit-fields.js';
import { valueAt } from './edit-document.js';
import type { FormDescription } from './field.js';
import { lsmForm } from './lsm-fields.js';
import { createMachineStore, inputsOf, type MachineStore } from './machine-store.js';
import { readFiles } from './read-files.js';
import type { DocumentData } from './share-link.js';
import type { Progress, SimulationApi, SimulationOutcome } from './simulation-api.js';
import { recordFrames } from './tree-frames.js';

/** What comes with the page. */
export interface PageData {
  /** Texts of the preset files, by name. */
  readonly devices: Readonly<Record<string, string>>;
  readonly hosts: Readonly<Record<string, string>>;
  /** results/reference/accuracy.json, parsed; null without. */
  readonly accuracy: unknown;
}

/** The thread, as the simulation uses it. */
export interface Thread {
  /** Resolves once everything that waits for the thread has had its turn. */
  pause(): Promise<void>;
  nowMillis(): number;
}

/** The longest time the thread is kept: a tenth of what a person notices. */
const sliceMillis = 10;
/** Events between two looks at the clock: about 2 ms. */
const sliceEvents = 1000;
const progressMillis = 100;

/** The calls of the API on this thread. */
export function createSimulation(data: PageData, thread: Thread): SimulationApi {
  const store = createMachineStore(data);
  const rows = data.accuracy === null ? null : parseAccuracy(data.accuracy, 'accuracy.json');
  let newest = 0;
  return {
    describeForm: (document) => Promise.resolve(formOf(document, store)),
    async simulate(document, onProgress) {
      newest += 1;
      const mine = newest;
      try {
        return await simulate(document, store, rows, { thread, isStale: () => mine !== newest, onProgress });
      } catch (error) {
        return { status: 'invalid', issues: issuesOf(error) };
      }
    },
    async frames(document) {
      const { scenario } = resolve(document, store);
      invariant(scenario.kind === 'lsm', 'only a tree has frames');
      const recording = recordFrames(scenario as LsmScenario);
      while (recording.advance() === 'more') await thread.pause();
      return recording.frames();
    },
    async files(document) {
      const { kind, scenario } = resolve(document, store);
      const run = kind.start(scenario);
      while (run.advance(20 * sliceEvents) === 'more') await thread.pause();
      const result = run.finish();
      return {
        'summary.json': encodeJson(kind.encode(result, validityOfRun(kind, scenario, result, rows))),
        ...kind.files(scenario, result),
        'scenario.yaml': stringify(document),
        ...droppedFiles(document, store),
      };
    },
    read: (document, files, lsmDocument) => readFiles(document, files, store, lsmDocument),
  };
}

interface Control {
  readonly thread: Thread;
  readonly isStale: () => boolean;
  readonly onProgress: (progress: Progress) => void;
}

async function simulate(
  document: DocumentData,
  store: MachineStore,
  rows: readonly AccuracyRow[] | null,
  control: Control,
): Promise<SimulationOutcome> {
  const { thread } = control;
  const began = thread.nowMillis();
  const { kind, scenario } = resolve(document, store);
  const run = kind.start(scenario);
  if ((await runInSlices(run, control)) === 'stale') return { status: 'superseded' };
  const result = run.finish();
  const validity = validityOfRun(kind, scenario, result, rows);
  const metrics = kind.metrics.map((metric) => ({
    path: metric.path,
    unit: metric.unit,
    better: metric.better,
    value: metric.read(result),
  }));
  const description = kind.describe(scenario);
  return { status: 'done', scenario, result, validity, description, metrics, wallMillis: thread.nowMillis() - began };
}

async function runInSlices(run: Run<Result>, { thread, isStale, onProgress }: Control): Promise<'done' | 'stale'> {
  let pausedAt = thread.nowMillis();
  let toldAt = pausedAt;
  while (run.advance(sliceEvents) === 'more') {
    const now = thread.nowMillis();
    if (now - pausedAt < sliceMillis) continue;
    if (now - toldAt > progressMillis) {
      const { fraction, nowSec } = run.snapshot();
      onProgress({ fraction, nowSec });
      toldAt = now;
    }
    await thread.pause();
    if (isStale()) return 'stale';
    pausedAt = thread.nowMillis();
  }
  return 'done';
}

function resolve(document: DocumentData, store: MachineStore): { readonly kind: Kind; readonly scenario: Scenario } {
  const positioned = positionless(document);
  const kind = kindOf(positioned);
  return { kind, scenario: kind.resolve(positioned, inputsOf(kind, document, store)) };
}

/** A document that was not read from a file: problems are told by path. */
function positionless(document: DocumentData): PositionedDocument {
  const place = { file: 'scenario' };
  return { file: 'scenario', value: document, placeOf: () => place, placeOfKey: () => place };
}

function formOf(document: DocumentData, { devices, hosts }: MachineStore): FormDescription {
  if (valueAt(document, 'kind') === 'commit') return commitForm(document);
  return lsmForm(document, { devices: [...devices.keys()], hosts: [...hosts.keys()] });
}

/** The run can be repeated elsewhere only with the files that were dropped here. */
function droppedFiles(document: DocumentData, { devices, hosts, presetNames }: MachineStore): Readonly<Record<string, string>> {
  const entries = [devices.get(String(valueAt(document, 'device'))), hosts.get(String(valueAt(document, 'host')))];
  const names = [valueAt(document, 'device'), valueAt(document, 'host')].map(String);
  return Object.fromEntries(
    names.flatMap((name, index) => {
      const stored = entries[index];
      return stored === undefined || presetNames.has(name) ? [] : [[name, stored.text] as const];
    }),
  );
}

function issuesOf(error: unknown): readonly Issue[] {
  // By path: the document was not read from a file.
  if (error instanceof PutmodelError) return error.issues.map((issue) => ({ ...issue, file: undefined }));
  return [{ code: 'SIMULATION_LIMIT', message: `internal error: ${errorToData(error).message} (a mistake in putmodel; please report it)` }];
}
