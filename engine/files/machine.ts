/** The machine a run is on: the device and host that the user named, or the defaults, with the hashes of their files. */
import type { Machine } from '../lsm/assemble.js';
import type { InputFile } from '../scenario/kind.js';
import { parseDeviceArgument, parseHostArgument } from './presets.js';

/** What names a device or host: a preset, a path (relative to the directory) or figures; null when nobody said. */
export type Named = { readonly name: string; readonly directory: string } | null;

/** The presets of the machine that the model is checked on; used, and said first, when nobody names another. */
export const defaultMachine = { device: 'debian-vm', host: 'debian-vm' } as const;

/** Reads both. @throws PutmodelError with the problems of the first that is wrong. */
export function loadMachine(device: Named, host: Named): { readonly machine: Machine; readonly inputs: readonly InputFile[] } {
  const loadedDevice = parseDeviceArgument(device?.name ?? defaultMachine.device, device?.directory);
  const loadedHost = parseHostArgument(host?.name ?? defaultMachine.host, host?.directory);
  return {
    machine: {
      device: loadedDevice.model,
      host: loadedHost.model,
      deviceNamed: device !== null,
      hostNamed: host !== null,
      warnings: [...loadedDevice.warnings, ...loadedHost.warnings],
    },
    inputs: [...loadedDevice.inputs, ...loadedHost.inputs],
  };
}
