/**
 * Documents that people write: YAML or JSON text in, plain data with positions out. Every problem is reported where it stands
 * (file, line, column), and all problems of one step at once: first the syntax, then everything a schema finds wrong.
 *
 * `--set path=value` edits the data before it is checked; what is wrong with such a value is reported at `--set path=value`.
 */
import { isMap, isPair, isScalar, LineCounter, parseDocument as parseYaml, Parser, type Document, type Node } from 'yaml';
import type { z } from 'zod';
import { PutmodelError, type Issue } from '../kernel/errors.js';
import { nearestName } from '../rocksdb/nearest.js';

/** Keys and list indexes from the top of a document to a value. */
export type DocumentPath = readonly (string | number)[];

/** Where something stands. Lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** A parsed document: its data, and where each part of it stands. */
export interface PositionedDocument {
  readonly file: string;
  /** Plain data: objects, arrays, strings, numbers, booleans, null. */
  readonly value: unknown;
  /** Where the value at this path stands; where its nearest existing ancestor does when there is none. */
  placeOf(path: DocumentPath): Place;
  /** Where the key itself stands, for a key that should not be there. */
  placeOfKey(path: DocumentPath): Place;
}

/** Top-level keys whose value is a text even where it looks like a number: release 7.10 is not release 7.1. */
const textKeys = ['rocksdb_version', 'name'];

/** Other names of paths in settings: the release stands beside RocksDB's options, but is no option. */
const settingAliases: ReadonlyMap<string, string> = new Map([['lsm.rocksdb_version', 'rocksdb_version']]);

/** A document of more characters is a mistake. */
const maximumTextLength = 1024 * 1024;
/** Documents nest a handful deep. The library composes recursively, and V8 ends the process when that meets the end of the stack. */
const maximumDepth = 100;

/**
 * Parses YAML (or JSON, which is YAML) and applies the settings, each `path=value` with a dotted path and a YAML value.
 * @throws PutmodelError INPUT_SYNTAX with every syntax error, or USAGE for a setting that cannot be applied.
 */
export function readDocument(text: string, file: string, settings: readonly string[] = []): PositionedDocument {
  const lines = new LineCounter();
  const document = parseText(text, file, lines);
  const edited = settings.map((setting) => applySetting(document, setting));
  for (const key of textKeys) keepText(document, key);
  const value: unknown = toPlainData(document, file);
  const settingOf = (path: DocumentPath): string | undefined => edited.findLast((edit) => isPrefix(edit.path, path))?.setting;
  const place = (path: DocumentPath, node: Node | null): Place => {
    const setting = settingOf(path);
    if (setting !== undefined) return { file: `--set ${setting}` };
    return node?.range ? placeAt(file, lines, node.range[0]) : { file };
  };
  return {
    file,
    value,
    placeOf: (path) => place(path, nearestNode(document, path)),
    placeOfKey: (path) => place(path, keyNode(document, path) ?? nearestNode(document, path)),
  };
}

/** A value put into a document by path, and where to say that it is wrong. */
export interface DocumentEdit {
  readonly path: DocumentPath;
  readonly value: unknown;
  readonly place: Place;
}

/**
 * The document with values put in; the original stays as it is, and what is not touched is shared. Missing maps on the way are made.
 * @throws PutmodelError INPUT_INVALID where a plain value stands on the way.
 */
export function withValues(document: PositionedDocument, edits: readonly DocumentEdit[]): PositionedDocument {
  let value = document.value;
  for (const edit of edits) value = putValue(value, edit);
  const placeIn = (path: DocumentPath): Place | undefined => edits.findLast((edit) => isPrefix(edit.path, path))?.place;
  return {
    file: document.file,
    value,
    placeOf: (path) => placeIn(path) ?? document.placeOf(path),
    placeOfKey: (path) => placeIn(path) ?? document.placeOfKey(path),
  };
}

/** Copies what lies on the way to the value, and nothing else. */
function putValue(root: unknown, { path, value, place }: DocumentEdit): unknown {
  const copyOf = (node: unknown): Record<string | number, unknown> => {
    if (Array.isArray(node)) return [...(node as readonly unknown[])] as unknown as Record<number, unknown>;
    if (typeof node === 'object' && node !== null) return { ...node };
    if (node === undefined || node === null) return {};
    const [message, found] = ['a plain value has nothing inside', show(node)];
    throw new PutmodelError({ code: 'INPUT_INVALID', message, found, path: path.join('.'), ...place });
  };
  const top = copyOf(root);
  let parent = top;
  for (const key of path.slice(0, -1)) {
    const child = copyOf(Object.hasOwn(parent, key) ? parent[key] : undefined);
    parent[key] = child;
    parent = child;
  }
  parent[path.at(-1) ?? ''] = value;
  return top;
}

