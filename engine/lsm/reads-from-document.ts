/** The `reads` block of a document, and db_bench's benchmarks that read, as loads. Rules: tools/db_bench_tool.cc 7.8.3 (Benchmark::Run, ReadRandom, ReadRandomWriteRandom, SeekRandom, BGWriter). */
import type { Issue } from '../kernel/errors.js';
import type { PartialLsmOptions } from '../rocksdb/options.js';
import { readBenchmarks, type LsmDocument } from './kind.js';
import type { ReadArrival, ReadLoad, ReadStream, WriteWorkload } from './scenario.js';

/** db_bench's --cache_size. */
export const cacheBytesDefault = 8_388_608;
/** db_bench's --readwritepercent. */
export const readPercentDefault = 90;

/** A benchmark that reads. */
export type ReadBenchmark = (typeof readBenchmarks)[number];
type ReadsDocument = NonNullable<LsmDocument['reads']>;
type StreamDocument = NonNullable<ReadsDocument['point']>;

/** Whether a benchmark reads. */
export function isRead(benchmark: string): benchmark is ReadBenchmark {
  return (readBenchmarks as readonly string[]).includes(benchmark);
}

/** The filter option that the reads block says. */
export function bloomOf({ reads }: LsmDocument): PartialLsmOptions {
  return reads?.bloom_bits === undefined ? {} : { bloom_bits: reads.bloom_bits };
}

/** Rules that join the parts of the block. */
export function readIssues({ reads: said, lsm, workload, families, databases }: LsmDocument): Issue[] {
  const named = workload?.benchmarks ?? [workload?.benchmark ?? 'fillrandom'];
  if (said === undefined && !named.some(isRead)) return [];
  const reads = said ?? {};
  const issues: Issue[] = [];
  const refuse = (path: string, message: string, expected: string): void => {
    issues.push({ code: 'INPUT_INVALID', path: `reads.${path}`, message, expected });
  };
  if (families !== undefined || databases !== undefined)
    refuse('point', 'reads are of one database with one family', 'no families or databases');
  if (reads.point === undefined && reads.range === undefined && !named.some(isRead))
    refuse('point', 'nothing is read', 'point, range, or a benchmark that reads');
  if (reads.block_cache_bytes !== undefined && reads.block_cache_hit_fraction !== undefined)
    refuse('block_cache_hit_fraction', 'the cache is said twice', 'either block_cache_bytes or block_cache_hit_fraction');
  if (reads.bloom_bits !== undefined && lsm?.['bloom_bits'] !== undefined && lsm['bloom_bits'] !== reads.bloom_bits)
    refuse('bloom_bits', 'lsm.bloom_bits says another number', 'one of them');
  for (const kind of ['point', 'range'] as const) {
    const stream = reads[kind];
    if (stream?.rate !== undefined && stream.threads !== undefined)
      refuse(`${kind}.rate`, 'reads come at a rate or as their threads return', 'either rate or threads');
    if (stream?.zipfTheta !== undefined && stream.distribution !== 'zipfian')
      refuse(`${kind}.zipfTheta`, 'zipfTheta needs distribution: zipfian', 'distribution: zipfian');
    if (stream?.zipfTheta === 1) refuse(`${kind}.zipfTheta`, 'the exponent 1 is not supported', '0.999 or 1.001');
  }
  return issues;
}

/** The reads that go on beside puts. */
export function readsBeside({ reads = {} }: LsmDocument, puts: WriteWorkload): ReadLoad {
  const streams: ReadStream[] = [];
  if (reads.point !== undefined) streams.push(streamOf(reads.point, closed(reads.point, puts.threads), null));
  if (reads.range !== undefined) streams.push(streamOf(reads.range, closed(reads.range, puts.threads), reads.range.length));
  return { streams, ...cacheOf(reads) };
}

/**
 * What a benchmark that reads does. `puts` is the workload that an overwrite would have: --duration ends these benchmarks as it ends that, otherwise --num
 * reads of each thread do; readwhilewriting adds one writing thread, which stops with the readers; readrandomwriterandom counts reads and puts together.
 */
export function readWorkload(benchmark: ReadBenchmark, document: LsmDocument, puts: WriteWorkload): WriteWorkload {
  const { reads = {}, workload = {} } = document;
  const threads = workload.threads ?? 1;
  const seeks = benchmark === 'seekrandom';
  const said: StreamDocument = (seeks ? reads.range : reads.point) ?? {};
  const counted = said.reads ?? (puts.durationSec === null ? (workload.num ?? 1_000_000) * (said.threads ?? threads) : null);
  if (benchmark === 'readrandomwriterandom') return turns(reads, puts, threads, counted);
  const stream = streamOf(
    { ...said, ...(counted === null ? {} : { reads: counted }) },
    closed(said, threads),
    seeks ? (reads.range?.length ?? 0) : null,
  );
  const load = { streams: [stream], ...cacheOf(reads) };
  const writes = benchmark === 'readwhilewriting';
  return { ...puts, puts: null, threads: 1, arrival: writes ? puts.arrival : { kind: 'none' }, reads: load };
}

/** Each thread reads some times, then puts some times. */
function turns(reads: ReadsDocument, puts: WriteWorkload, threads: number, operations: number | null): WriteWorkload {
  const percent = reads.readwritepercent ?? readPercentDefault;
  if (percent === 0) return { ...puts, threads, puts: operations };
  const cache = cacheOf(reads);
  const said = reads.point ?? {};
  const alone = percent === 100;
  const arrival: ReadArrival = alone
    ? { kind: 'closed', threads, opsPerSec: null }
    : { kind: 'turns', readsPerPut: percent / (100 - percent) };
  const load = { streams: [{ ...streamOf(said, arrival, null), reads: alone ? operations : null }], ...cache };
  if (alone) return { ...puts, threads, puts: null, arrival: { kind: 'none' }, reads: load };
  const ownPuts = operations === null ? null : Math.max(1, Math.round((operations * (100 - percent)) / 100));
  // The benchmark knows no rate limit of its own.
  return { ...puts, threads, puts: ownPuts, arrival: { kind: 'closed' }, reads: load };
}

function streamOf(said: StreamDocument, arrival: ReadArrival, nexts: number | null): ReadStream {
  return {
    arrival,
    reads: said.reads ?? null,
    distribution: said.distribution ?? 'uniform',
    zipfTheta: said.zipfTheta ?? 0.99,
    nexts,
  };
}

function closed(said: StreamDocument, threads: number): ReadArrival {
  if (said.rate !== undefined) return { kind: 'open', opsPerSec: said.rate };
  return { kind: 'closed', threads: said.threads ?? threads, opsPerSec: null };
}

function cacheOf(reads: ReadsDocument): Pick<ReadLoad, 'blockCache' | 'cacheIndexAndFilterBlocks'> {
  return {
    blockCache:
      reads.block_cache_hit_fraction === undefined
        ? { bytes: reads.block_cache_bytes ?? cacheBytesDefault }
        : { hitFraction: reads.block_cache_hit_fraction },
    cacheIndexAndFilterBlocks: reads.cache_index_and_filter_blocks ?? false,
  };
}
