/** A device with memory: a plain device underneath, limited by what memory.ts remembers. Its rates hold until `nextChangeMicros`. */
import type { Demands, Device } from './device.js';
import { noTraffic, type DeviceMemory, type Traffic } from './memory.js';

/** `base` with `memory`. */
export function createLayeredDevice(base: Device, memory: DeviceMemory): Device {
  const traffic = noTraffic();
  return {
    isVarying: true,
    warnings: base.warnings,
    grant(demands, nowMicros, rates) {
      base.grant(demands, nowMicros, rates);
      memory.pass(nowMicros);
      if (memory.writeFactor > 1) scale(demands, rates, false, 1 / memory.writeFactor);
      sumTraffic(demands, rates, traffic);
      const read = memory.fitting(traffic, true);
      const write = memory.fitting(traffic, false);
      scale(demands, rates, true, read);
      scale(demands, rates, false, write);
    },
    spend(moved, nowMicros) {
      sumTraffic(moved, moved.wantedBytesPerSec, traffic);
      memory.draw(nowMicros, traffic);
    },
    nextChangeMicros: (nowMicros) => memory.nextChangeMicros(nowMicros),
  };
}

function scale(demands: Demands, rates: Float64Array, isRead: boolean, factor: number): void {
  if (factor === 1) return;
  for (let i = 0; i < demands.count; i++) if ((demands.isRead[i] !== 0) === isRead) rates[i]! *= factor;
}

function sumTraffic(demands: Demands, rates: Float64Array, traffic: Traffic): void {
  traffic.readBytes = 0;
  traffic.readRequests = 0;
  traffic.writeBytes = 0;
  traffic.writeRequests = 0;
  for (let i = 0; i < demands.count; i++) {
    const bytes = rates[i]!;
    const requests = bytes / demands.blockBytes[i]!;
    if (demands.isRead[i] !== 0) {
      traffic.readBytes += bytes;
      traffic.readRequests += requests;
    } else {
      traffic.writeBytes += bytes;
      traffic.writeRequests += requests;
    }
  }
}
