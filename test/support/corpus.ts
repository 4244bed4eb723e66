/**
 * Runs every reader over a folder of real files, one line a file:
 *
 *   npm run test:corpus -- DIR
 *
 * `ok`: read without anything left unread; `refused`: the reader says that it does not read such a file (an old version, a run that failed);
 * `damaged`: the file contradicts itself, and the reader says where; `none`: no reader for it; `BAD`: something that is not explained.
 * Exit status 1 when a file is bad.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { decodeEnvelope } from '../../engine/device/envelope-file.js';
import { pointsOf } from '../../engine/device/points.js';
import { createIologReader } from '../../engine/fio/iolog.js';
import { parseFioJson } from '../../engine/fio/json.js';
import { createFioLogReader } from '../../engine/fio/log.js';
import { formatIssue, PutmodelError, type Issue } from '../../engine/kernel/errors.js';
import { createDiskstatsReader } from '../../engine/ledger/diskstats.js';
import { createIostatReader } from '../../engine/ledger/iostat.js';
import { createSamplerReader } from '../../engine/ledger/sampler.js';
import { createDbBenchOutputReader, parseReportCsv } from '../../engine/rocksdb/db-bench-output.js';
import { createLogReader } from '../../engine/rocksdb/log.js';
import { parseOptionsFile } from '../../engine/rocksdb/options-file.js';

/** What became of a file. */
export interface Verdict {
  readonly kind: 'ok' | 'refused' | 'damaged' | 'none' | 'BAD';
  readonly reader: string;
  readonly told: string;
}

type Read = (text: string, file: string, unread: (issue: Issue) => void) => string;

