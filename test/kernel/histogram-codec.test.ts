import fc from 'fast-check';
import { decodeFromCompressedBase64, encodeIntoCompressedBase64, Float64Histogram } from 'hdr-histogram-js';
import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { PutmodelError } from '../../engine/kernel/errors.js';
import { decodeV2Base64, encodeV2Base64, toHgrm } from '../../engine/kernel/histogram-codec.js';
import { createHistogram, maxMicros, minMicros, recordValueWithCount, totalCount, type Histogram } from '../../engine/kernel/histogram.js';

const HOUR_MICROS = 3_600_000_000;

function recorded(values: readonly (readonly [number, number])[]): Histogram {
  const histogram = createHistogram();
  for (const [micros, count] of values) recordValueWithCount(histogram, micros, count);
  return histogram;
}

function byLibrary(values: readonly (readonly [number, number])[]): Float64Histogram {
  const histogram = new Float64Histogram(1, HOUR_MICROS, 3);
  for (const [micros, count] of values) histogram.recordValueWithCount(micros, count);
  return histogram;
}

const sameCounts = (a: Histogram, b: Histogram): boolean => Buffer.from(a.counts.buffer).equals(Buffer.from(b.counts.buffer));
const payload = (text: string): Buffer => inflateSync(Buffer.from(text, 'base64').subarray(8));

function issueOf(text: string): { code: string; message: string } {
  try {
    decodeV2Base64(text);
  } catch (error) {
    if (error instanceof PutmodelError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('V2 base64', () => {
  test('the text of a small histogram is fixed', () => {
    // Payload: 40 bytes of header, then slot 0 empty (00), slots 1 and 2 with 3 and 100 values (06, c8 01).
    const text = encodeV2Base64(recorded([[1, 3], [2, 100]])); // prettier-ignore
    expect(payload(text).toString('hex')).toBe(
      '1c849313' + '00000004' + '00000000' + '00000003' + '0000000000000001' + '00000000d693a400' + '3ff0000000000000' + '0006c801',
    );
    expect(text).toBe('HISTFAAAADd4AQEsANP/HISTEwAAAAQAAAAAAAAAAwAAAAAAAAABAAAAANaTpAA/8AAAAAAAAAAGyAFlLQVa');
  });

  test('hdr-histogram-js reads back every count, and so do we', () => {
    const values = fc.array(
      fc.tuple(fc.integer({ min: 0, max: HOUR_MICROS }), fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constant(2 ** 50))),
      {
        maxLength: 40,
      },
    );
    fc.assert(
      fc.property(values, (pairs) => {
        const text = encodeV2Base64(recorded(pairs));
        const theirs = decodeFromCompressedBase64(text, 64);
        const expected = byLibrary(pairs);
        expect(theirs.totalCount).toBe(expected.totalCount);
        for (const percent of [0, 50, 99, 100]) expect(theirs.getValueAtPercentile(percent)).toBe(expected.getValueAtPercentile(percent));
        const ours = decodeV2Base64(text);
        expect(sameCounts(ours, recorded(pairs))).toBe(true);
        expect(encodeV2Base64(ours)).toBe(text);
      }),
      { seed: 42, numRuns: 60 },
    );
  });

  test('the counts are encoded byte for byte as hdr-histogram-js does', () => {
    const pairs = [[0, 1], [1, 64], [5, 8191], [7, 2 ** 40], [2048, 1], [1e6, 5], [HOUR_MICROS, 2 ** 52]] as const; // prettier-ignore
    expect(payload(encodeV2Base64(recorded(pairs))).subarray(40)).toEqual(
      payload(encodeIntoCompressedBase64(byLibrary(pairs))).subarray(40),
    );
  });

  test('a histogram with more than 65,535 bytes of counts takes several stored blocks', () => {
    const histogram = createHistogram();
    for (let slot = 0; slot < 20_000; slot += 1) histogram.counts[slot] = 2 ** 40 + slot;
    const text = encodeV2Base64(histogram);
    expect(payload(text).length).toBeGreaterThan(65_535);
    expect(sameCounts(decodeV2Base64(text), histogram)).toBe(true);
  });

  test('an empty histogram survives', () => {
    expect(totalCount(decodeV2Base64(encodeV2Base64(createHistogram())))).toBe(0);
  });

  test('smallest and largest value come back as the ends of their slots', () => {
    const decoded = decodeV2Base64(encodeV2Base64(recorded([[4097, 1], [8190, 1]]))); // prettier-ignore
    expect([minMicros(decoded), maxMicros(decoded)]).toEqual([4096, 8191]);
  });

  test('reads what other HdrHistograms write, with other ranges too', () => {
    const theirs = new Float64Histogram(1000, 60_000_000, 2);
    theirs.recordValueWithCount(2_000_000, 7);
    const decoded = decodeV2Base64(encodeIntoCompressedBase64(theirs));
    expect(decoded).toMatchObject({ lowestDiscernibleMicros: 1000, highestTrackableMicros: 60_000_000, significantDigits: 2 });
    expect(totalCount(decoded)).toBe(7);
    expect(maxMicros(decoded)).toBe(theirs.getValueAtPercentile(100));
  });

  test('a text that is no histogram is refused in one line that quotes it', () => {
    for (const text of ['', 'not base64!', 'AAAA', 'HISTFAAAAC', encodeV2Base64(recorded([[5, 5]])).slice(0, 60)]) {
      const { code, message } = issueOf(text);
      expect(code, text).toBe('INPUT_SYNTAX');
      expect(message).toMatch(/^not an HdrHistogram: .*: found ".*" \(expected the base64 text of a V2 compressed histogram\)$/);
    }
  });

  test('a range beyond 2^52 is refused', () => {
    expect(issueOf(encodeIntoCompressedBase64(new Float64Histogram(1, 2 ** 52, 3)))).toEqual({
      code: 'INPUT_UNSUPPORTED',
      message:
        'the histogram has a range that this program cannot hold: found 1 to 4503599627370496 (expected a lowest value below 2^31 and a highest below 2^52)',
    });
  });
});

describe('toHgrm', () => {
  test('is the percentile table of hdr-histogram-js, in the unit asked for', () => {
    const pairs = [[3, 1], [900, 50], [4097, 30], [1e6, 2]] as const; // prettier-ignore
    expect(toHgrm(recorded(pairs))).toBe(byLibrary(pairs).outputPercentileDistribution(5, 1));
    expect(toHgrm(recorded(pairs), 1000)).toBe(byLibrary(pairs).outputPercentileDistribution(5, 1000));
    expect(toHgrm(recorded(pairs), 1000)).toContain('#[Max     =     1000.000, Total count    =           83]');
  });

  test('an empty histogram gives a table without rows', () => {
    expect(toHgrm(createHistogram())).toContain('Total count    =            0]');
  });
});
