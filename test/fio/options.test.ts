import { describe, expect, it } from 'vitest';
import { parseFioSize, readFioOptions } from '../../engine/fio/options.js';

describe('sizes', () => {
  it.each([
    ['4k', 4096],
    ['4K', 4096],
    ['4kb', 4096],
    ['4096B', 4096],
    ['16384', 16384],
    ['1m', 1048576],
    ['2g', 2147483648],
    ['4kib', 4000],
    ['0x1000', 4096],
  ])('%s is %d bytes', (text, bytes) => {
    expect(parseFioSize(text)).toBe(bytes);
  });

  it('kb_base=1000 swaps k and ki', () => {
    expect([parseFioSize('4k', 1000), parseFioSize('4kib', 1000)]).toEqual([4000, 4096]);
  });

  it.each(['1z', '10%', '', '-4k', '0', 'k', '1e3'])('"%s" is no size', (text) => {
    expect(parseFioSize(text)).toBeNull();
  });
});

describe('axes', () => {
  it("nothing said means fio's defaults: sequential reads of 4 KiB, one at a time", () => {
    expect(readFioOptions({})).toMatchObject({ pattern: 'sequential', readPercent: 100, blockBytes: 4096, iodepth: 1, numjobs: 1 });
  });

  it.each([
    [{ rw: 'randrw', rwmixread: '25' }, 'random', 25],
    [{ rw: 'rw', rwmixwrite: '30' }, 'sequential', 70],
    [{ rw: 'readwrite' }, 'sequential', 50],
    [{ rw: 'randwrite', rwmixread: '70' }, 'random', 0],
    [{ rw: 'randread:8' }, 'random', 100],
    [{ rw: 'randrw', percentage_random: '0' }, 'sequential', 50],
    [{ rw: 'randrw', percentage_random: '50' }, null, 50],
    [{ rw: 'randtrim' }, null, null],
    [{ rw: 'randrw', rwmixread: '250' }, 'random', null],
  ])('%o: %s, %s %% reads', (options, pattern, readPercent) => {
    expect(readFioOptions(options)).toMatchObject({ pattern, readPercent });
  });

  it('leading zeros are decimal', () => {
    expect(readFioOptions({ iodepth: '01', numjobs: '08' })).toMatchObject({ iodepth: 1, numjobs: 8 });
  });

  it('a synchronous engine has one request in flight whatever iodepth says', () => {
    expect(readFioOptions({ ioengine: 'psync', iodepth: '32' }).iodepth).toBe(1);
    expect(readFioOptions({ ioengine: 'io_uring', iodepth: '32' }).iodepth).toBe(32);
  });

  it('two block sizes count as the one that is used; both used is none', () => {
    expect(readFioOptions({ rw: 'read', bs: '8k,64k' }).blockBytes).toBe(8192);
    expect(readFioOptions({ rw: 'write', bs: '8k,64k' }).blockBytes).toBe(65536);
    expect(readFioOptions({ rw: 'write', bs: '8k,' }).blockBytes).toBe(4096);
    expect(readFioOptions({ rw: 'rw', bs: '8k,64k' }).blockBytes).toBeNull();
    expect(readFioOptions({ rw: 'rw', bssplit: '4k/50:64k/50' }).blockBytes).toBeNull();
  });
});
