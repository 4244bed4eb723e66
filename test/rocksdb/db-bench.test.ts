import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIssue, PutmodelError, type Issue } from '../../engine/kernel/errors.js';
import { parseDbBench, splitCommandLine, type DbBenchCommand, type DbBenchWorkload } from '../../engine/rocksdb/db-bench.js';
import { dbBenchFlags } from '../../engine/rocksdb/db-bench-flags.js';
import { optionsOfFamily, parseOptionsFile } from '../../engine/rocksdb/options-file.js';
import { sharedDir } from '../support/shared.js';

const parse = (line: string): DbBenchCommand => parseDbBench(splitCommandLine(line));
function workload(line: string): DbBenchWorkload {
  const step = parse(line).steps[0];
  return step?.kind === 'write' ? step.workload : expect.fail('not a write step');
}
function issuesOf(line: string): readonly Issue[] {
  try {
    parse(line);
  } catch (error) {
    if (error instanceof PutmodelError) return error.issues;
    throw error;
  }
  return [];
}
const fixture = (name: string): string => readFileSync(new URL(`../fixtures/options/${name}`, import.meta.url), 'utf8');

describe("db_bench's flags", () => {
  it('number 357 in 7.8.3, each with a default of its type', () => {
    expect(dbBenchFlags.size).toBe(357);
    expect(dbBenchFlags.get('write_buffer_size')).toEqual({ name: 'write_buffer_size', type: 'int64', defaultText: '67108864' });
    expect(dbBenchFlags.get('compression_type')?.defaultText).toBe('snappy');
    expect([...dbBenchFlags.values()].filter((flag) => flag.type !== 'string' && flag.defaultText === '')).toEqual([]);
  });

  it('may be written in every way gflags reads, and the last one counts', () => {
    const command = parse(
      '/usr/bin/db_bench --benchmarks=fillrandom --num 1000 -threads 2 -sync --nodisable_wal --write-buffer-size=1000000 --num=0x7d0 --statistics=Y',
    );
    expect(command.steps).toEqual([
      {
        kind: 'write',
        benchmark: 'fillrandom',
        fresh: true,
        workload: {
          puts: 4000,
          durationSec: null,
          threads: 2,
          keySizeBytes: 16,
          valueSizeBytes: 100,
          distribution: 'uniform',
          keyCount: 2000,
          entriesPerBatch: 1,
          sync: true,
          disableWal: false,
          valueCompressionRatio: 0.5,
          pacedBytesPerSec: null,
          sineProfile: null,
        },
      },
    ]);
    expect(command.options.write_buffer_size).toBe(1000000);
    expect(command.ignoredFlags).toEqual(['statistics']);
  });

  it('are refused with every problem at once: unknown, wrong type, missing value, stray argument', () => {
    expect(
      issuesOf('--benchmarks=fillrandom --nm=5 --value_size=abc --bytes_per_sync=-1 --num=1e3 --nonum extra --sync=maybe --threads').map(
        ({ code, path, message, expected }) => [code, path, message, expected],
      ),
    ).toEqual([
      ['USAGE', '--nm', 'unknown flag', '--num?'],
      ['USAGE', '--value_size', 'the value has the wrong type', 'an integer (int32)'],
      ['USAGE', '--bytes_per_sync', 'the value has the wrong type', 'an integer >= 0 (uint64)'],
      ['USAGE', '--num', 'the value has the wrong type', 'an integer (int64)'],
      ['USAGE', '--nonum', 'unknown flag', '--num?'],
      ['USAGE', undefined, 'not a flag', '--name=value'],
      ['USAGE', '--sync', 'the value has the wrong type', 'true or false'],
      ['USAGE', '--threads', 'the value is missing', 'an integer (int32)'],
    ]);
  });

  it('hold the limits of their C++ types', () => {
    expect(issuesOf('--benchmarks=fillrandom --num=9223372036854775808')[0]?.path).toBe('--num');
    expect(issuesOf('--benchmarks=fillrandom --value_size=2147483648')[0]?.path).toBe('--value_size');
    expect(parse('--benchmarks=fillrandom --ttl_seconds=18446744073709551614').options.ttl).toBe(2592000);
  });

  it('beyond a limit are told as they were typed, with the limit', () => {
    const lines = (line: string): string[] => issuesOf(`--benchmarks=fillrandom ${line}`).map(formatIssue);
    expect(lines('--max_bytes_for_level_multiplier=1e308 --write_buffer_size=9223372036854775807 --target_file_size_base=0')).toEqual([
      '--write_buffer_size: out of range: found 9223372036854775807 (expected an integer >= 1 (bytes), at most 9007199254740991)',
      '--max_bytes_for_level_multiplier: out of range: found 1e308 (expected a number above 0 (ratio), at most 1000000)',
      '--target_file_size_base: out of range: found 0 (expected an integer >= 1 (bytes))',
    ]);
  });

  it('whose rate limiter would never give a byte are refused', () => {
    const lines = (line: string): string[] => issuesOf(`--benchmarks=fillrandom ${line}`).map(formatIssue);
    expect(lines('--rate_limiter_bytes_per_sec=9')).toEqual([
      '--rate_limiter_bytes_per_sec: a refill is less than 1 byte, so nothing is ever written: found 9 (expected >= 10 with rate_limiter_refill_period_us 100000)',
    ]);
    expect(lines('--rate_limiter_bytes_per_sec=999999 --rate_limiter_refill_period_us=1')).toHaveLength(1);
    expect(parse('--benchmarks=fillrandom --rate_limiter_bytes_per_sec=10').options.rate_limiter_bytes_per_sec).toBe(10);
  });

  it('that are wrong in one place are told in one line', () => {
    const lines = (line: string): string[] => issuesOf(line).map(formatIssue);
    expect(lines('--benchmarks=fillrandom --num=-5')).toEqual(['--num: out of range: found -5 (expected >= 1 and below 2^53)']);
    expect(lines('--benchmarks=fill100K,overwrite --threads=0')).toEqual([
      '--threads: out of range: found 0 (expected >= 1 and below 2^53)',
    ]);
    expect(lines('--benchmarks=fill100K --num=10')).toEqual([
      '--num: fill100K: the key space (num / 1000) is empty: found 10 (expected >= 1000)',
    ]);
  });

  it('that write more than 2^53 bytes are refused', () => {
    const path = (line: string): (string | undefined)[] => issuesOf(line).map((issue) => issue.path);
    expect(issuesOf('--benchmarks=fillrandom --num=9007199254740991 --value_size=1000').map(formatIssue)).toEqual([
      '--num: fillrandom: more than 2^53 bytes: found 9007199254740991 entries of 1016 bytes (expected at most 8865353597186 over all threads and databases)',
    ]);
    expect(path('--benchmarks=fillrandom,deleterandom --num=1000 --writes=9000000000000000 --deletes=9000000000000000')).toEqual([
      '--writes',
      '--deletes',
    ]);
    expect(path('--benchmarks=readrandomwriterandom --num=1000 --reads=9000000000000000')).toEqual(['--num']);
    expect(parse('--benchmarks=fillrandom --num=8865353597186 --value_size=1000').steps).toHaveLength(1);
    expect(parse('--benchmarks=fillrandom --num=9007199254740991 --value_size=1000 --duration=10').steps).toHaveLength(1);
  });

  it('of db_bench that name a choice are compared without case, and by name alone', () => {
    expect(parse('--benchmarks=fillrandom --compression_type=LZ4').options.compression).toBe('lz4');
    const mixed = parse('--benchmarks=fillrandom --value_size_distribution_type=Uniform --value_size_min=50 --value_size_max=150');
    expect(mixed.steps[0]).toMatchObject({ workload: { valueSizeBytes: 100 } });
    for (const text of ['4', 'kLZ4Compression', 'LZ5']) {
      expect(issuesOf(`--benchmarks=fillrandom --compression_type=${text}`)[0]).toMatchObject({
        path: '--compression_type',
        found: JSON.stringify(text),
      });
    }
    expect(issuesOf('--benchmarks=FillRandom')[0]?.path).toBe('--benchmarks');
  });

  it('never make the parser fail in another way than by listing issues', () => {
    const argument = fc.oneof(
      fc.string(),
      fc.constantFrom(...dbBenchFlags.keys()).chain((name) => fc.string().map((text) => `--${name}=${text}`)),
    );
    fc.assert(
      fc.property(fc.array(argument, { maxLength: 5 }), (args) => {
        try {
          const command = parseDbBench(['--benchmarks=fillrandom', ...args.filter((text) => !text.includes('options_file'))]);
          expect(command.steps.length + command.warnings.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(PutmodelError);
        }
      }),
      { seed: 42, numRuns: 500 },
    );
  });
});

describe("db_bench's options", () => {
  it.each([
    ['defaults', ''],
    ['universal', '--compaction_style=1 --universal_size_ratio=5'],
    ['fifo', '--compaction_style=2 --fifo_compaction_max_table_files_size_mb=100 --fifo_compaction_ttl=77'],
    [
      'min',
      '--min_level_to_compress=2 --max_bytes_for_level_multiplier_additional=1,2,3,1,1,1,1 --bloom_bits=10 --rate_limiter_bytes_per_sec=1000000 --use_direct_reads=1',
    ],
    [
      'direct',
      '--use_direct_reads=1 --use_direct_io_for_flush_and_compaction=1 --delayed_write_rate=0 --rate_limiter_bytes_per_sec=1000000',
    ],
    [
      'clamp2',
      '--level0_file_num_compaction_trigger=40 --soft_pending_compaction_bytes_limit=1099511627776 --max_write_buffer_number=4 --min_write_buffer_number_to_merge=9 --write_buffer_size=100000',
    ],
    ['dynuni', '--compaction_style=1 --level_compaction_dynamic_level_bytes=1 --ttl_seconds=100'],
    ['ttl', '--ttl_seconds=0 --periodic_compaction_seconds=5'],
  ])('are those of the OPTIONS file that db_bench 7.8.3 wrote: %s', (name, flags) => {
    const { options } = parse(`db_bench --benchmarks=fillrandom --num=1000 ${flags}`);
    expect(options).toEqual(optionsOfFamily(parseOptionsFile(fixture(`OPTIONS-7.8.3-${name}`)), options));
  });

  it('warn where RocksDB would clamp, and say what it fills in', () => {
    const command = parse('--benchmarks=fillrandom --write_buffer_size=1000 --rate_limiter_bytes_per_sec=67108864');
    expect(command.warnings.map(({ code, path }) => [code, path])).toEqual([['OPTION_SANITIZED', 'write_buffer_size']]);
    expect(command.derived.map(({ path }) => path)).toContain('bytes_per_sync');
    expect(command.options.bytes_per_sync).toBe(1048576);
  });

  it('are refused by the name of the flag', () => {
    const issues = issuesOf('--benchmarks=fillrandom --write_buffer_size=0 --subcompactions=0 --compression_type=foo --compaction_style=9');
    expect(issues.map(({ path, expected }) => [path, expected])).toEqual([
      ['--compression_type', 'one of none, snappy, zlib, bzip2, lz4, lz4hc, xpress, zstd'],
      ['--compaction_style', '0 (level), 1 (universal), 2 (fifo), 3 (none)'],
    ]);
    expect(issuesOf('--benchmarks=fillrandom --write_buffer_size=0 --subcompactions=0').map(({ code, path }) => [code, path])).toEqual([
      ['INPUT_INVALID', '--write_buffer_size'],
      ['INPUT_INVALID', '--subcompactions'],
    ]);
    expect(issuesOf('--benchmarks=fillrandom --max_bytes_for_level_multiplier_additional=1,2')[0]?.expected).toBe(
      'one for each of 7 levels (--num_levels)',
    );
  });

  it('limit nothing but reads with --rate_limit_bg_reads', () => {
    expect(parse('--benchmarks=fillrandom').options.rate_limiter_mode).toBe('kWritesOnly');
    expect(parse('--benchmarks=fillrandom --rate_limit_bg_reads').options.rate_limiter_mode).toBe('kReadsOnly');
  });

  it('list flags without effect, and warn of those that would change a real run', () => {
    const command = parse('--benchmarks=fillrandom --db=x --histogram --num_hot_column_families=4 --unordered_write=0 --block_align');
    expect(command.ignoredFlags).toEqual(['db', 'histogram', 'num_hot_column_families', 'unordered_write', 'block_align']);
    expect(command.warnings.map(({ code, path }) => [code, path])).toEqual([
      ['FLAG_NOT_MODELLED', '--num_hot_column_families'],
      ['FLAG_NOT_MODELLED', '--block_align'],
    ]);
  });

  it('name column families, whose shares may differ, and databases', () => {
    const plain = parse('--benchmarks=fillrandom --num_multi_db=1 --num_column_families=0');
    expect([plain.familyShares, plain.databases]).toEqual([[1], 1]);
    expect(parse('--benchmarks=fillrandom --num_column_families=4').familyShares).toEqual([0.25, 0.25, 0.25, 0.25]);
    const skewed = '--benchmarks=fillrandom --num_column_families=2 --column_family_distribution=';
    expect(parse(`${skewed}10,90`).familyShares).toEqual([0.1, 0.9]);
    for (const wrong of ['10,80', '100', '0,100', 'a,b']) expect(() => parse(skewed + wrong)).toThrow('not the shares');
    expect(() => parse('--benchmarks=fillrandom --num_multi_db=-1')).toThrow('out of range');
  });

  it('of several databases write --num puts for each', () => {
    const [step] = parse('--benchmarks=fillrandom --num=1000 --threads=2 --num_multi_db=3').steps;
    expect(step?.kind === 'write' && step.workload.puts).toBe(6000);
    expect(step?.kind === 'write' && step.workload.keyCount).toBe(1000);
  });

  it('come from --options_file alone, but for the rate limiter and the bloom filter', () => {
    const line =
      '--benchmarks=fillrandom --options_file=o.ini --write_buffer_size=33554432 --bloom_bits=10 --rate_limiter_bytes_per_sec=1000000 --compression_type=none --num=7';
    const paths: string[] = [];
    const command = parseDbBench(splitCommandLine(line), {
      readOptionsFile: (path) => {
        paths.push(path);
        return fixture('OPTIONS-7.8.3-clamp2');
      },
    });
    expect(paths).toEqual(['o.ini']);
    expect(command.options).toMatchObject({
      write_buffer_size: 100000,
      bloom_bits: 10,
      rate_limiter_bytes_per_sec: 1000000,
      bytes_per_sync: 1048576,
      compression: 'snappy',
      level0_file_num_compaction_trigger: 40,
    });
    expect(command.ignoredFlags.slice(0, 2)).toEqual(['write_buffer_size', 'compression_type']);
    expect(command.ignoredFlags).toContain('max_open_files');
    expect(command.steps[0]).toMatchObject({ workload: { puts: 7 } });
  });

  it('from --options_file come with all that was not used of it', () => {
    const { warnings, ignoredFlags } = parseDbBench(['--benchmarks=fillrandom', '--num=7', '--options_file=o.ini'], {
      readOptionsFile: () => fixture('quirks.ini'),
    });
    expect(ignoredFlags).toEqual(['max_open_files', 'compaction_options_fifo.ttl', 'table_factory']);
    expect(warnings.map(({ code }) => code).slice(0, 7)).toEqual([
      'VERSION_NOT_USED',
      ...['OPTION_UNKNOWN', 'OPTION_UNKNOWN', 'OPTION_UNKNOWN'],
      ...['FILTER_BITS_ASSUMED', 'SECTION_NOT_MODELLED', 'FAMILY_NOT_USED'],
    ]);
    expect(warnings[0]?.message).toBe('the options file is of RocksDB 5.14.0; db_bench and the run are of 7.8.3');
    expect(warnings.map(({ message }) => message)).toContain(
      'options file, line 12: unknown option max_backgruond_jobs was skipped (max_background_jobs?)',
    );
  });
});

describe("db_bench's benchmarks", () => {
  it('run in order, fill* on an empty DB, and reports change nothing', () => {
    const command = parse('--benchmarks=fillseq,,overwrite,waitforcompaction,compact,flush,stats,levelstats,sstables --num=10');
    expect(command.steps.map((step) => [step.kind, step.benchmark, step.kind === 'write' ? step.fresh : null])).toEqual([
      ['write', 'fillseq', true],
      ['write', 'overwrite', false],
      ['waitForCompaction', 'waitforcompaction', null],
      ['compact', 'compact', null],
      ['flush', 'flush', null],
      ['report', 'stats', null],
      ['report', 'levelstats', null],
      ['report', 'sstables', null],
    ]);
  });

  it('write --num entries in each thread; fillsync and fill100K shrink the key space by 1000, not the count', () => {
    expect(workload('--benchmarks=fillsync --num=20000')).toMatchObject({ puts: 20000, keyCount: 20, sync: true, valueSizeBytes: 100 });
    expect(workload('--benchmarks=fill100K --num=20000')).toMatchObject({ puts: 20000, keyCount: 20, sync: false, valueSizeBytes: 100000 });
    expect(workload('--benchmarks=fillrandom --num=1000 --writes=500 --threads=3')).toMatchObject({ puts: 1500, keyCount: 1000 });
    expect(workload('--benchmarks=fillsync --num=20000 --writes=0')).toMatchObject({ puts: 20, keyCount: 20 });
    expect(workload('--benchmarks=filluniquerandom --num=3000 --threads=2')).toMatchObject({
      puts: 3000,
      threads: 1,
      distribution: 'unique',
    });
  });

  it('write whole batches only: 20,500 in batches of 1000 are 20,000, 1000 in batches of 300 are 900', () => {
    expect(workload('--benchmarks=fillbatch --num=20500 --batch_size=7')).toMatchObject({ puts: 20000, entriesPerBatch: 1000 });
    expect(workload('--benchmarks=fillrandom --num=1000 --batch_size=300')).toMatchObject({ puts: 900, entriesPerBatch: 300 });
    expect(issuesOf('--benchmarks=fillbatch --num=500')[0]).toMatchObject({
      path: '--num',
      message: 'fillbatch: not one whole batch is written',
    });
    expect(issuesOf('--benchmarks=fillsync --num=500')[0]?.message).toBe('fillsync: the key space (num / 1000) is empty');
  });

  it('are bound by --duration instead of the count, in random order only', () => {
    expect(workload('--benchmarks=fillrandom --num=3000 --duration=240')).toMatchObject({ puts: null, durationSec: 240, keyCount: 3000 });
    expect(workload('--benchmarks=fillseq --num=3000 --duration=240')).toMatchObject({ puts: 3000, durationSec: null });
    expect(workload('--benchmarks=filluniquerandom --num=3000 --duration=240')).toMatchObject({ puts: 3000, durationSec: null });
  });

  it('are skipped with --use_existing_db when they want an empty DB', () => {
    const command = parse('--benchmarks=fillrandom,overwrite --use_existing_db=1 --num=10');
    expect(command.useExistingDb).toBe(true);
    expect(command.steps.map((step) => step.benchmark)).toEqual(['overwrite']);
    expect(command.warnings.map(({ code }) => code)).toEqual(['BENCHMARK_SKIPPED']);
  });

  it('repeat with [X-W] after their warm-ups, on the DB the first run began', () => {
    const steps = parse('--benchmarks=fillrandom[X2-W1] --num=10').steps;
    expect(steps.map((step) => (step.kind === 'write' ? step.fresh : null))).toEqual([true, false, false]);
  });

  it('that read are of one database with one family, and say what they read', () => {
    expect(issuesOf('--benchmarks=fillrandom,readrandom --num_column_families=2')[0]).toMatchObject({
      code: 'INPUT_UNSUPPORTED',
      path: '--num_column_families',
    });
    const steps = parse('--benchmarks=fillrandom,readwhilewriting,readrandomwriterandom --num=100 --threads=3').steps;
    const workloads = steps.flatMap((step) => (step.kind === 'write' ? [step.workload] : []));
    expect(workloads[0]).not.toHaveProperty('reads');
    // One thread more writes until the readers have made --num reads each.
    expect(workloads[1]).toMatchObject({
      puts: null,
      threads: 1,
      reads: { threads: 3, reads: 300, readsPerPut: null, cacheBytes: 8_388_608 },
    });
    expect(workloads[2]).toMatchObject({ puts: 30, threads: 3, reads: { readsPerPut: 9 } });
  });

  it('that are not supported are refused with the list of those that are', () => {
    const issues = issuesOf('--benchmarks=fillrandom,readseq,mixgraph');
    expect(issues.map(({ code, found }) => [code, found])).toEqual([
      ['INPUT_UNSUPPORTED', 'readseq'],
      ['INPUT_UNSUPPORTED', 'mixgraph'],
    ]);
    expect(issues[0]?.expected).toContain(
      'fillrandom, filluniquerandom, fillbatch, fillsync, fill100K, overwrite, deleterandom, readrandom',
    );
    expect(issuesOf('--num=5')[0]).toMatchObject({ code: 'USAGE', path: '--benchmarks', message: 'no benchmark' });
  });

  it('refuse numbers that mean nothing', () => {
    const issues = issuesOf(
      '--benchmarks=fillrandom --num=0 --threads=0 --key_size=0 --value_size=0 --compression_ratio=0 --batch_size=-1',
    );
    expect(issues.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['--num', '--threads', '--key_size', '--compression_ratio', '--batch_size']),
    );
    expect(issuesOf('--benchmarks=fillrandom --num=9007199254740993')[0]?.path).toBe('--num');
  });

  it('take the middle of value sizes that vary, with a warning', () => {
    const line = '--benchmarks=fillrandom --value_size_distribution_type=uniform --value_size_min=100 --value_size_max=300';
    expect(workload(line).valueSizeBytes).toBe(200);
    expect(parse(line).warnings.map(({ code }) => code)).toEqual(['VALUE_SIZE_MEAN']);
  });

  it('are paced by a token bucket or a sine of bytes per second', () => {
    expect(workload('--benchmarks=fillrandom --benchmark_write_rate_limit=10485760').pacedBytesPerSec).toBe(10485760);
    expect(workload('--benchmarks=fillrandom --sine_write_rate --sine_a=5e6 --sine_b=0.01 --sine_c=1 --sine_d=1e7').sineProfile).toEqual({
      amplitudeBytesPerSec: 5e6,
      angularPerSec: 0.01,
      phaseRadians: 1,
      meanBytesPerSec: 1e7,
      intervalMillis: 10000,
    });
  });

  it('have no seed of their own when --seed is 0 or absent', () => {
    expect([
      parse('--benchmarks=flush').seed,
      parse('--benchmarks=flush --seed=0').seed,
      parse('--benchmarks=flush --seed=7').seed,
    ]).toEqual([null, null, 7]);
  });
});

describe('a shell line', () => {
  it('splits at blanks outside quotes', () => {
    expect(splitCommandLine(`db_bench --a="x y" --b='1 2'  \\\n --c=d\\ e ""\n`)).toEqual([
      'db_bench',
      '--a=x y',
      '--b=1 2',
      '--c=d e',
      '',
    ]);
  });
});

describe('recorded runs', () => {
  it.runIf(sharedDir !== null)('have commands that give exactly the options in the OPTIONS file beside them', () => {
    const folder = join(sharedDir ?? '', 'truth');
    const runs = readdirSync(folder, { withFileTypes: true }).filter((item) => item.isDirectory());
    expect(runs.length).toBeGreaterThan(5);
    for (const { name } of runs) {
      const read = (file: string): string => readFileSync(join(folder, name, file), 'utf8');
      const { options, steps, seed } = parse(read('command.txt'));
      expect([name, options]).toEqual([name, optionsOfFamily(parseOptionsFile(read('OPTIONS')), options)]);
      expect(steps[0]).toMatchObject({ kind: 'write', workload: { keySizeBytes: 16, valueSizeBytes: 1024 } });
      expect(seed).toBeGreaterThan(0);
    }
  });
});
