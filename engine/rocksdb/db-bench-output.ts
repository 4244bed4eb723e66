/**
 * What db_bench prints and writes: result lines, tickers and histograms of `--statistics`, statistics tables, threads' progress, and the
 * `--report_file` CSV. Read from any mixture of them: progress that is rewritten in place (carriage returns), prefixes of log shippers.
 *
 * "MB/s" means MiB/s. Source: tools/db_bench_tool.cc (Stats::Report, ReporterAgent), monitoring/{statistics,histogram}.cc, 5.x to 10.x.
 */
import { PutmodelError, type Issue } from '../kernel/errors.js';
import { createStatsReader, type StatsDump } from './stats-table.js';

/** `fillrandom   :      66.088 micros/op 15131 ops/sec 240.030 seconds 3631999 operations;   15.0 MB/s`. */
export interface BenchmarkResultLine {
  readonly benchmark: string;
  /** Summed over threads: micros/op x ops/s = threads x 10^6. */
  readonly microsPerOp: number;
  readonly opsPerSec: number;
  /** From 7.4 on. */
  readonly seconds: number | null;
  readonly operations: number | null;
  /** Key + value bytes; null for benchmarks that move none. */
  readonly mibPerSec: number | null;
}

/** One `name P50 : .. SUM : ..` line, or one `Microseconds per <name>:` block (`sum` is null there). */
export interface PrintedHistogram {
  readonly count: number;
  readonly sum: number | null;
  /** Percentile (50, 99.9, 100 ..) to value. */
  readonly percentiles: ReadonlyMap<number, number>;
}

/** A thread's progress line, printed with --stats_interval_seconds. Add up the threads. */
export interface ThreadProgress {
  readonly thread: number;
  readonly intervalOps: number;
  readonly totalOps: number;
  readonly intervalSec: number;
  readonly totalSec: number;
}

/** What a db_bench output told: result lines, tickers, histograms. */
export interface DbBenchOutput {
  readonly results: readonly BenchmarkResultLine[];
  /** The last value printed of each. */
  readonly tickers: ReadonlyMap<string, number>;
  readonly histograms: ReadonlyMap<string, PrintedHistogram>;
  /** `RocksDB:    version 7.8.3`, when printed. */
  readonly version: string | null;
  /** The last statistics dump, or null. */
  readonly lastDump: StatsDump | null;
  /** Whether lines of RocksDB's LOG are in it. */
  readonly hasLogLines: boolean;
  /** `Keys: 16 bytes each` and `Values: 1024 bytes each`, added up; null where they are not printed. */
  readonly entryBytes: number | null;
}

/** Where the text comes from, and who hears of what could not be read. */
export interface DbBenchOutputOptions {
  readonly onProgress?: (progress: ThreadProgress) => void;
  readonly onDump?: (dump: StatsDump) => void;
  /** A line of a known kind that cannot be read. */
  readonly onUnread?: (issue: Issue) => void;
  readonly file?: string;
}

/** A push reader: text in pieces of any size, then `end`. */
export interface DbBenchOutputReader {
  push(text: string): void;
  end(): DbBenchOutput;
}

/** Starts reading db_bench's output. Memory is constant apart from the names of tickers and benchmarks. Lines it does not know are passed over. */
export function createDbBenchOutputReader(options: DbBenchOutputOptions = {}): DbBenchOutputReader {
  const results: BenchmarkResultLine[] = [];
  const tickers = new Map<string, number>();
  const histograms = new Map<string, PrintedHistogram>();
  let version: string | null = null;
  let lastDump: StatsDump | null = null;
  let hasLogLines = false;
  let keyBytes: number | null = null;
  let valueBytes: number | null = null;
  let block: OpenHistogram | null = null;
  let rest = '';
  let lineNumber = 0;

  const unread = (issue: Issue): void => options.onUnread?.(options.file === undefined ? issue : { ...issue, file: options.file });
  const stats = createStatsReader({
    dump(dump) {
      lastDump = dump;
      options.onDump?.(dump);
    },
    unread,
  });
  const readLine = (whole: string): void => {
    const line = withoutShipper(whole);
    hasLogLines ||= isLogLine(line);
    if (stats.line(line, lineNumber)) return;
    const result = readResult(line);
    if (result !== null) {
      results.push(result);
      return;
    }
    const progress = readProgress(line);
    if (progress !== null) options.onProgress?.(progress);
    const counted = readStatistic(line);
    if (counted !== null && 'value' in counted) tickers.set(counted.name, counted.value);
    if (counted !== null && 'histogram' in counted) histograms.set(counted.name, counted.histogram);
    if (line.startsWith('RocksDB:')) version = /version\s+(\S+)/.exec(line)?.[1] ?? version;
    keyBytes = readSize(line, 'Keys:') ?? keyBytes;
    valueBytes = readSize(line, 'Values:') ?? valueBytes;
    block = readBlock(line, block, histograms);
  };

  return {
    push(piece) {
      const lines = (rest + piece).split('\n');
      rest = lines.pop() ?? '';
      // Progress is rewritten in place without an end of line: only what follows the last complete rewrite can still become a line.
      if (rest.length > 65_536) rest = rest.slice(rest.lastIndexOf('\r') + 1).slice(-65_536);
      for (const line of lines) {
        lineNumber++;
        for (const part of line.split('\r')) if (part !== '' && !part.startsWith('... finished ')) readLine(part);
        if (line === '') stats.line('', lineNumber);
      }
    },
    end() {
      lineNumber++;
      for (const part of rest.split('\r')) if (part !== '') readLine(part);
      rest = '';
      stats.flush();
      const entryBytes = keyBytes === null || valueBytes === null ? null : keyBytes + valueBytes;
      return { results, tickers, histograms, version, lastDump, hasLogLines, entryBytes };
    },
  };
}

