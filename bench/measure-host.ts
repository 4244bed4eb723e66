/**
 * The analysis behind bench/measure-host.sh:
 *
 *   tsx bench/measure-host.ts files SCRATCH OUT.json   measures the file system: page-cache copies, fsync, unlink
 *   tsx bench/measure-host.ts fit RAW NAME             digests RAW into results/reference/measure-host/NAME.json, then as refit; what it
 *                                                 held before stays, if from the same kind of machine: repeats are added up
 *   tsx bench/measure-host.ts refit NAME               fits the committed digest, prints every residual, writes scenarios/data/hosts/NAME.json
 *
 * The fit is on CPU time, of a job (LOG) or of the process (puts):
 *   flush   cpu = a * records + b * bytes + c * data blocks, of a running store
 *   merge   cpu = m * records + d * records * log2(runs / 2) + k * bytes + l * data blocks + f * files
 *   put     cpu = i * records + j * bytes + e * records * doublings of the memtable beyond 16 MiB   and with a WAL   + w * records + x * bytes + g * groups
 * with bytes = key + value. Every short run is repeated and the fastest repeat counts: what else a machine does can only add time.
 * Least squares over relative residuals; a coefficient that comes out negative is held at 0.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { memtableDoublings, writersPerGroup } from '../engine/lsm/clients.js';
import { createLogReader } from '../engine/rocksdb/log.js';
import { entriesPerBlock, type EntrySize } from '../engine/rocksdb/sizes.js';
import { collectCosts, usualBlocks } from '../engine/validation/calibrate-host.js';
import type { ColdMemory } from '../engine/validation/cold-memory.js';

const mebibyte = 1048576;
const keyBytes = 16;
type Codec = 'none' | 'snappy' | 'lz4' | 'lz4hc' | 'zlib' | 'bzip2' | 'zstd' | 'xpress';
const measuredCodecs = ['none', 'snappy', 'lz4', 'lz4hc', 'zlib', 'bzip2', 'zstd'] as const;
const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What one kind of work cost in one kind of run; the arrays have an entry for each repeat. Bytes: key + value of the records that went in. */
interface Point {
  readonly run: string;
  readonly work: 'put' | 'flush' | 'merge';
  readonly count: number;
  readonly records: number;
  readonly bytes: number;
  readonly outputRecords: number;
  readonly outputBytes: number;
  readonly files: number;
  /** Sorted runs merged, mean over the jobs: each L0 file is one, each deeper level one. */
  readonly runs: number;
  readonly cpuMicros: readonly number[];
  readonly wallMicros: readonly number[];
}

interface Unlink {
  readonly bytes: number;
  readonly micros: number;
}

interface Closes {
  readonly files: number;
  readonly fsyncMicros: number;
  readonly prepareMicros: number;
}

interface FileFigures {
  readonly writeNanosPerByte: number;
  readonly readNanosPerByte: number;
  readonly sizes: readonly { readonly mebibytes: number; readonly fsyncMillis: number; readonly unlinkMillis: number }[];
}

interface Digest {
  readonly schema: 'putmodel/host-measurement/1';
  readonly machine: { readonly cpu: string; readonly cores: number; readonly cacheKib: number; readonly memoryBytes: number };
  /** The LOGs that it is a digest of, with the hash of their text: what the host is calibrated on. */
  readonly logs: readonly { readonly name: string; readonly sha256: string }[];
  readonly commands: Readonly<Record<string, string>>;
  readonly points: readonly Point[];
  /** CPU seconds of the whole process over wall seconds, by run: the threads that were busy on average. */
  readonly busyThreads: Readonly<Record<string, number>>;
  /** Each removal of an SST in the fills, and the time from the start to the end of a commit's MANIFEST write. */
  readonly unlinks: readonly Unlink[];
  readonly manifestMicros: readonly number[];
  /** Closes of files that had been written back as they grew, by run: mean micros in fsync and in preparing (fallocate) a file. */
  readonly closes: Readonly<Record<string, Closes>>;
  /** By run; none where memory is the machine's own. */
  readonly cold: Readonly<Record<string, ColdMemory>>;
  readonly uncompressNanosPerByte: Readonly<Record<string, number>>;
  readonly files: FileFigures;
}

/** What one measurement found; `files` is null where step files was left out. */
type Measured = Omit<Digest, 'files'> & { readonly files: FileFigures | null };

const [command, first = '', second = ''] = process.argv.slice(2);
if (command === 'files') writeFileSync(second, JSON.stringify(measureFiles(first), null, 1) + '\n');
else if (command === 'fit') {
  mkdirSync(dirname(digestPath(second)), { recursive: true });
  const older = existsSync(digestPath(second)) ? (JSON.parse(readFileSync(digestPath(second), 'utf8')) as Digest) : null;
  writeFileSync(digestPath(second), formatDigest(withOlder(digest(first, older), older)));
  fit(second);
} else if (command === 'refit') fit(first);
else {
  console.error('usage: measure-host.ts files SCRATCH OUT.json | fit RAW NAME | refit NAME');
  process.exitCode = 2;
}

