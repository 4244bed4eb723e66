import { describe, expect, it } from 'vitest';
import { closeLedger, closureCheck } from '../../engine/ledger/closure.js';
import { ledgerCsv } from '../../engine/ledger/csv.js';
import { amplificationOf, type DeviceFigures, type Ledger } from '../../engine/ledger/ledger.js';
import { createWalTracker } from '../../engine/ledger/wal.js';

const level = {
  level: 0,
  jobs: 1,
  flushedBytes: 100,
  readBytes: 0,
  readUpperBytes: 0,
  writtenBytes: 100,
  movedBytes: 0,
  recordsIn: 5,
  recordsDropped: 1,
};
const ledger: Ledger = {
  source: 'log',
  spanSec: 10,
  userBytes: 100,
  userSource: '',
  walWrittenBytes: 100,
  walDeviceBytes: 20,
  walSource: '',
  flushedBytes: 100,
  compactionWrittenBytes: 200,
  compactionReadBytes: 150,
  unfinishedBytes: 0,
  levels: [level, { ...level, level: 1, flushedBytes: 0, readBytes: 150, readUpperBytes: null, writtenBytes: 200 }],
  intervals: [
    {
      startSec: 0,
      endSec: 10,
      userBytes: null,
      walWrittenBytes: null,
      flushedBytes: 100,
      compactionReadBytes: null,
      compactionWrittenBytes: 0,
      levels: [level],
    },
  ],
};
const device = (writtenBytes: number | null, counts: DeviceFigures['counts'] = 'device'): DeviceFigures => ({
  source: 'iostat',
  counts,
  writtenBytes,
  readBytes: 50,
  notes: [],
});

describe('the amplifications', () => {
  it('are the ratios of the document; the closure error counts only the WAL that can be on the device', () => {
    const found = amplificationOf(ledger, device(320));
    expect(found).toMatchObject({ wa_stat: 4, wa_device: 3.2, ra_comp: 1.5, ra_runtime: 0.5, closure_error: 0 });
    expect(found.closure_error_document).toBeCloseTo(0.2, 12);
    expect(amplificationOf(ledger, device(400, 'files')).closure_error).toBe(0);
  });

  it('are null where a figure is missing, never NaN', () => {
    expect(amplificationOf({ ...ledger, userBytes: null, walWrittenBytes: null }, null)).toEqual({
      wa_stat: null,
      wa_device: null,
      ra_comp: null,
      ra_runtime: null,
      closure_error: null,
      closure_error_document: null,
    });
    expect(amplificationOf({ ...ledger, userBytes: 0 }, device(1)).wa_stat).toBeNull();
  });
});

describe('closure', () => {
  it('criterion A1: device writes within 10 % of what the ledger expects', () => {
    expect(closeLedger(ledger, [device(352)], [], []).closed).toBe(true);
    expect(closeLedger(ledger, [device(353)], [], []).closed).toBe(false);
    expect(closeLedger(ledger, [device(288)], [], []).closed).toBe(true);
  });

  it('without anything that decides it is neither closed nor open', () => {
    expect(closeLedger(ledger, [device(null)], [], []).closed).toBeNull();
    expect(closeLedger(ledger, [{ ...device(1), source: 'tickers' }], [], []).closed).toBeNull();
  });

  it('an explained part counts, and rounding where it is larger than the fraction', () => {
    const parts = { kind: 'internal', name: 'x', ledgerBytes: 1000, otherBytes: 1100, toleranceFraction: 0.01, decides: true } as const;
    expect(closureCheck(parts)).toMatchObject({ differenceBytes: 100, toleranceBytes: 11, closed: false });
    expect(closureCheck({ ...parts, explainedBytes: 90 })).toMatchObject({ differenceBytes: 10, closed: true });
    expect(closureCheck({ ...parts, roundingBytes: 100 })).toMatchObject({ toleranceBytes: 100, closed: true });
  });
});

describe('ledger.csv', () => {
  it('has the whole first, then each interval; what is not known is empty or left out', () => {
    expect(ledgerCsv(ledger)).toBe(
      [
        'interval,startSec,endSec,row,jobs,readBytes,readUpperBytes,writtenBytes,flushedBytes,movedBytes,recordsIn,recordsDropped',
        'total,0,10,user,,,,100,,,,',
        'total,0,10,wal,,,,100,,,,',
        'total,0,10,flush,,,,100,100,,,',
        'total,0,10,compaction,,150,,200,,,,',
        'total,0,10,L0,1,0,0,100,100,0,5,1',
        'total,0,10,L1,1,150,,200,0,0,5,1',
        '0,0,10,flush,,,,100,100,,,',
        '0,0,10,compaction,,,,0,,,,',
        '0,0,10,L0,1,0,0,100,100,0,5,1',
        '',
      ].join('\n'),
    );
  });
});

describe('WAL bytes that can have reached the device', () => {
  const sec = 1_000_000;

  it('are none when every WAL is deleted within 30 s', () => {
    const wal = createWalTracker();
    wal.opened(0);
    for (let i = 1; i <= 10; i++) {
      wal.switched('default', i * 10 * sec);
      wal.flushed('default', (i * 10 + 5) * sec, 1);
    }
    expect(wal.writtenBackFraction(105 * sec)).toBe(0);
  });

  it('are those older than 30 s when the file is deleted: of one written over 60 s and deleted after 70 s, the first 40 s', () => {
    const wal = createWalTracker();
    wal.opened(0);
    wal.switched('default', 60 * sec);
    wal.flushed('default', 70 * sec, 1);
    expect(wal.writtenBackFraction(70 * sec)).toBeCloseTo(2 / 3, 12);
  });

  it('with two families a WAL lives until both have flushed what is in it', () => {
    const wal = createWalTracker();
    wal.opened(0);
    wal.switched('a', 5 * sec);
    wal.switched('b', 10 * sec);
    wal.flushed('a', 12 * sec, 1);
    // Both WALs hold entries of b's first memtable.
    wal.flushed('b', 100 * sec, 1);
    expect(wal.writtenBackFraction(100 * sec)).toBe(1);
  });

  it('are not known when no memtable was ever switched', () => {
    const wal = createWalTracker();
    wal.opened(0);
    expect(wal.writtenBackFraction(9 * sec)).toBeNull();
  });
});
