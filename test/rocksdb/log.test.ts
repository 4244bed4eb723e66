import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PutmodelError, type Issue } from '../../engine/kernel/errors.js';
import { createLogReader, type LogEvent } from '../../engine/rocksdb/log.js';
import { sharedDir } from '../support/shared.js';

function read(text: string, pieceLength = text.length + 1): { events: LogEvent[]; issues: Issue[] } {
  const events: LogEvent[] = [];
  const issues: Issue[] = [];
  const reader = createLogReader({ onEvent: (event) => events.push(event), onUnread: (issue) => issues.push(issue), file: 'LOG' });
  for (let from = 0; from < text.length; from += pieceLength) reader.push(text.slice(from, from + pieceLength));
  reader.end();
  return { events, issues };
}

function ofKind<K extends LogEvent['kind']>(events: readonly LogEvent[], kind: K): Extract<LogEvent, { kind: K }>[] {
  return events.filter((event): event is Extract<LogEvent, { kind: K }> => event.kind === kind);
}

/** A line at so many seconds after 2026-11-20 22:58:00. */
const at = (second: number, rest: string, thread = '6135'): string =>
  `2026/11/20-22:58:${second.toFixed(6).padStart(9, '0')} ${thread} ${rest}\n`;
const start = at(0, 'RocksDB version: 7.8.3');
const startMicros = Date.UTC(2026, 10, 20, 22, 58) * 1000;

const flushLines =
  at(
    9.1,
    'EVENT_LOG_v1 {"time_micros": 1, "job": 2, "event": "flush_started", "num_memtables": 1, "num_entries": 15387, "num_deletes": 0, "total_data_size": 16171737, "memory_usage": 16582888, "flush_reason": "Write Buffer Full"}',
  ) +
  at(
    9.3,
    'EVENT_LOG_v1 {"time_micros": 1, "cf_name": "default", "job": 2, "event": "table_file_creation", "file_number": 8, "file_size": 16231393, "table_properties": {"data_size": 16157601, "num_entries": 15378, "raw_key_size": 369072}}',
  ) +
  at(9.31, '[db/flush_job.cc:1025] [default] [JOB 2] Flush lasted 206754 microseconds, and 17510 cpu microseconds.') +
  at(
    9.32,
    '(Original Log Time 2026/11/20-22:58:09.315000) EVENT_LOG_v1 {"time_micros": 1, "job": 2, "event": "flush_finished", "output_compression": "NoCompression", "lsm_state": [1, 0, 0], "immutable_memtables": 1}',
  );

const compactionStarted = at(
  10,
  'EVENT_LOG_v1 {"time_micros": 1, "job": 7, "event": "compaction_started", "compaction_reason": "LevelL0FilesNum", "files_L0": [11, 10, 9, 8], "files_L1": [4], "score": 1.25, "input_data_size": 64933062, "oldest_snapshot_seqno": -1}',
  '6134',
);
const compactionFinished =
  '{"time_micros": 1, "job": 7, "event": "compaction_finished", "compaction_time_micros": 2001817, "compaction_time_cpu_micros": 97655, "output_level": 1, "num_output_files": 4, "total_output_size": 64833170, "num_input_records": 61519, "num_output_records": 61431, "num_subcompactions": 1, "lsm_state": [0, 4]}';

