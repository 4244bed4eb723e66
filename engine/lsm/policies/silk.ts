import { dueLevels, firstThatRuns, type Policy } from './policy.js';

/** What deeper compactions keep while level 0 or a flush needs the device. */
const PREEMPTED = 0.05;

/** Flushes and compactions out of level 0 pre-empt the deeper ones, which take what is left when load is low. */
export const silk: Policy = {
  name: 'silk',
  source:
    'Balmau et al., SILK: Preventing Latency Spikes in Log-Structured Merge Key-Value Stores, USENIX ATC 2019; simplified: ' +
    'pre-empted jobs go on at a twentieth of their speed instead of being paused and resumed, and whether load is low is read off the ' +
    'memtables that wait and level 0, not off client bandwidth',
  usesAllSlots: true,
  choose(tree) {
    const due = dueLevels(tree);
    const [first] = due;
    if (first?.index === 0) {
      const task = tree.compactionOf(0);
      if (task !== null) return task;
    }
    // Of several slots one is kept for level 0, as SILK keeps its threads.
    if (tree.slots > 1 && tree.freeSlots <= 1 && !tree.jobs.some(({ startLevel }) => startLevel === 0)) return null;
    return firstThatRuns(
      tree,
      due.filter(({ index }) => index > 0),
    );
  },
  pace(tree) {
    const { jobs } = tree;
    const urgent = jobs.some(({ kind, startLevel }) => kind === 'flush' || startLevel === 0);
    return jobs.map(({ kind, startLevel }) => (kind === 'flush' || startLevel === 0 || !urgent ? 1 : PREEMPTED));
  },
};
