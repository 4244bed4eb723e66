/** From what people say to what a run is given: a checked document, a device and perhaps a calibration as a `BacklogScenario`. */
import { deviceAssumptions, type DeviceModel } from '../device/device.js';
import { PutmodelError, type Issue } from '../kernel/errors.js';
import { formatBytes, GIB } from '../kernel/units.js';
import type { BacklogCalibration } from './calibration-file.js';
import { maximumSeriesValues, type BacklogDocument } from './kind.js';
import type { BacklogAssumption, BacklogLevel, BacklogScenario, BacklogWarning, EfficiencyModel, ReadShare } from './scenario.js';

/** What a run needs besides its document. */
export interface BacklogInputs {
  readonly device: DeviceModel;
  /** False: nobody said which; the default is used and said. */
  readonly deviceNamed: boolean;
  /** What was noticed while reading it. */
  readonly deviceWarnings: readonly string[];
  readonly calibration: BacklogCalibration | null;
}

type Model = BacklogDocument['backlog'];
type ByLevel = number | Readonly<Record<string, number>> | undefined;

/**
 * The scenario that a checked document describes. `fallbackName` is used when it has no name.
 * @throws PutmodelError INPUT_INVALID with the path of every value that passes its own check but not together with the others.
 */
export function backlogScenarioFromDocument(document: BacklogDocument, inputs: BacklogInputs, fallbackName: string): BacklogScenario {
  const { backlog: model, workload } = document;
  const { calibration } = inputs;
  const names = model.levels ?? calibration?.levels ?? ['L0', 'L1', 'L2', 'L3'];
  const dtSec = model.dt ?? 1;
  const stepCount = model.steps ?? Math.max(1, Math.ceil((document.duration_seconds ?? 0) / dtSec));
  const issues = [...lengthIssues(document, stepCount, names.length), ...levelIssues(model, calibration, names)];
  if (issues.length > 0) throw new PutmodelError(issues);

  const bufferBytes = model.write_buffer_size ?? 67_108_864;
  const stopTrigger = model.level0_stop_writes_trigger ?? 36;
  const levels = levelsOf(model, calibration, names);
  return {
    kind: 'backlog',
    name: document.name ?? fallbackName,
    seed: document.seed ?? 1,
    stepCount,
    dtSec,
    device: inputs.device,
    place: {
      iodepth: model.iodepth ?? calibration?.iodepth ?? 16,
      numjobs: model.numjobs ?? calibration?.numjobs ?? 1,
      blockKib: model.bs_k ?? calibration?.bs_k ?? 1024,
    },
    levels,
    fanOutRatio: model.max_bytes_for_level_multiplier ?? 10,
    offered: typeof workload.rate === 'number' ? [{ atSec: 0, opsPerSec: workload.rate }] : workload.rate.points,
    putBytes: (workload.key_size ?? 16) + (workload.value_size ?? 100),
    l0LimitBytes: bufferBytes * stopTrigger,
    readShare: readShareOf(model, calibration, names),
    efficiency: efficiencyOf(model, calibration),
    assumptions: assumptionsOf(document, inputs, bufferBytes * stopTrigger),
    warnings: warningsOf(inputs, levels),
  };
}

function lengthIssues(document: BacklogDocument, stepCount: number, levelCount: number): Issue[] {
  const { steps } = document.backlog;
  if (steps === undefined && document.duration_seconds === undefined) {
    return [{ code: 'INPUT_INVALID', path: 'backlog.steps', message: 'missing', expected: 'steps, or duration_seconds' }];
  }
  if (stepCount * levelCount <= maximumSeriesValues) return [];
  const found = `${String(stepCount)} steps of ${String(levelCount)} levels`;
  const path = steps === undefined ? 'duration_seconds' : 'backlog.steps';
  return [{ code: 'INPUT_INVALID', path, message: 'too many steps to record', found, expected: 'a longer dt or fewer steps' }];
}

/** Maps by level must name levels there are, and mu every one of them. */
function levelIssues(model: Model, calibration: BacklogCalibration | null, names: readonly string[]): Issue[] {
  const issues: Issue[] = [];
  const maps: Readonly<Record<string, unknown>> = {
    mu: model.mu,
    k: model.k,
    mergeAmplification: model.mergeAmplification,
    rho_r: model.rho_r,
    'initial.backlogGib': model.initial?.backlogGib,
    'initial.residentGib': model.initial?.residentGib,
  };
  for (const [key, map] of Object.entries(maps)) {
    if (typeof map !== 'object' || map === null) continue;
    for (const name of Object.keys(map)) {
      if (names.includes(name)) continue;
      issues.push({ code: 'INPUT_INVALID', path: `backlog.${key}.${name}`, message: 'no such level', expected: names.join(', ') });
    }
  }
  const unshared = names.filter((name) => figureOf(model.mu, name) === undefined && calibration?.mu[name] === undefined);
  if (unshared.length > 0) {
    const expected = 'one figure for all levels, one a level, or a calibration';
    issues.push({ code: 'INPUT_INVALID', path: 'backlog.mu', message: `missing for ${unshared.join(', ')}`, expected });
  }
  return issues;
}