/** One interval of `--report_file`. */
export interface ReportInterval {
  /** End of the interval, seconds from the start. */
  readonly atSec: number;
  readonly opsPerSec: number;
}

/**
 * The CSV that `--report_file` writes: header `secs_elapsed,interval_qps`, where `interval_qps` is the COUNT of an interval and not a rate
 * (ReporterAgent::SleepAndReport), so it is divided by the interval's length. Columns are found by name; others are left out.
 * @throws PutmodelError INPUT_SYNTAX for another header, a row that is no row, or times that do not ascend (up to 20 of them).
 */
export function parseReportCsv(text: string, file?: string): ReportInterval[] {
  const lines = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  const header = (lines[0] ?? '').split(',');
  const timeAt = header.indexOf('secs_elapsed');
  const countAt = header.indexOf('interval_qps');
  if (timeAt < 0 || countAt < 0) {
    const found = JSON.stringify((lines[0] ?? '').slice(0, 80));
    const expected = 'the header secs_elapsed,interval_qps';
    throw new PutmodelError({ code: 'INPUT_SYNTAX', message: 'not a report of db_bench', file, line: 1, found, expected });
  }
  const intervals: ReportInterval[] = [];
  const issues: Issue[] = [];
  const last = lines.length - 1;
  let before = 0;
  for (let index = 1; index <= last; index++) {
    const line = lines[index] ?? '';
    if (line === '') continue;
    const cells = line.split(',');
    const atSec = decimal(cells[timeAt]);
    const count = decimal(cells[countAt]);
    if (atSec === null || count === null || cells.length !== header.length || atSec <= before) {
      // A run that was killed leaves half a row.
      if (index === last) continue;
      const message = 'a row that is not secs_elapsed and a count, in ascending time';
      issues.push({ code: 'INPUT_SYNTAX', message, file, line: index + 1, found: JSON.stringify(line.slice(0, 80)) });
      if (issues.length === 20) break;
      continue;
    }
    intervals.push({ atSec, opsPerSec: count / (atSec - before) });
    before = atSec;
  }
  if (issues.length > 0) throw new PutmodelError(issues);
  return intervals;
}

/** Operations of each whole second from the start: an interval counts in every second by the part of it that it covers. */
export function opsOfSeconds(intervals: readonly ReportInterval[]): number[] {
  const seconds = Array.from({ length: Math.floor(intervals.at(-1)?.atSec ?? 0) }, () => 0);
  let beginSec = 0;
  for (const { atSec, opsPerSec } of intervals) {
    for (let second = Math.floor(beginSec); second < Math.min(atSec, seconds.length); second++) {
      const coveredSec = Math.min(atSec, second + 1) - Math.max(beginSec, second);
      seconds[second] = (seconds[second] ?? 0) + opsPerSec * coveredSec;
    }
    beginSec = atSec;
  }
  return seconds;
}

