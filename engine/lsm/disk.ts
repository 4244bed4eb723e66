/**
 * How full the disk is: files that are live, replaced but not yet deleted, or being written, and the WAL. RocksDB notices a full disk by the
 * error of a write (IOError "No space left on device"), after which it takes no more writes; so does a run.
 */
import type { DiskResult } from './result.js';
import type { HostState } from './state.js';
import { liveBytes, obsoleteBytes } from './stored-bytes.js';
import { oldestWalBytes } from './wal-limit.js';

/** What is watched of a disk of stated size. */
export interface Disk {
  readonly capacityBytes: number;
  peakUsedBytes: number;
  /** When it was full; -1: not yet. */
  fullAtMicros: number;
}

/** An empty disk; null where no size is stated. */
export function createDisk(capacityBytes: number | undefined): Disk | null {
  return capacityBytes === undefined ? null : { capacityBytes, peakUsedBytes: 0, fullAtMicros: -1 };
}

/** Notes and returns the bytes in use now. */
export function lookAtDisk(disk: Disk, host: HostState): number {
  const used = usedBytes(host);
  disk.peakUsedBytes = Math.max(disk.peakUsedBytes, Math.min(used, disk.capacityBytes));
  return used;
}

/** True when the disk is found full for the first time. */
export function fillsDisk(disk: Disk, host: HostState): boolean {
  if (lookAtDisk(disk, host) < disk.capacityBytes || disk.fullAtMicros >= 0) return false;
  disk.fullAtMicros = host.nowMicros;
  return true;
}

function usedBytes(host: HostState): number {
  const { threads, stores } = host;
  let bytes = liveBytes(host) + obsoleteBytes(host);
  for (let i = 0; i < threads.activeCount; i++) {
    const row = threads.active[i]!;
    bytes += threads.totalBytes[row]! - threads.remainingBytes[row]!;
  }
  for (const store of stores) bytes += store.walBytes - oldestWalBytes(store);
  return bytes;
}

/** What is told of the disk: how its files grew over the second half of the run, and when that fills it. */
export function diskResult(disk: Disk, { recorder: { series } }: HostState): DiskResult {
  const last = series.count - 1;
  const middle = Math.floor(last / 2);
  const liveAt = (row: number): number => series.levelBytes.reduce((sum, level) => sum + level[row]!, 0);
  const growth = last > middle && middle >= 0 ? (liveAt(last) - liveAt(middle)) / (last - middle) : 0;
  const isFull = disk.fullAtMicros >= 0;
  return {
    capacityBytes: disk.capacityBytes,
    peakUsedBytes: Math.round(disk.peakUsedBytes),
    fullAtSec: isFull ? disk.fullAtMicros / 1e6 : null,
    growthBytesPerSec: growth,
    fullInSec: isFull || growth <= 0 ? null : Math.max(0, disk.capacityBytes - disk.peakUsedBytes) / growth,
  };
}
