import { describe, expect, test } from 'vitest';
import { parseDbBench } from '../../engine/rocksdb/db-bench.js';
import { optionsOfFamily, parseOptionsFile } from '../../engine/rocksdb/options-file.js';
import { changeSteps, dbBenchFlagsOf, optionsFragment } from '../../engine/rocksdb/options-text.js';
import { defaultOptions, mergeOptions, type PartialLsmOptions } from '../../engine/rocksdb/options.js';
import { referenceVersion } from '../../engine/rocksdb/version.js';

const changes: PartialLsmOptions = {
  max_background_jobs: 8,
  write_buffer_size: 134217728,
  compaction_style: 'universal',
  compaction_pri: 'kRoundRobin',
  universal_size_ratio: 25,
  universal_min_merge_width: 4,
  compression: 'zstd',
  bloom_bits: 10,
  enable_pipelined_write: false,
  max_bytes_for_level_multiplier_additional: [1, 2, 1, 1, 1, 1, 1],
};

describe('options as RocksDB users write them', () => {
  test('an OPTIONS fragment reads back as what it was made of', () => {
    const defaults = defaultOptions(referenceVersion, { dbBench: false });
    const file = parseOptionsFile(`[Version]\n  rocksdb_version=7.8.3\n  options_file_version=1.1\n${optionsFragment(changes)}`);
    expect(optionsOfFamily(file, defaults)).toEqual(mergeOptions(defaults, changes));
    expect(file.unknown).toEqual([]);
  });

  test('what an OPTIONS file does not hold stands in a comment', () => {
    expect(optionsFragment({ rate_limiter_bytes_per_sec: 1000 })).toBe('# not in an OPTIONS file: rate_limiter_bytes_per_sec=1000\n');
  });

  test('db_bench flags read back as what they were made of', () => {
    const { flags, missing } = dbBenchFlagsOf({ ...changes, universal_stop_style: 'kCompactionStopStyleSimilarSize' });
    const command = parseDbBench(['--benchmarks=fillrandom', ...flags], {
      readOptionsFile: () => {
        throw new Error('names no file');
      },
    });
    expect(command.options).toMatchObject(changes);
    expect(missing).toEqual(['universal_stop_style']);
  });

  test('steps are sorted by what a change needs', () => {
    expect(changeSteps({ ...changes, rate_limiter_bytes_per_sec: 1000 })).toEqual({
      online: [
        'db->SetDBOptions({{"max_background_jobs", "8"}})',
        'db->SetOptions({{"write_buffer_size", "134217728"}, {"max_bytes_for_level_multiplier_additional", "1:2:1:1:1:1:1"}, ' +
          '{"compaction_options_universal", "{size_ratio=25;min_merge_width=4;}"}})',
        'rate_limiter->SetBytesPerSecond(1000)',
      ],
      newFiles: expect.arrayContaining([expect.stringContaining('bloomfilter')]) as unknown,
      reopen: expect.arrayContaining([
        'compaction_style=kCompactionStyleUniversal',
        'compaction_pri=kRoundRobin',
        'enable_pipelined_write=false',
      ]) as unknown,
    });
  });
});
