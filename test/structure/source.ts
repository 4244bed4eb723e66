/** Source files as the structure checks see them: parsed by TypeScript, with findings that name file and line. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** The root of the checkout. */
export const rootDir = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** One parsed file; `path` is relative to the root, with forward slashes. */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly ast: ts.SourceFile;
}

/** One broken rule. */
export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** One `import`, `export ... from` or `import()`; `typeOnly` ones vanish when compiled. */
export interface Import {
  readonly line: number;
  readonly specifier: string;
  readonly typeOnly: boolean;
}

/** A file from text, for the checks' own tests and for `readSources`. */
export function sourceFrom(path: string, text: string): Source {
  return { path, text, ast: ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true) };
}

/** Every .ts file below the named folders of the root (absent ones are empty), in path order. */
export function readSources(...folders: string[]): Source[] {
  return readPaths(...folders)
    .filter((path) => path.endsWith('.ts'))
    .map((path) => sourceFrom(path, readFileSync(join(rootDir, path), 'utf8')));
}

/** Every file below the named folders of the root, in path order. */
export function readPaths(...folders: string[]): string[] {
  const present = folders.filter((folder) => existsSync(join(rootDir, folder)));
  const paths = present.flatMap((folder) =>
    readdirSync(join(rootDir, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(rootDir.length + 1)
          .replaceAll('\\', '/'),
      ),
  );
  return paths.sort();
}

/** A finding at a node of a source. */
export function findingAt(source: Source, node: ts.Node, message: string): Finding {
  return { file: source.path, line: lineOf(source, node), message };
}

/** `file:line: message`, one a line; '' when there is nothing to report, which is what the tests expect. */
export function formatFindings(findings: readonly Finding[]): string {
  return findings.map(({ file, line, message }) => `${file}:${line}: ${message}`).join('\n');
}

/** Every node of a source, parents first. */
export function* nodesOf(source: Source): Generator<ts.Node> {
  const pending: ts.Node[] = [source.ast];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    yield node;
    const children: ts.Node[] = [];
    ts.forEachChild(node, (child) => void children.push(child));
    pending.push(...children.reverse());
  }
}

/** All imports of a source, those inside types (`import('x').Y`) included. */
export function importsOf(source: Source): Import[] {
  const found: Import[] = [];
  for (const node of nodesOf(source)) {
    const imported = importOf(node);
    if (imported !== null) found.push({ ...imported, line: lineOf(source, node) });
  }
  return found;
}

/** The path of the .ts file that a relative import names. */
export function resolveImport(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.ts');
}

function importOf(node: ts.Node): { specifier: string; typeOnly: boolean } | null {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    return { specifier: node.moduleSpecifier.text, typeOnly: isTypeOnlyImport(node.importClause) };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined && ts.isStringLiteral(node.moduleSpecifier)) {
    return { specifier: node.moduleSpecifier.text, typeOnly: node.isTypeOnly };
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const target = node.arguments[0];
    return { specifier: target !== undefined && ts.isStringLiteral(target) ? target.text : '', typeOnly: false };
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
    return { specifier: node.argument.literal.text, typeOnly: true };
  }
  return null;
}

/** With verbatimModuleSyntax only the `type` before the braces makes the whole import vanish. */
function isTypeOnlyImport(clause: ts.ImportClause | undefined): boolean {
  return clause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
}

function lineOf(source: Source, node: ts.Node): number {
  return source.ast.getLineAndCharacterOfPosition(node.getStart(source.ast)).line + 1;
}
