/** Kind `lsm` as the registry holds it: the file-level LSM model with its documents. */
import { invariant } from '../kernel/errors.js';
import { encodeV2Base64, toHgrm } from '../kernel/histogram-codec.js';
import type { Machine } from '../lsm/assemble.js';
import { featuresOf } from '../lsm/features.js';
import { lsmScenarioFromDocument } from '../lsm/from-document.js';
import { lsmMetrics, lsmSchema } from '../lsm/kind.js';
import type { LsmResult } from '../lsm/result.js';
import { scaleLsmMachine } from '../lsm/scale-machine.js';
import type { LsmScenario } from '../lsm/scenario.js';
import { startLsm } from '../lsm/simulate.js';
import type { PositionedDocument } from './document.js';
import type { Inputs, Kind } from './kind.js';
import { lsmResultSchema } from './lsm-result-schema.js';
import { encodeLsmResult, encodeSeriesCsv, lsmResultSchemaName } from './lsm-result.js';
import { resolveDocument } from './resolve.js';
import { rocksdbLogText } from './rocksdb-log.js';

/** A file-level LSM store on one machine. */
export const lsmKind: Kind<LsmScenario, LsmResult> = {
  name: 'lsm',
  schema: lsmSchema,
  resultSchema: lsmResultSchema,
  resultSchemaName: lsmResultSchemaName,
  metrics: lsmMetrics,
  machine: ['device', 'host'],
  fileKeys: [],
  resolve: (document, inputs) => resolveLsm(document, machineOf(inputs)),
  describe: (scenario) => scenario.steps.map((step) => step.benchmark).join(', '),
  start: startLsm,
  scaleMachine: scaleLsmMachine,
  encode: encodeLsmResult,
  files: (scenario, result) => ({
    'series.csv': encodeSeriesCsv(result.series),
    'latency.hgrm': toHgrm(result.putLatencyMicros),
    'latency.hdr': `${encodeV2Base64(result.putLatencyMicros)}\n`,
    LOG: rocksdbLogText(scenario, result),
  }),
  features: featuresOf,
};

/**
 * The scenario of kind `lsm` that a document describes, on this machine. Without a `name` it is called after the document's file.
 * @throws PutmodelError INPUT_INVALID with every problem and its place.
 */
export function resolveLsm(document: PositionedDocument, machine: Machine): LsmScenario {
  return resolveDocument(document, lsmSchema, (checked, name) => lsmScenarioFromDocument(checked, machine, name));
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
