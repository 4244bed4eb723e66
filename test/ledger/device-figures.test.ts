import { describe, expect, it } from 'vitest';
import { figuresOver } from '../../engine/ledger/device-series.js';
import { createDiskstatsReader } from '../../engine/ledger/diskstats.js';
import { createIostatReader } from '../../engine/ledger/iostat.js';
import { createSamplerReader } from '../../engine/ledger/sampler.js';

const mib = 1024 * 1024;

function read<T>(reader: { push(text: string): void; end(): T }, text: string): T {
  // In two pieces, cut inside a line.
  reader.push(text.slice(0, text.length >> 1));
  reader.push(text.slice(text.length >> 1));
  return reader.end();
}

const block = (rows: string, before = ''): string =>
  `${before}avg-cpu:  %user   %nice\n           0.63    0.00\n\nDevice             tps    MB_read/s    MB_wrtn/s    MB_read    MB_wrtn\n${rows}\n\n`;
const boot = block('nvme0n1          33.59         0.03        32.87     157618  148151858');
const iostatText = `Linux 4.15.0 (host) \t2022년 03월 15일 \t_x86_64_\t(40 CPU)\n\n${boot}${block('nvme0n1 287.00 0.50 146.65 0 146')}${block('nvme0n1 397.00 0.00 352.92 0 352')}`;

describe('iostat', () => {
  const iostat = (text: string, disk: string | null = null): ReturnType<ReturnType<typeof createIostatReader>['end']> =>
    read(createIostatReader({ disk, file: 'iostat.txt' }), text);

  it('gives a sample a block, from the rates, without the mean since boot', () => {
    expect(iostat(iostatText)).toEqual({
      name: 'nvme0n1',
      notes: [],
      samples: [
        { startSec: 0, endSec: 1, readBytes: 0.5 * mib, writtenBytes: 146.65 * mib },
        { startSec: 1, endSec: 2, readBytes: 0, writtenBytes: 352.92 * mib },
      ],
    });
  });

  it('a first block as short as the others (-y) is a sample; a longer interval is told by counts and rates', () => {
    const five = iostat(`Linux x\n${block('sda 1 0.00 100.00 0 500')}${block('sda 1 0.00 20.00 0 100')}`);
    expect(five.samples.map(({ endSec, writtenBytes }) => [endSec, writtenBytes / mib])).toEqual([
      [5, 500],
      [10, 100],
    ]);
  });

  it('the extended layout needs times, in either notation', () => {
    const header = 'Device r/s w/s rkB/s wkB/s rrqm/s wrqm/s %rrqm %wrqm\n';
    const extended = (times: readonly string[]): string =>
      times.map((time, index) => `${time}\navg-cpu: %user\n 1\n\n${header}sda 0 1 0.00 ${String(index * 1024)}.00 0 0 0 0\n\n`).join('');
    const expected = [2, 4].map(
      (mibPerSec, index) => expect.objectContaining({ endSec: 2 * (index + 1), writtenBytes: mibPerSec * mib }) as unknown,
    );
    expect(iostat(extended(['2022-03-15T23:59:58+0900', '2022-03-16T00:00:00+0900', '2022-03-16T00:00:02+0900'])).samples).toEqual(
      expected,
    );
    expect(iostat(extended(['03/15/2022 11:59:58 AM', '03/15/2022 12:00:00 PM', '03/15/2022 12:00:02 PM'])).samples).toEqual(expected);
    expect(() => iostat(extended(['', '', '']))).toThrow('iostat.txt: the length of an interval is not told (expected iostat -t');
  });

  it('of several devices it takes the one that moved, and asks when there are two', () => {
    const rows = (a: number, b: number): string =>
      block(
        `sda 1 0 ${String(a)}.00 0 ${String(a)}\nsda1 1 0 ${String(a)}.00 0 ${String(a)}\nloop0 1 0 9.00 0 9\nsdb 1 0 ${String(b)}.00 0 ${String(b)}`,
      );
    const of = (a: number, b: number): string => boot.replaceAll('nvme0n1', 'sda') + rows(a, b) + rows(a, b);
    expect(iostat(of(100, 0)).name).toBe('sda');
    expect(() => iostat(of(100, 1))).toThrow('iostat.txt: several devices moved something: found sda, sdb (expected one, named by --disk)');
    expect(iostat(of(100, 1), 'sdb').name).toBe('sdb');
    expect(() => iostat(of(100, 1), 'sdc')).toThrow('device sdc is not in it: found sda, sda1, loop0, sdb');
    expect(() => iostat('hello\n')).toThrow("iostat.txt: not iostat's output");
  });
});

