/** The command as a process: exit status, what goes to which stream, pipes that close early, interruption. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandFile, putmodel, putmodelOk, rootDir, run, runOk, testDir } from '../support/process.js';

const fill = ['db_bench', '--benchmarks=fillrandom', '--num=1000000', '--value_size=1024', '--rate_limiter_bytes_per_sec=67108864'];

/** Four trillion puts: hours of simulation, for tests that end it early. */
const endlessFill = ['db_bench', '--benchmarks=fillrandom', '--num=4000000000000', '--value_size=100'];

describe('--json', () => {
  it('prints one JSON document on stdout and nothing else', () => {
    const document = JSON.parse(putmodelOk([...fill, '--json'])) as Record<string, unknown>;
    expect(document['schema']).toBe('putmodel/lsm-result/1');
  });

  it('holds no NaN, and numbers that are finite or null', () => {
    const text = putmodelOk([...fill, '--json']);
    expect(text).not.toMatch(/NaN|Infinity|undefined/);
  });
});

describe('bad usage ends with status 2, one line an error on stderr, and no stack trace', () => {
  it.each([
    ['an unknown command', ['dance']],
    ['an unknown option', ['simulate', 'scenarios/rate-limited.yaml', '--dance']],
    ['a scenario that does not exist', ['simulate', 'scenarios/none.yaml']],
    ['a directory as scenario', ['simulate', 'scenarios']],
    ['an unknown db_bench flag', ['db_bench', '--benchmark=fillrandom']],
    ['a value of the wrong type', ['db_bench', '--num=many']],
    ['a negative rate', [...fill, '--rate_limiter_bytes_per_sec=-1']],
    ['an unknown path in --set', ['simulate', 'scenarios/rate-limited.yaml', '--set', 'lsm.max_background_job=2']],
    ['a --require that cannot be read', ['simulate', 'scenarios/rate-limited.yaml', '--require', 'stall.stoppedSec<<0']],
    ['a seed that is no number', ['simulate', 'scenarios/rate-limited.yaml', '--seed', 'x']],
    ['an output directory that cannot be made', ['simulate', 'scenarios/rate-limited.yaml', '--out', '/dev/null/x']],
    ['truncated YAML', ['simulate', { name: 'cut.yaml', text: 'kind: lsm\nlsm: {write_buffer_size:' }]],
    ['an empty scenario', ['simulate', { name: 'empty.yaml', text: '' }]],
    ['a binary file', ['simulate', { name: 'binary.yaml', text: '\u0000\u0001\u0002' }]],
  ] as const)('%s', (_, args) => {
    const directory = testDir();
    const { status, stdout, stderr } = putmodel(args.map((arg) => (typeof arg === 'string' ? arg : fileIn(directory, arg))));
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr.trim()).not.toBe('');
    expect(stderr).not.toMatch(/^\s+at |node:internal|Error:.*\n\s+at /m);
  });
});

it('a requirement that the result misses ends with status 1', () => {
  const { status } = putmodel(['simulate', 'scenarios/rate-limited.yaml', '--require', 'putRate.meanOpsPerSec>=1e12']);
  expect(status).toBe(1);
});

it('a reader that closes the pipe early is no error', () => {
  const pipeline = `set -o pipefail; "$0" "$1" --help | head -n 1; "$0" "$1" simulate scenarios/rate-limited.yaml --json | head -c 10`;
  const { status, stderr } = run('bash', ['-c', pipeline, process.execPath, commandFile]);
  expect({ status, stderr: stderr.match(/EPIPE|\n\s+at /)?.[0] ?? '' }).toEqual({ status: 0, stderr: '' });
});

it('Ctrl-C ends a run with status 130', async () => {
  const child = spawn(process.execPath, [commandFile, ...endlessFill], { cwd: rootDir, stdio: 'ignore' });
  const ended = new Promise<number | null>((resolve) =>
    child.once('exit', (code, signal) => {
      resolve(signal === 'SIGINT' ? 130 : code);
    }),
  );
  setTimeout(() => child.kill('SIGINT'), 1500);
  const limit = setTimeout(() => child.kill('SIGKILL'), 15_000);
  expect(await ended).toBe(130);
  clearTimeout(limit);
});

it('npx putmodel works inside the checkout', () => {
  expect(runOk('npx', ['putmodel', '--help'])).toContain('db_bench');
});

/** Writes a file and gives its path. */
function fileIn(directory: string, { name, text }: { readonly name: string; readonly text: string }): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}
