/**
 * db_bench's command line: its own flags, verbatim, as options and steps. What it does was read from `db_bench --help` and, for
 * the list below, from runs of Debian's db_bench 7.8.3; where the help text and the program differ, the program is followed. Not run: the
 * sine rate, varying value sizes, and --rate_limit_bg_reads (these follow the help text and db_bench_tool.cc as known).
 *  - `fillsync` and `fill100K` divide the key space by 1000, not the number of writes: both write --num (or --writes) entries;
 *  - --duration bounds random order only, and there it replaces the count; fillseq and filluniquerandom ignore it;
 *  - each of --threads writes that many entries; filluniquerandom runs one thread whatever --threads says;
 *  - --batch_size N writes whole batches: floor(num / N) of them; `fillbatch` means N = 1000;
 *  - every fill* starts an empty DB, and is skipped with --use_existing_db (Debian's build aborts on an assertion there: not observed);
 *  - with --num_multi_db N each put goes to one of N databases at random; each has --num keys, and N x --num (or --writes) are written;
 *  - with --options_file all flags that set options are ignored, except the rate limiter's, --bloom_bits and --num_bottom_pri_threads;
 *  - readrandom, readwhilewriting and seekrandom end after --duration, or after --reads (or --num) reads of each thread; readwhilewriting
 *    adds one writing thread, which --benchmark_write_rate_limit holds and whose operations are not counted; readrandomwriterandom makes
 *    --readwritepercent Gets of each hundred operations, ends after the larger of --reads and --writes, and knows no rate limit;
 *  - flags may be written -x, --x, --x=v, --x v, --no<bool>, with - for _; of a repeated flag the last one counts (gflags 2.2).
 */
import { PutmodelError, invariant, type Issue } from '../kernel/errors.js';
import { dbBenchFlags, type FlagSpec } from './db-bench-flags.js';
import { nearestName } from './nearest.js';
import { optionsFileWarnings, optionsOfFamily, parseOptionsFile } from './options-file.js';
import {
  defaultOptions,
  mergeOptions,
  modelledSpecs,
  optionSpec,
  parseOption,
  readOption,
  sanitizeOptions,
  validateOptions,
  type LsmOptions,
  type NamedOptionSpec,
  type OptionValue,
  type PartialLsmOptions,
} from './options.js';
import { compareVersions, formatVersion, referenceVersion, type RocksdbVersion } from './version.js';
import { warning, type RocksdbWarning } from './warnings.js';

/** f(t) = a sin(b t + c) + d, in bytes of key + value a second over all threads, t in seconds; re-read every `intervalMillis`. */
export interface SineWriteRate {
  readonly amplitudeBytesPerSec: number;
  readonly angularPerSec: number;
  readonly phaseRadians: number;
  readonly meanBytesPerSec: number;
  readonly intervalMillis: number;
}

/** What a benchmark reads; the fields have the meanings of the LSM scenario's read load. */
export interface DbBenchReads {
  /** --seek_nexts of a seek benchmark; null: Gets. */
  readonly nexts: number | null;
  readonly threads: number;
  /** --benchmark_read_rate_limit, over all threads; null: none. */
  readonly opsPerSec: number | null;
  /** Reads over all threads; null: no limit by count. */
  readonly reads: number | null;
  /** Gets of a writing thread for each of its puts; null: readers have threads of their own. */
  readonly readsPerPut: number | null;
  readonly cacheBytes: number;
  readonly cacheIndexAndFilterBlocks: boolean;
}

/** What a write benchmark does; the fields have the names and meanings of the LSM scenario's write workload. */
export interface DbBenchWorkload {
  /** Puts over all threads; null: no limit by count (then durationSec or a count of reads is set); 0: only reads. */
  readonly puts: number | null;
  readonly durationSec: number | null;
  /** That put. */
  readonly threads: number;
  readonly keySizeBytes: number;
  readonly valueSizeBytes: number;
  readonly distribution: 'uniform' | 'sequential' | 'unique';
  /** Distinct keys that may be drawn. */
  readonly keyCount: number;
  readonly entriesPerBatch: number;
  readonly sync: boolean;
  readonly disableWal: boolean;
  readonly valueCompressionRatio: number;
  /** 1 for deleterandom; left out: puts only. */
  readonly deleteFraction?: number;
  /** --benchmark_write_rate_limit: token bucket over key + value bytes of all threads; null: none. */
  readonly pacedBytesPerSec: number | null;
  /** --sine_write_rate: replaces the bucket's rate, first after one interval; null: none. */
  readonly sineProfile: SineWriteRate | null;
  /** Left out by benchmarks that do not read. */
  readonly reads?: DbBenchReads;
}

/** One benchmark of --benchmarks, in its order. `fresh`: the DB is emptied first. */
export type DbBenchStep =
  | { readonly kind: 'write'; readonly benchmark: string; readonly fresh: boolean; readonly workload: DbBenchWorkload }
  | { readonly kind: 'waitForCompaction' | 'compact' | 'flush' | 'report'; readonly benchmark: string };

