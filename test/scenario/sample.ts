/** A hand-made machine, result and scenario, for tests of everything around the simulator. */
import { createHistogram, recordValueWithCount } from '../../engine/kernel/histogram.js';
import { createJobLog } from '../../engine/lsm/job-log.js';
import type { HostProfile } from '../../engine/lsm/host.js';
import type { Codec } from '../../engine/rocksdb/options.js';
import type { Machine } from '../../engine/lsm/assemble.js';
import { lsmScenarioFromDocument } from '../../engine/lsm/from-document.js';
import type { LevelRow, LsmResult } from '../../engine/lsm/result.js';
import type { LsmScenario } from '../../engine/lsm/scenario.js';
import type { Inputs } from '../../engine/scenario/kind.js';

const MiB = 1024 * 1024;
const GiB = 1024 * MiB;

function forEveryCodec(value: number): Record<Codec, number> {
  return { none: value, snappy: value, lz4: value, lz4hc: value, zlib: value, bzip2: value, zstd: value, xpress: value };
}

/** Two cores; the figures matter to no test. */
export const sampleHost: HostProfile = {
  name: 'sample-host',
  source: 'made up',
  cores: 2,
  pageCacheBytes: 2 * GiB,
  coldPageNanosPerByte: 0,
  warmPageBytes: 0,
  insertNanosPerRecord: 1000,
  insertNanosPerByte: 1,
  insertNanosPerRecordPerDoubling: 0,
  groupHandoffNanos: 0,
  groupWakeNanos: 0,
  walNanosPerRecord: 500,
  walNanosPerByte: 1,
  walNanosPerGroup: 1000,
  flushNanosPerRecord: 500,
  flushNanosPerByte: 0.5,
  flushNanosPerBlock: 0,
  mergeNanosPerRecord: 800,
  mergeNanosPerByte: 0.5,
  mergeNanosPerBlock: 0,
  mergeNanosPerRecordPerDoubling: 200,
  compressNanosPerByte: forEveryCodec(2),
  decompressNanosPerByte: forEveryCodec(1),
  compressedFraction: forEveryCodec(0.55),
  slowdownPerExtraThread: 0.1,
  syncMicros: 1000,
  closeSyncMicros: 1000,
  unlinkMicros: 100,
  unlinkMicrosPerMiB: 100,
  manifestMicros: 500,
  openFileMicros: 100,
};

/** Nobody named it: both parts are assumptions. */
export const sampleMachine: Machine = {
  device: { kind: 'constant', name: 'sample-device', source: 'made up', readBytesPerSec: 500 * MiB, writeBytesPerSec: 200 * MiB },
  host: sampleHost,
  deviceNamed: false,
  hostNamed: false,
  warnings: [],
};

/** The same as what a kind is given. */
export const sampleInputs: Inputs = {
  device: { model: sampleMachine.device, named: false, warnings: [] },
  host: { model: sampleHost, named: false, warnings: [] },
  files: new Map(),
};

/** A small fillrandom scenario on the sample machine. */
export const sampleScenario: LsmScenario = lsmScenarioFromDocument(
  { kind: 'lsm', workload: { num: 4000, value_size: 1008 }, lsm: { write_buffer_size: 16 * MiB } },
  sampleMachine,
  'sample',
);

function levelRow(level: number, values: Partial<LevelRow>): LevelRow {
  const none = { files: 0, bytes: 0, score: 0, readBytes: 0, readUpperBytes: 0, writtenBytes: 0, movedBytes: 0, compactions: 0 };
  return { level, ...none, compactionSec: 0, compactionCpuSec: 0, recordsIn: 0, recordsDropped: 0, ...values };
}

