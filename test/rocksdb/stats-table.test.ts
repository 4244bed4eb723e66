import { describe, expect, it } from 'vitest';
import type { Issue } from '../../engine/kernel/errors.js';
import {
  createStatsReader,
  parsePrintedCount,
  parsePrintedDuration,
  parsePrintedSize,
  rowNamed,
  rowOfLevel,
  type StatsDump,
} from '../../engine/rocksdb/stats-table.js';

const mib = 1024 * 1024;
const gib = 1024 * mib;

function read(text: string): { dumps: StatsDump[]; issues: Issue[] } {
  const dumps: StatsDump[] = [];
  const issues: Issue[] = [];
  const reader = createStatsReader({ dump: (dump) => dumps.push(dump), unread: (issue) => issues.push(issue) });
  text.split('\n').forEach((line, index) => reader.line(line, index + 1));
  reader.flush();
  return { dumps, issues };
}

const header78 =
  'Level    Files   Size     Score Read(GB)  Rn(GB) Rnp1(GB) Write(GB) Wnew(GB) Moved(GB) W-Amp Rd(MB/s) Wr(MB/s) Comp(sec) CompMergeCPU(sec) Comp(cnt) Avg(sec) KeyIn KeyDrop Rblob(GB) Wblob(GB)';
const table78 = `** Compaction Stats [default] **
${header78}
-----------------------------------------------------------------
  L0      4/2    61.93 MB   1.0      0.0     0.0      0.0       0.1      0.1       0.0   1.0      0.0     45.8      2.71              0.15         8    0.338       0      0       0.0       0.0
  L1     12/4     1.50 GB   2.5      3.4     1.2      2.2       3.3      1.1       0.5   2.8     30.9     30.0      2.00              0.10         1    2.002     61K     88       0.0       0.0
 Sum     16/6     1.56 GB   0.0      3.4     1.2      2.2       3.4      1.2       0.5   4.0     13.2     39.4      4.71              0.25         9    0.523     61K     88       0.0       0.0
 Int      0/0    0.00 KB   0.0      0.1     0.1      0.0       0.2      0.2       0.0   1.5     13.2     39.4      4.71              0.25         9    0.523     61K     88       0.0       0.0
`;

const dump78 = `** DB Stats **
Uptime(secs): 233.0 total, 10.0 interval
Cumulative writes: 0 writes, 3526K keys, 0 commit groups, 0.0 writes per commit group, ingest: 3.47 GB, 15.24 MB/s
Cumulative WAL: 12 writes, 3 syncs, 4.00 writes per sync, written: 0.50 GB, 2.00 MB/s
Cumulative stall: 00:03:45.033 H:M:S, 96.6 percent
Interval writes: 0 writes, 153K keys, 0 commit groups, 0.0 writes per commit group, ingest: 154.97 MB, 51.62 MB/s
Interval stall: 00:00:9.512 H:M:S, 95.1 percent

${table78}
** Compaction Stats [default] **
${header78.replace('Level   ', 'Priority')}
-----------------------------------------------------------------
 Low      0/0    0.00 KB   0.0      3.4     1.2      2.2       3.3      1.1       0.0   0.0     30.9     30.9      2.00              0.10         1    2.002     61K     88       0.0       0.0
High      0/0    0.00 KB   0.0      0.0     0.0      0.0       0.1      0.1       0.0   0.0      0.0     45.8      2.71              0.15         8    0.338       0      0       0.0       0.0

Blob file count: 0, total size: 0.0 GB, garbage size: 0.0 GB, space amp: 0.0

Uptime(secs): 233.0 total, 10.0 interval
Flush(GB): cumulative 0.121, interval 0.121
Cumulative compaction: 3.40 GB write, 14.94 MB/s write, 3.40 GB read, 14.94 MB/s read, 4.7 seconds
Stalls(count): 20 level0_slowdown, 19 level0_slowdown_with_compaction, 2 level0_numfiles, 1 level0_numfiles_with_compaction, 3 stop for pending_compaction_bytes, 4 slowdown for pending_compaction_bytes, 10 memtable_compaction, 5 memtable_slowdown, interval 10 total count
`;

