/** Copying what is as it should be already. */
import { cpSync } from 'node:fs';
import { PutmodelError } from '../kernel/errors.js';

/** Copies a directory with all it holds into another; files of the same names are replaced. @throws PutmodelError OUTPUT_FAILED */
export function copyDirectory(from: string, to: string): void {
  try {
    cpSync(from, to, { recursive: true });
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new PutmodelError({ code: 'OUTPUT_FAILED', message: `cannot be copied from ${from}: ${reason}`, file: to });
  }
}
