/** Directories that live as long as a piece of work. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PutmodelError } from '../kernel/errors.js';

/**
 * Does the work in a new directory below `parent`, and removes it afterwards, whatever happened.
 * @throws PutmodelError OUTPUT_FAILED when it cannot be made; whatever the work throws
 */
export async function withScratch<T>(parent: string, work: (directory: string) => Promise<T>): Promise<T> {
  const directory = makeScratch(parent);
  try {
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function makeScratch(parent: string): string {
  try {
    return mkdtempSync(join(parent, 'putmodel-'));
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new PutmodelError({ code: 'OUTPUT_FAILED', message: `no directory can be made here: ${reason}`, file: parent });
  }
}
