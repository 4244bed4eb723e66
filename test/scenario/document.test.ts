import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { PutmodelError, type Issue } from '../../engine/kernel/errors.js';
import { lsmSchema } from '../../engine/lsm/kind.js';
import { checkDocument, parsePath, readDocument, withValues } from '../../engine/scenario/document.js';
import { kindOf } from '../../engine/scenario/kinds.js';

function issuesOf(work: () => unknown): readonly Issue[] {
  try {
    work();
  } catch (error) {
    if (error instanceof PutmodelError) return error.issues;
    throw error;
  }
  throw new Error('expected a PutmodelError');
}

function issuesIn(text: string, settings: readonly string[] = []): readonly Issue[] {
  return issuesOf(() => checkDocument(readDocument(text, 'a.yaml', settings), lsmSchema));
}

describe('a document that cannot be parsed', () => {
  test.each([
    ['', 1, 1, 'the document is empty'],
    ['a: 1\na: 2\n', 2, 1, 'Map keys must be unique'],
    ['a: 1\n---\nb: 2\n', 2, 1, 'Source contains multiple documents'],
    ['{"kind": "lsm", "seed": ', 1, 25, 'Flow map must end with a }'],
    ['x: *y', 1, 1, 'Unresolved alias (the anchor must be set before the alias): y'],
  ])('%j is refused with its place', (text, line, column, message) => {
    const [issue] = issuesOf(() => readDocument(text, 'a.yaml'));
    expect(issue).toMatchObject({ code: 'INPUT_SYNTAX', file: 'a.yaml', line, column, message });
  });

  test.each(['[', '{a: ', '- ', '? '])('nesting by %j is refused in one line where it becomes too deep', (opening) => {
    expect(issuesOf(() => readDocument(opening.repeat(50_000), 'a.yaml'))).toEqual([
      expect.objectContaining({ code: 'INPUT_SYNTAX', message: 'nested too deeply', file: 'a.yaml', line: 1 }),
    ]);
  });

  test('an alias bomb is refused', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      'b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]',
      'c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]',
      'd: [*c,*c,*c,*c]',
    ].join('\n');
    expect(issuesOf(() => readDocument(bomb, 'a.yaml'))[0]).toMatchObject({ code: 'INPUT_SYNTAX' });
  });
});

describe('a document that parses but is wrong', () => {
  const text = `kind: lsm
seed: -1
workload:
  benchmark: filrandom
  key_size: 0
  value_size: 0
  thread: 4
lsm:
  write_buffer_size: "64MB"
  compression_type: none
  max_background_jobs: 2.5
duration_seconds: .nan
`;

  test('every error comes at once, in reading order, with line, column and path', () => {
    expect(issuesIn(text).map((issue) => [issue.line, issue.column, issue.path])).toEqual([
      [2, 7, 'seed'],
      [4, 14, 'workload.benchmark'],
      [6, 15, 'workload.value_size'],
      [7, 3, 'workload.thread'],
      [9, 22, 'lsm.write_buffer_size'],
      [10, 3, 'lsm.compression_type'],
      [11, 24, 'lsm.max_background_jobs'],
      [12, 19, 'duration_seconds'],
    ]);
  });

  test('unknown keys come with the nearest name, a db_bench flag with its option', () => {
    const byPath = new Map(issuesIn(text).map((issue) => [issue.path, issue.expected]));
    expect(byPath.get('workload.thread')).toBe('threads?');
    expect(byPath.get('lsm.compression_type')).toBe('compression?');
  });

  test('a size with a unit is told as a number', () => {
    const issue = issuesIn(text).find((one) => one.path === 'lsm.write_buffer_size');
    expect(issue).toMatchObject({ found: '"64MB"', expected: expect.stringContaining('write 67108864') as unknown });
  });

  test.each([
    ['rate: -5', 'workload.rate', '-5', 'a number above 0'],
    ['rate: .inf', 'workload.rate', 'Infinity', undefined],
    ['num: 99999999999999999999', 'workload.num', '100000000000000000000', 'a number of at most 9007199254740991'],
    ['num: 0', 'workload.num', '0', 'a number of at least 1'],
    ['threads: 1.5', 'workload.threads', '1.5', 'a whole number'],
    ['sync: 1', 'workload.sync', '1', 'true or false'],
    ['compression_ratio: 0', 'workload.compression_ratio', '0', 'a number above 0'],
  ])('workload {%s} is refused', (line, path, found, expected) => {
    const [issue] = issuesIn(`kind: lsm\nworkload: {${line}}\n`);
    expect(issue).toMatchObject({ code: 'INPUT_INVALID', path, found, line: 2, ...(expected === undefined ? {} : { expected }) });
  });

  test('of a union the alternative that was meant is checked', () => {
    const issues = issuesIn('kind: lsm\nworkload: {rate: {points: [{atSec: 1, opsPerSec: 5}, {atSec: 1, opsPerSec: 5}]}}\n');
    expect(issues).toEqual([expect.objectContaining({ path: 'workload.rate.points', message: 'the points must ascend in atSec' })]);
  });

  test('a negative size inside a list has its index in the path', () => {
    expect(issuesIn('kind: lsm\ninitial: {levels: [{level: 1, bytes: -1}]}')[0]).toMatchObject({
      path: 'initial.levels.0.bytes',
      found: '-1',
    });
  });
});

