/** Deletes: what merges leave, against keys drawn one by one; and whole runs that delete. */
import { describe, expect, it } from 'vitest';
import { createStream } from '../../engine/kernel/random.js';
import { runToEnd } from '../../engine/kernel/run.js';
import { createKeySpace } from '../../engine/lsm/key-space.js';
import type { LsmResult } from '../../engine/lsm/result.js';
import type { Step } from '../../engine/lsm/scenario.js';
import { startLsm } from '../../engine/lsm/simulate.js';
import { createTombstones, fatesOf, liveKeys } from '../../engine/lsm/tombstones.js';
import { addFile, createTree, insertRun, pushL0, type Tree } from '../../engine/lsm/tree.js';
import { checkingObserver } from '../support/check-tree.js';
import { scenarioOf, smallStore, writeStep } from './build.js';

const keyCount = 40_000;
const space = createKeySpace('uniform', keyCount, 1);

/** One sorted run: what each of its keys is. */
type Entries = Map<number, 'put' | 'delete'>;

/** `draws` random keys, of which a part are deletes; the last draw of a key counts. */
function draw(draws: number, deleteFraction: number, stream: ReturnType<typeof createStream>): Entries {
  const entries: Entries = new Map();
  for (let i = 0; i < draws; i++) entries.set(stream.uniformInt(keyCount), stream.uniform() < deleteFraction ? 'delete' : 'put');
  return entries;
}

/** Newer over older. */
function merge(older: Entries, newer: Entries, bottommost: boolean): Entries {
  const all = new Map([...older, ...newer]);
  if (bottommost) for (const [key, kind] of all) if (kind === 'delete') all.delete(key);
  return all;
}

function deletesIn(entries: Entries): number {
  return [...entries.values()].filter((kind) => kind === 'delete').length;
}

/** Puts a run of these entries, made of so many draws, over the whole key space into a level. */
function place(tree: Tree, deletes: ReturnType<typeof createTombstones>, level: number, entries: Entries, draws: number): number {
  const file = { lo: 0, hi: 1, drawsPerKey: draws / keyCount, entries: entries.size, bytes: 1 + entries.size };
  const id = addFile(tree, { ...file, smallestSeq: 0, largestSeq: draws, writtenAtBytes: 0 });
  if (level === 0) pushL0(tree, id);
  else insertRun(tree, level, [id]);
  const count = deletesIn(entries);
  if (count > 0) deletes.entriesOfFile.set(id, count);
  return id;
}

describe('a merge with deletes', () => {
  it('leaves what keys drawn one by one leave, at the bottom and above it', () => {
    const stream = createStream(3, 'tombstones');
    // A bottom run without tombstones, one above it, and two L0 files that delete ever more.
    const bottom = merge(new Map(), draw(50_000, 0.2, stream), true);
    const middle = draw(20_000, 0.3, stream);
    const young = [draw(8_000, 0.5, stream), draw(8_000, 1, stream)] as const;
    const tree = createTree(4, 'kMinOverlappingRatio');
    const deletes = createTombstones();
    const ids = {
      bottom: place(tree, deletes, 2, bottom, 50_000),
      middle: place(tree, deletes, 1, middle, 20_000),
      young: [place(tree, deletes, 0, young[0], 8_000), place(tree, deletes, 0, young[1], 8_000)],
    };
    const upper = [
      { level: 0, ids: ids.young },
      { level: 1, ids: [ids.middle] },
    ];
    const touchedBy = (draws: number): number => keyCount * (1 - Math.exp(-draws / keyCount));
    const above = merge(merge(middle, young[0], false), young[1], false);
    const fate = fatesOf(tree, space, deletes, upper, false).mean;
    expect(fate.presentFraction * touchedBy(36_000)).toBeCloseTo(above.size, -3);
    expect(fate.tombstoneFraction).toBeCloseTo(deletesIn(above) / above.size, 1);
    const all = merge(bottom, above, true);
    const last = fatesOf(tree, space, deletes, [...upper, { level: 2, ids: [ids.bottom] }], true).mean;
    expect(last.tombstoneFraction).toBe(0);
    expect((last.presentFraction * touchedBy(86_000)) / all.size).toBeCloseTo(1, 1.5);
    expect(liveKeys(tree, space, deletes) / all.size).toBeCloseTo(1, 1.5);
  });

  it('without deletes keeps every key', () => {
    const tree = createTree(4, 'kMinOverlappingRatio');
    const deletes = createTombstones();
    const one = draw(10_000, 0, createStream(1, 'tombstones'));
    const id = place(tree, deletes, 1, one, 10_000);
    expect(fatesOf(tree, space, deletes, [{ level: 1, ids: [id] }], true).mean).toEqual({
      presentFraction: expect.closeTo(1, 2) as number,
      tombstoneFraction: 0,
    });
  });
});

