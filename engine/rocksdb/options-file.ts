/**
 * OPTIONS files, as RocksDB 4.3 .. 10.x writes them (OPTIONS-NNNNNN) and as people write them by hand: an ini dialect with comments,
 * escapes, lists joined by ":" and structs in braces. Values in a file RocksDB wrote are already sanitized. The rate limiter is not in it.
 * Source: options/options_parser.cc, options/options_helper.cc; the layout is described in examples/rocksdb_option_file_example.ini.
 */
import { PutmodelError, type Issue } from '../kernel/errors.js';
import {
  ignoredMembers,
  mergeOptions,
  modelledSpecs,
  nearestKey,
  optionSpec,
  parseOption,
  type LsmOptions,
  type NamedOptionSpec,
  type OptionScope,
  type OptionValue,
  type PartialLsmOptions,
} from './options.js';
import { parseVersion, type RocksdbVersion } from './version.js';
import { warning, type RocksdbWarning } from './warnings.js';

/** One column family of an OPTIONS file. */
export interface OptionsFamily {
  readonly name: string;
  /** Options of the column family and of its block-based table. */
  readonly options: PartialLsmOptions;
}

/** A key RocksDB may know and the table does not, listed once, at its first line. */
export interface UnknownKey {
  readonly key: string;
  readonly line: number;
  readonly nearest: string | null;
}

/** An OPTIONS file, read: what it says, and what of it is not used. */
export interface OptionsFile {
  /** null when the file has no [Version] section. */
  readonly rocksdbVersion: RocksdbVersion | null;
  readonly db: PartialLsmOptions;
  /** In the file's order. */
  readonly families: readonly OptionsFamily[];
  readonly unknown: readonly UnknownKey[];
  /** Known keys without an effect on the model, once each. */
  readonly ignored: readonly string[];
  readonly warnings: readonly RocksdbWarning[];
}

/**
 * The text of an OPTIONS file as options.
 * @throws PutmodelError with every malformed line (INPUT_SYNTAX) and every value of the wrong type or out of range (INPUT_INVALID), with
 *   file, line and column; INPUT_SYNTAX when there is no section at all. Unknown keys are not errors.
 */
export function parseOptionsFile(text: string, file?: string): OptionsFile {
  const reader = createReader(file);
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) readLine(reader, line.replace(/\r$/, ''), index + 1);
  if (reader.section === null && reader.issues.length === 0) {
    reader.issues.push({
      code: 'INPUT_SYNTAX',
      message: 'no section in the file',
      expected: '[Version], [DBOptions], [CFOptions "name"]',
      file,
      line: 1,
    });
  }
  if (reader.issues.length > 0) throw new PutmodelError(reader.issues);
  return {
    rocksdbVersion: reader.version,
    db: reader.db,
    families: [...reader.families].map(([name, options]) => ({ name, options })),
    unknown: [...reader.unknown.values()],
    ignored: [...reader.ignored],
    warnings: reader.warnings,
  };
}

/** The file's options over a base: the DB's, then those of one family ("default" unless named; a family that is not there adds nothing). */
export function optionsOfFamily(file: OptionsFile, base: LsmOptions, name = 'default'): LsmOptions {
  const family = file.families.find((candidate) => candidate.name === name);
  return mergeOptions(base, file.db, family?.options ?? {});
}

/** What of the file is not used when one family's options are: what the reader noticed, unknown keys, and the other families. */
export function optionsFileWarnings(file: OptionsFile, name = 'default'): readonly RocksdbWarning[] {
  const others = file.families.filter((family) => family.name !== name).map((family) => JSON.stringify(family.name));
  const families = `options file: column ${others.length === 1 ? 'family' : 'families'} ${others.join(', ')}: not used, the options are those of "${name}"`;
  return [
    ...file.unknown.map((unknown) => warning('OPTION_UNKNOWN', unknown.key, unknownText(unknown))),
    ...file.warnings,
    ...(others.length === 0 ? [] : [warning('FAMILY_NOT_USED', 'CFOptions', families)]),
  ];
}

function unknownText({ key, line, nearest }: UnknownKey): string {
  if (nearest === key) return `options file, line ${String(line)}: ${key} is not an option of this section and was skipped`;
  return `options file, line ${String(line)}: unknown option ${key} was skipped${nearest === null ? '' : ` (${nearest}?)`}`;
}

