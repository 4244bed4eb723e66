/** A db_bench command as an `LsmScenario`: its steps and options are db_bench's own already; this puts them on a machine. */
import { sin } from '../kernel/math.js';
import type { DbBenchCommand, DbBenchReads, DbBenchStep, DbBenchWorkload, SineWriteRate } from '../rocksdb/db-bench.js';
import { assembleScenario, type Machine } from './assemble.js';
import type {
  Arrival,
  Assumption,
  LoadTarget,
  LsmScenario,
  ReadArrival,
  ScenarioWarning,
  Step,
  StoreScenario,
  WriteWorkload,
} from './scenario.js';

/** What the command line around db_bench's own flags may say. */
export interface DbBenchOverrides {
  /** Seed of the run where db_bench's --seed is 0 or absent (it then takes the time); default 1. */
  readonly seed?: number | undefined;
}

/** The scenario of a command. Without a seed of its own it has seed 1: the same command always gives the same bytes. */
export function lsmScenarioFromDbBench(command: DbBenchCommand, machine: Machine, overrides: DbBenchOverrides = {}): LsmScenario {
  return assembleScenario(
    {
      name: 'db_bench',
      seed: overrides.seed ?? command.seed ?? 1,
      dtSec: 1,
      version: command.rocksdbVersion,
      versionNamed: false,
      options: command.options,
      initial: { from: 'empty' },
      ...storesOf(command),
      steps: command.steps.map((step) => stepOf(step, command)),
      assumptions: [...existingTree(command), ...sharedParts(command)],
      ignored: command.ignoredFlags,
      warnings: [...command.warnings, ...sineWarnings(command.steps)],
    },
    machine,
  );
}

function stepOf(step: DbBenchStep, command: DbBenchCommand): Step {
  if (step.kind !== 'write') return step;
  const { pacedBytesPerSec, sineProfile, reads, ...common } = step.workload;
  const puts: WriteWorkload = { ...common, zipfTheta: 0.99, arrival: arrivalOf(step.workload, pacedBytesPerSec, sineProfile) };
  const workload = reads === undefined ? puts : withReads(puts, reads);
  const single = command.databases === 1 && command.familyShares.length === 1;
  return { ...step, workload, ...(single ? {} : { loads: [{ workload, targets: targetsOf(workload, command) }] }) };
}

/** A workload of no puts but reads says so by its count of 0. */
function withReads(puts: WriteWorkload, said: DbBenchReads): WriteWorkload {
  const { threads, opsPerSec, readsPerPut, nexts } = said;
  const arrival: ReadArrival = readsPerPut === null ? { kind: 'closed', threads, opsPerSec } : { kind: 'turns', readsPerPut };
  const reads = {
    streams: [{ arrival, reads: said.reads, distribution: 'uniform' as const, zipfTheta: 0.99, nexts }],
    blockCache: { bytes: said.cacheBytes },
    cacheIndexAndFilterBlocks: said.cacheIndexAndFilterBlocks,
  };
  return { ...puts, reads, ...(puts.puts === 0 ? { puts: null, arrival: { kind: 'none' } } : {}) };
}

/** Every put goes to a database at random, and by its key's number to a family. */
function targetsOf({ keySizeBytes, valueSizeBytes, keyCount }: WriteWorkload, { databases, familyShares }: DbBenchCommand): LoadTarget[] {
  return storeNames(databases).flatMap((_, storeIndex) =>
    familyShares.map((part, familyIndex) => ({
      storeIndex,
      familyIndex,
      shareFraction: part / databases,
      keySizeBytes,
      valueSizeBytes,
      keyCount: Math.max(1, Math.round(keyCount * part)),
    })),
  );
}

function storesOf({ databases, familyShares, options }: DbBenchCommand): {
  stores?: StoreScenario[];
  shared?: { threadPools: boolean; rateLimiter: boolean };
} {
  if (databases === 1 && familyShares.length === 1) return {};
  const families = familyShares.map((_, index) => ({
    name: index === 0 ? 'default' : `column_family_name_${String(index).padStart(6, '0')}`,
    options,
    initial: { from: 'empty' as const },
  }));
  const stores = storeNames(databases).map((name) => ({ name, options, families }));
  return databases === 1 ? { stores } : { stores, shared: { threadPools: true, rateLimiter: true } };
}

function storeNames(databases: number): string[] {
  return databases === 1 ? ['db'] : Array.from({ length: databases }, (_, index) => `db-${String(index)}`);
}

/** db_bench hands one Options to all its databases, and with it one rate limiter; the Env is the process's. */
function sharedParts({ databases, options }: DbBenchCommand): Assumption[] {
  if (databases === 1) return [];
  const limiter = options.rate_limiter_bytes_per_sec > 0 ? ' and the rate limiter' : '';
  return [
    {
      what: 'shared',
      value: `threads for flushes and compactions${limiter}`,
      source: 'db_bench opens all databases with one Options in one process',
    },
  ];
}

function arrivalOf(workload: DbBenchWorkload, pacedBytesPerSec: number | null, sine: SineWriteRate | null): Arrival {
  if (sine !== null) return sineArrival(sine, workload.keySizeBytes + workload.valueSizeBytes);
  return pacedBytesPerSec === null ? { kind: 'closed' } : { kind: 'paced', bytesPerSec: pacedBytesPerSec };
}

const twoPi = 6.283185307179586;

/** db_bench's a sin(b t + c) + d in bytes as an open-loop sine in puts; without a wave (b = 0) a constant rate. */
function sineArrival(sine: SineWriteRate, putBytes: number): Arrival {
  const { amplitudeBytesPerSec, angularPerSec, phaseRadians, meanBytesPerSec } = sine;
  if (angularPerSec === 0) {
    const bytesPerSec = Math.max(0, meanBytesPerSec + amplitudeBytesPerSec * sin(phaseRadians));
    return { kind: 'open', profile: { shape: 'constant', opsPerSec: bytesPerSec / putBytes } };
  }
  return {
    kind: 'open',
    profile: {
      shape: 'sine',
      meanOpsPerSec: meanBytesPerSec / putBytes,
      amplitudeOpsPerSec: amplitudeBytesPerSec / putBytes,
      periodSec: twoPi / Math.abs(angularPerSec),
    },
  };
}

function sineWarnings(steps: readonly DbBenchStep[]): ScenarioWarning[] {
  if (!steps.some((step) => step.kind === 'write' && step.workload.sineProfile !== null)) return [];
  const message = '--sine_write_rate is simulated as open-loop arrivals, continuous and without phase; db_bench waits for its last put';
  return [{ code: 'SINE_APPROXIMATED', message, path: '--sine_write_rate' }];
}

function existingTree(command: DbBenchCommand): Assumption[] {
  if (!command.useExistingDb) return [];
  return [{ what: 'existing DB', value: 'empty', source: 'what --use_existing_db meets is not known; a scenario can say it (initial:)' }];
}