describe('a table of compaction statistics', () => {
  it('7.8: rows, units and the two tokens of a size', () => {
    const { dumps, issues } = read(table78);
    expect(issues).toEqual([]);
    const levels = dumps[0]!.families[0]!.levels;
    expect(levels.rows.map((row) => row.name)).toEqual(['L0', 'L1', 'Sum', 'Int']);
    const row = rowOfLevel(levels, 1)!;
    expect(row).toMatchObject({
      files: 12,
      compactingFiles: 4,
      sizeBytes: 1.5 * gib,
      score: 2.5,
      jobs: 1,
      recordsIn: 61000,
      recordsDropped: 88,
    });
    expect(row.readBytes).toBeCloseTo(3.4 * gib, 0);
    expect(row.readUpperBytes).toBeCloseTo(1.2 * gib, 0);
    expect(row.readOutputLevelBytes).toBeCloseTo(2.2 * gib, 0);
    expect(row.movedBytes).toBe(0.5 * gib);
    expect(row.writtenBytesPerSec).toBe(30 * mib);
    expect(row).toMatchObject({ writeAmplification: 2.8, jobSec: 2, cpuSec: 0.1, writtenUncompressedBytes: null, blobReadBytes: 0 });
    expect(rowNamed(levels, 'Sum')!.writeAmplification).toBe(4);
    expect(rowNamed(levels, 'Sum')!.level).toBeNull();
  });

  it('4.9: Size(MB) is one token, there is no CPU column', () => {
    const { dumps, issues } = read(`** Compaction Stats [default] **
Level    Files   Size(MB} Score Read(GB}  Rn(GB) Rnp1(GB) Write(GB) Wnew(GB) Moved(GB) W-Amp Rd(MB/s) Wr(MB/s) Comp(sec) Comp(cnt) Avg(sec) KeyIn KeyDrop
----------------------------------
  L0      4/0       0.50   1.0      0.0     0.0      0.0       0.0      0.0       0.0   0.0      0.0      6.3         3         1    0.002       7      2
`);
    expect(issues).toEqual([]);
    const row = dumps[0]!.families[0]!.levels.rows[0]!;
    expect(row).toMatchObject({ sizeBytes: 0.5 * mib, jobSec: 3, cpuSec: null, blobReadBytes: null, recordsIn: 7, recordsDropped: 2 });
  });

  it('10.9: a column in the middle moves nothing to a wrong place', () => {
    const { dumps, issues } = read(`** Compaction Stats [default] **
Level    Files   Size     Score Read(GB)  Rn(GB) Rnp1(GB) Write(GB) WPreComp(GB) Wnew(GB) Moved(GB) W-Amp Rd(MB/s) Wr(MB/s) Comp(sec) CompMergeCPU(sec) Comp(cnt) Avg(sec) KeyIn KeyDrop Rblob(GB) Wblob(GB)
----------------------------------
  L6      2/0      2.00 MB   0.5      0.0     0.0      0.0       1.0          2.0      0.5       0.0   1.5      0.0     21.4      0.04              0.01         1    0.036    238K      0       0.0       0.0
`);
    expect(issues).toEqual([]);
    const row = dumps[0]!.families[0]!.levels.rows[0]!;
    expect(row).toMatchObject({
      level: 6,
      writtenBytes: gib,
      writtenUncompressedBytes: 2 * gib,
      newBytes: 0.5 * gib,
      writeAmplification: 1.5,
      recordsIn: 238000,
    });
  });

  it('a column of a version to come is left out by name, and the others stay right', () => {
    const { dumps, issues } = read(`** Compaction Stats [default] **
Level    Files   Size     Score New(GB) W-Amp
------
  L0      4/0    1.00 MB   0.5     9.9   1.5
`);
    expect(issues).toMatchObject([
      { code: 'INPUT_SYNTAX', line: 2, message: 'a column that is not known is left out', found: '"New(GB)"' },
    ]);
    expect(dumps[0]!.families[0]!.levels.rows[0]).toMatchObject({ writeAmplification: 1.5, score: 0.5 });
  });

  it('a row that is cut is named with its line and left out; the rows before it stay', () => {
    const { dumps, issues } = read(table78.split('\n').slice(0, 4).join('\n') + '\n  L1     12/4     1.50 GB   2.5      3.4');
    expect(issues).toMatchObject([{ code: 'INPUT_SYNTAX', line: 5, message: 'a row with fewer figures than its header has columns' }]);
    expect(dumps[0]!.families[0]!.levels.rows.map((row) => row.name)).toEqual(['L0']);
  });

  it('a header that a progress line cuts into makes its table unread, once', () => {
    const { issues, dumps } = read(`** Compaction Stats [default] **
${header78.slice(0, 180)}2021/02/23-20:33:27  ... thread 0: (1,1) ops and (1.0,1.0) ops/second
------
  L0      4/0    1.00 MB   0.5
`);
    expect(issues).toMatchObject([{ line: 2, message: 'a header that is cut, or that another line cuts into' }]);
    expect(dumps).toEqual([]);
  });

  it('a figure that is not a number is named, not read as 0', () => {
    const { issues } = read(table78.replace('  1.0      0.0     45.8', '  nan      0.0     45.8'));
    expect(issues).toMatchObject([{ line: 4, message: 'a figure that is not a number' }]);
  });
});

