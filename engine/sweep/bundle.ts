/**
 * A sweep with everything its runs need, as plain data: it crosses to worker threads once each, and to other machines as JSON. From it
 * every worker derives the same plan and the same scenarios.
 */
import type { DeviceModel } from '../device/device.js';
import { moduleInText, type UserModule } from '../files/module-run.js';
import { invariant } from '../kernel/errors.js';
import type { HostProfile } from '../lsm/host.js';
import {
  checkDocument,
  parsePath,
  readDocument,
  withValues,
  type DocumentEdit,
  type Place,
  type PositionedDocument,
} from '../scenario/document.js';
import type { Inputs, Kind, Metric, Part, Result, Scenario } from '../scenario/kind.js';
import { kindOf } from '../scenario/kinds.js';
import { createLabeler, type Labeler } from './label.js';
import { createPlan, runAt, valuesOf, type SweepPlan } from './plan.js';
import type { SweepDocument } from './sweep-file.js';

/** What names the part or file that a point uses when no axis names one. */
export const baseName = '';

/** Plain data, JSON included. */
export interface SweepBundle {
  readonly name: string;
  readonly sweep: SweepDocument;
  readonly base: { readonly file: string; readonly text: string };
  /** Devices and hosts by the name that an axis gives them; `baseName` is the base scenario's. */
  readonly devices: Readonly<Record<string, Part<DeviceModel>>>;
  readonly hosts: Readonly<Record<string, Part<HostProfile>>>;
  /** By the kind's key that names a file (a module's included), then by that name. */
  readonly files: Readonly<
    Record<string, Readonly<Record<string, { readonly name: string; readonly text: string; readonly sha256: string }>>>
  >;
}

/** A bundle worked out: what a worker keeps for all its runs. */
export interface OpenSweep {
  readonly bundle: SweepBundle;
  readonly kind: Kind;
  readonly plan: SweepPlan;
  readonly label: Labeler;
  /** The metrics that are kept, in the order of the columns. */
  readonly metrics: readonly Metric<Result>[];
  /** The base scenario with what the sweep sets in it. */
  readonly base: PositionedDocument;
}

/** Where the parts of a sweep's file stand; a worker does not know. */
export type PlaceOf = (path: readonly (string | number)[]) => Place;

/**
 * Works out a bundle.
 * @throws PutmodelError INPUT_INVALID with every problem of the plan, or the problems of the base document.
 */
export function openSweep(bundle: SweepBundle, placeOf: PlaceOf = () => ({ file: bundle.name })): OpenSweep {
  const { sweep } = bundle;
  const edits = Object.entries(sweep.set ?? {}).map(([path, value]): DocumentEdit => ({
    path: parsePath(path),
    value,
    place: placeOf(['sweep', 'set', path]),
  }));
  const base = withValues(readDocument(bundle.base.text, bundle.base.file), edits);
  const kind = kindOf(base);
  const plan = createPlan(sweep, seedOf(base.value), placeOf);
  const label = createLabeler(sweep.label, plan.axes, base.value);
  const kept = sweep.keep ?? kind.metrics.map(({ path }) => path);
  const metrics = kept.flatMap((path) => kind.metrics.find((metric) => metric.path === path) ?? []);
  return { bundle, kind, plan, label, metrics, base };
}

/** What a run needs: its scenario, and the module that this names, if it does. */
export interface SweepRun {
  readonly scenario: Scenario;
  readonly module: UserModule | null;
}

/**
 * A run by its number.
 * @throws PutmodelError INPUT_INVALID with every problem, at the place of the axis that brought it in.
 */
export function sweepRunOf(open: OpenSweep, runIndex: number, placeOf: PlaceOf = () => ({ file: open.bundle.name })): SweepRun {
  const { plan, bundle, kind } = open;
  const { pointIndex, seed } = runAt(plan, runIndex);
  const values = valuesOf(plan, pointIndex);
  const edits = plan.axes.map(({ path }, axis): DocumentEdit => ({
    path: parsePath(path),
    value: values[axis],
    place: placeOf(['sweep', 'axes', path]),
  }));
  const seedEdit: DocumentEdit = { path: ['seed'], value: seed, place: placeOf(['sweep', 'seeds']) };
  const document = withValues(open.base, [...edits, seedEdit]);
  // Null for what is no text and names nothing.
  const chosen = (path: string): string | null => {
    const value = values[plan.axes.findIndex((axis) => axis.path === path)] ?? bundle.sweep.set?.[path] ?? baseName;
    return typeof value === 'string' ? value : null;
  };
  const part = <T>(name: 'device' | 'host', parts: Readonly<Record<string, Part<T>>>): Part<T> | null => {
    if (!kind.machine.includes(name)) return null;
    const key = chosen(name);
    // The schema says what may stand there, at its place.
    if (key === null) checkDocument(document, kind.schema);
    return parts[key ?? baseName] ?? missing(name, key ?? baseName);
  };
  const inputs: Inputs = {
    device: part('device', bundle.devices),
    host: part('host', bundle.hosts),
    files: new Map(
      fileKeysOf(kind).flatMap((key) => {
        const file = bundle.files[key]?.[chosen(key) ?? baseName];
        return file === undefined ? [] : [[key, file] as const];
      }),
    ),
  };
  const module = kind.moduleKey === null ? undefined : inputs.files.get(kind.moduleKey.path);
  return {
    scenario: kind.resolve(document, inputs),
    module: module === undefined ? null : moduleInText(module.name, module.text),
  };
}

/** Keys of a kind's documents that name files, that of a module last. */
export function fileKeysOf({ fileKeys, moduleKey }: Kind): readonly string[] {
  return moduleKey === null ? fileKeys : [...fileKeys, moduleKey.path];
}

/** The modules that a sweep brings along; often none. */
export function modulesOf({ bundle, kind }: Pick<OpenSweep, 'bundle' | 'kind'>): readonly UserModule[] {
  const files = kind.moduleKey === null ? {} : (bundle.files[kind.moduleKey.path] ?? {});
  return Object.values(files).map(({ name, text }) => moduleInText(name, text));
}

/** Every name is read with the sweep, so one that is not there is our own mistake. */
function missing(part: string, name: string): never {
  invariant(false, `the sweep has no ${part} ${JSON.stringify(name)}`);
}

/** The scenario's own seed; 1 is what every kind takes when it has none. */
function seedOf(value: unknown): number {
  const seed = typeof value === 'object' && value !== null && 'seed' in value ? value.seed : undefined;
  return typeof seed === 'number' && Number.isSafeInteger(seed) ? seed : 1;
}
