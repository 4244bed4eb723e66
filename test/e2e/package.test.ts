/** The package as users get it: packed, installed in an empty folder, run, and imported from strict TypeScript. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importsOf, sourceFrom } from '../structure/source.js';
import { makeDir, removeDir, rootDir, run, runOk } from '../support/process.js';

interface Manifest {
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync(join(rootDir, 'package.json'), 'utf8')) as Manifest;
const compilerVersion = (JSON.parse(readFileSync(join(rootDir, 'node_modules/typescript/package.json'), 'utf8')) as Manifest).version;

let userDir = '';
let packedFiles: string[] = [];

beforeAll(() => {
  userDir = makeDir();
  const [packed] = JSON.parse(runOk('npm', ['pack', '--json', '--pack-destination', userDir]).replace(/^[^[]*/, '')) as [
    { filename: string; files: { path: string }[] },
  ];
  packedFiles = packed.files.map(({ path }) => path);
  writeFileSync(join(userDir, 'package.json'), JSON.stringify({ name: 'user', private: true, type: 'module' }));
  const packages = [`./${packed.filename}`, `typescript@${compilerVersion}`];
  runOk('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...packages], { cwd: userDir, timeoutMillis: 240_000 });
});

afterAll(() => {
  removeDir(userDir);
});

/** Runs the installed command as a user does. */
function npx(...args: string[]) {
  return run('npx', ['--no-install', 'putmodel', ...args], { cwd: userDir });
}

/** Runs the installed command with --json, and gives the document. */
function npxJson(...args: string[]): Record<string, unknown> {
  const { status, stdout, stderr } = npx(...args, '--json');
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as Record<string, unknown>;
}

describe('the packed package', () => {
  it('holds the compiled program, scenarios, accuracy table, README and licence, and nothing of the workshop', () => {
    expect(packedFiles).toEqual(
      expect.arrayContaining([
        'LICENSE',
        'README.md',
        'package.json',
        'dist/cli/main.js',
        'results/reference/accuracy.json',
        'results/reference/repeats.json',
      ]),
    );
    expect(
      packedFiles.filter(
        (path) =>
          !/^(dist\/|scenarios\/|engine\/report\/fonts\/|LICENSE$|README\.md$|package\.json$|results\/reference\/(accuracy|repeats)\.json$)/.test(
            path,
          ),
      ),
    ).toEqual([]);
    expect(packedFiles.filter((path) => /\.tsbuildinfo$|\.test\.|(?<!\.d)\.ts$/.test(path))).toEqual([]);
  });

  it('holds every file that its entries and its command name', () => {
    const targets = Object.values(manifest.exports).flatMap((target) => (typeof target === 'string' ? [target] : Object.values(target)));
    for (const target of [...targets, ...Object.values(manifest.bin)]) expect(packedFiles).toContain(target.replace('./', ''));
  });

  it('loads nothing that only its development installs', () => {
    const loaded = new Set<string>();
    for (const path of packedFiles.filter((file) => /^dist\/.*\.(js|d\.ts)$/.test(file))) {
      const source = sourceFrom(path, readFileSync(join(rootDir, path), 'utf8'));
      for (const { specifier } of importsOf(source)) if (/^[^.]/.test(specifier)) loaded.add(packageName(specifier));
    }
    const known = Object.keys(manifest.dependencies);
    expect([...loaded]).toContain('commander');
    expect([...loaded].filter((name) => !name.startsWith('node:') && !known.includes(name))).toEqual([]);
  });

  it('runs as npx putmodel: help, version, a shipped scenario, db_bench flags', () => {
    expect(npx('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('simulate') as string });
    expect(npx('--version')).toMatchObject({ status: 0, stdout: `${manifest.version}\n` });
    const simulated = npxJson('simulate', 'node_modules/putmodel/scenarios/rate-limited.yaml');
    expect(simulated).toMatchObject({ schema: 'putmodel/lsm-result/1' });
    const benched = npxJson(
      'db_bench',
      '--benchmarks=fillrandom',
      '--num=1000000',
      '--value_size=1024',
      '--rate_limiter_bytes_per_sec=67108864',
    );
    expect((benched['putRate'] as { meanOpsPerSec: number }).meanOpsPerSec).toBeGreaterThan(1000);
  });

  it('sweeps on threads, and says how to get what is not installed with it', () => {
    writeFileSync(join(userDir, 'base.yaml'), 'kind: lsm\nduration_seconds: 5\nworkload: { num: 100000 }\n');
    writeFileSync(join(userDir, 'sweep.yaml'), 'sweep:\n  base: base.yaml\n  axes: { lsm.max_background_jobs: [2, 4] }\n');
    const swept = npxJson('sweep', 'sweep.yaml', '--threads', '2', '--out', 'swept');
    expect(swept).toMatchObject({ schema: 'putmodel/sweep/1', runs: 2, failedRuns: 0, complete: true });
    expect(npx('query', 'SELECT 1', 'swept')).toEqual({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('needs the package @duckdb/node-api, which is not installed (expected npm install') as string,
    });
  });

  it('writes the what-if page', () => {
    expect(npx('serve', '--export', 'page')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d+ files in page\n$/) as string });
    expect(readFileSync(join(userDir, 'page/index.html'), 'utf8')).toContain('./assets/');
  });

  it('type-checks and runs in a strict TypeScript program, its declarations and those it names included', () => {
    const consumer = readFileSync(join(rootDir, 'test/e2e/consumer.ts.txt'), 'utf8');
    writeFileSync(join(userDir, 'consumer.ts'), consumer);
    const options = {
      module: 'nodenext',
      target: 'es2023',
      lib: ['es2023', 'dom'],
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
    };
    writeFileSync(
      join(userDir, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { ...options, skipLibCheck: false }, files: ['consumer.ts'] }),
    );
    const checked = run('npx', ['--no-install', 'tsc', '-p', '.'], { cwd: userDir });
    expect(checked.stdout).toBe('');
    expect(checked.status).toBe(0);
    expect(runOk(process.execPath, ['consumer.js'], { cwd: userDir })).toBe('ok\n');
  });
});

function packageName(specifier: string): string {
  const [scope = '', name = ''] = specifier.split('/');
  return scope.startsWith('@') ? `${scope}/${name}` : scope;
}
