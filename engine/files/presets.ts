/**
 * Devices and hosts by name, file, directory or figures: what `--device` and `--host` take. Presets are data in scenarios/data/devices
 * and scenarios/data/hosts of this package, each with its source inside.
 *
 * A device file is an envelope (`putmodel/envelope/1`, see device/envelope-file.ts), two constants, or what iostat printed while a store
 * was busy (ledger/device-capacity.ts):
 *   {"schema": "putmodel/device/1", "name": "...", "source": "...", "readBytesPerSec": ..., "writeBytesPerSec": ...}
 * or a device with memory (device/memory.ts), on another device:
 *   {"schema": "putmodel/device/1", "name": "...", "source": "...", "base": "seed-lab-nvme", "timelineLogs": ["x_bw.1.log"],
 *    "degradation": {...}, "buckets": [{...}], "garbage": {...}}
 * A fio bandwidth log is a device by itself: the default device, limited as recorded.
 * A host file holds a HostProfile (lsm/host.ts) with "schema": "putmodel/host/1".
 */
import { basename, dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { memoryPartsOf, type MemoryParts } from '../device/device-file.js';
import type { DeviceModel, LayeredModel, PlainDeviceModel } from '../device/device.js';
import { decodeEnvelope } from '../device/envelope-file.js';
import { defaultAxes, type EnvelopeModel } from '../device/envelope.js';
import { createTimelineBuilder } from '../device/timeline.js';
import { createFioLogReader, fioLogKindOf } from '../fio/log.js';
import { formatIssue, PutmodelError, type Issue } from '../kernel/errors.js';
import { formatBytesPerSec, parseBytesPerSec } from '../kernel/units.js';
import { capacityOf } from '../ledger/device-capacity.js';
import { createIostatReader } from '../ledger/iostat.js';
import type { HostProfile } from '../lsm/host.js';
import type { Codec } from '../rocksdb/options.js';
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
  if (/^\s*(?:read|write)\s*=/.test(text)) return { model: constantDevice(text), inputs: [], warnings: [] };
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
  return memoryDevice(parts, file, own);
}

/** The default device, limited as a bandwidth log recorded it. */
function recordedDevice(text: string, file: string, own: ReadInput): Loaded<DeviceModel> {
  const base = parseDeviceArgument(defaultDevice);
  const { model, directions } = withTimeline(plainDevice(base.model, file), [{ text, file }]);
  const missing =
    directions.length === 2 ? [] : [`${basename(file)} holds ${directions.join('')}s only: the rest is as on ${base.model.name}`];
  return { model, inputs: [own, ...base.inputs], warnings: [...base.warnings, ...missing] };
}

/** A device file with a base, its logs and all. */
function memoryDevice(parts: MemoryParts, file: string, own: ReadInput): Loaded<DeviceModel> {
  const here = dirname(file);
  const base = parseDeviceArgument(parts.base, here);
  const logs = parts.timelineLogs.map((name) => {
    const path = isAbsolute(name) ? name : join(here, name);
    return { ...readHashedText(path), file: path };
  });
  const plain = plainDevice(base.model, file);
  const timeline = logs.length === 0 ? parts.degradation : withTimeline(plain, logs).model.timeline;
  const { name, source, buckets, garbage } = parts;
  const model: LayeredModel = { kind: 'layered', name, source, base: plain, timeline, buckets, garbage };
  const logInputs = logs.map((log) => ({ name: basename(log.file), sha256: log.sha256 }));
  return { model, inputs: [own, ...logInputs, ...base.inputs], warnings: base.warnings };
}

function plainDevice(model: DeviceModel, file: string): PlainDeviceModel {
  if (model.kind !== 'layered') return model;
  throw new PutmodelError({ code: 'INPUT_INVALID', message: 'a device with memory cannot be the base of another', file, path: 'base' });
}

