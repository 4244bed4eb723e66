/** What holds for every policy, whatever the tree: random trees, and jobs locked one after the other until nothing more can start. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pickFifo } from '../../engine/lsm/fifo.js';
import { pickLeveled } from '../../engine/lsm/leveled.js';
import { updateScores } from '../../engine/lsm/scores.js';
import type { CompactionTask, PickerView, RunningCompaction } from '../../engine/lsm/task.js';
import { lockRun } from '../../engine/lsm/tree.js';
import { pickUniversal } from '../../engine/lsm/universal.js';
import type { CompactionPri, LsmOptions } from '../../engine/rocksdb/options.js';
import { checkTree, fileOf, filesOf, type FileView } from '../support/check-tree.js';
import { optionsOf, treeOf, viewOf, type FileSpec } from './build.js';

const JOBS_MAX = 40;

/** Disjoint files on a grid of 1/64. */
const sortedLevel = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 100 })), { maxLength: 20 })
  .map((steps) => {
    const files: FileSpec[] = [];
    let at = 0;
    for (const [gap, width, bytes] of steps) {
      if (at + gap + width > 64) break;
      files.push({ lo: (at + gap) / 64, hi: (at + gap + width) / 64, bytes, seq: (at * 7) % 50 });
      at += gap + width;
    }
    return files;
  });
const level0 = fc
  .array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 60 })), {
    maxLength: 14,
  })
  .map((files) =>
    files.map(([random, at, width, bytes], i): FileSpec => {
      const range = random ? { lo: 0, hi: 1 } : { lo: at / 64, hi: Math.min(64, at + width) / 64 };
      return { ...range, bytes, seq: i + 1 };
    }),
  );
const levels = fc.tuple(level0, sortedLevel, sortedLevel, sortedLevel, sortedLevel);
const versions = fc.constantFrom('7.4', '7.8', '7.10', '8.3', '8.11', '9.0', '9.10', '10.10');

/** Checks one task by itself and against what runs. */
function checkTask(view: PickerView, task: CompactionTask): void {
  const { tree, running } = view;
  const inputs = task.inputs.map(({ level, ids }) => ({ level, files: ids.map((id) => fileOf(tree, id)) }));
  expect(inputs.length).toBeGreaterThan(0);
  for (const { level, files } of inputs) {
    const all = filesOf(tree, level).map(({ id }) => id);
    expect(files.length).toBeGreaterThan(0);
    expect(files.every(({ busy }) => !busy)).toBe(true);
    // In the level's order, each once.
    const positions = files.map(({ id }) => all.indexOf(id));
    expect(positions.every((at, i) => at >= 0 && (i === 0 || at > positions[i - 1]!))).toBe(true);
  }
  expect(inputs.every(({ level }) => level <= task.outputLevel)).toBe(true);
  if (task.kind === 'drop' || task.outputLevel === 0) return;
  const sources = inputs.filter(({ level }) => level < task.outputLevel).flatMap(({ files }) => files);
  const targets = inputs.filter(({ level }) => level === task.outputLevel).flatMap(({ files }) => files);
  const taken = new Set(targets.map(({ id }) => id));
  const range = rangeOf([...sources, ...targets]);
  // Whatever lies in the output level where this job will write is one of its inputs.
  const hit = filesOf(tree, task.outputLevel).filter(({ lo, hi }) => lo < range.hi && range.lo < hi);
  if (task.kind === 'merge') expect(hit.every(({ id }) => taken.has(id))).toBe(true);
  else expect(sources.some((a) => hit.some((b) => a.lo < b.hi && b.lo < a.hi))).toBe(false);
  for (const job of running) {
    if (job.task.outputLevel !== task.outputLevel) continue;
    const overlaps =
      task.kind === 'merge' ? job.lo < range.hi && range.lo < job.hi : sources.some(({ lo, hi }) => job.lo < hi && lo < job.hi);
    expect(overlaps).toBe(false);
  }
}

function rangeOf(files: readonly FileView[]): { lo: number; hi: number } {
  return { lo: Math.min(...files.map(({ lo }) => lo)), hi: Math.max(...files.map(({ hi }) => hi)) };
}