/** `lsm.options.0` as keys and list indexes. */
export function parsePath(dotted: string): DocumentPath {
  return dotted.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

/**
 * The document's value as the schema's output.
 * @throws PutmodelError INPUT_INVALID with one issue for each thing wrong.
 */
export function checkDocument<T>(document: PositionedDocument, schema: z.ZodType<T>): T {
  const outcome = schema.safeParse(document.value);
  if (outcome.success) return outcome.data;
  throw new PutmodelError(onePerPlace(outcome.error.issues.flatMap((issue) => toIssues(document, schema, issue))));
}

/** In reading order. A value below two limits is one mistake: the last check, the strictest, speaks. */
function onePerPlace(issues: readonly Issue[]): Issue[] {
  const unique = [...new Map(issues.map((issue) => [`${issue.path ?? ''} ${issue.message}`, issue])).values()];
  const line = (issue: Issue): number => issue.line ?? Number.MAX_SAFE_INTEGER;
  return unique.sort((a, b) => line(a) - line(b) || (a.column ?? 0) - (b.column ?? 0));
}

function parseText(text: string, file: string, lines: LineCounter): Document.Parsed {
  if (text.length > maximumTextLength) {
    throw new PutmodelError({
      code: 'INPUT_SYNTAX',
      message: 'the document is too large',
      found: `${String(text.length)} characters`,
      file,
    });
  }
  const deep = tooDeepAt(text);
  if (deep !== null) throw new PutmodelError({ code: 'INPUT_SYNTAX', message: 'nested too deeply', ...placeIn(text, file, deep) });
  const document = parseYaml(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false, logLevel: 'error' });
  const problems = [...document.errors, ...document.warnings];
  if (problems.length > 0) {
    throw new PutmodelError(
      problems.map((problem) => ({
        code: 'INPUT_SYNTAX',
        message: firstSentence(problem.message),
        ...placeAt(file, lines, problem.pos[0]),
      })),
    );
  }
  if (document.contents === null) {
    throw new PutmodelError({ code: 'INPUT_SYNTAX', message: 'the document is empty', file, line: 1, column: 1 });
  }
  return document;
}

/** Where the first value stands that is nested too deeply, or null. The syntax tree is built and walked without recursion. */
function tooDeepAt(text: string): number | null {
  const pending: { readonly token: unknown; readonly depth: number }[] = [];
  for (const token of new Parser().parse(text)) pending.push({ token, depth: 0 });
  for (let entry = pending.pop(); entry !== undefined; entry = pending.pop()) {
    const { token, depth } = entry;
    if (typeof token !== 'object' || token === null) continue;
    if (depth > maximumDepth) return 'offset' in token && typeof token.offset === 'number' ? token.offset : 0;
    const parts: readonly unknown[] = 'items' in token && Array.isArray(token.items) ? token.items : [];
    if ('value' in token) pending.push({ token: token.value, depth });
    if ('key' in token) pending.push({ token: token.key, depth });
    for (const part of parts) pending.push({ token: part, depth: depth + 1 });
  }
  return null;
}

function placeIn(text: string, file: string, offset: number): Place {
  const before = text.slice(0, offset).split('\n');
  return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function keepText(document: Document, key: string): void {
  if (!isMap(document.contents)) return;
  const node: unknown = document.get(key, true);
  if (isScalar(node) && typeof node.value === 'number' && node.source !== undefined) node.value = node.source;
}

function toPlainData(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    // The library's guard against aliases that multiply.
    if (!(error instanceof ReferenceError)) throw error;
    throw new PutmodelError({ code: 'INPUT_SYNTAX', message: firstSentence(error.message), file, line: 1, column: 1 });
  }
}

function applySetting(document: Document, setting: string): { readonly path: DocumentPath; readonly setting: string } {
  const equals = setting.indexOf('=');
  const said = setting.slice(0, Math.max(equals, 0));
  const path = parsePath(settingAliases.get(said) ?? said);
  if (equals < 1 || path.includes('')) {
    throw new PutmodelError({
      code: 'USAGE',
      message: `cannot read --set ${setting}`,
      expected: 'path=value, such as lsm.max_background_jobs=8',
    });
  }
  const text = setting.slice(equals + 1);
  const tooDeep = tooDeepAt(text) !== null;
  const value = parseYaml(tooDeep ? '' : text, { prettyErrors: false });
  if (tooDeep || value.errors.length > 0) {
    const why = tooDeep ? 'nested too deeply' : firstSentence(value.errors[0]?.message ?? '');
    throw new PutmodelError({ code: 'USAGE', message: `cannot read the value of --set ${setting}: ${why}` });
  }
  const obstacle = path.findIndex((_, index) => index > 0 && isScalarAt(document, path.slice(0, index)));
  if (obstacle !== -1) {
    const scalar = path.slice(0, obstacle).join('.');
    throw new PutmodelError({ code: 'USAGE', message: `cannot apply --set ${setting}: ${scalar} is a plain value, it has nothing inside` });
  }
  removeNulls(document, path);
  document.setIn(path, value.contents);
  return { path, setting };
}

