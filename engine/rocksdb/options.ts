/**
 * Work with RocksDB's options: defaults of a version, checking what people write, and sanitizing as RocksDB does when it opens a DB.
 * The order is always defaults, then what was said, then `validateOptions`, then `sanitizeOptions`.
 *
 * Source: db/column_family.cc: SanitizeOptions and db/db_impl/db_impl_open.cc: SanitizeOptions, by way of a fact sheet on v7.8.3 .. v10.10.1.
 * Clamps, triggers, ages, limiter and direct reads were compared with the OPTIONS files that db_bench 7.8.3 writes for eight sets of
 * flags (test/fixtures/options); the auto-tuned limiter and what other versions do differently were not run.
 */
import { PutmodelError, type Issue } from '../kernel/errors.js';
import { nearestName } from './nearest.js';
import {
  isOptionKey,
  modelledSpecs,
  optionSpecs,
  rocksdbChooses,
  type LsmOptions,
  type NamedOptionSpec,
  type OptionKey,
  type OptionSpec,
  type OptionValue,
  type PartialLsmOptions,
} from './option-table.js';
import { formatVersion, isAtLeast, type RocksdbVersion } from './version.js';
import { warning, type RocksdbWarning, type WarningCode } from './warnings.js';

export { ignoredMembers, isOptionKey, modelledSpecs, optionSpecs, rocksdbChooses } from './option-table.js';
export type {
  Codec,
  CompactionPri,
  CompactionStyle,
  LsmOptions,
  NamedOptionSpec,
  OptionChoice,
  OptionKey,
  OptionKind,
  OptionScope,
  OptionSpec,
  OptionUnit,
  OptionValue,
  PartialLsmOptions,
  RateLimiterMode,
  UniversalStopStyle,
} from './option-table.js';

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;
const intMax = 2147483647;
const specByKey: ReadonlyMap<string, NamedOptionSpec> = new Map(optionSpecs.map((spec) => [spec.key, spec]));
const keyByFlag: ReadonlyMap<string, string> = new Map(
  modelledSpecs.flatMap((spec) => (spec.dbBench === undefined ? [] : [[spec.dbBench.flag, spec.key] as const])),
);

/** The spec of an option, modelled or ignored; null for a name RocksDB does not have (as far as the table knows). */
export function optionSpec(key: string): NamedOptionSpec | null {
  return specByKey.get(key) ?? null;
}

/** The option someone who wrote `name` probably meant: the one whose db_bench flag it is, else the nearest by edit distance, else null. */
export function nearestKey(name: string): string | null {
  return keyByFlag.get(name) ?? nearestName(name, specByKey.keys());
}

/**
 * Every modelled option at its default, before sanitizing: the library's of that version, or db_bench's (which passes its flags'
 * defaults explicitly; those of 7.8.3, except that options without a db_bench default of their own follow the version).
 */
export function defaultOptions(version: RocksdbVersion, source: { readonly dbBench: boolean }): LsmOptions {
  const entries = modelledSpecs.map((spec) => {
    const ownDefault = source.dbBench ? spec.dbBench?.default : undefined;
    return [spec.key, ownDefault ?? spec.defaultIn(version)];
  });
  return Object.fromEntries(entries) as LsmOptions;
}

/** Options over defaults; what is not named stays. */
export function mergeOptions(base: LsmOptions, ...overrides: readonly PartialLsmOptions[]): LsmOptions {
  return Object.assign({}, base, ...overrides) as LsmOptions;
}

/** What a reader of one value gives: the value, or what is wrong with it in words. */
export type ReadOption =
  { readonly ok: true; readonly value: OptionValue } | { readonly ok: false; readonly message: string; readonly expected: string };

/**
 * One typed value (from YAML or code) as the option's value: checks type, range and choice. A choice may also be given by RocksDB's own
 * name (kNoCompression) or enum number.
 */
export function readOption(spec: OptionSpec, value: unknown): ReadOption {
  switch (spec.kind) {
    case 'boolean':
      return typeof value === 'boolean' ? { ok: true, value } : wrong(spec, 'not a boolean');
    case 'text':
      return typeof value === 'string' ? { ok: true, value } : wrong(spec, 'not text');
    case 'integer':
    case 'number':
      return readNumber(spec, value);
    case 'choice':
      return readChoice(spec, value);
    case 'numbers':
      return readList(value, (element) => readNumber(spec, element), spec);
    case 'choices':
      return readList(value, (element) => readChoice(spec, element), spec);
  }
}

