/**
 * Several column families and databases, from what a document says of them to stores and loads.
 *
 * Keys belong to families as in db_bench, by their number: a family with a tenth of the puts has a tenth of the keys. Databases have
 * their own keys: a load that is spread over N of them has N times its num, and as many puts.
 */
import type { Issue } from '../kernel/errors.js';
import { mergeOptions, optionSpec, readOptions, type LsmOptions } from '../rocksdb/options.js';
import type { LsmDatabaseDocument, LsmDocument, LsmFamilyDocument, LsmWorkloadDocument } from './kind.js';
import type { Assumption, InitialTree, Load, LoadTarget, SharedParts, StoreScenario, WriteWorkload } from './scenario.js';

/** A database of a document, and where it stands there. */
export interface DatabasePart {
  readonly name: string;
  readonly path: string;
  /** Fraction of the shared load; null: it has a load of its own. */
  readonly share: number | null;
  readonly workload: LsmDatabaseDocument['workload'];
  readonly lsm: LsmDatabaseDocument['lsm'];
  readonly families: readonly FamilyPart[];
}

/** A column family of a document. */
export interface FamilyPart {
  readonly path: string;
  /** Fraction of its database's puts. */
  readonly share: number;
  readonly said: LsmFamilyDocument;
}

/** The databases that a document names; null where it names neither databases nor families. */
export function databasesOf({ families, databases }: LsmDocument): readonly DatabasePart[] | null {
  if (databases === undefined) {
    if (families === undefined) return null;
    return [{ name: 'db', path: '', share: 1, workload: undefined, lsm: undefined, families: familiesOf(families, 'families') }];
  }
  const sharing = databases.filter(({ workload }) => workload === undefined);
  const weights = weightsOf(sharing);
  return databases.map((said, index) => {
    const path = `databases.${String(index)}`;
    const { name, workload, lsm, initial } = said;
    const only = [{ name: 'default', ...(initial === undefined ? {} : { initial }) }];
    const own = said.families === undefined ? familiesOf(only, path) : familiesOf(said.families, `${path}.families`);
    return { name, path, share: workload === undefined ? weights[sharing.indexOf(said)]! : null, workload, lsm, families: own };
  });
}

/** `path` is the list's, or that of the database whose only family it is. */
function familiesOf(families: readonly LsmFamilyDocument[], path: string): FamilyPart[] {
  const weights = weightsOf(families);
  const isList = path.endsWith('families');
  return families.map((said, index) => ({ path: isList ? `${path}.${String(index)}` : path, share: weights[index]!, said }));
}

/** Shares that add up to 1. */
function weightsOf(parts: readonly { readonly share?: number | undefined }[]): number[] {
  const total = parts.reduce((sum, { share }) => sum + (share ?? 1), 0);
  return parts.map(({ share }) => (share ?? 1) / total);
}

/** The options of each family, by database, over the scenario's. */
export function optionsByFamily(parts: readonly DatabasePart[], options: LsmOptions): LsmOptions[][] {
  return parts.map(({ lsm, families }) =>
    families.map(({ said }) => mergeOptions(options, readOptions(lsm ?? {}).options, readOptions(said.lsm ?? {}).options)),
  );
}

/** The stores; `initialOf` gives the tree that a family begins with. */
export function storesOf(
  parts: readonly DatabasePart[],
  options: LsmOptions,
  initialOf: (initial: LsmFamilyDocument['initial']) => InitialTree,
): StoreScenario[] {
  const byFamily = optionsByFamily(parts, options);
  return parts.map(({ name, lsm, families }, index) => ({
    name,
    options: mergeOptions(options, readOptions(lsm ?? {}).options),
    families: families.map(({ said }, at) => ({ name: said.name, options: byFamily[index]![at]!, initial: initialOf(said.initial) })),
  }));
}

/** What the databases share; nothing for one. */
export function sharedOf({ databases = [], sharedThreadPools, sharedRateLimiter }: LsmDocument): { readonly shared?: SharedParts } {
  if (databases.length < 2) return {};
  return { shared: { threadPools: sharedThreadPools ?? true, rateLimiter: sharedRateLimiter ?? false } };
}

/**
 * Who writes where: the load of the databases that share one, then those of the others. `workloadOf` makes a workload of what a document
 * says of one.
 */
export function loadsOf(
  parts: readonly DatabasePart[],
  document: LsmDocument,
  workloadOf: (document: LsmDocument) => WriteWorkload,
): Load[] {
  const loads: Load[] = [];
  const sharing = parts.filter(({ share }) => share !== null).length;
  if (sharing > 0) {
    const workload = workloadOf(document);
    const spread = workload.puts === null || document.puts !== undefined ? workload : { ...workload, puts: workload.puts * sharing };
    loads.push({
      workload: spread,
      targets: parts.flatMap((part, storeIndex) => (part.share === null ? [] : targetsOf(part, storeIndex, workload))),
    });
  }
  parts.forEach((part, storeIndex) => {
    if (part.share !== null) return;
    const workload = workloadOf({ ...document, workload: ownWorkload(document.workload, part.workload) });
    loads.push({ workload, targets: targetsOf({ ...part, share: 1 }, storeIndex, workload) });
  });
  return loads;
}