/** An empty `workload:` parses as null; a setting inside it means a map. */
function removeNulls(document: Document, path: DocumentPath): void {
  for (let length = 1; length < path.length; length++) {
    const head = path.slice(0, length);
    if (document.hasIn(head) && document.getIn(head) === null) document.deleteIn(head);
  }
}

function isScalarAt(document: Document, path: DocumentPath): boolean {
  const node: unknown = document.getIn(path, true);
  return isScalar(node) && node.value !== null;
}

function nearestNode(document: Document, path: DocumentPath): Node | null {
  for (let length = path.length; length > 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    if (isPositioned(node)) return node;
  }
  return isPositioned(document.contents) ? document.contents : null;
}

function keyNode(document: Document, path: DocumentPath): Node | null {
  const parent: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) return null;
  const name = String(path.at(-1));
  const pair = parent.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === name);
  return pair !== undefined && isPositioned(pair.key) ? pair.key : null;
}

function isPositioned(node: unknown): node is Node {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range);
}

function placeAt(file: string, lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
}

function isPrefix(head: DocumentPath, path: DocumentPath): boolean {
  return head.length <= path.length && head.every((part, index) => String(part) === String(path[index]));
}

function firstSentence(message: string): string {
  return (message.split(/[\n;]/)[0] ?? message).replace(/[.:]$/, '');
}

// ---- what a schema found wrong, in our words ----

type SchemaIssue = z.core.$ZodIssue;

function toIssues(document: PositionedDocument, schema: z.ZodType, issue: SchemaIssue): Issue[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(document, schema, [...path, key]));
  if (issue.code === 'invalid_union') {
    const branch = closestBranch(issue);
    if (branch !== null) return branch.flatMap((inner) => toIssues(document, schema, { ...inner, path: [...issue.path, ...inner.path] }));
  }
  const found = valueAt(document.value, path);
  const base = { code: 'INPUT_INVALID', path: path.join('.'), ...document.placeOf(path) } as const;
  if (found === undefined && issue.code !== 'custom') return [{ ...base, message: 'missing', expected: expectation(issue) }];
  if (issue.code === 'custom') return [customIssue(document, path, issue)];
  return [{ ...base, message: 'wrong value', found: show(found) + hint(issue, found), expected: expectation(issue) }];
}

/** A check of ours: `params` may say what was found and expected, and that the key rather than its value is wrong. */
function customIssue(document: PositionedDocument, path: DocumentPath, issue: Extract<SchemaIssue, { code: 'custom' }>): Issue {
  const { found, expected, unknownKey: atKey } = issue.params ?? {};
  return {
    code: 'INPUT_INVALID',
    message: issue.message,
    path: path.join('.'),
    found: typeof found === 'string' ? found : undefined,
    expected: typeof expected === 'string' ? expected : undefined,
    ...(atKey === true ? document.placeOfKey(path) : document.placeOf(path)),
  };
}

function unknownKey(document: PositionedDocument, schema: z.ZodType, path: DocumentPath): Issue {
  const name = String(path.at(-1));
  const known = keysAt(schema, path.slice(0, -1));
  const nearest = nearestName(name, known);
  const expected = nearest !== null ? `${nearest}?` : known.length > 0 && known.length <= 12 ? known.join(', ') : undefined;
  return { code: 'INPUT_INVALID', message: 'unknown key', path: path.join('.'), expected, ...document.placeOfKey(path) };
}

/** Of a union's alternatives the one whose errors lie deepest is what the writer meant; none when all fail at the top. */
function closestBranch(issue: Extract<SchemaIssue, { code: 'invalid_union' }>): readonly SchemaIssue[] | null {
  const depth = (branch: readonly SchemaIssue[]): number => Math.max(0, ...branch.map((inner) => inner.path.length + structural(inner)));
  const sorted = issue.errors
    .map((branch) => ({ branch, depth: depth(branch), wrongTop: branch.some((inner) => inner.path.length === 0 && isTypeIssue(inner)) }))
    .filter((entry) => !entry.wrongTop)
    .sort((a, b) => b.depth - a.depth || a.branch.length - b.branch.length);
  return sorted[0]?.branch ?? null;
}