function digestPath(name: string): string {
  return join(root, 'results/reference/measure-host', `${name}.json`);
}

/**
 * Flushes of a running store, in the CPU time that they would take on a machine where its compactions cost what the merges alone did. In a
 * store a memtable has left the caches, which costs large values more; whatever makes flushes and compactions dearer alike (a virtual
 * machine's mood, short bursts) drops out. Each repeat by itself.
 */
function flushesInStore(data: Digest, mergeNanos: (point: Point) => number): Point[] {
  const paced = data.points.filter(({ run }) => run.startsWith('paced'));
  return paced
    .filter(({ work }) => work === 'flush')
    .map((flush) => {
      const merges = paced.filter(
        ({ run, work, cpuMicros }) =>
          work === 'merge' && run.replace(/ .*/, '') === flush.run && cpuMicros.length === flush.cpuMicros.length,
      );
      const expected = sum(merges, mergeNanos) / 1000;
      const measured = (repeat: number): number => sum(merges, ({ cpuMicros }) => cpuMicros[repeat] ?? NaN);
      return { ...flush, cpuMicros: [median(flush.cpuMicros.map((micros, i) => (micros * expected) / measured(i)))] };
    });
}

/**
 * What a write group takes beside its WAL record and inserts: the next leader is told, by a thread that looks at its word or by waking it.
 * Wall time, because only one group is written at a time.
 */
function fitThreads(data: Digest, aloneNanos: (point: Point, groupSize: number) => number): [handoff: number, wake: number] {
  console.log('\nhanding the lead on, ns a group');
  const cores = data.machine.cores;
  const handoffs: number[] = [];
  const wakes: number[] = [];
  for (const point of data.points.filter(({ run, work }) => work === 'put' && run.startsWith('threads'))) {
    const threads = Number(/-t(\d+)/.exec(point.run)?.[1]);
    const groupSize = writersPerGroup(Math.min(threads, cores));
    const nanos = ((Math.min(...point.wallMicros) * 1000 - aloneNanos(point, groupSize)) * groupSize) / point.records;
    console.log(`  ${point.run.padEnd(26)} ${nanos.toFixed(0)}`);
    (threads > cores ? wakes : handoffs).push(Math.max(0, nanos));
  }
  const mean = (list: readonly number[]): number => (list.length === 0 ? 0 : sum(list, (value) => value) / list.length);
  return [mean(handoffs), mean(wakes)];
}

/** A close beside other writes, less the transfer of what range syncs leave for it (1 MiB, and half of bytes_per_sync on average). */
function fitClose({ closes }: Digest, syncMicrosPerMiB: number): number {
  const left = 1.5 * syncMicrosPerMiB;
  console.log(`\nclosing a file written back as it grew; ${left.toFixed(0)} us of it transfer`);
  const fixed = Object.entries(closes).map(([run, { files, fsyncMicros, prepareMicros }]) => {
    console.log(`  ${run}: fsync ${fsyncMicros.toFixed(0)} us, fallocate ${prepareMicros.toFixed(0)} us (${String(files)} files)`);
    return Math.max(0, fsyncMicros - left) + prepareMicros;
  });
  return median(fixed);
}

/** One point a line, so that a new measurement reads as a diff. */
function formatDigest(value: Digest): string {
  const line = (rows: readonly unknown[]): string => `[\n  ${rows.map((row) => JSON.stringify(row)).join(',\n  ')}\n ]`;
  const entries = Object.entries(value).map(
    ([key, entry]) =>
      ` ${JSON.stringify(key)}: ${key === 'points' ? line(value.points) : key === 'logs' ? line(value.logs) : JSON.stringify(entry)}`,
  );
  return `{\n${entries.join(',\n')}\n}\n`;
}

// --- the file system's own figures ---

function measureFiles(scratch: string): FileFigures {
  const block = Buffer.alloc(mebibyte, 'measure');
  const path = join(scratch, 'measure.data');
  const write = (mebibytes: number): number => {
    const handle = openSync(path, 'w');
    const nanos = cpuNanos(() => {
      for (let i = 0; i < mebibytes; i++) writeSync(handle, block);
    });
    closeSync(handle);
    return nanos / (mebibytes * mebibyte);
  };
  const warm: number[] = [];
  const read: number[] = [];
  for (let repeat = 0; repeat < 6; repeat++) {
    warm.push(write(256));
    read.push(readBlocks(path));
    unlinkSync(path);
  }
  const sizes = syncAndUnlink(path, block, [1, 4, 16, 64]);
  const writeNanosPerByte = Math.min(...warm);
  return { writeNanosPerByte, readNanosPerByte: Math.min(...read), sizes };
}

