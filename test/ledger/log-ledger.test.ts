import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PutmodelError } from '../../engine/kernel/errors.js';
import type { ClosureCheck } from '../../engine/ledger/closure.js';
import { checkLog, ledgerOfLog } from '../../engine/ledger/from-log.js';
import type { Ledger } from '../../engine/ledger/ledger.js';
import { createLogAccount, type LedgerEnd } from '../../engine/ledger/log-account.js';
import { createLogReader } from '../../engine/rocksdb/log.js';
import { at, compactionEnd, compactionStart, created, dump, flush, opening, sampleLog } from './sample-log.js';

const gib = 1024 * 1024 * 1024;

function ledgerOf(text: string, until: LedgerEnd = 'dump'): { ledger: Ledger; checks: readonly ClosureCheck[]; notes: readonly string[] } {
  const account = createLogAccount({ until, printedUptimeSec: null });
  const reader = createLogReader({ onEvent: (event) => account.add(event), file: 'LOG' });
  reader.push(text);
  reader.end();
  const log = account.finish();
  return { ledger: ledgerOfLog(log, null), ...checkLog(log, null) };
}

const open = (checks: readonly ClosureCheck[]): string[] =>
  checks.filter(({ decides, closed }) => decides && !closed).map(({ name }) => name);

describe('the ledger of a LOG', () => {
  it('has every byte in the row of its output level, and closes against table and tickers', () => {
    const { ledger, checks, notes } = ledgerOf(sampleLog());
    expect(ledger).toMatchObject({
      spanSec: 10,
      userBytes: 3.5 * gib,
      walWrittenBytes: 3.5 * gib,
      flushedBytes: 4 * gib,
      compactionWrittenBytes: 3 * gib,
      compactionReadBytes: 4 * gib,
      unfinishedBytes: 0,
    });
    expect(ledger.levels).toEqual([
      {
        level: 0,
        jobs: 2,
        flushedBytes: 4 * gib,
        readBytes: 0,
        readUpperBytes: 0,
        writtenBytes: 4 * gib,
        movedBytes: 0,
        recordsIn: 2000,
        recordsDropped: 0,
      },
      {
        level: 1,
        jobs: 1,
        flushedBytes: 0,
        readBytes: 4 * gib,
        readUpperBytes: 4 * gib,
        writtenBytes: 3 * gib,
        movedBytes: 0,
        recordsIn: 2000,
        recordsDropped: 100,
      },
      {
        level: 2,
        jobs: 0,
        flushedBytes: 0,
        readBytes: 0,
        readUpperBytes: 0,
        writtenBytes: 0,
        movedBytes: 3 * gib,
        recordsIn: 0,
        recordsDropped: 0,
      },
    ]);
    expect(open(checks)).toEqual([]);
    expect(checks.filter(({ decides }) => decides)).toHaveLength(7);
    for (const { differenceBytes } of checks) expect(differenceBytes).toBe(0);
    expect(notes).toEqual([]);
  });

  it('is open when the table tells 2 % more than the events', () => {
    const log = opening(0) + flush(2, 2, 8, 50 * gib) + dump(10, 10, { flushed: 51 * gib, levels: [51 * gib], read: 0, ingest: gib });
    const { checks } = ledgerOf(log);
    expect(open(checks)).toEqual([
      'flush writes: table of line 10, 10.0 s',
      'all writes: table of line 10, 10.0 s',
      'L0 writes: table of line 10, 10.0 s',
      'flush writes: tickers at line 10, 10.0 s',
    ]);
    expect(checks[0]).toMatchObject({
      ledgerBytes: 50 * gib,
      differenceBytes: expect.closeTo(gib, -5) as number,
      toleranceBytes: expect.closeTo(0.51 * gib, -5) as number,
    });
  });

  it('a job that ended before a dump counts in it, though its line stands behind; one just after it is an explained difference', () => {
    const start = opening(0) + flush(2, 2, 8, 2 * gib) + compactionStart(5, 4, { 0: [8] }, 2 * gib) + created(9, 4, 10, 2 * gib);
    const table = dump(10, 10, { flushed: 2 * gib, levels: [2 * gib, 2 * gib], read: 2 * gib, ingest: gib });
    const late = at(
      10.02,
      '(Original Log Time 2026/11/20-22:58:09.990000) ' +
        compactionEnd(10.02, 4, 1, 2 * gib)
          .slice(32)
          .trimEnd(),
    );
    const before = ledgerOf(start + table + late);
    expect(before.ledger.compactionWrittenBytes).toBe(2 * gib);
    expect(open(before.checks)).toEqual([]);
    const after = ledgerOf(start + table + compactionEnd(10.05, 4, 1, 2 * gib));
    expect(open(after.checks)).toEqual([]);
    expect(after.checks.find(({ name }) => name.startsWith('all writes'))).toMatchObject({
      ledgerBytes: 2 * gib,
      explainedBytes: 2 * gib,
      explanation: 'jobs that finished as it was printed',
    });
    expect(open(ledgerOf(start + table + compactionEnd(10.2, 4, 1, 2 * gib)).checks)).toContain('all writes: table of line 12, 10.0 s');
  });

  it('what a running compaction has written explains the tickers, and is told as unfinished', () => {
    const log =
      opening(0) +
      flush(2, 2, 8, 2 * gib) +
      compactionStart(5, 4, { 0: [8] }, 2 * gib) +
      created(9, 4, 10, 0.5 * gib) +
      dump(10, 10, { flushed: 2 * gib, levels: [2 * gib], read: 0, ingest: gib, compactTicker: 0.75 * gib });
    const { ledger, checks } = ledgerOf(log);
    expect(ledger.unfinishedBytes).toBe(0.5 * gib);
    expect(checks.find(({ name }) => name.startsWith('compaction writes'))).toMatchObject({
      explainedBytes: 0.75 * gib,
      closed: true,
      explanation: 'what unfinished compactions had written (1 compaction still running)',
    });
  });

  it('a second opening is checked by itself; what it wrote from the WAL is a flush in the table and a compaction in the tickers', () => {
    const recovery =
      at(20, 'EVENT_LOG_v1 {"time_micros": 1, "job": 1, "event": "recovery_started", "wal_files": [59]}') +
      created(20.1, 1, 63, gib) +
      at(20.2, 'EVENT_LOG_v1 {"time_micros": 1, "job": 1, "event": "recovery_finished", "status": "OK"}');
    const log =
      sampleLog() +
      opening(20) +
      recovery +
      flush(25, 2, 70, gib) +
      dump(30, 10, { flushed: 2 * gib, levels: [2 * gib], read: 0, ingest: gib, flushTicker: gib, compactTicker: gib });
    const { ledger, checks } = ledgerOf(log);
    expect(open(checks)).toEqual([]);
    expect(checks.filter(({ name }) => name.includes('opening 1: '))).toHaveLength(9);
    expect(checks.find(({ name }) => name.startsWith('flush writes: opening 2: tickers'))).toMatchObject({
      explainedBytes: -gib,
      differenceBytes: 0,
    });
    expect(ledger.flushedBytes).toBe(6 * gib);
    // 3.5 GiB of the first opening's dump, but 4 GiB were flushed: the larger.
    expect(ledger.userBytes).toBe(4 * gib + gib);
  });

  it('a LOG that begins while the store is open is compared by the growth between its tables', () => {
    const log =
      at(0, 'RocksDB version: 7.8.3') +
      dump(1, 1000, { flushed: 80 * gib, levels: [80 * gib], read: 0, ingest: 70 * gib }) +
      flush(5, 2, 8, 2 * gib) +
      dump(10, 1009, { flushed: 82 * gib, levels: [82 * gib], read: 0, ingest: 72 * gib });
    const { ledger, checks } = ledgerOf(log);
    expect(open(checks)).toEqual([]);
    expect(checks[0]).toMatchObject({ ledgerBytes: 2 * gib, otherBytes: 2 * gib });
    expect(ledger.userBytes).toBe(2 * gib);
    const single = ledgerOf(
      at(0, 'x') + flush(5, 2, 8, gib) + dump(10, 1009, { flushed: 82 * gib, levels: [82 * gib], read: 0, ingest: gib }),
    );
    expect(open(single.checks)).toEqual([]);
    expect(single.notes).toContain('the log begins while the store is open and has one table: nothing to compare it with');
  });

  it('a table whose uptime does not fit its place is not compared, and it is said', () => {
    const log = opening(0) + flush(5, 2, 8, gib) + dump(80, 4.8, { flushed: 9 * gib, levels: [9 * gib], read: 0, ingest: gib });
    const { checks, notes } = ledgerOf(log);
    expect(open(checks)).toEqual([]);
    expect(notes[0]).toBe('table of line 10, 4.8 s: 80.0 s after the opening; parts of the log are missing, not compared');
  });

  it('the size of inputs that the LOG does not tell is not guessed', () => {
    const log = opening(0) + flush(2, 2, 8, gib) + compactionStart(5, 4, { 0: [8], 1: [3], 2: [5] }, 3 * gib) + compactionEnd(6, 4, 2, gib);
    expect(ledgerOf(log, 'log').ledger.levels.find(({ level }) => level === 2)).toMatchObject({ readBytes: 3 * gib, readUpperBytes: null });
    const known = opening(0) + flush(2, 2, 8, gib) + compactionStart(5, 4, { 0: [8], 1: [3] }, 3 * gib) + compactionEnd(6, 4, 1, gib);
    expect(ledgerOf(known, 'log').ledger.levels.find(({ level }) => level === 1)).toMatchObject({ readUpperBytes: gib });
  });

  it('it ends where it was asked to, and with the log when that never comes', () => {
    const log = sampleLog() + flush(15, 9, 30, gib);
    expect(ledgerOf(log, 'dump').ledger).toMatchObject({ spanSec: 10, flushedBytes: 4 * gib });
    expect(ledgerOf(log, 'benchmark').ledger).toMatchObject({ spanSec: 11, flushedBytes: 4 * gib });
    expect(ledgerOf(log, 'log').ledger).toMatchObject({ spanSec: 15, flushedBytes: 5 * gib });
    expect(ledgerOf(opening(0) + flush(3, 2, 8, gib), 'dump').ledger).toMatchObject({
      spanSec: 3,
      userBytes: gib,
      walWrittenBytes: null,
      walDeviceBytes: null,
    });
  });

  it('levels and intervals add up to the streams, whatever the jobs', () => {
    const job = fc.record({
      second: fc.integer({ min: 2, max: 3000 }),
      level: fc.integer({ min: 0, max: 6 }),
      bytes: fc.integer({ min: 0, max: 1e9 }),
      flush: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(job, { maxLength: 40 }), (jobs) => {
        const text = jobs
          .toSorted((a, b) => a.second - b.second)
          .map((one, index) =>
            one.flush
              ? flush(one.second, index + 2, index, one.bytes)
              : compactionStart(one.second - 1, index + 2, { 0: [index] }, one.bytes) +
                compactionEnd(one.second, index + 2, one.level, one.bytes),
          );
        const { ledger } = ledgerOf(opening(0) + text.join(''), 'log');
        const total = ledger.flushedBytes + ledger.compactionWrittenBytes;
        const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
        expect(total).toBe(sum(jobs.map(({ bytes }) => bytes)));
        expect(sum(ledger.levels.map(({ writtenBytes }) => writtenBytes))).toBe(total);
        expect(sum(ledger.intervals.map((one) => one.flushedBytes + one.compactionWrittenBytes))).toBe(total);
        expect(sum(ledger.intervals.flatMap(({ levels }) => levels.map(({ writtenBytes }) => writtenBytes)))).toBe(total);
        expect(ledger.intervals.length).toBeLessThanOrEqual(512);
      }),
      { seed: 42, numRuns: 60 },
    );
  });

  it('cut at every byte, a small LOG gives a ledger or a clear error: no crash, no NaN', () => {
    const text = sampleLog();
    for (let length = 0; length <= text.length; length++) {
      try {
        const { ledger, checks } = ledgerOf(text.slice(0, length), length % 2 === 0 ? 'dump' : 'log');
        expect(ledger.flushedBytes).toBeLessThanOrEqual(4 * gib);
        expect(ledger.compactionWrittenBytes).toBeLessThanOrEqual(3 * gib);
        for (const { differenceBytes, toleranceBytes } of checks) expect(Number.isFinite(differenceBytes + toleranceBytes)).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(PutmodelError);
        expect(length).toBeLessThan(30);
      }
    }
  });

  it('the real LOG of two families closes, and its WAL was off', () => {
    const text = readFileSync(new URL('../fixtures/log/LOG-7.8.3-two-families', import.meta.url), 'latin1');
    const { ledger, checks } = ledgerOf(text);
    expect(open(checks)).toEqual([]);
    expect(checks.filter(({ decides }) => decides).length).toBeGreaterThan(4);
    expect(ledger).toMatchObject({ walWrittenBytes: 0, walDeviceBytes: 0 });
    expect(ledger.flushedBytes).toBeGreaterThan(10_000_000);
  });
});
