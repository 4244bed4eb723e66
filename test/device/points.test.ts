import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pointsOf } from '../../engine/device/points.js';
import { parseFioJson } from '../../engine/fio/json.js';
import { fioJob, fioPoint, fioText } from '../support/fio.js';

const read = (text: string, file = 'test.json') => pointsOf(parseFioJson(text, file));
const mib = 1048576;

describe('a run has a place and columns', () => {
  it('axes come from its options', () => {
    const point = fioPoint({ rw: 'randrw', rwmixread: 25, bs: '64k', iodepth: 16, numjobs: 2, readMibPerSec: 10, writeMibPerSec: 30 });
    expect(point).toMatchObject({ pattern: 'random', readPercent: 25, iodepth: 16, numjobs: 2, bsKib: 64, timestampSec: 1_700_000_000 });
    expect(point.columns.get('totalBytesPerSec')).toBe(40 * mib);
    expect(point.columns.get('writeOpsPerSec')).toBe(30 * 16);
    expect(point.columns.get('readClatMicros.p99')).toBe(1000);
    expect(point.columns.get('readClatMicros.min')).toBe(50);
  });

  it('an idle direction has rates of 0 and no latencies', () => {
    const point = fioPoint({ rw: 'randwrite', writeMibPerSec: 5 });
    expect(point.columns.get('readBytesPerSec')).toBe(0);
    expect([...point.columns.keys()].filter((name) => name.startsWith('readClat'))).toEqual([]);
  });

  it('one entry for several jobs is their sum already', () => {
    expect(fioPoint({ numjobs: 4, readMibPerSec: 8 }).columns.get('readBytesPerSec')).toBe(8 * mib);
  });

  it('one entry for each job is added up; means are weighted with requests, spread grows with the difference of the means', () => {
    const one = { ...fioJob({ numjobs: 2, rw: 'randread', readMibPerSec: 3 }) };
    const latency = (mean: number) => ({
      min: mean - 1,
      max: mean + 1,
      mean: mean * 1000,
      stddev: 0,
      N: 10,
      percentile: { '50.000000': mean * 1000 },
    });
    const entry = (mean: number, requests: number): object => ({
      ...one,
      read: { io_bytes: 1, io_kbytes: 1, bw_bytes: mib, bw: 1024, iops: 5, runtime: 1000, total_ios: requests, clat_ns: latency(mean) },
    });
    const { points } = read(fioText([entry(100, 10), entry(200, 30)]));
    expect(points).toHaveLength(1);
    expect(points[0]?.columns.get('readBytesPerSec')).toBe(2 * mib);
    expect(points[0]?.columns.get('readOpsPerSec')).toBe(10);
    // (10 * 100 + 30 * 200) / 40 = 175; variance (10 * 75^2 + 30 * 25^2) / 40 = 1875.
    expect(points[0]?.columns.get('readClatMicros.mean')).toBe(175);
    expect(points[0]?.columns.get('readClatMicros.stddev')).toBeCloseTo(Math.sqrt(1875), 10);
    expect(points[0]?.columns.get('readClatMicros.p50')).toBe(175);
  });

  it('unified reporting "mixed" is split as asked for', () => {
    const text = readFileSync(new URL('../fixtures/fio/fio-3.33-unified-mixed.json', import.meta.url), 'utf8');
    const [point] = read(text).points;
    expect(point?.columns.get('readBytesPerSec')).toBe((point?.columns.get('totalBytesPerSec') ?? 0) / 2);
  });

  it('unified reporting "both" is not counted twice', () => {
    const job = fioJob({ readMibPerSec: 1, writeMibPerSec: 1 });
    const [point] = read(fioText([{ ...job, mixed: (job as { read: unknown }).read }])).points;
    expect(point?.columns.get('totalBytesPerSec')).toBe(2 * mib);
  });

  it('jobs one after the other (stonewall) are points of their own', () => {
    const { points } = read(fioText([fioJob({ iodepth: 1, readMibPerSec: 1 }, 0), fioJob({ iodepth: 4, readMibPerSec: 2 }, 1)]));
    expect(points.map((point) => point.iodepth)).toEqual([1, 4]);
  });
});

describe('what has no place is told, one line each', () => {
  const messages = (text: string, file?: string): string[] => read(text, file).issues.map((issue) => issue.message);

  it.each([
    [fioJob({ error: 5, readMibPerSec: 1 }), 'not used: job "test" failed with error 5; its figures are not those of a whole run'],
    [fioJob({ rw: 'randtrim' }), 'not used: job "test": rw=randtrim is not a mix of reads and writes'],
    [fioJob({ bs: '1z', readMibPerSec: 1 }), 'not used: job "test": bs=1z is not one size in bytes'],
    [fioJob({ iodepth: 'deep', readMibPerSec: 1 }), 'not used: job "test": iodepth=deep is not a whole number above 0'],
    [fioJob({}), 'not used: job "test" moved no bytes'],
  ])('case %#', (job, message) => {
    const { points, issues } = read(fioText([job]));
    expect(points).toEqual([]);
    expect(issues.map((issue) => issue.message)).toEqual([message]);
    expect(issues[0]?.file).toBe('test.json');
  });

  it('a run without options', () => {
    const { 'job options': _, ...job } = fioJob({ readMibPerSec: 1 }) as Record<string, unknown>;
    expect(messages(fioText([job]))).toEqual([
      'not used: job "test" does not say its options (fio 2.1 prints none), so it has no place on the axes',
    ]);
  });

  it('different jobs at the same time', () => {
    expect(messages(fioText([fioJob({ rw: 'randread', readMibPerSec: 1 }), fioJob({ rw: 'randwrite', writeMibPerSec: 1 })]))[0]).toContain(
      'at the same time',
    );
  });

  it('fewer entries than jobs', () => {
    const job = fioJob({ numjobs: 3, readMibPerSec: 1 });
    expect(messages(fioText([job, job]))[0]).toContain('2 entries for numjobs=3');
  });

  it('several clients', () => {
    const client = (hostname: string): object => ({ ...fioJob({ readMibPerSec: 1 }), hostname });
    expect(messages(JSON.stringify({ client_stats: [client('a'), client('b')] }))).toEqual([
      "not used: 2 clients (a, b) ran at once; an envelope is of one machine's device",
    ]);
  });

  it('a file name that contradicts the options is reported, and the options count', () => {
    const text = fioText([fioJob({ rwmixread: 50, iodepth: 16, numjobs: 1, bs: '1m', readMibPerSec: 1 })]);
    expect(messages(text, 'grid/result_50_16_1_1024.json')).toEqual([]);
    expect(messages(text, 'result_75_16_2_1024.json')).toEqual([
      'the file name says rwmixread 75, its options 50; numjobs 2, its options 1: the options count',
    ]);
    expect(messages(fioText([fioJob({ rw: 'randwrite', iodepth: 16, numjobs: 1, writeMibPerSec: 1 })]), 'randread-16-1.json')).toEqual([
      'the file name says read percent 100, its options 0: the options count',
    ]);
  });
});
