/**
 * Two minutes of db_bench on the user's own computer, for a host profile: its codecs (crc32c, compress, uncompress), puts into memory with
 * and without WAL, and two short fills with values of 100 and 1,000 bytes, whose LOGs say what flushes and merges cost.
 *
 * Puts: one thread into a memtable that never fills, so that the time of a put is its CPU time. Two value sizes give the cost per record
 * and per byte; the same with the WAL, less that, gives the WAL's. A WAL group of one put has no part of its own to be told from the
 * record's: the base profile's cost per record is kept, and what is left is the group's.
 */
import { join } from 'node:path';
import type { RunProgram } from '../files/process.js';
import { streamText } from '../files/read.js';
import { PutmodelError } from '../kernel/errors.js';
import type { HostProfile } from '../lsm/host.js';
import type { Codec } from '../rocksdb/options.js';
import { createDbBenchOutputReader, type BenchmarkResultLine } from '../rocksdb/db-bench-output.js';
import { createLogReader } from '../rocksdb/log.js';
import { collectCosts, fourDigits, type CostRecord } from './calibrate-host.js';

/** What is run, where, and who hears of it. */
export interface HostMeasureOptions {
  readonly run: RunProgram;
  /** An empty directory on the disk that stores are on; 3 GiB free. */
  readonly directory: string;
  /** Seconds of each of the two fills. */
  readonly fillSec: number;
  readonly signal?: AbortSignal | undefined;
  readonly onStep: (step: string, index: number, count: number) => void;
}

/** A codec's speed, from uncompressed bytes, and what it leaves of values that halve. */
export interface CodecSpeed {
  readonly codec: Codec;
  readonly compressNanosPerByte: number;
  readonly decompressNanosPerByte: number;
  readonly compressedFraction: number;
}

/** One put benchmark: wall nanoseconds of a put. */
export interface PutCost {
  readonly putBytes: number;
  readonly wal: boolean;
  readonly nanos: number;
}

/** Everything that was measured. */
export interface HostMeasurement {
  readonly crcNanosPerByte: number;
  readonly codecs: readonly CodecSpeed[];
  readonly puts: readonly PutCost[];
  readonly fills: readonly CostRecord[];
  /** SHA-256 of the fills' LOGs, by name. */
  readonly logs: readonly { readonly name: string; readonly sha256: string }[];
}

/** bzip2 alone would take two minutes; xpress exists on Windows only. Both keep the base profile's figures. */
const measuredCodecs = ['snappy', 'lz4', 'zstd', 'lz4hc', 'zlib'] as const;
const keyBytes = 16;
const valueSizes = [100, 1000] as const;
const nanosPerSec = 1e9;
const mib = 1_048_576;

/**
 * Runs everything, one program after the other.
 * @throws PutmodelError INPUT_MISSING without db_bench, CANCELLED when interrupted, CHECK_FAILED when a run fails or prints no result
 */
export async function measureHost(options: HostMeasureOptions): Promise<HostMeasurement> {
  const count = 1 + measuredCodecs.length + 2 * valueSizes.length + valueSizes.length;
  let index = 0;
  const bench = async (step: string, args: readonly string[]): Promise<Printed> => {
    options.onStep(step, ++index, count);
    return dbBench(step, args, options);
  };
  const crc = await bench('crc32c', ['--benchmarks=crc32c']);
  const codecs: CodecSpeed[] = [];
  for (const codec of measuredCodecs) {
    const printed = await bench(`compress ${codec}`, ['--benchmarks=compress,uncompress', `--compression_type=${codec}`]);
    const speed = codecSpeed(codec, printed);
    // A db_bench built without this codec prints none.
    if (speed !== null) codecs.push(speed);
  }
  const puts: PutCost[] = [];
  for (const valueBytes of valueSizes) {
    for (const wal of [false, true]) {
      const printed = await bench(`puts of ${String(valueBytes)} B${wal ? ' with WAL' : ''}`, putFlags(valueBytes, wal));
      puts.push({ putBytes: keyBytes + valueBytes, wal, nanos: resultOf(printed, 'fillrandom').microsPerOp * 1000 });
    }
  }
  const fills: CostRecord[] = [];
  const logs: { name: string; sha256: string }[] = [];
  for (const valueBytes of valueSizes) {
    const name = `fill-v${String(valueBytes)}`;
    await bench(`fill with values of ${String(valueBytes)} B`, fillFlags(valueBytes, options.fillSec));
    const costs = collectCosts(name);
    const reader = createLogReader({ onEvent: costs.onEvent });
    const sha256 = await streamText(join(options.directory, 'LOG'), (text) => {
      reader.push(text);
    });
    reader.end();
    fills.push(costs.finish());
    logs.push({ name, sha256 });
  }
  return { crcNanosPerByte: nanosPerByte(resultOf(crc, 'crc32c')) ?? 0, codecs, puts, fills, logs };
}

