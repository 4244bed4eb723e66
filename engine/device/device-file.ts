/**
 * Devices as people write them: two bandwidths (`read=5400MiB/s,write=1900MiB/s`), an envelope (`putmodel/envelope/1`, see
 * envelope-file.ts), or a file with two constants:
 *   {"schema": "putmodel/device/1", "name": "...", "source": "...", "readBytesPerSec": ..., "writeBytesPerSec": ...}
 */
import { PutmodelError, type Issue } from '../kernel/errors.js';
import { formatBytesPerSec, parseBytesPerSec } from '../kernel/units.js';
import type { DeviceModel } from './device.js';
import { decodeEnvelope, envelopeSchemaName } from './envelope-file.js';
import { defaultAxes, type EnvelopeModel } from './envelope.js';
import { checkFields, checkSchema, parseJsonObject } from './json-fields.js';

/** What `schema` says in a device file, with memory or without. */
export const deviceSchemaName = 'putmodel/device/1';

/** A device file's content. @throws PutmodelError INPUT_SYNTAX, INPUT_UNSUPPORTED for another schema, or INPUT_INVALID with paths */
export function decodeDevice(text: string, file: string): DeviceModel {
  const value = parseJsonObject(text, file);
  checkSchema(value, [deviceSchemaName, envelopeSchemaName], file);
  if (value['schema'] !== deviceSchemaName) return envelopeDevice(decodeEnvelope(text, file));
  const fields = checkFields(value, { name: 'text', source: 'text', readBytesPerSec: 'rate', writeBytesPerSec: 'rate' }, file);
  return {
    kind: 'constant',
    name: fields.text('name'),
    source: fields.text('source'),
    readBytesPerSec: fields.number('readBytesPerSec'),
    writeBytesPerSec: fields.number('writeBytesPerSec'),
  };
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

/** Whether a device is given by its bandwidths and not by a name. */
export function isRates(text: string): boolean {
  return /^\s*(?:read|write)\s*=/.test(text);
}

/** The device of `read=5400MiB/s,write=1900MiB/s`. @throws PutmodelError INPUT_INVALID with every problem */
export function ratesDevice(text: string): DeviceModel {
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
