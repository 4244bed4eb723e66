import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createWriteController,
  recalculate,
  stallCause,
  type StallInputs,
  type WriteController,
} from '../../engine/lsm/write-controller.js';
import type { LsmOptions } from '../../engine/rocksdb/options.js';
import { GiB, KiB, MiB, optionsOf } from './build.js';

/** db_bench's limits: L0 20 / 36, debt 64 / 128 GiB, two memtables; nothing is wrong unless said. */
function inputs(said: Partial<Omit<StallInputs, 'options'>> = {}, options: Partial<LsmOptions> = {}): StallInputs {
  return {
    options: optionsOf(options),
    immutableMemtables: 0,
    l0DelayTriggerCount: 0,
    debtBytes: 0,
    pressureDebtBytes: 16 * GiB,
    ...said,
  };
}

function controller(rateBytesPerSec = 8 * MiB): WriteController {
  return createWriteController(rateBytesPerSec, 1);
}

/** Recalculates for family 0 and gives the rate. */
function rateAfter(state: WriteController, said: Partial<Omit<StallInputs, 'options'>>, options: Partial<LsmOptions> = {}): number {
  recalculate(state, 0, inputs(said, options));
  return state.rateBytesPerSec;
}

/** An L0 delay with this debt. */
const delayed = (debtBytes: number, l0DelayTriggerCount = 21): Partial<Omit<StallInputs, 'options'>> => ({
  debtBytes,
  l0DelayTriggerCount,
});
const normal = (debtBytes: number): Partial<Omit<StallInputs, 'options'>> => ({ debtBytes, l0DelayTriggerCount: 19 });

describe('the stall condition', () => {
  const all = { immutableMemtables: 6, l0DelayTriggerCount: 36, debtBytes: 200 * GiB };
  const six = { max_write_buffer_number: 6 };

  it('is the first that holds: memtable stop, L0 stop, debt stop, memtable delay, L0 delay, debt delay', () => {
    expect(stallCause(inputs(all, six))).toBe('memtable');
    expect(stallCause(inputs({ ...all, immutableMemtables: 5 }, six))).toBe('l0Stop');
    expect(stallCause(inputs({ ...all, immutableMemtables: 5, l0DelayTriggerCount: 35 }, six))).toBe('pendingStop');
    expect(stallCause(inputs({ immutableMemtables: 5, l0DelayTriggerCount: 35, debtBytes: 127 * GiB }, six))).toBe('memtableSlowdown');
    expect(stallCause(inputs({ immutableMemtables: 4, l0DelayTriggerCount: 35, debtBytes: 127 * GiB }, six))).toBe('l0Slowdown');
    expect(stallCause(inputs({ l0DelayTriggerCount: 19, debtBytes: 127 * GiB }))).toBe('pendingSlowdown');
    expect(stallCause(inputs({ l0DelayTriggerCount: 19, debtBytes: 63 * GiB }))).toBeNull();
  });

  it('begins at its trigger, not above it', () => {
    expect(stallCause(inputs({ immutableMemtables: 2 }))).toBe('memtable');
    expect(stallCause(inputs({ immutableMemtables: 1 }))).toBeNull();
    expect(stallCause(inputs({ l0DelayTriggerCount: 20 }))).toBe('l0Slowdown');
    expect(stallCause(inputs({ l0DelayTriggerCount: 36 }))).toBe('l0Stop');
    expect(stallCause(inputs({ debtBytes: 64 * GiB }))).toBe('pendingSlowdown');
    expect(stallCause(inputs({ debtBytes: 128 * GiB }))).toBe('pendingStop');
  });

  it('memtable delay needs more than three memtables, and more waiting than min_write_buffer_number_to_merge', () => {
    expect(stallCause(inputs({ immutableMemtables: 2 }, { max_write_buffer_number: 3 }))).toBeNull();
    expect(stallCause(inputs({ immutableMemtables: 3 }, { max_write_buffer_number: 4 }))).toBe('memtableSlowdown');
    const merging = { max_write_buffer_number: 4, min_write_buffer_number_to_merge: 3 };
    expect(stallCause(inputs({ immutableMemtables: 3 }, merging))).toBeNull();
  });

  it('without automatic compactions only memtables count; a limit of 0 is no limit', () => {
    expect(stallCause(inputs({ l0DelayTriggerCount: 99, debtBytes: 999 * GiB }, { disable_auto_compactions: true }))).toBeNull();
    expect(stallCause(inputs({ immutableMemtables: 2 }, { disable_auto_compactions: true }))).toBe('memtable');
    const unlimited = { soft_pending_compaction_bytes_limit: 0, hard_pending_compaction_bytes_limit: 0 };
    expect(stallCause(inputs({ debtBytes: 999 * GiB }, unlimited))).toBeNull();
  });
});

