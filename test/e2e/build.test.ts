/** engine/build.js on a copy of the checkout: what is deleted comes back, what has no source goes, the command can be executed. */
import { accessSync, constants, cpSync, existsSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeDir, removeDir, rootDir, run, runOk } from '../support/process.js';

let copyDir = '';

beforeAll(() => {
  copyDir = makeDir();
  for (const part of ['engine', 'scenarios', 'package.json', 'tsconfig.json'])
    cpSync(join(rootDir, part), join(copyDir, part), { recursive: true });
  symlinkSync(join(rootDir, 'node_modules'), join(copyDir, 'node_modules'));
  build();
});

afterAll(() => {
  removeDir(copyDir);
});

/** Runs the build script of the copy. */
function build(): void {
  runOk('npm', ['run', '--silent', 'build'], { cwd: copyDir });
}

it('compiles a checkout without dist/ to a command that the shell can execute', () => {
  const command = join(copyDir, 'dist/cli/main.js');
  expect(() => {
    accessSync(command, constants.X_OK);
  }).not.toThrow();
  expect(runOk(command, ['--help'])).toContain('simulate');
});

it('restores a deleted part of dist/', () => {
  rmSync(join(copyDir, 'dist/cli'), { recursive: true });
  build();
  expect(existsSync(join(copyDir, 'dist/cli/main.js'))).toBe(true);
});

it('removes outputs whose source is gone', () => {
  const source = join(copyDir, 'engine/kernel/passing.ts');
  writeFileSync(source, 'export const passing = 1;\n');
  build();
  expect(existsSync(join(copyDir, 'dist/kernel/passing.js'))).toBe(true);
  rmSync(source);
  build();
  expect(existsSync(join(copyDir, 'dist/kernel/passing.js'))).toBe(false);
  expect(existsSync(join(copyDir, 'dist/kernel/passing.d.ts'))).toBe(false);
});

it('fails when a source does not compile', () => {
  const source = join(copyDir, 'engine/kernel/broken.ts');
  writeFileSync(source, "export const broken: number = 'text';\n");
  const { status, stdout } = run('npm', ['run', '--silent', 'build'], { cwd: copyDir });
  rmSync(source);
  expect({ status: status === 0, named: stdout.includes('engine/kernel/broken.ts') }).toEqual({ status: false, named: true });
});
