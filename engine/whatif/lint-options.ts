/**
 * What is odd about a set of options: settings that fight each other, that can never take effect, or that leave no room. One rule an entry;
 * a rule says what is wrong and what would not be. Sources: RocksDB's own checks (db/column_family.cc, db/db_impl/db_impl_open.cc,
 * db/compaction/*picker*.cc) and its tuning guide (github.com/facebook/rocksdb/wiki/RocksDB-Tuning-Guide).
 */
import { formatBytes, formatBytesPerSec } from '../kernel/units.js';
import { optionSpec, sanitizeOptions, type LsmOptions, type OptionKey } from '../rocksdb/options.js';
import type { RocksdbVersion } from '../rocksdb/version.js';

/** `fights`: two settings work against each other; `neverTriggers`, `noEffect`: it is as if it were not set; `tight`: no room to move. */
export type LintKind = 'fights' | 'neverTriggers' | 'noEffect' | 'tight';

/** One thing that is odd. */
export interface LintFinding {
  readonly kind: LintKind;
  readonly keys: readonly OptionKey[];
  readonly message: string;
}

/** What else decides whether options make sense. */
export interface LintContext {
  readonly version: RocksdbVersion;
  readonly cores: number;
  readonly usesWal: boolean;
  /** Column families of the DB. */
  readonly families: number;
}

interface Rule {
  readonly kind: LintKind;
  readonly keys: readonly OptionKey[];
  /** What is wrong, or null. */
  readonly check: (options: LsmOptions, context: LintContext) => string | null;
}

/** Every finding, in the order of the rules. `options` as RocksDB holds them after opening (sanitized). */
export function lintOptions(options: LsmOptions, context: LintContext): readonly LintFinding[] {
  const found = rules.flatMap(({ kind, keys, check }): LintFinding[] => {
    const message = check(options, context);
    return message === null ? [] : [{ kind, keys, message }];
  });
  return [...found, ...foreignOptions(options, context)];
}

const text = String;

/** Flush slots and compaction slots that max_background_jobs is split into (db_impl_compaction_flush.cc: GetBGJobLimits). */
function slotsOf(options: LsmOptions): { readonly flushes: number; readonly compactions: number } {
  if (options.max_background_flushes === -1 && options.max_background_compactions === -1) {
    const flushes = Math.max(1, Math.floor(options.max_background_jobs / 4));
    return { flushes, compactions: Math.max(1, options.max_background_jobs - flushes) };
  }
  return { flushes: Math.max(1, options.max_background_flushes), compactions: Math.max(1, options.max_background_compactions) };
}

