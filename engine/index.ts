/**
 * Entry `putmodel`: the models as plain functions, for Node and the browser. No disk, no network, no clock; nothing here reaches the
 * parsers of scenario documents, which are in `putmodel/scenario`.
 */
export type { BacklogResult, BacklogSeries } from './backlog/result.js';
export type { BacklogLevel, BacklogScenario, EfficiencyModel, RatePoint, ReadShare } from './backlog/scenario.js';
export { simulateBacklog, startBacklog } from './backlog/simulate.js';
export type { CommitResult, RoleResult } from './commit/result.js';
export type { CommitScenario, StoreModel, Workload } from './commit/scenario.js';
export { simulateCommit, startCommit } from './commit/simulate.js';
export { createDevice, type DeviceModel } from './device/device.js';
export { queryEnvelope, type EnvelopeModel, type EnvelopeQuery } from './device/envelope.js';
export {
  errorCodes,
  errorFromData,
  errorToData,
  formatIssue,
  PutmodelError,
  type ErrorCode,
  type ErrorData,
  type Issue,
} from './kernel/errors.js';
export { decodeV2Base64, encodeV2Base64, toHgrm } from './kernel/histogram-codec.js';
export {
  addHistogram,
  createHistogram,
  maxMicros,
  meanMicros,
  mergeHistograms,
  minMicros,
  recordValue,
  recordValueWithCount,
  totalCount,
  valueAtPercentile,
  type Histogram,
} from './kernel/histogram.js';
export { runToEnd, type Metric, type Run, type Snapshot } from './kernel/run.js';
export { assembleScenario, type Machine, type ScenarioParts } from './lsm/assemble.js';
export { lsmScenarioFromDbBench } from './lsm/front-end.js';
export type { HostProfile } from './lsm/host.js';
export type { LsmBenchmarkResult, LsmResult, LsmSeries } from './lsm/result.js';
export type { Arrival, LsmScenario, RateProfile, Step, WriteWorkload } from './lsm/scenario.js';
export { simulateLsm, startLsm } from './lsm/simulate.js';
export { parseDbBench, type DbBenchCommand } from './rocksdb/db-bench.js';
export { defaultOptions, mergeOptions, sanitizeOptions, validateOptions, type LsmOptions } from './rocksdb/options.js';
export { parseVersion, type RocksdbVersion } from './rocksdb/version.js';
