/**
 * A document as the part of a link after `#`: one `path=value` each, as `--set` has them, so that a link can be read, edited and typed:
 * `kind=lsm&device=debian-vm&lsm.write_buffer_size=16777216`. Values are JSON; a text that JSON would not read as anything else stands bare.
 */
import { isMap } from '../kernel/maps.js';

/** A document as plain data. */
export type DocumentData = Readonly<Record<string, unknown>>;

/** A link of more characters is a mistake. */
const maximumLength = 64 * 1024;

/** The document's link part, without `#`. */
export function encodeLink(document: DocumentData): string {
  return leavesOf(document, [])
    .map(([path, value]) => `${encodeURIComponent(path.join('.'))}=${encodeValue(value)}`)
    .join('&');
}

/** The document of a link part; null for one that is none: empty, too long, or with a path twice or through a value. */
export function decodeLink(text: string): DocumentData | null {
  const body = text.replace(/^#/, '');
  if (body === '' || body.length > maximumLength) return null;
  const document: Record<string, unknown> = {};
  for (const part of body.split('&')) {
    const equals = part.indexOf('=');
    if (equals < 1) return null;
    try {
      const path = decodeURIComponent(part.slice(0, equals)).split('.');
      if (!place(document, path, decodeValue(decodeURIComponent(part.slice(equals + 1))))) return null;
    } catch (error) {
      if (error instanceof URIError) return null;
      throw error;
    }
  }
  return document;
}

/** Maps are walked into; everything else, lists too, is one value. */
function leavesOf(value: DocumentData, path: readonly string[]): (readonly [path: readonly string[], value: unknown])[] {
  return Object.entries(value).flatMap(([key, item]) => {
    const here = [...path, key];
    if (item === undefined) return [];
    return isMap(item) && Object.keys(item).length > 0 ? leavesOf(item, here) : [[here, item] as const];
  });
}

function encodeValue(value: unknown): string {
  const text = typeof value === 'string' && decodeValue(value) === value ? value : JSON.stringify(value);
  // These are legible in a link, and no browser minds them there.
  return encodeURIComponent(text).replaceAll('%2F', '/').replaceAll('%2C', ',').replaceAll('%3A', ':');
}

function decodeValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function place(document: Record<string, unknown>, path: readonly string[], value: unknown): boolean {
  let map = document;
  for (const key of path.slice(0, -1)) {
    if (isNoKey(key)) return false;
    const next = map[key] ?? {};
    if (!isMap(next)) return false;
    map[key] = next;
    map = next;
  }
  const last = path.at(-1) ?? '';
  if (isNoKey(last) || Object.hasOwn(map, last)) return false;
  map[last] = value;
  return true;
}

function isNoKey(key: string): boolean {
  return key === '' || key === '__proto__' || key === 'constructor' || key === 'prototype';
}
