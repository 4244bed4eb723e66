/**
 * From what people say to what a run is given: a checked document as an `LsmScenario`. Defaults are filled in here, and what was not
 * said but decides the answer is listed as an assumption.
 *
 * A document has the library's defaults for options (db_bench's differ); its `workload` has db_bench's (num 1,000,000, 16-byte keys,
 * 100-byte values, one thread), by db_bench's rules for each benchmark (tools/db_bench_tool.cc 7.8.3: Benchmark::Run).
 */
import { invariant, PutmodelError, type Issue } from '../kernel/errors.js';
import { defaultOptions, mergeOptions, optionSpec, readOptions, validateOptions, type LsmOptions } from '../rocksdb/options.js';
import { nearestName } from '../rocksdb/nearest.js';
import { parseVersion, referenceVersion } from '../rocksdb/version.js';
import { assembleScenario, type Machine } from './assemble.js';
import {
  databaseAssumptions,
  databaseIssues,
  databasesOf,
  loadsOf,
  optionsByFamily,
  sharedOf,
  storesOf,
  type DatabasePart,
} from './databases.js';
import { readBenchmarks, writeBenchmarks, type LsmDocument, type LsmWorkloadDocument } from './kind.js';
import { INITIAL_FILES_MAX, initialFileCount } from './initial-tree.js';
import { memtableCapacity, shapesOf } from './jobs.js';
import { createKeySpace } from './key-space.js';
import type { RatePoint } from './load-csv.js';
import { firstLoadOf } from './loads.js';
import type { LevelBytes } from './log-picture.js';
import { isPolicyFile, policyNames, rocksdbPolicyName } from './policies/policies.js';
import type { PolicyChoice } from './policies/policy.js';
import { bloomOf, isRead, readIssues, readsBeside, readWorkload, type ReadBenchmark } from './reads-from-document.js';
import { createTargets } from './targets.js';
import type { Arrival, Assumption, Change, InitialTree, KeyDistribution, LsmScenario, Step, WriteWorkload } from './scenario.js';

/**
 * The scenario that a checked document describes. `fallbackName` is used when it has no name; `named` is what the files hold
 * that it names.
 * @throws PutmodelError INPUT_INVALID with the path of every value that passes its own check but not together with the others.
 */
export function lsmScenarioFromDocument(
  written: LsmDocument,
  machine: Machine,
  fallbackName: string,
  named: NamedFiles = nothingNamed,
): LsmScenario {
  const document = withRatePoints(written, named);
  const version = document.rocksdb_version === undefined ? referenceVersion : parseVersion(document.rocksdb_version);
  const said = readOptions(document.lsm ?? {});
  const options = mergeOptions(defaultOptions(version, { dbBench: false }), said.options, bloomOf(document));
  const parts = databasesOf(document);
  const issues = [
    ...optionIssues(options),
    ...documentIssues(document, options, named),
    ...(parts === null ? [] : partIssues(document, parts, options)),
    ...changeIssues(document, options),
  ];
  if (issues.length > 0) throw new PutmodelError(issues);
  const workload = document.workload ?? {};
  const scenario = assembleScenario(
    {
      name: document.name ?? fallbackName,
      seed: document.seed ?? 1,
      dtSec: document.dtSec ?? 1,
      version,
      versionNamed: document.rocksdb_version !== undefined,
      options,
      ...(document.policy === undefined ? {} : { policy: named.policy ?? { name: document.policy, sha256: null } }),
      ...(document.deviceCapacityBytes === undefined ? {} : { deviceCapacityBytes: document.deviceCapacityBytes }),
      initial: parts === null ? initialTree(document.initial, named) : { from: 'empty' },
      ...(parts === null ? {} : { stores: storesOf(parts, options, (initial) => initialTree(initial, named)), ...sharedOf(document) }),
      changes: changesOf(document, options, parts),
      steps: benchmarksOf(workload).map((benchmark, index, all) => stepOf(benchmark, document, parts, index === all.findIndex(isLoad))),
      assumptions: [...workloadAssumptions(workload, options), ...(parts === null ? [] : databaseAssumptions(parts, document))],
      ignored: said.ignored,
      warnings: document.dtSec === undefined ? [] : [{ code: 'SCENARIO', message: dtWithoutEffect, path: 'dtSec' }],
    },
    machine,
  );
  const treeIssues = initialIssues(scenario, parts);
  if (treeIssues.length > 0) throw new PutmodelError(treeIssues);
  return scenario;
}

