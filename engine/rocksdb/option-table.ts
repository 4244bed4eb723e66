/**
 * RocksDB's options as one table, from which the types, the defaults of each version, db_bench's flags, the reader of OPTIONS files,
 * the checks and the help are derived (`options.ts` holds the functions). An option keeps RocksDB's own name and unit; options of nested structs are flat here
 * (`compaction_options_universal.size_ratio` is `universal_size_ratio`), and `optionsFile` holds their path in an OPTIONS file.
 *
 * Source of names and defaults: include/rocksdb/options.h, advanced_options.h, table.h, universal_compaction.h. The defaults of 7.8.3 and
 * db_bench's own (`db_bench --help`) were checked against OPTIONS files that db_bench 7.8.3 wrote; those of other versions against files
 * of 6.5.3, 8.8.1, 8.10.0, 9.10.0 and 10.4.2 only, so the exact release of a change between them (format_version, ttl) is our assumption.
 */
import { behaviours, isAtLeast, type RocksdbVersion } from './version.js';

/** Compression algorithms, by db_bench's names. */
export type Codec = 'none' | 'snappy' | 'lz4' | 'lz4hc' | 'zlib' | 'bzip2' | 'zstd' | 'xpress';
export type CompactionStyle = 'level' | 'universal' | 'fifo' | 'none';
export type CompactionPri =
  'kByCompensatedSize' | 'kOldestLargestSeqFirst' | 'kOldestSmallestSeqFirst' | 'kMinOverlappingRatio' | 'kRoundRobin';
export type UniversalStopStyle = 'kCompactionStopStyleSimilarSize' | 'kCompactionStopStyleTotalSize';
/** What the rate limiter charges (RateLimiter::Mode). db_bench's --rate_limit_bg_reads selects kReadsOnly. */
export type RateLimiterMode = 'kReadsOnly' | 'kWritesOnly' | 'kAllIo';

/** Where an option lives: the DB, a column family, its block-based table, the rate limiter object (not stored in OPTIONS) or the Env. */
export type OptionScope = 'db' | 'family' | 'table' | 'limiter' | 'env';
export type OptionUnit = 'bytes' | 'bytesPerSec' | 'micros' | 'seconds' | 'count' | 'bits' | 'percent' | 'ratio' | 'none';
export type OptionKind = 'integer' | 'number' | 'boolean' | 'choice' | 'text' | 'numbers' | 'choices';
export type OptionValue = number | boolean | string | readonly number[] | readonly string[];

/** One accepted value of a `choice`: our name, RocksDB's name in OPTIONS files, its number in the C++ enum. */
export interface OptionChoice {
  readonly value: string;
  readonly file: string;
  readonly number: number;
}

/** Everything known about one option. */
export interface OptionSpec<T extends OptionValue = OptionValue> {
  readonly scope: OptionScope;
  readonly kind: OptionKind;
  readonly unit: OptionUnit;
  /** Of numbers (of each element for `numbers`); both ends are allowed. */
  readonly range: { readonly min: number; readonly max: number };
  /** Of `choice` and `choices`; empty otherwise. */
  readonly choices: readonly OptionChoice[];
  /** The library's default. */
  readonly defaultIn: (version: RocksdbVersion) => T;
  /** db_bench's flag for it; `default` only where db_bench's own differs from the library's. */
  readonly dbBench?: { readonly flag: string; readonly default?: T } | undefined;
  /** Key in an OPTIONS file, `struct.member` inside {...}; null when it is not stored there. */
  readonly optionsFile: string | null;
  /** What a change needs: SetOptions on a running DB, a reopen, or SetOptions that only new files feel. */
  readonly change: 'online' | 'reopen' | 'newFiles';
  readonly effect: 'modelled' | 'ignored';
  readonly doc: string;
}

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;
/** Largest byte count in which every byte is exact. */
const sizeMax = Number.MAX_SAFE_INTEGER;
/** RocksDB's limits are uint64: users write 2^64-1 for "never". */
const limitMax = 4294967296 * 4294967296;
const intMax = 2147483647;
/** RocksDB's 2^64-2, "let RocksDB choose" (ttl, periodic_compaction_seconds): the nearest double, 2^64. */
export const rocksdbChooses = limitMax;

type Default<T> = T | ((version: RocksdbVersion) => T);
interface Row<T extends OptionValue> {
  readonly scope: OptionScope;
  readonly unit?: OptionUnit;
  readonly min?: number;
  readonly max?: number;
  readonly value: Default<T>;
  readonly flag?: string;
  readonly flagDefault?: T;
  readonly file?: string | null;
  readonly change?: OptionSpec['change'];
  readonly doc: string;
}

