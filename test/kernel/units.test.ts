import { describe, expect, test } from 'vitest';
import { InvariantError, PutmodelError } from '../../engine/kernel/errors.js';
import {
  bytesPerSecToMibPerSec,
  bytesToMib,
  exactBytes,
  exactMicros,
  formatBytes,
  formatBytesPerSec,
  formatCount,
  formatFraction,
  formatMicros,
  formatSeconds,
  fractionToPercent,
  GIB,
  KIB,
  maxExactInteger,
  MIB,
  mibPerSecToBytesPerSec,
  mibToBytes,
  microsToSec,
  parseBytes,
  parseBytesPerSec,
  parseMicros,
  percentToFraction,
  secToMicros,
  TIB,
} from '../../engine/kernel/units.js';

function issueOf(action: () => unknown): { code: string; text: string } {
  try {
    action();
  } catch (error) {
    if (error instanceof PutmodelError) return { code: error.code, text: error.message };
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('converters', () => {
  test('KiB, MiB, GiB and TiB are powers of 1024', () => {
    expect([KIB, MIB, GIB, TIB]).toEqual([1024, 1048576, 1073741824, 1099511627776]);
  });

  test('each converter undoes its opposite', () => {
    expect(bytesToMib(67108864)).toBe(64);
    expect(mibToBytes(64)).toBe(67108864);
    expect(bytesPerSecToMibPerSec(16777216)).toBe(16);
    expect(mibPerSecToBytesPerSec(16)).toBe(16777216);
    expect(microsToSec(1500000)).toBe(1.5);
    expect(secToMicros(0.0000015)).toBe(2);
    expect(percentToFraction(42)).toBe(0.42);
    expect(fractionToPercent(0.25)).toBe(25);
  });
});

describe('exactBytes and exactMicros', () => {
  test('give back what can be counted exactly', () => {
    expect(exactBytes(0, 'bytes written')).toBe(0);
    expect(exactBytes(maxExactInteger, 'bytes written')).toBe(9007199254740991);
    expect(exactMicros(3600000000, 'the clock')).toBe(3600000000);
  });

  test('refuse more than 2^53 - 1 with SIMULATION_LIMIT', () => {
    expect(issueOf(() => exactBytes(2 ** 53, 'bytes written'))).toEqual({
      code: 'SIMULATION_LIMIT',
      text: 'bytes written goes beyond what can be counted exactly: found 9007199254740992 bytes (expected at most 2^53 - 1 = 9,007,199,254,740,991)',
    });
    expect(issueOf(() => exactMicros(Infinity, 'the clock')).code).toBe('SIMULATION_LIMIT');
  });

  test('take a fraction, a negative number or NaN for a mistake of the program', () => {
    for (const value of [0.5, -1, NaN, -Infinity]) {
      expect(() => exactBytes(value, 'bytes written')).toThrow(InvariantError);
      expect(() => exactMicros(value, 'the clock')).toThrow('the clock must be a whole number of microseconds');
    }
  });
});

describe('text for people', () => {
  test('counts are grouped by three', () => {
    expect([0, 7, 999, 1000, 15131, 1234567.5, -15131, 1e15].map(formatCount)).toEqual([
      '0', '7', '999', '1,000', '15,131', '1,234,568', '-15,131', '1,000,000,000,000,000',
    ]); // prettier-ignore
  });

  test('sizes carry the largest unit that leaves 1 or more, and never read 1024.0', () => {
    expect([0, 512, 1023, 1024, 65536, 1048575, 67108864, 1.5 * GIB, TIB, 5000 * TIB, -1536].map(formatBytes)).toEqual([
      '0 B', '512 B', '1023 B', '1.0 KiB', '64.0 KiB', '1.0 MiB', '64.0 MiB', '1.5 GiB', '1.0 TiB', '5000.0 TiB', '-1.5 KiB',
    ]); // prettier-ignore
    expect(formatBytesPerSec(65536000)).toBe('62.5 MiB/s');
  });

  test('times carry two units at most, and round into the next unit', () => {
    const texts = [
      0, 250, 999.4, 999.6, 1500, 999949, 999950, 12300000, 59949999, 59950000, 125000000, 3599.6e6, 5400e6, 86399.9e6, 183600e6,
    ];
    expect(texts.map(formatMicros)).toEqual([
      '0 us', '250 us', '999 us', '1.0 ms', '1.5 ms', '999.9 ms', '1.0 s', '12.3 s', '59.9 s', '1 min 00 s', '2 min 05 s',
      '1 h 00 min', '1 h 30 min', '1 d 00 h', '2 d 03 h',
    ]); // prettier-ignore
    expect(formatSeconds(7200)).toBe('2 h 00 min');
    expect(formatMicros(-1500)).toBe('-1.5 ms');
  });

  test('fractions read as percent', () => {
    expect(formatFraction(0.4216)).toBe('42.2 %');
  });

  test('what is not a finite number reads as a dash', () => {
    for (const value of [NaN, Infinity, -Infinity]) {
      expect(
        [formatCount, formatBytes, formatBytesPerSec, formatMicros, formatSeconds, formatFraction].map((format) => format(value)),
      ).toEqual(Array(6).fill('-'));
    }
  });
});

describe('quantities as people write them', () => {
  test('sizes: a unit of 1024, with or without a space, or plain bytes', () => {
    expect(['16777216', '64MiB', ' 64 MiB ', '1.5GiB', '512B', '0', '2TiB', '+4KiB', '1e9'].map((text) => parseBytes(text))).toEqual([
      16777216, 67108864, 67108864, 1610612736, 512, 0, 2199023255552, 4096, 1e9,
    ]);
  });

  test('rates: the same per second, or plain bytes per second', () => {
    expect(['1900MiB/s', '62.5 MiB/s', '16777216', '5.4GiB/s'].map((text) => parseBytesPerSec(text))).toEqual([
      1992294400, 65536000, 16777216, 5798205849.6,
    ]);
  });

  test('durations: a unit of time is needed, except for 0; decimals are exact', () => {
    expect(['250us', '1.5ms', '0.1s', '4.35s', '90 s', '30min', '2h', '1d', '0'].map((text) => parseMicros(text))).toEqual([
      250, 1500, 100000, 4350000, 90000000, 1800000000, 7200000000, 86400000000, 0,
    ]);
  });

  test('a missing unit is asked for', () => {
    expect(issueOf(() => parseMicros('90', { file: 'a.yaml', line: 3, column: 7, path: 'duration' }))).toEqual({
      code: 'INPUT_INVALID',
      text: 'a.yaml:3:7: duration: the unit is missing: us, ms, s, min, h, d: found "90" (expected "250us", "10ms", "90s", "30min" or "2h")',
    });
  });

  test('an unknown unit is named, with those that are known', () => {
    expect(issueOf(() => parseBytes('64MiX')).text).toContain('unknown unit MiX: use B, KiB, MiB, GiB, TiB: found "64MiX"');
    expect(issueOf(() => parseBytes('64constructor')).text).toContain('unknown unit constructor');
    expect(issueOf(() => parseMicros('5MB')).text).toContain('unknown unit MB: use us, ms');
  });

  test('MB and its kin are refused as ambiguous, with the unit to write instead', () => {
    expect(issueOf(() => parseBytes('64MB')).text).toContain('unit MB is ambiguous (powers of 1000 or of 1024): write MiB');
    expect(issueOf(() => parseBytes('64k')).text).toContain('write KiB');
    expect(issueOf(() => parseBytesPerSec('1900MB/s')).text).toContain('write MiB/s');
    expect(issueOf(() => parseBytesPerSec('1900G')).text).toContain('write GiB/s');
  });

  test('a rate without "/s" is told so', () => {
    expect(issueOf(() => parseBytesPerSec('1900MiB')).text).toContain('a rate is per second: write MiB/s');
  });

  test('negative, fractional, oversized and unreadable quantities are refused', () => {
    expect(issueOf(() => parseBytes('-5MiB')).text).toContain('a size cannot be negative');
    expect(issueOf(() => parseBytes('1.5B')).text).toContain('must come to a whole number of bytes');
    expect(issueOf(() => parseMicros('0.5us')).text).toContain('must come to a whole number of microseconds');
    expect(issueOf(() => parseBytes('9007199254740992')).text).toContain('above 2^53 - 1');
    expect(issueOf(() => parseBytesPerSec('1e99TiB/s')).text).toContain('above 2^53 - 1');
    for (const text of ['', 'MiB', 'NaN', 'Infinity', '1,5MiB', '0x10', '1.MiB', '.5MiB', '1 2']) {
      expect(issueOf(() => parseBytes(text)).code, text).toBe('INPUT_INVALID');
    }
  });
});
