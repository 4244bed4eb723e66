/**
 * Lint rules (npm run lint). Everything is strict and type-aware; the core folders are also held to determinism: no clock, chance,
 * environment, locale or disk, and none of the Math functions whose last bits an engine may choose. test/structure checks what needs
 * the whole tree (import arrows, doc comments, units).
 */
import { defineConfig } from 'eslint/config';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import tseslint from 'typescript-eslint';

const rootDir = dirname(dirname(fileURLToPath(import.meta.url)));

const { coreFolders, inexactMath, impureGlobals, localeMethods } = JSON.parse(
  readFileSync(join(rootDir, 'test/support/core-bans.json'), 'utf8'),
);
const coreFiles = [...coreFolders.map((folder) => `engine/${folder}/**/*.ts`), 'engine/index.ts', 'engine/policy.ts'];

/** Folders with typed-array loops, where an index that a loop has bounded may be read with `!`. */
const kernelFiles = [
  ...['kernel', 'device', 'lsm', 'backlog', 'commit', 'replay'].map((folder) => `engine/${folder}/**/*.ts`),
  ...['scan', 'log', 'hist-log', 'iolog', 'blkparse'].map((reader) => `engine/fio/${reader}.ts`),
];

const coreSyntax = [
  { selector: "BinaryExpression[operator='**']", message: '** differs between JavaScript engines: use power() of kernel/math.ts' },
  {
    selector: "AssignmentExpression[operator='**=']",
    message: '**= differs between JavaScript engines: use power() of kernel/math.ts',
  },
  { selector: 'ImportExpression', message: 'the core loads nothing at run time' },
];

export default defineConfig(
  { ignores: ['dist/**', 'node_modules/**', 'results/**', 'test/fixtures/**'] },
  tseslint.configs.strictTypeChecked,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    languageOptions: {
      parserOptions: {
        project: ['engine/tsconfig.core.json', 'engine/tsconfig.shell.json', 'engine/tsconfig.page.json', 'test/tsconfig.json'],
        tsconfigRootDir: rootDir,
      },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true, defaultFrom: true } }],
      'prefer-const': 'error',
    },
  },
  {
    files: coreFiles,
    rules: {
      'no-restricted-globals': ['error', ...impureGlobals.map((name) => ({ name, message: 'the core is pure: take it as an argument' }))],
      'no-restricted-imports': ['error', { patterns: [{ regex: '^node:', message: 'the core uses no Node module: engine/files does' }] }],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'draw from a named stream of kernel/random.ts' },
        ...inexactMath.map((property) => ({ object: 'Math', property, message: 'its last bits are up to the engine: use kernel/math.ts' })),
        ...localeMethods.map((property) => ({ property, message: 'its result depends on the machine' })),
      ],
      'no-restricted-syntax': ['error', ...coreSyntax],
    },
  },
  { files: kernelFiles, rules: { '@typescript-eslint/no-non-null-assertion': 'off' } },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      'no-restricted-exports': 'off',
    },
  },
  { files: ['**/*.{js,mjs}'], extends: [tseslint.configs.disableTypeChecked], rules: { 'no-restricted-exports': 'off' } },
);
