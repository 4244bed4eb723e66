import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { PutmodelError } from '../../engine/kernel/errors.js';
import {
  defaultOptions,
  describeOption,
  isOptionKey,
  mergeOptions,
  modelledSpecs,
  nearestKey,
  optionSpec,
  optionSpecs,
  readOption,
  readOptions,
  rocksdbChooses,
  sanitizeOptions,
  validateOptions,
  type LsmOptions,
  type PartialLsmOptions,
} from '../../engine/rocksdb/options.js';
import { dbBenchFlags } from '../../engine/rocksdb/db-bench-flags.js';
import { parseVersion, referenceVersion } from '../../engine/rocksdb/version.js';

const library = defaultOptions(referenceVersion, { dbBench: false });
const withOptions = (changes: PartialLsmOptions): LsmOptions => mergeOptions(library, changes);
const sanitized = (changes: PartialLsmOptions, version = '7.8.3') => sanitizeOptions(withOptions(changes), parseVersion(version));
function issuesOf(run: () => void): readonly { readonly path?: string | undefined; readonly code: string; readonly message: string }[] {
  try {
    run();
  } catch (error) {
    if (error instanceof PutmodelError) return error.issues;
    throw error;
  }
  return [];
}

describe('the option table', () => {
  it('holds each option once, and every db_bench flag it names exists', () => {
    expect(new Set(modelledSpecs.map((spec) => spec.key)).size).toBe(modelledSpecs.length);
    const flags = modelledSpecs.flatMap((spec) => (spec.dbBench === undefined ? [] : [spec.dbBench.flag]));
    expect(flags.filter((flag) => !dbBenchFlags.has(flag))).toEqual([]);
    expect(new Set(flags).size).toBe(flags.length);
  });

  it('never lists a modelled option as ignored', () => {
    const ignored = optionSpecs.filter((spec) => spec.effect === 'ignored').map((spec) => spec.key);
    expect(ignored.filter((key) => isOptionKey(key))).toEqual([]);
    expect(ignored.length).toBeGreaterThan(120);
  });

  it('has defaults that pass its own checks, in every version and for db_bench', () => {
    for (const version of ['5.0', '6.5.3', '7.8.3', '8.11.4', '9.10', '10.10.1', '11.0']) {
      for (const dbBench of [false, true]) {
        const options = defaultOptions(parseVersion(version), { dbBench });
        expect(issuesOf(() => validateOptions(options))).toEqual([]);
        expect(sanitizeOptions(options, parseVersion(version)).warnings).toEqual([]);
      }
    }
  });

  it('says in words what each option accepts', () => {
    const words = (key: string): string => describeOption(optionSpec(key) ?? expect.fail(key));
    expect(words('write_buffer_size')).toBe('an integer >= 1 (bytes)');
    expect(words('max_bytes_for_level_multiplier')).toBe('a number above 0 (ratio)');
    expect(words('compaction_style')).toBe('one of level, universal, fifo, none');
    expect(words('compression_per_level')).toContain('a list of none, snappy');
  });
});

describe('defaults', () => {
  it('follow the version: dynamic levels since 8.4, readahead since 8.6, min-overlap since 6.0, 30-day ttl since 6.6', () => {
    const at = (version: string): LsmOptions => defaultOptions(parseVersion(version), { dbBench: false });
    expect([at('8.3').level_compaction_dynamic_level_bytes, at('8.4').level_compaction_dynamic_level_bytes]).toEqual([false, true]);
    expect([at('8.5').compaction_readahead_size, at('8.6').compaction_readahead_size]).toEqual([0, 2097152]);
    expect([at('5.18').compaction_pri, at('6.0').compaction_pri]).toEqual(['kByCompensatedSize', 'kMinOverlappingRatio']);
    expect([at('6.5.3').ttl, at('7.8').ttl]).toEqual([0, rocksdbChooses]);
  });

  it("are db_bench's own where they differ: delay rate 8 MiB/s, hard limit 128 GiB, pipelined writes, static levels in every version", () => {
    const bench = defaultOptions(parseVersion('9.10'), { dbBench: true });
    expect(bench.delayed_write_rate).toBe(8388608);
    expect(bench.hard_pending_compaction_bytes_limit).toBe(137438953472);
    expect(bench.enable_pipelined_write).toBe(true);
    expect(bench.level_compaction_dynamic_level_bytes).toBe(false);
    expect(library.delayed_write_rate).toBe(0);
    expect(library.hard_pending_compaction_bytes_limit).toBe(274877906944);
  });
});