/** A db_bench command, understood. */
export interface DbBenchCommand {
  readonly rocksdbVersion: RocksdbVersion;
  /** Sanitized, as the DB would hold them. */
  readonly options: LsmOptions;
  readonly steps: readonly DbBenchStep[];
  /** --seed; null when 0 or absent (db_bench then takes the time). */
  readonly seed: number | null;
  /**
   * Column families in each database, as the part (0..1) of its keys that each one holds: a key's number decides (GetCfh), so all hold the
   * same number unless --column_family_distribution says otherwise.
   */
  readonly familyShares: readonly number[];
  /** Databases: each put goes to one at random, each has --num keys; they share the rate limiter, and as all DBs of a process the Env. */
  readonly databases: number;
  /** True: the first step meets the tree that is there. */
  readonly useExistingDb: boolean;
  /** Known flags that were given and change nothing here, in the order given; then those keys of --options_file. */
  readonly ignoredFlags: readonly string[];
  readonly warnings: readonly RocksdbWarning[];
  /** What RocksDB fills in by itself; see `SanitizedOptions.derived`. */
  readonly derived: readonly RocksdbWarning[];
}

/** What only the caller can give. */
export interface DbBenchInputs {
  /** Gives the text of --options_file; its own errors pass through. */
  readonly readOptionsFile?: (path: string) => string;
}

/**
 * Arguments of db_bench (a leading program name is skipped) as options and steps.
 * @throws PutmodelError with one issue per problem: USAGE for an unknown flag (with the nearest name), a value of the wrong type or a
 *   stray argument; INPUT_INVALID for a value out of range; INPUT_UNSUPPORTED for a benchmark this program does not simulate; and the
 *   errors of the options file. `path` is `--flag`.
 */
export function parseDbBench(argv: readonly string[], inputs: DbBenchInputs = {}): DbBenchCommand {
  const issues: Issue[] = [];
  const flags = readFlags(argv, issues);
  if (issues.length > 0) throw new PutmodelError(issues);

  const warnings: RocksdbWarning[] = [];
  const { options: given, overridden, ignoredKeys, warnings: fileWarnings } = readGivenOptions(flags, inputs, issues);
  warnings.push(...fileWarnings);
  const steps = readSteps(flags, issues, warnings);
  const familyShares = readFamilyShares(flags, issues);
  if (issues.length > 0) throw new PutmodelError(issues);

  validateOptions(given, (key) => {
    const flag = optionSpec(key)?.dbBench?.flag ?? key;
    return { path: `--${flag}`, text: overridden.has(flag) ? undefined : flags.given.get(flag) };
  });
  const sanitized = sanitizeOptions(given, referenceVersion);
  const reading = steps.some((step) => step.kind === 'write' && step.workload.reads !== undefined);
  const ignoredFlags = [...flags.given.keys()].filter((name) => overridden.has(name) || !flagHasEffect(name, reading));
  warnings.push(...sanitized.warnings, ...notModelledWarnings(flags, ignoredFlags, reading));
  const seed = flags.number('seed');
  return {
    rocksdbVersion: referenceVersion,
    options: sanitized.options,
    steps,
    seed: seed === 0 ? null : seed,
    familyShares,
    databases: databaseCount(flags),
    useExistingDb: flags.boolean('use_existing_db'),
    ignoredFlags: [...ignoredFlags, ...ignoredKeys],
    warnings,
    derived: sanitized.derived,
  };
}

/**
 * One line of shell as arguments: splits at blanks, understands '...', "...", backslashes and line continuation. No variables, globs or
 * pipes.
 */
