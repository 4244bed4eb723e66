/** A db_bench command as an `LsmScenario`: its steps and options are db_bench's own already; this puts them on a machine. */
import { sin } from '../kernel/math.js';
import type { DbBenchCommand, DbBenchReads, DbBenchStep, DbBenchWorkload, SineWriteRate } from '../rocksdb/db-bench.js';
import { assembleScenario, type Machine } from './assemble.js';
import type { Arrival, Assumption, LsmScenario, ReadArrival, ReadStream, ScenarioWarning, Step } from './scenario.js';

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
      steps: command.steps.map(stepOf),
      assumptions: existingTree(command),
      ignored: command.ignoredFlags,
      warnings: [...command.warnings, ...sineWarnings(command.steps)],
    },
    machine,
  );
}

function stepOf(step: DbBenchStep): Step {
  if (step.kind !== 'write') return step;
  const { pacedBytesPerSec, sineProfile, reads, ...workload } = step.workload;
  const puts = { ...workload, zipfTheta: 0.99, arrival: arrivalOf(step.workload, pacedBytesPerSec, sineProfile) };
  if (reads === undefined) return { ...step, workload: puts };
  const load = {
    streams: [readStream(reads)],
    blockCache: { bytes: reads.cacheBytes },
    cacheIndexAndFilterBlocks: reads.cacheIndexAndFilterBlocks,
  };
  const onlyReads = workload.puts === 0;
  return { ...step, workload: { ...puts, reads: load, ...(onlyReads ? { puts: null, arrival: { kind: 'none' } } : {}) } };
}

function readStream({ threads, opsPerSec, readsPerPut, reads, nexts }: DbBenchReads): ReadStream {
  const arrival: ReadArrival = readsPerPut === null ? { kind: 'closed', threads, opsPerSec } : { kind: 'turns', readsPerPut };
  return { arrival, reads, distribution: 'uniform', zipfTheta: 0.99, nexts };
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
