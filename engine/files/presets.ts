/**
 * Devices and hosts by name, file, directory or figures: what `--device` and `--host` take. Presets are data in scenarios/data/devices
 * and scenarios/data/hosts of this package, each with its source inside.
 *
 * A device file is one of device/device-file.ts, or what iostat printed while a store was busy (ledger/device-capacity.ts); a host file
 * one of lsm/host-file.ts.
 */
import { basename, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeDevice, envelopeDevice, isRates, ratesDevice } from '../device/device-file.js';
import type { DeviceModel } from '../device/device.js';
import type { EnvelopeModel } from '../device/envelope.js';
import { formatIssue, PutmodelError } from '../kernel/errors.js';
import { capacityOf } from '../ledger/device-capacity.js';
import { createIostatReader } from '../ledger/iostat.js';
import { decodeHost } from '../lsm/host-file.js';
import type { HostProfile } from '../lsm/host.js';
import { nearestName } from '../rocksdb/nearest.js';
import { buildEnvelopeFromFiles } from './fio-results.js';
import { existsSync, isDirectory, listFiles, readHashedText } from './read.js';

export type PresetKind = 'devices' | 'hosts';

/** A file that was read, for manifests: its name without folders and the SHA-256 (hex) of its bytes. */
export interface ReadInput {
  readonly name: string;
  readonly sha256: string;
}

/** A device or host with the files it came from and what was noticed on the way. */
export interface Loaded<T> {
  readonly model: T;
  readonly inputs: readonly ReadInput[];
  readonly warnings: readonly string[];
}

/** Names of the presets of a kind, sorted. */
export function listPresets(kind: PresetKind): readonly string[] {
  const directory = presetDirectory(kind);
  if (!existsSync(directory)) return [];
  return listFiles(directory)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length));
}

/**
 * The device that `--device` means: figures (`read=5400MiB/s,write=1900MiB/s`), a device file, iostat's output, a directory of fio results,
 * or a preset.
 * A name that is both a path and a preset is the path.
 * @param directory what relative paths are relative to
 * @throws PutmodelError with every problem; INPUT_MISSING for a name that is none of these, with the nearest preset
 */
export function parseDeviceArgument(text: string, directory = '.'): Loaded<DeviceModel> {
  if (isRates(text)) return { model: ratesDevice(text), inputs: [], warnings: [] };
  const path = pathOf(text, directory);
  if (path !== null && isDirectory(path)) {
    const { model, issues } = buildEnvelopeFromFiles([path]);
    return {
      model: envelopeDevice(model),
      inputs: model.inputs.map(({ file, sha256 }) => ({ name: file, sha256 })),
      warnings: issues.map(formatIssue),
    };
  }
  const file = path ?? presetFile('devices', text, 'read=5400MiB/s,write=1900MiB/s');
  const { text: content, sha256 } = readHashedText(file);
  const inputs = [{ name: basename(file), sha256 }];
  if (isIostat(content)) return { ...iostatDevice(content, file), inputs };
  return { model: decodeDevice(content, file), inputs, warnings: [] };
}

function isIostat(text: string): boolean {
  return !text.trimStart().startsWith('{') && /^Device:?\s/m.test(text);
}

function iostatDevice(text: string, file: string): Pick<Loaded<DeviceModel>, 'model' | 'warnings'> {
  const reader = createIostatReader({ disk: null, file });
  reader.push(text);
  const series = reader.end();
  const { readBytesPerSec, writeBytesPerSec, notes } = capacityOf(series, file);
  const source = `${basename(file)}: 75th percentile of what iostat counted for ${series.name}`;
  return { model: { kind: 'constant', name: series.name, source, readBytesPerSec, writeBytesPerSec }, warnings: notes };
}

/** The envelope that a command names, by the same rules. @throws also INPUT_INVALID for a device that is two constants */
export function loadEnvelope(text: string, directory = '.'): Loaded<EnvelopeModel> {
  const { model, inputs, warnings } = parseDeviceArgument(text, directory);
  if (model.kind === 'envelope') return { model: model.envelope, inputs, warnings };
  throw new PutmodelError({
    code: 'INPUT_INVALID',
    message: 'this device has no envelope',
    found: JSON.stringify(text),
    expected: 'an envelope_model.json or a directory of fio results',
  });
}

/** The host that `--host` means: a host file or a preset. @throws as `parseDeviceArgument` */
export function parseHostArgument(text: string, directory = '.'): Loaded<HostProfile> {
  const file = pathOf(text, directory) ?? presetFile('hosts', text, 'a file');
  const { text: content, sha256 } = readHashedText(file);
  return { model: decodeHost(content, file), inputs: [{ name: basename(file), sha256 }], warnings: [] };
}

/** The path that a name means, when there is something at it. */
function pathOf(text: string, directory: string): string | null {
  const path = isAbsolute(text) ? text : join(directory, text);
  return text !== '' && existsSync(path) ? path : null;
}

function presetFile(kind: PresetKind, name: string, example: string): string {
  const names = listPresets(kind);
  if (names.includes(name)) return join(presetDirectory(kind), `${name}.json`);
  const nearest = nearestName(name, names);
  const hint = nearest === null ? '' : `did you mean ${nearest}? `;
  const what = kind === 'devices' ? 'device' : 'host';
  throw new PutmodelError({
    code: 'INPUT_MISSING',
    message: `no ${what} of this name: neither a file nor a preset`,
    found: JSON.stringify(name),
    expected: `${hint}presets: ${names.join(', ') || 'none'}; or ${example}`,
  });
}

/** Found from this file, two directories below the package's root both as source (engine/files) and built (dist/files). */
function presetDirectory(kind: PresetKind): string {
  return fileURLToPath(new URL(`../../scenarios/data/${kind}`, import.meta.url));
}
