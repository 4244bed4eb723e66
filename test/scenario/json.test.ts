import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deepFreeze } from '../../engine/scenario/freeze.js';
import { canonicalJson, encodeJson } from '../../engine/scenario/json.js';

test('numbers that JSON lacks become null, minus zero becomes zero', () => {
  expect(canonicalJson([Number.NaN, Number.POSITIVE_INFINITY, -0, 0.1])).toBe('[null,null,0,0.1]');
});

test('typed arrays are written as arrays', () => {
  expect(canonicalJson({ a: new Float64Array([1, 2.5]), b: new Uint8Array([3]) })).toBe('{"a":[1,2.5],"b":[3]}');
});

test('canonicalJson sorts keys, encodeJson keeps their order; undefined is left out by both', () => {
  expect(canonicalJson({ b: 1, a: { d: undefined, c: 2 } })).toBe('{"a":{"c":2},"b":1}');
  expect(encodeJson({ b: 1, a: {} })).toBe('{\n  "b": 1,\n  "a": {}\n}\n');
});

test('lists of figures stand on one line, lists of objects on several', () => {
  expect(encodeJson({ x: [1, 2], y: [{ z: 1 }] })).toBe('{\n  "x": [1, 2],\n  "y": [\n    {\n      "z": 1\n    }\n  ]\n}\n');
});

test('a cycle is a mistake of the program and ends with a message, not with the stack', () => {
  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  expect(() => canonicalJson(cycle)).toThrow('nested too deeply');
});

test('what both encoders write is what JSON.parse reads', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const plain: unknown = JSON.parse(JSON.stringify(value));
      expect(JSON.parse(encodeJson(value))).toEqual(plain);
      expect(JSON.parse(canonicalJson(value))).toEqual(plain);
    }),
    { seed: 42, numRuns: 300 },
  );
});

test('deepFreeze freezes all but typed arrays', () => {
  const value = deepFreeze({ list: [{ a: 1 }, undefined], numbers: new Float64Array(1) });
  expect(Object.isFrozen(value.list[0])).toBe(true);
  value.numbers[0] = 5;
  expect(value.numbers[0]).toBe(5);
});
