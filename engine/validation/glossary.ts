/**
 * The glossary (scenarios/data/glossary.json) and the check that every number this program writes has its unit in it: by the ending of its
 * name, by a name that a document or RocksDB owns, or by a `unit` beside it. Percentiles, levels and the glossary's `parts` (max, a codec, a
 * phase) take the unit of what holds them; what stands `elsewhere` (RocksDB's options) has its unit there.
 */
import { PutmodelError } from '../kernel/errors.js';

/** What a name or an ending stands for. */
export interface GlossaryEntry {
  readonly unit: string;
  readonly meaning: string;
}

/** Units by the last words of a camelCase name, and by whole names. */
export interface Glossary {
  readonly schema: 'putmodel/glossary/1';
  readonly endings: Readonly<Record<string, GlossaryEntry>>;
  readonly names: Readonly<Record<string, GlossaryEntry>>;
  readonly parts: readonly string[];
  /** Names whose content has its units told somewhere else, and where. */
  readonly elsewhere: Readonly<Record<string, string>>;
}

/** A number whose unit nobody says. */
export interface UnnamedUnit {
  readonly document: string;
  readonly path: string;
}

/** What was checked, and what was found wanting. */
export interface UnitCheck {
  readonly numbers: number;
  /** Different names among them. */
  readonly names: readonly string[];
  readonly faults: readonly UnnamedUnit[];
}

/** The glossary in a JSON document. @throws PutmodelError INPUT_INVALID for another document */
export function parseGlossary(document: unknown, file: string): Glossary {
  const isGlossary = typeof document === 'object' && document !== null && 'schema' in document && document.schema === 'putmodel/glossary/1';
  const sections = ['endings', 'names', 'parts', 'elsewhere'];
  if (isGlossary && sections.every((section) => section in document)) return document as unknown as Glossary;
  throw new PutmodelError({ code: 'INPUT_INVALID', message: 'not a glossary', file, expected: 'schema putmodel/glossary/1' });
}

/** The entry of a name; null for one without a unit. Names with underscores are read as camelCase. */
export function unitOf(name: string, { endings, names }: Glossary): GlossaryEntry | null {
  if (Object.hasOwn(names, name)) return names[name] ?? null;
  const camel = name.replaceAll(/_+([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase());
  // The longest ending wins: bytesPerSec before sec.
  const ending = Object.keys(endings)
    .filter((one) => camel === one || camel.endsWith(one.charAt(0).toUpperCase() + one.slice(1)))
    .sort((a, b) => b.length - a.length)[0];
  return ending === undefined ? null : (endings[ending] ?? null);
}

/** Whether the innermost name that is no part has a unit. `path` from the outermost. */
function hasUnit(path: readonly string[], glossary: Glossary): boolean {
  const names = path.flatMap((name) => name.split(/\.(?=[a-z])/));
  if (names.some((name) => Object.hasOwn(glossary.elsewhere, name))) return true;
  const isPart = (name: string): boolean => glossary.parts.includes(name) || /^(p\d+(\.\d+)?|L\d+)$/.test(name);
  const own = names.findLast((name) => unitOf(name, glossary) !== null || !isPart(name));
  return own !== undefined && unitOf(own, glossary) !== null;
}

/** Checks every number of documents (by name), and the columns of CSV headers. */
export function checkUnitNames(
  documents: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>>,
  glossary: Glossary,
): UnitCheck {
  const found: { readonly document: string; readonly path: string; readonly names: readonly string[] }[] = [];
  for (const [document, value] of Object.entries(documents)) {
    walk(value, [], (path) => {
      found.push({ document, path: path.join('.'), names: path });
    });
  }
  for (const [document, header] of Object.entries(headers)) {
    for (const column of header.trim().split(','))
      if (!textColumns.includes(column)) found.push({ document, path: column, names: [column] });
  }
  const lacking = found.filter(({ names }) => !hasUnit(names, glossary));
  const faults = [...new Map(lacking.map(({ document, path }) => [`${document}:${path}`, { document, path }])).values()];
  return { numbers: found.length, names: [...new Set(found.map(({ names }) => names.at(-1) ?? ''))].sort(), faults };
}

/** Columns that hold words. */
const textColumns = ['run', 'source', 'interval', 'row', 'pattern'];

/** Calls back with the names above every number; indices are left out. Objects that say `unit` themselves are done. */
function walk(value: unknown, path: readonly string[], onNumber: (path: readonly string[]) => void): void {
  if (typeof value === 'number') onNumber(path);
  else if (ArrayBuffer.isView(value)) onNumber(path);
  else if (Array.isArray(value)) for (const item of value) walk(item, path, onNumber);
  else if (typeof value === 'object' && value !== null && !('unit' in value && typeof value.unit === 'string'))
    for (const [key, item] of Object.entries(value)) walk(item, [...path, key], onNumber);
}
