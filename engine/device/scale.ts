/** The same machine, somewhat faster or slower. */
import type { DeviceModel } from './device.js';
import { scaleEnvelope } from './envelope.js';

/** How fast the parts of a machine are, as multiples of what the scenario says; above 0. */
export interface MachineFactors {
  /** Of all bandwidths. */
  readonly deviceFactor: number;
  /** Of the speed of the CPU and of the file system: costs are divided by it. */
  readonly hostFactor: number;
}

/** The device with all bandwidths times `factor`. */
export function scaleDevice(device: DeviceModel, factor: number): DeviceModel {
  if (factor === 1) return device;
  if (device.kind === 'envelope') return { ...device, envelope: scaleEnvelope(device.envelope, factor) };
  return { ...device, readBytesPerSec: device.readBytesPerSec * factor, writeBytesPerSec: device.writeBytesPerSec * factor };
}
