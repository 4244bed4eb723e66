/**
 * Devices and hosts by name, file, directory or figures: what `--device` and `--host` take. Presets are data in scenarios/data/devices
 * and scenarios/data/hosts of this package, each with its source inside.
 *
 * A device file is one of device/device-file.ts, what iostat printed while a store was busy (ledger/device-capacity.ts), or a device with
 * memory on another device (device/memory-file.ts). A fio bandwidth log is a device by itself: the default device, limited as recorded.
 * A host file is one of lsm/host-file.ts.
 */
import { basename, dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeDevice, envelopeDevice, isRates, ratesDevice } from '../device/device-file.js';
import type { DeviceModel, LayeredModel, PlainDeviceModel } from '../device/device.js';
import { bestRates, type EnvelopeModel } from '../device/envelope.js';
import { parseJsonObject } from '../device/json-fields.js';
import { isMap } from '../kernel/maps.js';
import { memoryDevice, memoryPartsOf, type MemoryParts } from '../device/memory-file.js';
import { createTimelineBuilder, type Timeline } from '../device/timeline.js';
import { createFioLogReader, fioLogKindOf } from '../fio/log.js';
import { formatIssue, PutmodelError } from '../kernel/errors.js';
import { formatBytesPerSec } from '../kernel/units.js';
import { capacityOf } from '../ledger/device-capacity.js';
import { createIostatReader } from '../ledger/iostat.js';
import { decodeHost } from '../lsm/host-file.js';
import type { HostProfile } from '../lsm/host.js';
import { nearestName } from '../rocksdb/nearest.js';
import { buildEnvelopeFromFiles } from './fio-results.js';
import { existsSync, isDirectory, listFiles, readHashedText } from './read.js';

/** The device that the model is checked on; used, and said first, when nobody names another. */
export const defaultDevice = 'debian-vm';

export type PresetKind = 'devices' | 'hosts';

/** A file that was read, for manifests: its name without folders and the SHA-256 (hex) of its bytes. */
export interface ReadInput {
  readonly name: string;
  readonly sha256: string;
}

/** A file that something was calibrated on; `textSha256`, of its text unpacked, is missing in calibrations that do not note it. */
export interface EvidenceFile extends ReadInput {
  readonly textSha256?: string | undefined;
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
  const own = { name: basename(file), sha256 };
  if (fioLogKindOf(basename(file)) !== null) return recordedDevice(content, file, own);
  if (isIostat(content)) return { ...iostatDevice(content, file), inputs: [own] };
  const parts = memoryPartsOf(content, file);
  if (parts === null) return { model: decodeDevice(content, file), inputs: [own], warnings: [] };
  return deviceWithMemory(parts, file, own);
}

/** The default device, limited as a bandwidth log recorded it. */
function recordedDevice(text: string, file: string, own: ReadInput): Loaded<DeviceModel> {
  const base = parseDeviceArgument(defaultDevice);
  const { model, directions, warnings } = withTimeline(plainDevice(base.model, file), [{ text, file }]);
  const missing =
    directions.length === 2 ? [] : [`${basename(file)} holds ${directions.join('')}s only: the rest is as on ${base.model.name}`];
  return { model: { ...model, isBaseAssumed: true }, inputs: [own, ...base.inputs], warnings: [...base.warnings, ...missing, ...warnings] };
}

/** A device file with a base, its logs and all. */
function deviceWithMemory(parts: MemoryParts, file: string, own: ReadInput): Loaded<DeviceModel> {
  const here = dirname(file);
  const base = parseDeviceArgument(parts.base, here);
  const logs = parts.timelineLogs.map((name) => {
    const path = isAbsolute(name) ? name : join(here, name);
    return { ...readHashedText(path), file: path };
  });
  const logged = logs.length === 0 ? null : withTimeline(plainDevice(base.model, file), logs);
  const logInputs = logs.map((log) => ({ name: basename(log.file), sha256: log.sha256 }));
  return {
    model: memoryDevice(parts, base.model, file, logged?.model.timeline),
    inputs: [own, ...logInputs, ...base.inputs],
    warnings: [...base.warnings, ...(logged?.warnings ?? [])],
  };
}

function plainDevice(model: DeviceModel, file: string): PlainDeviceModel {
  if (model.kind !== 'layered') return model;
  throw new PutmodelError({ code: 'INPUT_INVALID', message: 'a device with memory cannot be the base of another', file, path: 'base' });
}