describe('a dump', () => {
  it('holds the DB figures, both tables of a family and its stall counts', () => {
    const { dumps, issues } = read(dump78);
    expect(issues).toEqual([]);
    expect(dumps).toHaveLength(1);
    const { db, families } = dumps[0]!;
    expect(db).toMatchObject({
      uptimeSec: 233,
      intervalSec: 10,
      keys: 3526000,
      walSyncs: 3,
      stallSec: 225.033,
      stallPercent: 96.6,
      intervalStallSec: 9.512,
    });
    expect(db!.ingestBytes).toBeCloseTo(3.47 * gib, 0);
    expect(families[0]).toMatchObject({ family: 'default', uptimeSec: 233, jobSec: 4.7, pendingCompactionBytes: null });
    expect(families[0]!.priorities!.rows.map((row) => row.name)).toEqual(['Low', 'High']);
    expect(families[0]!.flushedBytes).toBeCloseTo(0.121 * gib, 0);
    expect(families[0]!.stallCounts).toEqual({
      l0Delays: 20,
      l0Stops: 2,
      memtableDelays: 5,
      memtableStops: 10,
      pendingDelays: 4,
      pendingStops: 3,
    });
  });

  it('8.1 and later: the counts of "Write Stall (count)", and the debt that 9.0 prints', () => {
    const { dumps } = read(`${table78}
Estimated pending compaction bytes: 123456
Write Stall (count): cf-l0-file-count-limit-delays-with-ongoing-compaction: 9, cf-l0-file-count-limit-stops-with-ongoing-compaction: 9, l0-file-count-limit-delays: 1, l0-file-count-limit-stops: 2, memtable-limit-delays: 3, memtable-limit-stops: 4, pending-compaction-bytes-delays: 5, pending-compaction-bytes-stops: 6, total-delays: 9, total-stops: 12
`);
    expect(dumps[0]!.families[0]).toMatchObject({
      pendingCompactionBytes: 123456,
      stallCounts: { l0Delays: 1, l0Stops: 2, memtableDelays: 3, memtableStops: 4, pendingDelays: 5, pendingStops: 6 },
    });
  });

  it('DB first (the LOG): another dump begins at the next "DB Stats", and a repeated table is not one', () => {
    const { dumps } = read(dump78 + table78 + dump78);
    expect(dumps.map(({ families }) => families.length)).toEqual([1, 1]);
    expect(dumps.map(({ line }) => line)).toEqual([1, 1 + (dump78 + table78).split('\n').length - 1]);
  });

  it("tables first (db_bench's output): another dump begins where a family's table comes again", () => {
    const tablesFirst = `${table78}\n** DB Stats **\nUptime(secs): 5.0 total, 5.0 interval\nCumulative stall: 00:00:1.000 H:M:S, 20.0 percent\n`;
    const { dumps } = read(tablesFirst + tablesFirst);
    expect(dumps.map(({ db }) => db?.stallSec)).toEqual([1, 1]);
  });

  it('several families keep their own tables', () => {
    const { dumps } = read(dump78 + table78.replace('[default]', '[meta]'));
    expect(dumps[0]!.families.map(({ family }) => family)).toEqual(['default', 'meta']);
  });
});

describe('printed figures', () => {
  it('sizes are powers of 1024, counts powers of 1000', () => {
    expect(parsePrintedSize('858.81', 'MB')).toBeCloseTo(858.81 * mib, 3);
    expect(parsePrintedSize('0.00', 'KB')).toBe(0);
    expect(parsePrintedSize('1', 'XB')).toBeNull();
    expect([parsePrintedCount('61K'), parsePrintedCount('116M'), parsePrintedCount('5G'), parsePrintedCount('842')]).toEqual([
      61e3, 116e6, 5e9, 842,
    ]);
    expect(parsePrintedCount('many')).toBeNull();
  });

  it('a duration has three parts', () => {
    expect(parsePrintedDuration('00:03:45.033')).toBe(225.033);
    expect(parsePrintedDuration('12:10:56.123')).toBe(43856.123);
    expect(parsePrintedDuration('3:45')).toBeNull();
  });
});
