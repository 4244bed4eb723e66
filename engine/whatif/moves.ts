/**
 * Changes worth trying from a set of options: the neighbours of a search, and what to do at night. Each changes one thing; options that only
 * make sense together (the L0 triggers, both debt limits) move together. Factors are ours: steps small enough not to jump over an optimum
 * by much, large enough to see a difference.
 */
import type { LsmOptions, OptionKey, PartialLsmOptions } from '../rocksdb/options.js';

/** One change. */
export interface Move {
  /** Which moves exclude each other: options of one theme. */
  readonly theme: Theme;
  readonly changes: PartialLsmOptions;
}

export type Theme =
  'jobs' | 'subcompactions' | 'memtable' | 'l0' | 'debt' | 'delayedRate' | 'levels' | 'files' | 'pri' | 'style' | 'limiter' | 'io';

const KIB = 1024;
const MIB = 1024 * KIB;
const JOBS_MAX = 64;
const LIMIT_MAX = Number.MAX_SAFE_INTEGER;

/**
 * The neighbours of `options`, in a fixed order; none that changes nothing. `cores`: of the host, twice which is the most
 * subcompactions tried.
 */
export function movesFrom(options: LsmOptions, cores: number): readonly Move[] {
  const own = options.compaction_style === 'universal' ? universalMoves(options) : leveledMoves(options);
  const moves = [
    ...jobMoves(options, cores),
    ...memtableMoves(options),
    ...stallMoves(options),
    ...own,
    ...styleMoves(options),
    ...ioMoves(options),
  ];
  const seen = new Set<string>();
  return moves.filter(({ changes }) => {
    const name = JSON.stringify(changes);
    if (seen.has(name) || changesOf(options, changes).length === 0) return false;
    seen.add(name);
    return true;
  });
}

/** The options that a change really changes. */
export function changesOf(options: LsmOptions, changes: PartialLsmOptions): readonly OptionKey[] {
  return (Object.keys(changes) as OptionKey[]).filter((key) => JSON.stringify(options[key]) !== JSON.stringify(changes[key]));
}

function jobMoves(options: LsmOptions, cores: number): Move[] {
  const jobs = options.max_background_jobs;
  const subs = options.max_subcompactions;
  const slots = [jobs * 2, jobs + 2, Math.ceil(jobs / 2)].filter((count) => count >= 1 && count <= JOBS_MAX);
  const split = [subs * 2, Math.ceil(subs / 2)].filter((count) => count <= Math.max(2, 2 * cores));
  return [
    ...slots.map((count): Move => ({ theme: 'jobs', changes: { max_background_jobs: count } })),
    ...split.map((count): Move => ({ theme: 'subcompactions', changes: { max_subcompactions: count } })),
  ];
}

function memtableMoves(options: LsmOptions): Move[] {
  const { write_buffer_size: bytes, max_write_buffer_number: count, min_write_buffer_number_to_merge: merged } = options;
  const memtable = (changes: PartialLsmOptions): Move => ({ theme: 'memtable', changes });
  return [
    memtable({ write_buffer_size: bytes * 2 }),
    memtable({ write_buffer_size: bytes * 4 }),
    memtable({ write_buffer_size: Math.max(64 * KIB, Math.floor(bytes / 2)) }),
    memtable({ max_write_buffer_number: count + 1 }),
    memtable({ max_write_buffer_number: count * 2 }),
    memtable({ max_write_buffer_number: Math.max(2, count - 1) }),
    memtable({ max_write_buffer_number: Math.max(count, merged + 2), min_write_buffer_number_to_merge: merged + 1 }),
    memtable({ min_write_buffer_number_to_merge: Math.max(1, merged - 1) }),
  ];
}