/** The base profile with the measured puts and codecs in its place; flushes and merges are fitted from the fills (calibrate-host.ts). */
export function withMeasurement(base: HostProfile, measured: HostMeasurement): HostProfile {
  const tables = {
    compressNanosPerByte: { ...base.compressNanosPerByte },
    decompressNanosPerByte: { ...base.decompressNanosPerByte },
    compressedFraction: { ...base.compressedFraction },
  };
  for (const speed of measured.codecs) {
    tables.compressNanosPerByte[speed.codec] = fourDigits(speed.compressNanosPerByte);
    tables.decompressNanosPerByte[speed.codec] = fourDigits(speed.decompressNanosPerByte);
    tables.compressedFraction[speed.codec] = speed.compressedFraction;
  }
  const insert = line(measured.puts.filter(({ wal }) => !wal));
  const logged = line(measured.puts.filter(({ wal }) => wal));
  return {
    ...base,
    ...tables,
    insertNanosPerRecord: fourDigits(insert.fixed),
    insertNanosPerByte: fourDigits(insert.perByte),
    walNanosPerByte: fourDigits(Math.max(0, logged.perByte - insert.perByte)),
    walNanosPerGroup: fourDigits(Math.max(0, logged.fixed - insert.fixed - base.walNanosPerRecord)),
  };
}

/** The straight line through two put costs; noise that would make a part negative is held at 0. */
function line(costs: readonly PutCost[]): { readonly fixed: number; readonly perByte: number } {
  const [small, large] = [...costs].sort((a, b) => a.putBytes - b.putBytes);
  if (small === undefined || large === undefined) return { fixed: 0, perByte: 0 };
  const perByte = Math.max(0, (large.nanos - small.nanos) / (large.putBytes - small.putBytes));
  return { fixed: Math.max(0, small.nanos - perByte * small.putBytes), perByte };
}

interface Printed {
  readonly text: string;
  readonly results: readonly BenchmarkResultLine[];
}

async function dbBench(step: string, args: readonly string[], { run, directory, signal }: HostMeasureOptions): Promise<Printed> {
  const ended = await run('db_bench', [`--db=${directory}`, '--seed=42', '--stats_dump_period_sec=0', ...args], { signal });
  if (signal?.aborted === true) throw new PutmodelError({ code: 'CANCELLED', message: 'calibrate host: interrupted' });
  const text = ended.stdout + ended.stderr;
  if (ended.status !== 0) {
    const said = ended.stderr.trim().split('\n').at(-1) ?? '';
    throw new PutmodelError({
      code: 'CHECK_FAILED',
      message: `db_bench failed (${step}): ${said}`,
      found: `status ${String(ended.status)}`,
    });
  }
  const reader = createDbBenchOutputReader({ file: 'db_bench' });
  reader.push(text);
  return { text, results: reader.end().results };
}

function resultOf({ results }: Printed, benchmark: string): BenchmarkResultLine {
  const result = results.find((one) => one.benchmark === benchmark);
  if (result === undefined) throw new PutmodelError({ code: 'CHECK_FAILED', message: `db_bench printed no result of ${benchmark}` });
  return result;
}

function nanosPerByte({ mibPerSec }: BenchmarkResultLine): number | null {
  return mibPerSec === null || mibPerSec <= 0 ? null : nanosPerSec / (mibPerSec * mib);
}

function codecSpeed(codec: Codec, printed: Printed): CodecSpeed | null {
  const speedOf = (benchmark: string): number | null => {
    const result = printed.results.find((one) => one.benchmark === benchmark);
    return result === undefined ? null : nanosPerByte(result);
  };
  const compress = speedOf('compress');
  const decompress = speedOf('uncompress');
  const output = /\(output: ([\d.]+)%\)/.exec(printed.text)?.[1];
  if (compress === null || decompress === null || output === undefined) return null;
  return {
    codec,
    compressNanosPerByte: compress,
    decompressNanosPerByte: decompress,
    compressedFraction: fourDigits(Number(output) / 100),
  };
}

/** About 110 and 400 MB: a few seconds, and nothing is flushed before the end. */
function putFlags(valueBytes: number, wal: boolean): string[] {
  return [
    ...['--benchmarks=fillrandom', `--value_size=${String(valueBytes)}`, `--num=${valueBytes < 500 ? '1000000' : '400000'}`],
    ...[`--disable_wal=${wal ? '0' : '1'}`, '--write_buffer_size=1073741824', '--compression_type=none'],
  ];
}

/** Small memtables and levels, so that many merges end in a short time. */
function fillFlags(valueBytes: number, fillSec: number): string[] {
  return [
    ...['--benchmarks=fillrandom', `--value_size=${String(valueBytes)}`, `--num=${String(Math.round(4e8 / (valueBytes + keyBytes)))}`],
    ...['--writes=400000000', `--duration=${String(fillSec)}`, '--disable_wal=1', '--compression_type=none'],
    ...[
      '--write_buffer_size=16777216',
      '--target_file_size_base=16777216',
      '--max_bytes_for_level_base=67108864',
      '--max_background_jobs=2',
    ],
  ];
}
