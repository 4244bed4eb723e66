import { dueLevels, firstThatRuns, type Policy } from './policy.js';

/** The due levels in turn: after one of level n, the next due level below it, then from the top again. */
export const roundRobin: Policy = {
  name: 'round-robin',
  source:
    'turns over levels as over queues (a textbook scheduler); LevelDB takes turns over the files of a level (compact_pointer) instead',
  choose(tree) {
    const due = dueLevels(tree);
    const next = due.findIndex(({ index }) => index > tree.lastStartLevel);
    const from = next < 0 ? 0 : next;
    return firstThatRuns(tree, [...due.slice(from), ...due.slice(0, from)]);
  },
};