/** Reads a cached file in the 4 KiB pieces that a compaction without readahead asks for. */
function readBlocks(path: string): number {
  const handle = openSync(path, 'r');
  const block = Buffer.alloc(4096);
  let bytes = 0;
  const nanos = cpuNanos(() => {
    for (let got = 1; got > 0; bytes += got) got = readSync(handle, block, 0, block.length, bytes);
  });
  closeSync(handle);
  return nanos / bytes;
}

/** Sizes take turns, so that what else the disk does falls on all of them alike; the fastest turn counts, as everywhere. */
function syncAndUnlink(path: string, block: Buffer, sizesMebibytes: readonly number[]): FileFigures['sizes'] {
  const turns = Array.from({ length: 12 }, () =>
    sizesMebibytes.map((mebibytes) => {
      const handle = openSync(path, 'w');
      for (let i = 0; i < mebibytes; i++) writeSync(handle, block);
      const fsyncMillis = wallMillis(() => {
        fsyncSync(handle);
      });
      closeSync(handle);
      const unlinkMillis = wallMillis(() => {
        unlinkSync(path);
      });
      return { fsyncMillis, unlinkMillis };
    }),
  );
  return sizesMebibytes.map((mebibytes, i) => ({
    mebibytes,
    fsyncMillis: round(Math.min(...turns.map((turn) => turn[i]?.fsyncMillis ?? NaN))),
    unlinkMillis: round(Math.min(...turns.map((turn) => turn[i]?.unlinkMillis ?? NaN))),
  }));
}

function cpuNanos(body: () => void): number {
  const before = process.cpuUsage();
  body();
  const used = process.cpuUsage(before);
  return (used.user + used.system) * 1000;
}

function wallMillis(body: () => void): number {
  const before = process.hrtime.bigint();
  body();
  return Number(process.hrtime.bigint() - before) / 1e6;
}

// --- LOGs to points ---

interface Job {
  readonly work: 'flush' | 'merge';
  readonly records: number;
  readonly outputRecords: number;
  readonly outputBytes: number;
  readonly files: number;
  readonly runs: number;
  readonly cpuMicros: number;
  readonly wallMicros: number;
}

interface LogFacts {
  /** Mean over the files of all jobs that say what they waited for (report_bg_io_stats). */
  readonly closes: () => Closes;
  readonly jobs: Job[];
  readonly unlinks: Unlink[];
  readonly manifestMicros: number[];
}

type Fields = Record<string, unknown>;

/** A digest of RAW, without the LOGs that the older digest holds already. */
function digest(raw: string, older: Digest | null): Measured {
  const known = new Set(older?.logs.map(({ sha256 }) => sha256));
  const ids = readdirSync(join(raw, 'runs'))
    .filter((file) => file.endsWith('.LOG.gz'))
    .map((file) => file.slice(0, -'.LOG.gz'.length))
    .sort((a, b) => (a < b ? -1 : 1));
  const logs: { name: string; sha256: string }[] = [];
  const commands: Record<string, string> = {};
  let cacheKib = 0;
  const busyThreads: Record<string, number> = {};
  const points = new Map<string, Point>();
  const unlinks: Unlink[] = [];
  const manifestMicros: number[] = [];
  const closes: Record<string, Closes> = {};
  const cold: Record<string, ColdMemory> = {};
  for (const id of ids) {
    const text = (suffix: string): string => readFileSync(join(raw, 'runs', id + suffix), 'utf8');
    // Of runs that are known already too: it tells whose digest this is.
    cacheKib = Number(/^CPUCache:\s+(\d+) KB/m.exec(text('.out'))?.[1] ?? cacheKib);
    const logText = gunzipSync(readFileSync(join(raw, 'runs', `${id}.LOG.gz`)));
    const sha256 = createHash('sha256').update(logText).digest('hex');
    if (known.has(sha256)) continue;
    const run = id.replace(/-r\d+$/, '');
    const line = text('.command').trim();
    commands[run] = line;
    const valueBytes = Number(/--value_size=(\d+)/.exec(line)?.[1] ?? 100);
    logs.push({ name: `${id}.LOG`, sha256 });
    const log = readLog(logText.toString());
    const [, user, system, wall] = /cpuSec (\S+) (\S+) wallSec (\S+)/.exec(text('.time')) ?? [];
    const cpuMicros = (Number(user) + Number(system)) * 1e6;
    busyThreads[run] = cpuMicros / 1e6 / Number(wall);
    addPut(points, run, text('.out'), valueBytes, cpuMicros - sum(log.jobs, (job) => job.cpuMicros));
    addJobs(
      points,
      run,
      'flush',
      log.jobs.filter((job) => job.work === 'flush'),
      valueBytes,
    );
    const merges = log.jobs.filter((job) => job.work === 'merge');
    addJobs(
      points,
      run,
      'merge',
      merges.filter((job) => job.runs > 2),
      valueBytes,
    );
    addJobs(
      points,
      `${run} (two runs)`,
      'merge',
      merges.filter((job) => job.runs <= 2),
      valueBytes,
    );
    if (run.startsWith('fill')) unlinks.push(...log.unlinks);
    if (run.startsWith('limited')) closes[id] = log.closes();
    const found = run.startsWith('cold') ? coldMemory(id, logText.toString()) : null;
    if (found !== null) cold[id] = found;
    manifestMicros.push(...log.manifestMicros);
  }
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, cacheKib, memoryBytes: totalmem() };
  const uncompressNanosPerByte = readCodecs(join(raw, 'codecs'));
  const filesPath = join(raw, 'files.json');
  const files = existsSync(filesPath) ? (JSON.parse(readFileSync(filesPath, 'utf8')) as FileFigures) : null;
  return {
    schema: 'putmodel/host-measurement/1',
    machine,
    logs,
    commands,
    points: [...points.values()],
    busyThreads,
    unlinks,
    manifestMicros,
    closes,
    cold,
    uncompressNanosPerByte,
    files,
  };
}

