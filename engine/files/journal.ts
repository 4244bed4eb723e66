/**
 * A file of lines that only grows. What `append` has returned from survives the end of this process, however it ends; `sync` makes it
 * survive the end of the machine, too. A line that was cut off stays as it is: the next one begins on a line of its own, and the reader
 * tells whole lines from torn ones by their content.
 */
import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { PutmodelError } from '../kernel/errors.js';
import { makeDirectory } from './write.js';

/** A journal open for writing. */
export interface Journal {
  /** Appends whole lines; returns the offset of the first one's first byte. @throws PutmodelError OUTPUT_FAILED */
  append(lines: Uint8Array): number;
  sync(): void;
  /** Syncs and closes. */
  close(): void;
}

/** Opens a journal, or begins one. @throws PutmodelError OUTPUT_FAILED */
export function openJournal(path: string): Journal {
  return failingAs(path, () => {
    makeDirectory(dirname(path));
    const file = openSync(path, 'a+');
    const sizeBytes = (): number => fstatSync(file).size;
    const end = sizeBytes();
    let isTorn = end > 0 && byteAt(file, end - 1) !== newline;
    const write = (bytes: Uint8Array): void => {
      isTorn = true;
      for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
      isTorn = false;
    };
    return {
      append: (lines) =>
        failingAs(path, () => {
          if (isTorn) write(Uint8Array.of(newline));
          const start = sizeBytes();
          write(lines);
          return start;
        }),
      sync: () => failingAs(path, () => fsyncSync(file)),
      close: () =>
        failingAs(path, () => {
          fsyncSync(file);
          closeSync(file);
        }),
    };
  });
}

/** A journal open for reading; may be read while it grows. */
export interface JournalReader {
  /** Visits every line that ends in a newline, in order, with the offset of its first byte. */
  forEachLine(visit: (line: string, offsetBytes: number) => void): void;
  /** The line that begins at an offset. */
  lineAt(offsetBytes: number): string;
  close(): void;
}

const chunkBytes = 256 * 1024;
const newline = 10;

/** Opens a journal to read it. @throws PutmodelError INPUT_MISSING */
export function openJournalReader(path: string): JournalReader {
  const file = openForReading(path);
  const decoder = new TextDecoder();
  const chunk = new Uint8Array(chunkBytes);
  const readLine = (offsetBytes: number): Uint8Array => {
    const parts: Uint8Array[] = [];
    for (let at = offsetBytes; ;) {
      const count = readSync(file, chunk, 0, parts.length === 0 ? firstReadBytes : chunkBytes, at);
      const end = chunk.subarray(0, count).indexOf(newline);
      parts.push(chunk.slice(0, end === -1 ? count : end));
      if (end !== -1 || count === 0) return Buffer.concat(parts);
      at += count;
    }
  };
  return {
    forEachLine(visit) {
      let rest: Uint8Array = new Uint8Array(0);
      let restAt = 0;
      for (let at = 0; ;) {
        const count = readSync(file, chunk, 0, chunkBytes, at);
        if (count === 0) return;
        at += count;
        const bytes = rest.length === 0 ? chunk.slice(0, count) : Buffer.concat([rest, chunk.subarray(0, count)]);
        let start = 0;
        for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
          visit(decoder.decode(bytes.subarray(start, end)), restAt + start);
          start = end + 1;
        }
        rest = bytes.subarray(start);
        restAt += start;
      }
    },
    lineAt: (offsetBytes) => decoder.decode(readLine(offsetBytes)),
    close: () => closeSync(file),
  };
}

/** Most lines are shorter. */
const firstReadBytes = 4096;

function openForReading(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw new PutmodelError({ code: 'INPUT_MISSING', message: `cannot be read: ${codeOf(error)}`, file: path });
  }
}

function byteAt(file: number, offsetBytes: number): number | undefined {
  const byte = new Uint8Array(1);
  readSync(file, byte, 0, 1, offsetBytes);
  return byte[0];
}

function failingAs<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof PutmodelError) throw error;
    throw new PutmodelError({ code: 'OUTPUT_FAILED', message: `cannot be written: ${codeOf(error)}`, file: path });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