/** Locks what is picked until nothing is; gives the tasks. */
function startAll(view: PickerView, pick: (view: PickerView) => CompactionTask | null): CompactionTask[] {
  const { tree, options, targets, behaviours, scores } = view;
  const running: RunningCompaction[] = [];
  const tasks: CompactionTask[] = [];
  for (let i = 0; i <= JOBS_MAX; i++) {
    const now = { ...view, running };
    const task = pick(now);
    if (task === null) return tasks;
    checkTask(now, task);
    for (const { level, ids } of task.inputs) lockRun(tree, level, ids);
    const files = task.inputs.flatMap(({ ids }) => ids.map((id) => fileOf(tree, id)));
    running.push({ task, startLevel: task.inputs[0]!.level, ...rangeOf(files) });
    tasks.push(task);
    updateScores(scores, tree, targets, options, behaviours);
    expect(checkTree(tree)).toEqual([]);
  }
  throw new Error(`more than ${JOBS_MAX} jobs`);
}

function start(
  files: readonly (readonly FileSpec[])[],
  said: Partial<LsmOptions>,
  version: string,
  pick: (view: PickerView) => CompactionTask | null,
): CompactionTask[] {
  const options = optionsOf(said, version);
  const tree = treeOf(files, options.num_levels, options.compaction_pri);
  return startAll(viewOf(tree, options, { version, oldestMemtableSeq: 10 }), pick);
}

const priorities: CompactionPri[] = ['kMinOverlappingRatio', 'kByCompensatedSize', 'kOldestLargestSeqFirst', 'kOldestSmallestSeqFirst', 'kRoundRobin']; // prettier-ignore

describe('every task', () => {
  it('leveled: has idle files only, all output files in its range, and a range that no running one writes', () => {
    let merges = 0;
    fc.assert(
      fc.property(
        levels,
        versions,
        fc.constantFrom(...priorities),
        fc.boolean(),
        fc.constantFrom(40, 200, 10_000),
        fc.constantFrom(2, 10),
        (files, version, pri, dynamic, maxCompactionBytes, multiplier) => {
          const said: Partial<LsmOptions> = {
            num_levels: 6,
            max_bytes_for_level_base: 100,
            max_bytes_for_level_multiplier: multiplier,
            compaction_pri: pri,
            level_compaction_dynamic_level_bytes: dynamic,
            max_compaction_bytes: maxCompactionBytes,
          };
          const tasks = start(files, said, version, pickLeveled);
          merges += tasks.length;
          const toBase = tasks.filter(({ inputs, outputLevel }) => inputs[0]!.level === 0 && outputLevel > 0);
          expect(toBase.length).toBeLessThanOrEqual(1);
        },
      ),
      { seed: 42, numRuns: 400 },
    );
    expect(merges).toBeGreaterThan(400);
  });

  it('universal: takes adjacent idle runs whole, and goes to L0, the last level or next to the run behind', () => {
    let merges = 0;
    fc.assert(
      fc.property(levels, versions, fc.integer({ min: 2, max: 6 }), fc.constantFrom(0, 1, 50), (files, version, trigger, ratio) => {
        const said: Partial<LsmOptions> = {
          compaction_style: 'universal',
          num_levels: 6,
          level0_file_num_compaction_trigger: trigger,
          universal_size_ratio: ratio,
        };
        for (const task of start(files, said, version, pickUniversal)) {
          merges++;
          const runs = task.inputs.reduce((count, { level, ids }) => count + (level === 0 ? ids.length : 1), 0);
          expect(runs).toBeGreaterThanOrEqual(2);
          for (const { level, ids } of task.inputs) if (level > 0) expect(ids).toHaveLength(files[level]!.length);
          if (task.outputLevel === 0) expect(task.inputs.every(({ level }) => level === 0)).toBe(true);
        }
      }),
      { seed: 42, numRuns: 300 },
    );
    expect(merges).toBeGreaterThan(100);
  });

  it('FIFO: one at a time, the oldest files or the newest', () => {
    let picks = 0;
    fc.assert(
      fc.property(level0, fc.boolean(), fc.constantFrom(50, 200, 1e6), (files, merging, maxBytes) => {
        const said: Partial<LsmOptions> = { compaction_style: 'fifo', fifo_allow_compaction: merging, fifo_max_table_files_size: maxBytes };
        const tasks = start([files], said, '7.8', pickFifo);
        picks += tasks.length;
        expect(tasks.length).toBeLessThanOrEqual(1);
        if (tasks[0] === undefined) return;
        const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
        expect(tasks[0].kind).toBe(total > maxBytes ? 'drop' : 'merge');
      }),
      { seed: 42, numRuns: 200 },
    );
    expect(picks).toBeGreaterThan(50);
  });
});