/**
 * With what the digest holds already, if its machine is of the same kind: other runs, and earlier repeats of the same ones.
 * @throws Error if step files is missing in both
 */
function withOlder(now: Measured, older: Digest | null): Digest {
  const same = older !== null && (['cpu', 'cores', 'cacheKib'] as const).every((field) => older.machine[field] === now.machine[field]);
  if (!same) {
    if (now.files === null) throw new Error('step files is missing, and there is no digest of such a machine to take it from');
    return { ...now, files: now.files };
  }
  const points = new Map<string, Point>();
  for (const point of [...older.points, ...now.points]) add(points, point);
  const fills = now.unlinks.length > 0;
  return {
    ...now,
    logs: [...older.logs, ...now.logs],
    commands: { ...older.commands, ...now.commands },
    points: [...points.values()],
    busyThreads: { ...older.busyThreads, ...now.busyThreads },
    unlinks: fills ? now.unlinks : older.unlinks,
    manifestMicros: fills ? now.manifestMicros : older.manifestMicros,
    closes: Object.keys(now.closes).length > 0 ? now.closes : older.closes,
    cold: { ...older.cold, ...now.cold },
    uncompressNanosPerByte: { ...older.uncompressNanosPerByte, ...now.uncompressNanosPerByte },
    files: now.files ?? older.files,
  };
}

/** db_bench's own `uncompress` benchmark prints MiB/s of uncompressed bytes. */
function readCodecs(directory: string): Record<string, number> {
  const speeds = readdirSync(directory)
    .filter((file) => file.endsWith('.out'))
    .map((file) => [file, /^uncompress .*?([\d.]+) MB\/s/m.exec(readFileSync(join(directory, file), 'utf8'))?.[1]] as const);
  return Object.fromEntries(speeds.map(([file, speed]) => [file.replace('.out', ''), round(1e9 / (Number(speed) * mebibyte))]));
}

function addPut(points: Map<string, Point>, run: string, output: string, valueBytes: number, cpuMicros: number): void {
  const result = /^fillrandom\s*:.*?([\d.]+) seconds (\d+) operations/m.exec(output);
  if (result === null) throw new Error(`${run}: no result line of fillrandom`);
  const records = Number(result[2]);
  const bytes = records * (keyBytes + valueBytes);
  const wallMicros = Number(result[1]) * 1e6;
  add(points, {
    run,
    work: 'put',
    count: 1,
    records,
    bytes,
    outputRecords: 0,
    outputBytes: 0,
    files: 0,
    runs: 0,
    cpuMicros: [cpuMicros],
    wallMicros: [wallMicros],
  });
}

function addJobs(points: Map<string, Point>, run: string, work: 'flush' | 'merge', jobs: readonly Job[], valueBytes: number): void {
  if (jobs.length === 0) return;
  const records = sum(jobs, (job) => job.records);
  add(points, {
    run,
    work,
    count: jobs.length,
    records,
    bytes: records * (keyBytes + valueBytes),
    outputRecords: sum(jobs, (job) => job.outputRecords),
    outputBytes: sum(jobs, (job) => job.outputBytes),
    files: sum(jobs, (job) => job.files),
    runs: sum(jobs, (job) => job.runs) / jobs.length,
    cpuMicros: [sum(jobs, (job) => job.cpuMicros)],
    wallMicros: [sum(jobs, (job) => job.wallMicros)],
  });
}

