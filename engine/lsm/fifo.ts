/**
 * What RocksDB's FIFO compaction does next. Source: db/compaction/compaction_picker_fifo.cc (rocksdb-semantics, section 8).
 * All files stay in L0; the oldest are dropped when they are older than ttl, or the total passes fifo_max_table_files_size.
 */
import { isExpired } from './expiry.js';
import { BYTES } from './tree.js';
import type { CompactionTask, PickerView } from './task.js';

/** Intra-L0 may cost at most this many write buffers for each file it removes (PickSizeCompaction). */
const BYTES_PER_REMOVED_FILE_FACTOR = 1.1;

/** The next compaction, or null when nothing can run now. */
export function pickFifo(view: PickerView): CompactionTask | null {
  const { tree, options, scores } = view;
  const level0 = tree.levels[0]!;
  if (scores.count === 0 || level0.count === 0 || view.running.length > 0) return null;
  const expired = pickExpired(view);
  if (expired !== null) return expired;
  if (scores.score[0]! < 1) return null;
  if (level0.bytes <= options.fifo_max_table_files_size) return options.fifo_allow_compaction ? pickMerge(view) : null;
  const { rows } = tree.files;
  const ids: number[] = [];
  let totalBytes = level0.bytes;
  for (let i = 0; i < level0.count && totalBytes > options.fifo_max_table_files_size; i++) {
    const id = level0.ids[i]!;
    totalBytes -= rows[(id << 3) + BYTES]!;
    ids.push(id);
  }
  return { reason: 'FIFOMaxSize', kind: 'drop', inputs: [{ level: 0, ids }], outputLevel: 0 };
}

/** The oldest files as long as they are older than ttl, if without them the others are not too many bytes (PickTTLCompaction). */
function pickExpired({ tree, options, expiredSeq }: PickerView): CompactionTask | null {
  const level0 = tree.levels[0]!;
  const ids: number[] = [];
  let totalBytes = level0.bytes;
  for (let i = 0; i < level0.count && isExpired(tree.files, level0.ids[i]!, expiredSeq); i++) {
    const id = level0.ids[i]!;
    totalBytes -= tree.files.rows[(id << 3) + BYTES]!;
    ids.push(id);
  }
  if (ids.length === 0 || totalBytes > options.fifo_max_table_files_size) return null;
  return { reason: 'FIFOTtl', kind: 'drop', inputs: [{ level: 0, ids }], outputLevel: 0 };
}

/** FindIntraL0Compaction with the trigger as the smallest width. */
function pickMerge(view: PickerView): CompactionTask | null {
  const { tree, options } = view;
  const level0 = tree.levels[0]!;
  const { rows } = tree.files;
  let totalBytes = rows[(level0.ids[level0.count - 1]! << 3) + BYTES]!;
  let bytesPerRemoved = Infinity;
  let end = level0.count - 2;
  for (; end >= 0; end--) {
    totalBytes += rows[(level0.ids[end]! << 3) + BYTES]!;
    const next = Math.floor(totalBytes / (level0.count - 1 - end));
    if (next > bytesPerRemoved || totalBytes > options.max_compaction_bytes) break;
    bytesPerRemoved = next;
  }
  const width = level0.count - 1 - end;
  if (width < options.level0_file_num_compaction_trigger) return null;
  if (bytesPerRemoved >= BYTES_PER_REMOVED_FILE_FACTOR * options.write_buffer_size) return null;
  const ids = Array.from(level0.ids.subarray(end + 1, level0.count));
  return { reason: 'FIFOReduceNumFiles', kind: 'merge', inputs: [{ level: 0, ids }], outputLevel: 0 };
}
