/**
 * All files of a tree, as rows of one typed array, addressed by id; ids are reused.
 */
/** Column of FileTable.rows: where a file's key range [lo, hi) begins, as a fraction of the key space ... */
export const LO = 0;
/** ... and where it ends. */
export const HI = 1;
/** File bytes. */
export const BYTES = 2;
/** Expected number of entries. */
export const ENTRIES = 3;
/** Puts that went into the file, per key of its range (key-space.ts). */
export const DRAWS_PER_KEY = 4;
/** Position in the stream of puts of the oldest entry (RocksDB's sequence numbers) ... */
export const SMALLEST_SEQ = 5;
/** ... and of the newest one. */
export const LARGEST_SEQ = 6;
/** Total bytes the store had written when the file was finished: its age for the page cache. */
export const WRITTEN_AT_BYTES = 7;
/** rows[(id << 3) + COLUMN]: eight columns are one cache line, and a big tree's files are met in no order. */
const COLUMNS = 8;

/** All files of a tree, one row each. */
export interface FileTable {
  capacity: number;
  rows: Float64Array;
  /** 1: an input of a running job. */
  busy: Uint8Array;
  free: Int32Array;
  freeCount: number;
}

/** No files, with room for `capacity`. */
export function createFileTable(capacity: number): FileTable {
  const free = new Int32Array(capacity);
  for (let i = 0; i < capacity; i++) free[i] = capacity - 1 - i;
  return {
    capacity,
    rows: new Float64Array(capacity * COLUMNS),
    busy: new Uint8Array(capacity),
    free,
    freeCount: capacity,
  };
}

/** Room for twice as many. */
export function growFileTable(files: FileTable): void {
  const old = files.capacity;
  const bigger = createFileTable(old * 2);
  bigger.rows.set(files.rows);
  bigger.busy.set(files.busy);
  for (let i = 0; i < old; i++) bigger.free[i] = 2 * old - 1 - i;
  bigger.freeCount = old;
  Object.assign(files, bigger);
}
