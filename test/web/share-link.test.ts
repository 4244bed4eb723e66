import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { valueAt, withValue } from '../../engine/web/edit-document.js';
import { decodeLink, encodeLink } from '../../engine/web/share-link.js';

const key = fc.stringMatching(/^[a-z_0-9]{1,8}$/).filter((name) => !['__proto__', 'constructor', 'prototype'].includes(name));
const leaf = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0 || 0),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.integer()),
);
const map = fc.dictionary(key, fc.oneof(leaf, fc.dictionary(key, leaf, { minKeys: 1, maxKeys: 4, noNullPrototype: true })), {
  minKeys: 1,
  maxKeys: 5,
  noNullPrototype: true,
});

describe('a link', () => {
  it('says each value by its path, as --set does', () => {
    const document = { kind: 'lsm', rocksdb_version: '7.8', device: 'read=1GiB/s,write=1GiB/s', lsm: { write_buffer_size: 16777216 } };
    expect(encodeLink(document)).toBe(
      'kind=lsm&rocksdb_version=%227.8%22&device=read%3D1GiB/s,write%3D1GiB/s&lsm.write_buffer_size=16777216',
    );
    expect(decodeLink(`#${encodeLink(document)}`)).toEqual(document);
  });

  it('gives back any document', () => {
    fc.assert(
      fc.property(map, (document) => {
        expect(decodeLink(encodeLink(document))).toEqual(document);
      }),
    );
  });

  it.each(['', '#'])('without anything gives null: %j', (text) => {
    expect(decodeLink(text)).toBeNull();
  });

  it.each([
    'kind',
    '#answer',
    'kind=lsm&devi',
    '=lsm',
    'a=1&a=2',
    'a=1&a.b=2',
    'a..b=1',
    '__proto__.x=1',
    'a=%E0%A4%A',
    `a=${'x'.repeat(70_000)}`,
  ])('that is damaged is told as such: %s', (text) => {
    expect(() => decodeLink(text)).toThrow(/^this link is damaged: found .* \(expected .*\)$/);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});

describe('a changed document', () => {
  it('has the value at its path, and the old one is as it was', () => {
    const before = { kind: 'lsm', lsm: { num_levels: 7 } };
    const after = withValue(before, 'workload.num', 5);
    expect(after).toEqual({ kind: 'lsm', lsm: { num_levels: 7 }, workload: { num: 5 } });
    expect(before).toEqual({ kind: 'lsm', lsm: { num_levels: 7 } });
    expect(valueAt(after, 'workload.num')).toBe(5);
    expect(valueAt(after, 'kind.num')).toBeUndefined();
  });

  it('loses a map with its last value', () => {
    expect(withValue({ kind: 'lsm', lsm: { num_levels: 7 } }, 'lsm.num_levels', undefined)).toEqual({ kind: 'lsm' });
    expect(withValue({ kind: 'lsm' }, 'lsm.num_levels', undefined)).toEqual({ kind: 'lsm' });
  });
});
