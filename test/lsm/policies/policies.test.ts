/** Each policy's own rule, and that no policy, however wrong, breaks the tree. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PutmodelError } from '../../../engine/kernel/errors.js';
import { runToEnd } from '../../../engine/kernel/run.js';
import { policies, policyOfModule } from '../../../engine/lsm/policies/policies.js';
import type { Policy, TreeView } from '../../../engine/lsm/policies/policy.js';
import type { LsmResult } from '../../../engine/lsm/result.js';
import { startLsm } from '../../../engine/lsm/simulate.js';
import type { Job } from '../../../engine/lsm/state.js';
import type { LsmOptions } from '../../../engine/rocksdb/options.js';
import { checkingObserver } from '../../support/check-tree.js';
import { MiB, scenarioOf, smallStore, writeStep } from '../build.js';

const busyStore: Partial<LsmOptions> = { ...smallStore, max_background_jobs: 6, rate_limiter_bytes_per_sec: 40 * MiB };
const own = { name: 'own', sha256: '0'.repeat(64) };

/** Runs a policy over a store under pressure, the tree checked after every job; gives the compactions in the order of their ends. */
function runPolicy(
  policy: Policy | null,
  said: Partial<LsmOptions> = busyStore,
): { readonly result: LsmResult; readonly jobs: readonly Job[] } {
  const scenario = scenarioOf(said, [writeStep({ puts: 150_000 })], policy === null ? {} : { policy: own });
  const jobs: Job[] = [];
  const check = checkingObserver().observer;
  const run = startLsm(
    scenario,
    (job, host) => {
      check(job, host);
      if (job.kind === 'compaction') jobs.push(job);
    },
    policy,
  );
  return { result: runToEnd(run), jobs };
}

const failureOf = (policy: Partial<Policy>): string => {
  try {
    runPolicy({ name: 'own', source: 'a test', choose: () => null, ...policy });
  } catch (error) {
    if (error instanceof PutmodelError) return error.message;
    throw error;
  }
  return 'no failure';
};

describe.each([...policies.keys()])('policy %s', (name) => {
  const policy = policies.get(name)!;

  it('keeps the tree sound and compacts every level that is due', () => {
    const { result, jobs } = runPolicy(policy);
    expect(result.putRate.meanOpsPerSec).toBeGreaterThan(0);
    expect(new Set(jobs.map((job) => job.running!.startLevel)).size).toBeGreaterThanOrEqual(2);
    expect(result.policy).toBe('own');
  });

  it('names its source', () => expect(policy.source.length).toBeGreaterThan(40));
});

it('the same choices as RocksDB give the same run, to the last figure', () => {
  const same: Policy = {
    name: 'same',
    source: 'a test',
    choose(tree) {
      const ranked = Array.from({ length: tree.levelCount - 1 }, (_, index) => tree.level(index)).filter(({ score }) => score >= 1);
      ranked.sort((a, b) => b.score - a.score || a.index - b.index);
      let skippedL0 = false;
      for (const { index } of ranked) {
        if (skippedL0 && index === tree.baseLevel) continue;
        const task = tree.compactionOf(index);
        if (task !== null) return task;
        if (index === 0) skippedL0 = true;
      }
      return null;
    },
  };
  const theirs = runPolicy(null);
  const ours = runPolicy(same);
  expect({ ...ours.result, policy: 'rocksdb' }).toEqual(theirs.result);
});

