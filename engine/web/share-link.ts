/**
 * A document as the part of a link after `#`: one `path=value` each, as `--set` has them, so that a link can be read, edited and typed:
 * `kind=lsm&device=debian-vm&lsm.write_buffer_size=16777216`. Values are JSON; a text that JSON would not read as anything else stands bare.
 */
import { PutmodelError } from '../kernel/errors.js';
import { isMap } from '../kernel/maps.js';

/** A document as plain data. */
export type DocumentData = Readonly<Record<string, unknown>>;

/** Characters of a link part at most: more is a mistake. */
export const linkLengthMax = 64 * 1024;

/** The document's link part, without `#`. */
export function encodeLink(document: DocumentData): string {
  return leavesOf(document, [])
    .map(([path, value]) => `${encodeURIComponent(path.join('.'))}=${encodeValue(value)}`)
    .join('&');
}

/**
 * The document of a link part, with `#` or without; null for an empty one.
 * @throws PutmodelError INPUT_SYNTAX for one that is damaged: too long, or with a part that is no `path=value`, or a path twice or through a value
 */
export function decodeLink(text: string): DocumentData | null {
  const body = text.replace(/^#/, '');
  if (body === '') return null;
  if (body.length > linkLengthMax) throw damaged(`${String(body.length)} characters`, `at most ${String(linkLengthMax)}`);
  const document: Record<string, unknown> = {};
  for (const part of body.split('&')) {
    const [path = '', ...rest] = part.split('=');
    const isPlaced = rest.length > 0 && place(document, plain(path).split('.'), decodeValue(plain(rest.join('='))));
    if (!isPlaced) throw damaged(quoted(part), 'path=value, each path once');
  }
  return document;
}

function damaged(found: string, expected: string): PutmodelError {
  return new PutmodelError({ code: 'INPUT_SYNTAX', message: 'this link is damaged', found, expected });
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

/** What `%..` stands for. */
function plain(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) throw damaged(quoted(text), 'percent-encoded UTF-8');
    throw error;
  }
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
