import { describe, expect, test } from 'vitest';
import type { LogEvent } from '../../engine/rocksdb/log.js';
import { collectCosts, fitHost, recordBytes, withFits, type CostJob, type CostRecord } from '../../engine/validation/calibrate-host.js';
import { sampleHost } from '../scenario/sample.js';

/** Jobs that cost exactly 300 ns a record, 0.7 ns a byte and, for a merge, 50 ns a record and doubling. */
function exactJobs(bytesPerRecord: number): CostJob[] {
  return [1, 2, 3, 4, 5, 6].flatMap((size): CostJob[] => {
    const records = 10_000 * size;
    const bytes = records * bytesPerRecord;
    const plain = (300 * records + 0.7 * bytes) / 1000;
    const runs = 2 * 2 ** (size % 3);
    return [
      { work: 'flush', records, bytes, blocks: 0, runs: 1, cpuMicros: plain },
      { work: 'merge', records, bytes, blocks: 0, runs, cpuMicros: plain + (50 * records * (size % 3)) / 1000 },
    ];
  });
}

const record = (source: string, jobs: readonly CostJob[], codec: CostRecord['codec'] = 'none', usesWal = true): CostRecord => ({
  source,
  codec,
  usesWal,
  jobs,
  cold: null,
});

describe('costs from CPU times', () => {
  test('two value sizes tell the cost of a record from that of its bytes', () => {
    const fits = fitHost([record('small', exactJobs(116)), record('large', exactJobs(1016))], sampleHost);
    expect(fits.map(({ work, method }) => [work, method])).toEqual([
      ['flush', 'split'],
      ['merge', 'split'],
    ]);
    for (const fit of fits) {
      expect(fit.nanosPerRecord).toBeCloseTo(300, 6);
      expect(fit.nanosPerByte).toBeCloseTo(0.7, 9);
      for (const { jobs, p90Percent } of fit.residuals) expect([jobs, p90Percent < 1e-6]).toEqual([6, true]);
    }
    expect(fits[1]?.nanosPerRecordPerDoubling).toBeCloseTo(50, 6);
    expect(withFits(sampleHost, fits, [])).toMatchObject({
      ...{ flushNanosPerRecord: 300, flushNanosPerByte: 0.7, insertNanosPerRecord: sampleHost.insertNanosPerRecord },
      ...{ mergeNanosPerRecord: 300, mergeNanosPerByte: 0.7, mergeNanosPerRecordPerDoubling: 50 },
    });
  });

  test('one value size scales the base profile and keeps its split', () => {
    // The sample flush: 500 ns a record and 0.5 a byte, 1008 ns for 1016 B; these jobs: 300 + 0.7 x 1016 = 1011.2.
    const [flush] = fitHost([record('one', exactJobs(1016))], sampleHost);
    expect(flush?.method).toBe('scaled');
    expect(flush?.nanosPerRecord).toBeCloseTo((500 * 1011.2) / 1008, 9);
    expect(flush?.nanosPerByte).toBeCloseTo((0.5 * 1011.2) / 1008, 12);
  });

  test('bytes and blocks keep the split of the base profile', () => {
    const base = { ...sampleHost, mergeNanosPerByte: 0.25, mergeNanosPerBlock: 1000, flushNanosPerByte: 0.25, flushNanosPerBlock: 500 };
    // Ten records a block; bytes and blocks cost twice what they do in the base profile.
    const inBlocks = (jobs: readonly CostJob[]): CostJob[] =>
      jobs.map((job) => {
        const blocks = job.records / 10;
        const perBlock = job.work === 'flush' ? 500 : 1000;
        return { ...job, blocks, cpuMicros: job.cpuMicros + (2 * perBlock * blocks - 0.2 * job.bytes) / 1000 };
      });
    const fits = fitHost([record('small', inBlocks(exactJobs(116))), record('large', inBlocks(exactJobs(1016)))], base);
    for (const { nanosPerRecord, nanosPerByte, nanosPerBlock, work } of fits) {
      expect(nanosPerRecord).toBeCloseTo(300, 6);
      expect(nanosPerByte).toBeCloseTo(0.5, 9);
      expect(nanosPerBlock).toBeCloseTo(work === 'flush' ? 1000 : 2000, 6);
    }
  });

  test("a codec's own cost is taken off first", () => {
    const packed = (jobs: readonly CostJob[]): CostJob[] =>
      jobs.map((job) => ({ ...job, cpuMicros: job.cpuMicros + (job.bytes * (job.work === 'flush' ? 2 : 3)) / 1000 }));
    const fits = fitHost([record('s', packed(exactJobs(116)), 'snappy'), record('l', packed(exactJobs(1016)), 'snappy')], sampleHost);
    for (const fit of fits) expect(fit.nanosPerByte).toBeCloseTo(0.7, 9);
  });

  test('puts scale memtable and WAL alike, without the WAL only where there is none', () => {
    const base = {
      ...sampleHost,
      insertNanosPerRecord: 1000,
      insertNanosPerByte: 1,
      walNanosPerRecord: 300,
      walNanosPerByte: 1,
      walNanosPerGroup: 700,
    };
    // 1000 records of 100 B: 2.2 ms with a WAL, 1.1 ms without one; twice that was seen.
    const puts = (cpuMicros: number): CostJob[] =>
      [1, 2, 3, 4, 5].map(() => ({ work: 'put', records: 1000, bytes: 100_000, blocks: 0, runs: 1, cpuMicros }));
    const doubled = {
      insertNanosPerRecord: 2000,
      insertNanosPerByte: 2,
      walNanosPerRecord: 600,
      walNanosPerByte: 2,
      walNanosPerGroup: 1400,
    };
    expect(withFits(base, fitHost([record('wal', puts(4400))], base), [])).toMatchObject(doubled);
    expect(withFits(base, fitHost([record('none', puts(2200), 'none', false)], base), [])).toMatchObject(doubled);
  });

  test('puts of large memtables count what such memtables cost more', () => {
    const base = { ...sampleHost, insertNanosPerRecord: 1000, insertNanosPerByte: 0, insertNanosPerRecordPerDoubling: 500 };
    // 64 MiB: two doublings, 2 us a put; 6 us were seen.
    const puts: CostJob[] = [1, 2, 3, 4, 5].map(() => ({
      work: 'put',
      records: 65_536,
      bytes: 1 << 26,
      blocks: 0,
      runs: 1,
      cpuMicros: 6 * 65_536,
    }));
    const fitted = withFits(base, fitHost([record('large', puts, 'none', false)], base), []);
    expect(fitted).toMatchObject({ insertNanosPerRecord: 3000, insertNanosPerRecordPerDoubling: 1500 });
  });

  test('fewer than five jobs of a kind say nothing', () => {
    expect(fitHost([record('few', exactJobs(116).slice(0, 8))], sampleHost)).toEqual([]);
    expect(withFits(sampleHost, [], [])).toEqual(sampleHost);
  });
});

