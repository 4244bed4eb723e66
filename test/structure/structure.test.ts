import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorCodes } from '../../engine/kernel/errors.js';
import { isCore } from './house.js';
import { checkArrows, checkModules, checkReachable, isDocumentReader } from './import-checks.js';
import { checkPurity } from './purity-checks.js';
import { checkReadme } from './readme-checks.js';
import { formatFindings, readPaths, readSources, rootDir, sourceFrom } from './source.js';
import { checkDocComments, checkErrorCodes, checkLeftovers, checkTestSwitches, checkUnits } from './text-checks.js';

const engine = readSources('engine');
const tests = readSources('test');

/** The findings of a check on one made-up file, as text. */
function findingsIn(check: (sources: ReturnType<typeof sourceFrom>[]) => Parameters<typeof formatFindings>[0], path: string, text: string) {
  return formatFindings(check([sourceFrom(path, text)]));
}

describe('imports', () => {
  it('follow the arrows from cli towards kernel', () => {
    expect(engine.length).toBeGreaterThan(3);
    expect(formatFindings(checkArrows(engine))).toBe('');
  });

  it('against an arrow, between models or of a public entry are found, type-only ones included', () => {
    expect(findingsIn(checkArrows, 'engine/kernel/x.ts', "\nimport type { A } from '../lsm/a.js';")).toBe(
      'engine/kernel/x.ts:2: kernel must not import lsm (imports point from cli towards kernel)',
    );
    expect(findingsIn(checkArrows, 'engine/lsm/x.ts', "export * from '../commit/a.js';")).toContain('lsm must not import commit');
    expect(findingsIn(checkArrows, 'engine/cli/x.ts', "import { a } from '../node.js';")).toContain(
      'imports the public entry engine/node.ts',
    );
    expect(findingsIn(checkArrows, 'engine/util/x.ts', "import { a } from '../kernel/a.js';")).toContain('engine/util has no place');
    expect(findingsIn(checkArrows, 'engine/cli/x.ts', "import { a } from '../../test/a.js';")).toContain('outside engine/');
    expect(findingsIn(checkArrows, 'engine/cli/x.ts', "import { a } from '../kernel/a.js'; import { b } from './b.js';")).toBe('');
  });

  it('bring no Node module or shell package into the core, and disk modules into files/ only', () => {
    expect(formatFindings(checkModules(engine))).toBe('');
    expect(findingsIn(checkModules, 'engine/lsm/x.ts', "import { join } from 'node:path';")).toBe(
      'engine/lsm/x.ts:1: the core imports node:path',
    );
    expect(findingsIn(checkModules, 'engine/lsm/x.ts', "import { z } from 'zod';")).toContain('the core imports zod');
    expect(findingsIn(checkModules, 'engine/lsm/kind.ts', "import { z } from 'zod';")).toBe('');
    expect(findingsIn(checkModules, 'engine/cli/x.ts', "import { readFileSync } from 'node:fs';")).toContain('only engine/files');
    expect(findingsIn(checkModules, 'engine/files/x.ts', "import { readFileSync } from 'node:fs';")).toBe('');
    expect(findingsIn(checkModules, 'engine/lsm/x.ts', 'const m = await import(name);')).toContain('something chosen at run time');
  });

  it('of the public models reach neither zod nor yaml nor a kind.ts', () => {
    expect(formatFindings(checkReachable(engine, 'engine/index.ts', isDocumentReader))).toBe('');
    expect(formatFindings(checkReachable(engine, 'engine/policy.ts', isDocumentReader))).toBe('');
  });

  it('of the page reach no Node module and nothing of files/', () => {
    const isOfNode = (target: string): boolean => target.startsWith('node:') || target.startsWith('engine/files/');
    for (const entry of ['engine/web/page/main.ts', 'engine/web/page/worker.ts']) {
      expect(formatFindings(checkReachable(engine, entry, isOfNode))).toBe('');
    }
    expect(checkReachable(engine, 'engine/web/server.ts', isOfNode)).not.toEqual([]);
  });

  it('of a simulate.ts never reach a kind.ts', () => {
    const simulators = engine.filter(({ path }) => isCore(path) && path.endsWith('/simulate.ts'));
    expect(simulators.length).toBeGreaterThan(0);
    for (const { path } of simulators) expect(formatFindings(checkReachable(engine, path, isDocumentReader))).toBe('');
  });

  it('that vanish when compiled do not count as reached, all others do', () => {
    const sources = [
      sourceFrom('engine/index.ts', "import type { A } from './lsm/kind.js';\nexport { b } from './lsm/b.js';"),
      sourceFrom('engine/lsm/b.ts', "\nimport { type A } from './kind.js';"),
    ];
    expect(formatFindings(checkReachable(sources, 'engine/index.ts', isDocumentReader))).toBe(
      'engine/lsm/b.ts:2: loads engine/lsm/kind.ts, and engine/index.ts reaches it',
    );
  });
});

