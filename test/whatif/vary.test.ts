import { describe, expect, test } from 'vitest';
import { crossVariations } from '../../engine/whatif/vary.js';

describe('--vary', () => {
  test('without one there is one combination that sets nothing', () => {
    expect(crossVariations([])).toEqual([{ label: '', settings: [] }]);
  });

  test('several are crossed, the last running fastest; labels leave out what needs no saying', () => {
    expect(crossVariations(['lsm.max_background_jobs=2,4', 'policy=silk,greedy'])).toEqual([
      { label: 'max_background_jobs=2 policy=silk', settings: ['lsm.max_background_jobs=2', 'policy=silk'] },
      { label: 'max_background_jobs=2 policy=greedy', settings: ['lsm.max_background_jobs=2', 'policy=greedy'] },
      { label: 'max_background_jobs=4 policy=silk', settings: ['lsm.max_background_jobs=4', 'policy=silk'] },
      { label: 'max_background_jobs=4 policy=greedy', settings: ['lsm.max_background_jobs=4', 'policy=greedy'] },
    ]);
  });

  test('a comma inside brackets, braces or quotes does not part values', () => {
    const values = crossVariations(['workload.rate={points: [{atSec: 0, opsPerSec: 1}]},5', 'name="a,b"']).map(({ settings }) => settings);
    expect(values).toEqual([
      ['workload.rate={points: [{atSec: 0, opsPerSec: 1}]}', 'name="a,b"'],
      ['workload.rate=5', 'name="a,b"'],
    ]);
  });

  test.each(['', 'lsm.num_levels', '=1,2', 'lsm.num_levels=', 'lsm.num_levels=3,,4'])('%j cannot be read', (text) => {
    expect(() => crossVariations([text])).toThrow('cannot read --vary');
  });

  test('the seed is none of its paths, and no path is varied twice', () => {
    expect(() => crossVariations(['seed=1,2'])).toThrow('the seed cannot be varied');
    expect(() => crossVariations(['rocksdb_version=7.8,8.9', 'lsm.rocksdb_version=9.1'])).toThrow('one path is varied twice');
  });

  test('more than a thousand combinations belong in a sweep', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => String(index)).join(',');
    expect(() => crossVariations([`dtSec=${hundred}`, `puts=${hundred}`])).toThrow('too many combinations');
  });
});