describe('the LOG reader', () => {
  it('puts a flush together from its start, its files and its end', () => {
    const { events, issues } = read(start + flushLines);
    expect(issues).toEqual([]);
    expect(ofKind(events, 'flushFinished')[0]!.flush).toEqual({
      job: 2,
      family: 'default',
      startedAtMicros: startMicros + 9_100_000,
      finishedAtMicros: startMicros + 9_315_000,
      wallMicros: 206754,
      cpuMicros: 17510,
      memtables: 1,
      entries: 15387,
      payloadBytes: 16171737,
      writtenBytes: 16231393,
      files: 1,
      levelFiles: [1, 0, 0],
    });
    expect(ofKind(events, 'fileCreated')[0]).toMatchObject({ job: 2, file: 8, bytes: 16231393, entries: 15378, line: 3, thread: '6135' });
  });

  it('puts a compaction together from its start and its end', () => {
    const { events } = read(start + compactionStarted + at(12, `EVENT_LOG_v1 ${compactionFinished}`, '6134'));
    expect(ofKind(events, 'compactionFinished')[0]!.compaction).toMatchObject({
      job: 7,
      reason: 'LevelL0FilesNum',
      score: 1.25,
      inputs: [
        { level: 0, files: [11, 10, 9, 8] },
        { level: 1, files: [4] },
      ],
      inputBytes: 64933062,
      outputLevel: 1,
      outputFiles: 4,
      outputBytes: 64833170,
      recordsIn: 61519,
      recordsOut: 61431,
      wallMicros: 2001817,
      cpuMicros: 97655,
      startedAtMicros: startMicros + 10_000_000,
      finishedAtMicros: startMicros + 12_000_000,
    });
  });

  it('an event cut after its figures still gives them; cut before, it is named with its line', () => {
    const cutLate = compactionFinished.slice(0, compactionFinished.indexOf('"lsm_state"') + 8);
    expect(ofKind(read(start + at(12, `EVENT_LOG_v1 ${cutLate}`)).events, 'compactionFinished')[0]!.compaction).toMatchObject({
      outputBytes: 64833170,
      recordsIn: 61519,
      levelFiles: [],
      startedAtMicros: null,
    });
    const cutEarly = compactionFinished.slice(0, compactionFinished.indexOf('64833170') + 4);
    const { events, issues } = read(start + at(12, `EVENT_LOG_v1 ${cutEarly}`));
    expect(ofKind(events, 'compactionFinished')).toEqual([]);
    expect(issues).toMatchObject([
      { code: 'INPUT_SYNTAX', file: 'LOG', line: 2, message: 'a compaction_finished event without the figures it needs' },
    ]);
  });

  it('stall lines give state, cause, count and rate, in every form there is', () => {
    const warn = (text: string): string => at(11, `[WARN] [db/column_family.cc:944] [default] ${text}`);
    const { events, issues } = read(
      start +
        warn('Stopping writes because we have 2 immutable memtables (waiting for flush), max_write_buffer_number is set to 2') +
        warn('Stalling writes because we have 20 level-0 files rate 8388608') +
        warn('Stopping writes because we have 36 level-0 files') +
        warn('Stalling writes because of estimated pending compaction bytes 68719476736 rate 6710886') +
        warn('Stopping writes because of estimated pending compaction bytes 274877906944') +
        at(12, '[db/column_family.cc:1039] [default] Increasing compaction threads because we have 8 level-0 files '),
    );
    expect(issues).toEqual([]);
    expect(
      ofKind(events, 'stallRecalculated').map(({ state, cause, amount, delayedRateBytesPerSec }) => [
        state,
        cause,
        amount,
        delayedRateBytesPerSec,
      ]),
    ).toEqual([
      ['stopped', 'memtable', 2, null],
      ['delayed', 'l0Slowdown', 20, 8388608],
      ['stopped', 'l0Stop', 36, null],
      ['delayed', 'pendingSlowdown', 68719476736, 6710886],
      ['stopped', 'pendingStop', 274877906944, null],
      ['normal', null, null, null],
    ]);
    expect(ofKind(events, 'stallRecalculated')[0]!.family).toBe('default');
  });

  it('options carry their family, and a blank before the colon does not matter', () => {
    const { events } = read(
      start +
        at(0, '               Options.max_background_jobs: 2') +
        at(0, '             Options.delayed_write_rate : 8388608') +
        at(0, '[db/column_family.cc:632] --------------- Options for column family [meta]:') +
        at(0, '        Options.write_buffer_size: 16777216') +
        at(
          0,
          '            table_factory options:   flush_block_policy_factory: FlushBlockBySizePolicyFactory (0x1)\n  cache_index_and_filter_blocks: 0\n  block_size: 4096',
        ),
    );
    expect(ofKind(events, 'option').map(({ family, table, name, value }) => [family, table, name, value])).toEqual([
      [null, false, 'max_background_jobs', '2'],
      [null, false, 'delayed_write_rate', '8388608'],
      ['meta', false, 'write_buffer_size', '16777216'],
      ['meta', true, 'flush_block_policy_factory', 'FlushBlockBySizePolicyFactory (0x1)'],
      ['meta', true, 'cache_index_and_filter_blocks', '0'],
      ['meta', true, 'block_size', '4096'],
    ]);
  });

  it('a statistics dump ends where the next line with a time begins; tickers come as one map', () => {
    const { events } = read(
      start +
        at(13, '[db/db_impl/db_impl.cc:1000] ------- DUMPING STATS -------') +
        at(13, '[db/db_impl/db_impl.cc:1001] ') +
        '** DB Stats **\nUptime(secs): 3.0 total, 3.0 interval\nCumulative stall: 00:00:2.512 H:M:S, 83.7 percent\n' +
        at(13, '[db/db_impl/db_impl.cc:788] STATISTICS:') +
        ' rocksdb.stall.micros COUNT : 2511612\nrocksdb.db.get.micros P50 : 0.0 P95 : 0.0 P99 : 0.0 P100 : 0.0 COUNT : 4 SUM : 0\n' +
        at(14, '[db/db_impl/db_impl.cc:498] Shutdown: canceling all background work'),
    );
    expect(ofKind(events, 'stats')[0]!.dump.db).toMatchObject({ uptimeSec: 3, stallSec: 2.512 });
    expect([...ofKind(events, 'statistics')[0]!.tickers]).toEqual([['rocksdb.stall.micros', 2511612]]);
    expect(events.at(-1)!.kind).toBe('closed');
  });

  const recovering = at(0, '[db/version_set.cc:5054] Recovering from manifest file: /db/MANIFEST-000001');

  it('a restart inside one LOG forgets the jobs that never ended', () => {
    const { events } = read(start + recovering + compactionStarted + start + recovering + at(12, `EVENT_LOG_v1 ${compactionFinished}`));
    expect(ofKind(events, 'opened')).toHaveLength(2);
    expect(ofKind(events, 'recovering').map(({ line }) => line)).toEqual([2, 5]);
    expect(ofKind(events, 'compactionFinished')[0]!.compaction).toMatchObject({ startedAtMicros: null, inputs: [] });
  });

  it('a file that RocksDB rolled to repeats the header and goes on: jobs keep their starts, lines count anew', () => {
    const events: LogEvent[] = [];
    const issues: Issue[] = [];
    const reader = createLogReader({ onEvent: (event) => events.push(event), onUnread: (issue) => issues.push(issue), file: 'LOG.old.1' });
    reader.push(start + recovering + compactionStarted.trimEnd());
    reader.startFile('LOG');
    reader.push(start + at(12, `EVENT_LOG_v1 ${compactionFinished}`) + at(13, 'EVENT_LOG_v1 {"time_micros": 1, "jo'));
    reader.end();
    expect(ofKind(events, 'compactionFinished')[0]).toMatchObject({
      line: 2,
      compaction: { startedAtMicros: startMicros + 10_000_000, inputBytes: 64933062 },
    });
    expect(issues).toMatchObject([{ file: 'LOG', line: 3 }]);
    expect(() => {
      reader.startFile('LOG.2');
      reader.end();
    }).toThrow('LOG.2:1: the LOG is empty');
  });

  it('what an opening writes from the WAL it found is told apart from flushes', () => {
    const event = (name: string, rest = ''): string => at(1, `EVENT_LOG_v1 {"time_micros": 1, "job": 1, "event": "${name}"${rest}}`);
    const created = at(
      1,
      'EVENT_LOG_v1 {"time_micros": 1, "cf_name": "default", "job": 1, "event": "table_file_creation", "file_number": 63, "file_size": 804919}',
    );
    const { events } = read(
      start + recovering + event('recovery_started', ', "wal_files": [59]') + created + event('recovery_finished', ', "status": "OK"'),
    );
    expect(ofKind(events, 'recoveryFlushed')[0]!.flush).toMatchObject({
      job: 1,
      family: 'default',
      writtenBytes: 804919,
      files: 1,
      entries: null,
    });
    expect(ofKind(events, 'flushFinished')).toEqual([]);
    expect(ofKind(read(start + event('recovery_started') + event('recovery_finished')).events, 'recoveryFlushed')).toEqual([]);
  });

  it('blob files are told with their bytes', () => {
    const line = at(
      1,
      'EVENT_LOG_v1 {"time_micros": 1, "cf_name": "default", "job": 2, "event": "blob_file_creation", "blob_file_number": 9, "total_blob_count": 2, "total_blob_bytes": 911}',
    );
    expect(ofKind(read(start + line).events, 'blobFileCreated')).toMatchObject([{ job: 2, bytes: 911 }]);
  });

  it('a file that grew a Windows line end reads the same', () => {
    const unix = read(start + flushLines).events;
    expect(read((start + flushLines).replaceAll('\n', '\r\n')).events).toEqual(unix);
  });

  it('RocksDB 2.x is refused by name, by its first line and by its table', () => {
    const old = [
      at(0, 'Compile time 15:23:06 Jan  6 2016'),
      `${at(0, 'hello')}Level  Files Size(MB) Score Time(sec)  Read(MB) Write(MB)\n`,
    ];
    for (const text of [...old, at(0, 'RocksDB version: 3.13.0')]) {
      expect(() => read(text)).toThrow(PutmodelError);
      expect(() => read(text)).toThrow(/RocksDB 3\.\S* .*\(expected a LOG of RocksDB 4\.0 or newer\)/);
    }
  });

  it('an empty file and a file of something else are errors with a place', () => {
    expect(() => read('')).toThrow('LOG:1: the LOG is empty');
    expect(() => read('{"json": 1}\n')).toThrow(/^LOG:1: not a RocksDB LOG/);
  });

  it('a fork is named, and its own version numbers are not held against it', () => {
    expect(ofKind(read(at(0, 'SpeeDB version: 2.2.1')).events, 'opened')).toMatchObject([{ vendor: 'SpeeDB', version: '2.2.1' }]);
  });
});

