/**
 * A truth directory: one real db_bench run with everything that is compared with a prediction. It holds `command.txt` (the command,
 * verbatim), `stdout.txt`, `LOG`, and usually `OPTIONS`, `report.csv` and `sst.txt`; also device figures, as `diskstats.txt` (snapshots of
 * /proc/diskstats before and after), `iostat.txt` or `sampler.csv`; each plain or as `.gz`.
 */
import { sum } from 'd3-array';
import type { LedgerPaths } from '../files/ledger-inputs.js';
import { existsSync, isDirectory, listDirectories, readText, streamAndHash, streamText, type FileHashes } from '../files/read.js';
import { PutmodelError, type Issue } from '../kernel/errors.js';
import { createDbBenchOutputReader, opsOfSeconds, parseReportCsv, type DbBenchOutput } from '../rocksdb/db-bench-output.js';
import { createLogReader, type LogCompaction, type LogFlush, type LogStallCause } from '../rocksdb/log.js';
import { createStallTimeline, type StallInterval } from '../rocksdb/stall-timeline.js';
import { rowNamed, type StallCounts, type StatsDump, type StatsRow } from '../rocksdb/stats-table.js';

/** A real db_bench run, read from its directory. */
export interface TruthRun {
  /** The directory's name. */
  readonly name: string;
  readonly command: string;
  /** The command's flags as a prediction is given them: without the program, `--db` and `--report_file`. */
  readonly argv: readonly string[];
  readonly rocksdbVersion: string | null;
  readonly opsPerSec: number;
  readonly seconds: number;
  readonly puts: number;
  /** W-Amp of the Sum row of the last dump, one decimal; null without a dump that has one. */
  readonly writeAmplification: number | null;
  /** (flush + compaction output) / flush output of the jobs that were finished when the run ended: the dump above is some seconds older. */
  readonly writeAmplificationAtEnd: number | null;
  /** "Cumulative stall" of the last dump, and the dump's uptime: the run goes on for some seconds after it. */
  readonly stallSec: number;
  readonly stallPercent: number;
  readonly stallUptimeSec: number;
  /** Ticker `rocksdb.stall.micros` at the end of the run; null without --statistics. */
  readonly stallSecAtEnd: number | null;
  /** Seconds in each state of the write controller, from the LOG's lines. */
  readonly stateSec: Readonly<Record<StallInterval['state'], number>>;
  readonly causeSec: Readonly<Record<LogStallCause, number>>;
  /** When the write controller delayed or stopped writes, seconds from the opening of the store. */
  readonly stalls: readonly { readonly startSec: number; readonly endSec: number; readonly state: 'delayed' | 'stopped' }[];
  readonly stallCounts: StallCounts | null;
  /** Puts in each second, from report.csv; empty without it, or where it holds no interval. */
  readonly opsPerSecCurve: readonly number[];
  /** Level rows of the last dump, with Sum. */
  readonly levels: readonly StatsRow[];
  /** The write controller's rate each time it was set, seconds from the opening of the store. */
  readonly delayedRates: readonly { readonly atSec: number; readonly bytesPerSec: number }[];
  /** On the LOG's clock. */
  readonly openedAtMicros: number;
  readonly flushes: readonly LogFlush[];
  readonly compactions: readonly LogCompaction[];
  /** SST files and bytes when the run was over, from sst.txt. */
  readonly endFiles: number | null;
  readonly endBytes: number | null;
  /** Lines of a known kind that could not be read. */
  readonly unread: readonly Issue[];
  /** What the ledger of the run is made of. */
  readonly paths: LedgerPaths;
  /** Every file of the directory that says something about the run. */
  readonly inputs: readonly TruthInput[];
}

/** A file of a truth directory. */
export interface TruthInput extends FileHashes {
  readonly name: string;
}

/** The directory itself when it holds a command (or nothing that does), else the directories in it that do, by name. */
export function truthDirectories(path: string): readonly string[] {
  const holdsRun = (directory: string): boolean => existsSync(`${directory}/command.txt`) || existsSync(`${directory}/command.txt.gz`);
  if (holdsRun(path) || !isDirectory(path)) return [path];
  const inside = listDirectories(path).map((name) => `${path}/${name}`);
  const runs = inside.filter(holdsRun);
  return runs.length > 0 ? runs : [path];
}

/**
 * Reads a truth directory.
 * @throws PutmodelError INPUT_MISSING for a directory without command, stdout or LOG; INPUT_SYNTAX for a command that is not db_bench's or
 * output without a result line; whatever the readers of the files throw.
 */