function spec<T extends OptionValue>(kind: OptionKind, row: Row<T>, choices: readonly OptionChoice[] = []): OptionSpec<T> {
  const { value } = row;
  return {
    scope: row.scope,
    kind,
    unit: row.unit ?? 'none',
    range: { min: row.min ?? 0, max: row.max ?? (row.unit === 'bytes' || row.unit === 'bytesPerSec' ? sizeMax : intMax) },
    choices,
    defaultIn: typeof value === 'function' ? value : () => value,
    dbBench:
      row.flag === undefined
        ? undefined
        : row.flagDefault === undefined
          ? { flag: row.flag }
          : { flag: row.flag, default: row.flagDefault },
    optionsFile: row.file === undefined ? '' : row.file,
    change: row.change ?? 'reopen',
    effect: 'modelled',
    doc: row.doc,
  };
}
const integer = (row: Row<number>): OptionSpec<number> => spec('integer', row);
const number = (row: Row<number>): OptionSpec<number> => spec('number', row);
const boolean = (row: Row<boolean>): OptionSpec<boolean> => spec('boolean', row);
const text = (row: Row<string>): OptionSpec<string> => spec('text', row);
const numbers = (row: Row<readonly number[]>): OptionSpec<readonly number[]> => spec('numbers', row);
const choice = <T extends string>(row: Row<T>, choices: readonly OptionChoice[]): OptionSpec<T> => spec('choice', row, choices);
const choices = <T extends string>(row: Row<readonly T[]>, list: readonly OptionChoice[]): OptionSpec<readonly T[]> =>
  spec('choices', row, list);

const codecChoices: readonly OptionChoice[] = [
  { value: 'none', file: 'kNoCompression', number: 0 },
  { value: 'snappy', file: 'kSnappyCompression', number: 1 },
  { value: 'zlib', file: 'kZlibCompression', number: 2 },
  { value: 'bzip2', file: 'kBZip2Compression', number: 3 },
  { value: 'lz4', file: 'kLZ4Compression', number: 4 },
  { value: 'lz4hc', file: 'kLZ4HCCompression', number: 5 },
  { value: 'xpress', file: 'kXpressCompression', number: 6 },
  { value: 'zstd', file: 'kZSTD', number: 7 },
];
const bottommostChoices: readonly OptionChoice[] = [...codecChoices, { value: 'disable', file: 'kDisableCompressionOption', number: 255 }];
const named = (names: readonly string[]): readonly OptionChoice[] =>
  names.map((name, index) => ({ value: name, file: name, number: index }));
const styleChoices: readonly OptionChoice[] = [
  { value: 'level', file: 'kCompactionStyleLevel', number: 0 },
  { value: 'universal', file: 'kCompactionStyleUniversal', number: 1 },
  { value: 'fifo', file: 'kCompactionStyleFIFO', number: 2 },
  { value: 'none', file: 'kCompactionStyleNone', number: 3 },
];
const priChoices = named([
  'kByCompensatedSize',
  'kOldestLargestSeqFirst',
  'kOldestSmallestSeqFirst',
  'kMinOverlappingRatio',
  'kRoundRobin',
]);
const stopStyleChoices = named(['kCompactionStopStyleSimilarSize', 'kCompactionStopStyleTotalSize']);
const limiterModeChoices = named(['kReadsOnly', 'kWritesOnly', 'kAllIo']);

