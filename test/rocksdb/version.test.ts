import { describe, expect, it } from 'vitest';
import { PutmodelError } from '../../engine/kernel/errors.js';
import { behaviours, compareVersions, formatVersion, isAtLeast, parseVersion } from '../../engine/rocksdb/version.js';

const at = (text: string) => behaviours(parseVersion(text));

describe('RocksDB versions', () => {
  it('read two or three parts, and order by number, not by text', () => {
    expect(parseVersion('7.8')).toEqual({ major: 7, minor: 8, patch: 0 });
    expect(formatVersion(parseVersion(' v10.10.1 '))).toBe('10.10.1');
    expect(compareVersions(parseVersion('8.11'), parseVersion('8.4'))).toBeGreaterThan(0);
    expect(compareVersions(parseVersion('7.8.3'), parseVersion('7.8.3'))).toBe(0);
    expect(isAtLeast(parseVersion('10.0'), 9, 8)).toBe(true);
    expect(isAtLeast(parseVersion('9.7.9'), 9, 8)).toBe(false);
  });

  it('refuse other text with the place and an example', () => {
    for (const text of ['', '7', '7.8.3.4', 'seven', '7.8-rc1']) {
      expect(() => parseVersion(text, 'lsm.rocksdb_version')).toThrow(PutmodelError);
    }
    expect(() => parseVersion('7')).toThrow('rocksdb_version: not a RocksDB version: found "7" (expected major.minor or major.minor.patch');
  });

  it('switch behaviour at the tags where RocksDB changed', () => {
    expect([at('6.19').writeDelayRefillMicros, at('6.20').writeDelayRefillMicros]).toEqual([1024, 1000]);
    expect([at('7.3').userPriorityWhenDelayed, at('7.4').userPriorityWhenDelayed]).toEqual([false, true]);
    expect([at('7.5').subcompactionAnchors, at('7.6').subcompactionAnchors]).toEqual([false, true]);
    expect([at('7.7').grandparentAlignedOutputs, at('7.8').grandparentAlignedOutputs]).toEqual([false, true]);
    expect([at('7.7'), at('7.8'), at('9.1'), at('9.2')].map((b) => b.startLevelExpansionFactor)).toEqual([1, Infinity, Infinity, 2]);
    expect([at('8.2').limiterPartialGrants, at('8.3').limiterPartialGrants]).toEqual([false, true]);
    expect([at('8.9'), at('8.10'), at('9.7'), at('9.8')].map((b) => b.debtPressureRule)).toEqual([
      'quarterSoft',
      'bottommost',
      'bottommost',
      'bottommostFloor',
    ]);
    expect([at('8.11').sizeBasedIntraL0, at('9.0').sizeBasedIntraL0]).toEqual([false, true]);
    expect([at('8.0').stallCountLine, at('8.1').stallCountLine]).toEqual(['stalls', 'writeStall']);
  });
});