describe('a run that deletes', () => {
  const run = (steps: readonly Step[]): LsmResult =>
    runToEnd(startLsm(scenarioOf({ ...smallStore, max_background_jobs: 4 }, steps), checkingObserver().observer));
  const fill = writeStep({ puts: 60_000, keyCount: 60_000 });
  const wait: Step = { kind: 'waitForCompaction', benchmark: 'waitforcompaction' };
  const compact: Step = { kind: 'compact', benchmark: 'compact' };
  const deleteAll = writeStep({ puts: 120_000, keyCount: 60_000, deleteFraction: 1 }, false, 'deleterandom');

  it('of all keys leaves tombstones in the upper levels, and a full compaction nothing of what it deleted', () => {
    const filled = run([fill, wait, compact]);
    const left = run([fill, wait, deleteAll, { kind: 'flush', benchmark: 'flush' }]);
    expect(left.tombstoneCount).toBeGreaterThan(10_000);
    const compacted = run([fill, wait, deleteAll, compact]);
    expect(compacted.tombstoneCount).toBe(0);
    const bytes = (result: LsmResult): number => result.levels.reduce((sum, level) => sum + level.bytes, 0);
    // Each key escapes 120,000 draws out of 60,000 with e^-2.
    expect(bytes(compacted) / bytes(filled)).toBeCloseTo(Math.exp(-2), 1.5);
    expect(compacted.spaceAmplification).toBeCloseTo(1, 1);
  });

  it('writes a tombstone as a key without a value', () => {
    const left = run([writeStep({ puts: 50_000, deleteFraction: 0.5 })]);
    const puts = run([writeStep({ puts: 50_000 })]);
    expect(left.userBytes / puts.userBytes).toBeCloseTo((16 + 512) / 1040, 6);
    expect(left.flushedBytes).toBeLessThan(0.6 * puts.flushedBytes);
  });

  it('half of the time keeps about half of the keys that it touched', () => {
    const half = run([writeStep({ puts: 300_000, keyCount: 30_000, deleteFraction: 0.5 }), compact]);
    const bytes = half.levels.reduce((sum, level) => sum + level.bytes, 0);
    expect(bytes / (15_000 * 1055)).toBeCloseTo(1, 1);
  });

  it('of so few keys that no file is left goes on after the merge that leaves none', () => {
    const few = { puts: 200, keyCount: 10 };
    const steps = [writeStep(few), compact, writeStep({ ...few, deleteFraction: 1 }, false, 'deleterandom'), compact];
    const result = run([...steps, writeStep(few, false, 'overwrite')]);
    expect(result.benchmarks.map(({ puts }) => puts)).toEqual([200, 200, 200]);
    for (const { compactionSec } of result.levels) expect(compactionSec).toBeGreaterThanOrEqual(0);
  });

  it('has no count of tombstones where nothing is deleted', () => {
    expect(run([fill])).not.toHaveProperty('tombstoneCount');
  });
});