/** Repeats of a run share a point; its counts are those of the first. */
function add(points: Map<string, Point>, point: Point): void {
  const key = `${point.run} ${point.work}`;
  const seen = points.get(key);
  const appended = seen && {
    ...seen,
    cpuMicros: [...seen.cpuMicros, ...point.cpuMicros.map((micros) => Math.round((micros * seen.records) / point.records))],
    wallMicros: [...seen.wallMicros, ...point.wallMicros.map((micros) => Math.round((micros * seen.records) / point.records))],
  };
  points.set(key, appended ?? point);
}

function readLog(text: string): LogFacts {
  const started = new Map<number, Fields>();
  const fileBytes = new Map<number, number>();
  const flushBytes = new Map<number, number>();
  const waits = { files: 0, fsyncNanos: 0, prepareNanos: 0 };
  const closes = (): Closes => ({
    files: waits.files,
    fsyncMicros: round(waits.fsyncNanos / waits.files / 1000),
    prepareMicros: round(waits.prepareNanos / waits.files / 1000),
  });
  const facts: LogFacts = { jobs: [], unlinks: [], manifestMicros: [], closes };
  let previousDeletion = { job: NaN, micros: NaN };
  let commitStartSec = NaN;
  for (const line of text.split('\n')) {
    const flush = /\[JOB (\d+)\] Flush lasted (\d+) microseconds, and (\d+) cpu/.exec(line);
    if (flush !== null) {
      const job = Number(flush[1]);
      const records = number(started.get(job), 'num_entries');
      const outputBytes = flushBytes.get(job) ?? 0;
      const times = { wallMicros: Number(flush[2]), cpuMicros: Number(flush[3]) };
      facts.jobs.push({ work: 'flush', records, outputRecords: records, outputBytes, files: 1, runs: 1, ...times });
    }
    const commit = /Original Log Time \S+:(\d+\.\d+)\).*Level-0 commit table #\d+(: memtable #\d+ done| started)/.exec(line);
    if (commit?.[2] === ' started') commitStartSec = Number(commit[1]);
    else if (commit !== null) facts.manifestMicros.push(Math.round((Number(commit[1]) - commitStartSec) * 1e6));
    const event = parseEvent(line);
    if (event === null) continue;
    const job = number(event, 'job');
    if ('file_fsync_nanos' in event) {
      waits.files += event['event'] === 'compaction_finished' ? number(event, 'num_output_files') : 1;
      waits.fsyncNanos += number(event, 'file_fsync_nanos');
      waits.prepareNanos += number(event, 'file_prepare_write_nanos');
    }
    const deletion = { job, micros: number(event, 'time_micros') };
    switch (event['event']) {
      case 'flush_started':
      case 'compaction_started':
        started.set(job, event);
        break;
      case 'table_file_creation':
        fileBytes.set(number(event, 'file_number'), number(event, 'file_size'));
        flushBytes.set(job, number(event, 'file_size'));
        break;
      case 'compaction_finished':
        facts.jobs.push(mergeJob(started.get(job) ?? {}, event));
        break;
      case 'table_file_deletion':
        if (previousDeletion.job === job) {
          facts.unlinks.push({
            bytes: fileBytes.get(number(event, 'file_number')) ?? 0,
            micros: deletion.micros - previousDeletion.micros,
          });
        }
        previousDeletion = deletion;
        break;
    }
  }
  return facts;
}

function mergeJob(start: Fields, end: Fields): Job {
  const inputs = Object.entries(start).filter(([key]) => key.startsWith('files_L'));
  const count = (files: unknown): number => (Array.isArray(files) ? files.length : 0);
  return {
    work: 'merge',
    records: number(end, 'num_input_records'),
    outputRecords: number(end, 'num_output_records'),
    outputBytes: number(end, 'total_output_size'),
    files: sum(inputs, ([, files]) => count(files)) + number(end, 'num_output_files'),
    runs: sum(inputs, ([key, files]) => (key === 'files_L0' ? count(files) : 1)),
    cpuMicros: number(end, 'compaction_time_cpu_micros'),
    wallMicros: number(end, 'compaction_time_micros'),
  };
}

function coldMemory(id: string, log: string): ColdMemory | null {
  const costs = collectCosts(id);
  const reader = createLogReader({ onEvent: costs.onEvent, file: id });
  reader.push(log);
  reader.end();
  return costs.finish().cold;
}

function parseEvent(line: string): Fields | null {
  const at = line.indexOf('EVENT_LOG_v1 ');
  if (at < 0) return null;
  try {
    return JSON.parse(line.slice(at + 13)) as Fields;
  } catch {
    return null; // the last line of a LOG may be cut
  }
}

function number(fields: Fields | undefined, key: string): number {
  return Number(fields?.[key] ?? 0);
}

