import { dueLevels, firstThatRuns, type Policy } from './policy.js';

/** Level 0 whenever it is due, whatever else waits; the deeper levels, youngest first, only while level 0 is not. */
export const l0First: Policy = {
  name: 'l0-first',
  source: 'strict priority to level 0, as LevelDB and RocksDB are often advised to be tuned; our reduction of it to one rule',
  choose(tree) {
    const due = dueLevels(tree);
    const [first] = due;
    if (first?.index === 0) return tree.compactionOf(0);
    return firstThatRuns(tree, due);
  },
};
