/**
 * What the operating system's page cache means for a store: files that it no longer holds are read from the device, and memory that it
 * never used before costs CPU time where the machine is a virtual one.
 */
import type { HostProfile } from './host.js';

/** The page cache of a run. */
export interface PageCache {
  /** Bytes put into it by flushes and compactions. */
  writtenBytes: number;
  /** Of outputs that running jobs write. */
  unfinishedBytes: number;
  /** The most that files have taken at a time. */
  peakBytes: number;
}

/** An empty one. */
export function createPageCache(): PageCache {
  return { writtenBytes: 0, unfinishedBytes: 0, peakBytes: 0 };
}

/** A run starts on a store of `storedBytes`: what the cache holds of it was paid for before. */
export function startPages(cache: PageCache, host: HostProfile, storedBytes: number): void {
  cache.peakBytes = Math.min(host.pageCacheBytes, storedBytes);
}

/**
 * Files finished before this many bytes had been written are read from the device; 0: none. The page cache keeps what was written last, so
 * once it is full a file older than a cache's worth of writes is gone (our assumption: LRU by age of writing).
 */
export function uncachedBefore({ writtenBytes }: PageCache, { pageCacheBytes }: HostProfile, storedBytes: number): number {
  return storedBytes <= pageCacheBytes ? 0 : Math.max(0, writtenBytes - pageCacheBytes);
}

/**
 * A job begins to write `bytes` beside `storedBytes` of files: the CPU micros that memory costs which no file had before. Large merges pay most
 * of it, because they write all their outputs before their inputs are removed, and small jobs find what was given back.
 *
 * Source: [measured], db_bench 7.8.3 on a virtual machine (bench/measure-host.sh cold, results/reference/measure-host/debian-vm.txt): merges of
 * some 600 MB become dearer for good when the store outgrows 6.0 to 6.2 GB, by 2.6 to 3.3 ns for each byte that it grows from there.
 */
export function takePages(cache: PageCache, host: HostProfile, storedBytes: number, bytes: number): number {
  cache.unfinishedBytes += bytes;
  const before = Math.max(cache.peakBytes, host.warmPageBytes);
  cache.peakBytes = Math.max(cache.peakBytes, Math.min(host.pageCacheBytes, storedBytes + cache.unfinishedBytes));
  return (Math.max(0, cache.peakBytes - before) * host.coldPageNanosPerByte) / 1000;
}

/** The job's outputs are files now. */
export function finishPages(cache: PageCache, bytes: number): void {
  cache.unfinishedBytes -= bytes;
}
