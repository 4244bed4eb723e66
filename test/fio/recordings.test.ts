import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createBlkparseReader, type BlockEvent } from '../../engine/fio/blkparse.js';
import { createFioHistLogReader, type FioHistRow, type FioHistSummary } from '../../engine/fio/hist-log.js';
import { createIologReader, type IologRow, type IologSummary } from '../../engine/fio/iolog.js';
import { createFioLogReader, fioLogKindOf, type FioLogRow, type FioLogSummary } from '../../engine/fio/log.js';
import type { TextReader } from '../../engine/fio/scan.js';
import { sharedDir } from '../support/shared.js';

/** Pushes a text in pieces of `size` characters and gives the rows, copied, with the summary. */
function readAll<Row extends object, R>(
  create: (onRow: (row: Row) => void) => TextReader<R>,
  text: string,
  size = text.length,
): { readonly rows: readonly Row[]; readonly summary: R } {
  const rows: Row[] = [];
  const reader = create((row) => rows.push({ ...row }));
  for (let at = 0; at < text.length; at += Math.max(1, size)) reader.push(text.slice(at, at + Math.max(1, size)));
  return { summary: reader.end(), rows };
}

const readLog = (text: string, size?: number): { readonly rows: readonly FioLogRow[]; readonly summary: FioLogSummary } =>
  readAll<FioLogRow, FioLogSummary>((onRow) => createFioLogReader(onRow, { file: 'x_bw.log' }), text, size);
const readTrace = (text: string, size?: number): { readonly rows: readonly IologRow[]; readonly summary: IologSummary } =>
  readAll<IologRow, IologSummary>((onRow) => createIologReader(onRow, { file: 'x.iolog' }), text, size);

test('a trace has no size that no number holds', () => {
  const trace = (length: string): string => `fio version 3 iolog\n1 f add\n2 f read 0 ${length}\n`;
  expect(readTrace(trace('9007199254740991')).rows).toHaveLength(1);
  expect(() => readTrace(trace('99999999999999999999'))).toThrow('x.iolog:3: not a line of an I/O trace');
});

