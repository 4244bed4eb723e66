import { describe, expect, it } from 'vitest';
import { PutmodelError } from '../../engine/kernel/errors.js';
import { regimeOf, type RunFeatures } from '../../engine/lsm/features.js';
import { accuracySchemaName, judgeValidity, parseAccuracy, type AccuracyRow } from '../../engine/validation/validity.js';

const base: RunFeatures = {
  regime: 'limiter',
  compactionStyle: 'level',
  policy: 'rocksdb',
  compression: 'none',
  wal: false,
  directIo: false,
  distribution: 'uniform',
  threads: 1,
  backgroundJobs: 2,
  keySizeBytes: 16,
  valueSizeBytes: 1024,
  writeBufferBytes: 16_777_216,
  blockSizeBytes: 4096,
  seconds: 240,
};
const row = (name: string, putRateErrorPercent: number, features: Partial<RunFeatures> = {}): AccuracyRow => ({
  name,
  features: { ...base, ...features },
  putRateErrorPercent,
  writeAmplificationErrorPercent: 1,
  stallErrorPercent: 1,
  curveNrmse: 0.1,
});
const rows = [
  row('a', 1),
  row('b', -3, { valueSizeBytes: 100, backgroundJobs: 6 }),
  row('c', 2),
  row('u', 8, { compactionStyle: 'universal' }),
  row('x', 12, { regime: 'cpu', wal: true }),
];

describe('validity', () => {
  it('a run like the checked ones is inside, with the errors of its regime and style', () => {
    const verdict = judgeValidity(base, rows);
    // |errors| 1, 2, 3: median 2, 90th percentile 2.8.
    expect(verdict).toMatchObject({ inside: true, outside: [], runs: 3 });
    expect(verdict.expectedErrorPercent!.p50).toBe(2);
    expect(verdict.expectedErrorPercent!.p90).toBeCloseTo(2.8, 12);
    expect(verdict.expectedErrorPercent!.max).toBe(3);
  });

  it('what lies outside is said with what was checked', () => {
    const verdict = judgeValidity({ ...base, valueSizeBytes: 16_384, wal: true }, rows);
    expect(verdict.inside).toBe(false);
    expect(verdict.outside).toEqual(['WAL on (checked off)', 'value_size 16384 (checked 100-1024)']);
  });

  it('a quarter more than the largest checked value is still inside, and shorter runs always are', () => {
    expect(judgeValidity({ ...base, valueSizeBytes: 1280, seconds: 5 }, rows).inside).toBe(true);
    expect(judgeValidity({ ...base, seconds: 3600 }, rows).outside).toEqual(['seconds 3600 (checked 240)']);
  });

  it('a release is inside when one that follows the same rules was checked; rows that say none are of 7.8.3', () => {
    expect(judgeValidity({ ...base, rocksdbVersion: '7.8.3' }, rows).inside).toBe(true);
    expect(judgeValidity({ ...base, rocksdbVersion: '7.9.0' }, rows).inside).toBe(true);
    for (const version of ['3.0.0', '5.0.0', '7.10.2', '10.10.1', '99.1.0']) {
      expect(judgeValidity({ ...base, rocksdbVersion: version }, rows)).toMatchObject({
        inside: false,
        outside: [`rocksdb_version ${version} (checked 7.8.3)`],
        runs: 3,
      });
    }
    const newer = row('n', 1, { rocksdbVersion: '10.10.1' });
    expect(judgeValidity({ ...base, rocksdbVersion: '10.10.0' }, [...rows, newer]).inside).toBe(true);
  });

  it('a style that was not checked takes the errors of its regime', () => {
    const verdict = judgeValidity({ ...base, compactionStyle: 'fifo' }, rows);
    expect(verdict).toMatchObject({ inside: false, runs: 4, outside: ['compaction_style fifo (checked level, universal)'] });
  });

  it('a regime that was not checked has no expected error', () => {
    expect(judgeValidity({ ...base, regime: 'sync' }, rows)).toEqual({
      inside: false,
      outside: ['bound by waiting for syncs (checked limiter, cpu)'],
      expectedErrorPercent: null,
      runs: 0,
    });
    expect(judgeValidity(base, []).outside).toEqual(['bound by the rate limiter (checked nothing)']);
  });

  it('the regime is the resource that cost most seconds, whatever the cause of stall; without a table, the one that bound longest', () => {
    const table = [
      { cause: 'memtable', limit: 'rateLimiter', seconds: 100 },
      { cause: 'l0Slowdown', limit: 'cpu', seconds: 60 },
      { cause: 'none', limit: 'cpu', seconds: 50 },
      { cause: 'none', limit: 'jobSlots', seconds: 500 },
    ] as const;
    expect(regimeOf({ binding: [], table, next: null })).toBe('cpu');
    expect(regimeOf({ binding: [{ limit: 'deviceWrite', fraction: 0.7 }], table: [], next: null })).toBe('device');
    expect(regimeOf({ binding: [], table: [], next: null })).toBe('client');
  });

  it('an accuracy table is read back; another schema and broken rows are errors with their place', () => {
    expect(parseAccuracy({ schema: accuracySchemaName, rows })).toEqual(rows);
    expect(() => parseAccuracy({ schema: 'other/1', rows: [] }, 'accuracy.json')).toThrow(PutmodelError);
    expect(() => parseAccuracy({ schema: 'other/1', rows: [] }, 'accuracy.json')).toThrow(
      'accuracy.json: schema: not an accuracy table (expected putmodel/accuracy/1)',
    );
    expect(() => parseAccuracy({ schema: accuracySchemaName, rows: [...rows, { name: 'broken' }] })).toThrow(/^rows\[5\]: a row without/);
  });
});