type Values = Record<string, OptionValue>;
interface Section {
  readonly scope: OptionScope | 'version' | 'skipped';
  readonly values: Values;
}
interface Reader {
  readonly file: string | undefined;
  section: Section | null;
  version: RocksdbVersion | null;
  readonly db: Values;
  readonly families: Map<string, Values>;
  readonly unknown: Map<string, UnknownKey>;
  readonly ignored: Set<string>;
  readonly issues: Issue[];
  readonly warnings: RocksdbWarning[];
}
/** One `key = value`; the column is the value's. */
interface Statement {
  readonly key: string;
  readonly value: string;
  readonly line: number;
  readonly column: number;
}

function createReader(file: string | undefined): Reader {
  return {
    file,
    section: null,
    version: null,
    db: {},
    families: new Map(),
    unknown: new Map(),
    ignored: new Set(),
    issues: [],
    warnings: [],
  };
}

function readLine(reader: Reader, raw: string, line: number): void {
  const text = stripComment(raw);
  const trimmed = text.trim();
  if (trimmed === '') return;
  const column = text.length - text.trimStart().length + 1;
  const malformed = (message: string, expected: string): void => {
    reader.issues.push({ code: 'INPUT_SYNTAX', message, found: JSON.stringify(trimmed), expected, file: reader.file, line, column });
  };
  if (trimmed.startsWith('[')) {
    const match = /^\[\s*([\w/]+)\s*(?:"([^"]*)")?\s*\]$/.exec(trimmed);
    if (match === null) malformed('malformed section', '[Title] or [Title "name"]');
    else openSection(reader, match[1] ?? '', match[2] ?? 'default');
    return;
  }
  const match = /^(\s*)([^=\s][^=]*?)(\s*=\s*)(.*)$/.exec(text.trimEnd());
  if (match === null) {
    malformed('malformed line', 'key=value, [section] or # comment');
  } else if (reader.section === null) {
    malformed('a value before the first section', '[Version], [DBOptions] or [CFOptions "name"]');
  } else {
    const [, indent = '', key = '', equals = '', value = ''] = match;
    readStatement(reader, reader.section, { key, value, line, column: indent.length + key.length + equals.length + 1 });
  }
}

