import { describe, expect, test } from 'vitest';
import { createLogReader, type LogEvent } from '../../engine/rocksdb/log.js';
import { compactionStatsText, humanCount, humanSize, rocksdbLogText, statsTextRows } from '../../engine/scenario/rocksdb-log.js';
import { sampleResult, sampleScenario } from './sample.js';

describe('Compaction Stats', () => {
  test('are laid out as RocksDB 7.8 prints them', () => {
    const lines = compactionStatsText(sampleResult()).split('\n');
    expect(lines[0]).toBe('** Compaction Stats [default] **');
    expect(lines[2]).toMatch(/^-+$/);
    // From a real LOG: "  L0     27/26  418.07 MB   0.2      0.0     0.0      0.0       3.5      3.5       0.0   1.0      0.0     34.9    103.79              5.54       234    0.444       0      0       0.0       0.0"
    expect(lines[3]).toBe(
      '  L0      3/0   48.00 MB   0.8      0.0     0.0      0.0       1.0      1.0       0.0   1.0      0.0    102.4     10.00              4.00        64    0.156       0      0       0.0       0.0',
    );
  });

  test('sum all writes over what was flushed: 3 GiB / 1 GiB', () => {
    expect(statsTextRows(sampleResult()).at(-1)).toMatchObject({ name: 'Sum', writeAmplification: 3, compactions: 80, files: 19 });
  });

  test('leave out levels that were never used', () => {
    expect(statsTextRows(sampleResult()).map((row) => row.name)).toEqual(['L0', 'L1', 'Sum']);
  });
});

test.each([
  [0, '0.00 KB'],
  [1024 * 1024 - 1, '1024.00 KB'],
  [418.07 * 1024 * 1024, '418.07 MB'],
  [5 * 1024 ** 5, '5120.00 TB'],
])('%d bytes print as %s', (bytes, text) => {
  expect(humanSize(bytes)).toBe(text);
});

test.each([
  [9999, '9999'],
  [10_000, '10K'],
  [6_174_999, '6174K'],
  [11_999_999, '11M'],
  [10_000_000_000, '10G'],
])('%d records print as %s', (count, text) => {
  expect(humanCount(count)).toBe(text);
});

test('a LOG is read by our own reader of real LOGs: version, options, one dump with the same figures', () => {
  const events: LogEvent[] = [];
  const unread: unknown[] = [];
  const reader = createLogReader({ onEvent: (event) => events.push(event), onUnread: (issue) => unread.push(issue) });
  reader.push(rocksdbLogText(sampleScenario, sampleResult()));
  reader.end();
  expect(unread).toEqual([]);
  expect(events[0]).toMatchObject({ kind: 'opened', version: '7.8.3' });
  expect(events).toContainEqual(expect.objectContaining({ kind: 'option', name: 'write_buffer_size', value: '16777216' }));
  const stats = events.find((event) => event.kind === 'stats');
  expect(stats).toMatchObject({
    dump: {
      db: { uptimeSec: 4, keys: 4000, stallSec: 1.25 },
      families: [{ family: 'default', flushedBytes: 1024 ** 3, writtenBytes: 3 * 1024 ** 3, pendingCompactionBytes: 512 * 1024 ** 2 }],
    },
  });
});
