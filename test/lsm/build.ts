/** Hand-made trees, views, machines and scenarios for the tests of the LSM model. */
import type { PolicyChoice } from '../../engine/lsm/policies/policy.js';
import type { DeviceModel } from '../../engine/device/device.js';
import type { HostProfile } from '../../engine/lsm/host.js';
import type { Codec } from '../../engine/rocksdb/options.js';
import type { Change, InitialTree, LsmScenario, Step, WriteWorkload } from '../../engine/lsm/scenario.js';
import { createScores, updateScores } from '../../engine/lsm/scores.js';
import { createTargets, updateTargets } from '../../engine/lsm/targets.js';
import type { CompactionTask, PickerView, RunningCompaction } from '../../engine/lsm/task.js';
import { addFile, createTree, insertRun, pushL0, refreshOverlaps, lockRun, type Tree } from '../../engine/lsm/tree.js';
import { defaultOptions, mergeOptions, sanitizeOptions, type CompactionPri, type LsmOptions } from '../../engine/rocksdb/options.js';
import { behaviours, parseVersion } from '../../engine/rocksdb/version.js';
import { fileOf } from '../support/check-tree.js';

export const KiB = 1024;
export const MiB = 1024 * KiB;
export const GiB = 1024 * MiB;

/** db_bench's options with some said otherwise, as RocksDB holds them after opening. */
export function optionsOf(said: Partial<LsmOptions> = {}, version = '7.8.3'): LsmOptions {
  const parsed = parseVersion(version);
  return sanitizeOptions(mergeOptions(defaultOptions(parsed, { dbBench: true }), said), parsed).options;
}

/** One file of a hand-made tree. Left out: 1 entry a byte, idle, no age. `seq` is its newest put. */
export interface FileSpec {
  readonly lo: number;
  readonly hi: number;
  readonly bytes: number;
  readonly busy?: boolean;
  readonly seq?: number;
}

/** `count` files of `bytes` each that divide [0, 1) evenly. */
export function evenly(count: number, bytes: number): FileSpec[] {
  return Array.from({ length: count }, (_, i) => ({ lo: i / count, hi: (i + 1) / count, bytes }));
}

/** `count` level-0 files over the whole key space, oldest first. */
export function whole(count: number, bytes: number, busy = false): FileSpec[] {
  return Array.from({ length: count }, (_, i) => ({ lo: 0, hi: 1, bytes, seq: i + 1, busy }));
}

/** A tree from its levels; level 0 oldest first, others by key. */
export function treeOf(levels: readonly (readonly FileSpec[])[], levelCount = 7, pri: CompactionPri = 'kMinOverlappingRatio'): Tree {
  const tree = createTree(levelCount, pri);
  levels.forEach((files, level) => {
    const ids = files.map(({ lo, hi, bytes, seq = 0 }) =>
      addFile(tree, {
        lo,
        hi,
        drawsPerKey: 0.001,
        entries: bytes,
        bytes,
        smallestSeq: Math.max(0, seq - 1),
        largestSeq: seq,
        writtenAtBytes: 0,
      }),
    );
    if (level === 0) for (const id of ids) pushL0(tree, id);
    else insertRun(tree, level, ids);
    lockRun(
      tree,
      level,
      ids.filter((_, i) => files[i]!.busy === true),
    );
  });
  for (let level = levelCount - 1; level >= 1; level--) refreshOverlaps(tree, level, 0, 1);
  return tree;
}

/** What a picker sees of a tree. */
export function viewOf(
  tree: Tree,
  options: LsmOptions,
  more: {
    readonly running?: readonly RunningCompaction[];
    readonly version?: string;
    readonly oldestMemtableSeq?: number;
    readonly expiredSeq?: number;
  } = {},
): PickerView {
  const rules = behaviours(parseVersion(more.version ?? '7.8.3'));
  const targets = createTargets(tree.levels.length);
  const scores = createScores(tree.levels.length);
  updateTargets(targets, tree, options, rules);
  updateScores(scores, tree, targets, options, rules);
  return {
    tree,
    options,
    behaviours: rules,
    targets,
    scores,
    running: more.running ?? [],
    oldestMemtableSeq: more.oldestMemtableSeq ?? Infinity,
    expiredSeq: more.expiredSeq ?? 0,
  };
}

/** A running compaction over files given by their positions; they must be busy already. */
export function runningOf(
  tree: Tree,
  inputs: readonly (readonly [level: number, positions: readonly number[]])[],
  outputLevel: number,
): RunningCompaction {
  const parts = inputs.map(([level, positions]) => ({ level, ids: positions.map((at) => tree.levels[level]!.ids[at]!) }));
  const files = parts.flatMap((part) => part.ids.map((id) => fileOf(tree, id)));
  return {
    task: { reason: 'LevelMaxLevelSize', kind: 'merge', inputs: parts, outputLevel },
    startLevel: parts[0]!.level,
    lo: Math.min(...files.map(({ lo }) => lo)),
    hi: Math.max(...files.map(({ hi }) => hi)),
  };
}