const dtWithoutEffect = 'dtSec has no effect in kind lsm: rates hold from event to event, whose times are exact';

/** What the files that a document names hold; null for those it does not name. */
export interface NamedFiles {
  readonly policy: PolicyChoice | null;
  /** Of the LOG that the tree is taken from. */
  readonly levels: readonly LevelBytes[] | null;
  /** Of the load's CSV. */
  readonly rate: readonly RatePoint[] | null;
}

const nothingNamed: NamedFiles = { policy: null, levels: null, rate: null };

/** The document with the CSV's points in the place of its name. @throws PutmodelError INPUT_INVALID where files cannot be read */
function withRatePoints(document: LsmDocument, { rate: points }: NamedFiles): LsmDocument {
  const { workload } = document;
  if (typeof workload?.rate !== 'object' || !('csv' in workload.rate)) return document;
  if (points !== null) return { ...document, workload: { ...workload, rate: { points: [...points] } } };
  const path = 'workload.rate.csv';
  throw new PutmodelError({
    code: 'INPUT_INVALID',
    path,
    message: 'a file cannot be used here',
    found: workload.rate.csv,
    expected: 'points',
  });
}

function optionIssues(options: LsmOptions): readonly Issue[] {
  try {
    validateOptions(options);
    return [];
  } catch (error) {
    if (error instanceof PutmodelError) return error.issues;
    throw error;
  }
}

/** Rules that join the workload, the options and the tree. */
function documentIssues(document: LsmDocument, options: LsmOptions, named: NamedFiles): Issue[] {
  const issues: Issue[] = [];
  const refuse = (path: string, message: string, found?: string, expected?: string): void => {
    issues.push({ code: 'INPUT_INVALID', path, message, found, expected });
  };
  const { workload = {}, initial, policy } = document;
  const writes = benchmarksOf(workload).filter(isLoad);
  issues.push(...readIssues(document));
  if (policy !== undefined && !isPolicyFile(policy) && !policyNames.includes(policy))
    refuse('policy', 'no such policy', policy, `${nearestName(policy, policyNames) ?? policyNames.join(', ')}, or the path of a .js file`);
  if (policy !== undefined && isPolicyFile(policy) && named.policy === null)
    refuse('policy', "a module of one's own cannot be used here", policy, 'a policy by name');
  if (policy !== undefined && policy !== rocksdbPolicyName && options.compaction_style !== 'level')
    refuse('policy', 'policies schedule leveled compaction', policy, 'compaction_style: level');
  if (writes.length === 0)
    refuse(
      'workload.benchmarks',
      'nothing is written or read',
      undefined,
      `at least one of ${[...writeBenchmarks, ...readBenchmarks].join(', ')}`,
    );
  if (initial !== undefined && 'levels' in initial) issues.push(...levelIssues(initial.levels, options));
  for (const benchmark of writes) {
    const { puts, keySizeBytes, valueSizeBytes, arrival, durationSec } = workloadOf(benchmark, document);
    const userBytes = (puts ?? 0) * (keySizeBytes + valueSizeBytes);
    const path = document.puts === undefined ? 'workload.num' : 'puts';
    if (userBytes > Number.MAX_SAFE_INTEGER) refuse(path, 'writes more than 2^53 bytes', `${String(puts)} puts`);
    if (durationSec === null && arrival.kind === 'open' && endsAtRest(arrival.profile)) {
      refuse(
        'workload.rate',
        'nothing is offered at the end, so the run would never end',
        undefined,
        'duration_seconds, or a last rate above 0',
      );
    }
  }
  return issues;
}

