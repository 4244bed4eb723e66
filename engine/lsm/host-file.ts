/** Host profiles as files: the fields of HostProfile (host.ts) in JSON, with "schema": "putmodel/host/1". */
import { checkFields, parseJsonObject, type FieldType } from '../device/json-fields.js';
import { PutmodelError } from '../kernel/errors.js';
import type { Codec } from '../rocksdb/options.js';
import type { HostProfile } from './host.js';

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
  const given = Object.fromEntries(Object.entries(value).filter(([key]) => key !== 'schema' && key !== 'calibratedOn'));
  // Older profiles do not tell closes beside other writes from others, large memtables from small ones, many threads from one, blocks
  // from bytes, or cold memory from warm.
  const older = {
    closeSyncMicros: given['syncMicros'],
    insertNanosPerRecordPerDoubling: 0,
    groupHandoffNanos: 0,
    groupWakeNanos: 0,
    flushNanosPerBlock: 0,
    mergeNanosPerBlock: 0,
    coldPageNanosPerByte: 0,
    warmPageBytes: 0,
  };
  const profile = { ...older, ...given };
  checkFields(profile, hostFields, file);
  return profile as unknown as HostProfile;
}

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
const byCodec = Object.keys(codecs);

const hostFields: Readonly<Record<keyof HostProfile, FieldType>> = {
  name: 'text',
  source: 'text',
  cores: 'rate',
  pageCacheBytes: 'number',
  coldPageNanosPerByte: 'number',
  warmPageBytes: 'number',
  insertNanosPerRecord: 'number',
  insertNanosPerByte: 'number',
  insertNanosPerRecordPerDoubling: 'number',
  walNanosPerRecord: 'number',
  walNanosPerByte: 'number',
  walNanosPerGroup: 'number',
  groupHandoffNanos: 'number',
  groupWakeNanos: 'number',
  flushNanosPerRecord: 'number',
  flushNanosPerByte: 'number',
  flushNanosPerBlock: 'number',
  mergeNanosPerRecord: 'number',
  mergeNanosPerByte: 'number',
  mergeNanosPerBlock: 'number',
  mergeNanosPerRecordPerDoubling: 'number',
  compressNanosPerByte: byCodec,
  decompressNanosPerByte: byCodec,
  compressedFraction: byCodec,
  slowdownPerExtraThread: 'number',
  syncMicros: 'number',
  closeSyncMicros: 'number',
  unlinkMicros: 'number',
  unlinkMicrosPerMiB: 'number',
  manifestMicros: 'number',
  openFileMicros: 'number',
};
