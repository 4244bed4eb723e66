import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addEnvelopeMeasureCommand } from '../../engine/cli/commands/envelope-measure.js';
import { PutmodelError } from '../../engine/kernel/errors.js';
import { testDir } from '../support/process.js';

async function measure(...args: string[]): Promise<{ out: string; err: string }> {
  let out = '';
  let err = '';
  const program = new Command('envelope').exitOverride().configureOutput({ writeErr: () => undefined });
  addEnvelopeMeasureCommand(program, { stdout: (text) => (out += text), stderr: (text) => (err += text) });
  await program.parseAsync(['measure', ...args], { from: 'user' });
  return { out, err };
}

const issuesOf = async (...args: string[]) => {
  const error = await measure(...args).catch((caught: unknown) => caught);
  return error instanceof PutmodelError ? error.issues : error;
};

describe('envelope measure --plan', () => {
  it('prints the 180 points as a script and touches nothing', async () => {
    const directory = testDir();
    const { out, err } = await measure('--filename', join(directory, 'target'), '-o', join(directory, 'out'), '--plan');
    expect(out.match(/^point result_/gm)).toHaveLength(180);
    expect(out).toContain('--runtime=30 --ramp_time=10 ');
    expect(out).toContain('--size=8589934592');
    expect(err).toBe('');
    expect([existsSync(join(directory, 'target')), existsSync(join(directory, 'out'))]).toEqual([false, false]);
  });

  it('needs no device: /dev/nvme9n1 is planned whole', async () => {
    const { out } = await measure('--filename', '/dev/nvme9n1', '-o', 'x', '--plan', '--quick');
    expect(out.match(/^point result_/gm)).toHaveLength(54);
    expect(out).toContain('--filename=/dev/nvme9n1 ');
    expect(out).not.toContain('--size=');
    expect(out).toContain('--runtime=5 --ramp_time=2 ');
  });

  it('takes other axes and times', async () => {
    const axes = ['--read-percent', '100,0,100', '--iodepth', '2', '--numjobs', '1', '--bs-kib', '4, 8'];
    const { out } = await measure(
      '--filename',
      'f',
      '-o',
      'x',
      '--plan',
      ...axes,
      '--runtime-seconds',
      '1',
      '--ramp-seconds',
      '0',
      '--json',
    );
    const plan = JSON.parse(out) as Record<string, unknown>;
    expect(plan).toMatchObject({
      schema: 'putmodel/envelope-measure-plan/1',
      settings: { target: 'f', runtimeSec: 1, rampSec: 0 },
      axes: { readPercent: [100, 0], bsKib: [4, 8] },
      // Four points and the first again, of one second, with five of rest each.
      expectedSec: 30,
    });
  });
});

describe('envelope measure refuses', () => {
  it.each([
    [['--size', '1MiB'], 'wrong value of --size'],
    [['--runtime-seconds', '0'], 'wrong value of --runtime-seconds'],
    [['--read-percent', '50,101'], 'wrong value of --read-percent'],
    [['--iodepth', '0'], 'wrong value of --iodepth'],
    [['--bs-kib', '4,,8'], 'wrong value of --bs-kib'],
  ])('%j', async (flags, message) => {
    expect(await issuesOf('--filename', 'f', '-o', 'x', ...flags)).toMatchObject([{ code: 'USAGE', message }]);
  });

  it('a file with content, before it looks for fio', async () => {
    const target = join(testDir(), 'data');
    writeFileSync(target, 'precious');
    expect(await issuesOf('--filename', target, '-o', join(testDir(), 'out'))).toMatchObject([
      { code: 'USAGE', file: target, message: 'this file exists, and its content would be overwritten' },
    ]);
  });

  it('a device that is not there', async () => {
    expect(await issuesOf('--filename', '/dev/nvme99n1', '-o', 'x', '--i-know-this-destroys-data')).toMatchObject([
      { code: 'USAGE', message: 'there is no such device' },
    ]);
  });
});
