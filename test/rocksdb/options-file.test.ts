import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PutmodelError } from '../../engine/kernel/errors.js';
import { optionsFileWarnings, optionsOfFamily, parseOptionsFile } from '../../engine/rocksdb/options-file.js';
import { defaultOptions, rocksdbChooses } from '../../engine/rocksdb/options.js';
import { parseVersion } from '../../engine/rocksdb/version.js';
import { sharedDir } from '../support/shared.js';

const fixture = (name: string): string => readFileSync(new URL(`../fixtures/options/${name}`, import.meta.url), 'utf8');
function errorOf(text: string): string {
  try {
    parseOptionsFile(text, 'OPTIONS');
  } catch (error) {
    if (error instanceof PutmodelError) return error.message;
    throw error;
  }
  return '';
}

describe('an OPTIONS file', () => {
  it('that RocksDB wrote holds no key the table does not know', () => {
    const file = parseOptionsFile(fixture('OPTIONS-7.8.3-defaults'));
    expect(file.unknown).toEqual([]);
    expect(file.warnings).toEqual([]);
    expect(file.rocksdbVersion).toEqual(parseVersion('7.8.3'));
    expect(file.families.map((family) => family.name)).toEqual(['default']);
    expect(file.db.delayed_write_rate).toBe(8388608);
    expect(file.families[0]?.options).toMatchObject({
      write_buffer_size: 67108864,
      compression: 'snappy',
      block_size: 4096,
      bloom_bits: 0,
    });
  });

  it('may have comments after values, escapes, enum numbers, lists and structs', () => {
    const file = parseOptionsFile(fixture('quirks.ini'));
    expect(file.rocksdbVersion).toEqual(parseVersion('5.14'));
    expect(file.db).toEqual({ max_background_compactions: 16, bytes_per_sync: 8388608, wal_dir: '/mnt/wal#1' });
    expect(file.families[0]?.options).toEqual({
      compression: 'zstd',
      compression_per_level: ['none', 'none', 'lz4'],
      max_bytes_for_level_multiplier: 8,
      max_bytes_for_level_multiplier_additional: [2, 3, 5],
      compaction_style: 'universal',
      ttl: rocksdbChooses,
      universal_size_ratio: 7,
      universal_stop_style: 'kCompactionStopStyleSimilarSize',
      universal_max_merge_width: 4294967295,
      fifo_max_table_files_size: 1048576,
      fifo_allow_compaction: true,
      block_size: 8192,
      bloom_bits: 10,
    });
    expect(file.families[1]).toEqual({ name: 'meta', options: { write_buffer_size: 1024000, bloom_bits: 9.9 } });
    expect(file.warnings.map((warning) => warning.code)).toEqual(['FILTER_BITS_ASSUMED', 'SECTION_NOT_MODELLED']);
  });

  it('lists unknown keys once, with their first line and the nearest known name', () => {
    expect(parseOptionsFile(fixture('quirks.ini')).unknown).toEqual([
      { key: 'some_future_option', line: 11, nearest: null },
      { key: 'max_backgruond_jobs', line: 12, nearest: 'max_background_jobs' },
      { key: 'compaction_options_universal.made_up', line: 21, nearest: null },
    ]);
  });

  it("gives a family its options over the DB's and the defaults", () => {
    const file = parseOptionsFile(fixture('quirks.ini'));
    const base = defaultOptions(parseVersion('5.14'), { dbBench: false });
    expect(optionsOfFamily(file, base, 'meta')).toEqual({
      ...base,
      max_background_compactions: 16,
      bytes_per_sync: 8388608,
      wal_dir: '/mnt/wal#1',
      write_buffer_size: 1024000,
      bloom_bits: 9.9,
    });
    expect(optionsOfFamily(file, base, 'absent').write_buffer_size).toBe(67108864);
  });

  it('is refused with every malformed line and wrong value at once, by line and column', () => {
    const text = [
      '[DBOptions]',
      '  max_background_jobs=two',
      '  bytes_per_sync',
      '[CFOptions "default"',
      '',
      '  write_buffer_size=0',
      '',
    ].join('\n');
    expect(errorOf(text).split('\n')).toEqual([
      'OPTIONS:2:23: max_background_jobs: not a number: found "two" (expected an integer >= 1 (count))',
      'OPTIONS:3:3: malformed line: found "bytes_per_sync" (expected key=value, [section] or # comment)',
      'OPTIONS:4:1: malformed section: found "[CFOptions \\"default\\"" (expected [Title] or [Title "name"])',
    ]);
    const inFamily =
      '[CFOptions "default"]\n  write_buffer_size=0\n  compaction_options_fifo={max_table_files_size=1;allow_compaction=x}\n  compaction_options_universal=3\n';
    expect(errorOf(inFamily).split('\n')).toEqual([
      'OPTIONS:2:21: write_buffer_size: out of range: found "0" (expected an integer >= 1 (bytes))',
      'OPTIONS:3:68: compaction_options_fifo.allow_compaction: not a boolean: found "x" (expected true or false)',
      'OPTIONS:4:32: compaction_options_universal: not a struct: found "3" (expected {member=value;...})',
    ]);
  });

  it('says what of it is not used: each unknown key with the nearest name, the other families, other tables', () => {
    expect(optionsFileWarnings(parseOptionsFile(fixture('quirks.ini'))).map(({ code, message }) => `${code} ${message}`)).toEqual([
      'OPTION_UNKNOWN options file, line 11: unknown option some_future_option was skipped',
      'OPTION_UNKNOWN options file, line 12: unknown option max_backgruond_jobs was skipped (max_background_jobs?)',
      'OPTION_UNKNOWN options file, line 21: unknown option compaction_options_universal.made_up was skipped',
      'FILTER_BITS_ASSUMED options file, line 27: rocksdb.BuiltinBloomFilter does not say its bits per key; 10 assumed',
      'SECTION_NOT_MODELLED options file: section [TableOptions/PlainTable] is not modelled and was skipped',
      'FAMILY_NOT_USED options file: column family "meta": not used, the options are those of "default"',
    ]);
    const misplaced = parseOptionsFile('[DBOptions]\nwrite_buffer_size=1\n[CFOptions "a"]\n[CFOptions "b"]\n');
    expect(optionsFileWarnings(misplaced).map(({ message }) => message)).toEqual([
      'options file, line 2: write_buffer_size is not an option of this section and was skipped',
      'options file: column families "a", "b": not used, the options are those of "default"',
    ]);
  });

  it('is refused when a struct holds anything but members, by line and column', () => {
    const inStruct = (text: string): string[] => errorOf(`[CFOptions "default"]\n compaction_options_universal=${text}\n`).split('\n');
    expect(inStruct('{garbage}')).toEqual([
      'OPTIONS:2:32: compaction_options_universal: not a member: found "garbage" (expected member=value)',
    ]);
    expect(inStruct('{size_ratio=7; min_merge_width 3;=2;max_merge_width={4;}')).toEqual([
      'OPTIONS:2:46: compaction_options_universal: not a member: found "min_merge_width 3" (expected member=value)',
      'OPTIONS:2:64: compaction_options_universal: not a member: found "=2" (expected member=value)',
      'OPTIONS:2:67: compaction_options_universal: not a member: found "max_merge_width={4;" (expected member=value)',
    ]);
    expect(inStruct('{size_ratio=7}x')[0]).toContain('OPTIONS:2:31: compaction_options_universal: not a struct');
    const nested =
      '[CFOptions "default"]\ncompaction_options_fifo={file_temperature_age_thresholds={{temperature=kWarm;age=10;}:{age=20}};max_table_files_size=5;}';
    expect(parseOptionsFile(nested)).toMatchObject({ families: [{ options: { fifo_max_table_files_size: 5 } }], unknown: [] });
    expect(parseOptionsFile('[CFOptions "default"]\ncompaction_options_universal={}').families[0]?.options).toEqual({});
  });

  it('is refused when it is empty, has values before its first section, or names no version', () => {
    expect(errorOf('')).toBe('OPTIONS:1: no section in the file (expected [Version], [DBOptions], [CFOptions "name"])');
    expect(errorOf('write_buffer_size=1')).toContain('OPTIONS:1:1: a value before the first section');
    expect(errorOf('[Version]\n rocksdb_version=new')).toContain('OPTIONS:2:18: rocksdb_version: not a RocksDB version');
  });

  it('may end its lines with CR LF', () => {
    expect(parseOptionsFile('[DBOptions]\r\n  max_background_jobs=4\r\n').db).toEqual({ max_background_jobs: 4 });
  });

  it.runIf(sharedDir !== null)('of 4.3 to 10.4 from public repositories is read without error, and every key is known', () => {
    const folder = join(sharedDir ?? '', 'data/options');
    const names = readdirSync(folder);
    expect(names.length).toBeGreaterThan(5);
    for (const name of names) {
      const file = parseOptionsFile(readFileSync(join(folder, name), 'utf8'), name);
      expect([name, file.unknown]).toEqual([name, []]);
      expect(file.families.length).toBeGreaterThan(0);
    }
  });
});