/** Rules for several families and databases; their options are checked as those of the scenario are. */
function partIssues(document: LsmDocument, parts: readonly DatabasePart[], options: LsmOptions): Issue[] {
  const issues = databaseIssues(document, parts, options);
  const byFamily = optionsByFamily(parts, options);
  parts.forEach(({ families }, index) => {
    families.forEach(({ path, said: { initial } }, at) => {
      const own = byFamily[index]![at]!;
      issues.push(...optionIssues(own).map((issue) => ({ ...issue, path: `${path}.${issue.path ?? 'lsm'}` })));
      if (initial !== undefined && 'levels' in initial)
        issues.push(...levelIssues(initial.levels, own).map((issue) => ({ ...issue, path: `${path}.${issue.path ?? ''}` })));
    });
  });
  if (document.policy !== undefined && document.policy !== rocksdbPolicyName)
    issues.push({ code: 'INPUT_INVALID', path: 'policy', message: 'policies schedule one column family', found: document.policy });
  return issues;
}

/** Trees to start from that the first load cannot have left, or that have too many files to be simulated. */
function initialIssues(scenario: LsmScenario, parts: readonly DatabasePart[] | null): Issue[] {
  return scenario.stores.flatMap(({ families }, store) =>
    families.flatMap(({ initial, options }, at): Issue[] => {
      const { workload, target } = firstLoadOf(scenario, store, at);
      const { keyCount, keySizeBytes, valueSizeBytes } = target;
      const own = parts?.[store]?.families[at]?.path;
      const path = `${own === undefined ? '' : `${own}.`}initial`;
      const refuse = (key: string, message: string, found: number, expected: string): Issue[] => [
        { code: 'INPUT_INVALID', path: `${path}${key}`, message, found: String(found), expected },
      ];
      if (initial.from === 'settledKeys' && initial.keys > keyCount)
        return refuse('.settled_keys', 'more keys than the load can put', initial.keys, `at most workload.num, ${String(keyCount)} here`);
      const family = {
        options,
        targets: createTargets(options.num_levels),
        keySpace: createKeySpace(workload.distribution, keyCount, workload.zipfTheta),
        shapes: shapesOf(options, scenario.host, keySizeBytes, valueSizeBytes, workload.valueCompressionRatio),
        capacityEntries: memtableCapacity({ options, keySizeBytes, valueSizeBytes, tombstones: null }),
      };
      const files = initialFileCount(family, initial);
      if (files <= INITIAL_FILES_MAX) return [];
      return refuse('', 'too many files to begin with', files, `at most ${String(INITIAL_FILES_MAX)}: fewer bytes, or larger files`);
    }),
  );
}

function levelIssues(levels: readonly LevelBytes[], { num_levels: count }: LsmOptions): Issue[] {
  return levels.flatMap(({ level }, index): Issue[] => {
    if (level < count) return [];
    const path = `initial.levels.${String(index)}.level`;
    return [
      { code: 'INPUT_INVALID', path, message: 'no such level', found: String(level), expected: `below num_levels, ${String(count)}` },
    ];
  });
}

function endsAtRest(profile: Extract<Arrival, { kind: 'open' }>['profile']): boolean {
  return profile.shape === 'piecewise' && profile.points.at(-1)?.opsPerSec === 0;
}

type Benchmark = NonNullable<LsmWorkloadDocument['benchmark']>;

function benchmarksOf(workload: LsmWorkloadDocument): readonly Benchmark[] {
  return workload.benchmarks ?? [workload.benchmark ?? 'fillrandom'];
}

type WriteBenchmark = (typeof writeBenchmarks)[number];

/** Whether a benchmark is one of db_bench's fills and overwrites. */
export function isWrite(benchmark: string): benchmark is WriteBenchmark {
  return (writeBenchmarks as readonly string[]).includes(benchmark);
}

/** Whether a benchmark puts or reads. */
function isLoad(benchmark: string): benchmark is LoadBenchmark {
  return isWrite(benchmark) || isRead(benchmark);
}

type LoadBenchmark = WriteBenchmark | ReadBenchmark;

/** A fill starts with an empty tree, unless it is the first and the document gives a tree to start from. */
function stepOf(benchmark: Benchmark, document: LsmDocument, parts: readonly DatabasePart[] | null, isFirstWrite: boolean): Step {
  if (isLoad(benchmark)) {
    const keepsTree =
      benchmark === 'overwrite' ||
      benchmark === 'deleterandom' ||
      isRead(benchmark) ||
      document.workload?.use_existing_db === true ||
      (isFirstWrite && hasInitialTree(document, parts));
    const loads = parts === null ? {} : { loads: loadsOf(parts, document, (one) => workloadOf(benchmark, one)) };
    return { kind: 'write', benchmark, fresh: !keepsTree, workload: workloadOf(benchmark, document), ...loads };
  }
  if (benchmark === 'waitforcompaction') return { kind: 'waitForCompaction', benchmark };
  if (benchmark === 'compact' || benchmark === 'flush') return { kind: benchmark, benchmark };
  return { kind: 'report', benchmark };
}

