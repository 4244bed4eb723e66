/**
 * Devices and hosts by name, file, directory or figures: what `--device` and `--host` take. Presets are data in scenarios/data/devices
 * and scenarios/data/hosts of this package, each with its source inside.
 *
 * A device file is an envelope (`putmodel/envelope/1`, see device/envelope-file.ts) or two constants:
 *   {"schema": "putmodel/device/1", "name": "...", "source": "...", "readBytesPerSec": ..., "writeBytesPerSec": ...}
 * A host file holds a HostProfile (lsm/host.ts) with "schema": "putmodel/host/1".
 */
import { basename, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeEnvelope } from '../device/envelope-file.js';
import { defaultAxes } from '../device/envelope.js';
import { formatIssue, PutmodelError } from '../kernel/errors.js';
import { formatBytesPerSec, parseBytesPerSec } from '../kernel/units.js';
import { nearestName } from '../rocksdb/nearest.js';
import { buildEnvelopeFromFiles } from './fio-results.js';
import { existsSync, isDirectory, listFiles, readHashedText } from './read.js';
/** Names of the presets of a kind, sorted. */
export function listPresets(kind) {
    const directory = presetDirectory(kind);
    if (!existsSync(directory))
        return [];
    return listFiles(directory)
        .filter((name) => name.endsWith('.json'))
        .map((name) => name.slice(0, -'.json'.length));
}
/**
 * The device that `--device` means: figures (`read=5400MiB/s,write=1900MiB/s`), a device file, a directory of fio results, or a preset.
 * A name that is both a path and a preset is the path.
 * @param directory what relative paths are relative to
 * @throws PutmodelError with every problem; INPUT_MISSING for a name that is none of these, with the nearest preset
 */
export function parseDeviceArgument(text, directory = '.') {
    if (/^\s*(?:read|write)\s*=/.test(text))
        return { model: constantDevice(text), inputs: [], warnings: [] };
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
    return { model: decodeDevice(content, file), inputs: [{ name: basename(file), sha256 }], warnings: [] };
}
/** The envelope that a command names, by the same rules. @throws also INPUT_INVALID for a device that is two constants */
export function loadEnvelope(text, directory = '.') {
    const { model, inputs, warnings } = parseDeviceArgument(text, directory);
    if (model.kind === 'envelope')
        return { model: model.envelope, inputs, warnings };
    throw new PutmodelError({
        code: 'INPUT_INVALID',
        message: 'this device has no envelope',
        found: JSON.stringify(text),
        expected: 'an envelope_model.json or a directory of fio results',
    });
}
/** The host that `--host` means: a host file or a preset. @throws as `parseDeviceArgument` */
export function parseHostArgument(text, directory = '.') {
    const file = pathOf(text, directory) ?? presetFile('hosts', text, 'a file');
    const { text: content, sha256 } = readHashedText(file);
    return { model: decodeHost(content, file), inputs: [{ name: basename(file), sha256 }], warnings: [] };
}
/** A device file's content. @throws PutmodelError INPUT_SYNTAX or INPUT_INVALID with paths */
export function decodeDevice(text, file) {
    const value = parseJsonObject(text, file);
    if (value['schema'] !== 'putmodel/device/1')
        return envelopeDevice(decodeEnvelope(text, file));
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
export function decodeHost(text, file) {
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
    checkFields(value, hostFields, file);
    const { schema: _schema, ...profile } = value;
    return profile;
}
const hostFields = {
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
const codecs = {
    none: true,
    snappy: true,
    lz4: true,
    lz4hc: true,
    zlib: true,
    bzip2: true,
    zstd: true,
    xpress: true,
};
const expectations = {
    text: 'a text',
    number: 'a number, 0 or more',
    rate: 'a number above 0',
    byCodec: `a number, 0 or more, for each of ${Object.keys(codecs).join(', ')}`,
};
function checkFields(value, fields, file) {
    const issues = [];
    for (const [path, type] of Object.entries(fields)) {
        if (isOfType(value[path], type))
            continue;
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
        if (path in fields || path === 'schema')
            continue;
        const nearest = nearestName(path, Object.keys(fields));
        issues.push({
            code: 'INPUT_INVALID',
            message: 'unknown key',
            file,
            path,
            expected: nearest === null ? undefined : `did you mean ${nearest}?`,
        });
    }
    if (issues.length > 0)
        throw new PutmodelError(issues);
    return { text: (name) => String(value[name]), number: (name) => Number(value[name]) };
}
function isOfType(value, type) {
    if (type === 'text')
        return typeof value === 'string';
    if (type === 'byCodec')
        return isRecord(value) && Object.keys(codecs).every((codec) => isOfType(value[codec], 'number'));
    return typeof value === 'number' && Number.isFinite(value) && (type === 'rate' ? value > 0 : value >= 0);
}
function isRecord(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}
function parseJsonObject(text, file) {
    try {
        const value = JSON.parse(text);
        if (isRecord(value))
            return value;
    }
    catch {
        // Told below, like JSON that is not an object.
    }
    throw new PutmodelError({ code: 'INPUT_SYNTAX', message: 'not a JSON object', file });
}
/** An envelope as a device, with the default ways of looking it up. */
export function envelopeDevice(envelope) {
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
function constantDevice(text) {
    const issues = [];
    const rates = new Map();
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
            if (!(bytesPerSec > 0))
                issues.push({ code: 'INPUT_INVALID', message: 'a bandwidth must be above 0', path, found: value });
            rates.set(key, bytesPerSec);
        }
        catch (error) {
            if (!(error instanceof PutmodelError))
                throw error;
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
    if (issues.length > 0 || readBytesPerSec === undefined || writeBytesPerSec === undefined)
        throw new PutmodelError(issues);
    const name = `read ${formatBytesPerSec(readBytesPerSec)}, write ${formatBytesPerSec(writeBytesPerSec)}`;
    return { kind: 'constant', name, source: 'as given', readBytesPerSec, writeBytesPerSec };
}
/** The path that a name means, when there is something at it. */
function pathOf(text, directory) {
    const path = isAbsolute(text) ? text : join(directory, text);
    return text !== '' && existsSync(path) ? path : null;
}
function presetFile(kind, name, example) {
    const names = listPresets(kind);
    if (names.includes(name))
        return join(presetDirectory(kind), `${name}.json`);
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
function presetDirectory(kind) {
    return fileURLToPath(new URL(`../../scenarios/data/${kind}`, import.meta.url));
}
//# sourceMappingURL=presets.js.map