import type { DeviceModel } from '../device/device.js';
import { type EnvelopeModel } from '../device/envelope.js';
import type { HostProfile } from '../lsm/host.js';
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
export declare function listPresets(kind: PresetKind): readonly string[];
/**
 * The device that `--device` means: figures (`read=5400MiB/s,write=1900MiB/s`), a device file, a directory of fio results, or a preset.
 * A name that is both a path and a preset is the path.
 * @param directory what relative paths are relative to
 * @throws PutmodelError with every problem; INPUT_MISSING for a name that is none of these, with the nearest preset
 */
export declare function parseDeviceArgument(text: string, directory?: string): Loaded<DeviceModel>;
/** The envelope that a command names, by the same rules. @throws also INPUT_INVALID for a device that is two constants */
export declare function loadEnvelope(text: string, directory?: string): Loaded<EnvelopeModel>;
/** The host that `--host` means: a host file or a preset. @throws as `parseDeviceArgument` */
export declare function parseHostArgument(text: string, directory?: string): Loaded<HostProfile>;
/** A device file's content. @throws PutmodelError INPUT_SYNTAX or INPUT_INVALID with paths */
export declare function decodeDevice(text: string, file: string): DeviceModel;
/** A host file's content. @throws PutmodelError INPUT_SYNTAX or INPUT_INVALID with paths: every field that is missing, unknown or of the wrong type */
export declare function decodeHost(text: string, file: string): HostProfile;
/** An envelope as a device, with the default ways of looking it up. */
export declare function envelopeDevice(envelope: EnvelopeModel): DeviceModel;