function wrong(spec: OptionSpec, message: string, hint = ''): ReadOption {
  return { ok: false, message, expected: describeOption(spec) + hint };
}

/** What an option accepts, in words: "an integer >= 1 (bytes)", "one of level, universal, fifo, none". */
export function describeOption(spec: OptionSpec): string {
  const unit = spec.unit === 'none' ? '' : ` (${spec.unit})`;
  const { min, max } = spec.range;
  const limits = max >= Number.MAX_SAFE_INTEGER || max === intMax ? `>= ${String(min)}` : `from ${String(min)} to ${String(max)}`;
  const range = min === Number.MIN_VALUE ? 'above 0' : limits;
  const names = spec.choices.map((choice) => choice.value).join(', ');
  switch (spec.kind) {
    case 'boolean':
      return 'true or false';
    case 'text':
      return 'text';
    case 'integer':
      return `an integer ${range}${unit}`;
    case 'number':
      return `a number ${range}${unit}`;
    case 'numbers':
      return `a list of numbers ${range}${unit}`;
    case 'choice':
      return `one of ${names}`;
    case 'choices':
      return `a list of ${names}`;
  }
}

function readNumber(spec: OptionSpec, value: unknown): ReadOption {
  if (typeof value !== 'number' || !Number.isFinite(value)) return wrong(spec, 'not a number', sizeHint(value));
  if (spec.kind === 'integer' && !Number.isInteger(value)) return wrong(spec, 'not an integer');
  if (value < spec.range.min) return wrong(spec, 'out of range');
  // The upper limit is so high that the words of an option leave it out, until someone meets it.
  if (value > spec.range.max) return wrong(spec, 'out of range', `, at most ${String(spec.range.max)}`);
  return { ok: true, value };
}

/** "; write 67108864" for "64MB", "64 MiB", "64m": people do write sizes that way. */
function sizeHint(value: unknown): string {
  const match = typeof value === 'string' ? /^(\d+(?:\.\d+)?)\s*([KMGT])(?:i?B)?$/i.exec(value.trim()) : null;
  if (match === null) return '';
  const factor = { K: KiB, M: MiB, G: GiB, T: 1024 * GiB }[match[2]?.toUpperCase() ?? ''] ?? 1;
  return `; write ${String(Number(match[1]) * factor)}`;
}

function readChoice(spec: OptionSpec, value: unknown): ReadOption {
  const found = spec.choices.find((choice) => choice.value === value || choice.file === value || choice.number === value);
  // zstd's pre-release id; written by 4.x and 5.x.
  if (found === undefined && value === 'kZSTDNotFinalCompression') return { ok: true, value: 'zstd' };
  return found === undefined ? wrong(spec, 'not a known value') : { ok: true, value: found.value };
}

function readList(value: unknown, readElement: (element: unknown) => ReadOption, spec: OptionSpec): ReadOption {
  if (!Array.isArray(value)) return wrong(spec, 'not a list');
  const elements: unknown[] = [];
  for (const element of value) {
    const read = readElement(element);
    if (!read.ok) return read;
    elements.push(read.value);
  }
  return { ok: true, value: elements as readonly number[] | readonly string[] };
}

/**
 * One value as text (an OPTIONS file, a flag) as the option's value: booleans are true/false/1/0, lists are joined by `separator`
 * (":" in OPTIONS files, "," on db_bench's command line), an empty list is empty text.
 */
export function parseOption(spec: OptionSpec, text: string, separator = ':'): ReadOption {
  const trimmed = text.trim();
  switch (spec.kind) {
    case 'boolean':
      return parseBoolean(spec, trimmed);
    case 'text':
      return { ok: true, value: trimmed };
    case 'integer':
    case 'number':
      return readNumber(spec, numberOf(trimmed) ?? trimmed);
    case 'choice':
      return readChoice(spec, numberOf(trimmed) ?? trimmed);
    case 'numbers':
      return readList(
        splitList(trimmed, separator).map((part) => numberOf(part) ?? part),
        (element) => readNumber(spec, element),
        spec,
      );
    case 'choices':
      return readList(splitList(trimmed, separator), (element) => readChoice(spec, element), spec);
  }
}

