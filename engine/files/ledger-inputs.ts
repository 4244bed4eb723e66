/** Everything a ledger is made of, from disk: logs, db_bench's output, and what iostat, /proc/diskstats or a sampler counted. */
import { closeSync, openSync, readSync } from 'node:fs';
import { basename, join } from 'node:path';
import { constants, gunzipSync } from 'node:zlib';
import { PutmodelError, type Issue } from '../kernel/errors.js';
import { closeLedger, type ClosedLedger } from '../ledger/closure.js';
import { figuresOver, type DeviceSeries } from '../ledger/device-series.js';
import { createDiskstatsReader } from '../ledger/diskstats.js';
import { checkLog, ledgerOfLog } from '../ledger/from-log.js';
import { createIostatReader } from '../ledger/iostat.js';
import type { DeviceFigures } from '../ledger/ledger.js';
import { createLogAccount, type LedgerEnd, type LogAccount } from '../ledger/log-account.js';
import { createSamplerReader } from '../ledger/sampler.js';
import { createDbBenchOutputReader, type DbBenchOutput } from '../rocksdb/db-bench-output.js';
import { createLogReader } from '../rocksdb/log.js';
import type { InputFile } from '../scenario/kind.js';
import { isDirectory, listFiles, streamText } from './read.js';

/** What there is. A directory among the logs stands for the LOG and LOG.old.* in it. */
export interface LedgerPaths {
  readonly logs: readonly string[];
  readonly stdout?: string | undefined;
  readonly iostat?: string | undefined;
  readonly diskstats?: string | undefined;
  readonly sampler?: string | undefined;
  readonly deviceWriteBytes?: number | undefined;
  readonly deviceReadBytes?: number | undefined;
  /** Which device of iostat or diskstats, where several moved something. */
  readonly disk?: string | undefined;
}

/** A ledger that was read. */
export interface LoadedLedger {
  readonly closed: ClosedLedger;
  /** Where it ends. */
  readonly end: LedgerEnd;
  readonly rocksdbVersion: string | null;
  readonly inputs: readonly InputFile[];
  /** Lines of a known kind that could not be read. */
  readonly unread: readonly Issue[];
}

/**
 * Reads all of it, in constant memory. Totals that were given or that diskstats counted are about all of the log; samples and db_bench's
 * own figures about the benchmark; without either the ledger ends with the last dump, which tells user bytes.
 * @throws PutmodelError for files that are missing or are something else; INPUT_INVALID for logs that overlap in time.
 */
export async function loadLedger(paths: LedgerPaths): Promise<LoadedLedger> {
  const inputs: InputFile[] = [];
  const unread: Issue[] = [];
  const keep = async (path: string, onText: (text: string) => void): Promise<void> => {
    inputs.push({ name: basename(path), sha256: await streamText(path, onText) });
  };
  const printed = paths.stdout === undefined ? null : await readOutput(paths.stdout, keep, unread);
  const account = await readLogs(paths, printed, keep, unread);
  const ledger = ledgerOfLog(account, printed);
  const { checks, notes } = checkLog(account, printed);
  const measured = await readDevices(paths, ledger.spanSec, keep);
  const counted = measured.length > 0 ? [] : tickerFigures(account, printed);
  const devices = [...measured, ...counted];
  const allNotes = [...notes, ...devices.flatMap((device) => device.notes)];
  return { closed: closeLedger(ledger, devices, checks, allNotes), end: account.cutAt, rocksdbVersion: account.version, inputs, unread };
}

/** The files that paths stand for: directories by what is in them, oldest first by the time of their first line. */
export function logFilesOf(paths: readonly string[]): readonly string[] {
  const files = paths.flatMap((path) => {
    if (!isDirectory(path)) return [path];
    const names = listFiles(path).filter((name) => /^LOG(\.old\.\d+)?(\.gz)?$/.test(name));
    if (names.length > 0) return names.map((name) => join(path, name));
    throw new PutmodelError({ code: 'INPUT_MISSING', message: 'no LOG in this directory', file: path, expected: 'LOG, LOG.old.*' });
  });
  if (files.length < 2) return files;
  const dated = files.map((file) => ({ file, time: /^\d{4}\/\d\d\/\d\d-[\d:.]+/m.exec(headOf(file))?.[0] ?? '' }));
  return dated.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0)).map(({ file }) => file);
}

type Keep = (path: string, onText: (text: string) => void) => Promise<void>;

async function readOutput(path: string, keep: Keep, unread: Issue[]): Promise<DbBenchOutput> {
  const reader = createDbBenchOutputReader({ file: path, onUnread: (issue) => unread.push(issue) });
  await keep(path, (text) => {
    reader.push(text);
  });
  const printed = reader.end();
  const { results, tickers, lastDump, hasLogLines } = printed;
  const isOutput = results.length > 0 || (!hasLogLines && (tickers.size > 0 || lastDump !== null));
  if (isOutput) return printed;
  throw new PutmodelError({
    code: 'INPUT_SYNTAX',
    message: hasLogLines ? "this is a LOG, not db_bench's output" : 'not output of db_bench: no result line, no ticker, no table',
    file: path,
    expected: 'fillrandom : 66.088 micros/op ..',
  });
}

