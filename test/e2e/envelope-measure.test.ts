/** A real fio over a tiny grid: measured, interrupted and gone on with, and built into an envelope. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { commandFile, putmodel, putmodelOk, removeDir, rootDir, run } from '../support/process.js';
import { lacksTool } from '../support/tools.js';

const tiny = ['--size', '64MiB', '--ramp-seconds', '0', '--pause-seconds', '0', '--read-percent', '0,100'];
const onePerAxis = ['--iodepth', '4', '--numjobs', '2', '--bs-kib', '64'];

describe.skipIf(lacksTool('fio'))('envelope measure', () => {
  it('leaves two points that become an envelope; done again it measures nothing', () => {
    const directory = diskDir();
    const output = join(directory, 'out');
    const command = ['envelope', 'measure', '--filename', join(directory, 'target'), '-o', output, ...tiny, ...onePerAxis];
    const first = JSON.parse(putmodelOk([...command, '--runtime-seconds', '2', '--json'])) as Record<string, unknown>;
    expect(first).toMatchObject({ schema: 'putmodel/envelope-measure/1', pointCount: 2, measuredCount: 2, keptCount: 0, failures: [] });
    expect(typeof first['driftPercent']).toBe('number');
    const again = JSON.parse(putmodelOk([...command, '--runtime-seconds', '2', '--json'])) as Record<string, unknown>;
    expect(again).toMatchObject({ measuredCount: 0, keptCount: 2, engine: first['engine'] });

    const model = join(directory, 'model.json');
    expect(putmodelOk(['envelope', 'build', output, '-o', model])).toContain('2 points from 2 files');
    const asked = ['envelope', 'query', model, '--read-percent', '100', '--iodepth', '4', '--numjobs', '2', '--bs-kib', '64', '--json'];
    const { totalMibPerSec } = JSON.parse(putmodelOk(asked)) as { totalMibPerSec: number };
    expect(totalMibPerSec).toBeGreaterThan(0);
  });

  it('ends with 130 at Ctrl-C, leaves no fio behind, and goes on where it was', async () => {
    const directory = diskDir();
    const output = join(directory, 'out');
    const target = join(directory, 'target');
    const command = ['envelope', 'measure', '--filename', target, '-o', output, ...tiny, ...onePerAxis, '--runtime-seconds', '4'];
    const child = spawn(process.execPath, [commandFile, ...command], { cwd: rootDir, stdio: 'ignore' });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    for (let polls = 0; polls < 300 && !existsSync(join(output, 'result_0_4_2_64.json')); polls++) await wait(100);
    await wait(1000);
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(readdirSync(output)).toEqual(['measurement.jsonl', 'repeat', 'result_0_4_2_64.json']);
    expect(commandLines().filter((line) => line.includes(`--filename=${target}`))).toEqual([]);
    const { keptCount, measuredCount } = JSON.parse(putmodelOk([...command, '--json'])) as Record<string, unknown>;
    expect({ keptCount, measuredCount }).toEqual({ keptCount: 1, measuredCount: 1 });
  });

  it('as a printed script leaves results that it takes for its own', () => {
    const directory = diskDir();
    const output = join(directory, 'out');
    const command = ['envelope', 'measure', '--filename', join(directory, 'target'), '-o', output, ...tiny, ...onePerAxis];
    const script = putmodelOk([...command, '--runtime-seconds', '1', '--plan']);
    const outcome = run('sh', ['-c', script.replaceAll('io_uring', 'libaio')]);
    expect({ status: outcome.status, stdout: outcome.stdout }).toEqual({ status: 0, stdout: '' });
    const go = putmodel([...command, '--runtime-seconds', '1', '--json', '--i-know-this-destroys-data']);
    expect(JSON.parse(go.stdout)).toMatchObject({ measuredCount: 0, keptCount: 2, engine: 'libaio' });
  });
});

it('a file with content is left as it is, with or without fio', () => {
  const directory = diskDir();
  const target = join(directory, 'data');
  writeFileSync(target, 'precious');
  const { status, stderr } = putmodel(['envelope', 'measure', '--filename', target, '-o', join(directory, 'out'), ...tiny]);
  expect(status).toBe(2);
  expect(stderr).toContain('this file exists, and its content would be overwritten');
  expect(readFileSync(target, 'utf8')).toBe('precious');
  expect(existsSync(join(directory, 'out'))).toBe(false);
});

/** Of all processes that run now (Linux). */
function commandLines(): string[] {
  const numbers = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return numbers.flatMap((number) => {
    try {
      return [readFileSync(`/proc/${number}/cmdline`, 'utf8')];
    } catch {
      return []; // It ended meanwhile.
    }
  });
}

/** A new directory inside the checkout, not in /tmp: that may lie in memory, where there is no direct I/O. */
function diskDir(): string {
  mkdirSync(join(rootDir, 'results'), { recursive: true });
  const directory = mkdtempSync(join(rootDir, 'results', 'measure-'));
  onTestFinished(() => {
    removeDir(directory);
  });
  return directory;
}