/** Four seconds: normal, delayed, stopped, normal. 1 GiB flushed, 3 GiB written in all: RocksDB's W-Amp of the Sum row is 3. */
export function sampleResult(): LsmResult {
  const putLatencyMicros = createHistogram();
  recordValueWithCount(putLatencyMicros, 10, 990);
  recordValueWithCount(putLatencyMicros, 1000, 10);
  return {
    kind: 'lsm',
    simulatedSec: 4,
    events: 1234,
    benchmarks: [{ benchmark: 'fillrandom', puts: 4000, seconds: 4, opsPerSec: 1000, mibPerSec: 0.9765625 }],
    putRate: { meanOpsPerSec: 1000, meanMiBPerSec: 0.9765625 },
    writeAmplification: 4,
    writeAmplificationNoWal: 3,
    writeAmplificationUser: 3.1,
    spaceAmplification: 1.25,
    compactionReadAmplification: 3.5,
    stall: {
      stoppedSec: 0.75,
      delayedSec: 0.5,
      stateSec: { normal: 2.75, delayed: 0.5, stopped: 0.75 },
      byCause: { memtable: 0.75, l0Slowdown: 0.5, l0Stop: 0, pendingSlowdown: 0, pendingStop: 0 },
      firstAtSec: 1,
      longestSec: 0.75,
      episodes: [
        {
          startSec: 2,
          endSec: 2.75,
          cause: 'memtable',
          l0Files: 4,
          pendingCompactionBytes: 100,
          delayedWriteRateBytesPerSec: null,
          runningJobs: 2,
        },
      ],
    },
    debt: { pendingCompactionBytes: 512 * MiB, peakPendingCompactionBytes: 600 * MiB, drainSec: 8 },
    space: { peakBytes: 2 * GiB, peakTransientBytes: 3 * GiB },
    bottleneck: {
      binding: [
        { limit: 'rateLimiter', fraction: 0.5 },
        { limit: 'memtable', fraction: 0.25 },
      ],
      table: [{ cause: 'memtable', limit: 'rateLimiter', seconds: 0.75 }],
      next: { limit: 'cpu', headroomPercent: 18 },
    },
    steadyState: { reached: false, atSec: null, opsPerSec: null, writeAmplification: null },
    levels: [
      levelRow(0, { files: 3, bytes: 48 * MiB, score: 0.75, writtenBytes: GiB, compactions: 64, compactionSec: 10, compactionCpuSec: 4 }),
      levelRow(1, {
        files: 16,
        bytes: 256 * MiB,
        score: 1,
        readBytes: 2 * GiB,
        readUpperBytes: GiB,
        writtenBytes: 2 * GiB,
        movedBytes: 512 * MiB,
        compactions: 16,
        compactionSec: 20,
        compactionCpuSec: 8,
        recordsIn: 12_345,
        recordsDropped: 345,
      }),
      levelRow(2, {}),
    ],
    device: { readBytes: 2 * GiB, writtenBytes: 3 * GiB, walWrittenBytes: GiB, walDeviceBytes: 0, busyFraction: 0.5 },
    userBytes: 4_096_000,
    flushedBytes: GiB,
    putLatencyMicros,
    jobLog: createJobLog(),
    series: {
      intervalSec: 1,
      opsPerSec: new Float64Array([2000, 500, 0, 1500]),
      l0Files: new Float64Array([1, 2, 3, 3]),
      pendingCompactionBytes: new Float64Array([0, 1, 2, 3]),
      delayedWriteRateBytesPerSec: new Float64Array([0, 8_388_608, 0, Number.NaN]),
      state: new Uint8Array([0, 1, 2, 0]),
      flushBytes: new Float64Array([1, 1, 1, 1]),
      compactionBytes: new Float64Array([0, 2, 2, 2]),
      walBytes: new Float64Array([1, 1, 0, 1]),
      flushWrittenBytes: new Float64Array([1, 1, 1, 1]),
      compactionWrittenBytes: new Float64Array([1, 1, 2, 2]),
      delayedSec: new Float64Array([0, 0.5, 0, 0]),
      stoppedSec: new Float64Array([0, 0, 1, 0]),
      levelBytes: [new Float64Array([1, 2, 3, 4]), new Float64Array([0, 0, 5, 5])],
      targetBytes: [new Float64Array(4).fill(Infinity), new Float64Array([6, 6, 6, 7])],
    },
    rocksdbVersion: '7.8.3',
    assumptions: sampleScenario.assumptions,
    policy: 'rocksdb',
    ignoredFlags: ['--histogram'],
    warnings: [{ code: 'OPTION_SANITIZED', message: 'a value was clamped', path: 'lsm.write_buffer_size' }],
  };
}
