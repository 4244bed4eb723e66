/** Checks that users put on a result: `stall.stoppedSec<=0`. The left side is a path in the result document, the right side a number. */
import { PutmodelError, type Issue } from '../kernel/errors.js';
import { nearestName } from '../rocksdb/nearest.js';
import type { ResultDocument } from './kind.js';

const comparisons = {
  '<=': (a: number, b: number) => a <= b,
  '>=': (a: number, b: number) => a >= b,
  '==': (a: number, b: number) => a === b,
  '!=': (a: number, b: number) => a !== b,
  '<': (a: number, b: number) => a < b,
  '>': (a: number, b: number) => a > b,
} as const;

/** One check, read. */
export interface Requirement {
  readonly text: string;
  readonly path: string;
  readonly comparison: keyof typeof comparisons;
  readonly limit: number;
}

/**
 * `path<=number` (also >=, <, >, ==, !=; spaces do not count) as a requirement. `what` is what an error calls it.
 * @throws PutmodelError USAGE when it cannot be read.
 */
export function parseRequirement(text: string, what = '--require'): Requirement {
  const match = /^\s*([A-Za-z][A-Za-z0-9_.]*)\s*(<=|>=|==|!=|<|>)\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*$/i.exec(text);
  const [, path, comparison, limit] = match ?? [];
  if (path === undefined || comparison === undefined || limit === undefined || !Number.isFinite(Number(limit))) {
    throw new PutmodelError({
      code: 'USAGE',
      message: `cannot read ${what}`,
      found: JSON.stringify(text),
      expected: "a path, a comparison and a number, such as 'stall.stoppedSec<=0'",
    });
  }
  return { text: text.trim(), path, comparison: comparison as keyof typeof comparisons, limit: Number(limit) };
}

/** Whether a figure meets the requirement; NaN meets none. */
export function holds({ comparison, limit }: Requirement, value: number): boolean {
  return !Number.isNaN(value) && comparisons[comparison](value, limit);
}

/**
 * The issues of every requirement that the result does not meet (CHECK_FAILED; a figure that is null meets none), or of those that
 * name no figure of it (USAGE, with the nearest name). Empty: all met.
 */
export function checkRequirements(requirements: readonly Requirement[], document: ResultDocument): readonly Issue[] {
  return requirements.flatMap((requirement): Issue[] => {
    const value = figureAt(document, requirement.path);
    if (value === undefined) return [unknownFigure(requirement, document)];
    if (value !== null && holds(requirement, value)) return [];
    return [{ code: 'CHECK_FAILED', message: `requirement not met: ${requirement.text}`, found: String(value) }];
  });
}

/** The number (or null) at a dotted path, list positions included; undefined when there is no figure there. */
export function figureAt(document: ResultDocument, path: string): number | null | undefined {
  let value: unknown = document;
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[part];
  }
  return typeof value === 'number' || value === null ? value : undefined;
}

function unknownFigure({ text, path }: Requirement, document: ResultDocument): Issue {
  const nearest = nearestName(path, figurePaths(document));
  return {
    code: 'USAGE',
    message: `--require ${text} names no figure of the result`,
    found: path,
    expected: nearest === null ? 'a path in the JSON result, such as putRate.meanOpsPerSec' : `${nearest}?`,
  };
}

/** Paths of all figures outside lists. */
function figurePaths(document: ResultDocument): string[] {
  return Object.entries(document).flatMap(([key, value]) => {
    if (typeof value === 'number' || value === null) return [key];
    if (typeof value !== 'object' || Array.isArray(value) || ArrayBuffer.isView(value)) return [];
    return figurePaths(value as ResultDocument).map((inner) => `${key}.${inner}`);
  });
}
