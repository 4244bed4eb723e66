/** From a document to a frozen scenario: check, fill in defaults, check together, freeze. Every problem keeps its place in the file. */
import type { z } from 'zod';
import { PutmodelError } from '../kernel/errors.js';
import { checkDocument, parsePath, type PositionedDocument } from './document.js';
import { deepFreeze } from './freeze.js';

/**
 * The scenario that `build` makes of a document's checked data. `name` is what to call it when it does not say: after its file.
 * @throws PutmodelError INPUT_INVALID with every problem and its place.
 */
export function resolveDocument<T, S>(document: PositionedDocument, schema: z.ZodType<T>, build: (checked: T, name: string) => S): S {
  const checked = checkDocument(document, schema);
  return deepFreeze(withPlaces(document, () => build(checked, nameOf(document.file))));
}

/** Adds file, line and column to issues that know their path only. */
function withPlaces<T>(document: PositionedDocument, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof PutmodelError)) throw error;
    throw new PutmodelError(
      error.issues.map((issue) => {
        if (issue.path === undefined || issue.file !== undefined) return issue;
        return { ...issue, ...document.placeOf(parsePath(issue.path)) };
      }),
    );
  }
}

/** `scenarios/fillrandom-nvme.yaml` is called `fillrandom-nvme`. */
function nameOf(file: string): string {
  const base = file.split(/[/\\]/).at(-1) ?? file;
  const stem = base.replace(/\.(ya?ml|json)$/i, '').replaceAll(/[^A-Za-z0-9._-]/g, '-');
  return /^[A-Za-z0-9]/.test(stem) ? stem.slice(0, 100) : 'scenario';
}
