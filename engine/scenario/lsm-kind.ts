/** Kind `lsm` as the registry holds it: the file-level LSM model with its documents. */
import { invariant, PutmodelError } from '../kernel/errors.js';
import { encodeV2Base64, toHgrm } from '../kernel/histogram-codec.js';
import type { Machine } from '../lsm/assemble.js';
import { featuresOf } from '../lsm/features.js';
import { lsmScenarioFromDocument, type NamedFiles } from '../lsm/from-document.js';
import { lsmMetrics, lsmSchema } from '../lsm/kind.js';
import { ratePointsOf, type RatePoint } from '../lsm/load-csv.js';
import { collectLogPicture, type LevelBytes } from '../lsm/log-picture.js';
import { isPolicyFile, policyOfModule, rocksdbPolicyName } from '../lsm/policies/policies.js';
import type { PolicyChoice } from '../lsm/policies/policy.js';
import { reasonsOf } from '../lsm/reasons.js';
import type { LsmResult } from '../lsm/result.js';
import { scaleLsmMachine } from '../lsm/scale-machine.js';
import type { LsmScenario } from '../lsm/scenario.js';
import { startLsm } from '../lsm/simulate.js';
import { createLogReader } from '../rocksdb/log.js';
import type { PositionedDocument } from './document.js';
import type { Inputs, Kind } from './kind.js';
import { encodeFamiliesCsv, familiesFile } from './lsm-databases-result.js';
import { readFiles } from './lsm-reads-result.js';
import { lsmResultSchema } from './lsm-result-schema.js';
import { decodeLsmResult, encodeLsmResult, encodeSeriesCsv, lsmResultSchemaName } from './lsm-result.js';
import { resolveDocument } from './resolve.js';
import { rocksdbLogText } from './rocksdb-log.js';

const policyKey = 'policy';
const logKey = 'initial.from_log';
const rateKey = 'workload.rate.csv';

/** A file-level LSM store on one machine. */
export const lsmKind: Kind<LsmScenario, LsmResult> = {
  name: 'lsm',
  schema: lsmSchema,
  resultSchema: lsmResultSchema,
  resultSchemaName: lsmResultSchemaName,
  metrics: lsmMetrics,
  machine: ['device', 'host'],
  fileKeys: [logKey, rateKey],
  moduleKey: { path: policyKey, isFile: isPolicyFile, check: policyOfModule },
  resolve: (document, inputs) =>
    resolveLsm(document, machineOf(inputs), { policy: policyChoice(inputs), levels: levelsOfLog(inputs), rate: rateOfCsv(inputs) }),
  describe: ({ steps, policy }) =>
    steps.map((step) => step.benchmark).join(', ') + (policy.name === rocksdbPolicyName ? '' : `, compactions scheduled by ${policy.name}`),
  start: (scenario, { module } = {}) => startLsm(scenario, null, module === undefined ? null : policyOfModule(module)),
  scaleMachine: scaleLsmMachine,
  encode: encodeLsmResult,
  files: (scenario, result) => ({
    'series.csv': encodeSeriesCsv(result.series),
    'latency.hgrm': toHgrm(result.putLatencyMicros),
    'latency.hdr': `${encodeV2Base64(result.putLatencyMicros)}\n`,
    ...readFiles(result.reads),
    // A LOG tells of one database; of several families it would tell sums under one name.
    ...(result.databases === undefined ? { LOG: rocksdbLogText(scenario, result) } : { [familiesFile]: encodeFamiliesCsv(result) }),
  }),
  reasons: reasonsOf,
  decode: decodeLsmResult,
  histograms: ({ putLatencyMicros }) => ({ putLatencyMicros }),
  features: featuresOf,
  writesHistory: false,
  csvLayouts: [],
  csvRow: () => [],
};

/**
 * The scenario of kind `lsm` that a document describes, on this machine. Without a `name` it is called after the document's file.
 * @throws PutmodelError INPUT_INVALID with every problem and its place.
 */
export function resolveLsm(document: PositionedDocument, machine: Machine, named?: NamedFiles): LsmScenario {
  return resolveDocument(document, lsmSchema, (checked, name) => lsmScenarioFromDocument(checked, machine, name, named));
}

/** The tree of the LOG that the document names; null when it names none. @throws PutmodelError INPUT_INVALID for a LOG without a flush */
function levelsOfLog({ files }: Inputs): readonly LevelBytes[] | null {
  const file = files.get(logKey);
  if (file === undefined) return null;
  const collector = collectLogPicture();
  const reader = createLogReader({ onEvent: collector.onEvent, file: file.name });
  reader.push(file.text);
  reader.end();
  const picture = collector.finish();
  if (picture !== null) return picture.levels;
  throw new PutmodelError({
    code: 'INPUT_INVALID',
    message: 'no flush with its size in this LOG',
    expected: 'a LOG of a store in use',
    file: file.name,
  });
}

/** The load of the CSV that the document names; null when it names none. @throws PutmodelError INPUT_SYNTAX with every wrong line */
function rateOfCsv({ files }: Inputs): readonly RatePoint[] | null {
  const file = files.get(rateKey);
  return file === undefined ? null : ratePointsOf(file.text, file.name);
}

/** The policy of a module, by its file name; null for none and for those of this package. */
function policyChoice({ files }: Inputs): PolicyChoice | null {
  const file = files.get(policyKey);
  if (file === undefined) return null;
  const name = file.name.slice(Math.max(file.name.lastIndexOf('/'), file.name.lastIndexOf('\\')) + 1);
  return { name: name.replace(/\.m?js$/, ''), sha256: file.sha256 };
}

/** The inputs' device and host as the LSM model takes them. */
export function machineOf({ device, host }: Inputs): Machine {
  invariant(device !== null && host !== null, 'kind lsm needs a device and a host');
  return {
    device: device.model,
    host: host.model,
    deviceNamed: device.named,
    hostNamed: host.named,
    warnings: [...device.warnings, ...host.warnings],
  };
}