function hasInitialTree({ initial }: LsmDocument, parts: readonly DatabasePart[] | null): boolean {
  return initial !== undefined || (parts ?? []).some(({ families }) => families.some(({ said }) => said.initial !== undefined));
}

/** What db_bench makes of each benchmark's name. `keyDivisor`: fillsync and fill100K write --num puts over a thousandth of the keys. */
export const benchmarkRules: Readonly<Record<WriteBenchmark, { readonly distribution: KeyDistribution; readonly keyDivisor: number }>> = {
  fillrandom: { distribution: 'uniform', keyDivisor: 1 },
  fillseq: { distribution: 'sequential', keyDivisor: 1 },
  overwrite: { distribution: 'uniform', keyDivisor: 1 },
  filluniquerandom: { distribution: 'unique', keyDivisor: 1 },
  fillbatch: { distribution: 'sequential', keyDivisor: 1 },
  fillsync: { distribution: 'uniform', keyDivisor: 1000 },
  fill100K: { distribution: 'uniform', keyDivisor: 1000 },
  deleterandom: { distribution: 'uniform', keyDivisor: 1 },
};

/** A benchmark's puts and reads. */
function workloadOf(benchmark: LoadBenchmark, document: LsmDocument): WriteWorkload {
  if (isRead(benchmark)) return readWorkload(benchmark, document, putsOfBenchmark('overwrite', document));
  const puts = putsOfBenchmark(benchmark, document);
  const beside = document.reads === undefined || benchmarksOf(document.workload ?? {}).some(isRead) ? null : readsBeside(document, puts);
  return beside === null ? puts : { ...puts, reads: beside };
}

function putsOfBenchmark(benchmark: WriteBenchmark, document: LsmDocument): WriteWorkload {
  const said = document.workload ?? {};
  const rule = benchmarkRules[benchmark];
  const num = said.num ?? 1_000_000;
  const keySizeBytes = said.key_size ?? 16;
  const distribution = said.distribution ?? rule.distribution;
  const threads = benchmark === 'filluniquerandom' ? 1 : (said.threads ?? 1);
  const keyCount = Math.max(1, Math.floor(num / rule.keyDivisor));
  const deleteFraction = benchmark === 'deleterandom' ? 1 : (said.delete_fraction ?? 0);
  return {
    puts: putsOf(document, num * threads, distribution),
    durationSec: document.duration_seconds ?? null,
    threads,
    keySizeBytes,
    valueSizeBytes: benchmark === 'fill100K' ? 100_000 : (said.value_size ?? 100),
    distribution,
    keyCount: Math.min(keyCount, distinctKeys(keySizeBytes)),
    zipfTheta: said.zipfTheta ?? 0.99,
    entriesPerBatch: said.batch_size ?? (benchmark === 'fillbatch' ? 1000 : 1),
    sync: said.sync ?? benchmark === 'fillsync',
    disableWal: said.disable_wal ?? false,
    valueCompressionRatio: said.compression_ratio ?? 0.5,
    ...(deleteFraction === 0 ? {} : { deleteFraction }),
    arrival: arrivalOf(said),
  };
}

/** Keys that come once, or in order, end with the key space, whatever the time. */
function putsOf(document: LsmDocument, all: number, distribution: KeyDistribution): number | null {
  if (document.puts !== undefined) return distribution === 'unique' ? Math.min(document.puts, all) : document.puts;
  const endless = document.duration_seconds !== undefined && (distribution === 'uniform' || distribution === 'zipfian');
  return endless ? null : all;
}

/** db_bench writes a key's number in its first 8 bytes at most (GenerateKeyFromInt): short keys cannot tell more numbers apart. */
function distinctKeys(keySizeBytes: number): number {
  let keys = 1;
  for (let byte = 0; byte < Math.min(keySizeBytes, 6); byte++) keys *= 256;
  return keySizeBytes > 6 ? Number.MAX_SAFE_INTEGER : keys;
}

