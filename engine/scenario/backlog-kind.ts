/** Kind `backlog` as the registry holds it: the fluid backlog model with its documents. */
import { decodeBacklogCalibration } from '../backlog/calibration-file.js';
import { backlogScenarioFromDocument } from '../backlog/from-document.js';
import { backlogMetrics, backlogSchema } from '../backlog/kind.js';
import type { BacklogResult } from '../backlog/result.js';
import type { BacklogScenario } from '../backlog/scenario.js';
import { startBacklog } from '../backlog/simulate.js';
import { scaleDevice } from '../device/scale.js';
import { invariant } from '../kernel/errors.js';
import { formatCount, formatSeconds } from '../kernel/units.js';
import {
  backlogResultSchema,
  backlogResultSchemaName,
  decodeBacklogResult,
  encodeBacklogResult,
  encodeSimOutCsv,
} from './backlog-result.js';
import type { PositionedDocument } from './document.js';
import type { Inputs, Kind } from './kind.js';
import { resolveDocument } from './resolve.js';

const calibrationKey = 'backlog.calibration';

/** The fluid per-level backlog model on a device envelope. */
export const backlogKind: Kind<BacklogScenario, BacklogResult> = {
  name: 'backlog',
  schema: backlogSchema,
  resultSchema: backlogResultSchema,
  resultSchemaName: backlogResultSchemaName,
  metrics: backlogMetrics,
  machine: ['device'],
  fileKeys: [calibrationKey],
  moduleKey: null,
  resolve: resolveBacklog,
  describe: ({ levels, stepCount, dtSec }) =>
    `backlog of ${String(levels.length)} levels, ${formatCount(stepCount)} steps of ${formatSeconds(dtSec)}`,
  start: (scenario) => startBacklog(scenario),
  scaleMachine: (scenario, { deviceFactor }) => ({ ...scenario, device: scaleDevice(scenario.device, deviceFactor) }),
  encode: encodeBacklogResult,
  files: ({ levels }, { series }) => ({
    'sim_out.csv': encodeSimOutCsv(
      levels.map(({ name }) => name),
      series,
    ),
  }),
  decode: decodeBacklogResult,
  features: () => null,
  writesHistory: false,
  csvLayouts: [],
  csvRow: () => [],
};

function resolveBacklog(document: PositionedDocument, { device, files }: Inputs): BacklogScenario {
  invariant(device !== null, 'kind backlog needs a device');
  const file = files.get(calibrationKey);
  const calibration = file === undefined ? null : decodeBacklogCalibration(file.text, file.name);
  const inputs = { device: device.model, deviceNamed: device.named, deviceWarnings: device.warnings, calibration };
  return resolveDocument(document, backlogSchema, (checked, name) => backlogScenarioFromDocument(checked, inputs, name));
}
