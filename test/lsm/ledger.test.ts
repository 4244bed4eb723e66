import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileBytes } from '../../engine/ledger/ledger.js';
import { runToEnd } from '../../engine/kernel/run.js';
import { closeLsmLedger, ledgerOfLsmResult } from '../../engine/lsm/ledger.js';
import { startLsm } from '../../engine/lsm/simulate.js';
import type { HostState } from '../../engine/lsm/state.js';
import { ENTRIES } from '../../engine/lsm/tree.js';
import type { LsmOptions } from '../../engine/rocksdb/options.js';
import { MiB, scenarioOf, smallStore, writeStep } from './build.js';

const sum = (values: Iterable<number>): number => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};

describe('the ledger of a simulated run', () => {
  it('closes exactly: every byte written is a flush or a compaction, and what was not read again is what lies there', () => {
    const run = fc.record({
      compaction_style: fc.constantFrom<LsmOptions['compaction_style']>('level', 'level', 'universal'),
      max_background_jobs: fc.constantFrom(2, 8),
      level_compaction_dynamic_level_bytes: fc.boolean(),
      keyCount: fc.constantFrom(2_000, 1_000_000),
      puts: fc.integer({ min: 1_000, max: 40_000 }),
      disableWal: fc.boolean(),
      valueSizeBytes: fc.constantFrom(100, 1024),
    });
    fc.assert(
      fc.property(run, ({ keyCount, puts, disableWal, valueSizeBytes, ...options }) => {
        let host: HostState | null = null;
        const scenario = scenarioOf({ ...smallStore, ...options }, [writeStep({ keyCount, puts, disableWal, valueSizeBytes })]);
        const started = startLsm(scenario, (_, state) => (host = state));
        while (started.advance(65_536) === 'more') continue;
        // Before finishing: the model then runs on, to see how long its debt takes.
        const left = entriesLeft(host);
        const result = started.finish();
        const ledger = ledgerOfLsmResult(result);
        const { closed, checks, amplification } = closeLsmLedger(result);
        expect(checks.filter((check) => !check.closed)).toEqual([]);
        expect(closed).toBe(true);
        expect(sum(ledger.levels.map(({ writtenBytes }) => writtenBytes))).toBe(fileBytes(ledger));
        expect(sum(ledger.levels.map(({ flushedBytes }) => flushedBytes))).toBe(ledger.flushedBytes);
        // In = out + what lies there, to the byte.
        expect(sum(result.levels.map(({ bytes }) => bytes))).toBe(fileBytes(ledger) - ledger.compactionReadBytes);
        expect(sum(ledger.intervals.map(({ flushedBytes }) => flushedBytes))).toBe(ledger.flushedBytes);
        expect(sum(ledger.intervals.map(({ compactionWrittenBytes }) => compactionWrittenBytes))).toBe(ledger.compactionWrittenBytes);
        if (ledger.flushedBytes > 0) expect(amplification.closure_error).toBeLessThan(1e-6);
        // Entries: put = left + dropped; the rows count whole ones, the model fractions.
        const dropped = sum(ledger.levels.map(({ recordsDropped }) => recordsDropped));
        if (left !== null) expect(Math.abs(left + dropped - puts)).toBeLessThan(8);
      }),
      { seed: 42, numRuns: 25 },
    );
  });

  it('has the columns of a real one', () => {
    const result = runToEnd(startLsm(scenarioOf(smallStore, [writeStep({ puts: 30_000, disableWal: false })])));
    const ledger = ledgerOfLsmResult(result);
    expect(ledger.source).toBe('simulation');
    expect(ledger.userBytes).toBe(30_000 * 1040);
    expect(ledger.walWrittenBytes).toBeGreaterThan(30_000 * 1040);
    expect(ledger.levels[0]).toMatchObject({ level: 0, flushedBytes: result.flushedBytes });
    expect(ledger.levels.map(({ level }) => level)).toEqual(ledger.levels.map((_, index) => index));
    expect(ledger.intervals.at(-1)?.endSec).toBeLessThanOrEqual(ledger.spanSec);
    expect(sum(ledger.intervals.map(({ userBytes }) => userBytes ?? 0)) / MiB).toBeCloseTo((ledger.userBytes ?? 0) / MiB, 1);
  });
});

/** Entries in files and memtables when the run ended; null when nothing was ever written to a file. */
function entriesLeft(host: HostState | null): number | null {
  const family = host?.stores[0]?.families[0];
  if (family === undefined) return null;
  const { tree, active, immutables } = family;
  const inFiles = tree.levels.flatMap(({ ids, count }) =>
    Array.from(ids.subarray(0, count), (id) => tree.files.rows[id * 8 + ENTRIES] ?? 0),
  );
  return sum(inFiles) + active.entries + sum(immutables.map(({ entries }) => entries));
}