function arrivalOf({ rate, rateFactor: factor = 1, benchmark_write_rate_limit: bytesPerSec }: LsmWorkloadDocument): Arrival {
  if (bytesPerSec !== undefined) return { kind: 'paced', bytesPerSec };
  if (rate === undefined) return { kind: 'closed' };
  if (typeof rate === 'number') return { kind: 'open', profile: { shape: 'constant', opsPerSec: factor * rate } };
  invariant(!('csv' in rate), 'a CSV is replaced by its points before');
  if ('points' in rate) {
    const points = rate.points.map(({ atSec, opsPerSec }) => ({ atSec, opsPerSec: factor * opsPerSec }));
    return { kind: 'open', profile: { shape: 'piecewise', points } };
  }
  const { meanOpsPerSec, amplitudeOpsPerSec, periodSec } = rate;
  const scaled = { meanOpsPerSec: factor * meanOpsPerSec, amplitudeOpsPerSec: factor * amplitudeOpsPerSec };
  return { kind: 'open', profile: { shape: 'sine', ...scaled, periodSec } };
}

/** Each change's options on top of all before it. */
function changesOf({ changes = [] }: LsmDocument, options: LsmOptions, parts: readonly DatabasePart[] | null): Change[] {
  let now = options;
  let byFamily = parts === null ? null : optionsByFamily(parts, options);
  return changes.map(({ atSec, set, compactionsPaused, deviceFraction, compact }) => {
    if (set !== undefined) {
      const changed = readOptions(set).options;
      now = mergeOptions(now, changed);
      byFamily = byFamily?.map((families) => families.map((own) => mergeOptions(own, changed))) ?? null;
    }
    return {
      atSec,
      options: set === undefined ? null : now,
      compactionsPaused: compactionsPaused ?? null,
      deviceFraction: deviceFraction ?? null,
      ...(compact === undefined ? {} : { compact }),
      ...(set === undefined || byFamily === null ? {} : { optionsByFamily: byFamily }),
    };
  });
}

/** RocksDB refuses to change an option online that it reads at opening only; a limiter that is not there cannot be set. */
function changeIssues(document: LsmDocument, options: LsmOptions): Issue[] {
  const { changes = [] } = document;
  const issues = changes.flatMap(({ set = {} }, index) =>
    Object.keys(set).flatMap((key): Issue[] => {
      const path = `changes.${String(index)}.set.${key}`;
      if (optionSpec(key)?.change === 'reopen')
        return [
          {
            code: 'INPUT_INVALID',
            path,
            message: 'this option needs a reopen',
            found: key,
            expected: 'an option that SetOptions or SetDBOptions takes',
          },
        ];
      if (key === 'rate_limiter_bytes_per_sec' && (options.rate_limiter_bytes_per_sec === 0 || set[key] === 0))
        return [
          {
            code: 'INPUT_INVALID',
            path,
            message: 'a rate limiter cannot be added or removed while the store is open',
            expected: 'another rate',
          },
        ];
      return [];
    }),
  );
  if (issues.length > 0) return issues;
  return changesOf(document, options, null).flatMap((change, index) =>
    change.options === null ? [] : optionIssues(change.options).map((issue) => ({ ...issue, path: `changes.${String(index)}.set` })),
  );
}

function initialTree(initial: LsmDocument['initial'], { levels }: NamedFiles): InitialTree {
  if (initial === undefined) return { from: 'empty' };
  if ('from_log' in initial) return { from: 'levels', levels: levels ?? [] };
  if ('levels' in initial) return { from: 'levels', levels: [...initial.levels].sort((a, b) => a.level - b.level) };
  return { from: 'settledKeys', keys: initial.settled_keys };
}

function workloadAssumptions(said: LsmWorkloadDocument, options: LsmOptions): Assumption[] {
  const assumed = (key: string, value: string, known: unknown): Assumption[] =>
    known === undefined ? [{ what: key, value, source: "db_bench's default" }] : [];
  const compressed = options.compression !== 'none' || options.compression_per_level.some((codec) => codec !== 'none');
  return [
    ...assumed('num', '1000000', said.num),
    ...assumed('value_size', '100', said.value_size),
    ...(compressed ? assumed('compression_ratio', '0.5', said.compression_ratio) : []),
  ];
}
