/** `--vary path=a,b,c`, several of them crossed: every combination as settings of a document. */
import { PutmodelError } from '../kernel/errors.js';

/** One combination: what is set, in the order of the variations, and what to call it. */
export interface Variation {
  readonly label: string;
  /** `path=value` each, as `--set` takes them. */
  readonly settings: readonly string[];
}

/** More than these belong in a sweep. */
const VARIATIONS_MAX = 1000;

/**
 * Every combination of the values, the last variation running fastest; without variations the one that sets nothing.
 * @throws PutmodelError USAGE for text without a path or a value, for the seed, for a path that is varied twice, and for more than 1,000
 * combinations
 */
export function crossVariations(texts: readonly string[]): readonly Variation[] {
  let combinations: readonly Variation[] = [{ label: '', settings: [] }];
  const paths = new Set<string>();
  for (const text of texts) {
    const { path, values } = parseVary(text);
    refusePath(path, paths.has(shortPath(path)));
    paths.add(shortPath(path));
    combinations = combinations.flatMap(({ label, settings }) =>
      values.map((value) => ({
        label: [...(label === '' ? [] : [label]), `${shortPath(path)}=${value}`].join(' '),
        settings: [...settings, `${path}=${value}`],
      })),
    );
    if (combinations.length <= VARIATIONS_MAX) continue;
    throw new PutmodelError({
      code: 'USAGE',
      message: 'too many combinations to compare',
      found: String(combinations.length),
      expected: `at most ${String(VARIATIONS_MAX)}; 'putmodel sweep' is for more`,
    });
  }
  return combinations;
}

function parseVary(text: string): { readonly path: string; readonly values: readonly string[] } {
  const equals = text.indexOf('=');
  const path = text.slice(0, Math.max(0, equals)).trim();
  const values = equals < 0 ? [] : splitValues(text.slice(equals + 1));
  if (path !== '' && values.length > 0 && values.every((value) => value !== '')) return { path, values };
  throw new PutmodelError({
    code: 'USAGE',
    message: 'cannot read --vary',
    found: JSON.stringify(text),
    expected: 'path=value,value,... such as lsm.max_background_jobs=2,4,8',
  });
}

/** Runs are compared seed by seed: a seed of one run alone would compare luck. */
function refusePath(path: string, isTwice: boolean): void {
  if (path === 'seed') throw new PutmodelError({ code: 'USAGE', message: 'the seed cannot be varied', found: path, expected: '--seeds N' });
  if (isTwice)
    throw new PutmodelError({
      code: 'USAGE',
      message: 'one path is varied twice',
      found: path,
      expected: `--vary ${path}= once, with all values`,
    });
}

/** At commas outside brackets and quotes: a value may be a list or a map. */
function splitValues(text: string): string[] {
  const values: string[] = [];
  let depth = 0;
  let quote = '';
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if (quote !== '') quote = character === quote ? '' : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth--;
    else if (character === ',' && depth === 0) {
      values.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  return [...values, text.slice(start).trim()];
}

/** RocksDB's names and the workload's need no prefix to be understood. */
function shortPath(path: string): string {
  return path.replace(/^(lsm|workload)\./, '');
}
