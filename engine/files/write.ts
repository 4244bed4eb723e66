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
  // One name for each process and thread, so that two writers of one target do not mix; leading dot: not a result.
  const temporary = join(directory, `.${basename(path)}.${String(process.pid)}-${String(threadId)}.tmp`);
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
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new PutmodelError({ code: 'OUTPUT_FAILED', message: `cannot be written: ${reason}`, file: path });
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
