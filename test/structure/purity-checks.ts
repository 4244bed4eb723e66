/** Checks that the core gives the same bits on every machine: allowed Math only, no `**`, no clock, chance, environment or locale. */
import ts from 'typescript';
import { coreBans, isCore } from './house.js';
import { findingAt, nodesOf, type Finding, type Source } from './source.js';

/** Uses of anything banned in the core files among `sources`. */
export function checkPurity(sources: readonly Source[]): Finding[] {
  return sources.filter(({ path }) => isCore(path)).flatMap(checkFile);
}

function checkFile(source: Source): Finding[] {
  const declared = declaredNames(source);
  const findings: Finding[] = [];
  for (const node of nodesOf(source)) {
    const message = faultOf(node, declared);
    if (message !== null) findings.push(findingAt(source, node, message));
  }
  return findings;
}

function faultOf(node: ts.Node, declared: ReadonlySet<string>): string | null {
  if (ts.isBinaryExpression(node)) {
    const operator = node.operatorToken.kind;
    const isPower = operator === ts.SyntaxKind.AsteriskAsteriskToken || operator === ts.SyntaxKind.AsteriskAsteriskEqualsToken;
    return isPower ? '** differs between engines: use kernel/math.ts' : null;
  }
  if (ts.isPropertyAccessExpression(node) && coreBans.localeMethods.includes(node.name.text)) {
    return `${node.name.text} depends on the machine's locale`;
  }
  if (!ts.isIdentifier(node) || !isReference(node) || declared.has(node.text)) return null;
  if (node.text === 'Math') return mathFault(node);
  return coreBans.impureGlobals.includes(node.text) ? `${node.text} is not available to the core` : null;
}

function mathFault(node: ts.Identifier): string | null {
  const parent = node.parent;
  if (!ts.isPropertyAccessExpression(parent)) return 'Math may only be used as Math.name in the core';
  const name = parent.name.text;
  return coreBans.exactMath.includes(name) ? null : `Math.${name} is not exact on every engine: use kernel/math.ts or kernel/random.ts`;
}

/** Whether an identifier reads a variable: not a property's, member's or type's name. */
function isReference(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  return !(
    ts.isTypeElement(parent) ||
    ts.isTypeReferenceNode(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isMethodDeclaration(parent)
  );
}

/** Names that the file itself binds, such as a parameter called `document`. */
function declaredNames(source: Source): Set<string> {
  const names = new Set<string>();
  for (const node of nodesOf(source)) {
    const binds = ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isBindingElement(node) || ts.isImportSpecifier(node);
    if (binds && ts.isIdentifier(node.name)) names.add(node.name.text);
  }
  return names;
}