/** The device limited by what the logs recorded, and which directions they hold. */
function withTimeline(
  base: PlainDeviceModel,
  logs: readonly { readonly text: string; readonly file: string }[],
): { readonly model: LayeredModel; readonly directions: readonly ('read' | 'write')[] } {
  const builder = createTimelineBuilder();
  for (const { text, file } of logs) {
    const kind = fioLogKindOf(basename(file));
    if (kind !== 'bw') {
      const found = kind === null ? undefined : `a ${kind} log`;
      throw new PutmodelError({ code: 'INPUT_INVALID', message: 'not a bandwidth log', file, found, expected: '<name>_bw.<job>.log' });
    }
    builder.beginLog();
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
  return { model, directions };
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

/** What the device was measured with: the files its envelope was built from, beside the device's own. */
export function deviceEvidence({ model, inputs }: Loaded<DeviceModel>): readonly ReadInput[] {
  return model.kind === 'envelope' ? [...inputs, ...model.envelope.inputs.map(({ file, sha256 }) => ({ name: file, sha256 }))] : inputs;
}

/** What the host that `--host` means was calibrated on, as its file says it (`calibratedOn`), beside the file itself. @throws as `parseHostArgument` */
export function hostEvidence(text: string, directory = '.'): readonly ReadInput[] {
  const file = pathOf(text, directory) ?? presetFile('hosts', text, 'a file');
  const { text: content, sha256 } = readHashedText(file);
  const { calibratedOn } = parseJsonObject(content, file) as { readonly calibratedOn?: unknown };
  const own = { name: basename(file), sha256 };
  const isInput = (entry: unknown): entry is ReadInput =>
    isRecord(entry) && typeof entry['sha256'] === 'string' && typeof entry['name'] === 'string';
  return [own, ...(Array.isArray(calibratedOn) ? calibratedOn.filter(isInput) : [])];
}

/** A device file's content. @throws PutmodelError INPUT_SYNTAX or INPUT_INVALID with paths */
export function decodeDevice(text: string, file: string): DeviceModel {
  const value = parseJsonObject(text, file);
  if (value['schema'] !== 'putmodel/device/1') return envelopeDevice(decodeEnvelope(text, file));
  const fields = checkFields(value, { name: 'text', source: 'text', readBytesPerSec: 'rate', writeBytesPerSec: 'rate' }, file);
  return {
    kind: 'constant',
    name: fields.text('name'),
    source: fields.text('source'),
    readBytesPerSec: fields.number('readBytesPerSec'),
    writeBytesPerSec: fields.number('writeBytesPerSec'),
  };
}

/** A host file's content. @throws PutmodelError INPUT_SYNTAX or INPUT_INVALID with paths: every field that is missing, unknown or of the wrong type */
export function decodeHost(text: string, file: string): HostProfile {
  const value = parseJsonObject(text, file);
  if (value['schema'] !== undefined && value['schema'] !== 'putmodel/host/1') {
    throw new PutmodelError({
      code: 'INPUT_INVALID',
      message: 'not a host profile',
      file,
      path: 'schema',
      found: JSON.stringify(value['schema']),
      expected: '"putmodel/host/1"',
    });
  }
  // `calibratedOn` tells people and the validation what a calibrated profile was fitted on; a simulation has no use for it.
  const profile = Object.fromEntries(Object.entries(value).filter(([key]) => key !== 'schema' && key !== 'calibratedOn'));
  checkFields(profile, hostFields, file);
  return profile as unknown as HostProfile;
}

type FieldType = 'text' | 'number' | 'rate' | 'byCodec';

const hostFields: Readonly<Record<keyof HostProfile, FieldType>> = {
  name: 'text',
  source: 'text',
  cores: 'rate',
  pageCacheBytes: 'number',
  insertNanosPerRecord: 'number',
  insertNanosPerByte: 'number',
  walNanosPerRecord: 'number',
  walNanosPerByte: 'number',
  walNanosPerGroup: 'number',
  flushNanosPerRecord: 'number',
  flushNanosPerByte: 'number',
  mergeNanosPerRecord: 'number',
  mergeNanosPerByte: 'number',
  mergeNanosPerRecordPerDoubling: 'number',
  compressNanosPerByte: 'byCodec',
  decompressNanosPerByte: 'byCodec',
  compressedFraction: 'byCodec',
  slowdownPerExtraThread: 'number',
  syncMicros: 'number',
  unlinkMicros: 'number',
  unlinkMicrosPerMiB: 'number',
  manifestMicros: 'number',
  openFileMicros: 'number',
};

const codecs: Readonly<Record<Codec, true>> = {
  none: true,
  snappy: true,
  lz4: true,
  lz4hc: true,
  zlib: true,
  bzip2: true,
  zstd: true,
  xpress: true,
};

const expectations: Readonly<Record<FieldType, string>> = {
  text: 'a text',
  number: 'a number, 0 or more',
  rate: 'a number above 0',
  byCodec: `a number, 0 or more, for each of ${Object.keys(codecs).join(', ')}`,
};

function checkFields(
  value: Readonly<Record<string, unknown>>,
  fields: Readonly<Record<string, FieldType>>,
  file: string,
): { readonly text: (name: string) => string; readonly number: (name: string) => number } {
  const issues: Issue[] = [];
  for (const [path, type] of Object.entries(fields)) {
    if (isOfType(value[path], type)) continue;
    issues.push({
      code: 'INPUT_INVALID',
      message: path in value ? 'wrong value' : 'missing',
      file,
      path,
      found: path in value ? JSON.stringify(value[path]) : undefined,
      expected: expectations[type],
    });
  }
  for (const path of Object.keys(value)) {
    if (path in fields || path === 'schema') continue;
    const nearest = nearestName(path, Object.keys(fields));
    issues.push({
      code: 'INPUT_INVALID',
      message: 'unknown key',
      file,
      path,
      expected: nearest === null ? undefined : `did you mean ${nearest}?`,
    });
  }
  if (issues.length > 0) throw new PutmodelError(issues);
  return { text: (name) => String(value[name]), number: (name) => Number(value[name]) };
}

function isOfType(value: unknown, type: FieldType): boolean {
  if (type === 'text') return typeof value === 'string';
  if (type === 'byCodec') return isRecord(value) && Object.keys(codecs).every((codec) => isOfType(value[codec], 'number'));
  return typeof value === 'number' && Number.isFinite(value) && (type === 'rate' ? value > 0 : value >= 0);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseJsonObject(text: string, file: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch {
    // Told below, like JSON that is not an object.
  }
  throw new PutmodelError({ code: 'INPUT_SYNTAX', message: 'not a JSON object', file });
}

/** An envelope as a device, with the default ways of looking it up. */
export function envelopeDevice(envelope: EnvelopeModel): DeviceModel {
  return {
    kind: 'envelope',
    name: envelope.name,
    source: envelope.source,
    envelope,
    axes: defaultAxes,
    outside: 'clamp',
    clampToPhysical: false,
  };
}

function constantDevice(text: string): DeviceModel {
  const issues: Issue[] = [];
  const rates = new Map<string, number>();
  for (const part of text.split(',')) {
    const [key = '', value = ''] = part.split('=', 2).map((side) => side.trim());
    const path = `--device ${key}`;
    if ((key !== 'read' && key !== 'write') || rates.has(key)) {
      issues.push({
        code: 'INPUT_INVALID',
        message: 'not a device',
        found: JSON.stringify(part.trim()),
        expected: 'read=RATE,write=RATE such as read=5400MiB/s,write=1900MiB/s',
      });
      continue;
    }
    try {
      const bytesPerSec = parseBytesPerSec(value, { path });
      if (!(bytesPerSec > 0)) issues.push({ code: 'INPUT_INVALID', message: 'a bandwidth must be above 0', path, found: value });
      rates.set(key, bytesPerSec);
    } catch (error) {
      if (!(error instanceof PutmodelError)) throw error;
      rates.set(key, 0);
      issues.push(...error.issues);
    }
  }
  const readBytesPerSec = rates.get('read');
  const writeBytesPerSec = rates.get('write');
  if (issues.length === 0 && (readBytesPerSec === undefined || writeBytesPerSec === undefined)) {
    issues.push({
      code: 'INPUT_INVALID',
      message: 'a device needs both bandwidths',
      found: JSON.stringify(text),
      expected: 'read=RATE,write=RATE',
    });
  }
  if (issues.length > 0 || readBytesPerSec === undefined || writeBytesPerSec === undefined) throw new PutmodelError(issues);
  const name = `read ${formatBytesPerSec(readBytesPerSec)}, write ${formatBytesPerSec(writeBytesPerSec)}`;
  return { kind: 'constant', name, source: 'as given', readBytesPerSec, writeBytesPerSec };
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
