/** Entry `putmodel/scenario`: documents in, frozen scenarios out. */
export { backlogResultSchema, backlogResultSchemaName, encodeBacklogResult, encodeSimOutCsv } from './backlog-result.js';
export { commitResultSchema, commitResultSchemaName, encodeCommitResult, latencyRow, wideRow } from './commit-result.js';
export { encodeRows } from './csv.js';
export { checkDocument, readDocument, type Place, type PositionedDocument } from './document.js';
export { canonicalJson, encodeJson } from './json.js';
export type { InputFile, Inputs, Kind, KindName, Metric, Part, Result, ResultDocument, Run, Scenario, Snapshot, Unit } from './kind.js';
export { decodeResult, kindOf, kinds, resultJsonSchema, scenarioJsonSchema, type SimulatedKind } from './kinds.js';
export { resolveLsm } from './lsm-kind.js';
export { lsmResultSchema } from './lsm-result-schema.js';
export { encodeLsmResult, encodeSeriesCsv, lsmResultSchemaName } from './lsm-result.js';
export { checkRequirements, figureAt, parseRequirement, type Requirement } from './requirement.js';
export { notValidated, withManifest, type Manifest, type Validity } from './result.js';
