/** The devices and hosts that a document may name on the page: presets, and what was dropped. */
import { decodeDevice, isRates, ratesDevice } from '../device/device-file.js';
import type { DeviceModel } from '../device/device.js';
import { memoryDevice, memoryPartsOf } from '../device/memory-file.js';
import { PutmodelError } from '../kernel/errors.js';
import { decodeHost } from '../lsm/host-file.js';
import type { HostProfile } from '../lsm/host.js';
import { nearestName } from '../rocksdb/nearest.js';
import type { Inputs, Kind, Part } from '../scenario/kind.js';
import { valueAt } from './edit-document.js';
import type { DocumentData } from './share-link.js';

/** What holds when nobody says otherwise: the same as on the command line (files/machine.ts; a test compares them). */
export const defaultMachine = { device: 'debian-vm', host: 'debian-vm' } as const;

/** A device or host with the text of its file. */
export interface Stored<T> {
  readonly model: T;
  readonly text: string;
}

/** Devices and hosts by name; dropping one adds it. */
export interface MachineStore {
  readonly devices: Map<string, Stored<DeviceModel>>;
  readonly hosts: Map<string, Stored<HostProfile>>;
  /** Names of those that came with the page. */
  readonly presetNames: ReadonlySet<string>;
}

/** A store of presets, given as their files' texts by name. */
export function createMachineStore(presets: {
  readonly devices: Readonly<Record<string, string>>;
  readonly hosts: Readonly<Record<string, string>>;
}): MachineStore {
  const { hosts } = presets;
  const devices = new Map<string, Stored<DeviceModel>>();
  // Those that stand on another come after it.
  const texts = Object.entries(presets.devices).sort(([, a], [, b]) => Number(hasBase(a)) - Number(hasBase(b)));
  for (const [name, text] of texts) devices.set(name, { model: readDevice(text, name, devices), text });
  return {
    devices,
    hosts: new Map(Object.entries(hosts).map(([name, text]) => [name, { model: decodeHost(text, name), text }])),
    presetNames: new Set([...devices.keys(), ...Object.keys(hosts)]),
  };
}

function hasBase(text: string): boolean {
  return memoryPartsOf(text, '') !== null;
}

/**
 * The device of a file; one with memory stands on another of those that are here.
 * @throws PutmodelError with every problem; INPUT_MISSING for a base that is not here, INPUT_UNSUPPORTED for logs beside the file
 */
export function readDevice(text: string, file: string, devices: ReadonlyMap<string, Stored<DeviceModel>>): DeviceModel {
  const parts = memoryPartsOf(text, file);
  if (parts === null) return decodeDevice(text, file);
  if (parts.timelineLogs.length > 0) {
    throw new PutmodelError({ code: 'INPUT_UNSUPPORTED', message: 'the page cannot read logs by their names', file, path: 'timelineLogs' });
  }
  const base = devices.get(parts.base)?.model ?? (isRates(parts.base) ? ratesDevice(parts.base) : undefined);
  if (base === undefined) {
    throw new PutmodelError({ code: 'INPUT_MISSING', message: 'no device of this name here', file, path: 'base', found: parts.base });
  }
  return memoryDevice(parts, base, file);
}

/**
 * The inputs that a document of this kind names.
 * @throws PutmodelError INPUT_MISSING for a name that is neither a preset nor dropped; INPUT_UNSUPPORTED for other files
 */
export function inputsOf(kind: Pick<Kind, 'machine' | 'fileKeys' | 'moduleKey'>, document: DocumentData, store: MachineStore): Inputs {
  refuseFiles(kind, document);
  return {
    device: kind.machine.includes('device')
      ? part('device', document, store.devices, (name) => (isRates(name) ? ratesDevice(name) : null))
      : null,
    host: kind.machine.includes('host') ? part('host', document, store.hosts, () => null) : null,
    files: new Map(),
  };
}

/** A page has no folder that names of files are relative to. */
function refuseFiles({ fileKeys, moduleKey }: Pick<Kind, 'fileKeys' | 'moduleKey'>, document: DocumentData): void {
  const named = fileKeys.filter((path) => valueAt(document, path) !== undefined);
  const module = moduleKey === null ? undefined : valueAt(document, moduleKey.path);
  if (moduleKey !== null && typeof module === 'string' && moduleKey.isFile(module)) named.push(moduleKey.path);
  if (named.length === 0) return;
  throw new PutmodelError(
    named.map((path) => ({
      code: 'INPUT_UNSUPPORTED' as const,
      message: 'the page cannot read a file by its name: putmodel simulate can',
      path,
      found: JSON.stringify(valueAt(document, path)),
    })),
  );
}

function part<T>(
  what: 'device' | 'host',
  document: DocumentData,
  known: ReadonlyMap<string, Stored<T>>,
  fromText: (name: string) => T | null,
): Part<T> {
  const said = valueAt(document, what);
  // A value of another type is for the schema to refuse.
  const name = typeof said === 'string' ? said : defaultMachine[what];
  const model = known.get(name)?.model ?? fromText(name);
  if (model !== null) return { model, named: said !== undefined, warnings: [] };
  const nearest = nearestName(name, [...known.keys()]);
  throw new PutmodelError({
    code: 'INPUT_MISSING',
    message: `no ${what} of this name here: drop its file on the page`,
    path: what,
    found: JSON.stringify(name),
    expected: nearest === null ? [...known.keys()].join(', ') : `${nearest}?`,
  });
}
