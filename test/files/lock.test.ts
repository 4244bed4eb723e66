import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { lockDirectory, lockName } from '../../engine/files/lock.js';

const parent = mkdtempSync(join(tmpdir(), 'putmodel-lock-'));
afterAll(() => {
  rmSync(parent, { recursive: true });
});

/** A directory with what a process may have left as its lock. */
function heldBy(name: string, text: string): string {
  const directory = join(parent, name);
  mkdirSync(directory);
  writeFileSync(join(directory, lockName), text);
  return directory;
}

describe('the lock of a directory', () => {
  it('is one process’s at a time, and gone when it is given back', () => {
    const directory = join(parent, 'new', 'deep');
    const lock = lockDirectory(directory);
    expect(() => lockDirectory(directory)).toThrow(
      `${directory} is in use by process ${process.pid} on this host (expected one process a directory: another --out, or the end of that process)`,
    );
    lock.release();
    expect(existsSync(join(directory, lockName))).toBe(false);
    lockDirectory(directory).release();
  });

  it('of a process that is dead is taken over', () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    const directory = heldBy('dead', JSON.stringify({ pid, host: hostname(), startTicks: '1' }));
    const lock = lockDirectory(directory);
    expect(JSON.parse(readFileSync(join(directory, lockName), 'utf8'))).toMatchObject({ pid: process.pid });
    lock.release();
  });

  it.runIf(process.platform === 'linux')('of a process whose number another one has now is taken over', () => {
    const directory = heldBy('reused', JSON.stringify({ pid: process.pid, host: hostname(), startTicks: '1' }));
    lockDirectory(directory).release();
  });

  it('of another host is left alone, and it says how to remove it', () => {
    const directory = heldBy('elsewhere', JSON.stringify({ pid: 1, host: 'elsewhere', startTicks: '1' }));
    expect(() => lockDirectory(directory)).toThrow(
      new RegExp(`in use by process 1 on elsewhere .*; if it is dead, wait two minutes or remove ${directory}/${lockName}\\)$`),
    );
  });

  it('of another host that was not touched for two minutes is taken over, and a holder touches its own', () => {
    const directory = heldBy('elsewhere-dead', JSON.stringify({ pid: 1, host: 'elsewhere', startTicks: '1' }));
    const path = join(directory, lockName);
    const ago = (seconds: number): Date => new Date(Date.now() - 1000 * seconds);
    utimesSync(path, ago(100), ago(100));
    expect(() => lockDirectory(directory)).toThrow('in use by process 1 on elsewhere');
    utimesSync(path, ago(130), ago(130));
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const lock = lockDirectory(directory);
    utimesSync(path, ago(100), ago(100));
    vi.advanceTimersByTime(5000);
    expect(Date.now() - statSync(path).mtimeMs).toBeLessThan(50_000);
    lock.release();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('that was cut off while it was made is taken over a little later', () => {
    const directory = heldBy('empty', '');
    expect(() => lockDirectory(directory)).toThrow('in use by another process');
    utimesSync(join(directory, lockName), 1, 1);
    lockDirectory(directory).release();
  });

  it('where none can be made is one clear line', () => {
    writeFileSync(join(parent, 'file'), '');
    expect(() => lockDirectory(join(parent, 'file'))).toThrow(/cannot be written: E[A-Z]+$/);
    if (process.platform === 'linux') expect(() => lockDirectory('/proc/putmodel')).toThrow('cannot be written: ENOENT');
  });
});