export async function readTruth(directory: string): Promise<TruthRun> {
  const files = findFiles(directory);
  const command = readText(files.command).trim();
  const argv = predictionArguments(command, files.command);
  const unread: Issue[] = [];
  const output = createDbBenchOutputReader({ file: files.stdout, onUnread: (issue) => unread.push(issue) });
  await streamText(files.stdout, (text) => output.push(text));
  const printed = output.end();
  const result = printed.results.at(-1);
  if (result === undefined) {
    const message = 'no result line of db_bench';
    throw new PutmodelError({ code: 'INPUT_SYNTAX', message, file: files.stdout, expected: 'fillrandom : 66.088 micros/op ..' });
  }
  const log = await readLog(files.log, unread);
  const curve = files.report === null ? [] : parseReportCsv(readText(files.report), files.report);
  const curveSec = curve.at(-1)?.atSec ?? null;
  const seconds = result.seconds ?? curveSec ?? log.lastDump?.db?.uptimeSec ?? 0;
  const [endFiles, endBytes] = files.sst === null ? [null, null] : sstTotals(readText(files.sst));
  return {
    name: directory.split(/[/\\]/).findLast((part) => part !== '') ?? directory,
    command,
    argv,
    rocksdbVersion: log.version ?? printed.version,
    opsPerSec: result.opsPerSec,
    seconds,
    puts: result.operations ?? Math.round(result.opsPerSec * seconds),
    ...lastDumpFigures(log.lastDump ?? printed.lastDump),
    ...stallFigures(log, printed, seconds),
    writeAmplificationAtEnd: amplificationAt(log, log.openedAtMicros + seconds * 1e6),
    opsPerSecCurve: opsOfSeconds(curve),
    delayedRates: log.delayedRates,
    openedAtMicros: log.openedAtMicros,
    flushes: log.flushes,
    compactions: log.compactions,
    endFiles,
    endBytes,
    unread,
    paths: ledgerPathsOf(directory, files),
    inputs: await hashesOf(files),
  };
}

function ledgerPathsOf(directory: string, { log, stdout }: TruthFiles): LedgerPaths {
  const find = (name: string): string | undefined => findFile(directory, name) ?? undefined;
  return {
    logs: [log],
    stdout,
    iostat: find('iostat.txt'),
    diskstats: find('diskstats.txt'),
    sampler: find('sampler.csv'),
  };
}

async function hashesOf(files: TruthFiles): Promise<TruthInput[]> {
  const hashed: TruthInput[] = [];
  for (const path of [files.command, files.stdout, files.log, files.report, files.options, files.sst]) {
    if (path !== null) hashed.push({ name: path.split(/[/\\]/).at(-1) ?? path, ...(await streamAndHash(path, () => undefined)) });
  }
  return hashed;
}

/** A file of the directory, plain or packed; null without one. */
function findFile(directory: string, name: string): string | null {
  return [`${directory}/${name}`, `${directory}/${name}.gz`].find((path) => existsSync(path)) ?? null;
}

/**
 * The flags of a db_bench command, without the program, `--db` and `--report_file`, which say where and not what. Quotes of a shell are
 * removed; a repeated flag stays repeated (the last one counts, as with gflags).
 * @throws PutmodelError INPUT_SYNTAX when the command does not run db_bench.
 */
export function predictionArguments(command: string, file?: string): string[] {
  const words = shellWords(command);
  const program = words.findIndex((word) => word === 'db_bench' || word.endsWith('/db_bench'));
  if (program < 0) {
    const found = JSON.stringify(command.slice(0, 60));
    throw new PutmodelError({
      code: 'INPUT_SYNTAX',
      message: 'not a db_bench command',
      file,
      line: 1,
      found,
      expected: 'db_bench --flag=value ..',
    });
  }
  return words.slice(program + 1).filter((word) => !/^--?(db|report_file)=/.test(word));
}

interface TruthFiles {
  readonly command: string;
  readonly stdout: string;
  readonly log: string;
  readonly report: string | null;
  readonly options: string | null;
  readonly sst: string | null;
}

function findFiles(directory: string): TruthFiles {
  const issues: Issue[] = [];
  const need = (name: string): string => {
    const path = findFile(directory, name);
    if (path === null)
      issues.push({
        code: 'INPUT_MISSING',
        message: `a truth directory without ${name}`,
        file: directory,
        expected: `${name} or ${name}.gz`,
      });
    return path ?? '';
  };
  const files = {
    command: need('command.txt'),
    stdout: need('stdout.txt'),
    log: need('LOG'),
    report: findFile(directory, 'report.csv'),
    options: findFile(directory, 'OPTIONS'),
    sst: findFile(directory, 'sst.txt'),
  };
  if (issues.length > 0) throw new PutmodelError(issues);
  return files;
}

interface LogFigures {
  readonly version: string | null;
  readonly openedAtMicros: number;
  readonly closedAtMicros: number;
  readonly lastDump: StatsDump | null;
  readonly flushes: readonly LogFlush[];
  readonly compactions: readonly LogCompaction[];
  readonly delayedRates: TruthRun['delayedRates'];
  readonly intervals: (fromMicros: number, toMicros: number) => readonly StallInterval[];
}

interface Seen {
  version: string | null;
  lastDump: StatsDump | null;
  openedAtMicros: number | null;
  closedAtMicros: number | null;
  lastAtMicros: number;
}