const rules: readonly Rule[] = [
  {
    kind: 'noEffect',
    keys: ['max_background_jobs', 'max_background_flushes', 'max_background_compactions'],
    check: (o) =>
      o.max_background_flushes === -1 && o.max_background_compactions === -1
        ? null
        : `max_background_jobs ${text(o.max_background_jobs)} has no effect: the legacy max_background_flushes or max_background_compactions is set; set both to -1`,
  },
  {
    kind: 'tight',
    keys: ['max_background_jobs'],
    check: (o) =>
      slotsOf(o).compactions === 1 && o.compaction_style === 'level' && !o.disable_auto_compactions
        ? `one compaction slot: while a deep level is compacted, L0 has to wait; max_background_jobs ${text(o.max_background_jobs)} gives 1 flush and 1 compaction, 4 gives 1 and 3`
        : null,
  },
  {
    kind: 'fights',
    keys: ['max_background_jobs', 'max_subcompactions'],
    check: (o, { cores }) =>
      slotsOf(o).compactions * o.max_subcompactions > 4 * cores
        ? `${text(slotsOf(o).compactions)} compactions of ${text(o.max_subcompactions)} threads each on ${text(cores)} cores: they slow each other and the writers down`
        : null,
  },
  {
    kind: 'tight',
    keys: ['level0_file_num_compaction_trigger', 'level0_slowdown_writes_trigger'],
    check: (o) =>
      o.compaction_style === 'level' && o.level0_slowdown_writes_trigger < 2 * o.level0_file_num_compaction_trigger
        ? `writes are delayed at ${text(o.level0_slowdown_writes_trigger)} L0 files, which are compacted from ${text(o.level0_file_num_compaction_trigger)} on: no room while one compaction runs; at least twice the trigger`
        : null,
  },
  {
    kind: 'neverTriggers',
    keys: ['level0_slowdown_writes_trigger', 'level0_stop_writes_trigger'],
    check: (o) =>
      o.compaction_style !== 'fifo' && o.level0_slowdown_writes_trigger === o.level0_stop_writes_trigger
        ? `the L0 slowdown can never come before the stop, both are at ${text(o.level0_stop_writes_trigger)} files: writes go from full speed to nothing`
        : null,
  },
  {
    kind: 'neverTriggers',
    keys: ['soft_pending_compaction_bytes_limit', 'hard_pending_compaction_bytes_limit'],
    check: (o) => {
      const soft = o.soft_pending_compaction_bytes_limit;
      return o.compaction_style === 'level' && soft > 0 && soft === o.hard_pending_compaction_bytes_limit
        ? `the debt slowdown can never come before the stop, both are at ${formatBytes(soft)}`
        : null;
    },
  },
  {
    kind: 'noEffect',
    keys: ['soft_pending_compaction_bytes_limit', 'hard_pending_compaction_bytes_limit'],
    check: (o) =>
      o.compaction_style === 'level' && o.hard_pending_compaction_bytes_limit === 0 && o.soft_pending_compaction_bytes_limit === 0
        ? 'both debt limits are off: only the L0 triggers and the memtables hold writes, and the debt may grow until the disk is full'
        : null,
  },
  {
    kind: 'fights',
    keys: ['write_buffer_size', 'level0_file_num_compaction_trigger', 'max_bytes_for_level_base'],
    check: (o) => {
      if (o.compaction_style !== 'level' || o.level_compaction_dynamic_level_bytes) return null;
      const l0Bytes = o.write_buffer_size * o.min_write_buffer_number_to_merge * o.level0_file_num_compaction_trigger;
      const base = o.max_bytes_for_level_base;
      if (l0Bytes <= 4 * base && base <= 8 * l0Bytes) return null;
      const what = l0Bytes > base ? 'every L0 compaction overfills L1 at once' : 'every L0 compaction rewrites an L1 many times its size';
      return `L0 holds ${formatBytes(l0Bytes)} when it is compacted into an L1 of ${formatBytes(base)}: ${what}; they should be about equal`;
    },
  },
  {
    kind: 'tight',
    keys: ['max_write_buffer_number', 'min_write_buffer_number_to_merge'],
    check: (o) =>
      o.min_write_buffer_number_to_merge > 1 && o.max_write_buffer_number - o.min_write_buffer_number_to_merge < 2
        ? `a flush waits for ${text(o.min_write_buffer_number_to_merge)} of ${text(o.max_write_buffer_number)} memtables: the last one fills while it runs, then writes stop`
        : null,
  },
  {
    kind: 'neverTriggers',
    keys: ['db_write_buffer_size', 'write_buffer_size'],
    check: (o) =>
      o.db_write_buffer_size > 0 && o.db_write_buffer_size < o.write_buffer_size
        ? `no memtable can reach write_buffer_size ${formatBytes(o.write_buffer_size)}: db_write_buffer_size ${formatBytes(o.db_write_buffer_size)} flushes it before`
        : null,
  },
  {
    kind: 'fights',
    keys: ['arena_block_size', 'write_buffer_size'],
    check: (o) =>
      o.arena_block_size > o.write_buffer_size / 4
        ? `memtables of ${formatBytes(o.write_buffer_size)} take memory in blocks of ${formatBytes(o.arena_block_size)}: they are flushed far from full`
        : null,
  },
  {
    kind: 'neverTriggers',
    keys: ['max_total_wal_size'],
    check: (o, { families }) =>
      o.max_total_wal_size > 0 && families === 1 ? 'max_total_wal_size counts only with more than one column family' : null,
  },
  {
    kind: 'noEffect',
    keys: ['wal_bytes_per_sync'],
    check: (o, { usesWal }) => (o.wal_bytes_per_sync > 0 && !usesWal ? 'wal_bytes_per_sync without a WAL' : null),
  },
  {
    kind: 'noEffect',
    keys: ['strict_bytes_per_sync', 'bytes_per_sync'],
    check: (o) => (o.strict_bytes_per_sync && o.bytes_per_sync === 0 ? 'strict_bytes_per_sync without bytes_per_sync' : null),
  },
  {
    kind: 'noEffect',
    keys: ['bytes_per_sync', 'use_direct_io_for_flush_and_compaction'],
    check: (o) =>
      o.bytes_per_sync > 0 && o.use_direct_io_for_flush_and_compaction && o.rate_limiter_bytes_per_sec === 0
        ? 'bytes_per_sync with direct writes: nothing is left in the page cache to write back'
        : null,
  },
  {
    kind: 'noEffect',
    keys: ['rate_limiter_auto_tuned', 'rate_limiter_bytes_per_sec'],
    check: (o) =>
      o.rate_limiter_auto_tuned && o.rate_limiter_bytes_per_sec === 0 ? 'rate_limiter_auto_tuned without a rate limiter' : null,
  },
  {
    kind: 'noEffect',
    keys: ['rate_limiter_mode', 'rate_limiter_bytes_per_sec'],
    check: (o) =>
      o.rate_limiter_bytes_per_sec > 0 && o.rate_limiter_mode === 'kReadsOnly'
        ? 'the rate limiter charges reads only: flushes and compactions write freely'
        : null,
  },
  {
    kind: 'fights',
    keys: ['delayed_write_rate', 'rate_limiter_bytes_per_sec'],
    check: (o) =>
      o.rate_limiter_bytes_per_sec > 0 && o.delayed_write_rate > o.rate_limiter_bytes_per_sec
        ? `delayed writes may come at ${formatBytesPerSec(o.delayed_write_rate)}, more than the limiter lets through (${formatBytesPerSec(o.rate_limiter_bytes_per_sec)}): the delay does not help`
        : null,
  },
  {
    kind: 'fights',
    keys: ['disable_auto_compactions', 'level0_stop_writes_trigger'],
    check: (o) =>
      o.disable_auto_compactions && o.compaction_style !== 'fifo' && o.level0_stop_writes_trigger < 1000
        ? `nothing is compacted, so L0 fills until writes are slowed down at ${text(o.level0_slowdown_writes_trigger)} files and more`
        : null,
  },
  {
    kind: 'fights',
    keys: ['target_file_size_base', 'max_bytes_for_level_base'],
    check: (o) =>
      o.compaction_style === 'level' && o.max_bytes_for_level_base < 2 * o.target_file_size_base
        ? `L1 (${formatBytes(o.max_bytes_for_level_base)}) holds less than two files of ${formatBytes(o.target_file_size_base)}: a compaction out of it takes it whole, and none runs beside it`
        : null,
  },
  {
    kind: 'fights',
    keys: ['max_compaction_bytes', 'target_file_size_base'],
    check: (o) =>
      o.max_compaction_bytes < 2 * o.target_file_size_base
        ? `max_compaction_bytes ${formatBytes(o.max_compaction_bytes)} is less than two files of ${formatBytes(o.target_file_size_base)}: compactions cannot grow`
        : null,
  },
  {
    kind: 'noEffect',
    keys: ['compression', 'compression_per_level'],
    check: (o) =>
      o.compression_per_level.length > 0 && o.compression_per_level.every((codec) => codec !== o.compression)
        ? `compression ${o.compression} has no effect: compression_per_level says otherwise for every level`
        : null,
  },
  {
    kind: 'noEffect',
    keys: ['max_bytes_for_level_multiplier_additional', 'level_compaction_dynamic_level_bytes'],
    check: (o) =>
      o.level_compaction_dynamic_level_bytes && o.max_bytes_for_level_multiplier_additional.some((factor) => factor !== 1)
        ? 'max_bytes_for_level_multiplier_additional has no effect with dynamic level targets'
        : null,
  },
];