function levelsOf(model: Model, calibration: BacklogCalibration | null, names: readonly string[]): BacklogLevel[] {
  const base = model.max_bytes_for_level_base ?? (model.mergeAmplification === undefined ? 268_435_456 : 0);
  const fanOut = model.max_bytes_for_level_multiplier ?? 10;
  let targetBytes = base;
  return names.map((name, index) => {
    if (index > 1) targetBytes *= fanOut;
    return {
      name,
      muFraction: figureOf(model.mu, name) ?? calibration?.mu[name] ?? 0,
      kFactor: figureOf(model.k, name) ?? calibration?.k[name] ?? 1,
      mergeAmplification: figureOf(model.mergeAmplification, name) ?? calibration?.mergeAmplification[name] ?? (base > 0 ? null : 1),
      targetBytes: index === 0 ? 0 : targetBytes,
      initialBacklogBytes: (model.initial?.backlogGib?.[name] ?? 0) * GIB,
      initialResidentBytes: index === 0 ? 0 : (model.initial?.residentGib?.[name] ?? 0) * GIB,
    };
  });
}

function figureOf(value: ByLevel, name: string): number | undefined {
  return typeof value === 'number' ? value : value?.[name];
}

function readShareOf({ rho_r: said }: Model, calibration: BacklogCalibration | null, names: readonly string[]): ReadShare {
  if (typeof said === 'number') return { kind: 'constant', readFraction: said };
  const learned = typeof said === 'object' ? said : said === undefined ? calibration?.rho_r : undefined;
  return learned === undefined ? { kind: 'heuristic' } : { kind: 'byLevel', readFractions: names.map((name) => learned[name] ?? 0) };
}

function efficiencyOf({ efficiency: said }: Model, calibration: BacklogCalibration | null): EfficiencyModel {
  const given = typeof said === 'string' ? { model: said } : (said ?? { model: 'saturating' as const });
  return {
    model: given.model,
    baseFraction: given.baseFraction ?? calibration?.baseFraction ?? 0.8,
    contentionBytes: (given.contentionGib ?? 100) * GIB,
    waveFraction: given.waveFraction ?? (given.model === 'contention-linear' ? 0.1 : 0),
  };
}

function assumptionsOf({ backlog: model, workload }: BacklogDocument, inputs: BacklogInputs, limitBytes: number): BacklogAssumption[] {
  const { calibration, device, deviceNamed } = inputs;
  const assumed = (what: string, value: string, source: string, said: unknown): BacklogAssumption[] =>
    said === undefined ? [{ what, value, source }] : [];
  const limitSaid = model.level0_stop_writes_trigger ?? model.write_buffer_size;
  return [
    ...deviceAssumptions(device, deviceNamed),
    ...assumed('k', '1', 'drains what the device gives', model.k ?? calibration?.k),
    ...assumed('iodepth', '16', "what the kernel's write-back keeps in flight", model.iodepth ?? calibration),
    ...assumed('numjobs', '1', 'default', model.numjobs ?? calibration),
    ...assumed('bs_k', '1024', 'write-back merges requests up to 1 MiB', model.bs_k ?? calibration),
    ...assumed('L0 limit', formatBytes(limitBytes), "RocksDB's defaults: 36 files of 64 MiB", limitSaid),
    ...assumed('value_size', '100', "db_bench's default", workload.value_size),
  ];
}

function warningsOf({ deviceWarnings }: BacklogInputs, levels: readonly BacklogLevel[]): BacklogWarning[] {
  const shares = levels.reduce((sum, level) => sum + level.muFraction, 0);
  const warnings = deviceWarnings.map((message) => ({ code: 'DEVICE', message, path: 'device' }));
  if (shares <= 1 + 1e-9) return warnings;
  const message = `the levels' shares mu add up to ${shares.toFixed(2)}: when all have backlog they drain more than the device gives`;
  return [...warnings, { code: 'OVERCOMMITTED', message, path: 'backlog.mu' }];
}