/** The device limited by what the logs recorded, which directions they hold, and where they are faster than the device. */
function withTimeline(
  base: PlainDeviceModel,
  logs: readonly { readonly text: string; readonly file: string }[],
): { readonly model: LayeredModel; readonly directions: readonly ('read' | 'write')[]; readonly warnings: readonly string[] } {
  const builder = createTimelineBuilder();
  for (const { text, file } of logs) {
    const kind = fioLogKindOf(basename(file));
    if (kind !== 'bw') {
      const found = kind === null ? undefined : `a ${kind} log`;
      throw new PutmodelError({ code: 'INPUT_INVALID', message: 'not a bandwidth log', file, found, expected: '<name>_bw.<job>.log' });
    }
    builder.beginLog(file);
    const reader = createFioLogReader(
      (row) => {
        builder.add(row);
      },
      { file },
    );
    reader.push(text);
    reader.end();
  }
  const source = logs.map(({ file }) => basename(file)).join(', ');
  const timeline = builder.finish(source);
  const directions = (['read', 'write'] as const).filter((direction) => timeline[`${direction}BytesPerSec`][0] !== null);
  const model: LayeredModel = { kind: 'layered', name: `${base.name} as in ${source}`, source, base, timeline, buckets: [], garbage: null };
  return { model, directions, warnings: directions.flatMap((direction) => excessOf(timeline, direction, base)) };
}

/** A log limits its device; it cannot make it faster than it was measured. */
function excessOf(timeline: Timeline, direction: 'read' | 'write', base: PlainDeviceModel): string[] {
  const key = `${direction}BytesPerSec` as const;
  const logged = Math.max(...timeline[key].map((rate) => rate ?? 0));
  const best = bestOf(base)[key];
  if (best === 0 || logged <= best) return [];
  return [
    `${timeline.source} has ${direction}s of up to ${formatBytesPerSec(logged)}; the device below it, ${base.name}, does ${formatBytesPerSec(best)} at most, and so does the run: a device file with timelineLogs names another base`,
  ];
}

function bestOf(model: PlainDeviceModel): { readonly readBytesPerSec: number; readonly writeBytesPerSec: number } {
  if (model.kind === 'constant') return model;
  const { random, sequential } = model.envelope.surfaces;
  const surface = random ?? sequential;
  return surface === undefined ? { readBytesPerSec: 0, writeBytesPerSec: 0 } : bestRates(surface);
}

function isIostat(text: string): boolean {
  return !text.trimStart().startsWith('{') && /^Device:?\s/m.test(text);
}

/** The device that iostat's output in a file tells of. @throws PutmodelError INPUT_INVALID for a file of something else */
export function parseIostatArgument(file: string): Loaded<DeviceModel> {
  const { text, sha256 } = readHashedText(file);
  if (isIostat(text)) return { ...iostatDevice(text, file), inputs: [{ name: basename(file), sha256 }] };
  const expected = "what 'iostat -x' or 'iostat -d' printed, with its header line 'Device ...'";
  throw new PutmodelError({ code: 'INPUT_INVALID', message: "not iostat's output", file, expected });
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

/** What the device was measured with: the files its envelope was built from, beside the device's own. */
export function deviceEvidence({ model, inputs }: Loaded<DeviceModel>): readonly EvidenceFile[] {
  return model.kind === 'envelope' ? [...inputs, ...model.envelope.inputs.map(({ file, sha256 }) => ({ name: file, sha256 }))] : inputs;
}

/** What the host that `--host` means was calibrated on, as its file says it (`calibratedOn`), beside the file itself. @throws as `parseHostArgument` */
export function hostEvidence(text: string, directory = '.'): readonly EvidenceFile[] {
  const file = pathOf(text, directory) ?? presetFile('hosts', text, 'a file');
  const { text: content, sha256 } = readHashedText(file);
  const { calibratedOn } = parseJsonObject(content, file) as { readonly calibratedOn?: unknown };
  const own = { name: basename(file), sha256 };
  const isInput = (entry: unknown): entry is EvidenceFile =>
    isMap(entry) && typeof entry['sha256'] === 'string' && typeof entry['name'] === 'string';
  return [own, ...(Array.isArray(calibratedOn) ? calibratedOn.filter(isInput) : [])];
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