function stallMoves(options: LsmOptions): Move[] {
  const { level0_file_num_compaction_trigger: trigger, level0_slowdown_writes_trigger: slow, level0_stop_writes_trigger: stop } = options;
  const { soft_pending_compaction_bytes_limit: soft, hard_pending_compaction_bytes_limit: hard, delayed_write_rate: rate } = options;
  const triggers = (factor: number): PartialLsmOptions => ({
    level0_slowdown_writes_trigger: Math.ceil(slow * factor),
    level0_stop_writes_trigger: Math.ceil(stop * factor),
  });
  const limits = (factor: number): PartialLsmOptions => ({
    soft_pending_compaction_bytes_limit: Math.min(LIMIT_MAX, soft * factor),
    hard_pending_compaction_bytes_limit: Math.min(LIMIT_MAX, hard * factor),
  });
  return [
    { theme: 'l0', changes: { level0_file_num_compaction_trigger: trigger * 2, ...(slow < trigger * 4 ? triggers(2) : {}) } },
    { theme: 'l0', changes: { level0_file_num_compaction_trigger: Math.max(1, Math.floor(trigger / 2)) } },
    { theme: 'l0', changes: triggers(2) },
    { theme: 'l0', changes: triggers(4) },
    ...(soft > 0 && hard > 0 ? [2, 4].map((factor): Move => ({ theme: 'debt', changes: limits(factor) })) : []),
    { theme: 'delayedRate', changes: { delayed_write_rate: rate * 2 } },
    { theme: 'delayedRate', changes: { delayed_write_rate: rate * 8 } },
    { theme: 'delayedRate', changes: { delayed_write_rate: Math.ceil(rate / 2) } },
  ];
}

function leveledMoves(options: LsmOptions): Move[] {
  const { max_bytes_for_level_base: base, max_bytes_for_level_multiplier: fanOut, target_file_size_base: file } = options;
  // What L0 holds when it is compacted: a base level of that size makes the merge into it cheapest (RocksDB's tuning guide).
  const l0Bytes = options.level0_file_num_compaction_trigger * options.write_buffer_size * options.min_write_buffer_number_to_merge;
  const levels = (changes: PartialLsmOptions): Move => ({ theme: 'levels', changes });
  return [
    levels({ max_bytes_for_level_base: l0Bytes }),
    levels({ max_bytes_for_level_base: base * 2 }),
    levels({ max_bytes_for_level_base: base * 4 }),
    levels({ max_bytes_for_level_base: Math.ceil(base / 2) }),
    ...[0.5, 0.75, 1.5].map((factor) => levels({ max_bytes_for_level_multiplier: Math.max(2, Math.round(fanOut * factor)) })),
    levels({ level_compaction_dynamic_level_bytes: !options.level_compaction_dynamic_level_bytes }),
    { theme: 'files', changes: { target_file_size_base: file * 2 } },
    { theme: 'files', changes: { target_file_size_base: file * 4 } },
    { theme: 'files', changes: { target_file_size_base: Math.max(MIB, Math.floor(file / 2)) } },
    ...(['kMinOverlappingRatio', 'kOldestSmallestSeqFirst', 'kRoundRobin', 'kByCompensatedSize', 'kOldestLargestSeqFirst'] as const).map(
      (pri): Move => ({ theme: 'pri', changes: { compaction_pri: pri } }),
    ),
  ];
}

function universalMoves(options: LsmOptions): Move[] {
  const amplification = options.universal_max_size_amplification_percent;
  return [1, 10, 25, 50]
    .map((percent): PartialLsmOptions => ({ universal_size_ratio: percent }))
    .concat(
      [Math.max(10, Math.floor(amplification / 2)), amplification * 2].map((percent) => ({
        universal_max_size_amplification_percent: percent,
      })),
    )
    .concat([2, 4].map((width) => ({ universal_min_merge_width: width })))
    .map((changes): Move => ({ theme: 'levels', changes }));
}

/** FIFO drops data, so it is no neighbour of anything. */
function styleMoves({ compaction_style: style }: LsmOptions): Move[] {
  if (style === 'level') return [{ theme: 'style', changes: { compaction_style: 'universal' } }];
  return style === 'universal' ? [{ theme: 'style', changes: { compaction_style: 'level' } }] : [];
}

function ioMoves(options: LsmOptions): Move[] {
  const rate = options.rate_limiter_bytes_per_sec;
  const io = (changes: PartialLsmOptions): Move => ({ theme: 'io', changes });
  const limiter: Move[] =
    rate > 0
      ? [
          { theme: 'limiter', changes: { rate_limiter_bytes_per_sec: Math.round(rate * 1.5) } },
          { theme: 'limiter', changes: { rate_limiter_bytes_per_sec: rate * 2 } },
          { theme: 'limiter', changes: { rate_limiter_auto_tuned: !options.rate_limiter_auto_tuned } },
        ]
      : [];
  return [
    ...limiter,
    ...(rate > 0 ? [] : [io({ bytes_per_sync: options.bytes_per_sync > 0 ? 0 : MIB })]),
    io({ compaction_readahead_size: 2 * MIB }),
    io({ enable_pipelined_write: !options.enable_pipelined_write }),
  ];
}
