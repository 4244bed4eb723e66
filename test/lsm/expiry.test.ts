/** ttl: files that are too old go down, or, with FIFO, away. */
import { describe, expect, it } from 'vitest';
import { runToEnd } from '../../engine/kernel/run.js';
import { createBirths, expire, recordBirth } from '../../engine/lsm/expiry.js';
import { pickFifo } from '../../engine/lsm/fifo.js';
import { pickLeveled } from '../../engine/lsm/leveled.js';
import type { LsmResult } from '../../engine/lsm/result.js';
import { startLsm } from '../../engine/lsm/simulate.js';
import type { LsmOptions } from '../../engine/rocksdb/options.js';
import { checkingObserver } from '../support/check-tree.js';
import { evenly, MiB, optionsOf, scenarioOf, smallStore, tell, treeOf, viewOf, whole, writeStep } from './build.js';

describe('the border of what is too old', () => {
  const options = optionsOf({ ttl: 100 });

  it('is where the first memtable begins that is young enough', () => {
    const births = createBirths();
    recordBirth(births, 1000, 50e6);
    recordBirth(births, 2000, 90e6);
    const borderAt = (sec: number): number => {
      expire(births, options, sec * 1e6);
      return births.expiredSeq;
    };
    expect([99, 101, 149, 151, 189].map(borderAt)).toEqual([0, 1000, 1000, 2000, 2000]);
    expect(borderAt(191)).toBe(Infinity);
    recordBirth(births, 3000, 192e6);
    expect(borderAt(193)).toBe(3000);
  });

  it('is never reached without a ttl', () => {
    const births = createBirths();
    expire(births, optionsOf({ ttl: 0 }), 1e15);
    expect(births.expiredSeq).toBe(0);
  });
});

describe('a leveled store', () => {
  it('sends a file that is too old one level down, when no level needs a compaction', () => {
    // Files of level 1 with newest put 10 and oldest 9; level 2 below.
    const tree = treeOf([[], [{ lo: 0, hi: 0.5, bytes: MiB, seq: 10 }, { lo: 0.5, hi: 1, bytes: MiB, seq: 20 }], evenly(2, MiB)]); // prettier-ignore
    expect(tell(tree, pickLeveled(viewOf(tree, optionsOf())))).toBe('none');
    const task = pickLeveled(viewOf(tree, optionsOf(), { expiredSeq: 15 }));
    expect([tell(tree, task), task?.reason]).toEqual(['merge L1[0] L2[0] -> L2', 'Ttl']);
  });

  it('leaves the last level alone, and what is too old but busy', () => {
    const last = treeOf([[], [], evenly(2, MiB)], 3);
    expect(tell(last, pickLeveled(viewOf(last, optionsOf({ num_levels: 3 }), { expiredSeq: 5 })))).toBe('none');
    const busy = treeOf([[], [{ lo: 0, hi: 1, bytes: MiB, seq: 1, busy: true }]]);
    expect(tell(busy, pickLeveled(viewOf(busy, optionsOf(), { expiredSeq: 5 })))).toBe('none');
  });
});

describe('a FIFO store', () => {
  const fifo = optionsOf({ compaction_style: 'fifo', fifo_max_table_files_size: 10 * MiB, fifo_allow_compaction: false });

  it('drops the files that are too old, unless size alone asks for more', () => {
    const small = treeOf([whole(5, MiB)], 1);
    expect(tell(small, pickFifo(viewOf(small, fifo, { expiredSeq: 2 })))).toBe('drop L0[0,1] -> L0');
    const large = treeOf([whole(15, MiB)], 1);
    const task = pickFifo(viewOf(large, fifo, { expiredSeq: 2 }));
    expect([task?.reason, task?.inputs[0]?.ids.length]).toEqual(['FIFOMaxSize', 5]);
  });
});

describe('a run with a ttl', () => {
  const run = (said: Partial<LsmOptions>): LsmResult =>
    runToEnd(
      startLsm(
        scenarioOf({ ...smallStore, ...said }, [
          writeStep({ puts: null, durationSec: 60, arrival: { kind: 'paced', bytesPerSec: 1.5e6 } }),
        ]),
        checkingObserver(5).observer,
      ),
    );

  it('writes more, for its old files are taken down level by level', () => {
    const without = run({ ttl: 0 });
    const short = run({ ttl: 20 });
    expect(run({ ttl: 1000 })).toEqual(without);
    expect(short.levels.at(-1)!.bytes).toBeGreaterThan(0);
    expect(without.levels.at(-1)!.bytes).toBe(0);
  });

  it('of FIFO holds what was written within it', () => {
    const fifo: Partial<LsmOptions> = { compaction_style: 'fifo', fifo_max_table_files_size: 1000 * MiB, fifo_allow_compaction: false };
    const held = run({ ...fifo, ttl: 20 }).levels[0]!.bytes;
    // 20 s of 1.5 MB/s, and the memtable that a file covers.
    expect(held / 30e6).toBeGreaterThan(0.95);
    expect(held / 30e6).toBeLessThan(1.1);
    expect(run({ ...fifo, ttl: 0 }).levels[0]!.bytes).toBeGreaterThan(80e6);
  });
});
