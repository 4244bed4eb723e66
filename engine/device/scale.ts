/** The same machine, somewhat faster or slower. */
import type { BucketModel } from './bucket.js';
import type { DeviceModel, LayeredModel, PlainDeviceModel } from './device.js';
import { scaleEnvelope } from './envelope.js';

/** How fast the parts of a machine are, as multiples of what the scenario says; above 0. */
export interface MachineFactors {
  /** Of all bandwidths. */
  readonly deviceFactor: number;
  /** Of the speed of the CPU and of the file system: costs are divided by it. */
  readonly hostFactor: number;
}

/** The device with all bandwidths times `factor`; what it can hold stays. */
export function scaleDevice(device: DeviceModel, factor: number): DeviceModel {
  if (factor === 1) return device;
  return device.kind === 'layered' ? scaleLayered(device, factor) : scalePlain(device, factor);
}

function scaleLayered(device: LayeredModel, factor: number): LayeredModel {
  const { timeline } = device;
  const times = (rate: number | null): number | null => (rate === null ? null : rate * factor);
  return {
    ...device,
    base: scalePlain(device.base, factor),
    timeline:
      timeline === null
        ? null
        : { ...timeline, readBytesPerSec: timeline.readBytesPerSec.map(times), writeBytesPerSec: timeline.writeBytesPerSec.map(times) },
    buckets: device.buckets.map((bucket): BucketModel => ({
      ...bucket,
      refillPerSec: bucket.refillPerSec * factor,
      fullPerSec: times(bucket.fullPerSec),
      emptyPerSec: bucket.emptyPerSec * factor,
    })),
  };
}

function scalePlain(device: PlainDeviceModel, factor: number): PlainDeviceModel {
  if (device.kind === 'envelope') return { ...device, envelope: scaleEnvelope(device.envelope, factor) };
  return { ...device, readBytesPerSec: device.readBytesPerSec * factor, writeBytesPerSec: device.writeBytesPerSec * factor };
}
