/**
 * What reads cost in CPU time. Measured by bench/measure-reads.ts with Debian's db_bench on the machine of host profile `debian-vm`: read benchmarks that
 * differ in how many memtables, files and blocks a read meets, and least squares over the time of a read (results/reference/measure-reads.json holds runs,
 * figures and what they miss by). Another host's reads are taken to cost more or less as its puts do: both search skip lists and copy small values.
 */
import type { HostProfile } from './host.js';

/** CPU of a read by what it meets, nanoseconds. */
export interface ReadCosts {
  /** A Get or Seek that meets nothing: the caller's loop, taking and returning the version. */
  readonly getNanos: number;
  readonly seekNanos: number;
  /** Searching a memtable. */
  readonly memtableNanos: number;
  /** Finding a level's file, and asking its filter. */
  readonly filterNanos: number;
  /** Searching a file's index. */
  readonly indexNanos: number;
  /** Finding a block in the block cache, and the key in it. */
  readonly blockNanos: number;
  /** A block that is not there: read(), the copy, its checksum and its place in the cache; and for each of its bytes. */
  readonly blockReadNanos: number;
  readonly blockReadNanosPerByte: number;
  /** A Next over the merged runs. */
  readonly nextNanos: number;
}

/** As measured on `debian-vm`. */
const measured: ReadCosts = {
  getNanos: 1000,
  seekNanos: 2000,
  memtableNanos: 800,
  filterNanos: 250,
  indexNanos: 700,
  blockNanos: 600,
  blockReadNanos: 2500,
  blockReadNanosPerByte: 0.3,
  nextNanos: 400,
};

/** What a put of 1 key costs the writing thread on `debian-vm` (its host profile's insertNanosPerRecord). */
const measuredInsertNanos = 2195;

/** The costs on a host. */
export function readCostsOn(host: HostProfile): ReadCosts {
  const factor = host.insertNanosPerRecord / measuredInsertNanos;
  return {
    getNanos: measured.getNanos * factor,
    seekNanos: measured.seekNanos * factor,
    memtableNanos: measured.memtableNanos * factor,
    filterNanos: measured.filterNanos * factor,
    indexNanos: measured.indexNanos * factor,
    blockNanos: measured.blockNanos * factor,
    blockReadNanos: measured.blockReadNanos * factor,
    blockReadNanosPerByte: measured.blockReadNanosPerByte * factor,
    nextNanos: measured.nextNanos * factor,
  };
}
