import { dueLevels, firstThatRuns, type Policy } from './policy.js';

/** The merge with the fewest bytes left gets all bandwidth; writes stop by the number of components of the whole tree. */
export const greedy: Policy = {
  name: 'greedy',
  source:
    'Luo and Carey, On Performance Stability in LSM-based Storage Systems, VLDB 2019 (greedy merge scheduler, global component constraint); ' +
    'simplified: merges are those RocksDB would make, a component is a level-0 file or a level that holds files, and the bound is ' +
    'level0_stop_writes_trigger',
  usesAllSlots: true,
  choose: (tree) => firstThatRuns(tree, dueLevels(tree)),
  pace(tree) {
    const merges = tree.jobs.filter(({ kind }) => kind === 'compaction');
    const least = Math.min(...merges.map(({ remainingBytes }) => remainingBytes));
    const first = merges.find(({ remainingBytes }) => remainingBytes === least);
    return tree.jobs.map((job) =>
      job.kind === 'flush' || (job.startMicros === first?.startMicros && job.remainingBytes === least) ? 1 : 0,
    );
  },
  counted(tree) {
    let components = tree.level(0).files;
    for (let index = 1; index < tree.levelCount; index++) if (tree.level(index).files > 0) components++;
    return components;
  },
};
