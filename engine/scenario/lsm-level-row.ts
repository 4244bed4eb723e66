/** One level in a result document. */
import { z } from 'zod';
import type { LevelRow } from '../lsm/result.js';
import type { ResultDocument } from './kind.js';
import { pick } from './result.js';
import { figure } from './result-schema.js';

/** Its schema. */
export const levelRowSchema = z.strictObject({
  level: figure('1', ''),
  files: figure('count', 'at the end'),
  bytes: figure('bytes', 'at the end'),
  readBytes: figure('bytes', 'read by compactions whose output is this level'),
  writtenBytes: figure('bytes', 'written to this level by flushes and compactions'),
  movedBytes: figure('bytes', 'moved here without rewriting'),
  compactions: figure('count', 'jobs whose output is this level; flushes count for level 0'),
  score: figure('1', "RocksDB's compaction score at the end"),
  readUpperBytes: figure('bytes', 'the part of readBytes from the levels above'),
  compactionSec: figure('s', 'wall time of these jobs, summed'),
  compactionCpuSec: figure('s', 'CPU time of these jobs, summed'),
  recordsIn: figure('count', ''),
  recordsDropped: figure('count', 'older versions of a key that a merge left out'),
});

/** Its fields in the document's order. */
export function levelFields(row: LevelRow): ResultDocument {
  return {
    ...pick(row, ['level', 'files', 'bytes', 'readBytes', 'writtenBytes', 'movedBytes', 'compactions']),
    ...pick(row, ['score', 'readUpperBytes', 'compactionSec', 'compactionCpuSec', 'recordsIn', 'recordsDropped']),
  };
}