export function splitCommandLine(line: string): string[] {
  const args: string[] = [];
  let current: string | null = null;
  for (const [token, single, double, escaped, blank] of line.matchAll(/'([^']*)'|"((?:[^"\\]|\\.)*)"|\\([\s\S])|(\s+)|[\s\S]/g)) {
    if (blank !== undefined) {
      if (current !== null) args.push(current);
      current = null;
    } else if (escaped !== '\n') {
      current = (current ?? '') + (single ?? double?.replaceAll(/\\(["\\$`])/g, '$1') ?? escaped ?? token);
    }
  }
  if (current !== null) args.push(current);
  return args;
}

/* ---- flags ------------------------------------------------------------------------------------------------------------------- */

type FlagValue = number | boolean | string;

/** The flags of one command: what was given, and typed access with defaults. */
interface Flags {
  /** Raw text of each given flag (the last one), in the order of their first appearance. */
  readonly given: ReadonlyMap<string, string>;
  readonly number: (name: string) => number;
  readonly boolean: (name: string) => boolean;
  readonly text: (name: string) => string;
}

function readFlags(argv: readonly string[], issues: Issue[]): Flags {
  const given = new Map<string, string>();
  const values = new Map<string, FlagValue>();
  const args = /(^|\/)db_bench$/.test(argv[0] ?? '') ? argv.slice(1) : argv;
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? '';
    const match = /^--?([^=-][^=]*)(?:=([\s\S]*))?$/.exec(argument);
    if (match === null) {
      issues.push({ code: 'USAGE', message: 'not a flag', found: JSON.stringify(argument), expected: '--name=value' });
      continue;
    }
    const named = findFlag(match[1] ?? '', match[2]);
    if (named === null) {
      issues.push(unknownFlag(match[1] ?? ''));
      continue;
    }
    let text = named.text;
    if (text === undefined) {
      // gflags takes the next argument for a flag without "=", whatever it looks like; a boolean never does.
      index++;
      text = args[index];
    }
    const { flag } = named;
    const value = text === undefined ? null : flagValue(flag, text);
    if (text === undefined || value === null) {
      issues.push({
        code: 'USAGE',
        path: `--${flag.name}`,
        message: text === undefined ? 'the value is missing' : 'the value has the wrong type',
        ...(text === undefined ? {} : { found: JSON.stringify(text) }),
        expected: describeFlagType(flag),
      });
      continue;
    }
    given.set(flag.name, text);
    values.set(flag.name, value);
  }
  return createFlags(given, values);
}

/** The flag of that name; `no<name>` is a boolean set to false, a bare boolean is true, other bare flags have no text yet. */
function findFlag(name: string, text: string | undefined): { readonly flag: FlagSpec; readonly text: string | undefined } | null {
  const spelled = name.replaceAll('-', '_');
  const flag = dbBenchFlags.get(spelled);
  if (flag !== undefined) return { flag, text: text ?? (flag.type === 'bool' ? 'true' : undefined) };
  const negated = spelled.startsWith('no') ? dbBenchFlags.get(spelled.slice(2)) : undefined;
  if (negated?.type === 'bool' && text === undefined) return { flag: negated, text: 'false' };
  return null;
}

function unknownFlag(name: string): Issue {
  const nearest = nearestName(name, dbBenchFlags.keys());
  return {
    code: 'USAGE',
    path: `--${name}`,
    message: 'unknown flag',
    expected: nearest === null ? 'a flag of db_bench 7.8' : `--${nearest}?`,
  };
}

function describeFlagType({ type }: FlagSpec): string {
  if (type === 'bool') return 'true or false';
  if (type === 'double') return 'a number';
  if (type === 'string') return 'text';
  return type.startsWith('u') ? `an integer >= 0 (${type})` : `an integer (${type})`;
}

const integerLimits: Readonly<Record<string, readonly [bigint, bigint]>> = {
  int32: [-2147483648n, 2147483647n],
  uint32: [0n, 4294967295n],
  int64: [-9223372036854775808n, 9223372036854775807n],
  uint64: [0n, 18446744073709551615n],
};

/** The value as gflags reads it, or null. 64-bit integers beyond 2^53 become the nearest double. */
function flagValue({ type }: FlagSpec, text: string): FlagValue | null {
  if (type === 'string') return text;
  if (type === 'bool') {
    if (/^(1|t|true|y|yes)$/i.test(text)) return true;
    return /^(0|f|false|n|no)$/i.test(text) ? false : null;
  }
  if (type === 'double') return /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? finite(Number(text)) : null;
  const limits = integerLimits[type];
  const match = /^\s*([+-]?)(\d+|0x[\da-f]+)$/i.exec(text);
  if (match === null || limits === undefined) return null;
  const magnitude = BigInt(match[2] ?? '0');
  const value = match[1] === '-' ? -magnitude : magnitude;
  if (type.startsWith('u') && match[1] === '-') return null;
  return value < limits[0] || value > limits[1] ? null : Number(value);
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function createFlags(given: ReadonlyMap<string, string>, values: ReadonlyMap<string, FlagValue>): Flags {
  const read = (name: string): FlagValue => {
    const flag = dbBenchFlags.get(name);
    invariant(flag !== undefined, `db_bench has a flag ${name}`);
    const value = values.get(name) ?? flagValue(flag, flag.defaultText);
    invariant(value !== null, `the default of --${name} has its type`);
    return value;
  };
  return {
    given,
    number: (name) => {
      const value = read(name);
      invariant(typeof value === 'number', `--${name} is a number`);
      return value;
    },
    boolean: (name) => {
      const value = read(name);
      invariant(typeof value === 'boolean', `--${name} is a boolean`);
      return value;
    },
    text: (name) => {
      const value = read(name);
      invariant(typeof value === 'string', `--${name} is text`);
      return value;
    },
  };
}

/** Flags that this module reads itself; the others with an effect set one option each. */
const workloadFlags: ReadonlySet<string> = new Set([
  ...['benchmarks', 'num', 'writes', 'deletes', 'threads', 'duration', 'batch_size', 'key_size', 'seed', 'options_file', 'use_existing_db'],
  ...['value_size', 'value_size_distribution_type', 'value_size_min', 'value_size_max', 'compression_ratio', 'sync', 'disable_wal'],
  ...['benchmark_write_rate_limit', 'sine_write_rate', 'sine_write_rate_interval_milliseconds', 'sine_a', 'sine_b', 'sine_c', 'sine_d'],
  ...['min_level_to_compress', 'rate_limit_bg_reads', 'num_column_families', 'column_family_distribution', 'num_multi_db'],
]);
const specByFlag: ReadonlyMap<string, NamedOptionSpec> = new Map(
  modelledSpecs.flatMap((spec) => (spec.dbBench === undefined ? [] : [[spec.dbBench.flag, spec] as const])),
);

/** Flags that this module reads where a benchmark reads. */
const flagsOfReads: ReadonlySet<string> = new Set([
  ...['reads', 'seek_nexts', 'readwritepercent', 'benchmark_read_rate_limit', 'cache_size', 'cache_index_and_filter_blocks'],
]);

function flagHasEffect(name: string, reading: boolean): boolean {
  return workloadFlags.has(name) || specByFlag.has(name) || (reading && flagsOfReads.has(name));
}

/** Flags that would change the writes or the files of a real run and are not modelled: a warning when they leave their default. */
const notModelledFlags: ReadonlySet<string> = new Set([
  ...['num_hot_column_families', 'transaction_db', 'optimistic_transaction_db', 'readonly'],
  ...['use_secondary_db', 'use_blob_db', 'enable_blob_files', 'memtablerep', 'use_plain_table', 'use_cuckoo_table', 'partition_index'],
  ...['partition_index_and_filters', 'overwrite_probability', 'disposable_entries_batch_size', 'persistent_entries_batch_size'],
  ...['writes_per_range_tombstone', 'user_timestamp_size', 'inplace_update_support', 'merge_operator', 'prefix_size', 'keys_per_prefix'],
  ...['unordered_write', 'manual_wal_flush', 'wal_compression', 'use_ribbon_filter', 'simulate_hdd', 'simulate_hybrid_fs_file'],
  ...['rate_limit_user_ops', 'rate_limit_auto_wal_flush', 'enable_io_prio', 'enable_cpu_prio', 'cost_write_buffer_to_cache'],
  ...['compression_level', 'compression_max_dict_bytes', 'compression_parallel_threads', 'mmap_write', 'block_align', 'stats_per_interval'],
]);

/** The same for reads. */
const notModelledOfReads: ReadonlySet<string> = new Set([
  ...['multiread_batched', 'read_random_exp_range', 'use_tailing_iterator', 'reverse_iterator', 'max_scan_distance', 'row_cache_size'],
  ...[
    'cache_type',
    'compressed_cache_size',
    'use_compressed_secondary_cache',
    'open_files',
    'mmap_read',
    'pin_l0_filter_and_index_blocks_in_cache',
  ],
  ...['readahead_size', 'async_io', 'index_with_first_key', 'finish_after_writes', 'cache_high_pri_pool_ratio'],
]);

function notModelledWarnings(flags: Flags, ignored: readonly string[], reading: boolean): RocksdbWarning[] {
  return ignored.flatMap((name) => {
    const flag = dbBenchFlags.get(name);
    if (flag === undefined || !(notModelledFlags.has(name) || (reading && notModelledOfReads.has(name)))) return [];
    const text = flags.given.get(name) ?? '';
    if (flagValue(flag, text) === flagValue(flag, flag.defaultText)) return [];
    return [warning('FLAG_NOT_MODELLED', `--${name}`, `--${name}=${text} would change a real run; it does not change this one`)];
  });
}

/* ---- options ----------------------------------------------------------------------------------------------------------------- */

/** Flags that still count beside --options_file (db_bench_tool.cc: InitializeOptionsGeneral; checked by running it). */
const flagsBesideOptionsFile: ReadonlySet<string> = new Set([
  'rate_limiter_bytes_per_sec',
  'rate_limiter_refill_period_us',
  'rate_limiter_auto_tuned',
  'rate_limit_bg_reads',
  'bloom_bits',
  'num_bottom_pri_threads',
]);

interface GivenOptions {
  readonly options: LsmOptions;
  /** Given flags that --options_file makes ineffective. */
  readonly overridden: ReadonlySet<string>;
  /** Keys of the options file without an effect on the model. */
  readonly ignoredKeys: readonly string[];
  /** What of the options file is not used. */
  readonly warnings: readonly RocksdbWarning[];
}

function readGivenOptions(flags: Flags, inputs: DbBenchInputs, issues: Issue[]): GivenOptions {
  const defaults = defaultOptions(referenceVersion, { dbBench: true });
  const path = flags.text('options_file');
  if (path === '') {
    const given = optionsFromFlags(flags, () => true, issues);
    const options = mergeOptions(defaults, given, derivedFlagOptions(flags, given, issues));
    return { options, overridden: new Set(), ignoredKeys: [], warnings: [] };
  }
  invariant(inputs.readOptionsFile !== undefined, 'whoever accepts --options_file can read files');
  const file = parseOptionsFile(inputs.readOptionsFile(path), path);
  const counts = (flag: string): boolean => flagsBesideOptionsFile.has(flag);
  const library = defaultOptions(referenceVersion, { dbBench: false });
  const options = mergeOptions(optionsOfFamily(file, library), optionsFromFlags(flags, counts, issues), limiterMode(flags));
  const overridden = [...flags.given.keys()].filter((name) => (specByFlag.has(name) || name === 'min_level_to_compress') && !counts(name));
  const warnings = [...versionWarnings(file.rocksdbVersion), ...optionsFileWarnings(file)];
  return { options, overridden: new Set(overridden), ignoredKeys: file.ignored, warnings };
}

/** The run is of the version whose db_bench this is, whatever wrote the options. */
function versionWarnings(version: RocksdbVersion | null): RocksdbWarning[] {
  if (version === null || compareVersions(version, referenceVersion) === 0) return [];
  const message = `the options file is of RocksDB ${formatVersion(version)}; db_bench and the run are of ${formatVersion(referenceVersion)}`;
  return [warning('VERSION_NOT_USED', '--options_file', message)];
}

function optionsFromFlags(flags: Flags, counts: (flag: string) => boolean, issues: Issue[]): PartialLsmOptions {
  const options: Record<string, OptionValue> = {};
  for (const [flag, text] of flags.given) {
    const spec = specByFlag.get(flag);
    if (spec === undefined || !counts(flag)) continue;
    const value = optionOfFlag(flags, flag, spec, text, issues);
    if (value !== null) options[spec.key] = value;
  }
  return options;
}

/** The option's value for a given flag; null leaves the default. */
function optionOfFlag(flags: Flags, flag: string, spec: NamedOptionSpec, text: string, issues: Issue[]): OptionValue | null {
  if (spec.kind === 'boolean') return flags.boolean(flag);
  if (spec.kind === 'integer' || spec.kind === 'number') {
    const value = flags.number(flag);
    if (flag === 'bloom_bits') return Math.max(0, value);
    if (flag === 'fifo_compaction_max_table_files_size_mb') return value * 1024 * 1024;
    // db_bench reads 0 of these as "not said".
    const zeroIsDefault = flag.startsWith('universal_') && flag !== 'universal_compression_size_percent';
    return zeroIsDefault && value === 0 ? null : value;
  }
  const read = spec.kind === 'choice' ? readOption(spec, choiceOfFlag(flags, flag)) : parseOption(spec, text, ',');
  if (read.ok) return read.value;
  issues.push({
    code: 'INPUT_INVALID',
    path: `--${flag}`,
    message: read.message,
    found: JSON.stringify(text),
    expected: flagChoices(spec, read.expected),
  });
  return null;
}

/** Names are compared without case (strcasecmp in db_bench_tool.cc); enum numbers are those of flags that are numbers. */
function choiceOfFlag(flags: Flags, name: string): FlagValue {
  return dbBenchFlags.get(name)?.type === 'string' ? flags.text(name).toLowerCase() : flags.number(name);
}

/** compaction_style and compaction_pri are numbers on db_bench's command line: say which. */
function flagChoices(spec: NamedOptionSpec, expected: string): string {
  if (spec.kind !== 'choice' || dbBenchFlags.get(spec.dbBench?.flag ?? '')?.type === 'string') return expected;
  return spec.choices.map((choice) => `${String(choice.number)} (${choice.value})`).join(', ');
}

/** Options that db_bench makes from flags of another shape. */
function derivedFlagOptions(flags: Flags, given: PartialLsmOptions, issues: Issue[]): PartialLsmOptions {
  const levels = flags.number('num_levels');
  const firstCompressed = flags.number('min_level_to_compress');
  const codec = given.compression ?? 'snappy';
  const perLevel: PartialLsmOptions =
    firstCompressed < 0 || levels < 1 || levels > 64
      ? {}
      : { compression_per_level: Array.from({ length: levels }, (_, level) => (level < firstCompressed ? 'none' : codec)) };
  const factors = given.max_bytes_for_level_multiplier_additional ?? [];
  if (factors.length > 0 && factors.length !== levels) {
    issues.push({
      code: 'INPUT_INVALID',
      path: '--max_bytes_for_level_multiplier_additional',
      message: 'wrong number of factors',
      found: String(factors.length),
      expected: `one for each of ${String(levels)} levels (--num_levels)`,
    });
  }
  return { ...perLevel, ...limiterMode(flags) };
}

function limiterMode(flags: Flags): PartialLsmOptions {
  return { rate_limiter_mode: flags.boolean('rate_limit_bg_reads') ? 'kReadsOnly' : 'kWritesOnly' };
}

/* ---- benchmarks -------------------------------------------------------------------------------------------------------------- */

/** More than this are a slip. */
const partsMax = 1000;

/** --num_multi_db: 0 and 1 both mean one database. */
function databaseCount(flags: Flags): number {
  return Math.max(1, flags.number('num_multi_db'));
}

function readFamilyShares(flags: Flags, issues: Issue[]): number[] {
  for (const name of ['num_column_families', 'num_multi_db']) {
    const value = flags.number(name);
    if (value >= 0 && value <= partsMax) continue;
    issues.push({
      code: 'INPUT_INVALID',
      path: `--${name}`,
      message: 'out of range',
      found: String(value),
      expected: `from 0 to ${String(partsMax)}`,
    });
    return [1];
  }
  const count = Math.max(1, flags.number('num_column_families'));
  const text = flags.text('column_family_distribution');
  if (count === 1 || text === '') return new Array<number>(count).fill(1 / count);
  const percents = text.split(',').map(Number);
  const whole = percents.every((percent) => Number.isInteger(percent) && percent > 0);
  if (whole && percents.length === count && percents.reduce((sum, percent) => sum + percent, 0) === 100) {
    return percents.map((percent) => percent / 100);
  }
  issues.push({
    code: 'INPUT_INVALID',
    path: '--column_family_distribution',
    message: 'not the shares of the column families',
    found: JSON.stringify(text),
    expected: `${String(count)} whole percentages above 0 that add up to 100`,
  });
  return [1];
}

interface WriteBenchmark {
  readonly distribution: DbBenchWorkload['distribution'];
  readonly fresh: boolean;
  readonly entriesPerBatch?: number;
  readonly sync?: boolean;
  readonly valueSizeBytes?: number;
  /** The key space is --num over this. */
  readonly keyDivisor?: number;
  readonly singleThread?: boolean;
  /** DoDelete: counts by --deletes, and knows no write rate. */
  readonly deletes?: boolean;
}

const writeBenchmarks: ReadonlyMap<string, WriteBenchmark> = new Map(
  Object.entries<WriteBenchmark>({
    fillseq: { distribution: 'sequential', fresh: true },
    fillrandom: { distribution: 'uniform', fresh: true },
    filluniquerandom: { distribution: 'unique', fresh: true, singleThread: true },
    fillbatch: { distribution: 'sequential', fresh: true, entriesPerBatch: 1000 },
    fillsync: { distribution: 'uniform', fresh: true, sync: true, keyDivisor: 1000 },
    fill100K: { distribution: 'uniform', fresh: true, valueSizeBytes: 100_000, keyDivisor: 1000 },
    overwrite: { distribution: 'uniform', fresh: false },
    deleterandom: { distribution: 'uniform', fresh: false, deletes: true },
  }),
);
const otherBenchmarks: ReadonlyMap<string, 'waitForCompaction' | 'compact' | 'flush' | 'report'> = new Map([
  ['waitforcompaction', 'waitForCompaction'],
  ['compact', 'compact'],
  ['flush', 'flush'],
  ['stats', 'report'],
  ['levelstats', 'report'],
  ['sstables', 'report'],
]);

const readBenchmarks: ReadonlySet<string> = new Set(['readrandom', 'readwhilewriting', 'readrandomwriterandom', 'seekrandom']);

/** Names accepted in --benchmarks. */
export const supportedBenchmarks: readonly string[] = [...writeBenchmarks.keys(), ...readBenchmarks, ...otherBenchmarks.keys()];

/** Bound of the [X<repeats>-W<warm-ups>] suffix: more is surely a slip. */
const repeatsMax = 1000;

function readSteps(flags: Flags, issues: Issue[], warnings: RocksdbWarning[]): DbBenchStep[] {
  const steps: DbBenchStep[] = [];
  const names = flags
    .text('benchmarks')
    .split(',')
    .filter((name) => name !== '');
  if (names.length === 0) {
    issues.push({ code: 'USAGE', path: '--benchmarks', message: 'no benchmark', expected: `a list of ${supportedBenchmarks.join(', ')}` });
  }
  const figureIssues: Issue[] = [];
  const workload = readCommonWorkload(flags, figureIssues, warnings);
  issues.push(...figureIssues);
  // What follows from a figure that is wrong would say the same mistake again.
  const jointIssues = figureIssues.length === 0 ? issues : [];
  for (const entry of names) {
    const parsed = parseBenchmarkName(entry);
    const write = writeBenchmarks.get(parsed?.name ?? '');
    const other = otherBenchmarks.get(parsed?.name ?? '');
    if (parsed !== null && readBenchmarks.has(parsed.name)) {
      const step = readingOf(parsed.name, workload, flags, issues, jointIssues);
      checkBytes(parsed.name, step, flags, jointIssues);
      for (let run = 0; run < parsed.runs; run++) steps.push({ kind: 'write', benchmark: parsed.name, fresh: false, workload: step });
    } else if (parsed === null || (write === undefined && other === undefined)) {
      issues.push(unsupportedBenchmark(entry));
    } else if (other !== undefined) {
      for (let run = 0; run < parsed.runs; run++) steps.push({ kind: other, benchmark: parsed.name });
    } else if (write?.fresh === true && flags.boolean('use_existing_db')) {
      warnings.push(warning('BENCHMARK_SKIPPED', '--benchmarks', `${parsed.name} is skipped: --use_existing_db is true`));
    } else if (write !== undefined) {
      const step = workloadOf(parsed.name, write, workload, flags, jointIssues);
      checkBytes(parsed.name, step, flags, jointIssues);
      for (let run = 0; run < parsed.runs; run++) {
        steps.push({ kind: 'write', benchmark: parsed.name, fresh: write.fresh && run === 0, workload: step });
      }
    }
  }
  return steps;
}

/** "overwrite[X3-W1]": one warm-up and three runs. null when the suffix is not one. */
function parseBenchmarkName(entry: string): { readonly name: string; readonly runs: number } | null {
  const match = /^([^[\]]+)(?:\[([XW\d-]*)\])?$/.exec(entry.trim());
  if (match === null) return null;
  const repeats = Number(/X(\d+)/.exec(match[2] ?? '')?.[1] ?? '1');
  const warmUps = Number(/W(\d+)/.exec(match[2] ?? '')?.[1] ?? '0');
  const runs = repeats + warmUps;
  return runs < 1 || runs > repeatsMax ? null : { name: match[1] ?? '', runs };
}

function unsupportedBenchmark(entry: string): Issue {
  return {
    code: 'INPUT_UNSUPPORTED',
    path: '--benchmarks',
    message: 'not a benchmark this program simulates',
    found: entry,
    expected: supportedBenchmarks.join(', '),
  };
}

/** What all write benchmarks of a command share. */
interface CommonWorkload {
  readonly num: number;
  readonly writes: number;
  readonly deletes: number;
  readonly durationSec: number;
  readonly threads: number;
  readonly keySizeBytes: number;
  readonly valueSizeBytes: number;
  readonly entriesPerBatch: number;
  readonly valueCompressionRatio: number;
}

function readCommonWorkload(flags: Flags, issues: Issue[], warnings: RocksdbWarning[]): CommonWorkload {
  const bounded = (name: string, min: number, max = Number.MAX_SAFE_INTEGER): number => {
    const value = flags.number(name);
    if (value < min || value > max) {
      const expected = max === Number.MAX_SAFE_INTEGER ? `>= ${String(min)} and below 2^53` : `from ${String(min)} to ${String(max)}`;
      issues.push({
        code: 'INPUT_INVALID',
        path: `--${name}`,
        message: 'out of range',
        found: flags.given.get(name) ?? String(value),
        expected,
      });
    }
    return value;
  };
  const ratio = flags.number('compression_ratio');
  if (!(ratio > 0 && ratio <= 1)) {
    issues.push({
      code: 'INPUT_INVALID',
      path: '--compression_ratio',
      message: 'out of range',
      found: String(ratio),
      expected: 'above 0, at most 1',
    });
  }
  const keySizeBytes = bounded('key_size', 0);
  const valueSizeBytes = meanValueSize(flags, bounded, issues, warnings);
  if (keySizeBytes === 0 && valueSizeBytes === 0) {
    issues.push({ code: 'INPUT_INVALID', path: '--key_size', message: 'key and value are both 0 bytes', expected: 'one of them above 0' });
  }
  return {
    num: bounded('num', 1),
    writes: flags.number('writes'),
    deletes: flags.number('deletes'),
    durationSec: bounded('duration', 0),
    threads: bounded('threads', 1),
    keySizeBytes,
    valueSizeBytes,
    entriesPerBatch: bounded('batch_size', 1),
    valueCompressionRatio: ratio,
  };
}

/** --value_size, or the middle of --value_size_min .. --value_size_max for the other distributions (db_bench centres both there). */
function meanValueSize(flags: Flags, bounded: (name: string, min: number) => number, issues: Issue[], warnings: RocksdbWarning[]): number {
  const distribution = flags.text('value_size_distribution_type').toLowerCase();
  if (distribution === 'fixed') return bounded('value_size', 0);
  const path = '--value_size_distribution_type';
  if (distribution !== 'uniform' && distribution !== 'normal') {
    issues.push({
      code: 'INPUT_INVALID',
      path,
      message: 'unknown distribution',
      found: flags.text('value_size_distribution_type'),
      expected: 'fixed, uniform or normal',
    });
    return 0;
  }
  const minBytes = bounded('value_size_min', 0);
  const maxBytes = bounded('value_size_max', minBytes);
  const meanBytes = Math.round((minBytes + maxBytes) / 2);
  warnings.push(warning('VALUE_SIZE_MEAN', path, `values of ${distribution} size are simulated as ${String(meanBytes)} bytes each`));
  return meanBytes;
}

function workloadOf(name: string, benchmark: WriteBenchmark, common: CommonWorkload, flags: Flags, issues: Issue[]): DbBenchWorkload {
  const keyCount = Math.floor(common.num / (benchmark.keyDivisor ?? 1));
  // DoWrite: writes_ is --num unless --writes is 0 or more; 0 means the benchmark's own (divided) num.
  const writes = common.writes < 0 ? common.num : common.writes === 0 ? keyCount : common.writes;
  const opsPerThread = benchmark.deletes === true ? (common.deletes < 0 ? common.num : common.deletes) : writes;
  const entriesPerBatch = benchmark.entriesPerBatch ?? common.entriesPerBatch;
  const timed = benchmark.distribution === 'uniform' && common.durationSec > 0;
  const threads = benchmark.singleThread === true ? 1 : common.threads;
  // DoDelete counts once over all databases.
  const databases = benchmark.deletes === true ? 1 : databaseCount(flags);
  const puts = databases * threads * Math.floor(opsPerThread / entriesPerBatch) * entriesPerBatch;
  const refuse = (path: string, message: string, found: number, expected: string): void => {
    issues.push({ code: 'INPUT_INVALID', path, message: `${name}: ${message}`, found: String(found), expected });
  };
  if (keyCount < 1) refuse('--num', 'the key space (num / 1000) is empty', common.num, '>= 1000');
  else if (!timed && puts < 1) refuse('--num', 'not one whole batch is written', opsPerThread, `>= ${String(entriesPerBatch)}`);
  if (benchmark.distribution === 'unique' && opsPerThread > keyCount)
    refuse('--writes', 'there are not that many keys', opsPerThread, `<= ${String(keyCount)}`);
  return {
    puts: timed ? null : puts,
    durationSec: timed ? common.durationSec : null,
    threads,
    keySizeBytes: common.keySizeBytes,
    valueSizeBytes: benchmark.valueSizeBytes ?? common.valueSizeBytes,
    distribution: benchmark.distribution,
    keyCount: benchmark.distribution === 'sequential' ? Math.max(keyCount, opsPerThread) : keyCount,
    entriesPerBatch,
    sync: benchmark.sync ?? flags.boolean('sync'),
    disableWal: flags.boolean('disable_wal'),
    valueCompressionRatio: common.valueCompressionRatio,
    ...(benchmark.deletes === true ? { deleteFraction: 1 } : {}),
    pacedBytesPerSec: benchmark.deletes === true ? null : flags.number('benchmark_write_rate_limit') || null,
    sineProfile: flags.boolean('sine_write_rate') && benchmark.deletes !== true ? sineProfile(flags) : null,
  };
}

/** Byte counts are exact up to 2^53 (the same limit as of a scenario's workload). */
function checkBytes(
  name: string,
  { puts, keySizeBytes, valueSizeBytes, deleteFraction }: DbBenchWorkload,
  flags: Flags,
  issues: Issue[],
): void {
  const entryBytes = keySizeBytes + valueSizeBytes;
  if ((puts ?? 0) * entryBytes <= Number.MAX_SAFE_INTEGER) return;
  const count = deleteFraction === undefined ? 'writes' : 'deletes';
  issues.push({
    code: 'INPUT_INVALID',
    path: flags.number(count) > 0 ? `--${count}` : '--num',
    message: `${name}: more than 2^53 bytes`,
    found: `${String(puts)} entries of ${String(entryBytes)} bytes`,
    expected: `at most ${String(Math.floor(Number.MAX_SAFE_INTEGER / entryBytes))} over all threads and databases`,
  });
}

/** A benchmark that reads: ReadRandom, BGWriter, ReadRandomWriteRandom, SeekRandom in tools/db_bench_tool.cc. */
function readingOf(name: string, common: CommonWorkload, flags: Flags, issues: Issue[], jointIssues: Issue[]): DbBenchWorkload {
  const overwrite = workloadOf(name, { distribution: 'uniform', fresh: false }, { ...common, entriesPerBatch: 1 }, flags, jointIssues);
  const { durationSec } = overwrite;
  const said = flags.number('reads');
  const perThread = said < 0 ? common.num : said;
  const cache = {
    cacheBytes: Math.max(0, flags.number('cache_size')),
    cacheIndexAndFilterBlocks: flags.boolean('cache_index_and_filter_blocks'),
  };
  for (const flag of ['num_column_families', 'num_multi_db'])
    if (flags.number(flag) > 1)
      issues.push({
        code: 'INPUT_UNSUPPORTED',
        path: `--${flag}`,
        message: `${name} is of one database with one column family`,
        expected: '1',
      });
  const percent = flags.number('readwritepercent');
  if (name === 'readrandomwriterandom' && !(percent >= 0 && percent <= 100))
    issues.push({
      code: 'INPUT_INVALID',
      path: '--readwritepercent',
      message: 'out of range',
      found: String(percent),
      expected: '0 to 100',
    });
  if (name === 'readrandomwriterandom' && percent < 100) {
    const operations = common.threads * (said < 0 && common.writes < 0 ? common.num : Math.max(said, common.writes));
    const puts = durationSec === null ? Math.max(1, Math.round((operations * (100 - percent)) / 100)) : null;
    const reads = { nexts: null, threads: common.threads, opsPerSec: null, reads: null, readsPerPut: percent / (100 - percent), ...cache };
    return { ...overwrite, puts, pacedBytesPerSec: null, sineProfile: null, ...(percent > 0 ? { reads } : {}) };
  }
  const writes = name === 'readwhilewriting';
  const reads = {
    nexts: name === 'seekrandom' ? Math.max(0, flags.number('seek_nexts')) : null,
    threads: common.threads,
    opsPerSec: flags.number('benchmark_read_rate_limit') || null,
    reads: durationSec === null ? common.threads * perThread : null,
    readsPerPut: null,
    ...cache,
  };
  return { ...overwrite, puts: writes ? null : 0, threads: 1, sineProfile: null, reads };
}

function sineProfile(flags: Flags): SineWriteRate {
  return {
    amplitudeBytesPerSec: flags.number('sine_a'),
    angularPerSec: flags.number('sine_b'),
    phaseRadians: flags.number('sine_c'),
    meanBytesPerSec: flags.number('sine_d'),
    intervalMillis: flags.number('sine_write_rate_interval_milliseconds'),
  };
}