/** The scenario's workload with what a database says over it; how puts come is said by one of the two alone. */
function ownWorkload(common: LsmWorkloadDocument = {}, own: LsmDatabaseDocument['workload'] = {}): LsmWorkloadDocument {
  const { rate, rateFactor, benchmark_write_rate_limit: limit, ...rest } = common;
  const saysArrival = own.rate !== undefined || own.benchmark_write_rate_limit !== undefined;
  const arrival = { ...(rate === undefined ? {} : { rate }), ...(rateFactor === undefined ? {} : { rateFactor }) };
  return { ...rest, ...(saysArrival ? {} : { ...arrival, ...(limit === undefined ? {} : { benchmark_write_rate_limit: limit }) }), ...own };
}

function targetsOf({ share, families }: DatabasePart, storeIndex: number, workload: WriteWorkload): LoadTarget[] {
  return families.map(({ said, share: part }, familyIndex) => ({
    storeIndex,
    familyIndex,
    shareFraction: (share ?? 1) * part,
    keySizeBytes: said.key_size ?? workload.keySizeBytes,
    valueSizeBytes: said.value_size ?? workload.valueSizeBytes,
    keyCount: said.num ?? Math.max(1, Math.round(workload.keyCount * part)),
  }));
}

/** What goes without saying: who shares threads, and how a put finds its family. */
export function databaseAssumptions(parts: readonly DatabasePart[], document: LsmDocument): Assumption[] {
  const { sharedThreadPools, sharedRateLimiter } = document;
  const together = parts.length > 1;
  return [
    ...(parts.some(({ families }) => families.length > 1) || parts.filter(({ share }) => share !== null).length > 1
      ? [{ what: 'family of a put', value: 'drawn at random, by the shares', source: 'as db_bench does' }]
      : []),
    ...(together && sharedThreadPools === undefined
      ? [{ what: 'sharedThreadPools', value: 'true', source: "databases of one process share RocksDB's Env" }]
      : []),
    ...(together && sharedRateLimiter === undefined
      ? [{ what: 'sharedRateLimiter', value: 'false', source: 'each Options has its own rate limiter unless one is handed to all' }]
      : []),
  ];
}

type Refuse = (path: string, message: string, found?: string, expected?: string) => void;

/** Everything that passes its own check but not together with the rest. */
export function databaseIssues(document: LsmDocument, parts: readonly DatabasePart[], options: LsmOptions): Issue[] {
  const issues: Issue[] = [];
  const refuse: Refuse = (path, message, found, expected) => issues.push({ code: 'INPUT_INVALID', path, message, found, expected });
  if (document.families !== undefined && document.databases !== undefined)
    refuse('families', 'with databases, each has its families', undefined, 'databases[].families');
  if (document.initial !== undefined)
    refuse('initial', 'with several families, each has its own tree', undefined, 'initial in the family or database');
  (document.databases ?? []).forEach(({ families, initial }, index) => {
    if (families !== undefined && initial !== undefined)
      refuse(`databases.${String(index)}.initial`, 'with several families, each has its own tree', undefined, 'initial in the family');
  });
  parts.forEach(({ workload, path }) => {
    if (typeof workload?.rate === 'object' && 'csv' in workload.rate)
      refuse(`${path}.workload.rate.csv`, "a CSV can be the scenario's own rate only", workload.rate.csv, 'points');
  });
  for (const { families } of parts) for (const family of families) familyIssues(family, refuse);
  refuseOtherIo(parts, options, refuse);
  return issues;
}

function familyIssues({ said, path }: FamilyPart, refuse: Refuse): void {
  for (const key of Object.keys(said.lsm ?? {})) {
    if (optionSpec(key)?.scope === 'db') refuse(`${path}.lsm.${key}`, 'this is an option of the database, not of a family', key);
  }
  if (said.initial !== undefined && 'from_log' in said.initial)
    refuse(`${path}.initial.from_log`, "a LOG's tree cannot be given to one of several families", undefined, 'levels or settled_keys');
}

/** The device's speed is asked for once, for one way of reading and writing. */
function refuseOtherIo(parts: readonly DatabasePart[], options: LsmOptions, refuse: Refuse): void {
  const direct = ({ lsm }: DatabasePart): string => {
    const own = mergeOptions(options, readOptions(lsm ?? {}).options);
    return `${String(own.use_direct_io_for_flush_and_compaction)}, ${String(own.use_direct_reads)}`;
  };
  parts.forEach((part) => {
    if (direct(part) !== direct(parts[0]!))
      refuse(
        `${part.path}.lsm`,
        'all databases must read and write alike',
        direct(part),
        `direct I/O as in the first: ${direct(parts[0]!)}`,
      );
  });
}
