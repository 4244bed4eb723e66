/** What real runs and simulated ones are compared by: the resource that set the pace, and the choices and amounts that decide a run. */
import { formatVersion } from '../rocksdb/version.js';
import type { LsmResult } from './result.js';
import type { LsmScenario } from './scenario.js';

/** What sets the pace of a run: a rate limiter, CPU time, the device, waiting for syncs, or the client that asks for no more. */
export type Regime = 'limiter' | 'cpu' | 'device' | 'sync' | 'client';

/** What runs are compared by. */
export interface RunFeatures {
  readonly regime: Regime;
  readonly compactionStyle: string;
  /** Who schedules compactions. */
  readonly policy: string;
  /** Codec of the first level. */
  readonly compression: string;
  readonly wal: boolean;
  readonly directIo: boolean;
  readonly distribution: string;
  readonly threads: number;
  readonly backgroundJobs: number;
  readonly keySizeBytes: number;
  readonly valueSizeBytes: number;
  readonly writeBufferBytes: number;
  readonly blockSizeBytes: number;
  /** Simulated or real seconds: what happens later than anything that was watched is not known. */
  readonly seconds: number;
  /** Release whose rules hold. Left out: 7.8.3, which every run had that was compared before rows said it. */
  readonly rocksdbVersion?: string;
  /** Something was read beside the puts, or alone. Left out: nothing. */
  readonly reads?: boolean;
  /** What else went on, in words. Left out: puts into one column family of one database, and nothing beside them. */
  readonly besides?: readonly string[];
}

/** The features of a simulated run: its last write benchmark's workload, the options of its first family and what bound it. null: it wrote nothing. */
export function featuresOf(scenario: LsmScenario, result: LsmResult): RunFeatures | null {
  const step = scenario.steps.findLast((one) => one.kind === 'write');
  const store = scenario.stores[0];
  const family = store?.families[0];
  if (step?.kind !== 'write' || store === undefined || family === undefined) return null;
  const { workload } = step;
  const { options } = family;
  return {
    regime: regimeOf(result.bottleneck),
    compactionStyle: options.compaction_style,
    policy: scenario.policy.name,
    compression: options.compression,
    wal: !workload.disableWal,
    directIo: store.options.use_direct_io_for_flush_and_compaction,
    distribution: workload.distribution,
    threads: workload.threads,
    backgroundJobs: store.options.max_background_jobs,
    keySizeBytes: workload.keySizeBytes,
    valueSizeBytes: workload.valueSizeBytes,
    writeBufferBytes: options.write_buffer_size,
    blockSizeBytes: options.block_size,
    seconds: result.simulatedSec,
    rocksdbVersion: formatVersion(scenario.rocksdbVersion),
    ...(workload.reads === undefined ? {} : { reads: true }),
    ...besidesOf(result),
  };
}

function besidesOf(result: LsmResult): Pick<RunFeatures, 'besides'> {
  const besides = [
    ...(result.databases === undefined ? [] : ['several column families or databases']),
    ...(result.tombstoneCount === undefined ? [] : ['deletes']),
    ...(result.manualCompactions === undefined ? [] : ['a manual compaction while writing']),
  ];
  return besides.length === 0 ? {} : { besides };
}

/**
 * What set the pace: the resource with the largest share of time, stall causes traced to what the job in the way waited for. `client`
 * only when nothing else bound for longer.
 */
export function regimeOf(bottleneck: LsmResult['bottleneck']): Regime {
  const weights = new Map<Regime, number>();
  const add = (limit: string, weight: number): void => {
    const regime = regimeOfLimit.get(limit);
    if (regime !== undefined) weights.set(regime, (weights.get(regime) ?? 0) + weight);
  };
  for (const { limit, seconds } of bottleneck.table) add(limit, seconds);
  if (weights.size === 0) for (const { limit, fraction } of bottleneck.binding) add(limit, fraction);
  let regime: Regime = 'client';
  for (const [name, weight] of weights) if (weight > (weights.get(regime) ?? 0)) regime = name;
  return regime;
}

const regimeOfLimit = new Map<string, Regime>([
  ['rateLimiter', 'limiter'],
  ['deviceWrite', 'device'],
  ['deviceRead', 'device'],
  ['sync', 'sync'],
  ['cpu', 'cpu'],
  ['client', 'client'],
]);
