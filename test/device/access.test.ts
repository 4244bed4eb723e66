import { describe, expect, it } from 'vitest';
import { accessOf, accessPatterns, type IoMode, type Stream } from '../../engine/device/access.js';

const kib = 1024;
const mib = 1024 * 1024;
const defaults = { bytesPerSync: 0, readaheadBytes: 0, writableFileMaxBufferBytes: mib };
const streams = Object.keys(accessPatterns) as Stream[];
const modes: IoMode[] = ['buffered', 'rangeSync', 'direct'];

describe('the table of access patterns', () => {
  it('has a row with a source for every stream and mode', () => {
    expect(streams.toSorted()).toEqual(['compactionRead', 'compactionWrite', 'flush', 'sync', 'userRead', 'wal']);
    for (const stream of streams) for (const mode of modes) expect(accessPatterns[stream][mode].source.length).toBeGreaterThan(10);
  });

  it('write-back merges buffered writes to 1 MiB and keeps many in flight', () => {
    expect(accessOf('flush', 'buffered', defaults)).toEqual({ blockBytes: mib, iodepth: 16 });
  });

  it('range sync writes bytes_per_sync at a time', () => {
    expect(accessOf('compactionWrite', 'rangeSync', { ...defaults, bytesPerSync: 512 * kib })).toEqual({
      blockBytes: 512 * kib,
      iodepth: 16,
    });
    expect(accessOf('compactionWrite', 'rangeSync', { ...defaults, bytesPerSync: 64 * mib }).blockBytes).toBe(mib);
  });

  it('direct writes are one file buffer at a time', () => {
    expect(accessOf('flush', 'direct', { ...defaults, writableFileMaxBufferBytes: 256 * kib })).toEqual({
      blockBytes: 256 * kib,
      iodepth: 1,
    });
  });

  it('a WAL is never direct', () => {
    expect(accessOf('wal', 'direct', defaults)).toEqual(accessOf('wal', 'buffered', defaults));
  });

  it('compaction reads: kernel readahead of 128 KiB, or compaction_readahead_size; direct takes 2 MiB for 0, cut to 1 MiB requests', () => {
    expect(accessOf('compactionRead', 'buffered', defaults)).toEqual({ blockBytes: 128 * kib, iodepth: 2 });
    expect(accessOf('compactionRead', 'buffered', { ...defaults, readaheadBytes: 512 * kib }).blockBytes).toBe(512 * kib);
    expect(accessOf('compactionRead', 'direct', defaults)).toEqual({ blockBytes: mib, iodepth: 1 });
  });

  it('odd settings still give a usable answer', () => {
    for (const stream of streams) {
      for (const mode of modes) {
        const access = accessOf(stream, mode, { bytesPerSync: NaN, readaheadBytes: -1, writableFileMaxBufferBytes: 1 });
        expect(access.blockBytes).toBeGreaterThanOrEqual(4096);
        expect(access.blockBytes).toBeLessThanOrEqual(mib);
      }
    }
  });
});