/** Every option with an effect on the model, by RocksDB's name. `optionsFile: ''` stands for the key itself until `optionSpecs` fills it in. */
// prettier-ignore
const table = {
  // --- memtables -------------------------------------------------------------------------------------------------------------
  write_buffer_size: integer({
    scope: 'family', unit: 'bytes', min: 1, value: 64 * MiB, flag: 'write_buffer_size', change: 'online',
    doc: 'memory for one memtable before it is flushed; clamped to 64 KiB .. 64 GiB',
  }),
  max_write_buffer_number: integer({
    scope: 'family', unit: 'count', min: 1, value: 2, flag: 'max_write_buffer_number', change: 'online',
    doc: 'memtables, active and immutable; writes stop when this many wait to be flushed; at least 2',
  }),
  min_write_buffer_number_to_merge: integer({
    scope: 'family', unit: 'count', min: 1, value: 1, flag: 'min_write_buffer_number_to_merge',
    doc: 'immutable memtables that must wait before a flush starts; at most max_write_buffer_number - 1',
  }),
  db_write_buffer_size: integer({
    scope: 'db', unit: 'bytes', value: 0, flag: 'db_write_buffer_size',
    doc: 'memory for all memtables of the DB (write buffer manager); 0: no limit',
  }),
  arena_block_size: integer({
    scope: 'family', unit: 'bytes', value: 0, flag: 'arena_block_size', change: 'online',
    doc: 'memory is taken for a memtable in blocks of this size; 0: min(1 MiB, write_buffer_size / 8) rounded up to 4 KiB',
  }),
  memtable_protection_bytes_per_key: integer({
    scope: 'family', unit: 'bytes', max: 8, value: 0, flag: 'memtable_protection_bytes_per_key', change: 'online',
    doc: 'checksum bytes kept with each memtable entry: 0, 1, 2, 4 or 8',
  }),
  memtable_prefix_bloom_size_ratio: number({
    scope: 'family', unit: 'ratio', max: 1, value: 0, flag: 'memtable_bloom_size_ratio', change: 'online',
    doc: 'share of write_buffer_size used for a memtable bloom filter; at most 0.25',
  }),
  // --- write path ------------------------------------------------------------------------------------------------------------
  max_write_batch_group_size_bytes: integer({
    scope: 'db', unit: 'bytes', min: 1, value: MiB,
    doc: 'largest write group; a leader smaller than 1/8 of it adds at most 1/8',
  }),
  enable_pipelined_write: boolean({
    scope: 'db', value: false, flag: 'enable_pipelined_write', flagDefault: true,
    doc: 'WAL and memtable writes of successive groups overlap',
  }),
  allow_concurrent_memtable_write: boolean({
    scope: 'db', value: true, flag: 'allow_concurrent_memtable_write',
    doc: 'members of a write group insert into the memtable in parallel',
  }),
  max_total_wal_size: integer({
    scope: 'db', unit: 'bytes', max: limitMax, value: 0, flag: 'max_total_wal_size', change: 'online',
    doc: 'WAL bytes that force a flush, with more than one column family; 0: 4 x all write buffers',
  }),
  wal_dir: text({ scope: 'db', value: '', flag: 'wal_dir', doc: 'directory of the WAL; empty: with the SSTs. Another directory may be another device' }),
  wal_bytes_per_sync: integer({
    scope: 'db', unit: 'bytes', value: 0, flag: 'wal_bytes_per_sync', change: 'online',
    doc: 'write-back of the WAL starts each time this much was written; 0: left to the kernel',
  }),
  recycle_log_file_num: integer({
    scope: 'db', unit: 'count', value: 0,
    doc: 'WAL files kept for reuse; above 0 each WAL record carries 4 more header bytes',
  }),
  bytes_per_sync: integer({
    scope: 'db', unit: 'bytes', value: 0, flag: 'bytes_per_sync', change: 'online',
    doc: 'write-back of an SST starts each time this much was written; 0: at its end (1 MiB as soon as there is a rate limiter)',
  }),
  strict_bytes_per_sync: boolean({
    scope: 'db', value: false,
    doc: 'wait for the previous range before starting the write-back of the next',
  }),
  writable_file_max_buffer_size: integer({
    scope: 'db', unit: 'bytes', min: 1, value: MiB, flag: 'writable_file_max_buffer_size', change: 'online',
    doc: 'largest write() of an SST file, and the unit in which it asks the rate limiter',
  }),
  // --- stalls ----------------------------------------------------------------------------------------------------------------
  level0_file_num_compaction_trigger: integer({
    scope: 'family', unit: 'count', min: 1, value: 4, flag: 'level0_file_num_compaction_trigger', change: 'online',
    doc: 'L0 files (universal: sorted runs) that start a compaction',
  }),
  level0_slowdown_writes_trigger: integer({
    scope: 'family', unit: 'count', min: 1, value: 20, flag: 'level0_slowdown_writes_trigger', change: 'online',
    doc: 'L0 files that delay writes',
  }),
  level0_stop_writes_trigger: integer({
    scope: 'family', unit: 'count', min: 1, value: 36, flag: 'level0_stop_writes_trigger', change: 'online',
    doc: 'L0 files that stop writes',
  }),
  soft_pending_compaction_bytes_limit: integer({
    scope: 'family', unit: 'bytes', max: limitMax, value: 64 * GiB, flag: 'soft_pending_compaction_bytes_limit', change: 'online',
    doc: 'compaction debt that delays writes; 0: the hard limit',
  }),
  hard_pending_compaction_bytes_limit: integer({
    scope: 'family', unit: 'bytes', max: limitMax, value: 256 * GiB, flag: 'hard_pending_compaction_bytes_limit',
    flagDefault: 128 * GiB, change: 'online',
    doc: 'compaction debt that stops writes; 0: never',
  }),
  delayed_write_rate: integer({
    scope: 'db', unit: 'bytesPerSec', value: 0, flag: 'delayed_write_rate', flagDefault: 8 * MiB, change: 'online',
    doc: 'highest rate of delayed writes; 0: the rate limiter\'s rate, else 16 MiB/s',
  }),
  // --- tree shape ------------------------------------------------------------------------------------------------------------
  compaction_style: choice<CompactionStyle>(
    { scope: 'family', value: 'level', flag: 'compaction_style', doc: 'leveled, universal, FIFO or no automatic compaction' },
    styleChoices,
  ),
  compaction_pri: choice<CompactionPri>(
    {
      scope: 'family', flag: 'compaction_pri', change: 'reopen',
      value: (version) => (isAtLeast(version, 6, 0) ? 'kMinOverlappingRatio' : 'kByCompensatedSize'),
      doc: 'which file of a level is compacted first',
    },
    priChoices,
  ),
  num_levels: integer({ scope: 'family', unit: 'count', min: 1, max: 64, value: 7, flag: 'num_levels', doc: 'levels, L0 included' }),
  max_bytes_for_level_base: integer({
    scope: 'family', unit: 'bytes', min: 1, value: 256 * MiB, flag: 'max_bytes_for_level_base', change: 'online',
    doc: 'target of the base level',
  }),
  max_bytes_for_level_multiplier: number({
    scope: 'family', unit: 'ratio', min: Number.MIN_VALUE, max: 1e6, value: 10, flag: 'max_bytes_for_level_multiplier', change: 'online',
    doc: 'target of a level over that of the level above (fan-out)',
  }),
  max_bytes_for_level_multiplier_additional: numbers({
    scope: 'family', unit: 'ratio', min: 1, max: 1e6, value: [1, 1, 1, 1, 1, 1, 1], flag: 'max_bytes_for_level_multiplier_additional', change: 'online',
    doc: 'further factor for each level from L0 down; 1 for levels beyond the list',
  }),
  level_compaction_dynamic_level_bytes: boolean({
    scope: 'family', flag: 'level_compaction_dynamic_level_bytes', flagDefault: false, change: 'reopen',
    value: (version) => behaviours(version).dynamicLevelDefault,
    doc: 'level targets follow from the size of the last level',
  }),
  level_compaction_dynamic_file_size: boolean({
    scope: 'family', change: 'newFiles',
    value: (version) => behaviours(version).grandparentAlignedOutputs,
    doc: 'cut output files at grandparent boundaries; option of 7.8 .. 8.11, always on from 9.0',
  }),
  ignore_max_compaction_bytes_for_input: boolean({
    scope: 'family', change: 'online',
    value: (version) => behaviours(version).startLevelExpansionFactor === Infinity,
    doc: 'start-level expansion may exceed max_compaction_bytes; option of 7.8 .. 8.11',
  }),
  target_file_size_base: integer({
    scope: 'family', unit: 'bytes', min: 1, value: 64 * MiB, flag: 'target_file_size_base', change: 'newFiles',
    doc: 'size at which compaction outputs are cut, at the base level',
  }),
  target_file_size_multiplier: integer({
    scope: 'family', unit: 'ratio', min: 1, value: 1, flag: 'target_file_size_multiplier', change: 'newFiles',
    doc: 'factor of the target file size for each level below',
  }),
  target_file_size_is_upper_bound: boolean({
    scope: 'family', value: false, change: 'newFiles', doc: 'files stay below the target size; option since 10.9',
  }),
  max_compaction_bytes: integer({
    scope: 'family', unit: 'bytes', max: limitMax, value: 0, flag: 'max_compaction_bytes', change: 'online',
    doc: 'bounds output cutting, trivial moves and expansion; 0: 25 x target_file_size_base',
  }),
  disable_auto_compactions: boolean({
    scope: 'family', value: false, flag: 'disable_auto_compactions', change: 'online', doc: 'no compaction unless asked; L0 and debt do not stall',
  }),
  ttl: integer({
    scope: 'family', unit: 'seconds', max: limitMax, flag: 'ttl_seconds', change: 'online',
    value: (version) => (isAtLeast(version, 6, 6) ? rocksdbChooses : 0),
    doc: 'age at which files are compacted (FIFO: dropped); 0: off; 18446744073709551614: RocksDB chooses (30 days). 6.5.3 still had 0',
  }),
  periodic_compaction_seconds: integer({
    scope: 'family', unit: 'seconds', max: limitMax, flag: 'periodic_compaction_seconds', change: 'online',
    value: (version) => (isAtLeast(version, 6, 6) ? rocksdbChooses : 0),
    doc: 'age at which files are compacted again; 0: off; 18446744073709551614: RocksDB chooses',
  }),
  // --- compression and files -------------------------------------------------------------------------------------------------
  compression: choice<Codec>(
    { scope: 'family', value: 'snappy', flag: 'compression_type', change: 'newFiles', doc: 'codec of blocks' },
    codecChoices,
  ),
  compression_per_level: choices<Codec>(
    {
      scope: 'family', value: [], change: 'newFiles',
      doc: 'codec for each level; empty: `compression` for all; levels beyond the list use its last entry. db_bench: --min_level_to_compress',
    },
    codecChoices,
  ),
  bottommost_compression: choice<Codec | 'disable'>(
    { scope: 'family', value: 'disable', change: 'newFiles', doc: 'codec of the last level with data; disable: as other levels' },
    bottommostChoices,
  ),
  block_size: integer({
    scope: 'table', unit: 'bytes', min: 1, max: 4 * GiB, value: 4 * KiB, flag: 'block_size', change: 'newFiles', doc: 'uncompressed size at which a data block ends',
  }),
  block_size_deviation: integer({
    scope: 'table', unit: 'percent', max: 100, value: 10, change: 'newFiles', doc: 'a block ends early when less than this share of it is free and the next entry does not fit',
  }),
  block_restart_interval: integer({
    scope: 'table', unit: 'count', min: 1, value: 16, flag: 'block_restart_interval', change: 'newFiles', doc: 'entries between full keys in a data block',
  }),
  bloom_bits: number({
    scope: 'table', unit: 'bits', max: 100, value: 0, flag: 'bloom_bits', file: 'filter_policy', change: 'newFiles',
    doc: 'bits per key of the SST filter; 0: no filter (db_bench writes -1)',
  }),
  whole_key_filtering: boolean({
    scope: 'table', value: true, flag: 'whole_key_filtering', change: 'newFiles', doc: 'whole keys go into the filter; false without a prefix extractor: no filter entries',
  }),
  optimize_filters_for_hits: boolean({
    scope: 'family', value: false, flag: 'optimize_filters_for_hits', change: 'newFiles', doc: 'no filter in files of the last level',
  }),
  format_version: integer({
    scope: 'table', unit: 'none', max: 100, flag: 'format_version', change: 'newFiles',
    value: (version) => (isAtLeast(version, 9, 0) ? 6 : isAtLeast(version, 6, 22) ? 5 : isAtLeast(version, 6, 17) ? 4 : 2),
    doc: 'format of the SST; from 4 the index is delta-encoded. 6.5.3 has 2, 7.8.3 .. 8.10.0 have 5, 9.10.0 has 6',
  }),
  // --- background work -------------------------------------------------------------------------------------------------------
  max_background_jobs: integer({
    scope: 'db', unit: 'count', min: 1, value: 2, flag: 'max_background_jobs', change: 'online',
    doc: 'flush slots = max(1, this / 4), compaction slots = the rest',
  }),
  max_background_flushes: integer({
    scope: 'db', unit: 'count', min: -1, value: -1, flag: 'max_background_flushes', change: 'reopen', doc: 'legacy: flush slots; -1: from max_background_jobs',
  }),
  max_background_compactions: integer({
    scope: 'db', unit: 'count', min: -1, value: -1, flag: 'max_background_compactions', change: 'online', doc: 'legacy: compaction slots; -1: from max_background_jobs',
  }),
  max_subcompactions: integer({
    scope: 'db', unit: 'count', min: 1, value: 1, flag: 'subcompactions', change: 'online', doc: 'threads over which one L0 compaction may be split',
  }),
  num_bottom_pri_threads: integer({
    scope: 'env', unit: 'count', value: 0, flag: 'num_bottom_pri_threads', file: null, doc: 'threads for compactions into the last level; 0: they run with the others',
  }),
  use_direct_io_for_flush_and_compaction: boolean({
    scope: 'db', value: false, flag: 'use_direct_io_for_flush_and_compaction', doc: 'O_DIRECT for the writes of flush and compaction',
  }),
  use_direct_reads: boolean({ scope: 'db', value: false, flag: 'use_direct_reads', doc: 'O_DIRECT for all reads, those of compaction included' }),
  compaction_readahead_size: integer({
    scope: 'db', unit: 'bytes', flag: 'compaction_readahead_size', change: 'online',
    value: (version) => behaviours(version).compactionReadaheadDefaultBytes,
    doc: 'size of a compaction\'s reads; 0: block by block through the kernel\'s readahead (2 MiB with direct reads)',
  }),
  use_fsync: boolean({ scope: 'db', value: false, flag: 'use_fsync', doc: 'fsync instead of fdatasync' }),
  stats_dump_period_sec: integer({
    scope: 'db', unit: 'seconds', value: 600, flag: 'stats_dump_period_sec', change: 'online', doc: 'seconds between statistics in the LOG; 0: none',
  }),
  // --- rate limiter ----------------------------------------------------------------------------------------------------------
  rate_limiter_bytes_per_sec: integer({
    scope: 'limiter', unit: 'bytesPerSec', value: 0, flag: 'rate_limiter_bytes_per_sec', file: null, change: 'online',
    doc: 'limit of SST writes by flush and compaction; 0: no rate limiter',
  }),
  rate_limiter_refill_period_us: integer({
    scope: 'limiter', unit: 'micros', min: 1, value: 100_000, flag: 'rate_limiter_refill_period_us', file: null, doc: 'the limiter\'s tokens come in portions of this length',
  }),
  rate_limiter_fairness: integer({
    scope: 'limiter', unit: 'count', min: 1, max: 100, value: 10, file: null, doc: 'low priority goes first once in this many refills',
  }),
  rate_limiter_auto_tuned: boolean({
    scope: 'limiter', value: false, flag: 'rate_limiter_auto_tuned', file: null, doc: 'the limit moves between 1/20 of the cap and the cap with demand; starts at half',
  }),
  rate_limiter_mode: choice<RateLimiterMode>(
    { scope: 'limiter', value: 'kWritesOnly', file: null, doc: 'what is charged; db_bench: --rate_limit_bg_reads selects kReadsOnly, which leaves writes free' },
    limiterModeChoices,
  ),
  // --- universal and FIFO ----------------------------------------------------------------------------------------------------
  universal_size_ratio: integer({
    scope: 'family', unit: 'percent', value: 1, flag: 'universal_size_ratio', file: 'compaction_options_universal.size_ratio', change: 'online',
    doc: 'a run joins a merge when it is at most this much larger than the runs before it together (db_bench 0: the default)',
  }),
  universal_min_merge_width: integer({
    scope: 'family', unit: 'count', min: 1, value: 2, flag: 'universal_min_merge_width', file: 'compaction_options_universal.min_merge_width', change: 'online',
    doc: 'fewest runs of one merge; at least 2',
  }),
  universal_max_merge_width: integer({
    scope: 'family', unit: 'count', min: 1, max: 4294967295, value: 4294967295, flag: 'universal_max_merge_width',
    file: 'compaction_options_universal.max_merge_width', change: 'online', doc: 'most runs of one merge',
  }),
  universal_max_size_amplification_percent: integer({
    scope: 'family', unit: 'percent', min: 1, max: 4294967295, value: 200, flag: 'universal_max_size_amplification_percent',
    file: 'compaction_options_universal.max_size_amplification_percent', change: 'online', doc: 'newer data over the last run that starts a full merge',
  }),
  universal_compression_size_percent: integer({
    scope: 'family', unit: 'percent', min: -1, max: 100, value: -1, flag: 'universal_compression_size_percent',
    file: 'compaction_options_universal.compression_size_percent', change: 'newFiles', doc: 'share of the data (oldest first) that is compressed; -1: all',
  }),
  universal_stop_style: choice<UniversalStopStyle>(
    {
      scope: 'family', value: 'kCompactionStopStyleTotalSize', file: 'compaction_options_universal.stop_style', change: 'online',
      doc: 'how the size ratio picks runs: against the sum so far, or against the last run picked',
    },
    stopStyleChoices,
  ),
  universal_allow_trivial_move: boolean({
    scope: 'family', value: false, flag: 'universal_allow_trivial_move', file: 'compaction_options_universal.allow_trivial_move', change: 'online',
    doc: 'move runs that do not overlap instead of merging them',
  }),
  universal_incremental: boolean({
    scope: 'family', value: false, flag: 'universal_incremental', file: 'compaction_options_universal.incremental', change: 'online',
    doc: 'size-amplification merges in slices',
  }),
  universal_max_read_amp: integer({
    scope: 'family', unit: 'count', min: -1, value: -1, file: 'compaction_options_universal.max_read_amp', change: 'online',
    doc: 'most sorted runs: -1 the compaction trigger, 0 from size_ratio; option since 9.4',
  }),
  universal_reduce_file_locking: boolean({
    scope: 'family', file: 'compaction_options_universal.reduce_file_locking', change: 'online',
    value: (version) => behaviours(version).universalReduceFileLockingDefault,
    doc: 'lock only the oldest run of a merge waiting for the BOTTOM pool; option since 10.4',
  }),
  fifo_max_table_files_size: integer({
    scope: 'family', unit: 'bytes', max: limitMax, value: GiB, flag: 'fifo_compaction_max_table_files_size_mb', flagDefault: 0,
    file: 'compaction_options_fifo.max_table_files_size', change: 'online', doc: 'oldest files are dropped above this size (db_bench: MiB)',
  }),
  fifo_allow_compaction: boolean({
    scope: 'family', value: false, flag: 'fifo_compaction_allow_compaction', flagDefault: true, file: 'compaction_options_fifo.allow_compaction',
    change: 'online', doc: 'merge small L0 files',
  }),
};