test('key and value bytes follow from the encoding of a memtable: varint, key, 8 bytes, varint, value', () => {
  expect(recordBytes(10 * (1 + 16 + 8 + 2 + 1024), 10)).toBe(1040);
  expect(recordBytes(1 + 16 + 8 + 1 + 100, 1)).toBe(116);
  expect(recordBytes(1 + 16 + 8 + 3 + 100_000, 1)).toBe(100_016);
});

/** A LOG whose store grows by 500 MB a merge of four L0 files; from 5 GB on a record takes twice the CPU time. */
function growingStore(): CostRecord {
  const { onEvent, finish } = collectCosts('LOG');
  const placed = { line: 1, atMicros: 0, thread: '1', family: null };
  const tell = (event: object): void => {
    onEvent({ ...placed, ...event } as LogEvent);
  };
  tell({ kind: 'option', table: true, name: 'block_size', value: '65536' });
  const flush = { job: 1, entries: 1000, payloadBytes: 1000 * (1 + 16 + 8 + 2 + 1000), memtables: 1, cpuMicros: 500 };
  tell({ kind: 'flushFinished', flush });
  for (let job = 2; job < 22; job++) {
    tell({ kind: 'fileCreated', job, file: job, bytes: 500e6 });
    const cpuMicros = (job - 1) * 500e6 > 5e9 ? 2e6 : 1e6;
    const inputs = [{ level: 0, files: [1, 2, 3, 4] }];
    tell({ kind: 'compactionFinished', compaction: { job, inputs, outputBytes: 600e6, recordsIn: 1000, cpuMicros } });
  }
  return finish();
}

test("a LOG's costs are those of warm memory, by its own blocks; what cold memory cost is told beside them", () => {
  const record = growingStore();
  expect(record.cold).toEqual({ warmBytes: 5e9, nanosPerByte: 2 });
  const merges = record.jobs.filter(({ work }) => work === 'merge');
  expect(merges).toHaveLength(10);
  for (const { cpuMicros, blocks } of merges) expect([cpuMicros, Math.round(1000 / blocks)]).toEqual([1e6, 64]);
  const fitted = withFits(sampleHost, fitHost([record], sampleHost), [record]);
  expect(fitted).toMatchObject({ warmPageBytes: 5e9, coldPageNanosPerByte: 2 });
});

test('memtables are filled from a switch on, or from the end of the stop that it brought; delayed fills and rests do not count', () => {
  const { onEvent, finish } = collectCosts('LOG');
  const at = (atMicros: number, event: object): void => {
    onEvent({ line: 1, atMicros, thread: '1', family: null, ...event } as LogEvent);
  };
  const flush = { job: 1, entries: 1000, payloadBytes: 1000 * (1 + 16 + 8 + 2 + 1000), memtables: 1, cpuMicros: 500 };
  const held = (atMicros: number, state: string, cause: string): void => {
    at(atMicros, { kind: 'stallRecalculated', state, cause });
  };
  const switched = (atMicros: number): void => {
    at(atMicros, { kind: 'memtableSwitched' });
  };
  switched(0);
  switched(100);
  // Stopped until the flush at 350 ends.
  held(101, 'stopped', 'memtable');
  at(350, { kind: 'flushFinished', flush });
  switched(480);
  // A flush beside puts changes nothing.
  at(500, { kind: 'flushFinished', flush });
  switched(590);
  held(591, 'delayed', 'l0Slowdown');
  at(600, { kind: 'flushFinished', flush });
  switched(1000);
  // A rest.
  switched(9000);
  expect(finish().jobs.flatMap(({ work, cpuMicros }) => (work === 'put' ? [cpuMicros] : []))).toEqual([100, 130, 110]);
});
