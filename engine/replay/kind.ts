/**
 * The document of kind `replay`: one zod schema from which the checks, the type and the JSON Schema for editors are derived.
 * `simulate.ts` never imports this file.
 */
import { z } from 'zod';
import { percentileMicros } from '../kernel/histogram.js';
import type { HistogramPercentile, MergedPercent, Metric } from '../kernel/run.js';
import type { ReplayResult } from './result.js';

const exactMax = Number.MAX_SAFE_INTEGER;

const replay = z.strictObject({
  requests: z
    .string()
    .min(1)
    .meta({ description: "an iolog (version 2 or 3), blkparse's text, or a fio latency log with a row a request; gzip or not" }),
  latencyLog: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'the latency log of the same job (<name>_clat.1.log), a row a request: the replay is compared with it' }),
  timing: z.enum(['recorded', 'fast']).optional().meta({
    description:
      'recorded: a request goes to the device when it was made, or as soon as the queue has room; fast: as soon as the queue has room. Default: recorded',
  }),
  iodepth: z.int().min(1).max(4096).optional().meta({
    description: 'requests in flight at most; default: what the latency log shows was in flight, 1024 without one',
    unit: 'count',
  }),
});

/** A scenario of kind `replay`, as people write it. */
export const replaySchema = z
  .strictObject({
    kind: z.literal('replay').meta({ description: 'recorded requests replayed against a device' }),
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/)
      .optional()
      .meta({ description: 'names the result directory: letters, digits, dot, dash, underscore; default: the file name' }),
    description: z.string().optional().meta({ description: 'the question this scenario answers' }),
    seed: z.int().min(0).max(exactMax).optional().meta({ description: 'seed of the latencies that are drawn; default 1' }),
    device: z.string().min(1).optional().meta({
      description: "a preset's name, an envelope_model.json, a directory of fio results, a device file, or read=5400MiB/s,write=1900MiB/s",
    }),
    replay: replay.meta({ description: 'what is replayed, and how' }),
  })
  .meta({ title: 'putmodel scenario, kind replay' });

/** A checked document of kind `replay`: what its writer said, nothing filled in. */
export type ReplayDocument = z.infer<typeof replaySchema>;

const at =
  (percent: number) =>
  (result: ReplayResult): number | null =>
    result.requestCount === 0 ? null : percentileMicros(result.latencyMicros, percent);

const merged = (percent: MergedPercent): HistogramPercentile => ({ histogram: 'latencyMicros', percent });

/** The figures that tables, sweeps and goals may name, by their path in the result document. */
export const replayMetrics: readonly Metric<ReplayResult>[] = [
  { path: 'bandwidth.meanMiBPerSec', unit: 'mibPerSec', better: 'more', merge: 'none', read: (r) => r.bandwidth.meanMiBPerSec },
  { path: 'meanOpsPerSec', unit: 'opsPerSec', better: 'more', merge: 'none', read: (r) => r.meanOpsPerSec },
  { path: 'latencyMicros.p50', unit: 'micros', better: 'less', merge: merged(50), read: at(50) },
  { path: 'latencyMicros.p99', unit: 'micros', better: 'less', merge: merged(99), read: at(99) },
  { path: 'latencyMicros.p999', unit: 'micros', better: 'less', merge: merged(99.9), read: at(99.9) },
  { path: 'lagMicros.mean', unit: 'micros', better: 'less', merge: 'none', read: (r) => r.lagMicros.mean },
  { path: 'lagMicros.max', unit: 'micros', better: 'less', merge: 'max', read: (r) => r.lagMicros.max },
  { path: 'device.busyFraction', unit: 'fraction', better: 'neither', merge: 'none', read: (r) => r.device.busyFraction },
  { path: 'simulatedSec', unit: 'sec', better: 'neither', merge: 'max', read: (r) => r.simulatedSec },
];
