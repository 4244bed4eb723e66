import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Issue } from '../../engine/kernel/errors.js';
import {
  createDbBenchOutputReader,
  opsOfSeconds,
  parseReportCsv,
  type DbBenchOutput,
  type ThreadProgress,
} from '../../engine/rocksdb/db-bench-output.js';

function read(text: string, pieceLength = text.length + 1): { output: DbBenchOutput; progress: ThreadProgress[]; issues: Issue[] } {
  const progress: ThreadProgress[] = [];
  const issues: Issue[] = [];
  const reader = createDbBenchOutputReader({ onProgress: (one) => progress.push(one), onUnread: (issue) => issues.push(issue) });
  for (let from = 0; from < text.length; from += pieceLength) reader.push(text.slice(from, from + pieceLength));
  return { output: reader.end(), progress, issues };
}

const stdout78 = `RocksDB:    version 7.8.3
Initializing RocksDB Options from the specified file
... finished 100 ops                              \r... finished 200 ops                              \rfillrandom   :      66.088 micros/op 15131 ops/sec 240.030 seconds 3631999 operations;   15.0 MB/s
Microseconds per write:
Count: 3631999 Average: 66.0875  StdDev: 3079.14
Min: 0  Median: 1.2952  Max: 581724
Percentiles: P50: 1.30 P75: 1.65 P99: 1088.80 P99.9: 1097.80 P99.99: 1098.70
------------------------------------------------------
STATISTICS:
rocksdb.stall.micros COUNT : 231952320
rocksdb.db.flush.micros P50 : 468636.363636 P95 : 564772.727273 P99 : 603912.000000 P100 : 603912.000000 COUNT : 235 SUM : 104280485
`;

describe("db_bench's output", () => {
  it('a result line of 7.4 and later has seconds and operations', () => {
    expect(read(stdout78).output.results).toEqual([
      { benchmark: 'fillrandom', microsPerOp: 66.088, opsPerSec: 15131, seconds: 240.03, operations: 3631999, mibPerSec: 15 },
    ]);
  });

  it('an older line has neither; what was found is no rate', () => {
    const { output } = read(
      'readrandom   :       5.281 micros/op 189353 ops/sec;   24.6 MB/s (1000000 of 1000000 found)\ncompact : 12.5 micros/op 80000 ops/sec;\n',
    );
    expect(output.results).toEqual([
      { benchmark: 'readrandom', microsPerOp: 5.281, opsPerSec: 189353, seconds: null, operations: null, mibPerSec: 24.6 },
      { benchmark: 'compact', microsPerOp: 12.5, opsPerSec: 80000, seconds: null, operations: null, mibPerSec: null },
    ]);
  });

  it('tickers, histograms, a latency block and the version', () => {
    const { output } = read(stdout78);
    expect(output.version).toBe('7.8.3');
    expect(output.tickers.get('rocksdb.stall.micros')).toBe(231952320);
    const flush = output.histograms.get('rocksdb.db.flush.micros')!;
    expect(flush).toMatchObject({ count: 235, sum: 104280485 });
    expect(flush.percentiles.get(95)).toBe(564772.727273);
    const write = output.histograms.get('Microseconds per write')!;
    expect(write.count).toBe(3631999);
    expect(write.percentiles.get(99.9)).toBe(1097.8);
  });

  it("a log shipper's prefix is removed, and threads' progress is handed on", () => {
    const { progress } = read(
      '[2020-10-22 21:45:10.086] [info] Task db_bench[0], stdout: 2020/10/22-21:45:10  ... thread 6: (37000,38000) ops and (7335.0,7335.0) ops/second in (5.044296,6.5) seconds\n',
    );
    expect(progress).toEqual([{ thread: 6, intervalOps: 37000, totalOps: 38000, intervalSec: 5.044296, totalSec: 6.5 }]);
  });

  it('statistics tables in the output are read as in a LOG', () => {
    const { output } = read(`** Compaction Stats [default] **
Level    Files   Size     Score W-Amp
------
 Sum      4/0    1.00 MB   0.5   6.6

** DB Stats **
Uptime(secs): 181.2 total, 181.2 interval
Cumulative stall: 00:01:32.379 H:M:S, 51.0 percent
`);
    expect(output.lastDump?.db?.stallSec).toBe(92.379);
    expect(output.lastDump?.families[0]?.levels.rows[0]).toMatchObject({ name: 'Sum', writeAmplification: 6.6 });
  });

  it('reads the same in pieces of any size', () => {
    const whole = read(stdout78).output;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), (pieceLength) => {
        expect(read(stdout78, pieceLength).output).toEqual(whole);
      }),
      { seed: 42 },
    );
  });

  it('an empty output has no results', () => {
    expect(read('').output).toMatchObject({ results: [], version: null, lastDump: null });
  });
});

describe('report.csv', () => {
  it('its column is a count: 2 puts in a second of 2 are 1 a second', () => {
    expect(parseReportCsv('secs_elapsed,interval_qps\n1,92329\n3,30774\n')).toEqual([
      { atSec: 1, opsPerSec: 92329 },
      { atSec: 3, opsPerSec: 15387 },
    ]);
  });

  it('columns are found by name; a half last row of a killed run is left out', () => {
    expect(parseReportCsv('now_micros,secs_elapsed,interval_qps\n7,1,100\n8,2')).toEqual([{ atSec: 1, opsPerSec: 100 }]);
    expect(parseReportCsv('secs_elapsed,interval_qps')).toEqual([]);
  });

  it('of any interval gives every second its share', () => {
    expect(opsOfSeconds([{ atSec: 1, opsPerSec: 7 }])).toEqual([7]);
    const uneven = [
      { atSec: 2, opsPerSec: 10 },
      { atSec: 2.5, opsPerSec: 20 },
      { atSec: 4.25, opsPerSec: 40 },
    ];
    expect(opsOfSeconds(uneven)).toEqual([10, 10, 30, 40]);
    expect(opsOfSeconds([])).toEqual([]);
  });

  it('another header, and rows that do not fit theirs, are errors with file and line', () => {
    expect(() => parseReportCsv('a,b\n1,2\n', 'r.csv')).toThrow(
      'r.csv:1: not a report of db_bench: found "a,b" (expected the header secs_elapsed,interval_qps)',
    );
    expect(() => parseReportCsv('secs_elapsed,interval_qps\n1,x\n2,5\n1,7\n4,8\n', 'r.csv')).toThrow(
      /^r\.csv:2: a row that is not .* found "1,x"\nr\.csv:4: a row .* found "1,7"$/,
    );
  });
});