describe('--set', () => {
  test('changes a value, adds one, and makes the maps on the way', () => {
    const document = readDocument('kind: lsm\nlsm:\nseed: 3\n', 'a.yaml', [
      'lsm.max_background_jobs=8',
      'seed=4',
      'workload.rate={points: [{atSec: 0, opsPerSec: 5}]}',
    ]);
    expect(checkDocument(document, lsmSchema)).toEqual({
      kind: 'lsm',
      lsm: { max_background_jobs: 8 },
      seed: 4,
      workload: { rate: { points: [{ atSec: 0, opsPerSec: 5 }] } },
    });
  });

  test('reaches into lists by position', () => {
    const document = readDocument('initial: {levels: [{level: 1, bytes: 5}]}', 'a.yaml', ['initial.levels.0.bytes=7']);
    expect(document.value).toEqual({ initial: { levels: [{ level: 1, bytes: 7 }] } });
  });

  test('a wrong value is reported where it was given; the others keep their lines', () => {
    const issues = issuesIn('kind: lsm\nseed: -1\n', ['lsm.target_file_size_base=-1']);
    expect(issues.map((issue) => [issue.file, issue.line, issue.path])).toEqual([
      ['a.yaml', 2, 'seed'],
      ['--set lsm.target_file_size_base=-1', undefined, 'lsm.target_file_size_base'],
    ]);
  });

  test.each(['seed', '=1', 'a..b=1', 'seed.x=1', 'seed=[1'])('%j cannot be applied', (setting) => {
    expect(issuesOf(() => readDocument('kind: lsm\nseed: 1\n', 'a.yaml', [setting]))).toEqual([expect.objectContaining({ code: 'USAGE' })]);
  });

  test('a version keeps its digits: 7.10 is not 7.1', () => {
    const document = readDocument('kind: lsm', 'a.yaml', ['rocksdb_version=7.10']);
    expect(checkDocument(document, lsmSchema)).toMatchObject({ rocksdb_version: '7.10' });
    const wrong = readDocument('kind: lsm', 'a.yaml', ['rocksdb_version=abc']);
    expect(() => checkDocument(wrong, lsmSchema)).toThrow(
      'rocksdb_version: wrong value: found "abc" (expected major.minor or major.minor.patch, such as 7.8.3)',
    );
  });
});

describe('kindOf', () => {
  test.each([
    ['seed: 1', 'INPUT_INVALID', 'missing'],
    ['kind: lsn', 'INPUT_INVALID', 'no such kind'],
    ['kind: 7', 'INPUT_INVALID', 'no such kind'],
    ['[1]', 'INPUT_INVALID', 'missing'],
  ])('%j is refused', (text, code, message) => {
    expect(issuesOf(() => kindOf(readDocument(text, 'a.yaml')))).toEqual([expect.objectContaining({ code, message, file: 'a.yaml' })]);
  });
});

test('any JSON value survives being read, and no text makes the reader throw anything but PutmodelError', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 3 }), (text) => {
      expect(JSON.stringify(readDocument(text === 'null' ? '0' : text, 'a.json').value)).toBe(
        JSON.stringify(text === 'null' ? 0 : JSON.parse(text)),
      );
    }),
    { seed: 42, numRuns: 100 },
  );
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      try {
        checkDocument(readDocument(text, 'a.yaml'), lsmSchema);
      } catch (error) {
        expect(error).toBeInstanceOf(PutmodelError);
      }
    }),
    { seed: 42, numRuns: 500 },
  );
});

test('checkDocument gives the output of any schema', () => {
  expect(checkDocument(readDocument('a: 5', 'a.yaml'), z.strictObject({ a: z.number() }))).toEqual({ a: 5 });
});

describe('values put into a document', () => {
  const document = readDocument('a: { b: 1, list: [{ x: 1 }, { x: 2 }] }\nempty:\n', 'a.yaml');
  const place = { file: 'sweep.yaml', line: 3, column: 7 };

  test('change what stands at their path and share the rest; the original stays as it is', () => {
    const before = JSON.stringify(document.value);
    const { value } = withValues(document, [
      { path: parsePath('a.list.1.x'), value: 9, place },
      { path: parsePath('empty.new.deep'), value: true, place },
    ]);
    expect(value).toEqual({ a: { b: 1, list: [{ x: 1 }, { x: 9 }] }, empty: { new: { deep: true } } });
    expect(JSON.stringify(document.value)).toBe(before);
    expect((value as { a: { list: unknown[] } }).a.list[0]).toBe((document.value as { a: { list: unknown[] } }).a.list[0]);
  });

  test('are wrong at their own place, everything else where it stands', () => {
    const edited = withValues(document, [{ path: ['a', 'b'], value: 'x', place }]);
    expect(edited.placeOf(['a', 'b'])).toBe(place);
    expect(edited.placeOf(['a', 'list'])).toMatchObject({ file: 'a.yaml', line: 1 });
  });

  test('do not go through a plain value, nor reach what every object inherits', () => {
    expect(() => withValues(document, [{ path: ['a', 'b', 'c'], value: 1, place }])).toThrow(
      'sweep.yaml:3:7: a.b.c: a plain value has nothing inside: found 1',
    );
    expect(withValues(document, [{ path: ['constructor', 'name'], value: 1, place }]).value).toHaveProperty('constructor', { name: 1 });
  });
});