function parseBoolean(spec: OptionSpec, text: string): ReadOption {
  if (text === 'true' || text === '1') return { ok: true, value: true };
  if (text === 'false' || text === '0') return { ok: true, value: false };
  return wrong(spec, 'not a boolean');
}

/** Decimal text as a number; null for anything else (hex, "1e3x", ""), so that the caller names it. */
function numberOf(text: string): number | null {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : null;
}

function splitList(text: string, separator: string): string[] {
  return text === '' ? [] : text.split(separator).map((part) => part.trim());
}

/** What `readOptions` gives: the modelled options that were named, the ignored ones' names, and every issue. */
export interface ReadOptions {
  readonly options: PartialLsmOptions;
  readonly ignored: readonly string[];
  readonly issues: readonly Issue[];
}

/**
 * A record of typed values (the `lsm:` part of a scenario) as options. Unknown names and wrong values become issues with code
 * INPUT_INVALID and path `<pathPrefix><key>`; nothing is thrown.
 */
export function readOptions(record: Readonly<Record<string, unknown>>, pathPrefix = 'lsm.'): ReadOptions {
  const options: Record<string, OptionValue> = {};
  const ignored: string[] = [];
  const issues: Issue[] = [];
  for (const [key, value] of Object.entries(record)) {
    const spec = optionSpec(key);
    const path = pathPrefix + key;
    if (spec === null) {
      issues.push(unknownOption(key, path));
    } else if (spec.effect === 'ignored') {
      ignored.push(key);
    } else {
      const read = readOption(spec, value);
      if (read.ok) options[key] = read.value;
      else issues.push({ code: 'INPUT_INVALID', path, message: read.message, found: show(value), expected: read.expected });
    }
  }
  return { options, ignored, issues };
}

function unknownOption(key: string, path: string): Issue {
  const nearest = nearestKey(key);
  return {
    code: 'INPUT_INVALID',
    path,
    message: 'unknown option',
    found: key,
    expected: nearest === null ? "one of RocksDB's option names" : `${nearest}?`,
  };
}

function show(value: unknown): string {
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : JSON.stringify(value);
}

/**
 * Refuses what the model cannot mean: values outside an option's range (sizes, multipliers and counts of 0 or below, even where RocksDB
 * would clamp), and combinations RocksDB refuses to open.
 * @param said how each option was said: its path, and its text where that is not the value's own
 * @throws PutmodelError INPUT_INVALID with one issue per problem
 */
export function validateOptions(options: LsmOptions, said: (key: string) => SaidOption = (key) => ({ path: `lsm.${key}` })): void {
  const issues = [...readOptions(options, '').issues, ...combinationIssues(options)];
  if (issues.length === 0) return;
  throw new PutmodelError(
    issues.map((issue) => {
      const { path, text } = said(issue.path ?? '');
      return { ...issue, path, ...(text === undefined ? {} : { found: text }) };
    }),
  );
}

/** Where an option was said, and what was written there. */
export interface SaidOption {
  readonly path: string;
  readonly text?: string | undefined;
}

function combinationIssues(options: LsmOptions): Issue[] {
  const issues: Issue[] = [];
  const refuse = (key: OptionKey, message: string, expected: string): void => {
    issues.push({ code: 'INPUT_INVALID', path: key, message, found: show(options[key]), expected });
  };
  for (const key of ['max_background_flushes', 'max_background_compactions'] as const) {
    if (options[key] === 0) refuse(key, 'no slots', '-1 (from max_background_jobs) or an integer >= 1');
  }
  const periodMicros = options.rate_limiter_refill_period_us;
  if (options.rate_limiter_bytes_per_sec > 0 && options.rate_limiter_bytes_per_sec * periodMicros < 1e6) {
    const least = Math.ceil(1e6 / periodMicros);
    refuse(
      'rate_limiter_bytes_per_sec',
      'a refill is less than 1 byte, so nothing is ever written',
      `>= ${String(least)} with rate_limiter_refill_period_us ${String(periodMicros)}`,
    );
  }
  if (options.compaction_style === 'fifo' && options.fifo_max_table_files_size === 0) {
    refuse('fifo_max_table_files_size', 'FIFO would drop every file', 'an integer >= 1 (bytes)');
  }
  if (options.universal_max_merge_width < options.universal_min_merge_width) {
    refuse('universal_max_merge_width', 'below universal_min_merge_width', `>= ${String(options.universal_min_merge_width)}`);
  }
  if (options.universal_max_read_amp > 0 && options.universal_max_read_amp < options.level0_file_num_compaction_trigger) {
    refuse(
      'universal_max_read_amp',
      'below level0_file_num_compaction_trigger',
      `-1, 0 or >= ${String(options.level0_file_num_compaction_trigger)}`,
    );
  }
  if (![0, 1, 2, 4, 8].includes(options.memtable_protection_bytes_per_key)) {
    refuse('memtable_protection_bytes_per_key', 'not a supported width', '0, 1, 2, 4 or 8');
  }
  return issues;
}

