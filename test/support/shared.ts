/** Where the collection of real files and runs lies, for tests that use it. The project builds and passes its tests without it. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const candidate = fileURLToPath(new URL('../../../shared', import.meta.url));

/** The directory of real files beside the checkout, or null (a line is printed once a test file) where it is absent. */
export const sharedDir: string | null = existsSync(candidate) ? candidate : null;

if (sharedDir === null) console.warn('../shared is absent: tests over its real files are skipped');