type Table = typeof table;
/** The name of an option with an effect on the model. */
export type OptionKey = keyof Table;
/** Every modelled option, resolved: flat, by RocksDB's name, in RocksDB's unit (bytes, seconds, counts). */
export type LsmOptions = Readonly<{ [K in OptionKey]: ReturnType<Table[K]['defaultIn']> }>;
/** Some options: what a scenario, a command line or an OPTIONS file says. */
export type PartialLsmOptions = Partial<LsmOptions>;
/** A spec with its name. */
export interface NamedOptionSpec extends OptionSpec {
  readonly key: string;
}

/**
 * Options that RocksDB of 4.x .. 10.x knows and that do not change what is modelled: an OPTIONS file may hold them, and they are listed
 * as ignored when someone sets them in a scenario. By scope and kind; struct members that are ignored are in `ignoredMembers`.
 */
const ignoredOptions: Readonly<Record<'db' | 'family' | 'table', Readonly<Record<'boolean' | 'number' | 'text', string>>>> = {
  db: {
    boolean: `
      advise_random_on_open allow_2pc allow_data_in_errors allow_fallocate allow_ingest_behind allow_mmap_reads
      allow_mmap_writes allow_os_buffer atomic_flush avoid_flush_during_recovery avoid_flush_during_shutdown
      avoid_unnecessary_blocking_io background_close_inactive_wals best_efforts_recovery compaction_verify_record_count
      concurrent_prepare create_if_missing create_missing_column_families disable_data_sync disableDataSync
      dump_malloc_stats enable_thread_tracking enable_write_thread_adaptive_yield enforce_single_del_contracts
      error_if_exists fail_if_options_file_error flush_verify_memtable_count is_fd_close_on_exec manual_wal_flush
      new_table_reader_for_compaction_inputs open_files_async optimize_manifest_for_recovery paranoid_checks
      persist_stats_to_disk prefix_seek_opt_in_only preserve_deletes skip_checking_sst_file_sizes_on_db_open
      skip_log_error_on_recovery skip_sst_unique_id_verification skip_stats_update_on_db_open statistics
      track_and_verify_wals track_and_verify_wals_in_manifest two_write_queues unordered_write use_adaptive_mutex
      use_direct_writes verify_manifest_content_on_close verify_sst_unique_id_in_manifest write_dbid_to_manifest
      write_identity_file`,
    number: `
      base_background_compactions bgerror_resume_retry_interval blob_db_bytes_per_sync
      calculate_sst_write_lifetime_hint_set delete_obsolete_files_period_micros follower_catchup_retry_count
      follower_catchup_retry_wait_ms follower_refresh_catchup_period_ms keep_log_file_num log_file_time_to_roll
      log_readahead_size manifest_preallocation_size max_bgerror_resume_count max_compaction_trigger_wakeup_seconds
      max_file_opening_threads max_log_file_size max_manifest_file_size max_manifest_space_amp_pct max_open_files
      random_access_max_buffer_size rate_limit_delay_max_milliseconds stats_history_buffer_size stats_persist_period_sec
      table_cache_numshardbits WAL_size_limit_MB WAL_ttl_seconds write_thread_max_yield_usec
      write_thread_slow_yield_usec`,
    text: `
      access_hint_on_compaction_start allowed_temperatures cf_allow_ingest_behind compaction_service
      daily_offpeak_time_utc db_host_id db_log_dir db_paths env file_checksum_gen_factory info_log_level listeners
      lowest_used_cache_tier metadata_write_temperature rate_limiter row_cache sst_file_manager wal_compression
      wal_filter wal_recovery_mode wal_write_temperature write_buffer_manager`,
  },
  family: {
    boolean: `
      allow_ingest_behind check_flush_compaction_key_order compaction_measure_io_stats disallow_memtable_writes
      enable_blob_files enable_blob_garbage_collection filter_deletes force_consistency_checks inplace_update_support
      memtable_batch_lookup_optimization memtable_veirfy_per_key_checksum_on_seek
      memtable_verify_per_key_checksum_on_seek memtable_whole_key_filtering paranoid_file_checks paranoid_memory_checks
      persist_user_defined_timestamps purge_redundant_kvs_while_flush report_bg_io_stats strict_max_successive_merges
      verify_checksums_in_compaction`,
    number: `
      blob_compaction_readahead_size blob_file_size blob_file_starting_level blob_garbage_collection_age_cutoff
      blob_garbage_collection_force_threshold block_protection_bytes_per_key bloom_locality
      bottommost_file_compaction_delay expanded_compaction_factor experimental_mempurge_threshold hard_rate_limit
      inplace_update_num_locks max_grandparent_overlap_factor max_mem_compaction_level max_sequential_skip_in_iterations
      max_successive_merges max_write_buffer_number_to_maintain max_write_buffer_size_to_maintain
      memtable_avg_op_scan_flush_trigger memtable_huge_page_size memtable_max_range_deletions
      memtable_op_scan_flush_trigger memtable_prefix_bloom_bits memtable_prefix_bloom_huge_page_tlb_size
      memtable_prefix_bloom_probes min_blob_size min_partial_merge_operands preclude_last_level_data_seconds
      preserve_internal_time_seconds rate_limit_delay_max_milliseconds sample_for_compression snap_refresh_nanos
      soft_rate_limit source_compaction_factor uncache_aggressiveness`,
    text: `
      blob_cache blob_compression_type bottommost_compression_opts compaction_filter compaction_filter_factory
      comparator compression_manager compression_opts default_temperature default_write_temperature
      last_level_temperature memtable memtable_factory memtable_insert_with_hint_prefix_extractor merge_operator
      prefix_extractor prepopulate_blob_cache sst_partitioner_factory table_factory`,
  },
  table: {
    boolean: `
      block_align cache_index_and_filter_blocks cache_index_and_filter_blocks_with_high_priority
      decouple_partitioned_filters detect_filter_construct_corruption enable_index_compression fail_if_no_udi_on_open
      hash_index_allow_collision no_block_cache optimize_filters_for_memory partition_filters
      pin_l0_filter_and_index_blocks_in_cache pin_top_level_index_and_filter separate_key_value_in_data_block
      use_delta_encoding use_udi_as_primary_index verify_compression`,
    number: `
      data_block_hash_table_util_ratio index_block_restart_interval initial_auto_readahead_size max_auto_readahead_size
      metadata_block_size num_file_reads_for_auto_readahead read_amp_bytes_per_bit super_block_alignment_size
      super_block_alignment_space_overhead_ratio uniform_cv_threshold`,
    text: `
      block_cache block_cache_compressed cache_usage_options checksum data_block_index_type flush_block_policy_factory
      index_block_search_type index_shortening index_type metadata_cache_options persistent_cache
      prepopulate_block_cache user_defined_index_factory`,
  },
};