/** The outcome of `sanitizeOptions`; the path of each change is the option's key. */
export interface SanitizedOptions {
  readonly options: LsmOptions;
  /** Values that were said and could not stand: clamped, reordered, or not an option of that version. */
  readonly warnings: readonly RocksdbWarning[];
  /** Values that were left to RocksDB (0, "let RocksDB choose") and are now filled in: nothing is wrong, but it is good to know. */
  readonly derived: readonly RocksdbWarning[];
}

/**
 * The options as RocksDB uses them after opening the DB: clamps, zeros that mean a default, the order of the L0 triggers, and what
 * follows from a rate limiter or direct reads. Expects validated options. Sanitizing twice changes nothing more.
 * Source: column_family.cc: SanitizeOptions, then db_impl_open.cc: SanitizeOptions, in their order.
 */
export function sanitizeOptions(options: LsmOptions, version: RocksdbVersion): SanitizedOptions {
  const draft = createDraft(options);
  resetOptionsOfOtherVersions(draft, version);
  sanitizeMemtables(draft);
  sanitizeTree(draft);
  sanitizeTriggers(draft);
  sanitizeAges(draft);
  sanitizeDatabase(draft);
  return { options: draft.options, warnings: draft.warnings, derived: draft.derived };
}

interface Draft {
  readonly options: { -readonly [K in OptionKey]: LsmOptions[K] };
  readonly warnings: RocksdbWarning[];
  readonly derived: RocksdbWarning[];
  readonly clamp: <K extends OptionKey>(key: K, value: LsmOptions[K], reason: string, code?: WarningCode) => void;
  readonly derive: <K extends OptionKey>(key: K, value: LsmOptions[K], reason: string) => void;
}

function createDraft(options: LsmOptions): Draft {
  const next = { ...options };
  const warnings: RocksdbWarning[] = [];
  const derived: RocksdbWarning[] = [];
  const change = <K extends OptionKey>(list: RocksdbWarning[], code: WarningCode, key: K, value: LsmOptions[K], reason: string) => {
    if (next[key] === value) return;
    list.push(warning(code, key, `${key}: ${show(next[key])} becomes ${show(value)}: ${reason}`));
    next[key] = value;
  };
  return {
    options: next,
    warnings,
    derived,
    clamp: (key, value, reason, code = 'OPTION_SANITIZED') => {
      change(warnings, code, key, value, reason);
    },
    derive: (key, value, reason) => {
      change(derived, 'OPTION_DERIVED', key, value, reason);
    },
  };
}

function resetOptionsOfOtherVersions(draft: Draft, version: RocksdbVersion): void {
  const cuttingIsOption = isAtLeast(version, 7, 8) && !isAtLeast(version, 9, 0);
  const exists = {
    level_compaction_dynamic_file_size: cuttingIsOption,
    ignore_max_compaction_bytes_for_input: cuttingIsOption,
    target_file_size_is_upper_bound: isAtLeast(version, 10, 9),
    universal_max_read_amp: isAtLeast(version, 9, 4),
    universal_reduce_file_locking: isAtLeast(version, 10, 4),
  };
  const fallback = defaultOptions(version, { dbBench: false });
  for (const [key, present] of Object.entries(exists)) {
    if (!present && isOptionKey(key)) {
      draft.clamp(key, fallback[key], `not an option of RocksDB ${formatVersion(version)}`, 'OPTION_NOT_IN_VERSION');
    }
  }
}

