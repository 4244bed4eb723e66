import { dueLevels, firstThatRuns, type Policy } from './policy.js';

/** Each level gets the same share of what compactions write: the running jobs are slowed so that no level gets more than its part. */
export const fairShare: Policy = {
  name: 'fair-share',
  source: 'max-min fair sharing of bandwidth over levels (as in fair queueing); our reduction: equal weights, over the levels that run',
  usesAllSlots: true,
  choose(tree) {
    const running = (index: number): number => tree.jobs.filter((job) => job.startLevel === index).length;
    return firstThatRuns(
      tree,
      dueLevels(tree).sort((a, b) => running(a.index) - running(b.index) || a.index - b.index),
    );
  },
  pace(tree) {
    const jobs = tree.jobs;
    const levels = new Set(jobs.filter(({ kind }) => kind === 'compaction').map(({ startLevel }) => startLevel)).size;
    const compactions = jobs.filter(({ kind }) => kind === 'compaction').length;
    return jobs.map((job) => {
      if (job.kind === 'flush') return 1;
      const sharing = jobs.filter((other) => other.kind === 'compaction' && other.startLevel === job.startLevel).length;
      // An even part for each level, in parts of what its jobs would take of an even part for each job.
      return Math.min(1, compactions / (levels * sharing));
    });
  },
};
