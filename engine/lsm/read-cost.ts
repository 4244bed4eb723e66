/**
 * What reads cost in CPU time. Measured by bench/measure-reads.ts with Debian's db_bench on the machine of host profile `debian-vm`: stores that differ in how
 * many memtables, files, filters and blocks a read meets, and least squares over the CPU time of a read. results/reference/measure-reads.json holds the runs
 * and what the fit misses by (3 to 35 %: the machine had other work). Another host's reads are taken to cost more or less as its puts do: both
 * search skip lists and touch small values.
 */
import type { HostProfile } from './host.js';

/** CPU of a read by what it meets, nanoseconds. */
export interface ReadCosts {
  /** A Get or Seek that meets nothing: the caller's loop, taking and returning the version. */
  readonly getNanos: number;
  readonly seekNanos: number;
  /** Searching a memtable's skip list, for each doubling of its entries. */
  readonly memtableNanosPerDoubling: number;
  /** Finding a level's file, and asking its filter. */
  readonly filterNanos: number;
  /** Searching a file's index, finding the block in the block cache, and the key in it. */
  readonly lookUpNanos: number;
  /** A block that is not in the cache: read(), the copy, its checksum and its place in the cache; and for each of its bytes. */
  readonly blockReadNanos: number;
  readonly blockReadNanosPerByte: number;
  /** A Next over the merged runs, its value of 1 KiB touched. */
  readonly nextNanos: number;
  /** Handing over the value of a Get, 1 KiB. */
  readonly foundNanos: number;
}

/** As measured on `debian-vm`, two or three digits of it. */
const measured: ReadCosts = {
  getNanos: 183,
  seekNanos: 3020,
  memtableNanosPerDoubling: 71,
  filterNanos: 480,
  lookUpNanos: 3390,
  blockReadNanos: 0,
  blockReadNanosPerByte: 0.093,
  nextNanos: 789,
  foundNanos: 1950,
};

/** What the key of a put costs the writing thread on `debian-vm` (its host profile's insertNanosPerRecord). */
const measuredInsertNanos = 2074;

/** The costs on a host. */
export function readCostsOn(host: HostProfile): ReadCosts {
  const factor = host.insertNanosPerRecord / measuredInsertNanos;
  return {
    getNanos: measured.getNanos * factor,
    seekNanos: measured.seekNanos * factor,
    memtableNanosPerDoubling: measured.memtableNanosPerDoubling * factor,
    filterNanos: measured.filterNanos * factor,
    lookUpNanos: measured.lookUpNanos * factor,
    blockReadNanos: measured.blockReadNanos * factor,
    blockReadNanosPerByte: measured.blockReadNanosPerByte * factor,
    nextNanos: measured.nextNanos * factor,
    foundNanos: measured.foundNanos * factor,
  };
}
