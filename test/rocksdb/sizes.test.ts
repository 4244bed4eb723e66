import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { defaultOptions, mergeOptions, sanitizeOptions, type LsmOptions, type PartialLsmOptions } from '../../engine/rocksdb/options.js';
import {
  createSstShape,
  memtableEntryBytes,
  memtableEntryCapacity,
  memtableNodeBytes,
  sharedKeyBytes,
  sstFileBytes,
  varintBytes,
  walBytesPerGroup,
  writeBatchBytes,
} from '../../engine/rocksdb/sizes.js';
import { referenceVersion } from '../../engine/rocksdb/version.js';
import { sharedDir } from '../support/shared.js';

const MiB = 1024 * 1024;
function options(changes: PartialLsmOptions): LsmOptions {
  return sanitizeOptions(mergeOptions(defaultOptions(referenceVersion, { dbBench: true }), changes), referenceVersion).options;
}
const entry = (keySizeBytes: number, valueSizeBytes: number) => ({ keySizeBytes, valueSizeBytes });

describe('the write batch and the WAL', () => {
  it('a varint takes a byte for each seven bits', () => {
    expect([0, 127, 128, 16383, 16384, 2 ** 40].map(varintBytes)).toEqual([1, 1, 2, 2, 3, 6]);
  });

  it('a put of 16 + 1024 bytes is a batch of 1056: 12 + tag 1 + 1 + 16 + 2 + 1024', () => {
    expect(writeBatchBytes(entry(16, 1024))).toBe(1056);
    expect(writeBatchBytes(entry(16, 100), 1000)).toBe(12 + 1000 * 119);
  });

  it('a group pays one 7-byte header and one more for each 32 KiB block it runs into (11 bytes when logs are recycled)', () => {
    expect(walBytesPerGroup(entry(16, 1024), 1)).toBeCloseTo(1056 + 7 + (7 * 1056) / 32761, 9);
    expect(walBytesPerGroup(entry(16, 1024), 1, true)).toBeCloseTo(1056 + 11 + (11 * 1056) / 32757, 9);
    // 1000 puts of 119 bytes after the 12-byte head: 119012 / 32761 = 3.63 blocks.
    expect(walBytesPerGroup(entry(16, 100), 1000)).toBeCloseTo(119012 + 7 * (1 + 119012 / 32761), 6);
  });
});

describe('the memtable', () => {
  it('encodes 16 + 1024 as 1051 bytes and stores it in 1073 on average', () => {
    expect(memtableEntryBytes(entry(16, 1024))).toBe(1 + 24 + 2 + 1024);
    // Heights 1 and 2 (15/16 of nodes) take 1072 bytes, 3 and 4 take 1088, the rest more.
    expect(memtableNodeBytes(entry(16, 1024))).toBeCloseTo(1073.1, 1);
  });

  it.each([
    [16, 1024, 16, 15388],
    [16, 100, 16, 113850],
    [16, 100, 64, 460780],
    [16, 4096, 16, 3970],
    [8, 20, 16, 315887],
    [32, 400, 8, 17472],
    [16, 1024, 64, 62281],
    [16, 65536, 16, 237],
    [16, 409600, 16, 40],
    [16, 100, 1, 7004],
  ])(
    'with keys of %i and values of %i bytes, %i MiB hold what db_bench 7.8.3 measured (%i), within 0.1 %%',
    (key, value, mib, measured) => {
      const capacity = memtableEntryCapacity(options({ write_buffer_size: mib * MiB }), entry(key, value));
      expect(Math.abs(capacity / measured - 1)).toBeLessThan(0.001);
    },
  );

  it('holds at least one entry, whatever its size', () => {
    expect(memtableEntryCapacity(options({ write_buffer_size: 65536 }), entry(16, 10 * MiB))).toBe(1);
    expect(memtableEntryCapacity(options({ write_buffer_size: 65536, arena_block_size: 65536 * 16 }), entry(16, 1000))).toBeGreaterThan(0);
  });
});

