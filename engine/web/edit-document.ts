/** Reading and changing one value of a document by its dotted path, without touching the document that there was. */
import type { DocumentData } from './share-link.js';
import { isMap } from '../kernel/maps.js';

/** The value at a path such as `lsm.write_buffer_size`; undefined where nothing is said. */
export function valueAt(document: DocumentData, path: string): unknown {
  let found: unknown = document;
  for (const key of path.split('.')) {
    if (!isMap(found)) return undefined;
    found = found[key];
  }
  return found;
}

/** A copy with the value at the path; undefined takes it out, with maps that are left empty. */
export function withValue(document: DocumentData, path: string, value: unknown): DocumentData {
  const [key = '', ...rest] = path.split('.');
  const inner = rest.length === 0 ? value : emptyToNothing(withValue(mapOf(document[key]), rest.join('.'), value));
  if (inner === undefined) return Object.fromEntries(Object.entries(document).filter(([name]) => name !== key));
  return { ...document, [key]: inner };
}

function emptyToNothing(map: DocumentData): DocumentData | undefined {
  return Object.keys(map).length === 0 ? undefined : map;
}

function mapOf(value: unknown): DocumentData {
  return isMap(value) ? value : {};
}