function readResult(line: string): BenchmarkResultLine | null {
  const at = line.indexOf(' micros/op ');
  const colon = line.indexOf(':');
  if (at < 0 || colon < 0 || colon > at) return null;
  const microsPerOp = decimal(line.slice(colon + 1, at).trim());
  const words = line.slice(at + 11).split(/[\s;]+/);
  const before = (unit: string): number | null => {
    const unitAt = words.indexOf(unit);
    return unitAt < 1 ? null : decimal(words[unitAt - 1]);
  };
  const opsPerSec = before('ops/sec');
  if (microsPerOp === null || opsPerSec === null) return null;
  const benchmark = line.slice(0, colon).trim();
  return { benchmark, microsPerOp, opsPerSec, seconds: before('seconds'), operations: before('operations'), mibPerSec: before('MB/s') };
}

/** `... thread 0: (interval,total) ops and (interval,mean) ops/second in (interval,total) seconds`. */
function readProgress(line: string): ThreadProgress | null {
  const at = line.indexOf('... thread ');
  if (at < 0) return null;
  const match = /^(\d+): \((\d+),(\d+)\) ops and \([^)]*\) ops\/second in \(([\d.]+),([\d.]+)\) seconds/.exec(line.slice(at + 11));
  if (match === null) return null;
  const [thread, intervalOps, totalOps, intervalSec, totalSec] = match.slice(1).map(Number);
  if (thread === undefined || intervalOps === undefined || totalOps === undefined) return null;
  if (intervalSec === undefined || totalSec === undefined) return null;
  return { thread, intervalOps, totalOps, intervalSec, totalSec };
}

type Statistic = { readonly name: string; readonly value: number } | { readonly name: string; readonly histogram: PrintedHistogram };

/** `name COUNT : n`, or `name P50 : a P95 : b P99 : c P100 : d COUNT : n SUM : s`. */
function readStatistic(line: string): Statistic | null {
  const countAt = line.indexOf(' COUNT : ');
  if (countAt < 0) return null;
  const words = line.trim().split(/\s+/);
  const name = words[0] ?? '';
  const after = (key: string): number | null => {
    const keyAt = words.indexOf(key);
    return keyAt < 0 ? null : decimal(words[keyAt + 2]);
  };
  const count = after('COUNT');
  if (count === null) return null;
  if (!line.includes(' P50 : ')) return { name, value: count };
  const percentiles = new Map<number, number>();
  for (const word of words) {
    const percentile = word.startsWith('P') ? decimal(word.slice(1)) : null;
    const value = percentile === null ? null : after(word);
    if (percentile !== null && value !== null) percentiles.set(percentile, value);
  }
  return { name, histogram: { count, sum: after('SUM'), percentiles } };
}

/** `Keys:       16 bytes each`, in what db_bench prints first. */
function readSize(line: string, label: string): number | null {
  const match = line.startsWith(label) ? /^\s+(\d+) (?:avg )?bytes each/.exec(line.slice(label.length)) : null;
  return match === null ? null : Number(match[1]);
}

interface OpenHistogram {
  readonly name: string;
  readonly count: number;
}

/** `Microseconds per write:`, `Count: ..`, `Min: ..`, `Percentiles: P50: ..`: gives what is open after the line. */
function readBlock(line: string, open: OpenHistogram | null, into: Map<string, PrintedHistogram>): OpenHistogram | null {
  if (line.startsWith('Microseconds per ')) return { name: line.slice(0, line.lastIndexOf(':')).trim(), count: 0 };
  if (open === null) return null;
  if (line.startsWith('Count: ')) return { name: open.name, count: decimal(line.split(/\s+/)[1]) ?? 0 };
  if (!line.startsWith('Percentiles: ')) return open;
  const words = line.split(/\s+/);
  const percentiles = new Map<number, number>();
  for (let i = 1; i + 1 < words.length; i += 2) {
    const percentile = decimal((words[i] ?? '').slice(1, -1));
    const value = decimal(words[i + 1]);
    if (percentile !== null && value !== null) percentiles.set(percentile, value);
  }
  into.set(open.name, { count: open.count, sum: null, percentiles });
  return null;
}

/** `2026/01/01-00:00:00.000000 7f00 text`; the progress of db_bench has no microseconds. */
function isLogLine(line: string): boolean {
  return line.charCodeAt(4) === 47 && /^\d{4}\/\d\d\/\d\d-\d\d:\d\d:\d\d\.\d{6} [\da-f]+ /.test(line);
}

/** `[time] [info] Task db_bench[0], stdout: the line`. */
function withoutShipper(line: string): string {
  if (line.charCodeAt(0) !== 91) return line;
  const at = line.indexOf(', stdout: ');
  return at < 0 || at > 120 ? line : line.slice(at + 10);
}

function decimal(text: string | undefined): number | null {
  if (text === undefined || !/^-?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(text)) return null;
  return Number(text);
}