describe('samples over the ledger', () => {
  const series = iostatSeries(4);

  it('count up to its end, the last one in part', () => {
    expect(figuresOver(series, 2.5, 'iostat', 'device')).toMatchObject({ writtenBytes: 250, readBytes: 0, notes: [] });
  });

  it('that go on after it, or do not reach its end, are noted', () => {
    expect(figuresOver(iostatSeries(10), 4, 'iostat', 'device')).toMatchObject({
      writtenBytes: 400,
      notes: ['iostat sda: 10.0 s of samples; the first 4.0 s count, as long as the ledger is'],
    });
    expect(figuresOver(series, 10, 'iostat', 'device').notes).toEqual(["iostat sda: only 4.0 s of the ledger's 10.0 s were sampled"]);
    expect(figuresOver(iostatSeries(0), 1, 'iostat', 'device')).toMatchObject({ writtenBytes: null, readBytes: null });
  });
});

function iostatSeries(count: number): Parameters<typeof figuresOver>[0] {
  const samples = Array.from({ length: count }, (_, index) => ({ startSec: index, endSec: index + 1, readBytes: 0, writtenBytes: 100 }));
  return { name: 'sda', samples, notes: [] };
}

describe('/proc/diskstats', () => {
  const row = (name: string, readSectors: number, writtenSectors: number): string =>
    ` 254       0 ${name} 1 2 ${String(readSectors)} 4 5 6 ${String(writtenSectors)} 8 9 10 11\n`;
  const diskstats = (text: string, disk: string | null = null): unknown => read(createDiskstatsReader({ disk, file: 'diskstats' }), text);

  it('gives the growth from the first snapshot to the last, in sectors of 512 bytes', () => {
    const text = `1700000000\n${row('vda', 10, 100)}${row('vda1', 10, 100)}${row('loop0', 1, 0)}\n1700000001\n${row('vda', 12, 150)}${row('vda1', 12, 150)}${row('loop0', 1, 0)}\n${row('vda', 20, 1100)}`;
    expect(diskstats(text)).toEqual({ source: 'diskstats', counts: 'device', readBytes: 10 * 512, writtenBytes: 1000 * 512, notes: [] });
  });

  it('one snapshot, falling counters and two busy disks are errors with a place', () => {
    expect(() => diskstats(row('vda', 1, 1))).toThrow('diskstats: one snapshot only (expected two or more snapshots');
    expect(() => diskstats('x\n')).toThrow('diskstats: no row of /proc/diskstats');
    expect(() => diskstats(row('vda', 5, 5) + row('vda', 4, 6))).toThrow('diskstats:2: counters of vda fall: the machine was restarted');
    const two = row('sda', 0, 0) + row('sdb', 0, 0) + row('sda', 1, 1) + row('sdb', 1, 2);
    expect(() => diskstats(two)).toThrow('several devices moved something: found sda, sdb');
    expect(diskstats(two, 'sdb')).toMatchObject({ writtenBytes: 1024 });
  });
});

describe("the sampler's CSV", () => {
  const sampler = (text: string): ReturnType<ReturnType<typeof createSamplerReader>['end']> =>
    read(createSamplerReader({ file: 's.csv' }), text);
  const header = 'secs,user_cpu,disk_read_bytes,disk_write_bytes\n';

  it('is cumulative; a cut last row is left out', () => {
    expect(sampler(`${header}1, 0.5, 10, 100\n3, 0.7, 10, 400\n4, 0.`).samples).toEqual([
      { startSec: 0, endSec: 1, readBytes: 10, writtenBytes: 100 },
      { startSec: 1, endSec: 3, readBytes: 0, writtenBytes: 300 },
    ]);
  });

  it('without its columns, without rows or with a row that goes back it is an error with its line', () => {
    expect(() => sampler('a,b\n1,2\n')).toThrow("s.csv:1: not a sampler's CSV");
    expect(() => sampler(header)).toThrow('s.csv:1: no sample');
    expect(() => sampler(`${header}1,0,1,1\n2,0,1,0\n3,0,1,2\n`)).toThrow('s.csv:3: a row that is not ascending numbers');
  });
});
