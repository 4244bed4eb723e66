import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeRecord, encodeRecord } from '../../engine/sweep/record.js';

const figure = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value)));

describe('records', () => {
  test('come back from their line as they were, every bit of their numbers', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.array(figure), (runIndex, events, values) => {
        const record = { runIndex, events, values, histograms: {} };
        expect(decodeRecord(encodeRecord(record))).toEqual(record);
      }),
    );
  });

  test('of failed runs keep their error, whatever characters it holds', () => {
    fc.assert(
      fc.property(fc.nat(), fc.string({ unit: 'grapheme' }), (runIndex, error) => {
        const line = encodeRecord({ runIndex, events: 3, error });
        expect(line.indexOf('\n')).toBe(line.length - 1);
        expect(decodeRecord(line)).toEqual({ runIndex, events: 3, error });
      }),
    );
  });

  test('that were cut off anywhere, or changed anywhere, are told from whole ones', () => {
    const line = encodeRecord({ runIndex: 12, events: 345, values: [1.5, null, 2e-7], histograms: {} });
    for (let length = 0; length < line.length - 1; length++) expect(decodeRecord(line.slice(0, length))).toBeNull();
    for (let at = 0; at < line.length - 1; at++) {
      const changed = `${line.slice(0, at)}${line.charAt(at) === '7' ? '8' : '7'}${line.slice(at + 1)}`;
      expect(decodeRecord(changed)).toBeNull();
    }
  });
});