describe('the SST file', () => {
  /** [key, value, entries, key gap, options, bytes] from table_file_creation events of db_bench 7.8.3 without compression. */
  const measured: [number, number, number, number, PartialLsmOptions, number][] = [
    [16, 1024, 15378, 20e6 / 15378, {}, 16231393],
    [16, 1024, 15981, 60, {}, 16860770],
    [16, 1024, 62158, 20e6 / 62158, {}, 65598990],
    [16, 1024, 1359, 100, {}, 1434425],
    [16, 1024, 172, 20e6 / 172, {}, 182537],
    [16, 100, 99248, 4, {}, 12098045],
    [16, 100, 383012, 3, {}, 46685618],
    [16, 4096, 3596, 5.5, {}, 14948956],
    [8, 20, 245572, 2.4, {}, 8092681],
    [16, 1024, 13562, 4.4, { block_size: 65536 }, 14189643],
    [16, 1024, 13564, 4.4, { bloom_bits: 10 }, 14327647],
    [32, 400, 50429, 2, { bloom_bits: 10 }, 22325499],
  ];
  it.each(measured)('with keys of %i and values of %i bytes, %i entries take the bytes db_bench 7.8.3 wrote, within 0.1 %%', (...row) => {
    const [key, value, entries, gap, changes, bytes] = row;
    const shape = createSstShape({ size: entry(key, value), options: options(changes), compressedFraction: 1 });
    expect(Math.abs(sstFileBytes(shape, entries, gap) / bytes - 1)).toBeLessThan(0.001);
  });

  it('cuts 4 KiB blocks after 4 entries of 16 + 1024, 33 of 16 + 100 and 1 of 16 + 4096', () => {
    const entriesPerBlock = (value: number): number =>
      createSstShape({ size: entry(16, value), options: options({}), compressedFraction: 1 }).entriesPerBlock;
    expect([1024, 100, 4096].map(entriesPerBlock)).toEqual([4, 33, 1]);
  });

  it("with snappy at db_bench's ratio of 0.5 comes within 0.1 % when the data fraction is known", () => {
    const shape = createSstShape({ size: entry(16, 100), options: options({}), compressedFraction: 0.5601 });
    expect(Math.abs(sstFileBytes(shape, 99036, 4) / 6769653 - 1)).toBeLessThan(0.001);
  });

  it('stores blocks raw when compression would save less than an eighth', () => {
    const bytes = (compressedFraction: number): number =>
      sstFileBytes(createSstShape({ size: entry(16, 1024), options: options({}), compressedFraction }), 1000, 10);
    expect(bytes(0.9)).toBe(bytes(1));
    expect(bytes(0.87)).toBeLessThan(bytes(1));
  });

  it('is nothing without entries, and grows with each entry and with a filter', () => {
    const plain = createSstShape({ size: entry(16, 100), options: options({}), compressedFraction: 1 });
    const filtered = createSstShape({ size: entry(16, 100), options: options({ bloom_bits: 10 }), compressedFraction: 1 });
    expect(sstFileBytes(plain, 0, 1)).toBe(0);
    expect(sstFileBytes(plain, 1001, 1)).toBeGreaterThan(sstFileBytes(plain, 1000, 1));
    expect(sstFileBytes(filtered, 8000, 1) - sstFileBytes(plain, 8000, 1)).toBeCloseTo(10000 + 80 + 36.5, 0);
  });

  it.runIf(sharedDir !== null).each(['t01-r64', 't05-r64-wb64'])(
    'of 100 entries or more in the recorded run %s is predicted within 0.1 %%',
    (run) => {
      const log = gunzipSync(readFileSync(join(sharedDir ?? '', 'truth', run, 'LOG.gz'))).toString('utf8');
      const shape = createSstShape({ size: entry(16, 1024), options: options({}), compressedFraction: 1 });
      const files = [...log.matchAll(/"table_file_creation".*?"file_size": (\d+).*?"num_entries": (\d+)/g)]
        .map((match) => ({ bytes: Number(match[1]), entries: Number(match[2]) }))
        .filter((file) => file.entries >= 100);
      expect(files.length).toBeGreaterThan(200);
      for (const { bytes, entries } of files) {
        // The gap of a flushed file; a compaction's output is denser, by at most one shared byte of 1055.
        expect(Math.abs(sstFileBytes(shape, entries, 20e6 / 15380) / bytes - 1)).toBeLessThan(0.001);
      }
    },
  );

  it('neighbouring keys share 7 bytes when dense and one less for each factor of 256 between them', () => {
    expect(sharedKeyBytes(8, 1)).toBeCloseTo(7, 1);
    expect(sharedKeyBytes(8, 20e6 / 15378)).toBeCloseTo(6.07, 1);
    expect(sharedKeyBytes(8, 256 * 256 * 16)).toBeCloseTo(5, 0);
    expect(sharedKeyBytes(0, 100)).toBe(0);
  });
});
