/**
 * What a measurement is about to overwrite, and whether it may. Everything that could lose somebody's data is refused here, before fio
 * is started: devices and files that hold something unless the user says so, and devices in use whatever the user says.
 */
import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, readdirSync, realpathSync, statfsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { judgeFileName } from '../fio/grid.js';
import { PutmodelError, type Issue } from '../kernel/errors.js';
import { formatBytes, GIB } from '../kernel/units.js';
import { majorMinor } from './drive.js';

/** What stands at a path. */
export interface FoundTarget {
  /** Absolute, links followed. */
  readonly path: string;
  readonly kind: 'absent' | 'file' | 'blockDevice' | 'other';
  /** Of a file; 0 for everything else. */
  readonly sizeBytes: number;
  /** Bytes on disk that a file holds already. */
  readonly allocatedBytes: number;
  /** Of its file system: all, and what is free for this user. */
  readonly fileSystemBytes: number;
  readonly freeBytes: number;
  /** Of the drive below: a block device's own number, else that of the file system. */
  readonly deviceNumber: number;
  /** Tells one file from another of the same name; null for what is no file. */
  readonly identity: string | null;
  /** Who uses a block device, in words: mounts, swap, volumes on top of it. */
  readonly users: readonly string[];
}

/** What a measurement wants of its target. */
export interface TargetWish {
  /** Bytes to be used; null: all of a block device. */
  readonly sizeBytes: number | null;
  /** Whether the user said that what is there may be lost. */
  readonly mayDestroy: boolean;
  /** Identity of the file that an earlier session made here; it holds nothing of anybody's. */
  readonly madeIdentity: string | null;
}

/** The flag by which users say that data may be lost. */
export const destroyFlag = '--i-know-this-destroys-data';

/**
 * Looks at a path, changing nothing.
 * @throws PutmodelError INPUT_MISSING when the directory of a file to be made is not there, or the path can't be followed
 */
export function findTarget(path: string): FoundTarget {
  const absolute = resolve(path);
  const directory = dirname(absolute);
  try {
    const real = existsSync(absolute) ? realpathSync(absolute) : join(realpathSync(directory), basename(absolute));
    const stat = statSync(real, { throwIfNoEntry: false });
    const isDevice = stat?.isBlockDevice() === true;
    const place = statfsSync(stat === undefined ? dirname(real) : real);
    const deviceNumber = isDevice ? stat.rdev : (stat ?? statSync(dirname(real))).dev;
    return {
      path: real,
      kind: stat === undefined ? 'absent' : isDevice ? 'blockDevice' : stat.isFile() ? 'file' : 'other',
      sizeBytes: stat?.isFile() === true ? stat.size : 0,
      allocatedBytes: stat?.isFile() === true ? stat.blocks * 512 : 0,
      fileSystemBytes: place.blocks * place.bsize,
      freeBytes: place.bavail * place.bsize,
      deviceNumber,
      identity: stat?.isFile() === true ? identityOf(real) : null,
      users: isDevice ? deviceUsers(deviceNumber) : [],
    };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new PutmodelError({
      code: 'INPUT_MISSING',
      message: `cannot be measured: ${String(error.code)}`,
      file: path,
      expected: 'a file to be made in an existing directory, or a block device',
    });
  }
}

/** Whether a path is where devices are, and files are not. */
export function isDevicePath(path: string): boolean {
  const absolute = resolve(path);
  return absolute.startsWith('/dev/') && !absolute.startsWith('/dev/shm/');
}

/**
 * Makes a file where nothing was, or lengthens one, to its full size without content, and gives its identity. Not left to fio, which
 * replaces a file that is too short by a new one: neither its owner nor this program would know it again.
 * @throws PutmodelError OUTPUT_FAILED, also when something is there by now that was not when it was looked for
 */
export function sizeTarget({ path, kind, sizeBytes }: FoundTarget, wantedBytes: number): string {
  try {
    const file = openSync(path, kind === 'absent' ? 'wx' : 'r+');
    try {
      if (sizeBytes < wantedBytes) ftruncateSync(file, wantedBytes);
    } finally {
      closeSync(file);
    }
    return identityOf(path);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new PutmodelError({ code: 'OUTPUT_FAILED', message: `cannot be made: ${reason}`, file: path });
  }
}

