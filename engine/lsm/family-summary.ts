/** The figures of a finished run by database and column family. Reads the state, changes nothing. */
import { levelRow, secByCause } from './recorder.js';
import type { DatabaseResult, FamilyResult, LevelRow } from './result.js';
import type { FamilyState, HostState, StoreState } from './state.js';

const MIB = 1_048_576;

/** Every database with its families; rates are over the time in which they are written to. */
export function databasesOf(host: HostState): readonly DatabaseResult[] {
  const rows = host.stores.map(databaseOf);
  const moved = (row: Omit<DatabaseResult, 'device'> & { readonly device: DeviceBytes }): number =>
    row.device.readBytes + row.device.writtenBytes;
  const total = rows.reduce((sum, row) => sum + moved(row), 0);
  return rows.map((row) => ({ ...row, device: { ...row.device, fraction: total > 0 ? moved(row) / total : 0 } }));
}

interface DeviceBytes {
  readonly readBytes: number;
  readonly writtenBytes: number;
}

function databaseOf(store: StoreState): Omit<DatabaseResult, 'device'> & { readonly device: DeviceBytes } {
  const families = store.families.map(familyOf);
  const sum = (read: (row: FamilyResult) => number): number => families.reduce((total, row) => total + read(row), 0);
  return {
    name: store.name,
    puts: sum(({ puts }) => puts),
    putRate: { meanOpsPerSec: sum(({ putRate }) => putRate.meanOpsPerSec), meanMiBPerSec: sum(({ putRate }) => putRate.meanMiBPerSec) },
    stall: { stoppedSec: sum(({ stall }) => stall.stoppedSec), delayedSec: sum(({ stall }) => stall.delayedSec) },
    pendingCompactionBytes: sum(({ pendingCompactionBytes }) => pendingCompactionBytes),
    bytes: sum(({ bytes }) => bytes),
    walWrittenBytes: Math.round(store.walBytes),
    device: { readBytes: sum(({ device }) => device.readBytes), writtenBytes: sum(({ device }) => device.writtenBytes) },
    families,
  };
}

function familyOf(family: FamilyState): FamilyResult {
  const { name, counts, tree, debtBytes } = family;
  const seconds = counts.writeMicros / 1e6;
  const written = counts.flushBytes + counts.compactionBytes;
  return {
    name,
    puts: Math.round(counts.puts),
    putRate: {
      meanOpsPerSec: seconds > 0 ? counts.puts / seconds : 0,
      meanMiBPerSec: seconds > 0 ? counts.userBytes / MIB / seconds : 0,
    },
    stall: {
      stoppedSec: counts.stoppedMicros / 1e6,
      delayedSec: counts.delayedMicros / 1e6,
      byCause: secByCause(counts.causeMicros),
    },
    writeAmplificationNoWal: counts.flushBytes > 0 ? written / counts.flushBytes : null,
    writeAmplificationUser: counts.userBytes > 0 ? written / counts.userBytes : null,
    pendingCompactionBytes: Math.round(debtBytes),
    bytes: tree.totalBytes,
    device: { readBytes: counts.deviceReadBytes, writtenBytes: written },
    levels: levelsOf(family),
    series: {
      opsPerSec: [...counts.rows.opsPerSec],
      l0Files: [...counts.rows.l0Files],
      pendingCompactionBytes: [...counts.rows.pendingCompactionBytes],
      bytes: [...counts.rows.bytes],
    },
  };
}

/** The rows of a family's levels. */
export function levelsOf({ counts, tree, scores }: FamilyState): LevelRow[] {
  const scoreOf = (level: number): number => {
    const rank = scores.level.subarray(0, scores.count).indexOf(level);
    return rank < 0 ? 0 : scores.score[rank]!;
  };
  return tree.levels.map(({ index, count, bytes }) => levelRow(counts.levels, index, count, bytes, scoreOf(index)));
}

/** The levels of several trees added up, level by level; of the scores the largest. */
export function sumOfLevels(trees: readonly (readonly LevelRow[])[]): readonly LevelRow[] {
  const [first = []] = trees;
  if (trees.length === 1) return first;
  const deepest = trees.reduce((most, rows) => (rows.length > most.length ? rows : most), first);
  return deepest.map(({ level }) => {
    const rows = trees.flatMap((tree) => tree[level] ?? []);
    const sum = (read: (row: LevelRow) => number): number => rows.reduce((total, row) => total + read(row), 0);
    return {
      level,
      files: sum((row) => row.files),
      bytes: sum((row) => row.bytes),
      score: Math.max(...rows.map((row) => row.score)),
      readBytes: sum((row) => row.readBytes),
      readUpperBytes: sum((row) => row.readUpperBytes),
      writtenBytes: sum((row) => row.writtenBytes),
      movedBytes: sum((row) => row.movedBytes),
      compactions: sum((row) => row.compactions),
      compactionSec: sum((row) => row.compactionSec),
      compactionCpuSec: sum((row) => row.compactionCpuSec),
      recordsIn: sum((row) => row.recordsIn),
      recordsDropped: sum((row) => row.recordsDropped),
    };
  });
}