const levelOnly: readonly OptionKey[] = [
  'compaction_pri',
  'max_bytes_for_level_base',
  'max_bytes_for_level_multiplier',
  'target_file_size_multiplier',
];

/** Options of another compaction style than the one in use, where they were changed from their defaults. */
function foreignOptions(options: LsmOptions, { version }: LintContext): LintFinding[] {
  const style = options.compaction_style;
  const isForeign = (key: string): boolean =>
    (key.startsWith('universal_') && style !== 'universal') || ((levelOnly as readonly string[]).includes(key) && style !== 'level');
  const keys = (Object.keys(options) as OptionKey[]).filter((key) => {
    const said = optionSpec(key)?.defaultIn(version);
    return isForeign(key) && JSON.stringify(options[key]) !== JSON.stringify(said);
  });
  return keys.map((key) => ({
    kind: 'noEffect',
    keys: [key, 'compaction_style'],
    message: `${key} has no effect with compaction_style ${style}`,
  }));
}

/** What RocksDB itself changes when it opens a DB with these options, as findings. */
export function lintSaid(options: LsmOptions, context: LintContext): readonly LintFinding[] {
  const { options: opened, warnings } = sanitizeOptions(options, context.version);
  const changed = warnings.map(({ path, message }): LintFinding => ({ kind: 'fights', keys: [path as OptionKey], message }));
  return [...changed, ...lintOptions(opened, context)];
}