async function readLog(file: string, unread: Issue[]): Promise<LogFigures> {
  const timeline = createStallTimeline();
  const flushes: LogFlush[] = [];
  const compactions: LogCompaction[] = [];
  const rates: { atMicros: number; bytesPerSec: number }[] = [];
  const seen: Seen = { version: null, lastDump: null, openedAtMicros: null, closedAtMicros: null, lastAtMicros: 0 };
  const reader = createLogReader({
    file,
    onUnread: (issue) => unread.push(issue),
    onEvent(event) {
      timeline.add(event);
      seen.lastAtMicros = Math.max(seen.lastAtMicros, event.atMicros);
      if (event.kind === 'opened') {
        seen.version = event.version;
        seen.openedAtMicros ??= event.atMicros;
      } else if (event.kind === 'closed') seen.closedAtMicros = event.atMicros;
      else if (event.kind === 'stats') seen.lastDump = event.dump;
      else if (event.kind === 'flushFinished') flushes.push(event.flush);
      else if (event.kind === 'compactionFinished') compactions.push(event.compaction);
      else if (event.kind === 'stallRecalculated' && event.delayedRateBytesPerSec !== null) {
        rates.push({ atMicros: event.atMicros, bytesPerSec: event.delayedRateBytesPerSec });
      }
    },
  });
  await streamText(file, (text) => reader.push(text));
  reader.end();
  const opened = seen.openedAtMicros ?? 0;
  return {
    version: seen.version,
    openedAtMicros: opened,
    closedAtMicros: seen.closedAtMicros ?? seen.lastAtMicros,
    lastDump: seen.lastDump,
    flushes,
    compactions,
    delayedRates: rates.map(({ atMicros, bytesPerSec }) => ({ atSec: (atMicros - opened) / 1e6, bytesPerSec })),
    intervals: (fromMicros, toMicros) => timeline.intervals(fromMicros, toMicros),
  };
}

function lastDumpFigures(
  dump: StatsDump | null,
): Pick<TruthRun, 'writeAmplification' | 'stallSec' | 'stallPercent' | 'stallUptimeSec' | 'stallCounts' | 'levels'> {
  const family = dump?.families[0];
  return {
    writeAmplification: family === undefined ? null : (rowNamed(family.levels, 'Sum')?.writeAmplification ?? null),
    stallSec: dump?.db?.stallSec ?? 0,
    stallPercent: dump?.db?.stallPercent ?? 0,
    stallUptimeSec: dump?.db?.uptimeSec ?? 0,
    stallCounts: family?.stallCounts ?? null,
    levels: family?.levels.rows.filter(({ level, name }) => level !== null || name === 'Sum') ?? [],
  };
}

/** States last until the run's end: the store then still finishes its jobs, which holds nobody. */
function stallFigures(
  log: LogFigures,
  printed: DbBenchOutput,
  seconds: number,
): Pick<TruthRun, 'stateSec' | 'causeSec' | 'stalls' | 'stallSecAtEnd'> {
  const endMicros = Math.min(log.closedAtMicros, log.openedAtMicros + seconds * 1e6);
  const stateSec = { normal: 0, delayed: 0, stopped: 0 };
  const stalls: TruthRun['stalls'][number][] = [];
  const causeSec = { memtable: 0, l0Slowdown: 0, l0Stop: 0, pendingSlowdown: 0, pendingStop: 0 };
  for (const { startMicros, endMicros: end, state, cause } of log.intervals(log.openedAtMicros, endMicros)) {
    stateSec[state] += (end - startMicros) / 1e6;
    const atSec = (micros: number): number => (micros - log.openedAtMicros) / 1e6;
    if (state !== 'normal') stalls.push({ startSec: atSec(startMicros), endSec: atSec(end), state });
    if (cause !== null) causeSec[cause] += (end - startMicros) / 1e6;
  }
  const ticker = printed.tickers.get('rocksdb.stall.micros');
  return { stateSec, causeSec, stalls, stallSecAtEnd: ticker === undefined ? null : ticker / 1e6 };
}

/** Jobs count when they finish, as in RocksDB's own table. */
function amplificationAt({ flushes, compactions }: LogFigures, atMicros: number): number | null {
  const before = ({ finishedAtMicros }: { readonly finishedAtMicros: number }): boolean => finishedAtMicros <= atMicros;
  const flushedBytes = sum(flushes.filter(before), ({ writtenBytes }) => writtenBytes);
  const compactedBytes = sum(compactions.filter(before), ({ outputBytes }) => outputBytes);
  return flushedBytes === 0 ? null : (flushedBytes + compactedBytes) / flushedBytes;
}

/** `files bytes`, as awk prints them: bytes may be 3.61585e+09. */
function sstTotals(text: string): readonly [number | null, number | null] {
  const [files, bytes] = text.trim().split(/\s+/).map(Number);
  return [Number.isFinite(files) ? (files ?? null) : null, Number.isFinite(bytes) ? (bytes ?? null) : null];
}

/** Words as a POSIX shell splits them, for quotes and backslashes; nothing is expanded. */
function shellWords(command: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quote = '';
  for (let i = 0; i < command.length; i++) {
    const character = command.charAt(i);
    if (quote !== '') {
      if (character === quote) quote = '';
      else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (character === '\\') {
      i++;
      if (command.charAt(i) !== '\n') word = (word ?? '') + command.charAt(i);
    } else if (/\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else {
      word = (word ?? '') + character;
    }
  }
  if (word !== null) words.push(word);
  return words;
}