// --- the fit ---

function fit(name: string): void {
  const data = JSON.parse(readFileSync(digestPath(name), 'utf8')) as Digest;
  const of = (work: Point['work'], prefix: RegExp): Point[] => data.points.filter((point) => point.work === work && prefix.test(point.run));
  const doublings = (point: Point): number => Math.max(0, Math.log2(point.runs / 2));

  const commandOf = ({ run }: Point): string => data.commands[run.replace(/ .*/, '')] ?? '';
  const blocks = (point: Point): number => point.records / entriesPerBlock(sizeOf(point), blockOptions(commandOf(point)));
  const [mergeRecord, mergeDoubling, mergeByte, mergeFile, mergeBlock] = fitNanos(
    'merge (records, records x doublings, bytes, files, blocks)',
    of('merge', /^merge/),
    (p) => [p.records, p.records * doublings(p), p.bytes, p.files, blocks(p)],
  );
  const mergeNanos = (p: Point): number =>
    p.records * (mergeRecord + mergeDoubling * doublings(p)) + p.bytes * mergeByte + p.files * mergeFile + blocks(p) * mergeBlock;
  const flushes = flushesInStore(data, mergeNanos);
  if (flushes.length === 0) throw new Error('step paced is missing: flushes are measured beside compactions');
  const flushTerms = (p: Point): number[] => [p.records, p.bytes, blocks(p)];
  const [flushRecord, flushByte, flushBlock] = fitNanos('flush beside compactions (records, bytes, blocks)', flushes, flushTerms);
  const memtables = (point: Point): number => memtableDoublings(Number(/--write_buffer_size=(\d+)/.exec(commandOf(point))?.[1] ?? 0));
  const [putRecord, putByte, putDoubling] = fitNanos(
    'put without WAL (records, bytes, records x doublings of the memtable)',
    of('put', /^insert-v\d+-(wal0-b1|m\d+)$/),
    (p) => [p.records, p.bytes, p.records * memtables(p)],
  );
  const puts = of('put', /^insert.*wal0/);
  const extra = of('put', /^insert.*wal1/).flatMap((point) => {
    const base = puts.find((other) => other.run === point.run.replace('wal1', 'wal0'));
    return base ? [{ ...point, cpuMicros: [fastest(point) - fastest(base)] }] : [];
  });
  const groups = (p: Point): number => p.records / (p.run.endsWith('b100') ? 100 : 1);
  const [walRecord, walByte, walGroup] = fitNanos('WAL (records, bytes, groups)', extra, (p) => [p.records, p.bytes, groups(p)]);

  const [handoff, wake] = fitThreads(data, (p, groupSize) => {
    const own = p.records * putRecord + p.bytes * putByte;
    const wal = p.run.includes('wal1') ? p.records * walRecord + p.bytes * walByte : 0;
    return wal + (own + (wal === 0 ? 0 : p.records * walGroup)) / groupSize;
  });
  const predicted = (p: Point): number => {
    if (p.work === 'flush') return (p.records * flushRecord + p.bytes * flushByte + blocks(p) * flushBlock) / 1000;
    if (p.work === 'merge') return mergeNanos(p) / 1000;
    return (p.records * putRecord + p.bytes * putByte) / 1000;
  };
  // The fills are not repeated, so they are compared with the usual repeat of the runs alone, not with the fastest.
  const usual = median(data.points.filter((point) => /^(merge|insert)/.test(point.run)).map((p) => median(p.cpuMicros) / fastest(p)));
  console.log(`\nusual repeat: ${usual.toFixed(2)} x the fastest`);
  const slowdowns = data.points
    .filter((point) => /^fill-v\d+( |$)/.test(point.run))
    .flatMap((point) => {
      const busy = data.busyThreads[point.run.replace(/ .*/, '')] ?? 1;
      const ratio = fastest(point) / (predicted(point) * usual);
      console.log(`contention ${point.run} ${point.work}: ${ratio.toFixed(2)} x its usual cost alone, ${busy.toFixed(2)} threads busy`);
      // Fewer busy threads than that: something else had the cores, and the ratio says nothing.
      return busy > 1.3 ? [(ratio - 1) / (busy - 1)] : [];
    });
  const codecs = fitCodecs(data);
  const sizes = (value: (size: FileFigures['sizes'][number]) => number): [number, number][] =>
    data.files.sizes.map((size) => [size.mebibytes, value(size) * 1000]);
  fitLine(
    'unlink in the fills (check)',
    data.unlinks.map((u) => [u.bytes / mebibyte, u.micros]),
  );
  const [unlinkFixed, unlinkMiB] = fitLine(
    'unlink',
    sizes((size) => size.unlinkMillis),
  );
  const [syncFixed, syncMiB] = fitLine(
    'fsync',
    sizes((size) => size.fsyncMillis),
  );
  console.log(`fsync writes back at ${(1e6 / syncMiB).toFixed(0)} MiB/s`);
  const closeSync = fitClose(data, syncMiB);
  const colds = Object.entries(data.cold);
  for (const [run, { warmBytes, nanosPerByte }] of colds)
    console.log(`${run}: ${(warmBytes / 1e9).toFixed(2)} GB of memory warm, ${nanosPerByte.toFixed(2)} ns for each byte more`);
  printWaits(data);

  const profile = {
    schema: 'putmodel/host/1',
    name,
    source: `bench/measure-host.sh on ${machineText(data)}; digest results/reference/measure-host/${name}.json`,
    cores: data.machine.cores,
    pageCacheBytes: data.machine.memoryBytes - 1024 * mebibyte,
    warmPageBytes: colds.length === 0 ? 0 : median(colds.map(([, { warmBytes }]) => warmBytes)),
    coldPageNanosPerByte: colds.length === 0 ? 0 : round(median(colds.map(([, { nanosPerByte }]) => nanosPerByte))),
    insertNanosPerRecord: round(putRecord),
    insertNanosPerByte: round(putByte),
    insertNanosPerRecordPerDoubling: round(putDoubling),
    walNanosPerRecord: round(walRecord),
    walNanosPerByte: round(walByte),
    walNanosPerGroup: round(walGroup),
    groupHandoffNanos: round(handoff),
    groupWakeNanos: round(wake),
    flushNanosPerRecord: round(flushRecord),
    flushNanosPerByte: round(flushByte),
    flushNanosPerBlock: round(flushBlock),
    mergeNanosPerRecord: round(mergeRecord),
    mergeNanosPerByte: round(mergeByte),
    mergeNanosPerBlock: round(mergeBlock),
    mergeNanosPerRecordPerDoubling: round(mergeDoubling),
    ...codecs,
    slowdownPerExtraThread: slowdowns.length === 0 ? 0 : round(Math.max(0, median(slowdowns))),
    syncMicros: round(syncFixed),
    closeSyncMicros: round(closeSync),
    unlinkMicros: round(unlinkFixed),
    unlinkMicrosPerMiB: round(unlinkMiB),
    manifestMicros: round(median(data.manifestMicros)),
    openFileMicros: round(mergeFile / 1000),
  };
  console.log(JSON.stringify(profile, null, 2));
  const path = join(root, 'scenarios/data/hosts', `${name}.json`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify({ ...profile, calibratedOn: data.logs }, null, 2) + '\n');
}

