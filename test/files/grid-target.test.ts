import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findTarget, isDevicePath, judgeTarget, sizeTarget, type FoundTarget, type TargetWish } from '../../engine/files/grid-target.js';
import { formatIssue, PutmodelError } from '../../engine/kernel/errors.js';
import { testDir } from '../support/process.js';

const gib = 1024 * 1024 * 1024;

const newFile: FoundTarget = {
  path: '/mnt/target',
  kind: 'absent',
  sizeBytes: 0,
  allocatedBytes: 0,
  fileSystemBytes: 100 * gib,
  freeBytes: 10 * gib,
  deviceNumber: 65024,
  identity: null,
  users: [],
};
const file: FoundTarget = { ...newFile, kind: 'file', sizeBytes: 4 * gib, allocatedBytes: 4 * gib, identity: 'a' };
const device: FoundTarget = { ...newFile, path: '/dev/nvme1n1', kind: 'blockDevice' };
const wish: TargetWish = { sizeBytes: 8 * gib, mayDestroy: false, madeIdentity: null };

const said = (found: FoundTarget, wanted: Partial<TargetWish> = {}): string =>
  judgeTarget(found, { ...wish, ...wanted })
    .map(formatIssue)
    .join('\n');

describe('a block device', () => {
  it('is refused unless the user says that data may be lost', () => {
    expect(said(device, { sizeBytes: null })).toBe(
      '/dev/nvme1n1: this is a block device: all that is on it would be overwritten (expected --i-know-this-destroys-data, or a file)',
    );
    expect(said(device, { sizeBytes: null, mayDestroy: true })).toBe('');
  });

  it('in use is refused whatever the user says', () => {
    expect(said({ ...device, users: ['mounted at /'] }, { mayDestroy: true })).toBe(
      '/dev/nvme1n1: the device is in use: mounted at / (expected a device that nothing uses, or a file)',
    );
  });

  it('that does not exist is not made as a file in /dev', () => {
    expect(said({ ...newFile, path: '/dev/nvme9n1' }, { mayDestroy: true })).toBe('/dev/nvme9n1: there is no such device');
    expect([isDevicePath('/dev/nvme9n1'), isDevicePath('/dev/shm/x'), isDevicePath('/device')]).toEqual([true, false, false]);
  });
});

describe('a file', () => {
  it('that does not exist needs room, with 5 % of the file system, at most 1 GiB, left free', () => {
    expect(said(newFile)).toBe('');
    expect(said(newFile, { sizeBytes: 9 * gib })).toBe('');
    expect(said(newFile, { sizeBytes: 9 * gib + 1 })).toBe(
      '/mnt/target: a file of 9.0 GiB does not fit: found 10.0 GiB free, of which 1.0 GiB are left alone (expected --size of at most 9.0 GiB)',
    );
    expect(said({ ...newFile, fileSystemBytes: 10 * gib }, { sizeBytes: 9.5 * gib })).toBe('');
  });

  it('with content is refused unless an earlier session made it, or the user says that data may be lost', () => {
    expect(said(file)).toBe(
      '/mnt/target: this file exists, and its content would be overwritten (expected a new name, or --i-know-this-destroys-data)',
    );
    expect(said(file, { madeIdentity: 'b' })).not.toBe('');
    expect(said(file, { madeIdentity: 'a' })).toBe('');
    expect(said(file, { mayDestroy: true })).toBe('');
    expect(said({ ...file, sizeBytes: 0, allocatedBytes: 0 })).toBe('');
  });

  it('needs room only for what it does not hold yet', () => {
    expect(said(file, { mayDestroy: true, sizeBytes: 13 * gib })).toBe('');
    expect(said(file, { mayDestroy: true, sizeBytes: 13 * gib + 1 })).toContain('does not fit');
  });

  it('whose name fio would take for two files is refused', () => {
    expect(said({ ...newFile, path: '/mnt/a:/dev/sda' })).toContain('fio cannot be given a path with a colon');
  });
});

describe('looking at a path', () => {
  it('finds files, links to them, new files and directories, and changes nothing', () => {
    const directory = testDir();
    writeFileSync(join(directory, 'full'), 'content');
    symlinkSync('full', join(directory, 'link'));
    mkdirSync(join(directory, 'sub'));
    expect(findTarget(join(directory, 'full'))).toMatchObject({ kind: 'file', sizeBytes: 7, path: join(directory, 'full') });
    expect(findTarget(join(directory, 'link'))).toMatchObject({ kind: 'file', path: join(directory, 'full') });
    expect(findTarget(join(directory, 'sub'))).toMatchObject({ kind: 'other' });
    const absent = findTarget(join(directory, 'new'));
    expect(absent).toMatchObject({ kind: 'absent', sizeBytes: 0, identity: null, deviceNumber: statSync(directory).dev });
    expect(absent.freeBytes).toBeGreaterThan(0);
    expect(statSync(join(directory, 'new'), { throwIfNoEntry: false })).toBeUndefined();
  });

  it('into a directory that is not there says so', () => {
    expect(() => findTarget('/nonexistent/x')).toThrow('/nonexistent/x: cannot be measured: ENOENT');
  });
});

describe('giving a file its size', () => {
  it('makes a new one, keeps the content of one that is there, and knows it again', () => {
    const path = join(testDir(), 't');
    const identity = sizeTarget(findTarget(path), 1000);
    expect(statSync(path).size).toBe(1000);
    writeFileSync(path, 'content');
    expect(sizeTarget(findTarget(path), 9)).toBe(identity);
    expect(readFileSync(path, 'latin1')).toBe('content\0\0');
    expect(sizeTarget(findTarget(path), 3)).toBe(identity);
    expect(statSync(path).size).toBe(9);
    expect(findTarget(path).identity).toBe(identity);
  });

  it('makes none over something that appeared meanwhile', () => {
    const path = join(testDir(), 't');
    const found = findTarget(path);
    writeFileSync(path, 'somebody else');
    expect(() => sizeTarget(found, 1000)).toThrow(PutmodelError);
    expect(readFileSync(path, 'utf8')).toBe('somebody else');
    rmSync(path);
  });
});