/** "merge L1[3] L2[6,7] -> L2": a task by the positions of its files. "none" for null. */
export function tell(tree: Tree, task: CompactionTask | null): string {
  if (task === null) return 'none';
  const inputs = task.inputs.map(({ level, ids }) => {
    const all = Array.from(tree.levels[level]!.ids.subarray(0, tree.levels[level]!.count));
    return `L${level}[${ids.map((id) => all.indexOf(id)).join(',')}]`;
  });
  return `${task.kind} ${inputs.join(' ')} -> L${task.outputLevel}`;
}

function forEveryCodec(none: number, value: number): Record<Codec, number> {
  return { none, snappy: value, lz4: value, lz4hc: value, zlib: value, bzip2: value, zstd: value, xpress: value };
}

/** A fast two-core computer whose figures are round. */
export const testHost: HostProfile = {
  name: 'test-host',
  source: 'made up',
  cores: 2,
  pageCacheBytes: 8 * GiB,
  coldPageNanosPerByte: 0,
  warmPageBytes: 0,
  insertNanosPerRecord: 2000,
  insertNanosPerByte: 1,
  insertNanosPerRecordPerDoubling: 0,
  groupHandoffNanos: 0,
  groupWakeNanos: 0,
  walNanosPerRecord: 500,
  walNanosPerByte: 1,
  walNanosPerGroup: 1000,
  flushNanosPerRecord: 500,
  flushNanosPerByte: 1,
  flushNanosPerBlock: 0,
  mergeNanosPerRecord: 500,
  mergeNanosPerByte: 1,
  mergeNanosPerBlock: 0,
  mergeNanosPerRecordPerDoubling: 100,
  compressNanosPerByte: forEveryCodec(0, 2),
  decompressNanosPerByte: forEveryCodec(0, 1),
  compressedFraction: forEveryCodec(1, 0.5),
  slowdownPerExtraThread: 0,
  syncMicros: 1000,
  closeSyncMicros: 1000,
  unlinkMicros: 100,
  unlinkMicrosPerMiB: 100,
  manifestMicros: 500,
  openFileMicros: 100,
};

/** Two constants. */
export const testDevice: DeviceModel & { readonly kind: 'constant' } = {
  kind: 'constant',
  name: 'test-device',
  source: 'made up',
  readBytesPerSec: 1000 * MiB,
  writeBytesPerSec: 500 * MiB,
};

/** db_bench fillrandom of 16 + 1024 byte entries without a WAL, with some of it said otherwise. */
export function workloadOf(said: Partial<WriteWorkload> = {}): WriteWorkload {
  return {
    puts: 200_000,
    durationSec: null,
    threads: 1,
    keySizeBytes: 16,
    valueSizeBytes: 1024,
    distribution: 'uniform',
    keyCount: 1_000_000,
    zipfTheta: 0.99,
    entriesPerBatch: 1,
    sync: false,
    disableWal: true,
    valueCompressionRatio: 0.5,
    arrival: { kind: 'closed' },
    ...said,
  };
}

/** A write step. */
export function writeStep(said: Partial<WriteWorkload> = {}, fresh = true, benchmark = 'fillrandom'): Step {
  return { kind: 'write', benchmark, fresh, workload: workloadOf(said) };
}

/** A small store: 1 MiB memtables, 4 MiB base level, no compression. */
export const smallStore: Partial<LsmOptions> = {
  write_buffer_size: MiB,
  target_file_size_base: MiB,
  max_bytes_for_level_base: 4 * MiB,
  compression: 'none',
};

/** A scenario on the test machine. */
export function scenarioOf(
  said: Partial<LsmOptions>,
  steps: readonly Step[],
  more: {
    readonly initial?: InitialTree;
    readonly version?: string;
    readonly seed?: number;
    readonly host?: HostProfile;
    readonly device?: DeviceModel;
    readonly policy?: PolicyChoice;
    readonly changes?: readonly Change[];
  } = {},
): LsmScenario {
  const version = more.version ?? '7.8.3';
  const options = optionsOf(said, version);
  return {
    kind: 'lsm',
    name: 'test',
    seed: more.seed ?? 1,
    rocksdbVersion: parseVersion(version),
    dtSec: 1,
    steps,
    changes: more.changes ?? [],
    host: more.host ?? testHost,
    device: more.device ?? testDevice,
    policy: more.policy ?? { name: 'rocksdb', sha256: null },
    stores: [{ name: 'db', options, families: [{ name: 'default', options, initial: more.initial ?? { from: 'empty' } }] }],
    assumptions: [],
    ignoredFlags: [],
    warnings: [],
  };
}
