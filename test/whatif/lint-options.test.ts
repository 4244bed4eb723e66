import { describe, expect, test } from 'vitest';
import { defaultOptions, mergeOptions, sanitizeOptions, type PartialLsmOptions } from '../../engine/rocksdb/options.js';
import { referenceVersion } from '../../engine/rocksdb/version.js';
import { lintOptions, lintSaid, type LintContext } from '../../engine/whatif/lint-options.js';

const context: LintContext = { version: referenceVersion, cores: 8, usesWal: true, families: 1 };
const MIB = 1_048_576;
const calm: PartialLsmOptions = { max_background_jobs: 4 };

function lint(said: PartialLsmOptions, where: Partial<LintContext> = {}) {
  const options = mergeOptions(defaultOptions(referenceVersion, { dbBench: false }), calm, said);
  return lintOptions(sanitizeOptions(options, referenceVersion).options, { ...context, ...where });
}

describe('the lint of options', () => {
  test('finds nothing in the library defaults with four jobs, and one compaction slot in those with two', () => {
    expect(lint({})).toEqual([]);
    expect(lint({ max_background_jobs: 2 }).map(({ kind, keys }) => [kind, ...keys])).toEqual([['tight', 'max_background_jobs']]);
  });

  test.each<[string, PartialLsmOptions, Partial<LintContext>?]>([
    ['max_background_jobs', { max_background_compactions: 2 }],
    ['max_subcompactions', { max_background_jobs: 16, max_subcompactions: 16 }],
    ['level0_slowdown_writes_trigger', { level0_file_num_compaction_trigger: 16 }],
    ['level0_stop_writes_trigger', { level0_slowdown_writes_trigger: 36 }],
    ['hard_pending_compaction_bytes_limit', { soft_pending_compaction_bytes_limit: 1e9, hard_pending_compaction_bytes_limit: 1e9 }],
    ['soft_pending_compaction_bytes_limit', { soft_pending_compaction_bytes_limit: 0, hard_pending_compaction_bytes_limit: 0 }],
    ['max_bytes_for_level_base', { write_buffer_size: 1024 * MIB }],
    ['max_bytes_for_level_base', { write_buffer_size: MIB }],
    ['min_write_buffer_number_to_merge', { max_write_buffer_number: 3, min_write_buffer_number_to_merge: 2 }],
    ['db_write_buffer_size', { db_write_buffer_size: MIB }],
    ['arena_block_size', { arena_block_size: 32 * MIB }],
    ['max_total_wal_size', { max_total_wal_size: MIB }],
    ['wal_bytes_per_sync', { wal_bytes_per_sync: MIB }, { usesWal: false }],
    ['strict_bytes_per_sync', { strict_bytes_per_sync: true }],
    ['bytes_per_sync', { bytes_per_sync: MIB, use_direct_io_for_flush_and_compaction: true }],
    ['rate_limiter_auto_tuned', { rate_limiter_auto_tuned: true }],
    ['rate_limiter_mode', { rate_limiter_bytes_per_sec: 64 * MIB, rate_limiter_mode: 'kReadsOnly' }],
    ['delayed_write_rate', { rate_limiter_bytes_per_sec: MIB, delayed_write_rate: 2 * MIB }],
    ['disable_auto_compactions', { disable_auto_compactions: true }],
    ['target_file_size_base', { target_file_size_base: 256 * MIB }],
    ['max_compaction_bytes', { max_compaction_bytes: MIB }],
    ['compression_per_level', { compression: 'zstd', compression_per_level: ['none', 'lz4'] }],
    [
      'max_bytes_for_level_multiplier_additional',
      { level_compaction_dynamic_level_bytes: true, max_bytes_for_level_multiplier_additional: [2] },
    ],
    ['universal_size_ratio', { universal_size_ratio: 10 }],
    ['compaction_pri', { compaction_style: 'universal', compaction_pri: 'kRoundRobin' }],
  ])('names %s', (key, said, where = {}) => {
    const keys = lint(said, where).flatMap((finding) => finding.keys);
    expect(keys).toContain(key);
  });

  test('max_total_wal_size counts with two families', () => {
    expect(lint({ max_total_wal_size: MIB }, { families: 2 })).toEqual([]);
  });

  test('of options as they were said it also tells what RocksDB changes on opening', () => {
    const said = mergeOptions(defaultOptions(referenceVersion, { dbBench: false }), calm, { level0_stop_writes_trigger: 2 });
    expect(lintSaid(said, context).map(({ message }) => message)).toContainEqual(
      expect.stringContaining('level0_stop_writes_trigger: 2 becomes'),
    );
  });
});
