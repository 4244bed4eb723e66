/** Sweeps over policies of one's own: the same bytes in threads, shards and queue workers; a policy that fails costs its own runs only. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandFile, putmodelOk, rootDir, run } from '../support/process.js';
import { startRedis } from '../support/redis.js';
import { lacksTool } from '../support/tools.js';
import { sweepFiles, writeSweep } from '../sweep/sample.js';

const directory = mkdtempSync(join(tmpdir(), 'putmodel-sweep-modules-'));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(directory, { recursive: true });
});

const base = `kind: lsm
puts: 60000
workload: { value_size: 1024 }
lsm: { write_buffer_size: 1048576, max_bytes_for_level_base: 4194304 }
`;
const first = 'for (let i = 0; i + 1 < tree.levelCount; i++) if (tree.level(i).score >= 1) return tree.compactionOf(i); return null;';
/** A policy that keeps state between calls: a run must not see what another one left. */
const counting = `globalThis.calls = (globalThis.calls ?? 0) + 1; if (globalThis.calls % 3 === 0) return null; ${first}`;
const policies = { first, counting, throwing: 'return tree.nothing.here;', endless: 'for (;;);' };
const reference = join(directory, 'reference');
let sweep = '';

beforeAll(() => {
  const axes = `    policy: [rocksdb, ${Object.keys(policies)
    .map((name) => `./${name}.js`)
    .join(', ')}]\n`;
  sweep = writeSweep(join(directory, 'in'), axes, '', base);
  for (const [name, body] of Object.entries(policies)) writePolicy(name, body);
  putmodelOk(['sweep', sweep, '--threads', '2', '--out', reference]);
});

function writePolicy(name: string, body: string): void {
  const text = `export const policy = { name: '${name}', source: 'a test',\n  choose(tree) { ${body} } };\n`;
  writeFileSync(join(directory, 'in', `${name}.js`), text);
}

describe('a sweep over policies of one’s own', () => {
  it('makes the runs of those that work, and says in one line what the others did', () => {
    const rows = readFileSync(join(reference, 'sweep.csv'), 'utf8').trimEnd().split('\n').slice(1);
    expect(rows.map((row) => row.split(',').slice(2, 5).join(' '))).toEqual([
      'rocksdb 1 done',
      './first.js 1 done',
      './counting.js 1 done',
      './throwing.js 1 failed',
      './endless.js 1 failed',
    ]);
    const failures = readFileSync(join(reference, 'failures.csv'), 'utf8').trimEnd().split('\n').slice(1);
    expect(failures).toHaveLength(2);
    expect(failures[0]).toMatch(/throwing.*TypeError.*throwing\.js:2:/);
    expect(failures[1]).toMatch(/\.\/endless\.js: the module does not return: no progress for 10 s/);
  });

  it('has the modules’ digests in its manifest, and is another sweep when one changes', () => {
    const { inputs } = JSON.parse(readFileSync(join(reference, 'manifest.json'), 'utf8')) as { inputs: { name: string }[] };
    expect(inputs.map(({ name }) => name)).toContain('counting.js');
    writePolicy('first', `void 0; ${first}`);
    const { status, stderr } = run(process.execPath, [commandFile, 'sweep', sweep, '--resume', '--out', reference]);
    writePolicy('first', first);
    expect(status).toBe(2);
    expect(stderr).toMatch(/a device, host or other file that it reads has changed/);
  });

  it('gives the same bytes in shards', () => {
    const parts = [0, 1].map((index) => join(directory, `part-${String(index)}`));
    parts.forEach((part, index) => putmodelOk(['sweep', sweep, '--threads', '1', '--shard', `${String(index)}/2`, '--out', part]));
    const out = join(directory, 'merged');
    putmodelOk(['merge', ...parts, '--out', out]);
    expect(sweepFiles(out)).toEqual(sweepFiles(reference));
  });

  it('refuses a module that cannot be used before anything runs', () => {
    const path = writeSweep(join(directory, 'in'), '    policy: [./broken.js, ./importing.js, ./empty.js]\n', '', base);
    writeFileSync(join(directory, 'in', 'broken.js'), 'export const policy = {');
    writeFileSync(join(directory, 'in', 'importing.js'), "import './first.js';\nexport const policy = { name: 'x' };\n");
    writeFileSync(join(directory, 'in', 'empty.js'), 'export const other = 1;');
    const { status, stderr } = run(process.execPath, [commandFile, 'sweep', path, '--out', join(directory, 'refused')]);
    expect(status).toBe(2);
    const lines = stderr.trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[2]).toMatch(/^\.\/empty\.js: the policy's module: exports no policy/);
    expect(lines[0]).toMatch(/^\.\/broken\.js: the module cannot be used: SyntaxError/);
    expect(lines[1]).toMatch(/^\.\/importing\.js: the module cannot be used: .*'?\.\/first\.js.* \(expected a module of one file, .*\)$/);
    expect(stderr.length).toBeLessThan(800);
  });
});

describe.skipIf(lacksTool('redis-server'))('on a queue', () => {
  it('is refused by workers that were not told to run code, and gives the same bytes on those that were', async () => {
    const path = writeSweep(join(directory, 'in'), '    policy: [rocksdb, ./first.js, ./throwing.js]\n', '  seeds: 2\n', base);
    const threads = join(directory, 'threads');
    putmodelOk(['sweep', path, '--out', threads]);
    const redis = await startRedis(directory);
    const out = join(directory, 'queued');
    const refusing = await startWorker(redis.url);
    const { status, stderr } = run(process.execPath, [commandFile, 'sweep', path, '--queue', redis.url, '--out', out]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/brings code along \(\.\/first\.js, \.\/throwing\.js\), which workers run with --allow-modules only/);
    refusing.kill('SIGKILL');
    await startWorker(redis.url, '--allow-modules');
    putmodelOk(['sweep', path, '--queue', redis.url, '--out', out, '--resume']);
    expect(sweepFiles(out)).toEqual(sweepFiles(threads));
    await redis.stop();
  });
});

async function startWorker(url: string, ...more: readonly string[]): Promise<ChildProcess> {
  const args = [commandFile, 'worker', '--queue', url, '--threads', '1', '--lock-seconds', '1', ...more];
  const worker = spawn(process.execPath, args, { cwd: rootDir, stdio: ['ignore', 'ignore', 'pipe'] });
  children.push(worker);
  await once(worker.stderr, 'data');
  return worker;
}
