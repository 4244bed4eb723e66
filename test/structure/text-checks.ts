/** Checks on words: doc comments on exports, error codes in their table, no leftovers, no test switched off, units in names. */
import ts from 'typescript';
import { isCore } from './house.js';
import { findingAt, nodesOf, type Finding, type Source } from './source.js';

/** Exported functions, classes, interfaces and constants without a doc comment. */
export function checkDocComments(sources: readonly Source[]): Finding[] {
  return sources.flatMap((source) =>
    source.ast.statements.flatMap((statement) => {
      if (!isExported(statement) || hasDocComment(statement)) return [];
      return namesOf(statement).map((name) => findingAt(source, statement, `export ${name} has no doc comment`));
    }),
  );
}

/** `code: 'SOME_CODE'` in a `new PutmodelError(...)` where SOME_CODE is in no table. */
export function checkErrorCodes(sources: readonly Source[], listed: readonly string[]): Finding[] {
  const findings: Finding[] = [];
  for (const source of sources) {
    for (const node of nodesOf(source)) {
      if (!ts.isPropertyAssignment(node) || !ts.isIdentifier(node.name) || node.name.text !== 'code') continue;
      const value = node.initializer;
      if (!ts.isStringLiteral(value) || !/^[A-Z][A-Z_]+$/.test(value.text) || listed.includes(value.text)) continue;
      if (!isWithin(node, (outer) => ts.isNewExpression(outer) && outer.expression.getText() === 'PutmodelError')) continue;
      findings.push(findingAt(source, node, `error code ${value.text} is not in errorCodes of kernel/errors.ts`));
    }
  }
  return findings;
}

/** Notes to come back to. The words are put together here so that this file passes. */
export function checkLeftovers(sources: readonly Pick<Source, 'path' | 'text'>[]): Finding[] {
  const pattern = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'].join('|')})\\b`);
  return sources.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => {
      const word = pattern.exec(line)?.[0];
      return word === undefined ? [] : [{ file: path, line: index + 1, message: `${word} left in` }];
    }),
  );
}

/** Tests that are switched off, or that switch the others off. `skipIf` and `runIf` state their condition and are allowed. */
export function checkTestSwitches(sources: readonly Source[]): Finding[] {
  const findings: Finding[] = [];
  for (const source of sources) {
    for (const node of nodesOf(source)) {
      if (!ts.isPropertyAccessExpression(node) || !['only', 'skip', 'todo', 'fails'].includes(node.name.text)) continue;
      const chain = node.expression.getText(source.ast);
      if (/^(it|test|describe|suite)\b/.test(chain)) findings.push(findingAt(source, node, `${chain}.${node.name.text} in a test`));
    }
  }
  return findings;
}

/** What a numeric name may end in, its last word or words in camelCase. */
const unitSuffixes = [
  ...['bytes', 'micros', 'nanos', 'millis', 'sec', 'seconds', 'minutes', 'percent', 'fraction', 'ratio', 'factor', 'count', 'index'],
  ...['kib', 'mib', 'gib', 'kiB', 'miB', 'giB'],
];
/** Counts of things that the word itself names, and dimensionless figures known by these names. */
const plainNames = [
  ...[
    'files',
    'puts',
    'reads',
    'nexts',
    'events',
    'threads',
    'cores',
    'records',
    'keys',
    'jobs',
    'runs',
    'levels',
    'operations',
    'compactions',
    'iodepth',
  ],
  ...[
    'level',
    'score',
    'seed',
    'line',
    'column',
    'theta',
    'amplification',
    'amplificationNoWal',
    'amplificationUser',
    'state',
    'numjobs',
    'recordsIn',
    'recordsDropped',
  ],
];

/** Files whose interfaces are what other parts and users see: there, units must show. Working state inside a model has its comments. */
const borderFiles = /\/(scenario|result|host|device|envelope|ledger|run)\.ts$/;

/** Numeric fields in the border files of the core whose name tells no unit. RocksDB's own names (with an underscore) are exempt. */
export function checkUnits(sources: readonly Source[]): Finding[] {
  const findings: Finding[] = [];
  for (const source of sources) {
    if (!isCore(source.path) || !borderFiles.test(source.path)) continue;
    for (const node of nodesOf(source)) {
      if (!ts.isPropertySignature(node) || !ts.isIdentifier(node.name) || node.type === undefined) continue;
      if (!isWithin(node, (outer) => ts.isInterfaceDeclaration(outer) && isExported(outer))) continue;
      if (isNumeric(node.type, source) && !hasUnit(node.name.text)) {
        findings.push(findingAt(source, node, `numeric field ${node.name.text} names no unit`));
      }
    }
  }
  return findings;
}

function isWithin(node: ts.Node, isOuter: (outer: ts.Node) => boolean): boolean {
  return ts.findAncestor(node, isOuter) !== undefined;
}

function isNumeric(type: ts.TypeNode, source: Source): boolean {
  return /^(readonly )?(number|Float64Array|Int32Array|Uint32Array)(\[\])?( \| (null|undefined))*$/.test(type.getText(source.ast));
}

function hasUnit(name: string): boolean {
  const isOfItsObject = /^(p\d+|min|max|mean)$/.test(name); // the object that holds it names the unit
  if (isOfItsObject || name.includes('_') || /Per(Sec|[A-Z]\w*)$/.test(name)) return true;
  const words = name.toLowerCase();
  return [...unitSuffixes, ...plainNames].some((ending) => {
    const tail = ending[0]?.toUpperCase().concat(ending.slice(1)) ?? '';
    return words === ending.toLowerCase() || name.endsWith(tail);
  });
}

function isExported(statement: ts.Statement): boolean {
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}

function hasDocComment(statement: ts.Statement): boolean {
  return ts.getJSDocCommentsAndTags(statement).length > 0;
}

/** The names that a function, class, interface or constant declares; none for what needs no doc comment of its own. */
function namesOf(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.map(({ name }) => name.getText());
  if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement) || ts.isInterfaceDeclaration(statement)) {
    return [statement.name?.text ?? 'default'];
  }
  return [];
}
