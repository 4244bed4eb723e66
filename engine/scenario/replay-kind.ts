/** Kind `replay` as the registry holds it: recorded requests against a device, with its documents. */
import { invariant } from '../kernel/errors.js';
import { encodeV2Base64, toHgrm } from '../kernel/histogram-codec.js';
import { totalCount, type Histogram } from '../kernel/histogram.js';
import { formatCount } from '../kernel/units.js';
import { replayScenarioOf } from '../replay/from-recording.js';
import { replayMetrics, replaySchema } from '../replay/kind.js';
import { createRecordingReader } from '../replay/recording.js';
import type { ReplayResult } from '../replay/result.js';
import type { ReplayScenario } from '../replay/scenario.js';
import { startReplay } from '../replay/simulate.js';
import type { PositionedDocument } from './document.js';
import type { Inputs, Kind } from './kind.js';
import {
  decodeReplayResult,
  encodeReplayResult,
  encodeReplaySeriesCsv,
  latencyFileNames,
  replayResultSchema,
  replayResultSchemaName,
} from './replay-result.js';
import { resolveDocument } from './resolve.js';

const requestsKey = 'replay.requests';
const latencyLogKey = 'replay.latencyLog';

/** Recorded requests replayed against a device. */
export const replayKind: Kind<ReplayScenario, ReplayResult> = {
  name: 'replay',
  schema: replaySchema,
  resultSchema: replayResultSchema,
  resultSchemaName: replayResultSchemaName,
  metrics: replayMetrics,
  machine: ['device'],
  fileKeys: [requestsKey, latencyLogKey],
  moduleKey: null,
  writesHistory: false,
  csvLayouts: [],
  csvRow: () => [],
  resolve: resolveReplay,
  describe: ({ requests, timing }) =>
    `${formatCount(requests.requestCount)} requests, ${timing === 'fast' ? 'as fast as the queue allows' : 'timed as recorded'}`,
  start: (scenario) => startReplay(scenario),
  encode: encodeReplayResult,
  files: (_scenario, result) => ({
    'series.csv': encodeReplaySeriesCsv(result.series),
    ...latencyFiles(latencyFileNames.all, result.latencyMicros),
    ...latencyFiles(latencyFileNames.read, result.readLatencyMicros),
    ...latencyFiles(latencyFileNames.write, result.writeLatencyMicros),
  }),
  decode: decodeReplayResult,
  histograms: ({ latencyMicros }) => ({ latencyMicros }),
  features: () => null,
  comparedIn: 'results/reference/replay.json',
};

/** In HdrHistogram's formats; none of a direction without requests. */
function latencyFiles(name: string, histogram: Histogram): Readonly<Record<string, string>> {
  if (totalCount(histogram) === 0) return {};
  return { [`${name}.hgrm`]: toHgrm(histogram), [`${name}.hdr`]: `${encodeV2Base64(histogram)}\n` };
}

function resolveReplay(document: PositionedDocument, { device, files }: Inputs): ReplayScenario {
  invariant(device !== null, 'kind replay needs a device');
  return resolveDocument(document, replaySchema, (checked, name) => {
    const reader = createRecordingReader();
    for (const key of [requestsKey, latencyLogKey]) {
      const file = files.get(key);
      if (file === undefined) continue;
      reader.begin(file.name);
      reader.push(file.text);
      reader.end();
    }
    const { replay, seed } = checked;
    return replayScenarioOf(reader.finish(), {
      name: checked.name ?? name,
      seed,
      timing: replay.timing,
      iodepth: replay.iodepth,
      device: device.model,
      deviceNamed: device.named,
      deviceWarnings: device.warnings,
    });
  });
}