describe('the delayed write rate', () => {
  it('starts at delayed_write_rate, and entering a delay leaves it', () => {
    const state = controller();
    expect(rateAfter(state, delayed(5 * GiB))).toBe(8388608);
    expect(state.tokens).toEqual(['delay']);
    expect(state.causes).toEqual(['l0Slowdown']);
  });

  it('goes as in a real run: 8388608, 6710886, 5368708, 4294966, then after a way out 6012952', () => {
    // [measured] 7.8.3, rates of the "Stalling writes" lines: x 0.8 rounded down each time the debt is no smaller, x 1.4 on leaving.
    const state = controller();
    expect([1, 1, 2, 2].map((gib) => rateAfter(state, delayed(gib * GiB)))).toEqual([8388608, 6710886, 5368708, 4294966]);
    rateAfter(state, normal(2 * GiB));
    expect(rateAfter(state, delayed(3 * GiB))).toBe(6012952);
    expect(rateAfter(state, delayed(3 * GiB))).toBe(4810361);
  });

  it('equal debt counts as worse: x 0.8; less debt: x 1.25, up to the maximum', () => {
    const state = controller(1_000_000);
    rateAfter(state, delayed(8 * GiB));
    expect(rateAfter(state, delayed(8 * GiB))).toBe(800_000);
    expect(rateAfter(state, delayed(7 * GiB))).toBe(1_000_000);
    expect(rateAfter(state, delayed(6 * GiB))).toBe(1_000_000);
  });

  it('a memtable is switched and flushed for each compaction commit, twice: 0.8 x 0.8 x 1.25 x 0.8 x 0.8 x 1.25 = 0.64', () => {
    const state = controller(1_000_000);
    rateAfter(state, delayed(8 * GiB));
    for (const gib of [8, 9, 7, 7, 9, 7]) rateAfter(state, delayed(gib * GiB));
    expect(state.rateBytesPerSec).toBe(640_000);
  });

  it('near a stop: x 0.6, even when the debt fell; L0 within two files of its stop', () => {
    const state = controller(1_000_000);
    rateAfter(state, delayed(8 * GiB, 34));
    expect(rateAfter(state, delayed(7 * GiB, 34))).toBe(600_000);
    expect(rateAfter(state, delayed(6 * GiB, 33))).toBe(750_000);
  });

  it('near a stop by debt: more than three quarters of the way from soft to hard', () => {
    // 64 + 0.75 x 64 = 112 GiB
    const state = controller(1_000_000);
    const debt = (gib: number): Partial<Omit<StallInputs, 'options'>> => ({ debtBytes: gib * GiB });
    rateAfter(state, debt(70));
    expect(rateAfter(state, debt(112))).toBe(800_000);
    expect(rateAfter(state, debt(113))).toBe(480_000);
    expect(rateAfter(state, debt(112.5))).toBe(288_000);
  });

  it('never falls below 16 KiB/s, and a maximum that low never moves', () => {
    const state = controller(20_000);
    rateAfter(state, delayed(GiB));
    expect([1, 1, 1].map((gib) => rateAfter(state, delayed(gib * GiB)))).toEqual([16_384, 16_384, 16_384]);
    const least = controller(16 * KiB);
    rateAfter(least, delayed(GiB));
    expect(rateAfter(least, delayed(GiB))).toBe(16_384);
  });

  it('delay, stop, delay does not penalise; neither does a stop that ends', () => {
    const state = controller(1_000_000);
    rateAfter(state, delayed(GiB));
    rateAfter(state, delayed(GiB));
    expect(rateAfter(state, { immutableMemtables: 2, debtBytes: GiB })).toBe(800_000);
    expect(state.tokens).toEqual(['stop']);
    expect(rateAfter(state, delayed(2 * GiB))).toBe(800_000);
    rateAfter(state, { immutableMemtables: 2, debtBytes: GiB });
    expect(rateAfter(state, normal(GiB))).toBe(800_000);
  });

  it('another family that is stopped penalises a delay that goes on', () => {
    const state = createWriteController(1_000_000, 2);
    recalculate(state, 0, inputs(delayed(2 * GiB)));
    recalculate(state, 1, inputs({ immutableMemtables: 2 }));
    recalculate(state, 0, inputs(delayed(GiB)));
    expect(state.rateBytesPerSec).toBe(600_000);
    expect(state.tokens).toEqual(['delay', 'stop']);
  });

  it('of a delay that any family holds is paid back when another is found normal (NeedsDelay is asked of the whole DB)', () => {
    const state = createWriteController(1_000_000, 2);
    recalculate(state, 0, inputs(delayed(2 * GiB)));
    recalculate(state, 0, inputs(delayed(2 * GiB)));
    expect(state.rateBytesPerSec).toBe(800_000);
    recalculate(state, 1, inputs({}));
    expect(state.rateBytesPerSec).toBe(1_000_000);
    expect(state.tokens[0]).toBe('delay');
  });

  it('without debt (universal) a delay that goes on keeps its rate', () => {
    const state = controller(1_000_000);
    expect([21, 22, 21].map((l0) => rateAfter(state, delayed(0, l0)))).toEqual([1_000_000, 1_000_000, 1_000_000]);
    expect(rateAfter(state, delayed(0, 34))).toBe(600_000);
    expect(rateAfter(state, delayed(0, 30))).toBe(600_000);
  });

  it('debt seen while nothing was wrong is what the next one is compared with', () => {
    const state = controller(1_000_000);
    rateAfter(state, delayed(8 * GiB));
    rateAfter(state, { immutableMemtables: 2, debtBytes: 4 * GiB });
    rateAfter(state, delayed(4 * GiB));
    // 6 GiB is less than the 8 of the first delay, more than the 4 in between.
    expect(rateAfter(state, delayed(6 * GiB))).toBe(800_000);
  });

  it('without automatic compactions it is the maximum again', () => {
    const state = controller(1_000_000);
    rateAfter(state, delayed(GiB));
    rateAfter(state, delayed(GiB));
    const off = { disable_auto_compactions: true, max_write_buffer_number: 4 };
    expect(rateAfter(state, { immutableMemtables: 3 }, off)).toBe(1_000_000);
  });
});

