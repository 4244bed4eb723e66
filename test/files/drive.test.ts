import { describe, expect, it } from 'vitest';
import { driveOf, majorMinor, readCelsius, readConditions, unsteadiness, type DriveConditions } from '../../engine/files/drive.js';
import type { RunProgram } from '../../engine/files/process.js';
import { PutmodelError } from '../../engine/kernel/errors.js';
import { testDir } from '../support/process.js';
import { makeTree } from '../support/sysfs.js';

/** Major 259, minor 3: (259 & 0xfff) << 8 | 3. */
const partition = 259 * 256 + 3;

const noNvmeCli: RunProgram = () => Promise.reject(new PutmodelError({ code: 'INPUT_MISSING', message: 'nvme cannot be run' }));

/** nvme-cli that prints the same for every sub-command. */
function nvmeCli(printed: Readonly<Record<string, string>>): RunProgram {
  return (program, [command = '']) => {
    const stdout = program === 'nvme' ? printed[command] : undefined;
    return Promise.resolve({ status: stdout === undefined ? 1 : 0, stdout: stdout ?? '', stderr: '', timedOut: false });
  };
}

function nvmeTree(more: Readonly<Record<string, string>> = {}): string {
  return makeTree(testDir(), {
    'dev/block/259:3': '-> ../../devices/pci/nvme/nvme0/nvme0n1/nvme0n1p1',
    'devices/pci/nvme/nvme0/nvme0n1/nvme0n1p1/partition': '1\n',
    'devices/pci/nvme/nvme0/nvme0n1/device': '-> ..',
    'devices/pci/nvme/nvme0/model': 'FAST 9000   \n',
    'block/nvme0n1': '-> ../devices/pci/nvme/nvme0/nvme0n1',
    ...more,
  });
}

describe('device numbers', () => {
  it('are split as the C library packs them', () => {
    expect(majorMinor(65024)).toBe('254:0');
    expect(majorMinor(partition)).toBe('259:3');
    // Minor 300 = 0x12c: its low byte stays, the rest moves above the major.
    expect(majorMinor(0x1 * 0x100000 + 259 * 256 + 0x2c)).toBe('259:300');
  });
});

describe('the drive below a file', () => {
  it('is that of its partition', () => {
    expect(driveOf(partition, nvmeTree())).toBe('nvme0n1');
  });

  it('is found below an encrypted volume', () => {
    const sys = nvmeTree({ 'dev/block/253:0': '-> ../../block/dm-0', 'block/dm-0/slaves/nvme0n1p1': '-> ../../../dev/block/259:3' });
    expect(driveOf(253 * 256, sys)).toBe('nvme0n1');
  });

  it('is null where the kernel shows none', () => {
    expect(driveOf(45, nvmeTree())).toBeNull();
    expect(driveOf(45, '/nonexistent')).toBeNull();
  });
});

describe('conditions', () => {
  it('are read from /sys and nvme-cli', async () => {
    const sys = nvmeTree({
      'devices/system/cpu/cpu0/cpufreq/scaling_governor': 'powersave\n',
      'devices/system/cpu/cpu1/cpufreq/scaling_governor': 'performance\n',
      'devices/system/cpu/cpu10/cpufreq/scaling_governor': 'powersave\n',
      'devices/pci/nvme/nvme0/power/pm_qos_latency_tolerance_us': '100000\n',
      'devices/pci/nvme/nvme0/device/power/control': 'auto\n',
    });
    const run = nvmeCli({ 'get-feature': 'get-feature:0x02 (Power Management), Current value:0x00000003\n' });
    const conditions = await readConditions('nvme0n1', { sys, run });
    expect(conditions).toEqual({
      drive: 'nvme0n1',
      model: 'FAST 9000',
      governors: ['performance', 'powersave'],
      nvmePower: { control: 'auto', apstTolerance: '100000', powerState: 3 },
    });
    expect(unsteadiness(conditions)).toEqual([
      'the CPU frequency is not fixed: governor powersave (to fix it: cpupower frequency-set -g performance)',
      'nvme0n1 may be put to sleep (to prevent it: echo on > its power/control)',
      'nvme0n1 may change its power state by itself (to prevent it: echo 0 > its power/pm_qos_latency_tolerance_us)',
    ]);
  });

  it('that are fixed give nothing to say', () => {
    const fixed: DriveConditions = {
      drive: 'nvme0n1',
      model: null,
      governors: ['performance'],
      nvmePower: { control: 'on', apstTolerance: '0', powerState: 0 },
    };
    expect(unsteadiness(fixed)).toEqual([]);
    expect(unsteadiness({ ...fixed, drive: 'sda', nvmePower: null })).toEqual([]);
  });

  it('that cannot be seen are null, and said to be unknown', async () => {
    const conditions = await readConditions(null, { sys: '/nonexistent', run: noNvmeCli });
    expect(conditions).toEqual({ drive: null, model: null, governors: [], nvmePower: null });
    expect(unsteadiness(conditions)).toEqual([
      'the CPU frequency governor cannot be seen, so it is not known whether the frequency is fixed',
      'no drive is found below this target: its power state and temperature are not recorded',
    ]);
  });
});

describe('the temperature', () => {
  it.each([
    ['of an NVMe drive', 'devices/pci/nvme/nvme0/hwmon1/temp1_input'],
    ['of an NVMe drive on older kernels', 'devices/pci/nvme/nvme0/hwmon/hwmon4/temp1_input'],
    ['of an NVMe drive with several paths', 'devices/pci/nvme/nvme0/nvme7/hwmon1/temp1_input'],
  ])('%s comes from its own sensor', async (_, path) => {
    expect(await readCelsius('nvme0n1', { sys: nvmeTree({ [path]: '46850\n' }), run: noNvmeCli })).toBe(46.85);
  });

  it('comes from nvme-cli, in kelvin, where there is no sensor', async () => {
    const run = nvmeCli({ 'smart-log': '{\n  "critical_warning" : 0,\n  "temperature" : 311,\n' });
    expect(await readCelsius('nvme0n1', { sys: nvmeTree(), run })).toBe(38);
    expect(await readCelsius('sda', { sys: nvmeTree(), run })).toBeNull();
  });

  it('is null where neither tells', async () => {
    expect(await readCelsius('nvme0n1', { sys: nvmeTree(), run: noNvmeCli })).toBeNull();
    expect(await readCelsius('nvme0n1', { sys: nvmeTree(), run: nvmeCli({}) })).toBeNull();
    expect(await readCelsius(null, { sys: nvmeTree(), run: noNvmeCli })).toBeNull();
  });
});