describe('reading options', () => {
  it('collects unknown names and wrong values at once, with the nearest name and the number to write', () => {
    const { options, ignored, issues } = readOptions({
      write_buffer_size: '64MB',
      max_backgroundjobs: 4,
      compression_type: 'none',
      num_levels: 2.5,
      compression: 'kNoCompression',
      max_open_files: 100,
    });
    expect(options).toEqual({ compression: 'none' });
    expect(ignored).toEqual(['max_open_files']);
    expect(issues.map(({ path, message, expected }) => [path, message, expected])).toEqual([
      ['lsm.write_buffer_size', 'not a number', 'an integer >= 1 (bytes); write 67108864'],
      ['lsm.max_backgroundjobs', 'unknown option', 'max_background_jobs?'],
      ['lsm.compression_type', 'unknown option', 'compression?'],
      ['lsm.num_levels', 'not an integer', 'an integer from 1 to 64 (count)'],
    ]);
  });

  it('finds the option behind a slip, and none behind noise', () => {
    expect(nearestKey('level0_stop_write_trigger')).toBe('level0_stop_writes_trigger');
    expect(nearestKey('subcompactions')).toBe('max_subcompactions');
    expect(nearestKey('qqqqqqqqqq')).toBeNull();
  });

  it("reads a choice by our name, by RocksDB's and by number", () => {
    const spec = optionSpec('compaction_style') ?? expect.fail();
    for (const value of ['universal', 'kCompactionStyleUniversal', 1])
      expect(readOption(spec, value)).toEqual({ ok: true, value: 'universal' });
  });

  it('refuses every number outside the range, NaN and infinities included', () => {
    const numeric = modelledSpecs.filter((spec) => spec.kind === 'integer' || spec.kind === 'number');
    fc.assert(
      fc.property(fc.constantFrom(...numeric), fc.double(), (spec, value) => {
        const read = readOption(spec, value);
        const inside = value >= spec.range.min && value <= spec.range.max && (spec.kind === 'number' || Number.isInteger(value));
        expect(read.ok).toBe(inside);
      }),
      { seed: 42 },
    );
  });
});

describe('validation', () => {
  it('refuses sizes, multipliers and counts of 0 or below even where RocksDB would clamp', () => {
    const issues = issuesOf(() =>
      validateOptions(
        withOptions({
          write_buffer_size: 0,
          max_bytes_for_level_multiplier: 0,
          level0_file_num_compaction_trigger: 0,
          target_file_size_base: -1,
          max_background_jobs: 0,
          max_background_flushes: 0,
          block_size: 0,
        }),
      ),
    );
    expect(issues.map((issue) => issue.path).sort()).toEqual([
      'lsm.block_size',
      'lsm.level0_file_num_compaction_trigger',
      'lsm.max_background_flushes',
      'lsm.max_background_jobs',
      'lsm.max_bytes_for_level_multiplier',
      'lsm.target_file_size_base',
      'lsm.write_buffer_size',
    ]);
    expect(new Set(issues.map((issue) => issue.code))).toEqual(new Set(['INPUT_INVALID']));
  });

  it('keeps the zeros that mean something', () => {
    const zeros = {
      arena_block_size: 0,
      max_compaction_bytes: 0,
      bytes_per_sync: 0,
      soft_pending_compaction_bytes_limit: 0,
      hard_pending_compaction_bytes_limit: 0,
      delayed_write_rate: 0,
      rate_limiter_bytes_per_sec: 0,
      ttl: 0,
    };
    expect(issuesOf(() => validateOptions(withOptions(zeros)))).toEqual([]);
  });

  it("refuses FIFO that would drop every file, as db_bench's default of 0 would", () => {
    const issues = issuesOf(() => validateOptions(withOptions({ compaction_style: 'fifo', fifo_max_table_files_size: 0 })));
    expect(issues).toHaveLength(1);
    expect(issues[0]).toMatchObject({ path: 'lsm.fifo_max_table_files_size', message: 'FIFO would drop every file' });
  });
});