/** The first whose pattern the beginning of the text has, reads it. */
const readers: readonly { readonly name: string; readonly pattern: RegExp; readonly read: Read }[] = [
  { name: 'LOG', pattern: /^\d{4}\/\d\d\/\d\d-\d\d:\d\d:\d\d\.\d{6} /, read: readLog },
  { name: 'OPTIONS', pattern: /^\s*\[(Version|DBOptions)\]/m, read: readOptions },
  {
    name: 'report.csv',
    pattern: /^(now_micros,)?secs_elapsed,interval_qps/,
    read: (text, file) => `${count(parseReportCsv(text, file))} intervals`,
  },
  { name: 'sampler', pattern: /^secs,.*disk_write_bytes/, read: (text, file) => samples(createSamplerReader({ file }), text) },
  { name: 'iostat', pattern: /^avg-cpu:/m, read: (text, file) => samples(createIostatReader({ disk: null, file }), text) },
  { name: 'diskstats', pattern: /^ *\d+ +\d+ [a-z]+\d* \d+ \d+ \d+ \d+ \d+ \d+/m, read: readDiskstats },
  { name: 'envelope', pattern: /^\{\s*"schema": "putmodel\/envelope/, read: (text, file) => decodeEnvelope(text, file).name },
  { name: 'iolog', pattern: /^fio version \d+ iolog/, read: readTrace },
  { name: 'fio log', pattern: /^\d+, \d+, [012], \d+(, (0x)?[0-9a-f]+){0,3}\r?\n/, read: readFioLog },
  { name: 'fio JSON', pattern: /"fio version"|^fio: /m, read: readFio },
  { name: 'db_bench', pattern: /micros\/op|^RocksDB: +version|Compaction Stats|^Keys: +\d+ bytes|Initializing RocksDB/m, read: readOutput },
];

/** Reads one file with the reader that its beginning asks for. */
export function judge(text: string, file: string): Verdict {
  const head = text.slice(0, 200_000);
  const found = readers.find(({ pattern }) => pattern.test(head));
  if (found === undefined) return { kind: 'none', reader: '-', told: 'no reader for such a file' };
  const unread: Issue[] = [];
  try {
    const told = found.read(text, file, (issue) => unread.push(issue));
    if (unread.length === 0) return { kind: 'ok', reader: found.name, told };
    const kind = unread.every(({ message }) => damages.test(message)) ? 'damaged' : 'BAD';
    return { kind, reader: found.name, told: unread.slice(0, 3).map(formatIssue).join(' | ') };
  } catch (error) {
    if (!(error instanceof PutmodelError)) throw error;
    const [first] = error.issues;
    const told = first === undefined ? '' : formatIssue(first);
    if (error.code === 'INPUT_UNSUPPORTED') return { kind: 'refused', reader: found.name, told };
    return { kind: hasForeignRows(text) ? 'damaged' : 'BAD', reader: found.name, told };
  }
}

/** Lines that another thread of db_bench printed into. */
const damages = /another line cuts into/;

/** A CSV of a modified db_bench, whose rows have another number of cells than its own header. */
function hasForeignRows(text: string): boolean {
  const [header = '', row = ''] = text.split('\n');
  return header.startsWith('secs_elapsed,') && header.split(',').length !== row.split(',').length;
}

/** Prints a line for every file below the directory; the exit status. */
export function runCorpus(directory: string, print: (line: string) => void): 0 | 1 {
  let bad = 0;
  for (const path of filesBelow(directory)) {
    const bytes = readFileSync(path);
    const text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8');
    const name = relative(directory, path);
    const { kind, reader, told } = judge(text, name);
    if (kind === 'BAD') bad++;
    print(`${kind.padEnd(7)} ${reader.padEnd(10)} ${name}: ${told}`);
  }
  print(bad === 0 ? 'everything is explained' : `${String(bad)} files with something unexplained`);
  return bad === 0 ? 0 : 1;
}

function readLog(text: string, file: string, unread: (issue: Issue) => void): string {
  const seen = new Map<string, number>();
  const reader = createLogReader({ file, onUnread: unread, onEvent: ({ kind }) => seen.set(kind, (seen.get(kind) ?? 0) + 1) });
  reader.push(text);
  reader.end();
  const shown = ['opened', 'flushFinished', 'compactionFinished', 'stats', 'statistics'].map(
    (kind) => `${kind} ${String(seen.get(kind) ?? 0)}`,
  );
  return shown.join(', ');
}

function readOptions(text: string, file: string): string {
  const { families, unknown } = parseOptionsFile(text, file);
  return `${count(families)} families, ${count(unknown)} options of other versions`;
}

function readFio(text: string, file: string): string {
  const { points, issues } = pointsOf(parseFioJson(text, file));
  return `${count(points)} points${issues.length === 0 ? '' : `, not used: ${issues[0]?.message ?? ''}`}`;
}

function readTrace(text: string, file: string): string {
  const reader = createIologReader(() => undefined, { file });
  reader.push(text);
  const { version, rowCount } = reader.end();
  return `version ${String(version)}, ${String(rowCount)} requests`;
}

function readFioLog(text: string, file: string): string {
  const reader = createFioLogReader(() => undefined, { file });
  reader.push(text);
  const { rowCount, isAveraged } = reader.end();
  return `${String(rowCount)} ${isAveraged ? 'windows' : 'requests'}`;
}

function readOutput(text: string, file: string, unread: (issue: Issue) => void): string {
  const reader = createDbBenchOutputReader({ file, onUnread: unread });
  reader.push(text);
  const { results, tickers, histograms, lastDump } = reader.end();
  return `${count(results)} results, ${String(tickers.size)} tickers, ${String(histograms.size)} histograms, ${lastDump === null ? 'no' : 'a'} table`;
}

function readDiskstats(text: string, file: string): string {
  const reader = createDiskstatsReader({ disk: null, file });
  reader.push(text);
  return `${String(reader.end().writtenBytes)} bytes written`;
}

function samples(reader: ReturnType<typeof createIostatReader>, text: string): string {
  reader.push(text);
  const series = reader.end();
  return `${count(series.samples)} samples of ${series.name}`;
}

function count(list: readonly unknown[]): string {
  return String(list.length);
}

function filesBelow(directory: string): string[] {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();
  return names.map((name) => join(directory, name)).filter((path) => statSync(path).isFile());
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [directory] = process.argv.slice(2);
  if (directory === undefined) {
    console.error('usage: npm run test:corpus -- DIR');
    process.exitCode = 2;
  } else process.exitCode = runCorpus(directory, console.log);
}