function machineText({ machine }: Digest): string {
  return `${String(machine.cores)} x ${machine.cpu} with ${String(machine.cacheKib)} KiB of cache each (as db_bench prints it)`;
}

/**
 * Compression costs what a flush takes beyond the same flush without, and a merge less its decompression (mean of the two; net of the
 * bytes that then need not be written). Decompression is db_bench's own figure.
 */
function fitCodecs(data: Digest): Record<'compressNanosPerByte' | 'decompressNanosPerByte' | 'compressedFraction', Record<Codec, number>> {
  const point = (codec: string, work: Point['work']): Point | undefined =>
    data.points.find((p) => p.run === `codec-${codec}` && p.work === work);
  const [plainFlush, plainMerge] = [point('none', 'flush'), point('none', 'merge')];
  const tables = { compressNanosPerByte: blank(0), decompressNanosPerByte: blank(0), compressedFraction: blank(1) };
  for (const codec of measuredCodecs) {
    const [flush, merge] = [point(codec, 'flush'), point(codec, 'merge')];
    if (!flush || !merge || !plainFlush || !plainMerge || codec === 'none') continue;
    const inFlush = ((fastest(flush) - fastest(plainFlush)) * 1000) / flush.bytes;
    const inMerge = ((fastest(merge) - fastest(plainMerge)) * 1000) / merge.bytes;
    const decompress = data.uncompressNanosPerByte[codec] ?? 0;
    tables.compressNanosPerByte[codec] = round(Math.max(0, (inFlush + inMerge - decompress) / 2));
    tables.decompressNanosPerByte[codec] = decompress;
    tables.compressedFraction[codec] = round(flush.outputBytes / plainFlush.outputBytes);
    console.log(`codec ${codec}: ns per byte in a flush ${inFlush.toFixed(2)}, in a merge with decompression ${inMerge.toFixed(2)}`);
  }
  // No machine here has XPRESS (Windows): LZ4, of the same family, stands in.
  for (const table of Object.values(tables)) table.xpress = table.lz4;
  return tables;
}

function blank(value: number): Record<Codec, number> {
  return { none: value, snappy: value, lz4: value, lz4hc: value, zlib: value, bzip2: value, zstd: value, xpress: value };
}

