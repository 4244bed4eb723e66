import { dueLevels, firstThatRuns, type LevelView, type Policy } from './policy.js';

/** The level with the most bytes over its target first; for level 0 all its idle bytes count. */
export const largestDebtFirst: Policy = {
  name: 'largest-debt-first',
  source: 'greedy by bytes over target, where RocksDB takes the ratio (ComputeCompactionScore); our reduction',
  choose(tree) {
    const debt = ({ index, idleBytes, targetBytes }: LevelView): number => (index === 0 ? idleBytes : idleBytes - targetBytes);
    return firstThatRuns(
      tree,
      dueLevels(tree).sort((a, b) => debt(b) - debt(a) || a.index - b.index),
    );
  },
};
