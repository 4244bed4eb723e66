/** Measured reference tables (results/reference) and the glossary: data that comes with the package. */
import { existsSync, readFileSync } from 'node:fs';

/** The glossary of units (scenarios/data/glossary.json). */
export function readGlossary(): unknown {
  return JSON.parse(readFileSync(new URL('../../scenarios/data/glossary.json', import.meta.url), 'utf8'));
}

/** A JSON document of results/reference, two directories up from here; null where it does not exist. */
export function readReference(name: string): unknown {
  const url = new URL(`../../results/reference/${name}`, import.meta.url);
  return existsSync(url) ? JSON.parse(readFileSync(url, 'utf8')) : null;
}
