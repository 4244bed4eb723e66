/** Reading from disk: the one way in for every file this program is given. What can't be read is one clear line, not a stack trace. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash, type Hash } from 'node:crypto';
import { closeSync, createReadStream, existsSync, openSync, readdirSync, readFileSync, readSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip, gunzipSync } from 'node:zlib';
import { PutmodelError } from '../kernel/errors.js';

export { existsSync };

/** True for an existing directory. */
export function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** An absolute path without links, as far as the path exists. */
export function realPath(path: string): string {
  const absolute = resolve(path);
  if (existsSync(absolute)) return realpathSync(absolute);
  const above = dirname(absolute);
  return above === absolute ? absolute : join(realPath(above), basename(absolute));
}

/** Size of a file; 0 where there is none. */
export function fileBytes(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** A file's bytes as they are. @throws PutmodelError INPUT_MISSING with the reason (not there, a directory, not allowed) */
export function readBytes(path: string): Uint8Array {
  const bytes = attempt(path, () => readFileSync(path));
  reads.getStore()?.push({ path, sha256: sha256(bytes) });
  return bytes;
}

/** A file that was read, whole. */
export interface FileRead {
  readonly path: string;
  readonly sha256: string;
}

/** The list of whoever watches; nobody, most of the time. */
const reads = new AsyncLocalStorage<FileRead[]>();

/** Does the work and says which files were read whole meanwhile: this is the only door, so none is left out. */
export function watchReads<T>(work: () => T): { readonly value: T; readonly reads: readonly FileRead[] } {
  const seen: FileRead[] = [];
  return { value: reads.run(seen, work), reads: seen };
}

/** A file as text (UTF-8, a byte order mark dropped; bytes that are not UTF-8 become U+FFFD); gzip is unpacked, whatever its name. @throws as `readBytes`; INPUT_SYNTAX for damaged gzip */
export function readText(path: string): string {
  return textOf(readBytes(path), path);
}

/** A file's text with the SHA-256 (hex) of its bytes on disk: what a result's manifest records. @throws as `readText` */
export function readHashedText(path: string): { readonly text: string; readonly sha256: string } {
  const bytes = readBytes(path);
  return { text: textOf(bytes, path), sha256: sha256(bytes) };
}

/**
 * A file's text in pieces, in constant memory; gzip is unpacked. Pieces break anywhere, but never inside a character.
 * @returns the SHA-256 (hex) of the bytes on disk
 * @throws as `readText`; whatever `onChunk` throws
 */
export async function streamText(path: string, onChunk: (text: string) => void): Promise<string> {
  const hash = createHash('sha256');
  const packed = isGzip(attempt(path, () => firstBytes(path)));
  const decoder = new StringDecoder('utf8');
  let first = true;
  const push = (text: string): void => {
    const clean = first ? text.replace(/^\ufeff/, '') : text;
    first = first && text === '';
    if (clean !== '') onChunk(clean);
  };
  const collect = async (source: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of source) push(decoder.write(chunk));
    push(decoder.end());
  };
  try {
    if (packed) await pipeline(createReadStream(path), hashed(hash), createGunzip(), collect);
    else {
      eachPiece(path, (piece) => {
        hash.update(piece);
        push(decoder.write(piece));
      });
      push(decoder.end());
    }
  } catch (error) {
    throw asIssue(path, error);
  }
  return hash.digest('hex');
}

/** SHA-256 (hex) of a file's bytes, and of its text, gzip unpacked: a packed copy has the same text. */
export interface FileHashes {
  readonly sha256: string;
  readonly textSha256: string;
}

/** As `streamText`, with both hashes. @throws as `streamText` */
export async function streamAndHash(path: string, onChunk: (text: string) => void): Promise<FileHashes> {
  const text = createHash('sha256');
  const sha256 = await streamText(path, (piece) => {
    text.update(piece);
    onChunk(piece);
  });
  return { sha256, textSha256: text.digest('hex') };
}

/** SHA-256 of bytes, or of a text's UTF-8, in hex. */
export function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}

/** SHA-256 of a file's bytes on disk, in hex, in constant memory. @throws as `readBytes` */
export function hashFile(path: string): string {
  return attempt(path, () => {
    const hash = createHash('sha256');
    eachPiece(path, (piece) => hash.update(piece));
    return hash.digest('hex');
  });
}

/** Small enough for a core's cache, so that a piece is read, hashed and decoded there (results/reference/ledger-speed.json). */
const pieceBytes = 64 * 1024;

/** A file in pieces, through one buffer: a piece is gone when the next one comes. A stream's fresh buffers cost a fifth of a LOG's reading. */
function eachPiece(path: string, onPiece: (piece: Buffer) => void): void {
  const buffer = Buffer.allocUnsafeSlow(pieceBytes);
  const file = openSync(path, 'r');
  try {
    for (let count = readSync(file, buffer); count > 0; count = readSync(file, buffer)) onPiece(buffer.subarray(0, count));
  } finally {
    closeSync(file);
  }
}

/** Names (not paths) of the directories in a directory, sorted in the same way. @throws PutmodelError INPUT_MISSING */
export function listDirectories(directory: string): readonly string[] {
  return attempt(directory, () => readdirSync(directory))
    .filter((name) => isDirectory(`${directory}/${name}`))
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Names (not paths) of a directory's plain files, sorted by code unit, so that every machine sees one order. @throws PutmodelError INPUT_MISSING */
export function listFiles(directory: string): readonly string[] {
  const entries = attempt(directory, () => readdirSync(directory, { withFileTypes: true }));
  const isFile = (entry: (typeof entries)[number]): boolean =>
    entry.isFile() || (entry.isSymbolicLink() && statSync(`${directory}/${entry.name}`, { throwIfNoEntry: false })?.isFile() === true);
  return entries
    .filter(isFile)
    .map((entry) => entry.name)
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Names of a directory's folders (not links to such), sorted by code unit. @throws PutmodelError INPUT_MISSING */
export function listOwnDirectories(directory: string): readonly string[] {
  const entries = attempt(directory, () => readdirSync(directory, { withFileTypes: true }));
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

function textOf(bytes: Uint8Array, path: string): string {
  const plain = isGzip(bytes) ? attempt(path, () => gunzipSync(bytes)) : bytes;
  return new TextDecoder().decode(plain);
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function firstBytes(path: string): Uint8Array {
  const bytes = new Uint8Array(2);
  const file = openSync(path, 'r');
  try {
    readSync(file, bytes, 0, 2, 0);
  } finally {
    closeSync(file);
  }
  return bytes;
}

/** Passes chunks on and hashes them on the way. */
function hashed(hash: Hash): (source: AsyncIterable<Buffer>) => AsyncIterable<Buffer> {
  return async function* (source) {
    for await (const chunk of source) {
      hash.update(chunk);
      yield chunk;
    }
  };
}

function attempt<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw asIssue(path, error);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  ENOTDIR: 'a part of the path is not a directory',
  EISDIR: 'it is a directory; a file was expected',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
};

/** System and gzip errors as issues; anything else (a reader's own error) as it is. */
function asIssue(path: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  if (code === undefined || error instanceof PutmodelError) return error;
  if (code.startsWith('Z_')) return new PutmodelError({ code: 'INPUT_SYNTAX', message: 'damaged gzip data', file: path });
  if (code.startsWith('ERR_')) return error;
  return new PutmodelError({ code: 'INPUT_MISSING', message: `cannot be read: ${reasons[code] ?? code}`, file: path });
}