describe('sanitizing', () => {
  it('fills in what was left to RocksDB: 16 MiB buffers have 1 MiB arena blocks, 1 MiB buffers 128 KiB, jobs 25 files', () => {
    expect(sanitized({ write_buffer_size: 16777216 }).options.arena_block_size).toBe(1048576);
    expect(sanitized({ write_buffer_size: 1048576 }).options.arena_block_size).toBe(131072);
    // 100000 / 8 = 12500, rounded up to 4 KiB.
    expect(sanitized({ write_buffer_size: 100000 }).options.arena_block_size).toBe(16384);
    expect(sanitized({ target_file_size_base: 16777216 }).options.max_compaction_bytes).toBe(419430400);
    expect(sanitized({}).warnings).toEqual([]);
    expect(sanitized({}).derived.map((change) => change.path)).toContain('arena_block_size');
  });

  it('clamps with a warning that names the option and the reason', () => {
    const { options, warnings } = sanitized({
      write_buffer_size: 1000,
      max_write_buffer_number: 1,
      min_write_buffer_number_to_merge: 3,
      level0_file_num_compaction_trigger: 40,
      soft_pending_compaction_bytes_limit: 1099511627776,
      num_levels: 1,
    });
    expect(options).toMatchObject({
      write_buffer_size: 65536,
      arena_block_size: 8192,
      max_write_buffer_number: 2,
      min_write_buffer_number_to_merge: 1,
      level0_slowdown_writes_trigger: 40,
      level0_stop_writes_trigger: 40,
      soft_pending_compaction_bytes_limit: 274877906944,
      num_levels: 2,
    });
    expect(warnings.map((change) => change.path)).toEqual([
      'write_buffer_size',
      'min_write_buffer_number_to_merge',
      'max_write_buffer_number',
      'num_levels',
      'level0_slowdown_writes_trigger',
      'level0_stop_writes_trigger',
      'soft_pending_compaction_bytes_limit',
    ]);
    expect(warnings[0]).toEqual({
      code: 'OPTION_SANITIZED',
      path: 'write_buffer_size',
      message: 'write_buffer_size: 1000 becomes 65536: RocksDB keeps it between 64 KiB and 64 GiB',
    });
  });

  it('lets the delay rate follow the limiter (half its cap when auto-tuned), else 16 MiB/s', () => {
    expect(sanitized({}).options.delayed_write_rate).toBe(16777216);
    expect(sanitized({ rate_limiter_bytes_per_sec: 1000000 }).options.delayed_write_rate).toBe(1000000);
    expect(sanitized({ rate_limiter_bytes_per_sec: 1000000, rate_limiter_auto_tuned: true }).options.delayed_write_rate).toBe(500000);
  });

  it('syncs each MiB as soon as there is a rate limiter, and reads 2 MiB ahead when reads are direct', () => {
    expect(sanitized({ rate_limiter_bytes_per_sec: 1 }).options.bytes_per_sync).toBe(1048576);
    expect(sanitized({ rate_limiter_bytes_per_sec: 1, bytes_per_sync: 4096 }).options.bytes_per_sync).toBe(4096);
    expect(sanitized({ use_direct_reads: true }).options.compaction_readahead_size).toBe(2097152);
  });

  it('resets options the version does not have, with a warning', () => {
    const { options, warnings } = sanitized({ universal_max_read_amp: 8, ignore_max_compaction_bytes_for_input: true }, '7.7.0');
    expect(options).toMatchObject({ universal_max_read_amp: -1, ignore_max_compaction_bytes_for_input: false });
    expect(warnings.map((change) => change.code)).toEqual(['OPTION_NOT_IN_VERSION', 'OPTION_NOT_IN_VERSION', 'OPTION_NOT_IN_VERSION']);
    expect(warnings.map((change) => change.path)).toContain('level_compaction_dynamic_file_size');
  });

  it('changes nothing the second time', () => {
    const bytes = fc.integer({ min: 1, max: 2 ** 40 });
    const changes = fc.record({
      write_buffer_size: bytes,
      max_write_buffer_number: fc.integer({ min: 1, max: 8 }),
      min_write_buffer_number_to_merge: fc.integer({ min: 1, max: 8 }),
      level0_file_num_compaction_trigger: fc.integer({ min: 1, max: 50 }),
      level0_slowdown_writes_trigger: fc.integer({ min: 1, max: 50 }),
      level0_stop_writes_trigger: fc.integer({ min: 1, max: 50 }),
      soft_pending_compaction_bytes_limit: fc.integer({ min: 0, max: 2 ** 40 }),
      compaction_style: fc.constantFrom('level' as const, 'universal' as const, 'fifo' as const, 'none' as const),
      rate_limiter_bytes_per_sec: fc.integer({ min: 0, max: 2 ** 30 }),
      delayed_write_rate: fc.integer({ min: 0, max: 2 ** 30 }),
    });
    fc.assert(
      fc.property(changes, (some) => {
        const once = sanitized(some).options;
        const twice = sanitizeOptions(once, referenceVersion);
        expect(twice.options).toEqual(once);
        expect([...twice.warnings, ...twice.derived]).toEqual([]);
        expect(once.level0_stop_writes_trigger).toBeGreaterThanOrEqual(once.level0_slowdown_writes_trigger);
        expect(once.level0_slowdown_writes_trigger).toBeGreaterThanOrEqual(once.level0_file_num_compaction_trigger);
      }),
      { seed: 42 },
    );
  });
});
