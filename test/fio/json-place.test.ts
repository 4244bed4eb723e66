import fc from 'fast-check';
import { expect, it } from 'vitest';
import { firstJsonError } from '../../engine/fio/json-place.js';

it.each([
  ['{"a": [}', 7],
  ['{"a" 1}', 5],
  ['{"a": 1,}', 8],
  ['[1, 2', 5],
  ['{"a": tru}', 6],
  ['{a: 1}', 1],
  ['[1 2]', 3],
  ['{"a": 1]', 7],
])('%s is wrong at %d', (text, offset) => {
  expect(firstJsonError(text)).toBe(offset);
});

it('correct JSON has no error before its end', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(firstJsonError(text)).toBe(text.length);
    }),
    { seed: 42 },
  );
});
