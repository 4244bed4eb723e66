/** The built page as bytes, read once and served or written from memory; and directories of results, whose files are found by their exact names only. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PutmodelError } from '../kernel/errors.js';
import { existsSync, listOwnDirectories, listFiles, readBytes } from './read.js';
import { writeFileAtomic } from './write.js';

/** Files by their path below the root, with `/` between folders. */
export type Site = ReadonlyMap<string, Uint8Array>;

/** The page that comes with this package. @throws PutmodelError INPUT_MISSING where it was not built */
export function readPage(): Site {
  const directory = pageDirectories().find((path) => existsSync(join(path, 'assets')));
  if (directory !== undefined) return readSite(directory);
  throw new PutmodelError({ code: 'INPUT_MISSING', message: 'the page was not built', file: 'dist/web/page', expected: 'npm run build' });
}

/** Files of a directory and its folders as they are when one is asked for. */
export interface LiveSite {
  readonly names: () => readonly string[];
  /** undefined unless the path is one of the names, to the letter. @throws PutmodelError INPUT_MISSING where it went meanwhile */
  readonly get: (path: string) => Uint8Array | undefined;
}

/** The files below a directory, with those that will come. */
export function liveSite(directory: string): LiveSite {
  const names = (): readonly string[] => namesIn(directory);
  return { names, get: (path) => (names().includes(path) ? readBytes(join(directory, ...path.split('/'))) : undefined) };
}

function readSite(directory: string): Site {
  return new Map(namesIn(directory).map((name) => [name, readBytes(join(directory, ...name.split('/')))]));
}

function namesIn(directory: string): string[] {
  const names: string[] = [];
  const folders = [''];
  for (const folder of folders) {
    const here = join(directory, folder);
    names.push(...listFiles(here).map((name) => `${folder}${name}`));
    folders.push(...listOwnDirectories(here).map((name) => `${folder}${name}/`));
  }
  return names;
}

/** Writes every file below a directory, which is made. @throws PutmodelError OUTPUT_FAILED */
export function writeSite(site: Site, directory: string): void {
  for (const [path, bytes] of site) writeFileAtomic(join(directory, ...path.split('/')), bytes);
}

/** Beside this file when built, in dist/ when this runs from source. */
function pageDirectories(): string[] {
  return ['../web/page/', '../../dist/web/page/'].map((path) => fileURLToPath(new URL(path, import.meta.url)));
}
