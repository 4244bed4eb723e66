/** The same device, faster or slower: what-if questions about a drive that nobody has measured. */
import type { DeviceModel } from './device.js';
import type { EnvelopeSurface } from './envelope.js';

/** Every bandwidth and rate times `factor` (above 0); latencies, which a simulation does not read, stay as measured. */
export function scaleDevice(model: DeviceModel, factor: number): DeviceModel {
  const name = factor === 1 ? model.name : `${model.name} x ${factor.toPrecision(4)}`;
  if (model.kind === 'constant') {
    return { ...model, name, readBytesPerSec: model.readBytesPerSec * factor, writeBytesPerSec: model.writeBytesPerSec * factor };
  }
  const { random, sequential } = model.envelope.surfaces;
  return {
    ...model,
    name,
    envelope: {
      ...model.envelope,
      surfaces: {
        ...(random === undefined ? {} : { random: scaleSurface(random, factor) }),
        ...(sequential === undefined ? {} : { sequential: scaleSurface(sequential, factor) }),
      },
    },
  };
}

function scaleSurface(surface: EnvelopeSurface, factor: number): EnvelopeSurface {
  const columns = Object.entries(surface.columns).map(([name, values]) => {
    const isRate = /(?:Bytes|Ops)PerSec$/.test(name);
    return [name, isRate ? values.map((value) => (value === null ? null : value * factor)) : values] as const;
  });
  return { ...surface, columns: Object.fromEntries(columns) };
}
