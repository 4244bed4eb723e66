/**
 * The one encoder of JSON. The bytes it gives are the bytes that are written and hashed, so its rules are part of the contract:
 * keys in the order they were inserted (`encodeJson`) or sorted (`canonicalJson`), typed arrays as arrays, NaN and the infinities as
 * null, -0 as 0, `undefined` left out. Numbers print as ECMAScript's shortest round-trip form, the same in every engine.
 */
import { invariant } from '../kernel/errors.js';

/** The value as JSON text with two-space indents and a final newline; arrays of numbers stand on one line. */
export function encodeJson(value: unknown): string {
  return `${encode(value, '', false, 0)}\n`;
}

/** The value as JSON text on one line with sorted keys and no newline: the form that scenario hashes are taken of. */
export function canonicalJson(value: unknown): string {
  return encode(value, null, true, 0);
}

/** Documents nest a handful deep; more means a cycle. */
const maximumDepth = 64;

/** `indent` null: one line, no spaces. */
function encode(value: unknown, indent: string | null, sorted: boolean, depth: number): string {
  invariant(depth <= maximumDepth, 'encodeJson: nested too deeply (a cycle?)');
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'number') return encodeNumber(value);
  if (typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  invariant(typeof value === 'object', `encodeJson: cannot encode a ${typeof value}`);
  if (ArrayBuffer.isView(value)) return encodeNumbers(numbersOf(value), indent === null ? ',' : ', ');
  if (Array.isArray(value)) return encodeList(value, indent, sorted, depth);
  return encodeObject(value, indent, sorted, depth);
}

function encodeNumber(value: number): string {
  if (!Number.isFinite(value)) return 'null';
  return value === 0 ? '0' : String(value);
}

/** Series hold long stretches of one value, whose text is made once. */
function encodeNumbers(numbers: ArrayLike<number>, separator: string): string {
  let body = '';
  let last = NaN;
  let text = '';
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i] ?? NaN;
    if (value !== last) {
      last = value;
      text = encodeNumber(value);
    }
    body += i === 0 ? text : separator + text;
  }
  return `[${body}]`;
}

function encodeList(list: readonly unknown[], indent: string | null, sorted: boolean, depth: number): string {
  if (list.length === 0) return '[]';
  const flat = list.every((item) => item === null || typeof item !== 'object');
  if (indent === null || flat) {
    const separator = indent === null ? ',' : ', ';
    return `[${list.map((item) => encode(item, null, sorted, depth + 1)).join(separator)}]`;
  }
  const inner = `${indent}  `;
  return `[\n${list.map((item) => inner + encode(item, inner, sorted, depth + 1)).join(',\n')}\n${indent}]`;
}

function encodeObject(value: object, indent: string | null, sorted: boolean, depth: number): string {
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  if (sorted) entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  if (entries.length === 0) return '{}';
  const inner = indent === null ? null : `${indent}  `;
  const colon = indent === null ? ':' : ': ';
  const body = entries.map(([key, item]) => `${inner ?? ''}${JSON.stringify(key)}${colon}${encode(item, inner, sorted, depth + 1)}`);
  return indent === null ? `{${body.join(',')}}` : `{\n${body.join(',\n')}\n${indent}}`;
}

function numbersOf(view: ArrayBufferView): ArrayLike<number> {
  if (view instanceof Float64Array || view instanceof Uint8Array) return view;
  if (view instanceof Int32Array || view instanceof Uint32Array) return view;
  invariant(false, 'encodeJson: this kind of typed array is not part of a result');
}
