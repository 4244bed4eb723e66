/**
 * Writing to disk, all or nothing: into a temporary file beside the target, synced, then renamed over it. A reader sees the old file or the
 * new one, never half of one, also after a crash or kill.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { PutmodelError } from '../kernel/errors.js';

/**
 * Replaces or makes a file; its directory is made when missing. After a failure nothing is left behind.
 * @throws PutmodelError OUTPUT_FAILED with the path and the reason
 */
export function writeFileAtomic(path: string, data: string | Uint8Array): void {
  const file = openFileAtomic(path);
  file.write(data);
  file.commit();
}

/** Characters that are gathered before they are written. */
const GATHERED_LENGTH = 65_536;

/** A file in the making: not seen by anyone before `commit`. */
export interface AtomicFile {
  /** @throws PutmodelError OUTPUT_FAILED; nothing is left behind then */
  write(data: string | Uint8Array): void;
  /** Syncs and takes the file's place. @throws as `write` */
  commit(): void;
  /** Leaves everything as it was. Does nothing after `commit`. */
  abandon(): void;
}

/** Begins a file that is written piece by piece, with the promises of `writeFileAtomic`. @throws PutmodelError OUTPUT_FAILED */
export function openFileAtomic(path: string): AtomicFile {
  const directory = dirname(path);
  // A name of its own, so that two writers of one target do not mix, on whatever hosts they are; leading dot: not a result.
  const temporary = join(directory, `.${basename(path)}.${randomBytes(8).toString('hex')}.tmp`);
  let file: number | null = null;
  let committed = false;
  const abandon = (): void => {
    if (file !== null) closeQuietly(file);
    file = null;
    if (!committed) removeQuietly(temporary);
  };
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      abandon();
      const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      throw new PutmodelError({ code: 'OUTPUT_FAILED', message: `cannot be written: ${reason}`, file: path });
    }
  };
  attempt(() => {
    makeDirectory(directory);
    file = openSync(temporary, 'w');
  });
  // Text is gathered, so that a history of many short lines costs few calls.
  let gathered = '';
  const flush = (): void => {
    const text = gathered;
    gathered = '';
    if (text !== '' && file !== null) writeFileSync(file, text);
  };
  return {
    write(data) {
      attempt(() => {
        if (typeof data === 'string') gathered += data;
        if (typeof data !== 'string' || gathered.length >= GATHERED_LENGTH) flush();
        if (typeof data !== 'string' && file !== null) writeFileSync(file, data);
      });
    },
    commit() {
      attempt(() => {
        if (file === null) return;
        flush();
        fsyncSync(file);
        closeSync(file);
        file = null;
        renameSync(temporary, path);
        committed = true;
        syncDirectory(directory);
      });
    },
    abandon,
  };
}

/** Makes a directory and those above it. Node's own way to do so never ends below /proc. @throws the system's error */
export function makeDirectory(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  const above = dirname(path);
  if (above !== path) makeDirectory(above);
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process may have made it meanwhile.
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
  }
}

/** Removes files of a directory, those that exist, and what writers that were killed left behind in it. */
export function removeFiles(directory: string, names: readonly string[]): void {
  for (const name of names) rmSync(join(directory, name), { force: true, recursive: true });
  for (const name of readdirSync(directory)) if (/^\..*\.[0-9a-f]{16}\.tmp$/.test(name)) removeQuietly(join(directory, name));
}

function closeQuietly(file: number): void {
  try {
    closeSync(file);
  } catch {
    // It was closed already: the failure was that of the rename.
  }
}

/** After a failure the first reason is the one to tell; that the temporary file could not be removed either follows from it. */
function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Such as ENOTDIR: then there is nothing to remove.
  }
}

/** Makes the rename itself durable. Windows can't open a directory; there the file system's own journal has to do. */
function syncDirectory(directory: string): void {
  if (process.platform === 'win32') return;
  const file = openSync(directory, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
