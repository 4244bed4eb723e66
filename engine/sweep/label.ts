/**
 * Names of points. A template has its parts in braces: `{path}` is the value at a path of the scenario (an axis, a part of an axis's map,
 * or what the base has), `{path:.2f}` the number with two decimals; pieces with an `unless` are left out where all of its paths have the
 * values it names, or none at all. Without a template a point is called after its axes: `write_buffer_size=16777216 max_background_jobs=4`.
 */
import { PutmodelError } from '../kernel/errors.js';
import { canonicalJson } from '../scenario/json.js';
import { valueAt } from '../scenario/document.js';
import type { Axis } from './axes.js';
import type { SweepDocument } from './sweep-file.js';

/** The label of a point, given its axis values. */
export type Labeler = (values: readonly unknown[]) => string;

/**
 * What names the points of a sweep. `base` is the base scenario's data, for paths that are no axis.
 * @throws PutmodelError INPUT_INVALID, without a place, for a template that names what does not exist.
 */
export function createLabeler(template: SweepDocument['label'], axes: readonly Axis[], base: unknown): Labeler {
  if (template === undefined) return defaultLabeler(axes);
  const lookup = (path: string): ((values: readonly unknown[]) => unknown) => {
    const index = axes.findIndex((axis) => path === axis.path || path.startsWith(`${axis.path}.`));
    const within = path.slice((axes[index]?.path.length ?? 0) + 1);
    if (index !== -1) return (values) => (within === '' ? values[index] : valueAt(values[index], within.split('.')));
    const fixed = valueAt(base, path.split('.'));
    return () => fixed;
  };
  const pieces = (Array.isArray(template) ? template : [template]).map((piece) =>
    typeof piece === 'string' ? compile(piece, lookup) : unless(compile(piece.text, lookup), piece.unless, lookup),
  );
  return (values) => pieces.map((piece) => piece(values)).join('');
}

type Lookup = (path: string) => (values: readonly unknown[]) => unknown;

function unless(piece: Labeler, condition: Readonly<Record<string, unknown>>, lookup: Lookup): Labeler {
  const tests = Object.entries(condition).map(([path, value]) => {
    const find = lookup(path);
    const text = canonicalJson(value);
    return (values: readonly unknown[]): boolean => {
      const found = find(values);
      return found === undefined || canonicalJson(found) === text;
    };
  });
  return (values) => (tests.every((holds) => holds(values)) ? '' : piece(values));
}

const field = /\{([^{}:]+)(?::\.(\d)f)?\}/g;

function compile(text: string, lookup: Lookup): Labeler {
  const broken = text.replaceAll(field, '');
  if (/[{}]/.test(broken)) throw refused(`cannot read the label ${JSON.stringify(text)}`, '{path} or {path:.2f}');
  const parts: Labeler[] = [];
  let end = 0;
  for (const match of text.matchAll(field)) {
    const literal = text.slice(end, match.index);
    end = match.index + match[0].length;
    const [path = '', decimals] = [match[1], match[2]];
    const find = lookup(path);
    parts.push(
      () => literal,
      (values) => formatValue(find(values), path, decimals === undefined ? null : Number(decimals)),
    );
  }
  const rest = text.slice(end);
  return (values) => parts.map((part) => part(values)).join('') + rest;
}

function formatValue(value: unknown, path: string, decimals: number | null): string {
  if (value === undefined) throw refused(`the label names ${path}, which is neither an axis nor in the base scenario`);
  if (decimals === null) return typeof value === 'string' ? value : canonicalJson(value);
  if (typeof value !== 'number') throw refused(`the label asks for decimals of ${path}`, 'a number there');
  return value.toFixed(decimals);
}

/** Last words of the paths where they tell the axes apart; values that are maps or lists by their number in the axis. */
function defaultLabeler(axes: readonly Axis[]): Labeler {
  const lastWord = (path: string): string => path.slice(path.lastIndexOf('.') + 1);
  const words = axes.map(({ path }) => lastWord(path));
  const names = axes.map(({ path }, index) => (words.filter((word) => word === words[index]).length > 1 ? path : (words[index] ?? path)));
  return (values) =>
    values
      .map((value, index) => {
        const text =
          typeof value === 'string'
            ? value
            : isPlain(value)
              ? canonicalJson(value)
              : `#${String((axes[index]?.values.indexOf(value) ?? 0) + 1)}`;
        return `${names[index] ?? ''}=${text}`;
      })
      .join(' ');
}

function isPlain(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}

function refused(message: string, expected?: string): PutmodelError {
  return new PutmodelError({ code: 'INPUT_INVALID', message, expected });
}
