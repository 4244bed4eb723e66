/**
 * Compiles engine/ into dist/ (npm run build; also run by prepare, start and test).
 *
 * `tsc -b` alone decides from its build record, so it neither restores an output that was deleted nor removes one whose source is
 * gone, and it leaves the command without the executable bit that `npx putmodel` needs inside a checkout. Plain JavaScript, because
 * it must run before anything is compiled.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const rootDir = fileURLToPath(new URL('..', import.meta.url));
const distDir = join(rootDir, 'dist');
const commandFile = join(distDir, 'cli/main.js');

const expected = expectedOutputs();
removeOrphans(expected);
const complete = expected.every((name) => existsSync(join(distDir, name)));
const status = runCompiler(complete ? ['-b'] : ['-b', '--force']);
if (existsSync(commandFile)) chmodSync(commandFile, 0o755);
process.exitCode = status;

/** Paths below dist/ that the sources of engine/ compile to. */
function expectedOutputs() {
  const sources = filesBelow(join(rootDir, 'engine')).filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'));
  return sources.flatMap((name) => ['.js', '.js.map', '.d.ts'].map((extension) => name.replace(/\.ts$/, extension)));
}

/** @param {string[]} kept */
function removeOrphans(kept) {
  const wanted = new Set(kept);
  for (const name of filesBelow(distDir)) {
    if (/\.(js|js\.map|d\.ts)$/.test(name) && !wanted.has(name)) rmSync(join(distDir, name), { force: true });
  }
}

/** @param {string} directory */
function filesBelow(directory) {
  if (!existsSync(directory)) return [];
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return names.map((name) => name.replaceAll('\\', '/')).sort();
}

/** @param {string[]} args */
function runCompiler(args) {
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const run = spawnSync(process.execPath, [compiler, ...args], { cwd: rootDir, stdio: 'inherit' });
  return run.status ?? 1;
}
