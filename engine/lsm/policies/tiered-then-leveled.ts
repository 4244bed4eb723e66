import type { LsmOptions } from '../../rocksdb/options.js';
import type { CompactionTask } from '../task.js';
import { dueLevels, firstThatRuns, type FileView, type Policy } from './policy.js';

/** Runs of similar size that are merged into one, and how far sizes may differ (Cassandra's size-tiered defaults: min_threshold 4, bucket_high 1.5). */
const RUNS_MERGED = 4;
const SIMILAR = 1.5;

/** Level 0 is tiered: runs of similar size become one. Its runs go down together when they hold a base level's worth; below it is leveled. */
export const tieredThenLeveled: Policy = {
  name: 'tiered-then-leveled',
  source:
    'Dayan and Idreos, Dostoevsky, SIGMOD 2018 (lazy leveling); simplified: all tiered runs live in level 0, and every level below is ' +
    'leveled, not the last one alone',
  choose(tree, options) {
    const runs = tree.files(0);
    const bytes = runs.reduce((sum, run) => sum + run.bytes, 0);
    if (runs.length > 0 && bytes >= options.max_bytes_for_level_base) {
      const down = tree.compactionOf(0);
      if (down !== null) return down;
    }
    return (
      similarRuns(runs, options) ??
      firstThatRuns(
        tree,
        dueLevels(tree).filter(({ index }) => index > 0),
      )
    );
  },
};

/** The newest neighbours in age that are idle and of similar size. */
function similarRuns(runs: readonly FileView[], options: LsmOptions): CompactionTask | null {
  if (runs.length < Math.min(RUNS_MERGED, options.level0_file_num_compaction_trigger)) return null;
  for (let end = runs.length; end >= RUNS_MERGED; end--) {
    const tier = runs.slice(end - RUNS_MERGED, end);
    const sizes = tier.map(({ bytes }) => bytes);
    if (tier.some(({ busy }) => busy) || Math.max(...sizes) > SIMILAR * Math.min(...sizes)) continue;
    return { reason: 'LevelL0FilesNum', kind: 'merge', inputs: [{ level: 0, ids: tier.map(({ id }) => id) }], outputLevel: 0 };
  }
  return null;
}