describe('the pressure token', () => {
  const tokenFor = (said: Partial<Omit<StallInputs, 'options'>>, options: Partial<LsmOptions> = {}): string =>
    recalculate(controller(), 0, inputs(said, options));

  it('comes at min(2 x trigger, trigger + (slowdown - trigger) / 4) files in L0: 8 with 4 and 20', () => {
    expect(tokenFor({ l0DelayTriggerCount: 7 })).toBe('none');
    expect(tokenFor({ l0DelayTriggerCount: 8 })).toBe('pressure');
    // 10 + (20 - 10) / 4 = 12, rounded down
    const ten = { level0_file_num_compaction_trigger: 10 };
    expect([11, 12].map((l0) => tokenFor({ l0DelayTriggerCount: l0 }, ten))).toEqual(['none', 'pressure']);
  });

  it('comes with enough debt', () => {
    expect(tokenFor({ debtBytes: 16 * GiB - 1 })).toBe('none');
    expect(tokenFor({ debtBytes: 16 * GiB })).toBe('pressure');
  });
});

describe('whatever happens', () => {
  it('the rate stays between 16 KiB/s and its maximum, in whole bytes, and the token follows the condition', () => {
    const event = fc.record({
      immutableMemtables: fc.integer({ min: 0, max: 4 }),
      l0DelayTriggerCount: fc.integer({ min: 0, max: 40 }),
      debtBytes: fc.integer({ min: 0, max: 140 }).map((gib) => gib * GiB),
    });
    fc.assert(
      fc.property(fc.integer({ min: 16 * KiB, max: 64 * MiB }), fc.array(event, { maxLength: 60 }), (maxRate, events) => {
        const state = controller(maxRate);
        for (const said of events) {
          const now = inputs(said, { max_write_buffer_number: 4 });
          const cause = stallCause(now);
          const token = recalculate(state, 0, now);
          expect(token === 'stop').toBe(cause === 'memtable' || cause === 'l0Stop' || cause === 'pendingStop');
          expect(token === 'none' || token === 'pressure').toBe(cause === null);
          expect(state.rateBytesPerSec).toBeGreaterThanOrEqual(16 * KiB);
          expect(state.rateBytesPerSec).toBeLessThanOrEqual(maxRate);
          expect(Number.isInteger(state.rateBytesPerSec)).toBe(true);
        }
      }),
      { seed: 42, numRuns: 100 },
    );
  });
});