describe('the core', () => {
  it('calls nothing whose result depends on engine, clock, chance, environment or locale', () => {
    expect(formatFindings(checkPurity(engine))).toBe('');
  });

  it.each([
    ['const a = 2 ** 3;', '** differs'],
    ['let a = 2; a **= 3;', '** differs'],
    ['const a = Math.pow(2, 3);', 'Math.pow is not exact'],
    ['const a = Math.random();', 'Math.random is not exact'],
    ['const { exp } = Math;', 'Math may only be used as Math.name'],
    ['const a = Date.now();', 'Date is not available'],
    ['const a = { at: performance };', 'performance is not available'],
    ['console.log(1);', 'console is not available'],
    ['const a = (1).toLocaleString();', 'toLocaleString depends'],
  ])('would be caught at: %s', (code, message) => {
    expect(findingsIn(checkPurity, 'engine/lsm/x.ts', `\n${code}`)).toMatch(/^engine\/lsm\/x\.ts:2: /);
    expect(findingsIn(checkPurity, 'engine/lsm/x.ts', code)).toContain(message);
    expect(findingsIn(checkPurity, 'engine/cli/x.ts', code)).toBe('');
  });

  it('may use exact Math, and banned words as names of its own', () => {
    const code = 'export const a = (document: { process: number }) => Math.sqrt(document.process) + Math.PI;';
    expect(findingsIn(checkPurity, 'engine/lsm/x.ts', code)).toBe('');
  });

  it('names the unit of every numeric field at its borders', () => {
    expect(formatFindings(checkUnits(engine))).toBe('');
    const bad =
      'export interface A {\n  readonly size: number | null;\n  readonly sizeBytes: number;\n  readonly write_buffer_size: number;\n}';
    expect(findingsIn(checkUnits, 'engine/lsm/result.ts', bad)).toBe('engine/lsm/result.ts:2: numeric field size names no unit');
  });
});

describe('the sources', () => {
  it('document every exported function, class, interface and constant', () => {
    expect(formatFindings(checkDocComments(engine))).toBe('');
    expect(findingsIn(checkDocComments, 'engine/lsm/x.ts', '\n\nexport const a = 1;\nconst b = 2;')).toBe(
      'engine/lsm/x.ts:3: export a has no doc comment',
    );
    expect(findingsIn(checkDocComments, 'engine/lsm/x.ts', '/** A. */\nexport const a = 1;')).toBe('');
  });

  it('raise only error codes that kernel/errors.ts lists', () => {
    const listed = Object.keys(errorCodes);
    expect(formatFindings(checkErrorCodes(engine, listed))).toBe('');
    expect(
      formatFindings(checkErrorCodes([sourceFrom('engine/lsm/x.ts', "throw new PutmodelError([{ code: 'NOT_LISTED' }]);")], listed)),
    ).toBe('engine/lsm/x.ts:1: error code NOT_LISTED is not in errorCodes of kernel/errors.ts');
  });

  it('lie in engine/ without compiled files beside them, which would be loaded in their place', () => {
    const compiled = readPaths('engine').filter((path) => /\.(js|d\.ts|map)$/.test(path) && path !== 'engine/build.js');
    expect(compiled.filter((path) => existsSync(join(rootDir, path.replace(/(\.js|\.d\.ts|\.js\.map)$/, '.ts'))))).toEqual([]);
  });

  it('hold no notes to come back to', () => {
    const texts = readPaths('engine', 'test', 'bench', 'scenarios')
      .filter((path) => /\.(ts|js|ya?ml|sh)$/.test(path) && !path.startsWith('test/fixtures/'))
      .map((path) => ({ path, text: readFileSync(join(rootDir, path), 'utf8') }));
    expect(formatFindings(checkLeftovers(texts))).toBe('');
    const note = 'TO' + 'DO';
    expect(formatFindings(checkLeftovers([{ path: 'a.ts', text: `// ${note} later` }]))).toBe(`a.ts:1: ${note} left in`);
  });

  it('switch no test off', () => {
    expect(formatFindings(checkTestSwitches(tests))).toBe('');
    const code = "it.skip('a', f);\ndescribe.skipIf(missing)('b', f);\ntest.concurrent.only('c', f);";
    expect(findingsIn(checkTestSwitches, 'test/x.test.ts', code)).toBe(
      'test/x.test.ts:1: it.skip in a test\ntest/x.test.ts:3: test.concurrent.only in a test',
    );
  });
});

describe('README.md', () => {
  const manifest = JSON.parse(readFileSync(join(rootDir, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
  const cliText = engine
    .filter(({ path }) => path.startsWith('engine/cli/'))
    .map(({ text }) => text)
    .join('\n');

  it('shows only commands, npm scripts and files that exist', () => {
    expect(existsSync(join(rootDir, 'README.md'))).toBe(true);
    const readme = readFileSync(join(rootDir, 'README.md'), 'utf8');
    const known = { scripts: Object.keys(manifest.scripts), cliText, exists: (path: string) => existsSync(join(rootDir, path)) };
    expect(formatFindings(checkReadme(readme, known))).toBe('');
  });

  it('would be caught showing one that does not', () => {
    const known = { scripts: ['test'], cliText: ".command('simulate')", exists: () => false };
    const readme = '```\nnpm test\nnpm run lint\nnpx putmodel simulate scenarios/a.yaml\nnpx putmodel dance\n```\nputmodel in prose';
    expect(formatFindings(checkReadme(readme, known))).toBe(
      [
        'README.md:3: npm script lint does not exist',
        'README.md:4: scenarios/a.yaml does not exist',
        'README.md:5: putmodel has no command dance',
      ].join('\n'),
    );
  });
});