describe('a fio log', () => {
  test('of four columns is time, value, direction, block size', () => {
    const { rows, summary } = readLog('499, 296, 1, 0\n999, 344, 0, 0\n');
    expect(rows).toMatchObject([
      { timeMillis: 499, value: 296, direction: 1, blockBytes: 0, lineNumber: 1 },
      { timeMillis: 999, value: 344, direction: 0, blockBytes: 0, lineNumber: 2 },
    ]);
    expect(summary).toEqual({ rowCount: 2, directionCounts: [1, 1, 0], isAveraged: true, endMillis: 999 });
  });

  test('has a priority as fifth column, or an offset once the column holds what no priority is', () => {
    expect(readLog('1, 20, 0, 4096, 0\n').rows[0]).toMatchObject({ priority: 0, offsetBytes: NaN });
    expect(readLog('1, 20, 0, 4096, 0x8001\n').rows[0]).toMatchObject({ priority: 0x8001, offsetBytes: NaN });
    expect(readLog('1, 20, 0, 4096, 61440\n').rows[0]).toMatchObject({ priority: NaN, offsetBytes: 61440 });
  });

  test('of six columns has offset and priority; of seven the issue time, too', () => {
    expect(readLog('0, 7951, 1, 4096, 61440, 0x0000\n').rows[0]).toMatchObject({ offsetBytes: 61440, priority: 0, issueNanos: NaN });
    expect(readLog('0, 7951, 1, 4096, 61440, 0, 123456789\n').rows[0]).toMatchObject({ offsetBytes: 61440, issueNanos: 123456789 });
    expect(readLog('0, 7951, 1, 4096, 0, 123456789\n').rows[0]).toMatchObject({ priority: 0, issueNanos: 123456789 });
  });

  test('with two values a window gives average and maximum', () => {
    const { rows } = readLog('500, 95, 146, 1, 0, 0\n1000, 65, 70, 0, 0, 0\n');
    expect(rows).toMatchObject([
      { value: 95, maxValue: 146, direction: 1, blockBytes: 0 },
      { value: 65, maxValue: 70, direction: 0, blockBytes: 0 },
    ]);
  });

  test('trims of 2 GiB keep their size; an empty log is legal', () => {
    expect(readLog('21, 21775793, 2, 2147483648, 0\n').rows[0]).toMatchObject({ direction: 2, blockBytes: 2147483648 });
    expect(readLog('').summary).toEqual({ rowCount: 0, directionCounts: [0, 0, 0], isAveraged: false, endMillis: 0 });
  });

  test('names every bad line by its number', () => {
    expect(() => readLog('1, 2, 0, 0\n1, 2\n3, 4, 0, 0\n1, x, 0, 0\n1, 2, 7, 0')).toThrow(
      [
        'x_bw.log:2: not a row of a fio log: found "1, 2" (expected time, value, direction (0 read, 1 write, 2 trim), block size, ...)',
        'x_bw.log:4: not a row of a fio log: found "1, x, 0, 0" (expected time, value, direction (0 read, 1 write, 2 trim), block size, ...)',
        'x_bw.log:5: not a row of a fio log: found "1, 2, 7, 0" (expected time, value, direction (0 read, 1 write, 2 trim), block size, ...)',
      ].join('\n'),
    );
  });

  test('reads the same in pieces of any size, with any line ends', () => {
    const row = fc.tuple(fc.nat(1e9), fc.nat(1e12), fc.constantFrom(0, 1, 2), fc.nat(1e6));
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1, maxLength: 20 }),
        fc.constantFrom('\n', '\r\n'),
        fc.integer({ min: 1, max: 40 }),
        (list, end, size) => {
          const text = list.map((cells) => cells.join(', ')).join(end);
          const { rows } = readLog(text, size);
          expect(rows.map(({ timeMillis, value, direction, blockBytes }) => [timeMillis, value, direction, blockBytes])).toEqual(list);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('tells its kind by name alone', () => {
    expect(['a_bw.1.log', 'a_clat.17.log.gz', 'a_iops.log', 'a_clat_hist.1.log', 'a_slat.2.log', 'LOG'].map(fioLogKindOf)).toEqual([
      ...['bw', 'clat', 'iops', 'hist', 'slat'],
      null,
    ]);
  });
});

describe('a fio histogram log', () => {
  const read = (text: string, size?: number): { readonly rows: readonly FioHistRow[]; readonly summary: FioHistSummary } => {
    const rows: FioHistRow[] = [];
    const reader = createFioHistLogReader((row) => rows.push({ ...row, counts: row.counts.slice() }), { file: 'x_clat_hist.1.log' });
    for (let at = 0; at < text.length; at += size ?? text.length) reader.push(text.slice(at, at + (size ?? text.length)));
    return { summary: reader.end(), rows };
  };
  const line = (head: string, binCount: number, bins: Readonly<Record<number, number>> = {}): string =>
    `${head}, ${Array.from({ length: binCount }, (_, bin) => bins[bin] ?? 0).join(', ')}\n`;

  test('has 64 bins for each power of two of nanoseconds from 128 on, one for each below', () => {
    const { rows, summary } = read(line('1000, 0, 4096', 1856, { 3: 2, 1855: 1 }) + line('1000, 1, 4096', 1856));
    expect(summary).toEqual({ rowCount: 2, binCount: 1856 });
    expect(rows).toMatchObject([
      { timeMillis: 1000, direction: 0, blockBytes: 4096, lineNumber: 1 },
      { direction: 1, lineNumber: 2 },
    ]);
    const { counts, edgesNanos } = rows[0]!;
    expect([counts[3], counts[1855], counts.reduce((sum, count) => sum + count, 0)]).toEqual([2, 1, 3]);
    expect([127, 128, 129, 191, 192, 193, 256, 1856].map((bin) => edgesNanos[bin])).toEqual([127, 128, 130, 254, 256, 260, 512, 2 ** 34]);
  });

  test('has microseconds with 1216 bins (fio 2), and 2^c of them in one with log_hist_coarseness=c', () => {
    expect(read(line('1, 0, 512', 1216)).rows[0]!.edgesNanos[129]).toBe(130_000);
    for (const coarseness of [1, 2, 6]) {
      const { edgesNanos } = read(line('1, 0, 512', 1856 >> coarseness)).rows[0]!;
      expect([edgesNanos.length, edgesNanos[1], edgesNanos.at(-1)]).toEqual([(1856 >> coarseness) + 1, 2 ** coarseness, 2 ** 34]);
    }
  });

  test('agrees with the latency log of the same job: as many requests, and each percentile in the bin that counts say', () => {
    const fixture = (name: string): string => gunzipSync(readFileSync(new URL(`../fixtures/replay/${name}`, import.meta.url))).toString();
    const { rows, summary } = read(fixture('rw4k-hist_clat_hist.1.log.gz'), 1000);
    expect(summary).toEqual({ rowCount: 6, binCount: 464 });
    const endMillis = rows.at(-1)!.timeMillis;
    for (const direction of [0, 1]) {
      const all = readLog(fixture('rw4k-hist_clat.1.log.gz')).rows.filter((row) => row.direction === direction);
      const nanos = all
        .filter(({ timeMillis }) => timeMillis <= endMillis)
        .map(({ value }) => value)
        .sort((a, b) => a - b);
      const own = rows.filter((row) => row.direction === direction);
      const counts = own[0]!.counts.map((_, bin) => own.reduce((sum, row) => sum + row.counts[bin]!, 0));
      const expected = counts.map((_, bin) => {
        const [from, below] = [own[0]!.edgesNanos[bin]!, own[0]!.edgesNanos[bin + 1]!];
        return nanos.filter((value) => value >= from && value < below).length;
      });
      expect(nanos.length).toBeGreaterThan(400);
      expect(counts).toEqual(expected);
    }
  });

  test('names bad lines: another number of bins, a direction that is none, a count below zero', () => {
    const good = line('1, 0, 4096', 29);
    const text = `${good}1, 0, 4096, 0, 1\n${line('2, 3, 4096', 29)}${line('3, 0, 4096', 28)}${line('4, 0, 4096', 29, { 5: 18446744073709551615 })}${good}x\n`;
    expect(() => read(text)).toThrow(
      /^x_clat_hist.1.log:2: not a row of a fio histogram log.*\nx_clat_hist.1.log:3: .*\nx_clat_hist.1.log:4: .*\nx_clat_hist.1.log:5: .*\nx_clat_hist.1.log:7: .*$/,
    );
  });

  test.skipIf(sharedDir === null)('of fio 2.17 reads whole; one of fio 3.7 that counts below zero is refused by line', () => {
    const text = (name: string): string => readFileSync(join(sharedDir ?? '', 'data/fio-logs', name), 'utf8');
    const { rows } = read(text('pkb-2.17-randread_clat_hist.1.log'));
    expect(rows.slice(0, 2).map(({ counts }) => counts.reduce((sum, count) => sum + count, 0))).toEqual([8325, 7665]);
    expect(() => read(text('pbench-3.7-perf36_clat_hist.1.log'))).toThrow('x_clat_hist.1.log:1: not a row of a fio histogram log');
  });
});

describe('an iolog', () => {
  const v3 =
    'fio version 3 iolog\n21 dev0 add\n126 dev0 open\n131 dev0 write 61440 4096\n140 dev0 sync 0 0\n363 dev0 read 745472 4096\n714 dev0 close\n';

  test('of version 3 has a stamp in each line', () => {
    const { rows, summary } = readTrace(v3);
    expect(rows).toMatchObject([
      { timeMicros: 131, action: 'write', offsetBytes: 61440, lengthBytes: 4096, fileIndex: 0, lineNumber: 4 },
      { timeMicros: 140, action: 'sync' },
      { timeMicros: 363, action: 'read' },
    ]);
    expect(summary).toEqual({ version: 3, rowCount: 3, files: ['dev0'] });
  });

  test('of version 2 has waits, of which fio discards those below 100 us', () => {
    const text =
      'fio version 2 iolog\n/a add\n/b add\n/a open\n/b open\n/a wait 1500 0\n/b read 0 512\n/a wait 99 0\n/a trim 512 1024\n/a wait 100 0\n/b datasync 0 0\n/a close\n';
    expect(readTrace(text).rows).toMatchObject([
      { timeMicros: 1500, action: 'read', fileIndex: 1 },
      { timeMicros: 1500, action: 'trim', fileIndex: 0, lengthBytes: 1024 },
      { timeMicros: 1600, action: 'datasync', fileIndex: 1 },
    ]);
  });

  test('reads the same in pieces of any size', () => {
    const whole = readTrace(v3);
    for (let size = 1; size < 40; size++) expect(readTrace(v3, size)).toEqual(whole);
  });

  test('names bad lines: no header, a wait in version 3, a file that was not added', () => {
    expect(() => readTrace('0 1 2\n')).toThrow('x.iolog:1: not an I/O trace of a version this program reads');
    expect(() => readTrace('')).toThrow('x.iolog:1: not an I/O trace');
    expect(() => readTrace('fio version 3 iolog\n1 a add\n2 a wait 5 0\n3 b read 0 512\n4 a read 0\nx a read 0 1\n')).toThrow(
      /^x.iolog:3: .*\nx.iolog:4: this file was not added .*\nx.iolog:5: .*\nx.iolog:6: /,
    );
  });
});

describe('text of blkparse', () => {
  const text = readFileSync(new URL('../fixtures/replay/blkparse.txt', import.meta.url), 'utf8');
  const read = (content: string): { readonly rows: readonly BlockEvent[] } =>
    readAll<BlockEvent, unknown>((onEvent) => createBlkparseReader(onEvent, { file: 't.txt' }), content);

  test('gives what was queued, issued and completed, in bytes; the summary is not read', () => {
    const { rows } = read(text);
    expect(rows.map(({ action, kind }) => `${action} ${kind}`)).toEqual([
      ...['Q write', 'D write', 'Q read', 'D read', 'C write', 'C read', 'Q write', 'D write', 'D trim'],
    ]);
    expect(rows[1]).toMatchObject({ offsetBytes: 223490 * 512, lengthBytes: 4096, deviceId: 8 * 1048576, lineNumber: 6 });
    expect(rows[1]?.timeMicros).toBeCloseTo(40, 9);
    expect(rows[7]).toMatchObject({ kind: 'write', lengthBytes: 0 });
  });

  test('names lines that are no events', () => {
    expect(() => read('hello\n')).toThrow('t.txt:1: not an event of blkparse: found "hello"');
    expect(() => read('  8,0 1 1 0.5 1 D R 8 + 8 [x]\n  8,0 nothing\n')).toThrow('t.txt:2: not an event of blkparse');
  });
});

describe.skipIf(sharedDir === null)('real logs', () => {
  const directory = join(sharedDir ?? '', 'data/fio-logs');
  const textOf = (name: string): string => {
    const bytes = readFileSync(join(directory, name));
    return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  };

  test('every log but the histograms reads without a bad line', () => {
    const names = sharedDir === null ? [] : readdirSync(directory);
    const counts = names
      .filter((name) => !['hist', null].includes(fioLogKindOf(name)))
      .map((name) => [name, textOf(name).split('\n').length - 1, readLog(textOf(name)).summary.rowCount] as const);
    expect(counts.length).toBeGreaterThan(20);
    for (const [name, lines, rows] of counts) expect([name, rows]).toEqual([name, lines]);
    expect(readTrace(textOf('iolog-v3-fio-t0038.iolog')).summary.rowCount).toBe(20);
    expect(readTrace(textOf('local-iolog-v3-3.33.log')).rows.every(({ lengthBytes }) => lengthBytes === 4096)).toBe(true);
  });
});
