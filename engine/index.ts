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
export { createBatchLookup, type BatchLookup } from './kernel/interpolate-batch.js';
export { createGrid4, lookup, lookupBatch, type Grid4 } from './kernel/interpolate.js';
export { runToEnd, type HistogramPercentile, type MergedPercent, type Metric, type Run, type Snapshot } from './kernel/run.js';
export {
  amplificationOf,
  type Amplification,
  type DeviceFigures,
  type Ledger,
  type LedgerInterval,
  type LedgerLevel,
} from './ledger/ledger.js';
export { closeLedger, type ClosedLedger, type ClosureCheck } from './ledger/closure.js';
export { assembleScenario, type Machine, type ScenarioParts } from './lsm/assemble.js';
export { lsmScenarioFromDbBench } from './lsm/front-end.js';
export type { HostProfile } from './lsm/host.js';
export { closeLsmLedger, ledgerOfLsmResult } from './lsm/ledger.js';
export type { LsmBenchmarkResult, LsmResult, LsmSeries } from './lsm/result.js';
export type { Arrival, LsmScenario, RateProfile, Step, WriteWorkload } from './lsm/scenario.js';
export { simulateLsm, startLsm } from './lsm/simulate.js';
export {
  calibrateUtilization,
  searchUtilization,
  type Calibration,
  type SearchedCalibration,
  type Utilization,
} from './putrate/calibrate.js';
export { chooseModel, type ModelChoice, type ModelRequirements } from './putrate/choose.js';
export { constraintHierarchy, type ConstraintHierarchy, type ConstraintInputs } from './putrate/constraints.js';
export type { PutRateContext } from './putrate/context.js';
export { kFold, leaveOneDatasetOut, type AccuracySummary, type KFoldAccuracy } from './putrate/cross-validate.js';
export { decomposeBandwidth, dualStructureAt, performanceAt, type DriveHistory, type DualStructure } from './putrate/dual-structure.js';
export { temporalEvolution, transitionProgress, volatilityEvolution } from './putrate/evolution.js';
export { accuracyPercent, theoreticalMaxOpsPerSec } from './putrate/formula.js';
export { efficiencyPerParameter, informationContent, type InformationContent } from './putrate/information.js';
export { interpretBandwidth, type BandwidthInterpretation, type MeasurementMethod } from './putrate/interpret.js';
export { parameterSets, type ParameterSet, type ParameterSetName } from './putrate/parameters.js';
export { detectPhase, type ByPhase, type Phase, type PhaseDetector } from './putrate/phase.js';
export { claimComparisons, type ClaimComparison } from './putrate/reproduce.js';
export type { Dataset, Sample } from './putrate/samples.js';
export { predictV4, type Prediction, type V4Options, type V4Result } from './putrate/v4.js';
export { predictV41, type V41Options, type V41Prediction } from './putrate/v41.js';
export { predictV5, v5Models, type V5Model, type V5Options, type V5Prediction } from './putrate/v5.js';
export { parseDbBench, type DbBenchCommand } from './rocksdb/db-bench.js';
export { defaultOptions, mergeOptions, sanitizeOptions, validateOptions, type LsmOptions } from './rocksdb/options.js';
export { parseVersion, type RocksdbVersion } from './rocksdb/version.js';
export { simulateReplay } from './replay/simulate.js';
export type { ReplayResult } from './replay/result.js';
export type { ReplayScenario } from './replay/scenario.js';
