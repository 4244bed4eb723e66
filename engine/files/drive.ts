/**
 * The drive below a file and what may change its speed while it is measured: CPU frequency, the drive's own power saving, heat. Read from
 * Linux's /sys, and from nvme-cli where that is installed; what can't be read is null, and on other systems everything is.
 */
import { existsSync, readFileSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { runProgram, type RunProgram } from './process.js';

/** Where the facts come from; tests hand in a tree of their own. */
export interface DriveSources {
  /** Directory of sysfs. */
  readonly sys: string;
  readonly run: RunProgram;
}

/** The drive and the machine's state at one moment. */
export interface DriveConditions {
  /** Kernel's name, such as nvme0n1; null when no drive is found (network and union file systems). */
  readonly drive: string | null;
  readonly model: string | null;
  /** CPU frequency governors in use; empty where the kernel shows none, as in most virtual machines. */
  readonly governors: readonly string[];
  /** Power saving of an NVMe drive; null for other drives. */
  readonly nvmePower: NvmePower | null;
}

/** What lets an NVMe drive leave its fastest power state. */
export interface NvmePower {
  /** The kernel's `power/control`: `on` keeps the drive awake, `auto` lets it sleep. */
  readonly control: string | null;
  /** Longest wake-up that autonomous transitions (APST) may cause, as the kernel writes it: microseconds, or `any`; `0`: none are made. */
  readonly apstTolerance: string | null;
  /** Power state that was set (feature 2), by nvme-cli. */
  readonly powerState: number | null;
}

/** This machine. */
export const thisMachine: DriveSources = { sys: '/sys', run: runProgram };

/**
 * Kernel's name of the whole drive that holds a device number (of a file: `dev` of its stat; of a block device: `rdev`). Partitions lead
 * to their drive, LVM and dm-crypt to the first drive below them. null where there is none.
 */
export function driveOf(deviceNumber: number, sys: string): string | null {
  let directory = realDirectory(join(sys, 'dev/block', majorMinor(deviceNumber)));
  // Mappings lie on mappings (crypt on LVM on RAID): more than eight levels are a mistake of the tree.
  for (let depth = 0; directory !== null && depth < 8; depth++) {
    if (existsSync(join(directory, 'partition'))) directory = dirname(directory);
    const [slave] = list(join(directory, 'slaves'));
    if (slave === undefined) return basename(directory);
    directory = realDirectory(join(directory, 'slaves', slave));
  }
  return null;
}

/** "259:3" for a device number as stat gives it (Linux: 12 + 20 bits, in the C library's layout). */
export function majorMinor(deviceNumber: number): string {
  const major = Math.floor(deviceNumber / 0x100) % 0x1000;
  const minor = (deviceNumber % 0x100) + 0x100 * Math.floor(deviceNumber / 0x100000);
  return `${String(major)}:${String(minor)}`;
}

/** State of drive and CPU now. */
export async function readConditions(drive: string | null, sources: DriveSources): Promise<DriveConditions> {
  const governors = list(join(sources.sys, 'devices/system/cpu'))
    .filter((name) => /^cpu\d+$/.test(name))
    .map((name) => line(join(sources.sys, 'devices/system/cpu', name, 'cpufreq/scaling_governor')))
    .filter((governor) => governor !== null);
  return {
    drive,
    model: drive === null ? null : firstLine(controllers(drive, sources.sys).map((directory) => join(directory, 'model'))),
    governors: [...new Set(governors)].sort(),
    nvmePower: drive?.startsWith('nvme') === true ? await readNvmePower(drive, sources) : null,
  };
}

/** What is not fixed in these conditions, one sentence each; empty when a measurement can be repeated as far as they tell. */
export function unsteadiness({ drive, governors, nvmePower }: DriveConditions): readonly string[] {
  const said: string[] = [];
  const free = governors.filter((governor) => governor !== 'performance');
  if (governors.length === 0) said.push('the CPU frequency governor cannot be seen, so it is not known whether the frequency is fixed');
  if (free.length > 0) {
    said.push(`the CPU frequency is not fixed: governor ${free.join(', ')} (to fix it: cpupower frequency-set -g performance)`);
  }
  if (drive === null) said.push('no drive is found below this target: its power state and temperature are not recorded');
  if (nvmePower === null) return said;
  const { control, apstTolerance } = nvmePower;
  if (control !== null && control !== 'on') said.push(`${String(drive)} may be put to sleep (to prevent it: echo on > its power/control)`);
  if (apstTolerance === null) said.push(`whether ${String(drive)} changes its power state by itself cannot be seen`);
  else if (apstTolerance !== '0') {
    said.push(`${String(drive)} may change its power state by itself (to prevent it: echo 0 > its power/pm_qos_latency_tolerance_us)`);
  }
  return said;
}

/** The drive's temperature in degrees Celsius: its own sensor in /sys, else nvme-cli's smart-log; null where neither tells. */
export async function readCelsius(drive: string | null, { sys, run }: DriveSources): Promise<number | null> {
  if (drive === null) return null;
  const sensors = controllers(drive, sys).flatMap((directory) =>
    [directory, join(directory, 'hwmon')].flatMap((place) =>
      list(place)
        .filter((name) => /^hwmon\d+$/.test(name))
        .map((name) => join(place, name, 'temp1_input')),
    ),
  );
  const millidegrees = firstLine(sensors);
  if (millidegrees !== null && /^-?\d+$/.test(millidegrees)) return Number(millidegrees) / 1000;
  if (!drive.startsWith('nvme')) return null;
  // Kelvin, as the drive reports it; the key may also be a text or missing.
  const kelvin = Number(/"temperature"\s*:\s*(\d+)/.exec((await nvme(run, ['smart-log', `/dev/${drive}`, '-o', 'json'])) ?? '')?.[1]);
  return Number.isFinite(kelvin) ? kelvin - 273 : null;
}

async function readNvmePower(drive: string, { sys, run }: DriveSources): Promise<NvmePower> {
  const directories = controllers(drive, sys);
  const tolerance =
    firstLine(directories.map((directory) => join(directory, 'power/pm_qos_latency_tolerance_us'))) ??
    line(join(sys, 'module/nvme_core/parameters/default_ps_max_latency_us'));
  const feature = /[Cc]urrent value:\s*(?:0x)?([\da-f]+)/.exec((await nvme(run, ['get-feature', `/dev/${drive}`, '-f', '2'])) ?? '')?.[1];
  return {
    // The drive is the PCI function above its controller; the controller's own file says nothing about it.
    control: firstLine(directories.flatMap((directory) => [join(directory, 'device/power/control'), join(directory, 'power/control')])),
    apstTolerance: tolerance,
    powerState: feature === undefined ? null : Number.parseInt(feature, 16) % 32,
  };
}

/** What nvme-cli prints; null when it is not installed, not allowed or fails. */
async function nvme(run: RunProgram, args: readonly string[]): Promise<string | null> {
  try {
    const { status, stdout } = await run('nvme', args, { timeoutMillis: 10_000 });
    return status === 0 ? stdout : null;
  } catch {
    return null;
  }
}

/** Directories of a drive's controller: its `device`, and below it, for NVMe with multipath, those of the subsystem. */
function controllers(drive: string, sys: string): readonly string[] {
  const device = join(sys, 'block', drive, 'device');
  const below = list(device).filter((name) => /^nvme\d+$/.test(name));
  return [device, ...below.map((name) => join(device, name))];
}

function realDirectory(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

/** Names in a directory in order; none when it is not there. */
function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}

/** A file's text without the line end; null when it can't be read or is empty. Files of /sys fail in their own ways, all of which mean "not told". */
function line(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim() || null;
  } catch {
    return null;
  }
}

function firstLine(paths: readonly string[]): string | null {
  for (const path of paths) {
    const text = line(path);
    if (text !== null) return text;
  }
  return null;
}
