/** The built page as bytes: read once, served or written from memory, so that no request ever names a path on disk. */
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

/** Every file of a directory and its folders. */
export function readSite(directory: string): Site {
  const site = new Map<string, Uint8Array>();
  const folders = [''];
  for (const folder of folders) {
    const here = join(directory, folder);
    for (const name of listFiles(here)) site.set(`${folder}${name}`, readBytes(join(here, name)));
    folders.push(...listOwnDirectories(here).map((name) => `${folder}${name}/`));
  }
  return site;
}

/** Writes every file below a directory, which is made. @throws PutmodelError OUTPUT_FAILED */
export function writeSite(site: Site, directory: string): void {
  for (const [path, bytes] of site) writeFileAtomic(join(directory, ...path.split('/')), bytes);
}

/** Beside this file when built, in dist/ when this runs from source. */
function pageDirectories(): string[] {
  return ['../web/page/', '../../dist/web/page/'].map((path) => fileURLToPath(new URL(path, import.meta.url)));
}