async function readLogs(paths: LedgerPaths, printed: DbBenchOutput | null, keep: Keep, unread: Issue[]): Promise<LogAccount> {
  const isWhole = paths.diskstats !== undefined || paths.deviceWriteBytes !== undefined;
  const account = createLogAccount({
    until: isWhole ? 'log' : printed !== null ? 'benchmark' : 'dump',
    printedUptimeSec: printed?.lastDump?.db?.uptimeSec ?? printed?.lastDump?.families[0]?.uptimeSec ?? null,
  });
  const files = logFilesOf(paths.logs);
  let before = { file: '', lastMicros: 0 };
  let now = { file: files[0] ?? '', lastMicros: 0 };
  const reader = createLogReader({
    file: now.file,
    onUnread: (issue) => unread.push(issue),
    onEvent(event) {
      if (now.lastMicros === 0 && event.atMicros < before.lastMicros - overlapMicros) throw overlapping(before.file, now.file);
      now.lastMicros = Math.max(now.lastMicros, event.atMicros);
      account.add(event);
    },
  });
  for (const [index, file] of files.entries()) {
    if (index > 0) {
      reader.startFile(file);
      before = now;
      now = { file, lastMicros: 0 };
    }
    await keep(file, (text) => {
      reader.push(text);
    });
  }
  reader.end();
  return account.finish();
}

/** Lines that were buffered carry times from before the roll. */
const overlapMicros = 1_000_000;

function overlapping(earlier: string, later: string): PutmodelError {
  const message = `it begins before ${earlier} ends: these are not parts of one store's log`;
  return new PutmodelError({ code: 'INPUT_INVALID', message, file: later, expected: 'the LOG.old.* and LOG of one store' });
}

async function readDevices(paths: LedgerPaths, spanSec: number, keep: Keep): Promise<DeviceFigures[]> {
  const { deviceWriteBytes, deviceReadBytes, iostat, diskstats, sampler } = paths;
  const disk = paths.disk ?? null;
  const devices: DeviceFigures[] = [];
  if (deviceWriteBytes !== undefined || deviceReadBytes !== undefined) {
    const [writtenBytes, readBytes] = [deviceWriteBytes ?? null, deviceReadBytes ?? null];
    devices.push({ source: 'flag', counts: 'device', writtenBytes, readBytes, notes: [] });
  }
  const read = async <T>(path: string, reader: { push(text: string): void; end(): T }): Promise<T> => {
    await keep(path, (text) => {
      reader.push(text);
    });
    return reader.end();
  };
  const over = (series: DeviceSeries, source: 'iostat' | 'sampler', counts: DeviceFigures['counts']): DeviceFigures =>
    figuresOver(series, spanSec, source, counts);
  if (diskstats !== undefined) devices.push(await read(diskstats, createDiskstatsReader({ disk, file: diskstats })));
  if (iostat !== undefined) devices.push(over(await read(iostat, createIostatReader({ disk, file: iostat })), 'iostat', 'device'));
  if (sampler !== undefined) devices.push(over(await read(sampler, createSamplerReader({ file: sampler })), 'sampler', 'files'));
  return devices;
}

/** What RocksDB's file writers counted, where nothing was measured: told, but it does not decide. */
function tickerFigures(account: LogAccount, printed: DbBenchOutput | null): DeviceFigures[] {
  const { opening, cutAt, ended } = account;
  const inLog = cutAt === 'dump' && ended.length === 0 && opening.fromStart ? opening.lastDump?.tickers : null;
  const inOutput = cutAt === 'benchmark' && ended.every(({ writtenBytes }) => writtenBytes === 0) ? printed?.tickers : null;
  const tickers = inOutput ?? inLog ?? null;
  const written = ['rocksdb.flush.write.bytes', 'rocksdb.compact.write.bytes'].map((name) => tickers?.get(name) ?? 0);
  const fileBytes = written.reduce((sum, bytes) => sum + bytes, 0);
  if (tickers === null || fileBytes === 0) return [];
  const writtenBytes = fileBytes + (tickers.get('rocksdb.wal.bytes') ?? 0);
  const readBytes = tickers.get('rocksdb.compact.read.bytes') ?? null;
  return [
    { source: 'tickers', counts: 'files', writtenBytes, readBytes, notes: ["device figures: none; RocksDB's tickers in their place"] },
  ];
}

const headBytes = 65_536;

/** The beginning of a file's text, gzip unpacked as far as it goes. */
function headOf(path: string): string {
  const bytes = new Uint8Array(headBytes);
  const length = attemptHead(path, bytes);
  const head = bytes.subarray(0, length);
  const isPacked = head[0] === 0x1f && head[1] === 0x8b;
  return new TextDecoder().decode(isPacked ? unpackHead(head) : head);
}

function attemptHead(path: string, into: Uint8Array): number {
  try {
    const file = openSync(path, 'r');
    try {
      return readSync(file, into, 0, into.length, 0);
    } finally {
      closeSync(file);
    }
  } catch {
    // What cannot be opened is told by the reader, with its reason.
    return 0;
  }
}

function unpackHead(head: Uint8Array): Uint8Array {
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    // Damaged: told by the reader.
    return new Uint8Array();
  }
}