describe('rules', () => {
  it('l0-first never starts a deeper compaction while level 0 is due', () => {
    const policy = policies.get('l0-first')!;
    const broken: string[] = [];
    runPolicy({
      ...policy,
      choose(tree, options) {
        const task = policy.choose(tree, options);
        if (task !== null && task.inputs[0]!.level > 0 && tree.level(0).score >= 1) broken.push(JSON.stringify(task));
        return task;
      },
    });
    expect(broken).toEqual([]);
  });

  it('round-robin goes on behind the level it served last', () => {
    const policy = policies.get('round-robin')!;
    const asked: number[] = [];
    const tree = {
      levelCount: 5,
      lastStartLevel: 1,
      level: (index: number) => ({ index, score: index === 3 ? 0.5 : 1 }),
      compactionOf: (index: number) => (asked.push(index), null),
    } as unknown as TreeView;
    expect(policy.choose(tree, {} as LsmOptions)).toBeNull();
    expect(asked).toEqual([2, 0, 1]);
  });

  it('largest-debt-first goes by bytes over target, not by their ratio', () => {
    const policy = policies.get('largest-debt-first')!;
    const asked: number[] = [];
    const level = [
      { score: 3, idleBytes: 300, targetBytes: Infinity },
      { score: 9, idleBytes: 900, targetBytes: 100 },
      { score: 1.5, idleBytes: 3000, targetBytes: 2000 },
    ];
    const tree = {
      levelCount: 4,
      level: (index: number) => ({ index, ...level[index] }),
      compactionOf: (index: number) => (asked.push(index), null),
    };
    policy.choose(tree as unknown as TreeView, {} as LsmOptions);
    expect(asked).toEqual([2, 1, 0]);
  });

  it('silk slows deeper jobs while a flush or level 0 runs, and only then', () => {
    const pace = (...startLevels: number[]): readonly number[] =>
      policies.get('silk')!.pace!(
        { jobs: startLevels.map((startLevel) => ({ kind: startLevel < 0 ? 'flush' : 'compaction', startLevel })) } as unknown as TreeView,
        {} as LsmOptions,
      );
    expect(pace(-1, 0, 2)).toEqual([1, 1, 0.05]);
    expect(pace(1, 2)).toEqual([1, 1]);
  });

  it('greedy gives everything to the merge with the least left', () => {
    const jobs = [
      { kind: 'flush', startLevel: -1, remainingBytes: 1, startMicros: 0 },
      { kind: 'compaction', startLevel: 0, remainingBytes: 50, startMicros: 1 },
      { kind: 'compaction', startLevel: 1, remainingBytes: 20, startMicros: 2 },
    ];
    expect(policies.get('greedy')!.pace!({ jobs } as unknown as TreeView, {} as LsmOptions)).toEqual([1, 0, 1]);
  });

  it('fair-share halves the jobs of a level that has two beside one that has one', () => {
    const jobs = [0, 1, 1].map((startLevel) => ({ kind: 'compaction', startLevel }));
    expect(policies.get('fair-share')!.pace!({ jobs } as unknown as TreeView, {} as LsmOptions)).toEqual([1, 0.75, 0.75]);
  });
});