/** The line up to its first # that is not escaped. */
function stripComment(line: string): string {
  const match = /^((?:[^#\\]|\\.|\\$)*)#/.exec(line);
  return match === null ? line : (match[1] ?? '');
}

function openSection(reader: Reader, title: string, name: string): void {
  if (title === 'Version') {
    reader.section = { scope: 'version', values: {} };
  } else if (title === 'DBOptions') {
    reader.section = { scope: 'db', values: reader.db };
  } else if (title === 'CFOptions' || title === 'TableOptions/BlockBasedTable') {
    const values = reader.families.get(name) ?? {};
    reader.families.set(name, values);
    reader.section = { scope: title === 'CFOptions' ? 'family' : 'table', values };
  } else {
    reader.section = { scope: 'skipped', values: {} };
    reader.warnings.push(warning('SECTION_NOT_MODELLED', title, `options file: section [${title}] is not modelled and was skipped`));
  }
}

function readStatement(reader: Reader, section: Section, statement: Statement): void {
  if (section.scope === 'skipped') return;
  if (section.scope === 'version') {
    readVersion(reader, statement);
  } else if (statement.key === 'filter_policy') {
    readFilterPolicy(reader, section, statement);
  } else if (structs.has(statement.key)) {
    readStruct(reader, section, statement);
  } else {
    readValue(reader, section, statement);
  }
}

function readVersion(reader: Reader, { key, value, line, column }: Statement): void {
  if (key !== 'rocksdb_version') return;
  try {
    reader.version = parseVersion(value);
  } catch (error) {
    if (!(error instanceof PutmodelError)) throw error;
    reader.issues.push(...error.issues.map((issue) => ({ ...issue, file: reader.file, line, column })));
  }
}

const specByFileKey: ReadonlyMap<string, NamedOptionSpec> = new Map(
  modelledSpecs.flatMap((spec) => (spec.optionsFile === null ? [] : [[spec.optionsFile, spec] as const])),
);
/** Options whose value is `{member=value;...}` and has modelled members. */
const structs: ReadonlySet<string> = new Set(
  [...specByFileKey.keys()].filter((key) => key.includes('.')).map((key) => key.slice(0, key.indexOf('.'))),
);

function readValue(reader: Reader, section: Section, statement: Statement): void {
  const { key, line, column } = statement;
  const modelled = specByFileKey.get(key);
  const spec = modelled?.scope === section.scope ? modelled : optionSpec(key);
  // An option of another section, or none at all: RocksDB itself would refuse it there.
  if (spec === null || (spec.effect === 'modelled' && spec !== modelled) || (modelled !== undefined && modelled.scope !== section.scope)) {
    if (ignoredMembers.has(key)) reader.ignored.add(key);
    else if (!reader.unknown.has(key)) reader.unknown.set(key, { key, line, nearest: nearestKey(key) });
    return;
  }
  const value = unescape(statement.value);
  const read = parseOption(spec, value);
  if (!read.ok) {
    const { message, expected } = read;
    reader.issues.push({
      code: 'INPUT_INVALID',
      path: key,
      message,
      found: JSON.stringify(value),
      expected,
      file: reader.file,
      line,
      column,
    });
  } else if (spec.effect === 'ignored') {
    reader.ignored.add(key);
  } else {
    section.values[spec.key] = read.value;
  }
}

/** `{a=1;b={...};}`: each member is read as `struct.member`. */
function readStruct(reader: Reader, section: Section, { key, value, line, column }: Statement): void {
  const malformed = (message: string, found: string, expected: string, at: number): void => {
    const issue = { code: 'INPUT_SYNTAX', path: key, message, found: JSON.stringify(found), expected } as const;
    reader.issues.push({ ...issue, file: reader.file, line, column: at });
  };
  const body = /^\{(.*)\}$/.exec(value)?.[1];
  if (body === undefined) {
    malformed('not a struct', value, '{member=value;...}', column);
    return;
  }
  for (const { text, offset } of splitMembers(body)) {
    const at = column + 1 + offset;
    const [, member, equals = '', memberValue = ''] = /^([^={}\s]+)(\s*=\s*)(.*)$/.exec(text) ?? [];
    if (member === undefined || !hasPairedBraces(memberValue)) malformed('not a member', text, 'member=value', at);
    else readValue(reader, section, { key: `${key}.${member}`, value: memberValue, line, column: at + member.length + equals.length });
  }
}

/** The parts between the semicolons that are in no inner braces, without blanks around them; empty ones are left out. */
function splitMembers(body: string): { readonly text: string; readonly offset: number }[] {
  const parts: { text: string; offset: number }[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index <= body.length; index++) {
    const character = body[index];
    if (character === '{') depth++;
    else if (character === '}') depth--;
    else if (character === undefined || (character === ';' && depth === 0)) {
      const part = body.slice(start, index);
      if (part.trim() !== '') parts.push({ text: part.trim(), offset: start + part.length - part.trimStart().length });
      start = index + 1;
    }
  }
  return parts;
}

function hasPairedBraces(text: string): boolean {
  let depth = 0;
  for (const character of text) {
    if (character === '{') depth++;
    if (character === '}' && --depth < 0) return false;
  }
  return depth === 0;
}

/** Bits of a filter whose policy does not say: RocksDB's example value, and db_bench's usual one. */
const assumedBloomBits = 10;

/** nullptr, bloomfilter:10:false, ribbonfilter:10, {id=...}, or a bare policy name of older versions. */
function readFilterPolicy(reader: Reader, section: Section, { value, line }: Statement): void {
  const text = unescape(value);
  if (text === 'nullptr' || text === '') {
    section.values['bloom_bits'] = 0;
    return;
  }
  const bits = /(?:filter|Filter)(?:\.\w+)*:(\d+(?:\.\d+)?)/.exec(text)?.[1];
  section.values['bloom_bits'] = bits === undefined ? assumedBloomBits : Number(bits);
  if (bits === undefined) {
    const message = `options file, line ${String(line)}: ${text} does not say its bits per key; ${String(assumedBloomBits)} assumed`;
    reader.warnings.push(warning('FILTER_BITS_ASSUMED', 'filter_policy', message));
  }
}

/** \n, \r, \\, \: and \#. A list's own colons are not escaped, so this also serves lists. */
function unescape(text: string): string {
  return text
    .trim()
    .replaceAll(/\\([nr\\:#])/g, (_, character: string) => (character === 'n' ? '\n' : character === 'r' ? '\r' : character));
}