/** Refused keys count half a level: a map with a wrong key is closer to what was meant than a map with none of the keys. */
function structural(issue: SchemaIssue): number {
  return issue.code === 'unrecognized_keys' ? 0 : 0.5;
}

function isTypeIssue(issue: SchemaIssue): boolean {
  return issue.code === 'invalid_type';
}

/** The keys a schema knows at a path, as far as plain objects, optionals and unions lead. */
function keysAt(schema: z.ZodType, path: DocumentPath): readonly string[] {
  let level: readonly unknown[] = unwrap(schema);
  for (const part of path) level = level.flatMap((item) => childrenOf(item, part)).flatMap(unwrap);
  return [...new Set(level.flatMap((item) => (hasShape(item) ? Object.keys(item.shape) : [])))];
}

function unwrap(schema: unknown): readonly unknown[] {
  const definition = definitionOf(schema);
  if (definition === null) return [];
  if ('innerType' in definition) return unwrap(definition.innerType);
  if (definition.type === 'pipe') return unwrap(definition.in);
  if (Array.isArray(definition.options)) return definition.options.flatMap(unwrap);
  return [schema];
}

function childrenOf(schema: unknown, part: string | number): readonly unknown[] {
  if (hasShape(schema)) return Object.hasOwn(schema.shape, part) ? [schema.shape[String(part)]] : [];
  const definition = definitionOf(schema);
  return definition !== null && 'element' in definition ? [definition.element] : [];
}

interface Definition {
  readonly type?: unknown;
  readonly innerType?: unknown;
  readonly in?: unknown;
  readonly options?: unknown;
  readonly element?: unknown;
}

function definitionOf(schema: unknown): Definition | null {
  if (typeof schema !== 'object' || schema === null || !('def' in schema)) return null;
  return typeof schema.def === 'object' ? schema.def : null;
}

function hasShape(schema: unknown): schema is { readonly shape: Readonly<Record<string, unknown>> } {
  return typeof schema === 'object' && schema !== null && 'shape' in schema && typeof schema.shape === 'object' && schema.shape !== null;
}

function expectation(issue: SchemaIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return typeNames[issue.expected] ?? issue.expected;
    case 'too_small':
      return `${nounFor(issue.origin)} ${issue.inclusive === false ? 'above' : 'of at least'} ${String(issue.minimum)}`;
    case 'too_big':
      return `${nounFor(issue.origin)} ${issue.inclusive === false ? 'below' : 'of at most'} ${String(issue.maximum)}`;
    case 'not_multiple_of':
      return `a multiple of ${String(issue.divisor)}`;
    case 'invalid_value':
      return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.map(String).join(', ')}`;
    case 'invalid_union':
      return unionExpectation(issue);
    default:
      return issue.message;
  }
}

function unionExpectation(issue: Extract<SchemaIssue, { code: 'invalid_union' }>): string | undefined {
  const names = issue.errors.flatMap((branch) => branch.filter((inner) => inner.path.length === 0).map(expectation));
  const known = [...new Set(names.filter((name) => name !== undefined))];
  return known.length === 0 ? undefined : known.join(', or ');
}

const typeNames: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  object: 'a map of keys and values',
  array: 'a list',
};

function nounFor(origin: string): string {
  if (origin === 'array') return 'a list with a length';
  if (origin === 'string') return 'a text with a length';
  return origin === 'int' ? 'a whole number' : 'a number';
}

/** `"64MiB"` where a number is wanted: say which number that is. */
function hint(issue: SchemaIssue, found: unknown): string {
  if (issue.code !== 'invalid_type' || typeof found !== 'string') return '';
  const parts = /^\s*(\d+(?:\.\d+)?)\s*([KMGT])i?B?(?:\/s)?\s*$/i.exec(found);
  if (parts === null) return '';
  const power = 'KMGT'.indexOf((parts[2] ?? '').toUpperCase()) + 1;
  let bytes = Number(parts[1]);
  for (let step = 0; step < power; step++) bytes *= 1024;
  return ` (write ${String(Math.round(bytes))})`;
}

/** What plain data holds at a path; undefined where there is nothing. */
export function valueAt(value: unknown, path: DocumentPath): unknown {
  let current = value;
  for (const part of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, part)) return undefined;
    current = (current as Readonly<Record<string | number, unknown>>)[part];
  }
  return current;
}

/** A value as its writer would recognise it, cut to one short line. */
function show(value: unknown): string {
  if (typeof value === 'number') return String(value);
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