/** Everything that speaks against overwriting this target; empty when it may be. */
export function judgeTarget(found: FoundTarget, wish: TargetWish): readonly Issue[] {
  const issues: Issue[] = [];
  const refuse = (message: string, expected?: string): void => {
    issues.push({ code: 'USAGE', message, file: found.path, expected });
  };
  const unspeakable = judgeFileName(found.path);
  if (unspeakable !== null) issues.push(unspeakable);
  switch (found.kind) {
    case 'other':
      refuse('is neither a file nor a block device', 'a file to be made, or a block device');
      break;
    case 'blockDevice':
      if (found.users.length > 0) refuse(`the device is in use: ${found.users.join(', ')}`, 'a device that nothing uses, or a file');
      else if (!wish.mayDestroy) refuse('this is a block device: all that is on it would be overwritten', `${destroyFlag}, or a file`);
      break;
    case 'absent':
      // Not a file by mistake: what is made in /dev lies in memory.
      if (isDevicePath(found.path)) refuse('there is no such device');
      else issues.push(...judgeSpace(found, wish.sizeBytes));
      break;
    case 'file':
      if (found.sizeBytes > 0 && found.identity !== wish.madeIdentity && !wish.mayDestroy) {
        refuse('this file exists, and its content would be overwritten', `a new name, or ${destroyFlag}`);
      }
      issues.push(...judgeSpace(found, wish.sizeBytes));
  }
  return issues;
}

/** Left free, because a full file system is slow and breaks what else writes to it: 5 %, at most 1 GiB. Our choice. */
function judgeSpace(found: FoundTarget, sizeBytes: number | null): readonly Issue[] {
  if (sizeBytes === null) return [{ code: 'USAGE', message: 'the size of the file is missing', file: found.path, expected: '--size' }];
  const neededBytes = Math.max(0, sizeBytes - found.allocatedBytes);
  const reserveBytes = Math.min(GIB, found.fileSystemBytes / 20);
  const usableBytes = Math.max(0, found.freeBytes - reserveBytes);
  if (neededBytes <= usableBytes) return [];
  return [
    {
      code: 'USAGE',
      message: `a file of ${formatBytes(sizeBytes)} does not fit`,
      file: found.path,
      found: `${formatBytes(found.freeBytes)} free, of which ${formatBytes(reserveBytes)} are left alone`,
      expected: `--size of at most ${formatBytes(found.allocatedBytes + usableBytes)}`,
    },
  ];
}

/** Inode numbers are used again, so the time of birth goes with them. */
function identityOf(path: string): string {
  const { dev, ino, birthtimeMs } = statSync(path);
  return `${String(dev)}-${String(ino)}-${String(Math.round(birthtimeMs))}`;
}

/** Mounts, swap and mapped volumes on a block device or one of its partitions. Where /proc and /sys tell nothing, none. */
function deviceUsers(deviceNumber: number): readonly string[] {
  const own = `/sys/dev/block/${majorMinor(deviceNumber)}`;
  const parts = [own, ...names(own).map((name) => join(own, name))].filter((part) => part === own || existsSync(join(part, 'partition')));
  const numbers = new Set([majorMinor(deviceNumber), ...parts.map((part) => text(join(part, 'dev')).trim())]);
  const numberAt = (path: string): string => {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat?.isBlockDevice() === true ? majorMinor(stat.rdev) : '';
  };
  // A line: id, parent, major:minor, root, mount point, ... - type, source. Some file systems number themselves: their source counts too.
  const mounts = text('/proc/self/mountinfo')
    .split('\n')
    .flatMap((row) => {
      const fields = row.split(' ');
      const source = fields[fields.indexOf('-') + 2] ?? '';
      const isUsed = numbers.has(fields[2] ?? '') || (source.startsWith('/') && numbers.has(numberAt(source)));
      return isUsed ? [`mounted at ${fields[4] ?? ''}`] : [];
    });
  const swaps = text('/proc/swaps')
    .split('\n')
    .flatMap((row) => {
      const path = row.split(/\s/, 1)[0] ?? '';
      return path.startsWith('/') && numbers.has(numberAt(path)) ? [`swap ${path}`] : [];
    });
  const holders = parts.flatMap((part) => names(join(part, 'holders'))).map((name) => `part of ${name}`);
  return [...new Set([...mounts, ...swaps, ...holders])];
}

function names(directory: string): readonly string[] {
  return existsSync(directory) ? readdirSync(directory).sort() : [];
}

function text(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