describe('a policy that is wrong ends the run with one line', () => {
  it.each<[string, Partial<Policy>, RegExp]>([
    ['throws', { choose: () => { throw new TypeError('no idea'); } }, /^policy own: choose\(\) threw TypeError: no idea.*at simulated second \d/], // prettier-ignore
    ['gives a string', { choose: () => 'L0' as never }, /a task is an object or null/],
    ['names files that are not there', { choose: () => ({ reason: 'ManualCompaction', kind: 'merge', inputs: [{ level: 1, ids: [9999] }], outputLevel: 2 }) }, /file 9999 is not in level 1/], // prettier-ignore
    ['names a level that is not there', { choose: () => ({ reason: 'ManualCompaction', kind: 'merge', inputs: [{ level: 0, ids: [0] }], outputLevel: 70 }) }, /outputLevel is 70, not a level/], // prettier-ignore
    ['gives no level', { choose: () => ({ reason: 'ManualCompaction', kind: 'merge', inputs: [null as never], outputLevel: 1 }) }, /cannot run: an input is null, not a level with its files, at/], // prettier-ignore
    ['gives a big number', { choose: () => ({ kind: 10n }) as never }, /cannot run: kind is 10n, not/],
    ['gives itself', { choose: () => { const own: Record<string, unknown> = {}; own['kind'] = own; return own as never; } }, /cannot run: kind is an object, not/], // prettier-ignore
    ['gives what throws', { choose: () => ({ get kind() { throw new Error('boo'); } }) as never }, /choose\(\) threw Error: boo \(policies\.test\.ts:\d+:\d+\), at/], // prettier-ignore
    ['asks for a level that is not there', { choose: (tree) => tree.compactionOf(99) }, /threw RangeError: level 99: .* \(policies\.test\.ts:\d+:\d+\), at/], // prettier-ignore
    ['paces with no list', { pace: () => 5 as never }, /pace\(\) gave no list/],
    ['drops', { choose: () => ({ reason: 'ManualCompaction', kind: 'drop', inputs: [], outputLevel: 1 }) }, /kind is "drop"/],
    ['counts wrongly', { counted: () => NaN }, /counted\(\) gave NaN/],
    ['paces wrongly', { pace: () => [2, 2, 2, 2, 2, 2, 2, 2] }, /pace\(\) gave/],
  ])('%s', (_, policy, message) => {
    expect(failureOf(policy)).toMatch(message);
    expect(failureOf(policy)).not.toContain('\n');
  });

  it('what it does to its task later changes nothing', () => {
    const given: { inputs: { ids: readonly number[] }[] }[] = [];
    const greedy = policies.get('greedy')!;
    const choose: Policy['choose'] = (tree, options) => {
      for (const { inputs } of given.splice(0)) for (const input of inputs) input.ids = [];
      const task = greedy.choose(tree, options);
      if (task === null) return null;
      const own = { ...task, inputs: task.inputs.map(({ level, ids }) => ({ level, ids: [...ids] })) };
      given.push(own);
      return own;
    };
    expect({ ...runPolicy({ ...greedy, choose }).result, policy: '' }).toEqual({ ...runPolicy(greedy).result, policy: '' });
  });

  it('takes newer files of level 0 without the older ones', () => {
    const choose = (tree: TreeView) => {
      const [, newer] = tree.files(0);
      if (newer === undefined) return null;
      const below = tree.overlapping(1, newer.lo, newer.hi).map(({ id }) => id);
      const inputs = [{ level: 0, ids: [newer.id] }, ...(below.length > 0 ? [{ level: 1, ids: below }] : [])];
      return { reason: 'ManualCompaction' as const, kind: 'merge' as const, inputs, outputLevel: 1 };
    };
    expect(failureOf({ choose })).toMatch(/older than an input/);
  });

  it('random tasks are either sound or refused', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 60, maxLength: 60 }), (numbers) => {
        let at = 0;
        const next = (below: number): number => numbers[at++ % numbers.length]! % below;
        const choose = (tree: TreeView) => {
          const level = next(3);
          const ids = tree
            .files(level)
            .filter(() => next(2) === 0)
            .map(({ id }) => id);
          const lower = tree
            .files(level + 1)
            .filter(() => next(4) > 0)
            .map(({ id }) => id);
          const inputs = [{ level, ids }, ...(lower.length > 0 ? [{ level: level + 1, ids: lower }] : [])];
          return ids.length === 0
            ? tree.compactionOf(level)
            : { reason: 'ManualCompaction' as const, kind: 'merge' as const, inputs, outputLevel: level + 1 };
        };
        const failure = failureOf({ choose });
        expect(failure === 'no failure' || failure.startsWith('policy own: choose() gave a task that cannot run: ')).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

describe('what a module exports', () => {
  const good: Policy = { name: 'own', source: 'a test', choose: () => null };
  it('is a policy by that name or by default', () => {
    expect(policyOfModule({ policy: good })).toBe(good);
    expect(policyOfModule({ default: good })).toBe(good);
  });

  it.each<[unknown, string]>([
    [{}, 'exports no policy'],
    [null, 'exports no policy'],
    [{ policy: { choose: () => null } }, 'no name'],
    [{ policy: { name: 'x', source: 'y' } }, 'no choose()'],
    [{ policy: { ...good, pace: 1 } }, 'pace and counted are functions'],
    [{ policy: { ...good, usesAllSlots: 'yes' } }, 'usesAllSlots'],
  ])('%o is refused', (module, message) => expect(() => policyOfModule(module)).toThrow(message));
});