function sanitizeMemtables({ options, clamp, derive }: Draft): void {
  clamp(
    'write_buffer_size',
    Math.min(64 * GiB, Math.max(64 * KiB, options.write_buffer_size)),
    'RocksDB keeps it between 64 KiB and 64 GiB',
  );
  if (options.arena_block_size === 0) {
    const blockBytes = Math.min(MiB, Math.floor(options.write_buffer_size / 8));
    derive('arena_block_size', Math.ceil(blockBytes / (4 * KiB)) * 4 * KiB, 'min(1 MiB, write_buffer_size / 8) rounded up to 4 KiB');
  }
  // RocksDB bounds the merge count by the number as it was given, before raising that number to 2.
  const mergeMax = Math.max(1, options.max_write_buffer_number - 1);
  clamp(
    'min_write_buffer_number_to_merge',
    Math.min(options.min_write_buffer_number_to_merge, mergeMax),
    'at most max_write_buffer_number - 1',
  );
  clamp('max_write_buffer_number', Math.max(2, options.max_write_buffer_number), 'at least 2');
  clamp('memtable_prefix_bloom_size_ratio', Math.min(0.25, options.memtable_prefix_bloom_size_ratio), 'at most a quarter of the memtable');
}

function sanitizeTree({ options, clamp, derive }: Draft): void {
  if (options.compaction_style === 'level') clamp('num_levels', Math.max(2, options.num_levels), 'leveled compaction needs two levels');
  if (options.compaction_style !== 'level') {
    clamp('level_compaction_dynamic_level_bytes', false, 'only leveled compaction has dynamic level targets');
  }
  if (options.max_compaction_bytes === 0) derive('max_compaction_bytes', options.target_file_size_base * 25, '25 x target_file_size_base');
}

function sanitizeTriggers({ options, clamp, derive }: Draft): void {
  if (options.compaction_style === 'fifo') {
    derive('level0_slowdown_writes_trigger', intMax, 'FIFO does not stall on L0 files');
    derive('level0_stop_writes_trigger', intMax, 'FIFO does not stall on L0 files');
  }
  const order = 'level0_stop_writes_trigger >= level0_slowdown_writes_trigger >= level0_file_num_compaction_trigger';
  clamp(
    'level0_slowdown_writes_trigger',
    Math.max(options.level0_slowdown_writes_trigger, options.level0_file_num_compaction_trigger),
    order,
  );
  clamp('level0_stop_writes_trigger', Math.max(options.level0_stop_writes_trigger, options.level0_slowdown_writes_trigger), order);
  const hardBytes = options.hard_pending_compaction_bytes_limit;
  if (options.soft_pending_compaction_bytes_limit === 0) {
    derive('soft_pending_compaction_bytes_limit', hardBytes, 'the hard limit');
  } else if (hardBytes > 0) {
    const softBytes = Math.min(options.soft_pending_compaction_bytes_limit, hardBytes);
    clamp('soft_pending_compaction_bytes_limit', softBytes, 'at most hard_pending_compaction_bytes_limit');
  }
}

const thirtyDaysSec = 30 * 24 * 60 * 60;

function sanitizeAges({ options, derive }: Draft): void {
  if (options.ttl === rocksdbChooses) derive('ttl', thirtyDaysSec, '30 days');
  if (options.periodic_compaction_seconds === rocksdbChooses) {
    // Leveled compaction has a period only with a compaction filter, which is not modelled.
    derive('periodic_compaction_seconds', options.compaction_style === 'level' ? 0 : thirtyDaysSec, 'by compaction style');
  }
  if (options.compaction_style === 'universal' && options.ttl !== 0) {
    const periodSec = options.periodic_compaction_seconds;
    derive(
      'periodic_compaction_seconds',
      periodSec === 0 ? options.ttl : Math.min(options.ttl, periodSec),
      'universal treats ttl as a period',
    );
  }
}

function sanitizeDatabase({ options, derive }: Draft): void {
  const limiterBytesPerSec = options.rate_limiter_bytes_per_sec;
  if (limiterBytesPerSec > 0 && options.bytes_per_sync === 0) derive('bytes_per_sync', MiB, 'there is a rate limiter');
  if (options.delayed_write_rate === 0) {
    const currentBytesPerSec = options.rate_limiter_auto_tuned ? Math.floor(limiterBytesPerSec / 2) : limiterBytesPerSec;
    derive('delayed_write_rate', currentBytesPerSec > 0 ? currentBytesPerSec : 16 * MiB, 'the rate limiter, else 16 MiB/s');
  }
  if (options.use_direct_reads && options.compaction_readahead_size === 0) derive('compaction_readahead_size', 2 * MiB, 'reads are direct');
}
