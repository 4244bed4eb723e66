/** Measured reference tables that come with the package (results/reference). */
import { existsSync, readFileSync } from 'node:fs';

/** A JSON document of results/reference, two directories up from here; null where it does not exist. */
export function readReference(name: string): unknown {
  const url = new URL(`../../results/reference/${name}`, import.meta.url);
  return existsSync(url) ? JSON.parse(readFileSync(url, 'utf8')) : null;
}
