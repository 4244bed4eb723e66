/** The schema of an LSM result document, for editors and readers: the contract of `lsm-result.ts` in JSON Schema, units and meaning included. */
import { z } from 'zod';
import { databasesSchema } from './lsm-databases-result.js';
import { levelRowSchema } from './lsm-level-row.js';
import { readsSchema } from './lsm-reads-result.js';
import { lsmResultSchemaName } from './lsm-result.js';
import { commonFields, figure, maybe, values } from './result-schema.js';

const stall = z.strictObject({
  stoppedSec: figure('s', 'the write-group leader waited in full; wall time, whatever the number of threads'),
  delayedSec: figure('s', 'the write-group leader waited for the delayed rate'),
  stateSec: z
    .strictObject({ normal: figure('s', ''), delayed: figure('s', ''), stopped: figure('s', '') })
    .meta({ description: 'time in each state' }),
  byCause: z
    .strictObject({
      memtable: figure('s', 'full memtables waiting for flush'),
      l0Slowdown: figure('s', 'level0_slowdown_writes_trigger'),
      l0Stop: figure('s', 'level0_stop_writes_trigger'),
      pendingSlowdown: figure('s', 'soft_pending_compaction_bytes_limit'),
      pendingStop: figure('s', 'hard_pending_compaction_bytes_limit'),
    })
    .meta({ description: 'stoppedSec + delayedSec by cause' }),
  firstAtSec: maybe('s', 'null when there was none'),
  longestSec: maybe('s', 'longest episode; null when there was none'),
  episodes: z
    .array(
      z.strictObject({
        startSec: figure('s', ''),
        endSec: figure('s', ''),
        cause: z.enum(['memtable', 'l0Slowdown', 'l0Stop', 'pendingSlowdown', 'pendingStop']),
        l0Files: figure('count', ''),
        pendingCompactionBytes: figure('bytes', ''),
        delayedWriteRateBytesPerSec: maybe('bytes/s', 'null while stopped'),
        runningJobs: figure('count', 'flushes and compactions'),
      }),
    )
    .max(20)
    .meta({ description: 'the 20 longest' }),
});

/** A result document as `--json` prints it; `wallMillis`, `seeds` and `band` are there only when the command line gives them. */
export const lsmResultSchema = z
  .strictObject({
    schema: z.literal(lsmResultSchemaName),
    ...commonFields,
    putRate: z
      .strictObject({ meanOpsPerSec: figure('ops/s', ''), meanMiBPerSec: figure('MiB/s', 'key + value') })
      .meta({ description: 'user puts over the whole run; of several benchmarks the last' }),
    writeAmplification: maybe('1', '(WAL + flush + compaction writes) / user bytes'),
    writeAmplificationNoWal: maybe('1', "(flush + compaction writes) / flush writes: RocksDB's own W-Amp of the Sum row"),
    writeAmplificationUser: maybe('1', '(flush + compaction writes) / user bytes'),
    spaceAmplification: maybe('1', 'bytes of live files / bytes of live data'),
    compactionReadAmplification: maybe('1', 'bytes read by compactions / user bytes'),
    stall,
    debt: z.strictObject({
      pendingCompactionBytes: figure('bytes', 'at the end of the run'),
      peakPendingCompactionBytes: figure('bytes', 'the most at any second'),
      drainSec: maybe('s', 'to clear it if writes stopped now'),
    }),
    space: z.strictObject({
      peakBytes: figure('bytes', 'live files'),
      peakTransientBytes: figure('bytes', 'live files, those being written and those not yet deleted'),
    }),
    bottleneck: z.strictObject({
      binding: z.array(z.strictObject({ limit: z.string(), fraction: figure('fraction', 'of the run') })),
      table: z.array(z.strictObject({ cause: z.string(), limit: z.string(), seconds: figure('s', '') })),
      next: z.strictObject({ limit: z.string(), headroomPercent: figure('percent', 'above the put rate of this run') }).nullable(),
    }),
    steadyState: z.strictObject({
      reached: z.boolean(),
      atSec: maybe('s', ''),
      opsPerSec: maybe('ops/s', ''),
      writeAmplification: maybe('1', ''),
    }),
    levels: z.array(levelRowSchema),
    device: z.strictObject({
      readBytes: figure('bytes', ''),
      writtenBytes: figure('bytes', ''),
      walWrittenBytes: figure('bytes', 'written to the WAL'),
      walDeviceBytes: figure('bytes', 'of these, what reached the device before the file was deleted'),
      busyFraction: figure('fraction', ''),
    }),
    putLatencyMicros: z.strictObject({
      p50: maybe('us', ''),
      p95: maybe('us', ''),
      p99: maybe('us', ''),
      p999: maybe('us', ''),
      max: maybe('us', ''),
      mean: maybe('us', ''),
    }),
    benchmarks: z.array(
      z.strictObject({
        benchmark: z.string(),
        puts: figure('count', ''),
        seconds: figure('s', ''),
        opsPerSec: figure('ops/s', ''),
        mibPerSec: figure('MiB/s', ''),
        reads: figure('count', 'of a benchmark that reads').optional(),
        foundReads: figure('count', 'Gets whose key was there').optional(),
      }),
    ),
    reads: readsSchema.optional(),
    userBytes: figure('bytes', 'keys and values put'),
    flushedBytes: figure('bytes', 'written by flushes'),
    series: z.strictObject({
      intervalSec: figure('s', ''),
      opsPerSec: values('ops/s', ''),
      l0Files: values('count', ''),
      pendingCompactionBytes: values('bytes', ''),
      delayedWriteRateBytesPerSec: values('bytes/s', ''),
      state: values('1', 'worst in the interval: 0 normal, 1 delayed, 2 stopped'),
    }),
    rocksdbVersion: z.string(),
    policy: z.string(),
    ignoredFlags: z.array(z.string()),
    disk: z
      .strictObject({
        capacityBytes: figure('bytes', ''),
        peakUsedBytes: figure('bytes', 'live, replaced and half-written files and the WAL, at the most'),
        fullAtSec: maybe('s', 'the run ends there; null when it was not full'),
        growthBytesPerSec: figure('bytes/s', 'of the live files, over the second half of the run'),
        fullInSec: maybe('s', 'from the end of the run on, at that growth; null when full already or not growing'),
      })
      .optional()
      .meta({ description: 'there where the scenario has deviceCapacityBytes' }),
    manualCompactions: z
      .array(
        z.strictObject({
          database: z.string(),
          startSec: figure('s', ''),
          endSec: maybe('s', 'null when it was not done at the end'),
          readBytes: figure('bytes', ''),
          writtenBytes: figure('bytes', ''),
        }),
      )
      .optional()
      .meta({ description: 'asked for while writes went on (changes: compact)' }),
    tombstoneCount: figure('count', 'deletes that lie in files at the end; left out where nothing is deleted').optional(),
    databases: databasesSchema.optional().meta({ description: 'by database and column family; left out where there is one of each' }),
  })
  .meta({ title: 'putmodel LSM result' });
