/** A simulated run in the form of a real log's ledger, so that both are compared column by column. */
import { closeLedger, closureCheck, type ClosedLedger, type ClosureCheck } from '../ledger/closure.js';
import type { DeviceFigures, Ledger, LedgerInterval, LedgerLevel } from '../ledger/ledger.js';
import type { LsmResult } from './result.js';

/** The rows of a run. The model keeps no sums by level and second: its intervals have flush, compaction and WAL writes, and user bytes. */
export function ledgerOfLsmResult(result: LsmResult): Ledger {
  const levels = result.levels.map((row) => levelOf(row, result.flushedBytes)).filter((row) => row.jobs > 0 || row.movedBytes > 0);
  const writtenBytes = levels.reduce((sum, row) => sum + row.writtenBytes, 0);
  return {
    source: 'simulation',
    spanSec: result.simulatedSec,
    userBytes: result.userBytes,
    userSource: 'key and value bytes: what the model was given',
    walWrittenBytes: result.device.walWrittenBytes,
    walDeviceBytes: result.device.walDeviceBytes,
    walSource: "the model's own count",
    flushedBytes: result.flushedBytes,
    compactionWrittenBytes: writtenBytes - result.flushedBytes,
    compactionReadBytes: levels.reduce((sum, row) => sum + row.readBytes, 0),
    unfinishedBytes: 0,
    levels,
    intervals: intervalsOf(result),
  };
}

/** The run's own device figures. */
export function simulatedDevice({ device }: LsmResult): DeviceFigures {
  return { source: 'simulation', counts: 'device', writtenBytes: device.writtenBytes, readBytes: device.readBytes, notes: [] };
}

/** The ledger with its checks. A simulation closes exactly: tolerance 0 bytes, but for the rounding of WAL bytes to whole ones. */
export function closeLsmLedger(result: LsmResult): ClosedLedger {
  const ledger = ledgerOfLsmResult(result);
  const { series } = result;
  const seriesFlush = series.flushBytes.reduce((sum, bytes) => sum + bytes, 0);
  const seriesCompaction = series.compactionBytes.reduce((sum, bytes) => sum + bytes, 0);
  const exact = (name: string, ledgerBytes: number, otherBytes: number, roundingBytes = 0): ClosureCheck =>
    closureCheck({ kind: 'internal', name, ledgerBytes, otherBytes, toleranceFraction: 0, roundingBytes, decides: true });
  const sstBytes = ledger.flushedBytes + ledger.compactionWrittenBytes;
  const ratio = result.writeAmplificationNoWal ?? 0;
  return closeLedger(
    ledger,
    [simulatedDevice(result)],
    [
      exact('flush writes by second', ledger.flushedBytes, seriesFlush),
      exact('compaction writes by second', ledger.compactionWrittenBytes, seriesCompaction),
      exact('write amplification x flush', sstBytes, ratio * ledger.flushedBytes, sstBytes * 1e-12),
      exact('device writes', sstBytes + (ledger.walDeviceBytes ?? 0), result.device.writtenBytes, 1),
    ],
    [],
  );
}

function levelOf(row: LsmResult['levels'][number], flushedBytes: number): LedgerLevel {
  return {
    level: row.level,
    jobs: row.compactions,
    flushedBytes: row.level === 0 ? flushedBytes : 0,
    readBytes: row.readBytes,
    readUpperBytes: row.readUpperBytes,
    writtenBytes: row.writtenBytes,
    movedBytes: row.movedBytes,
    recordsIn: row.recordsIn,
    recordsDropped: row.recordsDropped,
  };
}

function intervalsOf({ series, simulatedSec, userBytes, benchmarks }: LsmResult): LedgerInterval[] {
  const puts = benchmarks.reduce((sum, benchmark) => sum + benchmark.puts, 0);
  const bytesPerPut = puts > 0 ? userBytes / puts : 0;
  return Array.from(series.flushBytes, (flushedBytes, index) => {
    const startSec = index * series.intervalSec;
    const endSec = Math.min((index + 1) * series.intervalSec, Math.max(simulatedSec, startSec));
    return {
      startSec,
      endSec,
      userBytes: Math.round((series.opsPerSec[index] ?? 0) * (endSec - startSec) * bytesPerPut),
      walWrittenBytes: Math.round(series.walBytes[index] ?? 0),
      flushedBytes,
      compactionReadBytes: null,
      compactionWrittenBytes: series.compactionBytes[index] ?? 0,
      levels: [],
    };
  });
}
