/**
 * The way back from a scenario to a document that says it, for people who bring a db_bench command or an OPTIONS file and want to go on
 * from there: only what differs from the library's defaults is said, and what RocksDB derives from other options is left to it.
 */
import { defaultOptions, mergeOptions, sanitizeOptions, type LsmOptions, type OptionValue } from '../rocksdb/options.js';
import { formatVersion, type RocksdbVersion } from '../rocksdb/version.js';
import { benchmarkRules, isWrite } from './from-document.js';
import type { LsmDocument, LsmWorkloadDocument } from './kind.js';
import { isRead } from './reads-from-document.js';
import { readsSaid } from './reads-to-document.js';
import type { Arrival, InitialTree, LsmScenario, Step, WriteWorkload } from './scenario.js';

type WriteStep = Extract<Step, { kind: 'write' }>;

/**
 * A document of the scenario's first store without its machine, policy and changes (a db_bench command has none). A document has one workload for all its benchmarks: where the scenario's
 * differ by more than db_bench's own rules, the first one's is said, and resolving the document shows the difference.
 */
export function documentOfScenario(scenario: LsmScenario): LsmDocument {
  const loads = scenario.steps.filter((step): step is WriteStep => step.kind === 'write');
  const puts = loads.filter(({ benchmark }) => isWrite(benchmark));
  const writes = puts.length > 0 ? puts : loads;
  const family = scenario.stores[0]?.families[0];
  const [first] = writes;
  const threads = first === undefined ? 1 : threadsOf(writes, first);
  const said = family === undefined ? {} : saidOptions(family.options, scenario.rocksdbVersion);
  return {
    kind: 'lsm',
    name: scenario.name,
    ...(scenario.seed === 1 ? {} : { seed: scenario.seed }),
    ...(scenario.dtSec === 1 ? {} : { dtSec: scenario.dtSec }),
    rocksdb_version: formatVersion(scenario.rocksdbVersion),
    ...(first?.workload.durationSec == null ? {} : { duration_seconds: first.workload.durationSec }),
    ...(first === undefined || isRead(first.benchmark) ? {} : putsOf(first.workload, numOf(first))),
    workload: { ...benchmarksOf(scenario.steps), ...(first === undefined ? {} : workloadOf(writes, first, family?.initial)) },
    ...(first === undefined ? {} : readsSaid(loads, numOf(first), threads)),
    ...(Object.keys(said).length === 0 ? {} : { lsm: said }),
    ...initialOf(family?.initial),
  };
}

/**
 * The options that have to be said for a store of this version to end up with these options, once RocksDB has opened it: none that is
 * the library's default or follows from the others.
 */
export function saidOptions(options: LsmOptions, version: RocksdbVersion): Record<string, OptionValue> {
  const defaults = defaultOptions(version, { dbBench: false });
  const byName: Readonly<Record<string, OptionValue>> = { ...defaults };
  const opened = (said: Record<string, OptionValue>): LsmOptions => sanitizeOptions(mergeOptions(defaults, said), version).options;
  const goal = JSON.stringify(sanitizeOptions(options, version).options);
  const said = Object.fromEntries(
    Object.entries<OptionValue>(options).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(byName[key])),
  );
  for (const key of Object.keys(said)) {
    const without = Object.fromEntries(Object.entries(said).filter(([other]) => other !== key));
    if (JSON.stringify(opened(without)) === goal) Reflect.deleteProperty(said, key);
  }
  return said;
}

function benchmarksOf(steps: readonly Step[]): LsmWorkloadDocument {
  const names = steps.map((step) => step.benchmark as NonNullable<LsmWorkloadDocument['benchmark']>);
  const [only] = names;
  return names.length === 1 && only !== undefined ? { benchmark: only } : { benchmarks: names };
}

/** --num: the key space, which fillsync and fill100K divide. */
function numOf({ benchmark, workload }: WriteStep): number {
  return workload.keyCount * ruleOf(benchmark).keyDivisor;
}

/** A count that is not what --num and --threads give by themselves. */
function putsOf(workload: WriteWorkload, num: number): Pick<LsmDocument, 'puts'> {
  return workload.puts === null || workload.puts === num * workload.threads ? {} : { puts: workload.puts };
}

function ruleOf(benchmark: string): (typeof benchmarkRules)[keyof typeof benchmarkRules] {
  return isWrite(benchmark) ? benchmarkRules[benchmark] : benchmarkRules.fillrandom;
}

function workloadOf(writes: readonly WriteStep[], first: WriteStep, initial: InitialTree | undefined): LsmWorkloadDocument {
  const { benchmark, workload } = first;
  const sized = writes.find((step) => step.benchmark !== 'fill100K') ?? first;
  const threads = threadsOf(writes, first);
  const keepsTree = writes.some(({ benchmark, fresh }) => benchmark !== 'overwrite' && benchmark !== 'deleterandom' && !fresh);
  const distributed = workload.distribution === ruleOf(benchmark).distribution ? {} : { distribution: workload.distribution };
  return {
    num: numOf(first),
    key_size: workload.keySizeBytes,
    value_size: sized.workload.valueSizeBytes,
    ...(threads === 1 ? {} : { threads }),
    ...distributed,
    ...(workload.distribution === 'zipfian' ? { zipfTheta: workload.zipfTheta } : {}),
    ...arrivalOf(workload.arrival),
    ...(workload.entriesPerBatch === (benchmark === 'fillbatch' ? 1000 : 1) ? {} : { batch_size: workload.entriesPerBatch }),
    ...(workload.sync === (benchmark === 'fillsync') ? {} : { sync: workload.sync }),
    ...(workload.disableWal ? { disable_wal: true } : {}),
    ...(workload.deleteFraction === undefined || benchmark === 'deleterandom' ? {} : { delete_fraction: workload.deleteFraction }),
    ...(workload.valueCompressionRatio === 0.5 ? {} : { compression_ratio: workload.valueCompressionRatio }),
    ...(keepsTree && initial?.from === 'empty' ? { use_existing_db: true } : {}),
  };
}

/** What the document says of threads: filluniquerandom has one whatever it says, and readwhilewriting one writer beside its readers. */
function threadsOf(writes: readonly WriteStep[], first: WriteStep): number {
  const { benchmark, workload } = writes.find((step) => step.benchmark !== 'filluniquerandom') ?? first;
  const arrival = isRead(benchmark) ? workload.reads?.streams[0]?.arrival : undefined;
  return arrival?.kind === 'closed' ? arrival.threads : workload.threads;
}

function arrivalOf(arrival: Arrival): LsmWorkloadDocument {
  if (arrival.kind === 'closed' || arrival.kind === 'none') return {};
  if (arrival.kind === 'paced') return { benchmark_write_rate_limit: arrival.bytesPerSec };
  const { profile } = arrival;
  switch (profile.shape) {
    case 'constant':
      return { rate: profile.opsPerSec };
    case 'piecewise':
      return { rate: { points: [...profile.points] } };
    case 'sine': {
      const { meanOpsPerSec, amplitudeOpsPerSec, periodSec } = profile;
      return { rate: { meanOpsPerSec, amplitudeOpsPerSec, periodSec } };
    }
  }
}

function initialOf(initial: InitialTree | undefined): Pick<LsmDocument, 'initial'> {
  if (initial === undefined || initial.from === 'empty') return {};
  return { initial: initial.from === 'levels' ? { levels: [...initial.levels] } : { settled_keys: initial.keys } };
}