/** Members of nested structs in OPTIONS files without an effect on the model. */
export const ignoredMembers: ReadonlySet<string> = new Set([
  'compaction_options_fifo.age_for_warm',
  'compaction_options_fifo.file_temperature_age_thresholds',
  'compaction_options_fifo.allow_trivial_copy_when_change_temperature',
  'compaction_options_fifo.trivial_copy_buffer_size',
  'compaction_options_fifo.max_data_files_size',
  'compaction_options_fifo.use_kv_ratio_compaction',
  'compaction_options_fifo.ttl',
]);

function ignoredSpecs(): NamedOptionSpec[] {
  const specs: NamedOptionSpec[] = [];
  for (const scope of ['db', 'family', 'table'] as const) {
    for (const kind of ['boolean', 'number', 'text'] as const) {
      for (const key of ignoredOptions[scope][kind].trim().split(/\s+/)) {
        const value = kind === 'boolean' ? false : kind === 'number' ? 0 : '';
        specs.push({
          key,
          ...spec<OptionValue>(kind, { scope, value, min: -limitMax, max: limitMax, doc: 'not modelled' }),
          optionsFile: key,
          effect: 'ignored',
        });
      }
    }
  }
  return specs;
}

/** Every option that has an effect on the model, in the table's order. */
export const modelledSpecs: readonly NamedOptionSpec[] = Object.entries(table).map(([key, row]: [string, OptionSpec]) => ({
  key,
  ...row,
  optionsFile: row.optionsFile === '' ? key : row.optionsFile,
}));

/** All options: the modelled ones, then the ignored ones (whose defaults are not tabulated: false, 0 or ''). */
export const optionSpecs: readonly NamedOptionSpec[] = [...modelledSpecs, ...ignoredSpecs()];

/** True when the name is an option of `LsmOptions`. */
export function isOptionKey(name: string): name is OptionKey {
  return Object.hasOwn(table, name);
}
