/** The printed script, run by the real shell with a fio that only writes down what it was asked for. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { majorMinor } from '../../engine/files/drive.js';
import { gridScript } from '../../engine/fio/grid-script.js';
import { destroyFlag } from '../../engine/files/grid-target.js';
import { run, testDir } from '../support/process.js';

const sizeBytes = 16_777_216;
const axes = { readPercent: [0], iodepth: [1], numjobs: [1], bsKib: [4] };

interface Place {
  readonly directory: string;
  readonly target: string;
  /** The script's status and what it said, without the results' names. */
  readonly go: (options?: { readonly flag?: string; readonly target?: string; readonly sizeBytes?: number | null }) => {
    status: number | null;
    said: string;
  };
  /** Names of the jobs that fio was asked for, since the last look. */
  readonly ran: () => string;
}

function makePlace(): Place {
  const directory = testDir();
  const target = join(directory, 'the target');
  const bin = join(directory, 'bin');
  const diary = join(directory, 'diary');
  mkdirSync(bin);
  writeFileSync(
    join(bin, 'fio'),
    `#!/bin/sh\nfor word in "$@"; do case $word in --name=*) echo "\${word#--name=}" >> '${diary}';; --output=*) echo {} > "\${word#--output=}";; esac; done\n`,
  );
  chmodSync(join(bin, 'fio'), 0o755);
  return {
    directory,
    target,
    go: (options = {}) => {
      const settings = { target, sizeBytes, runtimeSec: 1, rampSec: 0, ...options };
      const plan = { axes, settings, output: join(directory, 'out'), pauseSec: 0, precondition: false };
      const script = join(directory, 'script.sh');
      writeFileSync(script, gridScript(plan));
      const env = { PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` };
      const { status, stderr } = run('sh', [script, ...(options.flag === undefined ? [] : [options.flag])], { env });
      return { status, said: stderr.replaceAll(/^.*\.json\n/gm, '') };
    },
    ran: () => {
      const jobs = existsSync(diary) ? readFileSync(diary, 'utf8').trim().split('\n').join(' ') : '';
      rmSync(diary, { force: true });
      return jobs;
    },
  };
}

describe.skipIf(process.platform !== 'linux')('the printed script', () => {
  it('makes and fills its file, knows it again, and makes it anew when it is gone', () => {
    const { go, ran, target, directory } = makePlace();
    expect(go()).toEqual({ status: 0, said: '' });
    expect(ran()).toBe('fill mixed_test mixed_test');
    expect(statSync(target).size).toBe(sizeBytes);
    rmSync(join(directory, 'out/result_0_1_1_4.json'));
    expect(go()).toEqual({ status: 0, said: '' });
    expect(ran()).toBe('mixed_test');
    rmSync(target);
    expect(go()).toEqual({ status: 0, said: '' });
    expect(ran()).toBe('fill');
  });

  it("leaves another file alone that took its file's name, unless told otherwise", () => {
    const { go, ran, target, directory } = makePlace();
    writeFileSync(target, 'precious');
    const refusal = `${target}: this file exists, and its content would be overwritten (expected a new name, or ${destroyFlag})\n`;
    expect(go()).toEqual({ status: 2, said: refusal });
    renameSync(target, join(directory, 'mine'));
    go();
    renameSync(join(directory, 'mine'), target);
    ran();
    expect(go()).toEqual({ status: 2, said: refusal });
    expect(readFileSync(target, 'utf8')).toBe('precious');
    expect(ran()).toBe('');
    expect(go({ flag: destroyFlag })).toEqual({ status: 0, said: '' });
    expect(ran()).toBe('fill');
  });

  it('refuses a file that does not fit, a directory, a lost link, a missing directory and a missing device', () => {
    const { go, ran, directory, target } = makePlace();
    expect(go({ sizeBytes: 2 ** 50 })).toEqual({ status: 2, said: `${target}: a file of ${String(2 ** 50)} bytes does not fit\n` });
    expect(existsSync(join(directory, 'out'))).toBe(false);
    expect(go({ target: directory }).said).toBe(`${directory}: is neither a file nor a block device\n`);
    symlinkSync('nowhere', join(directory, 'link'));
    expect(go({ target: join(directory, 'link') }).said).toContain('is neither a file nor a block device');
    expect(go({ target: join(directory, 'no/t') }).said).toContain(`there is no directory ${directory}/no`);
    expect(go({ target: '/dev/putmodel-none', flag: destroyFlag }).said).toBe('/dev/putmodel-none: there is no such device\n');
    expect(go({ sizeBytes: null }).said).toBe(`${target}: is no block device\n`);
    expect(ran()).toBe('');
  });

  const mounted = mountedDevice();
  it.skipIf(mounted === null)('refuses a mounted device whatever it is told', () => {
    const { go, ran } = makePlace();
    const outcome = go({ target: mounted ?? '', sizeBytes: null, flag: destroyFlag });
    expect(outcome.status).toBe(2);
    expect(outcome.said).toContain(`${mounted ?? ''}: the device is in use: mounted`);
    expect(ran()).toBe('');
  });
});

/** A block device of this machine that something is mounted from; null where there is none to be seen. */
function mountedDevice(): string | null {
  if (!existsSync('/proc/self/mountinfo')) return null;
  const mounted = new Set(readFileSync('/proc/self/mountinfo', 'utf8').match(/(?<=^\d+ \d+ )\d+:\d+/gm));
  const isMounted = (path: string): boolean => {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat?.isBlockDevice() === true && mounted.has(majorMinor(stat.rdev));
  };
  return (
    readdirSync('/dev')
      .map((name) => `/dev/${name}`)
      .find(isMounted) ?? null
  );
}
