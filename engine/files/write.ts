/**
 * Writing to disk, all or nothing: into a temporary file beside the target, synced, then renamed over it. A reader sees the old file or the
 * new one, never half of one, also after a crash or kill.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { PutmodelError } from '../kernel/errors.js';

/**
 * Replaces or makes a file; its directory is made when missing. After a failure nothing is left behind.
 * @throws PutmodelError OUTPUT_FAILED with the path and the reason
 */
export function writeFileAtomic(path: string, data: string | Uint8Array): void {
  const directory = dirname(path);
  const temporary = temporaryOf(path);
  try {
    mkdirSync(directory, { recursive: true });
    const file = openSync(temporary, 'w');
    try {
      writeFileSync(file, data);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
    syncDirectory(directory);
  } catch (error) {
    removeQuietly(temporary);
    throw failure(error, path);
  }
}

/** A file that is written piece by piece. It takes the target's place at `commit`; after `abandon`, or a crash, the target is as it was. */
export interface AtomicFile {
  readonly write: (text: string) => void;
  readonly commit: () => void;
  readonly abandon: () => void;
}

/** Characters that are gathered before they are written. */
const bufferLength = 65_536;

/**
 * Begins to replace or make a file of any size; its directory is made when missing. Holds no more than one buffer.
 * @throws PutmodelError OUTPUT_FAILED here or from `write` and `commit`
 */
export function openAtomic(path: string): AtomicFile {
  const directory = dirname(path);
  const temporary = temporaryOf(path);
  const attempt = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      removeQuietly(temporary);
      throw failure(error, path);
    }
  };
  const file = attempt(() => {
    mkdirSync(directory, { recursive: true });
    return openSync(temporary, 'w');
  });
  let buffer = '';
  const flush = (): void => {
    if (buffer !== '') attempt(() => writeFileSync(file, buffer));
    buffer = '';
  };
  return {
    write(text) {
      buffer += text;
      if (buffer.length >= bufferLength) flush();
    },
    commit() {
      flush();
      attempt(() => {
        fsyncSync(file);
        closeSync(file);
        renameSync(temporary, path);
        syncDirectory(directory);
      });
    },
    abandon() {
      closeSync(file);
      removeQuietly(temporary);
    },
  };
}

/** One name for each process and thread, so that two writers of one target do not mix; leading dot: not a result. */
function temporaryOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.${String(process.pid)}-${String(threadId)}.tmp`);
}

function failure(error: unknown, path: string): PutmodelError {
  const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return new PutmodelError({ code: 'OUTPUT_FAILED', message: `cannot be written: ${reason}`, file: path });
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
