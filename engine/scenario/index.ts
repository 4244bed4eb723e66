/** Entry `putmodel/scenario`: documents in, frozen scenarios out. */
export { checkDocument, readDocument, type Place, type PositionedDocument } from './document.js';
export { canonicalJson, encodeJson } from './json.js';
export type { InputFile, Kind, KindName, Metric, ResultDocument, Run, Snapshot, Unit } from './kind.js';
export { kindOf, kinds, scenarioJsonSchema } from './kinds.js';
export { checkRequirements, figureAt, parseRequirement, type Requirement } from './requirement.js';
export { resolveLsm } from './resolve.js';
export { lsmResultSchema, resultJsonSchema } from './result-schema.js';
export {
  decodeResult,
  encodeLsmResult,
  encodeSeriesCsv,
  lsmResultSchemaName,
  notValidated,
  withManifest,
  type Manifest,
  type Validity,
} from './result.js';