/** What a job waits for beside its CPU time, by I/O mode, per MiB of its output. */
function printWaits(data: Digest): void {
  for (const point of data.points.filter((p) => p.work !== 'put' && /^(merge-v1000-m16|direct|limiter)/.test(p.run))) {
    const waits = point.wallMicros.map((wall, i) => wall - (point.cpuMicros[i] ?? 0));
    const perMiB = Math.min(...waits) / (point.outputBytes / mebibyte);
    console.log(`waits ${point.run} ${point.work}: ${perMiB.toFixed(0)} us per MiB of output, CPU ${nanosPerRecord(point)} ns per record`);
  }
}

function nanosPerRecord(point: Point): string {
  return ((fastest(point) * 1000) / point.records).toFixed(0);
}

function sizeOf({ bytes, records }: Point): EntrySize {
  return { keySizeBytes: keyBytes, valueSizeBytes: bytes / records - keyBytes };
}

/** The blocks of a run by its command line; but for their size, db_bench's defaults. */
function blockOptions(line: string): typeof usualBlocks {
  return { ...usualBlocks, block_size: Number(/--block_size=(\d+)/.exec(line)?.[1] ?? usualBlocks.block_size) };
}

function fitNanos(title: string, points: readonly Point[], terms: (point: Point) => number[]): [number, number, number, number, number] {
  const rows = points.map(terms);
  const nanos = points.map((point) => fastest(point) * 1000);
  const coefficients = leastSquares(rows, nanos);
  console.log(`\n${title}: ${coefficients.map((value) => value.toPrecision(4)).join(', ')}`);
  points.forEach((point, i) => {
    const expected = sum(coefficients, (value, term) => value * (rows[i]?.[term] ?? 0));
    const spread = `${nanosPerRecord(point)} ns/record, slowest repeat ${((Math.max(...point.cpuMicros) * 1000) / point.records).toFixed(0)}`;
    console.log(`  ${point.run.padEnd(26)} measured ${spread}, residual ${(100 * (expected / (nanos[i] ?? 1) - 1)).toFixed(1)} %`);
  });
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = coefficients;
  return [a, b, c, d, e];
}

function fitLine(title: string, points: readonly (readonly [number, number])[]): [number, number] {
  const [fixed = 0, slope = 0] = leastSquares(
    points.map(([x]) => [1, x]),
    points.map(([, y]) => y),
  );
  console.log(`\n${title}: ${fixed.toFixed(0)} us + ${slope.toFixed(0)} us per MiB (${String(points.length)} points)`);
  return [fixed, slope];
}

/** Minimises the sum of squared relative residuals; drops the most negative coefficient until none is below 0. */
function leastSquares(rows: readonly (readonly number[])[], targets: readonly number[]): number[] {
  const size = rows[0]?.length ?? 0;
  const kept = new Set(Array.from({ length: size }, (_, i) => i));
  for (;;) {
    const columns = [...kept];
    const scaled = rows.map((row, r) => columns.map((c) => (row[c] ?? 0) / (targets[r] ?? 1)));
    const solution = solve(
      columns.map((_, i) => columns.map((_column, j) => sum(scaled, (row) => (row[i] ?? 0) * (row[j] ?? 0)))),
      columns.map((_, i) => sum(scaled, (row) => row[i] ?? 0)),
    );
    const lowest = solution.reduce((best, value, i) => (value < (solution[best] ?? 0) ? i : best), 0);
    if ((solution[lowest] ?? 0) >= 0) {
      return Array.from({ length: size }, (_, i) => (kept.has(i) ? (solution[columns.indexOf(i)] ?? 0) : 0));
    }
    kept.delete(columns[lowest] ?? -1);
  }
}

/** Gauss-Jordan elimination with pivoting; a singular system gives NaN. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i] ?? 0]);
  for (let column = 0; column < rows.length; column++) {
    const tail = rows.slice(column).sort((a, b) => Math.abs(b[column] ?? 0) - Math.abs(a[column] ?? 0));
    rows.splice(column, tail.length, ...tail);
    const pivot = rows[column] ?? [];
    for (const row of rows) {
      if (row === pivot) continue;
      const factor = (row[column] ?? 0) / (pivot[column] ?? 0);
      for (let i = column; i < row.length; i++) row[i] = (row[i] ?? 0) - factor * (pivot[i] ?? 0);
    }
  }
  return rows.map((row, i) => (row[rows.length] ?? 0) / (row[i] ?? 0));
}

function fastest(point: Point): number {
  return Math.min(...point.cpuMicros);
}

function sum<T>(items: readonly T[], value: (item: T, index: number) => number): number {
  return items.reduce((total, item, i) => total + value(item, i), 0);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? NaN) : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
