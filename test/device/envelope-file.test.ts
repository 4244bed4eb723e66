import { describe, expect, it } from 'vitest';
import { buildEnvelope } from '../../engine/device/envelope.js';
import { decodeEnvelope, encodeEnvelope, envelopeCsv } from '../../engine/device/envelope-file.js';
import { formatIssue, PutmodelError, type Issue } from '../../engine/kernel/errors.js';
import { fioPoint } from '../support/fio.js';

const { model } = buildEnvelope(
  [
    fioPoint({ rw: 'randwrite', writeMibPerSec: 1 }),
    fioPoint({ rw: 'randwrite', iodepth: 4, writeMibPerSec: 2 }),
    fioPoint({ rw: 'randread', iodepth: 4, readMibPerSec: 3 }),
    fioPoint({ rw: 'read', readMibPerSec: 9 }),
  ],
  { name: 'test', source: 'made for a test', inputs: [{ file: 'a.json', sha256: 'ab'.repeat(32) }] },
);

const issuesOf = (text: string): readonly Issue[] => {
  try {
    decodeEnvelope(text, 'model.json');
  } catch (error) {
    if (error instanceof PutmodelError) return error.issues;
    throw error;
  }
  throw new Error('nothing was thrown');
};

/** The model's JSON with some text replaced; the text must occur. */
const changed = (...replacements: readonly (readonly [RegExp, string])[]): string => {
  let text = encodeEnvelope(model);
  for (const [pattern, replacement] of replacements) {
    expect(text).toMatch(pattern);
    text = text.replace(pattern, replacement);
  }
  return text;
};

describe('envelope_model.json', () => {
  it('comes back as it went, schema version and input hashes included', () => {
    expect(decodeEnvelope(encodeEnvelope(model), 'model.json')).toEqual(model);
    expect(JSON.parse(encodeEnvelope(model))).toMatchObject({
      schema: 'putmodel/envelope/1',
      inputs: [{ file: 'a.json', sha256: 'ab'.repeat(32) }],
    });
  });

  it('has one line an array of numbers', () => {
    expect(encodeEnvelope(model).split('\n')).toContain('    "totalBytesPerSec": [1048576,2097152,null,3145728],');
  });

  it('refuses text that is not JSON', () => {
    expect(issuesOf('{')[0]).toMatchObject({ code: 'INPUT_SYNTAX', file: 'model.json' });
  });

  it('refuses another schema version by name', () => {
    expect(issuesOf(changed([/envelope\/1/, 'envelope/9'])).map(formatIssue)).toEqual([
      'model.json: schema: not a file this version reads: found "putmodel/envelope/9" (expected "putmodel/envelope/1")',
    ]);
    expect(issuesOf('{"name": "x"}').map(formatIssue)).toEqual([
      'model.json: schema: not a file this version reads: found no schema (expected "putmodel/envelope/1")',
    ]);
  });

  it('refuses knots that do not ascend, unknown keys and bad hashes, all at once', () => {
    const text = changed([/"notes"/, '"extra": 1, "notes"'], [/"(?:ab){32}"/, '"short"'], [/"iodepth": \[1,4\]/, '"iodepth": [4,1]']);
    expect(issuesOf(text).map((issue) => issue.path)).toEqual(
      expect.arrayContaining(['inputs.0.sha256', 'surfaces.random.axes.iodepth', '']),
    );
  });

  it('refuses arrays that do not fit the grid', () => {
    const text = changed([/"totalBytesPerSec": \[1048576,/, '"totalBytesPerSec": [']);
    expect(issuesOf(text)[0]).toMatchObject({
      path: 'surfaces.random.columns.totalBytesPerSec',
      message: '3 values for a grid of 4 points',
    });
  });

  it('refuses a model without any surface', () => {
    expect(issuesOf(JSON.stringify({ ...model, surfaces: {} }))[0]?.path).toBe('surfaces');
  });
});

describe('device_envelope.csv', () => {
  const lines = envelopeCsv(model).trimEnd().split('\n');

  it('has one header and one row a measured point; gaps have none', () => {
    expect(
      lines[0]?.startsWith('pattern,readPercent,iodepth,numjobs,bsKib,runs,spreadFraction,totalBytesPerSec,totalOpsPerSec,readBytesPerSec'),
    ).toBe(true);
    expect(lines.slice(1).map((line) => line.split(',').slice(0, 8).join(','))).toEqual([
      'random,0,1,1,4,1,0,1048576',
      'random,0,4,1,4,1,0,2097152',
      'random,100,4,1,4,1,0,3145728',
      'sequential,100,1,1,4,1,0,9437184',
    ]);
  });

  it('every row has as many cells as the header', () => {
    expect(new Set(lines.map((line) => line.split(',').length)).size).toBe(1);
  });

  it('percentiles stand in the order of their numbers', () => {
    const names = lines[0]?.split(',') ?? [];
    expect(names.indexOf('readClatMicros.p50')).toBeLessThan(names.indexOf('readClatMicros.p99'));
  });
});
