/**
 * Real programs that some end-to-end tests need. In CI (CI=true) they have to be there, so a test without its program fails; on a
 * laptop it is skipped, and a line says so.
 */
import { run } from './process.js';

/** Whether a missing program fails the test that needs it. */
export const isCi = process.env['CI'] === 'true';

/** Whether to skip a test that needs these programs: on a laptop that lacks one of them. Prints which. */
export function lacksTool(...names: readonly string[]): boolean {
  const missing = names.filter((name) => run('sh', ['-c', `command -v ${name}`]).status !== 0);
  if (missing.length === 0 || isCi) return false;
  console.warn(`skipped: ${missing.join(', ')} not installed (apt-get install fio rocksdb-tools chromium redis-server)`);
  return true;
}
