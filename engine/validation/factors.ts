/**
 * Phase E: the inputs of a db_bench command that may move its put rate, each from half to double what the command has (whole numbers, 1 or
 * more), and the simulation as a function of them. Every prediction is of the command with changed flags, so what depends on a flag follows.
 */
import { parseDbBench } from '../rocksdb/db-bench.js';
import { PutmodelError } from '../kernel/errors.js';
import { runToEnd } from '../kernel/run.js';
import type { LoadedScenario } from '../files/load.js';
import { readText } from '../files/read.js';
import { lsmScenarioFromDbBench } from '../lsm/front-end.js';
import type { LsmResult } from '../lsm/result.js';
import { scaleLsmMachine } from '../lsm/scale-machine.js';
import type { LsmScenario } from '../lsm/scenario.js';
import { startLsm } from '../lsm/simulate.js';
import type { Evaluate, Factor } from './sensitivity.js';

/** Flags of db_bench, with their units, that are varied where the command has a value above 0. */
const varied = {
  write_buffer_size: 'bytes',
  max_write_buffer_number: 'memtables',
  level0_file_num_compaction_trigger: 'files',
  level0_slowdown_writes_trigger: 'files',
  level0_stop_writes_trigger: 'files',
  max_bytes_for_level_base: 'bytes',
  max_bytes_for_level_multiplier: 'ratio',
  target_file_size_base: 'bytes',
  max_background_jobs: 'jobs',
  max_subcompactions: 'threads',
  rate_limiter_bytes_per_sec: 'bytes/s',
} as const;

/** db_bench calls some options by other names. */
const flagNames: Readonly<Record<string, string>> = { max_subcompactions: 'subcompactions' };

/** What is varied, and the put rate (puts/s) for values of them. */
export interface CommandFactors {
  readonly factors: readonly Factor[];
  readonly evaluate: Evaluate;
}

/** The factors of a command that was loaded; the last two are the speed of device and host. */
export function factorsOf(argv: readonly string[], { scenario }: LoadedScenario<LsmScenario, LsmResult>): CommandFactors {
  const flags = Object.entries(varied).flatMap(([name, unit]): Factor[] => {
    const base = valueOf(scenario, name);
    return base === null || base <= 0
      ? []
      : [{ name, unit, base, valueAt: (fraction) => Math.max(1, Math.round(base * halfToDouble(fraction))) }];
  });
  const speeds = ['device speed', 'host speed'].map((name): Factor => ({ name, unit: 'ratio', base: 1, valueAt: halfToDouble }));
  const evaluate: Evaluate = (values) => {
    const given = flags.map(({ name }, index) => `--${flagNames[name] ?? name}=${String(values[index] ?? 0)}`);
    const [deviceFactor = 1, hostFactor = 1] = values.slice(flags.length);
    return putRate([...argv, ...given], scenario, { deviceFactor, hostFactor });
  };
  return { factors: [...flags, ...speeds], evaluate };
}

function halfToDouble(fraction: number): number {
  // 2^(2 f - 1) by a chord in each half: monotone, exact at both ends and in the middle, and free of powers.
  return fraction < 0.5 ? 0.5 + fraction : 2 * fraction;
}

function valueOf(scenario: LsmScenario, name: string): number | null {
  const store = scenario.stores[0];
  const options = { ...store?.families[0]?.options } as Readonly<Record<string, unknown>>;
  const own = { ...store?.options } as Readonly<Record<string, unknown>>;
  const value = name in options ? options[name] : own[name];
  return typeof value === 'number' ? value : null;
}

/** null where the flags contradict each other. */
function putRate(argv: readonly string[], base: LsmScenario, factors: Parameters<typeof scaleLsmMachine>[1]): number | null {
  try {
    const machine = { device: base.device, host: base.host, deviceNamed: true, hostNamed: true, warnings: [] };
    const scenario = lsmScenarioFromDbBench(parseDbBench(argv, { readOptionsFile: readText }), machine, { seed: base.seed });
    return runToEnd(startLsm(scaleLsmMachine(scenario, factors))).putRate.meanOpsPerSec;
  } catch (error) {
    if (error instanceof PutmodelError) return null;
    throw error;
  }
}
