/** The machine a run is on: the device and host that the user named, or the defaults, with the hashes of their files. */
import type { InputFile, Inputs } from '../scenario/kind.js';
import { defaultDevice, parseDeviceArgument, parseHostArgument, type Loaded } from './presets.js';

/** What names a device or host: a preset, a path (relative to the directory) or figures; null when nobody said. */
export type Named = { readonly name: string; readonly directory: string } | null;

/** The presets of the machine that the model is checked on; used, and said first, when nobody names another. */
export const defaultMachine = { device: defaultDevice, host: 'debian-vm' } as const;

/** Reads the parts that are asked for. @throws PutmodelError with the problems of the first that is wrong. */
export function loadMachine(
  parts: readonly ('device' | 'host')[],
  named: { readonly device: Named; readonly host: Named },
): { readonly machine: Pick<Inputs, 'device' | 'host'>; readonly inputs: readonly InputFile[] } {
  const inputs: InputFile[] = [];
  const load = <T>(part: 'device' | 'host', parse: (text: string, directory?: string) => Loaded<T>) => {
    if (!parts.includes(part)) return null;
    const loaded = parse(named[part]?.name ?? defaultMachine[part], named[part]?.directory);
    inputs.push(...loaded.inputs);
    return { model: loaded.model, named: named[part] !== null, warnings: loaded.warnings };
  };
  return { machine: { device: load('device', parseDeviceArgument), host: load('host', parseHostArgument) }, inputs };
}
