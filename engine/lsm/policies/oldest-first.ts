import type { CompactionTask } from '../task.js';
import { dueLevels, type FileView, type Policy } from './policy.js';

/** How many of the oldest files are tried before the policy waits. */
const CANDIDATES = 8;

/** Of all due levels the file whose newest entry is oldest (kOldestLargestSeqFirst over levels, not within one). */
export const oldestFirst: Policy = {
  name: 'oldest-first',
  source: 'first come, first served over all levels, by the age of data; RocksDB has it within a level (kOldestLargestSeqFirst)',
  choose(tree): CompactionTask | null {
    const candidates: FileView[] = [];
    for (const { index } of dueLevels(tree)) {
      const idle = tree.files(index).filter((file) => !file.busy);
      if (index === 0) candidates.push(...idle.slice(0, 1));
      else candidates.push(...idle.sort(byAge).slice(0, CANDIDATES));
    }
    for (const file of candidates.sort(byAge).slice(0, CANDIDATES)) {
      const task = file.level === 0 ? tree.compactionOf(0) : tree.compactionOfFile(file);
      if (task !== null) return task;
    }
    return null;
  },
};

function byAge(a: FileView, b: FileView): number {
  return a.largestSeq - b.largestSeq || a.level - b.level || a.lo - b.lo;
}
