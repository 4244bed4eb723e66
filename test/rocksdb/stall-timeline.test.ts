import { describe, expect, it } from 'vitest';
import { createLogReader } from '../../engine/rocksdb/log.js';
import { createStallTimeline } from '../../engine/rocksdb/stall-timeline.js';

const second = (text: string): number => Date.UTC(2026, 10, 20, 22, 58, Number(text)) * 1000;
const at = (time: string, thread: string, rest: string): string => `2026/11/20-22:58:${time} ${thread} ${rest}\n`;

const log =
  at('00.000000', '1', 'RocksDB version: 7.8.3') +
  // The writer (thread 9) switches memtables: normal, then stopped.
  at('01.000000', '9', '[db/db_impl/db_impl_write.cc:2089] [default] New memtable created with log file: #4. Immutable memtables: 0.') +
  at('01.000010', '5', 'EVENT_LOG_v1 {"time_micros": 1, "job": 2, "event": "flush_started", "num_memtables": 1, "num_entries": 10}') +
  at('02.000000', '9', '[db/db_impl/db_impl_write.cc:2089] [default] New memtable created with log file: #4. Immutable memtables: 1.') +
  at(
    '02.000000',
    '9',
    '[WARN] [db/column_family.cc:944] [default] Stopping writes because we have 2 immutable memtables (waiting for flush)',
  ) +
  // The flush commits: normal again, logged later with its original time.
  at(
    '03.500000',
    '5',
    '(Original Log Time 2026/11/20-22:58:03.000000) EVENT_LOG_v1 {"time_micros": 1, "job": 2, "event": "flush_finished", "lsm_state": [20]}',
  ) +
  // The next flush commits into a delay: its own thread warned first.
  at('04.000000', '5', 'EVENT_LOG_v1 {"time_micros": 1, "job": 3, "event": "flush_started", "num_memtables": 1, "num_entries": 10}') +
  at('05.000000', '5', '[WARN] [db/column_family.cc:944] [default] Stalling writes because we have 21 level-0 files rate 8388608') +
  at(
    '05.000020',
    '5',
    '(Original Log Time 2026/11/20-22:58:04.999990) EVENT_LOG_v1 {"time_micros": 1, "job": 3, "event": "flush_finished", "lsm_state": [21]}',
  ) +
  at('07.000000', '6', '[db/column_family.cc:1039] [default] Increasing compaction threads because we have 8 level-0 files ');

describe('the timeline of stall states', () => {
  const timeline = createStallTimeline();
  const reader = createLogReader({ onEvent: (event) => timeline.add(event) });
  reader.push(log);
  reader.end();

  it('a state lasts from one decision to the next; a commit without a warning of its own thread means normal', () => {
    const intervals = timeline.intervals(second('0'), second('10'));
    const merged: [string, string | null, number][] = intervals
      .filter(({ state }) => state !== 'normal')
      .map(({ state, cause, startMicros, endMicros }) => [state, cause, (endMicros - startMicros) / 1e6]);
    expect(merged).toEqual([
      ['stopped', 'memtable', 1],
      ['delayed', 'l0Slowdown', 2],
    ]);
    expect(intervals.find(({ state }) => state === 'delayed')?.delayedRateBytesPerSec).toBe(8388608);
  });

  it('the intervals of a window fill it without gaps', () => {
    const intervals = timeline.intervals(second('2') + 500_000, second('6'));
    expect(intervals.at(0)?.startMicros).toBe(second('2') + 500_000);
    expect(intervals.at(-1)?.endMicros).toBe(second('6'));
    for (const [index, { startMicros }] of intervals.entries()) {
      if (index > 0) expect(startMicros).toBe(intervals[index - 1]!.endMicros);
    }
  });

  it('before the store was open there is nothing', () => {
    expect(timeline.intervals(0, second('0'))).toEqual([]);
  });
});