const fixture = readFileSync(new URL('../fixtures/log/LOG-7.8.3-two-families', import.meta.url), 'latin1');

describe('a real LOG of two families with background I/O statistics', () => {
  const whole = read(fixture);

  it('gives every flush and every compaction, though all compaction ends are cut at 512 bytes', () => {
    expect(whole.issues).toEqual([]);
    const finished = ofKind(whole.events, 'compactionFinished');
    expect(finished).toHaveLength(fixture.split('"event": "compaction_finished"').length - 1);
    expect(finished.length).toBeGreaterThan(0);
    for (const { compaction } of finished) expect(compaction.recordsIn).toBeGreaterThan(0);
    expect(ofKind(whole.events, 'flushFinished')).toHaveLength(fixture.split('"event": "flush_finished"').length - 1);
    expect(
      new Set(
        ofKind(whole.events, 'stats')
          .at(-1)!
          .dump.families.map(({ family }) => family),
      ).size,
    ).toBe(2);
  });

  it('reads the same in pieces of any size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), (pieceLength) => {
        expect(read(fixture, pieceLength).events).toEqual(whole.events);
      }),
      { seed: 42, numRuns: 12 },
    );
  });

  it('cut at any byte, it is read as far as it goes: no crash, and nothing that the whole file does not say', () => {
    const flushes = new Set(ofKind(whole.events, 'flushFinished').map(({ flush }) => JSON.stringify({ ...flush, levelFiles: [] })));
    const tail = fixture.slice(0, 60_000);
    fc.assert(
      fc.property(fc.integer({ min: 40, max: tail.length }), (length) => {
        for (const { flush } of ofKind(read(tail.slice(0, length)).events, 'flushFinished')) {
          expect(flushes).toContain(JSON.stringify({ ...flush, levelFiles: [] }));
        }
      }),
      { seed: 42, numRuns: 60 },
    );
  });
});

describe.runIf(sharedDir !== null)('the real LOGs beside the checkout', () => {
  const files = sharedDir === null ? [] : logFiles(sharedDir);

  it.each(files)('%s: no line of a statistics table is left unread', (file) => {
    const bytes = readFileSync(`${String(sharedDir)}/${file}`);
    const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1');
    if (file.includes('2.x')) {
      expect(() => read(text)).toThrow(/RocksDB 3\.x or older/);
      return;
    }
    const { events, issues } = read(text, 65_536);
    expect(issues).toEqual([]);
    const tables = ofKind(events, 'stats').reduce((sum, { dump }) => sum + dump.families.length, 0);
    expect(tables > 0).toBe(text.includes('** Compaction Stats ['));
    expect(ofKind(events, 'compactionFinished')).toHaveLength(text.split('"event": "compaction_finished"').length - 1);
  });
});

function logFiles(root: string): string[] {
  const folders = ['data/rocksdb-log', 'data/ledger-runs', 'truth'].filter((folder) => existsSync(`${root}/${folder}`));
  return folders
    .flatMap((folder) => readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`))
    .filter((name) => /(^|\/)LOG[^/]*$/.test(name))
    .sort();
}
