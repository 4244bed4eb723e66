/**
 * ttl: which files are too old. A file is as old as its oldest entry (oldest_ancester_time), which a merge hands on; when that was
 * written follows from its sequence number. Looked at with each new version, as RocksDB does: nothing happens because time passes alone.
 * Source: version_set.cc ComputeExpiredTtlFiles, compaction_picker_level.cc PickExpiredTtlFiles, compaction_picker_fifo.cc
 * PickTTLCompaction. A tree that the run begins with is as old as the run.
 */
import type { LsmOptions } from '../rocksdb/options.js';
import type { FileTable } from './file-table.js';
import type { PickerView } from './task.js';
import { SMALLEST_SEQ, type Tree } from './tree.js';

/** When memtables began, oldest first, and up to where the stream of puts is too old. */
export interface Births {
  readonly seqs: number[];
  readonly micros: number[];
  /** Entries before this position were written longer ago than ttl; 0: none. */
  expiredSeq: number;
}

/** Nothing was written yet. */
export function createBirths(): Births {
  return { seqs: [0], micros: [0], expiredSeq: 0 };
}

/** A memtable begins at this position of the stream of puts. */
export function recordBirth(births: Births, seq: number, nowMicros: number): void {
  births.seqs.push(seq);
  births.micros.push(nowMicros);
}

/** Moves the border of what is too old up to now. */
export function expire(births: Births, { ttl, compaction_style: style }: LsmOptions, nowMicros: number): void {
  const bornBefore = nowMicros - ttl * 1e6;
  if (ttl === 0 || bornBefore <= 0 || (style !== 'level' && style !== 'fifo')) return;
  const { seqs, micros } = births;
  let gone = 0;
  // A memtable is too old as a whole once the next one is: its own first entries decide.
  while (gone < micros.length && micros[gone]! < bornBefore) gone++;
  if (gone === 0) return;
  births.expiredSeq = gone < seqs.length ? seqs[gone]! : Infinity;
  // The newest of them stays: the memtable that it began may still be filling.
  seqs.splice(0, gone - 1);
  micros.splice(0, gone - 1);
}

/** Whether a file's oldest entry is too old. */
export function isExpired(files: FileTable, id: number, expiredSeq: number): boolean {
  return files.rows[(id << 3) + SMALLEST_SEQ]! < expiredSeq;
}

/** The idle files that are too old, in levels that have one below, by level and in its order. */
export function expiredFiles({ tree, expiredSeq }: PickerView): { readonly level: number; readonly id: number }[] {
  if (expiredSeq === 0) return [];
  const found: { level: number; id: number }[] = [];
  for (const level of tree.levels.slice(0, -1)) {
    for (let i = 0; i < level.count; i++) {
      const id = level.ids[i]!;
      if (tree.files.busy[id] === 0 && isExpired(tree.files, id, expiredSeq)) found.push({ level: level.index, id });
    }
  }
  return found;
}

/** Whether any file is to be compacted, or dropped, for its age. */
export function hasExpired(tree: Tree, expiredSeq: number, style: LsmOptions['compaction_style']): boolean {
  if (expiredSeq === 0) return false;
  const levels = style === 'fifo' ? tree.levels.slice(0, 1) : tree.levels.slice(0, -1);
  return levels.some((level) => {
    for (let i = 0; i < level.count; i++) {
      const id = level.ids[i]!;
      if (tree.files.busy[id] === 0 && isExpired(tree.files, id, expiredSeq)) return true;
    }
    return false;
  });
}
